"""pytest in a student's repository: every check of every exercise is a test item, below the file that it is about.

The plugin is loaded wherever the grader is installed. It looks at nothing but a released folder (one with a course file
and `bundles/LIST`) that pytest was started in, and imports nothing of the grader before it has found one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .pytest_checks import Exercises

KEY: pytest.StashKey[Exercises | None] = pytest.StashKey()
COURSE = "course.toml"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The student's files, and the course file for what was not found."""
    if file_path.suffix != ".py" and file_path.name != COURSE:
        return None
    exercises = _exercises(parent.config)
    if exercises is None or not exercises.wants(file_path):
        return None
    return CheckedFile.from_parent(parent, path=file_path)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The worker's parent ends with the session."""
    exercises = config.stash.get(KEY, None)
    if exercises is not None:
        exercises.close()


def _exercises(config: pytest.Config) -> Exercises | None:
    """The exercises of the released folder in which pytest was started, if it is one."""
    if KEY not in config.stash:
        root = _released(config)
        if root is not None:
            from .pytest_checks import Exercises

            config.stash[KEY] = Exercises(root)
        else:
            config.stash[KEY] = None
    return config.stash[KEY]


def _released(config: pytest.Config) -> Path | None:
    start = config.invocation_params.dir
    for folder in dict.fromkeys((start, config.rootpath, *start.parents)):
        if (folder / COURSE).is_file() and (folder / "bundles" / "LIST").is_file():
            return folder.resolve()
    return None


class CheckedFile(pytest.File):
    """A file of the student, or the course file, which stands for all files that are missing."""

    def collect(self) -> Iterator[pytest.Collector]:
        from grader.errors import GraderError

        from .pytest_checks import LeftOut

        exercises = _exercises(self.config)
        assert exercises is not None
        try:
            for name in exercises.of(self.path):
                yield CheckedExercise.from_parent(self, name=name)
        except GraderError as error:
            raise self.CollectError(str(error)) from None
        except LeftOut as why:
            pytest.skip(str(why), allow_module_level=True)


class CheckedExercise(pytest.Collector):
    """An exercise, by its name."""

    def collect(self) -> Iterator[pytest.Item]:
        exercises = _exercises(self.config)
        assert exercises is not None
        for check in exercises.checks(self.name):
            yield CheckItem.from_parent(self, name=check)


class CheckItem(pytest.Item):
    """A check. The first of an exercise that is run has the exercise judged."""

    def runtest(self) -> None:
        exercises = _exercises(self.config)
        assert exercises is not None and self.parent is not None
        result = exercises.result(self.parent.name, self.name)
        self.user_properties += [("points", result.points), ("max_points", result.max_points)]
        if result.skipped:
            pytest.skip(result.text)
        if result.text:
            raise CheckFailed(result.text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, without any frame of ours."""
        from grader.errors import GraderError

        if isinstance(excinfo.value, CheckFailed | GraderError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where editors show the item: the method that it is about."""
        exercises = _exercises(self.config)
        assert exercises is not None and self.parent is not None
        line = exercises.line(self.parent.name, self.name)
        return self.path, line - 1, f"{self.parent.name}: {self.name}"


class CheckFailed(Exception):
    """A check does not pass; the text says all that its student may know."""
