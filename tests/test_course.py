"""The course as a whole: each term in one place, neighbours that name each other, recall that reaches back."""

import importlib
import re

import pytest

from annlab import lessons
from annlab.exercises.quiz import Quiz

PATHS = lessons.find()
TITLES = {path.stem[:2]: lessons.read(path).cells[0].source.splitlines()[0][2:] for path in PATHS}
FILES = {path.stem[:2]: path.name for path in PATHS}
TEXTS = {
    path.stem[:2]: "\n\n".join(cell.source for cell in lessons.read(path).cells if cell.cell_type == "markdown")
    for path in PATHS
}
NUMBERS = list(TITLES)
TWO_MEANINGS = {"kernel"}  # the program behind a notebook, and in lesson 06 the weights of a layer

pytestmark = pytest.mark.skipif(not PATHS, reason="the lessons are in a checkout, not in a wheel")
each_lesson = pytest.mark.parametrize("number", NUMBERS)


def part(number, name):
    """One paragraph of a lesson's summary: its **Words.**, **Next.** or **To read.**."""
    return re.search(rf"\*\*{name}\*\*(.*?)(?=\n\n|\Z)", TEXTS[number], flags=re.S)[1]


def terms(number):
    """What a lesson introduces, from its list of words: ``*Minimum, local minimum*: ...`` gives two."""
    return [term.strip() for found in re.findall(r"\*([^*]+)\*", part(number, "Words.")) for term in found.split(",")]


def one(term):
    """A term as it is compared: ``Hidden  layers`` is ``hidden layer``."""
    return re.sub(r"\s+", " ", term).casefold().removesuffix("s")


def recall(number):
    return importlib.import_module(f"annlab.exercises.{FILES[number][3:].removesuffix('.ipynb')}").recall


def recalled(number, questions):
    """The lessons that these questions say they come from."""
    found = []
    for question in questions:
        said = question.words.casefold()
        named = [other for other, title in TITLES.items() if f"lesson on {title}:".casefold() in said]
        named += [other for other, title in TITLES.items() if said.startswith(f"from {title}:".casefold())]
        found += found[-1:] if said.startswith("from the same lesson:") else named
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Terms


def test_each_term_is_explained_in_one_lesson_only():
    where = {}
    for number in NUMBERS:
        for term in terms(number):
            where.setdefault(one(term), []).append(number)
    assert {term: found for term, found in where.items() if len(found) > 1}.keys() == TWO_MEANINGS


@each_lesson
def test_what_the_list_of_words_explains_stands_in_the_lesson(number):
    lesson = TEXTS[number].replace(part(number, "Words."), "").casefold()
    assert [term for term in terms(number) if term.casefold() not in lesson] == []


@each_lesson
def test_no_lesson_introduces_in_bold_what_an_earlier_one_explained(number):
    earlier = {one(term): at for at in NUMBERS if at < number for term in terms(at)}
    text = re.sub(r"`[^`]*`", "", TEXTS[number])
    text = re.sub(r"^- \*\*.*", "", text, flags=re.M)  # what you will be able to do has its verbs in bold
    bold = [one(found) for found in re.findall(r"\*\*([^*]+)\*\*", text)]
    assert {each: earlier[each] for each in bold if each in earlier and each not in TWO_MEANINGS} == {}


# ---------------------------------------------------------------------------------------------------------------------
# Neighbours


@each_lesson
def test_next_names_the_next_lesson_as_it_is_called(number):
    following = next((other for other in NUMBERS if other > number), None)
    if following:
        link = f"Lesson {following}, [{TITLES[following]}]({FILES[following]})"
        assert part(number, "Next.").strip().startswith(link)


@each_lesson
def test_before_you_start_leads_back_to_a_lesson_that_is_needed(number):
    needed = re.findall(r"\d\d", re.search(r"needs (.*?) -", TEXTS[number])[1])
    assert all(other < number for other in needed)
    before = re.search(r"\*\*Before you start\*\*(.*?)\n\n", TEXTS[number], flags=re.S)[1]
    linked = re.findall(r"\[(.*?)\]\((\d\d)_", before)
    assert bool(linked) == bool(needed)
    for title, other in linked:
        assert other in needed
        assert title == TITLES[other]


@each_lesson
def test_nothing_is_promised_that_is_there(number):
    assert not re.search(r"\bto come\b|does not have yet|in a later version", TEXTS[number])


# ---------------------------------------------------------------------------------------------------------------------
# Recall


@pytest.mark.parametrize("number", NUMBERS[1:])
def test_recall_asks_two_questions_and_says_which_lessons_they_are_from(number):
    quiz = recall(number)
    assert isinstance(quiz, Quiz)
    assert len(quiz.questions) == 2
    found = recalled(number, quiz.questions)
    assert len(found) == 2
    assert all(other < number for other in found)


def test_every_lesson_is_recalled_later():
    found = {other for number in NUMBERS[1:] for other in recalled(number, recall(number).questions)}
    assert sorted(set(NUMBERS[:-2]) - found) == []  # the last two have too little after them


@pytest.mark.parametrize("number", NUMBERS[1:])
def test_the_page_for_teachers_has_the_answers_of_the_recall(number):
    page = (lessons.LESSONS / "teachers" / FILES[number]).with_suffix(".md").read_text(encoding="utf-8")
    answers = page.split("Recall: ")[1].casefold()
    for question in recall(number).questions:
        right = next(option.words for option in question.options if option.right)
        assert right.casefold() in answers


# ---------------------------------------------------------------------------------------------------------------------
# Sources


@each_lesson
def test_what_is_cited_can_be_found(number):
    """Whoever is named with a year stands with that year under To read."""
    sources = part(number, "To read.")
    prose = re.sub(r"\$[^$]*\$|`[^`]*`|```.*?```", "", TEXTS[number].replace(sources, ""), flags=re.S)
    cited = re.findall(
        r"\b(?!In )([A-Z][\w\u00c0-\u017f'-]+)(?: et al\.| and others)?,? \(?(1[6-9]\d\d|20\d\d)\b", prose
    )
    assert [(name, year) for name, year in cited if name not in sources or year not in sources] == []
