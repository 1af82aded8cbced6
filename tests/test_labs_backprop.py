"""BackpropLab without a page: its numbers are the network's, its formulas come out, and time goes both ways."""

import contextlib
import copy
import inspect
import io
import math
import re
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annlab import BackpropLab, activations
from annlab.labs.backprop import HIDDEN, Story, example
from annlab.labs.follow import Key
from annlab.svg.formula import compact, digits
from annlab.testing import sweep

LOSSES = ["mse", "mae", "binary_crossentropy", "categorical_crossentropy"]
LARGE = {"inputs": 3, "hidden_1": 4, "hidden_2": 4, "outputs": 2}

labs = st.fixed_dictionaries(
    {
        "inputs": st.integers(1, 3),
        "hidden_1": st.integers(0, 4),
        "outputs": st.integers(1, 2),
        "activation_1": st.sampled_from(HIDDEN),
        "activation_2": st.sampled_from(HIDDEN),
        "activation_out": st.sampled_from(activations.names()),
        "loss": st.sampled_from(LOSSES),
        "learning_rate": st.sampled_from([0.01, 0.1, 0.5, 2.0, 10.0]),
        "seed": st.integers(0, 9999),
        "x1": st.integers(-20, 20).map(lambda n: n / 20),
        "x2": st.integers(-20, 20).map(lambda n: n / 20),
        "t1": st.integers(-20, 20).map(lambda n: n / 20),
        "t2": st.integers(-20, 20).map(lambda n: n / 20),
    }
).flatmap(lambda chosen: st.integers(0, 4 if chosen["hidden_1"] else 0).map(lambda size: {**chosen, "hidden_2": size}))


# The same round again, written down slowly with loops: no layer, no loss and no trace of annlab has a part in it.

SLOPE = 1e-6


def slowly(lab):
    """(outputs of every layer, loss) as a function of all weights: each node one sum, each loss by its definition."""
    state = lab.state
    x, target = example(state)
    names = [layer.activation.name for layer in lab.model.layers]

    def bend(name, z):
        if name == "softmax":
            powers = [math.exp(value - max(z)) for value in z]
            return [power / sum(powers) for power in powers]
        return [float(activations.get(name)(value)) for value in z]

    def run(weights):
        values, outputs = x, []
        for at, name in enumerate(names):
            kernel, bias = weights[2 * at], weights[2 * at + 1]
            z = [sum(values[i] * kernel[i][j] for i in range(len(values))) + bias[j] for j in range(len(bias))]
            values = bend(name, z)
            outputs.append((z, values))
        pairs = list(zip(values, target, strict=True))
        if state.loss == "mse":
            loss = sum((y - t) ** 2 for y, t in pairs) / len(pairs)
        elif state.loss == "mae":
            loss = sum(abs(y - t) for y, t in pairs) / len(pairs)
        elif state.loss == "binary_crossentropy":
            logs = [(t * math.log(y) if t else 0) + ((1 - t) * math.log(1 - y) if t != 1 else 0) for y, t in pairs]
            loss = -sum(logs) / len(pairs)
        else:
            loss = -sum(t * math.log(y) for y, t in pairs if t)
        return outputs, loss

    return run


def nudged(run, weights, part, place):
    """The slope of the loss by one weight, measured."""
    around = []
    for step in (SLOPE, -SLOPE):
        other = [w.copy() for w in weights]
        other[part][place] += step
        around.append(run(other)[1])
    return (around[0] - around[1]) / (2 * SLOPE)


