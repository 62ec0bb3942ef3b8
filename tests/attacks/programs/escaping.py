"""Programs that want out: to the network, to other processes, to more rights, to the kernel."""

# ruff: noqa: SIM115, PTH123
from attack import attack

from programs.prelude import WORLD, dropped, native, os, platform, reaches, succeeded, sys, syscall, vectors

NETWORK = ("python", "namespaces", "seccomp")
FILES = ("python", "landlock", "namespaces")
SIGNALS = ("python", "seccomp", "landlock", "own user", "namespaces")
OTHERS = ("python", "seccomp", "own user", "namespaces")
CALLS = ("python", "seccomp")
ROOT = ("python", "seccomp", "own user")


@attack("escaping", *NETWORK, "landlock")
def tcp():
    """Connects to a port of this machine."""
    import socket

    socket.create_connection(("127.0.0.1", WORLD["tcp"]), 1).sendall(b"hello")


@attack("escaping", *NETWORK)
def udp():
    """Sends a datagram to a port of this machine."""
    import socket

    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", WORLD["udp"]))


@attack("escaping", *NETWORK)
def native_udp():
    """Sends a datagram by raw system calls."""

    libc = native()
    descriptor = syscall("socket", 2, 2, 0)
    address = (2).to_bytes(2, sys.byteorder) + WORLD["udp"].to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    assert libc.sendto(descriptor, b"hello", 5, 0, address, 16) == 5


@attack("escaping", *NETWORK)
def unix_socket():
    """Connects to a UNIX socket of another program (a container engine has such)."""
    import socket

    socket.socket(socket.AF_UNIX).connect(WORLD["unix"])


@attack("escaping", *NETWORK, "landlock")
def abstract_socket():
    """Connects to a UNIX socket that has a name without a file."""
    import socket

    socket.socket(socket.AF_UNIX).connect("\0" + WORLD["abstract"])


@attack("escaping", *NETWORK)
def descriptor_by_socket():
    """Sends a descriptor to an accomplice by a datagram socket."""
    import socket

    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"hello", WORLD["datagram"])


@attack("escaping", "python", "seccomp", "landlock")
def listens():
    """Waits for connections from outside."""
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    succeeded(server.getsockname())


@attack("escaping", *CALLS)
def netlink():
    """Asks the kernel about its network by a netlink socket."""
    import socket

    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))
    succeeded("netlink")


@attack("escaping", *ROOT, "namespaces", root=True)
def raw_packets():
    """Opens a raw socket."""
    import socket

    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
    succeeded("a raw socket")


@attack("escaping", *CALLS)
def machine_socket():
    """Opens a socket to the host of a virtual machine."""
    syscall("socket", 40, 1, 0)
    succeeded("a vsock")


@attack("escaping", *CALLS)
def user_namespace():
    """Becomes root of a user namespace of its own."""
    syscall("unshare", 0x10000000)
    succeeded("a user namespace")


@attack("escaping", *CALLS)
def all_namespaces():
    """Makes namespaces of every kind, by way of one of users."""
    syscall("unshare", 0x10000000)
    syscall("unshare", 0x6E020000)
    succeeded("all namespaces")


@attack("escaping", *CALLS, "limits+own user")
def clone_into_namespaces():
    """Makes a child in namespaces of its own by clone3."""
    import ctypes

    arguments = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0)
    if syscall("clone3", arguments, 64) == 0:
        os._exit(0)
    succeeded("a child in a user namespace")


@attack("escaping", *ROOT, "landlock", "namespaces", root=True)
def namespace_of_the_judge():
    """Enters a namespace of the judge."""
    syscall("setns", os.open(f"/proc/{WORLD['judge']}/ns/ipc", os.O_RDONLY), 0)
    succeeded("inside")


@attack("escaping", *CALLS, "landlock")
def mount():
    """Mounts a file system over a folder, in namespaces of its own."""
    syscall("unshare", 0x10020000)
    syscall("mount", b"none", b"/", 0, 0x44000, 0)
    syscall("mount", b"none", b"/dev", b"tmpfs", 0, 0)
    succeeded("mounted")


