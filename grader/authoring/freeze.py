"""Freezes an exercise: cases and inputs are drawn once, reference and misconceptions run once, the rest is data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from grader.bundle import (
    SCHEMA,
    Bundle,
    Expected,
    FrozenCase,
    FrozenMisconception,
    FrozenPlan,
    FrozenProbe,
    decode,
    encode,
)
from grader.errors import CourseError
from grader.judging.checks import Check, Gradient
from grader.judging.context import Bank, Context, Policy
from grader.running.probes import Probe, Trace, as_array, error_of
from grader.worker.probe import Raised, Returned

from .cases import plain, seed_of
from .catalogue import Indistinct, fingerprinted
from .drafts import Drafter, Drafts, Kind
from .exercise import Exercise, Misconception, Topic
from .kinks import smooth_probes
from .provenance import drawn_with, sources_digest, versions
from .running import Reference
from .variants import edited, variant
from .vetting import vet, vet_exceptions

ATTEMPTS = 6  # one bank that does not show all is no error of the spec


class NotFinite(CourseError):
    """The reference gives something that nothing can be compared with."""


class Freezer:
    """Makes the bundle of one exercise."""

    def __init__(
        self, topic: Topic, exercise: Exercise, reference: Reference, kind: Kind, secret: bytes, attempt: int = 0
    ) -> None:
        self.topic, self.exercise, self.reference, self.kind = topic, exercise, reference.of(topic), kind
        self.secret, self.attempt = secret, attempt
        self.drafter = Drafter(exercise, kind, seed_of(secret, exercise.name, kind, attempt))
        self.where = f"exercise {exercise.name!r}"

    def freeze(self) -> Bundle:
        """Draw, run, check, and put together; again where misconceptions do not show or numbers are not finite."""
        for attempt in range(ATTEMPTS):
            freezer = Freezer(self.topic, self.exercise, self.reference, self.kind, self.secret, attempt)
            try:
                return freezer.finish(*freezer.drafter.draft())
            except (Indistinct, NotFinite):
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("there is at least one attempt")

    def rebuild(self, old: Bundle) -> Bundle:
        """The bundle anew from the cases and inputs that an old one stores: nothing is drawn."""
        names = {plan.name for plan in old.plans}
        if names != set(self.exercise.plans):
            raise CourseError(f"{self.where}: its plans have changed since its cases were stored: freeze it anew.")
        drafts = {
            plan.name: [msgspec.structs.replace(frozen, expected={}) for frozen in plan.probes] for plan in old.plans
        }
        self.attempt = old.attempt
        bundle = self.finish(old.cases, {name: drafts[name] for name in self.exercise.plans})
        return msgspec.structs.replace(bundle, versions={**bundle.versions, "drawn": drawn_with(old)})

    def one(self, plan: str, case: Any, run: Callable[[Topic, Probe], Trace]) -> FrozenProbe:
        """One case of a plan with what the reference gives, outside of any bundle."""
        frozen = self.drafter.probe(plan, case)
        return self._with_expected(frozen, run(self.topic, frozen.probe))

    def finish(self, cases: tuple[FrozenCase, ...], drafts: Drafts) -> Bundle:
        """Everything that follows from cases and inputs; also used to rebuild a bundle from what it stores."""
        expected = self._expected(drafts)
        for check in self.exercise.checks:
            vet(check, expected[check.plan], f"{self.where}, check {check.name!r}")
        vet_exceptions(self.exercise, expected, self.where)
        plans, kept = self._fingerprinted(expected)
        bundle = Bundle(
            SCHEMA,
            self.kind,
            self.topic.name,
            self.exercise.name,
            self.exercise.title,
            self.topic.file,
            self.exercise.symbols,
            self.exercise.needs,
            cases,
            plans,
            tuple(self._placed(check, plans) for check in self.exercise.checks),
            tuple(FrozenMisconception(m.name, m.sentence, m.hint, m.check) for m in kept),
            versions(self.topic.requires),
            sources_digest(self.topic.digest, self.reference.source(self.topic.file).encode()),
            (self.topic.order, self.topic.exercises.index(self.exercise)),
            self.attempt,
            requires=self.topic.requires or msgspec.UNSET,
        )
        self._examine(bundle)
        return decode(encode(bundle), self.where)  # as it will be read: 1 point is 1.0 point

    def _expected(self, drafts: Drafts) -> Drafts:
        """Run the reference, and its declared variants, on all probes."""
        source = self.reference.source(self.topic.file)
        probes = [frozen.probe for plan in drafts.values() for frozen in plan]
        traces = iter(self.reference.run(self.topic.file, probes))
        plans = {name: [self._with_expected(frozen, next(traces)) for frozen in plan] for name, plan in drafts.items()}
        for name, plan in self.exercise.plans.items():
            for label, edits in plan.variants.items():
                text = edited(source, edits, self.exercise.symbols, f"{self.where}, variant {label!r}")
                results = self.reference.run(self.topic.file, [frozen.probe for frozen in plans[name]], text)
                plans[name] = [
                    self._with_expected(frozen, trace, f"|{label}")
                    for frozen, trace in zip(plans[name], results, strict=True)
                ]
            if plan.random:
                plans[name] = [_shapes_only(frozen) for frozen in plans[name]]
        return plans

    def _with_expected(self, frozen: FrozenProbe, trace: Trace, suffix: str = "") -> FrozenProbe:
        expected = dict(frozen.expected)
        for label, step in frozen.probe.labels.items():
            expected[label + suffix] = self._expect(trace, step, label)
        return msgspec.structs.replace(frozen, expected=expected)

    def _expect(self, trace: Trace, step: int, label: str) -> Expected:
        if trace.death:
            raise CourseError(f"{self.where}: the reference gave no {label}: {trace.detail}.")
        outcome = trace.outcomes[step]
        if not isinstance(outcome, Returned):
            error = error_of(trace, step)
            if isinstance(error, Raised) and error.type == "ValueError":
                return Expected(raised=error.type)
            what = f"{error.type}: {error.message}" if error else "an earlier step failed"
            what += f" (line {error.lines[-1][1]} of {error.lines[-1][0]})" if error and error.lines else ""
            raise CourseError(f"{self.where}: the reference raises {what} at {label}.")
        value = trace.values[step]
        if not _finite(value):
            raise NotFinite(f"{self.where}: the reference's {label} is not finite.")
        array = as_array(value)
        return Expected(plain=plain(value)) if array is None else Expected(array=np.array(array))

    def _fingerprinted(self, plans: Drafts) -> tuple[tuple[FrozenPlan, ...], list[Misconception]]:
        """Run every misconception; refuse one that is no different from the reference or from another."""
        bare = [FrozenPlan(name, tuple(probes), {}, self.exercise.plans[name].random) for name, probes in plans.items()]
        source = self.reference.source(self.topic.file)
        mine = (m for m in self.topic.misconceptions if m.exercise == self.exercise.name)
        variants = ((m, variant(source, m, self.exercise)) for m in mine)
        return fingerprinted(bare, variants, partial(self.reference.run, self.topic.file), self.kind == "hidden")

    def _placed(self, check: Check, plans: Sequence[FrozenPlan]) -> Check:
        """A gradient check gets the cases in which no kink lies near."""
        if not isinstance(check, Gradient):
            return check
        plan = next(plan for plan in plans if plan.name == check.plan)
        smooth = smooth_probes(check, plan, lambda probes: self.reference.run(self.topic.file, probes))
        if not smooth:
            raise CourseError(f"{self.where}, check {check.name!r}: every case has a kink near its input.")
        return msgspec.structs.replace(check, probes=smooth)

    def _examine(self, bundle: Bundle) -> None:
        """The reference must get full marks."""
        bank = Bank(bundle)
        context = Context(
            bank,
            self.reference.run(self.topic.file, bank.probes),
            Policy(),
            lambda probes: self.reference.run(self.topic.file, probes),
        )
        for check in bundle.checks:
            result = check.judge(context)
            if result.verdict != "pass":
                why = result.findings[0].sentence if result.findings else result.verdict
                raise CourseError(f"{self.where}: the reference does not pass check {check.name!r}: {why}")


def unfrozen(topic: Topic, exercise: Exercise, reference: bytes, kind: Kind) -> Bundle:
    """What stands for an exercise where packages that it requires are not installed: all but cases and values."""
    bundle = Bundle(
        SCHEMA,
        kind,
        topic.name,
        exercise.name,
        exercise.title,
        topic.file,
        exercise.symbols,
        exercise.needs,
        (),
        (),
        exercise.checks,
        (),
        versions(),
        sources_digest(topic.digest, reference),
        (topic.order, topic.exercises.index(exercise)),
        requires=topic.requires,
    )
    return decode(encode(bundle), f"exercise {exercise.name!r}")


def _finite(value: Any) -> bool:
    """Whether all numbers in a reported value are finite."""
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    array = as_array(value)
    return array is None or bool(np.isfinite(array).all())


def _shapes_only(frozen: FrozenProbe) -> FrozenProbe:
    """Of random arrays only the shape is expected: zeros of one byte stand for the numbers."""
    expected = {
        label: e if e.array is None else Expected(array=np.zeros(e.array.shape, dtype=bool))
        for label, e in frozen.expected.items()
    }
    return msgspec.structs.replace(frozen, expected=expected)
