"""Exercises of lesson 11: stop in time, and get a table ready without looking at what is held out."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("11_generalization", "Generalization")


def _finished(lab: Any, setting: str, first: float, second: float) -> tuple[Any, Any] | None:
    """Training and validation loss of the two finished runs that differ in one setting alone, if there are both."""
    if lab.state.against != setting:
        return None
    runs = {value: (loss, val_loss) for value, loss, val_loss in lab.comparable(lab.state)}
    return (runs[first], runs[second]) if first in runs and second in runs else None


_FEW_UNITS, _MANY_UNITS, _ALIKE = range(3)


def _compare_widths(lab: Any) -> Seen | None:
    seen = _finished(lab, "units", 5, 200)
    if seen is None:
        return None
    (loss, few), (many_loss, many) = seen
    came_true = _ALIKE if abs(few - many) < 0.05 else _FEW_UNITS if few < many else _MANY_UNITS
    return came_true, (
        f"5 units end with a loss of {loss:.3f} on the training points and {few:.3f} on the held-out points, "
        f"200 units with {many_loss:.3f} and {many:.3f}."
    )


width = Predict(
    lesson,
    "width",
    "Two networks learn the same 40 points for 300 epochs. One has 5 hidden units, the other 200. Which one ends with "
    "the smaller loss on the 300 held-out points?",
    ["The one with 5 hidden units", "The one with 200 hidden units", "Both about the same"],
    observe=_compare_widths,
    usual=_FEW_UNITS,
    first="Press Try several: it makes one run for each of nine widths.",
    because="200 units can bend the border around every single training point, the ones that noise put on the wrong "
    "side as well. What they learn there is chance, and no other point shares it. Too few units, 1 or 2, are bad at "
    "both: they cannot draw a ring at all.",
)

_FALLS, _RISES, _STAYS = range(3)


def _compare_prices(lab: Any) -> Seen | None:
    seen = _finished(lab, "l2", 0.0, 0.01)
    if seen is None:
        return None
    (free_loss, free), (loss, val_loss) = seen
    came_true = _STAYS if abs(val_loss - free) < 0.05 else _FALLS if val_loss < free else _RISES
    return came_true, (
        f"Without a price the losses are {free_loss:.3f} and {free:.3f}, with 0.01 they are {loss:.3f} on the training "
        f"points and {val_loss:.3f} on the held-out points."
    )


price = Predict(
    lesson,
    "price",
    "50 hidden units know their 40 points by heart. A price of 0.01 on the square of each weight makes that harder, so "
    "the training loss rises. What does the loss on the held-out points do?",
    ["It falls", "It rises as well", "It stays about the same"],
    observe=_compare_prices,
    usual=_FALLS,
    first="Press Try several: it makes one run for each of eight prices.",
    because="A border that bends around a single point needs large weights. At this price that no longer pays, so the "
    "border stays smooth, and a smooth border is closer to the rule. At a price of 0.1 not even the rule pays: then "
    "both losses are large.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The validation losses after the epochs 1 to 9 are 0.60, 0.50, 0.45, 0.47, 0.44, 0.46, 0.48, 0.49, 0.43. Early "
    "stopping has a patience of 3. After which epoch does it stop?",
    8.0,
    tolerance=0.3,
    hints={
        5.0: "That is the best epoch, whose weights come back. It stops when three epochs in a row were not better.",
        6.0: "You began to count after epoch 3. But epoch 5, with 0.44, is better: there the count is 0 again.",
        7.0: "Epochs 6 and 7 were not better than 0.44. That is two, and its patience is three.",
        9.0: "It never sees epoch 9, and so does not know that 0.43 would have come. Patience is a guess as well.",
        3.0: "3 is the patience. It is counted from the best epoch so far, and starts again at each better one.",
    },
    hint="Go from epoch to epoch. A better loss than all before: the count is 0. Otherwise one more. Stop at 3.",
    notice="the best is epoch 5, and 6, 7 and 8 are not better. 0.43 would have come in epoch 9: patience is a guess.",
)


def _some_curves(rng: np.random.Generator) -> list[tuple[list[float], int]]:
    curves = [
        ([0.5, 0.4, 0.45, 0.3], 1),
        ([0.6, 0.5, 0.45, 0.47, 0.44, 0.46, 0.48, 0.49, 0.43], 3),
        ([0.9, 0.8, 0.7], 2),
        ([0.5, 0.5, 0.5, 0.4, 0.3], 2),
        ([0.5, 0.6, 0.55, 0.52, 0.3], 2),  # each epoch is better than the one before, and none than the best
    ]
    for n, patience in ((12, 2), (20, 4), (30, 3)):
        curves.append(((0.3 + 0.5 * np.exp(-np.arange(n) / 4) + rng.normal(0, 0.04, n)).round(2).tolist(), patience))
    return curves


def _stop_slowly(val_losses: list[float], patience: int) -> list[int]:
    for epoch in range(len(val_losses)):
        so_far = val_losses[: epoch + 1]
        best = so_far.index(min(so_far))
        if epoch - best == patience:
            return [epoch, best]
    return [epoch, best]


def _stop_at_any_rise(val_losses, patience):
    best = worse = 0
    for epoch, loss in enumerate(val_losses):
        best = epoch if loss < val_losses[best] else best
        worse = worse + 1 if epoch and loss >= val_losses[epoch - 1] else 0
        if worse == patience:
            break
    return epoch, best


def _stop_one_late(val_losses, patience):
    return _stop_slowly(val_losses, patience + 1)


def _stop_without_starting_again(val_losses, patience):
    best = worse = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        elif epoch:
            worse += 1
        if worse == patience:
            break
    return epoch, best


def _stop_at_the_largest(val_losses, patience):
    return _stop_slowly([-loss for loss in val_losses], patience)


def _never_stop(val_losses, patience):
    return len(val_losses) - 1, val_losses.index(min(val_losses))


def _stop_with_equal_ones_better(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        best = epoch if loss <= val_losses[best] else best
        if epoch == best + patience:
            break
    return epoch, best


def _stop_and_keep_the_last(val_losses, patience):
    epoch, _ = _stop_slowly(val_losses, patience)
    return epoch, epoch


def _stop_and_keep_the_loss(val_losses, patience):
    epoch, best = _stop_slowly(val_losses, patience)
    return epoch, val_losses[best]


def _stop_counting_from_1(val_losses, patience):
    epoch, best = _stop_slowly(val_losses, patience)
    return epoch + 1, best + 1


@exercise(
    lesson,
    reference=_stop_slowly,
    cases=_some_curves,
    mistakes=[
        Mistake(
            _stop_at_any_rise,
            "You compare with the epoch before. Compare with the best so far: val_losses[best].",
        ),
        Mistake(_stop_one_late, "You stop one epoch too late: patience 1 stops at the first epoch that is not better."),
        Mistake(
            _stop_without_starting_again,
            "Your count goes on after a better epoch. It begins again there: compare epoch with best + patience.",
        ),
        Mistake(_stop_at_the_largest, "You look for the largest loss. A loss is better when it is smaller."),
        Mistake(
            _never_stop,
            "You look at the whole curve. Training does not know the future: it stops at best + patience and never "
            "sees the rest.",
        ),
        Mistake(_stop_with_equal_ones_better, "An equal loss is not better. Compare with <, not with <=."),
        Mistake(_stop_and_keep_the_last, "The second number is the best epoch, not the one in which you stop."),
        Mistake(
            lambda val_losses, patience: _stop_slowly(val_losses, patience)[::-1],
            "Both numbers are right, in the other order: first the epoch in which it stops, then the best one.",
        ),
        Mistake(
            lambda val_losses, patience: _stop_slowly(val_losses, patience)[0],
            "That is when it stops. The best epoch goes back as well, after a comma: return epoch, best.",
        ),
        Mistake(
            _stop_and_keep_the_loss,
            "The second number is the best epoch, not its loss: keep where it was, and look the loss up in val_losses.",
        ),
        Mistake(_stop_counting_from_1, "Here epochs count from 0, as enumerate does: the first one is epoch 0."),
    ],
    hints=[
        "Go through the losses with enumerate. Keep the number of the best epoch so far; at first that is 0.",
        "Where a loss is smaller than val_losses[best], this epoch is the best. Where epoch == best + patience: break.",
        "best = epoch if loss < val_losses[best] else best, then if epoch == best + patience: break, and at the end "
        "return epoch, best.",
    ],
    notice="EarlyStopping(patience=..., restore_best_weights=True) does the same and brings the best weights back.",
)
def stop_early(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        best = epoch if loss < val_losses[best] else best
        if epoch == best + patience:
            break
    return epoch, best


def _some_tables(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    cases = [(np.array([[5.0]]), np.array([[1.0], [3.0]]))]
    for rows, train_rows, columns in ((2, 3, 2), (3, 5, 2), (4, 6, 3)):
        centre = rng.uniform(-50, 200, columns)
        spread = rng.uniform(1, 20, columns)
        x_train = (centre + spread * rng.normal(0, 1, (train_rows, columns))).round(1)
        cases.append(((centre + 2 * spread * rng.normal(0, 1, (rows, columns))).round(1), x_train))
    return cases


def _scale_slowly(x: np.ndarray, x_train: np.ndarray) -> list[list[float]]:
    scaled = []
    for row in x.tolist():
        line = []
        for at, value in enumerate(row):
            column = [float(each[at]) for each in x_train]
            mean = sum(column) / len(column)
            deviation = (sum((each - mean) ** 2 for each in column) / len(column)) ** 0.5
            line.append((value - mean) / deviation)
        scaled.append(line)
    return scaled


def _scale_by_itself(x, x_train):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def _scale_by_both(x, x_train):
    both = np.vstack([x_train, x])
    return (x - both.mean(axis=0)) / both.std(axis=0)


@exercise(
    lesson,
    reference=_scale_slowly,
    cases=_some_tables,
    mistakes=[
        Mistake(
            _scale_by_itself,
            "You took mean and deviation from x itself. Then a test helps to prepare itself: take those of x_train.",
        ),
        Mistake(
            _scale_by_both,
            "You took mean and deviation from both tables. What is held out must not be seen, so x_train's alone.",
        ),
        Mistake(
            lambda x, x_train: (x - x_train.mean()) / x_train.std(),
            "You took one mean for the whole table. Each column has its own: axis=0.",
        ),
        Mistake(
            lambda x, x_train: (x_train.mean(axis=0) - x) / x_train.std(axis=0),
            "The sign is the other way round. Take the mean away from x, so that what is large stays above 0.",
        ),
        Mistake(
            lambda x, x_train: (x - x_train.mean(axis=0)) / x_train.std(axis=0, ddof=1),
            "That deviation divides by one row less. Here it is the root of the mean square: x_train.std(axis=0).",
        ),
        Mistake(
            lambda x, x_train: (x - x_train.min(axis=0)) / (x_train.max(axis=0) - x_train.min(axis=0)),
            "That brings every column to 0..1, which is a scaling too. Asked for are mean 0 and standard deviation 1.",
        ),
        Mistake(
            lambda x, x_train: x - x_train.mean(axis=0),
            "The means are right. Now divide by the standard deviation of each column, x_train.std(axis=0).",
        ),
        Mistake(
            lambda x, x_train: (x - x_train.mean(axis=0)) / x_train.var(axis=0),
            "You divided by the variance. The standard deviation is its square root: x_train.std(axis=0).",
        ),
        Mistake(
            lambda x, x_train: x - x_train.mean(axis=0) / x_train.std(axis=0),
            "Dividing comes before subtracting. Put brackets around the difference.",
        ),
        Mistake(
            lambda x, x_train: (x_train - x_train.mean(axis=0)) / x_train.std(axis=0),
            "You scaled x_train. Its mean and deviation are right, but the rows to scale are those of x.",
        ),
    ],
    hints=[
        "x_train.mean(axis=0) is the mean of each column, x_train.std(axis=0) its standard deviation.",
        "From each row of x take the means away, then divide by the deviations. numpy does it for all rows at once.",
        "return (x - x_train.mean(axis=0)) / x_train.std(axis=0)",
    ],
    notice="datasets.standardize(x_train, x_val, x_test) does this for all three, always with the first one's numbers.",
)
def scale(x, x_train):
    return (x - x_train.mean(axis=0)) / x_train.std(axis=0)


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "Training loss 0.02, validation loss 0.71. What has happened?",
            [
                Option("The network is too small", "Then it could not fit the training points either."),
                Option("It knows its training points by heart", "Nearly perfect on them, bad on all others.", True),
                Option("The learning rate is too large", "Then the training loss would not have come down to 0.02."),
            ],
        ),
        Question(
            "Training loss 0.58, validation loss 0.60. What may help?",
            [
                Option("A price on the weights", "It would make the network even simpler than it is."),
                Option("Early stopping", "The validation loss is not rising: there is nothing to stop."),
                Option("More hidden units", "It is bad at both, so it is too simple: it underfits.", True),
            ],
        ),
        Question(
            "You try 40 settings and keep the one with the best validation loss. Why is that loss not your result?",
            [
                Option("It is: those rows were never learned from", "The weights were not, but your choice was."),
                Option("One of 40 looks good by luck as well", "So the test data, never used, give the result.", True),
                Option("A loss is no accuracy", "True, but the accuracy on the validation data has the same fault."),
            ],
        ),
        Question(
            "When is the mean of a column taken, by which the table is scaled?",
            [
                Option("Before the split, from all rows", "Then the test rows have helped to prepare their own test."),
                Option("After the split, from each part by itself", "Then the same penguin has other numbers in each."),
                Option("After the split, from the training rows", "And the same mean serves all three parts.", True),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on loss: a network says 0.5 for every point of two classes. What is its cross-entropy?",
            [
                Option("About 0.69", "-log(0.5) = 0.693. Nearly every curve of this lesson begins near it.", True),
                Option("0.5", "That is the answer. The loss is minus the logarithm of it."),
                Option("0", "It would be 0 only if it were certain of the right class each time."),
            ],
        ),
        Question(
            "From the lesson on training a network: a run is repeated with another seed. What may differ?",
            [
                Option("Nothing, the data are the same", "First weights and the order of the points are drawn anew."),
                Option("First weights and order, and so the result", "That is why one run proves little.", True),
                Option("The number of epochs", "You set it; no seed changes it."),
            ],
        ),
    ],
)
