"""From a student's bytes to a syntax tree: every trouble with the text itself is told in one sentence.

Nothing here runs the student's code. What can be repaired without guessing (a BOM, Windows' encoding, notebook magics)
is repaired and becomes a note; everything else is a `LoadError` that names the line and what to do.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import linecache
import re
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

from .decoding import CUT, LoadError, decode, short

_FLAGS = __future__.annotations.compiler_flag  # type hints are never evaluated: what they miss costs nothing
MAGIC_LINES = 100  # a notebook pasted into a file has a handful; more is no notebook
RECOMPILED, ALWAYS = 5, 40_000  # commands are looked for one by one until 5 times the text and this is compiled
ROUNDS = 3  # of finding out which of the lines that look like commands stand in texts
TOO_DEEP = "the file is nested too deeply for Python: split its longest expression into several statements"


class Source(NamedTuple):
    """A file as Python sees it, with the line numbers of the student's own file."""

    path: str
    notes: tuple[str, ...]
    whole: CodeType
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax tree, parsed anew: few files need one, and it costs as much as compiling."""
        return syntax_tree(self.text, self.path)

    def code(self, statements: list[ast.stmt] | None = None, flags: int = 0) -> CodeType:
        """Compile the whole file, or some of its statements under the `__future__` flags of the file."""
        if statements is None:
            return self.whole
        with _told_by_compilers(self.path):
            code: CodeType = compile(ast.Module(statements, []), self.path, "exec", flags | _FLAGS, dont_inherit=True)
            return code


def source_line(path: str, line: int) -> str:
    """The student's line as it was registered; never looks at the disk."""
    lines = _LINES.get(path, ())
    return lines[line - 1].rstrip()[:CUT] if 0 < line <= len(lines) else ""


def read(data: bytes, path: str) -> Source:
    """Decode and parse a file and register its lines, so that tracebacks and `inspect.getsource` show them."""
    text, notes = decode(data, path)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    _LINES[path] = tuple(lines)
    linecache.cache[path] = (len(text), None, [f"{line}\n" for line in lines], path)
    text, code, skipped = without_commands(lines, path)
    return Source(path, (*notes, *skipped), code, text)


def without_commands(lines: list[str], path: str) -> tuple[str, CodeType, list[str]]:
    """Lines with `pass` in the place of notebook commands, as text and code, and a note for each command.

    LoadError where they are no Python apart from these.
    """
    try:
        text = "\n".join(lines)
        return text, _compiled(text, path), []
    except SyntaxError as error:
        if not _is_command(error, lines):
            raise _told(error, path, lines) from None
    found = _all_at_once(lines, path)
    return _one_by_one(lines, path, found) if isinstance(found, LoadError) else found


def _all_at_once(lines: list[str], path: str) -> tuple[str, CodeType, list[str]] | LoadError:
    """The same where all lines that look like commands are commands, or stand in texts; else what is wrong with it.

    A line is a command where `pass` in its place is a statement: in a text or in brackets it is none.
    """
    commands = {number for number, line in enumerate(lines, 1) if _COMMAND.match(line)}
    for _ in range(ROUNDS):
        text, notes = _without(lines, commands)
        try:
            tree = syntax_tree(text, path)
            passed = {node.lineno for node in ast.walk(tree) if isinstance(node, ast.Pass)}
            if commands <= passed and len(notes) <= MAGIC_LINES:
                return text, _compiled(text, path), notes
        except SyntaxError as error:
            return _told(error, path, text.split("\n"))
        except LoadError as error:
            return error
        if commands <= passed:
            raise _too_many(path)
        commands &= passed
    return _too_many(path)


def _without(lines: list[str], commands: set[int]) -> tuple[str, list[str]]:
    """The text without some commands, and a note for each."""
    left, notes = list(lines), list[str]()
    for number in sorted(commands):
        if left[number - 1] == lines[number - 1]:  # else the command above goes on in it
            notes.append(_skip(left, number))
    return "\n".join(left), notes


def _one_by_one(lines: list[str], path: str, otherwise: LoadError) -> tuple[str, CodeType, list[str]]:
    """The same with `pass` in the place of one line after the other that the compiler complains about.

    LoadError `otherwise` where that would compile too much.
    """
    lines, notes = list(lines), list[str]()
    room = RECOMPILED * sum(len(line) + 1 for line in lines) + ALWAYS
    while True:
        try:
            text = "\n".join(lines)
            return text, _compiled(text, path), notes
        except SyntaxError as error:
            if not _is_command(error, lines):
                raise _told(error, path, lines) from None
            room -= len(text)
            if room < 0:
                raise otherwise from None
            if len(notes) == MAGIC_LINES:
                raise _too_many(path) from None
            notes.append(_skip(lines, error.lineno or 0))


