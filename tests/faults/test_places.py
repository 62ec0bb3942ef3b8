"""Places that cannot be written or read: one clear sentence, and what was stored stays."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from runs import grade, make_class, mixed, results, start, stored, wait_for
from tiny import REFERENCE

ENDLESS = REFERENCE + "while True:\n    pass\n"


@pytest.fixture
def out(root: Path, tmp_path: Path) -> Path:
    """An output folder with everything in it."""
    return Path(shutil.copytree(root / "quiet", tmp_path / "out"))


def sentence(done: object) -> str:
    """The one line that a refused call prints."""
    said = str(done.stderr).strip()  # type: ignore[attr-defined]
    assert said.startswith("grader: ") and said.endswith(".") and "\n" not in said, said
    return said


def spoil_header(path: Path) -> None:
    path.write_bytes(b"no database at all, " * 500)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scratch(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 64] = b"\xff" * 64
    path.write_bytes(data)


def change_a_score(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        changed = """cast(replace(cast(result as text), '"points":0.0', '"points":9.0') as blob)"""
        assert database.execute(f"update results set result = {changed}").rowcount


def change_a_type(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("update results set result = 3")


def foreign(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("create table results (a, b)")


def later(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("pragma user_version = 99")


def folder(path: Path) -> None:
    path.unlink()
    (path / "deep").mkdir(parents=True)


@pytest.mark.parametrize("damage", [spoil_header, cut, scratch, change_a_score, change_a_type, foreign, later, folder])
def test_damaged_results_are_told_and_never_thrown_away(
    root: Path, out: Path, quiet: dict[str, bytes], damage: Callable[[Path], None]
) -> None:
    database = out / "results.db"
    damage(database)
    before = database.read_bytes() if database.is_file() else b""
    said = sentence(grade(root / "course", root / "class", out, code=2))
    assert str(database) in said and "--fresh" in said and "--out" in said
    assert database.is_dir() or database.read_bytes() == before
    assert results(out) == quiet
    if damage in (spoil_header, folder):
        grade(root / "course", root / "class", out, "--fresh")
        aside = out / "results.db.damaged"
        assert aside.is_dir() if damage is folder else aside.read_bytes() == before
        assert {name: text for name, text in results(out).items() if "damaged" not in name} == quiet


def test_a_second_grader_on_the_same_folder_is_sent_away_and_a_killed_one_is_in_nobodys_way(
    root: Path, tmp_path: Path
) -> None:
    work, out = make_class(tmp_path / "class", {"a": REFERENCE, "b": ENDLESS}), tmp_path / "out"
    first = start(root / "course", "grade", work, "--out", out)
    wait_for(lambda: stored(out) == 1)
    assert "Another grader is at work" in sentence(grade(root / "course", work, out, code=2))
    first.send_signal(signal.SIGSTOP)  # however long it does nothing
    assert "Another grader is at work" in sentence(grade(root / "course", work, out, code=2))
    first.kill()
    first.communicate()
    shutil.rmtree(work / "b")
    assert "(1 of them from before)" in grade(root / "course", work, out).stdout


def test_a_database_that_another_program_holds_is_told(root: Path, out: Path) -> None:
    with contextlib.closing(sqlite3.connect(out / "results.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        said = sentence(grade(root / "course", root / "class", out, code=2))
    assert "locked" in said and "what was stored before stays" in said


def limited(size: int) -> None:
    """No file of this process may grow beyond `size`; a write that tries fails as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("room", [14_000, 36_000])
def test_where_results_cannot_grow_any_more_what_is_stored_stays(
    root: Path, tmp_path: Path, quiet: dict[str, bytes], room: int
) -> None:
    out = tmp_path / "out"
    done = grade(root / "course", root / "class", out, "--jobs", "1", code=2, preexec_fn=partial(limited, room))
    said = sentence(done)
    assert "results.db" in said and "stays" in said
    kept = stored(out)
    assert kept < 8 and (kept or room < 36_000)
    again = grade(root / "course", root / "class", out).stdout
    assert not kept or f"({kept} of them from before)" in again
    assert results(out) == quiet


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts file systems in memory, where this may be done."""
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        place = tmp_path / f"disk{len(mounted)}"
        place.mkdir()
        if os.system(f"mount -t tmpfs -o {options} tmpfs '{place}' 2>/dev/null"):
            pytest.skip("nothing can be mounted here")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        os.system(f"umount -l '{place}'")


def test_a_full_disk_is_told_and_what_is_stored_stays(
    root: Path, small_disk: Callable[[str], Path], quiet: dict[str, bytes]
) -> None:
    disk = small_disk("size=52k")
    said = sentence(grade(root / "course", root / "class", disk / "out", "--jobs", "1", code=2))
    assert "full" in said and "free some space" in said
    kept = stored(disk / "out")
    os.system(f"mount -o remount,size=4m '{disk}'")
    again = grade(root / "course", root / "class", disk / "out").stdout
    assert kept and f"({kept} of them from before)" in again
    assert results(disk / "out") == quiet


def test_a_disk_too_full_for_the_tables_keeps_the_results_and_no_half_files(
    root: Path, out: Path, small_disk: Callable[[str], Path], quiet: dict[str, bytes]
) -> None:
    size = (out / "results.db").stat().st_size
    disk = small_disk(f"size={size // 4096 * 4 + 24}k")
    shutil.copy(out / "results.db", disk)
    said = sentence(grade(root / "course", root / "class", disk, code=2))
    assert "kept in results.db" in said
    assert all(quiet[name] == text for name, text in results(disk).items())


def test_a_read_only_folder_is_told(root: Path, out: Path, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("size=4m")
    shutil.copytree(out, disk, dirs_exist_ok=True)
    os.system(f"mount -o remount,ro '{disk}'")
    work = make_class(disk.parent / "more", mixed(9))
    for place in (disk, disk / "new"):
        said = sentence(grade(root / "course", work, place, code=2))
        assert str(place) in said and "--out" in said
    assert stored(disk) == 8


def test_a_screen_that_cannot_be_written_costs_no_results(root: Path, tmp_path: Path, quiet: dict[str, bytes]) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(root / "course", "grade", root / "class", "--out", tmp_path / "out", stdout=full)
        said = process.communicate(timeout=300)[1]
    assert process.returncode == 2 and "Traceback" not in said
    assert results(tmp_path / "out") == quiet


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [remove, cut, spoil_header])
def test_a_missing_or_damaged_bundle_is_told_with_what_to_do(
    root: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    course = Path(shutil.copytree(root / "course", tmp_path / "course"))
    damage(course / ".grader" / "hidden" / "scale.bundle")
    said = sentence(grade(course, root / "class", tmp_path / "out", code=2))
    assert "scale.bundle" in said and "`grader freeze`" in said
    assert not (tmp_path / "out").exists()
