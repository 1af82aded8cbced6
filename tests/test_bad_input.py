"""Every mistake a learner makes is answered before anything changes.

Each case is a call, and the words that its message must hold: what was expected, what came, what to do. After each, the
network is asked whether it still is what it was: weights, optimizer, random numbers, history, layers.
"""

import io
import json
import pickle
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from annlab import SGD, Adam, Dense, Dropout, Input, Sequential, SimpleRNN, load
from annlab.callbacks import EarlyStopping

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
Y = (X[:, 0] > 0).astype(int)
CLASSES = np.arange(20) % 3
ONE_HOT = np.eye(3)[CLASSES]
MASKED = np.ma.masked_greater(X, 1)
NAN, INFINITE = X.copy(), X.copy()
NAN[3, 1], INFINITE[0, 2] = np.nan, -np.inf


def network(loss="binary_crossentropy", y=Y):
    """A small network that has learned for two epochs, so that there is something to lose."""
    units, ending = (1, "sigmoid") if loss == "binary_crossentropy" else (3, "softmax")
    model = Sequential([Input((3,)), Dense(4, "tanh", name="hidden"), Dense(units, ending, name="out")], seed=0)
    model.compile("adam", loss, ["accuracy"])
    model.fit(X, y, epochs=2, verbose=0)
    return model


def sizeless():
    """A compiled network that does not know its input size yet."""
    model = Sequential([Dense(4, "tanh"), Dense(1, "sigmoid")], seed=0)
    model.compile("adam", "binary_crossentropy", ["accuracy"])
    return model


def all_of(model):
    """Everything that a failed call could spoil."""
    optimizer = model.optimizer
    return {
        "parameters": model.parameters.copy(),
        "weights": [weight.copy() for layer in model.layers for weight in layer.weights.values()],
        "layers": [(id(layer), layer.name, layer.shapes, layer.input_shape) for layer in model.layers],
        "sizes": (model.built, model.input_shape, model.output_shape),
        "random numbers": str(model.rng.bit_generator.state),
        "optimizer": optimizer and (id(optimizer), optimizer.iterations, str(optimizer.learning_rate)),
        "memory": optimizer and {name: np.copy(array) for name, array in optimizer.state.items() if name != "scratch"},
        "compiled": (model.loss and model.loss.name, list(model.metrics)),
        "history": (list(model.history.epoch), json.dumps(model.history.history)),
    }


def refused(model, call, error, *words):
    """``call(model)`` raises ``error`` with all these words in its message, and leaves the network as it was."""
    before = all_of(model)
    with pytest.raises(error) as caught:
        call(model)
    message = str(caught.value)
    for word in words:
        assert word in message, message
    after = all_of(model)
    for what, value in before.items():
        np.testing.assert_equal(after[what], value, err_msg=f"{what} changed")


# --- examples -------------------------------------------------------------------------------------------------------

