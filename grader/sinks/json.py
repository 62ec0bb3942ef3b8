"""The report as JSON, as the files of `results/reports/` have it."""

from __future__ import annotations

import msgspec

from grader.keeping.tables import as_data

from . import Checked


def render(checked: Checked) -> str:
    """The report with its totals."""
    return msgspec.json.format(msgspec.json.encode(as_data(checked.report)), indent=2).decode() + "\n"
