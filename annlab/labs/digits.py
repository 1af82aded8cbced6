"""A network that learns to read handwritten digits, and a sheet of paper to try it on."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from .. import activations, datasets
from ..layers import Dense, Input
from ..metrics import confusion_matrix
from ..models import Sequential
from ..optimizers import SGD, Adam
from ..svg import charts
from ..svg.elements import BLUE, GRID, INK, MUTED, ORANGE, PAPER, Picture, levels
from .base import Lab
from .controls import button, choice, slider, whole
from .hand import shown

__all__ = ["DigitsLab", "evidence"]

SHOWN = 20  # test digits that are always on the screen, two of each
DIGITS = list("0123456789")
SAID = "What the network says (and the truth)"
KEYS = "ArrowUp ArrowDown ArrowLeft ArrowRight Space Delete Backspace e"
MOVES = {"ArrowUp": (-1, 0), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowRight": (0, 1)}


def evidence(model: Sequential, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each pixel adds to each output's weighted sum, and the sums that empty paper gives.

    Along a connection from pixel i over hidden unit h to output k, ink adds

        x_i * kernel_1[i, h] * slope_h * kernel_2[h, k],    slope_h = (f(b_h + s_h) - f(b_h)) / s_h

    where s_h is all that the ink adds to the sum of unit h, b_h its bias and f the activation: the mean slope of the
    unit on its way from empty paper to this picture. The parts of all connections of a pixel are added. Nothing is
    lost and nothing is made up: the pixels' shares and the sums of empty paper together are the weighted sums.

    Source: integrated gradients (Sundararajan, Taly and Yan 2017), whose integral is this fraction where there is one
    hidden layer; the baseline is empty paper.

    Shapes
    ------
    pixels    (inputs,)
    shares    (inputs, classes)
    empty     (classes,)
    """
    first, last = cast("list[Dense]", model.layers)
    activation = first.activation
    before, added = first.bias[np.newaxis], (pixels @ first.kernel)[np.newaxis]
    at_first, at_last = activation(before), activation(before + added)
    slope = activation.backward(np.ones_like(before), before, at_first)
    far = np.abs(added) > 1e-6  # where nothing is added, the mean slope is the slope at b
    slope[far] = (at_last - at_first)[far] / added[far]
    shares = pixels[:, np.newaxis] * ((first.kernel * slope[0]) @ last.kernel)
    return shares, at_first[0] @ last.kernel + last.bias


