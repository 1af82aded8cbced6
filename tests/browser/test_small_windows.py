"""Every lab in windows of 700 and of 640 pixels (1280 at 200 %): nothing sticks out, and all of it can be read."""

import pytest
from looking import wait_for

LABS = [
    "labs.start.WaveLab()",
    "labs.NodesLab()",
    "labs.NeuronLab(data='and')",
    "labs.ActivationLab()",
    "labs.ActivationLab(activation='softmax')",
    "labs.PerceptronLab()",
    "labs.ForwardLab()",
    "labs.LossLab()",
    "labs.DescentLab(optimizer='race')",
    "labs.BackpropLab()",
    "labs.Playground()",
    "labs.GeneralizationLab()",
    "labs.DigitsLab()",
    "labs.RecurrentLab()",
    "labs.HopfieldLab()",
    "labs.PuzzleLab()",
    "labs.PuzzleLab(puzzle='tour')",
    "labs.CompareLab()",
]
SMALLEST = {"Playground": 9.5, "BackpropLab": 9.5}  # pixels, where many numbers stand on links; elsewhere
ELSEWHERE = 10.4


@pytest.mark.parametrize("lab", LABS)
def test_nothing_sticks_out_and_all_can_be_read(open_lesson, jupyterlab, keep, lab):
    name = lab.partition("(")[0].rpartition(".")[2]
    cell = f"from annlab import labs\nimport annlab.labs.start\nlab = {lab}\nlab"
    lesson = open_lesson(jupyterlab.write("small.ipynb", [cell]), device_scale_factor=2)
    page = lesson.page
    page.keyboard.press("Control+b")  # the file list makes room
    lesson.run_all()
    box = lesson.lab()
    for wide in (700, 640):
        page.set_viewport_size({"width": wide, "height": 1400})
        wait_for(page, lambda wide=wide: lesson.kernel.ask(f"lab.state.width <= {wide - 40}"))
        wait_for(page, lambda: box.evaluate("lab => lab.scrollWidth <= lab.clientWidth + 1"))
        wait_for(page, lambda: lesson.smallest_type() >= SMALLEST.get(name, ELSEWHERE))
        keep(box, f"{name}-{wide}")
