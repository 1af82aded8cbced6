"""A network of six nodes: slide the strengths of its connections, watch the values flow, and a cell beside it fire."""

from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets
import numpy as np

from .. import activations
from ..layers import Dense, Input
from ..models import Sequential
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, number, shade
from ..svg.graph import strong_shades
from ..svg.network import dashes, widths
from . import cell
from .base import Lab
from .controls import Control, choice, slider
from .hand import HandLab, equals, shown

__all__ = ["NodesLab"]

INPUTS, HIDDEN, OUTPUT = ("x1", "x2"), ("h1", "h2", "h3"), "y"
FROM = {**dict.fromkeys(HIDDEN, INPUTS), OUTPUT: HIDDEN}  # the nodes that a node listens to
STRENGTHS = {f"{start}_{end}": (start, end) for end, starts in FROM.items() for start in starts}
AT_FIRST = {
    **{"x1_h1": 0.8, "x2_h1": 0.4, "x1_h2": -0.6, "x2_h2": 0.8, "x1_h3": 0.6, "x2_h3": -0.4},
    **{"h1_y": 0.7, "h2_y": -0.4, "h3_y": 0.5},
}
FAR = 5.0  # the furthest a strength goes, on request
SECOND = 1000.0  # milliseconds of the cell that are shown
TICK = 10.0  # milliseconds in one step
WAVE = 250.0  # milliseconds in which the dots go once through the network
ARROWS = {"ArrowUp": 1, "ArrowRight": 1, "ArrowDown": -1, "ArrowLeft": -1}
TIMES = "\u00b7"


def _strength(name: str) -> Control:
    start, end = STRENGTHS[name]
    tip = f"How strongly, and in which direction, the value of {start} counts for {end}"
    return slider(AT_FIRST[name], -FAR, FAR, 0.1, label=f"{start} to {end}", tip=tip)


def _steps(reach: float) -> list[tuple[str, float]]:
    values = [round(0.1 * step, 1) for step in range(round(-10 * reach), round(10 * reach) + 1)]
    return [(f"{value:g}", value) for value in values]


