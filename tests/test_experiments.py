"""Sweeps: the same table on every executor, whatever fails, diverges or is killed on the way."""

import functools
import os
import pickle
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import annlab
from annlab import SGD, Adam, Dense, Sequential
from annlab.callbacks import EarlyStopping, LambdaCallback
from annlab.datasets import circle
from annlab.experiments import Row, Table, iter_sweep, sweep

X, Y = circle(n=60, noise=0.1, seed=0)
GRID = {"units": [2, 4], "rate": [0.1, 1.0]}
OPTIONS = {"seeds": [0, 3], "epochs": 2, "validation_split": 0.2}


def build(units=2, rate=0.1, seed=0):
    model = Sequential([Dense(units, "tanh", input_dim=2), Dense(1, "sigmoid")], seed=seed)
    model.compile(SGD(rate), "binary_crossentropy", ["accuracy"])
    return model


def troubled(units, rate, seed):
    """Two units fail, four diverge, six are well."""
    if units == 2:
        raise RuntimeError("no luck")
    if units == 4:
        model = Sequential([Dense(4, "relu", input_dim=2), Dense(4, "relu"), Dense(1)], seed=seed)
        model.compile(SGD(1e60), "mse")
        return model
    return build(units, rate, seed)


def slow(units, rate, seed):
    time.sleep(0.1)
    return build(units, rate, seed)


def deadly(units, rate, seed, folder=None):
    """Four units and rate 1 end their process: always, or with a folder only the first time."""
    if (units, rate, seed) == (4, 1.0, 0):
        mark = Path(folder or ".") / "killed"
        if not folder or not mark.exists():
            if folder:
                mark.touch()
            os._exit(9)
    return build(units, rate, seed)


def quiet(*arguments, **options):
    return sweep(*arguments, progress=False, **options)


# --------------------------------------------------------------------------- what comes back


def test_every_combination_and_seed_is_a_row_in_the_grids_order():
    table = quiet(build, GRID, X, Y, **OPTIONS)
    wanted = [(units, rate, seed) for units in (2, 4) for rate in (0.1, 1.0) for seed in (0, 3)]
    assert [(row["units"], row["rate"], row["seed"]) for row in table] == wanted
    assert table.columns == [*GRID, "seed", "status", "loss", "accuracy", "val_loss", "val_accuracy", "error"]
    assert set(table["status"]) == {"ok"}


def test_a_row_has_the_numbers_of_an_ordinary_fit():
    row = quiet(build, {"units": [3], "batch_size": [7]}, X, Y, **OPTIONS)[1]
    model = build(3, seed=3)
    history = model.fit(X, Y, batch_size=7, epochs=2, validation_split=0.2, verbose=0).history
    assert row.history == history
    assert [row[name] for name in history] == [values[-1] for values in history.values()]


@settings(max_examples=15)
@given(
    units=st.lists(st.integers(1, 4), min_size=1, max_size=2),
    seeds=st.lists(st.integers(0, 99), min_size=1, max_size=2),
    batch_sizes=st.lists(st.integers(1, 80), min_size=1, max_size=2),
)
def test_threads_give_the_same_bits(units, seeds, batch_sizes):
    grid = {"units": units, "batch_size": batch_sizes}
    with ThreadPoolExecutor(2) as pool:
        there = quiet(build, grid, X, Y, pool, seeds=seeds, epochs=1)
    here = quiet(build, grid, X, Y, seeds=seeds, epochs=1)
    assert len(here) == len(units) * len(seeds) * len(batch_sizes)
    assert there == here
    assert [row.history for row in there] == [row.history for row in here]


def test_fits_settings_may_stand_in_the_grid():
    table = quiet(build, {"epochs": [1, 3], "validation_split": [0.2, 0.5]}, X, Y)
    assert [len(row.history["val_loss"]) for row in table] == [1, 1, 3, 3]
    assert table[0]["val_loss"] != table[1]["val_loss"]


