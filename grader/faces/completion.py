"""Shell completion: the script that a shell is given, and the names that it asks for while somebody types.

Names come from the names of files, and no spec is run: a shell waits for them.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from grader.errors import GraderError, InputError
from grader.workspace import open_student_folder, open_workspace

PROGRAM, VARIABLE = "grader", "_GRADER_COMPLETE"
HOW = {
    "bash": 'put this line into ~/.bashrc: eval "$(grader completion bash)"',
    "zsh": 'put this line into ~/.zshrc, below compinit: eval "$(grader completion zsh)"',
    "fish": "run once: grader completion fish > ~/.config/fish/completions/grader.fish",
}
_SHELLS_OWN = re.compile(r"([^\w@%+=:,./-])")


def script(shell: str, cli: click.Command) -> str:
    """What the shell is to read, with a comment that says how."""
    made = get_completion_class(shell)
    if made is None:
        raise InputError(f"There is no completion for {shell}: there is one for {', '.join(HOW)}.")
    return f"# To complete names with Tab, {HOW[shell]}\n{made(cli, {}, PROGRAM, VARIABLE).source()}"


def complete(kind: str, context: click.Context, incomplete: str) -> list[str]:
    """The names of a kind that begin so; none where there is no course, whatever the reason."""
    found: list[str] = []
    with contextlib.suppress(GraderError, OSError, SyntaxError, ValueError):
        found = sorted({name for name in NAMES[kind](context) if name.startswith(incomplete)})
    if os.environ.get(VARIABLE, "").startswith("bash"):  # it puts them onto the line as they are
        return [_SHELLS_OWN.sub(r"\\\1", name) for name in found]
    return found


def _formats(context: click.Context) -> Iterable[str]:
    from grader.sinks import formats

    return formats()


def _own(context: click.Context) -> Iterable[str]:
    """Exercises and topics of a released folder, which has a handout for each topic."""
    root = open_student_folder(Path.cwd()).root
    return {path.stem for path in (*root.glob("bundles/*.bundle"), *root.glob("handouts/*.md"))}


def _exercises(context: click.Context) -> Iterable[str]:
    """Exercises and topics of an instructor's course: by its bundles, its course file, and what its specs say."""
    workspace = open_workspace(context.params.get("course"))
    names = {path.stem for path in workspace.hidden.glob("*.bundle")} | {*workspace.course.exercises}
    for spec in workspace.source.glob("*/spec.py"):
        names |= {spec.parent.name, *_named(spec)}
    return names


def _named(spec: Path) -> Iterable[str]:
    for node in ast.walk(ast.parse(spec.read_bytes())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Exercise":
            values = (keyword.value for keyword in node.keywords if keyword.arg == "name")
            yield from (str(value.value) for value in values if isinstance(value, ast.Constant))


def _topics(context: click.Context) -> Iterable[str]:
    return {spec.parent.name for spec in open_workspace(context.params.get("course")).source.glob("*/spec.py")}


def _submissions(context: click.Context) -> Iterable[str]:
    folder = Path(context.params.get("results") or "results")
    return (path.stem for path in (folder / "reports").glob("*.json"))


def _graded(context: click.Context) -> Iterable[str]:
    """The exercises of the submission that was named before."""
    from grader.keeping.results import read_report

    name = f"{context.params.get('submission')}.json"
    report = read_report(Path(context.params.get("results") or "results") / "reports" / name)
    return (result.exercise for result in report.exercises)


NAMES: dict[str, Callable[[click.Context], Iterable[str]]] = {
    "format": _formats,
    "own": _own,
    "exercise": _exercises,
    "topic": _topics,
    "submission": _submissions,
    "graded": _graded,
}
