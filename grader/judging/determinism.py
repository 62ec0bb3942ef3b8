"""Finds code that answers differently when it is asked the same again, so that nobody is scored by luck.

A few probes of each exercise are repeated in the same worker, with another clock, other addresses and other garbage in
unwritten memory; a file that mentions clocks or addresses is loaded in two more workers as well. Where an answer
differs, state that the code keeps may be the cause, which is no luck: so three fresh workers run the whole bank with
the same history, and only what differs among them is called nondeterministic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from grader.bundle import Bundle
from grader.report import CheckResult, Finding
from grader.running.probes import Array, Batch, Probe, Trace, as_array
from grader.running.session import Session
from grader.worker.probe import Outcome, Raised
from grader.worker.repeatable import unwritten

from .checks import Check, Shapes
from .context import Bank, Context

MANY, MOST = 20, 2  # one of so many probes of a plan is repeated for everyone, and at most so many
FEW = 3  # probes of each plan that other workers repeat
RUNS = 3
Differences = dict[int, dict[int, bool]]  # probe to step to whether it differs in more than numbers
TOLERANCE = 1e-5  # of the largest entry: addresses decide about alignment, and that about the order of additions
SENTENCE = "Two runs with the same inputs give different results."
HINT = (
    "Results may depend on the arguments and on random generators, but not on the clock, on `id` or `hash` of objects, "
    "or on memory that was never written."
)
_DYNAMIC = frozenset({b"import_module", b"__import__", b"exec", b"eval"})
_SUSPICIOUS = re.compile(
    rb"^[ \t]*(?:import|from)\b[^\n#]*\b(?:time|datetime|timeit|calendar|uuid|platform|resource|gc|weakref|psutil)\b"
    rb"|\b(?:id|hash|vars|exec|eval|__import__|import_module|ndarray)[ \t]*\("
    rb"|\b(?:getpid|getppid|os\.times|getloadavg|getrusage|ctypes|__array_interface__|__hash__|__repr__)\b",
    re.MULTILINE,
)


def repeats(bundle: Bundle) -> tuple[int, ...]:
    """The numbers of the probes that are repeated for everyone: the smallest of the large plans, or the very first."""
    chosen = [n for _, first, count in _plans(bundle) for n in range(first, first + min(MOST, count // MANY))]
    return tuple(chosen or [0])


def _plans(bundle: Bundle) -> list[tuple[str, int, int]]:
    """(name, number of the first probe, number of probes) of each plan."""
    placed, start = [], 0
    for plan in bundle.plans:
        placed.append((plan.name, start, len(plan.probes)))
        start += len(plan.probes)
    return placed


def suspicious(files: Mapping[str, bytes], main: str) -> bool:
    """Whether a file, or one that it may import, mentions clocks or addresses of objects at all."""
    looks = _looks(hash(frozenset(files.items())), frozenset(files))
    return any(looks.mentions(path, files[path]) for path in _reached(files, main, looks))


def _reached(files: Mapping[str, bytes], main: str, looks: _Looks) -> set[str]:
    """The file and all whose module names it, or one of these, mentions; all where names may be put together."""
    reached, unnamed = set[str](), dict(looks.paths)
    waiting = {main, *unnamed.pop(b"__init__", ())}
    while waiting:
        path = waiting.pop()
        reached.add(path)
        words = looks.words(path, files[path])
        if not _DYNAMIC.isdisjoint(words):
            return set(files)
        for word in words:
            waiting.update(other for other in unnamed.pop(word, ()) if other not in reached)
    return reached


class _Looks:
    """What was seen in the files of one submission, each looked at once for all exercises. Their texts are not kept."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths: dict[bytes, list[str]] = {}  # by what a file that imports them must mention
        for path in paths:
            self.paths.setdefault(PurePosixPath(path).stem.lower().encode(), []).append(path)
        self._telling = {word: word for word in (*self.paths, *_DYNAMIC)}
        self._words: dict[str, tuple[bytes, ...]] = {}
        self._mentions: dict[str, bool] = {}

    def words(self, path: str, text: bytes) -> tuple[bytes, ...]:
        """The words of a file that are names of other files, or put names together."""
        if path not in self._words:
            told = self._telling.keys() & re.findall(rb"\w+", text.lower())
            self._words[path] = tuple(self._telling[word] for word in told)  # one object for a word, in however many
        return self._words[path]

    def mentions(self, path: str, text: bytes) -> bool:
        """Whether a file mentions clocks or addresses of objects."""
        if path not in self._mentions:
            self._mentions[path] = bool(_SUSPICIOUS.search(text))
        return self._mentions[path]


@lru_cache(maxsize=1)  # submissions come one by one
def _looks(key: int, paths: frozenset[str]) -> _Looks:
    """What was seen in the submission with these paths; `key` tells apart what is in the files."""
    return _Looks(paths)


