"""Numbers that may be anything finite within bounds, where several answers are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from grader.judging.compare import Comparison, array_at
from grader.judging.evidence import illustrate
from grader.judging.explain import findings
from grader.report import CheckResult, Finding

from .base import NUMBERS, Base, settle, unearned

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.context import Context
    from grader.running.probes import Trace


class Bounds(Base, frozen=True, kw_only=True, tag="bounds"):
    """Every entry of a labelled result is finite and within [`low`, `high`]; its shape is the reference's.

    `what` is how sentences call the result (default: the label). None is no bound.
    """

    low: float | None = None
    high: float | None = None
    what: str = ""

    def judge(self, context: Context) -> CheckResult:
        """Compare every case."""
        refused = unearned(self, context)
        if refused:
            return refused
        frozen, traces = context.plan(self.plan).probes, context.traces[self.plan]
        codes = [
            self._code(frozen[number], traces[number]) if code in NUMBERS else code
            for number, code in enumerate(context.comparison(self.plan, self.label).codes)
        ]
        comparison = Comparison(codes)
        return settle(self, context, comparison, self._findings(context, comparison))

    def _code(self, frozen: FrozenProbe, trace: Trace) -> str:
        array = array_at(trace, frozen.probe, self.label)
        if array is None or not np.isfinite(array).all():
            return "nan"
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return "ok" if ((low <= array) & (array <= high)).all() else "out of bounds"

    def _findings(self, context: Context, comparison: Comparison) -> tuple[Finding, ...]:
        if not comparison.wrong:
            return ()
        first = comparison.wrong[0]
        known = context.misconception(self.plan, self.labels)
        if known or comparison.codes[first] not in ("nan", "out of bounds"):
            return findings(self, context, comparison, self.what)
        odd = "not finite" if comparison.codes[first] == "nan" else "out of bounds"
        text = f"The {self.what or self.label} is {odd}{self._wanted()}."
        hint = self.hint or "Look for a division by 0 or a logarithm of 0."
        return (illustrate(Finding(comparison.codes[first], text, hint), self, context, first),)

    def _wanted(self) -> str:
        bounds = [(self.low, "at least"), (self.high, "at most")]
        told = " and ".join(f"{words} {bound:g}" for bound, words in bounds if bound is not None)
        return f", where a finite number of {told} is expected" if told else ""
