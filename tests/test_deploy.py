"""A class: its settings refuse what is unsafe, its lessons update without loss, and a real hub keeps learners apart."""

import asyncio
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="a class's jupyterhub runs on Linux"),
    pytest.mark.skipif(importlib.util.find_spec("jupyterhub") is None, reason="needs jupyterhub, from the extra hub"),
]


@pytest.fixture(autouse=True)
def beside_the_scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(DEPLOY))


# --------------------------------------------------------------------------- the settings

HOME = {"LOGIN": "try", "PASSWORD": "long enough", "LESSONS": "https://example.org/annlab"}
OPEN = {"ADDRESS": "https://0.0.0.0:443", "CERTIFICATE": "/a.pem", "KEY": "/a.key"}


@pytest.fixture
def load(monkeypatch):
    """The configuration that these settings give, as JupyterHub reads it."""
    from traitlets.config import PyFileConfigLoader

    for name in [name for name in os.environ if name.startswith("ANNLAB_HUB_")]:
        monkeypatch.delenv(name)

    def loaded(*, root: bool = False, python: str = "/bin/sh", **settings: str):  # a file that all may run
        monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(sys, "executable", python)
        for name, value in settings.items():
            monkeypatch.setenv(f"ANNLAB_HUB_{name}", value)
        return PyFileConfigLoader("jupyterhub_config.py", path=str(DEPLOY)).load_config()

    return loaded


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "ANNLAB_HUB_LOGIN says who may log in: pam, own or try; got ''"),
        ({"LOGIN": "dummy"}, "got 'dummy'"),
        ({"LOGIN": "pam"}, "which only root may do"),
        ({"LESSONS": ""}, "ANNLAB_HUB_LESSONS is the address"),
        ({"PASSWORD": ""}, "needs ANNLAB_HUB_PASSWORD"),
        ({"PASSWORD": "short"}, "8 letters or more"),
        ({"ADDRESS": "http://0.0.0.0:8000"}, "passwords would travel in the clear"),
        ({"ADDRESS": "http://hub.example.org"}, "passwords would travel in the clear"),
        ({"ADDRESS": "https://127.0.0.1:8000"}, "needs ANNLAB_HUB_CERTIFICATE and ANNLAB_HUB_KEY"),
        ({"CERTIFICATE": "/a.pem", "KEY": "/a.key"}, "and http:// neither of them"),
        ({**OPEN, "KEY": ""}, "needs ANNLAB_HUB_CERTIFICATE and ANNLAB_HUB_KEY"),
        (OPEN, "no walls between them"),
        ({"ADDRESS": "127.0.0.1:8000"}, "begins with http:// or https://; got '127.0.0.1:8000'"),
        ({"MEMORY": "lots"}, "as 1G, or 512M at least; got 'lots'"),
        ({"MEMORY": "511M"}, "as 1G, or 512M at least; got '511M'"),
        ({"LOGIN": "own"}, "which only root may do"),
        ({"KERNEL_IDLE": "20 minutes"}, "a number of seconds, as 1200; got '20 minutes'"),
        ({"SERVER_IDLE": "0"}, "a number of seconds, as 3600; got '0'"),
    ],
)
def test_what_is_unsafe_or_unclear_is_refused(load, settings, words):
    with pytest.raises(SystemExit) as refused:
        load(**({} if not settings else {**HOME, **settings}))
    assert words in str(refused.value)
    assert "deploy/class.env" in str(refused.value)


def every_setting_exists(config) -> None:
    """A word that JupyterHub does not know would be passed over in silence."""
    from jupyterhub import app, auth, spawner
    from jupyterhub.authenticators import shared

    places = (app, auth, shared, spawner)
    for section, values in config.items():
        kind = next(getattr(place, section) for place in places if hasattr(place, section))
        assert set(values) <= set(kind.class_trait_names(config=True)), section


def test_trying_out_stays_on_this_machine(load):
    config = load(**HOME, TEACHERS="ann, ben")
    every_setting_exists(config)
    assert config.JupyterHub.authenticator_class == "shared-password"
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert config.Authenticator.admin_users == {"ann", "ben"}
    names = re.compile(config.Authenticator.username_pattern)
    assert all(names.match(name) for name in ("ann", "ben-2", "c_3"))
    assert not any(names.match(name) for name in ("", "Ann", "2ann", "ann/..", "../ann", "ann\n", "a" * 26))


