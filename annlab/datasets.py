"""Data to learn from, small enough to look at every row.

Points in the plane (``circle``, ``xor``, ``gauss``, ``spiral``, ``moons``) return ``(x, y)``: x of shape (n, 2) with
coordinates from about -6 to 6, y the class 0, 1 (or 2) of each row. Rows come shuffled. ``noise`` goes from 0 to about
0.5, and the same ``seed`` gives the same points. ``digits``, ``penguins`` and ``letters`` come with annlab: nothing is
downloaded; sources and licences stand in ``annlab/data/README.md``. ``load_csv`` opens a table of your own.
"""

import warnings
from importlib import resources
from typing import Any

import numpy as np
from numpy.random import Generator

from .checks import class_rows, lookup, number, numeric, whole
from .tables import Table, load_csv, read_table

__all__ = [
    "circle",
    "digits",
    "gates",
    "gauss",
    "letters",
    "load_csv",
    "moons",
    "multi_gauss",
    "one_hot",
    "penguins",
    "plane",
    "sequences",
    "sine",
    "spiral",
    "standardize",
    "train_test_split",
    "xor",
]

Points = tuple[np.ndarray, np.ndarray]
Seed = int | Generator | None

DATA = resources.files("annlab") / "data"
GATES = {  # the answer for (0, 0), (0, 1), (1, 0), (1, 1); for "not": 0, 1
    "and": [0, 0, 0, 1],
    "or": [0, 1, 1, 1],
    "nand": [1, 1, 1, 0],
    "nor": [1, 0, 0, 0],
    "xor": [0, 1, 1, 0],
    "xnor": [1, 0, 0, 1],
    "not": [1, 0],
}


# Points in the plane


def circle(n: int = 500, noise: float = 0.0, seed: Seed = 0, classes: int = 2) -> Points:
    """A disc (the last class) inside one ring, or two; noise blurs the border. Recipe: TensorFlow Playground."""
    n, rng, label, _ = _start(n, noise, seed, classes)
    rings = np.array([[3.5, 5], [0, 2.5]] if classes == 2 else [[3.9, 5], [2.0, 3.2], [0, 1.3]])
    r = rng.uniform(*rings[label].T)
    angle = rng.uniform(0, 2 * np.pi, n)
    x = np.column_stack([r * np.sin(angle), r * np.cos(angle)])
    distance = np.linalg.norm(x + noise * rng.uniform(-5, 5, (n, 2)), axis=1)
    return x, np.sum(distance[:, None] < rings[1:, 1], axis=1)


def xor(n: int = 500, noise: float = 0.0, seed: Seed = 0, classes: int = 2) -> Points:
    """Class 1 where exactly one coordinate is positive: no single line parts the two classes.

    With three classes the plane is cut into six sectors; opposite sectors are of the same class.
    Recipe: TensorFlow Playground (which numbers the classes the other way round).
    """
    n, rng, _, _ = _start(n, noise, seed, classes)
    wedge = np.pi / classes

    def sector(point: np.ndarray) -> np.ndarray:
        return np.floor(np.arctan2(point[:, 1], point[:, 0]) / wedge)

    x = rng.uniform(-5, 5, (n, 2))
    middle = (sector(x) + 0.5) * wedge  # a step along the middle of its sector leads away from both borders
    x += 0.3 / np.sin(wedge / 2) * np.column_stack([np.cos(middle), np.sin(middle)])
    return x, sector(x + noise * rng.uniform(-5, 5, (n, 2))).astype(np.int64) % classes


def gauss(n: int = 500, noise: float = 0.0, seed: Seed = 0, classes: int = 2) -> Points:
    """One round cloud a class; noise makes the clouds wider (variance 0.5 + 7 noise). Recipe: TensorFlow Playground."""
    n, rng, label, _ = _start(n, noise, seed, classes)
    angle = 1.25 * np.pi + 2 * np.pi * label / classes
    centre = np.sqrt(8) * np.column_stack([np.cos(angle), np.sin(angle)])
    return centre + np.sqrt(0.5 + 7 * noise) * rng.standard_normal((n, 2)), label


def spiral(n: int = 500, noise: float = 0.0, seed: Seed = 0, classes: int = 2) -> Points:
    """One arm a class; noise moves each point by up to that much. Recipe: TensorFlow Playground."""
    n, rng, label, i = _start(n, noise, seed, classes)
    along = (i + 1) * classes / n
    angle = 3.5 * np.pi * along + np.pi + 2 * np.pi * label / classes
    arm = 5 * along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    return arm + noise * rng.uniform(-1, 1, (n, 2)), label


def moons(n: int = 500, noise: float = 0.0, seed: Seed = 0, classes: int = 2) -> Points:
    """Half circles that hold on to each other; noise is their spread in radii. Recipe: scikit-learn."""
    n, rng, label, _ = _start(n, noise, seed, classes)
    angle = rng.uniform(0, np.pi, n)
    height = np.where(label % 2, 0.5 - np.sin(angle), np.sin(angle))
    gap, radius = (1.0, 3.0) if classes == 2 else (1.2, 2.7)
    x = np.column_stack([gap * (label - (classes - 1) / 2) + np.cos(angle), height - 0.25])
    return radius * (x + noise * rng.standard_normal((n, 2))), label


