"""Kept as a file, as a program, as a Keras network - and what a stranger's file can do: nothing."""

import io
import json
import os
import pickle
import random
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

import annlab
from annlab import Activation, Dense, Dropout, Input, Sequential, SimpleRNN, load
from annlab.initializers import RandomUniform, VarianceScaling
from annlab.losses import BinaryCrossentropy
from annlab.schedules import CosineDecay, ExponentialDecay, PiecewiseConstantDecay, Schedule, WarmUp

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), RNG.integers(0, 2, 40)
SEQUENCES = RNG.normal(size=(40, 5, 2))


def dense():
    return Sequential(
        [
            Input((3,)),
            Dense(6, "tanh", kernel_initializer=RandomUniform(-0.3, 0.3), kernel_regularizer="l2", name="inner"),
            Dropout(0.25),
            Dense(4, use_bias=False, kernel_initializer=VarianceScaling(2.0, "fan_avg"), bias_regularizer={"l1": 0.1}),
            Activation("leaky_relu"),
            Dense(1, "sigmoid", bias_initializer="ones"),
        ],
        seed=7,
        name="my network",
    )


def recurrent():
    return Sequential(
        [SimpleRNN(4, return_sequences=True, input_dim=2), SimpleRNN(3, "relu", use_bias=False), Dense(1, "sigmoid")],
        seed=3,
    )


OPTIMIZERS = {
    "SGD": lambda: annlab.SGD(0.05, momentum=0.9, nesterov=True),
    "RMSprop": lambda: annlab.RMSprop(0.01, momentum=0.5, clipnorm=1.0),
    "Adagrad": lambda: annlab.Adagrad(0.1),
    "Adam": lambda: annlab.Adam(ExponentialDecay(0.02, 5, 0.7), global_clipnorm=2.0),
    "Adam amsgrad": lambda: annlab.Adam(WarmUp(0.02, 10), amsgrad=True),
    "AdamW": lambda: annlab.AdamW(CosineDecay(0.02, 30, warmup_target=0.05, warmup_steps=4), clipvalue=0.5),
    "steps": lambda: annlab.SGD(PiecewiseConstantDecay([3, 6], [0.1, 0.01, 0.001])),
}


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_goes_on_to_the_same_digits(optimizer, dtype, tmp_path):
    layers = [Dense(6, "tanh", kernel_regularizer="l1_l2"), Dropout(0.25), Dense(1, "sigmoid")]
    model = Sequential([Input((3,)), *layers], seed=7, dtype=dtype)
    model.compile(OPTIMIZERS[optimizer](), "binary_crossentropy", ["accuracy", "mae"])
    model.fit(X, Y, epochs=3, batch_size=7, verbose=0)
    path = model.save(tmp_path / "network.npz")
    twin = load(path)
    assert np.array_equal(twin.predict(X), model.predict(X))
    assert twin.optimizer.config() == model.optimizer.config()
    assert twin.optimizer.iterations == model.optimizer.iterations == 18
    assert list(twin.metrics) == ["accuracy", "mae"]
    # shuffling, dropout, momentum and the schedule go on where they were
    histories = [m.fit(X, Y, epochs=4, batch_size=7, verbose=0, validation_split=0.2).history for m in (model, twin)]
    assert histories[0] == histories[1]
    assert np.array_equal(twin.parameters, model.parameters)
    assert twin.dtype == dtype


@pytest.mark.parametrize("build", [dense, recurrent])
def test_everything_about_the_network_comes_back(build, tmp_path):
    model = build()
    twin = Sequential.load(model.save(tmp_path / "network.npz"))
    assert repr(twin) == repr(model)
    assert (twin.name, twin.seed, twin.input_shape, twin.output_shape) == (
        model.name,
        model.seed,
        model.input_shape,
        model.output_shape,
    )
    assert [layer.config() for layer in twin.layers] == [layer.config() for layer in model.layers]
    assert np.array_equal(twin.parameters, model.parameters)
    assert twin.loss is twin.optimizer is None  # it was not compiled


