"""Layers by hand, their views into the network's vectors, and their manners with arrays that are not theirs."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from annlab import Activation, Adam, Dense, Dropout, Input, Sequential, SimpleRNN
from annlab.layers import LAYERS


def dense(kernel, bias, activation="linear"):
    kernel = np.asarray(kernel, dtype=float)
    layer = Dense(kernel.shape[1], activation).start(kernel.shape[0])
    layer.kernel, layer.bias = kernel, bias
    return layer


# --- Dense ----------------------------------------------------------------------------------------------------------


def test_dense_by_hand():
    # z = (1 * 1 + 2 * 3 + 0.5, 1 * 2 + 2 * -4 - 1) = (7.5, -7);  relu leaves (7.5, 0)
    layer = dense([[1, 2], [3, -4]], [0.5, -1], "relu")
    y = layer(np.array([[1.0, 2.0]]))
    assert y.tolist() == [[7.5, 0]]
    assert layer.z.tolist() == [[7.5, -7]]
    assert layer.x.tolist() == [[1, 2]]


def test_dense_backward_by_hand():
    layer = dense([[1, 2], [3, -4]], [0.5, -1], "relu")
    layer.forward(np.array([[1.0, 2.0]]))
    dx = layer.backward(np.array([[10.0, 10.0]]))
    # The second unit is silent, so it is not to blame: dz = (10, 0)
    assert layer.dz.tolist() == [[10, 0]]
    # kernel: x times dz;  bias: dz;  input: dz times the kernel's first column
    assert layer.gradients["kernel"].tolist() == [[10, 0], [20, 0]]
    assert layer.gradients["bias"].tolist() == [10, 0]
    assert dx.tolist() == [[10, 30]]


def test_gradients_of_a_batch_add_up():
    layer, rng = dense(np.eye(2), [0, 0], "tanh"), np.random.default_rng(0)
    x, dy = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    total = np.zeros((2, 2))
    for i in range(5):
        layer.forward(x[i : i + 1])
        layer.backward(dy[i : i + 1])
        total += layer.gradients["kernel"]
    layer.forward(x)
    layer.backward(dy)
    np.testing.assert_allclose(layer.gradients["kernel"], total)


def test_dense_reads_every_moment_of_a_sequence_alike():
    layer, rng = Dense(4, "tanh").start((None, 3), seed=0), np.random.default_rng(0)
    x, dy = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 5, 4))
    y, rows = layer(x), Dense(4, "tanh").start(3, seed=0)
    np.testing.assert_allclose(y.reshape(10, 4), rows(x.reshape(10, 3)))
    layer.forward(x)
    rows.forward(x.reshape(10, 3))
    np.testing.assert_allclose(layer.backward(dy).reshape(10, 3), rows.backward(dy.reshape(10, 4)))
    for name in ("kernel", "bias"):
        np.testing.assert_allclose(layer.gradients[name], rows.gradients[name])


def test_without_bias():
    layer = Dense(2, use_bias=False).start(3)
    assert list(layer.weights) == ["kernel"]
    assert layer.bias is None
    assert layer(np.zeros((1, 3))).tolist() == [[0, 0]]
    with pytest.raises(AttributeError, match="has no bias"):
        layer.bias = [1, 2]


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 127, 128, 129, 131, 254, 1000])
@pytest.mark.parametrize("units", [1, 3, 32, 33])
def test_the_bias_is_added_to_every_row(units, rows):
    layer, rng = Dense(units).start(4, seed=0), np.random.default_rng(rows)
    for _ in range(2):
        layer.bias = rng.normal(size=units)
        x = rng.normal(size=(rows, 4))
        np.testing.assert_allclose(layer(x), x @ layer.kernel + layer.bias, rtol=1e-12, atol=1e-14)


def test_one_example_without_a_batch_goes_through_too():
    layer = dense([[1, 2], [3, -4]], [0.5, -1])
    assert layer.forward(np.array([1.0, 2.0])).tolist() == [7.5, -7]


def test_the_articles_way_of_giving_the_size():
    layer = Dense(input_dim=2, units=10, activation="relu", kernel_initializer="uniform")
    assert Sequential([layer]).layers[0].kernel.shape == (2, 10)
    assert Sequential([Dense(3, input_shape=(2,))]).layers[0].kernel.shape == (2, 3)


# --- the views into the network's vectors ---------------------------------------------------------------------------


def network(seed=0, dtype="float64"):
    model = Sequential(
        [Input((None, 3)), SimpleRNN(4, name="memory"), Dense(5, "relu"), Dropout(0.2), Dense(2, "softmax")],
        seed=seed,
        dtype=dtype,
    )
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


X, Y = np.random.default_rng(3).normal(size=(12, 6, 3)), np.arange(12) % 2


def assert_one_vector(model):
    """Every weight is a view into ``parameters``, every gradient one into ``gradients``, without gap or overlap."""
    for vector, kind in ((model.parameters, "weights"), (model.gradients, "gradients")):
        parts = [part for layer in model.layers for part in getattr(layer, kind).values()]
        for part in parts:
            assert np.shares_memory(part, vector)
        vector[...] = np.arange(vector.size)
        assert np.array_equal(np.concatenate([part.ravel() for part in parts]), np.arange(vector.size))


def test_all_weights_are_views_into_one_vector():
    model = network()
    # recurrent: 3 * 4 + 4 * 4 + 4 = 32;  dense: 4 * 5 + 5 = 25 and 5 * 2 + 2 = 12
    assert model.parameters.shape == model.gradients.shape == (32 + 25 + 12,)
    assert_one_vector(model)


def test_assignment_copies_in():
    model = network()
    layer = model.get_layer("dense")
    kernel, mine = layer.kernel, np.full((4, 5), 7.0)
    layer.kernel = mine
    assert layer.kernel is kernel
    assert (model.parameters == 7).sum() == 20
    mine[...] = 0  # my array stays mine
    assert (layer.kernel == 7).all()
    layer.kernel += 1
    layer.bias = [1, 2, 3, 4, 5]  # lists and whole numbers will do
    assert (layer.kernel == 8).all()
    assert layer.kernel is kernel
    assert_one_vector(model)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: setattr(m.layers[1], "kernel", np.ones((4, 5))),
        lambda m: m.set_weights([w + 1 for w in m.get_weights()]),
        lambda m: m.fit(X, Y, epochs=2, verbose=0),
        lambda m: m.train_on_batch(X, Y),
        lambda m: m.predict(X),
        lambda m: m.trace(X, Y),
        lambda m: m.compile("sgd", "mse"),
        lambda m: setattr(m, "parameters", np.ones(m.count_params())),
        lambda m: setattr(m, "parameters", m.parameters * 2),
    ],
    ids=["assign", "set_weights", "fit", "train_on_batch", "predict", "trace", "compile", "vector", "vector times 2"],
)
def test_no_way_of_changing_weights_detaches_a_view(change):
    model = network()
    change(model)
    assert_one_vector(model)


@given(arrays.arrays(float, (4, 5), elements=st.floats(-1e6, 1e6)))
def test_what_is_assigned_is_what_is_used(kernel):
    model = network()
    model.layers[1].kernel = kernel
    assert np.array_equal(model.get_weights()[3], kernel)
    assert np.array_equal(model.layers[1].kernel, kernel)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("trained", [False, True])
def test_a_copy_has_a_vector_of_its_own(copied, trained):
    model = network()
    if trained:
        model.fit(X, Y, epochs=2, verbose=0)
    twin = copied(model)
    assert np.array_equal(twin.parameters, model.parameters)
    assert not np.shares_memory(twin.parameters, model.parameters)
    assert twin.layers[1].activation is model.layers[1].activation  # found again by its name
    # Both go on to the same digits, optimizer, shuffling and dropout included ...
    first, second = (m.fit(X, Y, epochs=3, batch_size=5, verbose=0).history for m in (model, twin))
    assert first == second
    assert np.array_equal(twin.parameters, model.parameters)
    # ... and from here each for itself.
    before = model.parameters.copy()
    assert_one_vector(twin)
    twin.layers[0].kernel = np.zeros((3, 4))
    assert np.array_equal(model.parameters, before)
    assert_one_vector(model)


def test_a_layer_alone_says_what_does_not_fit():
    layer = Dense(3).start(2)
    with pytest.raises(ValueError, match=r"this Dense expected 2 features per example; got x of shape \(4, 5\)"):
        layer(np.ones((4, 5)))
    with pytest.raises(TypeError, match="x should hold numbers; got text"):
        layer([["a", "b"]])


def test_a_layer_alone_can_be_copied():
    layer = Dense(3, "tanh").start(2, seed=1)
    x = np.ones((1, 2))
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert np.array_equal(twin(x), layer(x))
        twin.kernel = np.zeros((2, 3))
        assert layer.kernel.any()


def test_the_dicts_of_views_cannot_be_replaced_by_mistake():
    layer = network().layers[1]
    with pytest.raises(TypeError):
        layer.weights["kernel"] = np.zeros((4, 5))
    layer.weights["kernel"][...] = 3  # writing into them is fine
    assert (layer.kernel == 3).all()


def test_weights_that_do_not_fit():
    layer = network().layers[1]
    before = layer.kernel.copy()
    with pytest.raises(ValueError, match=r"kernel of 'dense' expected shape \(4, 5\); got \(5, 4\)"):
        layer.kernel = np.zeros((5, 4))
    with pytest.raises(ValueError, match="kernel contains NaN"):
        layer.kernel = np.full((4, 5), np.nan)
    assert np.array_equal(layer.kernel, before)
    with pytest.raises(ValueError, match=r"parameters expected shape \(69,\)"):
        network().parameters = np.zeros(68)
    with pytest.raises(ValueError, match=r"kernel expected shape \(2, 3\); got \(3, 2\)"):
        Dense(3).start(2).kernel = np.zeros((3, 2))
    with pytest.raises(AttributeError, match="this Dense has no kernel yet: it does not know its input size"):
        Dense(3).kernel  # noqa: B018


# --- borrowed arrays ------------------------------------------------------------------------------------------------

BUILDERS = {
    "Dense": lambda: Dense(3, "tanh").start(3, seed=0),
    "Dense, linear": lambda: Dense(3).start(3, seed=0),
    "Activation": lambda: Activation("relu").start(3),
    "Activation, linear": lambda: Activation("linear").start(3),
    "Dropout": lambda: Dropout(0.5).start(3, seed=0),
    "SimpleRNN": lambda: SimpleRNN(3).start((4, 3), seed=0),
    "SimpleRNN, all steps": lambda: SimpleRNN(3, return_sequences=True).start((4, 3), seed=0),
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", BUILDERS)
def test_neither_x_nor_dy_is_modified(kind, training):
    layer, rng = BUILDERS[kind](), np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 3) if "RNN" in kind else (2, 3))
    x.flags.writeable = False  # writing would raise
    y = layer.forward(x, training)
    dy = rng.normal(size=y.shape)
    dy.flags.writeable = False
    dx = layer.backward(dy)
    assert dx.shape == x.shape
    layer.backward(dy)


def test_a_networks_way_back_leaves_the_blame_of_every_layer_intact():
    """``dx`` of a layer is ``dy`` of the one before; each is compared with the way back done once more, by hand."""
    model = Sequential([Dense(4, "relu", input_dim=3), Activation("tanh"), Dense(3), Dense(2, "tanh")], seed=0)
    model.compile("sgd", "mse")
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    trace = model.trace(x, y)
    dy = 2 * (trace.output - y) / y.size
    for seen, layer in reversed(list(zip(trace.layers, model.layers, strict=True))):
        np.testing.assert_allclose(seen.dy, dy)
        dz = layer.activation.backward(dy, seen.z, seen.y)
        np.testing.assert_allclose(seen.dz, dz)
        dy = dz @ layer.kernel.T if isinstance(layer, Dense) else dz
        np.testing.assert_allclose(seen.dx, dy)


def test_buffers_are_used_again_and_answers_are_kept():
    model = network()
    first = model.predict(X)
    kept = first.copy()
    called, outputs = model(X), model.layer_outputs(X)
    copies = [output.copy() for output in (called, *outputs)]
    model.predict(-X)
    model(X * 2)
    model.layer_outputs(X * 3)
    model.fit(X, Y, epochs=1, verbose=0)
    assert np.array_equal(first, kept)
    for array, before in zip((called, *outputs), copies, strict=True):
        assert np.array_equal(array, before)
    layer = model.layers[1]
    model(X)
    buffer = layer.y
    model(-X)
    assert layer.y is buffer  # that is why one copies what one keeps


def test_two_precisions_do_not_confuse_the_buffers():
    layer = Activation("sigmoid")
    for dtype in (np.float32, np.float64, np.float32):
        y = layer(np.zeros((2, 3), dtype))
        assert y.dtype == dtype
        assert (y == 0.5).all()


def test_a_layer_that_could_not_start_is_as_new():
    def fails_at_first(shape, rng, dtype):
        return np.ones(shape if failed else 99)

    failed = []
    layer = Dense(2, kernel_initializer=fails_at_first)
    for start in (lambda: layer.start(3), lambda: Sequential([Input((3,)), layer])):
        with pytest.raises(ValueError, match="broadcast"):
            start()
        assert layer.shapes is layer.input_shape is None
        assert not layer.weights
        assert not layer.in_network
    failed.append(True)
    assert (Sequential([Input((3,)), layer]).layers[0].kernel == 1).all()


def test_many_batch_sizes_do_not_confuse_the_buffers():
    model = network()
    whole = model(X)
    for _ in range(2):
        for size in range(1, 13):
            np.testing.assert_allclose(model(X[:size]), whole[:size], rtol=1e-12)
            model.train_on_batch(X[:size], Y[:size])
            model.set_weights(network().get_weights())


# --- Dropout --------------------------------------------------------------------------------------------------------


def test_dropout_silences_a_share_and_raises_the_rest():
    layer = Dropout(0.2).start(1000, seed=0)
    x = np.ones((100, 1000))
    y = layer(x, training=True)
    # 100,000 draws: the share silenced is 0.2 give or take sqrt(0.2 * 0.8 / 100000) = 0.00126
    assert (y == 0).mean() == pytest.approx(0.2, abs=5 * 0.00126)
    assert set(np.unique(y)) == {0, 1.25}  # 1 / (1 - 0.2): the sum stays what it was, on average
    assert np.array_equal(layer.backward(x), y)  # the silenced ones are not to blame
    assert np.array_equal(layer(x), x)  # when predicting nothing is silenced
    assert np.array_equal(layer.backward(x), x)


def test_dropout_of_nothing():
    layer, x = Dropout(0.0).start(3), np.ones((2, 3))
    assert np.array_equal(layer(x, training=True), x)
    for rate in (1, 1.5, -0.1):
        with pytest.raises(ValueError, match="rate should be a number at least 0 and below 1"):
            Dropout(rate)


def test_dropout_follows_the_networks_seed():
    def outputs(seed):
        model = Sequential([Dropout(0.5, input_dim=50), Dense(1)], seed=seed)
        model.layers[0].forward(np.ones((1, 50)), training=True)
        return model.layers[0].y

    assert np.array_equal(outputs(1), outputs(1))
    assert not np.array_equal(outputs(1), outputs(2))


# --- SimpleRNN ------------------------------------------------------------------------------------------------------


def test_a_recurrent_unit_by_hand():
    # z_t = x_t * 2 + y_(t-1) * 0.5 + 1, linear:
    # y_1 = 1 * 2 + 1 = 3;  y_2 = 0 * 2 + 3 * 0.5 + 1 = 2.5;  y_3 = -1 * 2 + 2.5 * 0.5 + 1 = 0.25
    layer = SimpleRNN(1, "linear", return_sequences=True).start((None, 1))
    layer.kernel, layer.recurrent_kernel, layer.bias = [[2]], [[0.5]], [1]
    x = np.array([[[1.0], [0.0], [-1.0]]])
    assert layer(x).ravel().tolist() == [3, 2.5, 0.25]
    layer.forward(x)
    layer.backward(np.array([[[0.0], [0.0], [1.0]]]))
    # d y_3: by the bias 1 + 0.5 + 0.25 (straight, and through y_2 and y_1), by the kernel -1 + 0.5 * 0 + 0.25 * 1,
    # by the recurrent weight y_2 + 0.5 * y_1
    assert layer.gradients["bias"] == pytest.approx([1.75])
    assert layer.gradients["kernel"] == pytest.approx(np.array([[-0.75]]))
    assert layer.gradients["recurrent_kernel"] == pytest.approx(np.array([[2.5 + 1.5]]))


@pytest.mark.parametrize("activation", ["tanh", "relu", "softmax"])
@pytest.mark.parametrize("use_bias", [True, False])
def test_one_step_at_a_time_is_the_whole_sequence(activation, use_bias):
    layer = SimpleRNN(4, activation, use_bias=use_bias, return_sequences=True).start((None, 3), seed=0)
    x = np.random.default_rng(0).normal(size=(2, 7, 3))
    together, state = layer(x), None
    for t in range(7):
        state = layer.step(x[:, t], state)
        np.testing.assert_allclose(state, together[:, t], rtol=1e-12)
    # and for one sequence without a batch
    state = None
    for t in range(7):
        state = layer.step(x[0, t], state)
    np.testing.assert_allclose(state, together[0, -1], rtol=1e-12)


def test_without_return_sequences_the_last_answer_comes_out():
    x = np.random.default_rng(0).normal(size=(2, 7, 3))
    every, last = SimpleRNN(4, return_sequences=True).start((7, 3), seed=0), SimpleRNN(4).start((7, 3), seed=0)
    assert np.array_equal(every(x)[:, -1], last(x))
    assert every.output_shape == (7, 4)
    assert last.output_shape == (4,)
    assert last(x[:, :2]).shape == (2, 4)


def test_sequences_of_any_length():
    model = network()
    for steps in (1, 2, 9):
        assert model.predict(X[:, :1].repeat(steps, axis=1)).shape == (12, 2)


def test_a_recurrent_layer_wants_sequences():
    with pytest.raises(ValueError, match="SimpleRNN expected sequences"):
        Sequential([Input((3,)), SimpleRNN(2)])
    with pytest.raises(ValueError, match="return_sequences=True"):
        Sequential([Input((4, 3)), SimpleRNN(2), SimpleRNN(2)])


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_a_state_that_explodes_is_told_of(activation):
    # 10^t at step t + 1: the largest float is 1.8e308, so step 310 is the first that is not finite
    layer = SimpleRNN(1, activation, name="loop").start((None, 1))
    layer.kernel, layer.recurrent_kernel = [[1]], [[10]]
    x = np.zeros((2, 400, 1))
    x[1, 0] = 1
    with pytest.warns(RuntimeWarning, match="'loop' grew beyond all numbers at time step 310. .* by up to 10 at each"):
        layer(x)
    assert np.isfinite(layer(x[:, :309])).all()
    layer.forward(x, training=True)  # in training, Divergence says it


def test_a_bounded_state_does_not_explode():
    layer = SimpleRNN(1, "tanh").start((None, 1))
    layer.kernel, layer.recurrent_kernel = [[1]], [[10]]
    assert layer(np.ones((1, 2000, 1))).item() == pytest.approx(1)


def test_a_recurrent_network_learns_to_remember_the_first_input():
    rng = np.random.default_rng(0)
    x = rng.choice([-1.0, 1.0], size=(200, 5, 1))
    y = (x[:, 0, 0] > 0).astype(int)
    model = Sequential([SimpleRNN(8, input_dim=1), Dense(1, "sigmoid")], seed=0)
    model.compile(Adam(0.02), "binary_crossentropy", ["accuracy"])
    model.fit(x, y, epochs=30, verbose=0)
    assert model.evaluate(x, y)[1] == 1


# --- what every layer has in common ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BUILDERS)
def test_a_layer_can_be_written_down_and_built_again(kind):
    layer = BUILDERS[kind]()
    again = LAYERS[type(layer).__name__](**layer.config())
    assert again.config() == layer.config()
    assert type(layer).__name__ in repr(layer)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_of_the_network_is_kept_everywhere(dtype):
    model = network(dtype=dtype)
    model.fit(X, Y, epochs=1, verbose=0)
    trace = model.trace(X, Y)
    for layer, seen in zip(model.layers, trace.layers, strict=True):
        for array in (layer.x, layer.z, layer.y, seen.dy, seen.dz, seen.dx, *layer.weights.values()):
            assert array is None or array.dtype == dtype
    assert model.predict(X).dtype == model(X).dtype == model.parameters.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("of_x", ["float32", "float64", "int64"])
def test_a_layer_that_stands_alone_computes_in_its_own_precision(dtype, of_x):
    x = np.ones((2, 3), of_x)
    assert Dense(2, "tanh").start(3, seed=0, dtype=dtype)(x).dtype == dtype
    assert SimpleRNN(2).start((2, 3), seed=0, dtype=dtype)(x[None]).dtype == dtype
    assert Activation("relu").start(3)(x).dtype == ("float32" if of_x == "float32" else "float64")


def test_a_layer_that_stands_alone_takes_whole_numbers_and_lists():
    layer = dense([[1, 2], [3, -4]], [0.5, -1])
    assert layer([[1, 2]]).tolist() == layer(np.array([[1, 2]])).tolist() == [[7.5, -7]]