class NodesLab(HandLab):
    """Two input nodes, three hidden ones, one output node, and a biological cell that gets the same input as one of
    them.

    ``lab.model`` is the network of the picture. ``lab.strengths`` names its nine connections: ``x1_h1`` leads from x1
    to h1. Strengths go from -1 to 1; ``NodesLab(reach=5.0)``, or a starting strength beyond 1, lets them go to 5.
    """

    strengths = tuple(STRENGTHS)
    step_label = "10 ms"
    step_tip = "Let ten milliseconds of the cell's time pass"
    controls = {
        "node": choice("h1", list(FROM), label="Look at node", tip="Whose sum is written out, and given to the cell"),
        "x1": slider(1.0, -1.0, 1.0, 0.1, label="Input x1", tip="The value of the first input node"),
        "x2": slider(0.5, -1.0, 1.0, 0.1, label="Input x2", tip="The value of the second input node"),
        **{name: _strength(name) for name in STRENGTHS},
        "transfer": choice(
            "relu",
            ["relu", "sigmoid", "tanh", "linear", "step"],
            label="Transfer function",
            tip="What each node makes of its sum",
            more=True,
        ),
        "reach": choice(
            1.0,
            [("from -1 to 1", 1.0), ("from -5 to 5", FAR)],
            label="Strengths go",
            tip="How far the sliders of the strengths go; going back to 1 pulls stronger ones to the end",
            more=True,
        ),
    }
    about = [
        (
            "The network",
            "Circles are nodes: two input nodes, three hidden nodes, one output node. The number in a node is its "
            "activation value; blue is above 0, orange below.",
        ),
        (
            "The connections",
            "Lines from left to right. The number on a line is its strength: the wider the line, the stronger; blue "
            "above 0, orange and dashed below. Go to a number with Tab and change it with the arrow keys (with Shift "
            "in larger steps), or use its slider.",
        ),
        (
            "Look at node",
            "The node with the thick ring: click another, or go there with Tab and press Enter. The sliders show the "
            "strengths that lead into it. The values of the input nodes follow the arrow keys, or their sliders.",
        ),
        (
            "The sum",
            "What comes into that node: each value times the strength of its connection, added up. The transfer "
            "function makes the node's activation value of it. The sign \u2248 stands where more digits would follow.",
        ),
        ("What the node makes of it", "The transfer function: the activation value for each sum. The dot is now."),
        (
            "What the cell makes of it",
            "How often the cell fires for each sum. Below 0.5 it stays silent; it can never fire more often than 500 "
            "times a second, because it rests two milliseconds after each spike.",
        ),
        (
            "The cell",
            "A model of a biological cell that gets the same sum as input, for one second. The input lifts its "
            "voltage, the voltage leaks back to rest at -65 millivolts. At -50, the threshold, it fires a spike. All "
            "spikes are equally high; a stronger input makes more of them.",
        ),
        (
            "Play and 10 ms",
            "Let the cell's second pass slowly: the line shows now, and the part to come is pale. Dots carry the "
            "values along the connections, larger where value times strength is larger, hollow where it is below 0. "
            "They show the direction only: in such a network there is no time, and all values are there at once.",
        ),
        (
            "Transfer function, Strengths go, Reset",
            "Behind More settings: another transfer function for all nodes, and sliders that go to 5. Nothing is drawn "
            "by lot in this lab, so there is no seed: Reset always brings back the same start.",
        ),
    ]

    def __init__(self, *, hide: Iterable[str] = (), **start: Any) -> None:
        strongest = max((abs(start.get(name, 0.0)) for name in STRENGTHS), default=0.0)
        if strongest > start.setdefault("reach", 1.0 if strongest <= 1 else FAR):
            raise ValueError(f"a strength of {strongest:g} lies beyond reach={start['reach']:g}; give reach={FAR:g}")
        self._hidden = {hide} if isinstance(hide, str) else set(hide)
        super().__init__(hide=self._hidden, **start)

    def _transport(self) -> dict[str, Control]:
        return {**Lab._transport(self), **super()._transport()}

    @staticmethod
    def _build_play(start: bool) -> widgets.Widget:
        play = Lab._build_play(start)
        play.tooltip = "Let the cell's second pass, or pause; the lab stays usable meanwhile"
        return play

    # The state.

    def start(self, state: SimpleNamespace) -> None:
        state.time = SECOND
        self._stretch(state.reach)
        self._show_strengths(state.node)

    def train(self, state: SimpleNamespace) -> Iterator[None]:
        while True:
            state.time = state.time % SECOND + TICK
            yield

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return 30.0

    def reset(self) -> None:
        """Go back to the very start, controls included."""
        self._stretch(self._first["reach"])  # so that every strength finds room
        super().reset()

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name == "reach":
            self._stretch(state.reach)
        elif name == "node":
            self._show_strengths(state.node)

    def _stretch(self, reach: float) -> None:
        """Let the sliders of the strengths go from -reach to reach."""
        for name in STRENGTHS:
            each = self.controls[name]
            value = min(max(each.value, -reach), reach)
            if each._options_values[-1] != reach:
                each.options = _steps(reach)
                each.value = value

    def _show_strengths(self, node: str) -> None:
        """Show the sliders of the connections that lead to a node, and no others."""
        for name, (_, end) in STRENGTHS.items():
            self.controls[name].layout.display = None if end == node else "none"

    @property
    def model(self) -> Sequential:
        """The network of the picture."""
        state = self.state
        first, second = self._kernels(state)
        layers = [Dense(len(HIDDEN), state.transfer, use_bias=False), Dense(1, state.transfer, use_bias=False)]
        model = Sequential([Input((len(INPUTS),)), *layers])
        model.set_weights([first, second])
        return model

    @staticmethod
    def _kernels(state: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
        """The strengths as two tables: a row for the node a connection comes from, a column for where it leads."""
        first = [[getattr(state, f"{start}_{end}") for end in HIDDEN] for start in INPUTS]
        return np.array(first), np.array([[getattr(state, f"{start}_{OUTPUT}")] for start in HIDDEN])

    @staticmethod
    def _values(state: SimpleNamespace) -> dict[str, tuple[float, float]]:
        """The sum and the activation value of every node."""
        transfer = activations.get(state.transfer)
        values = {name: (getattr(state, name), getattr(state, name)) for name in INPUTS}
        for end, starts in FROM.items():
            total = sum(values[start][1] * getattr(state, f"{start}_{end}") for start in starts)
            total = round(total, 9) + 0.0  # 0.1 + 0.6 - 0.7 is 0
            values[end] = total, float(transfer(np.array(total))) + 0.0
        return values

    # What is done in the picture.

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, _, name = event["id"].partition("-")
        if kind == "node" and name in FROM:
            if event["kind"] == "down" or event.get("key") in ("Enter", "Space"):
                self.controls["node"].value = name
        elif kind == "strength" and event["kind"] == "down":
            self.controls["node"].value = STRENGTHS[name][1]
        elif event["kind"] == "key":
            control = self.controls[name]
            reach = control._options_values[-1]
            value = control.value + ARROWS[event["key"]] * (0.5 if event["shift"] else 0.1)
            control.value = round(min(max(value, -reach), reach), 4)

    # What is said.

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        values = self._values(state)
        z, y = values[state.node]
        facts = {name: value for name, (_, value) in values.items()}
        return {**facts, "sum": z, "value": y, "spikes": len(cell.spikes(z))}

    def code(self) -> str:
        state = self.state
        first, second = (kernel.round(4).tolist() for kernel in self._kernels(state))
        return "\n".join(
            [
                "from annlab import Dense, Input, Sequential",
                "",
                f'hidden = Dense({len(HIDDEN)}, "{state.transfer}", use_bias=False)',
                f'output = Dense(1, "{state.transfer}", use_bias=False)',
                f"model = Sequential([Input(({len(INPUTS)},)), hidden, output])",
                f"hidden.kernel = {first}",
                f"output.kernel = {second}",
                f"for values in model.layer_outputs([[{state.x1:g}, {state.x2:g}]]):",
                "    print(values.round(3))",
            ]
        )

    @staticmethod
    def _words(state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        values = {name: number(value, 3) for name, value in facts.items()}
        said = ", ".join(f"{name} = {values[name]}" for name in (*INPUTS, *HIDDEN, OUTPUT))
        times = "once" if facts["spikes"] == 1 else f"{values['spikes']} times"
        does = f"fires {times} in a second" if facts["spikes"] else "stays silent"
        return (
            f"{said}. A sum of {values['sum']} comes into {state.node}: {state.transfer} makes {values['value']} of "
            f"it, and a cell with the same input {does}."
        )

    # The picture.

    @staticmethod
    def _boxes(state: SimpleNamespace) -> dict[str, charts.Box]:
        width = state.width
        wide = width >= 820
        network = (0.0, 0.0, 530.0 if wide else min(width, 600.0), 330.0)
        left, top = (566.0, 0.0) if wide else (0.0, 350.0)
        room = width - left
        below = 350.0 if wide else top + 356.0
        half = (room - 20) / 2
        return {
            "network": network,
            "sum": (left, top, room, 120.0),
            "node": (left, top + 140, half, 190.0),
            "cell": (left + half + 20, top + 140, half, 190.0),
            "second": (0.0, below, width, 190.0),
        }

    def picture(self, state: SimpleNamespace) -> Picture:
        facts, boxes, values = self.facts(state), self._boxes(state), self._values(state)
        _, top, _, height = boxes["second"]
        picture = Picture(state.width, top + height, "Six nodes and a cell", self._words(state, facts))
        self._draw_network(picture, boxes["network"], state, values)
        self._draw_sum(picture, boxes["sum"], state, values)
        self._draw_node(picture, boxes["node"], state, values)
        self._draw_rate(picture, boxes["cell"], state, values)
        self._draw_second(picture, boxes["second"], state, values)
        return picture

    @staticmethod
    def _places(box: charts.Box) -> dict[str, tuple[float, float]]:
        x, y, width, _ = box
        across = (x + 64, x + 0.56 * width, x + width - 62)
        places = {name: (across[0], y + 115 + 140 * at) for at, name in enumerate(INPUTS)}
        places |= {name: (across[1], y + 75 + 110 * at) for at, name in enumerate(HIDDEN)}
        return {**places, OUTPUT: (across[2], y + 185)}

    def _draw_network(self, picture: Picture, box: charts.Box, state: SimpleNamespace, values: Any) -> None:
        places, radius = self._places(box), 26
        for name, words in (("x1", "input nodes"), ("h1", "hidden nodes"), ("y", "output node")):
            picture.text(places[name][0], box[1] + 14, words, size=14, font_weight=600, text_anchor="middle")
        strengths = np.array([getattr(state, name) for name in STRENGTHS])
        looks = zip(
            STRENGTHS.items(),
            strong_shades(strengths, state.reach),
            widths(strengths, state.reach),
            dashes(strengths),
            strict=True,
        )
        for (_, (start, end)), colour, wide, dash in looks:
            (ax, ay), (bx, by) = places[start], places[end]
            live = {"stroke": colour, "stroke_width": wide, "stroke_dasharray": dash}
            picture.line(ax + radius, ay, bx - radius, by, stroke=None, live=live)
        for name, (start, end) in STRENGTHS.items():
            self._draw_dot(picture, state, values[start][1] * getattr(state, name), places[start], places[end], end)
        for name, (start, end) in STRENGTHS.items():
            (ax, ay), (bx, by) = places[start], places[end]
            share = 0.42 if end == OUTPUT else 0.68
            across, down = ax + radius + share * (bx - ax - 2 * radius), ay + share * (by - ay)
            label = f"Strength from {start} to {end}. Arrow keys change it, with Shift in larger steps."
            more = {"id": f"strength-{name}", "keys": " ".join(ARROWS), "label": label}
            picture.rect(across - 22, down - 11, 44, 22, rx=4, fill=PAPER, stroke=GRID, **more)
            text = {"text": shown(getattr(state, name), 2)}
            picture.text(across, down + 5, size=13, text_anchor="middle", pointer_events="none", live=text)
        for name, (across, down) in places.items():
            keys = " ".join(ARROWS) if name in INPUTS else "Enter Space"
            does = "Arrow keys change its value." if name in INPUTS else "Enter looks at it."
            look = {"fill": shade(0.6 * values[name][1]), "stroke_width": 4 if name == state.node else 1.2}
            more = {"id": f"node-{name}", "keys": keys, "label": f"Node {name}. {does}"}
            picture.circle(across, down, radius, stroke=INK, live=look, **more)
            text = {"text": shown(values[name][1], 3 if abs(values[name][1]) < 100 else 1)}
            picture.text(across, down + 5, size=14, text_anchor="middle", pointer_events="none", live=text)
            at = {"x1": (-36, 5), "x2": (-36, 5), "y": (36, 5)}.get(name, (0, -34))
            anchor = "end" if name in INPUTS else "start" if name == OUTPUT else "middle"
            picture.text(across + at[0], down + at[1], name, size=15, font_weight=600, text_anchor=anchor)

    @staticmethod
    def _draw_dot(picture: Picture, state: SimpleNamespace, signal: float, start: Any, end: Any, name: str) -> None:
        """What one connection carries, on its way while the second passes: first to the hidden nodes, then on."""
        way = 2 * (state.time % WAVE) / WAVE - (name == OUTPUT)
        there = 0 <= way < 1 and state.time < SECOND and abs(signal) > 1e-9
        across, down = (a + way * (b - a) if there else a for a, b in zip(start, end, strict=True))
        size = 3 + 6 * min(abs(signal), 1.0) if there else 0.0
        look = {"stroke": BLUE if signal >= 0 else ORANGE, "fill": BLUE if signal >= 0 else PAPER}
        live = {"cx": across, "cy": down, "r": size, **look}
        picture.circle(None, None, None, stroke_width=2, pointer_events="none", live=live)

    @staticmethod
    def _draw_sum(picture: Picture, box: charts.Box, state: SimpleNamespace, values: Any) -> None:
        x, y, _, _ = charts.heading(picture, box, f"Into {state.node}")
        node, starts = state.node, FROM[state.node]
        exact = [(values[start][1], getattr(state, f"{start}_{node}")) for start in starts]
        pairs = [(shown(value), shown(strength)) for value, strength in exact]
        products = [shown(value * strength) for value, strength in exact]
        total, made = (shown(value) for value in values[node])
        told = [_plain(value) * _plain(strength) for value, strength in pairs]  # what the digits shown come to
        signs = [
            _same([each for pair in exact for each in pair], [text for pair in pairs for text in pair]),
            _same(told, products),
            _same([sum(map(_plain, products))], [total]),
            _same([values[node][1]], [made]),
        ]
        terms = [f"{_bracketed(value)} {TIMES} {_bracketed(strength)}" for value, strength in pairs]
        lines = [
            f"sum = {' + '.join(f'{start} {TIMES} strength' for start in starts)}",
            f"{signs[0]} {' + '.join(terms)}",
            f"{signs[1]} {' + '.join(map(_bracketed, products))} {signs[2]} {total}",
            f"{node} = {state.transfer}({total}) {signs[3]} {made}",
        ]
        size = 15 if len(starts) == 2 else 13.5
        for at, line in enumerate(lines):
            strong = {"font_weight": 600} if at == 3 else {}
            picture.text(x + (14 if at in (1, 2) else 0), y + 16 + 25 * at, size=size, **strong, live={"text": line})

    @staticmethod
    def _span(state: SimpleNamespace, values: Any) -> float:
        """How far the axis of the sums goes both ways: a round number that has room for all sums."""
        most = max(2 * state.reach, *(abs(values[name][0]) for name in FROM))
        return next(span for span in (2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0) if span >= most)

    def _draw_node(self, picture: Picture, box: charts.Box, state: SimpleNamespace, values: Any) -> None:
        box = charts.heading(picture, box, "What the node makes of it", "activation value for each sum")
        transfer, span = activations.get(state.transfer), self._span(state, values)
        low, high = (max(min(limit, span), -span) for limit in transfer.range)
        sums = np.linspace(-span, span, 401)
        _draw_curve(picture, box, sums, transfer(sums), values[state.node], span, (low, high))

    def _draw_rate(self, picture: Picture, box: charts.Box, state: SimpleNamespace, values: Any) -> None:
        box = charts.heading(picture, box, "What a cell makes of it", "spikes a second for each sum")
        span, z = self._span(state, values), values[state.node][0]
        sums = np.linspace(-span, span, 401)
        rates = np.array([1000 / cell.interval(total) for total in sums.tolist()])
        _draw_curve(picture, box, sums, rates, (z, 1000 / cell.interval(z)), span, (0.0, charts.round_up(rates[-1])))

    @staticmethod
    def _draw_second(picture: Picture, box: charts.Box, state: SimpleNamespace, values: Any) -> None:
        """The voltage of the cell, and its body that fills up towards the threshold."""
        total = values[state.node][0]
        fired = cell.spikes(total)
        title = f"A cell that gets the sum of {state.node} as input, for one second"
        x, y, width, height = charts.heading(picture, box, title)
        left, right, high = x + 122, x + width - 4, height - 40
        top, bottom = cell.PEAK + 5, cell.REST + cell.FLOOR - 5

        def place(line: Any) -> np.ndarray:
            line = np.asarray(line, dtype=float)
            across = left + (right - left) * line[..., 0] / SECOND
            return np.stack([across, y + high * (top - line[..., 1]) / (top - bottom)], axis=-1)

        for level, words in ((cell.PEAK, "spike"), (cell.THRESHOLD, "threshold"), (cell.REST, "rest")):
            down = place([0.0, level])[1]
            dash = {"stroke_dasharray": "4 4"} if words == "threshold" else {}
            picture.line(left, down, right, down, stroke=MUTED if dash else GRID, **dash)
            picture.text(left - 6, down + 4, f"{words} {shown(level, 0)}", text_anchor="end", fill=MUTED)
        picture.text(left - 6, y + high + 16, "millivolts", text_anchor="end", fill=MUTED)
        for tick in range(0, 1001, 250):
            across = place([tick, 0.0])[0]
            anchor = "start" if tick == 0 else "end" if tick == 1000 else "middle"
            words = f"{tick} milliseconds" if tick == 1000 else str(tick)
            picture.text(across, y + high + 16, words, text_anchor=anchor, fill=MUTED)
        picture.polyline(place(cell.voltage(total)), stroke=BLUE, stroke_width=1.5)
        now = place([state.time, 0.0])[0]
        veil = {"x": now, "width": max(right - now, 0.0)}
        picture.rect(None, y - 4, None, high + 6, fill=PAPER, fill_opacity="0.75", live=veil)
        picture.line(None, y - 4, None, y + high + 2, stroke_width=1.5, live={"x1": now, "x2": now})
        so_far = int((fired <= state.time).sum())
        words = f"{so_far} of {len(fired)} spikes" if state.time < SECOND else f"{len(fired)} spikes"
        picture.text(left, y + high + 34, size=14, font_weight=600, live={"text": words.replace("1 spikes", "1 spike")})


def _plain(text: str) -> float:
    """The number that was shown."""
    return float(text.replace("\u2212", "-"))


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("\u2212") else text


def _same(exact: list[float], texts: list[str]) -> str:
    """The sign between numbers and what is shown of them: "=" only where nothing was rounded away."""
    return "=" if all(equals(*pair) == "=" for pair in zip(exact, texts, strict=True)) else "\u2248"


def _draw_curve(
    picture: Picture,
    box: charts.Box,
    sums: np.ndarray,
    answers: np.ndarray,
    now: tuple[float, float],
    span: float,
    ends: tuple[float, float],
) -> None:
    """One curve over the sums, with a dot where the sum is now."""
    x, y, width, height = box
    low, high = ends
    left, wide, deep = x + 30, width - 38, height - 30
    y += 8

    def place(total: Any, answer: Any) -> Any:
        across = left + wide * (np.clip(total, -span, span) + span) / (2 * span)
        return np.stack([across, y + deep * (high - np.clip(answer, low, high)) / (high - low)], axis=-1)

    for tick in (-span, 0.0, span):
        across = place(tick, low)[0]
        picture.line(across, y, across, y + deep, stroke=GRID)
        picture.text(across, y + deep + 15, shown(tick), text_anchor="middle", fill=MUTED)
    picture.text(left + 0.75 * wide, y + deep + 15, "sum", text_anchor="middle", fill=MUTED)
    for level in sorted({low, 0.0, high}):
        down = place(0.0, level)[1]
        picture.line(left, down, left + wide, down, stroke=GRID)
        picture.text(left - 5, down + 4, shown(level), text_anchor="end", fill=MUTED)
    picture.polyline(place(sums, answers), stroke=BLUE, stroke_width=2.5)
    across, down = place(*now)
    picture.circle(None, None, 6, fill=PAPER, stroke=INK, stroke_width=2.5, live={"cx": across, "cy": down})
