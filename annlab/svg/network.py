"""A network as circles and lines: a line is as wide as its weight is strong, and dashed where the weight is below
zero."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .charts import Box
from .elements import GRID, INK, MUTED, Picture, shades

__all__ = ["Place", "dashes", "network", "places", "widths"]


@dataclass(frozen=True)
class Place:
    """Where one node stands."""

    x: float
    y: float
    r: float


def places(box: Box, sizes: Sequence[int], *, most: float = 22) -> list[list[Place]]:
    """A column of nodes for each layer, as large as the fullest column allows, but at most ``most`` wide in radius."""
    x, y, width, height = box
    r = min(most, *(0.38 * height / size for size in sizes), 0.3 * width / len(sizes))
    across = np.linspace(x + r, x + width - r, len(sizes)) if len(sizes) > 1 else np.array([x + width / 2])
    columns = []
    for at, size in zip(across.tolist(), sizes, strict=True):
        apart = min(height / size, 3.2 * r)
        first = y + height / 2 - apart * (size - 1) / 2
        columns.append([Place(at, first + apart * node, r) for node in range(size)])
    return columns


def widths(weights: np.ndarray, limit: float) -> list[float]:
    """The width of each link: 0.4 for a weight of nothing, 5 for ``limit`` and beyond."""
    return (0.4 + 4.6 * np.clip(np.abs(weights) / limit, 0, 1)).ravel().tolist()


def dashes(weights: np.ndarray) -> list[str]:
    """The dash pattern of each link: whole for a weight of zero or more, dashed below."""
    return ["5 4" if below else "none" for below in (np.asarray(weights) < 0).ravel().tolist()]


def network(
    picture: Picture,
    box: Box,
    kernels: Sequence[np.ndarray],
    outputs: Sequence[np.ndarray],
    *,
    names: Sequence[str] = (),
    limit: float = 2.0,
) -> list[list[Place]]:
    """Draw a feed-forward network: every weight a link, every node a circle in the colour of its value.

    Nodes have the ids ``node-layer-number``. Returns where the nodes stand, so that more can be drawn on them.

    Shapes
    ------
    kernels    one (units before, units) for each layer of weights
    outputs    one (units,) for each layer of nodes, the inputs first
    """
    x, y, width, height = box
    room = (x, y + 22, width, height - 22) if names else box
    columns = places(room, [len(values) for values in outputs])
    for layer, kernel in enumerate(kernels):
        looks = zip(kernel.ravel().tolist(), widths(kernel, limit), dashes(kernel), shades(kernel, limit), strict=True)
        for at, (_, wide, dash, colour) in enumerate(looks):
            start, end = columns[layer][at // kernel.shape[1]], columns[layer + 1][at % kernel.shape[1]]
            picture.line(
                start.x + start.r,
                start.y,
                end.x - end.r,
                end.y,
                stroke=None,
                live={"stroke": colour, "stroke-width": wide, "stroke-dasharray": dash},
            )
    for layer, (column, values) in enumerate(zip(columns, outputs, strict=True)):
        if names:
            picture.text(column[0].x, y + 12, names[layer], fill=MUTED, text_anchor="middle")
        for at, (node, colour, value) in enumerate(
            zip(column, shades(values), np.asarray(values).tolist(), strict=True)
        ):
            picture.circle(node.x, node.y, node.r, stroke=GRID, id=f"node-{layer}-{at}", live={"fill": colour})
            if node.r >= 14:
                picture.text(
                    node.x,
                    node.y + 4,
                    size=11,
                    text_anchor="middle",
                    pointer_events="none",
                    live={"text": f"{value:.2f}", "fill": INK},
                )
    return columns
