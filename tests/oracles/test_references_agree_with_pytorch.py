"""The references equal PyTorch (and SciPy, for sliding windows) on 200 random small cases per operation.

Forward and every gradient, float64, to 1e-12 of the largest expected value.
"""

from collections import Counter

import numpy as np
import pytest
from scipy import signal

torch = pytest.importorskip("torch")
F = torch.nn.functional

pytestmark = pytest.mark.oracle

CASES = 200
TOLERANCE = 1e-12
EPS = np.finfo(float).eps
compared = Counter()


def agree(got, expected, operation, what):
    """Compare one array of one case with PyTorch's."""
    expected = np.asarray(expected.detach() if torch.is_tensor(expected) else expected)
    assert np.shape(got) == expected.shape, f"{operation}: shape of {what}"
    largest = np.max(np.abs(expected), initial=0)
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE * largest, err_msg=f"{operation}: {what}")


def leaf(array):
    """A float64 tensor that collects its gradient."""
    return torch.tensor(np.asarray(array, dtype=float), requires_grad=True)


def generators(operation):
    """One seeded generator per case, counted when the case is done."""
    for case in range(CASES):
        yield np.random.default_rng([case, *operation.encode()])
        compared[operation] += 1


def compare_layer(operation, rng, layer, x, function):
    """Forward and backward of a layer without weights against autograd of `function`."""
    t = leaf(x)
    expected = function(t)
    agree(layer.forward(x), expected, operation, "output")
    error = rng.normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(error))
    agree(layer.backward(error), t.grad, operation, "input gradient")


def images(rng, smallest=(1, 1), integers=False):
    """A batch (b, c, y, x) with different height and width; integers bring ties."""
    height, width = smallest[0] + rng.integers(0, 6), smallest[1] + rng.integers(0, 6)
    shape = (*rng.integers(1, 4, 2), height, width + (height == width))
    return rng.integers(-2, 3, shape).astype(float) if integers else rng.normal(size=shape)


