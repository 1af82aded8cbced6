"""Learning by heart, or learning the rule? A network trains on few points and is asked about points it never saw.

The gap between the two losses is what this lab is about: what makes it wide (too many weights, too few points, noise),
and what keeps it narrow (a price on large weights, dropout, stopping early). Every run that comes to its end is kept,
so that runs which differ in one setting alone can be compared.
"""

from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import ipywidgets as widgets
import numpy as np
import traitlets

from .. import datasets
from ..callbacks import EarlyStopping
from ..layers import Dense, Dropout, Input, Layer
from ..models import Sequential
from ..optimizers import Adam
from ..regularizers import L1L2
from ..svg.elements import Picture
from ..training import Data, report
from .base import Lab
from .controls import STYLE, Control, NumberSlider, button, choice, slider, switch, whole
from .generalization_picture import DATA, NAMES, draw

__all__ = ["GeneralizationLab", "Run", "points_of"]

DRAWN, HELD_OUT = 1000, 300  # points that are drawn, and how many of them are only for validation
BATCH_SIZE, LEARNING_RATE = 16, 0.01

GRIDS: dict[str, Sequence[float]] = {  # what "Try several" tries of each setting
    "units": (1, 2, 3, 5, 10, 20, 50, 100, 200),
    "points": (3, 5, 10, 20, 40, 100, 200, 500),
    "noise": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    "l2": (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    "l1": (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
    "dropout": (0.0, 0.1, 0.3, 0.5, 0.7, 0.9),
    "patience": (1, 3, 10, 30, 100),
}
OF_A_RUN = (*GRIDS, "early_stopping", "data", "epochs", "seed")


class _WholeSlider(NumberSlider):
    """A slider over round numbers that takes, from code, any whole number between its ends."""

    @traitlets.validate("value")
    def _validate_value(self, proposal: dict[str, Any]) -> float:
        if proposal["value"] != int(proposal["value"]):
            raise traitlets.TraitError(f"{self.description} is a whole number; got {proposal['value']:g}")
        return super()._validate_value(proposal)

    def _fitting(self, number: float) -> float:
        return float(round(number))


def _over(name: str, value: float, *, label: str, tip: str, more: bool = False) -> Control:
    """A slider over the numbers of ``GRIDS[name]``."""
    numbers = GRIDS[name]
    kind = _WholeSlider if isinstance(value, int) else NumberSlider

    def build(start: float) -> widgets.Widget:
        if not numbers[0] <= start <= numbers[-1] or (kind is _WholeSlider and start != int(start)):
            what = "a whole number" if kind is _WholeSlider else "a number"
            raise ValueError(f"{label} is {what} from {numbers[0]:g} to {numbers[-1]:g}; got {start!r}")
        return kind(float(start), numbers, description=label, tooltip=tip, style=STYLE, continuous_update=True)

    return Control(build, value, tip, more)


def points_of(data: str, points: int, noise: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x_train, y_train, x_val, y_val: the two classes take turns, so that even three points hold both.

    More points are the same ones and some more; the 300 held-out points are never among them.

    Shapes
    ------
    x_train    (points, 2);  x_val    (300, 2)
    """
    x, y = getattr(datasets, data)(DRAWN, noise, seed=0)
    pairs = min(np.sum(y == 0), np.sum(y == 1))
    turns = np.column_stack([np.flatnonzero(y == 0)[:pairs], np.flatnonzero(y == 1)[:pairs]]).ravel()
    train, held_out = turns[:points], turns[-HELD_OUT:]
    return x[train], y[train], x[held_out], y[held_out]


class Run:
    """A network on its way from its start to its last epoch, or to where early stopping ends it.

    ``curves`` has the loss on training points ("loss") and on held-out points ("val_loss"), before training and after
    each epoch: of the answers alone, without the price on weights, so that runs with different prices compare.
    """

    def __init__(self, **settings: Any) -> None:
        s = self.settings = SimpleNamespace(**settings)
        s.units, s.points = int(s.units), int(s.points)
        self.x_train, self.y_train, self.x_val, self.y_val = points_of(s.data, s.points, s.noise)
        price = L1L2(s.l1, s.l2) if s.l1 or s.l2 else None
        hidden = Dense(s.units, "relu", kernel_regularizer=price)
        layers: list[Layer] = [hidden, Dense(1, "sigmoid", kernel_regularizer=price)]
        if s.dropout:
            layers.insert(1, Dropout(s.dropout))
        self.model = Sequential([Input((2,)), *layers], seed=s.seed)
        self.model.compile(Adam(LEARNING_RATE), "binary_crossentropy", ["accuracy"])
        self._data = [self.model._data(*each) for each in ((self.x_train, self.y_train), (self.x_val, self.y_val))]
        self._steps = self.model.iter_fit(self.x_train, self.y_train, BATCH_SIZE, s.epochs)
        self.watch = EarlyStopping("val_loss", patience=s.patience, restore_best_weights=True)
        self.watch.model = self.model
        self.watch.on_train_begin()
        self.epoch = 0
        self.stop: int | None = None  # the epoch in which early stopping stops, or would have
        self.ended = False
        self.scores = self._judge()
        self.curves = {name: [self.scores[name]] for name in ("loss", "val_loss")}

    @property
    def weights(self) -> int:
        """How many numbers the network learns, biases included."""
        return self.model.count_params()

    @property
    def best(self) -> int:
        """The epoch that early stopping goes back to; 0 before training."""
        return self.watch.best_epoch + 1 if self.epoch else 0

    @property
    def waited(self) -> int:
        """For how many epochs early stopping has seen no better loss."""
        return self.watch.wait

    @property
    def gap(self) -> float:
        """How much larger the loss is on held-out points than on training points."""
        return self.scores["val_loss"] - self.scores["loss"]

    @property
    def key(self) -> tuple[Any, ...]:
        """All settings that this run depends on."""
        return _key(vars(self.settings))

    def _judge(self) -> dict[str, float]:
        def score(data: Data) -> dict[str, float]:
            self.model._forward(data.x)
            return report(self.model, data.t, self.model.layers[-1].z, None, penalty=0.0)

        train, held_out = map(score, self._data)
        return train | {f"val_{name}": value for name, value in held_out.items()}

    def advance(self) -> bool:
        """One epoch; says whether it was the last."""
        next(self._steps)
        self.epoch += 1
        self.scores = self._judge()
        for name, values in self.curves.items():
            values.append(self.scores[name])
        if self.stop is None:
            self.watch.on_epoch_end(self.epoch - 1, {"val_loss": self.scores["val_loss"]})
            if self.model.stop_training:
                self.stop = self.epoch
        stopped = self.settings.early_stopping and self.stop is not None
        self.ended = stopped or self.epoch == self.settings.epochs
        if self.ended and self.settings.early_stopping:
            self.watch.on_train_end()  # the best weights again
            self.scores = self._judge()
        return self.ended


def _key(settings: dict[str, Any]) -> tuple[Any, ...]:
    """What two runs with the same numbers have in common: patience counts only where it may stop the run."""
    patience = settings["patience"] if settings["early_stopping"] else 0
    return tuple(patience if name == "patience" else settings[name] for name in OF_A_RUN)


class GeneralizationLab(Lab):
    """A network 2-N-1 learns some points and is judged by 300 others: what closes the gap between the two losses?

    ``lab.state`` has ``run`` (its ``epoch``, ``curves``, ``scores``, ``gap``, ``stop``, ``best``, ``x_train``,
    ``y_train``, ``x_val``, ``y_val``), ``model``, each control's value under its name, and ``runs``: the final losses
    of every run that came to its end. ``lab.code()`` is the program that trains the same network. ``show=[...]`` leaves
    out all controls but these.
    """

    step_label, step_tip = "One epoch", "Train until every training point has been seen once more"
    controls: Any = {
        "units": _over(
            "units", 50, label="Hidden units", tip="The width of the network: how many units it can bend with"
        ),
        "points": _over("points", 40, label="Training points", tip="How many points are learned from"),
        "noise": slider(0.3, 0.0, 0.5, 0.05, label="Noise", tip="How much chance there is in the data"),
        "l2": _over("l2", 0.0, label="L2", tip="A price on the square of each weight: keeps all of them small"),
        "dropout": slider(
            0.0,
            0.0,
            0.9,
            0.1,
            label="Dropout",
            tip="The share of hidden units that is left out of each update, at random",
        ),
        "early_stopping": switch(
            False,
            label="Early stopping",
            tip="Stop when the validation loss has not become better for a while, and go back to the best weights",
        ),
        "l1": _over("l1", 0.0, label="L1", tip="A price on the size of each weight: pushes weights to zero", more=True),
        "patience": slider(
            30, 1, 100, label="Patience", tip="For how many epochs early stopping waits for a better loss", more=True
        ),
        "data": choice("circle", DATA, label="Data", tip="What is to be learned", more=True),
        "epochs": slider(300, 50, 1000, 50, label="Epochs of a run", tip="How long a run is", more=True),
        "seed": whole(
            0, 0, 9999, label="Seed", tip="What first weights and order of the points are drawn from", more=True
        ),
        "pace": slider(
            60,
            5,
            300,
            5,
            label="Epochs a second",
            tip="How fast playing goes, if this computer can",
            more=True,
            draws=False,
        ),
        "against": choice(
            "units",
            [(label, name) for name, label in NAMES.items()],
            label="Compare",
            tip="The setting on the axis of the last chart; all others stay as they are",
        ),
        "several": button(
            "Try several", tip="One run for each of several values of the setting that is compared", icon="bar-chart"
        ),
    }
    about: ClassVar[list[tuple[str, str]]] = [
        (
            "Map",
            "What the network says at every place of the plane: orange for class 0, blue for class 1, white where it "
            "cannot decide. The line between the colours is its border.",
        ),
        (
            "Points",
            "Filled: the training points, which it learns from. Small, with a hole: the held-out points, which it "
            "never learns from. Orange squares are class 0, blue discs class 1. A point on a ground of the other "
            "colour is a mistake.",
        ),
        (
            "Training loss, validation loss",
            "How wrong the network is (the mean cross-entropy of its answers), on the training points and on the 300 "
            "held-out points. A price on weights is not counted in, so that all runs can be compared.",
        ),
        (
            "Right, of each",
            "The share of points whose class it gets right: of the training points, and of the held-out points.",
        ),
        ("Gap", "Validation loss minus training loss. Wide: it knows its points by heart, and not the rule."),
        (
            "Weights, points",
            "How many numbers the network can choose, biases included, and how many points tell it how. Each hidden "
            "unit brings four weights: two inputs, a bias, and its way to the output. The output has a bias too.",
        ),
        (
            "Best, stop",
            "Early stopping looks at the validation loss after each epoch. Dotted line: the best epoch so far. Dashed "
            "line: where the loss had not become better for as many epochs as Patience says. With Early stopping "
            "switched on the run ends there, and the weights of the best epoch come back; otherwise it goes on.",
        ),
        (
            "Final losses",
            "One pair of marks for each run that came to its end and differs from the run of now in the compared "
            "setting alone. The dotted line is the setting of now. Every run that you finish is added. Try several "
            "makes a row of them, one epoch at a time; you can pause it, and at its end your own run is back.",
        ),
        (
            "Hidden units",
            "The width. Few units can draw only a simple border; many can draw a border around each point.",
        ),
        ("Training points", "More points are the same points and some more."),
        (
            "Noise",
            "How many points lie on the wrong side, or how far they are scattered. What is pure chance in the training "
            "points cannot be found in any others.",
        ),
        (
            "L1, L2",
            "A price on large weights that is paid in training: L2 on their squares keeps all of them small, L1 on "
            "their sizes pushes many to zero.",
        ),
        (
            "Dropout",
            "In each update this share of the hidden units is silent, drawn anew each time, so that no unit can rely "
            "on another. When the network is judged, all units answer.",
        ),
        (
            "Seed, Reset",
            "The same seed gives the same first weights and the same order. Reset, and a change of any setting, begins "
            "the run again from there. The points stay the same.",
        ),
    ]

    def __init__(self, *, hide: Iterable[str] = (), show: Iterable[str] | None = None, **start: Any) -> None:
        hide = [hide] if isinstance(hide, str) else list(hide)
        if show is not None:
            show = [show] if isinstance(show, str) else list(show)
            known = ["play", "step", "reset", *type(self).controls]
            for unknown in [name for name in show if name not in known]:
                raise TypeError(f"GeneralizationLab has no control {unknown!r}; it has {', '.join(known)}")
            hide += [name for name in known if name not in show]
        super().__init__(hide=hide, **start)

    # The state.

    def start(self, state: SimpleNamespace) -> None:
        if not hasattr(state, "runs"):
            state.runs = {}
        state.plan, state.planned, state.own = [], 0, None
        self._show(state, Run(**{name: getattr(state, name) for name in OF_A_RUN}))

    @staticmethod
    def _show(state: SimpleNamespace, run: Run) -> None:
        state.run, state.model = run, run.model

    def changed(self, state: SimpleNamespace, name: str) -> None:
        if name in OF_A_RUN:
            self.restart()
        elif name == "against" and state.own is not None:
            self._set_playing(False)
            self._back_to_own(state)

    # Several runs.

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        if name == "several":
            self._back_to_own(state)
            if state.against == "patience" and not state.early_stopping:
                self.stage.say("Patience is early stopping's: switch that on, and try again.")
                return
            settings = vars(state.run.settings)
            plan = [settings | {state.against: value} for value in GRIDS[state.against]]
            state.plan = [each for each in plan if _key(each) not in state.runs]
            state.planned = len(state.plan)
            if not state.plan:
                self.stage.say("The chart has all of these runs already. Change another setting, and try again.")
                return
            state.own = state.run
            self._next_of_plan(state)
            if self._loop is not None and self._loop.is_running():
                self.play()

    def _next_of_plan(self, state: SimpleNamespace) -> None:
        self._show(state, Run(**state.plan.pop(0)))

    def _back_to_own(self, state: SimpleNamespace) -> None:
        """The learner's own run as it was before several others were tried."""
        if state.own is not None:
            self._show(state, state.own)
        state.plan, state.planned, state.own = [], 0, None

    # Training.

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        while True:
            run: Run = state.run
            if not run.ended:
                if run.advance():
                    state.runs[run.key] = run.scores
            elif state.plan:
                self._next_of_plan(state)
            elif state.own is not None:
                self._back_to_own(state)
                self.stage.say("All runs are in the last chart. Your own run is back.")
                return
            else:
                self.stage.say(self._ending(run))
                return
            yield run.epoch

    @staticmethod
    def _ending(run: Run) -> str:
        if run.settings.early_stopping and run.stop is not None:
            return (
                f"Stopped early, after epoch {run.stop}: the validation loss had not become better for "
                f"{run.settings.patience} epochs. The weights are those of epoch {run.best} again."
            )
        if run.settings.early_stopping:
            return f"All {run.epoch} epochs are done. The weights are those of the best epoch, {run.best}, again."
        return f"All {run.epoch} epochs are done. Change a setting to begin a new run, or press Reset."

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return state.pace if state.own is None else 10 * state.pace

    # The picture, and the program.

    def facts(self, state: SimpleNamespace) -> dict[str, float]:
        run: Run = state.run
        facts = {name: float(getattr(run.settings, name)) for name in OF_A_RUN if name != "data"}
        facts |= dict(run.scores, gap=run.gap, epoch=run.epoch, weights=run.weights, held_out=len(run.x_val))
        facts |= {"best": run.best, "best_loss": run.curves["val_loss"][run.best], "stop": run.stop or 0}
        facts |= {"tried": state.planned - len(state.plan), "planned": state.planned}
        runs = self.comparable(state)
        if len(runs) > 1:
            value, _, val_loss = min(runs, key=lambda run: run[2])
            facts |= {"compared": len(runs), "compared_best": value, "compared_val_loss": val_loss}
        return facts

    def picture(self, state: SimpleNamespace) -> Picture:
        return draw(state, self.describe(state, self.facts(state)), self.comparable(state))

    def comparable(self, state: SimpleNamespace) -> list[tuple[float, float, float]]:
        """The runs that differ from the one of now in the compared setting alone: its value, training loss, validation
        loss."""
        own: Run = state.own or state.run
        if state.against == "patience" and not own.settings.early_stopping:
            return []
        place = OF_A_RUN.index(state.against)
        rest = [*own.key[:place], *own.key[place + 1 :]]
        alike = [(key[place], s) for key, s in state.runs.items() if [*key[:place], *key[place + 1 :]] == rest]
        return sorted((float(value), scores["loss"], scores["val_loss"]) for value, scores in alike)

    @staticmethod
    def describe(state: SimpleNamespace, facts: dict[str, float]) -> str:
        """The line under the picture."""
        run: Run = state.run
        words = f"Epoch {run.epoch} of {run.settings.epochs} (seed {run.settings.seed}). "
        if state.own is not None:
            value = getattr(run.settings, state.against)
            words += f"Run {state.planned - len(state.plan)} of {state.planned}: {NAMES[state.against]} {value:g}. "
        units = "1 hidden unit" if run.settings.units == 1 else f"{run.settings.units} hidden units"
        words += f"A network of {units} has {run.weights} weights for {run.settings.points} training points. "
        words += (
            f"Its loss is {facts['loss']:.3f} on these and {facts['val_loss']:.3f} on {len(run.x_val)} held-out "
            f"points, a gap of {run.gap:.2f}. "
        )
        if not run.epoch:
            words += "It has not learned anything yet."
        else:
            words += f"The validation loss was best in epoch {run.best}, with {facts['best_loss']:.3f}. "
            if run.settings.early_stopping and run.ended:
                words += f"The run ended after epoch {run.epoch}, and the best weights are back."
            elif run.stop is not None:
                words += f"Early stopping would have ended the run after epoch {run.stop}."
            else:
                words += "Early stopping would still wait."
        if "compared" in facts:
            words += (
                f" Of {facts['compared']} compared runs, the best validation loss is {facts['compared_val_loss']:.3f}, "
                f"at {NAMES[state.against]} {facts['compared_best']:g}."
            )
        return words

    def code(self) -> str:
        """The program that trains the network on the screen from its start for as many epochs."""
        run: Run = self.state.run
        s = run.settings
        stops = s.early_stopping and run.ended
        priced = bool(s.l1 or s.l2)
        network = run.model.code()
        own_metric = watch = ""
        if stops:
            monitor = "val_cross_entropy" if priced else "val_loss"
            stopping = f'EarlyStopping("{monitor}", patience={s.patience}, restore_best_weights=True)'
            watch = f", callbacks=[{stopping}]"
        if priced and stops:
            own_metric = (
                "\ndef cross_entropy(y, answers):  # the loss without the price on weights\n"
                '    return losses.get("binary_crossentropy")(y, answers)\n\n\n'
            )
            network = network.replace('metrics=["accuracy"]', 'metrics=["accuracy", cross_entropy]')
        imports, network = network.split("\n\n", 1)
        return (
            f"import numpy as np\n{imports}\nfrom annlab import datasets{', losses' if own_metric else ''}\n"
            + ("from annlab.callbacks import EarlyStopping\n" if stops else "")
            + f"\n{own_metric}x, y = datasets.{s.data}({DRAWN}, noise={s.noise:g}, seed=0)\n"
            "pairs = min(np.sum(y == 0), np.sum(y == 1))  # the two classes take turns\n"
            "turns = np.column_stack([np.flatnonzero(y == 0)[:pairs], np.flatnonzero(y == 1)[:pairs]]).ravel()\n"
            f"x_train, y_train = x[turns[:{s.points}]], y[turns[:{s.points}]]\n"
            f"x_val, y_val = x[turns[-{HELD_OUT}:]], y[turns[-{HELD_OUT}:]]\n\n"
            f"{network}model.fit(x_train, y_train, batch_size={BATCH_SIZE}, "
            f"epochs={s.epochs if run.ended else run.epoch}, validation_data=(x_val, y_val){watch}, verbose=0)\n"
            "print(model.evaluate(x_val, y_val))\n"
        )

    # The widgets.

    def _arrange(self, hide: set[str]) -> widgets.VBox:
        """What belongs to the last chart stands in a row of its own."""
        compare = [name for name in ("against", "several") if name not in hide]
        box = super()._arrange(hide | {"against", "several"})
        row = widgets.Box([self.controls[name] for name in compare]).add_class("annlab-row")
        *rows, stage = box.children
        box.children = (*rows, *([row] if compare else []), stage)
        return box
