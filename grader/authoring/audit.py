"""The calibration of a course as a table: what each exercise is worth, what its checks catch, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from grader.bundle import Bundle
from grader.course import Course, read_course
from grader.errors import CourseError, GraderError
from grader.processes import Pool
from grader.running.workers import Launcher, launcher

from .exam import Exam, complaints_about, named_first
from .topics import read_topic


class Caught(NamedTuple):
    """A misconception, the check that is meant to catch it, the checks that lose points, and whether it is named."""

    name: str
    check: str
    losing: tuple[str, ...]
    named: bool


class Row(NamedTuple):
    """One exercise. `seconds`: CPU time in the worker for the reference. `complaints`: what is not as it must be."""

    topic: str
    exercise: str
    title: str
    points: float
    checks: tuple[tuple[str, float], ...]
    cases: int
    visible: int
    caught: tuple[Caught, ...]
    variants: int
    right: int
    seconds: float
    complaints: tuple[str, ...]


class Setup(NamedTuple):
    """What a process needs to audit any topic of a course."""

    course: Path
    source: Path
    references: Path
    variants: Path
    secret: bytes


def audit(setup: Setup, topics: Sequence[str], jobs: int, advance: Callable[[], object]) -> list[Row]:
    """The rows of these topics, in their order; `advance` is called whenever a topic is done."""
    pool: Pool[str, list[Row] | GraderError] = Pool(partial(_prepare, setup), partial(_work, setup), jobs)
    done: dict[int, list[Row]] = {}
    try:
        for number, rows in pool.run(topics):
            if rows is None:
                raise GraderError(f"the processes that audit {topics[number]!r} were killed, for memory perhaps.")
            if isinstance(rows, GraderError):
                raise rows
            done[number] = rows
            advance()
    finally:
        pool.close()
    return [row for number in sorted(done) for row in done[number]]


def rows_of(exam: Exam, course: Course) -> Iterator[Row]:
    """One row an exercise of the topic."""
    exam.grade(exam.reference.source(exam.topic.file))  # the first time is slower
    reference = exam.grade(exam.reference.source(exam.topic.file))
    styles = [exam.grade(path.read_bytes()) for path in exam.variants()]
    losses = {m.name + m.exercise: exam.losses(m) for m in exam.topic.misconceptions}
    for bundle in exam.bundles:
        if not course.asks_for(bundle.exercise, bundle.topic):
            continue
        mine = [m for m in exam.topic.misconceptions if m.exercise == bundle.exercise]
        caught, complaints = [], list[str]()
        for m in mine:
            lost = losses[m.name + m.exercise]
            losing = tuple(check for exercise, check, _ in lost if exercise == m.exercise)
            caught.append(Caught(m.name, m.check, losing, named_first(m, lost)))
            complaints += complaints_about(m, lost)
        results = [style[bundle.exercise] for style in styles]
        right = sum(result.points == result.max_points for result in results)
        result = reference[bundle.exercise]
        if result.points < result.max_points:
            complaints.append(f"the reference gets {result.points} of {result.max_points}")
        if right < len(results):
            complaints.append(f"{len(results) - right} correct variants lose points")
        yield Row(
            exam.topic.name,
            bundle.exercise,
            bundle.title,
            course.points_of(bundle),
            tuple((check.name, check.points) for check in course.checks_of(bundle)),
            *_cases(bundle),
            tuple(caught),
            len(results),
            right,
            result.cpu_seconds,
            tuple(complaints),
        )


def _cases(bundle: Bundle) -> tuple[int, int]:
    return len(bundle.cases), sum(case.visible for case in bundle.cases)


def markdown(rows: Sequence[Row]) -> str:
    """The table, and for each exercise which check catches what."""
    total = sum(row.points for row in rows)
    lines = [
        "| topic | exercise | points | checks | cases | misconceptions | named first | variants | right | CPU |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        *(f"| {' | '.join(cells(row))} |" for row in rows),
        "",
        f"{len(rows)} exercises, {total:g} points, {sum(len(row.caught) for row in rows)} misconceptions, "
        f"{sum(row.seconds for row in rows):.2f} s CPU a submission in the worker.",
    ]
    for row in rows:
        lines += ["", f"## {row.title} (`{row.exercise}`)", "", "| check | points | catches |", "|---|--:|---|"]
        for name, points in row.checks:
            names = ", ".join(one.name for one in row.caught if name == one.check)
            also = sum(name in one.losing and name != one.check for one in row.caught)
            lines.append(f"| {name} | {points:g} | {names}{f' (and {also} more as well)' if also else ''} |")
        lines += [f"\n**{complaint}**" for complaint in row.complaints]
    return "\n".join(lines) + "\n"


def cells(row: Row) -> list[str]:
    """A row of the table as text."""
    named = sum(one.named and one.check in one.losing for one in row.caught)
    numbers = [len(row.checks), row.cases, len(row.caught), named, row.variants, row.right]
    return [row.topic, row.exercise, f"{row.points:g}", *map(str, numbers), f"{1000 * row.seconds:.0f} ms"]


@cache
def _launcher() -> Launcher:
    return launcher(("scipy.signal",))


def _prepare(setup: Setup) -> None:
    _launcher()


def _work(setup: Setup, topic: str) -> list[Row] | GraderError:
    try:
        exam = Exam(read_topic(setup.source / topic), _launcher(), setup.secret, setup.references, setup.variants)
        return list(rows_of(exam, read_course(setup.course)))
    except GraderError as error:
        return error
    except Exception as error:
        return CourseError(f"topic {topic!r}: {type(error).__name__}: {error}")
