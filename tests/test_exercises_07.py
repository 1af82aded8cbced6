"""Lesson 07: its replies to predictions, and every number that stands in its text and its teacher's page."""

import math

import numpy as np
import pytest
from written import Written

from annlab import LossLab, losses
from annlab.exercises import loss as lesson
from annlab.exercises.base import NOT_YET, RIGHT

written = Written("07_loss")


def test_certainty_is_seen():
    lab = LossLab()
    assert lesson.certain.observe(lab) is None
    lab.controls["prediction"].value = 0.01
    came_true, words = lesson.certain.observe(lab)
    assert came_true == lesson._HARDLY
    # 0.99^2 = 0.9801; -log 0.01 = 4.605
    assert "the squared error is 0.980, and at 0.10 it was 0.810" in words
    assert "from 2.303 to 4.605" in words
    assert (round(0.9**2, 3), round(-math.log(0.1), 3)) == (0.81, 2.303)
    assert "from 0.810 to 0.980, the cross-entropy from 2.303 to 4.605" in written.page


def test_the_plateau_is_seen():
    lab = LossLab(weight=-6.0, bias=0.0)
    assert lesson.plateau.observe(lab) is None  # the cross-entropy's landscape
    lab.controls["loss"].value = "mse"
    came_true, words = lesson.plateau.observe(lab)
    assert came_true == lesson._LEVEL
    assert words == "The ground is 0.001 steep here; that of the cross-entropy is 1.325 steep."
    assert "the squared error is 0.001 steep, the cross-entropy 1.325" in written.page


@pytest.mark.parametrize(("typed", "kind"), [("0.145", RIGHT), (".29/2", RIGHT), ("0.29", NOT_YET), ("0.35", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


def test_by_hand_is_the_librarys_number():
    assert losses.get("mse")([1.0, 1.0], [0.5, 0.8]) == pytest.approx(lesson.by_hand.answer)
    assert 0.25 / 0.29 == pytest.approx(6 / 7, abs=0.01)


def test_the_worked_example():
    for answer, numbers in ((0.8, (0.04, 0.2, 0.223)), (0.1, (0.81, 0.9, 2.303))):
        for name, number in zip(("mse", "mae", "binary_crossentropy"), numbers, strict=True):
            assert losses.get(name)([[1.0]], [[answer]]) == pytest.approx(number, abs=0.0005)
    assert "$-\\log 0.8 = 0.223$" in written.text
    assert "they are 0.81, 0.9 and 2.303" in written.text


def test_the_solutions_are_the_librarys_losses():
    targets, predictions = np.array([1.0, 0.0, 1.0]), np.array([0.2, 1.0, 0.7])
    assert lesson.mse.answer(targets, predictions) == pytest.approx(losses.get("mse")(targets, predictions))
    library = losses.get("binary_crossentropy")(targets[:, np.newaxis], predictions[:, np.newaxis])
    assert lesson.binary_crossentropy.answer(targets, predictions) == pytest.approx(library)
    rows, wanted = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]), np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    library = losses.get("categorical_crossentropy")(wanted, rows)
    assert lesson.categorical_crossentropy.answer(wanted, rows) == pytest.approx(library)


def test_what_the_runs_show():
    assert "mse: the best answer is 22" in written.shown("whole")  # (1 + 2 + 3 + 4 + 100) / 5
    assert "mae: the best answer is 3" in written.shown("whole")  # the one in the middle
    first, library, network, squared = written.shown("break").splitlines()
    assert first == "the formula: inf"
    assert library == "the library: 16.118, slope 0.0"  # -log 0.0000001
    assert network.endswith("loss 800.0, slope by its sum 1.0")
    assert squared.endswith("loss 1.0, slope by its sum 0.0")


def test_the_forecasts():
    lines = written.shown("take").splitlines()
    squared = [float(line.split("squared error ")[1].split()[0]) for line in lines]
    entropy = [float(line.split()[-1]) for line in lines]
    assert squared[0] < squared[1] == squared[2] == 0.25
    assert entropy[0] < entropy[1] < entropy[2] / 5
    assert "By the square the third is as good as the second; by the cross-entropy it is far worse" in written.text


def test_the_teachers_claims():
    lowest = {}
    for name in ("mse", "mae", "binary_crossentropy"):
        lab = LossLab(loss=name)
        facts = lab.facts(lab.state)
        lowest[name] = (facts["lowest weight"], facts["lowest bias"])
    assert lowest == {"mse": (0.9, 0.0), "mae": (6.0, 6.0), "binary_crossentropy": (1.2, 0.0)}
    said = "they are 0.9 and 0 for squares, 1.2 and 0 for the cross-entropy; for absolute errors the corner"
    assert said in written.page
    lab = LossLab(prediction=0.1)
    facts = lab.facts(lab.state)
    assert facts["slope of mse"] == pytest.approx(-1.8)
    assert facts["slope of binary_crossentropy"] == pytest.approx(-10)
    lab.controls["prediction"].value = 0.01
    facts = lab.facts(lab.state)
    assert facts["slope of mse"] == pytest.approx(-1.98)
    assert facts["slope of binary_crossentropy"] == pytest.approx(-100)
