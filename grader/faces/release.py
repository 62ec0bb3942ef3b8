"""`grader release`: the folder that a student repository starts from."""

from __future__ import annotations

from pathlib import Path

from grader.authoring.freeze import Freezer, sources_digest
from grader.authoring.release import write_release
from grader.bundle import Bundle
from grader.errors import BundleError
from grader.workspace import Workspace, open_workspace, read_bundles

from .freeze import freeze_all
from .terminal import console, say


def stored(workspace: Workspace) -> list[Bundle]:
    """The public bundles of the course's own student template, where there is one."""
    try:
        return read_bundles(workspace.root / "student_template" / "bundles")
    except BundleError:
        return []


def run(folder: Path, course: Path | None) -> int:
    """Write skeletons, handouts, public bundles, course file and README."""
    workspace = open_workspace(course)
    out = console()
    known = {one.exercise: one for one in stored(workspace)}

    def make(freezer: Freezer) -> Bundle:
        """Cases are drawn once: as long as spec and reference stay, whatever the version of Hypothesis."""
        old = known.get(freezer.exercise.name)
        unchanged = old and old.sources == sources_digest(freezer.topic, freezer.reference)
        return old if old and unchanged else freezer.freeze()

    bundles = freeze_all(workspace, "public", b"", out, make)
    written = write_release(workspace, bundles, folder)
    say(out, f"{len(written)} files are in {folder}: skeletons, handouts, visible cases; nothing hidden.")
    return 0
