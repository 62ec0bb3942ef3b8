"""The variants of the convolution keep their promises: the lectures' numbers, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
LOOPS = (ROOT / "tests/variants/conv_variants/loops.py").read_text()
TAPS = (ROOT / "tests/variants/conv_variants/tap_by_tap.py").read_text()
REFERENCE = (ROOT / "reference/conv_variants.py").read_text()
TABLE = np.arange(9.0).reshape(3, 3)
CORNERS = np.array([[0.0, 1.0], [2.0, 3.0]])
PAIR = np.array([[[[1.0, 2], [3, 4]], [[10, 20], [30, 40]]]])
SMALL = np.array([[[[1.0, 1], [2, 3]]]])
ROW = np.array([[[[0.0, 4.0]]]])


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_conv_variants", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def variants():
    return load(ROOT / "reference/conv_variants.py")


@pytest.fixture(scope="module")
def exam(workers):
    topic = read_topic(ROOT / "exercises/conv_variants")
    return load(ROOT / "tests/exam/exam.py").Exam(topic, workers, b"test", whole=False)


def layer(variants, images, kernels, symbol="Conv2d", bias=None, **options):
    kernels = np.array(kernels, dtype=float)
    channels = np.shape(images)[1]
    outputs = kernels.shape[0 if symbol == "Conv2d" else 1]
    made = getattr(variants, symbol)(channels, outputs, kernels.shape[2:], **options)
    made.weights, made.bias = kernels, np.zeros(outputs) if bias is None else np.array(bias, dtype=float)
    return made.forward(np.array(images, dtype=float)).tolist()


def lost(exam, source):
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def edited(source, *edits):
    for old, new in edits:
        assert source.count(old) == 1, (source.count(old), old)
        source = source.replace(old, new)
    return source


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ({}, [[19, 25], [37, 43]]),
        ({"padding": 1}, [[0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]]),
        ({"padding": 1, "stride": (3, 2)}, [[0, 8], [6, 8]]),
        ({"dilation": 2}, [[38]]),
    ],
)
def test_tables_of_lecture_d_and_the_handout(variants, options, printed):
    assert layer(variants, [[TABLE]], [[CORNERS]], **options) == [[printed]]


def test_two_channels_of_lecture_d(variants):
    assert layer(variants, [[TABLE, TABLE + 1]], [[CORNERS, CORNERS + 1]]) == [[[[56, 72], [104, 120]]]]


def test_blurred_image_of_lecture_e(variants, exam):
    example = next(e for e in exam.topic.exercises[0].examples if "lecture E" in e.name)
    output = layer(variants, example.arrays["input_tensor"], example.arrays["weights"])
    assert np.round(output).tolist() == [[[[178, 175, 216], [141, 133, 183], [106, 117, 167]]]]


def test_sizes_and_parameters_of_the_lectures(variants):
    conv = variants.Conv2d(3, 10, 5, padding=2)
    assert conv.forward(np.zeros((1, 3, 32, 32))).shape == (1, 10, 32, 32)
    assert conv.weights.size + conv.bias.size == 760
    assert variants.Conv2d(1, 1, 3, 2).forward(np.zeros((1, 1, 7, 7))).shape == (1, 1, 3, 3)
    assert variants.Conv2d(3, 96, 3).weights.size == 2592


def test_one_by_one_convolution_is_a_fully_connected_layer_along_the_channels(variants):
    kernels, bias = [[[[1]], [[1]]], [[[2]], [[-1]]]], [0, 5]
    output = layer(variants, PAIR, kernels, bias=bias)
    assert output == [[[[11, 22], [33, 44]], [[-3, -11], [-19, -27]]]]
    dense = np.moveaxis(PAIR, 1, 3) @ np.reshape(kernels, (2, 2)).T + bias
    assert np.array_equal(output, np.moveaxis(dense, 3, 1))


def test_groups_of_the_handout(variants):
    assert layer(variants, PAIR, [[[[0, 1], [2, 3]]], [[[1, 0], [0, 1]]]], groups=2) == [[[[20]], [[50]]]]


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ({}, [[1, 3, 2], [5, 14, 10], [6, 17, 12]]),
        ({"padding": 1}, [[14]]),
        ({"stride": 2}, [[1, 2, 1, 2], [3, 4, 3, 4], [2, 4, 3, 6], [6, 8, 9, 12]]),
    ],
)
def test_transposed_convolution_of_lecture_b(variants, options, printed):
    assert layer(variants, SMALL, [[[[1, 2], [3, 4]]]], "TransposedConv2d", **options) == [[printed]]


def test_transposed_convolution_is_the_backward_pass_of_a_convolution(variants):
    rng = np.random.default_rng(0)
    for stride, padding in ((1, 0), ((2, 3), (1, 2)), (3, 1)):
        conv, up = (
            variants.Conv2d(2, 3, (3, 4), stride, padding),
            variants.TransposedConv2d(3, 2, (3, 4), stride, padding),
        )
        up.weights, up.bias = conv.weights, np.zeros(2)
        error = rng.standard_normal((2, 3, 4, 5))
        image = up.forward(error)
        assert conv.forward(rng.standard_normal(image.shape)).shape == error.shape
        assert np.allclose(conv.backward(error), image)


def test_upsampling_of_the_handout(variants):
    nearest, bilinear = variants.NearestUpsampling((1, 3)), variants.BilinearUpsampling((1, 2))
    assert nearest.forward(ROW).tolist() == [[[[0, 0, 0, 4, 4, 4]]]]
    assert nearest.backward(np.arange(1.0, 7.0).reshape(1, 1, 1, 6)).tolist() == [[[[6, 15]]]]
    assert bilinear.forward(ROW).tolist() == [[[[0, 1, 3, 4]]]]
    assert bilinear.backward(np.ones((1, 1, 1, 4))).tolist() == [[[[2, 2]]]]
    assert bilinear.backward(np.array([[[[0.0, 1, 0, 0]]]])).tolist() == [[[[0.75, 0.25]]]]


def test_unpooling_puts_the_maxima_of_lecture_a_back(variants):
    unpooling = variants.MaxUnpooling()
    output = unpooling.forward(np.array([[[[6, 9], [3, 4]]]]), np.array([[[[4, 7], [8, 11]]]]), (4, 4))
    assert output.tolist() == [[[[0, 0, 0, 0], [6, 0, 0, 9], [3, 0, 0, 4], [0, 0, 0, 0]]]]
    assert unpooling.backward(np.arange(16.0).reshape(1, 1, 4, 4)).tolist() == [[[[4, 7], [8, 11]]]]


def test_the_handout_gives_every_check_with_its_points(exam):
    rows = {
        line.strip("| ").split("|")[0].split(":")[0].strip(): [cell.strip() for cell in line.strip("|").split("|")[1:]]
        for line in exam.topic.handout.splitlines()
        if line.startswith("| ")
    }
    for column, exercise in enumerate(exam.topic.exercises):
        for check in exercise.checks:
            name = check.name.split(" (")[0]
            told = rows.get(name) or rows[next(row for row in rows if row.startswith(f"{name} ("))]
            assert told[column] == f"{check.points:g}", (exercise.name, check.name)
        assert rows["**points**"][column] == f"**{sum(check.points for check in exercise.checks):g}**"


def test_cases_show_faults(exam):
    def share(cases, condition):
        return sum(map(condition, cases)) / len(cases)

    cases = [frozen.values for frozen in exam.bundles[0].cases if "groups" in frozen.values]
    plain = [case for case in cases if case["groups"] == 1 == case["dilation_height"] == case["dilation_width"]]
    assert len(plain) >= 80 and len(cases) - len(plain) >= 40
    assert share(plain, lambda c: c["height"] != c["width"]) > 0.6
    assert share(plain, lambda c: c["stride_height"] != c["stride_width"]) > 0.25
    assert share(plain, lambda c: c["padding_height"] != c["padding_width"]) > 0.25
    assert share(plain, lambda c: c["batch"] > 1) > 0.4
    assert share(cases, lambda c: c["groups"] > 1 and c["in_channels"] > c["groups"]) > 0.05
    transposed = [frozen.values for frozen in exam.bundles[1].cases if "padding_height" in frozen.values]
    assert share(transposed, lambda c: c["padding_height"] + c["padding_width"] > 0) > 0.4
    assert share(transposed, lambda c: c["stride_height"] != c["stride_width"]) > 0.25


@pytest.mark.parametrize(
    ("checks", "source"),
    [
        (  # a plain convolution, its author has not come to groups
            {("conv2d", "groups")},
            edited(LOOPS, ("yield k, i, j, k // kernels * per + c, c, p, q, y, x", "yield k, i, j, c, c, p, q, y, x")),
        ),
        (  # the bias gradient forgets the last column
            {("conv2d", "bias gradient"), ("conv2d", "dilation"), ("conv2d", "groups")},
            edited(TAPS, ("        self.gradient_bias = np.sum(error_tensor, axis=(0, 2, 3))\n",
                          "        self.gradient_bias = np.sum(error_tensor[..., 1:], axis=(0, 2, 3))\n")),
        ),
        (  # a square kernel is taken for granted
            {("transposed_conv2d", check) for check in ("shapes", "forward", "input gradient", "weights gradient",
                                                        "bias gradient", "notations")},
            edited(TAPS, ("(cols - 1) * self.stride[1] + kernel.shape[3]",
                          "(cols - 1) * self.stride[1] + max(kernel.shape[2:])")),
        ),
        (  # the fraction is taken from the wrong side
            {("bilinear_upsampling", "forward"), ("bilinear_upsampling", "input gradient")},
            edited(LOOPS, ("return [(r, 1 - (u - r)), (r + 1, u - r)]", "return [(r, u - r), (r + 1, 1 - (u - r))]")),
        ),
        (  # the sum over the copies misses those below
            {("nearest_upsampling", "input gradient")},
            edited(TAPS, ("return sum(error_tensor[:, :, i::s, j::t] for i in range(s) for j in range(t))",
                          "return sum(error_tensor[:, :, ::s, j::t] for j in range(t))")),
        ),
        (  # a list is not unpacked
            {("max_unpooling", "forward"), ("max_unpooling", "shapes"), ("max_unpooling", "input gradient")},
            edited(LOOPS, ("        h, w = output_shape\n", "        h, w = output_shape\n"
                           "        if isinstance(output_shape, list):\n            h, w = w, h\n")),
        ),
        (  # the caller's indices are wiped out
            {("max_unpooling", "call order and purity")},
            edited(LOOPS, (" index % w] = input_tensor[b, c, i, j]\n        return out\n",
                           " index % w] = input_tensor[b, c, i, j]\n        indices[...] = 0\n        return out\n")),
        ),
    ],
    ids=["no groups", "bias gradient", "square kernels", "fraction", "copies below", "list", "indices changed"],
)  # fmt: skip
def test_mistakes_on_no_list_lose_where_they_are(exam, checks, source):
    gone = lost(exam, source)
    assert gone and gone <= checks, gone


def test_results_that_are_views_column_major_or_read_only_are_correct(exam):
    source = edited(
        REFERENCE,
        ("input_gradient = _crop(padded, self.padding)",
         "input_gradient = np.asfortranarray(_crop(padded, self.padding))"),
        ("return images.repeat(self.scale[0], axis=2).repeat(self.scale[1], axis=3)",
         "b, c, y, x = images.shape\n        view = np.broadcast_to(images[:, :, :, None, :, None], "
         "(b, c, y, self.scale[0], x, self.scale[1]))\n        "
         "return view.copy().reshape(b, c, y * self.scale[0], -1)[:, :, ::-1][:, :, ::-1]"),
        ("fan_in = self.in_channels // self.groups * m * n", "fan_in = self.in_channels / self.groups * m * n"),
        ("return self._rows @ images @ self._columns.T", "out = self._rows @ images @ self._columns.T\n"
         "        out.flags.writeable = False\n        return out"),
    )  # fmt: skip
    assert exam.right("odd results", source) == []


def test_the_visible_cases_show_what_is_easily_overlooked(exam):
    gone = exam.lost_in_visible_cases(
        ("fan_out = self.out_channels // self.groups * m * n", "fan_out = self.out_channels * m * n"),
        ("copy.deepcopy", "copy.copy"),
        ("if np.ndim(output_shape) != 1:", "if False:"),
        ("position = np.clip(middles, 0, size - 1)", "position = np.minimum(middles, size - 1)"),
    )
    layers = {(name, "optimizer") for name in ("conv2d", "transposed_conv2d")}
    bilinear = {("bilinear_upsampling", check) for check in ("forward", "input gradient")}
    assert gone == {("conv2d", "initialize"), ("max_unpooling", "illegal arguments")} | layers | bilinear
