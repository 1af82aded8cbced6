"""What a node does with its weighted sum.

An activation takes the weighted sum ``z`` of a node and answers with its output ``y``. Next to each one stands its way
back: given ``dy``, how much the loss would change with the output, ``backward`` answers with ``dz``, how much it would
change with the weighted sum. For most activations that is ``dy`` times the slope; for softmax, whose outputs depend on
every sum in the row, it is a vector-Jacobian product. ``out`` is an array to write into, as everywhere in numpy (passed
without its name, because that takes numpy less time).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import lookup

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Activation:
    """One activation: its name, its formula, the range of its outputs, and its two directions.

    Shapes
    ------
    forward(z)          any shape -> the same shape (softmax works along the last axis)
    backward(dy, z, y)  all of one shape -> dz of that shape; ``y`` must be ``forward(z)``
    """

    name: str
    formula: str
    range: tuple[float, float]
    _forward: Callable[..., Array]
    backward: Callable[..., Array]

    def forward(self, z: Array, out: Array | None = None) -> Array:
        """The output for an array of weighted sums.

        Where ``exp`` outgrows the floats, the infinity that it gives leads to the right answer, so numpy is told not to
        warn. Telling it takes longer than the arithmetic of a small layer: a network does it once for many layers and
        batches, and its layers use ``_forward``.
        """
        with np.errstate(over="ignore"):
            return self._forward(z, out=out)

    def __call__(self, z: ArrayLike) -> Array:
        """The output for the weighted sum ``z``: a number, a list or an array."""
        return self.forward(_as_float(z))

    def derivative(self, z: ArrayLike) -> Array:
        """The slope dy/dz at ``z``, ready to plot; for softmax the slope of each output by its own sum, y (1 - y)."""
        z = _as_float(z)
        y = self.forward(z)
        return y * (1 - y) if self.name == "softmax" else self.backward(np.ones_like(z), z, y)

    def __repr__(self) -> str:
        return f"<activation {self.name}: {self.formula}>"

    def __reduce__(self) -> tuple[Any, ...]:  # pickled by name, so that a saved network finds the function again
        return (get, (self.name,))


def _as_float(z: ArrayLike) -> Array:
    z = np.asarray(z)
    return z if z.dtype in (np.float32, np.float64) else z.astype(np.float64)


@lru_cache(maxsize=1024)
def constant(value: float, dtype: Any) -> Array:
    """A number as an array without axes. numpy converts a Python number anew in every call, and for the few sums of a
    small layer that takes longer than the arithmetic."""
    return np.array(value, dtype)


# --- straight lines and steps ---------------------------------------------------------------------------------------


def step_forward(z, out=None):
    """1 where the sum reaches the threshold 0, else 0. Books differ at exactly 0; here step(0) = 1."""
    return np.greater_equal(z, 0, out=np.empty_like(z) if out is None else out)


def step_backward(dy, z, y, out=None):
    """The step is flat everywhere, so no blame ever passes through it: gradient descent cannot train it."""
    return np.multiply(dy, 0, out=out)


def linear_forward(z, out=None):
    return np.positive(z, out=out)


def linear_backward(dy, z, y, out=None):
    return np.positive(dy, out=out)


# --- S-shaped curves ------------------------------------------------------------------------------------------------


def sigmoid_forward(z, out=None):
    # exp(-z) may overflow to infinity for very negative z, and 1 / (1 + infinity) = 0 is exactly right.
    between = None if z.size == 1 else out  # for a single number, numpy takes three times longer to work in place
    y = np.exp(np.negative(z, between), between)
    return np.reciprocal(np.add(y, constant(1, z.dtype), between), out)


def sigmoid_backward(dy, z, y, out=None):
    slope = np.subtract(constant(1, y.dtype), y, out)
    slope = np.multiply(slope, y, out)
    return np.multiply(slope, dy, out)


def tanh_forward(z, out=None):
    return np.tanh(z, out)


def tanh_backward(dy, z, y, out=None):
    slope = np.subtract(constant(1, y.dtype), np.multiply(y, y, out), out)
    return np.multiply(slope, dy, out)


# --- ReLU and its relatives -----------------------------------------------------------------------------------------


def relu_forward(z, out=None):
    return np.maximum(z, constant(0, z.dtype), out=out)


def relu_backward(dy, z, y, out=None):
    # y is never negative, so its sign, 0 or 1, is the slope. (Choosing with a mask is up to ten times slower.)
    return np.multiply(np.sign(y, out), dy, out)


LEAK = 0.2  # Keras's negative_slope


def leaky_relu_forward(z, out=None):
    return np.maximum(z, LEAK * z, out=out)


def leaky_relu_backward(dy, z, y, out=None):
    return np.multiply(dy, np.where(z > 0, 1, LEAK).astype(z.dtype), out=out)


def elu_forward(z, out=None):
    return np.add(np.maximum(z, 0), np.expm1(np.minimum(z, 0)), out=out)


def elu_backward(dy, z, y, out=None):
    return np.multiply(dy, np.exp(np.minimum(z, 0)), out=out)


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017, section 2


def selu_forward(z, out=None):
    negative = (SELU_SCALE * SELU_ALPHA) * np.expm1(np.minimum(z, 0))
    return np.add(SELU_SCALE * np.maximum(z, 0), negative, out=out)


def selu_backward(dy, z, y, out=None):
    slope = np.where(z > 0, SELU_SCALE, SELU_SCALE * SELU_ALPHA * np.exp(np.minimum(z, 0))).astype(z.dtype)
    return np.multiply(dy, slope, out=out)


# --- smooth relatives of ReLU ---------------------------------------------------------------------------------------


def softplus_forward(z, out=None):
    return np.logaddexp(z, 0, out=out)


def softplus_backward(dy, z, y, out=None):
    return np.multiply(dy, sigmoid.forward(z), out=out)


def silu_forward(z, out=None):
    return np.multiply(z, sigmoid_forward(z), out=out)


def silu_backward(dy, z, y, out=None):
    s = sigmoid.forward(z)
    return np.multiply(dy, s * (1 + z * (1 - s)), out=out)


_erfc = np.frompyfunc(math.erfc, 1, 1)


def _normal_cdf(z):
    """P(Z <= z) for a standard normal Z. numpy has no erfc, so Python's own is called number by number."""
    return np.asarray(0.5 * _erfc(np.asarray(z / -math.sqrt(2))), dtype=z.dtype)


