"""JUnit XML: a suite per exercise, a case per check, for GitLab, Jenkins, Artemis and editors.

GitLab shows `classname` as the suite, links `file`, and drops cases of the same name. Points are properties of a suite.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from grader.keeping.tables import number
from grader.report import CheckResult, ExerciseResult, Finding
from grader.text import printable

from . import Checked, failed, own_findings
from .text import numbers

LONGEST = 600  # characters of a sentence


def render(checked: Checked) -> str:
    """The document; all text in it is printable, which leaves nothing that XML forbids."""
    report = checked.report
    root = ET.Element("testsuites", name=printable(report.course))
    for result in report.exercises:
        root.append(_suite(checked, result))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(checked: Checked, result: ExerciseResult) -> ET.Element:
    suite = ET.Element("testsuite", name=printable(result.exercise), file=checked.folder + printable(result.file))
    properties = ET.SubElement(suite, "properties")
    for key, points in (("points", result.points), ("max_points", result.max_points)):
        ET.SubElement(properties, "property", name=key, value=number(points))
    cases = [_case(checked, result, check) for check in result.checks]
    suite.extend(cases)
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{result.cpu_seconds:.3f}")
    return suite


def _case(checked: Checked, result: ExerciseResult, check: CheckResult) -> ET.Element:
    finding = next(iter([*own_findings(check), *check.findings]), None)
    file, line = checked.place(result, check, finding)
    case = ET.Element("testcase", classname=printable(result.exercise), name=printable(check.name))
    case.set("file", printable(file))
    case.set("line", str(line))
    case.set("time", "0.000")
    if check.verdict == "skipped":
        ET.SubElement(case, "skipped", message=_message(check, finding))
    elif failed(check):
        tag = "error" if check.verdict == "grader fault" else "failure"
        problem = ET.SubElement(case, tag, type=check.verdict, message=_message(check, finding))
        points = f"{number(check.points)} of {number(check.max_points)} points"
        problem.text = "\n".join([points, *map(_paragraph, check.findings)])
    return case


def _message(check: CheckResult, finding: Finding | None) -> str:
    return printable(finding.sentence, LONGEST) if finding else check.verdict


def _paragraph(finding: Finding) -> str:
    hint = f"\nHint: {printable(finding.hint, LONGEST)}" if finding.hint else ""
    shown = numbers(finding)
    return printable(finding.sentence, LONGEST) + hint + (f"\n{shown}" if shown else "")
