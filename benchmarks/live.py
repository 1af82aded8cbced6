"""How live is live? Slider to pixels, pictures and epochs a second, beside what most courses do.

    python benchmarks/live.py [--moves 50] [--seconds 8] [--pictures 10000]

The same picture (a 2-8-8-1 network: 88 links, a heat map in each of 18 nodes, a 100x100 decision boundary, 250 points,
a loss curve) is shown by a ``Lab`` and by ``interact`` with inline matplotlib, in one run, one JupyterLab and one
Chromium; the Playground itself follows, with the same network and all of its own picture around it. The number of the
slider is drawn into the picture. A key press on the slider starts the clock; it stops in a task posted from the
animation frame in which the page shows that number. Medians and 95th percentiles.
Needs the extra ``test`` and a Chromium. Compare rows, not machines.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

SUBJECT = '''
import numpy as np
from annlab import Adam, Dense, Input, Sequential, datasets
from annlab.labs import Lab, slider
from annlab.svg import charts, network
from annlab.svg.elements import BLUE, ORANGE, Picture, levels

AXIS = np.linspace(-6, 6, 100)
SMALL = np.linspace(-6, 6, 10)
GRID = np.stack(np.meshgrid(AXIS, AXIS[::-1]), -1).reshape(-1, 2) / 6
COARSE = np.stack(np.meshgrid(SMALL, SMALL[::-1]), -1).reshape(-1, 2) / 6


def make():
    x, y = datasets.circle(250, noise=0.1, seed=0)
    hidden = [Dense(8, "tanh"), Dense(8, "tanh")]
    model = Sequential([Input((2,)), *hidden, Dense(1, "sigmoid")], seed=0)
    model.compile(optimizer=Adam(0.01), loss="binary_crossentropy")
    return x / 6, y, model


class Subject(Lab):
    """The picture that is measured."""

    controls = {"stamp": slider(0, 0, 1000, label="Stamp", tip="a number that is drawn into the picture")}

    def start(self, state):
        state.x, state.y, state.model = make()
        state.losses, state.pictures = [0.7], 0

    def train(self, state):
        for step in state.model.iter_fit(state.x, state.y, batch_size=10, epochs=10**9):
            state.losses.append(step.logs["loss"])
            yield

    def picture(self, state):
        state.pictures += 1
        picture = Picture(900, 450, "2-8-8-1", f"Stamp {state.stamp}, epochs {len(state.losses) - 1}.")
        maps = [np.stack([COARSE[:, 0], COARSE[:, 1]], 1), *state.model.layer_outputs(COARSE)]
        kernels = [layer.kernel for layer in state.model.layers]
        nodes = [outputs.mean(axis=0) for outputs in maps]
        columns = network.network(picture, (0, 20, 540, 400), kernels, nodes)
        for column, outputs in zip(columns, maps, strict=True):
            for at, node in enumerate(column):
                size = 1.4 * node.r
                heat = levels(outputs[:, at].reshape(10, 10))
                picture.heat(node.x - size / 2, node.y - size / 2, size, size, heat, crisp=False)
        area = 2 * state.model(GRID).reshape(100, 100) - 1
        picture.heat(570, 20, 300, 300, levels(area), crisp=False)
        for (a, b), side in zip(state.x.tolist(), state.y.tolist(), strict=True):
            picture.circle(570 + 150 * (a + 1), 20 + 150 * (1 - b), 3, fill=BLUE if side else ORANGE)
        curve = charts.Curve("loss", range(len(state.losses)), state.losses)
        last = charts.round_up(len(state.losses))
        box = (560, 330, 320, 118)
        charts.line_chart(picture, box, [curve], title="Loss", x_label="epoch", x_high=last, y_high=1)
        picture.text(4, 14, live={"text": f"stamp {state.stamp}"}, class_="stamp")
        return picture
'''

PLAYGROUND = '''
from annlab import Playground
from annlab.labs import slider


class Stamped(Playground):
    """The Playground itself, with a number drawn into its picture."""

    controls = Playground.controls | {"stamp": slider(0, 0, 1000, label="Stamp", tip="a number drawn into the picture")}

    def changed(self, state, name):
        if name != "stamp":
            super().changed(state, name)

    def picture(self, state):
        state.pictures = getattr(state, "pictures", 0) + 1
        picture = super().picture(state)
        picture.text(4, 990, live={"text": f"stamp {state.stamp}"}, class_="stamp")
        return picture
'''

INTERACT = """
%matplotlib inline
import matplotlib.pyplot as plt
from ipywidgets import IntSlider, interact
from subject import COARSE, GRID, make

x, y, model = make()


