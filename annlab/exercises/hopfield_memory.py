"""Exercises of lesson 14: Hebb's rule, the answer of one node, and the energy of a state."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("14_hopfield_memory", "Hopfield memory")

_FALLS, _RISES, _STAYS = range(3)


def _look_at_the_energy(lab: Any) -> Seen | None:
    """How the energy went from the damaged letter to rest."""
    state = lab.state
    if not state.at or state.at < len(state.states) - 1:
        return None
    steps = np.diff(state.energies)
    came_true = _FALLS if (steps < 0).all() else _RISES if (steps > 0).any() else _STAYS
    first, last = state.energies[0], state.energies[-1]
    changes = f"{len(steps)} change{'s' if len(steps) > 1 else ''}"
    return came_true, f"In {changes} it went from {first:.2f} to {last:.2f}."


falling = Predict(
    lesson,
    "falling",
    "Six of the 35 points of J are turned round. Now one node after the other does what the others want of it. "
    "How does the energy go?",
    ["Down with every change", "Up at first, then down", "It stays, until the letter is whole again"],
    observe=_look_at_the_energy,
    usual=_FALLS,
    first="Press Next or Play until the lab says that it has settled.",
    because="A node changes only when its state and its field have opposite signs, and its part of the energy is minus "
    "state times field. After the change that part is below zero, and all else is as it was.",
)

_ITSELF, _INVERSE, _NEITHER = range(3)


def _look_at_a_damage_of_30(lab: Any) -> Seen | None:
    """Where a letter with 30 or more of its points turned round came to rest."""
    state = lab.state
    if state.damage < 30 or state.at < len(state.states) - 1:
        return None
    name, rest = state.names[state.target], lab.model.describe(state.states[-1])
    came_true = _ITSELF if rest == name else _INVERSE if rest == f"inverse of {name}" else _NEITHER
    return came_true, f"With {state.damage} points of {name} turned round it came to rest in: {rest}."


most_of_it = Predict(
    lesson,
    "most_of_it",
    "Now 30 of the 35 points of J are turned round. Where does the network come to rest?",
    ["In J all the same", "In the inverse of J: paper for ink and ink for paper", "In neither of them"],
    observe=_look_at_a_damage_of_30,
    usual=_INVERSE,
    first="Set Damage to 30 and press Play until it has settled.",
    because="A strength says only 'the same' or 'opposite', and two nodes that are both turned round are still the "
    "same. So the inverse of a memory has the same energy, and a letter with 30 points turned round is its inverse "
    "with 5 points damaged.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "Three nodes have stored the pattern (1, 1, -1), so w12 = 1/3, w13 = -1/3 and w23 = -1/3. "
    "The state is (1, -1, -1). What is the field of the second node?",
    2 / 3,
    tolerance=0.01,
    hints={
        0.0: "You added the strengths alone. Each is multiplied by the state of the node it comes from: "
        "w21 * 1 + w23 * (-1).",
        2.0: "You left out the division by the number of nodes: a strength is 1/3, not 1.",
        -2 / 3: "The sign is the other way round: w21 is +1/3, and w23 * (-1) is +1/3 as well.",
        1 / 3: "That is one of the two terms. Both other nodes speak: w21 * 1 + w23 * (-1).",
    },
    hint="Add up what the first and the third node say: strength times state, twice.",
    notice="1/3 * 1 + (-1/3) * (-1) = 2/3: the others want +1, and the pattern has +1 there.",
)


def _some_patterns(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    cases = [(np.array([[1, -1, 1]]),), (np.array([[1, 1, -1, -1], [1, -1, 1, 1]]),)]
    return [*cases, *((rng.choice([-1, 1], shape),) for shape in ((2, 5), (3, 6)))]


def _hebb_slowly(patterns: np.ndarray) -> np.ndarray:
    count, units = patterns.shape
    weights = np.zeros((units, units))
    for i in range(units):
        for j in range(units):
            if i != j:
                weights[i, j] = sum(int(patterns[p, i]) * int(patterns[p, j]) for p in range(count)) / units
    return weights


def _hebb_of_itself(patterns: np.ndarray) -> np.ndarray:
    return patterns.T @ patterns / patterns.shape[1]


def _hebb_turned(patterns: np.ndarray) -> np.ndarray:
    weights = patterns @ patterns.T / patterns.shape[1]
    np.fill_diagonal(weights, 0)
    return weights


@exercise(
    lesson,
    reference=_hebb_slowly,
    cases=_some_patterns,
    mistakes=[
        Mistake(_hebb_of_itself, "No node hears itself: np.fill_diagonal(weights, 0) before you return them."),
        Mistake(
            lambda patterns: patterns.T @ patterns,
            "Two things are missing: divide by the number of nodes, patterns.shape[1], and set the diagonal to 0.",
        ),
        Mistake(
            lambda patterns: patterns.T @ patterns / len(patterns),
            "Divide by the number of nodes, patterns.shape[1], not of patterns; and then set the diagonal to 0.",
        ),
        Mistake(
            lambda patterns: _hebb_slowly(patterns) * patterns.shape[1],
            "The division is missing: divide by the number of nodes, patterns.shape[1].",
        ),
        Mistake(
            lambda patterns: _hebb_slowly(patterns) * patterns.shape[1] / len(patterns),
            "You divided by the number of patterns, len(patterns). Divide by the number of nodes, patterns.shape[1].",
        ),
        Mistake(
            _hebb_turned,
            "That compares pattern with pattern. Node with node is patterns.T @ patterns, the transpose first.",
        ),
        Mistake(lambda patterns: -_hebb_slowly(patterns), "The sign is the other way round: nodes that agree get +."),
        Mistake(
            lambda patterns: _hebb_slowly(patterns[:1]),
            "Only the first pattern is stored. patterns.T @ patterns adds up over all of them.",
        ),
    ],
    hints=[
        "Three lines: all the products at once, then the diagonal, then the return.",
        "patterns.T @ patterns has in row i and column j the sum over the patterns of x_i x_j.",
        "weights = patterns.T @ patterns / patterns.shape[1], then np.fill_diagonal(weights, 0)",
    ],
    notice="nothing was trained. Each pattern is added once, and storing one more needs none of the old ones.",
)
def hebb(patterns):
    weights = patterns.T @ patterns / patterns.shape[1]
    np.fill_diagonal(weights, 0)
    return weights


def _some_nodes(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, int]]:
    small = np.array([[0.0, 0.5, -0.5], [0.5, 0.0, 1.0], [-0.5, 1.0, 0.0]])
    states = ([1, 1, 1], [1, -1, 1], [1, 1, -1], [-1, -1, -1])
    cases = [(small, np.array(state), node) for state in states for node in range(3)]
    cases.append((np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), np.array([1, 1, 1]), 0))
    for node in (0, 2, 4):  # there is not back, here and in the case before
        weights = rng.integers(-4, 5, (5, 5)) / 2  # halves: a sum of 0 is 0 however it was added
        np.fill_diagonal(weights, 0)
        cases.append((weights, rng.choice([-1, 1], 5), node))
    return cases


def _update_slowly(weights: np.ndarray, state: np.ndarray, node: int) -> int:
    field = sum(float(weight) * int(value) for weight, value in zip(weights[node], state, strict=True))
    return int(state[node]) if field == 0 else 1 if field > 0 else -1


@exercise(
    lesson,
    reference=_update_slowly,
    cases=_some_nodes,
    mistakes=[
        Mistake(
            lambda weights, state, node: 1 if weights[node] @ state >= 0 else -1,
            "Where the field is exactly 0, nobody wants anything: the node keeps its state, state[node].",
        ),
        Mistake(
            lambda weights, state, node: 1 if weights[node] @ state > 0 else -1,
            "At a field of exactly 0 your node becomes -1. It should keep its state there, state[node].",
        ),
        Mistake(
            lambda weights, state, node: np.sign(weights[node] @ state),
            "np.sign(0) is 0, and no node may be 0. Where the field is 0, give back state[node].",
        ),
        Mistake(
            lambda weights, state, node: 1 if weights[node] @ state + state[node] > 0 else -1,
            "No node hears itself: its own state counts only where the field is exactly 0.",
        ),
        Mistake(
            lambda weights, state, node: weights[node] @ state > 0,
            "A state is +1 or -1, and you give 1 or 0, or True or False.",
        ),
        Mistake(
            lambda weights, state, node: None if weights[node] @ state == 0 else _update_slowly(weights, state, node),
            "Where the field is exactly 0 your function gives nothing back. The node keeps its state there: "
            "return state[node].",
        ),
        Mistake(
            lambda weights, state, node: np.where(
                np.arange(len(state)) == node, _update_slowly(weights, state, node), state
            ),
            "You give all states back. Only that of the one node is asked for.",
        ),
        Mistake(lambda weights, state, node: weights[node] @ state, "That is the field. The answer is its sign."),
        Mistake(
            lambda weights, state, node: (
                -_update_slowly(weights, state, node) if weights[node] @ state else state[node]
            ),
            "The node does the opposite of what the others want. A field above 0 makes it +1.",
        ),
        Mistake(
            lambda weights, state, node: _update_slowly(weights.T, state, node),
            "What node i hears stands in row i of the weights: weights[node], not weights[:, node].",
        ),
        Mistake(
            lambda weights, state, node: np.array([_update_slowly(weights, state, i) for i in range(len(state))]),
            "You answer for all nodes. Only one is asked: weights[node] @ state.",
        ),
    ],
    hints=[
        "First the field: field = weights[node] @ state",
        "Three cases: above 0 it becomes 1, below 0 it becomes -1, and at 0 it keeps state[node].",
        "if field == 0: return state[node], and after it: return 1 if field > 0 else -1",
    ],
    notice="this is the step of lesson 03 with the bias 0, except that at 0 the node keeps what it was. "
    "The whole recall is this line again and again.",
)
def update(weights, state, node):
    field = weights[node] @ state
    if field == 0:
        return state[node]
    return 1 if field > 0 else -1


def _some_states(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    small = np.array([[0.0, 0.5], [0.5, 0.0]])
    cases = [(small, np.array([1, 1])), (small, np.array([1, -1]))]
    for patterns in (np.array([[1, -1, 1, -1]]), rng.choice([-1, 1], (2, 5)), rng.choice([-1, 1], (3, 6))):
        weights = _hebb_slowly(patterns)
        cases += [(weights, patterns[0]), (weights, rng.choice([-1, 1], patterns.shape[1]))]
    return cases


def _energy_slowly(weights: np.ndarray, state: np.ndarray) -> float:
    total = 0.0
    for i in range(len(state)):
        for j in range(len(state)):
            total -= 0.5 * float(weights[i, j]) * int(state[i]) * int(state[j])
    return total


@exercise(
    lesson,
    reference=_energy_slowly,
    cases=_some_states,
    mistakes=[
        Mistake(
            lambda weights, state: 2 * _energy_slowly(weights, state),
            "Every pair is counted twice, there and back. Take half of it: -0.5 * ...",
        ),
        Mistake(
            lambda weights, state: -_energy_slowly(weights, state),
            "The minus is missing: agreement should lower the energy.",
        ),
        Mistake(
            lambda weights, state: -0.5 * state * (weights @ state),
            "Those are the parts of the single nodes. The energy is their sum: state @ weights @ state.",
        ),
        Mistake(
            lambda weights, state: -0.5 * float(np.sum(weights @ state)),
            "The fields are added up, but each has to be multiplied by the node's own state: state @ weights @ state.",
        ),
        Mistake(
            lambda weights, state: -0.5 * float(np.sum(weights)),
            "Only the strengths are in it, and not the state. state @ weights @ state has both.",
        ),
    ],
    hints=[
        "state @ weights @ state is the sum over all i and j of w_ij times s_i times s_j.",
        "Half of that, because every pair is in it twice, with a minus before it.",
        "return -0.5 * state @ weights @ state",
    ],
    notice="the minus sign has no effect on what happens; it only makes 'agreeing' the way down, as in physics.",
)
def energy(weights, state):
    return -0.5 * state @ weights @ state


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "Why does recall come to rest when one node answers at a time?",
            [
                Option(
                    "Every change lowers the energy, and there are only finitely many states",
                    "It can never come back to a state that it has left, because that one lies higher.",
                    True,
                ),
                Option("The number of rounds is limited", "A limit would stop it, but it would not be at rest."),
                Option("The strengths become smaller", "The strengths stay as they were stored. Only states change."),
            ],
        ),
        Question(
            "Where in the network is the letter J kept?",
            [
                Option("In a node of its own", "All 35 nodes take part in every memory, and there is no node for J."),
                Option(
                    "In all the strengths together, along with the other letters",
                    "Each strength is a sum over all patterns. That is why they can disturb each other.",
                    True,
                ),
                Option("In a list that is searched", "Nothing is searched or compared: nodes hear nodes, that is all."),
            ],
        ),
        Question(
            "You store more and more random patterns in 1,000 nodes. When does it begin to fail?",
            [
                Option("At 1,000, one for each node", "Far earlier: every pattern is noise for all others."),
                Option("At about 138", "0.138 N (Amit, Gutfreund and Sompolinsky 1985).", True),
                Option(
                    "Never, there are 2 to the power of 1,000 states",
                    "So many states there are, but only few of them can be places of rest of your choice.",
                ),
            ],
        ),
        Question(
            "All nodes answer at once, and strengths are equal there and back. What may happen?",
            [
                Option("The same as one at a time, only faster", "It may also flip between two states for ever."),
                Option(
                    "It flips between two states for ever",
                    "Each node answers to what the others were, and they change in the same moment.",
                    True,
                ),
                Option(
                    "It wanders through all states",
                    "With equal strengths a circle of all-at-once answers has at most two states.",
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
            "From the lesson on the perceptron: what does Rosenblatt's rule need that Hebb's rule does not?",
            [
                Option(
                    "A target to compare the answer with", "It learns from mistakes, Hebb's rule from agreement.", True
                ),
                Option("Inputs", "Both have them: here the patterns themselves."),
                Option("Weights", "Both rules make weights."),
            ],
        ),
        Question(
            "From the lesson on recurrent networks: a linear loop has a feedback strength of 1. "
            "What becomes of its state when no input comes any more?",
            [
                Option("It fades", "It fades with a strength between 0 and 1."),
                Option(
                    "It stays as it is",
                    "Each step multiplies it by 1. That is a memory, too, of a single number.",
                    True,
                ),
                Option("It explodes", "For that the strength has to be above 1."),
            ],
        ),
    ],
)
