"""The store and the tables: what is kept is kept for as long as it holds, and is shown as harmless text."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
from pathlib import Path

import msgspec
import pytest
from tiny import REFERENCE, Tiny

from grader.course import Course
from grader.errors import StoreError
from grader.judging.asked import asked
from grader.keeping.store import SCHEMA, Store, result_keys
from grader.keeping.tables import number, write_tables
from grader.report import CheckResult, ExerciseResult, Finding, Isolation, Report, total
from grader.running.submission import SourceFile, Submission

RESULT = ExerciseResult(
    "scale", "Scaling", "tiny.py", "pass", 14.0, 14.0, (CheckResult("forward", "pass", 14.0, 14.0),)
)


def submission(text: str = REFERENCE, name: str = "ada") -> Submission:
    return Submission(name, (SourceFile("tiny.py", text.encode()),))


ADA = submission()


def test_results_come_back_as_they_were_while_their_key_holds(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "results.db")
    store.save("ada", {"scale": "k1"}, [RESULT])
    store.close()
    store = Store(tmp_path / "deep" / "results.db")
    assert store.load("ada", {"scale": "k1"}) == {"scale": RESULT}
    assert store.load("ada", {"scale": "k2"}) == {}
    assert store.load("ada", {"peak": "k1"}) == {}
    assert store.load("bela", {"scale": "k1"}) == {}
    store.save("ada", {"scale": "k2"}, [msgspec.structs.replace(RESULT, points=1.0)])
    assert store.load("ada", {"scale": "k2"})["scale"].points == 1
    store.close()


def test_a_grader_fault_is_not_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "results.db")
    store.save("ada", {"scale": "k"}, [msgspec.structs.replace(RESULT, verdict="grader fault")])
    assert store.load("ada", {"scale": "k"}) == {}
    store.close()


def test_a_key_depends_on_everything_that_a_result_depends_on(tiny: Tiny) -> None:
    bundle = tiny.bundle("scale")

    def key(handed_in: Submission = ADA, bundle: object = bundle, **course: object) -> str:
        settings = msgspec.convert({"title": "t", **course}, Course)
        return result_keys(handed_in, settings, asked(settings, [bundle]))["scale"]  # type: ignore[list-item]

    assert key() == key() == key(submission(name="bela")) == key(title="another title")
    others = [
        key(submission(REFERENCE + "\n")),
        key(Submission("ada", (*submission().files, SourceFile("other.py", b"")))),
        key(exercises={"scale": {"points": 3}}),
        key(exercises={"scale": {"names": {"Scale": "Skala"}}}),
        key(exercises={"scale": {"limits": {"cpu_seconds": 9}}}),
        key(limits={"memory_bytes": 1 << 28}),
        key(policy={"partial": 0.1}),
        key(modules={"allowed": ["numpy"]}),
        key(files={"tiny": "Tiny.py"}),
        key(bundle=msgspec.structs.replace(bundle, digest="another")),
        key(bundle=msgspec.structs.replace(bundle, checks=bundle.checks[1:])),
        key(bundle=msgspec.structs.replace(bundle, sources="another reference")),
    ]
    assert len({key(), *others}) == len(others) + 1


def told(path: Path) -> str:
    with pytest.raises(StoreError) as caught, contextlib.closing(Store(path)) as store:
        store.load("ada", {"scale": "k"})
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_a_damaged_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(b"this is no database at all, but long enough to look at" * 40)
    assert "--fresh" in told(path)
    path.unlink()
    path.mkdir()
    told(path)


def test_a_database_of_another_schema_or_with_a_result_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    Store(path).close()
    with sqlite3.connect(path) as database:
        database.execute("insert into results values ('ada', 'scale', 'k', ?, '')", (b'{"exercise": 3}',))
    database.close()
    told(path)
    database = sqlite3.connect(path)
    database.execute(f"pragma user_version = {SCHEMA + 1}")
    database.close()
    assert f"schema {SCHEMA + 1}" in told(path)


def test_a_locked_database_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.db"
    Store(path).close()
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout=0.0: real(path, timeout=0.05))
    other = real(path, isolation_level=None)
    other.execute("begin exclusive")
    assert "locked" in told(path)
    other.close()
    Store(path).close()


EVIL = [
    "=1+1",
    "+SUM(A1)",
    "-2+3",
    "@cmd",
    '=HYPERLINK("http://x")',
    "a,b",
    'say "hi"',
    "two\nlines",
    "\x1b[31mred",
    "\u202eback",
    "\t=1+1",
    "\r=1+1",
    "a;=1+1;@x",
    "＝1+1",
    "nul\0nul",
]


def test_no_text_of_a_student_becomes_a_formula_or_breaks_a_table(tmp_path: Path) -> None:
    reports = [
        Report(
            f"s{n:02d}",
            "Tiny",
            (
                msgspec.structs.replace(
                    RESULT,
                    checks=(
                        CheckResult("forward", "fail", 0.0, 14.0, findings=(Finding(text, text),)),
                        CheckResult("shapes", "pass", 0.0, 0.0),
                    ),
                ),
            ),
        )
        for n, text in enumerate(EVIL)
    ]
    write_tables(reports, tmp_path)
    with (tmp_path / "checks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(EVIL)
    for row in rows:
        assert all(not value.startswith(tuple("=+@＝＋＠")) for value in row.values())
        assert not [value for value in row.values() if ";=" in value or ";@" in value]
        assert not row["message"].startswith("-")
        assert all(character.isprintable() for value in row.values() for character in value)
    assert [(row["code"], row["message"]) for row in rows if row["check"] == "shapes"] == [("", "")] * len(EVIL)
    assert rows[4]["message"] == "'-2+3"


def test_scores_and_reports_agree_to_the_cent(tmp_path: Path, tiny: Tiny) -> None:
    results = tuple(tiny.judge(name, REFERENCE.replace("windows.max", "windows.min")) for name in ("scale", "peak"))
    write_tables([Report("ada", "Tiny", results, (), Isolation(0), {})], tmp_path)
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["submission", "exercise", "points", "max_points", "verdict"]
    report = json.loads((tmp_path / "reports" / "ada.json").read_text())
    assert total(float(row["points"]) for row in rows) == report["points"]
    with (tmp_path / "checks.csv").open(newline="") as file:
        assert total(float(row["points"]) for row in csv.DictReader(file)) == report["points"]
    assert report["points"] < report["max_points"] == 22


@pytest.mark.parametrize(("points", "text"), [(0.0, "0"), (10.0, "10"), (0.5, "0.5"), (3.333, "3.33"), (100.0, "100")])
def test_points_are_printed_with_no_more_decimals_than_they_have(points: float, text: str) -> None:
    assert number(points) == text


def test_a_table_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "scores.csv").mkdir()
    with pytest.raises(StoreError, match=r"scores\.csv cannot be written"):
        write_tables([], tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part") and path.is_dir()]
