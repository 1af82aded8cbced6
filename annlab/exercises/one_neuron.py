"""Exercises of lesson 02: the weighted sum, the neuron, and the line on which the sum is 0."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("02_one_neuron", "One neuron")

_MOVES, _STAYS, _NOTHING = range(3)


def _look_at_the_doubled(lab: Any) -> Seen | None:
    """Where the line crosses the axis of x1, once all three numbers were made larger by the same factor."""
    w1, w2, bias = (round(getattr(lab.state, name), 6) for name in ("w1", "w2", "bias"))
    if w1 <= 1 or w2 != w1 or bias != round(-0.5 * w1, 6):
        return None
    at, answer = -bias / w1, lab.model([1.0, 0.5])
    words = f"With weights {w1:g} and {w2:g} and bias {bias:g} the line still crosses both axes at {at:g}"
    return _STAYS, f"{words}, but at the point (1, 0.5) the answer is now {answer:.3f} and was 0.731."


doubled = Predict(
    lesson,
    "doubled",
    "The weights are 1 and 1, the bias is -0.5. You double all three, to 2, 2 and -1. What happens in the plane?",
    [
        "The line moves twice as far from the origin",
        "The line stays, and the colours change faster across it",
        "Nothing: the picture stays as it is",
    ],
    observe=_look_at_the_doubled,
    usual=_STAYS,
    first="Set Weight 1 and Weight 2 to 2 and Bias to -1.",
    because="Twice zero is zero: where the sum was 0, it is 0 still. Everywhere else the sum is twice as large, so the "
    "neuron is more certain on both sides.",
)

_TURNS, _ALONG, _AGAINST = range(3)


def _look_at_the_lowered_bias(lab: Any) -> Seen | None:
    """Where the line is, once the bias alone was lowered."""
    w1, w2, bias = (round(getattr(lab.state, name), 6) for name in ("w1", "w2", "bias"))
    if (w1, w2) != (1.0, 1.0) or bias >= -0.5:
        return None
    return _ALONG, f"With bias {bias:g} the line crosses both axes at {-bias:g}; with bias -0.5 it was at 0.5."


lowered = Predict(
    lesson,
    "lowered",
    "The weights are 1 and 1, so the arrow points to the upper right. You lower the bias from -0.5 to -1.5. "
    "What does the line do?",
    ["It turns", "It moves along the arrow, without turning", "It moves against the arrow, without turning"],
    observe=_look_at_the_lowered_bias,
    usual=_ALONG,
    first="Leave the weights at 1 and set Bias to -1.5.",
    because="A lower bias is harder to overcome: the inputs must be larger before the sum reaches 0. So the line moves "
    "to where they are larger, which is where the arrow points. Only the weights can turn it.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The inputs are 2 and -1, the weights 0.5 and 1.5, and the bias is -0.2. What is the weighted sum z?",
    -0.7,
    tolerance=0.001,
    hints={
        2.3: "The second product is 1.5 times -1, which is below zero.",
        -0.5: "That is the sum of the two products. The bias is still missing.",
        -0.3: "The bias is -0.2, so it is taken away, not added.",
        0.7: "The number is right and the sign is not: 1 - 1.5 - 0.2.",
        0.332: "That is what the sigmoid makes of it. The question is for the sum before the activation.",
    },
    hint="Two products, 0.5 times 2 and 1.5 times -1, then add both and the bias.",
    notice="1 - 1.5 - 0.2 = -0.7. The sum is below 0, so this neuron leans towards no.",
)


def _some_neurons(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, float]]:
    cases = [(np.array([2.0]), np.array([3.0]), 1.0), (np.array([1.0, 2.0]), np.array([0.5, -1.0]), 0.25)]
    for inputs in (2, 3, 5):
        x, weights = rng.uniform(-2, 2, (2, inputs)).round(2)
        cases.append((x, weights, round(rng.uniform(-1, 1), 2)))
    return cases


def _sum_slowly(x: np.ndarray, weights: np.ndarray, bias: float) -> float:
    total = float(bias)
    for value, weight in zip(x.tolist(), weights.tolist(), strict=True):
        total += value * weight
    return total


@exercise(
    lesson,
    reference=_sum_slowly,
    cases=_some_neurons,
    mistakes=[
        Mistake(lambda x, weights, bias: np.sum(x * weights), "The bias is missing: add it to the sum."),
        Mistake(
            lambda x, weights, bias: x * weights + bias,
            "You return one number for each input. Add the products up first, with np.sum, then add the bias once.",
        ),
        Mistake(
            lambda x, weights, bias: np.sum(x * weights + bias),
            "The bias is added once for each input. It belongs outside the sum: added once.",
        ),
        Mistake(
            lambda x, weights, bias: np.sum(x) * np.sum(weights) + bias,
            "Each input has a weight of its own. Multiply them pair by pair, then add up.",
        ),
        Mistake(lambda x, weights, bias: np.sum(x * weights) - bias, "The bias is added, not taken away."),
        Mistake(
            lambda x, weights, bias: np.sum(x + weights) + bias,
            "An input and its weight are multiplied, not added: x * weights.",
        ),
        Mistake(
            lambda x, weights, bias: x[0] * weights[0] + bias,
            "That is the first input alone, and there may be more. In a loop, the return stands after it.",
        ),
        Mistake(
            lambda x, weights, bias: x[-1] * weights[-1] + bias,
            "That is the last input alone. A total begins before the loop, not inside it.",
        ),
        Mistake(
            lambda x, weights, bias: x[0] * weights[0] + x[1] * weights[1] + bias,
            "That is right for two inputs. np.sum(...) adds up however many there are.",
        ),
        Mistake(
            lambda x, weights, bias: np.sum(x * weights) * bias,
            "The bias is added to the sum. A factor would be one more weight, the same for all.",
        ),
        Mistake(
            lambda x, weights, bias: 1 / (1 + np.exp(-np.sum(x * weights) - bias)),
            "That is the output, after the sigmoid. Here only the sum before it is asked for.",
        ),
    ],
    hints=[
        "Three steps: multiply each input by its weight, add the products up, add the bias.",
        "x * weights multiplies pair by pair, and np.sum(...) adds up what stands in an array.",
        "return np.sum(x * weights) + bias",
    ],
    notice="x @ weights + bias is the same: the sign @ multiplies pair by pair and adds up.",
)
def weighted_sum(x, weights, bias):
    return np.sum(x * weights) + bias


def _neuron_slowly(x: np.ndarray, weights: np.ndarray, bias: float) -> float:
    return float(1 / (1 + 2.718281828459045 ** -_sum_slowly(x, weights, bias)))


@exercise(
    lesson,
    reference=_neuron_slowly,
    cases=_some_neurons,
    mistakes=[
        Mistake(
            lambda x, weights, bias: np.sum(x * weights) + bias,
            "That is the sum z. The neuron's output is what the sigmoid makes of it: 1 / (1 + np.exp(-z)).",
        ),
        Mistake(
            lambda x, weights, bias: 1 / (1 + np.exp(np.sum(x * weights) + bias)),
            "The minus in the exponent is missing, so a large sum gives a small output: np.exp(-z).",
        ),
        Mistake(
            lambda x, weights, bias: 1 / (1 + np.exp(-np.sum(x * weights))),
            "The bias is missing. It belongs to the sum, before the sigmoid.",
        ),
        Mistake(
            lambda x, weights, bias: 1 / (1 + np.exp(-np.sum(x * weights))) + bias,
            "The bias was added after the sigmoid. It belongs to the sum, before it.",
        ),
        Mistake(
            lambda x, weights, bias: np.sum(weights / (1 + np.exp(-x))) + bias,
            "The sigmoid comes last, once: first the whole sum with its bias, then the sigmoid of it.",
        ),
        Mistake(
            lambda x, weights, bias: float(np.sum(x * weights) + bias >= 0),
            "That is a step: only 0 or 1. The sigmoid has every shade between: 1 / (1 + np.exp(-z)).",
        ),
        Mistake(
            lambda x, weights, bias: 1 / 1 + np.exp(-(np.sum(x * weights) + bias)),
            "1 / 1 + ... divides first. Put brackets around what stands below the line: 1 / (1 + np.exp(-z)).",
        ),
    ],
    hints=[
        "Two steps: the weighted sum z as before, then the sigmoid of it.",
        "z = np.sum(x * weights) + bias, and the sigmoid of z is 1 / (1 + np.exp(-z)).",
        "z = np.sum(x * weights) + bias, then return 1 / (1 + np.exp(-z))",
    ],
    notice="this is a whole neuron. Everything else in this course is many of these, and how they find their weights.",
)
def neuron(x, weights, bias):
    z = np.sum(x * weights) + bias
    return 1 / (1 + np.exp(-z))


def _some_lines(rng: np.random.Generator) -> list[tuple[float, np.ndarray, float]]:
    small = [(0.0, np.array([1.0, 2.0]), 1.0), (1.0, np.array([2.0, 4.0]), 1.0)]
    for _ in range(4):
        weights = rng.uniform(0.5, 3, 2).round(1) * rng.choice([-1, 1], 2)
        small.append((round(rng.uniform(-2, 2), 1), weights, round(rng.uniform(0.5, 2), 1)))
    return small


def _x2_slowly(x1: float, weights: np.ndarray, bias: float) -> float:
    """Halve an interval again and again until the sum is 0 in the middle of it."""
    low, high = -1e6, 1e6
    rising = weights[1] > 0
    for _ in range(200):
        middle = (low + high) / 2
        above = weights[0] * x1 + weights[1] * middle + bias > 0
        low, high = (low, middle) if above == rising else (middle, high)
    return (low + high) / 2


@exercise(
    lesson,
    reference=_x2_slowly,
    cases=_some_lines,
    mistakes=[
        Mistake(
            lambda x1, weights, bias: (weights[0] * x1 + bias) / weights[1],
            "The sign is the other way round: what is taken to the other side of the equation changes its sign.",
        ),
        Mistake(
            lambda x1, weights, bias: -weights[0] * x1 / weights[1],
            "The bias is missing. Without it every line would run through the origin.",
        ),
        Mistake(
            lambda x1, weights, bias: -(weights[1] * x1 + bias) / weights[0],
            "The two weights have changed places: weights[0] belongs to x1, and you divide by the other one.",
        ),
        Mistake(
            lambda x1, weights, bias: -(weights[0] * x1 + bias),
            "That is weights[1] times x2. Divide it by weights[1].",
        ),
        Mistake(
            lambda x1, weights, bias: -weights[0] * x1 + bias / weights[1],
            "Divide the whole sum, not its last part only: put brackets around it.",
        ),
        Mistake(
            lambda x1, weights, bias: -weights[0] * x1 - bias / weights[1],
            "The signs are right. Put brackets around all that is divided: only the bias was.",
        ),
        Mistake(
            lambda x1, weights, bias: -(weights[0] * x1 + bias) - weights[1],
            "weights[1] multiplies x2, and dividing undoes that.",
        ),
        Mistake(
            lambda x1, weights, bias: (bias - weights[0] * x1) / weights[1],
            "Both parts go to the other side, the bias too: it gets a minus as well.",
        ),
    ],
    hints=[
        "On the line weights[0] * x1 + weights[1] * x2 + bias is 0. Everything but x2 is known.",
        "Take weights[0] * x1 and bias to the other side, with a minus, then divide by weights[1].",
        "return -(weights[0] * x1 + bias) / weights[1]",
    ],
    notice="the line is not stored anywhere in the neuron. It is where weights and bias agree on 0.",
)
def x2_on_line(x1, weights, bias):
    return -(weights[0] * x1 + bias) / weights[1]


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "A neuron has the weights 2 and -1. Which input does it count against?",
            [
                Option("The first", "Its weight is 2: the larger the first input, the larger the sum."),
                Option("The second", "Its weight is below 0: the larger the second input, the smaller the sum.", True),
                Option("None, only the bias can do that", "The bias does not look at inputs. A negative weight does."),
            ],
        ),
        Question(
            "All inputs are 0. What is the weighted sum?",
            [
                Option("0", "Only where the bias is 0. All products vanish, the bias does not."),
                Option("The bias", "Every product is 0, and the bias is what is left.", True),
                Option("The sum of the weights", "Each weight is multiplied by 0 first."),
            ],
        ),
        Question(
            "What turns the line?",
            [
                Option("The bias", "It moves the line without turning it."),
                Option("The activation", "It changes the colours beside the line, not where the sum is 0."),
                Option("The weights", "The line stands at a right angle to the arrow of the weights.", True),
            ],
        ),
        Question(
            "A sigmoid neuron answers 0.5. What do you know?",
            [
                Option("Its sum is 0", "sigmoid(0) = 0.5: the point lies exactly on the line.", True),
                Option("Its weights are 0", "Perhaps, but any point on its line has this answer too."),
                Option("Its sum is 0.5", "sigmoid(0.5) is 0.622. The sum and the output are two numbers."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on nodes and connections: which nodes are called hidden?",
            [
                Option(
                    "Those that are switched off", "They work all the time. Hidden means out of sight from outside."
                ),
                Option(
                    "Those between input and output",
                    "Nobody outside sets them or reads them, so nobody sees them.",
                    True,
                ),
                Option("Those with a strength of 0", "Nodes have activation values; strengths belong to connections."),
            ],
        ),
        Question(
            "From the same lesson: a connection has the strength 5. What does that mean?",
            [
                Option("A mistake: strengths end at 1", "-1 to 1 is a good place to start. Training may leave it."),
                Option(
                    "It counts five times what a strength of 1 counts",
                    "Nothing forbids it: it is simply a strong connection.",
                    True,
                ),
                Option("The signal travels five times as fast", "In these networks there is no time at all."),
            ],
        ),
    ],
)
