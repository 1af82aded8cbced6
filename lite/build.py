"""Build the site in which the lessons run in the learner's own browser, with no server behind it.

    python lite/build.py                     into lite/site; Python itself (Pyodide) comes from its public address
    python lite/build.py --self-contained    everything in the site; no page asks any other machine for anything
    python lite/build.py --pin               take the versions of another Pyodide (the constant PYODIDE below)

Each build is a clean one. It needs ``pip install -e ".[lite]"``; with node and npm it also translates Python's text to
bytecode beforehand, which is most of what makes the site start quickly. README.md beside this file tells the rest.
"""

import argparse
import csv
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LITE = ROOT / "lite"
LOCK = LITE / "pyodide-lock.json"  # of Pyodide's packages those that the lessons need, with their sums
PURE = LITE / "requirements.txt"  # the packages that are Python alone, each in one exact version

PYODIDE = "314.0.3"
# A distribution that carries Pyodide's own wheels of numpy and matplotlib, byte for byte: their sums are in LOCK.
CARRIER, CARRIED = "open-webui==0.12.4", "open_webui/frontend/pyodide/"
STARTUP = "annlab_startup.py"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")

# What matplotlib names and does not need to draw in a notebook.
SPARED = {"fonttools", "pytz"}
# Loaded with the first cell that needs them; every other package is there from the start.
LATER = {"matplotlib", "contourpy", "cycler", "kiwisolver", "pillow", "pyparsing", "python-dateutil"}
# Parts of packages that no lesson ever reads.
LEFT_OUT = re.compile(
    r"\.data/|/tests?/|^annlab/_lessons/|^annlab/(cli|lessons|testing)\.py|^annlab/jupyter/|^jedi/third_party/django"
    r"|^jedi/third_party/typeshed/third_party/|^IPython/sphinxext/|^numpy/.*\.(pyi|h|a|pxd)$|^numpy/f2py/"
    r"|^pygments/(lexers/(?!__init__|_mapping|python|data|special)|formatters/(img|svg|rtf|latex))"
    r"|/mpl-data/(sample_data|fonts/(afm|pdfcorefonts)|images)/"
)


class BuildError(Exception):
    """Something is missing; the text says what, and what to do about it."""


# --------------------------------------------------------------------------- the parts


def cache() -> Path:
    """Where parts that were fetched are kept for the next build, outside the repository."""
    if named := os.environ.get("ANNLAB_LITE_CACHE"):
        return Path(named).resolve()
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "annlab-lite"


def run(*command: str | Path, missing: str, cwd: Path | None = None) -> None:
    """Run a command; where it fails, the error says in ``missing`` what is not to be had, and shows its last lines."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors="replace", cwd=cwd)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise BuildError(f"{missing}\n\n{said}")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def key(name: str) -> str:
    """A distribution's name as everybody spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(wheel: Path) -> str:
    return key(wheel.name.split("-")[0])


def read_lock(path: Path) -> dict[str, Any]:
    lock = json.loads(path.read_text(encoding="utf-8"))
    lock["packages"] = {key(name): package for name, package in lock["packages"].items()}
    return lock


def fetch_core() -> Path:
    """The folder with Pyodide itself, from the package of its name for node."""
    folder = cache() / f"pyodide-{PYODIDE}"
    if all((folder / name).is_file() for name in CORE):
        return folder
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise BuildError("Pyodide comes as a package for node, and node and npm are not both here. Install Node.js 20.")
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as scratch:
        pack = [npm, "pack", f"pyodide@{PYODIDE}", "--silent", "--pack-destination", scratch]
        run(*pack, missing=f"npm could not fetch pyodide {PYODIDE}. Is this machine connected?")
        with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
            archive.extractall(scratch, filter="data")
        folder.mkdir(exist_ok=True)
        for name in CORE:
            shutil.copyfile(Path(scratch, "package", name), folder / name)
    return folder


