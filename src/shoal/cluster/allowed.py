"""What a worker on this machine may touch: targets in a file that its owner wrote.

The one rule: the file is read where the work is done, so that whoever holds the cluster's keys, and even the cluster
itself, cannot aim this machine at anything else. The file's name is in $SHOAL_ALLOW, set by `--allow`.
"""

from __future__ import annotations

import os

from shoal.errors import MachineError, UsageError
from shoal.net.spans import difference
from shoal.net.targets import Block, TargetSet, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VARIABLE = "SHOAL_ALLOW"


def read_allowed(path: str) -> TargetSet:
    """The targets in a file: addresses, ranges and networks parted by white space; # begins a comment.

    Raises UsageError for a mistake in it, and for names: what they mean is in others' hands. MachineError if the file
    cannot be read, for then nothing is allowed.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return TargetSet(list(_blocks(path, file)))
    except OSError as problem:
        raise MachineError.from_os(f"read the list of allowed targets {path}", problem) from None


def refuse_outside(targets: TargetSet) -> None:
    """Raises UsageError if some of the targets are outside of what this machine's owner allows."""
    path = os.environ.get(VARIABLE)
    if not path:
        return
    outside = next(_outside(targets, read_allowed(path)), None)
    if outside is not None:
        raise UsageError(f"{outside} is not among the targets that this machine allows ({path})")


def _outside(targets: TargetSet, allowed: TargetSet) -> Iterator[str]:
    for family in targets.families:
        spans = [
            span
            for other in allowed.families
            if (other.version, other.zone) == (family.version, family.zone)
            for span in other.spans()
        ]
        for span in difference(family.spans(), spans):
            yield family.range_text(span)


def _blocks(path: str, lines: Iterable[str]) -> Iterator[Block]:
    for number, line in enumerate(lines, 1):
        for word in line.partition("#")[0].split():
            value = parse(word)
            if not isinstance(value, Block):
                raise UsageError(
                    f"{path}, line {number}: only addresses, ranges and networks are allowed, no names", word
                )
            yield value
