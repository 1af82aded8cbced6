"""The article's program: take it, write annlab where it says keras, and it runs - and gives Keras's own numbers."""

import os
from importlib import import_module

import numpy as np
import pytest

import annlab

BUILD = """
from keras.models import Sequential
from keras.layers import Dense

model = Sequential()
model.add(Dense(input_dim = 2, units = 10, activation='relu', kernel_initializer='uniform'))
model.add(Dense(units = 20, activation='relu', kernel_initializer='uniform'))
model.add(Dense(units = 1, activation='sigmoid', kernel_initializer='uniform'))
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
"""
TRAIN = """
history = model.fit(X_train, Y_train, batch_size=64, epochs=30)
answers = model.predict(X_train)
"""
X, Y = annlab.datasets.circle(n=300, seed=5)


def run(program, **given):
    exec(program, given)
    return given


def test_the_program_word_for_word(capsys):
    after = run((BUILD + TRAIN).replace("keras", "annlab"), X_train=X, Y_train=Y)
    model, history = after["model"], after["history"].history
    assert list(history) == ["loss", "accuracy"]
    assert len(history["loss"]) == 30
    assert history["loss"][-1] < history["loss"][0] < np.log(2) + 0.01  # it starts at a coin's -log(1/2)
    assert after["answers"].shape == (300, 1)
    # 2 * 10 + 10 = 30;  10 * 20 + 20 = 220;  20 * 1 + 1 = 21
    assert [layer.count_params() for layer in model.layers] == [30, 220, 21]
    assert model.count_params() == 271
    for layer in model.layers:
        # "uniform" is Keras's: from -0.05 to 0.05. 30 epochs of steps of about .001 have moved it a little.
        assert np.abs(layer.kernel).max() < 0.05 + 30 * 5 * 0.001 * 3
        assert layer.activation.name == ("sigmoid" if layer.units == 1 else "relu")


def test_it_learns_the_circle():
    model = run(BUILD.replace("keras", "annlab"))["model"]
    model.fit(X, Y, batch_size=64, epochs=300, verbose=0)
    assert model.evaluate(X, Y)[1] > 0.95


WHOLE = np.round(X * 3).astype(int)  # points whose coordinates are whole numbers
KINDS_OF_DATA = {
    "arrays": (WHOLE.astype(float), Y),
    "lists": (WHOLE.tolist(), Y.tolist()),
    "tuples": (tuple(map(tuple, WHOLE.tolist())), tuple(Y.tolist())),
    "whole numbers": (WHOLE, Y.astype(int)),
    "float32": (WHOLE.astype("float32"), Y.astype("float32")),
    "truth values": (WHOLE, Y.astype(bool)),
    "a column of targets": (WHOLE, Y.reshape(-1, 1)),
    "a list of columns": (WHOLE.tolist(), [[value] for value in Y.tolist()]),
    "every second row": (np.repeat(WHOLE, 2, axis=0)[::2], np.repeat(Y, 2)[::2]),
    "columns first in memory": (np.asfortranarray(WHOLE), Y),
}


@pytest.mark.parametrize("kind", KINDS_OF_DATA)
def test_the_same_data_in_other_clothes_give_the_same_numbers(kind):
    def trained(x, y):
        model = run(BUILD.replace("keras", "annlab"))["model"]
        start = np.random.default_rng(2).uniform(-0.05, 0.05, model.count_params())
        model.parameters[...] = start
        losses = model.fit(x, y, batch_size=64, epochs=3, shuffle=False, verbose=0).history["loss"]
        return losses, model.predict(x)

    losses, answers = trained(*KINDS_OF_DATA["arrays"])
    got_losses, got_answers = trained(*KINDS_OF_DATA[kind])
    assert got_losses == losses
    assert np.array_equal(got_answers, answers)


def test_the_callers_data_are_not_touched():
    x, y = X.copy(), Y.copy()
    x.flags.writeable = y.flags.writeable = False  # writing into them would be an error
    run((BUILD + TRAIN).replace("keras", "annlab").replace("epochs=30", "epochs=2, verbose=0"), X_train=x, Y_train=y)
    assert np.array_equal(x, X)
    assert np.array_equal(y, Y)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, with numpy 2
@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`:UserWarning")  # Keras 3 on the article's input_dim
def test_keras_gives_the_same_numbers(monkeypatch):
    os.environ["KERAS_BACKEND"] = "torch"
    pytest.importorskip("torch").set_num_threads(1)
    keras = pytest.importorskip("keras")
    # Keras in float64 all the way: where two types meet, it would make float32 of them, as JAX does.
    dtypes = import_module("keras.src.backend.common.dtypes")
    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        theirs, ours = run(BUILD)["model"], run(BUILD.replace("keras", "annlab"))["model"]
        ours.set_weights(theirs.get_weights())
        fit = {"batch_size": 64, "epochs": 30, "shuffle": False, "verbose": 0}
        expected, got = theirs.fit(X, Y, **fit).history, ours.fit(X, Y, **fit).history
        answers = theirs.predict(X, verbose=0)
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])
    assert expected.keys() == got.keys()
    for name in got:
        np.testing.assert_allclose(got[name], expected[name], rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.predict(X), answers, rtol=0, atol=1e-10)
    for w, v in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(w, v, rtol=0, atol=1e-10)
