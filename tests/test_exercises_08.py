"""Lesson 08: its replies to predictions, and every number that stands in its text and its teacher's page."""

import numpy as np
import pytest
from written import Written

from annlab import SGD, DescentLab
from annlab.exercises import gradient_descent as lesson
from annlab.exercises.base import NOT_YET, RIGHT

written = Written("08_gradient_descent")


def test_too_fast_is_seen():
    lab = DescentLab()
    lab.step(3)
    assert lesson.too_fast.observe(lab) is None  # at a learning rate of 0.1
    lab.reset()
    lab.controls["learning_rate"].value = 1.0
    lab.step(3)
    came_true, words = lesson.too_fast.observe(lab)
    assert came_true == lesson._FLIES_OUT
    # w2 = 0.9, then -2.7, then 8.1: 2 * 8.1^2 = 131.22 and a little for w1
    assert words == "In two steps the loss went from 2.35 to 131.52."


def test_two_minima_is_seen_with_and_without_momentum():
    lab = DescentLab(surface="two minima")
    assert lesson.two_minima.observe(lab) is None
    lab.step(60)
    assert lesson.two_minima.observe(lab)[0] == lesson._SHALLOW
    assert "0.708" in lesson.two_minima.observe(lab)[1]
    for other in ({"noise": 0.5}, {"optimizer": "adam"}):
        another = DescentLab(surface="two minima", **other)
        another.step(60)
        assert lesson.two_minima.observe(another) is None
    lab.controls["momentum"].value = 0.9
    assert lesson.two_minima.observe(lab) is None
    lab.reset()
    lab.step(300)
    assert f"{lab.model.losses[-1]:.3f}" == "0.016"
    assert "a loss of 0.708, beside one of 0.016" in written.page


@pytest.mark.parametrize(("typed", "kind"), [("2.4", RIGHT), ("2,4", RIGHT), ("3-0.6", RIGHT), ("3.6", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


def test_the_worked_example():
    w = np.array([5.0])
    rule, places = SGD(0.25), []
    for _ in range(2):
        rule.step(w, 2 * (w - 2))
        places.append(float(w[0]))
    assert places == [3.5, 2.75]
    assert "the slope is 6, the step 1.5, and the new $w$ is 3.5" in written.text
    assert "the slope is 3 and the step 0.75: $w = 2.75$" in written.text


def test_the_solutions_do_what_the_library_does():
    x, t = np.array([0.5, -1.0, 2.0]), np.array([1.0, -1.5, 3.5])
    w, rule = np.array([0.2]), SGD(0.1)
    for _ in range(5):
        rule.step(w, np.array([np.mean(2 * (w * x - t) * x)]))
    assert lesson.descend.answer(x, t, 0.2, 0.1, 5) == pytest.approx(w[0])
    assert lesson.epoch.answer(x, t, 0.2, 0.1, 3) == pytest.approx(lesson.descend.answer(x, t, 0.2, 0.1, 1))
    slopes, place, rule = [1.0, -2.0, 0.5], np.array([0.0]), SGD(0.1, momentum=0.8)
    for slope in slopes:
        rule.step(place, np.array([slope]))
    assert lesson.rolling.answer(np.array(slopes), 0.1, 0.8).sum() == pytest.approx(place[0])


def test_what_the_lesson_says_about_its_runs():
    lines = written.shown("whole").splitlines()
    steps = [int(line.split()[1]) for line in lines]
    losses = [float(line.split()[4]) for line in lines]
    assert steps == [5, 100, 2500]
    assert losses[0] > 2 * losses[1] > 2 * losses[2]
    assert f"5 exact steps reach a loss of {losses[0]}, 2,500 rough ones {losses[2]}" in written.page
    assert "2,500 rough steps is far ahead of the one that took 5 exact ones" in written.text
    broken = written.shown("break").splitlines()
    assert len(broken) == 4
    assert float(broken[0].split()[-1]) < 1e-6
    assert all("training diverged" in line for line in broken[2:])


def test_which_valley_depends_on_the_rate():
    places = [float(line.split("w = ")[1].split(",")[0]) for line in written.shown("take").splitlines()]
    assert min(places) < -1 < 0.9 < max(places)


def test_the_teachers_sequence():
    def loss_after(steps, **settings):
        lab = DescentLab(**settings)
        lab.step(steps)
        return lab.model.losses[-1]

    assert loss_after(60, learning_rate=0.3) < loss_after(60, learning_rate=0.1) < loss_after(60, learning_rate=0.5)
    # at 0.5 every step turns w2 into (1 - 0.5 * 4) w2 = -w2: 2 * 0.9^2 = 1.62 stays for ever
    assert loss_after(200, learning_rate=0.5) == pytest.approx(1.62, abs=1e-6)
    lab = DescentLab(surface="network", optimizer="race")
    lab.step(60)
    found = [racer.losses[-1] < 0.05 for racer in lab.state.racers]
    assert found == [False, False, True, True]
    dragged = DescentLab(surface="two minima")
    dragged.state.start_at = np.array([-2.0, 1.0])
    dragged.reset()
    dragged.step(60)
    assert dragged.model.w[0] < -1.5
    race = DescentLab(surface="bowl", optimizer="race")
    race.step(60)
    assert max(racer.losses[-1] for racer in race.state.racers) < 0.02
