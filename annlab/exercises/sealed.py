"""Exercises of the edition for learners: what is right is kept as numbers, and no solution is there to be read.

A check needs to know what is right, and nobody needs to see how it was computed. ``python -m annlab.lessons student``
calls every reference and every known mistake once, on the cases of the check, and writes down what they gave.
"""

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..words import say
from . import answers
from .base import Case, Exercise, Result, Text
from .progress import Lesson

ASK = "The solutions are not in this edition. Ask your teacher, or look at the hints again."


def seal(text: str) -> str:
    """Text that nobody reads by accident. It is a cover and not a lock: :func:`unseal` takes it off."""
    return base64.b85encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def unseal(text: str) -> str:
    return zlib.decompress(base64.b85decode(text)).decode("utf-8")


class Sealed(Exercise):
    """An exercise that was written down: the same checks and hints, without its solution."""

    def __init__(
        self,
        lesson: Lesson,
        name: str,
        facts: str,
        *,
        cases: Callable[[Any], Sequence[Case]] | None = None,
        run: Callable[..., Any] | None = None,
    ) -> None:
        known = json.loads(facts)

        def solution(*arguments: Any) -> Any:
            raise ValueError(ASK)

        solution.__name__ = name
        self._kept = None if cases else [tuple(result.value for result in answers.read(one)) for one in known["cases"]]
        super().__init__(
            lesson,
            solution,
            reference=solution,
            cases=cases or (lambda rng: self._kept or []),
            mistakes=(),
            hints=known["hints"],
            notice=known["notice"],
            tolerance=known["tolerance"],
            run=run,
        )
        self._right = known["right"]
        self._wrong = known["wrong"]

    def cases(self, seed: int = 0) -> list[Case]:
        if seed:
            raise ValueError("this edition knows the cases of the check and no others; mark with the whole of annlab.")
        return super().cases()

    def expected(self, cases: Sequence[Case]) -> list[Result]:
        return answers.read(self._right)

    def mistaken(self, cases: Sequence[Case]) -> Iterator[tuple[list[Result], str]]:
        for gave, hint in self._wrong:
            yield answers.read(gave), hint

    def solution(self) -> Text:
        return Text(say(ASK))


def facts(exercise: Exercise, hints: Sequence[str], with_cases: bool) -> str:
    """An exercise written down, as the text that :class:`Sealed` reads."""
    cases = exercise.cases()
    known = {
        "hints": list(hints),
        "notice": exercise.notice,
        "tolerance": exercise.tolerance,
        "right": answers.write(exercise.expected(cases)),
        "wrong": [(answers.write(results), hint) for results, hint in exercise.mistaken(cases)],
    }
    if with_cases:
        known["cases"] = [answers.write([Result(value) for value in case]) for case in cases]
    return json.dumps(known)
