"""A real JupyterLab, a real Chromium, and somebody who clicks.

Every page is watched: an error on its console or a request that leaves this machine fails the test.
"""

import ast
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlparse

import nbformat
import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
READY = """async (address) => {
    const sessions = await (await fetch(address)).json();
    return sessions.some(({ kernel }) => kernel?.execution_state === "idle" && kernel.connections > 0)
        && document.querySelector("#jp-bottom-panel, .jp-StatusBar-Widget")?.innerText.includes("| Idle")
}"""
LESSONS = Path(__file__).parents[2] / "lessons"
PATIENCE = 60_000  # milliseconds; a slow machine may take them, a fast one never does


def not_here(reason: str) -> None:
    """Skip where a learner tries the tests; fail where nobody would read the reason."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser():
    """Chromium, once for a file of tests. Playwright's event loop runs in this thread as long as the browser is open,
    and a lab made in the meantime would take it for the notebook's: so it ends with the file."""
    try:
        from playwright import sync_api
    except ImportError:
        not_here("the browser tests need playwright")
    path = os.environ.get("ANNLAB_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        not_here(f"no Chromium on this machine (looked for {', '.join(NAMES)} and $ANNLAB_CHROMIUM)")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class JupyterLab:
    """A running JupyterLab with a folder, settings and a token of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder, self.runtime = home, home / "lessons", home / "runtime"
        if LESSONS.is_dir():
            shutil.copytree(LESSONS, self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = home / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        news = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(news), encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.token, self.url = secrets.token_hex(16), f"http://127.0.0.1:{port}"
        self.log = home / "server.log"
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            "ANNLAB_PROGRESS": "progress",
        }
        environment = {**os.environ, **{name: str(home / place) for name, place in places.items()}}
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            "--allow-root",
            f"--ServerApp.root_dir={self.folder}",
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=home)

    def request(self, path: str, method: str = "GET") -> bytes:
        asked = urllib.request.Request(
            f"{self.url}{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.read()

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + PATIENCE / 1000
        while True:
            try:
                self.request("/api/status")
                return
            except (urllib.error.URLError, ConnectionError) as error:
                if self.process.poll() is not None or time.monotonic() > until:
                    text = self.log.read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"JupyterLab did not start:\n{text}") from error
            time.sleep(0.1)  # between two questions

    def write(self, name: str, cells: list[str]) -> str:
        """A notebook with these cells, in the served folder."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)
        return name

    def clean_up(self) -> None:
        """Close every notebook's kernel, and forget the theme: the next test finds the light one again."""
        for session in json.loads(self.request("/api/sessions")):
            self._close(session["id"])
        for chosen in (self.home / "settings").rglob("themes.jupyterlab-settings"):
            chosen.unlink()

    def _close(self, session: str) -> None:
        """End a session; again, where its kernel was just being started anew."""
        for left in range(9, -1, -1):
            try:
                self.request(f"/api/sessions/{session}", "DELETE")
                return
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    return
                if error.code != 500 or not left:
                    raise
            time.sleep(0.5)  # between two requests

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory) -> Iterator[JupyterLab]:
    """A JupyterLab, once for all tests."""
    if importlib.util.find_spec("jupyterlab") is None:
        not_here("the browser tests need jupyterlab")
    server = JupyterLab(tmp_path_factory.mktemp("jupyterlab"))
    try:
        server.wait()
        yield server
    finally:
        server.close()


class Kernel:
    """Asks the notebook's own kernel, beside the page."""

    def __init__(self, server: JupyterLab) -> None:
        self.server = server

    @property
    def id(self) -> str:
        (session,) = json.loads(self.server.request("/api/sessions"))
        return session["kernel"]["id"]

    def ask(self, expression: str, before: str = ""):
        """The value of ``expression`` after the statements ``before``, both run in the kernel."""
        from jupyter_client import BlockingKernelClient

        client = BlockingKernelClient(connection_file=str(self.server.runtime / f"kernel-{self.id}.json"))
        client.load_connection_file()
        client.start_channels(hb=False)  # its heartbeat, a thread, would complain when a test ends the kernel
        try:
            reply = client.execute_interactive(
                before,
                user_expressions={"answer": expression},
                store_history=False,
                timeout=60,
                allow_stdin=False,
                output_hook=lambda message: None,
            )
        finally:
            client.stop_channels()
        answer = reply["content"].get("user_expressions", {}).get("answer", reply["content"])
        assert answer["status"] == "ok", answer
        return ast.literal_eval(answer["data"]["text/plain"])


