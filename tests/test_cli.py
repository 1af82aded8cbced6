"""The ``annlab`` command: where it finds lessons, what it lays down and what it never touches."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from annlab import cli

ROOT = Path(__file__).parent.parent


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """As if annlab came from a wheel with two lessons, started in an empty folder; opening is only noted."""
    packaged = tmp_path / "site-packages" / "annlab" / "_lessons"
    packaged.mkdir(parents=True)
    (packaged / "00_start_here.ipynb").write_bytes(b"start 1")
    (packaged / "12_many_classes.ipynb").write_bytes(b"classes 1")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(cli, "PACKAGED", packaged)
    monkeypatch.setattr(cli, "__file__", str(packaged.parent / "cli.py"))
    monkeypatch.setattr(cli, "open_jupyterlab", lambda *what: opened.append(what) or 0)
    opened = []
    return packaged, here / "annlab-lessons", opened


def test_first_start_lays_the_lessons_down_and_opens_the_first(installed):
    packaged, folder, opened = installed
    assert cli.main([]) == 0
    assert (folder / "00_start_here.ipynb").read_bytes() == b"start 1"
    assert (folder / "12_many_classes.ipynb").read_bytes() == b"classes 1"
    assert opened == [(folder, "00_start_here", True, None)]


def test_options_reach_jupyterlab(installed):
    packaged, folder, opened = installed
    assert cli.main(["12", "--no-browser", "--port", "9001"]) == 0
    assert opened == [(folder, "12_many_classes", False, 9001)]


def test_a_changed_lesson_is_kept_and_named(installed, capsys):
    packaged, folder, opened = installed
    cli.main([])
    (folder / "12_many_classes.ipynb").write_bytes(b"my own work")
    (packaged / "12_many_classes.ipynb").write_bytes(b"classes 2")
    capsys.readouterr()
    assert cli.main([]) == 0
    assert (folder / "12_many_classes.ipynb").read_bytes() == b"my own work"
    said = capsys.readouterr().out
    assert "Kept as you changed them: 12_many_classes.ipynb." in said
    assert "00_start_here.ipynb." not in said.split("Opening")[0].split("Kept")[1]


def test_an_unchanged_older_lesson_is_brought_up_to_date(installed, capsys):
    packaged, folder, opened = installed
    cli.main([])
    (packaged / "12_many_classes.ipynb").write_bytes(b"classes 2")
    capsys.readouterr()
    cli.main([])
    assert (folder / "12_many_classes.ipynb").read_bytes() == b"classes 2"
    assert "0 new, 1 updated, 1 as they were." in capsys.readouterr().out


def test_a_change_stays_kept_over_many_releases(installed):
    packaged, folder, opened = installed
    cli.main([])
    (folder / "12_many_classes.ipynb").write_bytes(b"my own work")
    for release in (2, 3, 4):
        (packaged / "12_many_classes.ipynb").write_bytes(f"classes {release}".encode())
        cli.main([])
        assert (folder / "12_many_classes.ipynb").read_bytes() == b"my own work"


def test_a_lesson_that_was_there_before_annlab_is_kept(installed):
    packaged, folder, opened = installed
    folder.mkdir()
    (folder / "00_start_here.ipynb").write_bytes(b"somebody's")
    cli.main([])
    assert (folder / "00_start_here.ipynb").read_bytes() == b"somebody's"


@pytest.mark.parametrize("memory", [b"", b"\xff", b"[1, 2]", b'{"00_start_here.ipynb": 5}'])
def test_a_spoilt_memory_keeps_the_learners_files(installed, memory):
    packaged, folder, opened = installed
    cli.main([])
    (folder / ".annlab.json").write_bytes(memory)
    (folder / "00_start_here.ipynb").write_bytes(b"my own work")
    assert cli.main([]) == 0
    assert (folder / "00_start_here.ipynb").read_bytes() == b"my own work"


def test_a_deleted_lesson_comes_back(installed):
    packaged, folder, opened = installed
    cli.main([])
    (folder / "00_start_here.ipynb").unlink()
    cli.main([])
    assert (folder / "00_start_here.ipynb").read_bytes() == b"start 1"


def test_fresh_puts_untouched_copies_beside_the_learners_file(installed):
    packaged, folder, opened = installed
    cli.main([])
    (folder / "12_many_classes.ipynb").write_bytes(b"my own work")
    cli.main(["--fresh", "12"])
    cli.main(["--fresh", "12_many_classes.ipynb"])
    assert (folder / "12_many_classes.ipynb").read_bytes() == b"my own work"
    assert (folder / "12_many_classes-fresh.ipynb").read_bytes() == b"classes 1"
    assert (folder / "12_many_classes-fresh-2.ipynb").read_bytes() == b"classes 1"
    assert [what[1] for what in opened] == ["00_start_here", "12_many_classes-fresh", "12_many_classes-fresh-2"]


def test_a_translated_lesson_is_meant_by_the_folder_of_its_language(installed, capsys):
    packaged, folder, opened = installed
    (packaged / "02_one_neuron.ipynb").write_bytes(b"neuron 1")
    (packaged / "de").mkdir()
    (packaged / "de" / "02_one_neuron.ipynb").write_bytes(b"Neuron 1")
    for name in ("de/02", "de/2", "de/02_one_neuron.ipynb", str(folder / "de" / "02_one_neuron")):
        assert cli.main([name]) == 0
        assert opened.pop() == (folder, "de/02_one_neuron", True, None)
    assert cli.main(["--fresh", "de/02"]) == 0
    assert opened.pop()[1] == "de/02_one_neuron-fresh"
    assert (folder / "de" / "02_one_neuron-fresh.ipynb").read_bytes() == b"Neuron 1"
    assert cli.main([str(folder / "02_one_neuron.ipynb")]) == 0
    assert opened.pop()[1] == "02_one_neuron"
    for name in ("fr/02", "de/12"):
        assert cli.main([name]) == 2
        assert f"There is no lesson {name!r}." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["\u00b2", "9" * 5000, "", "-", "lessons/", "12.5", "../../12_many"])
def test_no_name_is_too_strange_for_an_answer(installed, capsys, name):
    assert cli.main(["--fresh", name]) == (2 if name else 0)


def test_started_inside_the_learners_folder_it_makes_no_second_one(installed, monkeypatch):
    packaged, folder, opened = installed
    cli.main([])
    monkeypatch.chdir(folder)
    cli.main([])
    assert opened[-1][0] == folder
    assert not (folder / "annlab-lessons").exists()


def test_folders_of_a_lesson_are_laid_down_too(installed):
    packaged, folder, opened = installed
    (packaged / "data").mkdir()
    (packaged / "data" / "points.csv").write_bytes(b"1,2\n")
    cli.main([])
    assert (folder / "data" / "points.csv").read_bytes() == b"1,2\n"


def test_no_half_written_file_is_left(installed):
    packaged, folder, opened = installed
    cli.main([])
    assert sorted(path.name for path in folder.iterdir()) == [
        ".annlab.json",
        "00_start_here.ipynb",
        "12_many_classes.ipynb",
    ]


def test_a_file_where_the_folder_should_be_is_said_plainly(installed, capsys):
    packaged, folder, opened = installed
    folder.write_bytes(b"a file")
    assert cli.main([]) == 2
    assert "Cannot write the lessons" in capsys.readouterr().err
    assert folder.read_bytes() == b"a file"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("12_many_clases", "12_many_classes"),
        ("many_classes", "12_many_classes"),
        ("start", "00_start_here"),
        ("docter", "doctor"),
    ],
)
def test_an_unknown_lesson_is_answered_with_the_nearest(installed, capsys, asked, meant):
    packaged, folder, opened = installed
    assert cli.main([asked]) == 2
    said = capsys.readouterr().err
    assert f"There is no lesson {asked!r}. Did you mean {meant!r}?" in said
    assert "00_start_here, 12_many_classes" in said
    assert not folder.exists()


def test_a_name_like_nothing_gets_the_list_without_a_guess(installed, capsys):
    assert cli.main(["--fresh", "99"]) == 2
    said = capsys.readouterr().err
    assert "Did you mean" not in said
    assert "00_start_here, 12_many_classes" in said


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eighty"])
def test_a_port_that_cannot_be(installed, capsys, port):
    with pytest.raises(SystemExit, match="2"):
        cli.main([f"--port={port}"])
    assert "expected a whole number from 1 to 65535" in capsys.readouterr().err


def test_an_installation_without_lessons_says_how_to_mend_it(installed, capsys):
    packaged, folder, opened = installed
    shutil.rmtree(packaged)
    assert cli.main([]) == 2
    assert "-m pip install --force-reinstall --no-deps annlab" in capsys.readouterr().err


def test_without_jupyterlab_it_names_the_command_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(cli.util, "find_spec", lambda name: None)
    with pytest.raises(cli.CommandError, match=r"-m pip install jupyterlab"):
        cli.open_jupyterlab(tmp_path, "00_start_here", True, None)


# --------------------------------------------------------------------------- in a checkout


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with one lesson, committed; annlab is imported from it."""
    root = tmp_path / "checkout"
    (root / "lessons").mkdir(parents=True)
    (root / "annlab").mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "annlab"\n', encoding="utf-8")
    (root / "lessons" / "00_start_here.ipynb").write_bytes(b"start 1")
    away = tmp_path / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    monkeypatch.setattr(cli, "__file__", str(root / "annlab" / "cli.py"))
    monkeypatch.setattr(cli, "open_jupyterlab", lambda *what: 0)
    return root