def test_a_network_compiled_but_not_trained(tmp_path):
    model = dense()
    model.compile("adam", BinaryCrossentropy())
    twin = load(model.save(tmp_path / "network.npz"))
    first, second = (m.fit(X, Y, epochs=2, verbose=0).history for m in (model, twin))
    assert first == second


def test_a_network_without_weights(tmp_path):
    model = Sequential([Input((3,)), Activation("softmax")])
    model.compile("adam", "categorical_crossentropy")
    twin = load(model.save(tmp_path / "network.npz"))
    assert np.array_equal(twin.predict(X), model.predict(X))


def test_metrics_come_back_under_the_names_they_were_given(tmp_path):
    model = dense()
    model.compile("sgd", "binary_crossentropy", ["acc", "MAE", "mean_squared_error"])
    twin = load(model.save(tmp_path / "network.npz"))
    assert twin.evaluate(X, Y, return_dict=True) == model.evaluate(X, Y, return_dict=True)
    hinge = dense()
    hinge.compile("sgd", "hinge", ["accuracy"])
    assert load(hinge.save(tmp_path / "network.npz")).metrics == hinge.metrics


def test_logits_are_remembered(tmp_path):
    model = Sequential([Dense(1, input_dim=3)], seed=0)
    model.compile("sgd", BinaryCrossentropy(from_logits=True))
    assert load(model.save(tmp_path / "network.npz")).loss.from_logits


def test_names_of_files(tmp_path, monkeypatch):
    model = dense()
    assert model.save(tmp_path / "without ending") == tmp_path / "without ending.npz"
    assert model.save(str(tmp_path / "text.npz")) == tmp_path / "text.npz"
    assert model.save(tmp_path / "v1.2.npz") == tmp_path / "v1.2.npz"
    assert model.save(tmp_path / "other.annlab") == tmp_path / "other.annlab"
    for name in ("without ending", "without ending.npz", "text.npz", "v1.2.npz", "other.annlab"):
        assert np.array_equal(load(str(tmp_path / name)).parameters, model.parameters)
    monkeypatch.chdir(tmp_path)
    model.save("here")
    assert annlab.load_model("here").count_params() == model.count_params()
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load("nowhere")


def test_an_older_file_is_replaced_only_by_a_complete_one(tmp_path, monkeypatch):
    model, path = dense(), tmp_path / "network.npz"
    model.save(path)
    old = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space left"):
        model.save(path)
    monkeypatch.undo()
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["network.npz"]  # nor is anything left lying about