def test_accounts_of_the_machine_are_let_in_by_their_group(load):
    config = load(**{**HOME, **OPEN, "LOGIN": "pam"}, root=True)
    every_setting_exists(config)
    assert config.PAMAuthenticator.allowed_groups == {"learners"}
    assert "allow_all" not in config.Authenticator  # an account alone is not enough
    assert config.JupyterHub.ssl_key == "/a.key"


def test_learners_accounts_must_be_able_to_run_the_hubs_python(load, tmp_path):
    home = tmp_path / "root"
    home.mkdir(mode=0o700)
    (home / "python3").symlink_to("/bin/sh")
    for login in ("pam", "own"):
        with pytest.raises(SystemExit, match=r"Learners' accounts may not enter .*, and the hub's Python is in there"):
            load(**{**HOME, "LOGIN": login}, root=True, python=str(home / "python3"))


def test_a_teacher_has_an_account(load):
    with pytest.raises(SystemExit, match="names 'nobody-at-all', who has no account on this machine"):
        load(**{**HOME, "LOGIN": "pam"}, TEACHERS="root, nobody-at-all", root=True)


def test_a_school_may_bring_its_own_way_in(load, tmp_path):
    with pytest.raises(SystemExit, match="needs ANNLAB_HUB_LOGIN_FILE, a file of settings; got ''"):
        load(**{**HOME, "LOGIN": "own"}, root=True)
    (tmp_path / "login.py").write_text('c = get_config()\nc.JupyterHub.authenticator_class = "null"\n')
    config = load(**{**HOME, "LOGIN": "own"}, LOGIN_FILE=str(tmp_path / "login.py"), root=True)
    every_setting_exists(config)
    assert config.JupyterHub.authenticator_class == "null"
    assert config.Authenticator.username_pattern  # whoever comes, their names are fit for accounts
    assert config.JupyterHub.spawner_class.__name__ == "OwnAccount"


def test_every_setting_is_explained_where_the_teacher_writes_it():
    read = set(re.findall(r'(?:said|seconds)\("([A-Z_]+)"', (DEPLOY / "jupyterhub_config.py").read_text()))
    explained = set(re.findall(r"^#?ANNLAB_HUB_([A-Z_]+)=", (DEPLOY / "class.env").read_text(), re.M))
    assert read == explained


def test_a_cluster_gets_the_same_numbers(load):
    config = load(**HOME)
    values = yaml.safe_load((DEPLOY / "zero-to-jupyterhub.yaml").read_text())
    learner = values["singleuser"]
    kernels = learner["extraFiles"]["kernels"]["data"]["MappingKernelManager"]
    said = [f"--MappingKernelManager.{name}={value}" for name, value in kernels.items()]
    assert said == config.Spawner.args
    culler = config.JupyterHub.services[0]["command"]
    assert f"--timeout={values['cull']['timeout']}" in culler
    assert f"--cull-every={values['cull']['every']}" in culler
    assert learner["memory"]["limit"] == config.Spawner.mem_limit
    assert learner["extraEnv"]["OPENBLAS_NUM_THREADS"] == config.Spawner.environment["OPENBLAS_NUM_THREADS"]
    assert learner["startTimeout"] == config.Spawner.start_timeout
    import share

    assert learner["defaultUrl"] == share.pull_path("https://github.com/YOU/annlab")


def test_every_link_of_the_page_leads_somewhere():
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", line.strip("# ").lower()).replace(" ", "-") for line in page.splitlines()}
    targets = re.findall(r"\]\(([^)\s]+)\)", page)
    assert targets
    for target in targets:
        found = target.removeprefix("#") in headings if target[0] == "#" else (DEPLOY / target).exists()
        elsewhere = target.startswith("../lite/") and not (ROOT / "lite").exists()
        assert found or elsewhere or target.startswith("https://"), target
    for script in re.findall(r"(?:deploy|binder)/[\w.-]+\.\w+", page):
        assert (ROOT / script).exists(), script


