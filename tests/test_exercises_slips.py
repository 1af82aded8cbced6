"""Slips as learners write them, in lessons 06 to 10 and in any, each met by a hint that names it."""

import numpy as np
import pytest

from annlab.exercises import (
    backpropagation,
    curved_activations,
    feed_forward,
    gradient_descent,
    loss,
    nodes_and_connections,
    one_neuron,
    perceptron,
    start_here,
    step_and_linear,
    training_a_network,
)
from annlab.exercises.base import NOT_YET, RAISED
from annlab.labs.start import WaveLab


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_PROGRESS", str(tmp_path))


def a_slope(x, t, w):
    return np.mean(2 * (w * x - t) * x)


def descend_by_the_loss(x, t, w, learning_rate, steps):
    for _ in range(steps):
        w = w - learning_rate * np.mean((w * x - t) ** 2)
    return w


def descend_and_keep_all(x, t, w, learning_rate, steps):
    kept = []
    for _ in range(steps):
        w = w - learning_rate * a_slope(x, t, w)
        kept.append(w)
    return kept


def descend_without_the_rate(x, t, w, learning_rate, steps):
    for _ in range(steps):
        w = w - a_slope(x, t, w)
    return w


def descend_to_the_step(x, t, w, learning_rate, steps):
    for _ in range(steps):
        w = learning_rate * a_slope(x, t, w)
    return w


def descend_one_short(x, t, w, learning_rate, steps):
    for _ in range(1, steps):
        w = w - learning_rate * a_slope(x, t, w)
    return w


def epoch_that_returns_at_once(x, t, w, learning_rate, batch_size):
    for start in range(0, len(x), batch_size):
        part = slice(start, start + batch_size)
        w = w - learning_rate * a_slope(x[part], t[part], w)
        return w


def epoch_of_every_start(x, t, w, learning_rate, batch_size):
    for start in range(len(x)):
        part = slice(start, start + batch_size)
        w = w - learning_rate * a_slope(x[part], t[part], w)
    return w


def epoch_from_the_first_w(x, t, w, learning_rate, batch_size):
    first = w
    for start in range(0, len(x), batch_size):
        part = slice(start, start + batch_size)
        w = w - learning_rate * a_slope(x[part], t[part], first)
    return w


def rolling_the_last(slopes, learning_rate, momentum):
    step = 0.0
    for slope in slopes:
        step = momentum * step - learning_rate * slope
    return step


def rolling_from_zero(slopes, learning_rate, momentum):
    taken = [0.0]
    for slope in slopes:
        taken.append(momentum * taken[-1] - learning_rate * slope)
    return taken


def rolling_too_early(slopes, learning_rate, momentum):
    step, taken = 0.0, []
    for slope in slopes:
        taken.append(step)
        step = momentum * step - learning_rate * slope
    return taken


def backward(slope_of_tanh):
    def with_that_slope(x, t, w1, w2):
        h = np.tanh(x @ w1)
        d_out = 2 * (h @ w2 - t) / len(t)
        d_hidden = (w2 @ d_out) * slope_of_tanh(h)
        return np.concatenate([np.outer(x, d_hidden).ravel(), np.outer(h, d_out).ravel()])

    return with_that_slope


def train_with_all_points(weights, x, y, gradient, batch_size, learning_rate, epochs):
    for _ in range(epochs):
        for _ in range(0, len(x), batch_size):
            weights = weights - learning_rate * gradient(weights, x, y)
    return weights


def train_point_by_point(weights, x, y, gradient, batch_size, learning_rate, epochs):
    for _ in range(epochs):
        for row in range(len(x)):
            weights = weights - learning_rate * gradient(weights, x[row : row + 1], y[row : row + 1])
    return weights


def train_and_return_at_once(weights, x, y, gradient, batch_size, learning_rate, epochs):
    for _ in range(epochs):
        for first in range(0, len(x), batch_size):
            batch = slice(first, first + batch_size)
            weights = weights - learning_rate * gradient(weights, x[batch], y[batch])
            return weights


def run_from_the_global_generator(seed, x, y, epochs):
    np.random.seed(seed)  # noqa: NPY002  (the slip itself)
    weights = np.random.uniform(-1, 1, x.shape[1])  # noqa: NPY002
    for _ in range(epochs):
        for row in np.random.permutation(len(x)):  # noqa: NPY002
            weights = weights - 0.1 * (x[row] @ weights - y[row]) * x[row]
    return weights


def run_once(seed, x, y, epochs):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-1, 1, x.shape[1])
    for row in rng.permutation(len(x)):
        weights = weights - 0.1 * (x[row] @ weights - y[row]) * x[row]
    return weights


