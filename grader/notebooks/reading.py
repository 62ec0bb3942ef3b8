"""A notebook file as its cells, in all formats from nbformat 1 to 4, with no trust in any of it.

Outputs, attachments and widgets are never decoded. `slim` keeps of a file what grading needs, as a small notebook.
"""

from __future__ import annotations

import codecs
import json
from typing import Any, NamedTuple

from .json_parts import Broken, Parts

MAX_BYTES = 200_000_000  # of a notebook as it is handed in
MAX_SOURCE = 500_000  # characters of one cell, written with escapes of up to 6 bytes
MAX_SOURCES = 1_000_000  # of all cells
MAX_CELLS = 10_000
MAX_UTF16 = 20_000_000
_METADATA = 100_000
_NO_NOTEBOOK = "it is no notebook"
_CUT_OFF = "it ends too early or is damaged"
_TOO_MUCH = f"it has more than {MAX_CELLS:,} cells or {MAX_SOURCES // 1_000_000} MB of code"


class Cell(NamedTuple):
    """A cell: its number as people count, from 1, and what kind it is by now ("code", "markdown" ...)."""

    number: int
    kind: str
    source: str
    nbgrader: dict[str, Any] = {}  # noqa: RUF012 (never written to)

    @property
    def is_solution(self) -> bool:
        """Whether nbgrader's metadata say that students write here."""
        return self.nbgrader.get("solution") is True


class Notebook(NamedTuple):
    """What is in a notebook. `file` is the course's file that it was made for, by our metadata, or "".

    `problem` says why there is less in it than in the file: a clause about "it".
    """

    cells: tuple[Cell, ...] = ()
    file: str = ""
    problem: str = ""


def read(data: bytes) -> Notebook:
    """The notebook in these bytes; where they are none, one without cells and with a problem."""
    parts = Parts(_as_utf8(data))
    reader = _Reader(parts)
    try:
        reader.read(len(parts.data) - len(parts.data.lstrip()))
    except Broken:
        reader.problem = reader.problem or (_CUT_OFF if reader.cells else _NO_NOTEBOOK)
    if not reader.found and not reader.problem:
        reader.problem = _NO_NOTEBOOK
    return Notebook(tuple(reader.cells), reader.file, reader.problem)


def slim(data: bytes) -> bytes:
    """The notebook with nothing in it but what `read` reads: a notebook of nbformat 4."""
    notebook = read(data)
    cells = []
    for cell in notebook.cells:
        metadata = {"nbgrader": cell.nbgrader} if cell.nbgrader else {}
        cells.append({"cell_type": cell.kind, "metadata": metadata, "source": cell.source})
    ours = {key: text for key, text in (("file", notebook.file), ("problem", notebook.problem)) if text}
    whole = {"cells": cells, "metadata": {"grader": ours} if ours else {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole).encode()


def _as_utf8(data: bytes) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) <= MAX_UTF16:
        return data.decode("utf-16", "replace").encode()
    return data


class _Reader:
    """Collects cells while it walks through the text; what it has stays where the text breaks off."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.cells: list[Cell] = []
        self.found = False
        self.file = self.problem = ""
        self._room = MAX_SOURCES

    def read(self, at: int) -> None:
        for key, start in self.parts.members(at):
            if key == "cells":
                self._cells(start)
            elif key == "worksheets":
                for sheet in self.parts.items(start):
                    for inner, place in self.parts.members(sheet):
                        if inner == "cells":
                            self._cells(place)
            elif key == "metadata":
                ours = _dict(_dict(self.parts.value(start, _METADATA)).get("grader"))
                self.file, problem = (_text(ours.get(name))[:200] for name in ("file", "problem"))
                self.problem = self.problem or problem

    def _cells(self, at: int) -> None:
        self.found = True
        for start in self.parts.items(at):
            if self.parts.data[start : start + 1] != b"{":
                continue
            cell = self._cell(start)
            if len(self.cells) >= MAX_CELLS or len(cell.source) > self._room:
                self.problem = _TOO_MUCH
                return
            self._room -= len(cell.source)
            self.cells.append(cell)

    def _cell(self, at: int) -> Cell:
        kind, source, nbgrader = "code", "", dict[str, Any]()
        for key, start in self.parts.members(at):
            if key == "cell_type":
                kind = _text(self.parts.value(start))[:20].lower()
            elif key in ("source", "input", "code") and not source:
                source = self._source(start)
            elif key == "metadata":
                nbgrader = _plain(_dict(_dict(self.parts.value(start, _METADATA)).get("nbgrader")))
        return Cell(len(self.cells) + 1, kind, source, nbgrader)

    def _source(self, at: int) -> str:
        """A cell's text, which may be a list of its lines; nothing where it is longer than any that people write."""
        if self.parts.skip(at) - at > 6 * MAX_SOURCE:
            self.problem = _TOO_MUCH
            return ""
        value = self.parts.value(at, 6 * MAX_SOURCE)
        if value is None and self.parts.data[at : at + 1] == b"[":  # a merge's marks may stand between the lines
            value = [self.parts.value(line, 6 * MAX_SOURCE) for line in self.parts.items(at)]
        if isinstance(value, list):
            lines = [line for line in value if isinstance(line, str)]
            value = ("" if any(line.endswith("\n") for line in lines[:-1]) else "\n").join(lines)
        return _text(value)[:MAX_SOURCE].replace("\r\n", "\n").replace("\r", "\n")


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata without what is none of it."""
    known = ("grade", "solution", "locked", "task", "grade_id", "points", "schema_version")
    return {key: metadata[key] for key in known if isinstance(metadata.get(key), str | int | float | bool)}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """A text that can be encoded; "" for everything else."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