# --------------------------------------------------------------------------- the lessons' way to a learner


def test_a_link_says_what_to_pull_and_what_to_open():
    import share

    repository = "https://example.org/a b/annlab.git?x=1&y=2#z"
    for name in share.lesson_names(ROOT / "lessons"):
        address = urlsplit(share.link("https://hub.example.org/", repository, name))
        assert (address.scheme, address.netloc) == ("https", "hub.example.org")
        assert address.path == "/hub/user-redirect/git-pull"
        asked = parse_qs(address.query, strict_parsing=True)
        opens = f"lab/tree/lessons/{name}.ipynb"
        expected = {"repo": repository, "branch": "class", "targetPath": "lessons", "urlpath": opens}
        assert asked == {key: [value] for key, value in expected.items()}
        assert not address.fragment


def test_a_link_to_nowhere_is_refused():
    import share

    with pytest.raises(share.CommandError, match="no lesson 'nine hundred'"):
        share.link("https://hub.example.org", "https://example.org/annlab", "nine hundred")
    with pytest.raises(share.CommandError, match="begins with https://; got 'hub.example.org'"):
        share.link("hub.example.org", "https://example.org/annlab")


def test_the_command_prints_a_link_and_says_what_is_wrong(capsys):
    import share

    assert share.main(["link", "https://hub.example.org", "https://example.org/annlab", "2"]) == 0
    assert "lessons%2F02_one_neuron.ipynb" in capsys.readouterr().out
    assert share.main(["publish", "/nowhere/at/all.git"]) == 2
    assert "git ls-remote" in capsys.readouterr().err


def write_notebook(path: Path, *cells: str) -> None:
    empty = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    made = [{**empty, "id": f"cell-{at}", "source": [cell]} for at, cell in enumerate(cells)]
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook, indent=1))


def sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]


@pytest.fixture
def class_(tmp_path):
    """A teacher's checkout, the repository that learners pull from, and a learner's folder."""
    import share

    checkout, shared, folder = tmp_path / "checkout", tmp_path / "shared.git", tmp_path / "home" / "lessons"
    checkout.mkdir()
    for command in (["init", "-q", str(checkout)], ["init", "-q", "--bare", str(shared)]):
        subprocess.run(["git", *command], check=True)
    identity = ["-c", "user.name=teacher", "-c", "user.email=teacher@example.org"]

    def commit() -> str:
        share.git("add", "-A", root=checkout)
        share.git(*identity, "commit", "-q", "-m", "a change", root=checkout)
        return share.publish(str(shared), root=checkout)

    def pull() -> None:
        main = "from nbgitpuller.pull import main; main()"
        subprocess.run([sys.executable, "-c", main, f"file://{shared}", "class", str(folder)], check=True)

    return SimpleNamespace(checkout=checkout, shared=shared, folder=folder, commit=commit, pull=pull)


def test_a_class_gets_the_lessons_without_the_answers(class_):
    import share

    write_notebook(class_.checkout / "lessons" / "01_nodes.ipynb", "first")
    for other in ("lessons/teachers/01_nodes.md", "lessons/pictures/a.svg", "annlab/secret.py"):
        (class_.checkout / other).parent.mkdir(exist_ok=True)
        (class_.checkout / other).write_text("text")
    first = class_.commit()
    names = share.git("ls-tree", "-r", "--name-only", "class", root=class_.shared).splitlines()
    assert names == ["01_nodes.ipynb", "pictures/a.svg"]
    assert share.publish(str(class_.shared), root=class_.checkout) == ""
    write_notebook(class_.checkout / "lessons" / "02_more.ipynb", "second")
    second = class_.commit()
    assert share.git("rev-list", "class", root=class_.shared).split() == [second, first]


