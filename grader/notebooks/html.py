"""Results as HTML for notebooks: no script, no style sheet, every text escaped; readable on light and dark."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from grader.faces.terminal import MARKS, WORDS, case_text, unwritten
from grader.keeping.tables import number
from grader.report import CheckResult, Evidence, ExerciseResult, Finding
from grader.text import printable, whole

from .arrays import MUTED, RED, array, heat_map, text_of

# contrast above 4.2 to 1, on white and on near-black
COLOURS = {"pass": "#22893f", "partial": "#a16d08", "skipped": "#777", "grader fault": "#8c5ed7"}
_BOX = "border-left:3px solid rgba(127,127,127,.4);margin:.2em 0 .8em 1.2em;padding:.1em 0 .1em .8em"


def sentence(text: str) -> str:
    """One line, fit to be shown."""
    return printable(text, 1000)


def page(results: Sequence[ExerciseResult], summary: str, problem: str, advisory: str) -> str:
    """All results, one below the other."""
    parts = [part for result in results for part in _exercise(result)]
    if problem:
        parts.append(f'<p style="color:{RED}">{_prose(problem)}</p>')
    if summary:
        parts.append(f"<p><b>{text_of(summary)}.</b> <span style='{MUTED}'>{text_of(advisory)}</span></p>")
    return f'<div style="line-height:1.45;max-width:60em">{"".join(parts)}</div>'


def _prose(text: str) -> str:
    """A sentence, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text_of(text))


def _exercise(result: ExerciseResult) -> Iterator[str]:
    colour = COLOURS.get(result.verdict, RED)
    points = f"{number(result.points)} / {number(result.max_points)}"
    yield f'<p style="margin:.6em 0 .2em"><b>{text_of(result.title)}</b> <b style="color:{colour}">{points}</b></p>'
    for note in result.notes:
        yield f'<div style="{MUTED}">Note: {_prose(whole(note))}</div>'
    if unwritten(result):
        yield '<div style="margin-left:1.2em">Still to be written.</div>'
        return
    told: set[str] = set()
    shown = False
    for check in result.checks:
        if check.verdict == "missing" and not check.findings:
            continue
        yield _check(check)
        for finding in check.findings:
            if finding.sentence not in told:
                told.add(finding.sentence)
                yield f'<div style="{_BOX}">{"".join(_finding(finding))}{_example(finding, folded=shown)}</div>'
                shown |= _has_example(finding)


def _check(check: CheckResult) -> str:
    sign, colour = MARKS.get(check.verdict, ("✗", ""))[0], COLOURS.get(check.verdict, RED)
    word = WORDS.get(check.verdict, check.verdict)
    cases = f", {check.passed} of {check.cases} cases right" if check.passed < check.cases else ""
    points = f"{number(check.points)}/{number(check.max_points)}" if check.max_points else ""
    return (
        f'<div style="margin-left:1.2em"><b style="color:{colour}">{sign}</b> {text_of(check.name)} '
        f'<span style="{MUTED}">{points} {text_of(word)}{cases}</span></div>'
    )


def _finding(finding: Finding) -> Iterator[str]:
    yield f"<div>{_prose(finding.sentence)}</div>"
    if finding.hint:
        yield f"<div><i>Hint:</i> {_prose(finding.hint)}</div>"
    evidence = finding.evidence
    if evidence is None:
        return
    if evidence.line:
        source = f": <code>{text_of(evidence.source.strip(), 200)}</code>" if evidence.source.strip() else ""
        yield f'<div style="{MUTED}">{text_of(evidence.file)}, {evidence.place}{source}</div>'


def _has_example(finding: Finding) -> bool:
    """Whether there are numbers that say more than the sentence."""
    evidence = finding.evidence
    if evidence is None or finding.code in ("not implemented", "skipped"):
        return False
    return bool(evidence.got or evidence.expected)


def _example(finding: Finding, folded: bool) -> str:
    """The smallest failing case: its numbers, what was called, and the arrays. Of several, one is open."""
    if not _has_example(finding):
        return ""
    title = finding.case_name or "smallest failing case"
    case = f": {html.escape(case_text(finding.case))}" if finding.case else ""
    heading = f'<b>{text_of(title)}</b><span style="{MUTED}">{case}</span>'
    numbers = "".join(_numbers(finding))
    if folded:
        return f'<details style="margin-top:.2em"><summary>{heading}</summary>{numbers}</details>'
    return f'<div style="margin-top:.4em">{heading}</div>{numbers}'


def _numbers(finding: Finding) -> Iterator[str]:
    """What was called, what went in, and what came back beside what is expected."""
    evidence = finding.evidence or Evidence()
    if evidence.code:
        yield f'<pre style="margin:.2em 0">{"&#10;".join(text_of(line) for line in evidence.last_lines)}</pre>'
    does = "you raise" if finding.code.startswith("raised ") else "you return"
    returned = [array(does, evidence.got, evidence.differs, RED, evidence.digits)] if evidence.got else []
    if evidence.expected:
        returned.append(array("expected", evidence.expected, evidence.differs, COLOURS["pass"], evidence.digits))
    returned += [drawn] if (drawn := heat_map(evidence)) else []
    for shown in ([array(name, value) for name, value in evidence.first_inputs], returned):
        if shown:
            yield f'<div style="display:flex;flex-wrap:wrap;gap:0 1.5em;align-items:flex-start">{"".join(shown)}</div>'
