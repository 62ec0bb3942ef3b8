"""Folders and archives as students hand them in, laid out for a test."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path


def lay(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files below `root`; a name with a slash at its end is a folder."""
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip of the files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(files: dict[str, str | bytes], mode: str = "w:gz") -> bytes:
    """A tar of the files, packed as `mode` says."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()
