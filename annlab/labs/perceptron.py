"""A perceptron learns, one example at a time, forwards and backwards.

It answers with a step, and whenever it is wrong it moves its weights towards the example or away from it. The line
between its two answers turns a little each time, until it is right about all of them - or goes round for ever.
"""

import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import datasets
from ..neurons import Neuron, Perceptron, Update
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, levels
from .base import Lab
from .controls import button, choice, slider, whole

__all__ = ["PerceptronLab"]

GATES = ("and", "or", "nand", "xor")
POINTS = 20  # of the two sets that are drawn by lot
EPOCHS = 100
CELLS = 60
SQUARE = "M-6,-6h12v12h-12z"


class PerceptronLab(Lab):
    """Rosenblatt's rule, update by update: the numbers, the line, and whether it ever settles.

    ``lab.state`` has ``x``, ``y``, ``updates`` (all of the run, one for each example that is looked at), ``at`` (how
    many of them were done), ``run`` (the ``Perceptron`` at its end). ``lab.model`` is the neuron as it is now.
    """

    step_label, step_tip = "Next", "Look at the next example, or go to the next mistake"
    controls = {
        "back": button("Back", tip="Take back the last example", icon="step-backward", draws=False),
        "data": choice(
            "and",
            [
                *((name.upper(), name) for name in GATES),
                (f"{POINTS} points", "points"),
                (f"{POINTS} points, 2 misplaced", "misplaced"),
            ],
            label="Examples",
            tip="What is to be learned; a change starts anew. A click on a point changes its class",
        ),
        "stops": choice(
            "example",
            [("every example", "example"), ("mistakes only", "mistake")],
            label="Stop at",
            tip="Whether Next and Back go example by example, or from one change of the weights to the next",
            draws=False,
        ),
        "learning_rate": slider(
            1.0, 0.01, 10.0, log=True, label="Learning rate", tip="How far one mistake moves the weights"
        ),
        "order": choice(
            "given",
            [("as given", "given"), ("shuffled", "shuffled")],
            label="Order",
            tip="The order of the examples in each epoch",
            more=True,
        ),
        "seed": whole(0, 0, 9999, label="Seed", tip="What the points and the shuffling are drawn from", more=True),
        "pace": slider(3, 1, 30, label="Examples a second", tip="How fast playing goes", more=True, draws=False),
    }
    about = [
        (
            "The plane",
            "Every place is a pair of inputs. In the blue part the perceptron answers 1, in the orange part 0. Between "
            "them runs its line, where the weighted sum is 0.",
        ),
        (
            "The points",
            "The examples: a blue disc is of class 1, an orange square of class 0. A cross marks each that is answered "
            "wrongly now. The ring is around the example that was looked at last. Click a point, or go there with Tab "
            "and press Enter, to change its class; the learning then starts anew.",
        ),
        (
            "The arrow",
            "The two weights as an arrow from the middle of the line: at a right angle to it, and pointing to where "
            "the answer is 1. The dashed grey line is the line before the last example.",
        ),
        (
            "The rule",
            "The last example with its numbers: the weighted sum, the answer, the error, and what became of each "
            "weight. The error is the target minus the answer: 1, 0 or -1. Where it is 0, nothing changes.",
        ),
        ("Mistakes", "How many mistakes each epoch made. An epoch is one pass over all examples."),
        (
            "Settled, or never",
            "After an epoch without a mistake nothing can change any more: it has settled. If the weights after an "
            "epoch are those after an earlier one, it will go round for ever, and the lab says so.",
        ),
        ("Learning rate", "It starts at zero, so this only scales all weights: the mistakes stay the same."),
        ("Seed", "The same seed gives the same points and the same shuffling."),
    ]

    # The run and the place in it.

    def start(self, state: SimpleNamespace) -> None:
        drawn = (state.data, state.seed)
        if getattr(state, "drawn", None) != drawn:
            state.drawn = drawn
            state.x, state.y = _examples(*drawn)
            state.changed_points = False
        self._learn(state)

    def _learn(self, state: SimpleNamespace) -> None:
        """The whole run at once; the lab then walks along it."""
        seed = state.seed if state.order == "shuffled" else None
        state.run = Perceptron(state.learning_rate, seed)
        state.updates = list(state.run.iter_fit(state.x, state.y, EPOCHS, every="example"))
        state.at = 0
        self._show(state)

    @staticmethod
    def _show(state: SimpleNamespace) -> None:
        """The neuron as it was after ``at`` examples."""
        last = state.updates[state.at - 1] if state.at else None
        state.model = Neuron(last.weights, last.bias, "step") if last else Neuron(np.zeros(2), 0.0, "step")

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        while state.at < len(state.updates):
            state.at += 1
            while state.stops == "mistake" and state.at < len(state.updates) and not state.updates[state.at - 1].error:
                state.at += 1
            self._show(state)
            if state.at < len(state.updates):
                yield state.at
        status = state.run.status
        self.stage.say(f"{status[0].upper()}{status[1:]}.", trouble=not state.run.converged)

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in ("data", "seed", "order", "learning_rate"):
            self.restart()

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        """Back: to the example before, or to the mistake before."""
        self.pause()
        state.at = max(state.at - 1, 0)
        while state.stops == "mistake" and state.at and not state.updates[state.at - 1].error:
            state.at -= 1
        self._steps = None
        self._show(state)
        self.stage.say("")

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        if event["id"].startswith("point-") and event["kind"] in ("down", "key"):
            point = int(event["id"].removeprefix("point-"))
            state.y = state.y.copy()
            state.y[point] = 1 - state.y[point]
            state.changed_points = not np.array_equal(state.y, _examples(*state.drawn)[1])
            self.restart()

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace

    def code(self) -> str:
        """The program that learns the same from the same examples, as far as the lab has come."""
        state = self.state
        learn = f"model.fit(x, y, epochs={EPOCHS})\n"
        if state.at < len(state.updates):
            learn = f'examples = model.iter_fit(x, y, epochs={EPOCHS}, every="example")\n'
            learn += f"for _ in range({state.at}):\n    next(examples)\n"
        return (
            "import numpy as np\n\nfrom annlab import Perceptron\n\n"
            f"x = np.array({state.x.tolist()})\ny = np.array({state.y.tolist()})\n"
            f"model = Perceptron(learning_rate={state.learning_rate!r}, seed={state.run.seed})\n"
            f"{learn}print(model.weights, model.bias, model.status)\n"
        )

    # Its words.

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        facts = {"seed": state.seed, "examples": len(state.y), "weight 1": state.model.weights[0]}
        facts |= {"weight 2": state.model.weights[1], "bias": state.model.bias, "wrong": self._wrong(state).sum()}
        if state.at:
            last = state.updates[state.at - 1]
            facts |= {"epoch": last.epoch + 1, "number": self._number(state), "target": last.target}
            facts |= {"output": last.output, "error": last.error}
        status = re.findall(r"\d+", state.run.status) if state.at == len(state.updates) else []
        return {name: float(value) for name, value in facts.items()} | {
            f"status {at}": float(found) for at, found in enumerate(status)
        }

    @staticmethod
    def _wrong(state: SimpleNamespace) -> np.ndarray:
        return state.model(state.x) != state.y

    @staticmethod
    def _number(state: SimpleNamespace) -> int:
        """Which example of its epoch the last one was, counted from 1."""
        return (state.at - 1) % len(state.y) + 1

    def describe(self, state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        """The line under the picture."""
        now = f"w1 = {_plain(facts['weight 1'])}, w2 = {_plain(facts['weight 2'])}, bias = {_plain(facts['bias'])}"
        wrong = f"wrong answers: {facts['wrong']:.0f} of {facts['examples']:.0f}"
        if not state.at:
            return f"Nothing was taught yet: {now}; {wrong} (seed {state.seed})."
        words = (
            f"Epoch {facts['epoch']:.0f}, example {facts['number']:.0f}: target {facts['target']:.0f}, output "
            f"{facts['output']:.0f}, error {facts['error']:.0f}. Now {now}; {wrong} (seed {state.seed})."
        )
        status = state.run.status
        return f"{words} {status[0].upper()}{status[1:]}." if state.at == len(state.updates) else words

    # Its picture.

    def picture(self, state: SimpleNamespace) -> Picture:
        wide = state.width >= 820
        size = min(360.0, state.width - 524) if wide else min(400.0, state.width - 40)
        left, top = (size + 84, 0.0) if wide else (0.0, size + 84)
        room = state.width - left
        height = max(size + 64, top + 470)
        picture = Picture(state.width, height, "A perceptron learns", self.describe(state, self.facts(state)))
        self._draw_plane(picture, (34.0, 24.0, size), state)
        self._draw_rule(picture, (left, top, room, 250), state)
        done = state.updates[: state.at]
        epochs = done[-1].epoch + 1 if done else 0
        mistakes = [sum(bool(each.error) for each in done if each.epoch == epoch) for epoch in range(epochs)]
        most = charts.round_up(max(max(state.run.mistakes), 4))
        longest = max(charts.round_up(len(state.run.mistakes)), 5)
        if mistakes:
            curve = charts.Curve("mistakes", range(1, epochs + 1), mistakes)
            chart = (left, top + 262, room, 200.0)
            title = "Mistakes in each epoch"
            charts.line_chart(
                picture, chart, [curve], title=title, x_label="epoch", x_high=longest, y_high=most, digits=0
            )
        else:
            charts.heading(picture, (left, top + 262, room, 200), "Mistakes in each epoch", "None yet. Press Next.")
        return picture

    def _draw_plane(self, picture: Picture, place: tuple[float, float, float], state: SimpleNamespace) -> None:
        x, y, size = place
        low, high = (-1.5, 2.5) if state.data in GATES else (-4.0, 4.0)
        neuron = state.model
        picture.text(x, 14, "The plane of its two inputs", size=14, font_weight=600)

        def on_plane(points: Any) -> np.ndarray:
            share = (np.asarray(points, dtype=float) - low) / (high - low)
            return np.stack([x + size * share[..., 0], y + size * (1 - share[..., 1])], axis=-1)

        middles = low + (np.arange(CELLS) + 0.5) * (high - low) / CELLS
        across, down = np.meshgrid(middles, middles[::-1])
        says = neuron(np.column_stack([across.ravel(), down.ravel()])).reshape(CELLS, CELLS)
        picture.heat(x, y, size, size, levels(np.where(says == 1, 0.22, -0.22)))
        picture.rect(x, y, size, size, fill="none", stroke=GRID)
        for tick in (-1, 0, 1, 2) if state.data in GATES else (-4, -2, 0, 2, 4):
            right, level = on_plane([tick, tick]).tolist()
            said = f"{tick}".replace("-", "\u2212")
            picture.text(right, y + size + 16, said, fill=MUTED, text_anchor="middle")
            picture.text(x - 6, level + 4, said, fill=MUTED, text_anchor="end")
        picture.text(x + size * 0.82, y + size + 32, "x1", fill=MUTED, text_anchor="middle")
        picture.text(x - 18, y + size * 0.18, "x2", fill=MUTED, text_anchor="end")
        last: Update | None = state.updates[state.at - 1] if state.at else None
        before = Neuron(last.weights_before, last.bias_before, "step").line(low, high) if last else None
        now = neuron.line(low, high)
        nowhere = np.array([[x - 99, y - 99]] * 2)
        for line, look in (
            (before, {"stroke": MUTED, "stroke_width": 1.5, "stroke_dasharray": "5 4"}),
            (now, {"stroke": INK, "stroke_width": 2.5}),
        ):
            seen = {"visibility": "hidden" if line is None else "visible"}
            picture.polyline(nowhere if line is None else on_plane(line), live=seen, **look)
        self._draw_arrow(picture, on_plane, now, neuron, (high - low) / 6)
        wrong = self._wrong(state)
        points = zip(on_plane(state.x).tolist(), state.x.tolist(), state.y.tolist(), strict=True)
        for at, ((px, py), (x1, x2), answer) in enumerate(points):
            if answer:
                picture.circle(px, py, 7, fill=BLUE, stroke=PAPER, stroke_width=1.5)
            else:
                place_it = f"translate({px:.1f} {py:.1f})"
                picture.add("path", d=SQUARE, fill=ORANGE, stroke=PAPER, stroke_width=1.5, transform=place_it)
            crossed = {"stroke_opacity": "1" if wrong[at] else "0"}
            picture.add(
                "path",
                d=f"M{px - 4:.1f},{py - 4:.1f}l8,8m0,-8l-8,8",
                stroke=PAPER,
                stroke_width=2,
                fill="none",
                live=crossed,
            )
            label = f"Example {at + 1} at {_plain(x1)}, {_plain(x2)}, class {answer}. Enter changes its class."
            picture.circle(px, py, 13, fill="transparent", id=f"point-{at}", keys="Enter Space", label=label)
        ring = on_plane(last.x).tolist() if last else [x, y]
        around: dict[str, Any] = {"cx": ring[0], "cy": ring[1], "stroke_opacity": "1" if last else "0"}
        picture.circle(None, None, 12, fill="none", stroke=INK, stroke_width=2.5, pointer_events="none", live=around)

    @staticmethod
    def _draw_arrow(picture: Picture, on_plane: Any, line: np.ndarray | None, neuron: Neuron, long: float) -> None:
        """The weights, from the middle of the line to where the answer is 1."""
        length = float(np.linalg.norm(neuron.weights))
        path = "M-9,-9"
        if line is not None and length:
            way = neuron.weights / length
            start, end = on_plane(line.mean(axis=0)), on_plane(line.mean(axis=0) + long * way)
            side = np.array([-(end - start)[1], (end - start)[0]]) / np.linalg.norm(end - start) * 6
            neck = end + (start - end) * 10 / np.linalg.norm(end - start)
            points = [start, neck, neck + side, end, neck - side, neck]
            path = "M" + "L".join(f"{px:.1f},{py:.1f}" for px, py in (each.tolist() for each in points))
        picture.add("path", fill=INK, stroke=INK, stroke_width=2, pointer_events="none", live={"d": path})

    def _draw_rule(self, picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        """The last example with its numbers, line by line."""
        x, y, _, _ = charts.heading(
            picture, box, "The rule", "new weight = weight + learning rate \u00b7 error \u00b7 input"
        )
        rows = [""] * 8
        if state.at:
            last = state.updates[state.at - 1]
            (x1, x2), (w1, w2), bias = last.x.tolist(), last.weights_before.tolist(), last.bias_before
            rate, error = state.learning_rate, last.error
            z = Neuron(last.weights_before, bias).z(last.x)
            rows = [
                f"Epoch {last.epoch + 1}, example {self._number(state)}: x = ({_plain(x1)}, {_plain(x2)}), "
                f"target {last.target}",
                f"z = {_plain(w1)} \u00b7 {_in(x1)} + {_in(w2)} \u00b7 {_in(x2)} + {_in(bias)} = {_plain(z)}",
                f"Is z \u2265 0? {'Yes' if last.output else 'No'}, so the output is {last.output}",
                f"error = target - output = {last.target} - {last.output} = {error}",
                f"w1: {_plain(w1)} + {_plain(rate)} \u00b7 {_in(error)} \u00b7 {_in(x1)} = {_plain(last.weights[0])}",
                f"w2: {_plain(w2)} + {_plain(rate)} \u00b7 {_in(error)} \u00b7 {_in(x2)} = {_plain(last.weights[1])}",
                f"bias: {_plain(bias)} + {_plain(rate)} \u00b7 {_in(error)} = {_plain(last.bias)}",
                "A mistake: the rule corrects it." if error else "Right: nothing changes.",
            ]
        for at, row in enumerate(rows):
            live = {"text": row.replace("-", "\u2212"), "font_weight": "700" if at in (3, 7) else "400"}
            picture.text(x, y + 18 + 24 * at, size=14, live=live)


def _plain(value: float) -> str:
    """A number as short as it can be read, without the crumbs of floating point."""
    return f"{round(value, 12) + 0.0:.4g}"


def _in(value: float) -> str:
    """The same inside a formula, where a negative number stands in brackets."""
    return f"({_plain(value)})" if value < 0 else _plain(value)


def _examples(data: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The examples of that name; the drawn points keep a gap on both sides of the line x1 + 2 x2 = 2.5."""
    if data in GATES:
        return datasets.gates(data)
    rng = np.random.default_rng(seed)
    points = rng.uniform(-3.5, 3.5, (300, 2)).round(1)
    far = points @ [1.0, 2.0] - 2.5
    half = POINTS // 2
    chosen = np.sort(np.concatenate([np.flatnonzero(far > 0.8)[:half], np.flatnonzero(far < -0.8)[:half]]))
    points, far = points[chosen], far[chosen]
    y = (far > 0).astype(np.int64)
    if data == "misplaced":
        swapped = [far.argmin(), far.argmax()]
        y[swapped] = 1 - y[swapped]
    return points, y
