"""A price on large weights.

A regularizer adds a penalty to the loss, so that a network prefers small weights (L2) or few weights (L1) unless the
data pay for larger ones. The penalty is part of the loss that training reports, as in Keras.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import lookup, number


@dataclass(frozen=True)
class L1L2:
    """penalty(w) = l1 * sum |w| + l2 * sum w^2;  gradient(w) = l1 * sign(w) + 2 * l2 * w."""

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name in ("l1", "l2"):
            number(f"the rate {name} of a regularizer", getattr(self, name), low=0)

    def penalty(self, weights: NDArray[Any]) -> float:
        return float(self.l1 * np.abs(weights).sum() + self.l2 * (weights * weights).sum())

    def gradient(self, weights: NDArray[Any]) -> NDArray[Any]:
        return self.l1 * np.sign(weights) + (2 * self.l2) * weights


def l1(rate: float = 0.01) -> L1L2:
    """A price on the size of each weight: pushes weights all the way to zero."""
    return L1L2(l1=rate)


def l2(rate: float = 0.01) -> L1L2:
    """A price on the square of each weight: keeps all of them small."""
    return L1L2(l2=rate)


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """Both prices at once."""
    return L1L2(l1, l2)


L1, L2 = l1, l2
REGULARIZERS = {"l1": L1L2(l1=0.01), "l2": L1L2(l2=0.01), "l1_l2": L1L2(0.01, 0.01)}


def names() -> list[str]:
    """The name of every regularizer."""
    return list(REGULARIZERS)


def get(name: "str | L1L2 | dict[str, float] | None") -> "L1L2 | None":
    """The regularizer of that name; ``None`` stays ``None``.

    Raises
    ------
    ValueError  for an unknown name, with the nearest known one.
    """
    if name is None or isinstance(name, L1L2):
        return name
    return L1L2(**name) if isinstance(name, dict) else lookup("regularizer", name, REGULARIZERS)
