"""Optimizers: gradient descent, momentum, RMSProp, Adam."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Example, Exercise, Plan, Relations, Same, UpdateSteps, Values

ORDER = 20


class SgdCase(NamedTuple):
    """Three steps with given weights and gradients."""

    weights_shape: tuple[int, ...]
    learning_rate: float


class MomentumCase(NamedTuple):
    weights_shape: tuple[int, ...]
    learning_rate: float
    momentum_rate: float


class RmsPropCase(NamedTuple):
    weights_shape: tuple[int, ...]
    learning_rate: float
    rho: float


class AdamCase(NamedTuple):
    weights_shape: tuple[int, ...]
    learning_rate: float
    mu: float
    rho: float


# Square matrices let a matrix product through, the others do not; a bias has one axis, a convolution's weights four.
SHAPES = st.sampled_from([(2, 3), (3, 3), (4,), (2, 3, 2), (3, 2, 1, 2), (1,), (1, 5)])
LEARNING_RATES = st.sampled_from([0.05, 0.01, 0.02, 0.002])
MOMENTUM_RATES = st.sampled_from([0.9, 0.5, 0.95, 0.8, 0.25])
RHOS = st.sampled_from([0.9, 0.95, 0.8, 0.6])
ADAM_RATES = st.sampled_from([(0.9, 0.999), (0.9, 0.99), (0.8, 0.95), (0.5, 0.75), (0.95, 0.9)])
RTOL = 1e-7  # leaves room for every epsilon that is allowed
STEPS = ("result of step 1", "result of step 2", "result of step 3")
MANY = tuple(f"result of step {number}" for number in range(1, 9))


def weights(rng, shape):
    """Between 1 and 3 in size, more than any step takes away."""
    return rng.uniform(1, 3, shape) * rng.choice([-1.0, 1.0], shape)


def gradients(rng, shape):
    """Between 10 and 30 in size: any epsilon up to 1e-8 is lost in the tolerance."""
    return rng.uniform(10, 30, shape) * rng.choice([-1.0, 1.0], shape)


def whole_numbers(rng, shape):
    """The same as integers."""
    return rng.integers(10, 31, shape) * rng.choice([-1, 1], shape)


def small_gradients(rng, shape):
    """From 1e-9 to 10, evenly over the magnitudes; the first one is 0."""
    size = int(np.prod(shape))
    values = 10 ** rng.permutation(np.linspace(-9, 1, size)) * rng.choice([-1.0, 1.0], size)
    values[0] = 0.0
    return values.reshape(shape)


class Optimizer:
    """The scripts of one optimizer's plans."""

    def __init__(self, symbol):
        self.symbol = symbol

    def new(self, s, case):
        return s.new(self.symbol, *case[1:])

    def steps(self, s, case, make_weights=weights, make_gradients=gradients, shape=None, steps=STEPS):
        """One object, fed with given weights at every step, as a layer would."""
        optimizer = self.new(s, case)
        shape = case.weights_shape if shape is None else shape
        for number, step in enumerate(steps, 1):
            w = s.array(f"weights_{number}", make_weights(s.rng, shape))
            g = s.array(f"gradient_{number}", make_gradients(s.rng, shape))
            s.call(optimizer, "calculate_update", w, g, label=step)

    def integers(self, s, case):
        self.steps(s, case, whole_numbers, whole_numbers, steps=STEPS[:2])

    def many(self, s, case):
        """As many steps as it takes to see what goes wrong late."""
        self.steps(s, case, steps=MANY)

    def numbers(self, s, case):
        """Plain floats in the place of arrays."""
        optimizer = self.new(s, case)
        for step in STEPS[:2]:
            w, g = float(weights(s.rng, ())), float(gradients(s.rng, ()))
            s.call(optimizer, "calculate_update", w, g, label=step)

    def small(self, s, case):
        """Gradients of very different size, where epsilon shows."""
        self.steps(s, case, lambda rng, shape: 1e-3 * weights(rng, shape), small_gradients, (4, 6), STEPS[:2])

    def objects(self, s, case):
        """An object between whose steps another one works, the same without, and the first step's arrays once more.

        The other one has smaller rates and is made in between, so that rates kept on the class are seen, too.
        """
        shape = case.weights_shape
        made = {
            name: make(s.rng, shape)
            for number in "12"
            for name, make in ((f"weights_{number}", weights), (f"gradient_{number}", gradients))
        }
        first = [s.array(name, array) for name, array in made.items()]
        alone = [s.array(f"{name}_alone", array) for name, array in made.items()]
        others = [s.array("other_weights", weights(s.rng, shape)), s.array("other_gradient", gradients(s.rng, shape))]
        optimizer = self.new(s, case)
        result = s.call(optimizer, "calculate_update", *first[:2], label="result of step 1")
        other = s.new(self.symbol, *(rate / 2 for rate in case[1:]))
        s.call(other, "calculate_update", *others)
        s.call(optimizer, "calculate_update", *first[2:], label="result of step 2 with another object between")
        s.make(result, label="result of step 1 kept")
        single, again = self.new(s, case), self.new(s, case)
        s.call(single, "calculate_update", *alone[:2])
        s.call(single, "calculate_update", *alone[2:], label="result of step 2 alone")
        s.call(again, "calculate_update", *first[:2], label="result of step 1 with the same arrays")

    def plans(self):
        return {
            "main": Plan(self.steps),
            "numbers": Plan(self.numbers, cases=6),
            "integers": Plan(self.integers, cases=6),
            "objects": Plan(self.objects, cases=6),
        }

    def plans_with_state(self):
        """Those of an optimizer that remembers something."""
        return {**self.plans(), "many": Plan(self.many, cases=6)}

    def small_plan(self, numerator):
        """Small gradients; the reference with three epsilons, without and with epsilon in the numerator."""
        variants = {}
        for size in EPSILONS:
            edit = ("EPSILON = 1e-8", f"EPSILON = {size!r}")
            variants[f"{size:g}"] = (edit,)
            variants[f"{size:g} above"] = (edit, (f"* {numerator} /", f"* ({numerator} + EPSILON) /"))
        return {"small": Plan(self.small, cases=8, variants=variants)}


