"""Loss functions: cross-entropy of probabilities, sum of squared differences."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import (
    Bounds,
    Example,
    Exercise,
    Gradient,
    Plan,
    Raises,
    Relations,
    Same,
    Values,
    inputs,
)

ORDER = 50


class LossCase(NamedTuple):
    """Predictions for vectors, (b, n), or for every pixel of images, (b, n, y, x).

    label: one-hot, soft (probabilities) or, for L2, any number. smallest_probability: the least of the prediction.
    """

    layout: str
    batch: int
    classes: int
    height: int
    width: int
    label: str
    smallest_probability: str


def loss_cases(labels, smallest):
    """Cases of one loss; sides that the layout does not have are 1."""
    side = st.sampled_from([2, 3, 1, 4])
    drawn = st.builds(
        LossCase,
        st.sampled_from(["vectors", "images", "vectors"]),
        st.sampled_from([2, 3, 4, 5, 6, 1]),
        st.sampled_from([3, 2, 4, 5, 6, 7]),
        side,
        side,
        st.sampled_from(labels),
        st.sampled_from(smallest),
    )
    return drawn.map(lambda case: case if case.layout == "images" else case._replace(height=1, width=1))


def shape(case):
    return (case.batch, case.classes, case.height, case.width) if case.layout == "images" else case[1:3]


def given(rng, case):
    """Prediction and label of one case."""
    full = shape(case)
    if case.label == "any":
        return inputs.normal(rng, full), inputs.normal(rng, full)
    label = inputs.probabilities(rng, full, 0.05)
    if case.label == "one-hot":
        label = np.moveaxis(np.eye(case.classes)[rng.integers(case.classes, size=(full[0], *full[2:]))], -1, 1)
    prediction = inputs.probabilities(rng, full, 0.05)
    if case.smallest_probability == "0.001":  # of the true class, where it matters most
        true = label == label.max(axis=1, keepdims=True)
        others = np.where(true, 0.0, prediction)
        prediction = np.where(true, 0.001, 0.999 * others / others.sum(axis=1, keepdims=True))
    return prediction, label


def main(symbol):
    def script(s, case):
        prediction, label = given(s.rng, case)
        label = s.array("label_tensor", label)
        loss = s.new(symbol)
        s.call(loss, "forward", s.array("prediction_tensor", prediction), label, label="loss")
        s.call(loss, "backward", label, label="gradient")

    return script


def calls(symbol):
    """Forward and backward again, in another order, and on other objects."""

    def script(s, case):
        prediction, label = given(s.rng, case)
        other_prediction, other_label = given(s.rng, case._replace(batch=case.batch % 3 + 1))
        x, y = s.array("prediction_tensor", prediction), s.array("label_tensor", label)
        other = s.array("other_prediction", other_prediction), s.array("other_label", other_label)
        twin_prediction, twin_label = given(s.rng, case)
        twin = s.array("prediction_of_the_same_shape", twin_prediction), s.array("its_label", twin_label)
        a, b, c, d = s.new(symbol), s.new(symbol), s.new(symbol), s.new(symbol)
        s.make(x, label="prediction")
        s.make(y, label="label")
        s.call(a, "forward", x, y, label="loss")
        s.call(a, "forward", x, y, label="loss again")
        s.call(b, "forward", *other, label="other loss")
        s.call(a, "backward", y, label="gradient")
        s.call(a, "backward", y, label="gradient again")
        s.call(b, "backward", other[1], label="other gradient")
        s.call(c, "forward", x, y)
        kept = s.call(c, "backward", y)
        s.call(c, "forward", *twin, label="next loss after")
        s.call(c, "backward", twin[1], label="next gradient after")
        s.call(d, "forward", *twin, label="next loss")
        s.call(d, "backward", twin[1], label="next gradient")
        s.call(c, "forward", *other, label="other loss after")
        s.call(c, "backward", other[1], label="other gradient after")
        s.make(kept, label="gradient kept")
        s.call(c, "forward", x, y)
        s.call(c, "backward", twin[1], label="gradient for other labels than those of forward")
        s.call(d, "forward", x, twin[1])
        s.call(d, "backward", twin[1], label="gradient for the labels of forward")
        s.make(x, label="prediction afterwards")
        s.make(y, label="label afterwards")

    return script


def integers(symbol):
    """Labels of integers, and the same labels as floats."""

    def script(s, case):
        prediction, label = given(s.rng, case)
        label = np.rint(9 * label)
        for kind, when in ((np.int64, ""), (np.float64, " for floats")):
            suffix = when.replace(" ", "_")
            x = s.array(f"prediction_tensor{suffix}", prediction)
            y = s.array(f"label_tensor{suffix}", label.astype(kind))
            loss = s.new(symbol)
            s.call(loss, "forward", x, y, label=f"loss{when}")
            s.call(loss, "backward", y, label=f"gradient{when}")

    return script


class IllegalCase(NamedTuple):
    """Two shapes that do not agree, though NumPy would broadcast some of them."""

    prediction_shape: tuple[int, ...]
    label_shape: tuple[int, ...]


def illegal(symbol):
    def script(s, case):
        prediction = s.array("prediction_tensor", s.rng.uniform(0.1, 1.0, case.prediction_shape))
        label = s.array("label_tensor", s.rng.uniform(0.1, 1.0, case.label_shape))
        s.call(s.new(symbol), "forward", prediction, label, label="loss")

    return script


ILLEGAL = (
    IllegalCase((3, 3), (3,)),
    IllegalCase((3, 4), (3, 1)),
    IllegalCase((3, 4), (1, 4)),
    IllegalCase((3, 4), (3, 5)),
)


class ZeroCase(NamedTuple):
    """Certain predictions of which the last one is wrong: its true class has probability 0."""

    batch: int
    classes: int


def zero(s, case):
    prediction = np.eye(case.classes)[np.arange(case.batch) % case.classes]
    label = prediction.copy()
    label[-1] = np.roll(label[-1], 1)
    label = s.array("label_tensor", label)
    loss = s.new("CrossEntropyLoss")
    s.call(loss, "forward", s.array("prediction_tensor", prediction), label, label="loss")
    s.call(loss, "backward", label, label="gradient")


def plans(symbol):
    return {
        "main": Plan(main(symbol)),
        "calls": Plan(calls(symbol), cases=6),
        "integers": Plan(integers(symbol), cases=6),
        "illegal": Plan(illegal(symbol), cases=ILLEGAL),
    }


def value(points):
    """The loss and its gradient, each with its points."""
    hint = "The loss is one number: a sum over everything, batch included."
    return (
        Values(name="forward", points=points, plan="main", label="loss", hint=hint),
        Gradient(
            name="gradient",
            points=points,
            plan="main",
            label="gradient",
            wrt="prediction_tensor",
            output="loss",
            forward="forward",
        ),
    )


COPY = "Work on a copy, or write the result into a new array."
NEWEST = "What forward keeps for backward must be replaced in every call."
EARLIER = "The gradient belongs to the prediction of an earlier forward, not to the newest."
IGNORED = "backward does not use the labels that it is given, but those of forward."
OVERWRITTEN = "A later call changes the gradient that backward has returned before."


def call_order():
    """Nothing depends on what was called before, and no argument is changed."""
    pairs = (
        Same("prediction", "prediction afterwards", "prediction changed", "The prediction tensor is changed.", COPY),
        Same("label", "label afterwards", "label changed", "The label tensor is changed.", COPY),
        Same("loss", "loss again", "forward twice", "A second forward on the same arrays gives another loss.", NEWEST),
        Same("gradient", "gradient again", "backward twice", "A second backward gives another gradient.", NEWEST),
        *(
            Same(f"{what} loss", f"{what} loss after", "stale forward", "The loss depends on earlier calls.", NEWEST)
            for what in ("next", "other")
        ),
        *(
            Same(f"{what} gradient", f"{what} gradient after", "stale backward", EARLIER, NEWEST)
            for what in ("next", "other")
        ),
        Same("gradient", "gradient kept", "gradient overwritten", OVERWRITTEN, "Make a new array in every call."),
        Same(
            "gradient for the labels of forward",
            "gradient for other labels than those of forward",
            "labels ignored",
            IGNORED,
            "Is the argument of backward used at all?",
        ),
    )
    return Relations(name="call order and purity", points=0.5, plan="calls", after="forward", same=pairs)


def last_checks():
    hint = "An array made like the labels (np.zeros_like, or with their dtype) cannot hold the fractions."
    text = "The {} for integer labels is not that for the same labels as floats."
    pairs = tuple(
        Same(f"{what} for floats", what, f"integer {what}", text.format(what), hint) for what in ("loss", "gradient")
    )
    return (
        call_order(),
        Relations(name="integer labels", points=0.25, plan="integers", after="forward", same=pairs, unchanged=False),
        Raises(name="illegal arguments", points=0.25, plan="illegal", label="loss", after="forward"),
    )


CERTAIN = {"prediction_tensor": [[0.5, 0.25, 0.25], [0.2, 0.6, 0.2]], "label_tensor": [[1, 0, 0], [0, 0, 1]]}
SOFT = {"prediction_tensor": [[0.5, 0.5]], "label_tensor": [[0.9, 0.1]]}
SQUARES = {"prediction_tensor": [[1, 2], [0.5, -1]], "label_tensor": [[0, 4], [0.5, 1]]}

cross_entropy_loss = Exercise(
    name="cross_entropy_loss",
    title="Cross-entropy loss",
    symbols=("CrossEntropyLoss",),
    cases=loss_cases(["one-hot", "soft"], ["0.05", "0.05", "0.001"]),
    count=150,
    examples=(
        Example("handout: two items, three classes", LossCase("vectors", 2, 3, 1, 1, "one-hot", "0.05"), CERTAIN),
        Example("handout: a soft label", LossCase("vectors", 1, 2, 1, 1, "soft", "0.05"), SOFT),
    ),
    plans={**plans("CrossEntropyLoss"), "zero": Plan(zero, cases=(ZeroCase(1, 2), ZeroCase(1, 4)))},
    checks=(
        *value(1.5),
        Bounds(
            name="probability 0",
            points=0.75,
            plan="zero",
            label="loss",
            after="forward",
            low=20.0,
            what="loss where the true class has probability 0",
            hint="What is log(0)? The handout adds a tiny number where it could come to that.",
        ),
        Bounds(
            name="gradient at probability 0",
            points=0.25,
            plan="zero",
            label="gradient",
            after="forward",
            what="gradient where the true class has probability 0",
            hint="What is y / 0, and what is 0 / 0? The handout adds a tiny number where it could come to that.",
        ),
        *last_checks(),
    ),
)

l2_loss = Exercise(
    name="l2_loss",
    title="L2 loss",
    symbols=("L2Loss",),
    cases=loss_cases(["any"], ["none"]),
    count=200,
    examples=(Example("handout: two items, two numbers", LossCase("vectors", 2, 2, 1, 1, "any", "none"), SQUARES),),
    plans=plans("L2Loss"),
    checks=(*value(1), *last_checks()),
)
