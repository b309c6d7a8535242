"""From a plan to an exit status: the terminal, the files, the progress line, Ctrl-C.

The one rule: the first SIGINT or SIGTERM stops the sending and what is in flight still counts; the second ends at
once. Either way the files are complete and say "interrupted".
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from shoal.errors import UsageError
from shoal.output import on_stdout, open_outputs
from shoal.output.terminal import Terminal
from shoal.scanner.result import ERROR
from shoal.scanner.run import Scan, now_utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Sequence
    from typing import Any

    from shoal.output.progress import Progress
    from shoal.scanner.plan import Plan
    from shoal.scanner.result import Run

else:
    import _signal  # the module around it makes enums of its constants, which takes 2 ms

PARTIAL_STATUS = 3
MACHINE_STATUS = 4
SIGNALS = (_signal.SIGINT, _signal.SIGTERM)

MOST_PROBES = 1 << 24
"""From so many probes on a run takes a word of confirmation: a slip of the pen must not become a day of packets."""


class Ended(BaseException):
    """The second signal: end at once."""


class Interrupts:
    """While it is entered, signals go to the scan."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._before: list[tuple[int, Any]] = []

    def __enter__(self) -> Interrupts:
        self._before = [(number, _signal.signal(number, self._caught)) for number in SIGNALS]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            _signal.signal(number, handler)

    def _caught(self, number: int, _: object) -> None:
        again = self._scan.run.signal is not None
        self._scan.run.signal = number
        if not again:
            self._scan.stop()
        elif not self._scan.finishing:
            raise Ended


class Wishes:
    """What the user wants of a run besides its results. `argv` is the whole command line, `words` the targets in it."""

    __slots__ = ("argv", "words", "files", "quiet", "verbose", "confirmed")

    def __init__(
        self,
        argv: Sequence[str] = (),
        words: Sequence[str] = (),
        files: Sequence[str] = (),
        quiet: bool = False,
        verbose: bool = False,
        confirmed: bool = False,
    ) -> None:
        self.argv = argv
        self.words = words
        self.files = files
        self.quiet = quiet
        self.verbose = verbose
        self.confirmed = confirmed


def conduct(plan: Plan, wishes: Wishes) -> int:
    """Carry the plan out; returns the exit status. Raises `UsageError` and `MachineError` before anything is sent."""
    quiet = wishes.quiet
    outputs = open_outputs(wishes.files)
    run = plan.run(wishes.argv, now_utc(), wishes.words)
    _confirm(run.probes_planned, wishes.confirmed)
    progress = _progress(quiet)
    terminal = Terminal(not on_stdout(wishes.files), quiet, wishes.verbose, progress=progress)
    scan = Scan(plan, [*outputs, terminal], run)  # what is printed has been written down before
    found = 0
    try:
        with Interrupts(scan):
            for batch in scan.batches():
                found += len(batch)
                if progress:
                    progress.tick(monotonic(), scan.settled, run.probes_planned, found)
    except Ended:
        pass
    finally:
        if progress:
            progress.hide()
        if not quiet:
            for note in (*scan.notes, *(note for output in outputs for note in output.notes)):
                sys.stderr.write(f"note: {note}\n")
    return _status(run)


def _progress(quiet: bool) -> Progress | None:
    """The progress line, if there is a terminal to draw it on."""
    if quiet or not os.isatty(2):
        return None
    from shoal.output.progress import Progress

    return Progress(monotonic())


def _confirm(probes: int, confirmed: bool) -> None:
    if probes > MOST_PROBES and not confirmed:
        raise UsageError(
            f"this is {probes:,} probes, more than {MOST_PROBES:,}: say --yes if you mean it"
            " (`shoal plan` shows what it would do)"
        )


def _status(run: Run) -> int:
    if run.signal is not None:
        return 128 + run.signal
    if run.probes_settled and run.counts.get(ERROR) == run.probes_settled:
        return MACHINE_STATUS
    return PARTIAL_STATUS if run.problems else 0