def test_an_update_is_merged_and_a_learners_words_win(class_):
    pytest.importorskip("nbgitpuller", reason="needs nbgitpuller beside jupyterhub, from the extra hub")
    taught, learned = class_.checkout / "lessons", class_.folder
    write_notebook(taught / "01_nodes.ipynb", "first", "between", "exercise = ____", "between", "last")
    write_notebook(taught / "02_more.ipynb", "old")
    class_.commit()
    class_.pull()
    assert sources(learned / "01_nodes.ipynb")[2] == "exercise = ____"

    # The learner solves, deletes one lesson by mistake, and keeps notes. The teacher mends and adds.
    write_notebook(learned / "01_nodes.ipynb", "first", "between", "exercise = 42", "between", "last")
    (learned / "02_more.ipynb").unlink()
    (learned / "my notes.txt").write_text("mine")
    write_notebook(taught / "01_nodes.ipynb", "first, mended", "between", "exercise = ___", "between", "last, mended")
    write_notebook(taught / "03_new.ipynb", "new")
    class_.commit()
    class_.pull()
    mended = ["first, mended", "between", "exercise = 42", "between", "last, mended"]
    assert sources(learned / "01_nodes.ipynb") == mended
    assert sources(learned / "02_more.ipynb") == ["old"]
    assert sources(learned / "03_new.ipynb") == ["new"]
    assert (learned / "my notes.txt").read_text() == "mine"

    # And again, from the merged state.
    write_notebook(learned / "03_new.ipynb", "newer, by the learner")
    write_notebook(taught / "02_more.ipynb", "newer")
    class_.commit()
    class_.pull()
    assert sources(learned / "01_nodes.ipynb") == mended
    assert sources(learned / "02_more.ipynb") == ["newer"]
    assert sources(learned / "03_new.ipynb") == ["newer, by the learner"]


def test_every_lesson_that_was_run_and_saved_takes_an_update(class_):
    """The learner's page wrote new outputs into each cell; the teacher mended every second cell and added one."""
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbgitpuller", reason="needs nbgitpuller beside jupyterhub, from the extra hub")
    shutil.copytree(ROOT / "lessons", class_.checkout / "lessons")
    class_.commit()
    class_.pull()
    names = sorted(path.name for path in class_.folder.glob("*.ipynb"))
    assert len(names) > 10
    seen = {"name": "stdout", "output_type": "stream", "text": ["what the learner saw"]}
    for name in names:
        learned, taught = (json.loads((class_.folder / name).read_text(encoding="utf-8")) for _ in range(2))
        for cell in learned["cells"]:
            if cell["cell_type"] == "code":
                cell.update(execution_count=77, outputs=[seen, *cell["outputs"]])
        for cell in taught["cells"][1::2]:
            cell["source"] = [*cell["source"], "\nmended"]
        taught["cells"].insert(3, {"cell_type": "markdown", "id": "added", "metadata": {}, "source": ["added"]})
        for notebook, path in ((learned, class_.folder), (taught, class_.checkout / "lessons")):
            text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
            (path / name).write_text(text, encoding="utf-8")
    class_.commit()
    class_.pull()
    for name in names:
        notebook = nbformat.read(class_.folder / name, as_version=4)
        nbformat.validate(notebook)
        cells = [cell for cell in notebook.cells if cell.get("id") != "added"]
        assert len(cells) == len(notebook.cells) - 1
        assert all(cell.source.endswith("\nmended") for cell in cells[1::2])
        assert all(cell.outputs[0].text == "what the learner saw" for cell in cells if cell.cell_type == "code")


# --------------------------------------------------------------------------- a real hub

CHECK = """
import os, resource
assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
assert os.environ["JUPYTER_CONFIG_PATH"].endswith("jupyter")
assert resource.getrlimit(resource.RLIMIT_DATA)[1] == 2**30
assert os.getcwd() == os.path.expanduser("~/lessons")
"""
SILENCE = 6.0  # seconds; half a minute would be too long for a test
KERNEL_IDLE, SERVER_IDLE = 10, 28  # a restart of a kernel must not look like a server that nobody uses


def test_two_learners_on_a_real_hub(tmp_path, monkeypatch):
    for needed in ("nbgitpuller", "jupyterhub_idle_culler"):
        pytest.importorskip(needed, reason=f"needs {needed} beside jupyterhub, from the extra hub")
    if shutil.which("configurable-http-proxy") is None:
        pytest.skip("needs jupyterhub's configurable-http-proxy, from npm")
    import loadtest

    monkeypatch.setattr(loadtest, "PATIENCE", 100.0)
    with loadtest.Hub(tmp_path, KERNEL_IDLE=KERNEL_IDLE, SERVER_IDLE=SERVER_IDLE) as hub:
        try:
            asyncio.run(a_class_of_two(loadtest, hub))
        except BaseException:
            print(hub.log.read_text(errors="replace"))
            raise
    assert not hub.everything()


