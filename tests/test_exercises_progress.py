"""The progress file: whole at any moment, shared by several notebooks, set aside when damaged."""

import base64
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from annlab.exercises import progress


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_PROGRESS", str(tmp_path / "progress"))
    return tmp_path / "progress"


def test_nothing_is_written_before_something_is_done(folder):
    assert progress.read() == {}
    assert str(progress.Map())
    assert not folder.exists()


def test_the_home_folder_is_the_place_unless_another_is_named(monkeypatch):
    assert progress.path().parent.name == "progress"
    monkeypatch.delenv("ANNLAB_PROGRESS")
    assert progress.path().parts[-2:] == (".annlab", "progress.json")
    assert progress.path().is_absolute()


def test_without_a_home_folder_progress_is_kept_beside_the_notebook(tmp_path, monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("ANNLAB_PROGRESS")
    monkeypatch.setattr(progress.Path, "home", no_home)
    monkeypatch.chdir(tmp_path)
    assert progress.record("a", "b", True) == ""
    assert (tmp_path / ".annlab" / "progress.json").exists()


def test_in_a_browser_alone_progress_lies_with_the_files_that_the_browser_keeps(tmp_path, monkeypatch):
    monkeypatch.delenv("ANNLAB_PROGRESS")
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(progress, "_DRIVE", tmp_path / "no drive")  # a private window has none
    assert progress.path() == progress.Path.home() / ".annlab" / "progress.json"
    monkeypatch.setattr(progress, "_DRIVE", tmp_path)
    assert progress.record("a", "b", True) == ""
    assert (tmp_path / ".annlab" / "progress.json").exists()
    words = progress.Map().widget().children[1].value
    assert "kept in this browser, and gone when its stored data is cleared" in words
    assert str(tmp_path) not in words


def test_what_was_done_stays_done():
    for done in (False, True, False):
        assert progress.record("12_many_classes", "quiz", done) == ""
    assert progress.read() == {"12_many_classes": {"quiz": {"done": True, "tries": 3}}}


def test_details_are_kept():
    progress.record("12_many_classes", "letter", True, choice="One")
    assert progress.read()["12_many_classes"]["letter"]["choice"] == "One"


def test_answers_are_kept_in_their_order():
    for words in ("One", "Two"):
        progress.record("12_many_classes", "quiz", False, chose=(2, words))
    progress.record("12_many_classes", "quiz", True, chose=(1, "Three"))
    assert progress.read()["12_many_classes"]["quiz"]["answers"] == {"1": ["Three"], "2": ["One", "Two"]}
    for _ in range(30):
        progress.record("12_many_classes", "quiz", True, chose=(1, "Three"))
    assert len(progress.read()["12_many_classes"]["quiz"]["answers"]["1"]) == 20


def test_a_file_knows_its_learner_by_a_number_and_by_nothing_else(folder):
    progress.record("a", "b", True)
    first = json.loads(progress.path().read_text(encoding="utf-8"))
    assert set(first) == {"version", "learner", "lessons"}
    progress.record("a", "c", True)
    assert json.loads(progress.path().read_text(encoding="utf-8"))["learner"] == first["learner"]

    text = progress._as_text(progress.read())
    progress.path().unlink()
    progress.restore(text)  # another machine, the same learner
    assert json.loads(progress.path().read_text(encoding="utf-8"))["learner"] == first["learner"]
    progress.path().unlink()
    progress.record("a", "b", True)
    assert json.loads(progress.path().read_text(encoding="utf-8"))["learner"] != first["learner"]


def test_a_file_from_before_answers_and_numbers_goes_on(folder):
    folder.mkdir()
    old = {"version": 1, "lessons": {"a": {"b": {"done": True, "tries": 2, "choice": "One", "answers": "?"}}}}
    progress.path().write_text(json.dumps(old), encoding="utf-8")
    assert progress.record("a", "b", False, chose=(1, "Two"), choice="Two") == ""
    assert progress.read() == {"a": {"b": {"done": True, "tries": 3, "choice": "Two", "answers": {"1": ["Two"]}}}}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"lessons": 3}',
     '{"lessons": {"a": []}}', '{"lessons": {"a": {"b": {"done": 1, "tries": 1}}}}',
     '{"lessons": {"a": {"b": {"done": true, "tries": "1"}}}}'],
)  # fmt: skip
def test_a_damaged_file_is_set_aside(folder, text):
    folder.mkdir()
    progress.path().write_text(text, encoding="utf-8")
    assert progress.read() == {}
    progress.record("a", "b", True)
    assert progress.read() == {"a": {"b": {"done": True, "tries": 1}}}
    assert (folder / "progress.damaged-1.json").read_text(encoding="utf-8") == text


