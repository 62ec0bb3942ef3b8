"""The references against the node cases that ONNX publishes for its runtimes: those whose attributes are ours.

A case applies when its pads are our "same" padding, or its windows our "valid" ones, without dilation or groups; images
of other ranks than the layer's are left out. ONNX computes in float32, so the agreement is to that precision.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytestmark = pytest.mark.oracle
EPSILON = 2e-6
COMPARED: dict[str, int] = {}


def node_cases():
    """(operation, name, attributes, inputs, outputs) of every case of a single node."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = load_model_tests(kind="node")  # once, without an operation: with one, its cache returns another's
    for case in cases:
        nodes = case.model.graph.node
        if len(nodes) == 1 and case.data_sets:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in nodes[0].attribute}
            inputs, outputs = case.data_sets[0]
            yield nodes[0].op_type, case.name, attributes, inputs, outputs


@pytest.fixture(scope="module")
def cases():
    found: dict[str, list] = {}
    for operation, *rest in node_cases():
        found.setdefault(operation, []).append(rest)
    return found


def agree(operation: str, name: str, got, expected) -> None:
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"{name}: {got.shape} instead of {expected.shape}"
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    assert np.max(np.abs(got - expected), initial=0.0) <= EPSILON * scale, name
    COMPARED[operation] = COMPARED.get(operation, 0) + 1


def same_pads(attributes, shape) -> bool:
    """Whether the pads of a Conv case are ceil((k-1)/2) before and floor((k-1)/2) after."""
    kernel = attributes["kernel_shape"]
    if any(d != 1 for d in attributes.get("dilations", [])) or attributes.get("group", 1) != 1:
        return False
    ours = [math.ceil((k - 1) / 2) for k in kernel] + [(k - 1) // 2 for k in kernel]
    if attributes.get("auto_pad") == b"SAME_LOWER":
        steps = attributes.get("strides", [1] * len(kernel))
        total = [max((math.ceil(n / s) - 1) * s + k - n, 0) for n, s, k in zip(shape, steps, kernel, strict=True)]
        return [math.ceil(t / 2) for t in total] + [t // 2 for t in total] == ours
    return attributes.get("pads") == ours


def valid(attributes) -> bool:
    plain = not any(attributes.get("pads", [])) and not attributes.get("ceil_mode") and "auto_pad" not in attributes
    return plain and all(d == 1 for d in attributes.get("dilations", []))


def test_convolution(cases, reference):
    layers = reference("conv")
    for name, attributes, inputs, outputs in cases["Conv"]:
        if not same_pads(attributes, inputs[0].shape[2:]):
            continue
        weights = inputs[1]
        layer = layers.Conv(tuple(attributes.get("strides", [1, 1])), weights.shape[1:], weights.shape[0])
        layer.weights = weights.astype(float)
        layer.bias = inputs[2].astype(float) if len(inputs) > 2 else np.zeros(weights.shape[0])
        agree("Conv", name, layer.forward(inputs[0].astype(float)), outputs[0])
    assert COMPARED["Conv"] >= 3


@pytest.mark.parametrize(("operation", "symbol"), [("MaxPool", "MaxPooling"), ("AveragePool", "AveragePooling")])
def test_pooling(cases, reference, operation, symbol):
    layers = reference("pooling")
    for name, attributes, inputs, outputs in cases[operation]:
        if inputs[0].ndim != 4 or not valid(attributes):
            continue
        kernel = tuple(attributes["kernel_shape"])
        layer = getattr(layers, symbol)(tuple(attributes.get("strides", [1, 1])), kernel)
        agree(operation, name, layer.forward(inputs[0].astype(float)), outputs[0])
    assert COMPARED[operation] >= 3


def test_global_average_pooling(cases, reference):
    for name, _, inputs, outputs in cases["GlobalAveragePool"]:
        got = reference("pooling").GlobalAveragePooling().forward(inputs[0].astype(float))
        agree("GlobalAveragePool", name, got[:, :, None, None], outputs[0])


def test_flatten(cases, reference):
    for name, attributes, inputs, outputs in cases["Flatten"]:
        if attributes.get("axis", 1) in (1, 1 - inputs[0].ndim):
            agree("Flatten", name, reference("flatten").Flatten().forward(inputs[0].astype(float)), outputs[0])


@pytest.mark.parametrize(
    ("operation", "symbol"), [("Sigmoid", "Sigmoid"), ("Tanh", "TanH"), ("Relu", "ReLU"), ("LeakyRelu", "LeakyReLU")]
)
def test_activations(cases, reference, operation, symbol):
    for name, attributes, inputs, outputs in cases[operation]:
        if operation == "LeakyRelu":
            layer = reference("activations").LeakyReLU(attributes.get("alpha", 0.01))
        else:
            layer = getattr(reference("activations"), symbol)()
        agree(operation, name, layer.forward(inputs[0].astype(float)), outputs[0])


def test_softmax(cases, reference):
    for name, attributes, inputs, outputs in cases["Softmax"]:
        if attributes.get("axis", -1) in (1, 1 - inputs[0].ndim):
            agree("Softmax", name, reference("activations").SoftMax().forward(inputs[0].astype(float)), outputs[0])


def test_batch_normalization(cases, reference):
    """Test phase, and training with the moving averages that ONNX calls running mean and variance."""
    for name, attributes, inputs, outputs in cases["BatchNormalization"]:
        x, scale, bias, mean, variance = (array.astype(float) for array in inputs)
        momentum, epsilon = attributes.get("momentum", 0.9), attributes.get("epsilon", 1e-5)
        layer = reference("normalization").BatchNormalization(x.shape[1], momentum, epsilon)
        layer.forward(np.ones(x.shape))  # the first batch would set the averages
        layer.weights, layer.bias, layer.moving_mean, layer.moving_variance = scale, bias, mean, variance
        layer.phase = "train" if attributes.get("training_mode") else "test"
        agree("BatchNormalization", name, layer.forward(x), outputs[0])
        for got, expected in zip((layer.moving_mean, layer.moving_variance), outputs[1:], strict=False):
            agree("BatchNormalization, averages", name, got, expected)
    assert COMPARED["BatchNormalization"] >= 4
    assert COMPARED["BatchNormalization, averages"] >= 4


def test_instance_normalization(cases, reference):
    for name, attributes, inputs, outputs in cases["InstanceNormalization"]:
        x, scale, bias = (array.astype(float) for array in inputs)
        layer = reference("normalization").InstanceNormalization(x.shape[1], attributes.get("epsilon", 1e-5))
        layer.weights, layer.bias = scale, bias
        agree("InstanceNormalization", name, layer.forward(x), outputs[0])
    assert COMPARED["InstanceNormalization"] >= 2


def test_fully_connected_is_gemm(cases, reference):
    for name, attributes, inputs, outputs in cases["Gemm"]:
        if attributes or len(inputs) < 3 or inputs[2].size not in (1, inputs[1].shape[1]):
            continue
        layer = reference("fully_connected").FullyConnected(*inputs[1].shape)
        row = np.broadcast_to(inputs[2].astype(float), (1, inputs[1].shape[1]))
        layer.weights = np.vstack([inputs[1].astype(float), row])
        agree("Gemm", name, layer.forward(inputs[0].astype(float)), outputs[0])


def test_the_number_of_cases_is_printed(capsys):
    with capsys.disabled():
        text = ", ".join(f"{operation} {count}" for operation, count in sorted(COMPARED.items()))
        print(f"\nONNX node cases compared: {sum(COMPARED.values())} ({text})")
    assert sum(COMPARED.values()) >= 20
