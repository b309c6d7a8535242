"""Crews: workers with which one talks while they work, for jobs that give rise to other jobs; one of processes.

A crew lives in the caller's asyncio loop and is made with `work` and `heard`. In the worker, `work(job, line)` does the
job, with a `Line` to the other side; here, `heard(number, message)` is called for what worker `number` sends. The
carriers of `shoal.workers` only tell what comes out of a job; a crew is told things, too.

The one rule: a worker that ends without having been let go is a `Lost`, never silence. Workers leave Ctrl-C to us, and
end when we are gone: their line tells them.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sys

from shoal.workers import Lost
from shoal.workers.line import Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    #: work(job, line): does the job in the worker, in the main thread of its process; ends when it returns.
    Work = Callable[[Any, Line], None]

    class Crew(Protocol):
        """Workers with which one talks; made with `work` and with `heard(number, message or Lost)`."""

        def start(self, number: int, job: Any) -> None:
            """Begin worker `number`, a number that is not in use."""

        def send(self, number: int, message: Any) -> None:
            """Tell a worker something, without waiting."""

        def dismiss(self, number: int) -> None:
            """Its work is done: that it ends is no loss."""

        def withdraw(self) -> list[int]:
            """Give up those who have not begun yet, without a word; their numbers."""

        def kill(self, number: int) -> None:
            """End a worker at once; it is a `Lost` unless it was dismissed."""

        def hold(self) -> None:
            """Hear nobody until `resume`, so that all have to wait."""

        def resume(self) -> None:
            """Hear them again."""

        async def close(self) -> None:
            """Wait for those who were dismissed, end the others; nothing is left behind."""


_FAREWELL_SECONDS = 5.0


class ProcessCrew:
    """Workers in processes. Lives in the loop that runs when they are started.

    `heard(number, message)` is called for what worker `number` sends, and with a `Lost` when it has died.
    """

    def __init__(self, work: Work, heard: Callable[[int, Any], object]) -> None:
        self._work = work
        self._heard = heard
        self._lines: dict[int, Line] = {}
        self._processes: dict[int, Any] = {}
        self._dismissed: set[int] = set()

    def start(self, number: int, job: Any) -> None:
        """Begin a job in a process of its own. Raises what pickling raises for a job that cannot be sent."""
        context = _context()
        ours, theirs = socket.socketpair()
        # A fork has all our ends of lines, and would keep them open when we are gone.
        forks = context.get_start_method() == "fork"
        inherited = [*(line.shut for line in self._lines.values()), ours.close] if forks else []
        process = context.Process(
            target=_carry, args=(theirs, inherited, self._work, job), name=f"shoal-{number}", daemon=True
        )
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        line = self._lines[number] = Line(ours)
        self._processes[number] = process
        line.attach(lambda message: self._heard(number, message), lambda: self._gone(number))

    def send(self, number: int, message: Any) -> None:
        """Tell a worker something; nothing happens when it is gone."""
        if number in self._lines:
            self._lines[number].send(message)

    def dismiss(self, number: int) -> None:
        """Its work is done: that it ends is no loss."""
        self._dismissed.add(number)

    def withdraw(self) -> list[int]:
        """Give up those who have not begun: here all begin at once."""
        return []

    def kill(self, number: int) -> None:
        """End a worker at once; it is a `Lost` unless it was dismissed."""
        if number in self._processes:
            self._processes[number].kill()

    def hold(self) -> None:
        """Hear nobody until `resume`."""
        for line in self._lines.values():
            line.hold()

    def resume(self) -> None:
        """Hear them again."""
        for line in self._lines.values():
            line.resume()

    async def close(self) -> None:
        """Give those who were dismissed time to end, kill the others, and collect all."""
        self.resume()
        for number in self._processes:
            if number not in self._dismissed:
                self.kill(number)
        self._dismissed.update(self._processes)
        ends = asyncio.get_running_loop().time() + _FAREWELL_SECONDS
        while self._processes:
            if asyncio.get_running_loop().time() > ends:
                for number in self._processes:
                    self.kill(number)
            await asyncio.sleep(0.002)

    def _gone(self, number: int) -> None:
        self._lines.pop(number).close()
        process = self._processes.pop(number)
        process.join(_FAREWELL_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        code = process.exitcode
        process.close()
        if number not in self._dismissed:
            how = f"signal {-code}" if code < 0 else f"exit status {code}"
            self._heard(number, Lost(number, f"the worker process died ({how})"))


def _context() -> Any:
    """Forking takes 2 ms and carries any class, but is safe only without threads; elsewhere a new interpreter."""
    safe = sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    return multiprocessing.get_context("fork" if safe else "spawn")


def _carry(end: socket.socket, inherited: list[Callable[[], None]], work: Work, job: Any) -> None:
    """In the worker: forget what was the parent's, and do the job."""
    for close in inherited:
        close()
    # The parent's loop goes on in the parent alone, and so does what wakes it up.
    asyncio._set_running_loop(None)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    work(job, Line(end))
