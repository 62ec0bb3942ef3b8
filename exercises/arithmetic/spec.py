"""Arithmetic: output sizes, costs, receptive fields and summaries of networks, all in whole numbers."""

from math import prod
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Example, Exercise, Plan, Raises, Values

ORDER = 5
INTS = "Sizes and counts are ints: `/` gives a float even where nothing is left over, and so do np.floor and np.ceil."


def text_of(s, handle, what):
    """0 times a number, as text: "0" of ints of any kind, "0.0" of floats, whatever the number is."""
    s.call(s.call(handle, "__mul__", 0), "__str__", label=f"0 * {what} as text")


def again(s, first, second):
    """Whether a second call gave what the first one gave, right or wrong."""
    s.call(s.call(first, "__eq__", second), "__str__", label="first result == second result")


def ints(points, plan, after, *what):
    """Results are ints, of Python or NumPy; whether they are right does not matter here."""
    first, *others = (f"0 * {name} as text" for name in what)
    return Values(
        name="ints", points=points, plan=plan, label=first, also=tuple(others), after=after, hint=INTS
    )  # fmt: skip


def illegal(points, after):
    return Raises(name="illegal arguments", points=points, plan="illegal", label="result", after=after)


class IllegalCase(NamedTuple):
    """Arguments that must be refused."""

    function: str
    arguments: tuple


def illegal_plan(**cases):
    """Calls that must raise ValueError: lists of arguments by function."""

    def script(s, case):
        s.use(case.function, *case.arguments, label="result")

    return Plan(script, cases=tuple(IllegalCase(name, args) for name, many in cases.items() for args in many))


# ------------------------------------------------------------------------------------------------------- output sizes


class SizeCase(NamedTuple):
    """A filter along one axis."""

    size: int
    filter_size: int
    stride: int
    padding: int
    arguments: str  # "all four"; "defaults": a last 1 (stride) or 0 (padding) is left out; "NumPy integers"


@st.composite
def size_cases(draw):
    """As often as not the filter's places fill the padded input exactly; at times there is only one place."""
    f, stride = draw(st.sampled_from([3, 2, 5, 4, 1, 7, 6])), draw(st.sampled_from([2, 3, 1, 4, 1, 5]))
    padding = draw(st.sampled_from([0, 1, 2, 3]))
    rest = 0 if draw(st.booleans()) else draw(st.integers(0, stride - 1))
    size = draw(st.integers(0, 9)) * stride + rest + f - 2 * padding
    written = draw(st.sampled_from(["all four", "defaults", "all four", "NumPy integers"]))
    return SizeCase(size if size > 0 else size + 8 * stride, f, stride, padding, written)


def size_arguments(case):
    numbers = [case.size, case.filter_size, case.stride, case.padding]
    if case.arguments == "NumPy integers":
        return [np.int64(number) for number in numbers]
    while case.arguments == "defaults" and len(numbers) > 2 and numbers[-1] == len(numbers) % 2:
        numbers.pop()  # the fourth where it is 0, then the third where it is 1
    return numbers


def room(case):
    return case.size + 2 * case.padding - case.filter_size


def size_script(s, case):
    text_of(s, s.use("conv_output_size", *size_arguments(case), label="size"), "size")


def floor_script(s, case):
    s.use("conv_output_size_floor", *size_arguments(case), label="size rounded down")


def same_script(s, case):
    f = np.int64(case.filter_size) if case.arguments == "NumPy integers" else case.filter_size
    s.use("same_padding", f, label="padding before and after")


def int_script(s, case):
    text_of(s, s.use("conv_output_size", *size_arguments(case)), "size")
    text_of(s, s.use("conv_output_size_floor", *size_arguments(case)), "size rounded down")
    pair = s.use("same_padding", case.filter_size)
    text_of(s, s.get(pair, "[0]"), "padding before")
    text_of(s, s.get(pair, "[1]"), "padding after")


class FilterCase(NamedTuple):
    """The filter whose padding is asked for."""

    filter_size: int
    arguments: str = "int"


