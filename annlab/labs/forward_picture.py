"""How a forward pass is drawn: the nodes that are lit, one layer as matrices, and the sum of one node.

Every number stands twice: in its node and in its matrix. The sum shows as many digits as it takes to add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from .. import activations
from ..svg import formula
from ..svg.charts import Box
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PANEL, PAPER, Picture, shade
from ..svg.formula import compact
from ..svg.network import Place
from .hand import equals, shown

__all__ = ["Term", "draw", "terms"]

R = 30.0  # of a node
APART = 92.0  # two nodes of a layer
CELL, LINE = 52.0, 25.0  # of a matrix
NAMES = 178.0  # wide: the names of the rows below the kernel, with their shapes
MATRICES = 462.0  # wide: a row of four and the kernel of four columns
TABLE = 290.0  # wide: the answers to four points
KEYS = "Enter Space Escape ArrowLeft ArrowRight"
FIXED = "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
MINUS = "\u2212"


@dataclass(frozen=True)
class Term:
    """One line of a node's sum: where it comes from, the number that came in, its weight, and their product."""

    source: str
    value: str
    weight: str
    sign: str
    product: str


def terms(sources: Sequence[str], values: Sequence[float], weights: Sequence[float], z: float) -> list[Term]:
    """The lines of a sum, with the digits that it takes: three, or more until they come to the digits of ``z``.

    ``weights`` has one more than ``values``, the bias. Each product comes out of the two numbers before it.
    """
    exact = [value * weight for value, weight in zip([*values, 1.0], weights, strict=True)]
    places = next(
        (d for d in range(3, 12) if abs(sum(_read(shown(each, d)) for each in exact) - _read(shown(z))) <= 0.0005), 12
    )
    found = []
    for source, value, weight, product in zip(sources, [*values, 1.0], weights, exact, strict=True):
        text = shown(product, places)
        pairs = ((shown(value, d), shown(weight, d)) for d in range(3, 16))
        a, b = next(
            (pair for pair in pairs if abs(_read(pair[0]) * _read(pair[1]) - _read(text)) <= 0.5 * 10.0**-places),
            (shown(value, 16), shown(weight, 16)),
        )
        found.append(Term(source, a, b, equals(_read(a) * _read(b), text), text))
    return found


def activated(name: str, z: float, y: float) -> str:
    """The last line of a sum, such as "y = tanh(0.5) ≈ 0.462", with a sum that has the digits it takes."""
    curve = activations.get(name)
    z_text = next((shown(z, d) for d in range(3, 17) if shown(float(curve(_read(shown(z, d))))) == shown(y)), shown(z))
    return f"y = {name}({z_text}) {equals(y, shown(y))} {shown(y)}"


def _read(text: str) -> float:
    return float(text.replace(MINUS, "-"))


def draw(state: SimpleNamespace, passage: Any, description: str) -> Picture:
    """The network, the matrices of one layer, and the sum of one node."""
    most = max(passage.sizes)
    wide = state.width >= 900
    room = state.width - MATRICES - 20 if wide else state.width
    high = 66 + APART * max(most, 3)
    left, top = (room + 20, 0.0) if wide else (0.0, high + 8)
    matrices = 76 + LINE * (most + 3) + 14 * 2 + 20 * (passage.last + 1)
    below = max(high, top + matrices) + 14 if wide else top + matrices + 14
    lines = max(passage.sizes[:-1]) + 1
    height = below + 100 + 30 * lines + (0 if wide and not passage.rows else 54)
    table: tuple[float, float] = (state.width - TABLE, below + 26) if wide else (0.0, height + 16)
    height += 0 if wide or not passage.rows else 168
    picture = Picture(state.width, height, "A network, layer by layer", description)
    _draw_network(picture, (0.0, 0.0, room, high), passage)
    _draw_matrices(picture, left, top, state.width - left, passage)
    _draw_sum(picture, below, state.width, passage)
    if passage.rows:
        _draw_rows(picture, *table, passage, f"{state.data.upper()}, by the whole network")
    return picture


# The network.


def _places(box: Box, sizes: Sequence[int]) -> list[list[Place]]:
    x, y, width, height = box
    step = (width - 2 * R - 8) / (len(sizes) - 1)
    middle = y + 56 + (height - 56) / 2
    return [
        [Place(x + R + 4 + step * at, middle + APART * (node - (size - 1) / 2), R) for node in range(size)]
        for at, size in enumerate(sizes)
    ]


