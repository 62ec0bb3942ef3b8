"""Where a course keeps its things: course file, topics, reference, bundles, secret.

An instructor's repository has `exercises/course.toml`, `reference/` and, not in version control, `.grader/` with the
secret and the hidden bundles. A released student folder has `course.toml` and `bundles/` with public bundles only.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from grader import bundle
from grader.bundle import SUFFIX, Bundle
from grader.course import FILE_NAME, Course, read_course
from grader.errors import BundleError, CourseError, InputError

PRIVATE = ".grader"
SHORTEST = 16  # characters of a secret


class Workspace(NamedTuple):
    """A course and its folders."""

    course: Course
    file: Path
    source: Path

    @property
    def root(self) -> Path:
        """The instructor's repository."""
        return self.source.parent

    @property
    def reference(self) -> Path:
        """The folder of reference modules."""
        return self.root / "reference"

    @property
    def hidden(self) -> Path:
        """The folder of hidden bundles; never released."""
        return self.root / PRIVATE / "hidden"

    @property
    def secret_file(self) -> Path:
        """The course secret; never released."""
        return self.root / PRIVATE / "secret"


def open_workspace(course_file: Path | None = None) -> Workspace:
    """The course of `--course`, or the one of the current folder or one above."""
    file = course_file or _nearest(("exercises/" + FILE_NAME,), Path.cwd())
    if file is None:
        raise CourseError(f"There is no exercises/{FILE_NAME} here or above: name a course file with --course.")
    course = read_course(file)
    return Workspace(course, file, _source(course, file))


def _source(course: Course, file: Path) -> Path:
    """The folder of the topics: named in the course file, beside it, or in the current folder."""
    if course.source:
        source = (file.parent / course.source).resolve()
        if not source.is_dir():
            raise CourseError(f"{file}: source is {course.source!r}, but there is no folder {source}.")
        return source
    found = _nearest(("exercises",), Path.cwd())
    for candidate in (file.parent.resolve(), found):
        if candidate is not None and any(candidate.glob("*/spec.py")):
            return candidate
    raise CourseError(f'{file}: there are no topics beside it or in ./exercises: set source = "path/to/exercises".')


def _nearest(names: Sequence[str], start: Path) -> Path | None:
    for folder in (start.resolve(), *start.resolve().parents):
        for name in names:
            if (folder / name).exists():
                return folder / name
    return None


class StudentFolder(NamedTuple):
    """A released folder: its course and where its public bundles lie."""

    course: Course
    root: Path

    @property
    def bundles(self) -> Path:
        """The folder of public bundles."""
        return self.root / "bundles"


def open_student_folder(start: Path) -> StudentFolder:
    """The released folder that `start` lies in."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE_NAME).is_file() and (folder / "bundles").is_dir():
            return StudentFolder(read_course(folder / FILE_NAME), folder)
    raise InputError(
        f"{start.resolve()} is not inside a course folder (one with {FILE_NAME} and bundles/): go there first."
    )


RESTORE = "take the folder bundles/ from your course anew"


def read_student_bundles(folder: StudentFolder) -> list[Bundle]:
    """The public bundles of a released folder, whose owner cannot freeze."""
    try:
        return read_bundles(folder.bundles)
    except BundleError as error:
        raise BundleError(f"{str(error).rpartition(': ')[0]}: {RESTORE}.") from error


def read_bundles(folder: Path) -> list[Bundle]:
    """All bundles of a folder, in teaching order; a missing or damaged one is told in one sentence."""
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        raise BundleError(f"{folder} holds no bundles: make them with `grader freeze`.")
    expected = _listed(folder)
    missing = expected - {path.name for path in paths}
    if missing:
        raise BundleError(f"{folder / min(missing)} is missing: make it anew with `grader freeze`.")
    return sorted((bundle.read(path) for path in paths), key=lambda b: (b.place, b.exercise))


def write_bundles(bundles: Sequence[Bundle], folder: Path) -> None:
    """Write bundles and the list of them; bundles of exercises that are gone are taken away.

    A new folder is there with all of them or not at all: half a course must not pass for a whole one.
    """
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".bundles", dir=folder.parent, ignore_cleanup_errors=True) as made:
            whole = Path(made) / folder.name
            whole.mkdir()
            _write_into(whole, bundles)
            with contextlib.suppress(OSError):  # somebody else was faster
                whole.rename(folder)
                return
    _write_into(folder, bundles)


def _write_into(folder: Path, bundles: Sequence[Bundle]) -> None:
    for one in bundles:
        bundle.write(one, folder / f"{one.exercise}{SUFFIX}")
    names = {f"{one.exercise}{SUFFIX}" for one in bundles}
    for path in folder.glob(f"*{SUFFIX}"):
        if path.name not in names:
            path.unlink()
    (folder / "LIST").write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


def _listed(folder: Path) -> set[str]:
    with contextlib.suppress(OSError):
        return set((folder / "LIST").read_text(encoding="utf-8").split())
    return set()


def has_secret(workspace: Workspace) -> bool:
    """Whether there is a course secret already."""
    return bool(os.environ.get("GRADER_SECRET", "").strip()) or workspace.secret_file.exists()


def read_secret(workspace: Workspace) -> bytes:
    """The course secret: of GRADER_SECRET, else of its file, else a new one that is put there."""
    given = os.environ.get("GRADER_SECRET", "").strip()
    if given:
        if len(given) < SHORTEST:
            raise CourseError(f"GRADER_SECRET is shorter than {SHORTEST} characters: choose a longer one.")
        return given.encode()
    file = workspace.secret_file
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_secret(file, secrets.token_hex(32) + "\n")
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise CourseError(f"{file} cannot be read ({error.strerror}): it holds the course secret.") from error
    if len(secret) < SHORTEST:
        raise CourseError(f"{file} is shorter than {SHORTEST} characters: delete it to have a new secret made.")
    return secret


def _write_secret(file: Path, secret: str) -> None:
    """Put a secret where there is none yet: as a whole, and never in the place of one that came first."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secret)
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, file)
    finally:
        temporary.unlink()
