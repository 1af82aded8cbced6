"""The labs of the first four lessons in a real JupyterLab, by pointer and by keys."""

import pytest
from looking import box_of, line, wait_for


@pytest.fixture
def opened(open_lesson, jupyterlab):
    """Opens one lab in a notebook of its own: ``opened(name of the class)``."""

    def opened(name, **options):
        jupyterlab.write(f"{name.lower()}.ipynb", [f"from annlab import {name}\nlab = {name}()\nlab"])
        lesson = open_lesson(f"{name.lower()}.ipynb", **options)
        lesson.run_all()
        lab = lesson.lab()
        # The page has said how wide it is, and the picture was drawn anew for it.
        sheet = lab.locator(".annlab-sheet svg")
        wait_for(lesson.page, lambda: not sheet.get_attribute("viewBox").startswith("0 0 960 "))
        return lesson, lab

    return opened


def drag(page, target, start, end) -> None:
    """From one place to another, both as shares of the target's box."""
    box = box_of(target)
    places = [(box["x"] + box["width"] * across, box["y"] + box["height"] * down) for across, down in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def test_neuron_lab(opened, keep):
    lesson, lab = opened("NeuronLab")
    page, ask = lesson.page, lesson.kernel.ask
    plane = lab.locator("[data-id=plane]")
    # Drag the ring: a quarter from the right and a quarter from the top is the point (1, 1).
    drag(page, plane, (0.85, 0.8), (0.75, 0.25))
    wait_for(page, lambda: ask("(lab.state.x1, lab.state.x2)") == (1.0, 1.0))
    wait_for(page, lambda: "At x1 = 1 and x2 = 1 the sum is 1.5" in line(lab))
    # The same by keys, without the notebook scrolling or taking a letter.
    plane.focus()
    for key in ("ArrowLeft", "ArrowDown", "Shift+ArrowDown", "d", "d"):
        page.keyboard.press(key)
    wait_for(page, lambda: ask("(lab.state.x1, lab.state.x2)") == (0.9, 0.4))
    assert page.locator(".jp-CodeCell").count() == 1
    # Drag the line, which crosses the middle of the left half of the plane's top: x1 = -1.5, x2 = 2.
    drag(page, plane, (0.5, 0.375), (0.625, 0.375))  # from (0, 0.5), on the line, to (0.5, 0.5)
    wait_for(page, lambda: ask("lab.state.bias") == -1.0)
    # A slider by keys, and a choice behind More settings.
    lab.get_by_role("slider", name="Weight 1").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("lab.state.w1") == 1.1)
    lab.get_by_role("button", name="More settings").click()
    lab.get_by_role("combobox", name="Points").select_option("XOR")
    wait_for(page, lambda: "XOR" in line(lab))
    wait_for(page, lambda: line(lab) == ask("lab.stage.description"))
    keep(lab, "neuron")
    lab.get_by_role("button", name="Reset").click()
    wait_for(page, lambda: ask("(lab.state.w1, lab.state.bias, lab.state.data)") == (1.0, -0.5, "none"))
    lab.locator("summary").click()
    assert lab.get_by_text("Where the weighted sum z is exactly 0.").is_visible()


def test_activation_lab(opened, keep):
    lesson, lab = opened("ActivationLab")
    page, ask = lesson.page, lesson.kernel.ask
    # Three quarters to the right in either picture is z = 3.
    drag(page, lab.locator("[data-id=slope]"), (0.5, 0.5), (0.75, 0.5))
    wait_for(page, lambda: ask("lab.state.z") == 3.0)
    wait_for(page, lambda: "At the sum z = 3, sigmoid answers 0.953" in line(lab))
    lab.locator("[data-id=curve]").focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    wait_for(page, lambda: ask("lab.state.z") == 2.3)
    lab.get_by_role("combobox", name="Compare with").select_option("tanh")
    wait_for(page, lambda: "and tanh answers" in line(lab))
    keep(lab, "activation")
    # Softmax: the comparison goes, the temperature comes, the bars can be moved by keys.
    lab.get_by_role("combobox", name="Activation").select_option("softmax")
    lab.get_by_role("slider", name="Temperature").wait_for()
    assert not lab.get_by_role("combobox", name="Compare with").is_visible()
    lab.locator("[data-id=sum-2]").focus()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowUp")
    wait_for(page, lambda: ask("lab.state.others") == [2.0, 0.6, -1.0])
    wait_for(page, lambda: line(lab) == ask("lab.stage.description"))
    keep(lab, "softmax")


def test_nodes_lab(opened, keep):
    lesson, lab = opened("NodesLab")
    page, ask = lesson.page, lesson.kernel.ask
    # ipywidgets gives lists no tooltip and the number beside a slider no name; the stage does.
    lists = lab.get_by_role("combobox", name="Connection")
    assert lists.get_attribute("title") == ask("lab.controls['connection'].tooltip")
    assert lab.get_by_role("textbox", name="Input x1").inner_text() == "0.8"
    # A connection that has the focus is seen to have it, whatever its colour and width.
    lab.locator("[data-id=x1-h3]").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).strokeWidth") == "16px"
    # Click a connection, then change its strength by keys.
    link = lab.locator("[data-id=x2-h3]")
    box = link.bounding_box()
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"])
    wait_for(page, lambda: ask("lab.state.connection") == "x2-h3")
    wait_for(page, lambda: "from x2 to h3 has strength 0.8" in line(lab))
    lab.locator("[data-id=h2-y]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    wait_for(page, lambda: ask("lab.model.layers[-1].kernel[1, 0].item()") == -0.5)
    # Slide a strength beyond 1, on request.
    lab.get_by_role("combobox", name="Connection").select_option("x1 \u2192 h1")
    lab.get_by_role("button", name="More settings").click()
    lab.get_by_role("checkbox", name="Strengths up to 5").check()
    handle = lab.get_by_role("slider", name="Strength", exact=True)
    wait_for(page, lambda: handle.get_attribute("aria-valuemax") == "100.0")  # 101 places: -5.0, -4.9, ... 5.0
    handle.focus()
    page.keyboard.press("End")
    wait_for(page, lambda: ask("lab.model.layers[-2].kernel[0, 0].item()") == 5.0)
    wait_for(page, lambda: line(lab) == ask("lab.stage.description"))
    keep(lab, "nodes")
    lab.get_by_role("button", name="Reset").click()
    wait_for(page, lambda: "from x1 to h1 has strength 0.9" in line(lab))


def test_the_terms_of_what_am_i_looking_at_stand_on_one_line(opened):
    lesson, lab = opened("NodesLab")
    lab.locator("summary").click()
    heights = lab.locator("dt").evaluate_all(
        "all => all.map(dt => { const r = document.createRange(); r.selectNodeContents(dt);"
        " return r.getBoundingClientRect().height; })"
    )
    assert len(heights) > 5
    assert max(heights) < 1.5 * 14 * 1.5  # one line of 14 pixels and its leading; JupyterLab's own style breaks them
