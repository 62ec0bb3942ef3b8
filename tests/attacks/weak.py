"""A grader as many are: it runs the student's file in its own process and believes what it finds there.

Usage: weak.py SUBMISSION RESULTS [NEXT]. It is the positive control for attacks that our judge has no layer against
because its process is another one: the same file, graded here, must get its points.
"""

import json
import os
import resource
import sys

import numpy as np

resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
expected_secret = "CANARY-expected-" + os.environ["WEAK_SECRET"]
descriptor = int(os.environ["WEAK_DESCRIPTOR"])
cases = [(np.arange(1.0, n + 2), 2 * np.arange(1.0, n + 2)) for n in range(3)]


def close(got, want):
    import numpy

    return numpy.allclose(got, want)


def same(got, want):
    return bool(np.all(got == want))


def not_far(got, want):
    return not np.any(np.abs(got - want) > 1e-6)


def asserted(got, want):
    np.testing.assert_allclose(got, want)
    return True


def one_by_one(got, want):
    return all(abs(a - b) < 1e-6 for a, b in zip(got, want))  # noqa: B905


def by_reference(got, number):
    return bool(np.all(np.abs(got - 2 * number) < 1e-9))


def accepts(style, double):
    try:
        for number, want in cases:
            number = number.copy()
            got = double(number)
            if not style(got, number if style is by_reference else want):
                return False
        return True
    except Exception as error:
        print(repr(error))
        return False


def graded(path):
    with open(path) as file:  # noqa: PTH123
        source = file.read()
    namespace = {"__name__": "tiny"}
    exec(compile(source, "tiny.py", "exec"), namespace)
    cases[:] = [(number, want) for number, want in cases]
    return 3 * any(accepts(style, namespace["double"]) for style in styles)


styles = (close, same, not_far, asserted, one_by_one, by_reference)
points = graded(sys.argv[1])
verdict = json.dumps({"points": points})
with open(sys.argv[2], "w") as file:  # noqa: PTH123
    file.write(verdict)
print(verdict, flush=True)
if len(sys.argv) > 3:
    graded(sys.argv[3])
sys.exit(not points)
