"""Two puzzles: their energy is their cost, their best answers are the best, and faults are called by their names."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annlab.puzzles import MaxCut, Tour

CUBE = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7)]


def random_graph(seed, nodes=7):
    pairs = list(itertools.combinations(range(nodes), 2))
    return MaxCut(
        nodes, [pair for pair in pairs if np.random.default_rng(seed).random(len(pairs))[pairs.index(pair)] < 0.5]
    )


def random_tour(seed, cities=5):
    rng = np.random.default_rng(seed)
    return Tour(rng.uniform(0, 10, (cities, 2)), *rng.uniform(0, 20, 2))


@given(st.integers(0, 10_000))
def test_energy_of_a_cut_is_how_many_edges_lie_inside(seed):
    puzzle = random_graph(seed)
    network = puzzle.network()
    state = np.random.default_rng(seed + 1).choice([-1, 1], puzzle.nodes)
    inside = sum(state[i] == state[j] for i, j in puzzle.edges)
    assert network.energy(state) == pytest.approx(inside)
    assert len(puzzle.inside(state)) == inside
    assert set(np.unique(network.weights)) <= {-0.5, 0.0}
    assert not network.thresholds.any()


@given(st.integers(0, 10_000))
def test_best_cut_is_the_best_of_all_states(seed):
    puzzle = random_graph(seed)
    state, cost = puzzle.best()
    assert len(puzzle.inside(state)) == cost
    assert cost == min(len(puzzle.inside(s)) for s in itertools.product((-1, 1), repeat=puzzle.nodes))
    assert puzzle.answers == 64


def test_a_cube_can_be_cut_through_and_through():
    puzzle = MaxCut(8, CUBE)
    state, cost = puzzle.best()
    assert cost == 0
    assert puzzle.describe(state) == "A C F H | B D E G: 12 of 12 edges cut, 0 inside a group"
    stuck = [1, -1, 1, -1, 1, -1, 1, -1]  # both rings in order, but the same way round
    np.testing.assert_array_equal(puzzle.network().recall(stuck), stuck)
    assert puzzle.network().energy(stuck) == 4
    assert puzzle.describe([1] * 8).startswith("A B C D E F G H | nobody: 0 of 12")
    assert MaxCut(2, [(0, 1)]).describe([1, -1]) == "A | B: 1 of 1 edge cut, 0 inside a group"


def test_edges_are_kept_once_in_either_order():
    assert MaxCut(3, [(2, 0), (0, 2), (1, 2)]).edges == [(0, 2), (1, 2)]
    assert MaxCut(3, []).best()[1] == 0


def tour_cost_slowly(puzzle, state):
    n, on = puzzle.cities, np.reshape(state, (puzzle.cities, puzzle.cities)) > 0
    cost = 0.0
    for stop in range(n):
        for a, b in itertools.product(range(n), repeat=2):
            if on[a, stop] and on[b, (stop + 1) % n]:
                cost += np.hypot(*(puzzle.places[a] - puzzle.places[b]))
    cost += puzzle.city_penalty * sum((sum(row) - 1) ** 2 for row in on.tolist())
    return cost + puzzle.stop_penalty * sum((sum(column) - 1) ** 2 for column in on.T.tolist())


@given(st.integers(0, 10_000), st.integers(3, 6))
def test_energy_of_a_tour_is_its_length_and_penalties(seed, cities):
    puzzle = random_tour(seed, cities)
    state = np.random.default_rng(seed + 1).choice([-1, 1], puzzle.nodes)
    cost = tour_cost_slowly(puzzle, state)
    assert puzzle.network().energy(state) == pytest.approx(cost)
    assert sum(puzzle.parts(state).values()) == pytest.approx(cost)


@pytest.mark.parametrize("cities", [3, 4, 5, 6])
def test_best_tour_is_the_best_of_all_orders(cities):
    puzzle = random_tour(cities, cities)
    state, length = puzzle.best()
    energies = [puzzle.network().energy(puzzle.state(order)) for order in itertools.permutations(range(cities))]
    assert puzzle.valid(state)
    assert length == pytest.approx(min(energies)) == pytest.approx(puzzle.network().energy(state))
    assert len(np.unique(np.round(energies, 6))) == puzzle.answers == {3: 1, 4: 3, 5: 12, 6: 60}[cities]


def test_a_square_by_hand():
    puzzle = Tour([[0, 0], [3, 0], [3, 4], [0, 4]])
    assert puzzle.describe(puzzle.state([0, 1, 2, 3])) == "tour A-B-C-D-A of length 14.00"  # 3 + 4 + 3 + 4
    assert puzzle.describe(puzzle.state([0, 2, 1, 3])) == "tour A-C-B-D-A of length 18.00"  # 5 + 4 + 5 + 4
    assert puzzle.best()[1] == 14
    assert puzzle.names[:5] == ["A1", "A2", "A3", "A4", "B1"]


def test_what_is_no_tour_is_said():
    puzzle = Tour([[0, 0], [3, 0], [3, 4], [0, 4]], city_penalty=2, stop_penalty=3)
    state = puzzle.state([0, 1, 2, 3]).reshape(4, 4)
    state[1, 3] = 1  # B at stop 4 as well, beside D
    state[2, 2] = -1  # C nowhere, and so stop 3 has nobody
    assert puzzle.faults(state) == ["city B twice", "city C missing", "stop 3 empty", "stop 4 has 2 cities"]
    assert not puzzle.valid(state)
    assert puzzle.parts(state)["city rule"] == 2 * 2
    assert puzzle.parts(state)["stop rule"] == 3 * 2
    state[1] = 1
    assert "city B 4 times" in puzzle.describe(state)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MaxCut(1, []), ValueError, "nodes should be a whole number from 2 up"),
        (lambda: MaxCut(21, []), ValueError, "nodes should be at most 20, so that all answers can be tried; got 21"),
        (lambda: MaxCut(3, [(0, 3)]), ValueError, r"two different nodes from 0 to 2; got \(0, 3\)"),
        (lambda: MaxCut(3, [(1, 1)]), ValueError, "two different nodes"),
        (lambda: MaxCut(3, [(0, 1, 2)]), ValueError, "two different nodes"),
        (lambda: MaxCut(3, [(0, 1.5)]), ValueError, "a node of an edge should be a whole number"),
        (lambda: MaxCut(3, ["AB"]), TypeError, "a node of an edge should be a whole number"),
        (lambda: MaxCut(3, [0, 1]), TypeError, "an edge should be a pair of two different nodes from 0 to 2; got 0"),
        (lambda: Tour([[0, 0], [1, 1]]), ValueError, r"shape \(cities, 2\) for 3 to 8 cities; got \(2, 2\)"),
        (lambda: Tour(np.zeros((9, 2))), ValueError, "3 to 8 cities"),
        (lambda: Tour([[0, np.nan], [1, 1], [2, 2]]), ValueError, "places contains NaN"),
        (lambda: Tour(np.zeros((3, 2)), -1), ValueError, "city_penalty should be a number at least 0; got -1"),
        (lambda: Tour(np.zeros((3, 2)), 1, "1"), TypeError, "stop_penalty should be a number at least 0"),
        (lambda: Tour(np.zeros((3, 2))).state([0, 1, 1]), ValueError, r"each of the 3 cities once; got \[0, 1, 1\]"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
