"""A student's file as a namespace: read it, run it once, tell what went wrong in one sentence.

Meant for a process of its own, which it changes for good: `__import__`, `input` and the debugger's entry points belong
to the submission afterwards. Time and memory are the judge's matter; after a file has hung or killed its process, the
caller loads it again, elsewhere, with `definitions_only`.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from .absent import NotAvailable, silent_module
from .compat import alias_notes
from .decoding import LoadError
from .imports import Importer, Module
from .repeatable import look_for_chance
from .source import Source, read, source_line

__all__ = ["LoadError", "Loaded", "describe", "load", "student_lines"]

MESSAGE = 500
DEEPEST = 50
_SKIPPED = (
    "only imports, constants, functions and classes were loaded; code outside of functions and classes was skipped"
)


class Loaded(NamedTuple):
    """A file that has run: its live globals, what was tolerated, and the name its code has in tracebacks."""

    namespace: dict[str, Any]
    notes: tuple[str, ...]
    filename: str


class _WaitsForInput(EOFError):
    pass


_WaitsForInput.__name__ = "EOFError"  # as in Python where standard input has ended


def load(files: Mapping[str, bytes], main: str, *, allowed: Collection[str], definitions_only: bool = False) -> Loaded:
    """Run `main` of the submission's `files` (by POSIX path) as a module of its own name, never as `__main__`.

    `allowed` are the other packages that may be imported. With `definitions_only`, nothing but imports, constants,
    functions and classes is executed, each statement on its own, so that one that fails costs only what it defines.
    Raises `LoadError`.
    """

    if main not in files:
        raise ValueError(f"{main} is not one of the submission's files")

    def run(module: Module, path: str) -> None:
        source = read(files[path], path)
        importer.sources[path] = source
        look_for_chance(source.text)
        for sentence in (*source.notes, *alias_notes(source)):
            importer.note(path, sentence)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if definitions_only:
                _run_definitions(source, module, importer)
            else:
                exec(source.code(), vars(module))

    def explain(error: BaseException, path: str) -> str:
        return told(error, path, files).sentence

    importer = Importer(frozenset(files), main, frozenset(allowed), run, explain)
    importer.install()
    _disarm(main)
    try:
        module = importer.load(main)
    except BaseException as error:  # whatever a student raises
        raise told(error, main, files) from None
    return Loaded(vars(module), tuple(importer.notes), main)


def _disarm(main: str) -> None:
    """Take away what would wait for a person, and give what notebooks have."""

    def no_input(*arguments: object) -> str:
        raise _WaitsForInput("input() waits for a person, and nobody is there while grading")

    def leave(code: object = None) -> None:
        raise SystemExit(code)

    def nothing(*arguments: object, **options: object) -> None:
        return None

    vars(builtins).update(input=no_input, exit=leave, quit=leave, breakpoint=nothing)
    vars(builtins).update(get_ipython=silent_module("IPython"), display=nothing)
    sys.breakpointhook = nothing
    sys.stdin = _Nobody(no_input)
    sys.argv = [main]


class _Nobody:
    """Standard input: whatever is read from it would wait as well."""

    encoding = "utf-8"

    def __init__(self, wait: Callable[..., str]) -> None:
        self.read = self.readline = self.readlines = wait

    def __iter__(self) -> Iterator[str]:
        yield self.readline()

    def isatty(self) -> bool:
        """Never a terminal."""
        return False


def _run_definitions(source: Source, module: Module, importer: Importer) -> None:
    flags, body = 0, source.tree.body
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    if source.path == importer.main:
        importer.note(source.path, _SKIPPED)
    for statement in _definitions(body):
        try:
            exec(source.code([statement], flags), vars(module))
        except BaseException as error:  # what it defines is missing; later definitions still count
            kind, message = describe(error)
            importer.note(source.path, f"line {statement.lineno} was skipped, it raises {kind}: {message}")


def _definitions(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that say what exists: no loops, no calls but of constants' constructors, no `if __name__`."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
        elif isinstance(node, ast.Assign):
            if _constant(node.value) and all(map(_constant, node.targets)):
                yield node
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            if node.value is not None and _constant(node.value):
                yield node
        elif isinstance(node, ast.If):
            about_name = any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))
            if _constant(node.test) and not about_name:
                node.body, node.orelse = _filled(node.body), list(_definitions(node.orelse))
                yield node
        elif isinstance(node, ast.Try):
            node.body, node.orelse = _filled(node.body), list(_definitions(node.orelse))
            for handler in node.handlers:
                handler.body = _filled(handler.body)
            if node.handlers:
                node.finalbody = []
                yield node


def _filled(body: list[ast.stmt]) -> list[ast.stmt]:
    return list(_definitions(body)) or [ast.copy_location(ast.Pass(), body[0])]


_PARTS = (
    ast.Constant | ast.Name | ast.Attribute | ast.Tuple | ast.List | ast.Set | ast.Dict | ast.BinOp | ast.UnaryOp
    | ast.BoolOp | ast.Compare | ast.IfExp | ast.Subscript | ast.Slice | ast.Starred | ast.JoinedStr
    | ast.FormattedValue | ast.expr_context | ast.operator | ast.unaryop | ast.boolop | ast.cmpop | ast.keyword
)  # fmt: skip
# fmt: off
_CONSTRUCTORS = frozenset([
    "array", "asarray", "zeros", "ones", "full", "empty", "eye", "identity", "arange", "linspace", "finfo", "iinfo",
    "dtype", "float16", "float32", "float64", "int32", "int64", "sqrt", "log", "exp", "default_rng", "RandomState",
    "int", "float", "str", "bool", "tuple", "list", "dict", "set", "frozenset", "range", "slice", "len", "max", "min",
    "sum", "abs", "round", "property", "staticmethod", "classmethod", "partial", "namedtuple", "TypeVar", "NewType",
    "getLogger", "Path",
])
# fmt: on


def _constant(node: ast.AST) -> bool:
    """Whether an expression is a literal, a name, arithmetic on such, a lambda, or makes a constant of such."""
    if isinstance(node, ast.Lambda):
        return True
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in _CONSTRUCTORS and _constant(node.func) and all(map(_constant, [*node.args, *node.keywords]))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.LShift):  # 9**9**9 would not end
        if not (isinstance(node.right, ast.Constant | ast.UnaryOp) and isinstance(node.left, ast.Constant | ast.Name)):
            return False
        exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        return isinstance(exponent, ast.Constant) and isinstance(exponent.value, int | float) and exponent.value <= 1024
    return isinstance(node, _PARTS) and all(map(_constant, ast.iter_child_nodes(node)))


def told(error: BaseException, path: str, files: Collection[str]) -> LoadError:
    """Why the file `path` did not load, in one sentence, with the line of it that was running."""
    kind = type(error)
    if isinstance(error, LoadError):
        return error
    lines = student_lines(error, files)
    line = next((number for where, number, _ in reversed(lines) if where == path), 0)
    where = f"line {line}" if line else "the file"
    if lines and lines[-1][0] != path:
        where += f" ({lines[-1][0]}, line {lines[-1][1]})"
    name, message = describe(error)
    remedy = "put it under `if __name__ == '__main__':`"
    if issubclass(kind, _WaitsForInput):
        code, what = "input", f"waits for input(): {remedy}"
    elif issubclass(kind, SystemExit | KeyboardInterrupt):
        code, what = "exit", f"ends the program ({name}) while the file is loaded: {remedy}"
    elif issubclass(kind, ImportError):
        code, what = (
            "import",
            message if issubclass(kind, NotAvailable) else f"fails to import: {message.partition(' (/')[0]}",
        )
    else:
        code, what = "exception", f"raises {name} while the file is loaded" + (f": {message}" if message else "")
    return LoadError(code, f"{where} {what}", line, source_line(path, line), path)


def student_lines(error: BaseException, files: Collection[str]) -> list[tuple[str, int, str]]:
    """(path, line, source line) of the student's own files in a traceback, innermost last; the innermost 50.

    Reads the traceback from the exception itself, since a class may have a `__traceback__` of its own.
    """
    lines: list[tuple[str, int]] = []
    traceback = BaseException.__dict__["__traceback__"].__get__(error)
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if path in files:
            lines.append((path, traceback.tb_lineno or 0))
        traceback = traceback.tb_next
    return [(path, line, source_line(path, line)) for path, line in lines[-DEEPEST:]]


def describe(error: BaseException) -> tuple[str, str]:
    """Type name and message, at most 500 characters, whatever the class makes of `__str__` and `__name__`."""
    name = type.__dict__["__name__"].__get__(type(error))
    try:
        message = str(error)
    except BaseException:  # a student's __str__ may do anything
        message = ""
    return _plain(name)[:100], _plain(message)[:MESSAGE]


def _plain(text: str) -> str:
    """A real str of limited length that can be sent: subclasses and lone surrogates cannot."""
    cut = str.__getitem__(text, slice(0, MESSAGE))
    return str.encode(cut, "utf-8", "backslashreplace").decode()
