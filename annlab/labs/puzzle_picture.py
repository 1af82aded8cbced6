"""The picture of PuzzleLab: the graph or the grid and its map, the answer beside the best one, and what one node hears.

Everything is drawn from the lab's state alone. What a colour says, a shape or a dash pattern says too.
"""

import itertools
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..puzzles import NAMES, edges_in_words
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PANEL, PAPER, Picture, levels
from ..svg.formula import wrap

__all__ = ["GRAPHS", "MAP", "boxes", "draw", "spot_at", "spots"]

MAP = 10  # the map of a tour goes from 0 to this, across and up
PURPLE = "var(--annlab-purple)"
RADIUS = 19  # of a node of the graph
BOARD = 312  # the height of graph, grid and map
CELL = 42  # of the grid
ROWS = 6  # of the table of random starts


def _rings(count: int, skip: int = 1) -> list[tuple[int, int]]:
    """Two rings of ``count`` nodes, the inner one ``skip`` steps at a time, and a spoke between each two."""
    outer = [(i, (i + 1) % count) for i in range(count)]
    inner = [(count + i, count + (i + skip) % count) for i in range(count)]
    return sorted((min(pair), max(pair)) for pair in [*outer, *inner, *((i, count + i) for i in range(count))])


GRAPHS: dict[str, tuple[str, list[tuple[int, int]]]] = {
    "cube": ("cube", _rings(4)),
    "ring": ("ring", sorted((min(i, (i + 1) % 8), max(i, (i + 1) % 8)) for i in range(8))),
    "two rings": ("two rings", _rings(6)),
    "petersen": ("Petersen graph", _rings(5, 2)),
    "random": ("random", []),
    "own": ("your own", []),
}
_INNER = ("cube", "two rings", "petersen")  # graphs of two rings


def spots(graph: str, nodes: int, before: np.ndarray | None = None) -> np.ndarray:
    """Where the nodes of a graph stand, from -1 to 1: (nodes, 2). A graph of one's own keeps its places."""
    if graph == "own" and before is not None and len(before) == nodes:
        return before
    rings = 2 if graph in _INNER else 1
    count = nodes // rings
    angle = 2 * np.pi * np.arange(count) / count - np.pi / 2 - (np.pi / 4 if graph == "cube" else 0)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([ring, 0.46 * ring]) * (1.25 if graph == "cube" else 1) if rings == 2 else ring


def boxes(state: SimpleNamespace) -> tuple[dict[str, Any], float]:
    """Where everything stands, for this width of the page."""
    if state.puzzle == "tour":
        grid = 30 + state.problem.cities * CELL + 56
        panels = {"grid": (grid, BOARD + 40), "map": (270, BOARD + 40), "answer": (218, BOARD + 40)}
    else:
        panels = {"graph": (BOARD + 38, BOARD + 84), "answer": (222, BOARD - 40), "node": (212, BOARD - 40)}
    if state.puzzle == "tour":
        panels |= {"energy": (380, 330), "weights": (330, 330), "node": (300, 160)}
    else:
        panels |= {"energy": (260, 290), "weights": (262, 290)}
    if state.found:
        panels["starts"] = (380 if state.puzzle == "tour" else 262, 250)
    placed, height = charts.flow(state.width, list(panels.values()))
    named: dict[str, Any] = dict(zip(panels, placed, strict=True))
    if state.puzzle == "tour":
        x, y, _, _ = named["grid"]
        named["cells"] = (x + 30, y + 64, CELL)
        x, y, width, _ = named["map"]
        named["land"] = (x + 2, y + 44, min(width - 4, BOARD - 8))
    else:
        x, y, width, _ = named["graph"]
        named["middle"] = (x + width / 2, y + 42 + BOARD / 2, BOARD / 2 - RADIUS - 10)
    x, y, width, _ = named["weights"]
    named["table"] = (x + 22, y + 60, min(240.0 if state.puzzle == "tour" else 200.0, width - 40))
    return named, height


def spot_at(state: SimpleNamespace, point: Sequence[float]) -> int | None:
    """The node of the graph at a place of the picture, if there is one."""
    away = np.linalg.norm(_centres(boxes(state)[0], state) - np.asarray(point), axis=1)
    nearest = int(np.argmin(away))
    return nearest if away[nearest] < 1.5 * RADIUS else None


def _centres(placed: dict[str, Any], state: SimpleNamespace) -> np.ndarray:
    x, y, reach = placed["middle"]
    return np.array([x, y]) + reach * state.spots


