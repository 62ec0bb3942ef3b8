"""Files from strangers: nothing is written, no link is followed, work and memory are bounded, and each trick costs only
its author. Every evil file is made here; `bob`, beside each of them, is always read in full."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import stat
import struct
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from handed_in import lay, tarred, zipped

from grader.errors import InputError
from grader.running import classes, folders, gather, submission
from grader.running.archives import in_archive
from grader.running.folders import in_folder, open_regular
from grader.running.gather import Pile
from grader.running.members import Member, Meter, TooMuch
from grader.running.submission import Submission, read_batch
from grader.text import safe_name

COURSE = ("conv.py", "pooling.py")
SECRET = "expected values and another student's work"
BOB = {"bob/conv.py": "b", "bob/src/pooling.py": "p"}

_events: list[tuple[str, tuple[object, ...]]] | None = None


def _audit(event: str, args: tuple[object, ...]) -> None:
    if _events is not None and (event in ("open", "os.mkdir", "os.rename", "os.remove", "os.symlink", "os.link")):
        _events.append((event, args))


sys.addaudithook(_audit)  # hooks stay for ever, so this one is silent outside of `watched`


@contextmanager
def watched() -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """What is opened or changed meanwhile, anywhere."""
    global _events
    _events = seen = []
    try:
        yield seen
    finally:
        _events = None


def read(class_folder: Path, *more: Path) -> dict[str, Submission]:
    """The submissions, of which bob's is complete; nothing may be written and no secret read meanwhile."""
    with watched() as seen:
        batch = read_batch([class_folder, *more], COURSE)
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    assert all(event == "open" and not int(str(args[2])) & writing for event, args in seen), seen
    found = {one.name: one for one in batch.submissions}
    assert {file.path: file.source for file in found["bob"].files} == {"conv.py": b"b", "src/pooling.py": b"p"}
    assert found["bob"].notes == ()
    for one in batch.submissions:
        assert not any(SECRET.encode() in file.source for file in one.files)
        assert all(text.isprintable() for text in (one.name, *one.notes, *(file.path for file in one.files)))
    assert all(note.isprintable() for note in batch.notes)
    return found


def told(one: Submission) -> str:
    return " ".join(one.notes)


def contents(one: Submission) -> dict[str, bytes]:
    return {file.path: file.source for file in one.files}


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


# --- links and special files


def test_no_link_to_a_neighbour_a_system_file_or_a_device_is_followed(tmp_path: Path) -> None:
    lay(tmp_path, {"hidden/bundle.py": SECRET, "class/eve/pooling.py": "own", "class/zoe/conv.py": SECRET[:3]})
    lay(tmp_path / "class", dict(BOB))
    eve = tmp_path / "class/eve"
    for number, target in enumerate(("../bob/conv.py", tmp_path / "hidden/bundle.py", "/etc/passwd", "/dev/zero")):
        (eve / f"conv{number}.py").symlink_to(target)
    for name, target in (("src", tmp_path / "hidden"), ("up", ".."), ("here", "."), ("lost", "nowhere")):
        (eve / name).symlink_to(target)
    (eve / "work.zip").symlink_to(tmp_path / "hidden/bundle.py")
    found = read(tmp_path / "class")
    assert contents(found["eve"]) == {"pooling.py": b"own"}
    assert told(found["eve"]).count("it is a link, and links are not followed") == 9


def test_pipes_and_sockets_are_not_waited_for(tmp_path: Path) -> None:
    lay(tmp_path, {**BOB, "eve/pooling.py": ""})
    os.mkfifo(tmp_path / "eve/conv.py")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(tmp_path / "eve")  # a socket's path must be short
        try:
            listening.bind("more.py")
        finally:
            os.chdir(here)
        found = read(tmp_path)
    assert told(found["eve"]).count("it is not a regular file") == 2


def test_a_students_folder_that_is_a_link_is_nobodys_and_the_instructor_is_told(tmp_path: Path) -> None:
    lay(tmp_path, {"elsewhere/conv.py": SECRET})
    lay(tmp_path / "class", {**BOB, "cid/conv.py": ""})
    (tmp_path / "class/eve").symlink_to(tmp_path / "elsewhere")
    assert set(read(tmp_path / "class")) == {"bob", "cid"}
    assert any('"eve"' in note and "a link" in note for note in read_batch([tmp_path / "class"], COURSE).notes)