BAD_X = {
    "too few features": (
        X[:, :2],
        ValueError,
        "'hidden' expected 3 features per example",
        "got x of shape (20, 2)",
        "Give",
    ),
    "too many features": (np.ones((4, 5)), ValueError, "expected 3 features", "got x of shape (4, 5)", "Give"),
    "one example alone": (X[0], ValueError, "expected 3 features", "got x of shape (3,)", "x.reshape(1, 3)"),
    "rank 3": (
        X[None],
        ValueError,
        "expected 3 features",
        "got x of shape (1, 20, 3)",
        "x should have shape (examples, 3)",
    ),
    "one number": (5.0, ValueError, "expected 3 features", "got x of shape (1"),
    "no rows": (X[:0], ValueError, "x is empty", "(0, 3)", "give at least one example"),
    "an empty list": ([], ValueError, "x is empty", "give at least one example"),
    "NaN": (NAN, ValueError, "x contains NaN", "index (3, 1)", "remove those examples or fill the gaps"),
    "infinity": (INFINITE, ValueError, "x contains infinity", "index (0, 2)", "remove"),
    "text": (
        [["a", "b", "c"]] * 20,
        TypeError,
        "x should hold numbers",
        "got text such as 'a'",
        "Try x = np.asarray",
    ),
    "one text among the numbers": ([[1, 2, 3]] * 19 + [[1, "x", 3]], TypeError, "x should hold", "text such as 'x'"),
    "no rows of text": (np.empty((0, 3), "U1"), ValueError, "x is empty", "(0, 3)"),
    "numbers as text": (X.astype(str), TypeError, "x should hold numbers", "got text", "dtype=float"),
    "ragged rows": ([[1, 2, 3], [1, 2]], ValueError, "x is ragged", "give every example"),
    "complex numbers": (X + 1j, TypeError, "x should hold real numbers", "got complex", "Give .real"),
    "objects": ([[{}] * 3] * 20, TypeError, "x should hold numbers", "got objects such as {}", "Turn each column"),
    "infinities that cancel": ([[np.inf, -np.inf, 0]], ValueError, "x contains infinity", "index (0, 0)", "remove"),
    "a number beyond floats": ([[10**400, 1, 1]], ValueError, "x contains a number too large", "scale it down"),
    "nothing": (None, TypeError, "x is None", "give"),
    "dates": (np.zeros((20, 3), "M8[s]"), TypeError, "x should hold numbers", "got datetime64[s]", "Turn each column"),
    "masked numbers": (MASKED, ValueError, f"x has {MASKED.mask.sum()} masked", "x.filled(0)"),
    "a set": ({1, 2}, TypeError, "x should be an array or a list of numbers", "got {1, 2} (set)"),
    "a generator": ((row for row in X), TypeError, "x should be an array or a list of numbers", "(generator)"),
    "text among objects": (
        np.array([[1.0, None, "cat"]] * 20, dtype=object),
        TypeError,
        "x should hold numbers",
        "got text such as 'cat'",
    ),
    "dicts among numbers": (
        np.array([[1.0, 2.0, {}]] * 20, dtype=object),
        TypeError,
        "x should hold numbers",
        "got objects such as {}",
    ),
}
CALLS = {
    "fit": lambda model, x: model.fit(x, Y, verbose=0),
    "iter_fit": lambda model, x: model.iter_fit(x, Y),
    "train_on_batch": lambda model, x: model.train_on_batch(x, Y),
    "evaluate": lambda model, x: model.evaluate(x, Y),
    "predict": lambda model, x: model.predict(x),
    "score": lambda model, x: model.score(x, Y),
    "layer_outputs": lambda model, x: model.layer_outputs(x),
}


@pytest.mark.parametrize("x", BAD_X)
@pytest.mark.parametrize("call", CALLS)
def test_bad_examples(call, x):
    value, error, *words = BAD_X[x]
    refused(network(), lambda model: CALLS[call](model, value), error, *words)


@pytest.mark.parametrize("x", [x for x in BAD_X if x != "one example alone"])  # trace takes one example alone
def test_bad_examples_to_trace(x):
    value, error, *words = BAD_X[x]
    refused(network(), lambda model: model.trace(value, Y), error, *words)


@pytest.mark.parametrize("x", ["NaN", "ragged rows", "text", "no rows", "complex numbers", "nothing"])
@pytest.mark.parametrize("call", [*CALLS, "trace"])
def test_bad_examples_give_no_size_to_a_network_without_one(call, x):
    value, error, *words = BAD_X[x]
    calls = CALLS | {"trace": lambda model, x: model.trace(x, Y)}
    refused(sizeless(), lambda model: calls[call](model, value), error, *words)


@pytest.mark.parametrize("x", ["too few features", "nothing", "a set", "text", "ragged rows", "objects"])
def test_bad_examples_to_the_network_itself(x):
    """``model(x)`` asks nothing of data that go through."""
    value, error, *words = BAD_X[x]
    refused(network(), lambda model: model(value), error, *words)
    refused(sizeless(), lambda model: model(BAD_X["ragged rows"][0]), ValueError, "x is ragged")


# --- targets --------------------------------------------------------------------------------------------------------

