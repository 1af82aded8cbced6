"""Exercises of lesson 06: the sums of a layer, a forward pass through two layers, and XOR by hand."""

import copy
from typing import Any

import numpy as np

from .. import activations, datasets
from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("06_feed_forward", "Feed forward")

_EVERY, _FROM_THERE, _ONLY_THERE = range(3)


def _look_at_the_new_activation(lab: Any) -> Seen | None:
    """What the outputs of each layer were with tanh in the second hidden layer, and are now."""
    state = lab.state
    if state.activation_2 == "tanh":
        return None
    before = copy.deepcopy(lab.model)
    before.layers[1].activation = activations.get("tanh")
    x = np.array([[state.x1, state.x2]])
    old, new = before.layer_outputs(x), lab.model.layer_outputs(x)
    words = (
        f"With {state.activation_2} k1 is {new[1][0, 0]:.3f} (it was {old[1][0, 0]:.3f}) and o1 is {new[2][0, 0]:.3f} "
        f"(it was {old[2][0, 0]:.3f}), but h1 is {new[0][0, 0]:.3f} as before."
    )
    return _FROM_THERE, words


one_way = Predict(
    lesson,
    "one_way",
    "All layers are lit. You give the second hidden layer another activation. Whose outputs can change?",
    [
        "Those of every layer",
        "Those of the second hidden layer and of the output layer",
        "Those of the second hidden layer only",
    ],
    observe=_look_at_the_new_activation,
    usual=_FROM_THERE,
    first="Change Second hidden layer from tanh to relu, and look at all three layers.",
    because="A layer hears the layer before it and nobody else. What changes somewhere is felt from there on towards "
    "the outputs, and never on the way back.",
)

_EIGHTEEN, _SEVENTEEN, _ELEVEN = range(3)


def _look_at_the_count(lab: Any) -> Seen | None:
    """How many weights and biases there are, once the hidden layer has four nodes."""
    state = lab.state
    if (state.inputs, state.hidden_1, state.hidden_2, state.outputs) != (2, 4, 0, 1):
        return None
    first, second = (layer.kernel.shape for layer in lab.model.layers)
    count = lab.model.count_params()
    return _SEVENTEEN, f"The kernels have the shapes {first} and {second}, the biases 4 and 1 numbers: {count} in all."


count = Predict(
    lesson,
    "count",
    "2 inputs, 2 hidden nodes and 1 output have 9 weights and biases. With 4 hidden nodes, how many are there?",
    ["18", "17", "11"],
    observe=_look_at_the_count,
    usual=_SEVENTEEN,
    first="Set Hidden nodes to 4, and add up what stands under Shapes.",
    because="Each hidden node brings a column of the first kernel (2 weights), a bias, and a row of the second kernel "
    "(1 weight): 4 numbers. Only the bias of the output is there once: 4 times 4, plus 1.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The inputs are 1 and 2. Two hidden nodes with ReLU: h1 has the weights 1 and -1 and the bias 0.5, h2 the weights "
    "0.5 and 1 and the bias -0.5. The output is linear, with the weights 2 and -1 and the bias 0.3. What is it?",
    -1.7,
    tolerance=0.001,
    hints={
        -2.7: "h1 has the sum -0.5, and ReLU makes 0 of it. You used the sum.",
        -2.2: "The biases of the hidden nodes are missing.",
        -2.0: "The bias of the output is missing.",
        0.0: "The output is linear: it may be below 0. Only the hidden nodes have ReLU.",
        2.3: "The weight from h2 to the output is -1: what it brings is taken away.",
        2.0: "That is h2. One more layer: its output times -1, h1 times 2, and the bias.",
    },
    hint="Three sums: h1, h2, then the output. Write down what ReLU makes of the first two before you go on.",
    notice="h1 = relu(-0.5) = 0 and h2 = relu(2) = 2, so the output is 2 times 0, minus 2, plus 0.3 = -1.7.",
)


