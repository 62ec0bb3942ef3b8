"""Gradebooks get what the reports say, to the last digit, and nobody is dropped."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from grader.errors import InputError
from grader.faces import export
from grader.gradebooks import Grades, formats, render
from grader.gradebooks.roster import Roster, match, read_roster
from grader.keeping.tables import write_tables
from grader.report import Adjustment, ExerciseResult, Report

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz (7),Tiny (42),Final Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,5,25,(read only)\n"
    '"Doe, Jane",101,s1,jdoe,A,3,,80\n'
    '"Müller, Bär",102,s2,bmueller,A,4,,81\n'
    '"Roe, Rick",103,s3,rroe,A,,12,82\n'
    '"Student, Test",,,test,A,,,\n'
)
WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    "Participant 567,Jane Doe,1,jane@x.org,Submitted,,25.00,Yes,-,-,\n"
    "Participant 568,Bär Müller,2,bm@x.org,Submitted,,25.00,Yes,-,-,old\n"
    "Participant 569,Rick Roe,3,rick@x.org,No submission,,25.00,No,-,-,\n"
)


def report(name: str, *points: float, verdict: str = "fail", adjustments: tuple[Adjustment, ...] = ()) -> Report:
    results = tuple(
        ExerciseResult(f"e{n}", f"E{n}", "tiny.py", verdict, one, 12.5) for n, one in enumerate(points, start=1)
    )
    return Report(name, "Tiny", results, adjustments=adjustments)


LATE = (Adjustment("late", "", -2.25, 22.5, "1 day late"),)
BAR = report("mullerbar", 10, 12.5, adjustments=LATE)
CANVAS_CLASS = [report("doejane_101", 12.33, 0.34), BAR, report("who", 1, 2)]


@pytest.fixture
def exported(tmp_path: Path):
    """Runs an export of a class and reads the file back, and the list beside it."""

    def run(name: str, reports: list[Report], roster: str | None = None) -> tuple[str, list[dict[str, str]]]:
        write_tables(reports, tmp_path / "results")
        people = None
        if roster is not None:
            people = tmp_path / "roster.csv"
            people.write_text(roster, encoding="utf-8")
        out = tmp_path / f"grades.{name}"
        export.run(name, out, tmp_path / "results", people, None)
        beside = tmp_path / "grades-unmatched.csv"
        listed = rows_of(beside.read_text()) if beside.exists() else []
        return out.read_bytes().decode(), listed

    return run


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_canvas_gets_its_own_columns_and_the_reports_points(exported) -> None:
    text, listed = exported("canvas", CANVAS_CLASS[:2], CANVAS)
    rows = rows_of(text)
    assert list(rows[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Tiny (42)"]
    assert rows[0]["Student"] == "    Points Possible"
    assert rows[0]["Tiny (42)"] == "25"
    grades = {row["ID"]: row["Tiny (42)"] for row in rows[1:]}
    assert grades == {"101": "12.67", "102": "20.25", "103": ""}
    assert [row["person"] for row in listed] == ["Roe, Rick"]


def test_who_fits_nobody_is_listed_with_points_and_stays_in_csv_and_json(exported) -> None:
    _, listed = exported("canvas", CANVAS_CLASS, CANVAS)
    assert (listed[0]["submission"], listed[0]["points"]) == ("who", "3")
    assert "nobody" in listed[0]["why"]
    text, _ = exported("csv", CANVAS_CLASS, CANVAS)
    assert {row["submission"] for row in rows_of(text)} == {"doejane_101", "mullerbar", "who", ""}
    data = json.loads(exported("json", CANVAS_CLASS, CANVAS)[0])
    assert list(data["unmatched"]) == ["who"]
    assert [person["ID"] for person in data["without_submission"]] == ["103"]


def test_the_worksheet_of_moodle_is_filled_in_and_otherwise_as_it_was(exported) -> None:
    people = [report("Jane Doe_567", 12.33, 0.34), report("Bär Müller_568", 10, 12.5, adjustments=LATE)]
    text, listed = exported("moodle", [*people, report("Rick Roe_569", 1, 1)], WORKSHEET)
    rows = rows_of(text)
    assert text.count("\r\n") == 4 == text.count("\n")
    assert list(rows[0]) == list(rows_of(WORKSHEET)[0])
    assert [row["Grade"] for row in rows] == ["12.67", "20.25", ""]  # the last one's cannot be changed
    assert rows[0]["Feedback comments"].startswith("e1 12.33/12.5; e2 0.34/12.5")
    assert "1 day late" in rows[1]["Feedback comments"]
    assert [row["Status"] for row in rows] == [row["Status"] for row in rows_of(WORKSHEET)]
    assert [row["submission"] for row in listed] == ["Rick Roe_569"]


def test_without_a_worksheet_moodle_gets_a_file_for_grade_import(exported) -> None:
    roster = "First name,Last name,ID number,Email address\nJane,Doe,1,jane@x.org\n"
    (row,) = rows_of(exported("moodle", [report("jane", 12.33, 0.34)], roster)[0])
    assert row["Email address"] == "jane@x.org"
    assert row["Grade"] == "12.67"
    assert list(row)[-2:] == ["Grade", "Feedback comments"]


def read_back(name: str, text: str) -> dict[str, float]:
    """Submission to total, as the file says."""
    if name == "json":
        return {r["submission"]: r["points"] for r in json.loads(text)["results"]}
    rows = rows_of(text)
    columns = {"canvas": ("SIS Login ID", "Tiny"), "moodle": ("Username", "Grade")}
    key, points = columns.get(name, ("submission", "points"))
    return {row[key]: float(row[points]) for row in rows if row[key]}


@pytest.mark.parametrize("name", formats())
def test_totals_agree_to_the_last_digit_in_every_format(exported, name: str) -> None:
    values = [0.1, 0.2, 1 / 3, 2.675, 12.5, 7.07, 1e-3, 0.0]
    pairs = zip(values, values[::-1], strict=True)
    class_ = [report(f"s{n}", round(a, 2), round(b, 2)) for n, (a, b) in enumerate(pairs)]
    class_.append(report("late", 10, 12.5, adjustments=LATE))
    text, listed = exported(name, class_)
    assert read_back(name, text) == {one.submission: one.points for one in class_}
    assert listed == []
    if name == "csv":
        for row in rows_of(text):
            parts = [float(row[key]) for key in ("e1", "e2", "adjusted")]
            assert round(sum(parts), 2) == float(row["points"])


def test_a_grade_that_wants_a_rerun_is_blank_and_listed(exported) -> None:
    broken = report("jdoe", 5, 5, verdict="grader fault")
    text, listed = exported("canvas", [broken], CANVAS)
    assert {row["Tiny (42)"] for row in rows_of(text)[1:]} == {""}
    assert "run `grader grade` again" in listed[0]["why"]


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("doejane_101_x", ""),
        ("doejane_101", "Doe, Jane"),
        ("doejane", "Doe, Jane"),
        ("Jane Doe", "Doe, Jane"),
        ("Jane Doe_999", "Doe, Jane"),
        ("JDOE", "Doe, Jane"),
        ("mullerbar_102", "Müller, Bär"),
        ("someone_103", "Roe, Rick"),
        ("103", "Roe, Rick"),
        ("jane", ""),
    ],
)
def test_whose_a_submission_is(tmp_path: Path, name: str, person: str) -> None:
    (tmp_path / "r.csv").write_text(CANVAS, encoding="utf-8")
    roster = read_roster(tmp_path / "r.csv")
    found = match([name], roster)
    assert [roster.name(row) for row in found.submission_of] == ([person] if person else [])
    assert bool(found.unmatched) == (not person)


def test_a_column_called_submission_wins_and_doubt_is_never_decided(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("submission;name;login\nteam-7;Jane Doe;jd\n;Jane Doe;jd2\n;Rick Roe;rr\n")
    roster = read_roster(path)
    found = match(["team-7", "janedoe", "rr", "rickroe"], roster)
    assert found.submission_of == {0: "team-7"}
    assert "several fit" in found.unmatched["janedoe"]
    assert "several submissions: rickroe, rr" in found.unmatched["rr"]
    assert found.absent == [1, 2]


def test_nobody_is_ever_on_both_sides_or_on_none() -> None:
    header = ("name", "login")
    roster = Roster(header, (("A B", "x"), ("B A", "y"), ("C D", "ab")), (0, 1, 2))
    names = ["ab", "x", "y", "cd", "z_1", "-"]
    found = match(names, roster)
    assert {*found.submission_of.values()} | {*found.unmatched} == {*names}
    assert len(found.submission_of) + len(found.unmatched) == len(names)
    assert {*found.submission_of} | {*found.absent} == {0, 1, 2}


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Student,ID,ID\nx,1,2\n"])
def test_a_roster_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(InputError):
        read_roster(tmp_path / "r.csv")


def test_a_folder_without_results_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--results"):
        export.run("csv", tmp_path / "x.csv", tmp_path, None, None)


def test_names_of_submissions_become_no_formulas() -> None:
    grades = Grades([report("=1+1", 1, 1), report("@x", 1, 1)], Roster(), match([], Roster()), "=T")
    for name in ("canvas", "moodle", "csv"):
        rows = rows_of(render(name, grades))
        assert len(rows) >= 2
        for row in rows:
            assert not [value for value in (*row, *row.values()) if value.startswith(("=", "@", "+"))]
