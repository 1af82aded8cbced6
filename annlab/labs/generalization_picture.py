"""The picture of the generalization lab: figures, the map with its points, the two loss curves, the runs compared."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..svg import charts
from ..svg.charts import Box, Curve
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, levels
from ..svg.plane import SHAPES, axes, grid, marks
from .playground.data import REACH
from .playground.picture import CLASS_COLOURS, PALE

__all__ = ["DATA", "NAMES", "draw"]

CELLS = 64  # of the map, each way
DATA = [
    ("circle", "circle"),
    ("two clouds", "gauss"),
    ("moons", "moons"),
    ("exclusive or", "xor"),
    ("spirals", "spiral"),
]
NAMES = {
    "units": "Hidden units",
    "points": "Training points",
    "noise": "Noise",
    "l2": "L2",
    "l1": "L1",
    "dropout": "Dropout",
    "patience": "Patience",
}
TICKS: dict[str, Sequence[float]] = {
    "units": (1, 2, 5, 10, 20, 50, 100, 200),
    "points": (3, 5, 10, 20, 50, 100, 200, 500),
    "noise": (0, 0.1, 0.2, 0.3, 0.4, 0.5),
    "l2": (0, 0.0001, 0.001, 0.01, 0.1),
    "l1": (0, 0.0001, 0.001, 0.01, 0.1),
    "dropout": (0, 0.1, 0.3, 0.5, 0.7, 0.9),
    "patience": (1, 3, 10, 30, 100),
}


def along(name: str, value: Any) -> Any:
    """Where a value stands on the axis of its setting: by its size, or by its logarithm; there 0 has a place of its
    own before 0.0001."""
    if name in ("noise", "dropout"):
        return value
    return np.log10(np.maximum(value, 10**-4.5)) if name in ("l1", "l2") else np.log10(value)


def places(state: SimpleNamespace) -> tuple[dict[str, Box], float]:
    """Where everything stands, for this width of the page."""
    width, top = state.width, 104.0 if state.width < 720 else 60.0
    if width >= 720:
        side = 284.0 if width >= 900 else 260.0
        boxes = {
            "map": (26, top, side, side + 96),
            "loss": (side + 66, top, width - side - 66, side + 86),
        }
        low = top + side + 116
    else:
        side = min(width - 60.0, 340.0)
        boxes = {"map": (26, top, side, side + 96), "loss": (0, top + side + 116, width, 270)}
        low = top + side + 410
    boxes["strip"] = (0, 0, width, top - 10)
    boxes["runs"] = (0, low, width, 212)
    boxes["square"] = (26, top + 42, side, side)
    return boxes, low + 212


def draw(state: SimpleNamespace, description: str, runs: list[tuple[float, float, float]]) -> Picture:
    """The whole picture; ``runs`` are those to be compared: value, training loss, validation loss."""
    boxes, height = places(state)
    picture = Picture(state.width, height + 4, "A network learns some points and is asked about others", description)
    _draw_strip(picture, boxes["strip"], state)
    _draw_map(picture, boxes["map"], boxes["square"], state)
    _draw_loss(picture, boxes["loss"], state)
    _draw_runs(picture, boxes["runs"], state, runs)
    return picture


def _draw_strip(picture: Picture, box: Box, state: SimpleNamespace) -> None:
    run = state.run
    figures = [
        (f"Epoch, of {run.settings.epochs}", f"{run.epoch}"),
        ("Training loss", f"{run.scores['loss']:.3f}"),
        ("Validation loss", f"{run.scores['val_loss']:.3f}"),
        ("Gap", f"{run.gap:.2f}".replace("-", "\u2212")),
        ("Weights, points", f"{run.weights}, {run.settings.points}"),
        ("Right, of each", f"{run.scores['accuracy']:.2f}, {run.scores['val_accuracy']:.2f}"),
    ]
    charts.figures(picture, box, figures)


def _draw_map(picture: Picture, box: Box, square: Box, state: SimpleNamespace) -> None:
    run = state.run
    x, y, side, _ = square
    title = "What the network says"
    if state.own is not None:
        value = getattr(run.settings, state.against)
        title = f"{NAMES[state.against]} {value:g}, run {state.planned - len(state.plan)} of {state.planned}"
    picture.text(box[0], box[1] + 13, size=14, font_weight=600, live={"text": title})
    answers = run.model.predict(grid(CELLS, REACH)).reshape(CELLS, CELLS)
    picture.heat(x, y, side, side, levels(PALE * (2 * answers - 1)), crisp=False)
    axes(picture, square, REACH, ("x\u2081", "x\u2082"))
    many = run.settings.points > 100
    sets = ((run.x_val, run.y_val, True, 4.2), (run.x_train, run.y_train, False, 6.5 if many else 9))
    for points, labels, hollow, size in sets:
        at = np.column_stack(
            [x + side * (points[:, 0] + REACH) / (2 * REACH), y + side * (REACH - points[:, 1]) / (2 * REACH)]
        )
        inside = (np.abs(points) <= REACH).all(axis=1)
        for label in (0, 1):
            marks(picture, at[inside & (labels == label)], label, CLASS_COLOURS[label], hollow=hollow, size=size)
    picture.rect(x, y, side, side, fill="none", stroke=MUTED)
    words = "filled: learned from; small, with a hole: held out"
    picture.text(box[0], box[1] + 31, words, size=12, fill=MUTED)
    middle, below = x + side / 2, y + side + 40
    picture.heat(middle - 60, below - 9, 120, 9, levels(PALE * np.linspace(-1, 1, 60)[None, :]), crisp=False)
    picture.rect(middle - 60, below - 9, 120, 9, fill="none", stroke=GRID)
    picture.text(middle - 68, below, f"class 0 {SHAPES[0]}", size=12, fill=MUTED, text_anchor="end")
    picture.text(middle + 68, below, f"{SHAPES[1]} class 1", size=12, fill=MUTED)


def _draw_loss(picture: Picture, box: Box, state: SimpleNamespace) -> None:
    run = state.run
    curves = [
        Curve("training", range(run.epoch + 1), run.curves["loss"], BLUE),
        Curve("validation (held-out points)", range(run.epoch + 1), run.curves["val_loss"], ORANGE, "5 3"),
    ]
    longest = run.settings.epochs
    highest = charts.round_up(max(1.0, max(map(max, run.curves.values()))))
    place = charts.line_chart(
        picture, box, curves, title="Loss after each epoch", x_label="epoch", x_high=longest, y_high=highest, digits=3
    )
    stops = run.settings.early_stopping
    waits = f"early stopping {'on' if stops else 'off'}, {run.waited} of {run.settings.patience} epochs no better"
    picture.text(box[0] + box[2], box[1] + 12, size=12, fill=MUTED, text_anchor="end", live={"text": waits})
    lines = [
        (run.best, "1 4", 14, f"best: epoch {run.best}" if run.epoch else ""),
        (run.stop, "7 4", 30, f"{'stopped' if stops else 'would stop'}: epoch {run.stop}" if run.stop else ""),
    ]
    bottom, top = place(np.zeros(2), np.array([0.0, highest]))[:, 1].tolist()
    across = [float(place(np.array([epoch or 0.0]), np.zeros(1))[0, 0]) for epoch, *_ in lines]
    for at, (_, dash, down, words) in zip(across, lines, strict=True):  # the second begins below the words at the first
        _draw_upright(picture, at, top + down - 12, bottom, dash, seen=bool(words))
    for at, (epoch, _, down, words) in zip(across, lines, strict=True):  # over the lines, with a rim of paper
        far = (epoch or 0) > 0.6 * longest
        live = {"text": words, "x": at - 6 if far else at + 6, "text-anchor": "end" if far else "start"}
        picture.text(None, top + down, size=12, stroke=PAPER, stroke_width=4, paint_order="stroke", live=live)  # type: ignore[arg-type]


def _draw_upright(picture: Picture, at: float, top: float, bottom: float, dash: str, *, seen: bool) -> None:
    """A line across a chart, at a place that may move."""
    live = {"x1": at, "x2": at, "stroke-opacity": "1" if seen else "0"}
    picture.add("line", y1=top, y2=bottom, stroke=INK, stroke_width=1.6, stroke_dasharray=dash, live=live)


def _draw_runs(picture: Picture, box: Box, state: SimpleNamespace, runs: list[tuple[float, float, float]]) -> None:
    """The final losses against the compared setting, one pair of marks a run."""
    name = state.against
    ticks = [(float(along(name, value)), f"{value:g}") for value in TICKS[name]]
    across = [float(along(name, value)) for value, _, _ in runs]
    curves = [
        Curve("training", across, [loss for _, loss, _ in runs], BLUE),
        Curve("validation", across, [val_loss for _, _, val_loss in runs], ORANGE, "5 3"),
    ]
    highest = charts.round_up(max(1.0, *(loss for run in runs for loss in run[1:])) if runs else 1.0)
    low, high = ticks[0][0], ticks[-1][0]
    place = charts.line_chart(
        picture,
        box,
        curves if runs else [],
        title=f"Final losses against: {NAMES[name]}",
        x_label=NAMES[name],
        x_low=low - 0.02 * (high - low),
        x_high=high + 0.02 * (high - low),
        y_high=highest,
        digits=3,
        x_ticks=ticks,
    )
    if not runs:
        x, y, width, height = box
        words = "Finish a run, or press Try several: each run puts two marks here."
        picture.text(x + width / 2, y + height / 2, words, size=13, fill=MUTED, text_anchor="middle")
    for shape, curve in enumerate(curves):
        if runs:
            at = place(np.array(curve.x), np.array(curve.y))
            marks(picture, at, shape, curve.colour, size=8)
    now = float(along(name, getattr(state.run.settings, name)))
    (at, top), (_, bottom) = place(np.array([now, now]), np.array([highest, 0.0])).tolist()
    _draw_upright(picture, at, top, bottom, "1 4", seen=True)