def _draw_network(picture: Picture, box: Box, passage: Any) -> None:
    places = _places(box, passage.sizes)
    tight = places[1][0].x - places[0][0].x < 146
    for layer, (column, name) in enumerate(zip(places, passage.names, strict=True)):
        lines = [name.removesuffix(" layer") if tight else name, passage.activations[layer]]
        for line, text in enumerate(lines):
            here = {"font_weight": "700" if layer == passage.lit and line == 0 else "400"}
            at = {0: ("start", 0.0), passage.last: ("end", box[0] + box[2])}.get(layer, ("middle", column[0].x))
            picture.text(at[1], 14 + 16 * line, text, size=12.5, fill=MUTED, text_anchor=at[0], live=here)
    for layer in range(1, len(places)):
        for j, end in enumerate(places[layer]):
            for i, start in enumerate(places[layer - 1]):
                _draw_link(picture, passage, layer, i, j, start, end)
    layer, node = passage.node
    if layer:
        end = places[layer][node]
        for start, weight in zip(places[layer - 1], passage.weights_into(layer, node), strict=True):
            share = 0.6
            x = start.x + R + share * (end.x - start.x - 2 * R)
            y = start.y + share * (end.y - start.y)
            half = 4 + formula.wide(compact(weight), 12) / 2
            picture.rect(x - half, y - 9, 2 * half, 18, rx=3, fill=PAPER, fill_opacity="0.92", stroke=GRID)
            picture.text(x, y + 4.5, size=12, text_anchor="middle", live={"text": compact(weight)})
    for layer, column in enumerate(places):
        for node, place in enumerate(column):
            _draw_node(picture, passage, layer, node, place)


def _draw_link(picture: Picture, passage: Any, layer: int, i: int, j: int, start: Place, end: Place) -> None:
    weight = passage.kernels[layer][i][j]
    into = passage.node == (layer, j)
    now = layer == passage.lit
    look = {
        "stroke": BLUE if weight >= 0 else ORANGE,
        "stroke_width": 0.8 + 3.6 * min(abs(weight) / 2, 1),
        "stroke_dasharray": "none" if weight >= 0 else "6 4",
        "stroke_opacity": "0.95" if into or now else "0.55" if passage.is_lit(layer) else "0.2",
    }
    picture.line(start.x + R, start.y, end.x - R, end.y, stroke=None, live=look)


def _draw_node(picture: Picture, passage: Any, layer: int, node: int, place: Place) -> None:
    name, lit, chosen = passage.name(layer, node), passage.is_lit(layer), passage.node == (layer, node)
    y = passage.values[layer][node]
    words = f"{name}, not computed yet"
    if lit:
        words = f"{name}, output {shown(y)}" if layer else f"{name}, input {shown(y)}"
    if lit and layer:
        words += f", sum {shown(passage.sums[layer][node])}"
    halo = {"fill_opacity": "0.22" if chosen else "0"}
    picture.circle(place.x, place.y, R + 6, fill=BLUE, pointer_events="none", live=halo)
    look = {
        "fill": shade(y, 3 * max(1.0, abs(y))) if lit else PANEL,
        "stroke": BLUE if chosen else INK if layer == passage.lit else MUTED,
        "stroke_width": "3.5" if layer == passage.lit else "2.5" if chosen else "1",
        "stroke_dasharray": "none" if lit else "3 4",
        "aria_label": f"Node {words}",
    }
    keys = KEYS if layer else f"{KEYS} ArrowUp ArrowDown"
    picture.circle(place.x, place.y, R, id=f"node:{layer}:{node}", keys=keys, live=look)
    calm = {"text_anchor": "middle", "pointer_events": "none"}
    if layer:
        z = compact(passage.sums[layer][node]) if lit else ""
        picture.text(place.x, place.y - 8, size=11.8, fill=MUTED, live={"text": z}, **calm)
        rule = place.x - 15, place.y - 4, place.x + 15, place.y - 4
        picture.line(*rule, stroke=MUTED, pointer_events="none", live={"stroke_opacity": "0.5" if lit else "0"})
    weight = {"font_weight": "700" if layer == passage.lit else "400"}
    text = {"text": compact(y) if lit else "?", **weight}
    picture.text(place.x, place.y + (13 if layer else 5), size=14, live=text, **calm)
    picture.text(place.x, place.y - R - 8, name, size=13, font_weight=600, **calm)


# The matrices.


