"""The ``annlab`` command: it opens the lessons in JupyterLab.

In a checkout it opens the checkout's ``lessons/``. Installed as a package it first lays the lessons down in
``./annlab-lessons``, and never writes over a file that you have changed: it remembers the hash of what it laid
down, so a file that still has that hash is an older lesson and may be replaced by the newer one.
"""

import argparse
import difflib
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata, util
from pathlib import Path

PACKAGED = Path(__file__).parent / "_lessons"
LEARNER_FOLDER = "annlab-lessons"
MEMORY = ".annlab.json"
SETTINGS = Path(__file__).parent / "jupyter"  # no news feed, no question about it, no look for updates
# What a distribution is called when it is imported, where that differs.
MODULES = {"scikit-learn": "sklearn"}


class CommandError(Exception):
    """Something the learner can mend; its text says how."""


# --------------------------------------------------------------------------- where the lessons are


def find_checkout(*starts: Path) -> Path | None:
    """The first of these folders that is a checkout of annlab, or None."""
    for folder in starts:
        project = folder / "pyproject.toml"
        if (folder / "lessons").is_dir() and project.is_file():
            if 'name = "annlab"' in project.read_text(encoding="utf-8"):
                return folder
    return None


def lesson_names(folder: Path) -> list[str]:
    """The lessons of a folder in reading order: ``["00_start_here", ...]``."""
    return sorted(path.stem for path in folder.glob("[0-9][0-9]_*.ipynb"))


def translated_names(folder: Path) -> list[str]:
    """The lessons in other languages, each with the folder of its language: ``["de/02_one_neuron", ...]``."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in folder.glob("[a-z][a-z]/[0-9][0-9]_*.ipynb"))


def find_lesson(name: str, known: Sequence[str]) -> str:
    """The lesson meant by its name, its file or its number: ``12`` is ``12_many_classes``, ``de/02`` the German 02."""
    path = Path(name.removesuffix(".ipynb"))
    wanted = path.name
    language = f"{path.parent.name}/" if re.fullmatch("[a-z][a-z]", path.parent.name) else ""
    number = f"{language}{wanted.lstrip('0').zfill(2)}_"
    for lesson in known:
        if lesson == f"{language}{wanted}" or (wanted.isdecimal() and lesson.startswith(number)):
            return lesson
    by_topic = {re.sub(r"^\d+_", "", lesson): lesson for lesson in known} | {name: name for name in (*known, "doctor")}
    near = difflib.get_close_matches(wanted.lower(), by_topic, n=1, cutoff=0.5)
    hint = f" Did you mean {by_topic[near[0]]!r}?" if near else ""
    raise CommandError(f"There is no lesson {name!r}.{hint}\nThe lessons are: {', '.join(known)}.")


# --------------------------------------------------------------------------- laying lessons down


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write(target: Path, content: bytes) -> None:
    """Write a file whole or not at all, so that a stop in the middle leaves no half lesson."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(target)


def read_memory(path: Path) -> dict[str, str]:
    """What was laid down here: a file's name to its hash. An unreadable memory is an empty one."""
    try:
        memory = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return memory if isinstance(memory, dict) else {}


