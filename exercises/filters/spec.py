"""Filters: kernels that slide over signals and images."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Example, Exercise, Plan, Raises, Relations, Same, Shapes, Values, inputs

ORDER = 7
COPY = "Work on a copy, or write the result into a new array."


class IllegalCase(NamedTuple):
    """Arrays of these shapes, and further arguments, that must be refused."""

    image_shape: tuple
    kernel_shape: tuple
    further: tuple = ()


def illegal_plan(symbol, cases):
    def script(s, case):
        image, kernel = (
            s.array(name, inputs.normal(s.rng, shape))
            for name, shape in zip(("image", "kernel"), case[:2], strict=True)
        )
        s.use(symbol, image, kernel, *case.further, label="output")

    return Plan(script, cases=tuple(IllegalCase(*case) for case in cases))


def telling(case):
    """Whether the kernel fits without any padding, and has several rows and columns: then their order matters."""
    kernel = {name: getattr(case, name) for name in case._fields if name.startswith("kernel_")}
    return all(1 < side <= getattr(case, name.removeprefix("kernel_")) for name, side in kernel.items())


def plans(symbol, arrays, further, illegal):
    """The plans of all functions of an image and a kernel.

    `arrays(rng, case)` makes both; `further(case)` are the other arguments.
    """

    def main(s, case):
        image, kernel = arrays(s.rng, case)
        s.use(symbol, s.array("image", image), s.array("kernel", kernel), *further(case), label="output")

    def twice(s, case):
        """Two calls, then one on arrays that lie in memory in another order."""
        image, kernel = arrays(s.rng, case)
        given = s.array("image", image), s.array("kernel", kernel)
        s.use(symbol, *given, *further(case), label="output")
        s.use(symbol, *given, *further(case), label="output again")
        pair = (("turned_image", image), ("turned_kernel", kernel))
        turned = [s.get(s.make(s.array(name, array.T)), "T") for name, array in pair]
        s.use(symbol, *turned, *further(case), label="output for views")

    def integers(s, case):
        image, kernel = (np.rint(9 * array).astype(int) for array in arrays(s.rng, case))
        some_bytes = image.astype(np.uint8), kernel.astype(np.uint8)  # negative ones become large ones
        by_label = {
            "output": (image.astype(float), kernel / 4),
            "output for integers": (image, kernel / 4),
            "output for bytes": some_bytes,
            "output for bytes as floats": tuple(array.astype(float) for array in some_bytes),
        }
        for number, (label, pair) in enumerate(by_label.items(), 1):
            given = (s.array(f"{name}_{number}", array) for name, array in zip(("image", "kernel"), pair, strict=True))
            s.use(symbol, *given, *further(case), label=label)

    return {
        "main": Plan(main, cases=45),
        "twice": Plan(twice, cases=6, when=telling),
        "integers": Plan(integers, cases=6),
        "illegal": illegal_plan(symbol, illegal),
    }


def checks(shapes, values, purity, integers, illegal, more=()):
    """The checks of all functions of an image and a kernel, with their points."""
    same = (
        Same("output", "output again", "called twice", "A second call on the same arrays gives another result.", COPY),
        Same(
            "output",
            "output for views",
            "view",
            "The result depends on how image and kernel lie in memory: it is another one for views such as `a.T`.",
            "Count in rows and columns, not in places in memory.",
        ),
    )
    number = "An array made like the image (np.zeros_like, or with its dtype) holds no fractions, and bytes end at 255."
    like = (
        Same("output", "output for integers", "integers", "Integers give another result than the same floats.", number),
        Same(
            "output for bytes as floats",
            "output for bytes",
            "bytes",
            "An image and a kernel of bytes (uint8) give another result than the same floats.",
            number,
        ),
    )
    return (
        Shapes(name="shapes", points=shapes, plan="main"),
        Values(name="values", points=values, plan="main"),
        Relations(name="purity", points=purity, plan="twice", after="values", same=same),
        Relations(name="integer images", points=integers, plan="integers", after="values", same=like, unchanged=False),
        *more,
        Raises(name="illegal arguments", points=illegal, plan="illegal", after="values"),
    )


# --------------------------------------------------------------------------------------------------------- one axis


class SignalCase(NamedTuple):
    """A signal and a kernel."""

    length: int
    kernel_length: int
    boundary: str  # "default": the argument is left out


@st.composite
def signal_cases(draw):
    """Even and odd kernels; with "pad", some longer than the signal."""
    boundary, kernel = draw(st.sampled_from(["shrink", "pad", "pad", "default"])), draw(st.integers(1, 7))
    least = max(1, kernel - 2) if boundary == "pad" else kernel
    return SignalCase(least + draw(st.integers(0, 8)), kernel, boundary)


BOX = {"image": [4, 3, 2, -5, 3, 5, 2, 5, 5, 6], "kernel": [1 / 3, 1 / 3, 1 / 3]}

correlate1d = Exercise(
    name="correlate1d",
    title="Correlation along one axis",
    symbols=("correlate1d",),
    cases=signal_cases(),
    examples=(
        Example("lecture A: box filter, shrink", SignalCase(10, 3, "shrink"), BOX),
        Example("lecture A: box filter, padded with zeros", SignalCase(10, 3, "pad"), BOX),
        Example(
            "handout: even kernel, padded",
            SignalCase(4, 2, "pad"),
            {"image": [1, 2, 3, 4], "kernel": [1, 10]},
        ),
        Example(
            "handout: even kernel, nothing said of the boundary",
            SignalCase(4, 2, "default"),
            {"image": [1, 2, 3, 4], "kernel": [1, 10]},
        ),
    ),
    plans=plans(
        "correlate1d",
        lambda rng, case: (inputs.normal(rng, (case.length,)), inputs.normal(rng, (case.kernel_length,))),
        lambda case: () if case.boundary == "default" else (case.boundary,),
        (
            ((4,), (5,)),
            ((4,), (5,), ("shrink",)),
            ((6,), (3,), ("valid",)),
            ((6,), (3,), ("zero",)),
            ((6, 6), (3,)),
            ((6,), (3, 3)),
            ((6,), (0,), ("pad",)),
            ((6,), (0,)),
        ),
    ),
    checks=checks(0.5, 1.5, 0.25, 0.5, 0.25),
)

# --------------------------------------------------------------------------------------------------------- two axes


class ImageCase(NamedTuple):
    """An image, a kernel, zeros on each side, and a stride."""

    height: int
    width: int
    kernel_height: int
    kernel_width: int
    padding_height: int
    padding_width: int
    stride_height: int
    stride_width: int
    arguments: str  # "pairs"; "ints" (then heights and widths agree); "defaults": padding 0, stride 1 are left out


@st.composite
def image_cases(draw):
    """Kernels that fit; height and width differ more often than not."""
    written = draw(st.sampled_from(["pairs", "pairs", "ints", "defaults"]))
    kernel = [draw(st.sampled_from([2, 3, 1, 4])) for _ in range(2)]
    padding = [draw(st.sampled_from([1, 0, 2])) for _ in range(2)]
    stride = [draw(st.sampled_from([2, 1, 3])) for _ in range(2)]
    if written == "ints":
        padding[1], stride[1] = padding[0], stride[0]
    if written == "defaults":
        padding, stride = [0, 0], [1, 1]
    height, width = (max(1, k - 2 * p) + draw(st.integers(0, 5)) for k, p in zip(kernel, padding, strict=True))
    return ImageCase(height, width, *kernel, *padding, *stride, written)


def image_arrays(rng, case):
    shapes = (case.height, case.width), (case.kernel_height, case.kernel_width)
    return tuple(inputs.normal(rng, shape) for shape in shapes)


def image_arguments(case):
    padding, stride = (case.padding_height, case.padding_width), (case.stride_height, case.stride_width)
    return {"pairs": (padding, stride), "ints": (padding[0], stride[0]), "defaults": ()}[case.arguments]


class NotationCase(NamedTuple):
    """How padding and stride are written; what they are is the same."""

    padding: str
    stride: str


SPELLINGS = {
    "int": lambda pair: pair[0],
    "tuple": tuple,
    "list": list,
    "NumPy integer": lambda pair: np.int64(pair[0]),
    "tuple of NumPy integers": lambda pair: tuple(np.int64(side) for side in pair),
    "bool": lambda pair: True,
}
NOTATIONS = tuple(
    NotationCase(*names)
    for names in (
        ("int", "tuple"),
        ("tuple", "int"),
        ("list", "list"),
        ("NumPy integer", "tuple of NumPy integers"),
        ("tuple of NumPy integers", "NumPy integer"),
        ("bool", "bool"),
    )
)


def notation_plan(symbol):
    """The same call twice: once with pairs, once in the case's notation."""

    def pair_of(spelling, pair):
        return {"int": (pair[0],) * 2, "NumPy integer": (pair[0],) * 2, "bool": (1, 1)}.get(spelling, pair)

    def script(s, case):
        image, kernel = inputs.normal(s.rng, (7, 8)), inputs.normal(s.rng, (3, 2))
        arrays = s.array("image", image), s.array("kernel", kernel)
        s.use(symbol, *arrays, pair_of(case.padding, (2, 1)), pair_of(case.stride, (2, 3)), label="output with pairs")
        padding, stride = SPELLINGS[case.padding]((2, 1)), SPELLINGS[case.stride]((2, 3))
        arrays = s.array("same_image", image), s.array("same_kernel", kernel)
        s.use(symbol, *arrays, padding, stride, label="output")

    return Plan(script, cases=NOTATIONS)


