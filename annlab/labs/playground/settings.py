"""Everything that can be set in the Playground: its controls, in the order in which they unfold, and its presets.

The first six are always on the screen. The others wait in groups, each behind a button with its name.
"""

from typing import Any

import ipywidgets as widgets

from ... import activations, initializers, optimizers
from ..controls import STYLE, Control, button, choice, number_between, slider, switch, whole, whole_between, written
from .data import DATA, INPUTS

__all__ = ["CONTROLS", "GROUPS", "LAYERS", "PRESETS", "TRANSPORT"]

LAYERS = 6
MOST_UNITS = 64
FARTHEST = 1e300  # a weight that is typed
RATES = [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]

PRESETS = {
    "A circle": "data=circle layers=1 units_1=4",
    "XOR": "data=xor layers=1 units_1=4",
    "XOR, no hidden layer": "data=xor layers=0",
    "One input more": "data=xor layers=0 x1_x2=on",
    "Two spirals": "data=spiral layers=2 units_1=8 units_2=8 learning_rate=0.01 optimizer=adam initializer=strengths",
    "Three spirals": "data=spiral3 layers=2 units_1=8 units_2=8 learning_rate=0.01 optimizer=adam",
    "Twins: all weights zero": "data=circle layers=1 units_1=4 initializer=zeros",
    "Too fast": "data=plane layers=2 activation_1=relu activation_2=relu learning_rate=3",
    "Learned by heart": "data=gauss noise=0.5 points=60 layers=2 units_1=8 units_2=8 optimizer=adam learning_rate=0.03",
    "Hills and hollows": "data=multi_gauss layers=2 units_1=8 units_2=8 learning_rate=0.01 optimizer=adam",
}


def _units(value: int, *, label: str, tip: str, draws: bool = True) -> Control:
    """A slider from 1 to 8, or to the starting value where that is more."""

    def build(start: int) -> widgets.Widget:
        start = whole_between(label, start, 1, MOST_UNITS)
        shared = {"description": label, "tooltip": tip, "style": STYLE, "continuous_update": True}
        return widgets.IntSlider(start, min=1, max=max(8, start), **shared)

    return Control(build, value, tip, more=True, draws=draws)


def _text(value: str, *, label: str, tip: str, long: bool = False, hint: str = "") -> Control:
    """A field to write in; it is read when you leave it (or press Enter in a field of one line)."""

    def build(start: str) -> widgets.Widget:
        field = widgets.Textarea if long else widgets.Text
        more = {"placeholder": hint, "tooltip": tip, "style": STYLE, "continuous_update": False}
        return field(written(label, start), description=label, **more)

    return Control(build, value, tip, more=True, draws=False)


def _number(*, label: str, tip: str) -> Control:
    def build(start: float) -> widgets.Widget:
        start = number_between(label, start, -FARTHEST, FARTHEST)
        return widgets.FloatText(
            start, description=label, tooltip=tip, style=STYLE, step=0.1, disabled=True, continuous_update=False
        )

    return Control(build, 0.0, tip, more=True, draws=False)


def _upload(*, label: str, tip: str) -> Control:
    def build(start: tuple[Any, ...]) -> widgets.Widget:
        if not isinstance(start, tuple) or start:
            raise TypeError(f"{label} is a button and has no starting value; give a table to set_points instead")
        return widgets.FileUpload(accept=".csv,.txt,.tsv", description=label, tooltip=tip)

    return Control(build, (), tip, more=True, draws=False)


TRANSPORT: dict[str, Control] = {
    "step_batch": button(
        "One batch", tip="One update of the weights, from the next batch of training points", icon="step-forward"
    ),
    "step_example": button(
        "One example", tip="One update of the weights, from the next single training point", icon="step-forward"
    ),
}

FIRST: dict[str, Control] = {
    "data": choice("circle", DATA, label="Data", tip="What is to be learned; weights are kept when it changes"),
    "learning_rate": slider(
        0.03, 0.00001, 10.0, log=True, label="Learning rate", tip="How far each update moves the weights"
    ),
    "layers": slider(
        2,
        0,
        LAYERS,
        label="Hidden layers",
        tip="How many layers stand between inputs and output; weights that fit stay",
    ),
    "units": _units(4, label="Units in each", tip="Sets the number of units of every hidden layer at once"),
    "activation": choice(
        "tanh",
        activations.names(),
        label="Activation",
        tip="Sets what the units of every hidden layer do with their weighted sum; nothing learned is lost",
    ),
    "batch_size": slider(
        10, 1, 64, label="Batch size", tip="How many points are looked at before each update of the weights"
    ),
}

_ABOUT_DATA: dict[str, Control] = {
    "noise": slider(0.0, 0.0, 0.5, 0.05, label="Noise", tip="How far the points are scattered", more=True),
    "points": slider(500, 20, 1000, 20, label="Points", tip="How many points are drawn, training and test", more=True),
    "train_share": slider(
        50, 10, 90, 10, label="Training share in %", tip="How many in a hundred points are learned from", more=True
    ),
    "data_seed": whole(0, 0, 9999, label="Seed of the data", tip="The same number draws the same points", more=True),
    "regenerate": button("Draw new points", tip="The next seed of the data: other points of the same kind", more=True),
    "show_test": switch(False, label="Show test data", tip="Show the points that are not learned from", more=True),
    "discretize": switch(
        False, label="Discretize the output", tip="Show the answer alone, without how sure it is", more=True
    ),
}

