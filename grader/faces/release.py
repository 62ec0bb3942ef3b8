"""`grader release`: the folder that a student repository starts from."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from grader.authoring.release import write_release
from grader.workspace import open_workspace

from .freeze import freeze_all
from .terminal import console


def run(folder: Path, course: Path | None) -> int:
    """Write skeletons, handouts, public bundles, course file and README."""
    workspace = open_workspace(course)
    out = console()
    bundles = freeze_all(workspace, "public", b"", out)
    written = write_release(workspace, bundles, folder)
    out.print(Text(f"{len(written)} files are in {folder}: skeletons, handouts, visible cases; nothing hidden."))
    return 0
