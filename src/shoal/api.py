"""Scanning as a library: the two functions behind `shoal.scan` and `shoal.ping`.

The one rule: the same plan, engines and results as the command line; nothing is printed and no signal is touched.
"""

from __future__ import annotations

from shoal.net.ports import PortSet, parse_ports
from shoal.pace.order import WHOLE
from shoal.scanner.gather import gather
from shoal.scanner.plan import Options, Plan, parse_shard
from shoal.scanner.result import OPEN, HostResult, PortResult
from shoal.scanner.run import Scan, now_utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
    from typing import Any, Generic, TypeVar

    from shoal.output import Output
    from shoal.scanner.gather import Gathered
    from shoal.scanner.result import Run

    Result = TypeVar("Result", PortResult, HostResult)

    class Results(Generic[Result]):
        """A run as its caller sees it: what it yields is typed, the rest is `Scan`."""

        run: Run

        def __iter__(self) -> Iterator[Result]: ...

        def __aiter__(self) -> AsyncIterator[Result]: ...

        def stop(self) -> None:
            """End it early and gracefully; may be called from a signal handler or another thread."""


def scan(
    targets: str | Iterable[str],
    ports: str | Iterable[int] = "1-1024",
    *,
    exclude: str | Iterable[str] = (),
    addresses: str = "all",
    allow_reserved: bool = False,
    show: Iterable[str] = (OPEN,),
    outputs: Sequence[Output | str] = (),
    **how: Any,
) -> Results[PortResult]:
    """Scan TCP ports; iterate (or `async for`) over the result to carry it out, a `PortResult` at a time.

    `targets` and `ports` are in the language of the command line; of a name with several `addresses` "all" or only the
    "first" are scanned; `show` says which states are yielded; `outputs` are
    file names (`"result.json"`) or `Output` objects. `how`: `ceiling`, `model` ("async", "thread", "proc"), `workers`,
    `seed`, `shard` ("1/4"), `longest` (seconds), `tries`, as in `shoal.scanner.plan.Options`. The value's `run` tells
    what was scanned and how it ended, its `stop()` ends it early and gracefully. Raises `UsageError` for words that
    mean nothing, `MachineError` when this machine will not do it.
    """
    chosen = parse_ports(ports) if isinstance(ports, str) else PortSet(ports)
    gathered = gather(_words(targets), _words(exclude), addresses=addresses, allow_reserved=allow_reserved)
    options = Options(listed=show, **_how(how))
    results: Results[PortResult] = _results("scan", targets, gathered, chosen, options, outputs)
    return results


def ping(
    targets: str | Iterable[str],
    *,
    exclude: str | Iterable[str] = (),
    addresses: str = "all",
    allow_reserved: bool = False,
    outputs: Sequence[Output | str] = (),
    **how: Any,
) -> Results[HostResult]:
    """Sweep addresses; yields a `HostResult` for each that answers, as soon as it does.

    As `scan`; `how` also takes `evidence` ("auto", "icmp" or "tcp").
    """
    gathered = gather(_words(targets), _words(exclude), addresses=addresses, allow_reserved=allow_reserved)
    results: Results[HostResult] = _results("ping", targets, gathered, None, Options(**_how(how)), outputs)
    return results


def _how(how: dict[str, Any]) -> dict[str, Any]:
    shard = how.get("shard")
    return {**how, "shard": parse_shard(shard) if isinstance(shard, str) else shard or WHOLE}


def _results(
    command: str,
    targets: str | Iterable[str],
    gathered: Gathered,
    ports: PortSet | None,
    options: Options,
    outputs: Sequence[Output | str],
) -> Any:
    words = _words(targets)
    plan = Plan(command, gathered, ports, options)
    return Scan(plan, _opened(outputs), plan.run(["shoal", command, *words], now_utc(), words))


def _words(text: str | Iterable[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _opened(outputs: Sequence[Output | str]) -> list[Any]:
    files = [output for output in outputs if isinstance(output, str)]
    if not files:
        return list(outputs)
    from shoal.output import open_outputs

    return [output for output in outputs if not isinstance(output, str)] + list(open_outputs(files))
