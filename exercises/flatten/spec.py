"""Flatten: from images to vectors and back."""

from typing import NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from grader.authoring import (
    Example,
    Exercise,
    Layer,
    Plan,
    Shapes,
    Values,
    call_order,
    gradient,
    inputs,
    integer_input,
    layer_plans,
)

ORDER = 80


class FlattenCase(NamedTuple):
    """A batch of arrays with any number of axes, the batch axis included."""

    batch: int
    number_of_axes: int
    sample_shape: tuple


@st.composite
def flatten_cases(draw):
    """Images (four axes) and, less often, everything else from two axes to six."""
    number_of_axes = draw(st.sampled_from([4, 4, 4, 4, 4, 4, 2, 3, 5, 6]))
    sides = [2, 3, 1, 4] if number_of_axes < 5 else [2, 1, 3]
    shape = tuple(draw(st.sampled_from(sides)) for _ in range(number_of_axes - 1))
    return FlattenCase(draw(st.sampled_from([2, 3, 1])), number_of_axes, shape)


def samples(rng, case):
    return inputs.normal(rng, (case.batch, *case.sample_shape))


def other_samples(rng, case):
    """Another batch size, and samples that are longer along the last axis."""
    return samples(rng, case._replace(batch=case.batch % 3 + 1, sample_shape=(*case.sample_shape[:-1], 5)))


def images(case):
    return case.number_of_axes == 4


def any_axes(case):
    """Everything but images, and a few of these for comparison."""
    return case.number_of_axes != 4 or case.batch == 1


TRAINABLE = "Every layer has an attribute `trainable`; what is it where there are no weights?"


class AnyCase(NamedTuple):
    """Nothing to choose."""


def trainable_script(s, case):
    s.get(s.new("Flatten"), "trainable", label="trainable")


layer = Layer("Flatten", lambda case: (), samples, linear=True, other=other_samples)

flatten = Exercise(
    name="flatten",
    title="Flatten",
    symbols=("Flatten",),
    cases=flatten_cases(),
    examples=(
        Example(
            "two samples of two channels of 2x2",
            FlattenCase(2, 4, (2, 2, 2)),
            {"input_tensor": [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[[9, 10], [11, 12]], [[13, 14], [15, 16]]]]},
        ),
    ),
    plans={
        "main": Plan(layer.main, when=images),
        "axes": Plan(layer.main, when=any_axes),
        **{
            name: Plan(plan.script, cases=6, when=images) for name, plan in layer_plans(layer).items() if name != "main"
        },
        "trainable": Plan(trainable_script, cases=(AnyCase(),)),
    },
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=1, plan="main"),
        replace(gradient("input", points=1, linear=True), after="forward"),  # the error unchanged is nothing
        Values(name="any number of axes", points=0.5, plan="axes", also=("input gradient",)),
        call_order(points=0.5, after="forward"),
        integer_input(points=0.25, after="forward"),
        Values(name="trainable", points=0.25, plan="trainable", label="trainable", tried="forward", hint=TRAINABLE),
    ),
)
