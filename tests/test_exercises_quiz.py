"""Predictions, number boxes and quizzes: as text, as a still, and as widgets that are clicked without a browser."""

import html
import importlib
import pkgutil
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest

import annlab.exercises
from annlab import DigitsLab
from annlab.exercises import many_classes, progress, quiz, start_here
from annlab.exercises.base import NOT_YET, RIGHT
from annlab.exercises.quiz import NumberBox, Option, Predict, Question, Quiz, read_number
from annlab.labs.start import WaveLab

FILES = sorted(
    {module.name for module in pkgutil.iter_modules(annlab.exercises.__path__)} - {"base", "quiz", "progress"}
)
ASKED = [
    pytest.param(thing, id=f"{name}.{thing.name}")
    for name in FILES
    for thing in vars(importlib.import_module(f"annlab.exercises.{name}")).values()
    if isinstance(thing, quiz._Asked)
]


def of_kind(kind):
    return [parameter for parameter in ASKED if isinstance(parameter.values[0], kind)]


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_PROGRESS", str(tmp_path))


def inside(widget, kind):
    """Every widget of a kind inside another, in order."""
    found = [widget] if isinstance(widget, kind) else []
    return found + [each for child in getattr(widget, "children", ()) for each in inside(child, kind)]


def button(widget, words):
    return next(each for each in inside(widget, widgets.Button) if each.description == words)


def said(widget):
    return html.unescape(" ".join(each.value for each in inside(widget, widgets.HTML)))


# ---------------------------------------------------------------------------------------------------------------------
# Every question of every lesson


@pytest.mark.parametrize("asked", ASKED)
def test_a_page_without_a_kernel_shows_the_question_and_its_options(asked):
    bundle = asked._repr_mimebundle_()
    again = asked._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    for kind in ("text/plain", "text/html"):
        assert bundle[kind] == again[kind]
    questions = asked.questions if isinstance(asked, Quiz) else [asked]
    for question in questions:
        words = [getattr(question, "words", "") or question.question]
        words += [getattr(option, "words", option) for option in getattr(question, "options", [])]
        for each in words:
            assert each in bundle["text/plain"]
            assert html.escape(each) in bundle["text/html"]


@pytest.mark.parametrize("asked", of_kind(Quiz))
def test_every_choice_of_a_quiz_is_answered_with_its_reason(asked):
    assert 2 <= len(asked.questions) <= 4
    view = asked.widget()
    for number, question in enumerate(asked.questions):
        part = view.children[number]
        radio, answer = inside(part, widgets.RadioButtons)[0], button(part, "Answer")
        answer.click()
        assert "Choose one of the options first" in said(part)
        reasons = set()
        for index, option in enumerate(question.options):
            assert len(option.reason) > 20
            radio.index = index
            answer.click()
            assert option.reason in said(part)
            assert ("Right." in said(part)) == option.right
            reasons.add(option.reason)
        assert len(reasons) == len(question.options) >= 2
        radio.index = [option.right for option in question.options].index(True)
        answer.click()
        done = progress.read()[asked.lesson.name][asked.name]["done"]
        assert done == (number == len(asked.questions) - 1)


@pytest.mark.parametrize("asked", of_kind(NumberBox))
def test_a_number_box_knows_typical_wrong_numbers(asked):
    assert len(set(asked.hints.values())) == len(asked.hints) >= 3
    assert asked.check(str(asked.answer)).kind == RIGHT
    assert asked.check(str(asked.answer + 0.9 * asked.tolerance)).kind == RIGHT
    assert asked.check(str(asked.answer + 1.5 * asked.tolerance)).kind == NOT_YET
    for wrong, hint in asked.hints.items():
        outcome = asked.check(str(wrong))
        assert outcome.kind == NOT_YET
        assert outcome.hint == hint
    assert asked.check("123456").hint == asked.hint
    assert "is not a number" in asked.check("twelve").reason
    assert "an empty box" in asked.check("").reason
    assert len(asked.check("9" * 5000).reason) < 200


