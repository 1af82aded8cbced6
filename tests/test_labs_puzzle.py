"""PuzzleLab without a page: its costs are counted again, its best answers are the best, its code does the same."""

import itertools

import numpy as np
import pytest

from annlab import PuzzleLab
from annlab.labs import puzzle_picture
from annlab.puzzles import MaxCut, Tour
from annlab.testing import sweep


def keys(lab, where, *names):
    lab._heard({"events": [{"kind": "key", "id": where, "key": key, "points": [], "shift": False} for key in names]})


def touch(lab, where, *points):
    """A press on the first place, a drag over the others, and a release on the last."""
    kinds = ["down", *["move"] * (len(points) - 1), "up"]
    events = [
        {"kind": kind, "id": where, "points": [list(point)], "shift": False}
        for kind, point in zip(kinds, [*points, points[-1]], strict=True)
    ]
    lab._heard({"events": events})


def place_of(lab, node):
    return puzzle_picture._centres(puzzle_picture.boxes(lab.state)[0], lab.state)[node].tolist()


def cell_of(lab, row, column):
    x, y, cell = puzzle_picture.boxes(lab.state)[0]["cells"]
    return x + cell * (column + 0.5), y + cell * (row + 0.5)


@pytest.mark.parametrize(
    "start",
    [
        {},
        {"puzzle": "tour"},
        {"graph": "random", "nodes": 12, "temperature": 1.0},
        {"puzzle": "tour", "cities": 6, "temperature": 8.0, "noise": "stays"},
    ],
)
def test_every_control_moves_the_picture_and_the_text_tells_the_numbers(start):
    assert sweep(PuzzleLab(**start)) >= 25


@pytest.mark.parametrize(
    ("start", "name", "value"),
    [
        ({}, "graph", "ring"),
        ({}, "nodes", 12),
        ({}, "nodes", 5),
        ({}, "share", 0.9),
        ({}, "temperature", 2.0),
        ({"temperature": 2.0}, "sweeps", 90),
        ({"temperature": 2.0}, "noise", "stays"),
        ({"puzzle": "tour"}, "cities", 6),
        ({"puzzle": "tour"}, "city_penalty", 3.0),
        ({"puzzle": "tour"}, "stop_penalty", 20.0),
        ({"puzzle": "tour"}, "puzzle_seed", 4),
        ({"puzzle": "tour"}, "temperature", 9.0),
    ],
)
def test_a_control_of_one_puzzle_matters_there(start, name, value):
    looks = []
    for moved in (False, True):
        lab = PuzzleLab(**start)
        if moved:
            lab.controls[name].value = value
        lab.step(500)
        looks.append((lab.stage.values, lab.stage.structure, lab.stage.heat))
    assert looks[0] != looks[1]


def test_only_the_controls_of_the_puzzle_are_seen():
    def seen(lab):
        return {name for name, widget in lab.controls.items() if "annlab-away" not in widget._dom_classes}

    lab = PuzzleLab()
    cut = seen(lab)
    lab.controls["puzzle"].value = "tour"
    tour = seen(lab)
    assert cut - tour == {"graph", "nodes", "share", "edges"}
    assert tour - cut == {"cities", "city_penalty", "stop_penalty", "places"}
    lab.controls["puzzle"].value = "max_cut"
    assert seen(lab) == cut


@pytest.mark.parametrize(
    ("graph", "nodes", "edges", "best"),
    [("cube", 8, 12, 0), ("ring", 8, 8, 0), ("two rings", 12, 18, 0), ("petersen", 10, 15, 3)],
)
def test_known_graphs(graph, nodes, edges, best):
    problem = PuzzleLab(graph=graph).state.problem
    assert (problem.nodes, len(problem.edges)) == (nodes, edges)
    states = itertools.product((-1, 1), repeat=nodes)
    assert min(sum(s[i] == s[j] for i, j in problem.edges) for s in states) == best == problem.best()[1]
    degrees = np.bincount(np.ravel(problem.edges))
    assert set(degrees) == {2 if graph == "ring" else 3}


