"""What a student may see of a report: the course's feedback policy, for every sink that students read.

`full`: everything. `hint`: of hidden cases what kind of mistake it is, a hint, the type of an exception and the
student's own line; no values, no messages, no output. `score`: of hidden cases points and verdicts alone. What concerns
the file as a whole, or a visible case, is shown under every policy, since students see it at home as well.

The student's process knows the inputs of hidden cases, so whatever text or number it returned may hold them. Sentences
are therefore not searched for values: those that can contain any are written anew from the finding's code.
"""

from __future__ import annotations

import builtins
import re
from typing import Literal

from msgspec.structs import replace

from grader.report import BY_HAND, CheckResult, Evidence, ExerciseResult, Finding, Report
from grader.text import be, have

Policy = Literal["full", "hint", "score"]
MOST_LINES = 99_999
UNKNOWN = "an exception"
GENERAL = "The results are not what is expected."
_EXCEPTIONS = {name for name, value in vars(builtins).items() if isinstance(value, type) and "Error" in name} | {
    *("Exception", "StopIteration", "SystemExit", "KeyboardInterrupt", "LinAlgError", "AxisError", "NotAvailable")
}
_TELLING = re.compile(r"\d")
_HARMLESS = re.compile(r"\bfloat(?:16|32|64)\b|(?<![\w.,])[0-3](?![\w,]|\.\d)")  # axes, and the 0 of "where it is 0"
_CASES = re.compile(r" \((all \d+ cases|\d+ of \d+ cases)(?:: exactly when (.+))?\)$")
_SUBJECT = re.compile(r"(?:The|There is no) ([A-Za-z_][\w ]{0,60}?)(?: is| are| has| have|:)[ .,]?")
_CALLED = re.compile(r"`([A-Za-z_][\w.]*)(?:`|\(| = )")
_LACKING = re.compile(
    r"`[A-Za-z_][\w.]*` (?:does not exist|has no method `\w+`|cannot be assigned: it is a property without a setter)\."
)
_WANTED = re.compile(r" where (\w+) is expected")

_DIFFERENT = {  # code of a wrong result: what is said of it, and the hint that may stay
    "shape": ("has another shape than expected", "Work out the size of each axis by hand."),
    "none": ("is None", "Is a return statement missing?"),
    "type": ("is not an array of numbers", "Return a NumPy array."),
    "complex": ("is made of complex numbers", "Results are real numbers."),
    "other": ("is not what is expected", ""),
    "values": ("is not what is expected", ""),
    "not finite": ("is not finite everywhere", "Look for a division by 0."),
    "multiple": ("is a multiple of what is expected", "Look for a factor too many, or one that is missing."),
    "border": ("is wrong only at the border of the image", "Look at the padding and at the last window."),
    "some items": ("is wrong only in some items of the batch", "Does a loop over the batch leave early?"),
    "some channels": ("is wrong only in some channels", ""),
    "some entries": ("is wrong in some entries", ""),
    "step size": ("is updated by a step of the wrong size", ""),
    "optimizer state": (
        "is updated by an optimizer that is used for something else, too, or that forgets",
        "Weights and bias need a deep copy of the optimizer each, made once, when the optimizer is set.",
    ),
}
_DEATHS = {
    "timeout": (
        "it took too long.",
        "Is there a loop that never ends, or one that runs over every pixel several times?",
    ),
    "crash": ("the program ended.", "The program must not end itself."),
    "protocol error": ("the answer could not be read.", ""),
    "skipped": ("too many cases before this one ended the program.", ""),
    "missing": ("the file could not be loaded again.", ""),
}
_ANEW = {
    "repeated": (
        "Too many of the numbers are the same: they are not drawn independently.",
        "Draw all of them at once.",
    ),
    "mean": ("The mean of the numbers is not what is expected.", "Check the formula and both ends of the interval."),
    "deviation": ("The standard deviation is not what is expected.", "Check the formula, and which fan it uses."),
    "tails": ("None of the numbers is far from the mean.", "A normal distribution is not cut off."),
    "family": ("Mean and standard deviation are right, but the numbers are not distributed as asked.", ""),
    "epsilon too large": ("Epsilon is too large: small gradients hardly move the weights.", ""),
    "file needed": (
        "This needs another of your files, which is missing or still to be written.",
        "This exercise builds on your other files: they must be there first.",
    ),
}


def view(report: Report, policy: Policy | str = "") -> Report:
    """The report as its student may read it; `policy` is by default the course's at the time of grading."""
    policy = policy or report.feedback
    if policy == "full":
        return report
    return replace(report, exercises=tuple(_exercise(result, policy) for result in report.exercises))


