"""Builds a probe line by line, as one would write the test by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grader.errors import CourseError
from grader.report import Plain
from grader.running.probes import Probe
from grader.worker.probe import (
    Call,
    Data,
    Get,
    Item,
    Items,
    Kind,
    Like,
    Make,
    New,
    Number,
    Read,
    Result,
    Rng,
    Set,
    StandIn,
    Step,
    Use,
    Value,
)


class Handle(NamedTuple):
    """A step of the script, to be used as target or argument of later ones."""

    step: int


class Script:
    """One probe in the making. `rng` is seeded by course secret, exercise, plan and case.

    Steps with a `label` are reported and may be checked. `facts` is what `Distribution` must know of the case.
    """

    def __init__(self, rng: np.random.Generator, given: Mapping[str, ArrayLike] | None = None) -> None:
        self.rng = rng
        self.given = dict(given or {})
        self.steps: list[Step] = []
        self.arrays: dict[str, NDArray[Any]] = {}
        self.labels: dict[str, int] = {}
        self.facts: dict[str, Plain] = {}

    def array(self, name: str, values: ArrayLike) -> Data:
        """An array under a name; an example's own array of that name takes its place."""
        if name in self.arrays:
            raise CourseError(f"a script has two arrays named {name!r}.")
        default = np.asarray(values)
        kind = default.dtype if default.dtype.kind in "iub" else np.dtype(np.float64)
        self.arrays[name] = np.array(self.given.get(name, default), dtype=kind)
        return Data(name)

    def new(self, symbol: str, *arguments: Any, label: str = "", **keywords: Any) -> Handle:
        """Construct a class of the student's file."""
        return self._add(New(symbol, self._all(arguments), self._keywords(keywords), bool(label)), label)

    def use(self, symbol: str, *arguments: Any, label: str = "", **keywords: Any) -> Handle:
        """Call a function of the student's file."""
        return self._add(Use(symbol, self._all(arguments), self._keywords(keywords), bool(label)), label)

    def read(self, symbol: str, label: str = "") -> Handle:
        """Read a constant of the student's file."""
        return self._add(Read(symbol, bool(label)), label)

    def call(self, target: Handle, method: str, *arguments: Any, label: str = "", **keywords: Any) -> Handle:
        """Call a method of an object."""
        step = Call(target.step, method, self._all(arguments), self._keywords(keywords), bool(label))
        return self._add(step, label)

    def get(self, target: Handle, attribute: str, label: str = "") -> Handle:
        """Read an attribute; `layers[0].weights` and `params['W1']` are paths, `['velocity']` a key of a dict."""
        return self._add(Get(target.step, attribute, bool(label)), label)

    def set(self, target: Handle, attribute: str, value: Any) -> Handle:
        """Assign an attribute, or what a path such as `params['W1']` leads to."""
        return self._add(Set(target.step, attribute, self._value(value)), "")

    def unpack(self, target: Handle, *labels: str) -> tuple[Handle, ...]:
        """The results of a function that returns several, one for each label: `out, cache = f(x)`.

        A result with the label "" is not reported: that of a cache, which is only handed on. What is no tuple or list
        of so many is told as such.
        """
        count = len(labels)
        return tuple(self._add(Item(target.step, n, count, bool(label)), label) for n, label in enumerate(labels))

    def stand_in(self, kind: Kind, **options: Any) -> Handle:
        """A stand-in that the worker supplies; `grader.worker.standins` and `.pytorch` list kinds and options."""
        seed = int(self.rng.integers(2**32))
        return self._add(Make(StandIn(kind, seed, self._keywords(options))), "")

    def generator(self, seed: int | None = None) -> Handle:
        """A new `np.random.default_rng(seed)` for code that takes one; the seed is drawn unless it is given."""
        return self._add(Make(Rng(int(self.rng.integers(2**32)) if seed is None else seed)), "")

    def make(self, value: Any, label: str = "") -> Handle:
        """Bring a value into existence, to be used as the same object several times; or report it as it is by now."""
        return self._add(Make(self._value(value), bool(label)), label)

    def like(self, handle: Handle) -> Like:
        """Standard normals in the shape of a result: the cotangent for backward, independent of everything else."""
        return Like(handle.step, int(self.rng.integers(2**32)))

    def probe(self) -> Probe:
        """The finished probe."""
        return Probe(tuple(self.steps), dict(self.arrays), dict(self.labels), int(self.rng.integers(2**32)))

    def _add(self, step: Step, label: str) -> Handle:
        if label:
            if label in self.labels:
                raise CourseError(f"a script has two steps labelled {label!r}.")
            self.labels[label] = len(self.steps)
        self.steps.append(step)
        return Handle(len(self.steps) - 1)

    def _all(self, values: tuple[Any, ...]) -> tuple[Value, ...]:
        return tuple(self._value(value) for value in values)

    def _keywords(self, values: Mapping[str, Any]) -> dict[str, Value]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Value:
        if isinstance(value, Handle):
            return Result(value.step)
        if isinstance(value, np.generic):
            return Number(value.dtype.name, value.item())
        if isinstance(value, dict):
            flat = [part for pair in value.items() for part in pair]
            return Items("dict", self._all(tuple(flat)))
        if isinstance(value, list):
            return Items("list", self._all(tuple(value)))
        if isinstance(value, tuple):
            return Items("tuple", self._all(value))
        if isinstance(value, np.ndarray):
            return self.array(f"array_{len(self.arrays)}", value)
        if value is None or isinstance(value, bool | int | float | str | Data | Like):
            return value
        raise CourseError(f"a script cannot pass a {type(value).__name__}: {value!r}.")
