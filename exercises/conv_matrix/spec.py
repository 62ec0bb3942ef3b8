"""Convolution as a matrix product: the matrix of a kernel, im2col and col2im, and a layer built on them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import (
    Distribution,
    Example,
    Exercise,
    Layer,
    Plan,
    Raises,
    Relations,
    Same,
    Shapes,
    Values,
    call_order,
    gradient,
    inputs,
    integer_input,
    layer_plans,
    optimizer_checks,
)

ORDER = 95
PARAMETERS = ("weights", "bias")

# Hypothesis likes to copy one value to where an equal strategy draws another: height = width and equal strides would
# become the rule. So the strategies of two axes are never equal.
BATCH, CHANNELS, NUMBERS = (st.sampled_from(counts) for counts in ([1, 2, 3], [1, 3, 2], [1, 2, 4, 3]))
KERNELS = st.sampled_from([2, 3, 1, 4]), st.sampled_from([3, 2, 1, 4])
STRIDES = st.sampled_from([1, 2, 1, 3, 4]), st.sampled_from([2, 1, 3, 1, 4])
ROOM = st.sampled_from([2, 0, 1, 3, 4]), st.sampled_from([3, 1, 0, 4, 2])
NOTATION = st.sampled_from(["pair", "pair", "pair", "int"])


def draw_sides(draw):
    """Kernel, stride and an image that holds the kernel, each as [height, width], and how they are written."""
    notation = draw(NOTATION)
    kernel, stride = ([draw(axis) for axis in axes] for axes in (KERNELS, STRIDES))
    if notation == "int":
        kernel[1], stride[1] = kernel[0], stride[0]
    return kernel, stride, [k + draw(room) for k, room in zip(kernel, ROOM, strict=True)], notation


def sides(case, name):
    """Height and width of something, in the case's notation."""
    pair = getattr(case, f"{name}_height"), getattr(case, f"{name}_width")
    return pair[0] if case.notation == "int" else pair


def is_roomy(case):
    """An image that is larger than kernel and stride: mixed up sides raise nothing."""
    largest = max(case.kernel_height, case.kernel_width, case.stride_height, case.stride_width)
    return min(case.height, case.width) >= largest and case.notation == "pair"


class NotationCase(NamedTuple):
    """How the arguments are written."""

    notation: str


def written(points, first, second, **options):
    """Two ways to write the same arguments give the same."""
    pair = Same(
        first,
        second,
        "notation",
        "One of the ways to write the arguments is not understood: number, tuple, list, NumPy integer.",
        "One number counts for both axes; two come as tuple or list. NumPy's integers are numbers, too.",
    )
    whole = options.pop("integers", ())
    return Relations(name=options.pop("name", "ways to write"), points=points, same=(pair, *whole), **options)


def of_integers(s, symbol, array, arguments, what):
    """A call on bytes and one on the same floats: their results and the dtypes."""
    for kind, given in (("integers", array), ("the same floats", array.astype(float))):
        name = f"{what}_of_{kind.replace(' ', '_')}"
        result = s.use(symbol, s.array(name, given), *arguments, label=f"{what} of {kind}")
        s.get(result, "dtype.num", label=f"dtype of {what} of {kind}")


def like_floats(what):
    """What `of_integers` must show."""
    numbers, dtypes = (
        (f"{prefix}{what} of the same floats", f"{prefix}{what} of integers") for prefix in ("", "dtype of ")
    )
    hint = "Results are float64: say dtype=float where the array is made."
    return (
        Same(*numbers, "integers", f"The {what} for integers are not those for the same floats.", hint),
        Same(*dtypes, "dtype", f"The {what} for integers have another dtype than those for floats.", hint),
    )


def use_twice(s, symbol, *arguments, label):
    """A call with the very lists of the call before: whoever changes them is given what has become of them."""
    given = [s.make(one) if isinstance(one, list) else one for one in arguments]
    if any(isinstance(one, list) for one in arguments):
        s.use(symbol, *given)
    s.use(symbol, *given, label=label)


# -------------------------------------------------------------------------------------------------- convolution_matrix


class MatrixCase(NamedTuple):
    """One image and one kernel that fits into it."""

    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    notation: str  # how the stride is written: "pair", "int" (both strides agree) or "left out" (1)


