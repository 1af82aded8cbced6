"""The Playground's picture: the network on the left, its answer on the right, what happened and what is pointed at
below.

``draw(state)`` depends on the state alone. Every number in it is read from the run's network at that moment.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...svg import charts
from ...svg.charts import Box, Curve
from ...svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PANEL, PAPER, Picture, levels, shade, short
from ...svg.graph import Node, bend, columns, links
from ...svg.plane import DISC, SHAPES, axes, crosshair, grid, marks
from .data import INPUTS, MANY, NUMBER, REACH, features
from .run import Run
from .words import about_thing, answer_of, bias_of, minus

__all__ = ["draw", "places"]

PALE = 0.62  # the map is paler than its points, so that these stand out
HEAD = 58  # room above the nodes, for names and buttons
NODE_KEYS = "ArrowUp ArrowDown ArrowLeft ArrowRight Enter Space Escape"
MAP_KEYS = "ArrowUp ArrowDown ArrowLeft ArrowRight Space Enter Delete Backspace Escape"
CLASS_COLOURS = ["@0", "@255", *(f"var(--annlab-{name})" for name in ("teal", "purple", "brown", "slate"))]


def cells(run: Run) -> int:
    """How fine the maps are: coarser where the network is large or its activations are slow."""
    slow = {"gelu": 30, "silu": 3, "softplus": 4, "selu": 3, "elu": 2}
    work = sum(units * slow.get(activation, 1) for units, activation in run.hidden)
    return 100 if work <= 34 else 52 if work <= 130 else 32


def places(state: SimpleNamespace) -> tuple[dict[str, Box], float]:
    """Where everything stands, for this width of the page."""
    width = 640 if state.projector else state.width
    boxes: dict[str, Box] = {}
    strip = 50 if width >= 720 else 92
    boxes["strip"] = (0, 0, width, strip)
    if width >= 820:
        side, top, high = 296.0, strip + 6, 392.0
        boxes["network"] = (0, top, width - side - 60, high)
        boxes["map"] = (width - side - 2, top, side, high)
        low, part = top + high + 18, 0.44 * width
        boxes["loss"] = (0, low, part, _room_for(9))
        boxes["words"] = (part + 26, low, width - part - 26, _room_for(9))
    elif width >= 600:
        high = 372.0
        boxes["network"] = (0, strip + 6, width, high)
        side, low = min(280.0, 0.43 * width), strip + high + 28
        boxes["map"] = (26, low, side, side + 96)
        boxes["loss"] = (side + 52, low, width - side - 52, 0.5 * side + 70)
        if state.projector:
            boxes["loss"] = (side + 52, low, width - side - 52, side + 80)
            boxes["words"] = (0, low + side + 104, width, _room_for(8))
        else:
            boxes["words"] = (side + 52, low + 0.5 * side + 86, width - side - 52, _room_for(11))
    else:
        boxes["network"] = (0, strip + 6, width, 360)
        side, low = min(width - 60.0, 360.0), strip + 390.0
        boxes["map"] = (26, low, side, side + 96)
        boxes["loss"] = (0, low + side + 116, width, 190)
        boxes["words"] = (0, low + side + 324, width, _room_for(8 if width >= 500 else 11))
    bottom = max(y + height for _, y, _, height in boxes.values())
    if state.second:
        boxes["second"] = (0, bottom + 18, min(width, 520), 190)
        bottom += 208
    if state.numbers:
        high = _table_height(state.run, width)
        boxes["numbers"] = (0, bottom + 20, width, high)
        bottom += 20 + high
    x, y, side, _ = boxes["map"]
    boxes["square"] = (x, y + 42, side, side)
    return boxes, bottom


def _room_for(lines: int) -> int:
    """How high the box of words has to be, with its title: the bias of a unit that hears eight takes most."""
    return 34 + 19 * lines


def nodes(state: SimpleNamespace, box: Box) -> list[list[Node]]:
    """Where the nodes stand: all seven inputs, the units of each hidden layer, the outputs."""
    x, y, width, height = box
    left, right = 52, 10 if state.run.outputs == 1 else 30
    sizes = [len(INPUTS), *(units for units, _ in state.run.hidden), state.run.outputs]
    most = 44 if len(sizes) < 6 else 40
    return columns((x + left, y + HEAD, width - left - right, height - HEAD), sizes, most=most)


def draw(state: SimpleNamespace, description: str) -> Picture:
    """The whole picture."""
    boxes, height = places(state)
    run: Run = state.run
    picture = Picture(boxes["strip"][2], height + 4, "A network learns while you change it", description)
    size = cells(run)
    seen = features(grid(size, REACH), run.inputs)
    outputs = run.answers(seen, size)
    _draw_strip(picture, boxes["strip"], state)
    _draw_network(picture, boxes["network"], state, seen, outputs, size)
    _draw_map(picture, boxes["map"], boxes["square"], state, outputs, size)
    _draw_loss(picture, boxes["loss"], state)
    _draw_words(picture, boxes["words"], state)
    if state.second:
        _draw_second(picture, boxes["second"], state)
    if state.numbers:
        _draw_numbers(picture, boxes["numbers"], run)
    return picture


# The figures on top.


def _draw_strip(picture: Picture, box: Box, state: SimpleNamespace) -> None:
    run: Run = state.run
    scores = run.scores()
    metric = "r2" if run.points.kind == NUMBER else "accuracy"
    name = "R²" if metric == "r2" else "accuracy"

    def shown(key: str) -> str:
        return minus(short(scores[key])) if key in scores else "no points"

    done = run.at if run.at < len(run.x_train) else 0
    figures = [
        (f"Epoch, {done} of {len(run.x_train)}" if done else "Epoch", f"{run.epoch:,}"),
        ("Training loss", shown("loss")),
        ("Test loss", shown("test_loss")),
        (f"Training {name}", shown(metric)),
        (f"Test {name}", shown(f"test_{metric}")),
        ("Seconds of training", f"{run.seconds:.1f}"),
    ]
    charts.figures(picture, box, figures)


# The network.


def _draw_network(
    picture: Picture, box: Box, state: SimpleNamespace, seen: np.ndarray, outputs: list[np.ndarray], size: int
) -> None:
    run: Run = state.run
    placed = nodes(state, box)
    every = max(1, size // 25)
    model, on = run.model, run.inputs
    seen_nodes = [node for node, name in zip(placed[0], INPUTS, strict=True) if name in on]
    for at, (before, after) in enumerate(zip([seen_nodes, *placed[1:-1]], placed[1:], strict=True)):
        links(picture, before, after, model.layers[at].kernel, layer=at)
    example = _example(state)
    for at, node in enumerate(seen_nodes):
        column = seen[:, at].reshape(size, size)[::every, ::every]
        value = None if example is None else float(example[0][at])
        _draw_node(picture, node, levels(column, float(np.abs(column).max())), value, 3.0)
    for depth, layer in enumerate(model.layers, 1):
        y = outputs[depth - 1][::every, ::every]
        limit = 1.0 if max(map(abs, layer.activation.range)) <= 1 else max(1.0, float(np.abs(y).max()))
        if depth == len(model.layers):
            y, limit = answer_of(run, y), run.scale
        maps = levels(y, limit)
        for at, node in enumerate(placed[depth]):
            value = None if example is None else float(example[depth][at])
            _draw_node(picture, node, maps[:, :, at], value, limit, run if depth == len(model.layers) else None)
    key = ("network", box, tuple(run.hidden), run.outputs, run.ending, tuple(on))
    _once(picture, key, lambda sheet: _draw_frames(sheet, box, run, placed))
    chosen = state.hovered or state.selected
    for depth, layer in enumerate(model.layers, 1):
        for at, (node, bias) in enumerate(zip(placed[depth], layer.bias.tolist(), strict=True)):
            live = {"text": bias_of(bias), "fill": INK if chosen == ("bias", depth, at) else MUTED}
            down = node.y + node.side / 2 + 11
            picture.text(node.x, down, size=10, text_anchor="middle", pointer_events="none", live=live)
    _draw_choice(picture, placed, state, chosen, seen_nodes)


def _draw_node(
    picture: Picture, node: Node, colours: np.ndarray, value: float | None, limit: float, output_of: Run | None = None
) -> None:
    """A node's map; where an example is looked at, its value in its colour instead."""
    side = node.side
    x, y = node.x - side / 2, node.y - side / 2
    picture.heat(x, y, side, side, colours, crisp=False)
    live, words = {"fill": "@128", "fill-opacity": "0"}, {"text": "", "fill": INK}
    if value is not None:
        signed = value if output_of is None else float(answer_of(output_of, np.array(value)))
        live = {"fill": shade(signed, limit), "fill-opacity": "0.94"}
        fine = 2 if side >= 30 else 1
        text = f"{value:.{fine}f}" if abs(value) < 1 else f"{value:.1f}" if abs(value) < 100 else _round(value)
        words = {"text": minus(text), "fill": PAPER if abs(signed) > 0.55 * limit else INK}
    picture.rect(x, y, side, side, rx=4, live=live, pointer_events="none")
    if side >= 20:
        picture.text(node.x, node.y + 4, size=11, text_anchor="middle", pointer_events="none", live=words)


