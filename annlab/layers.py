"""A layer turns what comes in into what goes out, and hands blame back.

``forward`` answers: what do you say about this input? ``backward`` answers: given how much the loss dislikes your
output, how much is each weight to blame, and how much do you pass on to whoever gave you the input? ``dy`` always means
dL/dy. A layer keeps what it saw (``x``), its weighted sum (``z``) and its output (``y``), for you to look at; these
arrays are used again by the next batch of the same size, so copy what you want to keep.
"""

import math
import warnings
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import activations, initializers, regularizers
from .checks import features, number, numeric, whole

Array = NDArray[Any]
Shape = tuple[int | None, ...]
LINEAR = activations.linear
SHORT_ROW, MANY_ROWS = 32, 128  # units, rows: writing out the bias for more costs more than it saves


class Weight:
    """A layer's ``kernel`` or ``bias``: a view into the network's one vector of weights.

    Assigning copies the new numbers into that view, so the layer and the network always speak of the same weights.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        if self.name not in layer._weights:
            if layer.shapes is not None:
                return None  # a layer without bias
            who = f"layer {layer.name!r}" if layer.name else f"this {type(layer).__name__}"
            raise AttributeError(f"{who} has no {self.name} yet: it does not know its input size")
        return layer._weights[self.name]

    def __set__(self, layer: Any, value: ArrayLike) -> None:
        current = self.__get__(layer)
        if current is None:
            raise AttributeError(f"layer {layer.name!r} has no {self.name}")
        array = numeric(self.name, value, current.dtype)
        if array.shape != current.shape:
            whose = f" of {layer.name!r}" if layer.name else ""
            raise ValueError(f"{self.name}{whose} expected shape {current.shape}; got {array.shape}")
        current[...] = array


class Choice:
    """A layer's ``activation``: assigning a name or an ``Activation`` takes effect at the next example."""

    def __set__(self, layer: Any, value: Any) -> None:
        layer.__dict__["activation"] = activations.get(value)