def own_numbers(lab):
    """The numbers that the text line may say, computed apart from the lab with nothing but the weights."""
    state, run = lab.state, slowly(lab)
    weights = lab.model.get_weights()
    outputs, loss = run(weights)
    slopes = [np.zeros_like(w) for w in weights]
    for part, w in enumerate(weights):
        for place in np.ndindex(w.shape):
            slopes[part][place] = nudged(run, weights, part, place)
    later = [w - state.learning_rate * g for w, g in zip(weights, slopes, strict=True)]
    facts = {"round": state.round + 1, "step": state.moment, "steps": lab.controls["moment"].max}
    facts |= {"loss": loss, "new loss": run(later)[1]}
    plain = [*example(state)[0], *example(state)[1], *(v for pair in outputs for part in pair for v in part)]
    plain += [v for w in (*weights, *slopes, *later) for v in w.ravel().tolist()]
    plain += [v for pair in run(later)[0] for part in pair for v in part]
    # What the loss does with an output cannot be nudged through a weight; the slope of a bias is the delta.
    plain += Story(state).trace.layers[-1].dy.tolist() + [v for r in Story(state).trace.layers for v in r.dy.tolist()]
    return facts | {f"number {at}": value for at, value in enumerate(plain)}


@pytest.mark.parametrize("start", [{}, {**LARGE, "moment": 9, "detail": "node"}])
def test_every_control_moves_the_picture_and_the_text_tells_the_models_numbers(start):
    assert sweep(BackpropLab(**start), numbers=own_numbers) >= 45


@settings(max_examples=40, deadline=None)
@given(labs)
def test_every_number_is_that_of_the_slow_loops(chosen):
    lab = BackpropLab(**chosen)
    kinked = {"relu", "leaky_relu", "step", "elu", "selu"} & {layer.activation.name for layer in lab.model.layers}
    run, weights = slowly(lab), lab.model.get_weights()
    outputs, loss = run(weights)
    numbers = Story(lab.state).numbers
    assert numbers["loss",].value == pytest.approx(loss, rel=1e-9, abs=1e-12)
    for layer, (z, y) in enumerate(outputs, start=1):
        for j in range(len(z)):
            assert numbers["z", layer, j].value == pytest.approx(z[j], abs=1e-12)
            assert numbers["y", layer, j].value == pytest.approx(y[j], abs=1e-12)
        for (i, j), value in np.ndenumerate(weights[2 * layer - 2]):
            assert numbers["w", layer, i, j].value == value
            if not kinked and lab.state.loss != "mae":  # a nudge may cross a corner
                slope = nudged(run, weights, 2 * layer - 2, (i, j))
                assert numbers["dw", layer, i, j].value == pytest.approx(slope, rel=1e-5, abs=1e-7)
            new = value - lab.state.learning_rate * numbers["dw", layer, i, j].value
            assert numbers["new w", layer, i, j].value == pytest.approx(new, rel=1e-9, abs=1e-12)
        for j, value in enumerate(weights[2 * layer - 1]):
            assert numbers["b", layer, j].value == value
            assert numbers["db", layer, j].value == numbers["dz", layer, j].value
    later = [record.new_weights[name] for record in lab.trace.layers for name in ("kernel", "bias")]
    with contextlib.suppress(ValueError):  # log(0): the lab has it from the weighted sums, the slow loops do not
        assert numbers["new loss",].value == pytest.approx(run(later)[1], rel=1e-6, abs=1e-9)


# The arithmetic on the screen, done again with the digits that stand there and nothing else.

FUNCTIONS = {
    "exp": math.exp,
    "ln": math.log,
    "sign": lambda v: float((v > 0) - (v < 0)),
    "abs": abs,
    "__builtins__": {},
}
for name in activations.names():
    FUNCTIONS[name] = activations.get(name)
    FUNCTIONS[f"slope_of_{name}"] = activations.get(name).derivative


def calculated(text):
    """The value of a formula as it stands on the screen."""
    text = re.sub(r"(\w+)′\(", r"slope_of_\1(", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"0 · ln \(?[−\d.e]+\)?", "0", text)  # 0 · ln 0 is taken to be 0
    text = re.sub(r"\(1 − 1 ?\) · ln ?\([^()]*\)", "0", text)
    text = re.sub(r"ln (\(?[−\d.e]+\)?)", r"ln(\1)", text)
    text = text.replace("·", "*").replace("−", "-").replace("²", "**2")
    return float(eval(text, FUNCTIONS))


