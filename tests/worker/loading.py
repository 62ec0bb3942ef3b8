"""Loads a submission in a forked child, as the worker does, and returns what the tests ask for as plain data."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from grader.worker import compat
from grader.worker.loader import LoadError, load


def run(
    files: Mapping[str, str | bytes] | str | bytes,
    main: str = "conv.py",
    value: str = "None",
    allowed: tuple[str, ...] = ("numpy", "scipy"),
    definitions_only: bool = False,
) -> SimpleNamespace:
    """`value` is an expression, evaluated in the loaded namespace; `error` is None or the LoadError's fields."""
    if isinstance(files, str | bytes):
        files = {main: files}
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 3.12 on forks beside OpenBLAS's idle threads
        pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, json.dumps(_child(data, main, value, allowed, definitions_only)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(pid, 0)
    assert answer, "the child died"
    return SimpleNamespace(**json.loads(answer))


def _child(data: Mapping[str, bytes], main: str, value: str, allowed: tuple[str, ...], only: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {"notes": [], "error": None, "value": None, "names": []}
    warnings.simplefilter("ignore")  # as serve.py does
    compat.restore_numpy_aliases()
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    try:
        loaded = load(data, main, allowed=allowed, definitions_only=only)
    except LoadError as error:
        answer["error"] = {**vars(error), "caret": error.caret}
        return answer
    answer["notes"] = loaded.notes
    answer["names"] = [name for name in loaded.namespace if not name.startswith("__")]
    try:
        answer["value"] = eval(value, loaded.namespace)
        json.dumps(answer["value"])
    except BaseException as error:
        answer["value"] = f"{type(error).__name__}: {error}"
    return answer