FILTERS = (3, 5, 7, 1, 2, 4, 6, 8, 9, 11, 12, 15)
ILLEGAL_SIZES = (
    (4, 5, 1, 0), (5, 7, 2, 0), (5, 9, 2, 0), (3, 9, 3, 1), (6, 9, 3, 0), (6, 7, 2, 0), (4, 8, 3, 1),
    (7, 3, 0, 0), (7, 3, -2, 0), (7, 0, 1, 0), (0, 1, 1, 1), (7, 3, 1, -1), (-7, -9, 1, 0),
)  # fmt: skip
SIZE_EXAMPLES = (
    ("A: 7x7, 3x3, stride 1", (7, 3, 1, 0), ("exact", "floor")),
    ("A: 7x7, 3x3, stride 2", (7, 3, 2, 0), ("exact", "floor")),
    ("A: 7x7, 3x3, stride 3 is illegal", (7, 3, 3, 0), ("fractions", "floor")),
    ("A: 32x32, 5x5, padding 2", (32, 5, 1, 2), ("exact",)),
    ("D: 320 rows, 2 of the kernel", (320, 2, 1, 0), ("exact", "floor")),
    ("D: 280 columns, 1 of the kernel", (280, 1, 1, 0), ("exact", "floor")),
    ("D: 32x32, 5x5", (32, 5, 1, 0), ("exact", "floor")),
    ("D: 3 rows, 2 of the kernel, 2 of padding, stride 3", (3, 2, 3, 2), ("floor",)),
    ("D: 3 columns, 2 of the kernel, 2 of padding, stride 2", (3, 2, 2, 2), ("floor",)),
    ("E: 39x39, 3x3", (39, 3, 1, 0), ("exact", "floor")),
    ("E: 37x37, 5x5, stride 2", (37, 5, 2, 0), ("exact", "floor")),
    ("E: 17x17, 5x5, stride 2", (17, 5, 2, 0), ("exact", "floor")),
)

output_sizes = Exercise(
    name="output_sizes",
    title="Output sizes",
    symbols=("conv_output_size", "conv_output_size_floor", "same_padding"),
    cases=size_cases(),
    count=150,
    examples=tuple(
        Example(f"lecture {name}", SizeCase(*numbers, "defaults"), {}, plans) for name, numbers, plans in SIZE_EXAMPLES
    ),
    plans={
        "exact": Plan(size_script, cases=60, when=lambda case: room(case) >= 0 and room(case) % case.stride == 0),
        "fractions": Plan(size_script, cases=40, when=lambda case: room(case) >= 0 and room(case) % case.stride != 0),
        "floor": Plan(floor_script, cases=60, when=lambda case: case.size + case.padding >= case.filter_size),
        "same": Plan(same_script, cases=(*map(FilterCase, FILTERS), FilterCase(6, "NumPy integers"))),
        "ints": Plan(
            int_script, cases=tuple(SizeCase(*n, "all four") for n in ((9, 3, 1, 1), (11, 3, 2, 2), (12, 4, 4, 4)))
        ),
        "illegal": illegal_plan(
            conv_output_size=ILLEGAL_SIZES,
            conv_output_size_floor=[(n, f, s, 2 * p) for n, f, s, p in ILLEGAL_SIZES],
            same_padding=((0,), (-3,)),
        ),
    },
    checks=(
        Values(name="conv_output_size", points=1, plan="exact", label="size"),
        Raises(name="fractions are illegal", points=0.5, plan="fractions", label="size", after="conv_output_size"),
        Values(name="conv_output_size_floor", points=1, plan="floor", label="size rounded down"),
        Values(name="same_padding", points=0.75, plan="same", label="padding before and after"),
        ints(0.25, "ints", "conv_output_size", "size", "size rounded down", "padding before", "padding after"),
        illegal(0.5, after="conv_output_size"),
    ),
)

# ------------------------------------------------------------------------------------------------------------- costs


class CostCase(NamedTuple):
    """A convolution layer and the image that it is given."""

    in_channels: int
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    num_kernels: int
    stride_height: int
    stride_width: int
    padding_height: int
    padding_width: int
    bias: bool
    notation: str  # "pair"; "int" (then heights and widths agree); "defaults": stride 1, padding 0, bias are left out