def shown(number):
    """What the screen says of a number: the formula as one line, its sign, and the result."""
    sign, terms, result = number.formula()
    return " ".join(term if isinstance(term, str) else term[0] for term in terms), sign, result


def comes_out(number):
    text, sign, result = shown(number)
    said = float(result.replace("−", "-"))
    assert said == pytest.approx(number.value, rel=6e-3, abs=5.1e-7), (text, result)
    if sign == "≈":
        return False
    found = calculated(text)
    if "e" in result:
        assert found == pytest.approx(said, rel=6e-3), f"{text} = {result}, but it is {found}"
    else:
        decimals = len(result.partition(".")[2])
        assert abs(found - said) <= 0.5 * 10**-decimals * (1 + 1e-9), f"{text} = {result}, but it is {found}"
    return True


@settings(max_examples=80, deadline=None)
@given(labs, st.integers(0, 3))
def test_every_formula_comes_out_with_the_digits_shown(chosen, rounds):
    lab = BackpropLab(**chosen)
    for _ in range(rounds):
        lab.controls["moment"].value = lab.controls["moment"].max
        lab.step()
    numbers = [number for number in Story(lab.state).numbers.values() if number.terms]
    about = [number for number in numbers if not comes_out(number)]
    # "About" is left for what no eleven digits can show: an output so near to 1 that 1 - y is lost.
    assert all(abs(n.value) > 20 or abs(n.value) < 1e-6 or n.key[0].endswith("loss") for n in about), about


def test_in_an_ordinary_network_every_formula_comes_out_exactly():
    for loss in LOSSES:
        lab = BackpropLab(**LARGE, loss=loss)
        for _ in range(3):
            assert all(comes_out(number) for number in Story(lab.state).numbers.values() if number.terms)
            lab.step(lab.controls["moment"].max + 1)
        assert lab.state.round == 3


@pytest.mark.parametrize(
    "value", [0.5, -0.25, 0.0, 0.123456, -0.0123456, 0.00012345, 1.23456e-9, 12.3456, -123.456, 4321.0987, 3.2e8]
)
def test_digits_are_those_of_the_number(value):
    for extra in range(5):
        said = float(digits(value, extra).replace("−", "-"))
        assert said == pytest.approx(value, rel=5.1e-3 * 10**-extra, abs=1e-15)
    rough = 0.5 if "e" in compact(value) else 0.06
    assert float(compact(value).replace("−", "-")) == pytest.approx(value, rel=rough)
    assert len(compact(value)) <= 8


# The picture.


def texts(lab):
    return list(lab.stage.values["text"].values())


@settings(max_examples=25, deadline=None)
@given(labs, st.floats(0, 1))
def test_the_numbers_in_the_picture_are_the_traces(chosen, share):
    lab = BackpropLab(**chosen)
    lab.controls["moment"].value = round(share * lab.controls["moment"].max)
    story, trace, said = Story(lab.state), lab.trace, texts(lab)
    new = story.again
    for layer, record in enumerate(trace.layers, start=1):
        weights = record.new_weights if story.is_known(("new w", layer, 0, 0)) else record.weights
        assert {compact(w) for w in weights["kernel"].ravel().tolist()} <= set(said)
        for j in range(len(record.y)):
            if story.is_known(("z", layer, j)):
                shown = story.after.layers[layer - 1] if new else record
                assert compact(float(shown.z[j])) in said
                assert compact(float(shown.y[j])) in said
            assert (f"δ {compact(float(record.dz[j]))}" in said) or not story.is_known(("dz", layer, j))
        if story.is_known(("dw", layer, 0, 0)):
            assert {compact(g) for g in record.gradients["kernel"].ravel().tolist()} <= set(said)


LABEL = re.compile(
    r"<text(?P<more>[^>]*?)>(?P<text>[^<]+)</text>",
)


