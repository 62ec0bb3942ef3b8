"""Pooling layers: max, average, global average, blur."""

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
)

ORDER = 70


class PoolingCase(NamedTuple):
    """Windows over images: overlapping where the stride is smaller than the kernel, with gaps where it is larger."""

    batch: int
    channels: int
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    values: str  # "spaced": all different; "ties": many equal; "normal"


@st.composite
def pooling_cases(draw, values):
    """Small images that hold at least one window; height and width differ more often than not."""
    kernel = [draw(st.sampled_from([2, 3, 1, 4])) for _ in range(2)]
    stride = [draw(st.sampled_from([2, 1, 3, 4])) for _ in range(2)]
    height, width = (k + draw(st.integers(0, 5)) for k in kernel)
    batch, channels = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return PoolingCase(batch, channels, height, width, *kernel, *stride, draw(st.sampled_from(values)))


def roomy(case):
    """Whether mixed up arguments or a missing padding would raise nothing."""
    largest = max(3, *(getattr(case, name, 1) for name in PoolingCase._fields[4:8]))
    return min(case.height, case.width) >= largest


def window_arguments(case):
    """Stride and kernel as pairs, the way that everybody knows; the others are the check "notation"'s business."""
    return (case.stride_height, case.stride_width), (case.kernel_height, case.kernel_width)


def image(rng, case):
    """A batch of images of the case's size; max pooling says which values, the others take normals."""
    shape = (case.batch, case.channels, case.height, case.width)
    return {"spaced": inputs.spaced, "ties": inputs.ties}.get(getattr(case, "values", ""), inputs.normal)(rng, shape)


def another_image(rng, case):
    """A batch of another size in every axis but the channels."""
    return image(rng, case._replace(batch=case.batch % 3 + 1, height=case.height + 1, width=case.width + 2))


def another_window(case):
    """Other strides and, where there are any, other windows, none larger than before or than two."""
    sides = (name for name in case._fields if name.startswith(("kernel", "stride")))
    return case._replace(**{name: 2 if getattr(case, name) == 1 else 1 for name in sides})


def pooling_layer(symbol, arguments, linear=True):
    another = another_window if symbol != "GlobalAveragePooling" else None
    return Layer(symbol, arguments, image, linear=linear, other=another_image, another=another)


def square_windows(values):
    """The case of the lectures' 4x4 tables: one channel, windows of 2x2, two apart."""
    return PoolingCase(1, 1, 4, 4, 2, 2, 2, 2, values)


LECTURE_A = {"input_tensor": [[[[3, 1, 3, 5], [6, 0, 7, 9], [3, 2, 1, 4], [0, 2, 4, 3]]]]}
LECTURE_D = {"input_tensor": [[[[12, 20, 30, 0], [20, 12, 2, 0], [0, 70, 5, 2], [8, 2, 90, 3]]]]}


def lecture_examples(values):
    return (
        Example("lecture A: 4x4 table, 2x2 windows, stride 2", square_windows(values), LECTURE_A),
        Example("lecture D: 4x4 table, 2x2 windows, stride 2", square_windows(values)._replace(batch=1), LECTURE_D),
    )


class IllegalCase(NamedTuple):
    """Arguments that make no sense together: too large a window, a stride of 0, the wrong number of axes ..."""

    input_shape: tuple
    stride: tuple
    kernel: tuple = ()


ILLEGAL_WINDOWS = (
    IllegalCase((1, 1, 2, 9), (3, 3), (3, 3)),
    IllegalCase((1, 1, 9, 2), (3, 3), (3, 3)),
    IllegalCase((2, 3, 5, 6), (0, 1), (2, 2)),
    IllegalCase((2, 3, 5, 6), (2, -2), (2, 2)),
    IllegalCase((2, 3, 5, 6), (2, 2), (2, 0)),
    IllegalCase((2, 3, 5, 6), (2, 2), (2, 2, 2)),
    IllegalCase((3, 5, 6), (2, 2), (2, 2)),
)
ILLEGAL_BLUR = (
    IllegalCase((2, 3, 5, 6), (0, 1)),
    IllegalCase((2, 3, 5, 6), (2, -2)),
    IllegalCase((2, 3, 5, 6), (2, 2, 2)),
    IllegalCase((3, 5, 6), (2, 2)),
)
ILLEGAL_GLOBAL = (IllegalCase((5, 6), ()), IllegalCase((3, 5, 6), ()), IllegalCase((2, 2, 3, 5, 6), ()))