def draw(state: SimpleNamespace, words: str) -> Picture:
    """The whole picture."""
    placed, height = boxes(state)
    title = "A network looks for a short tour" if state.puzzle == "tour" else "A network looks for two groups"
    picture = Picture(state.width, height + 6, title, words)
    now = state.states[state.at]
    fields = state.model.field(now)
    seen = {
        "now": now,
        "unhappy": now * fields < -1e-9,
        "last": now != state.states[state.at - 1] if state.at else np.zeros(len(now), bool),
    }
    if state.puzzle == "tour":
        _draw_grid(picture, placed, state, **seen)
        _draw_map(picture, placed, state, now)
        _draw_lines(picture, placed["answer"], "Answer", "and the best known one", _answer_of_tour(state, seen))
        _draw_lines(picture, placed["node"], "One node", "Point at a cell: what it hears", _node_of_tour(state, fields))
    else:
        _draw_graph(picture, placed, state, **seen)
        _draw_lines(picture, placed["answer"], "Answer", "and the best known one", _answer_of_cut(state, seen))
        _draw_lines(picture, placed["node"], "One node", "Point at a node: what it hears", _node_of_cut(state, fields))
    _draw_energy(picture, placed["energy"], state)
    _draw_weights(picture, placed, state)
    if state.found:
        _draw_starts(picture, placed["starts"], state)
    return picture


# Two groups.


def _draw_graph(
    picture: Picture,
    placed: dict[str, Any],
    state: SimpleNamespace,
    now: np.ndarray,
    unhappy: np.ndarray,
    last: np.ndarray,
) -> None:
    charts.heading(picture, placed["graph"], "Graph", "Click a node to turn it; drag to another: an edge")
    centres = _centres(placed, state).tolist()
    for i, j in state.problem.edges:
        inside = now[i] == now[j]
        look = {"stroke": INK if inside else MUTED, "stroke_width": 4 if inside else 1.6}
        look["stroke_dasharray"] = "7 5" if inside else "none"
        (x1, y1), (x2, y2) = centres[i], centres[j]
        picture.line(x1, y1, x2, y2, live=look)
        label = f"Edge {NAMES[i]} {NAMES[j]}; a click removes it"
        picture.line(x1, y1, x2, y2, stroke="transparent", stroke_width=14, id=f"edge-{i}-{j}", label=label)
    drag = state.drag or (0, *centres[0])
    start = {"x1": centres[drag[0]][0], "y1": centres[drag[0]][1], "x2": drag[1], "y2": drag[2]}
    seen = {"stroke_opacity": "1" if state.drag else "0"}
    picture.add("line", stroke=PURPLE, stroke_width=2, stroke_dasharray="3 3", pointer_events="none", live=start | seen)
    keys = " ".join(["Space", "Enter", *state.problem.names, *(name.lower() for name in state.problem.names)])
    for node, (x, y) in enumerate(centres):
        first = now[node] > 0
        ring = {"stroke_opacity": "1" if unhappy[node] else "0"}
        picture.circle(x, y, RADIUS + 6, fill="none", stroke=INK, stroke_width=2, live=ring)
        frame = {"stroke_opacity": "1" if node == state.framed else "0"}
        picture.circle(
            x, y, RADIUS + 10, fill="none", stroke=PURPLE, stroke_width=1.6, stroke_dasharray="3 3", live=frame
        )
        side = RADIUS if first else RADIUS - 2
        shape = {"x": x - side, "y": y - side, "width": 2 * side, "height": 2 * side}
        shape |= {"rx": side if first else 3, "fill": BLUE if first else ORANGE}
        picture.rect(None, None, None, None, live=shape)
        picture.text(x, y + 6, NAMES[node], size=16, fill=PAPER, font_weight=700, text_anchor="middle")
        picture.circle(x, y - 12, 2.6, fill=PAPER, live={"fill_opacity": "1" if last[node] else "0"})
        label = f"Node {NAMES[node]}. Space turns it round, a letter draws or removes an edge, Enter looks at it."
        side = RADIUS + 3
        where = {"x": x - side, "y": y - side, "width": 2 * side, "height": 2 * side, "rx": side}
        picture.add("rect", fill="transparent", id=f"node-{node}", keys=keys, label=label, hover=True, **where)
    x, y, width, height = placed["graph"]
    _legend(picture, x + max((width - 350) / 2, 0), y + height - 24)


