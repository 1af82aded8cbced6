"""How wrong is the network? A loss is a number, and the direction in which it grows.

Every loss compares targets with predictions, example by example, and the loss of a batch is the mean over its examples.
``gradient`` says how that mean changes with each prediction: it is where the backward pass starts.

A cross-entropy at the end of a sigmoid or softmax is best computed from the weighted sums (the "logits") before that
activation: there the gradient is simply ``output - target``, and nothing overflows however sure the network is.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import activations
from .checks import check_rows_add_up, class_rows, lookup

Array = NDArray[Any]
EPSILON = 1e-7  # probabilities are kept this far from 0 and 1, as in Keras


class Loss:
    """Base class of the losses.

    Shapes
    ------
    y_true, y_pred   (batch_size, units); a recurrent network may have (batch_size, steps, units)
    per_example      (batch_size,)
    gradient         the shape of y_pred
    """

    name = "loss"
    formula = ""
    last_activation: str | None = None  # the activation whose weighted sums this loss can be computed from
    classifies = False

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """The mean loss over all examples, each multiplied by its weight if weights are given."""
        values = self.per_example(y_true, y_pred)
        return float(np.mean(values if sample_weight is None else values * np.asarray(sample_weight)))

    def per_example(self, y_true: ArrayLike, y_pred: ArrayLike) -> Array:
        """The loss of each example.

        Raises
        ------
        ValueError  if targets and predictions do not have the same shape.
        """
        return self._per_example(*self._pair(y_true, y_pred))

    def gradient(self, y_true: ArrayLike, y_pred: ArrayLike) -> Array:
        """How the mean loss changes with each prediction: d mean(per_example) / d y_pred."""
        t, y = self._pair(y_true, y_pred)
        return self._gradient(t, y) / max(1, self._count(y))

    def _pair(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
        y = np.asarray(y_pred)
        y = y if y.dtype in (np.float32, np.float64) else y.astype(np.float64)
        t = np.asarray(y_true, y.dtype)
        if t.shape != y.shape and t.size == y.size and (t.shape + (1,) == y.shape or t.shape == y.shape + (1,)):
            t = t.reshape(y.shape)
        if t.shape != y.shape:
            raise ValueError(f"{self.name}: targets of shape {t.shape} do not fit predictions of shape {y.shape}")
        return t, y

    @staticmethod
    def _count(y: Array) -> int:
        """The number of examples (of moments, for sequences) in ``y``."""
        return y.size // y.shape[-1] if y.ndim and y.shape[-1] else 1

    # The two directions, on float arrays of one shape. ``_gradient`` is that of each example's own loss.
    def _per_example(self, t: Array, y: Array) -> Array:
        raise NotImplementedError

    def _gradient(self, t: Array, y: Array) -> Array:
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        return {"name": self.name}

    def __repr__(self) -> str:
        return f"<loss {self.name}: {self.formula}>"


class MeanSquaredError(Loss):
    """mean((y - t)^2) over the units; errors twice as large cost four times as much."""

    name = "mse"
    formula = "mean (y - t)^2"

    def _per_example(self, t, y):
        return np.square(y - t).mean(axis=-1)

    def _gradient(self, t, y):
        return (y - t) * activations.constant(2 / y.shape[-1], y.dtype)


class MeanAbsoluteError(Loss):
    """mean |y - t| over the units; one far-off example pulls less than with the square."""

    name = "mae"
    formula = "mean |y - t|"

    def _per_example(self, t, y):
        return np.abs(y - t).mean(axis=-1)

    def _gradient(self, t, y):
        return np.sign(y - t) / y.shape[-1]


class Hinge(Loss):
    """mean max(0, 1 - t y) with targets -1 and +1 (targets 0 and 1 are read as -1 and +1, as in Keras)."""

    name = "hinge"
    formula = "mean max(0, 1 - t y)"
    classifies = True

    @staticmethod
    def _signs(t):
        return 2 * t - 1 if ((t == 0) | (t == 1)).all() else t

    def _per_example(self, t, y):
        return np.maximum(1 - self._signs(t) * y, 0).mean(axis=-1)

    def _gradient(self, t, y):
        t = self._signs(t)
        return np.where(t * y < 1, -t, 0).astype(y.dtype) / y.shape[-1]


class CrossEntropy(Loss):
    """What the cross-entropies share: they can be computed from probabilities or from logits."""

    classifies = True

    def __init__(self, from_logits: bool = False):
        self.from_logits = from_logits

    def _per_example(self, t, y):
        return self.logits_per_example(t, y) if self.from_logits else self._probabilities_per_example(t, y)

    def _gradient(self, t, y):
        if self.from_logits:
            return self.logits_gradient(t, activations.get(self.last_activation)(y))
        return self._probabilities_gradient(t, y)

    def logits_per_example(self, t: Array, z: Array) -> Array:
        """The loss of each example from the weighted sums ``z`` of the last layer."""
        raise NotImplementedError

    def logits_gradient(self, t: Array, y: Array, out: Array | None = None) -> Array:
        """d loss / dz, given the outputs ``y`` that belong to the weighted sums."""
        raise NotImplementedError

    def _probabilities_per_example(self, t: Array, y: Array) -> Array:
        raise NotImplementedError

    def _probabilities_gradient(self, t: Array, y: Array) -> Array:
        raise NotImplementedError

    def config(self):
        return {"name": self.name, "from_logits": self.from_logits}


class BinaryCrossentropy(CrossEntropy):
    """-(t log y + (1 - t) log(1 - y)): the surprise at the answer of one yes-or-no unit, averaged over the units."""

    name = "binary_crossentropy"
    formula = "-(t log y + (1 - t) log(1 - y))"
    last_activation = "sigmoid"

    def logits_per_example(self, t, z):
        return (np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))).mean(axis=-1)

    def logits_gradient(self, t, y, out=None):
        dz = np.subtract(y, t, out=out)
        return dz if y.shape[-1] == 1 else np.divide(dz, y.shape[-1], out=dz)

    def _probabilities_per_example(self, t, y):
        y = np.clip(y, EPSILON, 1 - EPSILON)
        return -(t * np.log(y) + (1 - t) * np.log(1 - y)).mean(axis=-1)

    def _probabilities_gradient(self, t, y):
        inside = np.clip(y, EPSILON, 1 - EPSILON)
        return (y == inside) * (inside - t) / (inside * (1 - inside)) / y.shape[-1]


class CategoricalCrossentropy(CrossEntropy):
    """-sum_i t_i log y_i with the target as a row of 0s and a 1: the surprise at the class that was true.

    A target may also be spread over several classes, as long as its parts add up to 1.
    """

    name = "categorical_crossentropy"
    formula = "-sum t_i log y_i"
    last_activation = "softmax"

    def logits_per_example(self, t, z):
        z = z - z.max(axis=-1, keepdims=True)
        log_total = np.log(np.exp(z).sum(axis=-1))
        return log_total - (t * z).sum(axis=-1)

    def logits_gradient(self, t, y, out=None):
        return np.subtract(y, t, out=out)

    def _pair(self, y_true, y_pred):
        t, y = super()._pair(y_true, y_pred)
        check_rows_add_up(t)
        return t, y

    @staticmethod
    def _total(y):
        """What the outputs of each example add up to; 1 where it is 0, so that they have no share in nothing."""
        total = y.sum(axis=-1, keepdims=True)
        return np.where(total == 0, y.dtype.type(1), total)

    def _probabilities_per_example(self, t, y):
        return -(t * np.log(np.clip(y / self._total(y), EPSILON, 1 - EPSILON))).sum(axis=-1)

    def _probabilities_gradient(self, t, y):
        total = self._total(y)
        share = y / total
        inside = np.clip(share, EPSILON, 1 - EPSILON)
        d_share = -t / inside * (share == inside)
        return (d_share - (d_share * share).sum(axis=-1, keepdims=True)) / total


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """-log y_t with the target as a class number 0, 1, 2 ...: the same loss without writing out the row of 0s."""

    name = "sparse_categorical_crossentropy"
    formula = "-log y_t"

    def _pair(self, y_true, y_pred):
        y = np.asarray(y_pred)
        y = y if y.dtype in (np.float32, np.float64) else y.astype(np.float64)
        labels = np.asarray(y_true)
        if labels.ndim == y.ndim and labels.shape[-1] == 1:
            labels = labels[..., 0]
        if labels.shape != y.shape[:-1]:
            raise ValueError(f"{self.name}: labels of shape {labels.shape} do not fit predictions of shape {y.shape}")
        if labels.size and not (labels == labels.astype(int)).all():
            raise ValueError(f"{self.name}: labels are whole numbers, one class each; got {labels.ravel()[:5]}")
        if labels.size and not (0 <= labels.min() and labels.max() < y.shape[-1]):
            raise ValueError(
                f"{self.name}: labels run from 0 to {y.shape[-1] - 1}; got {labels.min()} to {labels.max()}"
            )
        return class_rows(labels, y.shape[-1], y.dtype), y


LOSSES: dict[str, type[Loss]] = {
    cls.name: cls
    for cls in (
        MeanSquaredError,
        MeanAbsoluteError,
        Hinge,
        BinaryCrossentropy,
        CategoricalCrossentropy,
        SparseCategoricalCrossentropy,
    )
}
ALIASES = {cls.__name__: name for name, cls in LOSSES.items()} | {
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
}


def names() -> list[str]:
    """The name of every loss."""
    return list(LOSSES)


def get(name: "str | Loss | dict[str, Any]") -> Loss:
    """The loss of that name; a loss is handed back as it is.

    Raises
    ------
    ValueError  for an unknown name, with the nearest known one.
    """
    if isinstance(name, Loss):
        return name
    if isinstance(name, dict):  # a saved configuration
        settings = dict(name)
        return lookup("loss", settings.pop("name", None), LOSSES, ALIASES)(**settings)
    return lookup("loss", name, LOSSES, ALIASES)()
