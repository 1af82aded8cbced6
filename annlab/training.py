"""The loop that teaches a network: forward, loss, backward, update; again and again.

``train`` is a generator: it stops after every batch or every epoch and hands over what happened, so that you can look,
change the learning rate, and let it go on. ``learn`` is one round of the loop, and the heart of the whole library.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .activations import constant
from .layers import Activation, Dense

Array = NDArray[Any]
ROWS_AT_ONCE = 4096  # predictions go through in pieces of this many examples, so that scratch arrays stay small
SMALL_DATA = 2**25  # bytes; below this the whole shuffled epoch is gathered at once (1.2 times faster for tiny batches)
ENDINGS = (Dense, Activation)  # layers that a loss may enter behind their activation
FAR = 1e12  # a squared gradient and a learning rate below this cannot carry a weight beyond all numbers in one step


class Divergence(ArithmeticError):
    """Training stopped, because a number grew beyond all bounds. The weights are those of the last good update."""

    def __init__(self, message: str, epoch: int, batch: int, layer: str, quantity: str):
        super().__init__(message)
        self.epoch, self.batch, self.layer, self.quantity = epoch, batch, layer, quantity

    def __reduce__(self) -> tuple[Any, ...]:  # so that it travels between processes
        return type(self), (*self.args, self.epoch, self.batch, self.layer, self.quantity)


@dataclass(frozen=True)
class Step:
    """What ``iter_fit`` yields. ``logs`` speaks of this batch, or of the whole epoch when it has just ended."""

    epoch: int
    batch: int
    batches: int
    logs: dict[str, float]
    end_of_epoch: bool


class Data(NamedTuple):
    """Examples that have been checked: floats, one row of targets and perhaps one weight for each."""

    x: Array
    t: Array
    weights: Array | None

    def map(self, change: Callable[[Array], Array]) -> "Data":
        """``change`` applied to each array."""
        return Data(change(self.x), change(self.t), None if self.weights is None else change(self.weights))


def train(
    model: Any,
    data: Data,
    batch_size: int,
    epochs: range,
    shuffle: bool = True,
    validation: Data | None = None,
    every: str = "epoch",
    batch_logs: bool = True,
    epoch_begin: Callable[[int], None] = lambda epoch: None,
) -> Iterator[Step]:
    """Yield a ``Step`` after every "batch" or "epoch". Outputs are kept, so that the loss is computed once an epoch.

    Raises
    ------
    Divergence  on the first loss that is not finite.
    """
    n = len(data.x)
    gather_batches = shuffle and data.x.nbytes > SMALL_DATA
    now = data.map(np.empty_like) if shuffle else data
    outputs = np.empty_like(data.t)
    pieces = [slice(start, min(start + batch_size, n)) for start in range(0, n, batch_size)]
    batches = [(now.x[p], now.t[p], None if now.weights is None else now.weights[p], outputs[p]) for p in pieces]
    last = len(pieces) - 1
    groups = [range(last + 1)] if every == "epoch" else [range(i, i + 1) for i in range(last + 1)]
    order = np.arange(n)
    for epoch in epochs:
        epoch_begin(epoch)
        if shuffle:
            order = model.rng.permutation(n)
            for source, target in zip(data, now, strict=True):
                if source is not None and target is not None and not (gather_batches and source is data.x):
                    np.take(source, order, axis=0, out=target, mode="clip")
        penalties = 0.0
        for group in groups:
            # Numbers that outgrow the floats are caught in ``learn``, with a message: numpy need not warn of them.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                for i in group:
                    x, t, weights, keep = batches[i]
                    if gather_batches:
                        x = data.x[order[pieces[i]]]
                    penalty = learn(model, x, t, weights, keep, epoch, i)
                    penalties += penalty * len(x)
            if i < last:
                yield Step(epoch, i, last + 1, report(model, t, keep, weights, penalty) if batch_logs else {}, False)
        logs = report(model, now.t, outputs, now.weights, penalties / n)
        if not math.isfinite(logs["loss"]):
            raise divergence(model, "the loss", "", epoch, last, model.optimizer.iterations)
        if validation is not None:
            logs |= {f"val_{name}": value for name, value in judge(model, validation).items()}
        yield Step(epoch, last, last + 1, logs, True)


def learn(model: Any, x: Array, t: Array, weights: Array | None, keep: Array, epoch: int = 0, batch: int = 0) -> float:
    """One update: forward, loss, backward, step. Returns the penalty for large weights.

    The outputs are copied to ``keep`` (the weighted sums of the last layer, where the loss is computed from those).
    """
    logits = from_logits(model)
    y = x
    for layer in model.layers:
        y = layer.forward(y, training=True)
    keep[...] = model.layers[-1].z if logits else y
    backward(model, t, y, weights, logits)
    penalty = regularize(model)
    gradients, optimizer = model.gradients, model.optimizer
    length = gradients.dot(gradients)
    if not math.isfinite(length):
        check_finite(model, t, keep, weights, epoch, batch)
    if length < FAR and optimizer.current_learning_rate < FAR:
        optimizer.step(model.parameters, gradients, model._parts)
    else:
        careful_step(model, epoch, batch)
    return penalty


def careful_step(model: Any, epoch: int, batch: int) -> None:
    """The optimizer's step, taken back if it carries a weight beyond all numbers."""
    optimizer, before = model.optimizer, model.parameters.copy()
    optimizer.step(model.parameters, model.gradients, model._parts)
    for layer in model.layers:
        for name, weight in layer.weights.items():
            if not np.isfinite(weight).all():
                model.parameters[...] = before
                optimizer.iterations -= 1
                error = divergence(model, f"the {name} of layer {layer.name!r}", layer.name, epoch, batch)
                optimizer.reset()  # what it remembers has gone too far as well
                raise error


