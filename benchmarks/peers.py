"""annlab beside its peers: one command, one table.

    pip install -e ".[peers]" jax tensorflow && python benchmarks/peers.py

Every contender trains in a process of its own; in each round all of them train once, in turn, so that a busy moment of
the machine meets all alike. A first, untimed training warms each one up (compilation, buffers). A contender that has
taken long for two timed trainings sits out the other rounds. What is not installed is left out and named.
Numbers of different machines do not compare; rows of one table do.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import util
from pathlib import Path
from typing import Any

from contenders import CONTENDERS
from workloads import AIMS, WORKS, Work

HERE = Path(__file__)
FRESH = 5  # how many fresh interpreters import time is measured in
ENOUGH = 2  # timed trainings that a slow contender needs
PATIENCE = 20.0  # seconds after which it counts as slow


# --------------------------------------------------------------------------- in the contender's process


def serve(name: str) -> None:
    """Answer orders from standard input, one JSON line each, until it ends."""
    contender = CONTENDERS[name][0]()
    print(json.dumps({"version": contender.version}), flush=True)
    works = {work.name: work for work in WORKS}
    prepared: dict[tuple[str, str], Any] = {}
    for line in sys.stdin:
        order, work, dtype = json.loads(line)
        if order == "forget":
            prepared.clear()
            answer: Any = None
        else:
            if (work, dtype) not in prepared:
                prepared[work, dtype] = contender.prepare(works[work], dtype)
            reset, train, ask = prepared[work, dtype]
            answer = train_once(reset, train) if order == "train" else ask_often(ask)
        print(json.dumps(answer), flush=True)


def train_once(reset: Any, train: Any) -> tuple[float, float]:
    """Seconds of one training, and the loss it ended with."""
    reset()
    start = time.perf_counter()
    loss = train()
    return time.perf_counter() - start, float(loss)


def ask_often(ask: Any, times: int = 200) -> tuple[float, float]:
    """Seconds for one answer, the fastest of five rounds, and a zero in the place of a loss."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            ask()
        rounds.append((time.perf_counter() - start) / times)
    return min(rounds), 0.0


# --------------------------------------------------------------------------- in the process that asks


