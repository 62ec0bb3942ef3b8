"""A probe as the lines of Python that a student would type to see the same."""

from __future__ import annotations

import re
from typing import Any

from grader.running.probes import Probe
from grader.worker.probe import (
    Call,
    Data,
    Get,
    Item,
    Items,
    Like,
    Log,
    Make,
    New,
    Number,
    Read,
    Result,
    Rng,
    Set,
    StandIn,
    Use,
)

ARTICLES = {"initializer": "initializer", "optimizer": "optimizer", "layer": "layer", "loss": "loss", "data": "data"}
READING = frozenset({"__getitem__", "copy", "get"})  # methods that leave their object as it is
FUNCTIONS = "pytorch"  # a stand-in whose methods are written as functions: the handout has them


def script(probe: Probe, step: int) -> list[str]:
    """The lines that lead to `step`, without those that have nothing to do with it."""
    names = _names(probe)
    needed = steps_before(probe, step)
    named = {n for n in needed - {step} if isinstance(read := probe.steps[n], Read) and names[n] == read.symbol}
    unpacked = _unpacked(probe)
    lines = []
    for n in sorted(needed - named - {item for items in unpacked.values() for item in items}):
        name = ", ".join(names[item] for item in unpacked[n]) if n in unpacked else names[n]
        lines.append(_line(probe.steps[n], name, names, report=n == step))
    return [line for line in lines if line]


def _unpacked(probe: Probe) -> dict[int, list[int]]:
    """Calls whose several results have names, and none together: `out, cache = f(x)`."""
    found: dict[int, list[int]] = {}
    for number, step in enumerate(probe.steps):
        if isinstance(step, Item) and step.target not in probe.labels.values():
            found.setdefault(step.target, []).append(number)
    return found


def steps_before(probe: Probe, last: int) -> set[int]:
    """Everything done before to the objects that `last` works on; for an array alone, what it was given to first."""
    needed: set[int] = {last}
    step = probe.steps[last]
    if isinstance(step, Make) and isinstance(step.value, Data):
        users = [n for n in range(last) if step.value in getattr(probe.steps[n], "arguments", ())]
        return needed.union(*(steps_before(probe, n) for n in users[:1]))
    targets = _mentions(step)
    if isinstance(step, Get) and isinstance(
        probe.steps[step.target], Make
    ):  # of a stand-in: whoever holds it acts on it
        given = [n for n in range(last) if step.target in _mentions(probe.steps[n])]
        targets |= {n if isinstance(probe.steps[n], New) else _target(probe.steps[n]) for n in given} - {-1}
    for number in range(last - 1, -1, -1):
        step = probe.steps[number]
        if number in targets or _acts(probe, step, targets):
            needed.add(number)
            targets |= _mentions(step)
    return needed


def _acts(probe: Probe, step: Any, targets: set[int]) -> bool:
    """Whether a step may change one of these objects, or a part of one: it is theirs, or is handed what is kept."""
    if isinstance(step, Call | Set) and not (isinstance(step, Call) and step.method in READING):
        owner = step.target
        while owner not in targets and isinstance(part := probe.steps[owner], Get | Item):
            owner = part.target
        if owner in targets:
            return True
    return isinstance(step, Call | New | Use) and any(_is_kept(probe.steps[n]) for n in _mentions(step) & targets)


def _is_kept(step: Any) -> bool:
    """Whether a step makes an object that functions write into: a dict, a list or a generator."""
    made = step.value if isinstance(step, Make) else None
    return isinstance(made, Rng) or (isinstance(made, Items) and made.kind != "tuple")


def _target(step: Any) -> int:
    return getattr(step, "target", -1)


def _mentions(step: Any) -> set[int]:
    found = {step.target} if hasattr(step, "target") else set()
    values = [*getattr(step, "arguments", ()), *getattr(step, "keywords", {}).values()]
    if hasattr(step, "value"):
        values.append(step.value)
    while values:
        value = values.pop()
        if isinstance(value, Result | Like):
            found.add(value.step)
        elif isinstance(value, Items):
            values.extend(value.items)
    return found


def error_tensors(probe: Probe) -> dict[Like, str]:
    """The random arrays that are made in the shape of a result, under the names that a script gives them."""
    found: dict[Like, str] = {}
    for step in probe.steps:
        values = [
            *getattr(step, "arguments", ()),
            *getattr(step, "keywords", {}).values(),
            getattr(step, "value", None),
        ]
        for value in values:
            if isinstance(value, Like) and value not in found:
                found[value] = "error_tensor" if not found else f"error_tensor_{len(found) + 1}"
    return found


