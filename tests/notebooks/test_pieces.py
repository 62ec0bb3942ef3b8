"""Cells are put together whatever their number, without parsing the whole for each of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from grader.notebooks import pieces
from grader.notebooks.pieces import Damaged, Piece, as_pieces
from grader.notebooks.reading import Cell

HEAD = "class A:\n    x = 1"


def taken(*sources: str) -> tuple[list[Piece], list[Damaged]]:
    return as_pieces([Cell(number, "code", source) for number, source in enumerate(sources, 1)])


def cells(found: Sequence[Piece]) -> list[list[int]]:
    """The numbers of the cells in each piece."""
    return [sorted({place[0] for place in piece.places}) for piece in found]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all texts that were parsed, in lines."""
    lengths: list[int] = []
    original = pieces._parsed

    def counted(piece: Piece) -> object:
        lengths.append(len(piece.lines))
        return original(piece)

    monkeypatch.setattr(pieces, "_parsed", counted)
    return lengths


def test_a_long_row_of_indented_cells_is_one_piece_and_parsed_few_times(parsed: list[int]) -> None:
    found, damaged = taken(HEAD, *(f"    def f{number}(self): ..." for number in range(1000)))
    assert cells(found) == [list(range(1, 1002))] and not damaged
    assert len(parsed) < 30 and sum(parsed) < 4000
    assert found[0].tree is not None and len(found[0].tree.body[0].body) == 1001  # type: ignore[attr-defined]


def test_broken_cells_among_indented_ones_cost_only_themselves() -> None:
    methods = [f"    def f{number}(self): ..." if number % 7 else "    def g(:" for number in range(1, 40)]
    found, damaged = taken(HEAD, *methods, "y = 2", "z = 3", "    w = 4", "v = 5")
    broken = [number + 1 for number in range(7, 40, 7)]
    assert [one.cell for one in damaged] == broken
    assert cells(found) == [[n for n in range(1, 41) if n not in broken], [41], [42], [43], [44]]


@pytest.mark.parametrize("bad", ["    def g(:", "    x = (", "\tx = 1", "    s = '''"])
def test_many_broken_cells_are_not_joined_for_ever(parsed: list[int], bad: str) -> None:
    found, damaged = taken(HEAD, *["    y = 1"] * 1000, *[bad] * 3000)
    assert cells(found)[0] == list(range(1, 1002)) and len(found) + len(damaged) > 1000
    assert sum(parsed) < 100_000


def test_a_cell_between_two_broken_quotes_stays_code() -> None:
    rows = ["    def a(self): ..."] * 3
    found, damaged = taken(HEAD, *rows, "    s = '''", "    def forward(self): ...", "    '''", *rows)
    assert [one.cell for one in damaged] == [5, 7]
    assert cells(found) == [[1, 2, 3, 4, 6, 8, 9, 10]]


def test_indented_cells_may_begin_with_decorators_comments_commands_and_branches() -> None:
    row = [
        "    # a property\n    @property\n    def a(self): ...",
        "    !ls",
        "\n    %time\n    b = 2",
        "    if b:\n        c = 1",
        "    else:\n        c = 2",
        "    async def d(self): ...",
    ]
    found, damaged = taken(HEAD, *row, *row)
    assert cells(found) == [list(range(1, 14))] and not damaged
