"""Variants of the convolution: padding, stride, dilation, groups; transposed convolution; upsampling; unpooling."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import (
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

ORDER = 100
PARAMETERS = ("weights", "bias")
GRADIENTS = ("input gradient", "weights gradient", "bias gradient")

# Hypothesis likes to copy one value to where an equal strategy draws another: height = width and equal strides would
# become the rule. So the strategies of two axes are never equal.
BATCH, IN, OUT = (st.sampled_from(counts) for counts in ([1, 2, 3], [1, 3, 2], [1, 2, 4, 3]))
KERNELS = st.sampled_from([3, 2, 1, 4]), st.sampled_from([2, 3, 1, 4])
STRIDES = st.sampled_from([1, 2, 1, 3]), st.sampled_from([2, 1, 3, 1])
PADDINGS = st.sampled_from([0, 1, 2]), st.sampled_from([1, 0, 2, 3])
DILATIONS = st.sampled_from([2, 1, 3]), st.sampled_from([1, 2, 3])
ROOM = st.sampled_from([2, 0, 1, 3, 4]), st.sampled_from([3, 1, 0, 4, 2])
NOTATION = st.sampled_from(["pair", "pair", "pair", "int"])


def sides(case, name):
    """Height and width of something, in the case's notation."""
    pair = getattr(case, f"{name}_height"), getattr(case, f"{name}_width")
    return pair[0] if case.notation == "int" else pair


def image(rng, case):
    """A batch of images for a layer with `in_channels`."""
    return inputs.normal(rng, (case.batch, case.in_channels, case.height, case.width))


def larger_image(rng, case):
    """A batch of another size in every axis but the channels."""
    return image(rng, case._replace(batch=case.batch % 3 + 1, height=case.height + 1, width=case.width + 2))


def another_layer(case):
    """A layer with other channels, and with kernels and strides of other sizes."""
    strides = {name: 2 if getattr(case, name) == 1 else 1 for name in ("stride_height", "stride_width")}
    more = ("in_channels", "out_channels", "kernel_height", "kernel_width", "padding_height", "padding_width")
    more = {name: getattr(case, name) + 1 for name in more}
    rest = {name: 1 for name in ("groups", "dilation_height", "dilation_width") if name in case._fields}
    return case._replace(**strides, **more, **rest)


# ---------------------------------------------------------------------------------- what both convolutions are asked


def initializing(layer):
    """The stand-ins' numbers depend on the shape and, for the weights, on both fans."""

    def script(s, case):
        made = s.new(layer.symbol, *layer.arguments(case))
        s.call(made, "initialize", s.stand_in("initializer"), s.stand_in("initializer", fans=False))
        for name in PARAMETERS:
            s.get(made, name, label=name)

    return script


def attributes(symbol, *arguments, names=("trainable",)):
    """What a network asks a new layer."""

    def script(s, case):
        layer = s.new(symbol, *arguments)
        for name in names:
            s.get(layer, name, label=name)

    return Plan(script, cases=(AnyCase(),))


class AnyCase(NamedTuple):
    """Nothing to choose."""


class NotationCase(NamedTuple):
    """How the arguments are written."""

    notation: str


def notations(symbol, channels, ways):
    """The same layer twice: its arguments written with pairs, and in another way."""

    def script(s, case):
        usual, other = ways[case.notation]
        x = s.array("input_tensor", inputs.normal(s.rng, (2, channels, 5, 6)))
        shape = (3, 2, 3, 2) if symbol == "Conv2d" else (2, 3, 3, 2)
        kernels, bias = inputs.normal(s.rng, shape), inputs.normal(s.rng, (3,))
        for arguments, label, suffix in ((usual, "output with pairs", ""), (other, "output", "_too")):
            layer = s.new(symbol, *arguments)
            if symbol.endswith("Conv2d"):
                size = np.broadcast_to(usual[2], 2)
                weights = kernels[..., : size[0], : size[1]]
                s.set(layer, "weights", s.array(f"weights{suffix}", weights))
                s.set(layer, "bias", s.array(f"bias{suffix}", bias))
            s.call(layer, "forward", x, label=label)

    return Plan(script, cases=tuple(NotationCase(name) for name in ways))