def notation(points):
    pair = Same(
        "output with pairs",
        "output",
        "notation",
        "One of the ways to write padding and stride is not understood: number, tuple, list, NumPy integer, bool.",
        "One number counts for both axes; two come as tuple or list. NumPy's integers and bools are numbers, too.",
    )
    return Relations(name="notation", points=points, plan="notation", after="values", same=(pair,), unchanged=False)


ILLEGAL_IMAGES = (
    ((2, 9), (3, 3)),
    ((9, 2), (3, 3)),
    ((2, 2), (3, 3)),  # SciPy would take the kernel for the image
    ((2, 9), (5, 3), (1, 1)),
    ((5, 6), (2, 2), (-1,)),
    ((5, 6), (2, 2), ((0, -1),)),
    ((5, 6), (2, 2), (0, 0)),
    ((5, 6), (2, 2), (0, (1, -2))),
    ((5, 6), (2, 2), ((1, 1, 1),)),
    ((5, 6), (2, 2), (0, (1, 1, 1))),
    ((5, 6, 3), (2, 2)),
    ((5, 6), (2, 2, 1)),
    ((6,), (2,)),
    ((5, 6), (0, 2)),
    ((5, 6), (2, 0)),
)
COUNTED = {"image": [[0, 1, 2], [3, 4, 5], [6, 7, 8]], "kernel": [[0, 1], [2, 3]]}
GREY = [
    *([206, 205, 247, 245, 244], [244, 161, 137, 244, 254], [192, 154, 75, 200, 249]),
    *([90, 109, 96, 143, 223], [67, 69, 107, 196, 236]),
]
BLUR = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
LECTURES = (
    Example("lecture D: 3x3 with a kernel of 2x2", ImageCase(3, 3, 2, 2, 0, 0, 1, 1, "defaults"), COUNTED),
    Example("lecture D: the same with a ring of zeros", ImageCase(3, 3, 2, 2, 1, 1, 1, 1, "ints"), COUNTED),
    Example("lecture D: padded, strides 3 and 2", ImageCase(3, 3, 2, 2, 1, 1, 3, 2, "pairs"), COUNTED),
    Example(
        "lecture E: 5x5 grey values, blurred",
        ImageCase(5, 5, 3, 3, 0, 0, 1, 1, "defaults"),
        {"image": GREY, "kernel": BLUR},
    ),
)

