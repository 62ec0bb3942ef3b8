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
from grader.text import figure, printable, whole

from . import plain
from .plain_option import is_wanted

MARKS = {"pass": ("✓", "green"), "partial": ("◐", "yellow"), "skipped": ("–", "dim"), "grader fault": ("?", "magenta")}
WORDS = {"blocked": "follows from what is above"}
MAX_ROWS, MAX_COLUMNS, MAX_BLOCKS, MAX_CELL = 12, 10, 4, 24
FRAME = 10  # columns of the terminal that an example's indentation and border take


def console(stderr: bool = False) -> Console:
    """The console of all commands: honours NO_COLOR and the terminal's width, and gives words only where asked."""
    if is_wanted():
        return plain.PlainConsole(stderr)
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def say(out: Console, text: str) -> None:
    """One sentence; paths and commands in it are not broken apart, so that they can be copied."""
    out.print(Text(text), soft_wrap=True)


def count(number: int, noun: str) -> str:
    """ "1 submission", "2 submissions"."""
    return f"{number} {noun}{'s' * (number != 1)}"


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
        line.append(f"  {WORDS.get(check.verdict, check.verdict)}", style="red")
    return line


def finding_lines(finding: Finding, told: set[str], full: bool, room: int = 70) -> Iterator[RenderableType]:
    """Sentence, hint, smallest failing case: once per sentence, and numbers of hidden cases only if `full`."""
    if finding.sentence in told:
        return
    told.add(finding.sentence)
    yield _indented(Text(printable(finding.sentence, 600)))
    if finding.hint:
        yield _indented(Text.assemble(("Hint: ", "cyan"), printable(finding.hint, 600)))
    evidence = finding.evidence
    if evidence is None:
        return
    if evidence.line:
        source = f": {printable(evidence.source.strip(), 100)}" if evidence.source.strip() else ""
        yield _indented(Text(f"{printable(evidence.file)}, {evidence.place}{source}", style="dim"))
    if (finding.visible or full) and finding.code != "not implemented" and (evidence.got or evidence.expected):
        yield Padding(example(finding, evidence, room), (0, 0, 0, 6))


def hanging(text: Text, out: Console, indent: int = 4) -> Text:
    """A line that is too long, folded so that what follows stands below what it is about."""
    if text.cell_len <= out.width:
        return text
    return Text("\n" + " " * indent).join(text.wrap(out, max(20, out.width - indent)))


def _indented(text: Text, indent: int = 6) -> Padding:
    return Padding(text, (0, 0, 0, indent), expand=False)


def example(finding: Finding, evidence: Evidence, room: int) -> RenderableType:
    """The smallest failing case as numbers, in lines of `room` columns."""
    title = finding.case_name or "smallest failing case"
    parts: list[RenderableType] = []
    fits = len(title) <= room - 2
    if not fits:  # a border would cut it off
        parts.append(Text(printable(title), style="italic"))
    if finding.case:
        parts.append(Text(case_text(finding.case), style="dim"))
    parts.extend(Text(printable(line, 200), style="bold") for line in evidence.last_lines)
    if evidence.inputs:
        parts.append(Columns([block(name, value, room) for name, value in evidence.first_inputs], padding=(0, 3)))
    does = "you raise" if finding.code.startswith("raised ") else "you return"
    answer = [
        block(does, evidence.got, room, evidence.differs, digits=evidence.digits) if evidence.got else Text(""),
        block("expected", evidence.expected, room, evidence.differs, "green", evidence.digits)
        if evidence.expected
        else Text(""),
    ]
    parts.append(Columns(answer, padding=(0, 3)))
    shown = Text(printable(title)) if fits else None
    return Panel(Group(*parts), title=shown, title_align="left", expand=False, border_style="dim")


def case_text(case: dict[str, object]) -> str:
    """ "batch 1, channels 2, height 3 ..."."""
    return ", ".join(f"{name.replace('_', ' ')} {printable(str(value), 60)}" for name, value in case.items())


def block(name: str, value: Shown, room: int, differs: Sequence[int] = (), style: str = "red", digits: int = 4) -> Text:
    """An array under its name and shape; entries that differ are marked."""
    text = Text()
    if value.shape is None:
        return text.append(f"{name}\n", style="underline").append(printable(value.text, 400))
    dtype = "" if value.dtype == "float64" else f" {value.dtype}"
    shape = f"  shape {value.shape}" if value.shape else ""
    text.append(f"{name}", style="underline").append(f"{shape}{dtype}\n", style="dim")
    return text.append_text(array_text(value, frozenset(differs), style, room, digits))


def array_text(value: Shown, differs: frozenset[int], style: str, room: int, digits: int = 4) -> Text:
    """Rows and columns of the last two axes, block after block; rows are cut to `room`."""
    shape = value.shape or ()
    columns = shape[-1] if shape else 1
    rows = shape[-2] if len(shape) > 1 else 1
    cells = [printable(figure(v, digits), MAX_CELL) for v in value.values]
    width = max((len(cell) for cell in cells), default=1)
    fitting = max(1, room // (width + 2))  # a cell, its mark and a blank
    shown = columns if columns <= min(fitting, MAX_COLUMNS) else max(1, min((room - 3) // (width + 2), MAX_COLUMNS))
    text = Text()
    blocks = max(1, len(cells) // max(1, rows * columns))
    for index in range(min(blocks, MAX_BLOCKS)):
        if index and rows > 1:
            text.append("\n")
        for row in range(min(rows, MAX_ROWS)):
            start = (index * rows + row) * columns
            if start >= len(cells):  # of a large array the first entries alone are kept
                text.append("...\n")
                break
            for position in range(start, min(start + shown, len(cells))):
                wrong = position in differs
                text.append(cells[position].rjust(width) + ("*" if wrong else " "), style=style if wrong else "")
                text.append(" ")
            if columns > shown:
                text.append("...")
            text.append("\n")
        if rows > MAX_ROWS:
            text.append("...\n")
    if blocks > MAX_BLOCKS:
        text.append("...\n", style="dim")
    text.rstrip()
    return text


def unwritten(result: ExerciseResult) -> bool:
    """Whether nothing of an exercise has been written yet: then that is all there is to say."""
    codes = {finding.code for check in result.checks for finding in check.findings[:1]}
    first = result.checks[0].findings[:1] if result.checks else ()
    started = result.points or not first or first[0].code != "not implemented"
    return not started and codes <= {"not implemented", "depends"}


def print_exercise(out: Console, result: ExerciseResult, full: bool = False) -> None:
    """Heading, one line per check, and what is wrong."""
    if isinstance(out, plain.PlainConsole):
        for line in (*plain.exercise(result, full, unwritten(result)), ""):
            out.print(Text(line))
        return
    out.print(hanging(exercise_heading(result), out))
    for note in result.notes:
        out.print(_indented(Text.assemble(("Note: ", "cyan"), whole(printable(note, 600))), 4))
    if unwritten(result):
        finding = result.checks[0].findings[0]
        place = finding.evidence.place if finding.evidence and finding.evidence.line else ""
        out.print(_indented(Text(f"Still to be written{f', from {place} on' if place else ''}."), 2))
        out.print()
        return
    told: set[str] = set()
    for check in result.checks:
        if check.verdict == "missing" and not check.findings:
            continue
        out.print(hanging(check_line(check), out))
        for finding in check.findings:
            for part in finding_lines(finding, told, full, out.width - FRAME):
                out.print(part)
    out.print()