BAD_Y = {
    "too short": (Y[:5], ValueError, "one row for each example", "20 rows of x and 5 of y"),
    "too long": (np.tile(Y, 2), ValueError, "one row for each example", "20 rows of x and 40 of y"),
    "empty": ([], ValueError, "y is empty"),
    "missing": (None, TypeError, "y is missing", "need a target for each example"),
    "NaN": (np.where(Y, np.nan, 0), ValueError, "y contains NaN", "remove those examples"),
    "text": (["cat", "dog"] * 10, TypeError, "y should hold numbers", "'cat'", "np.unique(y, return_inverse=True)"),
    "text from a table": (
        np.array(["cat", "dog"] * 10, dtype=object),
        TypeError,
        "got text such as 'cat'",
        "np.unique(y, return_inverse=True)",
    ),
    "complex": (Y + 1j, TypeError, "y should hold real numbers"),
    "ragged": ([[1], [1, 0]] * 10, ValueError, "y is ragged"),
    "-1 and 1": (2 * Y - 1, ValueError, "targets from 0 to 1", "got -1 to 1", "(y + 1) / 2", "hinge"),
    "three classes": (CLASSES, ValueError, "targets from 0 to 1", "got 0 to 2", "sparse_categorical_crossentropy"),
    "two columns": (
        np.eye(2)[Y],
        ValueError,
        "answers with shape (20, 1)",
        "got y of shape (20, 2)",
        "one unit for each",
    ),
}
TAUGHT = {
    "fit": lambda model, y: model.fit(X, y, verbose=0),
    "iter_fit": lambda model, y: model.iter_fit(X, y),
    "train_on_batch": lambda model, y: model.train_on_batch(X, y),
    "evaluate": lambda model, y: model.evaluate(X, y),
    "score": lambda model, y: model.score(X, y),
}


@pytest.mark.parametrize("y", BAD_Y)
@pytest.mark.parametrize("call", TAUGHT)
@pytest.mark.parametrize("make", [network, sizeless])
def test_bad_targets(make, call, y):
    value, error, *words = BAD_Y[y]
    refused(make(), lambda model: TAUGHT[call](model, value), error, *words)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (CLASSES + 1, ["from 0 to 2", "got 3", "Number the classes from 0, or give the last layer more units"]),
        (CLASSES - 1, ["from 0 to 2", "got -1", "Number the classes from 0"]),
        (CLASSES + 0.5, ["whole numbers 0 to 2", "got 0.5"]),
        (ONE_HOT, ["one class number per example", "got y of shape (20, 3)", "loss='categorical_crossentropy'"]),
        (np.eye(2)[Y], ["expects y of shape (20,)", "got (20, 2)"]),
    ],
    ids=["too large", "negative", "fractional", "one-hot", "two columns"],
)
def test_bad_class_numbers(y, words):
    refused(network("sparse_categorical_crossentropy", CLASSES), lambda m: m.fit(X, y, verbose=0), ValueError, *words)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (CLASSES, ["one column for each of 3 classes", "got class numbers", "loss='sparse_categorical_crossentropy'"]),
        (CLASSES[:, None], ["one column for each of 3 classes", "got class numbers", "one_hot"]),
        (2 * ONE_HOT - 1, ["targets from 0 to 1", "got -1 to 1", "(y + 1) / 2"]),
        (np.eye(2)[Y], ["answers with shape (20, 3)", "got y of shape (20, 2)"]),
    ],
    ids=["class numbers", "a column of them", "-1 and 1", "too few columns"],
)
def test_bad_one_hot_rows(y, words):
    refused(network("categorical_crossentropy", ONE_HOT), lambda m: m.fit(X, y, verbose=0), ValueError, *words)


@pytest.mark.parametrize(
    ("y", "settings", "words"),
    [
        (CLASSES, {}, ["hinge expects targets -1 and 1, or 0 and 1", "got 2", "sparse_categorical_crossentropy"]),
        (X[:, 0], {}, ["hinge expects targets -1 and 1", "for measurements 'mse'"]),
        (2 * Y - 1, {"class_weight": {0: 5}}, ["class_weight names the class 0; the classes are -1 and 1"]),
    ],
    ids=["three classes", "measurements", "a weight for class 0"],
)
def test_bad_targets_for_hinge(y, settings, words):
    model = network()
    model.compile("sgd", "hinge")
    refused(model, lambda m: m.fit(X, y, verbose=0, **settings), ValueError, *words)


# --- how to train ---------------------------------------------------------------------------------------------------

