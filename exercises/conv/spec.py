"""Convolution layer for images and signals."""

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
    layer_plans,
    optimizer_checks,
)

ORDER = 60
PARAMETERS = ("weights", "bias")


class ConvCase(NamedTuple):
    """Kernels over images or signals; a signal is shown as an image of height 1."""

    batch: int
    channels: int
    num_kernels: int
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    input: str  # "an image" or "a signal"
    stride_shape: str  # how the stride is written: "a tuple", or "an int", for some signals


# Hypothesis likes to copy one value to where an equal strategy draws another: height = width and equal strides would
# become the rule. So no two of these strategies are equal.
BATCH, CHANNELS, KERNELS = (st.sampled_from(counts) for counts in ([1, 2, 3], [1, 3, 2], [1, 2, 4, 3]))
SIZES = st.sampled_from([1, 2, 3, 4, 5, 6, 7]), st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8])
WINDOWS = st.sampled_from([3, 2, 1, 4, 5]), st.sampled_from([2, 3, 1, 4, 5])
STRIDES = st.sampled_from([1, 2, 1, 2, 3, 4]), st.sampled_from([1, 2, 1, 3, 2, 4])
INPUTS = st.sampled_from(["an image", "an image", "an image", "a signal"])
NOTATION = st.sampled_from(["a tuple", "a tuple", "a tuple", "an int"])


@st.composite
def conv_cases(draw):
    """Three images for a signal; odd and even kernels, some larger than the image; strides beyond the kernel."""
    kind = draw(INPUTS)
    notation = draw(NOTATION) if kind == "a signal" else "a tuple"
    size, kernel, stride = ([draw(axis) for axis in pair] for pair in (SIZES, WINDOWS, STRIDES))
    if kind == "a signal":
        size[0] = kernel[0] = stride[0] = 1
    return ConvCase(draw(BATCH), draw(CHANNELS), draw(KERNELS), *size, *kernel, *stride, kind, notation)


def is_image(case):
    return case.input == "an image"


def is_signal(case):
    return case.input == "a signal"


def is_tuple(case):
    return case.stride_shape == "a tuple"


def is_roomy(case):
    """An image that holds the kernel and a stride: wrong sizes must not cost points in checks about something else."""
    return is_image(case) and all(
        image >= max(kernel, stride) for image, kernel, stride in zip(case[3:5], case[5:7], case[7:9], strict=True)
    )


def kernel_shape(case):
    axes = (case.kernel_height, case.kernel_width) if is_image(case) else (case.kernel_width,)
    return (case.channels, *axes)


def arguments(case):
    """Strides as a tuple, the way that everybody knows: images in others are the check "notations"' business."""
    stride = case[7:9] if is_image(case) else (case.stride_width,)
    return stride[0] if case.stride_shape == "an int" else stride, kernel_shape(case), case.num_kernels


def parameters(case):
    return {"weights": (case.num_kernels, *kernel_shape(case)), "bias": (case.num_kernels,)}


def values(rng, case):
    axes = (case.height, case.width) if is_image(case) else (case.width,)
    return inputs.normal(rng, (case.batch, case.channels, *axes))


def another_layer(case):
    """A layer with other strides, kernels of other sizes, and more of them."""
    strides = {name: 2 if getattr(case, name) == 1 else 1 for name in ("stride_height", "stride_width")}
    return case._replace(
        **strides,
        channels=case.channels + 1,
        num_kernels=case.num_kernels + 1,
        kernel_height=case.kernel_height + 1,
        kernel_width=case.kernel_width + 1,
    )


conv_layer = Layer("Conv", arguments, values, parameters, linear=True, another=another_layer)


def initializing(s, case):
    """The stand-ins' numbers depend on the shape and, for the weights, on both fans."""
    layer = s.new("Conv", *arguments(case))
    s.call(layer, "initialize", s.stand_in("initializer"), s.stand_in("initializer", fans=False))
    for name in PARAMETERS:
        s.get(layer, name, label=name)


def attributes(s, case):
    layer = s.new("Conv", *arguments(case))
    s.get(layer, "trainable", label="trainable")
    s.get(layer, "optimizer", label="optimizer")


def reassigning(s, case):
    """New weights and bias between two forward calls, and the same in a layer that never had others."""
    used, x = conv_layer.prepared(s, case), s.array("input_tensor", values(s.rng, case))
    s.call(used, "backward", s.like(s.call(used, "forward", x)))
    fresh = s.new("Conv", *arguments(case))
    for name, shape in parameters(case).items():
        s.set(used, name, s.array(f"new_{name}", inputs.normal(s.rng, shape)))
        s.set(fresh, name, s.array(f"new_{name}_too", s.arrays[f"new_{name}"]))
    after = s.call(used, "forward", x, label="output after")
    s.call(fresh, "forward", x, label="output of a fresh layer")
    error = s.like(after)
    s.call(used, "backward", error, label="input gradient after")
    s.call(fresh, "backward", error, label="input gradient of a fresh layer")