def boxes(svg, bottom):
    """(left, top, right, bottom, text) of each text of the network, by the widths of a wide font."""
    for found in LABEL.finditer(svg):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', found["more"]))
        x, y, size = (float(given[name]) for name in ("x", "y", "font-size"))
        width = 0.63 * size * len(found["text"])
        left = x - {"middle": width / 2, "end": width}.get(given.get("text-anchor", ""), 0)
        if 100 < y < bottom:
            yield left, y - 0.72 * size, left + width, y, found["text"]


@pytest.mark.parametrize("width", [700, 780, 960])
@pytest.mark.parametrize("sizes", [(3, 4, 4, 2), (1, 4, 1, 2), (3, 1, 4, 1), (2, 3, 0, 2), (3, 0, 0, 2)])
def test_no_number_covers_another(sizes, width):
    lab = BackpropLab(**dict(zip(LARGE, sizes, strict=True)), seed=5)
    lab.state.width = width
    for _ in range(lab.controls["moment"].max):
        lab.step()
        drawing = lab.picture(lab.state)
        bottom = 104 + 22 + 104 * max(sizes)
        placed = list(boxes(drawing.still().replace("&quot;", "'"), bottom))
        assert len(placed) > 8
        for at, one in enumerate(placed):
            assert one[0] >= 0, one
            assert one[2] <= drawing.width + 16, one
            for other in placed[:at]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (lab.state.moment, one, other)


WIDE = {"b": 0.716, "d": 0.716, " ": 0.348, "\u2212": 0.838, ".": 0.38}  # of a bold DejaVu Sans; digits are 0.696


def test_a_long_bias_leaves_room_for_the_name_before_it():
    """The name is bold, two letters of 12 from 41 left of the node on; what is bold is wider than what is not."""
    lab = BackpropLab(inputs=3, hidden_1=4, hidden_2=4)
    widths = []
    for _ in range(lab.controls["moment"].max):
        lab.step()
        svg = lab.picture(lab.state).still()
        for size, text in re.findall(r'font-size="([\d.]+)"[^>]*>(d?b [^<]*)</text>', svg):
            widths.append(float(size) * sum(WIDE.get(letter, 0.696) for letter in text))
    assert len(widths) > 20
    assert max(widths) < 42 + 41 - 12 * (0.716 + 0.696) - 4


@pytest.mark.parametrize("width", [509, 569, 690, 833])
@pytest.mark.parametrize("sizes", [(3, 4, 4, 2), (2, 3, 0, 2), (2, 0, 0, 1)])
def test_title_and_legend_fit_on_a_narrow_page(sizes, width):
    lab = BackpropLab(**dict(zip(LARGE, sizes, strict=True)))
    lab.state.width = width
    for moment in range(lab.controls["moment"].max + 1):
        lab.state.moment = moment
        picture = lab.picture(lab.state)
        svg = picture.still()
        both = [re.search(rf'font-size="([\d.]+)"[^>]*>({words}[^<]*)<', svg) for words in (rf"{moment}\. ", "round 1")]
        assert sum(float(found[1]) * 0.58 * len(found[2]) for found in both) < picture.width, both
        found = re.search(r'x="([\d.]+)"[^>]*>(followed,[^<]*)</text>', svg)
        assert float(found[1]) + 12 * 0.58 * len(found[2]) < picture.width + 16


def test_what_was_computed_in_this_step_is_bold_and_nothing_else_of_the_network():
    lab = BackpropLab(moment=1)
    weights = lab.stage.values["font-weight"]
    said = lab.stage.values["text"]
    bold = {said[key] for key, weight in weights.items() if weight == "700" and key in said}
    record = lab.trace.layers[0]
    assert {compact(float(v)) for v in (*record.z, *record.y)} <= bold
    assert bold - {compact(float(v)) for v in (*record.z, *record.y)} == {"1. Forward through the hidden layer"} & bold


# Time.


def look(lab):
    return lab.stage.structure, copy.deepcopy(lab.stage.values), lab.stage.heat, lab.stage.description