def test_what_the_instructor_gives_may_be_a_link_and_what_is_in_it_may_not(tmp_path: Path) -> None:
    lay(tmp_path, {f"real/{path}": text for path, text in BOB.items()} | {"real/eve/conv.py": "", "x.py": SECRET})
    (tmp_path / "real/eve/pooling.py").symlink_to(tmp_path / "x.py")
    (tmp_path / "class").symlink_to("real")
    assert set(contents(read(tmp_path / "class")["eve"])) == {"conv.py"}


@pytest.mark.parametrize("swap", ["folder", "file", "pipe"])
def test_what_becomes_a_link_between_listing_and_reading_is_not_followed(tmp_path: Path, swap: str) -> None:
    lay(tmp_path, {"secret/src/conv.py": SECRET, "secret/conv.py": SECRET, "eve/src/conv.py": "own"})
    (member,) = (member for member in in_folder(tmp_path / "eve") if member.open)
    if swap == "folder":
        (tmp_path / "eve/src").rename(tmp_path / "eve/old")
        (tmp_path / "eve/src").symlink_to(tmp_path / "secret/src")
    else:
        (tmp_path / "eve/src/conv.py").unlink()
        if swap == "file":
            (tmp_path / "eve/src/conv.py").symlink_to(tmp_path / "secret/conv.py")
        else:
            os.mkfifo(tmp_path / "eve/src/conv.py")
    assert member.open is not None
    with pytest.raises(OSError):
        member.open()


def test_a_folder_that_becomes_a_link_before_it_is_entered_is_not_entered(tmp_path: Path) -> None:
    lay(tmp_path, {"secret/conv.py": SECRET, "eve/src/conv.py": "own"})
    walk = in_folder(tmp_path / "eve")
    assert next(walk) == Member("src")
    (tmp_path / "eve/src").rename(tmp_path / "eve/old")
    (tmp_path / "eve/src").symlink_to(tmp_path / "secret")
    (rest,) = walk
    assert rest.open is None and "cannot be opened" in rest.problem


def _descriptors() -> int:
    here = Path("/proc/self/fd")
    return len(list(here.iterdir())) if here.exists() else 0


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    lay(tmp_path, {**BOB, "eve/conv.zip": "no zip", "eve/src/conv.py": ""})
    os.mkfifo(tmp_path / "eve/pooling.py")
    before = _descriptors()
    read(tmp_path)
    with pytest.raises(OSError):
        open_regular(str(tmp_path / "eve/pooling.py"))
    assert _descriptors() == before


def test_links_sparse_files_and_devices_in_archives_are_noted_and_their_targets_unread(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for number, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.BLKTYPE, tarfile.GNUTYPE_SPARSE)):
            info = tarfile.TarInfo(f"{number}.py")
            info.type, info.linkname = kind, "../bob/conv.py"
            archive.addfile(info)
        info = tarfile.TarInfo("GNUSparseFile.0/conv.py")
        info.pax_headers, info.size = {"GNU.sparse.major": "1", "GNU.sparse.name": "conv.py"}, 3
        archive.addfile(info, io.BytesIO(b"map"))
        info = tarfile.TarInfo("pooling.py")
        archive.addfile(info)
    link = zipfile.ZipInfo("conv.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    zipped_link = io.BytesIO()
    with zipfile.ZipFile(zipped_link, "w") as archive_of_link:
        archive_of_link.writestr(link, "/etc/passwd")
    lay(tmp_path, {**BOB, "eve.tar.gz": packed.getvalue(), "zoe.zip": zipped_link.getvalue()})
    found = read(tmp_path)
    assert contents(found["eve"]) == {"pooling.py": b""} and contents(found["zoe"]) == {}
    assert told(found["eve"]).count("a link or a device") == 3 and told(found["eve"]).count("sparse") == 2


# --- files that are huge, that change, that cannot be read


def test_a_sparse_file_and_a_notebook_of_more_than_200_megabytes_are_not_even_begun(tmp_path: Path) -> None:
    lay(tmp_path, {**BOB, "eve/pooling.py": ""})
    for name, size in (("conv.py", 8 << 30), ("conv.ipynb", 200_000_001)):
        with (tmp_path / "eve" / name).open("wb") as file:
            file.truncate(size)
    with memory_below(3_000_000):
        found = read(tmp_path)
    assert contents(found["eve"]) == {"pooling.py": b""}
    assert "larger than 2 MB" in told(found["eve"]) and "larger than 200 MB" in told(found["eve"])


class Endless:
    """A file that grows faster than it is read."""

    given = 0

    def read(self, size: int, /) -> bytes:
        self.given += size
        return bytes(size)

    def close(self) -> None:
        pass


def test_a_file_that_grows_while_it_is_read_is_read_as_far_as_its_limit() -> None:
    pile, file = Pile(Meter(10**9)), Endless()
    pile.take(Member("conv.py", lambda: file), "conv.py")
    assert not pile.files and "larger than 2 MB" in pile.notes[0]
    assert file.given == 2_000_001


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file"), PermissionError(13, "Permission denied")])
def test_a_file_that_is_gone_or_unreadable_costs_itself_and_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    lay(tmp_path, {**BOB, "eve/conv.py": "", "eve/pooling.py": "own"})
    really: Callable[..., object] = folders.open_below

    def open_below(root: str, path: str) -> object:
        if path == "eve/conv.py":
            raise error
        return really(root, path)

    monkeypatch.setattr(folders, "open_below", open_below)
    found = read(tmp_path)
    assert contents(found["eve"]) == {"pooling.py": b"own"}
    assert f'"conv.py" cannot be read ({error.strerror})' in told(found["eve"])


def test_a_folder_that_is_unreadable_costs_itself_and_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, {**BOB, "eve/v1.2/conv.py": "", "eve/pooling.py": "own", "zoe/conv.py": ""})
    really = folders._listed

    def listed(root: str, folder: str, most: int | None) -> tuple[int, list[tuple[str, str]]]:
        if folder in ("eve/v1.2", "zoe"):
            raise PermissionError(13, "Permission denied")
        return really(root, folder, most)

    monkeypatch.setattr(folders, "_listed", listed)
    found = read(tmp_path)
    assert contents(found["eve"]) == {"pooling.py": b"own"} and contents(found["zoe"]) == {}
    assert '"v1.2/" was skipped: it cannot be opened (Permission denied)' in told(found["eve"])
    assert "Permission denied" in told(found["zoe"])


