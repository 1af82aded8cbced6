"""Exercises of lesson 07: the mean squared error, and the cross-entropies for two classes and for many."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("07_loss", "Loss")

_TEN_TIMES, _TWICE, _HARDLY = range(3)


def _look_at_certainty(lab: Any) -> Seen | None:
    """What the squared error and the cross-entropy of 0.01 are, where 1 was right."""
    state = lab.state
    if state.target != 1 or state.prediction > 0.01:
        return None
    facts = lab.facts(state)
    came_true = _HARDLY if facts["mse"] < 1.5 * 0.81 else _TWICE if facts["mse"] < 5 * 0.81 else _TEN_TIMES
    return came_true, (
        f"At {state.prediction:.2f} the squared error is {facts['mse']:.3f}, and at 0.10 it was 0.810. "
        f"The cross-entropy went from 2.303 to {facts['binary_crossentropy']:.3f}."
    )


certain = Predict(
    lesson,
    "certain",
    "The target is 1. A prediction of 0.10 is wrong; one of 0.01 is wrong and ten times as certain. What does the "
    "squared error do?",
    ["It grows to about ten times as much", "It grows to about twice as much", "It hardly grows"],
    observe=_look_at_certainty,
    usual=_HARDLY,
    first="Drag the prediction to 0.10 and read the three losses, then drag it to 0.01.",
    because="The squared error only knows how far 1 is away, and both are nearly 1 away from it. "
    "The cross-entropy knows how surprised one has to be: it grows without limit.",
)

_STEEPEST, _USUAL, _LEVEL = range(3)


def _steepness(lab: Any, name: str) -> float:
    """How steep the mean loss is at the lab's weight and bias, measured by a nudge."""
    from ..losses import get

    state, nudge = lab.state, 1e-4

    def height(weight: float, bias: float) -> float:
        y = 1 / (1 + np.exp(-(weight * state.x + bias)))
        return get(name)(state.t[:, np.newaxis], y[:, np.newaxis])

    by_weight = height(state.weight + nudge, state.bias) - height(state.weight - nudge, state.bias)
    by_bias = height(state.weight, state.bias + nudge) - height(state.weight, state.bias - nudge)
    return float(np.hypot(by_weight, by_bias) / (2 * nudge))


def _look_at_the_plateau(lab: Any) -> Seen | None:
    """How steep the two landscapes are where the neuron is certain and wrong."""
    state = lab.state
    if state.loss != "mse" or state.weight > -5:
        return None
    squared, entropy = _steepness(lab, "mse"), _steepness(lab, "binary_crossentropy")
    came_true = _LEVEL if squared < 0.1 else _USUAL if squared < 1 else _STEEPEST
    return came_true, f"The ground is {squared:.3f} steep here; that of the cross-entropy is {entropy:.3f} steep."


plateau = Predict(
    lesson,
    "plateau",
    "A neuron with a weight of -6 says the opposite of what most examples want, and is certain of it. How steep is the "
    "landscape of the squared error there?",
    ["Steeper than elsewhere, for it is most wrong there", "About as steep as elsewhere", "Nearly level"],
    observe=_look_at_the_plateau,
    usual=_LEVEL,
    first="Choose the squared error under Landscape of, and drag the ball to the left edge, half-way up.",
    because="A sigmoid that is certain hardly moves, so the squared error does not either: high up, and no way down to "
    "be felt. The cross-entropy grows just as the sigmoid gets level, and the slope stays.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The predictions are 0.5 and 0.8, and both targets are 1. What is the mean squared error?",
    0.145,
    tolerance=0.0005,
    hints={
        0.29: "That is the sum of the two squares. The mean is half of it.",
        0.35: "That is the mean absolute error. Square each error before you take the mean.",
        0.1225: "You took the mean first and then the square. The other way round: first the squares.",
        0.445: "You squared the predictions. Square the errors: how far each one is from 1.",
    },
    hint="The errors are 0.5 and 0.2. Square each, then take the mean.",
    notice="(0.25 + 0.04) / 2 = 0.145. The larger error makes up six sevenths of it.",
)


