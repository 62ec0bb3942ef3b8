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
LEARNING_RATES = st.sampled_from([0.1, 0.01, 0.05, 0.002])
MOMENTUM_RATES = st.sampled_from([0.9, 0.5, 0.95, 0.8, 0.25])
RHOS = st.sampled_from([0.9, 0.99, 0.8, 0.6])
ADAM_RATES = st.sampled_from([(0.9, 0.999), (0.9, 0.99), (0.8, 0.95), (0.5, 0.75), (0.95, 0.9)])
STEPS = ("first step", "second step", "third step")


def weights(rng, shape):
    return rng.standard_normal(shape)


def gradients(rng, shape):
    """Between 3 and 9 in size: any epsilon up to 1e-8 is lost in the tolerance."""
    return rng.uniform(3, 9, shape) * rng.choice([-1.0, 1.0], shape)


def whole_numbers(rng, shape):
    """The same as integers."""
    return rng.integers(3, 10, shape) * rng.choice([-1, 1], shape)


def small_gradients(rng, shape):
    """From 1e-9 to 0.1, evenly over the magnitudes; the first one is 0."""
    size = int(np.prod(shape))
    values = 10 ** rng.permutation(np.linspace(-9, -1, size)) * rng.choice([-1.0, 1.0], size)
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
        """An object between whose steps another one works, the same without, and the first step's arrays once more."""
        shape = case.weights_shape
        made = {
            name: make(s.rng, shape)
            for number in "12"
            for name, make in ((f"weights_{number}", weights), (f"gradient_{number}", gradients))
        }
        first = [s.array(name, array) for name, array in made.items()]
        alone = [s.array(f"{name}_alone", array) for name, array in made.items()]
        others = [s.array("other_weights", weights(s.rng, shape)), s.array("other_gradient", gradients(s.rng, shape))]
        optimizer, other, single, again = (self.new(s, case) for _ in range(4))
        s.call(optimizer, "calculate_update", *first[:2], label="first step")
        s.call(other, "calculate_update", *others)
        s.call(optimizer, "calculate_update", *first[2:], label="second step with another object between")
        s.call(single, "calculate_update", *alone[:2])
        s.call(single, "calculate_update", *alone[2:], label="second step alone")
        s.call(again, "calculate_update", *first[:2], label="first step with the same arrays")

    def plans(self):
        return {
            "main": Plan(self.steps),
            "numbers": Plan(self.numbers, cases=10),
            "integers": Plan(self.integers, cases=10),
            "objects": Plan(self.objects, cases=10),
        }

    def small_plan(self, numerator):
        """Small gradients; the reference with three epsilons, without and with epsilon in the numerator."""
        variants = {}
        for size in EPSILONS:
            edit = ("EPSILON = 1e-8", f"EPSILON = {size!r}")
            variants[f"{size:g}"] = (edit,)
            variants[f"{size:g} above"] = (edit, (f"* {numerator} /", f"* ({numerator} + EPSILON) /"))
        return {"small": Plan(self.small, cases=12, variants=variants)}


EPSILONS = (2.5e-9, 5e-9, 1e-8)
FAMILIES = tuple(tuple(f"{size:g}{form}" for size in EPSILONS) for form in ("", " above"))


def numbers(after):
    return Values(
        name="plain numbers", points=0.5, plan="numbers", label=STEPS[0], also=STEPS[1:2], rtol=RTOL,
        what="first step with plain floats", after=after,
    )


def integers(after):
    return Values(
        name="integer arrays", points=0.5, plan="integers", label=STEPS[0], also=STEPS[1:2], rtol=RTOL,
        what="first step with integer arrays", after=after,
    )


def objects(after):
    return Relations(
        name="separate objects",
        points=0.5,
        plan="objects",
        label="first step",
        after=after,
        same=(
            Same(
                "second step alone",
                "second step with another object between",
                "shared state",
                "A step gives another result when a second optimizer object was used before it.",
                "What is remembered from step to step belongs to one object: set it on self, in the constructor.",
            ),
            Same(
                "first step",
                "first step with the same arrays",
                "arrays changed",
                "A new object gives another result for the same arrays: calculate_update has changed them.",
                "Operators such as -= write into the array that the layer still holds; make a new one.",
            ),
        ),
    )


def epsilon(after):
    return UpdateSteps(
        name="epsilon",
        points=1,
        plan="small",
        after=after,
        weights=("weights_1", "weights_2"),
        steps=STEPS[:2],
        families=FAMILIES,
        epsilons=EPSILONS,
    )


RTOL = 1e-7  # leaves room for every epsilon that is allowed
MATRIX = (2, 2)
ONE, TWO = [[1.0, -2.0], [0.5, 4.0]], [[10.0, -20.0], [5.0, 0.0]]


def example(name, case, first, second, third):
    """Gradients given, weights all 1."""
    names = ("gradient_1", "gradient_2", "gradient_3")
    arrays = dict(zip(names, (first, second, third), strict=True))
    return Example(name, case, {**arrays, **{f"weights_{n}": np.ones(np.shape(first)) for n in (1, 2, 3)}})


HAND = ([2.0, -4.0], [2.0, 4.0], [-2.0, 4.0])

sgd_optimizer = Optimizer("Sgd")
sgd = Exercise(
    name="sgd",
    title="Gradient descent",
    symbols=("Sgd",),
    cases=st.builds(SgdCase, SHAPES, LEARNING_RATES),
    count=40,
    examples=(example("handout: two weights, learning rate 0.1", SgdCase((2,), 0.1), *HAND),),
    plans=sgd_optimizer.plans(),
    checks=(
        Values(name="steps", points=1.5, plan="main", label=STEPS[0], also=STEPS[1:]),
        numbers("steps"),
        integers("steps"),
        objects("steps"),
    ),
)
