"""Programs that want to change how the next submission is judged. Each has an accomplice who is judged next."""

# ruff: noqa: PTH123
from attack import attack, followed

from programs.prelude import WORLD, native, os, succeeded, sys, syscall, vectors

SAME = "weak"  # against a grader that judges one after the other in one process


@attack("poisoning", control=SAME)
def patched_module():
    """Replaces NumPy's sum."""
    import numpy as np

    np.add_poison = np.sum = lambda *a, **k: 42


@followed(patched_module)
def _next():
    import numpy as np

    hasattr(np, "add_poison") and succeeded("NumPy is patched")


@attack("poisoning", control=SAME)
def patched_builtin():
    """Replaces the builtin abs."""
    import builtins

    builtins.abs = lambda value: 42


@followed(patched_builtin)
def _next():
    abs(-1) == 42 and succeeded("abs is patched")


@attack("poisoning", control=SAME)
def import_finder():
    """Registers a finder that gives its own module for a name."""
    import types

    class PoisonFinder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            import importlib.machinery

            if name == "poisoned_module":
                return importlib.machinery.ModuleSpec(name, PoisonFinder)
            return None

        @staticmethod
        def create_module(spec):
            return types.ModuleType(spec.name)

        @staticmethod
        def exec_module(module):
            module.poison = True

    sys.meta_path.insert(0, PoisonFinder)


@followed(import_finder)
def _next():
    any("PoisonFinder" in repr(finder) for finder in sys.meta_path) and succeeded("the finder is there")


@attack("poisoning", control=SAME)
def cached_module():
    """Puts a module of its own among the imported ones."""
    import types

    sys.modules["colorsys"] = types.ModuleType("poison")


@followed(cached_module)
def _next():
    import colorsys

    hasattr(colorsys, "rgb_to_hsv") or succeeded("the module is another")


@attack("poisoning", control=SAME)
def cached_importer():
    """Puts an importer of its own into the cache of paths."""
    sys.path_importer_cache["/poison"] = object()
    sys.path_hooks.insert(0, lambda path: 1 / 0)


@followed(cached_importer)
def _next():
    "/poison" in sys.path_importer_cache and succeeded("the cache is poisoned")


@attack("poisoning", control=SAME)
def cached_lines():
    """Puts lines of its own into the cache of source lines."""
    import linecache

    linecache.cache["other.py"] = (1, None, ["poison\n"], "other.py")


@followed(cached_lines)
def _next():
    import linecache

    "other.py" in linecache.cache and succeeded("the cache is poisoned")


@attack("poisoning", control=SAME)
def search_path():
    """Puts a folder of its own first where modules are looked for."""
    sys.path.insert(0, WORLD["drop"])


@followed(search_path)
def _next():
    WORLD["drop"] in sys.path and succeeded("the path is another")


@attack("poisoning", control=SAME)
def random_state():
    """Leaves the random generators where the next program's numbers are known."""
    import random

    import numpy as np

    np.random.seed = random.seed = lambda *a: None
    np.random.default_rng = lambda *a: 4


@followed(random_state)
def _next():
    import numpy as np

    np.random.default_rng() == 4 and succeeded("numbers are known")


@attack("poisoning", control=SAME)
def error_state():
    """Makes NumPy raise errors for overflow and divisions by zero."""
    import numpy as np

    np.seterr(all="raise")


@followed(error_state)
def _next():
    import numpy as np

    np.geterr()["divide"] == "raise" and succeeded("NumPy raises")


@attack("poisoning", control=SAME)
def own_environment():
    """Changes the environment of programs and libraries that are loaded later."""
    os.environ["LD_PRELOAD"] = os.environ["PYTHONPATH"] = "/poison"


@followed(own_environment)
def _next():
    "/poison" in os.environ.get("PYTHONPATH", "") and succeeded("the environment is another")


@attack("poisoning", control=SAME)
def rounding():
    """Changes how the processor rounds."""
    native().fesetround(0x800 if os.uname().machine == "x86_64" else 0x400000)


@followed(rounding)
def _next():
    import numpy as np

    third = np.float64(1) / np.float64(3)
    (third + third + third != 1 or float(np.float64(0.1) + np.float64(0.2)) == 0.3) and succeeded("it rounds otherwise")


@attack("poisoning", control=SAME)
def file_mask():
    """Changes the mask of rights for new files."""
    os.umask(0o777)


@followed(file_mask)
def _next():
    os.umask(0o22) == 0o777 and succeeded("the mask is another")


@attack("poisoning", control=SAME)
def folder():
    """Changes the current folder."""
    os.chdir("/usr/lib")


@followed(folder)
def _next():
    os.getcwd() == "/usr/lib" and succeeded("the folder is another")


@attack("poisoning", control=SAME)
def timer():
    """Leaves a timer behind that will interrupt whoever runs then."""
    import signal

    signal.setitimer(signal.ITIMER_REAL, 50)


