"""Formulas with their numbers in: each number stands in a slot of its own, with its name below it.

A number can then be pointed at, in the picture as in the mouth of a teacher: this 0.37 here is that weight there.
Widths are estimated, generously, because a page may choose another font.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..words import say
from .elements import GRID, INK, MUTED, PANEL, Picture

__all__ = [
    "ROW",
    "Part",
    "chip_room",
    "chips",
    "compact",
    "digits",
    "joined",
    "paragraph",
    "rows",
    "wide",
    "wrap",
    "write",
]

ROW = 44  # the height of one row of a formula, with the names below its numbers
SPACE = 8  # between two parts of a formula
ENDS = ("+", "=", "\u2248")  # what a product ends before


@dataclass(frozen=True)
class Part:
    """One part of a formula: what is written, a name to stand below it, and the id it answers to, if it does."""

    text: str
    name: str = ""
    id: str = ""
    label: str = ""
    strong: bool = False


def digits(value: float, extra: int = 0) -> str:
    """A number as a learner reads it: three decimals, more where it is small, fewer where it is large.

    Numbers that have two decimals at most are written out, and ``extra`` gives the others so many digits more.

    >>> digits(0.5), digits(-0.123456), digits(0.001234), digits(0.123456, 2)
    ('0.5', '\u22120.123', '0.00123', '0.12346')
    """
    if abs(value - round(value, 2)) < 1e-12 and abs(value) < 1e4:
        text = f"{round(value, 2) + 0.0:g}" if abs(value) < 1e3 else f"{value:.2f}".rstrip("0").rstrip(".")
        return text.replace("-", "\u2212")
    power = math.floor(math.log10(abs(value)))
    if -6 < power < 6:
        decimals = 2 - power if power < -1 else 3 if power < 2 else 2 if power == 2 else 1
        return f"{value:.{decimals + extra}f}".replace("-", "\u2212")
    return _power(value, 2 + extra)


def compact(value: float) -> str:
    """The same number for a crowded place: three decimals, or one or two digits where it is small.

    >>> compact(-0.5), compact(0.04567), compact(0.005678), compact(-0.0005678)
    ('\u22120.5', '0.046', '0.0057', '\u22126e\u22124')
    """
    size = abs(value)
    if size >= 100 or abs(value - round(value, 2)) < 1e-12:
        return digits(value) if size < 1e4 else _power(value, 0)
    if size >= 0.00095:
        return f"{value:.{3 if size >= 0.0095 else 4}f}".replace("-", "\u2212")
    return _power(value, 0)


def _power(value: float, decimals: int) -> str:
    front, _, back = f"{value:.{decimals}e}".partition("e")
    return f"{front}e{int(back)}".replace("-", "\u2212")


def wide(text: str, size: float) -> float:
    """About how wide a text is; rather too much than too little."""
    return 0.62 * size * len(text)


def wrap(text: str, width: float, size: float) -> list[str]:
    """The words of a text in lines that fit into ``width``."""
    lines = [""]
    for word in say(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and 0.51 * size * len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def paragraph(
    picture: Picture, x: float, y: float, text: str, width: float, *, size: float = 13, **more: object
) -> float:
    """A text in as many lines as it needs; returns where the next line would stand."""
    for line in wrap(text, width, size):
        picture.text(x, y, line, size=size, **more)
        y += 1.35 * size
    return y


def joined(terms: Iterable[str | Part]) -> list[Part]:
    """The right side of a formula: numbers as parts, and signs that follow each other put together.

    >>> [part.text for part in joined(["(", Part("2", "x"), ")", "+", "(", Part("3", "y"), ")"])]
    ['(', '2', ') + (', '3', ')']
    """
    parts: list[Part] = []
    for term in terms:
        if isinstance(term, Part):
            parts.append(term)
        elif not parts or parts[-1].name:
            parts.append(Part(term))
        else:
            before = parts[-1].text
            close = before.endswith("(") or term.startswith(")")
            parts[-1] = Part(f"{before}{term}" if close else f"{before} {term}")
    return parts


def _room(part: Part, size: float) -> float:
    return max(wide(part.text, size * (1.08 if part.strong else 1)), wide(part.name, 11)) + SPACE


def rows(parts: Sequence[Part], width: float, size: float = 17, *, products: bool = False) -> list[list[Part]]:
    """The parts in rows that fit into ``width``; a row begins, if it can, with an operator and not with a number.

    With ``products`` it begins, if it can, with + or =, so that what is multiplied stays together.
    """
    found: list[list[Part]] = [[]]
    used = 0.0
    for at, part in enumerate(parts):
        need = _room(part, size)
        with_next = need + (_room(parts[at + 1], size) if not part.name and at + 1 < len(parts) else 0)
        if products and part.text in ENDS:
            following = next((end for end in range(at + 1, len(parts)) if parts[end].text in ENDS), len(parts))
            product = sum(_room(each, size) for each in parts[at:following])
            with_next = product if product <= width else with_next
        if found[-1] and used + with_next > width:
            found.append([])
            used = 0.0
        found[-1].append(part)
        used += need
    return found


def write(
    picture: Picture,
    x: float,
    y: float,
    parts: Sequence[Part],
    width: float,
    *,
    size: float = 17,
    products: bool = False,
) -> float:
    """Write a formula with its top at ``y``; returns where it ends. A part with an id can be clicked and reached by
    Tab."""
    for row in rows(parts, width, size, products=products):
        left = x
        for part in row:
            room = _room(part, size)
            middle = left + room / 2
            if part.id:
                more = {"id": part.id, "keys": "Enter Space Escape ArrowLeft ArrowRight", "label": part.label}
                picture.rect(left + 1, y + 1, room - 2, ROW - 7, rx=4, fill=PANEL, stroke=GRID, **more)
            weight = 700 if part.strong else 400
            still = {"text_anchor": "middle", "pointer_events": "none"}
            picture.text(middle, y + 19, part.text, size=size, font_weight=weight, fill=INK, **still)
            if part.name:
                picture.text(middle, y + 33, part.name, size=11, fill=MUTED, **still)
            left += room
        y += ROW
    return y


def chip_room(part: Part, size: float = 12.5) -> float:
    """How wide a button is."""
    return 0.58 * size * len(part.text) + 16


def chips(picture: Picture, x: float, y: float, parts: Sequence[Part], width: float, *, size: float = 12.5) -> float:
    """Small buttons in a row, or in as many rows as they need; returns where they end."""
    left = x
    for part in parts:
        room = chip_room(part, size)
        if left > x and left + room > x + width:
            left, y = x, y + 28
        look = {"fill": INK if part.strong else PANEL, "stroke": INK if part.strong else GRID}
        more = {"id": part.id, "keys": "Enter Space Escape ArrowLeft ArrowRight", "label": part.label or part.text}
        picture.rect(left, y, room, 23, rx=11, **look, **(more if part.id else {}))
        ink = "var(--annlab-paper)" if part.strong else INK if part.id else MUTED
        picture.text(
            left + room / 2, y + 16, part.text, size=size, fill=ink, text_anchor="middle", pointer_events="none"
        )
        left += room + 6
    return y + 28
