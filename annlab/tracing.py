"""Everything that one example causes, written down.

``model.trace(x, y)`` answers with plain arrays: what each layer received, summed up and answered; the loss; the blame
on its way back; and what the optimizer would do about it. The pictures of the lessons show these numbers, no others.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import training

Array = NDArray[Any]


@dataclass(frozen=True)
class LayerTrace:
    """What one layer did, forwards and backwards. The names are those of the layer; dv is dL/dv.

    ``dy``, ``dz``, ``dx``, ``gradients``, ``updates`` and ``new_weights`` are there if a target was given.
    """

    name: str
    activation: str | None
    x: Array
    z: Array
    y: Array
    weights: dict[str, Array]
    dy: Array | None = None
    dz: Array | None = None
    dx: Array | None = None
    gradients: dict[str, Array] = field(default_factory=dict)
    updates: dict[str, Array] = field(default_factory=dict)
    new_weights: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Trace:
    """One example (or one batch) on its way through the network; see ``Sequential.trace``."""

    x: Array
    output: Array
    target: Array | None
    loss: float | None
    layers: list[LayerTrace]


def trace(model: Any, x: Any, y: Any = None, sample_weight: Any = None) -> Trace:
    """See ``Sequential.trace``. Everything is done by a copy of the network, so nothing changes in this one."""
    single = np.ndim(x) == len(model.input_shape or (1,))
    rows = [x] if single else x
    twin = copy.deepcopy(model)

    def plain(array: Any) -> Any:
        """Without the batch axis, if there was one example."""
        return None if array is None else array[0].copy() if single else array.copy()

    if y is None:
        features = twin._features(rows)
        output = twin._forward(features)
        layers = [LayerTrace(**_forwards(layer, plain)) for layer in twin.layers]
        return Trace(plain(features), plain(output), None, None, layers)

    twin._need_compiled("trace with a target")
    data = twin._data(rows, [y] if single else y, sample_weight)
    loss = training.judge(twin, data)["loss"]
    output = twin._forward(data.x).copy()
    training.backward(twin, data.t, output, data.weights, training.from_logits(twin), input_gradient=True)
    training.regularize(twin)
    dy = twin.loss._gradient(data.t, output) / (output.size // output.shape[-1])
    dys = [*(layer.dx for layer in twin.layers[1:]), dy if data.weights is None else dy * data.weights]
    forwards = [_forwards(layer, plain) for layer in twin.layers]
    gradients = [_copies(layer.gradients) for layer in twin.layers]
    twin.optimizer.step(twin.parameters, twin.gradients, twin._parts)
    layers = []
    for layer, dy, before, found in zip(twin.layers, dys, forwards, gradients, strict=True):
        after = _copies(layer.weights)
        updates = {name: after[name] - before["weights"][name] for name in after}
        blame = {"dy": plain(dy), "dz": plain(getattr(layer, "dz", None)), "dx": plain(layer.dx)}
        layers.append(LayerTrace(**before, **blame, gradients=found, updates=updates, new_weights=after))
    return Trace(plain(data.x), plain(output), plain(data.t), loss, layers)


def _forwards(layer: Any, plain: Any) -> dict[str, Any]:
    """The forward half of a ``LayerTrace``."""
    return {
        "name": layer.name,
        "activation": layer.activation.name if layer.activation else None,
        "x": plain(layer.x),
        "z": plain(layer.z),
        "y": plain(layer.y),
        "weights": _copies(layer.weights),
    }


def _copies(arrays: Any) -> dict[str, Array]:
    return {name: array.copy() for name, array in arrays.items()}