SLIPS = [
    (feed_forward.layer_sums, lambda x, kernel, bias: np.tanh(x @ kernel + bias), "before any activation"),
    (feed_forward.layer_sums, lambda x, kernel, bias: x[0] @ kernel + bias, "first example alone"),
    (feed_forward.forward, lambda x, k, b, m, c: np.maximum(x @ k + b, 0) @ m + c, "ReLU in the hidden layer"),
    (loss.mse, lambda targets, predictions: (targets - predictions) ** 2, "A loss is one number"),
    (loss.mse, lambda targets, predictions: np.mean((predictions - targets) * 2), "doubled"),
    (
        loss.binary_crossentropy,
        lambda t, p: -np.mean(t * np.log(np.clip(p, 1e-7, 1)) - (1 - t) * np.log(np.clip(1 - p, 1e-7, 1))),
        "halves are added",
    ),
    (loss.categorical_crossentropy, lambda t, p: -np.sum(t * np.log(p), axis=1), "last step is their mean"),
    (loss.categorical_crossentropy, lambda t, p: -np.mean(np.sum(t * np.log(p), axis=0)), "axis=1"),
    (gradient_descent.descend, descend_by_the_loss, "the loss itself"),
    (gradient_descent.descend, descend_and_keep_all, "Only the last one"),
    (gradient_descent.descend, descend_without_the_rate, "learning_rate first"),
    (gradient_descent.descend, descend_to_the_step, "the step alone"),
    (gradient_descent.descend, descend_one_short, "One step is missing"),
    (gradient_descent.epoch, epoch_that_returns_at_once, "first batch"),
    (gradient_descent.epoch, epoch_of_every_start, "overlap"),
    (gradient_descent.epoch, epoch_from_the_first_w, "at the first w"),
    (gradient_descent.rolling, rolling_the_last, "last step alone"),
    (gradient_descent.rolling, rolling_from_zero, "One step too many"),
    (gradient_descent.rolling, rolling_too_early, "make the new step first"),
    (backpropagation.hidden_delta, lambda y, w, d: np.sum(w * d) * (1 - y), "The square is missing"),
    (backpropagation.hidden_delta, lambda y, w, d: np.sum(w) * np.sum(d) * (1 - y**2), "apart"),
    (backpropagation.slope, lambda loss, w, n: (loss(w + n) - loss(w - n)) / 2 * n, "into brackets"),
    (backpropagation.slope, lambda loss, w, n: (loss(w) - loss(w - n)) / n, "to both sides"),
    (backpropagation.backward, backward(lambda h: 1 - np.tanh(h) ** 2), "without another tanh"),
    (backpropagation.backward, backward(lambda h: (1 - h) ** 2), "Only h is squared"),
    (backpropagation.backward, backward(lambda h: h**2 - 1), "changed places"),
    (training_a_network.train, train_with_all_points, "every gradient looks at all points"),
    (training_a_network.train, train_point_by_point, "every single point"),
    (training_a_network.train, train_and_return_at_once, "first update"),
    (training_a_network.run, run_from_the_global_generator, "draw from rng"),
    (training_a_network.run, run_once, "one epoch"),
]


@pytest.mark.parametrize(
    ("exercise", "answer", "words"), SLIPS, ids=[f"{each.name}-{words}" for each, _, words in SLIPS]
)
def test_a_slip_is_named(exercise, answer, words):
    outcome = exercise.judge(answer)
    assert outcome.kind == NOT_YET
    assert words in outcome.hint


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (loss.mse, lambda targets, predictions: np.mean((predictions - targets) ^ 2)),
        (backpropagation.hidden_delta, lambda y, weights, deltas: np.sum(weights * deltas) * (1 - y ^ 2)),
    ],
)
def test_a_power_with_the_wrong_sign_is_told_the_right_one(exercise, answer):
    outcome = exercise.judge(answer)
    assert outcome.kind == RAISED
    assert "the sign ^ is no power in Python. The square of y is y**2, with two stars" in outcome.reason


@pytest.mark.parametrize(
    ("exercise", "answer", "words"),
    [
        (one_neuron.weighted_sum, lambda x, w, b: -(np.sum(x * w) + b), "right size and the wrong sign"),
        (one_neuron.weighted_sum, lambda x, w, b: int(np.sum(x * w) + b), "lost what stands behind the point"),
        (perceptron.rule, lambda w, x, t, r: np.round(w + r * (t - (w @ x >= 0)) * x), "lost what stands behind"),
        (step_and_linear.step, lambda z: -np.where(z >= 0, 1.0, 0.0), "right size and the wrong sign"),
        (curved_activations.slopes, lambda z: np.array([z(1 - z)]), "a product needs its star"),
        (curved_activations.softmax, lambda z, t: np.exp((z - z.max) / t), "without its brackets"),
        (curved_activations.curves, lambda z: float(z), "was given a whole array"),
        (perceptron.train, lambda x, t, epochs: [1 for _ in epochs], "it goes through range(...)"),
        (start_here.wave, lambda x, height, speed: height * sin(speed * x), "It is numpy's: write np.sin."),  # noqa: F821
    ],
)
def test_slips_that_every_exercise_knows(exercise, answer, words):
    assert words in repr(exercise.check(answer))


def test_a_function_that_calls_itself_is_told_so():
    def collects(values, strengths):
        return collects(values, strengths)

    assert "your function calls itself" in repr(nodes_and_connections.collects.check(collects))


def test_the_wave_alone_is_compared_with_its_prediction():
    lab = WaveLab()
    for height, speed, said in ((1, 0, None), (2, 2, None), (1, 2, "up and down 2 times"), (1, 1.25, "1.25 times")):
        lab.controls["height"].value, lab.controls["speed"].value = height, speed
        assert (said or "nothing to compare yet") in start_here.prediction.reply(0, lab)
    assert "up and down 1.25 times" in lab.stage.description
