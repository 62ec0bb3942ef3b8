"""Plain pytest in a student's repository: an item for every check, by pytest's own means; nothing anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import junitparser
import pytest
from tiny import mutated

from grader.bundle import read

WRONG = mutated((" + self.bias[:, None, None]", ""))


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest as a student calls it; its plugins are those that are installed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def collected(folder: Path, *arguments: str) -> list[str]:
    out = pytest_in(folder, "--collect-only", "-q", *arguments).stdout
    return [line for line in out.splitlines() if "::" in line]


def expected(folder: Path, file: str) -> set[str]:
    bundles = [read(path) for path in (folder / "bundles").glob("*.bundle")]
    return {f"{file}::{bundle.exercise}::{check.name}" for bundle in bundles for check in bundle.checks}


def test_every_check_of_every_exercise_is_an_item_below_its_file(student: Path) -> None:
    items = collected(student)
    assert len(items) == len({*items})
    assert {*items} == expected(student, "tiny.py")
    assert {item.split("::")[1] for item in collected(student, "-k", "peak")} == {"peak"}
    assert {*collected(student, "tiny.py")} == {*items}
    assert collected(student, "tiny.py::scale::forward") == ["tiny.py::scale::forward"]


def test_a_right_solution_passes_and_a_wrong_one_is_told_without_a_traceback(student: Path) -> None:
    assert pytest_in(student).returncode == 0
    (student / "tiny.py").write_text(WRONG)
    done = pytest_in(student)
    assert done.returncode == 1
    assert "The bias is not added." in done.stdout
    assert "Hint: Add the bias of each channel." in done.stdout
    assert "tiny.py::scale::forward" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "pytest_checks.py" not in done.stdout


def test_x_stops_at_the_first_check_that_fails(student: Path) -> None:
    (student / "tiny.py").write_text(WRONG)
    assert "1 failed" in pytest_in(student, "-x").stdout


def test_junit_by_pytests_own_means_has_the_points(student: Path) -> None:
    (student / "tiny.py").write_text(WRONG)
    pytest_in(student, "--junitxml", "out.xml")
    (suite,) = junitparser.JUnitXml.fromfile(str(student / "out.xml"))
    cases = list(suite)
    assert len(cases) == len(expected(student, ""))
    read_back = dict.fromkeys(("points", "max_points"), 0.0)
    for case in cases:
        for found in case.iterchildren(junitparser.Properties):
            for one in found:
                read_back[one.name] += float(one.value)
    assert read_back == {"points": 22, "max_points": 25}


def test_a_missing_file_is_a_failure_of_the_course_file_and_not_silence(student: Path) -> None:
    (student / "tiny.py").unlink()
    (student / "notebooks" / "tiny.ipynb").unlink()
    assert {*collected(student)} == expected(student, "course.toml")
    done = pytest_in(student)
    assert done.returncode == 1
    assert "tiny.py was not handed in" in done.stdout


def test_a_file_that_does_not_compile_fails_every_check(student: Path) -> None:
    (student / "tiny.py").write_text("def f(:\n")
    done = pytest_in(student)
    assert done.returncode == 1
    assert f"{len(expected(student, ''))} failed" in done.stdout
    assert "Line 1 of tiny.py" in done.stdout


def test_damaged_bundles_are_one_sentence(student: Path) -> None:
    (student / "bundles" / "scale.bundle").write_bytes(b"no bundle")
    done = pytest_in(student)
    assert done.returncode == 2
    assert "take the folder bundles/ from your course anew" in done.stdout
    assert "Traceback" not in done.stdout


def test_from_below_the_folder_too(student: Path) -> None:
    (student / "notes").mkdir()
    assert {*collected(student / "notes", "..")} == {f"../{item}" for item in expected(student, "tiny.py")} or len(
        collected(student / "notes", "..")
    ) == len(expected(student, "tiny.py"))


@pytest.mark.parametrize("missing", ["bundles/LIST", "course.toml"])
def test_a_folder_that_is_no_released_one_is_left_alone(student: Path, missing: str) -> None:
    (student / missing).unlink()
    (student / "test_own.py").write_text("def test_own():\n    pass\n")
    assert collected(student) == ["test_own.py::test_own"]


def test_a_released_folder_inside_another_project_is_left_alone(student: Path, tmp_path: Path) -> None:
    """As `student_template/` in this repository."""
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    assert collected(tmp_path) == ["test_own.py::test_own"]
    assert collected(tmp_path, str(student)) == []


def test_elsewhere_nothing_of_the_grader_is_imported(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import sys\n\ndef test_own():\n    assert not [name for name in sys.modules if name.startswith('grader.')"
        " and name not in ('grader.faces', 'grader.faces.pytest_plugin')]\n"
        "    assert 'grader.faces.pytest_plugin' in sys.modules\n    assert 'numpy' not in sys.modules\n"
    )
    done = pytest_in(tmp_path)
    assert done.returncode == 0, done.stdout
