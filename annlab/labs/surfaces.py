"""Landscapes to descend: each says how high it is at a place of two weights, and which way is up there.

Four are formulas, made so that each shows one trouble of its own. The fifth is real: two of the nine weights of a
small network that learned XOR, while its other seven stay as they are.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import datasets
from ..layers import Dense, Input
from ..models import Sequential
from ..optimizers import Adam

__all__ = ["NAMES", "Surface", "surface"]


@dataclass(frozen=True)
class Surface:
    """A loss over two weights.

    ``curvature`` is the steepest change of the slope, where it is the same everywhere: plain gradient descent is stable
    below a learning rate of 2 / curvature (and, with momentum m, below 2 (1 + m) / curvature).

    Shapes
    ------
    value       (..., 2) -> (...)
    gradient    (2,) -> (2,)
    """

    name: str
    words: str
    value: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, float]
    reach: float = 3.0
    curvature: float | None = None

    def section(self, start: np.ndarray, end: np.ndarray, count: int = 81) -> np.ndarray:
        """The heights on the way from ``start`` to ``end``, shape (count,)."""
        share = np.linspace(0.0, 1.0, count)[:, np.newaxis]
        return self.value((1 - share) * start + share * end)

    def map(self, cells: int) -> np.ndarray:
        """The heights of the square from -reach to reach, shape (cells, cells), the first row on top."""
        middles = (np.arange(cells) + 0.5) * (2 * self.reach / cells) - self.reach
        w1, w2 = np.meshgrid(middles, middles[::-1])
        return self.value(np.stack([w1, w2], axis=-1))


def _bowl(w: np.ndarray) -> np.ndarray:
    return w[..., 0] ** 2 + w[..., 1] ** 2


def _ravine(w: np.ndarray) -> np.ndarray:
    return 0.1 * w[..., 0] ** 2 + 2 * w[..., 1] ** 2


def _two_minima(w: np.ndarray) -> np.ndarray:
    return 0.1 * (w[..., 0] ** 2 - 3) ** 2 + 0.2 * w[..., 0] + 0.5 * w[..., 1] ** 2 + 0.37


def _saddle(w: np.ndarray) -> np.ndarray:
    return 0.5 * w[..., 0] ** 2 - 0.5 * w[..., 1] ** 2 + w[..., 1] ** 4 / 16 + 1


FORMULAS = (
    Surface(
        "bowl",
        "A bowl: w1² + w2²",
        _bowl,
        lambda w: 2 * w,
        (-2.4, 1.6),
        curvature=2.0,
    ),
    Surface(
        "ravine",
        "A ravine: 0.1 w1² + 2 w2²",
        _ravine,
        lambda w: np.array([0.2, 4.0]) * w,
        (-2.7, 0.9),
        curvature=4.0,
    ),
    Surface(
        "two minima",
        "Two valleys: 0.1 (w1² - 3)² + 0.2 w1 + 0.5 w2² + 0.37",
        _two_minima,
        lambda w: np.array([0.4 * w[0] * (w[0] ** 2 - 3) + 0.2, w[1]]),
        (2.8, 2.2),
    ),
    Surface(
        "saddle",
        "A saddle: 0.5 w1² - 0.5 w2² + w2⁴ / 16 + 1",
        _saddle,
        lambda w: np.array([w[0], w[1] ** 3 / 4 - w[1]]),
        (-2.5, 0.0),
    ),
)
NAMES = [*(each.name for each in FORMULAS), "network"]


@functools.cache
def surface(name: str) -> Surface:
    """The surface of that name; ValueError for any other."""
    if name not in NAMES:
        raise ValueError(f"surface is one of {', '.join(NAMES)}; got {name!r}")
    return next((each for each in FORMULAS if each.name == name), None) or _network()


def taught() -> tuple[Sequential, np.ndarray, np.ndarray]:
    """The network of the fifth surface, 2-2-1, after it learned XOR, with its four examples."""
    x, y = datasets.gates("xor")
    model = Sequential([Input((2,)), Dense(2, "tanh"), Dense(1, "sigmoid")], seed=4)
    model.compile(Adam(0.05), "mse")
    model.fit(x, y, epochs=150, batch_size=4, verbose=0)
    return model, x, y


def _network() -> Surface:
    """Two weights of the first layer move: one from the first input to each hidden node."""
    model, x, t = taught()
    kernel, bias, kernel_2, bias_2 = (array.copy() for array in model.get_weights())
    t = np.asarray(t, float).reshape(-1)

    def forward(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Hidden and output values for every example, at each place of ``w``."""
        hidden = np.tanh(x[:, :1] * w[..., np.newaxis, :] + x[:, 1:] * kernel[1] + bias)
        return hidden, 1 / (1 + np.exp(-(hidden @ kernel_2 + bias_2)[..., 0]))

    def value(w: np.ndarray) -> np.ndarray:
        return np.square(forward(np.asarray(w, float))[1] - t).mean(axis=-1)

    def gradient(w: np.ndarray) -> np.ndarray:
        hidden, y = forward(np.asarray(w, float))
        dz = 2 * (y - t) / len(t) * y * (1 - y)
        return ((dz[:, np.newaxis] * kernel_2[:, 0] * (1 - hidden**2)) * x[:, :1]).sum(axis=0)

    return Surface(
        "network",
        "Two weights of a network 2-2-1 that learned XOR",
        value,
        gradient,
        (0.5, 0.5),
        reach=6.0,
    )
