"""Files, programs, threads and the network are refused in Python, in the same words by both launchers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker.limits import Limits
from grader.worker.probe import Raised, Returned, Use

FILES = "files are not available while grading: "
PROGRAMS = "other programs are not available while grading: "
NETWORK = "the network is not available while grading: "
REFUSED = {
    "open('x.txt')": FILES + "open('x.txt')",
    "open('x.txt', 'w')": FILES + "open('x.txt')",
    "open(b'/etc/passwd')": FILES + "open('/etc/passwd')",
    "os.open('x', os.O_CREAT)": FILES + "open('x')",
    "open(os.path.join(os.path.dirname(np.__file__), 'version.py'), 'a')": None,
    "open(os.path.join(os.path.dirname(np.__file__), *['..'] * 9, 'etc', 'passwd'))": None,
    "pathlib.Path('notes.md').read_text()": FILES + "open('notes.md')",
    "np.save('weights', np.ones(3))": FILES + "open('weights.npy')",
    "np.load('weights.npy')": FILES + "open('weights.npy')",
    "np.ones(3).tofile('raw')": FILES + "open('raw')",
    "os.remove('x')": FILES + "os.remove('x')",
    "os.rename('a', 'b')": FILES + "os.rename('a')",
    "os.makedirs('plots')": FILES + "os.mkdir('plots')",
    "os.chmod('a', 0)": FILES + "os.chmod('a')",
    "os.symlink('a', 'b')": FILES + "os.symlink('a')",
    "os.truncate('a', 0)": FILES + "os.truncate('a')",
    "os.mkfifo('a')": FILES + "os.mkfifo()",
    "os.listdir()": FILES + "os.listdir()",
    "list(os.scandir('/'))": FILES + "os.scandir('/')",
    "list(os.walk('/home'))": FILES + "os.walk('/home')",
    "os.chdir('/')": FILES + "os.chdir('/')",
    "shutil.rmtree('x')": FILES + "shutil.rmtree('x')",
    "tempfile.TemporaryFile()": None,
    "mmap.mmap(0, 1)": FILES + "mmap.mmap()",
    "os.system('ls')": PROGRAMS + "os.system('ls')",
    "subprocess.run(['ls', '-l'], capture_output=True)": PROGRAMS + "subprocess.Popen('ls')",
    "os.popen('ls')": PROGRAMS + "subprocess.Popen('/bin/sh')",
    "os.fork()": PROGRAMS + "os.fork()",
    "os.execv('/bin/ls', ['ls'])": PROGRAMS + "os.exec('/bin/ls')",
    "os.posix_spawn('/bin/ls', ['ls'], {})": PROGRAMS + "os.posix_spawn('/bin/ls')",
    "pty.spawn('ls')": PROGRAMS + "pty.spawn(('ls',))",
    "multiprocessing.Pool(2)": PROGRAMS + "multiprocessing",
    "multiprocessing.Process(target=print).start()": PROGRAMS + "os.fork()",
    "socket.socket()": NETWORK + "socket.socket()",
    "socket.gethostbyname('localhost')": NETWORK + "socket.gethostbyname('localhost')",
    "urllib.request.urlopen('http://example.org')": NETWORK + "urllib.Request('http://example.org')",
    "threading.Thread(target=print).start()": "threads are not available while grading",
    "_thread.start_new_thread(print, ())": "threads are not available while grading",
    "concurrent.futures.ThreadPoolExecutor().submit(print)": "threads are not available while grading",
    "os.kill(1, 9)": "other processes are out of reach while grading: os.kill()",
    "os.killpg(1, 9)": "other processes are out of reach while grading: os.killpg()",
    "os.setpriority(0, 0, 1)": "other processes are out of reach while grading: os.setpriority()",
    "os.sched_setaffinity(0, [0])": "limits cannot be changed while grading: os.sched_setaffinity()",
    "resource.setrlimit(0, (1, 1))": "limits cannot be changed while grading: resource.setrlimit()",
    "ctypes.CDLL(None)": "ctypes is not available while grading: ctypes.dlopen()",
    "ctypes.string_at(0)": "ctypes is not available while grading: ctypes.string_at()",
    "gc.get_objects()": "looking through memory is not available while grading: gc.get_objects()",
    "input('name?')": "input() waits for a person, and nobody is there while grading",
    "sys.stdin.readline()": "input() waits for a person, and nobody is there while grading",
}
ALLOWED = {
    "open(os.devnull, 'w').write('x')": 1,
    "len(open(os.path.join(os.path.dirname(np.__file__), 'version.py')).read()) > 9": True,
    "os.path.exists('/etc') or os.path.isdir('/') or os.access('/', os.R_OK)": False,
    "os.path.isdir(os.path.dirname(np.__file__))": True,
    "os.environ.update(OMP_NUM_THREADS='1')": None,
    "signal.getsignal(signal.SIGINT) is not None": True,
    "__import__('wave').__name__ + __import__('numpy.ctypeslib').__name__": "wavenumpy",
    "np.ones(3).ctypes.data > 0": True,
    "sys._getframe().f_lineno > 0": True,
    "float(np.linalg.svd(np.eye(2))[1].sum() + np.fft.fft(np.ones(2))[0].real)": 4.0,
    "copy.deepcopy(pickle.loads(pickle.dumps([1, np.float64(2.0)]))) == [1, 2.0]": True,
}
MODULES = (
    "_thread, concurrent.futures, copy, ctypes, gc, mmap, multiprocessing, os, pathlib, pickle, pty, resource, shutil, "
    "signal, socket, subprocess, sys, tempfile, threading, urllib.request, numpy as np"
)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the list of calls is that of Linux")


@pytest.fixture(scope="module", params=["workers", "plain_workers"])
def outcomes(request: pytest.FixtureRequest) -> dict[str, Trace]:
    """What each line gives in one worker: no refusal ends it."""
    lines = [*REFUSED, *ALLOWED]
    text = f"import {MODULES}\nLINES = {lines!r}\ndef f(n):\n    return eval(LINES[n])\n"
    probes = [Probe((Use("f", (n,), report=True),), {}, {"result": 0}, n) for n in range(len(lines))]
    source = Source({"tiny.py": text.encode()}, "tiny.py", {}, ("numpy",))
    with Session(request.getfixturevalue(request.param), source, Limits()) as session:
        return dict(zip(lines, session.run(Batch(probes)), strict=True))


@pytest.mark.parametrize("line", REFUSED)
def test_what_leaves_the_computation_is_refused_by_name(outcomes: dict[str, Trace], line: str) -> None:
    trace = outcomes[line]
    assert not trace.death
    (outcome,) = trace.outcomes
    assert isinstance(outcome, Raised)
    expected = REFUSED[line]
    kind = "RuntimeError" if "threads" in outcome.message else "EOFError" if "input" in line + outcome.message else ""
    assert outcome.type == (kind or "PermissionError")
    assert outcome.message == expected or (expected is None and outcome.message.startswith(FILES))


@pytest.mark.parametrize("line", ALLOWED)
def test_what_computing_needs_still_works(outcomes: dict[str, Trace], line: str) -> None:
    trace = outcomes[line]
    assert isinstance(trace.outcomes[0], Returned), trace.outcomes[0]
    assert trace.values[0] == ALLOWED[line]


def test_all_of_scipy_can_be_imported_and_used_late(workers: Launcher) -> None:
    pytest.importorskip("scipy")
    text = """
