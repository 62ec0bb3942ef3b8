"""Programs that want to know what no student may: reference, hidden bundle, other submissions, the judge's memory."""

# ruff: noqa: F841, SIM115, PTH123
from attack import attack

from programs.prelude import WORLD, found, native, os, succeeded, sys, syscall, vectors

FILES = ("python", "landlock", "namespaces")
NATIVE = ("python", "landlock", "namespaces")
PRIVATE = (*FILES, "own user")
MEMORY = ("python", "unreadable", "landlock", "own user", "namespaces")


@attack("reading", *FILES)
def reference():
    """Opens the reference."""
    found(open(WORLD["reference"]).read())


@attack("reading", *PRIVATE)
def hidden_bundle():
    """Opens the hidden bundle, which only the instructor's account may read."""
    found(open(WORLD["hidden"], "rb").read())


@attack("reading", *FILES)
def other_submission():
    """Opens what another student has handed in."""
    found(open(WORLD["submission"]).read())


@attack("reading", *FILES)
def store():
    """Opens the database of results by SQLite's own C code."""
    import sqlite3

    with sqlite3.connect(f"file:{WORLD['store']}?mode=ro&immutable=1", uri=True) as base:
        found(base.execute("select * from results").fetchall())


@attack("reading", *FILES)
def through_numpy():
    """Reads the reference by NumPy's readers."""
    import numpy as np

    found(np.fromfile(WORLD["reference"], np.uint8).tobytes())


@attack("reading", *FILES)
def through_memmap():
    """Maps the reference into memory."""
    import numpy as np

    found(np.memmap(WORLD["reference"], np.uint8, "r").tobytes())


@attack("reading", *FILES)
def through_import():
    """Imports the reference as a module."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("stolen", WORLD["reference"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found(module.__doc__)


@attack("reading", *FILES)
def through_linecache():
    """Lets the traceback module's cache read the reference."""
    import linecache

    found("".join(linecache.getlines(WORLD["reference"])) or 1 / 0)


@attack("reading", *FILES)
def through_posix():
    """Opens the reference relative to a directory's descriptor, so that no full path is seen."""
    import posix

    folder = posix.open(os.path.dirname(WORLD["reference"]), posix.O_RDONLY | posix.O_DIRECTORY)
    found(posix.read(posix.open(os.path.basename(WORLD["reference"]), posix.O_RDONLY, dir_fd=folder), 9999))


@attack("reading", *FILES)
def through_dots():
    """Reaches the reference by way of a folder that may be read."""
    found(open("/usr/lib/../.." + WORLD["reference"]).read())


@attack("reading", *FILES)
def through_proc_root():
    """Reaches the reference by way of /proc/self/root."""
    found(open("/proc/self/root" + WORLD["reference"]).read())


@attack("reading", *FILES, "seccomp")
def through_a_link():
    """Puts a symbolic link to the reference into a folder where it may write, and opens that."""
    path = os.path.join(WORLD["drop"], WORLD["prefix"] + "link")
    os.symlink(WORLD["reference"], path)
    found(open(path).read())


@attack("reading", "landlock", "namespaces")
def through_tls():
    """Lets OpenSSL read a file as certificates."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(WORLD["certificate"])
    found(context.get_ca_certs())


@attack("reading", "landlock", "namespaces")
def through_readline():
    """Lets GNU readline read the reference as its history."""
    import readline

    readline.read_history_file(WORLD["reference"])
    found("\n".join(str(readline.get_history_item(n)) for n in range(1, 9)))


@attack("reading", *NATIVE)
def in_native_code():
    """Opens the reference by the C library, past all of Python."""
    import ctypes

    libc = native()
    descriptor = libc.open(WORLD["reference"].encode(), 0)
    buffer = ctypes.create_string_buffer(4096)
    length = libc.read(descriptor, buffer, 4096)
    found(buffer.raw[: max(0, length)])


@attack("reading", "landlock", "namespaces")
def in_a_subinterpreter():
    """Opens the reference in another interpreter of the same process, which Python-level guards may not watch."""
    import importlib

    name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    interpreters = eval("importlib.import_module(name)", {"importlib": importlib, "name": name})
    code = f"raise RuntimeError(open({WORLD['reference']!r}).read())"
    try:
        found(interpreters.run_string(interpreters.create(), code))
    except Exception as error:
        found(error)


@attack("reading", "landlock", "namespaces")
def past_a_disarmed_guard():
    """Switches off whatever in the worker looks like a guard's switch, then opens the reference."""
    for name, module in list(sys.modules.items()):
        if name.startswith("grader"):
            for key, value in list(vars(module).items()):
                if value is True and "enable" in key.lower():
                    setattr(module, key, False)
    found(open(WORLD["reference"]).read())


