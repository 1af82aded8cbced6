"""Exercises of lesson 16: three programs in other spellings, each to be written as a network of annlab."""

from typing import Any

import numpy as np

from .. import initializers
from ..layers import Activation, Dense, Dropout, Input
from ..models import Sequential
from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("16_from_annlab_to_keras", "From annlab to Keras")

ENOUGH_EPOCHS = 30
CLEARLY, LEARNED = 0.05, 0.75  # of test accuracy: a clear difference, and what guessing does not reach

_WIDE_START, _SMALL_START, _NEITHER, _BOTH = range(4)


def _look_at_both_starts(lab: Any) -> Seen | None:
    """Which of the two starts learned the spirals with the article's network and settings."""
    state = lab.state
    if (state.data, state.network) != ("spiral", "article") or state.epoch < ENOUGH_EPOCHS:
        return None
    if not state.small < 0.1 < 0.9 < state.wide:
        return None
    facts = lab.facts(state)
    small, wide = facts["small_test_accuracy"], facts["wide_test_accuracy"]
    if max(small, wide) < LEARNED:
        came_true = _NEITHER
    elif abs(small - wide) <= CLEARLY:
        came_true = _BOTH
    else:
        came_true = _WIDE_START if wide > small else _SMALL_START
    return came_true, (
        f"After {state.epoch} epochs the small start has a test accuracy of {small:.3f}, the wide start of {wide:.3f}."
    )


start = Predict(
    lesson,
    "start",
    "The article's network, 2-10-20-1 with relu, learns two spirals as the article trains it: Adam, batches of 64, 30 "
    "epochs. One starts from 'uniform', -0.05 to 0.05, the other from strengths of -1 to 1. Which one learns the "
    "spirals, so that at least three of four test points are right?",
    [
        "Only the wide start, as in the lesson on training",
        "Only the small start",
        "Neither of the two",
        "Both of them",
    ],
    observe=_look_at_both_starts,
    usual=_NEITHER,
    first=f"Press Play and wait for {ENOUGH_EPOCHS} epochs, with data, network and starts as they were at first.",
    because="30 epochs of 4 batches are 120 small steps, and with this network 300 epochs do not change it either. A "
    "start decides only where the rest can do the work: the network, the learning rate and the number of steps.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "How many numbers does the article's network learn, 2 inputs, then layers of 10, 20 and 1 units, each with biases?",
    271.0,
    tolerance=0.4,
    hints={
        240.0: "Those are the weights, 20 + 200 + 20. Each unit has a bias as well.",
        31.0: "Those are the biases, one for each unit. Each connection has a weight as well.",
        250.0: "You left out the last layer: 20 weights and one bias.",
        241.0: "You left out the first layer: 2 inputs, 10 units, and their biases. Or all biases but the last.",
        33.0: "You counted nodes. Every connection between two layers has a number of its own.",
        273.0: "Input nodes have no bias. They only pass on what comes in.",
    },
    hint="For each layer: inputs times units, plus one bias for each unit. Then add the three layers.",
    notice="30 + 220 + 21 = 271. Compare this number first when you translate: if it differs, so do the shapes.",
)


COLUMNS = "units, parameters, reach of the start, share dropped, activation at -1, activation at 1"


def table_of(model: Any) -> np.ndarray:
    """A network as numbers: a row for what comes in, then a row for each layer, with the columns of ``COLUMNS``.

    The reach of the start is 0 where a layer starts as Keras lets it if nothing is said. The activation is asked for
    two sums side by side, -1 and 1, so that softmax has something to share out.

    Shapes
    ------
    result    (layers + 1, 6)

    Raises
    ------
    TypeError   for what is no network of annlab.
    ValueError  for a network that does not know what comes in.
    """
    if not isinstance(model, Sequential):
        raise TypeError(f"return a Sequential of annlab; got {type(model).__name__}")
    if model.input_shape is None:
        raise ValueError("this network does not know how many inputs it has. Begin with Input((number of inputs,))")
    rows: list[list[float]] = [[model.input_shape[-1] or 0, 0, 0, 0, 0, 0]]
    for layer in model.layers:
        settings = layer.config()
        start = initializers.get(settings.get("kernel_initializer", "glorot_uniform"))
        reach = start.maxval if isinstance(start, initializers.RandomUniform) else 0
        curve = [0.0, 0.0] if layer.activation is None else layer.activation(np.array([[-1.0, 1.0]]))[0].tolist()
        rows.append([settings.get("units", 0), layer.count_params(), reach, settings.get("rate", 0), *curve])
    return np.array(rows, dtype=float)


