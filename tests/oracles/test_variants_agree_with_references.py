"""Every correct variant in tests/variants/ keeps the promises of the API: it equals the reference, case by case.

A script is a function (module, rng) that plays with one class and yields (what, value) pairs. It runs once with the
reference and once with the variant, from the same seed, and the yielded values must agree.
"""

from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
import scripts_of_convolutions
import scripts_of_functions
import scripts_of_later_layers
import scripts_of_segmentation

pytestmark = pytest.mark.oracle  # minutes of naive loops; the exam in `make test` grades the variants of the core
ROOT = Path(__file__).resolve().parents[2]
CASES = 30
TORCH = "lenet_torch"  # no class of arrays: its exam says what its variants are worth
VARIANTS = [p for p in sorted((ROOT / "tests" / "variants").glob("*/*.py")) if p.parent.name != TORCH]
LOOSE = {"lecture_numerator": 3e-6, "tiny_eps_in_place": 3e-6, "moments_helper": 3e-6}  # another legal epsilon


# ---------------------------------------------------------------------------------------------- stand-ins and helpers


class Momentum:
    """An optimizer with state, so that shared or forgotten copies show in the values."""

    def __init__(self, rate):
        self.rate, self.velocity = rate, 0.0

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.velocity = 0.9 * self.velocity - self.rate * gradient_tensor
        return weight_tensor + self.velocity


class Recorder:
    """An initializer whose values depend on all its arguments, and which writes them down."""

    def __init__(self):
        self.calls = []

    def initialize(self, weights_shape, fan_in, fan_out):
        shape = tuple(int(v) for v in weights_shape)
        self.calls.append((shape, int(fan_in), int(fan_out)))
        return np.random.default_rng([int(np.prod(shape)), int(fan_in), int(fan_out)]).normal(0, 0.2, shape)


def tensor(rng, shape):
    """Normals, or in every third case integers (which are legal inputs, and have ties)."""
    return rng.integers(-3, 4, shape) if rng.random() < 1 / 3 else rng.normal(size=shape)


def written(rng, values):
    """One of the legal ways to write a pair of ints."""
    values = [int(v) for v in values]
    ways = [tuple(values), list(values), tuple(np.int64(v) for v in values)]
    if len(set(values)) == 1:
        ways += [values[0], np.int32(values[0])]
    return ways[rng.integers(len(ways))]


def pure(function, *arrays):
    """Call the function and insist that it left its arguments alone and gave float64."""
    copies = [array.copy() for array in arrays]
    result = function(*arrays)
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy, err_msg="an argument was changed")
    assert np.asarray(result).dtype == np.float64, "the result is not float64"
    return result


def forward_backward(layer, rng, *inputs):
    """Forward each input; backward the last one, twice."""
    for x in inputs:
        output = pure(layer.forward, x)
        yield "forward", output
    yield "forward again", pure(layer.forward, inputs[-1])
    for _ in range(2):
        yield "backward", pure(layer.backward, tensor(rng, output.shape))


# ------------------------------------------------------------------------------------------------- one script a class


def parameters(layer, names):
    for name in names:
        yield name, np.array(getattr(layer, name))
        yield "gradient_" + name, np.array(getattr(layer, "gradient_" + name))


def trainable_layer(layer, rng, inputs, names, shapes):
    """Weights from outside, gradients, optimizer set, used, removed, initialize."""
    assert layer.trainable is True
    assert layer.optimizer is None
    for name, shape in zip(names, shapes, strict=True):
        start = np.asarray(getattr(layer, name))
        assert start.shape == shape and start.min() >= 0 and start.max() < 1
        setattr(layer, name, rng.normal(size=shape))
    yield from forward_backward(layer, rng, *inputs)
    yield from parameters(layer, names)
    layer.optimizer = given = Momentum(0.05)
    assert layer.optimizer is not None
    for x in inputs:
        yield from forward_backward(layer, rng, x)
        yield from parameters(layer, names)
    assert isinstance(given.velocity, float), "the optimizer that was given was used instead of a copy"
    layer.optimizer = None
    assert layer.optimizer is None
    yield from forward_backward(layer, rng, inputs[0])
    yield from parameters(layer, names)
    recorders = Recorder(), Recorder()
    layer.initialize(*recorders)
    yield "fans", np.array(recorders[0].calls[0][0] + recorders[0].calls[0][1:])
    assert len(recorders[0].calls) == len(recorders[1].calls) == 1
    yield "weights", np.array(layer.weights)


