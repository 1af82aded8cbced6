"""ForwardLab in a real JupyterLab: by pointer and by keys, in light and dark, narrow and enlarged."""

from looking import wait_for


def test_a_signal_and_a_network_built_by_hand(open_lesson, jupyterlab, keep):
    gate = "hidden_1=2, hidden_2=0, activation_1='step', activation_out='step', data='xor'"
    cell = f"from annlab import ForwardLab\nlab = ForwardLab({gate})\nlab"
    lesson = open_lesson(jupyterlab.write("ForwardLab.ipynb", [cell]))
    page = lesson.page
    page.keyboard.press("Control+b")  # the file list makes room
    lesson.run_all()
    lab, ask = lesson.lab(), lesson.kernel.ask

    def until(expression: str) -> None:
        wait_for(page, lambda: ask(f"bool({expression})"))
        line = lab.locator(".annlab-line")
        wait_for(page, lambda: line.inner_text() == ask("lab.stage.description"))

    lab.get_by_role("button", name="Next layer").click()
    until("lab.state.lit == 1")
    lab.locator("[data-id='node:1:1']").click()
    until("lab.state.node == (1, 1)")
    lab.get_by_text("Node h2: its sum, term by term").wait_for()

    lab.locator("[data-id='node:1:0']").focus()
    page.keyboard.press("ArrowRight")
    until("lab.state.lit == 2")
    page.keyboard.press("Enter")
    until("lab.state.node == (1, 0)")
    lab.locator("[data-id='less:1:0:0']").focus()
    before = ask("float(lab.model.layers[0].kernel[0, 0])")
    page.keyboard.press("Enter")
    until(f"lab.model.layers[0].kernel[0, 0] < {before}")
    page.keyboard.press("Enter")  # the focus stays on the button
    until(f"lab.model.layers[0].kernel[0, 0] < {before} - 0.5")

    ask("lab.draw()", "lab.model.set_weights([[[1, -1], [1, -1]], [-0.5, 1.5], [[1], [1]], [-1.5]])")
    until("'4 of 4 points' in lab.stage.description")
    lab.locator("[data-id='row:2']").click()
    until("(lab.state.x1, lab.state.x2) == (1, 0)")
    assert lab.locator("[data-id='node:2:0']").get_attribute("aria-label") == "Node o1, output 1, sum 0.5"

    keep(lab, "ForwardLab-light")
    lesson.menu("Settings", "Theme", "JupyterLab Dark")
    page.wait_for_selector(".annlab-dark")
    keep(lab, "ForwardLab-dark")
    for name, width in (("700", 700), ("200-per-cent", 640)):
        page.set_viewport_size({"width": width, "height": 1000 if width == 700 else 500})
        wait_for(page, lambda width=width: ask(f"lab.state.width <= {width}"))
        wait_for(page, lambda: lab.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1"))
        wait_for(page, lambda: lesson.smallest_type() >= 10.5)
        keep(lab, f"ForwardLab-{name}")