def test_a_setting_that_build_and_fit_both_take_reaches_both():
    def scheduled(epochs, seed):
        return build(units=epochs, seed=seed)

    row = quiet(scheduled, {"epochs": [3]}, X, Y)[0]
    assert len(row.history["loss"]) == 3
    assert row["loss"] == quiet(build, {"units": [3]}, X, Y, epochs=3)[0]["loss"]


def test_a_build_that_takes_anything_gets_everything_but_fits_settings():
    seen = []

    def anything(**named):
        seen.append(named)
        return build(seed=named["seed"])

    quiet(anything, {"colour": ["red"], "epochs": [1]}, X, Y)
    assert seen == [{"colour": "red", "seed": 0}]


def test_runs_in_one_process_do_not_meet_in_an_optimizer_or_a_callback():
    def with_optimizer(optimizer, seed):
        model = build(seed=seed)
        model.compile(optimizer, "binary_crossentropy")
        return model

    grid = {"optimizer": [Adam(0.1)], "callbacks": [[EarlyStopping("loss", patience=1)]]}
    table = quiet(with_optimizer, grid, X, Y, seeds=[5, 5], epochs=4)
    assert table[0] == table[1]
    assert grid["optimizer"][0].iterations == 0


def test_a_build_without_a_seed_runs_once_each():
    def own_seed(units):
        return build(units, seed=1)

    table = quiet(own_seed, {"units": [2]}, X, Y)
    assert "seed" not in table.columns
    assert table[0]["loss"] == quiet(build, {"units": [2]}, X, Y, seeds=[1])[0]["loss"]


def test_rows_come_as_they_are_ready():
    rows = iter_sweep(build, GRID, X, Y, **OPTIONS)
    first = next(rows)
    assert isinstance(first, Row)
    assert first["status"] == "ok"
    assert len(list(rows)) == 7


def test_the_bar_counts_runs(capsys):
    sweep(build, GRID, X, Y, **OPTIONS)
    assert "8/8" in capsys.readouterr().err


def test_the_package_knows_it_by_name():
    assert annlab.experiments.sweep is sweep


# --------------------------------------------------------------------------- what goes wrong in a run


def check_troubled(table):
    assert table["status"] == ["failed", "diverged", "ok"]
    assert table["error"][0] == "RuntimeError: no luck"
    assert "diverged in epoch 1" in table["error"][1]
    assert table["loss"][:2] == [None, None]
    assert table.best() is table[2]


def test_a_failed_or_diverged_run_is_a_row_with_its_reason():
    check_troubled(quiet(troubled, {"units": [2, 4, 6], "rate": [0.1]}, X, Y, epochs=3))


def test_a_validation_loss_beyond_all_numbers_is_a_divergence():
    far = (np.full((2, 2), 1e200), np.zeros((2, 1)))

    def linear(seed):
        model = Sequential([Dense(1, input_dim=2)], seed=seed)
        model.compile("sgd", "mse")
        return model

    row = quiet(linear, {}, X, Y, seeds=[0], validation_data=far)[0]
    assert row["status"] == "diverged"
    assert "val_loss" in row["error"]
    assert row["val_loss"] is None
    assert row["loss"] > 0


def test_what_build_returns_is_looked_at():
    table = quiet(lambda seed: None, {}, X, Y, seeds=[0])
    assert table["error"] == ["TypeError: build should return a compiled Sequential; got NoneType"]


def test_a_build_that_ends_python_is_a_row_too():
    assert quiet(lambda seed: sys.exit("enough"), {}, X, Y, seeds=[0])["error"] == ["SystemExit: enough"]


def test_a_setting_that_cannot_be_copied_is_a_row_too():
    table = quiet(lambda thing, seed: build(seed=seed), {"thing": [threading.Lock(), 1]}, X, Y, epochs=1)
    assert table["status"] == ["failed", "ok"]
    assert "cannot pickle" in table["error"][0]


