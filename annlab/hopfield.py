"""A network that remembers by falling downhill.

Every unit hears every other and asks again and again: do the others want me at +1 or at -1? Every state has an energy,
every change lowers it, and so the network comes to rest: in a pattern that was stored (Hopfield 1982), or in a good
answer to a puzzle whose cost is written into the weights (Hopfield and Tank 1985).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .checks import lookup, number, numeric, whole


def hebbian(patterns: np.ndarray) -> np.ndarray:
    """w_ij = (sum over the patterns of x_i x_j) / units, w_ii = 0: units that agree are bound (Hebb 1949)."""
    weights = patterns.T @ patterns / patterns.shape[1]
    np.fill_diagonal(weights, 0)
    return weights


def pseudo_inverse(patterns: np.ndarray) -> np.ndarray:
    """The projection on the patterns, w_ii = 0: holds patterns that resemble each other too (Personnaz et al. 1985)."""
    weights = np.linalg.pinv(patterns) @ patterns
    weights = (weights + weights.T) / 2
    np.fill_diagonal(weights, 0)
    return weights


RULES = {"hebbian": hebbian, "pseudo_inverse": pseudo_inverse}


def cooling(start: float, stop: float, sweeps: int) -> list[float]:
    """Temperatures for annealing: ``sweeps`` of them, falling by the same factor from ``start`` to ``stop``, then 0."""
    stop = number("stop", stop, above=0)
    return [*np.geomspace(number("start", start, low=stop), stop, whole("sweeps", sweeps)).tolist(), 0.0]


class HopfieldNetwork:
    """Units of -1 and +1 that all hear each other.

    field = weights @ state - thresholds;  a unit becomes the sign of its field, and keeps its state where that is 0
    energy = -1/2 state @ weights @ state + thresholds @ state + constant

    Where strengths are equal there and back (weights symmetric, no unit hears itself), one unit changing at a time
    never raises the energy, so recall comes to rest. With ``symmetric=False`` any weights are taken; then it may never
    settle. ``settled`` and ``status`` say how the last recall ended, ``sweep`` in which round over all units it is.

    Shapes
    ------
    weights     (units, units), weights[i, j] from unit j to unit i;  thresholds (units,)
    state       (units,) of -1 and +1; ``field``, ``energy`` and ``overlap`` also take rows (n, units)

    Raises ValueError or TypeError for arrays of other shapes or values, before anything changes.
    """

    def __init__(self, units: int, symmetric: bool = True) -> None:
        self.units = whole("units", units)
        self.symmetric = symmetric
        self.weights = np.zeros((self.units, self.units))
        self.thresholds = np.zeros(self.units)
        self.constant = 0.0
        self.patterns = np.empty((0, self.units), dtype=np.int64)
        self.names: list[str] = []
        self.settled = False
        self.status = "no recall yet"
        self.sweep = 0

    @classmethod
    def from_cost(
        cls, quadratic: Any, linear: Any = None, constant: float = 0.0, values: tuple[int, int] = (0, 1)
    ) -> "HopfieldNetwork":
        """A network whose energy is the cost v @ quadratic @ v + linear @ v + constant of the variables v.

        With ``values=(0, 1)`` a state stands for v = (state + 1) / 2, with ``values=(-1, 1)`` for v = state. So recall
        looks for a cheap v. Hopfield and Tank 1985.
        """
        q = numeric("quadratic", quadratic, np.float64)
        if q.ndim != 2 or q.shape[0] != q.shape[1]:
            raise ValueError(f"quadratic should be a square table (variables, variables); got shape {q.shape}")
        c = numeric("linear", np.zeros(len(q)) if linear is None else linear, np.float64)
        if c.shape != (len(q),):
            raise ValueError(f"linear should have one number for each of {len(q)} variables; got shape {c.shape}")
        if tuple(values) not in ((0, 1), (-1, 1)):
            raise ValueError(f"values should be (0, 1) or (-1, 1); got {values!r}")
        constant = number("constant", constant)
        q = (q + q.T) / 2
        if tuple(values) == (0, 1):  # v = (s + 1) / 2 gives s q s / 4 + (q 1 + c) s / 2 + 1 q 1 / 4 + c 1 / 2
            q, c, constant = q / 4, (q.sum(axis=1) + c) / 2, constant + q.sum() / 4 + c.sum() / 2
        network = cls(len(q))
        network.constant = float(constant + np.trace(q))  # s_i s_i = 1: the diagonal costs the same in every state
        np.fill_diagonal(q, 0)
        network.weights, network.thresholds = -2 * q, c
        return network

    @property
    def weights(self) -> np.ndarray:
        return self._weights

    @weights.setter
    def weights(self, weights: Any) -> None:
        weights = numeric("weights", weights, np.float64).copy()
        if weights.shape != (self.units, self.units):
            raise ValueError(f"weights should have shape {(self.units, self.units)}; got {weights.shape}")
        if self.symmetric:
            unequal = np.argwhere(np.abs(weights - weights.T) > 1e-9 * np.abs(weights).max())
            if len(unequal):
                i, j = unequal[0]
                raise ValueError(
                    f"weights[{i}, {j}] is {weights[i, j]:g} but weights[{j}, {i}] is {weights[j, i]:g}. Unequal "
                    "strengths there and back may never settle: ask for them by HopfieldNetwork(units, symmetric=False)"
                )
            if np.diagonal(weights).any():
                raise ValueError("weights[i, i] should be 0: no unit hears itself. Use np.fill_diagonal(weights, 0)")
            weights = (weights + weights.T) / 2  # to the last digit
        weights.flags.writeable = False  # a change in place would pass by the questions above
        self._weights = weights

    @property
    def thresholds(self) -> np.ndarray:
        return self._thresholds

    @thresholds.setter
    def thresholds(self, thresholds: Any) -> None:
        thresholds = numeric("thresholds", thresholds, np.float64).copy()
        if thresholds.shape != (self.units,):
            raise ValueError(f"thresholds should have shape {(self.units,)}; got {thresholds.shape}")
        thresholds.flags.writeable = False
        self._thresholds = thresholds

    @property
    def capacity(self) -> float:
        """How many random patterns Hebb's rule can hold: about 0.138 units (Amit, Gutfreund and Sompolinsky 1985).

        Hopfield 1982 measured 0.15. Patterns that resemble each other, as letters do, reach the limit far sooner.
        """
        return 0.138 * self.units

    def store(self, patterns: Any, rule: str = "hebbian", names: Sequence[str] | None = None) -> "HopfieldNetwork":
        """Remember these patterns (n, units) instead of earlier ones; thresholds become 0.

        ``rule`` is "hebbian" or "pseudo_inverse"; ``names`` are what ``describe`` calls the patterns.
        """
        patterns = np.atleast_2d(self._states("patterns", patterns))
        names = [str(i) for i in range(len(patterns))] if names is None else list(names)
        if len(names) != len(patterns):
            raise ValueError(f"names should be one for each of {len(patterns)} patterns; got {len(names)}")
        self.weights = lookup("storage rule", rule, RULES)(patterns)
        self.thresholds, self.constant = np.zeros(self.units), 0.0
        self.patterns, self.names = patterns, names
        return self

    def field(self, state: Any) -> np.ndarray:
        """What the others want of each unit: weights @ state - thresholds."""
        return self._states("state", state) @ self.weights.T - self.thresholds

    def energy(self, state: Any) -> Any:
        """A number, or one for each row."""
        s = self._states("state", state)
        energy = -0.5 * np.sum(s * (s @ self.weights.T), axis=-1) + s @ self.thresholds + self.constant
        return energy if s.ndim == 2 else float(energy)

    def overlap(self, state: Any) -> np.ndarray:
        """How alike the state and each stored pattern are: 1 the same, 0 unrelated, -1 the inverse. (patterns,)."""
        return self._states("state", state) @ self.patterns.T / self.units

    def describe(self, state: Any) -> str:
        """Which memory is this: a stored one, the inverse of one (just as stable), or one that nobody stored."""
        s = self._states("state", state)
        if s.ndim != 1:
            raise ValueError(f"describe takes one state of shape ({self.units},); got {s.shape}")
        if not len(self.patterns):
            return "nothing is stored"
        overlap = self.overlap(s)
        best = int(np.argmax(np.abs(overlap)))
        if abs(overlap[best]) == 1:
            return self.names[best] if overlap[best] > 0 else f"inverse of {self.names[best]}"
        kind = (
            "a spurious memory" if np.array_equal(self._answer(s, self.field(s), self._rounding()), s) else "on the way"
        )
        alike = self.names[best] if overlap[best] > 0 else f"the inverse of {self.names[best]}"
        return f"{kind}, most like {alike} (overlap {abs(overlap[best]):.2f})"

    def recall(self, state: Any, mode: str = "asynchronous", **options: Any) -> np.ndarray:
        """Let the network run from this state; returns where it ended. Options as in ``iter_recall``."""
        *_, last = self.iter_recall(state, mode, **options)
        return last

    def iter_recall(
        self,
        state: Any,
        mode: str = "asynchronous",
        *,
        temperature: float | Sequence[float] | None = None,
        every: str = "sweep",
        max_sweeps: int = 100,
        seed: int = 0,
    ) -> Iterator[np.ndarray]:
        """The states on the way, the given one first: after each sweep over all units, or each change (every="flip").

        "asynchronous"  one unit after the other, in an order drawn from ``seed`` and kept.
        "synchronous"   all at once: even symmetric weights may then flip to and fro between two states (Little 1974).
        "stochastic"    one after the other, +1 with probability 1 / (1 + exp(-2 field / temperature)).
                        ``temperature`` is a number, or a list with one for each sweep, as ``cooling`` makes it;
                        the last one then stays for ``max_sweeps``.
        It stops when a whole sweep at temperature 0 changes nothing, when it is sure to go round for ever, or after
        ``max_sweeps``.
        """
        state = self._states("state", state)
        if state.ndim != 1:
            raise ValueError(f"state should have shape ({self.units},); got {state.shape}. Recall one state at a time")
        mode = lookup("mode of recall", mode, {name: name for name in ("asynchronous", "synchronous", "stochastic")})
        every = lookup("value of every", every, {"sweep": "sweep", "flip": "flip"})
        if (temperature is None) == (mode == "stochastic"):
            raise ValueError(
                f"{mode} recall {'needs a' if temperature is None else 'has no'} temperature; "
                'give mode="stochastic" and temperature=0.5, or a list with one for each sweep'
            )
        temperatures = self._temperatures(temperature)
        sweeps, rng = whole("max_sweeps", max_sweeps), np.random.default_rng(whole("seed", seed, low=0))
        return self._run(state, mode, temperatures, every, sweeps, rng)

    def _run(
        self, state: np.ndarray, mode: str, temperatures: list[float], every: str, sweeps: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        self.settled, self.status, self.sweep = False, "on the way", 0
        order = [slice(None)] if mode == "synchronous" else [slice(i, i + 1) for i in rng.permutation(self.units)]
        state, sweep, t, rounding = state.copy(), 0, 0.0, self._rounding()
        seen: dict[bytes, int] = {}
        yield state.copy()
        for sweep in range(1, sweeps + len(temperatures)):
            t, self.sweep = temperatures[min(sweep, len(temperatures)) - 1], sweep
            before = state.copy()
            for units in order:
                field = self.weights[units] @ state - self.thresholds[units]
                if t:
                    answer = self._noisy(field, t, rng)
                else:
                    answer = self._answer(state[units], field, rounding)
                if not np.array_equal(answer, state[units]):
                    state[units] = answer
                    if every == "flip":
                        yield state.copy()
            changed = not np.array_equal(before, state)
            if every == "sweep" and changed:
                yield state.copy()
            if t == 0 and sweep >= len(temperatures):
                if not changed:
                    self.settled, self.status = True, f"settled: sweep {sweep} changed nothing"
                    return
                seen.setdefault(before.tobytes(), sweep - 1)
                if state.tobytes() in seen:  # the next sweeps can only repeat the last ones
                    length = sweep - seen[state.tobytes()]
                    self.status = f"never settles: after {sweep} sweeps it goes round through {length} states for ever"
                    return
        noise = f" at temperature {t:g}: noise does not let it rest" if t else ""
        self.status = f"not settled after {sweep} sweeps{noise}"

    def recall_all(
        self,
        states: Any,
        *,
        temperature: float | Sequence[float] | None = None,
        max_sweeps: int = 100,
        seed: int = 0,
    ) -> np.ndarray:
        """Where each of many starts (n, units) ends, one unit after the other: ``recall`` for all of them at once.

        Without ``temperature`` each row ends where ``recall(row, seed=seed)`` does; with it each has noise of its own.
        ``settled`` says whether every row came to rest.
        """
        states = np.atleast_2d(self._states("states", states))
        temperatures = self._temperatures(temperature)
        sweeps, rng = whole("max_sweeps", max_sweeps), np.random.default_rng(whole("seed", seed, low=0))
        order, rounding = rng.permutation(self.units), self._rounding()
        at_rest = np.zeros(len(states), dtype=bool)
        for self.sweep in range(1, sweeps + len(temperatures)):
            t, before = temperatures[min(self.sweep, len(temperatures)) - 1], states.copy()
            for unit in order:
                field = states @ self.weights[unit] - self.thresholds[unit]
                states[:, unit] = self._noisy(field, t, rng) if t else self._answer(states[:, unit], field, rounding)
            at_rest = (states == before).all(axis=1) & (t == 0)
            if at_rest.all() and self.sweep >= len(temperatures):
                break
        self.settled = bool(at_rest.all())
        self.status = f"{at_rest.sum()} of {len(states)} settled after {self.sweep} sweeps"
        return states

    @staticmethod
    def _temperatures(temperature: float | Sequence[float] | None) -> list[float]:
        """One for each sweep; 0 where none is asked for."""
        listed = np.atleast_1d(numeric("temperature", 0.0 if temperature is None else temperature, np.float64))
        return [number("temperature", value, low=0) for value in listed.tolist()]

    @staticmethod
    def _noisy(field: np.ndarray, temperature: float, rng: np.random.Generator) -> np.ndarray:
        return np.where(rng.random(field.shape) < 0.5 + 0.5 * np.tanh(field / temperature), 1, -1)

    @staticmethod
    def _answer(state: np.ndarray, field: np.ndarray, rounding: float) -> np.ndarray:
        return np.where(np.abs(field) <= rounding, state, np.where(field > 0, 1, -1))

    def _rounding(self) -> float:
        """Fields up to this size are sums of rounding errors and count as 0."""
        return 1e-12 * float(np.abs(self.weights).sum(axis=1).max() + np.abs(self.thresholds).max())

    def _states(self, name: str, values: Any) -> np.ndarray:
        states = numeric(name, values, np.float64)
        if states.ndim not in (1, 2) or states.shape[-1] != self.units:
            advice = f". Give {name}.reshape(-1)" if name == "state" and states.size == self.units else ""
            raise ValueError(
                f"{name} should have {self.units} values, one for each unit; got shape {states.shape}{advice}"
            )
        if not np.isin(states, (-1, 1)).all():
            odd = states[~np.isin(states, (-1, 1))][0]
            raise ValueError(f"{name} should hold -1 and +1 only; got {odd:g}. For 0 and 1 give 2 * {name} - 1")
        return states.astype(np.int64)