# --- too many, too deep


def test_a_student_with_countless_files_takes_nothing_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MAX_ENTRIES", 50)
    monkeypatch.setattr(folders, "MAX_NAMES", 100)
    lay(tmp_path, {f"all/{path}": text for path, text in BOB.items()})
    lay(tmp_path / "all", {f"adam/{n}/{m}.py": "" for n in range(20) for m in range(20)})
    lay(tmp_path / "all", {f"amy/{n}.txt": "" for n in range(200)})
    found = read(tmp_path)
    assert 0 < len(found["adam"].files) < 100
    for name in ("adam", "amy"):
        assert told(found[name]).count("files and folders of a submission are looked at") == 1


def test_a_limit_is_told_however_much_else_there_is_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MAX_FILES", 10)
    lay(tmp_path, {**BOB, **{f"eve/z{n}.py": "" for n in range(20)}, "eve/conv.py": ""})
    for number in range(1000):
        (tmp_path / f"eve/{number}.py").symlink_to("conv.py")
    found = read(tmp_path)
    assert "Only 10 files" in told(found["eve"]) and len(found["eve"].notes) <= 23


def test_folders_hundreds_deep_end_at_a_limit_and_not_in_an_error(tmp_path: Path) -> None:
    lay(tmp_path, {**BOB, "eve/conv.py": "own"})
    here = os.open(tmp_path / "eve", os.O_RDONLY)
    for _ in range(300):  # by descriptors: no path may be that long
        os.mkdir("d" * 200, dir_fd=here)
        above, here = here, os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(above)
    os.close(os.open("pooling.py", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    packed = zipped({"a/" * 5000 + "conv.py": "", "b/" * 190 + "pooling.py": "deep", "conv.py": "top"})
    lay(tmp_path, {"zoe.zip": packed, "zed.tar.gz": tarred({"a/" * 5000 + "conv.py": "", "pooling.py": "top"})})
    found = read(tmp_path)
    assert contents(found["eve"]) == {"conv.py": b"own"} and "folders deep" in told(found["eve"])
    assert sorted(contents(found["zoe"]).values()) == [b"deep", b"top"]
    assert contents(found["zed"]) == {"pooling.py": b"top"}


def test_a_lone_archive_with_a_hundred_thousand_students_is_one_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "MAX_NEIGHBOURS", 50)
    lay(tmp_path, {"eve.zip": zipped({f"s{n}/conv.py": "" for n in range(60)}), **{f"class/{p}": BOB[p] for p in BOB}})
    assert set(read(tmp_path / "class/bob", tmp_path / "eve.zip")) == {"bob", "eve"}


def test_what_is_held_in_memory_of_a_class_has_a_limit_that_costs_nobody_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "MAX_BATCH", 1000)
    lay(tmp_path, {f"s{n}/conv.py": "#" * 200 for n in range(6)})
    with pytest.raises(InputError, match="grade the class in parts"):
        read_batch([tmp_path], COURSE)
    lay(tmp_path / "zips", {"eve.zip": zipped({f"s{n}/conv.py": "#" * 200 for n in range(6)})})
    with pytest.raises(InputError, match="grade the class in parts"):
        read_batch([tmp_path / "zips/eve.zip"], COURSE)


