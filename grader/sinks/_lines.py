"""Where in a student's file the method begins that a check is about, so that a remark can stand beside it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Mapping, Sequence

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_METHODS = (  # a word of a check's name, and the methods that it may be about
    ("initial", ("initialize", "__init__")),
    ("gradient", ("backward", "calculate_update")),
    ("new weights", ("backward",)),
    ("optimizer", ("optimizer", "backward")),
    ("step", ("calculate_update",)),
    ("illegal", ("__init__",)),
    ("", ("forward", "calculate_update", "initialize")),
)


def check_lines(
    source: bytes, symbols: Sequence[str], names: Mapping[str, str], checks: Iterable[str]
) -> dict[str, int]:
    """Check to line, from 1 on; `names` are the course's own. All are 1 where the file is no Python."""
    tree = _parsed(source)
    wanted = [names.get(symbol, symbol) for symbol in symbols]
    found = [node for node in tree if isinstance(node, Definition) and node.name in wanted]
    return {check: _line(found, check, names) for check in checks}


def _parsed(source: bytes) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _line(found: Sequence[Definition], check: str, names: Mapping[str, str]) -> int:
    if not found:
        return 1
    words = check.replace(" ", "_").lower()
    best = next((node for node in found if node.name.lower() in words), found[0])
    inner = {node.name: node.lineno for node in reversed(best.body) if isinstance(node, Definition)}
    named = [name for name in inner if not name.startswith("_") and name.lower() in words]
    guessed = [names.get(m, m) for word, methods in _METHODS if word in check.lower() for m in methods]
    return next((inner[name] for name in (*named, *guessed) if name in inner), best.lineno)
