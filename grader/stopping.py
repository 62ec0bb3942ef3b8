"""Ctrl-C and SIGTERM as one exception, which never comes between a result and its being kept."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_depth = 0  # of `shielded` blocks
_pending = 0  # the signal that came in one


class Stopped(BaseException):
    """Somebody wants the program to end; `status` is the exit status that says so (130, 143).

    `kept` can be set on the way out: what is told of the work that was done.
    """

    kept = "finished work is kept, and the same command goes on with the rest"

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number


def _stop(number: int, frame: FrameType | None) -> None:
    global _pending
    if _depth:
        _pending = number
    else:
        raise Stopped(number)


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Here both signals raise Stopped in the main thread; one that is ignored (as under nohup) stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """What is begun here is finished: a signal waits for the end of the block. Not for anything long."""
    global _depth, _pending
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
        if _pending and not _depth:
            number, _pending = _pending, 0
            raise Stopped(number)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """A process started here inherits the signals blocked, until it has said what it does with them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_to_parent() -> None:
    """In a process of ours: Ctrl-C is the parent's business, SIGTERM ends at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
