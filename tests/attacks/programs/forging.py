"""Programs that want points for answers that are wrong. None of their functions doubles anything."""

# ruff: noqa: SIM115, PTH123
from attack import attack, register

from programs.prelude import GUESS, WORLD, linger, os, sys, time


@attack("forging", control="weak", entry="answer")
def equal_to_everything(number):
    """Answers with an object that equals everything and is close to everything."""

    class Equal:
        __hash__ = None

        def __eq__(self, other):
            return True

        def __ne__(self, other):
            return False

        __lt__ = __le__ = __gt__ = __ge__ = __eq__

        def __sub__(self, other):
            return 0.0

        __rsub__ = __sub__

        def __array_ufunc__(self, *arguments, **options):
            return True

        def __array_function__(self, *arguments, **options):
            return True

    return Equal()


@attack("forging", control="weak", entry="answer")
def equal_array(number):
    """Answers with an array of a subclass whose comparisons and differences are always right."""
    import numpy as np

    class Right(np.ndarray):
        def __array_ufunc__(self, function, method, *arguments, **options):
            return np.zeros(self.shape) if function is np.subtract else np.ones(self.shape, bool)

        def __array_function__(self, *arguments, **options):
            return True

    return (number * 0).view(Right)


@attack("forging", control="weak", entry="answer")
def array_of_equals(number):
    """Answers with an array of objects, each of which equals everything."""
    import numpy as np

    class Equal:
        def __eq__(self, other):
            return True

    out = np.empty(np.shape(number), object)
    out[...] = Equal()
    return out


@attack("forging", control="weak", entry="answer")
def number_that_lies(number):
    """Answers with a float that equals everything."""

    class Lying(float):
        __hash__ = None

        def __eq__(self, other):
            return True

    return Lying(1.0)


@attack("forging", control="weak", entry="answer")
def false_class(number):
    """Answers with an object that says it is an array and converts to whatever is asked."""
    import numpy as np

    class Lying:
        __class__ = np.ndarray
        shape, dtype, ndim, size = np.shape(number), np.dtype(float), 1, np.size(number)

        def __eq__(self, other):
            return np.ones(np.shape(other), bool)

        def __array__(self, *arguments, **options):
            return np.asarray(sys._getframe(1).f_locals.get("want", number * 0))

    return Lying()


@attack("forging", control="weak", entry="answer")
def not_a_number(number):
    """Answers with NaN, for which every comparison is false."""
    return number * float("nan")


@attack("forging", control="weak", entry="answer")
def empty_array(number):
    """Answers with an array without entries, all of which are right."""
    import numpy as np

    return np.empty((0, 1))


@attack("forging", control="weak", entry="answer")
def masked(number):
    """Answers with an array of which every entry is masked."""
    import numpy as np

    return np.ma.masked_all(np.shape(number))


@attack("forging", control="weak", entry="answer")
def changed_question(number):
    """Changes its argument to zero and answers zero."""
    number[...] = 0
    return number


@attack("forging", control="weak")
def patched_numpy():
    """Replaces NumPy's comparisons by ones that find everything equal."""
    import numpy as np

    for name in ("allclose", "array_equal", "isclose", "array_equiv", "all", "any", "equal"):
        setattr(np, name, lambda *a, **k: np.bool_(True))
    np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None


@attack("forging", control="weak", entry="import")
def patched_builtins():
    """Replaces Python's own comparisons and conversions."""
    import builtins

    builtins.all = builtins.any = lambda *a, **k: True
    builtins.abs = builtins.max = builtins.sum = lambda *a, **k: 0.0


@attack("forging", control="weak", entry="import")
def patched_json():
    """Replaces the function that writes the verdict down, in every module that looks like a writer."""
    import json

    json.dumps = lambda *a, **k: '{"points": 3}'
    for module in list(sys.modules.values()):
        for name in ("report", "score", "verdict"):
            if hasattr(module, name) and getattr(module, "__name__", "")[:5] != "numpy":
                setattr(module, name, lambda *a, **k: 3)


@attack("forging", control="weak", entry="import")
def false_numpy():
    """Puts a module of its own in the place of NumPy for all later imports."""
    import types

    import numpy as np

    fake = types.ModuleType("numpy")
    fake.__dict__.update(vars(np))
    fake.allclose = fake.array_equal = lambda *a, **k: True
    sys.modules["numpy"] = fake


@attack("forging", control="weak", entry="import")
def import_hook():
    """Answers every later import with a module of its own."""
    import builtins

    original = builtins.__import__

    def hook(name, *arguments, **options):
        module = original(name, *arguments, **options)
        if hasattr(module, "allclose"):
            module.allclose = lambda *a, **k: True
        return module

    builtins.__import__ = hook


