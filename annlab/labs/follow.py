"""Every number that one example causes, and how they hang together.

Each ``Number`` knows its value, the numbers it was computed from, the formula, and the line of annlab that computes it.
So one can follow it: back to where it came from, and on to where it goes. All values are read from ``model.trace``.
"""

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import activations, layers, losses, models, optimizers
from ..svg.formula import digits

__all__ = ["Key", "Number", "Step", "code_line", "node_name", "numbers_of", "steps_of"]

Key = tuple[Any, ...]  # ("z", layer, node), ("w", layer, from, to), ("loss",): layer 0 holds the inputs
Term = str | tuple[float, str, Key | None]  # a sign of a formula; or a number of it, its short name, and its key


@dataclass
class Number:
    """One number: what it is called, what it is, and how it came about (``terms``: the right side of its formula).

    ``compute`` gives the value from the numbers in ``terms``, in their order. ``goes_to`` are the keys of the numbers
    that are computed from it.
    """

    key: Key
    symbol: str
    title: str
    rule: str
    value: float
    terms: Sequence[Term] = ()
    compute: Callable[..., float] | None = None
    line: tuple[str, str] = ("", "")
    goes_to: list[Key] = field(default_factory=list)

    @property
    def comes_from(self) -> list[Key]:
        """The keys of the numbers in its formula."""
        return [term[2] for term in self.terms if not isinstance(term, str) and term[2] is not None]

    def formula(self) -> tuple[str, list[Term], str]:
        """A sign, the terms with their numbers as text, and the result, so that the digits shown add up.

        The numbers get as many digits as it takes to come to the digits of the result; where even eight more are not
        enough, the sign says "about".
        """
        values = [term[0] for term in self.terms if not isinstance(term, str)]
        result = digits(self.value)
        for extra in range(9):
            if self._comes_to(result, [as_number(digits(value, extra)) for value in values]):
                return "=", self._written(extra), result
        return "≈", self._written(3), result

    def _comes_to(self, result: str, values: list[float]) -> bool:
        """Whether the formula, with these numbers, comes to the digits of ``result``."""
        assert self.compute is not None
        try:
            found = float(self.compute(*values))
        except (ArithmeticError, ValueError):  # the logarithm of a number that was rounded to 0
            return False
        if "e" in result:
            return math.isfinite(found) and digits(found) == result
        decimals = max(len(result.partition(".")[2]), 3 if abs(self.value) < 100 else 1)  # 0.5 stands for 0.500
        # A result in the middle between two digits, such as 0.0375, may be rounded either way.
        return abs(found - as_number(result)) <= 0.5 * 10**-decimals * (1 + 1e-9)

    def _written(self, extra: int) -> list[Term]:
        written: list[Term] = []
        for at, term in enumerate(self.terms):
            if isinstance(term, str):
                written.append(term)
                continue
            text = digits(term[0], extra)
            before = self.terms[at - 1] if at else "("
            if text.startswith("−") and not (isinstance(before, str) and before.endswith(("(", "|"))):
                text = f"({text})"  # two signs in a row need brackets
            written.append((text, term[1], term[2]))  # type: ignore[arg-type]
        return written


def as_number(text: str) -> float:
    """The number that ``digits`` wrote."""
    return float(text.replace("−", "-"))


@dataclass(frozen=True)
class Step:
    """One step of the story: its phase, a sentence, and the keys of the numbers that are computed in it."""

    phase: str
    title: str
    words: str
    keys: tuple[Key, ...] = ()


def node_name(layer: int, node: int, last: int) -> str:
    """x1, x2 are inputs, o1, o2 outputs; h1 ... stand in the first hidden layer, k1 ... in the second."""
    return f"{'x' if layer == 0 else 'o' if layer == last else 'hk'[layer - 1]}{node + 1}"


@functools.cache
def code_line(function: Callable[..., Any], *markers: str) -> tuple[str, str]:
    """Where in annlab, and the lines themselves: the first line of ``function`` that contains each marker."""
    where = f"annlab/{function.__module__.rpartition('.')[2]}.py, {function.__qualname__}"
    try:
        lines = inspect.getsource(function).splitlines()
    except OSError:  # no source beside the program
        return where, "; ".join(markers)
    found = (next((line for line in lines if marker in line), marker) for marker in markers)
    return where, "; ".join(line.partition("  #")[0].strip() for line in found)


