"""Which names a course file can rename, and which of its renames cannot take effect."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from keyword import iskeyword
from typing import Any, NamedTuple

import numpy as np

from grader.bundle import Bundle
from grader.course import Course
from grader.worker import standins
from grader.worker.probe import Call, Get, Items, New, Read, Set, StandIn, Use

_NAME = re.compile(r"[A-Za-z_]\w*")
_KEY = re.compile(r"'[^']*'")  # of a dict, in a path: no attribute
_CLASS = re.compile(r"[A-Z]\w*")
_OPTIONS = {"inputs": (1,), "labels": (1,), "trainable": True, "phase": True}
_OWN = {"normals", "seed", "options", "log", "calls", "state", "size", "back", "start"}  # the grader's own affair
_OWN |= {"added", "forwards", "gradient_returned", "input_gradient", "output_returned", "output_tensor", "ready"}
_OF_LISTS = frozenset(dir(list))


class Known(NamedTuple):
    """The names that the probes of an exercise use, and those that its stand-ins offer."""

    symbols: frozenset[str]
    methods: frozenset[str]
    attributes: frozenset[str]
    stand_ins: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Everything that can be renamed."""
        return self.symbols | self.methods | self.attributes | self.stand_ins


def known(bundle: Bundle) -> Known:
    """The names of one exercise; where a library says what methods are called, those of its classes alone."""
    if bundle.packages:
        return Known(frozenset(bundle.symbols), frozenset(), frozenset(), frozenset())
    symbols, methods, attributes, kinds = set(bundle.symbols), set[str](), set[str](), set[str]()
    for plan in bundle.plans:
        for frozen in plan.probes:
            for step in frozen.probe.steps:
                if isinstance(step, New | Use | Read):
                    symbols.add(step.symbol)
                elif isinstance(step, Call) and not isinstance(frozen.probe.steps[step.target], Read):
                    methods.add(step.method)  # a constant's methods are Python's own
                elif isinstance(step, Get | Set):
                    attributes.update(_NAME.findall(_KEY.sub("", step.attribute)))
                attributes.update(getattr(step, "keywords", {}))
                kinds.update(one.kind for one in _stand_ins(step))
            symbols.update(name for one in frozen.expected.values() for name in _classes(one.plain))
    offered = {name for kind in kinds for name in offers(kind)}
    methods -= _OF_LISTS
    public = [frozenset(name for name in names if name[:1] != "_") for names in (symbols, methods, attributes, offered)]
    return Known(*public)


def _stand_ins(step: Any) -> Iterator[StandIn]:
    values = [getattr(step, "value", None), *getattr(step, "arguments", ()), *getattr(step, "keywords", {}).values()]
    while values:
        value = values.pop()
        if isinstance(value, StandIn):
            yield value
        elif isinstance(value, Items):
            values.extend(value.items)


def _classes(plain: Any) -> Iterator[str]:
    """Names of classes in what the reference has returned."""
    if isinstance(plain, list | tuple):
        for item in plain:
            yield from _classes(item)
    elif isinstance(plain, str) and _CLASS.fullmatch(plain) and not iskeyword(plain) and plain not in _STAND_INS:
        yield plain


def offers(kind: str) -> set[str]:
    """The methods and attributes that a stand-in has for students."""
    made = standins.KINDS[kind](0, _OPTIONS, {})
    return {name for name in dir(made) if name[:1] != "_"} - _OWN


_STAND_INS = {kind.__name__ for kind in vars(standins).values() if isinstance(kind, type)}


def notes(course: Course, bundles: Sequence[Bundle], more: Callable[[], Sequence[Bundle]] = tuple) -> list[str]:
    """One sentence for each rename that cannot take effect; `more` are bundles that the course does not ask for."""
    if not course.names and not any(settings.names for settings in course.exercises.values()):
        return []
    by_exercise = {bundle.exercise: known(bundle).all for bundle in bundles}
    every = frozenset[str]().union(*by_exercise.values())
    if set(course.names) - every:
        every = every.union(*(known(bundle).all for bundle in more()))
    found = [_note("[names]", name, "no exercise uses", every) for name in course.names if name not in every]
    for exercise, settings in course.exercises.items():
        uses = by_exercise.get(exercise)
        for name in settings.names if uses is not None else ():
            if name not in (uses or ()):
                where, what = f"[exercises.{exercise}] names", "this exercise does not use"
                found.append(_note(where, name, what, uses or frozenset()))
    return found


def _note(where: str, name: str, what: str, names: frozenset[str]) -> str:
    near = difflib.get_close_matches(name, sorted(names), 1) or [n for n in sorted(names) if name.startswith(n)]
    hint = f": did you mean `{near[0]}`?" if near else "; the names are listed in exercises/course.toml."
    return f"{where} renames `{name}`, which {what}{hint}"


def table(bundles: Sequence[Bundle]) -> str:
    """All names that can be renamed, topic by topic, as comments for a course file."""
    topics: dict[str, list[Known]] = {}
    for bundle in bundles:
        topics.setdefault(bundle.topic, []).append(known(bundle))
    lines = []
    for topic, names in topics.items():
        symbols = sorted({name for one in names for name in one.symbols} - _others(bundles, topic))
        methods = _listed(name for one in names for name in one.methods)
        attributes = _listed(name for one in names for name in one.attributes)
        given = _listed({name for one in names for name in one.stand_ins} - {*methods, *attributes})
        parts = [", ".join(symbols), *(", ".join(part) for part in (methods, attributes, given) if part)]
        lines += textwrap.wrap(f"{topic}: {'; '.join(parts)}", 118, subsequent_indent="    ", break_on_hyphens=False)
    return "".join(f"# {line}\n" for line in lines)


def _others(bundles: Sequence[Bundle], topic: str) -> set[str]:
    return {symbol for bundle in bundles if bundle.topic != topic for symbol in bundle.symbols}


def _listed(names: Iterable[str]) -> list[str]:
    """Without what belongs to NumPy's arrays, or to stand-ins for the grader's own use."""
    return sorted(
        {n for n in names if not hasattr(np.ndarray, n) and not hasattr(np.dtype, n)} - {"error_tensor", *_OWN}
    )
