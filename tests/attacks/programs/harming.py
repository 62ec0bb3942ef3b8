"""Programs that want to stop or slow the grading, or to use up the machine. All counts are bounded."""

# ruff: noqa: PTH123
from attack import attack

from programs.prelude import WORLD, child, dropped, linger, native, os, succeeded, sys, syscall, time

PROCESSES = ("python", "seccomp", "limits+own user")
LONG = {"cpu_seconds": 8.0, "wall_seconds": 20.0}
ASLEEP = {"wall_seconds": 0.5}
SHORT = {"cpu_seconds": 0.3}
ROOM = {"cpu_seconds": 5.0, "wall_seconds": 15.0}


@attack("harming", *PROCESSES)
def fork_bomb():
    """Forks twenty children that stay."""
    for _ in range(20):
        child(linger)
    succeeded("a process")


@attack("harming", *PROCESSES)
def daemon():
    """Leaves its session by a double fork and stays."""

    def middle():
        os.setsid()
        child(linger)

    os.waitpid(child(middle), 0)
    succeeded("a process")


@attack("harming", *PROCESSES)
def comet():
    """Forks itself away from whoever wants to kill it: each process lives for milliseconds."""

    def tail(hops):
        time.sleep(0.02)
        if hops:
            child(lambda: tail(hops - 1))

    child(lambda: tail(50))
    succeeded("a process")


@attack("harming", *PROCESSES)
def vfork():
    """Makes a child by the raw system call."""
    if syscall("clone", 17, 0, 0, 0, 0) == 0:
        linger()
        os._exit(0)
    succeeded("a process")


@attack("harming", *PROCESSES)
def modern_clone():
    """Makes a child by clone3."""
    import ctypes

    arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, 17, 0, 0, 0)
    if syscall("clone3", arguments, 64) == 0:
        linger()
        os._exit(0)
    succeeded("a process")


@attack("harming", *PROCESSES, "landlock", "namespaces")
def program():
    """Starts another program."""
    import subprocess

    subprocess.Popen(["/bin/sleep", "20"], start_new_session=True)
    succeeded("a process")


@attack("harming", *PROCESSES, "landlock", "namespaces")
def shell():
    """Starts a shell in the background."""
    assert os.system("sleep 20 &") == 0
    succeeded("a shell")


@attack("harming", *PROCESSES, "landlock", "namespaces")
def spawned():
    """Starts another program by posix_spawn."""
    os.posix_spawn("/bin/sleep", ["sleep", "20"], {})
    succeeded("a process")


@attack("harming", *PROCESSES)
def multiprocess():
    """Starts a pool of Python's multiprocessing."""
    import multiprocessing

    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(20,))
    process.start()
    succeeded("a process")


@attack("harming", "python", "seccomp", "landlock", "namespaces")
def another_program():
    """Becomes another program, which then is no Python any more."""
    os.execv("/bin/sh", ["sh", "-c", f"echo out > {dropped('exec')}; sleep 1"])


@attack("harming", *PROCESSES)
def threads():
    """Starts five threads."""
    import threading

    threading.stack_size(1 << 18)
    for _ in range(5):
        threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()
    succeeded("five threads")


@attack("harming", *PROCESSES)
def native_threads():
    """Starts five threads by the C library."""
    import ctypes

    libc = native()
    sleeper = ctypes.cast(libc.pause, ctypes.c_void_p)
    for _ in range(5):
        assert libc.pthread_create(ctypes.byref(ctypes.c_ulong()), None, sleeper, None) == 0
    succeeded("five threads")


@attack("harming", control="loose", loose=LONG, limits=SHORT)
def endless_loop():
    """Computes for ever (here: for a second) in Python."""
    while time.process_time() < 1.2:
        pass
    succeeded("a second")


@attack("harming", control="loose", loose=LONG, limits=SHORT)
def endless_native_loop():
    """Computes for ever (here: for a second) in native code that no exception reaches."""
    import numpy as np

    while time.process_time() < 1.2:
        np.linalg.svd(np.ones((300, 300)))
    succeeded("a second")