_DENSE = layers.Dense
_SUM = code_line(_DENSE.forward, "x.dot(", "np.add(")
_ACTIVATE = code_line(_DENSE.forward, "self.activation._forward")
_DY = code_line(_DENSE.backward_from_z, "return dz.dot(")
_DZ = code_line(_DENSE.backward, "self.activation.backward(")
_DW = code_line(_DENSE.backward_from_z, "rows.T.dot(")
_DB = code_line(_DENSE.backward_from_z, "ones.dot(")
_UPDATE = code_line(optimizers.SGD.update, "w -= ")
_START = code_line(layers.Layer.initialize, "self.initializers")
_GIVEN = code_line(models.Sequential.trace, "tracing.trace(")
_LOSS = {
    "mse": (losses.MeanSquaredError._per_example, "return"),
    "mae": (losses.MeanAbsoluteError._per_example, "return"),
    "binary_crossentropy": (losses.BinaryCrossentropy.logits_per_example, "return"),
    "categorical_crossentropy": (losses.CategoricalCrossentropy.logits_per_example, "return"),
}
_LOSS_BACK = {
    "mse": (losses.MeanSquaredError._gradient, "return"),
    "mae": (losses.MeanAbsoluteError._gradient, "return"),
    "binary_crossentropy": (losses.BinaryCrossentropy.logits_gradient, "np.subtract"),
    "categorical_crossentropy": (losses.CategoricalCrossentropy.logits_gradient, "np.subtract"),
}


