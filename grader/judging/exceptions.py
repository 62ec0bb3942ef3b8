"""Says what was raised, by which of the steps that lead to a result, and at which line of the student's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.running.probes import Probe, Trace, error_of
from grader.worker.probe import Call, Get, Item, New, NotReached, Raised, Returned, Set

from .script import script, steps_before

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.context import Context

Sentence = tuple[str, str, str]
BLOCKING = frozenset({"file needed", "needs a result"})  # codes of consequences: the fault is elsewhere
OWN_HINTS = BLOCKING | {"not implemented"}
_LACKS = re.compile(r"has no attribute '(\w+)'")  # CPython's words for what a path ends before
READ_ONLY = ("no setter", "can't set attribute")  # CPython from 3.11 on, and before


def raised(trace: Trace, frozen: FrozenProbe, label: str, context: Context) -> Sentence:
    """(code, sentence, hint) for a label that has no result, or a wrong one, because something was raised."""
    probe, needs = frozen.probe, context.bank.bundle.needs
    step = first_failure(trace, probe, label)
    error = error_of(trace, step) if step >= 0 else None
    if error is None:
        return _no_result(trace, probe, label)
    name = _doing(probe, step)
    at, other = at_line(error), _other_file(error, needs)
    doing = probe.steps[step]
    if isinstance(doing, Item) and error.type == "TypeError":
        text = f"`{name}` returns {error.message[:200]}."
        return "not unpacked", text, "Return all that the handout asks for, in its order: `return a, b`."
    if error.type == "NotAvailable" and needs:
        absent = next((file for file in needs if file in error.message), "Another file")
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
    if error.type == "AttributeError" and not error.lines and (text := _lacking(probe, step, name, error)):
        return f"raised {error.type}", text, ""
    hint = f"Does {other} pass its own checks? If so, look at what it is given here." if other else ""
    if error.type == "TypeError" and not error.lines:
        hint = "Compare your arguments with the handout's; the first one of a method is `self`."
    if error.type == "KeyError" and not error.lines:
        hint = "Is the key there, and spelt as in the handout?"
    if error.type == "EOFError" and "input()" in error.message:
        hint = "Nobody is there to type anything while grading: remove input()."
    wanted = frozen.expected[label].raised if label in frozen.expected else ""
    instead = f" where {wanted} is expected" if wanted else ""
    return f"raised {error.type}", f"`{name}` raises {error.type}{instead}{at}.", hint


def first_failure(trace: Trace, probe: Probe, label: str) -> int:
    """The first step that raised among those that lead to the label's, this one included; -1 where none did."""
    raising = (n for n in sorted(steps_before(probe, probe.labels[label])) if isinstance(trace.outcomes[n], Raised))
    return next(raising, -1)


def hidden_failure(trace: Trace, probe: Probe, labels: Sequence[str]) -> str:
    """The first label that has a result although something was raised on the way to it, or "" where none has.

    Whatever such a result resembles, the exception is its cause: an optimizer whose setter raises is not there, and the
    weights look as if nobody updated them.
    """
    there = [label for label in labels if label in probe.labels and not trace.death]
    returned = (label for label in there if isinstance(trace.outcomes[probe.labels[label]], Returned))
    return next((label for label in returned if first_failure(trace, probe, label) >= 0), "")


def at_line(error: Raised | None) -> str:
    """The student's line in which an exception was raised, as the end of a sentence; the file where it is another."""
    if not error or not error.lines:
        return ""
    file, line, _ = error.lines[-1]
    return f" at your line {line}" if file == error.lines[0][0] else f" in {file}, line {line}"


def _doing(probe: Probe, step: int) -> str:
    """What a step does: the whole assignment of an attribute, else the right-hand side."""
    line = (script(probe, step)[-1:] or [""])[0]
    return line if isinstance(probe.steps[step], Set) else line.partition(" = ")[2] or line


def _lacking(probe: Probe, step: int, name: str, error: Raised) -> str:
    """The sentence for an attribute that is not there or cannot be set, "" where that is not what it is about."""
    doing = probe.steps[step]
    if isinstance(doing, Set) and any(words in error.message for words in READ_ONLY):
        return f"`{name.partition(' = ')[0]}` cannot be assigned: it is a property without a setter."
    if isinstance(doing, Call):
        made = probe.steps[doing.target]
        owner = made.symbol if isinstance(made, New) else name.rpartition(f".{doing.method}(")[0]
        return f"`{owner}` has no method `{doing.method}`." if owner else ""
    lacks = _LACKS.search(error.message)
    path = re.match(rf"[\w.\[\]']*?\.{lacks[1]}(?!\w)", name) if lacks and isinstance(doing, Get | Set) else None
    if path:
        return f"`{path[0]}` does not exist."
    return f"`{name}` does not exist." if isinstance(doing, Get) and re.fullmatch(r"[\w.]+", name) else ""


def _no_result(trace: Trace, probe: Probe, label: str) -> Sentence:
    """Nothing was raised, but a step that has returned no array keeps this one from being asked."""
    step = probe.labels[label]
    for _ in trace.outcomes:  # a forged trace may go round in circles
        outcome = trace.outcomes[step]
        step = outcome.because if isinstance(outcome, NotReached) else step
    if trace.death or step == probe.labels[label] or not isinstance(trace.outcomes[step], Returned):
        return "raised", "An earlier step failed.", ""
    text = f"The {label} cannot be judged before `{_doing(probe, step)}` returns an array."
    return "needs a result", text, "Is a return statement missing?"


def _other_file(error: Raised, needs: Sequence[str]) -> str:
    """The file in which an exception was raised, where that is not the one under judgement."""
    if not error.lines:
        return ""
    file = error.lines[-1][0]
    return file if file != error.lines[0][0] or file.rpartition("/")[2] in needs else ""