@attack("harming", control="loose", loose=LONG, limits=SHORT)
def endless_number():
    """Makes integers of so many digits that one instruction takes long."""
    while time.process_time() < 1.2:
        hash(3 ** (1 << 20))
    succeeded("long instructions")


@attack("harming", control="loose", loose=LONG, limits=SHORT)
def endless_expression():
    """Matches a regular expression that takes exponential time."""
    import re

    while time.process_time() < 1.2:
        re.match("(a+)+$", "a" * 21 + "b")
    succeeded("long matches")


@attack("harming", control="loose", loose=LONG, limits=ASLEEP)
def sleeper():
    """Sleeps."""
    time.sleep(1)
    succeeded("slept")


@attack("harming", control="loose", loose=LONG, limits=ASLEEP)
def stops_itself():
    """Stops itself by SIGSTOP (a child or a timer would have to wake it up; here a signal that is blocked stays)."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGALRM})
    signal.signal(signal.SIGALRM, lambda *a: None)
    signal.alarm(1)
    begun = time.monotonic()
    signal.pause()
    assert time.monotonic() - begun > 0.9
    succeeded("stood still")


@attack("harming", control="none: nobody can wake it up to tell", limits=ASLEEP)
def stopped():
    """Stops itself for good by SIGSTOP."""
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)


@attack("harming", control="loose", loose=LONG, limits=SHORT)
def ignores_signals():
    """Ignores every signal that can be ignored, and computes on."""
    import signal

    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while time.process_time() < 1.2:
        pass
    succeeded("a second")


@attack("harming", control="loose", loose=LONG, limits=ASLEEP)
def waits_for_input():
    """Reads from standard input and, where that ends, from a pipe that nobody writes to."""
    import select

    sys.__stdin__ and sys.__stdin__.read(1)
    select.select([os.pipe()[0]], [], [], 1)
    succeeded("waited")


@attack("harming", control="loose", loose=LONG, limits=ASLEEP)
def drips():
    """Sends one byte of a reply now and then, so that something always arrives."""
    import stat

    for _ in range(4):
        for descriptor in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                    os.write(descriptor, b"")
            except OSError:
                continue
        time.sleep(0.25)
    succeeded("a second")


@attack("harming", control="none: it is the same as `forged frames` with one byte at a time", limits=ASLEEP)
def drips_a_frame():
    """Sends the beginning of a reply byte by byte, so that the judge always receives something."""
    import stat

    for byte in b"CNNG" + (1000).to_bytes(4, "little") + bytes(8) + bytes(200):
        for descriptor in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                    os.write(descriptor, bytes([byte]))
            except OSError:
                continue
        time.sleep(0.1)


@attack("harming", control="loose", loose={**ROOM, "memory_bytes": 2 << 30}, limits=ROOM)
def memory():
    """Asks for more memory than it may have, in one array."""
    import numpy as np

    np.ones(450 << 17)
    succeeded("450 MB")


@attack("harming", control="loose", loose={**ROOM, "memory_bytes": 2 << 30}, limits=ROOM)
def memory_bit_by_bit():
    """Collects small things until there is more than it may have."""
    pile = []
    while len(pile) < 450:
        pile.append(bytearray(b"x" * (1 << 20)))
    succeeded("450 MB")


@attack("harming", control="loose", loose={**ROOM, "memory_bytes": 2 << 30}, limits=ROOM)
def shared_memory():
    """Maps shared anonymous memory, which some limits do not count."""
    import mmap

    block = mmap.mmap(-1, 450 << 20)
    for place in range(0, len(block), 4096):
        block[place] = 1
    succeeded("450 MB")


@attack("harming", "limits", "python", "seccomp", limits=ROOM)
def memory_file():
    """Fills files that exist in memory only, without mapping them."""
    piece = bytes(1 << 20)
    for number in range(6):
        descriptor = os.memfd_create(f"m{number}")
        for _ in range(75):
            os.write(descriptor, piece)
    succeeded("450 MB")


@attack("harming", "limits", "python", "seccomp", limits=ROOM)
def native_memory_file():
    """Fills files that exist in memory only, by raw system calls."""
    piece = bytes(1 << 20)
    for _ in range(6):
        descriptor = syscall("memfd", b"m", 0)
        for _ in range(75):
            os.write(descriptor, piece)
    succeeded("450 MB")


@attack("harming", "python", "seccomp", limits=ROOM)
def many_small_memory_files():
    """Fills many memory files, each below the cap of one file."""
    piece, total = bytes(1 << 16), 0
    for _ in range(50):
        descriptor = os.memfd_create("m")
        total += os.write(descriptor, piece)
    assert total > 3 << 20
    succeeded("memory files")


@attack("harming", "python", "seccomp", "namespaces", limits=ROOM)
def system_v_memory():
    """Leaves a System V shared memory segment behind, which outlives every process."""
    import ctypes

    libc = native()
    libc.shmat.restype = ctypes.c_void_p
    number = libc.shmget(0, WORLD["shm_size"], 0o1666)
    assert number >= 0
    address = libc.shmat(number, None, 0)
    address and ctypes.memset(address, 1, WORLD["shm_size"])


@attack("harming", "python", "landlock", "namespaces")
def shared_memory_object():
    """Leaves a shared memory object behind."""
    with open(f"/dev/shm/{WORLD['prefix']}object", "wb") as file:
        file.write(bytes(60_000))
    succeeded("a shared memory object")


@attack("harming", "python", "seccomp", "namespaces")
def message_queue():
    """Leaves a message queue behind."""
    syscall("msgget", WORLD["queue_key"], 0o1666)


@attack("harming", "python", "landlock", "namespaces")
def disk():
    """Fills the disk (here: by eight megabytes)."""
    for number in range(200):
        with open(dropped(f"disk{number}"), "wb") as file:
            file.write(bytes(40_000))


@attack("harming", "limits", "python", "landlock", "namespaces")
def large_file():
    """Writes one large file, which has no name."""
    descriptor = os.open(WORLD["drop"], os.O_TMPFILE | os.O_RDWR)
    assert os.write(descriptor, bytes(1 << 20)) == 1 << 20
    succeeded("a megabyte")


@attack("harming", "python", "landlock", "namespaces")
def many_files():
    """Makes five hundred empty files."""
    for number in range(500):
        os.close(os.open(dropped(f"file{number}"), os.O_CREAT | os.O_WRONLY))


@attack("harming", "python", "landlock", "seccomp", "namespaces")
def deep_folders():
    """Makes folders in folders."""
    os.makedirs(dropped("/".join(["deep"] * 50)))


@attack("harming", "limits")
def many_descriptors():
    """Opens two hundred descriptors."""
    for _ in range(200):
        os.open(os.devnull, os.O_RDONLY)
    succeeded("two hundred descriptors")


@attack("harming", control="weak")
def flood_of_output():
    """Writes thirty megabytes to standard output and standard error."""
    for _ in range(15):
        os.write(1, b"x" * (1 << 20))
        os.write(2, b"x" * (1 << 20))


@attack("harming", control="loose", loose={**ROOM, "reply_bytes": 256 << 20, "memory_bytes": 2 << 30}, entry="answer")
def flood_of_answers(number):
    """Answers by an array of 24 megabytes each time, more than an answer may have."""
    import numpy as np

    return np.ones(3 << 20)


@attack("harming", control="weak", entry="answer")
def flood_of_prints(number):
    """Prints megabytes at every call."""
    for _ in range(300):
        print("x" * (1 << 16))
    return number * 0


@attack("harming", control="weak", entry="answer")
def long_message(number):
    """Raises an error with a message of three megabytes."""
    raise ValueError("x" * (3 << 20))


@attack("harming", control="weak", entry="answer")
def message_that_escapes(number):
    """Raises an error whose message has control characters, for the terminal of the instructor."""
    raise RuntimeError("\x1b]0;title\x07\x1b[2J\x1b[31mCANARY-" + WORLD["escape"])


@attack("harming", control="weak", entry="answer", needs="Python 3.11")
def deep_recursion(number):
    """Recurses through native code until its stack overflows."""
    sys.setrecursionlimit(10**9)

    def deeper(n):
        return max([n], key=deeper)

    return deeper(0)


@attack("harming", control="weak", entry="answer")
def segmentation_fault(number):
    """Reads address zero."""
    import ctypes

    return ctypes.string_at(0)


@attack("harming", control="weak", entry="answer")
def kills_itself(number):
    """Kills its own process."""
    os.kill(os.getpid(), 9)


@attack("harming", control="loose", loose=LONG, entry="answer", limits=ASLEEP)
def object_that_takes_its_time(number):
    """Answers by a number whose conversion takes for ever (here: a second)."""

    class Slow(float):
        def __float__(self):
            time.sleep(1)
            succeeded("slow")
            return 1.0

    return Slow(1.0)


@attack("harming", control="none: a destructor is never called in a worker that is killed", entry="import")
def hangs_at_exit():
    """Hangs when the interpreter ends, by every means that there is."""
    import atexit

    class Last:
        def __del__(self):
            while True:
                time.sleep(1)

    atexit.register(lambda: time.sleep(30))
    sys.kept = Last()


@attack("harming", control="none: it tells nobody", limits=ASLEEP)
def hangs_up():
    """Closes every descriptor, so that the judge takes it for dead, and lives on."""
    os.closerange(0, 64)
    time.sleep(20)


@attack("harming", "python", "seccomp", "landlock", "own user", limits=ASLEEP)
def stops_the_zygote():
    """Stops the process that starts all workers, for which the judge might wait for ever."""
    os.kill(os.getppid(), 19)
    succeeded("the zygote stands still")


@attack("harming", "python", "seccomp", "landlock", "own user")
def kills_the_zygote():
    """Kills the process that starts all workers."""
    os.kill(os.getppid(), 9)
    time.sleep(0.2)
    succeeded("the zygote is gone")


@attack("harming", "python", "seccomp", "landlock", "own user", "namespaces", limits=ASLEEP)
def kills_another_worker():
    """Kills the worker in which another student's work is judged."""
    os.kill(WORLD["sibling"], 9)


