"""DescentLab without a page: its steps are the optimizers' own, and what diverges is caught and explained."""

import re

import numpy as np
import pytest

from annlab import SGD, Adam, DescentLab, RMSprop
from annlab.labs import surfaces
from annlab.labs.surfaces import NAMES, surface
from annlab.testing import sweep


@pytest.mark.parametrize("optimizer", ["sgd", "race"])
def test_every_control_moves_the_picture_and_the_text_tells_the_numbers(optimizer):
    assert sweep(DescentLab(optimizer=optimizer)) >= 14


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_the_slope_one_measures(name):
    ground, nudge = surface(name), 1e-6
    for w in np.random.default_rng(0).uniform(-ground.reach, ground.reach, (20, 2)):
        measured = [(ground.value(w + d) - ground.value(w - d)) / (2 * nudge) for d in nudge * np.eye(2)]
        np.testing.assert_allclose(ground.gradient(w), measured, atol=1e-6)
    assert ground.map(40).min() >= 0


def test_the_network_is_a_real_one():
    model, x, y = surfaces.taught()
    kernel = model.layers[0].kernel
    ground = surface("network")
    assert ground.value(kernel[0].copy()) == pytest.approx(model.evaluate(x, y))
    kernel[0] = [0.7, -1.9]  # the two weights that move
    assert ground.value(np.array([0.7, -1.9])) == pytest.approx(model.evaluate(x, y))


def test_one_step_by_hand():
    # ravine, start (-2.7, 0.9): slope (0.2 * -2.7, 4 * 0.9) = (-0.54, 3.6); rate 0.1: (-2.7 + 0.054, 0.9 - 0.36)
    lab = DescentLab()
    lab.controls["step"].click()
    assert lab.model.w == pytest.approx([-2.646, 0.54])
    assert lab.model.losses == pytest.approx([0.1 * 2.7**2 + 2 * 0.9**2, 0.1 * 2.646**2 + 2 * 0.54**2])


def test_all_four_start_together_and_step_as_the_library_does():
    lab = DescentLab(optimizer="race", surface="two minima")
    lab.step(25)
    rules = [SGD(0.1), SGD(0.1, momentum=0.9), RMSprop(0.1), Adam(0.1)]
    for racer, rule in zip(lab.state.racers, rules, strict=True):
        w = np.array(lab.state.ground.start)
        for _ in range(25):
            rule.step(w, lab.state.ground.gradient(w))
        np.testing.assert_array_equal(racer.w, w)
        np.testing.assert_array_equal(racer.path[0], lab.state.ground.start)


def test_the_announced_step_is_the_one_taken():
    lab = DescentLab(optimizer="adam")
    lab.step(3)
    racer = lab.model
    before, announced = racer.w.copy(), racer.next_step(lab.state.ground.gradient(racer.w))
    lab.step()
    np.testing.assert_allclose(racer.w - before, announced)


@pytest.mark.parametrize(
    ("rate", "momentum", "diverges"), [(0.45, 0.0, False), (0.55, 0.0, True), (0.9, 0.9, False), (0.97, 0.9, True)]
)
def test_the_limit_that_the_lab_names_is_the_true_one(rate, momentum, diverges):
    # the ravine's curvature is 4: stable below 2 / 4 = 0.5, and with momentum 0.9 below 2 * 1.9 / 4 = 0.95
    lab = DescentLab(learning_rate=rate, momentum=momentum)
    lab.step(400)
    assert lab.model.diverged == diverges
    if diverges:
        assert f"stays below {0.95 if momentum else 0.5}" in lab.stage.note
        assert lab.stage.trouble
        assert np.isfinite(lab.model.w).all()
        assert "It has diverged." in lab.stage.description


def test_a_saddle_holds_plain_descent_until_there_is_noise():
    still, noisy = DescentLab(surface="saddle"), DescentLab(surface="saddle", noise=0.1)
    for lab in (still, noisy):
        lab.step(150)
    assert still.model.losses[-1] == pytest.approx(1.0)
    assert noisy.model.losses[-1] < 0.2