@st.composite
def cost_cases(draw):
    """Kernels that fit; at times a rest of the image is left over."""
    notation = draw(st.sampled_from(["pair", "pair", "int", "defaults"]))
    kernel = [draw(st.sampled_from([3, 2, 1, 4, 5])) for _ in range(2)]
    stride = [draw(st.sampled_from([2, 1, 3])) for _ in range(2)]
    padding = [draw(st.sampled_from([1, 0, 2])) for _ in range(2)]
    if notation == "int":
        kernel[1], stride[1], padding[1] = kernel[0], stride[0], padding[0]
    if notation == "defaults":
        stride, padding = [1, 1], [0, 0]
    height, width = (max(1, k - 2 * p) + draw(st.integers(0, 9)) for k, p in zip(kernel, padding, strict=True))
    bias = notation == "defaults" or draw(st.booleans())
    channels = draw(st.sampled_from([2, 3, 1, 5]))
    return CostCase(
        channels, height, width, *kernel, draw(st.sampled_from([4, 2, 1, 7])), *stride, *padding, bias, notation
    )


def plain_cost(channels, height, width, kernel, number, stride=1, padding=0, bias=True):
    """The case of a lecture's example."""
    given = (kernel, (stride, stride), (padding, padding))
    (m, n), strides, paddings = given
    notation = "defaults" if (stride, padding, bias) == (1, 0, True) else "int" if m == n else "pair"
    return CostCase(channels, height, width, m, n, number, *strides, *paddings, bias, notation)


def sides(case, name):
    """The pair of a case, or one int for both in its notation."""
    pair = getattr(case, f"{name}_height"), getattr(case, f"{name}_width")
    return pair[0] if case.notation == "int" else pair


def layer_arguments(case):
    """What conv_multiplications and conv_operations are given."""
    shape = (case.in_channels, case.height, case.width)
    needed = (shape, sides(case, "kernel"), case.num_kernels)
    return needed if case.notation == "defaults" else (*needed, sides(case, "stride"), sides(case, "padding"))


def parameters_script(s, case):
    given = () if case.notation == "defaults" else (case.bias,)
    s.use("conv_parameters", case.in_channels, sides(case, "kernel"), case.num_kernels, *given, label="parameters")


def multiplications_script(s, case):
    s.use("conv_multiplications", *layer_arguments(case), label="multiplications")


def operations_script(s, case):
    s.use("conv_operations", *layer_arguments(case), label="operations")


def places(n, k, s, p):
    return (n + 2 * p - k) // s + 1


class DenseCase(NamedTuple):
    """All inputs are connected with all outputs."""

    input_axes: int
    output_axes: int
    input_shape: tuple
    output_shape: tuple


DENSE = (
    *((3, 3, (2, 5, 6), (4, 3, 3)), (3, 3, (1, 4, 4), (1, 2, 2)), (3, 3, (3, 6, 5), (2, 4, 3)), (2, 2, (4, 6), (3, 5))),
    *((1, 1, (7,), (3,)), (3, 1, (2, 3, 4), (5,)), (1, 3, (6,), (2, 3, 5)), (2, 3, (5, 7), (3, 4, 6))),
)


def dense_script(s, case):
    s.use("dense_matrix_floats", case.input_shape, case.output_shape, label="floats of the dense matrix")


def cost_int_script(s, case):
    for symbol in ("conv_multiplications", "conv_operations"):
        text_of(s, s.use(symbol, *layer_arguments(case)), symbol.removeprefix("conv_"))
    text_of(s, s.use("conv_parameters", case.in_channels, 3, case.num_kernels), "parameters")
    shape = (case.in_channels, case.height, case.width)
    text_of(s, s.use("dense_matrix_floats", shape, (case.num_kernels, 2, 3)), "floats")


class NotationCase(NamedTuple):
    """How kernel, stride and padding are written; what they are is the same."""

    kernel: str
    stride: str
    padding: str


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
        ("list", "int", "tuple"),
        ("int", "list", "int"),
        ("tuple", "tuple", "list"),
        ("NumPy integer", "tuple", "NumPy integer"),
        ("tuple of NumPy integers", "NumPy integer", "int"),
        ("list", "tuple of NumPy integers", "tuple of NumPy integers"),
        ("bool", "bool", "bool"),
    )
)


