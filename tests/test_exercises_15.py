"""Lesson 15: its replies to predictions, and every number that stands in its text and its teacher's page."""

import math
import re

import numpy as np
import pytest
from written import Written

from annlab import HopfieldNetwork, PuzzleLab
from annlab.exercises import hopfield_optimization as lesson
from annlab.exercises.base import NOT_YET, RIGHT
from annlab.hopfield import cooling
from annlab.labs.puzzle_picture import _tally
from annlab.puzzles import MaxCut

written = Written("15_hopfield_optimization")

TWELVE = {"graph": "random", "nodes": 12, "puzzle_seed": 5}
SIX = {"puzzle": "tour", "cities": 6, "puzzle_seed": 2}


def counted(**start):
    """How many of 100 starts end where, for each name: a list with and without noise."""
    lab = PuzzleLab(**start)
    lab.controls["search"].click()
    return dict(_tally(lab.state)), lab


def test_the_cube_is_seen_to_stick():
    lab = PuzzleLab(seed=20)
    assert lesson.stuck.observe(lab) is None
    lab.step(2)
    assert lesson.stuck.observe(lab) is None
    lab.step(2)
    seen = lesson.stuck.observe(lab)
    assert seen == (lesson._STUCK, "After 3 changes it came to rest at a cost of 4, and the best known is 0.")
    assert lab.state.energies.tolist() == [7, 6, 5, 4]
    assert "7, 6, 5, 4" in written.page
    other = PuzzleLab(seed=21)
    other.step(99)
    assert lesson.stuck.observe(other)[0] == lesson._BEST
    lab.controls["temperature"].value = 2.0
    assert lesson.stuck.observe(lab) is None
    lab.step(5000)
    assert lesson.stuck.observe(lab) is None
    assert lab.state.energies[-1] == 0  # as the lesson has it


def test_noise_is_seen_to_help():
    _, lab = counted(**TWELVE)
    assert lesson.noise.observe(lab) is None
    lab.controls["temperature"].value = 1.0
    assert lesson.noise.observe(lab) is None
    lab.controls["search"].click()
    came_true, words = lesson.noise.observe(lab)
    assert came_true == lesson._MORE
    assert words == "Without noise 17 of 100 reached the best known answer, with temperature 1 it was 67."
    assert "17 reach the best groups without noise" in lesson.noise.question
    assert "it is 67 of 100 with a temperature that begins at 1, instead of 17" in written.page
    _, easy = counted(graph="petersen", temperature=1.0)
    assert lesson.noise.observe(easy)[0] == lesson._ALL


def test_the_cube_is_easier():
    rows, _ = counted()
    assert rows["cost 0 (best)"] == [82]
    assert "Of 100 random starts in the cube 82 reach the best, of those in the graph of 12 nodes 17" in written.page
    ends = []
    for seed in range(20, 26):
        lab = PuzzleLab(seed=seed)
        lab.step(99)
        ends.append(lab.state.energies[-1])
    assert ends == [4, 0, 0, 0, 0, 0]


def test_the_way_out_leads_up_first():
    lab = PuzzleLab(seed=20)
    lab.step(99)
    state, costs = lab.state.states[-1].copy(), []
    clicks = r"click (\w, \w, \w and \w), one after the other. The cost goes ([\d, ]+)\."
    order, said = re.search(clicks, written.page).groups()
    for letter in re.findall("[A-H]", order):
        state["ABCDEFGH".index(letter)] *= -1
        costs.append(int(lab.model.energy(state)))
    assert ", ".join(map(str, costs)) == said
    assert costs[0] > 4
    assert costs[-1] == 0


