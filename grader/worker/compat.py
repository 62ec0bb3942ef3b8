"""NumPy names that students' machines had and this NumPy has removed: they are put back, and said."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any

import numpy as np

from .source import Source

_VALUES: dict[str, tuple[str, Any]] = {  # old name -> (what to write today, its value)
    **{kind.__name__: (kind.__name__, kind) for kind in (int, float, complex, object, str, bool)},
    "long": ("int", int),
    "unicode": ("str", str),
    "asscalar": ("a.item()", lambda a: a.item()),
    "msort": ("np.sort(a, axis=0)", lambda a: np.sort(a, axis=0)),
    "asfarray": ("np.asarray(a, dtype=float)", lambda a, dtype=np.float64: np.asarray(a, dtype=dtype)),
    "in1d": ("np.isin", lambda ar1, ar2, **options: np.isin(np.ravel(ar1), ar2, **options)),
    "PZERO": ("0.0", 0.0),
    "NZERO": ("-0.0", -0.0),
    "NINF": ("-np.inf", -np.inf),
}
_RENAMED = {
    "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf", "NaN": "nan", "NAN": "nan",
    "float_": "float64", "longfloat": "longdouble", "complex_": "complex128", "cfloat": "complex128",
    "singlecomplex": "complex64", "clongfloat": "clongdouble", "longcomplex": "clongdouble",
    "string_": "bytes_", "unicode_": "str_", "object0": "object_", "int0": "intp", "uint0": "uintp", "bool8": "bool_",
    "product": "prod", "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any", "row_stack": "vstack",
    "trapz": "trapezoid", "round_": "round", "mat": "asmatrix", "rank": "ndim",
}  # fmt: skip
_restored: dict[str, str] = {}  # what this process put back, and what to write today


def restore_numpy_aliases() -> None:
    """Put back the names that NumPy removed in 1.18 to 2.x; names that the running NumPy has are left alone.

    Asks `vars(np)`, not `hasattr`: NumPy's own `__getattr__` warns about the very names that are looked for.
    """
    for name, (today, value) in _VALUES.items():
        _restore(name, today, value)
    for name, today in _RENAMED.items():
        if today in vars(np):
            _restore(name, f"np.{today}", vars(np)[today])
    _uses()  # once, before any fork


def _restore(name: str, today: str, value: Any) -> None:
    if name not in vars(np):
        setattr(np, name, value)
        _restored[name] = today


@cache
def _uses() -> re.Pattern[str]:
    """What a text must have that uses a restored name."""
    return re.compile(r"\bnumpy[\s\\]+import\b|\.[\s\\]*(?:" + "|".join(_restored) + r")\b")


def alias_notes(source: Source) -> list[str]:
    """One sentence for each restored name that a file uses, with the line of its first use.

    A look at the text saves most files their tree and the walk through it, which take longer than compiling them.
    """
    if not _uses().search(source.text):
        return []
    tree = source.tree
    modules, first = set(), dict[str, int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name for alias in node.names if alias.name == "numpy"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            used = [node.attr]
        elif isinstance(node, ast.ImportFrom) and node.module == "numpy" and not node.level:
            used = [alias.name for alias in node.names]
        else:
            continue
        for name in used:
            first[name] = min(node.lineno, first.get(name, node.lineno))
    return [
        f"line {line} uses np.{name}, which NumPy has removed: write {_restored[name]}"
        for name, line in sorted(first.items(), key=lambda use: use[1])
        if name in _restored
    ]