def notation_script(s, case):
    pairs = {"kernel": (3, 2), "stride": (2, 3), "padding": (1, 2)}
    kernel, stride, padding = (SPELLINGS[how](pairs[what]) for what, how in case._asdict().items())
    s.use("conv_multiplications", (2, 9, 8), kernel, np.int64(3), stride, padding, label="multiplications")


COST_EXAMPLES = (
    ("A: one filter 5x5 of 3 channels", plain_cost(3, 32, 32, (5, 5), 1, padding=2)),
    ("A: ten filters 5x5 of 3 channels, padding 2", plain_cost(3, 32, 32, (5, 5), 10, padding=2)),
    ("B: one 3x3 filter over 3 channels, no bias", plain_cost(3, 9, 9, (3, 3), 1, bias=False)),
    ("B: 96 3x3 filters over 3 channels, no bias", plain_cost(3, 9, 9, (3, 3), 96, bias=False)),
    ("D: 320x280, a 2x1 kernel", plain_cost(1, 320, 280, (2, 1), 1), "multiplications", "operations"),
    ("D: RGB 224x224, 64 kernels 3x3", plain_cost(3, 224, 224, (3, 3), 64), "multiplications", "operations"),
    ("E: ten filters 3x3 of 3 channels", plain_cost(3, 39, 39, (3, 3), 10)),
)

convolution_costs = Exercise(
    name="convolution_costs",
    title="What a convolution costs",
    symbols=("conv_parameters", "conv_multiplications", "conv_operations", "dense_matrix_floats"),
    cases=cost_cases(),
    examples=(
        *(Example(f"lecture {name}", case, {}, ("parameters", *plans)) for name, case, *plans in COST_EXAMPLES),
        Example("lecture D: 320x280 to 319x280", DenseCase(2, 2, (320, 280), (319, 280)), {}, ("dense",)),
    ),
    plans={
        "parameters": Plan(parameters_script, cases=60),
        "multiplications": Plan(multiplications_script, cases=60),
        "operations": Plan(operations_script, cases=60),
        "dense": Plan(dense_script, cases=tuple(DenseCase(*case) for case in DENSE)),
        "notation": Plan(notation_script, cases=NOTATIONS),
        "ints": Plan(cost_int_script, cases=(plain_cost(2, 8, 9, (3, 2), 4), plain_cost(3, 7, 6, (2, 3), 5))),
        "illegal": illegal_plan(
            conv_parameters=((0, 3, 2), (3, 0, 2), (3, (3, -1), 2), (3, (2, 2, 2), 2), (3, 3, 0), (-1, 3, 4)),
            conv_multiplications=(
                ((2, 4, 9), 5, 1),
                ((2, 9, 4), 5, 1),
                ((2, 2, 9), (5, 2), 3, 1, 1),
                ((2, 5, 6), 3, 1, 0),
                ((2, 5, 6), 3, 1, (1, -1)),
                ((2, 5, 6), 3, 1, 1, -1),
                ((2, 5, 6), (3, 3, 3), 1),
                ((2, 5, 6), 0, 1),
                ((0, 5, 6), 3, 1),
                ((5, 6), 3, 1),
            ),
            conv_operations=(((2, 4, 9), 5, 1), ((2, 5, 6), 3, 1, (2, 0)), ((2, 5, 6), 3, 0)),
            dense_matrix_floats=(((2, 0), (3,)), ((2, 3), (-3,))),
        ),
    },
    checks=(
        Values(name="conv_parameters", points=1, plan="parameters", label="parameters"),
        Values(name="conv_multiplications", points=1.25, plan="multiplications", label="multiplications"),
        Values(name="conv_operations", points=1, plan="operations", label="operations"),
        Values(name="dense_matrix_floats", points=0.5, plan="dense", label="floats of the dense matrix"),
        Values(
            name="notation",
            points=0.5,
            plan="notation",
            label="multiplications",
            after="conv_multiplications",
            hint="One number counts for both axes; two come as tuple or list. NumPy's integers and bools are numbers.",
        ),
        ints(0.25, "ints", "conv_multiplications", "multiplications", "operations", "parameters", "floats"),
        illegal(0.5, after="conv_multiplications"),
    ),
)

# --------------------------------------------------------------------------------------------------- receptive fields


class FieldCase(NamedTuple):
    """Layers as (kernel, stride, dilation), from the input on."""

    number_of_layers: int
    strides: str  # "all 1" or "some larger"
    dilations: str
    layers: tuple


