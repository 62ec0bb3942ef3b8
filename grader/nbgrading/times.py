"""When something was handed in, as nbgrader notes it beside the notebooks: `timestamp.txt`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path


def time_of(paths: Iterable[Path], student: str, assignment: str) -> datetime | None:
    """The time of a student's submission in one of nbgrader's folders, a course or its `submitted`."""
    for path in paths:
        for above in (path, path / "submitted"):
            file = above / student / assignment / "timestamp.txt"
            if file.is_file() and (time := read_time(file)):
                return time
    return None


def read_time(file: Path) -> datetime | None:
    """The time in a `timestamp.txt`; None where there is none that nbgrader can read."""
    from nbgrader.utils import parse_utc

    try:
        naive: datetime = parse_utc(file.read_text(encoding="utf-8")[:100].strip())
        return naive.replace(tzinfo=UTC)
    except (OSError, ValueError, OverflowError, AttributeError):
        return None