def conv(module, rng):
    axes = int(rng.integers(1, 3))
    channels, kernels = rng.integers(1, 4, 2)
    kernel, stride = rng.integers(1, 6, axes), rng.integers(1, 5, axes)
    shape = written(rng, [channels, *kernel]) if rng.random() < 0.5 else (int(channels), *map(int, kernel))
    shape = shape if np.ndim(shape) else [shape] * (axes + 1)
    strides = written(rng, stride)
    if axes == 2 and stride[0] == stride[1] and rng.random() < 0.3:
        strides = (int(stride[0]),)
    layer = module.Conv(strides, shape, int(kernels))
    inputs = [tensor(rng, (rng.integers(1, 4), channels, *rng.integers(1, 8, axes))) for _ in range(2)]
    yield from trainable_layer(layer, rng, inputs, ("weights", "bias"), ((kernels, channels, *kernel), (kernels,)))


def fully_connected(module, rng):
    n, k = rng.integers(1, 6, 2)
    layer = module.FullyConnected(int(n), int(k))
    assert not hasattr(layer, "bias")
    inputs = [tensor(rng, (rng.integers(1, 5), n)) for _ in range(2)]
    yield from trainable_layer(layer, rng, inputs, ("weights",), ((n + 1, k),))


def pooling(name):
    def script(module, rng):
        window, stride = rng.integers(1, 5, 2), rng.integers(1, 5, 2)
        layer = getattr(module, name)(written(rng, stride), written(rng, window))
        assert layer.trainable is False
        inputs = [tensor(rng, (*rng.integers(1, 4, 2), *(window + rng.integers(0, 6, 2)))) for _ in range(2)]
        for what, value in forward_backward(layer, rng, *inputs):
            yield what, value
            if name == "MaxPooling":
                assert np.asarray(layer.indices).dtype.kind in "iu"
                yield "indices", np.array(layer.indices, dtype=float)

    return script


def blur_pooling(module, rng):
    layer = module.BlurPooling(written(rng, rng.integers(1, 5, 2)))
    assert layer.trainable is False
    yield from forward_backward(layer, rng, *(tensor(rng, rng.integers(1, 7, 4)) for _ in range(2)))


def without_arguments(name, fewest_axes=1, most_axes=5, scale=1.0):
    """A layer without hyper-parameters, for inputs with some number of axes."""

    def script(module, rng):
        layer = getattr(module, name)()
        assert layer.trainable is False
        axes = rng.choice([n for n in range(fewest_axes, most_axes + 1) if n != 3 or fewest_axes != 2])
        yield from forward_backward(layer, rng, *(scale * tensor(rng, rng.integers(1, 5, axes)) for _ in range(2)))

    return script


def steep(name):
    """Also inputs of +-1000."""

    def script(module, rng):
        yield from without_arguments(name, 2, 4)(module, rng)
        yield from without_arguments(name, 2, 2, scale=500.0)(module, rng)

    return script


def leaky_relu(module, rng):
    for layer in (module.LeakyReLU(), module.LeakyReLU(0.3), module.LeakyReLU(negative_slope=0)):
        assert layer.trainable is False
        x = rng.normal(size=rng.integers(1, 5, 3))
        yield from forward_backward(layer, rng, x, np.where(np.rint(5 * x) == 0, 1, np.rint(5 * x)).astype(int))


def cross_entropy(module, rng):
    shape = rng.integers(1, 5, rng.choice([2, 4]))
    p = rng.uniform(1e-3, 1, shape)
    yield from losses(module.CrossEntropyLoss(), rng, p, rng.random(shape) < 0.3)
    p.flat[0] = 0
    assert module.CrossEntropyLoss().forward(p, np.eye(1, p.size).reshape(shape)) > 20


def l2(module, rng):
    shape = rng.integers(1, 5, rng.choice([2, 4]))
    yield from losses(module.L2Loss(), rng, tensor(rng, shape), tensor(rng, shape))


def losses(loss, rng, p, y):
    y = y.astype(int)
    for prediction in (p[::-1], p):
        value = pure(loss.forward, prediction, y)
        assert np.ndim(value) == 0
        yield "loss", value
    yield "gradient", pure(loss.backward, y)
    yield "gradient of other labels", pure(loss.backward, rng.random(y.shape))


