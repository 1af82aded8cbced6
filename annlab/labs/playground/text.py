"""A run as text: the line that holds its settings, and the program that repeats it."""

import base64
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..controls import whole_between
from .data import INPUTS, MOST_CLASSES, NUMBER, PROGRAMS, Points, own
from .run import Run
from .settings import CONTROLS, LAYERS, PRESETS

__all__ = ["program", "read", "write"]

NOT_WRITTEN = {
    "back",
    "value",
    "program",
    "share",
    "preset",
    "table",
    "csv",
    "pointer",
    "second",
    "units",
    "activation",
}
LEARNS = [name for name in CONTROLS if name not in NOT_WRITTEN and CONTROLS[name].value is not None]
ON = {True: "on", False: "off"}
MOST_EPOCHS = 100_000  # that a line asks for; a longer run is told by its weights


def write(state: SimpleNamespace) -> str:
    """All settings that differ from the Playground's own, the epochs trained, and own points, as one line.

    Where settings changed while it trained, the weights themselves stand in it instead of the epochs.
    """
    run: Run = state.run
    parts = []
    for name in LEARNS:
        value = getattr(state, name)
        unused = name.split("_")[0] in ("units", "activation") and int(name.rsplit("_", 1)[1]) > state.layers
        if value != CONTROLS[name].value and not unused:
            parts.append(f"{name}={_word(value)}")
    if state.data == "own":
        places = np.rint(run.own.x * 1000).astype("<i2").tobytes()
        kind = "number" if run.own.kind == NUMBER else "class"
        answers = run.own.y.astype("<f4" if kind == "number" else "<i1").tobytes()
        parts.append(f"own={kind},{len(run.own.x)},{_letters(places + answers)}")
    by_hand = run.set_by_hand
    if run.pure and 0 < run.epoch <= MOST_EPOCHS and run.at >= len(run.x_train) and not by_hand:
        parts.append(f"epochs={run.epoch}")
    elif run.updates or by_hand:
        parts.append(f"weights={_letters(run.model.parameters.astype('<f4').tobytes())}")
    return " ".join(parts) or f"data={state.data}"


def read(line: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings in a line (or of a preset of that name), and what else it holds: own points, epochs, weights.

    Raises
    ------
    ValueError  for a word that is no setting, with the word.
    """
    settings: dict[str, Any] = {}
    more: dict[str, Any] = {}
    if not isinstance(line, str):
        raise TypeError(f"Playground reads its settings from a text such as 'data=spiral layers=2'; got {line!r}")
    presets = {name.lower(): settings for name, settings in PRESETS.items()}
    for word in presets.get(line.strip().lower(), line).split():
        name, equals, text = word.partition("=")
        if not equals or (name not in LEARNS and name not in ("own", "epochs", "weights")):
            raise ValueError(f"the Playground does not know {word!r}; it reads words such as data=spiral or seed=3")
        try:
            if name == "own":
                more[name] = _read_own(text)
            elif name == "epochs":
                more[name] = whole_between("epochs", _number(int, text), 0, MOST_EPOCHS)
            elif name == "weights":
                data = _bytes(text)
                if len(data) % 4:
                    raise ValueError("the weights in it are not complete")
                more[name] = np.frombuffer(data, "<f4").astype(float)
                if not np.isfinite(more[name]).all():
                    raise ValueError("it holds a weight that is no number")
            else:
                settings[name] = _read_value(name, text)
                CONTROLS[name].build(settings[name]).close()  # asks whether such a value can be
        except (ValueError, KeyError) as error:
            raise ValueError(f"the Playground cannot read {word[:60]!r}: {error}") from None
    return settings, more


def _read_value(name: str, text: str) -> Any:
    first = CONTROLS[name].value
    if isinstance(first, bool):
        if text not in ("on", "off"):
            raise ValueError("it can be on or off")
        return text == "on"
    return text if isinstance(first, str) else _number(type(first), text)


def _number(kind: Any, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{'a whole' if kind is int else 'a'} number was expected") from None


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return ON[value]
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("its letters are not complete") from None


def _read_own(text: str) -> Points:
    kind, count, letters = (text.split(",") + ["", ""])[:3]
    if kind not in ("number", "class"):
        raise ValueError("own points are own=class,... or own=number,...")
    n, data = _number(int, count), _bytes(letters)
    width = {"number": 4, "class": 1}[kind]
    if n < 0 or n > 20_000 or len(data) != n * (4 + width):
        raise ValueError("the points in it are not complete")
    x = np.frombuffer(data[: 4 * n], "<i2").reshape(n, 2) / 1000
    y = np.frombuffer(data[4 * n :], "<f4" if kind == "number" else "<i1").astype(float)
    if kind == "class" and len(y) and not (0 <= y.min() and y.max() < MOST_CLASSES):
        raise ValueError("it holds a class that the map does not know")
    return own(x, y, numbers=kind == "number")


def program(run: Run, library: str) -> str:
    """The program that builds this network, trains it for as many epochs from the same start, and judges it."""
    s = run.settings
    keras = library == "keras"
    imports, network = run.model.code(library).rstrip().split("\n\n", 1)
    lines = ["import numpy as np", imports, "from annlab import datasets", ""]
    if run.points is run.own:
        lines += [
            f"points = np.array({np.round(run.own.x, 3).tolist()}).reshape(-1, 2)",
            f"y = np.array({run.own.y.tolist()})",
        ]
    else:
        recipe = run.settings.data.removesuffix("3")
        classes = ", classes=3" if s.data.endswith("3") else ""
        lines.append(f"points, y = datasets.{recipe}(n={s.points}, noise={s.noise:g}, seed={s.data_seed}{classes})")
    lines.append(f"x = np.column_stack([{', '.join(PROGRAMS[name] for name in INPUTS if name in run.inputs)}])")
    if run.targets(run.y_train).ndim > 1:
        lines.append(f"y = np.eye({run.outputs})[y]")
    if len(run.x_test):
        how = f"test_size={len(run.x_test)}, seed={s.data_seed}"
        lines.append(f"x_train, x_test, y_train, y_test = datasets.train_test_split(x, y, {how})")
    else:
        lines.append("x_train, y_train = x, y")
    if not run.pure:
        lines += [
            "",
            "# Settings or weights were changed on the way; this trains with the settings of now from the start.",
        ]
    lines += ["", network]
    lines.append(f"model.fit(x_train, y_train, batch_size={s.batch_size}, epochs={run.epoch}, verbose=0)")
    judged = "x_test, y_test" if len(run.x_test) else "x_train, y_train"
    lines.append(f"print(model.evaluate({judged}{', verbose=0' if keras else ''}))")
    return "\n".join(lines) + "\n"


def settings_of(state: Any) -> SimpleNamespace:
    """A copy of the settings alone, for a run that is to keep them."""
    return SimpleNamespace(**{name: getattr(state, name) for name in (*LEARNS, *_each("units"), *_each("activation"))})


def _each(name: str) -> list[str]:
    return [f"{name}_{layer}" for layer in range(1, LAYERS + 1)]
