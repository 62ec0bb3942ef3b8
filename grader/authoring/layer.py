"""What most layer exercises have in common: scripts for values, gradients, call order, integers, optimizer.

A Layer says how to construct one and what to feed it; its methods are scripts for plans, and `layer_plans` puts
together what applies. The checks of these plans are in `layer_checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.worker.probe import Data

from .exercise import Plan
from .inputs import normal
from .script import Handle, Script

Floats = NDArray[np.float64]
Case = Any
FURTHER = ("an input of the same shape", "another batch", "another input")  # what a layer is given next
SETTINGS = " after another layer was made"  # of the same class, with other arguments
ASSIGNED = " that was assigned"


def no_parameters(case: Case) -> dict[str, tuple[int, ...]]:
    """A layer without weights."""
    return {}


@dataclass(frozen=True)
class Layer:
    """How to make a layer for a case, and its input.

    arguments: what the constructor gets. inputs: the input tensor, made with a generator. parameters: attribute name to
    shape. linear: the output is linear in the input. other: another input that the layer may be given next, best of
    another shape (default: one item of another batch). another: a case whose layer has other, legal arguments
    (default: the constructor takes none).
    """

    symbol: str
    arguments: Callable[[Case], tuple[Any, ...]]
    inputs: Callable[[np.random.Generator, Case], Floats]
    parameters: Callable[[Case], Mapping[str, tuple[int, ...]]] = no_parameters
    linear: bool = False
    other: Callable[[np.random.Generator, Case], Floats] | None = None
    another: Callable[[Case], Case] | None = None

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
        self._views(s, case, x)
        if self.another:
            s.new(self.symbol, *self.arguments(self.another(case)))  # must not disturb a
            s.call(a, "forward", x, label=f"output{SETTINGS}")
            self._backward(s, a, case, g, SETTINGS)
        s.make(x, label="input afterwards")
        s.make(other, label="another input afterwards")
        s.make(g, label="error afterwards")

    def _views(self, s: Script, case: Case, x: Data) -> None:
        """The same input and error tensor twice: row by row in memory, and as views of transposed arrays."""
        backwards = s.array("input_transposed", np.ascontiguousarray(s.arrays[x.name].T))
        view = s.get(s.make(backwards), "T")
        plain, viewing = self.prepared(s, case, "_f"), self.prepared(s, case, "_g")
        output = s.call(plain, "forward", s.call(view, "copy"), label="output of a copy")
        s.call(viewing, "forward", view, label="output of a view")
        error = s.get(s.make(s.like(s.get(output, "T"))), "T")
        self._backward(s, plain, case, s.call(error, "copy"), " of a copy")
        self._backward(s, viewing, case, error, " of a view")

    def _backward(self, s: Script, layer: Handle, case: Case, g: Any, when: str) -> None:
        s.call(layer, "backward", g, label=f"input gradient{when}")
        for name in self.parameters(case):
            s.get(layer, f"gradient_{name}", label=f"{name} gradient{when}")

    def optimizing(self, s: Script, case: Case) -> None:
        """Three backward passes with an optimizer set, two layers sharing one optimizer, then without."""
        optimizer = s.stand_in("optimizer", shallow=True)  # only deep copies have a state of their own
        layer, twin = self.prepared(s, case), self.prepared(s, case, "_twin")
        s.set(layer, "optimizer", optimizer)
        s.set(twin, "optimizer", optimizer)
        for name in self.parameters(case):
            s.make(Data(name), label=f"{name}{ASSIGNED}")
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
            s.make(Data(name), label=f"{name}{ASSIGNED} afterwards")

    def _update(self, s: Script, layer: Handle, case: Case, g: Any, when: str) -> None:
        s.call(layer, "backward", g, label=f"input gradient {when}")
        for name in self.parameters(case):
            s.get(layer, f"gradient_{name}", label=f"{name} gradient {when}")
            s.get(layer, name, label=f"{name} after update {when}")


def layer_plans(layer: Layer, parameters: bool = False, integers: bool = True) -> dict[str, Plan]:
    """The plans that apply to any layer."""
    plans = {"main": Plan(layer.main), "calls": Plan(layer.calls, cases=6)}
    if integers:
        plans["integers"] = Plan(layer.integers, cases=6)
    if parameters:
        plans["optimizing"] = Plan(layer.optimizing, cases=8)
    return plans
