"""Two networks that differ in nothing but how far their first weights reach, and learn side by side.

Both have the same layers, see the same points in the same order, and step by the same rule. One starts with weights
close to zero, the other with wide ones. On easy points both arrive; on others the start decides - if the network is
trained long enough to use it.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import datasets
from ..initializers import RandomUniform
from ..layers import Dense, Input
from ..models import Sequential
from ..optimizers import Adam
from ..svg import charts, plane
from ..svg.elements import BLUE, GRID, MUTED, ORANGE, Picture, levels
from .base import Lab
from .controls import choice, slider, whole
from .hand import shown

__all__ = ["CompareLab"]

POINTS = 500  # half to learn from, half to test with
REACH = 6.0
CELLS = 50
NETWORKS = {"article": ((10, 20), "relu"), "tanh": ((8, 8), "tanh")}
SIDES = ("small", "wide")
LOOKS = {"small": (BLUE, None), "wide": (ORANGE, "6 4")}


class CompareLab(Lab):
    """The same network twice, once from small first weights and once from wide ones.

    ``lab.state`` has ``models`` (a dictionary with "small" and "wide"), ``epoch``, ``curves`` (after each epoch, for
    each of the two: loss, test_loss, accuracy and test_accuracy) and the data (``x_train``, ``y_train``, ``x_test``,
    ``y_test``). ``lab.model`` is the network with the wide start.
    """

    step_label, step_tip = "One epoch", "Train both until every training point has been seen once more"
    controls = {
        "data": choice(
            "spiral",
            [("two spirals", "spiral"), ("a circle", "circle"), ("XOR", "xor")],
            label="Data",
            tip="What both are to learn; a change starts anew",
        ),
        "network": choice(
            "article",
            [("2-10-20-1, relu (the article's)", "article"), ("2-8-8-1, tanh", "tanh")],
            label="Network",
            tip="The layers and the activation of both; a change starts anew",
        ),
        "small": slider(
            0.05,
            0.01,
            3.0,
            log=True,
            label="Small start",
            tip="The first weights of one lie between minus this and this; a change starts anew",
        ),
        "wide": slider(
            1.0,
            0.01,
            3.0,
            log=True,
            label="Wide start",
            tip="The first weights of the other lie between minus this and this; a change starts anew",
        ),
        "learning_rate": slider(
            0.001,
            0.0001,
            0.1,
            log=True,
            label="Learning rate",
            tip="How far each step of Adam moves the weights of both; may be changed while they learn",
        ),
        "batch_size": slider(
            64,
            1,
            128,
            label="Batch size",
            tip="How many points are looked at before each change of the weights",
            more=True,
        ),
        "noise": slider(0.0, 0.0, 0.5, label="Noise", tip="How far the points are scattered", more=True),
        "seed": whole(0, 0, 9999, label="Seed", tip="What points, first weights and order are drawn from", more=True),
        "pace": slider(
            30,
            1,
            120,
            label="Epochs a second",
            tip="How fast playing goes, as far as this computer can",
            more=True,
            draws=False,
        ),
    }
    about = [
        (
            "The two maps",
            "The plane of the two inputs. The more blue, the surer a network is of class 1; the more orange, of class "
            "0; white is undecided. Blue discs are training points of class 1, orange squares of class 0.",
        ),
        (
            "Small start, wide start",
            "Where the first weights are drawn from: equally likely between minus this number and this number. 0.05 is "
            "what Keras calls 'uniform', 1 is the article's strengths from -1 to 1. Biases begin at 0. Both are drawn "
            "from the same seed, so one start is the other, stretched.",
        ),
        (
            "Loss",
            "The cross-entropy of the training points after each epoch. A network that says 0.5 everywhere has 0.693. "
            "What lies above 2 is drawn at the upper edge; the number beside the curve's end is exact.",
        ),
        ("Test accuracy", "The share of points answered rightly, of those that neither learned from. Guessing is 0.5."),
        ("Network, learning rate, batch size", "Adam trains both, with the same points in the same order."),
        ("Seed", "The same seed gives the same points, the same first weights and the same order."),
    ]

    # The state and its training.

    def start(self, state: SimpleNamespace) -> None:
        x, y = getattr(datasets, state.data)(POINTS, noise=state.noise, seed=state.seed)
        split = datasets.train_test_split(x, y, test_size=0.5, seed=state.seed)
        state.x_train, state.x_test, state.y_train, state.y_test = split
        hidden, activation = NETWORKS[state.network]
        state.models = {}
        for side in SIDES:
            reach = getattr(state, side)
            first: dict[str, Any] = {"kernel_initializer": RandomUniform(-reach, reach)}
            layers = [Dense(units, activation, **first) for units in hidden]
            model = Sequential([Input((2,)), *layers, Dense(1, "sigmoid", **first)], seed=state.seed)
            model.compile(Adam(state.learning_rate), "binary_crossentropy", ["accuracy"])
            state.models[side] = model
        state.model = state.models["wide"]
        state.epoch, state.batch = 0, 0
        state.curves = {side: {name: [score] for name, score in self._scores(state, side).items()} for side in SIDES}

    @staticmethod
    def _scores(state: SimpleNamespace, side: str) -> dict[str, float]:
        """Loss and accuracy of one of the two, as it is now (kept until it changes)."""
        model = state.models[side]
        version = (model.parameters.tobytes(), state.x_train.tobytes())
        kept = getattr(state, f"scored_{side}", None)
        if kept is None or kept[0] != version:
            loss, accuracy = model.evaluate(state.x_train, state.y_train)
            test_loss, test_accuracy = model.evaluate(state.x_test, state.y_test)
            scores = {"loss": loss, "test_loss": test_loss, "accuracy": accuracy, "test_accuracy": test_accuracy}
            kept = (version, scores)
            setattr(state, f"scored_{side}", kept)
        return dict(kept[1])

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        settings: dict[str, Any] = {"batch_size": state.batch_size, "epochs": 10**9, "every": "batch"}
        runs = [state.models[side].iter_fit(state.x_train, state.y_train, **settings) for side in SIDES]
        for step, _ in zip(*runs, strict=True):
            state.batch = step.batch + 1
            if state.batch == step.batches:
                state.epoch, state.batch = state.epoch + 1, 0
                for side in SIDES:
                    for name, score in self._scores(state, side).items():
                        state.curves[side][name].append(score)
            yield step

    def _batches(self, state: SimpleNamespace) -> int:
        return -(-len(state.x_train) // state.batch_size)

    def steps_of_click(self, state: SimpleNamespace) -> int:
        return self._batches(state)

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace * self._batches(state)

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name == "learning_rate":
            for model in state.models.values():
                model.optimizer.learning_rate = state.learning_rate
        elif name == "batch_size":
            self._steps, state.batch = None, 0  # a new epoch begins, with points in a new order
        elif name != "pace":
            self.restart()

    def code(self) -> str:
        """The program that trains the network with the wide start for as many epochs, with the settings as they are."""
        state = self.state
        return (
            f"{self.model.code()}\nfrom annlab import datasets\n\n"
            f"x, y = datasets.{state.data}({POINTS}, noise={state.noise}, seed={state.seed})\n"
            f"x_train, x_test, y_train, y_test = datasets.train_test_split(x, y, test_size=0.5, seed={state.seed})\n"
            f"model.fit(x_train, y_train, batch_size={state.batch_size}, epochs={state.epoch}, verbose=0)\n"
            "print(model.evaluate(x_test, y_test))\n"
        )

    # The picture and its words.

    def facts(self, state: SimpleNamespace) -> dict[str, float]:
        facts: dict[str, float] = {"epoch": state.epoch, "seed": state.seed, "small": state.small, "wide": state.wide}
        for side in SIDES:
            facts |= {f"{side}_{name}": score for name, score in self._scores(state, side).items()}
        return facts

    @staticmethod
    def describe(facts: dict[str, float]) -> str:
        """The line under the picture."""
        return (
            f"Epochs: {facts['epoch']} (seed {facts['seed']}). The small start, {facts['small']:g}, has a loss of "
            f"{facts['small_loss']:.3f} and a test accuracy of {facts['small_test_accuracy']:.3f}. The wide start, "
            f"{facts['wide']:g}, has a loss of {facts['wide_loss']:.3f} and a test accuracy of "
            f"{facts['wide_test_accuracy']:.3f}."
        )

    def _places(self, state: SimpleNamespace) -> tuple[dict[str, charts.Box], float]:
        """Where everything stands, for this width of the page."""
        places: dict[str, charts.Box] = {}
        height = -28.0
        in_a_row = 2 if state.width >= 500 else 1
        side = min((state.width - 28) / 2 - 30, 340.0) if in_a_row == 2 else 340.0
        panels = {**dict.fromkeys(SIDES, side + 66), "loss": 270.0, "accuracy": 270.0}
        names = list(panels)
        for row in (names[at : at + in_a_row] for at in range(0, len(names), in_a_row)):
            boxes, height = charts.flow(state.width, [(220, panels[name]) for name in row], top=height + 28)
            places |= dict(zip(row, boxes, strict=True))
        for name in SIDES:
            x, y, _, _ = places[name]
            places[f"{name}_map"] = (x + 26, y + 44, side, side)
        return places, height

    def picture(self, state: SimpleNamespace) -> Picture:
        places, height = self._places(state)
        facts = self.facts(state)
        picture = Picture(state.width, height, "The same network from two starts", self.describe(facts))
        for side in SIDES:
            self._draw_map(picture, places, state, side, facts)
        self._draw_curves(picture, places, state, facts)
        return picture

    @staticmethod
    def _draw_map(
        picture: Picture, places: dict[str, charts.Box], state: SimpleNamespace, side: str, facts: dict[str, float]
    ) -> None:
        x, y, _, _ = places[side]
        box = places[f"{side}_map"]
        reach = shown(getattr(state, side), 2)
        picture.text(x, y + 12, f"{side.capitalize()} start: \u2212{reach} to {reach}", size=14, font_weight=600)
        said = f"loss {facts[f'{side}_loss']:.3f}, test accuracy {facts[f'{side}_test_accuracy']:.3f}"
        picture.text(x, y + 30, fill=MUTED, live={"text": said})
        left, top, size, _ = box
        answers = state.models[side](plane.grid(CELLS, REACH)).reshape(CELLS, CELLS)
        picture.heat(left, top, size, size, levels(2 * answers - 1, 1.4), crisp=False)
        picture.rect(left, top, size, size, fill="none", stroke=GRID)
        plane.axes(picture, box, REACH, ("x\u2081", "x\u2082"))
        share = (state.x_train + REACH) / (2 * REACH)
        where = np.column_stack([left + size * share[:, 0], top + size * (1 - share[:, 1])])
        for label, colour in ((0, ORANGE), (1, BLUE)):
            plane.marks(picture, where[state.y_train == label], label, colour, size=4)

    def _draw_curves(
        self, picture: Picture, places: dict[str, charts.Box], state: SimpleNamespace, facts: dict[str, float]
    ) -> None:
        """A point after each epoch, and one for now."""
        now = state.epoch + state.batch / self._batches(state)
        epochs = [*range(state.epoch + 1), now]
        x_high = max(charts.round_up(now), 10)
        highest = min(max(max(state.curves[side]["loss"]) for side in SIDES), 2.0)  # a wide start may begin far above
        for name, score, y_high in (("loss", "loss", charts.round_up(highest)), ("accuracy", "test_accuracy", 1.0)):
            curves = []
            for side in SIDES:
                colour, dash = LOOKS[side]
                points = [*state.curves[side][score], facts[f"{side}_{score}"]]
                curves.append(charts.Curve(f"{side} start", epochs, points, colour, dash))
            title = "Loss" if name == "loss" else "Test accuracy"
            charts.line_chart(picture, places[name], curves, title=title, x_label="epoch", x_high=x_high, y_high=y_high)
