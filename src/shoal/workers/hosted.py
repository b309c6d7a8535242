"""A worker of a crew on a cluster, in a process of its own that a member of the cluster has started.

The one rule: it does what its first message names, and ends with its line. Run as `python -m shoal.workers.hosted FD`.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

from shoal.workers.line import Line, frames_in

_PIECE = 1 << 16


class Json:
    """How messages and jobs travel when they are plain JSON values."""

    @staticmethod
    def write(message: Any) -> bytes:
        """As bytes. Raises TypeError for what is no JSON value."""
        return json.dumps(message, separators=(",", ":")).encode()

    @staticmethod
    def read(data: bytes | memoryview) -> Any:
        """The message."""
        return json.loads(bytes(data))

    write_job, read_job = write, read


def named(name: str) -> Any:
    """What `module:name` means."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def name_of(thing: Any) -> str:
    """`module:name` of a function or class."""
    return f"{thing.__module__}:{thing.__qualname__}"


def _first_two(end: socket.socket) -> tuple[bytes, bytes]:
    """What to do, and the job: all that is sent before the worker speaks."""
    have, found = bytearray(), list[bytes]()
    while len(found) < 2:
        piece = end.recv(_PIECE)
        if not piece:
            sys.exit(1)  # whoever has begun this is gone
        have += piece
        found.extend(frames_in(have))
    return found[0], found[1]


def main() -> None:
    """Do the job at the other end of the line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end = socket.socket(fileno=int(sys.argv[1]))
    head, job = _first_two(end)
    about = json.loads(head)
    words = named(about["words"])
    line = Line(end, words.write, words.read)
    named(about["work"])(words.read_job(job), line)
    line.close()


if __name__ == "__main__":
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, "")
    main()
