"""From bytes to text: byte-order marks, cookies, encodings; and how a file that cannot be loaded is told."""

from __future__ import annotations

import codecs
import re

CUT = 300  # characters of a line or a message that are shown


class LoadError(Exception):
    """A file that cannot be loaded, told to the student.

    `code` is one of syntax, python2, tabs, encoding, too deep (of the text), import, exception, exit, input (of running
    it). `line` is 1-based, 0 where there is none; `source_line` is the student's own line; `caret` points into it.
    """

    def __init__(
        self, code: str, sentence: str, line: int = 0, source_line: str = "", path: str = "", column: int = 0
    ) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.line = code, sentence, line
        self.source_line, self.path, self.column = source_line, path, column

    @property
    def caret(self) -> str:
        """The source line with a ^ below the column; only the line where the column is not known."""
        if not 0 < self.column <= len(self.source_line) + 1:
            return self.source_line
        blank = re.sub(r"\S", " ", self.source_line[: self.column - 1])  # keeps tabs, so that the caret stays below
        return f"{self.source_line}\n{blank}^"


_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, path: str) -> tuple[str, list[str]]:
    """Text and notes. In order: byte-order mark, PEP 263 cookie, UTF-8, UTF-16 without a mark, Windows-1252."""
    encoding, notes = "utf-8", list[str]()
    mark, named = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", ""))
    data = data[len(mark) :]
    if named:
        encoding = named
    elif len(data) > 3 and data[1::2].count(0) > 0.8 * (len(data) // 2) and 0 not in data[:40:2]:
        named = encoding = "utf-16-le"
    elif cookie := next(filter(None, map(_COOKIE.match, data.split(b"\n", 2)[:2])), None):
        encoding = _known_encoding(cookie[1].decode("ascii", "replace"), notes)
    if not named.startswith("utf-8") and named:
        notes.append(f"the file is stored as {named.upper()} and was read as such: save it as UTF-8")
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        if named:
            raise LoadError("encoding", f"the file is no {named.upper()}: save it as UTF-8", path=path) from None
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        text = _windows(data)
        notes.append(f"line {line} is not {encoding.upper()}: the file was read as Windows-1252, save it as UTF-8")
    text = text.rstrip("\0")  # what an interrupted copy leaves behind
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise LoadError("encoding", f"line {line} holds NUL bytes: this is no Python text", line, path=path)
    if text.lstrip().startswith("{") and '"cells"' in text and '"nbformat"' in text:
        raise LoadError("syntax", "this is a notebook with the name of a Python file: export it as .py", 1, path=path)
    return text, notes


def _known_encoding(name: str, notes: list[str]) -> str:
    """The cookie's encoding where Python knows it as a text encoding, else UTF-8."""
    try:
        "a".encode(name)  # refuses what is no text encoding, such as hex
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        notes.append(f"the first lines name an encoding that Python does not know ({short(name)}): UTF-8 was tried")
        return "utf-8"


def _windows(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeError:  # five bytes are undefined there
        return data.decode("latin-1")


def short(text: str) -> str:
    """A line or a message as it is shown."""
    text = text.strip()
    return text if len(text) <= CUT else text[:CUT] + "…"
