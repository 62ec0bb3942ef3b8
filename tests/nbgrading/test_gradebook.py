"""`grader grade --gradebook`: what nbgrader then holds is what our own tables say, and people's work in it stays."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from classroom import NAME, Class

pytest.importorskip("nbgrader", reason="nbgrader is not installed (extra `nbgrader`)")

from nbgrader.api import Gradebook
from sqlalchemy import create_engine, inspect, text

from grader.errors import InputError, StoreError
from grader.faces import grade, override
from grader.keeping.results import read_results
from grader.nbgrading.telling import comment
from grader.nbgrading.times import read_time
from grader.report import CheckResult, ExerciseResult, Finding, Report

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own


@pytest.fixture(autouse=True)
def unprotected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grade, "protect_memory", lambda: None)


def regrade(course: Class, url: str = "", assignment: str = "", only: tuple[str, ...] = ()) -> None:
    submitted = [course.course / "submitted"]
    results = Path("results")
    assert grade.run(submitted, None, results, 1, only, False, False, True, url or course.url, assignment) == 0


def dump(url: str) -> dict[str, list[str]]:
    """Everything in a database."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = inspect(engine).get_table_names()
        found = {name: connection.execute(text(f"select * from {name}")).all() for name in tables}
    engine.dispose()
    return {name: sorted(repr(tuple(row)) for row in rows) for name, rows in found.items()}


def totals(url: str, assignment: str = NAME) -> dict[str, float]:
    """Totals as nbgrader's own export makes them: the score less what being late costs."""
    with Gradebook(url) as gradebook:
        found = gradebook.assignment_submissions(assignment)
        return {one.student.id: round(max(0.0, one.score - one.late_submission_penalty), 2) for one in found}


def ours() -> dict[str, float]:
    return {report.submission: report.points for report in read_results(Path("results"))}


def by_hand(submission: str, exercise: str | None = None, **more: Any) -> None:
    options = {"points": None, "reason": "", "remove": False, "submitted": None, "submitted_from": None}
    override.run(submission, exercise, **{**options, **more}, results=Path("results"), course=None)


def agree(course: Class, url: str, assignment: str = NAME) -> None:
    regrade(course, url)
    assert totals(url, assignment) == ours()
    before = dump(url)
    regrade(course, url)
    assert dump(url) == before


def test_totals_agree_and_a_second_run_changes_nothing(course: Class) -> None:
    agree(course, course.url)
    assert ours()["ada"] == ours()["cem"] == 25 > ours()["bela"] > ours()["dora"] == 0
    course.nbgrader("export")
    rows = (course.course / "grades.csv").read_text()
    assert f"bela,,,,{ours()['bela']},0.0,{ours()['bela']},25.0" in rows


