"""An exercise whose package is not installed is left out everywhere, with one sentence, and counts nothing."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console
from tiny import REFERENCE

from grader import packages
from grader.authoring.provenance import is_current, sources_digest
from grader.authoring.topics import read_topic
from grader.bundle import Bundle, encode, read
from grader.course import Course
from grader.errors import CourseError, InputError
from grader.faces.cli import cli
from grader.faces.freeze import freeze_hidden
from grader.faces.gradescope_image import requirements
from grader.faces.release import public_bundles
from grader.notebooks.checking import check_namespace
from grader.workspace import Workspace, open_workspace, read_bundles, write_bundles

WHY = "peak needs no_such_package, which is not installed here"
PRESENT, MISSING = '("click",)', '("no_such_package",)'


def course(root: Path, requires: str) -> Workspace:
    """A course of two topics; the second, `peaks`, requires something."""
    (root / "reference").mkdir(exist_ok=True)
    for topic, exercise in (("tiny", "scale"), ("peaks", "peak")):
        (root / "reference" / f"{topic}.py").write_text(REFERENCE)
        folder = root / "exercises" / topic
        folder.mkdir(parents=True, exist_ok=True)
        needs = f"REQUIRES = {requires}\n" if topic == "peaks" else ""
        (folder / "spec.py").write_text(f"from tiny import {exercise}\n{needs}")
        (folder / "handout.md").write_text(f"# {topic}\n")
    (root / "exercises" / "course.toml").write_text('title = "Left out"\n')
    return open_workspace(root / "exercises" / "course.toml")


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course frozen and released where the package is there."""
    root = tmp_path_factory.mktemp("present")
    workspace, quiet = course(root, PRESENT), Console(quiet=True)
    freeze_hidden(workspace, quiet)
    call = ["release", str(root / "student_template"), "--course", str(workspace.file)]
    assert CliRunner().invoke(cli, call).exit_code == 0
    return root


def without(bundle: Bundle) -> Bundle:
    """The same bundle where the package is not installed."""
    return msgspec.structs.replace(bundle, requires=("no_such_package",)) if bundle.packages else bundle


@pytest.fixture
def lacking(frozen: Path, tmp_path: Path) -> Path:
    """A copy whose bundles require what is not installed."""
    root = tmp_path / "lacking"
    shutil.copytree(frozen, root)
    for folder in (root / ".grader" / "hidden", root / "student_template" / "bundles"):
        write_bundles([without(bundle) for bundle in read_bundles(folder)], folder)
    course(root, MISSING)
    return root


def invoke(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, list(arguments))
    return done.exit_code, " ".join(done.output.split())


def test_a_bundle_names_what_it_requires_and_others_stay_as_they_were(frozen: Path) -> None:
    bundles = {bundle.exercise: bundle for bundle in read_bundles(frozen / ".grader" / "hidden")}
    assert bundles["peak"].packages == ("click",) and bundles["scale"].packages == ()
    assert packages.usable(bundles["peak"]) and not packages.usable(without(bundles["peak"]))


def test_grading_leaves_it_out_with_one_sentence(lacking: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lacking / "class" / "ada").mkdir(parents=True)
    (lacking / "class" / "ada" / "tiny.py").write_text(REFERENCE)
    code, said = invoke(lacking, monkeypatch, "grade", "class", "--jobs", "1", "--allow-weak-isolation")
    assert code == 0 and said.count(WHY) == 1
    with (lacking / "results" / "scores.csv").open(newline="") as rows:
        assert [(row["exercise"], row["verdict"]) for row in csv.DictReader(rows)] == [("scale", "pass")]
    report = json.loads((lacking / "results" / "reports" / "ada.json").read_text())
    assert [result["exercise"] for result in report["exercises"]] == ["scale"]


def test_grading_nothing_else_is_an_error_of_the_call(lacking: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lacking / "class").mkdir()
    monkeypatch.chdir(lacking)
    done = CliRunner().invoke(cli, ["grade", "class", "--only", "peaks", "--allow-weak-isolation"])
    assert isinstance(done.exception, InputError) and WHY in " ".join(done.output.split())