def _round(value: float) -> str:
    """A large number where four letters have room."""
    return f"{value:.0f}" if abs(value) < 9999 else f"{value:.0e}".replace("e+0", "e").replace("e+", "e")


_KEPT: dict[Any, str] = {}


def _once(picture: Picture, key: Any, write: Callable[[Picture], None]) -> None:
    """Draw what has no live values: written once for each ``key``, and from then on copied."""
    if key not in _KEPT:
        if len(_KEPT) > 60:
            _KEPT.clear()
        sheet = Picture(1, 1, "")
        write(sheet)
        _KEPT[key] = "".join(sheet.parts)
    picture.parts.append(_KEPT[key])


def _draw_frames(picture: Picture, box: Box, run: Run, placed: list[list[Node]]) -> None:
    """Names, buttons, and the frames that can be pointed at."""
    _draw_titles(picture, box, run, placed)
    for at, ((name, label), node) in enumerate(zip(INPUTS.items(), placed[0], strict=True)):
        is_on, side = name in run.inputs, node.side
        colour = {"fill": INK if is_on else MUTED}
        picture.text(node.x - side / 2 - 8, node.y + 4, label, size=13, text_anchor="end", **colour)
        if not is_on:
            picture.text(node.x, node.y + 4, "off", size=11, text_anchor="middle", fill=MUTED)
        how = f"{label} is an input; Enter takes it out" if is_on else f"{label} is not an input; Enter takes it in"
        look = {"stroke": MUTED} if is_on else {"stroke": MUTED, "stroke_dasharray": "3 3", "stroke_opacity": "0.6"}
        _frame(picture, node, f"node-0-{at}", "Enter Space", how, **look)
    for depth, column in enumerate(placed[1:], 1):
        last = depth == len(placed) - 1
        for at, node in enumerate(column):
            what = "output" if last else f"hidden layer {depth}, unit {at + 1}"
            how = f"{what}: Enter shows its sum; left and right choose a weight, up and down change it"
            _frame(picture, node, f"node-{depth}-{at}", NODE_KEYS, how, stroke=MUTED)
            below = node.y + node.side / 2 + 1
            name = f"bias-{depth}-{at}"
            picture.rect(node.x - 24, below, 48, 13, fill="transparent", id=name, hover=True)
            if last and run.points.kind == MANY:
                picture.text(node.x + node.side / 2 + 6, node.y + 5, SHAPES[at], size=14, fill=class_ink(at))


