"""Words only where they are asked for; and on narrow terminals no table is broken and no number is cut."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import click
import pytest
from rich.console import Console
from tiny import REFERENCE, mutated

from grader.authoring.audit import Row
from grader.authoring.template import skeleton
from grader.faces import audit, cli, doctor, grade, show
from grader.faces.plain import PlainConsole, listing
from grader.faces.plain_option import META, VARIABLE
from grader.faces.tables import print_table
from grader.faces.terminal import console, print_exercise
from grader.keeping.tables import write_tables
from grader.report import Adjustment, CheckResult, Evidence, ExerciseResult, Finding, Isolation, Report, Shown
from grader.running.isolation import Findings, Layer

WRONG = mutated((" + self.bias[:, None, None]", ""))
DRAWN = re.compile("[\u2500-\u259f\u2800-\u28ff✓✗◐\x1b]")
WIDE = Shown("", (3, 24), "float64", tuple(-1234.5678 * n for n in range(72)))
TITLE = "lecture D: a title that is far too long for the border of a box on any terminal that is as narrow as these are"
NAMES = ["ada", "Bartholomäus Graf von und zu Hohenstein_20017", "c"]


def result(name: str, points: float, verdict: str = "partial") -> ExerciseResult:
    case = Evidence((("input_tensor", WIDE),), ("conv = Conv()",), WIDE, WIDE, (1,), "conv.py", 12, "x = 1")
    findings = (
        Finding(
            "values", "The output is wrong. (1 of 4 cases)", "Look.", {"batch": 2}, TITLE, evidence=case, visible=True
        ),
        Finding("depends", "This follows."),
    )
    checks = (
        CheckResult("shapes", "pass", 1, 1, 4, 4),
        CheckResult("call order and purity of everything", "fail", 0, 4, 3, 4, findings),
        CheckResult("gradient", "blocked", 0, 4, 0, 4),
        CheckResult("steps", "timeout", 0, 4, 0, 4),
        CheckResult("half", "partial", points, 40, 0, 4),
    )
    return ExerciseResult(name, "Convolution", "conv.py", verdict, points, 53.25, checks, ("a note",))


def reports() -> list[Report]:
    exercises = result("conv", 12.34), result("global_average_pooling", 9.99)
    late = (Adjustment("late", "", -1.25, 22.33, "1 day late"),)
    return [Report(name, "Course", exercises, ("a note",), adjustments=late, feedback="full") for name in NAMES]


def faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the commands print about results and machines."""
    write_tables(reports(), tmp_path / "results")
    show.run(tmp_path / "results" / "reports" / "ada.json", True)
    grade.show(console(), reports(), tmp_path, 1, True)
    layers = tuple(Layer(name, name != "seccomp", "the kernel is too old") for name in doctor.STANDS_FOR)
    found = Findings(Isolation(2, ("landlock",), ("see that a path exists",)), layers)
    monkeypatch.setattr(doctor, "examine", lambda: found)
    doctor.run()
    row = Row("conv", "global_average_pooling", "Means", 12.25, (("a", 6.0), ("b", 6.25)), 120, 3, (), 5, 5, 0.123, ())
    monkeypatch.setattr(audit, "audit", lambda *arguments: [row])
    audit.run([], None, Path("tests/variants"), None)