EPSILONS = (2.5e-9, 5e-9, 1e-8)
FAMILIES = tuple(tuple(f"{size:g}{form}" for size in EPSILONS) for form in ("", " above"))


def two_steps(name, plan, what):
    """The first two steps with other kinds of weights."""
    return Values(name=name, points=0.5, plan=plan, label=STEPS[0], also=STEPS[1:2], rtol=RTOL, what=what)


def numbers():
    return two_steps("plain numbers", "numbers", "result for plain floats")


def integers():
    return two_steps("integer arrays", "integers", "result for integer arrays")


def objects(after):
    return Relations(
        name="separate objects",
        points=0.5,
        plan="objects",
        label="result of step 1",
        after=after,
        same=(
            Same(
                "result of step 2 alone",
                "result of step 2 with another object between",
                "shared state",
                "A step gives another result when a second optimizer object was made and used before it.",
                "Rates, and what is remembered from step to step, belong to one object: set them on self.",
            ),
            Same(
                "result of step 1",
                "result of step 1 with the same arrays",
                "arrays changed",
                "A new object gives another result for the same arrays: calculate_update has changed them.",
                "Operators such as -= write into the array that the layer still holds; make a new one.",
            ),
            Same(
                "result of step 1",
                "result of step 1 kept",
                "result overwritten",
                "A later step changes the array that an earlier one has returned.",
                "Return a new array from every call, not one that is kept in `self` and filled again.",
            ),
        ),
    )


def epsilon():
    return UpdateSteps(
        name="epsilon",
        points=1,
        plan="small",
        weights=("weights_1", "weights_2"),
        steps=STEPS[:2],
        families=FAMILIES,
        epsilons=EPSILONS,
    )


BY_HAND = {
    **{f"weights_{step}": [1.0, 1.0] for step in (1, 2, 3)},
    "gradient_1": [20.0, -40.0],
    "gradient_2": [20.0, 40.0],
    "gradient_3": [-20.0, 40.0],
}


def by_hand(case):
    """The handout's example: weights of 1 and the same three gradients for every optimizer."""
    return (Example("handout: two weights, three steps", case, BY_HAND),)


def first_step():
    return Values(name="first step", points=1, plan="main", label=STEPS[0], rtol=RTOL)


def later_steps(points):
    """All three, so that what a student remembers wrongly is recognised by all that came of it."""
    return Values(name="later steps", points=points, plan="main", label=STEPS[1], also=(STEPS[0], STEPS[2]), rtol=RTOL)


def many_steps():
    return Values(name="many steps", points=0.5, plan="many", label=MANY[-1], also=MANY[:-1], rtol=RTOL)


sgd_optimizer = Optimizer("Sgd")
sgd = Exercise(
    name="sgd",
    title="Gradient descent",
    symbols=("Sgd",),
    cases=st.builds(SgdCase, SHAPES, LEARNING_RATES),
    count=40,
    examples=by_hand(SgdCase((2,), 0.01)),
    plans=sgd_optimizer.plans(),
    checks=(
        Values(name="steps", points=1.5, plan="main", label=STEPS[0], also=STEPS[1:]),
        numbers(),
        integers(),
        objects("steps"),
    ),
)

momentum_optimizer = Optimizer("SgdWithMomentum")
sgd_with_momentum = Exercise(
    name="sgd_with_momentum",
    title="Gradient descent with momentum",
    symbols=("SgdWithMomentum",),
    cases=st.builds(MomentumCase, SHAPES, LEARNING_RATES, MOMENTUM_RATES),
    examples=by_hand(MomentumCase((2,), 0.01, 0.5)),
    plans=momentum_optimizer.plans_with_state(),
    checks=(
        first_step(),
        later_steps(1),
        many_steps(),
        numbers(),
        integers(),
        objects("later steps"),
    ),
)

rms_prop_optimizer = Optimizer("RmsProp")
rms_prop = Exercise(
    name="rms_prop",
    title="RMSProp",
    symbols=("RmsProp",),
    cases=st.builds(RmsPropCase, SHAPES, LEARNING_RATES, RHOS),
    examples=by_hand(RmsPropCase((2,), 0.1, 0.75)),
    plans={**rms_prop_optimizer.plans_with_state(), **rms_prop_optimizer.small_plan("gradient")},
    checks=(
        first_step(),
        later_steps(1),
        many_steps(),
        epsilon(),
        numbers(),
        integers(),
        objects("first step"),
    ),
)

adam_optimizer = Optimizer("Adam")
adam = Exercise(
    name="adam",
    title="Adam",
    symbols=("Adam",),
    cases=st.builds(lambda shape, rate, rates: AdamCase(shape, rate, *rates), SHAPES, LEARNING_RATES, ADAM_RATES),
    examples=by_hand(AdamCase((2,), 0.1, 0.5, 0.75)),
    plans={**adam_optimizer.plans_with_state(), **adam_optimizer.small_plan("mean_hat")},
    checks=(
        first_step(),
        later_steps(2),
        many_steps(),
        epsilon(),
        numbers(),
        integers(),
        objects("first step"),
    ),
)
