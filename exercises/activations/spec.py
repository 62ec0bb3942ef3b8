"""Activation functions: sigmoid, tanh, ReLU, leaky ReLU, softmax."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import (
    Bounds,
    Example,
    Exercise,
    Layer,
    Plan,
    Raises,
    Values,
    call_order,
    gradient,
    inputs,
    integer_input,
    layer_plans,
)

ORDER = 40


class ActivationCase(NamedTuple):
    """An input of any shape, whose entries are "nonzero", or "zero in places": about a third of them exactly 0."""

    layout: str
    batch: int
    channels: int
    height: int
    width: int
    input: str


class LeakyCase(NamedTuple):
    """An input of any shape, and the slope that the constructor is given ("default": none)."""

    layout: str
    batch: int
    channels: int
    height: int
    width: int
    slope: str


class SoftMaxCase(NamedTuple):
    """Classes along axis 1: of vectors, or of every pixel of images. Scores lie close together, or apart."""

    layout: str
    batch: int
    classes: int
    height: int
    width: int
    scores: str


LAYOUTS = ("vectors", "images", "vectors", "signals")
BATCH = st.sampled_from([2, 3, 4, 5, 6, 1])
CHANNELS = st.sampled_from([3, 2, 4, 5, 6, 7, 8])
SIDE = st.sampled_from([3, 2, 4, 5, 1])


def elementwise_cases(last):
    """Cases of functions that work entry by entry, with one more field."""
    kind = LeakyCase if "default" in last else ActivationCase
    return st.builds(kind, st.sampled_from(LAYOUTS), BATCH, CHANNELS, SIDE, SIDE, st.sampled_from(last)).map(
        without_unused
    )


def without_unused(case):
    """Sides that the layout does not have are 1."""
    sides = {"vectors": {"height": 1, "width": 1}, "signals": {"height": 1}, "images": {}}
    return case._replace(**sides[case.layout])


def shape(case):
    """(b, n), (b, c, x) or (b, c, y, x)."""
    return (*case[1:3], *{"vectors": (), "signals": case[4:5], "images": case[3:5]}[case.layout])


def numbers(rng, case):
    """Numbers of either sign, at least 0.05 from 0 or exactly 0."""
    x = 1.5 * inputs.off_zero(rng, shape(case))
    return np.where(rng.random(x.shape) < 0.4, 0.0, x) if getattr(case, "input", "") == "zero in places" else x


def layer(symbol, arguments=lambda case: (), another=None):
    return Layer(symbol, arguments, numbers, another=another)


def attributes(symbol):
    """What a network asks a new layer."""

    def script(s, case):
        s.get(s.new(symbol), "trainable", label="trainable")

    return script


def plans(made, case, extreme=None):
    """The plans of one activation; `case` is any case."""
    more = {"large": Plan(large(made.symbol, extreme), cases=12)} if extreme else {}
    return {**layer_plans(made), **more, "attributes": Plan(attributes(made.symbol), cases=(case,))}


def large(symbol, extreme):
    """Forward and backward where exponentials overflow."""

    def script(s, case):
        made = s.new(symbol)
        output = s.call(made, "forward", s.array("input_tensor", extreme(s.rng, case)), label="output")
        s.call(made, "backward", s.like(output), label="input gradient")

    return script


def checks(forward, backward, order=0.5, integers=0.25, more=(), settings=False):
    """Points of one activation; `more` checks come after the gradient."""
    return (
        Values(name="forward", points=forward, plan="main"),
        gradient("input", points=backward),
        *more,
        call_order(points=order, after="forward", settings=settings),
        integer_input(points=integers, after="forward"),
        Values(
            name="trainable",
            points=0.25,
            plan="attributes",
            label="trainable",
            what="attribute trainable",
            tried="forward",
        ),
    )


def stable(points):
    """Right outputs and harmless gradients for inputs around +-1000."""
    return (
        Values(name="large inputs", points=points, plan="large", what="output for inputs around +-1000"),
        Bounds(
            name="large input gradient",
            points=0.25,
            plan="large",
            label="input gradient",
            after="forward",
            what="input gradient for inputs around +-1000",
            hint="Look for exponentials that overflow, as inf / inf is not a number.",
        ),
    )


def by_hand(case, *rows):
    """The handout's example: a visible case."""
    return (Example("handout: by hand", case, {"input_tensor": list(rows)}),)


ONE = ActivationCase("vectors", 1, 4, 1, 1, "nonzero")
ONE_LEAKY = LeakyCase("vectors", 1, 4, 1, 1, "default")
NO_ZEROS = elementwise_cases(["nonzero"])