def _legend(picture: Picture, x: float, y: float) -> None:
    picture.circle(x + 7, y - 4, 6, fill=BLUE)
    picture.text(x + 20, y, "+1", fill=MUTED)
    picture.rect(x + 52, y - 10, 12, 12, rx=2, fill=ORANGE)
    picture.text(x + 71, y, "\u22121", fill=MUTED)
    picture.circle(x + 131, y - 4, 7, fill="none", stroke=INK, stroke_width=2)
    picture.text(x + 145, y, "would change", fill=MUTED)
    picture.circle(x + 253, y - 4, 7, fill="none", stroke=PURPLE, stroke_width=1.6, stroke_dasharray="3 3")
    picture.text(x + 267, y, "you look at it", fill=MUTED)
    y += 20
    picture.line(x, y - 4, x + 30, y - 4, stroke=MUTED, stroke_width=1.6)
    picture.text(x + 36, y, "cut", fill=MUTED)
    picture.line(x + 108, y - 4, x + 138, y - 4, stroke_width=4, stroke_dasharray="7 5")
    picture.text(x + 145, y, "inside: costs 1", fill=MUTED)


def _answer_of_cut(state: SimpleNamespace, seen: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    problem = state.problem
    edges, inside = len(problem.edges), round(float(state.energies[state.at]))
    more = inside - round(state.best)
    short = "1 more edge could be cut" if more == 1 else f"{more} more edges could be cut"
    return [
        ("quiet", "Now"),
        ("strong", f"{edges - inside} of {edges_in_words(edges)} cut"),
        ("plain", f"cost {inside}: edges inside a group"),
        *_how_it_goes(state, seen),
        ("quiet", "Best known"),
        ("strong", f"{edges - round(state.best)} of {edges_in_words(edges)} cut"),
        ("plain", f"found by trying all {problem.answers} answers"),
        ("strong", short if more else "\u2713 As good as the best known"),
    ]


def _how_it_goes(state: SimpleNamespace, seen: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    count = int(seen["unhappy"].sum())
    lines = [
        ("plain", f"{count} of {len(seen['now'])} nodes would change" if count else "No node would change: at rest")
    ]
    if state.temperature:
        lines.append(("plain", f"Sweep {state.sweep_of[state.at]}: temperature {state.warm[state.at]:.2f}"))
    return lines


def _node_of_cut(state: SimpleNamespace, fields: np.ndarray) -> list[tuple[str, str]]:
    node, now = state.framed, state.states[state.at]
    ends = sorted(j if i == node else i for i, j in state.problem.edges if node in (i, j))
    own = [NAMES[other] for other in ends if now[other] == now[node]]
    across = [NAMES[other] for other in ends if now[other] != now[node]]
    terms = " ".join(_signed(now[other]) for other in ends) or "0"
    return [
        ("strong", f"Node {NAMES[node]} is {_signed(now[node])}"),
        ("plain", f"Edges inside its group: {' '.join(own) or 'none'}"),
        ("plain", f"Edges that are cut: {' '.join(across) or 'none'}"),
        ("plain", f"Field = \u22120.5 \u00d7 ({terms}) = {_plain(fields[node])}"),
        *_wants(state, fields),
    ]


def _wants(state: SimpleNamespace, fields: np.ndarray) -> list[tuple[str, str]]:
    node, now = state.framed, state.states[state.at]
    field = 0.0 if abs(fields[node]) < 1e-9 else float(fields[node])
    if not field:
        says = "A field of 0: it stays as it is"
    elif field * now[node] > 0:
        says = f"The others want {_signed(field)}: it agrees"
    else:
        says = f"The others want {_signed(field)}: it would change"
    cost = float(state.energies[state.at])
    turned = f"Turned round: cost {_plain(cost)} \u2192 {_plain(cost + 2 * now[node] * field)}"
    return [("strong", says), ("plain", turned)]


def _signed(value: float) -> str:
    return "+1" if value > 0 else "\u22121"


def _plain(value: float) -> str:
    """Two decimals at most, and the typographer's minus."""
    return f"{round(float(value), 2) + 0.0:g}".replace("-", "\u2212")


# A tour.


def _draw_grid(
    picture: Picture,
    placed: dict[str, Any],
    state: SimpleNamespace,
    now: np.ndarray,
    unhappy: np.ndarray,
    last: np.ndarray,
) -> None:
    charts.heading(picture, placed["grid"], "Cities and stops", "Click a cell: this city at this stop; each once")
    x, y, cell = placed["cells"]
    cities = state.problem.cities
    side = cell * cities
    on = state.problem.grid(now)
    for at in range(cities):
        middle = cell * (at + 0.5)
        picture.text(x + middle, y - 8, str(at + 1), size=13, text_anchor="middle", fill=MUTED)
        picture.text(x - 12, y + middle + 5, NAMES[at], size=14, font_weight=700, text_anchor="middle")
        _count(picture, x + side + 8, y + middle + 5, int(on[at].sum()), "start")
        _count(picture, x + middle, y + side + 20, int(on[:, at].sum()), "middle")
    for node in range(cities**2):
        row, column = divmod(node, cities)
        left, top = x + cell * column, y + cell * row
        full = {"fill": BLUE if now[node] > 0 else PAPER}
        picture.rect(left + 1.5, top + 1.5, cell - 3, cell - 3, rx=4, stroke=GRID, stroke_width=1.5, live=full)
        moves = {"stroke": PAPER if now[node] > 0 else INK, "stroke_opacity": "1" if unhappy[node] else "0"}
        picture.rect(left + 8, top + 8, cell - 16, cell - 16, fill="none", stroke_width=2, live=moves)
        dot = {"fill": PAPER if now[node] > 0 else INK, "fill_opacity": "1" if last[node] else "0"}
        picture.circle(left + cell / 2, top + cell / 2, 4, live=dot)
    row, column = divmod(state.framed, cities)
    frame = {"x": x + cell * column - 1, "y": y + cell * row - 1}
    picture.rect(None, None, cell + 2, cell + 2, rx=5, fill="none", stroke=PURPLE, stroke_width=2, live=frame)
    how = "Cities by stops. Arrow keys move, Space turns a cell round."
    keys = "ArrowUp ArrowDown ArrowLeft ArrowRight Space"
    picture.rect(x, y, side, side, fill="transparent", id="grid", keys=keys, role="application", label=how, hover=True)
    picture.text(x, y + side + 42, "\u25a1 would change", fill=MUTED)


def _count(picture: Picture, x: float, y: float, count: int, anchor: str) -> None:
    """How many are on in a row or column, and whether that is as it should be."""
    right = count == 1
    live = {"text": f"{count} \u2713" if right else f"{count} \u2717", "fill": MUTED if right else ORANGE}
    live["font_weight"] = "400" if right else "700"
    picture.text(x, y, size=13, text_anchor=anchor, live=live)


def _draw_map(picture: Picture, placed: dict[str, Any], state: SimpleNamespace, now: np.ndarray) -> None:
    charts.heading(picture, placed["map"], "Map", "Drag a city; legs in use show their length")
    x, y, side = placed["land"]
    picture.rect(x, y, side, side, fill=PANEL, stroke=GRID, rx=4)
    problem = state.problem
    points = np.column_stack([x + problem.places[:, 0] / MAP * side, y + side - problem.places[:, 1] / MAP * side])
    on = problem.grid(now)
    legs = on @ np.roll(on, -1, axis=1).T
    whole = problem.valid(now)
    labels = []
    for i, j in itertools.combinations(range(problem.cities), 2):
        (x1, y1), (x2, y2) = points[i].tolist(), points[j].tolist()
        used = int(legs[i, j] + legs[j, i])
        look = {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "stroke": BLUE if whole else ORANGE}
        look |= {"stroke_width": min(1.5 + 1.5 * used, 7), "stroke_opacity": "1" if used else "0"}
        picture.add("line", live=look | {"stroke_dasharray": "none" if whole else "6 5"})
        labels.append(((x1 + x2) / 2, (y1 + y2) / 2, problem.distances[i, j], used))
    for across, down, length, used in labels:
        text = f"{length:.1f}" if used else ""
        pill = {"x": across - 15, "y": down - 9, "fill_opacity": "1" if used else "0"}
        picture.rect(None, None, 30, 17, rx=4, fill=PANEL, live=pill)
        picture.text(None, None, size=12, text_anchor="middle", live={"x": across, "y": down + 4, "text": text})  # type: ignore[arg-type]
    for city, (across, down) in enumerate(points.tolist()):
        place = {"cx": across, "cy": down}
        picture.circle(None, None, 14, fill=PAPER, stroke=INK, stroke_width=2, live=place)
        letter = {"x": across, "y": down + 5}
        picture.text(None, None, NAMES[city], size=14, font_weight=700, text_anchor="middle", live=letter)  # type: ignore[arg-type]
        label = f"City {NAMES[city]}. Arrow keys move it."
        keys = "ArrowUp ArrowDown ArrowLeft ArrowRight"
        picture.circle(None, None, 18, fill="transparent", id=f"city-{city}", keys=keys, label=label, live=place)


def _answer_of_tour(state: SimpleNamespace, seen: dict[str, np.ndarray]) -> list[tuple[str, str]]:
    problem, now = state.problem, seen["now"]
    parts = problem.parts(now)
    cost, faults = float(state.energies[state.at]), problem.faults(now)
    if faults:
        shown = faults if len(faults) <= 4 else [*faults[:3], f"and {len(faults) - 3} more"]
        lines = [("strong", "No tour"), *(("plain", fault) for fault in shown)]
        verdict = "Cheaper than the best tour: too weak penalties" if cost < state.best - 1e-9 else ""
    else:
        lines = [("strong", f"Tour {_route(problem, now)}")]
        longer = 100 * (cost / state.best - 1) if state.best else 0.0
        verdict = f"{longer:.0f} % longer than the best" if cost > state.best + 1e-9 else "\u2713 The shortest tour"
    lines.append(
        (
            "plain",
            f"length {parts['length']:.2f} + city rule {_plain(parts['city rule'])} + stop rule "
            f"{_plain(parts['stop rule'])} = cost {cost:.2f}",
        )
    )
    best = [("quiet", "Best known"), ("strong", f"Tour {_route(problem, state.best_state)}")]
    best.append(("plain", f"length {state.best:.2f}, of all {problem.answers} tours"))
    lines += _how_it_goes(state, seen)
    return [("quiet", "Now"), *lines, *best, *([("strong", verdict)] if verdict else [])]


def _route(problem: Any, state: np.ndarray) -> str:
    order = [NAMES[city] for city in problem.grid(state).argmax(axis=0).tolist()]
    return "-".join([*order, order[0]])


def _node_of_tour(state: SimpleNamespace, fields: np.ndarray) -> list[tuple[str, str]]:
    problem, node, now = state.problem, state.framed, state.states[state.at]
    turned = now.copy()
    turned[node] *= -1
    before, after = problem.parts(now), problem.parts(turned)
    length, city, stop = (_change(after[name] - before[name]) for name in before)
    changes = f"length {length}, city rule {city}, stop rule {stop}"
    row, column = divmod(node, problem.cities)
    is_now = "on (+1)" if now[node] > 0 else "off (\u22121)"
    name = f"City {NAMES[row]} at stop {column + 1} is {is_now}"
    heard = f"Field {_plain(fields[node])}: what all others say, minus its threshold"
    return [("strong", name), ("plain", heard), *_wants(state, fields), ("plain", changes)]


def _change(value: float) -> str:
    return f"{round(value, 2) + 0.0:+g}".replace("-", "\u2212") if abs(value) > 1e-9 else "+0"


# Both.


def _draw_lines(
    picture: Picture, box: charts.Box, title: str, hint: str, lines: list[tuple[str, str]], slots: int = 16
) -> None:
    """Lines of text that change, each in a slot of its own: strong, plain or quiet."""
    x, y, width, _ = charts.heading(picture, box, title, hint)
    looks = {"strong": (15, "700", INK), "plain": (13, "400", INK), "quiet": (12, "400", MUTED)}
    down = y
    shown: list[dict[str, Any]] = []
    for kind, text in lines:
        size, weight, colour = looks[kind]
        down += 8 if kind == "quiet" and shown else 2
        for line in wrap(text, width, size * (1.08 if kind == "strong" else 1.0)):
            down += 1.36 * size
            shown.append({"text": line, "y": down, "font_size": size, "font_weight": weight, "fill": colour})
    for at in range(slots):
        empty = {"text": "", "y": y, "font_size": 13, "font_weight": "400", "fill": INK}
        picture.add("text", x=x, live=shown[at] if at < len(shown) else empty)


def _draw_energy(picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
    changes = range(state.at + 1)
    x_high = max(charts.round_up(len(state.states) - 1), 5)
    y_high = float(state.energies.max())
    y_high = min(y_high, 6 * state.best) if state.puzzle == "tour" else max(y_high, state.best)
    charts.line_chart(
        picture,
        box,
        [
            charts.Curve("cost", changes, state.energies[: state.at + 1].tolist()),
            charts.Curve("best known", [0, x_high], [state.best, state.best], ORANGE, "5 4"),
        ],
        title="Cost = energy",
        x_label="changes",
        x_high=x_high,
        y_high=max(charts.round_up(y_high), 4),
        digits=1 if state.puzzle == "tour" else 0,
    )


def _draw_weights(picture: Picture, placed: dict[str, Any], state: SimpleNamespace) -> None:
    tour = state.puzzle == "tour"
    hint = "Orange: not both on" if tour else "\u22120.5 at an edge, else 0; click for an edge"
    charts.heading(picture, placed["weights"], "Weight matrix", hint)
    x, y, size = placed["table"]
    weights, groups = state.model.weights, state.problem.cities if tour else state.problem.nodes
    picture.heat(x, y, size, size, levels(weights, float(np.abs(weights).max()) or 1.0))
    each, wide = size / state.problem.nodes, size / groups
    for at in range(groups):
        picture.text(x + wide * (at + 0.5), y - 5, NAMES[at], size=11, text_anchor="middle", fill=MUTED)
        picture.text(x - 12, y + wide * (at + 0.5) + 4, NAMES[at], size=11, text_anchor="middle", fill=MUTED)
        if at:
            picture.line(x, y + wide * at, x + size, y + wide * at, stroke=GRID)
            picture.line(x + wide * at, y, x + wide * at, y + size, stroke=GRID)
    picture.rect(x, y, size, size, fill="none", stroke=MUTED)
    bar = {"y": y + each * state.framed, "height": max(each, 3)}
    picture.rect(x, None, size, None, fill="none", stroke=PURPLE, stroke_width=2, live=bar)
    label = "Weight matrix. With keys: on a node of the graph the letter of another draws or removes an edge."
    picture.rect(x, y, size, size, fill="transparent", id="matrix", label=label)
    size_and_span = f"{state.problem.nodes} nodes, weights from {_plain(weights.min())} to {_plain(weights.max())}"
    picture.text(x, y + size + 18, fill=MUTED, live={"text": size_and_span})


def _tally(state: SimpleNamespace) -> list[tuple[str, list[int]]]:
    """Where the random starts ended: what it is called, and how many for each temperature."""
    runs = [
        [
            (state.problem.valid(end), round(energy, 6))
            for end, energy in zip(ends, state.model.energy(ends).tolist(), strict=True)
        ]
        for ends in state.found.values()
    ]
    best = round(state.best, 6)
    if state.puzzle == "tour":
        kinds = {"shortest tour": (True, 0), "longer tour": (True, 1), "no tour": (False, 0)}
        named = [[(valid, int(valid and energy > best)) for valid, energy in run] for run in runs]
        return [(words, [run.count(kind) for run in named]) for words, kind in kinds.items()]
    costs = sorted({energy for run in runs for _, energy in run} | {best})
    rows = [
        (
            f"cost {cost:g}{' (best)' if cost == best else ''}",
            [sum(energy == cost for _, energy in run) for run in runs],
        )
        for cost in costs
    ]
    if len(rows) <= ROWS:
        return rows
    rest = [sum(counts) for counts in zip(*(counts for _, counts in rows[ROWS - 1 :]), strict=True)]
    return [*rows[: ROWS - 1], ("higher", rest)]


def _draw_starts(picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
    found = list(state.found)
    x, y, width, _ = charts.heading(picture, box, "100 random starts", "Where they end, how many of them")
    for at, warm in enumerate(found):
        look: dict[str, Any] = {"fill": BLUE} if warm else {"fill": "none", "stroke": MUTED, "stroke_width": 1.6}
        picture.rect(x + 130 * at, y + 4, 12, 12, rx=2, **look)
        picture.text(x + 18 + 130 * at, y + 14, f"temperature {warm:g}" if warm else "no noise", fill=MUTED)
    rows = _tally(state)
    apart = min(200 / len(rows), 52)
    thick = min((apart - 8) / len(found), 14)
    left, wide = x + 100, width - 100 - 34
    for at, (words, counts) in enumerate(rows):
        top = y + 30 + apart * at
        bold = 700 if "best" in words or "shortest" in words else 400
        picture.text(x, top + thick * len(found) / 2 + 4, words, size=12.5, font_weight=bold)
        for run, count in enumerate(counts):
            look = {"fill": BLUE} if found[run] else {"fill": PAPER, "stroke": MUTED, "stroke_width": 1.6}
            place = top + (thick + 2) * run
            picture.rect(left, place, None, thick, rx=2, live={"width": max(wide * count / 100, 0.5)}, **look)
            end = {"x": left + wide * count / 100 + 6, "text": str(count)}
            picture.text(None, place + thick - 2, size=12, live=end)  # type: ignore[arg-type]
