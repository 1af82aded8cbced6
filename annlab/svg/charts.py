"""Charts for live pictures: each function draws into a ``Picture``, inside a box (x, y, width, height).

Axes belong to the structure and change in round steps; curves, bars and counts are values.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .elements import BLUE, GRID, INK, MUTED, PAPER, Picture, levels, number, short

__all__ = [
    "Box",
    "Curve",
    "bars",
    "confusion",
    "figures",
    "flow",
    "heading",
    "image",
    "line_chart",
    "round_up",
    "ticks",
]

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Curve:
    """One line of a chart: a name, places along the axis, values, a colour and a dash pattern that tells it apart
    too."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: str = BLUE
    dash: str | None = None


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """About ``count`` round numbers from ``low`` to ``high``: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max(count - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = min(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(step * at, 10) for at in range(first, math.floor(high / step + 1e-9) + 1)]


def round_up(value: float) -> float:
    """The next round number, such as 1, 1.5, 2, 3, 5, 10: an axis that ends there seldom has to change."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return min(power * factor for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if power * factor >= value * 0.999999)


def flow(
    width: float, panels: Sequence[tuple[float, float]], *, gap: float = 28, top: float = 0
) -> tuple[list[Box], float]:
    """Places for panels of (least width, height), in rows like words on a page; a row is stretched to the full width.
    Rows of equally many panels have the same columns, where their least widths allow it.

    Returns the boxes and the height of all rows.
    """
    rows: list[list[tuple[float, float]]] = [[]]
    for panel in panels:
        if rows[-1] and sum(w for w, _ in rows[-1]) + panel[0] + gap * len(rows[-1]) > width:
            rows.append([])
        rows[-1].append(panel)
    columns: dict[int, list[float]] = {}
    for row in rows:
        before = columns.get(len(row), [0.0] * len(row))
        columns[len(row)] = [max(pair) for pair in zip(before, (w for w, _ in row), strict=True)]
    boxes: list[Box] = []
    y = top
    for row in rows:
        room, shared = width - gap * (len(row) - 1), columns[len(row)]
        least = shared if sum(shared) <= room else [w for w, _ in row]
        stretch = room / sum(least)
        x = 0.0
        for w, (_, h) in zip(least, row, strict=True):
            boxes.append((x, y, w * stretch, h))
            x += w * stretch + gap
        y += max(h for _, h in row) + gap
    return boxes, y - gap


def heading(picture: Picture, box: Box, title: str, hint: str = "") -> Box:
    """A title, and a quieter hint below it; returns what is left of the box."""
    x, y, width, height = box
    picture.text(x, y + 12, title, size=14, font_weight=600)
    used = 22
    if hint:
        picture.text(x, y + 29, hint, size=12, fill=MUTED)
        used = 39
    return x, y + used, width, height - used


