"""Python source in a course's names: renamed by its syntax, so that variables, arguments and strings stay."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from grader.naming import Naming

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BY_NAME = ("hasattr", "getattr", "setattr", "delattr")


class Edit(NamedTuple):
    """New text for a part of one line; lines from 1, columns in characters from 0."""

    line: int
    start: int
    end: int
    text: str


def renamed(source: str, naming_of: Callable[[ast.stmt | None], Naming], globals_: Mapping[str, str]) -> list[str]:
    """The lines of a module under other names.

    `naming_of` says which names hold in a statement of the module (None: in its docstring and in comments); `globals_`
    renames top-level names of the module that are no symbol of an exercise.
    """
    lines = source.splitlines()
    tree = ast.parse(source)
    edits: list[Edit] = []
    for node in tree.body:
        names = naming_of(node)
        symbols = {ours: theirs for ours, theirs in names.names.items() if names.is_symbol(ours)}
        finder = _Finder(lines, {**globals_, **symbols}, names.members, _modules(tree))
        finder.visit(node)
        edits += [*finder.edits, *_docstrings(node, lines, names)]
    if ast.get_docstring(tree) is not None:
        edits += _documented(tree.body[0], lines, naming_of(None))
    edits += _comments(source, naming_of(None))
    return apply(lines, edits)


def apply(lines: list[str], edits: list[Edit]) -> list[str]:
    """The lines with all edits made."""
    lines = list(lines)
    for edit in sorted(set(edits), reverse=True):
        line = lines[edit.line - 1]
        lines[edit.line - 1] = line[: edit.start] + edit.text + line[edit.end :]
    return lines


def _modules(tree: ast.Module) -> set[str]:
    """Names under which modules are imported: what stands after their dots is never ours."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    return {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}


def column(line: str, offset: int) -> int:
    """The character at an offset in UTF-8, which is what `ast` counts."""
    return len(line.encode()[:offset].decode())


class _Finder(ast.NodeVisitor):
    """Finds where a statement uses names that are to be replaced."""

    def __init__(
        self, lines: list[str], symbols: Mapping[str, str], members: Mapping[str, str], modules: set[str]
    ) -> None:
        self.lines, self.symbols, self.members, self.modules = lines, symbols, members, modules
        self.edits: list[Edit] = []
        self.scopes = ["module"]

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._definition(node)
        for child in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(child)
        self._inside("class", node.body)

    def visit_FunctionDef(self, node: Function) -> None:
        self._definition(node)
        for child in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
            self.visit(child)
        self._inside("function", node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        if node.attr in self.members and self._root(node) not in self.modules:
            line = self.lines[(node.end_lineno or 0) - 1]
            end = column(line, node.end_col_offset or 0)
            self._replace(node.end_lineno or 0, end - len(node.attr), node.attr, self.members[node.attr])

    def visit_Name(self, node: ast.Name) -> None:
        self._name(node.lineno, node.col_offset, node.id)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self._name(alias.lineno, alias.col_offset, alias.name)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = node.args[1] if len(node.args) > 1 else None
        if isinstance(node.func, ast.Name) and node.func.id in _BY_NAME and isinstance(name, ast.Constant):
            line, value = self.lines[name.lineno - 1], str(name.value)
            start = column(line, name.col_offset) + 1
            if value in self.members and line.startswith(value, start):
                self._replace(name.lineno, start, value, self.members[value])

    def _inside(self, scope: str, body: list[ast.stmt]) -> None:
        self.scopes.append(scope)
        for child in body:
            self.visit(child)
        self.scopes.pop()

    def _definition(self, node: ast.ClassDef | Function) -> None:
        """The name after `class` or `def`."""
        line = self.lines[node.lineno - 1]
        start = line.index(node.name, column(line, node.col_offset) + (3 if isinstance(node, Function) else 5))
        self._name(node.lineno, len(line[:start].encode()), node.name)

    def _name(self, line: int, offset: int, name: str) -> None:
        """A bare name: in a class body it may be a member, anywhere a symbol."""
        known = {**self.symbols, **self.members} if self.scopes[-1] == "class" else self.symbols
        if name in known:
            self._replace(line, column(self.lines[line - 1], offset), name, known[name])

    def _replace(self, line: int, start: int, old: str, new: str) -> None:
        self.edits.append(Edit(line, start, start + len(old), new))

    def _root(self, node: ast.expr) -> str:
        while isinstance(node, ast.Attribute):
            node = node.value
        return node.id if isinstance(node, ast.Name) else ""


def _docstrings(node: ast.stmt, lines: list[str], naming: Naming) -> Iterator[Edit]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.ClassDef | Function) and ast.get_docstring(inner) is not None:
            yield from _documented(inner.body[0], lines, naming)


def _documented(node: ast.stmt, lines: list[str], naming: Naming) -> list[Edit]:
    """A docstring, line by line."""
    first, last = node.lineno, node.end_lineno or node.lineno
    start = column(lines[first - 1], node.col_offset)
    old = [lines[first - 1][start:], *lines[first:last]]
    new = naming.docstring("\n".join(old)).split("\n")
    starts = [start] + [0] * (last - first)
    return [
        Edit(first + n, starts[n], starts[n] + len(was), is_)
        for n, (was, is_) in enumerate(zip(old, new, strict=True))
        if was != is_
    ]


def _comments(source: str, naming: Naming) -> Iterator[Edit]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text = naming.text(token.string)
            if text != token.string:
                yield Edit(token.start[0], token.start[1], token.end[1], text)