class DigitsLab(Lab):
    """A network 64-N-10 that learns to read digits while you change it, and paper to paint a digit for it.

    ``lab.state`` has ``model``, ``epoch``, ``curves`` (loss and accuracy, train and test, after each epoch), the data
    (``x_train``, ``y_train``, ``x_test``, ``y_test``) and ``paper``, the painted digit: (8, 8), from 0 to 1.
    ``lab.asked`` is the digit whose pixels are shown, ``lab.pixels()`` what each pixel says for or against it.
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
        "explain": choice(
            "answer",
            [("the network's answer", "answer"), *((str(digit), digit) for digit in range(10))],
            label="Pixels for and against",
            tip="Which digit the pixels are to speak for or against; a click on a probability chooses it as well",
        ),
        "rare": choice(
            8,
            list(range(10)),
            label="Rare digit",
            tip="Which digit is made rare; its recall is in bold",
        ),
        "kept": slider(
            100,
            0,
            100,
            label="Kept of it in %",
            tip="How many in a hundred training digits of this kind are kept; a change starts a new network",
        ),
        "weight": slider(
            1,
            1,
            50,
            label="Class weight",
            tip="How many times each of the rare digits counts in the loss (class_weight); what was learned is kept",
        ),
        "optimizer": choice(
            "adam",
            [("Adam", "adam"), ("SGD", "sgd"), ("SGD with momentum", "momentum")],
            label="Optimizer",
            tip="How gradients become steps; what was learned is kept",
            more=True,
        ),
        "seed": whole(
            0,
            0,
            9999,
            label="Seed",
            tip="What the first weights and the order of the digits are drawn from; a change starts a new network",
            more=True,
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
            "Pixels for and against",
            "A weighted sum on its way through the network is a sum of what single pixels add. Blue and + is what "
            "speaks for the chosen digit, orange and \u2212 what speaks against it; pixels without ink say nothing. "
            "The numbers are exact: with the sum that empty paper gives, they add up to the digit's weighted sum "
            "before softmax. (Each pixel's ink times its weights and times the mean slope of each hidden unit between "
            "empty paper and this picture; Sundararajan, Taly and Yan 2017 call that integrated gradients.) What the "
            "network says depends on all ten sums, so compare two digits.",
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
            "Recall",
            "Of the test digits of one kind, the share that is found: the number on the diagonal of the confusion "
            "matrix, divided by the sum of its row. The rare digit's row is in bold.",
        ),
        (
            "Rare digit, class weight",
            "Takes training digits of one kind away, as if they were rare; test digits stay as they are. The class "
            "weight is a remedy: each of those that are left counts so many times in the loss.",
        ),
        (
            "Test digits",
            "Twenty digits that it never learns from, two of each. Below each, what the network says; where that is "
            "wrong, it is orange and the truth stands in brackets.",
        ),
        (
            "Epoch",
            "One pass over all training digits (1,348 at first), in an order that is drawn anew each time.",
        ),
        (
            "Learning rate, optimizer, batch size",
            "How the gradient becomes a change of the weights: how far, by which rule, and after how many digits. "
            "All three may change while it trains.",
        ),
        ("Seed", "The same seed gives the same first weights, so Reset brings back the very same start."),
    ]

    # The state and its training.

    def start(self, state: SimpleNamespace) -> None:
        if not hasattr(state, "x_test"):
            split = datasets.train_test_split(*datasets.digits(), test_size=0.25, seed=0)
            state.x_all, state.x_test, state.y_all, state.y_test = split
            state.shown = [np.flatnonzero(state.y_test == digit)[time] for time in range(2) for digit in range(10)]
            state.example_number, state.cursor = 0, (3, 3)
            state.paper = state.x_test[0].reshape(8, 8).copy()
        rare = state.y_all == state.rare
        keep = ~rare | (np.cumsum(rare) <= self._left(state))
        state.x_train, state.y_train = state.x_all[keep], state.y_all[keep]
        hidden, output = Dense(state.units, state.activation), Dense(10, "softmax")
        state.model = Sequential([Input((64,)), hidden, output], seed=state.seed)
        self._compile(state)
        state.epoch, state.batch = 0, 0
        state.curves = {name: [score] for name, score in self._scores(state).items()}

    @staticmethod
    def _left(state: SimpleNamespace) -> int:
        """How many training digits of the rare kind are kept."""
        return round(int((state.y_all == state.rare).sum()) * state.kept / 100)

    def _compile(self, state: SimpleNamespace) -> None:
        rate = state.learning_rate
        rule = {"adam": Adam(rate), "sgd": SGD(rate), "momentum": SGD(rate, momentum=0.9)}[state.optimizer]
        state.model.compile(optimizer=rule, loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    @staticmethod
    def _scores(state: SimpleNamespace) -> dict[str, float]:
        """Loss and accuracy on training and test digits, of the network as it is now (kept until it changes)."""
        model = state.model
        version = (model.parameters.tobytes(), model.layers[0].activation, state.y_train.tobytes())
        if getattr(state, "scored", (None, {}))[0] != version:
            loss, accuracy = model.evaluate(state.x_train, state.y_train)
            test_loss, test_accuracy = model.evaluate(state.x_test, state.y_test)
            scores = {"loss": loss, "test_loss": test_loss, "accuracy": accuracy, "test_accuracy": test_accuracy}
            state.scored = (version, scores)
        return dict(state.scored[1])

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        settings: dict[str, Any] = {"batch_size": state.batch_size, "epochs": 10**9, "every": "batch"}
        if state.weight > 1:
            settings["class_weight"] = {state.rare: float(state.weight)}
        for step in state.model.iter_fit(state.x_train, state.y_train, **settings):
            state.batch = step.batch + 1
            if state.batch == step.batches:
                state.epoch, state.batch = state.epoch + 1, 0
                for name, score in self._scores(state).items():
                    state.curves[name].append(score)
            yield step

    def code(self) -> str:
        """The program that trains this network from its start for as many epochs, with the settings as they are now."""
        state = self.state
        lines = [
            "import numpy as np" if state.kept < 100 else "",
            f"{self.model.code()}\nfrom annlab import datasets\n",
            "x_train, x_test, y_train, y_test = datasets.train_test_split(*datasets.digits(), test_size=0.25, seed=0)",
        ]
        if state.kept < 100:
            rare = f"y_train == {state.rare}"
            lines.append(f"keep = (y_train != {state.rare}) | (np.cumsum({rare}) <= {self._left(state)})")
            lines.append("x_train, y_train = x_train[keep], y_train[keep]")
        weight = f", class_weight={{{state.rare}: {float(state.weight)}}}" if state.weight > 1 else ""
        settings = f"batch_size={state.batch_size}, epochs={state.epoch}, verbose=0{weight}"
        lines += [f"model.fit(x_train, y_train, {settings})", "print(model.evaluate(x_test, y_test))", ""]
        return "\n".join(lines).lstrip()

    def _batches(self, state: SimpleNamespace) -> int:
        return -(-len(state.x_train) // state.batch_size)

    def steps_of_click(self, state: SimpleNamespace) -> int:
        return self._batches(state)

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace * self._batches(state)

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in ("units", "seed", "kept") or (name == "rare" and state.kept < 100):
            self.restart()
        elif name == "learning_rate":
            state.model.optimizer.learning_rate = state.learning_rate
        elif name == "activation":
            state.model.layers[0].activation = activations.get(state.activation)
        elif name == "optimizer":
            self._compile(state)
        if name in ("optimizer", "batch_size", "weight", "rare"):
            self._steps, state.batch = None, 0  # a new epoch begins, with digits in a new order

    # The paper.

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "clear":
            state.paper = np.zeros((8, 8))
        elif name == "example":
            state.example_number = (state.example_number + 1) % len(state.x_test)
            state.paper = state.x_test[state.example_number].reshape(8, 8).copy()

    def event(self, state: SimpleNamespace, event: dict[str, Any]) -> None:
        if event["id"].startswith("class-") and event["kind"] == "down":
            self.controls["explain"].value = int(event["id"].removeprefix("class-"))
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

    # What the pixels say.

    @property
    def asked(self) -> int:
        """The digit whose pixels are shown: the chosen one, or the network's answer."""
        if self.state.explain == "answer":
            return int(self.model(self.state.paper.reshape(1, 64))[0].argmax())
        return self.state.explain

    def pixels(self, digit: int | None = None) -> np.ndarray:
        """What each pixel of the paper adds to the weighted sum of ``digit`` (or of the one that is asked): (8, 8)."""
        shares, _ = evidence(self.model, self.state.paper.reshape(64))
        return shares[:, self.asked if digit is None else digit].reshape(8, 8)

    # The picture and its words.

    def facts(self, state: SimpleNamespace) -> dict[str, float]:
        probabilities = state.model(state.paper.reshape(1, 64))[0]
        scores = self._scores(state)
        asked = int(probabilities.argmax()) if state.explain == "answer" else state.explain
        shares, empty = evidence(state.model, state.paper.reshape(64))
        counts = self._confusion(state)
        speak = shares[:, asked]
        return scores | {
            "epoch": state.epoch,
            "right": round(scores["test_accuracy"] * len(state.y_test)),
            "of": len(state.y_test),
            "says": int(probabilities.argmax()),
            "per_cent": 100 * float(probabilities.max()),
            "units": state.model.layers[0].units,
            "seed": state.seed,
            "asked": asked,
            "empty": float(empty[asked]),
            "pro": float(speak[speak > 0].sum()),
            "contra": float(speak[speak < 0].sum()),
            "sum": float(empty[asked] + speak.sum()),
            "rare": state.rare,
            "left": int((state.y_train == state.rare).sum()),
            "training": len(state.y_train),
            "found": int(counts[state.rare, state.rare]),
            "to_find": int(counts[state.rare].sum()),
        }

    @staticmethod
    def _confusion(state: SimpleNamespace) -> np.ndarray:
        return confusion_matrix(state.y_test, state.model(state.x_test).argmax(axis=1), 10)

    @staticmethod
    def describe(facts: dict[str, float]) -> str:
        """The line under the picture."""
        units = "1 hidden unit" if facts["units"] == 1 else f"{facts['units']} hidden units"
        return (
            f"Epochs: {facts['epoch']}. The network with {units} (seed {facts['seed']}) has a loss of "
            f"{facts['loss']:.3f} on training and {facts['test_loss']:.3f} on test digits, and reads "
            f"{facts['right']} of {facts['of']} test digits right. "
            f"It reads the digit on the paper as {facts['says']}, with a probability of {facts['per_cent']:.1f} %. "
            f"The weighted sum of the {facts['asked']} is {facts['sum']:.2f}: {facts['empty']:.2f} on empty paper, "
            f"{facts['pro']:+.2f} from the pixels that speak for it, {facts['contra']:+.2f} from those that speak "
            f"against it. {facts['left']} of the {facts['training']} training digits show the {facts['rare']}; "
            f"{facts['found']} of {facts['to_find']} test digits of this kind are found."
        )

    def _places(self, state: SimpleNamespace) -> tuple[dict[str, charts.Box], float]:
        """Where everything stands, for this width of the page."""
        heights = {
            "sheet": 290,
            "spoke": 290,
            "output": 290,
            "hidden": 290,
            "loss": 300,
            "accuracy": 300,
            "confusion": 300,
            "recall": 300,
            "digits": 300,
        }
        names = list(heights)
        in_a_row = 3 if state.width >= 780 else 2 if state.width >= 500 else 1
        named: dict[str, charts.Box] = {}
        height = -28.0
        for row in (names[at : at + in_a_row] for at in range(0, len(names), in_a_row)):
            boxes, height = charts.flow(state.width, [(220, heights[name]) for name in row], top=height + 28)
            named |= dict(zip(row, boxes, strict=True))
        if in_a_row < 3:
            x, y, width, _ = named["digits"]
            named["digits"] = (x, y, width, 42 + 64 * -(-SHOWN // int((width + 8) // 48)))
            height = y + named["digits"][3]
        for sheet, paper in (("sheet", "paper"), ("spoke", "map")):
            x, y, _, _ = named[sheet]
            named[paper] = (x + 1, y + 44, 214, 214)
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
        self._draw_recall(picture, boxes["recall"], state, counts)
        self._draw_digits(picture, boxes["digits"], state, said)
        self._draw_evidence(picture, boxes, state, facts)
        return picture

    def _draw_paper(self, picture: Picture, boxes: dict[str, charts.Box], state: SimpleNamespace) -> None:
        charts.heading(picture, boxes["sheet"], "Paper", "Paint a digit here")
        x, y, size, _ = boxes["paper"]
        picture.heat(x, y, size, size, levels(state.paper))
        _draw_grid(picture, boxes["paper"])
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
        charts.bars(picture, (x, y, width, height), DIGITS, probabilities, texts=texts, marked=says)
        for digit in range(10):
            top = y + digit * height / 10
            picture.rect(x, top, width, height / 10, fill="transparent", id=f"class-{digit}", style="cursor:pointer")

    def _draw_evidence(
        self, picture: Picture, boxes: dict[str, charts.Box], state: SimpleNamespace, facts: dict[str, float]
    ) -> None:
        """The painted digit once more, each pixel in the colour and with the number of what it says."""
        x, y, _, _ = boxes["spoke"]
        live = {"text": f"Pixels for and against the {facts['asked']}"}
        picture.text(x, y + 12, size=14, font_weight=600, live=live)
        total = shown(facts["sum"], 1)
        answer = state.explain == "answer"
        hint = f"The network's answer, sum {total}" if answer else f"Your choice, sum {total}"
        picture.text(x, y + 29, fill=MUTED, live={"text": hint})
        x, y, size, _ = boxes["map"]
        shares, _ = evidence(state.model, state.paper.reshape(64))
        spoken = shares[:, int(facts["asked"])].reshape(8, 8)
        loudest = float(np.abs(spoken).max()) or 1.0
        picture.heat(x, y, size, size, levels(spoken, loudest))
        _draw_grid(picture, boxes["map"])
        cell = size / 8
        for row, line in enumerate(spoken.tolist()):
            for column, share in enumerate(line):
                live = {"text": _signed(share), "fill": PAPER if abs(share) > 0.6 * loudest else INK}
                middle, base = x + cell * (column + 0.5), y + cell * (row + 0.5) + 4
                picture.text(middle, base, size=10.5, text_anchor="middle", live=live)
        picture.rect(x, y, size, size, fill="none", stroke=MUTED)
        for at, (words, colour) in enumerate((("+ for it", BLUE), ("\u2212 against it", ORANGE))):
            left = x + at * 84
            picture.rect(left, y + size + 10, 12, 12, fill=colour, rx=2)
            picture.text(left + 17, y + size + 20, words, fill=MUTED)

    @staticmethod
    def _draw_recall(picture: Picture, box: charts.Box, state: SimpleNamespace, counts: np.ndarray) -> None:
        inside = charts.heading(picture, box, "Recall", "Of each digit, how many are found")
        found, of = counts.diagonal(), counts.sum(axis=1)
        texts = [f"{hit} of {all_}" for hit, all_ in zip(found.tolist(), of.tolist(), strict=True)]
        charts.bars(picture, inside, DIGITS, found / np.maximum(of, 1), texts=texts, marked=state.rare)

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


def _draw_grid(picture: Picture, box: charts.Box) -> None:
    """Thin lines between 8 by 8 pixels."""
    x, y, size, _ = box
    for at in range(1, 8):
        picture.line(x + at * size / 8, y, x + at * size / 8, y + size, stroke=GRID, stroke_opacity="0.6")
        picture.line(x, y + at * size / 8, x + size, y + at * size / 8, stroke=GRID, stroke_opacity="0.6")


def _signed(share: float) -> str:
    """A share as it fits into a pixel: a sign and two digits at most; nothing where it would be a zero."""
    text = f"{share:+.1f}" if abs(share) < 9.95 else f"{share:+.0f}"
    if text in ("+0.0", "-0.0"):
        return ""
    return (text if len(text) <= 4 else text[0]).replace("-", "\u2212")
