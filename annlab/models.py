"""A network: layers in a row.

Forwards, each layer's output is the next layer's input. Backwards, each layer hands the blame to the one before it.
All weights of a network are views into one vector, ``parameters``, and their gradients into another, ``gradients``; so
an update is one line whatever the layers look like. How a network is taught stands in ``training.py``.
"""

import copy
import functools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import activations, checks, losses, optimizers
from . import callbacks as callback_module
from . import metrics as metric_module
from .layers import Input, Layer, Shape
from .training import Data, Divergence, Step, in_pieces, judge, train

if TYPE_CHECKING:  # these are loaded when they are needed, to keep `import annlab` quick
    from pathlib import Path

    from .tracing import Trace

__all__ = ["Divergence", "Sequential", "Step"]

Array = NDArray[Any]
Method = TypeVar("Method", bound=Callable[..., Any])


def _unsized_if_refused(method: Method) -> Method:
    """A network that took its input size from data forgets it again if those data are refused."""

    @functools.wraps(method)
    def asked(self: "Sequential", *args: Any, **kwargs: Any) -> Any:
        if self.built:
            return method(self, *args, **kwargs)
        random_state, input_shape = self.rng.bit_generator.state, self.input_shape
        try:
            return method(self, *args, **kwargs)
        except Exception:
            self.rng.bit_generator.state = random_state
            self._parameters = self.gradients = np.zeros(0, self.dtype)
            self.input_shape, self.output_shape = input_shape, None
            for layer in self.layers:
                layer.unbuild()
            raise

    return asked  # type: ignore[return-value]