# --- archives


def _patched(packed: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    at = packed.index(signature) + offset
    return packed[:at] + value + packed[at + len(value) :]


def test_a_zip_that_lies_about_its_sizes_is_unpacked_as_far_as_the_limit(tmp_path: Path) -> None:
    honest = zipped({"conv.py": bytes(30_000_000), "pooling.py": "p"})
    small = _patched(_patched(honest, b"PK\x01\x02", 24, struct.pack("<I", 1000)), b"PK\x03\x04", 22, b"\xe8\x03\0\0")
    large = _patched(honest, b"PK\x01\x02", 24, struct.pack("<I", 2**32 - 2))
    lay(tmp_path, {**BOB, "eve.zip": small, "zoe.zip": large, "zed.zip": honest})
    with memory_below(12_000_000):
        found = read(tmp_path)
    assert all(contents(found[name]) == {"pooling.py": b"p"} for name in ("eve", "zoe", "zed"))
    assert "CRC" in told(found["eve"]) and "larger than 2 MB" in told(found["zed"])


def test_a_zip_whose_members_overlap_is_charged_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MAX_UNPACKED", 20_000_000)
    packed = zipped({"conv.py": bytes(1_900_000)})
    at, end, number = packed.index(b"PK\x01\x02"), packed.index(b"PK\x05\x06"), 5000
    directory = packed[at:end] * number
    last = struct.pack("<HHIIH", number, number, len(directory), at, 0)
    lay(tmp_path, {**BOB, "eve.zip": packed[:at] + directory + packed[end : end + 8] + last})
    assert "too much in this submission" in told(read(tmp_path)["eve"])


@pytest.mark.parametrize(
    "field, value", [(n, v) for n in (24, 32, 40, 48) for v in (0, 1, 2**31, 2**63 - 1, 2**64 - 1)]
)
def test_zip64_records_with_wild_numbers_are_damage_at_most(tmp_path: Path, field: int, value: int) -> None:
    plain = zipped({"conv.py": "x"})
    end = plain.index(b"PK\x05\x06")
    size, start = struct.unpack("<II", plain[end + 12 : end + 20])
    record = bytearray(struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, start))
    record[field : field + 8] = struct.pack("<Q", value)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    last = b"PK\x05\x06" + b"\0" * 4 + b"\xff" * 12 + b"\0\0"
    lay(tmp_path, {**BOB, "eve.zip": plain[:end] + bytes(record) + locator + last})
    found = read(tmp_path)
    assert contents(found["eve"]) in ({}, {"conv.py": b"x"})


def _endless_name(size: int) -> bytes:
    return b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * size


def _empty_streams(number: int) -> bytes:
    return gzip.compress(b"") * number


def _empty_members(number: int) -> bytes:
    return gzip.compress(tarfile.TarInfo("x").tobuf() * number)


@pytest.mark.parametrize(
    "packed", [_endless_name(3_000_000), _empty_streams(300), _empty_members(500)], ids=["name", "streams", "members"]
)
def test_work_that_unpacks_to_nothing_is_charged_as_well(packed: bytes) -> None:
    with pytest.raises(TooMuch):
        list(in_archive(io.BytesIO(packed), Meter(2_000_000)))


def test_streams_behind_each_other_are_one_archive_and_what_follows_is_ignored() -> None:
    whole = tarred({"conv.py": "x" * 5000}, "w")
    packed = gzip.compress(whole[:3000]) + gzip.compress(whole[3000:]) + bytes(100) + b"rubbish"
    assert [m.path for m in in_archive(io.BytesIO(packed), Meter(10**6))] == ["conv.py"]


def test_a_bomb_of_each_kind_costs_its_author_alone_and_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "MAX_UNPACKED", 20_000_000)
    zeros = bytes(40_000_000)
    lay(
        tmp_path,
        {f"e-{kind}.tar.{kind}": tarred({"0": zeros, "conv.py": ""}, f"w:{kind}") for kind in ("gz", "bz2", "xz")},
    )
    nested = zipped({"in.zip": zipped({"in.zip": zipped({"conv.py": zeros})})})
    lay(tmp_path, {**BOB, "e-nested.zip": nested, "e-inner/x.zip": zipped({"y.tar": tarred({"conv.py": zeros}, "w")})})
    del zeros
    with memory_below(60_000_000):
        found = read(tmp_path)
    for name in ("e-gz", "e-bz2", "e-xz", "e-nested", "e-inner"):
        assert contents(found[name]) == {} and ("too much" in told(found[name]) or "larger than" in told(found[name]))


