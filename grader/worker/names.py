"""Names: of files as modules, and those that stand in a file's source."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator


def dotted(place: str) -> str:
    """The name under which a file or folder is imported."""
    parts = place.removesuffix(".py").split("/")
    return ".".join(part.replace(".", "_") for part in parts)


def file_name(name: str) -> str:
    """The file that a dotted name asks for."""
    return f"{name.rpartition('.')[2]}.py"


def folder_of(place: str) -> str:
    """The folder that a path lies in, "" for none."""
    return place.rpartition("/")[0]


def folders_of(place: str) -> Iterator[str]:
    """The folder that a path lies in, the one that this lies in, and so on."""
    while place := folder_of(place):
        yield place


def stem_of(place: str) -> str:
    """The name of a file without its ending."""
    name = place.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def shared_folders(a: str, b: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(a.split("/")[:-1], b.split("/")[:-1], strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(a.count("/"), b.count("/")))


def unbraced(text: str) -> str:
    """For a text that goes through `format`."""
    return text.replace("{", "{{").replace("}", "}}")


def unbound(tree: ast.Module) -> set[str]:
    """Names that a file reads and nowhere defines."""
    read, bound = set[str](), set(dir(builtins)) | {"__file__", "__name__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return read - bound


def names_in(node: ast.AST | None) -> list[str]:
    """All names that stand in an expression."""
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)] if node else []
