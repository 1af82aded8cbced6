"""One example on its way through a network: layer by layer, always in one direction.

What a layer computes is one line, ``z = x @ kernel + bias``, and then the activation. The lab shows it twice: as nodes
that light up, and as matrices with their shapes. Each node tells its sum, term by term.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets

from .. import activations, datasets
from ..initializers import RandomUniform
from ..layers import Dense, Input
from ..models import Sequential
from ..svg.elements import Picture, number
from .base import Lab
from .controls import Control, button, choice, slider, whole
from .follow import node_name
from .forward_picture import draw

__all__ = ["ForwardLab", "Passage"]

HIDDEN = [name for name in activations.names() if name != "softmax"]
SIZES = ("inputs", "hidden_1", "hidden_2", "outputs")
GATES = ["and", "or", "nand", "xor", "xnor"]
LARGEST = 9.5  # weight that the buttons reach


class Passage:
    """The example's way through the network in ``state``: what each layer got, summed and answered, and how far the
    signal is.

    ``values[0]`` are the inputs, ``values[i]`` the outputs of layer i; ``kernels[i]``, ``biases[i]`` and ``sums[i]``
    belong to layer i, from 1 on. ``node`` is the node that tells its sum.
    """

    def __init__(self, state: SimpleNamespace) -> None:
        trace = state.model.trace(example(state))
        self.layers = state.model.layers
        self.values = [trace.x.tolist(), *(layer.y.tolist() for layer in trace.layers)]
        self.sums = [[], *(layer.z.tolist() for layer in trace.layers)]
        self.kernels = [[], *(layer.weights["kernel"].tolist() for layer in trace.layers)]
        self.biases = [[], *(layer.weights["bias"].tolist() for layer in trace.layers)]
        self.activations = ["", *(layer.activation for layer in trace.layers)]
        self.sizes = [len(values) for values in self.values]
        self.last = len(self.sizes) - 1
        self.lit = min(state.lit, self.last)
        hidden = ["hidden layer"] if self.last == 2 else ["first hidden layer", "second hidden layer"]
        self.names = ["inputs", *hidden[: self.last - 1], "output layer"]
        chosen = state.node
        if chosen is None or chosen[0] > self.last or chosen[1] >= self.sizes[chosen[0]]:
            chosen = (self.lit, 0)
        self.node: tuple[int, int] = chosen
        self.rows = _answers(state)

    def name(self, layer: int, node: int) -> str:
        """x1, x2 are inputs, h1 ... and k1 ... hidden nodes, o1 ... outputs."""
        return node_name(layer, node, self.last)

    def is_lit(self, layer: int) -> bool:
        """Whether the signal has reached this layer."""
        return layer <= self.lit

    def weights_into(self, layer: int, node: int) -> list[float]:
        """The weights of one node: its column of the kernel."""
        return [row[node] for row in self.kernels[layer]]

    def shapes(self, layer: int) -> str:
        """What is multiplied and added, as shapes."""
        before, units = self.sizes[layer - 1], self.sizes[layer]
        return f"(1, {before}) @ ({before}, {units}) + ({units},) \u2192 (1, {units})"


def _answers(state: SimpleNamespace) -> list[tuple[list[float], int, float, bool]]:
    """Each point of the gate: what it is, what the output should be, what it is, and whether that is right."""
    if state.data == "none" or state.inputs != 2 or state.outputs != 1:
        return []
    points, targets = datasets.gates(state.data)
    outputs = state.model.predict(points)[:, 0]
    found = zip(points.tolist(), targets.tolist(), outputs.tolist(), strict=True)
    return [(point, target, output, (output >= 0.5) == target) for point, target, output in found]


def example(state: SimpleNamespace) -> list[float]:
    """The input that the controls say."""
    return [state.x1, state.x2, state.x3][: state.inputs]


def _input(value: float, name: str, which: str, more: bool = False, draws: bool = True) -> Control:
    return slider(value, -2.0, 2.0, 0.1, label=f"Input {name}", tip=f"The {which} input", more=more, draws=draws)


def _size(value: int, low: int, high: int, label: str, what: str) -> Control:
    tip = f"{what}; a change draws new weights"
    return slider(value, low, high, label=label, tip=tip, more=True)


class ForwardLab(Lab):
    """One example lights a network layer by layer. Click a node, or go to it with Tab and press Enter: its sum, term by
    term.

    ``lab.model`` may be given weights of your own: ``lab.model.set_weights([...])``, then ``lab.draw()``.
    """

    step_label, step_tip = "Next layer", "Let the signal go one layer further; after the last it begins again"
    controls = {
        "lit": slider(0, 0, 3, label="Signal at layer", tip="How far the signal is: 0 is the inputs"),
        "x1": _input(0.5, "x1", "first"),
        "x2": _input(-1.0, "x2", "second"),
        "activation_1": choice(
            "tanh", HIDDEN, label="Hidden layer", tip="What the nodes of the hidden layer make of their sums"
        ),
        "activation_2": choice(
            "tanh",
            HIDDEN,
            label="Second hidden layer",
            tip="What the nodes of the second hidden layer make of their sums",
            draws=False,
        ),
        "activation_out": choice(
            "sigmoid", activations.names(), label="Output layer", tip="What the output nodes make of their sums"
        ),
        "data": choice(
            "none",
            [("none", "none"), *((name.upper(), name) for name in GATES)],
            label="Points",
            tip="Four points with the answers that a network of 2 inputs and 1 output should give",
            more=True,
        ),
        "x3": _input(1.0, "x3", "third", more=True, draws=False),
        "inputs": _size(2, 1, 3, "Inputs", "How many inputs there are"),
        "hidden_1": _size(3, 1, 4, "Hidden nodes", "How many nodes the hidden layer has"),
        "hidden_2": _size(2, 0, 4, "Second hidden nodes", "How many nodes the second hidden layer has; 0: none"),
        "outputs": _size(1, 1, 3, "Outputs", "How many outputs there are"),
        "seed": whole(
            1, 0, 9999, label="Seed", tip="What the weights are drawn from; a change draws new weights", more=True
        ),
    }
    about = [
        (
            "The network",
            "Inputs on the left, outputs on the right. The signal goes from left to right, a layer at a time, and "
            "never back. A layer that it has not reached yet has dashed rings and no numbers. Next layer lets it go "
            "on, Back takes the last layer back, Play goes through all of them, and the slider jumps.",
        ),
        (
            "A node",
            "The large number is its output y; the small one above it is z, its weighted sum. An input has no sum: its "
            "number is given.",
        ),
        (
            "A link",
            "Blue and whole is a weight above zero, orange and dashed one below; a thick link is a strong one. The "
            "weights of the chosen node stand on its links.",
        ),
        (
            "The sum of a node",
            "Click a node, or go to it with Tab and press Enter. Below stands its sum: each number that comes in, "
            "times its weight, and the bias. There are as many digits as it takes to add up. Escape goes back to "
            "following the signal.",
        ),
        (
            "The buttons \u2212 and +",
            "They change a weight or the bias by 0.5, with Shift by 0.1, so that you can build a network by hand. The "
            "keyboard reaches them with Tab and presses them with Enter.",
        ),
        (
            "The matrices",
            "The whole layer at once. The outputs of the layer before are one row; the kernel has one row for each of "
            "them and one column for each node of this layer. Row times column, plus bias, is the sum z below that "
            "column; the activation makes y of it. The column of the chosen node is marked.",
        ),
        (
            "Shapes",
            "Rows and columns of each matrix. In x @ kernel the last number of the one and the first of the other must "
            "be equal. The 1 is the number of examples.",
        ),
        (
            "The four points",
            "With Points you choose a logical gate. The table says what the whole network answers to each of its four "
            "points; an output of 0.5 or more counts as 1. Click a row, or go to it with Tab and press Enter, to send "
            "that point through the network. It needs 2 inputs and 1 output.",
        ),
        (
            "Keys",
            "On a node: the right and left arrow keys let the signal go on and back, Enter chooses the node, and up "
            "and down change an input.",
        ),
        (
            "Settings",
            "Sizes and activations of the layers, and the seed that the weights are drawn from. An activation may be "
            "changed without losing the weights. Reset draws the same weights again and goes back to the inputs.",
        ),
    ]

    # The state, and the signal's way.

    def _transport(self) -> dict[str, Control]:
        back = button("Back", tip="Take the last layer back", icon="step-backward", draws=False)
        own = super()._transport()
        return {"play": own["play"], "back": back, **{name: own[name] for name in ("step", "reset")}}

    def start(self, state: SimpleNamespace) -> None:
        again = hasattr(state, "model")
        sizes = [size for size in (state.hidden_1, state.hidden_2) if size]
        own = [state.activation_1, state.activation_2][: len(sizes)]
        biases = RandomUniform(-0.5, 0.5)
        layers = [Dense(size, name, bias_initializer=biases) for size, name in zip(sizes, own, strict=True)]
        output = Dense(state.outputs, state.activation_out, bias_initializer=biases)
        state.model = Sequential([Input((state.inputs,)), *layers, output], seed=state.seed)
        state.model.set_weights([weight.round(2) + 0.0 for weight in state.model.get_weights()])
        state.node = None
        self._go_to(state, 0 if again else state.lit)
        used = {"x2": state.inputs > 1, "x3": state.inputs > 2, "activation_2": state.hidden_2 > 0}
        for name, is_used in used.items():
            self.controls[name].layout.display = "" if is_used else "none"

    def _go_to(self, state: SimpleNamespace, layer: int) -> None:
        """Let the signal be at ``layer``, and the slider with it."""
        layers = len(state.model.layers)
        state.lit = min(max(layer, 0), layers)
        self.controls["lit"].max = layers
        self.controls["lit"].value = state.lit

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        """The signal goes on, a layer each time; it waits at the outputs."""
        while True:
            layers = len(state.model.layers)
            state.node = None
            self._go_to(state, 0 if state.lit == layers else state.lit + 1)
            if state.lit == layers:
                self.pause()
            yield state.lit

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return 0.8

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in (*SIZES, "seed"):
            place = state.lit
            self.restart()
            self._go_to(state, place)
        elif name.startswith("activation"):
            hidden = [state.activation_1, state.activation_2][: len(state.model.layers) - 1]
            for layer, activation in zip(state.model.layers, [*hidden, state.activation_out], strict=True):
                layer.activation = activations.get(activation)

    def _arrange(self, hide: set[str]) -> widgets.VBox:
        if len([name for name in type(self).controls if name not in hide]) <= 5:  # few need no fold
            self._kinds = {name: replace(kind, more=False) for name, kind in self._kinds.items()}
        return super()._arrange(hide)

    # Touching the picture.

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "back":
            self._back(state)

    def _back(self, state: SimpleNamespace) -> None:
        self.pause()
        state.node = None
        self._go_to(state, state.lit - 1)

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, (family, *place) = event["kind"], event["id"].split(":")
        key = event.get("key", "")
        if kind == "down" or (kind == "key" and key in ("Enter", "Space")):
            at = [int(each) for each in place]
            if family == "node":
                state.node = (at[0], at[1])
            elif family == "row":
                for name, value in zip(("x1", "x2"), Passage(state).rows[at[0]][0], strict=True):
                    self.controls[name].value = value
            else:
                self._turn(state, family == "more", event["shift"], *at)
        elif kind == "key" and key == "Escape":
            state.node = None
        elif kind == "key" and key == "ArrowRight":
            self.pause()
            self._advance()
        elif kind == "key" and key == "ArrowLeft":
            self._back(state)
        elif kind == "key" and key in ("ArrowUp", "ArrowDown") and place[0] == "0":
            widget = self.controls[f"x{int(place[1]) + 1}"]
            value = widget.value + (0.1 if key == "ArrowUp" else -0.1)
            widget.value = round(min(max(value, -2.0), 2.0), 1)

    @staticmethod
    def _turn(state: SimpleNamespace, up: bool, fine: bool, layer: int, node: int, source: int) -> None:
        """Change one weight, or the bias where ``source`` is beyond the layer before, to the next round number."""
        kernel, bias = (weight.copy() for weight in state.model.layers[layer - 1].weights.values())
        weights = bias if source == len(kernel) else kernel[source]
        step, now = (0.1 if fine else 0.5), float(weights[node])
        to = math.floor(now / step + 1e-9) + 1 if up else math.ceil(now / step - 1e-9) - 1
        weights[node] = min(max(round(to * step, 1), -LARGEST), LARGEST)
        state.model.layers[layer - 1].kernel, state.model.layers[layer - 1].bias = kernel, bias

    # The picture and its words.

    def picture(self, state: SimpleNamespace) -> Picture:
        passage = Passage(state)
        return draw(state, passage, self.describe(passage, self._facts(passage)))

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        return self._facts(Passage(state))

    @staticmethod
    def _facts(passage: Passage) -> dict[str, float]:
        layer, node = passage.node
        facts = {"at": passage.lit, "layers": passage.last, "y": passage.values[layer][node]}
        facts["count"] = sum(layer.count_params() for layer in passage.layers)
        if passage.rows:
            facts |= {"right": sum(row[3] for row in passage.rows), "of": len(passage.rows)}
        if layer:
            facts |= {"z": passage.sums[layer][node], "terms": passage.sizes[layer - 1]}
        return facts

    @staticmethod
    def describe(passage: Passage, facts: Mapping[str, float]) -> str:
        """The line under the picture."""
        layer, node = passage.node
        name = passage.name(layer, node)
        words = f"The signal is at the {passage.names[passage.lit]}, layer {facts['at']} of {facts['layers']}. "
        if layer == 0:
            words += f"{name} = {number(facts['y'], 3)} is given. "
        elif not passage.is_lit(layer):
            words += f"{name} is not computed yet. "
        else:
            terms = f"{facts['terms']} product{'s' if facts['terms'] > 1 else ''}"
            words += (
                f"{name} adds {terms} and its bias: z = {number(facts['z'], 3)}, and {passage.activations[layer]} "
                f"makes y = {number(facts['y'], 3)} of it. "
            )
        words += f"The network has {facts['count']} weights and biases."
        return words + (f" {facts['right']} of {facts['of']} points get the right answer." if passage.rows else "")

    def code(self) -> str:
        """The program that computes what the lab shows, a layer at a time."""
        weights = ",\n".join(f"    {weight.tolist()}" for weight in self.model.get_weights())
        return (
            f"{self.model.code()}model.set_weights([\n{weights},\n])\n\nx = [{example(self.state)}]\n"
            "for layer in model.layers:\n    z = x @ layer.kernel + layer.bias\n    x = layer.activation(z)\n"
            "    print(layer.name, z.shape, z, x)\n"
        )
