"""The same submissions get the same scores however they are graded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from runs import grade, make_class, mixed, results


@pytest.mark.parametrize("jobs", [2, 8])
def test_any_number_of_judges_and_any_order_give_the_same_results(
    root: Path, tmp_path: Path, quiet: dict[str, bytes], jobs: int
) -> None:
    grade(root / "course", root / "class", tmp_path / "out", "--jobs", str(jobs))
    assert results(tmp_path / "out") == quiet


@pytest.mark.oracle
def test_in_another_order_of_work_and_twice_in_a_row_results_are_the_same(
    root: Path, tmp_path: Path, quiet: dict[str, bytes]
) -> None:
    """Names decide the order; what is graded first is stored and not graded again."""
    out, names = tmp_path / "out", sorted(mixed(8), reverse=True)
    for number in (2, 5):
        folder = make_class(tmp_path / f"part{number}", {name: mixed(8)[name] for name in names[:number]})
        grade(root / "course", folder, out, "--jobs", "1", "--only", "peak" if number == 2 else "tiny")
    shutil.rmtree(out / "reports")
    grade(root / "course", root / "class", out, "--jobs", "1")
    assert results(out) == quiet
    grade(root / "course", root / "class", out, "--fresh")
    assert results(out) == quiet