def test_a_file_that_is_no_text_is_set_aside(folder):
    folder.mkdir()
    for number in (1, 2):
        progress.path().write_bytes(b"\xff\xfe\x00\x81")
        progress.record("a", "b", True)
        assert (folder / f"progress.damaged-{number}.json").exists()


def test_two_notebooks_at_once_lose_nothing(folder):
    code = (
        "import sys; from annlab.exercises import progress\n"
        "for n in range(25): assert progress.record('a', f'{sys.argv[1]}-{n}', True) == ''\n"
        "for n in range(10): assert progress.record('a', 'shared', True) == ''"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(n)], env={**os.environ}) for n in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    entries = progress.read()["a"]
    assert len(entries) == 3 * 25 + 1
    assert entries["shared"]["tries"] == 3 * 10
    assert [file.name for file in folder.iterdir()] == ["progress.json"]


def test_a_lock_left_behind_does_not_stop_anybody(folder, monkeypatch):
    folder.mkdir()
    (folder / "progress.lock").touch()
    os.utime(folder / "progress.lock", (0, 0))  # from long ago: its kernel died
    assert progress.record("a", "b", True) == ""
    (folder / "progress.lock").touch()
    monkeypatch.setattr(progress, "_LOCK_SECONDS", 0.05)
    assert progress.record("a", "c", True) == ""  # a fresh one: waits, then goes on
    assert set(progress.read()["a"]) == {"b", "c"}


def test_a_download_comes_back(folder):
    progress.record("00_start_here", "quiz", True)
    progress.record("00_start_here", "wave", False)
    link = re.search(r"base64,([^\"]+)", progress._download())
    assert link is not None
    text = base64.b64decode(link[1])
    assert json.loads(text)["lessons"] == progress.read()

    progress.path().unlink()
    progress.record("00_start_here", "wave", True)
    assert "is back" in progress.restore(text)
    assert "is back" in progress.restore(text)  # twice changes nothing
    assert progress.read() == {
        "00_start_here": {"quiz": {"done": True, "tries": 1}, "wave": {"done": True, "tries": 1}}
    }


@pytest.mark.parametrize("text", ["", "[]", b"\xff\x81", '{"lessons": {"a": 3}}'])
def test_another_file_is_refused_in_words(text):
    assert "not a progress file" in progress.restore(text)
    assert progress.read() == {}


def test_the_map_says_what_is_done_in_words():
    lessons = progress.lessons()
    assert [lesson.name for lesson in lessons] == sorted(lesson.name for lesson in lessons)
    first, last = lessons[0], lessons[-1]
    progress.record(first.name, next(iter(first.items)), True)
    for item in last.items:
        progress.record(last.name, item, True)
    text = str(progress.Map())
    assert f"\u25d0 00 {first.title}: begun, 1 of {len(first.items)}" in text
    assert f"\u2713 {last.name[:2]} {last.title}: all done, {len(last.items)} of {len(last.items)}" in text
    assert "all done" in progress._table()


def test_a_saved_map_shows_no_progress_of_anybody():
    before = progress.Map()._repr_mimebundle_()
    progress.record(progress.lessons()[0].name, "quiz", True)
    after = progress.Map()._repr_mimebundle_()
    for kind in ("text/plain", "text/html"):
        assert before[kind] == after[kind]


def test_bringing_a_file_back_through_the_map():
    view = progress.Map().widget()
    back, said = view.children[2], view.children[3]
    progress.record("a", "b", True)
    text = progress._as_text(progress.read()).encode()
    progress.path().unlink()
    back.value = ({"name": "annlab-progress.json", "type": "", "size": len(text), "content": memoryview(text),
                   "last_modified": datetime(2026, 1, 1, tzinfo=UTC)},)  # fmt: skip
    assert "is back" in said.value
    assert progress.read() == {"a": {"b": {"done": True, "tries": 1}}}
