"""What students may see: nothing that their program was told about hidden cases comes back to them."""

from __future__ import annotations

import json

import msgspec
import pytest
from tiny import REFERENCE, Tiny, mutated

from grader.course import Course
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.keeping.tables import as_data
from grader.keeping.view import GENERAL, view
from grader.report import CheckResult, Evidence, ExerciseResult, Finding, Isolation, Report, Shown
from grader.running.submission import SourceFile, Submission

FORWARD = "        x = np.asarray(input_tensor, dtype=float)\n"
TELL = "' '.join(repr(float(v)) for v in np.ravel(input_tensor))"
LEAKS = {
    "message": f"        raise ValueError({TELL})\n",
    "type": f"        raise type('E' + {TELL}.replace('.', '_').replace('-', 'm'), (Exception,), {{}})()\n",
    "quoted type": f"        raise type({TELL}, (Exception,), {{}})()\n",
    "text": f"        return {TELL}\n",
    "list": "        return [float(v) for v in np.ravel(input_tensor)]\n",
    "object": f"        return type('T' + {TELL}, (), {{}})()\n",
    "array": "        return np.array(input_tensor, dtype=float)\n",
    "printed": f"        print({TELL}); raise KeyError({TELL})\n",
    "number": "        return float(np.ravel(input_tensor)[0])\n",
    "shape": "        return np.zeros(int(abs(np.ravel(input_tensor)[0]) * 1000000))\n",
}


def report_of(*results: ExerciseResult, feedback: str = "hint") -> Report:
    return Report("ada", "Tiny", results, feedback=feedback)


def hidden_values(tiny: Tiny, exercise: str) -> set[str]:
    """The digits of every input of the hidden cases, as far as they are telling."""
    bundle = tiny.bundle(exercise)
    assert not any(case.visible for case in bundle.cases)
    arrays = [array for plan in bundle.plans for frozen in plan.probes for array in frozen.probe.arrays.values()]
    digits = {repr(abs(float(v))).replace(".", "").lstrip("0") for array in arrays for v in array.ravel()}
    return {text[:6] for text in digits if len(text) >= 3 and text.strip("0")}


def digits_in(report: Report) -> str:
    """All that a report says, without what may stand between digits."""
    text = msgspec.json.encode(as_data(report)).decode()
    return text.replace(".", "").replace("_", "")


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
@pytest.mark.parametrize("policy", ["hint", "score"])
def test_whatever_a_program_does_with_hidden_inputs_its_student_does_not_see_them(
    tiny: Tiny, leak: str, policy: str
) -> None:
    report = report_of(tiny.judge("peak", mutated((FORWARD, leak + FORWARD))), feedback=policy)
    secrets = hidden_values(tiny, "peak")
    assert [text for text in secrets if text in digits_in(report)], "the full report does show them"
    assert not [text for text in secrets if text in digits_in(view(report))]
    assert view(report).points == report.points


EVIDENCE = Evidence(
    (("input_tensor", Shown("", (2,), "float64", (0.731, 0.442))),),
    ("scale = Scale(7)",),
    Shown("ValueError: 0.731"),
    Shown("", (2,), "float64", (0.555, 0.666)),
    (0,),
    "tiny.py",
    36,
    "raise ValueError(0.731)",
)


def seen(finding: Finding, policy: str = "hint") -> list[Finding]:
    """What is left of a finding of a hidden case."""
    check = CheckResult("forward", "fail", 0.0, 4.0, 3, 8, (finding,), (5, 6))
    result = ExerciseResult("scale", "Scaling", "tiny.py", "fail", 0.0, 4.0, (check,), (), "digest", 1.5)
    shown = view(report_of(result, feedback=policy)).exercises[0]
    assert (shown.cpu_seconds, shown.bundle, shown.checks[0].wrong) == (0, "", ())
    return list(shown.checks[0].findings)


@pytest.mark.parametrize(
    ("code", "sentence", "told"),
    [
        (
            "shape",
            "The output has shape (2, 7) where (2, 9) is expected.",
            "The output has another shape than expected.",
        ),
        (
            "other",
            "The losses after train are the text '0.731' where 5 is expected.",
            "The losses after train are not wha",
        ),
        ("none", "The output is None, where an array of shape (9, 7) is expected.", "The output is None."),
        (
            "raised ValueError",
            "`Scale(7)` raises ValueError at your line 36.",
            "`Scale` raises ValueError at your line 36.",
        ),
        (
            "raised E0731",
            "`scale.forward(x)` raises E0731 at your line 36.",
            "`scale.forward` raises an exception at your",
        ),
        ("raised AttributeError", "`scale.grad` does not exist.", "`scale.grad` does not exist."),
        (
            "not implemented",
            "`Scale(7)` is still to be written at your line 36.",
            "`Scale` is still to be written at",
        ),
        (
            "timeout",
            "There is no output: it used more than 7.5 s of computing time.",
            "There is no output: it took too long.",
        ),
        (
            "multiple",
            "The gradient is exactly 0.731 times what is expected. (all 8 cases)",
            "The gradient is a multiple of",
        ),
        (
            "some entries",
            "The output is wrong in 7 of 9 entries, the first at index [7].",
            "The output is wrong in some ent",
        ),
        (
            "mean",
            "The mean of 900 numbers is 0.731, where 0 is expected.",
            "The mean of the numbers is not what is expected.",
        ),
        (
            "float32",
            "The output is right, but it is computed in float32.",
            "The output is right, but it is computed in float32.",
        ),
        ("forward twice", "A second forward gives another result.", "A second forward gives another result."),
        ("never heard of", "It is 0.731.", GENERAL),
        ("never heard of", "It is 7.", GENERAL),
    ],
)
def test_a_hidden_case_is_told_by_its_kind_of_mistake(code: str, sentence: str, told: str) -> None:
    (finding,) = seen(Finding(code, sentence, "Compare 0.731.", {"channels": 7}, "seven", EVIDENCE))
    assert finding.sentence.startswith(told)
    assert finding.evidence == Evidence(file="tiny.py", line=36)
    data = json.dumps(msgspec.to_builtins(finding))
    assert not [text for text in ("7", "9", "0731", "442", "555", "raise Val") if text in data.replace(".", "")]