@pytest.mark.parametrize(
    ("start", "rounds"), [({}, 2), ({**LARGE, "detail": "node"}, 1), ({"loss": "categorical_crossentropy"}, 1)]
)
def test_forwards_and_back_again_the_pictures_are_the_same(start, rounds):
    lab = BackpropLab(**start)
    steps = rounds * lab.controls["moment"].max + 4  # and into the next round
    pictures = [look(lab)]
    for _ in range(steps):
        lab.controls["step"].click()
        pictures.append(look(lab))
    assert len({str(picture) for picture in pictures}) == len(pictures)
    for before in reversed(pictures[:-1]):
        lab.controls["back"].click()
        assert look(lab) == before
    lab.controls["back"].click()
    assert look(lab) == pictures[0]
    lab.step(steps)
    assert look(lab) == pictures[-1]


def test_slider_buttons_arrows_and_bar_lead_to_the_same_moment():
    def after(move):
        lab = BackpropLab()
        move(lab)
        return look(lab)

    def arrows(lab):
        press(lab, "node:0:0", *["ArrowRight"] * 5, "ArrowLeft")

    def bar(lab):
        lab._heard(
            {"events": [{"kind": "down", "id": "timeline", "points": [[x, 20]], "shift": False} for x in (5, 360)]}
        )

    by_slider = after(lambda lab: setattr(lab.controls["moment"], "value", 4))
    assert by_slider == after(arrows) == after(bar) == after(lambda lab: lab.step(4))


def test_a_new_round_is_what_train_on_batch_does():
    lab = BackpropLab(learning_rate=1.0)
    twin = copy.deepcopy(lab.model)
    x, target = example(lab.state)
    for _ in range(3):
        lab.step(lab.controls["moment"].max + 1)
        twin.train_on_batch([x], [target])
        np.testing.assert_array_equal(lab.model.parameters, twin.parameters)
    lab.reset()
    assert lab.state.round == 0
    assert lab.state.moment == 0


def test_the_last_step_says_honestly_whether_the_loss_went_down():
    down = BackpropLab(learning_rate=0.5, moment=10)
    assert "went down" in down.stage.description
    up = BackpropLab(activation_1="linear", activation_out="linear", learning_rate=10, moment=10)
    assert "went up" in up.stage.description
    assert "smaller learning rate" in up.stage.description
    assert up.trace.loss < Story(up.state).after.loss


def test_numbers_that_outgrow_the_screen_end_in_a_sentence():
    lab = BackpropLab(activation_1="linear", activation_out="linear", learning_rate=10)
    lab.step(200)
    assert "outgrown the screen" in lab.stage.note
    assert lab.error is None
    lab.controls["back"].click()
    assert lab.state.moment < lab.controls["moment"].max
    lab.reset()
    assert lab.stage.note == ""


def test_the_other_detail_keeps_the_place():
    lab = BackpropLab(**LARGE, moment=7)
    assert lab.stage.description.split(". ")[1] == "Backward: δ of the second hidden layer"
    lab.controls["detail"].value = "node"
    assert "δ of node k1" in lab.stage.description
    lab.controls["detail"].value = "layer"
    assert lab.state.moment == 7


# Following a number.


def press(lab, id, *keys):
    lab._heard({"events": [{"kind": "key", "id": id, "key": key, "points": [], "shift": False} for key in keys]})


def click(lab, id):
    lab._heard({"events": [{"kind": "down", "id": id, "points": [[1, 1]], "shift": False}]})


