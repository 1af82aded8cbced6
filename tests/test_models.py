"""The network as a whole: building it, teaching it step by step, and what it says about itself."""

import pickle
import signal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annlab import SGD, Activation, Adam, Dense, Divergence, Dropout, Input, Sequential, SimpleRNN, datasets
from annlab.callbacks import LambdaCallback

X, Y = datasets.circle(n=60, seed=2)


def classifier(seed=0, **options):
    model = Sequential([Dense(6, "tanh", input_dim=2), Dropout(0.1), Dense(1, "sigmoid")], seed=seed, **options)
    model.compile(Adam(0.01), "binary_crossentropy", ["accuracy"])
    return model


# --- building -------------------------------------------------------------------------------------------------------


def test_ways_to_build_the_same_network():
    by_list = Sequential([Input((2,)), Dense(4, "relu"), Dense(1)], seed=1)
    by_add = Sequential(seed=1)
    by_add.add(Input((2,)))
    by_add.add(Dense(4, "relu"))
    by_add.add(Dense(1))
    in_the_layer = Sequential([Dense(4, "relu", input_dim=2), Dense(1)], seed=1)
    later = Sequential([Dense(4, "relu"), Dense(1)], seed=1)
    later.build((2,))
    as_keras = Sequential([Dense(4, "relu"), Dense(1)], seed=1)
    as_keras.build((None, 2))
    from_data = Sequential([Dense(4, "relu"), Dense(1)], seed=1)
    from_data.predict(X)
    for model in (by_add, in_the_layer, later, as_keras, from_data):
        assert np.array_equal(model.parameters, by_list.parameters)
        assert model.input_shape == (2,)
        assert model.output_shape == (1,)
        assert model.built


def test_names_are_given_in_order_and_can_be_chosen():
    model = Sequential([Dense(2, input_dim=2), Dense(2, name="middle"), Dense(2), Activation("relu"), Dropout(0.1)])
    assert [layer.name for layer in model.layers] == ["dense", "middle", "dense_1", "activation", "dropout"]
    assert Sequential([SimpleRNN(2, input_dim=1)]).layers[0].name == "simple_rnn"
    assert model.get_layer("middle") is model.layers[1] is model.get_layer(index=1)
    with pytest.raises(ValueError, match="did you mean 'middle'"):
        model.get_layer("midle")
    with pytest.raises(ValueError, match="two layers are called 'middle'"):
        model.add(Dense(3, name="middle"))
    assert len(model.layers) == 5


def test_a_layer_added_later_leaves_the_others_as_they_are():
    model = classifier()
    model.fit(X, Y, epochs=2, verbose=0)
    before = model.get_weights()
    model.add(Dense(1))
    for old, new in zip(before, model.get_weights(), strict=False):
        assert np.array_equal(old, new)
    model.compile("sgd", "mse")
    model.fit(X, Y, epochs=1, verbose=0)


def test_count_and_summary(capsys):
    model = classifier()
    # 2 * 6 + 6 = 18 and 6 * 1 + 1 = 7
    assert model.count_params() == 25
    model.summary()
    printed = capsys.readouterr().out
    for part in ("dense (Dense)", "(None, 6)", "tanh", "18", "dropout (Dropout)", "parameters: 25"):
        assert part in printed
    lines = []
    Sequential([Dense(3)]).summary(print_fn=lines.append)
    assert "not known yet" in lines[0]
    assert "Dense(units=6, activation='tanh'" in repr(model)


def test_weights_come_and_go_as_copies():
    model, twin = classifier(seed=1), classifier(seed=2)
    weights = model.get_weights()
    assert [w.shape for w in weights] == [(2, 6), (6,), (6, 1), (1,)]
    twin.set_weights(weights)
    assert np.array_equal(twin.predict(X), model.predict(X))
    weights[0][...] = 0
    assert model.layers[0].kernel.all()
    before = model.parameters.copy()
    with pytest.raises(ValueError, match="expected 4 weight arrays"):
        model.set_weights(weights[:3])
    with pytest.raises(ValueError, match=r"dense_1.kernel expected shape \(6, 1\); got \(6,\)"):
        model.set_weights([weights[0], weights[1], np.zeros(6), weights[3]])
    assert np.array_equal(model.parameters, before)


