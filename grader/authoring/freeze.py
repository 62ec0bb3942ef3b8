"""Freezes an exercise: cases and inputs are drawn once, reference and misconceptions run once, the rest is data."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

import grader
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
from grader.judging import fingerprints
from grader.judging.checks import Check, Gradient
from grader.judging.context import Bank, Context, Policy
from grader.running.probes import Batch, Probe, Trace, as_array, error_of
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker.limits import Limits
from grader.worker.probe import Opaque, Raised, Returned

from .cases import draw, generator, seed_of, spread
from .exercise import Exercise, Misconception, Plan, Topic
from .kinks import smooth_probes
from .script import Script
from .variants import edited, variant

Kind = Literal["public", "hidden"]
LIMITS = Limits(cpu_seconds=30.0, memory_bytes=4 << 30)
PUBLIC_OTHER_PLANS = 3
ATTEMPTS = 3


class Reference:
    """The folder of reference modules, run in workers like any submission."""

    def __init__(self, folder: Path, launcher: Launcher) -> None:
        self.folder, self.launcher = folder, launcher
        self.files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.py"))}

    def source(self, file: str) -> str:
        """One module's text."""
        if file not in self.files:
            raise CourseError(f"{self.folder / file} is missing: every topic has a reference of its name.")
        return self.files[file].decode("utf-8")

    def run(self, file: str, probes: Sequence[Probe], source: str | None = None) -> list[Trace]:
        """Traces of the reference, or of another text in its place."""
        files = {**self.files, file: source.encode() if source is not None else self.files[file]}
        allowed = ("numpy", "scipy", "torch")
        with Session(self.launcher, Source(files, file, {}, allowed), LIMITS) as session:
            if not session.load() or session.problem:
                problem = session.problem.sentence if session.problem else "it cannot be imported"
                raise CourseError(f"{self.folder / file}: {problem}")
            return session.run(Batch(probes))


class Indistinct(CourseError):
    """A misconception is no different from the reference, or from another, on a whole bank."""


