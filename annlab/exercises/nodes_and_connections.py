"""Exercises of lesson 01: kinds of nodes, strengths in a table, and the value that a node takes."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("01_nodes_and_connections", "Nodes and connections")

_ONLY_H2, _H2_AND_Y, _ALL = range(3)
_BEFORE = {"x1": 0.8, "x2": 0.5, "h1": 0.82, "h2": 0.0, "h3": 0.88, "y": 1.366}


def _look_at_the_turned_strength(lab: Any) -> Seen | None:
    """Which values are no longer what they were, once the strength from x1 to h2 alone was raised far enough."""
    facts = lab.facts(lab.state)
    changed = [name for name, before in _BEFORE.items() if abs(facts[name] - before) > 1e-6]
    if changed != ["h2", "y"]:
        return None
    now = f"h2 went from 0 to {facts['h2']:.3g} and y from 1.366 to {facts['y']:.4g}"
    return _H2_AND_Y, f"With this strength, {now}. The inputs, h1 and h3 kept their values."


turned = Predict(
    lesson,
    "turned",
    "The strength from x1 to h2 is -0.3. You slide it to 1. Which activation values change?",
    ["Only that of h2", "Those of h2 and y", "Those of all nodes"],
    observe=_look_at_the_turned_strength,
    first="Set Strength to 1, and leave the other controls where they are.",
    because="Values travel in one direction, from the inputs to the output. The connection ends at h2, so h2 changes; "
    "h2 leads to y, so y changes too. No connection leads from h2 to h1, to h3 or back to the inputs.",
)

_LOWER, _TWO_THIRDS, _ONE_THIRD = range(3)


def _look_at_the_weaker_input(lab: Any) -> Seen | None:
    """How often the cell fires, once the sum into h1 is 0.64."""
    facts = lab.facts(lab.state)
    if abs(facts["h1"] - 0.64) > 1e-6 or abs(facts["z"] - 0.64) > 1e-6:
        return None
    words = f"With a sum of 1 the cell fired 49.2 times a second, with a sum of 0.64 it fires {facts['rate']:.1f} times"
    return _ONE_THIRD, f"{words}, and each spike is as high as before. The node's value went from 1 to 0.64."


weaker = Predict(
    lesson,
    "weaker",
    "You lower the input x1 from 1 to 0.6. The sum of h1, and with it the node's activation value, falls from 1 to "
    "0.64. The cell gets the same sum. What does it do?",
    [
        "It fires as often as before, with lower spikes",
        "It fires about two thirds as often",
        "It fires about a third as often, and each spike is as high as before",
    ],
    observe=_look_at_the_weaker_input,
    first="Set Input x1 to 0.6.",
    because="A spike is all or nothing. A weaker input takes longer to lift the voltage to the threshold, so fewer "
    "spikes come; and what leaks away meanwhile is lost, so there are fewer still. At a sum of 0.6 there are none.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The inputs are x1 = 0.5 and x2 = -1. The strengths into h1 are 0.4 and -0.7, and the transfer function is relu. "
    "What is the activation value of h1?",
    0.9,
    tolerance=0.001,
    hints={
        -0.5: "The second product is -1 times -0.7, which is above zero: minus times minus.",
        0.0: "relu gives 0 only for a sum below 0. Look at the sign of the second product: minus times minus.",
        0.2: "That is the first product alone. Add the second one.",
        0.7: "That is the second product alone. Add the first one.",
        -0.9: "The number is right and the sign is not: 0.2 + 0.7.",
        0.15: "You added the inputs and the strengths before multiplying. Each input has a strength of its own.",
        -0.8: "An input and its strength are multiplied, not added.",
    },
    hint="Two products, 0.5 times 0.4 and -1 times -0.7; add them; relu keeps what is above 0.",
    notice="0.2 + 0.7 = 0.9, and relu leaves it, because it is above 0. An input below 0 through a strength below 0 "
    "adds to the sum.",
)


def _some_nodes(rng: np.random.Generator) -> list[tuple[str, list[str], list[str]]]:
    path = ["eye", "nerve"], ["nerve", "muscle"]
    lab = ["x1", "x1", "x2", "x2", "h1", "h2"], ["h1", "h2", "h1", "h2", "y", "y"]
    odd = ["year", "hand", "hand", "xylem"], ["hand", "xylem", "home", "home"]
    return [(node, *links) for links in (path, lab, odd) for node in sorted({*links[0], *links[1]})]


def _kind_slowly(node: str, starts: list[str], ends: list[str]) -> int:
    leaves = arrives = 0
    for start, end in zip(starts, ends, strict=True):
        leaves += start == node
        arrives += end == node
    return 0 if arrives == 0 else 2 if leaves == 0 else 1


@exercise(
    lesson,
    reference=_kind_slowly,
    cases=_some_nodes,
    mistakes=[
        Mistake(
            lambda node, starts, ends: 0 if node not in starts else 2 if node not in ends else 1,
            "Inputs and outputs have changed places. Nothing leads to an input node: it is not in ends.",
        ),
        Mistake(
            lambda node, starts, ends: 0 if node in starts else 2 if node in ends else 1,
            "Connections leave hidden nodes too, so being in starts does not make an input. Ask what is not there.",
        ),
        Mistake(
            lambda node, starts, ends: 0 if node in ends else 2 if node in starts else 1,
            "A not is missing: an input node is the one that is not in ends.",
        ),
        Mistake(
            lambda node, starts, ends: {"x": 0, "h": 1, "y": 2}.get(node[0], 1),
            "A node may have any name. What it is depends on its connections, not on its first letter.",
        ),
        Mistake(
            lambda node, starts, ends: 0 if node not in ends else 2,
            "The hidden nodes are missing: those to which connections lead, and from which others leave.",
        ),
        Mistake(
            lambda node, starts, ends: 1 if node not in ends else 3 if node not in starts else 2,
            "The numbers begin with 0: 0 for an input, 1 for a hidden node, 2 for an output.",
        ),
        Mistake(
            lambda node, starts, ends: "input" if node not in ends else "output" if node not in starts else "hidden",
            "You give the name, which is right. Asked for is the number: 0, 1 or 2.",
        ),
    ],
    hints=[
        "Nothing leads to an input node. Nothing leaves an output node.",
        "node not in ends is true where no connection ends at the node.",
        "if node not in ends: return 0. Then: if node not in starts: return 2.",
    ],
    notice="it needs no names and no picture: what a node is, its connections say.",
)
def kind_of_node(node, starts, ends):
    if node not in ends:
        return 0
    if node not in starts:
        return 2
    return 1


def _some_tables(rng: np.random.Generator) -> list[tuple[np.ndarray, int, int]]:
    small = np.array([[0.9, -0.3, 0.6], [0.2, -0.4, 0.8]])
    tables = [small, rng.uniform(-1, 1, (3, 3)).round(2), rng.uniform(-1, 1, (4, 2)).round(2)]
    tables.append(rng.uniform(-5, 5, (3, 5)).round(1))
    return [
        (table, i, j)
        for table in tables
        for i, j in ((1, 1), (1, 2), (2, 1), (len(table), table.shape[1]), (len(table), 1))
    ]


def _strength_slowly(kernel: np.ndarray, i: int, j: int) -> float:
    for row, strengths in enumerate(kernel.tolist(), start=1):
        for column, strength in enumerate(strengths, start=1):
            if (row, column) == (i, j):
                return strength
    raise LookupError


@exercise(
    lesson,
    reference=_strength_slowly,
    cases=_some_tables,
    mistakes=[
        Mistake(
            lambda kernel, i, j: kernel[j - 1, i - 1],
            "Row and column have changed places. The row is where the connection comes from, and it stands first.",
        ),
        Mistake(
            lambda kernel, i, j: kernel[i, j],
            "One too far both ways: x1 stands in row 0 and h1 in column 0, because Python counts from 0.",
        ),
        Mistake(
            lambda kernel, i, j: kernel[j, i],
            "Two slips: row and column have changed places, and Python counts from 0.",
        ),
        Mistake(lambda kernel, i, j: kernel[i - 1, j], "The row is right. The column counts from 0 too: j - 1."),
        Mistake(lambda kernel, i, j: kernel[i, j - 1], "The column is right. The row counts from 0 too: i - 1."),
        Mistake(
            lambda kernel, i, j: kernel[i - 1],
            "That is a whole row: all strengths that leave the node. Say which column too, after a comma.",
        ),
        Mistake(
            lambda kernel, i, j: kernel[:, j - 1],
            "That is a whole column: all strengths that lead to the node. Say which row, before the comma.",
        ),
    ],
    hints=[
        "One row for each node that a connection comes from, one column for each node that it leads to.",
        "kernel[row, column] is one number, and rows and columns count from 0.",
        "return kernel[i - 1, j - 1]",
    ],
    notice="a row is what one node sends, a column is what one node receives.",
)
def strength(kernel, i, j):
    return kernel[i - 1, j - 1]


def _some_values(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, int]]:
    kernel = np.array([[0.9, -0.3, 0.6], [0.2, -0.4, 0.8]])
    cases = [(np.array([0.8, 0.5]), kernel, j) for j in (1, 2, 3)]
    for before, after in ((3, 3), (4, 2), (3, 5)):
        table = rng.uniform(-1, 1, (before, after)).round(2)
        cases += [(rng.uniform(-1, 1, before).round(2), table, j) for j in (1, 2, after)]
    return cases


def _value_slowly(values: np.ndarray, kernel: np.ndarray, j: int) -> float:
    total = 0.0
    for at, value in enumerate(values.tolist()):
        total += value * float(kernel[at][j - 1])
    return total if total > 0 else 0.0


@exercise(
    lesson,
    reference=_value_slowly,
    cases=_some_values,
    mistakes=[
        Mistake(
            lambda values, kernel, j: max(np.sum(values * kernel[j - 1]), 0),
            "You took row j. What leads to a node stands in its column: kernel[:, j - 1].",
        ),
        Mistake(
            lambda values, kernel, j: max(np.sum(values * kernel[:, j]), 0),
            "That is the column of the next node: Python counts from 0, so it is j - 1.",
        ),
        Mistake(
            lambda values, kernel, j: np.sum(values * kernel[:, j - 1]),
            "That is the sum. relu is missing: a sum below 0 becomes 0, with max(total, 0).",
        ),
        Mistake(
            lambda values, kernel, j: min(np.sum(values * kernel[:, j - 1]), 0),
            "min keeps the smaller one. relu keeps what is above 0: max(total, 0).",
        ),
        Mistake(
            lambda values, kernel, j: np.maximum(values * kernel[:, j - 1], 0),
            "You give one number for each input. Add the products up with np.sum first.",
        ),
        Mistake(
            lambda values, kernel, j: np.sum(np.maximum(values * kernel[:, j - 1], 0)),
            "relu comes last, once: first the whole sum, products below 0 included, then max(total, 0).",
        ),
        Mistake(
            lambda values, kernel, j: max(np.sum(values + kernel[:, j - 1]), 0),
            "A value and its strength are multiplied, not added.",
        ),
        Mistake(
            lambda values, kernel, j: max(np.sum(kernel[:, j - 1]), 0),
            "You added the strengths alone. Multiply each by the value of the node that it comes from.",
        ),
        Mistake(
            lambda values, kernel, j: abs(np.sum(values * kernel[:, j - 1])),
            "abs turns a sum below 0 around. relu makes 0 of it: max(total, 0).",
        ),
        Mistake(
            lambda values, kernel, j: np.maximum(values @ kernel, 0),
            "Those are the values of all nodes of the layer at once. Asked for is the one of node j alone.",
        ),
    ],
    hints=[
        "Three steps: the column of the node, value times strength added up, and 0 in place of a sum below 0.",
        "kernel[:, j - 1] is the column, and np.sum(values * strengths) the sum.",
        "strengths = kernel[:, j - 1], total = np.sum(values * strengths), then return max(total, 0)",
    ],
    notice="a whole layer is this, once for each column. Lesson 06 does them all at once.",
)
def value_of_node(values, kernel, j):
    strengths = kernel[:, j - 1]
    total = np.sum(values * strengths)
    return max(total, 0)


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "Connections lead from a to b and from b to c, and there are no others. What is b?",
            [
                Option("An input node", "Something leads to b, so it is not set from outside. The input node is a."),
                Option("A hidden node", "It stands between: nobody outside sets it or reads it.", True),
                Option("An output node", "A connection leaves b. The output node is c."),
            ],
        ),
        Question(
            "A connection has the strength -0.8. What does it do?",
            [
                Option("It leads backwards", "The direction is where it starts and ends. The sign is another matter."),
                Option(
                    "The larger the value it starts from, the smaller the sum where it ends",
                    "Value times -0.8 is added, so a larger value takes more away.",
                    True,
                ),
                Option("It is weaker than one of 0.1", "How strong it is, its size says: 0.8 is more than 0.1."),
            ],
        ),
        Question(
            "A weight matrix has 4 rows and 2 columns. What does it connect?",
            [
                Option("4 nodes with the 2 nodes they lead to", "Rows: where from. Columns: where to.", True),
                Option("2 nodes with the 4 nodes they lead to", "The other way round: rows are where they come from."),
                Option("8 nodes with each other", "There are 8 connections, one for each place of the table."),
            ],
        ),
        Question(
            "A biological cell gets a stronger input. What does it send on?",
            [
                Option("Higher spikes", "All spikes of a cell are about equally high."),
                Option(
                    "More spikes in a second", "How often it fires is what tells a strong input from a weak one.", True
                ),
                Option("Longer spikes", "A spike takes about a thousandth of a second, whatever the input."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on how to start: you changed a cell, but did not run it. What does Python know?",
            [
                Option("The new text", "Python learns of a cell only when it is run."),
                Option("What the cell said when it was run last", "A cell acts when it is run, not when typed.", True),
                Option("Nothing any more", "Typing takes nothing away. Only a restart makes Python forget."),
            ],
        ),
        Question(
            "From the same lesson: you restart the kernel. What is lost?",
            [
                Option("The text of the cells", "That is in the notebook file and stays."),
                Option("Your progress", "It is kept in a small file and survives a restart."),
                Option("All variables", "Names, numbers and networks are gone until the cells run again.", True),
            ],
        ),
    ],
)
