"""A bundle knows what it was made of: whatever its cases or expected values depend on makes it out of date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import grader
from grader.authoring.provenance import OURS, sources_digest


@pytest.mark.parametrize("changed", OURS)
def test_a_source_of_ours_that_cases_or_values_depend_on_makes_bundles_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    before = sources_digest("topic", b"reference")
    shutil.copytree(Path(grader.__file__).parent, tmp_path / "grader")
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "grader" / "__init__.py"))
    assert sources_digest("topic", b"reference") == before, "wherever it is installed"
    with (tmp_path / "grader" / f"{changed}.py").open("a") as file:
        file.write("# changed\n")
    assert sources_digest("topic", b"reference") != before


def test_spec_and_reference_count_too() -> None:
    assert len({sources_digest(*both) for both in (("a", b"b"), ("a", b"c"), ("b", b"b"))}) == 3
