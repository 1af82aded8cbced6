"""Make the edition for learners: all notebooks and the package, without the answers.

    python -m annlab.lessons student FOLDER

For teachers; lessons/teachers/student_edition.md says what it is good for and what it cannot keep secret.
"""

import ast
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from . import lessons
from .exercises import answers, progress
from .exercises.base import Exercise, Result, source
from .exercises.sealed import facts, seal

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("grading", "student.py", "lessons.py", "_lessons", "__pycache__")  # of the package: a teacher's tools

NO_HINT = "Run the check and try the case that it shows by hand, with paper and pencil."

MODULE = '''"""{docstring}

This is the edition for learners. The solutions and what they are compared with are not in it: a check knows what is
right as numbers. The rest is covered, so that you do not meet the answer to a question before the question.
"""

from annlab.exercises.sealed import unseal

exec(compile(unseal({text!r}), __file__, "exec"))
'''

PACKAGE = '''"""Exercises: every check, hint, prediction and quiz of the lessons, one file a lesson.

    from annlab.exercises import many_classes as lesson
    lesson.one_hot.check(my_one_hot)

This is the edition for learners, which has no solutions.
"""
'''

README = """# annlab, the edition for learners

A course on neural networks that you can watch think, and the small library behind it. In an environment of your own:

```
pip install -e ".[lab]"
annlab
```

This edition has no solutions: where a lesson offers one, ask your teacher.
"""


