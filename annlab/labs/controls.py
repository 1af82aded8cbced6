"""What a lab can be steered with: plain ipywidgets, each declared with its starting value, its label and a tooltip.

A declaration is not yet a widget: every lab builds its own widgets from it.
"""

import bisect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import traitlets

__all__ = ["Control", "NumberSlider", "button", "choice", "slider", "switch", "text", "whole"]

STYLE = {"description_width": "initial"}


@dataclass(frozen=True)
class Control:
    """One control before it is built.

    ``more`` puts it behind "More settings". ``draws=False`` says that neither picture nor training depend on it.
    """

    build: Callable[[Any], widgets.Widget]
    value: Any
    tip: str
    more: bool = False
    draws: bool = True


class NumberSlider(widgets.SelectionSlider):
    """A slider over round numbers that also takes, from code, any number between its ends: exactly, without rounding
    it."""

    _options_values: tuple[float, ...]

    def __init__(self, value: float, numbers: Iterable[float], **more: Any) -> None:
        numbers = sorted({*numbers, value})
        super().__init__(options=[(f"{each:g}", each) for each in numbers], value=value, **more)

    @traitlets.validate("value")
    def _validate_value(self, proposal: dict[str, Any]) -> float:
        value, known = float(proposal["value"]), list(self._options_values)
        if not known[0] <= value <= known[-1]:
            raise traitlets.TraitError(f"{self.description} goes from {known[0]:g} to {known[-1]:g}; got {value:g}")
        if value not in known:
            at = bisect.bisect(known, value)
            known.insert(at, value)
            self._options_values = tuple(known)
            self._options_full = tuple((f"{each:g}", each) for each in known)
            if at <= self.index:
                self._trait_values["index"] += 1  # the same number as before, one place further on
            self.set_trait("_options_labels", tuple(label for label, _ in self._options_full))
        return value


def slider(
    value: float,
    low: float,
    high: float,
    step: float | None = None,
    *,
    label: str,
    tip: str,
    log: bool = False,
    more: bool = False,
    draws: bool = True,
) -> Control:
    """A slider: over whole numbers where ``value``, ``low`` and ``high`` are whole, over 1, 2, 3, 5, 10 ... where
    ``log``."""
    shared = {"description": label, "tooltip": tip, "style": STYLE, "continuous_update": True}

    def build(start: float) -> widgets.Widget:
        _check_between(label, start, low, high)
        if log:
            powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            round_numbers = (float(f"{factor}e{power}") for power in powers for factor in (1, 2, 3, 5))
            return NumberSlider(float(start), [low, high, *(n for n in round_numbers if low < n < high)], **shared)
        if all(isinstance(each, int) for each in (value, low, high)):
            return widgets.IntSlider(start, min=low, max=high, step=step or 1, **shared)
        every = step or _fine_step(high - low)
        numbers = [round(low + every * at, 10) for at in range(int((high - low) / every + 1e-9) + 1)]
        return NumberSlider(float(start), [*numbers, float(high)], **shared)

    return Control(build, value, tip, more, draws)


def choice(
    value: Any, options: Iterable[Any], *, label: str, tip: str, more: bool = False, draws: bool = True
) -> Control:
    """One of several options, each a value or a pair (what to show, value), in a drop-down list."""
    options = [option if isinstance(option, tuple) else (str(option), option) for option in options]

    def build(start: Any) -> widgets.Widget:
        allowed = [option for _, option in options]
        if start not in allowed:
            raise ValueError(f"{label} is one of {', '.join(map(str, allowed))}; got {start!r}")
        return widgets.Dropdown(options=options, value=start, description=label, tooltip=tip, style=STYLE)

    return Control(build, value, tip, more, draws)


def whole(value: int, low: int, high: int, *, label: str, tip: str, more: bool = False, draws: bool = True) -> Control:
    """A whole number to type."""

    def build(start: int) -> widgets.Widget:
        _check_between(label, start, low, high)
        return widgets.BoundedIntText(start, min=low, max=high, description=label, tooltip=tip, style=STYLE)

    return Control(build, value, tip, more, draws)


def text(value: str, *, label: str, tip: str, more: bool = False, draws: bool = True) -> Control:
    """A line to type; it acts when Enter is pressed or the line is left."""

    def build(start: str) -> widgets.Widget:
        return widgets.Text(start, description=label, tooltip=tip, style=STYLE, continuous_update=False)

    return Control(build, value, tip, more, draws)


def switch(value: bool, *, label: str, tip: str, more: bool = False, draws: bool = True) -> Control:
    """On or off."""

    def build(start: bool) -> widgets.Widget:
        return widgets.Checkbox(start, description=label, tooltip=tip, indent=False)

    return Control(build, value, tip, more, draws)


def button(label: str, *, tip: str, icon: str = "", more: bool = False, draws: bool = True) -> Control:
    """Something to do now: the lab's ``pressed`` is called with its name."""

    def build(_: None) -> widgets.Widget:
        return widgets.Button(description=label, tooltip=tip, icon=icon)

    return Control(build, None, tip, more, draws)


def _check_between(label: str, start: float, low: float, high: float) -> None:
    if not low <= start <= high:
        raise ValueError(f"{label} goes from {low} to {high}; got {start}")


def _fine_step(span: float) -> float:
    """A round step (1, 2 or 5 times a power of ten) of which 50 to 125 make the span."""
    power = 10.0 ** math.floor(math.log10(span / 50))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= span / 50)