# --- answering ------------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(1, 70))
def test_predictions_do_not_depend_on_the_batch_size(batch_size):
    for model in (classifier(), Sequential([Dense(5, "relu", input_dim=2), Dense(3, "softmax")], seed=1)):
        np.testing.assert_allclose(model.predict(X, batch_size=batch_size), model.predict(X), rtol=0, atol=1e-14)


@given(st.permutations(range(12)))
def test_every_example_is_answered_for_itself(order):
    model = classifier()
    np.testing.assert_allclose(model.predict(X[:12][order]), model.predict(X[:12])[order], rtol=0, atol=1e-14)


def test_many_examples_go_through_in_pieces():
    model, x = classifier(), np.random.default_rng(0).normal(size=(10_000, 2))
    y = (x[:, 0] > 0).astype(int)
    together = model.predict(x)
    np.testing.assert_allclose(together[9_000:], model.predict(x[9_000:]), rtol=0, atol=1e-14)
    loss = model.loss(y, together)
    assert model.evaluate(x, y)[0] == pytest.approx(loss, rel=1e-12)


def test_the_light_path_says_the_same():
    model = classifier()
    assert np.array_equal(model(X), model.predict(X))
    np.testing.assert_allclose(model(X[0]), model.predict(X)[0], rtol=1e-12)
    assert model([[1, 2]]).shape == (1, 1)
    sizeless, sized = (Sequential([Dense(3, "tanh"), Dense(1)], seed=0) for _ in range(2))
    assert np.array_equal(sizeless(X), sized.predict(X))  # it takes its input size from x


def test_layer_outputs_are_the_outputs_of_every_node():
    model = classifier()
    outputs = model.layer_outputs(X)
    assert [y.shape for y in outputs] == [(60, 6), (60, 6), (60, 1)]
    assert np.array_equal(outputs[0], np.tanh(X @ model.layers[0].kernel + model.layers[0].bias))
    assert np.array_equal(outputs[1], outputs[0])  # nothing drops out while predicting
    assert np.array_equal(outputs[2], model.predict(X))


# --- compiling and judging ------------------------------------------------------------------------------------------


def test_evaluate_gives_a_number_a_list_or_a_dict():
    model = classifier()
    loss, accuracy = model.evaluate(X, Y)
    assert model.evaluate(X, Y, return_dict=True) == {"loss": loss, "accuracy": accuracy}
    model.compile("sgd", "binary_crossentropy")
    assert model.evaluate(X, Y) == loss
    assert accuracy == np.mean((model.predict(X)[:, 0] > 0.5) == Y)


def test_score_is_accuracy_or_r2():
    model = classifier()
    assert model.score(X, Y) == model.evaluate(X, Y)[1]
    line = Sequential([Dense(1, input_dim=1)])
    line.compile("sgd", "mse")
    line.layers[0].kernel, line.layers[0].bias = [[2.0]], [1.0]
    assert line.score([[0], [1], [2]], [1, 3, 5]) == 1
    # answers 1, 3, 5; errors 1, 0, 1, the squares sum to 2; around the mean 3 the targets' squares sum to 2: 1 - 2 / 2
    assert line.score([[0], [1], [2]], [2, 3, 4]) == 0