def notation_check(points):
    """Ints, lists, NumPy integers and what may be left out mean what the pairs mean."""
    pair = Same(
        "output with pairs",
        "output",
        "notation",
        "One of the ways to write the arguments is not understood: number, tuple, list, NumPy integer, left out.",
        "One number counts for both axes; two come as tuple or list. What may be left out has a default.",
    )
    return Relations(name="notations", points=points, plan="notations", after="forward", same=(pair,), unchanged=False)


class IllegalCase(NamedTuple):
    """What is illegal, the arguments of the constructor, and the input's shape."""

    illegal: str
    arguments: tuple
    input_shape: tuple = (2, 2, 5, 6)


def illegal(symbol, cases):
    """Every case must raise ValueError, at construction or at the first forward."""

    def script(s, case):
        layer = s.new(symbol, *case.arguments)
        s.call(layer, "forward", s.array("input_tensor", inputs.normal(s.rng, case.input_shape)), label="output")

    return Plan(script, cases=cases)


def illegal_arguments(points=0.25):
    return Raises(name="illegal arguments", points=points, plan="illegal", after="forward")


def attributes_check(also=("optimizer",), name="attributes"):
    hint = "Every layer has `trainable`: are there weights? One with weights has `optimizer`, None at first."
    return Values(name=name, points=0.25, plan="attributes", label="trainable", also=also, tried="forward", hint=hint)


def weighted_checks(forward, input_points, weights_points):
    """The checks that both convolutions share, up to the gradients and from there on."""
    first = (
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=forward, plan="main"),
        gradient("input", points=input_points, linear=True),
        gradient("weights", points=weights_points, linear=True),
        gradient("bias", points=0.5, linear=True),
    )
    rest = (
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
        attributes_check(),
        *optimizer_checks(points=0.5, after="forward", parameters=PARAMETERS),
        call_order(points=0.25, after="forward", parameters=PARAMETERS, settings=True),
        integer_input(points=0.25, after="forward", parameters=PARAMETERS),
        notation_check(0.25),
        illegal_arguments(),
    )
    return first, rest


def worked(name, case, image, weights, bias=None, plan="main"):
    """A visible case with given input and weights; the bias is 0 unless given."""
    image, weights = np.array(image, dtype=float), np.array(weights, dtype=float)
    bias = np.zeros(case.out_channels) if bias is None else np.array(bias, dtype=float)
    return Example(name, case, {"input_tensor": image, "weights": weights, "bias": bias}, (plan,))


# ------------------------------------------------------------------------------------------------------------- Conv2d


class Conv2dCase(NamedTuple):
    """A convolution; plain ones have one group and dilation 1."""

    batch: int
    in_channels: int
    out_channels: int
    groups: int
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    padding_height: int
    padding_width: int
    dilation_height: int
    dilation_width: int
    notation: str  # "pair", or "int" (then height and width agree)


@st.composite
def conv2d_cases(draw):
    """Of five layers three are plain, one is dilated, one grouped (and at times dilated); kernels fit in."""
    kind = draw(st.sampled_from(["plain", "plain", "plain", "dilated", "grouped"]))
    notation = draw(NOTATION)
    kernel, stride, padding = ([draw(axis) for axis in axes] for axes in (KERNELS, STRIDES, PADDINGS))
    dilation, groups, channels, kernels = [1, 1], 1, draw(IN), draw(OUT)
    if kind == "dilated":
        dilation = [draw(axis) for axis in DILATIONS]
        if dilation == [1, 1] or kernel == [1, 1]:
            dilation, kernel = [2, 3], [2, 3]
    if kind == "grouped":
        groups = draw(st.sampled_from([2, 3]))
        channels, kernels = groups * draw(st.sampled_from([2, 1])), groups * draw(st.sampled_from([1, 2, 3]))
        dilation[1] = draw(st.sampled_from([1, 1, 1, 2]))
    if notation == "int":
        for pair in (kernel, stride, padding, dilation):
            pair[1] = pair[0]
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = [max(1, r - 2 * p) + draw(room) for r, p, room in zip(reach, padding, ROOM, strict=True)]
    return Conv2dCase(draw(BATCH), channels, kernels, groups, *size, *kernel, *stride, *padding, *dilation, notation)


def is_dilated(case):
    return case.groups == 1 and max(case.dilation_height, case.dilation_width) > 1


def is_grouped(case):
    return case.groups > 1


def is_plain(case):
    return not is_dilated(case) and not is_grouped(case)


def is_roomy(case):
    """A plain layer whose image holds kernel and stride without padding: nothing raises for another reason."""
    fits = case.height >= max(case.kernel_height, case.stride_height) and case.width >= max(
        case.kernel_width, case.stride_width
    )
    return fits and is_plain(case) and case.notation == "pair"


