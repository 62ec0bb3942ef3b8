"""From codes to sentences: what is wrong, in which cases, with the smallest one as evidence."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.report import Finding
from grader.running.probes import Trace, as_array, as_numbers, describe
from grader.text import be, have
from grader.worker.repeatable import unwritten

from .compare import Comparison, array_at, plain_equal
from .conditions import separates
from .diagnose import KINDS, PARTLY, difference
from .evidence import brief, illustrate
from .exceptions import OWN_HINTS, Sentence, first_failure, hidden_failure, raised

if TYPE_CHECKING:
    from grader.bundle import Expected, FrozenMisconception, FrozenProbe
    from grader.judging.checks.base import Base
    from grader.judging.context import Context

SHORT = 6
TELLING = 4  # entries: in smaller arrays nearly everything is a multiple, zero or off by a constant
ASKED, MOST = 8, 0.8  # cases that are looked at, and the share of them in which a clause must hold
_COUNT = re.compile(r" \((?:all \d+|\d+ of \d+) cases(?:: exactly when .+)?\)$")
HINTS = {
    "none": "Is a return statement missing?",
    "type": "Return a NumPy array.",
    "complex": "Results are real numbers; is a Fourier transform's .real missing?",
    "floats": "Positions and counts are whole numbers: make the array with dtype=int.",
    "nan": "Look for a division by 0 or a logarithm of 0.",
    "timeout": "Is there a loop that never ends, or one that runs over every pixel several times?",
    "accepted": "Check the arguments and raise ValueError naming the value.",
    "constant": "Is the result computed but not returned?",
    "crash": "The program must not end itself.",
}
PRECISION = {
    "float16": (
        "it is computed in float16 where float64 is expected.",
        "Create arrays without dtype=np.float16 and do not cast the input.",
    ),
    "float32": (
        "it is computed in float32 where float64 is expected.",
        "Create arrays without dtype=np.float32 and do not cast the input.",
    ),
    "imprecise": (
        "somewhere on the way something is computed in float32, or nearly the right number is used.",
        "Look for float32 in your code. If there is none: is a small number added that does not belong there?",
    ),
}


def findings(check: Base, context: Context, comparison: Comparison, what: str = "") -> tuple[Finding, ...]:
    """Nothing where all is right; else the known mistake or the simplest explanation, with evidence."""
    what = what or check.label
    wrong = comparison.wrong
    if not wrong:
        return _precision(check, context, comparison, what)
    cases = where(context, check.plan, comparison)
    known = known_mistake(check, context, wrong[0])
    if known:
        base = Finding(known.name, known.sentence + cases, known.hint, misconception=known.name)
        return (illustrate(base, check, context, wrong[0]),)
    found: list[Finding] = []
    for kind in list(Counter(comparison.codes[number] for number in wrong))[:3]:
        alike = [number for number in wrong if comparison.codes[number] == kind]
        number, (code, sentence, hint) = _said(check, context, alike, kind, what)
        if not found:
            failed = code.startswith("raised") or code in OWN_HINTS
            first = Finding(code, sentence + cases, hint if failed else check.hint or hint)
            found.append(illustrate(first, check, context, number))
        elif code != found[0].code:
            found.append(illustrate(Finding(code, sentence, hint), check, context, number))
    return tuple(found)


def known_mistake(check: Base, context: Context, number: int) -> FrozenMisconception | None:
    """The catalogued mistake; where an exception in the case `number` explains what came back, it must raise, too."""
    frozen, trace = context.plan(check.plan).probes[number], context.traces[check.plan][number]
    raising = bool(hidden_failure(trace, frozen.probe, check.labels))
    plan = check.plan
    return context.misconception(plan, check.labels, raising) or context.misconception(plan, [check.label], raising)


def _said(check: Base, context: Context, alike: Sequence[int], kind: str, what: str) -> tuple[int, Sentence]:
    """The case to show, and what is said of it: of wrong numbers what holds in (nearly) all cases that can show it."""
    first = _sentence(check, context, alike[0], kind, what)
    if first[0] not in KINDS:
        return alike[0], first
    large = [number for number in alike if math.prod(_shape(check, context, number)) >= TELLING] or alike
    found, partly = _shared(check, context, large, kind, what)
    if found:
        return found
    roomy = [number for number in large if min(_shape(check, context, number)[2:], default=0) > 2]
    found = _shared(check, context, roomy, kind, what)[0] if roomy else None
    if found and found[1][0] == "border":  # smaller images are nothing but border
        return found
    if partly:
        return alike[0], ("some entries", f"The {be(what)} wrong in some entries.", "")
    return alike[0], ("values", f"The {be(what)} not what is expected.", "")


def _shared(
    check: Base, context: Context, alike: Sequence[int], kind: str, what: str
) -> tuple[tuple[int, Sentence] | None, bool]:
    """A case and its sentence where most say the same, and whether most are wrong in some entries only."""
    asked = sorted({alike[round(n)] for n in np.linspace(0, len(alike) - 1, ASKED)})
    said = {number: _sentence(check, context, number, kind, what) for number in asked}
    votes = Counter(_claim(sentence) for sentence in said.values())
    claim, count = votes.most_common(1)[0]
    partly = sum(sentence[0] in PARTLY for sentence in said.values()) >= MOST * len(asked)
    if count < MOST * len(asked):
        return None, partly
    return next((number, sentence) for number, sentence in said.items() if _claim(sentence) == claim), partly


def _claim(sentence: Sentence) -> str:
    """What a sentence claims of all cases, without the numbers that belong to one."""
    code, text, _ = sentence
    return code if code in PARTLY or code == "not finite" else text.partition(" (")[0]


def _shape(check: Base, context: Context, number: int) -> tuple[int, ...]:
    expected = context.plan(check.plan).probes[number].expected[check.label].array
    return (0,) if expected is None else expected.shape


def _precision(check: Base, context: Context, comparison: Comparison, what: str) -> tuple[Finding, ...]:
    code = next((code for code in PRECISION if code in comparison.codes), "")
    if not code:
        return ()
    sentence, hint = PRECISION[code]
    digits = "half" if code == "float16" else "single"
    base = Finding(code, f"The {be(what)} right, but only to {digits} precision: {sentence}", hint)
    return (illustrate(base, check, context, comparison.codes.index(code)),)


def where(context: Context, plan: str, comparison: Comparison) -> str:
    """How many cases, and the condition that separates them."""
    judged, wrong = comparison.judged, set(comparison.wrong)
    if len(judged) == 1:
        return ""
    if len(wrong) == len(judged):
        return f" (all {len(judged)} cases)"
    frozen, cases = context.plan(plan).probes, context.bank.bundle.cases
    failing = [cases[frozen[n].case].values for n in judged if n in wrong]
    passing = [cases[frozen[n].case].values for n in judged if n not in wrong]
    condition = separates(failing, passing) if len(failing) > 1 else ""
    count = f"{len(wrong)} of {len(judged)} cases"
    return f" ({count}: exactly when {condition})" if condition else f" ({count})"


def bare(sentence: str) -> tuple[str, str]:
    """A sentence without the count of its cases, and that count."""
    found = _COUNT.search(sentence)
    return (sentence[: found.start()], found[0]) if found else (sentence, "")


def _sentence(check: Base, context: Context, number: int, code: str, what: str) -> tuple[str, str, str]:
    """(code, sentence, hint) for one wrong case."""
    frozen, trace = context.plan(check.plan).probes[number], context.traces[check.plan][number]
    hint = HINTS.get(code, "")
    if trace.death:
        return code, _death(trace, what), hint
    if code == "accepted":
        expected = frozen.expected[check.label].raised
        return code, f"Nothing is raised where {expected} is expected.", hint
    if code == "raised" or first_failure(trace, frozen.probe, check.label) >= 0:
        return raised(trace, frozen, check.label, context)
    value = trace.values[frozen.probe.labels[check.label]]
    if code == "floats":
        return code, f"The {be(what)} made of floats, where integers are expected.", hint
    if code in ("none", "type", "complex"):
        got = "complex numbers" if code == "complex" else describe(value)
        return code, f"The {be(what)} {got}, where {_wanted(frozen.expected[check.label])} is expected.", hint
    if code == "shape":
        wanted = frozen.expected[check.label].array
        assert wanted is not None
        shape = np.shape(as_array(value))  # type: ignore[arg-type]
        text = f"The {have(what)} shape {shape} where {wanted.shape} is expected."
        return code, text, "Work out the size of each axis by hand for the case below."
    if code == "constant":
        return code, f"The {be(what)} the same number everywhere.", hint
    if code == "other":
        return code, _other(value, frozen.expected[check.label].plain, what), hint
    if unwritten(np.asarray(value)):
        text = f"The {have(what)} numbers from memory that was never written: `np.empty` makes an array without values."
        return "unwritten", text, "Use np.zeros, or write every entry before it is read."
    return _differs(frozen, trace, check, what, context)


def _differs(frozen: FrozenProbe, trace: Trace, check: Base, what: str, context: Context) -> tuple[str, str, str]:
    got, expected = array_at(trace, frozen.probe, check.label), frozen.expected[check.label].array
    assert got is not None and expected is not None
    wanted, batch = np.asarray(expected, dtype=np.float64), _batch(frozen, context)
    found = difference(got, wanted, batch=batch)
    if found.code in ("some items", "some channels") and not _has_items(check, context):
        found = difference(got, wanted, batch=0)  # rows and columns of weights are no items and channels
    return found.code, f"The {be(what)} {found.clause}.", found.hint


def _batch(frozen: FrozenProbe, context: Context) -> int:
    batch = context.bank.bundle.cases[frozen.case].values.get("batch", 0)
    return batch if isinstance(batch, int) else 0


def _has_items(check: Base, context: Context) -> bool:
    """Whether the first axis of a check's arrays is as long as the batch in every case, not by chance."""
    targets = context.bank.targets(check.plan, check.label)
    pairs = zip(context.plan(check.plan).probes, targets.arrays, strict=True)
    return all(array is None or array.shape[:1] == (_batch(frozen, context),) for frozen, array in pairs)


