"""The far end of the practice ports: a small process that holds ports of one address open, closed or silent.

The one rule: it never outlives its parent. Its orders come on standard input, and the end of that input, like the end
of its given life, is its own end. It runs as a script and imports nothing of Shoal, so that it starts in 15 ms.

First line in: {"address": str, "kind": str, "ports": [int] or "count": int, "life": seconds}.
First line out: {"ports": [int]} when all is held, or {"problem": str, "errno": int}.
"""

from __future__ import annotations

import contextlib
import json
import resource
import select
import signal
import socket
import struct
import sys
import time

ACCEPTS_AT_ONCE = 64
RESET_ON_CLOSE = struct.pack("ii", 1, 0)

Held = list[socket.socket]


def main() -> None:
    """Take orders, hold the ports, answer until the orders or the life end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; our end is the end of our input
    orders = json.loads(sys.stdin.readline())
    held: Held = []
    try:
        _raise_descriptor_limit()
        for port in orders.get("ports") or [0] * orders["count"]:
            held.append(_bound(orders["address"], port, reuse=orders["kind"] != "closed"))
            _prepare(orders["kind"], held)
        answer: dict[str, object] = {"ports": [s.getsockname()[1] for s in held[:: _per_port(orders["kind"])]]}
    except OSError as problem:
        answer = {"problem": f"{orders['address']}: {problem.strerror}", "errno": problem.errno}
    print(json.dumps(answer), flush=True)  # noqa: T201
    if "ports" in answer:
        _serve(held if orders["kind"] in {"open", "reset"} else [], time.monotonic() + orders["life"])


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _bound(address: str, port: int, reuse: bool) -> socket.socket:
    """A bound socket; `reuse` takes ports still in TIME_WAIT, but would let others share one that does not listen."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
    try:
        s.bind((address, port))
    except OSError as problem:
        s.close()
        raise OSError(problem.errno, f"port {port}: {problem.strerror}") from problem
    return s


def _per_port(kind: str) -> int:
    """How many sockets `_prepare` leaves in the list for each port."""
    return 2 if kind == "silent" else 1


def _prepare(kind: str, held: Held) -> None:
    """Make the last socket of `held` what was asked; "closed" is a bound socket that does not listen."""
    s = held[-1]
    if kind == "silent":
        held.append(_fill(s))
    elif kind in {"open", "reset"}:
        s.listen(4096)
    if kind == "reset":  # inherited by what is accepted: the visitor gets RST instead of FIN
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)


def _fill(listener: socket.socket) -> socket.socket:
    """Take the one place of a queue of length 0: from now on Linux drops every SYN, and says nothing."""
    listener.listen(0)
    filler = socket.socket(listener.family, socket.SOCK_STREAM)
    filler.settimeout(2)
    filler.connect(listener.getsockname())
    return filler


def _serve(listeners: Held, end: float) -> None:
    """Accept and close until the end of the orders or of the life (a moment of time.monotonic)."""
    by_descriptor = {s.fileno(): s for s in listeners}
    events = select.epoll()
    events.register(sys.stdin.fileno(), select.EPOLLIN)
    for descriptor in by_descriptor:
        events.register(descriptor, select.EPOLLIN)
    while (left := end - time.monotonic()) > 0:
        for descriptor, _ in events.poll(left):
            if descriptor == sys.stdin.fileno():
                return
            _dismiss(by_descriptor[descriptor])


def _dismiss(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):  # nobody left in the queue, or the visitor went first
        for _ in range(ACCEPTS_AT_ONCE):
            listener.accept()[0].close()


if __name__ == "__main__":
    main()