@st.composite
def matrix_cases(draw):
    """Small images with another height than width; a stride of 1 is left out at times."""
    kernel, stride, size, notation = draw_sides(draw)
    if notation == "int" and stride[0] == 1:
        notation = "left out"
    return MatrixCase(*size, *kernel, *stride, notation)


def matrix(s, case):
    kernel = s.array("kernel", inputs.off_zero(s.rng, (case.kernel_height, case.kernel_width)))
    stride = () if case.notation == "left out" else (sides(case, "stride"),)
    s.use("convolution_matrix", kernel, (case.height, case.width), *stride, label="matrix")


MATRIX_WAYS = {
    "the stride is an int": ((5, 6), (2, 2), (5, 6), 2),
    "the stride is a list": ((5, 6), (2, 1), (5, 6), [2, 1]),
    "the stride is a NumPy integer": ((5, 6), (2, 2), (5, 6), np.int64(2)),
    "the input shape is a list": ((5, 6), (1, 2), [5, 6], (1, 2)),
    "NumPy integers": ((5, 6), (1, 2), (np.int64(5), np.int64(6)), (np.int64(1), np.int64(2))),
}


def matrix_written(s, case):
    """Twice the same matrix; the kernel is used again, so it must not change."""
    shape, stride, other_shape, other_stride = MATRIX_WAYS[case.notation]
    kernel = s.make(s.array("kernel", inputs.off_zero(s.rng, (3, 2))))
    s.use("convolution_matrix", kernel, shape, stride, label="matrix with pairs")
    use_twice(s, "convolution_matrix", kernel, other_shape, other_stride, label="matrix")
    whole = s.rng.integers(100, 256, (3, 2)).astype(np.uint8)
    of_integers(s, "convolution_matrix", whole, (shape, stride), "entries of the matrix")


class IllegalMatrix(NamedTuple):
    """What is illegal, and the arguments."""

    illegal: str
    kernel_shape: tuple
    input_shape: tuple
    stride: int | tuple = 1


ILLEGAL_MATRICES = (
    IllegalMatrix("a kernel higher than the image", (4, 2), (3, 5)),
    IllegalMatrix("a kernel wider than the image", (2, 4), (5, 3)),
    IllegalMatrix("stride 0", (2, 2), (4, 5), 0),
    IllegalMatrix("negative stride", (2, 2), (4, 5), (1, -1)),
    IllegalMatrix("a kernel with three axes", (1, 2, 2), (4, 5)),
    IllegalMatrix("a kernel without rows", (0, 2), (4, 5)),
    IllegalMatrix("a kernel without columns", (2, 0), (4, 5)),
    IllegalMatrix("three numbers in the input shape", (2, 2), (1, 4, 5)),
)


def matrix_illegal(s, case):
    kernel = s.array("kernel", inputs.normal(s.rng, case.kernel_shape))
    s.use("convolution_matrix", kernel, case.input_shape, case.stride, label="matrix")


