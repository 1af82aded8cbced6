"""NodesLab without a page: its values are its network's, its arithmetic adds up, its cell fires as the formula says."""

import math
import re

import numpy as np
import pytest

from annlab import NodesLab
from annlab.labs.nodes import LINKS, firing_rate, membrane
from annlab.testing import sweep


def texts(lab):
    """Every text in the picture, with plain minus signs."""
    return [text.replace("\u2212", "-") for text in re.findall(r"<text[^>]*>([^<]*)</text>", lab.still())]


CURVES = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "step": lambda z: float(z >= 0),
    "relu": lambda z: max(z, 0.0),
    "linear": lambda z: z,
}


def own_numbers(lab):
    """The numbers of the text line, computed apart from the lab, node by node."""
    state = lab.state
    first, second = (layer.kernel for layer in lab.model.layers[-2:])
    curve = CURVES[state.activation]
    sums = [state.x1 * first[0, j] + state.x2 * first[1, j] for j in range(3)]
    hidden = [curve(z) for z in sums]
    last = sum(value * second[i, 0] for i, value in enumerate(hidden))
    layer, i, j = LINKS[state.connection]
    z = sums[j] if layer == 0 else last
    drive = 25 * z
    rate = 1000 / (2 + 20 * math.log(drive / (drive - 15))) if drive > 15 else 0.0
    numbers = {"x1": state.x1, "x2": state.x2, "h1": hidden[0], "h2": hidden[1], "h3": hidden[2]}
    return numbers | {"y": curve(last), "strength": (first, second)[layer][i, j], "z": z, "rate": rate}


@pytest.mark.parametrize("start", [{}, {"connection": "h2-y", "wide": True, "activation": "tanh"}])
def test_every_control_moves_the_picture_and_the_text_tells_the_networks_numbers(start):
    assert sweep(NodesLab(**start), numbers=own_numbers) >= 20


def test_the_first_strengths_lie_between_minus_one_and_one():
    for seed in range(20):
        lab = NodesLab(seed=seed)
        strengths = np.concatenate([layer.kernel.ravel() for layer in lab.model.layers[-2:]])
        assert len(strengths) == 9
        assert np.abs(strengths).max() <= 1


def test_one_node_by_hand():
    lab = NodesLab(strength=-0.5, x1=0.8, x2=0.5)
    lab.model.layers[-2].kernel[1, 0] = 1.0
    lab.draw()
    # 0.8 * (-0.5) = -0.4, and 0.5 * 1 = 0.5: the sum is 0.1, and sigmoid(0.1) = 0.52498
    assert "x1 \u2192 h1 brings 0.8 \u00b7 (-0.5) = -0.4" in texts(lab)
    assert "h1 adds up (-0.4) + 0.5 = 0.1" in texts(lab)
    assert "h1 answers sigmoid(0.1) \u2248 0.525" in texts(lab)


@pytest.mark.parametrize("connection", list(LINKS))
def test_the_arithmetic_adds_up_with_the_digits_shown_or_says_that_it_is_rounded(connection):
    for seed in range(12):
        said = [text for text in texts(NodesLab(connection=connection, seed=seed)) if " adds up " in text]
        (line,) = said
        left, sign, right = re.fullmatch(r"\w+ adds up (.*) ([=\u2248]) (-?[\d.]+)", line).groups()
        added = sum(float(term.strip("()")) for term in left.split(" + "))
        if sign == "=":
            assert added == pytest.approx(float(right), abs=1e-9)
        else:
            assert added == pytest.approx(float(right), abs=0.0021)


def test_choosing_a_connection_moves_the_slider_and_changes_no_strength():
    lab = NodesLab()
    before = [layer.kernel.copy() for layer in lab.model.layers[-2:]]
    for name, (layer, i, j) in LINKS.items():
        lab.controls["connection"].value = name
        assert lab.controls["strength"].value == before[layer][i, j]
    for kernel, layer in zip(before, lab.model.layers[-2:], strict=True):
        np.testing.assert_array_equal(kernel, layer.kernel)


def test_strengths_beyond_one_on_request():
    lab = NodesLab()
    strength = lab.controls["strength"]
    ends = {False: (-1.0, 1.0), True: (-5.0, 5.0)}
    for wide in (False, True, False, True):
        lab.controls["wide"].value = wide
        numbers = strength._options_values
        assert (numbers[0], numbers[-1]) == ends[wide]
        assert numbers[strength.index] == strength.value == 0.9
        assert strength._options_labels[strength.index] == "0.9"
    lab.controls["strength"].value = 5.0
    assert lab.model.layers[-2].kernel[0, 0] == 5.0
    lab.controls["wide"].value = False
    assert lab.model.layers[-2].kernel[0, 0] == 1.0
    assert lab.controls["strength"].value == 1.0


def test_another_transfer_function_keeps_the_strengths():
    lab = NodesLab(strength=0.3)
    before = lab.model.layers[-2].kernel.copy()
    lab.controls["activation"].value = "relu"
    np.testing.assert_array_equal(lab.model.layers[-2].kernel, before)
    assert lab.model.layers[-1].activation.name == "relu"


def tell(lab, kind, name, **more):
    lab._heard({"events": [{"kind": kind, "id": name, "points": [[0, 0]], "shift": False, **more}]})


