"""The Playground in a real JupyterLab: by pointer, by touch, by keys, and touched all over while it trains."""

import os
import random
import re

import pytest
from looking import box_of, line, wait_for

MAKE = ["from annlab import Playground\nlab = Playground(units=[6, 4])\nlab"]
TWO = [
    "from annlab import Playground\nlab = Playground(units=[8, 8])\nlab.play()\nlab",
    "other = Playground('Three spirals')\nother.play()\nother",
    "lab",
]
TASKS = "len([task for task in asyncio.all_tasks(lab._loop) if 'Lab._run' in str(task)])"
TOUCHES = int(os.environ.get("ANNLAB_TOUCHES", "150"))  # random changes while it trains; 500 take about a minute


def epoch(lab) -> int:
    found = re.search(r"Epoch (\d+)", line(lab))
    return int(found[1]) if found else -1  # a page that was just reloaded has no line yet


def says_what_the_kernel_says(lesson, lab, name: str = "lab") -> bool:
    """Whether the page's line, figures and biases are those of the kernel's own model, computed now."""
    expected = lesson.kernel.ask(
        "(line, [f'{v:.3f}' for v in (*train, *test)], biases)",
        "from annlab.labs.playground.words import bias_of, describe\n"
        f"run = {name}.state.run\nrun._scored = None\n"
        f"line = describe({name}.facts({name}.state), run)\n"
        "xs = [run._data(x, y) for x, y in ((run.x_train, run.y_train), (run.x_test, run.y_test))]\n"
        f"train, test = ({name}.model.evaluate(d.x, run.targets(y)) for d, y in zip(xs, (run.y_train, run.y_test)))\n"
        f"biases = [bias_of(b) for layer in {name}.model.layers for b in layer.bias.tolist()]",
    )
    said, figures, biases = expected
    texts = lab.locator(".annlab-sheet text").all_text_contents()
    shown = [text.replace("\u2212", "-") for text in texts]
    return line(lab) == said and set(figures) <= set(shown) and [t for t in texts if t.startswith("b ")] == biases


@pytest.fixture
def lesson(open_lesson, jupyterlab):
    jupyterlab.write("playground.ipynb", MAKE)
    opened = open_lesson("playground.ipynb", has_touch=True)
    opened.run_all()
    return opened


