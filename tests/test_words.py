"""Every word on the screen is in the catalogue, and lesson 02 can be had in German from top to bottom."""

import inspect
import json
import re

import pytest

from annlab import labs, lessons, words
from annlab.exercises import one_neuron, progress
from annlab.exercises.quiz import reply
from annlab.labs import Lab, NeuronLab
from annlab.testing import sweep

# Names of functions and of gates, and formulas, are the same in every language.
NAMES = re.compile(r"[a-z_]+|[A-Z]{2,4}|bias = \S+|[yz] = .*")


@pytest.fixture
def german():
    words.use("de")
    yield
    words.use("en")


def test_english_is_what_the_code_says():
    words.use("en")
    assert words.say("Not this one.") == "Not this one."


@pytest.mark.parametrize("language", words.languages())
def test_every_catalogue_is_up_to_date(language):
    path = words.CATALOGUES / f"{language}.json"
    assert words.as_text(words.update(language)) == path.read_text(encoding="utf-8"), "run python -m annlab.words"


@pytest.mark.parametrize("language", [each for each in words.languages() if each != "en"])
def test_a_translation_has_the_parts_of_its_sentence_and_the_same_numbers(language):
    for sentence, said in words.load(language).items():
        assert sorted(words.PLACE.findall(sentence)) == sorted(words.PLACE.findall(said)), sentence
        numbers = [set(words.NUMBER.findall(words.PLACE.sub("", text))) for text in (sentence, said)]
        assert numbers[0] == numbers[1], sentence


def test_a_language_is_begun_with_some_modules_or_with_all(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(words, "CATALOGUES", tmp_path)
    assert words.main(["nl", "labs/neuron"]) == 0
    assert list(json.loads((tmp_path / "nl.json").read_text(encoding="utf-8"))) == ["labs/neuron"]
    assert words.main(["fr"]) == 0
    assert list(json.loads((tmp_path / "fr.json").read_text(encoding="utf-8"))) == list(words.modules())
    assert words.main(["nl"]) == 0  # begun already: brought up to date, and nothing more
    assert list(json.loads((tmp_path / "nl.json").read_text(encoding="utf-8"))) == ["labs/neuron"]
    assert "nl: 1 modules" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], "without names: everything"),
        (["../nl"], "a language is two or three small letters, such as nl; got '../nl'"),
        (["NL"], "a language is two or three small letters"),
        (["nl", "labs/neuron", "labs/neurone"], "there is no module 'labs/neurone'; there are labs/activation"),
    ],
)
def test_a_slip_begins_no_language(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.setattr(words, "CATALOGUES", tmp_path)
    with pytest.raises(SystemExit):
        words.main(arguments)
    assert said in " ".join("".join(capsys.readouterr()).split())
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_language_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="known: en, de|Known: en, de"):
        words.use("xx")


def test_the_variable_chooses_the_language(monkeypatch):
    monkeypatch.setenv("ANNLAB_LANGUAGE", "de")
    monkeypatch.setattr(words, "_asked", False)
    assert words.say("Not this one.") == "Diese nicht."
    words.use("en")


def test_parts_are_put_where_the_translation_wants_them():
    catalogue = words.Catalogue({"{n} of {m} points fit.": "Von {m} Punkten passen {n}.", "points": "Punkte"})
    assert catalogue.translate("3 of 4 points fit.") == "Von 4 Punkten passen 3."
    assert (
        catalogue.translate("3 of 4 points fit. 2 of 5 points fit.")
        == "Von 4 Punkten passen 3. Von 5 Punkten passen 2."
    )


def test_numbers_written_in_a_sentence_are_not_taken_for_its_parts():
    catalogue = words.Catalogue(
        {"Set Weight 1 to {x}.": "Stelle Gewicht 1 auf {x}.", "Set Weight 2 to 5.": "Gewicht 2 auf 5!"}
    )
    assert catalogue.translate("Set Weight 1 to 7.") == "Stelle Gewicht 1 auf 7."
    assert catalogue.translate("Set Weight 2 to 5.") == "Gewicht 2 auf 5!"
    assert catalogue.translate("Set Weight 3 to 7.") == "Set Weight 3 to 7."


def test_text_from_a_learner_is_no_pattern():
    catalogue = words.Catalogue({"{said} is not a number.": "{said} ist keine Zahl."})
    assert catalogue.translate("(a+)+$ {x} is not a number.") == "(a+)+$ {x} ist keine Zahl."


def english_left():
    return sorted(text for text in words.untranslated if not NAMES.fullmatch(text))


def test_the_lab_of_lesson_02_speaks_german_wherever_its_controls_stand(german):
    lab = NeuronLab()
    assert lab.controls["w1"].description == "Gewicht 1"
    assert lab.stage.words["about"] == "Was sehe ich hier?"
    sweep(lab)
    assert "ist die Summe" in lab.stage.description
    assert "Seine Antwort auf jedes Paar" in lab.still()
    assert english_left() == []


