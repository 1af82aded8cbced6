"""The words of labs, checks and quizzes, in the learner's language.

The code is written in English, and its English sentences are the keys: whatever is about to be shown passes through
``say``, which looks it up in the chosen language's catalogue, one file with one line for each sentence. What stands
there without a translation is shown in English.

    from annlab import words
    words.use("de")

A sentence with a changing part is one entry too: ``"{right} of {of} points get the right answer."`` stands for all of
them, and its translation may put the parts in another order. ``python -m annlab.words`` reads the code and brings every
catalogue up to date; see ``annlab/data/words/README.md``.
"""

import argparse
import ast
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from .checks import lookup

HERE = Path(__file__).parent
CATALOGUES = HERE / "data" / "words"
ROOMS = ("labs", "exercises", "svg", "puzzles")  # whose sentences are shown to a learner
NUMBER = re.compile(r"[-+\u2212]?\d+(?:\.\d+)?(?:e[-+\u2212]?\d+)?")
PLACE = re.compile(r"\{(\w+)\}")
ENDS = re.compile(r"((?<=[.?])\s+|\n)")  # between two sentences
LETTERS = re.compile(r"[A-Za-z]{2}")

_catalogue: "Catalogue | None" = None
_asked = False
untranslated: set[str] = set()
"""What was shown in English although another language was chosen."""


def languages() -> list[str]:
    """The languages there are catalogues for, and English."""
    return ["en", *(path.stem for path in sorted(CATALOGUES.glob("*.json")) if path.stem != "en")]


def use(language: str) -> None:
    """Choose the language of everything that is shown from now on. The variable ``ANNLAB_LANGUAGE`` chooses the first.

    Raises
    ------
    ValueError  for a language without catalogue.
    """
    global _catalogue, _asked
    known = lookup("language", language, {each: each for each in languages()})
    _catalogue, _asked = None if known == "en" else Catalogue(load(known)), True
    untranslated.clear()


def say(text: str) -> str:
    """``text`` in the chosen language."""
    if not _asked:
        use(os.environ.get("ANNLAB_LANGUAGE") or "en")
    return text if _catalogue is None else _catalogue.translate(text)


def load(language: str) -> dict[str, str]:
    """The sentences of one catalogue that have a translation."""
    catalogue = json.loads((CATALOGUES / f"{language}.json").read_text(encoding="utf-8"))
    return {sentence: said for module in catalogue.values() for sentence, said in module.items() if said}


class Catalogue:
    """One language: its sentences, found whole, by their changing parts, or one by one."""

    def __init__(self, sentences: dict[str, str]) -> None:
        self.sentences = sentences
        patterns = [(key, _pattern(key)) for key in sentences if PLACE.search(key)]
        # The more is fixed in a sentence, the earlier it is tried: "{a} of {b}" fits too much.
        self.patterns = sorted(patterns, key=lambda pair: -len(PLACE.sub("", pair[0])))
        self.said = set(sentences.values())
        self._entries: dict[str, tuple[str, re.Pattern[str]] | None] = {}

    def translate(self, text: str) -> str:
        """``text`` in this language; what is not known stays as it is, and is noted."""
        if (said := self.sentences.get(text)) is not None:
            return said
        return "\n".join(self._line(line) for line in text.split("\n"))

    def _line(self, line: str) -> str:
        if (said := self._sentence(line.strip())) is not None:
            return line.replace(line.strip(), said)
        pieces = ENDS.split(line)
        return "".join(piece if at % 2 else self._piece(piece) for at, piece in enumerate(pieces))

    def _piece(self, text: str) -> str:
        inside = text.strip()
        said = self._sentence(inside)
        kind, colon, words = inside.partition("Error: ")  # Python's name for it, and our words
        if said is None and colon and (own := self._sentence(words)) is not None:
            said = f"{kind}{colon}{own}"
        if said is None:
            if LETTERS.search(text) and inside not in self.said and not inside.startswith(PROGRAM):
                untranslated.add(inside)
            return text
        return text.replace(inside, said)

    def _sentence(self, text: str) -> str | None:
        """One sentence, or None. Thirty times a second the same one comes with other numbers: its entry is kept."""
        if (said := self.sentences.get(text)) is not None:
            return said
        if text.endswith(".") and (said := self.sentences.get(text[:-1])) is not None:
            return f"{said}."
        skeleton = NUMBER.sub("0", text)
        kept = self._entries.get(skeleton)
        match = kept[1].fullmatch(text) if kept else None
        if match is None and (kept or skeleton not in self._entries):
            fitting = ((key, pattern, found) for key, pattern in self.patterns if (found := pattern.fullmatch(text)))
            key, pattern, match = next(fitting, ("", None, None))
            self._entries[skeleton] = kept = (key, pattern) if pattern else None
        if match is None or kept is None:
            return None
        parts = {name: self._part(part) for name, part in match.groupdict().items()}
        return PLACE.sub(lambda place: parts[place[1]], self.sentences[kept[0]])

    def _part(self, text: str) -> str:
        """A changing part: a number, a name, or words that have a translation of their own."""
        said = self._sentence(text) if LETTERS.search(text) else None
        return text if said is None else said