@attack("escaping", *CALLS)
def chroot():
    """Changes its root folder, in a user namespace of its own."""
    syscall("unshare", 0x10000000)
    syscall("chroot", b"/")
    succeeded("another root")


@attack("escaping", *ROOT, "namespaces", root=True)
def back_to_root():
    """Becomes the instructor's user again."""
    os.setresuid(0, 0, 0)
    assert os.access("/etc/shadow", os.W_OK) and os.getuid() == 0
    succeeded("root")


@attack("escaping", *FILES)
def set_user_bit():
    """Leaves a copy of a shell with the set-user bit behind."""
    path = dropped("shell")
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o700))
    os.chmod(path, 0o4755)
    assert os.stat(path).st_mode & 0o4000
    succeeded("a set-user program")


@attack("escaping", "limits", "landlock", "seccomp", "namespaces", "python")
def rights_from_a_program():
    """Starts a program that gives more rights than it has, and becomes it."""
    with open("/proc/self/status") as status:
        assert "NoNewPrivs:\t0" in status.read()
    succeeded("new privileges")


@attack("escaping", *CALLS)
def io_uring():
    """Makes a ring by which calls go past a filter of system calls."""
    import ctypes

    syscall("io_uring", 4, ctypes.create_string_buffer(256))
    succeeded("a ring")


@attack("escaping", *CALLS, needs="keys")
def key_kept():
    """Leaves a key in the keyring of its user, for the next program."""
    syscall("add_key", b"user", WORLD["prefix"].encode(), b"hello", 5, -4)
    succeeded("a key")


@attack("escaping", *CALLS, needs="userfaultfd")
def user_fault():
    """Asks to handle its own page faults, the beginning of many exploits of kernels."""
    syscall("userfaultfd", 1)
    succeeded("userfaultfd")


@attack("escaping", *CALLS, needs="perf")
def performance_counters():
    """Opens a performance counter."""
    import ctypes

    attributes = ctypes.create_string_buffer(128)
    attributes[0:8] = (1).to_bytes(4, sys.byteorder) + (128).to_bytes(4, sys.byteorder)
    attributes[40:48] = (0b1100001).to_bytes(8, sys.byteorder)
    syscall("perf", attributes, 0, -1, -1, 0)
    succeeded("a counter")


@attack("escaping", *ROOT, "namespaces", root=True)
def kernel_program():
    """Loads a map into the kernel by bpf."""
    import ctypes

    syscall("bpf", 0, (ctypes.c_uint32 * 18)(2, 4, 4, 1), 72)
    succeeded("a map")


@attack("escaping", *ROOT, "namespaces", root=True, needs="a kernel that loads modules")
def kernel_module():
    """Loads a module into the kernel."""
    reaches("init_module", 0, 0, b"")


@attack("escaping", *ROOT, "namespaces", root=True)
def host_name():
    """Changes the name of the machine (to the same)."""
    name = os.uname().nodename.encode()
    syscall("sethostname", name, len(name))
    succeeded("a new name")


@attack("escaping", *ROOT, "namespaces", root=True)
def swap():
    """Gives the kernel a file to swap to (none)."""
    reaches("swapon", b"/nowhere", 0)


@attack("escaping", *ROOT, "namespaces", root=True)
def watches_all_files():
    """Watches every file of the machine by fanotify."""
    syscall("fanotify", 0, 0)
    succeeded("fanotify")


@attack("escaping", *CALLS)
def foreign_calls():
    """Uses the 32-bit entry into the kernel, for which filters of system calls are often forgotten."""
    import ctypes
    import mmap

    assert platform.machine() == "x86_64"
    # push rbx; mov eax, 359 (socket); mov ebx, 2; mov ecx, 2; xor edx, edx; int 0x80; pop rbx; ret
    code = bytes.fromhex("53 b867010000 bb02000000 b902000000 31d2 cd80 5b c3")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    assert ctypes.CFUNCTYPE(ctypes.c_int)(address)() >= 0
    succeeded("a socket by the 32-bit entry")


