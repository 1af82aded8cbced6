"""Exercises of lesson 04: four activations, their slopes checked by nudging, and softmax with a temperature."""

import math
from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("04_curved_activations", "Curved activations")

_LARGER, _SAME, _NEARLY_ZERO = range(3)


def _look_far_out(lab: Any) -> Seen | None:
    """The slope of the sigmoid where the ring is, once it is far out."""
    state = lab.state
    if state.activation != "sigmoid" or state.z < 5:
        return None
    facts = lab.facts(state)
    y, slope = facts["sigmoid y"], facts["sigmoid slope"]
    return _NEARLY_ZERO, f"At z = {state.z:g} the output is {y:.3f} and the slope {slope:.4f}; at z = 0 it is 0.25."


far_out = Predict(
    lesson,
    "far_out",
    "At z = 0 the sigmoid answers 0.5 and its slope is 0.25. You go out to z = 6. What is the slope there?",
    ["Larger: the output is larger too", "About the same", "Nearly 0"],
    observe=_look_far_out,
    usual=_NEARLY_ZERO,
    first="Leave the activation at sigmoid and move z to 6, by the slider or in the picture.",
    because="The output is so close to 1 that there is hardly any way left, so a nudge of the sum changes next to "
    "nothing. This is called saturation. A node that is saturated hardly learns, however wrong it is.",
)

_ALIKE, _WINNER, _AS_BEFORE = range(3)


def _look_at_the_cold(lab: Any) -> Seen | None:
    """The largest share at a low temperature."""
    state = lab.state
    if state.activation != "softmax" or state.temperature > 0.2:
        return None
    largest = max(lab.facts(state)[f"share {at}"] for at in range(4))
    if largest < 0.9:
        return None  # two sums are nearly alike
    return _WINNER, f"At temperature {state.temperature:g} the largest sum has a share of {largest:.3f}."


cold = Predict(
    lesson,
    "cold",
    "Four nodes have the sums 1, 2, 0 and -1, and the shares 0.237, 0.644, 0.087 and 0.032. Softmax now divides "
    "every sum by a temperature of 0.1 first. What do the shares do?",
    [
        "They come closer together, to a quarter each",
        "Nearly everything goes to the largest sum",
        "Nothing: all sums are divided by the same number",
    ],
    observe=_look_at_the_cold,
    usual=_WINNER,
    first="Move Temperature to 0.1, and leave the largest sum clearly ahead.",
    because="Dividing by 0.1 makes every distance between two sums ten times as large, and e to the power of a "
    "distance is how many times larger one share is than the other. A high temperature does the opposite.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "A sigmoid node answers 0.8. What is the slope of the sigmoid there?",
    0.16,
    tolerance=0.001,
    hints={
        0.2: "That is 1 - y. It still has to be multiplied by y.",
        0.64: "That is y times y. The slope is y times (1 - y).",
        0.36: "That is 1 - y times y: the slope of tanh at an output of 0.8. The sigmoid has y times (1 - y).",
        0.25: "That is the slope at z = 0, where y = 0.5. Here y is 0.8.",
        0.214: "0.8 is the output y already. You put it into the sigmoid once more.",
    },
    hint="The slope of the sigmoid can be taken from its output alone: y times (1 - y).",
    notice="0.8 times 0.2 = 0.16. You did not need z at all: the output was enough, and it is known already.",
)


