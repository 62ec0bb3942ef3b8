"""A time limit for code that runs in this very process: an endless loop is ended by an exception, the process lives.

In the main thread (where the system has its signals) an alarm looks at the clock; elsewhere a thread does. Code that
catches everything is ended all the same, because from then on every line of it raises.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any

TICK = 0.1


class TimeUp(BaseException):
    """The time is up. No Exception, so that `except Exception` does not stop it."""


class TimeLimit:
    """`with TimeLimit(2.0, 15.0) as limit:` raises TimeUp in the body after 2 s of computing or 15 s in all.

    Ctrl-C (the kernel's interrupt) raises KeyboardInterrupt and is remembered in `interrupted`, since the code that
    runs may catch it.
    """

    def __init__(self, cpu_seconds: float, wall_seconds: float) -> None:
        self.cpu_seconds, self.wall_seconds = cpu_seconds, wall_seconds
        self.expired = self.interrupted = False
        self._armed = False
        self._thread = threading.get_ident()
        self._signals = hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()
        self._stopped = threading.Event()
        self._before: dict[int, Any] = {}
        self._outer: FrameType | None = None
        self._traced: Any = None

    def __enter__(self) -> TimeLimit:
        self._outer = sys._getframe(1)
        self._traced = sys.gettrace()
        self._cpu, self._wall, self._armed = time.thread_time(), time.monotonic(), True
        if self._signals:
            self._before = {signal.SIGALRM: signal.signal(signal.SIGALRM, self._alarm)}
            self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._interrupt)
            signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
        else:
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._armed = False
        sys.settrace(self._traced)
        if self._signals:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in self._before.items():
                signal.signal(number, handler)
        else:
            self._stopped.set()

    def _alarm(self, number: int, frame: FrameType | None) -> None:
        if self._armed and (self.interrupted or self._is_over(time.thread_time() - self._cpu)):
            self._raise_everywhere(frame)
            raise TimeUp

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        if self._armed:
            raise KeyboardInterrupt

    def _is_over(self, cpu: float) -> bool:
        over = cpu > self.cpu_seconds or time.monotonic() - self._wall > self.wall_seconds
        self.expired |= over
        return over

    def _raise_everywhere(self, frame: FrameType | None) -> None:
        """Let every further line of the running code raise."""
        sys.settrace(self._line)
        while frame is not None and frame is not self._outer:
            frame.f_trace = self._line
            frame = frame.f_back

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if self._armed and event == "line" and not frame.f_code.co_filename.startswith(_OURS):
            raise TimeUp
        return self._line

    def _watch(self) -> None:
        """Without signals: the wall clock alone, and an exception that Python delivers between two instructions."""
        while not self._stopped.wait(TICK):
            if self._armed and self._is_over(0.0 if self.wall_seconds else self.cpu_seconds + 1):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(TimeUp))


_OURS = __file__.rpartition("notebooks")[0]  # this package's own lines are not the student's
