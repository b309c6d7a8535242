"""What has become of an engine's probes, until the caller is told.

The one rule: every probe is settled once, and a block is finished with its last one.
"""

from __future__ import annotations

from shoal.scanner.probes import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.scanner.engines.peers import Peer
    from shoal.scanner.probes import Block

BATCH = 512
"""Results after which the caller is told, even if there is more to send at once."""


class Outcome:
    """Results that wait to be told; `settled` counts all, those told long ago, too."""

    __slots__ = ("_block_finished", "_finished", "_results", "settled")

    def __init__(self, block_finished: Callable[[], None]) -> None:
        self.settled = 0
        self._block_finished = block_finished
        self._results: list[object] = []
        self._finished: list[Block] = []

    def settle(self, peer: Peer, result: object) -> None:
        """One more probe of this peer is done with."""
        self._results.append(result)
        self.settled += 1
        block = peer.block
        block.left -= 1
        if not block.left:
            self._finished.append(block)
            self._block_finished()

    def is_due(self, hurried: bool) -> bool:
        """Whether the caller is to be told now; while more can be sent at once, only of a full batch."""
        return len(self._results) >= BATCH or bool(self._results and not hurried)

    def batch(self) -> Batch:
        """What is to be told; from now on it has been."""
        batch = Batch(self._results, self._finished)
        self._results, self._finished = [], []
        return batch
