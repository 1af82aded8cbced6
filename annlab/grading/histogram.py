"""What a class thinks: how many chose which option, counted from the learners' progress files.

The files are read as data and nothing in them is run. A learner counts with the first answer to each question: after a
wrong choice the reason is on the screen, and what is chosen then says little.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from annlab.exercises import progress
from annlab.exercises.quiz import Predict, Quiz

LARGEST = 2_000_000  # bytes of one progress file; a whole course takes less than 100,000
OTHER = "something else (another edition of the lesson?)"


@dataclass
class Asked:
    """A question of a lesson with its options, and what the class said.

    A prediction that does not say what usually comes true has no ``right`` option but what most runs showed.
    """

    lesson: str
    item: str
    number: int
    words: str
    options: tuple[str, ...]
    right: str
    predicted: bool
    first: Counter[str] = field(default_factory=Counter)  # option -> learners who chose it first
    showed: Counter[str] = field(default_factory=Counter)  # option -> learners whose run showed it
    tries: int = 0

    @property
    def answered(self) -> int:
        return self.first.total()

    def is_right(self, option: str) -> bool:
        """Is it the right option, or for a prediction the one that most runs showed?"""
        shown = self.showed.most_common(1)
        return option == self.right or bool(shown and not self.right and option == shown[0][0])

    def rows(self) -> Iterator[tuple[str, int, bool]]:
        """Each option, how many chose it first, and whether it is right."""
        for option in self.options:
            yield option, self.first[option], self.is_right(option)
        if others := self.answered - sum(self.first[option] for option in self.options):
            yield OTHER, others, False

    def heading(self) -> str:
        return f"Predict: {self.words}" if self.predicted else f"{self.item} {self.number}. {self.words}"

    def note(self) -> str:
        """Under the options: how many answered, and what the runs of those who looked have shown."""
        tries = f"{self.answered} answered, {self.tries} {'try' if self.tries == 1 else 'tries'} in all."
        if not self.predicted:
            return tries
        compared = self.showed.total()
        if not compared:
            return f"{tries} Nobody compared with the run."
        so = sum(count for option, count in self.showed.items() if self.is_right(option))
        return f"{tries} {compared} compared with the run, and it showed the right option to {so} of them."


@dataclass
class Collected:
    """A folder of progress files: the learners that were counted, the questions, and the files that were not."""

    learners: int
    asked: list[Asked]
    skipped: list[tuple[str, str]]  # a file, and why it was not counted

    def summary(self) -> str:
        who = f"{self.learners} {'learner' if self.learners == 1 else 'learners'}"
        return f"{who}. What counts is the first answer of each to each question."


def questions() -> list[Asked]:
    """Every prediction and every quiz question of the course, in reading order."""
    found = []
    for lesson in progress.lessons():
        module = import_module(f"annlab.exercises.{lesson.name[3:]}")
        things = {thing.name: thing for thing in vars(module).values() if isinstance(thing, Predict | Quiz)}
        for thing in (things[item] for item in lesson.items if item in things):
            if isinstance(thing, Predict):
                right = "" if thing.usual is None else thing.options[thing.usual]
                found.append(Asked(lesson.name, thing.name, 1, thing.question, thing.options, right, True))
                continue
            for number, question in enumerate(thing.questions, start=1):
                right = next(option.words for option in question.options if option.right)
                options = tuple(option.words for option in question.options)
                found.append(Asked(lesson.name, thing.name, number, question.words, options, right, False))
    return found


def collect(folder: Path) -> Collected:
    """Read every file in ``folder`` and the folders in it. ValueError where there is no such folder, or no file."""
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}.")
    asked, skipped = questions(), []
    learners: dict[str, tuple[int, str, Any]] = {}
    paths = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    for path in paths:
        name = path.relative_to(folder).as_posix()
        book, why = _read(path)
        if book is None:
            skipped += [(name, why)] if why else []
            continue
        key, tries = _who(book, path, folder), _tries(book["lessons"])
        before = learners.get(key)
        if before is None or tries > before[0]:
            learners[key] = tries, name, book["lessons"]
        if before is not None:
            loser, winner = (before[1], name) if tries > before[0] else (name, before[1])
            skipped.append((loser, f"from the same learner as {winner}, which has more tries or as many"))
    if not paths:
        raise ValueError(f"there is no file in {folder}. Put the progress files of your class there.")
    for _, _, lessons in learners.values():
        for question in asked:
            _count(question, lessons.get(question.lesson, {}).get(question.item))
    return Collected(len(learners), asked, skipped)


def _read(path: Path) -> tuple[Any, str]:
    """What is in a progress file, or None and the reason; no reason for a page that this module wrote."""
    if path.is_symlink():
        return None, "a link, not a file"
    try:
        if path.stat().st_size > LARGEST:
            return None, "too large for a progress file"
        content = path.read_bytes()
        if path.suffix == ".html" and MARK.encode() in content:
            return None, ""
        book = json.loads(content.decode("utf-8"))
    except OSError as error:
        return None, f"could not be read: {error.strerror}"
    except (ValueError, RecursionError):
        return None, "damaged, or not a progress file of annlab"
    return (book, "") if progress.is_sound(book) else (None, "damaged, or not a progress file of annlab")


def _who(book: Any, path: Path, folder: Path) -> str:
    """Which learner a file is from: by the number in it; in an older file by its name, or by its folder's.

    A browser that downloads ``ada.json`` again writes ``ada (1).json``. ``progress.json`` is everybody's name.
    """
    if isinstance(book.get("learner"), str) and book["learner"]:
        return f"number {book['learner']}"
    stem = re.sub(r" ?\(\d+\)$", "", path.stem)
    home = path.parent.parent if path.parent.name == ".annlab" else path.parent
    if stem not in ("progress", "annlab-progress"):
        return f"file {home / stem}"
    return f"folder {home}" if home != folder else f"file {path}"


def _tries(lessons: Any) -> int:
    return sum(entry["tries"] for items in lessons.values() for entry in items.values())


def _count(question: Asked, entry: Any) -> None:
    """Add what one learner said to a question. Whatever is not as annlab writes it is left out."""
    if entry is None:
        return
    answers = entry.get("answers")
    said = answers.get(str(question.number)) if isinstance(answers, dict) else None
    if not isinstance(said, list):  # a file from before the answers were kept has the last choice of a prediction
        said = [entry.get("choice")] if question.predicted else []
    said = [words for words in said if isinstance(words, str)]
    if said:
        question.first[said[0]] += 1
        question.tries += len(said)
    if question.predicted and entry.get("saw") in question.options:
        question.showed[entry["saw"]] += 1


# ---------------------------------------------------------------------------------------------------------------------
# Showing it


def _parts(found: Collected) -> Iterator[tuple[str, list[Asked]]]:
    """The lessons of which something was answered, with the questions that were."""
    answered = [question for question in found.asked if question.answered]
    for lesson in dict.fromkeys(question.lesson for question in answered):
        yield lesson, [question for question in answered if question.lesson == lesson]


def table(found: Collected) -> str:
    """The counts as text."""
    lines = [found.summary()]
    for lesson, asked in _parts(found):
        lines += ["", lesson, "=" * len(lesson)]
        for question in asked:
            lines += ["", question.heading()]
            for option, count, right in question.rows():
                bar = "#" * round(20 * count / question.answered)
                lines.append(f"  {count:>4}  {bar:<20}  {'right: ' if right else ''}{option}")
            lines.append(f"  {question.note()}")
    if found.skipped:
        lines += ["", "Not counted:", *(f"  {name}: {why}" for name, why in found.skipped)]
    return "\n".join(lines)


MARK = '<meta name="generator" content="annlab.grading">'

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52em; margin: 1em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: bold; padding: 4px 0; }
th { text-align: left; font-weight: normal; width: 55%; }
th, td { padding: 4px 8px; vertical-align: middle; overflow-wrap: anywhere; }
td.count { text-align: right; width: 3em; }
.bar { height: 1em; min-width: 2px; border: 1px solid; box-sizing: border-box;
       background: repeating-linear-gradient(45deg, #d9822b 0 2px, transparent 2px 7px); }
.right .bar { background: #2878b5; }
p { margin: 4px 0 24px; }
"""


