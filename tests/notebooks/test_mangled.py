"""Notebooks mangled at random: nothing of ours fails, and wrong code never gets full marks."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from cells import code, markdown, notebook, statements
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import REFERENCE, mutated

from grader.notebooks.reading import read, slim

SOURCES = {
    "": REFERENCE,
    "scale": mutated((" + self.bias[:, None, None]", "")),
    "peak": mutated((".argmax(axis=2)", ".argmin(axis=2)"), ("windows.max(axis=2)", "windows.min(axis=2)")),
    "doubling": mutated(("return 2.0 * number", "return 2.5 * number")),
}
JUNK = [
    "x = (",
    "'''",
    "%%bash\nls",
    "%time x = 1",
    "1 / 0",
    "    return 1",
    "while True: pass",
    "Scale = None",
    "#",
    "class",
]
ODD = [None, 3, ["a", 4], {"b": 1}, [], "\ud800", "\x00", ["line 1", "line 2"]]
OPERATIONS = (
    "delete", "move", "duplicate", "split", "retype", "join", "junk", "odd source", "odd metadata", "outputs", "indent",
)  # fmt: skip


def mangle(draw: Any, cells: list[Any]) -> None:
    """One operation on one of the cells."""
    operation, at = draw(st.sampled_from(OPERATIONS)), draw(st.integers(0, max(len(cells) - 1, 0)))
    if not cells or operation == "junk":
        cells.insert(at, code(draw(st.sampled_from(JUNK))))
        return
    cell, source = cells[at], cells[at]["source"] if isinstance(cells[at]["source"], str) else ""
    if operation == "delete":
        del cells[at]
    elif operation == "move":
        cells.insert(draw(st.integers(0, len(cells))), cells.pop(at))
    elif operation == "duplicate":
        cells.insert(draw(st.integers(0, len(cells))), dict(cell))
    elif operation == "split":
        cut = draw(st.integers(0, len(source)))
        cells[at : at + 1] = [code(source[:cut]), code(source[cut:])]
    elif operation == "join" and at + 1 < len(cells) and isinstance(cells[at + 1]["source"], str):
        cells[at : at + 2] = [code(source + "\n" + cells[at + 1]["source"])]
    elif operation == "retype":
        cells[at] = cell | {"cell_type": draw(st.sampled_from(["markdown", "raw", "heading", 7, None]))}
    elif operation == "odd source":
        cells.insert(at, code(draw(st.sampled_from(ODD))))
    elif operation == "odd metadata":
        cells[at] = cell | {
            "metadata": draw(st.sampled_from([None, [], {"nbgrader": []}, {"nbgrader": {"solution": 1}}]))
        }
    elif operation == "outputs":
        cells[at] = cell | {"outputs": [{"data": {"image/png": "A" * 10_000, "x": float("nan")}}] * 3}
    elif operation == "indent":
        cells[at] = cell | {"source": "\n".join("    " + line for line in source.split("\n"))}


def mangled(draw: Any, source: str) -> bytes:
    """A notebook of the source after a few operations, perhaps in the format 3, perhaps cut off."""
    cells: list[Any] = [markdown("# Title"), *map(code, statements(source))]
    for _ in range(draw(st.integers(0, 6))):
        mangle(draw, cells)
    data = notebook(cells)
    if draw(st.booleans()):
        data = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3, "metadata": None}).encode()
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data


def settings_for(count: int) -> settings:
    return settings(
        max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )


def try_one(grade: Any, data: Any) -> None:
    wrong = data.draw(st.sampled_from(list(SOURCES)))
    report = grade({"tiny.ipynb": slim(mangled(data.draw, SOURCES[wrong]))})
    assert report.complete and report.points <= report.max_points
    assert all(exercise.verdict != "pass" for exercise in report.exercises if exercise.exercise == wrong)


@settings_for(60)
@given(data=st.data())
def test_mangled_notebooks_raise_nothing_and_give_wrong_code_no_full_marks(grade: Any, data: Any) -> None:
    try_one(grade, data)


@pytest.mark.slow
@settings_for(500)
@given(data=st.data())
def test_500_mangled_notebooks_raise_nothing_and_give_wrong_code_no_full_marks(grade: Any, data: Any) -> None:
    try_one(grade, data)


@settings_for(100)
@given(data=st.data())
def test_keeping_the_cells_alone_changes_nothing(data: Any) -> None:
    text = mangled(data.draw, REFERENCE)
    assert read(slim(text)) == read(text)
    noise = bytearray(text)
    for place in data.draw(st.lists(st.integers(0, max(len(noise) - 1, 0)), max_size=5 if noise else 0)):
        noise[place] = data.draw(st.integers(0, 255))
    read(bytes(noise))


@pytest.mark.parametrize("kind", ["one text", "many lines", "numbers", "nested"])
def test_outputs_take_no_memory(kind: str) -> None:
    outputs = {
        "one text": ["A" * 10_000_000],
        "many lines": ["a line\n"] * 100_000,
        "numbers": [[0.5] * 300_000],
        "nested": [[[]] * 300_000],
    }[kind]
    text = notebook([code("x = 1") | {"outputs": [{"data": outputs}]}, "y = 2"])
    del outputs
    tracemalloc.start()
    try:
        kept = slim(text)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert [cell.source for cell in read(kept).cells] == ["x = 1", "y = 2"] and len(kept) < 500


def test_code_and_cells_have_limits_that_are_told() -> None:
    many = read(notebook(["x = 1"] * 10_001))
    assert len(many.cells) == 10_000 and "more than 10,000 cells" in many.problem
    long = read(notebook(["#" * 499_999] * 6))
    assert len(long.cells) == 2 and "1 MB of code" in long.problem