@st.composite
def field_cases(draw):
    number = draw(st.sampled_from([2, 3, 1, 4, 5, 6, 0]))
    strided, dilated = draw(st.sampled_from([True, True, False])), draw(st.sampled_from([False, True]))
    layers = tuple(
        (
            draw(st.sampled_from([3, 2, 5, 1, 4, 7])),
            draw(st.sampled_from([2, 1, 3])) if strided else 1,
            draw(st.sampled_from([2, 1, 3, 4])) if dilated else 1,
        )
        for _ in range(number)
    )
    return field_case(layers)


def field_case(layers):
    large = ["some larger" if any(layer[i] > 1 for layer in layers) else "all 1" for i in (1, 2)]
    return FieldCase(len(layers), *large, tuple(layers))


def field_script(s, case):
    layers = s.make(list(case.layers))
    first = s.use("receptive_field", layers, label="receptive field")
    again(s, first, s.use("receptive_field", layers))


receptive_field = Exercise(
    name="receptive_field",
    title="Receptive field",
    symbols=("receptive_field",),
    cases=field_cases(),
    examples=(
        Example("lecture B: one 3x3 layer", field_case([(3, 1, 1)]), {}),
        Example("lecture B: two 3x3 layers see as much as one 5x5 layer", field_case([(3, 1, 1)] * 2), {}),
        Example("lecture B: 3x3 with dilation 2", field_case([(3, 1, 2)]), {}),
        Example("lecture D: seven 5x5 layers, 32x32 to 4x4", field_case([(5, 1, 1)] * 7), {}),
        Example("lecture E: 3/5/5 with strides 1/2/2", field_case([(3, 1, 1), (5, 2, 1), (5, 2, 1)]), {}),
        Example("strides 2 and 3 before a third layer", field_case([(3, 2, 1), (3, 3, 1), (2, 1, 2)]), {}),
    ),
    plans={
        "main": Plan(field_script, cases=60),
        "illegal": illegal_plan(
            receptive_field=tuple(
                ([(3, 1, 1), bad],) for bad in ((0, 1, 1), (3, 0, 1), (3, 1, 0), (-3, 1, 1), (3, -2, 1), (3, 1, -1))
            )
        ),
    },
    checks=(
        Values(name="values", points=1.5, plan="main", label="receptive field"),
        Values(
            name="same list twice",
            points=0.25,
            plan="main",
            label="first result == second result",
            after="values",
            hint="Is the list of layers changed, or something kept from the first call?",
        ),
        illegal(0.25, after="values"),
    ),
)

# ------------------------------------------------------------------------------------------------------------ networks

MOST = 8  # layers
UNTOUCHED = "list of layers == a copy from before"


class NetworkCase(NamedTuple):
    """Layers, each as a tuple of its keys and values, and the shape of the input."""

    number_of_layers: int
    kinds: str
    input_shape: tuple
    layers: tuple
    groups: str = "none"  # or "some"
    biases: str = "all"  # or "some missing"


def network_case(layers, input_shape):
    groups = "some" if any(layer.get("groups", 1) > 1 for layer in layers) else "none"
    biases = "all" if all(layer.get("bias", True) for layer in layers) else "some missing"
    kinds = ", ".join(sorted({layer["kind"] for layer in layers}))
    frozen = tuple(tuple(layer.items()) for layer in layers)
    return NetworkCase(len(layers), kinds, tuple(input_shape), frozen, groups, biases)


def conv(channels, kernel, **options: Any):
    return {"kind": "conv", "kernel": kernel, "channels": channels, **options}


def pool(kernel, **options: Any):
    return {"kind": "pool", "kernel": kernel, **options}


def dense(units, **options: Any):
    return {"kind": "dense", "units": units, **options}


FLATTEN = {"kind": "flatten"}


@st.composite
def two(draw, choices):
    """An int, or a pair."""
    first, second = draw(st.sampled_from(choices)), draw(st.sampled_from(choices))
    return draw(st.sampled_from([first, (first, second)]))


def both(value):
    return (value, value) if isinstance(value, int) else value


