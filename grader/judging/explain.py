"""From codes to sentences: what is wrong, in which cases, with the smallest one as evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.report import Evidence, Finding, Shown
from grader.running.probes import Array, Probe, Trace, as_array, as_numbers, describe, error_of
from grader.text import be, have
from grader.worker.execute import normals
from grader.worker.probe import Opaque, Raised

from .compare import Comparison, array_at, plain_equal
from .conditions import separates
from .diagnose import difference
from .script import error_tensors, script, steps_before

if TYPE_CHECKING:
    from grader.bundle import Expected, FrozenProbe
    from grader.judging.checks.base import Base
    from grader.judging.context import Context

MAX_VALUES, MAX_DRAWN = 200, 10_000
MAX_ITEMS, SHORT = 20, 6
HINTS = {
    "none": "Is a return statement missing?",
    "type": "Return a NumPy array.",
    "complex": "Results are real numbers; is a Fourier transform's .real missing?",
    "floats": "Positions and counts are whole numbers: make the array with dtype=int.",
    "nan": "Look for a division by 0 or a logarithm of 0.",
    "timeout": "Is there a loop that never ends, or one that runs over every pixel several times?",
    "accepted": "Check the arguments and raise ValueError naming the value.",
    "crash": "The program must not end itself.",
}


def findings(check: Base, context: Context, comparison: Comparison, what: str = "") -> tuple[Finding, ...]:
    """Nothing where all is right; else the known mistake or the simplest explanation, with evidence."""
    what = what or check.label
    wrong = comparison.wrong
    if not wrong:
        return _precision(check, context, comparison, what)
    known = context.misconception(check.plan, check.labels) or context.misconception(check.plan, [check.label])
    kinds = Counter(comparison.codes[number] for number in wrong)
    first = wrong[0]
    where = _where(context, check.plan, comparison)
    if known:
        base = Finding(known.name, known.sentence + where, known.hint, misconception=known.name)
    else:
        code, sentence, hint = _sentence(check, context, first, comparison.codes[first], what)
        failed = code.startswith("raised") or code in ("file needed", "not implemented")
        base = Finding(code, sentence + where, hint if failed else check.hint or hint)
    found = [illustrate(base, check, context, first)]
    for code in list(kinds)[1:3] if not known else []:
        number = next(n for n in wrong if comparison.codes[n] == code)
        also, sentence, hint = _sentence(check, context, number, code, what)
        if also != base.code:
            found.append(illustrate(Finding(also, sentence, hint), check, context, number))
    return tuple(found)


def _precision(check: Base, context: Context, comparison: Comparison, what: str) -> tuple[Finding, ...]:
    if "float32" not in comparison.codes:
        return ()
    first = comparison.codes.index("float32")
    text = f"The {be(what)} right, but only to single precision: it is computed in float32 where float64 is expected."
    hint = "Create arrays without dtype=np.float32 and do not cast the input."
    return (illustrate(Finding("float32", text, hint), check, context, first),)


def _where(context: Context, plan: str, comparison: Comparison) -> str:
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


def _sentence(check: Base, context: Context, number: int, code: str, what: str) -> tuple[str, str, str]:
    """(code, sentence, hint) for one wrong case."""
    frozen, trace = context.plan(check.plan).probes[number], context.traces[check.plan][number]
    hint = HINTS.get(code, "")
    if trace.death:
        return code, _death(trace, what), hint
    if code == "accepted":
        expected = frozen.expected[check.label].raised
        return code, f"Nothing is raised where {expected} is expected.", hint
    if code == "raised" or _first_failure(trace, frozen.probe, check.label) >= 0:
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
    if code == "imprecise":
        text = f"The {be(what)} right to about seven digits only."
        return code, text, "Is an array of float32 used on the way, or a constant added that does not belong there?"
    if code == "other":
        return code, _other(value, frozen.expected[check.label].plain, what), hint
    return _differs(frozen, trace, check.label, what, context)


def _differs(frozen: FrozenProbe, trace: Trace, label: str, what: str, context: Context) -> tuple[str, str, str]:
    got, expected = array_at(trace, frozen.probe, label), frozen.expected[label].array
    assert got is not None and expected is not None
    batch = context.bank.bundle.cases[frozen.case].values.get("batch", 0)
    found = difference(got, np.asarray(expected, dtype=np.float64), batch=batch if isinstance(batch, int) else 0)
    return found.code, f"The {be(what)} {found.clause}.", found.hint


def _other(got: Any, expected: Any, what: str) -> str:
    """How data that is no array differs; of lists the number of items, or the first that is wrong."""
    floats = as_numbers(expected) if isinstance(expected, list) else None
    if not isinstance(expected, list) or (as_numbers(got) is None and not isinstance(got, list | tuple)):
        wanted = repr(expected) if floats is None else f"a list of {floats.size} numbers"
        return f"The {be(what)} {describe(got)} where {wanted} is expected."
    if 0 < len(expected) <= SHORT and all(isinstance(item, int) for item in expected):
        return f"The {be(what)} {_brief(tuple(got))} where {_brief(tuple(expected))} is expected."
    if len(got) != len(expected):
        return f"The {have(what)} {len(got)} item{'s' * (len(got) != 1)} where there must be {len(expected)}."
    wrong = [not plain_equal(mine, theirs) for mine, theirs in zip(got, expected, strict=True)]
    first = wrong.index(True) if True in wrong else 0
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


def raised(trace: Trace, frozen: FrozenProbe, label: str, context: Context) -> tuple[str, str, str]:
    """(code, sentence, hint) for a label that has no result, or a wrong one, because something was raised."""
    step = _first_failure(trace, frozen.probe, label)
    error = error_of(trace, step) if step >= 0 else None
    if error is None:
        return "raised", "An earlier step failed.", ""
    doing = script(frozen.probe, step)[-1:] or [""]
    name = doing[0].split(" = ")[-1]
    at, other = at_line(error), _other_file(error, context.bank.bundle.needs)
    if error.type == "NotAvailable" and context.bank.bundle.needs:
        absent = next((file for file in context.bank.bundle.needs if file in error.message), "Another file")
        why = "could not be loaded" if "could not be loaded" in error.message else "was not handed in"
        text = f"{absent} {why}, and `{name}` needs it{at}."
        return "file needed", text, "This exercise builds on your other files: they must be there first."
    if error.type == "NotImplementedError" and other:
        text = f"{other} is still to be written (line {error.lines[-1][1]}), and `{name}` needs it."
        return "file needed", text, f"Finish {other} first."
    if error.type == "NotImplementedError":
        return "not implemented", f"`{name}` is still to be written{at}.", "Replace `raise NotImplementedError`."
    if error.type == "NotAvailable":
        text = f"`{name}` uses a module that this course does not have{at}."
        return f"raised {error.type}", text, "Write it with NumPy."
    if error.type == "AttributeError" and not error.lines and re.fullmatch(r"[\w.]+", name):
        return f"raised {error.type}", f"`{name}` does not exist.", ""
    hint = f"Does {other} pass its own checks? If so, look at what it is given here." if other else ""
    if error.type == "TypeError" and not error.lines:
        hint = "Compare your arguments with the handout's; the first one of a method is `self`."
    wanted = frozen.expected[label].raised
    instead = f" where {wanted} is expected" if wanted else ""
    return f"raised {error.type}", f"`{name}` raises {error.type}{instead}{at}.", hint


def at_line(error: Raised | None) -> str:
    """The student's line in which an exception was raised, as the end of a sentence; the file where it is another."""
    if not error or not error.lines:
        return ""
    file, line, _ = error.lines[-1]
    return f", at your line {line}" if file == error.lines[0][0] else f", in {file}, line {line}"


