"""The edition for learners: it runs, it checks, and the answers are not in it."""

import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from annlab import lessons, student
from annlab.exercises import answers, progress, sealed
from annlab.exercises.base import NOT_YET, RAISED, RIGHT, Exercise

MODULES = [importlib.import_module(f"annlab.exercises.{lesson.name[3:]}") for lesson in progress.lessons()]
EXERCISES = [
    pytest.param(module, thing, id=f"{thing.lesson.name}.{thing.name}")
    for module in MODULES
    for thing in vars(module).values()
    if isinstance(thing, Exercise)
]


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "edition"
    assert lessons.main(["student", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def opened(edition):
    """The exercise files of the edition with their cover taken off."""
    texts = {}
    for path in (edition / "annlab" / "exercises").glob("*.py"):
        if covered := [
            node.args[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "unseal"
        ]:
            texts[path.stem] = sealed.unseal(ast.literal_eval(covered[0]))
    return texts


def in_the_edition(edition, *command, **options):
    """Run Python with the edition's annlab and no other."""
    environment = {**os.environ, "PYTHONPATH": str(edition), "PYTHONHASHSEED": "0", **options}
    done = subprocess.run(
        [sys.executable, *command], cwd=edition, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_in_it_and_what_is_not(edition):
    assert {path.name for path in edition.iterdir()} == {
        "annlab", "lessons", "LICENSE", "LICENSE-TEXT", "README.md", "pyproject.toml",
    }  # fmt: skip
    names = {path.relative_to(edition).as_posix() for path in edition.rglob("*")}
    assert not [name for name in names if re.search(r"teachers|grading|student|__pycache__|/\.", name)]
    assert {Path(name).name for name in names if name.endswith(".ipynb")} == {path.name for path in lessons.find()}
    assert (edition / "lessons" / "pictures" / "02_one_neuron.png").exists()
    assert re.search(r'^version = "[\d.]+\+student"$', (edition / "pyproject.toml").read_text(encoding="utf-8"), re.M)


def test_the_notebooks_offer_no_solution(edition):
    for path in (edition / "lessons").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "solution(" not in text
        assert "`solution`" not in text
        notebook = lessons.read(path)
        assert notebook.metadata.annlab.source == lessons.source_hash(notebook)


def solution_lines(exercise):
    """What the lines of a solution say, without ``return`` and names: only those long enough to be an answer."""
    code = student.source(exercise.answer).splitlines()[1:]
    said = (re.sub(r"^(return|\w+ =)\s+", "", line.strip()) for line in code)
    return [line for line in said if len(line) > 12]


@pytest.mark.parametrize(("module", "exercise"), EXERCISES)
def test_no_solution_no_reference_and_no_wrong_answer_is_in_it(module, exercise, opened):
    text = opened[module.__name__.rpartition(".")[2]]
    tree = ast.parse(text)
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    answers_of = [exercise.answer, exercise.reference, *(mistake.answer for mistake in exercise.mistakes)]
    # Lesson 09 measures a gradient by nudges in its text as well: lesson.compare(...) needs that.
    assert not functions & {function.__name__ for function in answers_of} - {"_measured"}
    # The code that is left says nothing like a solution. (Sentences may: they are shown when somebody needs them.)
    code = ast.unparse(without_strings(tree))
    for line in solution_lines(exercise):
        assert line not in code
    for hint in set(exercise.hints) - set(student.harmless(exercise)):
        assert json.dumps(hint)[1:-1] not in text.replace("\\\\", "\\")
    assert exercise.hints[-1] not in text


def without_strings(tree):
    class Blanked(ast.NodeTransformer):
        def visit_Constant(self, node):
            return ast.copy_location(ast.Constant("" if isinstance(node.value, str) else node.value), node)

        def visit_JoinedStr(self, node):
            return ast.copy_location(ast.Constant(""), node)

    return Blanked().visit(tree)


@pytest.mark.parametrize(("module", "exercise"), EXERCISES)
def test_nothing_of_it_can_be_read_in_the_files(module, exercise, edition):
    text = (edition / "annlab" / "exercises" / f"{module.__name__.rpartition('.')[2]}.py").read_text(encoding="utf-8")
    for line in [*solution_lines(exercise), exercise.reference.__name__, exercise.notice, *exercise.hints]:
        assert line not in text


CHECKS = """
import json, sys, types
sys.path.insert(0, sys.argv[1])  # the tests' own folder comes last
import annlab, annlab.exercises.progress as progress
from annlab.exercises import base, sealed
assert annlab.__file__.startswith(sys.argv[1]), annlab.__file__
asked = json.load(open(sys.argv[2], encoding="utf-8"))
said = []
for module, name, right in asked:
    exercise = getattr(__import__(f"annlab.exercises.{module}", fromlist=["x"]), name)
    names = {}
    exec("import numpy as np\\n" + right, names)
    outcomes = [exercise.check(names[name]), exercise.check(lambda *arguments: 0.123), exercise.check(None)]
    for gave, hint in exercise._wrong:  # a function that gives what a known mistake gives
        results = iter(sealed.answers.read(gave))
        def mistaken(*arguments):
            result = next(results)
            if result.kind:
                raise getattr(__builtins__, result.kind, ValueError)(result.error)
            return result.value
        outcomes.append(exercise.check(mistaken))
    words = [str(exercise.solution()), str(exercise.hint())]
    said.append([[outcome.kind, outcome.hint] for outcome in outcomes] + words)
assert len(progress.lessons()) == int(sys.argv[3])
print(json.dumps(said))
"""


def test_every_check_says_what_it_said(edition, tmp_path):
    asked = [
        (module.__name__.rpartition(".")[2], name, student.source(thing.answer))
        for module in MODULES
        for name, thing in vars(module).items()
        if isinstance(thing, Exercise)
    ]
    (tmp_path / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    arguments = [str(edition), str(tmp_path / "asked.json"), str(len(MODULES))]
    said = json.loads(in_the_edition(edition, "-c", CHECKS, *arguments, ANNLAB_PROGRESS=str(tmp_path)))
    for (module, name, *_), (right, wrong, blank, *rest) in zip(asked, said, strict=True):
        exercise = getattr(importlib.import_module(f"annlab.exercises.{module}"), name)
        *mistakes, solution, hint = rest
        assert right[0] == RIGHT, name
        assert wrong[0] in (NOT_YET, RAISED)  # where a network is asked for, a number is no answer to look at
        assert blank[0] == "not tried yet"
        assert {kind for kind, _ in mistakes} <= {NOT_YET, RAISED}
        assert [hint for _, hint in mistakes] == [mistake.hint for mistake in exercise.mistakes]
        assert solution == sealed.ASK
        assert "Hint 1" in hint


def test_two_lessons_run_as_they_are_stored(edition, tmp_path):
    shutil.copy(Path(__file__).parent / "nbval_sanitize.cfg", edition / "sanitize.cfg")
    try:
        said = in_the_edition(
            edition, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(edition),
            "--nbval" if sys.platform == "linux" else "--nbval-lax", "--nbval-current-env",
            "--nbval-sanitize-with", "sanitize.cfg", "--nbval-cell-timeout=120",
            "lessons/02_one_neuron.ipynb", "lessons/05_perceptron.ipynb", ANNLAB_PROGRESS=str(tmp_path),
        )  # fmt: skip
    finally:
        (edition / "sanitize.cfg").unlink()
    assert re.search(r"\d+ passed", said)


def test_it_becomes_a_wheel(edition, tmp_path):
    in_the_edition(edition, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(edition))
    (wheel,) = tmp_path.glob("annlab-*+student-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "annlab/_lessons/02_one_neuron.ipynb" in names
    assert not [name for name in names if "teachers" in name or "grading" in name]


def test_other_cases_than_the_written_ones_are_refused():
    exercise = MODULES[2].neuron
    kept = sealed.Sealed(progress.Lesson("a", "b"), "neuron", sealed.facts(exercise, ["One."], with_cases=True))
    assert kept.judge(exercise.answer).kind == RIGHT
    assert answers.write(kept.expected(kept.cases())) == answers.write(exercise.expected(exercise.cases()))
    with pytest.raises(ValueError, match="knows the cases of the check and no others"):
        kept.judge(exercise.answer, seed=7)


def test_hints_that_are_gone_are_gone_from_the_catalogues(tmp_path):
    edition = student.Edition(tmp_path)
    edition.hints = {"Add up. return np.sum(x)"}
    folder = tmp_path / "annlab" / "data" / "words"
    folder.mkdir(parents=True)
    words = {"Add up.": "A.", "return np.sum(x)": "B", "Add up. return np.sum(x)": "C", "Keep": "D", "Empty": ""}
    (folder / "de.json").write_text(json.dumps({"exercises/a": words}), encoding="utf-8")
    student._clean_words(edition)
    assert json.loads((folder / "de.json").read_text(encoding="utf-8")) == {"exercises/a": {"Keep": "D"}}


def test_a_folder_that_cannot_be_used_is_answered(tmp_path, capsys, monkeypatch):
    (tmp_path / "mine").write_text("x", encoding="utf-8")
    for names, words in [
        ([str(tmp_path)], "is not empty"),
        ([str(tmp_path / "mine")], "is not empty"),
        ([str(student.ROOT / "lessons" / "here")], "inside this checkout's own folders"),
        ([], "name one folder"),
        (["a", "b"], "name one folder"),
        ([str(tmp_path / "mine" / "new")], "mine"),  # a file is no folder
    ]:
        assert lessons.main(["student", *names]) == 2
        assert words in capsys.readouterr().err
    monkeypatch.setattr(student, "ROOT", tmp_path)
    assert lessons.main(["student", str(tmp_path / "new")]) == 2
    assert "made from a clone" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
