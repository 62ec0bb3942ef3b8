"""The unpacked bytes of a .gz, .bz2 or .xz, bounded: no read gives or takes more than it is asked or allowed to.

The readers of the standard library decode a header, or any number of empty streams one behind the other, within a
single call, and lzma.LZMAFile takes as much memory as the file asks for.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import IO, Any

from .members import Meter

_CHUNK = 65_536
_XZ_MEMORY = 128_000_000
_PER_STREAM = 10_000  # charged for each of several streams: beginning one is work
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")


def is_packed(head: bytes) -> bool:
    """Whether a file that begins with `head` is a .gz, .bz2 or .xz."""
    return head.startswith(_MAGIC)


def unpacked(file: IO[bytes], meter: Meter) -> io.BufferedReader:
    """What is in a .gz, .bz2 or .xz, whose packed bytes are charged to the meter.

    Reading raises TooMuch, and EOFError or the decoder's own error where the file is damaged.
    """
    return io.BufferedReader(_Unpacked(file, meter), 4 * _CHUNK)


class _Gzip:
    """A decoder for gzip with the interface of those for bz2 and xz."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail and not self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, size: int) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, size)


def _decoder(head: bytes) -> Any:
    if head.startswith(_MAGIC[0]):
        return _Gzip()
    if head.startswith(_MAGIC[1]):
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


class _Unpacked(io.RawIOBase):
    """One or more packed streams, one behind the other, as the tools read them; what follows them is ignored."""

    def __init__(self, file: IO[bytes], meter: Meter) -> None:
        self._file, self._meter = file, meter
        self._packed = self._more()
        self._decoder: Any = _decoder(self._packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Some unpacked bytes, none only at the end."""
        while True:
            if self._decoder.eof and not self._next_stream():
                return 0
            if self._decoder.needs_input and not self._packed and not self._fill():
                raise EOFError("unexpected end")
            packed, self._packed = self._packed, b""
            if data := self._decoder.decompress(packed, len(buffer)):
                buffer[: len(data)] = data
                return len(data)

    def _more(self) -> bytes:
        packed = self._file.read(_CHUNK)
        self._meter.charge(len(packed))
        return packed

    def _fill(self) -> bool:
        self._packed = self._more()
        return bool(self._packed)

    def _next_stream(self) -> bool:
        head = self._decoder.unused_data
        if len(head) < _CHUNK // 2:
            head += self._more()
        if not is_packed(head.lstrip(b"\0")):
            return False
        self._meter.charge(_PER_STREAM)
        self._packed = head.lstrip(b"\0")
        self._decoder = _decoder(self._packed)
        return True
