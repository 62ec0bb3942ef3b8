"""`grader show`: one stored report, as its student would read it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.text import Text

from grader.errors import InputError
from grader.keeping.tables import number
from grader.keeping.view import view
from grader.report import Report
from grader.text import printable

from .terminal import console, print_exercise


def run(report: Path, full: bool) -> int:
    """Print a file of `reports/`."""
    try:
        read = msgspec.json.decode(report.read_bytes(), type=Report, strict=False)
    except OSError as error:
        raise InputError(f"{report} cannot be read ({error.strerror}): name a file of reports/.") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{report} is no report ({error}): name a file of reports/.") from error
    if not full:
        read = view(read)
    out = console()
    out.print(Text(f"{printable(read.submission)}: {number(read.points)} of {number(read.max_points)} points", "bold"))
    for note in read.notes:
        out.print(Text(f"Note: {printable(note, 600)}", style="cyan"))
    out.print()
    for result in read.exercises:
        print_exercise(out, result, full or read.feedback == "full")
    return 0