class _Ledger:
    """Writes down the numbers of one example; see ``numbers_of``."""

    def __init__(self, trace: Any, after: Any, loss: str, learning_rate: float) -> None:
        self.trace, self.after, self.loss, self.rate = trace, after, loss, learning_rate
        self.last = len(trace.layers)
        self.sizes = [len(trace.x), *(len(layer.y) for layer in trace.layers)]
        self.numbers: dict[Key, Number] = {}

    def add(
        self, key: Key, symbol: str, title: str, rule: str, value: float, terms: Sequence[Term] = (), **more: Any
    ) -> None:
        self.numbers[key] = Number(key, symbol, title, rule, float(value), terms, **more)

    def name(self, layer: int, node: int) -> str:
        return node_name(layer, node, self.last)

    def write(self) -> dict[Key, Number]:
        self.start()
        self.forward("", self.trace)
        self.loss_of("", self.trace)
        self.backward()
        self.update()
        self.forward("new ", self.after)
        self.loss_of("new ", self.after)
        for number in self.numbers.values():
            for key in dict.fromkeys(number.comes_from):
                self.numbers[key].goes_to.append(number.key)
        first = "dy" if ("dy", self.last, 0) in self.numbers else "dz"
        self.numbers["loss",].goes_to = [(first, self.last, j) for j in range(self.sizes[-1])]  # its slope starts there
        return self.numbers

    def start(self) -> None:
        for node, value in enumerate(self.trace.x):
            name = self.name(0, node)
            self.add(("y", 0, node), name, f"{name}, an input", "You chose it.", value, line=_GIVEN)
        for node, value in enumerate(self.trace.target):
            title = f"t{node + 1}, the target of {self.name(self.last, node)}"
            self.add(("t", node), f"t{node + 1}", title, "You chose it: what the output should be.", value, line=_GIVEN)
        for layer, record in enumerate(self.trace.layers, start=1):
            for (i, j), value in np.ndenumerate(record.weights["kernel"]):
                link = f"{self.name(layer - 1, i)}→{self.name(layer, j)}"
                rule = "It was there before this round: drawn by chance with the seed, or left by the round before."
                self.add(("w", layer, i, j), f"w {link}", f"w {link}, a weight", rule, value, line=_START)
            for j, value in enumerate(record.weights["bias"]):
                name = self.name(layer, j)
                rule = "A number of the node's own, added to its sum. It was there before this round."
                self.add(("b", layer, j), f"b {name}", f"b {name}, the bias of {name}", rule, value, line=_START)

    def forward(self, new: str, trace: Any) -> None:
        for layer, record in enumerate(trace.layers, start=1):
            activation = activations.get(record.activation)
            for j in range(self.sizes[layer]):
                self.sum_of(new, layer, j, record)
            for j in range(self.sizes[layer]):
                self.output_of(new, layer, j, record, activation)

    def sum_of(self, new: str, layer: int, j: int, record: Any) -> None:
        name, n = self.name(layer, j), self.sizes[layer - 1]
        before = f"{new}y" if layer > 1 else "y"
        terms: list[Term] = []
        for i in range(n):
            terms += ["+"] * (i > 0)
            terms += [(record.weights["kernel"][i, j], "w", (f"{new}w", layer, i, j)), "·"]
            terms += [(record.x[i], self.name(layer - 1, i), (before, layer - 1, i))]
        terms += ["+", (record.weights["bias"][j], "b", (f"{new}b", layer, j))]
        rule = "z = weight · input, added up over all that comes in, + bias"
        title = f"{new}z of {name}, its weighted sum"

        def compute(*v: float) -> float:
            return sum(v[2 * i] * v[2 * i + 1] for i in range(n)) + v[-1]

        self.add((f"{new}z", layer, j), f"{new}z {name}", title, rule, record.z[j], terms, compute=compute, line=_SUM)

    def output_of(self, new: str, layer: int, j: int, record: Any, activation: Any) -> None:
        name = self.name(layer, j)
        title = f"{new}{name}, the output of node {name}"
        rule = f"y = {activation.name}(z), which is {activation.formula}"
        z = (record.z[j], "z", (f"{new}z", layer, j))
        terms: list[Term] = [f"{activation.name}(", z, ")"]
        compute: Callable[..., float] = lambda v: float(activation(np.array([v]))[0])  # noqa: E731
        if activation is activations.softmax:
            top = float(record.z.max()) if np.abs(record.z).max() > 20 else 0.0
            terms, compute = self.share(new, layer, j, record, top)
        more = {"compute": compute, "line": _ACTIVATE}
        self.add((f"{new}y", layer, j), f"{new}{name}", title, rule, record.y[j], terms, **more)

    def share(self, new: str, layer: int, j: int, record: Any, top: float) -> tuple[list[Term], Callable[..., float]]:
        """The terms of softmax: e to the power of this sum, divided by all of them together."""

        def power(at: int) -> list[Term]:
            z = (record.z[at], f"z {self.name(layer, at)}", (f"{new}z", layer, at))
            return ["exp(", z, ")"] if not top else ["exp(", z, "−", (top, "largest z", None), ")"]

        terms = [*power(j), "/", "("]
        for at in range(len(record.z)):
            terms += ["+"] * (at > 0) + power(at)

        def compute(*v: float) -> float:
            powers = (
                [math.exp(a) for a in v] if not top else [math.exp(a - b) for a, b in zip(v[::2], v[1::2], strict=True)]
            )
            return powers[0] / sum(powers[1:])

        return [*terms, ")"], compute

    def pairs(self, new: str, trace: Any) -> list[tuple[Term, Term]]:
        """Each output with its target, as terms."""
        keys = [((f"{new}y", self.last, j), ("t", j)) for j in range(self.sizes[-1])]
        return [
            ((y, self.name(self.last, j), keys[j][0]), (t, f"t{j + 1}", keys[j][1]))
            for j, (y, t) in enumerate(zip(trace.output, trace.target, strict=True))
        ]

    def loss_of(self, new: str, trace: Any) -> None:
        pairs, n = self.pairs(new, trace), self.sizes[-1]
        terms: list[Term] = []
        compute: Callable[..., float]
        if self.loss in ("mse", "mae"):
            begin, end = ("(", ")²") if self.loss == "mse" else ("|", "|")
            for j, (y, t) in enumerate(pairs):
                terms += ["+"] * (j > 0) + [begin, y, "−", t, end]
            terms = terms if n == 1 else ["(", *terms, f") / {n}"]
            rule = {
                "mse": "L = the mean of (output − target)²",
                "mae": "L = the mean of |output − target|",
            }[self.loss]
            size = (lambda d: d * d) if self.loss == "mse" else abs
            compute = lambda *v: sum(size(y - t) for y, t in zip(v[::2], v[1::2], strict=True)) / n  # noqa: E731
        elif self.loss == "categorical_crossentropy":
            rule = "L = −(target · ln output, added up): the surprise at the right class (computed from z)"
            for j, (y, t) in enumerate(pairs):
                terms += ["+"] * (j > 0) + [t, "· ln", y]
            terms = ["−(", *terms, ")"]
            compute = lambda *v: -sum(t * math.log(y) if t else 0.0 for t, y in zip(v[::2], v[1::2], strict=True))  # noqa: E731
        else:
            rule = "L = the mean of −(t · ln y + (1 − t) · ln(1 − y)) (computed from z)"
            for j, (y, t) in enumerate(pairs):
                terms += ["+"] * (j > 0) + [t, "· ln", y, "+ (1 −", t, ") · ln(1 −", y, ")"]
            terms = ["−(", *terms, ")" if n == 1 else f") / {n}"]

            def compute(*v: float) -> float:
                total = 0.0
                for t, y, _, _ in zip(v[::4], v[1::4], v[2::4], v[3::4], strict=True):
                    total += (t * math.log(y) if t else 0.0) + ((1 - t) * math.log(1 - y) if t != 1 else 0.0)
                return -total / n

        title = f"{new}L, the loss: how wrong the network is on this example"
        self.add(
            (f"{new}loss",),
            f"{new}L",
            title,
            rule,
            trace.loss,
            terms,
            compute=compute,
            line=code_line(*_LOSS[self.loss]),
        )

    def backward(self) -> None:
        terms: list[Term]
        for layer in range(self.last, 0, -1):
            record = self.trace.layers[layer - 1]
            for j in range(self.sizes[layer]):
                if layer < self.last:
                    self.blame_of(layer, j, record)
                elif self.loss in ("mse", "mae"):
                    self.first_blame(j, record)
            for j in range(self.sizes[layer]):
                self.delta_of(layer, j, record)
            for (i, j), value in np.ndenumerate(record.gradients["kernel"]):
                link = f"{self.name(layer - 1, i)}→{self.name(layer, j)}"
                terms = [(record.dz[j], f"δ {self.name(layer, j)}", ("dz", layer, j)), "·"]
                terms += [(record.x[i], self.name(layer - 1, i), ("y", layer - 1, i))]
                title = f"dw {link}: how the loss changes with this weight"
                rule = "dw = δ of the node it goes to · what came through the link"
                more = {"compute": lambda a, b: a * b, "line": _DW}
                self.add(("dw", layer, i, j), f"dw {link}", title, rule, value, terms, **more)
            for j, value in enumerate(record.gradients["bias"]):
                name = self.name(layer, j)
                terms = [(record.dz[j], f"δ {name}", ("dz", layer, j)), "· 1"]
                title, rule = (
                    f"db {name}: how the loss changes with this bias",
                    "db = δ · 1: the bias is a weight whose input is always 1",
                )
                self.add(("db", layer, j), f"db {name}", title, rule, value, terms, compute=lambda a: a, line=_DB)

    def first_blame(self, j: int, record: Any) -> None:
        """How the loss changes with one output."""
        n, (y, t) = self.sizes[-1], self.pairs("", self.trace)[j]
        terms: list[Term]
        compute: Callable[..., float]
        if self.loss == "mse":
            terms = ["2 · (", y, "−", t, f") / {n}" if n > 1 else ")"]
            rule, compute = "dy = 2 · (output − target) / number of outputs", lambda a, b: 2 * (a - b) / n
        else:
            terms = ["sign(", y, "−", t, f") / {n}" if n > 1 else ")"]
            rule, compute = (
                "dy = the sign of (output − target) / number of outputs",
                lambda a, b: float(np.sign(a - b)) / n,
            )
        name = self.name(self.last, j)
        title = f"dy of {name}: how the loss changes with this output"
        line = code_line(*_LOSS_BACK[self.loss])
        self.add(("dy", self.last, j), f"dy {name}", title, rule, record.dy[j], terms, compute=compute, line=line)

    def blame_of(self, layer: int, j: int, record: Any) -> None:
        """How the loss changes with a hidden output: through every link that leaves it."""
        then, name = self.trace.layers[layer], self.name(layer, j)
        terms: list[Term] = []
        for k in range(self.sizes[layer + 1]):
            terms += ["+"] * (k > 0)
            terms += [(then.weights["kernel"][j, k], "w", ("w", layer + 1, j, k)), "·"]
            terms += [(then.dz[k], f"δ {self.name(layer + 1, k)}", ("dz", layer + 1, k))]
        title = f"dy of {name}: how the loss changes with this output"
        rule = "dy = weight · δ, added up over all links that leave the node"
        compute = lambda *v: sum(w * d for w, d in zip(v[::2], v[1::2], strict=True))  # noqa: E731
        self.add(("dy", layer, j), f"dy {name}", title, rule, record.dy[j], terms, compute=compute, line=_DY)

    def delta_of(self, layer: int, j: int, record: Any) -> None:
        name, activation = self.name(layer, j), activations.get(record.activation)
        title = f"δ of {name}: how the loss changes with its weighted sum"
        line = _DZ
        if layer == self.last and self.loss not in ("mse", "mae"):
            y, t = self.pairs("", self.trace)[j]
            n = self.sizes[-1] if self.loss == "binary_crossentropy" else 1
            terms: list[Term] = [y, "−", t] if n == 1 else ["(", y, "−", t, f") / {n}"]
            compute: Callable[..., float] = lambda a, b: (a - b) / n  # noqa: E731
            error = "output − target" if n == 1 else "(output − target) / number of outputs"
            rule = f"δ = {error}: {activation.name} and this loss together leave no more than that"
            line = code_line(*_LOSS_BACK[self.loss])
        elif activation is activations.softmax:
            terms, compute = self.delta_of_share(layer, j, record)
            rule = "δ = y · (dy − all dy · y added up): what one share gains, the others lose"
        else:
            dy = (record.dy[j], "dy", ("dy", layer, j))
            slope, compute, words = _slope(activation, record.z[j], record.y[j], layer, j)
            terms = [dy, "·", *slope]
            rule = f"δ = dy · slope of {activation.name}{words}"
        self.add(("dz", layer, j), f"δ {name}", title, rule, record.dz[j], terms, compute=compute, line=line)

    def delta_of_share(self, layer: int, j: int, record: Any) -> tuple[list[Term], Callable[..., float]]:
        def both(at: int) -> tuple[Term, Term]:
            name = self.name(layer, at)
            return (record.dy[at], f"dy {name}", ("dy", layer, at)), (record.y[at], name, ("y", layer, at))

        dy, y = both(j)
        terms: list[Term] = [y, "· (", dy, "− ("]
        for at in range(len(record.y)):
            terms += ["+"] * (at > 0) + [both(at)[0], "·", both(at)[1]]
        compute = lambda *v: v[0] * (v[1] - sum(a * b for a, b in zip(v[2::2], v[3::2], strict=True)))  # noqa: E731
        return [*terms, "))"], compute

    def update(self) -> None:
        terms: list[Term]
        rate = (self.rate, "rate", None)
        rule = "new = old − learning rate · gradient: a small step downhill"
        more = {"compute": lambda a, b, c: a - b * c, "line": _UPDATE}
        for layer, record in enumerate(self.trace.layers, start=1):
            for (i, j), value in np.ndenumerate(record.new_weights["kernel"]):
                link = f"{self.name(layer - 1, i)}→{self.name(layer, j)}"
                old, slope = record.weights["kernel"][i, j], record.gradients["kernel"][i, j]
                terms = [(old, "w", ("w", layer, i, j)), "−", rate, "·", (slope, "dw", ("dw", layer, i, j))]
                self.add(
                    ("new w", layer, i, j),
                    f"new w {link}",
                    f"new w {link}, the weight after the step",
                    rule,
                    value,
                    terms,
                    **more,
                )
            for j, value in enumerate(record.new_weights["bias"]):
                name = self.name(layer, j)
                old, slope = record.weights["bias"][j], record.gradients["bias"][j]
                terms = [(old, "b", ("b", layer, j)), "−", rate, "·", (slope, "db", ("db", layer, j))]
                self.add(
                    ("new b", layer, j),
                    f"new b {name}",
                    f"new b {name}, the bias after the step",
                    rule,
                    value,
                    terms,
                    **more,
                )


