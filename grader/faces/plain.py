"""Results in words, line after line: for screen readers, dumb terminals and whoever asks with `--plain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from grader.keeping.tables import number
from grader.report import CheckResult, Evidence, ExerciseResult, Finding
from grader.text import printable, whole

WORDS = {
    "pass": "passed",
    "partial": "partly right",
    "fail": "failed",
    "blocked": "failed, which follows from what is above",
    "skipped": "skipped",
    "grader fault": "not judged, the grader failed",
}
ROOM = 70  # columns that a row of an array may take
WIDTH = 1_000_000  # nothing is broken into lines: the terminal does that, and readers need not put them together


class PlainConsole(Console):
    """A console without colours, boxes, and anything that moves."""

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, width=WIDTH, color_system=None, force_terminal=False)


def exercise(result: ExerciseResult, full: bool, unwritten: bool) -> Iterator[str]:
    """An exercise: heading, a line for each check, and what is wrong below it."""
    yield f"{result.title}, {printable(result.file)}: {_points(result.points, result.max_points)}."
    for note in result.notes:
        yield f"  Note: {whole(printable(note, 600))}"
    if unwritten:
        evidence = result.checks[0].findings[0].evidence
        yield f"  Still to be written{f', from {evidence.place} on' if evidence and evidence.line else ''}."
        return
    told: set[str] = set()
    for check in result.checks:
        if check.verdict == "missing" and not check.findings:
            continue
        yield f"  {_said(check)}"
        for finding in check.findings:
            if finding.sentence not in told:
                told.add(finding.sentence)
                yield from (f"    {line}".rstrip() for line in _finding(finding, full))


def _points(points: float, most: float) -> str:
    return f"{number(points)} of {number(most)} points"


def _said(check: CheckResult) -> str:
    text = f"{WORDS.get(check.verdict, f'failed, {check.verdict}')}: {check.name}"
    text += f", {_points(check.points, check.max_points)}" if check.max_points else ""
    return text + (f", {check.passed} of {check.cases} cases right" if check.passed < check.cases else "") + "."


def _finding(finding: Finding, full: bool) -> Iterator[str]:
    yield printable(finding.sentence, 600)
    if finding.hint:
        yield f"Hint: {printable(finding.hint, 600)}"
    evidence = finding.evidence
    if evidence is None:
        return
    if evidence.line:
        source = f": {printable(evidence.source.strip(), 100)}" if evidence.source.strip() else ""
        yield f"{printable(evidence.file)}, {evidence.place}{source}"
    if (finding.visible or full) and finding.code != "not implemented" and (evidence.got or evidence.expected):
        yield from _example(finding, evidence)


def _example(finding: Finding, evidence: Evidence) -> Iterator[str]:
    """The smallest failing case, one array below the other."""
    from .terminal import block, case_text

    title = printable(finding.case_name or "smallest failing case")
    yield f"{title[:1].upper()}{title[1:]}{': ' if finding.case else ''}{case_text(finding.case or {})}"
    yield from (f"  {printable(line, 200)}" for line in evidence.last_lines)
    does = "you raise" if finding.code.startswith("raised ") else "you return"
    answers = (does, evidence.got, evidence.differs), ("expected", evidence.expected, evidence.differs)
    for name, value, differs in (*((name, value, ()) for name, value in evidence.first_inputs), *answers):
        text = block(f"{name}:", value, ROOM, differs).plain if value else ""
        yield from (f"  {line}" for line in text.splitlines())
    if evidence.differs and any(value.shape for value in (evidence.got, evidence.expected) if value):
        yield "  A star stands behind each entry that differs."


def listing(columns: Sequence[str], rows: Sequence[Sequence[str]], wide: Sequence[str]) -> Iterator[str]:
    """Rows of a table as sentences: "ada: points 12, of 30", and what is long on a line of its own.

    The first column names the row, unless it is one of numbers.
    """
    for row in rows:
        cells = [(name, cell) for name, cell in zip(columns, row, strict=True) if cell]
        named = bool(row[0]) and not row[0].isdigit()
        short = [f"{name} {cell}" for name, cell in cells[named:] if name not in wide]
        first = [row[0] + (":" if short else "")] if named else []
        yield " ".join([*first, ", ".join(short)]).rstrip()
        yield from (f"  {name}: {cell}" for name, cell in cells[named:] if name in wide)