def _frame(picture: Picture, node: Node, name: str, keys: str, label: str, **look: str) -> None:
    side = node.side
    x, y = node.x - side / 2, node.y - side / 2
    picture.rect(x, y, side, side, rx=4, fill="transparent", id=name, keys=keys, hover=True, label=label, **look)


def class_ink(label: int) -> str:
    """The colour of a class in a part of the picture that does not change."""
    return {0: ORANGE, 1: BLUE}.get(label, CLASS_COLOURS[label])


def _draw_titles(picture: Picture, box: Box, run: Run, placed: list[list[Node]]) -> None:
    y = box[1]
    inputs = placed[0][0]
    picture.text(inputs.x + inputs.side / 2, y + 13, "Inputs", size=13, font_weight=600, text_anchor="end")
    picture.text(inputs.x + inputs.side / 2, y + 31, "click: on, off", size=11, fill=MUTED, text_anchor="end")
    for depth, (units, activation) in enumerate(run.hidden, 1):
        x = placed[depth][0].x
        room = placed[1][0].x - placed[0][0].x
        title, apart = (f"Hidden layer {depth}", 27) if room > 92 else (f"{depth}", 18)
        picture.text(x, y + 13, title, size=13, font_weight=600, text_anchor="middle")
        for sign, name, left, what in (("\u2212", "less", x - apart, "fewer"), ("+", "more", x + apart, "more")):
            picture.text(left, y + 32, sign, size=15, text_anchor="middle", fill=BLUE, font_weight=600)
            picture.circle(
                left,
                y + 27,
                9 if room > 92 else 8,
                fill="transparent",
                stroke=GRID,
                id=f"{name}-{depth}",
                keys="Enter Space",
                label=f"{what} units in hidden layer {depth}",
            )
        picture.text(x, y + 32, str(units), size=13, text_anchor="middle")
        name = activation.partition("_")[0] if room < 62 else activation  # leaky_relu has no room between six layers
        picture.text(x, y + 51, name, size=12, text_anchor="middle", fill=BLUE, text_decoration="underline")
        picture.rect(
            x - 34,
            y + 39,
            68,
            16,
            rx=3,
            fill="transparent",
            id=f"activation-{depth}",
            keys="Enter Space ArrowUp ArrowDown",
            label=f"activation of hidden layer {depth}: {activation}; Enter takes the next one",
        )
    x = placed[-1][0].x
    title = "Output" if run.outputs == 1 else "Outputs"
    end = "end" if run.outputs == 1 else "middle"
    right = x + placed[-1][0].side / 2 if end == "end" else x
    picture.text(right, y + 13, title, size=13, font_weight=600, text_anchor=end)
    picture.text(right, y + 51, run.ending, size=12, fill=MUTED, text_anchor=end)


