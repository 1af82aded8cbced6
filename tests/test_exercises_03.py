"""Lesson 03: its predictions against the lab, its number box, and the claims in its text."""

import numpy as np
import pytest
from written import Written

from annlab import Neuron, NeuronLab, datasets
from annlab.exercises import step_and_linear as lesson
from annlab.exercises.base import RIGHT

written = Written("03_step_and_linear")


def gate(name, w1, w2, bias):
    x, y = datasets.gates(name)
    return (Neuron([w1, w2], bias, "step")(x) == y).all()


def test_from_and_to_or():
    lab = NeuronLab(data="and", activation="step", w1=1.0, w2=1.0, bias=-1.5, hide=["activation"])
    assert lab.stage.description.endswith("AND: 4 of 4 points get the right answer.")
    assert "nothing to compare yet" in lesson.and_or.reply(1, lab)
    lab.controls["data"].value = "or"
    assert "nothing to compare yet" in lesson.and_or.reply(1, lab)
    lab.controls["bias"].value = -0.5
    assert "The run agrees. With the weights still 1 and 1 and the bias -0.5" in lesson.and_or.reply(1, lab)
    lab.controls["w1"].value = 2.0
    reply = lesson.and_or.reply(2, lab)
    assert "something else" in reply
    assert "You found weights 2 and 1 with bias -0.5" in reply


def test_xor():
    lab = NeuronLab(data="xor", activation="step", w1=1.0, w2=1.0, bias=-1.5, hide=["activation"])
    assert "nothing to compare yet" in lesson.xor.reply(0, lab)
    lab.controls["bias"].value = -0.5
    assert "something else. You have 3 of 4 now, and 3 of 4 is the most" in lesson.xor.reply(0, lab)
    assert "The run agrees" in lesson.xor.reply(1, lab)


def test_the_gates_of_the_text():
    # AND at (1, 1): 1 + 1 - 1.5 = 0.5; at (1, 0): -0.5; at (0, 0): -1.5
    neuron = Neuron([1, 1], -1.5, "step")
    assert [neuron.z(point) for point in ([1, 1], [1, 0], [0, 0])] == [0.5, -0.5, -1.5]
    assert gate("and", 1, 1, -1.5)
    assert gate("nand", -1, -1, 1.5)
    x, y = datasets.gates("not")
    assert (Neuron([-1], 0.5, "step")(x) == y).all()


def test_every_bias_that_the_teachers_page_gives_for_or():
    assert all(gate("or", 1, 1, bias) for bias in (-1.0, -0.5, -0.001))
    assert not gate("or", 1, 1, 0.0)
    assert not gate("or", 1, 1, -1.001)


def test_three_nands_make_or():
    def nand(a, b):
        return lesson.nand.answer(np.array([[float(a), float(b)]]))[0]

    assert [nand(nand(a, a), nand(b, b)) for a in (0, 1) for b in (0, 1)] == [0, 1, 1, 1]


def test_the_control_sequence_of_the_teachers_page():
    lab = NeuronLab(data="xor", activation="step", w1=1.0, w2=1.0, bias=-0.5)
    assert lab.facts(lab.state)["right"] == 3
    lab.controls["bias"].value = -2.5  # (1, 1) has the sum -0.5 now, and the two ones have -1.5
    assert lab.facts(lab.state)["right"] == 2


@pytest.mark.parametrize("typed", ["-0.5", "-1/2", "-1 - 1 + 1.5"])
def test_by_hand(typed):
    assert lesson.by_hand.check(typed).kind == RIGHT


@pytest.mark.parametrize("weights", [(-2.0, -2.0, 3.0), (-0.3, -0.4, 0.5), (-1.0, -3.0, 3.0)])
def test_any_weights_that_make_nand_are_right(weights):
    assert lesson.nand.check(lesson._neuron(*weights)).kind == RIGHT


def test_what_the_cells_of_break_it_print():
    assert "less than a millionth: True" in written.shown("break")
    # linear layers end at "one half for all"; tanh does it
    assert "linear: accuracy on XOR 0.50\ntanh: accuracy on XOR 1.00" in written.shown("break")
    assert "slope is zero everywhere" in written.shown("slope")
    assert "unchanged: True" in written.shown("slope")


def test_the_votes_with_another_weight():
    before, after = Neuron([1, 1, 1], -1.5, "step"), Neuron([3, 1, 1], -1.5, "step")
    votes = [[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    assert [vote for vote in votes if before(vote) != after(vote)] == [[1, 0, 0]]
    assert after([0, 1, 1]) == 1


def test_slips_of_the_step():
    def of_one_number(z):
        if z >= 0:
            return 1
        return 0

    assert "if can ask about one number only" in lesson.step.check(of_one_number).hint
    assert "from -1 to 1" in lesson.step.check(lambda z: np.where(z >= 0, 1, -1)).hint
    assert "That is linear" in lesson.step.check(lambda z: 1 * z).hint


@pytest.mark.parametrize(("weights", "which"), [((-2, 2), "second"), ((2, -2), "first")])
def test_one_weight_of_nand_with_the_wrong_sign(weights, which):
    outcome = lesson.nand.check(lambda x: np.where(x @ np.array(weights) + 1 >= 0, 1.0, 0.0))
    assert f"your {which} weight speaks for 1" in outcome.hint


def test_slips_of_two_layers():
    assert "first layer's bias is missing" in lesson.one_layer.check(lambda w, b, v, c: [v * w, c]).hint
    assert "biases have changed places" in lesson.one_layer.check(lambda w, b, v, c: [v * w, b + v * c]).hint