def _is_command(error: SyntaxError, lines: list[str]) -> bool:
    """Whether the compiler complains about a line that looks like a command."""
    number = error.lineno or 0
    return 0 < number <= len(lines) and bool(_MAGIC.search(lines[number - 1]))


def _skip(lines: list[str], number: int) -> str:
    """Put `pass` in the place of a command, and give a note on it."""
    note = f"line {number} is a notebook command and is skipped: {short(lines[number - 1])}"
    line = lines[number - 1]
    blank = line[: len(line) - len(line.lstrip())]
    while lines[number - 1].endswith("\\") and number < len(lines):  # the command goes on in the next line
        lines[number - 1], number = f"{blank}pass", number + 1
    lines[number - 1] = f"{blank}pass"
    return note


def _too_many(path: str) -> LoadError:
    return LoadError("syntax", f"{path} holds more than {MAGIC_LINES} lines that are no Python", path=path)


def _compiled(text: str, path: str) -> CodeType:
    with _told_by_compilers(path):
        code: CodeType = compile(text, path, "exec", _FLAGS, dont_inherit=True)
        return code


def syntax_tree(text: str, path: str) -> ast.Module:
    """The syntax tree of a text that compiles. LoadError where it is too deep for one."""
    with _told_by_compilers(path):
        return ast.parse(text, path)


@contextlib.contextmanager
def _told_by_compilers(path: str) -> Iterator[None]:
    """No warnings; whatever but a SyntaxError the compiler has against a text as a LoadError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SyntaxError:
        raise
    except (RecursionError, MemoryError):
        raise LoadError("too deep", TOO_DEEP, path=path) from None
    except Exception as error:  # lone surrogates, numbers
        raise LoadError("syntax", f"the file is not valid Python: {short(str(error))}", path=path) from None


_LINES: dict[str, tuple[str, ...]] = {}
_MAGIC = re.compile(r"^\s*(%{1,2}\w|!\s*[\w.~/]|\?{1,2}\w|(pip3?|conda)\s+install\b)|=\s*[!%]\w|^\s*[\w.]+\?{1,2}\s*$")
_COMMAND = re.compile(  # what no statement of Python is
    r"\s*+(?:%{1,2}\w|!\s*[\w.~/]|\?{1,2}\w|(?:pip3?|conda)\s+install\b|[^#'\"]*=\s*[!%]\w|[\w.]+\?{1,2}\s*$)"
)
_CONFLICT = re.compile(r"^(<{7}|>{7}|\|{7})( |$)|^={7}$")
_PYTHON2 = (  # (searched in the compiler's message, in the student's line, what it is)
    (r"call to 'print'", r"^\s*print\b(?!\s*[(=.,\[])\s*\S", "print statement"),
    (r"call to 'exec'", r"^\s*exec\s+[\"'\w]", "exec statement"),
    (r"multiple exception types must be", r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:", "except X, e"),
    (r"(?!)", r"^\s*raise\s+[\w.]+\s*,", "raise X, message"),
    (r"(?!)", r"<>", "the operator <>"),
    (r"arameters cannot be parenthesized", r"(?!)", "a tuple as a parameter"),
    (r"^invalid decimal literal", r"\b\d+[lL]\b", "a number with L"),
)


def _told(error: SyntaxError, path: str, lines: list[str]) -> LoadError:
    """The compiler's complaint, in the words of what the student probably did."""
    number = min(max(error.lineno or 0, 0), len(lines))
    text = lines[number - 1][:CUT] if number else ""
    message = short(str(error.msg))

    def at(code: str, sentence: str, line: int = number) -> LoadError:
        shown = lines[line - 1].rstrip()[:CUT] if line else ""
        return LoadError(code, sentence, line, shown, path, (error.offset or 0) if line == number else 0)

    for index, line in enumerate(lines, 1):
        if _CONFLICT.match(line):
            return at("syntax", f"line {index} is a git conflict marker: keep one of the two versions", index)
        if line.lstrip().startswith("```"):
            return at("syntax", f"line {index} is a Markdown fence (```), not Python: delete it", index)
    indented = "".join(line[: len(line) - len(line.lstrip())] for line in lines)
    if isinstance(error, TabError) or (isinstance(error, IndentationError) and {" ", "\t"} <= set(indented)):
        remedy = "replace every tab by four spaces (editors call it 'convert indentation to spaces')"
        return at("tabs", f"line {number} mixes tabs and spaces in its indentation: {remedy}")
    for in_message, in_line, what in _PYTHON2:
        if re.search(in_message, message) or (in_line != "(?!)" and re.search(in_line, text)):
            return at("python2", f"line {number} is Python 2 ({what}): this course runs Python 3")
    return at("syntax", f"line {number} is not valid Python: {message}" if number else f"not valid Python: {message}")
