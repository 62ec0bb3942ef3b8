"""Names two misconceptions that were made together in one output.

Only after a failure that no single one explains, and only where the specs are at hand. Fingerprints are linear in the
arrays, so those of single misconceptions tell which pairs may add up, or multiply, to what the student gives; these
are tried on a few cases; where there are none, all that are not excluded, if these are few. A pair is named where it
is the only one that fits, and fits on the whole plan.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.bundle import Bundle, FrozenPlan
from grader.errors import CourseError
from grader.judging import fingerprints
from grader.judging.checks import Check, Gradient, Values
from grader.judging.checks.base import DEATHS
from grader.judging.context import Context
from grader.judging.explain import where
from grader.report import CheckResult, Finding

from .exercise import Exercise, Misconception, Topic
from .running import Reference
from .variants import variant

Floats = NDArray[np.float64]
Tables = dict[str, Floats]  # fingerprints (cases, 3) by label
BUDGET = 60  # runs of the reference for one exercise of one submission
PROBES = 4  # in each of them
FURTHER = 24  # pairs that neither add up nor multiply: more are not tried, since only one may fit


class Pair(NamedTuple):
    """Two misconceptions by their numbers in the bundle."""

    first: int
    second: int


class Pairs:
    """Tries pairs of misconceptions; remembers what every pair gave for all submissions to come."""

    def __init__(self, known: Mapping[str, tuple[Topic, Exercise]], reference: Reference) -> None:
        self.known, self.reference = known, reference
        self._tables: dict[tuple[str, str, Pair, tuple[int, ...]], Tables | None] = {}

    def named(self, context: Context, checks: list[CheckResult]) -> list[CheckResult]:
        """The checks, with a pair's name in the first finding where one explains it."""
        bundle = context.bank.bundle
        if bundle.exercise not in self.known or not bundle.misconceptions or bundle.needs:
            return checks
        trial = _Trial(self, context, checks)
        return [trial.named(check, result) for check, result in zip(bundle.checks, checks, strict=True)]

    def results(self, bundle: Bundle, plan: FrozenPlan, pair: Pair, numbers: tuple[int, ...]) -> Tables | None:
        """What the reference with both misconceptions gives in these cases; None where they exclude each other."""
        key = (bundle.exercise, plan.name, pair, numbers)
        if key not in self._tables:
            self._tables[key] = self._run(bundle, plan, pair, numbers)
        return self._tables[key]

    def _run(self, bundle: Bundle, plan: FrozenPlan, pair: Pair, numbers: tuple[int, ...]) -> Tables | None:
        topic, exercise = self.known[bundle.exercise]
        names = {bundle.misconceptions[number].name for number in pair}
        both = [m for m in topic.misconceptions if m.exercise == exercise.name and m.name in names]
        text = _combined(self.reference.source(topic.file), both, exercise) if len(both) == 2 else None
        if text is None:
            return None
        part = msgspec.structs.replace(plan, probes=tuple(plan.probes[number] for number in numbers))
        try:
            traces = self.reference.of(topic).run(topic.file, [frozen.probe for frozen in part.probes], text)
        except CourseError:
            return None
        return {label: fingerprints.table(part, label, traces) for label in plan.fingerprints}


