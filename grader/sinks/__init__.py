"""The formats of `grader check --format`: a module each, found by its name, so that a new one is a new file.

A module has `render(checked) -> str`, which escapes all that students wrote for its format, and may have
`publish(checked) -> str`, which hands the result to the system around it (a step's summary, a step's output) and
returns what is left to be printed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, NamedTuple

from grader.report import CheckResult, ExerciseResult, Finding, Report

FOLLOWS = ("depends", "skipped")  # codes of findings that only follow from others


class Checked(NamedTuple):
    """A report as its reader may see it, and where its exercises are in the reader's own files.

    `lines[exercise][check]` is the line at which the checked method begins. `folder` is that of the files, relative
    to the repository ("" or "a/b/").
    """

    report: Report
    lines: Mapping[str, Mapping[str, int]] = {}
    folder: str = ""

    def place(self, result: ExerciseResult, check: CheckResult, finding: Finding | None) -> tuple[str, int]:
        """File and line that a finding is about: where an exception arose, else where the method begins.

        Of a notebook the first line: lines of its cells are not those of the file.
        """
        evidence = finding.evidence if finding else None
        if evidence and evidence.file and evidence.line:
            return self.folder + evidence.file, 1 if evidence.cell else evidence.line
        return self.folder + result.file, self.lines.get(result.exercise, {}).get(check.name, 1)


def formats() -> list[str]:
    """The names that `--format` takes."""
    return sorted(name for _, name, _ in pkgutil.iter_modules(__path__) if not name.startswith("_"))


def load(name: str) -> Any:
    """The module of a format."""
    return importlib.import_module(f"{__name__}.{name}")


def published(name: str, checked: Checked) -> str:
    """What is to be printed of a format, after everything else of it is where it belongs."""
    module = load(name)
    return str(getattr(module, "publish", module.render)(checked))


def own_findings(check: CheckResult) -> list[Finding]:
    """The findings of a check that do not only follow from others."""
    return [finding for finding in check.findings if finding.code not in FOLLOWS]


def failed(check: CheckResult) -> bool:
    """Whether there is something to be done about a check."""
    return check.verdict not in ("pass", "skipped")