@st.composite
def image_layers(draw, shape):
    """A conv or pool layer that fits, and the shape behind it."""
    kind = draw(st.sampled_from(["conv", "conv", "pool"]))
    layer: dict[str, Any] = {"kind": kind, "kernel": draw(two([3, 2, 1, 5] if kind == "conv" else [2, 3]))}
    if draw(st.booleans()):
        layer["stride"] = draw(two([2, 1, 3]))
    if draw(st.booleans()):
        layer["padding"] = draw(two([1, 2, 0] if kind == "conv" else [1, 0]))
    channels = shape[0]
    if kind == "conv":
        groups = [1, 1] + [divisor for divisor in (2, 3) if channels % divisor == 0]
        chosen = draw(st.sampled_from(groups[::-1]))
        layer["channels"] = channels = draw(st.sampled_from([4, 6, 2, 3, 5])) * chosen
        if chosen > 1 or draw(st.integers(0, 3)) == 3:
            layer["groups"] = chosen
        if draw(st.integers(0, 3)) == 3:
            layer["bias"] = draw(st.booleans())
    default = layer["kernel"] if kind == "pool" else 1
    numbers = [both(layer["kernel"]), both(layer.get("stride", default)), both(layer.get("padding", 0))]
    if any(n + 2 * p < k for n, k, p in zip(shape[1:], numbers[0], numbers[2], strict=True)):
        layer["kernel"], layer["padding"] = 1, 0
        numbers[0], numbers[2] = (1, 1), (0, 0)
        numbers[1] = both(layer.get("stride", 1))
    return layer, (channels, *map(places, shape[1:], *numbers))


@st.composite
def network_cases(draw):
    """Up to four layers on images, then mostly a flatten and up to three dense layers; at times dense layers only."""
    layers: list[dict[str, Any]] = []
    if draw(st.integers(0, 9)) == 9:
        start = shape = (draw(st.integers(2, 40)),)
    else:
        start = shape = tuple(draw(st.sampled_from(choices)) for choices in ([3, 2, 4, 1], [12, 9, 17, 24], [10, 13]))
        for _ in range(draw(st.sampled_from([2, 3, 1, 4]))):
            layer, shape = draw(image_layers(shape))
            layers.append(layer)
        if draw(st.integers(0, 4)) < 4:
            layers.append(FLATTEN)
            shape = (prod(shape),)
    for _ in range(draw(st.sampled_from([1, 2, 0, 3])) if len(shape) == 1 else 0):
        units = draw(st.sampled_from([10, 7, 3]))
        layers.append(dense(units, **({"bias": draw(st.booleans())} if draw(st.integers(0, 2)) == 2 else {})))
    return network_case(layers or [dense(5)], start)


def network(s, case):
    return s.make([dict(layer) for layer in case.layers])


def network_script(s, case):
    """Every shape and every count by itself, so that a wrong one is named."""
    summary = s.use("network_summary", network(s, case), case.input_shape)
    for number in range(case.number_of_layers):
        s.get(summary, f"[{number}][1]", label=f"output shape of layer {number + 1}")
        s.get(summary, f"[{number}][2]", label=f"parameters of layer {number + 1}")


def table_script(s, case):
    """The whole summary, twice, and what has become of the list."""
    layers = network(s, case)
    summary = s.use("network_summary", layers, case.input_shape, label="summary")
    text_of(s, s.get(summary, "[0][1][-1]"), "side of the first shape")
    text_of(s, s.get(summary, "[-1][1][-1]"), "side of the last shape")
    text_of(s, s.get(summary, "[-1][2]"), "number of parameters")
    again(s, summary, s.use("network_summary", layers, case.input_shape))
    s.call(s.call(layers, "__eq__", network(s, case)), "__str__", label=UNTOUCHED)


def alexnet(groups):
    two_halves = {"groups": groups} if groups > 1 else {}
    return [
        *(conv(96, 11, stride=4), pool(3, stride=2), conv(256, 5, padding=2, **two_halves), pool(3, stride=2)),
        *(conv(384, 3, padding=1), conv(384, 3, padding=1, **two_halves), conv(256, 3, padding=1, **two_halves)),
        *(pool(3, stride=2), FLATTEN, dense(4096), dense(4096), dense(1000)),
    ]