_INPUTS: dict[str, Control] = {
    name: switch(name in ("x1", "x2"), label=label, tip=f"Let the network see {label}", more=True)
    for name, label in INPUTS.items()
}

_EACH_LAYER: dict[str, Control] = {}
for _layer in range(1, LAYERS + 1):
    _EACH_LAYER[f"units_{_layer}"] = _units(
        4, label=f"Units {_layer}", tip=f"How many units hidden layer {_layer} has", draws=_layer <= 2
    )
    _EACH_LAYER[f"activation_{_layer}"] = choice(
        "tanh",
        activations.names(),
        label=f"Activation {_layer}",
        tip=f"What the units of hidden layer {_layer} do with their weighted sum; nothing learned is lost",
        more=True,
        draws=_layer <= 2,
    )

_LEARNING: dict[str, Control] = {
    "optimizer": choice("sgd", optimizers.names(), label="Optimizer", tip="How a gradient becomes a step", more=True),
    "loss": choice(
        "crossentropy",
        [
            ("cross-entropy", "crossentropy"),
            ("squared error", "mse"),
            ("absolute error", "mae"),
            ("hinge", "hinge"),
        ],
        label="Loss",
        tip="How an error is counted; where numbers are learned, cross-entropy gives way to the squared error",
        more=True,
    ),
    "output_activation": choice(
        "auto",
        [("what suits the loss", "auto"), *((name, name) for name in ("sigmoid", "tanh", "linear"))],
        label="Output activation",
        tip="What the output does with its weighted sum",
        more=True,
        draws=False,
    ),
    "regularization": choice(
        "none",
        [("none", "none"), ("L1", "l1"), ("L2", "l2")],
        label="Regularization",
        tip="A price on large weights",
        more=True,
    ),
    "regularization_rate": choice(
        0.003, RATES, label="Rate", tip="How high the price on large weights is", more=True, draws=False
    ),
    "initializer": choice(
        "glorot_uniform",
        initializers.names(),
        label="First weights",
        tip="What the first weights are drawn from",
        more=True,
    ),
    "seed": whole(0, 0, 9999, label="Seed", tip="The same number gives the same first weights and order", more=True),
    "new_weights": button("Other first weights", tip="The next seed: another start, with the same data", more=True),
    "pace": choice(
        0,
        [("as fast as it can", 0), ("1 epoch a second", 1), ("5 epochs", 5), ("20 epochs", 20), ("60 epochs", 60)],
        label="Pace",
        tip="How fast playing goes, as far as this computer can",
        more=True,
        draws=False,
    ),
    "stop_after": whole(
        0,
        0,
        100_000,
        label="Stop after",
        tip="Pause whenever this many epochs are complete; 0 is never",
        more=True,
        draws=False,
    ),
}

_COMPARE: dict[str, Control] = {
    "pin": button("Pin this run", tip="Keep the loss curve as a ghost, to compare later runs with", more=True),
    "unpin": button("Take the pin out", tip="Take the ghost curve away", more=True, draws=False),
    "second": switch(
        False,
        label="Second run beside it",
        tip="Both go back to the same start; the second keeps the settings of now, the first follows the controls",
        more=True,
    ),
    "back": slider(
        0,
        0,
        400,
        label="Steps back",
        tip="Look back at the last steps; training goes on from there",
        more=True,
        draws=False,
    ),
}

_NUMBERS: dict[str, Control] = {
    "numbers": switch(False, label="All weights as numbers", tip="Every weight and bias in tables", more=True),
    "value": _number(label="Chosen weight", tip="The weight or bias that was clicked: type its new value"),
    "program": choice(
        "",
        [("hidden", ""), ("annlab", "annlab"), ("Keras", "keras")],
        label="Code",
        tip="The program that builds and trains this network; it runs as shown",
        more=True,
        draws=False,
    ),
    "share": _text(
        "",
        label="As text",
        tip="All settings as one line: send it, or paste one here to start from it",
        hint="data=circle",
    ),
    "preset": choice(
        "",
        [("as it was made", ""), *((name, name) for name in PRESETS)],
        label="Preset",
        tip="Settings that show something; the first one brings back those the lab was made with",
        more=True,
    ),
    "projector": switch(False, label="Projector", tip="Large type and few controls, for a class", more=True),
}

_OWN: dict[str, Control] = {
    "pointer": choice(
        "look",
        [
            ("looks at a place", "look"),
            *((f"adds a point of class {at}", f"add {at}") for at in range(4)),
            ("removes a point", "remove"),
        ],
        label="On the map a click",
        tip="What a click, a touch, or Space does on the output map",
        more=True,
    ),
    "table": _text(
        "",
        label="Table",
        tip="One point a line: x1, x2, class (or a number). Leave the field to apply",
        long=True,
        hint="x1,x2,class\n-3,2,0\n3,2,1",
    ),
    "csv": _upload(label="Open a CSV", tip="A table of your own: two columns of numbers and the answer in the last"),
    "clear_points": button("Remove all points", tip="Start from an empty map", more=True),
}

GROUPS: dict[str, dict[str, Control]] = {
    "Data": _ABOUT_DATA,
    "Inputs": _INPUTS,
    "Each layer": _EACH_LAYER,
    "Learning": _LEARNING,
    "Compare": _COMPARE,
    "Numbers, code, text": _NUMBERS,
    "Own points": _OWN,
}

CONTROLS: dict[str, Control] = {**TRANSPORT, **FIRST}
for _group in GROUPS.values():
    CONTROLS |= _group
