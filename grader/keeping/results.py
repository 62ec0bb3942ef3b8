"""A folder of results, read back: the reports that the last `grader grade` wrote."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec

from grader.errors import InputError
from grader.report import Report


def read_results(folder: Path) -> list[Report]:
    """The reports of all submissions in scores.csv, by name; InputError where something is missing."""
    table = folder / "scores.csv"
    try:
        with table.open(encoding="utf-8", newline="") as file:
            names = {row["submission"] for row in csv.DictReader(file)}
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{table} cannot be read: give the folder of `grader grade --out` as --results.") from error
    return [read_report(folder / "reports" / f"{name}.json") for name in sorted(names)]


def read_report(path: Path) -> Report:
    """A file of `reports/`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report, strict=False)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): name a file of reports/.") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{path} is no report ({error}): name a file of reports/.") from error
