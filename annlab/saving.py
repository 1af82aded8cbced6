"""Keep a network: as a file, as a program, or as a Keras model.

A file is one ``.npz``: the configuration as JSON text, and plain arrays of numbers. Nothing in it is ever executed, so
a file from a stranger can at worst be refused.
"""

import inspect
import json
import math
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from . import initializers, losses, metrics, optimizers
from .checks import weight_list, whole
from .layers import LAYERS, Input
from .models import Sequential

FORMAT, VERSION = "annlab network", 1


# --- files ----------------------------------------------------------------------------------------------------------


def save(model: Sequential, path: str | Path) -> Path:
    """Write ``model`` to ``path`` (``.npz`` is added if no ending is given); returns the path.

    An older file is replaced only once the new one is complete.

    Raises
    ------
    ValueError         for a network without input size, or one that holds a function of your own.
    FileNotFoundError  if there is no such folder.
    """
    model._need_built("save")
    path = Path(path)
    path = path if path.suffix else path.with_suffix(".npz")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to save in; make it first, or give another path")
    known = [*metrics.METRICS.values(), metrics.hinge_accuracy]
    own = [name for name, metric in model.metrics.items() if metric not in known]
    if own:
        warnings.warn(f"the metric {own[0]!r} is a function of your own and is not saved; compile again", stacklevel=3)
    config: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "name": model.name,
        "seed": model.seed,
        "dtype": model.dtype.name,
        "input_shape": model.input_shape,
        "layers": [{"class": type(layer).__name__, **layer.config()} for layer in model.layers],
        "random_state": model.rng.bit_generator.state,
        "compiled": None,
    }
    arrays = {"parameters": model.parameters}
    if model.optimizer is not None and model.loss is not None:
        config["compiled"] = {
            "optimizer": model.optimizer.config(),
            "iterations": model.optimizer.iterations,
            "loss": model.loss.config(),
            "metrics": [name for name in model.metrics if name not in own],
        }
        arrays |= {f"optimizer.{name}": value for name, value in model.optimizer.state.items() if name != "scratch"}
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with draft.open("xb") as file:
            np.savez(file, config=np.array(json.dumps(config)), **arrays)  # type: ignore[arg-type]
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return path


def load(path: str | Path) -> Sequential:
    """The network in the file: it predicts the same, and goes on training to the same digits.

    Raises
    ------
    FileNotFoundError  if there is no such file.
    ValueError         for a file that is damaged, or that annlab did not write. Nothing in it is executed.
    """
    path = Path(path)
    if not path.exists() and path.with_suffix(".npz").exists() and not path.suffix:
        path = path.with_suffix(".npz")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}; model.save(path) writes one")
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            if sum(part.file_size for part in file.zip.infolist()) > path.stat().st_size:
                raise ValueError("it would unpack to more than it is, which no file of annlab does")
            arrays = {name: file[name] for name in file.files}
        config = json.loads(str(arrays.pop("config")[()]))
        if config["format"] != FORMAT:
            raise ValueError(f"its format is {config['format']!r}")
        if config["version"] > VERSION:
            raise ValueError(f"it was written by a newer annlab (version {config['version']} of the format)")
        return _rebuild(config, arrays)
    except Exception as error:  # a stranger's file can fail in any way: zlib.error, RecursionError, MemoryError ...
        raise ValueError(
            f"{path} is not a network that annlab can read: it is damaged, or something else wrote it "
            f"({type(error).__name__}: {error}). Nothing in it was executed"
        ) from None


load_model = load  # Keras's name


def _rebuild(config: dict[str, Any], arrays: dict[str, Any]) -> Sequential:
    model = Sequential(seed=config["seed"], dtype=config["dtype"], name=config["name"])
    shape = Input(tuple(config["input_shape"])).shape
    layers = [LAYERS[settings.pop("class")](**settings) for settings in config["layers"]]
    count, passing = 0, shape
    for layer in layers:  # sizes first, so that a forged one cannot ask for all memory
        passing = layer.build(passing)
        count += sum(math.prod(size) for size in (layer.shapes or {}).values())
        layer.shapes = None
    parameters = arrays["parameters"]
    if parameters.shape != (count,) or parameters.dtype != model.dtype:
        raise ValueError(f"its layers have {count} weights, but it holds {parameters.shape} of {parameters.dtype}")
    model._assemble(layers, shape)
    if count:
        model.parameters = parameters
    model.rng.bit_generator.state = config["random_state"]
    if config["compiled"]:
        compiled = config["compiled"]
        optimizer = optimizers.get(compiled["optimizer"])
        model.compile(optimizer, losses.get(compiled["loss"]), compiled["metrics"])
        optimizer.reset(model.parameters)
        optimizer.iterations = whole("iterations", compiled["iterations"], 0)
        for name in optimizer.memory:
            if f"optimizer.{name}" in arrays:
                memory = optimizer.state[name]
                memory[...] = weight_list([arrays[f"optimizer.{name}"]], [(f"the optimizer's {name}", memory)])[0]
    return model