def integers(s, case):
    """The same numbers as floats and as integers."""
    whole = s.rng.integers(-9, 10, values(s.rng, case).shape)
    first, second = conv_layer.prepared(s, case), conv_layer.prepared(s, case, "_too")
    output = s.call(first, "forward", s.array("floats", whole.astype(float)), label="output for floats")
    s.call(second, "forward", s.array("integers", whole), label="output for integers")
    error = s.like(output)
    s.call(first, "backward", error, label="input gradient for floats")
    s.call(second, "backward", error, label="input gradient for integers")


class NotationCase(NamedTuple):
    """Strides for height and width, and how the arguments are written instead of (s, t), (c, m, n), number."""

    stride_height: int
    stride_width: int
    notation: str


NOTATIONS = {
    "the stride is an int": lambda stride, shape, k: (stride[0], shape, k),
    "the stride is a list": lambda stride, shape, k: (list(stride), shape, k),
    "the stride is a 1-tuple": lambda stride, shape, k: (stride[:1], shape, k),
    "the stride is a list of one": lambda stride, shape, k: (list(stride[:1]), shape, k),
    "the kernel shape is a list": lambda stride, shape, k: (stride, list(shape), k),
    "NumPy integers": lambda stride, shape, k: (tuple(map(np.int64, stride)), tuple(map(np.int64, shape)), np.int64(k)),
}
ONE_STRIDE = ("an int", "1-tuple", "of one")
WRITTEN = tuple(NotationCase(2, 2 if any(word in n for word in ONE_STRIDE) else 3, n) for n in NOTATIONS)


def notations(s, case):
    """The same layer twice, its arguments written in the usual and in another way."""
    x = s.array("input_tensor", inputs.normal(s.rng, (2, 2, 5, 6)))
    weights, bias = inputs.normal(s.rng, (3, 2, 3, 2)), inputs.normal(s.rng, (3,))
    strides, shape = (case.stride_height, case.stride_width), (2, 3, 2)
    usual = s.new("Conv", strides, shape, 3)
    other = s.new("Conv", *NOTATIONS[case.notation](strides, shape, 3))
    for layer, suffix in ((usual, ""), (other, "_too")):
        s.set(layer, "weights", s.array(f"weights{suffix}", weights))
        s.set(layer, "bias", s.array(f"bias{suffix}", bias))
    output = s.call(usual, "forward", x, label="output")
    s.call(other, "forward", x, label="output in this notation")
    error = s.like(output)
    s.call(usual, "backward", error, label="input gradient")
    s.call(other, "backward", error, label="input gradient in this notation")


class StartCase(NamedTuple):
    """Enough numbers to see how they are distributed."""

    channels: int
    kernel_height: int
    kernel_width: int
    num_kernels: int


def starting(s, case):
    layer = s.new("Conv", (1, 1), tuple(case[:3]), case.num_kernels)
    s.facts.update(family="uniform", mean=0.5, deviation=12**-0.5)
    for name in PARAMETERS:
        s.get(layer, name, label=name)
    s.get(s.new("Conv", (1, 1), tuple(case[:3]), case.num_kernels), "weights", label="weights of another layer")


class IllegalCase(NamedTuple):
    """What is illegal, and all arguments."""

    illegal: str
    stride_shape: tuple
    convolution_shape: tuple
    num_kernels: int
    input_shape: tuple


def refusing(s, case):
    layer = s.new("Conv", case.stride_shape, case.convolution_shape, case.num_kernels)
    s.call(layer, "forward", s.array("input_tensor", inputs.normal(s.rng, case.input_shape)), label="output")


IMAGE = (2, 2, 5, 6)
ILLEGAL = (
    IllegalCase("two strides for a signal", (2, 1), (2, 3), 3, (2, 2, 6)),
    IllegalCase("three strides for an image", (1, 2, 1), (2, 3, 2), 3, IMAGE),
    IllegalCase("stride 0", (0, 1), (2, 3, 2), 3, IMAGE),
    IllegalCase("negative stride", (1, -2), (2, 3, 2), 3, IMAGE),
    IllegalCase("kernel width 0", (1, 1), (2, 3, 0), 3, IMAGE),
    IllegalCase("no kernels", (1, 1), (2, 3, 2), 0, IMAGE),
    IllegalCase("four numbers in the kernel shape", (1, 1), (2, 3, 2, 2), 3, IMAGE),
    IllegalCase("an input with too many channels", (1, 1), (2, 3, 2), 3, (2, 3, 5, 6)),
    IllegalCase("a kernel with too many channels", (1, 1), (2, 3, 2), 3, (2, 1, 5, 6)),
)


def worked(name, case, image, kernel, plan="main"):
    """A visible case: one input, one kernel, no bias; floats, since integers are another check's business."""
    image, kernel = np.array([image], dtype=float), np.array([kernel], dtype=float)
    return Example(name, case, {"input_tensor": image, "weights": kernel, "bias": np.zeros(1)}, (plan,))


def square(channels, side, kernel, stride=(1, 1)):
    """One square image, one square kernel."""
    return ConvCase(1, channels, 1, side, side, kernel, kernel, *stride, "an image", "a tuple")


