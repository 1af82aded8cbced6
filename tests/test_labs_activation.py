"""ActivationLab without a page: every activation, two at once, and softmax with its temperature."""

import math
import re

import numpy as np
import pytest

from annlab import ActivationLab, activations
from annlab.testing import sweep

CURVES = [name for name in activations.names() if name != "softmax"]


def texts(lab):
    """Every text in the picture, with plain minus signs."""
    return [text.replace("\u2212", "-") for text in re.findall(r"<text[^>]*>([^<]*)</text>", lab.still())]


def own_numbers(lab):
    """The numbers of the text line, computed apart from the lab: slopes by a small nudge."""
    state = lab.state
    if state.activation == "softmax":
        sums = [state.z, *state.others]
        powers = [math.exp(value / state.temperature) for value in sums]
        shares = [power / sum(powers) for power in powers]
        return {str(at): value for at, value in enumerate([*sums, *shares, state.temperature])}
    numbers = {"z": state.z}
    for name in {state.activation, state.compare} - {"none"}:
        activation = activations.get(name)
        numbers[f"{name} y"] = float(activation(state.z))
        slope = (activation(state.z + 1e-6) - activation(state.z - 1e-6)) / 2e-6
        numbers[f"{name} slope"] = float(slope)
    return numbers


@pytest.mark.parametrize("start", [{}, {"activation": "selu", "compare": "relu"}])
def test_every_control_moves_the_picture_and_the_text_tells_the_numbers(start):
    assert sweep(ActivationLab(**start), numbers=own_numbers) >= 20


def test_every_activation_is_offered_and_both_names_of_two_of_them():
    options = dict(ActivationLab().controls["activation"].options)
    assert list(options.values()) == activations.names()
    assert options["sigmoid = logistic"] == "sigmoid"
    assert options["silu = swish"] == "silu"


@pytest.mark.parametrize("name", CURVES)
def test_no_curve_leaves_its_panel(name):
    lab = ActivationLab(activation=name)
    for kind, line in zip(("curve", "slope"), (0, 2), strict=True):
        x, y, width, height = lab._inner(lab._boxes(lab.state)[kind])
        lines = re.findall(r'<polyline[^>]*stroke-width="3"[^>]*points="([^"]*)"', lab.still())[line : line + 2]
        places = np.array([[float(each) for each in pair.split(",")] for one in lines for pair in one.split()])
        assert places[:, 1].min() >= y - 1
        assert places[:, 1].max() <= y + height + 1
        assert places[0, 0] == pytest.approx(x, abs=0.1)
        assert places[-1, 0] == pytest.approx(x + width, abs=0.1)


def test_sigmoid_and_tanh_by_hand():
    lab = ActivationLab(activation="sigmoid", compare="tanh", z=0.0)
    # sigmoid(0) = 1/2, slope 1/4; tanh(0) = 0, slope 1
    assert "y(0) = 0.5, slope(0) = 0.25, range between 0 and 1" in texts(lab)
    assert "y(0) = 0, slope(0) = 1, range between -1 and 1" in texts(lab)


def test_a_rounded_number_says_that_it_is_rounded():
    # sigmoid(1) = 0.731059, slope 0.731059 * 0.268941 = 0.196612
    assert any(text.startswith("y(1) \u2248 0.731, slope(1) \u2248 0.197") for text in texts(ActivationLab(z=1.0)))


def test_softmax_by_hand():
    lab = ActivationLab(activation="softmax", z=1.0)
    # powers of 1, 2, 0, -1: 2.718, 7.389, 1, 0.368, together 11.475
    assert {"2.718", "7.389", "1", "0.368", "all = 11.475"} <= set(texts(lab))
    assert lab.stage.description.endswith("get the shares 0.237, 0.644, 0.087, 0.032.")


def test_the_temperature_moves_the_bars_and_the_text_tells_the_shares():
    lab = ActivationLab(activation="softmax")
    for temperature in (0.1, 3.0):
        before = lab.still()
        lab.controls["temperature"].value = temperature
        assert lab.still() != before
        numbers = list(own_numbers(lab).values())
        said = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", lab.stage.description)]
        assert said == pytest.approx([temperature, *numbers[:-1]], abs=5e-4)


def test_temperature_decides_or_hesitates():
    shares = {}
    for temperature in (0.1, 1.0, 10.0):
        lab = ActivationLab(activation="softmax", temperature=temperature)
        shares[temperature] = [lab.facts(lab.state)[f"share {at}"] for at in range(4)]
    assert max(shares[0.1]) > 0.999
    assert max(shares[10.0]) < 0.3
    assert max(shares[10.0]) < max(shares[1.0]) < max(shares[0.1])


def test_softmax_hides_the_comparison_and_shows_the_temperature():
    lab = ActivationLab()
    display = {name: lab.controls[name].layout for name in ("compare", "temperature")}
    assert (display["compare"].display, display["temperature"].display) == ("", "none")
    lab.controls["activation"].value = "softmax"
    assert (display["compare"].display, display["temperature"].display) == ("none", "")
    lab.controls["reset"].click()
    assert (display["compare"].display, display["temperature"].display) == ("", "none")


