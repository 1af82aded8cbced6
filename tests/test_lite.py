"""The site in which lessons run without a server: built from nothing, opened in a real Chromium, and cut off.

Where Pyodide's parts can be had, the self-contained site is built, and three of its lessons are run in the browser; any
request to another machine fails the test. Elsewhere the normal site is built, and looked through.
"""

import ast
import functools
import http.server
import importlib.util
import json
import re
import shutil
import sys
import threading
import zipfile
from pathlib import Path
from urllib.parse import urlparse

import pytest
import yaml

ROOT = Path(__file__).parent.parent
HOME = ROOT / "lessons"
LESSONS = sorted(
    path.relative_to(HOME).as_posix()
    for place in ("", "[a-z][a-z]/")
    for path in HOME.glob(f"{place}[0-9][0-9]_*.ipynb")
    if "-fresh" not in path.name
)


def load(path: str):
    """A module from a file that is in no package."""
    spec = importlib.util.spec_from_file_location(Path(path).stem + "_of_the_site", ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lite = load("lite/build.py")
machinery = load("tests/browser/conftest.py")  # Chromium, and somebody who clicks
machinery.PATIENCE = 150_000  # milliseconds: Python itself has to arrive and start
machinery.FLAGS.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
browser = machinery.browser


# --------------------------------------------------------------------------- what the command says


def test_without_jupyterlite_the_command_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lite.importlib.util, "find_spec", lambda name: None)
    assert lite.main(["--output", str(tmp_path / "site")]) == 1
    assert 'pip install -e ".[lite]"' in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_without_node_the_command_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_LITE_CACHE", str(tmp_path))
    monkeypatch.setattr(lite.shutil, "which", lambda name: None)
    with pytest.raises(lite.BuildError, match="node and npm are not both here. Install Node.js 20"):
        lite.fetch_core()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a shell script")
def test_where_npm_cannot_fetch_its_last_words_are_shown(tmp_path, monkeypatch):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no route to anywhere >&2\nexit 1\n", encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("ANNLAB_LITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(lite.shutil, "which", lambda name: str(npm))
    with pytest.raises(lite.BuildError, match=r"(?s)Is this machine connected\?.*no route to anywhere"):
        lite.fetch_core()


def test_a_wheel_with_another_sum_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_LITE_CACHE", str(tmp_path))
    lock = lite.read_lock(lite.LOCK)
    (tmp_path / "core").mkdir()
    shutil.copyfile(lite.LOCK, tmp_path / "core" / "pyodide-lock.json")
    folder = tmp_path / f"wheels-{lite.PYODIDE}"
    folder.mkdir()
    for package in lock["packages"].values():
        (folder / package["file_name"]).write_bytes(b"something else")
    with pytest.raises(lite.BuildError, match="its sum differs"):
        lite.fetch_compiled(lock, tmp_path / "core")
    assert len(list(folder.iterdir())) == len(lock["packages"]) - 1  # the next build fetches it anew


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("irreplaceable", encoding="utf-8")
    with pytest.raises(lite.BuildError, match="choose another folder"):
        lite.build(tmp_path)
    assert (tmp_path / "thesis.txt").is_file()


def test_a_zip_is_the_same_bytes_each_time_and_lists_its_files(tmp_path):
    (tmp_path / "in" / "a-1.dist-info").mkdir(parents=True)
    (tmp_path / "in" / "a-1.dist-info" / "METADATA").write_text("Name: a\n", encoding="utf-8")
    for name in ("a-1-py3-none-any.whl", "b.whl"):
        lite.pack(tmp_path / "in", tmp_path / name)
    assert (tmp_path / "a-1-py3-none-any.whl").read_bytes() == (tmp_path / "b.whl").read_bytes()
    listed = zipfile.ZipFile(tmp_path / "b.whl").read("a-1.dist-info/RECORD").decode()
    assert listed == "a-1.dist-info/METADATA,,8\na-1.dist-info/RECORD,,\n"


# --------------------------------------------------------------------------- the files that must agree


def test_the_lock_has_the_numpy_that_annlab_supports_and_every_need():
    packages = lite.read_lock(lite.LOCK)["packages"]
    assert int(packages["numpy"]["version"].split(".")[0]) == 2
    for name, package in packages.items():
        assert re.fullmatch(r"[0-9a-f]{64}", package["sha256"])
        assert {lite.key(needed) for needed in package["depends"]} <= set(packages) | lite.SPARED, name
    assert set(packages) - {"numpy", "micropip", "packaging", "six"} == lite.LATER


