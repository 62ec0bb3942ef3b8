"""Whose file is whose: the shapes in which course systems deliver a class, recognised by names alone."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from .filenames import Course, held, key, looks_like_copy
from .members import is_archive, stem

Tree = dict[str, "Tree | None"]  # a folder's content; None is a file or an archive not yet opened

MANY = 3
_CANVAS = re.compile(r"(?P<who>.+?)(?:_LATE)?_(?P<id>\d{3,})_\d{3,}_(?P<rest>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<rest>.*)", re.DOTALL)
_GENERIC = re.compile(
    r"(?:my|the|final|student)?[\W_]*(?:src|sources?|python|py|codes?|solutions?|loesung|submissions?|submitted|submit|abgabe|hand-?in"
    r"|uploads?|files?|exercises?|uebung|übung|assignments?|aufgabe|homeworks?|hw|ps|ex|tasks?|labs?|weeks?|parts?|sheets?"
    r"|problems?|topics?|projects?|lib|main|master|app|cnn|model|modules?|package|notebooks?|scripts?|layers?|optimi[sz]ation"
    r"|work|downloads?|new folder|latest|current)(?:[\W_\d]*|[\W_]+[a-z]?[\W_\d]*)|.*src.*"
)
_NOT_PEOPLE = re.compile(
    r"(?:data|datasets?|docs?|documentation|images?|img|figures?|feedback|release[sd]?|autograded)"
)


def is_generic(name: str, course: Course) -> bool:
    """Whether a folder's name says what is in it (src, Layers, exercise 2) and not whose it is."""
    folders = {part for names in course.values() for path in names for part in path.split("/")[:-1]}
    stems = {base.rpartition(".")[0] for base in course}
    return key(name) in folders | stems or bool(_GENERIC.fullmatch(key(name))) or looks_like_copy(name)


class Owner(NamedTuple):
    """Whose an entry of a class folder is: `short` where that is unique in the class, else `long`.

    `rest` is the file's own name where the course system put the student before it, None where nothing is to be read.
    """

    short: str
    long: str
    rest: str | None = ""


def labelled(name: str, is_file: bool) -> Owner | None:
    """The owner that Moodle or Canvas wrote into a name; None where there is none."""
    if found := _MOODLE.fullmatch(name):
        rest = None if found["kind"] == "onlinetext" else found["rest"]
        return Owner(found["who"], f"{found['who']}_{found['id']}", rest)
    found = _CANVAS.fullmatch(name) if is_file else None
    return Owner(found["who"], f"{found['who']}_{found['id']}", found["rest"]) if found else None


def tree(paths: Iterable[tuple[str, bool]]) -> Tree:
    """The paths as nested folders; the flag tells folders from files."""
    root: Tree = {}
    for path, is_folder in paths:
        here, parts = root, path.split("/")
        for part in parts if is_folder else parts[:-1]:
            inner = here.get(part)
            here[part] = inner = {} if inner is None else inner
            here = inner
        if not is_folder:
            here.setdefault(parts[-1], None)
    return root


class Level(NamedTuple):
    """Where students seem to lie: the folders down to it, what is there, and the course system if it shows."""

    folders: tuple[str, ...]
    here: Tree
    system: str = ""

    def children(self) -> list[str]:
        """Folders and archives, which may each be a student."""
        return [name for name, inner in self.here.items() if inner is not None or is_archive(name)]


def class_level(root: Tree, name: str, course: Course) -> Level:
    """Down through folders that hold nothing but one folder, and into nbgrader's `submitted`."""
    here, folders = root, ()  # type: tuple[Tree, tuple[str, ...]]
    while True:
        level = Level(folders, here)
        if any(labelled(entry, inner is None) for entry, inner in here.items()):
            return level._replace(system="labels")
        if key(name) == "submitted" and not all(is_generic(child, course) for child in level.children()):
            return level._replace(system="nbgrader")
        children = level.children()
        below = next(
            (entry for entry in children if key(entry) == "submitted"), children[0] if len(children) == 1 else ""
        )
        inner = here.get(below)
        if not inner or (key(below) != "submitted" and held((n for n, i in here.items() if i is None), course)):
            return level
        here, folders, name = inner, (*folders, below), below


def is_one_person(children: Mapping[str, Collection[str]], course: Course, wrapped: bool) -> bool:
    """Whether folders side by side are parts of one submission, given the course files that each holds.

    `wrapped`: the folder around them was alone in what the instructor gave, so that it may be a student's.
    """
    full = {name: files for name, files in children.items() if files} or dict(children)
    full = {name: files for name, files in full.items() if not looks_like_copy(name)} or full
    generic = all(is_generic(stem(name) if is_archive(name) else name, course) for name in full)
    if len(full) < 2:
        return generic
    disjoint = any(full.values()) and not any(set(a) & set(b) for a, b in combinations(full.values(), 2))
    numbered = any(character.isdigit() for name in full for character in name)
    return generic if not disjoint and not numbered else disjoint and (generic or wrapped)


def are_people(children: Mapping[str, Collection[str]], course: Course) -> bool:
    """Whether folders are clearly students although a course file lies beside them: three at least, with like files."""
    named = [
        files
        for name, files in children.items()
        if files and not looks_like_copy(name) and not is_generic(stem(name), course)
    ]
    alike = all(one & other for one, other in combinations({frozenset(files) for files in named}, 2))
    return len(named) >= MANY and alike


def may_be_person(name: str) -> bool:
    return not _NOT_PEOPLE.fullmatch(key(name))


def own_name(chain: Sequence[tuple[str, bool]], course: Course) -> int:
    """Of the folders and archives (flagged) around one submission, outermost first, the one that names the student."""
    best = 0
    for position, (name, packed) in enumerate(chain):
        if not is_generic(stem(name) if packed else name, course):
            best = position
            if packed:
                break
    return best


def without_assignment(names: Sequence[str], clone_tree: str) -> list[str]:
    """GitHub Classroom's "assignment-login" as "login", where all names of the clone tree share the assignment."""
    said = re.fullmatch(r"(.+-)submissions(?:-[\d-]+)?", clone_tree)
    shared = os.path.commonprefix(list(names)).rpartition("-")  # noqa: RUF071 (characters are what is compared)
    prefix = said[1] if said and all(name.startswith(said[1]) for name in names) else shared[0] + shared[1]
    logins = [name.removeprefix(prefix) for name in names]
    fit = all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", login) for login in logins)
    distinct = len(names) == len(set(logins)) > 1 and not all(login.isdigit() for login in logins)
    return logins if fit and distinct else list(names)
