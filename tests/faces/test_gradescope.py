"""The autograder for Gradescope, run by its own script in a folder laid out as Gradescope's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tiny import REFERENCE, mutated

from grader.faces import gradescope, gradescope_image
from grader.faces.gradescope import results
from grader.report import CheckResult, Evidence, ExerciseResult, Finding, Isolation, Report, Shown, total

WRONG = mutated((" + self.bias[:, None, None]", ""))
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
TOP = {
    *("score", "execution_time", "output", "output_format", "test_output_format", "test_name_format"),
    *("visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"),
}
TEST = {
    *("score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags"),
    *("visibility", "extra_data"),
}


@pytest.fixture(scope="module")
def image(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip of the tiny course."""
    folder = tmp_path_factory.mktemp("image")
    gradescope_image.run(folder, tiny_course / "exercises" / "course.toml", "visible", True)
    return folder / "autograder.zip"


@pytest.fixture
def autograder(image: Path, tmp_path: Path) -> Path:
    """/autograder, and an environment in the place of that which setup.sh makes."""
    root = tmp_path / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(image) as packed:
        packed.extractall(root / "source")
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "run_autograder").chmod(0o755)
    users = [{"name": "Ada", "email": "a@x", "id": 1}]
    (root / "submission_metadata.json").write_text(json.dumps({"id": 1, "users": users}))
    home = tmp_path / "home" / "bin"
    home.mkdir(parents=True)
    (home / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (home / "python").chmod(0o755)
    return root


def run(root: Path, home: Path | None = None) -> dict[str, Any]:
    """The script as Gradescope runs it; what it has written."""
    environment = {**os.environ, "GRADER_HOME": str(home or root.parent / "home")}
    done = subprocess.run(
        [str(root / "run_autograder")], cwd=root, env=environment, capture_output=True, text=True, timeout=300
    )
    data = json.loads((root / "results" / "results.json").read_text())
    valid(data)
    data["stdout"] = done.stdout
    return data


def valid(data: dict[str, Any]) -> None:
    """The rules of Gradescope's specification."""
    assert {*data} <= TOP
    assert isinstance(data["score"], int | float)
    assert data.get("visibility", "visible") in VISIBILITIES
    assert data.get("output_format", "text") in {"text", "html", "simple_format", "md", "ansi"}
    for test in data.get("tests", []):
        assert {*test} <= TEST
        assert test["status"] in {"passed", "failed"}
        assert test["visibility"] in VISIBILITIES
        assert 0 <= test["score"] <= test["max_score"]
        assert isinstance(test["output"], str) and isinstance(test["name"], str)


def test_the_script_grades_with_a_test_for_each_check_and_names_the_rung(autograder: Path) -> None:
    (autograder / "submission" / "tiny.py").write_text(WRONG)
    data = run(autograder)
    assert data["score"] == 22 == total(test["score"] for test in data["tests"]), data
    assert total(test["max_score"] for test in data["tests"]) == 25 == data["extra_data"]["max_points"]
    assert {test["visibility"] for test in data["tests"]} == {"visible"}
    assert data["stdout_visibility"] == "hidden"
    assert data["extra_data"]["isolation"]["rung"] in (0, 1, 2, 3)
    failing = [test for test in data["tests"] if test["status"] == "failed"]
    assert any("The bias is not added." in test["output"] for test in failing)
    assert len({test["number"] for test in data["tests"]}) == len(data["tests"])
    (autograder / "submission" / "tiny.py").write_text(REFERENCE)
    assert run(autograder)["score"] == 25


@pytest.mark.parametrize("work", ["import os; os._exit(0)\n", "def f(:\n", None, "while True: pass\n"])
def test_whatever_is_handed_in_gets_valid_results(autograder: Path, work: str | None) -> None:
    if work is not None:
        (autograder / "submission" / "tiny.py").write_text(work)
    with (autograder / "source" / "course" / "course.toml").open("a") as course:
        course.write("\n[limits]\ncpu_seconds = 0.3\n")
    data = run(autograder)
    assert data["score"] == 0
    assert data["tests"]
    assert gradescope.FAILED not in data["output"]


def test_folders_in_a_submission_do_not_make_it_a_class(autograder: Path) -> None:
    for name, work in {"ada": REFERENCE, "bela": WRONG, "carla": WRONG}.items():
        (autograder / "submission" / name).mkdir()
        (autograder / "submission" / name / "tiny.py").write_text(work)
    assert run(autograder)["score"] in (22, 25)


def test_a_submission_cannot_write_results(autograder: Path) -> None:
    forged = '{"score": 1000}'
    target = autograder / "results" / "results.json"
    (autograder / "submission" / "tiny.py").write_text(f"open({str(target)!r}, 'w').write({forged!r})\n" + WRONG)
    assert run(autograder)["score"] == 22  # what it earns: the line is refused, and the rest still counts


def test_a_failure_of_ours_leaves_valid_results_that_say_so(autograder: Path, tmp_path: Path) -> None:
    (autograder / "submission" / "tiny.py").write_text(REFERENCE)
    bundle = autograder / "source" / "course" / "bundles" / "scale.bundle"
    bundle.write_bytes(b"damaged")
    data = run(autograder)
    assert (data["score"], data["output"]) == (0, gradescope.FAILED)
    assert "scale.bundle" in data["stdout"]
    data = run(autograder, tmp_path / "no environment")
    assert data["score"] == 0
    assert "your instructor will run it again" in data["output"]


@pytest.mark.parametrize("feedback", ["full", "hint", "score"])
def test_what_students_read_follows_the_feedback_policy(feedback: str) -> None:
    secret = Evidence(got=Shown("SECRET", (1,), "float64", (1.0,)), expected=Shown("SECRET", (1,), "float64", (2.0,)))
    found = Finding(
        "values", "The output is SECRET 3.14159. (3 of 4 cases)", "Look at SECRET 3.14159.", evidence=secret
    )
    check = CheckResult("forward", "partial", 1.5, 3, 1, 4, (found,))
    exercise = ExerciseResult("scale", "Scaling", "tiny.py", "partial", 1.5, 3, (check,))
    data = results(Report("ada", "Tiny", (exercise,), (), Isolation(3), {}, feedback), "after_published")
    valid(data)
    (test,) = data["tests"]
    assert test["visibility"] == data["visibility"] == "after_published"
    assert ("SECRET" in test["output"]) == (feedback == "full")
    assert (test["output"] == "") == (feedback == "score")
    assert data["score"] == 1.5


def test_the_zip_holds_no_secret_no_spec_and_no_reference(image: Path, tiny_course: Path) -> None:
    with zipfile.ZipFile(image) as packed:
        names = packed.namelist()
        assert {"setup.sh", "run_autograder", "requirements.txt", "course/course.toml"} <= {*names}
        assert not [name for name in names if name.endswith("spec.py") or "reference" in name or "__pycache__" in name]
        assert packed.getinfo("run_autograder").external_attr >> 16 == 0o755
        needed = packed.read("requirements.txt").decode()
        text = b"\n".join(packed.read(name) for name in names)
    secret = (tiny_course / ".grader" / "secret").read_bytes().strip()
    assert secret not in text
    assert "numpy" in needed and "msgspec" in needed and "extra" not in needed


def test_set_up_makes_an_environment_with_what_is_needed(autograder: Path, tmp_path: Path) -> None:
    """With stand-ins for apt-get and python3: what they are asked for."""
    tools, log = tmp_path / "tools", tmp_path / "log"
    tools.mkdir()
    python = (
        f'#!/bin/sh\necho "$0 $*" >> {log}\n'
        f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi\n'
        'if [ "$1" = -c ] && [ "$(basename "$0")" = python3 ]; then exit 1; fi\nexit 0\n'
    )
    for name in ("apt-get", "python3", "python3.11"):
        (tools / name).write_text(python)
        (tools / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "GRADER_HOME": str(tmp_path / "made")}
    subprocess.run(["bash", str(autograder / "source" / "setup.sh")], env=environment, check=True, timeout=60)
    lines = log.read_text().splitlines()
    assert any("apt-get install" in line and "bubblewrap" in line for line in lines)
    assert any("apt-get install" in line and "python3.11-venv" in line for line in lines)
    assert lines[-1].startswith(str(tmp_path / "made/bin/python"))
    assert lines[-1].endswith(f"-r {autograder}/source/requirements.txt")
