"""How a loop is drawn: once as a loop, and once unrolled, a column for each step of time.

Charts stand above and below the columns with the same steps in the same places: the state as a curve, the gradient
through time as bars on a scale of powers of ten.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..svg import charts, formula
from ..svg.charts import Box
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PANEL, Picture, shade
from ..svg.formula import Part
from ..svg.graph import strong_shades
from ..svg.network import dashes
from ..words import say
from .follow import Number

__all__ = ["Places", "draw", "places", "short"]

STEPS = 10
CURVE = 176.0  # high: the chart of states or answers
LANE = 92.0  # high: the bars of the inputs
ROW = 32.0  # high: a unit
BARS = 190.0  # high: the chart of gradients
LEFT = 52.0  # of the first column: the numbers of the axes
PANEL_HIGH = 190.0  # the loop, or the loss
FORMULA = 15.0  # the size of its numbers
FAINT = 0.5  # of a full colour: ink can be read on it, on a light page and on a dark one
MINUS = "\u2212"
KEYS = "ArrowLeft ArrowRight ArrowUp ArrowDown"


@dataclass(frozen=True)
class Places:
    """Where the columns stand, and what stands beside or below them."""

    left: float
    step: float
    rows: float  # top of the states
    count: int  # of their rows, the answer's included
    gap: float  # between the answer and the units
    lane: float  # top of the inputs
    bars: float  # top of the gradients
    panel: Box  # the loop, or the loss
    sums: Box  # the chosen formula
    height: float

    def middle(self, step: int) -> float:
        """The middle of a column."""
        return self.left + self.step * (step + 0.5)

    def row(self, row: int) -> float:
        """The middle of a row of states, the first unit at the bottom."""
        below = self.gap if row < self.count - 1 else 0.0
        return self.rows + below + ROW * (self.count - row - 0.5)

    @property
    def half(self) -> float:
        """Half the width of a state."""
        return self.step * (0.36 if self.step > 45 else 0.42)

    def row_at(self, y: float) -> int:
        """The row at this height."""
        down = y - self.rows if y < self.rows + ROW else y - self.rows - self.gap
        return min(max(int(self.count - down / ROW), 0), self.count - 1)

    def input_at(self, y: float) -> float:
        """The input at this height of the lane, in tenths."""
        return round(min(max(1 - 2 * (y - self.lane) / LANE, -1.0), 1.0), 1) + 0.0


def places(state: SimpleNamespace) -> Places:
    """Where everything stands, for this width of the page."""
    wide, learns = state.width >= 800, state.view == "learn"
    beside = 0.0 if not wide else 300.0 if state.width < 900 else 330.0
    room = state.width - beside - 30 if wide else state.width
    units = state.model.layers[0].units
    count = units + learns
    rows = CURVE + 68
    gap = 12.0 if learns else 0.0
    lane = rows + ROW * count + gap + 34
    bars = lane + LANE + 58
    end = bars + BARS if learns else bars - 4
    side = room + 30 if wide else 0.0
    top = 0.0 if wide else end + 24
    width = beside if wide else state.width
    panel = (side, top, min(width, 400.0), PANEL_HIGH)
    if width >= 640:  # both next to each other
        panel = (0.0, top, 300.0, PANEL_HIGH)
        sums: Box = (330.0, top, width - 330, _room_for(units, width - 330))
        height = top + max(PANEL_HIGH, sums[3])
    else:
        sums = (side, top + PANEL_HIGH + 24, width, _room_for(units, width))
        height = max(end, sums[1] + sums[3])
    return Places(LEFT, (room - LEFT - 6) / STEPS, rows, count, gap, lane, bars, panel, sums, height)


def _room_for(units: int, width: float) -> float:
    """How high the longest formula of so many units can become."""
    product = [Part("+"), Part("(−0.1234)", "weight 1"), Part("·"), Part("(−0.1234)", "last h1")]
    parts = [*product * (units + 1), Part("+"), Part("(−0.1234)", "bias"), Part("="), Part("−0.1234", strong=True)]
    return 52 + formula.ROW * (len(formula.rows(parts, width, FORMULA, products=True)) + (units > 1)) + 4


def short(value: float) -> str:
    """A number of at most five or six signs, for a narrow column."""
    size = abs(value)
    if size >= 9999.5 or 0 < size < 0.00095:
        front, _, power = f"{value:.0e}".partition("e")
        text = f"{front}e{int(power)}"
    elif size < 0.0095:
        text = f"{value:.3f}"
    else:
        text = f"{value:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", MINUS)


def draw(state: SimpleNamespace, reading: Any, description: str) -> Picture:
    """The columns with their charts, and beside them the loop or the loss, and the chosen formula."""
    at = places(state)
    title = "A recurrent network that learns" if reading.learns else "A loop, and the same loop unrolled in time"
    picture = Picture(state.width, at.height, title, description)
    _draw_curve(picture, at, state, reading)
    _draw_columns(picture, at, state, reading)
    if reading.learns:
        _draw_bars(picture, at, reading)
    if reading.learns:
        _draw_loss(picture, at.panel, state)
    else:
        _draw_loop(picture, at.panel, state, reading)
    _draw_formulas(picture, at.sums, reading)
    return picture


# The charts above and below the columns.


def _draw_curve(picture: Picture, at: Places, state: SimpleNamespace, reading: Any) -> None:
    """The states of one loop, or the answers with their targets."""
    if reading.learns:
        words = "Answer and target" if state.task == "count" else "Answer, and the echo it should be"
        curves = [(reading.targets, ORANGE, "6 4"), (reading.answers, BLUE, "none")]
        hint = "Whole line: what the network answers. Dashed line: the target"
    else:
        words, hint = "The state through time", "What the node says at each step; its numbers stand below"
        curves = [(reading.h[: reading.at, 0], BLUE, "none")]
    wide = at.step * STEPS
    charts.heading(picture, (0, 0, at.left + wide, 40), words, hint)
    every = np.concatenate([values for values, _, _ in curves])
    far = charts.round_up(max(float(np.abs(every).max()), 1e-6))
    low, high = (-far if every.min() < -0.02 * far else 0.0), far
    if far <= 1 and not reading.learns:  # one scale for all that fits into it: what fades then looks small
        low, high = -1.0 if low < 0 else 0.0, 1.0
    if reading.learns and low < 0:
        low = -charts.round_up(-float(every.min()))
    top, deep = 54.0, CURVE - 54

    def height(values: Any) -> Any:
        return top + deep * (1 - (np.asarray(values) - low) / (high - low))

    for tick in dict.fromkeys((low, *([low / 2] if low == -high else []), 0.0, high / 2, high)):
        y = float(height(tick))
        picture.line(at.left, y, at.left + wide, y, stroke=INK if tick == 0 else GRID)
        if tick >= 0 or -tick > 0.15 * high:  # one number is not written over another
            picture.text(at.left - 6, y + 4, short(tick), fill=MUTED, text_anchor="end")
    across = np.array([at.middle(step) for step in range(STEPS)])
    for values, colour, dash in curves:
        points = np.column_stack([across[: len(values)], height(np.clip(values, low, high))])
        picture.polyline(points, stroke=colour, stroke_width=2, stroke_dasharray=dash)
        for x, y in points.tolist():
            if dash == "none":
                picture.circle(x, None, 3.5, fill=colour, live={"cy": y})


def _draw_bars(picture: Picture, at: Places, reading: Any) -> None:
    """The gradient through time: how much each step still matters for the chosen answer."""
    wide, y = at.step * STEPS, at.bars
    hint = f"How much the answer at step {reading.chosen + 1} changes with each step: powers of ten"
    charts.heading(picture, (0, y, at.left + wide, 40), "Gradient through time")
    picture.text(0, y + 29, size=12, fill=MUTED, live={"text": hint})
    sizes = reading.through[reading.through > 0]
    exponents = np.log10(sizes) if len(sizes) else np.zeros(1)
    low, high = math.floor(float(exponents.min()) - 0.05), max(math.ceil(float(exponents.max()) + 0.05), 0)
    low = min(low, high - 3)
    every = max(-(-(high - low) // 4), 1)
    low = high - every * -(-(high - low) // every)
    top, floor = y + 60, y + BARS - 8

    def height(value: float) -> float:
        return floor - (floor - top) * (math.log10(value) - low) / (high - low)

    for power in range(low, high + 1, every):
        level = height(10.0**power)
        picture.line(at.left, level, at.left + wide, level, stroke=GRID)
        name = {0: "1", 1: "10", 2: "100", -1: "0.1", -2: "0.01"}.get(power, f"1e{power}".replace("-", MINUS))
        picture.text(at.left - 6, level + 4, name, fill=MUTED, text_anchor="end")
    for step in range(STEPS):
        value = float(reading.through[step]) if step <= reading.chosen else None
        tall = max(floor - height(value), 1.0) if value else 0.0
        x = at.middle(step)
        look = {"y": floor - tall, "height": tall, "fill": BLUE}
        picture.rect(x - 0.28 * at.step, None, 0.56 * at.step, None, live=look)
        text = "" if value is None else short(value)
        picture.text(x, 0, size=11, text_anchor="middle", live={"y": floor - tall - 5, "text": text})
    picture.line(at.left, floor, at.left + wide, floor, stroke=INK)


def _draw_loss(picture: Picture, box: Box, state: SimpleNamespace) -> None:
    if not state.losses:
        x, y, width, height = charts.heading(picture, box, "Loss", "How wrong the answers are, after each update")
        picture.rect(x, y + 8, width, height - 20, rx=9, fill=PANEL)
        picture.text(x + width / 2, y + height / 2, "Press Play to learn", size=15, text_anchor="middle")
        return
    curves = [charts.Curve("loss", range(1, len(state.losses) + 1), state.losses)]
    longest, highest = max(charts.round_up(len(state.losses)), 50), charts.round_up(max(state.losses[:20]))
    title = "Loss after each update"
    charts.line_chart(picture, box, curves, title=title, x_label="updates", x_high=longest, y_high=highest, digits=3)


# The columns: states above, inputs below.


def _draw_columns(picture: Picture, at: Places, state: SimpleNamespace, reading: Any) -> None:
    right = at.left + at.step * STEPS
    hint = "Drag an input, or click it to turn it; click a state for its sum"
    if not reading.learns:
        hint = "Drag an input up or down; click a state for its sum"
    charts.heading(picture, (0, at.rows - 50, right, 40), "Unrolled in time", hint)
    for row in range(at.count):
        name = ("answer" if row == reading.units else f"h{row + 1}") if reading.learns else "state"
        picture.text(at.left - 6, at.row(row) + 4, name, fill=MUTED, text_anchor="end")
    picture.text(at.left - 6, at.lane + LANE / 2 + 4, "input", fill=MUTED, text_anchor="end")
    picture.text(at.left - 6, at.lane + LANE + 36, "step", fill=MUTED, text_anchor="end")
    for step in range(STEPS):
        _draw_step(picture, at, state, reading, step)
    how = "States. Left and right choose a step, up and down a row."
    area = {"fill": "transparent", "stroke": "none", "role": "application", "keys": KEYS}
    picture.rect(at.left, at.rows, right - at.left, ROW * at.count + at.gap, id="states", label=how, **area)
    how = "Inputs. Left and right choose a step, up and down change its input, Space turns it, Delete makes it 0."
    area["keys"] = f"{KEYS} Space Delete Backspace"
    picture.rect(at.left, at.lane - 8, right - at.left, LANE + 30, id="inputs", label=how, **area)


def _draw_step(picture: Picture, at: Places, state: SimpleNamespace, reading: Any, step: int) -> None:
    """One column: input, arrow, states, arrow to the next step."""
    x, half = at.middle(step), at.half
    known, chosen = step < reading.at, step == reading.chosen
    units_top = at.row(reading.units - 1) - ROW / 2
    frame = {"stroke": INK if chosen else GRID, "stroke_width": 2.5 if chosen else 1}
    frame["stroke_dasharray"] = "none" if known else "4 3"
    picture.rect(x - half - 2, units_top + 1, 2 * half + 4, ROW * reading.units - 2, rx=9, fill=PANEL, live=frame)
    # The arrows: from the input, from the step before, and on to the answer.
    middle = units_top + ROW * reading.units / 2
    bottom = units_top + ROW * reading.units
    _arrow(picture, (x, at.lane - 10), (x, bottom + 3), state.input_strength if not reading.learns else 1.0, known)
    if step:
        strength = state.feedback if not reading.learns else 1.0
        start = (at.middle(step - 1) + half + 3, middle)
        _arrow(picture, start, (x - half - 3, middle), strength, known)
    if reading.learns:
        _arrow(picture, (x, units_top), (x, units_top - at.gap - 1), 1.0)
    # The numbers.
    limit = max(float(np.abs(reading.h).max()), 1e-9)
    rows = [(row, float(reading.h[step, row])) for row in range(reading.units)]
    if reading.learns:
        rows.append((reading.units, float(reading.answers[step])))
    for row, value in rows:
        most = limit if row < reading.units else max(float(np.abs(reading.answers).max()), 1e-9)
        y, share = at.row(row), value / max(most, 1.0 if not reading.learns else 1e-9)
        followed = chosen and row == reading.row
        look = {
            "fill": shade(FAINT * share if known else 0.0),
            "stroke": INK if followed else GRID,
            "stroke_width": 2 if followed else 1,
        }
        picture.rect(x - half, y - ROW / 2 + 4, 2 * half, ROW - 8, rx=8, live=look)
        size, text = 11 if at.step > 45 else 10.5, short(value) if known else ""
        picture.text(x, y + 4, size=size, text_anchor="middle", pointer_events="none", live={"text": text})
    _draw_input(picture, at, float(reading.inputs[step]), x, chosen)
    picture.text(
        x,
        at.lane + LANE + 36,
        str(step + 1),
        text_anchor="middle",
        live={"font_weight": "700" if chosen else "400", "fill": INK if chosen else MUTED},
    )


def _draw_input(picture: Picture, at: Places, value: float, x: float, chosen: bool) -> None:
    """A bar from zero, up or down, with its number."""
    zero, wide = at.lane + LANE / 2, 0.5 * at.step
    picture.rect(x - wide / 2, at.lane, wide, LANE, rx=3, fill=PANEL, live={"stroke": INK if chosen else GRID})
    tall = abs(value) * LANE / 2
    look = {"y": zero - tall if value > 0 else zero, "height": tall, "fill": BLUE if value > 0 else ORANGE}
    picture.rect(x - wide / 2, None, wide, None, live=look)
    picture.line(x - wide / 2, zero, x + wide / 2, zero, stroke=MUTED)
    handle = zero - value * LANE / 2
    picture.line(x - wide / 2 - 2, 0, x + wide / 2 + 2, 0, stroke_width=3, live={"y1": handle, "y2": handle})
    picture.text(x, at.lane + LANE + 17, size=12, text_anchor="middle", live={"text": short(value)})


def _arrow(
    picture: Picture, start: tuple[float, float], end: tuple[float, float], strength: float, known: bool = True
) -> None:
    """A line with a head, as wide as the strength is great; dashed where it is below zero."""
    way = np.array(end) - np.array(start)
    way = way / np.linalg.norm(way)
    side = np.array([-way[1], way[0]])
    tip, foot = np.array(end), np.array(end) - 6 * way
    colour = strong_shades(np.array([strength]), 2.0)[0]
    look = {"stroke": colour, "stroke_width": 1 + 1.6 * min(abs(strength), 2.0)}
    look |= {"stroke_dasharray": dashes(np.array([strength]))[0], "stroke_opacity": "1" if known else "0.35"}
    picture.line(*start, *foot.tolist(), stroke=None, live=look)
    corners = [tip, foot + 4.5 * side, foot - 4.5 * side]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    picture.add("polygon", points=points, live={"fill": colour, "fill_opacity": "1" if known else "0.35"})


# Beside the columns: the loop, and the formula of the chosen step.


def _draw_loop(picture: Picture, box: Box, state: SimpleNamespace, reading: Any) -> None:
    """The node as it is: once, with a connection to itself."""
    x, y, width, _ = charts.heading(picture, box, "The loop", "One node that hears its own last answer")
    t = reading.chosen
    cx, cy, r = x + width / 2, y + 96, 27.0
    value, last = float(reading.h[t, 0]), float(reading.h[t - 1, 0]) if t else 0.0
    bend = f"{cx + 74:.1f},{cy - 88:.1f} {cx - 74:.1f},{cy - 88:.1f}"
    loop = f"M{cx + 17:.1f},{cy - 21:.1f}C{bend} {cx - 19:.1f},{cy - 24:.1f}"
    wide = {"stroke_width": 1 + 1.6 * abs(state.feedback), "stroke": strong_shades(np.array([state.feedback]), 2.0)[0]}
    wide["stroke_dasharray"] = dashes(np.array([state.feedback]))[0]
    picture.add("path", d=loop, fill="none", live=wide)
    tip = f"{cx - 17:.1f},{cy - 21:.1f} {cx - 28:.1f},{cy - 24:.1f} {cx - 20:.1f},{cy - 33:.1f}"
    picture.add("polygon", points=tip, live={"fill": wide["stroke"]})
    _arrow(picture, (x + 62, cy), (cx - r - 3, cy), state.input_strength)
    _arrow(picture, (cx + r + 3, cy), (x + width - 84, cy), 1.0)
    share = value / max(float(np.abs(reading.h).max()), 1.0)
    picture.circle(cx, cy, r, stroke=INK, stroke_width=1.5, live={"fill": shade(FAINT * share)})
    picture.text(cx, cy + 5, size=14, text_anchor="middle", live={"text": short(value)})
    labels: Sequence[tuple[float, float, str, str]] = [
        (x + 56, cy + 5, "end", f"input {short(reading.inputs[t])}"),
        (x + 62, cy + 24, "start", f"\u00d7 {short(state.input_strength)}"),
        (x + width - 78, cy + 5, "start", f"state {short(value)}"),
        (cx + 46, cy - 58, "start", say(f"\u00d7 {short(state.feedback)} feedback")),
        (cx - 46, cy - 58, "end", f"last state {short(last)}"),
        (cx, cy + r + 19, "middle", f"bias {short(state.bias)}, {state.activation}, step {t + 1}"),
    ]
    for left, top, anchor, text in labels:
        picture.text(left, top, size=13, text_anchor=anchor, live={"text": text})


def _draw_formulas(picture: Picture, box: Box, reading: Any) -> None:
    """The chosen number, with its numbers in."""
    row, t = reading.row, reading.chosen
    name = "the answer" if row == reading.units else f"unit h{row + 1}" if reading.learns else "the state"
    hint = "All that comes in, times its strength, and the bias"
    if row == reading.units:
        hint = "All states, each times its weight, and the bias"
    x, y, width, _ = charts.heading(picture, box, f"Step {t + 1}: {name}", hint)
    y += 9
    for number in reading.formulas():
        y = formula.write(picture, x, y, _parts(number), width, size=FORMULA, products=True) + 4


def _parts(number: Number) -> list[Part]:
    sign, terms, result = number.formula()
    right = formula.joined(term if isinstance(term, str) else Part(str(term[0]), term[1]) for term in terms)
    return [Part(number.symbol, strong=True), Part("="), *right, Part(sign), Part(result, strong=True)]