@pytest.mark.parametrize(("typed", "kind"), [("-1", RIGHT), ("2-3", RIGHT), ("1", NOT_YET), ("-3", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


def test_by_hand_is_what_the_network_says():
    network = MaxCut(6, [(0, other) for other in range(1, 6)]).network()
    before, after = [1, 1, 1, 1, -1, -1], [-1, 1, 1, 1, -1, -1]
    assert network.energy(after) - network.energy(before) == lesson.by_hand.answer
    assert network.field(before)[0] == -0.5  # half of it, as the notice says


def test_the_worked_example():
    network = MaxCut(3, [(0, 1), (0, 2), (1, 2)]).network()
    assert network.constant == 1.5
    assert network.energy([1, 1, -1]) == 1
    assert "1/2 - 1/2 - 1/2 = -0.5, and the constant 3/2 makes it 1" in written.text
    pair = HopfieldNetwork(2)
    pair.weights = [[0, -0.5], [-0.5, 0]]
    assert pair.field([1, 1])[0] == -0.5


def test_the_exercises_together_are_the_library():
    problem = PuzzleLab(graph="petersen").state.problem
    weights = lesson.weights_of.answer(problem.nodes, problem.edges)
    np.testing.assert_array_equal(weights, problem.network().weights)
    network = HopfieldNetwork(problem.nodes)
    network.weights, network.constant = weights, len(problem.edges) / 2
    state = network.recall([1] * 10, "stochastic", temperature=[*lesson.schedule.answer(2, 0.1, 30), 0])
    assert lesson.cost.answer(problem.edges, state) == network.energy(state) == 3
    np.testing.assert_allclose([*lesson.schedule.answer(2, 0.1, 30), 0], cooling(2, 0.1, 30))


def test_what_penalties_do():
    rows = [list(map(int, re.findall(r"\d+", line))) for line in written.shown("penalties").splitlines()]
    found = {penalty: (tours, shortest) for penalty, tours, _, shortest in [(r[0], r[1], r[2], r[3]) for r in rows]}
    assert found == {4: (0, 0), 7: (55, 27), 10: (100, 10), 30: (100, 5)}
    assert "With 30 every end is a tour and 5 of 100 are the shortest; with 10 it is 10 of 100" in written.page
    assert "with 7 only 55 are tours, but 27 are the shortest" in written.page
    for penalty in (7, 10):  # the lab counts the same
        counts, _ = counted(**SIX, city_penalty=float(penalty), stop_penalty=float(penalty), temperature=8.0)
        assert counts["shortest tour"][1] == found[penalty][1]
        assert 100 - counts["no tour"][1] == found[penalty][0]


def test_the_tour_lab_does_what_the_text_says():
    lab = PuzzleLab(**SIX)
    assert lab.state.problem.answers == 60
    assert "one time in 60" in written.text
    lab.step(5000)
    assert lab.state.problem.valid(lab.state.states[-1])
    before = lab.state.energies[-1]
    lab.controls["temperature"].value = 8.0
    lab.step(5000)
    assert lab.state.problem.valid(lab.state.states[-1])
    assert lab.state.best < lab.state.energies[-1] < before
    lab.controls["city_penalty"].value = lab.controls["stop_penalty"].value = 4.0
    lab.step(5000)
    assert "It costs less than the best tour: the penalties are too weak." in lab.stage.note
    assert len(re.findall(r"city \w missing", lab.stage.note)) == 2
    cost, best = f"{lab.state.energies[-1]:.2f}", f"{lab.state.best:.2f}"
    assert f"end at a cost of {cost}, below the shortest tour's {best}, and two cities are left out" in written.page


def test_one_rule_alone():
    lab = PuzzleLab(**SIX, stop_penalty=0.0)
    lab.step(5000)
    on = lab.state.problem.grid(lab.state.states[-1])
    assert on.sum(axis=1).tolist() == [1] * 6
    assert on.sum(axis=0).max() > 1


def test_exchanging_pieces():
    assert written.shown("honest") == "720 of 720 orders end in the shortest tour\n"
    assert "from each of the 720 orders" in written.page


def test_counts_in_the_quiz():
    assert len(str(math.factorial(999) // 2)) > 2500
    _, lab = counted(**SIX, temperature=8.0)
    assert max(lab.facts(lab.state)[f"reached at {warm}"] for warm in lab.state.found) < 50  # most runs miss it


def test_take_it_with_you():
    assert "1 quarrel at a table; the best possible is 1" in written.shown("take")