def test_a_network_that_grew_after_training(tmp_path):
    model = dense()
    model.compile("adam", "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    model.add(Dense(1))
    twin = load(model.save(tmp_path / "grown"))
    first, second = (each.fit(X, Y, epochs=2, verbose=0).history for each in (model, twin))
    assert first == second


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_file_may_be_read_by_those_who_may_read_other_files(tmp_path):
    (tmp_path / "other").touch()
    assert dense().save(tmp_path / "network").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_what_cannot_be_saved(tmp_path):
    with pytest.raises(ValueError, match="save needs to know the input size"):
        Sequential([Dense(3)]).save(tmp_path / "network.npz")
    with pytest.raises(ValueError, match="a function of your own"):
        Sequential([Dense(3, input_dim=2, kernel_initializer=lambda shape, rng, dtype: rng.normal(size=shape))]).save(
            tmp_path / "network.npz"
        )
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        dense().save(tmp_path / "nowhere" / "network.npz")

    class Sawtooth(Schedule):
        def __call__(self, step):
            return 0.1 / (1 + step % 3)

    for own in (Sawtooth(), lambda step: 0.1 / (1 + step)):
        model = dense()
        model.compile(annlab.SGD(own), "mse")
        with pytest.raises(ValueError, match="is a function of your own; use one of annlab.schedules to save it"):
            model.save(tmp_path / "network.npz")
    assert list(tmp_path.iterdir()) == []

    def my_metric(t, y):
        return 0.0

    model = dense()
    model.compile("sgd", "mse", [my_metric, "mae"])
    with pytest.warns(UserWarning, match="'my_metric' is a function of your own and is not saved"):
        model.save(tmp_path / "network.npz")
    assert list(load(tmp_path / "network.npz").metrics) == ["mae"]


def test_nothing_in_a_file_is_pickled(tmp_path):
    model = dense()
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    path = model.save(tmp_path / "network.npz")
    with np.load(path, allow_pickle=False) as file:  # would raise for a pickle
        arrays = {name: file[name] for name in file.files}
    assert all(array.dtype.kind in "fU" for array in arrays.values())
    assert json.loads(str(arrays["config"]))["format"] == "annlab network"


# --- damaged, foreign and malicious files ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The parts of a good file: its configuration, its arrays, its bytes."""
    model = dense()
    model.compile(annlab.Adam(0.01), "binary_crossentropy", ["accuracy"])
    model.fit(X, Y, verbose=0)
    path = model.save(tmp_path_factory.mktemp("good") / "network.npz")
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return json.loads(str(arrays.pop("config"))), arrays, path.read_bytes()


def written(path, config, arrays, **more):
    text = config if isinstance(config, str) else json.dumps(config)
    np.savez(path, config=np.array(text), **arrays, **more)
    return path


def refused(path):
    with pytest.raises(ValueError, match=f"{path.name} is not a network that annlab can read") as caught:
        load(path)
    assert "Nothing in it was executed" in str(caught.value)


def loaded(path):
    """The network in the file, or None if it was refused in the words that were promised."""
    try:
        return load(path)
    except ValueError as error:
        if "is not a network that annlab can read" not in str(error):
            raise
        return None


class Bomb:
    """Unpickling it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_never_opened(tmp_path, saved):
    config, arrays, _ = saved
    mark = tmp_path / "the bomb went off"
    plain = tmp_path / "plain.npz"
    plain.write_bytes(pickle.dumps(Bomb(mark)))
    refused(plain)
    objects = np.array([Bomb(mark)], dtype=object)
    for name in ("parameters", "config", "optimizer.momentum", "something else"):
        path = tmp_path / f"inside {name}.npz"
        np.savez(path, **({"config": np.array(json.dumps(config))} | arrays | {name: objects}))
        refused(path)
    assert not mark.exists()
    pickle.loads(pickle.dumps(Bomb(mark)))
    assert mark.exists()  # it would have


def test_every_truncation(tmp_path, saved):
    whole, path = saved[2], tmp_path / "short.npz"
    for length in [*range(0, len(whole), max(1, len(whole) // 60)), len(whole) - 1]:
        path.write_bytes(whole[:length])
        refused(path)


def test_damaged_bytes_are_refused_or_do_no_harm(tmp_path, saved):
    """A zip file checks its contents; a few bytes of its own book-keeping do not matter."""
    whole, path, chance = saved[2], tmp_path / "damaged.npz", random.Random(0)
    good = load(written(tmp_path / "good.npz", saved[0], saved[1])).parameters
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        model = loaded(path)
        assert model is None or np.array_equal(model.parameters, good)


def test_foreign_files(tmp_path, saved):
    config, arrays, _ = saved
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "folder.npz").mkdir()
    np.savez(tmp_path / "arrays.npz", a=np.ones(3))
    with (tmp_path / "array.npz").open("wb") as file:
        np.save(file, np.ones(3))
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    written(tmp_path / "no parameters.npz", config, {})
    written(tmp_path / "numbers.npz", "3", arrays)
    written(tmp_path / "list.npz", "[]", arrays)
    written(tmp_path / "no json.npz", "{", arrays)
    written(tmp_path / "another format.npz", config | {"format": "keras"}, arrays)
    written(tmp_path / "the future.npz", config | {"version": 99}, arrays)
    written(tmp_path / "deep.npz", "[" * 100_000 + "]" * 100_000, arrays)
    for path in tmp_path.iterdir():
        if path.suffix == ".npz":
            refused(path)


def everywhere(value, path=()):
    """Every place in a nested configuration."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from everywhere(child, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = replaced(value[path[0]], path[1:], new)
    return copied


@pytest.mark.parametrize(
    "new", [None, -1, 2.5, 10**12, 10**400, "os.system", [], {}, [[[1]]], {"name": "x"}, True, float("nan")], ids=repr
)
def test_a_configuration_with_something_odd_anywhere(new, tmp_path, saved):
    """Either it is a network all the same, or it is refused; nothing else happens, whatever stands where."""
    config, arrays, _ = saved
    for number, place in enumerate(everywhere(config)):
        if place[:1] == ("seed",) and new == 10**400:
            continue  # any whole number is a seed
        path = written(tmp_path / f"{number}.npz", replaced(config, place, new), arrays)
        model = loaded(path)
        if model is not None:
            assert np.isfinite(model.predict(X)).all(), place
            assert np.array_equal(model.parameters, arrays["parameters"]), place


def test_huge_sizes_ask_for_no_memory(tmp_path, saved):
    config, arrays, _ = saved
    for units in (10**6, 10**9, 10**15):
        layers = [config["layers"][0] | {"units": units}, *config["layers"][1:]]
        refused(written(tmp_path / "units.npz", config | {"layers": layers}, arrays))
    refused(written(tmp_path / "input.npz", config | {"input_shape": [10**12]}, arrays))
    # an array whose header promises far more numbers than the file holds
    for count in (10**9, 10**12, 10**18):
        header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},), }}".encode()
        header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
        array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\x00" * 64
        path = written(tmp_path / "header.npz", config, {})
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("parameters.npy", array)
        refused(path)