@attack("escaping", *CALLS, control="none: this kernel has no x32 calls", needs="x32 calls")
def x32_calls():
    """Uses the numbers of the x32 calls."""
    syscall(0x40000000 + 41, 2, 2, 0)
    succeeded("a socket by x32")


@attack("escaping", *CALLS)
def personality():
    """Switches off the random layout of memory for programs that it starts."""
    syscall("personality", 0x0040000)
    assert syscall("personality", 0xFFFFFFFF) & 0x0040000
    succeeded("another personality")


@attack("escaping", *SIGNALS)
def signal_to_others():
    """Ends another process of the instructor."""
    os.kill(WORLD["victim"], 15)


@attack("escaping", *SIGNALS)
def signal_by_descriptor():
    """Ends another process of the instructor by its descriptor."""
    import signal

    signal.pidfd_send_signal(os.pidfd_open(WORLD["victim"]), 15)


@attack("escaping", *SIGNALS)
def signal_to_a_thread():
    """Ends another process of the instructor by a signal to one of its threads."""
    syscall("tgkill", WORLD["victim"], WORLD["victim"], 15)


@attack("escaping", *SIGNALS)
def signal_with_data():
    """Ends another process of the instructor by a queued signal."""
    import ctypes

    information = (ctypes.c_int32 * 32)(15, 0, -1)
    syscall("sigqueue", WORLD["victim"], 15, information)


@attack("escaping", *SIGNALS)
def stops_the_judge():
    """Asks whether it could stop the judge (a signal that the judge ignores stands for SIGSTOP)."""
    import signal

    os.kill(WORLD["judge"], signal.SIGWINCH)
    succeeded("the judge could be stopped")


@attack("escaping", *OTHERS)
def slows_others():
    """Lowers the priority of another process of the instructor."""
    os.setpriority(os.PRIO_PROCESS, WORLD["victim"], 19)


@attack("escaping", *OTHERS)
def pins_others():
    """Takes all processors but one from another process of the instructor."""
    os.sched_setaffinity(WORLD["victim"], {min(os.sched_getaffinity(0))})
    succeeded("affinity")


@attack("escaping", "python", "seccomp", "own user", "namespaces")
def schedules_others():
    """Makes another process of the instructor run only when nothing else does."""
    os.sched_setscheduler(WORLD["victim"], os.SCHED_BATCH, os.sched_param(0))


@attack("escaping", "python", "seccomp", "own user", "namespaces")
def limits_of_the_judge():
    """Lowers a limit of the judge."""
    import resource

    soft, hard = resource.prlimit(WORLD["judge"], resource.RLIMIT_CORE)
    resource.prlimit(WORLD["judge"], resource.RLIMIT_CORE, (soft, hard))
    soft, hard = resource.prlimit(WORLD["judge"], resource.RLIMIT_NOFILE)
    resource.prlimit(WORLD["judge"], resource.RLIMIT_NOFILE, (soft - 1, hard))


@attack("escaping", "python", "seccomp", "own user", "namespaces")
def disk_priority_of_others():
    """Lowers the disk priority of another process of the instructor."""
    syscall("ioprio_set", 1, WORLD["victim"], (3 << 13) | 7)
    succeeded("disk priority")


@attack("escaping", "python", "unreadable", "landlock", "seccomp", "own user", "namespaces")
def writes_into_the_judge():
    """Changes the judge's memory by process_vm_writev."""
    import ctypes

    buffer, ours, theirs = vectors(WORLD["board_address"], 4)
    buffer[0:4] = b"EVIL"
    syscall("vm_writev", WORLD["judge"], ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)


@attack("escaping", "python", "unreadable", "landlock", "own user", "namespaces")
def writes_into_the_judge_by_proc():
    """Changes the judge's memory by way of /proc."""
    with open(f"/proc/{WORLD['judge']}/mem", "r+b", 0) as memory:
        memory.seek(WORLD["board_address"])
        memory.write(b"EVIL")