@pytest.mark.parametrize("start", [{"seed": 20}, {"puzzle": "tour", "cities": 6}, {"graph": "random", "nodes": 12}])
def test_it_settles_node_by_node_while_the_cost_falls(start):
    lab = PuzzleLab(**start)
    states = [lab.state.states[0]]
    while lab.state.at < len(lab.state.states) - 1:
        lab.step()
        states.append(lab.state.states[lab.state.at])
        assert (states[-1] != states[-2]).sum() == 1
        assert f"The energy is {lab.model.energy(states[-1]):.2f}" in lab.stage.description
    assert (np.diff(lab.state.energies) < 0).all()
    for node in range(lab.state.problem.nodes):  # no change of one node would lower it
        turned = states[-1].copy()
        turned[node] *= -1
        assert lab.model.energy(turned) >= lab.state.energies[-1] - 1e-9
    assert lab.stage.note.startswith("Settled")
    lab.controls["back"].click()
    assert (lab.state.at, lab.stage.note) == (len(states) - 2, "")


def test_a_local_minimum_holds_without_noise_and_not_with_it():
    lab = PuzzleLab(seed=20)
    lab.step(100)
    assert lab.state.energies.tolist() == [7, 6, 5, 4]
    assert "This is a local minimum: no single change lowers the cost of 4.00" in lab.stage.note
    assert "the best known answer costs 0.00" in lab.stage.note
    lab.controls["temperature"].value = 2.0
    np.testing.assert_array_equal(lab.state.states[0], lab.model.recall(lab.state.states[0]))  # it goes on from there
    lab.step(5000)
    assert lab.state.energies.max() > 4
    assert lab.state.energies[-1] == 0
    assert "as good as the best known answer" in lab.stage.note


def test_noise_that_stays_gives_no_rest_and_the_lowest_cost_is_said():
    lab = PuzzleLab(temperature=3.0, noise="stays", sweeps=20)
    lab.step(5000)
    assert "Not settled after 20 sweeps at temperature 3" in lab.stage.note
    assert f"The lowest cost on the way was {lab.state.energies.min():.2f}" in lab.stage.note
    assert set(lab.state.warm) == {3.0}


def test_it_cools_from_sweep_to_sweep():
    lab = PuzzleLab(temperature=5.0, sweeps=10)
    warm = dict(zip(lab.state.sweep_of, lab.state.warm, strict=True))
    for sweep_number, temperature in warm.items():
        expected = 5 * 20 ** (-(sweep_number - 1) / 9) if sweep_number <= 10 else 0
        assert temperature == pytest.approx(expected)
    assert lab.model.settled


@pytest.mark.parametrize(
    "start",
    [
        {"seed": 20},
        {"graph": "petersen", "temperature": 2.0},
        {"edges": "AB BC CA"},
        {"puzzle": "tour", "cities": 4, "temperature": 6.0, "noise": "stays", "sweeps": 9},
        {"puzzle": "tour", "city_penalty": 3.0},
    ],
)
def test_its_code_does_the_same(start, capsys):
    lab = PuzzleLab(**start)
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["states"], lab.state.states)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"{lab.state.status} - {lab.state.problem.describe(lab.state.states[-1])}"
    assert scope["best_cost"] == lab.state.best


@pytest.mark.parametrize(
    "start", [{}, {"puzzle": "tour"}, {"temperature": 2.0}, {"puzzle": "tour", "temperature": 8.0}]
)
def test_random_starts_are_counted(start):
    lab = PuzzleLab(**start)
    lab.controls["search"].click()
    starts = np.random.default_rng(0).choice([-1, 1], (100, lab.model.units))
    ends = [lab.model.recall(each, seed=0) for each in starts]
    reached = sum(lab.state.problem.valid(end) and lab.model.energy(end) <= lab.state.best + 1e-9 for end in ends)
    assert f"Of 100 random starts {reached} reach the best known answer without noise." in lab.stage.description
    rows = puzzle_picture._tally(lab.state)
    best = next(counts for words, counts in rows if "best" in words or "shortest" in words)
    assert best[0] == reached
    assert [sum(counts) for counts in zip(*(counts for _, counts in rows), strict=True)] == [100] * len(best)
    assert len(best) == (2 if "temperature" in start else 1)
    if "temperature" in start:
        assert best[1] > best[0]
        lab.controls["temperature"].value = 0.5  # what was counted with another noise goes away
        assert list(lab.state.found) == [0.0]