def _counted(answer: Any, *case: Any) -> Any:
    """The table of the network that a learner's function gives; a blank, or a table, stays what it is."""
    given = answer(*case)
    return given if given is None or given is ... or isinstance(given, np.ndarray) else table_of(given)


_RELU, _LINEAR, _NONE = [0, 1], [-1, 1], [0, 0]
_TANH = [-np.tanh(1), np.tanh(1)]
_SOFTMAX = [1 / (1 + np.exp(2)), 1 / (1 + np.exp(-2))]  # the shares of -1 and 1 side by side


def _some_sizes(rng: np.random.Generator) -> list[tuple[int, int, int]]:
    return [(2, 3, 4), (4, 8, 3), (7, 5, 2)]


def _old_program_by_hand(inputs: int, units: int, classes: int) -> list[list[float]]:
    return [
        [inputs, 0, 0, 0, 0, 0],
        [units, inputs * units + units, 0.05, 0, *_RELU],
        [classes, units * classes + classes, 0.05, 0, *_SOFTMAX],
    ]


def _old(inputs: int, *layers: tuple[int, str, str]) -> Sequential:
    """A network from rows of units, activation and start."""
    return Sequential([Input((inputs,)), *(Dense(n, curve, kernel_initializer=start) for n, curve, start in layers)])


_U, _G = "uniform", "glorot_uniform"


@exercise(
    lesson,
    reference=_old_program_by_hand,
    cases=_some_sizes,
    run=_counted,
    mistakes=[
        Mistake(
            lambda inputs, units, classes: _old(inputs, (units, "relu", _G), (classes, "softmax", _G)),
            "The old program says init='uniform' in each layer. Its name today is kernel_initializer.",
        ),
        Mistake(
            lambda inputs, units, classes: _old(inputs, (units, "relu", _U), (classes, "softmax", _G)),
            "The second layer says init='uniform' as well, so it needs its kernel_initializer too.",
        ),
        Mistake(
            lambda inputs, units, classes: _old(
                inputs, (inputs, "relu", _U), (units, "relu", _U), (classes, "softmax", _U)
            ),
            "input_dim is no layer of its own: it says how many numbers come in, as Input does.",
        ),
        Mistake(
            lambda inputs, units, classes: _old(units, (inputs, "relu", _U), (classes, "softmax", _U)),
            "You exchanged the two. output_dim is what leaves a layer, its units; input_dim is what comes in.",
        ),
        Mistake(
            lambda inputs, units, classes: _old(inputs, (units, "softmax", _U), (classes, "relu", _U)),
            "The two activations are exchanged: relu comes first, softmax last.",
        ),
        Mistake(
            lambda inputs, units, classes: _old(inputs, (classes, "relu", _U), (units, "softmax", _U)),
            "The two sizes are exchanged: the first layer has units, the last one has classes.",
        ),
        Mistake(
            lambda inputs, units, classes: _old(inputs, (units, "relu", _U), (classes, "sigmoid", _U)),
            "The last layer of the old program says softmax: probabilities that add up to 1.",
        ),
        Mistake(
            lambda inputs, units, classes: _old(inputs, (units, "linear", _U), (classes, "softmax", _U)),
            "The first layer has an activation as well: relu.",
        ),
    ],
    hints=[
        "output_dim is units today, init is kernel_initializer, and input_dim became a first line: Input((inputs,)).",
        "Two layers of Dense: units with relu, then classes with softmax. Both start from uniform.",
        'The first of the two is Dense(units, "relu", kernel_initializer="uniform").',
    ],
    notice="only the spelling is old: the layers, their parameters and their start are what they were in 2015.",
)
def old_program(inputs, units, classes):
    from annlab import Dense, Input, Sequential

    first = Dense(units, "relu", kernel_initializer="uniform")
    last = Dense(classes, "softmax", kernel_initializer="uniform")
    return Sequential([Input((inputs,)), first, last])