@pytest.fixture
def at_home(tiny_course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an instructor's repository, on an ordinary terminal."""
    monkeypatch.chdir(tiny_course)
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    for name in ("TERM", VARIABLE, "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_nothing_is_broken_or_cut_on_a_narrow_terminal(
    at_home: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    faces(tmp_path, monkeypatch)
    out = capsys.readouterr().out
    sentences = ("Results: ", "Each line was tried", "could still", "What helps", "complaint", "forbidden")
    long = [line for line in out.splitlines() if len(line) > width and not any(text in line for text in sentences)]
    assert long == []
    assert "…" not in out
    for text in ("12.34", "9.99", "53.25", "21.08", "106.5", "0/2", "0/3", "12.25", "120", "123"):
        assert re.search(rf"(?<![\d.]){re.escape(text)}(?![\d.])", out), text
    words = " ".join(out.replace("│", " ").split())
    assert TITLE in words
    for rest in ("Hohenstein_20017", "global_average_pooling", "bubblewrap"):
        assert rest in words


def test_plain_output_is_words_alone(
    at_home: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    faces(tmp_path, monkeypatch)
    out = capsys.readouterr().out
    assert not DRAWN.search(out)
    assert not [line for line in out.splitlines() if line != line.rstrip()]
    for line in (
        "Convolution, conv.py: 12.34 of 53.25 points.",
        "  passed: shapes, 1 of 1 points.",
        "  failed: call order and purity of everything, 0 of 4 points, 3 of 4 cases right.",
        "  failed, which follows from what is above: gradient, 0 of 4 points, 0 of 4 cases right.",
        "  failed, timeout: steps, 0 of 4 points, 0 of 4 cases right.",
        "  partly right: half, 12.34 of 40 points, 0 of 4 cases right.",
        "    The output is wrong. (1 of 4 cases)",
        "    Hint: Look.",
        "    conv.py, line 12: x = 1",
        "      expected:  shape (3, 24)",
        "ada: points 21.08, of 106.5, pass 0/2",
        "seccomp: holds no",
        "global_average_pooling: points 12.25, checks 2, cases 120, misc. 0, named 0, styles 5, right 5, CPU 123 ms",
    ):
        assert line in out.splitlines(), line
    assert "A star stands behind each entry that differs." in out and " -1235*" in out


def test_the_terminal_the_environment_and_the_option_ask_for_words(
    at_home: None, student: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (student / "tiny.py").write_text(WRONG)

    def printed(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["grader", *arguments])
        with pytest.raises(SystemExit):
            cli.main()
        return capsys.readouterr().out

    usual = printed("check")
    assert "✗ forward" in usual and "╭" in usual
    ways = [printed("check", "--plain"), printed("--plain", "check")]
    for name, value in (("TERM", "dumb"), (VARIABLE, "1")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            ways.append(printed("check"))
    assert len({*ways}) == 1
    assert not DRAWN.search(ways[0]) and "  failed: forward, " in ways[0]
    assert printed("check") == usual
    shutil.rmtree(student / "notebooks")
    (student / "tiny.py").write_text(skeleton(REFERENCE))
    assert printed("check", "--plain").count("  Still to be written, from line") == 3
    for name in ("grade", "show", "doctor", "audit"):
        assert "--plain" in {option for parameter in cli.cli.commands[name].params for option in parameter.opts}


def test_no_color_leaves_no_colour(at_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for value, expected in (("1", False), (None, True)):
        if value:
            monkeypatch.setenv("NO_COLOR", value)
        else:
            monkeypatch.delenv("NO_COLOR")
        out = console()
        with out.capture() as printed:
            print_exercise(out, result("conv", 1))
        codes = [int(code) for found in re.findall(r"\x1b\[([\d;]+)m", printed.get()) for code in found.split(";")]
        assert any(30 <= code <= 48 or 90 <= code <= 107 for code in codes) == expected


def test_a_console_of_a_command_that_wants_words_shows_nothing_that_moves() -> None:
    with click.Context(cli.cli) as context:
        context.meta[META] = True
        out = console()
    assert isinstance(out, PlainConsole) and not out.is_terminal
    with out.capture() as printed, out.status("checking ..."):
        out.print("x")
    assert printed.get() == "x\n"


def test_a_table_that_fits_is_a_table_and_one_that_does_not_is_lines() -> None:
    columns, rows = ("name", "points", "why"), [("ada", "12.5", "a long sentence " * 3), ("bela", "3", "")]

    def shown(width: int) -> str:
        out = Console(width=width)
        with out.capture() as printed:
            print_table(out, columns, rows, "Class", left=columns[:1], wide=columns[2:])
        return printed.get()

    assert "───" in shown(80) and "───" in shown(45)
    assert "───" not in shown(40) and "ada: points 12.5" in shown(40)
    assert list(listing(columns, rows, columns[2:]))[1:] == [f"  why: {rows[0][2]}", "bela: points 3"]
    assert list(listing(("n", "what"), [("3", "x")], ())) == ["n 3, what x"]
