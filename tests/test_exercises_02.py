"""Lesson 02: its predictions against the lab, its number box, and the numbers in its text."""

import math

import numpy as np
import pytest
from written import Written

from annlab import Neuron, NeuronLab
from annlab.exercises import one_neuron as lesson
from annlab.exercises.base import RIGHT

written = Written("02_one_neuron")


def test_doubling_all_three_leaves_the_line():
    lab = NeuronLab()
    assert "nothing to compare yet" in lesson.doubled.reply(1, lab)
    before = lab.model.line()
    for name, value in (("w1", 2.0), ("w2", 2.0), ("bias", -1.0)):
        lab.controls[name].value = value
    reply = lesson.doubled.reply(1, lab)
    assert "The run agrees." in reply
    # sigmoid(2 * 1 + 2 * 0.5 - 1) = sigmoid(2) = 0.881, and before sigmoid(1) = 0.731
    assert "is now 0.881 and was 0.731" in reply
    assert "crosses both axes at 0.5" in reply.replace("still ", "").replace("cross both", "crosses both")
    assert lab.model.line() == pytest.approx(before)
    assert "something else" in lesson.doubled.reply(0, lab)


def test_a_lower_bias_moves_the_line_along_the_arrow():
    lab = NeuronLab()
    assert "nothing to compare yet" in lesson.lowered.reply(None, lab)
    lab.controls["bias"].value = -1.5
    reply = lesson.lowered.reply(2, lab)
    assert "something else" in reply
    # x1 + x2 = 1.5 crosses the axes at 1.5; both weights are above 0, so that is where the arrow points
    assert "With bias -1.5 the line crosses both axes at 1.5" in reply
    assert lab.model.z([1.5, 0.0]) == 0
    lab.controls["w1"].value = 2.0
    assert "nothing to compare yet" in lesson.lowered.reply(2, lab)


@pytest.mark.parametrize("typed", ["-0.7", "-0,7", "1 - 1.5 - 0.2", "\u22120.7"])
def test_by_hand(typed):
    # 0.5 * 2 + 1.5 * (-1) - 0.2 = 1 - 1.5 - 0.2 = -0.7
    assert lesson.by_hand.check(typed).kind == RIGHT


def test_by_hand_the_slip_of_taking_the_sigmoid():
    assert lesson.by_hand.hints[0.332].startswith("That is what the sigmoid makes of it")
    assert 1 / (1 + math.exp(0.7)) == pytest.approx(0.332, abs=5e-4)


def test_the_day_at_the_beach():
    beach = Neuron([2.0, -3.0], bias=0.4)
    assert beach.z([0.8, 0.5]) == pytest.approx(1.6 - 1.5 + 0.4)
    assert f"the answer is $y = {beach([0.8, 0.5]):.3f}$" in written.both
    assert "= 1.6 - 1.5 + 0.4 = 0.5$$" in written.both


def test_numbers_of_the_quiz_and_the_teachers_page():
    sigmoid = Neuron([1.0])
    assert f"sigmoid(0.5) is {sigmoid([0.5]):.3f}" in lesson.quiz.questions[3].options[2].reason
    assert f"from {Neuron([1, 1], -0.5)([1, 0.5]):.3f} to {Neuron([2, 2], -1)([1, 0.5]):.3f}" in written.both
    # with weights 2 and 2 and bias -0.5 the line crosses the axes at 0.25
    assert Neuron([2, 2], -0.5).z([0.25, 0]) == 0
    assert "from 0.5 to 0.25 on each axis" in written.both


def test_without_a_bias_no_weights_do_it():
    """At the origin the sum is 0 whatever the weights are, and OR wants it below 0."""
    assert all(Neuron([w1, w2]).z([0, 0]) == 0 for w1 in (-2, 0, 3) for w2 in (-1, 0.5))


def test_slips_of_brackets_and_of_one_step_too_far():
    def with_sigmoid(x, weights, bias):
        return 1 / (1 + np.exp(-(np.sum(x * weights) + bias)))

    assert "Here only the sum" in lesson.weighted_sum.check(with_sigmoid).hint
    halfway = lesson.x2_on_line.check(lambda x1, weights, bias: -weights[0] * x1 - bias / weights[1])
    assert "The signs are right. Put brackets" in halfway.hint
    taken_away = lesson.x2_on_line.check(lambda x1, weights, bias: -(weights[0] * x1 + bias) - weights[1])
    assert "dividing undoes that" in taken_away.hint
