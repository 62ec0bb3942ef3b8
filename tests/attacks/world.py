"""What attacks are after: canaries in files, memory, sockets and processes, and what becomes of them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DROPS = ("/tmp", "/var/tmp", "/dev/shm", "/run")
# Of nobody, for `CN=CANARY-certificate-5d1f`; its key was never kept.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBWzCCAQ2gAwIBAgIUJvWqN53svSZVsfeD2s75YmpqPZ4wBQYDK2VwMCIxIDAe
BgNVBAMMF0NBTkFSWS1jZXJ0aWZpY2F0ZS01ZDFmMCAXDTI2MTEyMTExMzgyMVoY
DzIxMjYxMDI4MTEzODIxWjAiMSAwHgYDVQQDDBdDQU5BUlktY2VydGlmaWNhdGUt
NWQxZjAqMAUGAytlcAMhADRAXZUNwCb1ApgrBJ7DwH7qzbmjJxUcpwzkdfWadZ3x
o1MwUTAdBgNVHQ4EFgQU4Gm/zEUWOemDhl76v1vojS5y3S0wHwYDVR0jBBgwFoAU
4Gm/zEUWOemDhl76v1vojS5y3S0wDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQDW
tB38F4135l63Var5Wmeqi7iFPaM/PlfImmX2HQjsxnLl1Gvw+4A6mQ7ZYB3PBEjK
tf9oft4jY1RMuTA+98YI
-----END CERTIFICATE-----
"""
IPC_RMID = 0


def secret(name: str) -> str:
    """A new secret with a beginning that programs may know."""
    return f"CANARY-{name}-{secrets.token_hex(8)}"


class Places:
    """Canary files in a folder that everybody may enter; made once, put back after each attack."""

    def __init__(self, root: Path) -> None:
        kinds = ("reference", "hidden", "submission", "store", "listed", "link", "attribute", "cwd", "environment")
        self.root, self.prefix = root, f"attack-{secrets.token_hex(6)}-"
        self.secrets = {name: secret(name) for name in kinds}
        self.secrets["certificate"] = "CANARY-certificate-5d1f"
        self.secrets["size"] = f"CANARY-size-{secrets.randbelow(90_000) + 10_000}"
        root.chmod(0o755)
        self.known: dict[Path, tuple[object, ...]] = {}
        self.build()

    @classmethod
    def again(cls, root: Path, known: dict[str, str], prefix: str) -> Places:
        """The same places, in another process."""
        places = cls.__new__(cls)
        places.root, places.secrets, places.prefix = root, known, prefix
        places.known = places.look()
        return places

    def path(self, name: str) -> Path:
        """A canary file's path."""
        return self.root / name

    @property
    def home(self) -> Path:
        """The folder in which the judge is started; its name is a secret."""
        return self.root / f"home-{self.secrets['cwd']}"

    def build(self) -> None:
        """Everything as it should be."""
        self.home.mkdir(exist_ok=True)  # somebody's current folder: it stays
        for entry in {*self.root.iterdir(), *self.home.iterdir()} - {self.home}:
            if entry.is_socket():  # somebody listens there
                continue
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        for name, mode in (("drop", 0o777), ("listed", 0o755)):
            self.path(name).mkdir()
            self.path(name).chmod(mode)
        for name, mode in (("reference.py", 0o644), ("hidden", 0o600), ("submission", 0o644), ("sized", 0o644)):
            self.path(name).write_text(f'"""{self.secrets.get(name.partition(".")[0], "")}"""\n')
            self.path(name).chmod(mode)
        self.path("sized").write_bytes(bytes(int(self.secrets["size"].rpartition("-")[2])))
        for name in ("board", "results", "drop/removable"):
            self.path(name).write_text("empty")
            self.path(name).chmod(0o666)
        self.path("certificate").write_text(CERTIFICATE)
        (self.path("listed") / self.secrets["listed"]).touch()
        self.path("link").symlink_to(self.secrets["link"])
        with contextlib.closing(sqlite3.connect(self.path("store"))) as base, base:
            base.execute("create table results (text)")
            base.execute("insert into results values (?)", (self.secrets["store"],))
        with contextlib.suppress(OSError):
            os.setxattr(self.path("reference.py"), "user.note", self.secrets["attribute"].encode())
        self.known = self.look()

    def look(self) -> dict[Path, tuple[object, ...]]:
        seen: dict[Path, tuple[object, ...]] = {}
        for path in sorted(self.root.rglob("*")):
            state = path.lstat()
            times = () if path.is_dir() else (state.st_size, state.st_mtime_ns, state.st_nlink)
            seen[path] = (state.st_mode, state.st_uid, *times, self._note(path))
        return seen

    def _note(self, path: Path) -> bytes:
        try:
            return os.getxattr(path, "user.note", follow_symlinks=False)
        except OSError:
            return b""

    def changes(self) -> list[str]:
        """What is no longer as it should be; everything is put back."""
        now, found = self.look(), []
        for path in sorted({*now, *self.known}):
            if now.get(path) != self.known.get(path):
                new = path not in self.known
                found.append(("new " if new else "changed ") + path.name.replace(self.prefix, ""))
        if found:
            self.build()
        folders = (*DROPS, *{path for path in sys.path if Path(path).is_dir()})
        for path in [entry for folder in folders for entry in Path(folder).glob(f"{self.prefix}*")]:
            found.append(f"new {path.parent}/{path.name.replace(self.prefix, '')}")
            path.unlink(missing_ok=True)
        return found[:5]


