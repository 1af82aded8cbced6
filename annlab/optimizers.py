"""Where to step, once you know which way is down.

All weights of a network lie in one long vector, and so do their gradients; an optimizer takes both and moves the first.
Plain SGD steps against the gradient. The others remember: momentum keeps rolling, RMSprop and Adagrad take shorter
steps along steep directions, Adam does both. Formulas and defaults are Keras 3's.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import lookup, number

Array = NDArray[Any]
Schedule = Callable[[int], float]  # from the number of updates made so far to the learning rate; see schedules.py


class Optimizer:
    """Base class of the optimizers.

    Parameters
    ----------
    learning_rate    a number above 0, or a schedule ``f(updates so far) -> number``; may be changed at any time
    weight_decay     before each update the weights shrink by ``learning_rate * weight_decay`` of themselves
    clipvalue        each gradient is kept within +-clipvalue
    clipnorm         the gradients of each kernel and each bias are scaled down to this length if they are longer
    global_clipnorm  the whole gradient vector is scaled down to this length if it is longer
    """

    memory: tuple[str, ...] = ()  # the vectors an optimizer keeps between updates, one number per weight each
    in_network = False  # whether a network was compiled with it

    def __init__(
        self,
        learning_rate: float | Schedule,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ):
        self.learning_rate = learning_rate
        self.weight_decay = None if weight_decay is None else number("weight_decay", weight_decay, low=0)
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        if sum(value is not None for value in clips.values()) > 1:
            raise ValueError(f"choose one of clipnorm, clipvalue and global_clipnorm; got {clips}")
        clips = {name: None if value is None else number(name, value, above=0) for name, value in clips.items()}
        self.clipnorm, self.clipvalue, self.global_clipnorm = clips.values()
        self.clips = any(value is not None for value in clips.values())
        self.iterations = 0
        self.state: dict[str, Array] = {}
        self._constants: dict[str, Array] = {}

    @property
    def learning_rate(self) -> float | Schedule:
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | Schedule) -> None:
        self._learning_rate = value if callable(value) else number("learning_rate", value, above=0)

    @property
    def current_learning_rate(self) -> float:
        """The learning rate of the next update."""
        rate = self._learning_rate
        return number("learning_rate", rate(self.iterations), low=0) if callable(rate) else rate

    def step(self, parameters: Array, gradients: Array, parts: list[slice] | None = None) -> None:
        """Move ``parameters`` in place, once. ``parts`` says where each kernel and bias lies (only clipnorm asks)."""
        if not self.state or self.state["scratch"].shape != parameters.shape:
            self.reset(parameters)
        rate = self.current_learning_rate
        if self.clips:
            self._clip(gradients, parts or [slice(None)])
        if self.weight_decay:
            parameters -= parameters * (self.weight_decay * rate)
        self.update(parameters, gradients, rate, self.state["scratch"])
        self.iterations += 1

    def update(self, w: Array, g: Array, rate: float, scratch: Array) -> None:
        """The rule itself. ``scratch`` is a vector to compute in."""
        raise NotImplementedError

    def reset(self, parameters: Array | None = None) -> None:
        """Forget everything remembered, and prepare for this vector of weights."""
        self.iterations = 0
        self.state, self._constants = {}, {}
        if parameters is not None:
            self.state = {name: np.full_like(parameters, self._first(name)) for name in self.memory}
            self.state["scratch"] = np.empty_like(parameters)

    def _constant(self, name: str, value: float) -> Array:
        """``value`` as an array without axes. numpy converts a Python number anew in every call, which for the vector
        of a small network costs as much as the product itself."""
        slot = self._constants.get(name)
        if slot is None:
            slot = self._constants[name] = np.empty((), self.state["scratch"].dtype)
        slot[()] = value
        return slot

    def _first(self, name: str) -> float:
        return 0.0

    def _clip(self, g: Array, parts: list[slice]) -> None:
        if self.clipvalue is not None:
            np.clip(g, -self.clipvalue, self.clipvalue, out=g)
            return
        limit = self.clipnorm or self.global_clipnorm or 0.0
        for part in [slice(None)] if self.global_clipnorm else parts:
            length = float(np.linalg.norm(g[part]))
            if length > limit:
                g[part] *= limit / length

    def config(self) -> dict[str, Any]:
        """Everything ``get`` needs to build this optimizer again, without what it remembers.

        Raises
        ------
        ValueError  for a schedule that is a function of your own, which cannot be written down.
        """
        rate: Any = self._learning_rate
        if callable(rate):
            from . import schedules

            if type(rate) not in schedules.SCHEDULES.values():
                raise ValueError(
                    f"the schedule {rate!r} is a function of your own; use one of annlab.schedules to save it"
                )
            rate = rate.config()
        settings = {"name": type(self).__name__, "learning_rate": rate}
        return settings | {name: getattr(self, name) for name in (*self._options, *_COMMON)}

    _options: tuple[str, ...] = ()

    def __repr__(self) -> str:
        rate = self._learning_rate
        settings = {"learning_rate": rate} | {name: getattr(self, name) for name in (*self._options, *_COMMON)}
        inside = ", ".join(f"{name}={value!r}" for name, value in settings.items() if value is not None)
        return f"{type(self).__name__}({inside})"


_COMMON = ("weight_decay", "clipnorm", "clipvalue", "global_clipnorm")


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum and Nesterov's look ahead if asked for.

    w <- w - rate * g                                    momentum 0
    m <- momentum * m - rate * g;  w <- w + m            momentum
    m as above;  w <- w + momentum * m - rate * g        nesterov

    Source: Sutskever et al. 2013, equations 1-4.
    """

    memory = ("momentum",)
    _options = ("momentum", "nesterov")

    def __init__(self, learning_rate: float | Schedule = 0.01, momentum: float = 0.0, nesterov: bool = False, **common):
        super().__init__(learning_rate, **common)
        self.momentum = number("momentum", momentum, low=0, high=1)
        self.nesterov = nesterov

    def update(self, w, g, rate, scratch):
        np.multiply(g, self._constant("rate", rate), scratch)
        if not self.momentum:
            w -= scratch
            return
        m = self.state["momentum"]
        m *= self.momentum
        m -= scratch
        if self.nesterov:
            w -= scratch
            w += np.multiply(m, self.momentum, out=scratch)
        else:
            w += m