def test_best_says_why_there_is_none():
    table = quiet(troubled, {"units": [2], "rate": [0.1]}, X, Y)
    with pytest.raises(ValueError, match="no run has a loss.*no luck"):
        table.best()


def test_a_keyboard_interrupt_keeps_the_rows_so_far():
    def stop(units, seed):
        def interrupt(epoch, logs):
            if units == 3 and epoch == 1:
                raise KeyboardInterrupt

        model = build(units, seed=seed)
        interrupts.append(LambdaCallback(on_epoch_end=interrupt))
        model.fit = functools.partial(model.fit, callbacks=interrupts[-1:])
        return model

    interrupts = []
    table = quiet(stop, {"units": [1, 2, 3, 4]}, X, Y, epochs=3)
    assert table["units"] == [1, 2]
    assert "Stopped after 2 of 4 runs." in repr(table)


# --------------------------------------------------------------------------- processes


def test_processes_give_the_same_bits():
    with ProcessPoolExecutor(2) as pool:
        there = quiet(build, GRID, X, Y, pool, **OPTIONS)
        assert there == quiet(build, GRID, X, Y, **OPTIONS)
        assert there[0].history["loss"]
        check_troubled(quiet(troubled, {"units": [2, 4, 6], "rate": [0.1]}, X, Y, pool, epochs=3))


def test_a_run_that_kills_its_process_loses_only_itself():
    with ProcessPoolExecutor(2) as pool:
        there = quiet(deadly, GRID, X, Y, pool, **OPTIONS)
    here = quiet(build, GRID, X, Y, **OPTIONS)
    assert [i for i in range(8) if there[i] != here[i]] == [6]
    assert there[6]["status"] == "failed"
    assert "lost twice" in there[6]["error"]
    assert "BrokenProcessPool" in there[6]["error"]


def test_a_process_that_is_killed_from_outside_costs_nothing():
    with ProcessPoolExecutor(2) as pool:
        runs = iter_sweep(slow, GRID, X, Y, pool, **OPTIONS)
        rows = [next(runs)]
        list(pool._processes.values())[0].kill()
        rows += runs
    # And the pool, which is broken now, is no reason not to begin.
    assert quiet(build, {"units": [2]}, X, Y, broken_pool())["status"] == ["ok"]
    key = ("units", "rate", "seed")
    assert Table(sorted(rows, key=lambda row: [row[k] for k in key])) == quiet(build, GRID, X, Y, **OPTIONS)


def broken_pool() -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(1)
    with pytest.raises(BaseException, match="abruptly"):
        pool.submit(os._exit, 1).result()
    return pool


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_that_was_shut_down_is_refused_before_the_first_run(kind):
    with kind(1) as pool:
        pass
    with pytest.raises(ValueError, match="was shut down, as it is at the end of its with block"):
        iter_sweep(build, GRID, X, Y, pool)


def test_what_cannot_travel_is_said_before_the_first_run():
    with ProcessPoolExecutor(1) as pool:
        for build_here, grid in [(lambda seed: build(seed=seed), {}), (build, {"units": [lambda: 2]})]:
            with pytest.raises(TypeError, match=r"must travel to other processes.*in a file of its own"):
                quiet(build_here, grid, X, Y, pool, seeds=[0])


