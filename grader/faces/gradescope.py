"""The autograder inside Gradescope: grades /autograder/submission and writes /autograder/results/results.json.

A test for each check. What students see of hidden cases follows the course's feedback policy: texts are those of the
student's view, and no single test is hidden, since Gradescope would then hide the total as well.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from grader.course import FILE_NAME, read_course
from grader.errors import GraderError
from grader.judging.judge import Judge
from grader.keeping.batch import Setup, chosen
from grader.keeping.files import write_whole
from grader.keeping.view import view
from grader.report import CheckResult, ExerciseResult, Isolation, Report
from grader.running.isolation import keep_out_of_reach
from grader.running.submission import read_one
from grader.running.workers import launcher, preloaded
from grader.sinks.text import numbers
from grader.text import printable, whole
from grader.worker.limits import protect_memory

from .doctor import isolation_for_others

LONGEST = 600
FAILED = "The autograder itself failed: your instructor will run it again."


def main(root: Path) -> int:
    """Grade what is there; results are written whatever happens. What went wrong is printed for the instructor."""
    start = time.monotonic()
    try:
        settings = json.loads((root / "source" / "settings.json").read_bytes())
        report, digest = graded(root, settings)
        data = results(report, str(settings["visibility"]))
        data["extra_data"]["submission_digest"] = digest
    except Exception as error:
        print(str(error) if isinstance(error, GraderError) else traceback.format_exc())
        data = {"score": 0, "output": FAILED, "output_format": "text", "visibility": "visible", "extra_data": {}}
    data["execution_time"] = round(time.monotonic() - start, 1)
    data["stdout_visibility"] = "hidden"
    write_whole(root / "results" / "results.json", json.dumps(data, indent=1).encode())
    return 0


def graded(root: Path, settings: Mapping[str, Any]) -> tuple[Report, str]:
    """The report, and the digest of what was graded."""
    protect_memory()
    home = root / "source" / "course"
    course = read_course(home / FILE_NAME)
    isolation = isolation_for_others(bool(settings["allow_weak_isolation"]))
    keep_out_of_reach((home, root / "results", root / "submission"), isolation.layers)
    exercises = chosen(Setup(course, home / "bundles", isolation))
    handed_in = read_one(root / "submission", _name(root), {exercise.file for exercise in exercises})
    allowed = course.modules.allowed
    modules = preloaded(allowed, (file.source for file in handed_in.files))
    with contextlib.closing(launcher(modules, layers=isolation.layers or None, allowed=allowed)) as started:
        report = Judge(course, exercises, started, isolation).report(handed_in)
    return msgspec.structs.replace(report, feedback=course.policy.feedback), handed_in.digest


def _name(root: Path) -> str:
    """The names of those who handed it in, where Gradescope tells."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads((root / "submission_metadata.json").read_bytes())
        return " ".join(str(user["name"]) for user in data["users"])
    return "submission"


def results(report: Report, visibility: str) -> dict[str, Any]:
    """What Gradescope reads. The score is the report's; the tests' scores add up to it."""
    seen = view(report)
    tests = [
        _test(result, check, f"{place}.{number}", visibility)
        for place, result in enumerate(seen.exercises, start=1)
        for number, check in enumerate(result.checks, start=1)
    ]
    incomplete = [] if report.complete else ["The grader itself failed in some exercises: a rerun is needed."]
    notes = [printable(note, LONGEST) for note in (*seen.notes, *_notes(seen))]
    return {
        "score": report.points,
        "output": "\n".join([*incomplete, *notes]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "tests": tests,
        "extra_data": {
            "isolation": {name: getattr(report.isolation, name) for name in Isolation.__struct_fields__},
            "versions": report.versions,
            "max_points": report.max_points,
            "complete": report.complete,
        },
    }


def _notes(report: Report) -> list[str]:
    notes = dict.fromkeys((result.file, note) for result in report.exercises for note in result.notes)
    return [f"{file}: {whole(note)}" for file, note in notes]


def _test(result: ExerciseResult, check: CheckResult, number: str, visibility: str) -> dict[str, Any]:
    return {
        "name": printable(f"{result.title}: {check.name}"),
        "number": number,
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.verdict in ("pass", "skipped") else "failed",
        "output": _output(check),
        "tags": [result.exercise],
        "visibility": visibility,
    }


def _output(check: CheckResult) -> str:
    lines = [] if check.verdict in ("pass", "partial", "fail") else [f"({check.verdict})"]
    for finding in check.findings:
        lines.append(printable(finding.sentence, LONGEST))
        lines += [f"Hint: {printable(finding.hint, LONGEST)}"] if finding.hint else []
        lines += [numbers(finding)] if numbers(finding) else []
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
