"""Exercises of lesson 12: softmax, one-hot targets, and the gradient that is ``y - target``."""

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson

lesson = Lesson("12_many_classes", "Many classes")


def _some_z(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    small = [(np.array([[2.0, 1.0, 0.0]]),), (np.array([[0.0, 0.0]]),)]
    random = [(rng.normal(0, 3, (n, classes)).round(2),) for n, classes in ((2, 3), (3, 2), (4, 5))]
    return [*small, *random, (np.array([[800.0, 0.0, 0.0], [0.0, -900.0, 1.0]]),)]


def _softmax_slowly(z: np.ndarray) -> list[list[float]]:
    rows = []
    for row in z:
        powers = [float(np.exp(value - max(row))) for value in row]
        rows.append([power / sum(powers) for power in powers])
    return rows


def _softmax_that_overflows(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z)
    return powers / powers.sum(axis=1, keepdims=True)


def _softmax_over_columns(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=0, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)


def _softmax_over_the_table(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max())
    return powers / powers.sum()


@exercise(
    lesson,
    reference=_softmax_slowly,
    cases=_some_z,
    mistakes=[
        Mistake(
            _softmax_that_overflows,
            "exp(800) is too large for a computer number. Subtract each row's largest z first: no share changes.",
        ),
        Mistake(
            _softmax_over_the_table,
            "The shares of the whole table add up to 1, but each row is one example: sum with axis=1, keepdims=True.",
        ),
        Mistake(
            _softmax_over_columns,
            "axis=0 goes down a column, over the examples. The ten answers to one example stand in a row: axis=1.",
        ),
        Mistake(
            lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
            "These are the powers, largest 1. Divide each row by its sum, so that the row adds up to 1.",
        ),
        Mistake(
            lambda z: z / z.sum(axis=1, keepdims=True),
            "You divided z itself. Take np.exp first: it makes every number positive.",
        ),
    ],
    hints=[
        "Three steps: subtract each row's largest value, take np.exp, divide each row by its sum.",
        "z.max(axis=1, keepdims=True) is each row's largest value, kept as a column so that it can be subtracted.",
        "powers = np.exp(z - z.max(axis=1, keepdims=True)), and then powers divided by their sum along the same axis.",
    ],
    notice="subtracting the same number from a whole row changes only the size of the powers, so z = 800 is safe.",
)
def softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _some_labels(rng: np.random.Generator) -> list[tuple[np.ndarray, int]]:
    # The last class is missing from some cases: the number of columns cannot be read off the labels.
    small = [(np.array([1]), 3), (np.array([0, 2]), 3)]
    return [*small, *((rng.integers(0, classes - 1, n), classes) for n, classes in ((4, 5), (6, 10)))]


def _one_hot_slowly(labels: np.ndarray, classes: int) -> list[list[float]]:
    return [[1.0 if column == label else 0.0 for column in range(classes)] for label in labels]


def _one_hot_one_late(labels: np.ndarray, classes: int) -> np.ndarray:
    table = np.zeros((len(labels), classes + 1))
    table[np.arange(len(labels)), labels + 1] = 1
    return table[:, :classes]


def _one_hot_every_row(labels: np.ndarray, classes: int) -> np.ndarray:
    table = np.zeros((len(labels), classes))
    table[:, labels] = 1
    return table


def _one_hot_as_wide_as_seen(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(labels.max() + 1)[labels]


def _one_hot_on_its_side(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes)[labels].T


@exercise(
    lesson,
    reference=_one_hot_slowly,
    cases=_some_labels,
    mistakes=[
        Mistake(
            _one_hot_one_late,
            "Your 1 stands one column too far right. Counting starts at 0: class 0 has the first column.",
        ),
        Mistake(
            _one_hot_every_row,
            "table[:, labels] sets those columns in every row. Name the rows as well: np.arange(len(labels)), labels.",
        ),
        Mistake(
            _one_hot_as_wide_as_seen,
            "A class that no example has still needs its column. Use classes for the width, not the largest label.",
        ),
        Mistake(
            _one_hot_on_its_side,
            "Your table lies on its side: one row for each example, one column for each class.",
        ),
        Mistake(
            lambda labels, classes: labels[:, np.newaxis] * np.eye(classes)[labels],
            "The mark is 1 for every class. You wrote the label itself, so class 0 left no mark at all.",
        ),
    ],
    hints=[
        "Begin with np.zeros((len(labels), classes)): one row for each example, one column for each class.",
        "np.arange(len(labels)) counts the rows 0, 1, 2, ... Each row gets its 1 in the column that labels names.",
        "table[np.arange(len(labels)), labels] = 1 sets exactly one place in each row. Then return the table.",
    ],
    notice="a row of your table is what a perfect network would answer: all of its certainty on one class.",
)
def one_hot(labels, classes):
    table = np.zeros((len(labels), classes))
    table[np.arange(len(labels)), labels] = 1
    return table


def _some_answers(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    cases = [(np.array([[0.7, 0.2, 0.1]]), np.array([[0.0, 1.0, 0.0]]))]
    for n, classes in ((2, 2), (2, 3), (5, 4)):
        y = rng.uniform(0.1, 1.0, (n, classes))
        cases.append((y / y.sum(axis=1, keepdims=True), np.eye(classes)[rng.integers(0, classes, n)]))
    return cases


def _gradient_by_nudging(y: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Nudge every weighted sum a little up and a little down, and see how the mean loss changes."""
    nudge = 1e-5
    z = np.log(y)

    def loss(z: np.ndarray) -> float:
        shares = np.array(_softmax_slowly(z))
        return float(np.mean([-np.log(share[mark == 1][0]) for share, mark in zip(shares, target, strict=True)]))

    slope = np.zeros_like(z)
    for place in np.ndindex(*z.shape):
        up, down = z.copy(), z.copy()
        up[place] += nudge
        down[place] -= nudge
        slope[place] = (loss(up) - loss(down)) / (2 * nudge)
    return slope


@exercise(
    lesson,
    reference=_gradient_by_nudging,
    cases=_some_answers,
    mistakes=[
        Mistake(
            lambda y, target: (target - y) / len(y),
            "The sign is the other way round. The gradient points uphill: raising z of a wrong class raises the loss.",
        ),
        Mistake(
            lambda y, target: y - target,
            "This is right for each example on its own. The loss is the mean over the batch: divide by len(y).",
        ),
        Mistake(
            lambda y, target: (y - target) / y.size,
            "The mean is over the examples, not over all numbers of the table: divide by len(y).",
        ),
        Mistake(
            lambda y, target: -target / y / len(y),
            "This is the gradient by y, before softmax's own backward pass. By z, both together shrink to y - target.",
        ),
        Mistake(
            lambda y, target: (y - target) ** 2 / len(y),
            "You squared the difference. That would be a loss; the gradient is the difference itself.",
        ),
    ],
    hints=[
        "For one example the answer stands in the text above: y - target.",
        "The loss of a batch is the mean of its examples' losses, so each example has its share: one in len(y).",
        "return (y - target) / len(y)",
    ],
    notice="each row adds up to 0: what is taken from the wrong classes is given to the right one.",
)
def gradient(y, target):
    return (y - target) / len(y)
