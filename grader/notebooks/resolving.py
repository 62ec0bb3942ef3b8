"""Which notebook holds which file of the course, and the submission with these files made from their notebooks.

A Python file counts where it is there, unless the notebook is further: students who work in notebooks hand in the
untouched skeletons as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from grader.running import filenames
from grader.running.submission import SourceFile, Submission

from .origin import Origin
from .pieces import Names
from .reading import Cell, Notebook, read
from .siblings import Sibling, asked_of, imported_by, module_name, run_by, with_imports
from .slicing import changed, module, without_stubs
from .telling import Taken, notes
from .units import Unit, parse

MAX_NOTEBOOKS = 50  # of one submission
MAX_CODE = 2_000_000  # characters of code in all of them: parsing takes seconds a megabyte


class Wanted(NamedTuple):
    """A file of the course, and what its exercises need from it, by the course's names."""

    file: str
    symbols: Names


class Resolved(NamedTuple):
    """A submission in which notebooks are Python files, and the notebooks that these come from."""

    submission: Submission
    origins: dict[str, Origin] = {}  # noqa: RUF012 (by path of the made file; never written to)
    paths: dict[str, str] = {}  # noqa: RUF012 (file of the course to path of the made file)
    defined: dict[str, Names] = {}  # noqa: RUF012 (path of the made file to what the notebook defines)
    notes: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 (file of the course to notes on notebooks that were not taken)

    def find(self, file: str) -> tuple[SourceFile | None, tuple[str, ...]]:
        """The file that the course calls `file`, and notes on it."""
        if file not in self.paths:
            found, notes = self.submission.find(file)
            return found, (*notes, *self.notes.get(file, ()))
        path = self.paths[file]
        made = next(one for one in self.submission.files if one.path == path)
        return made, (*self.notes.get(file, ()), *self.origins[path].notes)


def _is_notebook(file: SourceFile) -> bool:
    """By its name, or by its text where somebody only changed the name."""
    head = file.source[:200].lstrip()
    return file.path.lower().endswith(".ipynb") or (head[:1] == b"{" and b'"cells"' in head)


def wanted_files(pairs: Iterable[tuple[str, Iterable[str]]]) -> tuple[Wanted, ...]:
    """One for each file, from pairs of a file and symbols."""
    found: dict[str, set[str]] = {}
    for file, symbols in pairs:
        found.setdefault(file, set()).update(symbols)
    return tuple(Wanted(file, frozenset(symbols)) for file, symbols in found.items())


def resolve(submission: Submission, wanted: Sequence[Wanted]) -> Resolved:
    """The submission with a Python file in the place of each notebook that holds what the course wants."""
    files = [file for file in submission.files if _is_notebook(file)]
    if not files:
        return Resolved(submission)
    files = sorted(files, key=lambda file: (filenames.looks_like_copy(file.path), file.path.count("/"), file.path))
    symbols = frozenset[str]().union(*(one.symbols for one in wanted))
    taken, room = [], MAX_CODE
    for file in files[:MAX_NOTEBOOKS]:
        notebook = read(file.source)
        room -= sum(len(cell.source) for cell in notebook.cells)
        if room < 0:
            break
        taken.append(Taken(file.path, notebook, parse(notebook, symbols)))
    asked, taken = _together(taken, submission, symbols)
    resolved = Resolved(submission, {}, {}, {}, {})
    sources = {file.path: file for file in submission.files}
    for one in wanted:
        _resolve(one, taken, submission, sources, resolved)
    _add_siblings(taken, asked, sources, resolved)
    ordered = tuple(sources[path] for path in sorted(sources))
    return resolved._replace(submission=replace(submission, files=ordered))


def _together(
    taken: Sequence[Taken], submission: Submission, symbols: Names
) -> tuple[dict[str, list[str]], list[Taken]]:
    """By module the names that notebooks need from others which they run or import, and the notebooks with imports."""
    known = {one.path: Sibling(one.path, one.parsed.units) for one in taken}
    run = set[str]().union(*(run_by(one.notebook) for one in taken))
    for file in submission.files:
        if file.path not in known and file.path.lower().endswith(".py") and module_name(file.path) in run:
            known[file.path] = Sibling(file.path, _python(file))
    used = run.union(*(imported_by(one.parsed.units) for one in taken))
    asked = {one.module: asked_of(one, known.values(), symbols) for one in known.values() if one.module in used}
    if not asked:
        return {}, list(taken)
    changed = [(one, with_imports(one.notebook, asked)) for one in taken]
    return asked, [
        one if notebook == one.notebook else Taken(one.path, notebook, parse(notebook, symbols))
        for one, notebook in changed
    ]


def _add_siblings(
    taken: Sequence[Taken], asked: dict[str, list[str]], sources: dict[str, SourceFile], resolved: Resolved
) -> None:
    """A module for each notebook that others build on and that is none yet; where there is such a file, it counts."""
    there = {PurePosixPath(path).stem for path in sources if path.lower().endswith(".py")}
    for one in taken:
        path = str(PurePosixPath(one.path).with_name(module_name(one.path) + ".py"))
        if module_name(one.path) in asked and module_name(one.path) not in there:
            units = one.parsed.units
            roots = {*asked[module_name(one.path)], *(name for unit in units for name in unit.defines)}
            made = module(units, roots, module_name(one.path))
            sources[path] = SourceFile(path, made.source.encode("utf-8", "replace"))
            resolved.origins[path] = Origin(one.path, made.places, one.parsed.damaged)


