"""A judge of the tiny course for whole submissions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from tiny import Tiny

from grader.course import Course
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.report import Isolation, Report
from grader.running.submission import SourceFile, Submission

Grade = Callable[[Mapping[str, bytes | str]], Report]


@pytest.fixture(scope="session")
def grade(tiny: Tiny) -> Grade:
    """The report on files, given by path."""
    course = Course(title="tiny", limits={"cpu_seconds": 0.5})  # some loop for ever
    bundles = [tiny.bundle(name) for name in ("scale", "peak", "doubling")]
    judge = Judge(course, asked(course, bundles), tiny.launcher, Isolation(0))

    def report(files: Mapping[str, bytes | str]) -> Report:
        sources = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        return judge.report(Submission("ada", tuple(SourceFile(path, sources[path]) for path in sorted(sources))))

    return report
