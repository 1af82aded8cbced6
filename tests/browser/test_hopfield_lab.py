"""HopfieldLab in a real JupyterLab: damaged by pointer, keys and text, and recalled while the page looks on."""

from looking import line, wait_for

MAKE = ["from annlab import HopfieldLab\nlab = HopfieldLab()\nlab"]


def test_damage_a_letter_and_watch_it_come_back(open_lesson, jupyterlab, keep):
    jupyterlab.write("hopfield.ipynb", MAKE)
    lesson = open_lesson("hopfield.ipynb")
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    assert "3 memories are stored in 35 nodes" in line(lab)
    keep(page, "hopfield-light")

    # The pointer turns points round, keys do as well, and the notebook's own keys stay out of it.
    paper = lab.locator("[data-id=paper]")
    box = paper.bounding_box()
    page.mouse.move(box["x"] + 18, box["y"] + 18)
    page.mouse.down()
    page.mouse.move(box["x"] + 18, box["y"] + 126, steps=5)
    page.mouse.up()
    wait_for(page, lambda: ask("lab.state.cursor") == (3, 0))
    assert ask("set(lab.state.states[0][[0, 5, 10, 15]].tolist())") in ({1}, {-1})
    for key in ("d", "d", "ArrowRight", "Space"):
        page.keyboard.press(key)
    wait_for(page, lambda: ask("(lab.state.states[0] != lab.state.deck['D']).nonzero()[0].tolist()") == [16])
    assert page.locator(".jp-CodeCell").count() == 1

    # A click on a memory puts it on the paper, damaged; Play brings it back, and the page says so.
    lab.locator("[data-id=stored-1]").click()
    wait_for(page, lambda: "6 points differ from C" in line(lab))
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: "This is C." in lab.locator(".annlab-note").inner_text())
    wait_for(page, lambda: "0 points differ from C" in line(lab))
    wait_for(page, lambda: line(lab) == ask("lab.stage.description"))

    # Letters are typed; all memories are found, and one of them is chosen with the keyboard.
    letters = lab.get_by_role("textbox", name="Letters", exact=True)
    letters.fill("KN")
    letters.press("Enter")
    wait_for(page, lambda: "2 memories are stored" in line(lab))
    lab.get_by_role("button", name="Find all memories").click()
    wait_for(page, lambda: "100 random starts came to rest" in line(lab))
    lab.locator("[data-id=found-0]").focus()
    page.keyboard.press("Enter")
    wait_for(page, lambda: ask("(lab.state.states[0] == lab.state.found[0][2]).all().item()"))
    keep(lab, "hopfield-found")

    # In the dark the paper is dark too.
    look = 'lab => [...lab.querySelector("canvas").getContext("2d").getImageData(0, 0, 1, 1).data]'
    ask("lab.paint([-1] * 35)")
    wait_for(page, lambda: min(lab.evaluate(look)) > 200)
    lesson.menu("Settings", "Theme", "JupyterLab Dark")
    wait_for(page, lambda: max(lab.evaluate(look)[:3]) < 80)
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    keep(page, "hopfield-dark")


def test_a_finger_paints_in_a_small_window(open_lesson, jupyterlab, keep):
    jupyterlab.write("hopfield.ipynb", MAKE)
    lesson = open_lesson("hopfield.ipynb", viewport={"width": 700, "height": 1000}, has_touch=True)
    lesson.page.keyboard.press("Control+b")  # the file list makes room
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    wait_for(page, lambda: ask("lab.state.width") <= 640)
    wait_for(page, lambda: lab.locator("svg[role=group]").get_attribute("width") == str(ask("lab.state.width")))
    paper = lab.locator("[data-id=paper]")
    paper.scroll_into_view_if_needed()
    before, first = paper.bounding_box(), ask("lab.state.states[0].tolist()")
    page.touchscreen.tap(before["x"] + before["width"] * 0.5, before["y"] + before["height"] * 0.5)
    wait_for(page, lambda: ask("lab.state.cursor") == (3, 2))
    wait_for(
        page, lambda: ask("lab.state.states[0].tolist()") == [v * (1 - 2 * (i == 17)) for i, v in enumerate(first)]
    )
    assert lab.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1")
    keep(lab, "hopfield-700")
    page.set_viewport_size({"width": 640, "height": 500})
    wait_for(page, lambda: ask("lab.state.width") <= 560)
    wait_for(page, lambda: lesson.smallest_type() >= 10.4)
    keep(lab, "hopfield-640")
