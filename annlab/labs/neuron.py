"""One neuron with two inputs: its formula with the numbers in, and what it says about every point of the plane."""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets
import numpy as np

from .. import activations, datasets
from ..neurons import Neuron
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, levels, number, shade
from ..svg.network import dashes, widths
from ..words import say
from .controls import choice, slider
from .hand import HandLab, equals, shown

__all__ = ["NeuronLab"]

REACH = 2.0  # the plane goes from -2 to 2 both ways
CELLS = 72  # of the heat map, along each side
GATES = ["and", "or", "nand", "nor", "xor"]
ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowDown": (0, -1), "ArrowUp": (0, 1)}
SUM = "\u03a3"


class NeuronLab(HandLab):
    """One neuron: two weights, a bias and an activation. What does it say about a point, and about every point?

    ``lab.model`` is the ``Neuron`` of the picture; ``lab.state.x1``, ``lab.state.x2`` are the point it is asked
    about.
    """

    controls = {
        "w1": slider(1.0, -3.0, 3.0, 0.1, label="Weight 1", tip="How strongly, and in which direction, x1 counts"),
        "w2": slider(1.0, -3.0, 3.0, 0.1, label="Weight 2", tip="How strongly, and in which direction, x2 counts"),
        "bias": slider(-0.5, -3.0, 3.0, 0.1, label="Bias", tip="What is added to the sum, whatever the inputs are"),
        "activation": choice(
            "sigmoid",
            [name for name in activations.names() if name != "softmax"],
            label="Activation",
            tip="What the neuron does with its weighted sum",
        ),
        "data": choice(
            "none",
            [("none", "none"), *((name.upper(), name) for name in GATES)],
            label="Points",
            tip="Four points with the answers that they should get",
            more=True,
        ),
        "x1": slider(1.0, -REACH, REACH, 0.1, label="Input x1", tip="The first number that comes in", more=True),
        "x2": slider(0.5, -REACH, REACH, 0.1, label="Input x2", tip="The second number that comes in", more=True),
    }
    about = [
        (
            "The plane",
            "Every place is a pair of inputs: x1 to the right, x2 upwards. Its colour is what the neuron would answer "
            "there; the strip below says which colour is which number.",
        ),
        (
            "The ring",
            "The point that the neuron is asked about now. Click or drag in the plane, or go to the plane with Tab and "
            "use the arrow keys (with Shift in larger steps). The sliders Input x1 and Input x2 do the same.",
        ),
        (
            "The line",
            "Where the weighted sum z is exactly 0. The arrow stands on it at a right angle, in the direction of the "
            "two weights, and points to the side where z is above 0. Drag the line: the bias follows. With the "
            "keyboard, move the slider Bias.",
        ),
        (
            "The neuron",
            "The inputs and the 1 of the bias on the left, the sum z in the middle, the output y on the right. A "
            "connection is as wide as its weight is strong, blue above 0, orange and dashed below.",
        ),
        (
            "The formula",
            "The same with numbers: each input times its weight, added up with the bias, then the activation. The sign "
            "\u2248 stands where more digits would follow.",
        ),
        ("The curve", "The activation: what comes out for each sum. The dot is the sum of the ring's point."),
        (
            "The four points and the table",
            "With Points you choose a logical gate. A circle with 1 should get a sum of 0 or more, a square with 0 a "
            "sum below 0. A point with the wrong answer has a dashed orange ring, and the word wrong in the table.",
        ),
        (
            "Weight 1, Weight 2, Bias, Activation",
            "What the neuron is made of. Nothing is drawn by lot in this lab, so there is no seed: Reset always brings "
            "back the same neuron.",
        ),
    ]

    @property
    def model(self) -> Neuron:
        """The neuron of the picture."""
        return self._neuron(self.state)

    @staticmethod
    def _neuron(state: SimpleNamespace) -> Neuron:
        return Neuron([state.w1, state.w2], state.bias, state.activation)

    def _arrange(self, hide: set[str]) -> widgets.VBox:
        if "activation" in hide:  # there is room for the choice of points among the first four controls
            self._kinds["data"] = replace(self._kinds["data"], more=False)
        return super()._arrange(hide)

    # What is done in the picture.

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        if event["kind"] == "key":
            across, up = ARROWS[event["key"]]
            step = 0.5 if event["shift"] else 0.1
            x1, x2 = self.controls["x1"].value, self.controls["x2"].value  # the state follows after all of these events
            self._ask(x1 + step * across, x2 + step * up)
        elif event["kind"] in ("down", "move"):
            x1, x2 = self._point(state, *event["points"][-1])
            if event["id"] == "plane":
                self._ask(x1, x2)
            elif event["kind"] == "move":  # the line is drawn through the pointer
                bias = -(state.w1 * x1 + state.w2 * x2)
                self.controls["bias"].value = round(float(np.clip(bias, -3, 3)), 1)

    def _ask(self, x1: float, x2: float) -> None:
        for name, value in (("x1", x1), ("x2", x2)):
            self.controls[name].value = round(float(np.clip(value, -REACH, REACH)), 1)

    def _point(self, state: SimpleNamespace, across: float, down: float) -> tuple[float, float]:
        x, y, side, _ = self._boxes(state)["plane"]
        return REACH * (2 * (across - x) / side - 1), REACH * (1 - 2 * (down - y) / side)

    # What is said.

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        neuron = self._neuron(state)
        z = neuron.z([[state.x1, state.x2]])
        facts = {name: getattr(state, name) for name in ("w1", "w2", "bias", "x1", "x2")}
        facts |= {"z": float(z[0]), "y": float(neuron.activation(z)[0])}
        if state.data != "none":
            x, target = datasets.gates(state.data)
            facts |= {"right": int(((neuron.z(x) >= 0) == target).sum()), "of": len(x)}
        return facts

    def code(self) -> str:
        state = self.state
        point = f"[{state.x1:g}, {state.x2:g}]"
        lines = [
            f"from annlab import Neuron{', datasets' if state.data != 'none' else ''}",
            "",
            f'neuron = Neuron([{state.w1:g}, {state.w2:g}], bias={state.bias:g}, activation="{state.activation}")',
            f"print(neuron.z({point}), neuron({point}))",
        ]
        if state.data != "none":
            lines += [f'x, y = datasets.gates("{state.data}")', "print((neuron.z(x) >= 0) == y)"]
        return "\n".join(lines)

    @staticmethod
    def _words(state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        w1, w2, bias, x1, x2, z, y = (number(facts[name], 3) for name in ("w1", "w2", "bias", "x1", "x2", "z", "y"))
        activation = state.activation
        words = (
            f"Weights {w1} and {w2}, bias {bias}. "
            f"At x1 = {x1} and x2 = {x2} the sum is {z}, and {activation} makes {y} of it."
        )
        if "right" in facts:
            words += f" {state.data.upper()}: {facts['right']} of {facts['of']} points get the right answer."
        return words

    # The picture.

    @staticmethod
    def _boxes(state: SimpleNamespace) -> dict[str, charts.Box]:
        wide = state.width >= 820
        side = 372.0 if wide else min(state.width - 60.0, 400.0)
        plane = (40.0, 44.0, side, side)
        left, top = (side + 84, 0.0) if wide else (0.0, side + 126)
        room = state.width - left
        curve = min((room - 24) / 2, room - 24 - 216)
        below = top + 290
        return {
            "plane": plane,
            "neuron": (left, top, room, 170.0),
            "formula": (left, top + 186, room, 90.0),
            "curve": (left, below, curve, 170.0),
            "table": (left + curve + 24, below, room - curve - 24, 170.0),
            "height": (0.0, 0.0, 0.0, max(below + 178, plane[1] + side + 72)),
        }

    def picture(self, state: SimpleNamespace) -> Picture:
        neuron, facts, boxes = self._neuron(state), self.facts(state), self._boxes(state)
        height = boxes["height"][3]
        picture = Picture(state.width, height, "One neuron and its plane", self._words(state, facts))
        self._draw_plane(picture, boxes["plane"], state, neuron)
        self._draw_neuron(picture, boxes["neuron"], state, facts)
        self._draw_formula(picture, boxes["formula"], state, facts)
        self._draw_curve(picture, boxes["curve"], state, neuron, facts)
        if state.data != "none":
            self._draw_table(picture, boxes["table"], state, neuron)
        return picture

    @staticmethod
    def _scale(neuron: Neuron) -> tuple[float, float]:
        """The output that is white, and how far from it the colours are full."""
        low, high = neuron.activation.range
        return ((low + high) / 2, (high - low) / 2) if high - low <= 2 else (0.0, 4.0)

    def _draw_plane(self, picture: Picture, box: charts.Box, state: SimpleNamespace, neuron: Neuron) -> None:
        x, y, side, _ = box
        white, full = self._scale(neuron)

        def place(point: Any) -> tuple[float, float]:
            return x + side * (point[0] + REACH) / (2 * REACH), y + side * (REACH - point[1]) / (2 * REACH)

        charts.heading(picture, (0, 0, side, 40), "Its answer to every pair of inputs")
        middles = (np.arange(CELLS) + 0.5) * (2 * REACH / CELLS) - REACH
        x1, x2 = np.meshgrid(middles, middles[::-1])
        answers = neuron(np.column_stack([x1.ravel(), x2.ravel()])).reshape(CELLS, CELLS)
        picture.heat(x, y, side, side, levels(0.8 * (answers - white), full), crisp=False)
        for tick in (-2, -1, 0, 1, 2):
            across, down = place((tick, tick))
            faint = {"stroke": MUTED, "stroke_opacity": "0.9" if tick == 0 else "0.25"}
            picture.line(across, y, across, y + side, **faint)
            picture.line(x, down, x + side, down, **faint)
            picture.text(across, y + side + 16, shown(tick), text_anchor="middle", fill=MUTED)
            picture.text(x - 6, down + 4, shown(tick), text_anchor="end", fill=MUTED)
        picture.text(x + side * 0.625, y + side + 16, "x1", text_anchor="middle", size=13)
        picture.text(x - 12, y + side * 0.375, "x2", text_anchor="end", size=13)
        label = "The plane of the two inputs. Arrow keys move the ring, with Shift in larger steps."
        keys = {"keys": " ".join(ARROWS), "role": "application", "label": label}
        picture.rect(x, y, side, side, fill="transparent", stroke=GRID, id="plane", **keys)
        self._draw_line(picture, box, neuron, place)
        if state.data != "none":
            points, targets = datasets.gates(state.data)
            right = (neuron.z(points) >= 0) == targets
            for point, target, good in zip(points, targets, right, strict=True):
                across, down = place(point)
                calm = {"fill": PAPER, "stroke_width": 2.5, "pointer_events": "none"}
                if target:
                    picture.circle(across, down, 11, stroke=BLUE, **calm)
                else:
                    picture.rect(across - 10, down - 10, 20, 20, stroke=ORANGE, **calm)
                picture.text(across, down + 5, str(target), size=14, text_anchor="middle", pointer_events="none")
                ring = {"stroke_opacity": "0" if good else "1"}
                dashed = {"stroke": ORANGE, "stroke_width": 3, "stroke_dasharray": "4 3", "pointer_events": "none"}
                picture.circle(across, down, 17, fill="none", live=ring, **dashed)
        across, down = place((state.x1, state.x2))
        radius = 7 if state.data == "none" else 14  # around a point, never over its number
        for colour, thick in ((PAPER, 5), (INK, 2)):
            centre = {"cx": across, "cy": down}
            picture.circle(
                None, None, radius, fill="none", stroke=colour, stroke_width=thick, pointer_events="none", live=centre
            )
        self._draw_strip(picture, (x, y + side + 32, side, 10), white, full)

    @staticmethod
    def _draw_line(picture: Picture, box: charts.Box, neuron: Neuron, place: Any) -> None:
        ends = neuron.line(-REACH, REACH)
        visible = "0" if ends is None else "1"
        (ax, ay), (bx, by) = ((0.0, 0.0), (0.0, 0.0)) if ends is None else (place(ends[0]), place(ends[1]))
        at = {"x1": ax, "y1": ay, "x2": bx, "y2": by, "stroke_opacity": visible}
        picture.add("line", stroke=PAPER, stroke_width=5, pointer_events="none", live=at)
        picture.add("line", stroke=INK, stroke_width=2.5, pointer_events="none", live=at)
        picture.add("line", stroke="transparent", stroke_width=18, id="line", live=at)
        middle = np.array([(ax + bx) / 2, (ay + by) / 2])
        w1, w2 = neuron.weights
        along = np.array([w1, -w2]) / (np.hypot(w1, w2) or 1.0)  # the picture counts downwards
        side = np.array([-along[1], along[0]])
        tip = middle + 34 * along
        arrow = np.array([middle, tip, tip - 9 * along + 5 * side, tip, tip - 9 * along - 5 * side])
        picture.polyline(arrow, stroke=INK, stroke_width=2.5, pointer_events="none", live={"stroke_opacity": visible})

    @staticmethod
    def _draw_strip(picture: Picture, box: charts.Box, white: float, full: float) -> None:
        x, y, width, height = box
        picture.heat(x, y, width, height, levels(0.8 * np.linspace(-1, 1, 65)[np.newaxis]), crisp=False)
        picture.rect(x, y, width, height, fill="none", stroke=GRID)
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
            value = white + full * (2 * share - 1)
            text = shown(value) if full <= 1 or share == 0.5 else f"{shown(value)} and beyond"
            picture.text(x + share * width, y + 26, text, text_anchor=anchor, fill=MUTED)
        share = 0.27 if full <= 1 else 0.36  # in the middle between its neighbours
        picture.text(x + share * width, y + 26, "output y", text_anchor="middle", fill=MUTED)

    @staticmethod
    def _draw_neuron(picture: Picture, box: charts.Box, state: SimpleNamespace, facts: Mapping[str, float]) -> None:
        x, y, width, _ = box
        charts.heading(picture, box, "The neuron")
        weights = [state.w1, state.w2, state.bias]
        values = [state.x1, state.x2, 1.0]
        heights = [y + 44, y + 96, y + 148]
        start, middle, end = x + 50, x + 0.58 * width, x + width - 34
        centre = y + 96
        looks = zip(heights, weights, widths(np.array(weights), 3.0), dashes(np.array(weights)), strict=True)
        for height, weight, wide, dash in looks:
            live = {"stroke": shade(0.45 * np.sign(weight) + 0.55 * weight / 3), "stroke_width": wide}
            picture.line(start + 19, height, middle - 25, centre, stroke=None, live={**live, "stroke_dasharray": dash})
        names = ["x1", "x2", ""]
        for height, name, weight, weight_name, value in zip(
            heights, names, weights, ("w1", "w2", "bias"), values, strict=True
        ):
            picture.text(start - 27, height + 5, name, size=14, text_anchor="end")
            if name:
                picture.circle(start, height, 19, stroke=MUTED, live={"fill": shade(0.6 * value / REACH)})
            else:
                picture.rect(start - 19, height - 16, 38, 32, rx=3, stroke=MUTED, fill=PAPER)
            picture.text(start, height + 5, size=13, text_anchor="middle", live={"text": shown(value)})
            share = 0.40
            at = start + 19 + share * (middle - start - 44), height + share * (centre - height)
            picture.rect(at[0] - 42, at[1] - 10, 84, 20, rx=4, fill=PAPER, stroke=GRID)
            text = f"{weight_name} = {shown(weight)}"
            picture.text(at[0], at[1] + 5, size=13, text_anchor="middle", live={"text": text})
        picture.line(middle + 25, centre, end - 27, centre, stroke=MUTED, stroke_width=2)
        picture.text((middle + end) / 2, centre - 10, state.activation, text_anchor="middle", size=13)
        picture.circle(middle, centre, 25, fill=PAPER, stroke=INK, stroke_width=1.5)
        picture.text(middle, centre + 5, size=14, text_anchor="middle", live={"text": shown(facts["z"])})
        picture.text(middle, centre + 42, f"z, the sum {SUM}", size=13, text_anchor="middle", fill=MUTED)
        picture.circle(end, centre, 25, fill=PAPER, stroke=INK, stroke_width=3)
        picture.text(end, centre + 5, size=14, text_anchor="middle", live={"text": shown(facts["y"])})
        picture.text(end, centre + 42, "output y", size=13, text_anchor="middle", fill=MUTED)

    @staticmethod
    def _draw_formula(picture: Picture, box: charts.Box, state: SimpleNamespace, facts: Mapping[str, float]) -> None:
        x, y, _, _ = box
        products = [state.w1 * state.x1, state.w2 * state.x2]

        def bracketed(value: float) -> str:
            return f"({shown(value)})" if value < 0 else shown(value)

        terms = [shown(value) for value in (*products, state.bias)]
        added = sum(float(term.replace("\u2212", "-")) for term in terms)
        z, out = shown(facts["z"]), shown(facts["y"])
        lines = [
            "z = w1 \u00b7 x1 + w2 \u00b7 x2 + bias",
            f"= {shown(state.w1)} \u00b7 {bracketed(state.x1)} + {bracketed(state.w2)} \u00b7 {bracketed(state.x2)}"
            f" + {bracketed(state.bias)}",
            f"= {terms[0]} + {bracketed(products[1])} + {bracketed(state.bias)} {equals(added, z)} {z}",
            f"y = {state.activation}({z}) {equals(facts['y'], out)} {out}",
        ]
        for at, line in enumerate(lines):
            strong = {"font_weight": 600} if at == 3 else {}
            indent = 0 if at in (0, 3) else 15
            picture.text(x + indent, y + 18 + 23 * at, size=16, **strong, live={"text": line})

    @staticmethod
    def _draw_curve(
        picture: Picture, box: charts.Box, state: SimpleNamespace, neuron: Neuron, facts: Mapping[str, float]
    ) -> None:
        left, top, width, height = charts.heading(picture, box, state.activation)
        reach = 6.0
        low, high = neuron.activation.range
        lowest, highest = max(low, -reach), min(high, reach)
        margin = 0.25 if highest - lowest <= 2 else 0.5
        bottom, ceiling = lowest - margin, highest + margin
        x, wide, high_px = left + 26, width - 34, height - 18

        def place(z: Any, y: Any) -> Any:
            across = x + wide * (z + reach) / (2 * reach)
            return np.stack([across, top + high_px * (ceiling - y) / (ceiling - bottom)], axis=-1)

        for tick in (-6, 0, 6):
            across = place(np.array(tick), np.array(0.0))[0]
            picture.line(across, top, across, top + high_px, stroke=GRID)
            picture.text(across, top + high_px + 14, shown(tick), text_anchor="middle", fill=MUTED)
        centre: dict[str, Any] = {"text_anchor": "middle", "fill": MUTED}  # between the ticks 0 and 6
        picture.text(x + 0.75 * wide, top + high_px + 14, "sum z" if wide > 120 else "z", **centre)
        for level in sorted({lowest, 0.0, highest}):
            down = place(np.array(0.0), np.array(level))[1]
            picture.line(x, down, x + wide, down, stroke=GRID)
            if level == 0 or abs(level) > 0.5:
                picture.text(x - 5, down + 4, shown(level, 1), text_anchor="end", fill=MUTED)
        z = np.linspace(-reach, reach, 241)
        picture.polyline(place(z, neuron.activation(z)), stroke=BLUE, stroke_width=2.5)
        near = np.clip(np.array([facts["z"]]), -reach, reach)  # a sum beyond the picture is shown at its edge
        ((across, down),) = place(near, neuron.activation(near))
        picture.circle(None, None, 6, fill=PAPER, stroke=INK, stroke_width=2.5, live={"cx": across, "cy": down})

    @staticmethod
    def _draw_table(picture: Picture, box: charts.Box, state: SimpleNamespace, neuron: Neuron) -> None:
        x, y, width, _ = charts.heading(picture, box, state.data.upper())
        points, targets = datasets.gates(state.data)
        places = [x + 4, x + 28, x + 60, x + 116, x + 166]
        for at, name in zip(places, ("x1", "x2", say("should"), "z", say("answer")), strict=True):
            picture.text(at, y + 12, name, size=13, fill=MUTED)
        for row, (point, target, z) in enumerate(zip(points, targets, neuron.z(points), strict=True)):
            down = y + 36 + 25 * row
            picture.line(x, down - 17, x + width, down - 17, stroke=GRID)
            for at, text in zip(
                places, (number(point[0]), number(point[1]), "z \u2265 0" if target else "z < 0"), strict=False
            ):
                picture.text(at, down, text, size=14)
            picture.text(places[3], down, size=14, live={"text": shown(z)})
            good = (z >= 0) == target
            live = {"text": "right" if good else "wrong", "fill": INK if good else ORANGE}
            picture.text(places[4], down, size=14, font_weight=600, live=live)
