"""A class comes at once: what a real JupyterHub on this machine does with it.

``python deploy/loadtest.py`` starts a hub of its own on 127.0.0.1 with ``jupyterhub_config.py``. Learners log in,
start their servers, pull the lessons, open one, run all its cells and drag a slider, each through the same requests
and the same websocket as the page in a browser. Then one learner after another does harm, while the others drag on:
a kernel dies, a kernel eats memory, a kernel runs an endless loop beside a lab that trains. At last a page with a
training lab is left alone, until its kernel and its server are stopped.

It prints what it measured as tables. ``configurable-http-proxy`` must be on the PATH.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))
from share import BRANCH, FOLDER, ROOT, git, publish, pull_path

from annlab.cli import CommandError, find_lesson, lesson_names

PATIENCE = 300.0  # seconds; a busy machine may take them
LOOKING = 5.0  # seconds between two signs of life of a page, as in annlab/labs/stage.js
PROTOCOL = "v1.kernel.websocket.jupyter.org"
CRASH = "import os\nos._exit(1)"
HOG = "hog = []\nwhile True:\n    hog.append(bytearray(10_000_000))"
ENDLESS = "while True:\n    pass"

# --------------------------------------------------------------------------- the hub


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens to now; all are held until all are known, so no two are the same."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


class Hub:
    """A JupyterHub with the class's own configuration in a folder of its own; ``with Hub(folder) as hub: ...``.

    ``settings`` are those of class.env without their beginning: ``Hub(folder, KERNEL_IDLE=10)``.
    """

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self.password = folder, secrets.token_hex(8)
        self.lessons = f"file://{folder / 'lessons.git'}"
        at, hub, api = free_ports(3)
        self.api = f"http://127.0.0.1:{hub}/"
        self.url = f"http://127.0.0.1:{at}"
        decided = {"LOGIN": "try", "PASSWORD": self.password, "ADDRESS": self.url, "LESSONS": self.lessons} | settings
        self.environment = {**os.environ, **{f"ANNLAB_HUB_{name}": str(value) for name, value in decided.items()}}
        self.command = [
            *(sys.executable, "-m", "jupyterhub", "--config", str(Path(__file__).with_name("jupyterhub_config.py"))),
            f"--JupyterHub.hub_port={hub}",
            f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{api}",
        ]
        if os.geteuid() == 0:  # a container's usual user; a class's servers never run as root
            extra = folder / "as_root.py"
            here = repr(str(Path(__file__).with_name("jupyterhub_config.py")))
            extra.write_text(f"load_subconfig({here})\nc = get_config()\nc.Spawner.args += ['--allow-root']\n")
            self.command[4] = str(extra)
        self.log = folder / "hub.log"

    def __enter__(self) -> "Hub":
        git("init", "--quiet", "--bare", f"--initial-branch={BRANCH}", "lessons.git", root=self.folder)
        publish(str(self.folder / "lessons.git"))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=self.environment, cwd=self.folder, start_new_session=True
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        left = self.everything()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, 10)

    async def ready(self) -> float:
        """Wait until the login page answers; return the seconds that took."""
        began = time.monotonic()
        async with aiohttp.ClientSession() as page:
            while True:
                with suppress(aiohttp.ClientError):
                    async with page.get(f"{self.url}/hub/login") as answer:
                        if answer.status == 200:
                            return time.monotonic() - began
                if self.process.poll() is not None or time.monotonic() - began > PATIENCE:
                    raise RuntimeError(f"The hub did not start:\n{self.log.read_text(errors='replace')}")
                await asyncio.sleep(0.1)  # between two questions

    def everything(self) -> list[psutil.Process]:
        """The hub's process and all that it started, and learners' processes that lost their parent."""
        found = {}
        with suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.process.pid)
            found = {process.pid: process for process in (top, *top.children(recursive=True))}
        return list((found | {process.pid: process for process in self.processes()}).values())

    def processes(self, learner: str = "") -> Iterator[psutil.Process]:
        """The processes of one learner, or of all, found by what the hub gave their server to know."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                known = process.environ()
                name = known.get("JUPYTERHUB_USER")  # the culler has none
                if name and self.api in known["JUPYTERHUB_API_URL"] and learner in ("", name):
                    yield process

    def kernels(self, learner: str) -> list[psutil.Process]:
        found = []
        for process in self.processes(learner):
            with suppress(psutil.Error):
                if "ipykernel_launcher" in process.cmdline():
                    found.append(process)
        return found


