"""What a check may look at while it judges: the bundle, the traces, comparisons made once, a way to run more probes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.running.probes import Probe, Trace

from . import fingerprints
from .compare import RTOL, Comparison, Targets, compare
from .completing import completed
from .credit import Credit, earned

if TYPE_CHECKING:
    from grader.bundle import Bundle, FrozenMisconception, FrozenPlan

T = TypeVar("T")


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a course gives points and feedback; the keys of `[policy]` in course.toml.

    feedback: what students see of hidden cases. partial: share of a check's points where at least half of its cases
    are right. consistent_gradient: share for a backward pass that fits the student's own, credibly wrong forward
    pass. float32: share for results that are right in single precision only.
    """

    feedback: str = "hint"
    partial: float = 0.5
    consistent_gradient: float = 0.5
    float32: float = 1.0


class Bank:
    """A bundle with what is derived from it once and used for every submission."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.plans = {plan.name: plan for plan in bundle.plans}
        self._targets: dict[tuple[str, str], Targets] = {}

    def targets(self, plan: str, label: str) -> Targets:
        """Expected values of one label."""
        key = (plan, label)
        if key not in self._targets:
            self._targets[key] = Targets(self.plans[plan], label)
        return self._targets[key]

    @cached_property
    def probes(self) -> list[Probe]:
        """All probes, plan by plan."""
        return [frozen.probe for plan in self.bundle.plans for frozen in plan.probes]


class Context:
    """One submission against one bank."""

    def __init__(
        self,
        bank: Bank,
        traces: Sequence[Trace],
        policy: Policy,
        run: Callable[[Sequence[Probe]], list[Trace]],
    ) -> None:
        self.bank, self.policy, self.run = bank, policy, run
        self.traces: dict[str, list[Trace]] = {}
        start = 0
        for plan in bank.bundle.plans:
            self.traces[plan.name] = completed(plan, traces[start : start + len(plan.probes)], run)
            start += len(plan.probes)
        self._comparisons: dict[tuple[str, str, float], Comparison] = {}
        self._credible: dict[tuple[str, str], bool] = {}
        self._once: dict[tuple[str, str], Any] = {}
        self._likeness: dict[tuple[str, str], NDArray[np.bool_]] = {}

    def once(self, key: tuple[str, str], make: Callable[[], T]) -> T:
        """What `make` returns, made once for this submission."""
        if key not in self._once:
            self._once[key] = make()
        made: T = self._once[key]
        return made

    def plan(self, name: str) -> FrozenPlan:
        """The plan of that name."""
        return self.bank.plans[name]

    def comparison(self, plan: str, label: str, rtol: float = RTOL) -> Comparison:
        """Codes of one label over a plan, computed once."""
        key = (plan, label, rtol)
        if key not in self._comparisons:
            self._comparisons[key] = compare(self.bank.targets(plan, label), self.traces[plan], rtol)
        return self._comparisons[key]

    def misconception(self, plan: str, labels: Sequence[str], raising: bool = False) -> FrozenMisconception | None:
        """A catalogued variant whose outcomes equal the student's in all labels on the whole plan.

        It must show in its own check, too: what passes there has another cause. Of several, the one that equals the
        student's in most of the other labels, or else the first. One that has no result in any of these cases, where
        the reference has, is like every program that fails for whatever reason: there all else must be equal, too.
        `raising`: only one that raises something in this plan.
        """
        if any(label not in self.plan(plan).fingerprints for label in labels):
            return None
        alike = np.asarray(np.all([self._alike(plan, label) for label in labels], axis=0))
        results = np.any([self._has_results(plan, label) for label in labels], axis=0)
        alike &= self._alike_where_it_shows & (results | self._alike_throughout)
        if raising:
            alike &= np.any([marks[..., 0].min(-1) < 0 for marks in self.plan(plan).fingerprints.values()], axis=0)
        if not self.plan(plan).random:
            alike &= ~self._shows_in_random_plans  # anything else that they do is right, and says nothing
        if alike.any():
            alike &= self._agreement == self._agreement[alike].max()
        return next((m for m, holds in zip(self.bank.bundle.misconceptions, alike, strict=True) if holds), None)

    @cached_property
    def _alike_where_it_shows(self) -> NDArray[np.bool_]:
        """Per misconception whether the outcomes of its own check equal the student's."""
        checks = {check.name: check for check in self.bank.bundle.checks}
        alike = []
        for number, known in enumerate(self.bank.bundle.misconceptions):
            check = checks[known.check]
            frozen = self.plan(check.plan)
            labels = () if frozen.random else [label for label in check.labels if label in frozen.fingerprints]
            alike.append(all(self._alike(check.plan, label)[number] for label in labels))
        return np.array(alike, dtype=bool)

    @cached_property
    def _shows_in_random_plans(self) -> NDArray[np.bool_]:
        """Per misconception whether its own check looks at random arrays."""
        plans = {check.name: self.plan(check.plan) for check in self.bank.bundle.checks}
        return np.array([plans[known.check].random for known in self.bank.bundle.misconceptions], dtype=bool)

    @cached_property
    def _alike_throughout(self) -> NDArray[np.bool_]:
        """Per misconception whether all outcomes of all plans equal the student's."""
        return np.asarray(np.all(self._alike_by_label, axis=0))

    @cached_property
    def _agreement(self) -> NDArray[np.int_]:
        """Per misconception the number of labels, over all plans, in which all outcomes equal the student's."""
        return np.asarray(np.sum(self._alike_by_label, axis=0))

    @cached_property
    def _alike_by_label(self) -> list[NDArray[np.bool_]]:
        plans = self.bank.bundle.plans
        return [self._alike(plan.name, label) for plan in plans for label in plan.fingerprints]

    def _alike(self, plan: str, label: str) -> NDArray[np.bool_]:
        """Per misconception whether all outcomes of one label equal the student's."""
        key = (plan, label)
        if key not in self._likeness:
            frozen = self.plan(plan)
            equal = fingerprints.similar if frozen.random else fingerprints.same
            mine = fingerprints.table(frozen, label, self.traces[plan])
            self._likeness[key] = np.asarray(equal(frozen.fingerprints[label], mine[None]).all(-1))
        return self._likeness[key]

    def _has_results(self, plan: str, label: str) -> NDArray[np.bool_]:
        """Per misconception whether it gives a result in some case, or all must be exceptions."""
        frozen = self.plan(plan)
        expected = (probe.expected[label] for probe in frozen.probes if label in probe.expected)
        results = fingerprints.has_results(frozen.fingerprints[label]).any(-1)
        return np.asarray(results | any(one.raised for one in expected))

    def credible(self, name: str, credit: Credit = "right") -> bool:
        """Whether the check called `name` shows as much work as another one needs. See `credit`."""
        if not name:
            return True
        key = (name, credit)
        if key not in self._credible:
            check = next(check for check in self.bank.bundle.checks if check.name == name)
            self._credible[key] = earned(self, check, credit)
        return self._credible[key]
