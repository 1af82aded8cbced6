"""scikit-learn's multi-layer perceptron takes the same steps from the same weights.

A first step of 1e-300 leaves its random weights as they are: that is how they are read without training.
"""

import numpy as np
import pytest

import annlab
from annlab import Dense, Sequential
from annlab.regularizers import l2

pytest.importorskip("sklearn", reason="scikit-learn is not installed")
from sklearn.neural_network import MLPClassifier, MLPRegressor

RNG = np.random.default_rng(0)
N = 24
X = RNG.normal(size=(N, 5))
TASKS = {
    "two classes": (MLPClassifier, RNG.integers(0, 2, N), "sigmoid", "binary_crossentropy", 1),
    "three classes": (MLPClassifier, RNG.integers(0, 3, N), "softmax", "sparse_categorical_crossentropy", 3),
    "a measurement": (MLPRegressor, RNG.normal(size=N), "linear", "mse", 1),
}
ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "logistic": "sigmoid"}


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("task", TASKS)
def test_steps_from_the_same_weights(task, activation, solver, steps):
    kind, y, ending, loss, units = TASKS[task]
    classes = {"classes": np.unique(y)} if kind is MLPClassifier else {}
    settings = {
        "hidden_layer_sizes": (7, 4),
        "activation": activation,
        "solver": solver,
        "momentum": 0.0,
        "alpha": 0.3,
        "batch_size": N,
        "shuffle": False,
        "random_state": 8,
    }
    start = kind(**settings, learning_rate_init=1e-300).partial_fit(X, y, **classes)
    theirs = kind(**settings, learning_rate_init=0.05)
    for _ in range(steps):
        theirs.partial_fit(X, y, **classes)

    # Its penalty is alpha / 2 * sum(w^2) / N; ours is rate * sum(w^2), so rate = alpha / (2 N).
    # Its squared error is mean((y - t)^2) / 2, half of ours: with twice the penalty our gradient is twice as long, and
    # half the learning rate makes the same step.
    halved = loss == "mse"
    price = l2(0.3 / (2 * N) * (2 if halved else 1))
    model = Sequential(seed=0)
    model.add(Dense(7, ACTIVATIONS[activation], kernel_regularizer=price, input_dim=5))
    model.add(Dense(4, ACTIVATIONS[activation], kernel_regularizer=price))
    model.add(Dense(units, ending, kernel_regularizer=price))
    model.set_weights([w for pair in zip(start.coefs_, start.intercepts_, strict=True) for w in pair])
    # Adam divides by the gradient's size, so with twice the epsilon twice the gradient makes the same step.
    epsilon = 1e-8 * (2 if halved else 1)
    optimizer = {"sgd": annlab.SGD(0.05 / (2 if halved else 1)), "adam": annlab.Adam(0.05, epsilon=epsilon)}[solver]
    model.compile(optimizer, loss)
    for _ in range(steps):
        model.train_on_batch(X, y)

    for layer, w, b in zip(model.layers, theirs.coefs_, theirs.intercepts_, strict=True):
        np.testing.assert_allclose(layer.kernel, w, rtol=0, atol=1e-10)
        np.testing.assert_allclose(layer.bias, b, rtol=0, atol=1e-10)
    answers = theirs.predict_proba(X) if kind is MLPClassifier else theirs.predict(X)
    answers = answers[:, -units:] if kind is MLPClassifier else answers[:, None]
    np.testing.assert_allclose(model.predict(X), answers, rtol=0, atol=1e-10)


def test_scores_are_its_scores():
    metrics = pytest.importorskip("sklearn.metrics")
    t, y = RNG.normal(size=(20, 2)), RNG.normal(size=(20, 2))
    labels, guesses = RNG.integers(0, 4, 40), RNG.integers(0, 4, 40)
    assert annlab.metrics.r2(t, y) == pytest.approx(metrics.r2_score(t, y), rel=1e-12)
    assert annlab.metrics.mae(t, y) == pytest.approx(metrics.mean_absolute_error(t, y), rel=1e-12)
    assert annlab.metrics.mse(t, y) == pytest.approx(metrics.mean_squared_error(t, y), rel=1e-12)
    assert np.array_equal(annlab.metrics.confusion_matrix(labels, guesses), metrics.confusion_matrix(labels, guesses))
    assert annlab.metrics.r2([3.0, 3.0], [3.0, 3.0]) == metrics.r2_score([3.0, 3.0], [3.0, 3.0]) == 1
    assert annlab.metrics.r2([3.0, 3.0], [3.0, 4.0]) == metrics.r2_score([3.0, 3.0], [3.0, 4.0]) == 0
