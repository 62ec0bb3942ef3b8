"""Finds the smallest case in which a check fails: Hypothesis replays the bank's seed, with known verdicts as a memo.

Only after a failure, and only where the specs are at hand. The number of unseen cases that a student's code is asked
about is bounded, and the smallest one is run again in fresh workers before it is shown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec

from grader.bundle import Bundle, FrozenCase, FrozenPlan, FrozenProbe
from grader.errors import GraderError
from grader.judging.checks import Check, Gradient
from grader.judging.checks.base import DEATHS
from grader.judging.context import Bank, Context, Policy
from grader.judging.explain import evidence
from grader.report import CheckResult, Finding
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source

from .cases import seed_of, streams
from .exercise import Exercise, Plan, Topic
from .freeze import LIMITS, Freezer, Reference, case_values

BUDGET = 40
REPEATS = 3


class Shrinker:
    """Improves the first finding of a failed exercise."""

    def __init__(self, topics: Sequence[Topic], reference: Reference, secret: bytes) -> None:
        self.reference, self.secret = reference, secret
        self.known = {exercise.name: (topic, exercise) for topic in topics for exercise in topic.exercises}
        self._sessions: dict[str, Session] = {}

    def improve(self, bundle: Bundle, checks: list[CheckResult], session: Session) -> list[CheckResult]:
        """The checks with a smaller case in the first finding that no misconception explains, where there is one."""
        for number, (check, result) in enumerate(zip(bundle.checks, checks, strict=True)):
            if result.verdict == "pass" or not result.wrong or not result.findings:
                continue
            first = result.findings[0]
            if not first.misconception and first.code not in DEATHS and bundle.exercise in self.known:
                smaller = self._smallest(bundle, check, result, session)
                if smaller is not None:
                    changed = msgspec.structs.replace(result, findings=(smaller, *result.findings[1:]))
                    return [*checks[:number], changed, *checks[number + 1 :]]
            return checks
        return checks

    def close(self) -> None:
        """End the reference's workers."""
        for session in self._sessions.values():
            session.close()

    def _smallest(self, bundle: Bundle, check: Check, result: CheckResult, session: Session) -> Finding | None:
        topic, exercise = self.known[bundle.exercise]
        plan = exercise.plans.get(check.plan)
        if plan is None or exercise.needs or exercise.cases is None or plan.random or plan.variants:
            return None
        if not isinstance(plan.cases, int):
            return None
        trial = _Trial(self, bundle, check, (topic, exercise, plan), session)
        trial.remember(result)
        try:
            found = trial.shrink(seed_of(self.secret, exercise.name, bundle.kind, bundle.attempt), exercise)
        except (GraderError, ImportError):
            return None
        if found is None:
            return None
        frozen, trace, case = found
        old = result.findings[0]
        return msgspec.structs.replace(
            old,
            case=case_values(case),
            case_name="smallest failing case",
            evidence=evidence(frozen, trace, _label(old, check, frozen)),
            visible=False,
        )

    def expected(self, file: str, probe: Probe) -> Trace:
        """The reference's trace of one probe."""
        if file not in self._sessions:
            source = Source(self.reference.files, file, {}, ("numpy", "scipy"))
            self._sessions[file] = Session(self.reference.launcher, source, LIMITS)
        return self._sessions[file].run(Batch([probe]))[0]


class _Trial:
    """One check of one submission on cases that come one by one."""

    def __init__(
        self,
        shrinker: Shrinker,
        bundle: Bundle,
        check: Check,
        spec: tuple[Topic, Exercise, Plan],
        session: Session,
    ) -> None:
        self.shrinker, self.bundle, self.check, self.session = shrinker, bundle, check, session
        self.topic, self.exercise, self.plan = spec
        self.freezer = Freezer(
            self.topic, self.exercise, shrinker.reference, bundle.kind, shrinker.secret, bundle.attempt
        )
        self.memo: dict[str, bool] = {}
        self.budget = BUDGET
        self.failing: Any = None

    def remember(self, result: CheckResult) -> None:
        """What the bank has shown already."""
        frozen = next(plan for plan in self.bundle.plans if plan.name == self.check.plan)
        for number, one in enumerate(frozen.probes):
            self.memo[_key(self.bundle.cases[one.case].values)] = number in result.wrong

    def shrink(self, seed_number: int, exercise: Exercise) -> tuple[FrozenProbe, Trace, Any] | None:
        """The smallest failing case that the budget finds, run again; None where it does not fail every time."""
        for start, number in streams(seed_number, exercise.count):
            self._replay(start, number, exercise)
            if self.failing is not None:
                return self._again(self.failing)
        return None

    def _replay(self, seed_number: int, count: int, exercise: Exercise) -> None:
        """Draw as freezing did, and shrink from the first failure."""
        from hypothesis import HealthCheck, Phase, given, seed, settings

        class Failing(Exception):
            pass

        @seed(seed_number)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(exercise.cases)
        def replay(case: Any) -> None:
            if self._fails(case):
                self.failing = case
                raise Failing

        with contextlib.suppress(Failing):
            replay()

    def _fails(self, case: Any) -> bool:
        key = _key(case_values(case))
        if key not in self.memo:
            if not self.budget or not self.plan.when(case):
                return False
            self.budget -= 1
            frozen = self.freezer.one(self.check.plan, case, self.shrinker.expected)
            self.memo[key] = self._wrong(frozen, self.session.run(Batch([frozen.probe]))[0])
        return self.memo[key]

    def _wrong(self, frozen: FrozenProbe, trace: Trace) -> bool:
        if trace.death:
            return False  # another fault than the one that is looked for
        plan = FrozenPlan(self.check.plan, (frozen,), {})
        check = msgspec.structs.replace(self.check, after="")
        if isinstance(check, Gradient):
            check = msgspec.structs.replace(check, probes=())
        case = FrozenCase({})
        alone = msgspec.structs.replace(self.bundle, cases=(case,), plans=(plan,), checks=(check,), misconceptions=())
        context = Context(Bank(alone), [trace], Policy(), lambda probes: [])
        return check.judge(context).verdict not in ("pass",)

    def _again(self, case: Any) -> tuple[FrozenProbe, Trace, Any] | None:
        frozen = msgspec.structs.replace(self.freezer.one(self.check.plan, case, self.shrinker.expected), case=0)
        trace = None
        for _ in range(REPEATS):
            with Session(self.session.launcher, self.session.source, self.session.limits) as fresh:
                trace = fresh.run(Batch([frozen.probe]))[0]
            if not self._wrong(frozen, trace):
                return None
        assert trace is not None
        return frozen, trace, case


def _key(values: dict[str, Any]) -> str:
    return repr(sorted(values.items()))


def _label(finding: Finding, check: Check, frozen: FrozenProbe) -> str:
    """The label whose evidence is shown: the check's, where the probe has it."""
    return check.label if check.label in frozen.probe.labels else next(iter(frozen.probe.labels))
