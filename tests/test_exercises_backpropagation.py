"""Lesson 09: its replies to predictions, and every number that stands in its text and its teacher's page."""

import math
import re

import numpy as np
import pytest
from written import Written

from annlab import SGD, BackpropLab, Dense, Input, Sequential
from annlab.exercises import backpropagation as lesson
from annlab.exercises.base import NOT_YET, RIGHT

written = Written("09_backpropagation")


# The predictions.


def test_the_longer_step_is_seen_where_it_ends():
    lab = BackpropLab(activation_out="linear", hide=lesson.QUIET)
    lab.controls["moment"].value = lab.controls["moment"].max
    assert lesson.longer_step.observe(lab) is None  # the learning rate is still 0.5
    assert f"{lab.trace.loss:.3f} to {lab.after.loss:.3f}" == "0.105 to 0.002"
    assert "from 0.105 to 0.002" in lesson.longer_step.question
    lab.controls["learning_rate"].value = 2.0
    came_true, words = lesson.longer_step.observe(lab)
    assert came_true == lesson._HIGHER
    assert words == "One step with the learning rate 2 takes the loss from 0.105 to 1.180."
    lab.controls["back"].click()
    assert lesson.longer_step.observe(lab) is None


def test_the_longer_step_of_another_example_is_told_as_it_is():
    lab = BackpropLab(learning_rate=2.0, moment=10)  # with sigmoid at the end it goes down, a little
    assert lesson.longer_step.observe(lab)[0] == lesson._THE_SAME


def test_the_flat_layer_is_seen_once_its_gradients_are_there():
    lab = BackpropLab(hide=lesson.QUIET_BUT_HIDDEN)
    lab.step(7)
    assert lesson.flat_layer.observe(lab) is None  # it is tanh
    lab.controls["activation_1"].value = "step"
    came_true, words = lesson.flat_layer.observe(lab)
    assert came_true == lesson._NOTHING
    assert words == "The largest dw into the hidden layer is 0.000, although the largest dy is 0.056."
    lab.controls["back"].click()
    assert lesson.flat_layer.observe(lab) is None


@pytest.mark.parametrize("hidden", [lesson.QUIET, lesson.QUIET_BUT_HIDDEN])
def test_the_labs_of_the_lesson_have_at_most_four_controls(hidden):
    lab = BackpropLab()
    assert len(set(lab.controls) - set(hidden) - {"play", "back", "step", "reset"}) <= 4


# The numbers.


def test_the_worked_example():
    h = math.tanh(0.5)
    y = 2 * h
    delta_y, delta_h = 2 * y, (1 - h * h) * 2 * 2 * y
    for number in (h, y, y * y, delta_y, delta_h):
        assert f"{number:.3f}" in written.cells["idea"].source
    nudged = (2 * math.tanh(0.51)) ** 2
    assert f"$L$ is {nudged:.3f}, higher by {nudged - y * y:.3f}" in written.cells["idea"].source
    # the digits shown come out among themselves: 2.907 = (1 - 0.462^2) * 2 * 1.848, to a unit of the last place
    assert (1 - 0.462**2) * 2 * 1.848 == pytest.approx(2.907, abs=0.001)


