"""Augmentation: functions on batches of images. Random ones are tested for their distribution, never for one
generator's numbers, and for drawing from the generator that they are given and from nothing else."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Distribution, Example, Exercise, Plan, Raises, Relations, Same, Shapes, Values

ORDER = 120
SIDES = st.sampled_from([5, 4, 6, 3, 7, 2, 8, 1])


class ImageCase(NamedTuple):
    """A batch of images; `values` are fractions, or whole numbers 0 and 1 in an array of integers."""

    batch: int
    channels: int
    height: int
    width: int
    values: str


class SizeCase(NamedTuple):
    """A batch of images, and a size written as an int or as a pair (then with different sides most often)."""

    batch: int
    channels: int
    height: int
    width: int
    size_height: int
    size_width: int
    notation: str  # "pair", "int", "list" or "np.int64"
    values: str  # "fractions" or "whole numbers"


class JitterCase(NamedTuple):
    """A batch of images, and a strength."""

    batch: int
    channels: int
    height: int
    width: int
    strength: float


VALUES = st.sampled_from(["fractions"] * 5 + ["whole numbers"])
BATCH, CHANNELS = st.sampled_from([2, 3, 1, 4]), st.sampled_from([3, 2, 1])
image_cases = st.builds(ImageCase, BATCH, CHANNELS, SIDES, SIDES, VALUES)


@st.composite
def size_cases(draw, within):
    """Sizes within the images, or any."""
    notation = draw(st.sampled_from(["pair", "int", "pair", "list", "np.int64"]))
    height, width = draw(SIDES), draw(SIDES)
    if within:
        sides = [draw(st.integers(1, side)) for side in (height, width)]
    else:
        sides = [draw(st.integers(1, 9)), draw(st.integers(1, 9))]
    if notation in ("int", "np.int64"):
        sides = [min(sides)] * 2
    return SizeCase(draw(BATCH), draw(CHANNELS), height, width, *sides, notation, draw(VALUES))


@st.composite
def jitter_cases(draw):
    sides = draw(st.sampled_from([3, 2, 4])), draw(st.sampled_from([4, 3, 2]))
    return JitterCase(draw(BATCH), draw(CHANNELS), *sides, draw(st.sampled_from([0.25, 0.5, 1, 0.75, 0])))


def images(rng, case):
    """Values in [0, 1], all different or whole numbers."""
    shape = case[:4]
    return rng.integers(0, 2, shape) if getattr(case, "values", "") == "whole numbers" else rng.random(shape)


def size(case):
    """The size in the case's notation."""
    pair = case.size_height, case.size_width
    if case.notation == "np.int64":
        return np.int64(pair[0])
    return {"pair": pair, "list": list(pair), "int": pair[0]}[case.notation]


def arguments(case):
    return (size(case),) if isinstance(case, SizeCase) else ()


def function_plans(symbol, illegal):
    """The result, what its numbers are made of, and calls with illegal arguments."""

    def main(s, case):
        output = s.use(symbol, s.array("images", images(s.rng, case)), *arguments(case), label="output")
        s.get(output, "dtype.name", label="dtype")

    def single(s, case):
        """The dtype for images of whole numbers, and in single precision."""
        whole = s.array("images", s.rng.integers(0, 2, case[:4]))
        single_precision = s.call(s.make(whole), "astype", "float32")
        for label, x in (("dtype", whole), ("dtype for single precision", single_precision)):
            s.get(s.use(symbol, x, *arguments(case)), "dtype.name", label=label)

    def purity(s, case):
        x = s.array("images", images(s.rng, case))
        s.make(x, label="images")
        s.use(symbol, x, *arguments(case), label="output")
        s.use(symbol, x, *arguments(case), label="output again")
        s.make(x, label="images afterwards")

    return {
        "main": Plan(main, cases=40),
        "dtypes": Plan(single, cases=3),
        "purity": Plan(purity, cases=10),
        "illegal": illegal_plan(symbol, illegal),
    }


class IllegalCase(NamedTuple):
    """Images with other axes than (b, c, y, x), or an argument that is not legal for them."""

    image_shape: tuple
    argument: object = None


def illegal_plan(symbol, cases, random=False):
    """ValueError, whatever the generator."""

    def script(s, case):
        given = () if case.argument is None else (case.argument,)
        rng = (s.generator(),) if random else ()
        s.use(symbol, s.array("images", s.rng.random(case.image_shape)), *given, *rng, label="output")

    return Plan(script, cases=cases)