def test_play_and_steer_by_keys_and_by_pointer(lesson, keep):
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    assert says_what_the_kernel_says(lesson, lab)
    keep(page, "playground-first-view")

    # By keys: play, and move two sliders while it trains.
    lab.get_by_role("button", name="Play").focus()
    page.keyboard.press("Space")
    wait_for(page, lambda: epoch(lab) >= 3)
    lab.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("lab.model.optimizer.learning_rate") == 0.05)
    lab.get_by_role("slider", name="Hidden layers").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("len(lab.model.layers)") == 4)
    reached = epoch(lab)
    wait_for(page, lambda: epoch(lab) > reached + 2)
    page.keyboard.press("ArrowLeft")
    lab.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Space")
    wait_for(page, lambda: not ask("lab.playing"))
    wait_for(page, says_what_the_kernel_says, lesson, lab)

    # A node by keys: its sum, its bias, the weight from the first input.
    lab.locator("[data-id=node-1-0]").focus()
    page.keyboard.press("Enter")
    lab.get_by_text("Hidden layer 1, unit 1").first.wait_for()
    before = ask("float(lab.model.layers[0].kernel[0, 0])")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    wait_for(page, lambda: abs(ask("float(lab.model.layers[0].kernel[0, 0])") - before - 0.2) < 0.002)
    page.keyboard.press("Escape")

    # By pointer: drag a bias, hover over a node and over the map, add a unit, take an input in.
    bias = box_of(lab.locator("[data-id=bias-2-0]"), scroll=False)
    before = ask("float(lab.model.layers[1].bias[0])")
    page.mouse.move(bias["x"] + bias["width"] / 2, bias["y"] + bias["height"] / 2)
    page.mouse.down()
    page.mouse.move(bias["x"] + bias["width"] / 2, bias["y"] - 60, steps=5)
    page.mouse.up()
    wait_for(page, lambda: ask("float(lab.model.layers[1].bias[0])") > before + 0.5)
    lab.locator("[data-id=node-2-1]").hover()
    lab.get_by_text("this unit alone, at every place of the map").wait_for()
    lab.locator("[data-id=map]").hover()
    wait_for(page, lambda: ask("lab.state.probe is not None"))
    lab.get_by_text("Here (x").wait_for()  # the sum of the chosen bias's unit, for the place that is looked at
    keep(page, "playground-hover")
    lab.locator("[data-id=more-2]").click()
    wait_for(page, lambda: ask("lab.model.layers[1].units") == 5)
    lab.locator("[data-id=node-0-2]").click()
    wait_for(page, lambda: ask("lab.model.layers[0].kernel.shape[0]") == 3)
    wait_for(page, says_what_the_kernel_says, lesson, lab)

    # Points of one's own, with a finger; the page stays where it is.
    lab.get_by_title("Show or hide: Own points").click()
    lab.get_by_role("button", name="Remove all points").click()
    wait_for(page, lambda: ask("len(lab.state.run.points.x)") == 0)
    lab.get_by_role("combobox", name="On the map a click").select_option("adds a point of class 1")
    wait_for(page, lambda: ask("lab.state.pointer") == "add 1")
    place = lab.locator("[data-id=map]")
    box = box_of(place)
    page.touchscreen.tap(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    wait_for(page, lambda: ask("lab.state.run.points.x.round(1).tolist()") == [[-3.0, 3.0]])
    place.focus()
    for key in ("ArrowRight", "Space"):
        page.keyboard.press(key)
    wait_for(page, lambda: ask("lab.state.run.points.x.round(1).tolist()") == [[-3.0, 3.0], [-2.8, 3.0]])

    # The dark theme reaches everything.
    lab.get_by_role("button", name="Reset").click()
    lesson.menu("Settings", "Theme", "JupyterLab Dark")
    pixel = "lab => [...lab.querySelectorAll('canvas')].pop().getContext('2d').getImageData(30, 0, 1, 1).data[0]"
    wait_for(page, lambda: lab.evaluate(pixel) < 100)
    keep(page, "playground-dark")


def test_a_finger_sets_a_bias_and_not_the_node_above_it(lesson):
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    touch = page.context.new_cdp_session(page)
    before = ask("float(lab.model.layers[0].bias[2])")
    bias = lab.locator("[data-id=bias-1-2]")
    box = box_of(bias)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step in range(7):
        point = {"x": x, "y": y - 8 * step}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for(page, lambda: ask("float(lab.model.layers[0].bias[2])") > before + 0.3)
    assert ask("lab.state.selected") == ("bias", 1, 2)


def test_somebody_touches_everything_while_it_trains(lesson, keep):
    page, lab, ask = lesson.page, lesson.lab(), lesson.kernel.ask
    for button in lab.locator(".annlab-groups button").all()[:5]:
        button.click()
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: epoch(lab) >= 1)
    chance = random.Random(7)

    def focus_one_of(selector: str) -> None:
        """At once: a control that has just gone away with its layer is not waited for."""
        chance.choice(lab.locator(selector).element_handles()).evaluate("element => element.focus()")

    for touch in range(TOUCHES):
        kind = chance.choice(["slider", "slider", "choice", "box", "picture", "picture", "hover", "button"])
        if kind == "slider":
            focus_one_of(".annlab-row .noUi-handle:visible")
            page.keyboard.press(chance.choice(["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"]))
        elif kind == "choice":
            focus_one_of(".annlab-row select:visible")
            page.keyboard.press(chance.choice(["ArrowUp", "ArrowDown"]))
        elif kind == "box":
            focus_one_of(".annlab-row input[type=checkbox]:visible")
            page.keyboard.press("Space")
        elif kind == "button":
            name = chance.choice(["One batch", "One example", "One epoch", "Pin this run", "Draw new points", "Reset"])
            lab.get_by_role("button", name=name).focus()
            page.keyboard.press("Enter")
        else:
            box = box_of(lab.locator(".annlab-sheet"), scroll=False)
            x = box["x"] + box["width"] * chance.random()
            y = max(box["y"], 60) + chance.random() * 300
            page.mouse.move(x, y)
            if kind == "picture":
                page.mouse.down()
                page.mouse.move(x + chance.randrange(-20, 20), y + chance.randrange(-20, 20))
                page.mouse.up()
        if touch % 10 == 9 and not ask("lab.playing"):
            lab.get_by_role("button", name="Play").focus()
            page.keyboard.press("Enter")
    keep(page, "playground-touched")
    # A learning rate of 10 may well have made it diverge, which it says; nothing else may have gone wrong.
    assert ask("lab.error is None or type(lab.error).__name__ == 'Divergence'"), ask("repr(lab.error)")
    ask("None", "lab.pause()\nlab.controls['share'].value = 'data=circle layers=1'\nlab.step(60)")
    wait_for(page, says_what_the_kernel_says, lesson, lab)
    lab.get_by_role("button", name="Play").click()
    reached = epoch(lab)
    wait_for(page, lambda: epoch(lab) > reached)


