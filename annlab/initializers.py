"""How a network starts.

Before a network has learned anything its strengths are drawn at random, because nodes that start alike stay alike.
How wide the draw is decides how signals fade or grow from layer to layer: "glorot" and "he" choose the width from the
number of connections that meet at a node. Every initializer is called with a shape, a random generator and a dtype.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import lookup, number

Array = NDArray[Any]


@dataclass(frozen=True)
class Initializer:
    """Base class: ``initializer(shape, rng, dtype) -> array``."""

    def __call__(self, shape: tuple[int, ...], rng: "np.random.Generator", dtype: Any = "float64") -> Array:
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        return {"name": type(self).__name__, **asdict(self)}


@dataclass(frozen=True)
class Constant(Initializer):
    """Every weight is ``value``. With all weights equal, the nodes of a layer are twins and learn the same thing."""

    value: float = 0.0

    def __post_init__(self) -> None:
        number("value", self.value)

    def __call__(self, shape, rng, dtype="float64"):
        return np.full(shape, self.value, dtype)


@dataclass(frozen=True)
class RandomUniform(Initializer):
    """Any value from ``minval`` up to ``maxval``, all equally likely. "uniform" is Keras's: -0.05 to 0.05."""

    minval: float = -0.05
    maxval: float = 0.05

    def __post_init__(self) -> None:
        number("maxval", self.maxval, low=number("minval", self.minval))

    def __call__(self, shape, rng, dtype="float64"):
        return rng.uniform(self.minval, self.maxval, shape).astype(dtype)


@dataclass(frozen=True)
class RandomNormal(Initializer):
    """A bell curve around ``mean`` with standard deviation ``stddev``."""

    mean: float = 0.0
    stddev: float = 0.05

    def __post_init__(self) -> None:
        number("mean", self.mean)
        number("stddev", self.stddev, low=0)

    def __call__(self, shape, rng, dtype="float64"):
        return rng.normal(self.mean, self.stddev, shape).astype(dtype)


@dataclass(frozen=True)
class VarianceScaling(Initializer):
    """A width that keeps signals alive: variance = scale / n, n being the connections that meet.

    ``mode`` chooses n: "fan_in" (arriving), "fan_out" (leaving) or "fan_avg" (their mean).
    ``distribution``: "uniform" within +-sqrt(3 variance), or "truncated_normal", cut at two standard deviations and
    widened so that the variance is as stated.

    Source: Glorot & Bengio 2010 (scale 1, fan_avg); He et al. 2015 (scale 2, fan_in); LeCun et al. 1998 (1, fan_in).
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "uniform"

    def __post_init__(self) -> None:
        number("scale", self.scale, above=0)
        lookup("mode", self.mode, {"fan_in": 0, "fan_out": 0, "fan_avg": 0})
        lookup("distribution", self.distribution, {"uniform": 0, "truncated_normal": 0})

    def __call__(self, shape, rng, dtype="float64"):
        fan_in, fan_out = (shape[0], shape[-1]) if len(shape) > 1 else (math.prod(shape), math.prod(shape))
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        deviation = math.sqrt(self.scale / max(1.0, n))
        if self.distribution == "uniform":
            limit = math.sqrt(3) * deviation
            return rng.uniform(-limit, limit, shape).astype(dtype)
        values = rng.standard_normal(shape)
        while (outside := np.abs(values) > 2).any():
            values[outside] = rng.standard_normal(outside.sum())
        # 0.8796... is the standard deviation of a bell curve cut at two standard deviations.
        return (values * (deviation / 0.87962566103423978)).astype(dtype)


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """A random rotation: repeated again and again, it neither fades a signal nor makes it grow.

    Source: Saxe et al. 2014.
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        number("gain", self.gain)

    def __call__(self, shape, rng, dtype="float64"):
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diag(r))  # makes every rotation equally likely
        return (self.gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


INITIALIZERS: dict[str, Initializer] = {
    "zeros": Constant(0.0),
    "ones": Constant(1.0),
    "constant": Constant(0.0),
    "uniform": RandomUniform(),
    "strengths": RandomUniform(-1.0, 1.0),
    "random_normal": RandomNormal(),
    "glorot_uniform": VarianceScaling(1.0, "fan_avg", "uniform"),
    "glorot_normal": VarianceScaling(1.0, "fan_avg", "truncated_normal"),
    "he_uniform": VarianceScaling(2.0, "fan_in", "uniform"),
    "he_normal": VarianceScaling(2.0, "fan_in", "truncated_normal"),
    "lecun_uniform": VarianceScaling(1.0, "fan_in", "uniform"),
    "lecun_normal": VarianceScaling(1.0, "fan_in", "truncated_normal"),
    "orthogonal": Orthogonal(),
}
ALIASES = {
    "random_uniform": "uniform",
    "normal": "random_normal",
    "zero": "zeros",
    "one": "ones",
    "glorot": "glorot_uniform",
    "he": "he_uniform",
    "lecun": "lecun_uniform",
    "GlorotUniform": "glorot_uniform",
    "GlorotNormal": "glorot_normal",
    "HeUniform": "he_uniform",
    "HeNormal": "he_normal",
    "LecunUniform": "lecun_uniform",
    "LecunNormal": "lecun_normal",
    "RandomUniform": "uniform",
    "RandomNormal": "random_normal",
    "Zeros": "zeros",
    "Ones": "ones",
}
_CLASSES = {cls.__name__: cls for cls in (Constant, RandomUniform, RandomNormal, VarianceScaling, Orthogonal)}


def names() -> list[str]:
    """The name of every initializer."""
    return list(INITIALIZERS)


def get(name: "str | Initializer | Callable[..., Array] | dict[str, Any]") -> Callable[..., Array]:
    """The initializer of that name. A function ``(shape, rng, dtype) -> array`` of your own is taken as it is.

    Raises
    ------
    ValueError  for an unknown name, with the nearest known one.
    """
    if isinstance(name, dict):  # a saved configuration
        settings = dict(name)
        return lookup("initializer", settings.pop("name", None), _CLASSES)(**settings)
    return name if callable(name) else lookup("initializer", name, INITIALIZERS, ALIASES)


def config(initializer: Callable[..., Array]) -> "str | dict[str, Any]":
    """What ``get`` needs to find this initializer again: its name, or its settings.

    Raises
    ------
    ValueError  for a function of your own, which a file cannot hold.
    """
    for name, known in INITIALIZERS.items():
        if known == initializer:
            return name
    if isinstance(initializer, Initializer):
        return initializer.config()
    raise ValueError(
        f"the initializer {initializer!r} is a function of your own, which cannot be written down; "
        "use a named one, for example RandomUniform(-0.1, 0.1)"
    )
