"""Finds its way through JSON that may be huge, cut off or not quite JSON, and skips what nobody wants to hold.

Values are positions in the text. Nothing is decoded here, so outputs of 100 MB cost no memory on top of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_TOKENS = 5_000_000  # strings and brackets looked at in one text
LONGEST_KEY = 200
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)
_BLANK = re.compile(rb"[\s,:]*+")
_SCALAR = re.compile(rb"[^\s,\[\]{}\"]++")
_QUOTE, _OPEN, _CLOSE = b'"'[0], frozenset(b"[{"), frozenset(b"]}")


class Broken(Exception):
    """The text ends too early, or holds more than is looked at."""


class Parts:
    """One text. `members` and `items` yield what there is and raise Broken where the rest is not to be had.

    Who asks may walk through a value before asking for the next: then it is not looked at again.
    """

    def __init__(self, data: bytes) -> None:
        self.data, self.left = data, MAX_TOKENS
        self._ends: dict[int, int] = {}  # of values that were walked through

    def members(self, at: int) -> Iterator[tuple[str, int]]:
        """Key and start of each value of the object that begins at `at`; nothing where none does."""
        if self.data[at : at + 1] != b"{":
            return
        here = self._next(at + 1)
        while self.data[here] not in _CLOSE:
            end = self.skip(here)
            start = self._next(end)
            key = self.value(here) if self.data[here] == _QUOTE and end - here < LONGEST_KEY else None
            if isinstance(key, str) and self.data[start] not in _CLOSE:
                yield key, start
                start = self._next(self._behind(start))
            here = start  # without a key, a merge left something that is no member: go on behind it
        self._ends[at] = here + 1

    def items(self, at: int) -> Iterator[int]:
        """Start of each value of the array that begins at `at`; nothing where none does."""
        if self.data[at : at + 1] != b"[":
            return
        here = self._next(at + 1)
        while self.data[here] not in _CLOSE:
            yield here
            here = self._next(self._behind(here))
        self._ends[at] = here + 1

    def value(self, at: int, longest: int = 1_000) -> Any:
        """The value that begins there, None where it is longer or none; NaN and raw line breaks in texts are taken."""
        end = self.skip(at)
        if end - at > longest:
            return None
        text = self.data[at:end].decode("utf-8", "replace")
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return None

    def skip(self, at: int) -> int:
        """The end of the value that begins at `at`."""
        first = self.data[at]
        if first == _QUOTE:
            found = _STRING.match(self.data, at)
        elif first in _OPEN:
            return self._skip_nested(at)
        else:
            found = _SCALAR.match(self.data, at)
        self._count()
        if found is None:
            raise Broken
        return found.end()

    def _skip_nested(self, at: int) -> int:
        depth = 0
        for token in _TOKEN.finditer(self.data, at):
            self._count()
            first = self.data[token.start()]
            if first in _OPEN:
                depth += 1
            elif first in _CLOSE:
                depth -= 1
                if not depth:
                    return token.end()
            elif token.end() == token.start() + 1:  # a text without an end
                break
        raise Broken

    def _behind(self, at: int) -> int:
        return self._ends.pop(at, 0) or self.skip(at)

    def _next(self, at: int) -> int:
        """Where the next token begins."""
        found = _BLANK.match(self.data, at)
        here = found.end() if found else at
        if here >= len(self.data):
            raise Broken
        return here

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Broken
