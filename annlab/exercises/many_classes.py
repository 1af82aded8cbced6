"""Exercises of lesson 12: softmax, one-hot targets, and the gradient that is ``y - target``."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("12_many_classes", "Many classes")

ENOUGH_EPOCHS = 20

_ALL_SMALL, _ALL_EQUAL, _ONE_AHEAD = range(3)


def _look_at_the_letter(lab: Any) -> Seen | None:
    """The ten probabilities of a paper of the learner's own, once the network has learned for a while."""
    state = lab.state
    paper = state.paper.reshape(64)
    if state.epoch < ENOUGH_EPOCHS or not paper.any() or (state.x_test == paper).all(axis=1).any():
        return None
    probabilities = lab.model(paper[np.newaxis])[0]
    best, largest = int(probabilities.argmax()), float(probabilities.max())
    came_true = _ONE_AHEAD if largest >= 0.2 else _ALL_EQUAL
    return came_true, f"The ten add up to {probabilities.sum():.3f}, and the {best} alone has {largest:.3f} of it."


letter = Predict(
    lesson,
    "letter",
    "The network learns the ten digits and nothing else. Then you paint a letter X. What are its ten probabilities?",
    [
        "All ten close to 0: it is no digit",
        "Each about 0.1: it cannot decide",
        "One of them clearly larger than the others",
    ],
    observe=_look_at_the_letter,
    usual=_ONE_AHEAD,
    first=f"Press Play, pause after {ENOUGH_EPOCHS} epochs or more, clear the paper, and paint an X.",
    because="Softmax shares out exactly 1, whatever comes in. It has no way to say that this is no digit at all, so a "
    "large probability means: of these ten, rather this one. It does not mean: I have seen such a thing before.",
)

_ALL_FOR, _ALL_AGAINST, _SOME_OF_EACH = range(3)
SAYS_NOTHING = 0.05  # what is less than that shows no number in its pixel


def _look_at_the_others_pixels(lab: Any) -> Seen | None:
    """What the pixels say about a digit that the network does not answer with, once it has learned for a while."""
    state = lab.state
    answer, asked = int(lab.model(state.paper.reshape(1, 64)).argmax()), lab.asked
    if state.epoch < ENOUGH_EPOCHS or asked == answer or not state.paper.any():
        return None
    pixels = lab.pixels()
    pro, contra = int((pixels >= SAYS_NOTHING).sum()), int((pixels <= -SAYS_NOTHING).sum())
    came_true = _SOME_OF_EACH if pro and contra else _ALL_FOR if pro else _ALL_AGAINST
    return came_true, (
        f"The network says {answer}. About the {asked}, {pro} pixels speak clearly for it and {contra} clearly against "
        f"it. All together they add {pixels.clip(min=0).sum():.2f} and take away {-pixels.clip(max=0).sum():.2f}."
    )