def _pattern(key: str) -> re.Pattern[str]:
    """What the sentences look like that the entry ``key`` stands for: a part never goes beyond the end of a sentence,
    and is one word where little is fixed; only behind a label, as in ``"Called: {call}"``, the rest of the line."""
    part = r"(?:(?![.?]\s).)*?" if len(re.findall("[A-Za-z]", PLACE.sub("", key))) > 5 else r"\S*?"
    if re.fullmatch(r"[A-Z][a-z]+:\s+\{\w+\}", key):
        part = ".*"
    seen: set[str] = set()
    text = ""
    for at, piece in enumerate(PLACE.split(key)):
        if at % 2 == 0:
            text += re.escape(piece)
        else:
            text += f"(?P={piece})" if piece in seen else f"(?P<{piece}>{part})"
            seen.add(piece)
    return re.compile(text)


# --- from the code to the catalogues --------------------------------------------------------------------------------

# A single word is one for the learner if it stands here; elsewhere it is a name that only the program reads.
SHOWN_BY = {
    *("text", "heading", "line_chart", "choice", "slider", "whole", "switch", "button", "Curve", "say"),
    *("Option", "Question", "Lesson", "_button", "_heading", "_saying"),
}
SHOWN_AS = {"label", "tip", "title", "hint", "text", "description", "tooltip", "x_label", "rows", "columns"}
PROGRAM = ("from ", "import ", "return ", "print(", "def ", "model.", "lab.", "<")


