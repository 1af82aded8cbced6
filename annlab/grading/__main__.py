"""The command ``python -m annlab.grading``."""

import argparse
import io
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __doc__ as overview


def _points(text: str) -> tuple[str, float]:
    name, equals, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 < value < math.inf or (equals and not name):
        raise argparse.ArgumentTypeError(f"expected points such as 2, or neuron=3 for one exercise; got {text!r}")
    return name, value


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 up; got {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m annlab.grading", description=(overview or "").partition("\n")[0], allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("assignment", help="write an nbgrader assignment from the exercises of a lesson")
    one.add_argument("course", type=Path, help="the folder of the course; made if it is not there")
    one.add_argument("lesson", help="the beginning of the lesson's name, such as 02")
    one.add_argument("--variants", type=Path, metavar="FILE", help="a Python file with exercises of your own")
    one.add_argument("--only", nargs="+", default=[], metavar="NAME", help="take these exercises and no others")
    one.add_argument(
        "--points", nargs="+", type=_points, default=[], metavar="N", help="2 for each exercise, or neuron=3 for one"
    )
    one.add_argument("--seed", type=_seed, metavar="N", help="draw the hidden cases from this number")
    two = commands.add_parser("histogram", help="count the predictions and quiz answers in collected progress files")
    two.add_argument("folder", type=Path, help="where the progress files are, in folders of any depth")
    two.add_argument("--to", type=Path, metavar="FILE", help="the page to write (histogram.html in that folder)")
    options = parser.parse_args(arguments)
    try:
        return _assignment(options) if options.command == "assignment" else _histogram(options)
    except (OSError, ValueError) as error:
        print(f"annlab.grading: {error}", file=sys.stderr)
        return 2


def _assignment(options: argparse.Namespace) -> int:
    try:
        import nbgrader  # type: ignore # noqa: F401
    except ModuleNotFoundError:
        raise ValueError('nbgrader is not installed. Install it with: pip install "annlab[grading]"') from None
    from .assignment import MARKER, make

    path = make(
        options.course,
        options.lesson,
        variants=options.variants,
        points=dict(options.points),
        only=options.only,
        seed=options.seed,
    )
    print(f"Written: {path}")
    config = options.course / MARKER
    if "annlab.grading.marking" not in config.read_text(encoding="utf-8"):
        print(f"{config} was there before and stays as it is. Without annlab's lines, which the page on grading names,")
        print("each test cell marks inside of the submission's own kernel, where a submission can cheat.")
    print(f"Next, in {options.course}: nbgrader generate_assignment {path.stem}")
    return 0


def _histogram(options: argparse.Namespace) -> int:
    from .histogram import collect, page, table

    found = collect(options.folder)
    target = options.to or options.folder / "histogram.html"
    target.write_text(page(found), encoding="utf-8", newline="\n")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a console that lacks a letter shows a question mark
        sys.stdout.reconfigure(errors="replace")
    print(f"{table(found)}\n\nWritten: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
