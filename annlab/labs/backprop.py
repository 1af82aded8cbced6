"""One example on its way: forward to the loss, backward to every gradient, and one small step of all weights.

Each step is smaller than an epoch, and each can be taken back. Every number on the screen can be followed: to the
numbers it was computed from, to those that are computed from it, and to the line of annlab that does it.
"""

import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from .. import activations
from ..layers import Dense, Input
from ..models import Sequential
from ..optimizers import SGD
from ..svg.elements import Picture
from ..svg.formula import digits
from .backprop_picture import draw
from .base import Lab
from .controls import Control, button, choice, slider, whole
from .follow import Key, Number, Step, numbers_of, steps_of

__all__ = ["BackpropLab", "Story"]

HIDDEN = [name for name in activations.names() if name != "softmax"]
GOES_WITH = {"binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax"}
TOO_LARGE = 1e6


class Story:
    """One round of the example in ``state``: all its numbers, its steps, and which number is followed now."""

    def __init__(self, state: SimpleNamespace) -> None:
        model = state.model
        x, target = example(state)
        self.trace = model.trace(x, target)
        later = copy.deepcopy(model)
        later.set_weights([w for layer in self.trace.layers for w in layer.new_weights.values()])
        self.after = later.trace(x, target)
        self.sizes = [len(x), *(layer.units for layer in model.layers)]
        self.activations = [layer.activation.name for layer in model.layers]
        self.loss = model.loss.name
        hidden = len(self.sizes) - 2
        between = ["hidden layer"] if hidden == 1 else ["first hidden layer", "second hidden layer"][:hidden]
        self.names = ["inputs", *(f"the {name}" for name in [*between, "output layer"])]
        self.numbers: dict[Key, Number] = numbers_of(self.trace, self.after, self.loss, state.learning_rate)
        self.steps: list[Step] = steps_of(self.numbers, self.sizes, self.names, state.detail == "node")
        self.moment = min(state.moment, len(self.steps) - 1)
        self.known = dict.fromkeys(self.numbers, 0)
        self.known |= {key: at for at, step in enumerate(self.steps) for key in step.keys}
        self.round, self.learning_rate = state.round, state.learning_rate
        self.item_is_chosen = state.item is not None
        self.item, self.stage = self._followed(state)

    @property
    def step(self) -> Step:
        """The step that has just happened."""
        return self.steps[self.moment]

    @property
    def again(self) -> bool:
        """Whether the example has gone forward again, with the new weights."""
        return self.moment == len(self.steps) - 1

    def is_known(self, key: Key) -> bool:
        """Whether that number has been computed by now."""
        return self.known[key] <= self.moment

    def stages(self, item: Key) -> list[tuple[Key, ...]]:
        """The numbers of a node, a link, a bias or the loss, in the order of time."""
        kind, *place = item
        forms: dict[str, list[tuple[str, ...]]] = {
            "node": [("z", "y"), ("dy", "dz"), ("new z", "new y")],
            "link": [("w",), ("dw",), ("new w",)],
            "bias": [("b",), ("db",), ("new b",)],
            "target": [("t",)],
            "loss": [("loss",), ("new loss",)],
        }
        found = [tuple(key for form in group if (key := (form, *place)) in self.numbers) for group in forms[kind]]
        return [group for group in found if group]

    @staticmethod
    def item_of(key: Key) -> Key:
        """The node, link, bias, target or loss that a number belongs to."""
        kind = key[0].removeprefix("new ")
        family = {"w": "link", "dw": "link", "b": "bias", "db": "bias", "t": "target", "loss": "loss"}
        return (family.get(kind, "node"), *key[1:])

    def _followed(self, state: SimpleNamespace) -> tuple[Key, int]:
        item, stage = state.item, state.stage
        if item is None or not any(self.item_of(key) == item for key in self.numbers):
            keys = self.step.keys or (("y", 0, 0),)
            item, stage = self.item_of(keys[-1] if self.again else keys[0]), None
        stages = self.stages(item)
        if stage is None or stage >= len(stages):
            known = [at for at, group in enumerate(stages) if self.is_known(group[0])]
            stage = known[-1] if known else 0
        return item, stage

    @property
    def followed(self) -> list[Number]:
        """The numbers that are explained now."""
        return [self.numbers[key] for key in self.stages(self.item)[self.stage]]