class Edition:
    """What was made: the folder, the lessons in it, how many exercises they have, and the hints that are gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lessons: list[str] = []
        self.exercises = 0
        self.hints: set[str] = set()


def make(folder: Path) -> Edition:
    """Write the edition into ``folder``, which must be empty or not there yet.

    Raises ValueError where it is not, where it lies inside this checkout's package or lessons, or where there is no
    checkout to make it from. The folder appears whole or not at all.
    """
    if not (ROOT / "pyproject.toml").is_file() or not (ROOT / "lessons").is_dir():
        raise ValueError(f"there is no checkout of annlab in {ROOT}; the edition is made from a clone.")
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} is not empty. Name a folder that is not there yet.")
    if any(part in (folder, *folder.parents) for part in (ROOT / "annlab", ROOT / "lessons")):
        raise ValueError(f"{folder} lies inside this checkout's own folders. Name another place.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True) as place:
        draft = Edition(Path(place) / "edition")
        _copy(draft)
        _write_exercises(draft)
        _clean_words(draft)
        _write_notebooks(draft)
        if folder.exists():
            folder.rmdir()
        draft.folder.rename(folder)
    draft.folder = folder
    return draft


def _copy(edition: Edition) -> None:
    ignore = shutil.ignore_patterns(*LEFT_OUT, "teachers", ".ipynb_checkpoints", "*-fresh*.ipynb", "*.ipynb", ".*")
    shutil.copytree(ROOT / "annlab", edition.folder / "annlab", ignore=ignore)
    shutil.copytree(ROOT / "lessons", edition.folder / "lessons", ignore=ignore)
    for name in ("LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, edition.folder / name)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = re.sub(r'^version = "(.*)"', r'version = "\1+student"', project, count=1, flags=re.MULTILINE)
    (edition.folder / "pyproject.toml").write_text(project, encoding="utf-8", newline="\n")
    (edition.folder / "README.md").write_text(README, encoding="utf-8", newline="\n")


# ---------------------------------------------------------------------------------------------------------------------
# Exercises


def _write_exercises(edition: Edition) -> None:
    place = edition.folder / "annlab" / "exercises"
    (place / "__init__.py").write_text(PACKAGE, encoding="utf-8", newline="\n")
    for lesson in progress.lessons():
        path = place / f"{lesson.name[3:]}.py"
        module = import_module(f"annlab.exercises.{path.stem}")
        exercises = {name: thing for name, thing in vars(module).items() if isinstance(thing, Exercise)}
        edition.exercises += len(exercises)
        for exercise in exercises.values():
            edition.hints |= set(exercise.hints) - set(harmless(exercise))
        text = without_answers(path.read_text(encoding="utf-8"), exercises)
        docstring = (module.__doc__ or "").strip()
        path.write_text(MODULE.format(docstring=docstring, text=seal(text)), encoding="utf-8", newline="\n")


def harmless(exercise: Exercise) -> list[str]:
    """The hints that do not give the answer away: neither the last one nor one with a line of the solution in it."""
    lines = [line.strip() for line in source(exercise.answer).splitlines()[1:]]
    code = {_squeezed(re.sub(r"^(return|\w+ =)\s+", "", line)) for line in lines}
    telling = {line for line in code if len(line) > 3}
    return [hint for hint in exercise.hints[:-1] if not any(line in _squeezed(hint) for line in telling)] or [NO_HINT]


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def without_answers(text: str, exercises: dict[str, Exercise]) -> str:
    """The source of an exercise file with each solution replaced by what was written down of it.

    What only the solutions needed, references and wrong answers above all, goes as well.
    """
    lines = text.splitlines()
    tree = ast.parse(text)
    cut: dict[int, tuple[int, str]] = {}  # first line -> last line, and what stands there instead
    gone, needed = set(), set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in exercises:
            first = min(decorator.lineno for decorator in node.decorator_list)
            new = _written_down(exercises[node.name], node)
            cut[first] = (node.end_lineno or first, new)
            gone |= _names(node)
            needed |= _names(ast.parse(new))
    left = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name in exercises)]
    while unused := [node for node in left if _is_unused(node, left, gone, needed)]:
        for node in unused:
            left.remove(node)
            gone |= _names(node)
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            cut[first] = (node.end_lineno or first, "")
    result, number = ["from annlab.exercises.sealed import Sealed"], 1
    while number <= len(lines):
        if number in cut:
            number, new = cut[number][0] + 1, cut[number][1]
            result += [new] if new else []
        else:
            result.append(lines[number - 1])
            number += 1
    return "\n".join(result) + "\n"


def _written_down(exercise: Exercise, node: ast.FunctionDef) -> str:
    """``neuron = Sealed(lesson, "neuron", ...)``, with the code of the cases only where they hold functions."""
    call = next(one for one in node.decorator_list if isinstance(one, ast.Call))
    kept = _can_travel(exercise)
    parts = {part.arg: ast.unparse(part.value) for part in call.keywords if part.arg in ("cases", "run")}
    if kept:
        parts.pop("cases")
    more = "".join(f", {name}={value}" for name, value in parts.items())
    lesson = ast.unparse(call.args[0])
    return f"{node.name} = Sealed({lesson}, {node.name!r}, {facts(exercise, harmless(exercise), kept)!r}{more})"


def _can_travel(exercise: Exercise) -> bool:
    """Can the cases be written down, or do they hold functions and objects that only the code can make?"""

    def is_plain(value: Any) -> bool:
        if isinstance(value, dict):
            return value.get("is") != "thing" and all(is_plain(part) for part in value.get("parts", []))
        return True

    written = [json.loads(answers.write([Result(value) for value in case])) for case in exercise.cases()]
    return all(is_plain(value) for case in written for value, *_ in case)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _defines(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return set()


def _is_unused(node: ast.stmt, left: Sequence[ast.stmt], gone: set[str], needed: set[str]) -> bool:
    """Was this only there for what is gone: private or called by it, and named nowhere else?"""
    defined = _defines(node)
    if not defined or not all(name.startswith("_") or name in gone for name in defined):
        return False
    used = needed.union(*(_names(other) for other in left if other is not node))
    return not defined & used


def _clean_words(edition: Edition) -> None:
    """Take the hints that are gone out of the catalogues of other languages as well."""
    pieces = {piece.strip() for hint in edition.hints for piece in (hint, *re.split(r"(?<=[.?])\s+|\n", hint))}
    for path in (edition.folder / "annlab" / "data" / "words").glob("*.json"):
        catalogue = json.loads(path.read_text(encoding="utf-8"))
        cleaned = {
            room: {words: said for words, said in sentences.items() if words not in pieces and said}
            for room, sentences in catalogue.items()
        }
        text = json.dumps(cleaned, ensure_ascii=False, indent=1) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")


# ---------------------------------------------------------------------------------------------------------------------
# Notebooks


def _write_notebooks(edition: Edition) -> None:
    for path in [*lessons.find(), *lessons.translations()]:
        notebook = lessons.read(path)
        for cell in notebook.cells:
            cell.source = "\n".join(_without_solutions(cell.source))
        if "annlab" in notebook.metadata:
            notebook.metadata["annlab"]["source"] = lessons.source_hash(notebook)
        lessons.write(notebook, edition.folder / "lessons" / path.relative_to(lessons.LESSONS))
    edition.lessons = [path.stem for path in lessons.find()]


def _without_solutions(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not re.fullmatch(r"#? ?lesson\.\w+\.solution\(\)", line.strip()):
            yield line.replace(" `solution` shows the code of one answer.", "")
