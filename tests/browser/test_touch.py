"""The small labs under a finger: a tap and a stroke do what a click and a drag do, and the page stays where it is."""

from functools import partial

import pytest
from looking import wait_for

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
# In one go, because the element may be drawn anew at any moment.
PLACE = """(lab, target) => {
    const found = lab.querySelector(target);
    found.scrollIntoView({ block: "center" });
    const { x, y, width, height } = found.getBoundingClientRect();
    return { x, y, width, height };
}"""
STROKES = {
    "NeuronLab": ("plane", "(lab.state.x1, lab.state.x2)"),
    "ActivationLab": ("curve", "lab.state.z"),
    "LossLab": ("prediction", "lab.state.prediction"),
    "DescentLab": ("map", "lab.state.start_at.tolist()"),
}


@pytest.mark.parametrize("name", TAPS)
def test_a_tap_and_a_stroke(open_lesson, jupyterlab, name):
    cell = f"from annlab import {name}\nlab = {name}()\nlab"
    lesson = open_lesson(jupyterlab.write(f"touch_{name.lower()}.ipynb", [cell]), has_touch=True)
    lesson.run_all()
    page, lab, look = lesson.page, lesson.lab(), lesson.kernel.ask
    touch = partial(page.context.new_cdp_session(page).send, "Input.dispatchTouchEvent")
    # The page has said how wide it is, and the picture was drawn anew for it.
    wait_for(page, lambda: not lab.locator(".annlab-sheet svg").get_attribute("viewBox").startswith("0 0 960 "))

    def place(target):
        return lab.evaluate(PLACE, f"[data-id='{target}']")

    target, (across, down), expression = TAPS[name]
    before, box = look(expression), place(target)
    page.touchscreen.tap(box["x"] + across * box["width"], box["y"] + down * box["height"])
    wait_for(page, lambda: look(expression) != before)
    if name in STROKES:
        target, expression = STROKES[name]
        before, box = look(expression), place(target)
        page_top = "panel => panel.scrollTop"
        top = page.locator(".jp-WindowedPanel-outer").first.evaluate(page_top)
        for step in range(6):
            x, y = box["x"] + box["width"] * (0.3 + 0.06 * step), box["y"] + box["height"] * (0.6 - 0.05 * step)
            touch({"type": "touchMove" if step else "touchStart", "touchPoints": [{"x": x, "y": y}]})
        touch({"type": "touchEnd", "touchPoints": []})
        wait_for(page, lambda: look(expression) != before)
        assert page.locator(".jp-WindowedPanel-outer").first.evaluate(page_top) == top
    wait_for(page, lambda: lab.locator(".annlab-line").inner_text() == look("lab.stage.description"))
