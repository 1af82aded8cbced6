"""What every lab can do, with a small lab of our own, in a plain script and beside a running loop."""

import asyncio
import math
import re
import threading
import time
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import traitlets

from annlab.labs import HopfieldLab, Lab, NodesLab, button, choice, slider, switch, whole
from annlab.labs import base as base_module
from annlab.labs.playground import settings
from annlab.svg.elements import Picture
from annlab.testing import sweep


class Counter(Lab):
    """Counts up by ``by`` at each step."""

    controls = {
        "by": slider(1, 1, 9, label="By", tip="how much is added"),
        "rate": slider(0.01, 0.0001, 1.0, log=True, label="Rate", tip="a number"),
        "shift": slider(0.5, -1.0, 1.0, label="Shift", tip="another number"),
        "word": choice("up", ["up", ("Down", "down")], label="Word", tip="a word"),
        "seed": whole(3, 0, 99, label="Seed", tip="where to start", more=True),
        "loud": switch(False, label="Loud", tip="louder"),
        "add": button("Add ten", tip="adds ten"),
    }
    about = [("The number", "It grows.")]

    def start(self, state):
        state.count = state.seed
        state.heard = []

    def train(self, state):
        while state.count < 10**6:
            if state.word == "down" and state.count > 500:
                raise ArithmeticError("the count went beyond 500")
            state.count += state.by
            yield

    def changed(self, state, name):
        state.heard.append((name, getattr(state, name)))

    def pressed(self, state, name):
        state.count += 10

    def event(self, state, event):
        state.heard.append(event)

    def facts(self, state):
        return {"count": state.count, "rate": state.rate, "shift": state.shift, "by": state.by, "seed": state.seed}

    def picture(self, state):
        words = f"{state.word} {'LOUD' if state.loud else ''}"
        numbers = f"{state.count} by {state.by}, rate {state.rate:.4f}, shift {state.shift:.2f}, seed {state.seed}"
        picture = Picture(state.width, 40, "Count", f"{words}: {numbers}.")
        picture.text(0, 20, live={"text": str(state.count)})
        return picture


def beside(work):
    """Run ``work`` (a coroutine function) where a loop runs, as it does in a notebook's kernel."""
    return asyncio.run(work())


