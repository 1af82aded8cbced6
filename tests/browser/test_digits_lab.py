"""DigitsLab in a real JupyterLab, used as a learner uses it: by pointer, by touch and by keys alone."""

import re
from functools import partial

import pytest
from looking import box_of, line, wait_for

MAKE = ["from annlab import DigitsLab\nlab = DigitsLab()\nlab"]
PLAYING = ["from annlab import DigitsLab\nlab = DigitsLab()\nlab.play()\nlab"]
TASKS = "len([task for task in asyncio.all_tasks(lab._loop) if 'Lab._run' in str(task)])"


def epochs(lab) -> int:
    said = re.search(r"Epochs: (\d+)", line(lab))
    return int(said[1]) if said else -1  # a lab that is just being opened has no line yet


def says_what_the_kernel_says(lesson, lab) -> bool:
    """Whether the page's line and its ten probabilities are what the kernel's own model answers now."""
    expected_line, expected = lesson.kernel.ask(
        "(lab.describe(lab.facts(lab.state)), "
        "[f'{100 * p:.1f} %' for p in lab.model(lab.state.paper.reshape(1, 64))[0].tolist()])"
    )
    texts = lab.locator(".annlab-sheet text").all_text_contents()
    return line(lab) == expected_line and [text for text in texts if text.endswith(" %")] == expected


@pytest.fixture
def lesson(open_lesson, jupyterlab):
    jupyterlab.write("digits.ipynb", MAKE)
    opened = open_lesson("digits.ipynb")
    opened.run_all()
    return opened


def test_play_move_a_slider_and_paint(lesson, keep):
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    assert says_what_the_kernel_says(lesson, lab)

    # Play with the keyboard, and move a slider by keys while it trains.
    lab.get_by_role("button", name="Play").focus()
    page.keyboard.press("Space")
    wait_for(page, lambda: epochs(lab) >= 1)
    lab.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("lab.model.optimizer.learning_rate") == 0.003)
    reached = epochs(lab)
    wait_for(page, lambda: epochs(lab) >= reached + 2)
    lab.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Space")
    wait_for(page, lambda: not ask("lab.playing"))
    wait_for(page, says_what_the_kernel_says, lesson, lab)
    keep(page, "digits-light")

    # Paint a one with the pointer.
    lab.get_by_role("button", name="Clear the paper").click()
    wait_for(page, lambda: ask("lab.state.paper.sum().item()") == 0)
    box = box_of(lab.locator("[data-id=paper]"), scroll=False)
    across, down = box["x"] + box["width"] * 0.45, box["y"]
    page.mouse.move(across, down + 10)
    page.mouse.down()
    page.mouse.move(across, down + box["height"] - 10, steps=6)
    page.mouse.up()
    wait_for(page, lambda: ask("(lab.state.paper[:, 3] == 1).all().item()"))
    wait_for(page, says_what_the_kernel_says, lesson, lab)
    keep(lab, "digits-painted")

    # Paint with keys alone; the notebook's own keys (d d deletes a cell) stay out of it.
    lab.locator("[data-id=paper]").focus()
    for key in ["Delete", "d", "d", *["ArrowUp"] * 8, *["ArrowLeft"] * 8, "Space", "ArrowDown", "Space"]:
        page.keyboard.press(key)
    wait_for(page, lambda: ask("lab.state.paper.nonzero()[0].tolist()") == [0, 1])
    assert ask("lab.state.paper.nonzero()[1].tolist()") == [0, 0]
    wait_for(page, says_what_the_kernel_says, lesson, lab)
    assert page.locator(".jp-CodeCell").count() == 1


def test_everything_works_with_keys_alone(lesson):
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    visited = []
    lab.get_by_role("button", name="More settings").click()
    lab.get_by_role("button", name="Play").focus()
    for _ in range(28):
        name, outline, stroke = page.evaluate("""() => {
            const at = document.activeElement, style = getComputedStyle(at);
            return [at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText, style.outlineStyle,
                style.strokeWidth];
        }""")
        assert outline != "none" or stroke == "3px", f"{name} does not show that it has the focus"
        visited.append(name)
        page.keyboard.press("Tab")
    names = " | ".join(visited)
    for name in ("Play", "One epoch", "Reset", "Show an example", "Clear the paper", "Learning rate", "Hidden units"):
        assert name in names
    for name in ("Activation", "Optimizer", "Seed", "More settings", "Paper of 8 by 8", "What am I looking at?"):
        assert name in names
    for name in ("Pixels for and against", "Rare digit", "Kept of it in %", "Class weight"):
        assert name in names
    lab.locator("summary").focus()
    page.keyboard.press("Enter")
    assert lab.get_by_text("One row for each true digit").is_visible()
    lab.get_by_role("combobox", name="Activation").focus()
    page.keyboard.press("ArrowDown")
    wait_for(page, lambda: ask("lab.model.layers[0].activation.name") == "tanh")
    lab.get_by_role("button", name="One epoch").focus()
    page.keyboard.press("Enter")
    wait_for(page, lambda: epochs(lab) == 1)