cross_correlate2d = Exercise(
    name="cross_correlate2d",
    title="Cross-correlation of an image",
    symbols=("cross_correlate2d",),
    cases=image_cases(),
    examples=LECTURES,
    plans={
        **plans("cross_correlate2d", image_arrays, image_arguments, ILLEGAL_IMAGES),
        "notation": notation_plan("cross_correlate2d"),
    },
    checks=checks(0.5, 2.5, 0.5, 0.5, 0.5, more=(notation(0.5),)),
)

convolve2d = Exercise(
    name="convolve2d",
    title="Convolution of an image",
    symbols=("convolve2d",),
    cases=image_cases(),
    examples=(
        Example("handout: the kernel turned round", ImageCase(3, 3, 2, 2, 0, 0, 1, 1, "defaults"), COUNTED),
        Example(
            "handout: one pixel draws the kernel",
            ImageCase(3, 3, 2, 2, 1, 1, 1, 1, "ints"),
            {"image": [[0, 0, 0], [0, 1, 0], [0, 0, 0]], "kernel": [[1, 2], [3, 4]]},
        ),
        Example("lecture E: a symmetric kernel is the same turned round", LECTURES[3].case, LECTURES[3].arrays),
    ),
    plans={
        **plans("convolve2d", image_arrays, image_arguments, ILLEGAL_IMAGES),
        "notation": notation_plan("convolve2d"),
    },
    checks=checks(0.25, 1.5, 0.25, 0.25, 0.25, more=(notation(0.5),)),
)

# ------------------------------------------------------------------------------------------------- images with depth


class ColorCase(NamedTuple):
    """An RGB image and a kernel for each of its channels."""

    height: int
    width: int
    kernel_height: int
    kernel_width: int


