"""A network whose nodes are small heat maps: what each says about every point of the plane.

Links are bent lines, as wide as their weight is strong, blue above zero and orange (and dashed) below. Each has a wide
invisible line under it, so that a finger can hit it.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .charts import Box
from .elements import GRID, Picture, number
from .network import dashes

__all__ = ["Node", "columns", "links", "strong_shades"]


@dataclass(frozen=True)
class Node:
    """A square node: its middle and its side."""

    x: float
    y: float
    side: float


def columns(box: Box, sizes: Sequence[int], *, most: float = 44, below: float = 13) -> list[list[Node]]:
    """A column of square nodes for each layer, all of one size, with room for a line of text ``below`` each."""
    x, y, width, height = box
    fullest = max(sizes)
    side = max(8.0, min(most, height / fullest - below - 3, 0.5 * width / len(sizes)))
    across = np.linspace(x + side / 2, x + width - side / 2, len(sizes)).tolist()
    placed = []
    for at, size in zip(across, sizes, strict=True):
        apart = min(height / size, (side + below + 3) * 1.35)
        first = y + height / 2 - apart * (size - 1) / 2 - below / 2
        placed.append([Node(at, first + apart * node, side) for node in range(size)])
    return placed


def strong_shades(weights: np.ndarray, limit: float) -> list[str]:
    """Colours that can be seen on the page however weak the weight: at least a third of the way from nothing."""
    weights = np.asarray(weights, dtype=float).ravel()
    share = np.sign(weights) * (0.34 + 0.66 * np.clip(np.abs(weights) / limit, 0, 1))
    share[weights == 0] = 0
    rows = np.rint(np.where(share < 0, 128 + 128 * share, 128 + 127 * share)).astype(int)
    return [f"@{row}" if row != 128 else GRID for row in rows.tolist()]


def bend(start: Node, end: Node) -> str:
    """The path of a link, level where it leaves and where it arrives."""
    x1, x2 = start.x + start.side / 2, end.x - end.side / 2
    middle = number((x1 + x2) / 2)
    y1, y2 = number(start.y), number(end.y)
    return f"M{number(x1)},{y1}C{middle},{y1} {middle},{y2} {number(x2)},{y2}"


@functools.lru_cache(maxsize=64)
def _paths(before: tuple[Node, ...], after: tuple[Node, ...]) -> list[str]:
    return [bend(start, end) for start in before for end in after]


@functools.lru_cache(maxsize=64)
def _targets(before: tuple[Node, ...], after: tuple[Node, ...], layer: int) -> str:
    """The wide invisible lines: they never change while the nodes stay, so they are written once."""
    sheet = Picture(1, 1, "")
    for at, path in enumerate(_paths(before, after)):
        name = f"link-{layer}-{at // len(after)}-{at % len(after)}"
        sheet.add("path", d=path, fill="none", stroke="transparent", stroke_width=9, id=name, hover=True)
    return "".join(sheet.parts)


def links(
    picture: Picture,
    before: Sequence[Node],
    after: Sequence[Node],
    kernel: np.ndarray,
    *,
    layer: int,
    limit: float = 2.0,
) -> None:
    """The weights between two columns. Their ids are ``link-layer-from-to``.

    Shapes
    ------
    kernel    (len(before), len(after))
    """
    strength = np.clip(np.abs(kernel) / limit, 0, 1)
    wide = (0.7 + 5.3 * strength).ravel().tolist()
    paths = _paths(tuple(before), tuple(after))
    for path, width, dash, colour in zip(paths, wide, dashes(kernel), strong_shades(kernel, limit), strict=True):
        live = {"stroke": colour, "stroke-width": width, "stroke-dasharray": dash}
        picture.add("path", d=path, fill="none", live=live)
    picture.parts.append(_targets(tuple(before), tuple(after), layer))
