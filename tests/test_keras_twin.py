"""Keras beside annlab: live where it is installed, stored where it is not, and never in the way."""

import importlib.util
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from test_article import BUILD

from annlab import Dense, Input, Sequential, keras_twin
from annlab.keras_twin import NoKeras, Twin, beside, train

FIT = {"batch_size": 64, "epochs": 30}


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(keras_twin, "_KNOWN", {})


def without(monkeypatch, *names):
    """A machine that lacks these packages."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in names else found(name))


@pytest.fixture
def other_keras(monkeypatch, tmp_path):
    """Puts another module in the place of Keras, for this process and for the one that it starts."""

    def written(program):
        (tmp_path / "keras.py").write_text(program, encoding="utf-8")
        (tmp_path / "torch.py").write_text("", encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])))
        for name in ("keras", "torch"):
            monkeypatch.delitem(sys.modules, name, raising=False)

    return written


def test_the_program_is_the_articles():
    assert keras_twin.ARTICLE == BUILD


def test_annlab_gives_the_stored_numbers():
    """On every machine: three digits of every loss, and no loss so near to a middle that rounding could differ."""
    model, x, y = keras_twin.article()
    losses = np.array(model.fit(x, y, shuffle=False, verbose=0, **FIT).history["loss"])
    stored = json.loads(keras_twin.STORED.read_text(encoding="utf-8"))["losses"]
    np.testing.assert_allclose(losses, stored, atol=5e-6)
    assert np.abs(1000 * losses % 1 - 0.5).min() > 0.05


def test_what_is_stored_is_what_keras_gives_today():
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    model, x, y = keras_twin.article()
    before = model.get_weights()
    twin = train(model, x, y, patience=300, **FIT)
    assert twin.live, twin.how
    assert twin.how.startswith(f"Keras {twin.versions['keras']} trained this network here")
    stored = json.loads(keras_twin.STORED.read_text(encoding="utf-8"))
    np.testing.assert_allclose(twin.losses, stored["losses"], atol=2e-5)
    assert {name: says.replace("sequential_1", "sequential") for name, says in twin.says.items()} == stored["says"]
    for mine, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, kept)
    # The same question again is not computed again; and both ways to the numbers show the same.
    start = time.perf_counter()
    assert train(model, x, y, patience=0.001, **FIT).losses == twin.losses
    assert time.perf_counter() - start < 1
    assert repr(beside(stored["losses"], twin)) == repr(beside(twin.losses, twin))
    assert beside(stored["losses"], twin).picture().still() == beside(twin.losses, twin).picture().still()


def test_a_network_of_ones_own_is_trained_too():
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.integers(0, 4, 40)
    model = Sequential([Input((3,)), Dense(5, "tanh"), Dense(4, "softmax")], seed=1)
    model.compile("sgd", "sparse_categorical_crossentropy")
    twin = train(model, x, y, batch_size=10, epochs=4, patience=300)
    assert twin.live, twin.how
    ours = model.fit(x, y, batch_size=10, epochs=4, shuffle=False, verbose=0)
    np.testing.assert_allclose(ours.history["loss"], twin.losses, atol=1e-5)
    assert "differs" in repr(beside(ours, twin))


def test_without_keras_the_stored_numbers_and_a_sentence(monkeypatch):
    without(monkeypatch, "keras")
    twin = train(*keras_twin.article(), **FIT)
    assert not twin.live
    assert twin.how.startswith("Keras is not installed here, so these are the numbers that Keras 3.")
    assert len(twin.losses) == 30
    assert list(twin.says) == list(keras_twin.SPELLINGS)


def test_without_a_backend_the_stored_numbers_and_a_sentence(monkeypatch, other_keras):
    other_keras("raise RuntimeError('never imported')")
    without(monkeypatch, *keras_twin.BACKENDS)
    twin = train(*keras_twin.article(), **FIT)
    assert "none of the libraries that it computes with (tensorflow, torch, jax), so these are" in twin.how


def test_where_keras_fails_the_stored_numbers_and_its_last_words(other_keras):
    other_keras("import tensorflow_that_is_not_there")
    twin = train(*keras_twin.article(), **FIT)
    assert not twin.live
    assert "did not run (ModuleNotFoundError: No module named 'tensorflow_that_is_not_there'), so" in twin.how


def test_where_keras_is_slow_the_stored_numbers_after_a_while(other_keras):
    other_keras("import time\ntime.sleep(60)")
    start = time.perf_counter()
    twin = train(*keras_twin.article(), patience=1, **FIT)
    assert time.perf_counter() - start < 30
    assert "did not answer in time (1 s), so these are" in twin.how


@pytest.mark.parametrize("said", ["", "\\n"])
def test_where_keras_dies_without_a_word(other_keras, said):
    other_keras(f"import os, sys\nsys.stderr.write('{said}')\nsys.stderr.flush()\nos._exit(3)")
    how = train(*keras_twin.article(), **FIT).how
    assert "did not run (it ended without a word, with the exit status 3), so these are" in how


def test_where_keras_writes_something_else(other_keras, monkeypatch):
    other_keras("")
    monkeypatch.setattr(keras_twin, "PROGRAM", "import sys\nopen(sys.argv[1] + '/result.json', 'w').write('{}')")
    assert "did not run (KeyError" in train(*keras_twin.article(), **FIT).how


def test_nothing_is_stored_for_other_networks_data_or_settings(monkeypatch):
    without(monkeypatch, "keras")
    model, x, y = keras_twin.article()
    for x_, fit in ((x + 0.01, FIT), (x, {**FIT, "epochs": 29}), (x, {**FIT, "batch_size": 32})):
        with pytest.raises(NoKeras, match=r"not installed here, and no result is stored for this network. Install"):
            train(model, x_, y, **fit)
    train(model, x + 1e-9, y, **FIT)  # the last digits of another machine
    model.parameters[0] += 0.01
    with pytest.raises(NoKeras):
        train(model, x, y, **FIT)
    with pytest.raises(NoKeras, match="nothing to store"):
        keras_twin.store()


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"batch_size": 0}, ValueError, "batch_size should be a whole number"),
        ({"epochs": "many"}, TypeError, "epochs should be a whole number"),
        ({"patience": -1}, ValueError, "patience should be a number above 0"),
        ({"patience": float("nan")}, ValueError, "patience should be a number above 0"),
    ],
)
def test_wrong_settings_are_told_before_anything_starts(wrong, error, words):
    with pytest.raises(error, match=words):
        train(*keras_twin.article(), **wrong)


def test_a_network_that_is_not_compiled():
    with pytest.raises(ValueError, match="call model.compile first"):
        train(Sequential([Dense(1, input_dim=2)]), [[0, 1]], [1])


def test_side_by_side():
    twin = Twin([0.7, 0.5, 0.4004], {}, {}, False, "")
    same = beside([0.7001, 0.5, 0.4], twin)
    assert repr(same).splitlines() == [
        "Loss after 3 epochs: 0.400 in annlab, 0.400 in Keras; no epoch differs in the first three digits.",
        "epoch  annlab   Keras",
        "    1   0.700   0.700",
        "    2   0.500   0.500",
        "    3   0.400   0.400",
    ]
    assert "they differ by 0.100 at most" in repr(beside([0.7, 0.6, 0.4], twin))
    shown = same._repr_mimebundle_()
    assert shown["text/plain"] == repr(same)
    assert "0.400 in Keras" in shown["image/svg+xml"]
    for wrong in ([], [0.7], [0.7] * 4):
        with pytest.raises(ValueError, match="as many losses"):
            beside(wrong, twin)


def test_importing_it_does_not_import_keras():
    program = "import sys, annlab.keras_twin; print('keras' in sys.modules, 'matplotlib' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]
