"""What came back, address by address: results are collected until an address's last probe is settled.

The one rule: every settled probe is counted once, under the state and reason it has; what is listed and what is only
counted ("1,019 closed not shown") is a matter of presentation, and the ports behind a count are kept, so that
"closed" and "not scanned" can always be told apart. Memory follows the open blocks, not the job. Pure.
"""

from __future__ import annotations

from shoal.scan.result import CLOSED, DOWN, ERROR, FILTERED, OPEN, UNKNOWN, UP, Folded, HostReport, HostResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from shoal.scan.probes import Batch, Block
    from shoal.scan.result import PortResult

LISTED = frozenset((OPEN,))


class _Host:
    """What is known so far of one address."""

    __slots__ = ("best", "folded", "listed", "rtt")

    def __init__(self) -> None:
        self.listed: list[PortResult] = []
        self.folded: dict[str, tuple[str, list[int]]] = {}
        self.best: PortResult | None = None
        self.rtt: float | None = None

    def take(self, result: PortResult, listed: bool) -> None:
        if listed:
            self.listed.append(result)
        else:
            folded = self.folded.get(result.reason)
            if folded is None:
                folded = self.folded[result.reason] = result.state, []
            folded[1].append(result.port)
        if result.rtt is not None and (self.rtt is None or result.rtt < self.rtt):
            self.rtt = result.rtt
            self._prefer(result)
        elif result.state == OPEN or self.best is None:
            self._prefer(result)

    def _prefer(self, result: PortResult) -> None:
        """Keep the best evidence for the address being up: an open port, then a closed one, then anything."""
        rank = (OPEN, CLOSED, FILTERED, ERROR).index
        if self.best is None or rank(result.state) < rank(self.best.state):
            self.best = result


class Tally:
    """Port results by address. `carried_by(block)` says how many workers have a part of a block."""

    def __init__(
        self,
        listed: Iterable[str] = LISTED,
        names: Mapping[str, list[str]] | None = None,
        carried_by: Callable[[Block], int] = lambda _: 1,
        list_silent: bool = True,
    ) -> None:
        self.counts: dict[str, int] = {}
        self.errors: dict[str, tuple[str, int]] = {}
        """Reason of each fault of this machine -> the first address it was met at, and how often."""
        self._listed = frozenset(listed)
        self._names = names or {}
        self._carried_by = carried_by
        self._list_silent = list_silent
        self._hosts: dict[str, _Host] = {}
        self._done: dict[int, int] = {}

    def take(self, batch: Batch) -> list[PortResult | HostResult]:
        """Count a batch; returns what is to be told at once."""
        hosts, counts, listed = self._hosts, self.counts, self._listed
        found = []
        for result in batch.results:
            host = hosts.get(result.address)
            if host is None:
                host = hosts[result.address] = _Host()
            state = result.state
            counts[state] = counts.get(state, 0) + 1
            host.take(result, state in listed)
            if state in listed:
                found.append(result)
            if state == ERROR:
                self._count_error(result.address, result.reason)
        return found

    def finished(self, batch: Batch) -> Iterator[HostReport]:
        """Reports of the addresses whose last probe was settled by this batch."""
        for block in batch.finished:
            done = self._done.get(block.index, 0) + 1
            self._done[block.index] = done
            if done == self._carried_by(block):
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
        best = host.best
        answered = best is not None and _answered_itself(best)
        return HostReport(
            address,
            self._names.get(address, ()),
            UP if answered else UNKNOWN,
            best.reason if best else "no-response",
            host.rtt,
            host.listed,
            [Folded(state, reason, ports) for reason, (state, ports) in sorted(host.folded.items())],
            best.source if best else None,
        )

    def _count_error(self, address: str, reason: str) -> None:
        first, count = self.errors.get(reason, (address, 0))
        self.errors[reason] = first, count + 1


def _answered_itself(result: PortResult) -> bool:
    """Whether this result proves that the address is up: an answer of its own, not of a router on the way."""
    return result.state in {OPEN, CLOSED} or (result.source is not None and result.source == result.address)


class PingTally(Tally):
    """TCP ping: an address is up when any of its ports answers, a refusal included; every address is told once."""

    def take(self, batch: Batch) -> list[PortResult | HostResult]:
        """Count a batch; the first proof of each address is told at once."""
        found: list[PortResult | HostResult] = []
        for result in batch.results:
            host = self._hosts.get(result.address)
            if host is None:
                host = self._hosts[result.address] = _Host()
            was_up = host.best is not None and _answered_itself(host.best)
            host.take(result, listed=False)
            if result.state == ERROR:
                self._count_error(result.address, result.reason)
            if not was_up and _answered_itself(result):
                found.append(HostResult(result.address, UP, result.reason, result.rtt, result.source, "tcp"))
        return found

    def _report(self, address: str, host: _Host) -> HostReport | None:
        report = super()._report(address, host)
        if report is not None:
            report.ports, report.folded, report.evidence = [], [], "tcp"
            if report.state != UP:
                report.state = ERROR if host.best and host.best.state == ERROR else DOWN
            self.counts[report.state] = self.counts.get(report.state, 0) + 1
        return report


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
