"""What a lab can be steered with: plain ipywidgets, each declared with its starting value, its label and a tooltip.

A declaration is not yet a widget: every lab builds its own widgets from it.
"""

import bisect
import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import ipywidgets as widgets
import numpy as np
import traitlets

__all__ = [
    "Control",
    "NumberSlider",
    "button",
    "choice",
    "number_between",
    "slider",
    "switch",
    "text",
    "whole",
    "whole_between",
    "written",
]

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
        known = list(self._options_values)
        try:
            value = number_between(self.description, proposal["value"], known[0], known[-1])
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(str(error)) from None
        if value not in known:
            at = bisect.bisect(known, value)
            known.insert(at, value)
            self._options_values = tuple(known)
            self._options_full = tuple((f"{each:g}", each) for each in known)
            if at <= self.index:
                self._trait_values["index"] += 1  # the same number as before, one place further on
            self.set_trait("_options_labels", tuple(label for label, _ in self._options_full))
        return value

    def take(self, typed: str) -> None:
        """Go to the number that was typed beside it, or to the nearer end; what is no number changes nothing."""
        try:
            number = float(typed.replace("\u2212", "-").replace(",", "."))
        except ValueError:
            return
        if not math.isnan(number):
            self.value = self._fitting(min(max(number, self._options_values[0]), self._options_values[-1]))

    def _fitting(self, number: float) -> float:
        return number


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
        if not log and all(isinstance(each, int) for each in (value, low, high)):
            return widgets.IntSlider(
                whole_between(label, start, int(low), int(high)), min=low, max=high, step=step or 1, **shared
            )
        start = number_between(label, start, low, high)
        if log:
            powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            round_numbers = (float(f"{factor}e{power}") for power in powers for factor in (1, 2, 3, 5))
            return NumberSlider(start, [low, high, *(n for n in round_numbers if low < n < high)], **shared)
        every = step or _fine_step(high - low)
        numbers = [round(low + every * at, 10) for at in range(int((high - low) / every + 1e-9) + 1)]
        return NumberSlider(start, [*numbers, float(high)], **shared)

    return Control(build, value, tip, more, draws)


def choice(
    value: Any, options: Iterable[Any], *, label: str, tip: str, more: bool = False, draws: bool = True
) -> Control:
    """One of several options, each a value or a pair (what to show, value), in a drop-down list."""
    options = [option if isinstance(option, tuple) else (str(option), option) for option in options]

    def build(start: Any) -> widgets.Widget:
        allowed = [option for _, option in options]
        if not isinstance(start, Hashable) or not any(_same(start, option) for option in allowed):
            raise ValueError(f"{label} is one of {', '.join(map(str, allowed))}; got {_shown(start)}")
        return widgets.Dropdown(options=options, value=start, description=label, tooltip=tip, style=STYLE)

    return Control(build, value, tip, more, draws)


def whole(value: int, low: int, high: int, *, label: str, tip: str, more: bool = False, draws: bool = True) -> Control:
    """A whole number to type."""

    def build(start: int) -> widgets.Widget:
        start = whole_between(label, start, low, high)
        return widgets.BoundedIntText(start, min=low, max=high, description=label, tooltip=tip, style=STYLE)

    return Control(build, value, tip, more, draws)


def text(value: str, *, label: str, tip: str, more: bool = False, draws: bool = True) -> Control:
    """A line to type; it acts when Enter is pressed or the line is left."""

    def build(start: str) -> widgets.Widget:
        return widgets.Text(written(label, start), description=label, tooltip=tip, style=STYLE, continuous_update=False)

    return Control(build, value, tip, more, draws)


def switch(value: bool, *, label: str, tip: str, more: bool = False, draws: bool = True) -> Control:
    """On or off."""

    def build(start: bool) -> widgets.Widget:
        if not isinstance(start, bool | np.bool_):
            raise TypeError(f"{label} is True or False; got {_shown(start)}")
        return widgets.Checkbox(bool(start), description=label, tooltip=tip, indent=False)

    return Control(build, value, tip, more, draws)


def button(label: str, *, tip: str, icon: str = "", more: bool = False, draws: bool = True) -> Control:
    """Something to do now: the lab's ``pressed`` is called with its name."""

    def build(start: None) -> widgets.Widget:
        if start is not None:
            raise TypeError(f"{label} is a button and has no starting value; got {_shown(start)}")
        return widgets.Button(description=label, tooltip=tip, icon=icon)

    return Control(build, None, tip, more, draws)


# Every starting value is asked about before a widget is made of it; the answers are a learner's, not the widget's.


def number_between(label: str, value: Any, low: float, high: float) -> float:
    """``value`` as a float from ``low`` to ``high``.

    Raises
    ------
    TypeError   for what is no number: text, True, None.
    ValueError  for a number outside, NaN too.
    """
    if not _is_number(value):
        raise TypeError(f"{label} is a number from {low:g} to {high:g}; got {_shown(value)}")
    if not low <= value <= high:
        raise ValueError(f"{label} goes from {low:g} to {high:g}; got {value}")
    return float(value)


def whole_between(label: str, value: Any, low: int, high: int) -> int:
    """``value`` as a whole number from ``low`` to ``high``; 3.0 is taken as 3, 2.5 is not taken.

    Raises
    ------
    TypeError   for what is no number: text, True, None.
    ValueError  for a number outside or between two whole ones, NaN too.
    """
    if not _is_number(value):
        raise TypeError(f"{label} is a whole number from {low} to {high}; got {_shown(value)}")
    if not low <= value <= high:
        raise ValueError(f"{label} goes from {low} to {high}; got {value}")
    if value != int(value):
        raise ValueError(f"{label} is a whole number from {low} to {high}; got {value}")
    return int(value)


def written(label: str, value: Any) -> str:
    """``value`` if it is text; TypeError where it is not."""
    if not isinstance(value, str):
        raise TypeError(f"{label} is a text; got {_shown(value)}")
    return value


def _is_number(value: Any) -> bool:
    """Whether it is one real number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _same(start: Any, option: Any) -> bool:
    """Whether they are equal, where True is not 1."""
    return isinstance(start, bool) == isinstance(option, bool) and bool(start == option)


def _shown(value: Any) -> str:
    """A wrong value and its type, short."""
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"


def _fine_step(span: float) -> float:
    """A round step (1, 2 or 5 times a power of ten) of which 50 to 125 make the span."""
    power = 10.0 ** math.floor(math.log10(span / 50))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= span / 50)
