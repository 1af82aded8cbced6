"""Is the backward pass right? Nudge each weight and see.

The slope that backpropagation computes must be the slope one measures: (loss(w + e) - loss(w - e)) / (2 e). It takes
two forward passes for each weight, so it is far too slow to train with, and just right to test with.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import number
from .training import backward, from_logits, judge, regularize

Array = NDArray[Any]


@dataclass(frozen=True)
class GradientCheck:
    """``error``: the largest |computed - measured| / max(1, |computed|, |measured|); ``worst``: the weight it is at."""

    error: float
    worst: str
    computed: Array
    measured: Array

    def __repr__(self) -> str:
        verdict = "agree" if self else "differ"
        return f"<gradients {verdict}: largest difference {self.error:.1e}, at {self.worst}>"

    def __bool__(self) -> bool:
        return self.error < 1e-6


def gradcheck(model: Any, x: Any, y: Any, epsilon: float = 1e-5, sample_weight: Any = None) -> GradientCheck:
    """Compare backpropagation with finite differences for every weight of a compiled float64 network.

    Raises
    ------
    ValueError  for a float32 network, whose digits are too few to compare.
    """
    number("epsilon", epsilon, above=0)
    data = model._prepare(x, y, 1, sample_weight, None, None, 0.0)[0]
    if model.dtype != np.float64:
        raise ValueError("gradcheck needs a float64 network: a float32 one has too few digits to compare")
    backward(model, data.t, model._forward(data.x), data.weights, from_logits(model))
    regularize(model)
    computed, measured = model.gradients.copy(), np.empty_like(model.gradients)
    for i, weight in enumerate(model.parameters.copy()):
        around = []
        for nudge in (epsilon, -epsilon):
            model.parameters[i] = weight + nudge
            around.append(judge(model, data)["loss"])
        model.parameters[i] = weight
        measured[i] = (around[0] - around[1]) / (2 * epsilon)
    errors = np.abs(computed - measured) / np.maximum(1, np.maximum(np.abs(computed), np.abs(measured)))
    names = [f"{name}[{', '.join(map(str, index))}]" for name, w in model._weights() for index in np.ndindex(w.shape)]
    return GradientCheck(float(errors.max()), names[int(errors.argmax())], computed, measured)
