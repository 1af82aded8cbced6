"""BackpropLab in a real page: stepping by keys, following numbers by click and by Tab, and a kernel that goes away."""

import json

CELLS = ["from annlab import BackpropLab\nlab = BackpropLab(x1=0.25)\nlab"]
STATE = "(lab.state.moment, lab.state.item, lab.state.activation_1, lab.state.round, lab.error is None)"


def focused(page) -> str:
    return page.evaluate("document.activeElement.dataset?.id ?? ''")


def tab_to(page, id: str) -> None:
    page.locator(f'[data-id="{id}"][tabindex="0"]').wait_for()  # the picture that has it is there
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page) == id:
            return
    raise AssertionError(f"Tab does not come to {id}")


def shows(box, words: str) -> None:
    """Wait until these words stand in the picture or in the line below it."""
    box.page.wait_for_function("([box, words]) => box.textContent.includes(words)", arg=[box.element_handle(), words])


def test_a_learner_steps_follows_and_restarts(open_lesson, jupyterlab, keep):
    lesson = open_lesson(jupyterlab.write("backprop.ipynb", CELLS))
    lesson.run_all()
    page, box = lesson.page, lesson.lab()
    shows(box, "0. The start")

    # Forwards and backwards: the buttons, the slider's keys, the keys of a node, the bar on top.
    box.get_by_role("button", name="Next step").click()
    shows(box, "1. Forward through the hidden layer")
    box.locator(".noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    shows(box, "2. Forward through the output layer")
    box.locator('circle[data-id="node:1:0"]').focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    shows(box, "6. Backward: δ of the hidden layer")
    assert focused(page) == "node:1:0"
    page.keyboard.press("ArrowLeft")
    shows(box, "5. Backward: the gradients into the output layer")
    box.locator("button", has_text="Back").click()
    shows(box, "4. Backward: δ of the output layer")
    bar = box.locator('[data-id="timeline"]').bounding_box()
    page.mouse.move(bar["x"] + bar["width"] - 5, bar["y"] + bar["height"] / 2)
    page.mouse.down()
    shows(box, "The loss went down")
    page.mouse.move(bar["x"] + 0.7 * bar["width"], bar["y"] + 5)  # drag back in time
    page.mouse.up()
    shows(box, "7. Backward: the gradients into the hidden layer")

    # Follow one number: click a link's number, then a number of its formula, then by Tab and Enter.
    box.locator('rect[data-id="link:2:0:0"]').first.click()
    shows(box, "dw h1→o1: how the loss changes with this weight")
    shows(box, "annlab/layers.py, Dense.backward_from_z")
    keep(box, "backprop_link")
    box.locator('[data-id="number:dz:2:0"]').click()
    shows(box, "Node o1: how the loss changes with its output")
    box.locator('circle[data-id="node:0:0"]').focus()
    page.keyboard.press("Tab")
    assert focused(page) == "node:0:1"
    page.keyboard.press("Enter")
    shows(box, "x2, an input")
    page.keyboard.press("ArrowUp")
    shows(box, "-0.95")
    page.keyboard.press("Escape")
    shows(box, "dw x1→h1: how the loss changes with this weight")
    box.locator('circle[data-id="node:2:0"]').click()
    page.keyboard.press("Enter")
    tab_to(page, "link:2:0:0")  # the links of the followed node come after the nodes
    page.keyboard.press("Enter")
    shows(box, "dw h1→o1: how the loss changes with this weight")
    assert focused(page) == "link:2:0:0"
    tab_to(page, "number:dz:2:0")  # and then the numbers of the formula
    page.keyboard.press("Enter")
    shows(box, "Node o1: how the loss changes with its output")
    tab_to(page, "number:t:0")
    page.keyboard.press("Enter")
    shows(box, "t1, the target of o1")

    # Another activation, in the middle of the story.
    box.locator("select").first.select_option("relu")
    shows(box, "hidden layer: relu")
    assert lesson.kernel.ask(STATE) == (7, ("target", 0), "relu", 0, True)
    assert lesson.kernel.ask("lab.trace.layers[0].activation") == "relu"
    said = set(
        json.loads(box.evaluate("box => JSON.stringify([...box.querySelectorAll('text')].map(t => t.textContent))"))
    )
    compact = "from annlab.svg.formula import compact"
    numbers = lesson.kernel.ask("[compact(float(v)) for r in lab.trace.layers for v in (*r.z, *r.y)]", compact)
    assert set(numbers) <= said

    # Played, it goes on by itself and stops at the end of the round.
    box.get_by_role("button", name="Play").click()
    shows(box, "10. Forward again, with the new weights")
    box.get_by_role("button", name="Play").wait_for()
    assert lesson.kernel.ask("lab.playing") is False

    # The kernel goes: the lab says so, and the cell brings it back.
    lesson.restart()
    page.get_by_text("The kernel that ran this lab is gone. Run the cell again to go on.").wait_for()
    lesson.run_all()
    box = lesson.lab()
    shows(box, "0. The start")
    box.get_by_role("button", name="Next step").click()
    shows(box, "1. Forward through the hidden layer")


def test_a_finger_and_a_narrow_page(open_lesson, jupyterlab, keep):
    cell = CELLS[0].replace("x1=0.25", "inputs=3, hidden_1=4, hidden_2=4, moment=7")
    lesson = open_lesson(
        jupyterlab.write("backprop_touch.ipynb", [cell]), has_touch=True, viewport={"width": 830, "height": 1000}
    )
    lesson.run_all()
    box = lesson.lab()
    box.locator('circle[data-id="node:2:1"]').tap()
    shows(box, "Node k2: how the loss changes with its output")
    box.locator('[data-id="stage:0"]').tap()
    shows(box, "Node k2: its weighted sum z, and its output")
    assert box.evaluate("box => box.querySelector('.annlab-sheet').scrollWidth <= box.clientWidth + 1")
    keep(box, "backprop_narrow")
