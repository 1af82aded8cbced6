"""Callbacks: when they are called, what they are told, and what they can do."""

import re
import sys

import numpy as np
import pytest

from annlab import SGD, Adam, Dense, Divergence, Sequential
from annlab.callbacks import Callback, EarlyStopping, History, LambdaCallback, LearningRateScheduler
from annlab.experiments import sweep
from annlab.schedules import ExponentialDecay

X = np.linspace(-1, 1, 20)[:, None]
Y = 2 * X[:, 0] + 1


def line(rate=0.1, metrics=("mae",)):
    model = Sequential([Dense(1, input_dim=1)], seed=0)
    model.compile(SGD(rate), "mse", list(metrics))
    return model


class Diary(Callback):
    """Writes down every call."""

    def __init__(self):
        self.lines = []

    def on_train_begin(self, logs=None):
        self.lines.append("train begins")

    def on_train_end(self, logs=None):
        self.lines.append("train ends")

    def on_epoch_begin(self, epoch, logs=None):
        self.lines.append(f"epoch {epoch} begins")

    def on_epoch_end(self, epoch, logs=None):
        self.lines.append(f"epoch {epoch} ends, {', '.join(logs)}")

    def on_train_batch_end(self, batch, logs=None):
        self.lines.append(f"batch {batch}, {', '.join(logs)}")


def test_the_order_of_calls():
    diary = Diary()
    model = line()
    model.fit(X, Y, batch_size=10, epochs=2, verbose=0, callbacks=[diary])
    epoch = ["batch 0, loss, mae", "batch 1, loss, mae"]
    assert diary.lines == [
        "train begins",
        "epoch 0 begins",
        *epoch,
        "epoch 0 ends, loss, mae",
        "epoch 1 begins",
        *epoch,
        "epoch 1 ends, loss, mae",
        "train ends",
    ]
    assert diary.model is model


def test_the_end_of_an_epoch_knows_of_the_validation():
    diary = Diary()
    line().fit(X, Y, epochs=1, verbose=0, callbacks=[diary], validation_split=0.1)
    assert diary.lines[-2] == "epoch 0 ends, loss, mae, val_loss, val_mae"


def test_one_callback_needs_no_list():
    diary = Diary()
    line().fit(X, Y, verbose=0, callbacks=diary)
    assert diary.lines[0] == "train begins"


def test_the_end_is_told_even_after_a_divergence():
    diary = Diary()
    with pytest.raises(Divergence):
        line(rate=1e6).fit(X, Y, epochs=100, verbose=0, callbacks=[diary])
    assert diary.lines[-1] == "train ends"


def test_a_callback_can_stop_training():
    def enough(epoch, logs):
        model.stop_training = epoch == 2

    model = line()
    assert model.fit(X, Y, epochs=10, verbose=0, callbacks=[LambdaCallback(on_epoch_end=enough)]).epoch == [0, 1, 2]
    assert len(model.fit(X, Y, epochs=2, verbose=0).epoch) == 2  # the next training is not stopped


def test_a_callback_can_add_to_the_history():
    history = line().fit(
        X,
        Y,
        epochs=3,
        verbose=0,
        callbacks=[LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(square=epoch**2))],
    )
    assert history.history["square"] == [0, 1, 4]


def test_lambda_callback_knows_its_moments():
    with pytest.raises(ValueError, match="on_epoch_finish"):
        LambdaCallback(on_epoch_finish=print)


def test_what_is_no_function_and_no_name():
    with pytest.raises(TypeError, match="on_epoch_end should be a function; got 5"):
        LambdaCallback(on_epoch_end=5)
    with pytest.raises(TypeError, match=r"schedule should be a function \(epoch, learning_rate\).*; got 0.1"):
        LearningRateScheduler(0.1)
    with pytest.raises(TypeError, match="monitor should be a name such as 'val_loss'; got 5"):
        EarlyStopping(5)
    with pytest.raises(TypeError, match="baseline should be a finite number; got 'low'"):
        EarlyStopping(baseline="low")


def test_what_is_no_callback():
    model = line()
    before = model.parameters.copy()
    for wrong in ("EarlyStopping", ["EarlyStopping"], EarlyStopping, [print]):
        with pytest.raises(TypeError, match="callbacks should be a list"):
            model.fit(X, Y, verbose=0, callbacks=wrong)
    assert np.array_equal(model.parameters, before)


# --- early stopping -------------------------------------------------------------------------------------------------