def show(stamp):
    figure = plt.figure(figsize=(9, 4.5))
    axes = figure.add_axes([0, 0, 0.6, 1])
    sizes = [2, 8, 8, 1]
    for at, layer in enumerate(model.layers):
        for i, row in enumerate(layer.kernel):
            for j, weight in enumerate(row):
                ends = [(i + 0.5) / sizes[at], (j + 0.5) / sizes[at + 1]]
                axes.plot([at, at + 1], ends, color="C0" if weight > 0 else "C1", lw=0.4 + 2 * abs(weight))
    for at, outputs in enumerate([COARSE, *model.layer_outputs(COARSE)]):
        for i in range(sizes[at]):
            inset = axes.inset_axes([at - 0.12, (i + 0.5) / sizes[at] - 0.05, 0.24, 0.1], transform=axes.transData)
            inset.imshow(outputs[:, i].reshape(10, 10), cmap="RdBu", vmin=-1, vmax=1)
            inset.axis("off")
    area = figure.add_axes([0.64, 0.3, 0.34, 0.66])
    area.imshow(model(GRID).reshape(100, 100), extent=(-1, 1, -1, 1), cmap="RdBu", vmin=0, vmax=1)
    area.scatter(x[:, 0], x[:, 1], c=y, s=6, cmap="RdBu")
    loss = figure.add_axes([0.64, 0.05, 0.34, 0.18])
    loss.plot([0.7])
    figure.text(0, 0.97, f"stamp {stamp}")
    plt.show()
    print(f"stamp {stamp}")


