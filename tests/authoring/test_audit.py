"""`grader audit` tells what exercises are worth and what their checks catch, and complains where that is not so."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny as course
from click.testing import CliRunner
from tiny import REFERENCE, SECRET, TOPIC, Tiny, reference_in

from grader.authoring.audit import Row, markdown, rows_of
from grader.authoring.exam import Exam
from grader.authoring.exercise import Misconception
from grader.course import Course
from grader.faces.cli import cli
from grader.running.workers import Launcher


@pytest.fixture(scope="module")
def rows(workers: Launcher, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    folder = tmp_path_factory.mktemp("audit")
    styles = folder / "variants" / "tiny"
    styles.mkdir(parents=True)
    (styles / "same.py").write_text(REFERENCE)
    (styles / "wrong.py").write_text(REFERENCE.replace(" + self.bias[:, None, None]", ""))
    reference_in(folder, workers)
    topic = TOPIC._replace(exercises=(course.scale, course.peak), misconceptions=TOPIC.misconceptions[:3])
    exam = Exam(topic, workers, SECRET, folder, folder / "variants")
    return {row.exercise: row for row in rows_of(exam, Course(title="tiny"))}


def test_a_row_counts_cases_checks_points_and_what_is_caught(rows: dict[str, Row], tiny: Tiny) -> None:
    row, bundle = rows["scale"], tiny.bundle("scale")
    assert row.cases == len(bundle.cases)
    assert row.visible == sum(case.visible for case in bundle.cases) > 0
    assert row.points == sum(check.points for check in bundle.checks) == sum(points for _, points in row.checks)
    assert [(one.name, one.check, one.named) for one in row.caught] == [
        ("bias forgotten", "forward", True),
        ("gradient averaged", "weights gradient", True),
    ]
    assert all(one.check in one.losing for one in row.caught)


def test_a_variant_that_loses_points_is_a_complaint(rows: dict[str, Row]) -> None:
    assert (rows["scale"].variants, rows["scale"].right) == (2, 1)
    assert "1 correct variants lose points" in rows["scale"].complaints
    assert (rows["peak"].variants, rows["peak"].right) == (2, 2)


def test_a_check_that_loses_points_unannounced_is_a_complaint(rows: dict[str, Row]) -> None:
    (complaint,) = rows["peak"].complaints
    assert "smallest taken: input gradient loses points as well" in complaint


def test_a_misconception_that_loses_in_another_check_is_a_complaint(workers: Launcher, tmp_path: Path) -> None:
    reference_in(tmp_path, workers)
    first = TOPIC.misconceptions[0]
    elsewhere = Misconception("elsewhere", "scale", "weights gradient", "s", "h", first.edits)
    topic = TOPIC._replace(exercises=(course.scale,), misconceptions=(elsewhere,))
    (row,) = rows_of(Exam(topic, workers, SECRET, tmp_path, tmp_path), Course(title="tiny"))
    assert any("loses nothing in 'weights gradient'" in complaint for complaint in row.complaints)


def test_the_table_names_the_check_that_catches_each_misconception(rows: dict[str, Row]) -> None:
    text = markdown(list(rows.values()))
    assert "| forward | " in text and "bias forgotten" in text
    assert "**1 correct variants lose points**" in text
    assert text.count("\n## ") == 2


def test_an_unknown_topic_is_refused_by_name(tiny_course: Path) -> None:
    file = tiny_course / "exercises" / "course.toml"
    done = CliRunner().invoke(cli, ["audit", "no_such", "--course", str(file)])
    assert done.exit_code == 1 or done.exception is not None
    assert "no_such" in str(done.exception)


def test_the_command_prints_the_table_and_writes_the_rest(tiny_course: Path, tmp_path: Path) -> None:
    file, out = tiny_course / "exercises" / "course.toml", tmp_path / "audit.md"
    done = CliRunner().invoke(cli, ["audit", "--course", str(file), "--out", str(out), "--variants", str(tmp_path)])
    assert done.exit_code == 1, done.output  # the tiny course has one complaint
    assert "scale" in done.output and "1 complaint." in done.output
    assert "## " in out.read_text()
