"""Values, shapes and exceptions against the reference's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import RTOL, Comparison, array_at, as_floats
from grader.judging.explain import findings
from grader.report import CheckResult

from .base import NUMBERS, Base, result, settle, unearned

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.context import Context
    from grader.running.probes import Trace


class Values(Base, frozen=True, kw_only=True, tag="values"):
    """One labelled result equals the reference's: arrays within `rtol` of their largest value, other data exactly.

    `what` is how sentences call the result (default: the label). `also` are labels that must be right as well.
    """

    rtol: float = RTOL
    what: str = ""
    also: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The label and those that must be right as well."""
        return (self.label, *self.also)

    def right(self, context: Context) -> float:
        """By this check's own tolerance."""
        return context.comparison(self.plan, self.label, self.rtol).share

    def judge(self, context: Context) -> CheckResult:
        """Compare every case."""
        refused = unearned(self, context)
        if refused:
            return refused
        first = context.comparison(self.plan, self.label, self.rtol)
        merged = list(first.codes)
        found = findings(self, context, first, self.what)
        for label in self.also:
            other = context.comparison(self.plan, label, self.rtol)
            for number in other.wrong:
                if number not in first.wrong:
                    merged[number] = other.codes[number]
            rest = tuple(one for one in self.labels if one != label)
            if other.wrong and not found:
                found = findings(msgspec.structs.replace(self, label=label, also=rest), context, other)
            elif len(found) == 1 and not found[0].misconception:  # which says nothing of the other cases
                more = Comparison(["ok" if number in first.wrong else code for number, code in enumerate(other.codes)])
                found += findings(msgspec.structs.replace(self, label=label, also=rest), context, more)[:1]
        return _blocked(self, context) or settle(self, context, Comparison(merged), found)


def _blocked(check: Base, context: Context) -> CheckResult | None:
    """The result where every case has the wrong shape and another check says so: a consequence, not a second fault."""
    comparison = context.comparison(check.plan, check.label)
    said = any(isinstance(other, Shapes) and other.label == check.label for other in context.bank.bundle.checks)
    if said and comparison.judged and all(comparison.codes[number] == "shape" for number in comparison.judged):
        found = findings(check, context, comparison)
        return result(check, "blocked", 0.0, 0, len(comparison.judged), found)
    return None


class Shapes(Base, frozen=True, kw_only=True, tag="shapes"):
    """One labelled result is an array of the reference's shape, and not the same number everywhere."""

    what: str = ""

    def right(self, context: Context) -> float:
        """Of random arrays the share of right shapes: nobody draws the very values of the reference."""
        return self._shapes(context).share if context.plan(self.plan).random else super().right(context)

    def judge(self, context: Context) -> CheckResult:
        """Compare the shape in every case; wrong values do not matter here."""
        shapes = self._shapes(context)
        return settle(self, context, shapes, findings(self, context, shapes, self.what))

    def _shapes(self, context: Context) -> Comparison:
        comparison = context.comparison(self.plan, self.label)
        plan, traces = context.plan(self.plan), context.traces[self.plan]
        frozen = plan.probes
        shaped = [n for n, code in enumerate(comparison.codes) if code in NUMBERS]
        varied = any(_varied(array_at(traces[n], frozen[n].probe, self.label)) for n in shaped)
        codes = list(comparison.codes)
        for n in shaped:
            if varied or _alive(frozen[n], traces[n], self.label, plan.random):
                codes[n] = "ok"
            elif plan.random:
                codes[n] = "constant"
        return Comparison(codes)


def _varied(got: NDArray[np.float64] | None) -> bool:
    """Whether there are different numbers in an array; a stub's have none in any case."""
    return got is not None and got.size > 0 and bool(np.any(np.isfinite(got) & (got != got.flat[0])))


def _alive(frozen: FrozenProbe, trace: Trace, label: str, random: bool) -> bool:
    """False for a constant array where the reference gives different numbers, as random ones are."""
    got, expected = array_at(trace, frozen.probe, label), as_floats(frozen.expected[label].array)
    if random and expected is not None and expected.size > 1:
        return False
    if got is None or expected is None or np.size(expected) < 2 or np.ptp(expected) == 0:
        return (got is not None and bool(np.any(got))) or (expected is not None and not np.any(expected))
    return not bool(np.all(got == got.flat[0]))


class Raises(Base, frozen=True, kw_only=True, tag="raises"):
    """Illegal arguments raise the reference's exception (or a subclass), in one of the steps up to the label's."""

    def judge(self, context: Context) -> CheckResult:
        """Compare every case."""
        refused = unearned(self, context, "accepting")
        if refused:
            return refused
        comparison = context.comparison(self.plan, self.label)
        return settle(self, context, comparison, findings(self, context, comparison))