def optimizer(name, *rates):
    def script(module, rng):
        shape = tuple(rng.integers(1, 4, rng.integers(0, 4)))
        first, second = (getattr(module, name)(*rates) for _ in range(2))
        for step in range(4):
            weights = rng.normal(size=shape)
            gradient = rng.choice([-1, 1], shape) * 10.0 ** rng.uniform(-1, 3, shape)
            if step == 3:
                weights, gradient = np.rint(weights).astype(int), np.rint(gradient).astype(int) * 2 + 1
            yield f"step {step}", pure(first.calculate_update, weights, gradient)
            if step % 2:
                yield f"another object, step {step}", pure(second.calculate_update, weights, -gradient)
        assert np.ndim(getattr(module, name)(*rates).calculate_update(1.5, 0.5)) == 0
        yield "float", getattr(module, name)(*rates).calculate_update(1.5, 0.5)

    return script


def initializers(module, rng):
    """Shape, type, and moments within seven standard errors."""
    fan_in, fan_out = (int(v) for v in rng.integers(3, 90, 2))
    expected = {
        "UniformRandom": (0.5, 12**-0.5),
        "Xavier": (0.0, (2 / (fan_in + fan_out)) ** 0.5),
        "He": (0.0, (2 / fan_in) ** 0.5),
    }
    for name, (mean, sigma) in expected.items():
        initializer = getattr(module, name)()
        values = initializer.initialize((10, 3, 20), fan_in, fan_out)
        assert values.shape == (10, 3, 20) and values.dtype == np.float64
        assert abs(values.mean() - mean) < 7 * sigma / 600**0.5
        assert abs(values.std() - sigma) < 7 * sigma / 1200**0.5
        assert not np.array_equal(values, initializer.initialize((10, 3, 20), fan_in, fan_out))
    yield "constant", pure(lambda: module.Constant().initialize((2, 3), fan_in, fan_out))
    yield "integer constant", pure(lambda: module.Constant(3).initialize((4,), fan_in, fan_out))


class Scale:
    """A trainable layer with a phase for NeuralNetwork; its output depends on everything it was told."""

    trainable = True

    def __init__(self, log, phase=None):
        self.log, self.optimizer, self.factor = log, None, 1.0
        if phase:
            self.phase = phase

    def initialize(self, weights_initializer, bias_initializer):
        self.factor = weights_initializer.initialize((1,), 2, 3)[0]
        self.shift = bias_initializer.initialize((1,), 3, 2)[0]

    def forward(self, input_tensor):
        self.log.append(("forward", getattr(self, "phase", "no phase")))
        self.x = input_tensor
        return self.factor * input_tensor + self.shift

    def backward(self, error_tensor):
        self.log.append(("backward", getattr(self, "phase", "no phase")))
        result = self.factor * error_tensor
        self.factor = self.optimizer.calculate_update(self.factor, np.sum(error_tensor * self.x))
        return result


class Square:
    trainable = False

    def forward(self, input_tensor):
        self.x = input_tensor
        return input_tensor**2

    def backward(self, error_tensor):
        return 2 * self.x * error_tensor


class Data:
    def __init__(self, rng):
        self.rng, self.calls = rng, 0

    def next(self):
        self.calls += 1
        return self.rng.normal(size=(4, 3)), self.rng.normal(size=(4, 3))


class SquareLoss:
    def forward(self, prediction_tensor, label_tensor):
        self.p = prediction_tensor
        return np.sum((prediction_tensor - label_tensor) ** 2)

    def backward(self, label_tensor):
        return 2 * (self.p - label_tensor)


def neural_network(module, rng):
    log, given = [], Momentum(1e-3)
    network = module.NeuralNetwork(given, Recorder(), Recorder())
    assert network.loss == [] and network.layers == []
    network.data_layer, network.loss_layer = Data(rng), SquareLoss()
    layers = [Scale(log, "unset"), Square(), Scale(log), Scale(log, "unset")]
    for layer in layers[:3]:
        network.append_layer(layer)
    network.phase = "test"
    network.append_layer(layers[3])
    assert layers[0].phase == layers[3].phase == "test"
    assert len({id(layer.optimizer) for layer in layers if layer.trainable} | {id(given)}) == 4
    assert list(network.layers) == layers
    yield "loss of forward", network.forward()
    network.backward()
    network.train(3)
    assert network.phase == layers[0].phase == layers[3].phase == "train"
    assert network.data_layer.calls == 4 and len(network.loss) == 3
    yield "losses", np.array(network.loss)
    yield "prediction", pure(network.test, rng.normal(size=(2, 3)))
    assert network.phase == layers[0].phase == layers[3].phase == "train"
    network.phase = "test"
    network.test(rng.normal(size=(2, 3)))
    assert network.phase == layers[0].phase == "test"
    assert not hasattr(layers[1], "phase") and not hasattr(layers[2], "phase")
    yield "log", np.array([(what == "forward", phase == "train") for what, phase in log])
    yield "factors", np.array([float(layer.factor) for layer in layers if layer.trainable])
    network.train(2)
    yield "more losses", np.array(network.loss)


