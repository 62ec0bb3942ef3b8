"""Entry point of a worker where fork is not available: one plain process, requests on standard input."""

from __future__ import annotations

import os
import sys

import msgspec


def plain() -> None:
    """Confine this process and serve; never returns."""
    from . import serve
    from .limits import Limits
    from .prepare import prepare
    from .probe import Loaded
    from .sandbox import Kit, Start
    from .wire import frame

    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    start = msgspec.json.decode(sys.argv[2], type=Start)
    reader, writer = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    taken = prepare(["numpy"], start.required)
    os.chdir("/")
    Kit(start, taken).enter(limits, start.layers)
    channel = serve.PipeChannel(reader, writer)
    channel.write(frame(Loaded(0)))  # ready
    serve.serve(channel)