def test_a_click_turns_a_node_round():
    lab = PuzzleLab()
    before = lab.state.states[0].copy()
    touch(lab, "node-3", place_of(lab, 3))
    assert (lab.state.states[0] != before).nonzero()[0].tolist() == [3]
    keys(lab, "node-5", "Space")
    assert (lab.state.states[0] != before).nonzero()[0].tolist() == [3, 5]
    assert lab.state.framed == 5


def test_edges_are_drawn_and_removed_by_drag_key_click_and_text():
    lab = PuzzleLab()
    now = lab.state.states[0].copy()
    touch(lab, "node-0", place_of(lab, 0), [1, 1], place_of(lab, 2))  # from A to C
    assert (0, 2) in lab.state.problem.edges
    assert lab.controls["graph"].value == "own"
    assert "AC" in lab.controls["edges"].value.split()
    keys(lab, "node-0", "c")
    assert (0, 2) not in lab.state.problem.edges
    keys(lab, "node-0", "G", "A")  # no edge to itself
    assert (0, 6) in lab.state.problem.edges
    touch(lab, "edge-0-6", [1, 1])
    assert lab.state.problem.edges == MaxCut(8, puzzle_picture.GRAPHS["cube"][1]).edges
    x, y, size = puzzle_picture.boxes(lab.state)[0]["table"]
    touch(lab, "matrix", [x + size * 5.5 / 8, y + size * 1.5 / 8])  # row B, column F
    assert (1, 5) not in lab.state.problem.edges
    touch(lab, "node-0", place_of(lab, 0), [3, 3])  # dropped where no node is
    assert len(lab.state.problem.edges) == 11
    np.testing.assert_array_equal(lab.state.states[0], now)  # the groups stay
    lab.reset()
    assert len(lab.state.problem.edges) == 11  # and so does the graph, as the controls say
    lab.controls["edges"].value = "ab, bc; ca"
    assert lab.state.problem.edges == [(0, 1), (0, 2), (1, 2)]
    assert lab.state.best == 1  # a triangle cannot be cut through and through
    lab.controls["graph"].value = "cube"
    assert (lab.state.problem.nodes, lab.controls["nodes"].value, len(lab.state.problem.edges)) == (8, 8, 12)


def test_fewer_and_more_nodes():
    lab = PuzzleLab()
    lab.controls["nodes"].value = 6
    assert lab.controls["graph"].value == "own"
    assert lab.state.problem.edges == [(i, j) for i, j in puzzle_picture.GRAPHS["cube"][1] if j < 6]
    lab.controls["edges"].value = "AL"  # a letter beyond the last makes room for itself
    assert (lab.state.problem.nodes, lab.controls["nodes"].value) == (12, 12)
    lab = PuzzleLab(graph="random", nodes=9, share=0.5, puzzle_seed=3)
    assert (lab.state.problem.nodes, len(lab.state.problem.edges)) == (9, 18)
    again = PuzzleLab(nodes=9, share=0.5, puzzle_seed=3)
    assert again.state.problem.edges == lab.state.problem.edges


@pytest.mark.parametrize(
    ("start", "name", "typed", "note"),
    [
        ({}, "edges", "AB AA", "two different letters from A to L, such as AB; got 'AA'"),
        ({}, "edges", "AZ", "got 'AZ'"),
        ({}, "edges", "ABC", "got 'ABC'"),
        ({}, "edges", "A1", "got 'A1'"),
        ({}, "start", "AXZ", "the letters of one group, out of A B C D E F G H; got 'AXZ'"),
        ({"puzzle": "tour"}, "start", "ABCDD", "each of ABCDE once, such as ABCDE; got 'ABCDD'"),
        ({"puzzle": "tour"}, "places", "1 1, 2 2", "places are 4 to 6 pairs of numbers from 0 to 10"),
        ({"puzzle": "tour"}, "places", "1 1, 2 2, 3 x, 4 4", "such as 1 9, 5 2, 8 8, 2 3; got '1 1, 2 2, 3 x, 4 4'"),
        ({"puzzle": "tour"}, "places", "1 1, 2 2, 3 nan, 4 4", "places are 4 to 6 pairs"),
        ({"puzzle": "tour"}, "places", "1 1, 2 2, 3 11, 4 4", "places are 4 to 6 pairs"),
        ({"puzzle": "tour"}, "places", "1 1, 2, 3 1, 4 4", "places are 4 to 6 pairs"),
    ],
)
def test_what_cannot_be_read_is_not_taken(start, name, typed, note):
    lab = PuzzleLab(**start)
    before = lab.state.problem, lab.state.states
    lab.controls[name].value = typed
    assert note in lab.stage.note
    assert lab.stage.trouble
    assert lab.error is None
    assert (lab.state.problem, lab.state.states) == before
    assert getattr(PuzzleLab(**start).state, name) != typed
    with pytest.raises(ValueError, match="got"):
        PuzzleLab(**start, **{name: typed})


