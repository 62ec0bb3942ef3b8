"""What all checks share: the fields that are frozen with a bundle, and the way from codes to points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.judging.compare import RIGHT, Comparison
from grader.judging.credit import UNTIL, Credit
from grader.judging.exceptions import BLOCKING
from grader.report import CheckResult, Finding, Verdict

if TYPE_CHECKING:
    from grader.judging.context import Context

DEATHS: dict[str, Verdict] = {
    "timeout": "timeout",
    "crash": "crash",
    "protocol error": "protocol error",
    "missing": "missing",
    "skipped": "skipped",
}

NUMBERS = RIGHT | {"wrong", "nan"}  # codes of real arrays of the right shape


class Base(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """A check: what it is called, its points, the plan and label that it looks at.

    `after` names the check without which this one is worth nothing: where that one shows no real work, this one earns
    nothing, so that returning zeros is never paid. How much work that is depends on what can be judged without it: to
    be right in 20 % of the cases or wrong in a known way; for results that are compared with each other to be
    alive; for exceptions to accept what is legal; see `grader.judging.credit`. `tried` names a check of which it is
    enough that it was tried: for attributes that the skeleton gives.
    """

    name: str
    points: float
    plan: str
    label: str = "output"
    after: str = ""
    tried: str = ""
    hint: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels by which a misconception is recognised in this check."""
        return (self.label,)

    def right(self, context: Context) -> float:
        """The share of cases with the right values: what shows real work to the checks that come after this one."""
        return context.comparison(self.plan, self.label).share

    def judge(self, context: Context) -> CheckResult:
        """The verdict on one submission."""
        raise AssertionError(f"{type(self).__name__} is no check")


def worst_death(codes: list[str]) -> Verdict | None:
    """The verdict's word where the worker died in a case, for cases that all went wrong."""
    return next((DEATHS[code] for code in codes if code in DEATHS), None)


def settle(check: Base, context: Context, comparison: Comparison, findings: tuple[Finding, ...]) -> CheckResult:
    """Points and verdict from the codes of the cases: all, half of the points from half of the cases on, nothing.

    Where nothing is right because another file or another step's result is needed, the check is blocked.
    """
    judged, wrong = len(comparison.judged), len(comparison.wrong)
    policy = context.policy
    verdict: Verdict
    if judged and not wrong:
        share = policy.float32 if comparison.single else 1.0
        if "float16" in comparison.codes:  # three digits are never worth everything
            share = min(share, policy.partial)
        verdict = "pass" if share == 1 else "partial"
    elif comparison.share >= 0.5:
        share, verdict = policy.partial, "partial" if policy.partial else "fail"
    else:
        share, verdict = 0.0, worst_death(comparison.codes) or "fail"
        if findings and findings[0].code in BLOCKING and wrong == judged:
            verdict = "blocked"
    settled = result(check, verdict, share, judged - wrong, judged, findings)
    return msgspec.structs.replace(settled, wrong=tuple(comparison.wrong))


def result(
    check: Base, verdict: Verdict, share: float, passed: int, cases: int, findings: tuple[Finding, ...] = ()
) -> CheckResult:
    """A check's result with a share of its points."""
    return CheckResult(check.name, verdict, check.points * share, check.points, passed, cases, findings)


def unearned(check: Base, context: Context, credit: Credit = "right") -> CheckResult | None:
    """The result where the check that this one builds on shows less work than that."""
    needed, credit = (check.tried, "tried") if check.tried else (check.after, credit)
    if context.credible(needed, credit):
        return None
    finding = Finding("depends", f'This counts once "{needed}" {UNTIL[credit]}.', f'Look at "{needed}" first.')
    deaths = [trace.death for trace in context.traces[check.plan]]
    verdict = worst_death(deaths) if all(deaths) else None
    return result(check, verdict or "fail", 0.0, 0, len(deaths), (finding,))
