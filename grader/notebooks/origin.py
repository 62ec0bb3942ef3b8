"""Results in the words of the notebook: the lines of a module made from it become cells and lines of cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from grader.report import CheckResult, Evidence, ExerciseResult, Finding
from grader.text import whole

from .pieces import Damaged, Place

RUN_IT = "Restart the kernel, run all cells and look at the error."


class Origin(NamedTuple):
    """The notebook that a module was made from: where each line stands there, what was left out, what to tell."""

    path: str
    places: Sequence[Place | None]
    damaged: tuple[Damaged, ...] = ()
    notes: tuple[str, ...] = ()

    def place(self, line: int) -> Place | None:
        """Cell and line of a line of the module."""
        return self.places[line - 1] if 0 < line <= len(self.places) else None

    def said(self, line: int) -> str:
        """ "cell 3, line 5", or the line where it is of no cell."""
        place = self.place(line)
        return f"cell {place[0]}, line {place[1]}" if place else f"line {line}"


Origins = Mapping[str, Origin]  # by the path of the module


def located(result: ExerciseResult, origins: Origins) -> ExerciseResult:
    """A result on the module `result.file`, told of the notebook that it was made from."""
    if not origins:
        return result
    main, told = result.file, _Told(result.file, origins)
    checks = tuple(_check(check, told) for check in result.checks)
    file = origins[main].path if main in origins else main
    return replace(result, file=file, checks=checks, notes=tuple(map(told.text, result.notes)))


def damage(symbols: Sequence[str], origin: Origin, defined: frozenset[str]) -> Finding | None:
    """Why one of the symbols is not there, where that is because its cell is no Python."""
    for symbol in symbols:
        one = next((one for one in reversed(origin.damaged) if symbol in one.defines), None)
        if symbol not in defined and one:
            where = f"cell {one.cell}, line {one.line}" if one.line else f"cell {one.cell}"
            evidence = Evidence(file=origin.path, line=one.line, source=one.source, cell=one.cell)
            sentence = whole(f"{where} of {origin.path} {one.reason}".replace("cell", "Cell", 1))
            return Finding("syntax", sentence, visible=True, evidence=evidence if one.line else None)
    return None


def _check(check: CheckResult, told: _Told) -> CheckResult:
    return replace(check, findings=tuple(_finding(finding, told) for finding in check.findings))


def _finding(finding: Finding, told: _Told) -> Finding:
    hint = RUN_IT if finding.hint.startswith("Run `python ") else told.text(finding.hint)
    evidence = finding.evidence and _evidence(finding.evidence, told.origins)
    return replace(finding, sentence=told.text(finding.sentence), hint=hint, evidence=evidence)


def _evidence(evidence: Evidence, origins: Origins) -> Evidence:
    origin = origins.get(evidence.file)
    if not origin:
        return evidence
    place = origin.place(evidence.line)
    cell, line = place or (0, 0)
    return replace(evidence, file=origin.path, cell=cell, line=line)


class _Told:
    """Sentences with cells in the place of lines. `main` is the module that lines without a file are of."""

    def __init__(self, main: str, origins: Origins) -> None:
        self.origins = origins
        self._rules: list[tuple[re.Pattern[str], Origin, str]] = []
        for path, origin in origins.items():
            name = rf"(?<![\w/]){re.escape(path)}"
            self._rules += [
                (re.compile(rf"(?:^|(?<=\. ))Line (\d+) of {name}"), origin, "{Place} of {path}"),
                (re.compile(rf"{name}, line (\d+)"), origin, "{path}, {place}"),
                (re.compile(rf"{name}: line (\d+)"), origin, "{path}: {place}"),
                (re.compile(rf"{name} could not be loaded: line (\d+)"), origin, "{path} could not be loaded: {place}"),
                (re.compile(rf"{name}, which could not be loaded \(line (\d+)"), origin,
                 "{path}, which could not be loaded ({place}"),
                (re.compile(rf"{name}()(?!\w)"), origin, "{path}"),
            ]  # fmt: skip
        if main in origins:
            own = origins[main]
            self._rules += [
                (re.compile(r"^line (\d+)\b"), own, "{place}"),
                (re.compile(r" at your line (\d+)"), own, " in your {place}"),
                (re.compile(r"\(line (\d+)\)"), own, "({place})"),
                (re.compile(r"(?<=: )line (\d+)(?= \w)"), own, "{place}"),
            ]

    def text(self, sentence: str) -> str:
        """The sentence, with everything in it that is about a module."""
        for pattern, origin, form in self._rules:
            sentence = pattern.sub(lambda found, o=origin, f=form: _filled(f, o, found[1]), sentence)  # type: ignore[misc]
        return sentence


def _filled(form: str, origin: Origin, line: str) -> str:
    place = origin.said(int(line[:9])) if line else ""
    return form.format(path=origin.path, place=place, Place=place[:1].upper() + place[1:])
