"""HopfieldLab without a page: its run is the network's own, its counts are counted again, its names are true."""

import numpy as np
import pytest

from annlab import HopfieldLab, HopfieldNetwork, datasets
from annlab.testing import sweep


def touch(lab, *places, where="paper"):
    """A drag over cells (row, column) of the paper."""
    x, y, cell = lab._places(lab.state)[0]["sheet"]
    points = [[x + cell * (column + 0.5), y + cell * (row + 0.5)] for row, column in places]
    events = [{"kind": "down", "id": where, "points": points[:1], "shift": False}]
    events += [{"kind": "move", "id": where, "points": [point], "shift": False} for point in points[1:]]
    lab._heard({"events": [*events, {"kind": "up", "id": where, "points": points[-1:], "shift": False}]})


def keys(lab, *names, where="paper"):
    lab._heard({"events": [{"kind": "key", "id": where, "key": key, "points": [], "shift": False} for key in names]})


@pytest.mark.parametrize("start", [{}, {"mode": "synchronous"}, {"strength_back": -0.5, "kind": "random"}])
def test_every_control_moves_the_picture_and_the_text_tells_the_numbers(start):
    assert sweep(HopfieldLab(**start)) >= 15


@pytest.mark.parametrize(
    "start", [{}, {"kind": "random", "letters": "AB"}, {"letters": "KN", "mode": "synchronous"}, {"strength_back": 0.5}]
)
def test_the_run_is_the_one_that_its_code_prints(start, capsys):
    lab = HopfieldLab(damage=12, seed=0, **start)
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["states"], lab.state.states[: len(scope["states"])])
    assert capsys.readouterr().out.splitlines()[-1].startswith(lab.state.status)


def test_a_damaged_letter_comes_back_node_by_node_while_the_energy_falls():
    lab = HopfieldLab()  # J, 6 of 35 points turned round: overlap (29 - 6) / 35
    assert lab.model.overlap(lab.state.states[0])[0] == pytest.approx(23 / 35)
    states = [lab.state.states[0]]
    for step in range(1, 7):
        lab.step()
        assert lab.state.at == step
        states.append(lab.state.states[step])
        assert (states[-1] != states[-2]).sum() == 1
    energies = [-0.5 * sum(w * a * b for w, a, b in pairs(lab.model.weights, state)) for state in states]
    np.testing.assert_allclose(lab.state.energies, energies)
    assert (np.diff(energies) < 0).all()
    np.testing.assert_array_equal(states[-1], datasets.letters("J")[0][0])
    assert lab.stage.note == "Settled: sweep 2 changed nothing. This is J."
    lab.controls["back"].click()
    assert (lab.state.at, lab.stage.note) == (5, "")


def pairs(weights, state):
    units = range(len(state))
    return [(weights[i, j], int(state[i]), int(state[j])) for i in units for j in units]


def test_all_at_once_may_flip_for_ever_where_one_at_a_time_settles():
    calm = HopfieldLab(letters="KN", damage=12)
    calm.step(100)
    assert calm.model.describe(calm.state.states[-1]) == "K"
    lab = HopfieldLab(letters="KN", damage=12, mode="synchronous")
    lab.step(100)
    assert "goes round through 2 states for ever" in lab.stage.note
    assert lab.stage.trouble
    states = lab.state.states
    assert len(states) > 12
    np.testing.assert_array_equal(states[-1], states[-3])
    assert (states[-1] != states[-2]).sum() == 22


@pytest.mark.parametrize(("back", "energies"), [(-0.5, None), (-1.0, 0.0)])
def test_unequal_strengths_never_settle(back, energies):
    lab = HopfieldLab(strength_back=back)
    weights = HopfieldNetwork(35).store(lab.state.patterns).weights
    for i, j in ((3, 30), (30, 3)):  # from a later node to an earlier one it stays
        assert lab.model.weights[i, j] == weights[i, j] * (back if i > j else 1)
    lab.step(5000)
    assert "Never settles" in lab.stage.note
    if energies is not None:  # opposite strengths cancel in every pair
        np.testing.assert_allclose(lab.state.energies, energies, atol=1e-12)
    else:
        assert np.diff(lab.state.energies).max() > 0.1


@pytest.mark.parametrize("kind", ["letters", "random"])
def test_what_is_held_is_counted_by_recall(kind):
    lab = HopfieldLab(kind=kind, seed=2)
    patterns = [lab.state.deck[name] for name in "JCMABDEFGHIK"]
    for count in (1, 3, 5, 8, 12):
        network = HopfieldNetwork(35).store(patterns[:count])
        held = [np.array_equal(network.recall(pattern), pattern) for pattern in patterns[:count]]
        assert lab.state.held[count - 1] == held
    assert [sum(column) for column in HopfieldLab().state.held[:6]] == [1, 2, 3, 3, 1, 1]


