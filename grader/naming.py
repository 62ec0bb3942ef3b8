"""Texts in a course's own words: its course file may rename the classes, methods and attributes of the specs.

Only identifiers are renamed, never English: a word counts as one inside of backticks, in a line of code, where it is
called, indexed or stands after a dot, and where it can be nothing else (`calculate_update`, `MaxPooling`).
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

_PLAIN = r"\w+\.py\b|[A-Za-z_]\w*|[^\W_]\w*|\s+|."  # names of files are no identifiers
_PROSE = re.compile(_PLAIN, re.DOTALL)
_CODE = re.compile(rf"\"[^\"\n]*\"|'[^'\n]*'|{_PLAIN}", re.DOTALL)
_ROW = re.compile(r"(?:[\w)] - |-> |\| )$")  # before a class among others: a row of layers, a cell of a table
_SPAN = re.compile(r"(`[^`]+`)")
_FENCE = re.compile(r"^(```.*?^```[^\n]*$)", re.DOTALL | re.MULTILINE)
_UNMISTAKABLE = re.compile(r"\w_\w|[a-z\d][A-Z]|[A-Z]{2}")
_ATTRIBUTES = re.compile(r"(?<=Attributes:\n)(?:[ \t]+\S[^\n]*(?:\n|$))+")
_FOREIGN = re.compile(r"(?:^|[^\w.])(?:(?:np|numpy|copy|math|scipy)(?:\.\w+)*)\.$")  # what a module has is not ours
NOWHERE: tuple[str, ...] = ()
OUTSIDE_CALLS = ("top",)
EVERYWHERE = ("top", "call")  # but for arguments of constructors: students name those as they like


class _Word(NamedTuple):
    """A word that is to be renamed, perhaps: what is around it, and whether it stands after an object's dot."""

    text: str
    before: str
    dotted: bool
    after: str
    inside: str  # "top", "call" (of a method) or "symbol" (of a class, or of a function of the specs)


class Naming:
    """The renames that hold in one place: `names` by the names of the specs; `symbols` are classes and functions."""

    def __init__(self, names: Mapping[str, str], symbols: Collection[str] = ()) -> None:
        self.names = {ours: theirs for ours, theirs in names.items() if ours != theirs}
        self.symbols = frozenset(symbols)

    def __bool__(self) -> bool:
        """Whether anything has another name."""
        return bool(self.names)

    def is_symbol(self, name: str) -> bool:
        """Whether a name is that of a class or function, not of a method or attribute."""
        return name in self.symbols or name[:1].isupper()

    @property
    def members(self) -> dict[str, str]:
        """The renamed methods and attributes."""
        return {ours: theirs for ours, theirs in self.names.items() if not self.is_symbol(ours)}

    def line(self, code: str) -> str:
        """A line of code in which names that stand alone are variables: only symbols and what follows a dot."""
        return self._code(code, NOWHERE)

    def text(self, text: str, inside: Collection[str] = OUTSIDE_CALLS) -> str:
        """A sentence. In a call inside of backticks, bare names are variables."""
        if not self:
            return text
        parts = _SPAN.split(text)
        return "".join(self._code(part, inside) if n % 2 else self._prose(part) for n, part in enumerate(parts))

    def markdown(self, text: str) -> str:
        """A handout; in its calls, bare names are attributes."""
        if not self:
            return text
        parts = _FENCE.split(text)
        return "".join(
            self._code(part, EVERYWHERE) if n % 2 else self.text(part, EVERYWHERE) for n, part in enumerate(parts)
        )

    def docstring(self, text: str) -> str:
        """A docstring; what stands before the colons of its section "Attributes:" are attributes."""
        text = _ATTRIBUTES.sub(lambda section: self._attributes(section[0]), text)
        return self.text(text, EVERYWHERE)

    def classes(self, text: str) -> str:
        """The description of an object or of a list: only names of classes are ours in it."""
        return self._renamed(text, lambda word: word.text[:1].isupper() and not word.dotted, _CODE)

    def _attributes(self, section: str) -> str:
        lines = section.splitlines(keepends=True)
        names = re.compile(r"^(\s+)(\w+(?:, \w+)*)(?=:)")

        def renamed(found: re.Match[str]) -> str:
            return found[1] + ", ".join(self.members.get(name, name) for name in found[2].split(", "))

        return "".join(names.sub(renamed, line) for line in lines)

    def _code(self, text: str, inside: Collection[str]) -> str:
        def is_ours(word: _Word) -> bool:
            if word.dotted or self.is_symbol(word.text):
                return True
            if word.inside != "top" and re.match(r"=[^=]", word.after):
                return True
            return word.inside in inside and not _is_english(word.before)

        return self._renamed(text, is_ours, _CODE)

    def _prose(self, text: str) -> str:
        def is_ours(word: _Word) -> bool:
            certain, called = bool(_UNMISTAKABLE.search(word.text)), word.after[:1] in ("(", "[")
            if self.is_symbol(word.text):
                alone = word.text[:1].isupper() and _ROW.search(word.before) and re.match(r"$|\n| [-|(]", word.after)
                return bool(certain or called or alone)
            return bool(word.dotted or called or (certain and word.inside != "symbol"))

        return self._renamed(text, is_ours, _PROSE)

    def _renamed(self, text: str, is_ours: Callable[[_Word], bool], token: re.Pattern[str]) -> str:
        if not self:
            return text
        stack, result = ["top"], []
        before = ""
        for found in token.finditer(text):
            word = found[0]
            if word == "(":
                stack.append(self._context(before, stack[-1]))
            elif word == ")" and len(stack) > 1:
                stack.pop()
            elif token is _PROSE and "\n\n" in word:
                stack = ["top"]
            if word in self.names:
                start = text[max(0, found.start() - 60) : found.start()]
                owned = start.endswith(".") and not _FOREIGN.search(start)
                here = _Word(word, start, owned, text[found.end() : found.end() + 2], stack[-1])
                if (owned or not start.endswith(".") or start.endswith("..")) and is_ours(here):
                    word = self.names[word]
            result.append(word)
            before = found[0]
        return "".join(result)

    def _context(self, before: str, outer: str) -> str:
        """What a parenthesis opens after a token: arguments, or a group like what it stands in."""
        if not re.fullmatch(r"[A-Za-z_]\w*|[\])]", before):
            return outer
        return "symbol" if self.is_symbol(before) else "call"


def _is_english(before: str) -> bool:
    """Whether another word stands before, which in code only keywords do."""
    word = re.search(r"(\w+) +$", before)
    return bool(word) and not keyword.iskeyword(word[1])  # type: ignore[index]
