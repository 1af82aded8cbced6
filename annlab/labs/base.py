"""Every lab is controls, a pure picture of its state, and a description with the state's own numbers.

``Lab`` wires the three: a moved control changes the state in one place, between two steps of training, and then the
picture is drawn again. Training runs as a task beside the notebook's own work, so sliders, cells and pictures all stay
alive. The same lab works in a plain script, where nothing runs beside it: a moved control acts at once, ``step``
trains.
"""

import asyncio
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import ipywidgets as widgets

from ..svg.elements import Picture
from ..words import say
from .controls import Control, NumberSlider, button
from .stage import Stage

__all__ = ["Lab"]

PICTURES_A_SECOND = 30
SILENCE = 30.0  # seconds without a sign of life from a page, after which nobody is looking
SLICE = 0.008  # seconds of training after which waiting messages get their turn
INFINITY = float("inf")
WIDTH = 960  # of a picture where no page has said how wide it is


class Lab:
    """A live picture with controls; each lab is a small subclass.

    A subclass declares ``controls`` (``slider``, ``choice``, ``whole``, ``switch``, ``button`` under their names),
    ``about`` (what is on the screen: pairs of a name and a sentence) and writes

    - ``picture(state)``: a ``Picture`` that depends on ``state`` alone; its description is the line of text under it;
    - ``start(state)``, if there is more in the state than the controls' values: a model, data, curves;
    - ``train(state)``, if it learns: a generator that takes one small step and yields; with it come play, step and
      reset;
    - ``changed(state, name)``, ``pressed(state, name)``, ``event(state, event)``: a control moved, a button was
      pressed, the picture was touched or got a key. The value of a control already stands in ``state`` under its name;
    - ``facts(state)``: every number that the description says, taken from the model.

    ``Lab(units=8, hide=["seed"])`` gives starting values and hides controls. ``lab.controls[name].value = v`` moves a
    control from a cell. ``lab.state`` and ``lab.model`` are plain objects to use in the next cell.
    """

    controls: Any = {}
    about: ClassVar[list[tuple[str, str]]] = []
    step_label = "Step"
    step_tip = "Train one step"

    _cells: ClassVar[dict[str, tuple[int, list[weakref.ref["Lab"]]]]] = {}

    def __init__(self, *, hide: Iterable[str] = (), **start: Any) -> None:
        kinds: dict[str, Control] = {**self._transport(), **type(self).controls}
        hide = [hide] if isinstance(hide, str) else list(hide)
        for unknown in [name for name in (*start, *hide) if name not in kinds]:
            raise TypeError(f"{type(self).__name__} has no control {unknown!r}; it has {', '.join(kinds)}")
        self._kinds = kinds
        self.controls = {name: kind.build(start.get(name, kind.value)) for name, kind in kinds.items()}
        self.state = SimpleNamespace(width=WIDTH)
        for name, widget in self.controls.items():
            if hasattr(widget, "value") and name != "play":
                setattr(self.state, name, widget.value)
        self.error: BaseException | None = None
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._thread = threading.get_ident()
        self._inbox: deque[tuple[str, str, Any]] = deque()
        self._applying = False
        self._steps: Iterator[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._playing = False
        self._seen: dict[str, float] = {}
        self._next_picture = 0.0
        self._later: asyncio.TimerHandle | None = None
        self.stage = Stage(self._heard, about=[[say(part) for part in pair] for pair in self.about])
        self.start(self.state)
        self._listen()
        self.widget = self._arrange(set(hide))
        _translate(self.widget)
        labelled = [control for control in self.controls.values() if getattr(control, "description", "")]
        self.stage.tips = {control.description: control.tooltip for control in labelled if control.tooltip}
        self.stage.numbers = [control.description for control in labelled if isinstance(control, NumberSlider)]
        self._replace_older_ones()
        self.draw()

    # What a lab may say of itself.

    def start(self, state: SimpleNamespace) -> None:
        """Make what the state needs beside the controls' values; called at first and by every reset."""

    def picture(self, state: SimpleNamespace) -> Picture:
        """The picture of this state, and of nothing else."""
        raise NotImplementedError(f"{type(self).__name__} needs picture(state)")

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        """Take one small step of training, then yield, again and again; its end is the end of training."""
        raise RuntimeError(f"{type(self).__name__} has nothing to train")

    def changed(self, state: SimpleNamespace, name: str) -> None:
        """A control moved; its value already stands in the state."""

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        """A button of the lab's own was pressed."""

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        """Something was done in the picture.

        ``kind`` is down, move, up, key, hover or leave; ``id`` says where, ``points`` has the places since the last
        report as [x, y], ``key`` the key; ``shift`` whether that was held down.
        """

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        """Every number that the description says, taken from the model now."""
        return {}

    def code(self) -> str:
        """The program that makes what the lab shows."""
        raise NotImplementedError(f"{type(self).__name__} has no program to show")

    # What can be done with every lab.

    @property
    def _learns(self) -> bool:
        return type(self).train is not Lab.train

    @property
    def model(self) -> Any:
        """The lab's network, as it is now."""
        return self.state.model

    @property
    def playing(self) -> bool:
        """Whether it trains by itself (also while it waits for somebody to look)."""
        return self._playing

    def play(self) -> None:
        """Train beside everything else, until ``pause``."""
        if self._loop is None or not self._loop.is_running():
            raise RuntimeError("nothing runs beside a plain script; lab.step(100) trains 100 steps")
        self._set_playing(True)

    def pause(self) -> None:
        """Stop training after the step that is being taken."""
        self._set_playing(False)

    def step(self, count: int = 1) -> None:
        """Train ``count`` steps now."""
        for _ in range(count):
            if not self._advance():
                break
        self.draw()

    def reset(self) -> None:
        """Go back to the same start: same seed, same weights, same data. Controls stay where they are."""
        self._set_playing(False)
        self.restart()
        self.draw()

    def restart(self) -> None:
        """Build the state anew from the controls' values; training that is under way goes on from there."""
        self._steps = None
        self.error = None
        self.start(self.state)
        self.stage.say("")

    def draw(self) -> None:
        """Show the state as it is now; only needed after the state was changed by hand."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._next_picture = time.monotonic() + 1 / PICTURES_A_SECOND
        self.stage.show(self.picture(self.state))

    def still(self) -> str:
        """The picture as one SVG text that needs neither kernel nor page."""
        return self.picture(SimpleNamespace(**{**vars(self.state), "width": WIDTH})).still()

    def close(self) -> None:
        """Stop training and take the lab off every page."""
        self._set_playing(False)
        for widget in (*self.controls.values(), self.stage, self.widget):
            widget.close()

    def __repr__(self) -> str:
        return say(f"{type(self).__name__}: a live lab; run this cell to use it.")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return {
            "text/plain": repr(self),
            "image/svg+xml": self.still(),
            "application/vnd.jupyter.widget-view+json": view,
        }

    # Changes: wherever they come from, one place applies them, between two steps, in the thread of the lab's maker.

    def _listen(self) -> None:
        for name, widget in self.controls.items():
            if isinstance(widget, widgets.Button):
                widget.on_click(lambda _, name=name: self._take("press", name, None))
            else:
                widget.observe(lambda change, name=name: self._take("move", name, change["new"]), "value")

    def _heard(self, message: dict[str, Any]) -> None:
        for kind in ("events", "width", "seen", "gone", "typed"):
            if kind in message:
                self._take(kind, "", message[kind])

    def _take(self, kind: str, name: str, content: Any) -> None:
        """Note what happened. Pages speak in threads of their own and hand over; a line of a cell acts at once."""
        self._inbox.append((kind, name, content))
        if self._loop is None or self._loop.is_closed() or threading.get_ident() == self._thread:
            self._apply(handed_over=False)
        else:
            self._loop.call_soon_threadsafe(self._apply)

    def _apply(self, handed_over: bool = True) -> None:
        """Apply all that waits: of several moves of one control the last."""
        if self._applying or not self._inbox:
            return
        self._applying = True
        try:
            while self._inbox:
                waiting = [self._inbox.popleft() for _ in range(len(self._inbox))]
                last = {name: at for at, (kind, name, _) in enumerate(waiting) if kind == "move"}
                for at, (kind, name, content) in enumerate(waiting):
                    if self.error is not None and kind in ("move", "press") and name != "play":
                        self.error = None
                        self.stage.say("")
                    if kind != "move" or last[name] == at:
                        self._apply_one(kind, name, content)
            self._draw_soon()
        except Exception as error:
            self._fail(error)
            if not handed_over:
                raise
        finally:
            self._applying = False

    def _apply_one(self, kind: str, name: str, content: Any) -> None:
        if kind == "move" and name == "play":
            if content != self._playing:
                self.play() if content else self.pause()
        elif kind == "move":
            setattr(self.state, name, content)
            self.changed(self.state, name)
        elif kind == "press" and name == "step":
            self._set_playing(False)
            self.step(self.steps_of_click(self.state))
        elif kind == "press" and name == "reset":
            self.reset()
        elif kind == "press":
            self.pressed(self.state, name)
        elif kind == "events":
            for event in content:
                self.event(self.state, event)
        elif kind == "typed":
            for control in self.controls.values():
                if isinstance(control, NumberSlider) and control.description == content[0]:
                    control.take(content[1])
        elif kind == "width":
            self.state.width = min(max(int(content), 440), WIDTH)
        elif kind == "seen":
            self._seen[content] = time.monotonic()
            self._wake()
        elif kind == "gone":
            self._seen.pop(content, None)
            self._seen.pop("at first", None)

    # Training.

    def steps_of_click(self, state: SimpleNamespace) -> int:
        """How many steps of training one press on Step takes."""
        return 1

    def steps_a_second(self, state: SimpleNamespace) -> float:
        """How fast playing goes, as far as this computer can."""
        return INFINITY

    def _set_playing(self, playing: bool) -> None:
        self._playing = playing
        self.stage.live = playing
        play = self.controls.get("play")
        if play is not None:
            play.value = playing
            play.description, play.icon = (say("Pause"), "pause") if playing else (say("Play"), "play")
        if playing:
            self.error = None
            self.stage.say("")
            self._seen["at first"] = time.monotonic()
            self._wake()

    def _watched(self) -> bool:
        return any(time.monotonic() - since < SILENCE for since in self._seen.values())

    def _wake(self) -> None:
        if self._playing and self._loop is not None and (self._task is None or self._task.done()):
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        """Train and draw in turn: at most 30 pictures a second, as many steps in each as fit and as the pace allows."""
        period = 1 / PICTURES_A_SECOND
        owed, before, drawing = 1.0, time.perf_counter(), 0.0
        try:
            if self.stage.note:
                self.stage.say("")
            while self._playing and self._watched():
                now = time.perf_counter()
                until, picture_due = now + max(0.85 * period - drawing, 0.2 * period), now + period
                pace = self.steps_a_second(self.state)
                owed = min(owed + (now - before) * pace, 0.5 * pace + 1) if pace < INFINITY else INFINITY
                before = now
                while owed >= 1 and self._playing and time.perf_counter() < until:
                    pause_at = time.perf_counter() + SLICE
                    while owed >= 1 and time.perf_counter() < pause_at:
                        owed -= 1
                        if not self._advance():
                            self._set_playing(False)
                            break
                    await asyncio.sleep(0)
                drawn_from = time.perf_counter()
                self.draw()
                drawing = time.perf_counter() - drawn_from
                await asyncio.sleep(max(0.0, picture_due - time.perf_counter()))
            if self._playing:
                self.stage.say("Training waits: nobody is looking at this lab. It goes on when it is seen again.")
        except Exception as error:
            self._fail(error)

    def _advance(self) -> bool:
        """Take one step; False where training has come to its end."""
        if self._steps is None:
            self._steps = self.train(self.state)
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
            return False
        except BaseException:
            self._steps = None
            raise
        return True

    def _fail(self, error: Exception) -> None:
        """Show what went wrong, in words; the last good picture stays."""
        self.error = error
        self._set_playing(False)
        words = str(error) or type(error).__name__
        if not isinstance(error, (ArithmeticError, ValueError, RuntimeError)):
            words = f"{type(error).__name__}: {words}"
        after = " Press Reset to start again." if self._learns else ""
        self.stage.say(f"The lab stopped. {words.rstrip('.')}.{after}", trouble=True)

    # Pictures.

    def _draw_soon(self) -> None:
        """Show the state now, or as soon as 30 pictures a second allow."""
        wait = self._next_picture - time.monotonic()
        if self._loop is None or not self._loop.is_running() or wait <= 0:
            self.draw()
        elif self._later is None:
            self._later = self._loop.call_later(wait, self._draw_late)

    def _draw_late(self) -> None:
        self._later = None
        try:
            self.draw()
        except Exception as error:
            self._fail(error)

    # The widgets.

    def _transport(self) -> dict[str, Control]:
        if not self._learns:
            return {}
        return {
            "play": Control(self._build_play, False, "Train, or pause; the lab stays usable meanwhile", draws=False),
            "step": button(self.step_label, tip=self.step_tip, icon="step-forward"),
            "reset": button(
                "Reset", tip="Go back to the same start: same seed, same weights", icon="refresh", draws=False
            ),
        }

    @staticmethod
    def _build_play(start: bool) -> widgets.Widget:
        if start:
            raise ValueError("a lab starts paused; call lab.play() after it was made")
        tip = "Train, or pause; the lab stays usable meanwhile"
        return widgets.ToggleButton(False, description="Play", icon="play", tooltip=tip, button_style="primary")

    def _arrange(self, hide: set[str]) -> widgets.VBox:
        """Buttons first, then the first controls, then what unfolds, then the picture."""
        shown = {name: widget for name, widget in self.controls.items() if name not in hide}
        rows: list[widgets.Widget] = []
        buttons = [widget for widget in shown.values() if isinstance(widget, (widgets.Button, widgets.ToggleButton))]
        first = [w for name, w in shown.items() if w not in buttons and not self._kinds[name].more]
        more = [w for name, w in shown.items() if w not in buttons and self._kinds[name].more]
        fold = widgets.Box(more, layout={"display": "none"}).add_class("annlab-row")
        if more:
            unfold = widgets.ToggleButton(False, description="More settings", tooltip="Show or hide the other controls")
            unfold.observe(lambda change: setattr(fold.layout, "display", "flex" if change["new"] else "none"), "value")
            first.append(unfold)
        if buttons:
            rows.append(widgets.Box(buttons).add_class("annlab-row").add_class("annlab-transport"))
        if first:
            rows.append(widgets.Box(first).add_class("annlab-row"))
        if more:
            rows.append(fold)
        return widgets.VBox([*rows, self.stage]).add_class("annlab-lab")

    # A cell that runs again makes its lab anew; the older one stops.

    def _replace_older_ones(self) -> None:
        cell = _running_cell()
        if cell is None:
            return
        key, count = cell
        known, labs = Lab._cells.get(key, (count, []))
        if known != count:
            for older in filter(None, (reference() for reference in labs)):
                if older.playing:
                    older.pause()
                    older.stage.say("Paused: the cell that made this lab ran again.")
            labs = []
        Lab._cells[key] = (count, [*labs, weakref.ref(self)])


def _translate(widget: widgets.Widget) -> None:
    """The words of a widget, and of all widgets in it, in the learner's language."""
    for name in ("description", "tooltip"):
        if words := getattr(widget, name, None):
            setattr(widget, name, say(words))
    if isinstance(widget, widgets.Dropdown | widgets.ToggleButtons):
        options = [
            (say(label), value) for label, value in zip(widget._options_labels, widget._options_values, strict=True)
        ]
        if options != list(widget._options_full):
            chosen = widget.value
            widget.options = options
            widget.value = chosen
    for child in getattr(widget, "children", ()):
        _translate(child)


def _running_cell() -> tuple[str, int] | None:
    """The notebook cell that runs now (its id, or its text where it has none), and the number of this run."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    if shell is None:
        return None
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    written = shell.user_ns.get("In") or [""]
    return str(request.get("metadata", {}).get("cellId") or written[-1]), shell.execution_count
