"""Gradient checks: against the frozen reference gradient, and where that differs, against finite differences of the
student's own forward pass, which tell whether backward at least fits forward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from grader.judging.compare import array_at
from grader.judging.explain import findings
from grader.judging.finite_differences import consistent
from grader.judging.script import error_tensors
from grader.report import BY_HAND, CheckResult, Finding

from .base import Base, settle, unearned

if TYPE_CHECKING:
    from grader.judging.context import Context


class Gradient(Base, frozen=True, kw_only=True, tag="gradient"):
    """`label` is the gradient of `output` with respect to the array `wrt`.

    `linear`: the output is linear in that array, so that a step of 1 has no truncation error. `probes`: the cases in
    which finite differences are taken; freezing has made sure that no kink lies near. `forward` is the check of the
    forward pass.
    """

    wrt: str
    output: str = "output"
    linear: bool = False
    probes: tuple[int, ...] = ()
    forward: str = ""

    def judge(self, context: Context) -> CheckResult:
        """Full points where all cases equal the reference; a share where backward fits a credible forward pass."""
        refused = unearned(self, context, "alive")
        if refused:
            return refused
        comparison = context.comparison(self.plan, self.label)
        found = tuple(self._with_recipe(finding, context) for finding in findings(self, context, comparison))
        settled = settle(self, context, comparison, found)
        if not comparison.wrong or not self._returned(context):
            return settled
        fits = consistent(self, context)
        return self._with_consistency(context, settled, fits)

    def _with_recipe(self, finding: Finding, context: Context) -> Finding:
        """Numbers of which nothing better is known get the way to find a right one: finite differences by hand."""
        seen = finding.evidence
        if finding.hint or finding.misconception or not seen or not seen.got or not seen.expected:
            return finding
        if seen.got.shape is None or seen.got.shape != seen.expected.shape:
            return finding
        tensor = next(iter(error_tensors(context.plan(self.plan).probes[0].probe).values()), "")
        total = f"the sum of {tensor} * output" if tensor else f"the {self.output}"
        recipe = f"add 1e-6 to one entry of {self.wrt} and run forward again: {total}"
        return msgspec.structs.replace(finding, hint=f"{BY_HAND}{recipe} grows by 1e-6 times this entry's gradient.")

    def _returned(self, context: Context) -> bool:
        """Whether there is something to difference: arrays in all of the chosen cases."""
        plan, traces = context.plan(self.plan), context.traces[self.plan]
        labels = (self.output, self.label)
        return bool(self.probes) and all(
            array_at(traces[number], plan.probes[number].probe, label) is not None
            for number in self.probes
            for label in labels
        )

    def _with_consistency(self, context: Context, settled: CheckResult, fits: bool) -> CheckResult:
        forward = next((check for check in context.bank.bundle.checks if check.name == self.forward), None)
        wrong_forward = forward is not None and bool(context.comparison(forward.plan, forward.label).wrong)
        if not fits or not wrong_forward:
            return settled
        if not context.credible(self.forward):
            return settled  # zeros and sums fit each other too: that is no news
        points = max(settled.points, context.policy.consistent_gradient * self.points)
        verdict = settled.verdict if points == settled.points else "partial"
        if not self._any_values(context, context.comparison(self.plan, self.label).wrong):
            return msgspec.structs.replace(settled, points=points, verdict=verdict)  # all that is there is right
        text = f"The {self.label} fits your own forward pass, but that is not the right one yet."
        own = Finding(
            "fits wrong forward", text, f"Correct {self.forward} first; this will then follow or show why not."
        )
        found = (
            (*settled.findings[:1], own)
            if settled.findings and settled.findings[0].misconception
            else (own, *settled.findings[:1])
        )
        return msgspec.structs.replace(settled, points=points, verdict=verdict, findings=found)

    def _any_values(self, context: Context, cases: Sequence[int]) -> bool:
        """Whether there is a gradient in some of these cases, and not an exception in each."""
        plan, traces = context.plan(self.plan), context.traces[self.plan]
        return any(array_at(traces[case], plan.probes[case].probe, self.label) is not None for case in cases)
