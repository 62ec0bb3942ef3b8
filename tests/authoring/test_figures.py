"""The committed figures are what the code draws, stand alone, and are shown by the handouts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
FIGURES = sorted(EXERCISES.glob("*/figures/*"))
HANDOUTS = sorted(EXERCISES.glob("*/handout.md"))
SVG = "{http://www.w3.org/2000/svg}"


def test_the_committed_figures_are_what_the_code_draws(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXERCISES / "figures.py", tmp_path], check=True)
    drawn = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.svg")}
    committed = {path.relative_to(EXERCISES): path.read_bytes() for path in FIGURES}
    assert sorted(drawn) == sorted(committed)
    assert [str(name) for name in drawn if drawn[name] != committed[name]] == [], "run `make figures`"


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_a_figure_is_small_needs_nothing_else_and_can_be_read_on_dark_pages(path: Path) -> None:
    text = path.read_text()
    assert len(text.encode()) < 30_000
    assert text.count("://") == 1, "nothing but the name of SVG is an address"
    assert not re.search(r"<script|<image|@import|@font-face|url\((?!#)", text)
    assert "prefers-color-scheme:dark" in text
    assert ElementTree.fromstring(text).findtext(f"{SVG}title")


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_nothing_of_a_figure_lies_outside_of_it(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for box in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(box.get(name, 0)) for name in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
    for text in root.iter(f"{SVG}text"):
        words, kind = text.text or "", text.get("class", "")
        wide = len(words) * (5.9 if "small" in kind else 7)  # of a usual font; 100 % are not needed for a guess
        middle = float(text.get("x", 0)) + wide / 2 * (("left" in kind) - ("right" in kind))
        assert wide / 2 <= middle <= width - wide / 2, words
        assert 8 <= float(text.get("y", 0)) <= height - 8, words


@pytest.mark.parametrize("handout", HANDOUTS, ids=lambda path: path.parent.name)
def test_a_handout_shows_all_figures_of_its_topic_and_no_other(handout: Path) -> None:
    text = handout.read_text()
    shown = re.findall(r"^!\[[^\]]+\]\((figures/[^)]+)\)$", text, re.M)
    mine = [path.relative_to(handout.parent).as_posix() for path in FIGURES if path.parent.parent == handout.parent]
    assert sorted(shown) == sorted(mine)
    assert "<!--" not in text, "a wish that is left"
