"""Finds the smallest case in which a check fails: Hypothesis replays the bank's seed, with known verdicts as a memo.

Only after a failure, and only where the specs are at hand. The number of unseen cases that a student's code is asked
about is bounded, and the smallest one is run again in fresh workers before it is shown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from grader.bundle import Bundle, FrozenCase, FrozenPlan, FrozenProbe
from grader.errors import GraderError
from grader.judging.checks import Check, Gradient
from grader.judging.checks.base import DEATHS
from grader.judging.context import Bank, Context, Policy
from grader.judging.diagnose import KINDS, PARTLY
from grader.judging.explain import bare
from grader.report import CheckResult, Finding
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source

from .cases import case_values, seed_of, streams
from .exercise import Exercise, Plan, Topic
from .freeze import Freezer
from .pairs import Pairs
from .running import LIMITS, Reference

BUDGET = 40
REPEATS = 3
GENERAL = {"values": KINDS, "fits wrong forward": KINDS, "some entries": PARTLY}  # codes, and what they are true of


class Shrinker:
    """Improves the first finding of a failed exercise."""

    def __init__(self, topics: Sequence[Topic], reference: Reference, secret: bytes) -> None:
        self.reference, self.secret = reference, secret
        self.known = {exercise.name: (topic, exercise) for topic in topics for exercise in topic.exercises}
        self.pairs = Pairs(self.known, reference)
        self._sessions: dict[str, Session] = {}

    def improve(self, context: Context, checks: list[CheckResult], session: Session) -> list[CheckResult]:
        """The checks with a smaller case in the first finding that no misconception explains, where there is one.

        Two misconceptions at once count as an explanation.
        """
        bundle, checks = context.bank.bundle, self.pairs.named(context, checks)
        for number, (check, result) in enumerate(zip(bundle.checks, checks, strict=True)):
            if result.verdict == "pass" or not result.wrong or not result.findings:
                continue
            first = result.findings[0]
            if not first.misconception and first.code not in DEATHS:
                better = alone(context, check, result, session)
                if better is None and bundle.exercise in self.known:
                    better = self._smallest(context, check, result, session)
                if better is not None:
                    changed = msgspec.structs.replace(result, findings=(better, *result.findings[1:]))
                    return [*checks[:number], changed, *checks[number + 1 :]]
            return checks
        return checks

    def close(self) -> None:
        """End the reference's workers."""
        for session in self._sessions.values():
            session.close()

    def _smallest(self, context: Context, check: Check, result: CheckResult, session: Session) -> Finding | None:
        bundle = context.bank.bundle
        topic, exercise = self.known[bundle.exercise]
        plan = exercise.plans.get(check.plan)
        if plan is None or exercise.needs or exercise.cases is None or plan.random or plan.variants:
            return None
        if not isinstance(plan.cases, int):
            return None
        trial = _Trial(self, bundle, check, (topic, exercise, plan), session, result.findings[0])
        trial.remember(context, result)
        try:
            return trial.shrink(seed_of(self.secret, exercise.name, bundle.kind, bundle.attempt), exercise)
        except (GraderError, ImportError):
            return None

    def expected(self, topic: Topic, probe: Probe) -> Trace:
        """The reference's trace of one probe."""
        if topic.file not in self._sessions:
            reference = self.reference.of(topic)
            source = Source(reference.files, topic.file, {}, reference.allowed)
            self._sessions[topic.file] = Session(reference.launcher, source, LIMITS)
        return self._sessions[topic.file].run(Batch([probe]))[0]


