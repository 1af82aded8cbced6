"""Schedules of the learning rate, by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annlab import SGD, Dense, Sequential, optimizers, schedules
from annlab.schedules import CosineDecay, ExponentialDecay, PiecewiseConstantDecay, WarmUp


def test_steps():
    rate = PiecewiseConstantDecay([2, 4], [1.0, 0.5, 0.1])
    assert [rate(step) for step in range(7)] == [1, 1, 1, 0.5, 0.5, 0.1, 0.1]
    with pytest.raises(ValueError, match="one value more than boundaries"):
        PiecewiseConstantDecay([2, 4], [1.0, 0.5])


def test_exponential():
    # halved every 10 updates, in one curve or in steps
    smooth, stairs = ExponentialDecay(0.8, 10, 0.5), ExponentialDecay(0.8, 10, 0.5, staircase=True)
    assert [smooth(0), smooth(10), smooth(20)] == pytest.approx([0.8, 0.4, 0.2])
    assert smooth(5) == pytest.approx(0.8 * math.sqrt(0.5))
    assert [stairs(0), stairs(9), stairs(10), stairs(19)] == [0.8, 0.8, 0.4, 0.4]


def test_cosine():
    # half a cosine: 1 at the start, 1/2 in the middle, alpha = 0.1 at the end and ever after
    rate = CosineDecay(2.0, 10, alpha=0.1)
    assert rate(0) == 2
    assert rate(5) == pytest.approx(2 * (0.9 * 0.5 + 0.1))
    assert rate(10) == rate(1000) == pytest.approx(0.2)


def test_cosine_after_a_warm_up():
    # 0.1, 0.2, 0.3, 0.4 and then half a cosine down from 0.5
    rate = CosineDecay(0.1, 10, warmup_target=0.5, warmup_steps=4)
    assert [rate(step) for step in range(5)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert rate(9) == pytest.approx(0.25)
    assert rate(14) == pytest.approx(0, abs=1e-12)


def test_warm_up():
    # a quarter, a half, three quarters, all: never 0, which would waste the first update
    rate = WarmUp(0.8, 4)
    assert [rate(step) for step in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 0.8, 0.8])


EVERY = [
    PiecewiseConstantDecay([2, 4], [1.0, 0.5, 0.1]),
    ExponentialDecay(0.8, 10, 0.5),
    ExponentialDecay(0.8, 10, 0.5, staircase=True),
    CosineDecay(2.0, 10, alpha=0.1),
    CosineDecay(0.1, 10, 0.0, 0.5, 4),
    WarmUp(0.8, 4),
]


@pytest.mark.parametrize("schedule", EVERY, ids=str)
def test_a_schedule_can_be_written_down_and_read(schedule):
    assert schedules.from_config(schedule.config()) == schedule
    optimizer = optimizers.get(SGD(schedule).config())
    assert optimizer.learning_rate == schedule


@given(st.sampled_from(EVERY), st.integers(0, 10**6))
def test_no_rate_is_negative_or_grows_beyond_its_top(schedule, step):
    assert 0 <= schedule(step) <= 2


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (PiecewiseConstantDecay, ([2], [0.1, 0.0])),
        (ExponentialDecay, (-0.1, 10, 0.5)),
        (ExponentialDecay, (0.1, 0, 0.5)),
        (ExponentialDecay, (0.1, 10, math.nan)),
        (CosineDecay, (0.1, 0)),
        (CosineDecay, (0.1, 10, -0.5)),
        (CosineDecay, (0.1, 10, 0.0, -1.0, 3)),
        (WarmUp, (0.1, 0)),
        (WarmUp, (math.inf, 10)),
    ],
)
def test_settings_that_lead_nowhere(kind, arguments):
    with pytest.raises(ValueError, match="should be a number"):
        kind(*arguments)


def test_an_optimizer_asks_its_schedule_before_every_update():
    # rates 1, 0.5, 0.25 and the gradient 1: 0 - 1 - 0.5 - 0.25
    optimizer, weights = SGD(ExponentialDecay(1.0, 1, 0.5)), np.zeros(1)
    for expected in (1.0, 0.5, 0.25):
        assert optimizer.current_learning_rate == expected
        optimizer.step(weights, np.ones(1))
    assert weights == pytest.approx([-1.75])


def test_a_function_of_ones_own_is_a_schedule():
    optimizer, weights = SGD(lambda step: 1.0 / (1 + step)), np.zeros(1)
    for _ in range(3):  # 1 + 1/2 + 1/3
        optimizer.step(weights, np.ones(1))
    assert weights == pytest.approx([-11 / 6])


def test_a_network_counts_updates_not_epochs():
    model = Sequential([Dense(1, input_dim=1)], seed=0)
    model.compile(SGD(PiecewiseConstantDecay([3], [0.1, 0.001])), "mse")
    model.fit(np.ones((10, 1)), np.ones(10), batch_size=5, epochs=2, verbose=0)  # 2 epochs of 2 updates
    assert model.optimizer.iterations == 4
    assert model.optimizer.current_learning_rate == 0.001
    model.optimizer.learning_rate = 0.5  # a number takes a schedule's place at any time
    assert model.optimizer.current_learning_rate == 0.5
