"""A student repository's workflow and pipeline, run step by step as their hosts would."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import junitparser
import pytest
import yaml
from tiny import REFERENCE, mutated

from grader.authoring import ci
from grader.authoring.template import skeleton

WRONG = mutated((" + self.bias[:, None, None]", ""))


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step as a runner's shell does it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def scripts(steps: list[dict[str, Any]]) -> list[str]:
    return [step["run"] for step in steps if "run" in step and step["run"] != ci.INSTALL]


def test_a_released_folder_has_both_files_and_they_are_yaml(released: Path) -> None:
    for name in (".github/workflows/classroom.yml", ".gitlab-ci.yml"):
        assert yaml.safe_load((released / name).read_text())
    assert "report.xml" in (released / ".gitignore").read_text()


@pytest.mark.parametrize(
    ("work", "points", "status"), [(REFERENCE, 25, 0), (WRONG, 22, 1), (skeleton(REFERENCE), 0, 1)]
)
def test_the_workflow_writes_summary_annotations_report_and_result(
    student: Path, tmp_path: Path, work: str, points: float, status: int
) -> None:
    (student / "tiny.py").write_text(work)
    job = yaml.safe_load((student / ".github/workflows/classroom.yml").read_text())["jobs"]["run-autograding-tests"]
    files = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "output")}
    (step,) = scripts(job["steps"])
    done = run(step, student, GITHUB_WORKSPACE=str(student), **files)
    assert done.returncode == status, done.stderr
    assert f"**{points} of 25 points**" in (tmp_path / "summary").read_text()
    assert done.stdout.count("::error file=tiny.py,line=") == (0 if not status else done.stdout.count("::error "))
    assert bool(status) == ("::error " in done.stdout)
    result = json.loads(base64.b64decode((tmp_path / "output").read_text().removeprefix("result=")))
    assert sum(test["score"] for test in result["tests"]) == points
    suites = junitparser.JUnitXml.fromfile(str(student / "report.xml"))
    assert sum(suite.tests for suite in suites) > 0
    assert (sum(suite.failures for suite in suites) > 0) == bool(status)
    reporter = job["steps"][-1]
    assert reporter["with"]["runners"].upper() + "_RESULTS" in reporter["env"]
    assert "steps.check.outputs.result" in reporter["env"]["CHECK_RESULTS"]
    assert [step.get("id") for step in job["steps"]].count("check") == 1


def test_the_pipeline_of_gitlab_prints_the_report_and_keeps_it(student: Path) -> None:
    (student / "tiny.py").write_text(WRONG)
    job = yaml.safe_load((student / ".gitlab-ci.yml").read_text())["check"]
    (script,) = job["script"]
    done = run(script, student, CI_PROJECT_DIR=str(student))
    assert done.returncode == 1
    assert "22 of 25 points" in done.stdout
    report = student / job["artifacts"]["reports"]["junit"]
    assert report.stat().st_size < 30_000_000
    cases = [(c.classname, c.name) for suite in junitparser.JUnitXml.fromfile(str(report)) for c in suite]
    assert len(cases) == len({*cases})  # GitLab drops others of the same name


def test_only_the_instructors_rerun_counts(
    student: Path, tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a student does to workflow, course file, bundles, conftest.py: a rerun says what it says without."""
    (student / "tiny.py").write_text(WRONG)
    cheat = "import grader.report\ngrader.report.Report.points = 99\nimport os; os._exit(0)\n"
    for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "grader.py"):
        (student / name).write_text(cheat)
    (student / "course.toml").write_text('title = "Tiny"\n[exercises.scale]\npoints = 1000\n')
    (student / ".github/workflows/classroom.yml").write_text("jobs: {}\n")
    for bundle in (student / "bundles").glob("*.bundle"):
        bundle.write_bytes(b"")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    done = run(f"grader grade {student} --out {tmp_path}/out --allow-weak-isolation", tiny_course)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out/reports/student.json").read_text())
    assert (report["points"], report["max_points"]) == (22, 25)
