"""Every activation as a curve, with its slope: what comes out for each sum, and how much a nudge would change it."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import activations
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, number
from .controls import choice, slider
from .hand import HandLab, equals, shown

__all__ = ["ActivationLab"]

REACH = 6.0  # sums from -6 to 6
OTHERS = (2.0, 0.0, -1.0)  # the sums beside z that softmax shares with
NAMES = [
    ({"sigmoid": "sigmoid = logistic", "silu": "silu = swish", "step": "binary step"}.get(name, name), name)
    for name in activations.names()
]
CURVES = [(words, name) for words, name in NAMES if name != "softmax"]
ACROSS = {"ArrowLeft": -1, "ArrowRight": 1}
UPWARDS = {"ArrowDown": -1, "ArrowUp": 1}
INFINITY = float("inf")


class ActivationLab(HandLab):
    """One activation, its curve and its slope, at a sum z that you move; a second one beside it if you like.

    Softmax looks at several sums at once, so it is shown as bars, with a temperature. ``lab.model`` is the activation,
    ``lab.state.z`` the sum, ``lab.state.others`` the other sums of softmax.
    """

    controls = {
        "activation": choice("sigmoid", NAMES, label="Activation", tip="Which activation the blue curve shows"),
        "compare": choice(
            "none", [("none", "none"), *CURVES], label="Compare with", tip="A second activation, orange and dashed"
        ),
        "z": slider(1.0, -REACH, REACH, 0.1, label="Sum z", tip="The weighted sum that goes into the activation"),
        "temperature": slider(
            1.0,
            0.1,
            10.0,
            log=True,
            label="Temperature",
            tip="What every sum is divided by before softmax: low decides, high hesitates",
            draws=False,
        ),
    }
    about = [
        (
            "The curve",
            "To the right the sum z, upwards the output y. The ring is your z: drag it anywhere in the picture, use "
            "the slider, or go to the picture with Tab and use the left and right arrow keys (Shift: larger steps).",
        ),
        (
            "The short straight line at the ring",
            "The tangent: it is as steep as the curve is there. How steep that is, is the slope.",
        ),
        (
            "The slope",
            "The derivative of the activation: how much the output changes if the sum changes a little. Training "
            "follows slopes, so where this curve is near 0, a node hardly learns.",
        ),
        ("Orange and dashed", "The activation under Compare with, and its slope."),
        (
            "The numbers",
            "Formula, range, and both numbers at your z. The sign \u2248 stands where more digits would follow.",
        ),
        (
            "Softmax: the four sums",
            "Softmax needs the sums of several nodes. The first is z, the others can be dragged too, or changed with "
            "the arrow keys up and down.",
        ),
        (
            "Softmax: the four shares",
            "e to the power of each sum (divided by the temperature), and what part of their total each one is. "
            "Together they are 1. The table has every step; 2.38e\u221226 in it is short for 2.38 times 10 to the "
            "power of \u221226.",
        ),
        (
            "Temperature",
            "Only softmax has it. At 1 it changes nothing; a low one gives nearly everything to the largest sum, a "
            "high one makes all shares alike.",
        ),
        ("Reset", "Back to the start. Nothing is drawn by lot in this lab, so there is no seed."),
    ]

    def start(self, state: SimpleNamespace) -> None:
        state.others = list(OTHERS)
        self._fit_controls(state)

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name == "activation":
            self._fit_controls(state)

    def _fit_controls(self, state: SimpleNamespace) -> None:
        """Only softmax has a temperature, and nothing can be laid over its bars."""
        alone = state.activation == "softmax"
        self.controls["temperature"].layout.display = "" if alone else "none"
        self.controls["compare"].layout.display = "none" if alone else ""

    @property
    def model(self) -> activations.Activation:
        """The activation of the picture."""
        return activations.get(self.state.activation)

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, name = event["kind"], event["id"]
        step = 0.5 if event["shift"] else 0.1
        if name.startswith("sum-"):
            at = int(name[4:])
            if kind == "key":
                self._set_sum(state, at, self._sums(state)[at] + step * UPWARDS[event["key"]])
            elif kind in ("down", "move"):
                _, y, _, height = self._bar_box(state)
                self._set_sum(state, at, REACH * (1 - 2 * (event["points"][-1][1] - y) / height))
        elif kind == "key":
            self._set_sum(state, 0, self._sums(state)[0] + step * ACROSS[event["key"]])
        elif kind in ("down", "move"):
            x, _, width, _ = self._inner(self._boxes(state)[name])
            self._set_sum(state, 0, REACH * (2 * (event["points"][-1][0] - x) / width - 1))

    def _sums(self, state: SimpleNamespace) -> list[float]:
        return [self.controls["z"].value, *state.others]  # the control is ahead of the state while events come in

    def _set_sum(self, state: SimpleNamespace, at: int, value: float) -> None:
        value = round(float(np.clip(value, -REACH, REACH)), 1) + 0.0
        if at == 0:
            self.controls["z"].value = value
        else:
            state.others[at - 1] = value

    # What is said.

    @staticmethod
    def _shown_names(state: SimpleNamespace) -> list[str]:
        return [state.activation] if state.compare == "none" else [state.activation, state.compare]

    @staticmethod
    def _at(name: str, z: float) -> tuple[float, float]:
        activation, sums = activations.get(name), np.array([z])
        return float(activation(sums)[0]), float(activation.derivative(sums)[0])

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        if state.activation == "softmax":
            sums = [state.z, *state.others]
            shares = activations.softmax(np.array(sums) / state.temperature).tolist()
            facts = {f"sum {at}": value for at, value in enumerate(sums)}
            return facts | {f"share {at}": each for at, each in enumerate(shares)} | {"temperature": state.temperature}
        facts = {"z": state.z}
        for name in self._shown_names(state):
            facts[f"{name} y"], facts[f"{name} slope"] = self._at(name, state.z)
        return facts

    def _words(self, state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        if state.activation == "softmax":
            sums = ", ".join(number(value, 2) for value in [state.z, *state.others])
            shares = ", ".join(f"{facts[f'share {at}']:.3f}" for at in range(4))
            return f"softmax at temperature {state.temperature:g}: the sums {sums} get the shares {shares}."
        said = [
            f"{name} answers {number(facts[f'{name} y'], 3)} with slope {number(facts[f'{name} slope'], 3)}"
            for name in self._shown_names(state)
        ]
        return f"At the sum z = {number(state.z, 2)}, {', and '.join(said)}."

    def code(self) -> str:
        state = self.state
        if state.activation == "softmax":
            sums = ", ".join(f"{value:g}" for value in [state.z, *state.others])
            return (
                "import numpy as np\n\nfrom annlab import activations\n\n"
                f'print(activations.get("softmax")(np.array([{sums}]) / {state.temperature:g}))'
            )
        lines = ["from annlab import activations", ""]
        for name in self._shown_names(state):
            lines += [
                f'{name} = activations.get("{name}")',
                f"print({name}({state.z:g}), {name}.derivative({state.z:g}))",
            ]
        return "\n".join(lines)

    # The picture.

    @staticmethod
    def _boxes(state: SimpleNamespace) -> dict[str, charts.Box]:
        sizes = [(360, 330), (360, 330), (700, 148)]
        (curve, slope, words), height = charts.flow(state.width, sizes, gap=32)
        return {"curve": curve, "slope": slope, "words": words, "height": (0, 0, 0, height)}

    @staticmethod
    def _inner(box: charts.Box) -> charts.Box:
        """The part of a panel in which its curve is drawn."""
        x, y, width, height = box
        return x + 36, y + 36, width - 50, height - 74

    def picture(self, state: SimpleNamespace) -> Picture:
        facts, boxes = self.facts(state), self._boxes(state)
        title = "Softmax as bars" if state.activation == "softmax" else "An activation and its slope"
        picture = Picture(state.width, boxes["height"][3], title, self._words(state, facts))
        if state.activation == "softmax":
            self._draw_softmax(picture, boxes, state, facts)
            return picture
        used = [activations.get(name) for name in self._shown_names(state)]
        bounded = all(each.range[1] - each.range[0] <= 2 for each in used)
        falls = any(each.name == "linear" for each in used)
        rise = (-1.25, 1.25) if bounded else (-6.5, 6.5) if falls else (-2.0, 6.5)
        steepest = 1.9 if any(each.name == "selu" for each in used) else 1.3
        self._draw_panel(picture, boxes["curve"], state, "curve", "The curve: output y", rise)
        self._draw_panel(picture, boxes["slope"], state, "slope", "Its slope", (-0.3, steepest))
        self._draw_words(picture, boxes["words"], state, facts)
        return picture

    def _draw_panel(
        self,
        picture: Picture,
        box: charts.Box,
        state: SimpleNamespace,
        kind: str,
        title: str,
        rise: tuple[float, float],
    ) -> None:
        charts.heading(picture, box, title)
        x, y, width, height = self._inner(box)
        low, high = rise

        def place(z: Any, value: Any) -> np.ndarray:
            across = x + width * (np.asarray(z) + REACH) / (2 * REACH)
            return np.stack([across, y + height * (high - np.asarray(value)) / (high - low)], axis=-1)

        for sum_z in (-6, -4, -2, 0, 2, 4, 6):
            across = place(sum_z, 0)[0]
            picture.line(across, y, across, y + height, stroke=MUTED if sum_z == 0 else GRID)
            picture.text(across, y + height + 16, shown(sum_z), text_anchor="middle", fill=MUTED)
        picture.text(x + width / 2, y + height + 33, "sum z", text_anchor="middle", fill=MUTED)
        for tick in charts.ticks(low, high, 6):
            down = place(0, tick)[1]
            picture.line(x, down, x + width, down, stroke=MUTED if tick == 0 else GRID)
            picture.text(x - 6, down + 4, shown(tick, 2), text_anchor="end", fill=MUTED)
        looks = [{"stroke": BLUE}, {"stroke": ORANGE, "stroke_dasharray": "7 5"}]
        for name, look in reversed(list(zip(self._shown_names(state), looks, strict=False))):
            activation = activations.get(name)
            for z in (
                np.linspace(-REACH, -1e-9, 181),
                np.linspace(1e-9, REACH, 181),
            ):  # in two parts, for those that jump
                values = activation(z) if kind == "curve" else activation.derivative(z)
                picture.polyline(place(z, values), stroke_width=3, **look)
        at, down = place(state.z, 0)
        picture.line(None, y, None, y + height, stroke=MUTED, stroke_dasharray="2 3", live={"x1": at, "x2": at})  # type: ignore[arg-type]
        for name, look in zip(self._shown_names(state), looks, strict=False):
            value, slope = self._at(name, state.z)
            if kind == "curve":
                scale = np.hypot(width / (2 * REACH), slope * height / (high - low))
                reach = 34 / scale  # the tangent is equally long however steep it is
                ends = place([state.z - reach, state.z + reach], [value - reach * slope, value + reach * slope])
                picture.polyline(ends, stroke=INK, stroke_width=2)
            across, down = place(state.z, value if kind == "curve" else slope)
            ring = {"cx": across, "cy": down}
            picture.circle(None, None, 6.5, fill=PAPER, stroke=look["stroke"], stroke_width=3, live=ring)
        label = f"{title}. The left and right arrow keys move z, with Shift in larger steps."
        keys = {"keys": " ".join(ACROSS), "role": "application", "label": label}
        picture.rect(x, y, width, height, fill="transparent", stroke=GRID, id=kind, **keys)

    def _draw_words(
        self, picture: Picture, box: charts.Box, state: SimpleNamespace, facts: Mapping[str, float]
    ) -> None:
        x, y, _, _ = charts.heading(picture, box, "In numbers")
        z = shown(state.z, 2)
        for at, (name, colour) in enumerate(zip(self._shown_names(state), (BLUE, ORANGE), strict=False)):
            top = y + 18 + 60 * at
            activation = activations.get(name)
            value, slope = facts[f"{name} y"], facts[f"{name} slope"]
            dash = "7 5" if at else None
            picture.line(x, top - 5, x + 30, top - 5, stroke=colour, stroke_width=3, stroke_dasharray=dash)
            formula = activation.formula.replace("-", "\u2212").replace("<=", "\u2264").replace(">=", "\u2265")
            picture.text(x + 40, top, f"{name}: y = {formula}", size=15)
            out, steep = shown(value), shown(slope)
            line = f"y({z}) {equals(value, out)} {out}, slope({z}) {equals(slope, steep)} {steep}, {_range(activation)}"
            picture.text(x + 40, top + 23, size=15, font_weight=600, live={"text": line})

    # Softmax.

    def _bar_box(self, state: SimpleNamespace) -> charts.Box:
        return self._inner(self._boxes(state)["curve"])

    def _draw_softmax(
        self,
        picture: Picture,
        boxes: dict[str, charts.Box],
        state: SimpleNamespace,
        facts: Mapping[str, float],
    ) -> None:
        sums = [state.z, *state.others]
        shares = [facts[f"share {at}"] for at in range(4)]
        charts.heading(picture, boxes["curve"], "Four sums: drag them")
        charts.heading(picture, boxes["slope"], "Their shares")
        halves = (("curve", (-6, -3, 0, 3, 6), sums), ("slope", (0, 0.25, 0.5, 0.75, 1), shares))
        for name, marks, values in halves:
            low, high = marks[0], marks[-1]
            x, y, width, height = self._inner(boxes[name])
            zero = y + height * high / (high - low)
            for tick in marks:
                down = y + height * (high - tick) / (high - low)
                picture.line(x, down, x + width, down, stroke=MUTED if tick == 0 else GRID)
                picture.text(x - 6, down + 4, shown(tick, 2), text_anchor="end", fill=MUTED)
            for at, value in enumerate(values):
                left = x + width * (at + 0.2) / 4
                down = y + height * (high - value) / (high - low)
                live = {"y": min(down, zero), "height": abs(down - zero), "fill": BLUE if value >= 0 else ORANGE}
                picture.rect(left, None, 0.6 * width / 4, None, rx=2, fill_opacity="0.85", live=live)
                text = shown(value, 2) if name == "curve" else f"{value:.3f}"
                label = {"y": down - 7 if value >= 0 else down + 17, "text": text}
                middle = left + 0.3 * width / 4
                picture.text(middle, None, size=14, font_weight=600, text_anchor="middle", live=label)  # type: ignore[arg-type]
                below = y + height + 33  # the number of a bar that reaches down to the end stands between
                picture.text(middle, below, f"node {at + 1}", text_anchor="middle", fill=MUTED)
                if name == "curve":
                    words = f"The sum of node {at + 1}. The arrow keys up and down change it."
                    keys = {"keys": " ".join(UPWARDS), "role": "application", "label": words}
                    picture.rect(x + width * at / 4, y, width / 4, height, fill="transparent", id=f"sum-{at}", **keys)
        self._draw_steps(picture, boxes["words"], state, sums, shares)

    @staticmethod
    def _draw_steps(
        picture: Picture, box: charts.Box, state: SimpleNamespace, sums: list[float], shares: list[float]
    ) -> None:
        x, y, width, _ = charts.heading(picture, box, "In numbers")
        cooled = [value / state.temperature for value in sums]
        powers = [float(np.exp(value)) for value in cooled]
        temperature = shown(state.temperature, 2)
        narrow = width < 560
        size, digits = (12, 1) if narrow else (14, 2)
        rows = [
            (f"sum / {temperature}", [shown(value, 2) for value in cooled], None),
            ("e to that power", [_short(value, digits) for value in powers], sum(powers)),
            ("share", [f"{value:.3f}" for value in shares], 1.0),
        ]
        first, last = (106, 104) if narrow else (120, 116)  # room for the names, and for the totals
        column = (width - first - last) / 4
        for at, (name, texts, total) in enumerate(rows):
            down = y + 18 + 30 * at
            picture.line(x, down + 9, x + width, down + 9, stroke=GRID)
            picture.text(x, down, size=size, live={"text": name, "fill": MUTED})
            for place, text in enumerate(texts):
                middle = x + first + column * (place + 0.5)
                picture.text(middle, down, size=size, text_anchor="middle", live={"text": text})
            if total is not None:
                added = sum(float(text.replace("\u2212", "-")) for text in texts)
                said = _short(total, digits)
                live = {"text": f"all {equals(added, said)} {said}"}
                picture.text(x + width, down, size=size, font_weight=600, text_anchor="end", live=live)


def _short(value: float, digits: int = 2) -> str:
    """A power of e in few digits, however large or small it is."""
    return shown(value, 3) if value == 0 or 0.001 <= value < 1e4 else f"{value:.{digits}e}".replace("-", "\u2212")


def _range(activation: activations.Activation) -> str:
    """Between which numbers its outputs lie, in words."""
    low, high = activation.range
    if activation.name == "step":
        return "range 0 or 1"
    if low == -INFINITY:
        return "range every number"
    if high == INFINITY:
        return f"range from {shown(low, 2)} up"
    return f"range between {shown(low, 2)} and {shown(high, 2)}"