def fetch_compiled(lock: dict[str, Any], core: Path) -> list[Path]:
    """The wheels of numpy, matplotlib and what these need, each with exactly the sum that Pyodide's own lock has."""
    theirs = read_lock(core / "pyodide-lock.json")["packages"]
    folder = cache() / f"wheels-{PYODIDE}"
    folder.mkdir(parents=True, exist_ok=True)
    wheels = [folder / package["file_name"] for package in lock["packages"].values()]
    if not all(wheel.is_file() for wheel in wheels):
        with tempfile.TemporaryDirectory(dir=cache()) as scratch:
            missing = f"pip could not fetch {CARRIER}, which carries Pyodide's numpy. Is this machine connected?"
            pip("download", "--no-deps", "--only-binary", ":all:", "--dest", scratch, CARRIER, missing=missing)
            with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as carrier:
                for wheel in wheels:
                    wheel.write_bytes(carrier.read(CARRIED + wheel.name))
    for name, package in lock["packages"].items():
        wheel = folder / package["file_name"]
        if not digest(wheel.read_bytes()) == package["sha256"] == theirs[name]["sha256"]:
            wheel.unlink()
            raise BuildError(f"{wheel.name} is not the file that Pyodide {PYODIDE} names: its sum differs.")
    return wheels


def fetch_pure() -> list[Path]:
    """The wheels of the packages that are Python alone, as requirements.txt has them."""
    wanted = [line for line in PURE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    folder = cache() / f"pure-{digest(PURE.read_bytes())[:12]}"
    if len(list(folder.glob("*.whl"))) < len(wanted):
        anywhere = ["--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", "3.14"]
        options = ["--no-deps", "--only-binary", ":all:", *anywhere, "--dest", str(folder)]
        missing = "pip could not fetch the packages in lite/requirements.txt. Is this machine connected?"
        pip("download", *options, *wanted, missing=missing)
    return sorted(folder.glob("*.whl"))


def pip(*arguments: str, missing: str) -> None:
    run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments, missing=missing)


def own_wheel(folder: Path) -> Path:
    """A wheel of annlab as it stands here."""
    options = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    missing = "The wheel of annlab could not be built."
    pip("wheel", "--no-deps", *options, "--wheel-dir", str(folder), str(ROOT), missing=missing)
    return next(folder.glob("annlab-*.whl"))


def kernel_extension() -> Path:
    """JupyterLite's Python kernel: a folder for the page, with a few small wheels inside."""
    folder = Path(sys.prefix, "share", "jupyter", "labextensions", "@jupyterlite", "pyodide-kernel-extension")
    if importlib.util.find_spec("jupyterlite_core") is None or not folder.is_dir():
        command = 'pip install -e ".[lite]"'
        raise BuildError(f"JupyterLite is not installed in this environment. Install it with:\n\n    {command}")
    return folder


# --------------------------------------------------------------------------- translating Python beforehand


def unpack(wheels: Iterable[Path], into: Path) -> None:
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if not LEFT_OUT.search(name) and not name.endswith("/RECORD"):
                    archive.extract(name, into / wheel.name)


def translate(core: Path, folder: Path, *, beside: bool) -> None:
    """Have Pyodide's own Python write the bytecode of every .py file in ``folder``: no other Python's would fit."""
    node = shutil.which("node")
    if node is None:
        raise BuildError("Node.js is not here; it runs the Python that writes the bytecode.")
    way = "beside" if beside else "cache"
    run(node, LITE / "translate.mjs", core, folder, way, missing="Pyodide's Python could not write the bytecode.")


def pack(folder: Path, target: Path) -> None:
    """Zip a folder, as a wheel with its list of files where it is one; the same bytes for the same files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    if target.suffix == ".whl":
        info = next(name.split("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        writer.writerows([name, "", len(content)] for name, content in names.items())
        writer.writerow([f"{info}/RECORD", "", ""])
        names[f"{info}/RECORD"] = rows.getvalue().encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in names.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)


def entry(wheel: Path, imports: Iterable[str] = (), depends: Iterable[str] = ()) -> dict[str, Any]:
    """What Pyodide's lock says of one package."""
    return {
        "name": name_of(wheel),
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": digest(wheel.read_bytes()),
        "package_type": "package",
        "imports": sorted(imports),
        "depends": sorted(depends),
        "unvendored_tests": False,
    }


