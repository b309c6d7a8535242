"""How far a long run has come: one line on standard error, redrawn in place.

The one rule: it costs nothing until it is time to draw. `tick` returns at its first comparison nearly always; what
the line says is the pure `render`.
"""

from __future__ import annotations

import os

from shoal.output.files import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 0.5
INTERVAL = 0.1
_SMOOTHING = 0.15
_WIDTH = 80
_BAR = 24
_FORESEEABLE = 1000 * 86_400.0


def wants_progress(quiet: bool, is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether a line that redraws itself is welcome."""
    return not quiet and is_terminal and environment.get("TERM", "") not in {"", "dumb"}


def render(settled: int, planned: int, found: int, elapsed: float, rate: float, width: int = _WIDTH) -> str:
    """`[######------]  50 %  512/1,024  2,400/s  found 5  0:12  ETA 0:12`, never wider than `width` columns.

    Seconds and probes a second. What does not fit is left out from the right, the bar first of all.
    """
    share = min(1.0, settled / planned) if planned else 0.0
    parts = [f"{share * 100:3.0f} %", f"{settled:,}/{planned:,}", f"{rate:,.0f}/s", f"found {found:,}", clock(elapsed)]
    left = max(0, planned - settled)
    if 0 < left < rate * _FORESEEABLE:
        parts.append("ETA " + clock(left / rate))
    text = "  ".join(parts)
    room = min(_BAR, width - len(text) - 4)
    if room >= 4:
        full = int(share * room)
        return f"[{'#' * full}{'-' * (room - full)}]  {text}"
    while len(text) > width and parts:
        parts.pop()
        text = "  ".join(parts)
    return text


def clock(seconds: float) -> str:
    """`0:05`, `12:34`, `1:02:03`, `3 d 1:02:03`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    if not hours:
        return f"{minute}:{second:02}"
    days, hour = divmod(hours, 24)
    text = f"{hour}:{minute:02}:{second:02}"
    return f"{days:,} d {text}" if days else text


class Progress:
    """The progress line. `tick` is called as often as one likes; `hide` takes the line away and is always safe.

    `start` is the moment the run began, on the clock whose readings `tick` is given, in seconds.
    """

    __slots__ = ("_drawn", "_fd", "_last", "_next", "_rate", "_seen", "_start")

    def __init__(self, start: float, enabled: bool | None = None, quiet: bool = False, fd: int = 2) -> None:
        self._fd = fd
        self._start = start
        if enabled is None:
            enabled = wants_progress(quiet, os.isatty(fd), os.environ)
        self._next = start + PATIENCE if enabled else float("inf")
        self._last = start
        self._seen = 0
        self._rate = 0.0
        self._drawn = False

    def tick(self, now: float, settled: int, planned: int, found: int) -> None:
        """Draw, if it is time to. `found` is how many results there are."""
        if now < self._next:
            return
        self._next = now + INTERVAL
        self._measure(now, settled)
        line = render(settled, planned, found, now - self._start, self._rate, self._columns())
        self._drawn = True
        self._write(f"\r{line}\x1b[K")

    def hide(self) -> None:
        """Take the line away, so that other lines may be written; the next `tick` in time draws it again."""
        if self._drawn:
            self._drawn = False
            self._write("\r\x1b[K")

    def _measure(self, now: float, settled: int) -> None:
        """The rate of the last second or so: a mean that forgets."""
        passed = now - self._last
        if passed <= 0:
            return
        rate = max(0, settled - self._seen) / passed
        first = self._last == self._start
        self._rate = rate if first else self._rate + _SMOOTHING * (rate - self._rate)
        self._last, self._seen = now, settled

    def _columns(self) -> int:
        try:
            columns = os.get_terminal_size(self._fd).columns
        except OSError:
            columns = 0
        return (columns or _WIDTH) - 1  # a terminal that does not know its size says 0

    def _write(self, text: str) -> None:
        try:
            write_all(self._fd, text.encode())
        except OSError:
            self._next = float("inf")  # nobody looks any more
