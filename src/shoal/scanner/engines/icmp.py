"""The ping engine: sweeps addresses with ICMP echo, one socket for all of IPv4 and one for all of IPv6.

The one rule: an address is down only when at least two requests (fewer only if the caller asked for fewer) stayed
unanswered, the last of them for `BLIND_TIMEOUT`, and a look into the socket *after* that moment found nothing. Nothing
is known of a host before it answers, so the near ones' round trips shorten only the time to the next try, never the
wait for the last. A late answer to any earlier try counts; so does an ICMP error that the address sent by itself.

An ICMP error from a router settles nothing at once, for it may be passing (a neighbour not yet resolved): it becomes
the reason if no answer comes. What makes it fast: a few requests, then everything that has come is read, so that a
near network cannot overflow the receive buffer; no timer or object of its own per address.
"""

from __future__ import annotations

import errno
from time import monotonic

from shoal.scanner.engines.echo_lines import Lines, Waiter, is_refusal
from shoal.scanner.engines.echo_pace import Pace
from shoal.scanner.engines.echo_socket import SPACE, EchoSocket, NoEcho, not_permitted, open_for
from shoal.scanner.engines.rounds import Rounds, sent_at
from shoal.scanner.probes import Batch
from shoal.scanner.result import DOWN, UP, HostResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shoal.scanner.engines.rounds import Probe
    from shoal.scanner.probes import Block, Job
    from shoal.scanner.reason import IcmpError

__all__ = ["IcmpEngine", "not_permitted"]

BURST = 8
"""Requests between two looks into the socket. A near reply waits for the next look: the median round trip on loopback
is measured as 26 us, against 93 us with 32 requests; the sweep of a /16 takes 2 % longer."""

READ_AT_ONCE = 32
"""Packets read with one look at the clock; one that comes meanwhile seems to have come up to 50 us earlier."""

READS = 1_024
"""Reads in a row; with `READ_AT_ONCE` more packets than a receive buffer holds, so a flood cannot stop the clock."""

LOOK_EVERY = 0.010
"""Seconds between two looks at the deadlines while there is something to send."""

BATCH = 512
"""Results after which the caller is told, even if there is more to send."""

PRESSURE = frozenset((errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM))
"""This machine is short of something: the request was not sent, and is sent later."""

SENDS = 3
"""Times a failed send is made again: it may fail in the name of an earlier request, whose ICMP error is read first."""

ECHO_REPLY = "echo-reply"