def megabytes(processes: list[psutil.Process]) -> float:
    """What they hold together, memory that they share counted once (PSS)."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 1e6


class Effort:
    """How many seconds of processor time the processes that ``find()`` names have used since this was made."""

    def __init__(self, find: Callable[[], list[psutil.Process]]) -> None:
        self.find, self.began = find, time.monotonic()
        self.before = self._times()

    def _times(self) -> dict[int, float]:
        times = {}
        for process in self.find():
            with suppress(psutil.Error):
                times[process.pid] = sum(process.cpu_times()[:2])
        return times

    def seconds(self) -> float:
        return sum(now - self.before.get(pid, 0.0) for pid, now in self._times().items())

    def share(self) -> str:
        """The same as a share of one core."""
        return f"{100 * self.seconds() / (time.monotonic() - self.began):.0f} % of a core"


# --------------------------------------------------------------------------- a kernel's websocket


def pack(channel: str, message: dict[str, Any]) -> bytes:
    """A message as JupyterLab writes it: where each part begins, then the parts."""
    names = ("header", "parent_header", "metadata", "content")
    parts = [channel.encode(), *(json.dumps(message[name]).encode() for name in names)]
    starts = [8 * (len(parts) + 2)]
    for part in parts:
        starts.append(starts[-1] + len(part))
    return b"".join([number.to_bytes(8, "little") for number in (len(starts), *starts)] + parts)


def unpack(data: bytes) -> dict[str, Any]:
    """The other way; buffers stay out."""
    count = int.from_bytes(data[:8], "little")
    starts = [int.from_bytes(data[8 * at : 8 * at + 8], "little") for at in range(1, count + 1)]
    parts = [data[start:end] for start, end in zip(starts, starts[1:], strict=False)]
    names = ("header", "parent_header", "metadata", "content")
    return {name: json.loads(part) for name, part in zip(names, parts[1:5], strict=True)}


class Notebook:
    """An open notebook: its cells, its kernel's websocket, and the widgets that a page would show."""

    def __init__(self, learner: "Learner", lesson: str) -> None:
        self.learner, self.lesson, self.session = learner, lesson, uuid.uuid4().hex
        self.widgets: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, int] = {}  # how many each Stage has shown
        self.replies: dict[str, dict[str, Any]] = {}
        self.done: set[str] = set()
        self.restarts = 0
        self.news = asyncio.Condition()
        self.watching = True

    async def open(self) -> None:
        learner, path = self.learner, f"{FOLDER}/{self.lesson}.ipynb"
        document = await learner.ask("GET", f"/api/contents/{path}")
        self.cells = [cell for cell in document["content"]["cells"] if cell["cell_type"] == "code"]
        asked = {"path": path, "name": self.lesson, "type": "notebook", "kernel": {"name": "python3"}}
        self.kernel = (await learner.ask("POST", "/api/sessions", json=asked))["kernel"]["id"]
        await self.connect()

    async def connect(self) -> None:
        learner = self.learner
        address = f"{learner.home}/api/kernels/{self.kernel}/channels?session_id={self.session}"
        self.socket = await learner.page.ws_connect(address, protocols=[PROTOCOL], max_msg_size=0)
        if self.socket.protocol != PROTOCOL:
            raise RuntimeError(f"the server speaks {self.socket.protocol!r}, not {PROTOCOL!r}")
        self.tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._look())]
        await self._request("kernel_info_request", {})

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await self.socket.close()

    # What the page sends.

    async def send(self, kind: str, content: dict[str, Any], metadata: dict[str, Any] | None = None) -> str:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self.session,
            "username": "",
            "date": datetime.now(UTC).isoformat(),
            "version": "5.2",
        }
        message = {"header": header, "parent_header": {}, "metadata": metadata or {}, "content": content}
        await self.socket.send_bytes(pack("shell", message))
        return header["msg_id"]

    async def _request(self, kind: str, content: dict[str, Any], metadata: dict[str, Any] | None = None) -> Any:
        """Send, and wait for the reply and for the kernel's word that it is done: its pictures come before that."""
        asked = await self.send(kind, content, metadata)
        await self.until(lambda: asked in self.replies and asked in self.done)
        return self.replies.pop(asked)

    async def run(self, source: str, cell: str = "") -> dict[str, Any]:
        """Run a cell; the kernel's answer: its status, and the error's name where there was one."""
        asked = {"code": source, "silent": False, "store_history": True, "user_expressions": {}}
        asked |= {"allow_stdin": False, "stop_on_error": True}
        return await self._request("execute_request", asked, {"cellId": cell} if cell else {})

    async def run_all(self) -> float:
        """Run every cell, one after the other; return the seconds. A cell that fails is an error here."""
        began = time.monotonic()
        for cell in self.cells:
            answer = await self.run("".join(cell["source"]), cell.get("id", ""))
            if answer["status"] != "ok" and "raises-exception" not in cell["metadata"].get("tags", []):
                raise RuntimeError(f"{self.lesson}, a cell failed: {answer.get('ename')}: {answer.get('evalue')}")
        for widget, state in list(self.widgets.items()):
            if state.get("_model_name") == "ButtonModel" and state.get("description") == "Skip":
                await self.custom(widget, {"event": "click"})  # no prediction today, open the lab
        for stage in list(self.pictures):
            await self.custom(stage, {"width": 920})
        return time.monotonic() - began

    async def update(self, widget: str, **state: Any) -> None:
        """A control moved in the page."""
        self.widgets[widget] |= state
        data = {"method": "update", "state": state, "buffer_paths": []}
        await self.send("comm_msg", {"comm_id": widget, "data": data})

    async def custom(self, widget: str, content: dict[str, Any]) -> None:
        await self.send("comm_msg", {"comm_id": widget, "data": {"method": "custom", "content": content}})

    # What the page hears.

    async def _listen(self) -> None:
        async for packet in self.socket:
            if packet.type != aiohttp.WSMsgType.BINARY:
                continue
            message = unpack(packet.data)
            kind, content = message["header"]["msg_type"], message["content"]
            async with self.news:
                if kind.endswith("_reply"):
                    self.replies[message["parent_header"].get("msg_id", "")] = content
                elif kind == "status" and content["execution_state"] == "idle":
                    self.done.add(message["parent_header"].get("msg_id", ""))
                elif kind == "status" and content["execution_state"] in ("restarting", "autorestarting"):
                    self.restarts += 1
                    self.widgets, self.pictures = {}, {}
                elif kind == "comm_open" and content.get("target_name") == "jupyter.widget":
                    self.widgets[content["comm_id"]] = content["data"]["state"]
                    if "structure" in content["data"]["state"]:
                        self.pictures[content["comm_id"]] = 0
                elif kind == "comm_msg" and content["data"].get("method") == "update":
                    state = content["data"]["state"]
                    self.widgets.setdefault(content["comm_id"], {}).update(state)
                    if content["comm_id"] in self.pictures and {"values", "heat", "structure"} & set(state):
                        self.pictures[content["comm_id"]] += 1
                self.news.notify_all()
        async with self.news:
            self.news.notify_all()  # the connection is closed

    async def _look(self) -> None:
        """Somebody looks at the page: each living lab hears of it now and then."""
        while True:
            for stage in list(self.pictures):
                if self.watching and self.widgets[stage].get("live"):
                    await self.custom(stage, {"seen": self.session})
            await asyncio.sleep(LOOKING)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until this is so, which a message from the kernel must have brought about."""
        who = f"{self.learner.name} in {self.lesson}"
        async with self.news:
            try:
                await asyncio.wait_for(self.news.wait_for(lambda: condition() or self.socket.closed), PATIENCE)
            except TimeoutError:
                raise RuntimeError(f"{who} waited {PATIENCE:.0f} s for the kernel") from None
        if not condition():
            raise RuntimeError(f"{who} lost the connection to the kernel")

    # What a learner does.

    def lab_with(self, description: str, model: str) -> tuple[str, str]:
        """A control and the Stage of its lab: the first lab that has a control of this kind and description."""
        for box in self.widgets.values():
            if "annlab-lab" in box.get("_dom_classes", ()):
                inside = list(self._inside(box))
                stages = [one for one in inside if one in self.pictures]
                for one in inside:
                    state = self.widgets[one]
                    if stages and state["_model_name"] == model and description in state.get("description", ""):
                        return one, stages[0]
        raise RuntimeError(f"lesson {self.lesson} shows no lab with a {model} {description!r}")

    def _inside(self, box: dict[str, Any]) -> Iterator[str]:
        for child in box.get("children", ()):
            name = child.removeprefix("IPY_MODEL_")
            if name in self.widgets:
                yield name
                yield from self._inside(self.widgets[name])

    async def drag(self, go_on: Callable[[], bool], pause: float) -> list[float]:
        """Move the first slider to and fro; return how many milliseconds each move took to come back as a picture."""
        slider, stage = self.lab_with("", "SelectionSliderModel")
        last = len(self.widgets[slider]["_options_labels"]) - 1
        course = [*range(last), *range(last, 0, -1)]
        at, took = self.widgets[slider]["index"], []
        while go_on():
            at = (at + 1) % len(course)
            shown, began = self.pictures[stage], time.monotonic()
            await self.update(slider, index=course[at])
            await self.until(lambda shown=shown: self.pictures[stage] > shown)
            took.append(1000 * (time.monotonic() - began))
            await asyncio.sleep(pause)
        return took

    async def play(self) -> str:
        """Press Play on the first lab that trains; return its Stage once it has shown a few pictures."""
        button, stage = self.lab_with("Play", "ToggleButtonModel")
        shown = self.pictures[stage]
        await self.update(button, value=True)
        await self.until(lambda: self.widgets[stage].get("live"))
        await self.custom(stage, {"seen": self.session})
        await self.until(lambda: self.pictures[stage] > shown + 5)
        return stage


# --------------------------------------------------------------------------- a learner


class Learner:
    """Somebody with a browser: cookies, a server, notebooks."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name, self.home = hub, name, f"{hub.url}/user/{name}"
        self.notebooks: list[Notebook] = []

    async def __aenter__(self) -> "Learner":
        jar = aiohttp.CookieJar(unsafe=True)  # an address of numbers may have cookies too
        self.page = aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(PATIENCE))
        return self

    async def __aexit__(self, *_: object) -> None:
        for notebook in self.notebooks:
            await notebook.close()
        await self.page.close()

    def _cookie(self, address: str) -> str:
        jar = self.page.cookie_jar.filter_cookies(aiohttp.client.URL(address))
        return jar["_xsrf"].value if "_xsrf" in jar else ""

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """A request to the learner's own server, as its page makes it."""
        headers = {"X-XSRFToken": self._cookie(f"{self.home}/")}
        async with self.page.request(method, f"{self.home}{path}", headers=headers, **options) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def log_in(self) -> None:
        login = f"{self.hub.url}/hub/login"
        async with self.page.get(login) as answer:
            answer.raise_for_status()
        form = {"username": self.name, "password": self.hub.password, "_xsrf": self._cookie(login)}
        async with self.page.post(f"{login}?next=/hub/home", data=form) as answer:
            answer.raise_for_status()
            if not answer.url.path.startswith("/hub/home"):
                raise RuntimeError(f"{self.name} could not log in")

    async def start(self) -> None:
        """Press Start My Server, and wait until its page is there."""
        until = time.monotonic() + PATIENCE
        address = f"{self.hub.url}/hub/spawn"
        while True:
            async with self.page.get(address) as answer:
                if str(answer.url).startswith(self.home) and answer.status == 200:
                    return
                if time.monotonic() > until:
                    raise RuntimeError(f"{self.name} got no server: {answer.status} at {answer.url}")
            address = f"{self.home}/lab"
            await asyncio.sleep(0.2)  # the waiting page looks at a stream of progress; to ask again is enough

    async def pull(self) -> None:
        """What the page of nbgitpuller does before it opens the lesson."""
        query = pull_path(self.hub.lessons).replace("/git-pull?", "/git-pull/api?").replace("targetPath", "targetpath")
        async with self.page.get(f"{self.home}{query}", headers={"Accept": "text/event-stream"}) as answer:
            told = (await answer.text()).strip().split("\n\n")
        if '"finished"' not in told[-1]:
            raise RuntimeError(f"{self.name} could not pull the lessons: {told[-1]}")

    async def open(self, lesson: str) -> Notebook:
        notebook = Notebook(self, lesson)
        await notebook.open()
        self.notebooks.append(notebook)
        return notebook

    async def arrive(self, lesson: str) -> dict[str, float]:
        """From the login page to a lesson whose cells all have run; the seconds of each part."""
        took, before = {}, time.monotonic()

        def lap(name: str) -> None:
            nonlocal before
            took[name], before = time.monotonic() - before, time.monotonic()

        await self.log_in()
        await self.start()
        lap("server")
        await self.pull()
        lap("pull")
        notebook = await self.open(lesson)
        lap("kernel")
        await notebook.run_all()
        lap("run all")
        return took


