"""PyTorch computes its gradients by itself, so it can tell whether ours, written by hand, are right. All in float64."""

import numpy as np
import pytest

from annlab import SGD, Activation, Adam, AdamW, Dense, Input, Sequential, SimpleRNN, datasets

torch = pytest.importorskip("torch")
nn = torch.nn
torch.set_num_threads(1)  # such small networks are not worth a second


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


# --- networks drawn at random ---------------------------------------------------------------------------------------

TORCH = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: nn.functional.leaky_relu(z, 0.2),
    "elu": nn.functional.elu,
    "selu": nn.functional.selu,
    "softplus": nn.functional.softplus,
    "gelu": nn.functional.gelu,
    "silu": nn.functional.silu,
    "softmax": lambda z: torch.softmax(z, dim=-1),
}


def in_torch(model, x):
    """The same sums, written with torch; answers with its outputs and with the weights it can be asked about."""
    tracked = [torch.tensor(weight, requires_grad=True) for weight in model.get_weights()]
    given, y = iter(tracked), torch.tensor(x)
    for layer in model.layers:
        weights = {name: next(given) for name in layer.weights}
        activation, bias = TORCH[layer.activation.name], weights.get("bias", 0)
        if isinstance(layer, SimpleRNN):
            state, states = torch.zeros(len(x), layer.units, dtype=torch.float64), []
            for t in range(x.shape[1]):
                state = activation(y[:, t] @ weights["kernel"] + state @ weights["recurrent_kernel"] + bias)
                states.append(state)
            y = torch.stack(states, dim=1) if layer.return_sequences else state
        else:
            y = activation(y @ weights["kernel"] + bias if weights else y)
    return y, tracked


@pytest.mark.parametrize("seed", range(40))
def test_a_network_drawn_at_random(seed):
    rng = np.random.default_rng(seed)
    choose = lambda options: options[rng.integers(len(options))]  # noqa: E731
    names, recurrent, moments = list(TORCH), seed % 2 == 0, int(rng.integers(1, 6))
    shape = (moments, 3) if recurrent else (3,)
    layers = [Input(shape)]
    if recurrent:
        layers.append(SimpleRNN(int(rng.integers(1, 5)), choose(["tanh", "sigmoid", "softmax"]), return_sequences=True))
        layers.append(SimpleRNN(3, use_bias=bool(rng.integers(2)), return_sequences=bool(rng.integers(2))))
    for _ in range(rng.integers(1, 4)):
        use_bias = bool(rng.integers(2))
        layers.append(Dense(int(rng.integers(1, 6)), choose(names), use_bias, bias_initializer="random_normal"))
        layers.append(Activation(choose(names)))
    layers.append(Dense(2, choose(["linear", "tanh", "softmax"])))
    model = Sequential(layers, seed=seed)
    model.compile("sgd", "mse")
    x = rng.normal(size=(int(rng.integers(1, 8)), *shape))
    output, tracked = in_torch(model, x)
    y = rng.normal(size=tuple(output.shape))
    nn.MSELoss()(output, torch.tensor(y)).backward()
    trace = model.trace(x, y)
    agree(trace.output, output)
    gradients = [gradient for layer in trace.layers for gradient in layer.gradients.values()]
    for ours, theirs in zip(gradients, tracked, strict=True):
        agree(ours, theirs.grad)
