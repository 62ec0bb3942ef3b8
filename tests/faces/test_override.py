"""Points set by hand and the late policy: kept beside the results, the same in all files, not lost by a regrade."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tiny import REFERENCE, mutated

from grader.course import Late
from grader.errors import InputError
from grader.faces import export, grade, override
from grader.keeping.adjust import adjusted, late_share, unadjusted
from grader.keeping.store import SCHEMA, Override, Store
from grader.report import ExerciseResult, Report, total

WRONG = mutated((" + self.bias[:, None, None]", ""))
DEADLINE = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


@pytest.fixture
def course(tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A graded class of two in a course with a late policy."""
    root = tmp_path / "repository"
    shutil.copytree(tiny_course, root)
    text = 'title = "Tiny"\n[late]\ndeadline = 2026-11-30T23:59:00Z\ngrace_minutes = 10\nper_day = 0.1\nmost = 0.5\n'
    (root / "exercises" / "course.toml").write_text(text)
    for name, work in {"ada": REFERENCE, "bela": WRONG}.items():
        (root / "class" / name).mkdir(parents=True)
        (root / "class" / name / "tiny.py").write_text(work)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.setattr(grade, "protect_memory", lambda: None)
    regrade()
    return root


def regrade(fresh: bool = False) -> None:
    assert grade.run([Path("class")], None, Path("results"), 1, (), fresh, False, True) == 0


def set_by_hand(submission: str | None = None, exercise: str | None = None, **more: Any) -> int:
    options = {"points": None, "reason": "", "remove": False, "submitted": None, "submitted_from": None}
    return override.run(submission, exercise, **{**options, **more}, results=Path("results"), course=None)


def totals() -> dict[str, float]:
    """Totals of both, which must be the same in reports, both tables and an export."""
    reports = {p.stem: json.loads(p.read_text()) for p in Path("results/reports").iterdir()}
    points = {name: data["points"] for name, data in reports.items()}
    for table in ("scores.csv", "checks.csv"):
        with Path("results", table).open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {n: total(float(r["points"]) for r in rows if r["submission"] == n) for n in points} == points, table
    export.run("json", Path("out.json"), Path("results"), None, None)
    assert {r["submission"]: r["points"] for r in json.loads(Path("out.json").read_text())["results"]} == points
    return points


def test_overrides_and_lateness_survive_every_regrade_and_can_be_taken_back(course: Path) -> None:
    assert totals() == {"ada": 25, "bela": 22}
    set_by_hand("bela", "scale", points=13.25, reason="a typo; agreed on")
    assert totals() == {"ada": 25, "bela": 24.25}
    regrade()
    assert totals() == {"ada": 25, "bela": 24.25}
    regrade(fresh=True)
    assert totals() == {"ada": 25, "bela": 24.25}
    (course / "class/bela/tiny.py").write_text(REFERENCE)
    regrade()
    assert totals()["bela"] == 24.25
    set_by_hand("bela", submitted="2026-12-01T12:00+00:00")
    assert totals()["bela"] == 21.82
    regrade()
    assert totals()["bela"] == 21.82
    set_by_hand("ada", points=30, reason="bonus")
    assert totals() == {"ada": 30, "bela": 21.82}
    set_by_hand("ada", remove=True)
    set_by_hand("bela", "scale", remove=True)
    assert totals() == {"ada": 25, "bela": 22.5}
    (course / "times.csv").write_text("submission,submitted\nada,2027-01-01T00:00Z\nbela,\n")
    set_by_hand(submitted_from=Path("times.csv"))
    assert totals() == {"ada": 12.5, "bela": 25}


def test_its_student_reads_what_was_set_and_why(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from grader.faces import show

    set_by_hand("bela", "scale", points=13.25, reason="a typo; agreed on")
    capsys.readouterr()
    show.run(Path("results/reports/bela.json"), False)
    out = capsys.readouterr().out
    assert "bela: 24.25 of 25 points" in out
    assert "Set by hand in scale, 13.25 points instead of 11: a typo; agreed on" in out


@pytest.mark.parametrize(
    ("call", "word"),
    [
        ({"submission": "baela", "points": 3.0}, "did you mean bela"),
        ({"submission": "bela", "exercise": "scael", "points": 3.0}, "did you mean scale"),
        ({"submission": "bela"}, "Give --points"),
        ({"points": 3.0}, "Whose"),
        ({"submission": "bela", "points": float("nan")}, "--points is nan"),
        ({"submission": "bela", "points": -1.0}, "--points is -1"),
        ({"submission": "bela", "submitted": "tomorrow"}, "is no time"),
        ({"submission": "bela", "points": 1.0, "remove": True}, "exclude"),
        ({"submitted_from": Path("nothing.csv")}, "columns submission and submitted"),
    ],
)
def test_a_mistake_in_the_call_is_told_and_changes_nothing(course: Path, call: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        set_by_hand(**call)
    assert totals() == {"ada": 25, "bela": 22}


@pytest.mark.parametrize(
    ("at", "share", "days"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), 0, 0),
        (datetime(2026, 12, 1, 0, 9, tzinfo=UTC), 0, 0),
        (datetime(2026, 12, 1, 0, 10, tzinfo=UTC), 0.1, 1),
        (datetime(2026, 12, 2, 0, 9, tzinfo=UTC), 0.1, 1),
        (datetime(2026, 12, 2, 0, 10, tzinfo=UTC), 0.2, 2),
        (datetime(2027, 12, 2, tzinfo=UTC), 0.5, 366),
        (None, 0, 0),
    ],
)
def test_each_day_begun_after_deadline_and_grace_costs_its_share(at: datetime | None, share: float, days: int) -> None:
    assert late_share(Late(DEADLINE, 10, 0.1, 0.5), at) == (share, days)


def test_an_adjusted_report_can_be_put_back_as_it_was() -> None:
    results = tuple(ExerciseResult(name, name, "f.py", "fail", 0.1, 3) for name in ("a", "b", "c"))
    report = Report("ada", "Tiny", results)
    overrides = {"a": Override(2.7), "b": Override(0.0, "why")}
    changed = adjusted(report, overrides, Late(DEADLINE), datetime(2026, 12, 1, 12, tzinfo=UTC))
    assert changed.points == 2.52
    assert unadjusted(changed) == report
    assert adjusted(changed, {}, Late(), None) == report
    assert adjusted(changed, {"": Override(1.5)}, Late(DEADLINE), datetime(2027, 1, 1, tzinfo=UTC)).points == 1.5


def test_a_database_of_the_schema_before_gets_its_new_tables_and_keeps_its_results(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    result = ExerciseResult("scale", "Scaling", "tiny.py", "pass", 14.0, 14.0)
    with contextlib.closing(Store(path)) as store:
        store.save("ada", {"scale": "k"}, [result])
    database = sqlite3.connect(path)
    database.executescript("drop table overrides; drop table submitted; pragma user_version = 2;")
    database.close()
    with contextlib.closing(Store(path)) as store:
        assert store.load("ada", {"scale": "k"}) == {"scale": result}
        store.override("ada", "scale", Override(3.5, "why"))
        store.set_submitted({"ada": DEADLINE})
    with contextlib.closing(Store(path)) as store:
        assert store.overrides("ada") == {"scale": Override(3.5, "why")}
        assert store.submitted("ada") == DEADLINE
        assert (store.overrides("bela"), store.submitted("bela")) == ({}, None)
        store.override("ada", "scale", None)
        assert store.overrides("ada") == {}
    database = sqlite3.connect(path)
    assert database.execute("pragma user_version").fetchone()[0] == SCHEMA == 3
    database.close()
