"""What a self-test runs in a worker in place of a student's file: it tries forbidden deeds and says which it could do.

This is the text of a program, executed there with the names in its first lines replaced; nothing else imports it.
"""

from pathlib import Path

PLACE = ""  # a folder of the judge that everybody may read and write, with a file `secret` in it
PORT, ABSTRACT, JUDGE = 0, "", 0  # a TCP and UDP port, an abstract UNIX socket, and the judge's pid
MEMORY = 0  # bytes, more than the limit


def attempt() -> str:
    """The names of all deeds that were possible, one a line."""
    deeds = [(name, deed) for name, deed in globals().items() if name.startswith("can_")]
    done = []
    for name, deed in deeds:
        try:
            if deed():
                done.append(name[len("can_") :])
        except BaseException:  # refused, by whatever means
            continue
    return "\n".join(done)


def can_read() -> object:
    return Path(PLACE, "secret").read_text()


def can_see() -> object:
    return Path(PLACE, "secret").stat()


def can_write() -> object:
    return Path(PLACE, "written").write_text("x")


def can_connect() -> object:
    import socket

    with socket.create_connection(("127.0.0.1", PORT), 2):
        return True


def can_send() -> object:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", PORT))
        return sender.send(b"x")


def can_call() -> object:
    import socket

    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect("\0" + ABSTRACT)
        return True


def can_signal() -> object:
    import os

    os.kill(JUDGE, 0)
    return True


def can_spy() -> object:
    with Path(f"/proc/{JUDGE}/environ").open("rb") as file:
        file.read(1)
    return True


def can_slow() -> object:
    import os

    os.sched_setaffinity(JUDGE, os.sched_getaffinity(JUDGE))  # as it is: no harm
    return True


def can_fork() -> object:
    import os

    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def can_unshare() -> object:
    import ctypes

    return ctypes.CDLL(None).unshare(0x10000000) == 0  # CLONE_NEWUSER


def can_grow() -> object:
    import mmap

    mmap.mmap(-1, MEMORY).close()
    return True


def can_rule() -> object:
    import os

    return os.geteuid() == 0