@attack("reading", "landlock", "namespaces")
def past_a_forgotten_guard():
    """Gives every rule that a guard may have the value of no rule, then opens the reference."""
    for name, module in list(sys.modules.items()):
        if name.startswith("grader.worker.guard"):
            for value in list(vars(module).values()):
                if type(value) is dict and "open" in value and "ctypes" in value:
                    value.update(dict.fromkeys(value))
    found(open(WORLD["reference"]).read())


@attack("reading", "landlock")
def a_package_beside_the_grader():
    """Reads, past the guard, a package that is installed here and that no course allows."""
    for value in list(vars(sys.modules["grader.worker.guard"]).values()):
        if type(value) is dict and "open" in value and "ctypes" in value:
            value.update(dict.fromkeys(value))
    with open(sys.modules["msgspec"].__file__) as package:
        package.read()
    succeeded("it could be imported")


@attack("reading", *FILES)
def listing():
    """Lists the course's folder."""
    found(os.listdir(WORLD["listed"]))


@attack("reading", "python", "namespaces")
def existence():
    """Asks for the size of the reference, which also tells that it is there."""
    found(f"CANARY-size-{os.stat(WORLD['sized']).st_size}")


@attack("reading", "python", "namespaces")
def link_target():
    """Reads where a symbolic link of the instructor's points to."""
    found(os.readlink(WORLD["link"]))


@attack("reading", "python", "namespaces", "seccomp")
def attributes():
    """Reads an extended attribute of the instructor's file."""
    found(os.getxattr(WORLD["reference"], "user.note"))


@attack("reading", "python", "namespaces", "seccomp")
def changes_seen():
    """Watches the course's folder for what the judge does in it."""
    syscall("inotify", 0)
    libc = native()
    descriptor = libc.inotify_init()
    assert libc.inotify_add_watch(descriptor, WORLD["listed"].encode(), 0xFFF) >= 0
    succeeded("watching the course's folder")


@attack("reading", control="weak")
def current_folder():
    """Asks in which folder the grader was started."""
    found(os.getcwd())


@attack("reading", control="weak")
def environment():
    """Looks for the judge's environment in its own."""
    found(repr(dict(os.environ)))


@attack("reading", control="weak")
def first_environment():
    """Looks for the judge's environment where the kernel keeps the one this process began with."""
    found(open("/proc/self/environ", "rb").read())


@attack("reading", *MEMORY)
def environment_of_the_judge():
    """Reads the judge's environment from /proc."""
    found(open(f"/proc/{WORLD['judge']}/environ", "rb").read())


@attack("reading", "python", "landlock", "namespaces")
def command_lines():
    """Reads the command lines of all processes."""
    lines = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                lines.append(open(f"/proc/{name}/cmdline", "rb").read())
            except OSError as error:
                refusal = error
    found(b" ".join(lines))


@attack("reading", *MEMORY)
def memory_map_of_the_judge():
    """Reads where the judge's memory lies."""
    found(open(f"/proc/{WORLD['judge']}/maps").read())
    succeeded("the judge's maps")


@attack("reading", *MEMORY)
def folder_of_the_judge():
    """Reads where the judge was started, from /proc."""
    found(os.readlink(f"/proc/{WORLD['judge']}/cwd"))