def test_two_labs_two_views_a_reload_and_a_restart(open_lesson, jupyterlab, keep):
    jupyterlab.write("two.ipynb", TWO)
    lesson = open_lesson("two.ipynb")
    lesson.run_all()
    page, ask = lesson.page, lesson.kernel.ask
    first, second, again = lesson.lab(0), lesson.lab(1), lesson.lab(2)
    wait_for(page, lambda: epoch(first) >= 3 and epoch(second) >= 3 and epoch(again) >= 3)
    again.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not ask("lab.playing"))
    wait_for(page, lambda: line(first) == line(again))
    reached = epoch(second)
    wait_for(page, lambda: epoch(second) > reached)
    assert says_what_the_kernel_says(lesson, first)
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-dirty").wait_for(state="detached")
    page.reload()
    second = lesson.lab(1)
    reached = epoch(second)
    wait_for(page, lambda: epoch(second) > reached)
    lesson.restart()
    page.get_by_text("The kernel that ran this lab is gone. Run the cell again to go on.").first.wait_for()
    lesson.run_cell(0)
    lab = lesson.lab(0)
    wait_for(page, lambda: "gone" not in lab.inner_text() and epoch(lab) >= 1)


def test_cells_out_of_order(open_lesson, jupyterlab):
    """The cell that plays before the one that makes; the one that makes again while it plays; a view of what is new."""
    cells = ["lab.play()", "from annlab import Playground\nlab = Playground(units=[4])\nlab", "lab"]
    lesson = open_lesson(jupyterlab.write("order.ipynb", cells))
    page, ask = lesson.page, lesson.kernel.ask
    lesson.run_cell(0)
    page.get_by_text("NameError").first.wait_for()
    lesson.run_cell(1)
    lesson.lab()
    lesson.run_cell(0)
    wait_for(page, lambda: epoch(lesson.lab()) >= 1)
    ask("None", "first = lab")
    lesson.run_cell(1)
    wait_for(page, lambda: ask("lab is not first and not first.playing and not lab.playing"))
    assert epoch(lesson.lab()) == 0
    lesson.run_cell(2)
    lesson.run_cell(0)
    wait_for(page, lambda: epoch(lesson.lab(0)) >= 2 and epoch(lesson.lab(1)) >= 2)
    wait_for(page, lambda: ask(TASKS, "import asyncio") == 1)
    ask("None", "lab.pause()")
    wait_for(page, says_what_the_kernel_says, lesson, lesson.lab(1))
