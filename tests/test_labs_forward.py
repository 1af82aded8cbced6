"""ForwardLab without a page: its numbers against slow loops, its sums with the digits shown, the way of the signal."""

import asyncio
import math
import re

import numpy as np
import pytest

from annlab import ForwardLab, datasets
from annlab.labs.forward import Passage
from annlab.labs.forward_picture import activated, terms
from annlab.testing import sweep

MINUS = "\u2212"
XOR = [[[1, -1], [1, -1]], [-0.5, 1.5], [[1], [1]], [-1.5]]
GATE = {"hidden_1": 2, "hidden_2": 0, "activation_1": "step", "activation_out": "step", "data": "xor"}


def texts(lab):
    """Every text in the picture."""
    return [text.replace(MINUS, "-") for text in re.findall(r"<text[^>]*>([^<]*)</text>", lab.still())]


def tell(lab, kind, name, **more):
    lab._heard({"events": [{"kind": kind, "id": name, "points": [], "shift": False, **more}]})


def slowly(lab):
    """Every sum and output, by plain loops over plain numbers: the inputs, then (sums, outputs) of each layer."""
    curves = {"tanh": math.tanh, "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "step": lambda z: float(z >= 0)}
    curves |= {"linear": lambda z: z, "relu": lambda z: max(z, 0.0)}
    x = [lab.state.x1, lab.state.x2, lab.state.x3][: lab.state.inputs]
    found = []
    for layer in lab.model.layers:
        kernel, bias = layer.kernel.tolist(), layer.bias.tolist()
        sums = [sum(x[i] * kernel[i][j] for i in range(len(x))) + bias[j] for j in range(len(bias))]
        curve = curves.get(layer.activation.name)
        x = [curve(z) for z in sums] if curve else layer.activation(np.array(sums)).tolist()
        found.append((sums, x))
    return found


def own_numbers(lab):
    """The numbers that the line of text may say, computed apart from the lab."""
    state, layers = lab.state, slowly(lab)
    at, node = state.node or (state.lit, 0)
    sizes = [state.inputs, *(layer.units for layer in lab.model.layers)]
    numbers = {"at": state.lit, "layers": len(layers)}
    numbers["count"] = sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False))
    if at:
        numbers |= {"terms": sizes[at - 1], "z": layers[at - 1][0][node], "y": layers[at - 1][1][node]}
    else:
        numbers["y"] = [state.x1, state.x2, state.x3][node]
    if state.data != "none" and state.inputs == 2 and state.outputs == 1:
        x, target = datasets.gates(state.data)
        numbers |= {"right": int(((lab.model.predict(x)[:, 0] >= 0.5) == target).sum()), "of": 4}
    return numbers


@pytest.mark.parametrize("start", [{}, {"lit": 3}, {**GATE, "lit": 2, "x1": 1.0}])
def test_every_control_moves_the_picture_and_the_text_tells_the_networks_numbers(start):
    assert sweep(ForwardLab(**start), numbers=own_numbers) >= 50


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "linear", "step"])
def test_every_node_is_what_slow_loops_make_of_the_same_weights(activation):
    lab = ForwardLab(inputs=3, hidden_1=4, hidden_2=2, outputs=3, activation_1=activation, activation_2="tanh", x1=1.3)
    passage = Passage(lab.state)
    for layer, (sums, outputs) in enumerate(slowly(lab), start=1):
        assert passage.sums[layer] == pytest.approx(sums, abs=1e-12)
        assert passage.values[layer] == pytest.approx(outputs, abs=1e-12)


def test_the_sum_of_a_node_by_hand():
    lab = ForwardLab(hidden_1=2, hidden_2=0, x1=0.5, x2=-1.0, activation_1="relu", lit=1)
    lab.model.set_weights([[[0.6, 0.1], [-0.4, 0.2]], [0.25, 0.0], [[1.0], [1.0]], [0.0]])
    lab.draw()
    # 0.6 * 0.5 = 0.3, -0.4 * (-1) = 0.4, and 0.3 + 0.4 + 0.25 = 0.95, which relu leaves as it is
    shown = texts(lab)
    at = shown.index("Node h1: its sum, term by term")
    words = [text for text in shown[at + 4 :] if text not in ("-", "+", "\u00b7")]
    assert words[:5] == ["x1", "0.5", "0.6", "=", "0.3"]
    assert words[5:10] == ["x2", "-1", "-0.4", "=", "0.4"]
    assert words[10:14] == ["bias", "0.25", "=", "0.25"]
    assert words[14:17] == ["z, the sum of h1", "=", "0.95"]
    assert "y = relu(0.95) = 0.95" in words


