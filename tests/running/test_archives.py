"""An archive is read in memory, within its allowance, and a hostile one costs nothing but itself."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from grader.running.archives import in_archive
from grader.running.folders import in_folder, open_regular
from grader.running.members import (
    Member,
    Meter,
    TooMuch,
    is_archive,
    is_hidden,
    read_at_most,
    stem,
)

LONG = "/".join(["a folder with a long name"] * 10) + "/conv.py"


def tar(*files: tuple[str, bytes] | tarfile.TarInfo, mode: str = "w", kind: int = tarfile.PAX_FORMAT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        for file in files:
            info = file if isinstance(file, tarfile.TarInfo) else tarfile.TarInfo(file[0])
            data = b"" if isinstance(file, tarfile.TarInfo) else file[1]
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return packed.getvalue()


def unpack(data: bytes, allowance: int = 10_000_000) -> dict[str, bytes | str | None]:
    """What each member is: its bytes, its problem, or None for a folder."""
    found: dict[str, bytes | str | None] = {}
    for member in in_archive(io.BytesIO(data), Meter(allowance)):
        content = read_at_most(member.open(), 1_000_000) if member.open else None
        found[member.path] = member.problem or content
    return found


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_kind_of_tar_gives_back_what_was_put_in(mode: str, kind: int) -> None:
    files = {"./conv.py": b"x" * 700, "src/p.py": b"", "ü/block.py": b"y" * 512, LONG: b"z"}
    if kind == tarfile.USTAR_FORMAT:
        files.pop(LONG)
    expected = {name.removeprefix("./"): data for name, data in files.items()}
    assert unpack(tar(*files.items(), mode=mode, kind=kind)) == expected


def test_a_zip_gives_back_what_was_put_in_and_suffixes_do_not_matter() -> None:
    files = (("conv.py", b"x" * 70_000), ("src/", b""), ("src\\p.py", b"y"))
    assert unpack(zipped(*files)) == {"conv.py": b"x" * 70_000, "src": None, "src/p.py": b"y"}
    assert unpack(zipped()) == {} and unpack(tar()) == {}


def test_members_that_are_not_read_do_not_disturb_the_next() -> None:
    data = tar(("a.bin", b"1" * 5000), ("b.py", b"2"), mode="w:gz")
    members = in_archive(io.BytesIO(data), Meter(10**6))
    assert [read_at_most(m.open(), 9) for m in members if m.path == "b.py" and m.open] == [b"2"]


@pytest.mark.parametrize(
    "name", ["/etc/conv.py", "../conv.py", "a/../../conv.py", "C:\\conv.py", "\\\\host\\conv.py", "..\\conv.py"]
)
def test_paths_that_point_outside_are_refused_and_the_rest_is_kept(name: str) -> None:
    for packed in (zipped((name, b"evil"), ("conv.py", b"good")), tar((name, b"evil"), ("conv.py", b"good"))):
        found = unpack(packed)
        assert found.pop("conv.py") == b"good"
        assert list(found.values()) == ["its path points outside the archive"]


def test_links_and_devices_are_refused() -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        info = tarfile.TarInfo("conv.py")
        info.type, info.linkname = kind, "/etc/passwd"
        assert unpack(tar(info, ("b.py", b"b"))) == {"conv.py": "it is a link or a device", "b.py": b"b"}
    for mode in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO):
        link = zipfile.ZipInfo("conv.py")
        link.external_attr = (mode | 0o777) << 16
        assert unpack(zipped((link, b"/etc/passwd"), ("b.py", b"b"))) == {
            "conv.py": "it is a link or a device",
            "b.py": b"b",
        }


def test_encrypted_and_unusual_members_are_named_as_such() -> None:
    plain = zipped(("conv.py", b"x"))
    at = plain.index(b"PK\x01\x02")
    assert unpack(plain[: at + 8] + b"\x01" + plain[at + 9 :]) == {"conv.py": "it is encrypted"}
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "compressed in a way" in str(unpack(zipped(("conv.py", b"x"), method=method))["conv.py"])


def test_zip_names_in_any_encoding_are_read() -> None:
    def named(raw: bytes) -> bytes:
        return zipped(("n" * len(raw), b"x")).replace(b"n" * len(raw), raw)

    assert list(unpack(named("ü/conv.py".encode("cp437")))) == ["ü/conv.py"]
    assert list(unpack(named("ü/conv.py".encode()))) == ["ü/conv.py"]
    assert len(unpack(named(b"\xff\xfe\x80.py"))) == 1


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_bomb_stops_at_the_allowance(mode: str) -> None:
    data = tar(("data.bin", bytes(30_000_000)), ("conv.py", b"x"), mode=mode)
    assert "conv.py" in unpack(data, 40_000_000)
    tracemalloc.start()
    with pytest.raises(TooMuch):
        unpack(data, 5_000_000)
    assert tracemalloc.get_traced_memory()[1] < 15_000_000
    tracemalloc.stop()


def test_a_zip_member_is_only_unpacked_as_far_as_it_is_asked_for() -> None:
    packed = zipped(("conv.py", bytes(50_000_000)))
    tracemalloc.start()
    (member,) = in_archive(io.BytesIO(packed), Meter(10**6))
    assert member.open is not None
    tracemalloc.stop()
    tracemalloc.start()
    for member in in_archive(io.BytesIO(packed), Meter(10**8)):
        assert member.open is not None and len(read_at_most(member.open(), 1000)) == 1000
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_directory_of_countless_names_is_not_loaded() -> None:
    packed = zipped(*((f"{n}", b"") for n in range(2000)))
    with pytest.raises(TooMuch):
        unpack(packed, 1_000_000)
    assert len(unpack(packed, 100_000_000)) == 2000


def test_headers_that_lie_about_sizes_are_damage_and_no_memory() -> None:
    huge = tarfile.TarInfo("conv.py")
    huge.size = 10**12
    for kind in (tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
        huge.type = kind
        with pytest.raises((tarfile.ReadError, TooMuch)):
            unpack(huge.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    negative = bytearray(tar(("conv.py", b"x")))
    negative[124:136] = b"\xff" * 11 + b"\x00"
    checksum = sum(negative[:148]) + 8 * 32 + sum(negative[156:512])
    negative[148:156] = b"%06o\0 " % checksum
    with pytest.raises(tarfile.ReadError, match="negative"):
        unpack(bytes(negative))
    huge.type, huge.size = tarfile.XHDTYPE, 5_000_000
    with pytest.raises(tarfile.ReadError, match="unreasonable"):
        unpack(huge.tobuf(tarfile.GNU_FORMAT) + bytes(5_001_216))
    packed = zipped(("conv.py", b"abc"), method=zipfile.ZIP_STORED)
    at = packed.index(b"PK\x01\x02")
    lying = packed[: at + 20] + struct.pack("<II", 10**9, 10**9) + packed[at + 28 :]
    with pytest.raises(Exception):  # noqa: B017 (any, as documented)
        unpack(lying)


def test_a_size_that_does_not_fit_into_a_header_is_too_much_and_not_nothing() -> None:
    info = tarfile.TarInfo("conv.py")
    info.pax_headers = {"size": "9000000000"}
    with pytest.raises(TooMuch):
        unpack(tar(info, ("pooling.py", b"")))


def test_xz_that_asks_for_gigabytes_of_memory_is_refused() -> None:
    greedy = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    with pytest.raises(lzma.LZMAError):
        unpack(lzma.compress(tar(("conv.py", b"x")), filters=greedy))
    assert unpack(lzma.compress(tar(("conv.py", b"x")), preset=9)) == {"conv.py": b"x"}


@pytest.mark.parametrize("part", [0.01, 0.3, 0.5, 0.7, 0.99])
def test_damage_raises_and_never_passes_for_a_shorter_file(part: float) -> None:
    whole = tar(("a.py", os.urandom(6000)), ("b.py", os.urandom(6000)))
    files = whole[: 12 * 512 + 7000]  # without the zeros at the end, which nobody misses
    for packed in (files, gzip.compress(whole), zipped(("a.py", whole))):
        with pytest.raises(Exception):  # noqa: B017 (any, as documented)
            unpack(packed[: int(part * len(packed)) // 512 * 512 + 300])


def test_a_mutated_archive_raises_or_gives_members_and_never_hangs() -> None:
    originals = [tar(("a.py", b"a" * 600), (LONG, b"b"), mode=mode) for mode in ("w", "w:gz", "w:xz")]
    originals.append(zipped(("a.py", b"a" * 600), ("ü.py", b"b")))
    for original in originals:
        for n in range(300):
            mutated = bytearray(original)
            mutated[(n * 7919) % len(mutated)] ^= 1 << n % 8
            try:
                unpack(bytes(mutated))
            except Exception as problem:
                assert not isinstance(problem, (AssertionError, TypeError, AttributeError, RecursionError)), problem


def test_machinery_in_an_archive_is_passed_over() -> None:
    names = ("__MACOSX/._conv.py", ".git/x.py", "a/__pycache__/conv.py", "conv.py")
    assert set(unpack(zipped(*((name, b"") for name in names)))) == {"conv.py"}
    assert is_hidden("a/.venv/b.py") and is_hidden("lib/Site-Packages/x.py") and not is_hidden("a/../git.py")


def test_a_folder_is_walked_nearest_first_without_following_or_opening_anything(tmp_path: Path) -> None:
    (tmp_path / "z/deep").mkdir(parents=True)
    for name in ("z/deep/a.py", "z/b.py", "c.py"):
        (tmp_path / name).write_text(name)
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.py")
    members = list(in_folder(tmp_path))
    assert [m.path for m in members] == ["c.py", "loop", "pipe.py", "z", "z/b.py", "z/deep", "z/deep/a.py"]
    assert [m.path for m in members if m.open] == ["c.py", "z/b.py", "z/deep/a.py"]
    assert [m.problem for m in members if m.problem] == [
        "it is a link, and links are not followed",
        "it is not a regular file",
    ]
    with pytest.raises(OSError):
        list(in_folder(tmp_path / "missing"))


def test_what_became_a_link_or_pipe_after_it_was_listed_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("x")
    (tmp_path / "link.py").symlink_to("real.py")
    os.mkfifo(tmp_path / "pipe.py")
    with open_regular(str(tmp_path / "real.py")) as file:
        assert file.read() == b"x"
    for name in ("link.py", "pipe.py"):
        with pytest.raises(OSError):
            open_regular(str(tmp_path / name))


def test_names_of_archives_lose_their_whole_suffix() -> None:
    assert [stem(name) for name in ("ada.tar.gz", "Ada.ZIP", "ada.v2.tgz", "ada.rar", "conv.py", "ada")] == [
        "ada", "Ada", "ada.v2", "ada", "conv", "ada",
    ]  # fmt: skip
    assert is_archive("A.TAR.XZ") and not is_archive("conv.py.gz")
    assert Member("a").problem == ""