def gates(name: str) -> Points:
    """The truth table of "and", "or", "nand", "nor", "xor", "xnor" (four rows of two inputs) or "not" (two of one)."""
    answers = lookup("gate", name, GATES)
    rows = [[0], [1]] if len(answers) == 2 else [[0, 0], [0, 1], [1, 0], [1, 1]]
    return np.array(rows, dtype=np.float64), np.array(answers)


# Numbers to predict


def plane(n: int = 500, noise: float = 0.0, seed: Seed = 0) -> Points:
    """y = (x1 + x2) / 10: a task for one linear neuron. x (n, 2), y (n,). Recipe: TensorFlow Playground."""
    n, rng, _, _ = _start(n, noise, seed)
    x = rng.uniform(-6, 6, (n, 2))
    return x, np.sum(x + noise * rng.uniform(-6, 6, (n, 2)), axis=1) / 10


def multi_gauss(n: int = 500, noise: float = 0.0, seed: Seed = 0) -> Points:
    """Three hills of height 1, three hollows of depth 1. x (n, 2), y (n,). Recipe: TensorFlow Playground."""
    n, rng, _, _ = _start(n, noise, seed)
    centres = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = np.array([1, -1, 1, -1, 1, -1])
    x = rng.uniform(-6, 6, (n, 2))
    moved = x + noise * rng.uniform(-6, 6, (n, 2))
    distance = np.linalg.norm(moved[:, None] - centres, axis=2)
    nearest = distance.argmin(axis=1)
    return x, signs[nearest] * np.maximum(0, 1 - distance.min(axis=1) / 2)


def sine(n: int = 200, noise: float = 0.0, seed: Seed = 0) -> Points:
    """y = sin(x) for x from -6 to 6; noise is the standard deviation added to y. x (n, 1), y (n,)."""
    n, rng, _, _ = _start(n, noise, seed)
    x = rng.uniform(-6, 6, (n, 1))
    return x, np.sin(x[:, 0]) + noise * rng.standard_normal(n)


# Data that comes with annlab


def sequences(
    task: str = "count", n: int = 200, steps: int = 10, delay: int = 2, seed: Seed = 0, share: float = 0.4
) -> Points:
    """Rows of 0 and 1 that come one after the other, with an answer wanted at each step: x and y (n, steps, 1).

    "count": how many ones there were so far. "echo": what came ``delay`` steps ago, and 0 before that. ``share`` is how
    often a 1 comes. A ``Generator`` as ``seed`` gives other sequences each time.

    Raises
    ------
    ValueError  for an unknown task, or numbers that are not possible.
    """
    lookup("task", task, {"count": 0, "echo": 0})
    n, steps, delay = whole("n", n), whole("steps", steps), whole("delay", delay, 0)
    number("share", share, low=0, high=1)
    x = (_generator(seed).random((n, steps, 1)) < share).astype(np.float64)
    if task == "count":
        return x, x.cumsum(axis=1)
    silence = np.zeros((n, min(delay, steps), 1))
    return x, np.concatenate([silence, x], axis=1)[:, :steps]


