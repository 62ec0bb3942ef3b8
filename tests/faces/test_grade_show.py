"""`grader show` tells students what the course's policy lets them see, as text that does nothing to their terminal."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from grader.faces import grade
from grader.faces.show import run
from grader.faces.terminal import console
from grader.keeping.tables import write_tables
from grader.report import CheckResult, Evidence, ExerciseResult, Finding, Report, Shown

EVIL = "\x1b]0;title\x07\x1b[2J\u202etxt\x9b31m[bold red]x[/]\0\r\n::error::"
SHOWN = Shown("", (1,), "float64", (0.731,))
EVIDENCE = Evidence((("x", SHOWN),), ("f(x)",), Shown(EVIL), SHOWN, (0,), "conv.py", 36, EVIL)


def report(visible: bool, feedback: str = "hint") -> Report:
    finding = Finding("raised ValueError", f"`f(7)` raises ValueError. {EVIL}", EVIL, {"n": 7}, EVIL, EVIDENCE, visible)
    check = CheckResult("forward", "fail", 0.0, 4.0, 0, 8, (finding,))
    result = ExerciseResult("conv", "Convolution", "conv.py", "fail", 0.0, 4.0, (check,), (EVIL,))
    return Report("ada", "Tiny", (result,), (EVIL,), feedback=feedback)


@pytest.mark.parametrize(
    ("feedback", "full", "seen"), [("hint", False, 0), ("score", False, 0), ("full", False, 1), ("hint", True, 1)]
)
def test_numbers_of_hidden_cases_are_shown_to_those_who_may_see_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], feedback: str, full: bool, seen: int
) -> None:
    write_tables([report(False, feedback)], tmp_path)
    assert run(tmp_path / "reports" / "ada.json", full) == 0
    told = capsys.readouterr().out
    assert ("0.731" in told) == seen
    assert ("ValueError" in told) == (feedback != "score")


@pytest.mark.parametrize("full", [True, False])
def test_nothing_that_a_student_wrote_reaches_a_terminal_as_more_than_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], full: bool
) -> None:
    evil = msgspec.structs.replace(report(True), submission="ada")
    write_tables([evil], tmp_path)
    run(tmp_path / "reports" / "ada.json", full)
    grade.show(console(), [evil], tmp_path, 0, each=True)
    told = capsys.readouterr().out
    assert "[bold red]x[/]" in told and "\\x1b" in told
    assert all(character.isprintable() or character == "\n" for character in told)
    assert not [line for line in told.splitlines() if line.startswith("::")]
