"""Makes the student's skeleton from a reference: what lies between the solution markers is taken out.

A region that is the body of a function (or its end) becomes `raise NotImplementedError`; any other region is removed.
"""

from __future__ import annotations

import ast

from grader.errors import CourseError

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"


def skeleton(source: str, name: str = "the reference") -> str:
    """The source as students get it; CourseError where markers do not pair up or what is left is no Python."""
    kept: list[str] = []
    opened = 0
    for number, line in enumerate(source.splitlines(), 1):
        text = line.strip()
        if text == BEGIN:
            if opened:
                raise CourseError(f"{name}, line {number}: a solution begins inside of the one of line {opened}.")
            opened, indent = number, len(line) - len(line.lstrip())
            if _inside_function(source, number):
                kept.append(" " * indent + "raise NotImplementedError")
        elif text == END:
            if not opened:
                raise CourseError(f"{name}, line {number}: a solution ends that did not begin.")
            opened = 0
        elif text.upper().replace(" ", "") in ("#BEGINSOLUTION", "#ENDSOLUTION"):
            raise CourseError(f"{name}, line {number}: got the marker {text!r}, expected {BEGIN!r} or {END!r}.")
        elif not opened:
            kept.append(line)
    if opened:
        raise CourseError(f"{name}, line {opened}: a solution begins and does not end.")
    result = _tidy(kept)
    try:
        ast.parse(result)
    except SyntaxError as error:
        raise CourseError(
            f"{name}: without its solutions it is no Python ({error.msg}, line {error.lineno})."
        ) from error
    return result


def _inside_function(source: str, number: int) -> bool:
    """Whether a line lies in the body of a function."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(
        node.lineno < number <= (_last_line(node, source))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, functions)
    )


def _last_line(node: ast.AST, source: str) -> int:
    """The function's end, with comments of its indentation that follow."""
    lines = source.splitlines()
    last = getattr(node, "end_lineno", 0) or 0
    indent = getattr(node, "col_offset", 0)
    while last < len(lines) and lines[last].strip() and len(lines[last]) - len(lines[last].lstrip()) > indent:
        last += 1
    return int(last)


def _tidy(lines: list[str]) -> str:
    """At most two blank lines in a row, none at the end."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or kept[-2:] != ["", ""]:
            kept.append(line.rstrip())
    while kept and not kept[-1]:
        kept.pop()
    return "\n".join(kept) + "\n"


def solution_lines(source: str) -> set[str]:
    """The stripped lines of all solutions, for the proof that none of them was released."""
    found: set[str] = set()
    inside = False
    for line in source.splitlines():
        text = line.strip()
        inside = (inside or text == BEGIN) and text != END
        if inside and text not in (BEGIN, ""):
            found.add(text)
    return found
