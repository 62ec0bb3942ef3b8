"""Makes what a student's code draws, reads and finds in memory the same in every run, or else different on purpose.

`install` replaces, once per process, the sources of chance: entropy of the system (and with it every generator of
`random`, `secrets`, `uuid` and NumPy that is made without a seed), and the garbage in `np.empty`. What cannot be made
the same, the clock and the addresses of objects, is shifted by `disturb`, so that a second run shows who depends on it.
"""

from __future__ import annotations

import _random
import contextlib
import ctypes
import datetime
import functools
import os
import random
import re
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

# A quiet NaN that no arithmetic makes, and that survives float32: results that hold it come from unwritten memory.
MARK_BITS = 0x7FF << 52 | 0x5EAD05 << 29
MARK = float(np.array(MARK_BITS, dtype=np.uint64).view(np.float64))
_MARKED = np.uint64(((1 << 34) - 1) << 29)
REPEATED = 7  # the disturbance of probes that are repeated in one worker; those of whole runs have smaller numbers
_M_PERTURB = -6  # of glibc's mallopt: the byte that fills what is allocated and freed


def install() -> None:
    """Replace the sources of chance in this process; call it after the libraries are imported, before any code of
    students is."""
    for module in (os, *(sys.modules[name] for name in ("posix", "nt") if name in sys.modules)):
        vars(module)["urandom"] = entropy
    vars(random)["_urandom"] = entropy
    if hasattr(os, "getrandom"):
        os.getrandom = lambda size, flags=0: entropy(size)
    random.Random.seed = _seed(random.Random.seed)  # type: ignore[method-assign]
    random.seed = vars(random)["_inst"].seed
    vars(np).update(empty=_filled(np.empty), empty_like=_filled(np.empty_like))
    for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
        if hasattr(time, name):
            setattr(time, name, _clock(getattr(time, name), 1.0))
            setattr(time, f"{name}_ns", _clock(getattr(time, f"{name}_ns"), 1_000_000_000))
    for name in ("localtime", "gmtime", "ctime"):
        setattr(time, name, _now_unless_told(getattr(time, name)))
    datetime.datetime = _Datetime  # type: ignore[misc]
    _patterns.update(_garbage(0))
    _garbage(REPEATED)  # so that no worker need make them again


also_seeded: list[Callable[[int], object]] = []  # by packages that some workers have besides
_entropy = _random.Random()
_entropy_seed: int | None = 0  # not applied yet: few programs ask
_seed_now = 0


class _Source(NamedTuple):
    words: re.Pattern[str]  # what a file that draws from it speaks of
    seed: Callable[[int], object]


# Seeding costs as much as a small probe, and few files draw. What draws without such a word goes on where it was.
_SOURCES = {
    "numpy": _Source(re.compile(r"rand|rvs|scipy"), lambda seed: np.random.seed(seed % 2**32)),
    "python": _Source(re.compile(r"(?<![\w.])random\b|import_module|__import__"), lambda seed: random.seed(seed)),
}
_used: dict[str, _Source] = {}  # those of which the loaded files speak


def seed_generators(seed: int, everything: bool = False) -> None:
    """Begin again all chance that a student may use without a seed of their own.

    But for `everything` only generators are seeded of which a file that was loaded speaks.
    """
    global _entropy_seed, _seed_now
    _entropy_seed = _seed_now = seed
    for source in (_SOURCES if everything else _used).values():
        source.seed(seed)
    for begin_again in also_seeded:
        begin_again(seed)


def look_for_chance(text: str) -> None:
    """From now on seed the generators of which this file's text speaks."""
    for name, source in _SOURCES.items():
        if name not in _used and source.words.search(text):
            _used[name] = source
            source.seed(_seed_now)


def entropy(size: int) -> bytes:
    """`os.urandom`, the same bytes after the same `seed_generators`."""
    global _entropy_seed
    if _entropy_seed is not None:
        _entropy.seed((_entropy_seed << 64) + 0x5EED)  # another stream than that of `random.seed(seed)`
        _entropy_seed = None
    if size < 0:
        raise ValueError("negative argument not allowed")
    return _entropy.getrandbits(8 * size).to_bytes(size, "little") if size else b""


