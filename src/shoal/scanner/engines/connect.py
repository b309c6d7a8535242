"""The TCP engine: finds the state of ports with connect(), without privileges, in one loop.

The one rule: a probe ends only on evidence. An answer ends it; silence ends it only after a poll made *after* its
deadline found nothing, and after as many tries as the measured loss asks for; a shortage of this machine never ends
it. Each retry takes a fresh socket, hence a fresh source port: a peer that still remembers the old one stays silent.

What makes it fast (measured, 65,535 ports of a near host): a refused socket is connected again instead of being
replaced (two system calls a port), and connect() is asked twice at once because a near peer has answered inside the
first call. What makes such a refusal true: the kernel reports a firewall's ICMP port-unreachable as a refusal too, so
64 refusals wait for one epoll call that would show the ICMP error behind any of them.
"""

from __future__ import annotations

import errno
from time import monotonic

from shoal.scanner.engines.outcome import Outcome
from shoal.scanner.engines.pacing import Pacing
from shoal.scanner.engines.poller import TROUBLED, best_poller
from shoal.scanner.engines.slots import Slots
from shoal.scanner.engines.sockets import connected_to_ourselves, open_stream, read_error_queue, stream_limit
from shoal.scanner.engines.supply import Supply
from shoal.scanner.reason import (
    ANSWERED,
    CONNECTED,
    PENDING,
    PRESSURE,
    SELF_CONNECTED,
    SILENT,
    after_sending,
    before_sending,
)
from shoal.scanner.result import FILTERED, PortResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable, Iterable, Iterator

    from shoal.scanner.engines.peers import Peer, Probe, Slot
    from shoal.scanner.engines.poller import Poller
    from shoal.scanner.probes import Batch, Job
    from shoal.scanner.reason import IcmpError

BURST = 64
"""Probes between two polls: few enough that answers are read promptly, many enough that a poll costs little."""

FIRST_BURST = 16
"""At the start: every probe of the first burst needs a new socket (15 us), and a small job needs few."""

IN_PROGRESS = errno.EINPROGRESS
IS_REFUSED = errno.ECONNREFUSED


