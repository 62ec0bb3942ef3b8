"""Text from strangers, made fit to be shown to people and to be used as a file name."""

from __future__ import annotations

import re
import unicodedata

_PREPOSITION = re.compile(r" (?:after|at|for|from|in|of|that|where|with|without) ")
_LEADING = " .-=+@"  # hidden files, options, spreadsheet formulas
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def printable(text: str, limit: int = 200) -> str:
    """`text` in one line without control characters, terminal escapes and direction marks, at most `limit` long.

    What cannot be printed is shown as its escape (`\\n`, `\\x1b`, `\\u202e`), an undecodable byte as U+FFFD. This
    does not replace the escaping of HTML, CSV or Markdown, which belongs to each sink.
    """
    shown = "".join(character if character.isprintable() else _escape(character) for character in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def whole(text: str) -> str:
    """`text` as a sentence of its own: with a capital, unless a name of a file or of code stands first, and a stop."""
    name = text[:1] in "`'\"" or "." in text.partition(" ")[0]
    return (text if name else text[:1].upper() + text[1:]) + ("" if text.endswith((".", "?", "!")) else ".")


def figure(value: bool | float | str, digits: int = 4) -> str:
    """A number of an array for people: ints of up to twelve places in full, floats to so many digits."""
    if isinstance(value, bool | str):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) < 10**12 else f"{value:.{digits}g}"


def be(noun: str) -> str:
    """ "The weights are", "the bias is": the verb for a noun of ours."""
    return f"{noun} {'are' if _is_plural(noun) else 'is'}"


def have(noun: str) -> str:
    """ "The weights have", "the bias has"."""
    return f"{noun} {'have' if _is_plural(noun) else 'has'}"


def _is_plural(noun: str) -> bool:
    """Of "losses after train", what stands before the preposition counts."""
    head = _PREPOSITION.split(noun, maxsplit=1)[0]
    return head.endswith("s") and not head.endswith(("ss", "bias"))


def safe_name(text: str, limit: int = 100) -> str:
    """`text` as a name that every file system takes and no shell or spreadsheet reads as something else.

    Letters of any script, digits and `._@+- ` stay, anything else becomes `_`; at most `limit` characters, 200 bytes.
    """
    kept = "".join(c if _is_plain(c) else "_" for c in unicodedata.normalize("NFC", text.lstrip(_LEADING)))
    kept = kept.lstrip(_LEADING)[:limit].encode()[:200].decode(errors="ignore").rstrip(" .")
    if kept.split(".")[0].rstrip().casefold() in _RESERVED:
        kept = f"_{kept}"[:limit]
    return kept or "unnamed"


def _escape(character: str) -> str:
    return "\ufffd" if "\ud800" <= character <= "\udfff" else character.encode("unicode_escape").decode()


def _is_plain(character: str) -> bool:
    return character in "._@+- " or unicodedata.category(character)[0] in "LM" or character.isdecimal()