class Sequential:
    """A network of layers in a row.

    Parameters
    ----------
    layers   a list of layers; more can be added with ``add``
    seed     the same seed gives the same first weights, the same shuffles and the same dropout
    dtype    "float64", or "float32" for half the memory and Keras's precision
    """

    def __init__(
        self,
        layers: Sequence[Layer | Input] | None = None,
        seed: int | None = None,
        dtype: Any = "float64",
        name: str = "sequential",
    ):
        if isinstance(layers, Layer | Input):
            raise TypeError(f"layers should be a list such as [Dense(2)]; got {layers!r} alone")
        if not isinstance(layers, Iterable | None):
            raise TypeError(f"layers should be a list such as [Dense(2)]; got {layers!r}")
        try:
            self.dtype = np.dtype(dtype)
        except TypeError:
            self.dtype = np.dtype(object)
        if self.dtype not in (np.dtype("float32"), np.dtype("float64")):
            raise ValueError(f"dtype should be 'float32' or 'float64'; got {dtype!r}")
        self.name, self.seed = name, None if seed is None else checks.whole("seed", seed, 0)
        self.rng = np.random.default_rng(self.seed)
        self.layers: list[Layer] = []
        self.input_shape: Shape | None = None
        self.output_shape: Shape | None = None
        self._parameters = self.gradients = np.zeros(0, self.dtype)
        self.optimizer: optimizers.Optimizer | None = None
        self.loss: losses.Loss | None = None
        self.metrics: dict[str, metric_module.Metric] = {}
        self.history = callback_module.History()
        self.stop_training = False
        for layer in layers or []:
            self.add(layer)

    # --- building ---------------------------------------------------------------------------------------------------

    def add(self, layer: Layer | Input) -> None:
        """Put one more layer at the end. Weights that are there already are kept.

        Raises
        ------
        TypeError   for something that is not a layer.
        ValueError  for a second input size that contradicts the first, or a layer that is here already.
        """
        if isinstance(layer, Input):
            if self.layers or self.input_shape:
                raise ValueError("Input belongs at the start of a network, once")
            self.input_shape = layer.shape
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"add expected a layer such as Dense(10); got {layer!r} ({type(layer).__name__})")
        if layer in self.layers or layer.in_network:
            raise ValueError(f"layer {layer.name!r} is part of a network already; make a new one for this place")
        given = layer.given_input_shape or layer.input_shape  # the latter, if the layer was tried out alone
        expected = (self.output_shape if self.layers else self.input_shape) if self.input_shape else None
        if given and expected and not _agree(given, expected):
            raise ValueError(
                f"two input sizes: {type(layer).__name__} was given {given}, but receives {expected} from what stands "
                "before it. Only the first layer needs an input size"
            )
        if given and self.layers and not self.input_shape:
            raise ValueError("an input size belongs to the first layer; give input_dim there, or start with Input")
        name = self._name_for(layer)  # may raise, before anything changes
        input_shape = self.input_shape or given
        if input_shape:
            layers = [*self.layers, layer]
            if self.input_shape:
                layer.build(self.output_shape if self.layers else input_shape)  # type: ignore[arg-type]
            layer.name = name
            self._assemble(layers, input_shape)
        else:
            layer.name, layer.in_network = name, True
            self.layers.append(layer)

    def _name_for(self, layer: Layer) -> str:
        taken = {other.name for other in self.layers}
        if layer.name is not None:
            if layer.name in taken:
                raise ValueError(f"two layers are called {layer.name!r}; names must differ")
            return layer.name
        plain = {"SimpleRNN": "simple_rnn"}.get(type(layer).__name__, type(layer).__name__.lower())
        names = (f"{plain}_{i}" if i else plain for i in range(len(self.layers) + 2))
        return next(name for name in names if name not in taken)

    @_unsized_if_refused
    def build(self, input_shape: Any) -> None:
        """Fix the shape of one example, for a network whose first layer was not told it: ``build((2,))``."""
        shape = Input(
            input_shape[1:] if len(np.atleast_1d(input_shape)) > 1 and input_shape[0] is None else input_shape
        )
        if self.input_shape and not _agree(shape.shape, self.input_shape):
            raise ValueError(f"the network already reads examples of shape {self.input_shape}; got {shape.shape}")
        if not self.built:
            self._assemble(self.layers, shape.shape)

    @property
    def built(self) -> bool:
        """Whether every layer knows its size and has weights."""
        return (
            bool(self.layers)
            and self.input_shape is not None
            and all(layer.shapes is not None for layer in self.layers)
        )

    def _assemble(self, layers: list[Layer], input_shape: Shape) -> None:
        """One vector for all weights: sizes, first values for layers that are new, views."""
        shape, random_state = input_shape, self.rng.bit_generator.state
        try:
            for layer in layers:
                if layer.weights:
                    layer.build(shape)
                else:
                    layer.start(shape, self.rng, self.dtype)
                shape = layer.output_shape  # type: ignore[assignment]
            weights = [weight.ravel() for layer in layers for weight in layer.weights.values()]
            parameters = np.concatenate([np.zeros(0, self.dtype), *weights], dtype=self.dtype)
            gradients = np.zeros_like(parameters)
        except Exception:  # too large a layer, or an initializer of your own that fails
            self.rng.bit_generator.state = random_state
            raise
        if self.optimizer is not None and parameters.size != self.parameters.size:
            self.optimizer.reset()  # what it remembers does not fit these weights
        self.layers, self.input_shape, self.output_shape = layers, input_shape, shape
        self._parameters, self.gradients = parameters, gradients
        self._bind()
        for layer in layers:
            layer.in_network = True

    def _shapes(self) -> Iterator[tuple[tuple[Layer, str], tuple[int, ...]]]:
        for layer in self.layers:
            for name, shape in (layer.shapes or {}).items():
                yield (layer, name), shape

    def _bind(self) -> None:
        """Lend every layer its views. Needed anew whenever the two vectors are new: after deepcopy and unpickling."""
        views: dict[int, tuple[dict[str, Array], dict[str, Array]]] = {id(layer): ({}, {}) for layer in self.layers}
        self._parts: list[slice] = []
        start = 0
        for (layer, name), shape in self._shapes():
            part = slice(start, start + math.prod(shape))
            for vector, lent in zip((self.parameters, self.gradients), views[id(layer)], strict=True):
                lent[name] = vector[part].reshape(shape)
            self._parts.append(part)
            start = part.stop
        for layer in self.layers:
            layer.bind(*views[id(layer)])

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._bind()

    def _need_built(self, what: str) -> None:
        if not self.layers:
            raise ValueError(
                f"{what} needs layers; this network has none yet. Add one: model.add(Dense(1, input_dim=2))"
            )
        if not self.built:
            raise ValueError(
                f"{what} needs to know the input size. Give input_dim to the first layer, start with Input((2,)), "
                "or call model.build((2,))"
            )

    def _build_from(self, x: Any) -> None:
        """A network without input size takes it from the first data it sees."""
        if self.layers and not self.built:
            shape = checks.numeric("x", x, self.dtype).shape[1:]
            self.build(self.input_shape or shape or (1,))

    # --- weights ----------------------------------------------------------------------------------------------------

    @property
    def parameters(self) -> Array:
        """All kernels and biases in one vector. Assigning copies the numbers in, as with a layer's own weights."""
        return self._parameters

    @parameters.setter
    def parameters(self, vector: ArrayLike) -> None:
        self._parameters[...] = checks.weight_list([vector], [("parameters", self._parameters)])[0]

    def count_params(self) -> int:
        """How many numbers the network learns."""
        self._need_built("count_params")
        return self.parameters.size

    def _weights(self) -> list[tuple[str, Array]]:
        return [(f"{layer.name}.{name}", weight) for layer in self.layers for name, weight in layer.weights.items()]

    def get_weights(self) -> list[Array]:
        """Copies of all kernels and biases, layer by layer."""
        self._need_built("get_weights")
        return [weight.copy() for _, weight in self._weights()]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Copy these kernels and biases in.

        Raises
        ------
        ValueError  if their number or a shape differs; nothing has changed then.
        """
        self._need_built("set_weights")
        current = self._weights()
        for (_, weight), value in zip(current, checks.weight_list(weights, current), strict=True):
            weight[...] = value

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of that name or index.

        Raises
        ------
        ValueError  for an unknown name, with the nearest known one.
        """
        if name is None:
            if index is not None and index not in range(-len(self.layers), len(self.layers)):
                raise ValueError(f"this network has {len(self.layers)} layers, counted from 0; got index {index!r}")
            return self.layers[0 if index is None else index]
        return checks.lookup("layer", name, {str(layer.name): layer for layer in self.layers})

    def summary(self, print_fn: Callable[[str], None] = print) -> None:
        """Print the layers, their shapes and how many numbers each learns."""
        rows = [("layer", "output shape", "activation", "parameters")]
        for layer in self.layers:
            shape = "not known yet" if layer.output_shape is None else str((None, *layer.output_shape))
            activation = layer.activation.name if layer.activation else ""
            rows.append((f"{layer.name} ({type(layer).__name__})", shape, activation, f"{layer.count_params():,}"))
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        rule = "-" * (sum(widths) + 6)
        print_fn("\n".join([lines[0], rule, *lines[1:], rule, f"parameters: {self.parameters.size:,}"]))

    def __repr__(self) -> str:
        inside = ", ".join(repr(layer) for layer in self.layers)
        return f"Sequential([{f'Input({self.input_shape}), ' if self.input_shape else ''}{inside}])"

    # --- answering --------------------------------------------------------------------------------------------------

    def _forward(self, x: Array) -> Array:
        with np.errstate(over="ignore"):  # see Activation.forward
            for layer in self.layers:
                x = layer.forward(x)
        return x

    def __call__(self, x: ArrayLike) -> Array:
        """The outputs for ``x`` by the shortest way: questions are asked of the data only if that fails."""
        try:
            return self._forward(np.asarray(x, self.dtype)).copy()
        except (KeyError, TypeError, ValueError):
            return self._forward(self._features(x)).copy()

    def predict(self, x: ArrayLike, batch_size: int | None = None, verbose: Any = 0) -> Array:
        """The outputs for each example.

        Shapes
        ------
        x        (batch_size, features)
        return   (batch_size, units of the last layer)

        Raises
        ------
        ValueError, TypeError  for data that do not fit, before anything is computed.
        """
        size = {} if batch_size is None else {"rows": checks.whole("batch_size", batch_size)}
        return in_pieces(self._features(x), self._forward, **size)

    @_unsized_if_refused
    def _features(self, x: Any) -> Array:
        self._build_from(x)
        self._need_built("the network")
        assert self.input_shape is not None
        return checks.features(x, self.input_shape, self.dtype, f"layer {self.layers[0].name!r}")

    def layer_outputs(self, x: ArrayLike) -> list[Array]:
        """The output of every layer, so of every node, for each example."""
        x = self._features(x)
        self._forward(x)
        return [layer.y.copy() for layer in self.layers]

    # --- compiling --------------------------------------------------------------------------------------------------

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Sequence[Any] | None = None) -> None:
        """Choose how the network learns: its optimizer, its loss, and what to report besides.

        An optimizer that another network was compiled with is copied, with its settings and without its memory: what
        it remembers belongs to the weights of one network.

        Raises
        ------
        ValueError  for unknown names, or a loss that cannot go with the last layer; nothing has changed then.
        """
        if loss is None:
            raise ValueError(f"compile needs a loss; known: {', '.join(losses.names())}")
        if metrics is not None and (isinstance(metrics, str) or not isinstance(metrics, list | tuple)):
            raise TypeError(f"metrics should be a list such as ['accuracy']; got {metrics!r}")
        new_loss, new_optimizer = losses.get(loss), optimizers.get(optimizer)
        new_metrics = {
            metric if isinstance(metric, str) else getattr(metric, "__name__", str(metric)): metric_module.get(
                metric, new_loss.name
            )
            for metric in metrics or []
        }
        self._check_ending(new_loss)
        if new_optimizer is not self.optimizer and (new_optimizer.in_network or new_optimizer.iterations):
            new_optimizer = copy.copy(new_optimizer)
            new_optimizer.reset()
        new_optimizer.in_network = True
        self.loss, self.optimizer, self.metrics = new_loss, new_optimizer, new_metrics

    def _check_ending(self, loss: losses.Loss) -> None:
        """A loss that cannot go with the last layer is an error; one that hardly can is a warning."""
        if not self.layers:
            return
        last = self.layers[-1]
        ending = last.activation.name if last.activation else "linear"
        if getattr(loss, "from_logits", False) and ending == loss.last_activation:
            raise ValueError(
                f"{loss.name} with from_logits=True expects weighted sums, but the last layer is {ending} already; "
                "leave from_logits away, or make the last layer linear"
            )
        if loss.last_activation == "softmax" and getattr(last, "units", 2) == 1:
            raise ValueError(
                f"{loss.name} compares several outputs, but the last layer has one unit; "
                "use 'binary_crossentropy' with one sigmoid unit, or one softmax unit for each class"
            )
        if loss.last_activation and not getattr(loss, "from_logits", False) and last.activation:
            low, high = last.activation.range
            if low < 0 or high > 1:
                warnings.warn(
                    f"{loss.name} expects outputs between 0 and 1, but the last layer is {ending}; "
                    f"end with activation='{loss.last_activation}', or say from_logits=True",
                    stacklevel=3,
                )

    def _need_compiled(self, what: str) -> tuple[optimizers.Optimizer, losses.Loss]:
        if self.optimizer is None or self.loss is None:
            raise ValueError(
                f"{what} needs to know how to learn; call model.compile(optimizer='adam', loss='mse') first, "
                "with the loss that suits your targets"
            )
        return self.optimizer, self.loss

    @_unsized_if_refused
    def _data(self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> Data:
        """Examples and targets, checked, as floats."""
        assert self.loss is not None
        x = self._features(x)
        if y is None:
            raise TypeError("y is missing: training and evaluation need a target for each example")
        self._check_ending_of_built()
        t = checks.targets(y, len(x), self._output_shape_for(x), self.loss, self.dtype)
        weights = checks.sample_weights(sample_weight, class_weight, t, self.dtype)
        return Data(x, t, None if weights is None else weights.reshape(-1, *[1] * (t.ndim - 1)))

    def _check_ending_of_built(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said at compile
            assert self.loss is not None
            self._check_ending(self.loss)

    def _output_shape_for(self, x: Array) -> Shape:
        """The shape of one output; as many steps as the sequences in ``x`` have."""
        assert self.output_shape is not None
        return (x.shape[1], *self.output_shape[1:]) if len(self.output_shape) > 1 else self.output_shape

    # --- learning ---------------------------------------------------------------------------------------------------

    def iter_fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        epochs: int = 1,
        *,
        every: str = "epoch",
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
    ) -> Iterator[Step]:
        """Training, one step at a time: a generator of ``Step``, after every "batch" or every "epoch".

        The learning rate (``model.optimizer.learning_rate``) and the weights may be changed between steps.

        Raises
        ------
        ValueError, TypeError  at once, for data or settings that do not fit.
        Divergence             on the first loss that is not finite.
        """
        checks.lookup("pace", every, {"epoch": 0, "batch": 0})
        epochs, initial_epoch = checks.whole("epochs", epochs, 0), checks.whole("initial_epoch", initial_epoch, 0)
        data, validation = self._prepare(x, y, batch_size, sample_weight, class_weight, validation_data, 0.0)
        return train(self, data, int(batch_size), range(initial_epoch, epochs), shuffle, validation, every)

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
    ) -> "callback_module.History":
        """Train for a number of epochs; each goes once through all examples, ``batch_size`` (32) at a time.

        Shapes
        ------
        x    (batch_size, features)
        y    (batch_size, units); (batch_size,) for one unit, or for class numbers

        ``validation_data`` is (x, y) or (x, y, weights); ``validation_split`` takes that share from the end of x and y.
        ``verbose``: 1 or "auto" a progress bar, 2 a line for each epoch, 0 nothing.
        Ctrl-C ends training early: the network keeps what it learned, and the history so far is returned.

        Raises
        ------
        ValueError, TypeError  for data or settings that do not fit, before anything changes.
        Divergence             on the first loss that is not finite; the weights are the last good ones, and
                               ``model.history`` has the epochs so far.
        """
        batch_size = 32 if batch_size is None else batch_size
        epochs, initial_epoch = checks.whole("epochs", epochs, 0), checks.whole("initial_epoch", initial_epoch, 0)
        watchers = callback_module.CallbackList(callbacks, self, verbose)
        data, validation = self._prepare(
            x, y, batch_size, sample_weight, class_weight, validation_data, validation_split
        )
        reported = ["loss", *self.metrics]
        watchers.check(reported if validation is None else [*reported, *(f"val_{name}" for name in reported)])
        if checks.only_one_class(data.t, self.loss):
            warnings.warn(
                "all targets are the same class: there is nothing to tell apart, so the network will only learn to "
                "give that answer always. Check y, or how the data were split",
                stacklevel=2,
            )
        plan = range(initial_epoch, epochs)
        self.stop_training = False
        watchers.train_begin(plan, -(-len(data.x) // int(batch_size)))
        try:
            pace = "batch" if watchers.batches else "epoch"
            for step in train(
                self, data, int(batch_size), plan, shuffle, validation, pace, watchers.batch_logs, watchers.epoch_begin
            ):
                if watchers.batches:
                    watchers.batch_end(step)
                if step.end_of_epoch:
                    watchers.epoch_end(step)
                if self.stop_training:
                    break
        except KeyboardInterrupt:
            pass  # the network keeps what it learned so far
        finally:
            watchers.train_end()
        return self.history

    @_unsized_if_refused
    def _prepare(self, x, y, batch_size, sample_weight, class_weight, validation_data, validation_split):
        """All questions, before anything changes; answers with the data to train on and the data to watch."""
        self._need_compiled("fit")
        checks.whole("batch_size", batch_size)
        share = checks.number("validation_split", validation_split, low=0, below=1)
        data = self._data(x, y, sample_weight, class_weight)
        validation = None
        if validation_data is not None:
            if not isinstance(validation_data, tuple | list) or len(validation_data) not in (2, 3):
                raise ValueError(
                    f"validation_data should be (x, y) or (x, y, sample_weight); got {type(validation_data).__name__}"
                )
            try:
                validation = self._data(*validation_data)
            except (ValueError, TypeError) as error:
                raise type(error)(f"validation_data: {error}") from None
        elif share:
            kept = int(len(data.x) * (1 - share))
            if not kept or kept == len(data.x):
                raise ValueError(f"validation_split={share} leaves nothing on one side of {len(data.x)} examples")
            whole = data if class_weight is None else self._data(x, y, sample_weight)  # classes weigh only in learning
            data, validation = data.map(lambda a: a[:kept]), whole.map(lambda a: a[kept:])
        flat = [str(layer.name) for layer in self.layers if layer.activation is activations.step]
        if flat:
            warnings.warn(
                f"layer {flat[0]!r} uses the step function, whose slope is zero everywhere: gradient descent cannot "
                "train it, nor anything before it. Use sigmoid or tanh, or train a Perceptron by its own rule",
                stacklevel=4,
            )
        return data, validation

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None) -> Any:
        """One update on these examples; returns what ``evaluate`` would have said of them just before."""
        data, _ = self._prepare(x, y, 1, sample_weight, class_weight, None, 0.0)
        step = next(train(self, data, len(data.x), range(1), shuffle=False))
        return self._plain(step.logs)

    # --- judging ----------------------------------------------------------------------------------------------------

    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = 0,
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss on these examples, followed by the metrics: a number, a list, or a dict if asked for.

        Raises
        ------
        ValueError, TypeError  for data that do not fit.
        """
        self._need_compiled("evaluate")
        checks.whole("batch_size", 1 if batch_size is None else batch_size)
        logs = judge(self, self._data(x, y, sample_weight))
        return logs if return_dict else self._plain(logs)

    @staticmethod
    def _plain(logs: dict[str, float]) -> Any:
        return list(logs.values()) if len(logs) > 1 else logs["loss"]

    def score(self, x: Any, y: Any) -> float:
        """One number between 0 and 1 for how good the network is: accuracy if it classifies, else R2.

        R2 may also be negative: worse than always answering the mean.
        """
        _, loss = self._need_compiled("score")
        data = self._data(x, y)
        metric = metric_module.get("accuracy", loss.name) if loss.classifies else metric_module.r2
        return metric(data.t, in_pieces(data.x, self._forward))

    # --- looking inside ---------------------------------------------------------------------------------------------

    @_unsized_if_refused
    def trace(self, x: ArrayLike, y: Any = None, sample_weight: Any = None) -> "Trace":
        """Everything this example causes: what each layer receives, sums up and answers; and, if a target is given, the
        loss, every gradient, the update the optimizer would make, and the weights after it. Nothing changes.

        Shapes
        ------
        x    (features,) for one example, or (batch_size, features); the arrays in the trace have the same rank
        """
        x = checks.numeric("x", x, self.dtype)
        self._build_from(np.atleast_2d(x))
        self._need_built("trace")
        from . import tracing

        return tracing.trace(self, x, y, sample_weight)

    # --- keeping ----------------------------------------------------------------------------------------------------

    def save(self, path: "str | Path") -> "Path":
        """Write the network, what its optimizer remembers and its random state to one ``.npz`` file; see ``load``."""
        from .saving import save

        return save(self, path)

    @staticmethod
    def load(path: "str | Path") -> "Sequential":
        """The network that ``save`` wrote: it predicts the same and goes on training to the same digits."""
        from .saving import load

        return load(path)

    def code(self, library: str = "annlab") -> str:
        """The program that builds and compiles this network, for "annlab" or for "keras"."""
        from .saving import code

        return code(self, library)

    def to_keras(self) -> Any:
        """The same network in Keras, with the same weights (where Keras is installed)."""
        from .saving import to_keras

        return to_keras(self)

    @staticmethod
    def from_keras(model: Any) -> "Sequential":
        """The same network here, with the weights of a Keras Sequential."""
        from .saving import from_keras

        return from_keras(model)


def _agree(given: Shape, expected: Shape) -> bool:
    """Whether two shapes can be the same; None stands for any size."""
    return len(given) == len(expected) and all(
        a is None or b is None or a == b for a, b in zip(given, expected, strict=True)
    )