class Kept(contextlib.AbstractContextManager["Kept"]):
    """Canaries that live in the judge's process or beside it: memory, descriptors, listeners, another process."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.secrets = {name: secret(name) for name in ("memory", "descriptor", "shm", "sysv", "key", "command")}
        self.memory = ctypes.create_string_buffer(self.secrets["memory"].encode())
        self.board = ctypes.create_string_buffer(b"GOOD")
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.stack = contextlib.ExitStack()
        self.descriptor = self._hidden_file()
        self.listeners = dict(self._listeners())
        self.shm = Path(f"/dev/shm/{places.prefix}canary".replace("attack-", "judge-"))
        self.shm.write_text(self.secrets["shm"])
        self.shm.chmod(0o600)
        self.stack.callback(self.shm.unlink, missing_ok=True)
        self.keys = {name: secrets.randbelow(1 << 30) + 1 for name in ("shm_key", "queue_key", "letter_key")}
        self.segment = self._segment()
        self.key = self._key()
        self.victim = self._victim()

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def _hidden_file(self) -> int:
        """A file that is open and has no name."""
        path = self.places.root / "nameless"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.write(descriptor, self.secrets["descriptor"].encode())
        path.unlink()
        self.stack.callback(os.close, descriptor)
        return descriptor

    def _listeners(self) -> Iterator[tuple[str, socket.socket]]:
        local, datagram = self.places.root / "unix", self.places.root / "datagram"
        kinds: tuple[tuple[str, int, int, Any], ...] = (
            ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            ("unix", socket.AF_UNIX, socket.SOCK_STREAM, str(local)),
            ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.places.prefix}"),
            ("datagram", socket.AF_UNIX, socket.SOCK_DGRAM, str(datagram)),
        )
        for path in (local, datagram):
            path.unlink(missing_ok=True)  # of a judge that was ended
        for name, family, kind, address in kinds:
            listener = self.stack.enter_context(socket.socket(family, kind))
            listener.bind(address)
            if kind == socket.SOCK_STREAM:
                listener.listen(8)
            listener.setblocking(False)
            yield name, listener
        for path in (local, datagram):
            path.chmod(0o777)
            self.stack.callback(path.unlink, missing_ok=True)
        self.places.known = self.places.look()

    def _segment(self) -> int:
        self.libc.shmat.restype = ctypes.c_void_p
        number = self.libc.shmget(self.keys["shm_key"], 64, 0o1600)
        address = self.libc.shmat(number, None, 0)
        if number >= 0 and address:
            ctypes.memmove(address, self.secrets["sysv"].encode(), len(self.secrets["sysv"]))
            self.stack.callback(self.libc.shmctl, number, IPC_RMID, None)
        return int(number)

    def _key(self) -> str:
        """A key in the keyring of this user; "" where there are none."""
        name, value = self.places.prefix + "key", self.secrets["key"].encode()
        if platform.machine() != "x86_64":
            return ""
        number = self.libc.syscall(248, b"user", name.encode(), value, len(value), -4)
        if number > 0:
            self.stack.callback(self.libc.syscall, 250, 21, number, -4)
        return name if number > 0 else ""

    def _victim(self) -> subprocess.Popen[bytes]:
        started = subprocess.Popen(["sleep", "300"], stdin=subprocess.DEVNULL, env={})
        process = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(300)", self.secrets["command"]], stdin=subprocess.DEVNULL
        )
        self.teller = process
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return started

    def address(self) -> dict[str, Any]:
        """What programs are told of all this."""
        places = self.places
        ports = {name: self.listeners[name].getsockname()[1] for name in ("tcp", "udp")}
        files = ("hidden", "submission", "store", "results", "board", "certificate", "listed", "sized", "link", "drop")
        return {
            **{name: str(places.path(name)) for name in (*files, "unix", "datagram")},
            **ports,
            **self.keys,
            "reference": str(places.path("reference.py")),
            "removable": str(places.path("drop/removable")),
            "abstract": places.prefix,
            "prefix": places.prefix,
            "judge": os.getpid(),
            "victim": self.victim.pid,
            "secret_fd": self.descriptor,
            "secret_address": ctypes.addressof(self.memory),
            "secret_length": len(self.memory),
            "board_address": ctypes.addressof(self.board),
            "shm": str(self.shm),
            "shm_size": 54321,
            "key": self.key,
            "disk": disk(),
            "cgroup": cgroup(),
        }

    def mine(self) -> tuple[object, ...]:
        """Limits, priority and processors of this process and of the victim."""
        limits = [resource.prlimit(0, number) for number in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)]
        seen: list[object] = [limits]
        for pid in (0, self.victim.pid):
            with contextlib.suppress(OSError):
                seen += [os.getpriority(os.PRIO_PROCESS, pid), os.sched_getaffinity(pid), os.sched_getscheduler(pid)]
        return tuple(map(str, seen))

    def changes(self, before: tuple[object, ...]) -> list[str]:
        """What became of the listeners, of memory, of shared objects and of the victim."""
        found = [f"a connection to {name}" for name, listener in self.listeners.items() if heard(listener)]
        if self.board.value != b"GOOD":
            found.append("the judge's memory was changed")
            self.board.value = b"GOOD"
        if self.victim.poll() is not None:
            found.append("another process was ended")
        elif self.mine() != before:
            found.append("limits or priorities of other processes were changed")
        found += self._shared()
        if self.victim.poll() is not None or self.mine() != before:
            self.victim.kill()
            self.victim.wait()
            self.victim = subprocess.Popen(["sleep", "300"], stdin=subprocess.DEVNULL, env={})
        return found

    def _shared(self) -> list[str]:
        """System V objects that are left: they have no owner but their key or an odd size."""
        found = []
        for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
            key, number, _, size = map(int, line.split()[:4])
            if key == self.keys["letter_key"] or size == 54321:
                found.append("a shared memory segment was left behind")
                self.libc.shmctl(number, IPC_RMID, None)
        for line in Path("/proc/sysvipc/msg").read_text().splitlines()[1:]:
            if int(line.split()[0]) == self.keys["queue_key"]:
                found.append("a message queue was left behind")
                self.libc.msgctl(int(line.split()[1]), IPC_RMID, None)
        return found

    def end(self) -> None:
        """The victim goes last."""
        self.victim.kill()
        self.victim.wait()


def sweep(prefix: str, judge: int) -> None:
    """Remove what a judge that was ended has left in the kernel: shared memory and keys."""
    libc = ctypes.CDLL(None, use_errno=True)
    for path in [path for folder in DROPS for path in Path(folder).glob(f"*{prefix.removeprefix('attack-')}*")]:
        path.unlink(missing_ok=True)
    for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
        if int(line.split()[4]) == judge:
            libc.shmctl(int(line.split()[1]), IPC_RMID, None)
    if platform.machine() != "x86_64":  # the numbers of keyctl
        return
    key = libc.syscall(250, 10, -4, b"user", (prefix + "key").encode(), 0)
    if key > 0:
        libc.syscall(250, 21, key, -4)


def heard(listener: socket.socket) -> bool:
    """Whether somebody has connected or sent something; forgotten with this look."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            if listener.type == socket.SOCK_STREAM:
                listener.accept()[0].close()
            else:
                listener.recv(100)
            count += 1
    return count > 0


def disk() -> str:
    """A disk of this machine, "" where there is none."""
    return next((str(path) for name in ("vda", "sda", "nvme0n1") if (path := Path("/dev", name)).exists()), "")


def cgroup() -> str:
    """A file of the control groups that root may write."""
    places = sorted(Path("/sys/fs/cgroup").rglob("cgroup.procs"))[:1]
    return str(places[0]) if places else ""
