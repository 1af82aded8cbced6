"""What happens around training: remembering, reporting, stopping.

``fit`` tells each callback when training and epochs begin and end. The names of the methods and the arguments are
Keras's. ``History`` is always there; ``EarlyStopping`` stops when nothing gets better any more.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from .checks import number, whole

Logs = dict[str, float]


def _shown(value: float) -> str:
    """Four decimals, and four digits where a number is huge."""
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.4g}"


class Callback:
    """Base class: override what you want to hear of. ``self.model`` is the network that trains.

    Set ``self.model.stop_training = True`` to end training after this epoch.
    """

    model: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None: ...

    def on_train_end(self, logs: Logs | None = None) -> None: ...

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None: ...

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None: ...

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...


class History(Callback):
    """``history["loss"]``, ``history["val_loss"]`` ...: a number for each epoch; ``epoch``: which epochs they were."""

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        ends = {name: values[-1] for name, values in self.history.items()}
        last = ", ".join(f"{name} {_shown(end)}" for name, end in ends.items())
        return f"<History of {len(self.epoch)} epochs{': ' + last if last else ''}>"


class EarlyStopping(Callback):
    """Stop when ``monitor`` has not become better by more than ``min_delta`` for ``patience`` epochs.

    ``mode`` "min" or "max" says what better is; "auto" takes "max" for accuracy, r2 and scores.
    ``restore_best_weights`` puts back the weights of the best epoch at the end.

    Source: Prechelt 1998.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ):
        if not isinstance(monitor, str):
            raise TypeError(f"monitor should be a name such as 'val_loss'; got {monitor!r}")
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode should be 'auto', 'min' or 'max'; got {mode!r}")
        self.monitor, self.verbose = monitor, verbose
        self.baseline = None if baseline is None else number("baseline", baseline)
        self.min_delta = abs(number("min_delta", min_delta))
        self.patience = whole("patience", patience, 0)
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = whole("start_from_epoch", start_from_epoch, 0)
        more_is_better = mode == "max" or (mode == "auto" and any(word in monitor for word in ("acc", "r2", "score")))
        self.sign = 1 if more_is_better else -1

    def on_train_begin(self, logs=None):
        self.wait, self.stopped_epoch, self.best_epoch = 0, 0, 0
        self.best: float | None = None
        self.best_weights: list[Any] | None = None

    def check(self, reported: Iterable[str]) -> None:
        """Whether what is watched will be reported at all."""
        if self.monitor not in reported:
            advice = "; give fit validation_data or validation_split" if self.monitor.startswith("val_") else ""
            raise ValueError(
                f"EarlyStopping watches {self.monitor!r}, but training reports {', '.join(reported)}{advice}"
            )

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        self.check(logs)
        if epoch < self.start_from_epoch:
            return
        value = logs[self.monitor]
        self.wait += 1
        if self.best is None or self._better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._better(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _better(self, value: float, than: float) -> bool:
        return self.sign * value - self.min_delta > self.sign * than

    def on_train_end(self, logs=None):
        if self.restore_best_weights and self.best_weights is not None:
            self.model.set_weights(self.best_weights)
        if self.stopped_epoch and self.verbose:
            print(f"Stopped early after epoch {self.stopped_epoch + 1}; the best was epoch {self.best_epoch + 1}.")


class LearningRateScheduler(Callback):
    """``schedule(epoch, learning_rate) -> learning_rate`` at the start of every epoch."""

    def __init__(self, schedule: Callable[[int, float], float], verbose: int = 0):
        if not callable(schedule):
            raise TypeError(f"schedule should be a function (epoch, learning_rate) -> learning_rate; got {schedule!r}")
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch, logs=None):
        optimizer = self.model.optimizer
        optimizer.learning_rate = self.schedule(epoch, optimizer.current_learning_rate)
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate {optimizer.learning_rate:g}.")

    def on_epoch_end(self, epoch, logs=None):
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.current_learning_rate


