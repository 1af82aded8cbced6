"""CompareLab without a page: two runs that differ in the width of their start alone."""

import numpy as np
import pytest

from annlab import CompareLab, Dense, Input, Sequential, datasets
from annlab.initializers import RandomUniform
from annlab.optimizers import Adam
from annlab.testing import sweep


@pytest.fixture
def lab():
    return CompareLab()


def own_numbers(lab):
    """The numbers of the text line, computed apart from the lab with nothing but the weights."""
    state = lab.state
    bend = np.tanh if state.network == "tanh" else lambda z: np.maximum(z, 0)
    numbers = {"epoch": state.epoch, "seed": state.seed, "small": state.small, "wide": state.wide}
    for side, model in state.models.items():
        y = state.x_train, state.x_test
        for layer in model.layers[:-1]:
            y = tuple(bend(each @ layer.kernel + layer.bias) for each in y)
        last = model.layers[-1]
        z_train, z_test = ((each @ last.kernel + last.bias)[:, 0] for each in y)
        loss = np.logaddexp(0, np.where(state.y_train == 1, -z_train, z_train)).mean()
        numbers |= {f"{side} loss": loss, f"{side} test": ((z_test > 0) == state.y_test).mean()}
    return numbers


@pytest.mark.parametrize("network", ["article", "tanh"])
def test_every_control_moves_the_picture_and_the_text_tells_the_models_numbers(network):
    assert sweep(CompareLab(network=network), limit=2.0, numbers=own_numbers) >= 16


def test_both_differ_in_the_width_of_the_start_alone(lab):
    small, wide = lab.state.models["small"], lab.state.models["wide"]
    np.testing.assert_allclose(wide.parameters * 0.05, small.parameters, atol=1e-15)
    assert np.abs(small.parameters).max() <= 0.05 < np.abs(wide.parameters).max() <= 1.0
    lab.controls["small"].value = 1.0
    lab.step(40)
    np.testing.assert_array_equal(lab.state.models["small"].parameters, lab.state.models["wide"].parameters)
    assert lab.state.curves["small"] == lab.state.curves["wide"]
    assert lab.model is lab.state.models["wide"]


def test_it_is_the_run_that_fit_gives(lab):
    for _ in range(3):
        lab.controls["step"].click()
    assert lab.state.epoch == 3
    x, y = datasets.spiral(500, seed=0)
    x_train, _, y_train, _ = datasets.train_test_split(x, y, test_size=0.5, seed=0)
    for side, reach in (("small", 0.05), ("wide", 1.0)):
        first = {"kernel_initializer": RandomUniform(-reach, reach)}
        layers = [Dense(10, "relu", **first), Dense(20, "relu", **first), Dense(1, "sigmoid", **first)]
        model = Sequential([Input((2,)), *layers], seed=0)
        model.compile(Adam(0.001), "binary_crossentropy")
        model.fit(x_train, y_train, batch_size=64, epochs=3, verbose=0)
        np.testing.assert_array_equal(model.parameters, lab.state.models[side].parameters)
        assert len(lab.state.curves[side]["loss"]) == 4
        assert lab.state.curves[side]["loss"][-1] == pytest.approx(model.evaluate(x_train, y_train))


def test_the_code_gives_the_wide_network(lab, capsys):
    lab.controls["noise"].value = 0.1
    lab.controls["step"].click()
    lab.controls["step"].click()
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["model"].parameters, lab.model.parameters)
    assert f"{lab.facts(lab.state)['wide_test_accuracy']:.3f}"[:5] in capsys.readouterr().out


def test_what_changes_the_start_starts_anew_and_what_does_not_goes_on(lab):
    lab.step(30)
    weights = lab.model.parameters.copy()
    lab.controls["learning_rate"].value = 0.03
    lab.controls["batch_size"].value = 5
    assert {model.optimizer.learning_rate for model in lab.state.models.values()} == {0.03}
    np.testing.assert_array_equal(lab.model.parameters, weights)
    lab.step(3)
    assert not np.array_equal(lab.model.parameters, weights)
    for name, value in (("data", "xor"), ("network", "tanh"), ("wide", 0.5), ("seed", 3), ("noise", 0.2)):
        lab.step(60)
        assert lab.state.epoch > 0
        lab.controls[name].value = value
        assert lab.state.epoch == 0
        assert len(lab.state.curves["small"]["loss"]) == 1


@pytest.mark.parametrize("data", ["circle", "xor"])
def test_on_easy_points_both_arrive(data):
    lab = CompareLab(data=data, learning_rate=0.01)
    lab.step(200 * lab.steps_of_click(lab.state))
    facts = lab.facts(lab.state)
    assert min(facts["small_test_accuracy"], facts["wide_test_accuracy"]) > 0.95


@pytest.mark.parametrize("width", [440, 499, 500, 584, 700, 848, 960])
def test_everything_stays_inside_the_picture_at_every_width(width, lab):
    lab.state.width = width
    places, height = lab._places(lab.state)
    for name, (x, y, wide, high) in places.items():
        assert 0 <= x, name
        assert 0 <= y, name
        assert x + wide <= width + 0.01, name
        assert y + high <= height + 0.01, name
    lab.draw()


def test_a_wrong_start_is_told_in_words():
    with pytest.raises(ValueError, match="Wide start goes from 0.01 to 3; got nan"):
        CompareLab(wide=float("nan"))
    with pytest.raises(ValueError, match="Data is one of spiral, circle, xor; got 'moons'"):
        CompareLab(data="moons")
