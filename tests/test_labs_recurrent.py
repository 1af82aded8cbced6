"""RecurrentLab without a page: its states, gradients and formulas are the network's own, whatever is done to it."""

import re

import numpy as np
import pytest

from annlab import RecurrentLab, SimpleRNN, datasets
from annlab.labs.recurrent import Reading, fate, plain, regime
from annlab.labs.recurrent_picture import LANE, places, short
from annlab.svg.formula import Part, joined, rows
from annlab.testing import sweep

LEARN = {"view": "learn"}


def touch(lab, where, *points):
    """A drag over points (step, height in the picture)."""
    found = places(lab.state)
    spots = [[found.middle(step), y] for step, y in points]
    events = [{"kind": "down", "id": where, "points": spots[:1], "shift": False}]
    events += [{"kind": "move", "id": where, "points": [spot], "shift": False} for spot in spots[1:]]
    lab._heard({"events": [*events, {"kind": "up", "id": where, "points": spots[-1:], "shift": False}]})


def keys(lab, where, *names):
    lab._heard({"events": [{"kind": "key", "id": where, "key": key, "points": [], "shift": False} for key in names]})


@pytest.mark.parametrize(
    "start",
    [
        {},
        {"activation": "tanh", "sequence": "chance", "feedback": -1.5},
        LEARN,
        {**LEARN, "task": "echo", "units": 1, "sequence": "turns"},
    ],
)
def test_every_control_moves_the_picture_and_the_text_tells_the_numbers(start):
    assert sweep(RecurrentLab(**start)) >= 25


@pytest.mark.parametrize("feedback", [0.5, 1.0, 1.5, -0.9])
@pytest.mark.parametrize("activation", [np.tanh, None])
def test_the_loop_is_the_loop(feedback, activation):
    lab = RecurrentLab(feedback=feedback, input_strength=0.8, bias=0.1, activation="tanh" if activation else "linear")
    lab.hear([1, 0, -0.5, 0.3])
    assert isinstance(lab.model.layers[0], SimpleRNN)
    last, found = 0.0, Reading(lab.state)
    for t, heard in enumerate([1, 0, -0.5, 0.3, 0, 0, 0, 0, 0, 0]):
        z = 0.8 * heard + feedback * last + 0.1
        last = float(activation(z)) if activation else z
        assert found.z[t, 0] == pytest.approx(z)
        assert found.h[t, 0] == pytest.approx(last)