def page(found: Collected) -> str:
    """The counts as a page that stands alone: bars, and the same numbers as a table for a screen reader."""
    parts = [
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{MARK}'
        f'<meta name="viewport" content="width=device-width"><title>What the class thinks</title>'
        f"<style>{_STYLE}</style></head><body><h1>What the class thinks</h1>",
        f"<p>{found.summary()} A full blue bar with \u2713 is the right answer, a striped one is another.</p>",
    ]
    for lesson, asked in _parts(found):
        parts.append(f"<h2>{html.escape(lesson)}</h2>")
        parts += [_as_table(question) for question in asked]
    if found.skipped:
        rows = "".join(f"<li><code>{html.escape(name)}</code>: {html.escape(why)}</li>" for name, why in found.skipped)
        parts.append(f"<h2>Not counted</h2><ul>{rows}</ul>")
    return "\n".join([*parts, "</body></html>", ""])


def _as_table(question: Asked) -> str:
    rows = []
    for option, count, right in question.rows():
        sign = "<strong>\u2713 right:</strong> " if right else ""
        bar = f'<div class="bar" style="width:{100 * count / question.answered:.0f}%"></div>' if count else ""
        rows.append(
            f'<tr{" class=right" if right else ""}><th scope="row">{sign}{html.escape(option)}</th>'
            f'<td class="count">{count}</td><td aria-hidden="true">{bar}</td></tr>'
        )
    caption = f"<caption>{html.escape(question.heading())}</caption>"
    return f"<table>{caption}{''.join(rows)}</table><p>{html.escape(question.note())}</p>"
