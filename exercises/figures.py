"""Draws the figures of the handouts: exercises/TOPIC/figures/NAME.svg, with numbers that the reference computes.

python exercises/figures.py [FOLDER]      all figures anew, or into another folder (`make figures`)
"""

from __future__ import annotations

import sys
from pathlib import Path

from drawing import filtering, images, layers, networks, variants

HERE = Path(__file__).resolve().parent
DRAWN = (filtering, layers, variants, networks, images)
FIGURES = {name: draw for module in DRAWN for name, draw in module.FIGURES.items()}  # by topic/name


def main(folder: Path) -> None:
    """Write all figures."""
    for name, draw in FIGURES.items():
        path = folder / f"{name.replace('/', '/figures/')}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draw().svg(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