interact(show, stamp=IntSlider(0, 0, 1000, description="Stamp"));
"""

# Reads the stamp in every animation frame, in a task posted from it: by then the frame's pixels are made.
CLOCK = """selector => {
    window.stampsSeen = [];
    let last = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
        const text = document.querySelector(selector)?.textContent.match(/stamp (\\d+)/)?.[1];
        if (text !== undefined && text !== last) window.stampsSeen.push([Number(last = text), performance.now()]);
        requestAnimationFrame(() => channel.port2.postMessage(0));
    };
    channel.port2.postMessage(0);
    document.addEventListener("keydown", event => { window.pressedAt = event.timeStamp; }, true);
}"""
LATENCY = """stamp => {
    const seen = window.stampsSeen.find(([shown]) => shown === stamp);
    return seen && seen[1] - window.pressedAt;
}"""


def latencies(lesson, slider, selector: str, moves: int) -> list[float]:
    """Milliseconds from each of ``moves`` key presses to its pixels, after five to warm up."""
    page = lesson.page
    page.evaluate(CLOCK, selector)
    slider.focus()
    first = int(float(slider.get_attribute("aria-valuenow")))
    times = []
    for move in range(1, moves + 6):
        page.keyboard.press("ArrowRight")
        times.append(page.wait_for_function(LATENCY, arg=first + move, polling=20).json_value())
    return times[5:]


def backlog(lesson, slider, moves: int) -> float:
    """Milliseconds from the last of many key presses, as fast as they come, to the pixels of that last one."""
    slider.focus()
    last = int(float(slider.get_attribute("aria-valuenow"))) + moves
    for _ in range(moves):
        lesson.page.keyboard.press("ArrowRight")
    return lesson.page.wait_for_function(LATENCY, arg=last, polling=20).json_value()


def p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def measure(moves: int, seconds: float, pictures: int) -> list[tuple[str, str, str, str]]:
    from playwright.sync_api import sync_playwright

    from conftest import FLAGS, NAMES, JupyterLab, Lesson

    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = JupyterLab(Path(folder) / "home")
        try:
            server.wait()
            (server.folder / "subject.py").write_text(SUBJECT, encoding="utf-8")
            (server.folder / "stamped.py").write_text(PLAYGROUND, encoding="utf-8")
            server.write("lab.ipynb", ["from subject import Subject\nlab = Subject()\nlab"])
            server.write("playground.ipynb", ["from stamped import Stamped\nlab = Stamped(units=[8, 8])\nlab"])
            server.write("interact.ipynb", [INTERACT])
            chromium = playwright.chromium.launch(executable_path=find_chromium(NAMES), args=FLAGS)

            def opened(name: str) -> Lesson:
                page = chromium.new_page(viewport={"width": 1280, "height": 1000})
                page.set_default_timeout(60_000)
                lesson = Lesson(page, server, name)
                lesson.run_all()
                return lesson

            lesson = opened("interact.ipynb")
            page = lesson.page
            page.locator(".jp-OutputArea-output img").first.wait_for()
            times = latencies(lesson, page.locator(".noUi-handle").first, ".jp-OutputArea pre", moves)
            rows.append(("interact + inline matplotlib, slider to pixels", ms(times), p(times), "-"))
            page.close()
            server.clean_up()

            live = [
                ("Lab", "lab.ipynb", "len(lab.state.losses)"),
                ("Playground", "playground.ipynb", "lab.state.run.epoch"),
            ]
            for name, file, epoch in live:
                lesson = opened(file)
                rows += measure_lab(lesson, name, epoch, statistics.median(times), moves, seconds)
                if name == "Playground" and pictures:
                    rows += measure_memory(lesson, pictures)
                lesson.page.close()
                server.clean_up()
            chromium.close()
        finally:
            server.close()
    return rows


def measure_lab(
    lesson, name: str, epoch: str, slow: float, moves: int, seconds: float
) -> list[tuple[str, str, str, str]]:
    """The rows of one lab; ``epoch`` says how many it has trained, ``slow`` is the latency of interact."""
    rows = []
    page, lab = lesson.page, lesson.lab()
    slider = lab.get_by_role("slider", name="Stamp")
    quiet = latencies(lesson, slider, ".annlab-sheet .stamp", moves)
    share = slow / statistics.median(quiet)
    rows.append((f"{name}, slider to pixels", ms(quiet), p(quiet), f"1/{share:.1f} of interact"))
    draw = lesson.kernel.ask(
        "sorted(timeit.repeat(draw, number=1, repeat=50))[25] * 1000",
        "import timeit\ndef draw():\n    lab.model.parameters[...] *= 1.001\n    lab.draw()",
    )
    rows.append((f"{name}, kernel draws and sends a picture", f"{draw:.1f} ms", "-", "-"))
    lab.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "line => Number(line.textContent.match(/[Ee]pochs? (\\d+)/)[1]) > 60",
        arg=lab.locator(".annlab-line").element_handle(),
    )
    count = f"(lab.state.pictures, {epoch}, time.perf_counter())"
    frames = page.evaluate(PAINTS, seconds * 1000)
    before = lesson.kernel.ask(count, "import time")
    page.wait_for_timeout(seconds * 1000)
    after = lesson.kernel.ask(count, "import time")
    pictures, epochs, passed = (b - a for a, b in zip(before, after, strict=True))
    rows.append((f"{name}, pictures a second on the page while training", f"{frames / seconds:.1f}", "-", "aim 30"))
    rows.append((f"{name}, pictures a second from the kernel", f"{pictures / passed:.1f}", "-", "-"))
    rows.append((f"{name}, epochs a second at the same time", f"{epochs / passed:.0f}", "-", "aim 120"))
    busy = latencies(lesson, slider, ".annlab-sheet .stamp", moves)
    rows.append((f"{name}, slider to pixels while training", ms(busy), p(busy), "aim 100 ms"))
    late = [backlog(lesson, slider, moves) for _ in range(5)]
    rows.append((f"{name}, last picture after a long drag while training", ms(late), p(late), "three pictures: 100 ms"))
    return rows


def measure_memory(lesson, pictures: int) -> list[tuple[str, str, str, str]]:
    """What so many pictures leave behind in the kernel and in the page, after a tenth of them to warm up."""
    session = lesson.page.context.new_cdp_session(lesson.page)
    lesson.kernel.ask("None", "lab.pause()")

    def draw(count: int) -> None:
        lesson.kernel.ask("None", DRAW.format(count=count))

    def sizes() -> tuple[float, float]:
        session.send("HeapProfiler.collectGarbage")
        kernel = lesson.kernel.ask("psutil.Process().memory_info().rss", "import gc, psutil\ngc.collect()")
        return kernel / 1e6, lesson.page.evaluate("performance.memory.usedJSHeapSize") / 1e6

    draw(pictures // 10)
    before = sizes()
    for _ in range(10):
        draw(pictures // 10)
    after = sizes()
    return [
        (f"{name}, memory after {pictures:,} pictures more", f"{b - a:+.1f} MB", "-", f"from {a:.0f} MB")
        for name, a, b in zip(("kernel", "page"), before, after, strict=True)
    ]


# Each picture differs from the last one, and the page gets its turn in between.
DRAW = """
import asyncio
for _ in range({count}):
    lab.model.parameters[...] *= 1.0001 if _ % 2 else 1 / 1.0001
    lab.draw()
"""

# How many pictures reach the page in so many milliseconds: each changes the line of text, which counts the epochs.
PAINTS = """time => new Promise(resolve => {
    let count = 0;
    const watcher = new MutationObserver(() => count++);
    watcher.observe(document.querySelector(".annlab-line"), { childList: true, characterData: true, subtree: true });
    setTimeout(() => { watcher.disconnect(); resolve(count); }, time);
})"""


def find_chromium(names: tuple[str, ...]) -> str:
    import os
    import shutil

    path = os.environ.get("ANNLAB_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise SystemExit("no Chromium here: install one, or set ANNLAB_CHROMIUM to its path")
    return path


def ms(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} ms"


def p(times: list[float]) -> str:
    return f"{p95(times):.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=50, help="slider moves to time")
    parser.add_argument("--seconds", type=float, default=8, help="how long to count pictures")
    parser.add_argument("--pictures", type=int, default=0, help="pictures after which to look at the memory")
    chosen = parser.parse_args()
    print(f"{'':52}{'median':>10}{'p95':>10}   note")
    for name, median, high, note in measure(chosen.moves, chosen.seconds, chosen.pictures):
        print(f"{name:52}{median:>10}{high:>10}   {note}")


if __name__ == "__main__":
    main()
