"""Renders results for a terminal. Everything that comes from a student is escaped before it is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from grader.keeping.tables import number
from grader.report import CheckResult, Evidence, ExerciseResult, Finding, Shown
from grader.text import printable

MARKS = {"pass": ("✓", "green"), "partial": ("◐", "yellow"), "skipped": ("–", "dim"), "grader fault": ("?", "magenta")}
MAX_ROWS, MAX_COLUMNS, MAX_BLOCKS = 12, 10, 4


def console(stderr: bool = False) -> Console:
    """The console of all commands: honours NO_COLOR and the terminal's width."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def mark(verdict: str) -> Text:
    """A check's sign."""
    sign, style = MARKS.get(verdict, ("✗", "red"))
    return Text(sign, style=style)


def exercise_heading(result: ExerciseResult) -> Text:
    """ "Max pooling (pooling.py)   8.5 / 10"."""
    style = "green" if result.verdict == "pass" else "red" if not result.points else "yellow"
    text = Text.assemble((result.title, "bold"), f"  {printable(result.file)}  ", style="")
    text.append(f"{number(result.points)} / {number(result.max_points)}", style=f"bold {style}")
    return text


def check_line(check: CheckResult) -> Text:
    """One line: sign, name, points, cases, and the verdict where it is not plain."""
    line = Text("  ")
    line.append_text(mark(check.verdict))
    line.append(f" {check.name}")
    if check.max_points:
        line.append(f"  {number(check.points)}/{number(check.max_points)}", style="dim")
    if check.cases and check.passed < check.cases:
        line.append(f"  {check.passed} of {check.cases} cases right", style="dim")
    if check.verdict not in ("pass", "partial", "fail"):
        line.append(f"  {check.verdict}", style="red")
    return line


def finding_lines(finding: Finding, told: set[str], full: bool) -> Iterator[RenderableType]:
    """Sentence, hint, smallest failing case: once per sentence, and numbers of hidden cases only if `full`."""
    if finding.sentence in told:
        return
    told.add(finding.sentence)
    yield Padding(Text(printable(finding.sentence, 600)), (0, 2, 0, 6))
    if finding.hint:
        yield Padding(Text.assemble(("Hint: ", "cyan"), printable(finding.hint, 600)), (0, 2, 0, 6))
    evidence = finding.evidence
    if evidence is None:
        return
    if evidence.line:
        where = f"{printable(evidence.file)}, line {evidence.line}: {printable(evidence.source.strip(), 100)}"
        yield Padding(Text(where, style="dim"), (0, 2, 0, 6))
    if (finding.visible or full) and finding.code != "not implemented" and (evidence.got or evidence.expected):
        yield Padding(example(finding, evidence), (0, 0, 0, 6))


def example(finding: Finding, evidence: Evidence) -> RenderableType:
    """The smallest failing case as numbers."""
    title = finding.case_name or "smallest failing case"
    parts: list[RenderableType] = []
    if finding.case:
        parts.append(Text(case_text(finding.case), style="dim"))
    parts.extend(Text(printable(line, 200), style="bold") for line in evidence.code[-6:])
    if evidence.inputs:
        parts.append(Columns([block(name, value) for name, value in evidence.inputs[:3]], padding=(0, 3)))
    answer = [
        block("you return", evidence.got, evidence.differs) if evidence.got else Text(""),
        block("expected", evidence.expected, evidence.differs, "green") if evidence.expected else Text(""),
    ]
    parts.append(Columns(answer, padding=(0, 3)))
    return Panel(Group(*parts), title=Text(printable(title)), title_align="left", expand=False, border_style="dim")


def case_text(case: dict[str, object]) -> str:
    """ "batch 1, channels 2, height 3 ..."."""
    return ", ".join(f"{name.replace('_', ' ')} {printable(str(value), 60)}" for name, value in case.items())


def block(name: str, value: Shown, differs: Sequence[int] = (), style: str = "red") -> Text:
    """An array under its name and shape; entries that differ are marked."""
    text = Text()
    if value.shape is None:
        return text.append(f"{name}\n", style="underline").append(printable(value.text, 400))
    dtype = "" if value.dtype == "float64" else f" {value.dtype}"
    text.append(f"{name}", style="underline").append(f"  shape {value.shape}{dtype}\n", style="dim")
    return text.append_text(array_text(value, frozenset(differs), style))


def array_text(value: Shown, differs: frozenset[int], style: str) -> Text:
    """Rows and columns of the last two axes, block after block."""
    shape = value.shape or ()
    columns = shape[-1] if shape else 1
    rows = shape[-2] if len(shape) > 1 else 1
    cells = [_cell(v) for v in value.values]
    width = max((len(cell) for cell in cells), default=1)
    text = Text()
    blocks = max(1, len(cells) // max(1, rows * columns))
    for index in range(min(blocks, MAX_BLOCKS)):
        if index and rows > 1:
            text.append("\n")
        for row in range(min(rows, MAX_ROWS)):
            start = (index * rows + row) * columns
            for position in range(start, min(start + min(columns, MAX_COLUMNS), len(cells))):
                wrong = position in differs
                text.append(cells[position].rjust(width) + ("*" if wrong else " "), style=style if wrong else "")
                text.append(" ")
            if columns > MAX_COLUMNS:
                text.append("...")
            text.append("\n")
        if rows > MAX_ROWS:
            text.append("...\n")
    if blocks > MAX_BLOCKS:
        text.append("...\n", style="dim")
    text.rstrip()
    return text


def _cell(value: bool | float | str) -> str:
    if isinstance(value, str | bool):
        return printable(str(value), 12)
    return f"{value:.4g}"


def print_exercise(out: Console, result: ExerciseResult, full: bool = False) -> None:
    """Heading, one line per check, and what is wrong."""
    out.print(exercise_heading(result))
    for note in result.notes:
        out.print(Padding(Text.assemble(("Note: ", "cyan"), printable(note, 600)), (0, 2, 0, 4)))
    told: set[str] = set()
    for check in result.checks:
        if check.verdict == "missing" and not check.findings:
            continue
        out.print(check_line(check))
        for finding in check.findings:
            for part in finding_lines(finding, told, full):
                out.print(part)
    out.print()
