"""Classes that get their methods from other cells by way of a function, as in `@add_to_class(Conv)` of lectures.

What writes into a class belongs to it. A plain `Conv.forward = forward` is seen where it stands; here is what functions
of the notebook do: which of them write into what they are given, and what they are given.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

Names = frozenset[str]


def writes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it sets attributes of something that it is given: not only of `self`."""
    arguments = function.args
    names = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)} - {"self"}
    return any(_target(node) in names for node in ast.walk(function))


def given(statement: ast.stmt) -> Iterator[tuple[str, Names]]:
    """The function and what it gets, for each call by name that runs with the statement: decorators, or itself."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        calls: list[ast.expr] = [*statement.decorator_list]
    else:
        calls = [statement.value] if isinstance(statement, ast.Expr | ast.Assign) else []
    for call in calls:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
            if names := frozenset(one.id for one in arguments if isinstance(one, ast.Name)):
                yield call.func.id, names


def _target(node: ast.AST) -> str:
    """The name whose attribute is set by this node, by `x.a = ...` or by `setattr(x, ...)`; "" for other nodes."""
    place: ast.AST | None = None
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        place = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
        place = node.args[0]
    return place.id if isinstance(place, ast.Name) else ""
