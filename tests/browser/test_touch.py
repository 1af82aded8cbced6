"""The small labs under a finger: a tap and a stroke do what a click and a drag do, and the page stays where it is."""

from functools import partial

import pytest

# lab: what is touched, where (shares of its box), and what of the lab's state has changed then
TAPS = {
    "NodesLab": ("x2-h3", (0.7, 0.7), "lab.state.connection"),
    "NeuronLab": ("plane", (0.75, 0.25), "(lab.state.x1, lab.state.x2)"),
    "ActivationLab": ("curve", (0.75, 0.5), "lab.state.z"),
    "PerceptronLab": ("point-0", (0.5, 0.5), "lab.state.y.tolist()"),
    "ForwardLab": ("node:1:1", (0.5, 0.5), "lab.state.node"),
    "LossLab": ("map", (0.75, 0.25), "lab.state.weight"),
    "DescentLab": ("map", (0.3, 0.3), "lab.state.start_at.tolist()"),
}
STROKES = {
    "NeuronLab": ("plane", "(lab.state.x1, lab.state.x2)"),
    "ActivationLab": ("curve", "lab.state.z"),
    "LossLab": ("prediction", "lab.state.prediction"),
    "DescentLab": ("map", "lab.state.start_at.tolist()"),
}


def wait_for(page, condition) -> None:
    """Until ``condition`` (Python) holds; the page goes on meanwhile."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(50)  # between two looks
    raise AssertionError("waited too long")


@pytest.fixture
def page_of_labs(open_lesson, jupyterlab):
    cells = [f"from annlab import {name}\n{name.lower()} = {name}()\n{name.lower()}" for name in TAPS]
    lesson = open_lesson(jupyterlab.write("touch.ipynb", cells), has_touch=True)
    lesson.run_all()
    return lesson


def test_a_tap_and_a_stroke(page_of_labs):
    lesson, page = page_of_labs, page_of_labs.page
    touch = partial(page.context.new_cdp_session(page).send, "Input.dispatchTouchEvent")

    def look(name, expression):
        return lesson.kernel.ask(expression.replace("lab.", f"{name.lower()}."))

    for at, (name, (target, (across, down), expression)) in enumerate(TAPS.items()):
        page.locator(".jp-CodeCell").nth(at).scroll_into_view_if_needed()
        lab = lesson.lab(at)
        place = lab.locator(f"[data-id='{target}']").first
        place.scroll_into_view_if_needed()
        before, box = look(name, expression), place.bounding_box()
        page.touchscreen.tap(box["x"] + across * box["width"], box["y"] + down * box["height"])
        wait_for(page, lambda n=name, e=expression, b=before: look(n, e) != b)
        if name not in STROKES:
            continue
        target, expression = STROKES[name]
        place = lab.locator(f"[data-id='{target}']").first
        place.scroll_into_view_if_needed()
        before, box = look(name, expression), place.bounding_box()
        top = page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollTop")
        for step in range(6):
            x, y = box["x"] + box["width"] * (0.3 + 0.06 * step), box["y"] + box["height"] * (0.6 - 0.05 * step)
            touch({"type": "touchMove" if step else "touchStart", "touchPoints": [{"x": x, "y": y}]})
        touch({"type": "touchEnd", "touchPoints": []})
        wait_for(page, lambda n=name, e=expression, b=before: look(n, e) != b)
        assert page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollTop") == top
        line = lab.locator(".annlab-line")
        wait_for(page, lambda n=name, line=line: line.inner_text() == look(n, "lab.stage.description"))
