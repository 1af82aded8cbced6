"""The same weights and the same batches give Keras's numbers: Keras 3 on its torch backend is the referee.

annlab speaks Keras's words, so most tests write a network down once and build it with both libraries.
In float64 they must agree to 1e-10; in float32 to 1e-4 of how far the weights have moved.
"""

import os
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import annlab

os.environ["KERAS_BACKEND"] = "torch"
torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")
torch.set_num_threads(1)  # such small networks are not worth a second

# Keras's own affair with numpy 2, wherever it turns a tensor into an array.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TOLERANCE = 1e-10


@pytest.fixture(autouse=True, scope="module")
def _float64():
    """Keras in float64 all the way: where two types meet, it would make float32 of them, as JAX does."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(import_module("keras.src.backend.common.dtypes").BIT64_TO_BIT32_DTYPE, "float64", "float64")
        yield
    keras.config.set_floatx(before)


def agree(ours, theirs, tolerance=TOLERANCE):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=tolerance, atol=tolerance)


def tensor(values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


# --- activations ----------------------------------------------------------------------------------------------------

SMOOTH = np.linspace(-6.07, 6.11, 60).reshape(15, 4)  # no kink at 0 is among them


@pytest.mark.parametrize("name", [name for name in annlab.activations.names() if name != "step"])
def test_activation(name):
    activation, z = annlab.activations.get(name), tensor(SMOOTH)
    y = keras.activations.get(name)(z)
    agree(activation(SMOOTH), y.detach())
    dy = np.random.default_rng(0).normal(size=SMOOTH.shape)
    y.backward(torch.tensor(dy))
    agree(activation.backward(dy, SMOOTH, activation(SMOOTH)), z.grad)


# --- losses ---------------------------------------------------------------------------------------------------------

PROBABILITIES = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1], [0.25, 0.5, 0.25]])
SCORES = np.array([[0.2, -1.5, 0.3], [1.1, 0.1, -0.8], [-0.6, 2.3, 0.1], [0.5, 0.7, -3.0]])
ONE_HOT = np.eye(3)[[0, 2, 1, 1]]
SOFT = np.array([[0.2, 0.5, 0.3], [0.1, 0.0, 0.9], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
LOSSES = {
    "mse": ("MeanSquaredError", {}, SCORES, SCORES[::-1]),
    "mae": ("MeanAbsoluteError", {}, SCORES[::-1], SCORES[:, ::-1]),
    "hinge with -1 and 1": ("Hinge", {}, 2 * ONE_HOT - 1, SCORES),
    "hinge with 0 and 1": ("Hinge", {}, ONE_HOT, SCORES),
    "binary": ("BinaryCrossentropy", {}, ONE_HOT, PROBABILITIES),
    "binary from logits": ("BinaryCrossentropy", {"from_logits": True}, ONE_HOT, SCORES),
    "binary, soft targets": ("BinaryCrossentropy", {}, SOFT, PROBABILITIES),
    "categorical": ("CategoricalCrossentropy", {}, ONE_HOT, PROBABILITIES),
    "categorical, rows that do not sum to 1": ("CategoricalCrossentropy", {}, ONE_HOT, PROBABILITIES[:, ::-1] * 0.9),
    "categorical, soft targets": ("CategoricalCrossentropy", {}, SOFT, PROBABILITIES),
    "categorical from logits": ("CategoricalCrossentropy", {"from_logits": True}, SOFT, SCORES),
    "sparse": ("SparseCategoricalCrossentropy", {}, np.array([0, 2, 1, 1]), PROBABILITIES),
    "sparse from logits": (
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        np.array([[0], [2], [1], [1]]),
        SCORES,
    ),
}


@pytest.mark.parametrize("case", LOSSES)
def test_loss(case):
    name, options, t, y = LOSSES[case]
    ours = getattr(annlab.losses, name)(**options)
    theirs = getattr(keras.losses, name)(**options, dtype="float64")
    prediction = tensor(y.copy())
    value = theirs(t, prediction)
    agree(ours(t, y), value.item())
    value.backward()
    agree(ours.gradient(t, y), prediction.grad)

    each = getattr(keras.losses, name)(**options, reduction=None, dtype="float64")
    agree(ours.per_example(t, y), each(t, y))
    weights = np.array([0.5, 2.0, 0.0, 1.0])
    agree(ours(t, y, weights), theirs(t, y, weights).item())


# --- metrics --------------------------------------------------------------------------------------------------------

LABELS = np.array([0, 2, 1, 1])
METRICS = {
    "binary accuracy": (
        annlab.metrics.binary_accuracy,
        "BinaryAccuracy",
        [[1], [0], [1], [0]],
        [[0.7], [0.6], [0.5], [0.1]],
    ),
    "categorical accuracy": (annlab.metrics.categorical_accuracy, "CategoricalAccuracy", ONE_HOT, PROBABILITIES),
    "sparse accuracy": (annlab.metrics.sparse_categorical_accuracy, "SparseCategoricalAccuracy", LABELS, PROBABILITIES),
    "mae": (annlab.metrics.mae, "MeanAbsoluteError", SCORES, SCORES[::-1]),
    "mse": (annlab.metrics.mse, "MeanSquaredError", SCORES, SCORES[::-1]),
    "r2": (annlab.metrics.r2, "R2Score", SCORES, SCORES + PROBABILITIES),
}


@pytest.mark.parametrize("case", METRICS)
def test_metric(case):
    metric, name, t, y = METRICS[case]
    theirs = getattr(keras.metrics, name)(dtype="float64")
    theirs.update_state(np.asarray(t, float), np.asarray(y, float))
    agree(metric(t, y), float(theirs.result()))


# --- schedules ------------------------------------------------------------------------------------------------------

SCHEDULES = {
    "steps": ("PiecewiseConstantDecay", {"boundaries": [3, 9], "values": [0.1, 0.03, 0.001]}),
    "exponential": ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6}),
    "staircase": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6, "staircase": True},
    ),
    "cosine": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 11, "alpha": 0.05}),
    "cosine after warm-up": (
        "CosineDecay",
        {"initial_learning_rate": 0.001, "decay_steps": 9, "warmup_target": 0.1, "warmup_steps": 5},
    ),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedule(case):
    name, options = SCHEDULES[case]
    ours = getattr(annlab.schedules, name)(**options)
    theirs = getattr(keras.optimizers.schedules, name)(**options)
    agree([ours(step) for step in range(20)], [float(theirs(step)) for step in range(20)])


# --- optimizers -----------------------------------------------------------------------------------------------------

OWN_OPTIONS = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "RMSprop": [{}, {"rho": 0.5}, {"momentum": 0.8}, {"epsilon": 1e-3}],
    "Adagrad": [{}, {"initial_accumulator_value": 0.5}, {"epsilon": 1e-2}],
    "Adam": [{}, {"beta_1": 0.5, "beta_2": 0.8}, {"amsgrad": True}, {"epsilon": 1e-3}, {"learning_rate": 0.1}],
    "AdamW": [{}, {"weight_decay": 0.1}, {"amsgrad": True, "weight_decay": 0.05}],
}
COMMON_OPTIONS = [{"weight_decay": 0.02}, {"clipnorm": 0.7}, {"clipvalue": 0.3}, {"global_clipnorm": 0.9}]
OPTIMIZERS = [(name, options) for name, cases in OWN_OPTIONS.items() for options in cases + COMMON_OPTIONS]
OPTIMIZERS += [
    ("SGD", {"momentum": 0.5, "nesterov": True, "weight_decay": 0.1, "clipnorm": 0.5}),
    ("RMSprop", {"momentum": 0.5, "weight_decay": 0.1, "clipvalue": 0.2}),
    ("Adam", {"amsgrad": True, "weight_decay": 0.1, "global_clipnorm": 0.5}),
]


def in_words(case):
    name, options = case
    return f"{name}({', '.join(f'{key}={value}' for key, value in options.items())})"


def twenty_steps(name, options, dtype, schedule=None):
    """Both optimizers push the same kernel and bias along the same 20 gradients; answers with start and both ends."""
    rng = np.random.default_rng(7)
    start = [0.05 * rng.normal(size=(4, 3)).astype(dtype), 0.05 * rng.normal(size=3).astype(dtype)]
    variables = [keras.Variable(part, dtype=dtype) for part in start]
    ours_options, theirs_options = dict(options), dict(options)
    if schedule is not None:
        kind, arguments = SCHEDULES[schedule]
        ours_options["learning_rate"] = getattr(annlab.schedules, kind)(**arguments)
        theirs_options["learning_rate"] = getattr(keras.optimizers.schedules, kind)(**arguments)
    ours = getattr(annlab.optimizers, name)(**ours_options)
    theirs = getattr(keras.optimizers, name)(**theirs_options)
    vector = np.concatenate([part.ravel() for part in start])
    for _ in range(20):
        # Some gradients are long and some are short, so that clipping sometimes has something to do.
        gradients = [10 ** rng.uniform(-2, 1) * rng.normal(size=part.shape).astype(dtype) for part in start]
        gradients = [gradient.astype(dtype) for gradient in gradients]
        ours.step(vector, np.concatenate([g.ravel() for g in gradients]), [slice(0, 12), slice(12, 15)])
        theirs.apply_gradients([(torch.tensor(g), v) for g, v in zip(gradients, variables, strict=True)])
    ends = [v.numpy() for v in variables]
    return np.concatenate([p.ravel() for p in start]), vector, np.concatenate([end.ravel() for end in ends])


@pytest.mark.parametrize("case", OPTIMIZERS, ids=in_words)
def test_twenty_steps(case):
    start, ours, theirs = twenty_steps(*case, "float64")
    agree(ours, theirs)
    assert np.abs(ours - start).min() > 1e-6  # every weight moved: there was something to agree on


@pytest.mark.parametrize("case", OPTIMIZERS, ids=in_words)
def test_twenty_steps_in_float32(case):
    start, ours, theirs = twenty_steps(*case, "float32")
    assert ours.dtype == np.float32
    assert np.abs(ours - theirs).max() < 1e-4 * np.abs(ours - start).max()


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("case", [("SGD", {"momentum": 0.9}), ("Adam", {})], ids=in_words)
def test_twenty_steps_with_a_schedule(case, schedule):
    _, ours, theirs = twenty_steps(*case, "float64", schedule)
    agree(ours, theirs)


# --- whole networks -------------------------------------------------------------------------------------------------


def both(shape, *layers, seed=3, dtype="float64", **compiled):
    """One network, written down once, in both libraries with the same weights.

    A layer is (class name, options). Regularizers are given as {"l1": ..., "l2": ...}.
    """
    ours = annlab.Sequential([annlab.Input(shape)], seed=seed, dtype=dtype)
    theirs = keras.Sequential([keras.Input(shape, dtype=dtype)])
    for kind, options in layers:
        theirs_options = {
            key: keras.regularizers.L1L2(**value) if key.endswith("_regularizer") else value
            for key, value in options.items()
        }
        ours.add(getattr(annlab.layers, kind)(**options))
        theirs.add(getattr(keras.layers, kind)(**theirs_options, dtype=dtype))
    theirs.set_weights(ours.get_weights())
    if compiled:
        ours_loss, theirs_loss = compiled["loss"], compiled["loss"]
        if isinstance(ours_loss, tuple):
            name, options = ours_loss
            ours_loss = getattr(annlab.losses, name)(**options)
            theirs_loss = getattr(keras.losses, name)(**options, dtype=dtype)
        name, options = compiled.get("optimizer", ("SGD", {"learning_rate": 0.1}))
        metrics = compiled.get("metrics", [])
        ours.compile(getattr(annlab.optimizers, name)(**options), ours_loss, metrics)
        theirs.compile(getattr(keras.optimizers, name)(**options), theirs_loss, metrics=metrics, jit_compile=False)
    return ours, theirs


def same_training(ours, theirs, x, y, tolerance=TOLERANCE, **fit):
    fit = {"batch_size": 8, "epochs": 3, "verbose": 0, "shuffle": False} | fit
    expected = theirs.fit(x, y, **fit).history
    got = ours.fit(x, y, **fit).history
    assert set(got) == set(expected)
    for name in expected:
        agree(got[name], expected[name], tolerance)
    for w, v in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        agree(w, v, tolerance)


RNG = np.random.default_rng(11)
X = RNG.normal(size=(30, 4))
KINDS = {
    "class of two": (RNG.integers(0, 2, 30), 1),
    "row of three": (np.eye(3)[RNG.integers(0, 3, 30)], 3),
    "class of three": (RNG.integers(0, 3, 30), 3),
    "measurement": (RNG.normal(size=(30, 2)), 2),
}
ENDINGS = {
    "binary": ("binary_crossentropy", "sigmoid", "class of two"),
    "binary from logits": (("BinaryCrossentropy", {"from_logits": True}), None, "class of two"),
    "binary, three units": ("binary_crossentropy", "sigmoid", "row of three"),
    "categorical": ("categorical_crossentropy", "softmax", "row of three"),
    "categorical from logits": (("CategoricalCrossentropy", {"from_logits": True}), None, "row of three"),
    "sparse": ("sparse_categorical_crossentropy", "softmax", "class of three"),
    "sparse from logits": (("SparseCategoricalCrossentropy", {"from_logits": True}), None, "class of three"),
    "mse": ("mse", None, "measurement"),
    "mse after a sigmoid": ("mse", "sigmoid", "class of two"),
    "mse after a softmax": ("mse", "softmax", "row of three"),
    "mae": ("mae", None, "measurement"),
    "hinge": ("hinge", "tanh", "class of two"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_three_epochs_with_every_loss(ending):
    loss, activation, kind = ENDINGS[ending]
    y, units = KINDS[kind]
    metrics = ["mae"] if loss == "hinge" or kind == "measurement" else ["accuracy"]
    layers = ("Dense", {"units": 6, "activation": "tanh"}), ("Dense", {"units": units, "activation": activation})
    same_training(*both((4,), *layers, loss=loss, metrics=metrics), X, y)


@pytest.mark.parametrize("name", [name for name in annlab.activations.names() if name != "step"])
def test_three_epochs_with_every_activation(name):
    layers = ("Dense", {"units": 5}), ("Activation", {"activation": name}), ("Dense", {"units": 2, "activation": name})
    same_training(*both((4,), *layers, loss="mse"), X, KINDS["measurement"][0])


@pytest.mark.parametrize("name", OWN_OPTIONS)
def test_three_epochs_with_every_optimizer(name):
    layers = ("Dense", {"units": 5, "activation": "relu"}), ("Dense", {"units": 1, "activation": "sigmoid"})
    options = {"learning_rate": 0.05, "clipnorm": 0.1}
    ours, theirs = both((4,), *layers, loss="binary_crossentropy", optimizer=(name, options), metrics=["accuracy"])
    same_training(ours, theirs, X, KINDS["class of two"][0])


@pytest.mark.parametrize("price", [{"l1": 0.01}, {"l2": 0.02}, {"l1": 0.01, "l2": 0.02}], ids=str)
def test_regularizers_are_part_of_the_loss(price):
    layers = (
        ("Dense", {"units": 5, "activation": "tanh", "kernel_regularizer": price, "bias_regularizer": price}),
        ("Dense", {"units": 1, "activation": "sigmoid", "kernel_regularizer": price}),
    )
    ours, theirs = both((4,), *layers, loss="binary_crossentropy", metrics=["accuracy"])
    same_training(ours, theirs, X, KINDS["class of two"][0], validation_split=0.2)


def net(**compiled):
    layers = ("Dense", {"units": 6, "activation": "tanh"}), ("Dense", {"units": 3, "activation": "softmax"})
    return both((4,), *layers, loss="sparse_categorical_crossentropy", metrics=["accuracy"], **compiled)


Y = KINDS["class of three"][0]
WEIGHTS = RNG.uniform(0, 2, 30)
FITS = {
    "plain": {},
    "a last batch that is not full": {"batch_size": 7},
    "all at once": {"batch_size": 30},
    "validation_split": {"validation_split": 0.25},
    "validation_data": {"validation_data": (X[:7] + 0.1, Y[:7])},
    "validation_data with weights": {"validation_data": (X[:7] + 0.1, Y[:7], WEIGHTS[:7])},
    "sample_weight": {"sample_weight": WEIGHTS},
    "sample_weight and validation_split": {"sample_weight": WEIGHTS, "validation_split": 0.3},
    "class_weight": {"class_weight": {0: 1.0, 1: 3.0, 2: 0.5}},
    "class_weight and validation_split": {"class_weight": {0: 1.0, 1: 3.0}, "validation_split": 0.3},
    "class_weight for some classes": {"class_weight": {1: 3.0}},
    "initial_epoch": {"initial_epoch": 1, "epochs": 4},
}


@pytest.mark.parametrize("case", FITS)
def test_the_history(case):
    same_training(*net(), X, Y, **FITS[case])


def test_the_numbers_of_the_epochs():
    ours, theirs = net()
    fit = {"initial_epoch": 2, "epochs": 5, "verbose": 0, "shuffle": False}
    assert ours.fit(X, Y, **fit).epoch == theirs.fit(X, Y, **fit).epoch == [2, 3, 4]


def test_evaluate_predict_and_train_on_batch():
    ours, theirs = net()
    agree(ours.predict(X), theirs.predict(X, verbose=0))
    agree(ours.evaluate(X, Y), theirs.evaluate(X, Y, verbose=0))
    agree(ours.evaluate(X, Y, sample_weight=WEIGHTS)[0], theirs.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0)[0])
    agree(ours.train_on_batch(X, Y), [float(v) for v in theirs.train_on_batch(X, Y)])
    agree(ours.predict(X), theirs.predict(X, verbose=0))
    assert ours.evaluate(X, Y, return_dict=True).keys() == theirs.evaluate(X, Y, verbose=0, return_dict=True).keys()


def test_three_epochs_in_float32():
    ours, theirs = net(dtype="float32", optimizer=("Adam", {"learning_rate": 0.01}))
    start = ours.parameters.copy()
    fit = {"batch_size": 8, "epochs": 3, "verbose": 0, "shuffle": False}
    x = X.astype("float32")
    agree(ours.fit(x, Y, **fit).history["loss"], theirs.fit(x, Y, **fit).history["loss"], 1e-5)
    end = np.concatenate([w.ravel() for w in theirs.get_weights()])
    assert ours.parameters.dtype == np.float32
    assert np.abs(ours.parameters - end).max() < 1e-4 * np.abs(ours.parameters - start).max()


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_simple_rnn(activation, return_sequences):
    options = {"units": 5, "activation": activation, "bias_initializer": "ones", "return_sequences": return_sequences}
    price = {"recurrent_regularizer": {"l2": 0.01}, "bias_regularizer": {"l1": 0.01}}
    x = RNG.normal(size=(12, 6, 3))
    y = RNG.normal(size=(12, 6, 2) if return_sequences else (12, 2))
    ours, theirs = both((6, 3), ("SimpleRNN", options | price), ("Dense", {"units": 2}), loss="mse", metrics=["mae"])
    same_training(ours, theirs, x, y, batch_size=5)


def test_two_recurrent_layers_read_characters():
    layers = (
        ("SimpleRNN", {"units": 4, "return_sequences": True}),
        ("SimpleRNN", {"units": 3, "use_bias": False, "return_sequences": True}),
        ("Dense", {"units": 3, "activation": "softmax"}),
    )
    x, y = RNG.normal(size=(9, 5, 2)), RNG.integers(0, 3, (9, 5))
    ours, theirs = both((5, 2), *layers, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    same_training(ours, theirs, x, y, batch_size=4)


# --- callbacks ------------------------------------------------------------------------------------------------------


class Listener:
    """All that EarlyStopping needs of a network: weights, which here are the number of the epoch."""

    def __init__(self):
        self.stop_training, self.weights, self.metrics, self.optimizer = False, None, [], None

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def play(callback, model, values):
    """Tell the callback of one value after the other, until it stops the training."""
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {"val_loss": value})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch, model.weights, callback.stopped_epoch, callback.best_epoch


@settings(max_examples=300)
@given(
    values=st.lists(st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.5, 0.9, float("nan")]), min_size=1, max_size=12),
    patience=st.integers(0, 3),
    min_delta=st.sampled_from([0, 0.06]),
    mode=st.sampled_from(["min", "max"]),
    baseline=st.sampled_from([None, 0.22, 0.6]),
    restore=st.booleans(),
    start=st.integers(0, 4),
)
def test_early_stopping_stops_where_keras_stops(values, patience, min_delta, mode, baseline, restore, start):
    options = {
        "patience": patience,
        "min_delta": min_delta,
        "mode": mode,
        "baseline": baseline,
        "restore_best_weights": restore,
        "start_from_epoch": start,
    }
    theirs, their_model = keras.callbacks.EarlyStopping(**options), Listener()
    ours, our_model = annlab.callbacks.EarlyStopping(**options), Listener()
    theirs.set_model(their_model)
    ours.model = our_model
    assert play(ours, our_model, values) == play(theirs, their_model, values)


@pytest.mark.parametrize(("monitor", "min_delta"), [("val_loss", 0), ("val_accuracy", 0), ("loss", 0.1)])
def test_early_stopping_in_a_real_training(monitor, min_delta):
    ours, theirs = net(optimizer=("SGD", {"learning_rate": 2.0}))
    options = {"monitor": monitor, "min_delta": min_delta, "patience": 2, "restore_best_weights": True}
    fit = {"batch_size": 8, "epochs": 25, "verbose": 0, "shuffle": False, "validation_split": 0.3}
    expected = theirs.fit(X, Y, callbacks=[keras.callbacks.EarlyStopping(**options)], **fit)
    got = ours.fit(X, Y, callbacks=[annlab.callbacks.EarlyStopping(**options)], **fit)
    assert len(got.epoch) == len(expected.epoch) < 25
    for w, v in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        agree(w, v, 1e-8)  # at this learning rate a difference in the last digit grows quickly


def test_learning_rate_scheduler():
    ours, theirs = net()
    halve = lambda epoch, rate: rate * 0.5 if epoch else rate  # noqa: E731
    fit = {"batch_size": 8, "epochs": 4, "verbose": 0, "shuffle": False}
    expected = theirs.fit(X, Y, callbacks=[keras.callbacks.LearningRateScheduler(halve)], **fit).history
    got = ours.fit(X, Y, callbacks=[annlab.callbacks.LearningRateScheduler(halve)], **fit).history
    assert got["learning_rate"] == expected["learning_rate"] == [0.1, 0.05, 0.025, 0.0125]
    agree(got["loss"], expected["loss"])