def _some_numbers(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    small = [(np.array([1.0]), np.array([0.4])), (np.array([1.0, 0.0]), np.array([0.5, 0.8]))]
    return [*small, *((rng.normal(0, 2, n).round(1), rng.normal(0, 2, n).round(2)) for n in (3, 6))]


def _mse_slowly(targets: np.ndarray, predictions: np.ndarray) -> float:
    total = 0.0
    for target, prediction in zip(targets.tolist(), predictions.tolist(), strict=True):
        total += (prediction - target) * (prediction - target)
    return total / len(targets)


@exercise(
    lesson,
    reference=_mse_slowly,
    cases=_some_numbers,
    mistakes=[
        Mistake(
            lambda targets, predictions: np.sum((predictions - targets) ** 2),
            "That is the sum of the squares. The mean was asked for: np.mean.",
        ),
        Mistake(
            lambda targets, predictions: np.mean(predictions - targets) ** 2,
            "First the squares, then the mean. Your way errors up and errors down cancel.",
        ),
        Mistake(
            lambda targets, predictions: np.mean(np.abs(predictions - targets)),
            "That is the mean absolute error. Square each error instead.",
        ),
        Mistake(
            lambda targets, predictions: np.sqrt(np.mean((predictions - targets) ** 2)),
            "The root belongs to another measure, the RMSE. Leave it away.",
        ),
        Mistake(
            lambda targets, predictions: np.mean(predictions - targets),
            "The square is missing: errors up and errors down cancel.",
        ),
        Mistake(
            lambda targets, predictions: np.mean((predictions - targets) ** 2) / 2,
            "Some books halve it, to be rid of a 2 in the slope. Here, as in Keras, it is the plain mean.",
        ),
        Mistake(
            lambda targets, predictions: (predictions - targets) ** 2,
            "Those are the squares, one for each example. A loss is one number: take their mean, np.mean.",
        ),
        Mistake(
            lambda targets, predictions: np.mean(2 * (predictions - targets)),
            "You doubled the errors. Their square is errors ** 2, with two stars.",
        ),
    ],
    hints=[
        "predictions - targets is the row of errors, and ** 2 squares each of them.",
        "np.mean takes the mean of a row.",
        "return np.mean((predictions - targets) ** 2)",
    ],
    notice="the sign of an error does not matter to it, and an error of 2 counts as much as four errors of 1.",
)
def mse(targets, predictions):
    return np.mean((predictions - targets) ** 2)


def _some_chances(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    small = [(np.array([1.0]), np.array([0.25])), (np.array([0.0]), np.array([0.25]))]
    random = [(rng.integers(0, 2, n).astype(float), rng.uniform(0.05, 0.95, n).round(2)) for n in (3, 5)]
    return [*small, *random, (np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0, 0.0, 0.5, 0.5]))]


def _entropy_slowly(targets: np.ndarray, predictions: np.ndarray) -> float:
    total = 0.0
    for target, prediction in zip(targets.tolist(), predictions.tolist(), strict=True):
        said = prediction if target == 1 else 1 - prediction  # the probability of what was true
        total -= float(np.log(min(max(said, 1e-7), 1 - 1e-7)))
    return total / len(targets)


def _entropy(targets: np.ndarray, y: np.ndarray) -> np.ndarray:
    return -(targets * np.log(y) + (1 - targets) * np.log(1 - y))


