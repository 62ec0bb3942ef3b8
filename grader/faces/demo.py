"""`grader demo`: a made-up class to try the grader on."""

from __future__ import annotations

from pathlib import Path

from grader.authoring.demo import make_class
from grader.authoring.topics import read_topics
from grader.errors import InputError
from grader.workspace import open_workspace

from .terminal import console, count, say


def run(folder: Path, course: Path | None, size: int, styles: Path | None) -> int:
    """Write the class."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty: name a new folder for the class.")
    workspace = open_workspace(course)
    names = make_class(read_topics(workspace.source), workspace.reference, styles, folder, size)
    say(console(), f"Made {count(len(names), 'submission')} in {folder}. Grade them: grader grade {folder}")
    return 0
