"""Every question that is asked of your data and your choices, before anything changes.

A check answers with clean arrays, or raises with a message that says what was expected, what came, and what to do.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def lookup(kind: str, name: object, table: Mapping[str, Any], aliases: Mapping[str, str] | None = None) -> Any:
    """``table[name]``, or an error that names the nearest known ``kind``."""
    aliases = aliases or {}
    if isinstance(name, str):
        for spelling in (name, name.lower().replace(" ", "_").replace("-", "_")):
            spelling = aliases.get(spelling, spelling)
            if spelling in table:
                return table[spelling]
        near = get_close_matches(name.lower(), [*table, *aliases], n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"unknown {kind} {name!r}; {hint}Known: {', '.join(table)}")
    raise TypeError(f"{kind} should be a name such as {next(iter(table))!r}; got {name!r} ({type(name).__name__})")
