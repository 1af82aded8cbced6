"""PyTorch computes its gradients by itself, so it can tell whether ours, written by hand, are right. All in float64."""

import numpy as np
import pytest

from annlab import SGD, Adam, AdamW, Dense, Input, Sequential, SimpleRNN, datasets

torch = pytest.importorskip("torch")
nn = torch.nn


def agree(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)


def weights_into_torch(model, modules):
    """The weights of ``model`` in torch's linear layers, whose kernels lie the other way round."""
    linear = [module for module in modules if isinstance(module, nn.Linear)]
    with torch.no_grad():
        for layer, module in zip(model.layers, linear, strict=True):
            module.weight.copy_(torch.tensor(layer.kernel.T))
            module.bias.copy_(torch.tensor(layer.bias))
    return linear


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.001, betas=(0.9, 0.999))


def as_keras_does(optimizer, t):
    """Keras adds epsilon before the velocity is corrected for its first steps, torch after."""
    for group in optimizer.param_groups:
        group["eps"] = 1e-7 / np.sqrt(1 - group["betas"][1] ** t)


OPTIMIZERS = {
    "Adam": (Adam(), adam),
    "AdamW": (AdamW(0.01, weight_decay=0.1), lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1)),
    "SGD": (SGD(0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    "SGD momentum": (SGD(0.1, momentum=0.9), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "SGD nesterov": (
        SGD(0.1, momentum=0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_thirty_epochs_of_the_articles_model(name):
    ours_optimizer, theirs_optimizer = OPTIMIZERS[name]
    x, y = datasets.circle(n=200, seed=3)
    model = Sequential([Dense(10, "relu", input_dim=2), Dense(20, "relu"), Dense(1, "sigmoid")], seed=4)
    model.compile(ours_optimizer, "binary_crossentropy")
    twin = nn.Sequential(
        nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 1), nn.Sigmoid()
    ).double()
    linear = weights_into_torch(model, twin)
    losses = model.fit(x, y, batch_size=64, epochs=30, shuffle=False, verbose=0).history["loss"]

    optimizer, loss = theirs_optimizer(twin.parameters()), nn.BCELoss()
    features, targets, t = torch.tensor(x), torch.tensor(y).double()[:, None], 0
    for epoch in range(30):
        total = 0.0
        for start in range(0, 200, 64):
            t += 1
            if "Adam" in name:
                as_keras_does(optimizer, t)
            rows = slice(start, start + 64)
            optimizer.zero_grad()
            value = loss(twin(features[rows]), targets[rows])
            value.backward()
            optimizer.step()
            total += value.item() * len(features[rows])
        assert losses[epoch] == pytest.approx(total / 200, rel=1e-10)
    agree(model.predict(x), twin(features))
    for layer, module in zip(model.layers, linear, strict=True):
        agree(layer.kernel.T, module.weight)
        agree(layer.bias, module.bias)


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_simple_rnn_outputs_and_gradients(activation, return_sequences, steps):
    rng = np.random.default_rng(steps)
    x = rng.normal(size=(6, steps, 3))
    layer = SimpleRNN(5, activation, bias_initializer="strengths", return_sequences=return_sequences)
    model = Sequential([Input((steps, 3)), layer], seed=1)
    model.compile("sgd", "mse")

    twin = nn.RNN(3, 5, nonlinearity=activation, batch_first=True).double()
    with torch.no_grad():
        twin.weight_ih_l0.copy_(torch.tensor(layer.kernel.T))
        twin.weight_hh_l0.copy_(torch.tensor(layer.recurrent_kernel.T))
        twin.bias_ih_l0.copy_(torch.tensor(layer.bias))
        twin.bias_hh_l0.zero_()  # torch has two biases that are added; we have one
    features = torch.tensor(x, requires_grad=True)
    everything, _ = twin(features)
    output = everything if return_sequences else everything[:, -1]
    y = rng.normal(size=tuple(output.shape))
    nn.MSELoss()(output, torch.tensor(y)).backward()

    trace = model.trace(x, y)
    agree(trace.output, output)
    agree(trace.layers[0].y, everything)
    agree(trace.layers[0].dx, features.grad)
    gradients = trace.layers[0].gradients
    agree(gradients["kernel"].T, twin.weight_ih_l0.grad)
    agree(gradients["recurrent_kernel"].T, twin.weight_hh_l0.grad)
    agree(gradients["bias"], twin.bias_ih_l0.grad)