def _draw_choice(
    picture: Picture, placed: list[list[Node]], state: SimpleNamespace, chosen: Any, seen_nodes: list[Node]
) -> None:
    """A frame around the chosen node, or a line along the chosen weight."""
    frame = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0, "stroke-opacity": "0"}
    path = {"d": "M0,0", "stroke-opacity": "0"}
    if chosen is not None and chosen[0] in ("node", "bias") and chosen[2] < len(placed[chosen[1]]):
        node = placed[chosen[1]][chosen[2]]
        half = node.side / 2 + 3
        frame = {"x": node.x - half, "y": node.y - half, "width": 2 * half, "height": 2 * half, "stroke-opacity": "1"}
    elif chosen is not None and chosen[0] == "link":
        before = seen_nodes if chosen[1] == 0 else placed[chosen[1]]
        path = {"d": bend(before[chosen[2]], placed[chosen[1] + 1][chosen[3]]), "stroke-opacity": "1"}
    calm: dict[str, Any] = {"fill": "none", "pointer_events": "none", "stroke": INK}
    picture.rect(None, None, None, None, rx=6, stroke_width=2, live=frame, **calm)
    picture.add("path", stroke_width=1.6, stroke_dasharray="1 4", stroke_linecap="round", live=path, **calm)


def _example(state: SimpleNamespace) -> list[np.ndarray] | None:
    """The inputs and every layer's outputs for the place that is looked at."""
    if state.probe is None:
        return None
    run: Run = state.run
    x = features(np.array([state.probe]), run.inputs)
    return [x[0], *(y[0] for y in run.model.layer_outputs(x))]


# The map.


