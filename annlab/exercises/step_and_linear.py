"""Exercises of lesson 03: the step, weights for NAND, and two linear layers that are one."""

from typing import Any

import numpy as np

from .. import datasets
from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("03_step_and_linear", "Step and linear")

_SAME, _BIAS, _WEIGHTS = range(3)


def _right(lab: Any) -> tuple[int, int]:
    """How many of the points get the right answer, and how many there are."""
    facts = lab.facts(lab.state)
    return int(facts["right"]), int(facts["of"])


def _look_at_and_or(lab: Any) -> Seen | None:
    """What it took to come from AND to OR, once OR is right."""
    state = lab.state
    if state.data != "or" or _right(lab) != (4, 4):
        return None
    if (state.w1, state.w2) == (1.0, 1.0):
        return _BIAS, f"With the weights still 1 and 1 and the bias {state.bias:g}, 4 of 4 points of OR are right."
    words = f"You found weights {state.w1:g} and {state.w2:g} with bias {state.bias:g}, and they do it."
    return _BIAS, f"{words} But the weights 1 and 1 with the bias -0.5 do it as well."


and_or = Predict(
    lesson,
    "and_or",
    "With weights 1 and 1 and bias -1.5 the neuron computes AND. What is the least that has to change for OR?",
    ["Nothing: OR is AND with other names", "The bias", "Both weights"],
    observe=_look_at_and_or,
    usual=_BIAS,
    first="Set Points to OR and move the controls until 4 of 4 points are right.",
    because="AND asks for both inputs, OR for at least one. That is the same direction with a lower threshold: the "
    "line moves without turning.",
)

_ALL, _THREE, _TWO = range(3)


def _look_at_xor(lab: Any) -> Seen | None:
    """How many points of XOR are right, once somebody has tried."""
    state = lab.state
    if state.data != "xor" or (state.w1, state.w2, state.bias) == (1.0, 1.0, -1.5):
        return None
    right, of = _right(lab)
    return _THREE, f"You have {right} of {of} now, and 3 of {of} is the most there is."


xor = Predict(
    lesson,
    "xor",
    "XOR says 1 where exactly one of the two inputs is 1. How many of the four points can one neuron get right?",
    ["All four", "Three", "Two"],
    observe=_look_at_xor,
    usual=_THREE,
    first="Points is set to XOR. Move weights and bias, and try to get as many points right as you can.",
    because="The two points with a 1 lie on one diagonal of the square, the two with a 0 on the other. A straight line "
    "that has both of the first on one side has at least one of the others there too (Minsky and Papert 1969).",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "A neuron has the weights -1 and -1 and the bias 1.5. Both inputs are 1. What is its weighted sum?",
    -0.5,
    tolerance=0.001,
    hints={
        3.5: "Both products are -1, because the weights are below zero.",
        -2.0: "That is the sum of the products. The bias is still missing.",
        0.5: "That is the sum if one input is 1. Here both are.",
        0.0: "That is what the step makes of the sum. The question is for the sum.",
        -3.5: "The bias is added: -2 + 1.5.",
    },
    hint="Two products, -1 times 1 each, and then the bias.",
    notice="-1 - 1 + 1.5 = -0.5, so the step says 0. With one input or none the sum is above 0: that is NAND.",
)


