"""Still figures of networks and data, in matplotlib.

Every function draws on the ``ax`` it is given, or on a new figure, and returns what it drew; ``subplots`` makes one
that a notebook shows, without pyplot. Blue is more, orange is less, white in between; colour is never the only cue:
lines differ in their dashes, classes in their markers, signs in being filled or hollow.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, TwoSlopeNorm
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from . import activations, metrics
from .checks import lookup, number, numeric, whole

BLUE, ORANGE, INK = "#085ca4", "#d95f02", "#1f2328"
BLUE_ORANGE = LinearSegmentedColormap.from_list("annlab", [ORANGE, "white", BLUE])
# Class 0 is orange, class 1 blue; then colours that stay apart for the colour-blind (Okabe and Ito 2008).
CLASS_COLOURS = [ORANGE, BLUE, "#009e73", "#cc79a7", "#56b4e9", "#8c6d00", "#000000", "#f0e442", "#7a4fbf", "#9a9a9a"]
CLASS_MARKERS = ["s", "o", "^", "D", "v", "P", "X", "*", "<", ">"]


class Picture(Figure):
    """A figure that shows itself at the end of a notebook's cell."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def subplots(rows: int = 1, columns: int = 1, size: tuple[float, float] | None = None) -> tuple[Picture, Any]:
    """A figure and its axes, as pyplot's ``subplots`` gives them; ``size`` is in inches."""
    rows, columns = whole("rows", rows), whole("columns", columns)
    figure = Picture(figsize=size or (4.5 * columns, 3.4 * rows), layout="constrained")
    return figure, figure.subplots(rows, columns)


def learning_curves(history: Any, metric: str = "loss", ax: Axes | None = None) -> list[Line2D]:
    """What ``fit`` returned, epoch by epoch: training a solid line, validation a dashed one."""
    values: Mapping[str, Sequence[float]] = getattr(history, "history", history)
    if not isinstance(values, Mapping) or not values:
        raise ValueError(f"history should be what fit returned, after at least one epoch; got {history!r}")
    lookup("metric", metric, values)
    ax = _axes(ax)
    epochs = np.arange(1, len(values[metric]) + 1)
    lines = ax.plot(epochs, values[metric], color=BLUE, label=f"training: {values[metric][-1]:.3g}")
    if f"val_{metric}" in values:
        validation = values[f"val_{metric}"]
        lines += ax.plot(epochs, validation, color=ORANGE, linestyle="--", label=f"validation: {validation[-1]:.3g}")
    ax.set(xlabel="epoch", ylabel=metric, title=f"{metric} after {len(epochs)} epochs")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return lines


def points(x: Any, y: Any, ax: Axes | None = None, names: Sequence[Any] | None = None) -> list[Any]:
    """Examples in the plane, a colour and a marker for each class. x (n, 2), y (n,): 0, 1, 2 ... or -1 and +1."""
    x, labels, classes = _labelled(x, y, names)
    ax = _axes(ax)
    drawn = []
    for place, (label, name) in enumerate(classes):
        own = x[labels == label]
        dots = ax.scatter(own[:, 0], own[:, 1], s=28, color=CLASS_COLOURS[place], marker=CLASS_MARKERS[place])
        dots.set(edgecolor="white", linewidth=0.6, label=name, zorder=3)
        drawn.append(dots)
    ax.set(xlabel="x1", ylabel="x2", title=f"{len(x)} examples of {len(classes)} classes")
    ax.legend(title="class")
    return drawn


