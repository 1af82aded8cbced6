"""Every question that is asked of your data and your choices, before anything changes.

A check answers with clean arrays or numbers, or raises with a message that says what was expected, what came, and what
to do. Nothing in a model has been touched by then.
"""

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


# --- names and numbers ----------------------------------------------------------------------------------------------


def lookup(kind: str, name: object, table: Mapping[str, Any], aliases: Mapping[str, str] | None = None) -> Any:
    """``table[name]``, or an error that names the nearest known ``kind``."""
    aliases = aliases or {}
    if isinstance(name, str):
        for spelling in (name, name.lower().replace(" ", "_").replace("-", "_")):
            spelling = aliases.get(spelling, spelling)
            if spelling in table:
                return table[spelling]
        from difflib import get_close_matches  # only needed here, and `import annlab` should be quick

        near = get_close_matches(name.lower(), [*table, *aliases], n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? Known" if near else "known"
        raise ValueError(f"unknown {kind} {name!r}; {hint}: {', '.join(table)}")
    advice = f"; with brackets, {name.__name__}(), it is an object" if isinstance(name, type) else ""
    raise TypeError(
        f"{kind} should be a name such as {next(iter(table))!r}; got {name!r} ({type(name).__name__}){advice}"
    )


def number(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    low: float | None = None,
    high: float | None = None,
    below: float | None = None,
) -> float:
    """A finite number within bounds: ``above`` and ``below`` exclude the bound, ``low`` and ``high`` include it."""
    bounds = [
        (above, f"above {above}", lambda: value > above),
        (low, f"at least {low}", lambda: value >= low),
        (high, f"at most {high}", lambda: value <= high),
        (below, f"below {below}", lambda: value < below),
    ]
    limits = " and ".join(text for bound, text, _ in bounds if bound is not None)
    wanted = f"a number {limits}" if limits else "a finite number"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} should be {wanted}; got {value!r} ({type(value).__name__})")
    try:
        fits = math.isfinite(value) and all(holds() for bound, _, holds in bounds if bound is not None)
    except OverflowError:
        raise ValueError(f"{name} should be {wanted}; got a whole number too large for a float") from None
    if not fits:
        raise ValueError(f"{name} should be {wanted}; got {value}")
    return float(value)


def whole(name: str, value: Any, low: int = 1) -> int:
    """A whole number from ``low`` up; 3.0 is taken as 3, 2.5 is not taken."""
    if isinstance(value, bool) or not isinstance(value, Real) or value != value:
        raise TypeError(f"{name} should be a whole number from {low} up; got {value!r} ({type(value).__name__})")
    if not (isinstance(value, Integral) or float(value).is_integer()) or value < low:
        raise ValueError(f"{name} should be a whole number from {low} up; got {value}")
    return int(float(value)) if not isinstance(value, Integral) else int(value)


# --- arrays ---------------------------------------------------------------------------------------------------------


def numeric(name: str, values: Any, dtype: Any) -> Array:
    """``values`` as an array of finite numbers.

    Raises
    ------
    ValueError  for ragged lists, empty data, masked numbers, NaN and infinity.
    TypeError   for text, complex numbers and other objects.
    """
    if values is None:
        raise TypeError(f"{name} is None; give an array or a list of numbers")
    mask = getattr(values, "mask", None)
    if isinstance(mask, np.ndarray) and mask.any():
        raise ValueError(
            f"{name} has {int(mask.sum())} masked (missing) numbers; remove those examples, or fill the gaps: "
            f"{name}.filled(0)"
        )
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{name} is ragged: its rows do not all have the same length; give every example equally many features"
        ) from None
    if array.dtype.kind == "O" and array.ndim == 0:
        raise TypeError(f"{name} should be an array or a list of numbers; got {values!r} ({type(values).__name__})")
    if array.dtype.kind == "O":
        texts = [each for each in array.flat if isinstance(each, str)]
        try:
            array = np.array(texts) if texts else array.astype(np.float64)
        except OverflowError:
            raise ValueError(f"{name} contains a number too large for a float; scale it down first") from None
        except (TypeError, ValueError):
            odd = next((each for each in array.flat if not isinstance(each, Real)), None)
            raise TypeError(
                f"{name} should hold numbers; got objects such as {odd!r}. Turn each column into numbers first, and "
                "fill or remove what is missing"
            ) from None
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}); give at least one example")
    if array.dtype.kind in "US":
        advice = (
            "classes, y = np.unique(y, return_inverse=True)"
            if name == "y"
            else f"{name} = np.asarray({name}, dtype=float)"
        )
        texts = array.ravel().tolist()
        odd = next((text for text in texts if not _reads_as_a_number(text)), texts[0])
        raise TypeError(f"{name} should hold numbers; got text such as {odd!r}. Try {advice}")
    if array.dtype.kind == "c":
        raise TypeError(f"{name} should hold real numbers; got complex ones. Give .real, .imag or abs() of them")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} should hold numbers; got {array.dtype}. Turn each column into numbers first")
    with np.errstate(over="ignore", invalid="ignore"):  # what becomes too large is said below
        array = np.ascontiguousarray(array, dtype=dtype)
        total = array.sum()
    if not math.isfinite(total) and not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        found = (
            "NaN (a missing number)"
            if np.isnan(array[where])
            else f"infinity (or a number too large for {array.dtype})"
        )
        advice = (
            "remove those examples or fill the gaps before training" if name in ("x", "y") else "give finite numbers"
        )
        raise ValueError(
            f"{name} contains {found} at index {where}, {int((~np.isfinite(array)).sum())} such values in all; {advice}"
        )
    return array