def build_lenet(module, rng):
    network = module.build_lenet(Momentum(1e-3), Recorder(), Recorder())
    names = ["Conv", "ReLU", "MaxPooling", "Conv", "ReLU", "MaxPooling", "Flatten", "FullyConnected", "SoftMax"]
    assert [type(layer).__name__ for layer in network.layers] == names
    assert type(network.loss_layer).__name__ == "CrossEntropyLoss" and network.data_layer is None
    images, labels = rng.random((5, 1, 8, 8)), np.eye(10)[rng.integers(0, 10, 5)]
    network.data_layer = type("Data", (), {"next": lambda self: (images, labels)})()
    network.train(3)
    yield "losses", np.array(network.loss)
    yield "prediction", network.test(images)


SCRIPTS = {
    "arithmetic": {"all": scripts_of_functions.arithmetic},
    "filters": {"all": scripts_of_functions.filters},
    "normalization": {
        name: scripts_of_later_layers.normalized(name) for name in ("BatchNormalization", "InstanceNormalization")
    },
    "residual": {"ResidualBlock": scripts_of_later_layers.residual_block},
    "augmentation": {"all": scripts_of_later_layers.augmentation},
    "conv_matrix": scripts_of_convolutions.MATRIX,
    "conv_variants": scripts_of_convolutions.VARIANTS,
    "segmentation": {name: scripts_of_segmentation.network(name) for name in ("EncoderDecoder", "UNet", "SegNet")},
    "activations": {
        "Sigmoid": steep("Sigmoid"),
        "TanH": steep("TanH"),
        "ReLU": without_arguments("ReLU"),
        "LeakyReLU": leaky_relu,
        "SoftMax": steep("SoftMax"),
    },
    "conv": {"Conv": conv},
    "flatten": {"Flatten": without_arguments("Flatten", 1, 6)},
    "fully_connected": {"FullyConnected": fully_connected},
    "initializers": {"all": initializers},
    "loss": {"CrossEntropyLoss": cross_entropy, "L2Loss": l2},
    "neural_network": {"NeuralNetwork": neural_network, "build_lenet": build_lenet},
    "optimizers": {
        "Sgd": optimizer("Sgd", 1),
        "SgdWithMomentum": optimizer("SgdWithMomentum", 0.1, 0.9),
        "RmsProp": optimizer("RmsProp", 0.01, 0.9),
        "Adam": optimizer("Adam", 0.02, 0.8, 0.95),
    },
    "pooling": {
        "MaxPooling": pooling("MaxPooling"),
        "AveragePooling": pooling("AveragePooling"),
        "GlobalAveragePooling": without_arguments("GlobalAveragePooling", 4, 4),
        "BlurPooling": blur_pooling,
    },
}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param(path, name, id=f"{path.parent.name}-{path.stem}-{name}")
        for path in VARIANTS
        for name in SCRIPTS[path.parent.name]
    ],
)
def test_variant_equals_reference(path, name, load, reference):
    script = SCRIPTS[path.parent.name][name]
    modules = reference(path.parent.name), load(path)
    tolerance = LOOSE.get(path.stem, 1e-11)
    smallest_scale = 1.0 if path.parent.name == "activations" else 1e-8  # saturated ones cancel: y * (1 - y)
    for case in range(CASES):
        runs = (script(module, np.random.default_rng([case, 2024])) for module in modules)
        for expected, got in zip_longest(*runs):
            assert expected[0] == got[0]
            scale = max(np.max(np.abs(expected[1]), initial=0), smallest_scale)
            assert np.shape(got[1]) == np.shape(expected[1]), f"case {case}: shape of {got[0]}"
            np.testing.assert_allclose(got[1], expected[1], rtol=0, atol=tolerance * scale, err_msg=f"{case} {got[0]}")


# ---------------------------------------------------------------------------------------------------- illegal values

