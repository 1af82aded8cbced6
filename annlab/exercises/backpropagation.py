"""Exercises of lesson 09: the delta of a hidden node, a measured slope, and a backward pass with a fault in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .base import Mistake, Text, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("09_backpropagation", "Backpropagation")

# Controls that the two predictions do not need.
SIZES = ["inputs", "hidden_1", "hidden_2", "outputs", "seed", "x1", "x2", "x3", "t1", "t2"]
QUIET = [*SIZES, "activation_1", "activation_2", "activation_out", "loss"]
QUIET_BUT_HIDDEN = [*SIZES, "activation_2", "activation_out", "loss", "learning_rate"]

_NEARER, _THE_SAME, _HIGHER = range(3)


def _look_at_the_longer_step(lab: Any) -> Seen | None:
    """The loss before and after the first update, with a learning rate of 2."""
    if lab.state.learning_rate != 2.0 or lab.state.round or lab.state.moment < lab.controls["moment"].max:
        return None
    before, after = lab.trace.loss, lab.after.loss
    came_true = _HIGHER if after > before else _NEARER if after < before / 20 else _THE_SAME
    return came_true, f"One step with the learning rate 2 takes the loss from {before:.3f} to {after:.3f}."


longer_step = Predict(
    lesson,
    "longer_step",
    "With a learning rate of 0.5, one step takes the loss of this example from 0.105 to 0.002. "
    "What will the same step do with a learning rate of 2?",
    [
        "Four times as much: it comes even nearer to 0",
        "About the same",
        "Too much: the loss is higher than before",
    ],
    observe=_look_at_the_longer_step,
    usual=_HIGHER,
    first="Go to the last step of round 1 (0.5 first, to see the 0.002), and then move the learning rate to 2. "
    "Reset leads back to the start of round 1.",
    because="A gradient says how the loss changes right here, for a small step. A long step leaves the place that the "
    "gradient speaks of, and lands beyond the valley, on its other side.",
)

_AS_BEFORE, _SMALLER, _NOTHING = range(3)


def _look_at_the_flat_layer(lab: Any) -> Seen | None:
    """The gradients into a hidden layer of step functions, once the backward pass has come there."""
    known = [number for number in lab.story.numbers.values() if number.key[:2] == ("dw", 1)]
    if lab.state.activation_1 != "step" or not all(lab.story.is_known(number.key) for number in known):
        return None
    largest = max(abs(number.value) for number in known)
    came_true = _NOTHING if largest == 0 else _SMALLER
    blame = max(abs(lab.trace.layers[0].dy).tolist())
    return came_true, f"The largest dw into the hidden layer is {largest:.3f}, although the largest dy is {blame:.3f}."


flat_layer = Predict(
    lesson,
    "flat_layer",
    "The hidden nodes get the step function: 1 from 0 on, 0 below. The loss is not 0. "
    "What will the gradients dw of the links into the hidden layer be?",
    ["About as large as with tanh", "Smaller, but not 0", "Exactly 0, all of them"],
    observe=_look_at_the_flat_layer,
    usual=_NOTHING,
    first="Set Hidden layer to step, and go on until the gradients into the hidden layer are there.",
    because="The blame dy arrives at each hidden node. There it is multiplied with the slope of the activation, and "
    "the step function is flat: its slope is 0. Nothing gets through, so nothing before it can learn.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "A hidden node with tanh has the output y = 0.6. Two links leave it: one with weight 0.5 to a node whose δ is "
    "0.4, one with weight -1 to a node whose δ is 0.1. What is the δ of the hidden node? "
    "The slope of tanh is 1 - y².",
    0.064,
    tolerance=0.0006,
    hints={
        0.1: "That is dy, the blame that arrives at the output. Multiply it with the slope, 1 - 0.36.",
        0.024: "That is with the slope of sigmoid, y (1 - y). This node has tanh: 1 - y².",
        0.04: "That is with 1 - y. The slope of tanh is 1 - y².",
        0.192: "One weight is -1: its blame is taken away, not added.",
        0.32: "You added the two δ as they are. Each comes back through its link, times the weight.",
        0.06: "You multiplied with y. The slope of tanh is 1 - y².",
    },
    hint="First what arrives: 0.5 times 0.4, plus -1 times 0.1. Then times the slope at y = 0.6.",
    notice="dy = 0.5 · 0.4 - 1 · 0.1 = 0.1, and 0.1 · (1 - 0.36) = 0.064. A node far out on its curve "
    "gets little of the blame that arrives.",
)


def _some_nodes(rng: np.random.Generator) -> list[tuple[float, np.ndarray, np.ndarray]]:
    small = [(0.6, np.array([0.5]), np.array([0.4])), (-0.5, np.array([0.5, -1.0]), np.array([0.4, 0.1]))]
    some = [(float(y), rng.normal(0, 1, n).round(2), rng.normal(0, 0.5, n).round(2)) for y, n in ((0.9, 2), (-0.2, 4))]
    return [*small, *some]


def _hidden_delta_slowly(y: float, weights: np.ndarray, deltas: np.ndarray) -> float:
    blame = 0.0
    for weight, delta in zip(weights.tolist(), deltas.tolist(), strict=True):
        blame += weight * delta
    return blame * (1 - y * y)


@exercise(
    lesson,
    reference=_hidden_delta_slowly,
    cases=_some_nodes,
    mistakes=[
        Mistake(
            lambda y, weights, deltas: np.sum(weights * deltas),
            "That is what arrives at the output of the node, dy. Multiply it with the slope of tanh, 1 - y².",
        ),
        Mistake(
            lambda y, weights, deltas: np.sum(deltas) * (1 - y**2),
            "Each δ comes back through its own link: multiply it with that link's weight before you add.",
        ),
        Mistake(
            lambda y, weights, deltas: np.sum(weights * deltas) * y * (1 - y),
            "y (1 - y) is the slope of sigmoid. These nodes have tanh, whose slope is 1 - y².",
        ),
        Mistake(
            lambda y, weights, deltas: np.sum(weights * deltas) * (1 - np.tanh(y) ** 2),
            "y is the output already, so tanh was taken before. The slope is 1 - y², without another tanh.",
        ),
        Mistake(
            lambda y, weights, deltas: -np.sum(weights * deltas) * (1 - y**2),
            "The sign is the other way round. δ says how the loss grows; the minus comes later, in the update.",
        ),
        Mistake(
            lambda y, weights, deltas: weights * deltas * (1 - y**2),
            "You give one number for each link. The blame of all links comes together in the node: add it up.",
        ),
        Mistake(
            lambda y, weights, deltas: np.sum(weights * deltas) * (1 - y),
            "The square is missing: the slope of tanh is 1 - y**2.",
        ),
        Mistake(
            lambda y, weights, deltas: np.sum(weights) * np.sum(deltas) * (1 - y**2),
            "You added the weights and the deltas apart. First multiply each pair, then add: np.sum(weights * deltas).",
        ),
        Mistake(
            lambda y, weights, deltas: np.mean(weights * deltas) * (1 - y**2),
            "Nothing is divided by the number of links: what comes through them is added up, np.sum.",
        ),
        Mistake(
            lambda y, weights, deltas: np.sum(weights * deltas) / (1 - y**2),
            "The slope is a factor: multiply by 1 - y**2, do not divide.",
        ),
    ],
    hints=[
        "Two factors: what arrives through all the links, and the slope of tanh.",
        "What arrives is the sum of weight times delta: np.sum(weights * deltas), or weights @ deltas.",
        "return np.sum(weights * deltas) * (1 - y**2)",
    ],
    notice="the order is turned round: forwards a node adds up and then bends, backwards it adds up what comes from "
    "the other side and multiplies with the slope.",
)
def hidden_delta(y, weights, deltas):
    return np.sum(weights * deltas) * (1 - y**2)


@dataclass(frozen=True)
class Curve:
    """A loss that depends on one weight: a cubic, so that a nudge to one side shows its error."""

    a: float
    b: float
    c: float

    def __call__(self, w: float) -> float:
        return self.a * w**3 + self.b * w**2 + self.c * w

    def __repr__(self) -> str:
        return f"(w -> {self.a:g} w^3 + {self.b:g} w^2 + {self.c:g} w)"


def _some_curves(rng: np.random.Generator) -> list[tuple[Curve, float, float]]:
    small = [(Curve(0.0, 1.0, 0.0), 3.0, 0.01), (Curve(0.0, 2.0, -1.0), 0.5, 0.001)]
    some = [(Curve(*rng.normal(0, 1, 3).round(1).tolist()), float(w), 0.001) for w in (-1.0, 2.0, 0.3)]
    return [*small, *some]


def _slope_slowly(loss: Curve, w: float, nudge: float) -> float:
    higher = loss(w + nudge)
    lower = loss(w - nudge)
    return (higher - lower) / (nudge + nudge)


@exercise(
    lesson,
    reference=_slope_slowly,
    cases=_some_curves,
    mistakes=[
        Mistake(
            lambda loss, w, nudge: (loss(w + nudge) - loss(w)) / nudge,
            "A nudge to one side only is a little off wherever the loss is curved. Nudge to both sides.",
        ),
        Mistake(
            lambda loss, w, nudge: (loss(w + nudge) - loss(w - nudge)) / nudge,
            "From w - nudge to w + nudge it is two nudges. Divide by 2 * nudge.",
        ),
        Mistake(
            lambda loss, w, nudge: (loss(w - nudge) - loss(w + nudge)) / (2 * nudge),
            "The sign is the other way round: the slope is positive where the loss grows with w.",
        ),
        Mistake(
            lambda loss, w, nudge: loss(w + nudge) - loss(w - nudge),
            "That is how much the loss changes. The slope is the change divided by the way: 2 * nudge.",
        ),
        Mistake(
            lambda loss, w, nudge: loss(w + nudge) - loss(w - nudge) / (2 * nudge),
            "The division takes only the second loss. Put the difference into brackets.",
        ),
        Mistake(
            lambda loss, w, nudge: (loss(w + nudge) - loss(w - nudge)) / 2 * nudge,
            "/ 2 * nudge divides by 2 and then multiplies by nudge. Put 2 * nudge into brackets.",
        ),
        Mistake(
            lambda loss, w, nudge: (loss(w) - loss(w - nudge)) / nudge,
            "A nudge to one side alone, the left, is a little off wherever the loss is curved. Nudge to both sides.",
        ),
        Mistake(
            lambda loss, w, nudge: (loss(w + nudge) + loss(w - nudge)) / (2 * nudge),
            "The slope is how much the loss changes: take one loss away from the other, do not add them.",
        ),
    ],
    hints=[
        "Call loss twice: a little to the right of w, and a little to the left.",
        "The difference of the two losses, divided by the distance of the two places.",
        "return (loss(w + nudge) - loss(w - nudge)) / (2 * nudge)",
    ],
    notice="it knows nothing of layers or chains, so it makes no mistake that a backward pass makes. It is only slow: "
    "two forward passes for each single weight.",
)
def slope(loss, w, nudge):
    return (loss(w + nudge) - loss(w - nudge)) / (2 * nudge)


def backward_with_a_fault(x: np.ndarray, t: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    h = np.tanh(x @ w1)
    y = h @ w2
    d_out = 2 * (y - t) / len(y)
    d_hidden = (w2 @ d_out) * (1 - h)
    dw1, dw2 = np.outer(x, d_hidden), np.outer(h, d_out)
    return np.concatenate([dw1.ravel(), dw2.ravel()])


Network = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _some_networks(rng: np.random.Generator) -> list[Network]:
    sizes = [(1, 1, 1), (2, 1, 1), (2, 3, 2), (3, 2, 4)]
    return [
        (
            rng.uniform(-1, 1, n).round(2),
            rng.uniform(-1, 1, k).round(2),
            rng.normal(0, 1, (n, m)).round(2),
            rng.normal(0, 1, (m, k)).round(2),
        )
        for n, m, k in sizes
    ]


def _measured(x: np.ndarray, t: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """The slope of the loss by every weight, each by a nudge to both sides."""
    weights = np.concatenate([w1.ravel(), w2.ravel()])

    def loss(weights: np.ndarray) -> float:
        first, second = weights[: w1.size].reshape(w1.shape), weights[w1.size :].reshape(w2.shape)
        return float(np.mean((np.tanh(x @ first) @ second - t) ** 2))

    slopes = np.zeros_like(weights)
    for at in range(len(weights)):
        nudge = np.zeros_like(weights)
        nudge[at] = 1e-5
        slopes[at] = (loss(weights + nudge) - loss(weights - nudge)) / 2e-5
    return slopes


def compare(backward: Callable[..., np.ndarray], x: Any, t: Any, w1: Any, w2: Any) -> Text:
    """A gradient check as a table: what ``backward`` computes for each weight, beside what a nudge measures."""
    computed, measured = backward(x, t, w1, w2), _measured(x, t, w1, w2)
    names = [f"{name}[{i}, {j}]" for name, w in (("w1", w1), ("w2", w2)) for i, j in np.ndindex(w.shape)]
    lines = ["weight      computed  measured"]
    for name, mine, right in zip(names, computed.tolist(), measured.tolist(), strict=True):
        verdict = "agree" if abs(mine - right) < 1e-6 else "DIFFER"
        lines.append(f"{name:10}  {mine:+8.4f}  {right:+8.4f}  {verdict}")
    return Text("\n".join(lines), code=True)


def _with(slope_of_tanh: Callable[[np.ndarray], Any], factor: float = 2.0, turned: bool = False) -> Callable[..., Any]:
    """A backward pass of the same network with another slope, another factor, or the weights' sum over the wrong
    index."""

    def wrong(x: np.ndarray, t: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
        h = np.tanh(x @ w1)
        y = h @ w2
        d_out = factor * (y - t) / len(y)
        d_hidden = (w2.sum(axis=1) * d_out.sum() if turned else w2 @ d_out) * slope_of_tanh(h)
        return np.concatenate([np.outer(x, d_hidden).ravel(), np.outer(h, d_out).ravel()])

    return wrong


@exercise(
    lesson,
    reference=_measured,
    cases=_some_networks,
    mistakes=[
        Mistake(
            backward_with_a_fault,
            "This is still the pass as it was given. The slopes of w2 agree and those of w1 do not, so the fault lies "
            "between the two: in what is computed once for each hidden node.",
        ),
        Mistake(
            _with(lambda h: h * (1 - h)),
            "h (1 - h) is the slope of sigmoid. The hidden nodes have tanh: what is its slope, told by the output?",
        ),
        Mistake(
            _with(lambda h: 1.0),
            "Without any slope the hidden nodes would be straight lines. tanh bends: multiply with 1 - h**2.",
        ),
        Mistake(
            _with(lambda h: 1 + h**2),
            "The slope of tanh is never above 1: it is 1 minus h**2.",
        ),
        Mistake(
            _with(lambda h: 1 - np.tanh(h) ** 2),
            "h is the output already, so tanh was taken before. The slope is 1 - h**2, without another tanh.",
        ),
        Mistake(
            _with(lambda h: (1 - h) ** 2),
            "Only h is squared, not the difference: 1 - h**2 without brackets around 1 - h.",
        ),
        Mistake(
            _with(lambda h: 1 - 2 * h),
            "h * 2 doubles. The square is h**2, with two stars.",
        ),
        Mistake(
            _with(lambda h: h**2 - 1),
            "The two have changed places: 1 - h**2 is above 0, h**2 - 1 below.",
        ),
        Mistake(
            _with(lambda h: 1 - h**2, factor=1.0),
            "Now all slopes are half of what is measured. The 2 comes from the square in the loss, and was right.",
        ),
        Mistake(
            _with(lambda h: 1 - h**2, turned=True),
            "w2 @ d_out was right: each δ comes back through its own weight. Only the slope was wrong.",
        ),
        Mistake(
            lambda x, t, w1, w2: -_measured(x, t, w1, w2),
            "All signs are turned now. The gradient points uphill; the minus belongs to the update.",
        ),
    ],
    hints=[
        "The table says which weights are right: all of w2. So h, y and d_out are right as well.",
        "All slopes of w1 into the same hidden node are wrong by the same factor. What belongs to a hidden node?",
        "The slope of tanh, told by its output h, is 1 - h**2. In the fourth line the square is missing.",
    ],
    notice="the fault sat in a program that runs without any error. Only a comparison "
    "with something measured could find it.",
    tolerance=1e-6,
)
def backward(x, t, w1, w2):
    h = np.tanh(x @ w1)
    y = h @ w2
    d_out = 2 * (y - t) / len(y)
    d_hidden = (w2 @ d_out) * (1 - h**2)
    dw1, dw2 = np.outer(x, d_hidden), np.outer(h, d_out)
    return np.concatenate([dw1.ravel(), dw2.ravel()])


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "What does backpropagation compute?",
            [
                Option(
                    "The new weights", "That is the update of gradient descent. It uses what backpropagation found."
                ),
                Option(
                    "How the loss changes with each weight",
                    "The gradient, and nothing else. What to do about it is another matter.",
                    True,
                ),
                Option(
                    "The right outputs of the hidden nodes",
                    "Nobody knows those. It is only known how a change there would change the loss.",
                ),
            ],
        ),
        Question(
            "A hidden node with tanh has the output 0.999. Much blame arrives, and yet its weights hardly change. Why?",
            [
                Option("Its weights are small", "To reach 0.999 its sum is 3.8: they are rather large."),
                Option(
                    "It is right already",
                    "Perhaps, but blame arrives, so the loss would like to have it otherwise.",
                ),
                Option(
                    "Its slope is nearly 0",
                    "1 - 0.998 = 0.002: of the blame that arrives, so much gets through. The node is saturated.",
                    True,
                ),
            ],
        ),
        Question(
            "A network has 10,000 weights. What does it cost to know all their gradients for one example?",
            [
                Option(
                    "About as much as two or three forward passes",
                    "One pass forwards and one back, each about one product for each weight. That is why it is used.",
                    True,
                ),
                Option("20,000 forward passes", "That is the price of measuring each one by two nudges."),
                Option("10,000 backward passes", "One backward pass gives all of them: each δ is used many times."),
            ],
        ),
        Question(
            "In a text you read of 'a backpropagation network, in which signals run in loops'. What is mixed up there?",
            [
                Option(
                    "Nothing: errors run backwards, so there are loops",
                    "The links carry signals in one direction only. The errors are a calculation, made afterwards.",
                ),
                Option(
                    "How a network is built, and how its errors are shared out",
                    "Loops are an architecture, called recurrent. Backpropagation works with loops and without.",
                    True,
                ),
                Option(
                    "Such networks cannot be trained",
                    "They can, and by backpropagation too: lesson 13 unrolls the loops in time.",
                ),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on gradient descent: the slope by a weight is -3, the learning rate 0.1. The weight?",
            [
                Option("It falls by 0.3", "New = old - rate · slope, and minus a minus is plus."),
                Option("It grows by 0.3", "-0.1 · (-3) = +0.3: uphill is to the left, so it goes right.", True),
                Option("It falls by 3", "The learning rate makes the step shorter: 0.1 times the slope."),
            ],
        ),
        Question(
            "From the lesson on feed forward: 3 inputs, 4 hidden nodes, 2 outputs. Weights and biases?",
            [
                Option("26", "3 · 4 + 4 into the hidden layer, 4 · 2 + 2 into the output: 16 + 10.", True),
                Option("20", "Those are the weights. Each hidden and output node has a bias as well."),
                Option("24", "3 · 4 · 2 would be paths from an input to an output, not weights."),
            ],
        ),
    ],
)