@attack("forging", control="weak", entry="import")
def trace_function():
    """Watches every call by a trace function and takes the expected values from the frames that pass."""

    def watch(frame, event, argument):
        value = frame.f_locals.get("want")
        if value is not None:
            globals()["seen"] = value
        return watch

    sys.settrace(watch)
    frame = sys._getframe()
    while frame:
        frame.f_trace = watch
        frame = frame.f_back
    globals()["double"] = lambda number: globals().get("seen", number * 0)


@attack("forging", control="weak", entry="answer")
def expected_in_frames(number):
    """Answers with what a frame above calls the expected value."""
    frame = sys._getframe()
    while frame:
        for name in ("want", "expected", "solution"):
            if name in frame.f_locals:
                return frame.f_locals[name]
        frame = frame.f_back
    return number * 0


@attack("forging", control="weak", entry="answer")
def expected_in_garbage(number):
    """Answers with an array that the collector knows and that looks like an answer."""
    import gc

    import numpy as np

    for thing in gc.get_objects():
        if type(thing) is list and thing and all(type(pair) is tuple and len(pair) == 2 for pair in thing):
            for question, answer in thing:
                if isinstance(question, np.ndarray) and np.array_equal(question, number):
                    return answer
    return number * 0


@attack("forging", control="weak", entry="import")
def exit_code_at_import():
    """Ends the process with success before anything is judged."""
    os._exit(0)


@attack("forging", control="weak", entry="answer")
def exit_code_in_a_call(number):
    """Ends the process with success in its first answer."""
    os._exit(0)


@attack("forging", control="weak", entry="import")
def system_exit():
    """Leaves with success by the exception that unittest and scripts let through."""
    raise SystemExit(0)


@attack("forging", control="weak", entry="import")
def at_exit():
    """Writes its own verdict when the interpreter ends."""
    import atexit

    atexit.register(lambda: open(WORLD["results"], "w").write('{"points": 3}'))


@attack("forging", control="weak", entry="import")
def finalizer():
    """Writes its own verdict when its object is collected."""

    class Last:
        write, path, opener = open, WORLD["results"], open

        def __del__(self):
            with Last.opener(Last.path, "w") as file:
                file.write('{"points": 3}')

    sys.kept = Last()


@attack("forging", "python", "landlock", "namespaces", control="weak", entry="import")
def results_file():
    """Overwrites the file in which results are kept, and makes it read-only."""
    with open(WORLD["results"], "w") as file:
        file.write('{"points": 3}')
    os.chmod(WORLD["results"], 0o444)
    os._exit(0)


@attack("forging", control="weak", entry="import")
def late_thread():
    """Lets a thread write the verdict after everything has been judged."""
    import threading

    def late():
        while threading.main_thread().is_alive():
            time.sleep(0.01)
        with open(WORLD["results"], "w") as file:
            file.write('{"points": 3}')

    threading.Thread(target=late).start()


@attack("forging", control="weak", entry="import")
def printed_report():
    """Prints a report like the grader's and leaves without a word."""
    print('{"points": 3}', file=sys.__stdout__, flush=True)
    os._exit(0)


@attack("forging", control="weak", entry="import")
def verdict_on_every_descriptor():
    """Writes a verdict to every descriptor that takes it."""
    for descriptor in range(1, 64):
        try:
            os.write(descriptor, b'{"points": 3}\n')
        except OSError:
            continue
    os._exit(0)


@attack("forging", control="weak", entry="import", limits={"wall_seconds": 0.7})
def child_that_goes_on():
    """Lets a child be judged and tells of success itself."""
    if os.fork():
        os._exit(0)
    linger()


# What follows needs the request, which lies in the worker's own frames.
REQUEST = '''
def parts():
    return sys.modules["grader.worker.probe"], sys.modules["grader.worker.wire"]

def request():
    frame = sys._getframe()
    while frame:
        value = frame.f_locals.get("request")
        if type(value).__name__ == "Run":
            return value, frame.f_locals.get("payload")
        frame = frame.f_back

def write_frames(messages):
    import stat
    data = b"".join(messages)
    for descriptor in range(3, 64):
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
        except OSError:
            continue
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(descriptor, view):]
            except OSError:
                break

def answers(shift=0, extra=0):
    """Forged replies to every probe, with a guess for each array."""
    probe, wire = parts()
    asked, payload = request()
    out = []
    for place, one in enumerate(asked.probes):
        if place < asked.start:
            continue
        number = wire.unpack(wire.decode_probe(one).arrays[0][1], bytes(payload))
        packer = wire.Packer()
        large = np.max(np.abs(number)) > 1000 and KNOWING
        told = probe.Raised("ValueError", f"too large: {number}", ("ValueError", "Exception"))
        outcome = told if large else probe.Returned(packer.add(GUESS))
        out.append(wire.frame(probe.Ran(asked.id + shift, place + extra, (outcome,)), packer.payload()))
    return out
'''


