"""Exercises of lesson 01: the nodes by their names, what a node collects, and how a table of strengths is read."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("01_nodes_and_connections", "Nodes and connections")

_ALL, _THREE, _ONE = range(3)
_START = np.array([[0.9, -0.3, 0.6], [0.2, -0.4, 0.8]])


def _look_at_one_strength(lab: Any) -> Seen | None:
    """Which values differ from those at the start, once the strength from x1 to h1 alone was moved."""
    first = lab.model.layers[-2].kernel
    if lab.state.activation != "sigmoid" or first[0, 0] == 0.9 or (lab.state.x1, lab.state.x2) != (0.8, 0.5):
        return None
    if not np.array_equal(first.ravel()[1:], _START.ravel()[1:]):
        return None
    facts = lab.facts(lab.state)
    words = f"The values of h1 and y are {facts['h1']:.3f} and {facts['y']:.3f} now, and were 0.694 and 0.732."
    return _ONE, f"{words} h2 and h3 are what they were."


one_strength = Predict(
    lesson,
    "one_strength",
    "You change one strength, that of the connection from x1 to h1. Which activation values change?",
    ["All of them", "Those of h1, h2 and h3", "Those of h1 and of the output y"],
    observe=_look_at_one_strength,
    usual=_ONE,
    first="Leave the inputs as they are and the connection at x1 \u2192 h1, and move the slider Strength.",
    because="Values travel along connections, and only forwards. From the end of this one there is a way to h1 and "
    "from there to y; to h2 and h3 there is none.",
)

_EVENLY, _FROM_A_POINT, _ALWAYS = range(3)


def _look_at_the_cell(lab: Any) -> Seen | None:
    """How often the cell fires, once its sum is small but above 0."""
    facts = lab.facts(lab.state)
    if not 0.05 <= facts["z"] <= 0.6:
        return None
    words = f"With the sum {facts['z']:.2f} the cell fires {facts['rate']:.0f} times a second"
    return _FROM_A_POINT, f"{words}, while the node at the same place answers with a number above 0."


cell = Predict(
    lesson,
    "cell",
    "The sum of h1 is 0.82, and the cell that gets the same sum fires 35 times a second. You lower the sum to "
    "about half. What does the cell do?",
    ["It fires about half as often", "It falls silent", "It fires as often as before"],
    observe=_look_at_the_cell,
    usual=_FROM_A_POINT,
    first="Move the strength of x1 \u2192 h1 down to 0.4, or the input x1, until the sum of h1 is about 0.4.",
    because="The voltage of the cell is pulled up by the sum and leaks away all the time. Below a certain sum it comes "
    "to rest short of the threshold, and there is no spike at all. Above, more means more often.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The node x1 has the value 0.5 and its connection to h1 the strength 0.8. The node x2 has the value 1, its "
    "connection to h1 the strength -0.6. What sum does h1 collect?",
    -0.2,
    tolerance=0.001,
    hints={
        1.0: "The second connection is negative: what it brings is taken away.",
        0.2: "The size is right. The negative connection brings more than the positive one.",
        0.4: "That is what the first connection brings. The second one brings something too.",
        -0.6: "That is what the second connection brings. The first one brings something too.",
        1.7: "Value and strength are multiplied: 0.5 times 0.8, and 1 times -0.6.",
    },
    hint="Each connection brings value times strength. Add the two.",
    notice="0.5 times 0.8 is 0.4, and 1 times -0.6 is -0.6. Together -0.2: the second node has had the last word.",
)


def _some_columns(rng: np.random.Generator) -> list[tuple[list[int]]]:
    return [([2, 1],), ([2, 3, 1],), ([4, 5, 3],), *((rng.integers(1, 6, n).tolist(),) for n in (4, 5))]


def _kinds_slowly(columns: list[int]) -> list[str]:
    names = []
    for at, _ in enumerate(columns):
        if at == 0:
            names.append("input")
        elif at == len(columns) - 1:
            names.append("output")
        else:
            names.append("hidden")
    return names


@exercise(
    lesson,
    reference=_kinds_slowly,
    cases=_some_columns,
    mistakes=[
        Mistake(
            lambda columns: ["input", "hidden", "output"],
            "That is right for three columns. There may be none between the first and the last, or several.",
        ),
        Mistake(
            lambda columns: ["input", *["hidden"] * (len(columns) - 1), "output"],
            "Two of the columns are not hidden, the first and the last: len(columns) - 2 are.",
        ),
        Mistake(
            lambda columns: ["input", *["hidden"] * len(columns), "output"],
            "That is one name for each column, and two more. Those for the first and the last stand there already.",
        ),
        Mistake(
            lambda columns: ["input", *["hidden"] * (len(columns) - 1)],
            "The last column is read from outside: its nodes are output nodes.",
        ),
        Mistake(
            lambda columns: ["output", *["hidden"] * (len(columns) - 2), "input"],
            "Values flow from left to right: they enter at the first column.",
        ),
        Mistake(
            lambda columns: ["input", *["hidden"] * sum(columns[1:-1]), "output"],
            "That is one name for each hidden node. Here a column gets one name, however many nodes it has.",
        ),
        Mistake(
            lambda columns: ["input", *"hidden", "output"],
            'A text is laid out letter by letter. In square brackets, ["hidden"], it is a list with one name.',
        ),
        Mistake(
            lambda columns: ["input", *"hidden" * (len(columns) - 2), "output"],
            "A text times 2 is one longer text, and it is laid out letter by letter. In square brackets it is a list: "
            '["hidden"].',
        ),
        Mistake(
            lambda columns: ["input", *columns[1:-1], "output"],
            'These are the numbers of nodes in the columns between. The names were asked for: "hidden" for each.',
        ),
        Mistake(
            lambda columns: ["input", *(len(columns) - 2), "output"],  # type: ignore[misc]
            'between has to be a list of names. How many: len(columns) says how many columns there are; ["hidden"] '
            "times that number less the two outer ones.",
        ),
    ],
    hints=[
        "The names of the first and the last column stand there. How many columns are between them?",
        'In Python ["hidden"] * 3 is a list with three times the same.',
        '["hidden"] * (len(columns) - 2)',
    ],
    notice="how many nodes a column has plays no part. What is hidden is decided by where it stands.",
)
def kinds(columns):
    between = ["hidden"] * (len(columns) - 2)
    return ["input", *between, "output"]


def _some_nodes(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    cases = [(np.array([0.5]), np.array([0.8])), (np.array([0.5, 1.0]), np.array([0.8, -0.6]))]
    for n in (2, 3, 4):
        values, strengths = rng.uniform(-1, 1, (2, n)).round(1)
        cases.append((values, strengths))
    return cases


def _collects_slowly(values: np.ndarray, strengths: np.ndarray) -> float:
    total = 0.0
    for value, strength in zip(values.tolist(), strengths.tolist(), strict=True):
        total += value * strength
    return total


@exercise(
    lesson,
    reference=_collects_slowly,
    cases=_some_nodes,
    mistakes=[
        Mistake(
            lambda values, strengths: values * strengths,
            "These are the single contributions. The node adds them up: np.sum(...).",
        ),
        Mistake(
            lambda values, strengths: np.sum(values) * np.sum(strengths),
            "Each value goes through its own connection. Multiply pair by pair, then add up.",
        ),
        Mistake(
            lambda values, strengths: np.mean(values * strengths),
            "That is the mean. The node adds up, however many connections it has.",
        ),
        Mistake(
            lambda values, strengths: np.sum(values + strengths),
            "A value and its strength are multiplied, not added.",
        ),
        Mistake(
            lambda values, strengths: np.sum(values * np.abs(strengths)),
            "Strengths below 0 keep their sign.",
        ),
        Mistake(lambda values, strengths: np.sum(values), "The strengths are missing: values * strengths."),
        Mistake(
            lambda values, strengths: values[0] * strengths[0],
            "That is what the first connection brings, and there may be more. In a loop, the return stands after it.",
        ),
        Mistake(
            lambda values, strengths: values[-1] * strengths[-1],
            "That is what the last connection brings. A total begins at 0 before the loop, not inside it.",
        ),
        Mistake(
            lambda values, strengths: values[0] * strengths[0] + values[1] * strengths[1],
            "That is right for two connections. np.sum(...) adds up however many there are.",
        ),
        Mistake(
            lambda values, strengths: 1 / (1 + np.exp(-np.sum(values * strengths))),
            "That is the new value, after the transfer function. Here only the sum before it is asked for.",
        ),
    ],
    hints=[
        "values * strengths multiplies the two arrays pair by pair.",
        "np.sum(...) adds up all numbers of an array.",
        "return np.sum(values * strengths)",
    ],
    notice="that is the whole inner life of a node, but for the transfer function that follows.",
)
def collects(values, strengths):
    return np.sum(values * strengths)


def _some_tables(rng: np.random.Generator) -> list[tuple[np.ndarray, int, int]]:
    small = [(np.array([[0.1, 0.2], [0.3, 0.4]]), 2, 1), (_START, 1, 2), (_START, 2, 3)]
    return [*small, *((rng.uniform(-1, 1, (3, 4)).round(1), start, end) for start, end in ((1, 4), (3, 2), (2, 3)))]


def _strength_slowly(table: np.ndarray, start: int, end: int) -> float:
    for row, line in enumerate(table.tolist(), start=1):
        for column, strength in enumerate(line, start=1):
            if row == start and column == end:
                return strength
    raise ValueError("no such nodes")


@exercise(
    lesson,
    reference=_strength_slowly,
    cases=_some_tables,
    mistakes=[
        Mistake(
            lambda table, start, end: table[start, end],
            "Python counts from 0: the row of the first node is row 0. Subtract 1 from both.",
        ),
        Mistake(
            lambda table, start, end: table[end - 1, start - 1],
            "Row and column have changed places: the row says where a connection starts, the column where it ends.",
        ),
        Mistake(
            lambda table, start, end: table[start - 1, end],
            "The column is counted from 0 as well: end - 1.",
        ),
        Mistake(
            lambda table, start, end: table[start, end - 1],
            "The row is counted from 0 as well: start - 1.",
        ),
        Mistake(
            lambda table, start, end: table[start - 1],
            "That is the whole row: all connections that start there. Choose one with a comma and the column.",
        ),
        Mistake(
            lambda table, start, end: table[:, end - 1],
            "That is the whole column: all connections that end there. Choose one by its row, before the comma.",
        ),
        Mistake(
            lambda table, start, end: table[end, start],
            "Two things at once: the row comes first, and it belongs to start; and Python counts from 0.",
        ),
    ],
    hints=[
        "table[row, column] is one number of a table. Which of the two says where the connection starts?",
        "The connections of the first node stand in row 0, those that end at the first node in column 0.",
        "return table[start - 1, end - 1]",
    ],
    notice="a layer of any size is one such table. It is what training changes, and all that is saved of a network.",
)
def strength_between(table, start, end):
    return table[start - 1, end - 1]


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "A network has 2 input, 3 hidden and 1 output node, and each node is connected with each node of the next "
            "column. How many connections are there?",
            [
                Option("6", "That is the number of nodes. Count the lines between them: 2 times 3, and 3 times 1."),
                Option("9", "Six from the inputs to the hidden nodes, three from there to the output.", True),
                Option("5", "Each of the two inputs has three connections, not one."),
            ],
        ),
        Question(
            "What is an activation value?",
            [
                Option("The number that a node has now", "It changes with the input, and it is passed on.", True),
                Option("The number on a connection", "That is its strength. It stays the same when the input changes."),
                Option("How often a node is used", "Every node is used each time, also one with the value 0."),
            ],
        ),
        Question(
            "A connection of strength -0.5 starts at a node with the value 2. What does it bring to the next node?",
            [
                Option("-1", "Value times strength, and a strength below 0 speaks against.", True),
                Option("1.5", "Value and strength are multiplied, not added."),
                Option("1", "The strength keeps its sign: what it brings is taken away."),
            ],
        ),
        Question(
            "What does a node in an artificial network have in common with a nerve cell?",
            [
                Option(
                    "Both collect signals of different strength and answer with one of their own",
                    "That was the idea taken from the cell. Nearly everything else was left out.",
                    True,
                ),
                Option(
                    "Both send spikes", "Only the cell does. The node's value may be seen as how often one would fire."
                ),
                Option(
                    "Both learn by backpropagation",
                    "Networks do (lesson 09). How cells learn is another matter, and an open one.",
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
            "From Start here: you changed a number in a cell. When does it count?",
            [
                Option("At once", "Python has not seen it yet: a cell is a note until it runs."),
                Option("When the cell is run", "Only what was run counts, in the order in which it was run.", True),
                Option("When the notebook is saved", "Saving keeps the text. It runs nothing."),
            ],
        ),
        Question(
            "From the same lesson: a cell fails after a restart, although it worked before. What is the usual reason?",
            [
                Option(
                    "It used a name that was made by a cell no longer there",
                    "After a restart only what is on the page can be known.",
                    True,
                ),
                Option("The notebook file is damaged", "Then it would not open. The text of the cells is all there."),
                Option("The restart changed its text", "A restart touches no text. It forgets names."),
            ],
        ),
    ],
)
