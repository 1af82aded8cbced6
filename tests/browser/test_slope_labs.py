"""The labs of lessons 05, 07 and 08 in a real JupyterLab: by pointer and by keys, in every theme and at every size."""

import pytest
from looking import box_of, wait_for


class Used:
    """One lab in an open page, and what its kernel says about it."""

    def __init__(self, open_lesson, jupyterlab, keep, name: str, arguments: str = "") -> None:
        cell = f"from annlab import {name}\nlab = {name}({arguments})\nlab"
        self.lesson = open_lesson(jupyterlab.write(f"{name}.ipynb", [cell]))
        self.page, self.keep, self.name = self.lesson.page, keep, name
        self.page.keyboard.press("Control+b")  # the file list makes room
        self.lesson.run_all()
        self.lab, self.ask = self.lesson.lab(), self.lesson.kernel.ask
        self.agrees()

    def agrees(self) -> None:
        """The line on the page becomes the one of the kernel."""
        line = self.lab.locator(".annlab-line")
        wait_for(self.page, lambda: line.inner_text() == self.ask("lab.stage.description"))

    def until(self, expression: str) -> None:
        wait_for(self.page, lambda: self.ask(f"bool({expression})"))
        self.agrees()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def middle(self, selector: str, across: float = 0.5, down: float = 0.5) -> tuple[float, float]:
        box = box_of(self.lab.locator(selector), scroll=False)
        return box["x"] + box["width"] * across, box["y"] + box["height"] * down

    def looks_right_everywhere(self) -> None:
        """Light, dark, 700 pixels and 200 %: nothing sticks out, nothing is too small to read."""
        self.keep(self.lab, f"{self.name}-light")
        self.lesson.menu("Settings", "Theme", "JupyterLab Dark")
        self.page.wait_for_selector(".annlab-dark")
        self.keep(self.lab, f"{self.name}-dark")
        for name, width in (("700", 700), ("200-per-cent", 640)):
            self.page.set_viewport_size({"width": width, "height": 1000 if width == 700 else 500})
            wait_for(self.page, lambda width=width: self.ask(f"lab.state.width <= {width}"))
            wait_for(self.page, lambda: self.lab.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1"))
            wait_for(self.page, lambda: self.lesson.smallest_type() >= 10.5)
            self.keep(self.lab, f"{self.name}-{name}")


@pytest.fixture
def use(open_lesson, jupyterlab, keep):
    return lambda name, arguments="": Used(open_lesson, jupyterlab, keep, name, arguments)


def test_descent(use):
    used = use("DescentLab", "optimizer='race'")
    x, y = used.middle("[data-id=map]", 0.25, 0.25)
    used.page.mouse.move(x, y)
    used.page.mouse.down()
    used.page.mouse.move(x + 5, y + 5, steps=3)
    used.page.mouse.up()
    used.until("abs(lab.state.start_at[0] + 1.5) < 0.2 and abs(lab.state.start_at[1] - 1.5) < 0.2")
    before = used.ask("lab.state.start_at.tolist()")
    used.lab.locator("[data-id=map]").focus()
    used.press("ArrowRight", "ArrowUp")
    used.until(f"lab.state.start_at.tolist() == [round({before[0]} + 0.1, 2), round({before[1]} + 0.1, 2)]")
    used.lab.get_by_role("button", name="Play").focus()
    used.press("Space")
    wait_for(used.page, lambda: used.ask("lab.state.taken >= 5"))
    used.lab.get_by_role("slider", name="Learning rate").focus()
    used.press("End")
    note = used.lab.locator(".annlab-note")
    note.get_by_text("SGD diverged").first.wait_for()
    used.until("lab.model.diverged")
    used.lab.get_by_role("button", name="Reset").click()
    used.until("lab.state.taken == 0 and not lab.playing")
    used.lab.get_by_role("button", name="One step").click()
    used.until("lab.state.taken == 1")
    used.looks_right_everywhere()


def test_perceptron(use):
    used = use("PerceptronLab")
    used.lab.get_by_role("button", name="Next").focus()
    used.press("Enter", "Enter", "Enter")
    used.until("lab.state.at == 3")
    used.lab.get_by_role("button", name="Back").click()
    used.until("lab.state.at == 2")
    # AND becomes XNOR by one click on (0, 0) at the pointer, and no line parts it.
    used.page.mouse.click(*used.middle("[data-id=point-0]"))
    used.until("lab.state.y.tolist() == [1, 0, 0, 1] and lab.state.at == 0")
    used.lab.get_by_role("button", name="Play").click()
    used.lab.locator(".annlab-note.trouble").get_by_text("Never settles").wait_for()
    used.until("not lab.playing")
    # Back to AND by keys; the focus stays where it was.
    used.lab.locator("[data-id=point-0]").focus()
    used.press("Enter")
    used.until("lab.state.y.tolist() == [0, 0, 0, 1]")
    assert used.page.evaluate("document.activeElement.dataset.id") == "point-0"
    used.lab.get_by_role("button", name="Next").click()
    used.until("lab.state.at == 1")
    used.looks_right_everywhere()


def test_loss(use):
    used = use("LossLab")
    used.page.mouse.move(*used.middle("[data-id=prediction]", 0.5))
    used.page.mouse.down()
    used.page.mouse.move(*used.middle("[data-id=prediction]", 0.8), steps=3)
    used.page.mouse.up()
    used.until("abs(lab.state.prediction - 0.8) < 0.02")
    before = used.ask("lab.state.prediction")
    used.lab.locator("[data-id=prediction]").focus()
    used.press("ArrowRight", "ArrowRight", "ArrowLeft")
    used.until(f"lab.state.prediction == round({before} + 0.01, 2)")
    used.page.mouse.click(*used.middle("[data-id=map]", 0.75, 0.25))
    used.until("abs(lab.state.weight - 3) < 0.2 and abs(lab.state.bias - 3) < 0.2")
    used.lab.get_by_role("button", name="Reset").click()
    used.until("(lab.state.prediction, lab.state.weight, lab.state.bias) == (0.3, 0.5, -2.0)")
    used.looks_right_everywhere()
