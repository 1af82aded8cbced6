"""The libraries that are compared, each in the way its own users would write it.

A contender is a class with ``prepare(work, dtype)``, which builds the network and returns three functions: ``reset``
puts the first weights back (not timed), ``train`` trains once and returns the last epoch's loss (timed), ``ask``
answers for one example. Libraries are imported inside, so that a process loads one contender only.
"""

import math
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from workloads import Work

Prepared = tuple[Callable[[], Any], Callable[[], float], Callable[[], Any]]


class Annlab:
    """This library, through its public ``fit``."""

    def __init__(self) -> None:
        import annlab

        self.annlab, self.version = annlab, annlab.__version__

    def prepare(self, work: Work, dtype: str) -> Prepared:
        from annlab.callbacks import LambdaCallback

        x, y = work.data(dtype)
        layers = [self.annlab.Dense(units, activation) for units, activation in work.layers()]
        model = self.annlab.Sequential([self.annlab.Input((work.sizes[0],)), *layers], seed=0, dtype=dtype)
        kind = {"adam": self.annlab.Adam, "sgd": self.annlab.SGD}[work.optimizer]
        metrics = [] if work.output == "tanh" else ["accuracy"]
        model.compile(optimizer=kind(work.learning_rate), loss=work.loss, metrics=metrics)
        start, grid = model.get_weights(), work.grid(dtype)
        probe = LambdaCallback(on_epoch_end=lambda epoch, logs: model.layer_outputs(grid))

        def train() -> float:
            callbacks = [probe] if work.probes else None
            history = model.fit(x, y, work.batch_size, work.epochs, verbose=0, callbacks=callbacks)
            return history.history["loss"][-1]

        one = x[:1]
        return lambda: model.set_weights(start), train, lambda: model(one)


class Keras:
    """Keras 3, through its public ``fit``; one process a backend."""

    def __init__(self, backend: str) -> None:
        os.environ["KERAS_BACKEND"] = backend
        import keras

        assert keras.backend.backend() == backend
        self.keras = keras
        self.version = f"{keras.__version__} on {backend} {__import__(backend).__version__}"

    def prepare(self, work: Work, dtype: str) -> Prepared:
        keras = self.keras
        keras.utils.set_random_seed(0)
        keras.config.set_floatx(dtype)
        x, y = work.data(dtype)
        layers = [keras.layers.Dense(units, activation) for units, activation in work.layers()]
        model = keras.Sequential([keras.Input((work.sizes[0],)), *layers])
        kind = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[work.optimizer]
        metrics = [] if work.output == "tanh" else ["accuracy"]
        model.compile(optimizer=kind(work.learning_rate), loss=work.loss, metrics=metrics)
        nodes = keras.Model(model.inputs, [layer.output for layer in model.layers])
        start, grid = model.get_weights(), work.grid(dtype)
        probe = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: nodes.predict_on_batch(grid))

        def train() -> float:
            callbacks = [probe] if work.probes else None
            history = model.fit(x, y, batch_size=work.batch_size, epochs=work.epochs, verbose=0, callbacks=callbacks)
            return history.history["loss"][-1]

        one = x[:1]
        return lambda: model.set_weights(start), train, lambda: np.asarray(model.predict_on_batch(one))


class Torch:
    """PyTorch, eager: the loop of its tutorials, batches cut from a shuffled index."""

    def __init__(self) -> None:
        import torch

        self.torch, self.version = torch, torch.__version__

    def prepare(self, work: Work, dtype: str) -> Prepared:
        torch = self.torch
        torch.set_num_threads(min(work.threads, os.cpu_count() or 1))
        torch.manual_seed(0)
        kind = getattr(torch, dtype)
        x, y = (torch.from_numpy(array) for array in work.data(dtype))
        made = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}
        parts: list[Any] = []
        for before, (units, activation) in zip(work.sizes, work.layers(), strict=False):
            parts.append(torch.nn.Linear(before, units, dtype=kind))
            if activation in made:  # sigmoid and softmax belong to the loss
                parts.append(made[activation]())
        model = torch.nn.Sequential(*parts)
        loss_of = {
            "sigmoid": torch.nn.BCEWithLogitsLoss, "softmax": torch.nn.CrossEntropyLoss, "tanh": torch.nn.MSELoss
        }[work.output]()  # fmt: skip
        make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[work.optimizer]
        optimizer = make(model.parameters(), lr=work.learning_rate)
        start = {name: value.clone() for name, value in model.state_dict().items()}
        grid = torch.from_numpy(work.grid(dtype))

        def train() -> float:
            for _ in range(work.epochs):
                order, total = torch.randperm(len(x)), 0.0
                for rows in order.split(work.batch_size):
                    optimizer.zero_grad()
                    loss = loss_of(model(x[rows]), y[rows])
                    loss.backward()
                    optimizer.step()
                    total += loss.item() * len(rows)
                if work.probes:
                    with torch.no_grad():
                        values, nodes = grid, []
                        for part in model:
                            values = part(values)
                            nodes.append(values.numpy())
            return total / len(x)

        one = x[:1]

        def ask() -> Any:
            with torch.no_grad():
                return model(one).numpy()

        return lambda: model.load_state_dict(start), train, ask


