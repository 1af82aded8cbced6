"""Write an nbgrader assignment from the exercises of a lesson, and the course folder around it.

Each exercise becomes four cells: its text, a cell to write in (the solution stands between two marks that nbgrader
cuts at), the check that the learner may use, and a test cell that only the teacher's copy has in full.
"""

import ast
import inspect
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annlab import lessons
from annlab.exercises.base import BLANK, RIGHT, Exercise, _show, _show_call, source

from .marking import hidden_call
from .trying import MARKER, exercises

MOST_SEEDS = 20  # are drawn for an assignment

CONFIG = '''"""The settings of this course for nbgrader, written by python -m annlab.grading. Change what you like."""

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, Execute

from annlab.grading.marking import Mark

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course!r}

# A cell may take this many seconds. One that takes longer is left out, and the rest is marked.
c.Execute.timeout = 60

# The blanks of the lessons, instead of nbgrader's "YOUR CODE HERE".
c.ClearSolutions.code_stub = {{"python": "return {blank}"}}

# A test cell that was deleted comes back.
c.OverwriteCells.add_missing_cells = True

# Verdicts are found outside of the notebook's kernel, and feedback does not tell the hidden lines.
steps = Autograde().autograde_preprocessors
c.Autograde.autograde_preprocessors = [Mark if step is Execute else step for step in steps]
c.GenerateFeedback.preprocessors = [ClearHiddenTests, *GenerateFeedback().preprocessors]
'''

SETUP = """import numpy as np

from annlab.exercises import {module} as lesson

print("ready")"""

INTRODUCTION = """# {title}

Run the cells from the top. In each exercise, write your own code in the place of the blank, and run the cell.
{check}Do not rename the functions: each is called by its name when this is marked, on cases that are not shown here.
A cell that takes longer than your teacher's limit, usually a minute, is left out."""

TEST = """# {name}: {points:g} {unit}. It is tried on more cases when this is marked.
### BEGIN HIDDEN TESTS
from annlab.grading import mark

mark({where!r}, {name!r}, globals().get({name!r}), seed={seed})
### END HIDDEN TESTS"""


def make(
    course: Path,
    lesson: str,
    *,
    variants: Path | None = None,
    points: Mapping[str, float] | None = None,
    only: Sequence[str] = (),
    seed: int | None = None,
) -> Path:
    """Write ``course/source/NAME/NAME.ipynb`` for a lesson and return its path.

    ``lesson`` is the beginning of its name, such as ``02``. An exercise of the file ``variants`` takes the place of
    one with the same name, or comes after the others. ``points`` maps names to points; ``""`` stands for all others.
    ``only`` names the exercises to take. Without ``seed`` an assignment keeps the one it has, or draws one with which
    no wrong answer that an exercise knows would be marked as right.

    Raises ValueError for an unknown lesson or exercise, or where there is nothing to mark, before anything is written.
    """
    path = _lesson(lesson)
    module = path.stem[3:]
    taken = {name: (module, exercise) for name, exercise in exercises(module).items()}
    if variants is not None:
        if variants.suffix != ".py" or variants.is_dir():
            raise ValueError(f"{variants} is no Python file; give one whose name ends in .py")
        kept = f"variants/{path.stem}.py"
        ours = exercises(str(variants.resolve()))
        if not ours:
            raise ValueError(f"{variants} has no exercise: it needs a function under @exercise(lesson, ...).")
        taken |= {name: (kept, exercise) for name, exercise in ours.items()}
    points = {"": 1.0, **(points or {})}
    for name in [*only, *points]:
        if name and name not in taken:
            raise ValueError(f"there is no exercise {name!r} in {path.stem}; there are {list(taken)}.")
    if any(not value > 0 for value in points.values()):
        raise ValueError(f"points must be above 0, got {dict(points)}.")
    taken = {name: found for name, found in taken.items() if not only or name in only}
    target = course / "source" / path.stem / path.name
    seed = _seed_of(target) if seed is None else seed
    seed = _draw(taken) if seed is None else seed
    for name, (_, exercise) in taken.items():
        _try_solution(name, exercise, seed)
    notebook = _notebook(path, module, taken, points, seed)

    target.parent.mkdir(parents=True, exist_ok=True)
    if variants is not None:
        (course / kept).parent.mkdir(exist_ok=True)
        if variants.resolve() != (course / kept).resolve():
            (course / kept).write_bytes(variants.read_bytes())
    if not (course / MARKER).exists():
        config = CONFIG.format(course=course.resolve().name, blank=BLANK)
        (course / MARKER).write_text(config, encoding="utf-8", newline="\n")
    lessons.write(notebook, target)
    return target


def _lesson(name: str) -> Path:
    found = lessons.find([name])
    if len(found) != 1:
        raise ValueError(f"{name!r} could be {[path.stem for path in found]}. Give one lesson.")
    return found[0]


def _try_solution(name: str, exercise: Exercise, seed: int) -> None:
    """ValueError where an exercise has no cases, or where its solution and its reference do not agree on them."""
    try:
        outcome = exercise.judge(exercise.answer, seed)
        failed = [result.error for result in exercise.expected(exercise.cases(seed)) if result.error]
    except Exception as error:
        said = f"{name} cannot be tried ({type(error).__name__}: {error})."
        raise ValueError(f"{said} Its cases should be a list of tuples, each with the arguments of a call.") from error
    if outcome.kind != RIGHT and failed:
        raise ValueError(f"the reference of {name} raised {failed[0]}")
    if outcome.kind != RIGHT:
        raise ValueError(f"the solution of {name} does not pass with the seed {seed}: {outcome}")