def test_every_version_is_exact_and_fits_annlab():
    from packaging.requirements import Requirement

    lines = [line for line in lite.PURE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    exact = {line.split("==")[0]: line.split("==")[1] for line in lines}
    exact |= {name: package["version"] for name, package in lite.read_lock(lite.LOCK)["packages"].items()}
    project = lite.ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8")
    needed = re.search(r"^dependencies = \[(.*?)\]", project, re.S | re.M)[1]
    for text in re.findall(r'"(.+?)"', needed):
        requirement = Requirement(text)
        assert requirement.specifier.contains(exact[requirement.name]), f"run lite/build.py --pin: {requirement}"


def test_pages_publishes_with_no_more_rights_than_it_needs():
    workflow = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert any("python lite/build.py" in step.get("run", "") for step in steps)
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in steps if "uses" in step)


@pytest.mark.parametrize("name", LESSONS)
def test_no_lesson_asks_for_what_a_browser_cannot_do(name):
    """No line for the shell, and no magic: a cell with one is not searched for what it imports."""
    notebook = json.loads((HOME / name).read_text(encoding="utf-8"))
    lines = [line for cell in notebook["cells"] if cell["cell_type"] == "code" for line in cell["source"]]
    assert not [line for line in lines if re.match(r"\s*[%!]|.*\b(threading|multiprocessing|subprocess)\b", line)]


