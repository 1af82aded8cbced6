"""Run every lesson and store what it shows, so that a notebook can be read where no kernel runs.

    python -m annlab.lessons build            run all lessons and store their outputs
    python -m annlab.lessons build 12_many    only those whose name begins so
    python -m annlab.lessons check            which lessons were changed since they were built?
    python -m annlab.lessons student FOLDER   write the edition for learners, without answers

For who writes lessons, and for teachers; it works in a checkout and needs the test packages and a Chromium browser.
"""

import argparse
import base64
import hashlib
import html
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LESSONS = Path(__file__).resolve().parent.parent / "lessons"
if not LESSONS.is_dir():  # installed from a wheel
    LESSONS = Path(__file__).resolve().parent / "_lessons"

SVG, PNG, VIEW = "image/svg+xml", "image/png", "application/vnd.jupyter.widget-view+json"
LARGEST_PNG = 40_000  # bytes
CELL_SECONDS = 120


def find(names: Sequence[str] = ()) -> list[Path]:
    """The lessons whose names begin with one of ``names``, or all; ValueError where a name fits none.

    A translated lesson lies in a folder of its language, and is named with it: ``de/02``.
    """
    every = {path.name: path for path in sorted(LESSONS.glob("[0-9][0-9]_*.ipynb"))}
    known = every | {f"{path.parent.name}/{path.name}": path for path in translations()}
    for name in names:
        if not any(each.startswith(name) for each in known):
            raise ValueError(
                f"no lesson in {LESSONS} begins with {name!r}; there are {[name_of(path) for path in known.values()]}"
            )
    return [path for name, path in known.items() if name.startswith(tuple(names))] if names else list(every.values())


def translations() -> list[Path]:
    """The lessons in other languages, each in the folder of its language."""
    return sorted(path for path in LESSONS.glob("[a-z][a-z]/[0-9][0-9]_*.ipynb"))


def name_of(path: Path) -> str:
    """What ``find`` knows a lesson by: ``02_one_neuron``, or ``de/02_one_neuron``."""
    return path.stem if path.parent == LESSONS else f"{path.parent.name}/{path.stem}"


def read(path: Path) -> Any:
    """A notebook, in the newest form."""
    import nbformat

    return nbformat.read(path, as_version=4)


def write(notebook: Any, path: Path) -> None:
    """Write a notebook the same way everywhere: sorted keys, one line end, one newline at the end."""
    import nbformat

    text = nbformat.writes(notebook, version=4)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def execute(notebook: Any, progress: str) -> Any:
    """Run a notebook from top to bottom in a fresh kernel, with its progress file in the folder ``progress``."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(LESSONS)}},
    )
    client.execute(env={**os.environ, "ANNLAB_PROGRESS": progress, "PYTHONHASHSEED": "0"})
    return notebook


def build(path: Path, draw: Any) -> bool:
    """Run one lesson and store its outputs; ``draw(svg)`` makes a PNG. Says whether the file changed."""
    before = path.read_bytes(), _bytes(_title_picture(path))
    stored = _stored_pngs(read(path))
    notebook = read(path)
    with tempfile.TemporaryDirectory(prefix="annlab-progress-", ignore_cleanup_errors=True) as progress:
        execute(notebook, progress)
    _clean(notebook)
    for output in _outputs(notebook):
        _make_still(output, stored, draw)
    if png := _first_png(notebook):
        _title_picture(path).parent.mkdir(exist_ok=True)
        _title_picture(path).write_bytes(png)
    notebook.metadata["annlab"] = {"source": source_hash(notebook)}
    write(notebook, path)
    return (path.read_bytes(), _bytes(_title_picture(path))) != before


def stale(path: Path) -> list[str]:
    """Why this lesson has to be built again: its cells, or a stored picture, are not those of its last build."""
    notebook = read(path)
    reasons = []
    if notebook.metadata.get("annlab", {}).get("source") != source_hash(notebook):
        reasons.append("its cells were changed")
    for output in _outputs(notebook):
        data = output.get("data", {})
        if VIEW in data:
            reasons.append("it was run and saved by hand")
        if SVG in data and (PNG not in data or output.metadata.get("annlab", {}).get("svg") != svg_hash(data[SVG])):
            reasons.append("a picture was changed and its PNG was not")
    if _first_png(notebook) != _bytes(_title_picture(path)):
        reasons.append("the picture beside its title is not its first one")
    return list(dict.fromkeys(reasons))


def source_hash(notebook: Any) -> str:
    """A short sum over the cells' kinds and texts, not over what they gave."""
    return _hash("\0".join(f"{cell.cell_type}\0{cell.source}" for cell in notebook.cells))