def _some_rates(rng: np.random.Generator) -> list[tuple[int, float]]:
    return [(3, 0.1), (16, 0.2), (32, 0.4)]


def _todays_program_by_hand(units: int, rate: float) -> list[list[float]]:
    return [
        [64, 0, 0, 0, 0, 0],
        [units, 64 * units + units, 0, 0, *_LINEAR],
        [0, 0, 0, 0, *_TANH],
        [0, 0, 0, rate, *_NONE],
        [10, units * 10 + 10, 0, 0, *_SOFTMAX],
    ]


def _digits(*layers: Any, inputs: int = 64) -> Sequential:
    return Sequential([Input((inputs,)), *layers])


@exercise(
    lesson,
    reference=_todays_program_by_hand,
    cases=_some_rates,
    run=_counted,
    mistakes=[
        Mistake(
            lambda units, rate: _digits(Dense(units, "tanh"), Dropout(rate), Dense(10, "softmax")),
            "It computes the same, but the check goes layer by layer: here tanh is a layer of its own, Activation.",
        ),
        Mistake(
            lambda units, rate: _digits(Dense(units), Activation("tanh"), Dropout(1 - rate), Dense(10, "softmax")),
            "The rate of Dropout is the share that is dropped, in Keras and here: it stays as it is.",
        ),
        Mistake(
            lambda units, rate: _digits(Dense(units), Dropout(rate), Activation("tanh"), Dense(10, "softmax")),
            "The order matters: first the activation, then the dropout, as in the program.",
        ),
        Mistake(
            lambda units, rate: _digits(Dense(units), Activation("tanh"), Dense(10, "softmax")),
            "You left out the Dropout. It learns nothing, but it changes how the layers around it learn.",
        ),
        Mistake(
            lambda units, rate: _digits(
                Dense(units), Activation("tanh"), Dropout(rate), Dense(10, "softmax"), inputs=8
            ),
            "An example is a row of 64 numbers: shape=(64,) in Keras is Input((64,)) here.",
        ),
        Mistake(
            lambda units, rate: _digits(Dense(units), Activation("tanh"), Dropout(rate), Dense(10)),
            "The last Dense has an activation of its own: softmax.",
        ),
    ],
    hints=[
        "Every line of the Keras program is one line here, under the same name.",
        "keras.Input(shape=(64,)) is Input((64,)). Dense(units) without an activation stays Dense(units).",
        'Dense(units), then Activation("tanh"), then Dropout(rate), then Dense(10, "softmax").',
    ],
    notice="four layers, and only two of them learn. Activation and Dropout have no parameters.",
)
def todays_program(units, rate):
    from annlab import Activation, Dense, Dropout, Input, Sequential

    hidden = [Dense(units), Activation("tanh"), Dropout(rate)]
    return Sequential([Input((64,)), *hidden, Dense(10, "softmax")])


def _plain(inputs: int, *layers: tuple[int, str]) -> Sequential:
    """The same from rows of units and activation, with the start that Keras takes if nothing is said."""
    return _old(inputs, *((units, curve, _G) for units, curve in layers))


def _counted_together(answer: Any, *case: Any) -> Any:
    """The same table, where an activation may also be a layer of its own, as ReLU() is in PyTorch."""
    rows: list[np.ndarray] = []
    table = _counted(answer, *case)
    for row in table if isinstance(table, np.ndarray) else []:
        alone = not row[:4].any() and row[4:].any()  # no units, no parameters, nothing dropped: an activation
        if alone and rows and rows[-1][1] and rows[-1][4:].tolist() == _LINEAR:
            rows[-1][4:] = row[4:]
        else:
            rows.append(row.copy())
    return np.array(rows) if rows else table


def _from_pytorch_by_hand(inputs: int, units: int, classes: int) -> list[list[float]]:
    return [
        [inputs, 0, 0, 0, 0, 0],
        [units, inputs * units + units, 0, 0, *_RELU],
        [units, units * units + units, 0, 0, *_RELU],
        [classes, units * classes + classes, 0, 0, *_LINEAR],
    ]


