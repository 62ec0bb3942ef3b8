"""The reference solutions: what stands in a figure is computed by them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[2] / "reference"


def solution(topic: str) -> ModuleType:
    """A topic's reference, with which it may import others."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    return importlib.import_module(topic)