ILLEGAL = {
    "conv": [
        lambda m: m.Conv(0, (1, 3, 3), 2).forward(np.ones((1, 1, 5, 5))),
        lambda m: m.Conv(-1, (1, 3), 2).forward(np.ones((1, 1, 5))),
        lambda m: m.Conv((1, 0), (1, 3, 3), 2).forward(np.ones((1, 1, 5, 5))),
        lambda m: m.Conv(2.5, (1, 3, 3), 2).forward(np.ones((1, 1, 5, 5))),
        lambda m: m.Conv((1, 2), (1, 3), 2).forward(np.ones((1, 1, 5))),
        lambda m: m.Conv((1, 1, 1), (1, 3, 3), 2).forward(np.ones((1, 1, 5, 5))),
        lambda m: m.Conv(1, (1, 3, 3, 3), 2).forward(np.ones((1, 1, 5, 5, 5))),
        lambda m: m.Conv(1, (1,), 2).forward(np.ones((1, 1))),
        lambda m: m.Conv(1, (1, 0, 3), 2).forward(np.ones((1, 1, 5, 5))),
        lambda m: m.Conv(1, (1, 3, 3), 0).forward(np.ones((1, 1, 5, 5))),
        lambda m: m.Conv(1, (2, 3, 3), 1).forward(np.ones((1, 1, 5, 5))),
        lambda m: m.Conv(1, (2, 3, 3), 1).forward(np.ones((2, 5, 5))),
        lambda m: m.Conv(1, (2, 3), 1).forward(np.ones((1, 3, 5))),
        lambda m: m.Conv(1, (2, 3), 1).forward(np.ones((1, 2, 5, 5))),
    ],
    "fully_connected": [
        lambda m: m.FullyConnected(0, 2).forward(np.ones((1, 0))),
        lambda m: m.FullyConnected(2, -1).forward(np.ones((1, 2))),
        lambda m: m.FullyConnected(2.5, 1).forward(np.ones((1, 2))),
        lambda m: m.FullyConnected(2, 3).forward(np.ones((1, 3))),
        lambda m: m.FullyConnected(2, 3).forward(np.ones(2)),
    ],
    "activations": [lambda m: m.SoftMax().forward(np.ones(3))],
    "loss": [
        lambda m: m.CrossEntropyLoss().forward(np.ones((2, 3)), np.ones((2, 2))),
        lambda m: m.L2Loss().forward(np.ones((2, 3)), np.ones((1, 3))),
    ],
    "pooling": [
        *(
            lambda m, layer=layer, args=args, shape=shape: getattr(m, layer)(*args).forward(np.ones(shape))
            for layer in ("MaxPooling", "AveragePooling")
            for args, shape in [
                ((0, 2), (1, 1, 4, 4)),
                ((1, -2), (1, 1, 4, 4)),
                (((1, 0), 2), (1, 1, 4, 4)),
                (((1, 1, 1), 2), (1, 1, 4, 4)),
                ((1.5, 2), (1, 1, 4, 4)),
                ((1, 3), (1, 1, 2, 4)),
                ((1, 3), (1, 1, 4, 2)),
                ((1, 2), (1, 4, 4)),
            ]
        ),
        lambda m: m.GlobalAveragePooling().forward(np.ones((2, 3, 3))),
        lambda m: m.BlurPooling(0).forward(np.ones((1, 1, 4, 4))),
        lambda m: m.BlurPooling((1, 2, 3)).forward(np.ones((1, 1, 4, 4))),
        lambda m: m.BlurPooling(1).forward(np.ones((2, 3, 3))),
    ],
}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=f"{path.parent.name}-{path.stem}")
        for path in sorted((ROOT / "reference").glob("*.py")) + VARIANTS
        if path.stem in ILLEGAL or path.parent.name in ILLEGAL
    ],
)
def test_illegal_values_raise_value_error(path, load):
    module = load(path)
    for number, action in enumerate(ILLEGAL.get(path.parent.name, ILLEGAL.get(path.stem))):
        with pytest.raises(ValueError, match=r"\d"):
            action(module)
            pytest.fail(f"no error in case {number}")


def test_every_topic_has_five_variants():
    for stem, scripts in SCRIPTS.items():
        assert scripts and sum(path.parent.name == stem for path in VARIANTS) >= 5


def test_neural_network_needs_no_sibling_file(load, monkeypatch):
    module = load(ROOT / "reference" / "neural_network.py")
    monkeypatch.setattr("sys.path", [])
    list(neural_network(module, np.random.default_rng(0)))
    with pytest.raises(ImportError):
        module.build_lenet(Momentum(0.1), Recorder(), Recorder())