LENET = [conv(6, 5, padding=2), pool(2), conv(16, 5), pool(2), FLATTEN, dense(120), dense(84), dense(10)]
VGG_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
VGG = [
    *(layer for channels, count in VGG_BLOCKS for layer in (*[conv(channels, 3, padding=1)] * count, pool(2))),
    *(FLATTEN, dense(4096), dense(4096), dense(1000)),
]
ALL_KEYS = [  # with rests on both axes, and kernels whose sides differ
    *(conv(4, (3, 2), stride=(2, 1), padding=(1, 0), bias=False), pool((3, 2), padding=(1, 0))),
    *(conv(6, (2, 1), groups=2), pool(2), FLATTEN, dense(7, bias=False), dense(3)),
]
LECTURE_E = [conv(10, 3), conv(20, 5, stride=2), conv(40, 5, stride=2), FLATTEN]
NETWORKS = (
    ("LeNet-5 as in lecture D: 61,706 parameters", LENET, (1, 28, 28), ("main", "table")),
    ("lecture E: 39-37-17-7-1960", LECTURE_E, (3, 39, 39), ("main", "table")),
    ("AlexNet with its two groups: 60,965,224 parameters", alexnet(2), (3, 227, 227), ("table",)),
    ("AlexNet without groups: 62,378,344 parameters", alexnet(1), (3, 227, 227), ("table",)),
    ("VGG-16: 138,357,544 parameters", VGG, (3, 224, 224), ("table",)),
    ("every key that a layer may have", ALL_KEYS, (3, 14, 11), ("main", "table")),
    ("a vector stays as it is", [FLATTEN, dense(4), FLATTEN, dense(2, bias=False)], (6,), ("main", "table")),
)
IMAGE = (4, 7, 8)
ILLEGAL_NETWORKS = (
    ([dense(3)], IMAGE),
    ([conv(2, 3), dense(3)], IMAGE),
    ([pool(2), dense(3)], IMAGE),
    ([FLATTEN, conv(2, 3)], IMAGE),
    ([FLATTEN, pool(2)], IMAGE),
    ([conv(2, 9)], IMAGE),
    ([conv(2, (3, 11), padding=1)], IMAGE),
    ([pool((8, 2))], IMAGE),
    ([conv(2, 5), conv(2, 5)], IMAGE),
    ([conv(6, 3, groups=3)], IMAGE),
    ([conv(6, 3, groups=4)], IMAGE),
    ([conv(2, 3, stride=0)], IMAGE),
    ([conv(2, 3, padding=-1)], IMAGE),
    ([conv(0, 3)], IMAGE),
    ([FLATTEN, dense(0)], IMAGE),
    ([conv(2, 0)], IMAGE),
    ([{"kind": "convolution", "kernel": 3, "channels": 2}], IMAGE),
)


def each_layer(label):
    """The labels of all layers: the first one, and the others."""
    return {"label": f"{label} 1", "also": tuple(f"{label} {number}" for number in range(2, MOST + 1))}


network_summary = Exercise(
    name="network_summary",
    title="Network summary",
    symbols=("network_summary",),
    cases=network_cases(),
    examples=tuple(Example(name, network_case(layers, shape), {}, plans) for name, layers, shape, plans in NETWORKS),
    plans={
        "main": Plan(network_script, cases=60),
        "table": Plan(table_script, cases=20),
        "illegal": illegal_plan(network_summary=ILLEGAL_NETWORKS),
    },
    checks=(
        Values(name="output shapes", points=2, plan="main", **each_layer("output shape of layer")),
        Values(name="parameters", points=1.5, plan="main", **each_layer("parameters of layer")),
        Values(
            name="table",
            points=0.5,
            plan="table",
            label="summary",
            also=tuple(
                f"0 * {what} as text"
                for what in ("side of the first shape", "side of the last shape", "number of parameters")
            ),
            hint="One tuple (kind, output_shape, parameters) for each layer, in order; all numbers are ints.",
        ),
        Values(
            name="same list twice",
            points=0.25,
            plan="table",
            label="first result == second result",
            also=(UNTOUCHED,),
            after="table",
            hint="Are the list or its dicts changed? Read them with `layer[key]` or `layer.get(key, default)`.",
        ),
        illegal(0.75, after="output shapes"),
    ),
)
