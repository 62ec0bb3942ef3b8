"""Convolution as a matrix product keeps its promises: the lectures' numbers, and who loses which points."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
LOOPS = (ROOT / "tests/variants/conv_matrix/loops.py").read_text()
REFERENCE = (ROOT / "reference/conv_matrix.py").read_text()
TABLE = np.arange(9.0).reshape(3, 3)
CORNERS = np.array([[0.0, 1.0], [2.0, 3.0]])


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_conv_matrix", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def matrices():
    return load(ROOT / "reference/conv_matrix.py")


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(
        read_topic(ROOT / "exercises/conv_matrix"), workers, b"test", whole=False
    )


def layer(matrices, kernels, stride=1):
    kernels = np.asarray(kernels, dtype=float)
    made = matrices.MatrixConv(stride, kernels.shape, 1)
    made.weights, made.bias = kernels[np.newaxis], np.zeros(1)
    return made


def lost(exam, source):
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def edited(source, *edits):
    for old, new in edits:
        assert source.count(old) == 1, (source.count(old), old)
        source = source.replace(old, new)
    return source


def test_matrix_of_lecture_a_has_sixteen_entries_a_row(matrices):
    matrix = matrices.convolution_matrix(np.arange(1, 10).reshape(3, 3), (4, 4))
    first = [1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0]
    assert matrix.tolist() == [np.roll(first, shift).tolist() for shift in (0, 1, 4, 5)]


def test_matrix_of_the_handout(matrices):
    matrix = matrices.convolution_matrix([[1, 2], [3, 4]], (2, 3))
    assert matrix.tolist() == [[1, 2, 0, 3, 4, 0], [0, 1, 2, 0, 3, 4]]


def test_the_matrix_is_the_layer_and_its_transpose_the_backward_pass(matrices):
    rng = np.random.default_rng(0)
    kernel, image = rng.standard_normal((3, 2)), rng.standard_normal((1, 1, 7, 6))
    conv, matrix = layer(matrices, [kernel], (2, 3)), matrices.convolution_matrix(kernel, (7, 6), (2, 3))
    output = conv.forward(image)
    error = rng.standard_normal(output.shape)
    assert np.allclose(matrix @ image.ravel(), output.ravel())
    assert np.allclose(matrix.T @ error.ravel(), conv.backward(error).ravel())


def test_columns_of_the_handout_and_back(matrices):
    columns = matrices.im2col(np.arange(1.0, 10.0).reshape(1, 1, 3, 3), 2, 1)
    assert columns[0].T.tolist() == [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]
    ones = matrices.col2im(np.ones((1, 4, 4)), (1, 1, 3, 3), 2, 1)
    assert ones.tolist() == [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]


def test_col2im_is_the_transpose_of_im2col(matrices):
    rng = np.random.default_rng(1)
    image = rng.standard_normal((2, 3, 6, 5))
    columns = matrices.im2col(image, (2, 3), (2, 1))
    other = rng.standard_normal(columns.shape)
    assert np.isclose((columns * other).sum(), (image * matrices.col2im(other, image.shape, (2, 3), (2, 1))).sum())


@pytest.mark.parametrize(
    ("images", "kernels", "stride", "printed"),
    [
        ([TABLE], [CORNERS], 1, [[19, 25], [37, 43]]),
        ([np.pad(TABLE, 1)], [CORNERS], 1, [[0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]]),
        ([np.pad(TABLE, 1)], [CORNERS], (3, 2), [[0, 8], [6, 8]]),
        ([TABLE, TABLE + 1], [CORNERS, CORNERS + 1], 1, [[56, 72], [104, 120]]),
    ],
)
def test_tables_of_lecture_d(matrices, images, kernels, stride, printed):
    assert layer(matrices, kernels, stride).forward(np.array([images])).tolist() == [[printed]]


def test_gradients_of_the_handout(matrices):
    conv = layer(matrices, [CORNERS])
    conv.forward(np.array([[TABLE]]))
    assert conv.backward(np.array([[[[1.0, 0], [0, 0]]]])).tolist() == [[[[0, 1, 0], [2, 3, 0], [0, 0, 0]]]]
    assert conv.gradient_weights.tolist() == [[[[0, 1], [3, 4]]]]
    assert conv.gradient_bias.tolist() == [1]


def test_blurred_image_of_lecture_e(matrices, exam):
    example = next(e for e in exam.topic.exercises[2].examples if "lecture E" in e.name)
    output = layer(matrices, example.arrays["weights"][0]).forward(example.arrays["input_tensor"])
    assert np.round(output[0, 0]).tolist() == [[178, 175, 216], [141, 133, 183], [106, 117, 167]]


def test_handout_names_the_points_of_every_check(exam):
    rows = re.findall(r"^\| ([^|]+) \| ([\d.]+) \|", exam.topic.handout, re.MULTILINE)
    checks = [check for exercise in exam.topic.exercises for check in exercise.checks]
    assert [(name, float(points)) for name, points in rows] == [(check.name, check.points) for check in checks]
    assert [sum(check.points for check in exercise.checks) for exercise in exam.topic.exercises] == [4, 5, 10]


def test_cases_show_faults(exam):
    for bundle in exam.bundles:
        cases = [frozen.values for frozen in bundle.cases if "stride_height" in frozen.values]
        assert sum(case["height"] != case["width"] for case in cases) > 0.6 * len(cases)
        assert sum(case["stride_height"] != case["stride_width"] for case in cases) > 0.25 * len(cases)
        assert sum(case["kernel_height"] != case["kernel_width"] for case in cases) > 0.25 * len(cases)


@pytest.mark.parametrize(
    ("checks", "edit"),
    [
        (  # the layer forgets that the batch has several images
            {("matrix_conv", "weights gradient")},
            ("gradient += flat @ self.columns[image].T", "gradient = flat @ self.columns[image].T"),
        ),
        (  # the second stride is never used
            {("convolution_matrix", "shapes"), ("convolution_matrix", "matrix")},
            ("y, x, m, n, *two(stride)", "y, x, m, n, two(stride)[0], two(stride)[0]"),
        ),
        (  # pixels that are 0 are taken for empty
            {("im2col", "images"), ("matrix_conv", "input gradient")},
            (
                "images[image, :, i : i + m, j : j + n] += columns",
                "images[image, :, i : i + m, j : j + n] *= 0.5\n"
                "            images[image, :, i : i + m, j : j + n] += columns",
            ),
        ),
        ({("matrix_conv", "initialize")}, ("(self.num_kernels,), c * m * n", "(self.num_kernels, 1), c * m * n")),
        (  # as many numbers are taken for the right shape
            {("im2col", "illegal arguments (col2im)")},
            (
                "    if np.shape(columns) != (b, c * m * n, len(places)):\n"
                '        raise ValueError(f"columns {np.shape(columns)}")\n',
                "    columns = np.reshape(columns, (b, c * m * n, len(places)))\n",
            ),
        ),
        ({("matrix_conv", "attributes")}, ("        self.trainable = True\n", "")),
        (
            {("matrix_conv", "initial bias")},
            ("self.bias = np.random.rand(self.num_kernels)", "self.bias = 1 + np.random.rand(self.num_kernels)"),
        ),
    ],
)
def test_mistakes_on_no_list_lose_where_they_are(exam, checks, edit):
    assert lost(exam, edited(LOOPS, edit)) == checks


def test_functions_that_return_views_or_column_major_arrays_are_correct(exam):
    source = edited(
        REFERENCE,
        ("    return matrix\n", "    return np.asfortranarray(matrix)\n"),
        ("    return images\n", "    return images[::-1].copy()[::-1]\n"),
    )
    assert exam.right("odd results", source) == []