def scripted(values, monitor="val_loss", **options):
    """Train while a callback before it writes these numbers into the logs; answers with callback, history and model."""
    script = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.__setitem__(monitor, values[epoch]))
    kept = LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(model, "parameters", [epoch, epoch]))
    stop = EarlyStopping(monitor=monitor, **options)
    model = line(rate=1e-300)
    history = model.fit(X, Y, epochs=len(values), verbose=0, callbacks=[kept, script, stop])
    return stop, len(history.epoch), model


def test_patience():
    # best in epoch 1; two epochs without anything better and it stops, in epoch 3
    values = [3.0, 1.0, 2.0, 1.5, 0.1, 0.1]
    assert scripted(values, patience=2)[1] == 4
    assert scripted(values, patience=1)[1] == 3
    assert scripted(values, patience=3)[1] == 6


def test_restore_best_weights():
    # the weights of each epoch are its number: epoch 1 was the best
    values = [3.0, 1.0, 2.0, 1.5]
    stop, _, model = scripted(values, patience=2, restore_best_weights=True)
    assert model.parameters.tolist() == [1, 1]
    assert (stop.best_epoch, stop.stopped_epoch, stop.best) == (1, 3, 1.0)
    assert scripted(values, patience=2)[2].parameters.tolist() == [3, 3]
    # also when training ends by itself
    assert scripted([3.0, 1.0, 2.0], patience=9, restore_best_weights=True)[2].parameters.tolist() == [1, 1]


def test_more_is_better_for_some():
    values = [0.5, 0.9, 0.7, 0.6, 0.95]
    for monitor in ("val_accuracy", "val_acc", "val_r2", "val_score"):
        assert scripted(values, monitor, patience=2)[1] == 4
    assert scripted(values, "val_loss", mode="max", patience=2)[1] == 4
    assert scripted(values, "val_accuracy", mode="min", patience=2)[1] == 3


def test_a_small_improvement_may_be_too_small():
    values = [1.0, 0.95, 0.9, 0.85]
    assert scripted(values, min_delta=0.1, patience=2)[1] == 3
    assert scripted(values, min_delta=0.01, patience=2)[1] == 4
    # 0.26 - 0.21 comes out as a little more than 0.05; counted as Keras counts, 0.21 + 0.05 is not below 0.26
    assert scripted([0.26, 0.21, 0.2], min_delta=0.05, patience=1)[1] == 2


def test_baseline_and_start():
    # never below 0.5: the first epoch that is not better than all before it ends the waiting
    assert scripted([1.0, 0.9, 0.8, 0.8, 0.1], baseline=0.5, patience=2)[1] == 4
    assert scripted([1.0, 0.9, 0.8, 0.8, 0.1], patience=2)[1] == 5
    # the first three epochs are not looked at
    assert scripted([1.0, 2.0, 3.0, 3.0, 2.9, 3.0], start_from_epoch=3, patience=1)[1] == 6


def test_it_can_be_used_again():
    stop = EarlyStopping(monitor="loss", min_delta=1e-3, patience=2)
    lengths = [len(line().fit(X, Y, epochs=500, verbose=0, callbacks=[stop]).epoch) for _ in range(2)]
    assert lengths[0] == lengths[1] < 500


def test_it_says_that_it_stopped(capsys):
    scripted([3.0, 1.0, 2.0, 1.5], patience=2, verbose=1)
    assert capsys.readouterr().out == "Stopped early after epoch 4; the best was epoch 2.\n"


def test_nothing_to_watch():
    with pytest.raises(ValueError, match="'val_loss', but training reports loss, mae; give fit validation_data"):
        line().fit(X, Y, verbose=0, callbacks=[EarlyStopping()])
    with pytest.raises(ValueError, match="mode should be"):
        EarlyStopping(mode="least")


# --- the learning rate ----------------------------------------------------------------------------------------------


def test_learning_rate_scheduler(capsys):
    model = line()
    halve = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate, verbose=1)
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[halve]).history
    assert history["learning_rate"] == [0.1, 0.05, 0.025]
    assert model.optimizer.learning_rate == 0.025
    assert "Epoch 2: learning rate 0.05." in capsys.readouterr().out


def test_it_takes_the_place_of_a_schedule():
    model = line()
    model.optimizer.learning_rate = ExponentialDecay(0.1, 1, 0.5)
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, rate: rate / 10)])
    assert model.optimizer.learning_rate == pytest.approx(0.01)


def test_a_rate_that_leads_nowhere():
    with pytest.raises(ValueError, match="learning_rate should be a number above 0"):
        line().fit(X, Y, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, rate: 0)])


# --- what is shown --------------------------------------------------------------------------------------------------