def number(text):
    return float(text.replace(MINUS, "-"))


def test_every_sum_adds_up_with_the_digits_shown():
    rng = np.random.default_rng(0)
    for _ in range(500):
        count = rng.integers(1, 5)
        values, weights = rng.normal(0, 1.5, count).tolist(), rng.normal(0, 2, count + 1).round(2).tolist()
        z = sum(v * w for v, w in zip(values, weights, strict=False)) + weights[-1]
        lines = terms([*"abcd"[:count], "bias"], values, weights, z)
        # the products shown come to the three digits of z, and each product comes out of the two numbers before it
        assert abs(sum(number(line.product) for line in lines) - round(z, 3)) <= 0.0005 + 1e-12
        for line, value, weight in zip(lines, [*values, 1.0], weights, strict=True):
            exact = number(line.value) * number(line.weight)
            places = max(len(line.product.partition(".")[2]), 3)
            assert abs(exact - number(line.product)) <= 0.5 * 10.0**-places + 1e-12
            assert (line.sign == "=") == (abs(exact - number(line.product)) < 1e-9)
            assert number(line.value) == pytest.approx(value, abs=5e-4)
            assert number(line.weight) == pytest.approx(weight, abs=5e-4)


def test_the_answer_comes_out_of_the_sum_as_it_is_shown():
    # tanh(0.4998) = 0.4620, tanh(0.5) = 0.4621: three digits of z are enough
    assert activated("tanh", 0.4998, math.tanh(0.4998)) == "y = tanh(0.5) \u2248 0.462"
    # 0.00048 would be shown as 0, and 1 / (1 + e^-0) = 0.5 is not what comes out at -0.0021
    assert activated("sigmoid", -0.0021, 1 / (1 + math.exp(0.0021))) == f"y = sigmoid({MINUS}0.0021) \u2248 0.499"
    # a sum just below 0 is not shown as 0, where the step says 1
    assert activated("step", -0.00001, 0.0) == f"y = step({MINUS}0.00001) = 0"


def test_layer_by_layer_and_back():
    lab = ForwardLab()
    assert "?" in texts(lab)
    assert texts(lab).count("?") == 3 + 2 + 1 + 2 * 3  # six nodes, and z and y of the layer beside them
    for layer, name in enumerate(["first hidden layer", "second hidden layer", "output layer"], start=1):
        lab.controls["step"].click()
        assert lab.state.lit == lab.controls["lit"].value == layer
        assert lab.stage.description.startswith(f"The signal is at the {name}, layer {layer} of 3.")
    assert "?" not in texts(lab)
    lab.controls["step"].click()  # after the last layer it begins again
    assert lab.state.lit == 0
    lab.controls["lit"].value = 2
    lab.controls["back"].click()
    assert lab.state.lit == 1
    lab.controls["back"].click()
    lab.controls["back"].click()
    assert lab.state.lit == 0


def test_play_stops_at_the_outputs(monkeypatch):
    monkeypatch.setattr(ForwardLab, "steps_a_second", lambda self, state: 1.9)

    async def watch():
        lab = ForwardLab()
        lab.play()
        while lab.playing:
            await asyncio.sleep(0)
        assert lab.state.lit == 3
        lab.close()

    asyncio.run(asyncio.wait_for(watch(), 30))