def test_what_one_step_passes_on_is_measured():
    for activation in ("linear", "tanh", "sigmoid"):
        lab = RecurrentLab(feedback=0.7, activation=activation, sequence="chance")
        keys(lab, "states", "ArrowLeft", "ArrowLeft")
        reading = Reading(lab.state)
        t, curve = reading.chosen, reading.activation
        nudged = [curve(np.array([reading.z[t, 0] + 0.7 * nudge]))[0] for nudge in (1e-6, -1e-6)]
        assert reading.slope() == pytest.approx((nudged[0] - nudged[1]) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("chosen", [9, 4, 0])
def test_the_gradient_through_time_is_the_one_that_is_measured(chosen):
    lab = RecurrentLab(**LEARN, units=3)
    lab.step(50)
    lab.state.chosen = chosen
    reading = Reading(lab.state)
    assert reading.through.shape == (chosen + 1,)
    layer, weights = lab.model.layers[0], reading.weights
    for t in range(chosen + 1):
        slopes = []
        for unit in range(3):
            nudged = []
            for nudge in (1e-5, -1e-5):  # of one weighted sum, at one step; all later steps follow
                state = None
                for at in range(chosen + 1):
                    z = reading.inputs[at] * reading.kernel[0] + reading.bias
                    z = z if state is None else z + state @ reading.recurrent
                    z[unit] += nudge * (at == t)
                    state = layer.activation(z)
                nudged.append(state @ weights)
            slopes.append((nudged[0] - nudged[1]) / 2e-5)
        assert reading.through[t] == pytest.approx(np.linalg.norm(slopes), rel=1e-5)


def test_gradients_vanish_from_a_weak_start_and_explode_from_a_strong_one():
    linear = {**LEARN, "activation": "linear", "units": 3}
    for feedback, factor in ((0.5, 0.5), (1.0, 1.0), (1.5, 1.5)):  # a rotation times 0.5 makes each vector half as long
        through = Reading(RecurrentLab(**linear, feedback=feedback).state).through
        np.testing.assert_allclose(through[:-1] / through[1:], factor)
    assert "it vanishes on the way" in RecurrentLab(**LEARN, feedback=0.5).stage.description
    assert "it explodes on the way" in RecurrentLab(**linear, feedback=1.5).stage.description
    assert "nothing of it arrives there" in RecurrentLab(**LEARN, feedback=0.0).stage.description
    assert fate(0.0, 0.0) == "there is none"


def test_the_sentence_counts_right_and_shows_three_digits_that_count():
    assert "echoes what came 1 step ago" in RecurrentLab(**LEARN, task="echo", delay=1).stage.description
    assert "echoes what came 2 steps ago" in RecurrentLab(**LEARN, task="echo").stage.description
    assert [plain(value) for value in (123.4, 0.7294, 0.05678, 0.00043355, 0.000023968, 0.0)] == [
        *("123", "0.729", "0.0568", "0.000434", "0.0000240", "0.000")
    ]


def test_what_is_multiplied_stands_in_one_row():
    one = Part("+"), Part("(\u22120.1234)", "weight"), Part("\u00b7"), Part("0.5", "h")
    parts = [*one[1:], *one * 6, Part("="), Part("0.3", strong=True)]
    found = rows(parts, 300, products=True)
    assert [part for row in found for part in row] == parts
    assert [row[0].text for row in found[1:]] == ["+"] * (len(found) - 1)
    assert all("\u00b7" in [part.text for part in row] for row in found)
    assert len(rows(parts, 60, products=True)) > len(found)  # where there is no room, a product is broken all the same


def test_the_axis_is_marked_alike_above_and_below_zero():
    marked = RecurrentLab(feedback=-2.0).still()
    axis = [int(mark.replace("\u2212", "-")) for mark in re.findall(r'text-anchor="end">(\u2212?\d+)<', marked)]
    assert len(axis) == 5
    assert sorted(axis) == sorted(-mark for mark in axis)


@pytest.mark.parametrize(
    "start", [{}, {"activation": "tanh", "feedback": -1.5}, LEARN, {**LEARN, "activation": "relu", "units": 5}]
)
def test_every_formula_comes_to_its_result(start):
    lab = RecurrentLab(**start)
    if lab.state.view == "learn":
        lab.step(20)
    for chosen in (0, 3, 9):
        for row in range(6):
            lab.state.chosen, lab.state.row = chosen, row
            for number in Reading(lab.state).formulas():
                sign, terms, result = number.formula()
                assert sign == "="
                values = [
                    float(term[0].strip("()").replace("\u2212", "-")) for term in terms if not isinstance(term, str)
                ]
                assert number.compute(*values) == pytest.approx(float(result.replace("\u2212", "-")), abs=6e-4)
                assert number.value == pytest.approx(
                    number.compute(*[t[0] for t in number.terms if not isinstance(t, str)])
                )


def test_signs_that_follow_each_other_are_written_together():
    assert [part.text for part in joined(["tanh(", ")", "+", "("])] == ["tanh() + ("]


@pytest.mark.parametrize("task", ["count", "echo"])
def test_it_learns_and_its_code_learns_the_same(task, capsys):
    lab = RecurrentLab(**LEARN, task=task, learning_rate=0.02)
    lab.step(150)
    assert lab.state.losses[-1] < 0.25 * lab.state.losses[0]
    scope: dict = {}
    exec(lab.code(), scope)
    for ours, theirs in zip(lab.model.get_weights(), scope["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    reading = Reading(lab.state)
    assert f"{reading.answers[0]:.3f}"[:4] in capsys.readouterr().out
    x = lab.state.inputs
    wanted = x.cumsum() if task == "count" else [0, 0, *x[:-2]]
    np.testing.assert_array_equal(reading.targets, wanted)


def test_one_linear_unit_finds_the_counter():
    lab = RecurrentLab(**LEARN, units=1, activation="linear", learning_rate=0.05)
    lab.step(600)
    kernel, recurrent, bias, weight, offset = lab.model.get_weights()
    assert recurrent.item() == pytest.approx(1, abs=0.01)
    assert (kernel * weight).item() == pytest.approx(1, abs=0.02)
    assert abs(bias.item() * weight.item()) < 0.02
    assert abs(offset.item()) < 0.05


def test_the_code_of_one_loop_prints_its_states(capsys):
    lab = RecurrentLab(feedback=-0.5, bias=0.2)
    exec(lab.code(), {})
    printed = [float(word) for word in capsys.readouterr().out.strip(" []\n").split()]
    np.testing.assert_allclose(printed, Reading(lab.state).h[:, 0], atol=1e-7)


def test_forwards_and_back_in_time():
    lab = RecurrentLab()
    assert "Step 10 of 10" in lab.stage.description
    lab.step()  # after the end it begins again
    assert lab.state.at == 1
    assert "hears 1.0 and its own last state 0.000; its new state is 1.000" in lab.stage.description
    lab.step(3)
    assert "its own last state 0.250; its new state is 0.125" in lab.stage.description
    lab.controls["back"].click()
    assert (lab.state.at, lab.state.chosen) == (3, 2)
    for _ in range(5):
        lab.controls["back"].click()
    assert lab.state.at == 1
    keys(lab, "states", "ArrowRight")  # whoever looks at a step that has not come lets time go on
    assert (lab.state.at, lab.state.chosen) == (2, 1)
    lab.reset()
    assert (lab.state.at, lab.state.chosen) == (10, 9)


def test_inputs_by_pointer_and_keys():
    lab = RecurrentLab(sequence="silence")
    top = places(lab.state).lane
    touch(lab, "inputs", (2, top + LANE / 2), (2, top), (3, top + LANE), (4, top + 0.35 * LANE), (99, top))
    assert lab.state.inputs.tolist() == [0, 0, 1, -1, 0.3, 0, 0, 0, 0, 0]
    keys(lab, "inputs", "ArrowRight", "ArrowUp", "ArrowUp", "ArrowRight", "Space", "ArrowRight", *["ArrowDown"] * 12)
    assert lab.state.inputs.tolist() == [0, 0, 1, -1, 0.3, 0.2, 1, -1, 0, 0]
    keys(lab, "inputs", "Space", "ArrowLeft", "Delete", "ArrowLeft", *["ArrowLeft"] * 20)
    assert lab.state.inputs.tolist() == [0, 0, 1, -1, 0.3, 0.2, 0, 0, 0, 0]
    assert lab.state.chosen == 0
    lab.reset()
    assert not lab.state.inputs.any()


def test_a_network_that_learns_hears_zero_and_one():
    lab = RecurrentLab(**LEARN, sequence="pulse")
    top = places(lab.state).lane
    touch(lab, "inputs", (0, top), (1, top))  # the first turns to 0, and the finger takes the next along
    assert lab.state.inputs.tolist() == [0] * 10
    touch(lab, "inputs", (4, top), (5, top), (6, top))
    keys(lab, "inputs", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp")
    assert lab.state.inputs.tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0]
    assert Reading(lab.state).targets.tolist() == [0, 0, 0, 0, 1, 2, 2, 2, 2, 2]


@pytest.mark.parametrize("width", [440, 660, 820, 960])
def test_states_by_pointer_and_keys(width):
    lab = RecurrentLab(**LEARN)
    lab._heard({"width": width})
    assert lab.state.row == 4  # the answer
    found = places(lab.state)
    for row in range(5):
        touch(lab, "states", (6, found.row(row)))
        assert (lab.state.chosen, lab.state.row) == (6, row)
    keys(lab, "states", "ArrowDown", "ArrowLeft")
    assert (lab.state.chosen, lab.state.row) == (5, 3)
    keys(lab, "states", *["ArrowUp"] * 9)
    assert lab.state.row == 4
    lab.controls["units"].value = 2  # fewer rows: nothing is lost
    assert Reading(lab.state).row == 2
    assert found.panel[0] + found.panel[2] <= width
    assert found.sums[0] + found.sums[2] <= width
    assert lab.still().startswith("<svg")


def test_views_keep_their_own_settings_and_show_their_own_controls():
    lab = RecurrentLab(activation="relu", sequence="two")
    shown = {name for name, widget in lab.controls.items() if widget.layout.display != "none"}
    assert "bias" in shown
    assert not {"task", "units"} & shown
    lab.controls["view"].value = "learn"
    assert (lab.state.activation, lab.state.sequence, lab.model.layers[0].units) == ("tanh", "chance", 4)
    assert lab.controls["bias"].layout.display == "none"
    assert lab.controls["delay"].layout.display == "none"
    lab.controls["task"].value = "echo"
    assert lab.controls["delay"].layout.display == ""
    lab.controls["view"].value = "loop"
    assert (lab.controls["activation"].value, lab.controls["sequence"].value) == ("relu", "two")
    assert lab.model.layers[0].activation.name == "relu"


def test_what_starts_anew_and_what_does_not():
    lab = RecurrentLab(**LEARN)
    lab.step(5)
    inputs = lab.state.inputs.copy()
    inputs[0] = 1 - inputs[0]
    lab.hear(inputs)
    weights = lab.model.parameters.copy()
    lab.controls["learning_rate"].value = 0.1
    lab.controls["activation"].value = "relu"
    np.testing.assert_array_equal(lab.model.parameters, weights)
    assert lab.model.optimizer.learning_rate == 0.1
    lab.controls["units"].value = 5
    assert lab.state.losses == []
    np.testing.assert_array_equal(lab.state.inputs, inputs)
    lab.reset()
    np.testing.assert_array_equal(lab.state.inputs, datasets.sequences(n=1, seed=1)[0].ravel())


def test_the_same_seed_gives_the_same_run():
    runs = [RecurrentLab(**LEARN, seed=seed) for seed in (3, 3, 4)]
    for lab in runs:
        lab.step(10)
    assert runs[0].state.losses == runs[1].state.losses
    assert runs[0].state.losses != runs[2].state.losses
    runs[0].reset()
    runs[0].step(10)
    assert runs[0].state.losses == runs[1].state.losses


@pytest.mark.parametrize("sequence", [[], "abc", [[1], [1, 0]], [2], [0] * 11, [float("nan")]])
def test_hear_refuses_what_it_cannot_show(sequence):
    lab = RecurrentLab()
    before = lab.state.inputs.copy()
    with pytest.raises(ValueError, match="hear expected 1 to 10 numbers from -1 to 1"):
        lab.hear(sequence)
    np.testing.assert_array_equal(lab.state.inputs, before)


@pytest.mark.parametrize(
    ("feedback", "activation", "words"),
    [
        (0.5, "linear", "the past fades"),
        (-0.5, "linear", "the past fades and changes its sign at each step"),
        (1.0, "linear", "the past stays"),
        (1.5, "linear", "the past explodes"),
        (1.5, "tanh", "the past grows, until tanh holds it"),
        (0.0, "tanh", "nothing is remembered"),
        (-0.5, "relu", "what is above zero is silenced at the next step"),
        (2.0, "sigmoid", "it comes to rest, because a sigmoid passes on a quarter at most"),
    ],
)
def test_the_words_for_a_feedback_are_true(feedback, activation, words):
    assert regime(feedback, activation) == words
    h = Reading(RecurrentLab(feedback=feedback, activation=activation).state).h[:, 0]
    first, last = abs(h[1] - h[0]), abs(h[9] - h[8])
    if "fades" in words or "rest" in words or "holds" in words:
        assert last < 0.1 * first
    if "explodes" in words:
        assert last > 10 * first
    if "sign" in words:
        assert (h[1:] * h[:-1] < 0).all()
    if "stays" in words:
        assert (h == 1).all()
    if "nothing" in words or "silenced" in words:
        assert not h[1:].any()


def test_short_numbers():
    shown = [short(v) for v in (0, 1, -0.5, 0.004, 38.443, -17.086, 512.3, 12345.0, 0.00002, -0.0)]
    assert shown == ["0", "1", "\u22120.5", "0.004", "38.4", "\u221217.1", "512", "1e4", "2e\u22125", "0"]
