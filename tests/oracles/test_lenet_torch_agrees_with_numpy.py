"""LeNet-5 in PyTorch equals the same network of the course's own NumPy layers: output and all gradients."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle
CASES, CLOSE = 20, 1e-12
CONNECTED = ("fc1", "fc2", "fc3")


def near(got, expected, what):
    expected = expected.detach().numpy()
    assert np.shape(got) == expected.shape, what
    assert np.max(np.abs(got - expected)) <= CLOSE * max(1.0, float(np.max(np.abs(expected)))), what


def chain(reference, net):
    """The layers in their order, with the network's parameters."""
    variants, pooling = reference("conv_variants"), reference("pooling")
    connected, relu = reference("fully_connected"), reference("activations").ReLU
    layers = {
        "conv1": variants.Conv2d(1, 6, 5, padding=2),
        "relu_1": relu(),
        "max_pool_1": pooling.MaxPooling(2, 2),
        "conv2": variants.Conv2d(6, 16, 5),
        "relu_2": relu(),
        "max_pool_2": pooling.MaxPooling(2, 2),
        "flatten": reference("flatten").Flatten(),
        "fc1": connected.FullyConnected(400, 120),
        "relu_3": relu(),
        "fc2": connected.FullyConnected(120, 84),
        "relu_4": relu(),
        "fc3": connected.FullyConnected(84, 10),
    }
    for name in ("conv1", "conv2"):
        theirs = getattr(net, name)
        layers[name].weights, layers[name].bias = theirs.weight.detach().numpy(), theirs.bias.detach().numpy()
    for name in CONNECTED:
        theirs = getattr(net, name)
        layers[name].weights = torch.vstack([theirs.weight.T, theirs.bias]).detach().numpy()
    return layers


def test_lenet_of_numpy_layers(reference, capsys):
    for case in range(CASES):
        torch.manual_seed(case)
        rng = np.random.default_rng(case)
        net = reference("lenet_torch").LeNet5().double()
        images = torch.tensor(rng.normal(size=(1 + case % 4, 1, 28, 28)), requires_grad=True)
        output = net(images)
        error = rng.normal(size=output.shape)
        output.backward(torch.tensor(error))
        layers = chain(reference, net)
        value = images.detach().numpy()
        for layer in layers.values():
            value = layer.forward(value)
        near(value, output, f"case {case}: output")
        for layer in reversed(layers.values()):
            error = layer.backward(error)
        near(error, images.grad, f"case {case}: input gradient")
        for name in ("conv1", "conv2"):
            near(layers[name].gradient_weights, getattr(net, name).weight.grad, f"case {case}: weights of {name}")
            near(layers[name].gradient_bias, getattr(net, name).bias.grad, f"case {case}: bias of {name}")
        for name in CONNECTED:
            theirs = torch.vstack([getattr(net, name).weight.grad.T, getattr(net, name).bias.grad])
            near(layers[name].gradient_weights, theirs, f"case {case}: {name}")
    with capsys.disabled():
        print(f" LeNet5: {CASES} batches agree with the course's NumPy layers, output and all gradients")
