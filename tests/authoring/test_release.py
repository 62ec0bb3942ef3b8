"""What is released is what is committed, and nothing in it gives a solution or a hidden case away."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.freeze import Freezer
from grader.authoring.running import Reference
from grader.authoring.template import skeleton, solution_lines
from grader.authoring.topics import read_topics
from grader.bundle import CHECKSUM, Expected
from grader.course import read_course
from grader.faces import release
from grader.packages import absent
from grader.running.workers import launcher
from grader.workspace import read_bundles

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "student_template"


def files(folder: Path) -> dict[str, bytes]:
    """Name to content of every file; bundles unpacked, since compressors differ."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): content(path) for path in paths}


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    return zlib.decompress(raw[:-CHECKSUM]) if path.suffix == ".bundle" else raw


def every_skeleton() -> str:
    """What students are given of all references: it may be the solution of another topic."""
    return "\n".join(skeleton(path.read_text()) for path in sorted((ROOT / "reference").glob("*.py")))


def released_text() -> str:
    """All that is released as one text, bundles unpacked."""
    return "\n".join(raw.decode("utf-8", "replace") for raw in files(TEMPLATE).values())


@pytest.fixture(scope="module")
def text() -> str:
    return released_text()


def test_the_committed_template_is_what_release_writes(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert release.run(tmp_path / "new", None) == 0
    ours, theirs = files(tmp_path / "new"), files(TEMPLATE)
    assert sorted(ours) == sorted(theirs)
    differing = [name for name in ours if ours[name] != theirs[name]]
    made, stored = (
        {b.exercise: b for b in read_bundles(folder / "bundles")} for folder in (tmp_path / "new", TEMPLATE)
    )
    # Another Python, NumPy or Hypothesis draws other cases: then a bundle must at least be made of the same sources.
    elsewhere = {f"bundles/{name}.bundle" for name in made if made[name].versions != stored[name].versions}
    assert [name for name in differing if name not in elsewhere] == [], "run `make template`"
    assert [name for name in made if made[name].sources != stored[name].sources] == [], "run `make template`"


def test_no_line_of_any_solution_is_released(text):
    lines = {line.strip() for line in text.splitlines()}
    given = {line.strip() for line in every_skeleton().splitlines()}
    for path in sorted((ROOT / "reference").glob("*.py")):
        source = path.read_text()
        secret = {line for line in solution_lines(source) if line not in given and len(line) > 6}
        assert len(secret) >= 3, path.name
        assert secret & lines <= PROSE, path.name


PROSE = {"else:", "return error_tensor", "self.stride = stride"}


def test_no_solution_marker_and_no_misconception_code_is_released(text):
    assert "BEGIN SOLUTION" not in text
    given = every_skeleton()
    for topic in read_topics(ROOT / "exercises"):
        for misconception in topic.misconceptions:
            for _, new in misconception.edits:
                if new not in given and len(new.strip()) > 25:
                    assert new not in text, misconception.name


def test_released_bundles_are_public_and_name_no_secret(text):
    bundles = read_bundles(TEMPLATE / "bundles")
    assert {bundle.kind for bundle in bundles} == {"public"}
    assert not re.search(r"\.grader|hidden/|secret", (TEMPLATE / "course.toml").read_text())


def test_the_released_course_file_asks_for_the_same_points():
    course = read_course(ROOT / "exercises/course.toml")
    theirs = read_course(TEMPLATE / "course.toml")
    for bundle in read_bundles(TEMPLATE / "bundles"):
        points = course.settings(bundle.exercise).points
        assert theirs.settings(bundle.exercise).points == (bundle.max_points if points is None else points)


LATER = [pytest.param(name, marks=pytest.mark.oracle) for name in ("neural_network", "augmentation", "arithmetic")]


@pytest.mark.parametrize("name", ["initializers", "conv", "residual", *LATER])
def test_rebuilding_from_the_stored_cases_changes_nothing(name):
    topics = [topic for topic in read_topics(ROOT / "exercises") if topic.name == name]
    stored = {bundle.exercise: bundle for bundle in read_bundles(TEMPLATE / "bundles")}
    started = launcher(())
    try:
        reference = Reference(ROOT / "reference", started)
        for topic in [topic for topic in topics if not absent(topic.requires)]:
            for exercise in topic.exercises:
                old = stored[exercise.name]
                new = Freezer(topic, exercise, reference, "public", b"").rebuild(old)
                assert new.cases == old.cases
                for ours, theirs in zip(new.plans, old.plans, strict=True):
                    for mine, yours in zip(ours.probes, theirs.probes, strict=True):
                        assert mine.probe.steps == yours.probe.steps
                        for label, expected in yours.expected.items():
                            assert_same(mine.expected[label], expected)
    finally:
        started.close()


def assert_same(new: Expected, old: Expected) -> None:
    assert (new.raised, new.plain) == (old.raised, old.plain)
    if old.array is not None:
        np.testing.assert_allclose(new.array, old.array, rtol=1e-9, atol=1e-12)