def sentences(path: Path) -> list[str]:
    """Every sentence, label and word of a module that a learner may be shown, with places for its changing parts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: dict[str, None] = {}
    _collect(tree, shown=False, found=found)
    return list(found)


def _collect(node: ast.AST, shown: bool, found: dict[str, None]) -> None:
    """Add what ``node`` and all below it say. ``shown``: a single word counts here, too."""
    if isinstance(node, ast.JoinedStr):
        _add(_template(node), shown, found)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                _collect(part.value, True, found)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            _add(node.value.replace("{", "").replace("}", ""), shown, found)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                _collect(key, False, found)
            name = key.value if isinstance(key, ast.Constant) else ""
            _collect(value, name in SHOWN_AS or (shown and not name), found)
    elif isinstance(node, ast.Call):
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        for argument in node.args:
            _collect(argument, name in SHOWN_BY or (name == "Predict" and isinstance(argument, ast.List)), found)
        for keyword in node.keywords:
            _collect(keyword.value, keyword.arg in SHOWN_AS, found)
        _collect(function, False, found)
    elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").lower() == "about":
        _collect(node.value, True, found)
    elif isinstance(node, ast.Raise):
        return  # errors are the library's, and speak of its code
    elif isinstance(node, ast.IfExp):
        _collect(node.body, shown, found)
        _collect(node.orelse, shown, found)
    else:
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        for child in ast.iter_child_nodes(node):
            if child is first and isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                continue  # a docstring
            inside = shown and isinstance(node, ast.List | ast.Tuple | ast.Starred | ast.BinOp | ast.FormattedValue)
            _collect(child, inside, found)


def _template(node: ast.JoinedStr) -> str:
    """An f-string as an entry: ``f"{n:.2f} of {len(x)}"`` becomes ``"{n} of {part2}"``."""
    text = ""
    for at, part in enumerate(node.values):
        if isinstance(part, ast.FormattedValue):
            text += "{" + (part.value.id if isinstance(part.value, ast.Name) else f"part{at}") + "}"
        elif isinstance(part, ast.Constant):
            text += str(part.value).replace("{", "").replace("}", "")
    return text


def _add(text: str, shown: bool, found: dict[str, None]) -> None:
    for at, piece in enumerate(ENDS.split(text)):
        piece = re.sub(r"^\{\w+\} (?=[A-Z])|(?<=[.?]) \{\w+\}$", "", piece.strip())  # another sentence of its own
        if at % 2 == 0 and _is_said(piece, shown):
            found[piece] = None


def _is_said(text: str, shown: bool) -> bool:
    """Whether this looks like words for a learner, and not like a name, a colour, a program or a piece of SVG."""
    fixed = PLACE.sub(" ", text)
    if text.startswith(PROGRAM) or '="' in text or "=[" in text or not LETTERS.search(fixed):
        return False
    if shown:
        return not re.fullmatch(r"\d*_?[a-z]+(_[a-z]+)+", text)
    if re.fullmatch(r"[A-Z][a-z]+[\d ]*:\s.*", fixed) or re.match(r"[A-Z][a-z]+ \{", text):
        return True
    if fixed != text and not re.search(r"\b(translate|rotate|scale|matrix|calc)\(|px ", fixed):
        return len(re.findall(r"(?<![\w#.])[A-Za-z]{2,}(?![\w(])", fixed)) > 1
    return bool(re.search(r"(?<![\w#.])[A-Za-z]{2,},? (\d+ )?[a-z]{2,}", fixed))


def modules() -> dict[str, list[str]]:
    """All sentences, by the module they stand in, such as ``labs/neuron``."""
    paths = [path for room in ROOMS for path in sorted((HERE / room).rglob("*.py")) or [HERE / f"{room}.py"]]
    found = {path.relative_to(HERE).with_suffix("").as_posix(): sentences(path) for path in paths}
    return {module: said for module, said in found.items() if said}


def update(language: str, more: Sequence[str] = ()) -> dict[str, dict[str, str]]:
    """A catalogue brought up to date: the modules it has, and those whose names end in one of ``more``.

    What was translated once is used wherever the same sentence stands. English has every module.
    """
    path = CATALOGUES / f"{language}.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known = {sentence: said for module in old.values() for sentence, said in module.items() if said}
    return {
        module: {sentence: known.get(sentence, "") for sentence in said}
        for module, said in modules().items()
        if language == "en" or module in old or module.endswith(tuple(more))
    }


def as_text(catalogue: dict[str, dict[str, str]]) -> str:
    """A catalogue as it is written to its file."""
    return json.dumps(catalogue, indent=1, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring all catalogues up to date, or begin one: ``python -m annlab.words nl labs/neuron exercises/one_neuron``."""
    parser = argparse.ArgumentParser(
        prog="python -m annlab.words", description="Bring every catalogue up to date with the code, or begin a new one."
    )
    parser.add_argument("language", nargs="?", help="the language to begin, such as nl")
    parser.add_argument("modules", nargs="*", help="what to begin with, such as labs/neuron; without names: everything")
    options = parser.parse_args(arguments)
    if options.language and not re.fullmatch("[a-z]{2,3}", options.language):
        parser.error(f"a language is two or three small letters, such as nl; got {options.language!r}")
    known = list(modules())
    for name in options.modules:
        if not any(module.endswith(name) for module in known):
            parser.error(f"there is no module {name!r}; there are {', '.join(known)}")
    wanted: dict[str, Sequence[str]] = dict.fromkeys(languages(), ())
    if options.language:
        wanted[options.language] = options.modules or (() if options.language in wanted else known)
    for language, more in wanted.items():
        catalogue = update(language, more)
        (CATALOGUES / f"{language}.json").write_text(as_text(catalogue), encoding="utf-8", newline="\n")
        count = [said for module in catalogue.values() for said in module.values()]
        print(f"{language}: {len(catalogue)} modules, {len(count)} sentences, {sum(map(bool, count))} translated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