class ScikitLearn:
    """scikit-learn's multi-layer perceptron, its own early stopping out of the way."""

    def __init__(self) -> None:
        import sklearn

        self.version = sklearn.__version__

    def prepare(self, work: Work, dtype: str) -> Prepared:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        warnings.simplefilter("ignore")  # it warns that so many epochs are not convergence
        x, y = work.data(dtype)
        y = y.ravel()
        settings: dict[str, Any] = {
            "hidden_layer_sizes": work.sizes[1:-1], "activation": work.hidden, "alpha": 0.0, "random_state": 0,
            "solver": work.optimizer, "learning_rate_init": work.learning_rate, "momentum": 0.0,
            "nesterovs_momentum": False, "batch_size": work.batch_size, "max_iter": work.epochs, "tol": 0.0,
            "n_iter_no_change": work.epochs + 1,
        }  # fmt: skip
        grid = work.grid(dtype)
        trained: list[Any] = []

        def train() -> float:
            model = (MLPRegressor if work.output == "tanh" else MLPClassifier)(**settings)  # its last layer is linear
            trained[:] = [model]
            if not work.probes:
                return model.fit(x, y).loss_
            for _ in range(work.epochs):
                model.partial_fit(x, y)
                model._forward_pass([grid, *[None] * (model.n_layers_ - 1)])  # its public predict hides the nodes
            return model.loss_

        return lambda: None, train, lambda: trained[0].predict(x[:1])


