"""A picture as text: SVG that says apart what stays and what moves.

The **structure** of a picture is its shapes, places and labels; it changes rarely. Its **values** are what changes
thirty times a second: a colour, a width, a number. ``Picture`` collects both while one plain function draws, so that a
page can be sent the structure once and then only values. Heat maps are rows of bytes, one byte a cell, looked up in a
table of 256 colours: orange below zero, blue above, white (or the dark page) where there is nothing.
"""

import base64
import functools
import math
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..words import say

__all__ = [
    "BLUE",
    "GRID",
    "INK",
    "MUTED",
    "ORANGE",
    "PAPER",
    "PALETTE",
    "PANEL",
    "Picture",
    "escape",
    "levels",
    "number",
    "shade",
    "shades",
    "short",
]

INK, MUTED, GRID, PAPER, PANEL, BLUE, ORANGE = (
    f"var(--annlab-{name})" for name in ("ink", "muted", "grid", "paper", "panel", "blue", "orange")
)
LIGHT = {
    "ink": "#1f2328",
    "muted": "#59636e",
    "grid": "#dfe3e8",
    "paper": "#ffffff",
    "panel": "#f6f7f9",
    "blue": "#0b62a8",
    "orange": "#b34700",
    "teal": "#008264",
    "purple": "#a03c96",
    "brown": "#7a5c00",
    "slate": "#555e68",
}
MARGIN = 16  # of paper around a still
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def _ramp(low: tuple[int, ...], middle: tuple[int, ...], high: tuple[int, ...]) -> np.ndarray:
    """256 colours from ``low`` through ``middle`` (at 128, exactly) to ``high``."""
    stops = np.array([low, middle, high], dtype=float)
    return (
        np.stack([np.interp(np.arange(256), [0, 128, 255], stops[:, c]) for c in range(3)], axis=1)
        .round()
        .astype(np.uint8)
    )


def _class_ramps(paper: tuple[int, ...], *hues: tuple[int, ...]) -> np.ndarray:
    """Six times 42 colours, from the page to the colour of a class; four rows are left over."""
    shares = np.linspace(0, 1, 42)[:, None]
    ramps = [np.array(paper) + shares * (np.array(hue) - np.array(paper)) for hue in hues]
    return np.concatenate([*ramps, np.full((4, 3), paper)]).round().astype(np.uint8)


PALETTE = np.concatenate(
    [
        _ramp((217, 95, 2), (255, 255, 255), (8, 92, 164)),
        _ramp((255, 158, 66), (29, 32, 37), (94, 180, 255)),
        _class_ramps(
            (255, 255, 255), (217, 95, 2), (8, 92, 164), (0, 140, 105), (160, 60, 150), (122, 92, 0), (85, 94, 104)
        ),
        _class_ramps(
            (29, 32, 37),
            (255, 158, 66),
            (94, 180, 255),
            (70, 205, 165),
            (214, 120, 205),
            (214, 178, 74),
            (160, 170, 182),
        ),
    ]
)
"""Four tables of 256 colours. Two from orange through nothing (row 128) to blue, for a light page and for a dark one;
two for maps of up to six classes (42 rows each, from the page's colour up), again light and dark."""

_SHADES = [f"@{index}" for index in range(256)]
_HEX = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in PALETTE[:256]]


@functools.lru_cache(maxsize=4096)
def escape(text: object) -> str:
    """``text`` made safe to stand in SVG, wherever it came from: no character of it is taken for markup.

    Characters that no XML may carry (most control characters) become a visible replacement.
    """
    plain = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", str(text))
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def number(value: float, digits: int = 1) -> str:
    """``value`` with at most ``digits`` decimals and no idle zeros, so that the same picture is the same text.

    Raises ValueError where the value is not finite: a picture never shows such a number.
    """
    if not math.isfinite(value):
        raise ValueError(f"a picture was given the number {value}; every number in a picture has to be finite")
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def short(value: float, digits: int = 3) -> str:
    """``value`` with so many decimals; from a million on as 1.2e+09, where decimals would only take room.

    >>> short(0.5), short(-1234.5, 1), short(1234567890.0)
    ('0.500', '-1234.5', '1.2e+09')
    """
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.1e}"


