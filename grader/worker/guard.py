"""Refuses files, threads, programs and the network in Python itself, in the same words at every rung of isolation.

This layer stops accidents and explains them. It is no wall: what gets around it meets the kernel's layers, where there
are any. `install` prepares a process; nothing is refused before `enable`, which cannot be taken back.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import site
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import Any, NoReturn

WANTED = True  # whether a worker calls `enable` before it loads a student's file
SHOWN = 100

_FILES = "files are not available while grading"
_PROGRAMS = "other programs are not available while grading"
_NETWORK = "the network is not available while grading"
_THREADS = "threads are not available while grading"
_PROCESSES = "other processes are out of reach while grading"
_LIMITS = "limits cannot be changed while grading"
_C = "ctypes is not available while grading"
_MEMORY = "looking through memory is not available while grading"

# fmt: off
_FAMILIES = {  # audit events, or the part before their first dot
    _FILES: [
        "shutil", "tempfile", "sqlite3", "winreg", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link",
        "os.symlink", "os.chmod", "os.chown", "os.chflags", "os.truncate", "os.utime", "os.chdir", "os.lockf",
        "os.setxattr", "os.removexattr", "os.add_dll_directory",
    ],
    _PROGRAMS: [
        "subprocess", "pty", "webbrowser", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
        "os.spawn", "os.startfile", "os.startfile/2",
    ],
    _NETWORK: ["socket", "urllib", "http", "ftplib", "smtplib", "imaplib", "nntplib", "poplib", "telnetlib", "syslog"],
    _PROCESSES: ["os.kill", "os.killpg", "signal.pthread_kill"],
    _LIMITS: ["resource.setrlimit", "resource.prlimit"],
    _C: ["ctypes"],
    _MEMORY: ["gc.get_objects", "gc.get_referrers", "gc.get_referents"],
}
_READING = ["os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr", "os.listxattr", "glob", "pathlib"]
_SILENT = {  # functions without an audit event, in the modules that have them
    _FILES: [("posix", ["mkfifo", "mknod", "chroot", "memfd_create"])],
    _PROGRAMS: [
        ("_posixsubprocess", ["fork_exec"]),
        ("_multiprocessing", ["SemLock"]),
        ("_posixshmem", ["shm_open", "shm_unlink"]),
        ("posix", ["openpty", "vfork"]),
    ],
    _PROCESSES: [("posix", ["pidfd_open", "setpriority", "nice"])],
    _LIMITS: [("posix", ["sched_setaffinity", "sched_setscheduler", "sched_setparam", "unshare", "setns"])],
}
# fmt: on

_enabled = False
_libraries: tuple[str, ...] = ()
Rule = Callable[[str, tuple[Any, ...]], None]


def install() -> None:
    """Prepare this process, once: the audit hook, and replacements where there is no audit event."""
    global _libraries
    _libraries = tuple(sorted(set(_library_folders())))
    tempfile.tempdir = f"{os.sep}tmp"  # so that nobody looks for one that can be written to
    sys.addaudithook(_hook)
    _refuse_threads()
    _hide_files()
    for what, modules in _SILENT.items():
        for module, names in modules:
            for name in names:
                _replace(module, name, what)


def enable() -> None:
    """Refuse from now on."""
    global _enabled
    _enabled = True


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _enabled:
        rule = _rules.get(event, _unknown)
        if rule is not None:
            rule(event, arguments)


def _unknown(event: str, arguments: tuple[Any, ...]) -> None:
    """Decide once for events that are known by their family, or not at all."""
    _rules[event] = rule = _rules.get(event.partition(".")[0])
    if rule is not None:
        rule(event, arguments)


def _refusing(what: str) -> Rule:
    def rule(event: str, arguments: tuple[Any, ...]) -> None:
        raise PermissionError(f"{what}: {_call(event, arguments)}")

    return rule


def _open(event: str, arguments: tuple[Any, ...]) -> None:
    path, mode, flags = (*arguments, None, None)[:3]
    if type(path) is int:  # open already: nothing new comes into reach, and a program's pipes are refused by its name
        return
    where = _absolute(path)
    writes = bool(flags & (os.O_WRONLY | os.O_RDWR)) if type(flags) is int else mode not in ("r", "rb", None)
    if where == os.devnull or (not writes and _in_library(where)):
        return
    raise PermissionError(f"{_FILES}: open({_shown(path)})")


def _read(event: str, arguments: tuple[Any, ...]) -> None:
    path = arguments[0] if arguments else None
    if not _in_library(_absolute("." if path is None else path)):
        raise PermissionError(f"{_FILES}: {_call(event, (path,))}")


def _mmap(event: str, arguments: tuple[Any, ...]) -> None:
    if arguments[:1] != (-1,):
        raise PermissionError(f"{_FILES}: mmap.mmap()")


def _thread(event: str, arguments: tuple[Any, ...]) -> None:
    raise RuntimeError(_THREADS)


_rules: dict[str, Rule | None] = {
    **{event: _refusing(what) for what, events in _FAMILIES.items() for event in events},
    **dict.fromkeys(_READING, _read),
    "open": _open,
    "mmap": _mmap,
    "_thread.start_new_thread": _thread,
    "_thread.start_joinable_thread": _thread,
}


def _call(event: str, arguments: tuple[Any, ...]) -> str:
    """The call as the student may have written it, with its first argument that can be shown."""
    name = event.partition("/")[0].replace("socket.__new__", "socket.socket").removesuffix(".__new__")
    return f"{name}({next(filter(None, map(_shown, arguments)), '')})"


def _shown(value: Any) -> str:
    """Plain data as text; nothing for objects, whose repr may be the student's."""
    if isinstance(value, bytes):
        value = bytes.decode(value, "utf-8", "replace")
    if isinstance(value, str):
        value = str.__str__(value)
    elif type(value) not in (list, tuple) or not value or any(type(item) is not str for item in value):
        return ""
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 4] + " ..."


