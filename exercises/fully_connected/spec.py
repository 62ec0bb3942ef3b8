"""The fully connected layer, with its bias as the last row of the weights."""

import math
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
    Shapes,
    Values,
    call_order,
    gradient,
    inputs,
    integer_input,
    layer_plans,
    optimizer_checks,
)

ORDER = 30


class DenseCase(NamedTuple):
    """A batch of vectors; the sizes are given as Python or NumPy integers."""

    batch: int
    input_size: int
    output_size: int
    size_type: str


def dense_cases():
    """Small layers; batches of one and layers with as many outputs as inputs occur, but seldom."""
    return st.builds(
        DenseCase,
        st.sampled_from([2, 3, 4, 5, 1]),
        st.integers(1, 8),
        st.integers(1, 8),
        st.sampled_from(["int", "int", "np.int64"]),
    )


def sizes(case):
    """The constructor's arguments."""
    kind = np.int64 if case.size_type == "np.int64" else int
    return kind(case.input_size), kind(case.output_size)


layer = Layer(
    "FullyConnected",
    arguments=sizes,
    inputs=lambda rng, case: inputs.normal(rng, (case.batch, case.input_size)),
    parameters=lambda case: {"weights": (case.input_size + 1, case.output_size)},
    linear=True,
    another=lambda case: case._replace(input_size=case.input_size + 2, output_size=case.output_size + 1),
)


def initialize(s, case):
    """The weights that the two initializers give; both are asked with the same fans."""
    dense = s.new("FullyConnected", *sizes(case))
    s.call(dense, "initialize", s.stand_in("initializer"), s.stand_in("initializer"))
    s.get(dense, "weights", label="weights")


def start(s, case):
    """The weights of two new layers."""
    s.facts.update(family="uniform", mean=0.5, deviation=math.sqrt(1 / 12))
    for label in ("weights", "weights of another layer"):
        s.get(s.new("FullyConnected", *sizes(case)), "weights", label=label)


def attributes(s, case):
    """What a network asks a new layer."""
    dense = s.new("FullyConnected", *sizes(case))
    s.get(dense, "trainable", label="trainable")
    s.get(dense, "optimizer", label="optimizer")


class IllegalCase(NamedTuple):
    """A size that is no positive int, or an input that is not (b, input_size)."""

    input_size: float
    output_size: float
    input_shape: tuple[int, ...]


def illegal(s, case):
    """ValueError at construction or at the first forward."""
    dense = s.new("FullyConnected", case.input_size, case.output_size)
    s.call(dense, "forward", s.array("input_tensor", inputs.normal(s.rng, case.input_shape)), label="output")


ILLEGAL = (
    IllegalCase(0, 3, (2, 0)),
    IllegalCase(3, 0, (2, 3)),
    IllegalCase(-1, 3, (2, 1)),
    IllegalCase(3, 2.5, (2, 3)),
    IllegalCase(3, 2, (2, 4)),
    IllegalCase(3, 2, (3,)),
    IllegalCase(3, 2, (2, 1, 3)),
)
BY_HAND = {"input_tensor": [[1, 2], [0, -1]], "weights": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}

fully_connected = Exercise(
    name="fully_connected",
    title="Fully connected layer",
    symbols=("FullyConnected",),
    cases=dense_cases(),
    count=115,
    examples=(Example("handout: 2 inputs, 3 outputs", DenseCase(2, 2, 3, "int"), BY_HAND),),
    plans={
        **layer_plans(layer, parameters=True),
        "initialize": Plan(initialize, cases=20),
        "start": Plan(start, cases=(DenseCase(1, 59, 50, "int"), DenseCase(1, 20, 180, "int")), random=True),
        "attributes": Plan(attributes, cases=(DenseCase(1, 3, 2, "int"),)),
        "illegal": Plan(illegal, cases=ILLEGAL),
    },
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=2, plan="main"),
        gradient("input", points=1.5, linear=True),
        gradient("weights", points=1.5, linear=True),
        Values(
            name="initialize", points=1.5, plan="initialize", label="weights", what="array weights after initialize"
        ),
        *optimizer_checks(points=1, after="forward", parameters=("weights",)),
        call_order(points=0.5, after="forward", parameters=("weights",), settings=True),
        Distribution(
            name="start weights", points=0.25, plan="start", label="weights", again="weights of another layer"
        ),
        Values(
            name="attributes", points=0.25, plan="attributes", label="trainable", also=("optimizer",), tried="forward"
        ),
        integer_input(points=0.25, after="forward", parameters=("weights",)),
        Raises(name="illegal arguments", points=0.25, plan="illegal", after="forward"),
    ),
)
