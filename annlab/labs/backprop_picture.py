"""How one round of backpropagation is drawn: the network with all its numbers, and below it the formula of one of them.

Only what belongs to the present step is large. The rest stays where it is, and is quiet.
"""

import textwrap
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..svg import formula
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PANEL, PAPER, Picture, shade
from ..svg.formula import Part, compact, digits
from ..svg.network import Place
from .follow import PHASES, Key, Number, node_name

__all__ = ["Drawing", "draw"]

LINKS, TIGHT_LINKS = 184.0, 140.0  # the least distance between two layers, with two columns of numbers and with one
RIGHT, TIGHT_RIGHT = 236.0, 208.0  # room for targets and loss
TOP = 104.0  # of the network
APART = 104.0  # two nodes of a layer
KEYS = "Enter Space Escape ArrowLeft ArrowRight"
GIVEN_KEYS = f"{KEYS} ArrowUp ArrowDown"
ARROWS = {"Forward": "Forward →", "Backward": "← Backward"}
STAGES = {
    "z": "z and y",
    "dy": "dy and δ",
    "dz": "δ",
    "new z": "new z and y",
    "w": "w",
    "dw": "dw",
    "new w": "new w",
    "b": "b",
    "db": "db",
    "new b": "new b",
    "loss": "L",
    "new loss": "new L",
}
FIXED = "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
LOSSES = {"mse": "mean squared error", "mae": "mean absolute error"}