FLAT = (IllegalCase((3, 4)), IllegalCase((3, 4, 5)), IllegalCase((1, 2, 3, 4, 5)))
SIZES = (
    IllegalCase((3, 4, 5), 2),
    IllegalCase((2, 3, 4, 5), 0),
    IllegalCase((2, 3, 4, 5), (2, 0)),
    IllegalCase((2, 3, 4, 5), (-1, 2)),
    IllegalCase((2, 3, 4, 5), (2, 2, 2)),
    IllegalCase((2, 3, 4, 5), 2.5),
)
TOO_LARGE = (
    IllegalCase((2, 3, 4, 5), 5),
    IllegalCase((2, 3, 4, 5), (2, 6)),
    IllegalCase((2, 3, 5, 4), (6, 2)),
)
STRENGTHS = (
    IllegalCase((3, 4, 5), 0.5),
    IllegalCase((2, 3, 4, 5), -0.1),
    IllegalCase((2, 3, 4, 5), 1.5),
)

UNCHANGED = Same(
    "images",
    "images afterwards",
    "images changed",
    "The function changes the images that it is given.",
    "Work on a copy, or write the result into a new array.",
)
REPEATABLE = Same("output", "output again", "called twice", "A second call with the same images gives another result.")


def float64():
    hint = "Results are float64, whatever the images hold: say dtype=float where the array is made."
    return Values(
        name="float64",
        points=0.25,
        plan="dtypes",
        label="dtype",
        also=("dtype for single precision",),
        what="array's dtype",
        after="values",
        hint=hint,
    )


def plain_exercise(name, title, points, cases, illegal, examples):
    """The exercise of a function without chance."""
    return Exercise(
        name=name,
        title=title,
        symbols=(name,),
        cases=cases,
        examples=examples,
        count=80,
        plans=function_plans(name, illegal),
        checks=(
            Shapes(name="shapes", points=0.25, plan="main"),
            Values(name="values", points=points - 1, plan="main"),
            float64(),
            Relations(
                name="purity", points=0.25, plan="purity", after="values", same=(UNCHANGED, REPEATABLE), unchanged=False
            ),
            Raises(name="illegal arguments", points=0.25, plan="illegal", after="values"),
        ),
    )


def numbers(height, width):
    """One image whose pixel at row y and column x is 0.yx, as in the handout."""
    return {"images": [[[[(10 * y + x) / 100 for x in range(width)] for y in range(height)]]]}


def example(height, width, sides, notation="pair", name=""):
    name = name or f"handout: {height} rows and {width} columns"
    return Example(name, SizeCase(1, 1, height, width, *sides, notation, "fractions"), numbers(height, width))


horizontal_flip = plain_exercise(
    "horizontal_flip",
    "Horizontal flip",
    2,
    image_cases,
    FLAT,
    (Example("handout: 2 rows and 3 columns", ImageCase(1, 1, 2, 3, "fractions"), numbers(2, 3)),),
)
center_crop = plain_exercise(
    "center_crop", "Center crop", 2.5, size_cases(True), SIZES + TOO_LARGE, (example(4, 5, (2, 2), "int"),)
)
rescale_nearest = plain_exercise(
    "rescale_nearest",
    "Rescaling",
    3,
    size_cases(False),
    SIZES,
    (
        example(4, 5, (2, 3)),
        example(2, 3, (3, 5)),
        example(1, 30, (1, 22), name="30 columns to 22: i * n before it is divided"),
    ),
)
resize_and_crop = plain_exercise(
    "resize_and_crop",
    "Resize and crop",
    3,
    size_cases(False),
    SIZES,
    (
        example(4, 7, (2, 2), "int"),
        example(2, 5, (3, 3), "int"),
        example(4, 5, (2, 5), name="4 rows and 5 columns to (2, 5): the columns decide"),
        example(1, 11, (1, 15), name="11 columns to 15: 11 * (15 / 11) is less than 15"),
    ),
)


def ramp(case):
    """Pixels that tell where they come from: all different, in [0, 1), growing from left to right and downwards."""
    shape = case[:4]
    return np.arange(np.prod(shape)).reshape(shape) / 4096


def random_main(symbol, argument):
    """One call for every case; only what does not depend on chance is compared."""

    def script(s, case):
        s.use(symbol, s.array("images", images(s.rng, case)), argument(case), s.generator(), label="output")

    return Plan(script)


def whole_numbers(symbol, argument):
    """The dtype for images of integers, and in single precision."""

    def script(s, case):
        whole = s.array("images", s.rng.integers(0, 2, case[:4]))
        single_precision = s.call(s.make(whole), "astype", "float32")
        for label, x in (("dtype", whole), ("dtype for single precision", single_precision)):
            s.get(s.use(symbol, x, argument(case), s.generator()), "dtype.name", label=label)

    return Plan(script, cases=5)


