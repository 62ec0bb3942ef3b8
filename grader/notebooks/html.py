"""Results as HTML for notebooks: no script, no style sheet, every text escaped; readable on light and dark."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence

from grader.faces.terminal import MARKS, WORDS, case_text, unwritten
from grader.keeping.tables import number
from grader.report import CheckResult, Evidence, ExerciseResult, Finding, Shown
from grader.text import printable, whole

COLOURS = {"pass": "#1a7f37", "partial": "#9a6700", "skipped": "#777", "grader fault": "#8250df"}
RED = "#cf222e"
MAX_ROWS, MAX_COLUMNS, MAX_BLOCKS = 12, 12, 4
CELL, MAX_SIDE = 12, 40  # of the heat map: pixels of a square, squares of a side
_MUTED = "opacity:.7"
_BOX = "border-left:3px solid rgba(127,127,127,.4);margin:.2em 0 .8em 1.2em;padding:.1em 0 .1em .8em"


def sentence(text: str) -> str:
    """One line, fit to be shown."""
    return printable(text, 1000)


def page(results: Sequence[ExerciseResult], summary: str, problem: str, advisory: str) -> str:
    """All results, one below the other."""
    parts = [part for result in results for part in _exercise(result)]
    if problem:
        parts.append(f'<p style="color:{RED}"><b>{_text(problem)}</b></p>')
    if summary:
        parts.append(f"<p><b>{_text(summary)}.</b> <span style='{_MUTED}'>{_text(advisory)}</span></p>")
    return f'<div style="line-height:1.45;max-width:60em">{"".join(parts)}</div>'


def _text(text: str, limit: int = 600) -> str:
    return html.escape(printable(text, limit))


def _exercise(result: ExerciseResult) -> Iterator[str]:
    colour = COLOURS.get(result.verdict, RED)
    points = f"{number(result.points)} / {number(result.max_points)}"
    yield f'<p style="margin:.6em 0 .2em"><b>{_text(result.title)}</b> <b style="color:{colour}">{points}</b></p>'
    for note in result.notes:
        yield f'<div style="{_MUTED}">Note: {_text(whole(note))}</div>'
    if unwritten(result):
        yield '<div style="margin-left:1.2em">Still to be written.</div>'
        return
    told: set[str] = set()
    for check in result.checks:
        if check.verdict == "missing" and not check.findings:
            continue
        yield _check(check)
        for finding in check.findings:
            if finding.sentence not in told:
                told.add(finding.sentence)
                yield f'<div style="{_BOX}">{"".join(_finding(finding))}</div>'


def _check(check: CheckResult) -> str:
    sign, colour = MARKS.get(check.verdict, ("✗", ""))[0], COLOURS.get(check.verdict, RED)
    word = WORDS.get(check.verdict, check.verdict)
    cases = f", {check.passed} of {check.cases} cases right" if check.passed < check.cases else ""
    points = f"{number(check.points)}/{number(check.max_points)}" if check.max_points else ""
    return (
        f'<div style="margin-left:1.2em"><b style="color:{colour}">{sign}</b> {_text(check.name)} '
        f'<span style="{_MUTED}">{points} {_text(word)}{cases}</span></div>'
    )


def _finding(finding: Finding) -> Iterator[str]:
    yield f"<div>{_text(finding.sentence)}</div>"
    if finding.hint:
        yield f"<div><i>Hint:</i> {_text(finding.hint)}</div>"
    evidence = finding.evidence
    if evidence is None:
        return
    if evidence.line:
        source = f": <code>{_text(evidence.source.strip(), 200)}</code>" if evidence.source.strip() else ""
        yield f'<div style="{_MUTED}">{_text(evidence.file)}, {evidence.place}{source}</div>'
    if finding.code != "not implemented" and (evidence.got or evidence.expected):
        yield "".join(_example(finding, evidence))


def _example(finding: Finding, evidence: Evidence) -> Iterator[str]:
    """The smallest failing case: its numbers, what was called, and the arrays side by side."""
    title = finding.case_name or "smallest failing case"
    case = f": {html.escape(case_text(finding.case))}" if finding.case else ""
    yield f'<div style="margin-top:.4em"><b>{_text(title)}</b><span style="{_MUTED}">{case}</span></div>'
    if evidence.code:
        yield f'<pre style="margin:.2em 0">{"&#10;".join(_text(line) for line in evidence.code[-8:])}</pre>'
    does = "you raise" if finding.code.startswith("raised ") else "you return"
    shown = [_array(name, value) for name, value in evidence.inputs[:3]]
    shown += [_array(does, evidence.got, evidence.differs, RED)] if evidence.got else []
    shown += [_array("expected", evidence.expected, evidence.differs, COLOURS["pass"])] if evidence.expected else []
    shown += [drawn] if (drawn := heat_map(evidence)) else []
    yield f'<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start">{"".join(shown)}</div>'


def _array(name: str, value: Shown, differs: Sequence[int] = (), colour: str = "") -> str:
    """An array under its name: a table for each of the first few pairs of last axes; what differs is marked."""
    if value.shape is None:
        return f"<div><u>{_text(name)}</u><br>{_text(value.text, 400)}</div>"
    about = " ".join(filter(None, [f"shape {value.shape}" if value.shape else "", value.dtype.replace("float64", "")]))
    columns = value.shape[-1] if value.shape else 1
    rows = value.shape[-2] if len(value.shape) > 1 else 1
    blocks = len(value.values) // max(1, rows * columns) or 1
    wrong = frozenset(differs)
    tables = [
        _table(value, block * rows * columns, rows, columns, wrong, colour) for block in range(min(blocks, MAX_BLOCKS))
    ]
    more = "<div>…</div>" if blocks > MAX_BLOCKS else ""
    return f"<div><u>{_text(name)}</u> <span style='{_MUTED}'>{_text(about)}</span>{''.join(tables)}{more}</div>"


def _table(value: Shown, start: int, rows: int, columns: int, wrong: frozenset[int], colour: str) -> str:
    lines = []
    for row in range(min(rows, MAX_ROWS)):
        first = start + row * columns
        places = range(first, min(first + min(columns, MAX_COLUMNS), len(value.values)))
        cells = "".join(_cell(value.values[place], place in wrong, colour) for place in places)
        lines.append(f"<tr>{cells}{'<td>…</td>' if columns > MAX_COLUMNS else ''}</tr>")
    if rows > MAX_ROWS:
        lines.append("<tr><td>…</td></tr>")
    return f'<table style="border-collapse:collapse;margin:.2em 0 .5em;font-family:monospace">{"".join(lines)}</table>'


def _cell(value: bool | float | str, wrong: bool, colour: str) -> str:
    """A number; one that differs is bold, coloured and has a star, for those who see no colours."""
    text = _text(str(value), 20) if isinstance(value, bool | str) else f"{value:.4g}"
    style = "text-align:right;padding:1px 6px;border:1px solid rgba(127,127,127,.25)"
    if not wrong:
        return f'<td style="{style}">{text}&nbsp;</td>'
    return f'<td style="{style};color:{colour};background:rgba(207,34,46,.12);font-weight:bold">{text}*</td>'


def heat_map(evidence: Evidence) -> str:
    """Where an image differs and how much, over all items and channels, as SVG; "" where there is no place."""
    got, expected = evidence.got, evidence.expected
    if got is None or expected is None or got.shape is None or got.shape != expected.shape or len(got.shape) < 3:
        return ""
    rows, columns = got.shape[-2:]
    size = math.prod(got.shape)
    values = list(zip(got.values, expected.values, strict=False))
    if len(values) < size or rows * columns < 2 or max(rows, columns) > MAX_SIDE:
        return ""
    largest = [0.0] * (rows * columns)
    for place, (one, other) in enumerate(values):
        largest[place % (rows * columns)] = max(largest[place % (rows * columns)], _difference(one, other))
    top = max((d for d in largest if math.isfinite(d)), default=0.0)
    squares = []
    for place, difference in enumerate(largest):
        share = 1.0 if not math.isfinite(difference) else difference / top if top else 0.0
        x, y = place % columns * CELL, place // columns * CELL
        title = f"<title>row {place // columns}, column {place % columns}: {difference:.3g}</title>"
        squares.append(
            f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{RED}" fill-opacity="{share:.2f}" '
            f'stroke="#888" stroke-opacity=".4">{title}</rect>'
        )
    width, height = columns * CELL, rows * CELL
    return (
        f'<div><u>where it differs</u> <span style="{_MUTED}">largest: {top:.3g}</span><br>'
        f'<svg width="{width + 2}" height="{height + 2}" viewBox="-1 -1 {width + 2} {height + 2}" role="img" '
        f'aria-label="map of the differences">{"".join(squares)}</svg></div>'
    )


def _difference(one: bool | float | str, other: bool | float | str) -> float:
    """How far two entries are apart; inf where one of them is no number."""
    if isinstance(one, str) or isinstance(other, str):
        return 0.0 if one == other else math.inf
    difference = abs(float(one) - float(other))
    if math.isnan(difference):
        return 0.0 if math.isnan(float(one)) and math.isnan(float(other)) else math.inf
    return difference