import numpy as np
def f():
    import scipy.signal, scipy.ndimage, scipy.stats, scipy.optimize, scipy.spatial, scipy.integrate, scipy.sparse
    x = scipy.signal.correlate2d(np.ones((4, 4)), np.ones((2, 2)), mode="valid").sum()
    return float(x + scipy.ndimage.correlate(np.ones((2, 2)), np.ones((3, 3))).sum())
"""
    source = Source({"tiny.py": text.encode()}, "tiny.py", {}, ("numpy", "scipy"))
    with Session(workers, source, Limits(cpu_seconds=20)) as session:
        (trace,) = session.run(Batch([Probe((Use("f", report=True),), {}, {"result": 0}, 0)]))
    assert trace.values == (72.0,)


def test_nothing_is_refused_before_the_guard_is_enabled() -> None:
    """The zygote itself opens files and forks; without the layer, so does the student's code."""
    code = (
        "import os, threading\n"
        "from grader.worker import guard\n"
        "guard.install()\n"
        "open(os.devnull).close(); os.listdir('/'); os.stat('/')\n"
        "thread = threading.Thread(target=int); thread.start(); thread.join()\n"
        "pid = os.fork()\n"
        "os._exit(0) if pid == 0 else os.waitpid(pid, 0)\n"
        "guard.enable()\n"
        "try: os.listdir('/')\n"
        "except PermissionError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


def test_a_refusal_while_the_file_is_loaded_costs_only_that_statement(workers: Launcher) -> None:
    text = "import numpy as np\nTABLE = np.load('table.npy')\ndef f():\n    return 1\n"
    with Session(workers, Source({"tiny.py": text.encode()}, "tiny.py", {}, ("numpy",)), Limits()) as session:
        (trace,) = session.run(Batch([Probe((Use("f", report=True),), {}, {"result": 0}, 0)]))
        assert session.problem is not None
        assert session.problem.sentence == (
            f"line 2 raises PermissionError while the file is loaded: {FILES}open('table.npy')"
        )
    assert trace.values == (1,)
