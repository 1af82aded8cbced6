"""The rooms of the house: which module may import which, and what ``import annlab`` costs.

A learner reads one file at a time. That works only while a file leans on few others, so the arrows are a table here:
numpy <- core <- plots, svg <- labs <- lessons.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ANNLAB = Path(__file__).parent.parent / "annlab"

# room: (lines it should have, annlab rooms it may import, packages it may import besides numpy)
CORE = (
    "activations initializers losses metrics optimizers schedules layers regularizers training tracing models checks "
    "saving callbacks"
)
EVERYTHING = f"{CORE} neurons hopfield puzzles gradcheck datasets tables plots words svg labs exercises"
ROOMS = {
    "activations": (120, "checks", ""),
    "initializers": (60, "checks", ""),
    "losses": (120, "activations checks", ""),
    "metrics": (70, "checks", ""),
    "schedules": (60, "checks", ""),
    "optimizers": (150, "schedules checks", ""),
    "regularizers": (40, "checks", ""),
    "layers": (260, "activations initializers regularizers checks", ""),
    "training": (130, "layers activations losses checks", ""),
    "tracing": (80, "training", ""),
    "models": (300, "activations layers losses optimizers metrics callbacks checks saving training tracing", ""),
    "checks": (120, "", ""),
    "saving": (120, "checks initializers layers losses metrics models optimizers", "keras"),
    "callbacks": (120, "checks", "tqdm"),
    "neurons": (110, "activations metrics checks", ""),
    "hopfield": (160, "checks", ""),
    "puzzles": (150, "hopfield checks", ""),
    "gradcheck": (50, "training checks", ""),
    "datasets": (180, "tables checks", ""),
    "keras_twin": (150, "models datasets checks svg", ""),
    "tables": (80, "checks", ""),
    "plots": (220, "activations metrics checks", "matplotlib"),
    "words": (150, "checks", ""),
    "svg": (350, "words", ""),
    "labs": (600, EVERYTHING, "ipywidgets anywidget traitlets IPython"),
    "exercises": (400, EVERYTHING, "ipywidgets IPython"),
    "experiments": (150, CORE, "tqdm pandas distributed"),
    "testing": (60, "labs svg", "ipywidgets"),
    "lessons": (120, "labs svg exercises student", "nbformat nbclient nbconvert playwright PIL"),
    "student": (200, "exercises lessons", ""),
    "grading": (400, "exercises lessons svg", "IPython nbformat nbclient nbgrader"),
    "cli": (120, "", "jupyterlab"),
    "__main__": (10, "cli", ""),
    "__init__": (100, EVERYTHING, ""),
}


def sources() -> dict[str, list[Path]]:
    """Every room with its files: a module, or a package with all modules in it."""
    rooms: dict[str, list[Path]] = {}
    for path in sorted(ANNLAB.rglob("*.py")):
        inside = path.relative_to(ANNLAB)
        if inside.parts[0] != "_lessons":
            rooms.setdefault(inside.parts[0].removesuffix(".py"), []).append(path)
    return rooms


def imports(path: Path) -> set[tuple[str, str]]:
    """What a file imports, anywhere in it: ``("annlab", "layers")`` for a room, ``("package", "numpy")`` otherwise."""
    found = set()
    package = ["annlab", *path.relative_to(ANNLAB).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            # "from annlab import layers" and "from . import layers" name the room after the import.
            names = [f"annlab.{alias.name}" for alias in node.names] if whole == "annlab" else [whole]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == "annlab":
                found.add(("annlab", rest.partition(".")[0]))
            elif first not in sys.stdlib_module_names:
                found.add(("package", first))
    return found


def test_every_room_is_in_the_table():
    assert set(sources()) <= set(ROOMS), "a new module needs a line in ROOMS: its budget, and what it may lean on"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_the_table_says(room):
    lines, may_rooms, may_packages = ROOMS[room]
    allowed = {("annlab", name) for name in [room, *may_rooms.split()]}
    allowed |= {("package", name) for name in ["numpy", *may_packages.split()]}
    # Public names, as in "from annlab import Sequential", belong to lessons, labs and exercises.
    public = {("annlab", name) for name in public_names()} if room in ("labs", "exercises", "testing") else set()
    for path in sources().get(room, []):
        too_far = imports(path) - allowed - public
        assert not too_far, f"{path.name} may not import {sorted(too_far)}"


def public_names() -> set[str]:
    """The names that ``annlab/__init__.py`` offers, read without importing it."""
    tree = ast.parse((ANNLAB / "__init__.py").read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_the_reading_of_imports_sees_every_spelling(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ANNLAB", tmp_path)
    (tmp_path / "labs").mkdir()
    path = tmp_path / "labs" / "one.py"
    path.write_text(
        "import os, numpy.linalg\nimport annlab.models\nfrom annlab.layers import Dense\nfrom annlab import svg\n"
        "from .base import Lab\nfrom .. import plots\nfrom ..losses import mse\ndef late():\n    import tqdm\n",
        encoding="utf-8",
    )
    rooms = {("annlab", name) for name in ("models", "layers", "svg", "labs", "plots", "losses")}
    assert imports(path) == rooms | {("package", "numpy"), ("package", "tqdm")}


def loaded_by(code: str) -> set[str]:
    """The top-level modules in memory after a fresh interpreter ran this code."""
    code += "\nimport json, sys\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ANNLAB.parent, check=True, capture_output=True, text=True)
    return set(json.loads(answer.stdout.splitlines()[-1]))


def test_importing_annlab_loads_numpy_and_nothing_else():
    extra = loaded_by("import annlab") - loaded_by("import numpy.random") - sys.stdlib_module_names
    assert extra == {"annlab"}


def test_the_command_starts_without_what_it_may_have_to_report_missing():
    extra = loaded_by("import annlab.cli") - loaded_by("import numpy.random") - sys.stdlib_module_names
    assert extra == {"annlab"}


def test_line_budgets_are_printed(capsys):
    rows = []
    for room, files in sources().items():
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
        rows.append(f"{room:<14} {lines:>5} of about {ROOMS[room][0]}{'   over' if lines > ROOMS[room][0] else ''}")
    with capsys.disabled():
        print("\nlines a room:\n  " + "\n  ".join(rows))
    assert len(rows) == len(sources())
