"""`grader freeze`: hidden bundles from specs and references."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from grader import bundle as bundle_files
from grader.authoring.exercise import Exercise, Topic
from grader.authoring.freeze import Freezer, Kind, Reference
from grader.authoring.topics import read_topics
from grader.bundle import SUFFIX, Bundle
from grader.errors import BundleError, CourseError
from grader.running.workers import launcher
from grader.workspace import Workspace, has_secret, open_workspace, read_secret, write_bundles

from .terminal import console, count, say


def run(course: Path | None, from_cases: bool, only: Sequence[str]) -> int:
    """Freeze all exercises, or some; the others' bundles stay."""
    workspace = open_workspace(course)
    out = console()
    bundles = freeze_hidden(workspace, out, from_cases, only)
    made = count(len(bundles), "hidden bundle")
    say(out, f"{made} in {workspace.hidden}; keep that folder and the secret to yourself.")
    return 0


def freeze_hidden(
    workspace: Workspace, out: Console, from_cases: bool = False, only: Sequence[str] = ()
) -> list[Bundle]:
    """Make the hidden bundles and write them."""
    is_new = not has_secret(workspace)
    secret = read_secret(workspace)
    if is_new:
        say(out, f"A new course secret is in {workspace.secret_file}: other secrets give other hidden cases.")

    def rebuilt(freezer: Freezer) -> Bundle:
        return freezer.rebuild(bundle_files.read(workspace.hidden / f"{freezer.exercise.name}{SUFFIX}"))

    made = freeze_all(workspace, "hidden", secret, out, rebuilt if from_cases else Freezer.freeze, only)
    kept = [] if not only else _others(workspace.hidden, {one.exercise for one in made})
    write_bundles([*made, *kept], workspace.hidden)
    return made


def _others(folder: Path, made: set[str]) -> list[Bundle]:
    paths = [path for path in sorted(folder.glob(f"*{SUFFIX}")) if path.name.removesuffix(SUFFIX) not in made]
    found = []
    for path in paths:
        try:
            found.append(bundle_files.read(path))
        except BundleError:
            continue
    return found


def freeze_all(
    workspace: Workspace,
    kind: Kind,
    secret: bytes,
    out: Console,
    make: Callable[[Freezer], Bundle] = Freezer.freeze,
    only: Sequence[str] = (),
) -> list[Bundle]:
    """Bundles of all exercises that are wanted, with a progress bar."""
    wanted = _wanted(read_topics(workspace.source), only)
    started = launcher(("scipy.signal",))
    try:
        reference = Reference(workspace.reference, started)
        bundles = []
        with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
            task = progress.add_task(f"freezing {kind} bundles", total=len(wanted))
            for topic, exercise in wanted:
                bundles.append(make(Freezer(topic, exercise, reference, kind, secret)))
                progress.advance(task)
        return bundles
    finally:
        started.close()


def _wanted(topics: Sequence[Topic], only: Sequence[str]) -> list[tuple[Topic, Exercise]]:
    pairs = [(topic, exercise) for topic in topics for exercise in topic.exercises]
    chosen = [(t, e) for t, e in pairs if not only or e.name in only or t.name in only]
    unknown = [name for name in only if not any(name in (e.name, t.name) for t, e in pairs)]
    if unknown:
        raise CourseError(f"There is no exercise {unknown[0]!r}: there are {', '.join(e.name for _, e in pairs)}.")
    return chosen