def lay_down(source: Path, folder: Path) -> dict[str, list[str]]:
    """Copy every packaged file that is missing here or that nobody has changed.

    Returns the names under ``"new"``, ``"updated"``, ``"same"`` and ``"kept"``: kept are those that differ from
    what was laid down and were left alone.
    """
    memory = read_memory(folder / MEMORY)
    done: dict[str, list[str]] = {"new": [], "updated": [], "same": [], "kept": []}
    for path in sorted(source.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        name, content = path.relative_to(source).as_posix(), path.read_bytes()
        target = folder / name
        if not target.exists():
            fate = "new"
        elif target.read_bytes() == content:
            fate = "same"
        elif digest(target.read_bytes()) == memory.get(name):
            fate = "updated"
        else:
            fate = "kept"
        done[fate].append(name)
        if fate in ("new", "updated"):
            write(target, content)
        if fate != "kept":
            memory[name] = digest(content)
    write(folder / MEMORY, json.dumps(memory, indent=1, sort_keys=True).encode())
    return done


def untouched_copy(original: bytes, folder: Path, lesson: str) -> str:
    """Put the original beside the learner's own file, under the first free name; return that name."""
    number, name = 1, f"{lesson}-fresh"
    while (folder / f"{name}.ipynb").exists():
        number += 1
        name = f"{lesson}-fresh-{number}"
    write(folder / f"{name}.ipynb", original)
    return name


def committed(checkout: Path, lesson: str) -> bytes:
    """A lesson as git has it: in a checkout the file itself may have been changed."""
    command = ["git", "-C", str(checkout), "show", f"HEAD:lessons/{lesson}.ipynb"]
    try:
        return subprocess.run(command, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise CommandError(
            f"In a checkout the untouched lesson {lesson!r} comes from git, and git did not answer.\n"
            f"Is git installed, and is this a clone rather than an unpacked archive? It was asked: {' '.join(command)}"
        ) from None


def prepare(fresh: str | None, name: str | None) -> tuple[Path, str]:
    """Have the lessons ready: the folder to open and the lesson to begin with."""
    checkout = find_checkout(Path(__file__).parent.parent, Path.cwd())
    if checkout:
        source = folder = checkout / "lessons"
    else:
        source = PACKAGED
        # Started inside the learner's folder, the command goes on in it instead of making another within.
        folder = Path.cwd() if Path(MEMORY).is_file() else Path.cwd() / LEARNER_FOLDER
    known = lesson_names(source)
    if not known:
        raise CommandError(f"No lessons in {source}: this installation is not whole. Mend it with:\n\n    {mend()}")
    wanted = fresh or name
    lesson = find_lesson(wanted, [*known, *translated_names(source)]) if wanted else known[0]

    print(f"Lessons: {folder}")
    if not checkout:
        try:
            done = lay_down(PACKAGED, folder)
        except OSError as error:
            raise CommandError(f"Cannot write the lessons: {error}.\nGo to a folder of your own first.") from error
        print(f"{len(done['new'])} new, {len(done['updated'])} updated, {len(done['same'])} as they were.")
        if done["kept"]:
            print(f"Kept as you changed them: {', '.join(done['kept'])}.")
            print("For an untouched copy beside your own: annlab --fresh NAME")
    if fresh:
        original = committed(checkout, lesson) if checkout else (PACKAGED / f"{lesson}.ipynb").read_bytes()
        lesson = untouched_copy(original, folder, lesson)
        print(f"An untouched copy: {lesson}.ipynb")
    return folder, lesson


# --------------------------------------------------------------------------- JupyterLab


def open_jupyterlab(folder: Path, lesson: str, browser: bool, port: int | None) -> int:
    """Start JupyterLab on a lesson, here in this process, until it is stopped with Ctrl-C."""
    if util.find_spec("jupyterlab") is None:
        raise CommandError(f"JupyterLab is not installed. Install it with:\n\n    {pip('jupyterlab')}")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(SETTINGS), *([others] if others else [])])
    # On small networks the matrix library's threads wait for each other longer than they work, and take the browser's
    # processors: with one thread a lab on two busy cores trained 482 epochs a second, with the usual number 42.
    for threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(threads, "1")
    from jupyterlab.labapp import LabApp

    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{lesson}.ipynb",
    ]
    if not browser:
        arguments.append("--no-browser")
    if port is not None:
        arguments.append(f"--port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # the usual user in a container; Jupyter wants to be told
        arguments.append("--allow-root")
    print(f"Opening JupyterLab on {lesson}.ipynb. Ctrl-C here stops it.", flush=True)
    LabApp.launch_instance(arguments)
    return 0


# --------------------------------------------------------------------------- doctor


def pip(*what: str) -> str:
    """The pip command for exactly this Python, ready to be pasted."""
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return " ".join([python, "-m", "pip", "install", *(f'"{item}"' if ">" in item else item for item in what)])


def mend() -> str:
    """The command that installs annlab again: from the checkout, or from where it came."""
    checkout = find_checkout(Path(__file__).parent.parent)
    return pip("-e", f"{checkout}[lab]") if checkout else pip("--force-reinstall", "--no-deps", "annlab")


def numbers(version: str) -> tuple[int, ...]:
    """``"2.10.1rc1"`` as ``(2, 10, 1)``, to compare versions."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def installed(name: str) -> str:
    """The version of a distribution, or nothing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def needs() -> list[tuple[str, str, bool]]:
    """What annlab asks for, from its own metadata: name, least version, and whether it can do without."""
    wanted = []
    for line in metadata.requires("annlab") or []:
        found = re.match(r"([\w-]+)>=([\d.]+)", line)
        extra = re.search(r"extra == ['\"](\w+)", line)
        if found and (extra is None or extra[1] in ("lab", "peers")):
            wanted.append((found[1], found[2], extra is not None and extra[1] == "peers"))
    return wanted


def verdict(name: str, least: str) -> str:
    """What is wrong with a distribution, or nothing."""
    version = installed(name)
    if not version:
        return "not installed"
    if numbers(version) < numbers(least):
        return f"{version} is too old, {least} or newer is needed"
    if util.find_spec(MODULES.get(name, name)) is None:
        return f"{version} is broken, its files are gone"
    return ""


def doctor() -> int:
    """Say what is installed, what is missing, and the command that mends it; 1 when something must be mended."""
    checkout = find_checkout(Path(__file__).parent.parent, Path.cwd())
    lessons = checkout / "lessons" if checkout else PACKAGED
    count = len(lesson_names(lessons))
    version = installed("annlab")
    print(f"python        {platform.python_version()} in {sys.executable}")
    print(f"system        {platform.platform()}")
    print(f"annlab        {version or 'not installed'} in {Path(__file__).parent}")
    print(f"lessons       {count} in {lessons}")

    wrong = []
    for name, least, optional in needs() if version else []:
        trouble = verdict(name, least)
        print(f"{name:<13} {trouble or installed(name)}{' (optional, for comparisons)' if optional else ''}")
        if trouble and not optional:
            wrong.append(f"{name}>={least}")
    if wrong:
        print(f"\nMend it with:\n\n    {pip('--upgrade', '--force-reinstall', *wrong)}")
    elif not version or not count:
        print(f"\nMend it with:\n\n    {mend()}")
    else:
        print("\nAll is well. Start with: annlab")
        return 0
    return 1


# --------------------------------------------------------------------------- the command


def port_number(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 65535, got {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="annlab",
        description="Open the lessons in JupyterLab.",
        epilog="annlab doctor: what is installed, what is missing, and the command that mends it.",
    )
    parser.add_argument("lesson", nargs="?", help="the lesson to begin with: 12, 12_many_classes, de/02; or: doctor")
    parser.add_argument("--fresh", metavar="NAME", help="put an untouched copy of this lesson beside yours and open it")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--port", type=port_number, help="where JupyterLab listens (8888, or the next free one)")
    parser.add_argument("--version", action="version", version=f"annlab {installed('annlab')}")
    options = parser.parse_args(arguments)
    try:
        if options.lesson == "doctor":
            return doctor()
        folder, lesson = prepare(options.fresh, options.lesson)
        return open_jupyterlab(folder, lesson, not options.no_browser, options.port)
    except CommandError as error:
        print(f"annlab: {error}", file=sys.stderr)
        return 2
