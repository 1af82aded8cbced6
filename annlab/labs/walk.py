"""Labs that walk along the run of a network that settles: the whole run is known from its start."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from .base import Lab

__all__ = ["WalkLab"]


class WalkLab(Lab):
    """A lab whose ``state.states`` are every state of a run and ``state.at`` is how many changes were made.

    A subclass calls ``_walk`` with the states of a new run, and says in ``_end`` how it ended.
    """

    def _walk(self, state: SimpleNamespace, states: list[np.ndarray]) -> None:
        """Stand at the beginning of this run of the model, with the energy of each of its states."""
        state.states = np.array(states)
        state.energies = np.round(state.model.energy(state.states), 9) + 0.0  # no sums of rounding errors, no -0
        self._go_to(state, 0)

    def _go_to(self, state: SimpleNamespace, at: int) -> None:
        state.at = max(at, 0)
        self._steps = None
        self.stage.say("")

    def train(self, state: SimpleNamespace) -> Iterator[Any]:
        last = len(state.states) - 1
        while state.at < last:
            state.at += 1
            if state.at < last:
                yield state.at
        words, well = self._end(state)
        self.stage.say(words, trouble=not well)

    def _end(self, state: SimpleNamespace) -> tuple[str, bool]:
        """How the run ended, in a sentence or two, and whether that is well."""
        raise NotImplementedError

    @staticmethod
    def _status(state: SimpleNamespace) -> str:
        """What the network says of the run, as a sentence."""
        return f"{state.status[0].upper()}{state.status[1:]}."

    def steps_a_second(self, state: SimpleNamespace) -> float:
        return float(state.pace)