class Lesson:
    """An open notebook in JupyterLab, and what a learner does with it."""

    def __init__(self, page, server: JupyterLab, name: str) -> None:
        from playwright.sync_api import TimeoutError

        self.page, self.server, self.kernel, self.impatience = page, server, Kernel(server), TimeoutError
        page.goto(f"{server.url}/lab/tree/{name}?token={server.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=PATIENCE)
        page.wait_for_function(READY, arg=f"{server.url}/api/sessions?token={server.token}", timeout=PATIENCE)

    def menu(self, *names: str) -> None:
        """Choose an entry of JupyterLab's menu."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=names[0]).click()
        for name in names[1:]:
            self.page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).click()

    def run_all(self) -> None:
        """Run every cell, and wait until the last one has its number.

        Where the kernel's connection is not quite up, JupyterLab asks for a kernel or drops the command without a word.
        (textContent, because JupyterLab hides the prompts of a long notebook that are out of sight.)
        """
        started = "cell => /[*\\d]/.test(cell.textContent) || document.querySelector('.jp-Dialog')"
        prompts, dialog = self.page.locator(".jp-CodeCell .jp-InputPrompt"), self.page.locator(".jp-Dialog")
        for _ in range(10):
            self.menu("Run", "Run All Cells")
            if self._within(started, prompts.first) and dialog.count():
                dialog.locator(".jp-mod-accept").click()
                dialog.wait_for(state="detached")
            if self._within(started, prompts.first):
                break
        ended = "cell => /\\d/.test(cell.textContent)"
        self.page.wait_for_function(ended, arg=prompts.last.element_handle(), timeout=PATIENCE)

    def _within(self, condition: str, cell, milliseconds: int = 4000) -> bool:
        """Whether the condition comes true in this time."""
        try:
            self.page.wait_for_function(condition, arg=cell.element_handle(), timeout=milliseconds)
        except self.impatience:
            return False
        return True

    def run_cell(self, at: int) -> None:
        """Run one cell; again, where JupyterLab dropped the command because its kernel was not quite there."""
        cell = self.page.locator(".jp-CodeCell").nth(at)
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.text_content()
        for _ in range(10):
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            if self._within(f"prompt => prompt.textContent !== {json.dumps(before)}", prompt):
                break

    def clear_outputs(self) -> None:
        self.menu("Edit", "Clear Outputs of All Cells")

    def restart(self) -> None:
        """Restart the kernel."""
        self.menu("Kernel", "Restart Kernel…")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def smallest_type(self) -> float:
        """The size in pixels of the smallest text in the labs' pictures, as it is seen; 0 between two pictures."""
        sizes = self.page.locator(".annlab-sheet text").evaluate_all(
            """all => all.map(text => {
                const { a, b } = text.getScreenCTM() ?? { a: 0, b: 0 };
                return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
            })"""
        )
        return min((size for size in sizes if size > 0), default=0.0)

    def lab(self, at: int = 0):
        """A lab's box in the page, once its picture is there."""
        box = self.page.locator(".annlab-lab").nth(at)
        box.locator(".annlab-sheet svg").wait_for(timeout=PATIENCE)
        return box


@pytest.fixture
def open_lesson(browser, jupyterlab, request) -> Iterator[Callable[..., Lesson]]:
    """Opens a notebook of the served folder: ``open_lesson(name, **options of the browser's context)``."""
    contexts, faults = [], []

    def note(message) -> None:
        # Where JupyterLite is installed beside JupyterLab, its extension says that it misses itself there.
        if message.type == "error" and "@jupyterlite/" not in message.text:
            faults.append(f"console: {message.text}")

    def watch(page) -> None:
        page.on("console", note)
        page.on("pageerror", lambda error: faults.append(f"page: {error}"))
        page.on(
            "request",
            lambda request: (
                urlparse(request.url).hostname in ("127.0.0.1", "localhost", None, "")
                or faults.append(f"left the machine: {request.url}")
            ),
        )

    def opened(name: str, **options) -> Lesson:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 1000}, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("page", watch)
        return Lesson(context.new_page(), jupyterlab, name)

    yield opened
    for context in contexts:
        if folder := os.environ.get(
            "ANNLAB_SCREENSHOTS"
        ):  # how each test left the page: for whoever asks why it failed
            context.pages[0].screenshot(path=Path(folder) / "ends" / f"{request.node.name}.png")
        context.close()
    jupyterlab.clean_up()
    assert faults == []


@pytest.fixture
def keep(tmp_path) -> Callable[..., Path]:
    """Keeps a screenshot of a page or of a part of it, in $ANNLAB_SCREENSHOTS or a temporary folder."""
    folder = Path(os.environ.get("ANNLAB_SCREENSHOTS") or tmp_path)

    def kept(part, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        part.screenshot(path=folder / f"{name}.png")
        return folder / f"{name}.png"

    return kept
