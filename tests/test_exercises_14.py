"""Lesson 14: its replies to predictions, and every number that stands in its text and its teacher's page."""

import numpy as np
import pytest
from written import Written

from annlab import HopfieldLab, HopfieldNetwork, datasets
from annlab.exercises import hopfield_memory as lesson
from annlab.exercises.base import NOT_YET, RIGHT

written = Written("14_hopfield_memory")


def played(**start):
    lab = HopfieldLab(**start)
    lab.step(5000)
    return lab


def test_the_energy_is_seen_to_fall():
    lab = HopfieldLab()
    assert lesson.falling.observe(lab) is None
    lab.step(3)
    assert lesson.falling.observe(lab) is None
    lab.step(3)
    assert lesson.falling.observe(lab) == (lesson._FALLS, "In 6 changes it went from -7.91 to -18.43.")
    assert "it goes from -7.91 to -18.43 in 6 changes" in written.page
    assert lesson.falling.observe(played(strength_back=-0.5))[0] == lesson._RISES


def test_thirty_points_are_seen_to_end_in_the_inverse():
    assert lesson.most_of_it.observe(played()) is None
    lab = HopfieldLab(damage=30)
    assert lesson.most_of_it.observe(lab) is None
    lab.step(100)
    came_true, words = lesson.most_of_it.observe(lab)
    assert came_true == lesson._INVERSE
    assert words == "With 30 points of J turned round it came to rest in: inverse of J."


@pytest.mark.parametrize(("typed", "kind"), [("2/3", RIGHT), ("0.667", RIGHT), ("1/3", NOT_YET), ("0", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


def test_by_hand_is_what_the_network_says():
    network = HopfieldNetwork(3).store([1, 1, -1])
    assert network.field([1, -1, -1])[1] == pytest.approx(lesson.by_hand.answer)


def test_the_worked_example():
    network = HopfieldNetwork(4).store([1, -1, 1, -1])
    before, after = [1, 1, 1, -1], [1, -1, 1, -1]
    assert network.field(before)[1] == -0.75
    assert (network.energy(before), network.energy(after)) == (0, -1.5)
    assert "The second node hears -1/4 - 1/4 - 1/4 = -0.75, and becomes -1. Now the energy is -1.5" in written.text


def test_a_node_that_hears_itself_is_found_out():
    outcome = lesson.update.check(lambda weights, state, node: 1 if weights[node] @ state + state[node] > 0 else -1)
    assert outcome.kind == NOT_YET
    assert outcome.hint.startswith("No node hears itself")


def test_the_exercises_together_are_the_library():
    patterns, _ = datasets.letters("JCM")
    network = HopfieldNetwork(35).store(patterns)
    weights = lesson.hebb.answer(patterns)
    np.testing.assert_allclose(weights, network.weights)
    state = patterns[0].copy()
    state[[0, 9, 17, 30]] *= -1
    energies = [lesson.energy.answer(weights, state)]
    for node in list(range(35)) * 2:
        state[node] = lesson.update.answer(weights, state, node)
        energies.append(lesson.energy.answer(weights, state))
    np.testing.assert_array_equal(state, patterns[0])
    assert (np.diff(energies) <= 1e-12).all()
    assert energies[-1] == pytest.approx(network.energy(state))


def test_what_breaks_it():
    lines = written.shown("many").splitlines()
    kept = {int(line.split()[3]): float(line.split()[-1]) for line in lines if "patterns" in line}
    assert list(kept) == [10, 20, 28, 40, 60]
    assert kept[10] == 1
    assert kept[28] > 0.95
    assert kept[40] < 0.8
    assert kept[60] < 0.6
    assert sum(int(line.split()[0]) for line in lines if "patterns" not in line) == 100
    assert "With 200 nodes that is 27.6" in written.text
    assert HopfieldNetwork(200).capacity == pytest.approx(27.6)
    assert "For 35 nodes 0.138 N is 4.8" in written.text
    assert round(HopfieldNetwork(35).capacity, 1) == 4.8
    assert sum(HopfieldLab(letters="ABC").state.held[2]) == 0
    assert "[[1, -1], [-1, -1], [-1, 1], [1, 1], [1, -1]]\nnever settles" in written.shown("unequal")
    assert "This is M" in written.shown("take")


def test_a_spurious_memory_is_a_mixture_of_all_three():
    patterns, names = datasets.letters("JCM")
    network = HopfieldNetwork(35).store(patterns, names=names)
    mixture = np.sign(patterns[0] + patterns[1] - patterns[2])
    assert network.describe(mixture) == "a spurious memory, most like J (overlap 0.77)"
    assert "a spurious memory, most like J (overlap 0.77)" in written.shown("many")
    np.testing.assert_allclose(network.energy(patterns), network.energy(-patterns))


def test_the_teachers_claims():
    ends = [(d, played(damage=d)) for d in (6, 12, 15, 18, 20, 30)]
    names = [lab.model.describe(lab.state.states[-1]).partition(",")[0] for _, lab in ends]
    assert names == ["J", "J", "a spurious memory", "C", "C", "inverse of J"]
    assert "J, J, a spurious memory, C, C, the inverse of J" in written.page
    assert sum(HopfieldLab(letters="JCMXT").state.held[4]) == 5
    assert HopfieldLab(letters="AB").model.overlap(datasets.letters("A")[0][0])[1].round(2) == 0.66
    assert all(HopfieldLab(letters="ABC", rule="pseudo_inverse").state.held[2])
    held = [
        [sum(column) == at + 1 for at, column in enumerate(HopfieldLab(kind="random", seed=s).state.held)]
        for s in range(8)
    ]
    most = [row.index(False) if False in row else 12 for row in held]
    assert np.median(most) in (5, 6, 7, 8)
    assert played(letters="KN", damage=12).model.settled
    flip = played(letters="KN", damage=12, mode="synchronous").state.states
    assert (flip[-1] != flip[-2]).sum() == 22
    changed = HopfieldNetwork(35).store(datasets.letters("JC")[0]).weights != HopfieldLab().model.weights
    assert changed.mean() > 0.9
    settled = {
        back: played(letters="KN", damage=12, strength_back=back).model.settled for back in (1.0, 0.5, -0.5, -1.0)
    }
    assert settled == {1.0: True, 0.5: True, -0.5: False, -1.0: False}
    assert len(HopfieldLab(kind="random", letters="ABCDEFGH").state.names) > HopfieldNetwork(35).capacity