def _matrix(
    picture: Picture, x: float, y: float, rows: Sequence[Sequence[float]], marked: int | None, known: bool = True
) -> None:
    """Numbers in brackets; the marked column stands on blue."""
    wide, high = CELL * len(rows[0]), LINE * len(rows)
    for column in range(len(rows[0])):
        opacity = {"fill_opacity": "0.18" if column == marked else "0"}
        picture.rect(x + CELL * column, y, CELL, high, fill=BLUE, pointer_events="none", live=opacity)
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            text = compact(value) if known else "?"
            place = x + CELL * (column + 0.5), y + LINE * at + 17
            picture.text(*place, size=12.5, text_anchor="middle", pointer_events="none", live={"text": text})
    for side, inward in ((x, 5), (x + wide, -5)):
        points = f"{side + inward:g},{y:g} {side:g},{y:g} {side:g},{y + high:g} {side + inward:g},{y + high:g}"
        picture.add("polyline", points=points, fill="none", stroke=INK, stroke_width=1.5)


def _draw_matrices(picture: Picture, x: float, y: float, width: float, passage: Any) -> None:
    layer, node = passage.node
    shown_layer = max(layer, 1)
    marked = node if layer else None
    before, units = passage.sizes[shown_layer - 1], passage.sizes[shown_layer]
    ready, done = passage.is_lit(shown_layer - 1), passage.is_lit(shown_layer)
    title = f"{passage.names[shown_layer]} as matrices".capitalize()
    picture.text(x, y + 14, title, size=14, font_weight=600)
    kernel_x = x + max(CELL * before + 40, NAMES)
    row_x = kernel_x - 36 - CELL * before
    top = y + 48
    small: dict[str, Any] = {"size": 12.5, "fill": MUTED}
    picture.text(row_x, top - 7, f"x  (1, {before})", **small)
    picture.text(kernel_x, top - 7, f"kernel  ({before}, {units})", **small)
    _matrix(picture, row_x, top, [passage.values[shown_layer - 1]], None, ready)
    picture.text(kernel_x - 18, top + 18, "@", size=15, text_anchor="middle")
    _matrix(picture, kernel_x, top, passage.kernels[shown_layer], marked)
    down = top + LINE * before + 8
    activation = passage.activations[shown_layer]
    rows = (
        ("+ bias", f"({units},)", passage.biases[shown_layer], True),
        ("= z", f"(1, {units})", passage.sums[shown_layer], done),
        (f"y = {activation}(z)", f"(1, {units})", passage.values[shown_layer], done),
    )
    for name, shape, values, known in rows:
        picture.text(kernel_x - 10, down + 17, f"{name}  {shape}", size=12.5, fill=MUTED, text_anchor="end")
        _matrix(picture, kernel_x, down, [values], marked, known)
        down += LINE + 8
    down += 14
    picture.text(x, down, "Shapes, layer by layer", size=13, font_weight=600)
    for at in range(1, passage.last + 1):
        live = {"font_weight": "700" if at == shown_layer else "400", "fill": INK if at == shown_layer else MUTED}
        picture.text(x, down + 20 * at, passage.names[at], size=12.5, live=live)
        picture.text(x + 150, down + 20 * at, passage.shapes(at), size=12.5, live=live)


# The sum of one node.


def _draw_sum(picture: Picture, y: float, width: float, passage: Any) -> None:
    layer, node = passage.node
    name = passage.name(layer, node)
    picture.line(0, y, width, y, stroke=GRID)
    y += 26
    if layer == 0:
        picture.text(0, y, f"Node {name}: an input", size=15, font_weight=700)
        words = (
            f"{name} = {shown(passage.values[0][node])} is given. Nothing is summed here: it goes to every node of the "
            f"{passage.names[1]}, each time with another weight."
        )
        formula.paragraph(picture, 0, y + 26, words, width, size=14)
        return
    picture.text(0, y, f"Node {name}: its sum, term by term", size=15, font_weight=700)
    if not passage.is_lit(layer):
        words = f"{name} is not computed yet: the signal is at the {passage.names[passage.lit]}. Press Next layer."
        formula.paragraph(picture, 0, y + 26, words, width, size=14)
        return
    sources = [passage.name(layer - 1, i) for i in range(passage.sizes[layer - 1])]
    weights = [*passage.weights_into(layer, node), passage.biases[layer][node]]
    z, out = passage.sums[layer][node], passage.values[layer][node]
    lines = terms([*sources, "bias"], passage.values[layer - 1], weights, z)
    longest = max(len(text) for term in lines for text in (term.value, term.weight, term.product, shown(z)))
    unit = max(86.0, 12 + formula.wide("0" * longest, 15))
    columns = [44.0, 44 + unit, 70 + 2 * unit, 190 + 2 * unit]
    scale = min(1.0, width / (columns[3] + unit + 10))
    columns, unit = [scale * each for each in columns], scale * unit
    y += 24
    for at, heading in ((columns[1], "comes in"), (columns[2], "weight"), (columns[3] + unit, "product")):
        picture.text(at, y, heading, size=12.5, fill=MUTED, text_anchor="end")
    right: dict[str, Any] = {"size": 15, "text_anchor": "end"}
    for source, term in enumerate(lines):
        y += 30
        picture.text(0, y, term.source, size=15)
        if term.source != "bias":
            picture.text(columns[1], y, live={"text": term.value}, **right)
            picture.text(columns[1] + 13, y, "\u00b7", size=15, text_anchor="middle")
        picture.text(columns[2], y, live={"text": term.weight}, **right)
        what = f"bias of {name}" if term.source == "bias" else f"weight from {term.source} to {name}"
        _turner(picture, columns[2] + 10, y, f"{layer}:{node}:{source}", what, term.weight)
        picture.text(columns[3] - 18, y, size=15, text_anchor="middle", live={"text": term.sign})
        picture.text(columns[3] + unit, y, live={"text": term.product}, **right)
    y += 12
    picture.line(columns[3] - 26, y, columns[3] + unit, y, stroke=MUTED)
    y += 22
    picture.text(0, y, f"z, the sum of {name}", size=15)
    total = sum(_read(term.product) for term in lines)
    picture.text(columns[3] - 18, y, size=15, text_anchor="middle", live={"text": equals(total, shown(z))})
    picture.text(columns[3] + unit, y, font_weight=700, live={"text": shown(z)}, **right)
    _draw_answer(picture, columns[3] + unit + 44, y, width, passage, z, out)


