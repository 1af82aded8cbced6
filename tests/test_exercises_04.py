"""Lesson 04: its predictions against the lab, its number box, its table and the numbers in its text."""

import re

import numpy as np
import pytest
from written import Written

from annlab import ActivationLab, activations
from annlab.exercises import curved_activations as lesson
from annlab.exercises.base import RIGHT

written = Written("04_curved_activations")


def test_far_out():
    lab = ActivationLab()
    assert "nothing to compare yet" in lesson.far_out.reply(2, lab)
    lab.controls["z"].value = 6.0
    # y = 1 / (1 + e^-6) = 0.99753; y (1 - y) = 0.00247
    assert "The run agrees. At z = 6 the output is 0.998 and the slope 0.0025" in lesson.far_out.reply(2, lab)
    assert "something else" in lesson.far_out.reply(0, lab)
    lab.controls["activation"].value = "relu"
    assert "nothing to compare yet" in lesson.far_out.reply(2, lab)


def test_cold():
    lab = ActivationLab(activation="softmax", hide=["activation"])
    assert [f"{lab.facts(lab.state)[f'share {at}']:.3f}" for at in range(4)] == ["0.237", "0.644", "0.087", "0.032"]
    assert "nothing to compare yet" in lesson.cold.reply(1, lab)
    lab.controls["temperature"].value = 0.1
    assert "The run agrees. At temperature 0.1 the largest sum has a share of 1.000" in lesson.cold.reply(1, lab)
    lab.controls["z"].value = 2.0  # as large as the second: no winner
    assert "nothing to compare yet" in lesson.cold.reply(1, lab)


@pytest.mark.parametrize("typed", ["0.16", "0,16", "0.8 * 0.2", "0.8*(1-0.8)"])
def test_by_hand(typed):
    assert lesson.by_hand.check(typed).kind == RIGHT


def test_by_hand_the_slip_of_taking_the_sigmoid_once_more():
    assert lesson.by_hand.hints[0.214].startswith("0.8 is the output y already")
    assert activations.sigmoid.derivative(0.8) == pytest.approx(0.214, abs=5e-4)


def test_the_worked_example():
    numbers = [(f"{f(2.0):.3f}", f"{f.derivative(2.0):.3f}") for f in (activations.sigmoid, activations.tanh)]
    assert f"sigmoid answers ${numbers[0][0]}$ with slope ${numbers[0][1]}$" in written.both
    assert f"tanh ${numbers[1][0]}$ with slope ${numbers[1][1]}$, ReLU $2$ with slope $1$" in written.both
    # tanh is up to four times as steep: slopes at 0 are 1 and 0.25
    assert activations.tanh.derivative(0.0) / activations.sigmoid.derivative(0.0) == 4


def test_the_ranges_of_the_table():
    table = written.cells["family"].source
    z = np.linspace(-30, 30, 600_001)
    z = z[np.abs(z) > 1e-9]

    def row(name):
        return next(line for line in table.splitlines() if line.startswith(f"| {name}"))

    def ends(values):
        return [float(f"{each:.2f}") for each in (values.min(), values.max())]

    for name, label in (("gelu", "GELU"), ("silu", "SiLU")):
        low, steep = activations.get(name)(z).min(), ends(activations.get(name).derivative(z))
        assert f"from {low:.2f} up" in row(label)
        assert f"{steep[0]:g} to {steep[1]:g}" in row(label)
    for name, label in (("sigmoid", "sigmoid"), ("tanh", "tanh"), ("softplus", "softplus")):
        steep = ends(activations.get(name).derivative(z))
        assert f"| {steep[0]:g} to {steep[1]:g} |" in row(label)
    assert ends(activations.get("leaky_relu").derivative(z)) == [0.2, 1.0]
    assert f"{activations.get('elu')(z).min():.0f}, from {activations.get('selu')(z).min():.2f} up" in row("ELU")
    # every activation of the library is in the table
    listed = re.sub(r"[^a-z]", "", table.lower())
    assert all(name.replace("_", "") in listed for name in activations.names())


def test_the_control_sequence_of_the_teachers_page():
    for z in (2, 4, 6):
        y, slope = activations.sigmoid(float(z)), activations.sigmoid.derivative(float(z))
        assert f"{y:.3f} and {slope:.3f}" in written.both


def test_logistic_is_sigmoid_and_swish_is_silu():
    assert activations.get("logistic") is activations.get("sigmoid")
    assert activations.get("swish") is activations.get("silu")


def test_what_break_it_prints():
    # 0.25 to the tenth is 9.5e-7, about a millionth
    assert "at most 0.0000010 of a nudge" in written.shown("break")
    assert "as the formula says: [nan  0.  0.]" in written.shown("break")
    assert "of the library:      [1. 0. 0.]" in written.shown("break")
    changes = [float(line.rpartition(" ")[2]) for line in written.shown("dead").splitlines()]
    assert changes[1] == 0
    assert min(changes[0], changes[2]) > 0.1


def test_tanh_is_a_stretched_sigmoid():
    z = np.linspace(-4, 4, 33)
    np.testing.assert_allclose(activations.tanh(z), 2 * activations.sigmoid(2 * z) - 1, atol=1e-12)


def test_softplus_lies_above_relu():
    z = np.linspace(-9, 9, 99)
    gap = activations.softplus(z) - activations.relu(z)
    assert (gap > 0).all()
    assert gap[0] < 0.001
    assert gap[-1] < 0.001


def four(z, **changed):
    right = {"sigmoid": 1 / (1 + np.exp(-z)), "tanh": np.tanh(z), "relu": np.maximum(z, 0)}
    return np.array([*{**right, "softplus": np.log(1 + np.exp(z)), **changed}.values()])


def test_slips_of_curves():
    assert "np.maximum goes through all of it" in lesson.curves.check(lambda z: four(z, relu=max(z, 0))).hint
    assert "leaky ReLU" in lesson.curves.check(lambda z: four(z, relu=np.where(z > 0, z, 0.2 * z))).hint
    assert "np.log10" in lesson.curves.check(lambda z: four(z, softplus=np.log10(1 + np.exp(z)))).hint


@pytest.mark.parametrize("relu", [lambda z: 1.0, lambda z: 1.0 if z > 0 else 0.0])
def test_one_number_where_each_sum_needs_its_own(relu):
    def slopes(z):
        y = 1 / (1 + np.exp(-z))
        return np.array([y * (1 - y), 1 - np.tanh(z) ** 2, relu(z), y])

    assert "as many numbers as z has" in lesson.slopes.check(slopes).hint


def test_the_sigmoid_in_place_of_its_slope():
    def slopes(z):
        y = 1 / (1 + np.exp(-z))
        return np.array([y, 1 - np.tanh(z) ** 2, np.where(z > 0, 1, 0), y])

    assert "the sigmoid itself" in lesson.slopes.check(slopes).hint


def softmax_of(z, temperature, away, late=False):
    powers = np.exp(z - away) / temperature if late else np.exp((z - away) / temperature)
    return powers / powers.sum()


def test_a_temperature_that_comes_too_late_makes_no_difference():
    late = lesson.softmax.check(lambda z, temperature: softmax_of(z, temperature, z.max(), late=True))
    assert "makes no difference" in late.hint


def test_taking_the_mean_away_does_not_keep_the_powers_small():
    outcome = lesson.softmax.check(lambda z, temperature: softmax_of(z, temperature, z.mean()))
    assert "overflows. Subtract z.max()" in outcome.hint
