"""What a bundle was made with, and of: versions, and a digest of the sources."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import grader
from grader.bundle import Bundle

from .exercise import Topic

SCRIPTS = ("inputs", "layer", "script")  # of this folder: what probes are made by


def versions(packages: Sequence[str] = ()) -> dict[str, str]:
    """What a bundle that is made now is made with; `packages` are further ones that it requires."""
    made = {"grader": grader.__version__, "python": platform.python_version(), "numpy": np.__version__}
    try:
        import hypothesis

        made["hypothesis"] = hypothesis.__version__
    except ImportError:  # rebuilding needs none
        pass
    for name in packages:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # it may be installed under another name
            made[name] = importlib.metadata.version(name)
    return made


def drawn_with(old: Bundle) -> str:
    """The versions under which the cases of a bundle were drawn."""
    return old.versions.get("drawn") or " ".join(f"{name} {version}" for name, version in sorted(old.versions.items()))


def sources_digest(topic: Topic, reference: bytes) -> str:
    """SHA-256 of all that a bundle is made from, but for the secret: spec, reference, and our own scripts."""
    scripts = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in SCRIPTS]
    return hashlib.sha256(b"\0".join([topic.digest.encode(), reference, *scripts])).hexdigest()


def is_current(bundle: Bundle, topic: Topic, references: Path) -> bool:
    """Whether spec and reference are still those that the bundle was made of."""
    file = references / topic.file
    return file.is_file() and bundle.sources == sources_digest(topic, file.read_bytes())
