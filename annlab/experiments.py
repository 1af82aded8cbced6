"""Many trainings side by side: which settings suit, and does the answer hold for other seeds too?

You write a function that builds a compiled network from settings; ``sweep`` trains one network for each combination of
them and hands back a table. With an ``executor`` the runs share processes, or the machines of a cluster.

    def build(units, learning_rate, seed):
        model = Sequential([Dense(units, "tanh", input_dim=2), Dense(1, "sigmoid")], seed=seed)
        model.compile(SGD(learning_rate), "binary_crossentropy", ["accuracy"])
        return model

    table = sweep(build, {"units": [2, 8], "learning_rate": [0.1, 1]}, x, y, seeds=range(3), validation_split=0.2)
    table.best("val_accuracy")
"""

import contextlib
import copy
import functools
import html
import inspect
import itertools
import math
import pickle
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, InvalidStateError, wait
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np

from . import checks
from .callbacks import EarlyStopping, progress_bar
from .metrics import METRICS
from .models import Divergence, Sequential

Build = Callable[..., Sequential]
FIT = set(inspect.signature(Sequential.fit).parameters) - {"self", "x", "y", "verbose"}
RESULTS = {"status", "loss", "error", *METRICS}  # columns that a setting may not be called after
SHOWN = 40  # rows that a table shows of itself


class Row(dict[str, Any]):
    """One run: its settings, ``status`` ("ok", "diverged" or "failed"), the last epoch's loss and metrics, and
    ``error``, the reason if there is one. The attribute ``history`` has a list for each of them, epoch by epoch."""

    history: dict[str, list[float]]


class Table(Sequence[Row]):
    """The results of a sweep, one row a run. ``table[0]`` is a row, ``table["loss"]`` a column, ``len`` counts runs."""

    def __init__(self, rows: Iterable[Row], planned: int | None = None):
        self._rows = list(rows)
        self.planned = len(self._rows) if planned is None else planned
        names = list(dict.fromkeys(name for row in self._rows for name in row if name != "error"))
        self.columns = [*names, "error"]
        for row in self._rows:
            for name in self.columns:
                row.setdefault(name, "" if name == "error" else None)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, which: int) -> Row: ...
    @overload
    def __getitem__(self, which: slice) -> "Table": ...
    @overload
    def __getitem__(self, which: str) -> list[Any]: ...
    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, str):
            checks.lookup("column", which, dict.fromkeys(self.columns))
            return [row[which] for row in self._rows]
        return Table(self._rows[which]) if isinstance(which, slice) else self._rows[which]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self._rows == other._rows

    def sort(self, by: str, descending: bool = False) -> "Table":
        """A new table, smallest first, or largest. Runs without that number come last."""
        values = self[by]
        known = [i for i, value in enumerate(values) if value is not None]
        known.sort(key=lambda i: values[i], reverse=descending)
        return Table([self[i] for i in [*known, *(i for i, value in enumerate(values) if value is None)]], self.planned)

    def best(self, by: str | None = None, mode: str = "auto") -> Row:
        """The row with the best ``by``: "val_loss" if it was measured, else "loss". ``mode`` as in EarlyStopping.

        Raises
        ------
        ValueError  if no run got so far, with the first reason; or for a column that is not there.
        """
        if not self._rows:
            raise ValueError("the table is empty: no run has ended")
        by = by or ("val_loss" if "val_loss" in self.columns else "loss")
        first = self.sort(by, descending=EarlyStopping(by, mode=mode).sign > 0)[0]
        if first[by] is None:
            raise ValueError(f"no run has a {by}. {next(filter(None, self['error']), '')}")
        return first

    def to_pandas(self) -> Any:
        """The same as a pandas DataFrame (where pandas is installed)."""
        try:
            import pandas  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise ImportError("to_pandas needs pandas; install it with: pip install pandas") from None
        return pandas.DataFrame([dict(row) for row in self], columns=self.columns)

    def _cells(self) -> tuple[list[list[str]], str]:
        """The rows to show, as text, under their names; and what is to be said of the others."""
        shown = self[:SHOWN]
        names = [name for name in self.columns if name != "error" or any(shown["error"])]
        cells = [names, *([_text(row[name]) for name in names] for row in shown)]
        more = f"... and {len(self) - SHOWN} more runs. " if len(self) > SHOWN else ""
        return cells, more + (f"Stopped after {len(self)} of {self.planned} runs." if len(self) < self.planned else "")

    def __repr__(self) -> str:
        cells, note = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(c.ljust(width) for c, width in zip(line, widths, strict=True)).rstrip() for line in cells]
        return "\n".join([*lines, *([note] if note else [])])

    def _repr_html_(self) -> str:
        (head, *body), note = self._cells()
        top = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
        rows = "".join(f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in line)}</tr>" for line in body)
        return f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>" + (note and f"<p>{note}</p>")


