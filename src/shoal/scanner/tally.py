"""What came back, address by address: results are collected until an address's last probe is settled.

The one rule: every settled probe is counted once, under the state and reason it has; what is listed and what is only
counted ("1,019 closed not shown") is a matter of presentation, and the ports behind a count are kept, so that
"closed" and "not scanned" can always be told apart. Memory follows the open blocks, not the job. Pure.
"""

from __future__ import annotations

from shoal.scanner.result import (
    CLOSED,
    DOWN,
    ERROR,
    FILTERED,
    OPEN,
    UNKNOWN,
    UP,
    Folded,
    HostReport,
    HostResult,
    PortResult,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from shoal.scanner.probes import Batch, Block

LISTED = frozenset((OPEN,))
EVIDENCE = (OPEN, CLOSED, FILTERED, ERROR)


FOREVER = float("inf")


class _Host:
    """What is known so far of one address: listed results, and by reason the ports that are only counted."""

    __slots__ = ("best", "folded", "listed", "rtt")

    def __init__(self) -> None:
        self.listed: list[PortResult] = []
        self.folded: dict[str, list[int]] = {}
        self.best: dict[str, PortResult] = {}
        self.rtt = FOREVER

    def begin(self, result: PortResult) -> None:
        """The first result with this reason: it stands for all of them as evidence."""
        self.best.setdefault(result.reason, result)

    @property
    def evidence(self) -> PortResult:
        """The best evidence for the address being up: an open port, then a closed one, then anything."""
        return min(self.best.values(), key=lambda result: EVIDENCE.index(result.state))


class Tally:
    """Port results by address. `carried_by(block)` says how many workers have a part of a block; one by itself."""

    def __init__(
        self,
        listed: Iterable[str] = LISTED,
        names: Mapping[str, list[str]] | None = None,
        list_silent: bool = True,
    ) -> None:
        self.counts: dict[str, int] = {}
        self.errors: dict[str, tuple[str, int]] = {}
        """Reason of each fault of this machine -> the first address it was met at, and how often."""
        self._listed = frozenset(listed)
        self._names = names or {}
        self.carried_by: Callable[[Block], int] = _by_one
        self._list_silent = list_silent
        self._hosts: dict[str, _Host] = {}
        self._done: dict[int, int] = {}

    def take(self, batch: Batch) -> list[PortResult | HostResult]:
        """Take in a batch; returns what is to be told at once."""
        hosts = self._hosts
        found: list[PortResult | HostResult] = []
        address, host = "", _Host()
        for result in batch.results:
            if result.address is not address:
                address = result.address
                host = hosts.get(address) or hosts.setdefault(address, _Host())
            ports = host.folded.get(result.reason)
            if ports is None:
                if self._begin(host, result):
                    found.append(result)
            else:
                ports.append(result.port)
            if result.rtt is not None and result.rtt < host.rtt:
                host.rtt = result.rtt
        return found

    def _begin(self, host: _Host, result: PortResult) -> bool:
        """A listed result, which is told, or the first of those that are only counted."""
        host.begin(result)
        if result.state in self._listed:
            host.listed.append(result)
            return True
        host.folded[result.reason] = [result.port]
        return False

    def finished(self, batch: Batch) -> Iterator[HostReport]:
        """Reports of the addresses whose last probe was settled by this batch."""
        for block in batch.finished:
            done = self._done.get(block.index, 0) + 1
            self._done[block.index] = done
            if done == self.carried_by(block):
                del self._done[block.index]
                yield from self._reports(block.addresses)

    def rest(self) -> Iterator[HostReport]:
        """Reports of what is known of unfinished addresses, when a run was interrupted."""
        yield from self._reports(list(self._hosts))

    def _reports(self, addresses: Iterable[str]) -> Iterator[HostReport]:
        for address in addresses:
            host = self._hosts.pop(address, None)
            report = self._report(address, host) if host else None
            if report and (self._list_silent or report.state == UP):
                yield report

    def _report(self, address: str, host: _Host) -> HostReport | None:
        best = host.evidence
        folded = [Folded(host.best[reason].state, reason, ports) for reason, ports in sorted(host.folded.items())]
        for state, count in [(fold.state, len(fold.ports)) for fold in folded] + [
            (one.state, 1) for one in host.listed
        ]:
            self.counts[state] = self.counts.get(state, 0) + count
        for fold in folded:
            if fold.state == ERROR:
                self._count_error(address, fold.reason, len(fold.ports))
        return HostReport(
            address,
            self._names.get(address, ()),
            UP if _answered_itself(best) else UNKNOWN,
            best.reason,
            host.rtt if host.rtt < FOREVER else None,
            host.listed,
            folded,
            best.source,
        )

    def _count(self, state: str, times: int = 1) -> None:
        self.counts[state] = self.counts.get(state, 0) + times

    def _count_error(self, address: str, reason: str, times: int = 1) -> None:
        first, count = self.errors.get(reason, (address, 0))
        self.errors[reason] = first, count + times


def _by_one(_: Block) -> int:
    return 1


def _answered_itself(result: PortResult) -> bool:
    """Whether this result proves that the address is up: an answer of its own, not of a router on the way."""
    return result.state in {OPEN, CLOSED} or (result.source is not None and result.source == result.address)


class PingTally(Tally):
    """TCP ping: an address is up when any of its ports answers, a refusal included; every address is told once."""

    def _begin(self, host: _Host, result: PortResult) -> bool:
        """The first proof that the address is up is told."""
        was_up = any(_answered_itself(known) for known in host.best.values())
        super()._begin(host, result)
        return _answered_itself(result) and not was_up

    def take(self, batch: Batch) -> list[PortResult | HostResult]:
        """Take in a batch; the first proof of each address is told at once."""
        return [
            HostResult(proof.address, UP, proof.reason, proof.rtt, proof.source, "tcp")
            for proof in super().take(batch)
            if isinstance(proof, PortResult)
        ]

    def _report(self, address: str, host: _Host) -> HostReport | None:
        best = host.evidence
        state = UP if _answered_itself(best) else ERROR if best.state == ERROR else DOWN
        self._count(state)
        if state == ERROR:
            self._count_error(address, best.reason)
        rtt = host.rtt if host.rtt < FOREVER else None
        names = self._names.get(address, ())
        return HostReport(address, names, state, best.reason, rtt, source=best.source, evidence="tcp")


class EchoTally(Tally):
    """ICMP ping: an engine's result is final as it comes; only the live ones are told at once.

    `reporting` False leaves the reports out: nobody reads them, and a sweep of 65,536 would spend a third on them.
    """

    def __init__(self, names: Mapping[str, list[str]] | None = None, list_silent: bool = False, reporting: bool = True):
        super().__init__((), names, list_silent=list_silent)
        self._reporting = reporting
        self._reported: list[HostReport] = []

    def take(self, batch: Batch) -> list[PortResult | HostResult]:
        """Count a batch; returns the live addresses."""
        found: list[PortResult | HostResult] = []
        counts = self.counts
        for result in batch.results:
            state = result.state
            counts[state] = counts.get(state, 0) + 1
            if state == UP:
                found.append(result)
            elif state == ERROR:
                self._count_error(result.address, result.reason)
            if self._reporting and (state == UP or self._list_silent):
                self._reported.append(self._final(result))
        return found

    def finished(self, batch: Batch) -> Iterator[HostReport]:
        """The reports of the addresses in the batch that was taken last."""
        del batch
        reported, self._reported = self._reported, []
        return iter(reported)

    def _final(self, result: HostResult) -> HostReport:
        names = self._names.get(result.address, ())
        return HostReport(
            result.address,
            names,
            result.state,
            result.reason,
            result.rtt,
            source=result.source,
            evidence=result.evidence,
        )
