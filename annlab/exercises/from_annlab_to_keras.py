"""Exercises of lesson 16: three programs in other spellings, each to be written as a network of annlab."""

from typing import Any

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


def in_short(model: Any) -> str:
    """A network in one line: what comes in, then each layer with its activation, its start and how much it learns.

    Raises
    ------
    TypeError   for what is no network of annlab.
    ValueError  for a network that does not know what comes in.
    """
    if isinstance(model, type) or not isinstance(model, Sequential):
        raise TypeError(f"return a Sequential of annlab; got {type(model).__name__}")
    if model.input_shape is None:
        raise ValueError("this network does not know how many inputs it has. Begin with Input((number of inputs,))")
    parts = ["x".join(map(str, model.input_shape))]
    for layer in model.layers:
        settings = layer.config()
        words = [type(layer).__name__]
        words += [str(settings[name]) for name in ("units", "rate") if name in settings]
        if layer.activation is not None:
            words.append(layer.activation.name)
        initializer = settings.get("kernel_initializer", "glorot_uniform")
        if initializer != "glorot_uniform":
            words.append(f"from {initializer}")
        if layer.count_params():
            words.append(f"({layer.count_params()})")
        parts.append(" ".join(words))
    return " -> ".join(parts)


def _shorten(answer: Any) -> Any:
    """What the learner's function gives, in one line; a blank stays a blank."""
    model = answer()
    return model if model is None or model is ... else in_short(model)


def _no_arguments(rng: Any) -> list[tuple[()]]:
    return [()]


def _old(*units: int, start: str = "uniform", inputs: int = 4, **more: Any) -> Any:
    """The first program with other numbers of units, or another start, or other inputs."""
    activations = ["relu"] * (len(units) - 1) + [more.get("last", "softmax")]
    layers = [Dense(n, a, kernel_initializer=start) for n, a in zip(units, activations, strict=True)]
    return lambda: Sequential([Input((inputs,)), *layers])


@exercise(
    lesson,
    reference=lambda: "4 -> Dense 8 relu from uniform (40) -> Dense 3 softmax from uniform (27)",
    cases=_no_arguments,
    run=_shorten,
    mistakes=[
        Mistake(
            lambda: _old(8, 3, start="glorot_uniform")(),
            "The old program says init='uniform' in each layer. Its name today is kernel_initializer.",
        ),
        Mistake(
            lambda: _old(4, 8, 3)(),
            "input_dim=4 is no layer of its own: it says how many numbers come in. Input((4,)) says the same.",
        ),
        Mistake(
            lambda: _old(8, 3, inputs=8)(),
            "You took the 8 units for the inputs. output_dim is what leaves a layer, input_dim is what comes in.",
        ),
        Mistake(
            lambda: _old(8, 3, last="sigmoid")(),
            "The last layer of the old program says softmax: three probabilities that add up to 1.",
        ),
        Mistake(
            lambda: Sequential([Input((4,)), Dense(8, "relu", kernel_initializer="uniform"), Dense(3, "softmax")]),
            "The second layer says init='uniform' as well, so it needs its kernel_initializer too.",
        ),
    ],
    hints=[
        "output_dim is units today, init is kernel_initializer, and input_dim became a first line: Input((4,)).",
        "Two layers of Dense: 8 units with relu, then 3 with softmax. Both start from uniform.",
        'Dense(8, "relu", kernel_initializer="uniform") is the first of the two.',
    ],
    notice="only the spelling is old. 40 and 27 numbers are learned, in 2015 as today.",
)
def old_program():
    return Sequential(
        [
            Input((4,)),
            Dense(8, "relu", kernel_initializer="uniform"),
            Dense(3, "softmax", kernel_initializer="uniform"),
        ]
    )


def _digits(*layers: Any, inputs: int = 64) -> Any:
    return Sequential([Input((inputs,)), *layers])