async def a_class_of_two(loadtest, hub) -> None:
    await hub.ready()
    async with loadtest.Learner(hub, "ann") as ann, loadtest.Learner(hub, "ben") as ben:
        # Step by step together, so that no kernel waits for the other's server until it is stopped as idle.
        for learner in (ann, ben):
            await learner.log_in()
        await asyncio.gather(ann.start(), ben.start())
        await asyncio.gather(ann.pull(), ben.pull())
        hers, his = await asyncio.gather(ann.open("02_one_neuron"), ben.open("02_one_neuron"))
        await asyncio.gather(hers.run_all(), his.run_all())
        await only_their_own(hub, ann, ben)
        assert (await his.run(CHECK))["status"] == "ok"
        assert 120 < loadtest.megabytes(list(hub.processes("ann"))) < 500

        # A crash, a hunger for memory, an endless loop: each is hers alone.
        for harm, outcome in (
            (lambda: loadtest.crash(hers), "kernel died, was started again, next cell: ok"),
            (lambda: loadtest.eat_memory(hers), "cell ended with MemoryError, next cell: ok"),
            (lambda: hers.send("execute_request", {"code": loadtest.ENDLESS, "silent": False}), ""),
        ):
            took, said = await loadtest.while_others_drag([ben], 2, 0.1, harm)
            assert outcome in said
            assert len(took) >= 2
            assert max(took) < 10_000
        (busy,) = hub.kernels("ann")

        # A lab that is looked at trains on, however long; a kernel that is silent is stopped.
        lab = await ben.open("10_training_a_network")
        for cell in lab.cells[:2]:
            assert (await lab.run("".join(cell["source"]), cell["id"]))["status"] == "ok"
        await lab.run(f"import annlab.labs.base as base\nbase.SILENCE = {SILENCE}")
        stage = await lab.play()
        began = time.monotonic()
        while len(hub.kernels("ben")) > 1:
            assert time.monotonic() - began < 60
            await ann.ask("GET", "/api/contents")  # her page lists her files: a server in use is not stopped
            await asyncio.sleep(0.5)  # between two looks
        shown = lab.pictures[stage]
        await lab.until(lambda: lab.pictures[stage] > shown + 10)
        assert busy.is_running()

        # Nobody looks any more, at pages that stay open: the lab falls silent, then its kernel goes.
        for notebook in (hers, his, lab):
            notebook.watching = False
        left = time.monotonic()
        assert await loadtest.gone(hub, "ben", kernels_only=True) > 0
        assert time.monotonic() - left >= KERNEL_IDLE - 1
        assert "nobody is looking" in lab.widgets[stage]["note"]
        # The pages are closed: all servers go, her endless loop with them.
        for notebook in (hers, his, lab):
            await notebook.close()
        for learner in ("ben", "ann"):
            await loadtest.gone(hub, learner, kernels_only=False)
        # Her files are where she left them, and a new server finds them.
        assert (hub.folder / "homes" / "ann" / "lessons" / "02_one_neuron.ipynb").is_file()


async def only_their_own(hub, ann, ben) -> None:
    """Nobody comes in without the password, or into another's server, or out of the lessons' machine."""
    async with type(ann)(hub, "ann") as stranger:
        async with stranger.page.get(f"{ann.home}/api/contents") as answer:
            assert answer.status == 403
        async with stranger.page.get(f"{hub.url}/hub/login"):
            form = {
                "username": "ann",
                "password": "a wrong password",
                "_xsrf": stranger._cookie(f"{hub.url}/hub/login"),
            }
        async with stranger.page.post(f"{hub.url}/hub/login", data=form) as answer:
            assert answer.status == 403
    async with ben.page.get(f"{ann.home}/api/contents") as answer:
        assert answer.status == 403
