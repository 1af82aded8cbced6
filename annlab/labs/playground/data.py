"""What the Playground's network learns from: points of the plane, drawn or your own, and what it sees of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ... import datasets
from ...tables import read_table

__all__ = ["DATA", "INPUTS", "REACH", "Points", "drawn", "features", "from_table", "split", "to_table"]

REACH = 6.0  # the map goes from -6 to 6 in both directions
TWO, MANY, NUMBER = "two classes", "classes", "a number"
MOST_CLASSES = 6
FARTHEST = 1e12  # a number to learn

DATA = [
    ("circle", "circle"),
    ("exclusive or", "xor"),
    ("two clouds", "gauss"),
    ("spirals", "spiral"),
    ("moons", "moons"),
    ("circle, 3 classes", "circle3"),
    ("sectors, 3 classes", "xor3"),
    ("clouds, 3 classes", "gauss3"),
    ("spirals, 3 classes", "spiral3"),
    ("plane (a number)", "plane"),
    ("hills (a number)", "multi_gauss"),
    ("own points", "own"),
]

INPUTS = {
    "x1": "x₁",
    "x2": "x₂",
    "x1_squared": "x₁²",
    "x2_squared": "x₂²",
    "x1_x2": "x₁x₂",
    "sin_x1": "sin x₁",
    "sin_x2": "sin x₂",
}
FORMULAS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "x1": lambda x: x[:, 0],
    "x2": lambda x: x[:, 1],
    "x1_squared": lambda x: x[:, 0] ** 2,
    "x2_squared": lambda x: x[:, 1] ** 2,
    "x1_x2": lambda x: x[:, 0] * x[:, 1],
    "sin_x1": lambda x: np.sin(x[:, 0]),
    "sin_x2": lambda x: np.sin(x[:, 1]),
}
PROGRAMS = {
    "x1": "points[:, 0]",
    "x2": "points[:, 1]",
    "x1_squared": "points[:, 0] ** 2",
    "x2_squared": "points[:, 1] ** 2",
    "x1_x2": "points[:, 0] * points[:, 1]",
    "sin_x1": "np.sin(points[:, 0])",
    "sin_x2": "np.sin(points[:, 1])",
}


@dataclass(frozen=True)
class Points:
    """Points of the plane and what is to be said about each.

    Shapes
    ------
    x    (n, 2), from -6 to 6
    y    (n,): the class of each point, or its number
    """

    x: np.ndarray
    y: np.ndarray
    kind: str = TWO
    classes: int = 2
    names: tuple[str, str] = ("x₁", "x₂")
    labels: tuple[str, ...] = ()  # what a table calls the classes, where it has names for them


def drawn(name: str, n: int, noise: float, seed: int) -> Points:
    """The points of a recipe: "circle", "spiral3" for three classes, "plane" for numbers."""
    recipe = getattr(datasets, name.removesuffix("3"))
    if name in ("plane", "multi_gauss"):
        x, y = recipe(n, noise, seed)
        return Points(x, y, NUMBER, 1)
    classes = 3 if name.endswith("3") else 2
    x, y = recipe(n, noise, seed, classes)
    return Points(x, y, TWO if classes == 2 else MANY, classes)


def features(x: np.ndarray, names: list[str]) -> np.ndarray:
    """What the network sees of the points ``x``: a column for each input that is on."""
    return np.column_stack([FORMULAS[name](x) for name in names])


def split(points: Points, share: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x_train, x_test, y_train, y_test; fewer than four points are all learned from."""
    n = len(points.x)
    if n < 4:
        return points.x, points.x[:0], points.y, points.y[:0]
    test = min(max(round((100 - share) / 100 * n), 1), n - 1)
    return datasets.train_test_split(points.x, points.y, test_size=test, seed=seed)


def own(x: Any, y: Any, names: tuple[str, str] = ("x₁", "x₂"), *, numbers: bool | None = None) -> Points:
    """Your own points. Whole numbers from 0 to 5 are classes, unless ``numbers``; everything else is numbers.

    Places keep three decimals and numbers six digits: as many as the line of settings and the program can hold, so
    that all three are the same points.
    """
    x = np.asarray(x, dtype=float).reshape(-1, 2).round(3) + 0.0
    y = np.asarray(y, dtype=float).reshape(-1)
    if len(x) != len(y) or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(
            f"points are pairs of finite numbers with one answer each; got {len(x)} points, {len(y)} answers"
        )
    for x1, x2 in x[(np.abs(x) > REACH).any(axis=1)][:1]:
        raise ValueError(
            f"the map reaches from -6 to 6 in both directions; got a point at ({x1:g}, {x2:g}). Divide the numbers, or "
            "paste them as a table, which is stretched to fit"
        )
    for number in y[np.abs(y) > FARTHEST][:1]:
        raise ValueError(f"the numbers to learn reach from -1e12 to 1e12; got {number:g}. Divide them")
    y = np.array([float(f"{number:.6g}") for number in y.tolist()])
    whole = bool((y == np.round(y)).all()) and (not len(y) or (0 <= y.min() and y.max() < MOST_CLASSES))
    if numbers or not whole:
        return Points(x, y, NUMBER, 1, names)
    labels = y.astype(np.int64)
    classes = max(int(labels.max()) + 1 if len(labels) else 2, 2)
    return Points(x, labels, TWO if classes == 2 else MANY, classes, names)


def from_table(raw: bytes, name: str) -> Points:
    """Points from a table: the first two columns of numbers are x1 and x2, the last column is the answer.

    Columns that reach further than 6 are moved and stretched to the map; their names stand at its sides.
    """
    try:
        table = read_table(raw, name, "error", ())
    except ValueError as error:  # whose advice to a program is none for a field of the page
        raise ValueError(f"{str(error).partition(', or use ')[0].removesuffix('.')}.") from None
    answer = table.names[-1]
    places = [column for column in table.names[:-1] if table[column].dtype.kind == "f"][:2]
    if len(places) < 2:
        raise ValueError(f"{name} needs two columns of numbers and then the answer; it has {', '.join(table.names)}")
    labels: list[Any] = []
    if table[answer].dtype.kind == "f":
        y = table[answer]
    else:
        codes, labels = table.classes(answer)
        y = codes.astype(float)
        if y.max() >= MOST_CLASSES:
            raise ValueError(
                f"{name}: the column {answer} names {int(y.max()) + 1} classes; the map can show {MOST_CLASSES}"
            )
    x, shown = table.numbers(*places), []
    for at, column in enumerate(places):
        low, high = float(x[:, at].min()), float(x[:, at].max())
        plain = column if not column.startswith("column ") else f"x{'₁₂'[at]}"
        if -REACH <= low and high <= REACH:
            shown.append({"x1": "x₁", "x2": "x₂"}.get(plain, plain))
        else:
            x[:, at] = (x[:, at] - (low + high) / 2) / ((high - low) / 2 or 1.0) * 5
            shown.append(f"{plain} ({low:g} to {high:g})")
    return replace(own(x, y, (shown[0], shown[1])), labels=tuple(map(str, labels)))


def to_table(points: Points) -> str:
    """The points as the text of a table."""
    rows = (f"{x1:.3g},{x2:.3g},{y:g}" for (x1, x2), y in zip(points.x.tolist(), points.y.tolist(), strict=True))
    return "\n".join(["x1,x2,answer" if points.kind == NUMBER else "x1,x2,class", *rows])