def illegal_plan(symbol, cases):
    """Every case must raise ValueError, at construction or at the first forward."""

    def script(s, case):
        layer = s.new(symbol, *(shape for shape in (case.stride, case.kernel) if shape))
        s.call(layer, "forward", s.array("input_tensor", inputs.normal(s.rng, case.input_shape)), label="output")

    return Plan(script, cases=cases)


def illegal_arguments(points):
    return Raises(name="illegal arguments", points=points, plan="illegal", after="forward")


class NotationCase(NamedTuple):
    """The same stride and window, written in another legal way."""

    stride: str
    kernel: str


SPELLINGS = {
    "int": lambda pair: pair[0],
    "pair": tuple,
    "list": list,
    "NumPy integer": lambda pair: np.int64(pair[0]),
    "pair of NumPy integers": lambda pair: tuple(np.int64(side) for side in pair),
    "bool": lambda pair: True,
}
NOTATIONS = (
    NotationCase("int", "pair"),
    NotationCase("pair", "int"),
    NotationCase("list", "list"),
    NotationCase("NumPy integer", "pair"),
    NotationCase("pair", "NumPy integer"),
    NotationCase("pair of NumPy integers", "pair of NumPy integers"),
    NotationCase("bool", "list"),
)


def notation_plan(symbol):
    """The same layer twice: once with two pairs, once in the case's notation."""

    def sides(spelling, pair):
        if spelling == "bool":
            return (1, 1)
        return (pair[0], pair[0]) if spelling in ("int", "NumPy integer") else pair

    def script(s, case):
        stride, kernel = sides(case.stride, (2, 1)), sides(case.kernel, (3, 2))
        written = (SPELLINGS[case.stride](stride), SPELLINGS[case.kernel](kernel))
        x = s.array("input_tensor", inputs.spaced(s.rng, (2, 2, 6, 7)))
        count = 1 if symbol == "BlurPooling" else 2
        for arguments, label in (((stride, kernel), "output with pairs"), (written, "output")):
            s.call(s.new(symbol, *arguments[:count]), "forward", x, label=label)

    return Plan(
        script, cases=NOTATIONS if symbol != "BlurPooling" else tuple({n.stride: n for n in NOTATIONS}.values())
    )


def notations(points):
    """Ints, lists, NumPy integers and bools mean what the pair of the same numbers means."""
    pair = Same(
        "output with pairs",
        "output",
        "notation",
        "One of the ways to write stride and window is not understood: number, tuple, list, NumPy integer, bool.",
        "One number counts for both axes; two come as tuple or list. NumPy's integers and bools are numbers, too.",
    )
    return Relations(name="notation", points=points, plan="notation", after="forward", same=(pair,), unchanged=False)


def trainable(points):
    hint = "Every layer has an attribute `trainable`; what is it where there are no weights?"
    return Values(name="trainable", points=points, plan="trainable", label="trainable", tried="forward", hint=hint)


class AnyCase(NamedTuple):
    """Nothing to choose."""


def trainable_plan(symbol, *arguments):
    """Layers without weights say so."""

    def script(s, case):
        s.get(s.new(symbol, *arguments), "trainable", label="trainable")

    return Plan(script, cases=(AnyCase(),))


def pooling_plans(layer, *arguments, illegal, **plans):
    """The plans of all pooling layers: call order and integers where nothing else can go wrong."""
    others = layer_plans(layer)
    if layer.symbol != "GlobalAveragePooling":
        plans["notation"] = notation_plan(layer.symbol)
    return {
        "main": plans.pop("main", others["main"]),
        "calls": Plan(layer.calls, cases=6, when=roomy),
        "integers": Plan(layer.integers, cases=6, when=roomy),
        "illegal": illegal_plan(layer.symbol, illegal),
        "trainable": trainable_plan(layer.symbol, *arguments),
        **plans,
    }


max_layer = pooling_layer("MaxPooling", window_arguments, linear=False)


def max_main(s, case):
    """Forward, the positions of the maxima, backward."""
    layer = s.new("MaxPooling", *window_arguments(case))
    output = s.call(layer, "forward", s.array("input_tensor", image(s.rng, case)), label="output")
    s.get(layer, "indices", label="indices")
    s.call(layer, "backward", s.like(output), label="input gradient")