@exercise(
    lesson,
    reference=lambda: "64 -> Dense 32 linear (2080) -> Activation tanh -> Dropout 0.2 -> Dense 10 softmax (330)",
    cases=_no_arguments,
    run=_shorten,
    mistakes=[
        Mistake(
            lambda: _digits(Dense(32, "tanh"), Dropout(0.2), Dense(10, "softmax")),
            "It computes the same, but the check compares layer by layer: here tanh is a layer of its own, Activation.",
        ),
        Mistake(
            lambda: _digits(Dense(32), Activation("tanh"), Dropout(0.8), Dense(10, "softmax")),
            "The rate of Dropout is the share that is dropped, in Keras and here: 0.2 stays 0.2.",
        ),
        Mistake(
            lambda: _digits(Dense(32), Dropout(0.2), Activation("tanh"), Dense(10, "softmax")),
            "The order matters: first the activation, then the dropout, as in the program.",
        ),
        Mistake(
            lambda: _digits(Dense(32), Activation("tanh"), Dense(10, "softmax")),
            "You left out the Dropout. It learns nothing, but it changes how the layers around it learn.",
        ),
        Mistake(
            lambda: _digits(Dense(32), Activation("tanh"), Dropout(0.2), Dense(10, "softmax"), inputs=8),
            "An example is a row of 64 numbers: shape=(64,) in Keras is Input((64,)) here.",
        ),
        Mistake(
            lambda: _digits(Dense(32), Activation("tanh"), Dropout(0.2), Dense(10)),
            "The last Dense has an activation of its own: softmax.",
        ),
    ],
    hints=[
        "Every line of the Keras program is one line here, under the same name.",
        "keras.Input(shape=(64,)) is Input((64,)). layers.Dense(32) without an activation is Dense(32).",
        'Dense(32), then Activation("tanh"), then Dropout(0.2), then Dense(10, "softmax").',
    ],
    notice="four layers, and only two of them learn: 2,080 and 330 numbers. Activation and Dropout have none.",
)
def todays_program():
    return Sequential([Input((64,)), Dense(32), Activation("tanh"), Dropout(0.2), Dense(10, "softmax")])


@exercise(
    lesson,
    reference=lambda: "2 -> Dense 16 relu (48) -> Dense 16 relu (272) -> Dense 3 linear (51)",
    cases=_no_arguments,
    run=_shorten,
    mistakes=[
        Mistake(
            lambda: Sequential([Input((2,)), Dense(16, "relu"), Dense(16, "relu"), Dense(3, "softmax")]),
            "The PyTorch program ends with plain sums: its loss, CrossEntropyLoss, takes the softmax on itself. Here "
            "and in Keras that is a linear last layer and a loss with from_logits=True.",
        ),
        Mistake(
            lambda: Sequential([Input((2,)), Dense(2, "relu"), Dense(16, "relu"), Dense(3)]),
            "Linear(2, 16) has 2 inputs and 16 units. Dense asks for the units only, so the first number is left out.",
        ),
        Mistake(
            lambda: Sequential([Input((2,)), Dense(16), Dense(16), Dense(3)]),
            "Each ReLU() of PyTorch is the activation of the layer before it.",
        ),
        Mistake(
            lambda: Sequential([Input((2,)), Dense(16, "relu"), Dense(3)]),
            "There are three Linear layers, so there are three of Dense.",
        ),
        Mistake(
            lambda: Sequential([Input((2,)), Dense(16, "relu"), Dense(16, "relu"), Dense(3, "relu")]),
            "No ReLU follows the last Linear layer, so the last Dense is linear.",
        ),
    ],
    hints=[
        "Linear(inputs, units) is Dense(units); a ReLU() behind it is the activation of that Dense.",
        "PyTorch asks for the inputs of every layer. Here only the first has to know: Input((2,)).",
        'Three layers of Dense: 16 with "relu", 16 with "relu", and 3 without an activation.',
    ],
    notice="a PyTorch layer keeps its weights as (units, inputs), Dense as (inputs, units): to copy them, transpose.",
)
def from_pytorch():
    return Sequential([Input((2,)), Dense(16, "relu"), Dense(16, "relu"), Dense(3)])


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
