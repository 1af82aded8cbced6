"""Where you are in the course, kept in one small JSON file.

The file is ``.annlab/progress.json`` in your home folder; the variable ``ANNLAB_PROGRESS`` may name another folder.
Where the lessons run in the browser alone, it lies in the browser's own storage, beside the lessons that you changed.
Nothing leaves your machine. A damaged file is set aside, not deleted, and a new one is begun.

There is no name and no date in it: what you tried, how often, which options you chose, and a number drawn by lot. If
you give the file to a teacher who counts what a class thinks, that number says which files are from the same learner.
"""

import base64
import html
import json
import os
import pkgutil
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from ..words import say

Book = dict[str, dict[str, dict[str, Any]]]  # lesson -> item -> {"done": bool, "tries": int, ...}

_LOCK_SECONDS = 2.0  # how long one notebook waits for another to finish writing
_STALE_SECONDS = 10.0  # a lock this old was left behind by a kernel that died
_MOST_ANSWERS = 20  # of one question are kept: the first ones

_DRIVE = Path("/drive")  # JupyterLite's files, which the browser keeps; Python's home folder there goes with the page


@dataclass
class Lesson:
    """A lesson and the things in it that can be done: ``items`` maps the name of each to what it is."""

    name: str
    title: str
    items: dict[str, str] = field(default_factory=dict)

    def add(self, item: str, kind: str) -> None:
        """Say that this lesson has ``item``, an "exercise", a "prediction", a "number" or a "quiz"."""
        if item in self.items:
            raise ValueError(f"lesson {self.name} already has an item called {item!r}; give this one another name.")
        self.items[item] = kind

    def record(self, item: str, done: bool, **details: Any) -> str:
        """Note one try at ``item``. Returns an empty string, or what went wrong with the file, as a sentence."""
        return record(self.name, item, done, **details)

    def saw(self, item: str, came_true: str | None) -> str:
        """Note beside a prediction what the run showed. It is no further try."""
        return _change(lambda book: _entry(book, self.name, item).update(saw=came_true))


def folder() -> Path:
    """The folder that the progress file is in; beside the notebook where the system knows no home folder."""
    if named := os.environ.get("ANNLAB_PROGRESS"):
        return Path(named)
    if _in_the_browser():
        return _DRIVE / ".annlab"
    try:
        return Path.home() / ".annlab"
    except RuntimeError:
        return Path(".annlab")


def path() -> Path:
    """The progress file itself."""
    return folder() / "progress.json"


def read() -> Book:
    """All that was recorded so far; empty if there is no file, or a damaged one."""
    try:
        book = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return book["lessons"] if is_sound(book) else {}


def record(lesson: str, item: str, done: bool, *, chose: tuple[int, str] | None = None, **details: Any) -> str:
    """Note one try at an item. What was once done stays done. Returns what went wrong, or an empty string.

    ``chose`` is the number of a question and the option that was chosen; what was chosen before is kept beside it.
    """

    def note(book: Book) -> None:
        entry = _entry(book, lesson, item)
        entry.update(details, done=entry["done"] or done, tries=entry["tries"] + 1)
        if chose is not None:
            question, words = chose
            if not isinstance(entry.get("answers"), dict):
                entry["answers"] = {}
            before = entry["answers"].get(str(question))
            kept = before if isinstance(before, list) else []
            entry["answers"][str(question)] = [*kept, words][:_MOST_ANSWERS]

    return _change(note)


def _entry(book: Book, lesson: str, item: str) -> dict[str, Any]:
    return book.setdefault(lesson, {}).setdefault(item, {"done": False, "tries": 0})


def restore(text: str | bytes) -> str:
    """Put the contents of a downloaded progress file back, beside what is here. Returns a sentence about it."""
    try:
        old = json.loads(text)
    except ValueError:
        old = None
    if not is_sound(old):
        return "That is not a progress file of annlab: choose the file annlab-progress.json that you downloaded."

    def join(book: Book) -> None:
        for lesson, items in old["lessons"].items():
            for item, was in items.items():
                entry = book.setdefault(lesson, {}).setdefault(item, was)
                entry.update(done=entry["done"] or was["done"], tries=max(entry["tries"], was["tries"]))
                for detail in was.keys() - entry.keys():
                    entry[detail] = was[detail]

    return _change(join, old.get("learner")) or "Your progress is back. Run this cell again to see it on the map."


def _change(change: Callable[[Book], None], learner: Any = None) -> str:
    """Read the file, change what was read, write it. Returns what went wrong, or an empty string.

    A new file belongs to ``learner``, the number in a file that is brought back, or to a number that is drawn.

    All three happen under a lock, so two notebooks at once lose nothing of each other's; the file is written beside
    itself and then renamed, so it is never half written.
    """
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with _lock():
            _set_damaged_aside()
            book = read()
            change(book)
            draft = path().with_suffix(f".{os.getpid()}.draft")
            draft.write_text(_as_text(book, learner), encoding="utf-8")
            _replace(draft, path())
    except OSError as error:
        return f"Your progress could not be saved in {path()}: {error.strerror or error}."
    return ""


def lessons() -> list[Lesson]:
    """Every lesson that has exercises, in reading order."""
    import annlab.exercises as package

    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [import_module(f"annlab.exercises.{name}") for name in names]
    found = [module.lesson for module in modules if isinstance(getattr(module, "lesson", None), Lesson)]
    return sorted(found, key=lambda lesson: lesson.name)