class Drawing:
    """One picture of one moment; ``picture`` is the result."""

    def __init__(self, state: SimpleNamespace, story: Any, description: str) -> None:
        self.story, self.numbers = story, story.numbers
        gaps = len(story.sizes) - 1
        self.tight = state.width < RIGHT + 63 + LINKS * gaps
        self.right = TIGHT_RIGHT if self.tight else RIGHT
        self.width = max(state.width, self.right + 63 + (TIGHT_LINKS if self.tight else LINKS) * gaps)
        most = max(story.sizes)
        self.r = 31.0
        self.bottom = TOP + 22 + APART * most
        self.places = self._places()
        now = set(story.step.keys)
        self.loud = now
        self.used = {source for key in now for source in self.numbers[key].comes_from}
        self.traced = {source for number in story.followed for source in number.comes_from}
        height = self._panel(Picture(self.width, 9, ""))  # once on scrap paper, to know how high it is
        room = max(height, self.bottom + 18 + self._room_of_panel())
        self.picture = Picture(self.width, room + 44, "Backpropagation, step by step", description)
        self.near: dict[
            Key, list[Any]
        ] = {}  # links that can be reached by Tab: their ends, and where their numbers are
        self._timeline()
        self._headings()
        for layer in range(1, len(story.sizes)):
            self._links(layer)
        for layer, size in enumerate(story.sizes):
            for node in range(size):
                self._node(layer, node)
        self._ending()
        self._near_links()
        self._panel(self.picture)
        self._legend(room + 6)

    # Places.

    def _places(self) -> list[list[Place]]:
        sizes = self.story.sizes
        first, last = 32 + self.r, self.width - self.right
        across = np.linspace(first, last, len(sizes)).tolist()
        middle = (TOP + 26 + self.bottom) / 2
        columns = []
        for x, size in zip(across, sizes, strict=True):
            top = middle - APART * (size - 1) / 2
            columns.append([Place(x, top + APART * node, self.r) for node in range(size)])
        return columns

    def _cells(self) -> list[tuple[float, float]]:
        """Where each step stands in the bar on top: each phase has room for its name."""
        phases = [step.phase for step in self.story.steps]
        counts = {phase: phases.count(phase) for phase in PHASES}
        spare = (self.width - 84 * len(PHASES)) / max(len(phases) - len(PHASES), 1)
        cells, x = [], 0.0
        for phase in PHASES:
            each = (84 + spare * (counts[phase] - 1)) / counts[phase]
            for _ in range(counts[phase]):
                cells.append((x, each))
                x += each
        return cells

    def moment_at(self, x: float) -> int:
        """The step that stands at ``x`` in the bar on top."""
        return max((at for at, (left, _) in enumerate(self._cells()) if left <= x), default=0)

    # The bar on top.

    def _timeline(self) -> None:
        picture, story = self.picture, self.story
        before = None
        for at, ((x, width), step) in enumerate(zip(self._cells(), story.steps, strict=True)):
            here = at == story.moment
            colour = BLUE if at <= story.moment else GRID
            more = {"fill_opacity": "1" if here or at > story.moment else "0.45"}
            picture.rect(x + 1, 20, width - 2, 10, rx=3, live={"fill": colour, **more})
            if step.phase != before:
                now = step.phase == story.step.phase
                look = {"font_weight": "700" if now else "400", "fill": INK if now else MUTED}
                picture.text(x + 2, 13, ARROWS.get(step.phase, step.phase), size=12.5, live=look)
            before = step.phase
        picture.rect(0, 2, self.width, 34, fill="transparent", id="timeline", label="The steps of this round")
        title = f"{story.moment}. {story.step.title}"
        picture.text(0, 58, font_weight=700, size=17 if self.width >= 540 else 15.5, live={"text": title})
        said = f"round {story.round + 1}"
        longer = f"{said}, learning rate {story.learning_rate:g}"
        said = longer if 10 * len(title) + 7.6 * len(longer) < self.width else said
        picture.text(self.width, 58, size=13, fill=MUTED, text_anchor="end", live={"text": said})
        formula.paragraph(picture, 0, 78, story.step.words, self.width, size=13.5, fill=MUTED)

    def _headings(self) -> None:
        names = ["inputs", *(name.removeprefix("the ") for name in self.story.names[1:])]
        for at, (column, name) in enumerate(zip(self.places, names, strict=True)):
            own = [name] if at == 0 else [f"{name}: {self.story.activations[at - 1]}"]
            for line, text in enumerate(own[0].split(": ") if self.tight else own):
                self.picture.text(column[0].x, TOP + 6 + 15 * line, text, size=12, fill=MUTED, text_anchor="middle")

    # Numbers.

    def _shown(self, *kinds: str, place: Sequence[int]) -> Number | None:
        """The newest number of these kinds that is known here, or None."""
        for kind in kinds:
            number = self.numbers.get((kind, *place))
            if number is not None and self.story.is_known(number.key):
                return number
        return None

    def _say(
        self,
        x: float,
        y: float,
        number: Number,
        *,
        size: float,
        before: str = "",
        anchor: str = "middle",
        grow: float = 1,
    ) -> None:
        """A number, as large as it matters now."""
        loud, used = number.key in self.loud, number.key in self.used
        look = {
            "text": before + compact(number.value),
            "fill": INK if loud or used else MUTED,
            "font_weight": "700" if loud else "400",
            "font_size": f"{size + (grow if loud else grow / 2 if used else 0):g}",
        }
        self.picture.text(x, y, text_anchor=anchor, pointer_events="none", live=look)

    # Links.

    def _links(self, layer: int) -> None:
        sources, targets = self.places[layer - 1], self.places[layer]
        n, m = len(sources), len(targets)
        near_end, near_start = max(n / (n + 1), 0.72), min(1 / (m + 1), 0.28)
        slopes = any(key[:2] == ("dw", layer) for key in (*self.loud, *(number.key for number in self.story.followed)))
        labels = []
        for i, start in enumerate(sources):
            for j, end in enumerate(targets):
                ends = (start.x + start.r, start.y, end.x - end.r, end.y)
                self._link(layer, i, j, ends)
                for kinds, share in ((("new w", "w"), near_end), (("dw",), near_start)):
                    number = self._shown(*kinds, place=(layer, i, j))
                    if number is not None and not (self.tight and (number.key[0] == "dw") != slopes):
                        labels.append((ends[1] + share * (ends[3] - ends[1]), number))
        for y, number in labels:
            width = formula.wide(compact(number.value), 11.5) + 4
            at_end = number.key[0] != "dw"
            x = targets[0].x - self.r - 14 - width if at_end else sources[0].x + self.r + 13
            item = self.story.item_of(number.key)
            id = None if item in self.near else ":".join(map(str, item))
            self.picture.rect(x, y - 8.5, width, 17, rx=3, fill=PAPER, fill_opacity="0.88", id=id)
            if id is None:
                self.near[item].append((x, y - 8.5, width))
            self._say(x + (width - 2 if at_end else 2), y + 4, number, size=11, anchor="end" if at_end else "start")

    def _link(self, layer: int, i: int, j: int, ends: tuple[float, float, float, float]) -> None:
        picture, item = self.picture, ("link", layer, i, j)
        keys = [(kind, layer, i, j) for kind in ("w", "dw", "new w")]
        number = self._shown("new w", "w", place=(layer, i, j))
        assert number is not None
        weight = number.value
        active = any(key in self.loud or key in self.used for key in keys)
        if item == self.story.item or any(key in self.traced for key in keys):
            picture.line(*ends, stroke=BLUE, stroke_width=11, stroke_opacity="0.22", stroke_linecap="round")
        look = {
            "stroke": BLUE if weight >= 0 else ORANGE,
            "stroke_width": 0.8 + 3.2 * min(abs(weight) / 2, 1),
            "stroke_dasharray": "none" if weight >= 0 else "6 4",
            "stroke_opacity": "0.9" if active else "0.28",
        }
        picture.line(*ends, stroke=None, live=look)
        near = self.story.item[0] == "node" and tuple(self.story.item[1:]) in ((layer - 1, i), (layer, j))
        if near or item == self.story.item:
            self.near[item] = [ends]
        else:
            id = f"link:{layer}:{i}:{j}"
            picture.line(*ends, stroke="transparent", stroke_width=13, pointer_events="stroke", id=id)

    def _near_links(self) -> None:
        """The links of the followed node can be reached by Tab, after the nodes."""
        for item, (ends, *labels) in self.near.items():
            id, weight = ":".join(map(str, item)), self.numbers["w", *item[1:]]
            words = f"Link {weight.symbol.removeprefix('w ')}, weight {digits(weight.value)}"
            more: dict[str, Any] = {"id": id, "keys": KEYS, "label": words}
            self.picture.line(*ends, stroke="transparent", stroke_width=13, pointer_events="stroke", **more)
            for x, y, width in labels:
                self.picture.rect(x, y, width, 17, fill="transparent", id=id)

    # Nodes.

    def _node(self, layer: int, node: int) -> None:
        picture, place = self.picture, self.places[layer][node]
        name = node_name(layer, node, len(self.story.sizes) - 1)
        z, y = (self._shown(f"new {kind}", kind, place=(layer, node)) for kind in "zy")
        delta = self._shown("dz", place=(layer, node))
        mine = [(kind, layer, node) for kind in ("z", "y", "dy", "dz", "new z", "new y")]
        loud, chosen = any(key in self.loud for key in mine), ("node", layer, node) == self.story.item
        if chosen or any(key in self.traced for key in mine):
            picture.circle(place.x, place.y, place.r + 6, fill=BLUE, fill_opacity="0.22")
        colour = PANEL if y is None else shade(y.value, 3 * max(1.0, abs(y.value)))
        words = [f"{number.symbol} {digits(number.value)}" for number in (z, y, delta) if number is not None]
        picture.circle(
            place.x,
            place.y,
            place.r,
            id=f"node:{layer}:{node}",
            keys=KEYS if layer else GIVEN_KEYS,
            live={
                "fill": colour,
                "stroke": BLUE if chosen else INK if loud else MUTED,
                "stroke_width": "3.5" if loud else "2.5" if chosen else "1",
                "stroke_dasharray": "none" if y is not None else "3 4",
                "aria_label": f"Node {name}. {', '.join(words) or 'nothing computed yet'}",
            },
        )
        if z is not None:
            self._say(place.x, place.y - 9, z, size=10.5, grow=0.5)
            picture.line(place.x - 15, place.y - 4.5, place.x + 15, place.y - 4.5, stroke=MUTED, stroke_opacity="0.5")
        if y is not None:
            self._say(place.x, place.y + (12 if layer else 5), y, size=13.4, grow=0.4)
        if delta is not None:
            self._say(place.x, place.y + place.r + 16, delta, size=12, before="δ ", grow=1.5)
        self._tag(layer, node, name, place)

    def _tag(self, layer: int, node: int, name: str, place: Place) -> None:
        """The node's name and its bias, above it."""
        y = place.y - place.r - 7
        bias = self._shown("new b", "b", place=(layer, node))
        if bias is None:
            self.picture.text(place.x, y, name, size=12.5, font_weight=600, text_anchor="middle", pointer_events="none")
            return
        self.picture.text(place.x - 41, y, name, size=12, font_weight=600, pointer_events="none")
        slope = self.numbers["db", layer, node]
        item = ("bias", layer, node)
        near = item == self.story.item or ("node", layer, node) == self.story.item
        more = {"keys": KEYS, "label": f"Bias of {name}, {digits(bias.value)}"} if near else {}
        chosen = item == self.story.item or any((kind, layer, node) in self.traced for kind in ("b", "db", "new b"))
        look = {"fill": BLUE if chosen else PAPER, "fill_opacity": "0.22" if chosen else "0.5"}
        self.picture.rect(place.x - 24, y - 13, 67, 18, rx=4, id=f"bias:{layer}:{node}", live=look, **more)
        number, before, size, grow = (slope, "db ", 10.4, 0.0) if slope.key in self.loud else (bias, "b ", 11.0, 1.0)
        room = 92 / len(before + compact(number.value))  # so large, it would reach the node's name
        size = min(size, room)
        self._say(place.x + 42, y, number, size=size, before=before, anchor="end", grow=min(grow, room - size))

    def _ending(self) -> None:
        """The targets, and the loss that compares them with the outputs."""
        picture, story, last = self.picture, self.story, self.places[-1]
        box_x, box_y, box_w, box_h = self.width - 104, (last[0].y + last[-1].y) / 2 - 36, 104.0, 72.0
        for j, place in enumerate(last):
            x, wide = (place.x + place.r + 12, 54.0) if self.tight else (place.x + place.r + 16, 62.0)
            picture.line(place.x + place.r, place.y, x, place.y, stroke=MUTED, stroke_opacity="0.5")
            picture.line(x + wide, place.y, box_x, box_y + box_h / 2, stroke=MUTED, stroke_opacity="0.5")
            number, item = self.numbers["t", j], ("target", j)
            chosen = item == story.item or number.key in self.traced
            look = {"stroke": BLUE if chosen else MUTED, "stroke_width": "2.5" if chosen else "1"}
            label = f"Target t{j + 1}, {digits(number.value)}"
            picture.rect(
                x,
                place.y - 14,
                wide,
                28,
                fill=PAPER,
                id=f"target:{j}",
                keys=GIVEN_KEYS,
                live={**look, "aria_label": label},
            )
            self._say(x + wide / 2, place.y + 5, number, size=12.5, before=f"t{j + 1}  ")
        number = self._shown("new loss", "loss", place=())
        chosen, loud = story.item == ("loss",), number is not None and number.key in self.loud
        picture.rect(
            box_x,
            box_y,
            box_w,
            box_h,
            rx=8,
            id="loss",
            keys=KEYS,
            live={
                "fill": PANEL,
                "stroke": BLUE if chosen else INK if loud else MUTED,
                "stroke_width": "3.5" if loud else "2.5" if chosen else "1",
                "stroke_dasharray": "none" if number is not None else "3 4",
                "aria_label": f"The loss, {digits(number.value)}"
                if number is not None
                else "The loss, not computed yet",
            },
        )
        picture.text(
            box_x + box_w / 2,
            box_y + 18,
            "L, the loss",
            size=12,
            fill=MUTED,
            text_anchor="middle",
            pointer_events="none",
        )
        if number is not None:
            self._say(box_x + box_w / 2, box_y + 41, number, size=17, grow=2)
        if story.again:
            old, new = self.numbers["loss",], self.numbers["new loss",]
            way = "↓" if new.value < old.value else "↑" if new.value > old.value else "="
            look = {"text": f"{way} was {digits(old.value)}", "fill": ORANGE if new.value > old.value else BLUE}
            picture.text(
                box_x + box_w / 2,
                box_y + 61,
                size=12,
                font_weight=600,
                text_anchor="middle",
                pointer_events="none",
                live=look,
            )
        name = LOSSES.get(story.loss, story.loss.replace("_", " ").replace("crossentropy", "cross-entropy"))
        for at, line in enumerate(formula.wrap(name, 100, 12)):
            picture.text(
                box_x + box_w / 2, box_y + box_h + 16 + 15 * at, line, size=12, fill=MUTED, text_anchor="middle"
            )

    # The formula.

    def _room_of_panel(self) -> float:
        """How high the panel is where a formula is longest, so that the page does not jump from step to step."""
        sizes = self.story.sizes
        most = max(*sizes[:-1], sizes[-1] if len(sizes) > 2 else 1)
        parts = [Part("−0.1234", "x1") for _ in range(2 * most + 3)] + [Part("+") for _ in range(2 * most + 1)]
        rows = len(formula.rows(parts, self.width))
        return 26 + (41 + formula.ROW * rows) + (41 + formula.ROW) + 36

    def _panel(self, picture: Picture) -> float:
        """The followed numbers with their formulas; returns where the panel ends."""
        story, y = self.story, self.bottom + 16
        followed: list[Number] = story.followed
        picture.line(0, y, self.width, y, stroke=GRID)
        y += 26
        title = followed[0].title if len(followed) == 1 else self._title_of_pair(followed)
        picture.text(0, y, title, size=15, font_weight=700)
        stages = story.stages(story.item)
        parts = []
        for at, group in enumerate(stages):
            word = STAGES.get(group[0][0], "") if len(stages) > 1 else ""
            if word:
                parts.append(Part(word, id=f"stage:{at}", label=f"Look at {word}", strong=at == story.stage))
        if story.item_is_chosen:
            parts.append(Part("follow the steps again", id="steps:"))
        beside = sum(formula.chip_room(part) + 6 for part in parts) - 6
        if parts and 0.56 * 15 * len(title) + 24 + beside < self.width:
            formula.chips(picture, self.width - beside, y - 16, parts, beside)
        elif parts:
            y = formula.chips(picture, 0, y + 10, parts, self.width) - 10
        for number in followed:
            y = self._explained(picture, number, y + 24)
        return self._onwards(picture, followed, y + 8)

    @staticmethod
    def _title_of_pair(followed: Sequence[Number]) -> str:
        kind, place = followed[0].key[0], followed[1].symbol.removeprefix("δ ")
        if kind == "dy":
            return f"Node {place}: how the loss changes with its output, and with its weighted sum"
        return f"Node {place}: its weighted sum z, and its output" + (
            ", with the new weights" if kind == "new z" else ""
        )

    def _explained(self, picture: Picture, number: Number, y: float) -> float:
        """The rule, the formula with its numbers in, and the line of Python."""
        picture.text(0, y, number.rule, size=13, fill=MUTED)
        y += 8
        if not self.story.is_known(number.key):
            words = f"{number.symbol} is not computed yet. It comes in step {self.story.known[number.key]}."
            picture.text(0, y + 20, words, size=15)
            return y + formula.ROW
        parts = [Part(number.symbol, strong=True), Part("=")]
        if number.terms:
            sign, terms, result = number.formula()
            parts += formula.joined(
                term if isinstance(term, str) else self._part(*term)  # type: ignore[arg-type]
                for term in terms
            )
            parts += [Part(sign), Part(result, strong=True)]
        else:
            parts.append(Part(digits(number.value), strong=True))
        y = formula.write(picture, 0, y, parts, self.width)
        where, code = number.line
        y += 9
        picture.text(0, y, "Python", size=12, fill=MUTED)
        lines = textwrap.wrap(code, int((self.width - 52) / 7.3), subsequent_indent="    ") or [code]
        for line in lines:
            picture.text(52, y, line, size=12, font_family=FIXED, style="white-space: pre")
            y += 16
        beside = 62 + 7.3 * len(lines[-1])
        if beside + 6.6 * len(where) < self.width:
            picture.text(beside, y - 16, where, size=12, fill=MUTED)
            return y - 16
        picture.text(52, y, where, size=12, fill=MUTED)
        return y

    @staticmethod
    def _part(text: str, name: str, key: Key | None) -> Part:
        """A number of the formula; where it has a key, it can be followed."""
        return Part(text, name, _id_of(key) if key else "", f"Follow {name}, {text}" if key else "")

    def _onwards(self, picture: Picture, followed: Sequence[Number], y: float) -> float:
        """Where these numbers go: buttons that follow them."""
        own = {number.key for number in followed}
        keys = dict.fromkeys(key for number in followed for key in number.goes_to if key not in own)
        picture.text(0, y + 16, "Goes to" if keys else "Goes nowhere else in this round.", size=12.5, fill=MUTED)
        parts = []
        for key in keys:
            number = self.numbers[key]
            label = f"Follow it to {number.symbol}"
            parts.append(Part(number.symbol, id=_id_of(key), label=label))
        return formula.chips(picture, 58, y, parts, self.width - 58) if parts else y + 28

    def _legend(self, y: float) -> None:
        picture = self.picture
        picture.line(0, y, self.width, y, stroke=GRID)
        y += 20
        x = 0.0
        for words, draw_sign in (
            ("weight above 0", lambda x: picture.line(x, y - 4, x + 26, y - 4, stroke=BLUE, stroke_width=2.5)),
            (
                "below 0",
                lambda x: picture.line(
                    x, y - 4, x + 26, y - 4, stroke=ORANGE, stroke_width=2.5, stroke_dasharray="6 4"
                ),
            ),
            (
                "just computed",
                lambda x: picture.circle(x + 14, y - 4, 7, fill="none", stroke=INK, stroke_width=3),
            ),
            (
                "followed, with sources",
                lambda x: picture.circle(x + 14, y - 4, 8, fill=BLUE, fill_opacity="0.25"),
            ),
        ):
            draw_sign(x)
            picture.text(x + 32, y, words, size=12, fill=MUTED)
            x += 38 + 6.3 * len(words)
        letters = "z weighted sum, y output (x, h, k, o), t target, δ and d...: how the loss changes with it"
        if x + 6.4 * len(letters) > self.width:
            x, y = 0.0, y + 18
        picture.text(x, y, letters, size=12, fill=MUTED)


def _id_of(key: Key) -> str:
    return "number:" + ":".join(map(str, key))


def draw(state: SimpleNamespace, story: Any, description: str = "") -> Drawing:
    """The picture of this moment of the story."""
    return Drawing(state, story, description)