class IcmpEngine:
    """Pings every address of a job; `run` yields batches of `HostResult`, one for each address.

    `sockets` are what `open_echo` gives (None: opened here, for the IP versions of the job); the addresses of a
    version without a socket end in state "error". `wait(seconds)` returns when something has come, or later.
    """

    def __init__(
        self,
        job: Job,
        sockets: Iterable[EchoSocket | NoEcho] | None = None,
        clock: Callable[[], float] = monotonic,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        self._lines = Lines(open_for(job.targets) if sockets is None else sockets)
        self._wait = wait or Waiter(line.fileno() for line in self._lines.open)
        self._clock = clock
        self._rounds = Rounds(job)
        self._pace = Pace(job)
        self.sent = self.settled = self.ignored = 0
        self._errors: dict[str, IcmpError] = {}
        self._results: list[HostResult] = []
        self._finished: list[Block] = []
        self._read_at = self._look_at = self._not_before = 0.0

    @property
    def in_flight(self) -> int:
        """Requests that are unanswered and whose time is not over."""
        return self._rounds.in_flight

    @property
    def limit(self) -> int:
        """How many may be in flight now."""
        return int(self._pace.window.size)

    def run(self) -> Iterator[Batch]:
        """Ping until every address is settled, or until `stop` and nothing is in flight."""
        rounds = self._rounds
        try:
            while not rounds.finished:
                sending = self._launch()
                self._collect(0.0 if sending else self._patience())
                if not sending or self._read_at >= self._look_at:
                    self._look_at = self._read_at + LOOK_EVERY
                    self._expire()
                if self._results and (len(self._results) >= BATCH or not sending):
                    yield self._batch()
            if self._results or self._finished:
                yield self._batch()
        finally:
            self._lines.close()

    def stop(self) -> None:
        """Send nothing more; what is in flight is still taken in, the rest stays unsettled."""
        self._rounds.stopped = True

    def _batch(self) -> Batch:
        results, finished, self._results, self._finished = self._results, self._finished, [], []
        return Batch(results, finished)

    def _patience(self) -> float:
        """Seconds until something is due."""
        now, rounds = self._clock(), self._rounds
        moments = [self._not_before] if self._not_before > now else []
        if rounds.young.tries:
            moments.append(rounds.young.since + self._pace.wait_young)
        if rounds.old.tries:
            moments.append(rounds.old.since + self._pace.wait_old)
        return max(0.0, min(moments, default=now) - now)

    # Sending

    def _launch(self) -> bool:
        """Send up to a burst of requests; whether there may be more to send at once."""
        rounds = self._rounds
        room = self._pace.room(rounds.young.tries, rounds.old.tries)
        if room <= 0 or rounds.stopped or (self._not_before and self._not_before > self._clock()):
            return False
        return self._send(rounds.take(min(BURST, room)))

    def _send(self, probes: list[Probe]) -> bool:
        """Send these requests; whether there were any."""
        young, clock, ways = self._rounds.young.tries, self._clock, self._lines.ways(0)
        number = 0
        for place, probe in enumerate(probes):
            address = probe[0]
            if probe[2] != number:
                number = probe[2]
                ways = self._lines.ways(number)
            send, request = ways[":" in address]
            now = clock()
            try:
                send(request, (address, 0))
            except OSError as problem:
                if not self._send_again(probe, problem.errno or 0, now):
                    self._rounds.give_back(probes[place:])
                    break
            else:
                young[address] = now, probe
                self.sent += 1
        return bool(probes)

    def _send_again(self, probe: Probe, problem: int, now: float) -> bool:
        """A send failed, perhaps in the name of an earlier request; False if this machine is short of something."""
        address = probe[0]
        line = self._lines.of(address)
        for _ in range(SENDS):
            if problem in PRESSURE or not self._take_errors(line):
                break
            now = self._clock()
            try:
                line.send(line.echo.request_of(probe[2]), (address, 0))
            except OSError as again:
                problem = again.errno or 0
            else:
                self._rounds.young.tries[address] = now, probe
                self.sent += 1
                return True
        return self._not_sent(probe, problem, now)

    def _not_sent(self, probe: Probe, problem: int, now: float) -> bool:
        """A shortage of this machine: slow down and ask again, unless it lasts; anything else settles the address."""
        pause = self._pace.pressed(problem == errno.EAGAIN, self.sent, now) if problem in PRESSURE else None
        if pause:
            self._not_before = now + pause
            return False
        self._settle(probe, HostResult(probe[0], *self._lines.why_unsent(probe[0], problem)))
        return True

    # Answers

    def _collect(self, seconds: float) -> None:
        """Wait up to `seconds`, then read everything that has come by then."""
        if seconds:
            self._wait(seconds)
        began = self._clock()
        for line in self._lines.open:
            for _ in range(READS):
                if self._read(line):
                    break
        self._read_at = began

    def _read(self, line: EchoSocket) -> bool:
        """Read some packets; whether there are no more."""
        now, receive, empty = self._clock(), line.receive, False
        packets: list[tuple[bytes, tuple[str]]] = []
        try:
            for _ in range(READ_AT_ONCE):
                packets.append(receive(SPACE))
        except BlockingIOError:
            empty = True
        except OSError:
            self._take_errors(line)
        self._hear(line, packets, now)
        return empty

    def _hear(self, line: EchoSocket, packets: list[tuple[bytes, tuple[str]]], now: float) -> None:
        """Settle the addresses that answered; answers to first tries, nearly all, are dealt with here."""
        young, results, expected = self._rounds.young.tries, self._results, line.echo.answer
        answered, slowest = 0, 0.0
        for packet, source in packets:
            address = source[0]
            tried = young.get(address)
            if tried and not tried[1][2] and packet.endswith(expected):
                del young[address]
                rtt = now - tried[0]
                answered += 1
                if rtt > slowest:  # noqa: PLR1730 - a call costs as much as all the rest of this branch
                    slowest = rtt
                results.append(HostResult(address, UP, ECHO_REPLY, rtt))
                block = tried[1][1]
                block.left -= 1
                if not block.left:
                    self._close_block(block)
            else:
                self._answer(address, line.echo.attempt(packet), ECHO_REPLY, now)
        if answered:
            self.settled += answered
            self._pace.first_answers(answered, slowest)

    def _answer(self, address: str, attempt: int | None, reason: str, now: float, source: str | None = None) -> None:
        """Any answer but one to the first try while it is young: late, to a retry, repeated, or not for us."""
        place = self._rounds.find(address)
        asked_at = sent_at(place[1], attempt) if place and attempt is not None else None
        if place is None or asked_at is None or attempt is None:
            self.ignored += 1
            return
        lane, tried = place
        del lane.tries[address]
        self._pace.answer(attempt, asked_at, now)
        self._settle(tried[1], HostResult(address, UP, reason, now - asked_at, source))

    def _take_errors(self, line: EchoSocket | NoEcho) -> bool:
        """Read the ICMP errors that have come; whether there were any."""
        found, now = False, self._clock()
        for address, request, error in line.errors():
            found = True
            attempt = line.echo.quoted(request)
            if error is None or attempt is None or not self._rounds.find(address):
                self.ignored += 1
            elif is_refusal(error, address):
                self._answer(address, attempt, error.reason, now, error.source)
            else:
                self._errors[address] = error
        return found

    def _expire(self) -> None:
        """Ask again, or give up, what had waited long enough when the sockets were last found empty."""
        rounds, moment = self._rounds, self._read_at
        late = rounds.young.expired(self._pace.wait_young, moment)
        over = rounds.old.expired(self._pace.wait_old, moment)
        if not (late or over):
            return
        wanted = self._pace.tries
        if late:
            self._pace.silence(moment)
        for tried in late:
            lane = rounds.parked if tried[1][2] + 1 < wanted else rounds.old
            lane.tries[tried[1][0]] = tried
        for tried in over:
            if tried[1][2] + 1 < wanted:  # more loss was seen meanwhile
                rounds.parked.tries[tried[1][0]] = tried
                continue
            address = tried[1][0]
            error = self._errors.get(address)
            reason, source = (error.reason, error.source) if error else ("no-response", None)
            self._settle(tried[1], HostResult(address, DOWN, reason, None, source))

    def _settle(self, probe: Probe, result: HostResult) -> None:
        block = probe[1]
        self._results.append(result)
        self._errors.pop(probe[0], None)
        self.settled += 1
        block.left -= 1
        if not block.left:
            self._close_block(block)

    def _close_block(self, block: Block) -> None:
        self._finished.append(block)
        self._rounds.closed()