def _exercise(result: ExerciseResult, policy: str) -> ExerciseResult:
    checks = tuple(_check(check, policy, result.file) for check in result.checks)
    return replace(result, checks=checks, bundle="", cpu_seconds=0.0)


def _check(check: CheckResult, policy: str, main: str) -> CheckResult:
    if policy == "hint":
        return replace(check, wrong=(), findings=tuple(_hinted(finding, main) for finding in check.findings))
    seen = tuple(_without_cases(_hinted(finding, main)) for finding in check.findings if finding.visible)
    return replace(check, wrong=(), passed=0, cases=0, findings=seen)


def _hinted(finding: Finding, main: str) -> Finding:
    """A finding on the file `main` without values of hidden cases; counts and conditions are of all cases."""
    if finding.code == "grader fault":
        return replace(finding, sentence="The grader itself failed; this exercise was not judged.", evidence=None)
    if finding.visible:
        return replace(finding, sentence=_bare(finding) + _where(finding))
    sentence, hint = _told(finding, _line(finding.evidence, main))
    code = "raised" if finding.code.startswith("raised") and _exception(finding) == UNKNOWN else finding.code
    return Finding(
        code,
        sentence + _where(finding),
        hint,
        evidence=_own_line(finding.evidence),
        misconception=finding.misconception,
    )


def _told(finding: Finding, line: str) -> tuple[str, str]:
    """(sentence, hint) of a hidden finding."""
    code, bare = finding.code, _bare(finding)
    if finding.misconception:
        return bare, finding.hint
    subject = _SUBJECT.match(bare)
    what = subject[1] if subject else "result"
    if code.startswith("raised"):
        return _raised(finding, bare, line)
    if code == "not implemented":
        return f"{_called(bare)} is still to be written{line}.", "Replace `raise NotImplementedError`."
    if code == "not unpacked":
        return f"{_called(bare)} does not return the expected number of results in a tuple.", finding.hint
    if code in _DEATHS:
        return f"There is no {what}: {_DEATHS[code][0]}", _DEATHS[code][1]
    if code in _DIFFERENT:
        clause, hint = _DIFFERENT[code]
        hint = hint or (finding.hint if finding.hint.startswith(BY_HAND) else "")
        verb, _, rest = clause.partition(" ")
        return f"The {be(what) if verb == 'is' else have(what)} {rest}.", hint
    if code in _ANEW:
        return _ANEW[code]
    return bare if _harmless(bare) else GENERAL, finding.hint if _harmless(finding.hint) else ""


def _raised(finding: Finding, bare: str, line: str) -> tuple[str, str]:
    kind = _exception(finding)
    if kind == "NotAvailable":
        return f"{_called(bare)} uses a module that this course does not have{line}.", "Write it with NumPy."
    if kind == "AttributeError" and _LACKING.fullmatch(bare):
        return bare, ""
    wanted = _WANTED.search(bare)
    instead = f" where {wanted[1]} is expected" if wanted and wanted[1] in _EXCEPTIONS else ""
    hint = finding.hint if finding.hint.startswith("Compare your arguments") else ""
    return f"{_called(bare)} raises {kind}{instead}{line}.", hint


def _exception(finding: Finding) -> str:
    """The type of an exception; a student's own type may be called anything, the inputs included."""
    name = finding.code.removeprefix("raised").strip()
    return name if name in _EXCEPTIONS else UNKNOWN


def _called(sentence: str) -> str:
    """The name of what was called, without its arguments."""
    called = _CALLED.match(sentence)
    return f"`{called[1]}`" if called else "This"


def _bare(finding: Finding) -> str:
    return _CASES.sub("", finding.sentence)


def _where(finding: Finding) -> str:
    """How many cases, and the condition on them where it names no number of theirs."""
    found = _CASES.search(finding.sentence)
    if not found:
        return ""
    condition = found[2] if found[2] and _harmless(found[2]) else ""
    return f" ({found[1]}: exactly when {condition})" if condition else f" ({found[1]})"


def _without_cases(finding: Finding) -> Finding:
    return replace(finding, sentence=_bare(finding))


def _harmless(text: str) -> bool:
    return not _TELLING.search(_HARMLESS.sub("", text))


def _own_line(evidence: Evidence | None) -> Evidence | None:
    """Where it happened, as the judge has confirmed; not the line's text, which the student's process has told."""
    if evidence is None or not evidence.file or not 0 < evidence.line <= MOST_LINES:
        return None
    return Evidence(file=evidence.file, line=evidence.line, cell=evidence.cell)


def _line(evidence: Evidence | None, main: str) -> str:
    own = _own_line(evidence)
    if own is None:
        return ""
    if own.file != main:
        return f" in {own.file}, {own.place}"
    return f" {'in' if own.cell else 'at'} your {own.place}"
