"""The members of a zip. Nothing is unpacked before it is asked for, and no further than it is asked for."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import IO, cast

from .members import MEGABYTE, Member, Meter, TooMuch, archived

MAX_DIRECTORY = 20 * MEGABYTE
_COMMENT = 1 << 17
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def in_zip(file: IO[bytes], meter: Meter) -> Iterator[Member]:
    """The members in the order of the zip's directory."""
    metered = _Metered(file, meter)
    with zipfile.ZipFile(cast(IO[bytes], metered)) as archive:
        metered.longest = meter.left
        for info in archive.infolist():
            yield archived(_name(info), info.is_dir(), _problem(info), partial(_Unpacked, archive, info, meter))


def _problem(info: zipfile.ZipInfo) -> str:
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "it is a link or a device"
    if info.flag_bits & 1:
        return "it is encrypted"
    return "" if info.compress_type in _METHODS else "it is compressed in a way that is not read here"


def _name(info: zipfile.ZipInfo) -> str:
    """UTF-8 where the bytes are UTF-8, whether flagged (as macOS forgets to) or not; else code page 437."""
    try:
        return info.filename if info.flag_bits & 0x800 else info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


class _Unpacked:
    """A member while it is unpacked; what comes out is charged too, since a little that goes in can be very much."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> None:
        meter.charge(0)
        self._stream, self._meter = archive.open(info), meter
        self.close = self._stream.close

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._meter.charge(len(data))
        return data


class _Metered:
    """A zip file, metered; its directory is read in one piece, which must not be longer than 1 % of the allowance."""

    def __init__(self, file: IO[bytes], meter: Meter) -> None:
        self._file, self._meter, self.longest = file, meter, min(meter.left // 100, MAX_DIRECTORY)
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self.longest:
            raise TooMuch("its list of files is longer than what is looked through")
        data = self._file.read(size if size >= 0 else _COMMENT)  # without a size zipfile looks for the end's comment
        self._meter.charge(len(data))
        return data