class Layer:
    """Base class. A layer is ``build -> bind -> initialize``, and then ``forward -> backward``, again and again.

    ``weights`` and ``gradients`` name its views into the network's two vectors.
    """

    activation: Any = None  # an ``Activation``, or None for a layer that has none
    input_shape: Shape | None
    output_shape: Shape | None
    shapes: dict[str, Any] | None
    x: Array
    z: Array
    y: Array
    dz: Array
    dx: Array | None = None
    rng: "np.random.Generator"

    def __init__(self, name: str | None = None, input_dim: int | None = None, input_shape: Any = None):
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of a layer should be text; got {name!r}")
        self.name = name
        if input_dim is not None and input_shape is not None:
            raise ValueError("give input_dim or input_shape, not both")
        self.given_input_shape = _input_shape(input_shape if input_dim is None else (whole("input_dim", input_dim),))
        self.in_network = False
        self.regularizers: dict[str, regularizers.L1L2] = {}
        self.initializers: dict[str, Any] = {}
        self.unbuild()

    # -- three steps before the first example ------------------------------------------------------------------------

    def build(self, input_shape: Shape) -> Shape:
        """Note the shape of one example and the ``shapes`` of the weights; answer with the shape of one output."""
        self.input_shape = self.output_shape = tuple(input_shape)
        self.shapes = {}
        return self.output_shape

    def bind(self, weights: dict[str, Array], gradients: dict[str, Array]) -> None:
        """Keep the views that the network lends."""
        self._weights, self._gradients = weights, gradients
        self.weights, self.gradients = MappingProxyType(weights), MappingProxyType(gradients)
        self._rooms: dict[tuple[Any, ...], Any] = {}

    def initialize(self, rng: "np.random.Generator") -> None:
        """Write first values into the weights."""
        self.rng = rng
        for name, weight in self._weights.items():
            weight[...] = self.initializers[name](weight.shape, rng, weight.dtype)

    def start(
        self, input_shape: Any, seed: "int | np.random.Generator | None" = None, dtype: Any = "float64"
    ) -> "Layer":
        """All three at once, with arrays of its own: for a layer that is tried out without a network."""
        self.build(_input_shape(input_shape) or ())
        shapes: dict[str, Any] = self.shapes or {}
        try:
            self.bind(*({name: _zeros(shape, dtype) for name, shape in shapes.items()} for _ in range(2)))
            self.initialize(np.random.default_rng(seed))
        except Exception:
            self.unbuild()
            raise
        return self

    def unbuild(self) -> None:
        """Know no size and have no weights, as at first."""
        self.input_shape = self.output_shape = self.shapes = None
        self.bind({}, {})

    # -- the two directions ------------------------------------------------------------------------------------------

    def forward(self, x: Array, training: bool = False) -> Array:
        """The outputs for a batch."""
        raise NotImplementedError

    def backward(self, dy: Array, input_gradient: bool = True) -> Array | None:
        """Write the gradients of the weights; return dx, or None where nobody asks for it."""
        raise NotImplementedError

    def _room(self, key: tuple[Any, ...]) -> Any:
        """Arrays to compute in, one set for each batch shape: allocating them anew would cost more than the sums."""
        if len(self._rooms) >= 8:
            self._rooms.clear()
        self._rooms[key] = self._new_room(key)
        return self._rooms[key]

    def _new_room(self, key: tuple[Any, ...]) -> Any:
        raise NotImplementedError

    # -- what it is --------------------------------------------------------------------------------------------------

    def count_params(self) -> int:
        """How many numbers this layer learns."""
        return sum(weight.size for weight in self._weights.values())

    def config(self) -> dict[str, Any]:
        """The arguments that build this layer again."""
        return {"name": self.name}

    def __call__(self, x: ArrayLike, training: bool = False) -> Array:
        """The outputs for ``x``, as a new array."""
        if self.shapes is None:
            self.start(np.asarray(x).shape[1:])
        x = np.asarray(x)
        dtype = next((w.dtype for w in self._weights.values()), x.dtype if x.dtype.kind == "f" else np.dtype(float))
        try:
            with np.errstate(over="ignore"):  # see Activation.forward
                return self.forward(x.astype(dtype, copy=False), training).copy()
        except (TypeError, ValueError):
            features(x, self.input_shape or (), dtype, f"this {type(self).__name__}")  # says what does not fit
            raise

    def __getstate__(self) -> dict[str, Any]:
        # A read-only view of a dict cannot be pickled, and scratch arrays need not be.
        scratch = ("weights", "gradients", "_rooms", "_dz", "_way_back")
        return {key: value for key, value in self.__dict__.items() if key not in scratch}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.bind(self._weights, self._gradients)

    def __repr__(self) -> str:
        settings = (f"{key}={value!r}" for key, value in self.config().items() if value is not None)
        return f"{type(self).__name__}({', '.join(settings)})"


def _zeros(shape: tuple[int, ...], dtype: Any) -> Array:
    try:
        return np.zeros(shape, dtype)
    except (MemoryError, OverflowError, ValueError):
        raise MemoryError(f"{math.prod(shape):,} weights do not fit into memory; give the layer fewer units") from None


def _input_shape(shape: Any) -> Shape | None:
    if shape is None:
        return None
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    return tuple(None if size is None else whole("an input size", size) for size in sizes)


class Input:
    """Where examples enter: ``Input((2,))`` says that each has two features. It computes nothing.

    A recurrent network reads ``Input((steps, features))``; ``steps`` may be None, for sequences of any length.
    """

    def __init__(self, shape: Any, name: str | None = None):
        sizes = _input_shape(shape)
        if not sizes or sizes[-1] is None or None in sizes[1:]:
            raise ValueError(f"Input expects the shape of one example, such as (2,) for two features; got {shape!r}")
        self.shape, self.name = sizes, name

    def __repr__(self) -> str:
        return f"Input({self.shape})"