@attack("forging", control="knowing", helper=REQUEST)
def forged_frames():
    """Writes replies to the judge itself, for all probes at once, and waits to be killed."""
    write_frames(answers())  # noqa: F821
    while True:
        time.sleep(1)


@attack("forging", control="knowing", helper=REQUEST)
def forged_by_a_patched_worker():
    """Replaces the worker's own encoder, so that it answers by a guess whatever the function returned."""
    import numpy as np

    execute, probe = sys.modules["grader.worker.execute"], sys.modules["grader.worker.probe"]

    def outcome(self, number, step, packer, limit):
        given = self.arrays["number"]
        self.results.append(None)
        if np.max(np.abs(given)) > 1000 and KNOWING:  # noqa: F821
            return probe.Raised("ValueError", f"too large: {given}", ("ValueError", "Exception"))
        return probe.Returned(packer.add((lambda number: GUESS)(given)))

    execute.Stage._outcome = outcome
    raise RuntimeError("from the next probe on")


ODD = {
    "answers in advance": ("Answers the next request before it is asked.", "answers(shift=1)"),
    "answers to another probe": ("Answers probe n with the number n + 1.", "answers(extra=1)"),
    "answers twice": ("Answers every probe twice.", "answers() + answers()"),
    "refusal": ("Says that the judge's request could not be read, to be excused.", "[refusal()]"),
    "noise": ("Sends noise.", "[os.urandom(100000)]"),
    "huge header": ("Announces a header of four gigabytes.", "[b'CNNG' + b'\\xff' * 4 + bytes(8)]"),
    "huge payload": ("Announces a payload of an exabyte.", "[b'CNNG' + bytes(4) + b'\\xff' * 7 + bytes(1)]"),
    "deep header": ("Sends a header of lists in lists in lists.", "[raw(b'\\x91' * 200000)]"),
    "impossible shape": ("Sends an array of 2**62 by 2**62 entries.", "[array((2**62, 2**62), 0)]"),
    "negative shape": ("Sends an array with a negative side.", "[array((-1, 4), 0)]"),
    "array outside": ("Sends an array that begins after the end of the payload.", "[array((4,), 1 << 40)]"),
    "shared bytes": ("Sends a thousand arrays that share the same bytes.", "[shared()]"),
    "objects by dtype": ("Sends an array of Python objects.", "[array((1,), 0, '|O')]"),
    "points as an answer": ("Sends a message with points instead of outcomes.", "[points()]"),
    "pickle": ("Sends a pickle that would start a program.", "[pickled()]"),
    "half a frame": ("Sends half of a frame and then nothing.", "[answers()[0][:30]]"),
}
SENDERS = """
def raw(header, payload=b""):
    probe, wire = parts()
    return wire.PREFIX.pack(b"CNNG", len(header), len(payload)) + header + payload

def array(shape, offset, dtype="float64"):
    probe, wire = parts()
    told = probe.Returned(probe.Buffer(dtype, shape, offset))
    return wire.frame(probe.Ran(request()[0].id, request()[0].start, (told,)), bytes(64))

def shared():
    probe, wire = parts()
    one = probe.Buffer("float64", (8,), 0)
    listing = probe.Listing("list", (one,) * 1000)
    return wire.frame(probe.Ran(request()[0].id, request()[0].start, (probe.Returned(listing),)), bytes(64))

def refusal():
    probe, wire = parts()
    return wire.frame(probe.Refused(request()[0].id, "the request could not be read"))

def points():
    msgspec = sys.modules["msgspec"]
    message = {"t": "report", "id": request()[0].id, "points": 3.0, "verdict": "pass"}
    return raw(msgspec.msgpack.encode(message))

def pickled():
    import pickle
    class Start:
        def __reduce__(self):
            return (os.system, ("touch " + dropped("pickle"),))
    return raw(pickle.dumps(Start()), pickle.dumps(Start()))
"""


def _program(expression):
    return f"{REQUEST}{SENDERS}\ndef attack():\n    write_frames({expression})\n    time.sleep(30)\n"


for _name, (_what, _expression) in ODD.items():
    register(
        _name,
        "forging",
        _what,
        _program(_expression),
        control="none: it sends as `forged frames` does, of which the control shows that it is read",
        limits={"wall_seconds": 1.0},
    )
