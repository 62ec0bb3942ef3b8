"""What most layer exercises have in common: scripts for values, gradients, call order, integers, optimizer.

A Layer says how to construct one and what to feed it; its methods are scripts for plans, and `layer_plans` and
`layer_checks` put together what applies. Points are the author's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.judging.checks import Check, Gradient, LayerUpdates, Relations, Same
from grader.judging.checks.layer_updates import Update
from grader.text import be

from .exercise import Plan
from .inputs import normal
from .script import Handle, Script

Floats = NDArray[np.float64]
Case = Any
FURTHER = ("an input of the same shape", "another batch", "another input")  # what a layer is given next


def no_parameters(case: Case) -> dict[str, tuple[int, ...]]:
    """A layer without weights."""
    return {}


@dataclass(frozen=True)
class Layer:
    """How to make a layer for a case, and its input.

    arguments: what the constructor gets. inputs: the input tensor, made with a generator. parameters: attribute name to
    shape. linear: the output is linear in the input. other: another input that the layer may be given next, best of
    another shape (default: one item of another batch).
    """

    symbol: str
    arguments: Callable[[Case], tuple[Any, ...]]
    inputs: Callable[[np.random.Generator, Case], Floats]
    parameters: Callable[[Case], Mapping[str, tuple[int, ...]]] = no_parameters
    linear: bool = False
    other: Callable[[np.random.Generator, Case], Floats] | None = None

    def main(self, s: Script, case: Case) -> None:
        """Forward, backward, and the gradients of the parameters."""
        layer, x = self.prepared(s, case), s.array("input_tensor", self.inputs(s.rng, case))
        output = s.call(layer, "forward", x, label="output")
        s.call(layer, "backward", s.like(output), label="input gradient")
        for name in self.parameters(case):
            s.get(layer, f"gradient_{name}", label=f"{name} gradient")

    def prepared(self, s: Script, case: Case, suffix: str = "") -> Handle:
        """A new layer with its parameters set; with a suffix, another one with the same parameters."""
        layer = s.new(self.symbol, *self.arguments(case))
        for name, shape in self.parameters(case).items():
            key = name if name in s.arrays else ""
            data = s.array(name, normal(s.rng, shape)) if not key else s.array(name + suffix, s.arrays[name])
            s.set(layer, name, data)
        return layer

    def integers(self, s: Script, case: Case) -> None:
        """Forward and backward on an array of integers, and on the same numbers as floats."""
        layer, twin = self.prepared(s, case), self.prepared(s, case, "_b")
        numbers = s.rng.integers(-9, 10, self.inputs(s.rng, case).shape)
        output = s.call(layer, "forward", s.array("input_tensor", numbers), label="output")
        g = s.like(output)
        s.call(twin, "forward", s.array("input_as_floats", numbers.astype(np.float64)), label="output for floats")
        self._backward(s, layer, case, g, "")
        self._backward(s, twin, case, g, " for floats")

    def calls(self, s: Script, case: Case) -> None:
        """Forward and backward again, in another order, and on other objects."""
        a, b, c = (self.prepared(s, case, suffix) for suffix in ("", "_b", "_c"))
        x = s.array("input_tensor", self.inputs(s.rng, case))
        other = s.array("other_input", self.other(s.rng, case) if self.other else self.inputs(s.rng, case)[:1])
        twin = s.array("input_of_the_same_shape", self.inputs(s.rng, case))
        more = self.inputs(s.rng, case)
        batch = s.array("other_batch", more[1:] if len(more) > 1 else np.concatenate([more, more]))
        s.make(x, label="input")
        s.make(other, label="another input")
        first = s.call(a, "forward", x, label="output")
        g = s.make(s.like(first), label="error")
        self._backward(s, a, case, g, " alone")
        s.call(a, "forward", x, label="output again")
        s.call(b, "forward", other)  # must not disturb a
        self._backward(s, a, case, g, "")
        self._backward(s, a, case, g, " again")
        kept = s.call(c, "forward", x), s.call(c, "backward", g)
        fresh = self.prepared(s, case, "_d"), self.prepared(s, case, "_e"), b
        for layer, given, what in zip(fresh, (twin, batch, other), FURTHER, strict=True):
            g_given = s.like(s.call(layer, "forward", given, label=f"output of {what}"))
            s.call(c, "forward", given, label=f"output of {what} after")
            self._backward(s, layer, case, g_given, f" of {what}")
            self._backward(s, c, case, g_given, f" of {what} after")
        for handle, what in zip(kept, ("output", "input gradient"), strict=True):
            s.make(handle, label=f"{what} kept")
        s.make(x, label="input afterwards")
        s.make(other, label="another input afterwards")
        s.make(g, label="error afterwards")

    def _backward(self, s: Script, layer: Handle, case: Case, g: Any, when: str) -> None:
        s.call(layer, "backward", g, label=f"input gradient{when}")
        for name in self.parameters(case):
            s.get(layer, f"gradient_{name}", label=f"{name} gradient{when}")

    def optimizing(self, s: Script, case: Case) -> None:
        """Three backward passes with an optimizer set, two layers sharing one optimizer, then without."""
        optimizer = s.stand_in("optimizer")
        layer, twin = self.prepared(s, case), self.prepared(s, case, "_twin")
        s.set(layer, "optimizer", optimizer)
        s.set(twin, "optimizer", optimizer)
        plain = self.prepared(s, case, "_plain")
        x = s.array("input_tensor", self.inputs(s.rng, case))
        output = s.call(layer, "forward", x, label="output")
        g = s.like(output)
        s.call(plain, "forward", x)
        s.call(plain, "backward", g, label="input gradient without optimizer")
        self._update(s, layer, case, g, "1")
        s.call(twin, "forward", x)
        self._update(s, twin, case, g, "of the second layer")
        for number in ("2", "3"):
            s.call(layer, "forward", x)
            self._update(s, layer, case, g, number)
        s.set(layer, "optimizer", None)
        s.call(layer, "forward", x)
        s.call(layer, "backward", g)
        for name in self.parameters(case):
            s.get(layer, name, label=f"{name} without optimizer")

    def _update(self, s: Script, layer: Handle, case: Case, g: Any, when: str) -> None:
        s.call(layer, "backward", g, label=f"input gradient {when}")
        for name in self.parameters(case):
            s.get(layer, f"gradient_{name}", label=f"{name} gradient {when}")
            s.get(layer, name, label=f"{name} after update {when}")


def _updates(parameters: tuple[str, ...]) -> tuple[Update, ...]:
    """All updates of `Layer.optimizing`, in the order in which they happen."""
    found = []
    for name in parameters:
        before = name
        for call in (1, 2, 3):
            after = f"{name} after update {call}"
            found.append(Update(name, before, f"{name} gradient {call}", after, call))
            before = after
        after = f"{name} after update of the second layer"
        found.append(Update(name, f"{name}_twin", f"{name} gradient of the second layer", after, 1))
    order = {"1": 0, "of the second layer": 1, "2": 2, "3": 3}
    return tuple(sorted(found, key=lambda update: order[update.after.split(" update ")[1]]))


def call_order(points: float, after: str, parameters: tuple[str, ...] = ()) -> Relations:
    """The check for `Layer.calls`: nothing depends on what was called before, and no argument is changed."""
    gradients = ["input gradient", *(f"{name} gradient" for name in parameters)]
    pairs = [
        *(
            Same(
                label,
                f"{label} afterwards",
                "input changed",
                "The layer changes the input tensor that it is given.",
                "Work on a copy, or write the result into a new array.",
            )
            for label in ("input", "another input")
        ),
        Same(
            "error",
            "error afterwards",
            "error changed",
            "backward changes the error tensor that it is given.",
            "Work on a copy, or write the result into a new array.",
        ),
        Same(
            "output",
            "output again",
            "forward twice",
            "A second forward with the same input gives another result.",
            "Does forward change the input, the weights or something that it keeps?",
        ),
    ]
    for label in gradients:
        pairs.append(
            Same(
                label,
                f"{label} again",
                "backward twice",
                f"A second backward with the same error gives another {label}.",
                "Gradients are written anew at every call, never added to the old ones.",
            )
        )
    for label in gradients:
        pairs.append(
            Same(
                f"{label} alone",
                label,
                "shared state",
                f"The {label} changes when another layer of the same class is used in between.",
                "What a layer keeps belongs to `self`, not to the class, a default argument or a global variable.",
            )
        )
    for what in FURTHER:
        pairs.append(
            Same(
                f"output of {what}",
                f"output of {what} after",
                "stale forward",
                "forward depends on the inputs of earlier calls.",
                "Everything that forward keeps must be written anew at each call.",
            )
        )
        for label in gradients:
            pairs.append(
                Same(
                    f"{label} of {what}",
                    f"{label} of {what} after",
                    "stale backward",
                    f"The {label} belongs to an earlier forward, not to the newest.",
                    "Everything that forward keeps for backward must be written anew at each call.",
                )
            )
    for label, method in (("output", "forward"), ("input gradient", "backward")):
        pairs.append(
            Same(
                label,
                f"{label} kept",
                f"{label} overwritten",
                f"A later call changes the array that {method} has returned before.",
                "Make a new array in every call; do not fill and return one that is kept in `self`.",
            )
        )
    return Relations(name="call order and purity", points=points, plan="calls", after=after, same=tuple(pairs))


def optimizer_checks(points: float, after: str, parameters: tuple[str, ...]) -> tuple[Check, ...]:
    """The checks for `Layer.optimizing`: the updates, and that the returned gradient is that of the old weights."""
    old = Same(
        "input gradient without optimizer",
        "input gradient 1",
        "gradient from updated weights",
        "With an optimizer set, the input gradient is computed from weights that are already updated.",
        "Compute the error that is passed on before the weights change.",
    )
    removed = tuple(
        Same(
            f"{name} after update 3",
            f"{name} without optimizer",
            "optimizer not removed",
            f"The {be(name)} still updated after `optimizer = None`.",
            "Setting None removes the optimizer.",
        )
        for name in parameters
    )
    first = LayerUpdates(name="optimizer", points=points, plan="optimizing", after=after, updates=_updates(parameters))
    used = tuple(
        Same(
            f"{name} after update 1",
            f"{name} after update 2",
            "not updated",
            f"The {be(name)} not updated by backward although an optimizer is set.",
            "Assign what calculate_update returns.",
        )
        for name in parameters
    )
    second = Relations(
        name="gradient of the old weights",
        points=points / 2,
        plan="optimizing",
        after=after,
        same=(old, *removed),
        differ=used,
        unchanged=False,
    )
    return first, second


def layer_plans(layer: Layer, parameters: bool = False, integers: bool = True) -> dict[str, Plan]:
    """The plans that apply to any layer."""
    plans = {"main": Plan(layer.main), "calls": Plan(layer.calls, cases=10)}
    if integers:
        plans["integers"] = Plan(layer.integers, cases=10)
    if parameters:
        plans["optimizing"] = Plan(layer.optimizing, cases=8)
    return plans


def gradient(wrt: str, points: float, after: str = "forward", linear: bool = False, name: str = "") -> Gradient:
    """The gradient check of `Layer.main` for "input" or a parameter."""
    return Gradient(
        name=name or f"{wrt} gradient",
        points=points,
        plan="main",
        label=f"{wrt} gradient",
        wrt="input_tensor" if wrt == "input" else wrt,
        linear=linear,
        forward=after,
    )


def integer_input(points: float, after: str, parameters: tuple[str, ...] = ()) -> Relations:
    """The check for `Layer.integers`: integers give what the same floats give, be that right or wrong."""
    labels = ("output", "input gradient", *(f"{name} gradient" for name in parameters))
    pairs = tuple(
        Same(
            f"{label} for floats",
            label,
            f"integer {label}",
            f"The {label} for an input of integers is not that for the same numbers as floats.",
            "An array made like the input (np.zeros_like, or with its dtype) cannot hold the fractions.",
        )
        for label in labels
    )
    return Relations(name="integer input", points=points, plan="integers", after=after, same=pairs, unchanged=False)
