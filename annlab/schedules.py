"""A learning rate that changes while the network learns.

Long steps at first to get near, short steps at the end to arrive. A schedule is called with the number of updates made
so far and answers with the learning rate; give one to an optimizer in place of a number. The formulas are Keras's.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .checks import number


@dataclass(frozen=True)
class Schedule:
    """Base class: ``schedule(step) -> learning rate``."""

    def __call__(self, step: int) -> float:
        raise NotImplementedError

    def config(self) -> dict[str, Any]:
        return {"schedule": type(self).__name__, **asdict(self)}


@dataclass(frozen=True)
class PiecewiseConstantDecay(Schedule):
    """Steps: ``values[0]`` up to and including update ``boundaries[0]``, then ``values[1]``, and so on."""

    boundaries: Sequence[int]
    values: Sequence[float]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                f"there should be one value more than boundaries; got {len(self.values)} values "
                f"and {len(self.boundaries)} boundaries"
            )
        for value in self.values:
            number("each of the values", value, above=0)

    def __call__(self, step):
        return self.values[sum(step > boundary for boundary in self.boundaries)]


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """initial * decay_rate^(step / decay_steps); with ``staircase`` the exponent is rounded down: a step decay."""

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __post_init__(self) -> None:
        for name in ("initial_learning_rate", "decay_steps", "decay_rate"):
            number(name, getattr(self, name), above=0)

    def __call__(self, step):
        exponent = step / self.decay_steps
        return self.initial_learning_rate * self.decay_rate ** (math.floor(exponent) if self.staircase else exponent)


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """Half a cosine from ``initial_learning_rate`` down to ``alpha`` times it, over ``decay_steps`` updates.

    With ``warmup_target`` the rate first climbs in a straight line from the initial rate to the target over
    ``warmup_steps``, and then decays from the target.

    Source: Loshchilov & Hutter 2017, SGDR, equation 5.
    """

    initial_learning_rate: float
    decay_steps: int
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        number("decay_steps", self.decay_steps, above=0)
        for name in ("initial_learning_rate", "alpha", "warmup_steps"):
            number(name, getattr(self, name), low=0)
        if self.warmup_target is not None:
            number("warmup_target", self.warmup_target, above=0)

    def __call__(self, step):
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, step = self.warmup_target, step - self.warmup_steps
        share = min(step, self.decay_steps) / self.decay_steps
        return top * ((1 - self.alpha) * 0.5 * (1 + math.cos(math.pi * share)) + self.alpha)


@dataclass(frozen=True)
class WarmUp(Schedule):
    """A straight climb to ``learning_rate`` over the first ``steps`` updates, then that rate."""

    learning_rate: float
    steps: int

    def __post_init__(self) -> None:
        number("learning_rate", self.learning_rate, above=0)
        number("steps", self.steps, above=0)

    def __call__(self, step):
        return self.learning_rate * min(1.0, (step + 1) / self.steps)


SCHEDULES = {cls.__name__: cls for cls in (PiecewiseConstantDecay, ExponentialDecay, CosineDecay, WarmUp)}


def from_config(config: dict[str, Any]) -> Schedule:
    """The schedule that ``schedule.config()`` wrote down."""
    return SCHEDULES[config["schedule"]](**{key: value for key, value in config.items() if key != "schedule"})
