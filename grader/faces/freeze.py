"""`grader freeze`: hidden bundles from specs and references."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from grader import bundle as bundle_files
from grader.authoring.exercise import Topic
from grader.authoring.parallel import Setup, Wanted, freeze_each
from grader.authoring.topics import read_topics
from grader.bundle import SUFFIX, Bundle
from grader.errors import BundleError, CourseError
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
    workspace: Workspace, out: Console, from_cases: bool = False, only: Sequence[str] = (), jobs: int | None = None
) -> list[Bundle]:
    """Make the hidden bundles and write them."""
    is_new = not has_secret(workspace)
    secret = read_secret(workspace)
    if is_new:
        say(out, f"A new course secret is in {workspace.secret_file}: other secrets give other hidden cases.")
    stored = workspace.hidden if from_cases else None
    setup = Setup(workspace.source, workspace.reference, "hidden", secret, stored)
    made = freeze_all(setup, wanted(read_topics(workspace.source), only), out, jobs)
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
