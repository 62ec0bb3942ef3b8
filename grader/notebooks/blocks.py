"""A module as the blocks that become cells of a notebook, with or without its solutions between nbgrader's marks.

nbgrader puts two lines of a stub in the place of what lies between the marks, with the indentation of the first mark.
So that what students get is Python, a region begins in the body of a function that they write, and goes on over the
helpers of the solution that follow it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from grader.authoring.template import BEGIN, END
from grader.errors import CourseError

from .units import is_stub

MARKS = "### BEGIN SOLUTION", "### END SOLUTION"
_DEFINITION = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Block(NamedTuple):
    """The text of a cell: what it defines ("" for what comes before definitions), and whether students write in it."""

    name: str
    text: str
    solution: bool = False


def blocks(source: str, asked: Iterable[str]) -> list[Block]:
    """A skeleton as blocks: what students write (stubs, and names that are `asked` for) apart from the rest."""
    wanted = frozenset(asked)
    found = []
    for node, text in _statements(source):
        name = _name(node)
        if isinstance(node, _DEFINITION):
            found.append(Block(name, text, name in wanted or any(map(is_stub, ast.walk(node)))))
        else:
            found.append(Block(name if name in wanted else "", text, name in wanted))
    return _joined(found)


def marked(skeleton: str, whole: str) -> list[Block]:
    """The `whole` as blocks, with nbgrader's marks around all that is not in the `skeleton`."""
    given = _members(ast.parse(skeleton).body)
    lines = _Lines(whole.splitlines(), skeleton.splitlines())
    found: list[_Cell] = []
    helpers: list[_Helper] = []
    for node, text in _statements(whole):
        uses = frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        if _key(node) not in given and not isinstance(node, ast.Import | ast.ImportFrom):
            helpers.append(_Helper(_name(node), text, uses))
        else:
            first = (node.end_lineno or 0) - text.count("\n")
            parts = _parts(node, given.get(_key(node)), lines, first)
            named = isinstance(node, _DEFINITION) or _is_solved(parts)
            found.append(_Cell(_name(node) if named else "", parts, uses))
    found = _with_helpers(found, helpers)
    return _joined([Block(cell.name, _text(cell.parts), _is_solved(cell.parts)) for cell in found])


def without_marks(source: str) -> str:
    """A reference without the lines that mark its solutions."""
    return "".join(line for line in source.splitlines(keepends=True) if line.strip() not in (BEGIN, END))


class _Part(NamedTuple):
    """Lines of a cell that students get, or that they do not."""

    text: str
    solution: bool = False


class _Cell(NamedTuple):
    name: str
    parts: list[_Part]
    uses: frozenset[str]


class _Helper(NamedTuple):
    """A statement of the module that is part of the solution: the name that it binds, and the names that it uses."""

    name: str
    text: str
    uses: frozenset[str]


class _Lines(NamedTuple):
    """The lines of the whole module and of its skeleton."""

    ours: Sequence[str]
    theirs: Sequence[str]

    def cut(self, first: int, last: int) -> str:
        """Lines of the whole, counted from 1, both included."""
        return "\n".join(self.ours[first - 1 : last])


def _statements(source: str) -> Iterator[tuple[ast.stmt, str]]:
    """Each statement of a module but its docstring, with the comments above it."""
    tree, lines = ast.parse(source), source.splitlines()
    nodes, start = tree.body, 0
    if ast.get_docstring(tree) is not None:
        nodes, start = nodes[1:], nodes[0].end_lineno or 0
    for node in nodes:
        yield node, "\n".join(lines[start : node.end_lineno]).strip("\n")
        start = node.end_lineno or start


def _name(node: ast.stmt) -> str:
    """What a statement defines or assigns, "" where that is no single name."""
    if isinstance(node, _DEFINITION):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _key(node: ast.stmt) -> str:
    """What a statement is recognised by in the other version of the module."""
    how = [ast.unparse(one) for one in getattr(node, "decorator_list", [])]  # a property and its setter share a name
    return " ".join([*how, _name(node)]) if _name(node) else ast.dump(node)


def _members(nodes: Sequence[ast.stmt]) -> dict[str, ast.stmt]:
    return {_key(node): node for node in nodes}


def _is_solved(parts: Sequence[_Part]) -> bool:
    return any(part.solution for part in parts)


def _parts(node: ast.stmt, given: ast.stmt | None, lines: _Lines, first: int) -> list[_Part]:
    """A statement of the whole, from the line `first` on, as its counterpart in the skeleton leaves it."""
    last = node.end_lineno or first
    text = lines.cut(first, last)
    if given is None or ast.dump(node) == ast.dump(given):
        return [_Part(text)]
    if isinstance(node, ast.ClassDef) and isinstance(given, ast.ClassDef):
        return _of_class(node, given, lines, first)
    if not isinstance(node, _DEFINITION):
        start = _commented(given.lineno, lines.theirs)
        left = "\n".join(lines.theirs[start - 1 : given.end_lineno])
        return [_Part(left), _Part(lines.cut(node.lineno, last), True)]
    return _of_function(node, given, lines, first)


