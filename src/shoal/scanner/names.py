"""Names to addresses: many at a time, each answer or failure kept as a value.

The one rule: a lookup never raises for what the name server did. It yields the addresses, or a reason that tells a
name which does not exist from a server that failed or kept silent, because the user has to do different things.
"""

from __future__ import annotations

import _socket
import _thread
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Resolve = Callable[[str], Sequence[str]]

AT_ONCE = 16
"""Lookups in flight: enough to hide a slow server, few enough not to trip its rate limit."""

SILENCE = 3.0
"""Seconds after which EAI_AGAIN means that no server answered (resolv.conf(5): 5 s a try, 2 tries); it is the same
code that a server's own failure (SERVFAIL) has, which comes at once."""

REASONS = {
    getattr(_socket, code): reason
    for code, reason in (
        ("EAI_NONAME", "name-not-found"),
        ("EAI_NODATA", "name-without-address"),
        ("EAI_ADDRFAMILY", "name-without-address"),
        ("EAI_AGAIN", "name-server-failed"),
        ("EAI_FAIL", "name-server-failed"),
    )
    if hasattr(_socket, code)
}


class Answer:
    """What became of one name: its addresses in the resolver's order, or, when there are none, the reason."""

    __slots__ = ("addresses", "reason")

    def __init__(self, addresses: Iterable[str] = (), reason: str = "") -> None:
        self.addresses = list(dict.fromkeys(addresses))
        self.reason = reason or ("" if self.addresses else "name-without-address")


def resolve(host: str) -> list[str]:
    """The addresses of an ASCII host name by getaddrinfo(3), zones included. Raises OSError.

    Bytes are passed on because a string would load the IDNA codec (6 ms).
    """
    found = _socket.getaddrinfo(host.encode("ascii"), None, 0, _socket.SOCK_STREAM)
    return [_address(entry[4]) for entry in found]


def resolve_all(
    hosts: Iterable[str], resolve: Resolve = resolve, clock: Callable[[], float] = monotonic
) -> dict[str, Answer]:
    """The answer for each host, looked up by at most AT_ONCE threads.

    Threads even for a single name: the main thread waits on a lock, which Ctrl-C interrupts, while a call of
    getaddrinfo(3) that waits for a dead server holds it for ten seconds. Whatever else than OSError `resolve` raises
    is raised here.
    """
    waiting = list(dict.fromkeys(hosts))[::-1]
    answers: dict[str, Answer] = {}
    faults: list[BaseException] = []

    def work(ended: _thread.LockType) -> None:
        try:
            while not faults and (host := _taken(waiting)):
                answers[host] = _answer(host, resolve, clock)
        except BaseException as fault:
            faults.append(fault)
        finally:
            ended.release()

    _run_threads(work, min(AT_ONCE, len(waiting)))
    if faults:
        raise faults[0]
    return answers


def _taken(waiting: list[str]) -> str | None:
    """The next of the waiting, None when another thread took the last one."""
    try:
        return waiting.pop()
    except IndexError:
        return None


def _run_threads(work: Callable[[_thread.LockType], None], count: int) -> None:
    """Run `work` in so many threads and wait until each has released the lock it was given."""
    locks = []
    for _ in range(count):
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(work, (lock,))
        locks.append(lock)
    for lock in locks:
        lock.acquire()


def _answer(host: str, resolve: Resolve, clock: Callable[[], float]) -> Answer:
    started = clock()
    try:
        return Answer(resolve(host))
    except OSError as problem:
        return Answer(reason=_reason(problem, clock() - started))


def _reason(problem: OSError, waited: float) -> str:
    if not isinstance(problem, _socket.gaierror):
        return "name-timeout" if isinstance(problem, TimeoutError) else "name-lookup-failed"
    if problem.errno == _socket.EAI_AGAIN and waited >= SILENCE:
        return "name-timeout"
    return REASONS.get(problem.errno or 0, "name-lookup-failed")


def _address(peer: tuple[object, ...]) -> str:
    """The text of a socket address, with its scope id as the zone where it has one."""
    address = str(peer[0])
    scope = peer[3] if len(peer) == 4 else 0
    return f"{address}%{scope}" if scope and "%" not in address else address