def test_a_line_for_each_epoch(capsys):
    history = line().fit(X, Y, epochs=2, verbose=2).history
    assert capsys.readouterr().out.splitlines() == [
        f"epoch {i + 1}: loss {history['loss'][i]:.4f}, mae {history['mae'][i]:.4f}" for i in range(2)
    ]


def test_nothing_is_printed_when_nothing_is_wanted(capsys):
    line().fit(X, Y, epochs=2, verbose=0)
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


@pytest.mark.parametrize("verbose", ["auto", 1])
def test_a_progress_bar(verbose, capsys):
    history = line().fit(X, Y, epochs=3, batch_size=5, verbose=verbose).history
    printed = capsys.readouterr()
    assert printed.out == ""
    last = printed.err.strip().split("\r")[-1]
    assert "epoch 3/3" in last
    assert "12/12" in last  # 3 epochs of 4 batches
    assert f"loss={history['loss'][-1]:.4f}" in last
    assert printed.err.endswith("\n")  # what is printed next begins on a line of its own


def test_in_the_browser_alone_every_bar_is_a_widget_that_needs_no_thread(monkeypatch):
    """JupyterLite's Python has no threads: tqdm's own watcher would only warn, and its bar would be a terminal's."""
    notebook = pytest.importorskip("tqdm.notebook")
    pytest.importorskip("IPython")
    monkeypatch.setattr(notebook.tqdm, "monitor_interval", 10, raising=False)
    monkeypatch.setattr(sys, "platform", "emscripten")
    shown = []
    monkeypatch.setattr(notebook, "display", shown.append)
    line().fit(X, Y, epochs=3, batch_size=5, verbose=1)
    sweep(line, {"rate": [0.1, 0.2]}, X, Y, epochs=1)
    assert [type(bar).__name__ for bar in shown] == ["TqdmHBox", "TqdmHBox"]
    assert [bar.children[1].value for bar in shown] == [12, 2]
    assert notebook.tqdm.monitor_interval == 0


def test_the_bar_does_not_change_what_is_learned():
    shown, hidden = line(), line()
    first = shown.fit(X, Y, epochs=3, batch_size=5, verbose=1).history
    assert hidden.fit(X, Y, epochs=3, batch_size=5, verbose=0).history == first
    assert np.array_equal(shown.parameters, hidden.parameters)


def test_verbose_is_one_of_four():
    with pytest.raises(ValueError, match="verbose should be"):
        line().fit(X, Y, verbose=7)


def test_history_alone():
    history = History()
    history.on_epoch_end(0, {"loss": 1.0})
    history.on_epoch_end(1, {"loss": 0.5, "val_loss": 0.7})
    assert history.history == {"loss": [1.0, 0.5], "val_loss": [0.7]}
    assert repr(history) == "<History of 2 epochs: loss 0.5000, val_loss 0.7000>"
    assert repr(History()) == "<History of 0 epochs>"


def test_huge_numbers_are_not_printed_with_all_their_digits(capsys):
    model = line(rate=1e-9)
    history = model.fit(X, Y * 1e20, verbose=2)
    assert re.search(r"loss \d\.\d+e\+40, mae \d\.\d+e\+20$", capsys.readouterr().out.strip())
    assert re.search(r"loss \d\.\d+e\+40, mae \d\.\d+e\+20>", repr(history))
    model.fit(X, Y * 1e20, verbose=1)
    assert re.search(r"loss=\d\.\d+e\+40", capsys.readouterr().err)


def test_an_adam_is_not_disturbed_by_being_watched():
    def trained(**options):
        model = line()
        model.compile(Adam(0.05), "mse")
        model.fit(X, Y, epochs=4, batch_size=6, verbose=0, **options)
        return model.parameters

    assert np.array_equal(trained(), trained(callbacks=[Diary()], validation_data=(X, Y)))


def test_early_stopping_that_would_watch_nothing_is_told_before_training():
    model = Sequential([Dense(1, input_dim=2)], seed=0)
    model.compile("sgd", "mse")
    before = model.parameters.copy()
    with pytest.raises(ValueError, match="watches 'val_loss'.*give fit validation_data"):
        model.fit(np.ones((4, 2)), np.ones(4), callbacks=[EarlyStopping()], verbose=0)
    np.testing.assert_array_equal(model.parameters, before)


def test_the_last_batch_of_an_epoch_hears_nothing_of_validation():
    heard = []
    model = Sequential([Dense(1, input_dim=2)], seed=0)
    model.compile("sgd", "mse")
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: heard.append(sorted(logs)))
    x, y = np.ones((4, 2)), np.ones(4)
    model.fit(x, y, batch_size=2, validation_data=(x, y), callbacks=[watch], verbose=0)
    assert heard == [["loss"], ["loss"]]
