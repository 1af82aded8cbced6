"""Lesson 06: its predictions against the lab, its number box, XOR by what the weights do, the numbers in its text."""

import numpy as np
import pytest
from written import Written

from annlab import Dense, ForwardLab, Input, Sequential, datasets
from annlab.exercises import feed_forward as lesson
from annlab.exercises.base import NOT_YET, RAISED, RIGHT

written = Written("06_feed_forward")


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_PROGRESS", str(tmp_path))


@pytest.mark.parametrize("activation", ["relu", "linear", "sigmoid", "step"])
def test_a_new_activation_is_felt_from_there_on(activation):
    lab = ForwardLab(lit=3)
    assert "nothing to compare yet" in lesson.one_way.reply(1, lab)
    x = np.array([[0.5, -1.0]])
    before = [y.copy() for y in lab.model.layer_outputs(x)]
    lab.controls["activation_2"].value = activation
    after = lab.model.layer_outputs(x)
    np.testing.assert_array_equal(after[0], before[0])
    assert (after[1] != before[1]).all()
    assert after[2] != before[2]
    reply = lesson.one_way.reply(1, lab)
    assert "The run agrees." in reply
    assert f"k1 is {after[1][0, 0]:.3f} (it was {before[1][0, 0]:.3f})" in reply
    assert f"o1 is {after[2][0, 0]:.3f} (it was {before[2][0, 0]:.3f})" in reply
    assert f"h1 is {before[0][0, 0]:.3f} as before" in reply
    assert "something else" in lesson.one_way.reply(0, lab)


def test_seventeen_numbers():
    lab = ForwardLab(hidden_1=2, hidden_2=0, lit=2)
    # 2 * 2 weights and 2 biases, then 2 * 1 weights and 1 bias: 4 + 2 + 2 + 1 = 9
    assert lab.model.count_params() == 9
    assert "nothing to compare yet" in lesson.count.reply(1, lab)
    lab.controls["hidden_1"].value = 4
    # 2 * 4 + 4 + 4 * 1 + 1 = 17
    assert lab.model.count_params() == 17
    reply = lesson.count.reply(1, lab)
    assert "The run agrees." in reply
    assert "(2, 4) and (4, 1), the biases 4 and 1 numbers: 17 in all." in reply
    assert "something else" in lesson.count.reply(0, lab)
    lab.controls["inputs"].value = 3
    assert "nothing to compare yet" in lesson.count.reply(1, lab)


@pytest.mark.parametrize("typed", ["-1.7", "-1,7", "-2 + 0.3", "\u22121.7"])
def test_by_hand(typed):
    # h1 = relu(1 * 1 - 1 * 2 + 0.5) = relu(-0.5) = 0; h2 = relu(0.5 * 1 + 1 * 2 - 0.5) = 2; 2 * 0 - 1 * 2 + 0.3 = -1.7
    assert lesson.by_hand.check(typed).kind == RIGHT


def test_by_hand_is_what_annlab_computes():
    model = Sequential([Input((2,)), Dense(2, "relu"), Dense(1, "linear")])
    model.set_weights([[[1, 0.5], [-1, 1]], [0.5, -0.5], [[2], [-1]], [0.3]])
    assert model.predict([[1, 2]])[0, 0] == pytest.approx(lesson.by_hand.answer)


def made(hidden_kernel, hidden_bias, output_kernel, output_bias):
    """What a learner writes, with these numbers."""

    def xor_network(x):
        hidden = np.where(x @ np.array(hidden_kernel) + np.array(hidden_bias) >= 0, 1.0, 0.0)
        return np.where(hidden @ np.array(output_kernel) + np.array(output_bias) >= 0, 1.0, 0.0)

    return xor_network


