"""Lesson 13: its replies to predictions, and every number that stands in its text and its teacher's page."""

import numpy as np
import pytest
from written import Written

from annlab import RecurrentLab, SimpleRNN
from annlab.exercises import recurrent_networks as lesson
from annlab.exercises.base import NOT_YET, RIGHT
from annlab.labs.recurrent import Reading

written = Written("13_recurrent_networks")


def states(**start):
    return Reading(RecurrentLab(**start).state).h[:, 0]


def learned(updates=500, **start):
    lab = RecurrentLab(view="learn", **start)
    lab.step(updates)
    return lab


def test_what_is_left_of_a_pulse_is_seen():
    lab = RecurrentLab()
    assert lesson.fading.observe(lab) is None
    lab.controls["feedback"].value = 0.9
    assert lesson.fading.observe(lab) == (lesson._FOUR_TENTHS, "Nine steps after the pulse the state is 0.387.")
    lab.step(4)
    assert lesson.fading.observe(lab) is None
    lab.reset()
    lab.hear([1, 1])
    assert lesson.fading.observe(lab) is None
    assert lesson.fading.observe(RecurrentLab(feedback=0.9, activation="tanh")) is None
    assert f"{states()[-1]:.3f}" == "0.002"
    assert "a state of 0.002 is left nine steps later" in lesson.fading.question


def test_the_gradient_at_the_first_step_is_seen_to_come_back():
    lab = RecurrentLab(view="learn")
    through = Reading(lab.state).through
    assert f"is {through[0]:.4f} there, and {through[-1]:.2f} at step 10" in lesson.far_back.question
    assert lesson.far_back.observe(lab) is None
    lab.step(300)
    seen = lesson.far_back.observe(lab)
    assert seen == (lesson._LARGE, "After 300 updates it is 8.32 at step 1 and 2.40 at step 10.")
    assert "after 300 updates read it again (8.32 beside 2.40)" in written.page
    assert "(0.0004 beside 0.73 at step 10)" in written.page
    lab.state.chosen = 4
    assert lesson.far_back.observe(lab) is None
    for seed in (0, 3):
        assert lesson.far_back.observe(learned(seed=seed))[0] == lesson._LARGE


@pytest.mark.parametrize(("typed", "kind"), [("2.5", RIGHT), ("5/2", RIGHT), ("3", NOT_YET), ("1,5", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


def test_by_hand_is_what_the_layer_says():
    loop = SimpleRNN(1, "linear").start((None, 1))
    loop.kernel, loop.recurrent_kernel, loop.bias = [[2]], [[0.5]], [1]
    assert loop(np.array([[[1.0], [0.0]]])).item() == lesson.by_hand.answer


def test_the_worked_example_and_the_self_test():
    assert states()[:3].tolist() == [1, 0.5, 0.25]
    assert "its state is 1, then 0.5 \u00b7 1 = 0.5, then 0.5 \u00b7 0.5 = 0.25" in written.text
    assert "(2 times 0.64 = 1.28.)" in written.text
    assert 2 * (1 - 0.6**2) == pytest.approx(1.28)


def test_the_exercises_together_are_the_library():
    rng = np.random.default_rng(0)
    loop = SimpleRNN(3, return_sequences=True).start((None, 2), seed=0)
    x = rng.normal(size=(5, 2))
    state, together = np.zeros(3), loop(x[None])[0]
    for t in range(5):
        state = lesson.recurrent_step.answer(x[t], state, loop.kernel, loop.recurrent_kernel, loop.bias)
        np.testing.assert_allclose(state, together[t])
    one = SimpleRNN(1).start((None, 1), seed=0)
    y = one(x[None, :, :1])
    feedback = one.recurrent_kernel.item()
    one.backward(np.ones((1, 1)))
    np.testing.assert_allclose(lesson.through_time.answer(feedback, one.y.ravel()), one.dz.ravel())
    assert y.item() == one.y[0, -1, 0]


def test_what_breaks_it():
    said = written.shown("explode")
    assert "grew beyond all numbers at time step 1749" in said
    assert "multiplies it by up to 1.5 at each step" in said
    assert "at step 1749" in written.page
    # ones: h_t = (1.5**t - 1) / 0.5, which is beyond 1.8e308 from t = 1749 on
    assert [t for t in (1748, 1749) if t * np.log(1.5) + np.log(2) > np.log(np.finfo(float).max)] == [1749]
    said = written.shown("clip")
    assert "epoch 1, batch 2 (update 2)" in said
    assert "its second update" in written.page
    assert "clipnorm=1: feedback strength 1.0" in said
    assert "bring the feedback strength down to about 1" in written.text


def test_who_has_understood_counting():
    lines = [line.split() for line in written.shown("take").splitlines()]
    answers = {(line[0], int(line[2])): float(line[-1]) for line in lines}
    assert answers["tanh", 5] == pytest.approx(5, abs=0.2)
    assert answers["tanh", 20] < 8
    assert answers["linear", 20] == pytest.approx(20, abs=0.3)
    assert "with tanh ten ones are 7.2, and twenty are 7.3" in written.page
    assert (answers["tanh", 10], answers["tanh", 20], answers["linear", 20]) == (7.2, 7.3, 20.2)


def test_the_teachers_claims_about_one_loop():
    last = [f"{states(feedback=u)[-1]:.3f}" for u in (0.5, 0.9, 1.0, 1.5, 2.0)]
    assert last == ["0.002", "0.387", "1.000", "38.443", "512.000"]
    assert "0.002, 0.387, 1, 38.443, 512" in written.page
    np.testing.assert_allclose(np.abs(states(feedback=-1.5)), states(feedback=1.5))
    assert f"{0.9**50:.3f}" == "0.005"
    held = states(feedback=1.5, activation="tanh")
    assert f"{held[-1]:.3f}" == "0.859"
    lab = RecurrentLab(feedback=1.5, activation="tanh")
    lab.hear([0.5])
    assert Reading(lab.state).h[-1, 0] == pytest.approx(held[-1], abs=0.001)
    turning = states(feedback=-1.5, activation="tanh")
    assert (turning[1:] * turning[:-1] < 0).all()
    assert abs(turning[-1]) < 1


def test_the_teachers_claims_about_learning():
    echo = learned(task="echo")
    through = Reading(echo.state).through
    assert f"{through[0]:.6f}" == "0.000017"
    assert f"{np.mean(echo.state.losses[-20:]):.4f}" == "0.0002"
    assert through[-3] > 0.3
    assert through[-4] < 0.1 * through[-3]
    far = learned(task="echo", delay=6, units=6)
    assert f"{np.mean(far.state.losses[-20:]):.3f}" == "0.053"
    weak = learned(feedback=0.1)
    assert f"{np.mean(weak.state.losses[-20:]):.2f}" == "0.02"
    for units in (4, 1):
        start = Reading(RecurrentLab(view="learn", units=units).state).through
        assert (np.diff(start) > 0).all()
    loud = Reading(RecurrentLab(view="learn", activation="linear", feedback=1.5).state).through
    assert f"{loud[-1]:.2f} at step 10, {loud[0]:.2f} at step 1" in written.page
    counter = learned(units=1, activation="linear")
    assert counter.model.layers[0].recurrent_kernel.item() == pytest.approx(1, abs=0.01)