TABLE = np.arange(9.0).reshape(3, 3)
FRAMED = np.pad(TABLE, ((0, 1), (0, 1)))
CORNERS = np.array([[0.0, 1.0], [2.0, 3.0]])
PHOTO = [
    [206, 205, 247, 245, 244],
    [244, 161, 137, 244, 254],
    [192, 154, 75, 200, 249],
    [90, 109, 96, 143, 223],
    [67, 69, 107, 196, 236],
]
BLUR = np.outer([1, 2, 1], [1, 2, 1]) / 16
SIGNAL = [4, 3, 2, -5, 3, 5, 2, 5, 5, 6]
EXAMPLES = (
    worked(
        "lecture D: 0..8 with kernel 0 1 / 2 3 (the lecture's 19 25 / 37 43 is the lower right part)",
        square(1, 3, 2),
        [TABLE],
        [CORNERS],
    ),
    worked(
        "lecture D: the same with zeros below and on the right (the lecture's whole padded result)",
        square(1, 4, 2),
        [FRAMED],
        [CORNERS],
    ),
    worked(
        "lecture D: strides 3 and 2, zeros below and on the right",
        square(1, 4, 2, (3, 2)),
        [FRAMED],
        [CORNERS],
    ),
    worked(
        "lecture D: two channels (the lecture's 56 72 / 104 120 is the lower right part)",
        square(2, 3, 2),
        [TABLE, TABLE + 1],
        [CORNERS, CORNERS + 1],
    ),
    worked(
        "lecture E: 5x5 image with the binomial kernel (the lecture's 3x3 result is the middle)",
        square(1, 5, 3),
        [PHOTO],
        [BLUR],
    ),
    worked(
        "lecture A: box filter over ten numbers, zero padded",
        ConvCase(1, 1, 1, 1, 10, 1, 3, 1, 1, "a signal", "a tuple"),
        [SIGNAL],
        [[1 / 3, 1 / 3, 1 / 3]],
        "signals",
    ),
)
GRADIENTS = ("input gradient", "weights gradient", "bias gradient")


def same(name, points, plan, first, second, what, hint):
    """The check that outputs and input gradients with these two endings of their labels equal each other."""
    pairs = tuple(
        Same(f"{label}{first}", f"{label}{second}", f"{name}: {label}", f"The {label} {what}.", hint)
        for label in ("output", "input gradient")
    )
    return Relations(name=name, points=points, plan=plan, after="forward", same=pairs, unchanged=False)


ROOMY = {name: replace(plan, when=is_roomy) for name, plan in layer_plans(conv_layer, parameters=True).items()}

conv = Exercise(
    name="conv",
    title="Convolution",
    symbols=("Conv",),
    cases=conv_cases(),
    count=150,
    examples=EXAMPLES,
    plans={
        "main": Plan(conv_layer.main, cases=150, when=is_image),
        "signals": Plan(conv_layer.main, cases=30, when=is_signal),
        "initialize": Plan(initializing, cases=12, when=is_tuple),
        "start": Plan(starting, cases=(StartCase(2, 3, 1, 250), StartCase(3, 4, 5, 25)), random=True),
        "attributes": Plan(attributes, cases=3, when=is_image),
        "reassigning": Plan(reassigning, cases=6, when=is_roomy),
        "optimizing": ROOMY["optimizing"],
        "calls": ROOMY["calls"],
        "integers": Plan(integers, cases=6, when=is_roomy),
        "notations": Plan(notations, cases=WRITTEN),
        "illegal": Plan(refusing, cases=ILLEGAL),
    },
    checks=(
        Shapes(name="shapes", points=1, plan="main"),
        Values(name="forward", points=4.5, plan="main"),
        gradient("input", points=3.5, linear=True),
        gradient("weights", points=3, linear=True),
        gradient("bias", points=1, linear=True),
        Values(name="1-D signals", points=1.5, plan="signals", also=GRADIENTS),
        Values(
            name="initialize",
            points=1,
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
            name="trainable", points=0.25, plan="attributes", label="trainable", also=("optimizer",), tried="forward"
        ),
        same(
            "new weights",
            0.5,
            "reassigning",
            " of a fresh layer",
            " after",
            "after new weights and bias were assigned is not the one that belongs to them",
            "Read weights and bias anew in every call.",
        ),
        *optimizer_checks(points=1, after="forward", parameters=PARAMETERS),
        call_order(points=0.5, after="forward", parameters=PARAMETERS, settings=True),
        same(
            "integer input",
            0.5,
            "integers",
            " for floats",
            " for integers",
            "for an input of integers is not the one for the same numbers as floats",
            "Of which type is an array that is made like the input?",
        ),
        same(
            "notations",
            0.25,
            "notations",
            "",
            " in this notation",
            "changes when the same arguments are written in another way",
            "One stride holds for both axes; lists and NumPy integers are as good as tuples and ints.",
        ),
        Raises(name="illegal arguments", points=0.5, plan="illegal", after="forward"),
    ),
)
