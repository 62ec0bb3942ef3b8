"""The optimizer inside a layer: used, one copy for each parameter, state kept from call to call, result assigned.

The stand-in optimizer takes another step size at every call of the same copy, so that the step that is seen in the
parameters tells which call of which copy it was. The student's own gradients are used: a wrong gradient costs
nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import Comparison, array_at
from grader.judging.evidence import illustrate
from grader.judging.exceptions import hidden_failure, raised
from grader.report import CheckResult, Finding
from grader.text import be
from grader.worker.probe import Returned
from grader.worker.standins import rate

from .base import Base, settle, unearned

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.context import Context
    from grader.running.probes import Trace

CLOSE = 1e-6  # single precision is told elsewhere; other step sizes and gradients are far away


class Update(msgspec.Struct, frozen=True):
    """One step that must be seen: `after` = `before` - rate(call) * `gradient`; `before` is an array or a label."""

    parameter: str
    before: str
    gradient: str
    after: str
    call: int


class LayerUpdates(Base, frozen=True, kw_only=True, tag="layer updates"):
    """All updates are as they must be in every case."""

    updates: tuple[Update, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The parameters after each update."""
        return tuple(update.after for update in self.updates)

    def judge(self, context: Context) -> CheckResult:
        """The first wrong update of each case names it."""
        refused = unearned(self, context, "alive")
        if refused:
            return refused
        plan, traces = context.plan(self.plan), context.traces[self.plan]
        wrong = [self._wrong(frozen, trace, context) for frozen, trace in zip(plan.probes, traces, strict=True)]
        comparison = Comparison(["ok" if item is None else item[0].code for item in wrong])
        found: tuple[Finding, ...] = ()
        if comparison.wrong:
            number = comparison.wrong[0]
            finding, label = wrong[number]  # type: ignore[misc]
            finding = illustrate(finding, msgspec.structs.replace(self, label=label), context, number)
            failed = hidden_failure(traces[number], plan.probes[number].probe, self.labels)
            known = context.misconception(self.plan, self.labels, raising=bool(failed))
            if known:
                finding = msgspec.structs.replace(
                    finding, code=known.name, sentence=known.sentence, hint=known.hint, misconception=known.name
                )
            found = (finding,)
        return settle(self, context, comparison, found)

    def _wrong(self, frozen: FrozenProbe, trace: Trace, context: Context) -> tuple[Finding, str] | None:
        if trace.death:
            return Finding(trace.death, f"There is no result: {trace.detail}."), self.label
        finding = self._first(frozen, trace, context)
        failed = hidden_failure(trace, frozen.probe, self.labels) if finding else ""
        if failed:  # the exception is why the parameters are what they are
            return Finding(*raised(trace, frozen, failed, context)), failed
        return finding

    def _first(self, frozen: FrozenProbe, trace: Trace, context: Context) -> tuple[Finding, str] | None:
        """The first update that is wrong, and the label that shows it."""
        for update in self.updates:
            before = _parameter(frozen, trace, update.before)
            gradient = array_at(trace, frozen.probe, update.gradient)
            after = array_at(trace, frozen.probe, update.after)
            if before is None or gradient is None or after is None:
                return _missing(frozen, trace, update, context)
            finding = _step(update, before, gradient, after)
            if finding:
                return finding, update.after
        return None


def _parameter(frozen: FrozenProbe, trace: Trace, name: str) -> NDArray[np.float64] | None:
    if name in frozen.probe.arrays:
        return np.asarray(frozen.probe.arrays[name], dtype=np.float64)
    return array_at(trace, frozen.probe, name)


def _missing(frozen: FrozenProbe, trace: Trace, update: Update, context: Context) -> tuple[Finding, str]:
    for label in (update.before, update.gradient, update.after):
        step = frozen.probe.labels.get(label, -1)
        if step >= 0 and not isinstance(trace.outcomes[step], Returned):
            return Finding(*raised(trace, frozen, label, context)), label
    text = f"The {be(update.after)} not an array."
    return Finding("type", text, "Parameters and gradients are NumPy arrays."), update.after


def _step(
    update: Update, before: NDArray[np.float64], gradient: NDArray[np.float64], after: NDArray[np.float64]
) -> Finding | None:
    """None where the step is right; else what was seen instead."""
    name, call = update.parameter, update.call
    if gradient.shape != before.shape or after.shape != before.shape:
        shapes = f"{after.shape} after the update, and its gradient {gradient.shape}, not {before.shape}"
        text = f"The {name} has shape {shapes}."
        return Finding("shape", text)
    norm = float((gradient * gradient).sum())
    if not norm > 0:
        return Finding("zero", f"The gradient of the {name} is zero, so no update can be seen.")
    seen = float(((before - after) * gradient).sum()) / norm
    scale = CLOSE * (float(np.max(np.abs(before))) + float(np.max(np.abs(gradient))))
    if not np.all(np.abs(after - (before - seen * gradient)) <= scale):
        text = f"The {name} after backward is not what the optimizer returned for its old value and its gradient."
        return Finding(
            "not assigned", text, f"Call calculate_update({name}, gradient of {name}) and assign the result."
        )
    if abs(seen - rate(call)) <= 1e-5:
        return None
    return _other_call(name, call, seen)


def _other_call(name: str, call: int, seen: float) -> Finding:
    if abs(seen) <= 1e-9:
        text = f"The {be(name)} not updated by backward although an optimizer is set."
        return Finding("not updated", text, "Assign what calculate_update returns.")
    counted = seen * 16 - 1
    if abs(counted - round(counted)) < 1e-5 and round(counted) >= 1:
        calls = round(counted)
        times = "once" if calls == 1 else f"{calls} times"
        text = f"The {be(name)} updated at backward number {call} by an optimizer that was called {times} by then: " + (
            "something else uses it, too." if calls > call else "it does not remember every backward."
        )
        hint = (
            "Weights and bias need a deep copy each of the optimizer that the layer is given, made once, when it is "
            "set; the given one itself may belong to other layers, too."
        )
        return Finding("optimizer state", text, hint)
    text = f"The step of the {name} is {seen:g} times the gradient, where {rate(call):g} is right."
    return Finding("step size", text)
