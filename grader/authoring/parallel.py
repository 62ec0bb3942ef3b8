"""Freezes many exercises on several processes. A bundle follows from its exercise, reference and secret alone, so it is
the same, byte for byte, on any number of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from grader import bundle as bundle_files
from grader.bundle import SUFFIX, Bundle, decode, encode
from grader.errors import CourseError, GraderError
from grader.processes import Pool
from grader.running.workers import Launcher, launcher, preloaded

from .drafts import Kind
from .exercise import Exercise, Topic
from .freeze import Freezer
from .running import Reference
from .topics import line_of, read_topics

MAX_JOBS = 8
Wanted = Sequence[tuple[Topic, Exercise]]


class Setup(NamedTuple):
    """What a process needs to freeze any exercise of a course; `stored`: the bundles whose cases and inputs stay."""

    source: Path
    references: Path
    kind: Kind
    secret: bytes
    stored: Path | None = None


def freeze_each(
    setup: Setup, wanted: Wanted, jobs: int | None = None, advance: Callable[[], object] = lambda: None
) -> list[Bundle]:
    """The bundles in the order of `wanted`; `advance` is called whenever one is done.

    `jobs` is the number of processes (default: one per core, eight at most); 1 starts none. Where several exercises
    cannot be frozen, the error is that of the first in `wanted`, as if they had been frozen one by one.
    """
    jobs = min(jobs or os.cpu_count() or 1, MAX_JOBS, len(wanted))
    return _on_processes(setup, wanted, jobs, advance) if jobs > 1 else list(_here(setup, wanted, advance))


def _here(setup: Setup, wanted: Wanted, advance: Callable[[], object]) -> Iterator[Bundle]:
    if not wanted:
        return
    started = _launcher(setup)
    try:
        reference = Reference(setup.references, started)
        for topic, exercise in wanted:
            yield _made(setup, topic, exercise, reference)
            advance()
    finally:
        started.close()


def _on_processes(setup: Setup, wanted: Wanted, jobs: int, advance: Callable[[], object]) -> list[Bundle]:
    names = _longest_first(wanted)
    pool: Pool[str, bytes | Exception] = Pool(partial(_prepare, setup), partial(_frozen, setup), jobs)
    done: dict[str, bytes | Exception] = {}
    try:
        for number, made in pool.run(names):
            killed = GraderError(f"the processes that freeze {names[number]!r} were killed, for memory perhaps.")
            done[names[number]] = killed if made is None else made
            advance()
    finally:
        pool.close()
    return [_decoded(done[exercise.name], exercise.name) for _, exercise in wanted]


def _decoded(made: bytes | Exception, name: str) -> Bundle:
    if isinstance(made, Exception):
        raise made
    return decode(made, name)


def _longest_first(wanted: Wanted) -> list[str]:
    """So that no process works on alone at the end. Most of the time goes into running misconceptions."""
    cost = {e.name: sum(m.exercise == e.name for m in topic.misconceptions) for topic, e in wanted}
    return sorted(cost, key=lambda name: -cost[name])


def _prepare(setup: Setup) -> None:
    """Once in each process. What is declared there does not travel, so it reads the topics too."""
    _course(setup)


def _frozen(setup: Setup, name: str) -> bytes | Exception:
    """The work of one process for one exercise; an author's mistake is told later, in the order of the course."""
    known, reference = _course(setup)
    try:
        return encode(_made(setup, *known[name], reference))
    except Exception as error:
        return error if isinstance(error, GraderError) else GraderError(f"{name}: {type(error).__name__}: {error}")


@cache
def _course(setup: Setup) -> tuple[dict[str, tuple[Topic, Exercise]], Reference]:
    topics = read_topics(setup.source)
    known = {exercise.name: (topic, exercise) for topic in topics for exercise in topic.exercises}
    return known, Reference(setup.references, _launcher(setup))


def _launcher(setup: Setup) -> Launcher:
    """For the reference and for misconceptions, which authors may have written with SciPy."""
    paths = [*setup.references.glob("*.py"), *setup.source.glob("*/*.py")]
    return launcher(preloaded(("scipy",), (path.read_bytes() for path in paths)))


def _made(setup: Setup, topic: Topic, exercise: Exercise, reference: Reference) -> Bundle:
    freezer = Freezer(topic, exercise, reference, setup.kind, setup.secret)
    try:
        if setup.stored is None:
            return freezer.freeze()
        return freezer.rebuild(bundle_files.read(setup.stored / f"{exercise.name}{SUFFIX}"))
    except CourseError as error:
        raise CourseError(_placed(str(error), setup, topic)) from error
    except GraderError:
        raise
    except Exception as error:
        spec = setup.source / topic.name / "spec.py"
        line, text = line_of(error, spec), f"{type(error).__name__}: {error}."
        if line:
            raise CourseError(f"{spec}, line {line}: {text}") from error
        raise GraderError(f"{spec}: exercise {exercise.name!r} cannot be frozen: {text}") from error


def _placed(text: str, setup: Setup, topic: Topic) -> str:
    """An author's mistake with the folder of the topic, where no file is named."""
    folder = setup.source / topic.name
    return text if str(folder) in text or str(setup.references) in text else f"{folder}: {text}"