def example(state: SimpleNamespace) -> tuple[list[float], list[float]]:
    """The input and the target that the controls say."""
    return [state.x1, state.x2, state.x3][: state.inputs], [state.t1, state.t2][: state.outputs]


def _amount(value: float, name: str, what: str, more: bool = True, draws: bool = True) -> Control:
    return slider(value, -1.0, 1.0, 0.05, label=name, tip=what, more=more, draws=draws)


class BackpropLab(Lab):
    """One example forward, its loss, backward and the update: step by step, in both directions of time.

    ``lab.trace`` is what all the numbers are read from; ``lab.model`` has the weights at the start of this round, and
    may be given others: ``lab.model.layers[0].kernel = ...``, then ``lab.draw()``.
    """

    step_label, step_tip = "Next step", "Compute what comes next; after the last step a new round begins"
    controls = {
        "moment": slider(0, 0, 60, label="Step", tip="Go to any step of this round, forwards or back in time"),
        "learning_rate": slider(
            0.5, 0.01, 10.0, log=True, label="Learning rate", tip="How far the update goes; watch the last step"
        ),
        "activation_1": choice(
            "tanh", HIDDEN, label="Hidden layer", tip="What the nodes of the hidden layer do with z"
        ),
        "activation_2": choice(
            "tanh",
            HIDDEN,
            label="Second hidden layer",
            tip="What the nodes of the second hidden layer do with z",
            draws=False,
        ),
        "activation_out": choice(
            "sigmoid", activations.names(), label="Output layer", tip="What the output nodes do with z"
        ),
        "loss": choice(
            "mse",
            [
                ("mean squared error", "mse"),
                ("mean absolute error", "mae"),
                ("binary cross-entropy", "binary_crossentropy"),
                ("categorical cross-entropy", "categorical_crossentropy"),
            ],
            label="Loss",
            tip="How the error is measured; the cross-entropies bring their own output activation",
        ),
        "detail": choice(
            "layer",
            [("a layer at a time", "layer"), ("a node at a time", "node")],
            label="Go",
            tip="How much is computed in one step",
        ),
        "x1": _amount(0.5, "x1", "The first input"),
        "x2": _amount(-1.0, "x2", "The second input"),
        "x3": _amount(0.3, "x3", "The third input, where there are three", draws=False),
        "t1": _amount(1.0, "t1", "The target of the first output: what it should say"),
        "t2": _amount(0.0, "t2", "The target of the second output, where there are two"),
        "inputs": slider(
            2, 1, 3, label="Inputs", tip="How many inputs there are; a change starts a new network", more=True
        ),
        "hidden_1": slider(
            3,
            0,
            4,
            label="Hidden nodes",
            tip="How many nodes the hidden layer has; a change starts a new network",
            more=True,
        ),
        "hidden_2": slider(
            0,
            0,
            4,
            label="Second hidden layer",
            tip="How many nodes it has; 0 is no such layer. A change starts a new network",
            more=True,
        ),
        "outputs": slider(
            2, 1, 2, label="Outputs", tip="How many outputs there are; a change starts a new network", more=True
        ),
        "seed": whole(
            3,
            0,
            9999,
            label="Seed",
            tip="What the first weights are drawn from; a change starts a new network",
            more=True,
        ),
    }
    about = [
        (
            "The bar on top",
            "The steps of one round. Click or drag in it, use the slider, the buttons, or the left and right arrow "
            "keys on any node: time goes both ways.",
        ),
        (
            "A node",
            "The small number is z, its weighted sum; the large one is y, its output. Above it stands b, its bias. "
            "Below it comes δ: how the loss changes with z.",
        ),
        (
            "A link",
            "Near its end stands the weight w, near its beginning dw: how the loss changes with this weight. Blue and "
            "whole is a weight above zero, orange and dashed one below; a thick link is a strong one.",
        ),
        ("Bold, with a thick ring", "What was computed in this step. Everything else is quiet."),
        (
            "Follow one number",
            "Click a node, a link, a bias, a target or the loss; or go to a node with Tab and press Enter, then on "
            "to its links. Below the network stand the formula with its numbers and the line of Python that computes "
            "it. Each number there can be clicked in turn. Escape goes back to following the steps.",
        ),
        (
            "Digits",
            "Three digits, more where a number is small. A formula shows as many as it takes for its result to come "
            "out of the digits shown, so you can check it with a calculator. The first weights have two decimals.",
        ),
        (
            "Your own example",
            "Under More settings are sliders for inputs and targets; in the picture, go to an input or a target with "
            "Tab and change it with the arrow keys up and down.",
        ),
        (
            "A round",
            "Forward, loss, backward, update, and forward again to see what it was good for. The step after that "
            "begins the next round, with the new weights. Reset goes back to the first weights.",
        ),
    ]

    # The state, and moving in time.

    def _transport(self) -> dict[str, Control]:
        back = button("Back", tip="Take the last step back", icon="step-backward", draws=False)
        own = super()._transport()
        return {"play": own["play"], "back": back, **{name: own[name] for name in ("step", "reset")}}

    def start(self, state: SimpleNamespace) -> None:
        first_time = not hasattr(state, "model")
        if first_time:
            self._echoes: dict[
                str, Any
            ] = {}  # moves of controls that the lab made itself, and that still come back to it
        sizes = [size for size in (state.hidden_1, state.hidden_2) if size]
        own = [state.activation_1, state.activation_2][: len(sizes)]
        if not first_time:
            state.moment = 0
        if state.loss == "categorical_crossentropy" and state.outputs == 1:
            self._set("loss", "binary_crossentropy")
        if state.loss in GOES_WITH:
            self._set("activation_out", GOES_WITH[state.loss])
        layers = [Dense(size, name, bias_initializer="uniform") for size, name in zip(sizes, own, strict=True)]
        output = Dense(state.outputs, state.activation_out, bias_initializer="uniform")
        state.model = Sequential([Input((state.inputs,)), *layers, output], seed=state.seed)
        state.model.set_weights([weight.round(2) + 0.0 for weight in state.model.get_weights()])
        self._fit_targets(state)
        self._compile(state)
        state.rounds, state.round = [state.model.parameters.copy()], 0
        state.item, state.stage = None, None
        self._fit_controls(state)
        if first_time:
            self._echoes.clear()  # nobody listens yet

    def _set(self, name: str, value: Any) -> None:
        """Put a control, and the state with it, to a value that another choice asks for."""
        setattr(self.state, name, value)
        if self.controls[name].value != value:
            self._echoes[name] = value
            self.controls[name].value = value

    def _compile(self, state: SimpleNamespace) -> None:
        state.model.compile(optimizer=SGD(state.learning_rate), loss=state.loss)

    def _fit_targets(self, state: SimpleNamespace) -> None:
        """Cross-entropies speak of probabilities: targets from 0 to 1, together 1 for two classes."""
        if state.loss in GOES_WITH:
            for name in ("t1", "t2"):
                self._set(name, max(0.0, getattr(state, name)))
        if state.loss == "categorical_crossentropy":
            self._set("t2", round(1 - state.t1, 10))

    def _fit_controls(self, state: SimpleNamespace) -> None:
        """As many steps on the slider as there are; no control for what is not there."""
        layers = len(state.model.layers)
        used = {"x2": state.inputs > 1, "x3": state.inputs > 2, "t2": state.outputs > 1}
        used |= {"activation_1": layers > 1, "activation_2": layers > 2}
        for name, is_used in used.items():
            self.controls[name].layout.display = "" if is_used else "none"
        self.controls["moment"].max = len(Story(state).steps) - 1
        if self.controls["moment"].value != state.moment:
            self.controls["moment"].value = state.moment

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        while True:
            self._onward(state)
            yield

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return 0.7

    def _onward(self, state: SimpleNamespace) -> None:
        """One step on; after the last one, a new round with the new weights."""
        story = Story(state)
        if not story.again:
            self._set("moment", story.moment + 1)
            if state.moment == len(story.steps) - 1:
                self.pause()
            return
        largest = max(abs(number.value) for number in story.numbers.values())
        if not largest < TOO_LARGE:
            self.pause()
            self.stage.say(
                "The numbers have outgrown the screen: with this learning rate every step makes them larger. Press "
                "Reset, or choose a smaller one and go back in time."
            )
            return
        state.rounds[state.round :] = [state.model.parameters.copy()]
        state.model.set_weights([w for layer in story.trace.layers for w in layer.new_weights.values()])
        state.rounds.append(state.model.parameters.copy())
        state.round += 1
        self._set("moment", 0)

    def _back(self, state: SimpleNamespace) -> None:
        """One step back; before the first one, to the end of the round before."""
        if state.moment > 0:
            self._set("moment", state.moment - 1)
        elif state.round > 0:
            state.round -= 1
            state.model.parameters = state.rounds[state.round]
            self._set("moment", len(Story(state).steps) - 1)

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name == "moment" or self._echoes.pop(name, None) == getattr(state, name):
            return
        self.stage.say("")
        if name in ("inputs", "hidden_1", "hidden_2", "outputs", "seed"):
            if name == "hidden_2" and state.hidden_2 and not state.hidden_1:
                self._set("hidden_1", 3)
            if name == "hidden_1" and not state.hidden_1:
                self._set("hidden_2", 0)
            self.restart()
            return
        if name == "detail":
            self._keep_the_place(state)
            return
        state.rounds, state.round = [state.model.parameters.copy()], 0  # from here on the story is another one
        if name == "loss" and state.loss == "categorical_crossentropy" and state.outputs == 1:
            self._set("loss", "binary_crossentropy")
            self.stage.say(
                "Categorical cross-entropy compares outputs, and there is one: it is binary cross-entropy now."
            )
        if name == "loss" and state.loss in GOES_WITH:
            self._set("activation_out", GOES_WITH[state.loss])
        if name == "activation_out" and state.activation_out != GOES_WITH.get(state.loss, state.activation_out):
            self.stage.say(
                f"Cross-entropy needs {GOES_WITH[state.loss]} at the end: the loss is mean squared error now."
            )
            self._set("loss", "mse")
        if name == "t2" and state.loss == "categorical_crossentropy":
            self._set("t1", round(1 - max(0.0, state.t2), 10))
        self._fit_targets(state)
        chosen = [state.activation_1, state.activation_2][: len(state.model.layers) - 1]
        for layer, activation in zip(state.model.layers, [*chosen, state.activation_out], strict=True):
            layer.activation = activations.get(activation)
        self._compile(state)
        self._fit_controls(state)

    def _keep_the_place(self, state: SimpleNamespace) -> None:
        """The step that computes the same number, told by the layer or by the node."""
        before = SimpleNamespace(**{**vars(state), "detail": "layer" if state.detail == "node" else "node"})
        old, new = Story(before), Story(state)
        keys = old.step.keys
        state.moment = new.known[keys[0]] if keys else 0
        self._fit_controls(state)

    # Touching the picture.

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "back":
            self.pause()
            self._back(state)

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, id = event["kind"], event["id"]
        if id == "timeline":
            if kind in ("down", "move") and event["points"]:
                self.pause()
                self._set("moment", draw(state, Story(state)).moment_at(event["points"][-1][0]))
        elif kind == "down" or (kind == "key" and event["key"] in ("Enter", "Space")):
            self._follow(state, id)
        elif kind == "key":
            self._key(state, id, event["key"])

    def _follow(self, state: SimpleNamespace, id: str) -> None:
        """Follow what was clicked: an item of the picture, a number in a formula, or one of the buttons below."""
        family, _, place = id.partition(":")
        story = Story(state)
        if family == "stage":
            state.item, state.stage = story.item, int(place)
        elif family == "number":
            key = _key_of(place)
            state.item = story.item_of(key)
            state.stage = next(at for at, group in enumerate(story.stages(state.item)) if key in group)
        elif family == "steps":
            state.item, state.stage = None, None
        else:
            state.item, state.stage = _key_of(id), None

    def _key(self, state: SimpleNamespace, id: str, key: str) -> None:
        family, *place = id.split(":")
        if key in ("ArrowRight", "ArrowLeft"):
            self.pause()
            self._onward(state) if key == "ArrowRight" else self._back(state)
        elif key == "Escape":
            state.item, state.stage = None, None
        elif key in ("ArrowUp", "ArrowDown"):
            name = f"x{int(place[1]) + 1}" if family == "node" else f"t{int(place[0]) + 1}"
            value = self.controls[name].value + (0.05 if key == "ArrowUp" else -0.05)
            self.controls[name].value = round(min(max(value, -1.0), 1.0), 10)

    # The picture and its words.

    @property
    def story(self) -> Story:
        """This round: its numbers, its steps, and what is followed."""
        return Story(self.state)

    @property
    def trace(self) -> Any:
        """Everything this example causes in this round: what all numbers on the screen are read from."""
        return self.story.trace

    @property
    def after(self) -> Any:
        """The same example with the weights that this round's update leaves."""
        return self.story.after

    def picture(self, state: SimpleNamespace) -> Picture:
        story = Story(state)
        return draw(state, story, self.describe(self._facts(story), story)).picture

    def facts(self, state: SimpleNamespace) -> dict[str, float]:
        return self._facts(Story(state))

    @staticmethod
    def _facts(story: Story) -> dict[str, float]:
        facts = {"round": story.round + 1, "step": story.moment, "steps": len(story.steps) - 1}
        facts |= {"loss": story.trace.loss, "new loss": story.after.loss}
        return facts | {number.symbol: number.value for number in story.followed}

    @staticmethod
    def describe(facts: dict[str, float], story: Story) -> str:
        """The line under the picture."""
        said = f"Round {facts['round']}, step {facts['step']} of {facts['steps']}. {story.step.title}. "
        said += f"{story.step.words} " if story.again else ""
        shown = [f"{n.symbol} = {_plain(n.value)}" for n in story.followed if story.is_known(n.key)]
        said += f"You look at {', '.join(shown)}. " if shown else ""
        if story.is_known(("loss",)) and not story.again and story.item != ("loss",):
            said += f"The loss of this example is {_plain(facts['loss'])}."
        return said.replace("−", "-").strip()

    def code(self) -> str:
        """The program that computes what the lab shows, from the first weights on."""
        state = self.state
        x, target = example(state)
        now = state.model.parameters.copy()
        state.model.parameters = state.rounds[0] if state.round else now
        first = ",\n".join(f"    {weight.tolist()}" for weight in state.model.get_weights())
        state.model.parameters = now
        return (
            f"{self.model.code()}model.set_weights([\n{first},\n])\n\nx, target = {x}, {target}\n"
            f"for round in range({state.round}):\n    model.train_on_batch([x], [target])\n"
            "trace = model.trace(x, target)\nprint(trace.loss)\n"
            "for layer in trace.layers:\n    print(layer.z, layer.y, layer.dz, layer.gradients, layer.new_weights)\n"
        )


def _key_of(text: str) -> Key:
    kind, *place = text.split(":")
    return (kind, *map(int, place))


def _plain(value: float) -> str:
    return digits(value).replace("−", "-")
