"""A network that learns to read handwritten digits, and a sheet of paper to try it on."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import activations, datasets
from ..layers import Dense, Input
from ..metrics import confusion_matrix
from ..models import Sequential
from ..optimizers import SGD, Adam
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, Picture, levels
from .base import Lab
from .controls import button, choice, slider, whole

__all__ = ["DigitsLab"]

SHOWN = 20  # test digits that are always on the screen, two of each
SAID = "Below each, what the network says (and the truth, where it is wrong)"
KEYS = "ArrowUp ArrowDown ArrowLeft ArrowRight Space Delete Backspace e"
MOVES = {"ArrowUp": (-1, 0), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowRight": (0, 1)}


class DigitsLab(Lab):
    """A network 64-N-10 that learns to read digits while you change it, and paper to paint a digit for it.

    ``lab.state`` has ``model``, ``epoch``, ``curves`` (loss and accuracy, train and test, after each epoch), the data
    (``x_train``, ``y_train``, ``x_test``, ``y_test``) and ``paper``, the painted digit: (8, 8), from 0 to 1.
    """

    step_label, step_tip = "One epoch", "Train until every training digit has been seen once more"
    controls = {
        "learning_rate": slider(
            0.001,
            0.0001,
            1.0,
            log=True,
            label="Learning rate",
            tip="How far each step changes the weights; may be changed while it trains",
        ),
        "units": slider(
            16,
            1,
            32,
            label="Hidden units",
            tip="How many units stand between the 64 pixels and the 10 answers; a change starts a new network",
        ),
        "activation": choice(
            "relu",
            ["relu", "tanh", "sigmoid", "linear"],
            label="Activation",
            tip="What each hidden unit does with its sum; what was learned is kept",
        ),
        "optimizer": choice(
            "adam",
            [("Adam", "adam"), ("SGD", "sgd"), ("SGD with momentum", "momentum")],
            label="Optimizer",
            tip="How gradients become steps; what was learned is kept",
        ),
        "seed": whole(
            0,
            0,
            9999,
            label="Seed",
            tip="What the first weights and the order of the digits are drawn from; a change starts a new network",
        ),
        "batch_size": slider(
            32,
            1,
            128,
            label="Batch size",
            tip="How many digits are looked at before each change of the weights",
            more=True,
        ),
        "pace": slider(
            4,
            1,
            60,
            label="Epochs a second",
            tip="How fast playing goes, as far as this computer can",
            more=True,
            draws=False,
        ),
        "example": button("Show an example", tip="Put the next test digit on the paper", icon="picture-o"),
        "clear": button("Clear the paper", tip="Take all ink off the paper", icon="eraser"),
    }
    about = [
        (
            "Paper",
            "8 by 8 pixels. Paint with the pointer or a finger. With the keyboard, arrow keys move the frame, Space "
            "paints and takes away, Delete clears, E shows an example. These 64 numbers, each from 0 to 1, are all "
            "that the network gets.",
        ),
        (
            "Hidden units",
            "Each small map shows the 64 weights of one unit, each where its pixel lies on the paper: ink on blue "
            "speaks for the unit, ink on orange against it. The bar and the number below are the unit's answer to "
            "your digit: the weighted sum of the pixels, after the activation (a bar below zero is orange).",
        ),
        (
            "Ten probabilities",
            "The outputs after softmax: ten numbers above zero that add up to 1. The largest is what the network says.",
        ),
        (
            "Loss",
            "The mean of minus the logarithm of the probability that the network gives to the right digit. One "
            "point for each epoch, and one for now. Whole line: the digits it learns from. Dashed line: test "
            "digits, which it never learns from.",
        ),
        ("Accuracy", "The share of digits whose largest probability is the right one, from 0 to 1."),
        (
            "Confusion matrix",
            "One row for each true digit, one column for each answer, counted on the test digits. Right answers lie "
            "on the diagonal, in blue; mistakes are orange.",
        ),
        (
            "Test digits",
            "Twenty digits that it never learns from, two of each. Below each, what the network says; where that is "
            "wrong, it is orange and the truth stands in brackets.",
        ),
        ("Epoch", "One pass over all 1,348 training digits, in an order that is drawn anew each time."),
        (
            "Learning rate, optimizer, batch size",
            "How the gradient becomes a change of the weights: how far, by which rule, and after how many digits. "
            "All three may change while it trains.",
        ),
        ("Seed", "The same seed gives the same first weights, so Reset brings back the very same start."),
    ]

    # The state and its training.

    def start(self, state: SimpleNamespace) -> None:
        if not hasattr(state, "x_train"):
            split = datasets.train_test_split(*datasets.digits(), test_size=0.25, seed=0)
            state.x_train, state.x_test, state.y_train, state.y_test = split
            state.shown = [np.flatnonzero(state.y_test == digit)[time] for time in range(2) for digit in range(10)]
            state.example_number, state.cursor = 0, (3, 3)
            state.paper = state.x_test[0].reshape(8, 8).copy()
        hidden, output = Dense(state.units, state.activation), Dense(10, "softmax")
        state.model = Sequential([Input((64,)), hidden, output], seed=state.seed)
        self._compile(state)
        state.epoch, state.batch = 0, 0
        state.curves = {name: [score] for name, score in self._scores(state).items()}

    def _compile(self, state: SimpleNamespace) -> None:
        rate = state.learning_rate
        rule = {"adam": Adam(rate), "sgd": SGD(rate), "momentum": SGD(rate, momentum=0.9)}[state.optimizer]
        state.model.compile(optimizer=rule, loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    @staticmethod
    def _scores(state: SimpleNamespace) -> dict[str, float]:
        """Loss and accuracy on training and test digits, of the network as it is now (kept until it changes)."""
        model = state.model
        version = (model.parameters.tobytes(), model.layers[0].activation)
        if getattr(state, "scored", (None, {}))[0] != version:
            loss, accuracy = model.evaluate(state.x_train, state.y_train)
            test_loss, test_accuracy = model.evaluate(state.x_test, state.y_test)
            scores = {"loss": loss, "test_loss": test_loss, "accuracy": accuracy, "test_accuracy": test_accuracy}
            state.scored = (version, scores)
        return dict(state.scored[1])

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        settings: dict[str, Any] = {"batch_size": state.batch_size, "epochs": 10**9, "every": "batch"}
        for step in state.model.iter_fit(state.x_train, state.y_train, **settings):
            state.batch = step.batch + 1
            if state.batch == step.batches:
                state.epoch, state.batch = state.epoch + 1, 0
                for name, score in self._scores(state).items():
                    state.curves[name].append(score)
            yield step

    def code(self) -> str:
        """The program that trains this network from its start for as many epochs, with the settings as they are now."""
        return (
            f"{self.model.code()}\nfrom annlab import datasets\n\n"
            "x_train, x_test, y_train, y_test = datasets.train_test_split(*datasets.digits(), test_size=0.25, seed=0)\n"
            f"model.fit(x_train, y_train, batch_size={self.state.batch_size}, epochs={self.state.epoch}, verbose=0)\n"
            "print(model.evaluate(x_test, y_test))\n"
        )

    def _batches(self, state: SimpleNamespace) -> int:
        return -(-len(state.x_train) // state.batch_size)

    def steps_of_click(self, state: SimpleNamespace) -> int:
        return self._batches(state)

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace * self._batches(state)

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in ("units", "seed"):
            self.restart()
        elif name == "learning_rate":
            state.model.optimizer.learning_rate = state.learning_rate
        elif name == "activation":
            state.model.layers[0].activation = activations.get(state.activation)
        elif name == "optimizer":
            self._compile(state)
        if name in ("optimizer", "batch_size"):
            self._steps, state.batch = None, 0  # a new epoch begins, with digits in a new order

    # The paper.

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "clear":
            state.paper = np.zeros((8, 8))
        elif name == "example":
            state.example_number = (state.example_number + 1) % len(state.x_test)
            state.paper = state.x_test[state.example_number].reshape(8, 8).copy()

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        if event["id"] != "paper":
            return
        if event["kind"] == "key":
            self._key(state, event["key"])
            return
        x, y, size, _ = self._places(state)[0]["paper"]
        cells = [((px - x) * 8 / size, (py - y) * 8 / size) for px, py in event["points"]]
        if event["kind"] == "down":
            state.last_point = cells[0]
        if event["kind"] in ("down", "move"):
            for cell in cells:
                self._stroke(state, state.last_point, cell)
                state.last_point = cell

    @staticmethod
    def _stroke(state: SimpleNamespace, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A soft brush: full ink within half a pixel of the line's middle, none from 1.2 pixels on."""
        paper = state.paper.copy()
        rows, columns = np.mgrid[0:8, 0:8] + 0.5
        far = np.hypot(end[0] - start[0], end[1] - start[1])
        for along in np.linspace(0, 1, int(far * 4) + 2):
            x, y = (1 - along) * start[0] + along * end[0], (1 - along) * start[1] + along * end[1]
            distance = np.hypot(columns - x, rows - y)
            paper = np.maximum(paper, np.clip((1.15 - distance) / 0.6, 0, 1))
        state.paper = paper
        state.cursor = (int(np.clip(end[1], 0, 7)), int(np.clip(end[0], 0, 7)))

    def _key(self, state: SimpleNamespace, key: str) -> None:
        row, column = state.cursor
        if key in MOVES:
            state.cursor = (min(max(row + MOVES[key][0], 0), 7), min(max(column + MOVES[key][1], 0), 7))
        elif key == "Space":
            state.paper = state.paper.copy()
            state.paper[row, column] = 0.0 if state.paper[row, column] > 0.5 else 1.0
        else:
            self.pressed(state, "example" if key == "e" else "clear")

    # The picture and its words.

    def facts(self, state: SimpleNamespace) -> dict[str, float]:
        probabilities = state.model(state.paper.reshape(1, 64))[0]
        scores = self._scores(state)
        return scores | {
            "epoch": state.epoch,
            "right": round(scores["test_accuracy"] * len(state.y_test)),
            "of": len(state.y_test),
            "says": int(probabilities.argmax()),
            "per_cent": 100 * float(probabilities.max()),
            "units": state.model.layers[0].units,
            "seed": state.seed,
        }

    @staticmethod
    def describe(facts: dict[str, float]) -> str:
        """The line under the picture."""
        units = "1 hidden unit" if facts["units"] == 1 else f"{facts['units']} hidden units"
        return (
            f"Epochs: {facts['epoch']}. The network with {units} (seed {facts['seed']}) has a loss of "
            f"{facts['loss']:.3f} on training and {facts['test_loss']:.3f} on test digits, and reads "
            f"{facts['right']} of {facts['of']} test digits right. "
            f"It takes the digit on the paper for a {facts['says']}, with a probability of {facts['per_cent']:.1f} %."
        )

    def _places(self, state: SimpleNamespace) -> tuple[dict[str, charts.Box], float]:
        """Where everything stands, for this width of the page."""
        wide = state.width >= 900
        left, middle, right, chart = (232, 360, 312, 296) if wide else (216, 260, 240, 240)
        panels = {
            "sheet": (left, 268),
            "hidden": (middle, 268),
            "output": (right, 268),
            "loss": (chart, 300),
            "accuracy": (chart, 300),
            "confusion": (max(right, 256), 300),
            "digits": (440, 0),
        }
        across = int((state.width + 8) // 48) if not wide else SHOWN
        rows = -(-SHOWN // across)
        panels["digits"] = (state.width, 42 + 64 * rows)
        boxes, height = charts.flow(state.width, list(panels.values()))
        named = dict(zip(panels, boxes, strict=True))
        x, y, _, _ = named["sheet"]
        named["paper"] = (x + 1, y + 44, 216, 216)
        return named, height

    def picture(self, state: SimpleNamespace) -> Picture:
        boxes, height = self._places(state)
        title = "A network reads handwritten digits"
        facts = self.facts(state)
        picture = Picture(state.width, height + 4, title, self.describe(facts))
        outputs = state.model.layer_outputs(state.paper.reshape(1, 64))
        self._draw_paper(picture, boxes, state)
        self._draw_hidden(picture, boxes["hidden"], state, outputs[0][0])
        self._draw_outputs(picture, boxes["output"], outputs[-1][0])
        self._draw_curves(picture, boxes, state, facts)
        said = state.model(state.x_test).argmax(axis=1)
        inside = charts.heading(picture, boxes["confusion"], "Confusion matrix")
        counts = confusion_matrix(state.y_test, said, 10)
        charts.confusion(picture, inside, counts, rows="true digit", columns="the network says")
        self._draw_digits(picture, boxes["digits"], state, said)
        return picture

    def _draw_paper(self, picture: Picture, boxes: dict[str, charts.Box], state: SimpleNamespace) -> None:
        charts.heading(picture, boxes["sheet"], "Paper", "Paint a digit here")
        x, y, size, _ = boxes["paper"]
        picture.heat(x, y, size, size, levels(state.paper))
        for at in range(1, 8):
            picture.line(x + at * size / 8, y, x + at * size / 8, y + size, stroke=GRID, stroke_opacity="0.6")
            picture.line(x, y + at * size / 8, x + size, y + at * size / 8, stroke=GRID, stroke_opacity="0.6")
        row, column = state.cursor
        place = {"x": x + column * size / 8 + 1.5, "y": y + row * size / 8 + 1.5}
        picture.rect(
            None, None, size / 8 - 3, size / 8 - 3, fill="none", stroke=ORANGE, stroke_width=2, rx=2, live=place
        )
        how = "Paper of 8 by 8 pixels. Arrow keys move, Space paints, Delete clears, E shows an example."
        picture.rect(
            x, y, size, size, fill="transparent", stroke=MUTED, id="paper", keys=KEYS, role="application", label=how
        )

    def _draw_hidden(self, picture: Picture, box: charts.Box, state: SimpleNamespace, answers: np.ndarray) -> None:
        """For each hidden unit the map of its weights, and its answer as a bar and a number."""
        x, y, width, height = charts.heading(
            picture,
            box,
            f"{state.units} hidden units" if state.units > 1 else "1 hidden unit",
            "What each looks for, and its answer",
        )
        kernel, units = state.model.layers[0].kernel, state.units
        columns = min(range(1, units + 1), key=lambda n: (-min(width / n, height / -(-units // n) - 18), n))
        rows = -(-units // columns)
        cell = min(width / columns, height / rows - 18, 90)
        map_size, apart = cell - 9, min(width / columns, cell + 12)
        strongest = float(np.abs(kernel).max()) or 1.0
        loudest = float(np.abs(answers).max()) or 1.0
        for unit, answer in enumerate(answers.tolist()):
            left, top = x + (unit % columns) * apart, y + 5 + (unit // columns) * (cell + 18)
            charts_map = levels(kernel[:, unit].reshape(8, 8), strongest)
            picture.heat(left, top, map_size, map_size, charts_map)
            picture.rect(left, top, map_size, map_size, fill="none", stroke=GRID)
            picture.rect(left, top + map_size + 2, map_size, 4, fill=GRID, fill_opacity="0.55")
            picture.rect(
                left,
                top + map_size + 2,
                None,
                4,
                live={"width": map_size * abs(answer) / loudest, "fill": BLUE if answer >= 0 else ORANGE},
            )
            picture.text(
                left + map_size / 2,
                top + map_size + 17,
                size=11,
                text_anchor="middle",
                live={"text": f"{answer:.1f}", "fill": INK if answer else MUTED},
            )

    def _draw_outputs(self, picture: Picture, box: charts.Box, probabilities: np.ndarray) -> None:
        says = int(probabilities.argmax())
        x, y, width, height = charts.heading(picture, box, "Ten probabilities", " ")
        picture.text(x, box[1] + 29, fill=MUTED, live={"text": f"The network says {says}"})
        texts = [f"{100 * value:.1f} %" for value in probabilities.tolist()]
        charts.bars(picture, (x, y, width, height), list("0123456789"), probabilities, texts=texts, marked=says)

    def _draw_curves(
        self, picture: Picture, boxes: dict[str, charts.Box], state: SimpleNamespace, facts: dict[str, float]
    ) -> None:
        """A point after each epoch, and one for the network as it is now."""
        now = state.epoch + state.batch / self._batches(state)
        epochs = [*range(len(state.curves["loss"])), now]
        curves = {name: [*points, facts[name]] for name, points in state.curves.items()}
        x_high = max(charts.round_up(now), 10)
        highest = max(*curves["loss"], *curves["test_loss"], 1.0)
        for name, title, y_high in (("loss", "Loss", charts.round_up(highest)), ("accuracy", "Accuracy", 1.0)):
            lines = [
                charts.Curve("training", epochs, curves[name], BLUE),
                charts.Curve("test", epochs, curves[f"test_{name}"], ORANGE, "5 3"),
            ]
            charts.line_chart(picture, boxes[name], lines, title=title, x_label="epoch", x_high=x_high, y_high=y_high)

    def _draw_digits(self, picture: Picture, box: charts.Box, state: SimpleNamespace, said: np.ndarray) -> None:
        x, y, width, _ = charts.heading(picture, box, "Test digits", SAID)
        across = int((width + 8) // 48)
        for place, at in enumerate(state.shown):
            left, top = x + 48 * (place % across), y + 4 + 64 * (place // across)
            charts.image(picture, left, top, 40, state.x_test[at].reshape(8, 8))
            right = said[at] == state.y_test[at]
            live = {
                "text": str(said[at]) if right else f"{said[at]} ({state.y_test[at]})",
                "fill": INK if right else ORANGE,
                "font_weight": "400" if right else "700",
            }
            picture.text(left + 20, top + 55, size=13, text_anchor="middle", live=live)