def _some_sums(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    small = [(np.array([1.0]),), (np.array([-1.0, 2.0]),), (np.array([-3.0, -0.5, 0.5]),)]
    return [*small, *((rng.choice([-1, 1], n) * rng.uniform(0.1, 4, n).round(2),) for n in (4, 6))]


def _four_slowly(z: float) -> list[float]:
    """The four, from e to the power of z and nothing else."""
    up, down = math.exp(z), math.exp(-z)
    return [up / (up + 1), (up - down) / (up + down), z if z > 0 else 0.0, math.log(1 + up)]


def _curves_slowly(z: np.ndarray) -> np.ndarray:
    return np.array([_four_slowly(value) for value in z.tolist()]).T


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _four(z: np.ndarray, **changed: np.ndarray) -> np.ndarray:
    """The four right curves, but for those that are given."""
    right = {
        "sigmoid": _sigmoid(z),
        "tanh": np.tanh(z),
        "relu": np.maximum(z, 0),
        "softplus": np.log(1 + np.exp(z)),
    }
    return np.array(list({**right, **changed}.values()))


@exercise(
    lesson,
    reference=_curves_slowly,
    cases=_some_sums,
    mistakes=[
        Mistake(
            lambda z: _four(z, sigmoid=1 / (1 + np.exp(z))),
            "The sigmoid falls where it should rise: the exponent is -z.",
        ),
        Mistake(
            lambda z: _four(z, sigmoid=1 / 1 + np.exp(-z)),
            "In the sigmoid, 1 / 1 + ... divides first. Put brackets around 1 + np.exp(-z).",
        ),
        Mistake(
            lambda z: _four(z, tanh=(np.exp(z) - np.exp(-z)) / 2),
            "That is sinh, which has no bounds. For tanh divide by np.exp(z) + np.exp(-z), or use np.tanh.",
        ),
        Mistake(
            lambda z: _four(z, tanh=2 * _sigmoid(z) - 1),
            "Nearly: tanh is 2 * sigmoid(2 * z) - 1, with 2 * z inside. Or use np.tanh.",
        ),
        Mistake(lambda z: _four(z, relu=np.abs(z)), "ReLU does not turn negative sums around. It makes 0 of them."),
        Mistake(lambda z: _four(z, relu=np.minimum(z, 0)), "ReLU keeps the larger of z and 0: np.maximum."),
        Mistake(
            lambda z: _four(z, relu=np.where(z > 0, 1.0, 0.0)),
            "That is a step. ReLU keeps z itself where it is above 0.",
        ),
        Mistake(
            lambda z: _four(z, softplus=np.log(1 + np.exp(-z))),
            "Your softplus falls where it should rise: its exponent is z, without a minus.",
        ),
        Mistake(
            lambda z: _four(z, softplus=1 + np.log(np.exp(z))),
            "The 1 belongs inside the logarithm of softplus: np.log(1 + np.exp(z)).",
        ),
        Mistake(
            lambda z: _four(z, relu=max(z, 0)),  # type: ignore[arg-type]
            "max and if can ask about one number only, and z is an array. np.maximum goes through all of it.",
        ),
        Mistake(
            lambda z: _four(z, relu=np.maximum(z, 0.2 * z)),
            "That is leaky ReLU. Plain ReLU makes 0 of every negative sum.",
        ),
        Mistake(
            lambda z: _four(z, softplus=np.log10(1 + np.exp(z))),
            "The logarithm of this course is the natural one, np.log. np.log10 is the one to base 10.",
        ),
    ],
    hints=[
        "One line for each, each for the whole array z. numpy has np.exp, np.log, np.tanh and np.maximum.",
        "ReLU is np.maximum(z, 0), and softplus is np.log(1 + np.exp(z)).",
        "The sigmoid is 1 / (1 + np.exp(-z)) and tanh is np.tanh(z).",
    ],
    notice="softplus lies above ReLU everywhere and comes ever closer to it: it is ReLU without the corner.",
)
def curves(z):
    sigmoid = 1 / (1 + np.exp(-z))
    tanh = np.tanh(z)
    relu = np.maximum(z, 0)
    softplus = np.log(1 + np.exp(z))
    return np.array([sigmoid, tanh, relu, softplus])


def _slopes_by_nudging(z: np.ndarray) -> np.ndarray:
    """Nudge every sum a little up and a little down, and see how much the output changes."""
    nudge = 1e-5
    return (_curves_slowly(z + nudge) - _curves_slowly(z - nudge)) / (2 * nudge)


def _slopes(z: np.ndarray, **changed: np.ndarray) -> np.ndarray:
    """The four right slopes, but for those that are given."""
    y = _sigmoid(z)
    right = {"sigmoid": y * (1 - y), "tanh": 1 - np.tanh(z) ** 2, "relu": np.where(z > 0, 1.0, 0.0), "softplus": y}
    return np.array(list({**right, **changed}.values()))


@exercise(
    lesson,
    reference=_slopes_by_nudging,
    cases=_some_sums,
    mistakes=[
        Mistake(
            lambda z: _slopes(z, sigmoid=z * (1 - z)),
            "In y * (1 - y), the y is the output of the sigmoid, not the sum z.",
        ),
        Mistake(
            lambda z: _slopes(z, sigmoid=1 - _sigmoid(z)),
            "The slope of the sigmoid is y * (1 - y). The first factor is missing.",
        ),
        Mistake(
            lambda z: _slopes(z, tanh=1 - np.tanh(z)),
            "The slope of tanh is 1 - y squared. The square is missing.",
        ),
        Mistake(
            lambda z: _slopes(z, tanh=np.tanh(z) * (1 - np.tanh(z))),
            "y * (1 - y) is the sigmoid's slope. For tanh it is 1 - y squared.",
        ),
        Mistake(
            lambda z: _slopes(z, tanh=1 - z**2),
            "In 1 - y squared, the y is the output of tanh, not the sum z.",
        ),
        Mistake(
            lambda z: _slopes(z, relu=np.maximum(z, 0)),
            "That is ReLU itself. Its slope is 1 where z is above 0, and 0 below.",
        ),
        Mistake(
            lambda z: _slopes(z, relu=np.ones_like(z)),
            "Below 0 ReLU is flat, so its slope is 0 there.",
        ),
        Mistake(
            lambda z: _slopes(z, softplus=1 / (1 + np.exp(z))),
            "The derivative of log(u) is 1 / u times the derivative of u, and here that is exp(z) / (1 + exp(z)).",
        ),
        Mistake(
            lambda z: _slopes(z, softplus=_sigmoid(z) * (1 - _sigmoid(z))),
            "The slope of softplus is the sigmoid itself, not the sigmoid's slope.",
        ),
        Mistake(
            lambda z: _slopes(z, sigmoid=_sigmoid(z)),
            "The first of your four is the sigmoid itself. Its slope is y * (1 - y).",
        ),
        Mistake(
            lambda z: np.array([_sigmoid(z) * (1 - _sigmoid(z)), 1 - np.tanh(z) ** 2, 1.0, _sigmoid(z)]),
            "Each of the four needs as many numbers as z has. For ReLU, np.where(z > 0, 1.0, 0.0) gives one for each.",
        ),
    ],
    hints=[
        "Compute the outputs of sigmoid and tanh first: both slopes can be taken from the output.",
        "sigmoid: y * (1 - y). tanh: 1 - y ** 2. ReLU: 1 where z > 0, else 0.",
        "The slope of softplus is a curve that you know: the sigmoid.",
    ],
    notice="the check knew no formula: it nudged every z a little and looked. So can you, with any slope.",
)
def slopes(z):
    sigmoid = 1 / (1 + np.exp(-z))
    tanh = np.tanh(z)
    relu = np.where(z > 0, 1.0, 0.0)
    return np.array([sigmoid * (1 - sigmoid), 1 - tanh**2, relu, sigmoid])


def _some_rows(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    small = [(np.array([1.0, 0.0]), 2.0), (np.array([2.0, 1.0, 0.0]), 0.5), (np.array([800.0, 799.0, 0.0]), 0.1)]
    return [*small, *((rng.normal(0, 2, n).round(1), t) for n, t in ((4, 5.0), (5, 0.2)))]


def _softmax_slowly(z: np.ndarray, temperature: float) -> list[float]:
    """Each share on its own: 1 over the sum of e to the power of how far the others are ahead."""
    return [1 / sum(math.exp(min((other - own) / temperature, 700)) for other in z.tolist()) for own in z.tolist()]


def _shares(power: np.ndarray) -> np.ndarray:
    return power / power.sum()


@exercise(
    lesson,
    reference=_softmax_slowly,
    cases=_some_rows,
    tolerance=1e-9,
    mistakes=[
        Mistake(
            lambda z, temperature: _shares(np.exp(z / temperature)),
            "Right, until a sum is large: e to the 800 overflows. Subtract z.max() from z first.",
        ),
        Mistake(
            lambda z, temperature: _shares(np.exp(z - z.max())),
            "Your temperature makes no difference. Divide the sums by it before you take np.exp; a power divided by it "
            "is divided by its total later, and the temperature falls out again.",
        ),
        Mistake(
            lambda z, temperature: _shares(np.exp((z - z.max()) * temperature)),
            "You multiplied by the temperature. A low one has to make distances larger, so divide.",
        ),
        Mistake(
            lambda z, temperature: np.exp((z - z.max()) / temperature),
            "These are the powers, the largest of them 1. Divide them by their sum, so that they add up to 1.",
        ),
        Mistake(
            lambda z, temperature: z / z.sum(),
            "You divided z itself. Take np.exp first: it makes every number positive.",
        ),
    ],
    hints=[
        "Three steps: subtract the largest sum, divide by the temperature, take np.exp; then divide by the total.",
        "z.max() is the largest number of the array, and powers.sum() adds all of them up.",
        "powers = np.exp((z - z.max()) / temperature), and then powers / powers.sum()",
    ],
    notice="the largest power is now e to the 0, which is 1, so nothing can overflow.",
)
def softmax(z, temperature):
    powers = np.exp((z - z.max()) / temperature)
    return powers / powers.sum()


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "What is the difference between the sigmoid and the logistic function?",
            [
                Option("None", "Two names for one function: logistic in statistics, sigmoid in networks.", True),
                Option("The logistic function goes from -1 to 1", "That is tanh, which is a stretched sigmoid."),
                Option("The sigmoid has no derivative", "It has one everywhere: y times (1 - y)."),
            ],
        ),
        Question(
            "Which of these can answer 7?",
            [
                Option("tanh", "It stays between -1 and 1."),
                Option("ReLU", "For the sum 7, for example. Not every activation keeps its outputs small.", True),
                Option("Softmax", "Its outputs are shares of 1."),
            ],
        ),
        Question(
            "A ReLU node has a sum below 0 for every example. What happens to its weights in training?",
            [
                Option(
                    "They grow until the sum is above 0", "Nothing tells them to: the slope is 0 for every example."
                ),
                Option("Nothing", "Its slope is 0 for every example, so it is never changed. It is called dead.", True),
                Option("They shrink to 0", "Training follows the slope, and a slope of 0 leads nowhere."),
            ],
        ),
        Question(
            "Ten sigmoid nodes in a row, weights 1. How much of a nudge of the first sum reaches the end, at most?",
            [
                Option("A quarter of it", "That is one layer. Each of the ten has its own factor."),
                Option(
                    "About a millionth of it", "Each layer passes on a quarter at most: 0.25 to the power of 10.", True
                ),
                Option("Ten times as much", "Slopes along a way are multiplied, and none of these is above 1."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on step and linear: what do ten linear layers make together?",
            [
                Option("One linear layer", "Multiplying and adding, ten times over, is multiplying and adding.", True),
                Option("A curve with ten bends", "There is no bend in any of them."),
                Option("XOR", "That needs something curved between the layers."),
            ],
        ),
        Question(
            "From the lesson on one neuron: where is the sum of a neuron with two inputs 0?",
            [
                Option("On a straight line", "All points with w1 x1 + w2 x2 + b = 0.", True),
                Option("On a circle", "That would need the squares of the inputs."),
                Option("At one point", "One equation for two numbers leaves a whole line."),
            ],
        ),
    ],
)