def furnish(static: Path, core: Path | None, self_contained: bool, scratch: Path, extension: Path) -> None:
    """Put Python's packages, with their lock, into the folder ``static`` of the site."""
    from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_VERSION

    static.mkdir(parents=True)
    elsewhere = PYODIDE_CDN_URL.replace(PYODIDE_VERSION, PYODIDE)
    lock = read_lock(LOCK)
    mocks = [
        wheel for wheel in extension.glob("static/pypi/*.whl") if not wheel.name.startswith("widgetsnbextension-3")
    ]
    pure = [wheel for wheel in fetch_pure() if name_of(wheel) != "jupyterlab-widgets"]  # that one is for the page alone
    wheels = [*pure, *mocks, own_wheel(scratch)]
    if self_contained:
        assert core is not None
        wheels += fetch_compiled(lock, core)
        for name in CORE[:3]:
            shutil.copyfile(core / name, static / name)
    unpacked, library = scratch / "wheels", scratch / "library"
    unpack(wheels, unpacked)
    own = next(unpacked.glob("annlab-*.whl"))
    shutil.copyfile(LITE / "startup.py", own / STARTUP)
    if core is not None:
        translate(core, unpacked, beside=False)
        with zipfile.ZipFile(core / "python_stdlib.zip") as archive:
            archive.extractall(library)
        translate(core, library, beside=True)
        for source in library.rglob("*.py"):
            if source.with_suffix(".pyc").is_file():
                source.unlink()
        pack(library, static / "python_stdlib.zip")
    packages = {}
    for name, package in lock["packages"].items():
        depends = [needed for needed in package["depends"] if key(needed) not in SPARED]
        packages[name] = {**package, "depends": depends, "file_name": f"{elsewhere}/{package['file_name']}"}
    for wheel in wheels:
        pack(unpacked / wheel.name, static / wheel.name)
        known = packages.get(name_of(wheel), {})
        made = entry(static / wheel.name, known.get("imports", ()), known.get("depends", ()))
        packages[name_of(wheel)] = made
    text = json.dumps({"info": lock["info"], "packages": packages}, indent=1, sort_keys=True)
    (static / "pyodide-lock.json").write_text(text + "\n", encoding="utf-8")


# --------------------------------------------------------------------------- the site


