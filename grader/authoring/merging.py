"""Several modules in one, or a part of one: which statements are needed, and what must be called otherwise."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.errors import CourseError

from .renaming import Function

Definition = ast.ClassDef | Function
GONE = "\0"  # a line that is left out
Clashes = Mapping[str, str | None]  # name to new name; None where an earlier module has the very same statement


class Segment(NamedTuple):
    """A top-level statement with the comment above it: the names it binds and uses."""

    node: ast.stmt
    first: int
    binds: frozenset[str]
    uses: frozenset[str]

    def lines(self, lines: Sequence[str]) -> str:
        """Its text."""
        return "\n".join(lines[self.first - 1 : self.node.end_lineno])


class Piece(NamedTuple):
    """A module's renamed lines, and the statements of it that are wanted."""

    lines: list[str]
    segments: list[Segment]
    clashes: Clashes


def segments_of(tree: ast.Module, lines: Sequence[str] = ()) -> list[Segment]:
    """The statements of a module without its docstring and its imports."""
    found = []
    start = 1 if ast.get_docstring(tree) is not None else 0
    for node in tree.body[start:]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        while first > 1 and lines and lines[first - 2].startswith("#"):
            first -= 1
        uses = frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
        found.append(Segment(node, first, frozenset(_bound(node)), uses))
    return found


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, Definition):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in getattr(node, "targets", None) or [getattr(node, "target", None)]:
            yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))


def needed(symbols: Sequence[str], foreign: Collection[str], given: str, reference: str) -> list[Segment]:
    """The statements of `given` that these classes and functions need in the whole `reference`, which has solutions.

    `foreign` are symbols that come from other files.
    """
    whole = segments_of(ast.parse(reference))
    names, grown = frozenset[str](), frozenset(symbols)
    while grown != names:
        names = grown
        grown = names.union(*(segment.uses for segment in whole if segment.binds & names)) - {*foreign}
    segments = segments_of(ast.parse(given), given.splitlines())
    return [segment for segment in segments if not segment.binds or segment.binds & names]


def clashes_of(
    modules: Mapping[str, tuple[list[str], list[Segment]]], own: Collection[str], taken: Collection[str]
) -> dict[str, Clashes]:
    """By topic: helpers and constants whose names an earlier topic has taken, with their new names.

    `own` are the symbols of exercises, which keep theirs; `taken` is what they are called in the file.
    """
    texts_of: dict[str, str] = dict.fromkeys(taken, "")
    found: dict[str, Clashes] = {}
    for topic, (lines, segments) in modules.items():
        helpers = {name: s for s in segments for name in s.binds if name not in own}
        texts = {name: segment.lines(lines) for name, segment in helpers.items()}
        different = {name for name, text in texts.items() if texts_of.get(name, text) != text}
        while more := {n for n in texts if n in texts_of and n not in different and helpers[n].uses & different}:
            different |= more
        same: dict[str, str | None] = {name: None for name in texts if name in texts_of and name not in different}
        new = {name: _prefixed(topic, name) for name in different}
        found[topic] = {**same, **new}
        texts_of.update((new.get(name, name), text) for name, text in texts.items())
    return found


def _prefixed(topic: str, name: str) -> str:
    """`EPSILON` of the losses is LOSS_EPSILON, `_pair` of the pooling layers `_pooling_pair`."""
    if name.isupper():
        return f"{topic.upper()}_{name}"
    return f"_{topic}{name}" if name[:1] == "_" else f"{topic}_{name}"


def joined(file: str, pieces: Sequence[Piece], more: Sequence[str]) -> str:
    """One module of several: docstrings in one, imports (with `more` of them) once, then everything else."""
    docstrings: list[str] = []
    imports = [ast.parse(line).body[0] for line in more]
    blocks: list[tuple[str, bool]] = []
    for piece in pieces:
        tree = ast.parse(_text(piece.lines))
        docstrings += [text] if (text := ast.get_docstring(tree)) else []
        imports += [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        for segment in piece.segments:
            if not segment.binds or any(piece.clashes.get(name, name) is not None for name in segment.binds):
                lines = piece.lines[segment.first - 1 : segment.node.end_lineno]
                blocks.append((_text(lines), isinstance(segment.node, Definition)))
    body = ""
    for number, (text, is_definition) in enumerate(blocks):
        apart = is_definition or (number > 0 and blocks[number - 1][1])
        body += ("\n\n\n" if apart else "\n" if number else "\n\n") + text
    head = _head(docstrings) + _imports(file, imports)
    return valid((head.rstrip("\n") + body).strip("\n") + "\n", file)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(line for line in lines if line != GONE)


def _head(docstrings: Sequence[str]) -> str:
    if not docstrings:
        return ""
    text = "\n\n".join(docstrings)
    raw = "r" if "\\" in text else ""
    return f'{raw}"""{text}\n"""\n\n' if "\n" in text else f'{raw}"""{text}"""\n\n'


def _imports(file: str, nodes: Sequence[ast.stmt]) -> str:
    """All imports once: `from __future__` first, then the standard library, then the rest."""
    groups: list[dict[str, list[str]]] = [{}, {}, {}]
    bound: dict[str, str] = {}
    for node in nodes:
        module = f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""
        for alias in getattr(node, "names", []):
            name, what = alias.asname or alias.name, f"{module} {alias.name}"
            if bound.setdefault(name, what) != what:
                raise CourseError(
                    f"{file} would import two things as {name!r} ({bound[name].strip()}, {what.strip()}): put the "
                    "topics into different files, or import them in the same way."
                )
            origin = (module or alias.name).partition(".")[0]
            group = 0 if origin == "__future__" else 1 if origin in sys.stdlib_module_names else 2
            names = groups[group].setdefault(module or f"import {ast.unparse(alias)}", [])
            if module and ast.unparse(alias) not in names:
                names.append(ast.unparse(alias))
    blocks = [
        "\n".join(f"from {key} import {', '.join(names)}" if names else key for key, names in group.items())
        for group in groups
        if group
    ]
    return "\n\n".join(blocks) + "\n"


def valid(text: str, file: str) -> str:
    """The text, if it is Python."""
    try:
        compile(text, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise CourseError(f"{file}: what the topics give for it is no Python ({error}).") from error
    return text
