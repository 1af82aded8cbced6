"""Metrics: what one would tell a friend, by hand. (Their agreement with Keras and scikit-learn is tested elsewhere.)"""

import numpy as np
import pytest

from annlab import Dense, Sequential, metrics


def test_accuracy_of_one_output():
    # right, wrong, right (0.5 is not above the threshold), wrong
    assert metrics.accuracy([1, 0, 0, 1], [0.9, 0.8, 0.5, 0.1]) == 0.5
    assert metrics.binary_accuracy([1, 0], [0.4, 0.1], threshold=0.3) == 1
    assert metrics.accuracy([[1], [0]], [0.9, 0.8]) == 0.5


def test_accuracy_of_several_outputs():
    outputs = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.4, 0.3], [0.5, 0.3, 0.2]]
    assert metrics.accuracy([0, 2, 1, 2], outputs) == 0.75
    assert metrics.accuracy(np.eye(3)[[0, 2, 1, 2]], outputs) == 0.75
    assert metrics.categorical_accuracy(np.eye(3)[[0, 2, 1, 2]], outputs) == 0.75
    assert metrics.sparse_categorical_accuracy([[0], [2], [1], [2]], outputs) == 0.75


def test_distances():
    # errors 1, -2, 0: (1 + 2) / 3 = 1 and (1 + 4) / 3
    assert metrics.mae([1, 2, 3], [2, 0, 3]) == 1
    assert metrics.mse([1, 2, 3], [2, 0, 3]) == pytest.approx(5 / 3)


def test_r2():
    # the mean is 2; squared errors 0.25 + 0 + 0.25 = 0.5; around the mean 1 + 0 + 1 = 2; 1 - 0.5 / 2
    assert metrics.r2([1, 2, 3], [1.5, 2, 2.5]) == 0.75
    assert metrics.r2([1, 2, 3], [1, 2, 3]) == 1
    assert metrics.r2([1, 2, 3], [2, 2, 2]) == 0
    assert metrics.r2([1, 2, 3], [3, 2, 1]) == -3
    # the mean over two outputs, one perfect, one no better than its mean
    assert metrics.r2([[1, 1], [3, 3]], [[1, 2], [3, 2]]) == 0.5


def test_confusion_matrix():
    # rows are the truth: class 0 was once called 0 and once 1
    assert metrics.confusion_matrix([0, 0, 1, 2], [0, 1, 1, 0]).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert metrics.confusion_matrix([0, 1], [0, 1], classes=3).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert metrics.confusion_matrix([], [], classes=2).tolist() == [[0, 0], [0, 0]]
    matrix = metrics.confusion_matrix(np.arange(30) % 4, np.arange(30) % 3)
    assert matrix.sum() == 30
    assert matrix.sum(axis=1).tolist() == [8, 8, 7, 7]  # how often each class occurs


def test_confusion_matrix_of_what_is_no_class():
    with pytest.raises(ValueError, match=r"argmax\(axis=1\)"):
        metrics.confusion_matrix([0, 1], [0.2, 0.7])
    with pytest.raises(ValueError, match="class numbers"):
        metrics.confusion_matrix([0, -1], [0, 1])
    with pytest.raises(ValueError, match="do not fit"):
        metrics.confusion_matrix([0, 1, 1], [0, 1])
    with pytest.raises(ValueError, match="give classes=3 or more"):
        metrics.confusion_matrix([0, 2], [0, 1], classes=2)


def test_accuracy_is_chosen_by_the_loss():
    # A hinge network answers around 0, with targets -1 and 1: its sign is its answer.
    assert metrics.get("accuracy", "hinge")([-1, 1, 1], [-0.2, 0.3, -0.1]) == pytest.approx(2 / 3)
    assert metrics.get("accuracy", "hinge")([0, 1, 1], [-0.2, 0.3, -0.1]) == pytest.approx(2 / 3)
    assert metrics.get("accuracy", "binary_crossentropy")([0, 1, 1], [0.2, 0.3, 0.9]) == pytest.approx(2 / 3)


def test_names():
    assert metrics.get("acc") is metrics.get("accuracy")
    assert metrics.get("mean_squared_error") is metrics.get("MSE") is metrics.mse
    assert {"accuracy", "mae", "mse", "r2"} <= set(metrics.names())
    with pytest.raises(ValueError, match="did you mean 'accuracy'"):
        metrics.get("acuracy")


def test_a_metric_of_ones_own():
    def worst(y_true, y_pred):
        return np.abs(y_true - y_pred).max()

    model = Sequential([Dense(1, input_dim=1, kernel_initializer="ones")])
    model.compile("sgd", "mse", [worst, "mae"])
    # outputs 1, 2, 4 for the targets 1, 2, 7: the worst error is 3, the mean is 1
    assert model.evaluate([[1], [2], [4]], [1, 2, 7], return_dict=True) == {"loss": 3, "worst": 3, "mae": 1}


@pytest.mark.parametrize("metric", [metrics.mae, metrics.mse, metrics.r2, metrics.binary_accuracy])
def test_shapes_that_do_not_fit(metric):
    with pytest.raises(ValueError, match="do not fit"):
        metric([1, 2, 3], [1, 2])
