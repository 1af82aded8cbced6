"""PerceptronLab without a page: it walks along the perceptron's own updates, forwards and backwards."""

import numpy as np
import pytest

from annlab import Perceptron, PerceptronLab, datasets
from annlab.testing import sweep


@pytest.mark.parametrize("data", ["and", "misplaced"])
def test_every_control_moves_the_picture_and_the_text_tells_the_numbers(data):
    assert sweep(PerceptronLab(data=data), limit=2.0) >= 14


@pytest.mark.parametrize("data", ["and", "or", "nand", "points"])
def test_it_walks_along_the_perceptrons_own_run_and_settles(data):
    lab = PerceptronLab(data=data)
    run = Perceptron().fit(lab.state.x, lab.state.y)
    lab.step(10_000)
    np.testing.assert_array_equal(lab.model.weights, run.weights)
    assert lab.model.bias == run.bias
    assert lab.stage.note == f"S{run.status[1:]}."
    assert not lab.stage.trouble
    assert lab.stage.description.endswith("passed without a mistake.")


def test_one_update_by_hand():
    # all zero: z = 0 for (0, 0), so it answers 1 where 0 was right: error -1, and the bias becomes -1
    lab = PerceptronLab()
    lab.controls["step"].click()
    assert (lab.model.weights.tolist(), lab.model.bias) == ([0.0, 0.0], -1.0)
    assert "target 0, output 1, error -1" in lab.stage.description


def test_xor_never_settles_and_says_so():
    lab = PerceptronLab(data="xor")
    lab.step(10_000)
    assert "goes round for ever" in lab.stage.note
    assert "No straight line parts these classes" in lab.stage.note
    assert lab.stage.trouble
    again = lab.state.updates[-1]
    assert lab.state.run.mistakes[-1] > 0
    assert any((each.weights == again.weights).all() and each.bias == again.bias for each in lab.state.updates[:-4])


def test_back_undoes_next():
    lab = PerceptronLab()
    seen = [(lab.stage.description, str(lab.stage.values))]
    for _ in range(8):
        lab.controls["step"].click()
        seen.append((lab.stage.description, str(lab.stage.values)))
    for before in reversed(seen[:-1]):
        lab.controls["back"].click()
        assert (lab.stage.description, str(lab.stage.values)) == before
    lab.controls["back"].click()
    assert lab.state.at == 0


def test_mistakes_only_skips_what_is_right_both_ways():
    lab = PerceptronLab(data="points", stops="mistake")
    places = []
    while lab.state.at < len(lab.state.updates):
        lab.controls["step"].click()
        places.append(lab.state.at)
    wrong = [at + 1 for at, update in enumerate(lab.state.updates) if update.error]
    assert places == [*wrong, len(lab.state.updates)]
    for place in reversed([0, *wrong]):
        lab.controls["back"].click()
        assert lab.state.at == place


def test_the_end_is_said_and_taken_back():
    lab = PerceptronLab()
    lab.step(1000)
    assert "Settled" in lab.stage.note
    lab.controls["back"].click()
    assert lab.stage.note == ""


def test_the_learning_rate_only_scales():
    one, ten = PerceptronLab(), PerceptronLab(learning_rate=10.0)
    assert one.state.run.mistakes == ten.state.run.mistakes
    for lab in (one, ten):
        lab.step(9)
    np.testing.assert_allclose(10 * one.model.weights, ten.model.weights)


def press(lab, point):
    lab._heard({"events": [{"kind": "key", "id": f"point-{point}", "key": "Enter", "points": [], "shift": False}]})


def test_a_point_changes_its_class_and_reset_keeps_it():
    lab = PerceptronLab()
    press(lab, 0)
    assert lab.state.y.tolist() == [1, 0, 0, 1]
    lab.reset()
    assert lab.state.y.tolist() == [1, 0, 0, 1]
    lab.controls["data"].value = "or"
    lab.controls["data"].value = "and"
    assert lab.state.y.tolist() == [0, 0, 0, 1]
    assert datasets.gates("and")[1].tolist() == [0, 0, 0, 1]


def test_fourteen_of_the_sixteen_gates_can_be_learned():
    lab, settled = PerceptronLab(), 0
    for number in range(16):
        for point in range(4):
            if lab.state.y[point] != (number >> point) & 1:
                press(lab, point)
        settled += lab.state.run.converged
    assert settled == 14


@pytest.mark.parametrize("seed", range(12))
def test_the_drawn_points_can_be_parted_and_two_misplaced_ones_cannot(seed):
    parted, mixed = PerceptronLab(data="points", seed=seed).state, PerceptronLab(data="misplaced", seed=seed).state
    assert parted.run.converged
    assert parted.y.sum() == 10
    assert not mixed.run.converged
    assert (parted.y != mixed.y).sum() == 2
    assert parted.x.shape == (20, 2)


def test_the_code_learns_the_same(capsys):
    lab = PerceptronLab(data="points", order="shuffled", seed=4, learning_rate=0.1)
    lab.step(10_000)
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["model"].weights, lab.model.weights)
    assert "settled" in capsys.readouterr().out


@pytest.mark.parametrize("examples", [0, 1, 3, 6])
def test_the_code_stops_where_the_lab_stands(examples, capsys):
    lab = PerceptronLab(data="nand", learning_rate=0.3)
    lab.step(examples)
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["model"].weights, lab.model.weights)
    assert scope["model"].bias == lab.model.bias
    lab.step(1000)
    exec(lab.code(), scope)
    assert "settled" in capsys.readouterr().out


@pytest.mark.parametrize("width", [440, 700, 819, 820, 900, 960])
def test_every_formula_fits_its_box(width):
    lab = PerceptronLab(data="points", learning_rate=0.03)
    lab.state.width = width
    for _ in range(12):
        lab.step()
        longest = max(len(text) for text in lab.stage.values["text"].values())
        assert longest * 14 * 0.57 <= (width if width < 820 else max(440, width - 444))


@pytest.mark.parametrize("data", ["and", "misplaced"])
def test_the_rule_shows_no_crumbs_of_floating_point(data):
    lab = PerceptronLab(data=data, learning_rate=0.1)  # here z was -2.776e-17 and the second weight -2.22e-16
    while lab.state.at < min(len(lab.state.updates), 100):
        lab.controls["step"].click()
        assert "e\u221217" not in str(lab.stage.values)
        assert "e\u221216" not in str(lab.stage.values)