def _names(probe: Probe) -> dict[Any, str]:
    """A variable for every step: layer, output, input_gradient ..."""
    labels = {step: re.sub(r"\W+", "_", label).strip("_") for label, step in probe.labels.items()}
    names: dict[Any, str] = dict(error_tensors(probe))
    taken: set[str] = set(names.values())
    for number, step in enumerate(probe.steps):
        if isinstance(step, New):
            name = step.symbol.split(".")[-1].lower()
        elif isinstance(step, Make) and isinstance(step.value, StandIn):
            name = ARTICLES.get(step.value.kind, FUNCTIONS)
        elif isinstance(step, Make) and isinstance(step.value, Rng):
            name = "rng"
        elif isinstance(step, Read) and number not in labels:
            name = step.symbol
        else:
            name = labels.get(number) or _unlabelled(step)
        used = taken if number in labels else taken | {*probe.arrays}
        name = next(free for n in range(1, len(used) + 2) if (free := name if n == 1 else f"{name}_{n}") not in used)
        taken.add(name)
        names[number] = name
    return names


def _unlabelled(step: Any) -> str:
    """A name for a result that no check looks at, from how it came about."""
    if isinstance(step, Use | Call):
        return f"{step.symbol if isinstance(step, Use) else step.method.strip('_')}_result".rpartition(".")[2]
    if isinstance(step, Get):
        return str((re.findall(r"[A-Za-z_]\w*", step.attribute) or ["item"])[-1])
    if isinstance(step, Make) and isinstance(step.value, Items):
        return f"a_{step.value.kind}"
    return "rest" if isinstance(step, Item) else "result"


def _line(step: Any, name: str, names: dict[Any, str], report: bool) -> str:
    if isinstance(step, New | Use):
        return f"{name} = {step.symbol}({_arguments(step, names)})"
    if isinstance(step, Make) and isinstance(step.value, StandIn) and step.value.kind == FUNCTIONS:
        return ""
    if isinstance(step, Call) and step.method == "__getitem__":
        return f"{name} = {names[step.target]}[{_arguments(step, names)}]"
    if isinstance(step, Call):
        if names[step.target] == FUNCTIONS:
            return f"{name} = {step.method}({_arguments(step, names)})"
        if step.method == "__call__":
            return f"{name} = {names[step.target]}({_arguments(step, names)})"
        return f"{name} = {names[step.target]}.{step.method}({_arguments(step, names)})"
    if isinstance(step, Set):
        return f"{_path(step, names)} = {_value(step.value, names)}"
    if isinstance(step, Item):
        return f"{name} = {names[step.target]}[{step.index}]"
    if isinstance(step, Get):
        return f"{name} = {_path(step, names)}"
    if isinstance(step, Read):
        return f"{name} = {step.symbol}"
    if isinstance(step, Log):
        return f"{name} = {names[step.target]}.log"
    return f"{name} = {_value(step.value, names)}"


def _path(step: Get | Set, names: dict[Any, str]) -> str:
    dot = "" if step.attribute.startswith("[") else "."
    return f"{names[step.target]}{dot}{step.attribute}"


def _arguments(step: Any, names: dict[Any, str]) -> str:
    positional = [_value(value, names) for value in step.arguments]
    return ", ".join(positional + [f"{key}={_value(value, names)}" for key, value in step.keywords.items()])


def _value(value: Any, names: dict[Any, str]) -> str:
    if isinstance(value, Data):
        return value.name
    if isinstance(value, Result):
        return names[value.step]
    if isinstance(value, Like):
        return names[value]
    if isinstance(value, Number):
        return f"np.{value.dtype}({value.value!r})"
    if isinstance(value, Rng):
        return f"np.random.default_rng({value.seed})"
    if isinstance(value, Items):
        items = [_value(item, names) for item in value.items]
        if value.kind == "dict":
            return "{" + ", ".join(f"{k}: {v}" for k, v in zip(items[::2], items[1::2], strict=True)) + "}"
        if value.kind == "tuple":
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        return f"[{', '.join(items)}]"
    if isinstance(value, StandIn):
        given = [f"{key} = {_value(item, names)}" for key, item in value.options.items() if isinstance(item, Data)]
        return f"<the grader's {value.kind}{' with ' if given else ''}{' and '.join(given)}>"
    return repr(value)