@attack("reading", *MEMORY)
def descriptor_of_the_judge():
    """Opens a file that the judge holds open, by way of /proc."""
    found(open(f"/proc/{WORLD['judge']}/fd/{WORLD['secret_fd']}", "rb").read())


@attack("reading", *MEMORY)
def memory_of_the_judge():
    """Reads the judge's memory from /proc."""
    with open(f"/proc/{WORLD['judge']}/mem", "rb", 0) as memory:
        memory.seek(WORLD["secret_address"])
        found(memory.read(WORLD["secret_length"]))


@attack("reading", "python", "unreadable", "landlock", "seccomp", "own user", "namespaces")
def memory_by_readv():
    """Reads the judge's memory by process_vm_readv."""
    import ctypes

    buffer, ours, theirs = vectors(WORLD["secret_address"], WORLD["secret_length"])
    syscall("vm_readv", WORLD["judge"], ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
    found(buffer.raw)


@attack("reading", "python", "unreadable", "landlock", "seccomp", "own user", "namespaces")
def memory_by_ptrace():
    """Attaches to the judge as a debugger and reads a word of its memory."""
    import ctypes

    judge = WORLD["judge"]
    syscall("ptrace", 16, judge, 0, 0)
    native().waitpid(judge, None, 0x40000000)
    words = b""
    for offset in range(0, WORLD["secret_length"], 8):
        word = ctypes.c_long()
        syscall("ptrace", 1, judge, WORLD["secret_address"] + offset, ctypes.byref(word))
        words += word.value.to_bytes(8, "little", signed=True)
    syscall("ptrace", 17, judge, 0, 0)
    found(words)


@attack("reading", "python", "unreadable", "landlock", "seccomp", "own user", "namespaces")
def descriptor_by_pidfd():
    """Copies a descriptor of the judge by pidfd_getfd."""
    descriptor = syscall("pidfd_getfd", syscall("pidfd_open", WORLD["judge"], 0), WORLD["secret_fd"], 0)
    found(os.pread(descriptor, 1000, 0))


@attack("reading", "python", "unreadable", "landlock", "seccomp", "own user", "namespaces")
def compared_with_the_judge():
    """Compares kernel objects with the judge's by kcmp."""
    syscall("kcmp", os.getpid(), WORLD["judge"], 1, 0, 0)
    succeeded("compared")


@attack("reading", "python", "unreadable", "landlock", "own user", "namespaces")
def memory_of_the_zygote():
    """Reads the memory of the process that starts all workers."""
    with open(f"/proc/{os.getppid()}/mem", "rb", 0) as memory:
        memory.seek(id(None))
        succeeded(memory.read(8).hex())


@attack("reading", "python", "unreadable", "landlock", "seccomp", "own user", "unreadable+namespaces")
def memory_of_the_zygote_by_readv():
    """Reads the memory of the process that starts all workers, by process_vm_readv."""
    import ctypes

    buffer, ours, theirs = vectors(id(None), 8)
    syscall("vm_readv", os.getppid(), ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
    succeeded(buffer.raw.hex())


@attack(
    "reading",
    "python",
    "unreadable",
    "landlock",
    "seccomp",
    "own user",
    "unreadable+namespaces",
    "limits+namespaces",
    "namespaces",
)
def another_worker():
    """Reads another student's source from the worker in which it is judged."""
    import ctypes

    buffer, ours, theirs = vectors(WORLD["sibling_address"], 64)
    syscall("vm_readv", WORLD["sibling"], ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
    found(buffer.raw)


@attack("reading", control="weak")
def inherited_descriptors():
    """Reads from every open descriptor that is not its own."""
    for descriptor in range(3, 64):
        try:
            found(os.pread(descriptor, 4000, 0))
        except OSError as error:
            refusal = error


@attack("reading", control="weak")
def frames():
    """Walks up the call stack and tells every local name."""
    frame, seen = sys._getframe(), []
    while frame:
        if frame.f_globals is not globals():
            seen.append(repr(dict(frame.f_locals)))
        frame = frame.f_back
    found(" ".join(seen))


@attack("reading", control="weak")
def garbage():
    """Asks the collector for every container and looks for secrets in them."""
    import gc

    for thing in gc.get_objects():
        if type(thing) in (list, tuple, dict) and len(thing) < 100:
            text = repr([v for v in (thing.values() if type(thing) is dict else thing) if type(v) in (str, bytes)])
            own = WORLD["mark"] in text or "found(" in text  # constants of this very program
            if "CANARY-" in text and not own:
                found(text)


@attack("reading", control="weak", limits={"cpu_seconds": 3.0, "wall_seconds": 15.0})
def own_heap():
    """Searches the whole memory of its own process, where a fork of the judge would still have the judge's."""
    import ctypes
    import re

    needle = b"CANARY" + b"-expected-"
    for line in open("/proc/self/maps"):
        begin, end = (int(part, 16) for part in line.split()[0].split("-"))
        if " rw" in line and "[v" not in line and end - begin < 1 << 28:
            memory = ctypes.string_at(begin, end - begin)
            for match in re.finditer(re.escape(needle), memory):
                found(memory[match.start() : match.start() + 40])


@attack("reading", "python", "landlock", "own user", "namespaces")
def posix_shared_memory():
    """Opens a shared memory object of the judge."""
    found(open(WORLD["shm"], "rb").read())


@attack("reading", "python", "own user", "seccomp", "namespaces")
def system_v_shared_memory():
    """Attaches a System V shared memory segment of the judge."""
    import ctypes

    libc = native()
    libc.shmat.restype = ctypes.c_void_p
    found(ctypes.string_at(libc.shmat(libc.shmget(WORLD["shm_key"], 64, 0), None, 0o10000), 64))


@attack("reading", "python", "own user", "seccomp", needs="keys")
def keyring():
    """Looks for a key in the keyring of the judge's account."""
    import ctypes

    key = syscall("keyctl", 10, -4, b"user", WORLD["key"].encode(), 0)
    buffer = ctypes.create_string_buffer(200)
    syscall("keyctl", 11, key, buffer, 200)
    found(buffer.raw)


@attack("reading", "python", "own user", "seccomp", "namespaces", root=True)
def kernel_log():
    """Reads the kernel's messages."""
    import ctypes

    syscall("syslog", 3, ctypes.create_string_buffer(4096), 4096)
    succeeded("the kernel's messages")


@attack("reading", "python", "landlock", "own user", "namespaces", root=True)
def password_hashes():
    """Opens /etc/shadow."""
    succeeded(open("/etc/shadow").read()[:4])


@attack("reading", "python", "landlock", "own user", "namespaces", root=True, needs="a disk that root may open")
def raw_disk():
    """Opens the disk itself."""
    succeeded(os.open(WORLD["disk"], os.O_RDONLY))


@attack("reading", "python", "landlock", "own user", "seccomp", "namespaces", root=True)
def by_file_handle():
    """Opens the reference by a file handle, for which no path is looked up."""
    import ctypes

    handle = ctypes.create_string_buffer((128).to_bytes(4, "little") + bytes(132), 136)
    mount = ctypes.c_int()
    path = WORLD["reference"].encode()
    syscall("name_to_handle", -100, path, handle, ctypes.byref(mount), 0)
    folder = native().open(os.path.dirname(WORLD["reference"]).encode(), 0o200000)
    descriptor = syscall("open_by_handle", folder, handle, 0)
    found(os.read(descriptor, 4000))


@attack("reading", *FILES, "seccomp", "limits+own user")
def by_a_child_program():
    """Starts a program that prints the reference."""
    import subprocess

    found(subprocess.run(["cat", WORLD["reference"]], capture_output=True, check=False).stdout)


@attack("reading", "python", "landlock", "namespaces")
def what_is_mounted():
    """Reads which file systems there are and where they come from."""
    succeeded(open("/proc/self/mountinfo").read()[:80])