def test_every_number_can_be_followed_back_to_the_start_and_on_to_the_new_loss():
    lab = BackpropLab(**LARGE)
    numbers = Story(lab.state).numbers
    for number in numbers.values():
        for key in number.comes_from:
            assert number.key in numbers[key].goes_to or key == ("loss",)
        assert number.comes_from or number.key[0] in ("y", "t", "w", "b")

    def reached(keys: set[Key], way) -> set[Key]:
        more = {key for number in map(numbers.get, keys) for key in way(number)} - keys
        return reached(keys | more, way) if more else keys

    assert {key for key in reached({("new loss",)}, lambda n: n.comes_from) if not numbers[key].terms} == {
        key for key, number in numbers.items() if not number.terms
    }
    assert ("new loss",) in reached({("w", 1, 0, 0)}, lambda n: n.goes_to)


@pytest.mark.parametrize("detail", ["layer", "node"])
def test_everything_that_can_be_clicked_can_be_followed_at_every_moment(detail):
    lab = BackpropLab(detail=detail, hidden_1=2)
    for moment in range(0, lab.controls["moment"].max + 1, 3):
        lab.controls["moment"].value = moment
        for id in sorted(set(re.findall(r'data-id="([^"]+)"', lab.stage.structure)) - {"timeline"}):
            press(lab, "node:0:0", "Escape")
            click(lab, id)
            assert lab.error is None
            if id not in ("steps:",):
                assert lab.state.item is not None
    press(lab, "node:1:1", "Enter")
    assert Story(lab.state).item == ("node", 1, 1)


def test_a_followed_number_shows_its_formula_its_line_of_python_and_where_it_goes():
    lab = BackpropLab(moment=10)
    click(lab, "link:2:1:0")
    structure = lab.stage.structure
    number = Story(lab.state).numbers["new w", 2, 1, 0]
    assert number.title in structure
    for text in (number.rule, "w -= ", "annlab/optimizers.py, SGD.update", digits(number.value)):
        assert text.replace(">", "&gt;") in structure
    assert 'data-id="number:dw:2:1:0"' in structure
    click(lab, "number:dw:2:1:0")
    assert "dw h2→o1: how the loss changes with this weight" in lab.stage.structure
    click(lab, "number:dz:2:0")
    assert "δ = dy · slope of sigmoid" in lab.stage.structure
    assert "follow the steps again" in lab.stage.structure
    press(lab, "number:dz:2:0", "Escape")
    assert "follow the steps again" not in lab.stage.structure


def test_links_can_be_reached_by_tab_from_the_node_that_is_followed():
    def reached(lab):
        return {id for id in re.findall(r'data-id="([^"]+)" data-keys', lab.stage.structure) if id.startswith("link")}

    lab = BackpropLab(moment=2)
    assert reached(lab) == {"link:2:0:0", "link:2:1:0", "link:2:2:0"}  # into o1, which the step looks at
    click(lab, "node:1:2")
    assert reached(lab) == {"link:1:0:2", "link:1:1:2", "link:2:2:0", "link:2:2:1"}
    click(lab, "link:1:1:2")
    assert reached(lab) == {"link:1:1:2"}
    nodes = [f"node:{layer}:{node}" for layer, size in enumerate((2, 3, 2)) for node in range(size)]
    focusable = re.findall(r'data-id="([^"]+)" data-keys', lab.stage.structure)
    assert focusable[: len(nodes)] == nodes
    first = lab.stage.structure.index('data-id="link:1:1:2"')  # the page gives the focus back to the first of that id
    assert lab.stage.structure[first:].startswith('data-id="link:1:1:2" data-keys')


def test_a_number_that_is_not_computed_yet_is_not_told():
    lab = BackpropLab(moment=1)
    click(lab, "link:1:0:0")
    click(lab, "stage:1")
    assert "dw x1→h1 is not computed yet. It comes in step 7." in lab.stage.structure
    assert digits(Story(lab.state).numbers["dw", 1, 0, 0].value) not in lab.stage.structure


def test_every_line_of_python_stands_in_annlab():
    seen = set()
    for loss in LOSSES:
        for number in Story(BackpropLab(loss=loss).state).numbers.values():
            seen.add(number.line)
    assert len(seen) >= 12
    for where, code in seen:
        file, _, function = where.partition(", ")
        found = import_module(file.removesuffix(".py").replace("/", "."))
        for name in function.split("."):
            found = getattr(found, name)
        source = inspect.getsource(found)
        for line in code.split("; "):
            assert any(line == each.partition("  #")[0].strip() for each in source.splitlines()), (where, line)


