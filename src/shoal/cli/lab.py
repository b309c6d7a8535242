"""`shoal lab`: practice targets on loopback, until Ctrl-C.

The one rule: the addresses are printed when everything is ready and not before, so that a script may read them and go.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING

from shoal.errors import UsageError
from shoal.lab.conditions import STRICTNESS
from shoal.lab.practice import PORTS, PORTS_SUMMARY, TARGETS, Lab, Target
from shoal.lab.sites import SITES, modes

if TYPE_CHECKING:
    import argparse
    from types import FrameType

SUMMARY = "Start practice targets on free ports of loopback, print their addresses, and end them with Ctrl-C."

EXAMPLES = """\
examples:
  shoal lab                                   # everything there is
  shoal lab jobs quotes --latency 0.05        # two sites, each answer 50 ms late
  shoal lab jobs --mode strict                # the job board with every check
  shoal lab jobs films --mode "jobs=tracking films=worn"
  shoal lab --json --port-base 9100           # addresses for a program, on ports 9100 and following
  shoal lab --list                            # the targets and their modes

Ends with status 0 after --duration, 130 after Ctrl-C and 143 after SIGTERM.
"""

LONGEST = 20 * 86_400.0  # seconds; the practice ports live no longer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"{' '.join(TARGETS)} (default: all)")
    parser.add_argument("--list", action="store_true", help="list the targets and their modes, and start nothing")
    parser.add_argument("--json", action="store_true", help="print the addresses as one line of JSON")
    parser.add_argument(
        "--port-base", type=int, default=0, metavar="PORT", help="take this port and those that follow (default: free)"
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="before each answer (default: 0)")
    parser.add_argument(
        "--error-rate", type=float, default=0.0, metavar="SHARE", help="of answers that are 500, 502 or 503 (0 to 1)"
    )
    parser.add_argument(
        "--strictness", choices=STRICTNESS, default="normal", help="how much is borne (default: normal)"
    )
    parser.add_argument(
        "--mode", default="", metavar="NAME", help='of the sites that have it, or "jobs=flat films=worn"; see --list'
    )
    parser.add_argument("--seed", type=int, default=0, help="what the contents follow from (default: 0)")
    parser.add_argument(
        "--duration", type=float, default=LONGEST, metavar="SECONDS", help="end after that time (default: 20 days)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="do not tell at the end what was asked for")


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal or the duration ends it. Raises UsageError, MachineError, BrokenPipeError."""
    if arguments.list:
        _print("\n".join(_listed()))
        return 0
    if not 0 < arguments.duration <= LONGEST:
        raise UsageError(f"the duration must be more than 0 and at most {LONGEST:.0f} seconds (20 days)")
    with _Signals() as signals:
        lab = Lab(
            *arguments.names,
            latency=arguments.latency,
            error_rate=arguments.error_rate,
            strictness=arguments.strictness,
            mode=arguments.mode,
            seed=arguments.seed,
            port_base=arguments.port_base,
        )
        with lab:
            _print(_as_json(lab) if arguments.json else _as_table(lab))
            number = signals.wait(arguments.duration)
        if not arguments.quiet:
            _tell(lab)
    return 128 + number if number else 0


class _Signals:
    """While it is entered, SIGINT and SIGTERM end a `wait` and nothing else."""

    def __enter__(self) -> _Signals:
        self._caught = 0
        self._near, self._far = socket.socketpair()
        self._far.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._far.fileno())
        self._before = [(number, signal.signal(number, self._catch)) for number in (signal.SIGINT, signal.SIGTERM)]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._near.close()
        self._far.close()

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        self._caught = self._caught or number

    def wait(self, seconds: float) -> int:
        """The number of the signal that came, before or meanwhile; 0 if none did."""
        select.select([self._near], [], [], seconds)
        return self._caught


def _listed() -> list[str]:
    lines = []
    for name, entry in SITES.items():
        lines.append(f"{name:<8} {entry.summary}")
        if has := modes(name):
            lines.append(f"{'':<8} modes: {' '.join(has)}")
    return [*lines, f"{PORTS:<8} {PORTS_SUMMARY}"]


def _as_table(lab: Lab) -> str:
    lines = [f"{name:<8} {target.url:<24} {_told(target)}" for name, target in lab.targets.items()]
    return "\n".join([*lines, "Ctrl-C ends them."])


def _told(target: Target) -> str:
    if target.ports:
        return "; ".join(f"{kind} {' '.join(map(str, ports))}" for kind, ports in target.ports.items())
    return SITES[target.name].summary


def _as_json(lab: Lab) -> str:
    told = {name: {"url": target.url} if not target.ports else _ports(target) for name, target in lab.targets.items()}
    return json.dumps({"pid": os.getpid(), "targets": told})


def _ports(target: Target) -> dict[str, object]:
    return {"address": target.url, **target.ports}


def _tell(lab: Lab) -> None:
    """What each site saw, on standard error."""
    for name, target in lab.targets.items():
        if not target.ports and target.observed.requests:
            seen = ", ".join(f"{number} {what}" for what, number in target.observed.summary().items())
            print(f"{name}: {seen}", file=sys.stderr)


def _print(text: str) -> None:
    print(text)
    sys.stdout.flush()