def _reads_as_a_number(text: str | bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def features(x: Any, input_shape: tuple[int | None, ...], dtype: Any, layer: str = "the network") -> Array:
    """Examples as an array (batch_size, *input_shape)."""
    x = numeric("x", x, dtype)
    if x.ndim == 1 and input_shape == (1,):
        x = x[:, None]
    expected = f"{layer} expected {_per_example(input_shape)}; got x of shape {x.shape}"
    if x.ndim == len(input_shape):
        raise ValueError(f"{expected}. Rows are examples: for a single one give x.reshape({_reshape(input_shape)})")
    if x.ndim != len(input_shape) + 1:
        raise ValueError(f"{expected}. Rows are examples: x should have shape {_shape(input_shape)}")
    if any(want is not None and want != got for want, got in zip(input_shape, x.shape[1:], strict=True)):
        raise ValueError(f"{expected}. Give x of shape {_shape(input_shape)}, or another input size to the network")
    return x


def _per_example(shape: tuple[int | None, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]} feature{'' if shape[0] == 1 else 's'} per example"
    return f"examples of shape {tuple(shape)}"


def _shape(shape: tuple[int | None, ...]) -> str:
    return f"(examples, {', '.join('any' if size is None else str(size) for size in shape)})"


def _reshape(shape: tuple[int | None, ...]) -> str:
    return ", ".join(["1", *("-1" if size is None else str(size) for size in shape)])


def targets(y: Any, n: int, output_shape: tuple[int | None, ...], loss: Any, dtype: Any) -> Array:
    """Targets as a float array (batch_size, *output_shape), class numbers written out as rows of 0s and a 1."""
    y = numeric("y", y, dtype)
    if len(y) != n:
        raise ValueError(f"x and y should have one row for each example; got {n} rows of x and {len(y)} of y")
    units = output_shape[-1]
    assert units is not None
    leading = (n, *y.shape[1 : len(output_shape)])
    if loss.name == "sparse_categorical_crossentropy":
        if y.shape == (*leading, 1):
            y = y[..., 0]
        if y.shape == (*leading, units) and units > 1:
            raise ValueError(
                f"sparse_categorical_crossentropy expects one class number per example; got y of shape {y.shape}, "
                "one column for each class. Use loss='categorical_crossentropy', or y.argmax(axis=-1)"
            )
        if y.shape != leading:
            raise ValueError(f"sparse_categorical_crossentropy expects y of shape {leading}; got {y.shape}")
        _class_numbers(y, units)
        return class_rows(y, units, dtype)
    if y.shape == leading and units == 1:
        y = y[..., None]
    if y.shape != (*leading, units):
        if loss.name == "categorical_crossentropy" and y.shape in (leading, (*leading, 1)):
            raise ValueError(
                f"categorical_crossentropy expects one column for each of {units} classes; got class numbers, y of "
                f"shape {y.shape}. Use loss='sparse_categorical_crossentropy', or annlab.datasets.one_hot(y)"
            )
        advice = "give the last layer one unit for each column of y, or the other way round"
        if y.shape == leading and loss.classifies:
            advice = "for class numbers use loss='sparse_categorical_crossentropy' and one softmax unit for each class"
        raise ValueError(f"the network answers with shape {(*leading, units)}; got y of shape {y.shape}; {advice}")
    low, high = y.min(), y.max()
    if loss.name in ("binary_crossentropy", "categorical_crossentropy") and (low < 0 or high > 1):
        advice = "for labels -1 and 1 give (y + 1) / 2, or use loss='hinge'" if low >= -1 and high <= 1 else ""
        if not advice:
            advice = "for several classes use 'sparse_categorical_crossentropy', for measurements 'mse'"
        raise ValueError(f"{loss.name} expects targets from 0 to 1; got {low:g} to {high:g}; {advice}")
    if loss.name == "categorical_crossentropy":
        check_rows_add_up(y)
    if loss.name == "hinge" and not np.isin(y, (-1, 0, 1)).all():
        raise ValueError(
            f"hinge expects targets -1 and 1, or 0 and 1; got {y[~np.isin(y, (-1, 0, 1))][0]:g}; for several classes "
            "use 'sparse_categorical_crossentropy', for measurements 'mse'"
        )
    return y


def class_rows(labels: Array, classes: int, dtype: Any = np.float64) -> Array:
    """Class numbers written out: for each a row of 0s, with a 1 at its place."""
    return (labels[..., None] == np.arange(classes)).astype(dtype)


def check_rows_add_up(targets: Array) -> None:
    """Whether every row of targets is one class, or shares of classes: its numbers must add up to 1."""
    totals = targets.sum(axis=-1)
    if (np.abs(totals - 1) > 1e-3).any():
        wrong = totals.ravel()[np.abs(totals.ravel() - 1).argmax()]
        raise ValueError(
            f"categorical_crossentropy expects targets whose rows add up to 1; one row adds up to {wrong:g}. "
            "Where several classes may be true at once, use sigmoid units and 'binary_crossentropy'"
        )


def _class_numbers(y: Array, classes: int) -> None:
    if (y != np.floor(y)).any():
        raise ValueError(f"class labels should be whole numbers 0 to {classes - 1}; got {y[y != np.floor(y)][0]:g}")
    if y.min() < 0 or y.max() >= classes:
        wrong = y.min() if y.min() < 0 else y.max()
        raise ValueError(
            f"class labels should run from 0 to {classes - 1}, one for each of the {classes} units of the last layer; "
            f"got {wrong:g}. Number the classes from 0, or give the last layer more units"
        )


def only_one_class(targets: Array, loss: Any) -> bool:
    """Whether a classifier is asked to learn from examples of a single class."""
    return bool(loss.classifies and len(targets) > 1 and (targets == targets[0]).all())


def sample_weights(sample_weight: Any, class_weight: Any, targets: Array, dtype: Any) -> Array | None:
    """One weight for each example, from ``sample_weight`` times the ``class_weight`` of its class; or None."""
    if sample_weight is None and class_weight is None:
        return None
    n = len(targets)
    weights = np.ones(n, dtype)
    if sample_weight is not None:
        given = numeric("sample_weight", sample_weight, dtype)
        if given.shape not in ((n,), (n, 1)):
            raise ValueError(f"sample_weight should have shape ({n},), one number for each example; got {given.shape}")
        if given.min() < 0:
            raise ValueError(f"sample_weight should not be negative; got {given.min():g}")
        weights *= given.reshape(n)
    if class_weight is not None:
        if not isinstance(class_weight, Mapping):
            raise TypeError(f"class_weight should be like {{0: 1.0, 1: 5.0}}; got {class_weight!r}")
        labels = (targets.argmax(axis=-1) if targets.shape[-1] > 1 else targets[..., 0]).astype(int)
        if labels.ndim > 1:
            raise ValueError("class_weight needs one class for each example; a sequence of answers has several")
        known = (-1, 1) if labels.min() < 0 else range(max(2, targets.shape[-1]))  # -1 and 1: with hinge
        for label, weight in class_weight.items():
            if not isinstance(label, Integral) or label not in known:
                said = f"{known[0]} {'and' if known[0] else 'to'} {known[-1]}"
                raise ValueError(f"class_weight names the class {label!r}; the classes are {said}")
            weights[labels == label] *= number(f"class_weight[{label}]", weight, low=0)
    return weights


def weight_list(weights: Any, expected: list[tuple[str, Array]]) -> list[Array]:
    """A list of arrays that fit the network's kernels and biases, in order."""
    try:
        weights = list(weights)
    except TypeError:
        raise TypeError(f"weights should be a list of arrays, as get_weights gives it; got {weights!r}") from None
    if len(weights) != len(expected):
        names = ", ".join(f"{name} {array.shape}" for name, array in expected)
        raise ValueError(f"expected {len(expected)} weight arrays ({names}); got {len(weights)}")
    arrays = []
    for value, (name, current) in zip(weights, expected, strict=True):
        array = numeric(name, value, current.dtype)
        if array.shape != current.shape:
            raise ValueError(f"{name} expected shape {current.shape}; got {array.shape}")
        arrays.append(array)
    return arrays
