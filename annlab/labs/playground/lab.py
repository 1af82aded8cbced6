"""The Playground: a network learns points of the plane, and everything about it can be changed meanwhile."""

import html
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np

from ...models import Divergence
from ...svg.elements import Picture
from ...words import say
from ..base import Lab
from . import text
from .about import ABOUT
from .data import INPUTS, NUMBER, REACH, Points, from_table, own, to_table
from .picture import draw, places
from .run import Run
from .settings import CONTROLS, FIRST, GROUPS, LAYERS, TRANSPORT
from .words import describe

__all__ = ["Playground"]

MOVES = {"ArrowUp": (0.0, 0.2), "ArrowDown": (0.0, -0.2), "ArrowLeft": (-0.2, 0.0), "ArrowRight": (0.2, 0.0)}
NOT_OF_THE_RUN = {
    "show_test", "discretize", "pace", "stop_after", "second", "back", "numbers", "value", "program", "share", "preset",
    "projector", "pointer", "table", "csv",
}  # fmt: skip


class Playground(Lab):
    """A network that learns points of the plane while you change it: data, layers, activations, learning.

    ``Playground("data=spiral layers=2")`` starts from a line of settings, as the field "As text" shows it, or from a
    preset's name. Any control's name is an argument too; ``units=[8, 4]`` and ``activation=["relu", "tanh"]`` set the
    hidden layers one by one. ``hide=[...]`` leaves controls out, ``show=[...]`` leaves all others out.

    ``lab.state`` has ``run`` (its ``epoch``, ``curves``, ``x_train``, ``y_train``, ``x_test``, ``y_test``), ``model``,
    and each control's value under its name. ``lab.code()`` is the program that trains the same network.
    """

    controls: Any = CONTROLS
    about: ClassVar[list[tuple[str, str]]] = ABOUT
    step_label, step_tip = "One epoch", "Train until every training point has been seen once more"

    def __init__(
        self, settings: str = "", *, hide: Iterable[str] = (), show: Iterable[str] | None = None, **start: Any
    ) -> None:
        written, self._more = text.read(settings)
        start = written | _each_layer(start)
        self._made_with = dict(start), dict(self._more)
        self._shown = None if show is None else [show] if isinstance(show, str) else list(show)
        known = {*type(self).controls, "play", "step", "reset"}
        for unknown in [name for name in self._shown or () if name not in known]:
            raise TypeError(f"Playground has no control {unknown!r}; it has {', '.join(CONTROLS)}")
        self._own = self._more.get("own", own([], []))
        self._quiet, self._remark = False, ""
        super().__init__(hide=hide, **start)
        self._finish_start()

    # The state.

    def start(self, state: SimpleNamespace) -> None:
        if not hasattr(state, "run"):
            state.probe = state.kept_place = state.hovered = state.selected = state.pinned = state.other = None
            state.cursor, state.dragged, state.other_trouble = (0.0, 0.0), None, False
        state.run = Run(state, self._own)
        state.model = state.run.model
        state.back = 0
        self._start_second(state)

    def _finish_start(self) -> None:
        """Train as far as the line of settings says, or take its weights."""
        run, more = self.state.run, self._more
        _check_weights(more, run)
        if "weights" in more:
            run.model.parameters[...] = more["weights"]
            run.touch()
            run.restart_curves()
            run.pure, run.updates = False, 1
        for _ in range(more.get("epochs", 0)):
            if not run.ready:
                break
            self._epoch_along(run)
            run.record()
        self._more = {}
        self._say_remark()
        if self.state.projector:
            self._arrange_for_class()
        self._refresh()
        self.draw()

    def restart(self) -> None:
        super().restart()
        self._say_remark()

    def _say_remark(self) -> None:
        """What the library remarks about the settings; a remark that no longer holds goes away."""
        remark = self.state.run.remark
        if remark or (self._remark and self.stage.note == say(self._remark)):
            self.stage.say(remark)
        self._remark = remark

    def _start_second(self, state: SimpleNamespace) -> None:
        if not state.second:
            state.other = None
        else:
            settings = text.settings_of(state) if state.other is None else state.other.settings
            state.other, state.other_trouble = Run(settings, self._own), False

    @property
    def share(self) -> str:
        """The whole Playground as one line: ``Playground(lab.share)`` is the same one."""
        return text.write(self.state)

    def code(self, library: str = "annlab") -> str:
        """The program that trains this network from its start for as many epochs, for "annlab" or "keras"."""
        return text.program(self.state.run, library)

    def set_points(self, x: Any, y: Any) -> None:
        """Learn these points: x (n, 2) from -6 to 6, y their classes 0, 1, 2 ... or numbers."""
        self._take_points(own(x, y))
        self.draw()

    def facts(self, state: SimpleNamespace) -> dict[str, float]:
        run: Run = state.run
        facts: dict[str, float] = {
            "epoch": run.epoch,
            "weights": run.model.count_params(),
            "seed": state.seed,
            "inputs": len(run.inputs),
            "training": len(run.x_train),
            "test": len(run.x_test),
            "two": 2,
        }
        facts |= {f"units {at}": units for at, (units, _) in enumerate(run.hidden)}
        metric = "r2" if run.points.kind == NUMBER else "accuracy"
        return facts | {name.replace(metric, "score"): value for name, value in run.scores().items()}

    def picture(self, state: SimpleNamespace) -> Picture:
        return draw(state, describe(self.facts(state), state.run))

    # Training.

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        while True:
            run: Run = state.run
            if not run.ready:
                self.stage.say("There are no points to learn from. Put some on the map, or choose other data.")
                return
            since = time.perf_counter()
            ended = run.take(state.batch_size)
            if ended:
                run.record()
                self._second_along(state)
            if self._playing:
                run.seconds += time.perf_counter() - since
            if state.back:
                self._set("back", 0)
            if ended and state.stop_after and run.epoch % state.stop_after == 0:
                return
            yield run.epoch

    @staticmethod
    def _epoch_along(run: Run) -> None:
        while not run.take(run.settings.batch_size):
            pass

    def _second_along(self, state: SimpleNamespace) -> None:
        """The second run goes as far as the first has come."""
        other = state.other
        if not state.second or other is None or not other.ready or state.other_trouble:
            return
        try:
            while other.epoch < state.run.epoch:
                self._epoch_along(other)
                other.record()
        except Divergence:
            state.other_trouble = True

    def steps_of_click(self, state: SimpleNamespace) -> int:
        return state.run.left

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace * state.run.batches if state.pace else float("inf")

    def _set_playing(self, playing: bool) -> None:
        super()._set_playing(playing)
        if not playing and hasattr(self, "widget"):
            self._refresh()

    def reset(self) -> None:
        super().reset()
        self._set("back", 0)
        self._refresh()

    # Controls.

    def _take(self, kind: str, name: str, content: Any) -> None:
        if not (kind == "move" and self._quiet and threading.get_ident() == self._thread):
            super()._take(kind, name, content)

    def changed(self, state: SimpleNamespace, name: str) -> None:
        run: Run = state.run
        if name == "preset":
            self._load(dict(self._made_with[0]) if not state.preset else None, state.preset)
        elif name == "share":
            if state.share.strip() and state.share.strip() != self.share:
                self._load_line(state.share)
        elif name == "back":
            state.back = run.look_back(state.back)
        elif name == "second":
            self._second_switched(state)
        elif name == "value":
            if state.selected is not None and np.isfinite(state.value):
                self._put(state, float(state.value))
        elif name == "table":
            self._read_table(state.table.encode(), "the table")
        elif name == "csv":
            for file in state.csv:
                self._read_table(bytes(file["content"]), file["name"])
        elif name == "projector":
            self._arrange_for_class()
        elif name in ("units", "activation"):
            for layer in range(1, LAYERS + 1):
                self._set(f"{name}_{layer}", getattr(state, name))
            run.change(f"{name}_1")
        elif name in INPUTS and not run.inputs:
            self._set(name, True)
            self.stage.say("One input has to stay: a network that sees nothing cannot tell anything apart.")
        elif name == "seed" or (name == "initializer" and not run.updates):
            self.restart()
        elif name == "initializer":
            self.restart()
        elif name not in NOT_OF_THE_RUN:
            run.change(name)
            if name == "data" and state.data == "own":
                self._own_chosen(state)
        if name not in NOT_OF_THE_RUN:
            self._set("back", 0)
            state.model = run.model if state.run is run else state.run.model
            self._fit_choice(state)
            self._say_remark()
        self._refresh(playing=True)

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        run: Run = state.run
        if name in ("step_batch", "step_example"):
            self._set_playing(False)
            if not run.ready:
                self.stage.say("There are no points to learn from. Put some on the map, or choose other data.")
                return
            if run.take(state.batch_size if name == "step_batch" else 1):
                self._second_along(state)
            run.pure = run.pure and name == "step_batch"
            run.record()
            self._set("back", 0)
        elif name == "regenerate":
            self._set("data_seed", (state.data_seed + 1) % 10_000)
            self.changed(state, "data_seed")
        elif name == "new_weights":
            self._set("seed", (state.seed + 1) % 10_000)
            self.restart()
        elif name == "pin":
            scores = run.scores()
            if scores:
                epochs = [*run.curves["epoch"], run.epoch]
                state.pinned = {"epoch": epochs, "loss": [*run.curves["loss"], scores["loss"]]}
        elif name == "unpin":
            state.pinned = None
        elif name == "clear_points":
            self._take_points(own([], []))
        self._refresh()

    def _second_switched(self, state: SimpleNamespace) -> None:
        state.other_trouble = False
        state.other = Run(text.settings_of(state), self._own) if state.second else None
        if state.second and state.run.updates:
            self.restart()
            state.model = state.run.model

    def _set(self, name: str, value: Any) -> None:
        """Move a control without being told of it as if somebody else had."""
        setattr(self.state, name, value)
        widget = self.controls.get(name) if hasattr(self, "controls") else None
        if widget is None or widget.value == value:
            return
        self._quiet = True
        try:
            if hasattr(widget, "max") and isinstance(value, int) and value > widget.max:
                widget.max = value
            widget.value = value
        finally:
            self._quiet = False

    def _load_line(self, line: str) -> None:
        """Take the settings of a line that somebody pasted; where it cannot be read, nothing changes."""
        try:
            start, more = text.read(line)
            settings = {name: start.get(name, CONTROLS[name].value) for name in text.LEARNS}
            _check_weights(more, Run(SimpleNamespace(**settings), more.get("own", self._own)))
        except ValueError as error:
            self.stage.say(f"Nothing was changed: {error}.", trouble=True)
        else:
            self._load(None, line)

    def _load(self, start: dict[str, Any] | None, line: str) -> None:
        """Take all settings from a line of text, a preset, or those the lab was made with; start anew."""
        more: dict[str, Any] = dict(self._made_with[1]) if start is not None else {}
        if start is None:
            start, more = text.read(line)
        playing = self._playing
        for name in (*text.LEARNS, "units", "activation"):
            value = start.get(name, CONTROLS[name].value)
            if getattr(self.state, name) != value:
                self._set(name, value)
        self._more, self._own = more, more.get("own", self._own)
        self.restart()
        self.state.selected = self.state.hovered = None
        self._finish_start()
        if playing:
            self._set_playing(True)

    # Own points.

    def _own_chosen(self, state: SimpleNamespace) -> None:
        if not len(self._own.x):
            self.stage.say("No points yet. Under Own points, choose what a click on the map does, then click the map.")
        self._set("show_test", True)

    def _take_points(self, points: Points) -> None:
        """Own points are the data from now on; weights stay as far as they fit, and what was said of others goes."""
        state = self.state
        self.stage.say("")
        if state.data != "own" or not len(self._own.x):
            self._set("show_test", True)  # a point that was just put there is not to vanish from the map
        self._own = state.run.own = points
        self._set("data", "own")
        state.run.change("data")
        state.model = state.run.model
        self._set("table", to_table(points) if len(points.x) else "")
        self._fit_choice(state)

    def _read_table(self, raw: bytes, name: str) -> None:
        if not raw.strip():
            self._take_points(own([], []))
            self._own_chosen(self.state)
            return
        try:
            points = from_table(raw, name)
        except ValueError as error:
            self.stage.say(f"{str(error).removesuffix('.')}.", trouble=True)
            return
        self._take_points(points)
        count = len(points.x)
        self.stage.say(f"One point was read from {name}." if count == 1 else f"{count} points were read from {name}.")
        if points.labels:
            names = ", ".join(f"{label[:20]} is class {at}" for at, label in enumerate(points.labels))
            self.stage.say(f"{count} points were read from {name}: {names}.")

    def _click_on_map(self, state: SimpleNamespace, place: tuple[float, float]) -> tuple[float, float]:
        """Do what a click does; returns the place to look at."""
        points: Points = state.run.points
        if state.pointer == "look":
            return self._keep_place(state, place)
        if state.pointer == "remove":
            if len(points.x):
                nearest = int(np.linalg.norm(points.x - np.array(place), axis=1).argmin())
                keep = np.arange(len(points.x)) != nearest
                self._take_points(own(points.x[keep], points.y[keep], points.names, numbers=points.kind == NUMBER))
        elif state.pointer.startswith("add"):
            label = int(state.pointer[-1])
            numbers = points.kind == NUMBER
            x = np.vstack([points.x, [place]])
            self._take_points(own(x, np.append(points.y, float(label)), points.names, numbers=numbers))
        return place

    @staticmethod
    def _keep_place(state: SimpleNamespace, place: tuple[float, float]) -> tuple[float, float]:
        """Go on looking at this place, or at the point that is there; a second click lets it go."""
        x = state.run.points.x
        if len(x):
            distances = np.linalg.norm(x - np.array(place), axis=1)
            nearest = int(distances.argmin())
            if distances[nearest] < 0.25:
                place = (float(x[nearest, 0]), float(x[nearest, 1]))
        state.kept_place = None if state.kept_place == place else place
        return place

    # The picture is touched.

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, name = event["kind"], event["id"]
        if name == "map":
            self._map_event(state, event)
            return
        what, *numbers = name.split("-")
        thing = (what, *map(int, numbers))
        if not self._exists(state, thing):
            return
        if kind == "hover":
            state.hovered = thing
        elif kind == "leave":
            state.hovered = None
        elif what in ("less", "more", "activation"):
            if kind in ("down", "key"):
                self._title_event(state, what, thing[1], -1 if event.get("key") == "ArrowUp" else 1)
        elif what == "node" and thing[1] == 0:
            if kind in ("down", "key"):
                self._toggle_input(state, list(INPUTS)[thing[2]])
        elif kind == "key":
            self._node_key(state, thing, event["key"], event["shift"])
        elif kind == "down":
            state.hovered = None
            state.selected = None if what == "node" and state.selected == thing else thing
            if what in ("link", "bias"):
                state.dragged = (event["points"][0][1], self._chosen_value(state))
            self._show_value(state)
        elif kind == "move" and what in ("link", "bias") and state.dragged is not None and state.selected == thing:
            from_y, first = state.dragged
            self._put(state, round(first + (from_y - event["points"][-1][1]) * 0.02, 3))
            self._show_value(state)
        elif kind == "up":
            state.dragged = None

    @staticmethod
    def _exists(state: SimpleNamespace, thing: tuple[Any, ...]) -> bool:
        """Whether the network still has that part (a report may come late)."""
        layers = state.model.layers
        what, *at = thing
        if what == "node" and at[0] == 0:
            return at[1] < len(INPUTS)
        if what in ("node", "bias"):
            return 1 <= at[0] <= len(layers) and at[1] < layers[at[0] - 1].units
        if what == "link":
            return at[0] < len(layers) and at[1] < layers[at[0]].kernel.shape[0] and at[2] < layers[at[0]].units
        return 1 <= at[0] <= state.layers

    def _fit_choice(self, state: SimpleNamespace) -> None:
        """What is pointed at may be gone."""
        for name in ("hovered", "selected"):
            thing = getattr(state, name)
            if thing is not None and not self._exists(state, thing):
                setattr(state, name, None)
        self._show_value(state)

    def _title_event(self, state: SimpleNamespace, what: str, layer: int, way: int) -> None:
        if what == "activation":
            options = [value for _, value in self.controls[f"activation_{layer}"].options]
            value = options[(options.index(getattr(state, f"activation_{layer}")) + way) % len(options)]
            name = f"activation_{layer}"
        else:
            name = f"units_{layer}"
            value = getattr(state, name) + (1 if what == "more" else -1)
            if not 1 <= value <= self.controls[name].max:
                return
        self._set(name, value)
        self.changed(state, name)

    def _toggle_input(self, state: SimpleNamespace, name: str) -> None:
        self._set(name, not getattr(state, name))
        self.changed(state, name)

    def _node_key(self, state: SimpleNamespace, thing: tuple[Any, ...], key: str, shift: bool) -> None:
        _, depth, at = thing
        incoming: list[tuple[Any, ...]] = [("bias", depth, at)]
        incoming += [("link", depth - 1, row, at) for row in range(state.model.layers[depth - 1].kernel.shape[0])]
        state.hovered = None
        if key == "Escape":
            state.selected = None
        elif key in ("Enter", "Space"):
            state.selected = None if state.selected == thing else thing
        elif key in ("ArrowLeft", "ArrowRight"):
            now = incoming.index(state.selected) if state.selected in incoming else -1
            way = 1 if key == "ArrowRight" else -1
            state.selected = incoming[(now + way) % len(incoming)] if now >= 0 else incoming[0]
        else:
            if state.selected not in incoming:
                state.selected = incoming[0]
            step = (1.0 if shift else 0.1) * (1 if key == "ArrowUp" else -1)
            self._put(state, round(self._chosen_value(state) + step, 3))
        self._show_value(state)

    def _chosen_value(self, state: SimpleNamespace) -> float:
        """The chosen weight or bias."""
        what, *at = state.selected
        if what == "link":
            return float(state.model.layers[at[0]].kernel[at[1], at[2]])
        return float(state.model.layers[at[0] - 1].bias[at[1]])

    def _put(self, state: SimpleNamespace, value: float) -> None:
        """Set the chosen weight or bias."""
        if state.selected is None or state.selected[0] == "node":
            return
        value = min(max(value, -1000.0), 1000.0)
        what, *at = state.selected
        if what == "link":
            state.model.layers[at[0]].kernel[at[1], at[2]] = value
        else:
            state.model.layers[at[0] - 1].bias[at[1]] = value
        state.run.touch()

    def _show_value(self, state: SimpleNamespace) -> None:
        """The chosen weight in the field where it can be typed."""
        if not hasattr(self, "widget"):
            return
        field = self.controls["value"]
        is_number = state.selected is not None and state.selected[0] in ("link", "bias")
        if field.disabled == is_number:
            field.disabled = not is_number
        if is_number:
            self._set("value", round(self._chosen_value(state), 6))

    def _map_event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind = event["kind"]
        if kind in ("hover", "down", "move"):
            x, y, side, _ = places(state)[0]["square"]
            px, py = event["points"][-1]
            place = (_on_map(2 * REACH * (px - x) / side - REACH), _on_map(REACH - 2 * REACH * (py - y) / side))
            if kind == "down":
                state.cursor = place
                place = self._click_on_map(state, place)
            state.probe = place
        elif kind == "leave":
            state.probe = state.kept_place
        elif kind == "key":
            key = event["key"]
            if key in MOVES:
                far = 5 if event["shift"] else 1
                across, up = MOVES[key]
                state.cursor = (_on_map(state.cursor[0] + far * across), _on_map(state.cursor[1] + far * up))
                state.probe = state.cursor
            elif key == "Escape":
                state.probe = state.kept_place = None
            elif key in ("Delete", "Backspace"):
                before, state.pointer = state.pointer, "remove"
                self._click_on_map(state, state.cursor)
                state.pointer = before
            else:
                state.probe = self._click_on_map(state, state.cursor)
        self._refresh()

    # The widgets around the picture.

    def _arrange(self, hide: set[str]) -> widgets.VBox:
        """Buttons and six controls first; then a row of groups, each of which unfolds."""
        if self._shown is not None:
            hide = hide | {name for name in self.controls if name not in self._shown}
        kept = {name: widget for name, widget in self.controls.items() if name not in hide}

        def row(names: Iterable[str]) -> list[widgets.Widget]:
            return [kept[name] for name in names if name in kept]

        def box(children: Sequence[widgets.Widget], *classes: str) -> widgets.Box:
            made = widgets.Box(list(children)).add_class("annlab-row")
            for each in classes:
                made.add_class(each)
            return made

        groups, folds = [], []
        grouped = {*FIRST, *TRANSPORT, *(name for members in GROUPS.values() for name in members)}
        first = row([*FIRST, *(name for name in type(self).controls if name not in grouped)])
        for name, members in GROUPS.items():
            inside = row(members)
            if self._shown is not None:
                first += inside
            elif inside:
                fold = box(inside, *(["annlab-pairs"] if name == "Each layer" else []))
                fold.layout.display = "none"
                unfold = widgets.ToggleButton(
                    False, description=name, tooltip=f"Show or hide: {name}", icon="angle-down"
                )
                unfold.observe(_unfolds(fold), "value")
                groups.append(unfold)
                folds.append(fold)
        self.controls["share"].add_class("annlab-wide")
        self._program = widgets.HTML()
        self._groups = [box(groups, "annlab-groups"), *folds] if groups else []
        rows = [box(row(("play", "step", *TRANSPORT, "reset")), "annlab-transport"), box(first)]
        rows = [each for each in rows if each.children]
        made = widgets.VBox([*rows, *self._groups, self.stage, self._program]).add_class("annlab-lab")
        return made.add_class("annlab-playground")

    def _arrange_for_class(self) -> None:
        """Large type and few controls, or all of them again."""
        switch = self.controls["projector"]
        for each in self._groups:
            if switch not in each.children:
                each.set_trait("_dom_classes", _with(each, "annlab-away", self.state.projector))
                continue
            for other in each.children:
                other.set_trait(
                    "_dom_classes", _with(other, "annlab-away", self.state.projector and other is not switch)
                )
        self.widget.set_trait("_dom_classes", _with(self.widget, "annlab-projector", self.state.projector))

    def _fit_layers(self) -> None:
        """Controls of layers that are not there go away."""
        for layer in range(1, LAYERS + 1):
            for name in ("units", "activation"):
                widget = self.controls[f"{name}_{layer}"]
                away = layer > self.state.layers and self._shown is None
                widget.set_trait("_dom_classes", _with(widget, "annlab-away", away))

    def _refresh(self, playing: bool = False) -> None:
        """Bring the fields that speak of the run up to date; while it plays only where a control was moved."""
        if not hasattr(self, "widget"):
            return
        self._fit_layers()
        if self._playing and not playing:
            return
        self._set("share", self.share)
        for name in ("units", "activation"):
            self._set(name, getattr(self.state, f"{name}_1"))
        self._show_value(self.state)
        library = self.state.program
        shown = ""
        if library:
            try:
                shown = self.code(library)
            except ValueError as error:
                shown = f"# {error}"
        written = f"<pre class='annlab-code' tabindex='0'>{html.escape(shown)}</pre>" if shown else ""
        if self._program.value != written:
            self._program.value = written


