"""Runs a probe on a namespace: the one place where a student's objects are touched."""

from __future__ import annotations

import builtins
import functools
import numbers
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import standins, tensors
from .loader import describe, student_lines
from .normals import normals
from .probe import (
    Buffer,
    Call,
    Data,
    Get,
    Item,
    Items,
    Like,
    Log,
    Make,
    New,
    NotReached,
    Number,
    Outcome,
    Raised,
    Ran,
    Read,
    Result,
    Returned,
    Rng,
    Set,
    StandIn,
    Step,
    Use,
    WireProbe,
)
from .pytorch import PyTorch
from .repeatable import seed_generators
from .values import encode, short
from .wire import Packer, unpack

MAX_LINES = 5
_PART = re.compile(r"\['[^']*'\]|\[-?\d+\]|[^.\[\]]+")
_BUILTIN = {id(value): value.__name__ for value in vars(builtins).values() if isinstance(value, type)}
_mro = type.__dict__["__mro__"].__get__  # a class may have one of its own
KINDS = {**standins.KINDS, "pytorch": PyTorch}
_PCG64, _Generator = np.random.PCG64, np.random.Generator


class _Unreached(Exception):
    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


@functools.lru_cache(maxsize=1000)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(_PART.findall(path))


def _key(part: str) -> int | str:
    """The index or key in a part of a path: `[3]` or `['W1']`."""
    return part[2:-2] if part[1] == "'" else int(part[1:-1])