class RMSprop(Optimizer):
    """Each weight's step is divided by the recent size of its gradient.

    v <- rho v + (1 - rho) g^2;  step = rate * g / sqrt(v + epsilon);  m <- momentum m + step;  w <- w - m

    Source: Tieleman & Hinton 2012, lecture 6.5.
    """

    memory = ("velocity", "momentum")
    _options = ("rho", "momentum", "epsilon")

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        **common,
    ):
        super().__init__(learning_rate, **common)
        self.rho = number("rho", rho, low=0, high=1)
        self.momentum = number("momentum", momentum, low=0, high=1)
        self.epsilon = number("epsilon", epsilon, above=0)

    def update(self, w, g, rate, scratch):
        v, m = self.state["velocity"], self.state["momentum"]
        v *= self.rho
        np.multiply(g, g, out=scratch)
        scratch *= 1 - self.rho
        v += scratch
        np.add(v, self.epsilon, out=scratch)
        np.sqrt(scratch, out=scratch)
        np.divide(g, scratch, out=scratch)
        scratch *= rate
        if self.momentum:
            m *= self.momentum
            m += scratch
            w -= m
        else:
            w -= scratch


class Adagrad(Optimizer):
    """Each weight's step is divided by the size of all its gradients so far, so steps only ever get shorter.

    v <- v + g^2;  w <- w - rate * g / sqrt(v + epsilon)

    Source: Duchi et al. 2011.
    """

    memory = ("accumulator",)
    _options = ("initial_accumulator_value", "epsilon")

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **common,
    ):
        super().__init__(learning_rate, **common)
        self.initial_accumulator_value = number("initial_accumulator_value", initial_accumulator_value, low=0)
        self.epsilon = number("epsilon", epsilon, above=0)

    def _first(self, name):
        return self.initial_accumulator_value

    def update(self, w, g, rate, scratch):
        v = self.state["accumulator"]
        v += np.multiply(g, g, out=scratch)
        np.add(v, self.epsilon, out=scratch)
        np.sqrt(scratch, out=scratch)
        np.divide(g, scratch, out=scratch)
        scratch *= rate
        w -= scratch


