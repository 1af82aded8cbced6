"""NeuronLab without a page: its arithmetic adds up with the digits shown, and its line is the neuron's."""

import re

import numpy as np
import pytest

from annlab import NeuronLab, datasets
from annlab.testing import sweep


def texts(lab):
    """Every text in the picture."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", lab.still())


def own_numbers(lab):
    """The numbers of the text line, computed apart from the lab."""
    state = lab.state
    z = state.w1 * state.x1 + state.w2 * state.x2 + state.bias
    curves = {
        "step": lambda z: float(z >= 0),
        "linear": lambda z: z,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "tanh": np.tanh,
        "relu": lambda z: max(z, 0.0),
    }
    names = ("w1", "w2", "bias", "x1", "x2")
    numbers = {**{name: getattr(state, name) for name in names}, "z": z}
    numbers["y"] = curves.get(state.activation, lambda z: lab.model([state.x1, state.x2]))(z)
    if state.data != "none":
        x, target = datasets.gates(state.data)
        sums = [state.w1 * a + state.w2 * b + state.bias for a, b in x]
        numbers |= {"right": sum((z >= 0) == t for z, t in zip(sums, target, strict=True)), "of": 4}
    return numbers


@pytest.mark.parametrize("start", [{}, {"data": "xor", "activation": "step"}])
def test_every_control_moves_the_picture_and_the_text_tells_the_neurons_numbers(start):
    assert sweep(NeuronLab(**start), numbers=own_numbers) >= 25


def test_the_formula_by_hand():
    lab = NeuronLab(w1=0.5, w2=-1.2, bias=0.3, x1=2.0, x2=-0.5, activation="relu")
    # 0.5 * 2 + (-1.2) * (-0.5) + 0.3 = 1 + 0.6 + 0.3 = 1.9, which relu leaves as it is
    shown = [text.replace("\u2212", "-") for text in texts(lab)]
    assert "= 0.5 \u00b7 2 + (-1.2) \u00b7 (-0.5) + 0.3" in shown
    assert "= 1 + 0.6 + 0.3 = 1.9" in shown
    assert "y = relu(1.9) = 1.9" in shown
    assert lab.model([2.0, -0.5]) == pytest.approx(1.9)


def test_the_arithmetic_adds_up_with_the_digits_shown():
    rng = np.random.default_rng(0)
    for _ in range(200):
        w1, w2, bias = rng.integers(-30, 31, 3) / 10
        x1, x2 = rng.integers(-20, 21, 2) / 10
        lab_line = next(
            text
            for text in texts(NeuronLab(w1=w1, w2=w2, bias=bias, x1=x1, x2=x2))
            if re.match(r"= [^\u00b7]* [=\u2248] ", text)
        )
        numbers = [float(each.replace("\u2212", "-")) for each in re.findall("\u2212?[\\d.]+", lab_line)]
        assert sum(numbers[:3]) == pytest.approx(numbers[3], abs=1e-9)
        assert "\u2248" not in lab_line


def test_a_number_with_more_digits_than_are_shown_says_so():
    lab = NeuronLab(w1=0.3333, w2=0.3333, bias=0.0, x1=1.0, x2=1.0)
    # 0.3333 + 0.3333 = 0.6666: shown are 0.333 and 0.333, and 0.667
    assert "= 0.333 + 0.333 + 0 \u2248 0.667" in texts(lab)
    assert "y = sigmoid(0.667) \u2248 0.661" in texts(lab)


@pytest.mark.parametrize(
    ("gate", "w1", "w2", "bias"),
    [("and", 1, 1, -1.5), ("or", 1, 1, -0.5), ("nand", -1, -1, 1.5), ("nor", -1, -1, 0.5)],
)
def test_four_gates_have_a_line(gate, w1, w2, bias):
    lab = NeuronLab(data=gate, activation="step", w1=float(w1), w2=float(w2), bias=bias)
    assert lab.stage.description.endswith("4 of 4 points get the right answer.")
    assert "wrong" not in texts(lab)
    x, y = datasets.gates(gate)
    np.testing.assert_array_equal(lab.model(x), y)


def test_no_line_does_better_than_three_of_the_four_points_of_xor():
    x, y = datasets.gates("xor")
    grid = np.arange(-30, 31, 3) / 10
    w1, w2, bias = (axis.ravel() for axis in np.meshgrid(grid, grid, grid))
    sums = w1 * x[:, :1] + w2 * x[:, 1:] + bias
    assert ((sums >= 0) == y[:, np.newaxis]).sum(axis=0).max() == 3


def test_a_point_on_the_line_has_the_sum_zero_whatever_floating_point_says():
    lab = NeuronLab(w1=-0.6, w2=-0.1, bias=0.7, x1=1.0, x2=1.0, activation="step")
    assert lab.facts(lab.state)["z"] == 0.0
    assert "y = step(0) = 1" in texts(lab)


def tell(lab, kind, name, **more):
    lab._heard({"events": [{"kind": kind, "id": name, "points": [], "shift": False, **more}]})


def test_the_ring_follows_pointer_and_keys():
    lab = NeuronLab()
    x, y, side, _ = lab._boxes(lab.state)["plane"]
    tell(lab, "down", "plane", points=[[x + 0.75 * side, y + 0.25 * side]])
    assert (lab.state.x1, lab.state.x2) == (1.0, 1.0)
    tell(lab, "key", "plane", key="ArrowLeft")
    tell(lab, "key", "plane", key="ArrowUp", shift=True)
    assert (lab.controls["x1"].value, lab.controls["x2"].value) == (0.9, 1.5)
    tell(lab, "move", "plane", points=[[x - 50, y + 2 * side]])
    assert (lab.state.x1, lab.state.x2) == (-2.0, -2.0)


def test_the_line_can_be_dragged():
    lab = NeuronLab(w1=1.0, w2=-2.0)
    x, y, side, _ = lab._boxes(lab.state)["plane"]
    # to the point (1, 1): bias = -(1 * 1 - 2 * 1) = 1
    tell(lab, "move", "line", points=[[x + 0.75 * side, y + 0.25 * side]])
    assert lab.controls["bias"].value == 1.0
    assert lab.model.z([1, 1]) == pytest.approx(0)


def test_reset_brings_back_the_start_with_its_controls():
    lab = NeuronLab(w1=-2.0)
    first = lab.still()
    lab.controls["w1"].value = 3.0
    lab.controls["data"].value = "or"
    assert lab.still() != first
    lab.controls["reset"].click()
    assert lab.still() == first
    assert lab.controls["w1"].value == -2.0


def test_without_weights_there_is_no_line():
    lab = NeuronLab(w1=0.0, w2=0.0)
    assert 'stroke-opacity="0"' in lab.still()


def test_its_program_does_what_it_shows(capsys):
    exec(NeuronLab(data="and", w1=1.0, w2=1.0, bias=-1.5, x1=1.0, x2=1.0, activation="step").code())
    assert capsys.readouterr().out == "0.5 1.0\n[ True  True  True  True]\n"


def test_the_choice_of_points_moves_to_the_front_where_the_activation_is_hidden():
    assert NeuronLab()._kinds["data"].more
    assert not NeuronLab(hide=["activation"])._kinds["data"].more


@pytest.mark.parametrize("width", [440, 700, 960])
def test_it_fits_every_width(width):
    lab = NeuronLab(data="xor")
    lab._heard({"width": width})
    assert f'viewBox="0 0 {width} ' in lab.stage.structure
    boxes = lab._boxes(lab.state)
    assert all(x + wide <= width + 1e-9 for x, _, wide, _ in boxes.values())


@pytest.mark.parametrize("activation", ["linear", "relu", "selu", "gelu", "sigmoid"])
def test_the_curve_is_the_activation_up_to_the_edge_and_stays_in_its_frame(activation):
    lab = NeuronLab(activation=activation)
    curve = next(
        np.array([[float(each) for each in pair.split(",")] for pair in points.split()])
        for points in re.findall(r'points="([^"]*)"', lab.still())
        if points.count(",") > 200
    )
    z = np.linspace(-6, 6, len(curve))
    y = lab.model.activation(z)
    slope, start = np.polyfit(y, curve[:, 1], 1)
    assert slope * y + start == pytest.approx(curve[:, 1], abs=0.2)  # nowhere flattened
    x, top, width, height = lab._boxes(lab.state)["curve"]
    assert curve[:, 1].min() >= top
    assert curve[:, 1].max() <= top + height


def test_a_sum_beyond_the_curve_is_shown_at_its_end():
    lab = NeuronLab(activation="linear", w1=3.0, w2=3.0, bias=3.0, x1=2.0, x2=2.0)
    *_, ring = re.findall(r'<circle[^>]*r="6"[^>]*>', lab.still())
    curve = max(re.findall(r'points="([^"]*)"', lab.still()), key=len).split()[-1].split(",")
    assert [float(each) for each in re.findall(r' c[xy]="([^"]*)"', ring)] == pytest.approx(
        [float(each) for each in curve], abs=0.2
    )


@pytest.mark.parametrize("width", [440, 960])
@pytest.mark.parametrize("activation", ["sigmoid", "linear"])
def test_the_words_under_the_colours_stand_apart_and_inside_the_picture(activation, width):
    lab = NeuronLab(activation=activation)
    lab.state.width = width
    still = lab.picture(lab.state).still()
    places = []
    for attributes, words in re.findall(r"<text([^>]*)>([^<]*)</text>", still):
        x, y = (float(re.search(rf' {name}="([^"]*)"', attributes)[1]) for name in "xy")
        long = 12 * 0.62 * len(words)
        anchor = re.search('text-anchor="([a-z]+)"', attributes)
        places.append((words, x - {"middle": long / 2, "end": long}.get(anchor and anchor[1], 0), y, long))
    (name, left, down, long) = next(place for place in places if place[0] == "output y" and place[2] > 400)
    others = [place for place in places if place[2] == down and place[0] != name]
    assert len(others) == 3
    assert all(left + long <= other[1] or other[1] + other[3] <= left for other in others)
    assert down + 8 <= lab.picture(lab.state).height


@pytest.mark.parametrize("width", [440, 640, 820, 960])
def test_the_name_of_the_sum_stands_between_its_ticks(width):
    lab = NeuronLab()
    lab.state.width = width
    found = re.findall(r'<text x="([\d.]+)"[^>]*>(z|sum z|6)</text>', lab.picture(lab.state).structure())
    (right,) = (float(x) for x, text in found if text == "6")
    ((middle, name),) = ((float(x), text) for x, text in found if text != "6")
    assert right - middle >= 4 + 4 * len(name)
