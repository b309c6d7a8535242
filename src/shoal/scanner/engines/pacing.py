"""How fast the TCP engine goes: what is learned from answers and silence, and who is due when.

The one rule: nothing here sends, waits or asks the time; it is told what happened and when, in seconds. Every address
is judged by its own round trips and window; loss is judged over all of them until one has answered often enough.
"""

from __future__ import annotations

from shoal.pace.timing import SAMPLE_ENOUGH, Loss, Window
from shoal.scanner.engines.peers import FOREVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from heapq import heappop, heappush

    from shoal.scanner.engines.peers import Peer
else:
    from _heapq import heappop, heappush

LAST_WAIT = 1.5
"""A delay that came up meanwhile must not cost an open port. RFC 6298 (5.5) doubles, for a sender whose silence may be
congestion; a host behind a dropping firewall would be waited for half a time-out longer."""

PRESSURE_PAUSE = 0.010
PRESSURE_PATIENCE = 5.0
"""Seconds without progress for want of a port or buffer before probes are reported as an error of this machine."""


class Pacing:
    """The pace over all peers. `tries` is how often one probe is sent at most (None: from the measured loss)."""

    def __init__(self, ceiling: float, tries: int | None = None) -> None:
        self.window = Window(ceiling)
        self.loss = Loss()
        self.not_before = 0.0
        """Nothing is sent until this moment: the machine is short of something."""
        self._tries = tries
        self._deadlines: list[tuple[float, int, Peer]] = []
        self._pressed_since: float | None = None

    # Answers

    def answered(self, peer: Peer, attempt: int, rtt: float, sent_at: float, now: float) -> None:
        """Try number `attempt` of a probe was answered: what that says of round trip, loss and windows."""
        self._pressed_since = None
        unknown = peer.timeout.srtt is None
        peer.timeout.sample(rtt)
        if unknown and peer.sent:
            self.watch(peer, peer.sent[0][1] + peer.timeout.seconds)  # what was sent blindly is due earlier now
        for loss, window in (peer.loss, peer.window), (self.loss, self.window):
            loss.answered(attempt)
            if not attempt:
                window.answered()
            elif loss.congested:
                window.lost(sent_at, now)

    def answered_at_once(self, count: int) -> None:
        """So many first tries were answered inside connect(): the path is clear and there is nothing to measure."""
        self._pressed_since = None
        self.loss.first += count
        self.window.answered(count)

    # Silence

    def silent(self, peer: Peer, now: float) -> None:
        """A try of this peer stayed silent."""
        if not self.loss.seen:
            self.window.silent(now, peer.timeout.seconds)
            peer.window.silent(now, peer.timeout.seconds)

    def tries(self, peer: Peer) -> int:
        """How often a probe of this peer is sent before silence is believed."""
        known = peer.loss.first + peer.loss.retried >= SAMPLE_ENOUGH
        return self._tries or (peer.loss if known else self.loss).tries()

    def deadline(self, peer: Peer, sent_at: float, last: bool) -> float:
        """When a try is over; the last one gets half as much again, if the peer has ever answered."""
        timeout = peer.timeout
        return sent_at + timeout.seconds * (LAST_WAIT if last and timeout.srtt is not None else 1)

    # Who is due

    def watch(self, peer: Peer, moment: float) -> None:
        """Look at this peer's oldest probe at that moment, unless it is looked at earlier anyway."""
        if moment < peer.due:
            peer.due = moment
            heappush(self._deadlines, (moment, id(peer), peer))

    def due(self, moment: float) -> Iterator[Peer]:
        """The peers to look at by this moment; whoever still waits for one must `watch` it again."""
        deadlines = self._deadlines
        while deadlines and deadlines[0][0] <= moment:
            due, _, peer = heappop(deadlines)
            if due == peer.due:
                peer.due = FOREVER
                yield peer

    def patience(self, now: float) -> float:
        """Seconds until somebody is due or sending may go on."""
        due = self._deadlines[0][0] if self._deadlines else now + PRESSURE_PAUSE
        if self.not_before > now:
            due = min(due, self.not_before)
        return max(0.0, due - now)

    # Pressure

    def pressed(self, now: float) -> bool:
        """This machine is short of something: slow down; False when that has lasted too long without progress."""
        self._pressed_since = self._pressed_since or now
        if now - self._pressed_since > PRESSURE_PATIENCE:
            return False
        self.window.cut()
        self.not_before = now + PRESSURE_PAUSE
        return True
