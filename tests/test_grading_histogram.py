"""The histogram of a class: made from files that the real questions wrote, and from files that nobody should trust."""

import json
import os
import re
from collections import Counter

import ipywidgets as widgets
import pytest

from annlab.exercises import one_neuron, progress, quiz
from annlab.grading import histogram
from annlab.grading.__main__ import main
from annlab.labs.neuron import NeuronLab


def inside(widget, kind):
    return [*([widget] if isinstance(widget, kind) else [])] + [
        found for child in getattr(widget, "children", ()) for found in inside(child, kind)
    ]


@pytest.fixture
def answer(tmp_path, monkeypatch):
    """Answer lesson 02 as a learner: a prediction (None skips it), and choices in the first question of its quiz."""

    def answer(file, predicted, choices, compare=False):
        home = tmp_path / "home"
        monkeypatch.setenv("ANNLAB_PROGRESS", str(home))
        progress.path().unlink(missing_ok=True)
        lab = NeuronLab()
        gate = quiz._Gate(one_neuron.doubled, lab)
        gate.radio.index = predicted
        (gate.skip if predicted is None else gate.open).click()
        if compare:
            lab.controls["w1"].value = lab.controls["w2"].value = 2.0
            lab.controls["bias"].value = -1.0
            gate.compare.click()
        shown = one_neuron.quiz.widget()
        radio, button = inside(shown, widgets.RadioButtons)[0], inside(shown, widgets.Button)[0]
        for choice in choices:
            radio.index = choice
            button.click()
        target = tmp_path / "class" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(progress.path().read_bytes())
        return target

    (tmp_path / "class").mkdir()
    return answer


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "class"


def asked(found, item, number=1):
    return next(one for one in found.asked if (one.lesson, one.item, one.number) == ("02_one_neuron", item, number))