class _Trial:
    """One exercise of one submission."""

    def __init__(self, pairs: Pairs, context: Context, checks: Sequence[CheckResult]) -> None:
        self.pairs, self.context = pairs, context
        self.passing = {result.name for result in checks if result.verdict == "pass"}
        self.found = {result.findings[0].misconception for result in checks if result.findings}
        self.budget = BUDGET

    def named(self, check: Check, result: CheckResult) -> CheckResult:
        """The result, with both names where exactly one pair fits."""
        if not isinstance(check, Values | Gradient) or not result.wrong or not result.findings:
            return result
        old = result.findings[0]
        if old.misconception or old.code in DEATHS or old.code.startswith("raised"):
            return result
        plan = self.context.plan(check.plan)
        labels = [label for label in check.labels if label in plan.fingerprints]
        if plan.random or not labels:
            return result
        pair = self._only(plan, labels, result.wrong)
        return result if pair is None else self._told(check, result, old, pair)

    def _only(self, plan: FrozenPlan, labels: Sequence[str], wrong: Sequence[int]) -> Pair | None:
        """The only pair that gives what the student gives, in all cases."""
        mine = {label: fingerprints.table(plan, label, self.context.traces[plan.name]) for label in labels}
        numbers = tuple(wrong[:PROBES])
        candidates = self._candidates(plan, mine)
        if len(candidates) >= self.budget:
            return None
        fits = [pair for pair in candidates if self._fits(plan, pair, numbers, mine)]
        whole = tuple(range(len(plan.probes)))
        return fits[0] if len(fits) == 1 and self._fits(plan, fits[0], whole, mine) else None

    def _fits(self, plan: FrozenPlan, pair: Pair, numbers: tuple[int, ...], mine: Mapping[str, Floats]) -> bool:
        self.budget -= 1
        theirs = self.pairs.results(self.context.bank.bundle, plan, pair, numbers)
        return theirs is not None and all(
            bool(fingerprints.same(theirs[label], mine[label][list(numbers)]).all()) for label in mine
        )

    def _candidates(self, plan: FrozenPlan, mine: Mapping[str, Floats]) -> Sequence[Pair]:
        """The pairs that may be it: in cases in which one does not show, the student gives what the other one gives.

        Of these, the pairs that add up or multiply; where none does, those with one that another check has found;
        where there are none, all of them; and none where they are too many.
        """
        expected = {label: _expected(plan, label) for label in mine}
        wrong = (label for label, e in expected.items() if e is None or not fingerprints.same(e, mine[label]).all())
        label = next(wrong, "")
        right = expected.get(label)
        if right is None:
            return ()
        theirs, known = plan.fingerprints[label], self.context.bank.bundle.misconceptions
        hidden, alike = fingerprints.same(theirs, right[None]), fingerprints.same(theirs, mine[label][None])
        telling = [int(n) for n in np.flatnonzero(~hidden.all(-1)) if known[n].check not in self.passing]
        pairs = [
            Pair(a, b)
            for a, b in itertools.combinations(telling, 2)
            if alike[b][hidden[a]].all() and alike[a][hidden[b]].all()
        ]
        likely = [pair for pair in pairs if _adds_up(theirs[pair.first], theirs[pair.second], right, mine[label])]
        others = [pair for pair in pairs if self.found & {known[number].name for number in pair}] or pairs
        return likely or (others if len(others) <= FURTHER else ())

    def _told(self, check: Values | Gradient, result: CheckResult, old: Finding, pair: Pair) -> CheckResult:
        first, second = (self.context.bank.bundle.misconceptions[number] for number in pair)
        comparison = self.context.comparison(check.plan, check.label)
        cases = where(self.context, check.plan, comparison) if comparison.wrong else ""
        name = f"{first.name} + {second.name}"
        told = msgspec.structs.replace(
            old,
            code=name,
            sentence=f"Two things at once: {first.sentence} {second.sentence}{cases}",
            hint=f"{first.hint} {second.hint}",
            misconception=name,
        )
        return msgspec.structs.replace(result, findings=(told, *result.findings[1:]))


def _adds_up(a: Floats, b: Floats, right: Floats, mine: Floats) -> bool:
    """Whether fingerprints (cases, 3) of two mistakes make up a third: by the sum of changes, or by a factor."""
    kinds = (a[:, 0] == right[:, 0]) & (b[:, 0] == right[:, 0]) & (mine[:, 0] == right[:, 0])
    if not kinds.all():
        return False
    with np.errstate(all="ignore"):
        sums = np.column_stack([right[:, 0], a[:, 1:] + b[:, 1:] - right[:, 1:]])
        products = np.column_stack([right[:, 0], a[:, 1:] * b[:, 1:] / right[:, 1:]])
        return any(bool(fingerprints.same(made, mine).all()) for made in (sums, products))


def _expected(plan: FrozenPlan, label: str) -> Floats | None:
    """The reference's fingerprints (cases, 3), where it gives a result in every case."""
    expected = [frozen.expected.get(label) for frozen in plan.probes]
    if any(one is None or one.raised for one in expected):
        return None
    return np.array([fingerprints.mark(e.plain if e.array is None else e.array) for e in expected if e is not None])


def _combined(source: str, both: Sequence[Misconception], exercise: Exercise) -> str | None:
    """The reference with both sets of edits, in the order in which they fit; None where they touch the same text."""
    for order in (both, both[::-1]):
        try:
            text = source
            for one in order:
                text = variant(text, one, exercise)
            return text
        except CourseError:
            continue
    return None
