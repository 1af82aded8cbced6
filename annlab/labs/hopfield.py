"""A network that remembers: damage a letter and watch it come back, node by node, while the energy falls.

Every point of the paper is a node, and every node hears every other. Where it comes to rest is a memory: one that was
stored, the inverse of one, or one that nobody stored.
"""

import re
from collections import Counter
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import datasets
from ..hopfield import HopfieldNetwork
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, levels
from .controls import button, choice, slider, text, whole
from .walk import WalkLab

__all__ = ["HopfieldLab"]

ROWS, COLUMNS = 7, 5
NODES = ROWS * COLUMNS
MOST = 12  # memories at once
STARTS = 100  # random ones, in the search for all memories
SHOWN = 14  # memories that were found, on the screen
SWEEPS = 100
REPEATS = 12  # changes that are shown at least of a run that never settles
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOVES = {"ArrowUp": (-1, 0), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowRight": (0, 1)}
KEYS = " ".join([*MOVES, "Space", "Delete", "Backspace", *ALPHABET, *ALPHABET.lower()])


class HopfieldLab(WalkLab):
    """Store letters, damage one, and watch the network recall it.

    ``lab.model`` is the ``HopfieldNetwork``; ``lab.state`` has ``patterns`` and ``names`` (what is stored), ``states``
    (every state of the run, (changes + 1, 35) of -1 and +1), ``energies`` and ``at`` (how many changes were made).
    ``lab.paint("J")`` puts a letter on the paper, ``lab.paint(pattern)`` any 35 values of -1 and +1.
    """

    step_label, step_tip = "Next", "Make the next change: one node, or all nodes at once"
    controls = {
        "back": button("Back", tip="Take back the last change", icon="step-backward", draws=False),
        "add": button("Store one more", tip="Store the next letter that is not stored yet", icon="plus"),
        "keep": button("Store the paper", tip="Store what is on the paper now as a memory", icon="save"),
        "search": button(
            "Find all memories", tip=f"Recall from {STARTS} random states and count where they end", icon="search"
        ),
        "letters": text(
            "JCM", label="Letters", tip=f"Which letters are stored, A to Z, {MOST} at most; Enter stores them"
        ),
        "damage": slider(
            6,
            0,
            NODES,
            label="Damage",
            tip="How many points of the chosen memory are turned round on the paper; 35 is its inverse",
        ),
        "mode": choice(
            "asynchronous",
            [("one node at a time", "asynchronous"), ("all at once", "synchronous")],
            label="Nodes answer",
            tip="Asynchronous: one node after the other. Synchronous: all of them in the same moment",
        ),
        "strength_back": slider(
            1.0,
            -1.0,
            1.0,
            0.1,
            label="Strength back",
            tip="What each strength from an earlier to a later node is multiplied by: 1 is equal there and back",
        ),
        "kind": choice(
            "letters",
            [("letters", "letters"), ("random dots", "random")],
            label="Patterns",
            tip="Store letters as they are drawn, or random dots under their names, which resemble each other less",
            more=True,
        ),
        "rule": choice(
            "hebbian",
            [("Hebb", "hebbian"), ("pseudo-inverse", "pseudo_inverse")],
            label="Storage rule",
            tip="How patterns become strengths; the pseudo-inverse also holds patterns that resemble each other",
            more=True,
        ),
        "drawing": text(
            "",
            label="Draw by text",
            tip="A letter, or 7 rows of 5 points, # for ink and . for paper; Enter draws it",
            more=True,
        ),
        "seed": whole(
            0,
            0,
            9999,
            label="Seed",
            tip="What the damage, the order of the nodes and the random dots are drawn from",
            more=True,
        ),
        "pace": slider(4, 1, 30, label="Changes a second", tip="How fast playing goes", more=True, draws=False),
    }
    about = [
        (
            "Paper",
            "35 nodes, one for each point: ink is +1, paper is -1. Paint with the pointer or a finger. With the "
            "keyboard, arrow keys move the frame, Space turns a point round, Delete takes all ink away, and a letter "
            "key draws that letter. The dot marks what changed last.",
        ),
        (
            "What the others want",
            "The field of each node: the sum of all other states, each times its strength. Plus and blue: they want "
            "ink; minus and orange: they want paper. A square stands around each node that does not agree yet. When "
            "no node has one, the network has come to rest.",
        ),
        (
            "Stored memories",
            "What the strengths were made from. Below each stands its overlap with the paper: 1 is the same, 0 is "
            "unrelated, -1 is the inverse. Click one, or go there with Tab and press Enter, to put it on the paper "
            "with the damage that is set.",
        ),
        (
            "Energy",
            "Minus half of the sum, over all pairs of nodes there and back, of strength times state times state. "
            "While strengths are equal there and back and one node answers at a time, no change raises it.",
        ),
        (
            "Weight matrix",
            "All 35 times 35 strengths, row i for what node i hears. Blue binds two nodes to the same state, orange "
            "to opposite ones. The bar marks the framed node's row; beside it the same 35 strengths as they lie on "
            "the paper.",
        ),
        (
            "Memories held",
            "A column for each number of patterns: first those that are stored, then the next ones. A full square is "
            "a pattern that stays as it is; an empty one would be changed. The dashed line is at 0.138 N, the limit "
            "for many random patterns in a large network (Amit, Gutfreund and Sompolinsky 1985).",
        ),
        (
            "Where random starts end",
            "After Find all memories: every state in which a recall came to rest, how often, and its name. The "
            "inverse of a memory is as stable as the memory. A spurious memory is one that nobody stored. Click one "
            "to put it on the paper.",
        ),
        (
            "Strength back",
            "Nodes count from the upper left. Strengths from a later to an earlier node stay as they are; those in "
            "the other direction are multiplied by this. At 1 both are equal. At -1 they are opposite, and the "
            "energy of every state is 0: there is no way down.",
        ),
        ("Sweep", "One round in which every node was asked once."),
        ("Seed", "The same seed gives the same damage, the same order of nodes and the same random dots."),
    ]

    # What is stored, and the run from the paper.

    def start(self, state: SimpleNamespace) -> None:
        state.own = []
        state.target, state.cursor, state.brush = 0, (3, 2), 1
        self._store(state)

    def _store(self, state: SimpleNamespace) -> None:
        """Make the network of what is to be stored, and put the chosen memory on the paper."""
        letters = (_known(state.letters) or ["J"])[: MOST - len(state.own)]
        state.deck = _deck(state.kind, state.seed)
        state.names = [*letters, *(f"own {chr(97 + at)}" for at in range(len(state.own)))]
        state.patterns = np.array([*(state.deck[name] for name in letters), *state.own])
        state.model = self._network(state, state.patterns, state.names)
        later = [state.deck[name] for name in ALPHABET if name not in letters]
        state.held = self._held(state, [*state.patterns, *later][:MOST])
        state.target = min(state.target, len(state.names) - 1)
        state.found = []
        state.restless = 0
        self._damaged(state)

    @staticmethod
    def _network(state: SimpleNamespace, patterns: np.ndarray, names: list[str]) -> HopfieldNetwork:
        network = HopfieldNetwork(NODES, symmetric=state.strength_back == 1)
        network.store(patterns, state.rule, names)
        if not network.symmetric:
            weights = network.weights.copy()
            weights[np.tril_indices(NODES)] *= state.strength_back
            network.weights = weights
        return network

    def _held(self, state: SimpleNamespace, patterns: list[np.ndarray]) -> list[list[bool]]:
        """For the first pattern alone, the first two, ...: which of them stay as they are."""
        held = []
        for count in range(1, len(patterns) + 1):
            stored = np.array(patterns[:count])
            network = self._network(state, stored, [""] * count)
            held.append([not wants.any() for wants in _unhappy(network, stored)])
        return held

    def _damaged(self, state: SimpleNamespace) -> None:
        """The chosen memory on the paper, with as many points turned round as the slider says."""
        paper = state.patterns[state.target].copy()
        paper[np.random.default_rng(state.seed).permutation(NODES)[: state.damage]] *= -1
        self._begin(state, paper)

    def _begin(self, state: SimpleNamespace, paper: np.ndarray) -> None:
        """The whole run from this paper at once; the lab then walks along it."""
        run = state.model.iter_recall(paper, state.mode, every="flip", max_sweeps=SWEEPS, seed=state.seed)
        states = list(run)
        state.status = state.model.status
        circle = re.search(r"through (\d+) states", state.status)
        while circle and len(states) <= REPEATS:  # the same again, to be watched
            states += states[-int(circle[1]) :]
        self._walk(state, states)

    def _end(self, state: SimpleNamespace) -> tuple[str, bool]:
        words = self._status(state)
        if state.model.settled:
            words = f"{words} This is {_named(state.model, state.states[-1])}."
        return words, state.model.settled

    def paint(self, what: Any) -> None:
        """Put a letter, seven rows of # and ., or 35 values of -1 and +1 on the paper."""
        paper = self._read(self.state, what) if isinstance(what, str) else np.asarray(what).reshape(-1)
        self._begin(self.state, paper)
        self.draw()

    @staticmethod
    def _read(state: SimpleNamespace, text: str) -> np.ndarray:
        """The pattern that a text stands for."""
        name = text.strip().upper()
        if name in state.deck:
            return state.deck[name].copy()
        points = re.sub(r"\s", "", text)
        if len(points) != NODES or set(points) - set("#."):
            raise ValueError(
                f"a drawing is one letter from A to Z, or {ROWS} rows of {COLUMNS} points, # for ink and . for paper; "
                f"got {text!r}"
            )
        return np.array([1 if point == "#" else -1 for point in points])

    # What a learner does.

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in ("letters", "kind", "rule", "strength_back", "seed"):
            self._store(state)
        elif name == "damage":
            self._damaged(state)
        elif name == "mode":
            self._begin(state, state.states[0])
        elif name == "drawing" and state.drawing.strip():
            try:
                self._begin(state, self._read(state, state.drawing))
            except ValueError as error:
                self.stage.say(f"Not drawn: {error}.", trouble=True)
        if name == "letters":
            self._say_what_is_left_out(state)

    def _say_what_is_left_out(self, state: SimpleNamespace) -> None:
        if not _known(state.letters):
            self.stage.say("There is no letter from A to Z in that, so J is stored.", trouble=True)
            return
        left = sorted({each for each in state.letters.upper() if not each.isspace() and each not in ALPHABET})
        if left:
            self.stage.say(f"Only the letters A to Z are known here; left out: {' '.join(left)}", trouble=True)
        elif len(_known(state.letters)) + len(state.own) > MOST:
            self.stage.say(f"{MOST} memories are the most; the letters after {state.names[-1]} are left out.")

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "back":
            self.pause()
            self._go_to(state, state.at - 1)
        elif name == "search":
            self._search(state)
        elif len(state.names) >= MOST:
            self.stage.say(f"{MOST} memories are the most. Take a letter out of Letters to make room.")
        elif name == "add":
            letters = _known(state.letters)
            following = next(each for each in ALPHABET if each not in letters)
            self.controls["letters"].value = "".join([*letters, following])
        else:
            state.own.append(state.states[state.at].copy())
            state.target = len(state.names)
            self._store(state)

    @staticmethod
    def _search(state: SimpleNamespace) -> None:
        """Recall from random states, one node at a time; count where they end."""
        network = state.model
        before = network.settled, network.status, network.sweep
        starts = np.random.default_rng(state.seed).choice([-1, 1], (STARTS, NODES))
        ends = network.recall_all(starts, max_sweeps=30, seed=state.seed)
        network.settled, network.status, network.sweep = before
        at_rest = ends[~_unhappy(network, ends).any(axis=1)]
        counts = Counter(end.astype(np.int8).tobytes() for end in at_rest)
        rests = [(np.frombuffer(key, np.int8).astype(np.int64), count) for key, count in counts.most_common()]
        state.found = [(network.describe(rest), count, rest) for rest, count in rests]
        state.restless = STARTS - sum(counts.values())

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        kind, (where, _, number) = event["kind"], event["id"].partition("-")
        if where == "paper" and kind == "key":
            self._key(state, event["key"])
        elif where == "paper" and kind in ("down", "move"):
            self._stroke(state, event["points"], begins=kind == "down")
        elif kind in ("down", "key") and where == "stored":
            state.target = int(number)
            self._damaged(state)
        elif kind in ("down", "key") and where == "found":
            self._begin(state, state.found[int(number)][2])

    def _stroke(self, state: SimpleNamespace, points: list[list[float]], begins: bool) -> None:
        """Turn the first point round, and give all that follow the same ink."""
        x, y, cell = self._places(state)[0]["sheet"]
        paper = state.states[state.at].copy()
        for px, py in points:
            column, row = int((px - x) // cell), int((py - y) // cell)
            if 0 <= row < ROWS and 0 <= column < COLUMNS:
                node = row * COLUMNS + column
                if begins:
                    state.brush = -paper[node]
                    begins = False
                paper[node] = state.brush
                state.cursor = (row, column)
        if not np.array_equal(paper, state.states[state.at]):
            self._begin(state, paper)

    def _key(self, state: SimpleNamespace, key: str) -> None:
        row, column = state.cursor
        paper = state.states[state.at].copy()
        if key in MOVES:
            down, right = MOVES[key]
            state.cursor = (min(max(row + down, 0), ROWS - 1), min(max(column + right, 0), COLUMNS - 1))
            return
        if key == "Space":
            paper[row * COLUMNS + column] *= -1
        elif key in ("Delete", "Backspace"):
            paper[:] = -1
        else:
            paper = state.deck[key.upper()].copy()
        self._begin(state, paper)

    def code(self) -> str:
        """The program that recalls the same from the same paper."""
        state = self.state
        plain = state.kind == "letters" and not state.own
        drawing = "".join("#" if point > 0 else "." for point in state.states[0])
        rows = "\n".join(f"    {drawing[at : at + COLUMNS]}" for at in range(0, NODES, COLUMNS))
        stored = (
            f'patterns, names = datasets.letters("{"".join(state.names)}")\n'
            if plain
            else f"patterns = np.array({state.patterns.tolist()})\nnames = {state.names}\n"
        )
        unequal = (
            ""
            if state.model.symmetric
            else "weights = network.weights.copy()\n"
            f"weights[np.tril_indices({NODES})] *= {state.strength_back!r}\nnetwork.weights = weights\n"
        )
        return (
            f"import numpy as np\n\nfrom annlab import HopfieldNetwork, datasets\n\n{stored}"
            f"network = HopfieldNetwork({NODES}, symmetric={state.model.symmetric})\n"
            f'network.store(patterns, "{state.rule}", names)\n{unequal}'
            f'drawing = """\n{rows}\n"""\n'
            'paper = np.array([1 if point == "#" else -1 for point in "".join(drawing.split())])\n'
            f'run = network.iter_recall(paper, "{state.mode}", every="flip", seed={state.seed})\n'
            "states = np.array(list(run))\nprint(network.energy(states))\n"
            "print(network.status, '-', network.describe(states[-1]))\n"
        )

    # Its words.

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        now, count = state.states[state.at], len(state.names)
        facts = {"memories": count, "nodes": NODES, "0.138": 0.138, "limit": state.model.capacity}
        facts |= {"held": sum(state.held[count - 1]), "at": state.at, "seed": state.seed}
        facts |= {"energy": state.energies[state.at], "overlap": np.abs(state.model.overlap(now)).max()}
        facts |= {"different": (now != state.patterns[state.target]).sum()}
        if state.at == len(state.states) - 1:
            facts |= {f"status {at}": number for at, number in enumerate(re.findall(r"\d+", state.status))}
        if state.found or state.restless:
            facts |= {"starts": STARTS, "rests": len(state.found), "restless": state.restless}
            facts |= {"spurious": sum("spurious" in name for name, _, _ in state.found)}
            facts |= {"inverse": sum(name.startswith("inverse") for name, _, _ in state.found)}
        return {name: float(value) for name, value in facts.items()}

    def describe(self, state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        """The line under the picture."""
        count = f"{facts['memories']:.0f} memories are" if facts["memories"] != 1 else "1 memory is"
        after = "1 change" if facts["at"] == 1 else f"{facts['at']:.0f} changes"
        how = "one node at a time" if state.mode == "asynchronous" else "all nodes at once"
        points = "point differs" if facts["different"] == 1 else "points differ"
        words = [
            f"{count} stored in {NODES} nodes, and {facts['held']:.0f} held as stored (0.138 N is "
            f"{facts['limit']:.1f}).",
            f"After {after}, {how}, the energy is {facts['energy']:.2f}, and the paper is "
            f"{_named(state.model, state.states[state.at])}.",
            f"{facts['different']:.0f} {points} from {state.names[state.target]} (seed {state.seed}).",
        ]
        if state.at == len(state.states) - 1:
            words.append(self._status(state))
        if state.found or state.restless:
            words.append(
                f"{STARTS} random starts came to rest in {facts['rests']:.0f} different states, {facts['inverse']:.0f} "
                f"of them inverted and {facts['spurious']:.0f} spurious; {facts['restless']:.0f} never settled."
            )
        return " ".join(words)

    # Its picture.

    def _places(self, state: SimpleNamespace) -> tuple[dict[str, Any], float]:
        """Where everything stands, for this width of the page."""
        wide = 280 if state.width >= 840 else min(state.width, 400)
        rows = -(-len(state.names) // int(wide // 52))
        panels = {
            "paper": (224, 304),
            "field": (170, 304),
            "stored": (wide, 47 + 110 * rows),
            "energy": (224, 270),
            "weights": (280, 290),
            "held": (230, 290),
        }
        if state.found or state.restless:
            across = int(state.width // 112)
            rows = -(-min(len(state.found), SHOWN) // across)
            panels["found"] = (state.width, 44 + 118 * rows)
        boxes, height = charts.flow(state.width, list(panels.values()))
        named: dict[str, Any] = dict(zip(panels, boxes, strict=True))
        x, y, _, _ = named["paper"]
        named["sheet"] = (x + 1, y + 44, 36.0)
        return named, height

    def picture(self, state: SimpleNamespace) -> Picture:
        boxes, height = self._places(state)
        picture = Picture(
            state.width, height + 6, "A network remembers letters", self.describe(state, self.facts(state))
        )
        self._draw_paper(picture, boxes, state)
        self._draw_field(picture, boxes["field"], state)
        self._draw_stored(picture, boxes["stored"], state)
        changes = range(state.at + 1)
        low, high = 5 * np.floor(state.energies.min() / 5), 5 * np.ceil(state.energies.max() / 5)
        charts.line_chart(
            picture,
            boxes["energy"],
            [charts.Curve("energy", changes, state.energies[: state.at + 1].tolist())],
            title="Energy",
            x_label="changes",
            x_high=max(charts.round_up(len(state.states) - 1), 10),
            y_low=min(float(low), -5.0),
            y_high=max(float(high), 0.0),
        )
        self._draw_weights(picture, boxes["weights"], state)
        self._draw_held(picture, boxes["held"], state)
        if "found" in boxes:
            self._draw_found(picture, boxes["found"], state)
        return picture

    def _draw_paper(self, picture: Picture, boxes: dict[str, Any], state: SimpleNamespace) -> None:
        charts.heading(picture, boxes["paper"], "Paper", "Paint or damage a letter here")
        x, y, cell = boxes["sheet"]
        wide, high = COLUMNS * cell, ROWS * cell
        now = state.states[state.at]
        changed = now != state.states[state.at - 1] if state.at else np.zeros(NODES, bool)
        picture.heat(x, y, wide, high, levels(0.85 * (now > 0).reshape(ROWS, COLUMNS)))
        for at in range(1, COLUMNS):
            picture.line(x + at * cell, y, x + at * cell, y + high, stroke=GRID)
        for at in range(1, ROWS):
            picture.line(x, y + at * cell, x + wide, y + at * cell, stroke=GRID)
        for node, (last, ink) in enumerate(zip(changed.tolist(), (now > 0).tolist(), strict=True)):
            live = {"fill": PAPER if ink else INK, "fill_opacity": "1" if last else "0"}
            row, column = divmod(node, COLUMNS)
            picture.circle(x + cell * (column + 0.5), y + cell * (row + 0.5), 4, live=live)
        row, column = state.cursor
        place = {"x": x + column * cell + 2, "y": y + row * cell + 2}
        picture.rect(None, None, cell - 4, cell - 4, fill="none", stroke=ORANGE, stroke_width=2, rx=3, live=place)
        how = "Paper of 5 by 7 points. Arrow keys move, Space turns a point round, Delete clears, a letter draws it."
        picture.rect(
            x, y, wide, high, fill="transparent", stroke=MUTED, id="paper", keys=KEYS, role="application", label=how
        )

    def _draw_field(self, picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        charts.heading(picture, box, "What the others want", "+ ink, \u2212 paper, \u25a1 disagrees")
        x, y, cell = box[0] + 1, box[1] + 44, 26.0
        now = state.states[state.at]
        field = state.model.field(now)
        unhappy = _unhappy(state.model, now[None])[0]
        picture.heat(x, y, COLUMNS * cell, ROWS * cell, levels(field.reshape(ROWS, COLUMNS), 1.2))
        for node, (wants, moves) in enumerate(zip(field.tolist(), unhappy.tolist(), strict=True)):
            row, column = divmod(node, COLUMNS)
            left, top = x + cell * column, y + cell * row
            sign = "" if abs(wants) < 1e-9 else "+" if wants > 0 else "\u2212"
            live = {"text": sign, "fill": PAPER if abs(wants) > 0.8 else INK}
            picture.text(left + cell / 2, top + cell / 2 + 5, size=14, text_anchor="middle", live=live)
            seen = {"stroke_opacity": "1" if moves else "0"}
            picture.rect(left + 3, top + 3, cell - 6, cell - 6, fill="none", stroke=INK, stroke_width=2, live=seen)
        picture.rect(x, y, COLUMNS * cell, ROWS * cell, fill="none", stroke=GRID)
        row, column = state.cursor
        wants = float(field[row * COLUMNS + column])
        says = "nobody says" if abs(wants) < 1e-9 else "they want ink" if wants > 0 else "they want paper"
        count = int(unhappy.sum())
        rows = [
            f"Framed: row {row + 1}, column {column + 1}",
            f"field {wants + 0.0:.2f}: {says}".replace("-", "\u2212"),
            f"{count} of {NODES} disagree" if count else "All agree: at rest",
        ]
        for at, line in enumerate(rows):
            picture.text(x, y + ROWS * cell + 22 + 20 * at, size=13, live={"text": line})

    def _draw_stored(self, picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        x, y, width, _ = charts.heading(picture, box, "Stored memories", "Click puts it on the paper; below: overlap")
        overlaps = state.model.overlap(state.states[state.at])
        best = int(np.abs(overlaps).argmax())
        across = max(int(width // 52), 1)
        for at, (name, overlap) in enumerate(zip(state.names, overlaps.tolist(), strict=True)):
            left, top = x + 2 + 52 * (at % across), y + 8 + 110 * (at // across)
            _letter(picture, left, top, 8.0, state.patterns[at])
            chosen = {"stroke": ORANGE if at == state.target else GRID}
            picture.rect(left - 1, top - 1, 42, 58, fill="none", stroke_width=2, live=chosen)
            bold = {"font_weight": "700" if at == best else "400"}
            picture.text(left + 20, top + 73, name, text_anchor="middle", live=bold)
            live = {"text": f"{overlap + 0.0:.2f}".replace("-", "\u2212"), **bold}
            picture.text(left + 20, top + 89, text_anchor="middle", live=live)
            label = f"Memory {name}. Enter puts it on the paper, damaged."
            picture.rect(
                left - 4, top - 4, 48, 98, fill="transparent", id=f"stored-{at}", keys="Enter Space", label=label
            )

    def _draw_weights(self, picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        x, y, width, _ = charts.heading(picture, box, "Weight matrix", "Blue: the same state; orange: opposite")
        weights = state.model.weights
        limit = float(np.abs(weights).max()) or 1.0
        size = min(210.0, width - 116)
        row, column = state.cursor
        node = row * COLUMNS + column
        top = y + 6
        picture.heat(x + 12, top, size, size, levels(weights, limit))
        picture.rect(x + 12, top, size, size, fill="none", stroke=GRID)
        each = size / NODES
        picture.rect(x + 3, None, 7, max(each, 5), fill=INK, live={"y": top + each * (node + 0.5) - max(each, 5) / 2})
        label = f"{NODES} nodes heard by each node"
        picture.text(x + 12 + size / 2, top + size + 18, label, fill=MUTED, text_anchor="middle")
        left, cell = x + size + 30, min(16.0, (width - size - 34) / COLUMNS)
        picture.heat(left, top, COLUMNS * cell, ROWS * cell, levels(weights[node].reshape(ROWS, COLUMNS), limit))
        picture.rect(left, top, COLUMNS * cell, ROWS * cell, fill="none", stroke=GRID)
        spot = {"x": left + column * cell, "y": top + row * cell}
        picture.rect(None, None, cell, cell, fill="none", stroke=INK, stroke_width=1.5, live=spot)
        strongest = f"to {np.abs(weights).max():.2f}"
        for at, line in enumerate(["What the", "framed node", "hears, up", strongest]):
            picture.text(left, top + ROWS * cell + 20 + 17 * at, fill=MUTED, live={"text": line})

    def _draw_held(self, picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        x, y, width, height = charts.heading(picture, box, "Memories held", "Full: stays as stored; empty: lost")
        apart = (width - 8) / MOST
        floor = y + height - 40
        side = min(apart - 3, (floor - y - 8) / MOST - 2, 15)
        count = len(state.names)
        for at, column in enumerate(state.held):
            left = x + 4 + apart * at
            for place, stays in enumerate(sorted(column, reverse=True)):
                look = {"fill": BLUE if stays else PAPER, "stroke": BLUE if stays else ORANGE}
                picture.rect(left, floor - (side + 2) * (place + 1), side, side, stroke_width=1.5, live=look)
            bold = {"font_weight": "700" if at + 1 == count else "400", "fill": INK if at + 1 == count else MUTED}
            picture.text(left + side / 2, floor + 15, str(at + 1), text_anchor="middle", live=bold)
        limit = x + 4 + apart * (state.model.capacity - 1) + side / 2
        picture.line(limit, y + 16, limit, floor, stroke=INK, stroke_dasharray="5 4")
        picture.text(limit - 4, y + 26, f"0.138 N = {state.model.capacity:.1f}", fill=MUTED, text_anchor="end")
        picture.text(x + width / 2, floor + 32, "patterns stored", fill=MUTED, text_anchor="middle")

    @staticmethod
    def _draw_found(picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        more = len(state.found) - SHOWN
        rest = [f"{more} rarer ones are not shown"] if more > 0 else []
        rest += [f"{state.restless} never settled"] if state.restless else []
        title = f"Where {STARTS} random starts end"
        x, y, width, _ = charts.heading(picture, box, title, "; ".join(rest) or "All came to rest")
        across = int(width // 112)
        for at, (name, count, rest_state) in enumerate(state.found[:SHOWN]):
            left, top = x + 2 + 112 * (at % across), y + 8 + 118 * (at // across)
            _letter(picture, left + 26, top, 8.0, rest_state)
            picture.rect(left + 25, top - 1, 42, 58, fill="none", stroke=GRID)
            short = name.partition(",")[0].removeprefix("a ").removesuffix(" memory")
            picture.text(left + 46, top + 73, short, text_anchor="middle", font_weight=600)
            picture.text(
                left + 46,
                top + 88,
                "1 start" if count == 1 else f"{count} starts",
                size=11,
                text_anchor="middle",
                fill=MUTED,
            )
            label = f"{name}, {count} starts. Enter puts it on the paper."
            picture.rect(left, top - 4, 96, 98, fill="transparent", id=f"found-{at}", keys="Enter Space", label=label)


def _letter(picture: Picture, x: float, y: float, cell: float, pattern: np.ndarray) -> None:
    picture.heat(x, y, COLUMNS * cell, ROWS * cell, levels(0.85 * (pattern > 0).reshape(ROWS, COLUMNS)))


def _known(text: str) -> list[str]:
    """The letters A to Z of a text, each once, in their order."""
    return list(dict.fromkeys(each for each in text.upper() if each in ALPHABET))


def _deck(kind: str, seed: int) -> dict[str, np.ndarray]:
    """A pattern for each letter: as it is drawn, or random dots."""
    if kind == "letters":
        patterns, names = datasets.letters()
    else:
        patterns, names = np.random.default_rng(seed).choice([-1, 1], (len(ALPHABET), NODES)), list(ALPHABET)
    return dict(zip(names, patterns, strict=True))


def _unhappy(network: HopfieldNetwork, states: np.ndarray) -> np.ndarray:
    """Which nodes of each state would change if they were asked now. (states, nodes)."""
    return states * network.field(states) < -1e-9


def _named(network: HopfieldNetwork, state: np.ndarray) -> str:
    """What the network calls this state, as the end of a sentence."""
    name = network.describe(state)
    return f"the {name}" if name.startswith("inverse") else name
