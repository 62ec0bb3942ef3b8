"""Normalization layers: over the batch, with moving averages for the test phase, and over every image alone."""

from typing import NamedTuple

import numpy as np
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
    optimizer_checks,
)

ORDER = 110
PARAMETERS = ("weights", "bias")


class BatchCase(NamedTuple):
    """A batch of vectors (two axes; height and width are 1) or of images (four axes)."""

    batch: int
    channels: int
    height: int
    width: int
    number_of_axes: int
    momentum: float
    epsilon: float


class InstanceCase(NamedTuple):
    """A batch of images."""

    batch: int
    channels: int
    height: int
    width: int
    epsilon: float


EPSILONS = st.sampled_from([1e-3, 1e-5])
SIDES = st.sampled_from([3, 2, 4, 5])


@st.composite
def batch_cases(draw):
    """At least four values in every channel; batches of one image occur."""
    axes = draw(st.sampled_from([4, 4, 2]))
    sides = (1, 1) if axes == 2 else (draw(SIDES), draw(SIDES))
    batch = draw(st.sampled_from([4, 5, 6, 7] if axes == 2 else [2, 3, 1]))
    channels = draw(st.sampled_from([3, 2, 4, 1]))
    return BatchCase(batch, channels, *sides, axes, draw(st.sampled_from([0.8, 0.5, 0.9])), draw(EPSILONS))


instance_cases = st.builds(
    InstanceCase, st.sampled_from([2, 3, 1]), st.sampled_from([3, 2, 4, 1]), SIDES, SIDES, EPSILONS
)


def shape(case):
    vectors = getattr(case, "number_of_axes", 4) == 2
    return (case.batch, case.channels) if vectors else (case.batch, case.channels, case.height, case.width)


def narrow(rng, case):
    """Channels around different means, with deviations of 0.1 to 0.2, so that epsilon makes a difference."""
    per_channel = (case.channels,) + (1,) * (len(shape(case)) - 2)
    middle, deviation = rng.uniform(-1, 1, per_channel), rng.uniform(0.1, 0.2, per_channel)
    return middle + deviation * inputs.normal(rng, shape(case))


def another_batch(rng, case):
    """A batch of another size in every axis but the channels."""
    larger = case._replace(batch=case.batch + 1, height=case.height + 1, width=case.width + 2)
    return narrow(rng, larger)


def per_channel(case):
    return dict.fromkeys(PARAMETERS, (case.channels,))


batch_layer = Layer(
    "BatchNormalization",
    lambda case: (case.channels, case.momentum, case.epsilon),
    narrow,
    per_channel,
    other=another_batch,
    another=lambda case: case._replace(channels=case.channels + 1, momentum=0.25, epsilon=0.5),
)
instance_layer = Layer(
    "InstanceNormalization",
    lambda case: (case.channels, case.epsilon),
    narrow,
    per_channel,
    other=another_batch,
    another=lambda case: case._replace(channels=case.channels + 1, epsilon=0.5),
)


AVERAGES = (
    *(
        f"{name} after {when}"
        for when in ("one batch", "two batches", "three batches", "phase test", "training again", "initialize")
        for name in ("moving_mean", "moving_variance")
    ),
    "moving_mean after initialize and one batch",
)


def averages(s, case):
    """The moving averages after one, two and three batches, after phase test, one more batch, and initialize."""
    layer = batch_layer.prepared(s, case)
    for count, word in enumerate(("one batch", "two batches", "three batches")):
        x = s.array(f"batch_{count + 1}", narrow(s.rng, case._replace(batch=case.batch + count)))
        s.call(layer, "forward", x)
        tell_averages(s, layer, f" after {word}")
    s.set(layer, "phase", "test")
    s.call(layer, "forward", x)
    tell_averages(s, layer, " after phase test")
    s.set(layer, "phase", "train")
    s.call(layer, "forward", s.array("batch_4", narrow(s.rng, case)))
    tell_averages(s, layer, " after training again")
    s.call(layer, "initialize", s.stand_in("initializer"), s.stand_in("initializer"))
    tell_averages(s, layer, " after initialize")
    s.call(layer, "forward", s.array("batch_5", narrow(s.rng, case)))
    s.get(layer, "moving_mean", label="moving_mean after initialize and one batch")


def tell_averages(s, layer, when):
    for name in ("moving_mean", "moving_variance"):
        s.get(layer, name, label=f"{name}{when}")


def testing(s, case):
    """Two batches of training, then forward and backward in phase test, then one more batch of training.

    Before the last backward the phase is "test" again: backward belongs to the forward before it.
    """
    layer = batch_layer.prepared(s, case)
    first, second = (s.array(f"training_batch_{number}", narrow(s.rng, case)) for number in (1, 2))
    s.call(layer, "forward", first)
    s.call(layer, "forward", second)
    s.set(layer, "phase", "test")
    output = s.call(layer, "forward", s.array("input_tensor", narrow(s.rng, case)), label="output")
    s.call(layer, "backward", s.like(output), label="input gradient")
    for name in PARAMETERS:
        s.get(layer, f"gradient_{name}", label=f"{name} gradient")
    s.set(layer, "phase", "train")
    back = s.call(layer, "forward", first, label="output in phase train again")
    s.set(layer, "phase", "test")
    s.call(layer, "backward", s.like(back), label="input gradient in phase train again")


