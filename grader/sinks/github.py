"""GitHub Actions: annotations at the student's own lines in the log, and the whole as the step's summary.

A runner obeys every line of the log that looks like a command. Texts are escaped as the runner's own library does,
and the sequences by which a command begins cannot come from them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from grader.keeping.tables import number
from grader.report import CheckResult, ExerciseResult, Finding
from grader.text import printable

from . import Checked, failed, markdown, own_findings
from . import text as plain_text

MOST = 10  # annotations of one step that GitHub shows
SUMMARY_BYTES = 1_000_000  # GitHub drops a summary of more than 1 MiB
LONGEST = 400
Remark = tuple[ExerciseResult, CheckResult, Finding]


def render(checked: Checked) -> str:
    """The log of the step: the report as text, in which no command is obeyed, then the annotations."""
    token = secrets.token_hex(20)
    text = plain_text.render(checked)
    remarks = _ordered(checked)
    lines = [f"::stop-commands::{token}", *text.splitlines(), f"::{token}::"]
    lines += [_annotation(checked, remark) for remark in remarks[:MOST]]
    if len(remarks) > MOST:
        lines.append(f"{len(remarks) - MOST} more remarks are in the summary of this step.")
    return "\n".join(lines) + "\n"


def publish(checked: Checked) -> str:
    """The log; the summary goes into the file that the runner names."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(summary(checked))
    return render(checked)


def summary(checked: Checked) -> str:
    """Markdown within GitHub's limit: sections that do not fit are left out, and that is said."""
    parts, left_out = [markdown.overview(checked)], 0
    room = SUMMARY_BYTES - len(parts[0].encode())
    for section in map(markdown.section, checked.report.exercises):
        room -= len(section.encode())
        if room < 0:
            left_out += 1
        else:
            parts.append(section)
    if left_out:
        parts.append(f"\n{left_out} exercises are too long to be shown here: run `grader check`.\n")
    parts.append("\nThese are visible cases; what counts is the grading with hidden ones.\n")
    return "".join(parts)


def _ordered(checked: Checked) -> list[Remark]:
    """One remark per exercise first, then the others; what is still to be written comes last, once each."""
    first: list[Remark] = []
    others: list[Remark] = []
    unwritten: list[Remark] = []
    for result in checked.report.exercises:
        found = list(_remarks(result))
        written = [remark for remark in found if remark[2].code != "not implemented"]
        first += written[:1]
        others += written[1:]
        unwritten += found[:1] if not written else []
    return first + others + unwritten


def _remarks(result: ExerciseResult) -> Iterator[Remark]:
    told: set[str] = set()
    for check in result.checks:
        for finding in own_findings(check) if failed(check) else ():
            if finding.sentence not in told:
                told.add(finding.sentence)
                yield result, check, finding


def _annotation(checked: Checked, remark: Remark) -> str:
    result, check, finding = remark
    file, line = checked.place(result, check, finding)
    title = f"{result.title}: {check.name} ({number(check.points)}/{number(check.max_points)})"
    hint = f"\nHint: {printable(finding.hint, LONGEST)}" if finding.hint else ""
    message = printable(finding.sentence, LONGEST) + hint
    kind = "warning" if check.verdict == "grader fault" else "error"
    return f"::{kind} file={_property(file)},line={line},title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    """A message: one line, and no other way to begin a command (`##[` is the old one)."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace("##[", "## [")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