def _some_sums(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    small = [(np.array([1.0]),), (np.array([-0.5, 0.0]),), (np.array([0.0, 0.3, -2.0]),)]
    return [*small, (rng.normal(0, 2, 5).round(2),), (rng.normal(0, 2, (3, 2)).round(2),)]


def _step_slowly(z: np.ndarray) -> np.ndarray:
    return np.array([1.0 if value >= 0 else 0.0 for value in z.ravel().tolist()]).reshape(z.shape)


@exercise(
    lesson,
    reference=_step_slowly,
    cases=_some_sums,
    mistakes=[
        Mistake(
            lambda z: np.where(z > 0, 1.0, 0.0),
            "At exactly 0 the answer of this course is 1: use >= instead of >. (Books differ here.)",
        ),
        Mistake(lambda z: np.where(z >= 0, 0.0, 1.0), "0 and 1 have changed places: 1 where the sum is 0 or more."),
        Mistake(lambda z: np.sign(z), "That is the sign: -1, 0 or 1. The step knows only 0 and 1."),
        Mistake(
            lambda z: np.maximum(z, 0), "That is ReLU: it keeps the size. The step says only 1, however large z is."
        ),
        Mistake(
            lambda z: np.where(z >= 1, 1.0, 0.0),
            "The threshold of the step is 0. Other thresholds are made by the bias.",
        ),
        Mistake(
            lambda z: np.where(z >= 0, 1.0, -1.0),
            "Some books have a step from -1 to 1. The one of this course says 0 below the threshold.",
        ),
        Mistake(lambda z: z, "That is linear: the sum itself. The step makes 1 or 0 of it."),
        Mistake(
            lambda z: 1.0 if z >= 0 else 0.0,
            "z is an array, and if can ask about one number only. np.where(z >= 0, ..., ...) asks about each of them.",
        ),
    ],
    hints=[
        "Compare the whole array with 0. A comparison gives True and False, and these can become 1 and 0.",
        "np.where(condition, a, b) takes a where the condition holds, and b elsewhere.",
        "return np.where(z >= 0, 1.0, 0.0)",
    ],
    notice="z can be a whole array: one line asks about every sum at once.",
)
def step(z):
    return np.where(z >= 0, 1.0, 0.0)


def _rows_of_gates(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    rows = datasets.gates("nand")[0]
    return [(rows[:1],), (rows[3:],), (rows[1:3],), (rows,)]


def _nand_slowly(x: np.ndarray) -> np.ndarray:
    return np.array([0.0 if first == 1 and second == 1 else 1.0 for first, second in x.tolist()])


def _neuron(w1: float, w2: float, bias: float) -> Any:
    """A neuron with a step, as the learner's function makes it."""
    return lambda x: np.where(x @ np.array([w1, w2]) + bias >= 0, 1.0, 0.0)


@exercise(
    lesson,
    reference=_nand_slowly,
    cases=_rows_of_gates,
    mistakes=[
        Mistake(_neuron(1, 1, -1.5), "That is AND. NAND is the other way round everywhere: turn all three signs."),
        Mistake(
            _neuron(-1, -1, 0.5), "That is NOR: it says 1 only for (0, 0). A larger bias lets single ones through."
        ),
        Mistake(_neuron(1, 1, -0.5), "That is OR. NAND is 0 in one place only, where both inputs are 1."),
        Mistake(
            _neuron(-1, -1, 2.5),
            "It says 1 everywhere. At (1, 1) the bias is too large for both weights: the sum has to fall below 0.",
        ),
        Mistake(
            _neuron(-1, -1, -0.5),
            "It says 0 everywhere. At (0, 0) only the bias counts, and there the answer has to be 1.",
        ),
        Mistake(
            _neuron(-1, 0, 0.5),
            "It looks at the first input only. Both weights have to speak against 1.",
        ),
        Mistake(
            _neuron(0, -1, 0.5),
            "It looks at the second input only. Both weights have to speak against 1.",
        ),
        Mistake(
            _neuron(-1, 1, 0.5),
            "It says 0 at (1, 0) only: your second weight speaks for 1. Both weights have to speak against it.",
        ),
        Mistake(
            _neuron(1, -1, 0.5),
            "It says 0 at (0, 1) only: your first weight speaks for 1. Both weights have to speak against it.",
        ),
    ],
    hints=[
        "Begin with the point (0, 0): there the sum is the bias, and the answer has to be 1.",
        "Every input that is 1 has to pull the sum down, one of them not below 0, two of them below 0.",
        "weights = np.array([-1.0, -1.0]) and bias = 1.5",
    ],
    notice="from NAND alone every other gate can be built, and so a whole computer: three of them make OR.",
)
def nand(x):
    weights = np.array([-1.0, -1.0])
    bias = 1.5
    return np.where(x @ weights + bias >= 0, 1.0, 0.0)


def _some_pairs_of_layers(rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
    small = [(2.0, 1.0, 3.0, 0.5), (1.0, 0.0, -1.0, 2.0)]
    return [*small, *(tuple(row) for row in rng.uniform(-3, 3, (4, 4)).round(1).tolist())]


def _one_slowly(w: float, b: float, v: float, c: float) -> list[float]:
    """Ask both layers what they say at 0 and at 1: the height of the line, and how much it rises."""

    def both(x: float) -> float:
        return v * (w * x + b) + c

    return [both(1.0) - both(0.0), both(0.0)]


@exercise(
    lesson,
    reference=_one_slowly,
    cases=_some_pairs_of_layers,
    mistakes=[
        Mistake(
            lambda w, b, v, c: [w * v, b + c],
            "The second layer multiplies the first bias too: v times b, and then c.",
        ),
        Mistake(
            lambda w, b, v, c: [w + v, b + c],
            "The weights follow one another, so they are multiplied: v * (w x + b) + c. Multiply it out.",
        ),
        Mistake(lambda w, b, v, c: [w * v, v * b], "The bias of the second layer is missing: add c."),
        Mistake(
            lambda w, b, v, c: [w * v, w * c + b],
            "The layers have changed places: x goes through w and b first, then through v and c.",
        ),
        Mistake(
            lambda w, b, v, c: [v * b + c, w * v],
            "Both numbers are right, and they have changed places: the weight first, then the bias.",
        ),
        Mistake(
            lambda w, b, v, c: [w * v, v * (b + c)],
            "The second layer adds its c after multiplying: v * b + c.",
        ),
        Mistake(
            lambda w, b, v, c: [w * v, c],
            "The first layer's bias is missing. The second layer multiplies it by v: v * b, and then adds c.",
        ),
        Mistake(
            lambda w, b, v, c: [w * v, v * c + b],
            "The two biases have changed places: b comes first and is multiplied by v, c is added at the end.",
        ),
    ],
    hints=[
        "Write down what comes out for x: v * (w * x + b) + c. Multiply it out.",
        "What stands with x is the one weight. What stands alone is the one bias.",
        "return [v * w, v * b + c]",
    ],
    notice="with a curve between the two layers you could not have done it. That is what activations are for.",
)
def one_layer(w, b, v, c):
    return [v * w, v * b + c]


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "A neuron with a step has the sum 0.001. What does it say, and what if the sum is 1000?",
            [
                Option("Both times 1", "The step looks at one thing only: is the sum 0 or more?", True),
                Option("0.001 and 1000", "That would be linear: the output is the sum."),
                Option("0 and 1", "0.001 is already above the threshold, and that is enough."),
            ],
        ),
        Question(
            "What can a neuron with a step compute, and one with a linear activation not?",
            [
                Option("A yes or no", "The linear neuron gives every number, the step gives one of two.", True),
                Option("XOR", "Neither can: both have one straight line."),
                Option("A sum of more than two inputs", "Both take as many inputs as they have weights."),
            ],
        ),
        Question(
            "You stack ten linear layers. What can the network compute?",
            [
                Option("Curves with up to ten bends", "There is no bend in any of them, so none comes out."),
                Option("What one linear layer can", "Each multiplies and adds, and so does all of it together.", True),
                Option("Ten times as much", "Ten times as many weights, and the same straight line."),
            ],
        ),
        Question(
            "Why can the step not be trained by following its slope?",
            [
                Option(
                    "Its slope is 0, but for the jump",
                    "A small change of a weight changes nothing, or all at once.",
                    True,
                ),
                Option("It is too steep to compute", "At 0 it jumps, and everywhere else it is perfectly flat."),
                Option("It has only two outputs", "That alone does no harm. Outputs that answer to no nudge do."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on one neuron: what does the bias do to the line?",
            [
                Option("It turns it", "The weights turn it; the line stands at a right angle to them."),
                Option("It moves it without turning", "Along the arrow of the weights, or against it.", True),
                Option(
                    "It makes the colours beside it change faster",
                    "Larger weights do that. The bias alone moves the line.",
                ),
            ],
        ),
        Question(
            "From the lesson on nodes and connections: what changes with every input, and what stays?",
            [
                Option(
                    "Strengths change, values stay",
                    "It is the other way round: strengths stay, and they are what a network knows.",
                ),
                Option(
                    "Values change, strengths stay",
                    "An input sets values; only training changes strengths.",
                    True,
                ),
                Option(
                    "Both change",
                    "With every input only the values of the nodes do. Strengths wait for training.",
                ),
            ],
        ),
    ],
)
