"""PuzzleLab in a real JupyterLab: nodes, edges, cells and cities by pointer, keys and text, while the page looks on."""

from looking import box_of, line, wait_for

MAKE = ["from annlab import PuzzleLab\nlab = PuzzleLab(seed=20)\nlab"]


def note(lab) -> str:
    return lab.locator(".annlab-note").inner_text()


def middle(lab, name):
    box = box_of(lab.locator(f"[data-id={name}]"), scroll=False)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def choose(lab, label, option) -> None:
    lab.get_by_role("combobox", name=label).select_option(label=option)


def test_two_groups_and_a_tour(open_lesson, jupyterlab, keep):
    jupyterlab.write("puzzle.ipynb", MAKE)
    lesson = open_lesson("puzzle.ipynb")
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    assert "Cube: 8 nodes, 12 edges" in line(lab)
    keep(page, "puzzle-light")

    # It sticks; noise frees it; both are counted.
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: "This is a local minimum" in note(lab))
    ask("None", "lab.controls['temperature'].value = 2.0")
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: "as good as the best known answer" in note(lab))
    lab.get_by_role("button", name="Try 100 starts").click()
    wait_for(page, lambda: "With temperature 2 it is" in line(lab))
    wait_for(page, lambda: line(lab) == ask("lab.stage.description"))
    keep(page, "puzzle-counted")

    # A click turns a node round; a drag, a letter and a click on the line make and take an edge.
    before = ask("lab.state.states[lab.state.at].tolist()")
    page.mouse.click(*middle(lab, "node-3"))
    wait_for(
        page, lambda: ask("lab.state.states[0].tolist()") == [v * (1 - 2 * (i == 3)) for i, v in enumerate(before)]
    )
    page.mouse.move(*middle(lab, "node-0"))
    page.mouse.down()
    page.mouse.move(*middle(lab, "node-2"), steps=5)
    page.mouse.up()
    wait_for(page, lambda: "Your own: 8 nodes, 13 edges" in line(lab))
    assert ask("(0, 2) in lab.state.problem.edges")
    edges = lab.get_by_role("textbox", name="Edges", exact=True)
    assert not edges.is_visible()  # behind More settings
    lab.locator("[data-id=node-0]").focus()
    page.keyboard.press("c")
    wait_for(page, lambda: "8 nodes, 12 edges" in line(lab))
    page.keyboard.press("Space")
    wait_for(page, lambda: ask("lab.state.states[0][0].item()") == -before[0])
    page.mouse.click(*middle(lab, "edge-0-1"))
    wait_for(page, lambda: "8 nodes, 11 edges" in line(lab))
    page.mouse.move(*middle(lab, "node-6"))
    wait_for(page, lambda: ask("lab.state.framed") == 6)
    lab.get_by_role("button", name="More settings").click()
    edges.fill("AB BC CA")
    edges.press("Enter")
    wait_for(page, lambda: "8 nodes, 3 edges" in line(lab))
    choose(lab, "Graph", "Petersen graph")
    wait_for(page, lambda: "10 nodes, 15 edges" in line(lab))
    wait_for(page, lambda: edges.input_value().count(" ") == 14)
    lab.get_by_role("button", name="More settings").click()

    # A tour: cells by pointer and keys, a city by pointer and keys.
    choose(lab, "Puzzle", "short tour")
    wait_for(page, lambda: "5 cities at 5 stops" in line(lab))
    assert not lab.get_by_role("combobox", name="Graph").is_visible()
    ask("None", "lab.arrange('ABCDE')")
    wait_for(page, lambda: "tour A-B-C-D-E-A" in line(lab))
    grid = box_of(lab.locator("[data-id=grid]"), scroll=False)
    page.mouse.click(grid["x"] + grid["width"] * 0.7, grid["y"] + grid["height"] * 0.3)  # B at stop 4
    wait_for(page, lambda: "no tour: city B twice, stop 4 has 2 cities" in line(lab))
    keep(page, "puzzle-no-tour")
    for key in ("Space", "ArrowLeft", "ArrowLeft"):  # the cell has the focus now
        page.keyboard.press(key)
    wait_for(page, lambda: "tour A-B-C-D-E-A" in line(lab) and ask("lab.state.framed") == 6)
    place = ask("lab.state.problem.places[0].tolist()")
    page.mouse.move(*middle(lab, "city-0"))
    page.mouse.down()
    page.mouse.move(middle(lab, "city-0")[0] - 30, middle(lab, "city-0")[1], steps=4)
    page.mouse.up()
    wait_for(page, lambda: ask("lab.state.problem.places[0, 0].item()") < place[0])
    lab.locator("[data-id=city-1]").focus()
    before = ask("lab.state.problem.places[1].tolist()")
    page.keyboard.press("ArrowUp")
    wait_for(page, lambda: ask("lab.state.problem.places[1].tolist()") == [before[0], before[1] + 0.5])
    lab.get_by_role("button", name="Show the best").click()
    wait_for(page, lambda: ask("abs(lab.state.energies[0] - lab.state.best).item() < 1e-6"))
    assert page.locator(".jp-CodeCell").count() == 1
    lesson.menu("Settings", "Theme", "JupyterLab Dark")
    page.locator(".annlab-dark").first.wait_for()
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    keep(page, "puzzle-dark")


def test_a_finger_in_a_small_window(open_lesson, jupyterlab, keep):
    jupyterlab.write("puzzle.ipynb", MAKE)
    lesson = open_lesson("puzzle.ipynb", viewport={"width": 700, "height": 1000}, has_touch=True)
    lesson.page.keyboard.press("Control+b")  # the file list makes room
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    wait_for(page, lambda: ask("lab.state.width") <= 640)
    wait_for(page, lambda: lab.locator("svg[role=group]").get_attribute("width") == str(ask("lab.state.width")))
    lab.locator("[data-id=node-4]").scroll_into_view_if_needed()
    before = ask("lab.state.states[0].tolist()")
    page.touchscreen.tap(*middle(lab, "node-4"))
    wait_for(
        page, lambda: ask("lab.state.states[0].tolist()") == [v * (1 - 2 * (i == 4)) for i, v in enumerate(before)]
    )
    assert lab.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1")
    keep(lab, "puzzle-700")
    choose(lab, "Puzzle", "short tour")
    wait_for(page, lambda: "5 cities at 5 stops" in line(lab))
    lab.locator("[data-id=grid]").scroll_into_view_if_needed()
    before = ask("lab.state.states[0].tolist()")
    page.touchscreen.tap(*middle(lab, "grid"))
    wait_for(
        page, lambda: ask("lab.state.states[0].tolist()") == [v * (1 - 2 * (i == 12)) for i, v in enumerate(before)]
    )
    assert lab.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1")
    keep(lab, "puzzle-tour-700")
    page.set_viewport_size({"width": 640, "height": 500})
    wait_for(page, lambda: ask("lab.state.width") <= 560)
    wait_for(page, lambda: lesson.smallest_type() >= 10.4)
    keep(lab, "puzzle-640")
