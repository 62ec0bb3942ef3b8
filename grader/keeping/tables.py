"""Results as files: scores.csv, checks.csv and a JSON report per submission. Written whole or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from grader.errors import StoreError
from grader.report import Report
from grader.text import printable

from .files import sync_folder, write_whole

SCORES = ("submission", "exercise", "points", "max_points", "verdict")
CHECKS = ("submission", "exercise", "check", "points", "max_points", "verdict", "code", "message")
FORMULA = "=+-@＝＋－＠"  # what makes a spreadsheet calculate, the wide forms too
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_AFTER_SEPARATOR = re.compile(rf";(?=[{FORMULA}])")


def write_tables(reports: Sequence[Report], folder: Path) -> None:
    """Write both tables and all reports: one by one, each of them as a whole."""
    ordered = sorted(reports, key=lambda report: report.submission)
    _write(folder / "scores.csv", _csv(SCORES, _scores(ordered)))
    _write(folder / "checks.csv", _csv(CHECKS, _checks(ordered)))
    for report in ordered:
        text = msgspec.json.format(msgspec.json.encode(as_data(report)), indent=2)
        _write(folder / "reports" / f"{report.submission}.json", text)
    for written in (folder, folder / "reports"):
        sync_folder(written)


def as_data(report: Report) -> dict[str, object]:
    """A report as JSON data, with its totals."""
    data: dict[str, object] = msgspec.to_builtins(report)
    return {
        "submission": report.submission,
        "course": report.course,
        "points": report.points,
        "max_points": report.max_points,
        "complete": report.complete,
        **data,
    }


def _scores(reports: Iterable[Report]) -> Iterable[tuple[object, ...]]:
    for report in reports:
        for result in report.exercises:
            yield report.submission, result.exercise, number(result.points), number(result.max_points), result.verdict
        for adjustment in report.adjustments:
            if not adjustment.exercise:
                yield report.submission, adjustment.kind, number(adjustment.points), "0", adjustment.kind


def _checks(reports: Iterable[Report]) -> Iterable[tuple[object, ...]]:
    for report in reports:
        for result in report.exercises:
            for check in result.checks:
                finding = check.findings[0] if check.findings else None
                yield (
                    report.submission,
                    result.exercise,
                    check.name,
                    number(check.points),
                    number(check.max_points),
                    check.verdict,
                    finding.code if finding else "",
                    finding.sentence if finding else "",
                )
        for one in report.adjustments:
            name = one.exercise or one.kind
            yield report.submission, name, one.kind, number(one.points), "0", one.kind, one.kind, one.reason


def number(points: float) -> str:
    """Points as every sink prints them: no more decimals than needed, two at most."""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[cell(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8")


def cell(value: object) -> str:
    """Text from students must not become a formula when a spreadsheet opens the file, whatever separates its cells."""
    text = _AFTER_SEPARATOR.sub("; ", printable(str(value), 1000))
    return "'" + text if text.startswith(tuple(FORMULA)) and not _NUMBER.fullmatch(text) else text


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        kept = "the results are kept in results.db; free the place and run the same command again"
        raise StoreError(f"{path} cannot be written ({error.strerror}): {kept}.") from error
