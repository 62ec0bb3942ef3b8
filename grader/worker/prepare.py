"""What happens once in a process before it may become a worker."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from . import compat, execute


def prepare(modules: Sequence[str]) -> None:
    """Import and patch what every worker shares, and forget where this package lies on disk."""
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    compat.restore_numpy_aliases()
    execute.patch_default_rng()
    root = str(Path(__file__).resolve().parents[2])
    sys.path[:] = [entry for entry in sys.path if entry not in ("", root) or entry.endswith("site-packages")]