def test_ask_the_pixels_and_make_a_digit_rare(lesson, keep):
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: epochs(lab) >= 3)
    lab.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not ask("lab.playing"))

    def shows(digit):
        """Whether the heading and the numbers in the 64 pixels are those of this digit."""
        texts = lab.locator(".annlab-sheet text").all_text_contents()
        signed = ask("[_signed(share) for share in lab.pixels().ravel()]", "from annlab.labs.digits import _signed")
        numbers = [text for text in signed if text]
        shown = [text for text in texts if text[:1] in ("+", "\u2212") and "it" not in text]
        return ask("lab.asked") == digit and f"Pixels for and against the {digit}" in texts and shown == numbers

    # By the pointer, on a probability; and by keys.
    lab.locator("[data-id=class-2]").click()
    wait_for(page, shows, 2)
    lab.get_by_role("combobox", name="Pixels for and against").focus()
    page.keyboard.press("ArrowDown")
    wait_for(page, shows, 3)
    assert "The weighted sum of the 3 is" in line(lab)
    wait_for(page, says_what_the_kernel_says, lesson, lab)

    # Painting changes what the pixels say.
    before = ask("lab.pixels().tolist()")
    lab.locator("[data-id=paper]").focus()
    page.keyboard.press("Space")
    wait_for(page, lambda: ask("lab.pixels().tolist()") != before)
    wait_for(page, shows, 3)
    keep(lab, "digits-pixels")

    # A slider takes the eights away, and a new network begins without them.
    lab.get_by_role("slider", name="Kept of it in %").focus()
    page.keyboard.press("Home")
    wait_for(page, lambda: ask("(lab.state.kept, (lab.state.y_train == 8).sum().item())") == (0, 0))
    wait_for(page, lambda: epochs(lab) == 0)
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: epochs(lab) >= 5)
    lab.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not ask("lab.playing"))
    wait_for(page, says_what_the_kernel_says, lesson, lab)
    assert "0 of the 1226 training digits show the 8; 0 of 52" in line(lab)
    lab.get_by_role("slider", name="Class weight").focus()
    page.keyboard.press("End")
    wait_for(page, lambda: ask("lab.state.weight") == 50)
    keep(lab, "digits-rare")


def test_a_finger_paints_and_the_page_does_not_scroll(open_lesson, jupyterlab):
    jupyterlab.write("digits.ipynb", MAKE)
    lesson = open_lesson("digits.ipynb", has_touch=True)
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    lab.get_by_role("button", name="Clear the paper").tap()
    wait_for(page, lambda: ask("lab.state.paper.sum().item()") == 0)
    paper = lab.locator("[data-id=paper]")
    before = box_of(paper)
    x = before["x"] + before["width"] * 0.55
    touch = partial(page.context.new_cdp_session(page).send, "Input.dispatchTouchEvent")
    for at in range(13):
        y = before["y"] + before["height"] * (0.05 + 0.9 * at / 12)
        touch({"type": "touchMove" if at else "touchStart", "touchPoints": [{"x": x, "y": y}]})
    touch({"type": "touchEnd", "touchPoints": []})
    wait_for(page, lambda: ask("(lab.state.paper[:, 4] == 1).all().item()"))
    assert paper.bounding_box()["y"] == pytest.approx(before["y"], abs=2)  # the frame of the focus is 1 wide


def test_five_runs_of_the_cell_leave_one_task(open_lesson, jupyterlab):
    jupyterlab.write("again.ipynb", PLAYING)
    lesson = open_lesson("again.ipynb")
    lesson.run_all()
    for run in range(2, 6):
        lesson.lab()
        lesson.run_cell(0)
        lesson.page.locator(".jp-InputPrompt", has_text=f"[{run}]").wait_for()
    wait_for(lesson.page, lambda: lesson.kernel.ask(TASKS, "import asyncio") == 1)
    lab = lesson.lab()
    reached = epochs(lab)
    wait_for(lesson.page, lambda: epochs(lab) > reached)
    assert lesson.page.locator(".annlab-lab").count() == 1