def svg_hash(svg: str) -> str:
    """A short sum over a picture."""
    return _hash(svg)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _outputs(notebook: Any) -> Iterator[Any]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def _stored_pngs(notebook: Any) -> dict[str, str]:
    """The PNGs that are stored already, by the sum of their SVG: an unchanged picture is not drawn again."""
    pairs = ((output.get("metadata", {}).get("annlab", {}).get("svg"), output) for output in _outputs(notebook))
    return {key: output["data"][PNG] for key, output in pairs if key and PNG in output.get("data", {})}


def _clean(notebook: Any) -> None:
    """Take away all that differs from run to run or from machine to machine and says nothing to a reader."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output["metadata"] = {}


def _make_still(output: Any, stored: dict[str, str], draw: Any) -> None:
    """Put what a reader without a kernel sees in the place of a widget."""
    data = output.get("data", {})
    if SVG in data:
        key = svg_hash(data[SVG])
        data[PNG] = stored.get(key) or draw(data[SVG])
        words = " ".join(re.findall(r"<(?:title|desc)>([^<]+)</", data[SVG]))
        output["metadata"] = {"annlab": {"svg": key}, PNG: {"alt": html.unescape(words)}}
        if width := re.search(r'<svg[^>]* width="(\d+)', data[SVG]):  # the PNG has more points than that, to be sharp
            output["metadata"][PNG]["width"] = int(width[1])
    elif PNG in data:
        data[PNG] = _as_text(_small(base64.b64decode(data[PNG])))
    if VIEW in data:
        if SVG not in data and "text/html" not in data:
            raise ValueError(f"a widget has no still for a page without a kernel: {data.get('text/plain')}")
        del data[VIEW]


def _title_picture(path: Path) -> Path:
    """The file that the first cell of a lesson shows: its first picture, the still of a lab."""
    return path.parent / "pictures" / f"{path.stem}.png"


def _first_png(notebook: Any) -> bytes | None:
    pngs = (output["data"][PNG] for output in _outputs(notebook) if PNG in output.get("data", {}))
    first = next(pngs, None)
    return None if first is None else base64.b64decode(first)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@contextmanager
def _browser() -> Iterator[Any]:
    """A function that draws SVG as PNG, as a browser shows it; the browser starts with the first picture."""
    from playwright.sync_api import sync_playwright

    known = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in known if (found := shutil.which(name))), None)
    page: Any = None
    with sync_playwright() as playwright:

        def draw(svg: str) -> str:
            nonlocal page
            if page is None:
                browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
                page = browser.new_page(device_scale_factor=2)
            page.set_content(f'<body style="margin:0"><div style="width:max-content">{svg}</div></body>')
            return _as_text(_small(page.locator("svg").first.screenshot()))

        yield draw


def _small(png: bytes) -> bytes:
    """The picture with as few colours, and then as few points, as it takes to stay below 40 KB."""
    from PIL import Image

    if len(png) <= LARGEST_PNG:
        return png
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for scale in (1.0, 0.75, 0.5, 0.375, 0.25):
        for colours in (128, 48):
            size = round(picture.width * scale), round(picture.height * scale)
            small = io.BytesIO()
            few = picture.resize(size, Image.Resampling.LANCZOS).quantize(
                colours, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
            )  # by coverage: a thin orange line keeps its colour beside any number of blues
            few.save(small, "PNG", optimize=True)
            if small.tell() <= LARGEST_PNG:
                return small.getvalue()
    raise ValueError(f"a picture of {len(png)} bytes could not be brought below {LARGEST_PNG}")


def _as_text(png: bytes) -> str:
    return base64.b64encode(png).decode("ascii")


def _student(names: Sequence[str]) -> int:
    from . import student

    if len(names) != 1:
        raise ValueError("name one folder: python -m annlab.lessons student FOLDER")
    edition = student.make(Path(names[0]))
    print(f"{len(edition.lessons)} lessons and {edition.exercises} exercises without solutions: {edition.folder}")
    print("What it keeps from a learner and what it cannot: lessons/teachers/student_edition.md")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m annlab.lessons", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=["build", "check", "student"])
    parser.add_argument("names", nargs="*", help="beginnings of lessons' names, none means all; or the folder to write")
    options = parser.parse_args(arguments)
    try:
        if options.what == "student":
            return _student(options.names)
        paths = find(options.names) + ([] if options.names else translations())
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.what == "check":
        found = [(name_of(path), reasons) for path in paths if (reasons := stale(path))]
        for name, reasons in found:
            print(f"{name}: {', '.join(reasons)}. Run python -m annlab.lessons build {name}")
        return 1 if found else 0
    with _browser() as draw:
        for path in paths:
            print(f"{name_of(path)}: {'changed' if build(path, draw) else 'as it was'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
