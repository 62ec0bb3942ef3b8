"""`grader show`: one stored report, as its student would read it."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from grader.keeping.adjust import told
from grader.keeping.results import read_report
from grader.keeping.tables import number
from grader.keeping.view import view
from grader.text import printable

from .terminal import console, print_exercise


def run(report: Path, full: bool) -> int:
    """Print a file of `reports/`."""
    read = read_report(report)
    if not full:
        read = view(read)
    out = console()
    out.print(Text(f"{printable(read.submission)}: {number(read.points)} of {number(read.max_points)} points", "bold"))
    for note in read.notes:
        out.print(Text(f"Note: {printable(note, 600)}", style="cyan"))
    for adjustment in read.adjustments:
        out.print(Text(f"Note: {printable(told(adjustment), 600)}", style="cyan"))
    out.print()
    for result in read.exercises:
        print_exercise(out, result, full or read.feedback == "full")
    return 0