def test_a_kernel_restart_under_an_open_lab(lesson, keep):
    page, lab = lesson.page, lesson.lab()
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: epochs(lab) >= 1)
    lesson.restart()
    page.get_by_text("The kernel that ran this lab is gone. Run the cell again to go on.").wait_for()
    keep(page, "digits-kernel-gone")
    lesson.run_all()
    lab = lesson.lab()
    wait_for(page, lambda: epochs(lab) == 0)
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: epochs(lab) >= 1)


def test_two_views_a_late_one_and_a_reload(open_lesson, jupyterlab):
    jupyterlab.write("views.ipynb", [*PLAYING, "lab"])
    lesson = open_lesson("views.ipynb")
    lesson.run_all()
    page = lesson.page
    first, second = lesson.lab(0), lesson.lab(1)
    wait_for(page, lambda: epochs(second) >= 1)
    first.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not lesson.kernel.ask("lab.playing"))
    wait_for(page, lambda: line(first) == line(second))
    second.get_by_role("button", name="Play").click()
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-dirty").wait_for(state="detached")
    page.reload()
    first = lesson.lab(0)
    reached = epochs(first)
    wait_for(page, lambda: epochs(first) > reached)


def test_nobody_looks_and_then_somebody_does(open_lesson, jupyterlab):
    jupyterlab.write("look.ipynb", PLAYING)
    lesson = open_lesson("look.ipynb")
    lesson.run_all()
    page, lab = lesson.page, lesson.lab()
    wait_for(page, lambda: epochs(lab) >= 1)
    show = """state => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(show, "hidden")
    wait_for(page, lambda: lesson.kernel.ask("lab._task.done()"))
    wait_for(page, lambda: "nobody is looking" in lab.locator(".annlab-note").inner_text())
    reached = epochs(lab)
    page.evaluate(show, "visible")
    wait_for(page, lambda: epochs(lab) > reached)
    lesson.clear_outputs()
    wait_for(page, lambda: lesson.kernel.ask("lab._task.done()"))


def test_the_dark_theme_reaches_text_and_canvases(lesson, keep):
    page, lab = lesson.page, lesson.lab()
    look = """lab => [
        [...lab.querySelector("canvas").getContext("2d").getImageData(0, 0, 1, 1).data],
        getComputedStyle(lab.querySelector(".annlab-sheet text")).fill,
    ]"""
    (paper, ink) = lab.evaluate(look)
    assert min(paper) > 200
    lesson.menu("Settings", "Theme", "JupyterLab Dark")
    wait_for(page, lambda: max(lab.evaluate(look)[0][:3]) < 80)
    assert lab.evaluate(look)[1] != ink
    keep(page, "digits-dark")


def test_lesson_12_from_top_to_bottom(open_lesson, keep):
    """The shipped notebook: run it all, skip the prediction, play, move a slider by keys, paint."""
    lesson = open_lesson("12_many_classes.ipynb")
    lesson.run_all()
    page, ask = lesson.page, lesson.kernel.ask
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    page.get_by_role("button", name="Skip").first.click()
    # The last lab is open from the start: until this one is there too, it would be the first on the page.
    wait_for(page, lambda: page.locator(".annlab-lab .annlab-sheet svg").count() == 2)
    lab = lesson.lab()
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: epochs(lab) >= 1)
    lab.get_by_role("slider", name="Learning rate").focus()
    before = ask("lab.model.optimizer.learning_rate")
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("lab.model.optimizer.learning_rate") > before)
    lab.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not ask("lab.playing"))
    paper = lab.locator("[data-id=paper]")
    box = box_of(paper)
    ink = ask("lab.state.paper.sum().item()")
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 190, box["y"] + 190, steps=5)
    page.mouse.up()
    wait_for(page, lambda: ask("lab.state.paper.sum().item()") > ink + 3)
    wait_for(page, says_what_the_kernel_says, lesson, lab)
    keep(page, "lesson-12")

    # The second lab asks the pixels; the third one has few eights.
    page.get_by_role("button", name="Skip").last.click()
    wait_for(page, lambda: page.locator(".annlab-lab .annlab-sheet svg").count() == 3)
    why = lesson.lab(1)
    why.get_by_role("combobox", name="Pixels for and against").select_option("8")
    wait_for(page, lambda: ask("why_lab.asked") == 8)
    rare = lesson.lab(2)
    rare.get_by_role("slider", name="Class weight").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("rare_lab.state.weight") == 2)
    assert "10 of the 1236 training digits" in line(rare)
    keep(page, "lesson-12-rare")