def tell(lab, kind, name, **more):
    lab._heard({"events": [{"kind": kind, "id": name, "points": [], "shift": False, **more}]})


def test_pointer_and_keys_move_z():
    lab = ActivationLab()
    x, y, width, _ = lab._inner(lab._boxes(lab.state)["slope"])
    tell(lab, "down", "slope", points=[[x + 0.75 * width, y]])
    assert lab.state.z == 3.0
    tell(lab, "key", "curve", key="ArrowRight")
    tell(lab, "key", "curve", key="ArrowLeft", shift=True)
    assert lab.controls["z"].value == 2.6
    tell(lab, "move", "curve", points=[[10_000, 0]])
    assert lab.state.z == 6.0


def test_the_bars_of_softmax_can_be_dragged():
    lab = ActivationLab(activation="softmax")
    _, y, _, height = lab._bar_box(lab.state)
    tell(lab, "down", "sum-2", points=[[0, y + 0.25 * height]])
    tell(lab, "key", "sum-3", key="ArrowDown")
    tell(lab, "key", "sum-0", key="ArrowUp", shift=True)
    assert lab.state.others == [2.0, 3.0, -1.1]
    assert lab.state.z == 1.5
    lab.reset()
    assert (lab.state.z, lab.state.others) == (1.0, [2.0, 0.0, -1.0])


@pytest.mark.parametrize(
    ("start", "printed"),
    [
        ({"activation": "relu", "z": 2.0}, "2.0 1.0\n"),
        ({"activation": "linear", "compare": "step", "z": -1.0}, "-1.0 1.0\n0.0 -0.0\n"),
    ],
)
def test_its_program_does_what_it_shows(start, printed, capsys):
    exec(ActivationLab(**start).code())
    assert capsys.readouterr().out.replace("-0.0", "0.0") == printed.replace("-0.0", "0.0")


def test_the_program_of_softmax(capsys):
    exec(ActivationLab(activation="softmax", temperature=0.5).code())
    printed = [float(each) for each in capsys.readouterr().out.strip("[]\n").split()]
    powers = np.exp(np.array([1.0, 2.0, 0.0, -1.0]) / 0.5)
    assert printed == pytest.approx(powers / powers.sum())


@pytest.mark.parametrize("activation", ["tanh", "softmax"])
@pytest.mark.parametrize("width", [440, 700, 960])
def test_it_fits_every_width(width, activation):
    lab = ActivationLab(activation=activation)
    lab._heard({"width": width})
    assert f'viewBox="0 0 {width} ' in lab.stage.structure
    assert all(x + wide <= width + 1e-9 for x, _, wide, _ in lab._boxes(lab.state).values())


@pytest.mark.parametrize("z", [-6.0, 6.0])
def test_the_number_of_a_bar_and_the_name_of_its_node_stand_apart(z):
    lab = ActivationLab(activation="softmax", z=z)
    down = {
        words: float(re.search(r' y="([^"]*)"', attributes)[1])
        for attributes, words in re.findall(r"<text([^>]*)>([^<]*)</text>", lab.still())
    }
    said = f"{z:g}".replace("-", "\u2212")
    (of_bar,) = (
        float(re.search(r' y="([^"]*)"', attributes)[1])
        for attributes, words in re.findall(r"<text([^>]*)>([^<]*)</text>", lab.still())
        if words == said and 'font-size="14"' in attributes and 'font-weight="600"' in attributes
    )
    assert abs(down["node 1"] - of_bar) >= 14
    assert down["node 1"] < lab._boxes(lab.state)["words"][1]


@pytest.mark.parametrize("width", [440, 640, 960])
def test_the_table_of_softmax_has_room_for_its_longest_numbers(width):
    lab = ActivationLab(activation="softmax", temperature=0.1, z=-6.0)
    lab.state.others = [6.0, -5.9, -6.0]
    lab.state.width = width
    rows = {}
    for attributes, words in re.findall(r"<text([^>]*)>([^<]*)</text>", lab.picture(lab.state).still()):
        x, y, size = (float(re.search(rf' {name}="([^"]*)"', attributes)[1]) for name in ("x", "y", "font-size"))
        long = (0.66 if "font-weight" in attributes else 0.6) * size * len(words)
        anchor = re.search('text-anchor="([a-z]+)"', attributes)
        left = x - {"middle": long / 2, "end": long}.get(anchor and anchor[1], 0)
        rows.setdefault(y, []).append((left, left + long, words))
    (powers,) = (sorted(row) for row in rows.values() if any(words == "e to that power" for *_, words in row))
    assert len(powers) == 6
    assert all(before[1] <= after[0] for before, after in zip(powers, powers[1:], strict=False)), powers