def test_a_small_file_that_would_unpack_to_a_large_one(tmp_path, saved):
    config, arrays, _ = saved
    path = tmp_path / "zeros.npz"
    np.savez_compressed(path, config=np.array(json.dumps(config)), **arrays, zeros=np.zeros(10**6))
    assert path.stat().st_size < 20_000
    refused(path)


@pytest.mark.parametrize(
    "parameters",
    [
        np.zeros(3),
        np.zeros((7, 7)),
        np.zeros(0),
        np.array(1.0),
        np.array(["text"]),
        np.array([1 + 2j]),
    ],
    ids=lambda a: f"{a.dtype} {a.shape}",
)
def test_weights_that_do_not_fit(parameters, tmp_path, saved):
    config, arrays, _ = saved
    refused(written(tmp_path / "weights.npz", config, arrays | {"parameters": parameters}))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_no_numbers(bad, tmp_path, saved):
    config, arrays, _ = saved
    broken = arrays["parameters"].copy()
    broken[3] = bad
    refused(written(tmp_path / "weights.npz", config, arrays | {"parameters": broken}))


def test_an_optimizers_memory_that_does_not_fit(tmp_path, saved):
    config, arrays, _ = saved
    for wrong in (np.zeros(3), np.ones(1), np.array("text"), np.array([1j] * arrays["parameters"].size)):
        refused(written(tmp_path / "memory.npz", config, arrays | {"optimizer.momentum": wrong}))


def test_a_refused_file_leaves_nothing_open(tmp_path, saved):
    path = tmp_path / "short.npz"
    path.write_bytes(saved[2][:-100])
    refused(path)
    path.unlink()  # on Windows an open file could not be removed
    assert not path.exists()


# --- programs -------------------------------------------------------------------------------------------------------


def run(program):
    names = {}
    exec(program, names)
    return names["model"]


PROGRAMS = {
    "dense": dense,
    "recurrent": recurrent,
    "every activation": lambda: Sequential(
        [Input((3,)), *(Dense(2, a) for a in annlab.activations.names() if a != "step"), Dense(1, "sigmoid")], seed=1
    ),
    "every initializer": lambda: Sequential(
        [Input((3,)), *(Dense(2, kernel_initializer=i) for i in annlab.initializers.names()), Dense(1, "sigmoid")],
        seed=1,
    ),
}