BAD_SETTINGS = {
    "batch_size 0": ({"batch_size": 0}, ValueError, "batch_size should be a whole number from 1 up", "got 0"),
    "batch_size -1": ({"batch_size": -1}, ValueError, "batch_size should be a whole number from 1 up", "got -1"),
    "batch_size 2.5": ({"batch_size": 2.5}, ValueError, "batch_size should be a whole number", "got 2.5"),
    "batch_size text": ({"batch_size": "all"}, TypeError, "batch_size should be a whole number", "got 'all'"),
    "epochs -1": ({"epochs": -1}, ValueError, "epochs should be a whole number from 0 up", "got -1"),
    "epochs 1.5": ({"epochs": 1.5}, ValueError, "epochs should be a whole number", "got 1.5"),
    "initial_epoch": ({"initial_epoch": -2}, ValueError, "initial_epoch should be a whole number from 0 up", "got -2"),
    "split 1": (
        {"validation_split": 1.0},
        ValueError,
        "validation_split should be a number at least 0 and below 1",
        "got 1",
    ),
    "split -0.1": (
        {"validation_split": -0.1},
        ValueError,
        "validation_split should be a number at least 0",
        "got -0.1",
    ),
    "validation width": (
        {"validation_data": (X[:, :2], Y)},
        ValueError,
        "validation_data: layer",
        "expected 3 features per example",
        "got x of shape (20, 2)",
    ),
    "validation length": (
        {"validation_data": (X, Y[:3])},
        ValueError,
        "validation_data: x and y",
        "20 rows of x and 3 of y",
    ),
    "validation NaN": ({"validation_data": (NAN, Y)}, ValueError, "validation_data: x contains NaN"),
    "validation x alone": ({"validation_data": X}, ValueError, "validation_data should be (x, y)"),
    "class_weight list": (
        {"class_weight": [1, 2]},
        TypeError,
        "class_weight should be like {0: 1.0, 1: 5.0}",
        "[1, 2]",
    ),
    "class_weight unknown": ({"class_weight": {5: 1}}, ValueError, "class_weight names the class 5", "0 to 1"),
    "class_weight too large": (
        {"class_weight": {0: 10**400}},
        ValueError,
        "class_weight[0] should be a number at least 0",
        "a whole number too large for a float",
    ),
    "class_weight negative": (
        {"class_weight": {0: -1}},
        ValueError,
        "class_weight[0] should be a number at least 0",
        "-1",
    ),
    "sample_weight short": ({"sample_weight": [1, 2]}, ValueError, "sample_weight should have shape (20,)", "got (2,)"),
    "sample_weight negative": ({"sample_weight": -Y}, ValueError, "sample_weight should not be negative", "got -1"),
    "sample_weight NaN": ({"sample_weight": NAN[:, 1]}, ValueError, "sample_weight contains NaN"),
    "callbacks": ({"callbacks": "early"}, TypeError, "callbacks should be a list", "EarlyStopping()", "got 'early'"),
    "one number as callbacks": ({"callbacks": 5}, TypeError, "callbacks should be a list", "got 5"),
    "a callback class": ({"callbacks": [EarlyStopping]}, TypeError, "callbacks should be a list", "EarlyStopping"),
    "verbose of two": ({"verbose": np.array([0, 1])}, ValueError, "verbose should be 'auto', 0, 1 or 2", "array"),
    "verbose": ({"verbose": "loud"}, ValueError, "verbose should be 'auto', 0, 1 or 2", "got 'loud'"),
}


@pytest.mark.parametrize("setting", BAD_SETTINGS)
@pytest.mark.parametrize("make", [network, sizeless])
def test_bad_settings_of_fit(make, setting):
    settings, error, *words = BAD_SETTINGS[setting]
    refused(make(), lambda model: model.fit(X, Y, **{"verbose": 0, **settings}), error, *words)


@pytest.mark.parametrize("make", [network, sizeless])
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda model: model.iter_fit(X, Y, every="day"), ["'day'", "epoch, batch"]),
        (lambda model: model.iter_fit(X, Y, batch_size=0), ["batch_size should be a whole number from 1 up", "got 0"]),
        (lambda model: model.iter_fit(X, Y, epochs=-1), ["epochs should be a whole number from 0 up", "got -1"]),
        (lambda model: model.predict(X, batch_size=0), ["batch_size should be a whole number from 1 up", "got 0"]),
        (lambda model: model.evaluate(X, Y, batch_size=0), ["batch_size should be a whole number from 1 up", "got 0"]),
    ],
    ids=["every", "iter_fit batch", "iter_fit epochs", "predict batch", "evaluate batch"],
)
def test_bad_settings_elsewhere(make, call, words):
    refused(make(), call, ValueError, *words)