def test_the_checks_of_lesson_02_speak_german(german):
    said = []
    for exercise in (one_neuron.weighted_sum, one_neuron.neuron, one_neuron.x2_on_line):
        answers = [
            None,
            3,
            exercise.answer,
            lambda *a: None,
            lambda *a: "x",
            lambda *a: [1, 2, 3],
            lambda a, b, c: 1 / 0,
        ]
        for answer in [*answers, *(mistake.answer for mistake in exercise.mistakes)]:
            outcome = exercise.check(answer)
            said += [repr(outcome), outcome._repr_html_()]
        said += [repr(exercise.hint()) for _ in range(4)]
    for typed in ["", "x", "7", "-0.7", *map(str, one_neuron.by_hand.hints)]:
        said.append(repr(one_neuron.by_hand.check(typed)))
    assert any("noch nicht, denn" in text for text in said)
    assert english_left() == ["ZeroDivisionError: division by zero"]


def test_the_questions_of_lesson_02_speak_german(german):
    for quiz in (one_neuron.quiz, one_neuron.recall):
        assert quiz.text()
        assert quiz.still()
        quiz.widget()
        assert all("<strong>" in reply(option) for question in quiz.questions for option in question.options)
    lab = NeuronLab()
    for predict, moves in (
        (one_neuron.doubled, {"w1": 2.0, "w2": 2.0, "bias": -1.0}),
        (one_neuron.lowered, {"bias": -1.5}),
    ):
        lab.reset()
        predict.widget()
        assert words.say(predict.reply(0, lab)).startswith("Es gibt noch nichts zu vergleichen.")
        for name, value in moves.items():
            lab.controls[name].value = value
        assert "Deine Vorhersage" in words.say(predict.reply(1, lab))
    assert one_neuron.by_hand.widget().children
    assert str(progress.Map()).splitlines()[2].find("Ein Neuron") > 0
    titles = {lesson.title for lesson in progress.lessons()} - {one_neuron.lesson.title}
    assert set(english_left()) <= titles


def test_progress_is_kept_under_the_english_words(german, tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_PROGRESS", str(tmp_path))
    question = one_neuron.doubled.widget()
    radio, buttons = question.children[1], question.children[2]
    radio.index = 1
    buttons.children[0].click()
    kept = json.loads((tmp_path / "progress.json").read_text(encoding="utf-8"))["lessons"]["02_one_neuron"]["doubled"]
    assert kept["choice"] == one_neuron.doubled.options[1]


LABS = [each for each in vars(labs).values() if inspect.isclass(each) and issubclass(each, Lab) and each is not Lab]
# What is put together while a lab runs, from names of functions and layers, numbers and signs.
ASSEMBLED = re.compile(
    r"second hidden|[a-z_]+|sin x.|[\W\d_a-zA-Z]{0,12}|[^a-z]*|.*[=\u2248\u2192\u00b7:/(].*|[\w ]*\d[\w ]*"
)


@pytest.mark.parametrize("kind", LABS, ids=lambda kind: kind.__name__)
def test_every_sentence_of_a_lab_is_in_the_catalogue(kind, monkeypatch):
    every = {sentence: sentence for module in words.update("en").values() for sentence in module}
    monkeypatch.setattr(words, "_asked", True)
    monkeypatch.setattr(words, "_catalogue", words.Catalogue(every))
    words.untranslated.clear()
    lab = kind()
    lab.draw()
    for name, widget in list(lab.controls.items()):
        if hasattr(widget, "min") and name != "seed":
            widget.value = widget.max
    whole = "\n".join(every)  # a line of a sentence that was too long for its place is in there, too
    missing = [text for text in words.untranslated if not ASSEMBLED.fullmatch(text) and text not in whole]
    words.untranslated.clear()
    assert missing == []


@pytest.mark.parametrize("path", lessons.translations(), ids=lambda path: f"{path.parent.name} {path.stem}")
def test_a_translated_lesson_is_its_original_cell_by_cell(path):
    here, original = lessons.read(path), lessons.read(path.parent.parent / path.name)
    assert [cell.cell_type for cell in here.cells] == [cell.cell_type for cell in original.cells]
    for cell, first in zip(here.cells, original.cells, strict=True):
        links = re.compile(r"\$\$[^$]*\$\$|\$[^$]*\$")
        assert sorted(links.findall(cell.source)) == sorted(links.findall(first.source)) or cell.cell_type == "code"
        checks = re.compile(r"lesson\.\w+(?:\.\w+)?")
        assert checks.findall(cell.source) == checks.findall(first.source)
    assert lessons.stale(path) == []
    assert f'words.use("{path.parent.name}")' in "".join(cell.source for cell in here.cells)
