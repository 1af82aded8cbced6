"""What the Playground says about the thing that is pointed at: a node's sum with its numbers, a weight, a place."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ...svg.elements import short
from ...words import say
from .data import INPUTS, MANY, NUMBER, features
from .run import Run

__all__ = ["about_thing", "answer_of", "bias_of", "describe", "minus", "place_of"]


MOST_TERMS = 8  # of a sum that is written out


def minus(text: str) -> str:
    """With a proper minus sign, and none before a zero."""
    plain = text[1:] if text.startswith("-") and not text.strip("-0.") else text
    return plain.replace("-", "\u2212")


def number(value: float, digits: int = 3) -> str:
    return minus(short(value, digits) if abs(value) < 1000 else short(value, digits - 2))


def factor(value: float, digits: int = 3) -> str:
    """A number that stands after a sign: negative ones in brackets."""
    written = number(value, digits)
    return f"({written})" if written.startswith("\u2212") else written


def bias_of(value: float) -> str:
    """A bias as it stands under its node."""
    return f"b {minus(short(value, 2) if abs(value) < 1e5 else f'{value:.1e}')}"


def answer_of(run: Run, y: np.ndarray) -> np.ndarray:
    """Outputs as the map shows them: from -1, class 0, to 1, class 1; numbers as they are."""
    if run.points.kind == NUMBER or run.ending == "tanh" and run.loss_name == "hinge":
        return y
    return 2 * y - 1


def place_of(state: SimpleNamespace) -> np.ndarray:
    """The example the words speak of: the place that is looked at, else the first training point."""
    run: Run = state.run
    if state.probe is not None:
        return np.array([state.probe])
    return run.x_train[:1] if run.ready else np.zeros((1, 2))


def said(run: Run, y: np.ndarray) -> str:
    """An answer in words."""
    if run.points.kind == NUMBER:
        return number(float(y[0]))
    if run.points.kind == MANY:
        best = int(y.argmax())
        return f"class {best} with {number(float(y[best]))}"
    signed = float(answer_of(run, y)[0])
    return f"class {int(signed > 0)} (output {number(float(y[0]))})"


def wrap(parts: list[str], room: int) -> list[str]:
    """Parts put together in lines of at most ``room`` letters."""
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + 1 + len(part) > room:
            lines.append("")
        lines[-1] += (" " if lines[-1].strip() else "") + part
    return lines


def about_thing(state: SimpleNamespace, room: int) -> tuple[str, list[str]]:
    """A title and lines of text about what is hovered over or chosen."""
    thing = state.hovered or state.selected
    run: Run = state.run
    if thing is None:
        return _about_place(state, room) if state.probe is not None else _about_nothing(room)
    kind = thing[0]
    if kind == "node" and thing[1] == 0:
        return _about_input(state, thing[2], room)
    if kind == "link":
        _, layer, at, to = thing
        weight = float(run.model.layers[layer].kernel[at, to])
        return f"Weight, {short_name(run, layer, at)} to {short_name(run, layer + 1, to)}", [
            f"weight = {number(weight)}",
            "Drag up or down to change it, or type under Numbers, code, text.",
            *_sum_of(state, layer + 1, to, room),
        ]
    lines = _sum_of(state, thing[1], thing[2], room)
    if kind == "bias":
        bias = float(run.model.layers[thing[1] - 1].bias[thing[2]])
        words = [f"bias b = {number(bias)}", "Drag up or down to change it, or type under Numbers, code, text."]
        return f"Bias of {name_of(run, thing[1], thing[2])}", [*words, *lines]
    return name_of(run, thing[1], thing[2]).capitalize(), lines


def name_of(run: Run, depth: int, at: int) -> str:
    """What a node is called."""
    if depth == 0:
        return f"input {INPUTS[run.inputs[at]]}"
    if depth == len(run.model.layers):
        return "the output" if run.outputs == 1 else f"output {at}"
    return f"hidden layer {depth}, unit {at + 1}"


def short_name(run: Run, depth: int, at: int) -> str:
    """The same where two of them have to stand in one line."""
    return name_of(run, depth, at).removeprefix("hidden ").replace(",", "")


def _sum_of(state: SimpleNamespace, depth: int, at: int, room: int) -> list[str]:
    """The weighted sum of a node with its numbers, for the place that is looked at."""
    run: Run = state.run
    place = place_of(state)
    rows = [features(place, run.inputs), *run.model.layer_outputs(features(place, run.inputs))]
    layer = run.model.layers[depth - 1]
    before, weights, bias = rows[depth - 1][0], layer.kernel[:, at], float(layer.bias[at])
    z = float(layer.z[0, at])
    y = float(rows[depth][0, at])
    ends, inside = _digits(np.append(weights, bias), np.append(before, 1.0), z, y, layer)
    terms = [f"{factor(float(w), inside)}·{factor(float(v), inside)}" for w, v in zip(weights, before, strict=True)]
    if len(terms) > MOST_TERMS:
        terms = [*terms[: MOST_TERMS - 1], f"\u2026 {len(terms) - MOST_TERMS + 1} more \u2026"]
    parts = [f"z = {terms[0]}", *(f"+ {term}" for term in terms[1:]), f"+ {factor(bias, inside)} = {number(z, ends)}"]
    where = "here" if state.probe is not None else "at the first training point"
    x1, x2 = place[0]
    lead = f"{where.capitalize()} (x₁ {number(x1)}, x₂ {number(x2)}): each weight times its value, and the bias."
    name = layer.activation.name
    return [*wrap(say(lead).split(" "), room), *wrap(parts, room), f"y = {name}(z) = {number(y)}"]


def _digits(weights: np.ndarray, values: np.ndarray, z: float, y: float, layer: Any) -> tuple[int, int]:
    """How many decimals the sum and its terms need so that the digits shown come out as shown; three if they can."""
    if abs(z) >= 1000 or layer.activation.name == "softmax":
        ends = 3
    else:
        ends = next((n for n in range(3, 8) if _same(layer.activation(np.round([[z]], n))[0, 0], y, 3)), 3)
    sums = ((n, float(np.round(weights, n) @ np.round(values, n))) for n in range(3, 8))
    return ends, next((n for n, total in sums if abs(z) >= 1000 or _same(total, z, ends)), ends)


def _same(first: float, second: float, decimals: int) -> bool:
    return f"{first:.{decimals}f}" == f"{second:.{decimals}f}"


def _about_input(state: SimpleNamespace, at: int, room: int) -> tuple[str, list[str]]:
    name = list(INPUTS)[at]
    if name not in state.run.inputs:
        return f"Input {INPUTS[name]}, which is off", wrap(
            say("Click it, and the network sees this as well.").split(), room
        )
    place = place_of(state)
    value = float(features(place, [name])[0, 0])
    words = f"At x₁ {number(place[0, 0])}, x₂ {number(place[0, 1])} it is {number(value)}. Click it to take it away."
    return f"Input {INPUTS[name]}", wrap(say(words).split(), room)


def _about_place(state: SimpleNamespace, room: int) -> tuple[str, list[str]]:
    run: Run = state.run
    place = place_of(state)
    y = run.model(features(place, run.inputs))[0]
    x1, x2 = place[0]
    words = f"Here the network says {said(run, y)}. The nodes show what each of them answers to this place."
    lines = wrap(say(words).split(), room)
    if len(run.points.x):
        near = int(np.linalg.norm(run.points.x - place, axis=1).argmin())
        truth = run.points.y[near]
        what = number(float(truth)) if run.points.kind == NUMBER else f"class {int(truth)}"
        p1, p2 = run.points.x[near]
        lines += wrap(say(f"The nearest point, ({number(p1)}, {number(p2)}), is {what}.").split(), room)
    return f"The place x₁ {number(x1)}, x₂ {number(x2)}", lines


def _about_nothing(room: int) -> tuple[str, list[str]]:
    words = [
        "Hover over a node: its map grows, and its sum stands here with its numbers.",
        "Click a line or a b to choose that weight or bias; drag up or down to set it.",
        "Hover over the map: every node shows what it answers to that place.",
    ]
    return "Point at something", [line for sentence in words for line in wrap(say(sentence).split(), room)]


def describe(facts: dict[str, float], run: Run) -> str:
    """The line under the picture."""
    name = "R2" if run.points.kind == NUMBER else "accuracy"
    hidden = ", ".join(str(units) for units, _ in run.hidden)
    hidden = " and ".join(hidden.rsplit(", ", 1))
    layers = (
        f"hidden layers of {hidden} units"
        if len(run.hidden) > 1
        else f"one hidden layer of {hidden}"
        if hidden
        else "no hidden layer"
    )
    inputs = "1 input" if len(run.inputs) == 1 else f"{len(run.inputs)} inputs"
    size = f"{inputs}, {layers} and {facts['weights']} weights and biases"
    text = f"Epoch {facts['epoch']}. A network with {size} (seed {facts['seed']})"
    if not run.ready:
        return f"{text} has no points to learn from yet."
    text += f" has a loss of {short(facts['loss'])} and an {name} of {short(facts['score'])}"
    text += f" on {facts['training']} training points"
    if "test_loss" in facts:
        text += f", {short(facts['test_loss'])} and {short(facts['test_score'])} on {facts['test']} test points"
    return f"{text}."