class Adam(Optimizer):
    """Momentum for the direction, and each weight's step divided by the recent size of its gradient.

    m <- m + (1 - beta_1)(g - m);  v <- v + (1 - beta_2)(g^2 - v)
    w <- w - rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon),  t = 1, 2, 3 ...
    With ``amsgrad`` the largest v so far is used.

    Source: Kingma & Ba 2015, section 2; Reddi et al. 2018 for amsgrad.
    """

    memory: tuple[str, ...] = ("momentum", "velocity")
    _options = ("beta_1", "beta_2", "epsilon", "amsgrad")

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **common,
    ):
        super().__init__(learning_rate, **common)
        self.beta_1 = number("beta_1", beta_1, low=0, below=1)
        self.beta_2 = number("beta_2", beta_2, low=0, below=1)
        self.epsilon = number("epsilon", epsilon, above=0)
        self.amsgrad = amsgrad
        self.memory = ("momentum", "velocity", "largest_velocity") if amsgrad else ("momentum", "velocity")

    def update(self, w, g, rate, scratch):
        # m and v are kept without their factors (1 - beta), which go into alpha and epsilon instead: 10 passes over the
        # vectors in place of 12, and Adam is a third of the time that a network of medium size trains.
        m, v = self.state["momentum"], self.state["velocity"]
        m *= self._constant("beta_1", self.beta_1)
        m += g
        v *= self._constant("beta_2", self.beta_2)
        v += np.multiply(g, g, out=scratch)
        if self.amsgrad:
            v = np.maximum(self.state["largest_velocity"], v, out=self.state["largest_velocity"])
        t, shrink = self.iterations + 1, math.sqrt(1 - self.beta_2)
        alpha = rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        np.sqrt(v, out=scratch)
        scratch += self._constant("epsilon", self.epsilon / shrink)
        np.divide(m, scratch, out=scratch)
        scratch *= self._constant("alpha", alpha * (1 - self.beta_1) / shrink)
        w -= scratch


class AdamW(Adam):
    """Adam whose weights also shrink a little at every update.

    Source: Loshchilov & Hutter 2019, algorithm 2.
    """

    def __init__(self, learning_rate: float | Schedule = 0.001, weight_decay: float = 0.004, **options):
        super().__init__(learning_rate, weight_decay=weight_decay, **options)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
    "adam": Adam,
    "adamw": AdamW,
}


def names() -> list[str]:
    """The name of every optimizer."""
    return list(OPTIMIZERS)


def get(name: "str | Optimizer | dict[str, Any]") -> Optimizer:
    """The optimizer of that name with its defaults; an optimizer is handed back as it is.

    Raises
    ------
    ValueError  for an unknown name, with the nearest known one.
    """
    if isinstance(name, Optimizer):
        return name
    if isinstance(name, dict):  # a saved configuration
        settings = dict(name)
        cls = lookup("optimizer", settings.pop("name", None), OPTIMIZERS)
        if isinstance(settings.get("learning_rate"), dict):
            from . import schedules

            settings["learning_rate"] = schedules.from_config(settings["learning_rate"])
        return cls(**settings)
    return lookup("optimizer", name, OPTIMIZERS)()