class LambdaCallback(Callback):
    """Functions of your own: ``LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))``."""

    def __init__(self, **functions: Callable[..., Any]):
        known = [name for name in dir(Callback) if name.startswith("on_")]
        for name, function in functions.items():
            if name not in known:
                raise ValueError(f"LambdaCallback knows {', '.join(known)}; got {name!r}")
            if not callable(function):
                raise TypeError(f"{name} should be a function; got {function!r}")
            setattr(self, name, function)


def progress_bar(*items: Any, **options: Any) -> Any:
    """The bar of tqdm that suits the place: a terminal, a notebook, or a notebook that runs in the browser alone."""
    if sys.platform == "emscripten" and "IPython" in sys.modules:
        # tqdm takes JupyterLite for a terminal, and would have a thread look after its bars where there are none.
        from tqdm.notebook import tqdm

        tqdm.monitor_interval = 0
    else:
        from tqdm.auto import tqdm
    return tqdm(*items, dynamic_ncols=True, **options)


class ProgressBar(Callback):
    """tqdm's progress bar, in a terminal and in a notebook, with the latest loss and metrics beside it."""

    def begin(self, epochs: range, batches: int) -> None:
        self.bar = progress_bar(total=len(epochs) * batches, unit="batch", desc="training", leave=True)
        self.last = epochs.stop

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_description(f"epoch {epoch + 1}/{self.last}", refresh=False)
        self.bar.set_postfix({name: _shown(value) for name, value in (logs or {}).items()})

    def on_train_end(self, logs=None):
        self.bar.close()


class EpochLines(Callback):
    """One plain line for each epoch: ``verbose=2``."""

    def on_epoch_end(self, epoch, logs=None):
        print(f"epoch {epoch + 1}: " + ", ".join(f"{name} {_shown(value)}" for name, value in (logs or {}).items()))


class CallbackList:
    """All callbacks of one ``fit``: what it tells one, it tells all."""

    def __init__(self, callbacks: Iterable[Callback] | Callback | None, model: Any, verbose: Any):
        given: list[Any] = list(callbacks or []) if isinstance(callbacks, list | tuple | None) else [callbacks]
        for callback in given:
            if not isinstance(callback, Callback):
                raise TypeError(f"callbacks should be a list of callbacks such as EarlyStopping(); got {callback!r}")
        if not isinstance(verbose, str | int) or verbose not in ("auto", 0, 1, 2):
            raise ValueError(f"verbose should be 'auto', 0, 1 or 2; got {verbose!r}")
        self.history = History()
        self.bar = ProgressBar() if verbose in ("auto", 1) else None
        reports: list[Callback] = [self.bar] if self.bar else [EpochLines()] if verbose == 2 else []
        self.callbacks: list[Callback] = [*given, self.history, *reports]
        own = [
            type(c).on_train_batch_end is not Callback.on_train_batch_end or "on_train_batch_end" in vars(c)
            for c in given
        ]
        self.batch_logs = any(own)  # logs for each batch cost as much as the batch, so they are made only for these
        self.batches = self.batch_logs or self.bar is not None
        self.model = model

    def check(self, reported: list[str]) -> None:
        """Before anything changes: will there be what an EarlyStopping watches? Other callbacks may add to the logs."""
        if all(isinstance(callback, EarlyStopping | History | ProgressBar | EpochLines) for callback in self.callbacks):
            for callback in self.callbacks:
                if isinstance(callback, EarlyStopping):
                    callback.check(reported)

    def train_begin(self, epochs: range, batches: int) -> None:
        self.model.history = self.history
        if self.bar:
            self.bar.begin(epochs, batches)
        for callback in self.callbacks:
            callback.model = self.model
            callback.on_train_begin({})

    def epoch_begin(self, epoch: int) -> None:
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, {})

    def batch_end(self, step: Any) -> None:
        logs = {name: value for name, value in step.logs.items() if not name.startswith("val_")}
        for callback in self.callbacks:
            callback.on_train_batch_end(step.batch, logs)

    def epoch_end(self, step: Any) -> None:
        for callback in self.callbacks:
            callback.on_epoch_end(step.epoch, step.logs)

    def train_end(self) -> None:
        for callback in self.callbacks:
            callback.on_train_end({})