convolution_matrix = Exercise(
    name="convolution_matrix",
    title="The matrix of a convolution",
    symbols=("convolution_matrix",),
    cases=matrix_cases(),
    count=80,
    examples=(
        Example(
            "lecture A: a 3x3 kernel over 4x4 pixels as a 4x16 matrix",
            MatrixCase(4, 4, 3, 3, 1, 1, "left out"),
            {"kernel": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
        ),
        Example(
            "handout: kernel 1 2 / 3 4 over 2 rows and 3 columns",
            MatrixCase(2, 3, 2, 2, 1, 1, "pair"),
            {"kernel": [[1, 2], [3, 4]]},
        ),
    ),
    plans={
        "main": Plan(matrix, cases=50),
        "written": Plan(matrix_written, cases=tuple(NotationCase(way) for way in MATRIX_WAYS)),
        "illegal": Plan(matrix_illegal, cases=ILLEGAL_MATRICES),
    },
    checks=(
        Shapes(name="shapes", points=0.5, plan="main", label="matrix"),
        Values(name="matrix", points=2.5, plan="main", label="matrix"),
        written(
            0.5,
            "matrix with pairs",
            "matrix",
            plan="written",
            after="matrix",
            integers=like_floats("entries of the matrix"),
        ),
        Raises(name="illegal arguments", points=0.5, plan="illegal", label="matrix", after="matrix"),
    ),
)


# --------------------------------------------------------------------------------------------------- im2col and col2im


class ColumnsCase(NamedTuple):
    """Images and a kernel that fits into them; positions overlap, touch, or leave gaps."""

    batch: int
    channels: int
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    notation: str  # "pair", or "int" (then height and width agree)


@st.composite
def columns_cases(draw):
    """Several channels and images, rectangular kernels, strides that do not divide the image."""
    kernel, stride, size, notation = draw_sides(draw)
    return ColumnsCase(draw(BATCH), draw(CHANNELS), *size, *kernel, *stride, notation)


def image(rng, case):
    """A batch of images of the case's size."""
    return inputs.normal(rng, (case.batch, case.channels, case.height, case.width))


def cutting(s, case):
    arguments = sides(case, "kernel"), sides(case, "stride")
    s.use("im2col", s.array("input_tensor", image(s.rng, case)), *arguments, label="columns")


def columns_shape(case):
    """(b, c*m*n, y'*x')."""
    axes = ("height", "width")
    positions = [(getattr(case, a) - getattr(case, f"kernel_{a}")) // getattr(case, f"stride_{a}") + 1 for a in axes]
    return case.batch, case.channels * case.kernel_height * case.kernel_width, positions[0] * positions[1]


def pasting(s, case):
    columns = s.array("columns", inputs.normal(s.rng, columns_shape(case)))
    shape = (case.batch, case.channels, case.height, case.width)
    s.use("col2im", columns, shape, sides(case, "kernel"), sides(case, "stride"), label="images")


COLUMN_WAYS = {
    "ints": ((3, 3), (2, 2), 3, 2),
    "lists": ((3, 2), (2, 1), [3, 2], [2, 1]),
    "NumPy integers": ((3, 3), (2, 2), np.int64(3), np.int64(2)),
    "pairs of NumPy integers": ((3, 2), (2, 1), (np.int64(3), np.int64(2)), (np.int64(2), np.int64(1))),
}


def columns_written(s, case):
    """There and back with pairs, and in the case's notation."""
    kernel, stride, *other = COLUMN_WAYS[case.notation]
    x = s.make(s.array("input_tensor", inputs.normal(s.rng, (2, 2, 5, 6))))
    s.use("im2col", x, kernel, stride, label="columns with pairs")
    use_twice(s, "im2col", x, *other, label="columns")
    shape = columns_shape(ColumnsCase(2, 2, 5, 6, *kernel, *stride, "pair"))
    back = s.make(s.array("columns", inputs.normal(s.rng, shape)))
    s.use("col2im", back, (2, 2, 5, 6), kernel, stride, label="images with pairs")
    use_twice(s, "col2im", back, [2, 2, 5, 6] if case.notation == "lists" else (2, 2, 5, 6), *other, label="images")
    of_integers(s, "im2col", s.rng.integers(100, 256, (2, 2, 5, 6)).astype(np.uint8), (kernel, stride), "columns")
    whole = s.rng.integers(100, 256, shape).astype(np.uint8)
    of_integers(s, "col2im", whole, ((2, 2, 5, 6), kernel, stride), "images")


class IllegalColumns(NamedTuple):
    """What is illegal, the function, and the arguments after the array."""

    illegal: str
    function: str
    array_shape: tuple
    arguments: tuple


ILLEGAL_COLUMNS = (
    IllegalColumns("a kernel higher than the image", "im2col", (1, 2, 3, 5), ((4, 2), 1)),
    IllegalColumns("a kernel wider than the image", "im2col", (1, 2, 5, 3), ((2, 4), 1)),
    IllegalColumns("stride 0", "im2col", (1, 2, 5, 4), (2, 0)),
    IllegalColumns("negative stride", "im2col", (1, 2, 5, 4), (2, (1, -1))),
    IllegalColumns("kernel width 0", "im2col", (1, 2, 5, 4), ((2, 0), 1)),
    IllegalColumns("images without batch axis", "im2col", (2, 5, 4), (2, 1)),
    IllegalColumns("stride 0", "col2im", (1, 4, 6), ((1, 1, 3, 4), 2, 0)),
    IllegalColumns("a kernel higher than the image", "col2im", (1, 4, 6), ((1, 1, 1, 4), 2, 1)),
    IllegalColumns("too few columns", "col2im", (1, 4, 5), ((1, 1, 3, 4), 2, 1)),
    IllegalColumns("columns of another length", "col2im", (1, 3, 6), ((1, 1, 3, 4), 2, 1)),
    IllegalColumns("rows in the place of columns", "col2im", (1, 6, 4), ((1, 1, 3, 4), 2, 1)),
    IllegalColumns("columns of two images for one", "col2im", (2, 2, 6), ((1, 1, 3, 4), 2, 1)),
)


def columns_illegal(s, case):
    s.use(case.function, s.array("array", inputs.normal(s.rng, case.array_shape)), *case.arguments, label="result")


COUNTED = {"input_tensor": [[np.arange(1.0, 10.0).reshape(3, 3).tolist()]]}
im2col = Exercise(
    name="im2col",
    title="im2col and col2im",
    symbols=("im2col", "col2im"),
    cases=columns_cases(),
    examples=(
        Example("handout: 1 to 9 as 3x3, kernel 2x2", ColumnsCase(1, 1, 3, 3, 2, 2, 1, 1, "pair"), COUNTED),
        Example(
            "handout: four columns of ones, kernel 2x2, back to 3x3",
            ColumnsCase(1, 1, 3, 3, 2, 2, 1, 1, "pair"),
            {"columns": np.ones((1, 4, 4))},
            ("back",),
        ),
    ),
    plans={
        "main": Plan(cutting, cases=60),
        "back": Plan(pasting, cases=60),
        "written": Plan(columns_written, cases=tuple(NotationCase(way) for way in COLUMN_WAYS)),
        "illegal": Plan(columns_illegal, cases=ILLEGAL_COLUMNS[:6]),
        "illegal back": Plan(columns_illegal, cases=ILLEGAL_COLUMNS[6:]),
    },
    checks=(
        Shapes(name="shapes of columns", points=0.25, plan="main", label="columns"),
        Values(name="columns", points=1.5, plan="main", label="columns"),
        Shapes(name="shapes of images", points=0.25, plan="back", label="images"),
        Values(name="images", points=1.75, plan="back", label="images"),
        written(
            0.25,
            "columns with pairs",
            "columns",
            plan="written",
            after="columns",
            integers=like_floats("columns"),
        ),
        written(
            0.25,
            "images with pairs",
            "images",
            plan="written",
            after="images",
            name="ways to write (col2im)",
            integers=like_floats("images"),
        ),
        Raises(name="illegal arguments", points=0.5, plan="illegal", label="result", after="columns"),
        Raises(name="illegal arguments (col2im)", points=0.25, plan="illegal back", label="result", after="images"),
    ),
)


# --------------------------------------------------------------------------------------------------------- MatrixConv


class MatrixConvCase(NamedTuple):
    """Kernels that fit into the images."""

    batch: int
    channels: int
    num_kernels: int
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    notation: str  # how the stride is written: "pair" or "int" (then both strides agree)


@st.composite
def matrix_conv_cases(draw):
    """As for im2col, and several kernels."""
    kernel, stride, size, notation = draw_sides(draw)
    return MatrixConvCase(draw(BATCH), draw(CHANNELS), draw(NUMBERS), *size, *kernel, *stride, notation)


def arguments(case):
    shape = (case.channels, case.kernel_height, case.kernel_width)
    return sides(case, "stride"), shape, case.num_kernels


def parameters(case):
    return {"weights": (case.num_kernels, *arguments(case)[1]), "bias": (case.num_kernels,)}


def larger_image(rng, case):
    """A batch of another size in every axis but the channels."""
    return image(rng, case._replace(batch=case.batch % 3 + 1, height=case.height + 1, width=case.width + 2))


def another_layer(case):
    """A layer with other strides, kernels of other sizes, and more of them."""
    strides = {name: 2 if getattr(case, name) == 1 else 1 for name in ("stride_height", "stride_width")}
    more = ("channels", "num_kernels", "kernel_height", "kernel_width")
    return case._replace(**strides, **{name: getattr(case, name) + 1 for name in more})


layer = Layer("MatrixConv", arguments, image, parameters, linear=True, other=larger_image, another=another_layer)


def initializing(s, case):
    """The stand-ins' numbers depend on the shape and, for the weights, on both fans."""
    made = s.new("MatrixConv", *arguments(case))
    s.call(made, "initialize", s.stand_in("initializer"), s.stand_in("initializer", fans=False))
    for name in PARAMETERS:
        s.get(made, name, label=name)


def attributes(s, case):
    made = s.new("MatrixConv", *arguments(case))
    s.get(made, "trainable", label="trainable")
    s.get(made, "optimizer", label="optimizer")


def reassigning(s, case):
    """New weights and bias after a forward, and the same in a layer that never had others."""
    used, x = layer.prepared(s, case), s.array("input_tensor", image(s.rng, case))
    s.call(used, "backward", s.like(s.call(used, "forward", x)))
    fresh = s.new("MatrixConv", *arguments(case))
    for name, shape in parameters(case).items():
        s.set(used, name, s.array(f"new_{name}", inputs.normal(s.rng, shape)))
        s.set(fresh, name, s.array(f"new_{name}_too", s.arrays[f"new_{name}"]))
    after = s.call(used, "forward", x, label="output after")
    s.call(fresh, "forward", x, label="output of a fresh layer")
    error = s.like(after)
    s.call(used, "backward", error, label="input gradient after")
    s.call(fresh, "backward", error, label="input gradient of a fresh layer")


def new_weights(points):
    """The check of `reassigning`."""
    same = tuple(
        Same(
            f"{what} of a fresh layer",
            f"{what} after",
            "new weights",
            f"The {what} after new weights and bias were assigned is not the one that belongs to them.",
            "Read weights and bias anew in every call.",
        )
        for what in ("output", "input gradient")
    )
    return Relations(name="new weights", points=points, plan="reassigning", after="forward", same=same, unchanged=False)


class StartCase(NamedTuple):
    """Enough numbers to see how they are distributed."""

    channels: int
    kernel_height: int
    kernel_width: int
    num_kernels: int


def starting(s, case):
    made = s.new("MatrixConv", 1, tuple(case[:3]), case.num_kernels)
    s.facts.update(family="uniform", mean=0.5, deviation=12**-0.5)
    for name in PARAMETERS:
        s.get(made, name, label=name)
    s.get(s.new("MatrixConv", 1, tuple(case[:3]), case.num_kernels), "weights", label="weights of another layer")


LAYER_WAYS = {
    "the stride is an int": ((2, 2), 2, (2, 3, 2), 3),
    "the stride is a list": ((2, 1), [2, 1], (2, 3, 2), 3),
    "the convolution shape is a list": ((2, 1), (2, 1), [2, 3, 2], 3),
    "NumPy integers": ((2, 2), np.int64(2), (np.int64(2), np.int64(3), np.int64(2)), np.int64(3)),
}


def layer_written(s, case):
    """The same layer twice, its arguments written in the usual and in another way."""
    stride, *other = LAYER_WAYS[case.notation]
    x = s.array("input_tensor", inputs.normal(s.rng, (2, 2, 5, 6)))
    weights, bias = inputs.normal(s.rng, (3, 2, 3, 2)), inputs.normal(s.rng, (3,))
    for given, label, suffix in (
        ((stride, (2, 3, 2), 3), "output with pairs", ""),
        (other, "output", "_too"),
    ):
        made = s.new("MatrixConv", *given)
        s.set(made, "weights", s.array(f"weights{suffix}", weights))
        s.set(made, "bias", s.array(f"bias{suffix}", bias))
        s.call(made, "forward", x, label=label)


class IllegalCase(NamedTuple):
    """What is illegal, and all arguments."""

    illegal: str
    stride_shape: int | tuple
    convolution_shape: tuple
    num_kernels: int
    input_shape: tuple = (2, 2, 5, 6)


ILLEGAL = (
    IllegalCase("stride 0", 0, (2, 3, 2), 3),
    IllegalCase("negative stride", (1, -2), (2, 3, 2), 3),
    IllegalCase("three strides", (1, 2, 1), (2, 3, 2), 3),
    IllegalCase("kernel width 0", 1, (2, 3, 0), 3),
    IllegalCase("no kernels", 1, (2, 3, 2), 0),
    IllegalCase("two numbers in the convolution shape", 1, (2, 3), 3),
    IllegalCase("a kernel higher than the image", 1, (2, 6, 2), 3),
    IllegalCase("a kernel wider than the image", 1, (2, 2, 7), 3),
    IllegalCase("an input with too many channels", 1, (2, 3, 2), 3, (2, 3, 5, 6)),
    IllegalCase("an input with too few channels", 1, (2, 3, 2), 3, (2, 1, 5, 6)),
    IllegalCase("an input without batch axis", 1, (2, 3, 2), 3, (2, 5, 6)),
)


def refusing(s, case):
    made = s.new("MatrixConv", case.stride_shape, case.convolution_shape, case.num_kernels)
    s.call(made, "forward", s.array("input_tensor", inputs.normal(s.rng, case.input_shape)), label="output")


def worked(name, channels, side, kernel, images, kernels, stride=(1, 1)):
    """A visible case: one image, one kernel, no bias."""
    case = MatrixConvCase(1, channels, 1, side, side, kernel, kernel, *stride, "pair")
    image, weights = np.array([images], dtype=float), np.array([kernels], dtype=float)
    return Example(name, case, {"input_tensor": image, "weights": weights, "bias": np.zeros(1)})


TABLE = np.arange(9.0).reshape(3, 3)
CORNERS = np.array([[0.0, 1.0], [2.0, 3.0]])
PHOTO = [
    [206, 205, 247, 245, 244],
    [244, 161, 137, 244, 254],
    [192, 154, 75, 200, 249],
    [90, 109, 96, 143, 223],
    [67, 69, 107, 196, 236],
]
BLUR = np.outer([1, 2, 1], [1, 2, 1]) / 16
EXAMPLES = (
    worked("lecture D: 0..8 with kernel 0 1 / 2 3", 1, 3, 2, [TABLE], [CORNERS]),
    worked("lecture D: the same within a ring of zeros", 1, 5, 2, [np.pad(TABLE, 1)], [CORNERS]),
    worked("lecture D: strides 3 and 2 within a ring of zeros", 1, 5, 2, [np.pad(TABLE, 1)], [CORNERS], (3, 2)),
    worked("lecture D: two channels", 2, 3, 2, [TABLE, TABLE + 1], [CORNERS, CORNERS + 1]),
    worked("lecture E: 5x5 grey values with the binomial kernel", 1, 5, 3, [PHOTO], [BLUR]),
)
ROOMY = {name: replace(plan, when=is_roomy) for name, plan in layer_plans(layer, parameters=True).items()}

matrix_conv = Exercise(
    name="matrix_conv",
    title="Convolution by matrix product",
    symbols=("MatrixConv",),
    cases=matrix_conv_cases(),
    examples=EXAMPLES,
    plans={
        **ROOMY,
        "main": Plan(layer.main),
        "initialize": Plan(initializing, cases=12),
        "start": Plan(starting, cases=(StartCase(2, 3, 1, 250), StartCase(3, 4, 5, 25)), random=True),
        "attributes": Plan(attributes, cases=3),
        "reassigning": Plan(reassigning, cases=4, when=is_roomy),
        "written": Plan(layer_written, cases=tuple(NotationCase(way) for way in LAYER_WAYS)),
        "illegal": Plan(refusing, cases=ILLEGAL),
    },
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=2.25, plan="main"),
        gradient("input", points=2, linear=True),
        gradient("weights", points=1.5, linear=True),
        gradient("bias", points=0.5, linear=True),
        Values(
            name="initialize",
            points=0.5,
            plan="initialize",
            label="weights",
            also=("bias",),
            what="array of weights after initialize",
            hint="The first initializer is given the weights' shape and both fans: which sizes are multiplied for "
            "each? The second is given the bias's shape.",
        ),
        Distribution(
            name="initial weights", points=0.25, plan="start", label="weights", again="weights of another layer"
        ),
        Distribution(name="initial bias", points=0.25, plan="start", label="bias"),
        Values(
            name="attributes", points=0.25, plan="attributes", label="trainable", also=("optimizer",), tried="forward"
        ),
        new_weights(0.25),
        *optimizer_checks(points=0.5, after="forward", parameters=PARAMETERS),
        call_order(points=0.25, after="forward", parameters=PARAMETERS, settings=True),
        integer_input(points=0.25, after="forward", parameters=PARAMETERS),
        written(
            0.25, "output with pairs", "output", plan="written", after="forward", unchanged=False, name="notations"
        ),
        Raises(name="illegal arguments", points=0.25, plan="illegal", after="forward"),
    ),
)