def settings(static: Path, self_contained: bool) -> dict[str, Any]:
    """The site's jupyter-lite.json: where Python is, and what is loaded when it starts."""
    from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL, PYODIDE_VERSION

    here = f"./{static.name}/"
    packages = json.loads((static / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    options: dict[str, Any] = {
        "lockFileURL": f"{here}pyodide-lock.json",
        "packages": sorted(set(packages) - LATER - SPARED),
        "env": {"HOME": "/home/pyodide", "PYTHONSTARTUP": f"/lib/python3.14/site-packages/{STARTUP}"},
    }
    if (static / "python_stdlib.zip").is_file():
        options["stdLibURL"] = f"{here}python_stdlib.zip"
    away = f"{PYODIDE_CDN_URL.replace(PYODIDE_VERSION, PYODIDE)}/"
    kernel = {
        "pyodideUrl": f"{here if self_contained else away}pyodide.mjs",
        "disablePyPIFallback": self_contained,
        "loadPyodideOptions": options,
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "annlab lessons",
            "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel},
        },
    }


def lay_out(folder: Path) -> None:
    """The learner's files: each language's lessons and pictures. The teachers' pages stay away, with the answers."""
    lessons = ROOT / "lessons"
    for home in (lessons, *sorted(lessons.glob("[a-z][a-z]"))):
        place = folder / home.relative_to(lessons)
        place.mkdir()
        for lesson in sorted(home.glob("[0-9][0-9]_*.ipynb")):
            if "-fresh" not in lesson.name:
                shutil.copyfile(lesson, place / lesson.name)
        shutil.copytree(home / "pictures", place / "pictures")
    text = (lessons / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"\[([^]]+)\]\(teachers/[^)]*\)", r"\1", text)
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def build(output: Path, self_contained: bool = False) -> None:
    """Build the whole site into ``output``, which is emptied first."""
    if output.exists() and not (output / "jupyter-lite.json").is_file() and any(output.iterdir()):
        raise BuildError(f"{output} holds something that is not a site of this kind: choose another folder.")
    extension = kernel_extension()
    try:
        core = fetch_core()
    except BuildError as trouble:
        if self_contained:
            raise
        core = None
        print(f"{trouble}\nGoing on without: the site will be whole, and start more slowly.\n", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="annlab-lite-", ignore_cleanup_errors=True) as name:
        scratch = Path(name).resolve()
        static = scratch / "python"
        furnish(static, core, self_contained, scratch, extension)
        lay_out(scratch / "contents")
        (scratch / "jupyter-lite.json").write_text(json.dumps(settings(static, self_contained)), encoding="utf-8")
        shutil.copyfile(LITE / "overrides.json", scratch / "overrides.json")
        widgets = [wheel for wheel in fetch_pure() if name_of(wheel) in ("anywidget", "jupyterlab-widgets")]
        config = {
            "apps": ["lab", "notebooks"],
            "contents": ["contents"],
            "federated_extensions": [str(path) for path in (extension, *widgets)],
            "ignore_sys_prefix": True,
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "output_dir": str(scratch / "site"),
            "cache_dir": str(scratch / "cache"),
        }
        (scratch / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}), encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(scratch)]
        # In a folder of its own: JupyterLite leaves there what it did, and another build would believe it done.
        run(*command, missing="JupyterLite could not build the site.", cwd=scratch)
        shutil.move(static, scratch / "site" / static.name)
        if output.exists():
            shutil.rmtree(output)
        shutil.move(scratch / "site", output)


def pin() -> None:
    """Write pyodide-lock.json and requirements.txt anew, for the Pyodide named above."""
    theirs = read_lock(fetch_core() / "pyodide-lock.json")

    def closure(*names: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        waiting = [key(name) for name in names]
        while waiting:
            if (name := waiting.pop()) not in found and name not in SPARED:
                found[name] = theirs["packages"][name]
                waiting += [key(needed) for needed in found[name]["depends"]]
        return dict(sorted(found.items()))

    compiled = closure("numpy", "matplotlib", "micropip")
    text = json.dumps({"info": theirs["info"], "packages": compiled}, indent=1, sort_keys=True)
    LOCK.write_text(text + "\n", encoding="utf-8")
    pure = {name: package["version"] for name, package in closure("ipython", "jedi", "tqdm").items()}
    named = ["anywidget", "comm", "ipywidgets", "jupyterlab_widgets", "psygnal", "typing_extensions"]
    pure |= {key(name): importlib.metadata.version(name) for name in named}
    lines = [f"{name}=={version}" for name, version in sorted(pure.items()) if name not in compiled]
    head = "# What a lesson needs in the browser beside Pyodide's own wheels, made by build.py --pin.\n"
    PURE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="lite/build.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--self-contained", action="store_true", help="put Python itself into the site as well")
    parser.add_argument("--output", type=Path, default=LITE / "site", help="the folder of the site (lite/site)")
    parser.add_argument("--pin", action="store_true", help="renew the exact versions, for another Pyodide")
    options = parser.parse_args(arguments)
    try:
        if options.pin:
            pin()
            return 0
        build(options.output.resolve(), options.self_contained)
    except BuildError as error:
        print(f"lite/build.py: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in options.output.rglob("*") if path.is_file())
    print(f"The site is in {options.output} ({size / 1e6:.0f} MB). To look at it:\n")
    print(f"    python -m http.server --bind 127.0.0.1 --directory {options.output} 8000")
    print("\nand open http://127.0.0.1:8000/lab/index.html?path=00_start_here.ipynb")
    return 0


if __name__ == "__main__":
    sys.exit(main())