def figures(picture: Picture, box: Box, pairs: Sequence[tuple[str, str]]) -> None:
    """Names and large values side by side, in two rows where there is little room; a line below."""
    x, y, width, height = box
    across = len(pairs) if width >= 720 else -(-len(pairs) // 2)
    part = width / across
    for at, (label, value) in enumerate(pairs):
        left, top = x + part * (at % across), y + 44 * (at // across)
        picture.text(left, top + 12, size=12, fill=MUTED, live={"text": label})
        picture.text(left, top + 36, size=22, font_weight=600, live={"text": value})
    picture.line(x, y + height - 1, x + width, y + height - 1, stroke=GRID)


def line_chart(
    picture: Picture,
    box: Box,
    curves: Sequence[Curve],
    *,
    title: str,
    x_label: str,
    x_high: float,
    y_high: float,
    x_low: float = 0,
    y_low: float = 0,
    digits: int = 2,
    x_ticks: Sequence[tuple[float, str]] | None = None,
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Curves over a common axis, each with its last value written beside its end.

    ``x_ticks`` are places along the axis with their names, if round numbers will not do. Returns the function that says
    where points (x and y, both (n,)) lie in the picture: (n, 2).
    """
    x, y, width, height = heading(picture, box, title)
    heights = [(tick, _tick(tick)) for tick in ticks(y_low, y_high)]
    left, right, bottom = max([34.0, *(9 + 6.6 * len(name) for _, name in heights if len(name) > 5)]), 44, 34
    wide, high = width - left - right, height - bottom - 18
    x0, y0 = x + left, y + 18

    def place(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        across = x0 + wide * (px - x_low) / (x_high - x_low)
        down = y0 + high * (1 - (np.clip(py, y_low, y_high) - y_low) / (y_high - y_low))
        return np.stack([across, down], axis=1)

    legend = x + left
    for curve in curves:
        picture.line(
            legend, y + 3, legend + 22, y + 3, stroke=curve.colour, stroke_width=2, stroke_dasharray=curve.dash
        )
        picture.text(legend + 27, y + 7, curve.name, fill=MUTED)
        legend += 40 + 7 * len(curve.name)
    for tick, name in heights:
        at = y0 + high * (1 - (tick - y_low) / (y_high - y_low))
        picture.line(x0, at, x0 + wide, at, stroke=GRID)
        picture.text(x0 - 7, at + 4, name, fill=MUTED, text_anchor="end")
    for tick, name in x_ticks or [(tick, _tick(tick)) for tick in ticks(x_low, x_high)]:
        at = x0 + wide * (tick - x_low) / (x_high - x_low)
        picture.text(at, y0 + high + 17, name, fill=MUTED, text_anchor="middle")
    picture.text(x0 + wide / 2, y0 + high + 32, x_label, fill=MUTED, text_anchor="middle")
    ends = []
    for curve in curves:
        points = place(*_thinned(np.asarray(curve.x, dtype=float), np.asarray(curve.y, dtype=float)))
        picture.polyline(points, stroke=curve.colour, stroke_width=2, stroke_dasharray=curve.dash)
        picture.circle(None, None, 3, fill=curve.colour, live={"cx": points[-1, 0], "cy": points[-1, 1]})
        ends.append((points[-1, 0], points[-1, 1], short(curve.y[-1], digits).replace("-", "\u2212"), curve.colour))
    for across, down, text, colour in _apart(ends, 14):
        picture.text(None, None, font_weight=600, fill=colour, live={"x": across + 6, "y": down + 4, "text": text})  # type: ignore[arg-type]
    return place


def _tick(value: float) -> str:
    """A round number beside an axis; 2e18 where it would have too many digits for the room there."""
    text = number(value, 4) if abs(value) < 1e6 else f"{value:g}".replace("e+", "e")
    return text.replace("-", "\u2212")


def _thinned(x: np.ndarray, y: np.ndarray, most: int = 160) -> tuple[np.ndarray, np.ndarray]:
    """At most about ``most`` points, the last among them: a screen shows no more."""
    every = len(x) // most + 1
    if every == 1:
        return x, y
    kept = np.unique(np.append(np.arange(0, len(x), every), len(x) - 1))
    return x[kept], y[kept]


def _apart(ends: list[tuple[float, float, str, str]], least: float) -> list[tuple[float, float, str, str]]:
    """The same labels, moved up and down until none covers another."""
    order = sorted(range(len(ends)), key=lambda at: ends[at][1])
    heights = [ends[at][1] for at in order]
    for _ in order:  # to part one pair may push it against the next
        for above, below in zip(range(len(order)), range(1, len(order)), strict=False):
            overlap = least - (heights[below] - heights[above])
            if overlap > 0:
                heights[above] -= overlap / 2
                heights[below] += overlap / 2
    moved = list(ends)
    for at, height in zip(order, heights, strict=True):
        across, _, text, colour = ends[at]
        moved[at] = (across, height, text, colour)
    return moved


def bars(
    picture: Picture, box: Box, names: Sequence[str], values: np.ndarray, *, texts: Sequence[str], marked: int
) -> None:
    """Horizontal bars from 0 to 1, one a row, with its name before it and its text behind; one row is marked.

    Shapes
    ------
    values    (rows,), each from 0 to 1
    """
    x, y, width, height = box
    row = height / len(names)
    left, right = 22, 68
    wide, thick = width - left - right, min(row * 0.62, 16)
    for at, (name, value, text) in enumerate(zip(names, np.asarray(values).tolist(), texts, strict=True)):
        middle = y + row * (at + 0.5)
        bold = {"font_weight": "700" if at == marked else "400"}
        picture.text(x + 2, middle + 5, name, size=14, live=bold)
        picture.rect(x + left, middle - thick / 2, wide, thick, fill=GRID, fill_opacity="0.55", rx=2)
        opacity = "1" if at == marked else "0.55"
        picture.rect(
            x + left,
            middle - thick / 2,
            None,
            thick,
            fill=BLUE,
            rx=2,
            live={"width": max(wide * value, 0), "fill_opacity": opacity},
        )
        picture.text(x + width, middle + 4, size=13, text_anchor="end", live={**bold, "text": text})


def confusion(picture: Picture, box: Box, counts: np.ndarray, *, rows: str, columns: str) -> None:
    """How often the class of a row was taken for the class of a column: right answers blue, wrong ones orange.

    Shapes
    ------
    counts    (classes, classes), whole numbers; row: the truth, column: the answer
    """
    x, y, width, height = box
    classes = len(counts)
    left, top = 34, 34
    size = min(width - left, height - top)
    cell = size / classes
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = share * (1 - np.eye(classes))
    signed = np.where(np.eye(classes) > 0, 0.85 * share, -np.sqrt(wrong))
    x0, y0 = x + left, y + top
    picture.heat(x0, y0, size, size, levels(signed))
    picture.text(x0 + size / 2, y + 11, columns, fill=MUTED, text_anchor="middle")
    side = f"rotate(-90 {number(x + 10)} {number(y0 + size / 2)})"
    picture.text(x + 10, y0 + size / 2, rows, fill=MUTED, text_anchor="middle", transform=side)
    for at in range(classes):
        picture.text(x0 + cell * (at + 0.5), y0 - 6, str(at), text_anchor="middle")
        picture.text(x0 - 8, y0 + cell * (at + 0.5) + 4, str(at), text_anchor="end")
    for row, line in enumerate(counts.tolist()):
        for column, count in enumerate(line):
            deep = abs(signed[row, column]) > 0.5
            live = {"text": str(count) if count else "", "fill": PAPER if deep else INK}
            picture.text(
                x0 + cell * (column + 0.5), y0 + cell * (row + 0.5) + 4, size=11, text_anchor="middle", live=live
            )
    picture.rect(x0, y0, size, size, fill="none", stroke=GRID)


def image(picture: Picture, x: float, y: float, size: float, pixels: np.ndarray) -> None:
    """A small picture in ink on paper.

    Shapes
    ------
    pixels    (rows, columns), from 0 (paper) to 1 (ink)
    """
    picture.heat(x, y, size, size, levels(pixels))
    picture.rect(x, y, size, size, fill="none", stroke=GRID)
