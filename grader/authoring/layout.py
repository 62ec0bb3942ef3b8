"""The modules of the topics as the files of a course: several in one file, or one in several, under other names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from grader.bundle import Bundle
from grader.course import Course
from grader.errors import CourseError
from grader.naming import Naming

from .merging import GONE, Clashes, Definition, Piece, Segment, clashes_of, joined, needed, segments_of, valid
from .renaming import Edit, apply, column, renamed

Sources = Mapping[str, tuple[str, str]]  # file of the topic to what is given out of it, and to the whole reference


class Part(NamedTuple):
    """What one topic puts into one file: its exercises there, and whether these are all of the topic."""

    bundles: tuple[Bundle, ...]
    whole: bool

    @property
    def topic(self) -> str:
        """Name of the topic."""
        return self.bundles[0].topic

    @property
    def module(self) -> str:
        """The topic's own file."""
        return self.bundles[0].file

    @property
    def symbols(self) -> tuple[str, ...]:
        """The classes and functions of the exercises."""
        return tuple(symbol for bundle in self.bundles for symbol in bundle.symbols)


class Layout:
    """Where the exercises of a course lie, and what everything is called there."""

    def __init__(self, course: Course, bundles: Sequence[Bundle]) -> None:
        """`bundles` are all; the course says which of them it asks for."""
        self.course, self.bundles = course, bundles
        self.asked = [b for b in bundles if course.asks_for(b.exercise, b.topic)]
        self.names = course.all_names(bundles)
        self.symbols = frozenset(symbol for bundle in bundles for symbol in bundle.symbols)
        self.file_of_symbol = {symbol: self.file_of(b) for b in bundles for symbol in b.symbols}

    def file_of(self, bundle: Bundle) -> str:
        """The file of an exercise."""
        return self.course.file_of(bundle.exercise, bundle.topic, bundle.file)

    def naming(self, bundles: Sequence[Bundle]) -> Naming:
        """The names of one exercise, or of several: where these differ, the first one's hold."""
        names = {key: name for bundle in reversed(bundles) for key, name in self.names[bundle.exercise].items()}
        return Naming(names, self.symbols)

    def parts(self) -> dict[str, list[Part]]:
        """File to what is in it, in the order of the course."""
        found: dict[str, dict[str, list[Bundle]]] = {}
        for bundle in self.asked:
            found.setdefault(self.file_of(bundle), {}).setdefault(bundle.topic, []).append(bundle)
        sizes = {bundle.topic: sum(b.topic == bundle.topic for b in self.bundles) for bundle in self.bundles}
        return {
            file: [Part(tuple(own), len(own) == sizes[topic]) for topic, own in topics.items()]
            for file, topics in found.items()
        }

    def files(self, sources: Sources) -> dict[str, str]:
        """All files of the course: name to text."""
        return {file: self._file(file, parts, sources) for file, parts in self.parts().items()}

    def _file(self, file: str, parts: Sequence[Part], sources: Sources) -> str:
        self._unique(file, parts)
        given = {part.topic: sources[part.module][0] for part in parts}
        if len(parts) == 1 and parts[0].whole:
            lines = self._renamed(file, parts[0], given[parts[0].topic], {})
            return valid("\n".join(line for line in lines if line != GONE) + "\n", file)
        kept = {part.topic: self._kept(part, *sources[part.module]) for part in parts}
        own = [symbol for part in parts for symbol in part.symbols]
        names = [name for part in parts for name in self._called(part)]
        modules = {topic: (given[topic].splitlines(), kept[topic]) for topic in kept}
        clashes = clashes_of(modules, own, names)
        pieces = [
            Piece(
                self._renamed(file, part, given[part.topic], clashes[part.topic]), kept[part.topic], clashes[part.topic]
            )
            for part in parts
        ]
        return joined(file, pieces, list(self._imports_of_others(file, parts, sources)))

    def _called(self, part: Part) -> list[str]:
        """What the exercises' classes and functions are called in the course."""
        return [self.names[b.exercise].get(symbol, symbol) for b in part.bundles for symbol in b.symbols]

    def _kept(self, part: Part, given: str, reference: str) -> list[Segment]:
        """The statements that go into the file; of a topic in several files, what its exercises there need."""
        if part.whole:
            return segments_of(ast.parse(given), given.splitlines())
        return needed(part.symbols, self._foreign(part), given, reference)

    def _foreign(self, part: Part) -> set[str]:
        """Symbols of the same topic that lie in other files of the course."""
        return {s for b in self.asked if b.topic == part.topic for s in b.symbols} - {*part.symbols}

    def _renamed(self, file: str, part: Part, text: str, clashes: Clashes) -> list[str]:
        owners = {symbol: bundle for bundle in part.bundles for symbol in bundle.symbols}
        everywhere = self.naming(part.bundles)

        def naming_of(node: ast.stmt | None) -> Naming:
            owner = owners.get(node.name) if isinstance(node, Definition) else None
            return self.naming([owner]) if owner else everywhere

        lines = renamed(text, naming_of, {name: new for name, new in clashes.items() if new})
        return apply_imports(lines, ast.parse("\n".join(lines)), self, file)

    def _unique(self, file: str, parts: Sequence[Part]) -> None:
        """CourseError where two exercises would define the same name in one file."""
        seen: dict[str, str] = {}
        for bundle in (bundle for part in parts for bundle in part.bundles):
            for symbol in bundle.symbols:
                name = self.names[bundle.exercise].get(symbol, symbol)
                if seen.setdefault(name, bundle.exercise) != bundle.exercise:
                    raise CourseError(
                        f"{file} would hold two things called {name!r}, of {seen[name]} and of {bundle.exercise}: give "
                        f"one of them another name or file in [exercises.{bundle.exercise}]."
                    )

    def _imports_of_others(self, file: str, parts: Sequence[Part], sources: Sources) -> Iterator[str]:
        """Imports of symbols that a class of this file builds on and that lie in another file."""
        for part in parts:
            mine = [s for s in segments_of(ast.parse(sources[part.module][0])) if s.binds & {*part.symbols}]
            used = frozenset[str]().union(*(segment.uses for segment in mine))
            for symbol in sorted(used & self._foreign(part)):
                names = self.naming(part.bundles).names
                place = self.file_of_symbol[symbol]
                yield f"from {module_name(place, file)} import {names.get(symbol, symbol)}"

    def needs(self, bundle: Bundle, reference: str) -> list[str]:
        """The student's other files that an exercise needs, by the course's names."""
        imported = _imported(reference, bundle.symbols)
        found: dict[str, None] = {}
        for need in bundle.needs:
            symbols = imported.get(need.removesuffix(".py"), [])
            places = [self.file_of_symbol[s] for s in symbols if s in self.file_of_symbol]
            places = places or [self.file_of(b) for b in self.bundles if b.file == need] or [need]
            found.update((place, None) for place in places if place != self.file_of(bundle))
        return list(found)


