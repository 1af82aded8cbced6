"""What a stranger gets: the wheel, the editable install, Binder's environment, and the words that must agree."""

import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import sysconfig
import tarfile
import time
import tomllib
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import annlab

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
START = 'pip install -e ".[lab]" && annlab'
TESTS = 'pip install -e ".[test]" && pytest'


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def run(*command: str | Path, **options) -> str:
    """Run a command to its end and return what it said, all of it in the error if it failed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, encoding="utf-8", **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def files_of(folder: str) -> set[str]:
    """The files of a folder that belong to the project: no caches, no half-finished copies."""
    found = set()
    for path in (ROOT / folder).rglob("*"):
        name = path.relative_to(ROOT / folder).as_posix()
        if path.is_file() and not any(part in name for part in ("__pycache__", ".ipynb_checkpoints", "-fresh")):
            found.add(name)
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The source archive, and the wheel that was built from it and not from this folder."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    return next(built.glob("annlab-*.whl"))


# --------------------------------------------------------------------------- the wheel


def test_the_wheel_carries_the_package_and_the_lessons(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"annlab/{name}" for name in files_of("annlab")} <= names
    lessons = {name for name in files_of("lessons") if not name.startswith("teachers/")}
    assert "00_start_here.ipynb" in lessons
    assert {name for name in names if name.startswith("annlab/_lessons/")} == {f"annlab/_lessons/{n}" for n in lessons}


def test_the_wheel_carries_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"annlab", f"annlab-{annlab.__version__}.dist-info"}
    # Teachers' notes hold the answers; a class is given the notebooks alone.
    assert not [name for name in names if "teachers" in name or "checkpoints" in name or "__pycache__" in name]


def test_a_lesson_in_the_wheel_is_the_lesson_in_the_checkout(wheel):
    packaged = zipfile.ZipFile(wheel).read("annlab/_lessons/00_start_here.ipynb")
    assert packaged == (ROOT / "lessons" / "00_start_here.ipynb").read_bytes()


def test_both_licences_are_in_both_archives(built, wheel):
    inside = zipfile.ZipFile(wheel).namelist()
    sources = tarfile.open(next(built.glob("annlab-*.tar.gz"))).getnames()
    for name in ("LICENSE", "LICENSE-TEXT"):
        assert f"annlab-{annlab.__version__}.dist-info/licenses/{name}" in inside
        assert f"annlab-{annlab.__version__}/{name}" in sources


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size <= 8 * 2**20


def test_the_wheel_from_the_source_archive_is_the_wheel_from_the_checkout(wheel, tmp_path):
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    with zipfile.ZipFile(tmp_path / wheel.name) as here, zipfile.ZipFile(wheel) as there:
        assert sorted(here.namelist()) == sorted(there.namelist())
        for name in here.namelist():
            assert here.read(name) == there.read(name), name


def test_the_source_archive_carries_all_that_git_tracks(built):
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    tracked = {
        name for name in run("git", "-C", ROOT, "ls-files", "-z").split("\0") if name and (ROOT / name).is_file()
    }
    sources = tarfile.open(next(built.glob("annlab-*.tar.gz"))).getnames()
    carried = {name.partition("/")[2] for name in sources}
    assert not tracked - carried
    for name in ("annlab/data/README.md", "lessons/00_start_here.ipynb", "lessons/teachers/00_start_here.md"):
        assert name in carried


def empty(folder: Path, *options: str | Path) -> Path:
    """An environment without even pip, in which this pip installs something: a second instead of ten."""
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *options, env=clean())
    return python


def test_the_doctor_speaks_where_numpy_is_missing(wheel, tmp_path):
    python = empty(tmp_path / "venv", "--no-deps", "--no-index", wheel)
    for command in ([python, "-m", "annlab"], [next(python.parent.glob("annlab*"))]):
        done = subprocess.run([*command, "doctor"], capture_output=True, text=True, cwd=tmp_path, env=clean())
        assert done.returncode == 1
        assert re.search(r"^numpy +not installed", done.stdout, re.M)
        assert re.search(r"-m pip install .*numpy>=2", done.stdout)
    program = [python, "-c", "from annlab import Sequential"]
    done = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path, env=clean())
    assert "annlab needs numpy" in done.stderr
    assert "python -m annlab doctor" in done.stderr


def environment(folder: Path, borrow: bool) -> Path:
    """An empty environment's Python. Borrowing shows it what is installed here, except annlab: saves a minute."""
    venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if borrow:
        packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        # A .pth file inside a folder that a .pth file names is not read: our own editable install stays unseen.
        (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def clean() -> dict[str, str]:
    """The surroundings of a stranger: nothing that could lead back to this checkout."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def test_the_wheel_works_far_from_the_checkout(wheel, tmp_path):
    python = environment(tmp_path / "venv", borrow=True)
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, env=clean())
    here = tmp_path / "here"
    here.mkdir()
    where = run(python, "-c", "import annlab; print(annlab.__file__)", cwd=here, env=clean()).strip()
    assert Path(where).is_relative_to(tmp_path / "venv")

    said = run(python, "-m", "annlab", "doctor", cwd=here, env=clean())
    assert "All is well" in said
    prepare = "from annlab.cli import prepare; print(*prepare(None, '12'), sep='|')"
    folder, lesson = run(python, "-c", prepare, cwd=here, env=clean()).splitlines()[-1].split("|")
    assert Path(folder) == here / "annlab-lessons"
    assert (Path(folder) / f"{lesson}.ipynb").read_bytes() == (ROOT / "lessons" / f"{lesson}.ipynb").read_bytes()


def test_an_editable_install_has_no_second_copy_of_the_lessons(tmp_path):
    python = environment(tmp_path / "venv", borrow=True)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    run(python, "-m", "pip", "install", *options, "-e", ROOT, env=clean())
    assert not list((tmp_path / "venv").rglob("_lessons"))
    prepare = "from annlab.cli import prepare; print(prepare(None, '12')[0])"
    assert Path(run(python, "-c", prepare, cwd=tmp_path, env=clean()).splitlines()[-1]) == ROOT / "lessons"


# --------------------------------------------------------------------------- a whole environment, and a real start


@functools.cache
def python_of_binder() -> Path | None:
    """A Python of the version that binder/runtime.txt names, if one on this machine answers."""
    version = read("binder/runtime.txt").strip().removeprefix("python-")
    tools = Path(os.environ.get("RUNNER_TOOL_CACHE", ROOT)) / "Python"
    found = [*Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), *tools.glob(f"{version}.*/*/bin/python")]
    for python in (sys.executable, shutil.which(f"python{version}"), *found):
        command = [python, "-c", "import sys; print(sys.version_info[:2])"] if python else ["false"]
        with contextlib.suppress(OSError):
            said = subprocess.run([str(part) for part in command], capture_output=True, text=True).stdout
            if said.strip() == f"({version.replace('.', ', ')})":
                return Path(str(python))
    return None


@pytest.fixture(scope="module")
def launched(wheel, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A fresh environment made as Binder makes it: the pins, then postBuild. Once, for all who need a whole one.

    Returns its Python, and the surroundings to start it in. Where the pinned Python is missing, it holds the newest
    versions of what the wheel asks for.
    """
    if not os.environ.get("CI"):
        pytest.skip("installs a hundred packages; CI=true runs it")
    home = tmp_path_factory.mktemp("launched")
    settings = {"JUPYTER_RUNTIME_DIR": str(home / "runtime"), "IPYTHONDIR": str(home / "ipython")}
    surroundings = {n: v for n, v in clean().items() if not n.startswith("JUPYTER")} | {"HOME": str(home)} | settings
    pinned = python_of_binder() if os.name != "nt" else None
    run(pinned or sys.executable, "-m", "venv", home / "venv", env=clean())
    python = home / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    surroundings["PATH"] = os.pathsep.join([str(python.parent), surroundings["PATH"]])
    what = ["-r", ROOT / "binder" / "requirements.txt"] if pinned else [f"{wheel}[lab]"]
    run(python, "-m", "pip", "install", "--quiet", "--no-compile", *what, env=clean())
    if pinned:
        run(ROOT / "binder" / "postBuild", cwd=ROOT, env=surroundings)
    return python, surroundings


@contextlib.contextmanager
def served(command: list[str | Path], **options) -> Iterator[tuple[str, str]]:
    """A JupyterLab that this command starts: its address without the scheme, and its token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options["env"] = options["env"] | {"JUPYTER_TOKEN": token}
    process = subprocess.Popen([*map(str, command), "--no-browser", f"--port={port}"], **options)
    try:
        until = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token={token}", timeout=10).close()
                break
            except OSError:
                assert process.poll() is None, f"{command} ended with {process.poll()}"
                assert time.monotonic() < until, f"{command} did not answer"
                time.sleep(0.2)
        yield f"127.0.0.1:{port}", token
    finally:
        process.terminate()
        process.wait(30)


def run_lesson(address: str, token: str, path: str) -> int:
    """Run every cell of a served notebook through its kernel, as the page does; returns how many."""
    websocket = pytest.importorskip("websocket", reason="needs websocket-client, which comes with JupyterLab")

    def ask(where: str, send: dict | None = None) -> dict:
        body = None if send is None else json.dumps(send).encode()
        asked = urllib.request.Request(f"http://{address}/api/{where}", body, {"Authorization": f"token {token}"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    notebook = ask(f"contents/{path}")["content"]
    session = ask("sessions", {"path": path, "type": "notebook", "name": path, "kernel": {"name": "python3"}})
    kernel = f"ws://{address}/api/kernels/{session['kernel']['id']}/channels?token={token}"
    cells = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    with contextlib.closing(websocket.create_connection(kernel, timeout=120)) as channel:
        for number, source in enumerate(cells):
            header = {
                "msg_id": str(number),
                "msg_type": "execute_request",
                "session": "s",
                "username": "",
                "version": "5.3",
            }
            content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
            channel.send(json.dumps(message))
            while True:
                received = channel.recv()
                if isinstance(received, bytes):  # a picture's numbers for its widget
                    continue
                heard = json.loads(received)
                if heard["msg_type"] == "execute_reply" and heard["parent_header"]["msg_id"] == str(number):
                    assert heard["content"]["status"] == "ok", "\n".join(heard["content"].get("traceback", []))
                    break
    return len(cells)


def test_binder_starts_jupyterlab_and_runs_a_lesson_through_its_kernel(launched):
    if python_of_binder() is None or os.name == "nt":
        pytest.skip(f"no {read('binder/runtime.txt').strip()} on this machine, which binder/runtime.txt names")
    python, surroundings = launched
    start = [ROOT / "binder" / "start", "jupyter", "lab", "--allow-root", f"--ServerApp.root_dir={ROOT}"]
    with served(start, cwd=ROOT, env=surroundings) as (address, token):
        link = f"http://{address}/lab/tree/lessons/00_start_here.ipynb?token={token}"
        assert b"JupyterLab" in urllib.request.urlopen(link, timeout=30).read()
        assert run_lesson(address, token, "lessons/02_one_neuron.ipynb") > 3


def test_the_wheel_in_an_empty_environment_opens_the_lessons_and_runs_one(wheel, launched, tmp_path):
    python, surroundings = launched
    run(python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", "--no-index", wheel, env=clean())
    run(python, "-m", "pip", "check", env=clean())
    assert "All is well" in run(python, "-m", "annlab", "doctor", cwd=tmp_path, env=surroundings)
    command = python.parent / ("annlab.exe" if os.name == "nt" else "annlab")
    with served([command, "12"], cwd=tmp_path, env=surroundings) as (address, token):
        assert (tmp_path / "annlab-lessons" / "00_start_here.ipynb").is_file()
        assert run_lesson(address, token, "12_many_classes.ipynb") > 3


# --------------------------------------------------------------------------- words that must agree


def test_one_version_everywhere():
    assert annlab.__version__ == PROJECT["version"]
    assert re.search(r"^version: (.+)$", read("CITATION.cff"), re.M)[1] == PROJECT["version"]
    assert re.search(r"^## ([\d.]+)", read("CHANGELOG.md"), re.M)[1] == PROJECT["version"]


def test_ci_calls_the_commands_of_the_readme():
    assert START in read("README.md")
    assert TESTS in read("README.md")
    assert TESTS in read(".ci/run")
    assert TESTS in read(".github/workflows/ci.yml")
    assert TESTS in read("CONTRIBUTING.md")


def test_every_link_of_the_readme_leads_somewhere():
    # PyPI shows the README too, but its pictures and pages are looked at in the repository.
    for page in ("README.md", "CONTRIBUTING.md"):
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(page)) + re.findall(r'(?:src|href)="([^"#]+)"', read(page))
        assert targets
        for target in targets:
            assert target.startswith("https://") or (ROOT / target).exists(), f"{page} points to {target}"


def test_the_program_in_the_readme_runs_and_learns():
    program = re.search(r"```python\n(.*?)```", read("README.md"), re.S)[1]
    names: dict = {}
    exec(program, names)  # ends with model.fit(...)
    assert names["model"].score(names["x"], names["y"]) > 0.5


def test_ci_runs_every_system_and_every_python():
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    promised = [line.split(" :: ")[-1] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    assert matrix["python"] == promised == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={promised[0]}"
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            assert "uses" not in step or re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"])


def test_ci_run_is_a_sound_script():
    script = read(".ci/run")
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script
    if shutil.which("bash"):
        run("bash", "-n", ".ci/run", cwd=ROOT)


# --------------------------------------------------------------------------- Binder


def test_binder_installs_exact_versions_of_all_that_a_learner_needs():
    pins = [Requirement(line) for line in read("binder/requirements.txt").splitlines() if not line.startswith("#")]
    exact = {pin.name: str(pin.specifier).removeprefix("==") for pin in pins}
    assert all(str(pin.specifier).startswith("==") for pin in pins)
    needed = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]]
    for requirement in needed:
        assert requirement.specifier.contains(exact[requirement.name]), f"run binder/pin: {requirement}"


def test_binder_has_a_python_that_annlab_supports():
    version = re.fullmatch(r"python-(3\.\d+)\n", read("binder/runtime.txt"))[1]
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no executable bit")
@pytest.mark.parametrize("script", ["binder/postBuild", "binder/start", "binder/pin", ".ci/run"])
def test_scripts_may_be_executed(script):
    assert (ROOT / script).stat().st_mode & stat.S_IXUSR


def test_binder_understands_the_folder(tmp_path):
    pytest.importorskip("repo2docker", reason="repo2docker is missing; the extra binder brings it")
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copytree(ROOT / "binder", copy / "binder")
    command = [sys.executable, "-W", "ignore", "-m", "repo2docker", "--no-build", "--debug", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    dockerfile = done.stdout + done.stderr
    assert read("binder/runtime.txt").strip().replace("python-", "python=") in dockerfile
    assert "binder/requirements.txt" in dockerfile
    assert "binder/postBuild" in dockerfile
