"""Labs in which nothing trains: you move them by hand, and Reset brings everything back to where it began."""

from collections.abc import Iterable
from typing import Any

from ..svg.elements import number
from .base import Lab
from .controls import Control, button

__all__ = ["HandLab", "equals", "shown"]


class HandLab(Lab):
    """A lab that does not learn. Its Reset puts every control back to its starting value as well."""

    def __init__(self, *, hide: Iterable[str] = (), **start: Any) -> None:
        super().__init__(hide=hide, **start)
        self._first = {name: widget.value for name, widget in self.controls.items() if hasattr(widget, "value")}

    def _transport(self) -> dict[str, Control]:
        tip = "Put every control back to where this lab began"
        return {"reset": button("Reset", tip=tip, icon="refresh", draws=False)}

    def reset(self) -> None:
        """Go back to the very start, controls included."""
        for name, value in self._first.items():
            self.controls[name].value = value
        super().reset()


def shown(value: float, digits: int = 3) -> str:
    """A number as the picture shows it, with the typographer's minus: at most ``digits`` decimals, no idle zeros."""
    return number(value, digits).replace("-", "\u2212")


def equals(exact: float, text: str) -> str:
    """The sign between a result and the digits shown for it: "=" where they are all there is, else "\u2248"."""
    return "=" if abs(float(text.replace("\u2212", "-")) - exact) < 1e-9 else "\u2248"