def test_a_function_of_a_notebook_is_refused_by_processes(tmp_path):
    program = """
import multiprocessing, concurrent.futures
from annlab import Sequential, Dense
from annlab.experiments import sweep
def build(seed):
    model = Sequential([Dense(1, input_dim=1)], seed=seed)
    model.compile("sgd", "mse")
    return model
with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
    sweep(build, {}, [[1.0]], [[2.0]], pool, seeds=[0])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    assert done.returncode == 1
    assert "stands in no file, but in a notebook" in done.stderr


# --------------------------------------------------------------------------- Dask


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed", reason="needs distributed, which the extra cluster brings")
    import dask

    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "10 minutes"}),  # a busy machine starts one slowly
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_dask_gives_the_same_bits(client):
    assert quiet(build, GRID, X, Y, client.get_executor(), **OPTIONS) == quiet(build, GRID, X, Y, **OPTIONS)
    check_troubled(quiet(troubled, {"units": [2, 4, 6], "rate": [0.1]}, X, Y, client, epochs=3))


def test_dask_takes_any_function(client):
    table = quiet(lambda units, seed: build(units, seed=seed), {"units": [2]}, X, Y, client.get_executor(), epochs=2)
    assert table == quiet(build, {"units": [2]}, X, Y, epochs=2)


def test_a_dask_worker_killed_in_the_middle_costs_nothing(client):
    pids = client.run(os.getpid)
    runs = iter_sweep(slow, GRID, X, Y, client.get_executor(), **OPTIONS)
    rows = [next(runs)]
    os.kill(list(pids.values())[0], 9)
    rows += runs
    key = ("units", "rate", "seed")
    assert Table(sorted(rows, key=lambda row: [row[k] for k in key])) == quiet(build, GRID, X, Y, **OPTIONS)


def test_rows_survive_a_client_that_is_closed_in_the_middle(client):
    from distributed import Client

    other = Client(client.cluster)
    runs = iter_sweep(slow, GRID, X, Y, other, **OPTIONS)
    rows = [next(runs)]
    other.close()
    rows += runs
    assert len(rows) == 8
    assert rows[0]["status"] == "ok"
    assert all("lost twice" in row["error"] for row in rows if row["status"] != "ok")


def test_a_closed_client_that_answers_no_more_is_not_waited_for():
    class Silent(Executor):
        _client = SimpleNamespace(status="closed")

        def submit(self, *task):
            return Future()

    (row,) = iter_sweep(build, {"units": [2]}, X, Y, Silent(), epochs=1)
    assert row["status"] == "failed"
    assert row["error"].startswith("lost twice, the second time alone: BrokenExecutor: the client was closed")


def test_a_run_that_kills_its_dask_worker_loses_only_itself(client, tmp_path):
    once = functools.partial(deadly, folder=str(tmp_path))
    here = quiet(build, GRID, X, Y, **OPTIONS)
    assert quiet(once, GRID, X, Y, client.get_executor(), **OPTIONS) == here
    assert (tmp_path / "killed").exists()
    there = quiet(deadly, GRID, X, Y, client.get_executor(), **OPTIONS)
    assert [i for i in range(8) if there[i] != here[i]] == [6]
    assert "its worker was killed" in there[6]["error"]


# --------------------------------------------------------------------------- questions before the first run


@pytest.mark.parametrize(
    ("grid", "options", "message"),
    [
        ({}, {}, "the grid is empty"),
        ([("units", [2])], {}, "grid should be a dict such as .*; got list"),
        ({"units": []}, {}, r"grid\['units'\] is empty"),
        ({"units": "24"}, {}, r"grid\['units'\] should be a list of values to try, such as \['24'\]; got '24'"),
        ({"units": 2}, {}, r"such as \[2\]; got 2"),
        ({"units": np.array(2)}, {}, r"such as \[2\]; got 2"),
        ({"units": {2, 4}}, {}, r"should be a list of values to try, such as \[2, 4\]; got \{2, 4\}"),
        ({"units": {"a": 1}}, {}, "should be a list"),
        ({"unit": [2]}, {}, "build takes units, rate, seed, and not 'unit', nor does fit"),
        ({"loss": ["mse"]}, {}, "may not be called 'loss'"),
        ({"val_loss": [1]}, {}, "may not be called 'val_loss'"),
        ({"units": [2]}, {"seeds": []}, "seeds is empty"),
        ({"units": [2]}, {"seeds": 3}, r"seeds should be a list of values to try, such as \[3\]"),
        ({"units": [2]}, {"seeds": [0.5]}, "a seed should be a whole number"),
        ({"units": [2]}, {"seeds": [-1]}, "a seed should be a whole number"),
        ({"seed": [2]}, {"seeds": [1]}, "seeds were given twice"),
        ({"epochs": [2]}, {"epochs": 3}, "epochs was given twice"),
        ({"units": [2]}, {"epochs": 0}, "epochs should be a whole number"),
        ({"units": [2]}, {"batch_size": "all"}, "batch_size should be a whole number"),
        ({"units": [2]}, {"epoch": 3}, "did you mean 'epochs'"),
        ({"units": [2]}, {"executor": 4}, "should be a concurrent.futures.Executor"),
    ],
)
def test_a_bad_grid_is_refused_before_the_first_run(grid, options, message):
    def never(units=2, rate=0.1, seed=0):
        raise AssertionError("nothing should have run")

    for ask in (quiet, iter_sweep):
        with pytest.raises((ValueError, TypeError), match=message):
            ask(never, grid, X, Y, **options)


@pytest.mark.parametrize(
    ("build", "grid", "options", "message"),
    [
        ("tanh", {"units": [2]}, {}, "build should be a function"),
        (build(), {"units": [2]}, {}, "build should be a function that returns a compiled network; got Sequential"),
        (lambda units, rate: None, {"units": [2]}, {}, "build also needs rate"),
        (lambda units: None, {"units": [2]}, {"seeds": [1]}, "not 'seed'; add it, and hand it on to Sequential"),
    ],
)
def test_a_build_that_does_not_fit_the_grid_is_refused(build, grid, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        quiet(build, grid, X, Y, **options)


def test_examples_and_targets_must_be_as_many():
    for y in (None, 3, np.array(3.0), map(list, Y)):
        with pytest.raises(TypeError, match="y should be an array with a row for each example; got "):
            quiet(build, GRID, X, y)
    with pytest.raises(ValueError, match="x has 60 examples and y has 59"):
        quiet(build, GRID, X, Y[:-1])


# --------------------------------------------------------------------------- the table


def made() -> Table:
    table = [("a", 0.5, 0.9, ""), ("b", None, None, "no <luck>"), ("c", 0.123456, 0.8, "")]
    return Table(
        Row(name=n, status="failed" if e else "ok", loss=loss, val_accuracy=a, error=e) for n, loss, a, e in table
    )


def test_a_table_sorts_and_runs_without_a_number_come_last():
    assert made().sort("loss")["name"] == ["c", "a", "b"]
    assert made().sort("loss", descending=True)["name"] == ["a", "c", "b"]
    with pytest.raises(ValueError, match="did you mean 'val_accuracy'"):
        made().sort("val_acuracy")


def test_the_best_is_the_lowest_loss_or_the_highest_accuracy():
    assert made().best()["name"] == "c"
    assert made().best("val_accuracy")["name"] == "a"
    assert made().best("val_accuracy", mode="min")["name"] == "c"
    with pytest.raises(ValueError, match="the table is empty"):
        Table([]).best()


def test_a_table_is_read_as_text_and_as_html():
    assert repr(made()).splitlines() == [
        "name  status  loss   val_accuracy  error",
        "a     ok      0.5    0.9",
        "b     failed                       no <luck>",
        "c     ok      0.123  0.8",
    ]
    assert "error" not in repr(made()[:1])
    page = made()._repr_html_()
    assert "<td>no &lt;luck&gt;</td>" in page
    assert page.count("<tr>") == 4
    assert "and 60 more runs" in repr(Table([Row(loss=1.0)] * 100))


def test_a_table_survives_a_pickle_with_its_histories():
    table = quiet(build, GRID, X, Y, **OPTIONS)
    again = pickle.loads(pickle.dumps(table))
    assert again == table
    assert again[3].history == table[3].history


def test_a_table_hands_pandas_one():
    pytest.importorskip("pandas")
    frame = made().to_pandas()
    assert list(frame.columns) == ["name", "status", "loss", "val_accuracy", "error"]
    assert frame.loss.isna().tolist() == [False, True, False]


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        made().to_pandas()
