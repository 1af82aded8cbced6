"""Lesson 05: its replies to predictions, and every number that stands in its text and its teacher's page."""

import re

import numpy as np
import pytest
from written import Written

from annlab import Perceptron, PerceptronLab, datasets
from annlab.exercises import perceptron as lesson
from annlab.exercises.base import NOT_YET, RIGHT

written = Written("05_perceptron")


def test_the_first_mistake_is_seen():
    lab = PerceptronLab()
    assert lesson.first_mistake.observe(lab) is None
    lab.step()
    came_true, words = lesson.first_mistake.observe(lab)
    assert came_true == lesson._BIAS_ALONE
    assert words == "After (0, 0) the weights are 0 and 0, and the bias is -1."


@pytest.mark.parametrize("rate", [0.01, 10.0])
def test_another_learning_rate_is_seen_to_take_as_many_epochs(rate):
    lab = PerceptronLab()
    lab.step(1000)
    assert lesson.faster.observe(lab) is None  # at a learning rate of 1
    lab.controls["learning_rate"].value = rate
    assert lesson.faster.observe(lab) is None  # not played yet
    lab.step(1000)
    assert lesson.faster.observe(lab)[0] == lesson._AS_MANY
    lab.controls["order"].value = "shuffled"  # which may take another number of epochs, and is another question
    lab.step(1000)
    assert lesson.faster.observe(lab) is None
    lab.controls["order"].value = "given"
    lab.step(1000)
    assert len(lab.state.run.mistakes) == lesson.EPOCHS_OF_AND == 6


@pytest.mark.parametrize(("typed", "kind"), [("1.5", RIGHT), ("3/2", RIGHT), ("0.5", NOT_YET), ("2.5", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


def test_by_hand_is_what_the_rule_says():
    new = lesson.rule.answer(np.array([0.5, -1.0, -0.5]), np.array([2.0, 1.0, 1.0]), 1, 0.5)
    assert new[0] == lesson.by_hand.answer == 1.5


def test_the_worked_example():
    new = lesson.rule.answer(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 1.0]), 0, 1.0)
    assert new.tolist() == [0.0, -1.0, -1.0]
    assert new.sum() == -2
    assert "The new weights are (0, -1) and the bias is -1. Asked again, the sum is -2" in written.text


@pytest.mark.parametrize("gate", ["and", "or", "nand"])
def test_the_training_is_the_librarys(gate):
    x, y = datasets.gates(gate)
    model = Perceptron().fit(x, y, epochs=6)
    with_bias = np.column_stack([x, np.ones(4)])
    weights = lesson.train.answer(with_bias, y, 6)
    np.testing.assert_array_equal(weights, [*model.weights, model.bias])
    assert lesson.mistakes.answer(weights, with_bias, y) == 0


def test_the_limit_of_the_theorem_holds():
    points = PerceptronLab(data="points").state
    model = Perceptron().fit(points.x, points.y)
    line = written.shown("whole").splitlines()[-1]
    assert line == f"20 points: {sum(model.mistakes)} mistakes, the limit is 279"
    assert sum(model.mistakes) <= 279
    assert ", ".join(map(str, model.mistakes[:-1])) + f" and {model.mistakes[-1]} mistakes" in written.page
    # the parting line of the cell parts them: x1 + 2 x2 = 2.5
    assert ((points.x @ [1, 2] > 2.5) == points.y).all()


def test_what_it_says_about_xor():
    assert "never settles: after epoch 3 the weights are those after epoch 2" in written.shown("break")
    assert "XOR comes back to the same weights after the third epoch as after the second" in written.page
    assert [line[-1] for line in written.shown("hidden").splitlines()] == ["0", "1", "1", "0"]


def test_the_teachers_claims():
    x, y = datasets.gates("and")
    one, ten = Perceptron().fit(x, y), Perceptron(10.0).fit(x, y)
    assert "(2, 1) and -3, then (20, 10) and -30" in written.page
    assert ([*one.weights, one.bias], [*ten.weights, ten.bias]) == ([2, 1, -3], [20, 10, -30])
    after_one = lesson.train.answer(np.column_stack([x, np.ones(4)]), y, 1)
    assert lesson.mistakes.answer(after_one, np.column_stack([x, np.ones(4)]), y) > 1  # always 0 makes one mistake


def test_the_penguins():
    table = datasets.penguins().complete()
    assert f"{len(table)} penguins were measured" in written.text
    assert "settled" in written.shown("take")
    x = datasets.standardize(table.numbers("flipper_length_mm", "bill_depth_mm"))
    for species in ("Adelie", "Chinstrap"):
        assert not Perceptron().fit(x, table["species"] == species, epochs=200).converged
    model = Perceptron().fit(x, table["species"] == "Gentoo")
    assert model.weights[0] > 0 > model.weights[1]


def test_an_example_of_another_class_is_another_experiment():
    lab = PerceptronLab()
    lab.event(lab.state, {"kind": "down", "id": "point-0"})  # (0, 0) is of class 1 now
    lab.step()
    assert "There is nothing to compare yet. Leave (0, 0) an orange square" in lesson.first_mistake.reply(1, lab)
    lab.event(lab.state, {"kind": "down", "id": "point-0"})
    lab.step()
    assert "The run agrees." in lesson.first_mistake.reply(1, lab)


def test_a_point_that_was_turned_around_and_back_is_the_same_experiment():
    lab = PerceptronLab(learning_rate=10.0)
    for _ in range(2):
        lab.event(lab.state, {"kind": "down", "id": "point-0"})
    lab.step(1000)
    assert "The run agrees." in lesson.faster.reply(1, lab)


def test_slips_of_the_rule():
    def unsigned(weights, x, target, learning_rate):
        error = (weights @ x >= 0) != target
        return weights + learning_rate * error * x

    def pairs(weights, x, target, learning_rate):
        return weights + learning_rate * (target - (weights * x >= 0)) * x

    assert "target - output is 1, 0 or -1" in lesson.rule.check(unsigned).hint
    assert "The sum is weights @ x" in lesson.rule.check(pairs).hint
    assert "np.sum counts" in lesson.mistakes.check(lambda weights, x, targets: (x @ weights >= 0) != targets).hint


def test_slips_of_the_training():
    def begins_anew(x, targets, epochs):
        for _ in range(epochs):
            weights = np.zeros(x.shape[1])
            for row, target in zip(x, targets, strict=True):
                weights = weights + (target - (weights @ row >= 0)) * row
        return weights

    def strict(x, targets, epochs):
        weights = np.zeros(x.shape[1])
        for _ in range(epochs):
            for row, target in zip(x, targets, strict=True):
                weights = weights + (target - (weights @ row > 0)) * row
        return weights

    assert "begin at 0 before both loops" in lesson.train.check(begins_anew).hint
    assert "use >= 0, not > 0" in lesson.train.check(strict).hint


def test_each_species_that_can_be_tried_is_named():
    code = written.cells["take"].source
    assert set(re.findall('"([A-Z][a-z]+)"', written.text + code)) >= set(
        datasets.penguins().complete()["species"].tolist()
    )
