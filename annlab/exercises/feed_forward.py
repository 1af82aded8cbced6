"""Exercises of lesson 06: one layer as a matrix product, a whole network, and XOR with two hidden nodes."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("06_feed_forward", "Feed-forward networks")

_BOTH, _FIRST, _SECOND = range(3)


def _look_at_the_hidden_nodes(lab: Any) -> Seen | None:
    """What the two hidden nodes of the network for XOR answered to (1, 1)."""
    state = lab.state
    if state.network != "xor" or state.activation != "step" or state.x.tolist() != [1.0, 1.0] or not state.lit:
        return None
    first, second = state.outputs[1].tolist()
    came_true = _BOTH if first == second else _FIRST if first else _SECOND
    return came_true, f"The first hidden node answers {first:.0f} and the second {second:.0f}."


hidden_nodes = Predict(
    lesson,
    "hidden_nodes",
    "The first hidden node has the weights 1 and 1 and the bias -0.5; the second has -1 and -1 and 1.5. Both inputs "
    "are 1. Which of the two answers 1?",
    ["Both", "The first alone", "The second alone"],
    observe=_look_at_the_hidden_nodes,
    first="Set x2 to 1, press Next layer once, and click the hidden nodes to read their sums.",
    because="The sums are 1 + 1 - 0.5 = 1.5 and -1 - 1 + 1.5 = -0.5: the first says OR, the second NAND, not both. "
    "The output node needs 1 from both of them, so for (1, 1) it answers 0: this is XOR.",
)

_SMOOTHLY, _IN_JUMPS, _NEVER = range(3)


def _look_at_the_jumps(lab: Any) -> Seen | None:
    """How the output changes while x1 goes from one end to the other, with steps in all nodes."""
    state = lab.state
    if state.network != "one hidden" or state.activation != "step" or state.x1 < 0.9 or state.lit < 2:
        return None
    way = np.column_stack([np.linspace(-1, 1, 201), np.full(201, state.x2)])
    answers = state.model(way)[:, 0]
    jumps, said = int((np.diff(answers) != 0).sum()), set(answers.tolist())
    came_true = _SMOOTHLY if len(said) > 2 else _IN_JUMPS if jumps else _NEVER
    times = "does not change at all" if not jumps else "jumps once" if jumps == 1 else f"jumps {jumps} times"
    return came_true, f"On the way of x1 from -1 to 1 the output {times}, and it is always one of {sorted(said)}."


jumps = Predict(
    lesson,
    "jumps",
    "A network 2-3-1, with a step in every node. You move x1 slowly from -1 to 1. How does the output change?",
    ["Smoothly, a little with every little move", "In jumps, with nothing between them", "Not at all"],
    observe=_look_at_the_jumps,
    first="Press Next layer twice, move x1 slowly from -1 to 1, and leave it there.",
    because="Each hidden node is 0 or 1, and changes only where its own line is crossed. Between two lines nothing "
    "happens. Set Activation to sigmoid: now every little move shows. That is what learning by slopes will need.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "Inputs (1, 2). Two hidden nodes with relu: the first has the weights (1, -1) and no bias, the second (0.5, 0.5) "
    "and the bias -0.5. The output node is linear, with the weights (2, 3) and the bias 0.5. What does it answer?",
    3.5,
    tolerance=0.001,
    hints={
        1.5: "You left out the relu: the first hidden node has the sum -1, and relu makes 0 of it.",
        3.0: "You forgot the bias of the output node, 0.5.",
        5.0: "You forgot the bias of the second hidden node: 0.5 + 1 - 0.5 = 1.",
        5.5: "You took the size of -1. Relu makes 0 of everything below 0.",
    },
    hint="The first hidden node: 1 - 2 = -1, after relu 0. The second: 0.5 + 1 - 0.5. Then the output node.",
    notice="the hidden nodes answer 0 and 1, so the output is 2 * 0 + 3 * 1 + 0.5 = 3.5.",
)


def _some_layers(rng: np.random.Generator) -> list[tuple[np.ndarray, ...]]:
    small: list[tuple[np.ndarray, ...]] = [
        (np.array([[1.0, 2.0]]), np.array([[1.0, -1.0], [0.5, 0.0]]), np.array([0.0, 1.0]))
    ]
    sizes = ((2, 3, 2), (3, 2, 4), (4, 4, 4))
    return small + [
        tuple(rng.normal(0, 1, shape).round(1) for shape in ((rows, inputs), (inputs, units), (units,)))
        for rows, inputs, units in sizes
    ]


def _layer_slowly(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> list[list[float]]:
    table = []
    for row in x.tolist():
        answers = []
        for unit in range(kernel.shape[1]):
            z = bias.tolist()[unit]
            for value, weight in zip(row, kernel[:, unit].tolist(), strict=True):
                z += value * weight
            answers.append(max(z, 0.0))
        table.append(answers)
    return table


@exercise(
    lesson,
    reference=_layer_slowly,
    cases=_some_layers,
    mistakes=[
        Mistake(
            lambda x, kernel, bias: x @ kernel + bias,
            "The activation is missing: relu keeps what is above 0 and makes 0 of the rest, np.maximum(..., 0).",
        ),
        Mistake(
            lambda x, kernel, bias: np.maximum(x @ kernel, 0),
            "The bias is missing. It is a row with one number for each node, and numpy adds it to every row.",
        ),
        Mistake(
            lambda x, kernel, bias: np.maximum(x @ kernel, 0) + bias,
            "The bias belongs to the sum, before the activation: np.maximum(x @ kernel + bias, 0).",
        ),
        Mistake(
            lambda x, kernel, bias: np.maximum(x @ kernel.T + bias, 0),
            "The kernel lies on its side: it has one column for each node, so x @ kernel is right as it is.",
        ),
        Mistake(
            lambda x, kernel, bias: np.maximum(x @ kernel - bias, 0),
            "The bias is added, not taken away.",
        ),
        Mistake(
            lambda x, kernel, bias: np.maximum(x * kernel + bias, 0),
            "* multiplies number by number. The weighted sums of a whole layer are a matrix product: @.",
        ),
    ],
    hints=[
        "x @ kernel gives all weighted sums at once: a row for each example, a column for each node.",
        "x @ kernel + bias are the sums z. relu(z) is np.maximum(z, 0).",
        "return np.maximum(x @ kernel + bias, 0)",
    ],
    notice="the same line works for one example and for a thousand: each is a row of x.",
)
def layer(x, kernel, bias):
    return np.maximum(x @ kernel + bias, 0)


def _some_networks(rng: np.random.Generator) -> list[tuple[np.ndarray, ...]]:
    cases = []
    for rows, inputs, hidden, outputs in ((1, 2, 2, 1), (2, 2, 3, 2), (3, 3, 4, 3), (4, 4, 4, 4)):
        shapes = ((rows, inputs), (inputs, hidden), (hidden,), (hidden, outputs), (outputs,))
        cases.append(tuple(rng.normal(0, 1, shape).round(1) for shape in shapes))
    return cases


def _forward_slowly(
    x: np.ndarray, kernel_1: np.ndarray, bias_1: np.ndarray, kernel_2: np.ndarray, bias_2: np.ndarray
) -> list[list[float]]:
    table = []
    for row in x:
        hidden = [float(np.tanh(sum(row * kernel_1[:, unit]) + bias_1[unit])) for unit in range(len(bias_1))]
        table.append([float(sum(np.array(hidden) * kernel_2[:, unit]) + bias_2[unit]) for unit in range(len(bias_2))])
    return table


@exercise(
    lesson,
    reference=_forward_slowly,
    cases=_some_networks,
    mistakes=[
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: (x @ kernel_1 + bias_1) @ kernel_2 + bias_2,
            "The hidden layer's tanh is missing, so both layers together are only one linear layer.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(np.tanh(x @ kernel_1 + bias_1) @ kernel_2 + bias_2),
            "The output layer is linear here: no tanh around the last sum.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(x @ kernel_1 + bias_1) @ kernel_2,
            "The bias of the output layer is missing.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(x @ kernel_1) @ kernel_2 + bias_2,
            "The bias of the hidden layer is missing.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: x @ kernel_2 + bias_2,
            "The output layer hears the hidden layer, not the inputs.",
        ),
    ],
    hints=[
        "Two lines: what the hidden layer answers, and what the output layer makes of that.",
        "hidden = np.tanh(x @ kernel_1 + bias_1)",
        "return hidden @ kernel_2 + bias_2",
    ],
    notice="the output of one layer is the input of the next. A network of ten layers is ten such lines.",
)
def forward(x, kernel_1, bias_1, kernel_2, bias_2):
    hidden = np.tanh(x @ kernel_1 + bias_1)
    return hidden @ kernel_2 + bias_2


_CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def _some_corners(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    return [(_CORNERS[3:],), (_CORNERS[1:3],), (_CORNERS,), (_CORNERS[rng.integers(0, 4, 8)],)]


def _xor_slowly(x: np.ndarray) -> list[int]:
    return [1 if first != second else 0 for first, second in x.tolist()]


@exercise(
    lesson,
    reference=_xor_slowly,
    cases=_some_corners,
    mistakes=[
        Mistake(
            lambda x: x @ [1, 1] - 0.5 >= 0,
            "That is OR: (1, 1) should give 0. It wants the second hidden node as well, and AND on top of both.",
        ),
        Mistake(
            lambda x: x @ [-1, -1] + 1.5 >= 0,
            "That is NAND: (0, 0) should give 0. It wants the other hidden node as well, and AND on top of both.",
        ),
        Mistake(
            lambda x: x @ [1, 1] - 1.5 >= 0,
            "That is AND. It belongs on top, over the answers of the two hidden nodes, not over the inputs.",
        ),
        Mistake(
            lambda x: x[:, 0] == x[:, 1],
            "That is the opposite, 1 where both are equal. One sign is the wrong way round.",
        ),
        Mistake(
            lambda x: np.ones(len(x), dtype=int),
            "It answers 1 to everything: one OR on top of OR and NAND is always true. On top belongs AND, bias -1.5.",
        ),
    ],
    hints=[
        "The first hidden node is OR, x @ [1, 1] - 0.5 >= 0. The second is NAND, not both: x @ [-1, -1] + 1.5 >= 0.",
        "The output node is AND over the two: their sum minus 1.5 is 0 or more only where both are 1.",
        "True and False count as 1 and 0 in a sum: return 1 * either + 1 * not_both - 1.5 >= 0",
    ],
    notice="two lines and a node that asks for both: that is a strip of the plane, which no single node can cut out.",
)
def xor(x):
    either = x @ [1, 1] - 0.5 >= 0
    not_both = x @ [-1, -1] + 1.5 >= 0
    return 1 * either + 1 * not_both - 1.5 >= 0


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "A layer of 16 nodes hears 64 inputs. What is the shape of its kernel?",
            [
                Option("(16, 64)", "Rows are inputs and columns are nodes: it is the other way round."),
                Option("(64, 16)", "One row for each input, one column for each node.", True),
                Option("(64,)", "That would be the weights of a single node."),
            ],
        ),
        Question(
            "How many weights and biases has a network 2-3-1 together?",
            [
                Option("9", "2 * 3 + 3 * 1 = 9 are the weights. Each of the 4 nodes has a bias as well."),
                Option("13", "6 + 3 weights, and 3 + 1 biases.", True),
                Option("6", "Those are the weights of the first layer alone."),
            ],
        ),
        Question(
            "What does 'feed-forward' mean?",
            [
                Option(
                    "Signals go from layer to layer, never back", "No node hears itself, not even by a detour.", True
                ),
                Option(
                    "The network learns from its errors", "That is training. It is about the weights, not the signals."
                ),
                Option("Each node hears all nodes of the network", "Each hears the layer before its own."),
            ],
        ),
        Question(
            "x has the shape (32, 4) and the kernel (3, 5). What happens at x @ kernel?",
            [
                Option("It gives (32, 5)", "It would if the kernel were (4, 5): the inner numbers have to be equal."),
                Option("An error: 4 is not 3", "4 inputs come, and the kernel has rows for 3.", True),
                Option("The missing row counts as 0", "numpy does not guess. It stops."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on the perceptron: why can the rule not teach a hidden node?",
            [
                Option(
                    "It has no target", "The error is target minus answer, and nobody says what it should answer.", True
                ),
                Option("It has no bias", "It may have one, like every node."),
                Option("It has too many inputs", "Any number of inputs is fine for the rule."),
            ],
        ),
        Question(
            "From the lesson on curved activations: what does softmax do that sigmoid does not?",
            [
                Option("It keeps each output between 0 and 1", "So does the sigmoid, for each output by itself."),
                Option("It makes all outputs of a layer add up to 1", "It shares out 1 among them.", True),
                Option("It is steeper at 0", "It has no single z: it compares all nodes of the layer."),
            ],
        ),
    ],
)