@pytest.mark.parametrize("asked", of_kind(NumberBox))
def test_a_number_box_is_typed_into(asked):
    view = asked.widget()
    box = inside(view, widgets.Text)[0]
    box.value = "nothing"
    assert "is not a number" in said(view)
    assert progress.read() == {}
    box.value = ""
    assert "is not a number" not in said(view)
    box.value = "123456"
    assert asked.hint in said(view)
    box.value = str(asked.answer)
    assert asked.notice in said(view)
    assert progress.read()[asked.lesson.name][asked.name] == {"done": True, "tries": 2}
    button(view, "Check").click()
    assert progress.read()[asked.lesson.name][asked.name]["tries"] == 2


@pytest.mark.parametrize("asked", of_kind(Predict))
def test_every_prediction_is_compared_with_every_run(asked):
    lab = SimpleNamespace()
    asked_of = Predict.__new__(Predict)
    asked_of.__dict__.update(asked.__dict__)
    for came_true in (*range(len(asked.options)), None):
        asked_of.observe = lambda _, came_true=came_true: (came_true, "It was so.")
        for choice in range(len(asked.options)):
            reply = asked_of.reply(choice, lab)
            assert asked.options[choice] in reply
            assert ("The run agrees." in reply) == (choice == came_true)
            assert reply.endswith(f"It was so. {asked.because}")
        assert asked_of.reply(None, lab) == f"It was so. {asked.because}"
    asked_of.observe = lambda _: None
    assert asked.first in asked_of.reply(0, lab)


# ---------------------------------------------------------------------------------------------------------------------
# A prediction and its lab


def test_the_lab_opens_after_the_choice():
    lab = WaveLab()
    gate = quiz._Gate(start_here.prediction, lab)
    assert lab.widget not in gate.below.children
    gate.open.click()
    assert "Choose one of the options first" in said(gate.question)
    assert lab.widget not in gate.below.children

    gate.radio.index = 1
    gate.open.click()
    assert lab.widget in gate.below.children
    entry = progress.read()["00_start_here"]["prediction"]
    chosen = start_here.prediction.options[1]
    assert entry == {"done": True, "tries": 1, "choice": chosen, "answers": {"1": [chosen]}}

    gate.compare.click()
    assert "There is nothing to compare yet." in gate.reply.value
    lab.controls["speed"].value = 2.0
    gate.compare.click()
    assert "The run showed something else. At speed 2 " in gate.reply.value
    entry = progress.read()["00_start_here"]["prediction"]
    assert (entry["saw"], entry["tries"]) == (start_here.prediction.options[0], 1)


def test_the_lab_opens_under_skip_too():
    lab = WaveLab()
    gate = quiz._Gate(start_here.prediction, lab)
    gate.skip.click()
    assert lab.widget in gate.below.children
    assert not progress.read()["00_start_here"]["prediction"]["done"]
    lab.controls["speed"].value = 2.0
    gate.compare.click()
    assert "You predicted" not in gate.reply.value
    assert "At speed 2 " in gate.reply.value


def test_asking_shows_the_question_and_the_still_of_the_lab(monkeypatch):
    shown = []
    monkeypatch.setattr(quiz, "display", shown.append)
    lab = WaveLab()
    start_here.prediction.ask(lab)
    question, below = (view._repr_mimebundle_() for view in shown)
    assert start_here.prediction.question in question["text/plain"]
    assert below["image/svg+xml"] == lab.still()
    assert below["text/plain"] == repr(lab)


# ---------------------------------------------------------------------------------------------------------------------
# What the predictions of the lessons say, held against the labs


def test_a_wave_of_speed_2_goes_up_and_down_twice():
    lab = WaveLab(speed=2.0)
    assert start_here.prediction.observe(lab) == (0, "At speed 2 the wave goes up and down 2 times.")