def test_a_schedule_that_goes_astray_spoils_no_weight():
    model = network()
    for rate, came in ((float("nan"), "got nan"), (-1.0, "got -1")):
        model.compile(SGD(lambda step, rate=rate: rate), "mse")
        before = model.parameters.copy()
        with pytest.raises(ValueError, match=f"learning_rate should be a number at least 0; {came}"):
            model.fit(X, Y, verbose=0)
        np.testing.assert_array_equal(model.parameters, before)


def test_numbers_too_large_for_float32_are_named():
    model = Sequential([Input((3,)), Dense(1)], seed=0, dtype="float32")
    refused(
        model, lambda m: m.predict(X * 1e300), ValueError, "x contains infinity (or a number too large for float32)"
    )
    assert np.isfinite(Sequential([Input((3,)), Dense(1)], seed=0).predict(np.full((4, 3), 1e307))).all()


def test_iter_fit_complains_when_it_is_called_not_later():
    with pytest.raises(ValueError, match="x is empty"):
        network().iter_fit([], [])


# --- names and numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("adm", "mse"), ValueError, ["unknown optimizer 'adm'", "did you mean 'adam'"]),
        (("adam", "binary_crosentropy"), ValueError, ["unknown loss", "did you mean 'binary_crossentropy'"]),
        (("adam", "mse", ["acuracy"]), ValueError, ["unknown metric 'acuracy'", "did you mean 'accuracy'"]),
        (("adam", None), ValueError, ["compile needs a loss", "mse"]),
        (("adam", 5), TypeError, ["loss should be a name such as", "got 5"]),
        ((5, "mse"), TypeError, ["optimizer should be a name such as", "got 5"]),
        ((Adam, "mse"), TypeError, ["optimizer should be a name such as", "with brackets, Adam(), it is an object"]),
        (({"name": "adm"}, "mse"), ValueError, ["unknown optimizer 'adm'", "did you mean 'adam'"]),
        (({}, "mse"), TypeError, ["optimizer should be a name such as", "got None"]),
        (("adam", {"name": "msee"}), ValueError, ["unknown loss 'msee'", "did you mean 'mse'"]),
        (("adam", "mse", "accuracy"), TypeError, ["metrics should be a list such as ['accuracy']", "got 'accuracy'"]),
        (("adam", "categorical_crossentropy"), ValueError, ["compares several outputs", "'binary_crossentropy'"]),
    ],
    ids=lambda value: None if isinstance(value, list | type) else repr(value),
)
def test_bad_compile(arguments, error, words):
    refused(network(), lambda model: model.compile(*arguments), error, *words)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Dense(0), ValueError, ["units should be a whole number from 1 up", "got 0"]),
        (lambda: Dense(-3), ValueError, ["units should be a whole number from 1 up", "got -3"]),
        (lambda: Dense(2.5), ValueError, ["units should be a whole number from 1 up", "got 2.5"]),
        (lambda: Dense("4"), TypeError, ["units should be a whole number from 1 up", "got '4'"]),
        (lambda: Dense(True), TypeError, ["units should be a whole number", "got True"]),
        (lambda: Dense(2, name=5), TypeError, ["the name of a layer should be text", "got 5"]),
        (lambda: SimpleRNN(0), ValueError, ["units should be a whole number from 1 up", "got 0"]),
        (lambda: Dense(2, "rellu"), ValueError, ["unknown activation 'rellu'", "did you mean 'relu'"]),
        (lambda: Dense(2, kernel_initializer="unifrom"), ValueError, ["unknown initializer", "did you mean 'uniform'"]),
        (lambda: Dense(2, kernel_initializer={"name": "Constan"}), ValueError, ["unknown initializer", "'Constant'"]),
        (lambda: Dense(2, kernel_regularizer="l3"), ValueError, ["unknown regularizer 'l3'", "did you mean 'l2'"]),
        (lambda: Sequential([Dense(2, input_shape=(None,))]), ValueError, ["number of features", "got", "(None,)"]),
        (lambda: Sequential([SimpleRNN(2, input_shape=(5, None))]), ValueError, ["(steps, features)", "(5, None)"]),
        (lambda: Dense(2)([1.0, 2.0]), ValueError, ["number of features", "x should have shape (examples, features)"]),
        (lambda: Sequential(5), TypeError, ["layers should be a list", "got 5"]),
        (lambda: Dense(2, input_dim=0), ValueError, ["input_dim should be a whole number from 1 up", "got 0"]),
        (lambda: Dense(2, input_dim=2, input_shape=(3,)), ValueError, ["input_dim or input_shape, not both"]),
        (lambda: Dropout(1.0), ValueError, ["rate should be a number at least 0 and below 1", "got 1"]),
        (lambda: Input(()), ValueError, ["the shape of one example", "(2,)", "got ()"]),
        (lambda: SGD(0), ValueError, ["learning_rate should be a number above 0", "got 0"]),
        (lambda: Adam(-0.1), ValueError, ["learning_rate should be a number above 0", "got -0.1"]),
        (lambda: Adam(float("nan")), ValueError, ["learning_rate should be a number above 0", "got nan"]),
        (lambda: SGD(float("inf")), ValueError, ["learning_rate should be a number above 0", "got inf"]),
        (lambda: SGD("fast"), TypeError, ["learning_rate should be a number above 0", "got 'fast'"]),
        (lambda: SGD(0.1, momentum=-1), ValueError, ["momentum should be a number at least 0", "got -1"]),
        (lambda: Adam(beta_1=1.0), ValueError, ["beta_1 should be a number at least 0 and below 1", "got 1"]),
        (lambda: Sequential(dtype="int32"), ValueError, ["dtype should be 'float32' or 'float64'", "'int32'"]),
        (lambda: Sequential(dtype="floaty"), ValueError, ["dtype should be 'float32' or 'float64'", "'floaty'"]),
        (lambda: Sequential(seed="today"), TypeError, ["seed should be a whole number from 0 up", "got 'today'"]),
        (lambda: Sequential(seed=-1), ValueError, ["seed should be a whole number from 0 up", "got -1"]),
        (lambda: Sequential(Dense(2)), TypeError, ["layers should be a list", "[Dense(2)]"]),
        (lambda: Sequential([Dense]), TypeError, ["add expected a layer such as Dense(10)", "Dense"]),
        (lambda: Sequential(["dense"]), TypeError, ["add expected a layer such as Dense(10)", "got 'dense'"]),
        (lambda: Sequential([Dense(2, name="a"), Dense(2, name="a")]), ValueError, ["two layers are called 'a'"]),
        (lambda: Sequential([Input((3,)), Input((3,))]), ValueError, ["Input belongs at the start"]),
        (
            lambda: Sequential([Input((3,)), SimpleRNN(2)]),
            ValueError,
            ["(steps, features)", "got shape (3,)"],
        ),
        (
            lambda: Sequential([Input((3,)), Dense(2, input_dim=4)]),
            ValueError,
            ["two input sizes", "given (4,)", "receives (3,)", "Only the first layer"],
        ),
        (
            lambda: Sequential([Dense(2, input_dim=4), Dense(2, input_dim=3)]),
            ValueError,
            ["two input sizes", "given (3,)", "receives (2,)", "Only the first layer"],
        ),
    ],
)
def test_bad_parts(make, error, words):
    with pytest.raises(error) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: m.add(5), TypeError, ["add expected a layer such as Dense(10)", "got 5"]),
        (lambda m: m.add(Dense(2, input_dim=7)), ValueError, ["two input sizes", "(7,)", "(1,)"]),
        (lambda m: m.add(Dense(2, name="out")), ValueError, ["two layers are called 'out'"]),
        (lambda m: m.add(Input((3,))), ValueError, ["Input belongs at the start"]),
        (lambda m: m.add(m.layers[0]), ValueError, ["part of a network already", "make a new one"]),
        (lambda m: m.add(SimpleRNN(3)), ValueError, ["(steps, features)", "got shape (1,)"]),
        (lambda m: m.add(Dense(10**15)), MemoryError, ["1,000,000,000,000,000 weights", "fewer units"]),
        (lambda m: m.add(Dense(10**400)), MemoryError, ["weights do not fit into memory", "fewer units"]),
        (lambda m: m.add(Dense(2, bias_initializer=lambda *_: 1 / 0)), ZeroDivisionError, []),
        (lambda m: m.add(Dense(2, kernel_initializer=lambda *_: np.ones(99))), ValueError, ["shape (99,)"]),
        (lambda m: m.build((5,)), ValueError, ["already reads examples of shape (3,)", "got (5,)"]),
        (lambda m: m.get_layer("hiden"), ValueError, ["unknown layer 'hiden'", "did you mean 'hidden'"]),
        (lambda m: m.get_layer(index=9), ValueError, ["2 layers", "got index 9"]),
        (lambda m: m.get_layer(index="a"), ValueError, ["2 layers", "got index 'a'"]),
        (lambda m: setattr(m.optimizer, "learning_rate", 0), ValueError, ["learning_rate should be", "got 0"]),
        (lambda m: setattr(m.optimizer, "learning_rate", float("nan")), ValueError, ["learning_rate should be", "nan"]),
        (lambda m: m.code("pytorch"), ValueError, ["'annlab' and 'keras'", "got 'pytorch'"]),
    ],
)
def test_bad_changes(call, error, words):
    refused(network(), call, error, *words)