def pad(t, kernel):
    """Asymmetric zero padding, last axis first as F.pad wants it."""
    return F.pad(t, [n for k in reversed(kernel) for n in (-(-(k - 1) // 2), (k - 1) // 2)])


# ------------------------------------------------------------------------------------------------ layers with weights


def random_conv(module, rng, axes):
    channels, kernels = (int(v) for v in rng.integers(1, 4, 2))
    kernel, stride = ([int(v) for v in rng.integers(1, 6, axes)] for _ in range(2))
    layer = module.Conv(tuple(stride), (channels, *kernel), kernels)
    layer.weights, layer.bias = rng.normal(size=layer.weights.shape), rng.normal(size=kernels)
    x = rng.normal(size=(rng.integers(1, 4), channels, *(rng.permutation(9)[:axes] + 1)))  # unequal sides
    return layer, x, kernel, stride


@pytest.mark.parametrize(("axes", "function"), [(1, F.conv1d), (2, F.conv2d)])
def test_conv(reference, axes, function):
    module, operation = reference("conv"), f"Conv, {axes}-D"
    for rng in generators(operation):
        layer, x, kernel, stride = random_conv(module, rng, axes)
        w, b = leaf(layer.weights), leaf(layer.bias)
        compare_layer(operation, rng, layer, x, lambda t, w=w, b=b, k=kernel, s=stride: function(pad(t, k), w, b, s))
        agree(layer.gradient_weights, w.grad, operation, "weight gradient")
        agree(layer.gradient_bias, b.grad, operation, "bias gradient")


def test_conv_with_scipy(reference):
    module, operation = reference("conv"), "Conv, 2-D, with SciPy's correlate2d"
    for rng in generators(operation):
        layer, x, (m, n), (s, t) = random_conv(module, rng, 2)
        padded = np.pad(x, ((0, 0), (0, 0), (m // 2, (m - 1) // 2), (n // 2, (n - 1) // 2)))
        expected = [
            [
                sum(signal.correlate2d(*pair, mode="valid") for pair in zip(image, kernel, strict=True))[::s, ::t]
                + bias
                for kernel, bias in zip(layer.weights, layer.bias, strict=True)
            ]
            for image in padded
        ]
        agree(layer.forward(x), expected, operation, "output")


def test_fully_connected(reference):
    module, operation = reference("fully_connected"), "FullyConnected"
    for rng in generators(operation):
        batch, n, k = (int(v) for v in rng.integers(1, 7, 3))
        layer = module.FullyConnected(n, k)
        layer.weights = rng.normal(size=(n + 1, k))
        w = leaf(layer.weights)
        x = rng.normal(size=(batch, n))
        compare_layer(operation, rng, layer, x, lambda t, w=w: F.linear(t, w[:-1].T, w[-1]))
        agree(layer.gradient_weights, w.grad, operation, "weight gradient")


def test_fans(reference):
    """The standard deviations that He and Xavier are asked for equal those of torch.nn.init."""
    conv, dense, operation = reference("conv"), reference("fully_connected"), "fan_in and fan_out"

    class Recorder:
        def initialize(self, weights_shape, fan_in, fan_out):
            self.fans = fan_in, fan_out
            return np.zeros(weights_shape)

    for rng in generators(operation):
        layer, _, _, _ = random_conv(conv, rng, int(rng.integers(1, 3)))
        layer.initialize(recorder := Recorder(), Recorder())
        assert recorder.fans == torch.nn.init._calculate_fan_in_and_fan_out(torch.zeros(layer.weights.shape))
        n, k = (int(v) for v in rng.integers(1, 9, 2))
        dense.FullyConnected(n, k).initialize(recorder, Recorder())
        assert recorder.fans == torch.nn.init._calculate_fan_in_and_fan_out(torch.nn.Linear(n, k).weight)


# --------------------------------------------------------------------------------------------- layers without weights


def random_pool(rng):
    window, stride = ([int(v) for v in rng.integers(1, 5, 2)] for _ in range(2))
    return window, stride, images(rng, window, integers=rng.random() < 0.5)


def test_max_pooling(reference):
    module, operation = reference("pooling"), "MaxPooling"
    for rng in generators(operation):
        window, stride, x = random_pool(rng)
        layer = module.MaxPooling(stride, window)
        compare_layer(operation, rng, layer, x, lambda t, w=window, s=stride: F.max_pool2d(t, w, s))
        _, indices = F.max_pool2d(torch.tensor(x), window, stride, return_indices=True)
        agree(layer.indices, indices, operation, "indices")


def test_average_pooling(reference):
    module, operation = reference("pooling"), "AveragePooling"
    for rng in generators(operation):
        window, stride, x = random_pool(rng)
        layer = module.AveragePooling(stride, window)
        compare_layer(operation, rng, layer, x, lambda t, w=window, s=stride: F.avg_pool2d(t, w, s))


def test_global_average_pooling(reference):
    module, operation = reference("pooling"), "GlobalAveragePooling"
    for rng in generators(operation):
        layer = module.GlobalAveragePooling()
        compare_layer(operation, rng, layer, images(rng), lambda t: F.adaptive_avg_pool2d(t, 1).flatten(1))


def test_blur_pooling(reference):
    module, operation = reference("pooling"), "BlurPooling"
    kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]], dtype=torch.float64) / 16
    for rng in generators(operation):
        stride, x = [int(v) for v in rng.integers(1, 5, 2)], images(rng)
        weights = kernel.expand(x.shape[1], 1, 3, 3)
        compare_layer(
            operation,
            rng,
            module.BlurPooling(stride),
            x,
            lambda t, w=weights, s=stride: F.conv2d(t, w, stride=s, padding=1, groups=t.shape[1]),
        )


def test_blur_pooling_with_scipy(reference):
    module, operation = reference("pooling"), "BlurPooling, with SciPy's correlate2d"
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    for rng in generators(operation):
        (s, t), x = rng.integers(1, 5, 2), images(rng)
        expected = [[signal.correlate2d(c, kernel, mode="same")[::s, ::t] for c in image] for image in x]
        agree(module.BlurPooling((s, t)).forward(x), expected, operation, "output")


def test_flatten(reference):
    module, operation = reference("flatten"), "Flatten"
    for rng in generators(operation):
        x = rng.normal(size=rng.integers(1, 4, rng.integers(2, 6)))
        compare_layer(operation, rng, module.Flatten(), x, lambda t: t.flatten(1))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("Sigmoid", torch.sigmoid),
        ("TanH", torch.tanh),
        ("ReLU", torch.relu),
        ("LeakyReLU", lambda t: F.leaky_relu(t, 0.1)),
        ("SoftMax", lambda t: F.softmax(t, dim=1)),
    ],
)
def test_activation(reference, name, function):
    module = reference("activations")
    for rng in generators(name):
        shape = rng.integers(1, 6, rng.choice([2, 4]))
        x = rng.normal(size=shape)  # further out, y * (1 - y) cancels in both libraries
        if name == "ReLU":
            x[rng.random(shape) < 0.2] = 0  # the derivative at 0 is 0
        compare_layer(name, rng, getattr(module, name)(), x, function)


def test_activations_far_out(reference):
    """Up to +-1000, nothing overflows or differs."""
    module, operation = reference("activations"), "Sigmoid and SoftMax up to +-1000"
    for rng in generators(operation):
        x = rng.choice([0.02, 1]) * rng.uniform(-1000, 1000, rng.integers(1, 6, 2))
        for layer, function in ((module.Sigmoid(), torch.sigmoid), (module.SoftMax(), lambda t: F.softmax(t, dim=1))):
            agree(layer.forward(x), function(torch.tensor(x)), operation, "output")


# ------------------------------------------------------------------------------------------------- losses, optimizers


def compare_loss(operation, loss, prediction, labels, function):
    p = leaf(prediction)
    expected = function(p)
    got = loss.forward(prediction, labels)
    assert isinstance(got, float)
    agree(got, expected, operation, "loss")
    expected.backward()
    agree(loss.backward(labels), p.grad, operation, "gradient")


def test_cross_entropy_loss(reference):
    """With classes as labels, for vectors and for images."""
    module, operation = reference("loss"), "CrossEntropyLoss"
    for rng in generators(operation):
        shape = rng.integers(1, 6, rng.choice([2, 4]))
        prediction = rng.uniform(1e-3, 1, shape)
        classes = rng.integers(0, shape[1], np.delete(shape, 1))
        labels = np.moveaxis(np.eye(shape[1])[classes], -1, 1)
        target = torch.tensor(classes)
        compare_loss(
            operation,
            module.CrossEntropyLoss(),
            prediction,
            labels,
            lambda p, target=target: F.nll_loss(torch.log(p + EPS), target, reduction="sum"),
        )


def test_l2_loss(reference):
    module, operation = reference("loss"), "L2Loss"
    for rng in generators(operation):
        shape = rng.integers(1, 6, rng.choice([2, 4]))
        prediction, labels = rng.normal(size=(2, *shape))
        target = torch.tensor(labels)
        compare_loss(
            operation,
            module.L2Loss(),
            prediction,
            labels,
            lambda p, target=target: F.mse_loss(p, target, reduction="sum"),
        )


@pytest.mark.parametrize(
    ("name", "rates", "make"),
    [
        ("Sgd", 0, lambda p, lr: torch.optim.SGD(p, lr)),
        ("SgdWithMomentum", 1, lambda p, lr, m: torch.optim.SGD(p, lr, momentum=m)),
        ("RmsProp", 1, lambda p, lr, rho: torch.optim.RMSprop(p, lr, alpha=rho, eps=1e-8)),
        ("Adam", 2, lambda p, lr, mu, rho: torch.optim.Adam(p, lr, betas=(mu, rho), eps=1e-8)),
    ],
)
def test_optimizer(reference, name, rates, make):
    """Five steps, each from given weights, with gradients over ten orders of magnitude."""
    module = reference("optimizers")
    for rng in generators(name):
        arguments = [float(v) for v in (10 ** rng.uniform(-4, 0), *rng.uniform(0.1, 0.999, rates))]
        shape = tuple(rng.integers(1, 4, rng.integers(0, 4)))
        parameter = leaf(np.zeros(shape))
        ours, theirs = getattr(module, name)(*arguments), make([parameter], *arguments)
        for step in range(5):
            weights = rng.normal(size=shape)
            gradient = rng.normal(size=shape) * 10 ** rng.uniform(-8, 2, shape)
            parameter.data, parameter.grad = torch.tensor(weights), torch.tensor(gradient)
            theirs.step()
            agree(ours.calculate_update(weights, gradient), parameter, name, f"step {step}")


# ------------------------------------------------------------------------------------------------ everything at once


def test_lenet(reference):
    """Loss and the gradients of all weights in the whole network."""
    module, initializers, operation = reference("neural_network"), reference("initializers"), "build_lenet"
    for rng in generators(operation):
        if compared[operation] >= 20:
            break
        np.random.seed(compared[operation])  # He draws from the global generator
        network = module.build_lenet(None, initializers.He(), initializers.Constant(0.1))
        x, classes = rng.random((6, 1, 8, 8)), rng.integers(0, 10, 6)
        labels = np.eye(10)[classes]
        network.data_layer = type("Data", (), {"next": lambda self, x=x, labels=labels: (x, labels)})()
        layers = [layer for layer in network.layers if layer.trainable]
        w1, w2, w3 = (leaf(layer.weights) for layer in layers)
        b1, b2 = (leaf(layer.bias) for layer in layers[:2])
        t = F.max_pool2d(torch.relu(F.conv2d(torch.tensor(x), w1, b1, padding=1)), 2)
        t = F.max_pool2d(torch.relu(F.conv2d(t, w2, b2, padding=1)), 2).flatten(1)
        probabilities = F.softmax(F.linear(t, w3[:-1].T, w3[-1]), dim=1)
        expected = F.nll_loss(torch.log(probabilities + EPS), torch.tensor(classes), reduction="sum")
        expected.backward()
        agree(network.forward(), expected, operation, "loss")
        network.backward()
        for layer, w in zip(layers, (w1, w2, w3), strict=True):
            agree(layer.gradient_weights, w.grad, operation, "weight gradient")
        for layer, b in zip(layers, (b1, b2), strict=False):
            agree(layer.gradient_bias, b.grad, operation, "bias gradient")


def test_report_of_cases(capsys):
    """Prints how many cases were compared, and insists on 200 wherever a test of this file ran."""
    with capsys.disabled():
        print("\ncases compared with PyTorch or SciPy:")
        for operation, number in sorted(compared.items()):
            print(f"  {number:4d}  {operation}")
    assert all(number == CASES for operation, number in compared.items() if operation != "build_lenet")
