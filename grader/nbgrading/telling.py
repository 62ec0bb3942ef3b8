"""What students read in nbgrader: comments for its gradebook, and findings as outputs of graded cells."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from nbformat import NotebookNode, v4

from grader.faces.terminal import print_exercise, unwritten
from grader.keeping.adjust import told
from grader.keeping.tables import number
from grader.notebooks.html import page
from grader.report import ExerciseResult, Finding, Report
from grader.sinks import failed, own_findings
from grader.sinks.text import plain
from grader.text import printable, whole

_MARKUP = re.compile(r"([\[\]$*])")
LONGEST = 600
NOT_RUN = "NotRun"


def comment(report: Report, results: Sequence[ExerciseResult]) -> str | None:
    """What is to be said about the exercises of one cell, as Markdown; None where nothing is.

    `report` is what its student may see. nbgrader shows comments as Markdown in which HTML works, so that all that
    comes from students is escaped.
    """
    lines = [line for result in results for line in _about(result)]
    names = {"", *(result.exercise for result in results)}  # nbgrader tells itself what being late costs
    lines += [whole(told(one)) for one in report.adjustments if one.exercise in names and one.kind == "override"]
    return "\n\n".join(_escaped(line) for line in lines) or None


def _about(result: ExerciseResult) -> Iterator[str]:
    points = f"{result.title}: {number(result.points)} of {number(result.max_points)} points."
    if unwritten(result):
        yield f"{points} Still to be written."
        return
    lines = [line for check in result.checks if failed(check) for line in _findings(check.name, own_findings(check))]
    if lines or result.notes:
        yield points
        yield from dict.fromkeys(lines)
        yield from map(whole, result.notes)


def _findings(name: str, findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{name}: {whole(finding.sentence)}{f' {finding.hint}' if finding.hint else ''}"


def _escaped(line: str) -> str:
    return _MARKUP.sub(r"\\\1", html.escape(printable(line, LONGEST), quote=False))


def outputs(report: Report, result: ExerciseResult) -> list[NotebookNode]:
    """Outputs of a graded cell: the findings, and last the points as nbgrader reads them, a plain float."""
    summary = f"{number(result.points)} of {number(result.max_points)} points"
    notes = " ".join(map(whole, report.notes))
    data = {
        "text/html": page([result], summary, "", notes),
        "text/plain": plain(lambda out: print_exercise(out, result, report.feedback == "full")) + summary,
    }
    points = {"text/plain": repr(float(result.points))}
    return [
        v4.new_output("display_data", data),  # type: ignore[no-untyped-call]
        v4.new_output("execute_result", points, execution_count=1),  # type: ignore[no-untyped-call]
    ]


def not_run() -> list[NotebookNode]:
    """Outputs of a graded cell that is not ours: it would be worth all its points if there were none."""
    text = "This cell is none of cnn-grader's and was not run: it is graded by hand."
    return [v4.new_output("error", ename=NOT_RUN, evalue=text, traceback=[text])]  # type: ignore[no-untyped-call]