# --- too early ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [*TAUGHT, "trace"])
def test_learning_before_compile(call):
    calls = TAUGHT | {"trace": lambda model, y: model.trace(X, y)}
    for model in (Sequential([Input((3,)), Dense(1)], seed=0), Sequential([Dense(1)], seed=0)):
        refused(
            model, lambda m: calls[call](m, Y), ValueError, "call model.compile(optimizer='adam', loss='mse') first"
        )


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.count_params(),
        lambda m: m.get_weights(),
        lambda m: m.set_weights([]),
        lambda m: m.save("nowhere"),
    ],
    ids=["count_params", "get_weights", "set_weights", "save"],
)
def test_a_network_without_input_size(call):
    refused(sizeless(), call, ValueError, "needs to know the input size", "Give input_dim", "model.build((2,))")


def test_a_network_without_layers():
    refused(Sequential(), lambda m: m.predict(X), ValueError, "has none yet", "model.add(Dense(1, input_dim=2))")


def test_good_data_give_a_network_its_size_after_bad_ones():
    tried, fresh = sizeless(), sizeless()
    for x, y in ((NAN, Y), (X, Y[:3]), (X[:, :2], 2 * Y - 1)):
        with pytest.raises(ValueError, match="x contains NaN|one row for each|targets from 0 to 1"):
            tried.fit(x, y, verbose=0)
    for model in (tried, fresh):
        model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(tried.parameters, fresh.parameters)  # the same first weights, the same shuffle


