"""One neuron at a time.

A ``Neuron`` weighs its inputs, adds its bias and passes the sum through its activation. A ``Perceptron`` is a neuron
with a step that learns: whenever it is wrong about an example, it moves its weights towards it or away from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import activations
from .checks import number, numeric, whole

CRUMB = 1e-12  # what rounding may leave of a sum, as a share of its parts


class Neuron:
    """z = x . weights + bias;  y = activation(z)

    Shapes
    ------
    x        (inputs,) for one example: z and y are numbers;  (rows, inputs): z and y are (rows,)
    weights  (inputs,)
    bias     a number

    Where the parts of a sum cancel but for the rounding of floating point, z is 0: 0.1 + 0.6 - 0.7 lies on the line.
    Raises ValueError or TypeError for weights, a bias or an x that are not finite numbers of these shapes.
    """

    def __init__(self, weights: Any, bias: float = 0.0, activation: str | activations.Activation = "sigmoid") -> None:
        self.weights = numeric("weights", weights, np.float64).copy()
        if self.weights.ndim != 1:
            raise ValueError(f"weights must be a list of numbers, one for each input; got shape {self.weights.shape}.")
        self.bias = number("bias", bias)
        self.activation = activations.get(activation)
        if self.activation.name == "softmax":
            raise ValueError('softmax compares several neurons: alone, one always says 1. Use "sigmoid".')

    def z(self, x: Any) -> Any:
        """The weighted sum."""
        x = numeric("x", x, np.float64)
        if x.ndim not in (1, 2) or x.shape[-1] != len(self.weights):
            raise ValueError(
                f"this neuron has {len(self.weights)} weights and expected as many inputs per example; "
                f"got x of shape {x.shape}."
            )
        z = x @ self.weights + self.bias
        crumb = np.abs(x) @ (CRUMB * np.abs(self.weights)) + CRUMB * abs(self.bias)
        z = np.where(np.abs(z) < crumb, 0.0, z)
        return z if x.ndim == 2 else float(z)

    def __call__(self, x: Any) -> Any:
        """The output."""
        y = self.activation(self.z(x))
        return y if y.ndim else float(y)

    def line(self, low: float = -6.0, high: float = 6.0) -> np.ndarray | None:
        """The line z = 0, which parts the plane: its two ends on the square from ``low`` to ``high``, shape (2, 2).

        None where no line crosses the square. The weights stand at a right angle to the line and point to where z > 0.
        """
        if len(self.weights) != 2:
            raise ValueError(f"only a neuron with 2 weights has a line in the plane; this one has {len(self.weights)}.")
        weights = self.weights.tolist()
        ends = []
        for axis, other in ((0, 1), (1, 0)):
            for edge in (low, high):  # where on this edge of the square is w1 x1 + w2 x2 + bias = 0?
                if weights[other]:
                    place = -(self.bias + weights[axis] * edge) / weights[other]
                    if low <= place <= high:
                        ends.append([edge, place] if axis == 0 else [place, edge])
        ends.sort()
        return np.array([ends[0], ends[-1]]) if ends else None

    def __repr__(self) -> str:
        weights = ", ".join(f"{weight:.4g}" for weight in self.weights)
        return f'Neuron([{weights}], bias={self.bias:.4g}, activation="{self.activation.name}")'


@dataclass(frozen=True, eq=False)
class Update:
    """What one example did to a perceptron: weights += learning_rate * error * x, bias += learning_rate * error."""

    epoch: int  # counted from 0
    index: int  # the row of x
    x: np.ndarray
    target: int  # the label, and the output below it, as 0 or 1
    output: int
    error: int  # target - output: 0 where it was right
    weights_before: np.ndarray
    bias_before: float
    weights: np.ndarray
    bias: float


class Perceptron:
    """A neuron with a step, and the rule by which it learns (Rosenblatt 1958).

    error = target - output;  weights += learning_rate * error * x;  bias += learning_rate * error

    It starts at zero, so the learning rate only scales the weights: any positive one makes the same mistakes. Labels
    are 0 and 1, or -1 and +1; ``predict`` answers in the labels that ``fit`` was given. The step is 1 at z = 0.

    Where a line (plane, ...) parts the classes, the rule makes at most (R / margin)^2 mistakes and then none, R being
    the length of the longest example with a 1 for the bias (Novikoff 1962). Where none does, as with XOR, it never
    settles: ``converged`` stays False and ``status`` says why. Examples come in their order, or shuffled by a ``seed``.

    Attributes: ``neuron`` (weights, bias, line), ``mistakes`` (how many in each epoch), ``converged``, ``status``.
    """

    def __init__(self, learning_rate: float = 1.0, seed: int | None = None) -> None:
        self.learning_rate = number("learning_rate", learning_rate, above=0)
        self.seed = None if seed is None else whole("seed", seed, low=0)
        self.neuron: Neuron | None = None
        self.mistakes: list[int] = []
        self.converged = False
        self.status = "not taught yet: call fit(x, y)"
        self._negative = 0

    def fit(self, x: Any, y: Any, epochs: int = 100) -> "Perceptron":
        """Learn from rows x (rows, inputs) and labels y (rows,) until an epoch without a mistake; starts afresh."""
        for _ in self.iter_fit(x, y, epochs):
            pass
        return self

    def iter_fit(self, x: Any, y: Any, epochs: int = 100, every: str = "update") -> Iterator[Update]:
        """``fit``, one step at a time: yields an Update after each mistake, or after each example (every="example").

        Bad arguments raise ValueError or TypeError here, before anything changes.
        """
        x, targets, negative = _examples(x, y)
        epochs = whole("epochs", epochs)
        if every not in ("update", "example"):
            raise ValueError(f'every must be "update" or "example"; got {every!r}.')
        self.neuron = Neuron(np.zeros(x.shape[1]), 0.0, "step")
        self.mistakes, self.converged, self._negative = [], False, negative
        self.status = "at its start: every weight is 0"
        return self._learn(self.neuron, x, targets, epochs, every)

    def _learn(self, neuron: Neuron, x: np.ndarray, targets: np.ndarray, epochs: int, every: str) -> Iterator[Update]:
        rng = None if self.seed is None else np.random.default_rng(self.seed)
        seen: dict[bytes, int] = {}
        total = np.zeros(x.shape[1] + 1)  # of error * (x, 1): the weights and the bias at a learning rate of 1
        for epoch in range(epochs):
            self.mistakes.append(0)
            for index in range(len(x)) if rng is None else rng.permutation(len(x)):
                before, bias_before = neuron.weights, neuron.bias
                output, target = int(neuron(x[index])), int(targets[index])
                error = target - output
                if error:
                    # weights + learning_rate * error * x, but scaled last: so every rate makes the same mistakes,
                    # although 0.1 + 0.1 + 0.1 is not quite 0.3 to a computer.
                    total = total + error * np.append(x[index], 1.0)
                    neuron.weights, neuron.bias = self.learning_rate * total[:-1], self.learning_rate * float(total[-1])
                    self.mistakes[-1] += 1
                self.status = f"in epoch {epoch + 1}: {_many(self.mistakes[-1], 'mistake')} so far"
                if error or every == "example":
                    now = neuron.weights, neuron.bias
                    yield Update(epoch, int(index), x[index], target, output, error, before, bias_before, *now)
            if not self.mistakes[-1]:
                self.converged = True
                self.status = f"settled: epoch {epoch + 1} passed without a mistake"
                return
            state = total.tobytes()
            if rng is None and state in seen:
                self.status = (
                    f"never settles: after epoch {epoch + 1} the weights are those after epoch {seen[state] + 1}, "
                    "so it goes round for ever. No straight line parts these classes"
                )
                return
            seen[state] = epoch
        last = _many(self.mistakes[-1], "mistake")
        self.status = f"not settled after {_many(epochs, 'epoch')}: {last} in the last one"

    @property
    def weights(self) -> np.ndarray:
        return self._taught().weights

    @property
    def bias(self) -> float:
        return self._taught().bias

    def predict(self, x: Any) -> np.ndarray:
        """The label of each row of x (rows, inputs)."""
        return np.where(np.atleast_1d(self._taught()(x)) == 1, 1, self._negative)

    __call__ = predict

    def score(self, x: Any, y: Any) -> float:
        """The share of rows whose label it gets right."""
        x, targets, _ = _examples(x, y)
        return float(np.mean((self.predict(x) == 1) == targets))

    def _taught(self) -> Neuron:
        if self.neuron is None:
            raise RuntimeError("this perceptron was not taught yet; call fit(x, y) first.")
        return self.neuron

    def __repr__(self) -> str:
        return f"<Perceptron, {self.status}>"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _examples(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray, int]:
    """x as floats, y as 0 and 1, and the label that stands for 0 (0 or -1)."""
    x, y = numeric("x", x, np.float64), numeric("y", y, np.float64)
    if x.ndim != 2:
        raise ValueError(f"x must be rows of inputs, shape (rows, inputs); got shape {x.shape}.")
    if y.shape not in ((len(x),), (len(x), 1)):
        raise ValueError(f"y must have one label for each of the {len(x)} rows of x; got shape {y.shape}.")
    labels = sorted(set(y.reshape(-1).tolist()))
    if not (set(labels) <= {0, 1} or set(labels) <= {-1, 1}):
        raise ValueError(
            f"labels must be 0 and 1, or -1 and +1; got {labels[:5]}. A perceptron tells two classes apart."
        )
    return x, (y.reshape(-1) == 1).astype(np.int64), -1 if -1 in labels else 0