def _slope(activation: Any, z: float, y: float, layer: int, j: int) -> tuple[list[Term], Callable[..., float], str]:
    """The slope of an activation as terms, the delta from dy and them, and the slope in letters."""
    at_y, at_z = (y, "y", ("y", layer, j)), (z, "z", ("z", layer, j))
    if activation is activations.sigmoid:
        return (
            [at_y, "· (1 −", at_y, ")"],
            lambda dy, a, b: dy * a * (1 - b),
            ", which is y · (1 − y)",
        )
    if activation is activations.tanh:
        return ["(1 −", at_y, "² )"], lambda dy, a: dy * (1 - a * a), ", which is 1 − y²"
    if activation in (activations.linear, activations.relu, activations.leaky_relu, activations.step):
        slope = float(activation.derivative(np.array([z]))[0])
        words = {
            "linear": ", which is 1 everywhere",
            "relu": ", which is 1 above 0 and 0 below",
            "leaky_relu": ", which is 1 above 0 and 0.2 below",
            "step": ", which is 0 everywhere: nothing can be learned through it",
        }
        return [(slope, "slope", None)], lambda dy, a: dy * a, words[activation.name]
    slope_at = lambda dy, a: dy * float(activation.derivative(np.array([a]))[0])  # noqa: E731
    return [f"{activation.name}′(", at_z, ")"], slope_at, f" at z, written {activation.name}′(z)"