def crop_contents(s, case):
    """What is left of a crop when its smallest pixel is subtracted, and where that pixel lies in each channel."""
    x = s.array("images", ramp(case))
    output = s.use("random_crop", x, size(case), s.generator(), label="output")
    smallest = s.call(output, "min", (2, 3), None, True)
    s.call(output, "__sub__", smallest, label="crop minus its smallest pixel")
    first = s.array("first_pixels", ramp(case)[:, :, :1, :1])
    where = s.call(smallest, "__sub__", first)
    highest, lowest = s.call(where, "max", 1), s.call(where, "min", 1)
    s.call(highest, "__sub__", lowest, label="difference of the channels' positions")


class DrawCase(NamedTuple):
    """Many copies of one image."""

    copies: int
    channels: int
    height: int
    width: int
    size_height: int
    size_width: int


DRAWS = (DrawCase(2000, 2, 6, 5, 3, 4), DrawCase(3000, 1, 3, 7, 3, 2), DrawCase(1500, 1, 5, 4, 1, 4))


def crop_positions(s, case):
    """The first pixel of every crop tells its position; every legal one must come equally often."""
    image = ramp(DrawCase(1, *case[1:]))
    many = s.call(s.make(s.array("images", image)), "repeat", case.copies, 0)
    output = s.use("random_crop", many, (case.size_height, case.size_width), s.generator())
    s.call(output, "min", (1, 2, 3), label="positions")
    top, left = np.ogrid[: case.height - case.size_height + 1, : case.width - case.size_width + 1]
    s.facts = {"family": "choice", "values": [float(v) for v in image[0, 0][top, left].ravel()]}


class RngCase(NamedTuple):
    """So many images that nobody draws the same twice by chance."""

    batch: int
    channels: int
    height: int
    width: int


def generators(symbol, argument):
    """Calls with equal generators, with the same one again, and with one of another seed."""

    def script(s, case):
        x = s.array("images", ramp(case))
        seed = int(s.rng.integers(1000))
        first = s.generator(seed)
        s.make(x, label="images")
        s.use(symbol, x, argument, first, label="output")
        s.use(symbol, x, argument, s.generator(seed), label="output with an equal generator")
        s.use(symbol, x, argument, first, label="output of a second call")
        s.use(symbol, x, argument, s.generator(seed + 1), label="output with another seed")
        s.make(x, label="images afterwards")

    return Plan(script, cases=(RngCase(16, 2, 5, 6), RngCase(16, 1, 6, 4)))


EQUAL_GENERATORS = Same(
    "output",
    "output with an equal generator",
    "another source of chance",
    "Two generators with the same seed give different results: chance comes from somewhere else.",
    "Draw from the generator `rng` that is passed in, and from nothing else.",
)
SECOND_CALL = Same(
    "output",
    "output of a second call",
    "same numbers again",
    "A second call with the same generator draws the same numbers again.",
    "Draw from `rng` itself, not from a copy of it or from a generator with a fixed seed.",
)
OTHER_SEED = Same(
    "output",
    "output with another seed",
    "seed ignored",
    "Generators with different seeds give the same result.",
    "Draw from the generator `rng` that is passed in; do not make one with a fixed seed.",
)


def only_the_generator(points, after):
    return Relations(
        name="only the generator",
        points=points,
        plan="generators",
        after=after,
        same=(UNCHANGED, EQUAL_GENERATORS),
        differ=(SECOND_CALL, OTHER_SEED),
        unchanged=False,
    )


def float64_of_whole_numbers(after):
    hint = "Results are float64, whatever the images hold."
    return Values(
        name="float64",
        points=0.25,
        plan="whole numbers",
        label="dtype",
        also=("dtype for single precision",),
        what="array's dtype",
        after=after,
        hint=hint,
    )


random_crop = Exercise(
    name="random_crop",
    title="Random crop",
    symbols=("random_crop",),
    cases=size_cases(True),
    count=60,
    plans={
        "main": random_main("random_crop", size),
        "contents": Plan(crop_contents),
        "positions": Plan(crop_positions, cases=DRAWS, random=True),
        "generators": generators("random_crop", (2, 3)),
        "whole numbers": whole_numbers("random_crop", size),
        "illegal": illegal_plan("random_crop", SIZES + TOO_LARGE, random=True),
    },
    checks=(
        Shapes(name="shapes", points=0.25, plan="main"),
        Values(
            name="crops",
            points=1.25,
            plan="contents",
            label="crop minus its smallest pixel",
            also=("difference of the channels' positions",),
            hint="A crop is a rectangle of neighbouring pixels, at the same place in all channels of an image.",
        ),
        Distribution(name="positions", points=1.5, plan="positions", label="positions", after="crops"),
        only_the_generator(points=0.5, after="shapes"),
        float64_of_whole_numbers("crops"),
        Raises(name="illegal arguments", points=0.25, plan="illegal", after="crops"),
    ),
)


