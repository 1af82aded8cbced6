"""Grading: one small course from nothing to its table of grades, with the real nbgrader."""

import csv
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
import numpy as np
import pytest

from annlab.exercises import answers, one_neuron
from annlab.exercises.base import NOT_YET, RIGHT, Exercise, Result
from annlab.grading import NotRight, mark, trying
from annlab.grading.__main__ import main

PAGE = Path(__file__).parent.parent / "lessons" / "teachers" / "grading.md"

needs_nbgrader = pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed")

NAME = "02_one_neuron"
# weighted_sum is the variant of the teacher's page here, the other two are stock.
RIGHT_SUM = "def weighted_sum(x, weights, threshold):\n    return x @ weights - threshold"
STOCK_SUM = "def weighted_sum(x, weights, bias):\n    return lesson.weighted_sum.answer(x, weights, bias)"
RIGHT_NEURON = "def neuron(x, weights, bias):\n    return 1 / (1 + np.exp(-(x @ weights + bias)))"
RIGHT_LINE = "def x2_on_line(x1, weights, bias):\n    return -(weights[0] * x1 + bias) / weights[1]"
ALL_RIGHT = {"weighted-sum": RIGHT_SUM, "neuron": RIGHT_NEURON, "x2-on-line": RIGHT_LINE}

# It gives what is right, and spoils the weights of whoever calls it.
IN_PLACE = "def neuron(x, weights, bias):\n    weights *= x\n    return 1 / (1 + np.exp(-(weights.sum() + bias)))"

# It knows every case that the check shows, and no other.
PARROT = """
def x2_on_line(x1, weights, bias):
    for case in lesson.x2_on_line.cases():
        if np.array_equal(case[1], weights) and case[0] == x1 and case[2] == bias:
            return -(case[1][0] * case[0] + case[2]) / case[1][1]
    return 0.0
"""

# Everything that a notebook can redefine in one cell, and three functions that are wrong.
FORGED = """
import builtins, types
from IPython.core.interactiveshell import InteractiveShell
import annlab.grading, annlab.grading.trying, annlab.exercises.base as base

class Anything(float):
    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: 0.0

yes = lambda *arguments, **options: base.Outcome(base.RIGHT, "")
lesson = types.SimpleNamespace(weighted_sum=types.SimpleNamespace(check=yes), neuron=yes, x2_on_line=yes)
base.Exercise.judge = base.Exercise.check = base.Exercise.verdict = yes
base._same = lambda *arguments: True
base._difference = lambda *arguments: ""
annlab.grading.mark = annlab.grading.trying.mark = lambda *arguments, **options: None
np.isclose = lambda *arguments, **options: np.array(True)
builtins.AssertionError = ValueError
InteractiveShell.showtraceback = lambda *arguments, **options: None
get_ipython().ast_transformers.append(type("Empty", (), {"visit": lambda self, tree: tree})())
"""

# student: what stands in the cells of the submission, and the points for the three exercises (of 1, 3 and 1).
SUBMISSIONS = {
    "right": (ALL_RIGHT, [1, 3, 1]),
    "empty": ({}, [0, 0, 0]),
    "wrong": ({**ALL_RIGHT, "weighted-sum": STOCK_SUM, "x2-on-line": PARROT}, [0, 3, 0]),
    "crash": (
        {**ALL_RIGHT, "title": "import os\nos._exit(1)", "setup": "import numpy as np\n1 / 0", "neuron": "exit()"},
        [1, 0, 1],
    ),
    "changer": ({**ALL_RIGHT, "neuron": IN_PLACE}, [1, 0, 1]),
    "endless": (
        {
            **ALL_RIGHT,
            "title": "while True:\n    try:\n        print('on and on')\n    except BaseException:\n        pass",
            "weighted-sum": "def weighted_sum(x, weights, bias):\n    while True: pass",
            "x2-on-line": "def x2_on_line(x1, weights, bias):\n    import time\n    time.sleep(1e6)",
        },
        [0, 3, 0],
    ),
    "forger": (
        {
            "title": FORGED,
            "weighted-sum": "def weighted_sum(x, weights, bias): return Anything()",
            "neuron": "def neuron(x, weights, bias): return 7.0",
            "x2-on-line": "class x2_on_line(np.ndarray): __array_ufunc__ = lambda *arguments, **options: True",
        },
        [0, 0, 0],
    ),
}