def digits() -> Points:
    """1,797 handwritten digits: x (1797, 64), 8x8 pixels from 0 (paper) to 1 (ink); y (1797,), which digit.

    The pixels are stored as 0 to 16 and divided by 16 here. ``x[0].reshape(8, 8)`` is the first picture.
    Source: Alpaydin and Kaynak 1998, UCI Machine Learning Repository (the test set, as in scikit-learn), CC BY 4.0.
    """
    with (DATA / "digits.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return stored["images"] / 16.0, stored["labels"].astype(np.int64)


def penguins() -> Table:
    """344 penguins of three species, measured near Palmer Station, Antarctica. 11 of them have missing values.

    ``table["bill_length_mm"]`` is a column, ``table.numbers("bill_length_mm", "bill_depth_mm")`` an x,
    ``table.classes("species")`` a y and its names, ``table.complete()`` leaves out rows with missing values.
    Source: Gorman, Williams and Fraser 2014; Horst, Hill and Gorman 2020 (palmerpenguins), CC0.
    """
    return read_table((DATA / "penguins.csv").read_bytes(), "penguins.csv", "keep", ())


def letters(which: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ") -> tuple[np.ndarray, list[str]]:
    """Letters as patterns of 7 rows of 5 points, and their names: x (len(which), 35) of -1 (paper) and +1 (ink).

    ``x[0].reshape(7, 5)`` is the first picture. The letters are drawn in ``annlab/data/letters.txt``.
    """
    blocks = [block.split() for block in (DATA / "letters.txt").read_text(encoding="utf-8").split("\n\n")]
    drawn = {name: [1 if point == "#" else -1 for row in rows for point in row] for name, *rows in blocks}
    if not isinstance(which, str) or not which or set(which) - set(drawn):
        raise ValueError(f'letters expected some of the letters A to Z, like letters("JCM"); got {which!r}.')
    return np.array([drawn[name] for name in which]), list(which)


# Getting data ready


def train_test_split(
    x: Any, y: Any, test_size: float = 0.25, seed: Seed = 0, stratify: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Shuffle and part the rows: x_train, x_test, y_train, y_test (scikit-learn's order).

    ``test_size`` is a share between 0 and 1, or a number of rows. With ``stratify`` each class of y keeps its share,
    to within one row, in both parts; a warning names a class with too few rows to be in both.
    """
    x, y = _array(x, "x"), _array(y, "y")
    rows = len(x)
    if len(y) != rows:
        raise ValueError(f"x and y must have the same number of rows; got {rows} and {len(y)}.")
    if not isinstance(stratify, bool):
        raise TypeError(f"stratify is True or False (the classes are taken from y); got {type(stratify).__name__}.")
    count = 0
    if isinstance(test_size, float) and 0 < test_size < 1:
        count = round(test_size * rows)
    elif isinstance(test_size, (int, np.integer)) and not isinstance(test_size, bool):
        count = int(test_size)
    if not 0 < count < rows:
        raise ValueError(
            f"test_size must leave at least one of the {rows} rows in each part: a share between 0 and 1, "
            f"or a number of rows; got {test_size!r}."
        )
    rng = _generator(seed)
    order = rng.permutation(rows)
    if stratify:  # sort by class, then take rows at even distances: every class gives its share
        names, numbers = np.unique(y, return_inverse=True)
        classes = numbers.reshape(-1)
        order = order[np.argsort(classes[order], kind="stable")]
        test = order[((np.arange(count) + 0.5) * rows / count).astype(np.int64)]
        train = rng.permutation(np.setdiff1d(order, test))
        test = rng.permutation(test)
        for lonely in np.setxor1d(classes[train], classes[test])[:1]:
            warnings.warn(
                f"class {names[lonely].item()!r} is in one part only: {np.count_nonzero(classes == lonely)} of {rows} "
                f"rows are too few for a share in both, with {count} rows in the second",
                stacklevel=2,
            )
    else:
        test, train = order[:count], order[count:]
    return x[train], x[test], y[train], y[test]


def standardize(x: Any, *others: Any) -> Any:
    """Give every column of x mean 0 and standard deviation 1: (x - mean) / deviation.

    ``x_train, x_test = standardize(x_train, x_test)`` uses the mean and deviation of the first for all of them, because
    a test must not help to prepare itself. A constant column becomes 0. Returns an array for one, a tuple for several.
    """
    arrays = [numeric("x", values, np.float64) for values in (x, *others)]
    for values in arrays:
        if values.ndim != 2 or values.shape[1] != arrays[0].shape[1]:
            width = f"{arrays[0].shape[1]} columns" if arrays[0].ndim == 2 else "columns"
            raise ValueError(f"standardize expected tables of rows and {width}; got x of shape {values.shape}.")
    mean, deviation = arrays[0].mean(axis=0), arrays[0].std(axis=0)
    deviation = np.where(deviation > 1e-12 * np.abs(mean), deviation, 1.0)  # a constant column, up to rounding
    scaled = tuple((values - mean) / deviation for values in arrays)
    return scaled if others else scaled[0]


def one_hot(y: Any, classes: int | None = None) -> np.ndarray:
    """A row for each label: 1 at the label's place, else 0. y (n,) of 0 .. classes - 1 becomes (n, classes)."""
    labels = numeric("y", y, np.float64)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(f"one_hot expected one label a row, shape (n,); got shape {labels.shape}.")
    if np.any(labels != np.floor(labels)) or labels.min() < 0:
        raise ValueError(
            f"one_hot expected whole numbers from 0 up; got {labels[:3].tolist()} ... "
            "np.unique(y, return_inverse=True) numbers the classes."
        )
    needed = int(labels.max()) + 1
    width = needed if classes is None else whole("classes", classes)
    if width < needed:
        raise ValueError(f"one_hot: the label {needed - 1} needs classes={needed} or more; got {classes}.")
    return class_rows(labels, width)


# Questions asked of the arguments


def _start(n: int, noise: float, seed: Seed, classes: int = 2) -> tuple[int, Generator, np.ndarray, np.ndarray]:
    """n, a generator, the class of each row in shuffled order (as equal as possible), its number within the class."""
    if isinstance(classes, bool) or classes not in (2, 3):
        raise ValueError(f"classes must be 2 or 3; got {classes!r}.")
    n = whole("n, the number of points,", n, low=classes)
    number("noise", noise, low=0)
    rng = _generator(seed)
    order = rng.permutation(n)
    return n, rng, order % classes, order // classes


def _generator(seed: Seed) -> Generator:
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise ValueError(f"seed must be a whole number, 0 or more; got {seed!r}.") from None


def _array(values: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; give every row the same number of values.") from None
    if array.ndim == 0 or len(array) == 0:
        raise ValueError(f"{name} must have at least one row; got {values!r}.")
    return array
