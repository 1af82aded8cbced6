"""Regularizers: prices on weights, by hand, and what they do to a network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annlab import SGD, Dense, Sequential, gradcheck, regularizers
from annlab.regularizers import L1L2, l1, l1_l2, l2

W = np.array([[1.0, -2.0], [0.0, 3.0]])


def test_prices_by_hand():
    # l1: 0.1 (1 + 2 + 0 + 3);  l2: 0.1 (1 + 4 + 0 + 9)
    assert l1(0.1).penalty(W) == pytest.approx(0.6)
    assert l2(0.1).penalty(W) == pytest.approx(1.4)
    assert l1_l2(0.1, 0.01).penalty(W) == pytest.approx(0.6 + 0.14)


def test_slopes_by_hand():
    # l1: 0.1 * sign(w), and nothing at 0;  l2: 2 * 0.1 * w
    assert l1(0.1).gradient(W) == pytest.approx(np.array([[0.1, -0.1], [0, 0.1]]))
    assert l2(0.1).gradient(W) == pytest.approx(np.array([[0.2, -0.4], [0, 0.6]]))


@given(st.floats(0, 1), st.floats(0, 1))
def test_both_prices_add_up(first, second):
    both = l1_l2(first, second)
    assert both.penalty(W) == pytest.approx(l1(first).penalty(W) + l2(second).penalty(W))
    np.testing.assert_allclose(both.gradient(W), l1(first).gradient(W) + l2(second).gradient(W))


def network(price, optimizer="sgd"):
    model = Sequential([Dense(1, input_dim=2, kernel_regularizer=price, bias_regularizer=price)], seed=0)
    model.layers[0].kernel, model.layers[0].bias = np.array([[2.0], [-1.0]]), [0.5]
    model.compile(optimizer, "mse", ["mse"])
    return model


def test_the_price_is_part_of_the_loss():
    model = network("l2")
    # output 2 * 1 - 1 * 1 + 0.5 = 1.5, target 1: error 0.25;  price 0.01 (4 + 1 + 0.25) = 0.0525
    assert model.evaluate([[1, 1]], [1]) == pytest.approx([0.25 + 0.0525, 0.25])
    assert model.train_on_batch([[1, 1]], [1]) == pytest.approx([0.25 + 0.0525, 0.25])


def test_without_anything_to_learn_the_weights_shrink():
    model = network(l2(0.1), SGD(1.0))
    model.layers[0].bias = [0.0]
    model.fit(np.zeros((1, 2)), [0], epochs=1, verbose=0)
    # w - 2 * 0.1 * w = 0.8 w
    assert model.layers[0].kernel == pytest.approx(np.array([[1.6], [-0.8]]))


@pytest.mark.parametrize("price", [l1(0.1), l2(0.1), l1_l2(0.1, 0.2)], ids=str)
def test_backpropagation_counts_the_price(price):
    assert gradcheck(network(price), [[1.0, 2.0]], [1.0])


def test_l1_leaves_only_weights_that_say_something_and_l2_makes_all_smaller():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 10))
    y = x[:, 0] - x[:, 1] + 0.5 * rng.normal(size=200)  # the other eight inputs say nothing
    kernels = {}
    for name, price in {"none": None, "l1": l1(0.2), "l2": l2(0.2)}.items():
        model = Sequential([Dense(1, input_dim=10, kernel_regularizer=price)], seed=1)
        model.compile(SGD(0.02), "mse")
        model.fit(x, y, epochs=300, batch_size=200, verbose=0)
        kernels[name] = np.abs(model.layers[0].kernel.ravel())
    assert kernels["none"][2:].max() > 0.05
    assert kernels["l1"][2:].max() < 0.01
    assert kernels["l1"][:2].min() > 0.8
    assert 0.7 < kernels["l2"][:2].min() < kernels["l2"][:2].max() < kernels["none"][:2].min()


@pytest.mark.parametrize("given", ["l1", "l2", "l1_l2", L1L2(0.1, 0.2), {"l1": 0.1, "l2": 0.0}, None], ids=str)
def test_ways_to_say_it(given):
    layer = Dense(2, kernel_regularizer=given)
    if given is None:
        assert layer.regularizers == {}
        assert "kernel_regularizer" not in layer.config()
    else:
        price = layer.regularizers["kernel"]
        assert regularizers.get(layer.config()["kernel_regularizer"]) == price
    assert l2(np.float32(0.5)) == l2(0.5)
    assert regularizers.get("l1") == l1() == L1L2(l1=0.01)
    assert set(regularizers.names()) == {"l1", "l2", "l1_l2"}


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf"), "0.1"])
def test_prices_that_are_none(rate):
    with pytest.raises((TypeError, ValueError), match="the rate l1 of a regularizer should be a number at least 0"):
        l1(rate)
    with pytest.raises(ValueError, match="did you mean 'l1_l2'"):
        regularizers.get("l1l2")
