"""The same network in Keras: the same weights, the same batches, trained beside annlab's own.

Keras is large, may take long to start, and may not be there at all. So it works in a process of its own and is given
some seconds. Where it does not answer, the article's network is read from a small file, which holds what Keras gave
when the file was made, and ``how`` says which of the two it was. This command makes the file anew:

    python -m annlab.keras_twin
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .checks import number, whole
from .models import Sequential
from .svg import charts
from .svg.elements import BLUE, ORANGE, Picture

__all__ = ["ARTICLE", "STORED", "NoKeras", "Twin", "beside", "train"]

STORED = Path(__file__).parent / "data" / "keras_article.json"
PATIENCE = 20.0  # seconds for Keras to start and to train
START = 350  # the seed of the first weights
BACKENDS = ("tensorflow", "torch", "jax")

ARTICLE = """
from keras.models import Sequential
from keras.layers import Dense

model = Sequential()
model.add(Dense(input_dim = 2, units = 10, activation='relu', kernel_initializer='uniform'))
model.add(Dense(units = 20, activation='relu', kernel_initializer='uniform'))
model.add(Dense(units = 1, activation='sigmoid', kernel_initializer='uniform'))
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
"""
"""The article's program, word for word, without its data."""

# Three spellings to try, and what each is asked.
SPELLINGS = {
    "input_dim": "Dense(input_dim=2, units=10)",
    "output_dim and init": "Dense(output_dim=10, init='uniform', input_dim=2)",
    "no input size": "Sequential([Dense(10)]).count_params()",
}

# What the other process runs; its arguments are a folder and, in the folder, a network, its data and its orders.
PROGRAM = """
import json, sys, warnings
from pathlib import Path

import keras
from keras import Sequential
from keras.layers import Dense

import numpy as np
import annlab

folder = Path(sys.argv[1])
orders = json.loads((folder / "orders.json").read_text(encoding="utf-8"))
data = np.load(folder / "data.npz")
twin = annlab.load(folder / "network.npz").to_keras()
history = twin.fit(data["x"], data["y"], shuffle=False, verbose=0, **orders["fit"]).history
answers = {}
for name, expression in orders["spellings"].items():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            eval(expression)
            answers[name] = str(said[0].message) if said else ""
        except Exception as error:
            answers[name] = f"{type(error).__name__}: {error}"
result = {
    "losses": [float(loss) for loss in history["loss"]],
    "says": answers,
    "versions": {"keras": keras.__version__, "backend": keras.backend.backend()},
}
(folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
"""


_KNOWN: dict[str, dict[str, Any]] = {}  # what Keras gave since this program began, by fingerprint


class NoKeras(RuntimeError):
    """Keras could not be asked, and nothing is stored for this network either."""


@dataclass(frozen=True)
class Twin:
    """What Keras gave.

    ``losses`` has one number for each epoch, ``says`` what Keras answers to three spellings of a layer, ``versions``
    names Keras and its backend, ``live`` is whether this was computed just now, and ``how`` says it in a sentence.
    """

    losses: list[float]
    says: dict[str, str]
    versions: dict[str, str]
    live: bool
    how: str


def train(
    model: Sequential, x: Any, y: Any, *, batch_size: int = 32, epochs: int = 1, patience: float = PATIENCE
) -> Twin:
    """Train the network that ``model.to_keras()`` gives, on the same rows in the same order; ``model`` stays as it is.

    Where Keras is missing, fails, or takes more than ``patience`` seconds, the stored result is taken, if there is one
    for exactly this network, this data and these settings.

    Raises
    ------
    NoKeras                if there is neither.
    ValueError, TypeError  for a network that is not compiled or not built, or settings that are no numbers.
    """
    fit = {"batch_size": whole("batch_size", batch_size), "epochs": whole("epochs", epochs)}
    patience = number("patience", patience, above=0)
    if model.loss is None:
        raise ValueError("this network is not compiled, so there is no loss to compare; call model.compile first")
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    key, trouble = _fingerprint(model, x, y, fit), _trouble()
    if not trouble:
        try:
            result = _KNOWN.get(key) or _ask(model, x, y, fit, patience)
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            trouble = _explain(error, patience)
        else:
            _KNOWN[key] = result
            versions = result["versions"]
            how = f"Keras {versions['keras']} trained this network here, on its backend {versions['backend']}."
            return Twin(result["losses"], result["says"], versions, True, how)
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    if stored["fingerprint"] != key:
        raise NoKeras(f"{trouble}, and no result is stored for this network. Install Keras: pip install keras torch")
    how = f"{trouble}, so these are the numbers that Keras {stored['versions']['keras']} gave when they were stored."
    return Twin(stored["losses"], stored["says"], stored["versions"], False, how)


def _trouble() -> str:
    """Why Keras cannot even be asked; empty where it can."""
    if importlib.util.find_spec("keras") is None:
        return "Keras is not installed here"
    if not any(importlib.util.find_spec(name) for name in BACKENDS):
        return f"Keras is installed here, but none of the libraries that it computes with ({', '.join(BACKENDS)})"
    return ""


