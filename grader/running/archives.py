"""What is in an archive, as a stream of members: nothing is written, and all reading and unpacking is metered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from .members import Member, Meter, is_hidden
from .tars import in_tar
from .unpacked import is_packed, unpacked
from .zips import in_zip


def in_archive(file: IO[bytes], meter: Meter) -> Iterator[Member]:
    """The members of a zip or tar, whatever its name says it is.

    A tar's member must be read before the next is asked for. Raises TooMuch, and whatever the standard library's
    readers raise where the archive is damaged.
    """
    head = file.read(512)
    file.seek(0)
    if is_packed(head):
        members = in_tar(unpacked(file, meter), meter)
    elif not head.startswith(b"PK") and (head[257:262] == b"ustar" or head == bytes(512)):
        members = in_tar(file, meter)
    else:
        members = in_zip(file, meter)
    return (member for member in members if member.path and not is_hidden(member.path))
