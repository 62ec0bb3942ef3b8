"""`grader audit`: what the exercises of a course are worth, what their checks catch, what they cost."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.progress import Progress

from grader.authoring.audit import Setup, audit, cells, markdown
from grader.errors import InputError
from grader.packages import absent
from grader.workspace import open_workspace, read_secret

from .freeze import tell_unable, topics_of, wanted
from .tables import print_table
from .terminal import console, count, say

COLUMNS = ("exercise", "points", "checks", "cases", "misc.", "named", "styles", "right", "CPU")


def run(topics: Sequence[str], course: Path | None, variants: Path, out: Path | None) -> int:
    """Print the table; 1 where something is not as it must be."""
    workspace = open_workspace(course)
    found = topics_of(workspace)
    known = [topic.name for topic in found]
    unknown = [name for name in topics if name not in known]
    if unknown:
        raise InputError(f"There is no topic {unknown[0]!r}: there are {', '.join(known)}.")
    chosen = [name for name in known if not topics or name in topics]
    screen = console()
    tell_unable(workspace, [pair for pair in wanted(found) if pair[0].name in chosen], screen)
    unable = {topic.name for topic in found if absent(topic.requires)}
    chosen = [name for name in chosen if name not in unable]
    setup = Setup(workspace.file, workspace.source, workspace.reference, variants, read_secret(workspace))
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("auditing topics", total=len(chosen))
        rows = audit(setup, chosen, min(os.cpu_count() or 1, 8), partial(progress.advance, task))
    print_table(screen, COLUMNS, [[str(cell) for cell in cells(row)[1:]] for row in rows], left=COLUMNS[:1])
    complaints = [f"{row.exercise}: {complaint}" for row in rows for complaint in row.complaints]
    for complaint in complaints:
        say(screen, complaint)
    if out:
        out.write_text(markdown(rows), encoding="utf-8")
        say(screen, f"Which check catches which misconception: {out}")
    points = sum(row.points for row in rows)
    say(screen, f"{count(len(rows), 'exercise')}, {points:g} points, {count(len(complaints), 'complaint')}.")
    return 1 if complaints else 0
