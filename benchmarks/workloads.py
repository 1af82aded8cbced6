"""The five things that are timed. Every contender gets the same data, the same network and the same settings."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from annlab import datasets


@dataclass(frozen=True)
class Work:
    """A network, how it is trained, and for how long."""

    name: str
    what: str
    sizes: tuple[int, ...]
    hidden: str
    output: str
    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    threads: int = 1  # for PyTorch, which is fastest on small networks with one
    probes: bool = False  # ask for every node's output on a grid after each epoch

    @property
    def loss(self) -> str:
        return {"sigmoid": "binary_crossentropy", "softmax": "sparse_categorical_crossentropy", "tanh": "mse"}[
            self.output
        ]

    def layers(self) -> Iterator[tuple[int, str]]:
        """Units and activation of each layer after the input."""
        for size in self.sizes[1:-1]:
            yield size, self.hidden
        yield self.sizes[-1], self.output

    def data(self, dtype: str) -> tuple[np.ndarray, np.ndarray]:
        """Examples (n, features) and targets: (n, 1) floats, or (n,) class numbers."""
        if self.name == "W3":
            x, y = datasets.digits()
        elif self.name == "W4":
            rng = np.random.default_rng(0)
            x, y = rng.random((60_000, 784), dtype=np.float32), rng.integers(0, 10, 60_000)
        elif self.name == "W2":
            x, y = datasets.gauss(n=250, noise=0.1, seed=0)
            y = 2 * y - 1
        else:
            x, y = datasets.circle(n=1000, noise=0.1, seed=0)
        y = y.astype(np.int64) if self.output == "softmax" else y.astype(dtype)[:, None]
        return np.ascontiguousarray(x, dtype), y

    def grid(self, dtype: str) -> np.ndarray:
        """100 x 100 points of the plane, (10000, 2)."""
        line = np.linspace(-6, 6, 100)
        return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype(dtype)


WORKS = [
    Work("W1", "1,000 points, 2-10-20-1, Adam, batch 64, 30 epochs",
         (2, 10, 20, 1), "relu", "sigmoid", "adam", 1e-3, 64, 30),
    Work("W2", "250 points, 2-4-2-1, SGD, batch 10, 200 epochs, every node on a 100x100 grid after each",
         (2, 4, 2, 1), "tanh", "tanh", "sgd", 0.03, 10, 200, probes=True),
    Work("W3", "digits, 64-128-10, Adam, batch 32, 30 epochs",
         (64, 128, 10), "relu", "softmax", "adam", 1e-3, 32, 30),
    Work("W4", "60,000 x 784 random, 784-512-512-10, Adam, batch 128, 1 epoch",
         (784, 512, 512, 10), "relu", "softmax", "adam", 1e-3, 128, 1, threads=2),
    Work("W5", "1,000 points, 2-10-20-1, SGD, batch 1, 5 epochs",
         (2, 10, 20, 1), "relu", "sigmoid", "sgd", 0.01, 1, 5),
]  # fmt: skip

# How many times as fast as each contender annlab has to be, in float32: the aims of this project.
AIMS = {
    "Keras, TensorFlow": (40, 55, 24, 1.4, 35),
    "Keras, torch": (40, 55, 24, 1.4, 35),
    "Keras, JAX": (6, 7, 2.5, 0.7, 5),
    "PyTorch eager": (10, 7, 5, 0.95, 9),
    "scikit-learn": (5, 6, 3, 1.3, 6),
    "JAX, jit a step": (2, 1.9, 0.8, 0.8, 3),
    "JAX, jit a step, donated": (2, 1.9, 0.8, 0.8, 3),
    "matrix products alone": (None, None, 1 / 4.5, 1 / 2.2, None),
}
