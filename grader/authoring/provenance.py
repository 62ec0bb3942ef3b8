"""What a bundle was made with, and of: versions, and a digest of the sources."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

import grader
from grader.bundle import Bundle

from .helpers import DECLARING, imported

# Of the grader's own sources what probes are made by, and what the expected values depend on besides the reference.
OURS = ("authoring/inputs", "authoring/layer", "authoring/script", "worker/normals", "worker/standins")


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


def topic_digest(folder: Path) -> str:
    """SHA-256 of the files from which a topic's bundles are made, but for references."""
    digest = hashlib.sha256()
    for path in (*(folder / name for name in DECLARING), *imported(folder)):
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def sources_digest(topic: str, reference: bytes) -> str:
    """SHA-256 of all that a bundle is made from, but for the secret: spec (its digest), reference, our own sources."""
    ours = [(Path(grader.__file__).parent / f"{name}.py").read_bytes() for name in OURS]
    return hashlib.sha256(b"\0".join([topic.encode(), reference, *ours])).hexdigest()


def is_current(bundle: Bundle, topic: str, references: Path) -> bool:
    """Whether spec (its digest) and reference are still those that the bundle was made of."""
    file = references / bundle.file
    return file.is_file() and bundle.sources == sources_digest(topic, file.read_bytes())


def outdated(bundles: Iterable[Bundle], topics: Path, references: Path) -> list[str]:
    """One sentence where specs or references at hand, or the grader, are newer than bundles, else nothing."""
    digests = {folder.name: topic_digest(folder) for folder in topics.glob("*") if (folder / "spec.py").is_file()}
    at_hand = [b for b in bundles if b.topic in digests and (references / b.file).is_file()]
    old = [b.exercise for b in at_hand if not is_current(b, digests[b.topic], references)]
    if not old:
        return []
    named = ", ".join(old[:5]) + (f" and {len(old) - 5} more" if len(old) > 5 else "")
    what = f"Spec or reference of {named}, or the grader itself, changed after the hidden cases were frozen"
    return [f"{what}: `grader freeze` makes new ones."]
