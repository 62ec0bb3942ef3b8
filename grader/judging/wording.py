"""Findings in the course's own names: everything that people read goes through here once."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from grader.naming import Naming
from grader.report import CheckResult, Evidence, Finding, Shown


def translated(checks: Sequence[CheckResult], naming: Naming) -> list[CheckResult]:
    """The results with all sentences, hints and code in the names of the course. Codes and case names stay."""
    if not naming:
        return list(checks)
    return [replace(check, findings=tuple(_finding(one, naming) for one in check.findings)) for check in checks]


def _finding(finding: Finding, naming: Naming) -> Finding:
    about_input = finding.code == "argument changed"  # its sentence names an array, and arrays keep their names
    return replace(
        finding,
        sentence=finding.sentence if about_input else naming.text(finding.sentence),
        hint=naming.text(finding.hint),
        evidence=_evidence(finding.evidence, naming) if finding.evidence else None,
    )


def _evidence(evidence: Evidence, naming: Naming) -> Evidence:
    """The code, and the classes in what came and what is expected; the student's own line is theirs already."""
    return replace(
        evidence,
        code=tuple(map(naming.line, evidence.code)),
        got=_shown(evidence.got, naming),
        expected=_shown(evidence.expected, naming),
    )


def _shown(shown: Shown | None, naming: Naming) -> Shown | None:
    return replace(shown, text=naming.classes(shown.text)) if shown and shown.text else shown