def test_a_students_archive_does_not_take_the_name_of_another_student(tmp_path: Path) -> None:
    lay(tmp_path, {"bob.zip": zipped({"conv.py": "the real one"})})
    lay(tmp_path, {"ada.zip": zipped({"bob/conv.py": "not bob", "BOB/conv.py": "nor he", "ada/conv.py": "a"})})
    batch = read_batch([tmp_path / "ada.zip", tmp_path / "bob.zip"], COURSE)
    real = next(one for one in batch.submissions if one.name == "bob")
    assert contents(real) == {"conv.py": b"the real one"} and real.notes == ()
    assert sum("several submissions" in note for note in batch.notes) == 2


# --- names

EVIL_NAMES = (
    "conv\x1b[31m.py", "con\nv.py", "a\u202ecod.py", "<script>alert(1)</script>.py", "=cmd|' /C calc'!A0.py",
    "x" * 5000 + ".py", "C:\\..\\x.py", "trailing. .py", "nul.py", "--help.py", "$(id).py", "\u200bconv.py",
    "'; drop table results; --.py",
)  # fmt: skip


def test_evil_file_names_are_shown_escaped_and_never_used_as_paths(tmp_path: Path) -> None:
    on_disk = [name for name in EVIL_NAMES if len(name) < 200] + ["b\udcffd.py"]
    lay(tmp_path, {**BOB, **{f"eve/{name.replace('/', '_')}": "e" for name in on_disk}})
    files: dict[str, str | bytes] = dict.fromkeys(EVIL_NAMES, "z")
    lay(tmp_path, {"zoe.zip": zipped(files), "zed.tar": tarred(files, "w")})
    found = read(tmp_path)
    assert len(found["eve"].files) == len(on_disk)
    for name in ("zoe", "zed"):
        assert len(found[name].files) == len(EVIL_NAMES) - 2, "all but the long one and the absolute one"


def test_names_with_nul_and_broken_text_in_archives_are_no_trouble(tmp_path: Path) -> None:
    packed = zipped({"conv.pyX.txt": "z", "pooling.py": "p"}).replace(b"conv.pyX", b"conv.py\0")
    info = tarfile.TarInfo("conv\udcff\ud800.py".encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    lay(tmp_path, {**BOB, "eve.zip": packed})
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(info)
    lay(tmp_path, {"zoe.tar": tar.getvalue()})
    found = read(tmp_path)
    assert contents(found["eve"])["pooling.py"] == b"p" and len(found["zoe"].files) == 1


def test_every_submission_gets_a_report_of_its_own_whatever_it_is_called(tmp_path: Path) -> None:
    names = [
        "ada",
        "Ada",
        "Zoe\u0308",
        "Zoë",
        "a<b",
        "a>b",
        "con",
        "CON",
        "nul. ",
        "=1",
        "1",
        "...",
        "x" * 120,
        "x" * 130,
    ]
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in names:
            archive.writestr(f"{name}/conv.py", name)
    found = read_batch([tmp_path / "class.zip"], COURSE).submissions
    assert {file.source.decode() for one in found for file in one.files} == set(names)
    taken = [one.name.casefold() for one in found]
    assert len(set(taken)) == len(taken) and not {"con", "nul", "con.", "", ".", ".."} & set(taken)
    for one in found:
        (tmp_path / f"{one.name}.json").write_text(one.name)
        assert len(one.name.encode()) <= 210 and safe_name(one.name, 102) == one.name
    assert len(list(tmp_path.glob("*.json"))) == len(found)


# --- notebooks


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[" * 100_000, '{"cells":' * 100_000, "1e999999999", '"\\ud800"', "\0" * 1000, "9" * 100_000],
    ids=["empty", "text", "lists", "objects", "infinite", "surrogate", "nul", "digits"],
)
def test_a_notebook_may_hold_anything(tmp_path: Path, text: str) -> None:
    lay(tmp_path, {**BOB, "eve/conv.ipynb": text, "zoe/conv.ipynb": json.dumps({"cells": []})})
    found = read(tmp_path)
    assert set(contents(found["eve"])) == {"conv.ipynb"}
    assert found["eve"].find("conv.py") == (None, ())