# --- weights --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda w: w[:2], ValueError, ["expected 4 weight arrays", "hidden.kernel (3, 4)", "got 2"]),
        (lambda w: [*w, w[0]], ValueError, ["expected 4 weight arrays", "got 5"]),
        (lambda w: [a.T for a in w], ValueError, ["hidden.kernel expected shape (3, 4)", "got (4, 3)"]),
        (lambda w: [*(a * 0 for a in w[:3]), np.ones(7)], ValueError, ["out.bias expected shape (1,)", "got (7,)"]),
        (lambda w: [*(a * 0 for a in w[:3]), [np.nan]], ValueError, ["out.bias contains NaN"]),
        (lambda w: [[[1, 2], [3]], *w[1:]], ValueError, ["hidden.kernel is ragged"]),
        (lambda w: 5, TypeError, ["a list of arrays", "got 5"]),
    ],
    ids=["too few", "too many", "shapes", "last shape", "last NaN", "ragged", "a number"],
)
def test_bad_weights_change_none_of_them(change, error, words):
    refused(network(), lambda m: m.set_weights(change(m.get_weights())), error, *words)


def test_bad_kernel():
    for value, words in [(np.ones((2, 2)), ["(3, 4)", "(2, 2)"]), (np.full((3, 4), np.nan), ["kernel contains NaN"])]:
        refused(network(), lambda m, value=value: setattr(m.layers[0], "kernel", value), ValueError, *words)


# --- the step function ----------------------------------------------------------------------------------------------


def test_a_step_function_is_said_to_learn_nothing_once_and_plainly():
    model = Sequential([Input((3,)), Dense(4, "step"), Dense(1, "sigmoid")], seed=0)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        model.compile("sgd", "binary_crossentropy")
        model.fit(X, Y, epochs=3, batch_size=5, verbose=0)
    assert len(heard) == 1
    for word in ("'dense' uses the step function", "slope is zero everywhere", "Use sigmoid or tanh", "Perceptron"):
        assert word in str(heard[0].message)
    assert heard[0].filename == __file__  # it points to the learner's line


# --- files from strangers -------------------------------------------------------------------------------------------


def bytes_of(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.fixture
def saved(tmp_path):
    return network().save(tmp_path / "mine.npz")


def test_cut_files(saved):
    whole = saved.read_bytes()
    for length in range(0, len(whole), 211):
        saved.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="not a network that annlab can read: it is damaged"):
            load(saved)


