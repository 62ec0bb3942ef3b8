"""The three networks from image to image once more in PyTorch: whole banks, and gradients through whole networks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from grader.authoring.freeze import Freezer
from grader.authoring.running import Reference
from grader.authoring.topics import read_topic
from grader.running.workers import launcher
from grader.worker.normals import normals
from grader.worker.probe import Like

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = pytest.mark.oracle
ROOT = Path(__file__).resolve().parents[2]
SYMBOLS = {"encoder_decoder": "EncoderDecoder", "unet": "UNet", "segnet": "SegNet"}
CONVOLUTIONS = (0, 3, 6, 9, 12, 14)
NETWORKS = 40


def network(name, x, parameters):
    """The output for images x; parameters are (weights, bias) by place."""

    def conv(place, tensor):
        weights, bias = parameters[place]
        output = F.conv2d(tensor, weights, bias, padding=weights.shape[2] // 2)
        return output if place == 14 else torch.relu(output)

    def down(tensor):
        return F.max_pool2d(tensor, 2, return_indices=True)

    def up(tensor, indices, skipped):
        if name == "segnet":
            return F.max_unpool2d(tensor, indices, 2, output_size=skipped.shape[2:])
        enlarged = F.interpolate(tensor, scale_factor=2, mode="nearest")
        return torch.cat([skipped, enlarged], dim=1) if name == "unet" else enlarged

    large = conv(0, x)
    pooled, first = down(large)
    middle = conv(3, pooled)
    pooled, second = down(middle)
    upsampled = conv(9, up(conv(6, pooled), second, middle))
    return conv(14, conv(12, up(upsampled, first, large)))


def differentiated(name, x, parameters, error):
    """Output, dL/dx, and dL/d(weights), dL/d(bias) by place, by autograd."""
    leaves = {k: tuple(torch.tensor(v, requires_grad=True) for v in pair) for k, pair in parameters.items()}
    image = torch.tensor(x, requires_grad=True)
    output = network(name, image, leaves)
    flat = [image, *(leaf for pair in leaves.values() for leaf in pair)]
    gradients = [g.numpy() for g in torch.autograd.grad(output, flat, torch.tensor(error(output.shape)))]
    pairs = dict(zip(leaves, zip(gradients[1::2], gradients[2::2], strict=True), strict=True))
    return SimpleNamespace(output=output.detach().numpy(), input=gradients[0], parameters=pairs)


def agree(got, expected, close):
    assert np.shape(got) == np.shape(expected)
    scale = max(1.0, float(np.max(np.abs(expected))))
    assert np.max(np.abs(got - expected)) <= close * scale


@pytest.mark.parametrize("name", SYMBOLS)
def test_gradients_through_a_whole_network(name, load, capsys):
    module = load(ROOT / "reference/segmentation.py")
    rng = np.random.default_rng(len(name))
    for _ in range(NETWORKS):
        channels = tuple(rng.integers(1, 6, 2))
        made = getattr(module, SYMBOLS[name])(int(rng.integers(1, 4)), channels)
        x = rng.normal(size=(rng.integers(1, 4), made.layers[14].weights.shape[0], *4 * rng.integers(1, 5, 2)))
        for place in CONVOLUTIONS:
            layer = made.layers[place]
            layer.weights = rng.normal(size=layer.weights.shape) / np.sqrt(np.prod(layer.weights.shape[1:]))
            layer.bias = rng.normal(size=layer.bias.shape)
        error = rng.normal(size=x.shape)
        parameters = {place: (made.layers[place].weights, made.layers[place].bias) for place in CONVOLUTIONS}
        expected = differentiated(name, x, parameters, lambda shape, error=error: error)
        agree(made.forward(x), expected.output, 1e-10)
        agree(made.backward(error), expected.input, 1e-10)
        for place, (weights, bias) in expected.parameters.items():
            agree(made.layers[place].gradient_weights, weights, 1e-10)
            agree(made.layers[place].gradient_bias, bias, 1e-10)
    with capsys.disabled():
        print(f" {name}: {NETWORKS} networks, {14 * NETWORKS} arrays agree with PyTorch")


@pytest.mark.parametrize("name", SYMBOLS)
def test_every_case_of_the_bank_is_what_pytorch_computes(name, capsys):
    topic = read_topic(ROOT / "exercises/segmentation")
    exercise = next(one for one in topic.exercises if one.name == name)
    started = launcher(())
    bare = topic._replace(misconceptions=())
    bundle = Freezer(bare, exercise, Reference(ROOT / "reference", started), "hidden", b"oracle").freeze()
    started.close()
    plan = next(plan for plan in bundle.plans if plan.name == "main")
    compared = 0
    for frozen in plan.probes:
        arrays = frozen.probe.arrays
        parameters = {p: (arrays[f"weights_of_layer_{p}"], arrays[f"bias_of_layer_{p}"]) for p in CONVOLUTIONS}
        like = next(a for step in frozen.probe.steps for a in getattr(step, "arguments", ()) if isinstance(a, Like))
        got = differentiated(
            name, arrays["input_tensor"], parameters, lambda shape, seed=like.seed: normals(tuple(shape), seed)
        )
        agree(got.output, frozen.expected["output"].array, 1e-12)
        agree(got.input, frozen.expected["input gradient"].array, 1e-12)
        for place, (weights, _) in got.parameters.items():
            agree(weights, frozen.expected[f"weight gradient of layers[{place}]"].array, 1e-12)
        compared += 8
    assert compared >= 60
    with capsys.disabled():
        print(f" {name}: {compared} values of {len(plan.probes)} cases of the bank agree with PyTorch")
