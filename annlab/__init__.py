"""annlab: artificial neural networks, small enough to be read.

``import annlab`` loads numpy and nothing else. Pictures (``annlab.plots``, ``annlab.labs``) are loaded when you first
ask for them, so a network trains just as well where nothing can be drawn.

    from annlab import Sequential, Dense
    model = Sequential([Dense(4, "tanh", input_dim=2), Dense(1, "sigmoid")], seed=1)
    model.compile("adam", "binary_crossentropy", ["accuracy"])
    model.fit(x, y, epochs=30)
"""

from importlib import import_module
from typing import Any

# Without numpy nothing here works but `annlab doctor`, and that should be able to say what is missing.
try:
    import numpy as _numpy  # noqa: F401
except ImportError as error:
    _WITHOUT_NUMPY: ImportError | None = error
else:
    _WITHOUT_NUMPY = None
    from . import activations, callbacks, initializers, layers, losses, metrics, models, optimizers, regularizers
    from .gradcheck import gradcheck
    from .layers import Activation, Dense, Dropout, Input, SimpleRNN
    from .models import Divergence, Sequential
    from .optimizers import SGD, Adagrad, Adam, AdamW, RMSprop

__version__ = "0.1.0"

# Loaded on first use, each from the module named: (module, attribute), or (module, None) for the module itself.
_ON_REQUEST = {
    "experiments": ("experiments", None),
    "load": ("saving", "load"),
    "load_model": ("saving", "load"),
    "schedules": ("schedules", None),
    "Neuron": ("neurons", "Neuron"),
    "Perceptron": ("neurons", "Perceptron"),
    "HopfieldNetwork": ("hopfield", "HopfieldNetwork"),
    "puzzles": ("puzzles", None),
    "datasets": ("datasets", None),
    "keras_twin": ("keras_twin", None),
    "plots": ("plots", None),
    "labs": ("labs", None),
    "words": ("words", None),
    "exercises": ("exercises", None),
    "CompareLab": ("labs", "CompareLab"),
    "DescentLab": ("labs", "DescentLab"),
    "DigitsLab": ("labs", "DigitsLab"),
    "ActivationLab": ("labs", "ActivationLab"),
    "ForwardLab": ("labs", "ForwardLab"),
    "GeneralizationLab": ("labs", "GeneralizationLab"),
    "HopfieldLab": ("labs", "HopfieldLab"),
    "LossLab": ("labs", "LossLab"),
    "NeuronLab": ("labs", "NeuronLab"),
    "NodesLab": ("labs", "NodesLab"),
    "PerceptronLab": ("labs", "PerceptronLab"),
    "PuzzleLab": ("labs", "PuzzleLab"),
    "Playground": ("labs", "Playground"),
    "RecurrentLab": ("labs", "RecurrentLab"),
    "BackpropLab": ("labs", "BackpropLab"),
}

__all__ = [
    "SGD",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "Dense",
    "Divergence",
    "Dropout",
    "Input",
    "RMSprop",
    "Sequential",
    "SimpleRNN",
    "activations",
    "callbacks",
    "gradcheck",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    *_ON_REQUEST,
]


def __getattr__(name: str) -> Any:
    if _WITHOUT_NUMPY and name in __all__:
        raise ImportError(
            f"annlab needs numpy, which does not load here ({_WITHOUT_NUMPY}). See what is missing, and the command "
            "that mends it: python -m annlab doctor"
        ) from _WITHOUT_NUMPY
    if name not in _ON_REQUEST:
        raise AttributeError(f"module 'annlab' has no attribute {name!r}")
    module, attribute = _ON_REQUEST[name]
    loaded = import_module(f".{module}", __name__)
    value = loaded if attribute is None else getattr(loaded, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_ON_REQUEST))
