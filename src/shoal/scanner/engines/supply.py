"""Which probes are sent next: given back ones first, then held ones, then fresh ones, and retries in rounds.

The one rule: a probe is in exactly one place (waiting here, in flight, or settled) until its block is complete.
Silent probes are asked again only when no fresh one may be taken, so that a retry comes a round later and is decided
with the loss measured over the whole round. Pure: opens nothing and knows no time.
"""

from __future__ import annotations

from itertools import islice

from shoal.scanner.engines.peers import Peer
from shoal.scanner.probes import blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator

    from shoal.scanner.engines.peers import Probe
    from shoal.scanner.probes import Block, Job
else:
    from _collections import deque

OPEN_BLOCKS = 3
"""Blocks under way at once: the next begins while the last silent probes of the one before are asked again."""

HELD_PROBES = 1_024
"""Probes set aside because their address has its window full, before no fresh ones are taken."""


class Supply:
    """The probes of a job that are not in flight."""

    def __init__(self, job: Job, ceiling: float) -> None:
        self._job = job
        self._ceiling = ceiling
        self._returned: list[Probe] = []
        self._ready: list[Peer] = []
        self._parked: deque[Probe] = deque()
        self._held = 0
        self._open_blocks = 0
        self._blocks = blocks(job)
        self._fresh: Iterator[Probe] = iter(())
        self._drained = False

    @property
    def empty(self) -> bool:
        """Whether nothing is left to send, now or later."""
        return self._drained and not (self._returned or self._parked or self._held)

    def burst(self, most: int) -> list[Probe]:
        """Up to `most` probes to send now, the first one last; none when something must end first.

        Fresh probes are not yet measured against their peer's window: whoever sends asks that, and may `hold` one.
        """
        if self._returned or self._ready:
            return self._waiting(most)
        if self._held >= HELD_PROBES:
            return []
        burst = list(islice(self._fresh, most))
        if not burst and self._next_block():
            burst = list(islice(self._fresh, most))
        burst = burst or [self._parked.popleft() for _ in range(min(most, len(self._parked)))]
        burst.reverse()
        return burst

    def give_back(self, probes: list[Probe]) -> None:
        """They could not be sent; they come first."""
        self._returned += probes

    def hold(self, probe: Probe) -> None:
        """Its peer has as much in flight as it may; it waits for `released`."""
        probe[0].held.append(probe)
        self._held += 1

    def retry(self, probe: Probe) -> None:
        """It stayed silent; it is asked again in a later round."""
        self._parked.append(probe)

    def released(self, peer: Peer) -> None:
        """One conversation with this peer has ended: what is held for it may go."""
        if peer.held and not peer.listed:
            peer.listed = True
            self._ready.append(peer)

    def block_finished(self) -> None:
        """Every probe of a block is settled: another may begin."""
        self._open_blocks -= 1

    def stop(self) -> None:
        """Nothing more is to be sent: forget all that waits."""
        self._drained = True
        self._fresh = iter(())
        self._blocks = iter(())
        self._returned.clear()
        self._ready.clear()
        self._parked.clear()
        self._held = 0

    def _next_block(self) -> bool:
        if self._open_blocks >= OPEN_BLOCKS:
            return False
        block = next(self._blocks, None)
        if block is None:
            self._drained = True
            return False
        self._open_blocks += 1
        self._fresh = self._probes(block)
        return True

    def _probes(self, block: Block) -> Iterator[Probe]:
        """Every probe of a block (of this shard) once, in its order."""
        peers = [Peer(address, block, self._ceiling, self._job.longest) for address in block.addresses]
        for ports, order in block.waves:
            width = len(ports)
            numbers = order.walk(self._job.shard)
            if len(peers) == 1:
                peer = peers[0]
                yield from ((peer, ports[number], 0) for number in numbers)
            else:
                yield from ((peers[number // width], ports[number % width], 0) for number in numbers)

    def _waiting(self, most: int) -> list[Probe]:
        """Probes that were given back, and held ones whose peer has room again."""
        probes = [self._returned.pop() for _ in range(min(most, len(self._returned)))]
        while self._ready and len(probes) < most:
            peer = self._ready.pop()
            peer.listed = False
            room = min(int(peer.window.size) - peer.in_flight, len(peer.held), most - len(probes))
            for _ in range(room):
                probes.append(peer.held.pop())
            self._held -= max(0, room)
        return probes