def test_momentum_rolls_over_the_hill_that_stops_plain_descent():
    plain, rolling = DescentLab(surface="two minima"), DescentLab(surface="two minima", momentum=0.9)
    for lab in (plain, rolling):
        lab.step(150)
    assert plain.model.w[0] > 1.5
    assert rolling.model.w[0] < -1.5


def test_the_same_seed_brings_the_same_errors():
    def run(seed):
        lab = DescentLab(noise=0.3, seed=seed)
        lab.step(20)
        return lab.model.w

    np.testing.assert_array_equal(run(3), run(3))
    assert not np.array_equal(run(3), run(4))


def test_reset_goes_back_to_the_same_start_and_arrows_choose_another():
    lab = DescentLab()
    lab.step(5)
    lab.reset()
    np.testing.assert_array_equal(lab.model.w, [-2.7, 0.9])
    lab._heard({"events": [{"kind": "key", "id": "map", "key": "ArrowUp", "points": [], "shift": False}]})
    np.testing.assert_allclose(lab.model.w, [-2.7, 1.0])
    lab.step(5)
    lab.reset()
    np.testing.assert_allclose(lab.model.w, [-2.7, 1.0])


def test_a_drag_off_the_map_stays_on_it():
    lab = DescentLab()
    drag = [{"kind": kind, "id": "map", "points": [[9999, -9999]], "shift": False} for kind in ("down", "move", "up")]
    lab._heard({"events": drag})
    np.testing.assert_allclose(lab.model.w, [2.94, 2.94])


def test_rate_and_momentum_may_change_while_it_runs():
    lab = DescentLab()
    lab.step(3)
    place = lab.model.w.copy()
    lab.controls["learning_rate"].value = 0.03
    lab.controls["momentum"].value = 0.5
    assert lab.model.optimizer.learning_rate == 0.03
    assert lab.model.optimizer.momentum == 0.5
    np.testing.assert_array_equal(lab.model.w, place)


def test_the_run_has_an_end():
    lab = DescentLab(surface="bowl")
    lab.step(600)
    assert lab.state.taken == 500
    assert "Stopped after 500 steps" in lab.stage.note


@pytest.mark.parametrize("noise", [0.0, 0.25])
def test_the_code_takes_the_same_steps(noise, capsys):
    lab = DescentLab(surface="two minima", momentum=0.5, noise=noise, seed=2)
    lab.step(12)
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["w"], lab.model.w)
    assert capsys.readouterr().out


@pytest.mark.parametrize("width", [440, 700, 719, 720, 960])
@pytest.mark.parametrize("optimizer", ["sgd", "race"])
def test_everything_stays_inside_the_picture_at_every_width(width, optimizer):
    lab = DescentLab(optimizer=optimizer)
    lab.state.width = width
    (x, y, size), *boxes, height = lab._places(lab.state)
    for left, top, wide, high in [(x, y, size, size + 40), *boxes]:
        assert left >= 0
        assert left + wide <= width + 0.01
        assert top + high <= height + 0.01
    lab.draw()


@pytest.mark.parametrize("surface", ["bowl", "ravine", "saddle", "two minima", "network"])
@pytest.mark.parametrize("rate", [0.001, 0.1, 0.9])
def test_the_heights_of_the_cut_are_not_cut_off(surface, rate):
    """Names that end beside the axis begin inside the picture; a letter is at most 7.6 wide."""
    lab = DescentLab(surface=surface, learning_rate=rate)
    lab.state.width = 640
    for _ in range(4):
        lab.step(3)
        svg = lab.picture(lab.state).still()
        ends = re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="end"[^>]*>([\d.\u2212e-]+)</text>', svg)
        assert len(ends) > 3
        assert all(float(x) >= 7.4 * len(text) for x, text in ends), ends


def test_an_unknown_surface_is_named():
    with pytest.raises(ValueError, match="one of bowl"):
        surface("moon")
