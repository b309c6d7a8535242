"""What a person sees: results on standard output as they are found, everything else on standard error.

The one rule: standard output carries results and nothing but results, so that it can be piped. Lines are held until
`flush` and written in one piece. Colour only for a terminal that wants it (NO_COLOR, FORCE_COLOR, TERM=dumb).
"""

from __future__ import annotations

import os

from shoal.output import Output
from shoal.output.files import to_stdout, write_all
from shoal.output.lines import ending, endpoint, host_line, milliseconds, port_line, problem_lines, summary
from shoal.scanner.result import UP, PortResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoal.output.progress import Progress
    from shoal.scanner.result import HostReport, HostResult, Run

_COLOURS = {"open": "32", "filtered": "33", "error": "31"}
_PORT_WIDTH = len(":65535")
_SERVICE_WIDTH = 10
_HELD = 512


def wants_colour(is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether to colour: https://no-color.org, FORCE_COLOR (not empty and not 0), never on a dumb terminal."""
    if environment.get("NO_COLOR"):
        return False
    force = environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE") or "0"
    if force != "0":
        return True
    return is_terminal and environment.get("TERM", "") not in {"", "dumb"}


class Terminal(Output):
    """Lines for people and pipes.

    `results` False leaves standard output to somebody else (`-o json:-`); `quiet` leaves the summary out, `verbose`
    adds the elapsed time as a line of its own. `colour` None decides by terminal and environment.
    """

    wants_hosts = False

    def __init__(
        self,
        results: bool = True,
        quiet: bool = False,
        verbose: bool = False,
        colour: bool | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._results = results
        self._quiet = quiet
        self._verbose = verbose
        self._is_terminal = results and os.isatty(1)
        self._colour = wants_colour(self._is_terminal, os.environ) if colour is None else colour
        self._progress = progress
        self._held: list[str] = []
        self._hosts_up = 0
        self._shown: dict[str, int] = {}
        self._with_names = True
        self._sweep = self._plain = False

    def begin(self, run: Run) -> None:
        """Names stand beside ports only where there are several hosts to be told apart."""
        self._sweep = not run.ports_per_address
        self._with_names = self._sweep or run.addresses > 1
        self._plain = self._sweep and self._results and not self.names and not self._colour

    def result(self, result: PortResult | HostResult) -> None:
        """A line for each listed port, each live host."""
        if self._plain and result.evidence == "icmp":  # type: ignore[union-attr]  # nearly every line of a sweep
            self._hosts_up += 1
            self._held.append(f"{result.address}  {milliseconds(result.rtt)}\n")
        elif self._sweep:
            self._hosts_up += 1
            self._add(self._host(result), result.state)  # type: ignore[arg-type]
        else:
            self._shown[result.state] = self._shown.get(result.state, 0) + 1
            self._add(self._port(result), result.state)  # type: ignore[arg-type]

    def host(self, report: HostReport) -> None:
        """Hosts without an answer are shown in a ping sweep, when they are reported at all."""
        if self._sweep and report.state != UP:
            self._add(self._host(report), report.state)

    def flush(self) -> None:
        """Write the held lines in one piece, with the progress line out of their way."""
        if not self._held:
            return
        text = "".join(self._held)
        self._held.clear()
        if self._progress and self._is_terminal:
            self._progress.hide()
        to_stdout((text,))

    def end(self, run: Run) -> None:
        """The summary, on standard error."""
        self.flush()
        if self._progress:
            self._progress.hide()
        problems = [(visible(problem.target), problem.reason, problem.count) for problem in run.problems]
        lines = problem_lines(problems)
        last = ending(run.how_ended, run.signal, run.probes_planned, run.probes_settled)
        if last:
            lines.append(last)
        if not self._quiet:
            up = run.counts.get(UP, self._hosts_up)
            lines.append(summary(self._sweep, run.addresses, up, run.counts, self._shown, run.duration))
        if self._verbose and run.duration is not None:
            lines.append(f"time: {run.duration:.3f} s")
        _to_stderr(lines)

    def _port(self, result: PortResult) -> str:
        from shoal.net.services import name  # only when there is something to name

        where = endpoint(visible(result.address), result.port)
        service = name(result.port)
        if self._is_terminal:
            where = where.ljust(len(where) - len(f":{result.port}") + _PORT_WIDTH)
            service = (service or "-").ljust(_SERVICE_WIDTH)
        names = self._names(result.address)
        return port_line(where, result.state, result.reason, result.rtt, service, result.source, names)

    def _host(self, host: HostResult | HostReport) -> str:
        address = host.address
        names = self._names(address) if address in self.names else ()
        return host_line(visible(address), host.state, host.reason, host.rtt, host.evidence, host.source, names)

    def _names(self, address: str) -> list[str]:
        return [visible(name) for name in self.names.get(address, ())] if self._with_names else []

    def _add(self, text: str, state: str) -> None:
        if not self._results:
            return
        if self._colour:
            text = text.replace(f"  {state}", f"  \x1b[{_COLOURS.get(state, '2')}m{state}\x1b[0m", 1)
        self._held.append(text + "\n")
        if len(self._held) >= _HELD:
            self.flush()


def visible(text: str) -> str:
    """The text made harmless; the module that does it is loaded only when there is something to do."""
    if text.isprintable():
        return text
    from shoal.output.escape import visible as escaped

    return escaped(text)


def _to_stderr(lines: Iterable[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    try:  # noqa: SIM105  # contextlib would cost the start-up more than these lines
        write_all(2, text.encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # nobody reads it; the results were delivered