def _text(value: Any) -> str:
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


# --- the sweep ------------------------------------------------------------------------------------------------------


class _Job(NamedTuple):
    """What every run needs. It travels once; after that a run is a number."""

    build: Build
    x: Any
    y: Any
    plan: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]  # the row's settings, build's, fit's


def sweep(
    build: Build,
    grid: Mapping[str, Any],
    x: Any,
    y: Any,
    executor: Any = None,
    *,
    progress: bool = True,
    **options: Any,
) -> Table:
    """Train a network for every combination of settings and seeds; the results in a table, in the grid's order.

    Parameters
    ----------
    build     a function of settings that returns a compiled network. If it takes ``seed``, give that to Sequential
    grid      a list for each setting: ``{"units": [2, 8], "batch_size": [16, 64]}``. A setting goes to ``build``, or
              to ``fit`` if it is one of fit's (epochs, batch_size, validation_split ...); to both if both take it
    executor  any ``concurrent.futures.Executor``, such as ``ProcessPoolExecutor(4)``, or Dask's
              ``client.get_executor()`` for a cluster; None trains here, one after the other
    progress  whether to show a bar
    options   ``seeds`` (a list; [0] if build takes a seed), ``epochs`` (10), and whatever else ``fit`` takes, as
              ``validation_data=(x, y)`` or ``validation_split=0.2``

    A run that fails or diverges is a row with its reason. If a process is killed, what it worked on is tried once more,
    with a process to itself. The same seeds give the same numbers on every executor, bit by bit on one kind of
    processor with one number of threads for matrix products. Ctrl-C stops, and returns the rows there are so far.

    Raises
    ------
    ValueError, TypeError  for a grid, a build or an executor that cannot work, before the first run.
    """
    job = _job(build, grid, x, y, options)
    rows: dict[int, Row] = {}
    runs: Iterable[tuple[int, Row]] = _rows(job, _check_executor(executor, job))
    if progress:
        runs = progress_bar(runs, total=len(job.plan), desc="runs", unit="run")
    with contextlib.suppress(KeyboardInterrupt):
        for number, row in runs:
            rows[number] = row
    return Table([rows[number] for number in sorted(rows)], len(job.plan))


def iter_sweep(
    build: Build, grid: Mapping[str, Any], x: Any, y: Any, executor: Any = None, **options: Any
) -> Iterator[Row]:
    """The rows of ``sweep`` as they come, whichever is ready first. To stop early, leave the loop."""
    job = _job(build, grid, x, y, options)
    return (row for _, row in _rows(job, _check_executor(executor, job)))


def _job(build: Build, grid: Mapping[str, Any], x: Any, y: Any, options: dict[str, Any]) -> _Job:
    """All questions about the grid, before anything is trained."""
    if not callable(build) or isinstance(build, Sequential):
        raise TypeError(f"build should be a function that returns a compiled network; got {type(build).__name__}")
    if not isinstance(grid, Mapping):
        raise TypeError(f"grid should be a dict such as {{'units': [2, 8]}}; got {type(grid).__name__}")
    for letter, data in (("x", x), ("y", y)):
        if not hasattr(data, "__len__") or getattr(data, "ndim", 1) == 0:
            raise TypeError(f"{letter} should be an array with a row for each example; got {data!r}")
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} examples and y has {len(y)}; they should have the same number")
    grid, seeds = dict(grid), options.pop("seeds", None)
    takes, takes_any = _takes(build)
    if seeds is not None:
        if "seed" in grid:
            raise ValueError("seeds were given twice: in the grid as 'seed', and as seeds=")
        grid["seed"] = seeds
    elif "seed" not in grid and grid and ("seed" in takes or takes_any):
        grid["seed"] = [0]
    if not grid:
        raise ValueError("the grid is empty: give a list for at least one setting, such as {'units': [2, 8]}")
    for name in options:
        checks.lookup("option of sweep", name, dict.fromkeys(["seeds", *sorted(FIT)]))
        if name in grid:
            raise ValueError(f"{name} was given twice: in the grid, and as {name}=")
    options.setdefault("epochs", 10)
    for name in ("epochs", "batch_size"):
        if options.get(name) is not None:
            checks.whole(name, options[name])
    for name, values in grid.items():
        shown = "seeds" if name == "seed" and seeds is not None else f"grid[{name!r}]"
        if name in RESULTS or str(name).startswith("val_"):
            raise ValueError(
                f"a setting may not be called {name!r}, which is a column of the results; rename it in build"
            )
        if name not in takes and not takes_any and name not in FIT:
            advice = "; add it, and hand it on to Sequential" if name == "seed" else ", nor does fit"
            raise ValueError(f"{shown}: build takes {', '.join(takes) or 'nothing'}, and not {name!r}{advice}")
        values = values.tolist() if isinstance(values, np.ndarray) else values
        if isinstance(values, str | bytes | Mapping | Set) or not isinstance(values, Iterable):
            such = list(values) if isinstance(values, Set) else [values]
            raise TypeError(f"{shown} should be a list of values to try, such as {such!r}; got {values!r}")
        values = list(values)
        if not values:
            raise ValueError(f"{shown} is empty: there is nothing to try")
        grid[name] = [checks.whole("a seed", value, 0) for value in values] if name == "seed" else values
    missing = [name for name, needed in takes.items() if needed and name not in {*grid, *options}]
    if missing:
        raise ValueError(f"build also needs {', '.join(missing)}: add a list of values to the grid")
    plan = []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        all_fit = options | {name: value for name, value in settings.items() if name in FIT}
        own = {n: v for n, v in (all_fit | settings).items() if n in takes or (takes_any and n not in FIT)}
        plan.append((settings, own, all_fit))
    return _Job(build, x, y, plan)


