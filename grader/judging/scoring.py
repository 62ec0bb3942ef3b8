"""From the results of checks to those of an exercise: points that add up, and one word."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

import msgspec

from grader.report import CheckResult, ExerciseResult, Finding, Verdict, total

from .asked import Asked


def nothing(exercise: Asked, verdict: Verdict, finding: Finding, notes: tuple[str, ...] = ()) -> ExerciseResult:
    """No points at all, for one reason that is told once."""
    kept = [check for check in exercise.bundle.checks if check.name not in exercise.without]
    checks = [
        CheckResult(check.name, verdict, 0.0, check.points, 0, 0, (finding,) if number == 0 else ())
        for number, check in enumerate(kept)
    ]
    return scored(exercise, checks, notes, 0.0)


def fault(exercise: Asked, error: Exception) -> ExerciseResult:
    """Our own failure: neither points lost nor a pass; the total is incomplete and listed for a rerun."""
    where = "".join(f", in {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-1:])
    text = f"The grader itself failed ({type(error).__name__}: {error}{where}); this exercise was not judged."
    finding = Finding("grader fault", text, "Run the same command again; if it stays, report it.", visible=True)
    return nothing(exercise, "grader fault", finding)


def scored(
    exercise: Asked, checks: Sequence[CheckResult], notes: tuple[str, ...], cpu_seconds: float
) -> ExerciseResult:
    """Points scaled to the course's and rounded so that the checks add up to the exercise exactly."""
    checks = [check for check in checks if check.name not in exercise.without]
    highest = shares([check.max_points for check in checks], exercise.points)
    rounded = tuple(
        msgspec.structs.replace(
            check, max_points=most, points=round(most * check.points / check.max_points, 2) if check.max_points else 0.0
        )
        for check, most in zip(checks, highest, strict=True)
    )
    points = total(check.points for check in rounded)
    return ExerciseResult(
        exercise.bundle.exercise,
        exercise.title,
        exercise.file,
        overall(rounded, points),
        points,
        total(highest),
        rounded,
        notes,
        exercise.bundle.digest,
        round(cpu_seconds, 3),
    )


def shares(parts: Sequence[float], whole: float) -> list[float]:
    """`whole` divided in proportion to `parts`, each to two decimals, adding up to `whole` exactly."""
    scale, seen, given = whole / sum(parts) if sum(parts) else 0.0, 0.0, 0.0
    result = []
    for part in parts:
        seen += part * scale
        result.append(round(round(seen, 2) - given, 2))
        given = round(seen, 2)
    return result


def overall(checks: Sequence[CheckResult], points: float) -> Verdict:
    """One word for an exercise."""
    verdicts = {check.verdict for check in checks}
    if "grader fault" in verdicts:
        return "grader fault"
    if verdicts <= {"pass"}:
        return "pass"
    if points > 0:
        return "partial"
    for word in ("missing", "timeout", "crash", "protocol error", "nondeterministic"):
        if word in verdicts:
            return word
    return "fail"
