"""What a terminal shows: nothing is broken apart or cut off, however narrow it is."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.faces.terminal import array_text, count, print_exercise, unwritten
from grader.report import CheckResult, Evidence, ExerciseResult, Finding, Shown
from grader.text import whole

ROW = Shown("", (3, 24), "float64", tuple(-1234.5678 * n for n in range(72)))


def result_of(*findings: Finding) -> ExerciseResult:
    check = CheckResult("forward", "fail", 0, 4, 0, 8, findings)
    return ExerciseResult("conv", "Convolution", "conv.py", "fail", 0, 4, (check,))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_row_of_numbers_is_cut_and_never_wrapped(width: int) -> None:
    finding = Finding("values", "It is wrong.", evidence=Evidence((("x", ROW),), (), ROW, ROW, (1,)), visible=True)
    out = Console(file=io.StringIO(), width=width, highlight=False)
    print_exercise(out, result_of(finding))
    lines = out.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert sum("..." in line for line in lines) >= 9
    assert not [line for line in lines if line.strip(" │").startswith("...")]
    assert all(len(line) <= width for line in lines)


def test_a_row_that_just_fits_is_shown_whole() -> None:
    shown = Shown("", (5,), "float64", (1, 2, 3, 4, 5))
    assert array_text(shown, frozenset(), "", 15).plain.split() == list("12345")
    assert array_text(shown, frozenset(), "", 14).plain.split() == [*"123", "..."]


def test_wrong_numbers_look_wrong() -> None:
    got, expected = (Shown("", (2,), "float64", values) for values in ((19.0, 25.00001), (19.0, 25.0)))
    assert Evidence((), (), got, expected, (1,)).digits == 8
    finding = Finding("values", "It is wrong.", evidence=Evidence((), (), got, expected, (1,)), visible=True)
    out = Console(file=io.StringIO(), width=80)
    print_exercise(out, result_of(finding))
    assert "25.00001*" in out.file.getvalue()  # type: ignore[attr-defined]
    counts = Shown("", (), "int64", (178_600,))
    assert array_text(counts, frozenset(), "", 40).plain.split() == ["178600"]


def test_an_exercise_of_which_nothing_is_written_is_one_line() -> None:
    todo = Finding("not implemented", "`Conv(1)` is still to be written.", evidence=Evidence(line=36))
    assert unwritten(result_of(todo))
    assert not unwritten(result_of(Finding("values", "It is wrong.")))
    assert not unwritten(result_of())
    out = Console(file=io.StringIO(), width=80)
    print_exercise(out, result_of(todo))
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert "Still to be written, from line 36 on." in text and "forward" not in text


def test_words_agree_with_their_number_and_sentences_end() -> None:
    assert [count(n, "submission") for n in (0, 1, 2)] == ["0 submissions", "1 submission", "2 submissions"]
    assert whole("line 3 is wrong") == "Line 3 is wrong."
    assert whole("conv.py is missing.") == "conv.py is missing."
    assert whole("`x` is unknown: did you mean `y`?") == "`x` is unknown: did you mean `y`?"