class VolumeCase(NamedTuple):
    """An image and a kernel of the same depth."""

    height: int
    width: int
    depth: int
    kernel_height: int
    kernel_width: int


@st.composite
def color_cases(draw):
    kernel = [draw(st.sampled_from([2, 3, 1, 4])) for _ in range(2)]
    return ColorCase(*(k + draw(st.integers(0, 5)) for k in kernel), *kernel)


@st.composite
def volume_cases(draw):
    color = draw(color_cases())
    return VolumeCase(color.height, color.width, draw(st.sampled_from([2, 3, 1, 4])), *color[2:])


def color_arrays(rng, case):
    """Values of bytes, of which many results lie below 0 or above 255."""
    image = np.rint(255 * rng.random((case.height, case.width, 3)))
    return image, inputs.normal(rng, (case.kernel_height, case.kernel_width))


def volume_arrays(rng, case):
    shapes = (case.height, case.width, case.depth), (case.kernel_height, case.kernel_width, case.depth)
    return tuple(inputs.normal(rng, shape) for shape in shapes)


filter_rgb = Exercise(
    name="filter_rgb",
    title="Filter for each colour",
    symbols=("filter_rgb",),
    cases=color_cases(),
    count=60,
    examples=(
        Example(
            "lecture E: the grey values as red, their negative as green, black as blue",
            ColorCase(5, 5, 3, 3),
            {"image": np.stack([GREY, 255 - np.array(GREY), 0 * np.array(GREY)], axis=2), "kernel": BLUR},
        ),
    ),
    plans=plans(
        "filter_rgb",
        color_arrays,
        lambda case: (),
        (
            *(((2, 9, 3), (3, 3)), ((9, 2, 3), (3, 3)), ((2, 2, 3), (3, 3)), ((5, 6), (2, 2)), ((5, 6, 4), (2, 2))),
            ((5, 6, 1), (2, 2)),
            *(((3, 5, 6), (2, 2)), ((5, 6, 3), (2, 2, 3)), ((5, 6, 3), (2,))),
            ((5, 6, 3), (0, 2)),
        ),
    ),
    checks=checks(0.25, 1, 0.25, 0.25, 0.25),
)

filter_volume = Exercise(
    name="filter_volume",
    title="Filter through the depth",
    symbols=("filter_volume",),
    cases=volume_cases(),
    examples=(
        Example(
            "lecture D: two channels",
            VolumeCase(3, 3, 2, 2, 2),
            {
                "image": np.stack([np.arange(9).reshape(3, 3), np.arange(1, 10).reshape(3, 3)], axis=2),
                "kernel": np.stack([[[0, 1], [2, 3]], [[1, 2], [3, 4]]], axis=2),
            },
        ),
    ),
    plans=plans(
        "filter_volume",
        volume_arrays,
        lambda case: (),
        (
            *(((2, 9, 3), (3, 3, 3)), ((9, 2, 3), (3, 3, 3)), ((5, 6, 3), (2, 2, 2)), ((5, 6, 3), (2, 2, 1))),
            *(((5, 6, 1), (2, 2, 3)), ((5, 6), (2, 2)), ((5, 6, 3), (2, 2)), ((5, 6), (2, 2, 1))),
            *(((5, 6, 3), (2, 0, 3)), ((5, 6, 0), (2, 2, 0))),
        ),
    ),
    checks=checks(0.25, 1.75, 0.25, 0.5, 0.25),
)

# ----------------------------------------------------------------------------------------------------------- kernels


class KernelCase(NamedTuple):
    """A kernel's name."""

    name: str


NAMES = (
    *("edge_detection", "box_mean", "sharpen", "gaussian_blur"),
    *("vertical_edge", "horizontal_edge", "sobel", "scharr"),
)


def kernel_script(s, case):
    found = s.read("KERNELS")
    kernel = s.call(found, "__getitem__", case.name, label="kernel")
    s.get(kernel, "dtype.name", label="dtype")


kernels = Exercise(
    name="kernels",
    title="Kernels of the lectures",
    symbols=("KERNELS",),
    plans={"main": Plan(kernel_script, cases=tuple(map(KernelCase, NAMES)))},
    checks=(
        Values(
            name="values",
            points=1.5,
            plan="main",
            label="kernel",
            hint="KERNELS is a dict; each value is an array of shape (3, 3), as the handout prints it.",
        ),
        Values(
            name="float64",
            points=0.5,
            plan="main",
            label="dtype",
            what="array's dtype",
            after="values",
            hint="Write 1.0 instead of 1, or say dtype=float where the array is made.",
        ),
    ),
)
