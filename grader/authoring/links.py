"""What a handout points to: its topic's figures, and the handouts of other topics.

In a topic's folder, `figures/NAME.svg` is a figure and `../TOPIC/handout.md` another handout, so that links work where
authors read. Released handouts lie in one folder, and so do the links.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import NamedTuple

from grader.errors import CourseError
from grader.naming import Naming

_FIGURE = re.compile(r"(?<=\]\()figures/([^)\s]+)(?=\))")
_HANDOUT = re.compile(r"\[([^\]]*)\]\(\.\./(\w+)/handout\.md(#[^)\s]*)?\)")
_RELEASED = re.compile(r"\]\((figures/[^)\s]+|\w+\.md(?:#[^)\s]*)?)\)")
_EARLIER = re.compile(r"^Builds on .*?(?=\n\n|\Z)", re.DOTALL | re.MULTILINE)
_WORDS = re.compile(r"(<(?:text|title)\b[^>]*>)([^<]*)")
_KEPT = "](\0{})"  # no identifier, so that renaming leaves it alone


class Links(NamedTuple):
    """The links of one handout, taken out of its text while that is put into a course's own words."""

    text: str
    targets: tuple[str, ...]

    def back_in(self, text: str) -> str:
        """The renamed text with its links."""
        for number, target in enumerate(self.targets):
            text = text.replace(_KEPT.format(number), f"]({target})")
        return text


def taken_out(text: str, topic: str, released: Collection[str]) -> Links:
    """A handout whose links are those of the release; a link to a topic that is not released is its words only."""
    text = _FIGURE.sub(rf"figures/{topic}/\1", text)
    text = _HANDOUT.sub(lambda m: f"[{m[1]}]({m[2]}.md{m[3] or ''})" if m[2] in released else m[1], text)
    targets: list[str] = []

    def keep(found: re.Match[str]) -> str:
        targets.append(found[1])
        return _KEPT.format(len(targets) - 1)

    return Links(_RELEASED.sub(keep, text), tuple(targets))


def from_beside(text: str, folder: str, above: str = "../") -> str:
    """A released handout as it is read in a folder beside its own `folder`, or (`above` is "") in the one around it."""
    return _RELEASED.sub(lambda found: f"]({above}{folder}/{found[1]})", text)


def figures(folder: Path, handout: str, naming: Naming) -> dict[str, bytes]:
    """Released name to content of every figure that a handout shows, drawings in the words of the course."""
    found = {}
    for name in _FIGURE.findall(handout):
        path = folder / "figures" / name
        if not path.is_file():
            raise CourseError(f"{folder / 'handout.md'} shows figures/{name}, and there is no such file: draw it.")
        raw = path.read_bytes()
        found[f"figures/{folder.name}/{name}"] = renamed(raw, naming) if path.suffix == ".svg" else raw
    return found


def renamed(drawing: bytes, naming: Naming) -> bytes:
    """An SVG whose texts have the course's names."""

    def words(found: re.Match[str]) -> str:
        text = unescape(found[2])
        label = naming.names.get(text) if naming.is_symbol(text) else None
        return found[1] + escape(label or naming.text(text), quote=False)

    return _WORDS.sub(words, drawing.decode("utf-8")).encode("utf-8") if naming else drawing


def title(handout: str, topic: str) -> str:
    """What the first line of a handout calls the topic."""
    first = handout.partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("# ") else topic


def earlier(handout: str) -> Sequence[str]:
    """The topics that a handout names in its line "Builds on ...", in their order there."""
    return tuple(dict.fromkeys(m[2] for line in _EARLIER.findall(handout) for m in _HANDOUT.finditer(line)))


def linked(topics: Sequence[str], titles: Mapping[str, str]) -> str:
    """Links from the README to handouts, for those topics that are released."""
    return ", ".join(f"[{titles[topic]}](handouts/{topic}.md)" for topic in topics if topic in titles)
