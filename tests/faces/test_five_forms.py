"""One class, in five forms: the same scores in each, and the same totals in everything that is written about them."""

from __future__ import annotations

import base64
import csv
import json
import re
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import forms
import junitparser
import pytest
from core_topics import CORE
from forms import FORMS, Class, full_name, number
from rich.console import Console

from grader.authoring.layout import Layout
from grader.faces import check, demo, export, gradescope, gradescope_image
from grader.faces import grade as grading
from grader.faces.freeze import freeze_hidden
from grader.keeping.results import read_report
from grader.keeping.view import view
from grader.sinks import Checked, formats, load
from grader.workspace import open_workspace, read_bundles

ROOT = Path(__file__).resolve().parents[2]
Scores = dict[str, dict[str, tuple[float, float, str]]]  # student to exercise to points, highest points, verdict
Totals = dict[str, float]  # student to points


class Course:
    """A course, its class, and a folder in which everything is written."""

    def __init__(
        self,
        file: Path,
        scratch: Path,
        size: int,
        styles: Path | None = None,
        topics: Sequence[str] = (),
        kept: Sequence[str] = (),
    ) -> None:
        """`kept` are the students of the demo class of this size who are looked at; without any, all are."""
        self.file, self.scratch = file, scratch
        workspace = open_workspace(file)
        if not workspace.hidden.is_dir():
            freeze_hidden(workspace, Console(quiet=True), only=topics)
        demo.run(scratch / "demo", file, size, styles, topics)
        students = forms.read_class(scratch / "demo")
        self.students: Class = {name: students[name] for name in kept or students}
        self.layout = Layout(workspace.course, read_bundles(workspace.hidden))
        self.topics, self.title = topics, workspace.course.title
        self.highest = sum(map(workspace.course.points_of, self.layout.asked))

    def graded(self, form: str) -> Path:
        """The folder of results of the class in a form."""
        out = self.scratch / form / "results"
        class_ = FORMS[form](self.students, self.layout, self.scratch / form / "class")
        assert grading.run([class_], self.file, out, 2, self.topics, False, False, True) == 0
        return out

    def student(self, name: str) -> str:
        """The student whose submission has this name: in Moodle by the full name, perhaps with a number."""
        return re.sub(r" Muster(_\d+)?$", "", name).lower()

    def rosters(self) -> Mapping[str, Path]:
        """What Canvas and Moodle give out."""
        people = [(name, full_name(name), number(name, self.students)) for name in sorted(self.students)]
        canvas = [f"Student,ID,SIS User ID,SIS Login ID,Section,{self.title} (42)", "    Points Possible,,,,,100"]
        canvas += [f'"Muster, {full.split()[0]}",{key},s{key},{name},A,' for name, full, key in people]
        columns = "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed"
        moodle = [f"{columns},Last modified (submission),Last modified (grade),Feedback comments"]
        moodle += [
            f"Participant {key},{full},{name},{name}@x.org,Submitted,,{self.highest:.2f},Yes,-,-,"
            for name, full, key in people
        ]
        for kind, lines in (("canvas", canvas), ("moodle", moodle)):
            (self.scratch / f"{kind}.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return {kind: self.scratch / f"{kind}.csv" for kind in ("canvas", "moodle")}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def scores(course: Course, out: Path) -> Scores:
    """What scores.csv says."""
    found: Scores = defaultdict(dict)
    for row in rows(out / "scores.csv"):
        verdict = row["verdict"] if float(row["points"]) else ""  # why there is nothing is told in words of the form
        one = float(row["points"]), float(row["max_points"]), verdict
        found[course.student(row["submission"])][row["exercise"]] = one
    return dict(found)


def summed(pairs: Iterator[tuple[str, float]]) -> Totals:
    found: dict[str, list[float]] = defaultdict(list)
    for student, points in pairs:
        found[student].append(points)
    return {student: round(sum(points), 2) for student, points in found.items()}


def of_tables(course: Course, out: Path) -> Iterator[tuple[str, Totals]]:
    """Totals of the files that `grade` writes."""
    for name in ("scores", "checks"):
        lines = rows(out / f"{name}.csv")
        yield name, summed((course.student(row["submission"]), float(row["points"])) for row in lines)
    reports = {path.stem: json.loads(path.read_text()) for path in (out / "reports").iterdir()}
    yield "reports", {course.student(name): data["points"] for name, data in reports.items()}
    with sqlite3.connect(out / "results.db") as database:
        stored = database.execute("select submission, result from results").fetchall()
    database.close()
    yield "results.db", summed((course.student(name), json.loads(result)["points"]) for name, result in stored)


def of_gradebooks(course: Course, out: Path) -> Iterator[tuple[str, Totals]]:
    """Totals of what is exported for gradebooks; nobody may be left over."""
    rosters = course.rosters()
    for kind in ("canvas", "moodle", "csv", "json"):
        path = out / f"grades.{kind}"
        assert export.run(kind, path, out, rosters.get(kind), course.title) == 0
        assert not (out / "grades-unmatched.csv").exists()
        if kind == "json":
            data = json.loads(path.read_text())["results"]
            yield kind, {course.student(one["submission"]): one["points"] for one in data}
            continue
        who, points = {
            "canvas": ("SIS Login ID", f"{course.title} (42)"),
            "moodle": ("ID number", "Grade"),
            "csv": ("submission", "points"),
        }[kind]
        yield kind, {course.student(row[who]): float(row[points]) for row in rows(path) if row[who]}


def total_of(kind: str, text: str) -> float:
    """The total as whoever reads a format finds it there."""
    if kind == "json":
        return float(json.loads(text)["points"])
    if kind == "junit":
        suites = list(junitparser.JUnitXml.fromstring(text.encode()))
        return round(sum(float(one.value) for suite in suites for one in suite.properties() if one.name == "points"), 2)
    if kind == "classroom":
        return round(sum(test["score"] for test in json.loads(base64.b64decode(text))["tests"]), 2)
    return float(re.findall(r"^(?:\*\*)?([\d.]+) of [\d.]+ points", text, re.MULTILINE)[-1])


def of_reports(course: Course, out: Path) -> Iterator[tuple[str, Totals]]:
    """Totals of each report in each format."""
    for kind in formats():
        found = {}
        for path in (out / "reports").iterdir():
            text = load(kind).render(Checked(view(read_report(path))))
            found[course.student(path.stem)] = total_of(kind, text)
        yield kind, found


def on_gradescope(course: Course, root: Path, form: str, every: int = 1) -> Totals:
    """Totals of every so-manieth student, each graded by the autograder for Gradescope, one after the other."""
    gradescope_image.run(root / "image", course.file, "visible", True)
    source = root / "autograder" / "source"
    shutil.unpack_archive(root / "image" / "autograder.zip", source)
    found = {}
    for student in list(course.students)[::every]:
        shutil.rmtree(root / "autograder" / "submission", ignore_errors=True)
        (root / "autograder" / "results").mkdir(exist_ok=True)
        FORMS[form]({student: course.students[student]}, course.layout, root / "one" / student)
        shutil.move(root / "one" / student / student, root / "autograder" / "submission")
        assert gradescope.main(root / "autograder") == 0
        data = json.loads((root / "autograder" / "results" / "results.json").read_text())
        assert round(sum(test["score"] for test in data["tests"]), 2) == data["score"]
        found[student] = data["score"]
    return found


def agree(course: Course) -> Scores:
    """The scores, after every form and every file has been seen to say the same."""
    said = {}
    for form in FORMS:
        out = course.graded(form)
        said[form] = scores(course, out)
        assert {*said[form]} == {*course.students}
        totals = {name: round(sum(one[0] for one in each.values()), 2) for name, each in said[form].items()}
        for sink in (of_tables, of_gradebooks, of_reports):
            for name, found in sink(course, out):
                assert found == totals, (form, name)
        differing = {
            (student, exercise): (said["folders"][student][exercise], one)
            for student, each in said[form].items()
            for exercise, one in each.items()
            if said["folders"][student][exercise] != one
        }
        assert differing == {}, form
    return said["folders"]


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command does to its own process is not done to this one."""
    monkeypatch.setattr(grading, "protect_memory", lambda: None)
    monkeypatch.setattr(gradescope, "protect_memory", lambda: None)
    monkeypatch.setenv("GRADER_SECRET", "the secret of the five forms")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def tiny_class(tiny_course: Path, tmp_path: Path, quiet: None, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Five students of the tiny course, one of each kind; the class of forty has hostile ones, too."""
    shutil.copytree(tiny_course, tmp_path / "course")
    file = tmp_path / "course" / "exercises" / "course.toml"
    file.write_text('title = "Tiny"\n[limits]\ncpu_seconds = 0.5\n')
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    monkeypatch.syspath_prepend(ROOT / "tests")
    kinds = {"right": "ada", "one": "bela", "combo": "dario", "stub": "goran", "broken": "karim"}
    return Course(file, tmp_path, 16, kept=list(kinds.values()))


@pytest.mark.oracle
def test_a_small_class_has_the_same_scores_in_five_forms_and_the_same_totals_everywhere(tiny_class: Course) -> None:
    found = agree(tiny_class)
    assert len({sum(one[0] for one in each.values()) for each in found.values()}) > 2
    totals = {name: round(sum(one[0] for one in each.values()), 2) for name, each in found.items()}
    assert on_gradescope(tiny_class, tiny_class.scratch / "gradescope", "notebooks") == totals


def test_what_students_check_agrees_in_both_forms_and_all_formats(
    tiny_class: Course, student: Path, tmp_path: Path
) -> None:
    for name in ("bela", "goran", "karim"):
        files, seen = tiny_class.students[name], set()
        for form in ("folders", "notebooks"):
            (student / "tiny.py").unlink(missing_ok=True)
            shutil.rmtree(student / "notebooks", ignore_errors=True)
            made = FORMS[form]({name: files}, tiny_class.layout, tmp_path / form / name) / name
            for path in made.iterdir():
                shutil.copy(path, student)
            outputs = {kind: tmp_path / form / f"{name}.{kind}" for kind in formats()}
            check.run([], student, [f"{kind}={path}" for kind, path in outputs.items()])
            seen |= {total_of(kind, path.read_text()) for kind, path in outputs.items()}
            for path in made.iterdir():
                (student / path.name).unlink()
        assert len(seen) == 1, name


@pytest.mark.slow
def test_a_class_of_forty_has_the_same_scores_in_five_forms_and_the_same_totals_everywhere(
    tmp_path: Path, quiet: None
) -> None:
    for name in ("exercises", "reference"):
        shutil.copytree(ROOT / name, tmp_path / "course" / name)
    file = tmp_path / "course" / "exercises" / "course.toml"
    course = Course(file, tmp_path, 40, ROOT / "tests" / "variants", CORE)
    found = agree(course)
    assert len(found) == 40
    totals = {name: round(sum(one[0] for one in each.values()), 2) for name, each in found.items()}
    some = on_gradescope(course, tmp_path / "gradescope", "notebooks", every=5)
    assert len(some) == 8 and some.items() <= totals.items()
