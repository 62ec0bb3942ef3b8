"""`grader release`: the folder that a student repository starts from."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from grader.authoring.parallel import Setup
from grader.authoring.provenance import is_current
from grader.authoring.release import write_release
from grader.bundle import Bundle
from grader.errors import BundleError, InputError
from grader.known_names import notes
from grader.nbgrading import assignment_name, need_nbgrader
from grader.packages import absent
from grader.workspace import Workspace, open_workspace, read_bundles

from .check import say_notes
from .freeze import able_and_not, freeze_all, tell_unable, topics_of, wanted
from .terminal import console, count, say


def stored(workspace: Workspace) -> list[Bundle]:
    """The public bundles of the course's own student template, where there is one."""
    try:
        return read_bundles(workspace.root / "student_template" / "bundles")
    except BundleError:
        return []


def public_bundles(workspace: Workspace, out: Console, fresh: bool = False) -> list[Bundle]:
    """In teaching order. Cases are drawn once: they stay as long as spec and reference, whatever Hypothesis does.

    `fresh`: all that can be frozen here are. What cannot, and is not stored, is left out.
    """
    exercises = wanted(topics_of(workspace))
    old = {bundle.exercise: bundle for bundle in stored(workspace)}
    bundles = {
        exercise.name: old[exercise.name]
        for topic, exercise in exercises
        if exercise.name in old and is_current(old[exercise.name], topic.digest, workspace.reference)
        if not fresh or absent(topic.requires)
    }
    changed = [(topic, exercise) for topic, exercise in exercises if exercise.name not in bundles]
    tell_unable(workspace, changed, out)
    able, _ = able_and_not(changed)
    setup = Setup(workspace.source, workspace.reference, "public", b"")
    bundles.update((bundle.exercise, bundle) for bundle in freeze_all(setup, able, out))
    return [bundles[exercise.name] for _, exercise in exercises if exercise.name in bundles]


def run(folder: Path, course: Path | None, nbgrader: bool = False, assignment: str = "", fresh: bool = False) -> int:
    """Write skeletons, handouts, public bundles, course file and README; or an assignment of an nbgrader course."""
    if assignment and not nbgrader:
        raise InputError("--assignment is the name of an assignment in nbgrader: give --nbgrader too.")
    if nbgrader:
        need_nbgrader()
    workspace = open_workspace(course)
    out = console()
    name = assignment_name(workspace.course, assignment)
    bundles = public_bundles(workspace, out, fresh)
    say_notes(out, notes(workspace.course, bundles))
    if nbgrader:
        from grader.nbgrading.releasing import release

        made = count(len(release(workspace, bundles, folder, name)), "notebook")
        say(out, f"{made} are in {folder / 'source' / name} with solutions, and for students in release/{name}.")
        return 0
    written = write_release(workspace, bundles, folder)
    say(out, f"{len(written)} files are in {folder}: skeletons, handouts, visible cases; nothing hidden.")
    return 0
