"""NodesLab in a real JupyterLab: strengths by keys and sliders, another node by pointer, a second of the cell's life."""

import pytest


def line(lab) -> str:
    return lab.locator(".annlab-line").inner_text()


def wait_for(page, condition) -> None:
    """Until ``condition`` (Python) holds; the page goes on meanwhile."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(50)  # between two looks
    raise AssertionError("waited too long")


@pytest.fixture
def opened(open_lesson, jupyterlab):
    lesson = open_lesson(jupyterlab.write("nodeslab.ipynb", ["from annlab import NodesLab\nlab = NodesLab()\nlab"]))
    lesson.page.keyboard.press("Control+b")  # the file list makes room
    lesson.run_all()
    return lesson


def test_nodes_lab(opened, keep):
    page, ask, lab = opened.page, opened.kernel.ask, opened.lab()
    # A strength by keys, in the picture: 0.8 - 0.1 - 0.5 = 0.2, so the sum into h1 is 0.2 * 1 + 0.4 * 0.5 = 0.4.
    lab.locator("[data-id=strength-x1_h1]").focus()
    for key in ("ArrowDown", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    wait_for(page, lambda: "A sum of 0.4 comes into h1" in line(lab) and "stays silent" in line(lab))
    # The same strength by its slider; sliders of connections that lead elsewhere are out of sight.
    sliders = lab.get_by_role("slider")
    lab.get_by_role("slider", name="x1 to h1").focus()
    page.keyboard.press("End")
    wait_for(page, lambda: ask("lab.state.x1_h1") == 1.0)
    assert sliders.locator("visible=true").count() == 4
    # Another node by pointer, an input's value by keys.
    lab.locator("[data-id=node-y]").click()
    wait_for(page, lambda: "comes into y" in line(lab))
    wait_for(page, lambda: lab.get_by_role("slider", name="h3 to y").is_visible())
    assert sliders.locator("visible=true").count() == 5
    lab.locator("[data-id=node-x2]").focus()
    page.keyboard.press("ArrowUp")
    wait_for(page, lambda: ask("lab.state.x2") == 0.6)
    # Wider strengths on request.
    lab.get_by_role("button", name="More settings").click()
    lab.get_by_role("combobox", name="Strengths go").select_option("from -5 to 5")
    wide = lab.get_by_role("slider", name="h1 to y")
    wait_for(page, lambda: wide.get_attribute("aria-valuemax") == "100.0")
    wide.focus()
    page.keyboard.press("End")
    wait_for(page, lambda: ask("lab.state.h1_y") == 5.0)
    wait_for(page, lambda: line(lab) == ask("lab.stage.description"))
    # The cell's second passes while the lab stays usable.
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: 100 < ask("lab.state.time") < 1000)
    lab.get_by_role("button", name="Pause").click()
    keep(lab, "nodes-playing")
    lab.get_by_role("button", name="Reset").click()
    wait_for(page, lambda: ask("(lab.state.x1_h1, lab.state.h1_y, lab.state.reach)") == (0.8, 0.7, 1.0))
    wait_for(page, lambda: "fires 63 times" in line(lab))
    assert lab.get_by_role("slider", name="x1 to h1").is_visible()
    keep(lab, "nodes-light")
    opened.menu("Settings", "Theme", "JupyterLab Dark")
    page.wait_for_selector(".annlab-dark")
    keep(lab, "nodes-dark")
    for name, width in (("700", 700), ("200-per-cent", 640)):
        page.set_viewport_size({"width": width, "height": 1000 if width == 700 else 500})
        wait_for(page, lambda width=width: ask(f"lab.state.width <= {width}"))
        wait_for(page, lambda: lab.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1"))
        sizes = lab.locator(".annlab-sheet text").evaluate_all(
            "all => all.map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"
        )
        assert min(sizes) >= 10.5
        keep(lab, f"nodes-{name}")
