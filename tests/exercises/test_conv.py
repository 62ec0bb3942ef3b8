"""The convolution topic keeps its promises: the lectures' numbers, and who loses which points."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
LOOPS = (ROOT / "tests/variants/conv/seven_loops.py").read_text()
REFERENCE = (ROOT / "reference/conv.py").read_text()
TABLE = np.arange(9.0).reshape(3, 3)
CORNERS = np.array([[0.0, 1.0], [2.0, 3.0]])
FRAMED = np.pad(TABLE, ((0, 1), (0, 1)))


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_conv", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/conv"), workers, b"test")


def layer(kernels, stride=1):
    """The reference with one kernel (c, m, n) or (c, m) and no bias."""
    kernels = np.asarray(kernels, dtype=float)
    conv = load(ROOT / "reference/conv.py").Conv(stride, kernels.shape, 1)
    conv.weights, conv.bias = kernels[np.newaxis], np.zeros(1)
    return conv


def lost(exam, source):
    """Names of the checks that lose points, each with its first finding's sentence."""
    return {check: why for _, check, why in exam.lost(exam.grade(source))}


def edited(source, *edits):
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


@pytest.mark.parametrize(
    ("image", "kernel", "stride", "printed"),
    [
        ([FRAMED], [CORNERS], 1, [[0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]]),
        ([FRAMED], [CORNERS], (3, 2), [[0, 8], [6, 8]]),
        ([TABLE], [CORNERS], 1, [[0, 3, 8], [9, 19, 25], [21, 37, 43]]),
    ],
)
def test_reference_gives_the_padded_tables_of_lecture_d(image, kernel, stride, printed):
    assert np.array_equal(layer(kernel, stride).forward(np.array([image])), [[printed]])


def test_two_channels_of_lecture_d_are_the_lower_right_part():
    output = layer([CORNERS, CORNERS + 1]).forward(np.array([[TABLE, TABLE + 1]]))
    assert np.array_equal(output[0, 0, 1:, 1:], [[56, 72], [104, 120]])


def test_box_filter_of_lecture_a():
    output = layer([[1 / 3] * 3]).forward(np.array([[[4, 3, 2, -5, 3, 5, 2, 5, 5, 6]]]))
    assert np.allclose(output, [[[7 / 3, 3, 0, 0, 1, 10 / 3, 4, 4, 16 / 3, 11 / 3]]])


def test_blurred_image_of_lecture_e_is_the_middle(exam):
    example = next(e for e in exam.topic.exercises[0].examples if "lecture E" in e.name)
    output = layer(example.arrays["weights"][0]).forward(example.arrays["input_tensor"])
    assert np.array_equal(np.round(output[0, 0, 1:-1, 1:-1]), [[178, 175, 216], [141, 133, 183], [106, 117, 167]])


def test_parameters_of_lecture_a():
    conv = load(ROOT / "reference/conv.py").Conv(1, (3, 5, 5), 10)
    assert conv.weights.size + conv.bias.size == 760
    assert conv.forward(np.zeros((1, 3, 32, 32))).shape == (1, 10, 32, 32)


def test_signal_that_the_handout_works_out_by_hand():
    conv = layer([[1, 2]])
    assert np.array_equal(conv.forward(np.array([[[1, 2, 3]]])), [[[2, 5, 8]]])
    assert np.array_equal(conv.backward(np.array([[[1.0, 0.0, 2.0]]])), [[[2, 2, 4]]])
    assert np.array_equal(conv.gradient_weights, [[[4, 7]]])
    assert np.array_equal(conv.gradient_bias, [3])


def test_handout_names_the_points_of_every_check(exam):
    rows = re.findall(r"^\| ([^|]+) \| ([\d.]+) \|", exam.topic.handout, re.MULTILINE)
    checks = exam.topic.exercises[0].checks
    assert {name: float(points) for name, points in rows} == {check.name: check.points for check in checks}
    assert sum(check.points for check in checks) == 20


def test_cases_show_faults(exam):
    cases = [frozen.values for frozen in exam.bundles[0].cases if "batch" in frozen.values]
    images = [case for case in cases if case["input"] == "an image"]
    assert len(images) >= 90 and len(cases) - len(images) >= 20

    def share(condition):
        return sum(map(condition, images)) / len(images)

    assert share(lambda c: c["height"] != c["width"]) > 0.6
    assert share(lambda c: c["stride_height"] != c["stride_width"]) > 0.25
    assert share(lambda c: c["num_kernels"] != c["channels"]) > 0.5
    assert share(lambda c: c["batch"] > 1) > 0.4
    assert share(lambda c: c["kernel_height"] % 2 == 0 or c["kernel_width"] % 2 == 0) > 0.4
    assert share(lambda c: c["kernel_height"] > c["height"] or c["kernel_width"] > c["width"]) > 0.2
    assert share(lambda c: c["stride_height"] > c["kernel_height"] or c["stride_width"] > c["kernel_width"]) > 0.2


def test_constructor_that_refuses_signals_costs_the_signals_only(exam):
    source = edited(REFERENCE, ("not in (2, 3):", "!= 3:"))
    assert set(lost(exam, source)) == {"1-D signals", "initialize"}