def test_compile_takes_names_and_objects_and_says_what_is_wrong():
    model = classifier()
    kept = model.optimizer, model.loss, model.metrics
    for arguments, message in [
        (("adamm", "mse"), "did you mean 'adam'"),
        (("adam", "msee"), "did you mean 'mse'"),
        (("adam", "mse", ["acuracy"]), "did you mean 'accuracy'"),
        (("adam", "sparse_categorical_crossentropy"), "compares several outputs"),
        (("adam",), "compile needs a loss"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.compile(*arguments)
        assert (model.optimizer, model.loss, model.metrics) == kept


def test_an_ending_that_does_not_suit_the_loss_is_said_once():
    model = Sequential([Dense(1, input_dim=2)])
    with pytest.warns(UserWarning, match="end with activation='sigmoid', or say from_logits=True") as seen:
        model.compile("sgd", "binary_crossentropy")
    assert len(seen) == 1
    model.fit(X, Y, verbose=0)  # and not again


# --- training -------------------------------------------------------------------------------------------------------


def test_one_update_by_hand():
    model = Sequential([Dense(1, input_dim=2)])
    model.layers[0].kernel, model.layers[0].bias = [[1.0], [-1.0]], [0.5]
    model.compile(SGD(0.1), "mse")
    # x (2, 1): output 2 - 1 + 0.5 = 1.5, target 1, loss 0.25, d loss / d output = 2 * 0.5 = 1
    # kernel - 0.1 * 1 * (2, 1) = (0.8, -1.1), bias 0.5 - 0.1 = 0.4
    assert model.train_on_batch([[2, 1]], [1]) == pytest.approx(0.25)
    assert model.layers[0].kernel.ravel() == pytest.approx([0.8, -1.1])
    assert model.layers[0].bias == pytest.approx([0.4])


def test_two_layers_by_hand():
    model = Sequential([Dense(1, "relu", input_dim=1), Dense(1, "sigmoid")])
    model.set_weights([[[2.0]], [1.0], [[0.5]], [-1.5]])
    model.compile(SGD(1.0), "binary_crossentropy")
    # x 1: relu(2 + 1) = 3; sigmoid(1.5 - 1.5) = 0.5; target 1: loss log 2, dz2 = 0.5 - 1 = -0.5
    # kernel2: -0.5 * 3 = -1.5, bias2: -0.5; dy1 = -0.5 * 0.5 = -0.25 = dz1 (relu is awake); kernel1, bias1: -0.25
    assert model.train_on_batch([[1]], [1]) == pytest.approx(np.log(2))
    got = [w.item() for w in model.get_weights()]
    assert got == pytest.approx([2.25, 1.25, 2.0, -1.0])


def test_fit_iter_fit_and_train_on_batch_are_one_loop():
    fitted, stepped, by_batch, by_hand = (classifier() for _ in range(4))
    for layer in (m.layers[1] for m in (fitted, stepped, by_batch, by_hand)):
        layer.rate = 0.0
    history = fitted.fit(X, Y, batch_size=16, epochs=3, verbose=0, shuffle=False).history
    epochs = list(stepped.iter_fit(X, Y, batch_size=16, epochs=3, shuffle=False))
    batches = list(by_batch.iter_fit(X, Y, batch_size=16, epochs=3, every="batch", shuffle=False))
    for _ in range(3):
        for start in range(0, 60, 16):
            by_hand.train_on_batch(X[start : start + 16], Y[start : start + 16])
    for model in (stepped, by_batch, by_hand):
        assert np.array_equal(model.parameters, fitted.parameters)
    assert [step.logs["loss"] for step in epochs] == history["loss"]
    assert [(s.epoch, s.batch, s.batches) for s in batches[:5]] == [
        (0, 0, 4),
        (0, 1, 4),
        (0, 2, 4),
        (0, 3, 4),
        (1, 0, 4),
    ]
    assert [s.end_of_epoch for s in batches[:5]] == [False, False, False, True, False]
    assert [step.logs for step in batches if step.end_of_epoch] == [step.logs for step in epochs]


def test_every_pace_learns_the_same_with_shuffling_and_dropout():
    models = [classifier() for _ in range(3)]
    models[0].fit(X, Y, batch_size=7, epochs=3, verbose=0)
    list(models[1].iter_fit(X, Y, batch_size=7, epochs=3, every="batch"))
    models[2].fit(
        X, Y, batch_size=7, epochs=3, verbose=0, callbacks=[LambdaCallback(on_train_batch_end=lambda batch, logs: 0)]
    )
    for model in models[1:]:
        assert np.array_equal(model.parameters, models[0].parameters)


def test_a_step_of_a_batch_tells_of_that_batch():
    model = classifier()
    model.layers[1].rate = 0.0
    steps = model.iter_fit(X, Y, batch_size=16, epochs=1, every="batch", shuffle=False)
    before = model.evaluate(X[:16], Y[:16], return_dict=True)
    assert next(steps).logs == pytest.approx(before)
    before = model.evaluate(X[16:32], Y[16:32], return_dict=True)
    assert next(steps).logs == pytest.approx(before)


def test_between_steps_everything_may_be_changed():
    model = classifier()
    steps = model.iter_fit(X, Y, batch_size=10, epochs=100, every="batch")
    next(steps)
    model.optimizer.learning_rate = 1e-15
    before = model.parameters.copy()
    next(steps)
    np.testing.assert_allclose(model.parameters, before, atol=1e-13)
    model.layers[0].kernel = np.zeros((2, 6))
    next(steps)
    np.testing.assert_allclose(model.layers[0].kernel, 0, atol=1e-13)
    model.predict(X[:3])  # looking does not disturb
    next(steps)


def test_generators_can_be_left_and_two_can_run():
    one, two = classifier(), classifier()
    first, second = (m.iter_fit(X, Y, epochs=3, every="batch") for m in (one, two))
    for _ in range(6):
        assert next(first).logs == next(second).logs
    first.close()
    one.fit(X, Y, epochs=1, verbose=0)


def test_epochs_of_none_change_nothing():
    model = classifier()
    before = model.parameters.copy()
    assert model.fit(X, Y, epochs=0, verbose=0).history == {}
    assert model.fit(X, Y, epochs=3, initial_epoch=3, verbose=0).epoch == []
    assert np.array_equal(model.parameters, before)


def test_the_same_seed_gives_bitwise_the_same():
    first, second, other = classifier(seed=4), classifier(seed=4), classifier(seed=5)
    assert np.array_equal(first.parameters, second.parameters)
    histories = [m.fit(X, Y, epochs=4, batch_size=8, verbose=0, validation_split=0.2).history for m in (first, second)]
    assert histories[0] == histories[1]
    assert np.array_equal(first.parameters, second.parameters)
    assert not np.array_equal(first.parameters, other.parameters)


def test_without_a_seed_networks_differ_and_numpys_global_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = classifier(seed=None), classifier(seed=None)
    first.fit(X, Y, verbose=0)
    assert not np.array_equal(first.parameters, second.parameters)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_shuffling_changes_the_order_and_nothing_else():
    seen = []

    class Ear(Dense):
        def forward(self, x, training=False):
            if training:
                seen.append(x[:, 0].copy())
            return super().forward(x, training)

    model = Sequential([Ear(1, input_dim=1)], seed=0)
    model.compile("sgd", "mse")
    numbers = np.arange(10.0)
    model.fit(numbers[:, None], numbers, batch_size=4, epochs=2, verbose=0)
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    assert sorted(first) == sorted(second) == list(numbers)  # each example once an epoch
    assert list(first) != list(second) != list(numbers)
    seen.clear()
    model.fit(numbers[:, None], numbers, batch_size=4, epochs=1, shuffle=False, verbose=0)
    assert list(np.concatenate(seen)) == list(numbers)


def test_large_data_are_gathered_batch_by_batch_with_the_same_result(monkeypatch):
    import annlab.training

    small = classifier()
    history = small.fit(X, Y, epochs=3, batch_size=8, verbose=0, sample_weight=np.linspace(0, 1, 60)).history
    monkeypatch.setattr(annlab.training, "SMALL_DATA", 0)
    large = classifier()
    assert large.fit(X, Y, epochs=3, batch_size=8, verbose=0, sample_weight=np.linspace(0, 1, 60)).history == history
    assert np.array_equal(small.parameters, large.parameters)


def test_validation_takes_the_end_and_is_not_learned_from():
    split, given_data = classifier(), classifier()
    first = split.fit(X, Y, epochs=3, verbose=0, validation_split=0.25).history
    second = given_data.fit(X[:45], Y[:45], epochs=3, verbose=0, validation_data=(X[45:], Y[45:])).history
    assert first == second
    assert list(first) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    last = given_data.evaluate(X[45:], Y[45:], return_dict=True)
    assert {name: first[f"val_{name}"][-1] for name in last} == last


def test_a_weight_of_two_is_the_example_twice():
    def trained(x, y, **weights):
        model = Sequential([Dense(3, "tanh", input_dim=2), Dense(1, "sigmoid")], seed=0)
        model.compile(SGD(0.1 * len(x)), "binary_crossentropy")  # the mean is over rows, with and without weights
        model.fit(x, y, batch_size=100, shuffle=False, epochs=2, verbose=0, **weights)
        return model.parameters

    x, y = X[:6], np.array([0, 1, 0, 1, 1, 0])
    twice = trained(np.concatenate([x, x[[1, 3, 4]]]), np.concatenate([y, y[[1, 3, 4]]]))
    np.testing.assert_allclose(trained(x, y, sample_weight=[1, 2, 1, 2, 2, 1]), twice, rtol=1e-12)
    np.testing.assert_allclose(trained(x, y, class_weight={0: 1, 1: 2}), twice, rtol=1e-12)
    np.testing.assert_allclose(trained(x, y, class_weight={1: 2}, sample_weight=np.ones(6)), twice, rtol=1e-12)


def test_classes_of_three_can_weigh_differently():
    def trained(y, loss, **weights):
        model = Sequential([Dense(3, "softmax", input_dim=2)], seed=0)
        model.compile(SGD(0.1), loss)
        model.fit(X[:6], y, epochs=2, verbose=0, **weights)
        return model.parameters

    y = np.array([0, 1, 2, 2, 1, 0])
    by_class = trained(y, "sparse_categorical_crossentropy", class_weight={0: 1, 1: 3, 2: 0.5})
    by_row = trained(np.eye(3)[y], "categorical_crossentropy", class_weight={0: 1, 1: 3, 2: 0.5})
    by_example = trained(y, "sparse_categorical_crossentropy", sample_weight=[1, 3, 0.5, 0.5, 3, 1])
    assert np.array_equal(by_class, by_row)
    assert np.array_equal(by_class, by_example)


def test_history_is_kept_and_returned():
    model = classifier()
    history = model.fit(X, Y, epochs=3, initial_epoch=1, verbose=0)
    assert model.history is history
    assert history.epoch == [1, 2]
    assert {name: len(values) for name, values in history.history.items()} == {"loss": 2, "accuracy": 2}
    assert all(type(value) is float for values in history.history.values() for value in values)
    assert "2 epochs" in repr(history)
    assert pickle.loads(pickle.dumps(model)).history.history == history.history


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples():
    model = Sequential([Dense(1, input_dim=1)], seed=0)
    model.compile(SGD(1e-300), "mse")  # a learning rate that moves nothing
    x = np.arange(10.0)[:, None]
    history = model.fit(x, x[:, 0] * 3, batch_size=4, verbose=0).history
    assert history["loss"] == pytest.approx([model.evaluate(x, x[:, 0] * 3)])


def test_an_optimizer_moves_to_another_network_without_its_memory():
    shared = Adam(0.01)
    first, second, fresh = classifier(), classifier(), classifier()
    first.compile(shared, "binary_crossentropy")
    first.fit(X, Y, epochs=2, verbose=0)
    second.compile(shared, "binary_crossentropy")
    fresh.compile(Adam(0.01), "binary_crossentropy")
    second.fit(X, Y, epochs=2, verbose=0)
    fresh.fit(X, Y, epochs=2, verbose=0)
    assert np.array_equal(second.parameters, fresh.parameters)


def test_two_networks_with_one_optimizer_do_not_share_a_memory():
    """Both are compiled before either has learned; then they take turns."""
    shared, alone, models = Adam(0.01), Adam(0.01), [classifier() for _ in range(3)]
    for model, optimizer in zip(models, (shared, shared, alone), strict=True):
        model.compile(optimizer, "binary_crossentropy")
    assert models[0].optimizer is shared
    models[0].compile(shared, "binary_crossentropy", ["accuracy"])
    assert models[0].optimizer is shared  # its own one
    for _ in range(3):
        for model in models:
            model.train_on_batch(X, Y)
    assert np.array_equal(models[0].parameters, models[2].parameters)
    assert np.array_equal(models[1].parameters, models[2].parameters)
    assert [model.optimizer.iterations for model in models] == [3, 3, 3]


# --- stopping -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["on_epoch_begin", "on_epoch_end", "on_train_batch_end"])
@pytest.mark.parametrize("by_signal", [False, True])
def test_ctrl_c_leaves_a_usable_network_and_the_history(moment, by_signal):
    calls = []

    def interrupt(*_):
        calls.append(1)
        if len(calls) == 5:
            if not by_signal:
                raise KeyboardInterrupt
            signal.raise_signal(signal.SIGINT)

    model = classifier()
    history = model.fit(X, Y, epochs=50, batch_size=30, verbose=0, callbacks=[LambdaCallback(**{moment: interrupt})])
    # two batches an epoch: the fifth batch is in the third epoch; the fifth epoch is not finished either
    assert len(history.epoch) == (2 if moment == "on_train_batch_end" else 4)
    assert len(history.history["loss"]) == len(history.epoch)
    assert np.isfinite(model.predict(X)).all()
    assert len(model.fit(X, Y, epochs=2, verbose=0).epoch) == 2


def test_ctrl_c_is_not_swallowed_by_the_generator():
    steps = classifier().iter_fit(X, Y, epochs=3)
    next(steps)
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt)


def diverging(optimizer, dtype="float64", loss="mse", scale=10.0):
    model = Sequential([Dense(4, input_dim=2, name="first"), Dense(1, name="second")], seed=0, dtype=dtype)
    model.compile(optimizer, loss)
    return model, X * scale, Y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_divergence_says_where_what_when_and_what_to_try(dtype):
    model, x, y = diverging(SGD(10.0), dtype)
    with pytest.raises(Divergence) as caught:
        model.fit(x, y, epochs=50, batch_size=20, verbose=0)
    error, message = caught.value, str(caught.value)
    assert error.layer in ("first", "second", "")
    assert error.quantity in message
    assert f"epoch {error.epoch + 1}, batch {error.batch + 1} (update {model.optimizer.iterations + 1})" in message
    for part in ("smaller learning_rate (it is 10)", "scaled", "clipnorm", "last good update"):
        assert part in message
    assert np.isfinite(model.parameters).all()
    assert len(model.history.epoch) == error.epoch
    again = pickle.loads(pickle.dumps(error))  # it may have happened in another process
    assert (str(again), again.epoch, again.layer) == (message, error.epoch, error.layer)


@pytest.mark.parametrize(
    ("optimizer", "loss", "scale"),
    [
        (SGD(10.0), "mse", 10.0),
        (SGD(10.0, momentum=0.9, nesterov=True), "mse", 10.0),
        (SGD(1e308), "mse", 1.0),
        (SGD(1e200), "mae", 1e150),
        (SGD(1e150), "mse", 1e100),
        (Adam(1e308), "mae", 1.0),
        (SGD(0.1), "mse", 1e200),
    ],
    ids=repr,
)
def test_divergence_leaves_the_last_finite_weights(optimizer, loss, scale):
    model, x, y = diverging(optimizer, loss=loss, scale=scale)
    seen = [model.parameters.copy()]

    def train():
        for _ in model.iter_fit(x, y, epochs=200, batch_size=20, every="batch"):
            seen.append(model.parameters.copy())

    with pytest.raises(Divergence, match="last good update") as caught:
        train()
    assert f"update {len(seen)})" in str(caught.value)  # the first batch was update 1
    assert np.isfinite(seen).all()
    assert np.array_equal(model.parameters, seen[-1])


def test_divergence_names_the_layer_and_the_quantity():
    model = Sequential([Dense(2, input_dim=1, name="calm"), Dense(1, name="loud")], seed=0)
    model.layers[1].kernel = [[1e300], [1e300]]
    model.layers[0].kernel = [[1e10, 1e10]]
    model.compile("sgd", "mse")
    with pytest.raises(Divergence, match="the weighted sums of layer 'loud'") as caught:
        model.fit([[1.0]], [1.0], verbose=0)
    assert caught.value.layer == "loud"
    assert caught.value.epoch == caught.value.batch == 0


def test_a_loss_beyond_all_numbers_stops_training_though_every_gradient_is_finite():
    # error 1e160, its square is beyond the largest float; the gradient is 1e-200 * 1e160, far from it
    model = Sequential([Dense(1, use_bias=False, input_dim=1)], seed=0)
    model.compile("sgd", "mse")
    with pytest.raises(Divergence, match="the loss grew beyond all numbers") as caught:
        model.fit([[1e-200]], [1e160], verbose=0)
    assert caught.value.quantity == "the loss"
    assert np.isfinite(model.parameters).all()


def test_a_divergence_that_the_end_of_an_epoch_shows_names_the_last_update():
    """With one batch an epoch, epoch 112 is update 112: the update was made before its loss was looked at."""
    x, y = datasets.plane(n=200, seed=0)
    model = Sequential([Input((2,)), Dense(1)], seed=0)
    model.compile(SGD(1.0), "mse")
    with pytest.raises(Divergence, match="the loss grew beyond all numbers") as caught:
        model.fit(x, y, batch_size=200, epochs=300, verbose=0)
    assert f"epoch {caught.value.epoch + 1}, batch 1 (update {caught.value.epoch + 1})" in str(caught.value)


def test_a_network_can_be_trained_on_after_divergence():
    model, x, y = diverging(SGD(10.0), scale=1.0)
    with pytest.raises(Divergence):
        model.fit(x, y, epochs=100, verbose=0)
    model.set_weights([w * 0 + 0.1 for w in model.get_weights()])
    model.compile(SGD(0.01), "mse")
    history = model.fit(x, y, epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]


# --- trace ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss", ["mse", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]
)
@pytest.mark.parametrize("single", [True, False])
def test_a_trace_foretells_what_training_will_do(loss, single):
    units, ending = (1, "sigmoid") if loss in ("mse", "binary_crossentropy") else (2, "softmax")
    model = Sequential([Dense(3, "tanh", input_dim=2, kernel_regularizer="l2"), Dense(units, ending)], seed=0)
    model.compile(Adam(0.05), loss)
    model.fit(X, np.eye(2)[Y] if loss == "categorical_crossentropy" else Y, epochs=1, verbose=0)
    y = np.eye(2)[Y[:1]] if loss == "categorical_crossentropy" else Y[:1]
    x, before, state = X[:1], model.parameters.copy(), model.rng.bit_generator.state
    trace = model.trace(x[0], y[0]) if single else model.trace(x, y)
    # nothing has changed ...
    assert np.array_equal(model.parameters, before)
    assert model.rng.bit_generator.state == state
    assert model.optimizer.iterations == 2
    # ... what it says of now is so ...
    assert trace.loss == pytest.approx(model.evaluate(x, y), rel=1e-12)
    np.testing.assert_allclose(np.atleast_2d(trace.output), model.predict(x))
    for seen, layer in zip(trace.layers, model.layers, strict=True):
        assert (seen.name, seen.activation) == (layer.name, layer.activation.name)
        assert seen.x.ndim == seen.z.ndim == seen.dy.ndim == (1 if single else 2)
        for name in ("kernel", "bias"):
            assert np.array_equal(seen.weights[name], layer.weights[name])
            np.testing.assert_allclose(seen.updates[name], seen.new_weights[name] - seen.weights[name])
    # ... and what it says will come, comes.
    model.train_on_batch(x, y)
    for seen, layer in zip(trace.layers, model.layers, strict=True):
        for name in ("kernel", "bias"):
            assert np.array_equal(seen.new_weights[name], layer.weights[name])
            assert np.array_equal(seen.gradients[name], layer.gradients[name])


