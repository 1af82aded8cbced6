"""Six nodes and nine connections: slide a strength and watch the values change on their way to the output.

Beside the network stands a model of a living cell that gets the same sum as one of the nodes and answers in spikes.
"""

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import ipywidgets as widgets
import numpy as np

from .. import activations
from ..layers import Dense, Input
from ..models import Sequential
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, number, shade
from ..svg.network import Place, dashes, widths
from .controls import STYLE, Control, NumberSlider, choice, number_between, slider, switch, whole
from .hand import HandLab, equals, shown

__all__ = ["NodesLab", "firing_rate", "membrane"]

NAMES = [["x1", "x2"], ["h1", "h2", "h3"], ["y"]]
LINKS = {
    f"{start}-{end}": (layer, i, j)
    for layer in range(2)
    for i, start in enumerate(NAMES[layer])
    for j, end in enumerate(NAMES[layer + 1])
}
USUAL, WIDE = 1.0, 5.0  # how far a strength goes, and on request
UPWARDS = {"ArrowUp": 1, "ArrowDown": -1}

# The cell: millivolts and milliseconds, textbook values (Gerstner et al. 2014, section 1.3).
REST, THRESHOLD, PEAK = -65.0, -50.0, 20.0
TAU, REFRACTORY = 20.0, 2.0
DRIVE = 25.0  # millivolts towards which a sum of 1 pulls the cell, above rest
SHOWN = 200  # milliseconds in the picture


def firing_rate(z: float) -> float:
    """Spikes a second of a leaky integrate-and-fire cell that is driven by the constant sum ``z``.

    rate = 1 / (refractory + tau ln(drive / (drive - threshold))), 0 where the drive does not reach the threshold

    Source: Lapicque 1907; Gerstner et al., Neuronal Dynamics, 2014, section 1.3.
    """
    drive, needed = DRIVE * z, THRESHOLD - REST
    return 1000 / (REFRACTORY + TAU * np.log(drive / (drive - needed))) if drive > needed else 0.0