class Freezer:
    """Makes the bundle of one exercise."""

    def __init__(
        self, topic: Topic, exercise: Exercise, reference: Reference, kind: Kind, secret: bytes, attempt: int = 0
    ) -> None:
        self.topic, self.exercise, self.reference, self.kind = topic, exercise, reference, kind
        self.secret, self.attempt = secret, attempt
        self.seed = seed_of(secret, exercise.name, kind, attempt)
        self.where = f"exercise {exercise.name!r}"
        self.mine = [m for m in topic.misconceptions if m.exercise == exercise.name]

    def freeze(self) -> Bundle:
        """Draw, run, check, and put together; a bank that does not show every misconception is drawn again."""
        for attempt in range(ATTEMPTS):
            freezer = Freezer(self.topic, self.exercise, self.reference, self.kind, self.secret, attempt)
            try:
                return freezer.finish(*freezer._draft())
            except Indistinct:
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
        return msgspec.structs.replace(bundle, versions={**bundle.versions, "drawn": _drawn_with(old)})

    def one(self, plan: str, case: Any, run: Callable[[str, Probe], Trace]) -> FrozenProbe:
        """One case of a plan with what the reference gives, outside of any bundle."""
        frozen = self._probe(plan, self.exercise.plans[plan], case, 0, {})
        return self._with_expected(frozen, run(self.topic.file, frozen.probe))

    def finish(self, cases: tuple[FrozenCase, ...], drafts: dict[str, list[FrozenProbe]]) -> Bundle:
        """Everything that follows from cases and inputs; also used to rebuild a bundle from what it stores."""
        plans, kept = self._fingerprinted(self._expected(drafts))
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
            versions(),
            sources_digest(self.topic, self.reference),
            (self.topic.order, self.topic.exercises.index(self.exercise)),
            self.attempt,
        )
        self._examine(bundle)
        return decode(encode(bundle), self.where)  # as it will be read: 1 point is 1.0 point

    def _draft(self) -> tuple[tuple[FrozenCase, ...], dict[str, list[FrozenProbe]]]:
        drawn = self._sorted(draw(self.exercise, self.seed, self._count()))
        cases: list[FrozenCase] = []
        drafts: dict[str, list[FrozenProbe]] = {}
        for name, plan in self.exercise.plans.items():
            drafts[name] = []
            for example in self.exercise.examples:
                if name in example.plans:
                    frozen = FrozenCase(case_values(example.case), example.name, True)
                    drafts[name].append(self._probe(name, plan, example.case, _index(cases, frozen), example.arrays))
            for case in self._chosen(plan, drawn):
                frozen = FrozenCase(case_values(case), "", self.kind == "public")
                drafts[name].append(self._probe(name, plan, case, _index(cases, frozen), {}))
            if not drafts[name]:
                raise CourseError(f"{self.where}: plan {name!r} has no case; its `when` leaves none of those drawn.")
        return tuple(cases), drafts

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
        plan = next(iter(self.exercise.plans.values()))

        def size(case: Any) -> tuple[int, float, str]:
            script = Script(generator(self.seed, "size"))
            plan.script(script, case)
            numbers = [v for v in case if isinstance(v, int | float)]
            return sum(a.size for a in script.arrays.values()), sum(numbers), repr(case)

        return sorted(drawn, key=size)

    def _probe(self, name: str, plan: Plan, case: Any, index: int, given: Mapping[str, Any]) -> FrozenProbe:
        script = Script(generator(self.seed, name, tuple(case)), given)
        plan.script(script, case)
        unused = set(given) - set(script.arrays)
        if unused:
            raise CourseError(f"{self.where}: an example gives {sorted(unused)}, which its script does not use.")
        return FrozenProbe(index, script.probe(), {}, script.facts)

    def _expected(self, drafts: dict[str, list[FrozenProbe]]) -> dict[str, list[FrozenProbe]]:
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
            raise CourseError(f"{self.where}: the reference raises {what} at {label}.")
        array = as_array(trace.values[step])
        if array is None:
            return Expected(plain=_plain(trace.values[step]))
        if not np.isfinite(array).all():
            raise CourseError(f"{self.where}: the reference's {label} is not finite.")
        return Expected(array=np.array(array))

    def _fingerprinted(self, plans: dict[str, list[FrozenProbe]]) -> tuple[tuple[FrozenPlan, ...], list[Misconception]]:
        """Run every misconception; refuse one that is no different from the reference or from another."""
        bare = [FrozenPlan(name, tuple(probes), {}, self.exercise.plans[name].random) for name, probes in plans.items()]
        source = self.reference.source(self.topic.file)
        right = self._tables(bare, None)
        tables: list[dict[tuple[str, str], Any]] = []
        kept: list[Misconception] = []
        for m in self.mine:
            mine = self._tables(bare, variant(source, m, self.exercise))
            if self._distinct(m, mine, right, tables, kept):
                tables.append(mine)
                kept.append(m)
        done = []
        for plan in bare:
            labels = sorted({label for frozen in plan.probes for label in frozen.probe.labels})
            prints = {
                label: np.array([table[plan.name, label] for table in tables]).reshape(len(tables), len(plan.probes), 3)
                for label in labels
            }
            done.append(msgspec.structs.replace(plan, fingerprints=prints))
        return tuple(done), kept

    def _distinct(
        self,
        m: Misconception,
        mine: dict[Any, Any],
        right: dict[Any, Any],
        tables: list[Any],
        kept: list[Misconception],
    ) -> bool:
        """Hidden banks must show every misconception; the few public cases need not."""
        others = [
            ("the reference", right),
            *((f"misconception {k.name!r}", t) for k, t in zip(kept, tables, strict=True)),
        ]
        for name, other in others:
            if all(fingerprints.same(mine[key], other[key]).all() for key in mine):
                if self.kind == "hidden":
                    raise Indistinct(f"{self.where}: misconception {m.name!r} equals {name} in every case of its bank.")
                return False
        return True

    def _tables(self, plans: Sequence[FrozenPlan], source: str | None) -> dict[tuple[str, str], Any]:
        probes = [frozen.probe for plan in plans for frozen in plan.probes]
        traces = self.reference.run(self.topic.file, probes, source)
        tables, start = {}, 0
        for plan in plans:
            part = traces[start : start + len(plan.probes)]
            start += len(plan.probes)
            for label in sorted({label for frozen in plan.probes for label in frozen.probe.labels}):
                tables[plan.name, label] = fingerprints.table(plan, label, part)
        return tables

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


def _index(cases: list[FrozenCase], case: FrozenCase) -> int:
    if case not in cases:
        cases.append(case)
    return cases.index(case)


def case_values(case: Any) -> dict[str, Any]:
    """A case's fields as plain data."""
    fields = case._asdict() if hasattr(case, "_asdict") else dict(case)
    return {name: _plain(value) for name, value in fields.items()}


def _shapes_only(frozen: FrozenProbe) -> FrozenProbe:
    """Of random arrays only the shape is expected: zeros of one byte stand for the numbers."""
    expected = {
        label: e if e.array is None else Expected(array=np.zeros(e.array.shape, dtype=bool))
        for label, e in frozen.expected.items()
    }
    return msgspec.structs.replace(frozen, expected=expected)


def _plain(value: Any) -> Any:
    if isinstance(value, Opaque):
        return value.text
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _drawn_with(old: Bundle) -> str:
    """The versions under which the cases were drawn."""
    return old.versions.get("drawn") or " ".join(f"{name} {version}" for name, version in sorted(old.versions.items()))


def versions() -> dict[str, str]:
    """What the bundle was made with."""
    made = {"grader": grader.__version__, "python": platform.python_version(), "numpy": np.__version__}
    try:
        import hypothesis

        made["hypothesis"] = hypothesis.__version__
    except ImportError:  # rebuilding needs none
        pass
    return made


def sources_digest(topic: Topic, reference: Reference) -> str:
    """SHA-256 of all that the bundle was made from, but for the secret: spec, reference, and our own scripts."""
    scripts = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("inputs", "layer", "script")]
    text = [topic.digest.encode(), reference.source(topic.file).encode(), *scripts]
    return hashlib.sha256(b"\0".join(text)).hexdigest()