def from_logits(model: Any) -> bool:
    """Whether loss and gradient come from the last layer's weighted sums, because its activation suits the loss."""
    last = model.layers[-1]
    return (
        last.activation is not None and last.activation.name == model.loss.last_activation and isinstance(last, ENDINGS)
    )


def backward(model: Any, t: Array, y: Array, weights: Array | None, logits: bool, input_gradient: bool = False) -> None:
    """From the loss back to every gradient; to the network's own inputs only if asked (nothing there learns)."""
    last, first = model.layers[-1], model.layers[0]
    dy = model.loss.logits_gradient(t, y) if logits else model.loss._gradient(t, y)
    rows = y.size // y.shape[-1]
    if rows > 1:
        dy *= constant(1 / rows, dy.dtype)  # the loss of a batch is a mean
    if weights is not None:
        dy *= weights
    way_back = last.backward_from_z if logits else last.backward
    dy = last.dx = way_back(dy, input_gradient or last is not first)
    for layer in model.layers[-2::-1]:
        dy = layer.dx = layer.backward(dy, input_gradient or layer is not first)


def regularize(model: Any) -> float:
    """Add the regularizers' part to the gradients; return the penalty."""
    penalty = 0.0
    for layer in model.layers:
        if layer.regularizers:
            for name, regularizer in layer.regularizers.items():
                if name in layer.weights:
                    penalty += regularizer.penalty(layer.weights[name])
                    layer.gradients[name][...] += regularizer.gradient(layer.weights[name])
    return penalty


def report(model: Any, t: Array, outputs: Array, weights: Array | None, penalty: float) -> dict[str, float]:
    """Loss and metrics from the outputs that ``learn`` kept."""
    logits = from_logits(model)
    with np.errstate(over="ignore", invalid="ignore"):
        values = (model.loss.logits_per_example if logits else model.loss._per_example)(t, outputs)
        if weights is not None:
            values = values * weights[..., 0]
        logs = {"loss": float(values.mean(dtype=np.float64)) + penalty}
        if model.metrics:
            y = model.layers[-1].activation.forward(outputs) if logits else outputs
            logs |= {name: float(metric(t, y)) for name, metric in model.metrics.items()}
    return logs


def judge(model: Any, data: Data) -> dict[str, float]:
    """Loss and metrics on examples that are not learned from."""
    logits = from_logits(model)

    def answer(x: Array) -> Array:
        y = model._forward(x)
        return model.layers[-1].z if logits else y

    penalty = sum(
        regularizer.penalty(layer.weights[name])
        for layer in model.layers
        for name, regularizer in layer.regularizers.items()
        if name in layer.weights
    )
    return report(model, data.t, in_pieces(data.x, answer), data.weights, penalty)


def in_pieces(x: Array, answer: Callable[[Array], Array], rows: int = ROWS_AT_ONCE) -> Array:
    """``answer(piece)`` for each piece of ``x``, put together again in a new array."""
    if len(x) <= rows:
        return answer(x).copy()
    return np.concatenate([answer(x[start : start + rows]).copy() for start in range(0, len(x), rows)])


def check_finite(model: Any, t: Array, outputs: Array, weights: Array | None, epoch: int, batch: int) -> None:
    """Raise ``Divergence`` if a number of this update is not finite, naming the first one on the way."""
    sums = ((layer.name, "weighted sums", layer.z) for layer in model.layers)
    back = ((layer.name, f"gradient of the {n}", g) for layer in model.layers[::-1] for n, g in layer.gradients.items())
    for layer, quantity, values in (*sums, *back):
        if not np.isfinite(values).all():
            raise divergence(model, f"the {quantity} of layer {layer!r}", layer, epoch, batch)
    if not math.isfinite(report(model, t, outputs, weights, 0.0)["loss"]):
        raise divergence(model, "the loss", model.layers[-1].name, epoch, batch)


def divergence(model: Any, quantity: str, layer: str, epoch: int, batch: int, update: int = 0) -> Divergence:
    """The exception, with its message; without an ``update`` it is the one that was under way."""
    optimizer = model.optimizer
    update = update or optimizer.iterations + 1
    return Divergence(
        f"training diverged in epoch {epoch + 1}, batch {batch + 1} (update {update}): {quantity} "
        "grew beyond all numbers. The weights are those of the last good update. Try a smaller learning_rate "
        f"(it is {optimizer.current_learning_rate:g}), inputs scaled to about -1 to 1, or clipnorm=1 in the optimizer",
        epoch,
        batch,
        layer,
        quantity,
    )