# --- programs -------------------------------------------------------------------------------------------------------


def code(model: Sequential, library: str = "annlab") -> str:
    """The program that builds and compiles ``model`` (with fresh weights), for "annlab" or "keras".

    Raises
    ------
    ValueError  for another library, or for something that Keras does not have, such as the step function.
    """
    if library not in ("annlab", "keras"):
        raise ValueError(f"code knows 'annlab' and 'keras'; got {library!r}")
    keras = library == "keras"
    lines = []
    seed = "" if model.seed is None or keras else f", seed={model.seed}"
    dtype = "" if model.dtype == np.float64 or keras else f', dtype="{model.dtype}"'
    inside = [f"    Input({model.input_shape})," if model.input_shape else ""]
    for layer in model.layers:
        if keras and layer.activation is not None and layer.activation.name == "step":
            raise ValueError("Keras has no step function; choose another activation to get a program for Keras")
        inside.append(f"    {_call(type(layer), layer.config() | {'name': None}, library)},")
    kinds = sorted({type(layer).__name__ for layer in model.layers})
    lines += [f"import {library}"]
    if keras and model.seed is not None:
        lines += [f"keras.utils.set_random_seed({model.seed})"]
    lines += [f"from {library} import Input, Sequential", f"from {library}.layers import {', '.join(kinds)}", ""]
    lines += ["model = Sequential([", *filter(None, inside), f"]{seed}{dtype})"]
    if model.optimizer is not None and model.loss is not None:
        kind: Any = type(model.optimizer)
        usual = kind().config()
        settings = {name: value for name, value in model.optimizer.config().items() if value != usual[name]}
        optimizer = _call(kind, settings, library, f"{library}.optimizers.")
        if optimizer.endswith("()"):  # all defaults: its name says it
            optimizer = repr(kind.__name__.lower())
        loss = repr(model.loss.name)
        if getattr(model.loss, "from_logits", False):
            loss = f"{library}.losses.{type(model.loss).__name__}(from_logits=True)"
        names = [{"r2": "r2_score"}.get(name, name) if keras else name for name in model.metrics]
        lines += [f"model.compile(optimizer={optimizer}, loss={loss}, metrics={names})"]
    return "\n".join(lines).replace("'", '"') + "\n"


def _call(cls: type, settings: dict[str, Any], library: str, prefix: str = "") -> str:
    """The call that builds an object: only what differs from the defaults is written."""
    parameters = inspect.signature(cls).parameters
    arguments = []
    for name, value in settings.items():
        default = parameters[name].default if name in parameters else None
        if name == "name" or value == default or (name == "activation" and (value, default) == ("linear", None)):
            continue
        positional = default is inspect.Parameter.empty
        arguments.append(_value(name, value, library) if positional else f"{name}={_value(name, value, library)}")
    return f"{prefix}{cls.__name__}({', '.join(arguments)})"


def _value(name: str, value: Any, library: str) -> str:
    if name.endswith("_regularizer"):
        return f"{library}.regularizers.L1L2(l1={value['l1']}, l2={value['l2']})"
    if name.endswith("_initializer"):
        if library == "keras" and value == "strengths":
            value = initializers.get("strengths").config()  # type: ignore[attr-defined]
        if isinstance(value, dict):
            inside = ", ".join(f"{key}={setting!r}" for key, setting in value.items() if key != "name")
            return f"{library}.initializers.{value['name']}({inside})"
    if isinstance(value, dict) and "schedule" in value:
        inside = ", ".join(f"{key}={setting!r}" for key, setting in value.items() if key != "schedule")
        if library == "keras":
            if value["schedule"] == "WarmUp":
                raise ValueError("Keras has no WarmUp schedule; its CosineDecay can warm up")
            return f"keras.optimizers.schedules.{value['schedule']}({inside})"
        return f"annlab.schedules.{value['schedule']}({inside})"
    return repr(value)


# --- Keras ----------------------------------------------------------------------------------------------------------