@followed(timer)
def _next():
    import signal

    signal.getitimer(signal.ITIMER_REAL)[0] and succeeded("the clock ticks")


@attack("poisoning", control=SAME)
def blocked_signals():
    """Blocks the signals by which a program is asked to end."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR2})


@followed(blocked_signals)
def _next():
    import signal

    signal.SIGUSR2 in signal.pthread_sigmask(signal.SIG_BLOCK, ()) and succeeded("signals are blocked")


@attack("poisoning", control=SAME)
def patched_grader():
    """Replaces a function of the worker (or, where there is none, of NumPy)."""
    execute = sys.modules.get("grader.worker.execute", sys.modules["numpy"])
    execute.poison = True


@followed(patched_grader)
def _next():
    execute = sys.modules.get("grader.worker.execute", sys.modules["numpy"])
    hasattr(execute, "poison") and succeeded("the worker is patched")


@attack("poisoning", "python", "landlock", "own user", "namespaces", needs="a Python that this user may write")
def start_up_file():
    """Leaves a file where Python looks when it starts (a harmless name stands for sitecustomize)."""
    folders = [*sys.path, *(os.path.dirname(m.__file__) for m in [os]), "."]
    for folder in folders:
        try:
            path = os.path.join(folder, WORLD["prefix"] + "sitecustomize.py")
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            succeeded(path)
            os.unlink(path)
        except OSError as error:
            print(error)


@attack(
    "poisoning", "python", "landlock", "own user", "limits", "namespaces", needs="a Python that this user may write"
)
def cached_bytecode():
    """Writes bytecode into the cache of a module of the standard library (of a harmless name)."""
    folder = os.path.join(os.path.dirname(os.__file__), "__pycache__")
    path = os.path.join(folder, WORLD["prefix"] + "poison.cpython-311.pyc")
    with open(path, "wb") as file:
        file.write(bytes(70_000))
    succeeded(path)
    os.unlink(path)


@attack("poisoning", "python", "landlock", "namespaces")
def file_for_the_next():
    """Leaves a file for an accomplice, with answers in it."""
    for folder in (WORLD["drop"], "/tmp", "/dev/shm", "/var/tmp", "/run"):
        try:
            with open(os.path.join(folder, WORLD["prefix"] + "letter"), "w") as file:
                file.write("answers")
        except OSError as error:
            print(error)


@followed(file_for_the_next)
def _next():
    for folder in (WORLD["drop"], "/tmp", "/dev/shm", "/var/tmp", "/run"):
        path = os.path.join(folder, WORLD["prefix"] + "letter")
        os.path.exists(path) and succeeded(path)


@attack("poisoning", "python", "seccomp")
def memory_for_the_next():
    """Leaves a shared memory segment for an accomplice, with answers in it."""
    native().shmget(WORLD["letter_key"], 4096, 0o1666)


@followed(memory_for_the_next)
def _next():
    native().shmget(WORLD["letter_key"], 4096, 0) >= 0 and succeeded("a letter in shared memory")


@attack("poisoning", "python", "unreadable", "landlock", "seccomp", "own user", "unreadable+namespaces")
def zygote_by_writev():
    """Changes the memory of the process that starts all workers."""
    import ctypes

    import numpy as np

    place = ctypes.string_at(id(np.__version__) + 40, 24).find(np.__version__[:1].encode())
    buffer, ours, theirs = vectors(id(np.__version__) + 40 + max(0, place), 1)
    buffer[0:1] = b"9"
    syscall("vm_writev", os.getppid(), ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)


@followed(zygote_by_writev)
def _next():
    import numpy as np

    np.__version__[:1] == "9" and succeeded("the zygote is changed")


@attack(
    "poisoning",
    "python",
    "unreadable",
    "landlock",
    "seccomp",
    "own user",
    "unreadable+namespaces",
    limits={"wall_seconds": 0.7},
)
def zygote_by_ptrace():
    """Attaches to the process that starts all workers as a debugger."""
    syscall("ptrace", 0x4206, os.getppid(), 0, 0)
    succeeded("attached to the zygote")


@attack("poisoning", "python", "seccomp", "limits+own user")
def takes_the_next_socket():
    """Waits as a process that stays for the socket of the next worker."""
    if os.fork() == 0:
        import time

        for _ in range(20):
            for descriptor in range(3, 64):
                try:
                    os.write(descriptor, b"CNNG" + bytes(12))
                except OSError:
                    continue
            time.sleep(0.1)
        os._exit(0)
    succeeded("a process")


@attack("poisoning", "python", "seccomp", "own user")
def zygote_by_its_socket():
    """Gives commands to the process that starts all workers, where its socket was left open."""
    import resource

    resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0))
    succeeded("limits of the zygote")
