"""Lesson 01: its predictions against the lab, its number box, and the numbers in its text."""

import math

import numpy as np
import pytest

from annlab import Adam, Dense, Input, NodesLab, Sequential, datasets, initializers, lessons
from annlab.exercises import nodes_and_connections as lesson
from annlab.exercises.base import NOT_TRIED, NOT_YET, RIGHT

NAME = "01_nodes_and_connections"


def lab(**start):
    return NodesLab(activation="relu", seed=101, **start)


@pytest.fixture(scope="module")
def text():
    """Everything that is read in the lesson and on its teacher's page, on one line."""
    if not lessons.find():
        pytest.skip("the lessons are in a checkout, not in a wheel")
    notebook = lessons.read(lessons.LESSONS / f"{NAME}.ipynb")
    page = (lessons.LESSONS / "teachers" / f"{NAME}.md").read_text(encoding="utf-8")
    words = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return " ".join([*words, page]).replace("\n", " ")


def test_one_strength_changes_the_node_it_leads_to_and_all_that_follow(text):
    turned = lab(connection="x1-h1")
    assert "nothing to compare yet" in lesson.turned.reply(1, turned)
    turned.controls["strength"].value = 0.0
    reply = lesson.turned.reply(1, turned)
    # h1 = 0.8 * 0 + 0.5 * 0.2 = 0.1;  y = 0.7 * 0.1 - 0.3 * 0 + 0.9 * 0.88 = 0.07 + 0.792 = 0.862
    assert "The run agrees." in reply
    assert "h1 went from 0.82 to 0.1 and y from 1.366 to 0.862" in reply
    assert "h1 goes from 0.82 to 0.1 and y from 1.366 to 0.862" in text
    assert "something else" in lesson.turned.reply(2, turned)
    turned.controls["x1"].value = 0.7  # then other values differ too, and there is nothing to learn from it
    assert "nothing to compare yet" in lesson.turned.reply(1, turned)


def rate(total):
    """Spikes a second: 25 millivolts for a sum of 1, 15 needed, 20 milliseconds of leak and 2 of rest."""
    return 1000 / (2 + 20 * math.log(25 * total / (25 * total - 15)))


def test_a_weaker_input_makes_fewer_spikes(text):
    weaker = lab(x1=1.0, connection="x1-h1")
    assert "nothing to compare yet" in lesson.weaker.reply(None, weaker)
    weaker.controls["x1"].value = 0.6
    reply = lesson.weaker.reply(2, weaker)
    # 0.9 * 1 + 0.2 * 0.5 = 1, and 0.9 * 0.6 + 0.2 * 0.5 = 0.64
    assert f"the cell fired {rate(1):.1f} times a second, with a sum of 0.64 it fires {rate(0.64):.1f} times" in reply
    assert "The run agrees." in reply
    assert 0.3 < rate(0.64) / rate(1) < 0.37  # about a third
    assert "something else" in lesson.weaker.reply(1, weaker)
    for x1, total in ((1.0, 1.0), (0.8, 0.82), (0.6, 0.64)):
        weaker.controls["x1"].value = x1
        assert weaker.facts(weaker.state)["z"] == pytest.approx(total)
        assert weaker.facts(weaker.state)["rate"] == pytest.approx(rate(total))
        assert f"{rate(total):.1f}" in text
    weaker.controls["x1"].value = 0.5
    assert weaker.facts(weaker.state)["z"] == pytest.approx(0.55)
    assert weaker.facts(weaker.state)["rate"] == 0


@pytest.mark.parametrize("typed", ["0.9", "0,9", "0.2 + 0.7", "9/10"])
def test_by_hand(typed):
    # 0.5 * 0.4 + (-1) * (-0.7) = 0.2 + 0.7 = 0.9, and relu(0.9) = 0.9
    assert lesson.by_hand.check(typed).kind == RIGHT


def test_by_hand_every_known_slip_has_its_own_hint():
    said = [lesson.by_hand.check(str(wrong)) for wrong in lesson.by_hand.hints]
    assert {each.kind for each in said} == {NOT_YET}
    assert len({each.hint for each in said}) == len(lesson.by_hand.hints)
    assert lesson.by_hand.check("17").hint == lesson.by_hand.hint
    # the slips: (0.5 - 1) * (0.4 - 0.7) = 0.15, and 0.5 + 0.4 - 1 - 0.7 = -0.8
    assert {0.15, -0.8} <= set(lesson.by_hand.hints)


def test_the_worked_example_is_the_labs_own(text):
    start = lab()
    assert start.model.layers[0].kernel.tolist() == [[0.9, -0.3, 0.6], [0.2, -0.4, 0.8]]
    hidden, output = start.model.layer_outputs([[0.8, 0.5]])
    # 0.9 * 0.8 + 0.2 * 0.5 = 0.72 + 0.1 = 0.82
    assert hidden[0] == pytest.approx([0.82, 0.0, 0.88])
    assert output[0, 0] == pytest.approx(1.366)
    assert "= 0.72 + 0.1 = 0.82$$" in text


def test_a_strength_of_five_breaks_nothing(text):
    strong = lab(connection="x1-h1", strength=5.0, wide=True)
    # 5 * 0.8 + 0.2 * 0.5 = 4.1
    assert strong.facts(strong.state)["h1"] == pytest.approx(4.1)
    assert "h1 has the value 4.1" in text
    assert strong.error is None
    assert strong.controls["strength"].value == 5.0


def test_learning_leaves_the_range_from_minus_one_to_one(text):
    between = initializers.RandomUniform(-1, 1)
    layers = [Dense(3, "tanh", kernel_initializer=between), Dense(1, "sigmoid", kernel_initializer=between)]
    model = Sequential([Input((2,)), *layers], seed=0)
    model.compile(Adam(0.05), "binary_crossentropy")
    x, y = datasets.gates("xor")

    def strongest():
        return max(np.abs(layer.kernel).max() for layer in layers)

    assert strongest() < 1
    first = f"{strongest():.2f}"
    model.fit(x, y, epochs=50, verbose=0)
    model.fit(x, y, epochs=350, verbose=0)
    assert f"from {first} to {strongest():.2f}" in text
    assert strongest() > 6
    assert model.score(x, y) == 1


def test_the_table_of_ones_own(text):
    table = np.array([[0.9, 0.1], [0.3, 0.8], [0.5, -0.9]])
    cross = np.array([1.0, 0.6, 1.0]) @ table[:, 1]
    # 0.1 + 0.48 - 0.9 = -0.32
    assert f"the sum of *cross* becomes {cross:.2f}" in text


def test_more_wrong_answers():
    def one_blank_left(node, starts, ends):
        if node not in ends:
            return 0
        if ____:  # noqa: F821
            return 2
        return 1

    assert lesson.kind_of_node.check(one_blank_left).kind == NOT_TRIED
    assert lesson.kind_of_node.check(lambda node, starts, ends: 2 * (node in ends)).kind == NOT_YET
    assert lesson.strength.check(lambda kernel, i, j: kernel[i - 1][j - 1]).kind == RIGHT
    assert lesson.strength.check(lambda kernel, i, j: kernel[-i, -j]).kind == NOT_YET
    assert lesson.value_of_node.check(lambda values, kernel, j: np.maximum(values @ kernel, 0)[j - 1]).kind == RIGHT
