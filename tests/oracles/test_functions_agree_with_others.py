"""Arithmetic and filters against PyTorch's modules, SciPy's filters and ONNX's node cases."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage, signal

from grader.authoring.cases import draw
from grader.authoring.topics import read_topic

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle
ROOT = Path(__file__).resolve().parents[2]
CASES = 200
TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def theirs():
    spec = importlib.util.spec_from_file_location("torch_functions", Path(__file__).with_name("torch_layers.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exercise(topic, name):
    return next(one for one in read_topic(ROOT / "exercises" / topic).exercises if one.name == name)


def near(got, expected):
    assert got.shape == expected.shape
    assert np.max(np.abs(got - expected)) <= TOLERANCE * max(1.0, np.max(np.abs(expected)))


def test_shapes_and_parameters_are_those_of_pytorchs_modules(reference, theirs, capsys):
    ours = reference("arithmetic")
    declared = exercise("arithmetic", "network_summary")
    cases = [*draw(declared, 2024, CASES), *(e.case for e in declared.examples if e.plans != ("table",))]
    for case in cases:
        layers = [dict(layer) for layer in case.layers]
        assert ours.network_summary(layers, case.input_shape) == theirs.network_summary(layers, case.input_shape)
    with capsys.disabled():
        print(f" network_summary: {len(cases)} networks agree with PyTorch")
    assert len(cases) >= CASES / 2


def test_same_padding_is_pytorchs_with_the_sides_exchanged(reference, theirs):
    for f in range(1, 40):
        assert tuple(reference("arithmetic").same_padding(f)) == theirs.same_padding(f)


def test_sizes_are_those_of_pytorchs_convolutions(reference, theirs, capsys):
    ours, compared = reference("arithmetic"), 0
    for n, f, s, p in np.ndindex(12, 6, 4, 3):
        n, f, s = n + 1, f + 1, s + 1
        if n + p >= f:
            assert ours.conv_output_size_floor(n, f, s, p) == theirs.conv_output_size_floor(n, f, s, p)
            compared += 1
        if n + 2 * p >= f and (n + 2 * p - f) % s == 0:
            assert ours.conv_output_size(n, f, s, p) == theirs.conv_output_size(n, f, s, p)
            compared += 1
    with capsys.disabled():
        print(f" sizes: {compared} agree with PyTorch")


def test_filters_are_scipys(reference, capsys):
    ours = reference("filters")
    for case in range(CASES):
        rng = np.random.default_rng([case, 7])
        kernel = rng.normal(size=rng.integers(1, 5, 2))
        image = rng.normal(size=rng.integers(4, 9, 2))
        near(ours.cross_correlate2d(image, kernel), signal.correlate2d(image, kernel, "valid"))
        near(ours.convolve2d(image, kernel), signal.convolve2d(image, kernel, "valid"))
        line = rng.normal(size=rng.integers(7, 12))
        taps = rng.normal(size=rng.integers(1, 8))
        near(ours.correlate1d(line, taps), np.correlate(line, taps, "valid"))
        near(ours.correlate1d(line, taps, "pad"), ndimage.correlate1d(line, taps, mode="constant"))
    with capsys.disabled():
        print(f" filters: {4 * CASES} results agree with SciPy and NumPy")


def test_kernels_are_scipys(reference):
    kernels, dot = reference("filters").KERNELS, np.pad([[1.0]], 1)

    def impulse(function, axis):
        return function(dot, axis=axis, mode="constant")[::-1, ::-1]

    np.testing.assert_array_equal(kernels["sobel"], -impulse(ndimage.sobel, 1))
    np.testing.assert_array_equal(kernels["vertical_edge"], -impulse(ndimage.prewitt, 1))
    np.testing.assert_array_equal(kernels["horizontal_edge"], -impulse(ndimage.prewitt, 0))


def test_cross_correlation_is_onnxs_convolution(reference, capsys):
    pytest.importorskip("onnx")
    from test_references_agree_with_onnx import node_cases

    compared = 0
    for operation, name, attributes, given, outputs in node_cases():
        if operation != "Conv":
            continue
        image, *weights = given
        alone = image.ndim == 4 and image.shape[:2] == weights[0].shape[:2] == (1, 1)
        top, left, bottom, right = attributes.get("pads", [0] * 4) if alone else (0, 0, 1, 1)
        if alone and (top, left) == (bottom, right) and "auto_pad" not in attributes and len(weights) == 1:
            stride = tuple(attributes.get("strides", (1, 1)))
            got = reference("filters").cross_correlate2d(image[0, 0], weights[0][0, 0], (top, left), stride)
            np.testing.assert_allclose(got, outputs[0][0, 0], rtol=2e-6, err_msg=name)
            compared += 1
    with capsys.disabled():
        print(f" cross_correlate2d: {compared} node cases of ONNX agree")
    assert compared >= 3
