"""Lesson 01 as a new learner works through it: a prediction, a wrong answer and a right one, a strength of 5."""

from looking import line, wait_for


def slide_to(page, lab, name: str, value: float) -> None:
    """Move a slider to a value by its keys."""
    slider = lab.get_by_role("slider", name=name, exact=True)
    slider.focus()
    for _ in range(60):
        shown = float(slider.get_attribute("aria-valuetext"))
        if abs(shown - value) < 1e-9:
            return
        page.keyboard.press("ArrowRight" if shown < value else "ArrowLeft")
    raise AssertionError(f"{name} did not reach {value}")


def cell_with(page, words: str):
    cell = page.locator(".jp-CodeCell", has=page.locator(".cm-content", has_text=words)).first
    cell.scroll_into_view_if_needed()
    return cell


def run(page, words: str):
    """Run the cell that holds ``words``; again where JupyterLab, busy with something else, let the keys pass."""
    cell = cell_with(page, words)
    prompt = cell.locator(".jp-InputPrompt").first
    before = prompt.text_content()
    for _ in range(3):
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        for _ in range(200):
            if prompt.text_content() != before:
                return cell
            page.wait_for_timeout(50)  # between two looks
    raise AssertionError(f"the cell with {words!r} does not run")


def answer(page, words: str, text: str):
    """Write ``text`` into the cell that holds ``words``, run it, and return what it says."""
    cell = cell_with(page, words)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")
    return cell.locator(".jp-OutputArea-output [role=status]")


def test_lesson_01(open_lesson, keep):
    lesson = open_lesson("01_nodes_and_connections.ipynb")
    page = lesson.page
    run(page, "from annlab import").get_by_text("ready").wait_for()
    # A prediction that does not come true.
    cell = run(page, "lesson.one_strength")
    cell.get_by_text("Those of h1, h2 and h3").click()
    cell.get_by_role("button", name="Open the lab").click()
    lab = cell.locator(".annlab-lab")
    lab.locator(".annlab-sheet svg").wait_for()
    slide_to(page, lab, "Strength", 0.0)
    # h1 = sigmoid(0.8 * 0 + 0.5 * 0.2) = sigmoid(0.1) = 0.525
    wait_for(page, lambda: "hidden nodes 0.525, 0.392 and 0.707" in line(lab))
    cell.get_by_role("button", name="Compare").click()
    cell.get_by_text("The run showed something else. The values of h1 and y are 0.525").wait_for()
    keep(cell, "lesson-01-one-strength")
    # In code: row and column in each other's place, then right.
    code = "def strength_between(table, start, end):\n    return table[{}]\n\n"
    code += "lesson.strength_between.check(strength_between)"
    said = answer(page, "def strength_between", code.format("end - 1, start - 1"))
    said.get_by_text("Row and column have changed places").wait_for()
    said = answer(page, "def strength_between", code.format("start - 1, end - 1"))
    said.get_by_text("a layer of any size is one such table").wait_for()
    # Break it: a strength of 5, and its slider goes there.
    lab = run(page, "wide_lab").locator(".annlab-lab")
    lab.locator(".annlab-sheet svg").wait_for()
    assert "has strength 5." in line(lab)
    slide_to(page, lab, "Strength", 4.5)
    wait_for(page, lambda: "has strength 4.5." in line(lab))
    keep(lab, "lesson-01-break")