def levels(values: np.ndarray, limit: float = 1.0) -> np.ndarray:
    """Each value as a row of the colour table: -limit is 0 (orange), 0 is 128 (nothing), limit is 255 (blue).

    Shapes
    ------
    values, result    any, the same; the result is uint8
    """
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("a heat map was given a number that is not finite")
    share = np.clip(values / limit, -1.0, 1.0) if limit > 0 else np.zeros_like(values)
    return np.rint(np.where(share < 0, 128 + 128 * share, 128 + 127 * share)).astype(np.uint8)


def shade(value: float, limit: float = 1.0) -> str:
    """The colour of one value, as a word that page and still turn into the colour of their theme."""
    return _SHADES[int(levels(np.array(value), limit))]


def shades(values: np.ndarray, limit: float = 1.0) -> list[str]:
    """``shade`` for many values at once."""
    return [_SHADES[index] for index in levels(values, limit).ravel().tolist()]


@functools.lru_cache(maxsize=16384)
def _attributes(attributes: tuple[tuple[str, Any], ...]) -> str:
    """Attributes as text; kept, because most elements of a picture are in the next picture too."""
    parts = []
    for name, value in attributes:
        if value is None:
            continue
        known = name.rstrip("_").replace("_", "-")
        if isinstance(value, str):
            text = escape(value)
        else:
            text = number(value)
        parts.append(f' {known}="{text}"')
    return "".join(parts)


