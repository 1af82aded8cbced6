"""How fast could a step be in numpy? One update of W5 written out by hand, in turn with ``fit``.

    python benchmarks/limit.py

The function below is no library: one network, one batch size, one optimizer, every array made beforehand, nothing kept
for you to look at. What is left is numpy's own time for its calls, so no library on numpy can be faster.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
from contenders import Annlab
from workloads import WORKS

WORK = next(work for work in WORKS if work.name == "W5")


def by_hand() -> Callable[[], float]:
    """A function that trains W5's network 2-10-20-1 for its 5 epochs, one example at a time; the last loss."""
    x, targets = WORK.data("float32")
    sizes, rng = WORK.sizes, np.random.default_rng(0)
    pairs = list(zip(sizes, sizes[1:], strict=False))
    weights = np.zeros(sum((before + 1) * after for before, after in pairs), np.float32)
    gradients, change = np.zeros_like(weights), np.empty_like(weights)
    views, start = [], 0
    for before, after in pairs:
        end = start + before * after
        for vector in (weights, gradients):
            views.append((vector[start:end].reshape(before, after), vector[None, end : end + after]))
        start = end + after
    (w1, b1), (g1, d1), (w2, b2), (g2, d2), (w3, b3), (g3, d3) = views
    for kernel in (w1, w2, w3):
        limit = np.sqrt(6 / sum(kernel.shape))
        kernel[...] = rng.uniform(-limit, limit, kernel.shape)
    p1, z1, y1, s1, back1 = np.empty((5, 1, sizes[1]), np.float32)
    p2, z2, y2, s2, back2 = np.empty((5, 1, sizes[2]), np.float32)
    p3, z3 = np.empty((2, 1, 1), np.float32)
    zero, one, rate = (np.array(number, np.float32) for number in (0, 1, WORK.learning_rate))
    sums = np.empty_like(targets)

    def train() -> float:
        for _ in range(WORK.epochs):
            order = rng.permutation(len(x))
            shuffled, wanted = x[order], targets[order]
            for i in range(len(x)):
                row = shuffled[i : i + 1]
                np.add(row.dot(w1, p1), b1, z1)
                np.maximum(z1, zero, out=y1)
                np.add(y1.dot(w2, p2), b2, z2)
                np.maximum(z2, zero, out=y2)
                np.add(y2.dot(w3, p3), b3, z3)
                sums[i] = z3[0]
                np.subtract(np.reciprocal(np.add(np.exp(np.negative(z3)), one)), wanted[i : i + 1], d3)
                y2.T.dot(d3, g3)
                np.multiply(np.sign(y2, s2), d3.dot(w3.T, back2), d2)
                y1.T.dot(d2, g2)
                np.multiply(np.sign(y1, s1), d2.dot(w2.T, back1), d1)
                row.T.dot(d1, g1)
                np.multiply(gradients, rate, change)
                np.subtract(weights, change, weights)
        return float(np.mean(np.logaddexp(0, sums) - wanted * sums))

    return train


def main() -> None:
    reset, fit, _ = Annlab().prepare(WORK, "float32")
    contenders = {"by hand": by_hand(), "annlab": fit}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(8):
        for name, train in contenders.items():
            reset()
            began = time.perf_counter()
            loss = train()
            if turn:  # the first warms up
                seconds[name].append(time.perf_counter() - began)
            assert loss < 1, f"{name} did not learn: {loss}"
    steps = WORK.epochs * len(WORK.data("float32")[0])
    for name, each in seconds.items():
        typical, fastest = (1e6 * pick(each) / steps for pick in (statistics.median, min))
        print(f"{name:8} {typical:5.1f} us a step (fastest {fastest:.1f})")


if __name__ == "__main__":
    main()