def commit(root: Path) -> None:
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for step in (["init", "--quiet"], ["add", "lessons"], ["commit", "--quiet", "-m", "lessons"]):
        subprocess.run([*git, *step], check=True)


def test_a_checkout_opens_its_own_lessons_and_copies_nothing(checkout, tmp_path):
    assert cli.prepare(None, None) == (checkout / "lessons", "00_start_here")
    assert list((tmp_path / "away").iterdir()) == []


def test_a_checkout_is_found_in_the_current_folder_too(checkout, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "site-packages" / "annlab" / "cli.py"))
    monkeypatch.chdir(checkout)
    assert cli.prepare(None, None) == (checkout / "lessons", "00_start_here")


def test_another_projects_lessons_are_not_ours(checkout):
    (checkout / "pyproject.toml").write_text('[project]\nname = "guitar"\n', encoding="utf-8")
    assert cli.find_checkout(checkout) is None


def test_fresh_in_a_checkout_is_what_git_has(checkout):
    commit(checkout)
    (checkout / "lessons" / "00_start_here.ipynb").write_bytes(b"tried things")
    assert cli.prepare("0", None) == (checkout / "lessons", "00_start_here-fresh")
    assert (checkout / "lessons" / "00_start_here-fresh.ipynb").read_bytes() == b"start 1"
    assert (checkout / "lessons" / "00_start_here.ipynb").read_bytes() == b"tried things"