def _check_weights(more: dict[str, Any], run: Run) -> None:
    """ValueError where a line holds another number of weights than its network has."""
    if "weights" in more and more["weights"].shape != run.model.parameters.shape:
        held, needed = more["weights"].size, run.model.count_params()
        raise ValueError(f"the line holds {held} weights; the network of its settings has {needed}")


def _on_map(at: float) -> float:
    return round(min(max(float(at), -REACH), REACH), 2)


def _unfolds(fold: widgets.Box) -> Any:
    def unfold(change: dict[str, Any]) -> None:
        fold.layout.display = "" if change["new"] else "none"
        change["owner"].icon = "angle-up" if change["new"] else "angle-down"

    return unfold


def _with(widget: widgets.DOMWidget, name: str, there: bool) -> tuple[str, ...]:
    """The widget's classes, with that one or without it."""
    others = [each for each in widget._dom_classes if each != name]
    return (*others, name) if there else tuple(others)


def _each_layer(start: dict[str, Any]) -> dict[str, Any]:
    """``units=[8, 4]`` as ``layers=2, units_1=8, units_2=4``; a single value is that of every layer."""
    start = dict(start)
    for name in ("units", "activation"):
        if name not in start:
            continue
        given = start[name]
        if isinstance(given, (list, tuple)):
            if len(given) > LAYERS:
                raise ValueError(f"the Playground has up to {LAYERS} hidden layers; {name} names {len(given)}")
            del start[name]
            start.setdefault("layers", len(given))
            start |= {f"{name}_{layer}": value for layer, value in enumerate(given, 1)}
        else:
            start = {f"{name}_{layer}": given for layer in range(1, LAYERS + 1)} | start
    return start