@exercise(
    lesson,
    reference=_from_pytorch_by_hand,
    cases=_some_sizes,
    run=_counted_together,
    mistakes=[
        Mistake(
            lambda inputs, units, classes: _plain(inputs, (units, "relu"), (units, "relu"), (classes, "softmax")),
            "The PyTorch program ends with plain sums: its loss, CrossEntropyLoss, takes the softmax on itself. Here "
            "and in Keras that is a linear last layer and a loss with from_logits=True.",
        ),
        Mistake(
            lambda inputs, units, classes: _plain(inputs, (inputs, "relu"), (units, "relu"), (classes, "linear")),
            "Linear(inputs, units) is one layer. Dense asks for the units only, so the first number is left out.",
        ),
        Mistake(
            lambda inputs, units, classes: _plain(inputs, (units, "linear"), (units, "linear"), (classes, "linear")),
            "Each ReLU() of PyTorch is the activation of the layer before it.",
        ),
        Mistake(
            lambda inputs, units, classes: _plain(inputs, (units, "relu"), (classes, "linear")),
            "There are three Linear layers, so there are three of Dense.",
        ),
        Mistake(
            lambda inputs, units, classes: _plain(inputs, (units, "relu"), (units, "relu"), (classes, "relu")),
            "No ReLU follows the last Linear layer, so the last Dense is linear.",
        ),
    ],
    hints=[
        "Linear(inputs, units) is Dense(units); a ReLU() behind it is the activation of that Dense.",
        "PyTorch asks for the inputs of every layer. Here only the network has to know: Input((inputs,)).",
        'Three layers of Dense: units with "relu", units with "relu", and classes without an activation.',
    ],
    notice="a PyTorch layer keeps its weights as (units, inputs), Dense as (inputs, units): to copy them, transpose.",
)
def from_pytorch(inputs, units, classes):
    from annlab import Dense, Input, Sequential

    hidden = [Dense(units, "relu"), Dense(units, "relu")]
    return Sequential([Input((inputs,)), *hidden, Dense(classes)])


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "What does Keras 3 do with Dense(input_dim=2, units=10)?",
            [
                Option(
                    "It stops with an error", "input_dim is still understood. Only a slip, input_dimm, is an error."
                ),
                Option(
                    "It builds the layer, and warns", "The layer is the same; the advice is an Input in front.", True
                ),
                Option("It ignores the 2", "The 2 is used: the layer has 2 times 10 weights and 10 biases."),
            ],
        ),
        Question(
            "You translate a network, and it has 250 parameters instead of 271. What do you look at first?",
            [
                Option("The shapes of the layers", "The number of parameters follows from the shapes alone.", True),
                Option("The seed", "A seed draws other numbers, but as many of them."),
                Option("The optimizer", "An optimizer moves the parameters. It adds none to the network."),
            ],
        ),
        Question(
            "A page of 2016 says: pip install theano, then keras. What do you install today?",
            [
                Option(
                    "Theano, as it says", "Its development ended in 2017, and Keras has not used it since version 2.4."
                ),
                Option(
                    "keras, and one of tensorflow, torch or jax",
                    "One of the three computes for Keras today.",
                    True,
                ),
                Option("PyTensor", "It is what became of Theano, and fine for other work, but Keras cannot use it."),
            ],
        ),
        Question(
            "For which of these is annlab the wrong tool?",
            [
                Option("1,000 points with two numbers each", "It is made for that. Starting Keras takes longer."),
                Option("The 1,797 digits of 8 by 8 pixels", "They fit, and an epoch is over before you look."),
                Option(
                    "A million photographs",
                    "They need convolutions, a graphics processor and data read piece by piece.",
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
            "From the lesson on training a network: why are first weights drawn at random?",
            [
                Option("Because equal units stay equal", "Equal units get equal blame and make equal steps.", True),
                Option("Because random weights are better ones", "They are as wrong as others, each in its way."),
                Option("Because zero cannot be stored", "It can. A network of zeros just does not learn."),
            ],
        ),
        Question(
            "From the lesson on many classes: what does softmax make of the weighted sums?",
            [
                Option("Numbers between -1 and 1", "That would be tanh. Softmax gives no number below 0."),
                Option("Probabilities that add up to 1", "Each between 0 and 1, and together exactly 1.", True),
                Option("A 1 for the largest and 0 for the others", "That is the one-hot target, not the answer."),
            ],
        ),
    ],
)