@pytest.mark.parametrize("path", sorted((ROOT / "annlab/labs").rglob("*.py")), ids=lambda path: path.stem)
def test_a_hidden_control_comes_back_in_the_browser_too(path):
    """Python's None arrives in the page as undefined there, and a widget keeps what it had: "" takes "none" away."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(".layout.display"):
            given = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
            assert all(ast.unparse(value) != "None" for value in given), ast.unparse(node)


# --------------------------------------------------------------------------- the site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> tuple[Path, bool]:
    """The site, and whether it is the self-contained one."""
    if importlib.util.find_spec("jupyterlite_core") is None or importlib.util.find_spec("pyodide_lock") is None:
        pytest.skip("needs jupyterlite: the extra lite")
    folder = tmp_path_factory.mktemp("lite") / "site"
    try:
        lite.fetch_compiled(lite.read_lock(lite.LOCK), lite.fetch_core())
        lite.fetch_pure()
        whole = True
    except lite.BuildError as reason:
        print(reason)
        whole = False
    try:
        lite.build(folder, self_contained=whole)
    except lite.BuildError as reason:
        if whole or "Is this machine connected" not in str(reason):
            raise
        pytest.skip(f"the parts of a jupyterlite site cannot be had here: {reason}")
    return folder, whole


def read(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_site_has_every_lesson_and_no_teacher(site):
    folder, _ = site
    names = {path.relative_to(folder / "files").as_posix() for path in (folder / "files").rglob("*") if path.is_file()}
    assert {name for name in names if name.endswith(".ipynb")} == set(LESSONS)
    assert "de/02_one_neuron.ipynb" in names
    assert {(Path(name).parent / "pictures" / f"{Path(name).stem}.png").as_posix() for name in LESSONS} <= names
    assert not [name for name in names if "teachers" in name or name.endswith(".md") and name != "README.md"]
    for name in LESSONS:
        listed = read(folder / "api/contents" / Path(name).parent / "all.json")["content"]
        assert name in {item["path"] for item in listed}
        assert (folder / "files" / name).read_bytes() == (HOME / name).read_bytes()
    links = re.findall(r"\]\(([^):]+)\)", (folder / "files/README.md").read_text(encoding="utf-8"))
    assert set(links) >= set(LESSONS)
    assert set(links) <= names  # and none leads to a page for teachers


def test_all_that_python_needs_is_where_the_site_says(site):
    folder, whole = site
    settings = read(folder / "jupyter-lite.json")["jupyter-config-data"]["litePluginSettings"]
    kernel = settings["@jupyterlite/pyodide-kernel-extension:kernel"]
    packages = read(folder / "python/pyodide-lock.json")["packages"]
    assert {"annlab", "numpy", "ipywidgets", "anywidget", "tqdm"} <= set(kernel["loadPyodideOptions"]["packages"])
    assert set(kernel["loadPyodideOptions"]["packages"]) <= set(packages)
    for name, package in packages.items():
        assert {lite.key(needed) for needed in package["depends"]} <= set(packages), name
        if "://" not in package["file_name"]:
            content = (folder / "python" / package["file_name"]).read_bytes()
            assert lite.digest(content) == package["sha256"]
    away = [package["file_name"] for package in packages.values() if "://" in package["file_name"]]
    if whole:
        assert not away
        assert kernel["disablePyPIFallback"]
        assert (folder / kernel["pyodideUrl"]).is_file()
    else:
        assert kernel["pyodideUrl"].startswith("https://")
        assert all(name.startswith(f"https://{urlparse(kernel['pyodideUrl']).hostname}/") for name in away)
        assert f"/v{lite.PYODIDE}/" in kernel["pyodideUrl"]


def test_the_wheel_in_the_site_is_annlab_without_the_lessons(site):
    folder, _ = site
    wheel = zipfile.ZipFile(next((folder / "python").glob("annlab-*.whl")))
    names = set(wheel.namelist())
    assert wheel.read("annlab/labs/stage.js") == (ROOT / "annlab/labs/stage.js").read_bytes()
    assert not [name for name in names if "_lessons" in name or "teachers" in name]
    for name in wheel.read(next(name for name in names if name.endswith("/RECORD"))).decode().splitlines():
        assert name.split(",")[0] in names


def test_the_normal_site_needs_no_node_and_takes_numpy_from_where_pyodide_is(site, tmp_path):
    lite.furnish(tmp_path / "python", None, False, tmp_path, lite.kernel_extension())
    settings = lite.settings(tmp_path / "python", False)["jupyter-config-data"]["litePluginSettings"]
    (kernel,) = settings.values()
    options = kernel["loadPyodideOptions"]
    assert "stdLibURL" not in options  # Pyodide's own, then
    packages = read(tmp_path / "python/pyodide-lock.json")["packages"]
    assert set(options["packages"]) <= set(packages)
    folder = kernel["pyodideUrl"].removesuffix("pyodide.mjs")
    assert packages["numpy"]["file_name"].startswith(f"{folder}numpy-")
    assert packages["numpy"]["sha256"] == lite.read_lock(lite.LOCK)["packages"]["numpy"]["sha256"]


# --------------------------------------------------------------------------- the site in a browser


class Server(http.server.SimpleHTTPRequestHandler):
    """As a plain web server has it: every file with its kind."""

    protocol_version = "HTTP/1.1"
    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def address(site):
    folder, whole = site
    if not whole:
        pytest.skip("the parts of a self-contained site cannot be had here")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Visit(machinery.Lesson):
    """A lesson of the site, open in a page."""

    def __init__(self, page, address: str, name: str, app: str = "lab") -> None:
        from playwright.sync_api import TimeoutError

        self.page, self.impatience = page, TimeoutError
        for again in (True, False):  # a page that does not come up is asked for once more
            page.goto(f"{address}/{app}/index.html?path={name}")
            try:
                page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
                return
            except TimeoutError:
                if not again:
                    raise

    def run_all(self) -> None:
        """Run every cell, and wait until each one has its number: Python itself may have to arrive first."""
        prompts, dialog = (
            self.page.locator(".jp-CodeCell .jp-InputPrompt"),
            self.page.locator(".jp-Dialog .jp-mod-accept"),
        )
        started = "cell => /[*\\d]/.test(cell.textContent) || document.querySelector('.jp-Dialog')"
        for _ in range(6):
            self.menu("Run", "Run All Cells")
            begun = self._within(started, prompts.first, 30_000)
            while dialog.count():  # "Select Kernel", where there was none yet
                dialog.first.click()
                begun = self._within("cell => /[*\\d]/.test(cell.textContent)", prompts.first, 10_000)
            if begun:
                break
        ended = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(it => /\\d/.test(it.textContent))"
        self.page.wait_for_function(ended)

    def ask(self, code: str) -> str:
        """What a new cell at the end prints."""
        self.page.locator(".jp-Notebook-footer").click()
        cell = self.page.locator(".jp-CodeCell").last
        cell.locator(".cm-content").fill(code)
        self.page.keyboard.press("Control+Enter")
        ended = "prompt => /\\d/.test(prompt.textContent)"
        self.page.wait_for_function(ended, arg=cell.locator(".jp-InputPrompt").element_handle())
        return "".join(cell.locator(".jp-OutputArea-output").all_inner_texts()).strip()

    def errors(self) -> list[str]:
        """What went wrong in the cells so far."""
        kinds = [f"[data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("error", "stderr")]
        return self.page.locator(", ".join(kinds)).all_inner_texts()

    def shown(self):
        """The first lab that can be seen."""
        lab = self.page.locator(".annlab-lab:visible").first
        lab.locator(".annlab-sheet svg").wait_for()
        lab.scroll_into_view_if_needed()
        return lab

    def until(self, lab, holds) -> None:
        """Until the line under the lab's picture is as it should be."""
        for _ in range(1200):
            if holds(lab.locator(".annlab-line").inner_text()):
                return
            self.page.wait_for_timeout(50)  # between two looks
        raise AssertionError(lab.locator(".annlab-line").inner_text())


