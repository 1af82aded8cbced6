"""What a learner reads is spelled as in a dictionary, and every link in it leads somewhere.

Names, and words of the field that no dictionary has, are listed in ``tests/words.txt``.
"""

import re
from pathlib import Path

import spellchecker

from annlab import lessons, words

ROOT = Path(__file__).parent.parent
PAGES = [
    *ROOT.glob("*.md"),
    *(page for folder in ("lessons", "lite", "deploy") for page in ROOT.glob(f"{folder}/**/*.md")),
]
KNOWN = set((Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split())
NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)|\S+://\S+|<[^>]+>|\S+\.\w{2,5}\b", re.DOTALL
)
WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def texts():
    """Everything that is read, by where it stands."""
    for path in lessons.find():
        cells = lessons.read(path).cells
        yield path, "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for path in PAGES:
        yield path, path.read_text(encoding="utf-8")


def spoken():
    """Everything that labs, checks and quizzes say, by the module it stands in."""
    for module, sentences in words.modules().items():
        yield module, "\n".join(words.PLACE.sub(" ", sentence) for sentence in sentences)


def plain(text):
    """The words of a text that a dictionary may know."""
    found = (word.removesuffix("'s") for word in WORD.findall(NOT_PROSE.sub(" ", text)))
    return {word.lower() for word in found if len(word) > 2 and not re.search("[A-Z].*[A-Z]", word)}


def test_every_word_is_in_the_dictionary_or_in_the_list_of_names():
    dictionary = spellchecker.SpellChecker(language="en")
    wrong = {str(where): sorted(dictionary.unknown(plain(text) - KNOWN)) for where, text in [*texts(), *spoken()]}
    assert {where: found for where, found in wrong.items() if found} == {}


def test_a_misspelled_word_is_found():
    dictionary = spellchecker.SpellChecker(language="en")
    assert dictionary.unknown(plain("The nueron `nueron` adds up, $nueron$")) == {"nueron"}


def test_the_list_of_names_has_no_word_too_many():
    read = set().union(*(plain(text) for _, text in [*texts(), *spoken()]))
    assert sorted(KNOWN - read) == []


def test_every_link_within_the_project_leads_somewhere():
    pages = [
        *texts(),
        *((path, "\n".join(cell.source for cell in lessons.read(path).cells)) for path in lessons.translations()),
    ]
    broken = [
        f"{path.name}: {target}"
        for path, text in pages
        for target in LINK.findall(text)
        if "://" not in target
        and not target.startswith(("mailto:", "attachment:"))
        and not (path.parent / target).exists()
    ]
    assert broken == []