def test_a_trace_by_hand():
    model = Sequential([Dense(1, "relu", input_dim=1), Dense(1, "sigmoid")])
    model.set_weights([[[2.0]], [1.0], [[0.5]], [-1.5]])
    model.compile(SGD(1.0), "binary_crossentropy")
    first, last = model.trace([1.0], 1).layers
    # the numbers of test_two_layers_by_hand; the loss -log y has the slope -1 / 0.5 = -2 at the output
    assert (first.x, first.z, first.y) == (1, 3, 3)
    assert (last.x, last.z, last.y) == (3, 0, 0.5)
    assert (last.dy, last.dz, last.dx) == (pytest.approx([-2]), pytest.approx([-0.5]), pytest.approx([-0.25]))
    assert (first.dy, first.dz, first.dx) == (pytest.approx([-0.25]), pytest.approx([-0.25]), pytest.approx([-0.5]))
    assert last.new_weights["kernel"].item() == pytest.approx(2.0)


def test_a_trace_without_a_target_tells_the_way_forward():
    trace = classifier().trace(X[0])
    assert trace.target is trace.loss is None
    assert trace.layers[0].gradients == trace.layers[0].updates == {}
    assert trace.layers[2].dy is None
    assert trace.output.shape == (1,)
    Sequential([Dense(2, input_dim=2)]).trace(X[:3])  # no need to be compiled