def decision_boundary(
    model: Any, x: Any, y: Any, ax: Axes | None = None, names: Sequence[Any] | None = None, resolution: int = 120
) -> list[Any]:
    """What the network says of every place in the plane, and the examples on it.

    ``model`` is called with rows of two numbers. One output is a shade from orange to blue, with a line half way
    between the two labels; several outputs give each place to the largest of them.
    """
    x, labels, classes = _labelled(x, y, names)
    edge = 0.08 * np.ptp(x, axis=0) + 0.1
    low, high = x.min(axis=0) - edge, x.max(axis=0) + edge
    resolution = whole("resolution", resolution, low=2)
    across, up = (np.linspace(low[i], high[i], resolution) for i in (0, 1))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    outputs = np.asarray(model(grid), dtype=np.float64).reshape(len(grid), -1)
    answers = np.asarray(model(x), dtype=np.float64).reshape(len(x), -1)
    ax = _axes(ax)
    half = (high - low) / (resolution - 1) / 2  # the outer cells reach half a cell beyond their middle
    extent = (low[0] - half[0], high[0] + half[0], low[1] - half[1], high[1] + half[1])
    area: dict[str, Any] = {"extent": extent, "origin": "lower", "aspect": "auto"}
    drawn: list[Any] = []
    if outputs.shape[1] == 1:
        answer = outputs.reshape(resolution, resolution)
        bottom = min(0.0, classes[0][0])
        middle = (bottom + 1) / 2
        said = np.where(answers[:, 0] > middle, 1, classes[0][0])
        drawn.append(ax.imshow(answer, cmap=BLUE_ORANGE, vmin=bottom, vmax=1, alpha=0.6, **area))
        if answer.min() < middle < answer.max():
            drawn.append(ax.contour(across, up, answer, levels=[middle], colors=INK, linewidths=1.5))
    else:
        said = answers.argmax(axis=1)
        winner = outputs.argmax(axis=1).reshape(resolution, resolution)
        if outputs.shape[1] > len(CLASS_COLOURS):
            raise ValueError(
                f"decision_boundary draws up to {len(CLASS_COLOURS)} classes; got {outputs.shape[1]} outputs"
            )
        colours = ListedColormap(CLASS_COLOURS[: outputs.shape[1]])
        top = outputs.shape[1] - 0.5
        drawn.append(ax.imshow(winner, cmap=colours, vmin=-0.5, vmax=top, alpha=0.3, interpolation="nearest", **area))
        for place in np.unique(winner)[:-1]:
            drawn.append(ax.contour(across, up, winner == place, levels=[0.5], colors=INK, linewidths=1))
    drawn += points(x, y, ax, names)
    ax.set(
        xlim=(low[0], high[0]),
        ylim=(low[1], high[1]),
        title=f"{np.mean(said == labels):.1%} of {len(x)} examples are right",
    )
    return drawn