@attack("harming", "python", "seccomp", "landlock", "own user", "namespaces", limits=ASLEEP)
def stops_another_worker():
    """Stops the worker in which another student's work is judged, so that its time runs out."""
    os.kill(WORLD["sibling"], 19)


@attack("harming", "python", "seccomp", "own user", "namespaces")
def limits_of_another_worker():
    """Takes away the descriptors of the worker in which another student's work is judged."""
    import resource

    soft, hard = resource.prlimit(WORLD["sibling"], resource.RLIMIT_NOFILE)
    resource.prlimit(WORLD["sibling"], resource.RLIMIT_NOFILE, (soft - 1, hard - 1))
    succeeded("limits of another worker")


@attack(
    *("harming", "python", "limits+own user", "seccomp", "limits+namespaces"),
    root=True,
    needs="root that may raise limits",
)
def raises_its_limits():
    """Takes its own limits back."""
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    succeeded("4096 descriptors")


@attack("harming", "python", "own user", "seccomp", "namespaces", root=True)
def hurries():
    """Gives itself a higher priority."""
    os.setpriority(os.PRIO_PROCESS, 0, -5)
    succeeded("priority -5")


@attack("harming", "python", "own user", "seccomp", "namespaces", root=True)
def real_time():
    """Asks for a real-time priority, in which it would starve the judge."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    succeeded("real time")


@attack("harming", "python", "own user", "seccomp", "namespaces", root=True)
def locked_memory():
    """Locks its memory, so that it cannot be swapped out."""
    syscall("mlockall", 3)
    succeeded("locked")


@attack("harming", control="weak", entry="import")
def closes_descriptors():
    """Closes every descriptor of its process while it is loaded."""
    os.closerange(0, 64)


@attack("harming", control="none: the judge never asks a worker whether it is well")
def broken_worker():
    """Empties every table of the worker's modules, so that it can no longer read the judge's requests."""
    for name, module in list(sys.modules.items()):
        if name.startswith("grader"):
            for key, value in list(vars(module).items()):
                if isinstance(value, dict | set | list) and not key.startswith("__"):
                    value.clear()