def _some_layers(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    small = (np.array([[2.0, -1.0]]), np.array([[1.0, 0.0, 3.0], [0.5, 2.0, -1.0]]), np.array([0.0, 1.0, -2.0]))
    cases = [small]
    for rows, inputs, units in ((1, 2, 2), (2, 3, 1), (3, 2, 2), (3, 4, 2)):
        x, kernel, bias = (rng.uniform(-2, 2, shape).round(1) for shape in ((rows, inputs), (inputs, units), (units,)))
        cases.append((x, kernel, bias))
    return cases


def _sums_slowly(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    sums = np.zeros((len(x), len(bias)))
    for row in range(len(x)):
        for node in range(len(bias)):
            sums[row, node] = bias[node]
            for source in range(len(kernel)):
                sums[row, node] += x[row, source] * kernel[source, node]
    return sums


@exercise(
    lesson,
    reference=_sums_slowly,
    cases=_some_layers,
    mistakes=[
        Mistake(lambda x, kernel, bias: x @ kernel, "The bias is missing: one number for each node, added to its sum."),
        Mistake(
            lambda x, kernel, bias: kernel @ x,
            "The order matters: the row of inputs comes first, x @ kernel. The last number of the shape of x and the "
            "first of the kernel's must be equal.",
        ),
        Mistake(
            lambda x, kernel, bias: x * kernel + bias,
            "The sign * multiplies place by place. A row times a column, added up, is written @.",
        ),
        Mistake(
            lambda x, kernel, bias: x @ kernel.T + bias,
            "The kernel is turned over. It has one row for each input already, so no .T is needed.",
        ),
        Mistake(
            lambda x, kernel, bias: x @ (kernel + bias),
            "The bias is added once, after the products, not to each weight.",
        ),
        Mistake(lambda x, kernel, bias: x @ kernel - bias, "The bias is added, not taken away."),
        Mistake(
            lambda x, kernel, bias: x @ kernel + bias.sum(),
            "Each node has a bias of its own. + bias adds the right one to each column by itself.",
        ),
        Mistake(
            lambda x, kernel, bias: np.maximum(x @ kernel + bias, 0),
            "That is the output with ReLU. The question is for the sums, before any activation.",
        ),
        Mistake(
            lambda x, kernel, bias: (x @ kernel).sum(axis=0) + bias,
            "The rows are examples, and each keeps a row of its own: nothing is added up over them.",
        ),
        Mistake(
            lambda x, kernel, bias: np.tanh(x @ kernel + bias),
            "That is the output with tanh. The question is for the sums, before any activation.",
        ),
        Mistake(
            lambda x, kernel, bias: x[0] @ kernel + bias,
            "x[0] is the first example alone. x @ kernel takes all rows at once.",
        ),
    ],
    hints=[
        "One line: the inputs times the kernel, with the sign @, and then the bias.",
        "@ takes a row of x and a column of the kernel, multiplies pair by pair and adds up. Then + bias.",
        "return x @ kernel + bias",
    ],
    notice="it works for one example and for a thousand: each row of x is one example, and gets a row of sums.",
)
def layer_sums(x, kernel, bias):
    return x @ kernel + bias


def _some_networks(rng: np.random.Generator) -> list[tuple[np.ndarray, ...]]:
    small = (np.array([[1.0]]), np.array([[0.5]]), np.array([0.2]), np.array([[2.0]]), np.array([0.3]))
    cases: list[tuple[np.ndarray, ...]] = [small]
    for rows, inputs, hidden, outputs in ((1, 2, 2, 2), (2, 2, 3, 1), (2, 3, 2, 2), (3, 3, 4, 2)):
        shapes = ((rows, inputs), (inputs, hidden), (hidden,), (hidden, outputs), (outputs,))
        cases.append(tuple(rng.uniform(-1, 1, shape).round(1) for shape in shapes))
    return cases


def _forward_slowly(x: np.ndarray, *weights: np.ndarray) -> np.ndarray:
    sums = _sums_slowly(x, *weights[:2])
    hidden = (np.exp(sums) - np.exp(-sums)) / (np.exp(sums) + np.exp(-sums))
    return _sums_slowly(hidden, *weights[2:])


@exercise(
    lesson,
    reference=_forward_slowly,
    cases=_some_networks,
    mistakes=[
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: (x @ kernel_1 + bias_1) @ kernel_2 + bias_2,
            "The activation of the hidden layer is missing. Without it the two layers are one.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh((x @ kernel_1 + bias_1) @ kernel_2 + bias_2),
            "The tanh belongs to the hidden layer, not to the output: hidden is the tanh of its sums.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(np.tanh(x @ kernel_1 + bias_1) @ kernel_2 + bias_2),
            "The output is linear here: return its sums as they are, without a tanh.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(x @ kernel_1) @ kernel_2 + bias_2,
            "The bias of the hidden layer is missing. It belongs to the sum, before the tanh.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(x @ kernel_1 + bias_1) @ kernel_2,
            "The bias of the output is missing.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(x @ kernel_1) @ kernel_2,
            "Both biases are missing: each layer adds one number to the sum of each node.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: (np.tanh(x @ kernel_1) + bias_1) @ kernel_2 + bias_2,
            "The bias was added after the tanh. It belongs to the sum, before it.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: (np.tanh(x) @ kernel_1 + bias_1) @ kernel_2 + bias_2,
            "The tanh was given the inputs. It is the last step of the hidden layer: tanh of its sums.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(x @ kernel_1 + bias_1),
            "That is the hidden layer. One more layer: its outputs go through kernel_2 and bias_2.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(kernel_1 @ x + bias_1) @ kernel_2 + bias_2,
            "The order matters: the row of inputs comes first, x @ kernel_1.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: 1 / (1 + np.exp(-x @ kernel_1 - bias_1)) @ kernel_2 + bias_2,
            "That is the sigmoid in the hidden layer. Here it is np.tanh.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: x @ kernel_2 + bias_2,
            "The second layer hears the hidden layer, not the inputs: hidden @ kernel_2.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.maximum(x @ kernel_1 + bias_1, 0) @ kernel_2 + bias_2,
            "That is ReLU in the hidden layer. Here it is np.tanh.",
        ),
        Mistake(
            lambda x, kernel_1, bias_1, kernel_2, bias_2: np.tanh(x @ kernel_1 + bias_1) @ kernel_2 - bias_2,
            "The bias of the output is added, not taken away.",
        ),
    ],
    hints=[
        "Exercise 1 twice: the outputs of the first layer come into the second.",
        "hidden is np.tanh of the first layer's sums. The output is the sums of the second, with hidden in place of x.",
        "hidden = np.tanh(x @ kernel_1 + bias_1), then return hidden @ kernel_2 + bias_2",
    ],
    notice="however many layers there are, it goes on like this: a loop, and the same line in it each time.",
)
def forward(x, kernel_1, bias_1, kernel_2, bias_2):
    hidden = np.tanh(x @ kernel_1 + bias_1)
    return hidden @ kernel_2 + bias_2


def _rows_of_xor(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    rows = datasets.gates("xor")[0]
    return [*((rows[at : at + 1],) for at in range(4)), (rows,)]


def _xor_slowly(x: np.ndarray) -> np.ndarray:
    return np.array([[1.0 if first != second else 0.0] for first, second in x.tolist()])


def _network(first: Any, second: Any, output: Any) -> Any:
    """The network with these weights (w1, w2, bias of each node), as the learner's function makes it."""

    def says(x: np.ndarray) -> np.ndarray:
        h1, h2 = (x @ np.array(node[:2]) + node[2] >= 0 for node in (first, second))
        return np.where(h1 * output[0] + h2 * output[1] + output[2] >= 0, 1.0, 0.0)[:, np.newaxis]

    return says


OR, NAND, AND, NOR = (1, 1, -0.5), (-1, -1, 1.5), (1, 1, -1.5), (-1, -1, 0.5)
FIRST, SECOND = (1, 0, -0.5), (0, 1, -0.5)


@exercise(
    lesson,
    reference=_xor_slowly,
    cases=_rows_of_xor,
    mistakes=[
        Mistake(
            _network(OR, AND, (1, 1, -0.5)),
            "That is OR: only (1, 1) is wrong. One of the hidden nodes has to notice that both inputs are 1, and the "
            "output has to count it against.",
        ),
        Mistake(
            _network(OR, NAND, (1, 1, -0.5)),
            "It says 1 everywhere. If the hidden nodes are OR and NAND, the output must want both: a lower bias.",
        ),
        Mistake(
            _network(OR, AND, (1, 1, -1.5)),
            "That is AND. XOR is 0 where both inputs are 1: what notices that has to count against.",
        ),
        Mistake(
            _network(OR, NAND, (1, 1, -2.5)),
            "It says 0 everywhere. The largest sum that the output can have is below 0: give it a higher bias.",
        ),
        Mistake(
            _network(NAND, NAND, (1, 1, -1.5)),
            "That is NAND: only (0, 0) is wrong. There the sum of the output has to be below 0. Does a hidden node "
            "notice that no input is 1, and is the bias of the output low enough?",
        ),
        Mistake(
            _network(AND, NOR, (1, 1, -0.5)),
            "It is the other way round everywhere: 1 where the inputs are equal. Turn all signs of the output.",
        ),
        Mistake(
            _network(NOR, NOR, (1, 1, -1.5)),
            "That is NOR: it says 1 only for (0, 0). Let one hidden node be OR, and the output go with it.",
        ),
        Mistake(_network(FIRST, FIRST, (1, 1, -1.5)), "It looks at the first input only. XOR needs both."),
        Mistake(_network(SECOND, SECOND, (1, 1, -1.5)), "It looks at the second input only. XOR needs both."),
        Mistake(
            _network((1, -1, -0.5), (1, -1, 1.5), (1, 1, -1.5)),
            "Only (1, 0) gets a 1. Is the kernel turned over? Each hidden node has a column, each input a row.",
        ),
        Mistake(
            _network((-1, 1, -0.5), (-1, 1, 1.5), (1, 1, -1.5)),
            "Only (0, 1) gets a 1. Is the kernel turned over? Each hidden node has a column, each input a row.",
        ),
        Mistake(
            lambda x: _xor_slowly(x)[:, 0],
            "The weights are right, only output_kernel is flat. It has a row for each hidden node: [[...], [...]].",
        ),
        Mistake(
            lambda x: np.ones((1, 2)) @ np.ones(3),
            "A shape is not right. hidden_kernel is (2, 2), hidden_bias (2,), output_kernel (2, 1), output_bias (1,).",
        ),
    ],
    hints=[
        "Exclusive or: at least one of them, and not both. Each half of that sentence is a gate from lesson 03.",
        "Let h1 be OR (weights 1 and 1, bias -0.5) and h2 be NAND (weights -1 and -1, bias 1.5). The output is AND.",
        "[[1, -1], [1, -1]] and [-0.5, 1.5] for the hidden layer, [[1], [1]] and [-1.5] for the output.",
    ],
    notice="the hidden nodes moved the points: for h1 and h2 one straight line is enough, and the output draws it.",
)
def xor_network(x):
    hidden_kernel = np.array([[1.0, -1.0], [1.0, -1.0]])
    hidden_bias = np.array([-0.5, 1.5])
    output_kernel = np.array([[1.0], [1.0]])
    output_bias = np.array([-1.5])
    hidden = np.where(x @ hidden_kernel + hidden_bias >= 0, 1.0, 0.0)
    return np.where(hidden @ output_kernel + output_bias >= 0, 1.0, 0.0)


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "A layer of 5 nodes gets 3 inputs. Which shape has its kernel?",
            [
                Option("(5, 3)", "Turned over. In annlab and in Keras a row belongs to an input, a column to a node."),
                Option("(3, 5)", "A row for each input, a column for each node.", True),
                Option("(5,)", "That is the shape of its bias: one number for each node."),
            ],
        ),
        Question(
            "32 examples go through that layer at once. Which shape has z?",
            [
                Option("(32, 5)", "A row for each example, a column for each node.", True),
                Option("(5, 5)", "The 3 of (32, 3) and (3, 5) meet and vanish. What stands outside stays: 32 and 5."),
                Option("(5,)", "That would be the sums of one example. Here are 32."),
            ],
        ),
        Question(
            "Which nodes does the second node of a hidden layer hear?",
            [
                Option("The first node of its own layer", "Nodes of one layer do not hear each other."),
                Option("All nodes of the layer before", "In a dense layer everyone hears everyone before.", True),
                Option("The output, to learn from it", "On the way forward nothing comes back. Learning is lesson 09."),
            ],
        ),
        Question(
            "Why can two hidden nodes make XOR possible?",
            [
                Option("Because the network has more weights", "Linear layers have weights too, and cannot do it."),
                Option(
                    "Because the hidden nodes give new numbers, and for those a line is enough",
                    "Whether at least one is 1, and whether not both are: XOR is where both hold.",
                    True,
                ),
                Option("Because the output now hears the inputs twice", "It hears only the hidden nodes."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on the perceptron: why can its rule not train hidden nodes?",
            [
                Option("They have no weights", "Every connection to them has one, and it would have to change."),
                Option(
                    "Nobody says what they should answer",
                    "The rule compares an answer with a target, and only outputs have targets.",
                    True,
                ),
                Option("They have no bias", "They have one, like every node that is no input."),
            ],
        ),
        Question(
            "From the lesson on nodes and connections: where in the weight matrix is the connection from x2 to h1?",
            [
                Option("Row 1, column 2", "That one starts at x1 and ends at h2."),
                Option(
                    "Row 2, column 1",
                    "The row says where it starts, the column where it ends. It is so in every kernel.",
                    True,
                ),
                Option("Row 2, column 2", "That one starts at x2 too, but it ends at h2."),
            ],
        ),
    ],
)