def lucky(bank: Bank, session: Session, first: Sequence[Trace], again: Sequence[Trace]) -> Differences:
    """What fresh workers do differently, by number of the probe; `again` are the traces of `repeats`.

    A program that ran out of time is left alone: when that happens is no matter of the program alone.
    """
    if any(trace.death == "timeout" for trace in first) or not _doubtful(bank, session, first, again):
        return {}
    return _differing_runs(bank, session, first)


def _doubtful(bank: Bank, session: Session, first: Sequence[Trace], again: Sequence[Trace]) -> bool:
    numbers = repeats(bank.bundle)
    if any(differing(first[number], trace) for number, trace in zip(numbers, again, strict=True)):
        return True
    if not suspicious(session.source.files, session.source.main):
        return False
    few = [n for _, start, count in _plans(bank.bundle) for n in range(start, start + min(FEW, count))]
    chosen = Batch([bank.probes[n] for n in few])
    return any(
        differing(first[n], trace)
        for other in session.disturbed
        for n, trace in zip(few, other.run(chosen), strict=True)
    )


def _differing_runs(bank: Bank, session: Session, first: Sequence[Trace]) -> Differences:
    """What differs among fresh workers which have all done the same before.

    A worker that dies has a successor, which has done less: runs count only where they died in the same probes, and
    `eager` ones, whose successors begin with the very next probe.
    """
    runs: list[list[Trace]] = []
    found: Differences = {}
    for number in range(1, RUNS + 1):
        with session.again(number) as fresh:
            fresh.eager = any(trace.death for trace in first)
            runs.append(fresh.run(Batch(bank.probes)))
        if [trace.death for trace in runs[-1]] != [trace.death for trace in runs[0]]:
            return {}
        for probe, (one, other) in enumerate(zip(runs[0], runs[-1], strict=True)):
            for step, kind in differing(one, other).items():
                if not _unwritten(first[probe].values[step]):
                    found.setdefault(probe, {}).setdefault(step, kind)
    return found


def differing(one: Trace, other: Trace) -> dict[int, bool]:
    """The steps in which two traces of one probe differ by more than rounding, and whether they do so in kind."""
    if one.death or other.death:
        return {}
    steps: dict[int, bool] = {}
    for number, (mine, theirs) in enumerate(zip(one.outcomes, other.outcomes, strict=True)):
        if _kind(mine) != _kind(theirs):
            steps[number] = True
        elif not alike(one.values[number], other.values[number]):
            steps[number] = _shape(one.values[number]) != _shape(other.values[number])
    return steps


def _unwritten(value: Any) -> bool:
    array = as_array(value)
    return array is not None and unwritten(array)


def _shape(value: Any) -> tuple[int, ...] | None:
    array = as_array(value)
    return None if array is None else array.shape


def _kind(outcome: Outcome) -> object:
    return outcome.bases if isinstance(outcome, Raised) else type(outcome)


def alike(one: Any, other: Any) -> bool:
    """Whether two reported values are equal but for rounding. Unwritten memory is told about elsewhere."""
    mine, theirs = as_array(one), as_array(other)
    if mine is not None and theirs is not None:
        return _close(mine, theirs)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and bool(one == other)


def _close(one: Array, other: Array) -> bool:
    if _unwritten(one):
        return True
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.tobytes() == other.tobytes():
        return True
    with np.errstate(all="ignore"):
        sizes = np.abs(one)
        scale = float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))
        return bool(np.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True))


def without_luck(context: Context, checks: Sequence[CheckResult], found: Differences) -> list[CheckResult]:
    """No points for the checks that look at steps which differ from run to run, and for those that build on them."""
    if not found:
        return list(checks)
    starts = {name: start for name, start, _ in _plans(context.bank.bundle)}
    judged: list[CheckResult] = []
    for check, one in zip(context.bank.bundle.checks, checks, strict=True):
        told = None
        if any(_concerns(check, context.bank.probes[n], found[n]) for n in _of(context, check, starts) if n in found):
            told = Finding("nondeterministic", SENTENCE, HINT, visible=True)
        elif any(other.name == check.after and other.verdict == "nondeterministic" for other in judged):
            told = Finding("depends", f'This counts once "{check.after}" gives the same results in every run.')
        judged.append(_unearned(one, told) if told else one)
    return judged


def _of(context: Context, check: Check, starts: Mapping[str, int]) -> range:
    """The numbers of the probes that a check looks at."""
    return range(starts[check.plan], starts[check.plan] + len(context.plan(check.plan).probes))


def _unearned(one: CheckResult, told: Finding) -> CheckResult:
    return CheckResult(one.name, "nondeterministic", 0.0, one.max_points, 0, one.cases, (told,))


def _concerns(check: Check, probe: Probe, steps: Mapping[int, bool]) -> bool:
    differ = [steps[probe.labels[label]] for label in check.labels if probe.labels.get(label, -1) in steps]
    return any(differ) if isinstance(check, Shapes) else bool(differ)


def batch(bank: Bank) -> Batch:
    """All probes of a bank, and some of them again."""
    probes: Sequence[Probe] = bank.probes
    return Batch(probes, repeats(bank.bundle))