@pytest.mark.parametrize(
    "weights",
    [
        ([[1, -1], [1, -1]], [-0.5, 1.5], [[1], [1]], [-1.5]),  # OR and NAND
        ([[1, 1], [1, 1]], [-0.5, -1.5], [[1], [-1]], [-0.5]),  # OR, and not AND
        ([[1, -1], [-1, 1]], [-0.5, -0.5], [[1], [1]], [-0.5]),  # the one without the other
        ([[30, 20], [30, 20]], [-10, -30], [[7], [-9]], [-1]),  # large and uneven
    ],
)
def test_xor_is_right_whatever_the_weights_are(weights):
    assert lesson.xor_network.check(made(*weights)).kind == RIGHT
    model = Sequential([Input((2,)), Dense(2, "step"), Dense(1, "step")])
    model.set_weights(list(weights))
    x, y = datasets.gates("xor")
    np.testing.assert_array_equal(model.predict(x)[:, 0], y)


@pytest.mark.parametrize(
    ("weights", "hint"),
    [
        # sums of the output: 0 at (0, 0), 2 elsewhere at most; nothing reaches 5
        (([[1, 1], [1, 1]], [-0.5, -1.5], [[1], [1]], [-5]), "says 0 everywhere"),
        # twice OR
        (([[2, 3], [2, 3]], [-1, -1], [[1], [1]], [-1]), "That is OR"),
        # OR and NAND, and the output wants at least none
        (([[1, -1], [1, -1]], [-0.5, 1.5], [[1], [1]], [0]), "says 1 everywhere"),
        # XOR with both signs of the output turned
        (([[1, -1], [1, -1]], [-0.5, 1.5], [[-1], [-1]], [1.5]), "other way round"),
        # the right numbers, but the kernel turned over: h1 = x1 - x2 - 0.5, h2 = x1 - x2 + 1.5
        (([[1, 1], [-1, -1]], [-0.5, 1.5], [[1], [1]], [-1.5]), "turned over"),
    ],
)
def test_xor_other_wrong_weights_are_recognised_by_what_they_do(weights, hint):
    outcome = lesson.xor_network.check(made(*weights))
    assert outcome.kind == NOT_YET
    assert hint in outcome.hint


def test_xor_with_a_wrong_shape_is_told_the_shapes():
    outcome = lesson.xor_network.check(made([[1, -1], [1, -1]], [-0.5, 1.5], [[1, 1]], [-1.5]))
    assert outcome.kind == RAISED
    assert "(2, 2), hidden_bias (2,), output_kernel (2, 1)" in outcome.hint


def test_a_loop_over_examples_and_nodes_is_as_good():
    def layer_sums(x, kernel, bias):
        return [[sum(row * kernel[:, node]) + bias[node] for node in range(len(bias))] for row in x]

    assert lesson.layer_sums.check(layer_sums).kind == RIGHT


def test_numbers_of_the_idea():
    z = np.array([[2.0, -1.0]]) @ np.array([[1.0, 0.0, 3.0], [0.5, 2.0, -1.0]]) + [0.0, 1.0, -2.0]
    # 2 * 1 - 1 * 0.5 + 0 = 1.5; 2 * 0 - 1 * 2 + 1 = -1; 2 * 3 + 1 * 1 - 2 = 5
    np.testing.assert_array_equal(z, [[1.5, -1.0, 5.0]])
    assert r"\begin{pmatrix} 1.5 & -1 & 5 \end{pmatrix}" in written.both
    assert "ReLU gives $(1.5, 0, 5)$" in written.both
    assert "17, which is 8 + 4 + 4 + 1" in written.both


def test_the_labs_of_the_lesson_have_at_most_four_controls():
    for name, lab in (("one-way", "lab"), ("count", "shape_lab"), ("xor-lab", "xor_lab")):
        kept = {}

        def remember(*, hide, kept=kept, **start):
            kept["shown"] = [each for each in ForwardLab.controls if each not in hide]
            return ForwardLab(hide=hide, **start)

        source = written.cells[name].source.replace("lesson.", "# ")
        exec(source, names := {"ForwardLab": remember})
        assert len(kept["shown"]) == 4
        assert isinstance(names[lab], ForwardLab)


def test_in_the_third_lab_the_solution_gets_all_four_points():
    lab = ForwardLab(hidden_1=2, hidden_2=0, activation_1="step", activation_out="step", data="xor", lit=2)
    lab.model.set_weights([[[1, -1], [1, -1]], [-0.5, 1.5], [[1], [1]], [-1.5]])
    lab.draw()
    assert lab.stage.description.endswith("4 of 4 points get the right answer.")
