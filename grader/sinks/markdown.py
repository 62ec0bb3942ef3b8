"""Markdown as GitHub and GitLab render it: a table of the exercises, then what is wrong in each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.faces.terminal import unwritten
from grader.keeping.tables import number
from grader.report import CheckResult, ExerciseResult
from grader.text import printable

from . import Checked, failed
from .text import numbers

_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
_REFERENCE = re.compile(r"\\([@#])(?=\w)")  # somebody, or an issue: a word joiner keeps hosts from linking it
SIGNS = {"pass": "✅", "skipped": "➖", "grader fault": "❔"}
LONGEST = 600


def render(checked: Checked) -> str:
    """The whole report."""
    return overview(checked) + "".join(map(section, checked.report.exercises))


def overview(checked: Checked) -> str:
    """The total and one row per exercise."""
    report = checked.report
    rows = map(_row, report.exercises)
    total = f"**{number(report.points)} of {number(report.max_points)} points**"
    notes = "".join(f"{text(note)}\n\n" for note in report.notes)
    header = "| exercise | file | points | of |\n|---|---|--:|--:|\n"
    return f"## {text(report.course)}\n\n{total}\n\n{notes}{header}" + "".join(f"{row}\n" for row in rows)


def _row(result: ExerciseResult) -> str:
    sign = SIGNS.get(result.verdict, "❌")
    points = f"{number(result.points)} | {number(result.max_points)}"
    return f"| {sign} {text(result.title)} | {text(result.file)} | {points} |"


def section(result: ExerciseResult) -> str:
    """What is wrong in an exercise; nothing where all passes, or nothing is written yet."""
    if result.verdict == "pass" or unwritten(result):
        return ""
    told: set[str] = set()
    parts = [part for check in result.checks if failed(check) for part in _check(check, told)]
    notes = [f"{text(note)}\n" for note in result.notes]
    return "\n".join([f"\n### {text(result.title)}\n", *notes, *parts])


def _check(check: CheckResult, told: set[str]) -> Iterator[str]:
    points = f"{number(check.points)}/{number(check.max_points)}"
    fresh = [finding for finding in check.findings if finding.sentence not in told]
    told.update(finding.sentence for finding in fresh)
    sentences = "".join(f" {text(finding.sentence)}" for finding in fresh)
    yield f"- {SIGNS.get(check.verdict, '❌')} **{text(check.name)}** ({points}){':' if sentences else ''}{sentences}\n"
    for finding in fresh:
        if finding.hint:
            yield f"  *Hint:* {text(finding.hint)}\n"
        if shown := numbers(finding):
            yield fenced(shown)


def text(anything: str) -> str:
    """Any text as nothing but text, in one line: no markup, no HTML, no link, nobody mentioned."""
    escaped = _SPECIAL.sub(r"\\\1", printable(anything, LONGEST))
    return _REFERENCE.sub("\\\\\\1\u2060", escaped)


def fenced(block: str) -> str:
    """Lines as they are; the fence is longer than any that they hold."""
    longest = max((len(run) for run in re.findall(r"`+", block)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = "".join(f"  {line}\n" for line in [f"{fence}text", *block.splitlines(), fence])
    return f"\n{lines}"