def apply_imports(lines: list[str], tree: ast.Module, layout: Layout, file: str) -> list[str]:
    """Imports from modules of the topics become imports from the files of the course; from the file itself, nothing."""
    modules = {bundle.file.removesuffix(".py") for bundle in layout.bundles}
    theirs = {layout.names[b.exercise].get(s, s): s for b in layout.bundles for s in b.symbols}
    edits: list[Edit] = []
    bodies = {id(child): len(node.body) for node in ast.walk(tree) if hasattr(node, "body") for child in _body(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.level or node.module not in modules:
            continue
        places: dict[str, list[str]] = {}
        for alias in node.names:
            place = layout.file_of_symbol.get(theirs.get(alias.name, alias.name), f"{node.module}.py")
            places.setdefault(place, []).append(ast.unparse(alias))
        indent = lines[node.lineno - 1][: column(lines[node.lineno - 1], node.col_offset)]
        texts = [f"from {module_name(p, file)} import {', '.join(names)}" for p, names in places.items() if p != file]
        if not texts and bodies.get(id(node)) == 1:
            texts = ["pass"]
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            text = f"\n{indent}".join(texts) if number == node.lineno else ""
            edits.append(Edit(number, 0, len(lines[number - 1]), indent + text if text else GONE))
    return apply(lines, edits)


def _body(node: ast.AST) -> list[ast.AST]:
    body = getattr(node, "body", [])
    return body if isinstance(body, list) else []


def module_name(file: str, importing: str) -> str:
    """How one file imports another: from its own folder on where the other lies in or below it."""
    path, home = PurePosixPath(file).with_suffix(""), PurePosixPath(importing).parent
    return ".".join((path.relative_to(home) if path.is_relative_to(home) else path).parts)


def _imported(reference: str, symbols: Sequence[str]) -> dict[str, list[str]]:
    """Module to names that these symbols import."""
    found: dict[str, list[str]] = {}
    for top in ast.parse(reference).body:
        if isinstance(top, Definition) and top.name in symbols:
            for node in ast.walk(top):
                if isinstance(node, ast.ImportFrom) and node.module:
                    found.setdefault(node.module, []).extend(alias.name for alias in node.names)
    return found
