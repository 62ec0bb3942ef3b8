"""`grader demo`: a made-up class to try the grader on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.authoring.demo import make_class
from grader.authoring.topics import read_topics
from grader.errors import InputError
from grader.workspace import open_workspace

from .terminal import console, count, say


def run(folder: Path, course: Path | None, size: int, styles: Path | None, only: Sequence[str]) -> int:
    """Write the class; with `only`, its files of these topics."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty: name a new folder for the class.")
    workspace = open_workspace(course)
    topics = read_topics(workspace.source)
    unknown = [name for name in only if name not in [topic.name for topic in topics]]
    if unknown:
        raise InputError(f"There is no topic {unknown[0]!r}: there are {', '.join(topic.name for topic in topics)}.")
    chosen = [topic for topic in topics if not only or topic.name in only]
    names = make_class(chosen, workspace.reference, styles, folder, size)
    say(console(), f"Made {count(len(names), 'submission')} in {folder}. Grade them: grader grade {folder}")
    return 0
