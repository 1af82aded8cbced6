"""What a function gave, written down as plain text and read back.

Answers have to travel: from the process that runs a learner's code to the one that marks it, and into the edition for
learners, which carries what is right as numbers. What arrives is data. Nothing in it is ever run.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from .base import Result, _show

LONGEST = 2_000_000  # characters of one attempt
_PARTS = 20_000  # a list longer than this travels as one array
_NUMBERS = 100_000  # a larger array is not the answer to any exercise, and only its name travels
_KINDS = "biufU"  # numbers and text; a dtype of another kind could make objects


def write(results: Sequence[Result]) -> str:
    """The results of an attempt as one line of text."""
    return json.dumps(
        [[_plain(result.value), result.error, result.kind, result.blank, result.changed] for result in results]
    )


def read(text: str) -> list[Result]:
    """The results that were written; ValueError where the text is not what :func:`write` makes."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise ValueError(f"expected at most {LONGEST} characters of text")
    try:
        return [
            Result(_value(value), str(error), str(kind), blank is True, None if changed is None else int(changed))
            for value, error, kind, blank, changed in json.loads(text)
        ]
    except (TypeError, KeyError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"these are not the results of an attempt: {error}") from error


def _plain(value: Any) -> Any:
    """A value as what JSON can hold: None, a number or a text as it is, everything else as a small table."""
    try:
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or type(value) in (bool, float, str) or (type(value) is int and abs(value) < 2**63):
            return value
        if isinstance(value, tuple | list) and len(value) <= _PARTS:
            return {"is": "tuple" if isinstance(value, tuple) else "list", "parts": [_plain(part) for part in value]}
        array = np.asarray(value)
        if array.dtype.kind in _KINDS and array.size <= _NUMBERS:
            return {"is": "array", "dtype": array.dtype.str, "shape": list(array.shape), "list": array.ravel().tolist()}
    except Exception:  # an object of the learner's own may raise anything when it is looked at
        return {"is": "thing", "type": type(value).__name__, "shown": _show(value)}
    return {"is": "thing", "type": type(value).__name__, "shown": _show(value)}


def _value(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    if plain["is"] in ("tuple", "list"):
        parts = [_value(part) for part in plain["parts"]]
        return tuple(parts) if plain["is"] == "tuple" else parts
    if plain["is"] == "array":
        dtype = np.dtype(str(plain["dtype"]))
        if dtype.kind not in _KINDS or dtype.itemsize * len(plain["list"]) > LONGEST * 8:
            raise ValueError(f"no array of {dtype} was expected")
        return np.array(plain["list"], dtype=dtype).reshape([int(size) for size in plain["shape"]])
    shown = str(plain["shown"])
    return type(str(plain["type"]).replace("\0", ""), (), {"__repr__": lambda self: shown})()