# --------------------------------------------------------------------------- the test


def summary(took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=20, method="inclusive")
    return f"{len(took)} | {statistics.median(took):.0f} | {cuts[18]:.0f} | {max(took):.0f}"


def row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)


async def while_others_drag(
    others: list[Learner], seconds: float, pause: float, harm: Callable[[], Awaitable[Any]] | None = None
) -> tuple[list[float], Any]:
    """Each of these drags for so long, and until the harm is done, which begins a third of the way in.

    Returns all their milliseconds, and what came of the harm.
    """

    async def later() -> Any:
        await asyncio.sleep(seconds / 3)
        return await harm() if harm else None

    end, harming = time.monotonic() + seconds, asyncio.create_task(later())

    def go_on() -> bool:
        return time.monotonic() < end or not harming.done()

    took = await asyncio.gather(*(learner.notebooks[0].drag(go_on, pause) for learner in others))
    return [one for each in took for one in each], await harming


async def crash(notebook: Notebook) -> str:
    """The kernel dies; the server starts it again, and the page's next cell runs."""
    before = notebook.restarts
    await notebook.send("execute_request", {"code": CRASH, "silent": False, "store_history": True})
    await notebook.until(lambda: notebook.restarts > before)
    # The new kernel may listen at other ports, which the server asks for only where a page connects.
    await notebook.close()
    await notebook.connect()
    answer = await notebook.run("1 + 1")
    return f"kernel died, was started again, next cell: {answer['status']}"


