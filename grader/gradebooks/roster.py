"""Whose a submission is: a roster file, or another system's export, matched with the names of submissions.

Course systems write people differently into the names of downloads: "doejane_1234" (Canvas), "Jane Doe_567" (Moodle), a
login (GitHub, nbgrader), an e-mail address. Somebody is matched where exactly one person and one submission fit each
other; everything else is listed, with the reason, for a human being.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.errors import InputError
from grader.text import printable

_SUBMISSION = ("submission",)
_NUMBERS = ("id", "identifier", "participant id", "user id")  # what Canvas and Moodle put after a name
_IDS = (
    *_NUMBERS,
    *("sis user id", "sis login id", "id number", "idnumber", "student id", "student_id", "matriculation number"),
    *("username", "user name", "login", "github", "github username", "github_username", "roster_identifier"),
)
_EMAILS = ("email", "e-mail", "email address", "mail")
_NAMES = ("student", "name", "full name", "fullname")
_FIRST, _LAST = ("first name", "firstname", "first_name"), ("last name", "lastname", "last_name", "surname")
_TAIL = re.compile(r"(.+)_(\d+)(?:-\d+)?", re.DOTALL)


class Roster(NamedTuple):
    """A roster as it was read: columns, and rows of as many cells. `people` are the rows that are about somebody."""

    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    people: tuple[int, ...] = ()

    def row(self, number: int) -> dict[str, str]:
        """A row by column."""
        return dict(zip(self.header, self.rows[number], strict=True))

    def name(self, number: int) -> str:
        """What somebody is called in lists."""
        row = {key.strip().casefold(): value.strip() for key, value in self.row(number).items()}
        both = " ".join(filter(None, (_first(row, _FIRST), _first(row, _LAST))))
        return _first(row, _NAMES) or both or _first(row, (*_EMAILS, *_IDS, *_SUBMISSION)) or f"row {number + 2}"


class Match(NamedTuple):
    """Row of the roster to submission; submissions without a person, with the reason; people without a submission."""

    submission_of: Mapping[int, str]
    unmatched: Mapping[str, str]
    absent: Sequence[int]


def read_roster(path: Path) -> Roster:
    """A CSV file with a header; comma, semicolon or tab, whichever the header has most of."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: give a roster as CSV in UTF-8.") from error
    first = text.partition("\n")[0]
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))
    except csv.Error as error:
        raise InputError(f"{path} is no CSV file ({error}).") from error
    header = _header(lines[0] if lines else [], path)
    if not {key.strip().casefold() for key in header} & {*_SUBMISSION, *_IDS, *_EMAILS, *_NAMES, *_LAST}:
        wanted = "submission, Student, ID, Identifier, Username, Full name, Email address"
        raise InputError(f"{path} names nobody: its first line must have columns such as {wanted}.")
    rows = tuple(tuple((line + [""] * len(header))[: len(header)]) for line in lines[1:] if any(line))
    people = tuple(n for n, row in enumerate(rows) if _is_person(dict(zip(header, row, strict=True))))
    return Roster(header, rows, people)


def _header(cells: Sequence[str], path: Path) -> tuple[str, ...]:
    """The columns; empty ones are told apart by their width."""
    named = [name for name in cells if name.strip()]
    if twice := next((name for name in named if named.count(name) > 1), ""):
        raise InputError(f"{path} has several columns called {printable(twice, 60)!r}: leave one of them.")
    return tuple(name if name.strip() else " " * place for place, name in enumerate(cells))


def match(names: Sequence[str], roster: Roster) -> Match:
    """Who handed in what. Without a roster nobody is unmatched."""
    if not roster.header:
        return Match({}, {}, ())
    keys = {number: _keys(roster.row(number)) for number in roster.people}
    found = {name: _candidates(name, keys) for name in names}
    unmatched, submission_of = {}, {}
    for name, rows in found.items():
        rivals = [other for other, theirs in found.items() if other != name and theirs == rows and len(rows) == 1]
        if not rows:
            unmatched[name] = "nobody in the roster fits"
        elif len(rows) > 1:
            unmatched[name] = f"several fit: {', '.join(printable(roster.name(n), 60) for n in rows[:5])}"
        elif rivals:
            whose = printable(roster.name(rows[0]), 60)
            unmatched[name] = f"{whose} has several submissions: {', '.join(sorted([name, *rivals])[:5])}"
        else:
            submission_of[rows[0]] = name
    return Match(submission_of, unmatched, [number for number in roster.people if number not in submission_of])


def _candidates(name: str, keys: Mapping[int, Sequence[set[str]]]) -> list[int]:
    """The rows that fit best: the named submission, else the number after the name, else id, address or name."""
    tail = _TAIL.fullmatch(name)
    wanted = [{name}, {tail[2] if tail else name}, {squeezed(name)} | ({squeezed(tail[1])} if tail else set())]
    for level, own in enumerate(wanted):
        rows = [number for number, theirs in keys.items() if own & theirs[level]]
        if rows:
            return rows
    return []


def _keys(row: Mapping[str, str]) -> tuple[set[str], set[str], set[str]]:
    """What somebody may be called: as a submission, as a number, in words."""
    cells = {key.strip().casefold(): value.strip() for key, value in row.items() if value.strip()}
    numbers = {value.casefold().removeprefix("participant").strip() for key, value in cells.items() if key in _NUMBERS}
    words = {squeezed(word) for word in _words(cells)} - {""}
    return {cells[key] for key in _SUBMISSION if key in cells}, numbers, words


def _words(cells: Mapping[str, str]) -> Iterator[str]:
    yield from (cells[key] for key in (*_IDS, *_EMAILS) if key in cells)
    yield from (cells[key].partition("@")[0] for key in _EMAILS if key in cells)
    yield from (cells[key].partition("@")[0] for key in _IDS if "@" in cells.get(key, ""))
    first, last = _first(cells, _FIRST), _first(cells, _LAST)
    yield from (first + last, last + first) if first and last else ()
    for name in (cells[key] for key in _NAMES if key in cells):
        left, comma, right = name.partition(",")
        before, _, after = name.rpartition(" ")
        yield from (name, right + left if comma else after + before)


def squeezed(text: str) -> str:
    """Letters and digits alone, small, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


def _first(cells: Mapping[str, str], keys: Sequence[str]) -> str:
    return next((cells[key] for key in keys if cells.get(key)), "")


def _is_person(row: Mapping[str, str]) -> bool:
    """Not one of the rows that Canvas puts below its header, nor its made-up student."""
    student = row.get("Student", "x").strip()
    return student not in ("", "Points Possible", "Manual Posting", "Student, Test") and any(
        value.strip() for value in row.values()
    )