evidence = Predict(
    lesson,
    "evidence",
    "The network says 6. You ask about a digit that it does not say, for example the 8. What do the pixels with ink "
    "say about that one?",
    ["All speak for it: ink is ink", "All speak against it: it is not the answer", "Some for it, some against it"],
    observe=_look_at_the_others_pixels,
    usual=_SOME_OF_EACH,
    first=f"Press Play, pause after {ENOUGH_EPOCHS} epochs or more, then choose another digit than the answer in "
    "Pixels for and against.",
    because="Every output node listens to the same pixels, with weights of its own. Two digits share some of their "
    "ink, and what they share may speak for both. What wins is a sum, and in a sum nobody has to agree.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "Three output nodes have the weighted sums z = (2, 0, 0). What is the first probability? "
    "You may use that e to the power of 2 is 7.39, and e to the power of 0 is 1.",
    float(np.exp(2) / (np.exp(2) + 2)),
    tolerance=0.006,
    hints={
        1.0: "You divided 2 by the sum of the z. First take e to the power of each z, then divide by their sum.",
        7.389: "That is the power. It still has to be divided by the sum of all three powers.",
        3.695: "You divided by the powers of the other two. The sum has all three in it, the first as well.",
        0.107: "That is the probability of each of the other two.",
        0.88: "That is for two nodes, z = (2, 0). The third wants its share as well: e to the power of 0 is 1.",
        0.333: "The three would be equal if all z were equal. Here the first is larger.",
    },
    hint="Three powers: 7.39, 1 and 1. What part of their sum is the first?",
    notice="7.39 / (7.39 + 1 + 1) = 0.787. A lead of 2 in z is a lead of 7.39 times in probability.",
)


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
            lambda z: np.exp(z),
            "These are the powers. Divide each row by its sum, after taking its largest z away: exp(800) is too large.",
        ),
        Mistake(
            lambda z: np.exp(z) / np.exp(z).sum(),
            "All shares of the table together add up to 1. Each row is one example: sum with axis=1, keepdims=True.",
        ),
        Mistake(
            lambda z: np.exp(z) / np.exp(z).sum(axis=0),
            "You divided by the sums of the columns. The answers to one example stand in a row: axis=1, keepdims=True.",
        ),
        Mistake(
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=1, keepdims=True),
            "You subtracted the largest z of the whole table, and a row far below it is left with zeros. Each row has "
            "its own largest: z.max(axis=1, keepdims=True).",
        ),
        Mistake(
            lambda z: np.exp(z - z.max(axis=1)) / np.exp(z).sum(axis=1),
            "Without keepdims=True the rows' numbers lie in a row themselves, and do not fit beside the table.",
        ),
        Mistake(
            lambda z: 1 / (1 + np.exp(-z)),
            "That is the sigmoid: each sum for itself. Softmax shares out 1 among all sums of a row.",
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
            lambda labels, classes: np.eye(classes)[labels - 1],
            "Your 1 stands one column too far left. Counting starts at 0: class 0 has the first column.",
        ),
        Mistake(
            lambda labels, classes: 1 - np.eye(classes)[labels],
            "Zeros and ones are exchanged: one 1 in each row, at the right class, and 0 everywhere else.",
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
            lambda y, target: target - y,
            "Two things are left: the sign is the other way round, and the mean over the batch divides by len(y).",
        ),
        Mistake(
            lambda y, target: y / len(y),
            "That is what the network says. Take the target away: y - target.",
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
            lambda y, target: (y - target) / y.shape[1],
            "You divided by the number of classes, y.shape[1]. The mean is over the examples: len(y).",
        ),
        Mistake(
            lambda y, target: (y - target).mean(axis=0),
            "You took the mean of the rows. Each example keeps a row of its own, divided by their number: len(y).",
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


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "You add 5 to all ten weighted sums of the output layer. What do the ten probabilities do?",
            [
                Option("They all grow", "They cannot: their sum is 1 before and after."),
                Option("They stay as they are", "Each power grows e to the 5 times, and so does their sum.", True),
                Option("The largest one grows", "Only differences between the sums count, and those did not change."),
            ],
        ),
        Question(
            "Row 8, column 1 of the confusion matrix says 9. What does that mean?",
            [
                Option("Nine times a true 8 was read as a 1", "The row is the truth, the column is the answer.", True),
                Option("Nine times a true 1 was read as an 8", "That stands in row 1, column 8: the row is the truth."),
                Option(
                    "Nine digits in a hundred are wrong", "The numbers in the matrix count digits, they are no shares."
                ),
            ],
        ),
        Question(
            "The right class has the probability 0.9. What is the gradient of the loss by its weighted sum?",
            [
                Option("0.9", "That is y. The target of the right class is 1, and it is taken away: y - target."),
                Option("-0.1", "y - target = 0.9 - 1. A small step: there is little left to learn here.", True),
                Option("0.1", "The sign matters: a larger z makes the loss smaller here, so the slope is negative."),
            ],
        ),
        Question(
            "One patient in a hundred is ill. A network says 'healthy' to everybody and is right in 0.99 of all cases. "
            "What shows that it is of no use?",
            [
                Option("The accuracy", "It is 0.99 and looks fine: ninety-nine of a hundred are healthy."),
                Option(
                    "The row of the ill in the confusion matrix", "None of the ill is found: that row says it.", True
                ),
                Option("The number of its weights", "Small or large, a network can learn to give always one answer."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on backpropagation: what is the gradient of a weight made of?",
            [
                Option(
                    "The weight and the loss",
                    "The loss is one number for all weights; each gradient is its own.",
                ),
                Option(
                    "What came through the connection, times the delta it leads to",
                    "And in this lesson the deltas of the last layer are y - target.",
                    True,
                ),
                Option(
                    "The output minus the target",
                    "That is the delta of an output here. What came through is still missing.",
                ),
            ],
        ),
        Question(
            "From the lesson on generalization: why are 449 digits kept apart as test digits?",
            [
                Option(
                    "Because training is faster with fewer",
                    "A little, but that is not why. More training data would help.",
                ),
                Option(
                    "To see how it does on digits it never learned from",
                    "What it learned from, it may know by heart.",
                    True,
                ),
                Option("To train on them at the very end", "Then nothing would be left to test with."),
            ],
        ),
    ],
)
