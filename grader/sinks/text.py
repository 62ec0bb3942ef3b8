"""Plain text, as a terminal without colours shows it."""

from __future__ import annotations

import io
from collections.abc import Callable

from rich.console import Console

from grader.faces.terminal import example, print_exercise
from grader.keeping.tables import number
from grader.report import Finding

from . import Checked

WIDTH = 100


def render(checked: Checked) -> str:
    """All exercises and the total."""
    report = checked.report

    def write(out: Console) -> None:
        for result in report.exercises:
            print_exercise(out, result, report.feedback == "full")
        out.print(f"{number(report.points)} of {number(report.max_points)} points")

    return plain(write)


def numbers(finding: Finding) -> str:
    """The smallest failing case of a finding that its reader may see in full, else ""."""
    evidence = finding.evidence
    if not finding.visible or finding.code == "not implemented" or not evidence:
        return ""
    return plain(lambda out: out.print(example(finding, evidence, 76))) if evidence.got or evidence.expected else ""


def plain(write: Callable[[Console], None]) -> str:
    """What is written to a console, without colours."""
    out = Console(file=io.StringIO(), width=WIDTH, highlight=False, color_system=None, legacy_windows=False)
    write(out)
    text: str = out.file.getvalue()  # type: ignore[attr-defined]
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())