def _turner(picture: Picture, x: float, y: float, place: str, what: str, now: str) -> None:
    """Two buttons that change a weight."""
    for at, (family, sign, way) in enumerate((("less", MINUS, "down"), ("more", "+", "up"))):
        left = x + 30 * at
        more = {"keys": "Enter Space", "live": {"aria_label": f"{what}, now {now}: {way}"}}
        picture.rect(left, y - 17, 26, 24, rx=5, fill=PANEL, stroke=MUTED, id=f"{family}:{place}", **more)
        picture.text(left + 13, y, sign, size=15, text_anchor="middle", pointer_events="none")


def _draw_answer(picture: Picture, x: float, y: float, width: float, passage: Any, z: float, out: float) -> None:
    """What the activation makes of the sum: beside the table, or below it where there is no room."""
    layer, node = passage.node
    name = passage.activations[layer]
    if width - x < 330 or passage.rows:
        x, y = 0.0, y + 34
    if name == "softmax":
        parts = " + ".join(f"e^{_braced(each)}" for each in passage.sums[layer])
        text, size = f"y = e^{_braced(z)} / ({parts}) {equals(out, shown(out))} {shown(out)}", 14.0
    else:
        text = activated(name, z, out)
        size = min(16, (width - x) / (0.63 * len(text)))
    if x:
        code = f"{name}(x @ kernel[:, {node}] + bias[{node}])" if name != "softmax" else "softmax(x @ kernel + bias)"
        picture.text(x, y - 28, code, size=12.5, fill=MUTED, font_family=FIXED)
    for line in [text] if 0.63 * size * len(text) < width - x else text.split(" / "):
        picture.text(x, y, size=size, font_weight=600, live={"text": line if line.startswith("y") else f"/ {line}"})
        y += 20


def _braced(value: float) -> str:
    return f"({shown(value)})" if value < 0 else shown(value)


# The answers to four points.


def _draw_rows(picture: Picture, x: float, y: float, passage: Any, title: str) -> None:
    """What the whole network says to each of four points, and what it should say. A row can be chosen."""
    picture.text(x, y, title, size=15, font_weight=700)
    places = [x + 8, x + 44, x + 84, x + 160, x + 226]
    for at, heading in zip(places, ("x1", "x2", "should be", "output", ""), strict=True):
        picture.text(at, y + 24, heading, size=12.5, fill=MUTED)
    for row, (point, target, output, good) in enumerate(passage.rows):
        down = y + 48 + 28 * row
        here = point == passage.values[0]
        label = f"Let {shown(point[0])} and {shown(point[1])} come in: output {shown(output)}, should be {target}"
        look = {"fill_opacity": "0.18" if here else "0.02", "aria_label": label}
        picture.rect(x, down - 18, TABLE - 4, 26, rx=4, fill=BLUE, id=f"row:{row}", keys="Enter Space", live=look)
        calm: dict[str, Any] = {"size": 14, "pointer_events": "none"}
        for at, text in zip(places, (*map(shown, point), str(target)), strict=False):
            picture.text(at, down, text, **calm)
        picture.text(places[3], down, live={"text": shown(output)}, **calm)
        live = {"text": "right" if good else "wrong", "fill": INK if good else ORANGE}
        picture.text(places[4], down, font_weight=600, live=live, **calm)