def test_memories_are_found_and_named():
    lab = HopfieldLab()
    lab.controls["search"].click()
    names = {name: count for name, count, _ in lab.state.found}
    assert sum(names.values()) + lab.state.restless == 100
    assert {"J", "C", "M", "inverse of J", "inverse of C", "inverse of M"} <= set(names)
    assert any(name.startswith("a spurious memory") for name in names)
    for name, _, rest in lab.state.found:
        np.testing.assert_array_equal(lab.model.recall(rest), rest)
        assert lab.model.describe(rest) == name
        assert (name in "JCM") == any(np.array_equal(rest, pattern) for pattern in lab.state.patterns)
    keys(lab, "Enter", where="found-0")
    np.testing.assert_array_equal(lab.state.states[0], lab.state.found[0][2])


def test_damage_of_all_points_is_the_inverse():
    lab = HopfieldLab(damage=35)
    lab.step()
    assert lab.stage.note.endswith("This is the inverse of J.")


def test_paint_by_pointer():
    lab = HopfieldLab(damage=0)
    before = lab.state.states[0].copy()
    touch(lab, (0, 0), (1, 0), (2, 0))  # J has paper there: the first point turns to ink, and so do the next
    changed = np.flatnonzero(lab.state.states[0] != before)
    assert changed.tolist() == [0, 5, 10]
    assert lab.state.cursor == (2, 0)
    touch(lab, (9, 9))  # off the paper
    assert np.flatnonzero(lab.state.states[0] != before).tolist() == [0, 5, 10]


def test_paint_by_keys():
    lab = HopfieldLab()
    keys(lab, "Delete", *["ArrowUp"] * 9, *["ArrowLeft"] * 9, "Space", "ArrowRight", "ArrowDown", "Space")
    assert np.flatnonzero(lab.state.states[0] > 0).tolist() == [0, 6]
    keys(lab, "x")
    np.testing.assert_array_equal(lab.state.states[0], datasets.letters("X")[0][0])
    keys(lab, "Enter", where="stored-2")
    assert (lab.state.states[0] != datasets.letters("M")[0][0]).sum() == 6


def test_paint_by_text():
    lab = HopfieldLab()
    lab.controls["drawing"].value = "#...# .#.#. ..#.. ..#.. ..#.. .#.#. #...#"
    assert lab.state.states[0].reshape(7, 5)[1].tolist() == [-1, 1, -1, 1, -1]
    lab.controls["drawing"].value = "c"
    np.testing.assert_array_equal(lab.state.states[0], datasets.letters("C")[0][0])
    lab.controls["drawing"].value = "##"
    assert "# for ink and . for paper; got '##'" in lab.stage.note
    assert lab.error is None
    lab.paint(-lab.state.patterns[1])
    assert "inverse of C" in lab.stage.description
    with pytest.raises(ValueError, match="should have 35 values"):
        lab.paint([1, -1])


def test_own_pictures_and_more_letters_are_stored():
    lab = HopfieldLab(letters="J")
    keys(lab, "Delete", "Space")
    lab.controls["keep"].click()
    assert lab.state.names == ["J", "own a"]
    assert lab.state.patterns[1].sum() == 1 - 34
    lab.controls["add"].click()
    assert lab.controls["letters"].value == "JA"
    assert lab.state.names == ["J", "A", "own a"]
    for _ in range(12):
        lab.controls["add"].click()
    assert len(lab.state.names) == 12
    assert "12 memories are the most" in lab.stage.note
    lab.reset()
    assert "own a" not in lab.state.names


@pytest.mark.parametrize(
    ("typed", "names", "note"),
    [
        ("j c,m", "JCM", "left out: ,"),
        ("", "J", "so J is stored"),
        ("ABCDEFGHIJKLMNOP", "ABCDEFGHIJKL", "the letters after L are left out"),
        ("AAB", "AB", ""),
    ],
)
def test_what_may_be_typed(typed, names, note):
    lab = HopfieldLab()
    lab.controls["letters"].value = typed
    assert "".join(lab.state.names) == names
    assert note in lab.stage.note


def test_reset_brings_the_same_start_back():
    lab = HopfieldLab(seed=5)
    first = lab.state.states.copy()
    touch(lab, (3, 3))
    lab.step(2)
    lab.reset()
    np.testing.assert_array_equal(lab.state.states, first)
    assert lab.state.at == 0


@pytest.mark.parametrize("width", [440, 640, 880, 960])
def test_nothing_is_drawn_outside_the_picture(width):
    lab = HopfieldLab(letters="ABCDEFGHIJKL")
    lab.controls["search"].click()
    lab._heard({"width": width})
    boxes, height = lab._places(lab.state)
    assert all(box[0] >= 0 and box[0] + box[2] <= width + 0.1 for name, box in boxes.items() if name != "sheet")
    assert height < 2000
    assert lab.still().startswith("<svg")


@pytest.mark.parametrize("width", [840, 960])
def test_the_panels_below_begin_where_those_above_do(width):
    lab = HopfieldLab()
    lab._heard({"width": width})
    boxes, _ = lab._places(lab.state)
    above, below = (
        [boxes[name][0] for name in row] for row in (("paper", "field", "stored"), ("energy", "weights", "held"))
    )
    assert above == below
