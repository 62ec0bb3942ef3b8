"""What strangers handed in as a stream of members, whether it lies in a folder, a zip or a tar.

Nothing is written, no link is followed, no size that a header claims is believed, and all work is metered.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import stat
import tarfile
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, Protocol, cast

MEGABYTE = 1_000_000
MAX_NAMES = 1_000_000  # entries looked at below one folder
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
OTHER_SUFFIXES = (".rar", ".7z")
_HIDDEN = {"__macosx", "__pycache__", "site-packages", "dist-packages", "node_modules", "venv"}
_XZ_MEMORY = 128 * MEGABYTE
_MAX_TAR_NAME = 64_000


class Readable(Protocol):
    """An open file of which only the beginning may be wanted."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class Member(NamedTuple):
    """A file (`open` is there), a folder (it is not), or something that must not be read (`problem` says why).

    The path is relative with forward slashes and without `.` and `..`, unless those are the problem.
    """

    path: str
    open: Callable[[], Readable] | None = None
    problem: str = ""


class TooMuch(Exception):
    """The allowance for one submission, or one class, is used up."""


class Meter:
    """How many bytes may still be read or unpacked, whatever becomes of them."""

    def __init__(self, allowance: int) -> None:
        self.left = allowance

    def charge(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise TooMuch("it unpacks to more than is looked through")


def read_at_most(stream: Readable, size: int) -> bytes:
    """The beginning of a stream, all of it where it is not longer than `size`."""
    parts = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def is_hidden(path: str) -> bool:
    """Whether any part of a path is machinery (`.git`, `__MACOSX`, `venv`), which nobody hands in on purpose."""
    return any((part.startswith(".") and part.strip(".")) or part.casefold() in _HIDDEN for part in path.split("/"))


def is_archive(path: str) -> bool:
    return path.casefold().endswith(SUFFIXES)


def stem(name: str) -> str:
    """The name of an archive or file without its suffix: `ada` for `ada.tar.gz`."""
    suffix = max((s for s in (*SUFFIXES, *OTHER_SUFFIXES) if name.casefold().endswith(s)), key=len, default="")
    return name[: -len(suffix)] if suffix else name.rpartition(".")[0] or name


def in_folder(root: Path) -> Iterator[Member]:
    """All that lies below a folder, nearest first, by name in each folder. OSError where the folder cannot be read."""
    waiting, seen = deque([("", os.fspath(root))]), 0
    while waiting and seen < MAX_NAMES:
        above, folder = waiting.popleft()
        try:
            with os.scandir(folder) as found:
                entries = sorted((entry for entry in found if not is_hidden(entry.name)), key=lambda entry: entry.name)
        except OSError as problem:
            if not above:
                raise
            yield Member(above.rstrip("/"), problem=f"it cannot be opened ({problem.strerror})")
            continue
        seen += len(entries)
        for entry in entries:
            path = above + entry.name
            if entry.is_symlink():
                yield Member(path, problem="it is a link, and links are not followed")
            elif entry.is_dir(follow_symlinks=False):
                yield Member(path)
                waiting.append((path + "/", entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Member(path, partial(open_regular, entry.path))
            else:
                yield Member(path, problem="it is not a regular file")


def open_regular(path: str) -> io.BufferedReader:
    """A file for reading; OSError for a link, a pipe or a device, without waiting for it."""
    flags = (getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    file = os.fdopen(os.open(path, os.O_RDONLY | sum(flags)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError("not a regular file")
    return file


def in_archive(file: IO[bytes], meter: Meter) -> Iterator[Member]:
    """The members of a zip or tar, whatever its name says it is.

    A tar's member must be read before the next is asked for. Raises TooMuch, and whatever the standard library's
    readers raise where the archive is damaged.
    """
    head = file.read(512)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        members = _in_tar(gzip.GzipFile(fileobj=file), meter)
    elif head.startswith(b"BZh"):
        members = _in_tar(bz2.BZ2File(file), meter)
    elif head.startswith(b"\xfd7zXZ\x00"):
        members = _in_tar(_Xz(file), meter)
    elif not head.startswith(b"PK") and (head[257:262] == b"ustar" or head == bytes(512)):
        members = _in_tar(file, meter)
    else:
        members = _in_zip(file, meter)
    return (member for member in members if member.path and not is_hidden(member.path))


def _member(name: str, is_folder: bool, problem: str, opener: Callable[[], Readable]) -> Member:
    """A member of an archive with its path tidied, or as it was written where it points outside the archive."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in parts:
        return Member(name, problem="its path points outside the archive")
    return Member("/".join(parts), None if is_folder or problem else opener, problem)


def _in_zip(file: IO[bytes], meter: Meter) -> Iterator[Member]:
    metered = _Metered(file, meter)
    with zipfile.ZipFile(cast(IO[bytes], metered)) as archive:
        metered.longest = meter.left
        for info in archive.infolist():
            problem = ""
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                problem = "it is a link or a device"
            elif info.flag_bits & 1:
                problem = "it is encrypted"
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                problem = "it is compressed in a way that is not read here"
            yield _member(_zip_name(info), info.is_dir(), problem, partial(archive.open, info))


def _zip_name(info: zipfile.ZipInfo) -> str:
    """UTF-8 where the bytes are UTF-8, whether flagged (as macOS forgets to) or not; else code page 437."""
    try:
        return info.filename if info.flag_bits & 0x800 else info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


class _Metered:
    """A zip file, metered; its directory is read in one piece, which must not be longer than 1 % of the allowance."""

    def __init__(self, file: IO[bytes], meter: Meter) -> None:
        self._file, self._meter, self.longest = file, meter, meter.left // 100
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self.longest:
            raise TooMuch
        data = self._file.read(size)
        self._meter.charge(len(data))
        return data


def _in_tar(file: Readable, meter: Meter) -> Iterator[Member]:
    stream, long_name = _Stream(file, meter), ""
    while (block := stream.take(tarfile.BLOCKSIZE, may_end=True)).strip(b"\0"):
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if header.size < 0:
            raise tarfile.ReadError("negative size")
        following = -header.size % tarfile.BLOCKSIZE
        if header.type in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            if header.size > _MAX_TAR_NAME:
                raise tarfile.ReadError("a header of unreasonable length")
            text = stream.take(header.size + following)[: header.size]
            long_name = _long_name(header.type, text) or long_name
            continue
        plain = header.isdir() or header.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
        has_data = header.isreg() or header.type not in tarfile.SUPPORTED_TYPES
        part = _Part(stream, header.size if has_data else 0)
        yield _member(long_name or header.name, header.isdir(), "" if plain else "it is a link or a device", part.open)
        part.skip()
        stream.take(following if has_data else 0)
        long_name = ""


def _long_name(kind: bytes, text: bytes) -> str:
    """The path in a header that goes before a file's own: GNU's, or the POSIX record `<length> path=<path>`."""
    if kind == tarfile.GNUTYPE_LONGNAME:
        return text.rstrip(b"\0").decode("utf-8", "surrogateescape")
    record = re.search(rb"(?:^|\n)\d+ path=([^\n]*)\n", text) if kind == tarfile.XHDTYPE else None
    return record[1].decode("utf-8", "surrogateescape") if record else ""


class _Stream:
    """The unpacked bytes of a tar, in order, metered. Ends are only allowed between members."""

    def __init__(self, file: Readable, meter: Meter) -> None:
        self._file, self._meter = file, meter

    def take(self, size: int, may_end: bool = False) -> bytes:
        self._meter.charge(size)
        data = read_at_most(self._file, size)
        if len(data) < size and (data or not may_end):
            raise tarfile.ReadError("unexpected end")
        return data


class _Part:
    """One file in the stream."""

    def __init__(self, stream: _Stream, size: int) -> None:
        self._stream, self._left = stream, size

    def open(self) -> _Part:
        return self

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left)
        self._left -= size
        return self._stream.take(size)

    def skip(self) -> None:
        while self._left:
            self.read(MEGABYTE)

    def close(self) -> None:
        """Nothing to do: the stream goes on."""


class _Xz:
    """xz with a bound on memory, which lzma.LZMAFile does not offer."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._decoder = file, lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, size: int, /) -> bytes:
        while not self._decoder.eof:
            packed = self._file.read(65536) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not packed:
                raise EOFError("unexpected end")
            if data := self._decoder.decompress(packed, size):
                return data
        return b""

    def close(self) -> None:
        """Nothing to do: the file belongs to the caller."""