def test_a_click_chooses_and_keys_change():
    lab = NodesLab()
    tell(lab, "down", "h2-y")
    assert lab.controls["connection"].value == "h2-y"
    assert lab.state.strength == lab.model.layers[-1].kernel[1, 0] == -0.3
    tell(lab, "key", "h2-y", key="ArrowUp")
    tell(lab, "key", "h2-y", key="ArrowUp", shift=True)
    assert lab.model.layers[-1].kernel[1, 0] == pytest.approx(0.3)
    # Several keys that arrive at once, the first of them on another connection.
    keys = [{"kind": "key", "id": "x2-h3", "key": "ArrowDown", "points": [], "shift": False}] * 3
    before = lab.model.layers[-2].kernel[1, 2]
    lab._heard({"events": keys})
    assert lab.model.layers[-2].kernel[1, 2] == pytest.approx(before - 0.3)
    assert lab.model.layers[-1].kernel[1, 0] == pytest.approx(0.3)


def test_reset_brings_back_strengths_and_controls():
    lab = NodesLab(strength=0.5)
    first = lab.still()
    for name, value in (("wide", True), ("connection", "x2-h2"), ("strength", 4.0), ("seed", 7), ("x1", 0.0)):
        lab.controls[name].value = value
    lab.controls["reset"].click()
    assert lab.still() == first


def test_its_program_does_what_it_shows(capsys):
    lab = NodesLab(strength=0.5)
    exec(lab.code())
    assert float(capsys.readouterr().out.strip("[]\n")) == pytest.approx(lab.facts(lab.state)["y"])


@pytest.mark.parametrize("width", [440, 700, 960])
def test_it_fits_every_width(width):
    lab = NodesLab()
    lab._heard({"width": width})
    assert f'viewBox="0 0 {width} ' in lab.stage.structure
    assert all(x + wide <= width + 1e-9 for x, _, wide, _ in lab._boxes(lab.state).values())


# ---------------------------------------------------------------------------------------------------------------------
# The cell


def test_the_rate_by_hand():
    # a sum of 1 pulls 25 mV up, 15 are needed: 1000 / (2 + 20 ln(25 / 10)) = 1000 / 20.326 = 49.2
    assert firing_rate(1.0) == pytest.approx(49.2, abs=0.05)
    assert firing_rate(0.6) == 0.0  # 25 * 0.6 = 15 mV: it comes ever closer to the threshold and never reaches it
    assert firing_rate(-3.0) == 0.0


@pytest.mark.parametrize("z", [0.61, 0.8, 1.0, 2.0, 10.0])
def test_the_rate_is_what_small_steps_of_time_give(z):
    """dV/dt = (rest - V + 25 z) / tau, in steps of a thousandth of a millisecond; 2 ms of rest after a spike."""
    step, voltage, resting, spikes = 0.001, -65.0, 0.0, []
    for at in range(200_000):
        if resting > 0:
            resting -= step
            continue
        voltage += step * (-65.0 - voltage + 25 * z) / 20.0
        if voltage >= -50.0:
            spikes.append(at * step)
            voltage, resting = -65.0, 2.0
    times = membrane(z)[2]
    assert times == pytest.approx(spikes, abs=0.5)
    assert np.diff(times) == pytest.approx(1000 / firing_rate(z), rel=1e-9)


def test_the_voltage_stays_between_rest_and_threshold():
    times, voltages, spikes = membrane(2.0)
    assert times[-1] == 200
    assert voltages.min() >= -65
    assert voltages.max() <= -50
    assert len(spikes) == len(np.arange(1000 / firing_rate(2.0) - 2, 200, 1000 / firing_rate(2.0)))
    assert membrane(-2.0)[1].min() == pytest.approx(-115, abs=0.1)  # pulled 50 mV below rest, and it never fires
    assert len(membrane(-2.0)[2]) == 0


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_the_lines_below_add_up_with_the_digits_shown(seed):
    lab = NodesLab(seed=seed, wide=True, connection="h2-y", strength=-3.9, x1=0.2, activation="tanh")
    brings, adds_up, answers = [text for text in texts(lab) if re.search(" (brings|adds up|answers) .*[=\u2248]", text)]

    def numbers(line):
        left, right = re.split("[=\u2248]", re.sub(r".*?(brings|adds up|answers) ", "", line))
        return [float(each) for each in re.findall(r"-?[\d.]+", left)], float(right)

    for line, combine in ((brings, math.prod), (adds_up, sum), (answers, lambda z: math.tanh(z[0]))):
        values, result = numbers(line)
        assert abs(combine(values) - result) <= 0.0005 + 1e-9, line


def test_reset_reaches_a_strength_beyond_the_slider_of_now():
    lab = NodesLab(wide=True, strength=5.0, hide=["connection"])
    lab.controls["wide"].value = False  # the slider ends at 1 now
    lab.controls["reset"].click()
    assert (lab.error, lab.state.wide, lab.state.strength) == (None, True, 5.0)
    assert lab.facts(lab.state)["h1"] == pytest.approx(0.984, abs=0.0005)
    narrow = NodesLab()
    narrow.controls["wide"].value = True
    narrow.controls["strength"].value = 5.0
    narrow.controls["reset"].click()
    assert (narrow.error, narrow.state.strength, narrow.controls["strength"]._options_values[-1]) == (None, 0.9, 1.0)


def test_the_last_mark_of_the_cells_time_ends_with_the_picture():
    (mark,) = re.findall("<text([^>]*)>200<", NodesLab().still())
    assert 'text-anchor="end"' in mark


def test_the_fastest_cell_of_the_picture_fits_its_scale():
    assert firing_rate(3.0) < 160
    assert firing_rate(10.0) < 320
    assert "320" in texts(NodesLab(wide=True))


def test_the_lines_under_the_network_are_as_many_as_it_says():
    lines = [text for text in texts(NodesLab()) if re.match("x1 .*brings|h1 adds up|h1 answers .*[0-9]", text)]
    assert len(lines) == 3
    assert "The three lines below" in dict(NodesLab.about)
