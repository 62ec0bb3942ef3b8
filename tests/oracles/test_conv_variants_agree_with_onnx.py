"""The variants of the convolution against ONNX's node cases: Conv, ConvTranspose, Upsample, Resize, MaxUnpool.

A case applies when its attributes are ours: images, the same padding on both sides, whole scales; for `MatrixConv`
no padding, dilation or groups. ONNX computes in float32, so the agreement is to that precision.
"""

import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
pytestmark = pytest.mark.oracle
EPSILON = 2e-6
compared = Counter()


@pytest.fixture(scope="module")
def cases():
    path = Path(__file__).with_name("test_references_agree_with_onnx.py")
    spec = importlib.util.spec_from_file_location("onnx_node_cases", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = {}
    for operation, *rest in module.node_cases():
        found.setdefault(operation, []).append(rest)
    return found


def agree(operation, name, got, expected):
    assert got.shape == expected.shape, f"{name}: {got.shape} instead of {expected.shape}"
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    assert np.max(np.abs(got - expected), initial=0.0) <= EPSILON * scale, name
    compared[operation] += 1


def symmetric(attributes, inputs):
    """The padding as (rows, columns), or None where both sides of an axis differ or ONNX is to choose it."""
    pads = attributes.get("pads", [0, 0, 0, 0])
    if inputs[0].ndim != 4 or attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        return None
    return tuple(pads[:2]) if pads[:2] == pads[2:] else None


def parameters(layer, inputs, out_channels):
    layer.weights = inputs[1].astype(float)
    layer.bias = inputs[2].astype(float) if len(inputs) > 2 else np.zeros(out_channels)


def test_convolution(cases, reference):
    variants, matrix = reference("conv_variants"), reference("conv_matrix")
    for name, attributes, inputs, outputs in cases["Conv"]:
        padding = symmetric(attributes, inputs)
        if padding is None:
            continue
        weights, stride = inputs[1], tuple(attributes.get("strides", [1, 1]))
        dilation, groups = tuple(attributes.get("dilations", [1, 1])), attributes.get("group", 1)
        sizes = (weights.shape[1] * groups, weights.shape[0], weights.shape[2:])
        layer = variants.Conv2d(*sizes, stride, padding, dilation, groups)
        parameters(layer, inputs, len(weights))
        agree("Conv", name, layer.forward(inputs[0].astype(float)), outputs[0])
        if (padding, dilation, groups) == ((0, 0), (1, 1), 1):
            layer = matrix.MatrixConv(stride, weights.shape[1:], len(weights))
            parameters(layer, inputs, len(weights))
            agree("Conv as a matrix product", name, layer.forward(inputs[0].astype(float)), outputs[0])
    assert compared["Conv"] >= 3 and compared["Conv as a matrix product"] >= 1


def test_transposed_convolution(cases, reference):
    for name, attributes, inputs, outputs in cases["ConvTranspose"]:
        padding = symmetric(attributes, inputs)
        others = ("output_padding", "output_shape")
        if padding is None or any(key in attributes for key in others) or attributes.get("group", 1) != 1:
            continue
        if any(d != 1 for d in attributes.get("dilations", [])):
            continue
        weights = inputs[1]
        stride = tuple(attributes.get("strides", [1, 1]))
        layer = reference("conv_variants").TransposedConv2d(*weights.shape[:2], weights.shape[2:], stride, padding)
        parameters(layer, inputs, weights.shape[1])
        agree("ConvTranspose", name, layer.forward(inputs[0].astype(float)), outputs[0])
    assert compared["ConvTranspose"] >= 2


def whole_scales(inputs, outputs):
    """The scales of images that become a whole number of times larger, or None."""
    before, after = inputs[0].shape, outputs[0].shape
    if len(before) != 4 or before[:2] != after[:2] or any(b % a for a, b in zip(before[2:], after[2:], strict=True)):
        return None
    return after[2] // before[2], after[3] // before[3]


def test_upsampling(cases, reference):
    layers = reference("conv_variants")
    for operation in ("Upsample", "Resize"):
        for name, attributes, inputs, outputs in cases.get(operation, []):
            scales, mode = whole_scales(inputs, outputs), attributes.get("mode", b"nearest")
            plain = not attributes.get("antialias", 0) and "axes" not in attributes
            middles = attributes.get("coordinate_transformation_mode", b"half_pixel") == b"half_pixel"
            nearest = attributes.get("nearest_mode", b"round_prefer_floor") == b"round_prefer_floor"
            if scales is None or not plain or not middles or not nearest or mode not in (b"nearest", b"linear"):
                continue
            layer = (layers.NearestUpsampling if mode == b"nearest" else layers.BilinearUpsampling)(scales)
            agree(f"{operation} {mode.decode()}", name, layer.forward(inputs[0].astype(float)), outputs[0])
    assert compared["Resize nearest"] >= 1 and compared["Resize linear"] >= 1


def test_max_unpooling(cases, reference):
    for name, _, inputs, outputs in cases["MaxUnpool"]:
        if inputs[0].shape[:2] != (1, 1) or name.endswith("with_output_shape"):
            continue  # positions count through all channels there, or belong to a smaller output than the one given
        values, indices, size = inputs[0].astype(float), inputs[1], outputs[0].shape[2:]
        agree("MaxUnpool", name, reference("conv_variants").MaxUnpooling().forward(values, indices, size), outputs[0])
    assert compared["MaxUnpool"] >= 1


def test_the_number_of_cases_is_printed(capsys):
    with capsys.disabled():
        text = ", ".join(f"{operation} {count}" for operation, count in sorted(compared.items()))
        print(f"\nONNX node cases compared: {sum(compared.values())} ({text})")
    assert sum(compared.values()) >= 8
