"""Every backward pass against measured slopes: each layer with each activation, loss and regularizer.

Some pieces have a kink (relu, mae, hinge, l1), where a slope means nothing; random numbers do not hit one.
"""

import numpy as np
import pytest

import annlab
from annlab import Activation, Dense, Dropout, Input, Sequential, SimpleRNN, losses
from annlab.gradcheck import gradcheck

ACTIVATIONS = [name for name in annlab.activations.names() if name != "step"]
REGULARIZERS = [None, "l1", "l2", "l1_l2"]
LAYERS = {
    "Dense": lambda a, r: [Dense(4, a, kernel_regularizer=r, bias_regularizer=r)],
    "Dense without bias": lambda a, r: [Dense(4, a, use_bias=False, kernel_regularizer=r)],
    "Activation": lambda a, r: [Dense(4, kernel_regularizer=r), Activation(a)],
    "Dropout": lambda a, r: [Dense(4, a, kernel_regularizer=r), Dropout(0.5)],
    "two Dense": lambda a, r: [Dense(4, a, kernel_regularizer=r), Dense(3, a)],
    "SimpleRNN": lambda a, r: [SimpleRNN(3, a, kernel_regularizer=r, recurrent_regularizer=r, bias_regularizer=r)],
    "SimpleRNN, all steps": lambda a, r: [SimpleRNN(3, a, recurrent_regularizer=r, return_sequences=True)],
    "two SimpleRNN": lambda a, r: [SimpleRNN(3, a, use_bias=False, return_sequences=True), SimpleRNN(2, a)],
}
LOSSES = {
    "mse": ("mse", "tanh"),
    "mae": ("mae", None),
    "hinge": ("hinge", None),
    "binary": ("binary_crossentropy", "sigmoid"),
    "binary after softmax": ("binary_crossentropy", "softmax"),
    "binary from logits": (losses.BinaryCrossentropy(from_logits=True), None),
    "categorical": ("categorical_crossentropy", "softmax"),
    "categorical after sigmoid": ("categorical_crossentropy", "sigmoid"),
    "categorical from logits": (losses.CategoricalCrossentropy(from_logits=True), None),
    "sparse": ("sparse_categorical_crossentropy", "softmax"),
    "sparse from logits": (losses.SparseCategoricalCrossentropy(from_logits=True), None),
}


def network(layer, activation, loss, regularizer, seed=0):
    recurrent = "RNN" in layer
    loss, ending = LOSSES[loss]
    shape = (3, 2) if recurrent else (2,)
    body = LAYERS[layer](activation, regularizer)
    for part in body:
        part.initializers |= {name: annlab.initializers.RandomNormal(stddev=0.7) for name in part.initializers}
    model = Sequential([Input(shape), *body, Dense(3, ending, bias_initializer="strengths")], seed=seed)
    model.compile("sgd", loss)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, *shape))
    leading = (3, 3) if len(model.output_shape) == 2 else (3,)
    labels = rng.integers(0, 3, leading)
    if model.loss.name.startswith("sparse"):
        return model, x, labels
    return model, x, np.eye(3)[labels] if model.loss.classifies else rng.normal(size=(*leading, 3))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_activation_loss_and_regularizer(layer, loss):
    for activation in ACTIVATIONS:
        for regularizer in REGULARIZERS:
            model, x, y = network(layer, activation, loss, regularizer)
            check = gradcheck(model, x, y)
            assert check, f"{activation}, {regularizer}: {check}"
            assert np.abs(check.computed).max() > 1e-3  # there was something to compare


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("layer", ["two Dense", "SimpleRNN", "SimpleRNN, all steps"])
def test_with_weighted_examples(layer, loss):
    model, x, y = network(layer, "tanh", loss, "l2")
    assert gradcheck(model, x, y, sample_weight=[0.5, 0.0, 3.0])


def test_the_gradient_by_the_inputs():
    """``trace`` also says what each input is to blame for."""
    for layer in LAYERS:
        model, x, y = network(layer, "tanh", "mse", "l2")
        dx, e = model.trace(x, y).layers[0].dx, 1e-6
        assert dx.shape == x.shape
        for index in np.ndindex(x.shape):
            nudge = np.zeros(x.shape)
            nudge[index] = e
            measured = (model.evaluate(x + nudge, y) - model.evaluate(x - nudge, y)) / (2 * e)
            assert dx[index] == pytest.approx(measured, abs=1e-7)


def test_checking_changes_no_weight():
    model, x, y = network("two Dense", "tanh", "categorical", "l2")
    before, state = model.parameters.copy(), model.rng.bit_generator.state
    gradcheck(model, x, y)
    assert np.array_equal(model.parameters, before)
    assert model.rng.bit_generator.state == state
    assert model.optimizer.iterations == 0


def test_what_cannot_be_checked():
    model, x, y = network("two Dense", "tanh", "categorical", "l2")
    for bad, error, words in [([], ValueError, "x is empty"), (None, TypeError, "x is None")]:
        with pytest.raises(error, match=words):
            gradcheck(model, bad, y)


def test_a_wrong_backward_pass_is_found_and_named():
    class Forgetful(Dense):
        """A layer that forgets the slope of its activation."""

        def backward(self, dy, input_gradient=True):
            return self.backward_from_z(dy, input_gradient)

    model = Sequential([Forgetful(3, "tanh", input_dim=2), Dense(1)], seed=0)
    model.compile("sgd", "mse")
    rng = np.random.default_rng(0)
    check = gradcheck(model, rng.normal(size=(4, 2)), rng.normal(size=4))
    assert not check
    assert check.error > 1e-3
    assert check.worst.startswith("forgetful.")
    assert "differ" in repr(check)
    # the layer behind it is right: the last 4 weights, 3 of its kernel and its bias
    np.testing.assert_allclose(check.computed[-4:], check.measured[-4:], atol=1e-8)


def test_what_is_reported():
    model, x, y = network("Dense", "tanh", "mse", None)
    check = gradcheck(model, x, y)
    assert check.computed.shape == check.measured.shape == model.parameters.shape
    assert check.error < 1e-6
    assert "agree" in repr(check)
    assert check.worst in repr(check)


def test_float32_has_too_few_digits():
    model = Sequential([Dense(1, input_dim=2)], dtype="float32")
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="gradcheck needs a float64 network"):
        gradcheck(model, [[1.0, 2.0]], [1.0])
