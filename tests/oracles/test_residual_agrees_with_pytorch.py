"""Residual blocks of real layers, batch normalization among them, equal PyTorch's: output and all gradients."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = pytest.mark.oracle
CASES, CLOSE, EPSILON = 50, 1e-12, 1e-3


def leaf(array):
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def near(got, expected, what):
    expected = expected.detach().numpy()
    assert np.shape(got) == expected.shape, what
    assert np.max(np.abs(got - expected)) <= CLOSE * max(1.0, float(np.max(np.abs(expected)))), what


def test_a_block_of_convolutions_and_normalizations(reference, capsys):
    conv, normalization, residual = reference("conv"), reference("normalization"), reference("residual")
    for case in range(CASES):
        rng = np.random.default_rng(case)
        channels = int(rng.integers(1, 4))
        layers = [
            conv.Conv(1, (channels, 3, 3), channels),
            normalization.BatchNormalization(channels, epsilon=EPSILON),
            conv.Conv(1, (channels, 3, 3), channels),
            normalization.InstanceNormalization(channels, epsilon=EPSILON),
        ]
        parameters = []
        for layer in layers:
            layer.weights, layer.bias = rng.normal(size=layer.weights.shape), rng.normal(size=layer.bias.shape)
            parameters.append((leaf(layer.weights), leaf(layer.bias)))
        block = residual.ResidualBlock(layers)
        (w1, b1), (w2, b2), (w3, b3), (w4, b4) = parameters
        x = rng.normal(size=(*rng.integers(1, 4, 1), channels, *rng.integers(3, 6, 2)))
        t = leaf(x)
        f = F.batch_norm(F.conv2d(t, w1, b1, padding=1), None, None, w2, b2, True, 0.0, EPSILON)
        f = F.instance_norm(F.conv2d(f, w3, b3, padding=1), weight=w4, bias=b4, eps=EPSILON)
        expected = torch.relu(f + t)
        error = rng.normal(size=x.shape)
        expected.backward(torch.tensor(error))
        near(block.forward(x), expected, f"case {case}: output")
        near(block.backward(error), t.grad, f"case {case}: input gradient")
        for number, (layer, (weights, bias)) in enumerate(zip(layers, parameters, strict=True)):
            near(layer.gradient_weights, weights.grad, f"case {case}: weights gradient of layer {number}")
            near(layer.gradient_bias, bias.grad, f"case {case}: bias gradient of layer {number}")
    with capsys.disabled():
        print(f" ResidualBlock: {CASES} blocks of two convolutions and two normalizations agree with PyTorch")
