"""The part of marking that runs beside a learner's code, in the notebook's own kernel.

``mark`` is what stands in the hidden lines of an assignment: it raises where an answer is not right, which is how
nbgrader tells no points from all points. ``hand_over`` gives what the function gave to the marker outside instead.
"""

import importlib
import importlib.util
import traceback
from pathlib import Path
from typing import Any

from IPython.display import publish_display_data

from annlab.exercises import answers
from annlab.exercises.base import RIGHT, Exercise

MARKER = "nbgrader_config.py"  # the file that makes a folder a course
MIME = "application/vnd.annlab.answers"
MISSING = "missing"


class NotRight(AssertionError):
    """An exercise of a submission is not right; the text says why."""


def find(where: str, name: str) -> Exercise:
    """The exercise ``name`` of a module of annlab.exercises, or of a file of variants (``where`` ends in ``.py``)."""
    exercise = exercises(where).get(name)
    if exercise is None:
        raise ValueError(f"there is no exercise {name!r} in {where}; there are {sorted(exercises(where))}.")
    return exercise


def exercises(where: str) -> dict[str, Exercise]:
    """Every exercise of a module of annlab.exercises or of a file of variants, by name, in order."""
    names = vars(_load(where)) if where.endswith(".py") else vars(importlib.import_module(f"annlab.exercises.{where}"))
    return {name: thing for name, thing in names.items() if isinstance(thing, Exercise)}


def _load(where: str) -> Any:
    """A file of variants as a module; a relative path is looked for in this folder and in those around it."""
    places = [folder / where for folder in (Path.cwd(), *Path.cwd().parents)]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise FileNotFoundError(f"there is no file {where}, neither here nor in a folder around {Path.cwd()}.")
    spec = importlib.util.spec_from_file_location(f"annlab_variants_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = f", line {lines[-1]}" if lines else ""  # a SyntaxError says itself where it is
        raise ValueError(f"{path.name}{where} does not run: {type(error).__name__}: {error}") from error
    return module


def mark(where: str, name: str, answer: Any, seed: int) -> None:
    """Try ``answer`` on the cases of another seed; NotRight, with what a check would say, where it is not right."""
    outcome = find(where, name).judge(answer, seed)
    print(outcome)
    if outcome.kind != RIGHT:
        raise NotRight(str(outcome))


def hand_over(where: str, name: str, answer: Any, seed: int) -> None:
    """Give what ``answer`` gave on the cases of ``seed`` to the marker outside, as data."""
    exercise = find(where, name)
    callable_ = callable(answer)
    gave = answers.write(exercise.attempt(answer, exercise.cases(seed))) if callable_ else MISSING
    publish_display_data({MIME: gave, "text/plain": f"{name} was tried"})