max_pooling = Exercise(
    name="max_pooling",
    title="Max pooling",
    symbols=("MaxPooling",),
    cases=pooling_cases(["spaced", "spaced", "ties"]),
    examples=lecture_examples("ties"),
    plans=pooling_plans(max_layer, (2, 2), (2, 2), illegal=ILLEGAL_WINDOWS, main=Plan(max_main)),
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=3, plan="main"),
        gradient("input", points=3),
        Values(
            name="indices",
            points=0.5,
            plan="main",
            label="indices",
            what="array `indices`",
            hint="After forward, `indices` says where each maximum lies: row * width + column of the image.",
        ),
        call_order(points=1, after="forward", settings=True),
        integer_input(points=0.5, after="forward"),
        notations(points=0.5),
        illegal_arguments(points=0.5),
        trainable(points=0.5),
    ),
)

average_pooling = Exercise(
    name="average_pooling",
    title="Average pooling",
    symbols=("AveragePooling",),
    cases=pooling_cases(["normal"]),
    examples=lecture_examples("normal"),
    plans=pooling_plans(pooling_layer("AveragePooling", window_arguments), (2, 2), (2, 2), illegal=ILLEGAL_WINDOWS),
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=3, plan="main"),
        gradient("input", points=3.5, linear=True),
        call_order(points=1, after="forward", settings=True),
        integer_input(points=0.5, after="forward"),
        notations(points=0.5),
        illegal_arguments(points=0.5),
        trainable(points=0.5),
    ),
)


class GlobalCase(NamedTuple):
    """Images of any size."""

    batch: int
    channels: int
    height: int
    width: int


image_sizes = st.builds(GlobalCase, st.integers(1, 3), st.integers(1, 4), st.integers(1, 6), st.integers(1, 6))

global_average_pooling = Exercise(
    name="global_average_pooling",
    title="Global average pooling",
    symbols=("GlobalAveragePooling",),
    cases=image_sizes,
    examples=(Example("lecture A: the mean of a 4x4 table", GlobalCase(1, 1, 4, 4), LECTURE_A),),
    plans=pooling_plans(pooling_layer("GlobalAveragePooling", lambda case: ()), illegal=ILLEGAL_GLOBAL),
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=1, plan="main"),
        gradient("input", points=1, linear=True),
        call_order(points=0.5, after="forward"),
        integer_input(points=0.25, after="forward"),
        illegal_arguments(points=0.5),
        trainable(points=0.25),
    ),
)


class BlurCase(NamedTuple):
    """Images of any size, one pixel included, and a stride."""

    batch: int
    channels: int
    height: int
    width: int
    stride_height: int
    stride_width: int
    notation: str  # "pair" or "int"


@st.composite
def blur_cases(draw):
    """Odd and even sizes, strides that do and do not divide them."""
    notation = draw(st.sampled_from(["pair", "pair", "pair", "int"]))
    height, width = (draw(st.sampled_from([5, 4, 6, 7, 3, 2, 1])) for _ in range(2))
    stride = [draw(st.sampled_from([2, 1, 3, 4])) for _ in range(2)]
    if notation == "int":
        stride[1] = stride[0]
    return BlurCase(draw(st.integers(1, 3)), draw(st.integers(1, 3)), height, width, *stride, notation)


def blur_arguments(case):
    """The stride in the case's notation."""
    return (case.stride_height if case.notation == "int" else (case.stride_height, case.stride_width),)


LECTURE_E = {
    "input_tensor": [
        [
            [
                [206, 205, 247, 245, 244],
                [244, 161, 137, 244, 254],
                [192, 154, 75, 200, 249],
                [90, 109, 96, 143, 223],
                [67, 69, 107, 196, 236],
            ]
        ]
    ]
}

blur_pooling = Exercise(
    name="blur_pooling",
    title="Blur pooling",
    symbols=("BlurPooling",),
    cases=blur_cases(),
    examples=(Example("lecture E: 5x5 grey values, stride 1", BlurCase(1, 1, 5, 5, 1, 1, "pair"), LECTURE_E),),
    plans=pooling_plans(pooling_layer("BlurPooling", blur_arguments), (2, 2), illegal=ILLEGAL_BLUR),
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=2, plan="main"),
        gradient("input", points=1.5, linear=True),
        call_order(points=0.5, after="forward", settings=True),
        integer_input(points=0.5, after="forward"),
        notations(points=0.25),
        illegal_arguments(points=0.5),
        trainable(points=0.25),
    ),
)