def _other_file(error: Raised, needs: Sequence[str]) -> str:
    """The file in which an exception was raised, where that is not the one under judgement."""
    if not error.lines:
        return ""
    file = error.lines[-1][0]
    return file if file != error.lines[0][0] or file.rpartition("/")[2] in needs else ""


def _first_failure(trace: Trace, probe: Probe, label: str) -> int:
    """The first step that raised among those that lead to the label's, this one included; -1 where none did."""
    raising = (n for n in sorted(steps_before(probe, probe.labels[label])) if isinstance(trace.outcomes[n], Raised))
    return next(raising, -1)


def illustrate(finding: Finding, check: Base, context: Context, number: int) -> Finding:
    """The finding with its case and evidence."""
    frozen, trace = context.plan(check.plan).probes[number], context.traces[check.plan][number]
    case = context.bank.bundle.cases[frozen.case]
    return Finding(
        finding.code,
        finding.sentence,
        finding.hint,
        case.values,
        case.name,
        evidence(frozen, trace, check.label),
        case.visible,
        finding.misconception,
    )


def evidence(frozen: FrozenProbe, trace: Trace, label: str) -> Evidence:
    """What went in, what came out, what was expected."""
    step = frozen.probe.labels.get(label, len(frozen.probe.steps) - 1)
    expected = frozen.expected.get(label)
    error = None if trace.death else error_of(trace, step)
    value = None if trace.death or error else trace.values[step]
    got = shown(value)
    if error:
        got = Shown(f"{error.type}: {error.message}" if error.message else error.type)
    elif trace.death:
        got = Shown(f"no answer: {trace.detail}")
    file, line, source = error.lines[-1] if error and error.lines else ("", 0, "")
    used = script(frozen.probe, step)
    return Evidence(
        tuple((name, shown(array)) for name, array in _inputs(frozen.probe, trace) if _mentioned(name, used)),
        tuple(used),
        got,
        _expected(expected),
        _positions(value, expected),
        file,
        line,
        source,
    )