def _takes(build: Build) -> tuple[dict[str, bool], bool]:
    """The names that ``build`` takes, each with whether it must be given; and whether it takes any other name too."""
    try:
        found = inspect.signature(build).parameters.values()
    except (ValueError, TypeError):  # some compiled functions do not say
        return {}, True
    named = [p for p in found if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return {p.name: p.default is p.empty for p in named}, any(p.kind is p.VAR_KEYWORD for p in found)


def _run(job: _Job, number: int) -> Row:
    """One run, wherever it happens. Settings are copied, so that runs in one process cannot meet in them."""
    settings, own, fit = job.plan[number]
    row, model, watched = Row(settings, status="failed", loss=None, error=""), None, fit.get("validation_data")
    row.history = {}
    try:
        own, fit = copy.deepcopy((own, fit), {id(watched): watched})  # all but the data
        model = job.build(**own)
        if not isinstance(model, Sequential):
            raise TypeError(f"build should return a compiled Sequential; got {type(model).__name__}")
        history = model.fit(job.x, job.y, verbose=0, **fit)
        if len(history.epoch) < fit["epochs"] - fit.get("initial_epoch", 0) and not model.stop_training:
            raise KeyboardInterrupt  # which fit keeps to itself
        last = {name: values[-1] for name, values in history.history.items()}
        wild = [name for name, value in last.items() if not math.isfinite(value)]
        row.update({name: None if name in wild else value for name, value in last.items()}, status="ok")
        if wild:
            row.update(status="diverged", error=f"{wild[0]} grew beyond all numbers; try a smaller learning_rate")
    except Divergence as error:
        row.update(status="diverged", error=str(error))
    except (Exception, SystemExit) as error:
        row.update(error=f"{type(error).__name__}: {error}")
    if isinstance(model, Sequential):
        row.history = model.history.history
    return row


# --- on other processes and machines --------------------------------------------------------------------------------


def _check_executor(executor: Any, job: _Job) -> Any:
    """The executor, asked whether it can be what it should be and whether the job can travel there."""
    if hasattr(executor, "get_executor"):  # a Dask client itself
        executor = executor.get_executor()
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            "executor should be a concurrent.futures.Executor, such as ProcessPoolExecutor(2) or a Dask client's "
            f"get_executor(); got {executor!r}"
        )
    pool: Any = executor
    if getattr(pool, "_shutdown", getattr(pool, "_shutdown_thread", False)) and not getattr(pool, "_broken", False):
        raise ValueError("the executor was shut down, as it is at the end of its with block; sweep inside that block")
    if _has_processes(pool):
        # A pool's first processes are copies of this one on some systems; others read build from its file.
        copies = pool._mp_context.get_start_method() == "fork" and not pool._processes
        nowhere = getattr(job.build, "__module__", "") == "__main__" and not hasattr(
            sys.modules["__main__"], "__file__"
        )
        trouble = "build stands in no file, but in a notebook or at a prompt" if nowhere and not copies else ""
        try:
            pickle.dumps((job.build, job.plan))
        except Exception as error:  # pickle has no exception of its own for this
            trouble = str(error)
        if trouble:
            raise TypeError(
                f"build and the grid must travel to other processes, and cannot: {trouble}. Write build as an ordinary "
                "function (no lambda, no function within a function) in a file of its own, such as networks.py, and "
                "import it from there; or train here with executor=None, or on Dask, which takes any function"
            )
    return executor


def _has_processes(executor: Any) -> bool:
    """Whether it is a ProcessPoolExecutor. That is not imported to ask, because a browser's Python has none."""
    module = sys.modules.get("concurrent.futures.process")
    return module is not None and isinstance(executor, module.ProcessPoolExecutor)