@attack("escaping", "python", "unreadable", "landlock", "own user", "namespaces")
def judge_first_when_memory_ends():
    """Makes the judge the first to be killed where memory is short (here: as much as before)."""
    with open(f"/proc/{WORLD['judge']}/oom_score_adj", "r+") as file:
        value = file.read()
        file.seek(0)
        file.write(value)
    succeeded("the judge's place in line")


@attack("escaping", *FILES)
def writes_a_file():
    """Overwrites a file that all may write."""
    with open(WORLD["board"], "w") as file:
        file.write("changed")


@attack("escaping", *FILES)
def new_file():
    """Leaves a file in a folder where all may write."""
    with open(dropped("new"), "w") as file:
        file.write("here")


@attack("escaping", "python", "landlock", "namespaces")
def new_temporary_file():
    """Leaves a file where temporary files go."""
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "."):
        try:
            with open(os.path.join(folder, WORLD["prefix"] + "temporary"), "w") as file:
                file.write("here")
            succeeded(folder)
        except OSError as error:
            print(error)


@attack("escaping", *FILES, "seccomp")
def cuts_a_file():
    """Cuts a file that all may write to nothing."""
    os.truncate(WORLD["board"], 0)


@attack("escaping", *FILES, "seccomp")
def removes_a_file():
    """Removes a file from a folder where all may write."""
    os.unlink(WORLD["removable"])


@attack("escaping", *FILES, "seccomp")
def renames_a_file():
    """Puts one file in the place of another."""
    os.rename(WORLD["removable"], dropped("renamed"))


@attack("escaping", *FILES, "seccomp", "own user")
def links_a_file():
    """Makes a second name for the reference."""
    os.link(WORLD["reference"], dropped("second"))


@attack("escaping", *FILES, "seccomp")
def makes_a_pipe():
    """Leaves a named pipe behind, at which a reader would hang."""
    os.mkfifo(dropped("pipe"))


@attack("escaping", "python", "landlock", "own user", "namespaces", "seccomp", root=True)
def makes_a_device():
    """Makes a device by which the disk could be read."""
    os.mknod(dropped("device"), 0o060600, os.makedev(1, 0))


@attack("escaping", "python", "namespaces", "seccomp", "own user")
def changes_rights():
    """Makes the instructor's private file readable for all."""
    os.chmod(WORLD["hidden"], 0o644)


@attack("escaping", "python", "namespaces", "seccomp", "own user")
def changes_times():
    """Makes the instructor's file look old."""
    os.utime(WORLD["reference"], (1, 1))


@attack("escaping", "python", "namespaces", "seccomp", "own user")
def changes_attributes():
    """Writes an extended attribute of the instructor's file."""
    os.setxattr(WORLD["reference"], "user.note", b"changed")


@attack("escaping", "python", "namespaces", "seccomp", "own user", root=True)
def changes_owner():
    """Gives the instructor's file to somebody else."""
    os.chown(WORLD["reference"], 12345, 12345)


@attack("escaping", "python", "landlock", "own user", "namespaces", root=True)
def kernel_setting():
    """Writes a setting of the kernel (as it was)."""
    with open("/proc/sys/kernel/core_pattern", "r+") as file:
        value = file.read()
        file.seek(0)
        file.write(value)
    succeeded("core_pattern")


@attack("escaping", "python", "landlock", "own user", "namespaces", root=True)
def control_group():
    """Opens the control groups for writing."""
    descriptor = os.open(WORLD["cgroup"], os.O_WRONLY)
    succeeded(descriptor)


@attack("escaping", *FILES)
def library_of_its_own():
    """Writes a shared library and loads it, as code that is no Python."""
    import ctypes
    import shutil

    source = next(line.split()[-1] for line in open("/proc/self/maps") if "libc" in line)
    shutil.copyfile(source, dropped("library.so"))
    ctypes.CDLL(dropped("library.so"))
    succeeded("its own library")