def test_a_flipped_byte_is_found_or_harmless(saved):
    whole, intact = saved.read_bytes(), load(saved).parameters
    rng = np.random.default_rng(0)
    messages = []
    for place in rng.integers(0, len(whole), 300):
        saved.write_bytes(whole[:place] + bytes([whole[place] ^ int(rng.integers(1, 256))]) + whole[place + 1 :])
        try:
            np.testing.assert_array_equal(load(saved).parameters, intact)
        except ValueError as error:
            messages.append(str(error))
    assert len(messages) > 200
    assert all("Nothing in it was executed" in message for message in messages)


class Burglar:
    """Unpickling it would leave a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_nothing_in_a_file_is_executed(tmp_path, saved):
    trace = tmp_path / "executed"
    with np.load(saved) as file:
        arrays = dict(file)
    for content in (
        pickle.dumps(Burglar(trace)),
        bytes_of(config=np.array([Burglar(trace)], dtype=object)),
        bytes_of(**arrays | {"parameters": np.array([Burglar(trace)], dtype=object)}),
    ):
        saved.write_bytes(content)
        with pytest.raises(ValueError, match="Nothing in it was executed"):
            load(saved)
    assert not trace.exists()
    pickle.loads(pickle.dumps(Burglar(trace)))
    assert trace.exists()  # the trap does work


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"},
        {"version": 99},
        {"version": "new"},
        {"dtype": "object"},
        {"seed": "x"},
        {"input_shape": "abc"},
        {"input_shape": [10**9]},
        {"layers": None},
        {"layers": [{"class": "os.system", "units": 1}]},
        {"layers": [{"class": "Dense", "units": 10**12}]},
        {"layers": [{"class": "Dense", "units": 10**400}]},
        {"layers": [{"class": "Dense", "units": 4, "activation": "evil"}]},
        {"random_state": {}},
        {"compiled": {"optimizer": {"name": "Evil"}, "loss": {"name": "mse"}, "metrics": [], "iterations": 0}},
        {"compiled": {"optimizer": {"name": "SGD"}, "loss": {"name": "__import__"}, "metrics": [], "iterations": 0}},
        {"compiled": {"optimizer": {"name": "SGD"}, "loss": {"name": "mse"}, "metrics": [], "iterations": -1}},
    ],
    ids=str,
)
def test_forged_configurations(saved, change):
    with np.load(saved) as file:
        arrays = dict(file)
    config = json.loads(str(arrays.pop("config")))
    saved.write_bytes(bytes_of(config=np.array(json.dumps(config | change)), **arrays))
    with pytest.raises(ValueError, match="not a network that annlab can read"):
        load(saved)


def test_other_files(tmp_path, saved):
    with np.load(saved) as file:
        arrays = dict(file)
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000000,), }".ljust(117) + b"\n"
    huge = io.BytesIO()
    with zipfile.ZipFile(huge, "w") as archive:
        for name, array in arrays.items():
            one = io.BytesIO()
            np.save(one, array)
            claims_much = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
            archive.writestr(f"{name}.npy", claims_much if name == "parameters" else one.getvalue())
    alone = io.BytesIO()
    np.save(alone, X)
    contents = {
        "text": b"hello",
        "nothing": b"",
        "half a name": b"PK\x03\x04",
        "other arrays": bytes_of(x=X),
        "other json": bytes_of(config=np.array('{"a": 1}')),
        "endless json": bytes_of(config=np.array("[" * 100_000)),
        "weights too short": bytes_of(**arrays | {"parameters": arrays["parameters"][:3]}),
        "no weights": bytes_of(config=arrays["config"]),
        "one array": alone.getvalue(),
        "800 TB of weights": huge.getvalue(),
    }
    for name, content in contents.items():
        saved.write_bytes(content)
        with pytest.raises(ValueError, match="not a network that annlab can read") as caught:
            load(saved)
        assert str(saved) in str(caught.value), name


def test_a_file_or_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*no.npz; model.save\(path\) writes one"):
        load(tmp_path / "no.npz")
    refused(
        network(), lambda m: m.save(tmp_path / "no" / "x.npz"), FileNotFoundError, "there is no folder", "make it first"
    )
    assert list(tmp_path.iterdir()) == []