def test_the_weights_of_examples_are_in_the_trace():
    model = classifier()
    single, double = model.trace(X[:2], Y[:2]), model.trace(X[:2], Y[:2], sample_weight=[2, 2])
    assert double.loss == pytest.approx(2 * single.loss)
    np.testing.assert_allclose(double.layers[2].dy, 2 * single.layers[2].dy)
    np.testing.assert_allclose(double.layers[0].gradients["kernel"], 2 * single.layers[0].gradients["kernel"])


# --- what it is for -------------------------------------------------------------------------------------------------


def test_it_learns_xor():
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    model = Sequential([Dense(4, "tanh", input_dim=2), Dense(1, "sigmoid")], seed=0)
    model.compile(Adam(0.1), "binary_crossentropy", ["accuracy"])
    model.fit(x, y, epochs=200, verbose=0)
    assert model.evaluate(x, y)[1] == 1
    assert (model.predict(x)[:, 0] > 0.5).tolist() == [False, True, True, False]


def test_it_reads_digits():
    x, y = datasets.digits()
    train_x, test_x, train_y, test_y = datasets.train_test_split(x, y, test_size=0.25, seed=0)
    model = Sequential([Dense(32, "relu", input_dim=64), Dense(10, "softmax")], seed=0, dtype="float32")
    model.compile(Adam(0.003), "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(train_x, train_y, epochs=15, verbose=0)
    assert model.evaluate(test_x, test_y)[1] > 0.94


def test_a_layer_that_was_tried_out_alone_keeps_its_weights_in_a_network():
    layer = Dense(3, "tanh")
    alone = layer(np.ones((2, 4)))
    model = Sequential([layer, Dense(1)], seed=0)
    assert model.input_shape == (4,)
    np.testing.assert_array_equal(model.layer_outputs(np.ones((2, 4)))[0], alone)
    with pytest.raises(ValueError, match="part of a network already"):
        Sequential([layer])
    other = Dense(3)
    other(np.ones((2, 5)))
    with pytest.raises(ValueError, match="two input sizes"):
        model.add(other)


def test_an_activation_may_be_changed_by_name():
    model = Sequential([Dense(3, "tanh", input_dim=2), Dense(1)], seed=0)
    z = np.ones((1, 2)) @ model.layers[0].kernel
    model.layers[0].activation = "relu"
    np.testing.assert_array_equal(model.layer_outputs(np.ones((1, 2)))[0], np.maximum(z, 0))
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        model.layers[0].activation = "rleu"
    assert model.layers[0].activation.name == "relu"