def _absolute(path: Any) -> str:
    """The place that a path means; nothing for open descriptors."""
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if isinstance(path, PurePath):
        path = str(path)
    return os.path.abspath(str.__str__(path)) if isinstance(path, str) and path else ""  # noqa: PTH100 - no file system


def _in_library(path: str) -> bool:
    return any(path.startswith(folder) for folder in _libraries) or f"{path}{os.sep}" in _libraries


def _library_folders() -> Iterator[str]:
    """Where modules are imported from: Python's own and the installed packages, never a project's folder."""
    folders = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += site.getsitepackages()
    folders += [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages", ".zip"))]
    for folder in filter(None, folders):
        for spelling in (Path(folder).absolute(), Path(folder).resolve()):
            yield f"{spelling}{'' if spelling.suffix == '.zip' else os.sep}"


def _replace(module: str, name: str, what: str) -> None:
    """Put a function that refuses in the place of one that raises no audit event."""
    with contextlib.suppress(ImportError):
        loaded = importlib.import_module(module)
        original = getattr(loaded, name, None)
        if original is None:
            return
        label = f"os.{name}()" if module == "posix" else "multiprocessing"
        places = [loaded, os] if module == "posix" else [loaded]
        if isinstance(original, type):
            setattr(loaded, name, _refusing_class(original, what, label))
            return

        @functools.wraps(original)
        def replacement(*arguments: Any, **options: Any) -> Any:
            if _enabled:
                raise PermissionError(f"{what}: {label}")
            return original(*arguments, **options)

        for place in places:
            if getattr(place, name, None) is original:
                setattr(place, name, replacement)


def _refusing_class(original: Any, what: str, label: str) -> Any:
    class Refusing(original):  # type: ignore[misc]
        def __new__(cls, *arguments: Any, **options: Any) -> Any:
            if _enabled:
                raise PermissionError(f"{what}: {label}")
            return original.__new__(cls, *arguments, **options)

    Refusing.__name__ = Refusing.__qualname__ = original.__name__
    return Refusing


def _refuse_threads() -> None:
    """Before Python 3.12 the start of a thread is no audit event."""
    import _thread
    import threading

    for module in (_thread, threading):
        for name in ("start_new_thread", "start_new", "start_joinable_thread"):
            for spelling in (name, f"_{name}"):
                original = getattr(module, spelling, None)
                if original is not None:
                    setattr(module, spelling, _no_thread(original))


def _no_thread(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def start(*arguments: Any, **options: Any) -> Any:
        if _enabled:
            raise RuntimeError(_THREADS)
        return original(*arguments, **options)

    return start


def _hide_files() -> None:
    """Outside of the libraries nothing is there, as in a namespace of its own: `os.path.exists` is False everywhere."""

    def hiding(original: Callable[..., Any], absent: Callable[[Any], Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def look(path: Any, *arguments: Any, **options: Any) -> Any:
            if _enabled and type(path) is not int:
                where = _absolute(os.fspath(path))
                if where != os.devnull and not _in_library(where):
                    return absent(path)
            return original(path, *arguments, **options)

        return look

    def missing(path: Any) -> NoReturn:
        raise FileNotFoundError(2, "No such file or directory", path)

    modules = [os, *(sys.modules[name] for name in ("posix", "nt") if name in sys.modules)]
    for name in ("stat", "lstat", "readlink", "access"):
        if hasattr(os, name):
            replacement = hiding(getattr(os, name), missing if name != "access" else lambda path: False)
            for module in modules:
                setattr(module, name, replacement)
