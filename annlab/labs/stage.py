"""The one widget of our own: it shows a ``Picture`` and tells what was done to it.

Each picture is one message: the values that may have changed, complete, and all heat maps in one row of bytes. The page
touches only what differs, paints at most once per frame of the screen and always the newest, so pictures may be lost
without harm. The structure travels only when it changed. Nothing is acknowledged; the page says now and then that
somebody is looking.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..svg.elements import PALETTE, Picture
from ..words import say

__all__ = ["Stage"]

LOST = "The kernel that ran this lab is gone. Run the cell again to go on."


class Stage(anywidget.AnyWidget):
    """A live picture with one line of text under it.

    ``listener(message)`` is called with what the page reports, perhaps in another thread: ``{"events": [...]}``
    (pointer, touch and keys on elements with an id, places in the picture's own units), ``{"width": pixels}``,
    ``{"seen": view}``, ``{"gone": view}``, ``{"typed": [label, text]}`` (beside a slider).
    """

    _esm = Path(__file__).with_name("stage.js")
    _css = Path(__file__).with_name("stage.css")

    structure = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    heat = traitlets.Bytes().tag(sync=True)
    palette = traitlets.Bytes(PALETTE.tobytes()).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    trouble = traitlets.Bool(False).tag(sync=True)
    about: traitlets.List[Any] = traitlets.List().tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)  # what the page says by itself
    tips = traitlets.Dict().tag(sync=True)  # the tooltip of each control, by its label
    numbers: traitlets.List[Any] = traitlets.List().tag(sync=True)  # the labels of the sliders that hear typing by it

    def __init__(self, listener: Callable[[dict[str, Any]], None] | None = None, **traits: Any) -> None:
        own = {"about": say("What am I looking at?"), "lost": say(LOST)}
        super().__init__(words=own, **traits)
        if listener is not None:
            self.on_msg(lambda _, message, __: listener(message))

    def show(self, picture: Picture) -> None:
        """Show ``picture``, with its description as the line of text: one message."""
        with self.hold_sync():
            self.structure = picture.structure()
            self.description = picture.description
            self.values = picture.values
            self.heat = picture.heat_bytes

    def say(self, note: str, *, trouble: bool = False) -> None:
        """Put ``note`` above the picture, marked as trouble if it is; the empty note takes it away."""
        with self.hold_sync():
            self.note, self.trouble = say(note), trouble
