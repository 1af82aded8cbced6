"""A ball on a loss surface: it feels the slope where it lies, and steps downhill.

The surface is drawn from above, as on a map for hikers, and from the side, along the line of the next step. The steps
are those of annlab's own optimizers, on a vector of two weights: what goes wrong here goes wrong in large networks too.
"""

import copy
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..optimizers import SGD, Adam, Optimizer, RMSprop
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, levels
from .base import Lab
from .controls import choice, slider, whole
from .surfaces import NAMES, Surface, surface

__all__ = ["DescentLab", "Racer"]

CELLS = 128  # of the map, each way
FAR = 3.5  # times the reach of the map: who gets there has diverged
MOST = 500  # steps of one run
SHAPES = (
    "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z",
    "M-5.5,-5.5h11v11h-11z",
    "M0,-7l7,12h-14z",
    "M0,-7.5l7,7.5l-7,7.5l-7,-7.5z",
)
COLOURS, DASHES = (BLUE, ORANGE, INK, MUTED), (None, "6 3", "2 3", "9 3 2 3")
ARROWS = {"ArrowUp": (0, 1), "ArrowDown": (0, -1), "ArrowLeft": (-1, 0), "ArrowRight": (1, 0)}


@dataclass
class Racer:
    """A ball and the optimizer that moves it: where it is, where it was, and how high."""

    name: str
    optimizer: Optimizer
    w: np.ndarray
    path: list[np.ndarray] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    diverged: bool = False

    def next_step(self, gradient: np.ndarray) -> np.ndarray:
        """The step that its optimizer would take now; nothing is moved."""
        w, optimizer = self.w.copy(), copy.deepcopy(self.optimizer)
        optimizer.step(w, gradient.copy())
        return w - self.w