async def eat_memory(notebook: Notebook) -> str:
    answer = await notebook.run(HOG)
    after = await notebook.run("held = len(hog)\ndel hog")
    return f"cell ended with {answer.get('ename', answer['status'])}, next cell: {after['status']}"


async def gone(hub: Hub, learner: str, kernels_only: bool) -> float:
    """Wait until this learner's kernels, or all of the learner's processes, are stopped; the seconds it took."""
    began = time.monotonic()
    while hub.kernels(learner) if kernels_only else list(hub.processes(learner)):
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError(f"{learner} still has {list(hub.processes(learner))}")
        await asyncio.sleep(0.2)  # between two looks at the processes
    return time.monotonic() - began


async def measure(hub: Hub, options: argparse.Namespace) -> None:
    known = lesson_names(ROOT / FOLDER)
    lesson, playing = find_lesson(options.lesson, known), find_lesson(options.play, known)
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    print(f"{options.learners} learners at once, {os.cpu_count()} processors, load before: {load}. Lesson {lesson}.")
    print(f"Hub ready after {await hub.ready():.1f} s.\n")
    learners = [Learner(hub, f"learner-{number}") for number in range(1, options.learners + 1)]
    for learner in learners:
        await learner.__aenter__()
    try:
        effort = Effort(hub.everything)
        parts = await asyncio.gather(*(learner.arrive(lesson) for learner in learners))
        row("from the login to a lesson that ran, seconds", "median", "slowest")
        row("---", "---", "---")
        for name in parts[0]:
            row(name, f"{statistics.median(part[name] for part in parts):.1f}", f"{max(p[name] for p in parts):.1f}")
        whole = [sum(part.values()) for part in parts]
        row("all together", f"{statistics.median(whole):.1f}", f"{max(whole):.1f}")
        row("processor time for each", f"{effort.seconds() / len(learners):.1f}", "")

        print()
        row("slider to picture, milliseconds", "moves", "median", "p95", "slowest", "what happened")
        row(*["---"] * 6)
        seconds, pause, (first, second, *_) = options.seconds, options.pause, learners

        alone, _ = await while_others_drag(learners[:1], seconds, pause)
        row("one learner drags", summary(alone), "")
        effort = Effort(hub.everything)
        calm, _ = await while_others_drag(learners, seconds, pause)
        row("all drag", summary(calm), f"{effort.share()} for all {len(learners)}, hub and proxy included")
        held = [megabytes(list(hub.processes(learner.name))) for learner in learners]
        alone_server = [megabytes(hub.kernels(learner.name)) for learner in learners]
        shared = megabytes(hub.everything()) - sum(held)

        took, said = await while_others_drag(learners[1:], seconds, pause, lambda: crash(first.notebooks[0]))
        row("one kernel dies", summary(took), said)
        took, said = await while_others_drag(learners[1:], seconds, pause, lambda: eat_memory(first.notebooks[0]))
        row("one kernel eats memory", summary(took), said)

        await first.notebooks[0].send("execute_request", {"code": ENDLESS, "silent": False, "store_history": True})
        took, _ = await while_others_drag(learners[1:], seconds, pause)
        row("one runs an endless loop", summary(took), "")

        async def more() -> None:
            opened = await asyncio.gather(*(learner.open(playing) for learner in learners[1:]))
            await asyncio.gather(*(notebook.run_all() for notebook in opened))

        took, _ = await while_others_drag(learners[1:], seconds, pause, more)
        row(f"and all run lesson {playing[:2]}", summary(took), "")
        stage = await second.notebooks[1].play()
        shown, effort = second.notebooks[1].pictures[stage], Effort(lambda: hub.kernels(second.name))
        took, _ = await while_others_drag(learners[1:], seconds, pause)
        rate = (second.notebooks[1].pictures[stage] - shown) / seconds
        row("and one lab trains", summary(took), f"lab: {rate:.0f} pictures a second, {effort.share()}")
        for learner in learners[2:]:
            await learner.notebooks[1].play()
        took, _ = await while_others_drag(learners[1:], seconds, pause)
        row(f"and {len(learners) - 1} labs train", summary(took), "")
        print()
        two = [megabytes(list(hub.processes(learner.name))) for learner in learners[1:]]
        row("memory, MB (PSS)", "median", "most")
        row("---", "---", "---")
        row(f"a learner with lesson {lesson[:2]} open", f"{statistics.median(held):.0f}", f"{max(held):.0f}")
        row("of it the kernel", f"{statistics.median(alone_server):.0f}", f"{max(alone_server):.0f}")
        row(f"with lesson {playing[:2]} open and training too", f"{statistics.median(two):.0f}", f"{max(two):.0f}")
        row("hub, proxy and culler together", f"{shared:.0f}", "")

        # Everybody goes home: the endless loop runs on, and the pages stay open, but nobody looks.
        for learner in learners:
            for notebook in learner.notebooks:
                notebook.watching = False
        print()
        stopped = await gone(hub, second.name, kernels_only=True)
        print(f"A lab that was left training: its kernel was stopped {stopped:.0f} s after the last look at it.")
        for learner in learners:
            await learner.__aexit__()
        for learner in learners:
            await gone(hub, learner.name, kernels_only=False)
        print(f"All {len(learners)} servers were stopped after that, the endless loop among them.")
    finally:
        for learner in learners:
            await learner.__aexit__()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A class at once on a JupyterHub of its own, on this machine.")
    parser.add_argument("--learners", type=int, default=6, help="how many come at once (6)")
    parser.add_argument("--lesson", default="02", help="the lesson whose slider they drag (02)")
    parser.add_argument("--play", default="10", help="the lesson whose lab trains (10)")
    parser.add_argument("--seconds", type=float, default=10, help="how long each row of the table is measured (10)")
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between a picture and the next move (0.2)")
    parser.add_argument("--memory", default="1G", help="the most that one process may hold (1G)")
    options = parser.parse_args(arguments)
    if options.learners < 2:
        parser.error("it takes 2 learners or more to see whether one disturbs another")
    if shutil.which("configurable-http-proxy") is None:
        parser.error("configurable-http-proxy is not on the PATH: npm install -g configurable-http-proxy")
    with tempfile.TemporaryDirectory(prefix="annlab-hub-") as folder:
        # Short, and longer than anybody here waits for a turn.
        idle = int(4 * options.seconds) + 10
        hub = Hub(Path(folder), KERNEL_IDLE=idle, SERVER_IDLE=idle + 20, MEMORY=options.memory)
        try:
            with hub:
                asyncio.run(measure(hub, options))
        except CommandError as error:
            print(f"loadtest: {error}", file=sys.stderr)
            return 2
        except BaseException:
            print(f"The hub said:\n{hub.log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
