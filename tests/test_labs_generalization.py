"""GeneralizationLab without a page: its numbers are its model's, its runs are fit's, and comparisons compare like with
like."""

import ast
import re

import numpy as np
import pytest
import traitlets

from annlab import Adam, Dense, Dropout, GeneralizationLab, Input, Sequential
from annlab.callbacks import EarlyStopping
from annlab.labs import generalization
from annlab.labs.generalization import GRIDS, points_of
from annlab.regularizers import L1L2
from annlab.testing import sweep


def cross_entropy(model, x, y):
    """Computed apart from the library, from the weights alone."""
    hidden, output = model.layers[0], model.layers[-1]
    z = np.maximum(x @ hidden.kernel + hidden.bias, 0) @ output.kernel + output.bias
    return float(np.mean(np.logaddexp(0, np.where(y[:, None] == 1, -z, z))))


def own_numbers(lab):
    """What the line of text may say, counted and computed apart from the lab."""
    run, state = lab.state.run, lab.state
    loss, val_loss = cross_entropy(run.model, run.x_train, run.y_train), cross_entropy(run.model, run.x_val, run.y_val)
    curve = run.curves["val_loss"]
    best, waited, stop = 0, 0, None
    for epoch in range(1, run.epoch + 1):
        if best == 0 or curve[epoch] < curve[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited >= state.patience and stop is None:
            stop = epoch
            break
    return {
        "loss": loss,
        "val_loss": val_loss,
        "gap": val_loss - loss,
        "weights": sum(w.size for w in run.model.get_weights()),
        "points": len(run.x_train),
        "held out": 300,
        "units": run.model.layers[0].units,
        "epoch": len(curve) - 1,
        "epochs": state.epochs,
        "seed": state.seed,
        "best": best,
        "best loss": curve[best],
        "stop": stop or 0,
        "tried": 1,
        "planned": len(GRIDS[state.against]),
        "tried value": getattr(run.settings, state.against),
        "L1 or L2": 1 if state.against == "l1" else 2,
        **best_of(lab),
    }


def best_of(lab):
    """The best of the runs that are compared, found apart from the lab among all that were kept."""
    now = lab.state.run.settings if lab.state.own is None else lab.state.own.settings
    found = []
    for key, scores in lab.state.runs.items():
        kept = dict(zip(generalization.OF_A_RUN, key, strict=True))
        if not kept["early_stopping"]:
            kept["patience"] = now.patience  # it stopped nothing
        same = [kept[name] == getattr(now, name) for name in kept if name != lab.state.against]
        if all(same):
            found.append((scores["val_loss"], kept[lab.state.against]))
    return {"compared": len(found), "best of them": min(found)[0], "its value": min(found)[1]} if found else {}


def test_every_control_moves_the_picture_and_the_text_tells_the_models_numbers():
    assert sweep(GeneralizationLab(epochs=50), limit=2.0, steps=4, numbers=own_numbers) >= 25


def test_a_network_with_price_and_dropout_tells_its_own_numbers_too():
    lab = GeneralizationLab(l1=0.001, l2=0.01, dropout=0.5, patience=2, units=10)
    assert sweep(lab, limit=2.0, steps=4, numbers=own_numbers) >= 25


@pytest.mark.parametrize("data", [name for _, name in generalization.DATA])
@pytest.mark.parametrize("points", [3, 40, 500])
def test_points_are_fair_nested_and_never_held_out(data, points):
    x, y, x_val, y_val = points_of(data, points, 0.3)
    assert x.shape == (points, 2)
    assert x_val.shape == (300, 2)
    assert abs((y == 0).sum() - (y == 1).sum()) <= 1
    assert (y_val == 0).sum() == 150
    assert not {tuple(row) for row in x.tolist()} & {tuple(row) for row in x_val.tolist()}
    more, _, same, _ = points_of(data, min(points + 10, 500), 0.3)
    np.testing.assert_array_equal(more[:points], x)
    np.testing.assert_array_equal(same, x_val)


@pytest.mark.parametrize("settings", [{}, {"l2": 0.003}, {"l1": 0.0003, "dropout": 0.3}])
@pytest.mark.parametrize("stopping", [False, True])
def test_a_run_is_what_fit_does(settings, stopping):
    lab = GeneralizationLab(epochs=100, units=10, patience=10, early_stopping=stopping, **settings)
    lab.step(200)
    run = lab.state.run
    assert run.ended
    price = L1L2(settings.get("l1", 0.0), settings.get("l2", 0.0))
    layers = [Dense(10, "relu", kernel_regularizer=price), Dense(1, "sigmoid", kernel_regularizer=price)]
    if "dropout" in settings:
        layers.insert(1, Dropout(settings["dropout"]))
    model = Sequential([Input((2,)), *layers], seed=0)

    def plain(y, answers):
        return float(np.mean(-np.log(np.where(y == 1, answers, 1 - answers))))

    model.compile(Adam(0.01), "binary_crossentropy", [plain])
    x, y, x_val, y_val = points_of("circle", 40, 0.3)
    watch = [EarlyStopping("val_plain", patience=10, restore_best_weights=True)] if stopping else []
    history = model.fit(x, y, batch_size=16, epochs=100, validation_data=(x_val, y_val), callbacks=watch, verbose=0)
    np.testing.assert_array_equal(model.parameters, run.model.parameters)
    np.testing.assert_allclose(history.history["val_plain"], run.curves["val_loss"][1:], rtol=1e-9)
    if stopping and run.stop:
        assert watch[0].stopped_epoch + 1 == run.stop
        assert watch[0].best_epoch + 1 == run.best


def test_early_stopping_goes_back_to_the_best_weights_and_says_so():
    lab = GeneralizationLab(early_stopping=True)
    lab.step(400)
    run = lab.state.run
    assert run.ended
    assert run.stop == run.epoch == run.best + 30
    assert run.scores["val_loss"] == min(run.curves["val_loss"][1:])
    assert f"Stopped early, after epoch {run.stop}" in lab.stage.note
    assert f"weights are those of epoch {run.best} again" in lab.stage.note
    weights = run.model.parameters.copy()
    lab.step(5)
    np.testing.assert_array_equal(weights, lab.model.parameters)  # ended is ended

    free = GeneralizationLab()
    free.step(400)
    assert (free.state.run.stop, free.state.run.best) == (run.stop, run.best)
    assert free.state.run.epoch == 300
    assert f"would have ended the run after epoch {run.stop}" in free.stage.description
    assert f"would stop: epoch {run.stop}" in free.stage.values["text"].values()
    assert free.state.run.gap > 3 * run.gap


def test_reset_and_any_change_begin_the_same_run_again():
    lab = GeneralizationLab()
    first = lab.model.parameters.copy()
    lab.step(20)
    after = lab.model.parameters.copy()
    lab.controls["noise"].value = 0.1
    assert lab.state.run.epoch == 0
    lab.controls["noise"].value = 0.3
    np.testing.assert_array_equal(lab.model.parameters, first)
    lab.step(20)
    np.testing.assert_array_equal(lab.model.parameters, after)
    lab.reset()
    np.testing.assert_array_equal(lab.model.parameters, first)
    lab.controls["seed"].value = 1
    assert not np.array_equal(lab.model.parameters, first)
    for free in ("pace", "against"):
        lab.step(2)
        lab.controls[free].value = {"pace": 5, "against": "l2"}[free]
        assert lab.state.run.epoch > 0


def test_a_finished_run_joins_the_chart_and_only_like_is_compared_with_like():
    lab = GeneralizationLab(epochs=50, units=5)
    lab.step(60)
    assert lab.comparable(lab.state) == [(5.0, lab.state.run.scores["loss"], lab.state.run.scores["val_loss"])]
    lab.controls["units"].value = 10
    lab.step(30)
    assert len(lab.comparable(lab.state)) == 1  # not at its end yet
    lab.step(30)
    assert [value for value, *_ in lab.comparable(lab.state)] == [5.0, 10.0]
    lab.controls["noise"].value = 0.1
    assert lab.comparable(lab.state) == []  # all of them had other noise
    lab.controls["noise"].value = 0.3
    assert len(lab.comparable(lab.state)) == 2
    lab.controls["against"].value = "noise"
    assert [value for value, *_ in lab.comparable(lab.state)] == [0.3]
    lab.controls["patience"].value = 5  # it stops nothing here, so the runs are the same
    assert len(lab.comparable(lab.state)) == 1


def test_patience_is_compared_where_early_stopping_is_on():
    lab = GeneralizationLab(epochs=150, against="patience")
    lab.step(151)
    assert lab.comparable(lab.state) == []
    lab.controls["several"].click()
    assert "switch that on" in lab.stage.note
    assert lab.state.own is None
    lab.controls["early_stopping"].value = True
    lab.controls["several"].click()
    lab.step(1000)
    assert [value for value, *_ in lab.comparable(lab.state)] == [1, 3, 10, 30, 100]
    assert best_of(lab)["compared"] == 5
    losses = [val_loss for *_, val_loss in lab.comparable(lab.state)]
    assert losses == sorted(losses, reverse=True)  # who waits longer finds what is at least as good


def test_the_best_of_several_is_named():
    lab = GeneralizationLab(epochs=50, against="points")
    lab.controls["several"].click()
    lab.step(500)
    best = best_of(lab)
    assert best["compared"] == 8
    assert lab.stage.description.endswith(
        f"Of 8 compared runs, the best validation loss is {best['best of them']:.3f}, "
        f"at Training points {best['its value']:g}."
    )


def test_try_several_one_epoch_at_a_time_and_then_your_own_run_is_back():
    lab = GeneralizationLab(epochs=50, against="dropout")
    lab.step(7)
    own = lab.state.run
    lab.controls["several"].click()
    assert lab.state.run is not own
    assert "Run 1 of 6: Dropout 0" in lab.stage.description
    lab.step()
    assert lab.state.run.epoch == 1  # one epoch, no more
    lab.step(51)
    assert "Run 2 of 6: Dropout 0.1" in lab.stage.description
    assert lab.controls["dropout"].value == 0.0
    lab.step(500)
    assert lab.state.run is own
    assert lab.model is own.model
    assert own.epoch == 7
    assert [value for value, *_ in lab.comparable(lab.state)] == list(GRIDS["dropout"])
    assert lab.state.run.epoch == 7
    lab.controls["several"].click()
    assert "has all of these runs already" in lab.stage.note
    alone = GeneralizationLab(epochs=50, dropout=0.5)
    alone.step(60)
    tried = {value: losses for value, *losses in lab.comparable(lab.state)}
    assert tried[0.5] == [alone.state.run.scores["loss"], alone.state.run.scores["val_loss"]]


@pytest.mark.parametrize("move", ["reset", "noise", "against"])
def test_trying_ends_where_something_else_is_wanted(move):
    lab = GeneralizationLab(epochs=50)
    lab.controls["several"].click()
    lab.step(60)
    if move == "reset":
        lab.reset()
    else:
        lab.controls[move].value = {"noise": 0.2, "against": "l2"}[move]
    assert lab.state.plan == []
    assert lab.state.own is None
    assert lab.state.run.settings.units == 50
    assert "Run 1 of" not in lab.stage.description


def test_wide_networks_know_few_points_by_heart():
    lab = GeneralizationLab(points=3, noise=0.3)
    assert "201 weights for 3 training points" in lab.stage.description
    lab.step(300)
    assert lab.state.run.scores["accuracy"] == 1
    assert lab.state.run.gap > 1


def test_numbers_that_do_not_fit_are_answered():
    lab = GeneralizationLab(units=7, points=33)
    assert lab.state.run.weights == 29
    assert len(lab.state.run.x_train) == 33
    with pytest.raises(traitlets.TraitError, match="Hidden units is a whole number; got 7.5"):
        lab.controls["units"].value = 7.5
    with pytest.raises(traitlets.TraitError, match="goes from 3 to 500; got 2"):
        lab.controls["points"].value = 2
    assert (lab.controls["units"].value, lab.controls["points"].value) == (7, 33)
    lab.controls["units"].value = 12
    assert lab.state.run.weights == 49
    with pytest.raises(ValueError, match="Training points is a whole number from 3 to 500; got 1000"):
        GeneralizationLab(points=1000)
    with pytest.raises(ValueError, match="a whole number"):
        GeneralizationLab(units=1.5)
    with pytest.raises(TypeError, match="no control 'width'"):
        GeneralizationLab(width=3)


def test_controls_can_be_hidden():
    def shown(lab):
        found, waiting = set(), [lab.widget]
        while waiting:
            widget = waiting.pop()
            found.add(widget)
            waiting += getattr(widget, "children", ())
        return {name for name, widget in lab.controls.items() if widget in found}

    assert shown(GeneralizationLab()) == set(GeneralizationLab.controls) | {"play", "step", "reset"}
    assert shown(GeneralizationLab(hide=["against", "several", "l2", "seed"])) == shown(GeneralizationLab()) - {
        "against",
        "several",
        "l2",
        "seed",
    }


@pytest.mark.parametrize("width", [440, 560, 700, 720, 900, 960])
def test_everything_stays_inside_the_picture_at_every_width(width):
    lab = GeneralizationLab(epochs=50)
    lab.state.width = width
    lab.step(60)
    boxes, height = generalization.draw.__globals__["places"](lab.state)
    for x, y, wide, high in boxes.values():
        assert x >= 0
        assert y >= 0
        assert x + wide <= width + 0.01
        assert y + high <= height + 0.01


@pytest.mark.parametrize(
    "settings",
    [{}, {"units": 5, "points": 3, "data": "moons"}, {"early_stopping": True}, {"early_stopping": True, "l2": 0.003}],
)
def test_the_code_gives_the_same_network(settings, capsys):
    lab = GeneralizationLab(dropout=0.2, epochs=100, patience=10, seed=3, **settings)
    for epochs in (5, 200):
        lab.step(epochs)
        scope: dict = {}
        exec(lab.code(), scope)
        np.testing.assert_array_equal(scope["model"].parameters, lab.model.parameters)
        np.testing.assert_array_equal(scope["x_val"], lab.state.run.x_val)
        loss, accuracy = ast.literal_eval(capsys.readouterr().out)[:2]
        assert accuracy == lab.state.run.scores["val_accuracy"]
        if not settings.get("l2"):  # evaluate counts the price in
            assert loss == pytest.approx(lab.state.run.scores["val_loss"])


@pytest.mark.parametrize("epochs", [0, 300])
def test_the_gap_is_what_the_two_losses_beside_it_differ_by(epochs):
    lab = GeneralizationLab()
    lab.step(epochs)
    words = r"loss is (\S+) on these and (\S+) on 300 held-out points, a gap of (\S+)\. "
    loss, val_loss, gap = map(float, re.search(words, lab.stage.description).groups())
    assert gap == pytest.approx(round(val_loss - loss, 2))