def test_a_class_is_counted_by_its_first_answers(answer, folder, capsys):
    answer("ada.json", 1, [0, 1], compare=True)
    answer("ben/.annlab/progress.json", 0, [1])
    answer("cleo/progress.json", 0, [0, 2, 1])
    answer("annlab-progress (3).json", None, [])
    found = histogram.collect(folder)
    assert found.learners == 4
    assert found.skipped == []
    prediction, question = asked(found, "doubled"), asked(found, "quiz")
    options = one_neuron.doubled.options
    assert prediction.first == Counter({options[0]: 2, options[1]: 1})
    assert list(prediction.rows()) == [(options[0], 2, False), (options[1], 1, True), (options[2], 0, False)]
    assert question.tries == 6
    assert list(question.rows()) == [
        ("The first", 2, False), ("The second", 1, True), ("None, only the bias can do that", 0, False),
    ]  # fmt: skip

    assert main(["histogram", str(folder)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"  2  #{13} {7}  The first\n +1  #{7} {13}  right: The second", said)
    assert "3 answered, 6 tries in all." in said
    assert "1 compared with the run, and it showed the right option to 1 of them." in said
    text = (folder / "histogram.html").read_text(encoding="utf-8")
    assert '<th scope="row"><strong>\u2713 right:</strong> The second</th><td class="count">1</td>' in text
    for name in ("ada", "ben", "cleo"):
        assert name not in text
    assert not re.search(r"(src|href)=|https?:|url\(|<script", text), "the page needs nothing from outside"
    assert histogram.collect(folder).skipped == [], "its own page is passed over"


def test_a_learner_counts_once(answer, folder):
    early = answer("ada.json", 0, [0])
    later = json.loads(early.read_text(encoding="utf-8"))
    later["lessons"]["02_one_neuron"]["quiz"]["tries"] = 5
    (folder / "whatever.json").write_text(json.dumps(later), encoding="utf-8")
    found = histogram.collect(folder)
    assert found.learners == 1
    assert asked(found, "doubled").answered == 1
    assert [name for name, _ in found.skipped] == ["ada.json"]
    assert "from the same learner as whatever.json" in found.skipped[0][1]


def test_older_files_are_told_apart_by_their_names(folder):
    folder.mkdir(exist_ok=True)
    entry = {"done": True, "tries": 1, "choice": one_neuron.doubled.options[2]}
    old = json.dumps({"version": 1, "lessons": {"02_one_neuron": {"doubled": entry}}})
    for name in ("ada.json", "ada (1).json", "ben.json", "annlab-progress.json", "annlab-progress (1).json"):
        (folder / name).write_text(old, encoding="utf-8")
    found = histogram.collect(folder)
    assert found.learners == 4
    assert asked(found, "doubled").first == {one_neuron.doubled.options[2]: 4}
    assert len(found.skipped) == 1
    assert "Nobody compared with the run." in histogram.table(found)


BAD = {
    "empty.json": b"", "cut.json": b'{"lessons": {"02_one', "other.json": b'{"name": "x"}', "notes.txt": b"Dear class",
    "bytes.json": b"\xff\xfe\x00", "deep.json": b"[" * 100_000, "code.py": b"raise SystemExit(3)",
    "pickle.pkl": b"cos\nsystem\n(S'touch pwned'\ntR.", "large.json": b" " * 2_000_001, "number.json": b"3",
    "a&b.json": b"{",
}  # fmt: skip


def test_damaged_and_foreign_files_are_named_and_skipped(answer, folder, capsys):
    answer("ada.json", 1, [1])
    for name, content in BAD.items():
        (folder / name).write_bytes(content)
    links = ["link.json"] if os.name != "nt" else []  # there, a link is for administrators
    for name in links:
        (folder / name).symlink_to(folder / "ada.json")
    assert main(["histogram", str(folder), "--to", str(folder.parent / "page.html")]) == 0
    said = capsys.readouterr().out
    for name in [*BAD, *links]:
        assert f"  {name}: " in said
    assert "1 learner." in said
    page = (folder.parent / "page.html").read_text(encoding="utf-8")
    assert "a&amp;b.json" in page


@pytest.mark.parametrize("details", [
    {"answers": 3}, {"answers": {"1": "One"}}, {"answers": {"1": [3, None, {}]}}, {"choice": ["One"]},
    {"saw": ["One"]}, {"saw": {}}, {"answers": {"1": []}}, {},
])  # fmt: skip
def test_details_of_any_kind_are_no_answers(folder, details):
    folder.mkdir(exist_ok=True)
    items = {item: {"done": False, "tries": 1, **details} for item in ("doubled", "quiz")}
    text = json.dumps({"lessons": {"02_one_neuron": items, "99_other": {}}, "learner": ["no"]})
    (folder / "a.json").write_text(text, encoding="utf-8")
    found = histogram.collect(folder)
    assert found.learners == 1
    assert not any(one.answered for one in found.asked)
    assert histogram.page(found)


def test_an_option_that_is_not_in_this_edition_is_shown_as_such_and_escaped(folder):
    folder.mkdir(exist_ok=True)
    entry = {"done": False, "tries": 1, "answers": {"1": ["<script>"]}}
    (folder / "a.json").write_text(json.dumps({"lessons": {"02_one_neuron": {"quiz": entry}}}), encoding="utf-8")
    found = histogram.collect(folder)
    assert list(asked(found, "quiz").rows())[-1] == (histogram.OTHER, 1, False)
    assert "<script" not in histogram.page(found)


def test_no_folder_and_no_file_are_answered(tmp_path, capsys):
    assert main(["histogram", str(tmp_path / "none")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert main(["histogram", str(tmp_path)]) == 2
    assert "there is no file in" in capsys.readouterr().err


def test_every_question_of_the_course_can_be_counted():
    found = histogram.questions()
    assert len({(one.lesson, one.item, one.number) for one in found}) == len(found)
    things = {kind for lesson in progress.lessons() for kind in lesson.items.values()}
    assert {"prediction", "quiz"} <= things
    for lesson in progress.lessons():
        wanted = {item for item, kind in lesson.items.items() if kind in ("prediction", "quiz")}
        assert {one.item for one in found if one.lesson == lesson.name} == wanted
    assert all(one.right in one.options for one in found if one.right)
    assert all(one.right for one in found if not one.predicted)


def test_without_a_usual_option_right_is_what_most_runs_showed():
    one = histogram.Asked("02_one_neuron", "x", 1, "What?", ("A", "B"), "", True, Counter(A=3), Counter(A=1, B=2), 3)
    assert list(one.rows()) == [("A", 3, False), ("B", 0, True)]
    assert "3 compared with the run, and it showed the right option to 2 of them." in one.note()