@pytest.mark.parametrize(("typed", "kind"), [("0.064", RIGHT), ("0,064", RIGHT), ("0.1*0.64", RIGHT), ("0.1", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


# The exercises.


def network(x, t, w1, w2):
    """The network of the third exercise, as one of the library's."""
    model = Sequential(
        [Input((len(x),)), Dense(w1.shape[1], "tanh", use_bias=False), Dense(len(t), use_bias=False)], seed=0
    )
    model.compile(SGD(0.1), "mse")
    model.set_weights([w1, w2])
    return model


def test_the_solutions_do_what_the_library_does():
    x, t, w1, w2 = lesson.backward.cases()[-1]
    trace = network(x, t, w1, w2).trace(x, t)
    gradients = np.concatenate([layer.gradients["kernel"].ravel() for layer in trace.layers])
    np.testing.assert_allclose(lesson.backward.answer(x, t, w1, w2), gradients, rtol=1e-12)
    hidden, output = trace.layers
    for j, y in enumerate(hidden.y):
        assert lesson.hidden_delta.answer(y, w2[j], output.dz) == pytest.approx(hidden.dz[j])
    assert lesson.slope.answer(lambda w: w**2, 3.0, 0.01) == pytest.approx(6.0)


def test_the_planted_fault_is_in_one_line_and_is_met_first():
    outcome = lesson.backward.check(lesson.backward_with_a_fault)
    assert outcome.kind == NOT_YET
    assert "as it was given" in outcome.hint
    given = re.findall(r"    .*\n?", written.cells["fault"].source.partition("\n\n")[0] + "\n")
    right = lesson.backward.solution().words.splitlines()[1:]
    differing = [at for at, (a, b) in enumerate(zip(given, right, strict=True)) if a.strip() != b.strip()]
    assert differing == [3], "the fourth line, and no other"
    scope = {"np": np}
    exec(written.cells["fault"].source.partition("\n\n")[0], scope)
    case = lesson.backward.cases()[-1]
    np.testing.assert_array_equal(scope["backward_with_a_fault"](*case), lesson.backward_with_a_fault(*case))


def test_the_table_tells_where_to_look():
    rows = [line.split() for line in written.shown("fault").splitlines()[1:]]
    verdicts = {row[0]: row[-1] for row in (" ".join(line).replace(", ", ",").split() for line in rows)}
    assert {name[:2] for name, verdict in verdicts.items() if verdict == "DIFFER"} == {"w1"}
    assert {name[:2] for name, verdict in verdicts.items() if verdict == "agree"} == {"w2"}
    # "wrong by the same factor" in each column, as hint and teacher's page say
    numbers = {row[0] + row[1]: (float(row[2]), float(row[3])) for row in rows}
    for column in range(3):
        factors = [numbers[f"w1[{i},{column}]"][0] / numbers[f"w1[{i},{column}]"][1] for i in range(2)]
        assert factors[0] == pytest.approx(factors[1], rel=0.01)


# The rest of the text.


def test_what_the_lesson_says_about_its_runs():
    assert written.shown("check").startswith("agree: True  largest difference below 1e-8: True")
    assert "all 13 weights and biases" in written.text
    assert 2 * 3 + 3 + 3 * 1 + 1 == 13
    lines = written.shown("break").splitlines()
    right, wrong = ([float(value) for value in re.search(r"\[(.*)\]", line)[1].split()] for line in lines)
    assert right == sorted(right, reverse=True)
    assert wrong == sorted(wrong)
    assert right[0] == wrong[0]
    assert "gradients agree: False" in written.shown("break").splitlines()[1]


def test_blame_that_vanishes():
    scope: dict = {"np": np, "Dense": Dense, "Sequential": Sequential, "Input": Input, "SGD": SGD}
    exec(written.cells["take"].source.partition("\n\n\nfor")[0], scope)
    shrinks = {name: sizes[-1] / sizes[0] for name in ("sigmoid", "tanh", "relu") if (sizes := scope["deltas"](name))}
    assert 800 < shrinks["sigmoid"] < 1200
    assert 6 < shrinks["tanh"] < 8
    assert 18 < shrinks["relu"] < 23
    assert "about a thousandfold with sigmoid, about seven times with tanh and twenty times with relu" in written.page


def test_the_teachers_sequence():
    for rate, loss in ((0.1, "0.065"), (0.5, "0.002"), (1.0, "0.150"), (2.0, "1.180")):
        lab = BackpropLab(activation_out="linear", learning_rate=rate)
        assert f"{lab.after.loss:.3f}" == loss
        assert loss in written.page
    lab = BackpropLab()
    assert f"from {lab.trace.loss:.3f} to {lab.after.loss:.3f}" == "from 0.222 to 0.196"
    assert "from 0.222 to 0.196" in written.page
    lab.controls["x1"].value = 0.0
    assert (lab.trace.layers[0].updates["kernel"][0] == 0).all()
    small = BackpropLab(hidden_1=2, outputs=1, hide=[*lesson.QUIET, "learning_rate"])
    assert [layer.units for layer in small.model.layers] == [2, 1]