def test_a_new_gradebook_gets_the_cells_of_the_released_one(course: Class, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    agree(course, url)
    tables = ("grade_cells", "solution_cells", "source_cell", "notebook")
    for table in tables:
        columns = ["name", "cell_type", "locked", "source", "checksum", "max_score", "kernelspec"]
        assert _named(url, table, columns) == _named(course.url, table, columns)


def _named(url: str, table: str, columns: list[str]) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        there = {column["name"] for column in inspect(engine).get_columns(table)}
        wanted = ", ".join(column for column in columns if column in there) or "count(*)"
        return sorted(map(repr, connection.execute(text(f"select {wanted} from {table}")).all()))


def test_what_graders_set_by_hand_stays(course: Class) -> None:
    regrade(course)
    with Gradebook(course.url) as gradebook:
        score = gradebook.find_grade("check-scale", "tiny", NAME, "bela")
        auto, score.manual_score, score.extra_credit = score.auto_score, 13.0, 0.5
        gradebook.find_comment("solution-Scale", "tiny", NAME, "bela").manual_comment = "Well tried."
        gradebook.db.commit()
    before = dump(course.url)
    regrade(course)
    assert dump(course.url) == before
    by_hand("bela", "scale", points=9.0)
    regrade(course)
    with Gradebook(course.url) as gradebook:
        score = gradebook.find_grade("check-scale", "tiny", NAME, "bela")
        assert (score.auto_score, score.manual_score, score.score) == (9.0, 13.0, 13.5) and auto != 9.0
        assert score.needs_manual_grade  # as after `nbgrader autograde`: a grader looks again
        assert gradebook.find_comment("solution-Scale", "tiny", NAME, "bela").comment == "Well tried."


def test_comments_tell_findings_as_students_may_see_them(course: Class) -> None:
    regrade(course)
    with Gradebook(course.url) as gradebook:
        comments = {who: gradebook.find_comment("solution-Scale", "tiny", NAME, who).comment for who in ours()}
    assert "11 of 14 points.\n\nforward: The bias is not added." in comments["bela"] and comments["ada"] is None
    assert comments["dora"].endswith("Still to be written.")


def test_a_comment_is_text_whatever_a_submission_raises() -> None:
    finding = Finding("raised", "<img src=x onerror=alert(1)> [x](javascript:alert(1)) $x$ \x1b[1m", visible=True)
    check = CheckResult("value", "fail", 0.0, 1.0, findings=(finding,))
    result = ExerciseResult("scale", "Scale", "tiny.py", "fail", 0.0, 1.0, (check,), ("a <b> note",))
    said = comment(Report("ada", "Tiny", (result,)), [result]) or ""
    assert "&lt;img" in said and "<" not in said and r"\[x\]" in said and r"\$x\$" in said and "\x1b" not in said


def test_overrides_and_the_late_policy_end_in_the_same_totals(course: Class) -> None:
    late = "[late]\ndeadline = 2026-11-30T23:59:00Z\nper_day = 0.1\nmost = 0.5\n"
    (course.repository / "exercises" / "course.toml").write_text(f'title = "Tiny"\n{late}')
    regrade(course)
    by_hand("ada", points=17.77, reason="an oral exam")
    by_hand("bela", submitted="2026-12-03T10:00:00Z")
    by_hand("cem", "peak", points=3.33)
    by_hand("dora", points=4.0)
    agree(course, course.url)
    assert ours()["ada"] == 17.77 and ours()["dora"] == 4 and ours()["cem"] == 20.33
    with Gradebook(course.url) as gradebook:
        assert gradebook.find_submission(NAME, "bela").timestamp == datetime(2026, 12, 3, 10)
        assert gradebook.find_submission(NAME, "bela").late_submission_penalty > 0
        assert "an oral exam" in gradebook.find_comment("solution-Scale", "tiny", NAME, "ada").comment
    by_hand("bela", submitted="")
    by_hand("ada", remove=True)
    agree(course, course.url)
    assert ours()["ada"] == 25


def test_the_time_that_nbgrader_has_noted_is_kept(course: Class) -> None:
    file = course.course / "submitted" / "ada" / NAME / "timestamp.txt"
    file.write_text("2026-11-02 14:58:23.948203 Europe/Berlin")
    regrade(course)
    with Gradebook(course.url) as gradebook:
        assert gradebook.find_submission(NAME, "ada").timestamp == datetime(2026, 11, 2, 13, 58, 23, 948203)
    file.write_text("yesterday")
    assert read_time(file) is None


def test_cells_and_points_that_came_later_are_added(course: Class) -> None:
    regrade(course)
    with Gradebook(course.url) as gradebook:
        for submission in gradebook.assignment_submissions(NAME):
            for row in [g for book in submission.notebooks for g in book.grades if g.name == "check-peak"]:
                gradebook.db.delete(row)
        gradebook.db.delete(gradebook.find_grade_cell("check-peak", "tiny", NAME))
        gradebook.db.delete(gradebook.find_source_cell("check-peak", "tiny", NAME))
        gradebook.db.commit()
    file = course.repository / "exercises" / "course.toml"
    file.write_text('title = "Tiny"\n[exercises.doubling]\npoints = 6\n')
    agree(course, course.url)
    with Gradebook(course.url) as gradebook:
        assert gradebook.find_grade_cell("check-doubling", "tiny", NAME).max_score == 6
        assert gradebook.find_assignment(NAME).max_score == 28


def test_the_assignment_is_found_by_its_cells_or_made(course: Class, tmp_path: Path) -> None:
    shutil.copy(course.course / "gradebook.db", tmp_path / "copy.db")
    url = f"sqlite:///{tmp_path / 'copy.db'}"
    with Gradebook(url) as gradebook:
        gradebook.find_assignment(NAME).name = "week-3"
        gradebook.db.commit()
    regrade(course, url)
    assert totals(url, "week-3") == ours()
    regrade(course, url, "week-4")
    assert totals(url, "week-4") == ours()


def test_what_is_wrong_with_a_gradebook_is_one_sentence(course: Class, tmp_path: Path) -> None:
    for url in ("gradebook.db", "nosql://x", "postgresql+psycopg2:/x"):
        with pytest.raises((InputError, StoreError), match=r"^('|The gradebook)[^\n]*\.$"):
            regrade(course, url)
    with pytest.raises(StoreError, match="cannot be read or written"):
        regrade(course, f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    with pytest.raises(StoreError, match="cannot be read or written"):
        (tmp_path / "text.db").write_text("no database at all, but long enough to be taken for one" * 20)
        regrade(course, f"sqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(InputError, match="leave out --only"):
        regrade(course, only=("scale",))
    holder = sqlite3.connect(course.course / "gradebook.db")
    holder.execute("begin exclusive")
    with pytest.raises(StoreError, match=r"database is locked.*close the program that holds it"):
        regrade(course)
    holder.rollback()
    holder.close()
    assert not Path("results", "scores.csv").exists()


def test_without_the_extra_the_command_says_what_to_install(course: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"install it with `python -m pip install 'cnn-grader\[nbgrader\]'`"):
        regrade(course)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A server of our own on a socket, as Debian installs it; the URL of a database of it."""
    pytest.importorskip("psycopg2", reason="psycopg2 is not installed")
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql)")
    with tempfile.TemporaryDirectory() as folder:
        account: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if account:
            shutil.chown(folder, "postgres", "postgres")
        options: dict[str, Any] = {"cwd": folder, "check": True, "capture_output": True, **account}
        data = Path(folder, "data")
        subprocess.run([binaries[-1] / "initdb", "-A", "trust", "-U", "grader", "-D", data], **options)
        sockets = f"-c listen_addresses='' -k {folder}"
        control = [binaries[-1] / "pg_ctl", "-w", "-D", data, "-l", Path(folder, "log")]
        subprocess.run([*control, "-o", sockets, "start"], **options)
        try:
            yield f"postgresql+psycopg2://grader:secret@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "-m", "fast", "stop"], **options)


def test_postgresql_holds_the_same(course: Class, postgresql: str) -> None:
    agree(course, postgresql)
    with Gradebook(postgresql) as gradebook, Gradebook(course.url) as other:
        regrade(course)
        for student in ours():
            one, two = gradebook.find_submission(NAME, student), other.find_submission(NAME, student)
            assert {g.name: g.score for n in one.notebooks for g in n.grades} == {
                g.name: g.score for n in two.notebooks for g in n.grades
            }


def test_a_password_is_not_shown(course: Class, postgresql: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(StoreError) as caught:
        regrade(course, postgresql.replace("/postgres?", "/nowhere?"))
    assert "secret" not in str(caught.value) and "nowhere" in str(caught.value)
    regrade(course, postgresql)
    assert "secret" not in capsys.readouterr().out