def membrane(z: float, milliseconds: float = SHOWN, step: float = 0.25) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cell's voltage in time: it leaks towards rest, is pulled by ``z``, and fires when it reaches the threshold.

    Returns times (n,) and voltages (n,), and the times of the spikes (spikes,), all in milliseconds and millivolts.
    """
    times = np.arange(0, milliseconds + step / 2, step)
    goal, rate = REST + DRIVE * z, firing_rate(z)
    if not rate:
        return times, goal + (REST - goal) * np.exp(-times / TAU), np.array([])
    period = 1000 / rate  # charging up, then the refractory time
    since = times % period
    voltage = np.where(since < period - REFRACTORY, goal + (REST - goal) * np.exp(-since / TAU), REST)
    return times, voltage, np.arange(period - REFRACTORY, milliseconds, period)


def _tenths(reach: float) -> list[float]:
    return [round(-reach + 0.1 * at, 1) + 0.0 for at in range(round(20 * reach) + 1)]


def _build_strength(start: float | None) -> widgets.Widget:
    tip = "How much of a value this connection passes on; below 0 it speaks against"
    return NumberSlider(start or 0.0, _tenths(USUAL), description="Strength", tooltip=tip, style=STYLE)


def _span(control: NumberSlider, reach: float, value: float, rows: Iterable[widgets.Box]) -> None:
    """Let the slider go from -reach to reach, or as far as ``value`` needs, and stand at ``value``.

    A slider in a page keeps its old ends in mind and answers with them, so it is taken off its row before, and the page
    makes a new one after.
    """
    numbers = tuple(sorted({*_tenths(reach), value, -value}))
    if numbers[-1] != control._options_values[-1]:
        kept = [(row, row.children) for row in rows]
        for row, _ in kept:
            row.children = ()
        with control.hold_sync():
            control._options_values = numbers
            control._options_full = tuple((f"{each:g}", each) for each in numbers)
            control.set_trait("_options_labels", tuple(label for label, _ in control._options_full))
            index = control._trait_values["index"] = numbers.index(value)
            control.notify_change({"name": "index", "old": -1, "new": index, "owner": control, "type": "change"})
        for row, children in kept:
            row.children = children
    control.value = value


def _enough(values: list[float], result: str, combine: Callable[..., float]) -> tuple[list[str], float]:
    """The values with as many digits as it takes for them to come to the digits of ``result``, and what they come
    to."""
    texts: list[str] = []
    found = 0.0
    for digits in range(3, 8):
        texts = [shown(value, digits) for value in values]
        found = combine(*(float(text.replace("\u2212", "-")) for text in texts))
        if abs(found - float(result.replace("\u2212", "-"))) <= 0.0005 * (1 + 1e-9):
            break
    return texts, found


class NodesLab(HandLab):
    """A network of 2 input, 3 hidden and 1 output node without bias, and a spiking cell beside it.

    ``lab.model`` is the network. ``lab.model.layers[0].kernel`` holds the strengths from the inputs to the hidden
    nodes, ``layers[1].kernel`` those to the output; after a change by hand, ``lab.draw()`` shows it.
    """

    controls = {
        "x1": slider(0.8, 0.0, 1.0, 0.1, label="Input x1", tip="The value of the first input node"),
        "x2": slider(0.5, 0.0, 1.0, 0.1, label="Input x2", tip="The value of the second input node"),
        "connection": choice(
            "x1-h1",
            [(name.replace("-", " \u2192 "), name) for name in LINKS],
            label="Connection",
            tip="Which connection the slider Strength moves; a click on a connection chooses it as well",
        ),
        "strength": Control(_build_strength, None, "How much of a value this connection passes on"),
        "wide": switch(
            False,
            label="Strengths up to 5",
            tip="Let the slider go from -5 to 5; without it, strengths are cut at -1 and 1",
            more=True,
        ),
        "activation": choice(
            "sigmoid",
            ["sigmoid", "tanh", "step", "relu", "linear"],
            label="Transfer function",
            tip="What every hidden node and the output node do with their sum",
            more=True,
        ),
        "seed": whole(101, 0, 9999, label="Seed", tip="What the first strengths are drawn from", more=True),
    }
    about = [
        (
            "Input nodes",
            "x1 and x2. Their values come from outside: you set them with the sliders.",
        ),
        (
            "Hidden nodes",
            "h1, h2 and h3. Each adds up what its two connections bring and passes the sum through the transfer "
            "function. Nobody outside sets them or reads them.",
        ),
        ("Output node", "y. It does the same with the three hidden values. Its value is the answer of the network."),
        (
            "The number in a node",
            "Its activation value. Blue is above 0, orange below; the stronger the colour, the larger the value.",
        ),
        (
            "Connections",
            "The number on a connection is its strength. It is as wide as the strength is large, blue above 0, orange "
            "and dashed below. Click one to choose it, or reach it with Tab; the arrow keys up and down change it.",
        ),
        (
            "The three lines below",
            "What the chosen connection brings, what the node at its end adds up, and what it answers, with the "
            "numbers in.",
        ),
        (
            "The cell",
            "A model of a living nerve cell (leaky integrate-and-fire). It gets the same sum as the node at the end of "
            "the chosen connection. The sum pulls its voltage up, the voltage leaks away, and whenever it reaches the "
            "dashed threshold the cell fires a spike and begins again.",
        ),
        (
            "Two answers to one sum",
            "The blue line is the node's value for every sum, on the left scale. The orange dashed line is how often "
            "the cell fires, in spikes a second, on the right scale. The rings are at the present sum.",
        ),
        (
            "Seed",
            "The first strengths are drawn by lot, between -1 and 1. The same seed draws the same ones, so Reset "
            "brings them back.",
        ),
    ]

    def __init__(self, *, hide: Iterable[str] = (), strength: float | None = None, **start: Any) -> None:
        self._given = None if strength is None else number_between("Strength", strength, -WIDE, WIDE)
        self._rows: list[widgets.Box] = []
        super().__init__(hide=hide, **start)

    def _arrange(self, hide: set[str]) -> widgets.VBox:
        arranged = super()._arrange(hide)
        rows = [row for row in arranged.children if isinstance(row, widgets.Box)]
        self._rows = [row for row in rows if self.controls["strength"] in row.children]
        return arranged

    # The state.

    def start(self, state: SimpleNamespace) -> None:
        rng = np.random.default_rng(state.seed)
        kernels = [rng.uniform(-1, 1, (2, 3)).round(1) + 0.0, rng.uniform(-1, 1, (3, 1)).round(1) + 0.0]
        if self._given is not None:
            layer, i, j = LINKS[state.connection]
            kernels[layer][i, j] = self._given
        self._build(state, kernels)
        self._fit_slider(state)

    @staticmethod
    def _build(state: SimpleNamespace, kernels: list[np.ndarray]) -> None:
        layers = [Dense(units, state.activation, use_bias=False) for units in (3, 1)]
        state.model = Sequential([Input((2,)), *layers])
        for layer, kernel in zip(layers, kernels, strict=True):
            layer.kernel = kernel

    def _kernels(self, state: SimpleNamespace) -> list[np.ndarray]:
        return [layer.kernel for layer in state.model.layers[-2:]]

    def _strength(self, state: SimpleNamespace) -> float:
        layer, i, j = LINKS[state.connection]
        return float(self._kernels(state)[layer][i, j])

    def _fit_slider(self, state: SimpleNamespace) -> None:
        """The slider shows the chosen connection, and goes as far as strengths may go now."""
        _span(self.controls["strength"], WIDE if state.wide else USUAL, self._strength(state), self._rows)
        state.strength = self._strength(state)

    def reset(self) -> None:
        """Go back to the very start; the slider has to reach as far as then before it can stand where it stood."""
        _span(self.controls["strength"], WIDE if self._first["wide"] else USUAL, self._first["strength"], self._rows)
        super().reset()

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name == "strength":
            layer, i, j = LINKS[state.connection]
            self._kernels(state)[layer][i, j] = state.strength = round(state.strength, 9)
        elif name == "seed":
            self.start(state)
        elif name == "activation":
            self._build(state, [kernel.copy() for kernel in self._kernels(state)])
        elif name == "wide":
            for kernel in self._kernels(state):
                np.clip(kernel, -WIDE if state.wide else -USUAL, WIDE if state.wide else USUAL, out=kernel)
            self._fit_slider(state)
        elif name == "connection":
            self._fit_slider(state)

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        if event["kind"] not in ("down", "key"):
            return
        state.connection = event["id"]
        if event["kind"] == "key":
            layer, i, j = LINKS[state.connection]
            step = (0.5 if event["shift"] else 0.1) * UPWARDS[event["key"]]
            reach = WIDE if state.wide else USUAL
            strength = round(float(np.clip(self._strength(state) + step, -reach, reach)), 1) + 0.0
            self._kernels(state)[layer][i, j] = strength  # at once: more keys may have come with this one
        self.controls["connection"].value = state.connection
        self._fit_slider(state)

    # What is said.

    def _values(self, state: SimpleNamespace) -> list[list[float]]:
        """The activation value of every node, column by column."""
        x = np.array([[state.x1, state.x2]])
        return [x[0].tolist(), *(values[0].tolist() for values in state.model.layer_outputs(x)[-2:])]

    def _terms(self, state: SimpleNamespace) -> tuple[list[float], float]:
        """What comes in at the node at the end of the chosen connection, and its sum."""
        layer, _, j = LINKS[state.connection]
        terms = (np.array(self._values(state)[layer]) * self._kernels(state)[layer][:, j]).tolist()
        return terms, float(np.round(sum(terms), 12)) + 0.0

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        values = self._values(state)
        facts = {
            name: value
            for names, column in zip(NAMES, values, strict=True)
            for name, value in zip(names, column, strict=True)
        }
        _, z = self._terms(state)
        return facts | {"strength": self._strength(state), "z": z, "rate": float(firing_rate(z))}

    @staticmethod
    def _words(state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        say = {name: number(value, 3) for name, value in facts.items()}
        start, end = state.connection.split("-")
        return (
            f"Inputs {say['x1']} and {say['x2']}, hidden nodes {say['h1']}, {say['h2']} and {say['h3']}, "
            f"output {say['y']}. The connection from {start} to {end} has strength {say['strength']}. "
            f"With the sum of {end}, {say['z']}, the cell fires {number(facts['rate'], 1)} times a second."
        )

    def code(self) -> str:
        state = self.state
        kernels = [np.array2string(kernel, separator=", ").replace("\n", "") for kernel in self._kernels(state)]
        return "\n".join(
            [
                "import numpy as np",
                "",
                "from annlab import Dense, Input, Sequential",
                "",
                f'hidden = Dense(3, "{state.activation}", use_bias=False)',
                f'output = Dense(1, "{state.activation}", use_bias=False)',
                "model = Sequential([Input((2,)), hidden, output])",
                f"hidden.kernel = np.array({kernels[0]})",
                f"output.kernel = np.array({kernels[1]})",
                f"print(model.predict(np.array([[{state.x1:g}, {state.x2:g}]])))",
            ]
        )

    # The picture.

    @staticmethod
    def _boxes(state: SimpleNamespace) -> dict[str, charts.Box]:
        wide = state.width >= 820
        room = 0.54 * state.width if wide else state.width
        left, top = (room + 36, 0.0) if wide else (0.0, 450.0)
        cell = state.width - left
        return {
            "network": (0.0, 0.0, room, 330.0),
            "formula": (0.0, 340.0, room, 96.0),
            "cell": (left, top, cell, 200.0),
            "answers": (left, top + 216, cell, 214.0),
            "height": (0.0, 0.0, 0.0, top + 436),
        }

    @staticmethod
    def _places(box: charts.Box) -> list[list[Place]]:
        x, y, width, height = box
        columns = zip((x + 40, x + width / 2, x + width - 44), NAMES, strict=True)
        return [
            [Place(across, y + 52 + (height - 70) * (row + 0.5) / len(names), 27.0) for row in range(len(names))]
            for across, names in columns
        ]

    def picture(self, state: SimpleNamespace) -> Picture:
        facts, boxes = self.facts(state), self._boxes(state)
        picture = Picture(state.width, boxes["height"][3], "Nodes, connections and a cell", self._words(state, facts))
        self._draw_network(picture, boxes["network"], state)
        self._draw_formula(picture, boxes["formula"], state, facts)
        self._draw_cell(picture, boxes["cell"], state, facts)
        self._draw_answers(picture, boxes["answers"], state, facts)
        return picture

    def _draw_network(self, picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        places, kernels, values = self._places(box), self._kernels(state), self._values(state)
        x, y, width, _ = box
        heads = (
            ("input nodes", x, "start"),
            ("hidden nodes", x + width / 2, "middle"),
            ("output node", x + width, "end"),
        )
        for words, across, anchor in heads:
            picture.text(across, y + 14, words, size=14, font_weight=600, text_anchor=anchor)
        reach = WIDE if state.wide else USUAL
        ends = {}
        for name, (layer, i, j) in LINKS.items():
            start, end = places[layer][i], places[layer + 1][j]
            strength = float(kernels[layer][i, j])
            ends[name] = (start.x + start.r, start.y, end.x - end.r, end.y)
            chosen = {"stroke_opacity": "0.3" if name == state.connection else "0"}
            picture.line(*ends[name], stroke=INK, stroke_width=14, stroke_linecap="round", live=chosen)
            look = {
                "stroke": shade(0.45 * np.sign(strength) + 0.55 * strength / reach) if strength else GRID,
                "stroke_width": widths(np.array([strength]), reach)[0] + 0.6,
                "stroke_dasharray": dashes(np.array([strength]))[0],
            }
            picture.line(*ends[name], stroke=None, live=look)
        for name, (layer, i, j) in LINKS.items():
            x1, y1, x2, y2 = ends[name]
            share = 0.34 if layer == 0 else 0.36
            across, down = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
            picture.rect(across - 19, down - 10, 38, 20, rx=4, fill=PAPER, stroke=GRID)
            live = {"text": shown(kernels[layer][i, j]), "font_weight": "700" if name == state.connection else "400"}
            picture.text(across, down + 5, size=13, text_anchor="middle", live=live)
            words = f"Connection from {NAMES[layer][i]} to {NAMES[layer + 1][j]}. Arrow keys change its strength."
            more = {"id": name, "keys": " ".join(UPWARDS), "label": words}
            picture.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke="transparent", stroke_width=20, **more)  # type: ignore[arg-type]
        for column, names, row in zip(places, NAMES, values, strict=True):
            for place, name, value in zip(column, names, row, strict=True):
                picture.circle(
                    place.x, place.y, place.r, stroke=INK, stroke_width=1.5, live={"fill": shade(0.6 * value)}
                )
                picture.text(place.x, place.y + 5, size=14, text_anchor="middle", live={"text": shown(value)})
                picture.text(place.x, place.y - place.r - 6, name, size=14, text_anchor="middle")

    def _draw_formula(
        self, picture: Picture, box: charts.Box, state: SimpleNamespace, facts: Mapping[str, float]
    ) -> None:
        x, y, _, _ = box
        layer, i, j = LINKS[state.connection]
        start, end = NAMES[layer][i], NAMES[layer + 1][j]
        value, strength = facts[start], facts["strength"]
        terms, z = self._terms(state)

        def bracketed(text: str) -> str:
            return f"({text})" if text.startswith("\u2212") else text

        brought, total, answer = shown(terms[i]), shown(z), shown(facts[end])
        factors, product = _enough([value, strength], brought, lambda a, b: a * b)
        summands, added = _enough(terms, total, lambda *each: sum(each))
        (inside,), _ = _enough([z], answer, lambda a: float(activations.get(state.activation)(np.array([a]))[0]))
        lines = [
            f"{start} \u2192 {end} brings {factors[0]} \u00b7 {bracketed(factors[1])} "
            f"{equals(product, brought)} {brought}",
            f"{end} adds up {' + '.join(map(bracketed, summands))} {equals(added, total)} {total}",
            f"{end} answers {state.activation}({inside}) {equals(facts[end], answer)} {answer}",
        ]
        for at, line in enumerate(lines):
            strong = {"font_weight": 600} if at == 2 else {}
            picture.text(x, y + 20 + 26 * at, size=16, **strong, live={"text": line})

    @staticmethod
    def _draw_cell(picture: Picture, box: charts.Box, state: SimpleNamespace, facts: Mapping[str, float]) -> None:
        end = state.connection.split("-")[1]
        x, y, width, height = charts.heading(picture, box, f"A living cell with the sum of {end}")
        left, wide, high = x + 44, width - 52, height - 36
        low, top = -110.0, 30.0

        def place(time: Any, voltage: Any) -> np.ndarray:
            across = left + wide * np.asarray(time) / SHOWN
            down = y + high * (top - np.clip(voltage, low, top)) / (top - low)
            return np.stack([across + 0 * down, down + 0 * across], axis=-1)

        for voltage, words in ((PEAK, "+20"), (THRESHOLD, "\u221250"), (REST, "\u221265")):
            down = place(0, voltage)[1]
            dash = {"stroke": ORANGE, "stroke_dasharray": "5 4"} if voltage == THRESHOLD else {"stroke": GRID}
            picture.line(left, down, left + wide, down, **dash)
            picture.text(left - 6, down + (4 if voltage != REST else 9), words, text_anchor="end", fill=MUTED)
        picture.text(x, y + high / 2 - 28, "mV", fill=MUTED)
        times, voltages, spikes = membrane(facts["z"])
        points = np.column_stack([times, voltages])
        for spike in spikes[::-1].tolist():  # each spike goes straight up from the threshold and back to rest
            at = int(np.searchsorted(times, spike, side="right"))
            points = np.insert(points, at, [[spike, PEAK], [spike, REST]], axis=0)
        picture.polyline(place(points[:, 0], points[:, 1]), stroke=BLUE, stroke_width=2)
        for tick in (0, 100, 200):
            anchor = "end" if tick == SHOWN else "middle"  # the last one ends with the picture
            picture.text(place(tick, 0)[0], y + high + 15, str(tick), text_anchor=anchor, fill=MUTED)
        count = f"{len(spikes)} spike{'' if len(spikes) == 1 else 's'}"
        words = f"milliseconds: {count}, {shown(facts['rate'], 1)} a second"
        picture.text(left + wide / 2, y + high + 31, size=13, text_anchor="middle", live={"text": words})

    def _draw_answers(
        self, picture: Picture, box: charts.Box, state: SimpleNamespace, facts: Mapping[str, float]
    ) -> None:
        end = state.connection.split("-")[1]
        x, y, width, height = charts.heading(picture, box, f"Two answers to one sum: {end} and the cell")
        activation = activations.get(state.activation)
        reach, fastest = (10.0, 320.0) if state.wide else (3.0, 160.0)
        low, high = activation.range
        bottom, top = max(low, -reach), min(high, reach)
        left, wide, tall = x + 34, width - 68, height - 44

        def place(z: Any, value: Any) -> np.ndarray:
            share = (np.clip(value, bottom, top) - bottom) / ((top - bottom) or 1)
            across = left + wide * (np.clip(z, -reach, reach) + reach) / (2 * reach)
            return np.stack([across, y + 6 + tall * (1 - share)], axis=-1)

        for tick in (-reach, 0.0, reach):
            across = place(tick, 0)[0]
            picture.line(across, y + 6, across, y + 6 + tall, stroke=GRID)
            picture.text(across, y + tall + 22, shown(tick), text_anchor="middle", fill=MUTED)
        picture.text(left + 0.75 * wide, y + tall + 22, "sum z", text_anchor="middle", fill=MUTED)
        for level in sorted({bottom, 0.0, top}):
            down = place(0, level)[1]
            picture.line(left, down, left + wide, down, stroke=GRID)
            picture.text(left - 6, down + 4, shown(level), text_anchor="end", fill=MUTED)
        picture.text(left + wide + 6, place(0, top)[1] + 4, f"{fastest:.0f}", fill=ORANGE)
        picture.text(left + wide + 6, place(0, 0)[1] + 4, "0", fill=ORANGE)
        z = np.linspace(-reach, reach, 241)
        rates = np.array([firing_rate(each) for each in z])
        curves = (
            (activation(z), facts[end], BLUE, None),
            (rates * top / fastest, facts["rate"] * top / fastest, ORANGE, "6 4"),
        )
        for values, now, colour, dash in curves:
            picture.polyline(place(z, values), stroke=colour, stroke_width=2.5, stroke_dasharray=dash)
            across, down = place(facts["z"], now)
            ring = {"cx": float(across), "cy": float(down)}
            picture.circle(None, None, 5.5, fill=PAPER, stroke=colour, stroke_width=2.5, live=ring)
        legend = y + tall + 38
        for at, (words, colour, dash) in enumerate(
            ((f"{end} answers", BLUE, None), ("cell: spikes a second", ORANGE, "6 4"))
        ):
            begin = left + 130 * at
            picture.line(
                begin, legend - 4, begin + 24, legend - 4, stroke=colour, stroke_width=2.5, stroke_dasharray=dash
            )
            picture.text(begin + 30, legend, words, fill=MUTED)
