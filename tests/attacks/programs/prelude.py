"""What every program starts with: this file's text stands in front of each attack.

`WORLD` holds addresses that a determined student could find in other ways (paths, process numbers, ports), never a
secret. `found` tells of data, `succeeded` of things that can be seen only from inside.
"""

# ruff: noqa: F401, PTH118
import os
import platform
import sys
import time

import numpy as np

WORLD = {}
GUESS = None  # in an attack: what it makes of `number`, for want of the right answer
PAGE = 4096
X86 = (
    "ptrace 101 vm_readv 310 vm_writev 311 pidfd_open 434 pidfd_getfd 438 pidfd_signal 424 memfd 319 io_uring 425 "
    "add_key 248 keyctl 250 userfaultfd 323 perf 298 bpf 321 unshare 272 clone 56 clone3 435 setns 308 mount 165 "
    "chroot 161 name_to_handle 303 open_by_handle 304 kcmp 312 sethostname 170 init_module 175 prlimit 302 "
    "affinity 203 setpriority 141 ioprio_set 251 shmget 29 shmat 30 msgget 68 mq_open 240 syslog 103 tgkill 234 "
    "sigqueue 129 fanotify 300 vmsplice 278 open_tree 428 exit 60 socket 41 clock_settime 227 vfork 58 readlinkat 267 "
    "inotify 294 personality 135 swapon 167 execveat 322 mlockall 151"
)
ARM = (
    "ptrace 117 vm_readv 270 vm_writev 271 pidfd_open 434 pidfd_getfd 438 pidfd_signal 424 memfd 279 io_uring 425 "
    "add_key 217 keyctl 219 userfaultfd 282 perf 241 bpf 280 unshare 97 clone 220 clone3 435 setns 268 mount 40 "
    "chroot 51 name_to_handle 264 open_by_handle 265 kcmp 272 sethostname 161 init_module 105 prlimit 261 "
    "affinity 122 setpriority 140 ioprio_set 30 shmget 194 shmat 196 msgget 186 mq_open 180 syslog 116 tgkill 131 "
    "sigqueue 138 fanotify 262 vmsplice 75 open_tree 428 exit 93 socket 198 clock_settime 112 readlinkat 78 "
    "inotify 26 personality 92 swapon 224 execveat 281 mlockall 230"
)


def succeeded(what="it worked"):
    """Tell that something went through which nobody outside can see."""
    print("[" + WORLD["mark"] + "]", what)


def found(data):
    """Tell data: the parts of it that begin like a secret, or its beginning."""
    data = data if isinstance(data, bytes) else str(data).encode("utf-8", "replace")
    places = [n for n in range(len(data)) if data.startswith(b"CANARY-", n)][:8]
    for place in places or [0]:
        print(data[place : place + 60])


def native():
    """The C library."""
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def syscall(name, *arguments):
    """A system call by its name here, or its number; OSError where the kernel refuses."""
    import ctypes

    if isinstance(name, str):
        words = (X86 if platform.machine() == "x86_64" else ARM).split()
        name = int(words[words.index(name) + 1])
    given = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    function = native().syscall
    function.restype = ctypes.c_long
    result = function(ctypes.c_long(name), *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def reaches(name, *arguments):
    """Whether the kernel looks at the arguments of a call at all: it then complains of them, not of us."""
    import errno

    try:
        syscall(name, *arguments)
    except OSError as error:
        if isinstance(error, PermissionError) or error.errno == errno.ENOSYS:
            raise
    succeeded(f"{name} reached the kernel")


def vectors(address, length):
    """A local buffer and the two iovec arrays of process_vm_readv and its sister."""
    import ctypes

    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    buffer = ctypes.create_string_buffer(length)
    return buffer, Vector(ctypes.addressof(buffer), length), Vector(address, length)


def child(task):
    """Fork; the child does the task and ends."""
    pid = os.fork()
    if pid == 0:
        try:
            task()
        finally:
            os._exit(0)
    return pid


def linger():
    """What a process does that was left over: nothing, and not for ever."""
    time.sleep(20)


def dropped(name=""):
    """A path for something that the program leaves behind."""
    return os.path.join(WORLD["drop"], WORLD["prefix"] + name)
