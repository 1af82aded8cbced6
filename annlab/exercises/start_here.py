"""Exercises of lesson 00: one of each kind, so that you know them when you meet them again."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("00_start_here", "Start here")

_TWICE, _TALLER, _SIDEWAYS = range(3)


def _look_at_the_wave(lab: Any) -> Seen | None:
    """What the wave did, once the speed was moved."""
    if lab.state.speed <= 1.0 or lab.state.height != 1.0:
        return None  # another experiment than the question's
    return _TWICE, f"At speed {lab.state.speed:g} the wave goes up and down {lab.state.speed:g} times."


prediction = Predict(
    lesson,
    "prediction",
    "The wave below goes up and down once. You move its speed from 1 to 2. What will you see?",
    ["Two waves in the same space", "One wave, twice as high", "The same wave, moved to the right"],
    observe=_look_at_the_wave,
    usual=_TWICE,
    first="Leave Height at 1, move the slider Speed to 2 and watch the blue line.",
    because="The speed multiplies x inside the sine, so the wave is through sooner and begins again. "
    "The height stayed what it was.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "A wave has height 1.5. How far is it from its lowest point to its highest?",
    3.0,
    tolerance=0.01,
    hints={
        1.5: "That is from the middle to the top. It goes as far down as it goes up.",
        0.0: "Down and up do not cancel here: the question is how far the two points are apart.",
        2.0: "That is for a wave of height 1. Yours is 1.5 high.",
    },
    hint="The top is at 1.5 and the bottom at -1.5. How far apart are they?",
    notice="the distance is twice the height, 1.5 - (-1.5) = 3. A number may be typed as 3, 3.0 or 6/2.",
)


def _some_waves(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    small = [(0.5, 1.0, 1.0), (0.5, 2.0, 1.0), (0.5, 1.0, 2.0)]
    return [*small, *((x, h, s) for x, h, s in rng.uniform(-3, 3, (5, 3)).round(1).tolist())]


def _wave_slowly(x: float, height: float, speed: float) -> float:
    """The sine by its series: t - t^3/6 + t^5/120 - ..., forty terms."""
    angle, total, term = speed * x, 0.0, speed * x
    for n in range(1, 41):
        total += term
        term *= -angle * angle / ((2 * n) * (2 * n + 1))
    return height * total


@exercise(
    lesson,
    reference=_wave_slowly,
    cases=_some_waves,
    mistakes=[
        Mistake(lambda x, height, speed: np.sin(speed * x), "Your wave is always 1 high. Multiply by height."),
        Mistake(lambda x, height, speed: height * np.sin(x), "Your wave has always speed 1. Multiply x by speed."),
        Mistake(
            lambda x, height, speed: speed * np.sin(height * x),
            "Height and speed have changed places: speed belongs inside the brackets, with x.",
        ),
        Mistake(
            lambda x, height, speed: height * np.sin(speed + x),
            "speed + x moves the wave sideways. speed * x makes it faster.",
        ),
        Mistake(
            lambda x, height, speed: height * np.cos(speed * x),
            "That is the cosine, which begins at its top. The sine begins at 0.",
        ),
    ],
    hints=[
        "The formula stands above the curve: height times the sine of speed times x.",
        "The sine is np.sin(...), and a product is written with a star: 2 * x.",
        "return height * np.sin(speed * x)",
    ],
    notice="you did not have to write it in this way: every function that gives the same numbers is right.",
)
def wave(x, height, speed):
    return height * np.sin(speed * x)


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "You changed a cell. What makes the change count?",
            [
                Option("Saving the notebook", "Saving keeps the text of the cell. Python has not read it yet."),
                Option("Running the cell", "Python knows only what was run, in the order in which it was run.", True),
                Option("Nothing, it counts at once", "A cell is a note until it runs: Python has not seen it."),
            ],
        ),
        Question(
            "You restart the kernel. What is gone?",
            [
                Option("The text of the notebook", "The notebook is a file. A restart does not touch files."),
                Option(
                    "Everything that Python remembered",
                    "Every name is forgotten. Run the cells again.",
                    True,
                ),
                Option("Your progress", "Progress is in a file of its own, and a restart does not touch files."),
            ],
        ),
        Question(
            "You work on Binder and close the page. What do you need for going on tomorrow?",
            [
                Option("The progress file that you downloaded", "Bring it back with the button of the map.", True),
                Option("The same address", "It starts a new machine, which knows nothing of the one before."),
                Option("Nothing, Binder remembers", "Binder deletes the machine with all its files after the session."),
            ],
        ),
    ],
)