def _clipped_entropy(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    return _entropy(targets, np.clip(predictions, 1e-7, 1 - 1e-7))


@exercise(
    lesson,
    reference=_entropy_slowly,
    cases=_some_chances,
    mistakes=[
        Mistake(
            lambda targets, predictions: np.mean(_entropy(targets, predictions)),
            "log 0 is without limit, and 0 times it is no number. First y = np.clip(predictions, 1e-7, 1 - 1e-7).",
        ),
        Mistake(
            lambda targets, predictions: -_entropy_slowly(targets, predictions),
            "The minus is missing: the logarithm of a number below 1 is negative, and a loss is not.",
        ),
        Mistake(
            lambda targets, predictions: np.mean(-targets * np.log(np.clip(predictions, 1e-7, 1 - 1e-7))),
            "Examples with target 0 count nothing in yours. They want (1 - targets) * np.log(1 - y) as well.",
        ),
        Mistake(
            lambda targets, predictions: len(targets) * _entropy_slowly(targets, predictions),
            "That is the sum over the examples. The mean was asked for: np.mean.",
        ),
        Mistake(
            lambda targets, predictions: _entropy_slowly(1 - targets, predictions),
            "Targets 1 and 0 have changed places: a target of 1 wants the logarithm of y itself.",
        ),
        Mistake(
            lambda targets, predictions: _entropy_slowly(targets, predictions) / np.log(2),
            "You took the logarithm to the base 2. Here, as in Keras, it is the natural one, np.log.",
        ),
        Mistake(
            lambda targets, predictions: _entropy_slowly(targets, predictions) / np.log(10),
            "You took the logarithm to the base 10. Here, as in Keras, it is the natural one, np.log.",
        ),
        Mistake(
            lambda targets, predictions: -np.mean((2 * targets - 1) * -_clipped_entropy(targets, predictions)),
            "The two halves are added before the minus: targets * np.log(y) + (1 - targets) * np.log(1 - y).",
        ),
        Mistake(
            lambda targets, predictions: _clipped_entropy(targets, predictions),
            "You give one number for each example. A loss is one number: take their mean, np.mean.",
        ),
    ],
    hints=[
        "First y = np.clip(predictions, 1e-7, 1 - 1e-7): no prediction is quite 0 or 1 any more.",
        "targets * np.log(y) counts where the target is 1, (1 - targets) * np.log(1 - y) where it is 0.",
        "return -np.mean(targets * np.log(y) + (1 - targets) * np.log(1 - y))",
    ],
    notice="only the probability of what was true counts: the other half of the sum is multiplied by 0.",
)
def binary_crossentropy(targets, predictions):
    y = np.clip(predictions, 1e-7, 1 - 1e-7)
    return -np.mean(targets * np.log(y) + (1 - targets) * np.log(1 - y))


def _some_rows(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    cases = [(np.array([[0.0, 1.0, 0.0]]), np.array([[0.7, 0.2, 0.1]]))]
    for n, classes in ((2, 3), (3, 4), (4, 5)):
        y = rng.uniform(0.1, 1, (n, classes))
        cases.append((np.eye(classes)[rng.integers(0, classes, n)], y / y.sum(axis=1, keepdims=True)))
    return cases


def _categorical_slowly(targets: np.ndarray, predictions: np.ndarray) -> float:
    true = [row.index(1.0) for row in targets.tolist()]
    return -sum(float(np.log(row[right])) for row, right in zip(predictions, true, strict=True)) / len(true)


@exercise(
    lesson,
    reference=_categorical_slowly,
    cases=_some_rows,
    mistakes=[
        Mistake(
            lambda targets, predictions: -np.mean(targets * np.log(predictions)),
            "The mean is over the examples, not over all numbers of the table. Sum each row first: axis=1.",
        ),
        Mistake(
            lambda targets, predictions: -_categorical_slowly(targets, predictions),
            "The minus is missing.",
        ),
        Mistake(
            lambda targets, predictions: -np.mean(np.log(predictions.max(axis=1))),
            "You took what the network likes best. What counts is its probability for the class that was true.",
        ),
        Mistake(
            lambda targets, predictions: -np.sum(targets * np.log(predictions)),
            "That is the sum over the examples. Their mean was asked for.",
        ),
        Mistake(
            lambda targets, predictions: np.mean(1 - np.sum(targets * predictions, axis=1)),
            "That is how far the probability is from 1. Take minus its logarithm.",
        ),
        Mistake(
            lambda targets, predictions: -np.sum(targets * np.log(predictions), axis=1),
            "You give one number for each example. The last step is their mean.",
        ),
        Mistake(
            lambda targets, predictions: -np.mean(np.sum(targets * np.log(predictions), axis=0)),
            "axis=0 adds up the columns, the classes. Each example is a row: axis=1.",
        ),
        Mistake(
            lambda targets, predictions: -np.log(np.mean(np.sum(targets * predictions, axis=1))),
            "First the logarithm for each example, then the mean of them: not the logarithm of a mean.",
        ),
    ],
    hints=[
        "targets * np.log(predictions) leaves, in each row, only the logarithm at the class that was true.",
        "np.sum(..., axis=1) adds up each row, so that there is one number for each example.",
        "return -np.mean(np.sum(targets * np.log(predictions), axis=1))",
    ],
    notice="the probabilities of the wrong classes do not occur in it. They matter all the same: together they make 1.",
)
def categorical_crossentropy(targets, predictions):
    return -np.mean(np.sum(targets * np.log(predictions), axis=1))


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "One of your targets is a slip of the pen: 100 in place of 1. Which loss lets it pull less?",
            [
                Option("The mean squared error", "An error of 99 counts 9801 there. It will pull everything."),
                Option("The mean absolute error", "It counts 99, and pulls no harder than any other example.", True),
                Option("Both the same", "The squares make the difference: 9801 against 99."),
            ],
        ),
        Question(
            "A network gives the class that was true the probability 1. What is the cross-entropy?",
            [
                Option("0", "-log 1 = 0: no surprise at all.", True),
                Option("1", "That is the probability. The loss is minus its logarithm."),
                Option("Without limit", "That is for a probability of 0."),
            ],
        ),
        Question(
            "The loss of a network falls, and its accuracy stands still. How can that be?",
            [
                Option(
                    "The loss was worked out wrongly",
                    "It is usual: the loss counts how certain an answer is, the accuracy only if it is right.",
                ),
                Option(
                    "It grows more certain of answers that were right already",
                    "The loss asks how certain, the accuracy only which side of one half.",
                    True,
                ),
                Option("It has stopped learning", "Then the loss would stand still as well."),
            ],
        ),
        Question(
            "You want to predict tomorrow's temperature. Which loss fits?",
            [
                Option("Binary cross-entropy", "It wants probabilities between 0 and 1. A temperature is none."),
                Option("Mean squared or mean absolute error", "Both measure how far off a number is.", True),
                Option("Categorical cross-entropy", "It wants a row of classes, one of them true."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on feed forward: 50 examples go through a layer of 3 nodes. What shape comes out?",
            [
                Option("(3, 50)", "Rows are examples: the 50 comes first."),
                Option("(50, 3)", "A row for each example, a column for each node.", True),
                Option("(50,)", "That would be one number for each example. Each of the 3 nodes gives one."),
            ],
        ),
        Question(
            "From the lesson on curved activations: where is the sigmoid nearly level?",
            [
                Option("Around z = 0", "There it is steepest: its slope is 0.25."),
                Option("Far from 0, on both sides", "There it is saturated, close to 0 or to 1.", True),
                Option("Only where z is large and positive", "It is level on the negative side as well."),
            ],
        ),
    ],
)
