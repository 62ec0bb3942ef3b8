"""Initializers: constant, uniform, Xavier, He."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Distribution, Example, Exercise, Plan, Relations, Same, Shapes, Values

ORDER = 10


class InitializerCase(NamedTuple):
    """One call; the fans have nothing to do with the shape."""

    number_of_axes: int
    weights_shape: tuple[int, ...]
    fan_in: int
    fan_out: int
    fans_as: str  # "int", or "numpy" for np.int64


class ConstantCase(NamedTuple):
    """One call of Constant, with the value as it is passed in."""

    number_of_axes: int
    weights_shape: tuple[int, ...]
    fan_in: int
    fan_out: int
    value: float | str


class DrawsCase(NamedTuple):
    """An array so large that mean, deviation and distribution can be measured."""

    weights_shape: tuple[int, ...]
    fan_in: int
    fan_out: int
    fans_as: str


VALUES = ("default", 1, 0.5, -2, 7, "default", 0.25, 0)


@st.composite
def weights_shapes(draw):
    """One to four axes of different lengths, as biases, dense layers and convolutions have them."""
    axes = draw(st.sampled_from([2, 4, 1, 3]))
    return axes, tuple(draw(st.integers(2, 6)) for _ in range(axes))


@st.composite
def initializer_cases(draw):
    axes, shape = draw(weights_shapes())
    fans = draw(st.integers(2, 90)), draw(st.integers(2, 90))
    return InitializerCase(axes, shape, *fans, draw(st.sampled_from(["int", "numpy"])))


@st.composite
def constant_cases(draw):
    axes, shape = draw(weights_shapes())
    fans = draw(st.integers(2, 90)), draw(st.integers(2, 90))
    return ConstantCase(axes, shape, *fans, draw(st.sampled_from(VALUES)))


WHOLE = tuple(ConstantCase(2, (2, number), 5, 7, value) for number, value in enumerate((1, 7, -2, 0), 3))

# Whichever fan is the larger one, the other still moves sigma by more than the test's tolerance of 3.6 %.
DRAWS = (
    DrawsCase((20000,), 60, 600, "int"),
    DrawsCase((100, 200), 300, 60, "int"),
    DrawsCase((20, 30, 35), 8, 80, "numpy"),
    DrawsCase((64, 32, 3, 3), 90, 20, "numpy"),
)


def fans(case):
    number = np.int64 if getattr(case, "fans_as", "int") == "numpy" else int
    return number(case.fan_in), number(case.fan_out)


def twice(s, initializer, case):
    """Two calls; then the first array is overwritten, which must not touch the second."""
    first = s.call(initializer, "initialize", case.weights_shape, *fans(case), label="array")
    s.get(first, "dtype.name", label="dtype")
    second = s.call(initializer, "initialize", case.weights_shape, *fans(case), label="second array")
    s.call(first, "copy", label="first array")
    s.call(first, "fill", 123.25, label="filling")
    s.call(first, "copy", label="first array filled with 123.25")
    s.call(second, "copy", label="second array after that")


def random_script(symbol):
    """Two calls of one object, and one of another."""

    def both(s, case):
        twice(s, s.new(symbol), case)
        s.call(s.new(symbol), "initialize", case.weights_shape, *fans(case), label="array of a second object")

    return both


def constant_script(s, case):
    arguments = () if case.value == "default" else (case.value,)
    constant = s.new("Constant", *arguments)
    twice(s, constant, case)
    s.new("Constant", 3.75)  # which no case has
    s.call(constant, "initialize", case.weights_shape, *fans(case), label="array after another object was made")


def draws(symbol, family, mean, deviation):
    """One large array, and the distribution that it must have."""

    def large(s, case):
        s.call(s.new(symbol), "initialize", case.weights_shape, *fans(case), label="array")
        s.facts = {"family": family, "mean": mean, "deviation": float(deviation(case.fan_in, case.fan_out))}

    return Plan(large, cases=DRAWS, random=True)


NEW_ARRAY = Same(
    "second array",
    "second array after that",
    "same array",
    "Both calls return the very same array: writing into the first one changes the second.",
    "Create the array inside of initialize.",
)
WRITABLE = Same(
    "first array",
    "first array filled with 123.25",
    "read-only",
    "Nothing can be written into the returned array; a layer that changes its weights would fail.",
    "Return an array of its own, not a view that repeats one number.",
)
OWN_VALUE = Same(
    "array",
    "array after another object was made",
    "shared settings",
    "The value changes when another object is made with another value.",
    "What the constructor is given belongs to `self`, not to the class or a global variable.",
)
NEW_NUMBERS = Same(
    "array",
    "second array",
    "same numbers",
    "A second call gives the very same numbers again.",
    "Every call draws anew; a fixed seed inside of initialize starts the generator from the beginning each time.",
)
OWN_NUMBERS = Same(
    "array",
    "array of a second object",
    "same numbers in every object",
    "A second object gives the very same numbers as the first one.",
    "A fixed seed in the constructor starts the generator from the beginning for every object: leave it out.",
)


def random_exercise(name, title, symbol, points, plan):
    """The exercise of an initializer that draws: shapes, distribution, independence of calls, dtype."""
    return Exercise(
        name=name,
        title=title,
        symbols=(symbol,),
        cases=initializer_cases(),
        count=30,
        plans={"main": Plan(random_script(symbol)), "draws": plan},
        checks=(
            Shapes(name="shapes", points=0.5, plan="main", label="array"),
            Distribution(name="distribution", points=points, plan="draws", label="array"),
            Relations(
                name="new numbers",
                points=0.5,
                plan="main",
                same=(NEW_ARRAY,),
                differ=(NEW_NUMBERS, OWN_NUMBERS, WRITABLE),
            ),
            float64("main"),
        ),
    )


def float64(plan, after="distribution"):
    return Values(
        name="float64",
        points=0.5,
        plan=plan,
        label="dtype",
        what="array's dtype",
        after=after,
        hint="Say dtype=float where the array is made.",
    )


constant_initializer = Exercise(
    name="constant_initializer",
    title="Constant initializer",
    symbols=("Constant",),
    cases=constant_cases(),
    count=60,
    examples=(
        Example("lecture C: 0.1 unless told otherwise", ConstantCase(2, (2, 3), 2, 3, "default"), {}),
        Example("a bias that starts at 0", ConstantCase(1, (3,), 4, 3, 0), {}),
    ),
    plans={
        "main": Plan(constant_script),
        "whole numbers": Plan(constant_script, cases=WHOLE),
    },
    checks=(
        Shapes(name="shapes", points=0.5, plan="main", label="array"),
        Values(name="values", points=1.5, plan="main", label="array"),
        Relations(
            name="new array",
            points=0.5,
            plan="main",
            after="values",
            same=(NEW_ARRAY, OWN_VALUE),
            differ=(WRITABLE,),
        ),
        float64("whole numbers", after="values"),
    ),
)

uniform_initializer = random_exercise(
    "uniform_initializer",
    "Uniform initializer",
    "UniformRandom",
    1.5,
    draws("UniformRandom", "uniform", 0.5, lambda fan_in, fan_out: 1 / np.sqrt(12)),
)

xavier_initializer = random_exercise(
    "xavier_initializer",
    "Xavier initializer",
    "Xavier",
    2.5,
    draws("Xavier", "normal", 0.0, lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out))),
)

he_initializer = random_exercise(
    "he_initializer",
    "He initializer",
    "He",
    2.5,
    draws("He", "normal", 0.0, lambda fan_in, fan_out: np.sqrt(2 / fan_in)),
)
