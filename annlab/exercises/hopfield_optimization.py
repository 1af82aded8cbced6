"""Exercises of lesson 15: the cost of two groups, the weights that have this cost, and temperatures that fall."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("15_hopfield_optimization", "Hopfield optimization")

_BEST, _STUCK, _RESTLESS = range(3)


def _look_at_the_rest(lab: Any) -> Seen | None:
    """Where a run without noise came to rest."""
    state = lab.state
    if state.temperature or not state.at or state.at < len(state.states) - 1:
        return None
    last = state.energies[-1]
    came_true = _RESTLESS if not lab.model.settled else _BEST if last <= state.best + 1e-9 else _STUCK
    changes = "1 change" if state.at == 1 else f"{state.at} changes"
    return came_true, f"After {changes} it came to rest at a cost of {last:g}, and the best known is {state.best:g}."


stuck = Predict(
    lesson,
    "stuck",
    "All 12 edges of the cube can be cut. From this start one node after the other does what the others want of it. "
    "Where does it end?",
    [
        "At the best: no edge is left inside a group",
        "At rest, with edges left inside a group",
        "It never comes to rest",
    ],
    observe=_look_at_the_rest,
    usual=_STUCK,
    first="Press Next or Play until the lab says that it has settled. (This is about Temperature 0.)",
    because="A node moves only if that lowers the cost. In the end no single move does, although moving several nodes "
    "together would. Other starts of the same cube reach the best: try New start.",
)

_FEWER, _MORE, _ALL = range(3)


def _look_at_the_counts(lab: Any) -> Seen | None:
    """How many random starts reach the best known answer, without noise and with it."""
    state = lab.state
    reached = {
        warm: sum(energy <= state.best + 1e-9 for energy in lab.model.energy(ends).tolist())
        for warm, ends in state.found.items()
    }
    warm = max(reached, default=0.0)
    if not warm:
        return None
    calm, noisy = reached[0.0], reached[warm]
    came_true = _ALL if noisy == len(state.found[warm]) else _MORE if noisy > calm else _FEWER
    return (
        came_true,
        f"Without noise {calm} of 100 reached the best known answer, with temperature {warm:g} it was {noisy}.",
    )


noise = Predict(
    lesson,
    "noise",
    "Of 100 random starts in this graph of 12 nodes 17 reach the best groups without noise. Now nodes sometimes do the "
    "wrong thing, less and less often: the temperature begins at 1 and falls. How many starts reach the best groups?",
    ["Fewer, or as many: noise only disturbs", "More, but not all", "All 100"],
    observe=_look_at_the_counts,
    usual=_MORE,
    first="Set Temperature to 1 and press Try 100 starts.",
    because="A wrong move can lead out of a local minimum, and while it is still warm the deep places keep the network "
    "longer than the shallow ones. It is a matter of chance, so there is no promise.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "A node has five edges. Three of them lie inside its group, two are cut. The node is turned round. "
    "By how much does the cost change?",
    -1.0,
    tolerance=0.01,
    hints={
        1.0: "The size is right. Three edges stop costing, two begin to: does the cost rise or fall?",
        -3.0: "Three edges are cut now, but the two that were cut lie inside a group after the change.",
        2.0: "Those are the two edges that begin to cost. Three others stop costing.",
        -5.0: "Not all five are cut now: the two that were cut lie inside a group after the change.",
        -0.5: "That is its state times its field. The cost changes by twice as much.",
    },
    hint="Every edge of the node changes its kind: those inside are cut afterwards, those that were cut lie inside.",
    notice="-3 + 2 = -1. The field has half that size, and the others want the change.",
)


def _some_groups(rng: np.random.Generator) -> list[tuple[list[tuple[int, int]], np.ndarray]]:
    cases = [([(0, 1), (1, 2)], np.array([1, 1, -1])), ([(0, 1), (0, 2), (1, 2)], np.array([1, 1, 1]))]
    square = [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]
    return [*cases, *((square, rng.choice([-1, 1], 4)) for _ in range(3)), (square, np.array([-1, 1, -1, 1]))]


def _cost_slowly(edges: list[tuple[int, int]], state: np.ndarray) -> int:
    count = 0
    for i, j in edges:
        count += int(state[i] == state[j])
    return count


@exercise(
    lesson,
    reference=_cost_slowly,
    cases=_some_groups,
    mistakes=[
        Mistake(
            lambda edges, state: len(edges) - _cost_slowly(edges, state),
            "You count the edges that are cut. The cost counts the others: state[i] == state[j].",
        ),
        Mistake(
            lambda edges, state: sum(state[i] * state[j] for i, j in edges),
            "The products are +1 inside a group and -1 across, so cut edges pull your sum down. They should count 0: "
            "(1 + state[i] * state[j]) / 2.",
        ),
        Mistake(
            lambda edges, state: sum(1 + state[i] * state[j] for i, j in edges),
            "Every edge inside a group counts 2 in your sum. Halve it: (1 + state[i] * state[j]) / 2.",
        ),
        Mistake(
            lambda edges, state: _cost_slowly([(i, j) for i in range(len(state)) for j in range(i)], state),
            "You count pairs of nodes that no edge joins, too. Go through edges only: for i, j in edges.",
        ),
        Mistake(
            lambda edges, state: sum(state[i] == 1 and state[j] == 1 for i, j in edges),
            "Only one of the groups is counted. Two ends of -1 are inside a group as well: state[i] == state[j].",
        ),
        Mistake(lambda edges, state: len(edges), "You count all edges. Only those with state[i] == state[j] cost 1."),
    ],
    hints=[
        "Begin with a count of 0 and go through the edges: for i, j in edges.",
        "An edge lies inside a group where state[i] == state[j]. Each of those adds 1.",
        "return sum(state[i] == state[j] for i, j in edges)",
    ],
    notice="this is all that you have to know about a puzzle: what an answer costs. The weights follow from it.",
)
def cost(edges, state):
    return sum(state[i] == state[j] for i, j in edges)


def _some_graphs(rng: np.random.Generator) -> list[tuple[int, list[tuple[int, int]]]]:
    cases = [(2, [(0, 1)]), (3, [(0, 1), (1, 2)]), (4, [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)])]
    pairs = [(i, j) for i in range(6) for j in range(i + 1, 6)]
    return [*cases, (6, [pairs[at] for at in sorted(rng.choice(len(pairs), 7, replace=False).tolist())])]


def _weights_slowly(nodes: int, edges: list[tuple[int, int]]) -> np.ndarray:
    weights = np.zeros((nodes, nodes))
    for i, j in edges:
        weights[i, j] = -0.5
        weights[j, i] = -0.5
    return weights


@exercise(
    lesson,
    reference=_weights_slowly,
    cases=_some_graphs,
    mistakes=[
        Mistake(
            lambda nodes, edges: np.triu(_weights_slowly(nodes, edges)),
            "Strengths are equal there and back: set weights[j, i] as well as weights[i, j].",
        ),
        Mistake(
            lambda nodes, edges: np.tril(_weights_slowly(nodes, edges)),
            "Only the way from j to i is there. Set weights[i, j] as well as weights[j, i].",
        ),
        Mistake(
            lambda nodes, edges: -_weights_slowly(nodes, edges),
            "With +0.5 the ends of an edge want to be alike. They should want to differ: -0.5.",
        ),
        Mistake(
            lambda nodes, edges: 2 * _weights_slowly(nodes, edges),
            "Twice too strong: an edge inside a group should cost 1, so its weight is -0.5, not -1.",
        ),
        Mistake(
            lambda nodes, edges: 0.5 * _weights_slowly(nodes, edges),
            "Half of what it should be: both ways together have to give s_i s_j / 2 in the cost, so each is -0.5.",
        ),
        Mistake(
            lambda nodes, edges: 0.5 * (np.eye(nodes) - 1),
            "Every pair has a weight now. Without an edge it should be 0: begin with np.zeros((nodes, nodes)).",
        ),
    ],
    hints=[
        "Begin with a table of zeros: weights = np.zeros((nodes, nodes))",
        "For each edge set two cells, there and back: weights[i, j] = weights[j, i] = -0.5",
        "for i, j in edges: weights[i, j] = weights[j, i] = -0.5, and at the end return weights",
    ],
    notice="nothing was trained and nothing was searched: the table is the puzzle, and the settling is the search.",
)
def weights_of(nodes, edges):
    weights = np.zeros((nodes, nodes))
    for i, j in edges:
        weights[i, j] = weights[j, i] = -0.5
    return weights


def _some_coolings(rng: np.random.Generator) -> list[tuple[float, float, int]]:
    return [(4.0, 1.0, 3), (2.0, 0.5, 2), (10.0, 0.1, 5), (3.0, 0.2, 8)]


def _schedule_slowly(start: float, stop: float, sweeps: int) -> list[float]:
    factor = float(np.exp(np.log(stop / start) / (sweeps - 1)))
    temperatures = [start]
    for _ in range(sweeps - 1):
        temperatures.append(temperatures[-1] * factor)
    return temperatures


@exercise(
    lesson,
    reference=_schedule_slowly,
    cases=_some_coolings,
    mistakes=[
        Mistake(
            lambda start, stop, sweeps: np.linspace(start, stop, sweeps),
            "It falls by the same amount each time. It should fall by the same factor: start * factor ** sweep.",
        ),
        Mistake(
            lambda start, stop, sweeps: [start * (stop / start) ** (sweep / sweeps) for sweep in range(sweeps)],
            "The last one does not reach stop: there are sweeps - 1 steps between sweeps numbers.",
        ),
        Mistake(
            lambda start, stop, sweeps: _schedule_slowly(stop, start, sweeps),
            "It warms up. Begin with start and let factor be below 1: stop / start, not start / stop.",
        ),
        Mistake(
            lambda start, stop, sweeps: [start * (stop / start) ** sweep for sweep in range(sweeps)],
            "It reaches stop in one step. Take the root of stop / start: the power 1 / (sweeps - 1).",
        ),
        Mistake(
            lambda start, stop, sweeps: [start * (start / stop) ** (sweep / (sweeps - 1)) for sweep in range(sweeps)],
            "It warms up, beyond start even: the factor is above 1. Use stop / start, not start / stop.",
        ),
        Mistake(
            lambda start, stop, sweeps: _schedule_slowly(start, stop, sweeps)[:-1],
            "The last temperature, stop, is missing: the list should have as many numbers as there are sweeps.",
        ),
        Mistake(
            lambda start, stop, sweeps: _schedule_slowly(start, stop, sweeps)[1:],
            "The first temperature, start, is missing: the factor begins with the power 0.",
        ),
        Mistake(
            lambda start, stop, sweeps: [start] * sweeps,
            "It stays as warm as it is. Multiply by the factor once more in every sweep: factor ** sweep.",
        ),
    ],
    hints=[
        "After sweeps - 1 multiplications start should have become stop. What is the factor?",
        "factor = (stop / start) ** (1 / (sweeps - 1)), and the temperature of a sweep is start * factor ** sweep.",
        "return [start * factor**sweep for sweep in range(sweeps)]",
    ],
    notice="slower cooling finds the best more often, and takes longer. annlab.hopfield.cooling adds a 0 at the end, "
    "so that the network comes to rest.",
)
def schedule(start, stop, sweeps):
    factor = (stop / start) ** (1 / (sweeps - 1))
    return [start * factor**sweep for sweep in range(sweeps)]


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "The cube comes to rest at a cost of 4, although 0 is possible. Why does it not go on?",
            [
                Option(
                    "No change of a single node lowers the cost",
                    "A local minimum: several nodes would have to change together.",
                    True,
                ),
                Option(
                    "It was stopped after a number of sweeps",
                    "It came to rest by itself: a whole sweep changed nothing.",
                ),
                Option(
                    "The weights are wrong",
                    "They have exactly the cost of the puzzle; the same weights reach 0 from other starts.",
                ),
            ],
        ),
        Question(
            "What does a temperature above 0 allow?",
            [
                Option(
                    "Several nodes change in the same moment",
                    "They are asked one after the other, with noise or without.",
                ),
                Option(
                    "A change that raises the cost",
                    "Rarely if it raises it much, and ever more rarely as it cools.",
                    True,
                ),
                Option("Weights that change", "The weights are the puzzle. They stay as they are."),
            ],
        ),
        Question(
            "A tour has settled with city B missing. What helps?",
            [
                Option("Weaker penalties", "Then leaving out a city becomes cheaper still."),
                Option(
                    "Stronger penalties",
                    "Leaving out B saved more than it cost. Far too strong ones drown the lengths: any tour rests.",
                    True,
                ),
                Option(
                    "A network that is trained for longer", "Nothing is trained here. Weights follow from the cost."
                ),
            ],
        ),
        Question(
            "You have to plan a real round of 1,000 stops. What do you take?",
            [
                Option(
                    "A Hopfield network of 1,000,000 nodes", "Ours misses the shortest tour of 6 cities in most runs."
                ),
                Option("Try all tours", "The number of tours has more than 2,500 digits."),
                Option(
                    "A program made for tours, such as one built on Lin and Kernighan's exchanges",
                    "Those come within a few per cent in seconds, and exact solvers can say how far off they are.",
                    True,
                ),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on Hopfield memory: what are the strengths made from there?",
            [
                Option(
                    "From patterns, by Hebb's rule", "There the energy is low at memories, here at cheap answers.", True
                ),
                Option("From a cost", "That is where they come from in this lesson."),
                Option("From errors, by backpropagation", "Nothing is compared with a target there."),
            ],
        ),
        Question(
            "With noise a node becomes +1 with probability 1 / (1 + exp(-2 field / temperature)). "
            "From the lesson on curved activations: which function is that?",
            [
                Option("ReLU", "That one has no upper end, so it is no probability."),
                Option(
                    "The sigmoid, of 2 field / temperature",
                    "The lower the temperature, the more it looks like a step.",
                    True,
                ),
                Option(
                    "Softmax over all nodes", "Each node decides for itself: their probabilities do not add up to 1."
                ),
            ],
        ),
    ],
)