class Stage:
    """One probe on one namespace: its arrays, the results of its steps, the course's names."""

    def __init__(
        self, namespace: Mapping[str, Any], files: frozenset[str], names: Mapping[str, str], probe: WireProbe
    ) -> None:
        self.namespace, self.files, self.names, self.probe = namespace, files, names, probe
        self.ours = {theirs: ours for ours, theirs in names.items()}
        self.arrays: dict[str, Any] = {}
        self.results: list[Any] = []
        self.failed: set[int] = set()

    def run(self, payload: bytearray, pristine: bytes, limit: int) -> tuple[list[Outcome | None], list[str], Packer]:
        """Outcomes of all steps, names of arrays that were changed, and the arrays to send back."""
        seed_generators(self.probe.seed)
        packer = Packer()
        self.arrays = {name: unpack(buffer, payload) for name, buffer in self.probe.arrays}
        outcomes = [self._outcome(number, step, packer, limit) for number, step in enumerate(self.probe.steps)]
        changed = [name for name, buffer in self.probe.arrays if self._changed(name, buffer, payload, pristine)]
        return outcomes, changed, packer

    def _changed(self, name: str, buffer: Buffer, payload: bytearray, pristine: bytes) -> bool:
        array: np.ndarray[Any, Any] = self.arrays[name]
        if array.dtype.kind == "b":  # a copy: see unpack
            return array.tobytes() != unpack(buffer, pristine).tobytes()
        end = buffer.offset + array.nbytes
        return array.shape != buffer.shape or payload[buffer.offset : end] != pristine[buffer.offset : end]

    def _outcome(self, number: int, step: Step, packer: Packer, limit: int) -> Outcome | None:
        result: Any = None
        outcome: Outcome | None = None
        try:
            result = self._do(step)
            if step.report:
                outcome = Returned(encode(result, packer, limit, ours=self.ours))
        except _Unreached as missing:
            outcome = NotReached(missing.step)
            self.failed.add(number)
        except BaseException as error:  # whatever a student raises, SystemExit included, is an outcome
            outcome = raised(error, self.files)
            self.failed.add(number)
        self.results.append(result)
        return outcome

    def _do(self, step: Step) -> Any:
        return _DEEDS[type(step)](self, step)

    def _call(self, step: Call) -> Any:
        method = getattr(self._result(step.target), self.names.get(step.method, step.method))
        return method(*self._all(step.arguments), **self._keywords(step.keywords))

    def _use(self, step: New | Use) -> Any:
        return self._symbol(step.symbol)(*self._all(step.arguments), **self._keywords(step.keywords))

    def _get(self, step: Get) -> Any:
        return self._follow(self._result(step.target), _parts(step.attribute))

    def _set(self, step: Set) -> None:
        value, (*before, last) = self._value(step.value), _parts(step.attribute)
        owner = self._follow(self._result(step.target), before)
        if last.startswith("["):
            owner[_key(last)] = value
        else:
            setattr(owner, self.names.get(last, last), value)

    def _item(self, step: Item) -> Any:
        results = self._result(step.target)
        if not isinstance(results, tuple | list) or len(results) != step.count:
            raise TypeError(f"{short(results)}, where {step.count} results in a tuple are expected")
        return results[step.index]

    def _symbol(self, symbol: str) -> Any:
        name = self.names.get(symbol, symbol)
        try:
            return self.namespace[name]
        except KeyError:
            raise NameError(f"{name} is not defined") from None

    def _follow(self, value: Any, path: Sequence[str]) -> Any:
        for part in path:
            value = value[_key(part)] if part.startswith("[") else getattr(value, self.names.get(part, part))
        return value

    def _result(self, step: int) -> Any:
        if step in self.failed:
            raise _Unreached(step)
        return self.results[step]

    def _all(self, values: tuple[Any, ...]) -> list[Any]:
        return [self._value(value) for value in values]

    def _keywords(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self.names.get(name, name): self._value(value) for name, value in values.items()} if values else {}

    def _value(self, value: Any) -> Any:
        make = _MAKERS.get(type(value))
        return make(self, value) if make else value

    def _like(self, value: Like) -> Any:
        made: Any = self._result(value.step)
        if tensors.is_tensor(made):
            made = tensors.array(made)
        if not isinstance(made, np.ndarray | np.generic | numbers.Real):
            raise _Unreached(value.step)  # a shape of its own is not to be had: the judge asks again
        return normals(np.asarray(made).shape, value.seed)

    def _stand_in(self, value: StandIn) -> Any:
        return KINDS[value.kind](value.seed, self._options(value.options), self.names)

    def _options(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _items(self, value: Items) -> Any:
        items = self._all(value.items)
        if value.kind == "dict":
            return dict(zip(items[::2], items[1::2], strict=True))
        return tuple(items) if value.kind == "tuple" else items


_MAKERS: dict[type, Callable[[Stage, Any], Any]] = {
    Data: lambda stage, value: stage.arrays[value.name],
    Result: lambda stage, value: stage._result(value.step),
    Like: Stage._like,
    Items: Stage._items,
    Number: lambda stage, value: np.dtype(value.dtype).type(value.value),
    Rng: lambda stage, value: _Generator(_PCG64(value.seed)),
    StandIn: Stage._stand_in,
}
_DEEDS: dict[type, Callable[[Stage, Any], Any]] = {
    Call: Stage._call,
    New: Stage._use,
    Use: Stage._use,
    Get: Stage._get,
    Set: Stage._set,
    Item: Stage._item,
    Make: lambda stage, step: stage._value(step.value),
    Read: lambda stage, step: stage._symbol(step.symbol),
    Log: lambda stage, step: stage._result(step.target).log,
}


def raised(error: BaseException, files: frozenset[str]) -> Raised:
    """An exception as data: builtin ancestry, message, and where it happened in the student's files."""
    kind, message = describe(error)
    bases = tuple(_BUILTIN[id(base)] for base in _mro(type(error)) if id(base) in _BUILTIN)
    return Raised(kind, message, bases, tuple(student_lines(error, files)[-MAX_LINES:]))


def reply(id_: int, number: int, stage: Stage, payload: bytearray, pristine: bytes, limit: int) -> tuple[Ran, bytes]:
    """One probe's answer, as message and payload."""
    outcomes, changed, packer = stage.run(payload, pristine, limit)
    return Ran(id_, number, tuple(outcomes), tuple(changed)), packer.payload()