class _Trial:
    """One check of one submission on cases that come one by one."""

    def __init__(
        self,
        shrinker: Shrinker,
        bundle: Bundle,
        check: Check,
        spec: tuple[Topic, Exercise, Plan],
        session: Session,
        told: Finding,
    ) -> None:
        self.shrinker, self.bundle, self.check, self.session = shrinker, bundle, check, session
        self.told = told
        self.topic, self.exercise, self.plan = spec
        self.freezer = Freezer(
            self.topic, self.exercise, shrinker.reference, bundle.kind, shrinker.secret, bundle.attempt
        )
        self.memo: dict[str, bool] = {}
        self.budget = BUDGET
        self.failing: Any = None

    def remember(self, context: Context, result: CheckResult) -> None:
        """What the bank has shown already: the cases that fail in the way that is told."""
        plan = context.plan(self.check.plan)
        for number, (one, trace) in enumerate(zip(plan.probes, context.traces[plan.name], strict=True)):
            case = self.bundle.cases[one.case].values
            self.memo[_key(case)] = number in result.wrong and self._shown(one, trace, case) is not None

    def shrink(self, seed_number: int, exercise: Exercise) -> Finding | None:
        """What is told, of the smallest case that the budget finds; None where it does not fail so every time."""
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
            trace = self.session.run(Batch([frozen.probe]))[0]
            self.memo[key] = self._shown(frozen, trace, case_values(case)) is not None
        return self.memo[key]

    def _shown(self, frozen: FrozenProbe, trace: Trace, case: Any) -> Finding | None:
        """What is told, in the words for this case; None where that is not what this case shows."""
        if trace.death:
            return None  # another fault than the one that is looked for
        result = judged(self.bundle, self.check, frozen, trace, case, self.session)
        if result.verdict == "pass" or not result.findings:
            return None
        found, told = result.findings[0], self.told
        text, counted = bare(told.sentence)
        if found.code == told.code and (found.code != "multiple" or bare(found.sentence)[0] == text):
            sentence, hint = bare(found.sentence)[0] + counted, found.hint
        elif found.code in GENERAL.get(told.code, ()):
            sentence, hint = told.sentence, told.hint
        else:
            return None
        name = "smallest failing case"
        changed = {"code": told.code, "sentence": sentence, "hint": hint, "case_name": name, "visible": False}
        return msgspec.structs.replace(found, **changed)

    def _again(self, case: Any) -> Finding | None:
        frozen = self.freezer.one(self.check.plan, case, self.shrinker.expected)
        shown = None
        for _ in range(REPEATS):
            trace = _afresh(self.session, frozen.probe)
            shown = self._shown(frozen, trace, case_values(case))
            if shown is None:
                return None
        return shown


def judged(
    bundle: Bundle, check: Check, frozen: FrozenProbe, trace: Trace, case: dict[str, Any], session: Session
) -> CheckResult:
    """A check's result on one case alone; known mistakes are not looked for."""
    plan = FrozenPlan(check.plan, (msgspec.structs.replace(frozen, case=0),), {})
    check = msgspec.structs.replace(check, after="", tried="")
    if isinstance(check, Gradient):
        check = msgspec.structs.replace(check, probes=())
    cases = (FrozenCase(case),)
    single = msgspec.structs.replace(bundle, cases=cases, plans=(plan,), checks=(check,), misconceptions=())
    with np.errstate(all="ignore"):
        return check.judge(Context(Bank(single), [trace], Policy(), lambda probes: session.run(Batch(probes))))


def alone(context: Context, check: Check, result: CheckResult, session: Session) -> Finding | None:
    """The finding where the case that it shows is right as soon as it runs alone; None where it stays wrong."""
    bundle, plan, told = context.bank.bundle, context.plan(check.plan), result.findings[0]
    same = (n for n in result.wrong if bundle.cases[plan.probes[n].case].values == told.case)
    number = next(same, None)
    if plan.random or number is None or result.verdict == "nondeterministic" or told.code == "unwritten":
        return None
    frozen = plan.probes[number]
    for _ in range(2):
        trace = _afresh(session, frozen.probe)
        if trace.death or judged(bundle, check, frozen, trace, told.case, session).verdict != "pass":
            return None
    sentence = "A failing case is right when it runs alone: it goes wrong after other objects of the class were used."
    hint = "Does the class, the module or a default argument keep something from one object to the next?"
    return msgspec.structs.replace(told, code="not like alone", sentence=sentence + bare(told.sentence)[1], hint=hint)


def _afresh(session: Session, probe: Probe) -> Trace:
    """The trace of one probe in a worker of its own."""
    with Session(session.launcher, session.source, session.limits) as fresh:
        return fresh.run(Batch([probe]))[0]


def _key(values: dict[str, Any]) -> str:
    return repr(sorted(values.items()))