def gelu_forward(z, out=None):
    return np.multiply(z, _normal_cdf(z), out=out)


def gelu_backward(dy, z, y, out=None):
    density = np.exp(-0.5 * np.minimum(np.abs(z), 40) ** 2) / math.sqrt(2 * math.pi)
    return np.multiply(dy, _normal_cdf(z) + z * density, out=out)


# --- a choice among many --------------------------------------------------------------------------------------------


def softmax_forward(z, out=None):
    # Subtracting the row's largest sum changes nothing but keeps exp from overflowing.
    y = np.exp(np.subtract(z, np.maximum.reduce(z, axis=-1, keepdims=True), out=out), out=out)
    return np.divide(y, np.add.reduce(y, axis=-1, keepdims=True), out=out)


def softmax_backward(dy, z, y, out=None):
    """dz_i = y_i (dy_i - sum_j dy_j y_j): raising one sum lowers every other output."""
    shared = (dy * y).sum(axis=-1, keepdims=True)
    return np.multiply(y, dy - shared, out=out)


INFINITY = math.inf

_ALL = [
    Activation("step", "1 if z >= 0 else 0", (0, 1), step_forward, step_backward),
    Activation("linear", "z", (-INFINITY, INFINITY), linear_forward, linear_backward),
    Activation("sigmoid", "1 / (1 + exp(-z))", (0, 1), sigmoid_forward, sigmoid_backward),
    Activation("tanh", "(exp(z) - exp(-z)) / (exp(z) + exp(-z))", (-1, 1), tanh_forward, tanh_backward),
    Activation("relu", "max(z, 0)", (0, INFINITY), relu_forward, relu_backward),
    Activation("leaky_relu", "max(z, 0.2 z)", (-INFINITY, INFINITY), leaky_relu_forward, leaky_relu_backward),
    Activation("elu", "z if z > 0 else exp(z) - 1", (-1, INFINITY), elu_forward, elu_backward),
    Activation(
        "selu",
        "1.0507 z if z > 0 else 1.7581 (exp(z) - 1)",
        (-SELU_SCALE * SELU_ALPHA, INFINITY),
        selu_forward,
        selu_backward,
    ),
    Activation("softplus", "log(1 + exp(z))", (0, INFINITY), softplus_forward, softplus_backward),
    Activation("gelu", "z P(Z <= z), Z standard normal", (-0.16997120747, INFINITY), gelu_forward, gelu_backward),
    Activation("silu", "z / (1 + exp(-z))", (-0.27846454276, INFINITY), silu_forward, silu_backward),
    Activation("softmax", "exp(z_i) / sum_j exp(z_j)", (0, 1), softmax_forward, softmax_backward),
]
ACTIVATIONS = {activation.name: activation for activation in _ALL}
ALIASES = {"logistic": "sigmoid", "swish": "silu", "binary_step": "step", "heaviside": "step", "identity": "linear"}

step, linear, sigmoid, tanh, relu, leaky_relu, elu, selu, softplus, gelu, silu, softmax = _ALL
logistic, swish, binary_step = sigmoid, silu, step  # two names, one function


def names() -> list[str]:
    """The name of every activation, in the order in which they are taught."""
    return list(ACTIVATIONS)


def get(name: "str | Activation | None") -> Activation:
    """The activation of that name; ``None`` is "linear"; an activation is handed back as it is.

    Raises
    ------
    ValueError  for an unknown name, with the nearest known one.
    """
    if isinstance(name, Activation):
        return name
    return lookup("activation", "linear" if name is None else name, ACTIVATIONS, ALIASES)