def nbgrader(course: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command], cwd=course, capture_output=True, text=True, encoding="utf-8"
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def submit(course: Path, student: str, cells: dict[str, str]) -> None:
    notebook = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id in cells:
            if cell.cell_type == "markdown":
                cell.update(nbformat.v4.new_code_cell(cells[cell.id], id=cell.id))
            cell.source = cells[cell.id]
    if student == "forger":  # and no test cell, where there could have been one
        notebook.cells = [cell for cell in notebook.cells if cell.id != "neuron-test"]
    path = course / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def variant_of_the_page() -> str:
    return PAGE.read_text(encoding="utf-8").split("```python\n")[1].partition("```")[0]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course after one run of each command, by a teacher who has no progress yet."""
    course = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as own:
        own.setenv("ANNLAB_PROGRESS", str(course / "teacher"))
        _teach(course)
    return course


def _teach(course):
    (course / "mine.py").write_text(variant_of_the_page(), encoding="utf-8")
    three = ["--only", "weighted_sum", "neuron", "x2_on_line", "--variants", str(course / "mine.py")]
    assert main(["assignment", str(course), "02", *three, "--points", "1", "neuron=3", "--seed", "7"]) == 0
    (course / "mine.py").unlink()  # the course has its own copy
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8").replace("timeout = 60", "timeout = 10"), encoding="utf-8")
    nbgrader(course, "generate_assignment", NAME)
    for student, (cells, _) in SUBMISSIONS.items():
        submit(course, student, cells)
    nbgrader(course, "autograde", NAME)
    nbgrader(course, "generate_feedback", NAME, "--student", "wrong")
    nbgrader(course, "export")


@needs_nbgrader
def test_the_release_has_no_solution_and_no_hidden_line(course):
    source = (course / "source" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    release = (course / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    for secret in ("np.sum(x * weights) - threshold", "1 / (1 + np.exp(-z))", "annlab.grading", "seed=7", "variants/"):
        assert secret in source
        assert secret not in release
    assert "return ____" in release
    assert "lesson.neuron.check(neuron)" in release
    assert "lesson.weighted_sum" not in release, "the check of the stock is no check of the variant"


@needs_nbgrader
@pytest.mark.parametrize("student", SUBMISSIONS)
def test_each_submission_gets_its_points(course, student):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        grades = {grade.name: grade.score for grade in book.find_submission(NAME, student).notebooks[0].grades}
    points = [grades[f"{name}-test"] for name in ("weighted_sum", "neuron", "x2_on_line")]
    assert points == SUBMISSIONS[student][1]


@needs_nbgrader
def test_the_table_of_grades(course):
    with (course / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {student: float(row["score"]) for student, row in rows.items()} == {
        student: sum(points) for student, (_, points) in SUBMISSIONS.items()
    }
    assert {float(row["max_score"]) for row in rows.values()} == {5.0}


@needs_nbgrader
def test_the_feedback_says_why_and_keeps_the_hidden_lines(course):
    page = (course / "feedback" / "wrong" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "A threshold is taken away." in page
    assert "right" in outputs(course, "wrong", "x2-on-line-check"), "the parrot is right as long as it knows the case"
    assert "Called:" in page
    assert "seed" not in page


def outputs(course: Path, student: str, cell_id: str) -> str:
    notebook = nbformat.read(course / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == cell_id)
    said = [
        (out.get("text", ""), out.get("evalue", ""), out.get("data", {}).get("text/plain", "")) for out in cell.outputs
    ]
    return "\n".join("".join(parts) for parts in said)


@needs_nbgrader
def test_what_was_left_out_says_so(course):
    for cell in ("title", "neuron"):
        assert "It ended the kernel. This cell is left out." in outputs(course, "crash", cell)
    assert "there is no function neuron" in outputs(course, "crash", "neuron-test")
    assert "still running after 10 seconds" in outputs(course, "endless", "title")
    assert "still running after a million steps" in outputs(course, "endless", "weighted-sum-test")
    assert "x2_on_line was stopped. It was still running after 10 seconds." in outputs(
        course, "endless", "x2-on-line-test"
    )


@needs_nbgrader
def test_an_answer_that_changes_its_arguments_is_told_so_as_by_the_check(course):
    said = "the answers are right, but on the way your function changes weights."
    for cell in ("neuron-check", "neuron-test"):
        assert said in outputs(course, "changer", cell)


@needs_nbgrader
@pytest.mark.parametrize(("code", "kernels"), [("exit()", 2), ("quit(keep_kernel=True)", 1), ("1 / 0", 1)])
def test_a_kernel_that_was_told_to_exit_is_replaced_once_and_at_once(code, kernels, tmp_path, monkeypatch):
    from nbgrader.preprocessors import Execute

    from annlab.grading.marking import Mark

    begun = []
    once = Execute.preprocess
    monkeypatch.setattr(Execute, "preprocess", lambda self, *what: begun.append(0) or once(self, *what))
    cells = [nbformat.v4.new_code_cell(source) for source in ("print(1)", code, "print(2)")]
    notebook, _ = Mark().preprocess(nbformat.v4.new_notebook(cells=cells), {"metadata": {"path": str(tmp_path)}})
    assert len(begun) == kernels
    assert [notebook.cells[at].outputs[0].text for at in (0, 2)] == ["1\n", "2\n"]
    assert ("It ended the kernel" in str(notebook.cells[1].outputs)) == (kernels == 2)


@needs_nbgrader
def test_what_a_submission_did_is_not_the_teachers_progress(course):
    assert not (course / "teacher").exists()


# ---------------------------------------------------------------------------------------------------------------------
# Without a course


def test_a_test_cell_marks_by_itself_where_the_settings_are_missing(capsys):
    mark("one_neuron", "neuron", one_neuron.neuron.answer, seed=7)
    assert "right" in capsys.readouterr().out
    with pytest.raises(NotRight, match="The bias is missing"):
        mark("one_neuron", "weighted_sum", lambda x, weights, bias: np.sum(x * weights), seed=7)
    with pytest.raises(NotRight, match="not tried yet"):
        mark("one_neuron", "neuron", None, seed=7)
    with pytest.raises(ValueError, match="there is no exercise 'neurone' in one_neuron"):
        mark("one_neuron", "neurone", None, seed=7)


def test_the_hidden_cases_are_others():
    shown, hidden = one_neuron.neuron.cases(), one_neuron.neuron.cases(7)
    assert len(shown) == len(hidden)
    assert sum(repr(case) not in map(repr, shown) for case in hidden) >= 3


VALUES = [
    None, True, 3, 2.5, float("nan"), float("-inf"), "word", 1j, [1.0, [2, 3]], (1, "a", None), {"a": 1}, 10**30,
    np.float32(0.5), np.arange(6).reshape(2, 3), np.array(["ab", "c"]), np.zeros((0, 4)), np.array([None]),
    [[1], [2, 3]], list(range(5000)),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_travels_is_judged_as_if_it_had_stayed(value):
    exercise, cases = one_neuron.weighted_sum, one_neuron.weighted_sum.cases()
    here = [Result(value)] * len(cases)
    there = answers.read(answers.write(here))
    assert exercise.verdict(cases, there, exercise.answer) == exercise.verdict(cases, here, exercise.answer)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[3]", '[["a", "b"]]', '[[{"is": "array"}, "", "", false]]', "[" * 100_000,
     '[[{"is": "array", "dtype": "O", "shape": [1], "list": [1]}, "", "", false]]',
     '[[{"is": "array", "dtype": "<U900000000", "shape": [1], "list": ["a"]}, "", "", false]]', 3],
)  # fmt: skip
def test_what_is_no_attempt_is_refused(text):
    with pytest.raises(ValueError):
        answers.read(text)


def test_an_attempt_with_too_few_answers_is_not_right():
    exercise, cases = one_neuron.weighted_sum, one_neuron.weighted_sum.cases()
    with pytest.raises(ValueError):
        exercise.verdict(cases, exercise.expected(cases)[:-1], exercise.answer)


# ---------------------------------------------------------------------------------------------------------------------
# Variants: the file that the page shows


@pytest.fixture
def variants(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(variant_of_the_page(), encoding="utf-8")
    return path


@needs_nbgrader
def test_variants_take_the_place_of_the_stock(variants, tmp_path, monkeypatch, capsys):
    pytest.importorskip("nbgrader", reason="nbgrader is not installed")
    from annlab.grading.assignment import make
    from annlab.grading.marking import hidden_call

    course = tmp_path / "course"
    path = make(course, "02", variants=variants, only=["weighted_sum", "loudest"], points={"": 2.0})
    notebook = nbformat.read(path, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    assert set(cells) == {
        "title", "setup", "weighted-sum-words", "weighted-sum", "weighted-sum-test",
        "loudest-words", "loudest", "loudest-test",
    }  # fmt: skip
    assert "For example:" in cells["weighted-sum-words"].source
    assert " gives " in cells["weighted-sum-words"].source
    assert cells["weighted-sum-test"].metadata.nbgrader.points == 2

    where, name, seed = hidden_call(cells["weighted-sum-test"].source)
    assert where == f"variants/{NAME}.py"
    monkeypatch.chdir(path.parent)  # the file is found from a folder inside the course, wherever the course is
    mine = trying.find(where, name)
    assert mine.judge(mine.answer, seed).kind == RIGHT
    assert mine.judge(one_neuron.weighted_sum.answer, seed).kind == NOT_YET, "the stock answer is no answer here"
    names = {"np": np}
    exec(cells["weighted-sum"].source, names)
    mark(where, name, names["weighted_sum"], seed)
    assert make(course, "02", variants=variants, only=["loudest"]) == path
    again = nbformat.read(path, as_version=4)
    assert hidden_call(again.cells[-1].source)[2] == seed, "an assignment keeps its seed"


@needs_nbgrader
def test_what_cannot_be_made_says_why_and_writes_nothing(variants, tmp_path, capsys):
    course = tmp_path / "course"
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        variants.read_text(encoding="utf-8").replace("sums.index(max(", "sums.index(min("), encoding="utf-8"
    )
    assert "min(" in wrong.read_text(encoding="utf-8")
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1\n", encoding="utf-8")
    for arguments, words in [
        (["77"], "no lesson"),
        (["0"], "Give one lesson"),
        (["02", "--only", "neurone"], "there is no exercise 'neurone'"),
        (["02", "--points", "neurone=3"], "there is no exercise 'neurone'"),
        (["02", "--variants", str(tmp_path / "none.py")], "there is no file"),
        (["02", "--variants", str(empty)], "has no exercise"),
        (["02", "--variants", str(tmp_path)], "is no Python file"),
        (["02", "--variants", str(wrong)], "the solution of loudest does not pass"),
    ]:
        assert main(["assignment", str(course), *arguments]) == 2
        assert words in capsys.readouterr().err
    for points in ("lots", "0", "-1", "nan", "inf", "=2"):
        with pytest.raises(SystemExit):
            main(["assignment", str(course), "02", f"--points={points}"])
        assert "expected points such as 2" in capsys.readouterr().err
    for seed in ("x", "-1", "1.5"):
        with pytest.raises(SystemExit):
            main(["assignment", str(course), "02", f"--seed={seed}"])
        assert "expected a whole number from 0 up" in capsys.readouterr().err
    assert not course.exists()


@needs_nbgrader
def test_a_course_with_settings_of_its_own_is_told_what_they_lack(tmp_path, capsys):
    assert main(["assignment", str(tmp_path / "new"), "02", "--only", "neuron"]) == 0
    assert "stays as it is" not in capsys.readouterr().out
    config = tmp_path / "old" / trying.MARKER
    config.parent.mkdir()
    config.write_text("c = get_config()\n", encoding="utf-8")
    assert main(["assignment", str(config.parent), "02", "--only", "neuron"]) == 0
    assert f"{config} was there before and stays as it is." in capsys.readouterr().out
    assert config.read_text(encoding="utf-8") == "c = get_config()\n"


@needs_nbgrader
def test_a_seed_with_which_a_known_mistake_would_be_right_is_not_taken(variants, tmp_path, capsys, monkeypatch):
    from annlab.grading import assignment

    # With 0 or 1 in its second column the first neuron is the loudest, and an answer that is always 0 is right.
    drawn = {np.random.default_rng(seed).integers(0, 3): seed for seed in range(100)}
    lot = iter([drawn[0], drawn[1], drawn[2]])
    monkeypatch.setattr(assignment.secrets, "randbelow", lambda below: next(lot))
    text = variants.read_text(encoding="utf-8")
    text = text.replace("    mistakes=[],", '    mistakes=[Mistake(lambda x, kernel: 0, "Not always 0.")],')
    one_case = "    cases=lambda rng: [(np.ones(1), np.array([[1.0, rng.integers(0, 3)]]))],"
    variants.write_text(text.replace("    cases=some_layers,", one_case), encoding="utf-8")
    notebook = nbformat.read(assignment.make(tmp_path / "course", "02", variants=variants), as_version=4)
    (seed,) = {hidden[2] for cell in notebook.cells if (hidden := assignment.hidden_call(cell.source))}
    assert seed == drawn[2]

    monkeypatch.undo()
    variants.write_text(text.replace("lambda x, kernel: 0", "lambda x, kernel: loudest_slowly(x, kernel)"))
    assert main(["assignment", str(tmp_path / "another"), "02", "--variants", str(variants)]) == 2
    assert "always marked as right. Give more cases to loudest: Not always 0." in capsys.readouterr().err


@needs_nbgrader
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("def some_layers(rng):", "def some_layers(rng)", "mine.py does not run: SyntaxError: expected ':'"),
        ("reference=loudest_slowly,", "reference=slowly,", " does not run: NameError: name 'slowly' is not defined"),
        ("sums.index(max(", "summs.index(max(", "the reference of loudest raised NameError: name 'summs'"),
        ("cases=some_layers,", "cases=lambda rng: [],", "loudest cannot be tried (IndexError"),
        ("cases=some_layers,", "cases=lambda rng: [3, 4],", "should be a list of tuples, each with the arguments"),
    ],
)
def test_a_slip_in_a_file_of_variants_is_named(variants, tmp_path, capsys, old, new, words):
    text = variants.read_text(encoding="utf-8")
    assert old in text
    variants.write_text(text.replace(old, new), encoding="utf-8")
    assert main(["assignment", str(tmp_path / "course"), "02", "--variants", str(variants)]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "course").exists()


def test_without_nbgrader_the_command_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    assert main(["assignment", str(tmp_path / "course"), "02"]) == 2
    assert "nbgrader is not installed. Install it with" in capsys.readouterr().err
    assert not (tmp_path / "course").exists()


@needs_nbgrader
@pytest.mark.parametrize("path", sorted((PAGE.parent.parent).glob("[0-9][0-9]_*.ipynb")), ids=lambda path: path.stem)
def test_every_lesson_becomes_an_assignment_whose_solutions_pass(path, tmp_path):
    from annlab.grading.assignment import make

    notebook = nbformat.read(make(tmp_path, path.stem, seed=11), as_version=4)
    names: dict = {"np": np}
    exercises = [thing for thing in trying.exercises(path.stem[3:]).values() if isinstance(thing, Exercise)]
    tests = [cell for cell in notebook.cells if cell.id.endswith("-test")]
    assert len(tests) == len(exercises) > 0
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.id.endswith("-check") and cell.id != "setup":
            exec(cell.source, names)
    assert json.dumps(notebook).count("BEGIN SOLUTION") == len(exercises)