@pytest.mark.parametrize("factor", [0.0, 1e-4, 1e4])
def test_weights_of_any_size_can_be_read(factor):
    lab = ForwardLab(activation_1="relu", activation_2="linear", activation_out="linear", lit=3)
    lab.model.set_weights([factor * weight for weight in lab.model.get_weights()])
    for layer, node in ((1, 0), (2, 1), (3, 0)):
        tell(lab, "down", f"node:{layer}:{node}")
        assert lab.error is None
        passage = Passage(lab.state)
        z = next(text for text in reversed(texts(lab)) if re.fullmatch(r"-?[\d.]+", text))
        assert float(z) == pytest.approx(passage.sums[layer][node], abs=5e-4, rel=1e-6)
    places = [float(x) for x in re.findall(r'<text x="([\d.-]+)"', lab.stage.structure)]
    assert max(places) <= 960


def test_a_node_is_chosen_by_pointer_and_by_keys_and_the_signal_moves_by_keys():
    lab = ForwardLab(lit=3)
    tell(lab, "down", "node:1:2")
    assert lab.state.node == (1, 2)
    assert "h3 adds 2 products" in lab.stage.description
    tell(lab, "key", "node:2:1", key="Enter")
    assert lab.stage.description.split(". ")[1].startswith("k2 adds 3 products")
    tell(lab, "key", "node:2:1", key="Escape")
    assert lab.state.node is None
    assert "o1 adds 2 products" in lab.stage.description
    tell(lab, "key", "node:2:1", key="ArrowLeft")
    assert lab.state.lit == 2
    tell(lab, "key", "node:2:1", key="ArrowRight")
    assert lab.state.lit == 3
    tell(lab, "key", "node:0:1", key="ArrowUp")
    assert lab.controls["x2"].value == lab.state.x2 == -0.9
    tell(lab, "key", "node:1:1", key="ArrowUp")  # only inputs are given from outside
    assert lab.state.x1 == 0.5


def test_a_node_that_is_not_lit_yet_says_so():
    lab = ForwardLab(lit=1)
    tell(lab, "down", "node:2:0")
    assert "k1 is not computed yet" in lab.stage.description
    assert any(
        text.startswith("k1 is not computed yet: the signal is at the first hidden layer.") for text in texts(lab)
    )


def test_buttons_turn_a_weight_to_the_next_round_number():
    lab = ForwardLab(lit=1)
    # the weight from x2 to h1 is drawn as 0.98
    assert lab.model.layers[0].kernel[1, 0] == 0.98
    for family, shift, wanted in [
        ("more", False, 1.0),
        ("more", False, 1.5),
        ("less", True, 1.4),
        ("less", False, 1.0),
        ("less", False, 0.5),
    ]:
        tell(lab, "down", f"{family}:1:0:1", shift=shift)
        assert lab.model.layers[0].kernel[1, 0] == wanted
    tell(lab, "key", "more:1:0:2", key="Enter")  # beyond the inputs stands the bias: from 0.33
    assert lab.model.layers[0].bias[0] == 0.5
    for _ in range(30):
        tell(lab, "down", "less:1:0:1")
    assert lab.model.layers[0].kernel[1, 0] == -9.5
    lab.reset()
    assert lab.model.layers[0].kernel[1, 0] == 0.98


def test_xor_by_the_buttons_alone():
    lab = ForwardLab(**GATE, lit=2)
    assert lab.stage.description.endswith("1 of 4 points get the right answer.")
    for layer, weights in ((1, [[1, 1, -0.5], [-1, -1, 1.5]]), (2, [[1, 1, -1.5]])):
        for node, column in enumerate(weights):
            for source, wanted in enumerate(column):
                kernel, bias = lab.model.layers[layer - 1].kernel, lab.model.layers[layer - 1].bias
                for _ in range(9):
                    now = bias[node] if source == len(kernel) else kernel[source, node]
                    if now != wanted:
                        tell(lab, "down", f"{'more' if now < wanted else 'less'}:{layer}:{node}:{source}")
    for weight, wanted in zip(lab.model.get_weights(), XOR, strict=True):
        np.testing.assert_array_equal(weight, wanted)
    assert lab.stage.description.endswith("4 of 4 points get the right answer.")
    assert texts(lab).count("right") == 4


def test_a_row_of_the_table_is_sent_through_the_network():
    lab = ForwardLab(**GATE, lit=2)
    lab.model.set_weights(XOR)
    for row, (point, answer) in enumerate(zip([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 0], strict=True)):
        tell(lab, "key", f"row:{row}", key="Enter")
        assert (lab.state.x1, lab.state.x2) == point
        assert Passage(lab.state).values[-1] == [answer]