def _draw_map(
    picture: Picture, box: Box, square: Box, state: SimpleNamespace, outputs: list[np.ndarray], size: int
) -> None:
    run: Run = state.run
    x, y, side, _ = square
    chosen = state.hovered or state.selected
    shown = chosen if chosen and chosen[0] == "node" and _is_hidden(run, chosen) else None
    title = "What the network says" if shown is None else f"Hidden layer {shown[1]}, unit {shown[2] + 1}"
    picture.text(box[0], box[1] + 13, size=14, font_weight=600, live={"text": title})
    picture.text(box[0], box[1] + 31, size=12, fill=MUTED, live={"text": _map_hint(state, shown)})
    if shown is not None:
        values = outputs[shown[1] - 1][:, :, shown[2]]
        limit = (
            1.0 if max(map(abs, run.model.layers[shown[1] - 1].activation.range)) <= 1 else float(np.abs(values).max())
        )
        colours = levels(PALE * values, max(limit, 1e-12))
    else:
        colours = map_levels(run, outputs[-1], state.discretize)
    many = run.points.kind == MANY and shown is None
    picture.heat(x, y, side, side, colours, crisp=False, classes=many)
    _once(picture, ("axes", square, run.points.names), lambda sheet: axes(sheet, square, REACH, run.points.names))
    _draw_points(picture, square, run, state.show_test, size=6 if len(run.points.x) > 100 else 9)
    crosshair(picture, square, state.probe, REACH)
    how = "Map of the answer. Arrow keys look at a place, Space does what a click does, Delete removes a point."
    picture.rect(
        x,
        y,
        side,
        side,
        fill="transparent",
        stroke=MUTED,
        id="map",
        keys=MAP_KEYS,
        hover=True,
        role="application",
        label=how,
    )
    _draw_legend(picture, (x, y + side + 26, side, 26), run)
    if state.show_test and len(run.x_test):
        picture.text(x + side / 2, y + side + 57, "with a hole: test points", size=12, fill=MUTED, text_anchor="middle")


def _is_hidden(run: Run, thing: Any) -> bool:
    return 1 <= thing[1] <= len(run.hidden)


def _map_hint(state: SimpleNamespace, shown: Any) -> str:
    if shown is not None:
        return "this unit alone, at every place of the map"
    if state.pointer.startswith("add"):
        return f"a click adds a point of class {state.pointer[-1]}"
    if state.pointer == "remove":
        return "a click removes the nearest point"
    return "at every place; hover or click to look closer"


def map_levels(run: Run, y: np.ndarray, discretize: bool) -> np.ndarray:
    """The output map's rows of the colour table."""
    if run.points.kind == MANY:
        best, top = y.argmax(axis=-1), y.max(axis=-1)
        low = 1.0 / run.outputs if run.ending == "softmax" else -1.0 if run.ending == "tanh" else 0.0
        sure = np.ones_like(top) if discretize else np.clip((top - low) / (1 - low), 0, 1)
        return (42 * best + np.rint(4 + 24 * sure)).astype(np.uint8)
    signed = answer_of(run, y)[:, :, 0]
    limit = run.scale if run.points.kind == NUMBER else 1.0
    signed = np.where(signed > 0, limit, -limit) if discretize else np.clip(signed, -limit, limit)
    return levels(PALE * signed, limit)


def _draw_points(picture: Picture, square: Box, run: Run, show_test: bool, size: float = 6) -> None:
    """Points to learn from, filled; test points, where they are shown, with a hole."""
    x0, y0, side, _ = square
    for x, y, hollow in ((run.x_train, run.y_train, False), (run.x_test, run.y_test, True)):
        if not len(x) or (hollow and not show_test):
            continue
        at = np.column_stack([x0 + side * (x[:, 0] + REACH) / (2 * REACH), y0 + side * (REACH - x[:, 1]) / (2 * REACH)])
        inside = (np.abs(x) <= REACH + 0.3).all(axis=1)
        if run.points.kind == NUMBER:
            bins = np.rint(np.clip(y / run.scale, -1, 1) * 5).astype(int)
            for value in range(-5, 6):
                marks(picture, at[inside & (bins == value)], DISC, shade(value / 5), hollow=hollow, size=size)
        else:
            for label in range(run.points.classes):
                marks(picture, at[inside & (y == label)], label, CLASS_COLOURS[label], hollow=hollow, size=size)