def to_keras(model: Sequential) -> Any:
    """The same network in Keras 3, compiled alike, with the same weights.

    Raises
    ------
    ImportError  if Keras is not installed.
    ValueError   for something that Keras does not have, such as the step function.
    """
    model._need_built("to_keras")
    keras = _keras()
    code(model, "keras")  # raises for what Keras does not have
    twin = keras.Sequential([keras.Input(model.input_shape, dtype=model.dtype.name)], name=model.name)
    for layer in model.layers:
        settings = {name: _keras_value(keras, name, value) for name, value in layer.config().items()}
        twin.add(getattr(keras.layers, type(layer).__name__)(**settings, dtype=model.dtype.name))
    twin.set_weights(model.get_weights())
    if model.optimizer is not None and model.loss is not None:
        settings = {name: value for name, value in model.optimizer.config().items() if value is not None}
        optimizer = getattr(keras.optimizers, settings.pop("name"))
        if isinstance(settings["learning_rate"], dict):
            schedule = getattr(keras.optimizers.schedules, settings["learning_rate"].pop("schedule"))
            settings["learning_rate"] = schedule(**settings["learning_rate"])
        loss_class = getattr(keras.losses, type(model.loss).__name__)
        loss = loss_class(dtype=model.dtype.name, **{k: v for k, v in model.loss.config().items() if k != "name"})
        names = ["r2_score" if name == "r2" else name for name in model.metrics]
        twin.compile(optimizer=optimizer(**settings), loss=loss, metrics=names)
    return twin


def _keras_value(keras: Any, name: str, value: Any) -> Any:
    if name.endswith("_regularizer"):
        return keras.regularizers.L1L2(**value)
    if name.endswith("_initializer"):
        settings = initializers.get("strengths").config() if value == "strengths" else value  # type: ignore[attr-defined]
        if isinstance(settings, dict):
            settings = dict(settings)
            return getattr(keras.initializers, settings.pop("name"))(**settings)
    return value


# What a recurrent layer of Keras can also be asked to do; without it, it would compute something else.
NOT_HERE = ("go_backwards", "stateful", "return_state", "dropout", "recurrent_dropout")


def from_keras(twin: Any) -> Sequential:
    """The network here that computes what this Keras Sequential does, with its weights. Compile it anew to train it.

    Raises
    ------
    ImportError  if Keras is not installed.
    TypeError    for anything but a Sequential.
    ValueError   for a layer or an activation that annlab does not have, with its name.
    """
    keras = _keras()
    if not isinstance(twin, keras.Sequential):
        raise TypeError(f"from_keras expected a keras.Sequential; got {type(twin).__name__}")
    if not twin.built:
        raise ValueError("this Keras network has no weights yet; start it with keras.Input, or call build")
    weights = twin.get_weights()
    model = Sequential(dtype="float64" if weights and weights[0].dtype == np.float64 else "float32", name=twin.name)
    model.add(Input(tuple(twin.input_shape[1:])))
    for layer in twin.layers:
        kind = type(layer).__name__
        if kind not in LAYERS:
            raise ValueError(f"layer {layer.name!r} is a {kind}; annlab knows {', '.join(LAYERS)}")
        given = layer.get_config()
        other = [name for name in NOT_HERE if given.get(name)]
        if other:
            raise ValueError(
                f"layer {layer.name!r} has {other[0]}={given[other[0]]!r}, which annlab's {kind} cannot do"
            )
        accepted = inspect.signature(LAYERS[kind]).parameters
        settings: dict[str, Any] = {
            name: given[name] for name in ("units", "use_bias", "rate", "return_sequences", "name") if name in given
        }
        if "activation" in accepted:
            settings["activation"] = layer.activation.__name__
        for name in accepted:
            regularizer = getattr(layer, name, None) if name.endswith("_regularizer") else None
            if regularizer is not None:
                if type(regularizer).__name__ not in ("L1", "L2", "L1L2"):
                    raise ValueError(f"layer {layer.name!r} has the {name} {regularizer!r}; annlab knows L1, L2, L1L2")
                settings[name] = {rate: float(getattr(regularizer, rate, 0.0)) for rate in ("l1", "l2")}
        model.add(LAYERS[kind](**settings))
    model.set_weights(weights)
    return model


def _keras() -> Any:
    try:
        import keras
    except ImportError as error:
        raise ImportError(
            f"Keras cannot be used here ({error}); pip install keras and one of torch, jax or tensorflow, and name the "
            "one to use in the environment variable KERAS_BACKEND"
        ) from None
    return keras