def test_a_known_mistake_keeps_its_words_its_count_and_a_condition_without_numbers() -> None:
    known = Finding(
        "bias", "The bias is missing. (7 of 8 cases: exactly when the height is even)", "Add it.", misconception="b"
    )
    assert seen(known)[0].sentence == known.sentence
    numbered = msgspec.structs.replace(
        known, sentence="The bias is missing. (7 of 8 cases: exactly when the height is 17)"
    )
    assert seen(numbered)[0].sentence == "The bias is missing. (7 of 8 cases)"
    assert (seen(known)[0].hint, seen(known)[0].misconception) == ("Add it.", "b")


def test_a_line_is_named_only_where_it_can_be_the_students_own() -> None:
    for changed in ({"file": ""}, {"line": 7310442}, {"line": -1}):
        finding = Finding(
            "raised KeyError", "`f` raises KeyError.", evidence=msgspec.structs.replace(EVIDENCE, **changed)
        )
        assert seen(finding)[0].evidence is None


RAISES = "\n\ndef half(x):\n    raise OverflowError(x)\n"
USES = ("import numpy as np\n", "import numpy as np\nfrom tools.halves import half\n")


def graded(tiny: Tiny, source: str, **others: str) -> ExerciseResult:
    """`peak` of a submission with other files, judged as in a batch."""
    course = Course(title="Tiny")
    files = {"tiny.py": source, **{name.replace("__", "/") + ".py": text for name, text in others.items()}}
    submission = Submission("ada", tuple(SourceFile(path, files[path].encode()) for path in sorted(files)))
    judge = Judge(course, asked(course, [tiny.bundle("peak")]), tiny.launcher, Isolation(0))
    return next(judge.results(submission))


def test_a_line_in_another_file_of_the_submission_is_named_with_its_file(tiny: Tiny) -> None:
    source = mutated(USES, ("return windows.max(axis=2)", "return half(windows.max(axis=2))"))
    result = graded(tiny, source, tools__halves=RAISES)
    finding = view(report_of(result)).exercises[0].checks[0].findings[0]
    assert finding.sentence.startswith("`peak.forward` raises OverflowError in tools/halves.py, line 4.")
    assert finding.evidence == Evidence(file="tools/halves.py", line=4)


@pytest.mark.parametrize("where", ["0.731.py", "tools/halves.py", "tiny.py"])
def test_a_place_that_the_submission_does_not_have_is_not_repeated(tiny: Tiny, where: str) -> None:
    """The process that runs a student's code may name any file and line, made of what it knows of hidden cases."""
    raises = f"exec(compile('\\n' * 7310 + 'raise KeyError', {where!r}, 'exec'))"
    forged = mutated(("return windows.max(axis=2)", f"import sys; sys.modules['grader.worker.execute'].student_lines = "
        f"lambda error, files: [({where!r}, 7311, '0.731')]; {raises}"))  # fmt: skip
    result = graded(tiny, forged, tools__halves=RAISES)
    (one, *_) = (f for check in result.checks for f in check.findings if f.code.startswith("raised"))
    assert "line 7311" in one.sentence, "it did try"
    assert one.evidence is not None and (one.evidence.file, one.evidence.line, one.evidence.source) == ("", 0, "")
    said = digits_in(view(report_of(result)))
    assert "7311" not in said and "0731" not in said


def test_under_score_hidden_cases_are_points_and_verdicts_alone() -> None:
    assert seen(Finding("values", "The output is not what is expected. (7 of 8 cases)"), "score") == []
    (visible,) = seen(
        Finding("values", "The output is wrong. (7 of 8 cases)", visible=True, evidence=EVIDENCE), "score"
    )
    assert (visible.sentence, visible.evidence) == ("The output is wrong.", EVIDENCE)


def test_a_grader_fault_does_not_repeat_what_a_worker_said() -> None:
    fault = Finding("grader fault", "The grader itself failed (GraderError: 0.731).", "Run it again.", visible=True)
    assert "0.731" not in seen(fault)[0].sentence


def test_under_full_and_of_visible_cases_everything_is_shown(tiny: Tiny) -> None:
    result = tiny.judge("scale", mutated((" + self.bias[:, None, None]", "")))
    full = report_of(result, feedback="full")
    assert view(full) is full and view(report_of(result), "full").exercises == full.exercises
    broken = report_of(tiny.judge("scale", REFERENCE + "def f(:\n"))
    for policy in ("hint", "score"):
        assert view(broken, policy).exercises[0].checks[0].findings == broken.exercises[0].checks[0].findings
