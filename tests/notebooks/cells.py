"""Notebooks for tests: from sources or lists of cells, in every format."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from typing import Any

Cell = dict[str, Any]


def statements(source: str) -> list[str]:
    """The top-level statements of a module, which make one cell each."""
    lines = source.splitlines()
    nodes = ast.parse(source).body
    return ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in nodes]


def code(source: Any, **metadata: Any) -> Cell:
    """A code cell of nbformat 4."""
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


def markdown(source: str) -> Cell:
    """A text cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(cells: Sequence[Cell | str], **metadata: Any) -> bytes:
    """nbformat 4; texts become code cells."""
    whole = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    return json.dumps({"cells": whole, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def in_format(cells: Sequence[str], version: int, minor: int = 0) -> bytes:
    """Code cells as each nbformat writes them."""
    if version == 4:
        return json.dumps(
            {
                "cells": [code(cell.splitlines(keepends=True)) for cell in cells],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": minor,
            }
        ).encode()
    key = "code" if version == 1 else "input"
    old = [{"cell_type": "code", "language": "python", key: cell, "outputs": [], "collapsed": False} for cell in cells]
    body: dict[str, Any] = {"cells": old} if version == 1 else {"worksheets": [{"cells": old, "metadata": {}}]}
    return json.dumps({**body, "metadata": {"name": ""}, "nbformat": version, "nbformat_minor": minor}).encode()