def _seed(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        original(self, int.from_bytes(entropy(32), "little") if a is None else a, version)

    return seed


_patterns: dict[str, Any] = {}  # by the character of a dtype: what fills its unwritten memory


@functools.cache
def _garbage(number: int) -> dict[str, Any]:
    """The patterns of one run: NaN, or some large odd numbers."""
    value = -1.5e300 / number if number else MARK
    single = np.array(-1.5e30 / number if number else MARK).astype(np.float32)[()]
    patterns = {"d": value, "f": single, "e": np.float16(-15e3 / number if number else np.nan), "?": True}
    patterns.update(g=np.longdouble(value), F=np.complex64(complex(single, single)), D=complex(value, value))
    for kind in "bBhHiIlLqQ":
        patterns[kind] = np.array(integer_mark(np.dtype(kind)) - 2 * number).astype(kind)[()]
    return patterns


def integer_mark(dtype: np.dtype[Any]) -> int:
    """A large odd number that fills unwritten memory of an integer type."""
    return int(np.iinfo(dtype).max // 4 * 3) | 1


def _filled(original: Any) -> Any:
    @functools.wraps(original)
    def empty(*arguments: Any, **options: Any) -> Any:
        array = original(*arguments, **options)
        if type(array) is np.ndarray:
            pattern = _patterns.get(array.dtype.char)
            if pattern is not None:
                array.fill(pattern)
        return array

    return empty


def unwritten(array: np.ndarray[Any, Any]) -> bool:
    """Whether an array holds what was in the memory of `np.empty` in an undisturbed run."""
    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize in (4, 8):
        bits = np.ascontiguousarray(array, dtype=np.float64).view(np.uint64)
        return bool(np.any((bits & _MARKED) == np.uint64(MARK_BITS)))
    if kind in "iu" and array.dtype.itemsize > 1:
        return bool(np.any(array == integer_mark(array.dtype)))
    return False


_clocks: list[Callable[[], Any]] = []
_starts: list[Any] = []  # what each clock showed when the disturbance began
_moment = [0.0]  # what all clocks show then; 0 for the true time


def _clock(original: Callable[[], Any], second: Any) -> Callable[[], Any]:
    number = len(_clocks)
    _clocks.append(original)

    @functools.wraps(original)
    def clock() -> Any:
        if not _moment[0]:
            return original()
        return original() - _starts[number] + type(second)(_moment[0] * second)

    return clock


def _now_unless_told(original: Callable[[Any], Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def convert(seconds: Any = None, /) -> Any:
        return original(time.time() if seconds is None else seconds)

    return convert


class _Like(type):
    """Objects that C code makes are of the original type."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _datetime) if cls is _Datetime else type.__instancecheck__(cls, instance)


_datetime = datetime.datetime


class _Datetime(_datetime, metaclass=_Like):
    """`datetime.datetime` by the clock of this module."""

    def __new__(cls, *arguments: Any, **options: Any) -> Any:
        return _datetime.__new__(_datetime if cls is _Datetime else cls, *arguments, **options)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        """The shifted time."""
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        """The shifted time."""
        return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)  # noqa: UP017


_Datetime.__name__ = _Datetime.__qualname__ = "datetime"
_Datetime.__module__ = "datetime"

_disturbance = [0]
_held: dict[str, list[Any]] = {}  # small objects that move all later ones


class _Small:
    """An object of the size of most objects."""

    def __init__(self) -> None:
        self.number = 0


def disturb(number: int, probe: int) -> None:
    """Before each probe of run `number`: 0 is the first, every other one has its own clock, addresses and garbage."""
    if number != _disturbance[0]:
        _disturbance[0] = number
        _patterns.update(_garbage(number))
        _perturb(0x80 + number if number else 0)
        _moment[0] = 0.0
        _held["run"] = [_Small() for _ in range(401 * number % (401 * REPEATED))]  # later ones lie in another block
    if number:
        # Later by an odd number of hours, minutes and seconds in each run: true time would pass in between.
        _moment[0] = 1.7e9 + 0.3 + 90_061.0 * number + 1.37 * probe
        _starts[:] = [clock() for clock in _clocks]
        _held["probe"] = [_Small() for _ in range(number + 3 * probe % 11)]
        _held["probe"] += [b"\0" * (16 * size + probe % 16) for size in range(1, 30)]


def soil() -> None:
    """Leave garbage in the small arrays that NumPy keeps for reuse."""
    for size in range(8, 1024, 8):
        np.full(size, 0x7F, dtype=np.uint8)


def _no_mallopt(option: int, value: int) -> int:
    return 0


_mallopt: Callable[[int, int], Any] = _no_mallopt
if sys.platform == "linux":
    with contextlib.suppress(OSError, AttributeError):  # musl has none
        _mallopt = ctypes.CDLL(None).mallopt


def _perturb(byte: int) -> None:
    """Fill memory that is allocated anew with another byte than zero, for arrays made without `np.empty`."""
    _mallopt(_M_PERTURB, byte)