def test_inputs_and_targets_change_with_the_arrow_keys():
    lab = BackpropLab(moment=3)
    press(lab, "node:0:1", "ArrowUp", "ArrowUp")
    assert lab.controls["x2"].value == -0.9
    press(lab, "target:0", "ArrowUp")
    assert lab.controls["t1"].value == 1.0
    press(lab, "target:0", "ArrowDown")
    assert lab.trace.target.tolist() == [0.95, 0.0]
    assert lab.trace.x.tolist() == [0.5, -0.9]


# Choices.


def test_a_cross_entropy_brings_its_activation_and_another_activation_takes_it_away():
    lab = BackpropLab(activation_out="tanh", t1=-0.5)
    lab.controls["loss"].value = "binary_crossentropy"
    assert (lab.state.activation_out, lab.controls["activation_out"].value) == ("sigmoid", "sigmoid")
    assert lab.state.t1 == lab.controls["t1"].value == 0
    lab.controls["loss"].value = "categorical_crossentropy"
    assert lab.state.activation_out == "softmax"
    assert lab.trace.target.sum() == 1
    lab.controls["t2"].value = 0.25
    assert lab.trace.target.tolist() == [0.75, 0.25]
    lab.controls["activation_out"].value = "tanh"
    assert lab.controls["loss"].value == "mse"
    assert lab.model.loss.name == "mse"
    assert "mean squared error now" in lab.stage.note


def test_one_output_has_no_categorical_cross_entropy():
    lab = BackpropLab(outputs=1)
    lab.controls["loss"].value = "categorical_crossentropy"
    assert lab.model.loss.name == lab.controls["loss"].value == "binary_crossentropy"
    assert "there is one" in lab.stage.note


def test_activation_and_rate_change_without_forgetting():
    lab = BackpropLab()
    lab.step(11)
    weights = lab.model.parameters.copy()
    lab.controls["activation_1"].value = "relu"
    lab.controls["learning_rate"].value = 2.0
    assert lab.model.layers[0].activation.name == "relu"
    np.testing.assert_array_equal(lab.model.parameters, weights)
    np.testing.assert_allclose(lab.trace.layers[0].updates["kernel"], -2.0 * lab.trace.layers[0].gradients["kernel"])


def test_weights_of_ones_own_are_used():
    lab = BackpropLab(moment=2)
    lab.model.layers[0].kernel = np.full((2, 3), 0.25)
    lab.draw()
    assert texts(lab).count("0.25") == 6
    lab.step(9)
    lab.controls["back"].click()
    assert (lab.model.layers[0].kernel == 0.25).all()


def test_the_same_seed_gives_the_same_lab_and_starting_values_and_hide_work():
    assert BackpropLab(seed=4, moment=5).still() == BackpropLab(seed=4, moment=5).still()
    assert BackpropLab(seed=4).still() != BackpropLab(seed=5).still()
    lab = BackpropLab(hide=["seed", "detail"], x1=0.25, hidden_1=2)
    assert lab.model.layers[0].units == 2
    assert lab.trace.x[0] == 0.25
    rows = [child for row in lab.widget.children for child in getattr(row, "children", [])]
    assert lab.controls["seed"] not in rows
    assert lab.controls["loss"] in rows


def test_the_code_gives_the_same_numbers():
    lab = BackpropLab(loss="categorical_crossentropy", learning_rate=0.3)
    lab.step(2 * (lab.controls["moment"].max + 1) + 3)
    scope: dict = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(lab.code(), scope)
    assert scope["trace"].loss == lab.trace.loss
    assert said.getvalue().startswith(str(lab.trace.loss))
    np.testing.assert_array_equal(scope["model"].parameters, lab.model.parameters)
