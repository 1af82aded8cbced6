"""One run: a network on its way from its start, with its data, its curves and its recent past.

Training here is the library's own ``learn``, one batch after another, in the order in which ``fit`` would take them: a
run whose settings stay as they are ends, bit for bit, where ``model.fit`` would end.
"""

import math
import warnings
from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from ... import activations, optimizers
from ...layers import Dense, Input
from ...models import Divergence, Sequential
from ...regularizers import L1L2
from ...training import Data, judge, learn
from .data import INPUTS, MANY, NUMBER, TWO, Points, drawn, features, split

__all__ = ["Run"]

PAST = 401  # snapshots that are kept to look back at
MOST_POINTS = 480  # of a curve, before every other one is left out
BOUNDLESS = 1e6  # a loss beyond this many times the first one has diverged


@dataclass(frozen=True)
class Snapshot:
    """All that training depends on, at one moment."""

    parameters: np.ndarray
    memory: dict[str, np.ndarray]
    iterations: int
    random: dict[str, Any]
    order: np.ndarray
    at: int
    epoch: int


class Run:
    """A network, what it learns from, and how far it has come.

    ``settings`` is any object with the controls' values as attributes; it is looked at again for each batch.
    """

    model: Any  # a Sequential of Dense layers
    epoch: int
    updates: int
    pure: bool  # whether the settings were the same from the start on
    seconds: float
    inputs_before: list[str]
    curves: dict[str, list[float]]
    every: int  # how many epochs lie between two points of a curve
    past: deque[Snapshot]
    later: list[Snapshot]
    _now: Data | None

    def __init__(self, settings: Any, own: Points) -> None:
        self.settings, self.own = settings, own
        self.remark = ""
        self._read_data()
        self._build()
        self.restart_curves()

    # What is learned from.

    def _read_data(self) -> None:
        s = self.settings
        self.points = self.own if s.data == "own" else drawn(s.data, s.points, s.noise, s.data_seed)
        self.x_train, self.x_test, self.y_train, self.y_test = split(self.points, s.train_share, s.data_seed)

    @property
    def inputs(self) -> list[str]:
        """The names of the inputs that are on."""
        return [name for name in INPUTS if getattr(self.settings, name)]

    @property
    def loss_name(self) -> str:
        choice, kind = self.settings.loss, self.points.kind
        if kind == NUMBER:
            return choice if choice in ("mse", "mae") else "mse"
        if choice == "crossentropy":
            return "binary_crossentropy" if kind == TWO else "sparse_categorical_crossentropy"
        return choice

    @property
    def ending(self) -> str:
        """The activation of the output."""
        if self.settings.output_activation != "auto":
            return self.settings.output_activation
        if self.points.kind == NUMBER:
            return "linear"
        if self.loss_name == "hinge":
            return "tanh"
        return "sigmoid" if self.points.kind == TWO else "softmax"

    @property
    def outputs(self) -> int:
        return self.points.classes if self.points.kind == MANY else 1

    @property
    def scale(self) -> float:
        """The largest number in the data, where they are numbers: the map's darkest colour."""
        if self.points.kind != NUMBER or not len(self.points.y):
            return 1.0
        return max(float(np.abs(self.points.y).max()), 1e-6)

    @property
    def hidden(self) -> list[tuple[int, str]]:
        """Units and activation of each hidden layer."""
        s = self.settings
        return [(getattr(s, f"units_{k}"), getattr(s, f"activation_{k}")) for k in range(1, s.layers + 1)]

    def targets(self, y: np.ndarray) -> np.ndarray:
        """What is compared with the outputs: a row for each point."""
        if self.points.kind == MANY and self.loss_name != "sparse_categorical_crossentropy":
            return np.eye(self.outputs)[y]
        return y

    def _compiled_data(self) -> None:
        self.train_data = self._data(self.x_train, self.y_train)
        self.test_data = self._data(self.x_test, self.y_test)
        self.at = len(self.x_train)  # the next batch opens a new epoch
        self.order = np.arange(self.at)
        self._scored: tuple[Any, dict[str, float]] | None = None

    def _data(self, x: np.ndarray, y: np.ndarray) -> Data | None:
        if not len(x):
            return None
        return self.model._data(features(x, self.inputs), self.targets(y))

    # The network.

    def _build(self) -> None:
        s, seen = self.settings, self.inputs
        if not seen:
            raise ValueError("one input has to be on: a network that sees nothing cannot tell anything apart")
        kernels = {"kernel_initializer": s.initializer}
        layers = [Dense(units, activation, **kernels) for units, activation in self.hidden]
        layers.append(Dense(self.outputs, self.ending, **kernels))
        self.model = Sequential([Input((len(seen),)), *layers], seed=s.seed)
        self.price()
        self.compile()
        self._compiled_data()

    def price(self) -> None:
        """Put the price on large weights that the settings ask for."""
        s = self.settings
        for layer in self.model.layers:
            layer.regularizers.clear()
            if s.regularization != "none" and s.regularization_rate:
                layer.regularizers["kernel"] = L1L2(**{s.regularization: s.regularization_rate})

    def compile(self, keep_memory: bool = False) -> None:
        """Choose optimizer, loss and metric; warnings of the library become a remark."""
        s = self.settings
        rule = (
            self.model.optimizer if keep_memory else optimizers.OPTIMIZERS[s.optimizer](learning_rate=s.learning_rate)
        )
        metric = "r2" if self.points.kind == NUMBER else "accuracy"
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            self.model.compile(optimizer=rule, loss=self.loss_name, metrics=[metric])
        said = [str(each.message) for each in warned if "outputs between 0 and 1" not in str(each.message)]
        if len(said) < len(warned):
            said.append(
                f"Cross-entropy expects outputs between 0 and 1, and {self.ending} leaves them. Choose what suits the "
                "loss as output activation, or another loss"
            )
        if any(activation == "step" for _, activation in self.hidden):
            said.append("The step function is flat, so no blame passes through it: layers before it learn nothing")
        if self.points.kind == NUMBER and s.loss == "hinge":
            said.append("That loss needs classes. These data are numbers, so the squared error is used")
        self.remark = ". ".join(text[0].upper() + text[1:] for text in said) + ("." if said else "")

    # Changes on the way.

    def change(self, name: str) -> None:
        """Follow a setting that was changed, keeping what was learned as far as it fits."""
        if self.set_by_hand:
            self.touch()
        if name == "learning_rate":
            self.model.optimizer.learning_rate = self.settings.learning_rate
        elif name == "optimizer":
            self.compile()
        elif name in ("regularization", "regularization_rate"):
            self.price()
            self._scored = None
        elif name.startswith("activation_"):
            self._follow_activations()
        elif name != "batch_size":
            self._rebuild()
        if self.updates and name != "batch_size":
            self.record()
        self.pure = self.pure and not self.updates

    def _follow_activations(self) -> None:
        for layer, (_, activation) in zip(self.model.layers[:-1], self.hidden, strict=True):
            layer.activation = activations.get(activation)
        self.compile(keep_memory=True)
        self._scored = None

    def _rebuild(self) -> None:
        """New data, inputs, layers or loss: weights that still fit stay where they are."""
        old, optimizer, seen = self.model, self.model.optimizer, self.inputs_before
        self._read_data()
        self._build()
        if not self.updates:
            self.restart_curves()
            return
        if [w.shape for w in old.get_weights()] == [w.shape for w in self.model.get_weights()] and seen == self.inputs:
            self.model.set_weights(old.get_weights())
            self.model.optimizer = optimizer
        else:
            self._keep_what_fits(old, seen)
            self.past.clear()
        self.model.rng = old.rng
        self.inputs_before = self.inputs

    def _keep_what_fits(self, old: Any, seen: list[str]) -> None:
        before, after = old.layers, self.model.layers
        pairs = [*zip(before[:-1], after[:-1], strict=False), (before[-1], after[-1])]
        for from_layer, to_layer in pairs:
            kernel, was = to_layer.kernel, from_layer.kernel
            if from_layer is before[0] and to_layer is after[0]:  # the same input has the same row
                rows = [(seen.index(name), at) for at, name in enumerate(self.inputs) if name in seen]
            elif from_layer is before[0] or to_layer is after[0]:
                continue  # one reads the inputs, the other does not
            else:
                rows = [(at, at) for at in range(min(len(was), len(kernel)))]
            units = min(was.shape[1], kernel.shape[1])
            for from_row, to_row in rows:
                kernel[to_row, :units] = was[from_row, :units]
            to_layer.bias[:units] = from_layer.bias[:units]

    # Training.

    @property
    def ready(self) -> bool:
        """Whether there is anything to learn from."""
        return self.train_data is not None

    @property
    def batches(self) -> int:
        return max(1, -(-len(self.x_train) // self.settings.batch_size))

    @property
    def left(self) -> int:
        """How many updates this epoch still has (a whole epoch where none has begun)."""
        rows = len(self.x_train) - self.at or len(self.x_train)
        return max(1, -(-rows // self.settings.batch_size))

    def take(self, rows: int) -> bool:
        """One update from the next ``rows`` training points; says whether it ended an epoch.

        Raises
        ------
        Divergence  where a number grows beyond bounds; the run is then back at its last good moment.
        """
        data = self.train_data
        assert data is not None
        if self.later:
            self._forget_what_came_later()
        n = len(data.x)
        if self.at >= n:
            self.order, self.at = self.model.rng.permutation(n), 0
            self._now = data.map(lambda values: np.take(values, self.order, axis=0))
        elif self._now is None:
            self._now = data.map(lambda values: np.take(values, self.order, axis=0))
        part = slice(self.at, min(self.at + rows, n))
        batch = self.at // max(rows, 1)
        x, t = self._now.x[part], self._now.t[part]
        try:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                learn(self.model, x, t, None, np.empty_like(t), self.epoch, batch)
        except Divergence as error:
            raise self._diverged(error) from None
        self.at, self.updates, self._scored = part.stop, self.updates + 1, None
        if self.at < n:
            return False
        self.epoch += 1
        if self.epoch % self.every == 0:
            self.note_scores(batch)
        return True

    def answers(self, x: np.ndarray, size: int) -> list[np.ndarray]:
        """What every layer says about every place of a map: (size, size, units) each.

        The map goes through in pieces, small enough that the matrix library does not call other processors to help:
        for so little work they are slower, and much slower on a busy machine.
        """
        rows = max(1, 1600 // size) * size
        pieces: list[list[np.ndarray]] = [[] for _ in self.model.layers]
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(x), rows):
                self.model._forward(x[start : start + rows])
                for kept, layer in zip(pieces, self.model.layers, strict=True):
                    kept.append(layer.y.copy())
        return [np.concatenate(kept).reshape(size, size, -1) for kept in pieces]

    def note_scores(self, batch: int = 0) -> None:
        """Write loss and score of this moment into the curves."""
        scores = self.scores()
        loss = scores["loss"]
        first = self.curves["loss"][0] if self.curves["loss"] else math.inf  # a start may be as bad as it likes
        if not math.isfinite(loss) or loss > BOUNDLESS * max(1.0, first):
            words = f"training diverged in epoch {self.epoch}: the loss grew to {loss:.3g}"
            raise self._diverged(Divergence(words, self.epoch - 1, batch, "", "the loss"))
        self.curves["epoch"].append(self.epoch)
        for name in ("loss", "test_loss"):
            self.curves[name].append(scores.get(name, loss))
        if len(self.curves["epoch"]) > MOST_POINTS:
            self.every *= 2
            keep = [at for at, epoch in enumerate(self.curves["epoch"]) if epoch % self.every == 0]
            self.curves = {name: [values[at] for at in keep] for name, values in self.curves.items()}

    def scores(self) -> dict[str, float]:
        """Loss and score of the network as it is now, on training and test points."""
        if self._scored is None or self._scored[0] is not self.model:
            found: dict[str, float] = {}
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                for prefix, data in (("", self.train_data), ("test_", self.test_data)):
                    if data is not None:
                        found |= {f"{prefix}{name}": value for name, value in judge(self.model, data).items()}
            self._scored = (self.model, found)
        return self._scored[1]

    def _diverged(self, error: Divergence) -> Divergence:
        rate = self.settings.learning_rate
        if self.past:
            self.restore(self.past[-1])
        moment = f"after epoch {self.epoch}" if self.epoch else "the start"
        words = (
            f"Training diverged in epoch {error.epoch + 1}: {error.quantity} grew beyond all bounds, because steps of "
            f"this size (learning rate {rate:g}) lead uphill. What you see is the last good moment, {moment}. "
            f"Try a smaller learning rate, then play on"
        )
        return Divergence(words, error.epoch, error.batch, error.layer, error.quantity)

    # The past.

    def restart_curves(self) -> None:
        """Nothing has happened yet."""
        self.epoch, self.updates, self.every, self.pure = 0, 0, 1, True
        self.seconds = 0.0
        self.inputs_before = self.inputs
        self.curves = {"epoch": [], "loss": [], "test_loss": []}
        self.past = deque(maxlen=PAST)
        self.later = []
        self._now = None
        if self.ready:
            self.note_scores()
        self.record()

    def record(self) -> None:
        """Keep this moment, to look back at."""
        optimizer, model = self.model.optimizer, self.model
        assert optimizer is not None
        memory = {name: optimizer.state[name].copy() for name in optimizer.memory if name in optimizer.state}
        self.later = []
        self.past.append(
            Snapshot(
                model.parameters.copy(),
                memory,
                optimizer.iterations,
                model.rng.bit_generator.state,
                self.order,
                self.at,
                self.epoch,
            )
        )

    def restore(self, then: Snapshot) -> None:
        """Be as it was then: weights, the optimizer's memory, the order of the points."""
        model, optimizer = self.model, self.model.optimizer
        assert optimizer is not None
        if then.parameters.shape != model.parameters.shape:
            return
        model.parameters[...] = then.parameters
        if set(then.memory) == set(optimizer.memory):
            optimizer.reset(model.parameters)
            for name, values in then.memory.items():
                optimizer.state[name][...] = values
            optimizer.iterations = then.iterations
        model.rng.bit_generator.state = then.random
        same_data = len(then.order) == len(self.x_train)
        self.order, self.at = (then.order, then.at) if same_data else (self.order, len(self.x_train))
        self.epoch, self._now, self._scored = then.epoch, None, None

    def look_back(self, steps: int) -> int:
        """Show the moment ``steps`` records ago; returns how far back that is, which may be less.

        A moment that is not written down yet, in the middle of an epoch or with a weight set by hand, is the newest.
        """
        if not self.later and not np.array_equal(self.model.parameters, self.past[-1].parameters):
            self.record()
        moments = [*self.past, *self.later]
        steps = min(steps, len(moments) - 1)
        kept = len(moments) - steps
        self.past, self.later = deque(moments[:kept], maxlen=PAST), moments[kept:]
        self.restore(self.past[-1])
        return steps

    def _forget_what_came_later(self) -> None:
        self.later = []
        known = sum(epoch <= self.epoch for epoch in self.curves["epoch"])
        self.curves = {name: values[:known] for name, values in self.curves.items()}

    def touch(self) -> None:
        """A weight was set by hand: from now on this run has more than its start."""
        self._scored, self.pure, self.updates = None, False, max(self.updates, 1)

    @property
    def set_by_hand(self) -> bool:
        """Whether the weights are others than training left them, because a cell has set them."""
        return self.at >= len(self.x_train) and not np.array_equal(self.model.parameters, self.past[-1].parameters)

    def fork(self) -> "Run":
        """A run with the settings of now, frozen, from the same start."""
        return Run(SimpleNamespace(**{k: v for k, v in vars(self.settings).items() if not k.startswith("_")}), self.own)
