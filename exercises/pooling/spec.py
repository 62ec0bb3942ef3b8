"""Pooling layers: max, average, global average, blur."""

from typing import NamedTuple

from hypothesis import strategies as st

from grader.authoring import (
    Example,
    Exercise,
    Layer,
    Plan,
    Raises,
    Shapes,
    Values,
    call_order,
    gradient,
    inputs,
    integer_input,
    layer_plans,
)

ORDER = 30


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
    values: str  # "spaced": all different; "ties": many equal
    notation: str  # "pair", "list" or "int" (then height and width agree)


@st.composite
def pooling_cases(draw):
    """Small images that hold at least one window; height and width differ more often than not."""
    notation = draw(st.sampled_from(["pair", "pair", "list", "int"]))
    kernel = [draw(st.sampled_from([2, 3, 1, 4])) for _ in range(2)]
    stride = [draw(st.sampled_from([2, 1, 3, 4])) for _ in range(2)]
    if notation == "int":
        kernel[1], stride[1] = kernel[0], stride[0]
    height, width = (k + draw(st.integers(0, 5)) for k in kernel)
    values = draw(st.sampled_from(["spaced", "spaced", "ties"]))
    batch, channels = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return PoolingCase(batch, channels, height, width, *kernel, *stride, values, notation)


def shapes(case):
    """Stride and kernel in the case's notation, as the constructors take them."""
    stride, kernel = (case.stride_height, case.stride_width), (case.kernel_height, case.kernel_width)
    if case.notation == "int":
        return stride[0], kernel[0]
    return (list(stride), list(kernel)) if case.notation == "list" else (stride, kernel)


def image(rng, case):
    make = inputs.ties if case.values == "ties" else inputs.spaced
    return make(rng, (case.batch, case.channels, case.height, case.width))


def windows(height, width, kernel, stride, values="spaced"):
    """The case of one worked example: one channel, square windows."""
    return PoolingCase(1, 1, height, width, kernel, kernel, stride, stride, values, "pair")


LECTURE_A = {"input_tensor": [[[[3, 1, 3, 5], [6, 0, 7, 9], [3, 2, 1, 4], [0, 2, 4, 3]]]]}
LECTURE_D = {"input_tensor": [[[[12, 20, 30, 0], [20, 12, 2, 0], [0, 70, 5, 2], [8, 2, 90, 3]]]]}
EXAMPLES = (
    Example("lecture A: 4x4 table, 2x2 windows, stride 2", windows(4, 4, 2, 2), LECTURE_A),
    Example("lecture D: 4x4 table, 2x2 windows, stride 2", windows(4, 4, 2, 2, "ties"), LECTURE_D),
)


class IllegalCase(NamedTuple):
    """A window that does not fit into the image."""

    height: int
    width: int
    kernel_height: int
    kernel_width: int


def illegal(symbol):
    """A script that must raise ValueError at construction or at the first forward."""

    def script(s, case):
        layer = s.new(symbol, (1, 1), (case.kernel_height, case.kernel_width))
        s.call(layer, "forward", s.array("input_tensor", s.rng.standard_normal((1, 1, case.height, case.width))), label="output")

    return script


TOO_LARGE = (IllegalCase(2, 5, 3, 2), IllegalCase(5, 2, 2, 3), IllegalCase(1, 1, 2, 2))


max_layer = Layer("MaxPooling", shapes, image)


def max_main(s, case):
    layer = s.new("MaxPooling", *shapes(case))
    output = s.call(layer, "forward", s.array("input_tensor", image(s.rng, case)), label="output")
    s.get(layer, "indices", label="indices")
    s.call(layer, "backward", s.like(output), label="input gradient")


max_pooling = Exercise(
    name="max_pooling",
    title="Max pooling",
    symbols=("MaxPooling",),
    cases=pooling_cases(),
    examples=EXAMPLES,
    plans={
        "main": Plan(max_main),
        **{name: plan for name, plan in layer_plans(max_layer).items() if name != "main"},
        "illegal": Plan(illegal("MaxPooling"), cases=TOO_LARGE),
    },
    checks=(
        Shapes(name="shapes", points=1, plan="main"),
        Values(name="forward", points=3, plan="main"),
        gradient("input", points=3),
        Values(name="indices", points=1, plan="main", label="indices", after="forward"),
        call_order(points=1, after="forward"),
        integer_input(points=0.5, after="forward"),
        Raises(name="illegal arguments", points=0.5, plan="illegal", after="forward"),
    ),
)

