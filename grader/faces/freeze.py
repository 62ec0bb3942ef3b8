"""`grader freeze`: hidden bundles from specs and references."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from grader import bundle as bundle_files
from grader.authoring.exercise import Exercise, Topic
from grader.authoring.freeze import unfrozen
from grader.authoring.parallel import Setup, Wanted, freeze_each
from grader.authoring.topics import read_topics
from grader.bundle import SUFFIX, Bundle
from grader.course import check_names
from grader.errors import BundleError, CourseError
from grader.packages import absent, left_out
from grader.workspace import Workspace, has_secret, open_workspace, read_secret, write_bundles

from .check import say_notes
from .terminal import console, count, say


def run(course: Path | None, from_cases: bool, only: Sequence[str]) -> int:
    """Freeze all exercises, or some; the others' bundles stay."""
    workspace = open_workspace(course)
    out = console()
    tell_unable(workspace, wanted(topics_of(workspace), only), out)
    bundles = freeze_hidden(workspace, out, from_cases, only)
    made = count(len(bundles), "hidden bundle")
    say(out, f"{made} in {workspace.hidden}; keep that folder and the secret to yourself.")
    return 0


def topics_of(workspace: Workspace) -> list[Topic]:
    """All topics; CourseError where the course file names an exercise or topic that there is not."""
    topics = read_topics(workspace.source)
    check_names(
        workspace.course, {name for topic in topics for name in (topic.name, *(e.name for e in topic.exercises))}
    )
    return topics


def freeze_hidden(
    workspace: Workspace, out: Console, from_cases: bool = False, only: Sequence[str] = (), jobs: int | None = None
) -> list[Bundle]:
    """Make the hidden bundles and write them; those that cannot be made here stay as they are."""
    is_new = not has_secret(workspace)
    secret = read_secret(workspace)
    if is_new:
        say(out, f"A new course secret is in {workspace.secret_file}: other secrets give other hidden cases.")
    stored = workspace.hidden if from_cases else None
    setup = Setup(workspace.source, workspace.reference, "hidden", secret, stored)
    able, unable = able_and_not(wanted(read_topics(workspace.source), only))
    made = freeze_all(setup, able, out, jobs)
    kept = _others(workspace.hidden, {one.exercise for one in made})
    kept = [one for one in kept if only or one.exercise in {exercise.name for _, exercise in unable}]
    known = {one.exercise for one in kept}
    new = [_unfrozen(workspace, topic, exercise) for topic, exercise in unable if exercise.name not in known]
    write_bundles([*made, *kept, *new], workspace.hidden)
    return made


def able_and_not(exercises: Wanted) -> tuple[Wanted, Wanted]:
    """Those that can be frozen here, and those that require what is not installed."""
    unable = [pair for pair in exercises if absent(pair[0].requires)]
    return [pair for pair in exercises if pair not in unable], unable


def tell_unable(workspace: Workspace, exercises: Wanted, out: Console) -> None:
    """A note about those of the course that cannot be frozen here."""
    told: dict[tuple[str, ...], list[str]] = {}
    for topic, exercise in able_and_not(exercises)[1]:
        if workspace.course.asks_for(exercise.name, topic.name):
            told.setdefault(absent(topic.requires), []).append(exercise.name)
    say_notes(out, [left_out(names, packages) for packages, names in told.items()])


def _unfrozen(workspace: Workspace, topic: Topic, exercise: Exercise) -> Bundle:
    reference = workspace.reference / topic.file
    return unfrozen(topic, exercise, reference.read_bytes() if reference.is_file() else b"", "hidden")


def _others(folder: Path, made: set[str]) -> list[Bundle]:
    paths = [path for path in sorted(folder.glob(f"*{SUFFIX}")) if path.name.removesuffix(SUFFIX) not in made]
    found = []
    for path in paths:
        try:
            found.append(bundle_files.read(path))
        except BundleError:
            continue
    return found


def freeze_all(setup: Setup, exercises: Wanted, out: Console, jobs: int | None = None) -> list[Bundle]:
    """Bundles of these exercises, with a progress bar."""
    with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(f"freezing {setup.kind} bundles", total=len(exercises))
        return freeze_each(setup, exercises, jobs, partial(progress.advance, task))


def wanted(topics: Sequence[Topic], only: Sequence[str] = ()) -> Wanted:
    """The exercises that these names of exercises or topics stand for; without a name all."""
    pairs = [(topic, exercise) for topic in topics for exercise in topic.exercises]
    chosen = [(t, e) for t, e in pairs if not only or e.name in only or t.name in only]
    unknown = [name for name in only if not any(name in (e.name, t.name) for t, e in pairs)]
    if unknown:
        raise CourseError(f"There is no exercise {unknown[0]!r}: there are {', '.join(e.name for _, e in pairs)}.")
    return chosen