def _inputs(probe: Probe, trace: Trace) -> Iterator[tuple[str, Array]]:
    """All arrays of a probe, and the error tensors that were made in the shape of what came back."""
    yield from probe.arrays.items()
    for like, name in error_tensors(probe).items():
        made_for = as_array(trace.values[like.step])
        if made_for is not None and made_for.size <= MAX_DRAWN:
            yield name, normals(made_for.shape, like.seed)


def _mentioned(name: str, lines: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", line) for line in lines)


def _expected(expected: Expected | None) -> Shown | None:
    if expected is None:
        return None
    if expected.raised:
        return Shown(f"raises {expected.raised}")
    return shown(expected.array if expected.array is not None else expected.plain)


def _positions(value: Any, expected: Expected | None) -> tuple[int, ...]:
    got = as_array(value)
    if got is None or expected is None or expected.array is None or got.shape != expected.array.shape:
        return ()
    if got.dtype.kind == "c":
        return ()
    scale = float(np.max(np.abs(expected.array))) if expected.array.size else 0.0
    with np.errstate(invalid="ignore"):
        near = np.abs(got.astype(np.float64) - expected.array) <= 1e-8 * scale + 1e-12
    return tuple(int(i) for i in np.flatnonzero(~near)[:MAX_VALUES])


def shown(value: Any) -> Shown:
    """An array, a number or a description."""
    listed = isinstance(value, list | tuple)
    array = as_numbers(value) if listed else as_array(value)
    if array is None:
        return Shown(_brief(value) if listed else describe(value))
    values = tuple(_number(v) for v in array.ravel()[:MAX_VALUES].tolist())
    return Shown("", tuple(array.shape), str(array.dtype), values)


def _brief(value: Any) -> str:
    """A list in one line; objects by the names of their types."""
    if isinstance(value, list | tuple):
        items = ", ".join([_brief(item) for item in value[:MAX_ITEMS]] + ["..."] * (len(value) > MAX_ITEMS))
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    return value.text if isinstance(value, Opaque) else describe(value) if isinstance(value, np.ndarray) else str(value)


def _number(value: Any) -> float | str:
    return value if isinstance(value, int | float) and np.isfinite(value) else str(value)