def _ask(model: Sequential, x: np.ndarray, y: np.ndarray, fit: dict[str, int], patience: float) -> dict[str, Any]:
    """Let another process train the twin, and read what it wrote."""
    backend = os.environ.get("KERAS_BACKEND") or next(name for name in BACKENDS if importlib.util.find_spec(name))
    here = str(Path(__file__).resolve().parent.parent)
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")])),
        "OMP_NUM_THREADS": "1",  # so small a network is not worth a second
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    with tempfile.TemporaryDirectory(prefix="annlab-keras-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        model.save(folder / "network.npz")
        np.savez(folder / "data.npz", x=x, y=y)
        (folder / "orders.json").write_text(json.dumps({"fit": fit, "spellings": SPELLINGS}), encoding="utf-8")
        command = [sys.executable, "-c", PROGRAM, str(folder)]
        options: dict[str, Any] = {"capture_output": True, "text": True, "errors": "replace", "check": True}
        subprocess.run(command, cwd=folder, env=environment, timeout=patience, stdin=subprocess.DEVNULL, **options)
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return {name: result[name] for name in ("losses", "says", "versions")}


def _explain(error: Exception, patience: float) -> str:
    """What went wrong with the other process, as the beginning of a sentence."""
    if isinstance(error, subprocess.TimeoutExpired):
        return f"Keras is installed here, but did not answer in time ({patience:g} s)"
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, subprocess.CalledProcessError):
        words = error.stderr.strip() or f"it ended without a word, with the exit status {error.returncode}"
    return f"Keras is installed here, but did not run ({words.splitlines()[-1].rstrip('.')})"


def _fingerprint(model: Sequential, x: np.ndarray, y: np.ndarray, fit: dict[str, int]) -> str:
    """The same for the same network, data and settings, on every machine: the last digits of numbers are left out."""
    config = [{"class": type(layer).__name__, **layer.config(), "name": None} for layer in model.layers]
    assert model.optimizer is not None
    assert model.loss is not None
    words = [config, model.optimizer.config(), model.loss.name, fit]
    digits = [(np.round(part, 6) + 0.0).astype("<f8").tobytes() for part in (model.parameters, x, y)]
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode() + b"".join(digits)).hexdigest()[:16]


# --- the article ----------------------------------------------------------------------------------------------------


def article() -> tuple[Sequential, np.ndarray, np.ndarray]:
    """The article's network with a start that is the same everywhere, and 300 points, inside a circle or outside.

    Of the starts tried this is the one whose losses keep furthest from the middle between two thousandths, so that
    rounding shows the same three digits with every backend.
    """
    from .datasets import circle

    scope: dict[str, Any] = {}
    exec(ARTICLE.replace("keras", "annlab"), scope)
    model: Sequential = scope["model"]
    model.parameters = np.random.default_rng(START).uniform(-0.05, 0.05, model.count_params())
    return model, *circle(300, seed=5)


def store() -> Path:
    """Train the article's network in Keras now and keep what came out; returns the file."""
    model, x, y = article()
    fit = {"batch_size": 64, "epochs": 30}
    if trouble := _trouble():
        raise NoKeras(f"{trouble}, so there is nothing to store. Install Keras: pip install keras torch")
    result = _ask(model, x, y, fit, 300.0)
    result["losses"] = [round(loss, 6) for loss in result["losses"]]
    kept = {"fingerprint": _fingerprint(model, x, y, fit), **result}
    STORED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8", newline="\n")
    return STORED


# --- side by side ---------------------------------------------------------------------------------------------------


class Beside:
    """The losses of the same run in annlab and in Keras, in three digits: two curves, and a table."""

    def __init__(self, ours: Sequence[float], theirs: Sequence[float]) -> None:
        if not len(ours) == len(theirs) > 0:
            raise ValueError(f"expected as many losses of annlab as of Keras; got {len(ours)} and {len(theirs)}")
        self.ours, self.theirs = ([round(float(loss), 3) for loss in losses] for losses in (ours, theirs))

    def table(self) -> str:
        """The losses of a few epochs, with three digits."""
        count = len(self.ours)
        epochs = sorted({1, *(max(round(count * part / 5), 1) for part in range(1, 6))})
        rows = [f"{epoch:5}   {self.ours[epoch - 1]:.3f}   {self.theirs[epoch - 1]:.3f}" for epoch in epochs]
        return "\n".join(["epoch  annlab   Keras", *rows])

    def picture(self) -> Picture:
        """Both curves in one chart; the dashes of Keras lie over the line of annlab."""
        count, highest = len(self.ours), max(*self.ours, *self.theirs)
        apart = max(abs(a - b) for a, b in zip(self.ours, self.theirs, strict=True))
        far = f"they differ by {apart:.3f} at most" if apart else "no epoch differs in the first three digits"
        words = f"Loss after {count} epochs: {self.ours[-1]:.3f} in annlab, {self.theirs[-1]:.3f} in Keras; {far}."
        picture = Picture(560, 300, "The loss of the same network in annlab and in Keras", words)
        epochs = range(1, count + 1)
        curves = [
            charts.Curve("annlab", epochs, self.ours, BLUE),
            charts.Curve("Keras", epochs, self.theirs, ORANGE, "5 7"),
        ]
        axes = {"x_high": charts.round_up(count), "y_high": charts.round_up(highest), "digits": 3}
        charts.line_chart(picture, (0, 0, 560, 300), curves, title="Loss", x_label="epoch", **axes)  # type: ignore[arg-type]
        return picture

    def __repr__(self) -> str:
        return f"{self.picture().description}\n{self.table()}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.picture().still()}


def beside(history: Any, twin: Twin) -> Beside:
    """What annlab's ``fit`` returned (or a list of losses) beside Keras's; the end of a notebook's cell shows it.

    Raises
    ------
    ValueError  where one has more epochs than the other.
    """
    losses = getattr(history, "history", {"loss": history})["loss"]
    return Beside(losses, twin.losses)


if __name__ == "__main__":
    print(store())