@pytest.mark.parametrize("optimizer", [None, *OPTIMIZERS])
@pytest.mark.parametrize("build", PROGRAMS)
def test_the_program_rebuilds_the_network(build, optimizer):
    model = PROGRAMS[build]()
    if optimizer:
        model.compile(OPTIMIZERS[optimizer](), "binary_crossentropy", ["accuracy", "mae", "r2"])
    twin = run(model.code())
    assert np.array_equal(twin.parameters, model.parameters)  # the seed is in the program, so the first weights are
    for layer, again in zip(model.layers, twin.layers, strict=True):
        assert again.config() | {"name": None} == layer.config() | {"name": None}
    if optimizer:
        assert twin.optimizer.config() == model.optimizer.config()
        assert twin.loss.config() == model.loss.config()
        assert list(twin.metrics) == list(model.metrics)
    assert model.code() == twin.code()


def test_the_program_is_what_one_would_write():
    model = Sequential([Dense(10, "relu", input_dim=2), Dense(1, "sigmoid")], seed=4)
    model.compile(annlab.Adam(0.01), "binary_crossentropy", ["accuracy"])
    assert model.code() == (
        "import annlab\n"
        "from annlab import Input, Sequential\n"
        "from annlab.layers import Dense\n"
        "\n"
        "model = Sequential([\n"
        "    Input((2,)),\n"
        '    Dense(10, activation="relu"),\n'
        '    Dense(1, activation="sigmoid"),\n'
        "], seed=4)\n"
        "model.compile(optimizer=annlab.optimizers.Adam(learning_rate=0.01), "
        'loss="binary_crossentropy", metrics=["accuracy"])\n'
    )


def test_a_program_names_only_settings_that_are_not_usual():
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("adamw", "mse")
    assert 'optimizer="adamw"' in model.code()
    model.compile(annlab.AdamW(0.01, beta_1=0.8), "mse")
    assert "AdamW(learning_rate=0.01, beta_1=0.8)" in model.code()


def test_logits_and_precision_are_in_the_program():
    model = Sequential([Dense(2, input_dim=2)], seed=4, dtype="float32")
    model.compile("sgd", BinaryCrossentropy(from_logits=True))
    twin = run(model.code())
    assert twin.dtype == np.float32
    assert twin.loss.from_logits


def test_names_with_quotes_and_libraries_that_are_unknown():
    model = Sequential([Dense(2, input_dim=2, name='it\'s "mine"')], seed=0)
    assert run(model.code()).count_params() == 6
    with pytest.raises(ValueError, match="code knows 'annlab' and 'keras'"):
        model.code("pytorch")
    with pytest.raises(ValueError, match="Keras has no step function"):
        Sequential([Dense(2, "step", input_dim=2)]).code("keras")


# --- Keras ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def keras():
    os.environ["KERAS_BACKEND"] = "torch"
    pytest.importorskip("torch").set_num_threads(1)
    return pytest.importorskip("keras")


keras_and_numpy_2 = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@keras_and_numpy_2
@pytest.mark.parametrize("optimizer", [None, *(name for name in OPTIMIZERS if name != "Adam amsgrad")])
@pytest.mark.parametrize("build", PROGRAMS)
def test_keras_runs_the_program(build, optimizer, keras):
    model = PROGRAMS[build]()
    if optimizer:
        model.compile(OPTIMIZERS[optimizer](), "binary_crossentropy", ["accuracy", "mae", "r2"])
    twin = run(model.code("keras"))
    assert [w.shape for w in twin.get_weights()] == [w.shape for w in model.get_weights()]
    twin.set_weights(model.get_weights())
    x = SEQUENCES if build == "recurrent" else X
    np.testing.assert_allclose(twin.predict(x, verbose=0), model.predict(x), rtol=0, atol=1e-5)
    if optimizer:
        assert type(twin.optimizer).__name__ == type(model.optimizer).__name__
        rate = twin.optimizer.learning_rate
        assert float(rate) == pytest.approx(model.optimizer.current_learning_rate)


