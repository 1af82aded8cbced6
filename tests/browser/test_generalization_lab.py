"""GeneralizationLab and lesson 11 in a real JupyterLab: by pointer and by keys, in every theme and at every size."""

from looking import box_of
from test_slope_labs import use, wait_for

__all__ = ["use"]


def test_generalization(use):
    used = use("GeneralizationLab")
    used.lab.get_by_role("button", name="Play").focus()
    used.press("Space")
    wait_for(used.page, lambda: used.ask("lab.state.run.epoch >= 5"))
    # A slider that moves while it trains begins the run again, and it goes on.
    used.lab.get_by_role("slider", name="Hidden units").focus()
    used.press("ArrowRight")
    wait_for(used.page, lambda: used.ask("lab.state.run.weights == 401 and lab.state.run.epoch >= 5"))
    used.press("ArrowLeft")
    used.ask("lab.playing", "lab.controls['pace'].value = 300")
    used.until("lab.state.run.ended and not lab.playing")
    used.lab.locator(".annlab-note").get_by_text("All 300 epochs are done").wait_for()
    used.keep(used.lab, "generalization-ended")
    # A number typed beside a slider counts, or the nearer end; what is no number goes away again.
    beside = used.lab.get_by_role("textbox", name="Noise")
    for typed, taken in (("0,12", 0.12), ("many", 0.12), ("9", 0.5), ("0.3", 0.3)):
        beside.click()
        used.press("Control+a")
        used.page.keyboard.type(typed)
        used.press("Enter")
        used.until(f"lab.state.noise == {taken}")
        beside.get_by_text(f"{taken:g}", exact=True).wait_for()
    # Early stopping by keys: the run ends by itself, and the best weights are back.
    used.lab.get_by_role("checkbox", name="Early stopping").focus()
    used.press("Space")
    used.until("lab.state.early_stopping and lab.state.run.epoch == 0")
    used.lab.get_by_role("button", name="Play").click()
    used.until("lab.state.run.ended and lab.state.run.stop and not lab.playing")
    used.lab.locator(".annlab-note").get_by_text("Stopped early").wait_for()
    used.keep(used.lab, "generalization-stopped")
    used.lab.get_by_role("checkbox", name="Early stopping").click()
    # Try several: the kernel answers and the picture goes on meanwhile; pause, go on, to the end.
    used.lab.get_by_role("button", name="Try several").focus()
    used.press("Enter")
    wait_for(used.page, lambda: used.ask("lab.state.own is not None and lab.state.run.epoch > 0"))
    used.lab.get_by_role("button", name="Pause").click()
    used.until("not lab.playing")
    used.keep(used.lab, "generalization-trying")
    used.lab.get_by_role("button", name="Play").click()
    used.until("lab.state.own is None and not lab.playing")
    used.lab.locator(".annlab-note").get_by_text("Your own run is back").wait_for()
    assert used.ask("[int(value) for value, *_ in lab.comparable(lab.state)]") == [1, 2, 3, 5, 10, 20, 50, 100, 200]
    # The other settings unfold; everything on the screen is explained.
    used.lab.get_by_role("button", name="More settings").click()
    used.lab.get_by_role("spinbutton", name="Seed").fill("3")
    used.press("Enter")
    used.until("lab.state.seed == 3 and lab.comparable(lab.state) == []")
    used.lab.locator("summary").focus()
    used.press("Enter")
    assert used.lab.get_by_text("Validation loss minus training loss").is_visible()
    used.lab.locator("summary").click()
    used.lab.get_by_role("button", name="More settings").click()
    used.lab.get_by_role("button", name="Play").click()
    used.until("lab.state.run.ended and not lab.playing")
    used.looks_right_everywhere()


def test_generalization_under_a_finger(open_lesson, jupyterlab):
    """Every slider goes to both of its ends under a finger, and buttons, switch and lists take a tap."""
    cell = "from annlab import GeneralizationLab\nlab = GeneralizationLab(epochs=50, units=5)\nlab"
    lesson = open_lesson(jupyterlab.write("touch_generalization.ipynb", [cell]), has_touch=True)
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": places})

    def drag(slider, *stops):
        """One finger, from the handle to each of these shares of the rail; ``arrived`` is waited for at each."""
        handle = box_of(slider)
        rail = slider.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box()
        at, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        touch("Start", (at, y))
        for across, arrived in stops:
            start, at = at, rail["x"] + across * rail["width"]
            for part in range(1, 7):
                touch("Move", (start + (at - start) * part / 6, y))
            wait_for(page, arrived)
        touch("End")

    lab.get_by_role("button", name="More settings").tap()
    for name, low, high in (
        *(("units", 1, 200), ("points", 3, 500), ("noise", 0, 0.5), ("l2", 0, 0.1), ("dropout", 0, 0.9)),
        *(("l1", 0, 0.1), ("patience", 1, 100), ("epochs", 50, 1000), ("pace", 5, 300)),
    ):
        before, label = ask(f"(lab.state.{name}, lab.controls['{name}'].description)")
        ends = [(1, f"lab.state.{name} == {high}"), (0, f"lab.state.{name} == {low}")]
        stops = [(across, lambda arrived=arrived: ask(arrived)) for across, arrived in ends]
        drag(lab.get_by_role("slider", name=label, exact=True), *stops)
        ask("None", f"lab.controls['{name}'].value = {before}")
    lab.get_by_role("checkbox", name="Early stopping").tap()
    wait_for(page, lambda: ask("lab.state.early_stopping"))
    lab.get_by_role("button", name="Play").tap()
    wait_for(page, lambda: ask("lab.state.run.ended and not lab.playing"))
    lab.get_by_role("button", name="Try several").tap()
    wait_for(page, lambda: ask("len(lab.comparable(lab.state)) == 9 and not lab.playing"))
    wait_for(page, lambda: lab.locator(".annlab-line").inner_text() == ask("lab.stage.description"))


def test_lesson_11_from_top_to_bottom(open_lesson, keep):
    """The shipped notebook: run it all, predict, try several, compare; answer the box; then break it."""
    lesson = open_lesson("11_generalization.ipynb")
    lesson.run_all()
    page, ask = lesson.page, lesson.kernel.ask
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    page.get_by_text("The one with 200 hidden units").click()
    page.get_by_role("button", name="Open the lab").first.click()
    lab = page.locator(".jp-CodeCell", has_text="lesson.width.ask").locator(".annlab-lab")
    lab.locator(".annlab-sheet svg").wait_for()
    lab.get_by_role("button", name="Try several").click()
    wait_for(page, lambda: ask("len(lab.state.runs) == 9 and not lab.playing"))
    assert ask("lab.state.run.epoch") == 300  # the run of the lesson's own numbers is back
    keep(lab, "lesson-11-several")
    page.get_by_role("button", name="Compare with what the run showed").first.click()
    page.get_by_text("You predicted: The one with 200 hidden units. The run showed something else.").wait_for()
    box = page.get_by_role("textbox", name="Your number")
    box.fill("5")
    box.press("Enter")
    page.get_by_text("three epochs in a row were not better").wait_for()
    box.fill("8")
    box.press("Enter")
    page.get_by_text("the best is epoch 5, and 6, 7 and 8 are not better").wait_for()
    broken = page.locator(".jp-CodeCell", has_text="points=3").locator(".annlab-lab")
    broken.locator(".annlab-sheet svg").wait_for()
    broken.get_by_role("button", name="Play").click()
    wait_for(page, lambda: ask("broken.state.run.ended and not broken.playing"))
    assert ask("broken.state.run.gap > 1")
    keep(broken, "lesson-11-broken")