class Dense(Layer):
    """Every unit listens to every input.

    z = x @ kernel + bias
    y = activation(z)

    Shapes
    ------
    x        (batch_size, input_dim), or (batch_size, steps, input_dim) after a recurrent layer
    kernel   (input_dim, units)
    bias     (units,)
    z, y     (batch_size, units)

    Raises
    ------
    ValueError  for units that are not a whole number from 1 up, and for unknown names.
    """

    kernel, bias = Weight(), Weight()
    activation: Any = Choice()

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        name: str | None = None,
        input_dim: int | None = None,
        input_shape: Any = None,
    ):
        super().__init__(name, input_dim, input_shape)
        self.units = whole("units", units)
        self.activation = activation
        self.use_bias = bool(use_bias)
        self.initializers = _named(initializers, kernel=kernel_initializer, bias=bias_initializer)
        self.regularizers = _named(regularizers, kernel=kernel_regularizer, bias=bias_regularizer)

    def build(self, input_shape):
        if not input_shape or input_shape[-1] is None:
            raise ValueError(
                f"Dense expected a number of features per example; got examples of shape {input_shape}. Rows are "
                "examples: x should have shape (examples, features)"
            )
        self.input_shape = tuple(input_shape)
        self.output_shape = (*self.input_shape[:-1], self.units)
        self.shapes = {"kernel": (self.input_shape[-1], self.units)}
        if self.use_bias:
            self.shapes["bias"] = (self.units,)
        return self.output_shape

    def _new_room(self, shape):
        kernel, rows = self._weights["kernel"], int(np.prod(shape[:-1]))
        z, y, dz, products = (np.empty((*shape[:-1], self.units), kernel.dtype) for _ in range(4))
        ones = np.ones(rows, kernel.dtype)
        way_back = dz, np.empty(shape, kernel.dtype), kernel.T, ones, *map(self._gradients.get, ("kernel", "bias"))
        if not self.use_bias:
            return (kernel, z, z, y, *[None] * 6), way_back
        # numpy adds one short row to many by going from row to row. So the bias is written out for several rows (as a
        # product with a column of ones) and added to all of those in one go: five times faster on a map of a plane.
        most = MANY_ROWS if self.units <= SHORT_ROW else 1
        count = max(n for n in range(1, 1 + most) if rows % n == 0)
        bias, column, long = self._weights["bias"][None], None, (rows // count, count * self.units)
        copies = long_bias = bias
        if count > 1:
            column, copies = np.ones((count, 1), kernel.dtype), np.empty((count, self.units), kernel.dtype)
            long_bias = copies.reshape(1, -1)
        adding = products.reshape(long), long_bias, z.reshape(long)
        return (kernel, products, z, y, bias, column, copies, *adding), way_back

    def forward(self, x, training=False):
        room, self._way_back = self._rooms.get(x.shape) or self._room(x.shape)
        kernel, products, z, y, bias, column, copies, long_products, long_bias, long_z = room
        x.dot(kernel, products)  # the same product as matmul, and half its cost on small arrays
        if column is not None:
            column.dot(bias, copies)
        if long_bias is not None:
            np.add(long_products, long_bias, long_z)  # not in place: for a single number that takes three times longer
        self.x, self.z = x, z
        self.y = y = z if self.activation is LINEAR else self.activation._forward(z, y)
        return y

    def backward(self, dy, input_gradient=True):
        if self.activation is not LINEAR:
            dy = self.activation.backward(dy, self.z, self.y, self._way_back[0])
        return self.backward_from_z(dy, input_gradient)

    def backward_from_z(self, dz: Array, input_gradient: bool = True) -> Array | None:
        """The backward pass behind the activation: where a loss that knows the weighted sums starts."""
        self.dz = rows_dz = dz
        rows = self.x
        _, dx, kernel_transposed, ones, kernel_gradient, bias_gradient = self._way_back
        if rows.ndim > 2:  # every moment of every sequence is an example here
            rows, rows_dz = rows.reshape(-1, rows.shape[-1]), dz.reshape(-1, self.units)
        rows.T.dot(rows_dz, kernel_gradient)
        if bias_gradient is not None:
            # A product with ones adds the rows up, 1.1 times faster in a whole training run than sum(axis=0).
            ones.dot(rows_dz, bias_gradient)
        return dz.dot(kernel_transposed, dx) if input_gradient else None

    def config(self):
        return {
            "units": self.units,
            "activation": self.activation.name,
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.config(self.initializers["kernel"]),
            "bias_initializer": initializers.config(self.initializers["bias"]),
            **_regularizer_config(self.regularizers, "kernel", "bias"),
            "name": self.name,
        }


class Activation(Layer):
    """An activation as a layer of its own: y = activation(x)."""

    activation: Any = Choice()

    def __init__(self, activation: Any, name: str | None = None, input_dim: int | None = None, input_shape: Any = None):
        super().__init__(name, input_dim, input_shape)
        self.activation = activation

    def _new_room(self, key):
        shape, dtype = key
        return np.empty(shape, dtype), np.empty(shape, dtype)

    def forward(self, x, training=False):
        self.x = self.z = x
        key = x.shape, x.dtype
        y, self._dz = self._rooms.get(key) or self._room(key)
        self.y = self.activation._forward(x, out=y)
        return self.y

    def backward(self, dy, input_gradient=True):
        return self.backward_from_z(self.activation.backward(dy, self.z, self.y, out=self._dz))

    def backward_from_z(self, dz: Array, input_gradient: bool = True) -> Array | None:
        self.dz = dz
        return dz

    def config(self):
        return {"activation": self.activation.name, "name": self.name}


class Dropout(Layer):
    """While training, silences each input with probability ``rate`` and makes the others 1 / (1 - rate) louder.

    No unit can rely on another being there. When predicting, everything passes unchanged.

    Source: Srivastava et al. 2014.
    """

    def __init__(self, rate: float, name: str | None = None, input_dim: int | None = None, input_shape: Any = None):
        super().__init__(name, input_dim, input_shape)
        self.rate = number("rate", rate, low=0, below=1)

    def forward(self, x, training=False):
        self.x = self.z = self.y = x
        self.mask: Array | None = None
        if training and self.rate:
            kept = self.rng.random(x.shape) >= self.rate
            self.mask = kept.astype(x.dtype) / (1 - self.rate)
            self.y = x * self.mask
        return self.y

    def backward(self, dy, input_gradient=True):
        return dy if self.mask is None else dy * self.mask

    def config(self):
        return {"rate": self.rate, "name": self.name}


class SimpleRNN(Layer):
    """A layer that hears its own last answer together with the next input.

    z_t = x_t @ kernel + y_(t-1) @ recurrent_kernel + bias
    y_t = activation(z_t),  y_0 = 0

    ``backward`` walks back through time: the blame for y_t is what the loss says of it plus what y_(t+1) passes back.
    Afterwards ``dz`` holds how much the loss changes with each weighted sum, at each step. A state that grows beyond
    all numbers is told of in a warning; in training ``Divergence`` says so.

    Shapes
    ------
    x                 (batch_size, steps, input_dim)
    kernel            (input_dim, units)
    recurrent_kernel  (units, units)
    bias              (units,)
    z, y              (batch_size, steps, units)
    output            (batch_size, units), the last y; with ``return_sequences`` all of y

    Source: Elman 1990; Werbos 1990 for backpropagation through time.
    """

    kernel, recurrent_kernel, bias = Weight(), Weight(), Weight()
    activation: Any = Choice()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        return_sequences: bool = False,
        name: str | None = None,
        input_dim: int | None = None,
        input_shape: Any = None,
    ):
        if input_dim is not None:
            input_shape, input_dim = (None, whole("input_dim", input_dim)), None
        super().__init__(name, input_dim, input_shape)
        self.units = whole("units", units)
        self.activation = activation
        self.use_bias = bool(use_bias)
        self.return_sequences = bool(return_sequences)
        self.initializers = _named(
            initializers, kernel=kernel_initializer, recurrent_kernel=recurrent_initializer, bias=bias_initializer
        )
        self.regularizers = _named(
            regularizers, kernel=kernel_regularizer, recurrent_kernel=recurrent_regularizer, bias=bias_regularizer
        )

    def build(self, input_shape):
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                f"SimpleRNN expected sequences, examples of shape (steps, features); got shape {input_shape}. "
                "Give Input((steps, features)), and return_sequences=True to a recurrent layer that another one reads"
            )
        steps, features = self.input_shape = tuple(input_shape)
        self.output_shape = (steps, self.units) if self.return_sequences else (self.units,)
        self.shapes = {"kernel": (features, self.units), "recurrent_kernel": (self.units, self.units)}
        if self.use_bias:
            self.shapes["bias"] = (self.units,)
        return self.output_shape

    def forward(self, x, training=False):
        self.x = x
        z = np.matmul(x, self._weights["kernel"])
        if self.use_bias:
            z += self._weights["bias"]
        y = np.empty_like(z)
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(x.shape[1]):
                if t:
                    z[:, t] += y[:, t - 1] @ self._weights["recurrent_kernel"]
                y[:, t] = self.activation._forward(z[:, t])
        self.z, self.y = z, y
        if not training and not np.isfinite(y).all() and np.isfinite(x).all():
            self._warn_of_explosion(y)
        return y if self.return_sequences else y[:, -1]

    def _warn_of_explosion(self, y: Array) -> None:
        """Say when the state became infinite, and by what it was multiplied again and again."""
        when = int(np.argmin(np.isfinite(y).all(axis=(0, 2)))) + 1
        kernel = self._weights["recurrent_kernel"]
        strength = np.abs(np.linalg.eigvals(kernel)).max() if np.isfinite(kernel).all() else np.inf
        warnings.warn(
            f"the state of layer {self.name!r} grew beyond all numbers at time step {when}. Its recurrent_kernel "
            f"multiplies it by up to {strength:.3g} at each step, and {self.activation.name} has no upper end. Use "
            "tanh, or a recurrent_kernel that multiplies by 1 at most",
            RuntimeWarning,
            stacklevel=2,
        )

    def step(self, x: ArrayLike, state: ArrayLike | None = None) -> Array:
        """One moment: the answer to one input, given the last answer (None at the start). It is the next state.

        Shapes
        ------
        x       (input_dim,) or (batch_size, input_dim)
        state   (units,) or (batch_size, units)
        """
        z = np.asarray(x, self._weights["kernel"].dtype) @ self._weights["kernel"]
        if state is not None:
            z = z + np.asarray(state, z.dtype) @ self._weights["recurrent_kernel"]
        return self.activation.forward(z + self._weights["bias"] if self.use_bias else z)

    def backward(self, dy, input_gradient=True):
        x, z, y = self.x, self.z, self.y
        steps = x.shape[1]
        dz = np.empty_like(z)
        later: Any = 0.0  # what the next moment passes back
        for t in reversed(range(steps)):
            if self.return_sequences:
                blame = dy[:, t] + later
            else:
                blame = dy if t == steps - 1 else later
            dz[:, t] = self.activation.backward(blame, z[:, t], y[:, t])
            later = dz[:, t] @ self._weights["recurrent_kernel"].T
        self.dz = dz
        drows = dz.reshape(-1, self.units)
        np.matmul(x.reshape(-1, x.shape[-1]).T, drows, out=self._gradients["kernel"])
        before, after = y[:, :-1].reshape(-1, self.units), dz[:, 1:].reshape(-1, self.units)
        np.matmul(before.T, after, out=self._gradients["recurrent_kernel"])
        if self.use_bias:
            np.sum(drows, axis=0, out=self._gradients["bias"])
        return dz @ self._weights["kernel"].T if input_gradient else None

    def config(self):
        return {
            "units": self.units,
            "activation": self.activation.name,
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.config(self.initializers["kernel"]),
            "recurrent_initializer": initializers.config(self.initializers["recurrent_kernel"]),
            "bias_initializer": initializers.config(self.initializers["bias"]),
            **_regularizer_config(self.regularizers, "kernel", "recurrent_kernel", "bias"),
            "return_sequences": self.return_sequences,
            "name": self.name,
        }


def _named(module: Any, **choices: Any) -> dict[str, Any]:
    """``module.get`` for each choice, without the ones that are None."""
    found = {name: module.get(choice) for name, choice in choices.items()}
    return {name: value for name, value in found.items() if value is not None}


def _regularizer_config(chosen: dict[str, regularizers.L1L2], *names: str) -> dict[str, Any]:
    argument = {
        name: "recurrent_regularizer" if name == "recurrent_kernel" else f"{name}_regularizer" for name in names
    }
    return {argument[name]: {"l1": chosen[name].l1, "l2": chosen[name].l2} for name in names if name in chosen}


LAYERS: dict[str, type[Layer]] = {cls.__name__: cls for cls in (Dense, Activation, Dropout, SimpleRNN)}