def untrained(s, case):
    """Phase test before any training, then the first batch of training."""
    layer = batch_layer.prepared(s, case)
    tell_averages(s, layer, " of a new layer")
    s.set(layer, "phase", "test")
    output = s.call(layer, "forward", s.array("input_tensor", narrow(s.rng, case)), label="output")
    s.call(layer, "backward", s.like(output), label="input gradient")
    s.set(layer, "phase", "train")
    s.call(layer, "forward", s.array("training_batch", narrow(s.rng, case)))
    s.get(layer, "moving_mean", label="moving_mean after the first training")


def defaults(symbol):
    """A layer made with nothing but the channels, on values so close together that epsilon decides.

    For every other size of the batch the number of channels is NumPy's.
    """

    def script(s, case):
        x = s.array("input_tensor", case_values(s.rng, case))
        layer = s.new(symbol, case.channels if case.batch % 2 else np.int64(case.channels))
        s.call(layer, "forward", x, label="output")
        if symbol == "BatchNormalization":
            s.call(layer, "forward", s.make(s.array("second_batch", narrow(s.rng, case))))
            tell_averages(s, layer, " after two batches")

    return Plan(script, cases=10)


def case_values(rng, case):
    """Deviations of about 1e-5, whose square is the default epsilon; the first of several channels is constant."""
    x = 1e-5 * inputs.normal(rng, shape(case))
    if case.channels > 1:
        x[:, 0] = 0.5
    return x


def attributes(symbol):
    """What a network asks a new layer, and what initialize leaves."""

    def script(s, case):
        layer = s.new(symbol, case.channels)
        for name in ("trainable", "optimizer", *(("phase",) if symbol == "BatchNormalization" else ())):
            s.get(layer, name, label=name)
        for name in PARAMETERS:
            s.get(layer, name, label=f"{name} of a new layer")
            s.set(layer, name, s.array(name, inputs.normal(s.rng, (case.channels,))))
        s.call(layer, "initialize", s.stand_in("initializer"), s.stand_in("initializer"))
        for name in PARAMETERS:
            s.get(layer, name, label=f"{name} after initialize")

    return Plan(script, cases=5)


class IllegalCase(NamedTuple):
    """Arguments, or an input, that the layer cannot work with."""

    arguments: tuple
    input_shape: tuple


ILLEGAL = (
    IllegalCase((0,), (4, 0)),
    IllegalCase((-2,), (4, 2, 3, 3)),
    IllegalCase((2.5,), (4, 2, 3, 3)),
    IllegalCase((3,), (4, 2, 3, 3)),
    IllegalCase((3,), (4, 1, 3, 3)),
    IllegalCase((3,), (3,)),
    IllegalCase((3,), (4, 3, 5)),
)
ILLEGAL_BATCH = (
    *ILLEGAL,
    IllegalCase((3,), (4, 2)),
    IllegalCase((2, 1.5), (4, 2)),
    IllegalCase((2, -0.1), (4, 2)),
    IllegalCase((2, 0.5, -1.0), (4, 2)),
)
ILLEGAL_INSTANCE = (*ILLEGAL, IllegalCase((2, -1.0), (4, 2, 3, 3)), IllegalCase((2,), (4, 2)))


def illegal(symbol, cases):
    """ValueError at construction or at the first forward."""

    def script(s, case):
        layer = s.new(symbol, *case.arguments)
        s.call(layer, "forward", s.array("input_tensor", inputs.normal(s.rng, case.input_shape)), label="output")

    return Plan(script, cases=cases)


VECTORS = {"input_tensor": [[1], [1], [5], [5]], "weights": [2], "bias": [10]}
BATCHES = {"batch_1": [[1], [1], [5], [5]], "batch_2": [[5], [5], [11], [11], [8]], "batch_3": [[4]] * 6}
IMAGES = {
    "input_tensor": [[[[1, 1], [5, 5]], [[0, 2], [0, 2]]], [[[3, 3], [7, 7]], [[1, 1], [1, 5]]]],
    "weights": [2, 1],
    "bias": [10, 0],
}
ONE_COLUMN = BatchCase(4, 1, 1, 1, 2, 0.8, 1e-10)
ALL_LEGAL = (  # the ends of what momentum may be
    Example("momentum 0", ONE_COLUMN._replace(momentum=0.0), BATCHES, plans=("averages",)),
    Example("momentum 1", ONE_COLUMN._replace(momentum=1.0), BATCHES, plans=("averages",)),
)
MOVING = (
    "The first batch of phase train sets both averages; each later one leaves the share `momentum` of the old value."
)

