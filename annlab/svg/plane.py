"""The plane of two inputs: a heat map of what is said about every place, and the points that were asked about."""

import functools
from typing import Any

import numpy as np

from .charts import Box
from .elements import INK, MUTED, PAPER, Picture, number

__all__ = ["DISC", "SHAPES", "axes", "crosshair", "grid", "marks"]

SHAPES = ["■", "●", "▲", "◆", "✚", "✖"]  # the shape of each class, in words of one letter
DISC = 1

_TRIANGLE = "m0,-4.2l4,7h-8z"
_DIAMOND = "m0,-4.6l4.4,4.6l-4.4,4.6l-4.4,-4.6z"
_PLUS = "m-4,0h8m-4,-4v8"
_CROSS = "m-3,-3l6,6m0,-6l-6,6"


@functools.lru_cache(maxsize=8)
def grid(cells: int, reach: float) -> np.ndarray:
    """The middles of the cells of a square map from -reach to reach, row by row from the top.

    Shapes
    ------
    return    (cells * cells, 2)
    """
    middles = (np.arange(cells) + 0.5) * (2 * reach / cells) - reach
    x1, x2 = np.meshgrid(middles, middles[::-1])
    return np.column_stack([x1.ravel(), x2.ravel()])


def axes(picture: Picture, box: Box, reach: float, names: tuple[str, str]) -> None:
    """Numbers at the ends and in the middle of both sides of the map in ``box``, and what they count."""
    x, y, width, height = box
    for share in (0.0, 0.5, 1.0):
        value = number(2 * reach * share - reach).replace("-", "\u2212")
        picture.text(x + width * share, y + height + 14, value, size=11, fill=MUTED, text_anchor="middle")
        picture.text(x - 5, y + height * (1 - share) + 4, value, size=11, fill=MUTED, text_anchor="end")
    picture.text(x + width * 0.75, y + height + 14, names[0], size=12, fill=MUTED, text_anchor="middle")
    side = f"rotate(-90 {number(x - 8)} {number(y + height * 0.25)})"
    picture.text(x - 8, y + height * 0.25, names[1], size=12, fill=MUTED, text_anchor="middle", transform=side)


@functools.lru_cache(maxsize=64)
def _path(places: bytes, mark: str) -> str:
    """One path with ``mark`` drawn at every place."""
    pairs = np.frombuffer(places).reshape(-1, 2).tolist()
    return "".join(f"M{number(x)},{number(y)}{mark}" for x, y in pairs)


def marks(
    picture: Picture, places: np.ndarray, shape: int, colour: str, *, hollow: bool = False, size: float = 6
) -> None:
    """Marks of one shape and colour at ``places``, each with a rim of paper; a few elements for any number of points.

    Shapes
    ------
    places    (n, 2), in the picture's own units
    """
    if not len(places):
        return
    calm: dict[str, Any] = {"fill": "none", "pointer_events": "none"}
    where = np.ascontiguousarray(places, dtype=float).tobytes()
    if shape < 2:
        path, cap = _path(where, "h0"), ("square", "round")[shape]
        wide = size if shape == DISC else size * 0.82
        picture.add("path", d=path, stroke=PAPER, stroke_width=wide + 0.4 * size, stroke_linecap=cap, **calm)
        picture.add("path", d=path, stroke_width=wide, stroke_linecap=cap, live={"stroke": colour}, **calm)
        if hollow:
            picture.add("path", d=path, stroke=PAPER, stroke_width=wide * 0.5, stroke_linecap=cap, **calm)
    elif shape < 4:
        path = _path(where, (_TRIANGLE, _DIAMOND)[shape - 2])
        picture.add("path", d=path, stroke=PAPER, stroke_width=2.4, **calm)
        live = {"stroke": colour} if hollow else {"fill": colour}
        fill: dict[str, Any] = {"fill": PAPER, "stroke_width": 1.6} if hollow else {}
        picture.add("path", d=path, pointer_events="none", live=live, **fill)
    else:
        path = _path(where, (_PLUS, _CROSS)[shape - 4])
        picture.add("path", d=path, stroke=PAPER, stroke_width=5, **calm)
        picture.add("path", d=path, stroke_width=1.5 if hollow else 2.6, live={"stroke": colour}, **calm)


def crosshair(picture: Picture, box: Box, place: tuple[float, float] | None, reach: float) -> None:
    """Where somebody looks on the map: a ring, or nothing."""
    x, y, width, height = box
    at = place or (0.0, 0.0)
    centre = {"cx": x + width * (at[0] + reach) / (2 * reach), "cy": y + height * (reach - at[1]) / (2 * reach)}
    seen = {"stroke-opacity": "1" if place else "0"}
    for radius, colour, wide in ((7, PAPER, 4), (7, INK, 1.6)):
        picture.circle(
            None, None, radius, fill="none", stroke=colour, stroke_width=wide, pointer_events="none", live=centre | seen
        )
