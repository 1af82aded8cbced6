"""A test for labs: move every control to its ends and look at what happens.

Green notebooks prove nothing about sliders, because a notebook test never moves one. ``sweep(lab)`` does.
"""

import math
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .labs import Lab

__all__ = ["sweep"]

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\d)")
NOT_FINITE = re.compile(r"(?<![a-z])(nan|inf|infinity)(?![a-z])", re.IGNORECASE)


def sweep(
    lab: Lab, *, limit: float = 1.0, steps: int = 3, numbers: Callable[[Lab], Mapping[str, float]] | None = None
) -> int:
    """Move every control of ``lab`` to its ends and to each option, press every button, and return how many moves that
    were.

    ``limit`` is what one move may take, in seconds. ``steps`` are trained where a control shows only in training.
    ``numbers(lab)`` are the numbers that the line of text may say; by default the lab's own ``facts``. Made for a plain
    script, as pytest is.

    Raises
    ------
    AssertionError  with everything that was found: an exception, a warning, a number that is not finite, a picture that
    did not change, a number in the text that is not the model's, a move that took too long, a control without tooltip.
    """
    faults: list[str] = []
    moves = 0
    kinds = {**lab._kinds}
    for name, widget in lab.controls.items():
        if not getattr(widget, "tooltip", None):
            faults.append(f"{name}: no tooltip")
        if name == "play":
            continue
        at_first = getattr(widget, "value", None)
        for value in _ends(widget):
            moves += 1
            where = f"{name} = {value}" if value is not None else name
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                try:
                    lab.reset()
                    before = _look(lab)
                    seconds = _move(widget, value)
                    after = _look(lab)
                    faults += [f"{where}: {fault}" for fault in _faults(lab, numbers)]
                    if (
                        after == before
                        and kinds[name].draws
                        and not _shows_in_training(lab, widget, at_first, value, steps)
                    ):
                        faults.append(f"{where}: the picture did not change")
                    if seconds > limit:
                        faults.append(f"{where}: took {seconds:.2f} s")
                    if value is not None:
                        widget.value = at_first
                except Exception as error:
                    faults.append(f"{where}: {type(error).__name__}: {error}")
            faults += [f"{where}: warned {each.category.__name__}: {each.message}" for each in warned]
    lab.reset()
    assert not faults, f"{type(lab).__name__}:\n" + "\n".join(faults)
    return moves


def _ends(widget: Any) -> Iterator[Any]:
    """Values to try that are not the present one; one None for a button."""
    candidates: list[Any] = []
    if hasattr(widget, "click"):
        candidates = [None]
    elif hasattr(widget, "_options_values"):
        candidates = list(widget._options_values)
        if hasattr(widget, "readout"):  # a slider: its ends are enough
            candidates = [candidates[0], candidates[-1]]
    elif hasattr(widget, "min"):
        candidates = [widget.min, widget.max]
    elif isinstance(widget.value, bool):
        candidates = [not widget.value]
    return iter([each for each in candidates if each is None or each != widget.value])


def _move(widget: Any, value: Any) -> float:
    start = time.perf_counter()
    if value is None:
        widget.click()
    else:
        widget.value = value
    return time.perf_counter() - start


def _look(lab: Lab) -> tuple[Any, ...]:
    stage = lab.stage
    return stage.structure, str(stage.values), stage.heat, stage.description


def _shows_in_training(lab: Lab, widget: Any, at_first: Any, value: Any, steps: int) -> bool:
    """Whether a few steps from the same start look different with the new value."""
    if not lab._learns or value is None:
        return False
    pictures = []
    for each in (value, at_first):
        widget.value = each
        lab.reset()
        lab.step(steps)
        pictures.append(_look(lab))
    return pictures[0] != pictures[1]


def _faults(lab: Lab, numbers: Callable[[Lab], Mapping[str, float]] | None) -> Iterator[str]:
    if lab.error is not None:
        yield f"the lab shows an error: {lab.error}"
    for part in _look(lab):
        if isinstance(part, str) and (found := NOT_FINITE.search(part)):
            yield f"not a finite number: ...{part[max(found.start() - 40, 0) : found.end() + 10]}..."
    facts = numbers(lab) if numbers is not None else lab.facts(lab.state)
    for name, fact in facts.items():
        if not math.isfinite(fact):
            yield f"{name} is {fact}"
    for text in NUMBER.findall(lab.stage.description):
        decimals = len(text.partition(".")[2])
        if not any(abs(float(text) - fact) <= 0.5 * 10.0**-decimals * (1 + 1e-6) + 1e-12 for fact in facts.values()):
            yield f"the text says {text}, which is none of the model's numbers ({dict(facts)})"
