"""The tiny course as a course of the real nbgrader, released once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from classroom import NAME, NOISY, WRONG, Class, student_version, written
from tiny import REFERENCE


@pytest.fixture(scope="session")
def made(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Released, with four submissions: right, wrong, untouched, and right but noisy."""
    pytest.importorskip("nbgrader", reason="nbgrader is not installed (extra `nbgrader`)")
    from grader.faces import release

    root = tmp_path_factory.mktemp("nbgrader")
    shutil.copytree(tiny_course, root / "repository")
    found = Class(root / "repository", root / "course")
    file = found.repository / "exercises" / "course.toml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        patch.chdir(found.repository)
        assert release.run(found.course, file, True, NAME) == 0
    for student, work in {"ada": REFERENCE, "bela": WRONG, "cem": NOISY}.items():
        found.hand_in(student, written(student_version(found), found.source(), work))
    found.hand_in("dora", student_version(found))
    return found


@pytest.fixture
def course(made: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    """A copy of it, for a test alone."""
    shutil.copytree(made.repository, tmp_path / "repository")
    shutil.copytree(made.course, tmp_path / "course")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.chdir(tmp_path / "repository")
    config = tmp_path / "course" / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.Judged.allow_weak_isolation = True\n")
    return Class(tmp_path / "repository", tmp_path / "course")