class Worker:
    """A contender's process."""

    def __init__(self, name: str) -> None:
        command = [sys.executable, str(HERE), "--serve", name]
        plain = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
        self.name, self.log = name, tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=os.environ | plain
        )
        self.version = self.answer()["version"]

    def answer(self) -> Any:
        line = self.process.stdout.readline()  # type: ignore[union-attr]
        while line and line[0] not in '[{n"':  # a library that greets on standard output
            line = self.process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            self.log.seek(0)
            raise RuntimeError(f"{self.name} ended with {self.process.wait()}:\n{self.log.read()[-2000:]}")
        return json.loads(line)

    def ask(self, order: str, work: str = "", dtype: str = "") -> Any:
        self.process.stdin.write(json.dumps([order, work, dtype]) + "\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        return self.answer()

    def close(self) -> None:
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait()


def fresh_seconds(*arguments: str) -> float:
    """The fastest of several fresh interpreters, start and end included."""
    seconds = []
    for _ in range(FRESH):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def cold(name: str) -> float:
    """From nothing to the article's model trained: start, import, build, compile, 30 epochs."""
    start = time.perf_counter()
    worker = Worker(name)
    worker.ask("train", "W1", "float32")
    seconds = time.perf_counter() - start
    worker.close()
    return seconds


def show(seconds: list[float]) -> str:
    """Median and minimum, in milliseconds."""
    digits = 0 if min(seconds) > 0.1 else 1
    return f"{1000 * statistics.median(seconds):,.{digits}f} / {1000 * min(seconds):,.{digits}f}"


def machine() -> str:
    """What the numbers were measured on, as far as it can be known."""
    names = [platform.processor() or platform.machine()]
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")][:1] or names
    kernel = ""
    if util.find_spec("threadpoolctl"):
        import threadpoolctl

        kernel = ", ".join(
            f"{pool.get('architecture')}" for pool in threadpoolctl.threadpool_info() if pool.get("architecture")
        )
    return (
        f"{names[0]}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; BLAS: {kernel}"
    )


def table(
    chosen: list[str],
    works: list[Work],
    dtypes: list[str],
    times: dict[tuple[str, str, str], list[float]],
    asked: dict[tuple[str, str], float],
    imports: dict[str, float],
    colds: dict[str, float],
) -> str:
    """All seconds as one table in Markdown, a row for each contender and type."""
    lines = [
        f"{machine()}.",
        "",
        "Milliseconds, median / minimum; in brackets how many times as fast annlab is (by the medians, same type) and,",
        "in float32, the aim. `one` is a single example answered, in microseconds; `import` and `cold` are a fresh",
        "interpreter's import, and its whole way to a trained W1, in milliseconds.",
        "",
        "| | type | " + " | ".join(work.name for work in works) + " | one | import | cold |",
        "|---|---|" + "---|" * (len(works) + 3),
    ]
    for dtype in dtypes:
        for name in chosen:
            cells = []
            for work in works:
                own = times[name, dtype, work.name]
                cell = show(own)
                if name != "annlab" and "annlab" in chosen:
                    ratio = statistics.median(own) / statistics.median(times["annlab", dtype, work.name])
                    aim = AIMS.get(name, (None,) * 5)[WORKS.index(work)] if dtype == "float32" else None
                    goal = "" if aim is None else f", aim {aim:.2g}{'' if ratio >= aim else ' MISSED'}"
                    cell += f" ({ratio:.3g}x{goal})"
                cells.append(cell)
            cells.append(f"{1e6 * asked[name, dtype]:,.0f}" if (name, dtype) in asked else "")
            first = dtype == dtypes[0] and name in imports
            cells += [f"{1000 * imports[name]:,.0f}", f"{1000 * colds[name]:,.0f}"] if first else ["", ""]
            lines.append(f"| {name} | {dtype} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="annlab beside its peers: one table, in Markdown.")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--works", default=",".join(work.name for work in WORKS), help="for example W1,W3")
    parser.add_argument("--contenders", default=";".join(CONTENDERS), help='for example "annlab;PyTorch eager"')
    parser.add_argument("--dtypes", default="float32,float64")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-cold", action="store_true", help="leave out import time and cold start")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return

    chosen, left_out = [], []
    for name in options.contenders.split(";"):
        missing = [module for module in CONTENDERS[name][1] if util.find_spec(module) is None]
        if missing:
            left_out.append(f"{name} (no {', '.join(missing)})")
        else:
            chosen.append(name)
    works = [work for work in WORKS if work.name in options.works.split(",")]
    dtypes = options.dtypes.split(",")

    workers = [Worker(name) for name in chosen]
    times: dict[tuple[str, str, str], list[float]] = {}
    asked: dict[tuple[str, str], float] = {}
    for work in works:
        for dtype in dtypes:
            for turn in range(options.rounds + 1):
                for worker in workers:
                    had = times.get((worker.name, dtype, work.name), [])
                    if len(had) >= ENOUGH and sum(had) > PATIENCE:
                        continue
                    seconds, loss = worker.ask("train", work.name, dtype)
                    print(f"{work.name} {dtype} {worker.name}: {seconds:.4f} s, loss {loss:.4f}", file=sys.stderr)
                    if not loss < 5:
                        raise RuntimeError(f"{worker.name} did not learn {work.name}: loss {loss}")
                    if turn:  # the first warms up
                        times.setdefault((worker.name, dtype, work.name), []).append(seconds)
            if work.name == "W1":
                for worker in workers:
                    asked[worker.name, dtype] = worker.ask("ask", work.name, dtype)[0]
            for worker in workers:
                worker.ask("forget")
    versions = [f"{worker.name} {worker.version}" for worker in workers]
    for worker in workers:
        worker.close()

    bare = 0.0 if options.no_cold else fresh_seconds("-c", "pass")
    imports = {} if options.no_cold else {
        name: fresh_seconds("-c", f"import os; os.environ['KERAS_BACKEND'] = {CONTENDERS[name][1][-1]!r}; "
                                  f"import {CONTENDERS[name][1][0]}") - bare
        for name in chosen
    }  # fmt: skip
    colds = {} if options.no_cold else {name: min(cold(name) for _ in range(2)) for name in chosen}

    print(table(chosen, works, dtypes, times, asked, imports, colds))
    print("\n" + "\n".join(f"- {work.name}: {work.what}" for work in works))
    print(f"- Versions: {'; '.join(versions)}.")
    if left_out:
        print(f"- Left out, because not installed: {'; '.join(left_out)}.")


if __name__ == "__main__":
    main()
