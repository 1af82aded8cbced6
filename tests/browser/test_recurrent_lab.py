"""RecurrentLab in a real JupyterLab: a loop stepped through time, inputs drawn by pointer and keys, a network that
learns to count while the page looks on."""

from looking import box_of
from test_nodes_lab import answer, line, run, slide_to, wait_for

MAKE = ["from annlab import RecurrentLab\nlab = RecurrentLab()\nlab"]


def test_a_loop_through_time_and_a_network_that_counts(open_lesson, jupyterlab, keep):
    jupyterlab.write("recurrent.ipynb", MAKE)
    lesson = open_lesson("recurrent.ipynb", viewport={"width": 1280, "height": 1300})
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    assert "Feedback strength 0.50: the past fades" in line(lab)
    keep(page, "recurrent-light")

    # Forwards and back in time, one step each.
    next_step, back = (lab.get_by_role("button", name=name) for name in ("Next step", "Back"))
    next_step.click()
    wait_for(page, lambda: "Step 1 of 10" in line(lab))
    for _ in range(2):
        next_step.click()
    wait_for(page, lambda: "Step 3 of 10" in line(lab))
    assert "its new state is 0.250" in line(lab)
    keep(lab, "recurrent-step-3")
    back.click()
    wait_for(page, lambda: "its new state is 0.500" in line(lab))

    # Stronger feedback explodes; the keyboard goes from step to step, and changes an input.
    slide_to(page, lab, "Feedback strength", 1.5)
    wait_for(page, lambda: "the past explodes" in line(lab))
    lab.locator("[data-id=inputs]").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    # h3 = 0.2 + 1.5 * 1.5 = 2.45
    wait_for(page, lambda: "Step 3 of 10: the loop hears 0.2" in line(lab) and "state is 2.450" in line(lab))
    assert page.locator(".jp-CodeCell").count() == 1

    # The pointer drags the input of step 6 to the top.
    box = box_of(lab.locator("[data-id=inputs]"), scroll=False)
    x = box["x"] + 5.5 * box["width"] / 10
    page.mouse.move(x, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 9, steps=4)
    page.mouse.up()
    wait_for(page, lambda: ask("lab.state.inputs.tolist()") == [1, 0, 0.2, 0, 0, 1, 0, 0, 0, 0])
    wait_for(page, lambda: "Step 6 of 10: the loop hears 1.0" in line(lab))
    keep(lab, "recurrent-explodes")

    # The other view: its own controls, and it learns while a state is looked at.
    lab.get_by_label("Show").select_option("a network that learns")
    wait_for(page, lambda: "A SimpleRNN of 4 units that counts the ones, after 0 updates" in line(lab))
    assert not lab.get_by_role("slider", name="Input strength").is_visible()
    keep(lab, "recurrent-learn-start")
    lab.get_by_role("button", name="One update").click()
    wait_for(page, lambda: "after 1 update (" in line(lab))
    slide_to(page, lab, "Units", 3)
    wait_for(page, lambda: "3 units" in line(lab))
    box = box_of(lab.locator("[data-id=states]"), scroll=False)
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: ask("len(lab.state.losses)") > 100)
    lab.locator("[data-id=states]").click(position={"x": 4.5 * box["width"] / 10, "y": box["height"] - 10})
    wait_for(page, lambda: "At step 5 it answers" in line(lab))
    lab.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not ask("lab.playing"))
    wait_for(page, lambda: line(lab) == ask("lab.stage.description"))
    assert ask("(lab.state.chosen, lab.state.row)") == (4, 0)
    assert ask("lab.state.losses[-1] < lab.state.losses[0] / 3")
    keep(lab, "recurrent-learned")
    lesson.menu("Settings", "Theme", "JupyterLab Dark")
    wait_for(page, lambda: lab.locator("xpath=self::*[contains(@class, 'annlab-dark')]").count() == 1)
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    keep(page, "recurrent-dark")


def test_a_finger_in_a_small_window(open_lesson, jupyterlab, keep):
    jupyterlab.write("recurrent.ipynb", MAKE)
    lesson = open_lesson("recurrent.ipynb", viewport={"width": 700, "height": 1100}, has_touch=True)
    lesson.page.keyboard.press("Control+b")  # the file list makes room
    lesson.run_all()
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    wait_for(page, lambda: ask("lab.state.width") <= 640)
    wait_for(page, lambda: lab.locator("svg[role=group]").get_attribute("width") == str(ask("lab.state.width")))
    area = lab.locator("[data-id=inputs]")
    box = box_of(area)
    page.touchscreen.tap(box["x"] + 3.5 * box["width"] / 10, box["y"] + 8 * box["height"] / 122)
    wait_for(page, lambda: ask("lab.state.inputs.tolist()") == [1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    assert lab.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1")
    keep(lab, "recurrent-700")
    page.set_viewport_size({"width": 640, "height": 500})  # 200 % of a window of 1280
    wait_for(page, lambda: ask("lab.state.width") <= 560)
    wait_for(page, lambda: lesson.smallest_type() >= 10.4)
    keep(lab, "recurrent-640")


def test_lesson_13(open_lesson, keep):
    lesson = open_lesson("13_recurrent_networks.ipynb", viewport={"width": 1280, "height": 1300})
    page = lesson.page
    run(page, "from annlab import").get_by_text("ready").wait_for()
    # A prediction that does not come true.
    cell = run(page, "lesson.fading")
    cell.get_by_text("About 0.9").click()
    cell.get_by_role("button", name="Open the lab").click()
    lab = cell.locator(".annlab-lab")
    lab.locator(".annlab-sheet svg").wait_for()
    cell.get_by_role("button", name="Compare").click()
    cell.get_by_text("There is nothing to compare yet.").wait_for()
    slide_to(page, lab, "Feedback strength", 0.9)
    wait_for(page, lambda: "its new state is 0.387" in line(lab))
    cell.get_by_role("button", name="Compare").click()
    cell.get_by_text("The run showed something else. Nine steps after the pulse the state is 0.387.").wait_for()
    keep(cell, "lesson-13-fading")
    # A network that learns to count, while the page looks on.
    cell = run(page, "lesson.far_back")
    cell.get_by_role("button", name="Skip").click()
    lab = cell.locator(".annlab-lab")
    lab.locator(".annlab-sheet svg").wait_for()
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: lesson.kernel.ask("len(second_lab.state.losses)") >= 310)
    lab.get_by_role("button", name="Pause").click()
    cell.get_by_role("button", name="Compare").click()
    cell.get_by_text("For counting, a 1 at the first step has to matter as much").wait_for()
    keep(cell, "lesson-13-far-back")
    # In code: without tanh, then right; a counter that forgets.
    code = "def recurrent_step(x, state, kernel, recurrent_kernel, bias):\n"
    code += "    return {}\n\nlesson.recurrent_step.check(recurrent_step)"
    said = answer(page, "def recurrent_step", code.format("x @ kernel + state @ recurrent_kernel + bias"))
    said.get_by_text("np.tanh makes the new state of it").wait_for()
    said = answer(page, "def recurrent_step", code.format("np.tanh(x @ kernel + state @ recurrent_kernel + bias)"))
    said.get_by_text("this line is all of SimpleRNN").wait_for()
    # Break it.
    lab = run(page, "loud_lab").locator(".annlab-lab")
    lab.locator(".annlab-sheet svg").wait_for()
    assert "its new state is 38.443" in line(lab)
    lab.get_by_label("Activation").select_option("tanh")
    wait_for(page, lambda: "the past grows, until tanh holds it" in line(lab))
    keep(lab, "lesson-13-loud")