def test_what_keras_does_not_have(keras):
    model = Sequential([Dense(1, input_dim=3)])
    model.compile(annlab.SGD(WarmUp(0.1, 5)), "mse")
    with pytest.raises(ValueError, match="Keras has no WarmUp schedule"):
        model.code("keras")
    with pytest.raises(ValueError, match="Keras has no WarmUp schedule"):
        model.to_keras()
    with pytest.raises(ValueError, match="Keras has no step function"):
        Sequential([Dense(2, "step", input_dim=2)]).to_keras()


@keras_and_numpy_2
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("build", PROGRAMS)
def test_to_keras_and_back(build, dtype, keras):
    model = PROGRAMS[build]()
    model = run(model.code().replace("seed=", f'dtype="{dtype}", seed='))
    x = (SEQUENCES if build == "recurrent" else X).astype(dtype)
    twin = model.to_keras()
    np.testing.assert_allclose(twin.predict(x, verbose=0), model.predict(x), atol=1e-10 if dtype == "float64" else 1e-5)
    back = Sequential.from_keras(twin)
    assert np.array_equal(back.predict(x), model.predict(x))
    assert back.dtype == dtype
    assert [layer.name for layer in back.layers] == [layer.name for layer in model.layers]
    for layer, again in zip(model.layers, back.layers, strict=True):
        assert again.regularizers == layer.regularizers


@keras_and_numpy_2
@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name != "Adam amsgrad"])
def test_the_keras_twin_trains_alike(optimizer, keras):
    model = Sequential([Dense(6, "tanh", input_dim=3, kernel_regularizer="l2"), Dense(1, "sigmoid")], seed=0)
    model.compile(OPTIMIZERS[optimizer](), "binary_crossentropy", ["accuracy"])
    twin = model.to_keras()
    fit = {"batch_size": 8, "epochs": 3, "shuffle": False, "verbose": 0}
    expected, got = twin.fit(X, Y, **fit).history, model.fit(X, Y, **fit).history
    assert expected.keys() == got.keys()
    np.testing.assert_allclose(got["loss"], expected["loss"], rtol=1e-5)  # Keras reports in float32
    np.testing.assert_allclose(model.predict(X), twin.predict(X, verbose=0), atol=1e-5)


def doubled(z):
    return 2 * z


@keras_and_numpy_2
@pytest.mark.parametrize(
    ("kind", "shape", "options", "message"),
    [
        ("BatchNormalization", (3,), {}, "is a BatchNormalization; annlab knows Dense"),
        ("ReLU", (3,), {"max_value": 6.0}, "is a ReLU"),
        ("Dense", (3,), {"units": 2, "activation": "hard_sigmoid"}, "unknown activation 'hard_sigmoid'"),
        ("Dense", (3,), {"units": 2, "activation": doubled}, "unknown activation 'doubled'"),
        ("Dense", (3,), {"units": 2, "kernel_regularizer": "orthogonal_regularizer"}, "annlab knows L1, L2, L1L2"),
        ("SimpleRNN", (4, 3), {"units": 2, "go_backwards": True}, "go_backwards=True, which annlab's SimpleRNN cannot"),
        ("SimpleRNN", (4, 3), {"units": 2, "recurrent_dropout": 0.5}, "recurrent_dropout=0.5"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_keras_network_that_would_compute_something_else_is_refused(kind, shape, options, message, keras):
    twin = keras.Sequential([keras.Input(shape), getattr(keras.layers, kind)(**options)])
    with pytest.raises(ValueError, match=message):
        Sequential.from_keras(twin)


def test_what_is_no_keras_network(keras):
    with pytest.raises(TypeError, match="from_keras expected a keras.Sequential"):
        Sequential.from_keras(io.StringIO())
    with pytest.raises(ValueError, match="has no weights yet"):
        Sequential.from_keras(keras.Sequential([keras.layers.Dense(2)]))