batch_normalization = Exercise(
    name="batch_normalization",
    title="Batch normalization",
    symbols=("BatchNormalization",),
    cases=batch_cases(),
    examples=(
        Example("handout: four vectors with one channel", ONE_COLUMN, VECTORS),
        Example("handout: batches with means 3, 8 and 4", ONE_COLUMN, BATCHES, plans=("averages",)),
        Example("handout: two images with two channels", BatchCase(2, 2, 2, 2, 4, 0.8, 0.0), IMAGES),
        *ALL_LEGAL,
    ),
    plans={
        **layer_plans(batch_layer, parameters=True),
        "averages": Plan(averages, cases=20),
        "testing": Plan(testing, cases=20),
        "untrained": Plan(untrained, cases=8),
        "defaults": defaults("BatchNormalization"),
        "attributes": attributes("BatchNormalization"),
        "illegal": illegal("BatchNormalization", ILLEGAL_BATCH),
    },
    checks=(
        Shapes(name="shapes", points=0.25, plan="main"),
        Values(name="forward", points=1.5, plan="main"),
        gradient("input", points=2),
        gradient("weights", points=0.5, linear=True),
        gradient("bias", points=0.5, linear=True),
        Values(
            name="moving averages",
            points=1,
            plan="averages",
            label=AVERAGES[0],
            also=AVERAGES[1:],
            after="forward",
            hint=MOVING,
        ),
        Values(
            name="test phase",
            points=1,
            plan="testing",
            also=("output in phase train again",),
            after="forward",
            hint='Mean and variance are the batch\'s own in phase "train", and the moving averages in phase "test".',
        ),
        Values(
            name="test phase gradients",
            points=0.5,
            plan="testing",
            label="input gradient",
            also=("weights gradient", "bias gradient", "input gradient in phase train again"),
            after="test phase",
            hint="If gradients of phase train are wrong (above), begin there. In phase test mean and variance are "
            "constants. Which formula holds, is decided by the phase that forward had.",
        ),
        Values(
            name="test phase before training",
            points=0.25,
            plan="untrained",
            also=(
                "input gradient",
                "moving_mean of a new layer",
                "moving_variance of a new layer",
                "moving_mean after the first training",
            ),
            tried="forward",
            hint="A test is no training: the first forward in phase train comes later, and sets the averages.",
        ),
        *optimizer_checks(points=0.5, after="forward", parameters=PARAMETERS),
        call_order(points=0.5, after="forward", parameters=PARAMETERS, settings=True),
        Values(
            name="defaults",
            points=0.25,
            plan="defaults",
            also=("moving_mean after two batches", "moving_variance after two batches"),
            after="forward",
        ),
        Values(
            name="attributes",
            points=0.25,
            plan="attributes",
            label="trainable",
            also=("optimizer", "phase"),
            tried="forward",
        ),
        Values(
            name="initialize",
            points=0.25,
            plan="attributes",
            label="weights after initialize",
            also=("bias after initialize", "weights of a new layer", "bias of a new layer"),
            tried="forward",
        ),
        integer_input(points=0.25, after="forward", parameters=PARAMETERS),
        Raises(name="illegal arguments", points=0.25, plan="illegal", after="forward"),
    ),
)

instance_normalization = Exercise(
    name="instance_normalization",
    title="Instance normalization",
    symbols=("InstanceNormalization",),
    cases=instance_cases,
    examples=(Example("handout: two images with two channels", InstanceCase(2, 2, 2, 2, 0.0), IMAGES),),
    plans={
        **layer_plans(instance_layer, parameters=True),
        "defaults": defaults("InstanceNormalization"),
        "attributes": attributes("InstanceNormalization"),
        "illegal": illegal("InstanceNormalization", ILLEGAL_INSTANCE),
    },
    checks=(
        Shapes(name="shapes", points=0.25, plan="main"),
        Values(name="forward", points=2.5, plan="main"),
        gradient("input", points=3),
        gradient("weights", points=0.75, linear=True),
        gradient("bias", points=0.75, linear=True),
        *optimizer_checks(points=0.5, after="forward", parameters=PARAMETERS),
        call_order(points=0.5, after="forward", parameters=PARAMETERS, settings=True),
        Values(name="defaults", points=0.25, plan="defaults", after="forward"),
        Values(
            name="attributes", points=0.25, plan="attributes", label="trainable", also=("optimizer",), tried="forward"
        ),
        Values(
            name="initialize",
            points=0.25,
            plan="attributes",
            label="weights after initialize",
            also=("bias after initialize", "weights of a new layer", "bias of a new layer"),
            tried="forward",
        ),
        integer_input(points=0.5, after="forward", parameters=PARAMETERS),
        Raises(name="illegal arguments", points=0.25, plan="illegal", after="forward"),
    ),
)
