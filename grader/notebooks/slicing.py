"""The part of a notebook that some names need, as the source of a module with a place in the notebook for each line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from .pieces import Names, Place
from .units import Unit

_HEADER = ("# Made from the cells of a notebook.", "#")  # no line of a cell is among the first two: see PEP 263
_DYNAMIC = frozenset({"globals", "eval", "exec", "vars", "locals"})


class Module(NamedTuple):
    """Source, for each of its lines the cell and line that it comes from, and the statements in it."""

    source: str
    places: tuple[Place | None, ...]
    units: tuple[Unit, ...] = ()

    def set_again(self) -> dict[str, list[int]]:
        """The cells that set a variable or module which functions use, where there are several: the last one counts."""
        used = frozenset[str]().union(*(unit.needs - unit.now for unit in self.units))
        cells: dict[str, list[int]] = {}
        for unit in self.units:
            for name in unit.binds & used - unit.defines:
                cells.setdefault(name, []).append(unit.places[0][0])
        plain = {name for unit in self.units if unit.module is None for name in unit.binds}
        return {name: cells[name] for name in sorted(plain) if len({*cells.get(name, ())}) > 1}


def module(units: Sequence[Unit], roots: Collection[str], own: str) -> Module:
    """What `roots` need, in the order of the notebook as far as that can be run; `own` is the module's name.

    Imports of the module from itself are left out: the notebook may have been written beside such a file.
    """
    others = [unit for unit in units if unit.module is None or unit.module.rpartition(".")[2] != own]
    wanted = _ordered(needed(without_stubs(others), frozenset(roots)))
    lines, places = list(_HEADER), list[Place | None]([None] * len(_HEADER))
    for unit in wanted:
        lines += unit.lines
        places += unit.places
    return Module("\n".join(lines) + "\n", tuple(places), tuple(wanted))


def without_stubs(units: Sequence[Unit]) -> list[Unit]:
    """Where something is defined several times, no later definition that is less complete than an earlier one."""
    fewest: dict[str, int] = {}
    kept = []
    for unit in units:
        worse = [name for name in unit.defines if name in fewest and unit.stubs > fewest[name]]
        if worse and len(worse) == len(unit.binds):
            continue
        fewest.update(dict.fromkeys(unit.defines, unit.stubs))
        kept.append(unit)
    return kept


def changed(units: Sequence[Unit]) -> list[Names]:
    """For each unit the names whose objects it writes into, by itself or by a function of the notebook."""
    writers = frozenset[str]().union(*(unit.writers for unit in units))
    return [unit.changes.union(*(names for function, names in unit.given if function in writers)) for unit in units]


def needed(units: Sequence[Unit], roots: Names) -> list[Unit]:
    """The units that give the roots their values, and all that these need."""
    by_bound: dict[str, list[int]] = {}
    by_changed: dict[str, list[int]] = {}
    changes = changed(units)
    for number, unit in enumerate(units):
        for name in unit.binds:
            by_bound.setdefault(name, []).append(number)
        for name in changes[number] | unit.calls:
            by_changed.setdefault(name, []).append(number)
    chosen = {number for number, unit in enumerate(units) if unit.always}
    seen = set[str]()
    waiting = {*roots, *(name for number in chosen for name in units[number].needs)}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        binding = by_bound.get(name, [])
        plain = any(not units[n].defines and units[n].module is None for n in binding)
        writing = [n for n in by_changed.get(name, []) if name in changes[n] or plain]
        for number in {*binding, *(writing if binding else [])} - chosen:
            chosen.add(number)
            waiting |= units[number].needs - seen
            if units[number].needs & _DYNAMIC:
                waiting |= {name for unit in units for name in unit.defines} - seen
    return [units[number] for number in sorted(chosen)]


def _ordered(units: Sequence[Unit]) -> list[Unit]:
    """The units so that what one needs while it runs comes before it, and otherwise as they stand."""
    future = [unit for unit in units if unit.module == "__future__"]
    pending = [unit for unit in units if unit.module != "__future__"]
    coming = Counter(name for unit in pending for name in unit.binds)
    bound, ordered = set[str](), list(future)
    while pending:
        ready = next((n for n, unit in enumerate(pending) if _is_ready(unit, bound, coming)), 0)
        unit = pending.pop(ready)
        ordered.append(unit)
        bound |= unit.binds
        coming.subtract(unit.binds)
    return ordered


def _is_ready(unit: Unit, bound: Collection[str], coming: Counter[str]) -> bool:
    return all(name in bound or coming[name] <= (name in unit.binds) for name in unit.now)
