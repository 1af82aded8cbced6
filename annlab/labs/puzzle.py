"""A network that looks for a good answer: the cost of a puzzle stands in its strengths, and it settles.

Two puzzles. Put the nodes of a graph into two groups so that few edges lie inside a group; or find a short tour. Every
change lowers the cost, until none can: in the best answer, in a worse one, or in something that is no answer at all.
"""

import re
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..hopfield import cooling
from ..puzzles import NAMES, MaxCut, Tour, edges_in_words
from ..svg.elements import Picture
from .controls import button, choice, slider, text, whole
from .puzzle_picture import GRAPHS, MAP, boxes, draw, spot_at, spots
from .walk import WalkLab

__all__ = ["PuzzleLab"]

STARTS = 100  # random ones, each time they are counted
MOST = 12  # nodes of a graph
REST_SWEEPS = 100  # in which it may come to rest
COLDEST = 20  # how many times colder the last noise is than the first
APART = 2.5  # what random cities are at least apart
LONGEST = 12.0  # seconds that playing takes
MOVES = {"ArrowUp": (-1, 0), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowRight": (0, 1)}
OF_CUT = ("graph", "nodes", "share", "edges")  # controls that only one of the two puzzles has
OF_TOUR = ("cities", "city_penalty", "stop_penalty", "places")


class PuzzleLab(WalkLab):
    """Two groups of nodes, or a short tour: watch a network settle in an answer, and compare it with the best one.

    ``lab.model`` is the ``HopfieldNetwork``, ``lab.state.problem`` the ``MaxCut`` or ``Tour`` whose cost it has;
    ``lab.state`` has ``states`` (every state of the run), ``energies``, ``at`` (how many changes were made), ``best``
    (the cost of the best answer) and ``best_state``. ``lab.arrange("ACFH")`` puts these nodes into one group, or visits
    cities in this order; ``lab.arrange(state)`` takes any -1 and +1.
    """

    step_label, step_tip = "Next", "Make the next change: one node"
    controls = {
        "back": button("Back", tip="Take back the last change", icon="step-backward", draws=False),
        "new": button(
            "New start", tip="Start from the next random arrangement: the seed goes up by one", icon="random"
        ),
        "search": button(f"Try {STARTS} starts", tip="Let random arrangements settle, and count where they end"),
        "show_best": button("Show the best", tip="Put the best known answer on the screen", icon="star"),
        "puzzle": choice(
            "max_cut",
            [("two groups (max-cut)", "max_cut"), ("short tour", "tour")],
            label="Puzzle",
            tip="Cut as many edges as possible by two groups, or visit every city on a short way",
        ),
        "graph": choice(
            "cube",
            [(words, name) for name, (words, _) in GRAPHS.items()],
            label="Graph",
            tip="Which nodes are joined by an edge; it becomes your own as soon as you change an edge",
            draws=False,
        ),
        "cities": slider(
            5, 4, 6, label="Cities", tip="How many cities the tour visits; it has as many stops", draws=False
        ),
        "temperature": slider(
            0.0,
            0.0,
            20.0,
            0.1,
            label="Temperature",
            tip="How much noise there is, in units of the cost: 0 is none. It goes on from the present arrangement",
            draws=False,
        ),
        "city_penalty": slider(
            10.0, 0.0, 30.0, 0.5, label="City penalty", tip="What it costs when a city is not visited once", draws=False
        ),
        "stop_penalty": slider(
            10.0, 0.0, 30.0, 0.5, label="Stop penalty", tip="What it costs when a stop has not one city", draws=False
        ),
        "noise": choice(
            "cools",
            [("cools down to 0", "cools"), ("stays", "stays")],
            label="Noise",
            tip="Annealing: the temperature falls by the same factor in every sweep, then to 0. Or it stays as it is",
            more=True,
            draws=False,
        ),
        "sweeps": slider(
            30, 5, 200, label="Sweeps", tip="In how many rounds over all nodes it cools down", more=True, draws=False
        ),
        "nodes": slider(8, 3, MOST, label="Nodes", tip="How many nodes the graph has", more=True, draws=False),
        "share": slider(
            0.4,
            0.1,
            1.0,
            0.05,
            label="Share of edges",
            tip="How many of all possible edges a random graph has",
            more=True,
            draws=False,
        ),
        "edges": text(
            "", label="Edges", tip="The edges as pairs of letters, such as AB BC CA; Enter draws them", more=True
        ),
        "places": text(
            "", label="Places", tip=f"Across and up from 0 to {MAP} for each city, such as 1 9, 5 2; Enter", more=True
        ),
        "start": text(
            "", label="Start", tip="Letters of one group, or cities in their order; empty: a random start", more=True
        ),
        "puzzle_seed": whole(
            0,
            0,
            9999,
            label="Puzzle seed",
            tip="What a random graph, or the places of the cities, are drawn from",
            more=True,
        ),
        "seed": whole(
            0, 0, 9999, label="Seed", tip="What start, order of the nodes and noise are drawn from", more=True
        ),
        "pace": slider(
            4, 1, 30, label="Changes a second", tip="How fast playing goes at least", more=True, draws=False
        ),
    }
    about = [
        (
            "Graph",
            "Nodes joined by edges. A blue circle is a node in the one group (+1), an orange square in the other (-1). "
            "A thin line is an edge that is cut: it joins the groups. A thick dashed line lies inside a group and "
            "costs 1. A ring stands around a node that would change if it were asked now; the dot marks what changed "
            "last. Click a node to change its group; drag from node to node to draw or remove an edge, or click an "
            "edge to remove it. Keys on a node: Space changes it, the letter of another node draws or removes the "
            "edge, Enter looks at it.",
        ),
        (
            "Cities and stops",
            "A row for each city, a column for each stop. A full cell says: this city at this stop. A tour has one "
            "full cell in every row and every column; the counts beside and below say where that is broken. A square "
            "in a cell: this node would change if it were asked now; the dot marks what changed last. Click a cell to "
            "turn it round, or use arrow keys and Space.",
        ),
        (
            "Map",
            "The cities. A line is a leg that is paid for: its ends are at stops that follow one another, the last "
            "stop before the first. Whole blue lines: a tour; dashed orange lines: no tour. Drag a city, or move it "
            "with the arrow keys; typed places stand under More settings.",
        ),
        (
            "Answer and best known",
            "What the present arrangement means and costs. The best known answer was found by trying all of them, "
            "which is possible only because the puzzle is small. Among tours only: when the penalties are weak, "
            "something that is no tour may cost less.",
        ),
        (
            "One node",
            "Point at a node (or press Enter on it) to see its field, what the others want of it, and what its change "
            "would do to the cost: it changes by twice the field, down if the node disagrees with it, up if it agrees. "
            "The node you look at has a purple frame.",
        ),
        (
            "Cost = energy",
            "The cost after every change. Without noise it never rises. The dashed line is the best known answer. What "
            "lies above the chart is drawn at its upper edge.",
        ),
        (
            "Weight matrix",
            "Row i is what node i hears. Two groups: -1/2 where there is an edge, else 0; click a cell to draw or "
            "remove an edge. Tour: orange nodes do not want to be on together, because of a rule or because the way "
            "is long. The bar marks the node you look at.",
        ),
        (
            f"{STARTS} random starts",
            "After Try 100 starts: where they end, without noise and with the temperature that is set. The starts are "
            "the same for both.",
        ),
        (
            "City penalty, stop penalty",
            "What is paid for a city that is not visited once, and for a stop that has not one city: the penalty times "
            "the square of what is too much or missing.",
        ),
        (
            "Temperature",
            "With noise a node becomes +1 with probability 1 / (1 + exp(-2 field / temperature)): the cost may rise. "
            f"The temperature falls by the same factor in every sweep, to a {COLDEST}th, and then to 0: annealing.",
        ),
        ("Sweep", "One round in which every node was asked once."),
        ("Seed", "The same seed gives the same start, the same order of nodes and the same noise."),
    ]

    def __init__(self, *, hide: Iterable[str] = (), **start: Any) -> None:
        if "puzzle" not in start and start.keys() & set(OF_TOUR):
            start["puzzle"] = "tour"
        if "graph" not in start and "edges" in start:
            start["graph"] = "own"
        elif "graph" not in start and start.keys() & {"nodes", "share", "puzzle_seed"}:
            start["graph"] = "random"
        super().__init__(hide=hide, **start)

    # The puzzle, its network, and the run from a start.

    def start(self, state: SimpleNamespace) -> None:
        state.framed, state.drag = 0, None
        self._pose(state)
        self._first(state)

    def _set(self, state: SimpleNamespace, name: str, value: Any) -> None:
        """Move a control along with what changed by other means."""
        setattr(state, name, value)
        if self.controls[name].value != value:
            self.controls[name].value = value

    def _pose(self, state: SimpleNamespace) -> None:
        """Make puzzle and network of what the controls say."""
        for name in (*OF_CUT, *OF_TOUR):
            away = name in (OF_TOUR if state.puzzle == "max_cut" else OF_CUT)
            (self.controls[name].add_class if away else self.controls[name].remove_class)("annlab-away")
        if state.puzzle == "tour":
            places = _read_places(state.places) if state.places else _random_places(state.cities, state.puzzle_seed)
            self._set(state, "cities", len(places))
            self._set(state, "places", _places_text(places))
            state.problem = Tour(places, state.city_penalty, state.stop_penalty)
        else:
            nodes, edges = self._graph(state)
            self._set(state, "nodes", nodes)
            self._set(state, "edges", _edges_text(edges))
            state.problem = MaxCut(nodes, edges)
            state.spots = spots(state.graph, nodes, getattr(state, "spots", None))
        state.model = state.problem.network()
        state.best_state, state.best = state.problem.best()
        state.framed = min(state.framed, state.problem.nodes - 1)
        state.found = {}

    @staticmethod
    def _graph(state: SimpleNamespace) -> tuple[int, list[tuple[int, int]]]:
        if state.graph == "own":
            edges = _read_edges(state.edges)
            return max([state.nodes, *(j + 1 for _, j in edges)]), edges
        if state.graph == "random":
            return state.nodes, _random_edges(state.nodes, state.share, state.puzzle_seed)
        edges = GRAPHS[state.graph][1]
        return max(j for _, j in edges) + 1, list(edges)

    def _first(self, state: SimpleNamespace) -> None:
        """The start that is typed, or a random one."""
        rng = np.random.default_rng(state.seed)
        begin = _read_start(state.problem, state.start) if state.start else None
        self._begin(state, rng.choice([-1, 1], state.problem.nodes) if begin is None else begin)

    def _begin(self, state: SimpleNamespace, arrangement: np.ndarray) -> None:
        """The whole run from here at once; the lab then walks along it."""
        options = _options(state)
        states, sweeps = [], []
        for each in state.model.iter_recall(arrangement, every="flip", seed=state.seed, **options):
            states.append(each)
            sweeps.append(state.model.sweep)
        state.status = state.model.status
        state.sweep_of = [max(sweep, 1) for sweep in sweeps]
        listed = np.atleast_1d(options.get("temperature", 0.0)).tolist()
        state.warm = [listed[min(sweep, len(listed)) - 1] for sweep in state.sweep_of]  # the temperature of each state
        self._walk(state, states)

    def _end(self, state: SimpleNamespace) -> tuple[str, bool]:
        status, problem = self._status(state), state.problem
        last, cost = state.states[-1], state.energies[-1]
        if not state.model.settled:
            lowest = state.energies.min()
            words = f"{status} The lowest cost on the way was {lowest:.2f}; the best known is {state.best:.2f}."
        elif not problem.valid(last):
            words = f"{status} No single change lowers the cost, but this is {problem.describe(last)}."
            if cost < state.best - 1e-9:
                words += " It costs less than the best tour: the penalties are too weak."
        elif cost <= state.best + 1e-9:
            words = f"{status} This is as good as the best known answer."
        else:
            words = (
                f"{status} This is a local minimum: no single change lowers the cost of {cost:.2f}, but the best known "
                f"answer costs {state.best:.2f}."
            )
        return words, problem.valid(last)

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return max(super().steps_a_second(state), len(state.states) / LONGEST)

    def arrange(self, what: Any) -> None:
        """Put letters (one group, or cities in their order) or -1 and +1 for every node on the screen."""
        state = self.state
        self._begin(state, _read_start(state.problem, what) if isinstance(what, str) else np.asarray(what).reshape(-1))
        self.draw()

    # What a learner does.

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in ("edges", "places", "start"):
            try:
                self._typed(state, name)
            except ValueError as error:
                self.stage.say(f"Not taken: {error}.", trouble=True)
        elif name == "puzzle":
            self._another(state)
        elif name == "graph" and state.puzzle == "max_cut":
            if state.graph != "own":
                self._another(state)
        elif name in ("nodes", "share") and state.puzzle == "max_cut":
            self._resized(state, name)
        elif name == "puzzle_seed":
            if state.puzzle == "max_cut":
                self._set(state, "graph", "random")
            self._set(state, "places", "")
            self._another(state)
        elif name == "cities" and state.puzzle == "tour" and state.cities != state.problem.cities:
            self._set(state, "places", "")
            self._another(state)
        elif name in ("city_penalty", "stop_penalty") and state.puzzle == "tour":
            self._same_again(state)
        elif name in ("temperature", "noise", "sweeps"):
            state.found = {kind: ends for kind, ends in state.found.items() if not kind}
            self._begin(state, state.states[state.at])
        elif name == "seed":
            self._first(state)

    def _another(self, state: SimpleNamespace) -> None:
        """Another puzzle, from a random start."""
        self._set(state, "start", "")
        self._pose(state)
        self._first(state)

    def _same_again(self, state: SimpleNamespace) -> None:
        """The puzzle with another edge, place or penalty, from where it is."""
        now = state.states[state.at]
        self._pose(state)
        fits = len(now) == state.problem.nodes
        self._begin(state, now) if fits else self._first(state)

    def _typed(self, state: SimpleNamespace, name: str) -> None:
        """A line was typed (or follows what was done by other means; then there is nothing to do)."""
        if name == "edges" and state.puzzle == "max_cut":
            edges = _read_edges(state.edges)
            if edges != state.problem.edges:
                self._own(state, edges)
        elif name == "places" and state.puzzle == "tour":
            places = _read_places(state.places) if state.places else _random_places(state.cities, state.puzzle_seed)
            if not np.array_equal(places, state.problem.places):
                self._set(state, "places", _places_text(places))
                self._same_again(state)
        elif name == "start":
            if state.start:
                _read_start(state.problem, state.start)
            self._first(state)

    def _resized(self, state: SimpleNamespace, name: str) -> None:
        if name == "nodes" and state.nodes != state.problem.nodes:
            self._set(state, "start", "")
            if state.graph == "random":
                self._another(state)
            else:
                self._own(state, [(i, j) for i, j in state.problem.edges if j < state.nodes])
        elif name == "share":
            self._set(state, "graph", "random")
            self._another(state)

    def _own(self, state: SimpleNamespace, edges: list[tuple[int, int]]) -> None:
        """A graph of the learner's own."""
        self._set(state, "graph", "own")
        self._set(state, "edges", _edges_text(edges))
        self._same_again(state)

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "search":
            self._search(state)
            return
        self.pause()
        if name == "back":
            self._go_to(state, state.at - 1)
        elif name == "new":
            self._set(state, "start", "")
            self._set(state, "seed", (state.seed + 1) % 10_000)
            self._first(state)
        else:
            self._begin(state, state.best_state)

    @staticmethod
    def _search(state: SimpleNamespace) -> None:
        """Where random starts end, without noise and with it."""
        network = state.model
        before = network.settled, network.status, network.sweep
        starts = np.random.default_rng(state.seed).choice([-1, 1], (STARTS, network.units))
        state.found = {0.0: network.recall_all(starts, seed=state.seed)}
        if state.temperature:
            options = {name: value for name, value in _options(state).items() if name != "mode"}
            state.found[state.temperature] = network.recall_all(starts, seed=state.seed, **options)
        network.settled, network.status, network.sweep = before

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, (where, _, number) = event["kind"], event["id"].partition("-")
        if where == "node":
            self._on_node(state, kind, int(number), event)
        elif where == "edge" and kind == "down":
            self._toggle(state, *map(int, number.split("-")))
        elif where == "grid":
            self._on_grid(state, kind, event)
        elif where == "city" and kind in ("down", "move", "key"):
            self._move_city(state, int(number), event)
        elif where == "matrix" and kind == "down":
            self._on_matrix(state, event["points"][-1])

    def _on_node(self, state: SimpleNamespace, kind: str, node: int, event: dict[str, Any]) -> None:
        """A click turns a node round, a drag to another one draws or removes an edge."""
        if kind in ("hover", "down", "key"):
            state.framed = node
        if kind == "key" and event["key"] == "Space":
            self._turn(state, node)
        elif kind == "key" and event["key"].upper() in state.problem.names:
            self._toggle(state, node, NAMES.index(event["key"].upper()))
        elif kind in ("down", "move"):
            state.drag = (node, *event["points"][-1])
        elif kind == "up" and state.drag is not None:
            state.drag = None
            end = spot_at(state, event["points"][-1]) if event["points"] else node
            if end == node:
                self._turn(state, node)
            elif end is not None:
                self._toggle(state, node, end)

    def _turn(self, state: SimpleNamespace, node: int) -> None:
        now = state.states[state.at].copy()
        now[node] *= -1
        state.framed = node
        self._begin(state, now)

    def _toggle(self, state: SimpleNamespace, i: int, j: int) -> None:
        if i != j:
            pair = (min(i, j), max(i, j))
            self._own(state, sorted(set(state.problem.edges) ^ {pair}))

    def _on_grid(self, state: SimpleNamespace, kind: str, event: dict[str, Any]) -> None:
        cities = state.problem.cities
        row, column = divmod(state.framed, cities)
        if kind == "key" and event["key"] in MOVES:
            down, right = MOVES[event["key"]]
            row, column = min(max(row + down, 0), cities - 1), min(max(column + right, 0), cities - 1)
        elif kind in ("down", "hover"):
            x, y, cell = boxes(state)[0]["cells"]
            px, py = event["points"][-1]
            row, column = (min(max(int(value), 0), cities - 1) for value in ((py - y) / cell, (px - x) / cell))
        state.framed = row * cities + column
        if kind == "down" or (kind == "key" and event["key"] == "Space"):
            self._turn(state, state.framed)

    def _move_city(self, state: SimpleNamespace, city: int, event: dict[str, Any]) -> None:
        places = state.problem.places.copy()
        if event["kind"] == "key":
            up, right = MOVES[event["key"]]
            places[city] += (right * 0.5, -up * 0.5)
        elif event["kind"] == "move":
            x, y, side = boxes(state)[0]["land"]
            px, py = event["points"][-1]
            places[city] = ((px - x) / side * MAP, MAP - (py - y) / side * MAP)
        else:
            return
        places[city] = np.round(np.clip(places[city], 0, MAP), 1)
        self._set(state, "places", _places_text(places))
        self._same_again(state)

    def _on_matrix(self, state: SimpleNamespace, point: list[float]) -> None:
        x, y, size = boxes(state)[0]["table"]
        count = state.problem.nodes
        column, row = (min(max(int(value / size * count), 0), count - 1) for value in (point[0] - x, point[1] - y))
        state.framed = row
        if state.puzzle == "max_cut":
            self._toggle(state, row, column)

    def code(self) -> str:
        """The program that settles in the same way from the same start."""
        state = self.state
        made = (
            f"puzzle = puzzles.Tour({state.problem.places.tolist()}, {state.city_penalty!r}, {state.stop_penalty!r})\n"
            if state.puzzle == "tour"
            else f"puzzle = puzzles.MaxCut({state.problem.nodes}, {state.problem.edges})\n"
        )
        options = "".join(f", {name}={value!r}" for name, value in _options(state).items() if name != "temperature")
        if state.temperature:
            warm = f"temperature={state.temperature!r}"
            if state.noise == "cools":
                warm = f"temperature=cooling({state.temperature!r}, {state.temperature / COLDEST!r}, {state.sweeps})"
            options = f", {warm}{options}"
        return (
            "import numpy as np\n\nfrom annlab import puzzles\nfrom annlab.hopfield import cooling\n\n"
            f"{made}network = puzzle.network()\nstart = np.array({state.states[0].tolist()})\n"
            f'run = network.iter_recall(start, every="flip", seed={state.seed}{options})\n'
            "states = np.array(list(run))\nprint(network.energy(states))\n"
            "best_state, best_cost = puzzle.best()\n"
            'print("best known:", best_cost, "-", puzzle.describe(best_state))\n'
            "print(network.status, '-', puzzle.describe(states[-1]))\n"
        )

    # Its words.

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        now, problem = state.states[state.at], state.problem
        facts = {"at": state.at, "seed": state.seed, "energy": state.energies[state.at], "best": state.best}
        facts |= {"answers": problem.answers, "temperature": state.temperature, "sweep": state.sweep_of[state.at]}
        if state.puzzle == "tour":
            facts |= {"cities": problem.cities, **problem.parts(now)}
            facts |= {f"stop {stop}": stop for stop in range(1, problem.cities + 1)}
        else:
            inside = len(problem.inside(now))
            facts |= {"nodes": problem.nodes, "edges": len(problem.edges), "cut": len(problem.edges) - inside}
            facts |= {"inside": inside}
        if state.found:
            facts |= {"starts": STARTS, "warm": max(state.found)}
            facts |= {f"reached at {warm}": reached for warm, reached in _reached(state).items()}
        return {name: float(value) for name, value in facts.items()}

    def describe(self, state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        """The line under the picture."""
        problem, now = state.problem, state.states[state.at]
        after = "1 change" if facts["at"] == 1 else f"{facts['at']:.0f} changes"
        if state.puzzle == "tour":
            words = [f"{problem.cities} cities at {problem.cities} stops."]
            best = f"the shortest of all {problem.answers} tours is {state.best:.2f} long"
        else:
            edges = edges_in_words(len(problem.edges))
            words = [f"{GRAPHS[state.graph][0].capitalize()}: {problem.nodes} nodes, {edges}."]
            best = f"the best of all {problem.answers} answers costs {state.best:.2f}"
        words.append(f"After {after}: {problem.describe(now)}.")
        words.append(f"The energy is {facts['energy']:.2f}; {best} (seed {state.seed}).")
        if state.temperature:
            words.append(
                f"In sweep {state.sweep_of[state.at]} of noise that starts at temperature {state.temperature:g}."
            )
        if state.found:
            reached = _reached(state)
            words.append(f"Of {STARTS} random starts {reached[0.0]} reach the best known answer without noise.")
            words += [f"With temperature {warm:g} it is {count}." for warm, count in reached.items() if warm]
        return " ".join(words)

    def picture(self, state: SimpleNamespace) -> Picture:
        return draw(state, self.describe(state, self.facts(state)))


def _options(state: SimpleNamespace) -> dict[str, Any]:
    """What recall is told about the noise."""
    if not state.temperature:
        return {"max_sweeps": REST_SWEEPS}
    if state.noise == "stays":
        return {"mode": "stochastic", "temperature": state.temperature, "max_sweeps": state.sweeps}
    cooler = cooling(state.temperature, state.temperature / COLDEST, state.sweeps)
    return {"mode": "stochastic", "temperature": cooler, "max_sweeps": REST_SWEEPS}


def _reached(state: SimpleNamespace) -> dict[float, int]:
    """How many of the random starts ended in an answer as good as the best known one, for each temperature."""
    return {
        warm: sum(
            state.problem.valid(end) and energy <= state.best + 1e-9
            for end, energy in zip(ends, state.model.energy(ends).tolist(), strict=True)
        )
        for warm, ends in state.found.items()
    }


def _random_edges(nodes: int, share: float, seed: int) -> list[tuple[int, int]]:
    pairs = [(i, j) for i in range(nodes) for j in range(i + 1, nodes)]
    chosen = np.random.default_rng(seed).choice(len(pairs), max(round(share * len(pairs)), 1), replace=False)
    return [pairs[at] for at in sorted(chosen.tolist())]


def _random_places(cities: int, seed: int) -> np.ndarray:
    """Places with whole numbers, not at the rim of the map and not too close to one another."""
    rng = np.random.default_rng(seed)
    while True:
        places = rng.integers(1, MAP, (cities, 2)).astype(float)
        apart = np.linalg.norm(places[:, None] - places[None], axis=-1) + MAP * np.eye(cities)
        if apart.min() >= APART:
            return places


def _edges_text(edges: list[tuple[int, int]]) -> str:
    return " ".join(NAMES[i] + NAMES[j] for i, j in edges)


def _read_edges(typed: str) -> list[tuple[int, int]]:
    """AB BC, ab,bc, A-B: pairs of letters from A to L."""
    found = set()
    for pair in re.split(r"[\s,;]+", re.sub(r"\s*-+\s*", "", typed.upper()).strip()):
        ends = sorted(NAMES.find(letter) for letter in pair)
        if pair and (len(ends) != 2 or ends[0] == ends[1] or ends[0] < 0 or ends[1] >= MOST):
            raise ValueError(f"an edge is two different letters from A to {NAMES[MOST - 1]}, such as AB; got {pair!r}")
        if pair:
            found.add((ends[0], ends[1]))
    return sorted(found)


def _places_text(places: np.ndarray) -> str:
    return ", ".join(f"{x:g} {y:g}" for x, y in places.tolist())


def _read_places(typed: str) -> np.ndarray:
    """1 9, 5 2.5, ...: across and up for four to six cities."""
    try:
        places = np.array([[float(value) for value in pair.split()] for pair in typed.strip(" ,;").split(",")])
    except ValueError:
        places = np.empty(0)
    if (
        places.ndim != 2
        or places.shape[1] != 2
        or not 4 <= len(places) <= 6
        or not ((places >= 0) & (places <= MAP)).all()
    ):
        raise ValueError(
            f"places are 4 to 6 pairs of numbers from 0 to {MAP} with commas between the pairs, such as "
            f"1 9, 5 2, 8 8, 2 3; got {typed!r}"
        )
    return places


def _read_start(problem: MaxCut | Tour, typed: str) -> np.ndarray:
    """The letters of one group, or the cities in their order, as a state."""
    letters = re.sub(r"[\s,;-]", "", typed.upper())
    if isinstance(problem, Tour):
        known = NAMES[: problem.cities]
        if sorted(letters) != list(known):
            raise ValueError(f"a start is a tour, each of {known} once, such as {known}; got {typed!r}")
        return problem.state([known.index(letter) for letter in letters])
    if not set(letters) <= set(problem.names):
        raise ValueError(f"a start is the letters of one group, out of {' '.join(problem.names)}; got {typed!r}")
    return np.array([1 if name in letters else -1 for name in problem.names])