@pytest.fixture
def visit(browser, address):
    """Opens a lesson and runs it: ``visit("02_one_neuron.ipynb")``. Nothing that any page asks for may be elsewhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(machinery.PATIENCE)
    left = []

    def watch(request) -> None:
        place = urlparse(request.url)
        if place.scheme not in ("data", "blob") and place.hostname != "127.0.0.1":
            left.append(request.url)

    context.on("request", watch)
    page = context.new_page()

    def open_lesson(name: str, app: str = "lab") -> Visit:
        lesson = Visit(page, address, name, app)
        lesson.run_all()
        return lesson

    yield open_lesson
    context.close()
    assert left == []


ENDLESS = """
def endless(x, w, b):
    while True: pass

print(lesson.neuron.check(endless).reason)"""
PROGRESS_BAR = """
import warnings
warnings.simplefilter("error")
small = Sequential([Input((2,)), Dense(1)])
small.compile("sgd", "mse")
small.fit(x, y, epochs=2, verbose=1)
from annlab.experiments import sweep
def build(rate):
    model = Sequential([Input((2,)), Dense(1)])
    model.compile(SGD(rate), "mse")
    return model
sweep(build, {"rate": [0.1, 0.2, 0.3]}, x, y, epochs=1)"""
KERAS = """
from annlab import keras_twin
print(keras_twin.train(*keras_twin.article(), batch_size=64, epochs=30).how)"""
STILL_PICTURE = """
from annlab import plots
import matplotlib.pyplot as plt
figure, ax = plt.subplots()
ax.plot([0, 1])
plt.show()"""


def test_lesson_02_a_slider_an_exercise_and_progress(visit):
    lesson = visit("02_one_neuron.ipynb")
    assert lesson.errors() == []
    lab = lesson.shown()
    before = lab.locator(".annlab-line").inner_text()
    lab.get_by_role("slider").first.focus()
    lesson.page.keyboard.press("ArrowRight")
    lesson.until(lab, lambda line: line != before)

    where = lesson.ask("import sys, numpy; print(sys.platform, sys.version_info[:2], numpy.__version__[:3])")
    assert where == "emscripten (3, 14) 2.4"
    right = "lesson.neuron.check(lambda x, w, b: 1 / (1 + np.exp(-(np.dot(x, w) + b)))).kind"
    assert lesson.ask(f"print({right})") == "right"
    # No thread and no signal stops this one: Python's own steps are counted.
    assert "it was stopped" in lesson.ask(ENDLESS)

    # Another page, another Python, and the same progress file; this one without JupyterLab's list of files.
    lesson = visit("00_start_here.ipynb", app="notebooks")
    assert lesson.errors() == []
    assert "begun, 1 of" in lesson.page.get_by_role("row", name="02 One neuron").inner_text()


def test_lesson_10_the_playground_plays(visit):
    lesson = visit("10_training_a_network.ipynb")
    assert lesson.errors() == []
    lab = lesson.shown()

    def epoch(line: str) -> int:
        return int(re.search(r"[Ee]poch (\d[\d,]*)", line)[1].replace(",", ""))

    lab.get_by_role("button", name="Play").click()
    lesson.until(lab, lambda line: epoch(line) >= 5)
    lab.get_by_role("button", name="Pause").click()
    # What is hidden unfolds, in the lab at the end, which has everything.
    full = lesson.page.locator(".annlab-lab:visible", has_text="Own points").last
    full.get_by_title("Show or hide: Own points").click()
    full.get_by_role("button", name="Open a CSV").wait_for()
    # A progress bar needs no thread, and a still picture comes with the first cell that speaks of plots.
    said = lesson.ask(PROGRESS_BAR)
    assert "32/32" in said
    assert "3/3" in said
    # Where there are no processes and no Keras, lesson 16 has what Keras gave elsewhere.
    assert re.match(r"Keras is not installed here, so these are the numbers that Keras [\d.]+ gave", lesson.ask(KERAS))
    assert lesson.errors() == []
    lesson.ask(STILL_PICTURE)
    lesson.page.locator(".jp-CodeCell").last.locator("img").wait_for()


def test_lesson_14_a_pattern_is_painted(visit):
    lesson = visit("14_hopfield_memory.ipynb")
    assert lesson.errors() == []
    lab = lesson.shown()
    before = lab.locator(".annlab-line").inner_text()
    box = lab.locator("[data-id=paper]").bounding_box()
    lesson.page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.1)
    lesson.page.mouse.down()
    lesson.page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.6, steps=5)
    lesson.page.mouse.up()
    lesson.until(lab, lambda line: line != before)