def _seed_of(target: Path) -> int | None:
    """The seed of an assignment that was written before, so that writing it again changes no cases."""
    if target.exists():
        for cell in lessons.read(target).cells:
            if hidden := hidden_call(cell.source):
                return hidden[2]
    return None


def _draw(taken: Mapping[str, tuple[str, Exercise]]) -> int:
    """A seed by lot, with which every known mistake is found out: by chance two answers can agree on all cases."""
    always: set[str] = set()  # what was missed in every draw so far; by chance another one may be missed in one of them
    for _ in range(MOST_SEEDS):
        seed, missed = secrets.randbelow(2**31), set()
        for name, (_, exercise) in taken.items():
            _try_solution(name, exercise, seed)
            cases = exercise.cases(seed)
            for results, hint in exercise.mistaken(cases):
                if exercise.verdict(cases, results, exercise.answer).kind == RIGHT:
                    missed.add(f"{name}: {hint}")
        if not missed:
            return seed
        always = always & missed or missed
    said = f"in {MOST_SEEDS} draws a known mistake was always marked as right."
    raise ValueError(f"{said} Give more cases to {'; '.join(sorted(always))}")


def _notebook(path: Path, module: str, taken: Mapping[str, Any], points: Mapping[str, float], seed: int) -> Any:
    from nbformat.v4 import new_notebook

    lesson = lessons.read(path)
    stock = any(where == module for where, _ in taken.values())
    title = lesson.cells[0].source.partition("\n")[0].removeprefix("# ")
    check = "Where a check stands below it, it tries your function and says how it did.\n" if stock else ""
    setup = SETUP.format(module=module) if stock else 'import numpy as np\n\nprint("ready")'
    cells = [
        _cell("markdown", "title", INTRODUCTION.format(title=title, check=check)),
        _cell("code", "setup", setup, locked=True),
    ]
    for name, (where, exercise) in taken.items():
        words, stub = _words_and_stub(lesson, name)
        if where == module:
            words, visible = f"## {name}\n\n{words}", f"lesson.{name}.check({name})"
        else:
            words, visible = f"## {name}\n\n{_own_words(exercise) or words}{_examples(exercise)}", ""
            stub = []
        given = points.get(name, points[""])
        unit = "point" if given == 1 else "points"
        test = TEST.format(name=name, points=given, unit=unit, where=where, seed=seed)
        cells += [
            _cell("markdown", f"{name}-words", words),
            _cell("code", name, _solution(exercise, stub), solution=True),
            *([_cell("code", f"{name}-check", visible)] if visible else []),
            _cell("code", f"{name}-test", test, locked=True, points=given),
        ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return new_notebook(cells=cells, metadata=metadata)


def _cell(kind: str, name: str, text: str, *, solution: bool = False, locked: bool = False, points: float = 0) -> Any:
    """A cell, with what nbgrader wants to know of one to solve, one that it puts back, and one that gives points."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    identity = name.replace("_", "-")[:64]
    cell = new_code_cell(text, id=identity) if kind == "code" else new_markdown_cell(text, id=identity)
    if solution or locked:
        facts = {"grade": points > 0, "grade_id": name, "locked": locked, "solution": solution, "task": False}
        cell.metadata["nbgrader"] = {**facts, "schema_version": 3, **({"points": points} if points else {})}
    return cell


def _words_and_stub(lesson: Any, name: str) -> tuple[str, list[str]]:
    """What a lesson says above the cell of an exercise, and the lines of the function with its blanks."""
    above = ""
    for cell in lesson.cells:
        if cell.cell_type == "code" and f"lesson.{name}.check(" in cell.source:
            function = cell.source.partition(f"lesson.{name}.check(")[0].rstrip()
            return above, function.splitlines()[1:]
        if cell.cell_type == "markdown":
            above = re.sub(r"^(#+ .*\n+)?(\*\*\d+\.\*\* )?", "", cell.source)  # its number in the lesson
    return "", []


def _solution(exercise: Exercise, stub: Sequence[str]) -> str:
    """The function with its solution between nbgrader's marks; a stub of several lines stays above as a comment."""
    head, *body = source(exercise.answer).splitlines()
    words = exercise.answer.__doc__
    if words:  # the text of a variant stands above the cell already
        body = body[len(_docstring_lines(exercise)) :]
    shape = [] if len(stub) < 2 else ["    # The lesson has it in this shape:", *(f"    # {line[4:]}" for line in stub)]
    return "\n".join([head, *shape, "    ### BEGIN SOLUTION", *body, "    ### END SOLUTION"])


def _docstring_lines(exercise: Exercise) -> list[str]:
    function = ast.parse(source(exercise.answer)).body[0]
    assert isinstance(function, ast.FunctionDef)
    first = function.body[0]
    return source(exercise.answer).splitlines()[first.lineno - 1 : first.end_lineno]


def _own_words(exercise: Exercise) -> str:
    return inspect.getdoc(exercise.answer) or ""


def _examples(exercise: Exercise) -> str:
    """The first cases of the check, which are no secret, as text: a variant has no check that a learner could run."""
    lines = []
    for case in exercise.cases()[:2]:
        (result,) = exercise.expected([case])
        lines.append(f"{_show_call(exercise.answer, exercise.name, case)} gives {_show(result.value)}")
    return "\n\nFor example:\n\n```\n" + "\n".join(lines) + "\n```"