def test_a_student_is_told_and_the_exit_status_is_that_of_the_others(
    lacking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = lacking / "student_template"
    (home / "tiny.py").write_text(REFERENCE)
    code, said = invoke(home, monkeypatch, "check")
    assert code == 0 and said.count(WHY) == 1 and "1 of 1 exercises pass" in said
    code, said = invoke(home, monkeypatch, "check", "scale")
    assert code == 0 and WHY not in said
    code, said = invoke(home, monkeypatch, "check", "peaks.py")
    assert code == 0 and WHY in said and "0 of 0 points" in said


def test_pytest_skips_the_file_and_a_notebook_is_told(lacking: Path) -> None:
    home = lacking / "student_template"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", "peaks.py"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True)
    assert WHY in " ".join(done.stdout.split()) and "error" not in done.stdout.lower(), done.stdout
    assert WHY in check_namespace(["peak"], {}, home).problem


def test_freezing_goes_on_without_it_and_what_is_frozen_stays(
    lacking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (lacking / ".grader" / "hidden" / "peak.bundle").read_bytes()
    code, said = invoke(lacking, monkeypatch, "freeze")
    assert code == 0 and WHY in said and "1 hidden bundle " in said
    assert (lacking / ".grader" / "hidden" / "peak.bundle").read_bytes() == before


def test_a_course_that_was_frozen_without_it_says_how_to_get_it(tmp_path: Path) -> None:
    workspace = course(tmp_path, MISSING)
    freeze_hidden(workspace, Console(quiet=True))
    stub = read(workspace.hidden / "peak.bundle")
    assert not stub.plans and stub.max_points > 0
    there = msgspec.structs.replace(stub, requires=("click",))
    (note,) = packages.notes(workspace.course, [there])
    assert "grader freeze --only peak" in note


def test_a_release_keeps_the_stored_cases_that_cannot_be_made_here(lacking: Path) -> None:
    workspace = open_workspace(lacking / "exercises" / "course.toml")
    folder, topic = lacking / "student_template" / "bundles", read_topic(lacking / "exercises" / "peaks")
    assert [bundle.exercise for bundle in public_bundles(workspace, Console(quiet=True))] == ["scale"], "it is stale"
    digest = sources_digest(topic.digest, (workspace.reference / "peaks.py").read_bytes())
    write_bundles(
        [msgspec.structs.replace(b, sources=digest) if b.packages else b for b in read_bundles(folder)], folder
    )
    assert is_current(read(folder / "peak.bundle"), topic.digest, workspace.reference)
    for fresh in (False, True):
        made = {bundle.exercise: bundle for bundle in public_bundles(workspace, Console(quiet=True), fresh)}
        assert encode(made["peak"]) == (folder / "peak.bundle").read_bytes()


def test_a_gradescope_image_installs_what_its_exercises_require(lacking: Path) -> None:
    assert "no_such_package" in requirements(open_workspace(lacking / "exercises" / "course.toml"))


def test_requirements_that_are_no_tuple_of_names_are_refused(tmp_path: Path) -> None:
    workspace = course(tmp_path, '"torch"')
    with pytest.raises(CourseError, match="REQUIRES is 'torch', expected a tuple"):
        read_topic(workspace.source / "peaks")


def test_renames_of_the_course_do_not_hold_where_a_library_gives_the_names(frozen: Path) -> None:
    bundles = read_bundles(frozen / ".grader" / "hidden")
    course = Course("t", names={"forward": "vorwaerts", "Peak": "Gipfel"})
    names = course.all_names(bundles)
    assert names["peak"] == {"Peak": "Gipfel"}
    assert names["scale"]["forward"] == "vorwaerts"


def test_a_file_that_one_exercise_needs_a_package_for_may_import_it_in_all(
    frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = frozen / "one"
    (root / "class" / "ada").mkdir(parents=True)
    (root / "class" / "ada" / "own.py").write_text(f"import click\nclick.style('x')\n{REFERENCE}")
    (root / "one.toml").write_text(
        f'title = "One"\nsource = "{frozen / "exercises"}"\n[files]\ntiny = "own.py"\npeaks = "own.py"\n'
    )
    code, said = invoke(root, monkeypatch, "grade", "class", "--course", "one.toml", "--allow-weak-isolation")
    report = json.loads((root / "results" / "reports" / "ada.json").read_text())
    assert code == 0 and [result["verdict"] for result in report["exercises"]] == ["pass", "pass"], said
    assert [result.get("notes", []) for result in report["exercises"]] == [[], []]