def confusion_matrix(y_true: Any, y_pred: Any, ax: Axes | None = None, names: Sequence[Any] | None = None) -> AxesImage:
    """Rows are the true classes, columns what the network said; each cell counts, shaded by its share of the row."""
    counts = metrics.confusion_matrix(y_true, y_pred)
    names = _names(names, len(counts))
    ax = _axes(ax)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = ax.imshow(shares, cmap=LinearSegmentedColormap.from_list("share", ["white", BLUE]), vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.5 else INK
            weight = "bold" if row == column else "normal"
            ax.text(column, row, str(count), ha="center", va="center", color=colour, weight=weight, fontsize=9)
    ticks = range(len(counts))
    ax.set_xticks(ticks, names, rotation=45 if max(map(len, names)) > 3 else 0)
    ax.set_yticks(ticks, names)
    right, total = int(np.trace(counts)), int(counts.sum())
    ax.set(xlabel="the network said", ylabel="true class", title=f"{right} of {total} right ({right / total:.1%})")
    return image


def activation(name: Any, ax: Axes | None = None, low: float = -6.0, high: float = 6.0) -> list[Line2D]:
    """An activation (solid) and its slope (dashed). Softmax is drawn for one of two nodes, the other having sum 0."""
    function = activations.get(name)
    low = number("low", low)
    z = np.linspace(low, number("high", high, above=low), 601)
    rows = np.stack([z, np.zeros_like(z)], axis=1) if function.name == "softmax" else z[:, None]
    y, slope = function(rows)[:, 0], function.derivative(rows)[:, 0]
    ax = _axes(ax)
    ax.axhline(0, color="#59636e", linewidth=0.6)
    ax.axvline(0, color="#59636e", linewidth=0.6)
    lines = ax.plot(z, y, color=BLUE, linewidth=2, label="output y")
    lines += ax.plot(z, slope, color=ORANGE, linewidth=1.5, linestyle="--", label="slope dy/dz")
    ax.set(xlabel="weighted sum z", title=f"{function.name}: {function.formula}")
    ax.legend()
    return lines


def weights(kernel: Any, ax: Axes | None = None) -> PatchCollection:
    """One square a weight: its area is the size, filled blue is positive, hollow orange negative (a Hinton diagram).

    ``kernel`` is an array (inputs, units), or a layer that has one: its rows are inputs, its columns units.
    """
    w = np.atleast_2d(numeric("kernel", getattr(kernel, "kernel", kernel), np.float64))
    if w.ndim != 2:
        raise ValueError(f"kernel should have shape (inputs, units); got {w.shape}")
    largest = np.abs(w).max() or 1.0
    sides = np.sqrt(np.abs(w) / largest) * 0.92
    squares = [Rectangle((j - s / 2, i - s / 2), s, s) for (i, j), s in np.ndenumerate(sides)]
    positive = w.ravel() >= 0
    faces = np.where(positive, BLUE, "white")
    ax = _axes(ax)
    drawn = PatchCollection(squares, facecolors=faces, edgecolors=np.where(positive, BLUE, ORANGE))
    ax.add_collection(drawn)
    ax.set(xlim=(-0.6, w.shape[1] - 0.4), ylim=(w.shape[0] - 0.4, -0.6), aspect="equal", xlabel="unit", ylabel="input")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_title(f"{w.size} weights from {w.min():.2f} to {w.max():.2f}")
    return drawn


def digit_grid(
    x: Any, labels: Any = None, predictions: Any = None, ax: Axes | None = None, columns: int = 10
) -> tuple[AxesImage, list[Text]]:
    """Pictures side by side, x (n, 64) or any square number of pixels; a wrong prediction is marked like 5 ≠ 3.

    ``labels`` are what the pictures are, ``predictions`` what the network said.
    """
    x = numeric("x", x, np.float64)
    side = round(x.shape[-1] ** 0.5)
    if x.ndim != 2 or side * side != x.shape[1]:
        raise ValueError(f"x should be rows of square pictures, like (n, 64); got shape {x.shape}")
    for name, values in (("labels", labels), ("predictions", predictions)):
        if values is not None and np.shape(values) != (len(x),):
            raise ValueError(f"{name} should have one for each of {len(x)} pictures; got shape {np.shape(values)}")
    columns = min(whole("columns", columns), len(x))
    gap = max(3, side // 2)  # room for the captions
    step, rows = side + gap, -(-len(x) // columns)
    sheet = np.full((rows * step, columns * step - gap), np.nan)
    texts = []
    ax = subplots(size=(0.6 * columns + 0.4, 0.6 * rows + 0.6))[1] if ax is None else ax
    for i, picture in enumerate(x):
        top, left = i // columns * step + gap, i % columns * step
        sheet[top : top + side, left : left + side] = picture.reshape(side, side)
        said = None if predictions is None else predictions[i]
        true = None if labels is None else labels[i]
        wrong = said is not None and true is not None and said != true
        caption = f"{said} ≠ {true}" if wrong else f"{true if said is None else said}"
        if said is not None or true is not None:
            text = ax.text(left + side / 2 - 0.5, top - 0.7, caption, ha="center", va="bottom", fontsize=9, color=INK)
            if wrong:
                text.set(color=ORANGE, weight="bold")
            texts.append(text)
    image = ax.imshow(sheet, cmap="gray_r", vmin=x.min(), vmax=x.max() or 1)
    ax.set_axis_off()
    right = "" if labels is None or predictions is None else f", {np.sum(np.equal(labels, predictions))} right"
    ax.set_title(f"{len(x)} pictures{right}")
    return image, texts


def loss_landscape(
    model: Any,
    x: Any,
    y: Any,
    ax: Axes | None = None,
    directions: Any = None,
    span: float = 1.0,
    steps: int = 25,
    seed: int = 0,
) -> QuadContourSet:
    """The loss around the present weights, in the plane of two directions; the weights come out as they were.

    loss(parameters + a * first + b * second) for a, b from -span to span. ``directions`` has shape (2, parameters);
    without it two random ones are taken, each as long as the vector of parameters (after Li et al. 2018).
    """
    here = model.parameters.copy()
    if directions is None:
        random = np.random.default_rng(whole("seed", seed, low=0)).standard_normal((2, here.size))
        directions = random * (np.linalg.norm(here) or 1.0) / np.linalg.norm(random, axis=1, keepdims=True)
    directions = numeric("directions", directions, np.float64)
    if directions.shape != (2, here.size):
        raise ValueError(
            f"directions should have shape (2, {here.size}), one number a parameter; got {directions.shape}"
        )
    span, steps = number("span", span, above=0), whole("steps", steps, low=3)
    offsets = np.linspace(-span, span, steps)
    losses = np.empty((steps, steps))
    middle = model.evaluate(x, y, return_dict=True)["loss"]
    try:
        for row, b in enumerate(offsets):
            for column, a in enumerate(offsets):
                model.parameters[:] = here + a * directions[0] + b * directions[1]
                losses[row, column] = model.evaluate(x, y, return_dict=True)["loss"]
    finally:
        model.parameters[:] = here
    ax = _axes(ax)
    norm = TwoSlopeNorm(np.median(losses), losses.min() - 1e-12, losses.max() + 1e-12)
    shades = ax.contourf(offsets, offsets, losses, levels=18, cmap=BLUE_ORANGE, norm=norm)
    ax.clabel(ax.contour(shades, colors=INK, linewidths=0.6, levels=np.asarray(shades.levels)[::3]), fontsize=8)
    ax.plot(0, 0, marker="*", markersize=14, color="white", markeredgecolor=INK)
    ax.set(xlabel="along the first direction", ylabel="along the second", title=f"loss {middle:.3g} at the star")
    return shades


def _axes(ax: Axes | None) -> Axes:
    return subplots()[1] if ax is None else ax


def _names(names: Sequence[Any] | None, classes: int) -> list[str]:
    if names is None:
        return [str(i) for i in range(classes)]
    if len(names) < classes:
        raise ValueError(f"names should be one for each of {classes} classes; got {len(names)}")
    return [str(name) for name in names]


def _labelled(x: Any, y: Any, names: Sequence[Any] | None) -> tuple[np.ndarray, np.ndarray, list[tuple[int, str]]]:
    """x, the label of each row, and each class with its name, in the order of colours and markers."""
    x, y = numeric("x", x, np.float64), numeric("y", y, np.float64)
    if x.ndim != 2 or x.shape[1] != 2:
        raise ValueError(f"only points with two coordinates can be drawn, x of shape (n, 2); got {x.shape}")
    if y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(axis=1).astype(np.float64)
    if y.size != len(x):
        raise ValueError(f"y should have one class for each of {len(x)} points; got shape {y.shape}")
    y = y.reshape(-1)
    signs = set(np.unique(y)) <= {-1, 1} and y.min() < 0
    if not signs and (np.any(y != np.floor(y)) or y.min() < 0 or y.max() >= len(CLASS_COLOURS)):
        raise ValueError(
            f"y should be class numbers 0 to {len(CLASS_COLOURS) - 1}, or -1 and +1; got {y[:4].tolist()} ..."
        )
    values = [-1, 1] if signs else list(range(max(2, int(y.max()) + 1)))
    labels = [f"{v:+d}" for v in values] if signs and names is None else _names(names, len(values))
    return x, y, list(zip(values, labels, strict=False))
