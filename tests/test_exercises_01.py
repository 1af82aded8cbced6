"""Lesson 01: its predictions against the lab, its number box, and the numbers in its text."""

import math

import numpy as np
import pytest
from written import Written

from annlab import NodesLab
from annlab.exercises import nodes_and_connections as lesson
from annlab.exercises.base import RIGHT
from annlab.labs.nodes import firing_rate

written = Written("01_nodes_and_connections")


def test_one_strength():
    lab = NodesLab()
    first = lab.facts(lab.state)
    assert "nothing to compare yet" in lesson.one_strength.reply(2, lab)
    lab.controls["strength"].value = -1.0
    now = lab.facts(lab.state)
    changed = {name for name in ("h1", "h2", "h3", "y") if now[name] != first[name]}
    assert changed == {"h1", "y"}
    reply = lesson.one_strength.reply(2, lab)
    assert "The run agrees." in reply
    assert f"are {now['h1']:.3f} and {now['y']:.3f} now, and were {first['h1']:.3f} and {first['y']:.3f}" in reply
    assert "something else" in lesson.one_strength.reply(0, lab)
    lab.controls["x1"].value = 0.3  # then more than one thing was changed
    assert "nothing to compare yet" in lesson.one_strength.reply(2, lab)


def test_the_cell():
    lab = NodesLab()
    assert f"{lab.facts(lab.state)['z']:.2f}" in lesson.cell.question
    assert f"fires {lab.facts(lab.state)['rate']:.0f} times a second" in lesson.cell.question
    assert "nothing to compare yet" in lesson.cell.reply(1, lab)
    lab.controls["strength"].value = 0.4
    # 0.8 * 0.4 + 0.5 * 0.2 = 0.42; 25 mV * 0.42 = 10.5 mV, and 15 are needed
    assert "The run agrees. With the sum 0.42 the cell fires 0 times" in lesson.cell.reply(1, lab)
    assert "something else" in lesson.cell.reply(0, lab)


@pytest.mark.parametrize("typed", ["-0.2", "0.4 - 0.6", "-1/5"])
def test_by_hand(typed):
    assert lesson.by_hand.check(typed).kind == RIGHT


def test_the_worked_example():
    # 0.8 * 0.9 + 0.5 * 0.2 = 0.72 + 0.10 = 0.82
    assert 0.8 * 0.9 + 0.5 * 0.2 == pytest.approx(0.82)
    assert "$0.72 + 0.10 = 0.82$" in written.both
    assert f"its value becomes ${1 / (1 + math.exp(-0.82)):.3f}$" in written.both


def test_the_control_sequence_of_the_teachers_page():
    lab = NodesLab()
    facts = lab.facts(lab.state)
    assert f"h2 = {facts['h2']:.3f} and h3 = {facts['h3']:.3f}" in written.both
    assert f"sum {facts['z']:.2f}, {facts['rate']:.0f} spikes a second" in written.both
    answers = [f"{facts['h1']:.3f}"]
    for strength in (0.7, 0.6):
        lab.controls["strength"].value = strength
        facts = lab.facts(lab.state)
        answers.append(f"{facts['h1']:.3f}")
        rate = f"{facts['rate']:.0f} a second" if facts["rate"] else "none"
        assert f"sum {facts['z']:.2f}, {rate}" in written.both
    assert f"answers {answers[0]}, {answers[1]} and {answers[2]} meanwhile" in written.both
    lab.controls["strength"].value = -1.0
    facts = lab.facts(lab.state)
    assert f"h1 falls to {facts['h1']:.3f} and y to {facts['y']:.3f}" in written.both


def test_training_leaves_the_strengths_it_started_with():
    printed = written.shown("train").splitlines()
    strongest = [float(line.partition("strongest ")[2].partition(",")[0]) for line in printed]
    assert strongest[0] <= 1
    assert strongest[1] > 6
    assert "accuracy 1.00" in printed[1]
    assert "training goes beyond 6" in written.both


def test_the_start_of_the_lab_is_the_one_that_the_exercise_shows():
    np.testing.assert_array_equal(NodesLab().model.layers[-2].kernel, lesson._START)


def test_what_the_last_cell_says_of_the_cell():
    printed = written.shown("take")
    assert f"h1: sum 0.90, the cell would fire {firing_rate(0.9):.0f} times a second" in printed


@pytest.mark.parametrize(
    ("between", "hint"),
    [
        (lambda columns: "hidden", "letter by letter"),
        (lambda columns: columns[1:-1], "The names were asked for"),
        (lambda columns: len(columns) - 2, "has to be a list of names"),
        (lambda columns: ["hidden"] * (columns - 2), "has to be a list of names"),
    ],
)
def test_slips_with_the_list_of_names(between, hint):
    assert hint in lesson.kinds.check(lambda columns: ["input", *between(columns), "output"]).hint


def test_slips_of_sums_and_tables():
    def sigmoid_of_sum(values, strengths):
        z = np.sum(values * strengths)
        return 1 / (1 + np.exp(-z))

    assert "Here only the sum" in lesson.collects.check(sigmoid_of_sum).hint
    assert "whole column" in lesson.strength_between.check(lambda table, start, end: table[:, end - 1]).hint
    assert "Two things at once" in lesson.strength_between.check(lambda table, start, end: table[end, start]).hint
