"""Two puzzles whose cost can be written into the strengths of a network.

``MaxCut`` puts the nodes of a graph into two groups so that few edges lie inside a group. ``Tour`` visits cities, each
once, on a short way. ``network()`` turns the cost into weights and thresholds, ``best()`` tries every answer, so that
you know how good the network's answer is: possible only because the puzzles are small.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .checks import number, numeric, whole
from .hopfield import HopfieldNetwork

NAMES = "ABCDEFGHIJKLMNOPQRST"


def edges_in_words(count: int) -> str:
    """How many edges, as a sentence says it."""
    return "1 edge" if count == 1 else f"{count} edges"


class MaxCut:
    """Put the nodes of a graph into two groups so that as many edges as possible join the one with the other.

    cost = how many edges lie inside a group = sum over the edges (i, j) of (1 + s_i s_j) / 2

    So the weight between the two ends of an edge is -1/2, all others and all thresholds are 0, and the energy of a
    state is its cost.

    Shapes
    ------
    edges    pairs (i, j) of nodes, counted from 0; each pair once, in either order
    state    (nodes,) of -1 and +1: the group of each node

    Raises ValueError or TypeError for edges that are not pairs of two different nodes. Barahona et al. 1988.
    """

    def __init__(self, nodes: int, edges: Any) -> None:
        self.nodes = whole("nodes", nodes, low=2)
        if self.nodes > len(NAMES):
            raise ValueError(f"nodes should be at most {len(NAMES)}, so that all answers can be tried; got {nodes}")
        found = set()
        for pair in edges:
            if not hasattr(pair, "__iter__"):
                raise TypeError(
                    f"an edge should be a pair of two different nodes from 0 to {self.nodes - 1}; got {pair!r}"
                )
            ends = sorted(whole("a node of an edge", end, low=0) for end in pair)
            if len(ends) != 2 or ends[0] == ends[1] or ends[1] >= self.nodes:
                raise ValueError(
                    f"an edge should be a pair of two different nodes from 0 to {self.nodes - 1}; got {pair!r}"
                )
            found.add((ends[0], ends[1]))
        self.edges = sorted(found)

    @property
    def names(self) -> list[str]:
        """A letter for each node."""
        return list(NAMES[: self.nodes])

    @property
    def answers(self) -> int:
        """How many answers there are. A state and its inverse are the same two groups."""
        return int(2 ** (self.nodes - 1))

    def cost(self) -> dict[str, Any]:
        """The cost as ``HopfieldNetwork.from_cost`` takes it."""
        quadratic = np.zeros((self.nodes, self.nodes))
        for i, j in self.edges:
            quadratic[i, j] = 0.5
        return {"quadratic": quadratic, "constant": len(self.edges) / 2, "values": (-1, 1)}

    def network(self) -> HopfieldNetwork:
        """The network whose energy is the cost."""
        return HopfieldNetwork.from_cost(**self.cost())

    def inside(self, state: Any) -> list[tuple[int, int]]:
        """The edges whose two ends are in the same group."""
        return [(i, j) for i, j in self.edges if state[i] == state[j]]

    def best(self) -> tuple[np.ndarray, float]:
        """The best answer and its cost, found by trying all of them."""
        states = np.array([(1, *rest) for rest in itertools.product((1, -1), repeat=self.nodes - 1)])
        energies = self.network().energy(states)
        best = int(np.argmin(energies))
        return states[best], float(energies[best])

    def valid(self, state: Any) -> bool:
        """Whether the state is an answer: here each one is."""
        return True

    def describe(self, state: Any) -> str:
        """What the state means, in words."""
        groups = [[name for name, value in zip(self.names, state, strict=True) if value == side] for side in (1, -1)]
        first, second = (" ".join(group) or "nobody" for group in groups)
        count = len(self.inside(state))
        edges = edges_in_words(len(self.edges))
        return f"{first} | {second}: {len(self.edges) - count} of {edges} cut, {count} inside a group"


class Tour:
    """Visit every city once and come back, on a short way: cities times stops nodes, on where this city is that stop.

    cost = length + city_penalty * sum over the cities of (stops of this city - 1)^2
                  + stop_penalty * sum over the stops of (cities at this stop - 1)^2

    where length adds the distance of every city that is on at a stop to every city that is on at the next one. A state
    is a tour where both sums are 0; other states can cost less if the penalties are weak. Hopfield and Tank 1985.

    Shapes
    ------
    places   (cities, 2), where the cities lie, 3 to 8 of them
    state    (cities * stops,) of -1 and +1, row by row: all stops of city A first

    Raises ValueError or TypeError for places of another shape or penalties below 0.
    """

    def __init__(self, places: Any, city_penalty: float = 10.0, stop_penalty: float = 10.0) -> None:
        self.places = numeric("places", places, np.float64)
        if self.places.ndim != 2 or self.places.shape[1] != 2 or not 3 <= len(self.places) <= 8:
            raise ValueError(f"places should have shape (cities, 2) for 3 to 8 cities; got {self.places.shape}")
        self.cities = len(self.places)
        self.city_penalty = number("city_penalty", city_penalty, low=0)
        self.stop_penalty = number("stop_penalty", stop_penalty, low=0)
        self.distances = np.linalg.norm(self.places[:, None] - self.places[None], axis=-1)

    @property
    def nodes(self) -> int:
        """One for each city at each stop."""
        return self.cities**2

    @property
    def names(self) -> list[str]:
        """City and stop of each node: A1, A2, ..."""
        return [f"{city}{stop}" for city in NAMES[: self.cities] for stop in range(1, self.cities + 1)]

    @property
    def answers(self) -> int:
        """How many tours there are. Where it begins and which way round it goes makes no other tour."""
        return math.factorial(self.cities - 1) // 2

    def cost(self) -> dict[str, Any]:
        """The cost as ``HopfieldNetwork.from_cost`` takes it: of variables that are 1 where a node is on, else 0."""
        n = self.cities
        same, following = np.eye(n), np.roll(np.eye(n), 1, axis=1)  # following[stop, next stop] = 1
        everywhere = np.ones((n, n))
        quadratic = np.kron(self.distances, following)
        quadratic += self.city_penalty * np.kron(same, everywhere) + self.stop_penalty * np.kron(everywhere, same)
        both = self.city_penalty + self.stop_penalty  # (sum - 1)^2 = sum^2 - 2 sum + 1
        return {"quadratic": quadratic, "linear": np.full(n * n, -2 * both), "constant": n * both}

    def network(self) -> HopfieldNetwork:
        """The network whose energy is the cost."""
        return HopfieldNetwork.from_cost(**self.cost())

    def grid(self, state: Any) -> np.ndarray:
        """(cities, stops), 1 where a node is on, else 0."""
        return (np.asarray(state).reshape(self.cities, self.cities) > 0).astype(int)

    def parts(self, state: Any) -> dict[str, float]:
        """What the cost is made of: the length, and what is paid for breaking either rule."""
        on = self.grid(state)
        return {
            "length": float(np.sum(on * (self.distances @ np.roll(on, -1, axis=1)))),
            "city rule": self.city_penalty * float(np.sum((on.sum(axis=1) - 1) ** 2)),
            "stop rule": self.stop_penalty * float(np.sum((on.sum(axis=0) - 1) ** 2)),
        }

    def faults(self, state: Any) -> list[str]:
        """Why the state is no tour, one line for each rule that is broken; empty for a tour."""
        on = self.grid(state)
        often = {2: "twice"}
        lines = [
            f"city {city} {often.get(count, f'{count} times') if count else 'missing'}"
            for city, count in zip(NAMES, on.sum(axis=1).tolist(), strict=False)
            if count != 1
        ]
        return lines + [
            f"stop {stop} has {count} cities" if count else f"stop {stop} empty"
            for stop, count in enumerate(on.sum(axis=0).tolist(), start=1)
            if count != 1
        ]

    def valid(self, state: Any) -> bool:
        """Whether the state is a tour."""
        return not self.faults(state)

    def state(self, order: Sequence[int]) -> np.ndarray:
        """The state that visits the cities in this order, counted from 0."""
        if sorted(order) != list(range(self.cities)):
            raise ValueError(f"a tour has each of the {self.cities} cities once; got {list(order)}")
        state = -np.ones((self.cities, self.cities), dtype=np.int64)
        state[list(order), range(self.cities)] = 1
        return state.reshape(-1)

    def best(self) -> tuple[np.ndarray, float]:
        """The shortest tour and its length, found by trying all of them."""
        orders = [(0, *rest) for rest in itertools.permutations(range(1, self.cities)) if rest[0] < rest[-1]]
        table = np.array(orders)
        lengths = self.distances[table, np.roll(table, -1, axis=1)].sum(axis=1)
        best = int(np.argmin(lengths))
        return self.state(orders[best]), float(lengths[best])

    def describe(self, state: Any) -> str:
        """What the state means, in words: the tour and its length, or what is wrong with it."""
        if faults := self.faults(state):
            return f"no tour: {', '.join(faults)}"
        order = [NAMES[city] for city in self.grid(state).argmax(axis=0).tolist()]
        return f"tour {'-'.join([*order, order[0]])} of length {self.parts(state)['length']:.2f}"