def conv2d_arguments(case):
    names = ("kernel", "stride", "padding", "dilation")
    return (case.in_channels, case.out_channels, *(sides(case, name) for name in names), case.groups)


def conv2d_parameters(case):
    kernel = (case.kernel_height, case.kernel_width)
    return {
        "weights": (case.out_channels, case.in_channels // case.groups, *kernel),
        "bias": (case.out_channels,),
    }


conv2d_layer = Layer(
    "Conv2d", conv2d_arguments, image, conv2d_parameters, linear=True, other=larger_image, another=another_layer
)
CONV2D_NOTATIONS = {
    "padding, dilation and groups are left out": ((2, 3, (3, 2), (2, 1), (0, 0), (1, 1), 1), (2, 3, (3, 2), (2, 1))),
    "the stride is left out": ((2, 3, (3, 2), (1, 1), (0, 0), (1, 1), 1), (2, 3, (3, 2))),
    "all are ints": ((2, 3, (2, 2), (2, 2), (1, 1), (2, 2), 1), (2, 3, 2, 2, 1, 2)),
    "all are lists": ((2, 3, (3, 2), (2, 1), (1, 0), (1, 2), 1), (2, 3, [3, 2], [2, 1], [1, 0], [1, 2])),
    "all are NumPy integers": (
        (2, 3, (2, 2), (2, 2), (1, 1), (2, 2), 1),
        (np.int64(2), np.int64(3), np.int64(2), np.int64(2), np.int64(1), np.int64(2), np.int64(1)),
    ),
}
CONV2D_ILLEGAL = (
    IllegalCase("groups do not divide in_channels", (3, 4, 2, 1, 0, 1, 2), (2, 3, 5, 6)),
    IllegalCase("groups do not divide out_channels", (2, 3, 2, 1, 0, 1, 2)),
    IllegalCase("no groups", (2, 2, 2, 1, 0, 1, 0)),
    IllegalCase("stride 0", (2, 3, 2, 0)),
    IllegalCase("negative stride", (2, 3, 2, (1, -2))),
    IllegalCase("dilation 0", (2, 3, 2, 1, 0, (0, 1))),
    IllegalCase("negative padding", (2, 3, 2, 1, (0, -1))),
    IllegalCase("kernel width 0", (2, 3, (2, 0))),
    IllegalCase("three numbers in the kernel shape", (2, 3, (2, 2, 2))),
    IllegalCase("no output channels", (2, 0, 2)),
    IllegalCase("an image lower than the kernel", (2, 3, (4, 2)), (2, 2, 3, 6)),
    IllegalCase("a padded image narrower than the kernel", (2, 3, 5, 1, 1), (2, 2, 5, 2)),
    IllegalCase("an image lower than the dilated kernel", (2, 3, 2, 1, 0, 3), (2, 2, 3, 6)),
    IllegalCase("an input with too many channels", (2, 3, 2), (2, 3, 5, 6)),
    IllegalCase("an input with too few channels", (2, 3, 2), (2, 1, 5, 6)),
    IllegalCase("an input without batch axis", (2, 3, 2), (2, 5, 6)),
)


def plain(channels, side, kernel, padding=0, stride=(1, 1), **more):
    """One square image, one square kernel."""
    sizes = (side, side, kernel, kernel, *stride, padding, padding, 1, 1)
    return Conv2dCase(1, channels, 1, 1, *sizes, "pair")._replace(**more)


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
GROUPED = Conv2dCase(1, 4, 6, 2, 5, 6, 3, 2, 1, 1, 0, 0, 1, 1, "pair")  # for the fans: no two numbers agree
CONV2D_EXAMPLES = (
    worked("lecture D: 0..8 with kernel 0 1 / 2 3", plain(1, 3, 2), [[TABLE]], [[CORNERS]]),
    worked("lecture D: the same, padding 1", plain(1, 3, 2, 1), [[TABLE]], [[CORNERS]]),
    worked("lecture D: padding 1, strides 3 and 2", plain(1, 3, 2, 1, (3, 2)), [[TABLE]], [[CORNERS]]),
    worked("lecture D: two channels", plain(2, 3, 2), [[TABLE, TABLE + 1]], [[CORNERS, CORNERS + 1]]),
    worked("lecture E: 5x5 grey values with the binomial kernel", plain(1, 5, 3), [[PHOTO]], [[BLUR]]),
    worked(
        "lectures A and D: 7x7, 3x3 kernel, stride 2",
        plain(1, 7, 3, 0, (2, 2)),
        [[np.arange(49).reshape(7, 7)]],
        [[np.ones((3, 3))]],
    ),
    worked(
        "handout: a 1x1 convolution is a fully connected layer at every pixel",
        plain(2, 2, 1, out_channels=2),
        [[[[1, 2], [3, 4]], [[10, 20], [30, 40]]]],
        [[[[1]], [[1]]], [[[2]], [[-1]]]],
        [0, 5],
    ),
    worked(
        "handout: 0..8 with kernel 0 1 / 2 3, dilation 2",
        plain(1, 3, 2, dilation_height=2, dilation_width=2),
        [[TABLE]],
        [[CORNERS]],
        plan="dilated",
    ),
    worked(
        "handout: two groups, each with a kernel of its own",
        plain(2, 2, 2, out_channels=2, groups=2),
        [[[[1, 2], [3, 4]], [[10, 20], [30, 40]]]],
        [[[[0, 1], [2, 3]]], [[[1, 0], [0, 1]]]],
        plan="grouped",
    ),
    Example("4 channels and 6 kernels in 2 groups", GROUPED, {}, ("initialize",)),
)
BLOCKS = (
    "If a check above fails, begin there. Groups are blocks of neighbours: with 4 channels, 6 kernels and 2 groups, "
    "kernels 0, 1, 2 see channels 0, 1. Do forward and all gradients agree in that?"
)
APART = (
    "If a check above fails, begin there. Weights meet pixels that are `dilation` apart, in forward and in all "
    "gradients; a pair is (rows, columns)."
)
ROOMY = {name: replace(plan, when=is_roomy) for name, plan in layer_plans(conv2d_layer, parameters=True).items()}
FIRST, REST = weighted_checks(forward=2, input_points=1.5, weights_points=1)

conv2d = Exercise(
    name="conv2d",
    title="Convolution with padding, dilation and groups",
    symbols=("Conv2d",),
    cases=conv2d_cases(),
    count=160,
    examples=CONV2D_EXAMPLES,
    plans={
        **ROOMY,
        "main": Plan(conv2d_layer.main, cases=160, when=is_plain),
        "dilated": Plan(conv2d_layer.main, cases=30, when=is_dilated),
        "grouped": Plan(conv2d_layer.main, cases=30, when=is_grouped),
        "initialize": Plan(initializing(conv2d_layer), cases=12),
        "attributes": attributes("Conv2d", 2, 3, (3, 2), names=("trainable", "optimizer")),
        "notations": notations("Conv2d", 2, CONV2D_NOTATIONS),
        "illegal": illegal("Conv2d", CONV2D_ILLEGAL),
    },
    checks=(
        *FIRST,
        Values(name="dilation", points=1, plan="dilated", also=GRADIENTS, hint=APART),
        Values(name="groups", points=1, plan="grouped", also=GRADIENTS, hint=BLOCKS),
        *REST,
    ),
)


# --------------------------------------------------------------------------------------------------- TransposedConv2d


class TransposedCase(NamedTuple):
    """A transposed convolution whose output has at least one pixel."""

    batch: int
    in_channels: int
    out_channels: int
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    padding_height: int
    padding_width: int
    notation: str  # "pair", or "int" (then height and width agree)


@st.composite
def transposed_cases(draw):
    """Small images, one pixel included; pasted kernels overlap or leave gaps; paddings leave something."""
    notation = draw(NOTATION)
    kernel, stride, padding = ([draw(axis) for axis in axes] for axes in (KERNELS, STRIDES, PADDINGS))
    size = [1 + draw(room) for room in ROOM]
    if notation == "int":
        for pair in (kernel, stride, padding):
            pair[1] = pair[0]
    full = [(n - 1) * s + k for n, s, k in zip(size, stride, kernel, strict=True)]
    padding = [min(p, (side - 1) // 2) for p, side in zip(padding, full, strict=True)]
    if notation == "int":
        padding = [min(padding)] * 2
    return TransposedCase(draw(BATCH), draw(IN), draw(OUT), *size, *kernel, *stride, *padding, notation)


def transposed_arguments(case):
    return (case.in_channels, case.out_channels, *(sides(case, name) for name in ("kernel", "stride", "padding")))


def transposed_parameters(case):
    kernel = (case.kernel_height, case.kernel_width)
    return {"weights": (case.in_channels, case.out_channels, *kernel), "bias": (case.out_channels,)}


def is_ample(case):
    """An image that holds kernel, stride and padding: nothing raises for another reason."""
    enough = all(
        getattr(case, side) >= max(getattr(case, f"{name}_{side}") for name in ("kernel", "stride"))
        and getattr(case, side) > 2 * getattr(case, f"padding_{side}")
        for side in ("height", "width")
    )
    return enough and case.notation == "pair"


transposed_layer = Layer(
    "TransposedConv2d",
    transposed_arguments,
    image,
    transposed_parameters,
    linear=True,
    other=larger_image,
    another=another_layer,
)
TRANSPOSED_NOTATIONS = {
    "the padding is left out": ((2, 3, (3, 2), (2, 1), (0, 0)), (2, 3, (3, 2), (2, 1))),
    "stride and padding are left out": ((2, 3, (3, 2), (1, 1), (0, 0)), (2, 3, (3, 2))),
    "all are ints": ((2, 3, (2, 2), (2, 2), (1, 1)), (2, 3, 2, 2, 1)),
    "all are lists": ((2, 3, (3, 2), (2, 1), (1, 0)), (2, 3, [3, 2], [2, 1], [1, 0])),
    "all are NumPy integers": (
        (2, 3, (2, 2), (2, 2), (1, 1)),
        (np.int64(2), np.int64(3), np.int64(2), np.int64(2), np.int64(1)),
    ),
}
TRANSPOSED_ILLEGAL = (
    IllegalCase("stride 0", (2, 3, 2, 0)),
    IllegalCase("negative stride", (2, 3, 2, (1, -2))),
    IllegalCase("negative padding", (2, 3, 2, 1, (0, -1))),
    IllegalCase("kernel height 0", (2, 3, (0, 2))),
    IllegalCase("three numbers in the kernel shape", (2, 3, (2, 2, 2))),
    IllegalCase("no input channels", (0, 3, 2), (2, 0, 5, 6)),
    IllegalCase("an output of height 0", (2, 3, 2, 1, (1, 0)), (2, 2, 1, 4)),
    IllegalCase("an output of width -1", (2, 3, 3, 1, (0, 3)), (2, 2, 4, 3)),
    IllegalCase("an input with too many channels", (2, 3, 2), (2, 3, 5, 6)),
    IllegalCase("an input with too few channels", (2, 3, 2), (2, 1, 5, 6)),
    IllegalCase("an input without batch axis", (2, 3, 2), (2, 5, 6)),
)


def pasted(stride, padding, side=2):
    return TransposedCase(1, 1, 1, side, side, 2, 2, *stride, *padding, "pair")


TRANSPOSED_EXAMPLES = (
    worked(
        "lecture B: 1 1 / 2 3 with kernel 1 2 / 3 4", pasted((1, 1), (0, 0)), [[[[1, 1], [2, 3]]]], [[[[1, 2], [3, 4]]]]
    ),
    worked("handout: the same, stride 2", pasted((2, 2), (0, 0)), [[[[1, 1], [2, 3]]]], [[[[1, 2], [3, 4]]]]),
    worked("handout: the same, padding 1", pasted((1, 1), (1, 1)), [[[[1, 1], [2, 3]]]], [[[[1, 2], [3, 4]]]]),
)
AMPLE = {name: replace(plan, when=is_ample) for name, plan in layer_plans(transposed_layer, parameters=True).items()}
FIRST, REST = weighted_checks(forward=3, input_points=2, weights_points=1.5)

transposed_conv2d = Exercise(
    name="transposed_conv2d",
    title="Transposed convolution",
    symbols=("TransposedConv2d",),
    cases=transposed_cases(),
    examples=TRANSPOSED_EXAMPLES,
    plans={
        **AMPLE,
        "main": Plan(transposed_layer.main),
        "initialize": Plan(initializing(transposed_layer), cases=12),
        "attributes": attributes("TransposedConv2d", 2, 3, (3, 2), names=("trainable", "optimizer")),
        "notations": notations("TransposedConv2d", 2, TRANSPOSED_NOTATIONS),
        "illegal": illegal("TransposedConv2d", TRANSPOSED_ILLEGAL),
    },
    checks=(*FIRST, *REST),
)


# ----------------------------------------------------------------------------------------------------------- upsampling


class UpsamplingCase(NamedTuple):
    """Images of any size, one pixel included, and how many times larger they become."""

    batch: int
    in_channels: int
    height: int
    width: int
    scale_height: int
    scale_width: int
    notation: str  # "pair", or "int" (then height and width agree)


@st.composite
def upsampling_cases(draw):
    """Even and odd scales, often another for each axis; scale 1 leaves an axis as it is."""
    notation = draw(NOTATION)
    scale = [draw(st.sampled_from([2, 3, 4, 1])), draw(st.sampled_from([3, 2, 1, 4, 5]))]
    if notation == "int":
        scale[1] = scale[0]
    height, width = draw(st.sampled_from([2, 3, 1, 4, 5])), draw(st.sampled_from([3, 4, 2, 5, 1]))
    return UpsamplingCase(draw(BATCH), draw(IN), height, width, *scale, notation)


def other_scale(case):
    """Another scale on each axis."""
    return case._replace(scale_height=case.scale_height + 1, scale_width=case.scale_width + 2)


def is_pair(case):
    return case.notation == "pair"


SCALES = {
    "an int": (((2, 2),), (2,)),
    "a list": (((3, 2),), ([3, 2],)),
    "a NumPy integer": (((3, 3),), (np.int64(3),)),
    "a pair of NumPy integers": (((2, 3),), ((np.int64(2), np.int64(3)),)),
}
ILLEGAL_SCALES = (
    IllegalCase("scale 0", (0,)),
    IllegalCase("negative scale", ((2, -1),)),
    IllegalCase("three scales", ((2, 2, 2),)),
    IllegalCase("an input without batch axis", (2,), (2, 5, 6)),
)


def upsampling(name, title, symbol, examples, forward, backward, hint=""):
    """An upsampling layer: no weights, one argument; `hint` is for wrong outputs."""
    layer = Layer(
        symbol, lambda case: (sides(case, "scale"),), image, linear=True, other=larger_image, another=other_scale
    )
    pairs = {name: replace(plan, when=is_pair) for name, plan in layer_plans(layer).items() if name != "main"}
    return Exercise(
        name=name,
        title=title,
        symbols=(symbol,),
        cases=upsampling_cases(),
        examples=examples,
        plans={
            "main": Plan(layer.main),
            **pairs,
            "attributes": attributes(symbol, 2),
            "notations": notations(symbol, 2, SCALES),
            "illegal": illegal(symbol, ILLEGAL_SCALES),
        },
        checks=(
            Shapes(name="shapes", points=0.25, plan="main"),
            Values(name="forward", points=forward, plan="main", hint=hint),
            gradient("input", points=backward, linear=True),
            call_order(points=0.25, after="forward", settings=True),
            integer_input(points=0.25, after="forward"),
            notation_check(0.25),
            illegal_arguments(),
            attributes_check(also=(), name="trainable"),
        ),
    )


ROW = {"input_tensor": [[[[0.0, 4.0]]]]}
SQUARE = {"input_tensor": [[[[1.0, 3.0], [5.0, 7.0]]]]}
nearest_upsampling = upsampling(
    "nearest_upsampling",
    "Nearest-neighbour upsampling",
    "NearestUpsampling",
    (
        Example("handout: 1 3 / 5 7, scale 2", UpsamplingCase(1, 1, 2, 2, 2, 2, "int"), SQUARE),
        Example("handout: the row 0 4, scale (1, 3)", UpsamplingCase(1, 1, 1, 2, 1, 3, "pair"), ROW),
    ),
    forward=0.75,
    backward=0.75,
)
bilinear_upsampling = upsampling(
    "bilinear_upsampling",
    "Bilinear upsampling",
    "BilinearUpsampling",
    (
        Example("handout: the row 0 4, scale (1, 2)", UpsamplingCase(1, 1, 1, 2, 1, 2, "pair"), ROW),
        Example("handout: 1 3 / 5 7, scale 2", UpsamplingCase(1, 1, 2, 2, 2, 2, "int"), SQUARE),
    ),
    forward=2,
    backward=1.5,
    hint="Print u, r and f for the row 0 4 with scale (1, 2): u is limited to 0 ... n-1 at both ends, "
    "so it is 0, 0.25, 0.75, 1.",
)


# -------------------------------------------------------------------------------------------------------- max unpooling


class UnpoolingCase(NamedTuple):
    """Values and where they belong in a larger image."""

    batch: int
    channels: int
    height: int
    width: int
    output_height: int
    output_width: int
    positions: str  # "in windows", as of a max pooling layer without overlaps, or "anywhere"
    output_shape: str  # "a tuple" or "a list"


@st.composite
def unpooling_cases(draw):
    """Outputs that windows fill, or that they leave a rest of; the numbers of rows and columns differ."""
    positions = draw(st.sampled_from(["in windows", "anywhere"]))
    height, width = draw(st.sampled_from([2, 1, 3])), draw(st.sampled_from([3, 2, 1, 4]))
    rest = draw(st.sampled_from([0, 1, 2])), draw(st.sampled_from([1, 0, 3]))
    window = draw(st.sampled_from([2, 1, 3])), draw(st.sampled_from([3, 2, 1]))
    size = height * window[0] + rest[0], width * window[1] + rest[1]
    written = draw(st.sampled_from(["a tuple", "a tuple", "a tuple", "a list"]))
    return UnpoolingCase(draw(BATCH), draw(IN), height, width, *size, positions, written)


def some_positions(rng, case):
    """Distinct row-major positions for every image and channel."""
    count, size = (case.batch, case.channels), (case.output_height, case.output_width)
    if case.positions == "anywhere":
        pixels = case.height * case.width
        flat = [rng.permutation(size[0] * size[1])[:pixels] for _ in range(count[0] * count[1])]
        return np.array(flat).reshape(*count, case.height, case.width)
    window = size[0] // case.height, size[1] // case.width
    shape = (*count, case.height, case.width)
    row = rng.integers(window[0], size=shape) + window[0] * np.arange(case.height)[:, np.newaxis]
    return row * size[1] + rng.integers(window[1], size=shape) + window[1] * np.arange(case.width)


def unpooling_arguments(s, case, suffix=""):
    """Values, indices and output shape, as forward takes them."""
    values = inputs.normal(s.rng, (case.batch, case.channels, case.height, case.width))
    size = (case.output_height, case.output_width)
    return (
        s.array(f"input_tensor{suffix}", values),
        s.array(f"indices{suffix}", some_positions(s.rng, case)),
        list(size) if case.output_shape == "a list" else size,
    )


def unpooling_main(s, case):
    layer = s.new("MaxUnpooling")
    output = s.call(layer, "forward", *unpooling_arguments(s, case), label="output")
    s.call(layer, "backward", s.like(output), label="input gradient")


def unpooling_calls(s, case):
    """Forward and backward again, in another order, and on other objects."""
    other_case = case._replace(batch=case.batch % 3 + 1, height=case.height + 1, output_height=case.output_height + 3)
    a, b, c, d = (s.new("MaxUnpooling") for _ in range(4))
    given, other = unpooling_arguments(s, case), unpooling_arguments(s, other_case, "_other")
    moved = unpooling_arguments(s, case, "_moved")
    first = s.call(a, "forward", *given, label="output")
    g = s.make(s.like(first))
    kept = s.call(a, "backward", g, label="input gradient")
    g_other = s.make(s.like(s.call(b, "forward", *other, label="output of another input")))
    s.call(a, "backward", g, label="input gradient after another layer's forward")
    s.call(a, "forward", *given, label="output again")
    s.call(a, "backward", g, label="input gradient again")
    s.call(b, "backward", g_other, label="input gradient of another input")
    s.call(c, "forward", *given)
    s.call(c, "forward", *other, label="output of another input after")
    s.call(c, "backward", g_other, label="input gradient of another input after")
    s.call(d, "forward", *moved, label="output of other indices")
    s.call(a, "forward", *moved, label="output of other indices after")
    s.call(a, "backward", g)
    s.make(first, label="output kept")
    s.make(kept, label="input gradient kept")


def unpooling_integers(s, case):
    """The same numbers as integers and as floats."""
    _, indices, size = unpooling_arguments(s, case)
    whole = s.rng.integers(-9, 10, (case.batch, case.channels, case.height, case.width))
    layer, twin = s.new("MaxUnpooling"), s.new("MaxUnpooling")
    output = s.call(layer, "forward", s.array("integers", whole), indices, size, label="output")
    same = s.array("indices_too", s.arrays["indices"])
    s.call(twin, "forward", s.array("floats", whole.astype(float)), same, size, label="output for floats")
    g = s.like(output)
    s.call(layer, "backward", g, label="input gradient")
    s.call(twin, "backward", g, label="input gradient for floats")


class IllegalUnpooling(NamedTuple):
    """What is illegal, and what goes with values of shape (1, 2, 2, 2)."""

    illegal: str
    indices: tuple
    output_shape: tuple | int
    input_shape: tuple = (1, 2, 2, 2)


CORNER = (((0, 3), (8, 11)),) * 2
ILLEGAL_UNPOOLING = (
    IllegalUnpooling("an index beyond the output", ((((0, 3), (8, 12)), ((0, 3), (8, 11))),), (3, 4)),
    IllegalUnpooling("a negative index", ((((0, 3), (8, 11)), ((0, -1), (8, 11))),), (3, 4)),
    IllegalUnpooling("fewer indices than values", ((((0, 3),),) * 2,), (3, 4)),
    IllegalUnpooling("three numbers in the output shape", (CORNER,), (3, 4, 1)),
    IllegalUnpooling("one number as output shape", (CORNER,), 4),
    IllegalUnpooling("an output of height 0", (CORNER,), (0, 4)),
    IllegalUnpooling("values without batch axis", CORNER, (3, 4), (2, 2, 2)),
)


def unpooling_illegal(s, case):
    values = s.array("input_tensor", inputs.normal(s.rng, case.input_shape))
    indices = s.array("indices", np.array(case.indices))
    s.call(s.new("MaxUnpooling"), "forward", values, indices, case.output_shape, label="output")


def unpooling_order(points):
    """Nothing depends on earlier calls, and no argument is changed."""
    anew = "Everything that forward keeps for backward must be written anew at each call."
    mine = "What a layer keeps belongs to `self`, not to the class, a default argument or a global variable."
    own = "Make a new array in every call; do not fill and return one that is kept in `self`."
    of, moved = " of another input", " after another layer's forward"
    pairs = (
        ("output", "output again", "forward twice", "A second forward with the same input gives another result.", anew),
        ("input gradient", "input gradient again", "backward twice", "A second backward gives another result.", anew),
        (
            "input gradient",
            f"input gradient{moved}",
            "shared state",
            "The input gradient changes when another layer of the class is used in between.",
            mine,
        ),
        (
            f"output{of}",
            f"output{of} after",
            "stale forward",
            "forward depends on the inputs of earlier calls.",
            anew,
        ),
        (
            f"input gradient{of}",
            f"input gradient{of} after",
            "stale backward",
            "The input gradient belongs to an earlier forward, not to the newest.",
            anew,
        ),
        (
            "output of other indices",
            "output of other indices after",
            "stale forward",
            "forward depends on the inputs of earlier calls.",
            anew,
        ),
        (
            "output",
            "output kept",
            "output overwritten",
            "A later call changes the array that forward has returned before.",
            own,
        ),
        (
            "input gradient",
            "input gradient kept",
            "input gradient overwritten",
            "A later call changes the array that backward has returned before.",
            own,
        ),
    )
    return Relations(
        name="call order and purity",
        points=points,
        plan="calls",
        after="forward",
        same=tuple(Same(*pair) for pair in pairs),
    )


LECTURE_A = UnpoolingCase(1, 1, 2, 2, 4, 4, "in windows", "a tuple")
max_unpooling = Exercise(
    name="max_unpooling",
    title="Max unpooling",
    symbols=("MaxUnpooling",),
    cases=unpooling_cases(),
    examples=(
        Example(
            "lecture A: the maxima of the 4x4 table go back to where they were",
            LECTURE_A,
            {"input_tensor": [[[[6, 9], [3, 4]]]], "indices": [[[[4, 7], [8, 11]]]]},
        ),
    ),
    plans={
        "main": Plan(unpooling_main),
        "calls": Plan(unpooling_calls, cases=6),
        "integers": Plan(unpooling_integers, cases=6),
        "illegal": Plan(unpooling_illegal, cases=ILLEGAL_UNPOOLING),
        "attributes": attributes("MaxUnpooling"),
    },
    checks=(
        Shapes(name="shapes", points=0.25, plan="main"),
        Values(
            name="forward",
            points=1.5,
            plan="main",
            hint="Every image and every channel has its own indices; they count the output's pixels row by row.",
        ),
        gradient("input", points=1, linear=True),
        unpooling_order(points=0.5),
        integer_input(points=0.25, after="forward"),
        illegal_arguments(),
        attributes_check(also=(), name="trainable"),
    ),
)
