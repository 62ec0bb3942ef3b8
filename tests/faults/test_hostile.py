"""Hostile submissions cost nobody else a point, and every grading ends by itself."""

from __future__ import annotations

from pathlib import Path

import hostile


def test_hostile_submissions_between_good_ones_change_no_good_score(tmp_path: Path) -> None:
    """The long form, with all of them: python tests/faults/hostile.py --times 50."""
    quick = ("exit", "memory", "closed descriptors", "killed parent", "killed all", "huge array", "killed judge")
    assert hostile.campaign(tmp_path, times=1, names=(*quick, "stopped itself", "forks", "noise")) == 0
