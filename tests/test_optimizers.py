"""Optimizers: their first steps by hand, what they promise in general, and where they end up in a valley."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from annlab import SGD, Adagrad, Adam, AdamW, Dense, RMSprop, Sequential, optimizers
from annlab.schedules import WarmUp

EVERY = {"SGD": SGD, "RMSprop": RMSprop, "Adagrad": Adagrad, "Adam": Adam, "AdamW": AdamW}
every_optimizer = pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)


def after(optimizer, *gradients, start=(1.0,)):
    """Where the weights are after these gradients."""
    weights = np.array(start, dtype=float)
    for gradient in gradients:
        optimizer.step(weights, np.array(gradient, dtype=float))
    return weights


def test_sgd_by_hand():
    # 1 - 0.1 * 2 = 0.8;  0.8 - 0.1 * -4 = 1.2
    assert after(SGD(0.1), [2], [-4]) == pytest.approx([1.2])


def test_momentum_by_hand():
    # m = -0.1 * 2 = -0.2, w = 0.8;  m = 0.5 * -0.2 - 0.1 * 2 = -0.3, w = 0.5
    assert after(SGD(0.1, momentum=0.5), [2], [2]) == pytest.approx([0.5])


def test_nesterov_by_hand():
    # m = -0.2, w = 1 + 0.5 * -0.2 - 0.2 = 0.7;  m = -0.3, w = 0.7 + 0.5 * -0.3 - 0.2 = 0.35
    assert after(SGD(0.1, momentum=0.5, nesterov=True), [2], [2]) == pytest.approx([0.35])


def test_rmsprop_by_hand():
    # v = 0.1 * 2^2 = 0.4;  step = 0.01 * 2 / sqrt(0.4) = 0.0316228
    assert after(RMSprop(0.01, epsilon=1e-16), [2]) == pytest.approx([1 - 0.0316228], abs=1e-7)


def test_adagrad_by_hand():
    # v = 0.1 + 2^2 = 4.1;  step = 0.01 * 2 / sqrt(4.1) = 0.00987730
    assert after(Adagrad(0.01, epsilon=1e-16), [2]) == pytest.approx([1 - 0.0098773], abs=1e-7)


@given(st.floats(1e-2, 1e6), st.sampled_from([-1, 1]), st.floats(1e-4, 1))
def test_adams_first_step_is_the_learning_rate(size, sign, rate):
    # m / (1 - beta_1) = g and sqrt(v / (1 - beta_2)) = |g|: their ratio is the sign of g, however long g is.
    moved = after(Adam(rate), [sign * size], start=[0.0])
    assert moved == pytest.approx([-sign * rate], rel=1e-3)


def test_adams_second_step_by_hand():
    # g = 1, then 3:  m = 0.1, then 0.1 + 0.1 * 2.9 = 0.39;  v = 0.001, then 0.001 + 0.001 * 8.999 = 0.009999
    # alpha = sqrt(1 - 0.999^2) / (1 - 0.9^2) = 0.0447102 / 0.19 = 0.2353165
    # step 2 = 0.1 * 0.2353165 * 0.39 / sqrt(0.009999) = 0.0917781;  step 1 was 0.1
    assert after(Adam(0.1, epsilon=1e-16), [1], [3], start=[0.0]) == pytest.approx([-0.1917781], abs=1e-6)


def test_amsgrad_remembers_the_steepest_moment():
    # After one steep gradient many flat ones: plain Adam soon takes long steps again, amsgrad never does.
    gradients = [[100.0]] + [[1.0]] * 2000
    assert after(Adam(0.01), *gradients)[0] < after(Adam(0.01, amsgrad=True), *gradients)[0] < 1


def test_weight_decay_by_hand():
    # The weight shrinks by 0.1 * 0.5 of itself, to 0.95, and then moves by -0.1 * 2.
    assert after(SGD(0.1, weight_decay=0.5), [2]) == pytest.approx([0.75])
    # Without a gradient there is only the shrinking: 0.95, 0.9025
    assert after(AdamW(0.1, weight_decay=0.5), [0], [0]) == pytest.approx([0.9025])
    assert AdamW().weight_decay == 0.004
    assert Adam().weight_decay is None


def test_clipping_by_hand():
    parts = [slice(0, 2), slice(2, 4)]  # a kernel and a bias

    def clipped(**clip):
        weights = np.zeros(4)
        SGD(1.0, **clip).step(weights, np.array([3.0, 4.0, 0.3, 0.4]), parts)
        return -weights

    # clipvalue: each number for itself
    assert clipped(clipvalue=1.0) == pytest.approx([1, 1, 0.3, 0.4])
    # clipnorm: each part for itself. |(3, 4)| = 5 is too long, |(0.3, 0.4)| = 0.5 is not
    assert clipped(clipnorm=1.0) == pytest.approx([0.6, 0.8, 0.3, 0.4])
    # global_clipnorm: all together. sqrt(9 + 16 + 0.09 + 0.16) = 5.024938
    assert clipped(global_clipnorm=1.0) == pytest.approx(np.array([3, 4, 0.3, 0.4]) / 5.024938)


def test_clipnorm_in_a_network_looks_at_each_kernel_and_bias():
    x, y = np.array([[30.0, -40.0]]), np.array([[100.0]])
    model = Sequential([Dense(1, input_dim=2, kernel_initializer="zeros")])
    model.compile(SGD(1.0, clipnorm=1.0), "mse")
    model.train_on_batch(x, y)
    # The kernel's gradient lies along (30, -40), the bias' along 1; both are far longer than 1, and cut to it.
    assert model.layers[0].kernel.ravel() == pytest.approx([0.6, -0.8])
    assert model.layers[0].bias == pytest.approx([1])


@every_optimizer
def test_downhill_is_down(kind):
    """In the valley w^2 every optimizer walks from 5 towards 0."""
    weights, optimizer = np.full(3, 5.0), kind(0.05)
    heights = []
    for _ in range(400):
        optimizer.step(weights, 2 * weights)
        heights.append(np.square(weights).sum())
    assert heights[-1] < 0.9 * heights[0] < 75
    assert optimizer.iterations == 400


@every_optimizer
def test_a_zero_gradient_moves_nothing(kind):
    optimizer = kind(0.1) if kind is not AdamW else kind(0.1, weight_decay=0)
    assert after(optimizer, [0, 0, 0], [0, 0, 0], start=[1, -2, 0]).tolist() == [1, -2, 0]


@every_optimizer
@given(gradient=arrays.arrays(float, 6, elements=st.floats(-1e3, 1e3)))
def test_each_weight_is_moved_by_its_own_gradient_alone(kind, gradient):
    """Six weights together, or each alone: the same numbers. (Only clipping by length looks at the others.)"""
    together = after(kind(0.1), gradient, gradient / 2, start=np.arange(6))
    alone = [after(kind(0.1), [g], [g / 2], start=[i])[0] for i, g in enumerate(gradient)]
    np.testing.assert_array_equal(together, alone)


@every_optimizer
def test_the_gradient_is_left_alone_without_clipping(kind):
    gradient = np.array([1.0, -2.0])
    gradient.flags.writeable = False
    kind(0.1).step(np.zeros(2), gradient)


@every_optimizer
def test_new_weights_mean_a_new_memory(kind):
    optimizer = kind(0.1)
    after(optimizer, [1, 2], [3, 4], start=[0, 0])
    fresh = kind(0.1)
    assert after(optimizer, [1, 2, 3], start=[0, 0, 0]) == pytest.approx(after(fresh, [1, 2, 3], start=[0, 0, 0]))
    assert optimizer.iterations == 1


@every_optimizer
def test_reset_forgets(kind):
    optimizer = kind(0.1)
    first = after(optimizer, [1.0], [-2.0])
    optimizer.reset()
    assert optimizer.iterations == 0
    assert after(optimizer, [1.0], [-2.0]).tolist() == first.tolist()


@every_optimizer
def test_a_copy_goes_its_own_way(kind):
    optimizer = kind(0.1)
    weights = np.array([1.0, 2.0])
    optimizer.step(weights, np.array([0.5, -0.5]))
    twin, twin_weights = copy.deepcopy(optimizer), weights.copy()
    optimizer.step(weights, np.array([0.3, 0.1]))
    twin.step(twin_weights, np.array([0.3, 0.1]))
    assert weights.tolist() == twin_weights.tolist()
    optimizer.step(weights, np.array([9.0, 9.0]))
    assert twin.iterations == 2


@every_optimizer
def test_the_learning_rate_can_be_changed_between_steps(kind):
    optimizer, weights = kind(0.1), np.array([0.0])
    optimizer.step(weights, np.array([1.0]))
    before = weights.copy()
    optimizer.learning_rate = 1e-12
    optimizer.step(weights, np.array([1.0]))
    assert abs(weights - before) < 1e-10
    assert optimizer.current_learning_rate == optimizer.learning_rate == 1e-12


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@every_optimizer
def test_the_precision_of_the_weights_is_kept(kind, dtype):
    weights = np.ones(3, dtype)
    optimizer = kind(0.1)
    optimizer.step(weights, np.ones(3, dtype))
    assert weights.dtype == dtype
    assert {value.dtype for value in optimizer.state.values()} == {np.dtype(dtype)}


def test_defaults_are_keras_s():
    assert SGD().learning_rate == 0.01
    assert RMSprop().learning_rate == Adagrad().learning_rate == Adam().learning_rate == AdamW().learning_rate == 0.001
    assert (Adam().beta_1, Adam().beta_2, Adam().epsilon) == (0.9, 0.999, 1e-7)
    assert (RMSprop().rho, RMSprop().epsilon) == (0.9, 1e-7)
    assert Adagrad().initial_accumulator_value == 0.1


@every_optimizer
def test_names_and_settings_find_it_again(kind):
    name = kind.__name__
    assert type(optimizers.get(name)) is type(optimizers.get(name.lower())) is kind
    optimizer = kind(WarmUp(0.2, 10), clipnorm=0.5)
    again = optimizers.get(optimizer.config())
    assert again is not optimizer
    assert type(again) is kind
    assert again.config() == optimizer.config()
    assert again.learning_rate == WarmUp(0.2, 10)
    assert repr(again) == repr(optimizer)
    assert name in repr(again)
    assert optimizers.get(optimizer) is optimizer
    assert name.lower() in optimizers.names()


@every_optimizer
@pytest.mark.parametrize("rate", [0, -1, math.nan, math.inf])
def test_learning_rates_that_lead_nowhere(kind, rate):
    with pytest.raises(ValueError, match="learning_rate should be a number above 0"):
        kind(rate)
    optimizer = kind(0.1)
    with pytest.raises(ValueError, match="learning_rate"):
        optimizer.learning_rate = rate
    assert optimizer.learning_rate == 0.1


@pytest.mark.parametrize("kind", [RMSprop, Adagrad, Adam, AdamW])
def test_epsilon_keeps_a_dead_weight_from_0_divided_by_0(kind):
    with pytest.raises(ValueError, match="epsilon should be a number above 0"):
        kind(0.1, epsilon=0.0)
    assert np.isfinite(after(kind(0.1), [0.0], [0.0])).all()


def test_two_ways_of_clipping_are_one_too_many():
    with pytest.raises(ValueError, match="choose one of"):
        SGD(0.1, clipnorm=1.0, clipvalue=1.0)


def test_an_unknown_name_brings_the_nearest_one():
    with pytest.raises(ValueError, match="did you mean 'adam'"):
        optimizers.get("adamm")
