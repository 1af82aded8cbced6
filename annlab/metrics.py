"""How good is the network, in words a person uses?

A loss is what training lowers; a metric is what you would tell a friend: how many of a hundred were right, how far off
on average. Metrics are functions ``(y_true, y_pred) -> number``, targets first.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import lookup

Array = NDArray[Any]


def _pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
    t, y = np.asarray(y_true), np.asarray(y_pred)
    if t.shape != y.shape and t.size == y.size:
        t = t.reshape(y.shape)
    if t.shape != y.shape:
        raise ValueError(f"targets of shape {t.shape} do not fit predictions of shape {y.shape}")
    return t, y


def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: float = 0.5) -> float:
    """The share of outputs on the right side of ``threshold``; targets are 0 and 1."""
    t, y = _pair(y_true, y_pred)
    return float(np.mean((y > threshold) == (t > threshold)))


def categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The share of examples whose largest output stands where the target's 1 stands."""
    t, y = _pair(y_true, y_pred)
    return float(np.mean(t.argmax(axis=-1) == y.argmax(axis=-1)))


def sparse_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The share of examples whose largest output has the number of the true class."""
    winners = np.asarray(y_pred).argmax(axis=-1)
    return float(np.mean(np.asarray(y_true).reshape(winners.shape) == winners))


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The share of right answers: by threshold 0.5 for one output, by the largest output for several (as in Keras)."""
    t, y = np.asarray(y_true), np.asarray(y_pred)
    if y.ndim < 2 or y.shape[-1] == 1:
        return binary_accuracy(t, y)
    return categorical_accuracy(t, y) if t.shape == y.shape else sparse_categorical_accuracy(t, y)


def hinge_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The share of outputs whose sign is that of the target: hinge networks decide at 0, not at 0.5."""
    t, y = _pair(y_true, y_pred)
    return float(np.mean((y > 0) == (t > 0)))


def mae(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The mean distance |y - t|, in the unit of the target."""
    t, y = _pair(y_true, y_pred)
    return float(np.abs(y - t).mean())


def mse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The mean squared distance, in the unit of the target squared."""
    t, y = _pair(y_true, y_pred)
    return float(np.square(y - t).mean())


def r2(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """1 - (squared error) / (squared error of always answering the mean): 1 is perfect, 0 is no better than the mean.

    Several outputs are averaged. A target that never varies gives 1 if it is met exactly, else 0, as in scikit-learn.
    """
    t, y = (a.reshape(len(a), -1) for a in _pair(y_true, y_pred))
    error, spread = np.square(y - t).sum(axis=0), np.square(t - t.mean(axis=0)).sum(axis=0)
    varies = spread > 0
    return float(np.where(varies, 1 - error / np.where(varies, spread, 1), error == 0).mean())


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, classes: int | None = None) -> NDArray[np.int64]:
    """How often class ``row`` was called class ``column``.

    Both arguments are class numbers 0, 1, 2 ...; ``classes`` is how many there are, if not all of them occur.

    Raises
    ------
    ValueError  for labels that are not whole numbers from 0 up, or of different length.
    """
    t, y = np.asarray(y_true).ravel(), np.asarray(y_pred).ravel()
    if len(t) != len(y):
        raise ValueError(f"{len(t)} true labels do not fit {len(y)} predicted labels")
    both = np.concatenate([t, y])
    if both.size and (both.dtype.kind not in "biuf" or (both != both.astype(int)).any() or both.min() < 0):
        raise ValueError("labels are class numbers 0, 1, 2 ...; for outputs of a network take outputs.argmax(axis=1)")
    needed = int(both.max()) + 1 if both.size else 0
    if classes is None:
        classes = needed
    elif classes < needed:
        raise ValueError(f"classes={classes}, but a label {needed - 1} occurs; give classes={needed} or more")
    counts = np.bincount(t.astype(int) * classes + y.astype(int), minlength=classes * classes)
    return counts.reshape(classes, classes)


Metric = Callable[[Any, Any], float]
METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "binary_accuracy": binary_accuracy,
    "categorical_accuracy": categorical_accuracy,
    "sparse_categorical_accuracy": categorical_accuracy,  # a model has written class numbers out as rows by then
    "mae": mae,
    "mse": mse,
    "r2": r2,
}
ALIASES = {"acc": "accuracy", "mean_absolute_error": "mae", "mean_squared_error": "mse", "r2_score": "r2"}


def names() -> list[str]:
    """The name of every metric."""
    return list(METRICS)


def get(name: "str | Metric", loss_name: str = "") -> Metric:
    """The metric of that name, chosen to suit the loss; a function of your own is taken as it is.

    Raises
    ------
    ValueError  for an unknown name, with the nearest known one.
    """
    metric: Metric = name if callable(name) else lookup("metric", name, METRICS, ALIASES)
    return hinge_accuracy if metric is accuracy and loss_name == "hinge" else metric
