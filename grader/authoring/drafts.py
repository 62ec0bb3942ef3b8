"""Drafts of a bundle: the cases of an exercise and the probes that its scripts make of them. Nothing is run yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from grader.bundle import FrozenCase, FrozenProbe
from grader.errors import CourseError

from .cases import case_values, draw, generator, spread
from .exercise import Exercise, Plan
from .script import Script

Kind = Literal["public", "hidden"]
Drafts = dict[str, list[FrozenProbe]]  # by plan
PUBLIC_OTHER_PLANS = 3


class Drafter(NamedTuple):
    """Draws the cases of one exercise from a seed, and makes probes of them."""

    exercise: Exercise
    kind: Kind
    seed: int

    def draft(self) -> tuple[tuple[FrozenCase, ...], Drafts]:
        """All cases, and the probes of each plan: examples first, then from small to large."""
        drawn = self._sorted(draw(self.exercise, self.seed, self._count()))
        cases: list[FrozenCase] = []
        drafts: Drafts = {}
        for name, plan in self.exercise.plans.items():
            drafts[name] = []
            for example in self.exercise.examples:
                if name in example.plans:
                    frozen = FrozenCase(case_values(example.case), example.name, True)
                    drafts[name].append(self.probe(name, example.case, _index(cases, frozen), example.arrays))
            for case in self._chosen(plan, drawn):
                frozen = FrozenCase(case_values(case), "", self.kind == "public")
                drafts[name].append(self.probe(name, case, _index(cases, frozen)))
            if not drafts[name]:
                where = f"exercise {self.exercise.name!r}"
                raise CourseError(f"{where}: plan {name!r} has no case; its `when` leaves none of those drawn.")
        return tuple(cases), drafts

    def probe(self, plan: str, case: Any, index: int = 0, given: Mapping[str, Any] | None = None) -> FrozenProbe:
        """The probe of one case, which stands at `index`; `given` arrays take the place of drawn ones."""
        script = self._written(plan, case, Script(generator(self.seed, plan, tuple(case)), given or {}))
        unused = set(given or {}) - set(script.arrays)
        if unused:
            where = f"exercise {self.exercise.name!r}"
            raise CourseError(f"{where}: an example gives {sorted(unused)}, which its script does not use.")
        return FrozenProbe(index, script.probe(), {}, script.facts)

    def _written(self, plan: str, case: Any, script: Script) -> Script:
        try:
            self.exercise.plans[plan].script(script, case)
        except CourseError as error:
            raise CourseError(f"exercise {self.exercise.name!r}, plan {plan!r}: {error}") from error
        return script

    def _count(self) -> int:
        return self.exercise.count if self.kind == "hidden" else 4 * self.exercise.public

    def _chosen(self, plan: Plan, drawn: Sequence[Any]) -> list[Any]:
        if not isinstance(plan.cases, int):
            return [case for case in plan.cases if plan.when(case)]
        fitting = [case for case in drawn if plan.when(case)]
        if self.kind == "hidden":
            return spread(fitting, plan.cases)
        few = self.exercise.public if plan.cases >= self.exercise.count else PUBLIC_OTHER_PLANS
        few = min(few, plan.cases)
        return spread(fitting[: 2 * few], few)  # small, but not the very smallest: batches of one hide too much

    def _sorted(self, drawn: list[Any]) -> list[Any]:
        """Small to large: by the number of array elements in the first plan's probe, then by the case itself."""
        plan = next(iter(self.exercise.plans))

        def size(case: Any) -> tuple[int, float, str]:
            script = self._written(plan, case, Script(generator(self.seed, "size")))
            numbers = [v for v in case if isinstance(v, int | float)]
            return sum(a.size for a in script.arrays.values()), sum(numbers), repr(case)

        return sorted(drawn, key=size)


def _index(cases: list[FrozenCase], case: FrozenCase) -> int:
    if case not in cases:
        cases.append(case)
    return cases.index(case)