class Map:
    """The map of the course: what is done and what is left, with a download and a way back in.

    Shown in a notebook it is a small table and two buttons. ``print(Map())`` gives the same as text.
    """

    def __str__(self) -> str:
        return "\n".join(f"{mark} {title}: {words}" for mark, title, words in _rows())

    def __repr__(self) -> str:
        return say("Map of the course: run this cell to see what you have done and what is left.")

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        # A saved page shows the lessons alone: the learner's own progress is read when the cell runs.
        names = "".join(f"<li>{html.escape(_heading(lesson))}</li>" for lesson in lessons())
        still = f"<p>{html.escape(repr(self))}</p><ul>{names}</ul>"
        return {**self.widget()._repr_mimebundle_(**options), "text/plain": repr(self), "text/html": still}

    def widget(self) -> widgets.Widget:
        """The map as a widget: the table, a link that downloads the progress file, and a button that brings it back."""
        back = widgets.FileUpload(
            accept=".json", description=say("Bring progress back"), layout={"width": "auto", "align_self": "flex-start"}
        )
        said = widgets.HTML()
        back.observe(lambda change: _bring_back(change["new"], said), names="value")
        return widgets.VBox([widgets.HTML(_table()), widgets.HTML(_download()), back, said])


def _bring_back(files: tuple[Any, ...], said: widgets.HTML) -> None:
    if files:
        said.value = f'<p role="status">{html.escape(say(restore(bytes(files[0]["content"]))))}</p>'


def _heading(lesson: Lesson) -> str:
    return f"{lesson.name[:2]} {say(lesson.title)}"


def _rows() -> Iterator[tuple[str, str, str]]:
    book = read()
    for lesson in lessons():
        entries = book.get(lesson.name, {})
        done = sum(1 for item in lesson.items if entries.get(item, {}).get("done"))
        begun = any(item in entries for item in lesson.items)
        mark, words = ("\u25cb", say("not begun")) if not begun else ("\u25d0", say("begun"))
        if done == len(lesson.items):
            mark, words = "\u2713", say("all done")
        yield mark, _heading(lesson), f"{words}, {say(f'{done} of {len(lesson.items)}')}"


def _table() -> str:
    rows = "".join(
        f'<tr><td aria-hidden="true" style="padding:2px 8px">{mark}</td>'
        f'<th scope="row" style="text-align:left;padding:2px 16px 2px 0;font-weight:normal">{html.escape(title)}</th>'
        f'<td style="text-align:left;padding:2px 8px">{words}</td></tr>'
        for mark, title, words in _rows()
    )
    caption = f'<caption style="text-align:left;font-weight:bold">{say("Your way through the course")}</caption>'
    return f'<table style="border-collapse:collapse">{caption}<tbody>{rows}</tbody></table>'


def _in_the_browser() -> bool:
    return sys.platform == "emscripten" and _DRIVE.is_dir()


def _download() -> str:
    data = base64.b64encode(_as_text(read()).encode()).decode()
    target = f'download="annlab-progress.json" href="data:application/json;base64,{data}"'
    link = f'<a {target} style="text-decoration:underline">{html.escape(say("Download your progress"))}</a>'
    if _in_the_browser():
        place = say("kept in this browser, and gone when its stored data is cleared")
    else:
        place = f"{say('kept here')}: {path()}"
    return f"<p>{link} ({html.escape(place)})</p>"


def _as_text(book: Book, learner: Any = None) -> str:
    whole = {"version": 1, "learner": _learner(learner), "lessons": book}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _learner(otherwise: Any) -> str:
    """The number in the file that is here, or ``otherwise``, or a new one."""
    try:
        here = json.loads(path().read_text(encoding="utf-8")).get("learner")
    except (OSError, ValueError, AttributeError):
        here = None
    return next((str(known) for known in (here, otherwise) if known), secrets.token_hex(8))


def is_sound(book: Any) -> bool:
    """Is this what a progress file holds? Its details may still be anything."""
    return (
        isinstance(book, dict)
        and isinstance(book.get("lessons"), dict)
        and all(
            isinstance(items, dict)
            and all(
                isinstance(entry, dict) and isinstance(entry.get("done"), bool) and type(entry.get("tries")) is int
                for entry in items.values()
            )
            for items in book["lessons"].values()
        )
    )


def _set_damaged_aside() -> None:
    """Rename a file that cannot be read as progress to progress.damaged-1.json, -2 and so on."""
    if not path().exists():
        return
    try:
        if is_sound(json.loads(path().read_text(encoding="utf-8"))):
            return
    except ValueError:
        pass
    number = 1
    while (aside := path().with_name(f"progress.damaged-{number}.json")).exists():
        number += 1
    _replace(path(), aside)


def _replace(old: Path, new: Path) -> None:
    """Rename, and try again for a moment where another program (a virus scanner on Windows) holds the file."""
    for _ in range(20):
        try:
            old.replace(new)
            return
        except PermissionError:
            time.sleep(0.05)
    old.replace(new)


@contextmanager
def _lock() -> Iterator[None]:
    """Hold the file ``progress.lock``; only one notebook can create it. After two seconds go on without."""
    lock = folder() / "progress.lock"
    mine = False
    until = time.monotonic() + _LOCK_SECONDS
    while not mine and time.monotonic() < until:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            mine = True
        except FileExistsError:
            if _age(lock) > _STALE_SECONDS:
                lock.unlink(missing_ok=True)
            time.sleep(0.02)
        except PermissionError:
            if os.name != "nt":  # a folder that may not be written to; on Windows also a lock that is just going
                raise
            time.sleep(0.02)
    try:
        yield
    finally:
        if mine:
            lock.unlink(missing_ok=True)


def _age(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return 0.0
