"""The evidence of a finding: what went in, what came out, what was expected, in numbers that can be shown."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from grader.report import CheckResult, Evidence, Finding, Shown
from grader.running.probes import Array, Trace, as_array, as_numbers, describe, error_of
from grader.worker.normals import normals
from grader.worker.probe import Item, Opaque

from .completing import tensor_shape
from .exceptions import first_failure
from .script import error_tensors, script

if TYPE_CHECKING:
    from grader.bundle import Expected, FrozenProbe
    from grader.judging.checks.base import Base
    from grader.judging.context import Context

MAX_VALUES, MAX_DRAWN = 200, 10_000
MAX_ITEMS = 20
FEW = 12  # entries of an array that are shown where something is raised


def illustrate(finding: Finding, check: Base, context: Context, number: int) -> Finding:
    """The finding with its case and evidence."""
    frozen, trace = context.plan(check.plan).probes[number], context.traces[check.plan][number]
    case = context.bank.bundle.cases[frozen.case]
    return Finding(
        finding.code,
        finding.sentence,
        finding.hint,
        case.values,
        case.name,
        evidence(frozen, trace, check.label),
        case.visible,
        finding.misconception,
    )


def evidence(frozen: FrozenProbe, trace: Trace, label: str) -> Evidence:
    """What went in, what came out, what was expected."""
    step = frozen.probe.labels.get(label, len(frozen.probe.steps) - 1)
    expected = frozen.expected.get(label)
    failed = first_failure(trace, frozen.probe, label) if label in frozen.probe.labels else step
    error = None if trace.death else error_of(trace, step if failed < 0 else failed)
    value = None if trace.death or error else trace.values[step]
    got = shown(value)
    if error and isinstance(frozen.probe.steps[failed], Item):
        got = Shown(error.message.partition(", where ")[0])
    elif error:
        got = Shown(f"{error.type}: {error.message}" if error.message else error.type)
    elif trace.death:
        got = Shown(f"no answer: {trace.detail}")
    file, line, source = error.lines[-1] if error and error.lines else ("", 0, "")
    used, one = script(frozen.probe, step), in_short if error else shown
    return Evidence(
        tuple((name, one(array)) for name, array in _inputs(frozen, trace) if _mentioned(name, used)),
        tuple(used),
        got,
        _expected(expected, one),
        _positions(value, expected),
        file,
        line,
        source,
    )


def confirmed(checks: Sequence[CheckResult], files: Mapping[str, bytes]) -> tuple[CheckResult, ...]:
    """The checks, of whose findings each that names a line names one of the submission's `files`.

    The process that runs a student's code says where something was raised, and may say anything: what it knows of
    hidden cases must not come back as the name of a file.
    """

    def look(finding: Finding) -> Finding:
        seen = finding.evidence
        if seen is None or not seen.file or 0 < seen.line <= _lines(files.get(seen.file)):
            return finding
        return msgspec.structs.replace(finding, evidence=msgspec.structs.replace(seen, file="", line=0, source=""))

    return tuple(msgspec.structs.replace(check, findings=tuple(map(look, check.findings))) for check in checks)


def _lines(text: bytes | None) -> int:
    """How many lines a file may have at most, whatever ends them; 0 for a file that is not there."""
    return 0 if text is None else 1 + max(text.count(b"\n"), text.count(b"\r"))


def _inputs(frozen: FrozenProbe, trace: Trace) -> Iterator[tuple[str, Array]]:
    """All arrays of a probe, and the error tensors that were made in the shape of what came back."""
    yield from frozen.probe.arrays.items()
    for like, name in error_tensors(frozen.probe).items():
        shape = None if trace.death else tensor_shape(frozen, trace, like)
        if shape is not None and math.prod(shape) <= MAX_DRAWN:
            yield name, normals(shape, like.seed)


def _mentioned(name: str, lines: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", line) for line in lines)


def _expected(expected: Expected | None, one: Callable[[Any], Shown]) -> Shown | None:
    if expected is None:
        return None
    if expected.raised:
        return Shown(f"raises {expected.raised}")
    return one(expected.array if expected.array is not None else expected.plain)


def _positions(value: Any, expected: Expected | None) -> tuple[int, ...]:
    got = as_array(value)
    if got is None or expected is None or expected.array is None or got.shape != expected.array.shape:
        return ()
    if got.dtype.kind == "c":
        return ()
    scale = float(np.max(np.abs(expected.array))) if expected.array.size else 0.0
    with np.errstate(invalid="ignore"):
        near = np.abs(got.astype(np.float64) - expected.array) <= 1e-8 * scale + 1e-12
    return tuple(int(i) for i in np.flatnonzero(~near)[:MAX_VALUES])


def shown(value: Any) -> Shown:
    """An array, a number or a description."""
    listed = isinstance(value, list | tuple)
    array = as_numbers(value) if listed else as_array(value)
    if array is None:
        return Shown(brief(value) if listed else describe(value))
    values = tuple(_number(v) for v in array.ravel()[:MAX_VALUES].tolist())
    return Shown("", tuple(array.shape), str(array.dtype), values)


def in_short(value: Any) -> Shown:
    """As `shown`, but of a large array its shape: where something is raised, its line says more than many numbers."""
    array = as_array(value)
    return shown(value) if array is None or array.size <= FEW else Shown(describe(value))


def brief(value: Any) -> str:
    """A list in one line; objects by the names of their types."""
    if isinstance(value, list | tuple):
        items = ", ".join([brief(item) for item in value[:MAX_ITEMS]] + ["..."] * (len(value) > MAX_ITEMS))
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    return value.text if isinstance(value, Opaque) else describe(value) if isinstance(value, np.ndarray) else str(value)


def _number(value: Any) -> float | str:
    return value if isinstance(value, int | float) and np.isfinite(value) else str(value)
