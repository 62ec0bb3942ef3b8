"""Which file is which: the course's files among those handed in, whatever people and programs made of their names."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

Course = Mapping[str, Sequence[str]]  # base name -> the course's files of that name, all as `key` spells them
ANY_NOTEBOOK = "*.ipynb"  # as a course's file: notebooks are known by what is in them, whatever they are called

_DOWNLOADED = re.compile(r"(?P<stem>.+?)(?: ?\(\d{1,3}\)|-(?:copy)?\d{1,2}| - copy)(?P<suffix>\.\w+)", re.IGNORECASE)
_SUFFIX_TWICE = re.compile(r"(?P<name>.+\.py)(?: ?\(\d{1,3}\))?\.(?:txt|py)", re.IGNORECASE | re.DOTALL)
_TEST = re.compile(r"(?:^|[\W_])tests?[\W_]")
_ALIKE = 0.75  # of 1: how like the letters of two names are where one may be a slip for the other
_COPY = re.compile(
    r"(?:^|[\W_])(?:old|back-?up|bak|cop(?:y|ies)|kopie|copie|tests?|solutions?|archived?|trash|te?mp|drafts?|examples?"
    r"|templates?|original|reference|skeleton|handout|__pycache__|\.ipynb_checkpoints)(?:$|[\W_\d])"
)


@lru_cache(maxsize=4096)  # the same names are asked about for every exercise
def key(text: str) -> str:
    """A path as it is compared: whatever the case, the separator and the way accents are encoded."""
    return unicodedata.normalize("NFC", text.replace("\\", "/").casefold())


def course_index(file_names: Collection[str]) -> Course:
    index: dict[str, list[str]] = {}
    for name in file_names:
        index.setdefault(key(name).rpartition("/")[2], []).append(key(name))
    return index


def matches(path: str, course: Course) -> Iterator[tuple[str, int]]:
    """Course files that a path may stand for, and how far it is from being one.

    0: the same path at its end; 1: the same base name in another folder; 2: with a download's or editor's suffix
    ("conv (1).py", "conv-1.py", "conv.py.txt"); 3: with an upload's prefix ("doejane_conv.py", but not a test of it).
    """
    whole, base = key(path), key(path).rpartition("/")[2]
    if base.endswith(".ipynb"):
        yield from ((name, 2) for name in course.get(ANY_NOTEBOOK, ()))
    for name in course.get(base, ()):
        yield name, 0 if f"/{whole}".endswith(f"/{name}") else 1
    if (plain := restored(base)) != base:
        yield from ((name, 2) for name in course.get(plain, ()))
    if not base.startswith("test"):
        ends = tuple({base, restored(base)})
        for wanted, names in course.items():
            if any(end.endswith((f"_{wanted}", f"-{wanted}")) for end in ends):
                yield from ((name, 3) for name in names)


@lru_cache(maxsize=4096)
def restored(base: str) -> str:
    """A file's name without what a browser, Canvas or an editor put behind it: "conv.py" for "conv (1).py",
    "conv-1.py", "conv.py.txt" and "conv.py.py"."""
    if found := _SUFFIX_TWICE.fullmatch(base):
        base = found["name"]
    found = _DOWNLOADED.fullmatch(base)
    return found["stem"] + found["suffix"] if found else base


def held(paths: Iterable[str], course: Course, loosest: int = 2) -> set[str]:
    """The course's files among `paths`, each path counted for what it is closest to."""
    found: set[str] = set()
    for path in paths:
        near = [(distance, name) for name, distance in matches(path, course) if distance <= loosest]
        found |= {name for distance, name in near if distance == min(near)[0]}
    return found


def looks_like_copy(folders: str) -> bool:
    """Whether a path's folders say backup, copy, test or solution."""
    return any(_COPY.search(part) for part in key(folders).split("/"))


def choose(paths: Sequence[str], file_name: str) -> tuple[list[str], int]:
    """Paths that may be the course's `file_name`, best first, and how far they are from it (as in `matches`)."""
    course, wanted = course_index([file_name]), key(file_name)
    near = [(distance, path) for path in paths for _, distance in matches(path, course)]
    folder = wanted.rpartition("/")[0]
    if folder and not any(distance == 0 for distance, _ in near):
        beside = {
            p[: -len(folder)].rstrip("/") for p in (key(path).rpartition("/")[0] for path in paths) if _ends(p, folder)
        }
        near = [(d, p) for d, p in near if not beside or key(p).rpartition("/")[0] in beside]
    closest = min((distance for distance, _ in near), default=0)
    best = sorted({path for distance, path in near if distance == closest}, key=_preference)
    return best, closest


def spelled_alike(path: str, file_name: str) -> bool:
    """Whether the base names are the same letter for letter, however accents are encoded."""
    one, other = (unicodedata.normalize("NFC", text).rpartition("/")[2] for text in (path, file_name))
    return one == other


def near_miss(paths: Sequence[str], file_name: str) -> str:
    """The Python file that may have been meant for `file_name` and is not close enough to be taken for it, or ""."""
    wanted = _letters(file_name)
    near: list[tuple[float, tuple[bool, int, str, str], str]] = []
    for path in paths:
        letters = _letters(path)
        if not key(path).endswith(".py") or not letters or _TEST.search(key(path).rpartition("/")[2]):
            continue
        alike = difflib.SequenceMatcher(None, wanted, letters)
        closeness = alike.ratio() if alike.real_quick_ratio() >= _ALIKE and alike.quick_ratio() >= _ALIKE else 0.0
        if closeness >= _ALIKE or (len(wanted) > 2 and wanted in letters):
            near.append((-closeness, _preference(path), path))
    return min(near)[-1] if near else ""


def _letters(path: str) -> str:
    """The letters of a file's name."""
    return "".join(c for c in key(path).rpartition("/")[2].partition(".")[0] if c.isalpha())[:100]


def _ends(path: str, folder: str) -> bool:
    return f"/{path}".endswith(f"/{folder}")


def _preference(path: str) -> tuple[bool, int, str, str]:
    folders = path.rpartition("/")[0]
    return looks_like_copy(folders), path.count("/"), key(path), path