def test_two_independent_mistakes_are_both_named(exam):
    source = edited(
        LOOPS,
        ("gw[k, c, p, q] += e * self.x", "gw[k, c, p, q] += e / b * self.x"),
        ("gb[k] += e", "gb[k] += e / b"),
    )
    told = lost(exam, source)
    assert set(told) == {"weights gradient", "bias gradient", "1-D signals"}
    assert told["weights gradient"].startswith("weight gradient averaged:")
    assert told["bias gradient"].startswith("bias gradient averaged:")
    assert told["1-D signals"].startswith("weight gradient averaged:")


@pytest.mark.parametrize(
    ("checks", "edit"),
    [
        ({"forward", "1-D signals"}, ("total + float(self.bias[k])", "total + float(self.bias[0])")),
        ({"forward"}, ("for p in range(self.ky):\n                                for q in range(self.kx):\n"
                       "                                    yy, xx = i", "for p in range(self.ky - (self.ky > 1)):\n"
                       "                                for q in range(self.kx):\n"
                       "                                    yy, xx = i")),
        ({"call order and purity"}, ("e = err[n, k, oi, oj]", "e = err[n, k, oi, oj]; error_tensor[n] = 0")),
        ({"initialize"}, ("bias_initializer.initialize((self.k,)", "bias_initializer.initialize((self.k, 1)")),
        ({"trainable"}, ("        self.trainable = True\n", "")),
        ({"initial bias"}, ("self.bias = np.random.rand(self.k)", "self.bias = 2 * np.random.rand(self.k)")),
        ({"initial weights"}, ("self.weights = np.random.rand(self.k, *shape)",
                               "self.weights = 2 * np.random.rand(self.k, *shape) - 1")),
        ({"optimizer"}, ("        self._opt_b = copy.deepcopy(opt)\n", "        self._opt_b = opt\n")),
    ],
)  # fmt: skip
def test_mistakes_on_no_list_lose_where_they_are(exam, checks, edit):
    assert set(lost(exam, edited(LOOPS, edit))) == checks


def test_fans_as_floats_keywords_and_column_major_results_are_correct(exam):
    source = edited(
        REFERENCE,
        ("fan_in = self.convolution_shape[0] * kernel_size", "fan_in = float(self.convolution_shape[0] * kernel_size)"),
        ("bias_initializer.initialize((self.num_kernels,), fan_in, fan_out)",
         "bias_initializer.initialize(self.num_kernels, fan_out=None, fan_in=1)"),
        ("        return input_gradient\n", "        return np.asfortranarray(input_gradient)\n"),
    )  # fmt: skip
    assert exam.right("unusual", source) == []


TUPLES_ONLY = ('_positive_ints(stride_shape, "stride_shape")', '_positive_ints(tuple(stride_shape), "stride_shape")')


def test_a_stride_that_must_be_a_tuple_costs_no_check_about_something_else(exam):
    told = lost(exam, edited(REFERENCE, TUPLES_ONLY))
    assert set(told) == {"notations", "1-D signals"}
    assert "exactly when the stride shape is an int" in told["1-D signals"]


def test_the_given_optimizer_itself_is_told_where_the_notation_of_strides_is_wrong_too(exam):
    source = edited(
        REFERENCE,
        TUPLES_ONLY,
        ("self._weights_optimizer = copy.deepcopy(optimizer)", "self._weights_optimizer = optimizer"),
    )
    told = lost(exam, source)
    assert set(told) == {"notations", "1-D signals", "optimizer"}
    assert told["optimizer"].startswith("optimizer not copied:")


FLAT = """

_Conv = Conv


class Conv(_Conv):
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        super().__init__(stride_shape, convolution_shape, num_kernels)
        if len(convolution_shape) == 2:
            self.weights = self.weights[..., np.newaxis]

    def initialize(self, weights_initializer, bias_initializer):
        super().initialize(weights_initializer, bias_initializer)
        self.weights = self.weights.reshape(*self.weights.shape[:3], -1)

    def forward(self, input_tensor):
        if len(self.convolution_shape) == 2:
            self.weights.transpose(0, 1, 2, 3)
        return super().forward(input_tensor)
"""


def test_kernels_of_signals_with_an_axis_too_many_are_not_taken_for_a_forward_of_images_only(exam):
    told = lost(exam, REFERENCE + FLAT)
    assert set(told) == {"1-D signals", "initialize"}
    assert "raises ValueError" in told["1-D signals"]


def test_two_mistakes_with_signals_are_both_told(exam):
    source = edited(REFERENCE, TUPLES_ONLY, ("        return input_gradient\n", "        return 2 * input_gradient\n"))
    found = {check.name: check.findings for check in exam.grade(source)["conv"].checks}["1-D signals"]
    assert "raises TypeError" in found[0].sentence
    assert found[1].code == "multiple" and found[1].sentence.startswith("The input gradient")


@pytest.mark.parametrize(
    "edit", [("            self.weights = self._weights", "            self._weights"), ("if self", "if 0 and self")]
)
def test_no_update_at_all_is_told_without_a_guess_whether_it_was_called(exam, edit):
    source = REFERENCE.replace(*edit).replace("            self.bias = self._bias", "            self._bias")
    told = lost(exam, source)
    assert "not called, or" in told["optimizer"]