def beside_one(s, difference, label):
    """What should be 0 as what should be 1: errors are relative, and single precision on the way costs nothing."""
    s.call(difference, "__add__", 1.0, label=label)


def jitter_factors(s, case):
    """The factors of every image and channel, where nothing is clipped."""
    x = s.array("images", s.rng.uniform(0.1, 0.4, case[:4]))
    output = s.use("color_jitter", x, case.strength, s.generator(), label="output")
    factors = s.call(output, "__truediv__", x)
    highest, lowest = s.call(factors, "max", (2, 3)), s.call(factors, "min", (2, 3))
    beside_one(s, s.call(highest, "__sub__", lowest), "difference of the factors within a channel (plus 1)")


def jitter_clipping(s, case):
    """The output where much is clipped, against the one that its smallest factor, seen at a dark pixel, implies."""
    values = s.rng.uniform(0.6, 1.0, case[:4])
    values[:, :, 0, 0], values[:, :, -1, -1] = 0.01, 1
    x = s.array("images", values)
    output = s.use("color_jitter", x, case.strength, s.generator(), label="output")
    darkest = s.call(s.call(output, "take", [0], 2), "take", [0], 3)
    factors = s.call(darkest, "__truediv__", s.array("darkest_before", np.full((1, 1, 1, 1), 0.01)))
    product = s.call(s.call(factors, "__mul__", x), "clip", 0, 1)
    beside_one(s, s.call(product, "__sub__", output), "difference from the clipped product (plus 1)")


class FactorCase(NamedTuple):
    """Many small images."""

    batch: int
    channels: int
    height: int
    width: int
    strength: float


def many_factors(s, case):
    """A dark pixel, which shows the factor, beside one that is clipped."""
    x = s.call(s.make(s.array("images", [[[[0.25, 1.0]]]])), "repeat", case.batch, 0)
    x = s.call(x, "repeat", case.channels, 1)
    dark = s.call(s.use("color_jitter", x, case.strength, s.generator()), "take", [0], 3)
    factors = s.call(dark, "__truediv__", s.array("quarter", [[[[0.25]]]]))
    s.call(factors, "__sub__", s.array("one", [[[[1.0]]]]), label="factors minus 1")
    s.facts = {"family": "uniform", "mean": 0.0, "deviation": case.strength / 3**0.5}


def strength(case):
    return case.strength


color_jitter = Exercise(
    name="color_jitter",
    title="Color jitter",
    symbols=("color_jitter",),
    cases=jitter_cases(),
    count=50,
    examples=(
        Example("strength 0.5", JitterCase(4, 3, 3, 4, 0.5), {}, ("main", "factors", "clipping", "whole numbers")),
        Example("strength 1", JitterCase(3, 2, 4, 3, 1), {}, ("main", "factors", "clipping")),
    ),
    plans={
        "main": random_main("color_jitter", strength),
        "factors": Plan(jitter_factors, cases=30),
        "many factors": Plan(
            many_factors, cases=(FactorCase(1500, 3, 1, 2, 0.5), FactorCase(2000, 2, 1, 2, 0.25)), random=True
        ),
        "clipping": Plan(jitter_clipping, cases=30),
        "generators": generators("color_jitter", 0.5),
        "whole numbers": whole_numbers("color_jitter", strength),
        "illegal": illegal_plan("color_jitter", STRENGTHS, random=True),
    },
    checks=(
        Shapes(name="shapes", points=0.25, plan="main"),
        Distribution(name="factors", points=1.25, plan="many factors", label="factors minus 1"),
        Values(
            name="one factor per channel",
            points=0.75,
            plan="factors",
            label="difference of the factors within a channel (plus 1)",
            hint="All pixels of one channel of one image are multiplied by the same number.",
            after="factors",
        ),
        Values(
            name="clipping",
            points=0.75,
            plan="clipping",
            label="difference from the clipped product (plus 1)",
            hint="After multiplying, what is above 1 becomes 1; nothing else changes.",
            after="factors",
        ),
        only_the_generator(points=0.5, after="shapes"),
        float64_of_whole_numbers("factors"),
        Raises(name="illegal arguments", points=0.25, plan="illegal", after="factors"),
    ),
)
