"""`pmap.py`: the two commands this project was born from, word for word.

    pmap.py -n 4 -f ping -ip 192.168.0.1-192.168.0.100
    pmap.py -n 10 -f tcp -ip 192.168.0.1 -w result.json

The one rule: nothing is imported that the run does not need. `argparse` alone takes as long as scanning 600 ports.
"""

from __future__ import annotations

import sys

from shoal.cli import guarded
from shoal.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PORTS = "1-1024"

HELP = """\
usage: pmap.py -ip TARGET [-f ping|tcp] [-n N] [-p PORTS] [-w FILE] [-m async|thread|proc] [-v]

Sweep an address range, or find the open TCP ports of a host.

  -ip TARGET   an address, a range (192.168.0.1-192.168.0.100), a network (10.0.0.0/24), a name, @file ...
  -f ping      print the addresses that answer
  -f tcp       print every open port of the address or of every address in the range (default)
  -p PORTS     which ports with -f tcp, such as 22,80,8000-8100 or top:100 (default 1-1024)
  -n N         at most N conversations in flight, over all workers (default: tunes itself)
  -m MODEL     who carries them: async (one loop, the default), thread, proc; the results are the same
  -w FILE      also save the results; the suffix says how: .json .jsonl .csv .xml .txt (may be repeated)
  -v           print the time it took
  -q           results only, no summary
  --yes        start even a scan of more than 16 million probes
  -h           this text

examples:
  pmap.py -n 4 -f ping -ip 192.168.0.1-192.168.0.100
  pmap.py -n 10 -f tcp -ip 192.168.0.1 -w result.json
  pmap.py -f tcp -ip 10.0.0.0/24 -p 22,80,443 -m proc -v

exit status: 0 done, 2 usage, 3 partial, 4 this machine will not let us, 130 interrupted
`shoal -h` shows the commands with everything else.
"""

VALUES = {
    "-n": "ceiling", "-f": "kind", "-ip": "target", "-w": "file", "-m": "model", "-p": "ports",
}  # fmt: skip
FLAGS = {"-v": "verbose", "-q": "quiet", "-h": "help", "--help": "help", "--yes": "confirmed"}


class Words:
    """The command line, read: options with the values they were given."""

    __slots__ = ("ceiling", "confirmed", "file", "help", "kind", "model", "ports", "quiet", "target", "verbose")

    def __init__(self) -> None:
        self.ceiling: int | None = None
        self.kind = "tcp"
        self.target: list[str] = []
        self.file: list[str] = []
        self.model = "async"
        self.ports = PORTS
        self.verbose = self.quiet = self.help = self.confirmed = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run `pmap.py` with these words (None: the process's own); returns the exit status."""
    words = sys.argv[1:] if argv is None else list(argv)
    return guarded("pmap.py", lambda: _run(words))


def read(words: Sequence[str]) -> Words:
    """The options in these words. Raises `UsageError`."""
    read = Words()
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if word in FLAGS:
            setattr(read, FLAGS[word], True)
        elif option in VALUES:
            _give(read, option, value if equals else next(rest, None))
        else:
            raise UsageError(f"there is no option {word}", " ".join(words), *_place(words, word), _closest(word))
    return read


def _give(read: Words, option: str, value: str | None) -> None:
    if not value:
        raise UsageError(f"{option} needs a value (pmap.py -h explains)")
    field = VALUES[option]
    if field in {"target", "file"}:
        getattr(read, field).append(value)
    elif field == "ceiling":
        if not value.isdecimal() or not int(value):
            raise UsageError("-n takes a whole number, 1 or more", f"-n {value}", 3, hint="-n 10")
        read.ceiling = int(value)
    elif field == "kind" and value not in {"ping", "tcp"}:
        raise UsageError("-f takes ping or tcp", f"-f {value}", 3, hint="-f tcp")
    else:
        setattr(read, field, value)


def _place(words: Sequence[str], word: str) -> tuple[int, int]:
    start = len(" ".join(words[: words.index(word)]))
    start += start > 0
    return start, start + len(word)


def _closest(word: str) -> str | None:
    if not word.startswith("-"):
        return f"-ip {word}"
    bare = word.lstrip("-")
    return next((option for option in (*VALUES, *FLAGS) if bare and option.lstrip("-").startswith(bare[0])), None)


def _run(argv: Sequence[str]) -> int:
    words = read(argv)
    if words.help:
        sys.stdout.write(HELP)
        return 0
    if not words.target:
        raise UsageError("nothing to scan: -ip says what, for example -ip 192.168.0.1-192.168.0.100")
    from shoal.cli.conduct import Wishes, conduct
    from shoal.scanner.gather import gather
    from shoal.scanner.plan import Options, Plan

    ports = None
    if words.kind == "tcp":
        from shoal.net.ports import parse_ports

        ports = parse_ports(words.ports)
    options = Options(ceiling=words.ceiling, model=words.model)
    plan = Plan("scan" if ports else "ping", gather(words.target), ports, options)
    wishes = Wishes(["pmap.py", *argv], words.target, words.file, words.quiet, words.verbose, words.confirmed)
    return conduct(plan, wishes)