def numbers_of(trace: Any, after: Any, loss: str, learning_rate: float) -> dict[Key, Number]:
    """All numbers of one round: ``trace`` is that of the example, ``after`` the one with the new weights."""
    return _Ledger(trace, after, loss, learning_rate).write()


PHASES = ("Start", "Forward", "Loss", "Backward", "Update", "Again")


def steps_of(numbers: dict[Key, Number], sizes: Sequence[int], names: Sequence[str], by_node: bool) -> list[Step]:
    """The story of one round, a layer or a node at a time; ``names`` are those of the layers."""
    last = len(sizes) - 1

    def each(layer: int) -> list[list[int]]:
        nodes = list(range(sizes[layer]))
        return [[node] for node in nodes] if by_node else [nodes]

    def who(layer: int, nodes: list[int]) -> str:
        return f"node {node_name(layer, nodes[0], last)}" if by_node else names[layer]

    def into(kind: str, bias: str, layer: int, nodes: list[int]) -> tuple[Key, ...]:
        links = [(kind, layer, i, j) for j in nodes for i in range(sizes[layer - 1])]
        return (*links, *((bias, layer, j) for j in nodes))

    forwards, blame, update = [], [], []
    s = "" if by_node else "s"
    for layer in range(1, last + 1):
        for nodes in each(layer):
            keys = tuple((kind, layer, j) for j in nodes for kind in ("z", "y"))
            words = "Weight · input, added up, plus the bias, is z. The activation turns z into the output."
            forwards.append(Step("Forward", f"Forward through {who(layer, nodes)}", words, keys))
    for layer in range(last, 0, -1):
        for nodes in each(layer):
            keys = tuple((kind, layer, j) for j in nodes for kind in ("dy", "dz") if (kind, layer, j) in numbers)
            words = "How does the loss change with each output? Times the slope of the activation, that is δ."
            if layer < last:
                words = "Each δ from the right, times the weight it comes back through; their sum times the slope."
            elif ("dy", layer, 0) not in numbers:
                words = "The loss and the activation together: δ is the output minus the target."
            blame.append(Step("Backward", f"Backward: δ of {who(layer, nodes)}", words, keys))
        for nodes in each(layer):
            words = "The δ of the node it goes to, times what came through it: that is each link's gradient."
            blame.append(
                Step(
                    "Backward",
                    f"Backward: the gradient{s} into {who(layer, nodes)}",
                    words,
                    into("dw", "db", layer, nodes),
                )
            )
    for layer in range(1, last + 1):
        for nodes in each(layer):
            words = "Each weight goes a small step against its gradient: old − learning rate · gradient."
            update.append(
                Step(
                    "Update",
                    f"Update: the weights into {who(layer, nodes)}",
                    words,
                    into("new w", "new b", layer, nodes),
                )
            )
    again = tuple(key for key in numbers if key[0] in ("new z", "new y", "new loss"))
    old, new = numbers["loss",].value, numbers["new loss",].value
    verdict = f"The loss went {'down' if new < old else 'up'} from {digits(old)} to {digits(new)}."
    if digits(old) == digits(new):
        verdict = f"The loss stayed at {digits(old)}."
    if new > old:
        verdict += " The step was too long: try a smaller learning rate."
    return [
        Step("Start", "The start", "The weights are there, and an example with its target. Nothing is computed yet."),
        *forwards,
        Step(
            "Loss",
            "The loss",
            "How wrong is the network? Output against target, one number for the whole example.",
            (("loss",),),
        ),
        *blame,
        *update,
        Step("Again", "Forward again, with the new weights", verdict, again),
    ]