def _of_class(node: ast.ClassDef, given: ast.ClassDef, lines: _Lines, first: int) -> list[_Part]:
    members, parts = _members(given.body), list[_Part]()
    early: list[_Part] = []
    for inner in node.body:
        start, last = first, inner.end_lineno or first
        first = last + 1
        if not parts:  # the head of the class goes with its first member
            parts.append(_Part(lines.cut(start, last)))
        elif _key(inner) in members:
            parts.extend(_parts(inner, members[_key(inner)], lines, start))
        else:
            early.append(_Part(lines.cut(start, last), True))
        if early and parts[-1].solution:
            parts.extend(early)
            early = []
    return parts + early


def _of_function(node: ast.stmt, given: ast.stmt, lines: _Lines, first: int) -> list[_Part]:
    """What stands before the first statement that differs, the solution, and what stands behind it."""
    body, theirs = getattr(node, "body", []), [one for one in getattr(given, "body", []) if not _is_raise(one)]
    dumps, kept = [ast.dump(one) for one in body], [ast.dump(one) for one in theirs]
    before = 0
    while before < min(len(dumps), len(kept)) and dumps[before] == kept[before]:
        before += 1
    after = 0
    while after < len(kept) - before and dumps[-1 - after] == kept[-1 - after]:
        after += 1
    if before + after >= len(body) or body[before].lineno <= node.lineno:
        raise CourseError(f"The solution of {_name(node)} cannot be marked: write its body in lines of their own.")
    start = body[before - 1].end_lineno + 1 if before else body[before].lineno
    start = start if before else _commented(start, lines.ours)
    last = node.end_lineno or start
    end = body[len(body) - after - 1].end_lineno if after else last
    parts = [_Part(lines.cut(first, start - 1)), _Part(lines.cut(start, end), True)]
    return [*parts, _Part(lines.cut(end + 1, last))] if after else parts


def _commented(line: int, lines: Sequence[str]) -> int:
    """The first line of the comments above a line, or itself."""
    while line > 1 and lines[line - 2].lstrip().startswith("#"):
        line -= 1
    return line


def _is_raise(node: ast.stmt) -> bool:
    exc = node.exc if isinstance(node, ast.Raise) else None
    return getattr(exc.func if isinstance(exc, ast.Call) else exc, "id", "") == "NotImplementedError"


def _with_helpers(cells: Sequence[_Cell], helpers: Sequence[_Helper]) -> list[_Cell]:
    """Each helper in the first cell that needs it, since cells run one by one; behind the solution that ends there."""
    ends = [number for number, cell in enumerate(cells) if cell.parts[-1].solution]
    at = {one.name: _first(one.name, cells) for one in helpers}
    for _ in helpers:  # a helper of a helper is needed where that is
        for one in helpers:
            at.update({name: min(at[name], at[one.name]) for name in one.uses & at.keys()})
    if not ends:
        return [*cells, *(_Cell(one.name, [_Part(one.text, True)], one.uses) for one in helpers)]
    for one in helpers:
        place = max((end for end in ends if end <= at[one.name]), default=ends[0])
        cells[place].parts.append(_Part(f"\n\n{one.text}", True))
    return list(cells)


def _first(name: str, cells: Sequence[_Cell]) -> int:
    return next((number for number, cell in enumerate(cells) if name in cell.uses), len(cells))


def _text(parts: Sequence[_Part]) -> str:
    """The text of a cell, each solution between marks of its indentation."""
    lines: list[str] = []
    regions = [part.solution for part in parts]
    for number, part in enumerate(parts):
        text = part.text if number else part.text.lstrip("\n")
        if part.solution and not (number and regions[number - 1]):
            text = text.lstrip("\n")
            indent = text[: len(text) - len(text.lstrip())]
            lines.append(indent + MARKS[0])
        lines.append(text)
        if part.solution and not (number + 1 < len(parts) and regions[number + 1]):
            lines.append(f"{indent}{MARKS[1]}")
    return "\n".join(lines)


def _joined(found: Sequence[Block]) -> list[Block]:
    """The same with what has no name in as few blocks as possible."""
    joined: list[Block] = []
    for block in found:
        if joined and not block.name and not joined[-1].name:
            joined[-1] = Block("", f"{joined[-1].text}\n{block.text}")
        else:
            joined.append(block)
    return joined