def test_starts_that_are_typed():
    lab = PuzzleLab(start="ACFH")
    assert lab.state.states[0].tolist() == [1, -1, 1, -1, -1, 1, -1, 1]
    lab.controls["start"].value = "b d"
    assert np.flatnonzero(lab.state.states[0] > 0).tolist() == [1, 3]
    lab.controls["new"].click()
    assert (lab.controls["start"].value, lab.state.seed, lab.controls["seed"].value) == ("", 1, 1)
    tour = PuzzleLab(puzzle="tour", start="CABED")
    assert tour.state.problem.describe(tour.state.states[0]).startswith("tour C-A-B-E-D-C of length")
    tour.arrange("abcde")
    assert "tour A-B-C-D-E-A" in tour.stage.description
    tour.arrange(-np.ones(25))
    assert "city A missing" in tour.stage.description
    with pytest.raises(ValueError, match="state should have 25 values"):
        tour.arrange([1, -1])


def test_a_tour_by_clicks_and_keys():
    lab = PuzzleLab(puzzle="tour", start="ABCDE")
    touch(lab, "grid", cell_of(lab, 1, 3))
    assert lab.state.problem.faults(lab.state.states[0]) == ["city B twice", "stop 4 has 2 cities"]
    assert "no tour: city B twice, stop 4 has 2 cities" in lab.stage.description
    assert lab.state.framed == 8
    keys(lab, "grid", "ArrowRight", "ArrowDown", "ArrowRight", "Space")  # C at stop 5, where E is too
    assert "city C twice" in lab.stage.description
    keys(lab, "grid", *["ArrowUp"] * 9, *["ArrowLeft"] * 9, "Space")
    assert "city A missing" in lab.stage.description


def test_cities_are_moved_by_pointer_keys_and_text():
    lab = PuzzleLab(puzzle="tour", places="1 1, 9 1, 9 9, 1 9", start="ABCD")
    assert lab.controls["cities"].value == 4
    assert lab.state.energies[0] == lab.state.best == 32
    x, y, side = puzzle_picture.boxes(lab.state)[0]["land"]
    touch(lab, "city-1", [x + 0.9 * side, y + 0.9 * side], [x + 0.5 * side, y + 0.9 * side])
    np.testing.assert_allclose(lab.state.problem.places[1], [5, 1], atol=0.05)
    assert lab.controls["places"].value.split(", ")[1] == "5 1"
    keys(lab, "city-1", "ArrowUp", "ArrowRight")
    np.testing.assert_allclose(lab.state.problem.places[1], [5.5, 1.5], atol=0.05)
    touch(lab, "city-0", [x, y], [x - 50, y + 2 * side])  # not off the map
    np.testing.assert_allclose(lab.state.problem.places[0], [0, 0])
    assert isinstance(lab.state.problem, Tour)
    lab.reset()
    np.testing.assert_allclose(lab.state.problem.places[0], [0, 0])
    assert "tour A-B-C-D-A" in lab.stage.description
    lab.controls["cities"].value = 5
    assert len(lab.state.problem.places) == 5
    assert len(lab.controls["places"].value.split(",")) == 5


@pytest.mark.parametrize("cities", [4, 5, 6])
@pytest.mark.parametrize("seed", range(4))
def test_random_cities_are_apart(cities, seed):
    places = PuzzleLab(cities=cities, puzzle_seed=seed).state.problem.places
    apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(places, 2)]
    assert len(places) == cities
    assert min(apart) >= 2.5
    assert places.min() >= 1
    assert places.max() <= 9