class Jax:
    """JAX with the training written by hand: one compiled function a batch, or with ``scan`` one an epoch.

    With ``donate`` the old weights' memory becomes that of the new ones, which halves the time of a small step.
    """

    def __init__(self, scan: bool, donate: bool = True) -> None:
        import jax

        self.jax, self.version, self.scan = jax, jax.__version__, scan
        self.donate = (0,) if donate else ()

    def prepare(self, work: Work, dtype: str) -> Prepared:
        jax, jnp = self.jax, self.jax.numpy
        jax.config.update("jax_enable_x64", dtype == "float64")
        x, y = work.data(dtype)
        rng = np.random.default_rng(0)
        ends = {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid, "softmax": jax.nn.softmax}
        activations = [ends[name] for _, name in work.layers()]
        weights = []
        for before, after in zip(work.sizes, work.sizes[1:], strict=False):
            limit = math.sqrt(6 / (before + after))
            weights.append((jnp.asarray(rng.uniform(-limit, limit, (before, after)), dtype), jnp.zeros(after, dtype)))

        def logits(weights: Any, x: Any) -> Any:
            for (kernel, bias), activation in zip(weights[:-1], activations, strict=False):
                x = activation(x @ kernel + bias)
            kernel, bias = weights[-1]
            return x @ kernel + bias

        def loss_of(weights: Any, x: Any, y: Any) -> Any:
            z = logits(weights, x)
            if work.output == "sigmoid":
                return jnp.mean(jax.nn.softplus(z) - y * z)
            if work.output == "softmax":
                return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))
            return jnp.mean((jnp.tanh(z) - y) ** 2)

        tree = jax.tree.map

        def update(state: Any, x: Any, y: Any) -> Any:
            weights, m, v, t = state
            loss, gradients = jax.value_and_grad(loss_of)(weights, x, y)
            rate = work.learning_rate
            if work.optimizer == "sgd":
                return (tree(lambda w, g: w - rate * g, weights, gradients), m, v, t), loss
            t = t + 1
            m = tree(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
            v = tree(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
            rate = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            weights = tree(lambda w, m, v: (w - rate * m / (jnp.sqrt(v) + 1e-7)).astype(w.dtype), weights, m, v)
            return (weights, m, v, t), loss

        step = jax.jit(update, donate_argnums=self.donate)

        def epoch(state: Any, x: Any, y: Any) -> Any:
            return jax.lax.scan(lambda state, batch: update(state, *batch), state, (x, y))

        scanned = jax.jit(epoch, donate_argnums=self.donate)

        @jax.jit
        def nodes(weights: Any, x: Any) -> Any:
            seen = []
            for (kernel, bias), activation in zip(weights, activations, strict=True):
                x = activation(x @ kernel + bias)
                seen.append(x)
            return seen

        def fresh() -> Any:
            zeros = tree(jnp.zeros_like, weights)
            return tree(jnp.copy, weights), zeros, tree(jnp.copy, zeros), jnp.asarray(0.0, dtype)

        state, size, grid, whole = [fresh()], work.batch_size, work.grid(dtype), len(x) // work.batch_size
        answers = jax.jit(lambda weights, x: activations[-1](logits(weights, x)))

        def train() -> float:
            now = state[0]
            for _ in range(work.epochs):
                order = rng.permutation(len(x))
                shuffled_x, shuffled_y, part = x[order], y[order], []
                if self.scan:
                    cut = whole * size
                    batches = (a[:cut].reshape(whole, size, *a.shape[1:]) for a in (shuffled_x, shuffled_y))
                    now, part_losses = scanned(now, *batches)
                    part.append(part_losses.mean())
                for start in range(whole * size if self.scan else 0, len(x), size):
                    now, loss = step(now, shuffled_x[start : start + size], shuffled_y[start : start + size])
                    part.append(loss)
                if work.probes:
                    [np.asarray(values) for values in nodes(now[0], grid)]
            state[0] = jax.block_until_ready(now)
            return float(part[0])

        def reset() -> None:
            state[0] = fresh()

        one = x[:1]
        return reset, train, lambda: np.asarray(answers(state[0][0], one))


class MatrixProducts:
    """Only the matrix products that training cannot do without, into ready buffers: the limit for plain numpy."""

    def __init__(self) -> None:
        self.version = np.__version__

    def prepare(self, work: Work, dtype: str) -> Prepared:
        x, _ = work.data(dtype)
        rng = np.random.default_rng(0)
        kernels = [rng.random(pair).astype(dtype) for pair in zip(work.sizes, work.sizes[1:], strict=False)]
        gradients = [np.empty_like(kernel) for kernel in kernels]
        sizes = [work.batch_size] * (len(x) // work.batch_size) + [len(x) % work.batch_size or work.batch_size]
        sizes = sizes[: -(-len(x) // work.batch_size)]
        outputs = {n: [np.ones((n, units), dtype) for units in work.sizes[1:]] for n in {*sizes, len(work.grid(dtype))}}
        back = {n: [np.ones((n, units), dtype) for units in work.sizes[1:]] for n in {*sizes}}
        grid = work.grid(dtype)

        def forward(values: np.ndarray) -> None:
            for kernel, out in zip(kernels, outputs[len(values)], strict=True):
                values = values.dot(kernel, out)

        def train() -> float:
            for _ in range(work.epochs):
                start = 0
                for n in sizes:
                    rows = x[start : start + n]
                    forward(rows)
                    inputs, deltas = [rows, *outputs[n]], back[n]
                    for i in reversed(range(len(kernels))):
                        inputs[i].T.dot(deltas[i], gradients[i])
                        if i:
                            deltas[i].dot(kernels[i].T, deltas[i - 1])
                    start += n
                if work.probes:
                    forward(grid)
            return 0.0

        def reset() -> None:
            for delta in (delta for deltas in back.values() for delta in deltas):
                delta.fill(1)  # products of products would overflow

        one = x[:1]

        def ask() -> Any:
            values = one
            for kernel in kernels:
                values = values @ kernel
            return values

        return reset, train, ask


# name: how to make it, what to import to know whether it is here, the types it is asked to train in
CONTENDERS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "annlab": (Annlab, ("annlab",)),
    "Keras, TensorFlow": (lambda: Keras("tensorflow"), ("keras", "tensorflow")),
    "Keras, torch": (lambda: Keras("torch"), ("keras", "torch")),
    "Keras, JAX": (lambda: Keras("jax"), ("keras", "jax")),
    "PyTorch eager": (Torch, ("torch",)),
    "scikit-learn": (ScikitLearn, ("sklearn",)),
    "JAX, jit a step": (lambda: Jax(scan=False, donate=False), ("jax",)),
    "JAX, jit a step, donated": (lambda: Jax(scan=False), ("jax",)),
    "JAX, scan an epoch": (lambda: Jax(scan=True), ("jax",)),
    "matrix products alone": (MatrixProducts, ("numpy",)),
}
