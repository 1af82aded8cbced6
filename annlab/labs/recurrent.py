"""A node that hears its own last answer: a loop, the same loop unrolled in time, and a network that learns with one.

What a loop remembers is decided by one number, the feedback strength: what is multiplied by 0.5 again and again fades,
by 1.5 it explodes. The same product decides, backwards, how far into the past a network can learn.
"""

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import datasets
from ..initializers import Constant, Orthogonal
from ..layers import Dense, Input, SimpleRNN
from ..models import Sequential
from ..optimizers import Adam
from ..svg.elements import Picture
from .base import Lab
from .controls import Control, button, choice, slider, whole
from .follow import Number
from .recurrent_picture import draw, places

__all__ = ["Reading", "RecurrentLab"]

STEPS = 10
BATCH = 32  # sequences of one update
MOST = 5000  # updates of one run
BOUNDED = ("tanh", "sigmoid")
SEQUENCES = {
    "pulse": [1.0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    "two": [1.0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    "on": [0.0, 0, 1, 1, 1, 1, 1, 0, 0, 0],
    "echo": [1.0, 0, 0, 0.6, 0, 0, 0.4, 0, 0, 0.2],
    "turns": [1.0, -1, 1, -1, 1, -1, 1, -1, 1, -1],
    "silence": [0.0] * STEPS,
}
CUSTOMS = {"loop": ("pulse", "linear"), "learn": ("chance", "tanh")}  # sequence and activation that each begins with
OF_ONE = ("back", "input_strength", "bias")  # controls of the one loop
OF_LEARNING = ("task", "delay", "units", "learning_rate", "pace")


class Reading:
    """The network of ``state`` reads the sequence: everything that it hears, holds and answers, step by step.

    ``z`` and ``h`` are the weighted sums and the states, (STEPS, units). A network that learns has ``answers`` and
    ``targets``, (STEPS,), and ``through``: how much the answer at the chosen step changes with the weighted sums of
    each step up to it, as the length of that gradient.
    """

    def __init__(self, state: SimpleNamespace) -> None:
        loop = state.model.layers[0]
        self.inputs = state.inputs
        outputs = state.model.layer_outputs(state.inputs.reshape(1, STEPS, 1))
        self.h, self.z = outputs[0][0], loop.z[0].copy()
        self.units = self.h.shape[1]
        self.kernel, self.recurrent, self.bias = (weight.copy() for weight in loop.weights.values())
        self.activation = loop.activation
        self.learns = state.view == "learn"
        self.at = STEPS if self.learns else state.at
        self.chosen = state.chosen
        self.row = min(state.row, self.units - 1 + self.learns)  # the last row is the answer's
        if self.learns:
            self.answers, self.weights = outputs[1][0, :, 0], state.model.layers[1].kernel[:, 0].copy()
            self.offset = float(state.model.layers[1].bias[0])
            self.targets = self._targets(state)
            self.through = self._through(state)

    def _targets(self, state: SimpleNamespace) -> np.ndarray:
        if state.task == "count":
            return self.inputs.cumsum()
        return np.concatenate([np.zeros(state.delay), self.inputs])[:STEPS]

    def _through(self, state: SimpleNamespace) -> np.ndarray:
        """The library's own way back through time, for one answer alone."""
        twin = copy.deepcopy(state.model)
        twin(self.inputs.reshape(1, STEPS, 1))
        one = np.zeros((1, STEPS, 1))
        one[0, self.chosen] = 1.0
        twin.layers[0].backward(twin.layers[1].backward(one), input_gradient=False)
        return np.linalg.norm(twin.layers[0].dz[0], axis=1)[: self.chosen + 1]

    def slope(self) -> float:
        """How much one step of one loop passes on: the feedback strength times the activation's slope there."""
        t = self.chosen
        slope = self.activation.backward(np.ones(1), self.z[t], self.h[t])[0]
        return float(slope * self.recurrent[0, 0])

    def formulas(self) -> list[Number]:
        """The chosen number with its formula: a weighted sum and the state made of it, or an answer."""
        t, row = self.chosen, self.row
        if row == self.units:
            terms: list[Any] = []
            for unit in range(self.units):
                terms += ["+"] * (unit > 0)
                terms += [(self.weights[unit], f"weight {unit + 1}", None), "\u00b7"]
                terms += [(self.h[t, unit], f"h{unit + 1} now", None)]
            terms += ["+", (self.offset, "bias", None)]
            return [Number(("y", t), "y", "", "", self.answers[t], terms, compute=_products)]
        name = "h" if not self.learns else f"h{row + 1}"
        terms = [(self.kernel[0, row], "input strength" if not self.learns else "weight", None), "\u00b7"]
        terms += [(self.inputs[t], "input", None)]
        for unit in range(self.units):
            before = self.h[t - 1, unit] if t else 0.0
            weight = "feedback" if not self.learns else f"from h{unit + 1}"
            last = "last state" if not self.learns else f"last h{unit + 1}"
            terms += ["+", (self.recurrent[unit, row], weight, None), "\u00b7", (before, last, None)]
        terms += ["+", (self.bias[row], "bias", None)]
        rule = f"{self.activation.name}("
        answer: list[Any] = [rule, (self.z[t, row], "z", None), ")"]
        function = lambda z: float(self.activation(np.array([z]))[0])  # noqa: E731
        linear = self.activation.name == "linear"
        sums = Number(("z", t), name if linear else "z", "", "", self.z[t, row], terms, compute=_products)
        made = Number(("h", t), name, "", "", self.h[t, row], answer, compute=function)
        return [sums] if linear else [sums, made]


def _products(*values: float) -> float:
    """Pairs multiplied and added up, and the bias at the end."""
    return sum(a * b for a, b in zip(values[:-1:2], values[1:-1:2], strict=True)) + values[-1]


class RecurrentLab(Lab):
    """One node whose answer comes back to it, unrolled in time; or a SimpleRNN that learns to count or to echo.

    ``lab.model`` is a ``Sequential`` with a ``SimpleRNN``. ``lab.state.inputs`` is the sequence it reads, ten numbers;
    ``lab.hear([1, 0, 0.5])`` gives it another one.
    """

    step_label, step_tip = "Next step", "One step forward in time"
    controls = {
        "view": choice(
            "loop",
            [("one loop", "loop"), ("a network that learns", "learn")],
            label="Show",
            tip="One node with a loop, steered by hand; or a SimpleRNN that learns",
        ),
        "sequence": choice(
            "pulse",
            [
                ("one pulse", "pulse"),
                ("two pulses", "two"),
                ("on and off", "on"),
                ("a pulse and its echo", "echo"),
                ("up and down", "turns"),
                ("0 and 1 by chance", "chance"),
                ("silence", "silence"),
            ],
            label="Sequence",
            tip="What is heard at the ten steps; every input can be changed in the picture",
        ),
        "input_strength": slider(1.0, -2.0, 2.0, 0.1, label="Input strength", tip="What each input is multiplied by"),
        "feedback": slider(
            0.5,
            -2.0,
            2.0,
            0.05,
            label="Feedback strength",
            tip="What the last state is multiplied by; for a network that learns, at its start",
        ),
        "bias": slider(0.0, -1.0, 1.0, 0.1, label="Bias", tip="What is added at every step"),
        "activation": choice(
            "linear",
            ["linear", "tanh", "relu", "sigmoid"],
            label="Activation",
            tip="What makes the new state from the weighted sum",
        ),
        "task": choice(
            "count",
            [("count the ones", "count"), ("echo", "echo")],
            label="Learn to",
            tip="Say at each step how many ones there were so far, or what came some steps ago",
        ),
        "delay": slider(2, 1, 6, label="Echo after", tip="How many steps ago that was, which it has to say now"),
        "units": slider(4, 1, 6, label="Units", tip="How many nodes with loops the network has"),
        "learning_rate": slider(0.01, 0.001, 0.1, log=True, label="Learning rate", tip="How far one update goes"),
        "seed": whole(
            1, 0, 9999, label="Seed", tip="What first weights and sequences of chance are drawn from", more=True
        ),
        "pace": slider(60, 1, 300, label="Updates a second", tip="How fast playing goes", more=True, draws=False),
    }
    about = [
        (
            "The loop",
            "A node with one input and a connection from itself to itself. At each step of time it adds the input "
            "times the input strength, its own last state times the feedback strength, and the bias; the activation "
            "makes the new state of the sum. The first step has no last state: it counts as 0.",
        ),
        (
            "Unrolled in time",
            "The same node drawn once for each of ten steps, with an arrow from each step to the next. All arrows "
            "have the same strength, because they are one loop. Blue is above zero, orange is below; an arrow of a "
            "strength below zero is dashed.",
        ),
        (
            "Inputs",
            "The bars at the bottom. Drag one up or down. With the keyboard, go there with Tab; the left and right "
            "arrow keys choose a step, up and down change its input, Space turns it to 0 or 1, Delete to 0. Reset "
            "brings the chosen sequence back.",
        ),
        (
            "Steps in time",
            "Next step, Back and Play let one loop go through the sequence; a step that has not come yet is dashed. "
            "Click a step, or go to the states with Tab and use the arrow keys, to see its sum with its numbers; it "
            "has as many digits as it takes to add up.",
        ),
        (
            "Feedback strength",
            "What one step keeps of the last state, where the activation is linear: 0.5 lets it fade, 1 keeps it, "
            "1.5 makes it explode, and below 0 it changes its sign at each step. A curved activation keeps less than "
            "that: its slope is multiplied in.",
        ),
        (
            "A network that learns",
            "A SimpleRNN: several such nodes, each of which also hears the last states of all others; and one linear "
            "node that makes an answer of their states. Each update takes 32 new sequences of 0 and 1, goes back "
            "through time, and changes the weights by Adam. Play, or take one update at a time.",
        ),
        (
            "Answer and target",
            "At each step the whole line is what the network answers, the dashed one what it should answer. Counting: "
            "the sum of all inputs so far. Echo: the input of some steps ago, and 0 before the first one.",
        ),
        (
            "States",
            "A row for each unit, a column for each step; the top row is the answer. Click one to see its formula. "
            "The chosen column has a strong frame.",
        ),
        (
            "Gradient through time",
            "How much the answer at the chosen step changes with the weighted sums of each step before it: the length "
            "of that gradient, on a scale where each line is ten times (or a hundred times, or more) the line below. "
            "It is computed by going back through time. Bars that fall to the left: it vanishes, and what happened "
            "long ago is hardly learned from. Bars that rise to the left: it explodes.",
        ),
        ("Loss", "The mean squared error on the 32 sequences of each update, before that update."),
        (
            "Settings",
            "Task, delay, units, feedback strength and seed start the network anew; activation and learning rate act "
            "at once. The feedback strength is that of the first weights: with several units a random rotation is "
            "multiplied by it. The same seed gives the same weights and sequences.",
        ),
    ]

    def __init__(self, *, hide: Any = (), **start: Any) -> None:
        sequence, activation = CUSTOMS.get(start.get("view", "loop"), CUSTOMS["loop"])
        super().__init__(hide=hide, **{"sequence": sequence, "activation": activation, **start})

    # The state.

    def _transport(self) -> dict[str, Control]:
        back = button("Back", tip="One step back in time", icon="step-backward", draws=False)
        own = super()._transport()
        return {"play": own["play"], "back": back, "step": own["step"], "reset": own["reset"]}

    def start(self, state: SimpleNamespace) -> None:
        if not hasattr(state, "customs"):
            state.customs = {**CUSTOMS, state.view: (state.sequence, state.activation)}
        state.at, state.chosen, state.row = STEPS, STEPS - 1, 0
        state.losses = []
        state.rng = np.random.default_rng(state.seed)
        learns = state.view == "learn"
        units = state.units if learns else 1
        feedback = Constant(state.feedback) if units == 1 else Orthogonal(state.feedback)
        loop = SimpleRNN(units, state.activation, recurrent_initializer=feedback, return_sequences=True)
        state.model = Sequential([Input((None, 1)), loop, *([Dense(1)] if learns else [])], seed=state.seed)
        if learns:
            state.model.compile(Adam(state.learning_rate), "mse")
            state.row = units
        else:
            self._steer(state)
        self._hear_sequence(state)
        self._show_controls(state)

    @staticmethod
    def _steer(state: SimpleNamespace) -> None:
        """The weights of one loop are those of the sliders."""
        state.model.set_weights([[[state.input_strength]], [[state.feedback]], [state.bias]])

    @staticmethod
    def _hear_sequence(state: SimpleNamespace) -> None:
        if state.sequence == "chance":
            state.inputs = datasets.sequences(n=1, steps=STEPS, seed=state.seed)[0].reshape(STEPS)
        else:
            state.inputs = np.array(SEQUENCES[state.sequence], dtype=float)

    def _show_controls(self, state: SimpleNamespace) -> None:
        """Only what belongs to this view is on the page, and only that draws."""
        learns = state.view == "learn"
        for name, widget in self.controls.items():
            used = name not in (OF_ONE if learns else OF_LEARNING) and (name != "delay" or state.task == "echo")
            widget.layout.display = "" if used else "none"
            seeds = name != "seed" or learns or state.sequence == "chance"
            self._kinds[name] = replace(self._kinds[name], draws=type(self)._draws(name) and used and seeds)
        self.controls["step"].description = "One update" if learns else "Next step"
        self.controls["step"].tooltip = f"Learn from {BATCH} sequences" if learns else self.step_tip

    @classmethod
    def _draws(cls, name: str) -> bool:
        return name in ("step",) or (name in cls.controls and cls.controls[name].draws)

    def hear(self, sequence: Any) -> None:
        """Read this sequence of at most ten numbers; what is missing is 0."""
        try:
            numbers = np.asarray(sequence, dtype=float).reshape(-1)
        except (TypeError, ValueError):  # text, or rows of different lengths
            numbers = np.empty(0)
        if not 0 < len(numbers) <= STEPS or not (np.abs(numbers) <= 1).all():
            raise ValueError(f"hear expected 1 to {STEPS} numbers from -1 to 1; got {sequence!r}")
        self.state.inputs = np.concatenate([numbers, np.zeros(STEPS - len(numbers))])
        self.draw()

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        if state.view == "loop":
            while True:
                self._go_to(state, 1 if state.at == STEPS else state.at + 1)
                if state.at == STEPS:
                    self.pause()
                yield state.at
        while len(state.losses) < MOST:
            batch = datasets.sequences(state.task, BATCH, STEPS, state.delay, state.rng)
            state.losses.append(state.model.train_on_batch(*batch))
            yield len(state.losses)
        self.stage.say(f"Stopped after {MOST} updates. Press Reset to start again.")

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace if state.view == "learn" else 1.5

    @staticmethod
    def _go_to(state: SimpleNamespace, at: int) -> None:
        state.at = min(max(at, 1), STEPS)
        state.chosen = state.at - 1

    # What a learner does.

    def changed(self, state: SimpleNamespace, name: str) -> None:
        learns = state.view == "learn"
        if name == "view":
            self.pause()
            other = "loop" if learns else "learn"
            state.customs[other] = state.sequence, state.activation
            state.sequence, state.activation = state.customs[state.view]
            self.controls["sequence"].value, self.controls["activation"].value = state.customs[state.view]
            self.restart()
        elif name == "sequence":
            self._hear_sequence(state)
            self._show_controls(state)
        elif name == "activation":
            state.model.layers[0].activation = state.activation
        elif name == "learning_rate" and learns:
            state.model.optimizer.learning_rate = state.learning_rate
        elif name == "seed" and not learns:
            self._hear_sequence(state)
        elif name in ("input_strength", "feedback", "bias") and not learns:
            self._steer(state)
        elif name in ("feedback", "task", "delay", "units", "seed") and learns:
            inputs = state.inputs
            self.restart()
            if name != "seed":
                state.inputs = inputs

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "back" and state.view == "loop":
            self.pause()
            self._go_to(state, state.at - 1)

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, where = event["kind"], event["id"]
        if kind == "key":
            self._key(state, where, event["key"])
        elif kind in ("down", "move") and where in ("inputs", "states"):
            for x, y in event["points"]:
                self._touch(state, where, x, y, begins=kind == "down")

    def _touch(self, state: SimpleNamespace, where: str, x: float, y: float, begins: bool) -> None:
        """Choose the step under the pointer; at the inputs also drag its bar, or turn 0 to 1 and 1 to 0."""
        found = places(state)
        step = int((x - found.left) // found.step)
        if not 0 <= step < STEPS:
            return
        self._choose(state, step)
        if where == "states":
            state.row = found.row_at(y)
        elif state.view == "loop":
            state.inputs[step] = found.input_at(y)
        else:
            if begins:
                state.brush = 0.0 if state.inputs[step] else 1.0
            state.inputs[step] = getattr(state, "brush", 1.0)

    def _key(self, state: SimpleNamespace, where: str, key: str) -> None:
        step, now = state.chosen, float(state.inputs[state.chosen])
        if key in ("ArrowLeft", "ArrowRight"):
            self._choose(state, min(max(step + (1 if key == "ArrowRight" else -1), 0), STEPS - 1))
        elif where == "states" and key in ("ArrowUp", "ArrowDown"):
            last = state.model.layers[0].units - (state.view == "loop")
            state.row = min(max(state.row + (1 if key == "ArrowUp" else -1), 0), last)
        elif where == "inputs" and key in ("ArrowUp", "ArrowDown"):
            change = (0.1 if state.view == "loop" else 1.0) * (1 if key == "ArrowUp" else -1)
            lowest = -1.0 if state.view == "loop" else 0.0
            state.inputs[step] = round(min(max(now + change, lowest), 1.0), 1) + 0.0
        elif where == "inputs" and key in ("Space", "Delete", "Backspace"):
            state.inputs[step] = 1.0 if key == "Space" and not now else 0.0

    @staticmethod
    def _choose(state: SimpleNamespace, step: int) -> None:
        """Look at a step; time goes on to it if it has not come yet."""
        state.chosen, state.at = step, max(state.at, step + 1)

    def code(self) -> str:
        """The program that makes what the lab shows."""
        state = self.state
        reads = f"x = np.array({state.inputs.round(2).tolist()}).reshape(1, -1, 1)\nprint(model.predict(x)[0, :, 0])\n"
        if state.view == "loop":
            weights = [weight.tolist() for weight in state.model.get_weights()]
            return f"import numpy as np\n\n{state.model.code()}model.set_weights({weights})\n\n{reads}"
        return (
            f"import numpy as np\n\n{state.model.code()}\nrng = np.random.default_rng({state.seed})\n"
            f"for update in range({len(state.losses)}):\n"
            f"    x, y = annlab.datasets.sequences({state.task!r}, {BATCH}, {STEPS}, {state.delay}, rng)\n"
            f"    model.train_on_batch(x, y)\n\n{reads}"
        )

    # The picture and its words.

    def picture(self, state: SimpleNamespace) -> Picture:
        reading = Reading(state)
        return draw(state, reading, self.describe(state, self._facts(state, reading)))

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        return self._facts(state, Reading(state))

    @staticmethod
    def _facts(state: SimpleNamespace, reading: Reading) -> dict[str, float]:
        t = reading.chosen
        facts: dict[str, float] = {"step": t + 1, "steps": STEPS, "input": reading.inputs[t], "seed": state.seed}
        if not reading.learns:
            facts |= {"feedback": state.feedback, "last": reading.h[t - 1, 0] if t else 0.0}
            return facts | {"z": reading.z[t, 0], "state": reading.h[t, 0], "passed": reading.slope(), "one": 1}
        facts |= {"units": reading.units, "updates": len(state.losses), "batch": BATCH, "delay": state.delay}
        facts |= {"answer": reading.answers[t], "target": reading.targets[t]}
        facts |= {"first": reading.through[0], "own": reading.through[-1], "one": 1}
        return facts | ({"loss": state.losses[-1]} if state.losses else {})

    @staticmethod
    def describe(state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        """The line under the picture."""
        step, steps = int(facts["step"]), int(facts["steps"])
        if state.view == "loop":
            return (
                f"Step {step} of {steps}: the loop hears {facts['input']:.1f} and its own last state "
                f"{facts['last'] + 0.0:.3f}; its new state is {facts['state'] + 0.0:.3f}. Feedback strength "
                f"{facts['feedback']:.2f}: {regime(state.feedback, state.activation)}. A small change of the last "
                f"state reaches this one times {facts['passed'] + 0.0:.3f}."
            )
        ago = "1 step" if facts["delay"] == 1 else f"{facts['delay']} steps"
        task = "counts the ones" if state.task == "count" else f"echoes what came {ago} ago"
        units = f"{facts['units']} units" if facts["units"] > 1 else "1 unit"
        learned = f"after {facts['updates']} updates" if facts["updates"] != 1 else "after 1 update"
        words = f"A SimpleRNN of {units} that {task}, {learned} (seed {facts['seed']})"
        if "loss" in facts:
            words += f": loss {facts['loss']:.4f} on the last {facts['batch']} sequences"
        words += (
            f". At step {step} it answers {facts['answer'] + 0.0:.2f}, and the target is {facts['target'] + 0.0:.2f}."
        )
        if step == 1:
            return words
        return (
            f"{words} The gradient of this answer is {plain(facts['own'])} at step {step} and "
            f"{plain(facts['first'])} at step 1: {fate(facts['own'], facts['first'])}."
        )


def plain(value: float) -> str:
    """A gradient in a sentence, written out: three digits that count.

    >>> plain(123.4), plain(0.7294), plain(0.00043355)
    ('123', '0.729', '0.000434')
    """
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.{3 if value >= 0.1 or value == 0 else 2 - math.floor(math.log10(value))}f}"


def fate(own: float, first: float) -> str:
    """What became of a gradient on its way back to the first step."""
    if first == 0:
        return "nothing of it arrives there" if own else "there is none"
    share = first / own if own else float("inf")
    return "it vanishes on the way" if share < 0.1 else "it explodes on the way" if share > 10 else "it arrives"


def regime(feedback: float, activation: str) -> str:
    """What a loop of this strength does with what it has heard, in words."""
    strength, turns = abs(feedback), " and changes its sign at each step" if feedback < 0 else ""
    if feedback == 0:
        return "nothing is remembered"
    if activation == "relu" and feedback < 0:
        return "what is above zero is silenced at the next step"
    if activation == "sigmoid":
        return "it comes to rest, because a sigmoid passes on a quarter at most"
    if strength < 1:
        return f"the past fades{turns}"
    if strength == 1:
        return f"the past stays{turns}" if activation != "tanh" else f"the past fades slowly, because tanh bends{turns}"
    if activation in BOUNDED:
        return f"the past grows{turns}, until tanh holds it"
    return f"the past explodes{turns}"