def far_out(rng, case):
    """Some entries around +-1000 and some around 0."""
    return rng.choice([1000.0, -1000.0, 0.0], shape(case)) + rng.standard_normal(shape(case))


sigmoid = Exercise(
    name="sigmoid",
    title="Sigmoid",
    symbols=("Sigmoid",),
    cases=NO_ZEROS,
    count=200,
    examples=by_hand(ONE, [0, np.log(3), -np.log(3), np.log(9)]),
    plans=plans(layer("Sigmoid"), ONE, far_out),
    checks=checks(1.25, 1.25, order=0.25, more=stable(0.5)),
)

tanh = Exercise(
    name="tanh",
    title="Hyperbolic tangent",
    symbols=("TanH",),
    cases=NO_ZEROS,
    count=200,
    examples=by_hand(ONE, [0, np.log(2), -np.log(2), np.log(3)]),
    plans=plans(layer("TanH"), ONE),
    checks=checks(1, 1),
)

relu = Exercise(
    name="relu",
    title="ReLU",
    symbols=("ReLU",),
    cases=elementwise_cases(["nonzero", "zero in places"]),
    count=160,
    examples=by_hand(ONE._replace(input="zero in places"), [-2, 0, 0.5, 3]),
    plans=plans(layer("ReLU"), ONE),
    checks=checks(1, 1.5, order=1),
)


def slope(case):
    return () if case.slope == "default" else (float(case.slope),)


def another_slope(case):
    return case._replace(slope="0.25" if case.slope == "0.5" else "0.5")


leaky_relu = Exercise(
    name="leaky_relu",
    title="Leaky ReLU",
    symbols=("LeakyReLU",),
    cases=elementwise_cases(["default", "0.25", "0.01", "0.5"]),
    count=150,
    examples=by_hand(ONE_LEAKY, [-2, -0.5, 0.5, 3]),
    plans=plans(layer("LeakyReLU", slope, another_slope), ONE_LEAKY),
    checks=checks(1.5, 1.5, settings=True),
)


softmax_cases = st.builds(  # most of them vectors, so that softmax over the last axis, right for these, earns its half
    SoftMaxCase,
    st.sampled_from(["vectors", "vectors", "vectors", "images", "vectors"]),
    BATCH,
    st.integers(2, 12),
    SIDE,
    SIDE,
    st.sampled_from(["close", "apart"]),
).map(without_unused)


def softmax_shape(case):
    return (case.batch, case.classes, case.height, case.width) if case.layout == "images" else case[1:3]


def scores(rng, case):
    return (5.0 if case.scores == "apart" else 1.5) * inputs.normal(rng, softmax_shape(case))


def far_scores(rng, case):
    """Every item (and pixel) around -1000, 1000 or 0; in most cases a few of its entries elsewhere."""
    full = softmax_shape(case)
    around = rng.choice([1000.0, -1000.0, 0.0], (full[0], 1, *full[2:]))
    elsewhere = 0.2 if rng.random() < 0.6 else 0.0  # where all stay, any shift of an item's own will do
    around = np.where(rng.random(full) < elsewhere, rng.choice([1000.0, -1000.0], full), around)
    return around + rng.standard_normal(full)


class FlatCase(NamedTuple):
    """An input without an axis 1."""

    classes: int


def flat(s, case):
    s.call(s.new("SoftMax"), "forward", s.array("input_tensor", inputs.normal(s.rng, (case.classes,))), label="output")


ONE_SOFTMAX = SoftMaxCase("vectors", 2, 3, 1, 1, "close")

softmax = Exercise(
    name="softmax",
    title="Softmax",
    symbols=("SoftMax",),
    cases=softmax_cases,
    count=160,
    examples=(
        *by_hand(ONE_SOFTMAX, [0, np.log(2), np.log(3)], [5, 5, 5]),
        Example(
            "handout: the same as two pixels",
            SoftMaxCase("images", 1, 3, 1, 2, "close"),
            {"input_tensor": [[[[0, 5]], [[np.log(2), 5]], [[np.log(3), 5]]]]},
        ),
    ),
    plans={
        **plans(Layer("SoftMax", lambda case: (), scores), ONE_SOFTMAX, far_scores),
        "illegal": Plan(flat, cases=(FlatCase(3),)),
    },
    checks=(
        *checks(1.5, 2, more=stable(1)),
        Raises(name="illegal arguments", points=0.25, plan="illegal", after="forward"),
    ),
)