class ConnectEngine:
    """Probes every (address, port) of a job; `run` yields batches of `PortResult`.

    `sockets` bounds how many sockets it may own (None: what the process may have). Raises `MachineError` when not
    even one socket can be had.
    """

    def __init__(
        self,
        job: Job,
        sockets: int | None = None,
        poller: Poller | None = None,
        clock: Callable[[], float] = monotonic,
        open_stream: Callable[[int], _socket.socket] = open_stream,
    ) -> None:
        most = max(1, sockets or stream_limit())
        ceiling = float(min(job.ceiling or most, most))
        self.pacing = Pacing(ceiling, job.tries)
        self.sent = self.in_flight = 0
        self._supply = Supply(job, ceiling)
        self._outcome = Outcome(self._supply.block_finished)
        self._poller = poller or best_poller()
        self._clock = clock
        self._slots = Slots(most, self._poller, open_stream)
        self._waiting: dict[int, Slot] = {}
        self._refused: list[Slot] = []
        self._polled_at = 0.0
        self._stopping = False

    # The loop

    def run(self) -> Iterator[Batch]:
        """Probe until everything is settled, or until `stop` and nothing is in flight."""
        try:
            busy = True
            while busy:
                if self._stopping:
                    self._supply.stop()
                hurried = self._launch()
                busy = bool(hurried or self.in_flight or not self._supply.empty)
                if busy:
                    self._collect(0.0 if hurried else self.pacing.patience(self._clock()))
                    self._expire()
                if self._outcome.is_due(hurried):
                    yield self._outcome.batch()
        finally:
            self._slots.close()
            self._poller.close()

    def stop(self) -> None:
        """Send nothing more; what is in flight is still taken in, the rest stays unsettled.

        Only sets a flag, so that a signal handler or another thread may call it.
        """
        self._stopping = True

    @property
    def settled(self) -> int:
        """How many probes are done with."""
        return self._outcome.settled

    # Sending

    def _launch(self) -> bool:
        """Send up to a burst; whether the next poll must not wait (more can be sent, or refusals want it)."""
        clock, free, refused = self._clock, self._slots.free, self._refused
        burst_size = min(BURST, FIRST_BURST + self._outcome.settled // 16)
        room = min(burst_size, int(self.pacing.window.size) - self.in_flight)
        now = clock()
        if room <= 0 or self.pacing.not_before > now:
            return False
        burst = self._supply.burst(room)
        more = bool(burst)
        while burst:
            probe = burst.pop()
            peer, port, _ = probe
            if peer.in_flight >= peer.window.size:
                self._supply.hold(probe)
                continue
            idle = free[peer.family]
            slot = idle.pop() if idle else self._new_slot(probe)
            if slot is None:
                self._supply.give_back(burst)
                more = False
                break
            slot.probe = probe
            destination = (peer.host, port) if peer.scope is None else (peer.host, port, 0, peer.scope)
            slot.sent_at = now
            first = problem = slot.connect(destination)
            if problem == IN_PROGRESS:
                problem = slot.connect(destination)
            now = clock()
            if problem == IS_REFUSED:
                slot.rtt = now - slot.sent_at
                refused.append(slot)
            elif problem in PENDING:
                self._wait(slot)
            else:
                self._not_waiting(slot, first, problem)
        return more or bool(refused)

    def _new_slot(self, probe: Probe) -> Slot | None:
        """A socket for this probe; None, and the probe kept, when there is none to be had at the moment."""
        try:
            slot = self._slots.make(probe[0].family)
        except OSError as problem:
            self._unsent(probe, problem.errno or 0)
            return None
        if slot is None:
            self._supply.give_back([probe])
        return slot

    def _wait(self, slot: Slot) -> None:
        """The attempt is under way: answers come through the poller, silence through the deadline."""
        peer = slot.probe[0]
        self.sent += 1
        self.in_flight += 1
        peer.in_flight += 1
        peer.sent.append((slot, slot.sent_at))
        self._waiting[slot.descriptor] = slot
        self._poller.watch(slot.descriptor)
        self.pacing.watch(peer, slot.sent_at + peer.timeout.seconds)

    def _not_waiting(self, slot: Slot, first: int, problem: int) -> None:
        """The attempt ended inside connect(): answered on the spot, or never sent."""
        if first in PENDING or first in CONNECTED:
            self.sent += 1
            self._conclude(slot, problem, self._clock() - slot.sent_at)
            return
        self._slots.discard(slot)
        self._unsent(slot.probe, first)

    def _unsent(self, probe: Probe, problem: int) -> None:
        """Nothing left this machine: ask again if it is only short of something, else say what is wrong with it.

        A shortage that lasts, with nothing answered meanwhile, is said, too: no scan hangs for ever.
        """
        if problem in PRESSURE and self.pacing.pressed(self._clock()):
            self._supply.give_back([probe])
            return
        peer, port, _ = probe
        self._outcome.settle(peer, PortResult(peer.address, port, *before_sending(problem)))

    # Answers

    def _collect(self, seconds: float) -> None:
        """Take in what the poller knows: first whether the refusals of this burst hide an ICMP error."""
        self._polled_at = self._clock()
        events = self._poller.poll(seconds, len(self._slots) + 1)
        if self._refused:
            self._confirm(events)
        now = self._clock()
        waiting = self._waiting
        for descriptor, _ in events:
            slot = waiting.get(descriptor)
            if slot is not None:
                self._answer(slot, now)

    def _confirm(self, events: Iterable[tuple[int, int]]) -> None:
        """Settle the burst's refusals: "closed", unless the poll has shown that an ICMP error stands behind one."""
        suspects = {descriptor for descriptor, flags in events if flags & TROUBLED}
        refused, self._refused = self._refused, []
        self.sent += len(refused)
        settle, free = self._outcome.settle, self._slots.free
        at_once = 0
        for slot in refused:
            peer, port, attempt = slot.probe
            if slot.descriptor in suspects or attempt or peer.timeout.srtt is None or not self._poller.REUSES:
                self._conclude(slot, IS_REFUSED, slot.rtt)
                continue
            at_once += 1
            free[peer.family].append(slot)
            settle(peer, PortResult(peer.address, port, "closed", "conn-refused", slot.rtt))
        self.pacing.answered_at_once(at_once)

    def _answer(self, slot: Slot, now: float) -> None:
        """The poller says that this attempt has ended, or that an ICMP error has come for it."""
        peer, port, _ = slot.probe
        problem = slot.connect((peer.host, port) if peer.scope is None else (peer.host, port, 0, peer.scope))
        icmp = read_error_queue(slot.stream) if problem not in CONNECTED else None
        if problem in PENDING and icmp is None:
            return
        self._land(slot)
        self._conclude(slot, problem, now - slot.sent_at, icmp)

    def _conclude(self, slot: Slot, problem: int, rtt: float, icmp: IcmpError | None = None) -> None:
        """Settle the probe this socket carried by what became of it."""
        peer, port, attempt = slot.probe
        icmp = icmp or (None if problem in CONNECTED else read_error_queue(slot.stream))
        state, reason = (FILTERED, icmp.reason) if icmp else self._state(slot, problem)
        self.pacing.answered(peer, attempt, rtt, slot.sent_at, self._clock())
        self._outcome.settle(peer, PortResult(peer.address, port, state, reason, rtt, icmp.source if icmp else None))
        if problem == IS_REFUSED and not icmp and self._poller.REUSES:
            self._slots.free[peer.family].append(slot)
        else:
            self._slots.discard(slot)

    def _state(self, slot: Slot, problem: int) -> tuple[str, str]:
        if problem not in CONNECTED:
            return after_sending(problem)
        others = (other.stream for other in self._waiting.values())
        return SELF_CONNECTED if connected_to_ourselves(slot.stream, others) else ANSWERED

    # Silence

    def _expire(self) -> None:
        """Look at every peer that is due; the poll after its deadline has found nothing of it."""
        moment = self._polled_at
        for peer in self.pacing.due(moment):
            self._expire_peer(peer, moment)

    def _expire_peer(self, peer: Peer, moment: float) -> None:
        sent, tries = peer.sent, self.pacing.tries(peer)
        while sent:
            slot, sent_at = sent[0]
            if slot.sent_at == sent_at and slot.descriptor in self._waiting:
                deadline = self.pacing.deadline(peer, sent_at, last=slot.probe[2] + 1 >= tries)
                if deadline > moment:
                    self.pacing.watch(peer, deadline)
                    return
                self._silent(slot, tries, moment)
            sent.popleft()

    def _silent(self, slot: Slot, tries: int, now: float) -> None:
        """Its time is over: ask again with a fresh socket in a later round, or call it filtered."""
        peer, port, attempt = slot.probe
        self._land(slot)
        self._slots.discard(slot)
        self.pacing.silent(peer, now)
        if attempt + 1 >= tries:
            self._outcome.settle(peer, PortResult(peer.address, port, *SILENT))
        elif not self._stopping:
            self._supply.retry((peer, port, attempt + 1))

    # Book-keeping

    def _land(self, slot: Slot) -> None:
        """The attempt is over: the conversation no longer counts as in flight."""
        peer = slot.probe[0]
        self.in_flight -= 1
        peer.in_flight -= 1
        del self._waiting[slot.descriptor]
        self._poller.unwatch(slot.descriptor)
        if peer.held:
            self._supply.released(peer)
