"""The stage, as a page would see it: what is sent, and when."""

import pytest

from annlab.labs import Stage
from annlab.svg.elements import PALETTE, Picture


def bar(width: float, height: float = 50) -> Picture:
    picture = Picture(100, height, "A bar", f"It is {width} long.")
    picture.rect(0, 0, None, 10, live={"width": width})
    return picture


@pytest.fixture
def sent(monkeypatch):
    """The states that stages send, in order."""
    messages = []
    monkeypatch.setattr(Stage, "_send", lambda self, message, buffers=None: messages.append(message), raising=True)
    return messages


def states(messages):
    return [set(message["state"]) for message in messages if message.get("method") == "update"]


def test_a_picture_is_one_message_and_its_structure_travels_once(sent):
    stage = Stage()
    sent.clear()
    stage.show(bar(1))
    stage.show(bar(2))
    stage.show(bar(2))
    stage.show(bar(2, height=60))
    first, second, *others = states(sent)
    assert {"structure", "values", "description"} <= first
    assert second == {"values", "description"}
    assert others == [{"structure"}]  # the third picture was the second again, and said nothing


def test_a_late_view_finds_the_newest_picture(sent):
    stage = Stage()
    for width in range(5):
        stage.show(bar(width))
    state = stage.get_state()
    assert state["values"] == {"width": {"0": "4"}}
    assert state["structure"] == bar(9).structure()
    assert state["palette"] == PALETTE.tobytes()


def test_what_the_page_reports_reaches_the_listener():
    heard = []
    stage = Stage(heard.append)
    stage._handle_custom_msg({"events": [{"kind": "down"}]}, [])
    assert heard == [{"events": [{"kind": "down"}]}]


def test_a_note_comes_and_goes_with_its_mark(sent):
    stage = Stage()
    sent.clear()
    stage.say("too fast", trouble=True)
    assert (stage.note, stage.trouble) == ("too fast", True)
    stage.say("")
    assert (stage.note, stage.trouble) == ("", False)
    assert states(sent) == [{"note", "trouble"}] * 2