def epochs(lab, count):
    lab.step(count * lab.steps_of_click(lab.state))
    return lab


@pytest.fixture(scope="module")
def trained():
    return epochs(DigitsLab(), many_classes.ENOUGH_EPOCHS)


def painted(lab, rows):
    lab.state.paper = np.array([[mark == "#" for mark in row] for row in rows.split()], dtype=float)
    return lab


def test_a_letter_gets_probabilities_that_make_1(trained):
    letter = painted(trained, "#......# .#....#. ..#..#.. ...##... ...##... ..#..#.. .#....#. #......#")
    came_true, words = many_classes.letter.observe(letter)
    assert came_true == 2
    assert "add up to 1.000" in words
    probabilities = trained.model(trained.state.paper.reshape(1, 64))[0]
    assert f"{probabilities.max():.3f}" in words


def test_a_letter_waits_for_training_and_for_a_drawing(trained):
    assert many_classes.letter.observe(DigitsLab()) is None
    assert many_classes.letter.observe(painted(trained, "........ " * 8)) is None
    trained.state.paper = trained.state.x_test[3].reshape(8, 8)
    assert many_classes.letter.observe(trained) is None


def test_some_pixels_speak_for_a_digit_that_is_not_the_answer(trained):
    assert trained.model.score(trained.state.x_test, trained.state.y_test) > 0.9
    trained.state.paper = trained.state.x_test[0].reshape(8, 8)
    answer = trained.asked
    assert answer == trained.state.y_test[0] == 6
    assert many_classes.evidence.observe(trained) is None  # the answer itself is not another digit
    for other in {*range(10)} - {answer}:
        trained.controls["explain"].value = other
        came_true, words = many_classes.evidence.observe(trained)
        assert came_true == 2
        assert f"The network says 6. About the {other}, " in words
    trained.controls["explain"].value = answer
    assert many_classes.evidence.observe(trained) is None
    trained.controls["explain"].value = "answer"
    assert many_classes.evidence.observe(DigitsLab(explain=8)) is None  # it has not learned yet


@pytest.mark.parametrize(("pixels", "outcome"), [([0.3, 0.01], 0), ([-0.3, -0.01], 1), ([0.3, -0.3], 2)])
def test_pixels_that_all_say_the_same(pixels, outcome, trained, monkeypatch):
    trained.state.paper = trained.state.x_test[0].reshape(8, 8)
    monkeypatch.setattr(DigitsLab, "asked", 8)
    monkeypatch.setattr(trained, "pixels", lambda: np.array(pixels))
    assert many_classes.evidence.observe(trained)[0] == outcome


# ---------------------------------------------------------------------------------------------------------------------
# Small things


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3", 3),
        (" 0.25 ", 0.25),
        ("0,25", 0.25),
        ("1/4", 0.25),
        ("-2e-3", -0.002),
        ("\u22121", -1),
        ("\u20131", -1),  # a dash, as some phones type it
        ("+0,25", 0.25),
        ("6/2", 3),
        ("2*3-1", 5),
    ],
)
def test_numbers_as_people_type_them(typed, number):
    assert read_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "x", "1/0", "1 2", "__import__('os')", "(1).real", "1" * 5000, "True", "[1]", "-" * 9999 + "1"]
)
def test_anything_else_is_not_run_and_no_number(typed):
    assert read_number(typed) is None


def test_the_number_of_lesson_12_by_hand():
    # 7.389 / (7.389 + 1 + 1) = 0.787
    assert many_classes.by_hand.answer == pytest.approx(0.787, abs=5e-4)
    assert many_classes.by_hand.check("7.39/9.39").kind == RIGHT


def test_a_question_needs_exactly_one_right_option():
    with pytest.raises(ValueError, match="exactly one option must be right"):
        Question("?", [Option("a", "b"), Option("c", "d")])