def test_weak_penalties_give_no_tour_and_that_is_said():
    lab = PuzzleLab(cities=5, puzzle_seed=1, city_penalty=5.0, stop_penalty=5.0)
    lab.step(5000)
    assert not lab.state.problem.valid(lab.state.states[-1])
    assert "but this is no tour: city" in lab.stage.note
    assert lab.state.energies[-1] < lab.state.best
    assert "It costs less than the best tour: the penalties are too weak." in lab.stage.note
    assert lab.stage.trouble
    lab.controls["show_best"].click()
    assert lab.state.problem.valid(lab.state.states[0])
    assert lab.state.energies[0] == pytest.approx(lab.state.best)


def shown_texts(lab):
    """What stands in the picture, by its live texts."""
    return [text for text in lab.stage.values["text"].values() if text]


@pytest.mark.parametrize("node", range(8))
def test_one_node_is_explained_with_its_numbers(node):
    lab = PuzzleLab(seed=3)
    keys(lab, f"node-{node}", "Enter")
    now, texts = lab.state.states[0], " ".join(shown_texts(lab)).replace("\u2212", "-")
    field = -0.5 * sum(now[j if i == node else i] for i, j in lab.state.problem.edges if node in (i, j))
    assert f"= {field:g}" in texts
    turned = now.copy()
    turned[node] *= -1
    assert f"Turned round: cost {lab.model.energy(now):g} \u2192 {lab.model.energy(turned):g}" in texts
    assert ("it would change" in texts) == (field * now[node] < 0)


def test_one_cell_is_explained_with_its_numbers():
    lab = PuzzleLab(puzzle="tour", start="ABCDE")
    keys(lab, "grid", "ArrowRight")  # A at stop 2, off
    texts = " ".join(shown_texts(lab)).replace("\u2212", "-")
    d = lab.state.problem.distances
    longer = d[0, 0] + d[0, 2]  # after A at stop 1 and before C at stop 3
    assert "City A at stop 2 is off (-1)" in texts
    assert f"length {longer:+g}"[:12] in texts
    assert "city rule +10, stop rule +10" in texts


@pytest.mark.parametrize("width", [440, 640, 880, 960])
@pytest.mark.parametrize("start", [{"nodes": 12}, {"puzzle": "tour", "cities": 6}, {"puzzle": "tour", "cities": 4}])
def test_nothing_is_drawn_outside_the_picture(width, start):
    lab = PuzzleLab(**start)
    lab.controls["search"].click()
    lab._heard({"width": width})
    placed, height = puzzle_picture.boxes(lab.state)
    spots = {"cells", "land", "middle", "table"}
    assert all(box[0] >= 0 and box[0] + box[2] <= width + 0.1 for name, box in placed.items() if name not in spots)
    assert height < 2400
    if "cells" in placed:
        x, _, cell = placed["cells"]
        assert x + cell * lab.state.problem.cities + 40 <= placed["grid"][0] + placed["grid"][2]
    else:
        centres = puzzle_picture._centres(placed, lab.state)
        assert centres.min() > puzzle_picture.RADIUS
        assert centres[:, 0].max() < width - puzzle_picture.RADIUS
    assert lab.still().startswith("<svg")


def test_reset_brings_the_same_start_back():
    lab = PuzzleLab(seed=5)
    first = lab.state.states.copy()
    touch(lab, "node-1", place_of(lab, 1))
    lab.step(2)
    lab.reset()
    np.testing.assert_array_equal(lab.state.states, first)
    assert lab.state.at == 0


@pytest.mark.parametrize("typed", ["AB BC", "ab,bc", "A-B, B - C", "a--b;bc"])
def test_edges_may_be_written_in_several_ways(typed):
    lab = PuzzleLab(edges=typed, nodes=3)
    assert lab.stage.description.startswith("Your own: 3 nodes, 2 edges. ")
    assert set(map(tuple, lab.state.problem.edges)) == {(0, 1), (1, 2)}


def test_one_edge_is_one_edge_and_the_frame_is_explained():
    lab = PuzzleLab(edges="AB", nodes=3)
    assert lab.stage.description.startswith("Your own: 3 nodes, 1 edge. ")
    assert "1 edges" not in lab.stage.description + lab.still()
    assert "of 1 edge cut" in lab.still()
    assert "you look at it" in lab.still()