def test_a_gate_needs_two_inputs_and_one_output():
    assert Passage(ForwardLab(data="xor", outputs=2).state).rows == []
    assert Passage(ForwardLab(data="xor", inputs=1).state).rows == []


def test_an_activation_changes_and_the_weights_stay():
    lab = ForwardLab(lit=3)
    before = [weight.copy() for weight in lab.model.get_weights()]
    first = Passage(lab.state)
    lab.controls["activation_2"].value = "relu"
    for weight, old in zip(lab.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    then = Passage(lab.state)
    assert then.values[1] == first.values[1]  # nothing goes back
    assert then.sums[2] == first.sums[2]
    assert then.values[2] == [max(z, 0.0) for z in first.sums[2]]
    assert then.values[3] != first.values[3]


def test_a_new_size_keeps_the_place_of_the_signal():
    lab = ForwardLab(lit=3)
    lab.controls["hidden_1"].value = 4
    assert lab.state.lit == 3
    lab.controls["hidden_2"].value = 0
    assert lab.state.lit == lab.controls["lit"].max == lab.controls["lit"].value == 2
    assert [layer.units for layer in lab.model.layers] == [4, 1]


def test_shapes_are_those_of_the_matrices():
    lab = ForwardLab(inputs=3, hidden_1=4, outputs=2, lit=3)
    passage = Passage(lab.state)
    assert passage.shapes(1) == "(1, 3) @ (3, 4) + (4,) \u2192 (1, 4)"
    for layer, made in enumerate(lab.model.layers, start=1):
        assert f"@ {made.kernel.shape} + {made.bias.shape}" in passage.shapes(layer)
        assert passage.shapes(layer) in texts(lab)


def test_reset_brings_back_the_weights_and_the_inputs():
    lab = ForwardLab()
    first = lab.still()
    lab.step(2)
    lab.model.set_weights([np.ones_like(weight) for weight in lab.model.get_weights()])
    assert lab.still() != first
    lab.controls["reset"].click()
    assert lab.still() == first


def test_the_same_seed_draws_the_same_weights():
    assert ForwardLab(seed=7).still() == ForwardLab(seed=7).still()
    assert ForwardLab(seed=7).still() != ForwardLab(seed=8).still()


def test_its_program_computes_what_it_shows(capsys):
    lab = ForwardLab(hidden_2=0, outputs=2, activation_out="softmax", lit=2)
    exec(lab.code(), namespace := {})
    assert namespace["x"][0] == pytest.approx(slowly(lab)[-1][1], abs=1e-12)
    assert "(1, 3)" in capsys.readouterr().out


def test_softmax_shows_all_sums_of_its_layer():
    lab = ForwardLab(outputs=2, activation_out="softmax", lit=3)
    z, y = Passage(lab.state).sums[3], Passage(lab.state).values[3]
    assert math.exp(z[0]) / (math.exp(z[0]) + math.exp(z[1])) == pytest.approx(y[0])
    assert any(text.startswith("y = e^") and text.count("e^") == 3 for text in texts(lab))


@pytest.mark.parametrize("width", [440, 700, 899, 900, 960])
def test_it_fits_every_width(width):
    lab = ForwardLab(inputs=3, hidden_1=4, hidden_2=4, outputs=3, activation_out="softmax", lit=3)
    lab._heard({"width": width})
    assert f'viewBox="0 0 {width} ' in lab.stage.structure
    places = [float(x) for x in re.findall(r'<text x="([\d.-]+)"', lab.stage.structure)]
    assert min(places) >= 0
    assert max(places) <= width
    rects = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', lab.stage.structure)
    assert max(float(x) + float(wide) for x, wide in rects) <= width


def test_few_controls_need_no_fold():
    few = ForwardLab(
        hide=["activation_1", "activation_2", "activation_out", "x1", "x2", "x3", "data", "seed", "hidden_2"]
    )
    assert not any(kind.more for kind in few._kinds.values())
    assert ForwardLab()._kinds["inputs"].more