async def until(condition, patience=10.0):
    """Wait for a condition."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "waited too long"
        await asyncio.sleep(0.005)


# In a plain script.


def test_a_moved_control_acts_at_once():
    lab = Counter()
    lab.controls["by"].value = 5
    assert lab.state.by == 5
    lab.step(2)
    assert lab.state.count == 3 + 2 * 5
    assert "13 by 5" in lab.stage.description


def test_starting_values_and_hidden_controls():
    lab = Counter(by=4, word="down", hide=["seed", "add"])
    assert (lab.state.by, lab.state.word) == (4, "down")
    shown = []

    def look(widget):
        shown.append(widget)
        for child in getattr(widget, "children", ()):
            look(child)

    look(lab.widget)
    assert lab.controls["by"] in shown
    assert lab.controls["seed"] not in shown
    assert lab.controls["add"] not in shown
    assert "seed" in lab.controls


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"bi": 2}, TypeError, "no control 'bi'; it has play, step, reset, by"),
        ({"hide": ["sed"]}, TypeError, "no control 'sed'"),
        ({"by": 10}, ValueError, "By goes from 1 to 9; got 10"),
        ({"rate": 0.0}, ValueError, "Rate goes from 0.0001 to 1; got 0.0"),
        ({"word": "left"}, ValueError, "Word is one of up, down; got 'left'"),
        ({"seed": 100}, ValueError, "Seed goes from 0 to 99"),
        ({"play": True}, ValueError, "call lab.play"),
    ],
)
def test_wrong_starts_are_told_in_words(wrong, error, words):
    with pytest.raises(error, match=words):
        Counter(**wrong)


KINDS = {
    "slider over whole numbers": slider(3, 1, 9, label="By", tip="."),
    "slider over numbers": slider(0.5, 0.0, 1.0, label="By", tip="."),
    "slider over powers": slider(0.01, 0.0001, 1.0, log=True, label="By", tip="."),
    "whole number": whole(3, 1, 9, label="By", tip="."),
    "choice": choice("up", ["up", "down"], label="By", tip="."),
    "choice of numbers": choice(1, [0, 1, 2], label="By", tip="."),
    "switch": switch(False, label="By", tip="."),
    "button": button("By", tip="."),
    "a Playground's units": settings.CONTROLS["units_1"],
    "a Playground's chosen weight": settings.CONTROLS["value"],
    "a Playground's line": settings.CONTROLS["share"],
    "a Playground's file": settings.CONTROLS["csv"],
    "a HopfieldLab's text": HopfieldLab.controls["letters"],
}


def test_the_page_is_told_every_tooltip():
    lab = Counter()
    for name, kind in {**Counter.controls, **lab._transport()}.items():
        assert lab.stage.tips[lab.controls[name].description] == kind.tip


NOTHING = ["many", math.nan, math.inf, -math.inf, 10**400, 2.5 + 1j, [1, 2], np.array([1, 2]), {}, object]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [*NOTHING, True, None], ids=lambda wrong: repr(wrong)[:12])
def test_no_control_takes_what_is_not_its_own(kind, wrong):
    control = KINDS[kind]
    fits = {
        "switch": wrong is True,
        "button": wrong is None,
        "a Playground's line": wrong == "many" if isinstance(wrong, str) else False,
        "a HopfieldLab's text": wrong == "many" if isinstance(wrong, str) else False,
    }
    if fits.get(kind):
        control.build(wrong)
        return
    with pytest.raises((TypeError, ValueError)) as told:
        control.build(wrong)
    message = str(told.value)
    label = "By" if "By" in message else getattr(control.build(control.value), "description", "")
    assert message.startswith(label)
    assert re.search(r" (is|goes from) ", message)
    assert not re.search(r"not supported|invalid literal|could not|cannot|trait|ambiguous|must be", message)


@pytest.mark.parametrize("kind", KINDS)
def test_every_control_takes_its_own_starting_value(kind):
    KINDS[kind].build(KINDS[kind].value)


def test_numbers_of_numpy_and_whole_floats_are_taken_and_halves_are_not():
    lab = Counter(by=np.int64(4), rate=np.float32(0.5), seed=7.0)
    assert (lab.state.by, lab.state.rate, lab.state.seed) == (4, 0.5, 7)
    assert type(lab.state.seed) is type(lab.state.by) is int
    with pytest.raises(ValueError, match="By is a whole number from 1 to 9; got 2.5"):
        Counter(by=2.5)
    with pytest.raises(TypeError, match=r"By is a whole number from 1 to 9; got 'many' \(str\)"):
        Counter(by="many")
    with pytest.raises(TypeError, match=r"Strength is a number from -5 to 5; got 'many'"):
        NodesLab(strength="many")
    with pytest.raises(ValueError, match=r"By is one of 0, 1, 2; got True \(bool\)"):
        KINDS["choice of numbers"].build(True)


def test_a_slider_over_numbers_takes_any_number_between_its_ends_exactly():
    lab = Counter()
    rate = lab.controls["rate"]
    for value in (0.1, 0.0123, 0.00017, 0.9, 0.0001, 1):
        rate.value = value
        assert rate.value == lab.state.rate == value
        assert rate._options_values[rate.index] == value
        assert float(rate._options_labels[rate.index]) == value
    with pytest.raises(traitlets.TraitError, match="goes from 0.0001 to 1; got 2"):
        rate.value = 2
    with pytest.raises(traitlets.TraitError, match="is a number from 0.0001 to 1; got 'fast'"):
        rate.value = "fast"
    rate.index = 0  # as the page does
    assert lab.state.rate == 0.0001


def test_a_number_typed_beside_a_slider_is_taken():
    lab = Counter()
    assert lab.controls["rate"].description in lab.stage.numbers
    assert lab.controls["by"].description not in lab.stage.numbers  # there ipywidgets hears it

    def rate_after(text):
        lab.stage._handle_custom_msg({"typed": [lab.controls["rate"].description, text]}, [])
        return lab.state.rate

    assert rate_after("0.3") == 0.3
    assert rate_after(" 0,0123 ") == 0.0123
    assert rate_after("7") == 1  # the nearer end
    assert rate_after("\u22127") == 0.0001
    for nothing in ("", "fast", "nan", "0.1.2"):
        assert rate_after(nothing) == 0.0001


def test_reset_goes_back_to_the_same_start():
    lab = Counter(seed=7)
    lab.step(5)
    lab.reset()
    assert lab.state.count == 7
    assert not lab.playing


def test_buttons():
    lab = Counter()
    lab.controls["add"].click()
    assert lab.state.count == 13
    lab.controls["step"].click()
    assert lab.state.count == 14
    lab.controls["reset"].click()
    assert lab.state.count == 3


def test_play_in_a_plain_script_says_what_to_do_instead():
    lab = Counter()
    with pytest.raises(RuntimeError, match=r"lab.step\(100\)"):
        lab.play()
    with pytest.raises(RuntimeError, match=r"lab.step\(100\)"):
        lab.controls["play"].value = True
    assert not lab.playing
    assert lab.controls["play"].value is False


def test_a_notebook_gets_widget_still_and_constant_text():
    lab = Counter()
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == "Counter: a live lab; run this cell to use it."
    assert ElementTree.fromstring(bundle["image/svg+xml"]).get("role") == "img"
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.widget.model_id


def test_a_still_does_not_depend_on_the_page():
    lab = Counter()
    before = lab.still()
    lab.stage._handle_custom_msg({"width": 620}, [])
    assert lab.state.width == 620
    assert 'viewBox="0 0 620 40"' in lab.stage.structure
    assert lab.still() == before


def test_events_reach_the_lab_and_other_messages_do_not():
    lab = Counter()
    lab.stage._handle_custom_msg({"kind": "anywidget-command", "id": "x"}, [])
    lab.stage._handle_custom_msg({"events": [{"kind": "key", "id": "a"}, {"kind": "up", "id": "b"}]}, [])
    assert [event["id"] for event in lab.state.heard] == ["a", "b"]


def test_an_error_is_shown_raised_and_forgotten_after_the_next_good_move():
    lab = Counter()
    lab.picture, picture = lambda state: 1 / 0, lab.picture
    with pytest.raises(ZeroDivisionError):
        lab.controls["by"].value = 2
    assert isinstance(lab.error, ZeroDivisionError)
    assert lab.stage.trouble
    assert "division by zero" in lab.stage.note
    lab.picture = picture
    lab.controls["by"].value = 3
    assert (lab.error, lab.stage.note) == (None, "")


def test_a_lab_without_training_has_no_transport():
    class Still(Lab):
        controls = {"x": slider(0.0, -1.0, 1.0, label="x", tip="x")}

        def picture(self, state):
            picture = Picture(100, 10, "x", f"x is {state.x:.2f}.")
            picture.rect(0, 0, None, 10, live={"width": 50 + 50 * state.x})
            return picture

        def facts(self, state):
            return {"x": state.x}

    lab = Still()
    assert list(lab.controls) == ["x"]
    assert sweep(lab) == 2
    with pytest.raises(RuntimeError, match="nothing to train"):
        lab.step()


# Beside a running loop, as in a notebook.


def test_play_trains_until_pause_and_keeps_one_task():
    async def work():
        lab = Counter()
        for _ in range(5):
            lab.play()
        await until(lambda: lab.state.count > 200)
        assert len([task for task in asyncio.all_tasks() if "Lab._run" in str(task)]) == 1
        assert lab.stage.live
        lab.pause()
        await until(lambda: lab._task.done())
        count = lab.state.count
        await asyncio.sleep(0)
        assert lab.state.count == count
        assert not lab.stage.live

    beside(work)


def test_a_slider_moves_while_it_trains():
    async def work():
        lab = Counter()
        lab.controls["play"].value = True
        await until(lambda: lab.state.count > 50)
        lab.controls["by"].value = 9
        assert lab.state.by == 9
        before = lab.state.count
        await until(lambda: lab.state.count > before)
        assert (lab.state.count - before) % 9 == 0
        lab.pause()

    beside(work)


def test_moves_from_another_thread_are_merged_and_applied_in_the_labs_own_thread():
    async def work():
        lab = Counter()
        threads = set()
        lab.changed = lambda state, name: threads.add(threading.get_ident()) or state.heard.append(getattr(state, name))

        def slide():
            for value in [2, 3, 4, 5, 6, 7, 8, 9, 1, 6]:
                lab.controls["by"].value = value

        other = threading.Thread(target=slide)
        other.start()
        other.join()
        assert lab.state.by == 1  # nothing was applied over there
        await until(lambda: lab.state.by == 6)
        assert threads == {threading.get_ident()}
        assert lab.state.heard == [6]  # ten moves, one change

    beside(work)


def test_an_error_in_training_is_told_in_the_lab():
    async def work():
        lab = Counter(word="down")
        lab.play()
        await until(lambda: lab.error is not None)
        assert not lab.playing
        assert lab.controls["play"].value is False
        assert lab.stage.note == "The lab stopped. the count went beyond 500. Press Reset to start again."
        lab.reset()
        assert (lab.error, lab.stage.note) == (None, "")

    beside(work)


def test_training_that_ends_pauses():
    async def work():
        lab = Counter(by=9)
        lab.state.count = 10**6 - 5
        lab.play()
        await until(lambda: not lab.playing)
        assert lab.error is None

    beside(work)


def test_nobody_looking_stops_training_until_somebody_does(monkeypatch):
    async def work():
        lab = Counter()
        lab.play()
        lab._heard({"seen": "view"})
        await until(lambda: lab.state.count > 20)
        lab._heard({"gone": "view"})
        await until(lambda: lab._task.done())
        count = lab.state.count
        assert lab.playing  # it only waits
        assert "nobody is looking" in lab.stage.note
        lab._heard({"seen": "another view"})
        await until(lambda: lab.state.count > count)
        assert lab.stage.note == ""
        lab.pause()

    beside(work)


def test_two_views_and_one_of_them_closes():
    async def work():
        lab = Counter()
        lab.play()
        lab._heard({"seen": "one"})
        lab._heard({"seen": "two"})
        lab._heard({"gone": "one"})
        count = lab.state.count
        await until(lambda: lab.state.count > count)
        lab.pause()

    beside(work)


def test_a_silent_page_stops_training(monkeypatch):
    monkeypatch.setattr(base_module, "SILENCE", 0.05)

    async def work():
        lab = Counter()
        lab.play()
        await until(lambda: lab._task.done())
        assert lab.playing
        assert "nobody is looking" in lab.stage.note
        lab.pause()

    beside(work)


def test_pictures_are_paced_but_the_last_one_is_always_shown():
    async def work():
        lab = Counter()
        shown = []
        lab.stage.show = shown.append
        for value in range(2, 10):
            lab.controls["by"].value = value
        assert len(shown) <= 1
        await until(lambda: shown and "by 9" in shown[-1].description)
        assert len(shown) <= 2

    beside(work)


def test_a_cell_that_runs_again_stops_the_lab_it_made_before(monkeypatch):
    async def work():
        run = 0
        monkeypatch.setattr(base_module, "_running_cell", lambda: ("cell", run))
        labs = []
        for run in range(5):  # noqa: B007
            labs.append(Counter())
            labs[-1].play()
        second = Counter()  # in the same run of the cell: it stops nothing
        assert [lab.playing for lab in labs] == [False] * 4 + [True]
        assert "ran again" in labs[0].stage.note
        await until(lambda: all(lab._task.done() for lab in labs[:4]))
        assert len([task for task in asyncio.all_tasks() if "Lab._run" in str(task)]) == 1
        assert not second.playing
        labs[-1].pause()

    beside(work)


# The sweep itself.


def test_sweep_passes_a_good_lab_and_counts_its_moves():
    # by, rate and shift have two ends, of which none is the start: 6 (by starts at its low end: 5); word 1 other;
    # seed 2; loud 1; the buttons step, reset and add: 3
    assert sweep(Counter()) == 12


def faulty(**broken):
    return type("Faulty", (Counter,), broken)()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"changed": lambda self, state, name: 1 / 0}, "ZeroDivisionError"),
        ({"changed": lambda self, state, name: warnings.warn("careful", stacklevel=1)}, "warned UserWarning: careful"),
        (
            {"picture": lambda self, state: Picture(10, 10, "t", "nan" if state.by == 9 else "")},
            "by = 9: not a finite number",
        ),
        (
            {"picture": lambda self, state: Picture(10, 10, "t", f"{state.count}")},
            "by = 9: the picture did not change|loud = True",
        ),
        ({"facts": lambda self, state: {"count": state.count + 0.4}}, "the text says"),
        ({"changed": lambda self, state, name: time.sleep(0.06)}, "took 0.0"),
        ({"controls": Counter.controls | {"loud": switch(False, label="Loud", tip="")}}, "loud: no tooltip"),
    ],
)
def test_sweep_finds(broken, words):
    lab = faulty(**broken)
    with pytest.raises(AssertionError, match=words):
        sweep(lab, limit=0.05)
