"""Call order and purity: results of one script that must equal each other, arguments that must stay as they were."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import Comparison, array_at
from grader.judging.evidence import illustrate
from grader.judging.exceptions import hidden_failure, raised
from grader.report import CheckResult, Finding
from grader.running.probes import as_array
from grader.worker.probe import Returned

from .base import Base, settle, unearned

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.context import Context
    from grader.running.probes import Trace

SAME = 1e-11


class Same(msgspec.Struct, frozen=True):
    """Two labels whose results must be equal; `sentence` says what is wrong where they are not.

    `rtol` is relative to the largest value; the default is for the same operations in the same order.
    """

    first: str
    second: str
    code: str
    sentence: str
    hint: str = ""
    rtol: float = SAME


class Relations(Base, frozen=True, kw_only=True, tag="relations"):
    """Every pair of `same` agrees in every case, every pair of `differ` does not, and no argument is changed where
    `unchanged` is set.

    The results are compared with each other, not with the reference: a wrong value costs nothing here.
    """

    same: tuple[Same, ...] = ()
    differ: tuple[Same, ...] = ()
    unchanged: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels that are compared."""
        return tuple(dict.fromkeys(label for pair in (*self.same, *self.differ) for label in (pair.first, pair.second)))

    def judge(self, context: Context) -> CheckResult:
        """Look at every case; the first broken relation of each names it."""
        refused = unearned(self, context, "alive")
        if refused:
            return refused
        plan, traces = context.plan(self.plan), context.traces[self.plan]
        broken = [self._broken(frozen, trace, context) for frozen, trace in zip(plan.probes, traces, strict=True)]
        codes = ["ok" if item is None else item[0].code for item in broken]
        comparison = Comparison(codes)
        settled = settle(self, context, comparison, self._findings(context, comparison, broken))
        return settled if settled.verdict != "partial" else msgspec.structs.replace(settled, verdict="fail", points=0.0)

    def _findings(
        self, context: Context, comparison: Comparison, broken: list[tuple[Finding, str] | None]
    ) -> tuple[Finding, ...]:
        if not comparison.wrong:
            return ()
        found: dict[str, Finding] = {}
        one = comparison.wrong[0]
        failed = hidden_failure(context.traces[self.plan][one], context.plan(self.plan).probes[one].probe, self.labels)
        known = context.misconception(self.plan, self.labels, raising=bool(failed))
        for number in comparison.wrong:
            finding, label = broken[number]  # type: ignore[misc]
            if finding.code not in found:
                at = msgspec.structs.replace(self, label=label)
                found[finding.code] = illustrate(finding, at, context, number)
        first = next(iter(found.values()))
        if known and first.code not in ("argument changed",):
            renamed = msgspec.structs.replace(
                first, code=known.name, sentence=known.sentence, hint=known.hint, misconception=known.name
            )
            return (renamed, *list(found.values())[1:2])
        return tuple(found.values())[:3]

    def _broken(self, frozen: FrozenProbe, trace: Trace, context: Context) -> tuple[Finding, str] | None:
        if trace.death:
            return Finding(trace.death, f"There is no result: {trace.detail}."), self.label
        for pair in (*self.same, *self.differ):
            for label in (pair.first, pair.second):
                step = frozen.probe.labels[label]
                if not isinstance(trace.outcomes[step], Returned):
                    return Finding(*raised(trace, frozen, label, context)), label
            if _equal(frozen, trace, pair) != (pair in self.same):
                failed = hidden_failure(trace, frozen.probe, (pair.first, pair.second))
                if failed:
                    return Finding(*raised(trace, frozen, failed, context)), failed
                return Finding(pair.code, pair.sentence, pair.hint), pair.second
        if self.unchanged and trace.changed:
            name = trace.changed[0]
            hint = "Work on a copy, or write the result into a new array."
            return Finding("argument changed", f"The array `{name}` that was passed in is changed.", hint), self.label
        return None


def _same_data(left: Any, right: Any) -> bool:
    """Whether two results that are no arrays are equal: texts, lists, what is in a dict; objects by their class."""
    if isinstance(left, list | tuple):
        both = type(left) is type(right) and len(left) == len(right)
        return both and all(_same_data(a, b) for a, b in zip(left, right, strict=True))
    first, second = as_array(left), as_array(right)
    if first is not None and second is not None:
        return np.array_equal(first, second, equal_nan=first.dtype.kind == second.dtype.kind == "f")
    return type(left) is type(right) and bool(left == right)


def _same_bytes(left: Any, right: Any) -> bool:
    """Whether both are real arrays of one type and shape with the same bytes in them."""
    if type(left) is not np.ndarray or type(right) is not np.ndarray or left.dtype != right.dtype:
        return False
    return left.dtype.kind != "c" and left.shape == right.shape and left.tobytes() == right.tobytes()


def _equal(frozen: FrozenProbe, trace: Trace, pair: Same) -> bool:
    values = [trace.values[frozen.probe.labels[label]] for label in (pair.first, pair.second)]
    if _same_bytes(*values):  # the common case, and the quickest
        return True
    arrays = [array_at(trace, frozen.probe, label) for label in (pair.first, pair.second)]
    if arrays[0] is None or arrays[1] is None:
        return as_array(values[0]) is None and as_array(values[1]) is None and _same_data(*values)
    if arrays[0].shape != arrays[1].shape or not arrays[0].size:
        return arrays[0].shape == arrays[1].shape
    narrow = 1e-5 if any(getattr(v, "dtype", np.dtype(float)).itemsize < 8 for v in values) else 0.0
    return _near(arrays[0], arrays[1], max(pair.rtol, narrow))


def _near(one: NDArray[np.float64], other: NDArray[np.float64], rtol: float) -> bool:
    """Whether all entries agree but for `rtol` of the largest."""
    with np.errstate(invalid="ignore"):
        largest = float(np.max(np.abs(one), initial=0.0))
        if math.isfinite(largest) and abs(one.flat[0] - other.flat[0]) > rtol * largest:  # as of numbers drawn anew
            return False
        finite = np.isfinite(one)
        if not np.array_equal(one[~finite], other[~finite], equal_nan=True):
            return False
        scale = float(np.max(np.abs(one), initial=0.0, where=finite))
        return bool(np.all(np.abs(one - other)[finite] <= rtol * scale))
