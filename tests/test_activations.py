"""Activations: their laws, their slopes, and that no finite number makes them stumble."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from annlab import activations

ALL = activations.names()
ELEMENTWISE = [name for name in ALL if name != "softmax"]
every_activation = pytest.mark.parametrize("name", ALL)


def rows(dtype=np.float64, **bounds):
    """A few rows of finite numbers, from the smallest to the largest there are."""
    elements = {"allow_nan": False, "allow_infinity": False, "width": np.dtype(dtype).itemsize * 8} | bounds
    shapes = arrays.array_shapes(min_dims=1, max_dims=3, max_side=5)
    return arrays.arrays(dtype, shapes, elements=st.floats(**elements))


def moderate(dtype=np.float64):
    return rows(dtype, min_value=-30, max_value=30)


def test_the_articles_activations_by_hand():
    # step: 1 from the threshold on.  sigmoid(2) = 1 / (1 + e^-2) = 1 / 1.135335 = 0.880797
    assert activations.step([-0.1, 0.0, 0.1]).tolist() == [0, 1, 1]
    assert activations.linear([-2.0, 3.0]).tolist() == [-2, 3]
    assert activations.sigmoid(0) == 0.5
    assert activations.sigmoid(2) == pytest.approx(0.880797, abs=1e-6)
    # tanh(1) = (e - 1/e) / (e + 1/e) = 2.350402 / 3.086161 = 0.761594
    assert activations.tanh(1) == pytest.approx(0.761594, abs=1e-6)
    assert activations.relu([-2.0, 0.0, 3.0]).tolist() == [0, 0, 3]
    # softmax(0, log 2, log 5) = (1, 2, 5) / 8
    assert activations.softmax([0, math.log(2), math.log(5)]) == pytest.approx([0.125, 0.25, 0.625])


def test_the_relatives_of_relu_by_hand():
    # leaky: 0.2 * -3.  elu: e^-1 - 1.  selu: 1.0507 * 1.6733 * (e^-1 - 1), and 1.0507 * 2
    assert activations.leaky_relu([-3.0, 2.0]) == pytest.approx([-0.6, 2])
    assert activations.elu([-1.0, 2.0]) == pytest.approx([math.exp(-1) - 1, 2])
    assert activations.selu([-1.0, 2.0]) == pytest.approx([-1.111331, 2.101402], abs=1e-6)
    # softplus(0) = log 2.  silu(2) = 2 * 0.880797.  gelu(1) = P(Z <= 1) = 0.841345
    assert activations.softplus(0) == pytest.approx(math.log(2))
    assert activations.silu(2) == pytest.approx(1.761594, abs=1e-6)
    assert activations.gelu(1) == pytest.approx(0.841345, abs=1e-6)


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_finite_number_is_too_large(name, dtype):
    """Forwards and backwards, without a warning (warnings are errors here) and without a number that is none."""

    @given(rows(dtype))
    def holds(z):
        activation = activations.get(name)
        y = activation(z)
        dz = activation.backward(np.ones_like(z), z, y)
        assert y.dtype == dz.dtype == dtype
        assert y.shape == dz.shape == z.shape
        assert not np.isnan(y).any()
        assert np.isfinite(dz).all()
        assert np.isfinite(activation.derivative(z)).all()

    holds()


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends_of_the_number_line(name, dtype):
    """The corners that a random search may miss: the largest, the smallest and the tiniest numbers there are."""
    info = np.finfo(dtype)
    ends = [info.max, info.min, info.tiny, -info.tiny, info.smallest_subnormal, 0.0, -0.0, 709.9, -745.2, 88.8, -103.9]
    z = np.array([ends, ends[::-1]], dtype)
    activation = activations.get(name)
    y = activation(z)
    assert not np.isnan(y).any()
    for dy in (np.ones_like(z), -np.ones_like(z)):
        assert np.isfinite(activation.backward(dy, z, y)).all()


@every_activation
def test_outputs_stay_in_the_range_that_is_stated(name):
    @given(moderate())
    def holds(z):
        activation = activations.get(name)
        low, high = activation.range
        assert (activation(z) >= low - 1e-9).all()
        assert (activation(z) <= high + 1e-9).all()

    holds()


@pytest.mark.parametrize("name", ["step", "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus"])
def test_more_in_never_means_less_out(name):
    @given(st.floats(-40, 40), st.floats(-40, 40))
    def holds(a, b):
        low, high = activations.get(name)(sorted([a, b]))
        assert low <= high

    holds()


@given(moderate())
def test_softmax_is_shares_of_one(z):
    y = activations.softmax(z)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-12)
    assert (y >= 0).all()


@given(moderate(), st.floats(-100, 100))
def test_softmax_sees_only_differences(z, shift):
    np.testing.assert_allclose(activations.softmax(z + shift), activations.softmax(z), rtol=1e-9, atol=1e-12)


@given(moderate())
def test_softmax_of_two_is_the_sigmoid_of_the_difference(z):
    pair = np.stack([z, np.zeros_like(z)], axis=-1)
    np.testing.assert_allclose(activations.softmax(pair)[..., 0], activations.sigmoid(z), rtol=1e-9, atol=1e-300)


@given(moderate())
def test_how_the_activations_are_related(z):
    sigmoid, tanh = activations.sigmoid, activations.tanh
    np.testing.assert_allclose(sigmoid(-z), 1 - sigmoid(z), atol=1e-12)
    np.testing.assert_allclose(tanh(z), 2 * sigmoid(2 * z) - 1, atol=1e-12)
    np.testing.assert_allclose(activations.silu(z), z * sigmoid(z), rtol=1e-12)
    np.testing.assert_allclose(activations.softplus(z) - activations.softplus(-z), z, atol=1e-12)
    np.testing.assert_allclose(activations.gelu(z) - activations.gelu(-z), z, atol=1e-12)
    np.testing.assert_allclose(activations.softplus.derivative(z), sigmoid(z), rtol=1e-12)
    np.testing.assert_array_equal(activations.relu(z), z * activations.step(z) + 0.0)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_slope_is_the_one_that_is_measured(name):
    activation = activations.get(name)
    z, e = np.linspace(-5.03, 5.07, 41), 1e-6  # 0, where some have a kink, is not among them
    measured = (activation(z + e) - activation(z - e)) / (2 * e)
    np.testing.assert_allclose(activation.derivative(z), measured, atol=1e-8)


def test_the_way_back_through_softmax_is_the_whole_jacobian():
    rng = np.random.default_rng(0)
    z, dy = rng.normal(size=5), rng.normal(size=5)
    y = activations.softmax(z)
    jacobian = np.diag(y) - np.outer(y, y)  # dy_i / dz_j = y_i (1 if i = j else 0) - y_i y_j
    np.testing.assert_allclose(activations.softmax.backward(dy, z, y), jacobian @ dy, atol=1e-15)
    np.testing.assert_allclose(activations.softmax.derivative(z), np.diag(jacobian))


def test_nothing_passes_back_through_the_step():
    z = np.array([-1.0, 0.0, 2.0])
    assert activations.step.backward(np.ones(3), z, activations.step(z)).tolist() == [0, 0, 0]


@every_activation
def test_the_inputs_of_both_directions_are_left_alone(name):
    activation, rng = activations.get(name), np.random.default_rng(1)
    z, dy = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    z.flags.writeable = dy.flags.writeable = False  # writing would raise
    y = activation(z)
    assert not np.shares_memory(y, z)
    y.flags.writeable = False
    plain = activation.backward(dy, z, y)
    out_y, out_dz = np.empty_like(z), np.full_like(z, np.nan)
    assert activation.forward(z, out=out_y) is out_y
    assert activation.backward(dy, z, y, out=out_dz) is out_dz
    assert np.array_equal(out_y, y)
    assert np.array_equal(out_dz, plain)


@every_activation
def test_numbers_lists_and_whole_numbers_are_welcome(name):
    activation = activations.get(name)
    if name != "softmax":
        assert np.ndim(activation(1)) == np.ndim(activation(1.0)) == np.ndim(activation.derivative(1)) == 0
        assert activation(1) == pytest.approx(activation([1.0])[0])
    np.testing.assert_array_equal(activation([[1, -2], [0, 3]]), activation(np.array([[1.0, -2], [0, 3]])))
    assert activation(np.arange(3)).dtype == np.float64
    assert activation(np.arange(3, dtype="float32")).dtype == np.float32


def test_two_names_for_one_thing():
    assert activations.logistic is activations.sigmoid is activations.get("logistic") is activations.get("sigmoid")
    assert activations.swish is activations.silu is activations.get("swish")
    assert activations.binary_step is activations.step is activations.get("binary_step")
    assert activations.get(None) is activations.linear
    assert activations.get(activations.relu) is activations.relu
    assert activations.get("Leaky ReLU") is activations.leaky_relu


def test_every_activation_of_the_course_is_there():
    assert set(ALL) == {
        "step", "linear", "sigmoid", "tanh", "relu", "leaky_relu",
        "elu", "selu", "softplus", "gelu", "silu", "softmax",
    }  # fmt: skip


def test_an_unknown_name_brings_the_nearest_one():
    with pytest.raises(ValueError, match="did you mean 'sigmoid'"):
        activations.get("sigmod")
    with pytest.raises(TypeError, match="activation should be a name"):
        activations.get(3)


@every_activation
def test_an_activation_is_found_again_by_name(name):
    activation = activations.get(name)
    assert pickle.loads(pickle.dumps(activation)) is activation
    assert copy.deepcopy(activation) is activation
    assert name.encode() in pickle.dumps(activation)
    assert name in repr(activation)
    with pytest.raises(AttributeError):
        activation.name = "another"