def _rows(job: _Job, executor: Any) -> Iterator[tuple[int, Row]]:
    """Every run's number and row, as they come; with the grid's own values, not the copies that travelled."""
    for number, row in _runs(job, executor):
        row.update(job.plan[number][0])
        yield number, row


def _runs(job: _Job, executor: Any) -> Iterator[tuple[int, Row]]:
    """Every run's number and row, as they come. Runs that were lost with their process are tried again, alone."""
    if executor is None:
        yield from ((number, _run(job, number)) for number in range(len(job.plan)))
        return
    with contextlib.ExitStack() as at_the_end:
        folder = Path(at_the_end.enter_context(tempfile.TemporaryDirectory("annlab", ignore_cleanup_errors=True)))
        processes = _has_processes(executor)
        task = _stored(job, folder) if processes else _sent(job, executor)
        pool: Any = executor
        waiting, alone = list(range(len(job.plan))), list[int]()
        while waiting:
            lost = yield from _share(pool, task, waiting)
            # Only what had begun can have broken a pool. The rest goes on in a new one.
            suspects = [number for number in lost if (folder / str(number)).exists()]
            if not suspects and (not processes or pool is not executor):
                suspects = lost
            alone += suspects
            waiting = [number for number in lost if number not in suspects]
            if waiting:
                pool = at_the_end.enter_context(_like(executor, executor._max_workers))
        for number in alone:
            try:
                with _like(executor, 1) if processes else contextlib.nullcontext(executor) as pool:
                    again = task if processes else _sent(job, executor)  # Dask answers what it knows with what it knows
                    row = next(_completed([pool.submit(*again, number)], pool)).result()
            except Exception as error:
                reason = f"lost twice, the second time alone: {type(error).__name__}: {error}"
                row = Row(job.plan[number][0], status="failed", loss=None, error=reason)
                row.history = {}
            yield number, row


def _share(pool: Any, task: tuple[Any, ...], numbers: list[int]) -> Generator[tuple[int, Row], None, list[int]]:
    """The rows of these runs as they come; returns the numbers of those that were lost on the way."""
    futures: dict[Future[Row], int] = {}
    lost = []
    try:
        for number in numbers:
            try:
                futures[pool.submit(*task, number)] = number
            except BrokenExecutor:
                lost.append(number)
        for future in _completed(futures, pool):
            try:
                row = future.result()
            except Exception:  # not the run's own error, which is a row
                lost.append(futures[future])
            else:
                yield futures[future], row
    finally:
        for future in futures:
            future.cancel()
    return sorted(lost)


def _completed(futures: Iterable[Future[Row]], pool: Any) -> Iterator[Future[Row]]:
    """``as_completed``, which also ends where a Dask client was closed: it may leave futures that nobody completes."""
    waiting = set(futures)
    while waiting:
        closed = getattr(getattr(pool, "_client", None), "status", "") == "closed"
        done, waiting = wait(waiting, 1, FIRST_COMPLETED)
        yield from done
        for future in waiting if closed and not done else ():
            with contextlib.suppress(InvalidStateError):  # it was just completed after all
                future.set_exception(BrokenExecutor("the client was closed"))


def _like(executor: Any, workers: int) -> Executor:
    """A new pool of processes that start as this one's do."""
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(workers, executor._mp_context, executor._initializer, executor._initargs)


def _stored(job: _Job, folder: Path) -> tuple[Any, ...]:
    """The task of a process on this machine, which reads the job from a file, once."""
    (folder / "job").write_bytes(pickle.dumps(job))
    return _run_stored, folder


def _run_stored(folder: Path, number: int) -> Row:
    """``_run``, with a mark in the folder for as long as it lasts."""
    mark = folder / str(number)
    mark.touch()
    try:
        return _run(_read(folder / "job"), number)
    finally:
        mark.unlink(missing_ok=True)


@functools.lru_cache(maxsize=1)
def _read(path: Path) -> _Job:
    return pickle.loads(path.read_bytes())


def _sent(job: _Job, executor: Any) -> tuple[Any, ...]:
    """The task of any other worker. Dask makes the job a task of its own, whose result it can make again."""
    client: Any = getattr(executor, "_client", None)
    if not hasattr(client, "scatter"):
        return _run, job
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph")  # once is what it should be
        return _run_on_dask, uuid.uuid4().hex, client.submit(copy.copy, job, pure=False)


def _run_on_dask(sweep: str, job: _Job, number: int) -> Row:
    """``_run``, unless it was begun before: then it was lost with its worker, and may have been the reason.

    Dask alone would give it three more workers, and blame whatever waited there too.
    """
    from distributed import Event

    begun = Event(f"annlab-{sweep}-{number}")
    if begun.is_set():
        begun.clear()
        raise BrokenExecutor("its worker was killed")
    begun.set()
    try:
        return _run(job, number)
    finally:
        begun.clear()