def _draw_legend(picture: Picture, box: Box, run: Run) -> None:
    x, y, width, _ = box
    if run.points.kind == MANY:
        part = width / run.outputs
        for label in range(run.outputs):
            picture.text(x + part * label, y + 17, SHAPES[label], size=14, live={"fill": CLASS_COLOURS[label]})
            picture.text(x + part * label + 17, y + 17, f"class {label}", size=12, fill=MUTED)
        return
    middle = x + width / 2
    picture.heat(middle - 60, y + 4, 120, 9, levels(PALE * np.linspace(-1, 1, 60)[None, :]), crisp=False)
    picture.rect(middle - 60, y + 4, 120, 9, fill="none", stroke=GRID)
    if run.points.kind == NUMBER:
        left, right = minus(f"{-run.scale:.2g}"), f"{run.scale:.2g}"
    else:
        left, right = f"class 0 {SHAPES[0]}", f"{SHAPES[1]} class 1"
    picture.text(middle - 68, y + 13, left, size=12, fill=MUTED, text_anchor="end")
    picture.text(middle + 68, y + 13, right, size=12, fill=MUTED)


# The curves.


def _draw_loss(picture: Picture, box: Box, state: SimpleNamespace) -> None:
    run: Run = state.run
    scores = run.scores()
    names = {
        "binary_crossentropy": "cross-entropy",
        "sparse_categorical_crossentropy": "cross-entropy",
        "mse": "squared error",
        "mae": "absolute error",
    }
    title = f"Loss: {names.get(run.loss_name, run.loss_name)}"
    curves = []
    now = run.epoch + (run.at / len(run.x_train) if run.ready and run.at < len(run.x_train) else 0)
    known = sum(epoch <= run.epoch for epoch in run.curves["epoch"])
    for name, label, colour, dash in (("loss", "training", BLUE, None), ("test_loss", "test", ORANGE, "5 3")):
        if name in scores:
            every = known // 120 + 1  # a chart of this width shows no more
            epochs = [*run.curves["epoch"][:known:every], now]
            curves.append(Curve(label, epochs, [*run.curves[name][:known:every], scores[name]], colour, dash))
    if state.pinned is not None:
        curves.append(Curve("pinned", state.pinned["epoch"], state.pinned["loss"], MUTED, "1 3"))
    if state.second and state.other is not None and state.other.ready:
        other = state.other
        curves.append(Curve("second", other.curves["epoch"], other.curves["loss"], INK, "8 3 2 3"))
    if not curves:
        charts.heading(picture, box, title, "no points to learn from")
        return
    x_high = max(charts.round_up(max(curve.x[-1] for curve in curves)), 10)
    y_high = charts.round_up(max(max(curve.y) for curve in curves))
    low = min(min(curve.y) for curve in curves)
    charts.line_chart(
        picture,
        box,
        curves,
        title=title,
        x_label="epoch",
        x_high=x_high,
        y_high=max(y_high, 1e-3),
        y_low=min(0, low),
        digits=3,
    )


# Words about what is pointed at.


def _draw_words(picture: Picture, box: Box, state: SimpleNamespace) -> None:
    x, y, width, height = box
    room = int((width - 28) / 6.9)
    title, lines = about_thing(state, room)
    picture.rect(x, y, width, height, rx=8, fill=PANEL)
    picture.text(x + 14, y + 24, size=14, font_weight=600, live={"text": title})
    most = int((height - 34) / 19)
    for at in range(most):
        words = lines[at] if at < len(lines) else ""
        picture.text(x + 14, y + 46 + 19 * at, size=12.5, live={"text": words})