def test_fresh_in_an_unpacked_archive_says_that_git_is_needed(checkout, capsys):
    assert cli.main(["--fresh", "00"]) == 2
    assert "comes from git" in capsys.readouterr().err


# --------------------------------------------------------------------------- doctor


def test_doctor_finds_this_environment_well(capsys):
    # The environment of the tests has everything: pip install -e ".[test]".
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    for name in ("python", "annlab", "numpy", "matplotlib", "ipywidgets", "anywidget", "tqdm", "jupyterlab"):
        assert f"\n{name} " in f"\n{said}"
    assert "All is well" in said


def test_doctor_names_what_is_missing_and_the_command(monkeypatch, capsys):
    real = cli.installed
    monkeypatch.setattr(cli, "installed", lambda name: {"jupyterlab": "", "tqdm": "1.0"}.get(name, real(name)))
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "jupyterlab    not installed" in said
    assert "tqdm          1.0 is too old" in said
    command = said.split("Mend it with:")[1].strip()
    assert command.startswith(sys.executable)
    assert '"tqdm>=' in command
    assert '"jupyterlab>=' in command
    assert "numpy" not in command


def test_doctor_does_not_mind_missing_peers(monkeypatch, capsys):
    real = cli.installed
    monkeypatch.setattr(cli, "installed", lambda name: "" if name in ("keras", "torch") else real(name))
    assert cli.main(["doctor"]) == 0
    assert "keras         not installed (optional, for comparisons)" in capsys.readouterr().out


def test_versions_compare_as_numbers():
    assert cli.numbers("4.10.1") > cli.numbers("4.9")
    assert cli.numbers("2") <= cli.numbers("2.0.0rc1")
    assert cli.numbers("2.13.0+cpu") == (2, 13, 0)


# --------------------------------------------------------------------------- a real start


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, log: Path, seconds: float = 90) -> str:
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        try:
            return urllib.request.urlopen(url, timeout=10).read().decode()
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer, exit code {process.poll()}:\n{log.read_text(encoding='utf-8')}")


def test_the_command_really_starts_jupyterlab(tmp_path):
    port = free_port()
    environment = os.environ | {"JUPYTER_TOKEN": "secret", "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-m", "annlab", "--no-browser", "--port", str(port)]
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
    try:
        page = wait_for(f"http://127.0.0.1:{port}/lab?token=secret", process, log)
        settings = "lab/api/settings/@jupyterlab/apputils-extension:notification"
        news = json.loads(wait_for(f"http://127.0.0.1:{port}/{settings}?token=secret", process, log))
        listing = wait_for(f"http://127.0.0.1:{port}/api/contents?token=secret", process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert "JupyterLab" in page
    # No question about news in a learner's first minute, and nothing asked of the network.
    assert news["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert news["schema"]["properties"]["checkForUpdates"]["default"] is False
    assert "00_start_here.ipynb" in listing
    assert f"http://localhost:{port}/lab/tree/00_start_here.ipynb" in log.read_text(encoding="utf-8")
