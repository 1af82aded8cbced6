"""CompareLab and lesson 16 in a real JupyterLab: two runs side by side, by pointer and by keys."""

import re

import pytest
from looking import line, wait_for


def epochs(lab) -> int:
    return int(re.search(r"Epochs: (\d+)", line(lab))[1])


@pytest.fixture
def opened(open_lesson, jupyterlab):
    """Opens the lab in a notebook of its own."""

    def opened(**options):
        jupyterlab.write("compare.ipynb", ["from annlab import CompareLab\nlab = CompareLab()\nlab"])
        lesson = open_lesson("compare.ipynb", **options)
        if "viewport" in options:
            lesson.page.keyboard.press("Control+b")  # the file list makes room
        lesson.run_all()
        return lesson, lesson.lab()

    return opened


def test_two_runs_side_by_side(opened, keep):
    lesson, lab = opened()
    page, ask = lesson.page, lesson.kernel.ask
    lab.get_by_role("button", name="Play").focus()
    page.keyboard.press("Space")
    wait_for(page, lambda: epochs(lab) >= 3)
    # A slider moves while both learn, and neither starts anew.
    lab.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("[m.optimizer.learning_rate for m in lab.state.models.values()]") == [0.002, 0.002])
    reached = epochs(lab)
    wait_for(page, lambda: epochs(lab) > reached)
    # Another network, and another start: both begin anew and go on.
    lab.get_by_role("combobox", name="Network").select_option(label="2-8-8-1, tanh")
    wait_for(page, lambda: ask("len(lab.model.layers[0].bias)") == 8)
    lab.get_by_role("slider", name="Small start").focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: ask("lab.state.small") == 0.1)
    wait_for(page, lambda: epochs(lab) >= 2)
    lab.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not ask("lab.playing"))
    wait_for(page, lambda: line(lab) == ask("lab.describe(lab.facts(lab.state))"))
    assert lab.locator("canvas").count() == 2
    assert lab.get_by_text("Small start: \u22120.1 to 0.1").count() == 1
    lesson.menu("Settings", "Theme", "JupyterLab Dark")
    ink = "lab => getComputedStyle(lab.querySelector('.annlab-sheet text')).fill"
    wait_for(page, lambda: min(int(part) for part in re.findall(r"\d+", lab.evaluate(ink))[:3]) > 150)
    keep(page, "compare-dark")


def test_lesson_16_from_top_to_bottom(open_lesson, keep):
    """The shipped notebook: run it all, skip the prediction, play to the 30 epochs of the article, and ask again."""
    lesson = open_lesson("16_from_annlab_to_keras.ipynb")
    lesson.run_all()
    page, ask = lesson.page, lesson.kernel.ask
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert ask("len(in_keras.losses)") == 30
    assert ask("'Keras' in in_keras.how")
    page.get_by_role("button", name="Skip").first.click()
    lab = lesson.lab()
    lab.get_by_role("button", name="Play").click()
    wait_for(page, lambda: epochs(lab) >= 30)
    lab.get_by_role("button", name="Pause").click()
    wait_for(page, lambda: not ask("lab.playing"))
    keep(page, "lesson-16")
