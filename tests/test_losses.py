"""Losses: by hand, against measured slopes, and where the network is as wrong and as sure as it can be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import annlab
from annlab import SGD, Activation, Adam, Dense, Dropout, Input, Sequential, losses

CROSS_ENTROPIES = ["binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"]


def test_by_hand():
    # mse: ((1 - 0)^2 + (2 - 4)^2) / 2 = 2.5;  mae: (1 + 2) / 2 = 1.5
    assert losses.get("mse")([[0, 4]], [[1, 2]]) == 2.5
    assert losses.get("mae")([[0, 4]], [[1, 2]]) == 1.5
    # hinge: max(0, 1 - 0.3) = 0.7 and max(0, 1 + 0.5) = 1.5; their mean is 1.1
    assert losses.get("hinge")([[1], [-1]], [[0.3], [0.5]]) == pytest.approx(1.1)
    # binary: -log 0.8 for a true 1, -log(1 - 0.6) for a true 0
    surprise = losses.get("binary_crossentropy")
    assert surprise.per_example([[1], [0]], [[0.8], [0.6]]) == pytest.approx([-math.log(0.8), -math.log(0.4)])
    # categorical: -log of the share of the true class
    assert losses.get("categorical_crossentropy")([[0, 1, 0]], [[0.2, 0.5, 0.3]]) == pytest.approx(math.log(2))
    assert losses.get("sparse_categorical_crossentropy")([1], [[0.2, 0.5, 0.3]]) == pytest.approx(math.log(2))


def test_gradients_by_hand():
    # d/dy of (1 - 0)^2 / 2 is 1 - 0 = 1; of (2 - 4)^2 / 2 is 2 - 4 = -2
    assert losses.get("mse").gradient([[0, 4]], [[1, 2]]).tolist() == [[1, -2]]
    assert losses.get("mae").gradient([[0, 4]], [[1, 2]]).tolist() == [[0.5, -0.5]]
    # the mean of two examples gives each of them half
    assert losses.get("hinge").gradient([[1], [-1]], [[0.3], [-2]]).tolist() == [[-0.5], [0]]
    # -log y has the slope -1 / y: -1 / 0.8
    assert losses.get("binary_crossentropy").gradient([[1]], [[0.8]]) == pytest.approx(-1.25)
    # from the weighted sum: output - target
    output = annlab.activations.sigmoid(0.7)
    assert losses.BinaryCrossentropy(from_logits=True).gradient([[1]], [[0.7]]) == pytest.approx(output - 1)


def problem(name, shape, seed=0):
    """Targets and predictions that suit the loss, away from its kinks."""
    rng = np.random.default_rng(seed)
    if name == "sparse_categorical_crossentropy":
        t = rng.integers(0, shape[-1], shape[:-1])
    elif name == "categorical_crossentropy":
        t = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    elif name in ("binary_crossentropy", "hinge"):
        t = rng.integers(0, 2, shape)
    else:
        t = rng.normal(size=shape)
    return t, rng.uniform(0.05, 0.9, shape)


@pytest.mark.parametrize(
    ("name", "from_logits"), [(name, False) for name in losses.names()] + [(name, True) for name in CROSS_ENTROPIES]
)
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)], ids=str)
def test_the_gradient_is_the_slope_that_is_measured(name, from_logits, shape):
    loss = type(losses.get(name))(from_logits=True) if from_logits else losses.get(name)
    t, y = problem(name, shape)
    gradient, e = loss.gradient(t, y), 1e-6
    assert gradient.shape == y.shape
    for index in np.ndindex(shape):
        nudge = np.zeros(shape)
        nudge[index] = e
        measured = (loss(t, y + nudge) - loss(t, y - nudge)) / (2 * e)
        assert gradient[index] == pytest.approx(measured, abs=1e-7)


@pytest.mark.parametrize("name", losses.names())
def test_laws(name):
    loss = losses.get(name)
    t, y = problem(name, (7, 3))
    each = loss.per_example(t, y)
    assert each.shape == (7,)
    assert (each >= 0).all()
    assert loss(t, y) == pytest.approx(each.mean())
    # an example more weight, an example less: weights of 1 change nothing, 0 takes an example's share away
    assert loss(t, y, np.ones(7)) == pytest.approx(loss(t, y))
    assert loss(t, y, [1, 1, 1, 1, 1, 1, 0]) == pytest.approx(each[:6].sum() / 7)
    # the order of the examples does not matter
    order = np.random.default_rng(1).permutation(7)
    assert loss(t[order], y[order]) == pytest.approx(loss(t, y))
    assert losses.get(loss.config()).config() == loss.config()
    assert losses.get(type(loss).__name__).name == name
    assert name in repr(loss)


@pytest.mark.parametrize("name", losses.names())
def test_the_arguments_are_left_alone(name):
    t, y = problem(name, (4, 3))
    t.flags.writeable = y.flags.writeable = False
    loss = losses.get(name)
    loss(t, y)
    loss.gradient(t, y)


@pytest.mark.parametrize("name", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_the_best_answer_to_a_class_is_certainty(name):
    t = np.eye(3)[[1]] if name == "categorical_crossentropy" else [1]
    loss = losses.get(name)
    certain, unsure = loss(t, [[0.0, 1.0, 0.0]]), loss(t, [[0.1, 0.8, 0.1]])
    assert 0 <= certain < 1e-6 < unsure
    assert loss(t, [[1.0, 0.0, 0.0]]) == pytest.approx(-math.log(1e-7))  # kept 1e-7 away from 0, as in Keras


@given(arrays.arrays(float, (4, 3), elements=st.floats(-30, 30)), st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_logits_and_probabilities_tell_the_same(z, labels):
    z, one_hot = z / 4, np.eye(3)[labels]  # up to 7.5, where the clipping of probabilities is not felt
    softmax, sigmoid = annlab.activations.softmax(z), annlab.activations.sigmoid(z)
    for kind, t, y in [
        (losses.CategoricalCrossentropy, one_hot, softmax),
        (losses.SparseCategoricalCrossentropy, labels, softmax),
        (losses.BinaryCrossentropy, one_hot, sigmoid),
    ]:
        assert kind(from_logits=True)(t, z) == pytest.approx(kind()(t, y), rel=1e-6, abs=1e-6)
    assert losses.get("categorical_crossentropy")(one_hot, softmax) == losses.get("sparse_categorical_crossentropy")(
        labels, softmax
    )


@given(arrays.arrays(float, (3, 4), elements=st.floats(-1e6, 1e6)))
def test_from_the_logits_no_certainty_is_too_great(z):
    t = np.eye(4)[[0, 1, 3]]
    for loss in (losses.CategoricalCrossentropy(from_logits=True), losses.BinaryCrossentropy(from_logits=True)):
        assert np.isfinite(loss(t, z))
        assert np.isfinite(loss.gradient(t, z)).all()


# --- at the end of a network: as wrong as can be, and still learning ------------------------------------------------

SURE_AND_WRONG = np.array([[800.0, 0.0, 0.0]])


def certain_network(loss, ending, dtype, target_layer="Dense"):
    """A network whose weighted sums are its inputs."""
    last = [Dense(3, ending)] if target_layer == "Dense" else [Dense(3), Activation(ending)]
    model = Sequential([Input((3,)), *last], seed=0, dtype=dtype)
    model.layers[0].kernel = np.eye(3)
    model.compile(SGD(0.1), loss)
    return model


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("how", ["Dense", "Activation"])
@pytest.mark.parametrize(
    ("loss", "ending", "y"),
    [
        ("sparse_categorical_crossentropy", "softmax", [2]),
        ("categorical_crossentropy", "softmax", [[0, 0, 1]]),
        (losses.SparseCategoricalCrossentropy(from_logits=True), "linear", [2]),
    ],
    ids=str,
)
def test_logits_of_800_with_the_truth_elsewhere(loss, ending, y, how, dtype):
    # softmax(800, 0, 0) = (1, e^-800, e^-800), and -log e^-800 = 800
    model = certain_network(loss, ending, dtype, how)
    assert model.evaluate(SURE_AND_WRONG, y) == pytest.approx(800)
    # d loss / dz = output - target = (1, 0, -1); the bias takes a step of 0.1 against it
    trace = model.trace(SURE_AND_WRONG, y)
    assert trace.layers[0].gradients["bias"] == pytest.approx([1, 0, -1])
    history = model.fit(SURE_AND_WRONG, y, epochs=2, verbose=0).history["loss"]
    assert history[0] == pytest.approx(800)
    # One step moves kernel[0] by 0.1 * 800 * (-1, 0, 1), so z by (-64000, 0, 64000): now it is right, and surer still.
    assert history[1] == 0
    assert model.predict(SURE_AND_WRONG).argmax() == 2


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_sigmoid_that_is_sure_and_wrong(dtype):
    # sigmoid(-800) = 0 in every float, the truth is 1, and -log sigmoid(-800) = 800
    model = certain_network("binary_crossentropy", "sigmoid", dtype)
    x, y = [[-800.0, 0.0, 0.0]], [[1, 0, 0]]
    assert model.evaluate(x, y) == pytest.approx((800 + 2 * math.log(2)) / 3)
    # (output - target) / 3 units = (-1, 0.5, 0.5) / 3
    assert model.trace(x, y).layers[0].gradients["bias"] == pytest.approx([-1 / 3, 0.5 / 3, 0.5 / 3])
    history = model.fit(x, y, epochs=2, verbose=0).history["loss"]
    assert history[1] < history[0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_network_recovers_from_being_sure_and_wrong(dtype):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 2)), np.tile([0, 1, 2], 20)
    x += np.array([[3, 0], [-3, 3], [-3, -3]])[y]
    model = Sequential([Dense(3, "softmax", input_dim=2)], seed=0, dtype=dtype)
    model.layers[0].kernel = -200 * np.array([[3, -3, -3], [0, 3, -3]])  # certain, of the wrong classes
    model.compile(Adam(10.0), "sparse_categorical_crossentropy", ["accuracy"])
    assert model.evaluate(x, y)[1] < 0.1
    model.fit(x, y, epochs=60, verbose=0)
    assert model.evaluate(x, y)[1] > 0.95


def test_where_there_are_no_logits_probabilities_are_kept_off_zero():
    # A softmax followed by dropout: the loss sees only its outputs. sigmoid or softmax may be exactly 0, log 0 may not.
    model = Sequential([Input((2,)), Activation("softmax"), Dropout(0.5)], seed=0)
    model.compile("sgd", "categorical_crossentropy")
    assert model.evaluate([[0.0, 800.0]], [[1, 0]]) == pytest.approx(-math.log(1e-7))


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_outputs_of_nothing_have_no_share_and_no_slope(name):
    """A linear output that says 0 to every class: 0 of 0 is no number, and a loss has to be one."""
    loss, t = losses.get(name), np.array([0, 1])
    t = t if name.startswith("sparse") else np.eye(3)[t]
    y = np.array([[0.0, 0.0, 0.0], [0.2, 0.3, 0.5]])
    assert loss(t, y) == pytest.approx((-np.log(1e-7) - np.log(0.3)) / 2)
    assert loss.gradient(t, y)[0].tolist() == [0, 0, 0]
    assert np.isfinite(loss.gradient(t, y)).all()


@pytest.mark.parametrize("name", losses.names())
def test_shapes_that_do_not_fit(name):
    with pytest.raises(ValueError, match="do not fit"):
        losses.get(name)(np.zeros((3, 4)), np.ones((3, 2)))


def test_labels_that_are_no_classes():
    sparse = losses.get("sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="run from 0 to 2"):
        sparse([3], [[0.2, 0.5, 0.3]])
    with pytest.raises(ValueError, match="run from 0 to 2"):
        sparse([-1], [[0.2, 0.5, 0.3]])
    with pytest.raises(ValueError, match="whole numbers"):
        sparse([0.5], [[0.2, 0.5, 0.3]])


def test_an_unknown_name_brings_the_nearest_one():
    with pytest.raises(ValueError, match="did you mean 'binary_crossentropy'"):
        losses.get("binary_crosentropy")
