"""The members of a tar, in order, as far as they are asked for. No size that a header claims is believed."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator

from .members import MEGABYTE, Member, Meter, Readable, TooMuch, archived, read_at_most

MAX_NAME = 64_000  # bytes of a header that only holds a name
PER_MEMBER = 4_000  # charged for each: a million empty ones are work
_SPARSE = re.compile(rb"(?:^|\n)\d+ GNU\.sparse\.")
_SIZE = re.compile(rb"(?:^|\n)\d+ size=")  # written where a size does not fit into the header: from 8 GiB on


def in_tar(file: Readable, meter: Meter) -> Iterator[Member]:
    """The members of an unpacked tar; each must be read before the next is asked for."""
    stream, long_name, sparse = _Stream(file, meter), "", False
    while (block := stream.take(tarfile.BLOCKSIZE, may_end=True)).strip(b"\0"):
        meter.charge(PER_MEMBER)
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if header.size < 0:
            raise tarfile.ReadError("negative size")
        following = -header.size % tarfile.BLOCKSIZE
        if header.type in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            if header.size > MAX_NAME:
                raise tarfile.ReadError("a header of unreasonable length")
            text = stream.take(header.size + following)[: header.size]
            long_name = _long_name(header.type, text) or long_name
            if header.type == tarfile.XHDTYPE and _SIZE.search(text):
                raise TooMuch("it holds a file of more than 8 GB")
            sparse |= header.type == tarfile.XHDTYPE and bool(_SPARSE.search(text))
            continue
        has_data = header.isreg() or header.type not in tarfile.SUPPORTED_TYPES
        part = _Part(stream, header.size if has_data else 0)
        yield archived(long_name or header.name, header.isdir(), _problem(header, sparse), part.open)
        part.skip()
        stream.take(following if has_data else 0)
        long_name, sparse = "", False


def _problem(header: tarfile.TarInfo, sparse: bool) -> str:
    if sparse or header.type == tarfile.GNUTYPE_SPARSE:
        return "it is stored as a sparse file"
    plain = header.isdir() or header.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
    return "" if plain else "it is a link or a device"


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
