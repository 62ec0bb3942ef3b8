"""Why there is nothing to judge: the file, the notebook's cell or the name is not there, or cannot be loaded."""

from __future__ import annotations

import difflib
import re

from grader.notebooks.origin import damage
from grader.notebooks.resolving import Resolved
from grader.report import Evidence, Finding
from grader.running.session import LoadProblem, Session
from grader.running.submission import SourceFile, Submission
from grader.text import whole

from .asked import Asked

TEXTUAL = ("syntax", "python2", "tabs", "encoding", "too deep")  # of the file's text: running it shows nothing more


def damaged(exercise: Asked, resolved: Resolved, source: SourceFile) -> Finding | None:
    """Why what is asked for is not in a notebook, where its cell is no Python."""
    if source.path not in resolved.origins:
        return None
    symbols = [exercise.names.get(symbol, symbol) for symbol in exercise.bundle.symbols]
    return damage(symbols, resolved.origins[source.path], resolved.defined[source.path])


def missing(exercise: Asked, submission: Submission) -> Finding:
    """Why there is no such file: perhaps it has another name, or a notebook has another content."""
    file = exercise.file
    if near := submission.near_miss(file):
        text = f'{file} was not handed in, but there is "{near}".'
        return Finding("missing file", text, f"If that is it, rename it to {file} and hand it in again.", visible=True)
    text, hint = f"{file} was not handed in.", "The file must be in the submission under this name."
    if any(other.path.lower().endswith(".ipynb") for other in submission.files):
        names = [f"`{exercise.names.get(symbol, symbol)}`" for symbol in exercise.bundle.symbols]
        text = f"{file} was not handed in, and no notebook defines {' or '.join(names)}."
        hint = "Names must be exactly as in the handout. Was the notebook saved?"
    return Finding("missing file", text, hint, visible=True)


def load_sentence(problem: LoadProblem, file: str) -> str:
    """Why a file could not be imported, as a sentence with the file's name in it."""
    line = re.match(r"line (\d+)\b", problem.sentence)
    if line:
        return whole(f"Line {line[1]} of {file}{problem.sentence[line.end() :]}")
    return whole(problem.sentence if file in problem.sentence else f"{file}: {problem.sentence}")


def unloadable(session: Session) -> Finding:
    """Why the file cannot be imported, with its line where one is known."""
    file, problem = session.source.main, session.problem
    if problem is None:
        return Finding("missing", f"{file} could not be imported.", visible=True)
    hint = "" if problem.code in TEXTUAL else f"Run `python {file}` and look at the error."
    evidence = Evidence(file=file, line=problem.line, source=problem.source) if problem.line else None
    return Finding(problem.code, load_sentence(problem, file), hint, visible=True, evidence=evidence)


def absent_symbol(exercise: Asked, session: Session, symbol: str) -> Finding:
    """That a class or function is not in the file that was loaded, and what may have been meant for it."""
    name = exercise.names.get(symbol, symbol)
    near = difflib.get_close_matches(name.lower(), {s.lower(): s for s in session.symbols}, 1, 0.75)
    original = {s.lower(): s for s in session.symbols}
    if not session.source.files.get(session.source.main, b"-").strip():
        return Finding("missing symbol", f"{session.source.main} is empty.", "Was it saved?", visible=True)
    text = f"`{name}` is not defined in the file."
    if session.definitions_only and session.problem:
        text = f"`{name}` is not defined. {load_sentence(session.problem, session.source.main)}"
    hint = (
        f"There is `{original[near[0]]}`: rename it to `{name}`."
        if near
        else "Names must be exactly as in the handout."
    )
    line, source = (session.problem.line, session.problem.source) if session.problem else (0, "")
    evidence = Evidence(file=session.source.main, line=line, source=source) if line else None
    return Finding("missing symbol", text, hint, visible=True, evidence=evidence)