class Picture:
    """One picture being drawn: its structure, its values and its heat maps.

    Every drawing method takes ``live``: what may differ in the next picture without a new structure, as
    ``{"attribute": value}``; the attribute ``"text"`` is the text inside the element. Names of attributes are SVG's,
    with ``_`` for ``-``. An element with ``id`` reports pointer and keyboard (the keys named in ``keys``) to the lab.

    >>> picture = Picture(100, 50, "A bar", "The bar is 30 long.")
    >>> picture.rect(10, 10, None, 20, fill=BLUE, live={"width": 30})
    >>> picture.values
    {'width': {'0': '30'}}
    """

    def __init__(self, width: float, height: float, title: str, description: str = "") -> None:
        self.width, self.height, self.title, self.description = width, height, say(title), say(description)
        self.parts: list[str] = []
        self.values: dict[str, dict[str, str]] = {}
        self.maps: list[np.ndarray] = []
        self._keys = 0

    def add(
        self,
        tag: str,
        content: object = None,
        *,
        live: Mapping[str, Any] | None = None,
        id: str | None = None,
        keys: str | None = None,
        hover: bool = False,
        label: str | None = None,
        **attributes: Any,
    ) -> None:
        """Draw one element; ``content`` is its text. Numbers are rounded, strings escaped, ``None`` left out."""
        if live:
            attributes = {name: value for name, value in attributes.items() if name not in live}
        opening = f"<{tag}{_attributes(tuple(attributes.items()))}"
        if label is not None:
            opening += f' aria-label="{escape(say(label))}"'
        if id is not None:
            opening += f' data-id="{escape(id)}"'
            if keys is not None:
                role = "" if "role" in attributes else ' role="button"'
                opening += f' data-keys="{escape(keys)}" tabindex="0"{role}'
            if hover:
                opening += ' data-hover=""'
        if live:
            key = str(self._keys)
            self._keys += 1
            for name, value in live.items():
                text = value if isinstance(value, str) else number(value, 2)
                if name == "text":
                    text = say(text)
                self.values.setdefault(name.replace("_", "-"), {})[key] = text
            opening += f' data-key="{key}"'
        text = "" if content is None else escape(say(str(content)))
        self.parts.append(f"{opening}>{text}</{tag}>")

    def rect(self, x: float | None, y: float | None, width: float | None, height: float | None, **more: Any) -> None:
        """A rectangle, by its upper left corner."""
        self.add("rect", x=x, y=y, width=width, height=height, **more)

    def circle(self, x: float | None, y: float | None, r: float | None, **more: Any) -> None:
        """A circle, by its centre."""
        self.add("circle", cx=x, cy=y, r=r, **more)

    def line(self, x1: float, y1: float, x2: float, y2: float, **more: Any) -> None:
        """A straight line, in the ink of the page unless told otherwise."""
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": INK, **more})

    def text(self, x: float, y: float, content: object = None, *, size: float = 12, **more: Any) -> None:
        """One line of text, from its left end on its base line (``text_anchor`` says otherwise)."""
        self.add("text", content, x=x, y=y, font_size=size, **{"fill": INK, **more})

    def polyline(self, points: np.ndarray, **more: Any) -> None:
        """A line through ``points`` (a row is x, y); it may have other points in the next picture."""
        live = {"points": " ".join(f"{number(x)},{number(y)}" for x, y in points.tolist()), **more.pop("live", {})}
        self.add("polyline", live=live, **{"fill": "none", "stroke_linejoin": "round", **more})

    def heat(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        map: np.ndarray,
        *,
        crisp: bool = True,
        classes: bool = False,
    ) -> None:
        """A heat map: ``map`` holds rows of the colour table (see ``levels``), its first row on top.

        It lies under everything else in the picture. ``crisp`` shows cells; otherwise neighbours blend. With
        ``classes`` the rows are those of the table for classes: 42 for each, from the page's colour up.

        Shapes
        ------
        map    (rows, columns), uint8
        """
        rows, columns = map.shape
        place = f"{columns} {rows}{' crisp' if crisp else ''}{' classes' if classes else ''}"
        self.maps.append(np.ascontiguousarray(map, dtype=np.uint8))
        self.add("rect", x=x, y=y, width=width, height=height, fill="none", data_heat=place)

    def open(self, tag: str = "g", **attributes: Any) -> None:
        """Begin a group (or another element that holds elements); ``close`` ends it."""
        self.parts.append(f"<{tag}{_attributes(tuple(attributes.items()))}>")

    def close(self, tag: str = "g") -> None:
        """End what ``open`` began."""
        self.parts.append(f"</{tag}>")

    @property
    def heat_bytes(self) -> bytes:
        """All heat maps, one after the other, in the order of their places."""
        return b"".join(map.tobytes() for map in self.maps)

    def structure(self) -> str:
        """The SVG without values: equal for two pictures that differ in values alone."""
        return self._svg("".join(self.parts), escape(self.title))

    def still(self) -> str:
        """The whole picture as one SVG text in light colours, heat maps inside: it needs no program and no page."""
        by_key: dict[str, list[tuple[str, str]]] = {}
        for name, column in self.values.items():
            for key, value in column.items():
                by_key.setdefault(key, []).append((name, value))

        def fill_in(found: re.Match[str]) -> str:
            pairs = by_key[found[1]]
            text = "".join(escape(value) for name, value in pairs if name == "text")
            return "".join(f' {name}="{escape(value)}"' for name, value in pairs if name != "text") + ">" + text

        maps = iter(self.maps)

        def place(found: re.Match[str]) -> str:
            how = ' style="image-rendering:pixelated"' if found[3] else ""
            uri = _data_uri(next(maps), 2 if found[4] else 0)
            return f'<image{found[1]} preserveAspectRatio="none"{how} href="{uri}"></image>'

        body = re.sub(r' data-key="(\d+)">', fill_in, "".join(self.parts))
        body = re.sub(r'<rect([^>]*?) fill="none" data-heat="(\d+ \d+)( crisp)?( classes)?"></rect>', place, body)
        body = re.sub(r' (data-id|data-keys|data-hover|tabindex|role|aria-label)="[^"]*"', "", body)
        wide, high = number(self.width + 2 * MARGIN), number(self.height + 2 * MARGIN)
        paper = f'<rect x="-{MARGIN}" y="-{MARGIN}" width="{wide}" height="{high}" fill="{PAPER}"></rect>'
        svg = self._svg(paper + body, escape(self.title), escape(self.description), MARGIN)
        svg = re.sub(r'"@(\d+)"', lambda found: f'"{_HEX[int(found[1])]}"', svg)
        return re.sub(r"var\(--annlab-(\w+)\)", lambda found: LIGHT[found[1]], svg)

    def _svg(self, body: str, title: str, description: str = "", margin: int = 0) -> str:
        wide, high = number(self.width + 2 * margin), number(self.height + 2 * margin)
        start = f"-{margin} -{margin}" if margin else "0 0"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{start} {wide} {high}" width="{wide}" height="{high}"'
            f' role="img" font-family="{FONT}"><title>{title}</title><desc>{description}</desc>{body}</svg>'
        )


def _data_uri(map: np.ndarray, table: int) -> str:
    """One heat map as a PNG with one of the colour tables, written into an address."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows, columns = map.shape
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), map], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", PALETTE[256 * table :][:256].tobytes())
    png += chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