class DescentLab(Lab):
    """A ball rolls down a loss surface, by SGD, momentum, RMSprop or Adam, or all four race.

    ``lab.state`` has ``surface`` (its name), ``ground`` (the ``Surface``) and ``racers``: each has ``w``, ``path``,
    ``losses``, ``optimizer`` and ``diverged``. ``lab.model`` is the first of them.
    """

    step_label, step_tip = "One step", "Let every ball take one step"
    controls = {
        "surface": choice("ravine", NAMES, label="Surface", tip="The landscape of the loss; a change starts anew"),
        "optimizer": choice(
            "sgd",
            [("SGD", "sgd"), ("RMSprop", "rmsprop"), ("Adam", "adam"), ("All race", "race")],
            label="Optimizer",
            tip="The rule that turns a slope into a step; All race: four balls from the same start",
        ),
        "learning_rate": slider(
            0.1, 0.001, 1.0, log=True, label="Learning rate", tip="How long a step is for a given slope"
        ),
        "momentum": slider(
            0.0,
            0.0,
            0.99,
            0.05,
            label="Momentum",
            tip="How much of its last step SGD takes again; in the race for the second ball, 0.9 where this is 0",
        ),
        "noise": slider(
            0.0,
            0.0,
            1.0,
            0.05,
            label="Batch noise",
            tip="How wrong the slope of a small batch is, as a share of the true slope at the surface's own start",
            more=True,
        ),
        "seed": whole(0, 0, 9999, label="Seed", tip="What the errors of the batches are drawn from", more=True),
        "pace": slider(10, 1, 60, label="Steps a second", tip="How fast playing goes", more=True, draws=False),
    }
    about = [
        (
            "The map",
            "The loss over two weights, seen from above. Each band is higher than the fainter one beside it; it is "
            "lowest where the page shines through. Drag anywhere on the map, or go to it with Tab and use the arrow "
            "keys, to choose another start.",
        ),
        (
            "The ball and its path",
            "Where the weights are now, and every place where they were. The ring is the start. In a race each "
            "optimizer has a ball of its own shape and a line of its own pattern, named below the map.",
        ),
        (
            "Side view",
            "A cut through the surface along the line of the next step: how high the ball lies, the slope that it "
            "feels (the dashed line touches the ground there), and where it will land (the hollow ball).",
        ),
        ("Loss", "The height of each ball after every step. Heights above the chart are drawn at its upper edge."),
        (
            "Slope",
            "The gradient: how fast the loss grows with each weight. A step goes against it. Nothing else about the "
            "surface is known to the ball: it cannot see the map.",
        ),
        ("Learning rate", "The slope is multiplied by it to give the step of plain SGD."),
        ("Momentum", "The share of the last step that is taken again. It rolls on where the slope is small."),
        (
            "Batch noise",
            "A batch of few examples gives a slope that is wrong by chance. Here the chance is a normal distribution; "
            "in a race every ball meets the same errors, drawn from the seed.",
        ),
        (
            "Divergence",
            "If a step overshoots the valley by more than the ball was away from it, each step is longer than the one "
            "before. A ball that has left the map far behind is stopped, and the lab says why.",
        ),
        (
            "The five surfaces",
            "A bowl, a ravine, two minima and a saddle are formulas. The network is real: 2-2-1, it learned XOR, and "
            "two of its nine weights move while the others stay.",
        ),
    ]

    # The state and its steps.

    def start(self, state: SimpleNamespace) -> None:
        if getattr(state, "ground", None) is not surface(state.surface):
            state.ground = surface(state.surface)
            state.start_at = np.array(state.ground.start)
        state.racers = [
            Racer(
                name, rule, state.start_at.copy(), [state.start_at.copy()], [float(state.ground.value(state.start_at))]
            )
            for name, rule in self._rules(state)
        ]
        state.model = state.racers[0]
        state.rng = np.random.default_rng(state.seed)
        state.taken = 0

    @staticmethod
    def _rules(state: SimpleNamespace) -> list[tuple[str, Optimizer]]:
        rate, momentum = state.learning_rate, state.momentum
        if state.optimizer == "rmsprop":
            return [("RMSprop", RMSprop(rate))]
        if state.optimizer == "adam":
            return [("Adam", Adam(rate))]
        if state.optimizer == "race":
            rolling = momentum or 0.9
            return [
                ("SGD", SGD(rate)),
                (f"momentum {rolling:g}", SGD(rate, momentum=rolling)),
                ("RMSprop", RMSprop(rate)),
                ("Adam", Adam(rate)),
            ]
        return [(f"SGD with momentum {momentum:g}" if momentum else "SGD", SGD(rate, momentum=momentum))]

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in ("surface", "optimizer", "seed"):
            self.restart()
        elif name in ("learning_rate", "momentum"):
            for racer, (label, rule) in zip(state.racers, self._rules(state), strict=True):
                racer.name, racer.optimizer.learning_rate = label, rule.learning_rate
                if isinstance(racer.optimizer, SGD) and isinstance(rule, SGD):
                    racer.optimizer.momentum = rule.momentum

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        while state.taken < MOST and not all(racer.diverged for racer in state.racers):
            steep = np.linalg.norm(state.ground.gradient(np.array(state.ground.start)))
            error = state.rng.normal(size=2) * state.noise * steep
            for racer in state.racers:
                if not racer.diverged:
                    self._move(state.ground, racer, error)
            state.taken += 1
            yield state.taken
        lost = [racer for racer in state.racers if racer.diverged]
        if lost:
            self.stage.say("\n".join(self.explain(state.ground, racer) for racer in lost), trouble=True)
        else:
            self.stage.say(f"Stopped after {MOST} steps. Press Reset to start again.")

    def _move(self, ground: Surface, racer: Racer, error: np.ndarray) -> None:
        """One step, unless it would leave the map far behind."""
        before = racer.w.copy()
        racer.optimizer.step(racer.w, ground.gradient(racer.w) + error)
        if not (np.abs(racer.w) < FAR * ground.reach).all():
            racer.w, racer.diverged = before, True
            self.stage.say(self.explain(ground, racer), trouble=True)
            return
        racer.path.append(racer.w.copy())
        racer.losses.append(float(ground.value(racer.w)))

    @staticmethod
    def explain(ground: Surface, racer: Racer) -> str:
        """Why a ball diverged, in words."""
        rule, steps = racer.optimizer, len(racer.losses)
        words = (
            f"{racer.name} diverged: step {steps} would leave the map far behind. Its loss went from "
            f"{racer.losses[0]:.3g} to {racer.losses[-1]:.3g}."
        )
        if isinstance(rule, SGD) and ground.curvature:
            limit, roll = 2 * (1 + rule.momentum) / ground.curvature, "with this momentum" if rule.momentum else ""
            return (
                f"{words} The learning rate {rule.learning_rate:g} is too large: where the slope changes by "
                f"{ground.curvature:g} for each 1 of way, a step overshoots further each time unless the rate stays "
                f"below {limit:g}{' ' + roll if roll else ''}. Make it smaller and press Reset."
            )
        return f"{words} Its steps overshoot: make the learning rate {rule.learning_rate:g} smaller and press Reset."

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace

    def code(self) -> str:
        """The program that takes the steps of the first ball, with the settings as they are now."""
        state, racer = self.state, self.state.racers[0]
        error, draw = "", ""
        if state.noise:
            draw = f"rng = np.random.default_rng({state.seed})\n"
            draw += "steep = np.linalg.norm(ground.gradient(np.array(ground.start)))\n"
            error = f" + rng.normal(size=2) * {state.noise} * steep"
        return (
            f"import numpy as np\n\nfrom annlab import {type(racer.optimizer).__name__}\n"
            f"from annlab.labs.surfaces import surface\n\nground = surface({state.surface!r})\n"
            f"w = np.array({[float(number) for number in state.start_at]})\noptimizer = {racer.optimizer!r}\n{draw}"
            f"for step in range({state.taken}):\n    optimizer.step(w, ground.gradient(w){error})\n"
            "print(w, ground.value(w))\n"
        )

    # The start, by pointer and by keys.

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        if event["id"] != "map":
            return
        reach = state.ground.reach
        place = state.start_at
        if event["kind"] in ("down", "move") and event["points"]:
            x, y, size = self._places(state)[0]
            px, py = event["points"][-1]
            place = np.array([2 * (px - x) / size - 1, 1 - 2 * (py - y) / size]) * reach
        elif event["kind"] == "key" and event["key"] in ARROWS:
            place = place + np.array(ARROWS[event["key"]]) * reach / 30
        else:
            return
        state.start_at = np.clip(place, -0.98 * reach, 0.98 * reach).round(2)
        self.restart()

    # The picture and its words.

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        facts: dict[str, float] = {"step": state.taken, "seed": state.seed, "momentum": state.momentum or 0.9}
        facts["two minima"] = 2
        for racer in state.racers:
            gradient = state.ground.gradient(racer.w)
            facts |= {
                f"{racer.name} loss": float(state.ground.value(racer.w)),
                f"{racer.name} w1": float(racer.w[0]),
                f"{racer.name} w2": float(racer.w[1]),
                f"{racer.name} slope 1": float(gradient[0]),
                f"{racer.name} slope 2": float(gradient[1]),
                f"{racer.name} next step": float(np.linalg.norm(racer.next_step(gradient))),
            }
        return facts

    @staticmethod
    def describe(state: SimpleNamespace, facts: Mapping[str, float]) -> str:
        """The line under the picture."""
        words = f"Step {state.taken} on the surface '{state.surface}' (seed {state.seed}). "
        if len(state.racers) > 1:
            each = (
                f"{racer.name} {facts[f'{racer.name} loss']:.3f}{', diverged' if racer.diverged else ''}"
                for racer in state.racers
            )
            return f"{words}Loss: {'; '.join(each)}."
        name = state.racers[0].name
        numbers = [facts[f"{name} {part}"] + 0.0 for part in ("w1", "w2", "loss", "slope 1", "slope 2", "next step")]
        w1, w2, loss, slope_1, slope_2, long = numbers
        ends = "It has diverged." if state.racers[0].diverged else f"Its next step is {long:.3f} long."
        return (
            f"{words}{name} is at w1 = {w1:.2f}, w2 = {w2:.2f}, where the loss is {loss:.3f} and the slope is "
            f"{slope_1:.3f} by w1 and {slope_2:.3f} by w2. {ends}"
        )

    @staticmethod
    def _places(state: SimpleNamespace) -> tuple[tuple[float, float, float], charts.Box, charts.Box, float]:
        """Where the map, the side view and the chart stand for this width of the page, and how high all is."""
        wide = state.width >= 720
        size = min(380.0, state.width - 60)
        legend = 28 + 22 * len(state.racers)
        if wide:
            left = size + 90
            side = (left, 0.0, state.width - left, 214.0)
            chart = (left, 238.0, state.width - left, 214.0)
            return (36, 44, size), side, chart, max(452, 44 + size + 22 + legend)
        below = 44 + size + 30 + legend
        side = (0.0, below, state.width, 220.0)
        return (36, 44, size), side, (0.0, below + 244, state.width, 220.0), below + 464

    def picture(self, state: SimpleNamespace) -> Picture:
        map_place, side, chart, height = self._places(state)
        facts = self.facts(state)
        picture = Picture(state.width, height, "A ball on a loss surface", self.describe(state, facts))
        self._draw_map(picture, map_place, state)
        self._draw_side(picture, side, state)
        highest = charts.round_up(1.25 * max(max(racer.losses[0], racer.losses[-1]) for racer in state.racers))
        longest = max(charts.round_up(state.taken), 20)
        curves = [
            charts.Curve(racer.name, range(len(racer.losses)), racer.losses, COLOURS[at], DASHES[at])
            for at, racer in enumerate(state.racers)
        ]
        title = "Loss after each step"
        charts.line_chart(picture, chart, curves, title=title, x_label="step", x_high=longest, y_high=highest)
        return picture

    def _draw_map(self, picture: Picture, place: tuple[float, float, float], state: SimpleNamespace) -> None:
        """Seen from above: the bands of height, every path, every ball."""
        x, y, size = place
        ground: Surface = state.ground
        charts.heading(picture, (x, 0, size, 40), "Seen from above", ground.words)
        picture.heat(x, y, size, size, _terraces(ground.name), crisp=False)
        for share in (0.0, 0.5, 1.0):
            value = f"{2 * ground.reach * share - ground.reach:g}".replace("-", "\u2212")
            picture.text(x + size * share, y + size + 15, value, fill=MUTED, text_anchor="middle")
            picture.text(x - 6, y + size * (1 - share) + 4, value, fill=MUTED, text_anchor="end")
        picture.text(x + size * 0.75, y + size + 15, "w1", fill=MUTED, text_anchor="middle")
        picture.text(x - 6, y + size * 0.25 + 4, "w2", fill=MUTED, text_anchor="end")

        def on_map(w: np.ndarray) -> np.ndarray:
            share = np.clip(np.asarray(w) / ground.reach, -1, 1)
            return np.stack([x + size * (1 + share[..., 0]) / 2, y + size * (1 - share[..., 1]) / 2], axis=-1)

        where = on_map(state.start_at)
        picture.circle(None, None, 9, fill="none", stroke=INK, stroke_width=1.5, live={"cx": where[0], "cy": where[1]})
        for at, racer in enumerate(state.racers):
            line = on_map(np.array(racer.path))
            picture.polyline(line, stroke=PAPER, stroke_width=4, stroke_opacity="0.8")
            picture.polyline(line, stroke=COLOURS[at], stroke_width=2, stroke_dasharray=DASHES[at])
        for at, racer in enumerate(state.racers):
            across, down = on_map(racer.w).tolist()
            if len(state.racers) == 1:
                for point in on_map(np.array(racer.path[-40:])).tolist() + [[across, down]] * (
                    40 - len(racer.path[-40:])
                ):
                    picture.circle(None, None, 2.4, fill=COLOURS[at], live={"cx": point[0], "cy": point[1]})
            look: dict[str, Any] = {"fill": COLOURS[at], "stroke": PAPER, "stroke_width": 1.5}
            picture.add("path", d=SHAPES[at], live={"transform": f"translate({across:.1f} {down:.1f})"}, **look)
        how = "The map. Drag, or press the arrow keys, to choose another start."
        keys = " ".join(ARROWS)
        picture.rect(
            x, y, size, size, fill="transparent", stroke=MUTED, id="map", keys=keys, role="application", label=how
        )
        for at, racer in enumerate(state.racers):
            down = y + size + 42 + 22 * at
            picture.line(x, down - 4, x + 34, down - 4, stroke=COLOURS[at], stroke_width=2, stroke_dasharray=DASHES[at])
            picture.add("path", d=SHAPES[at], fill=COLOURS[at], transform=f"translate({x + 17} {down - 4})")
            said = "diverged" if racer.diverged else f"loss {state.ground.value(racer.w):.3f}"
            picture.text(x + 44, down, size=13, live={"text": f"{racer.name}: {said}"})

    def _draw_side(self, picture: Picture, box: charts.Box, state: SimpleNamespace) -> None:
        """Seen from the side: the ground along the line of the first ball's next step, and where that step ends."""
        ground, racer = state.ground, state.racers[0]
        gradient = ground.gradient(racer.w)
        step = racer.next_step(gradient)
        far = float(np.linalg.norm(step))
        way = step / far if far > 1e-12 else np.array([1.0, 0.0])
        short = racer.name.partition(" ")[0]
        hint = f"Along the line of {short}'s next step, which goes to the right"
        x, y, width, height = charts.heading(picture, box, "Seen from the side", hint)
        x, width, y, height = x + 58, width - 68, y + 8, height - 30
        window = charts.round_up(min(max(1.5 * far, 0.05 * ground.reach), FAR * ground.reach))
        along = np.linspace(-window, window, 81)
        heights = ground.section(racer.w - window * way, racer.w + window * way)
        low, high = float(heights.min()), float(heights.max())

        def on_cut(along: Any, loss: Any) -> np.ndarray:
            share = np.clip((np.asarray(loss) - low) / max(high - low, 1e-9), -0.02, 1.02)
            right = np.clip(np.asarray(along) / window, -1, 1)
            return np.stack([x + width * (1 + right) / 2, y + height * (1 - share)], axis=-1)

        picture.line(x, y + height, x + width, y + height, stroke=GRID)
        for share in (0, 1):
            level = low + share * (high - low) + 0.0
            said = {"text": f"{level:.{1 if 0 < abs(level) < 1e-3 else 3}g}".replace("-", "\u2212")}
            picture.text(x - 5, y + height * (1 - share) + 4, fill=MUTED, text_anchor="end", live=said)
        for share, anchor in ((-1, "start"), (0, "middle"), (1, "end")):
            said = {"text": f"{share * window:g}".replace("-", "\u2212") if share else "way, in weights"}
            picture.text(x + width * (1 + share) / 2, y + height + 17, fill=MUTED, text_anchor=anchor, live=said)
        picture.polyline(on_cut(along, heights), stroke=INK, stroke_width=2)
        here, slope = float(ground.value(racer.w)), float(gradient @ way)
        reach = 0.35 * window
        touch = on_cut(np.array([-reach, reach]), np.array([here - reach * slope, here + reach * slope]))
        picture.polyline(touch, stroke=ORANGE, stroke_width=2, stroke_dasharray="5 3")
        landing = on_cut(far, ground.value(racer.w + step))
        picture.circle(
            None, None, 7, fill="none", stroke=BLUE, stroke_width=2, live={"cx": landing[0], "cy": landing[1]}
        )
        ball = on_cut(0.0, here)
        picture.circle(None, None, 7, fill=BLUE, stroke=PAPER, live={"cx": ball[0], "cy": ball[1]})


@functools.cache
def _heights(name: str) -> tuple[float, float]:
    """The lowest and the highest place of the map."""
    heights = surface(name).map(CELLS)
    return float(heights.min()), float(heights.max())


@functools.cache
def _terraces(name: str) -> np.ndarray:
    """The map in bands of equal height, narrower near the ground, as rows of the colour table."""
    low, high = _heights(name)
    share = np.sqrt((surface(name).map(CELLS) - low) / (high - low))
    return levels(np.floor(share * 15.999) / 16 * 0.75)