def _resolve(
    one: Wanted, taken: Sequence[Taken], submission: Submission, sources: dict[str, SourceFile], resolved: Resolved
) -> None:
    best = _best(one, taken)
    if best is None:
        return
    rival, _ = submission.find(one.file)
    units = without_stubs(best.parsed.units)
    if rival and rival.path != best.path and not _is_further(units, rival, one):
        if _progress(units, one.symbols).written:
            resolved.notes[one.file] = (
                f'"{best.path}" defines the same and was not graded, because there is "{rival.path}".',
            )
        return
    path = rival.path if rival else _free(_path(best.path, one.file), sources)
    others = [file.source for file in sources.values() if file.path.lower().endswith(".py") and file.path != path]
    defined = _given(best.parsed.units)
    made = module(units, _roots(one, units, defined, others), PurePosixPath(one.file).stem)
    sources[path] = SourceFile(path, made.source.encode("utf-8", "replace"))
    told = tuple(notes(best, one.file, one.symbols, rival.path if rival else "", made))
    resolved.origins[path] = Origin(best.path, made.places, best.parsed.damaged, told)
    resolved.paths[one.file], resolved.defined[path] = path, defined


def _best(one: Wanted, taken: Sequence[Taken]) -> Taken | None:
    """The notebook that defines most of what is wanted; of equals the one that was made for it, or is called like it.

    One that defines nothing is taken by its name or metadata alone.
    """
    name = one.file.removesuffix(".py") + ".ipynb"
    paths = {other.path: str(PurePosixPath(other.path).with_suffix(".ipynb")) for other in taken}
    called = filenames.choose(list(paths.values()), name)[0]

    def rank(other: Taken) -> tuple[bool, bool, bool, int, int, int, int]:
        written, left, data, count = _progress(without_stubs(other.parsed.units), one.symbols)
        ours = other.notebook.file == one.file
        copy = filenames.looks_like_copy(other.path)
        near = len(called) - called.index(paths[other.path]) if paths[other.path] in called else 0
        return (
            count > 0 or _damaged(other, one),
            not copy,
            ours or near > 0,
            10 * count + written,
            -left,
            data,
            near,
        )

    best = max(taken, key=rank, default=None)
    return best if best and (rank(best)[0] or rank(best)[2]) else None


def _damaged(one: Taken, wanted: Wanted) -> bool:
    return any(damaged.defines & wanted.symbols for damaged in one.parsed.damaged)


class Progress(NamedTuple):
    """How far a file is: symbols that are all written, functions that are not, characters of data, symbols at all."""

    written: int
    left: int
    data: int
    symbols: int

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Larger where more is done."""
        return self.written, -self.left, self.data, self.symbols


def _progress(units: Sequence[Unit], symbols: Names) -> Progress:
    last = {name: unit for unit in units for name in unit.gives & symbols}
    written = sum(not unit.stubs for name, unit in last.items() if name in unit.defines)
    patches = Counter(name for names in changed(units) for name in names)  # `Conv.forward = forward`
    left = sum(max(unit.stubs - patches[name], 0) for name, unit in last.items())
    data = sum(len(line.strip()) for name, unit in last.items() if name not in unit.defines for line in unit.lines)
    return Progress(written, left, data, len(last))


def _is_further(units: Sequence[Unit], rival: SourceFile, one: Wanted) -> bool:
    """Whether more is written in the notebook than in a Python file of the same purpose."""
    their_units = _python(rival)
    theirs, mine = _progress(their_units, one.symbols), _progress(units, one.symbols)
    if filenames.looks_like_copy(rival.path):
        return mine.order >= theirs.order and mine.symbols > 0
    both = one.symbols & _given(units) & _given(their_units)
    lefts = _progress(units, both).left, _progress(their_units, both).left
    begun = mine.written > 0 or 0 < theirs.data < mine.data  # a skeleton is not further than a file that is broken
    return (begun or lefts[0] < lefts[1]) and mine._replace(left=lefts[0]).order > theirs._replace(left=lefts[1]).order


def _python(file: SourceFile) -> tuple[Unit, ...]:
    """The statements of a Python file; none of one that is longer than any that people write."""
    if len(file.source) > MAX_CODE // 4:
        return ()
    text = file.source.decode("utf-8", "replace")
    return parse(Notebook((Cell(1, "code", text),)), frozenset()).units


def _given(units: Sequence[Unit]) -> Names:
    return frozenset(name for unit in units for name in unit.gives)


def _roots(one: Wanted, units: Sequence[Unit], defined: Names, others: Sequence[bytes]) -> Names:
    """What the module must have: what is wanted, and what other files may import. All, where something is missing."""
    definitions = frozenset(name for unit in units for name in unit.defines)
    if not one.symbols <= defined:
        return one.symbols | definitions
    return one.symbols | frozenset(name for name in definitions if any(name.encode() in text for text in others))


def _path(notebook: str, file: str) -> str:
    """Where the module of a notebook lies: beside it, under the course's name."""
    folder, own = PurePosixPath(notebook).parent, PurePosixPath(file)
    inner = own.parent.parts
    if inner and folder.parts[-len(inner) :] == inner:
        return str(folder / own.name)
    return str(folder / own)


def _free(path: str, sources: dict[str, SourceFile]) -> str:
    """A path that is not taken yet."""
    while path in sources:
        path = f"notebook/{path}"
    return path