def _other(got: Any, expected: Any, what: str) -> str:
    """How data that is no array differs; of lists the number of items, or the first that is wrong."""
    floats = as_numbers(expected) if isinstance(expected, list) else None
    if not isinstance(expected, list) or (as_numbers(got) is None and not isinstance(got, list | tuple)):
        wanted = repr(expected) if floats is None else f"a list of {floats.size} numbers"
        return f"The {be(what)} {describe(got)} where {wanted} is expected."
    if 0 < len(expected) <= SHORT and all(isinstance(item, int) for item in expected):
        return f"The {be(what)} {brief(tuple(got))} where {brief(tuple(expected))} is expected."
    if len(got) != len(expected):
        return f"The {have(what)} {len(got)} item{'s' * (len(got) != 1)} where there must be {len(expected)}."
    wrong = [not plain_equal(mine, theirs) for mine, theirs in zip(got, expected, strict=True)]
    if True not in wrong:  # item by item it is the same, but of another kind
        return f"The {be(what)} {describe(got)} where {expected!r} is expected."
    first = wrong.index(True)
    if isinstance(expected[first], float):
        return f"The {be(what)} wrong in {sum(wrong)} of {len(wrong)} items, first at index {first}."
    return f"The {have(what)} {describe(got[first])} at index {first}, where {expected[first]!r} is expected."


def _wanted(expected: Expected) -> str:
    if expected.array is None:
        return repr(expected.plain)
    return "a number" if expected.array.ndim == 0 else f"an array of shape {expected.array.shape}"


def _death(trace: Trace, what: str) -> str:
    texts = {
        "timeout": f"There is no {what}: {trace.detail}.",
        "crash": f"There is no {what}: {trace.detail}.",
        "protocol error": f"There is no {what}: {trace.detail}.",
        "skipped": f"There is no {what}: {trace.detail}.",
    }
    return texts.get(trace.death, trace.detail or f"There is no {what}.")
