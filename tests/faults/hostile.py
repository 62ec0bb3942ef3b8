"""Grades hostile submissions between good ones: `python tests/faults/hostile.py --times 50`.

The good ones must get what they get alone, every grading must end by itself, and nothing may be left running.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from runs import WRONG, make_class, make_course, nothing_left, points, start
from tiny import REFERENCE

FORWARD = "        self.input_tensor = np.array(input_tensor, dtype=float)\n"
PARENTS = "parents = lambda pid: int(open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[1])"
IN_A_CALL = {  # run in Scale.forward
    "endless loop": "while True: pass",
    "exit": "import os; os._exit(0)",
    "system exit": "raise SystemExit",
    "keyboard interrupt": "raise KeyboardInterrupt",
    "memory": "hog = [np.ones((1024, 1024)) for _ in range(100000)]",
    "recursion": "return self.forward(input_tensor)",
    "deep recursion": "import sys; sys.setrecursionlimit(10**9); f = lambda n: f(n + 1); f(0)",
    "closed descriptors": "import os; os.closerange(0, 64)",
    "closed one by one, then on": "import os; [os.close(n) for n in (0, 1, 2)]",
    "killed parent": "import os; os.kill(os.getppid(), 9)",
    "killed itself": "import os; os.kill(os.getpid(), 9)",
    "killed all": "import os; os.kill(0, 9)",
    "killed group": "import os; os.killpg(os.getpgid(0), 9)",
    "stopped itself": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "a gigabyte printed": "[print('x' * 1000000) for _ in range(1000)]",
    "huge array": "return np.zeros((5000, 5000))",
    "huge view": "return np.broadcast_to(np.zeros(1), (10**9, 10**9))",
    "object array": "return np.array([object()])",
    "noise": "import os, contextlib\n        for n in range(3, 64):\n            with contextlib.suppress(OSError):\n"
    "                os.write(n, b'x' * 100000)",
    "forks": "import os\n        for _ in range(1000): os.fork()",
    "threads": "import threading, time\n        for _ in range(500):\n"
    "            threading.Thread(target=time.sleep, args=(60,)).start()",
    "files": "[open(f'hostile{n}.txt', 'w').write('x' * 10**6) for n in range(100)]",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "sleeps": "import time; time.sleep(3600)",
}
AT_IMPORT = {
    "loop at import": "while True: pass",
    "killed parent at import": "import os; os.kill(os.getppid(), 9)",
    "killed judge": f"import os; {PARENTS}; os.kill(parents(os.getppid()), 9)",
    "patched numpy": "np.allclose = np.array_equal = lambda *a, **k: True; np.asarray = None",
    "exit handler": "import atexit; atexit.register(print, 'bye')",
    "memory at import": "hog = 'x' * (1 << 40)",
    "no end of input": "input()",
}
GOOD = {"a good": REFERENCE, "m wrong": WRONG[0], "n wrong": WRONG[1], "z good": REFERENCE + "# z\n"}
LIMITS = "\n[limits]\ncpu_seconds = 0.3\nwall_seconds = 2.0\nmemory_bytes = 536870912\n"


def sources() -> dict[str, str]:
    """All hostile files by name."""
    found = {name: REFERENCE.replace(FORWARD, f"        {code}\n{FORWARD}") for name, code in IN_A_CALL.items()}
    return {**found, **{name: f"{REFERENCE}\n{code}\n" for name, code in AT_IMPORT.items()}}


def graded(course: Path, root: Path, submissions: dict[str, str], jobs: int) -> dict[str, float]:
    """Points by name; a grader fault of a hostile one (exit status 3) is told, but does not matter here."""
    root.mkdir()
    folder = make_class(root / "class", {f"s{n:02d}": text for n, text in enumerate(submissions.values())})
    with nothing_left():
        process = start(course, "grade", folder, "--out", root / "out", "--jobs", str(jobs))
        printed, said = process.communicate(timeout=900)
    assert process.returncode in (0, 3), (process.returncode, printed, said)
    assert "Traceback" not in printed + said
    found = points(root / "out")
    return {name: found[f"s{n:02d}"] for n, name in enumerate(submissions)}


def campaign(root: Path, times: int, names: tuple[str, ...] = ()) -> int:
    """So many gradings of good and hostile ones in turn; how many points of good ones were not right."""
    course = make_course(root / "course")
    with (course / "exercises" / "course.toml").open("a") as file:
        file.write(LIMITS)
    expected = graded(course, root / "alone", GOOD, 1)
    assert expected["a good"] == 25 > expected["m wrong"] > 0, expected
    hostile = {name: text for name, text in sources().items() if not names or name in names}
    wrong = 0
    for number in range(times):
        mixed: dict[str, str] = {}
        for place, (name, text) in enumerate(hostile.items()):
            good = list(GOOD)[place % len(GOOD)]
            mixed[f"{good} {place}"] = f"{GOOD[good]}# {number} {place}\n"
            mixed[name] = f"{text}# {number}\n"
        found = graded(course, root / f"mixed{number}", mixed, jobs=1 + number % 2)
        off = [name for name in mixed if name not in hostile and found[name] != expected[name.rpartition(" ")[0]]]
        wrong += len(off)
        print(f"{number + 1:4d} of {times}: {len(mixed)} submissions, {f'WRONG: {off}' if off else 'good ones right'}")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = campaign(Path(folder), options.times)
    print(f"{options.times} times {len(sources())} hostile submissions, {wrong} good scores changed")
    sys.exit(bool(wrong))
