"""Members started here and kept alive: a scheduler, if this is where the cluster begins, and workers.

The one rule: a member that ends without being told to is started again, after a pause that grows; nobody outlives us.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from shoal.cluster.member import Member
from shoal.errors import MachineError

BEGIN_SECONDS = 30.0
PAUSES = (0.2, 1.0, 5.0, 10.0)
"""Seconds before a member is started again; the last holds for all further times."""
STEADY_SECONDS = 60.0
"""A member that has lived so long begins with the first pause again."""
FAREWELL_SECONDS = 5.0


@dataclass
class _Place:
    """One member's place: what stands there, since when, how often it has fallen, when the next is due."""

    member: Member
    process: subprocess.Popen[str] | None = None
    since: float = 0.0
    falls: int = 0
    due: float = 0.0


class Crew:
    """Use with `with`. `told` hears sentences about members that come and go."""

    def __init__(self, told: Callable[[str], None] = lambda _: None) -> None:
        self._told = told
        self._places: list[_Place] = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, member: Member) -> str:
        """Start a member and wait until it stands; returns its address. Raises MachineError if it does not."""
        place = _Place(member)
        self._places.append(place)
        address = self._start(place, time.monotonic())
        if not address:
            raise MachineError(f"the {member.role} did not start; its own words are above")
        # It comes back where it was: others know it by that address.
        if member.role == "scheduler":
            place.member = replace(member, port=int(address.rpartition(":")[2]))
        return address

    def processes(self) -> Iterator[tuple[Member, int]]:
        """The members that stand, with their process ids."""
        for place in self._places:
            if place.process is not None and place.process.poll() is None:
                yield place.member, place.process.pid

    def tend(self, now: float) -> None:
        """Look after the members; be called several times a second."""
        for place in self._places:
            if place.process is None:
                if now >= place.due and not self._start(place, now):
                    self._fell(place, now, "it did not start")
            elif place.process.poll() is not None:
                code = place.process.returncode
                self._forget(place)
                self._fell(place, now, f"exit status {code}" if code >= 0 else f"signal {-code}")

    def close(self) -> None:
        """End all; workers first, so that they take their leave."""
        standing = [place for place in reversed(self._places) if place.process is not None]
        for place in standing:
            assert place.process is not None and place.process.stdin is not None
            place.process.stdin.close()
        until = time.monotonic() + FAREWELL_SECONDS
        for place in standing:
            assert place.process is not None
            try:
                place.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                place.process.kill()
                place.process.wait()
            self._forget(place)
        self._places.clear()

    def _start(self, place: _Place, now: float) -> str:
        command: Sequence[str] = (
            sys.executable, "-m", "shoal.cluster.member", json.dumps(asdict(place.member)),
        )  # fmt: skip
        process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        place.process, place.since = process, now
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            process.kill()
            process.wait()
            self._forget(place)
        return address

    def _fell(self, place: _Place, now: float, how: str) -> None:
        if now - place.since > STEADY_SECONDS:
            place.falls = 0
        pause = PAUSES[min(place.falls, len(PAUSES) - 1)]
        place.falls += 1
        place.due = now + pause
        self._told(f"the {place.member.role} {place.member.name} is gone ({how}); it is started again in {pause:g} s")

    def _forget(self, place: _Place) -> None:
        process = place.process
        place.process = None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