def _draw_second(picture: Picture, box: Box, state: SimpleNamespace) -> None:
    other: Run = state.other
    x, y, _, height = box
    inside = charts.heading(picture, box, "Second run, from the same start")
    side = height - 30
    size = min(cells(other), 52)
    answers = other.answers(features(grid(size, REACH), other.inputs), size)[-1]
    many = other.points.kind == MANY
    picture.heat(x, inside[1] + 4, side, side, map_levels(other, answers, state.discretize), crisp=False, classes=many)
    picture.rect(x, inside[1] + 4, side, side, fill="none", stroke=MUTED)
    _draw_points(picture, (x, inside[1] + 4, side, side), other, False, size=3.4)
    scores = other.scores()
    s = other.settings
    layers = ", ".join(f"{units} {activation}" for units, activation in other.hidden) or "no hidden layer"
    lines = [
        f"learning rate {s.learning_rate:g}, batch size {s.batch_size}, {s.optimizer}",
        f"hidden: {layers}",
        f"first weights {s.initializer}, seed {s.seed}",
        f"regularization {s.regularization}" + (f" {s.regularization_rate:g}" if s.regularization != "none" else ""),
    ]
    for at, line in enumerate(lines):
        picture.text(x + side + 20, inside[1] + 18 + 20 * at, line, size=12.5, fill=MUTED)
    words = (
        f"Epoch {other.epoch:,}: training loss {short(scores.get('loss', 0))}, "
        f"test loss {short(scores.get('test_loss', 0))}"
    )
    if state.other_trouble:
        words = "It diverged; this is its last good moment."
    picture.text(x + side + 20, inside[1] + 24 + 20 * len(lines), size=12.5, font_weight=600, live={"text": words})


# All weights as numbers.

_CELL, _ROW = 44, 17


def _tables(run: Run) -> list[tuple[str, list[str], np.ndarray]]:
    """A table for each layer of weights: title, names of its rows, numbers (the last row is the biases)."""
    tables = []
    for at, layer in enumerate(run.model.layers):
        if at == 0:
            rows = [INPUTS[name] for name in run.inputs]
        else:
            rows = [f"unit {unit + 1}" for unit in range(layer.kernel.shape[0])]
        last = at == len(run.model.layers) - 1
        title = "Into the output" if last else f"Into hidden layer {at + 1}"
        tables.append((title, [*rows, "bias"], np.vstack([layer.kernel, layer.bias])))
    return tables


def _table_places(run: Run, width: float) -> tuple[list[tuple[float, float]], float]:
    places, x, y, high = [], 0.0, 0.0, 0.0
    for _, rows, numbers in _tables(run):
        wide, tall = 54 + _CELL * numbers.shape[1] + 22, 46 + _ROW * len(rows)
        if x and x + wide > width:
            x, y, high = 0.0, y + high + 14, 0.0
        places.append((x, y))
        x, high = x + wide, max(high, tall)
    return places, y + high


def _table_height(run: Run, width: float) -> float:
    return _table_places(run, width)[1] + 8


def _in_table(value: float) -> str:
    """A weight in seven letters at most."""
    decimals = next((n for n, limit in ((3, 10), (2, 100), (1, 1000)) if abs(value) < limit), None)
    return _round(value) if decimals is None else f"{value:.{decimals}f}"


def _draw_numbers(picture: Picture, box: Box, run: Run) -> None:
    """Every weight: a row for where it comes from, a column for the unit it goes to."""
    x0, y0, width, _ = box
    for (x, y), (title, rows, numbers) in zip(_table_places(run, width)[0], _tables(run), strict=True):
        left, top = x0 + x, y0 + y
        picture.text(left, top + 13, title, size=13, font_weight=600)
        for column in range(numbers.shape[1]):
            picture.text(
                left + 54 + _CELL * (column + 1) - 4,
                top + 32,
                f"unit {column + 1}",
                size=11,
                fill=MUTED,
                text_anchor="end",
            )
        for row, (name, values) in enumerate(zip(rows, numbers.tolist(), strict=True)):
            base = top + 32 + _ROW * (row + 1)
            picture.text(left, base, name, size=11, fill=MUTED)
            for column, value in enumerate(values):
                live = {"text": minus(_in_table(value)), "fill": INK if value >= 0 else ORANGE}
                picture.text(left + 54 + _CELL * (column + 1) - 4, base, size=11, text_anchor="end", live=live)
