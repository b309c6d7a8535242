"""From the user's words to a set of addresses: lists read, names resolved, exclusions taken out.

The one rule: every word ends up as addresses, as an error, or as a problem that is reported; nothing is dropped in
silence. Only names are ever looked up (see shoal.net.expressions). A name that cannot be resolved costs only itself,
but an exclusion that cannot be resolved stops everything: what was to be spared must not be scanned.
"""

from __future__ import annotations

from shoal.errors import UsageError
from shoal.net.targets import Block, Name, TargetSet, parse, reserved
from shoal.scanner.result import Problem
from shoal.scanner.words import Words, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TextIO

    from shoal.scanner.names import Answer

    Resolve = Callable[[str], Sequence[str]]

ADDRESSES = ("all", "first")


class Gathered:
    """What there is to scan.

    `names` maps an address to the names it was given by; `problems` are the names that could not be resolved;
    `excluded` the exclusions as they were written; `notes` say, for verbose output, where an expression means more
    or less than it may seem to.
    """

    __slots__ = ("targets", "names", "problems", "excluded", "notes")

    def __init__(self, targets: TargetSet, excluded: Iterable[str] = ()) -> None:
        self.targets = targets
        self.excluded = list(excluded)
        self.names: dict[str, list[str]] = {}
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    @property
    def duplicates(self) -> int:
        """How many addresses were named more than once, and are scanned once."""
        return self.targets.duplicates


def gather(
    expressions: Iterable[str],
    exclude: Iterable[str] = (),
    *,
    addresses: str = "all",
    allow_reserved: bool = False,
    overrides: Mapping[str, Sequence[str]] | None = None,
    resolve: Resolve | None = None,
    stdin: TextIO | None = None,
) -> Gathered:
    """The addresses that the expressions mean, less the excluded ones.

    An expression is one of the target language (shoal.net.expressions), `@FILE` for a list of them (words parted by
    white space, # begins a comment), or `-` for such a list on standard input (`stdin` replaces it). `addresses`
    says whether "all" addresses of a name are scanned or the "first". `overrides` maps lower-case names to their
    addresses, `resolve` maps any other name (default: getaddrinfo(3)) and may raise OSError.

    Raises UsageError: a mistake in an expression, a list that cannot be read, reserved addresses without
    `allow_reserved`, an excluded name that cannot be resolved, and when there is nothing to scan. If only names
    that cannot be resolved were given, the result is empty and has problems.
    """
    if addresses not in ADDRESSES:
        raise UsageError(f"a name is scanned at {' or '.join(ADDRESSES)} of its addresses", addresses)
    excluded = list(exclude)
    words = Words(stdin)
    spared = _Reading(overrides, resolve)
    holes = list(spared.blocks(words.read(excluded)))
    if spared.problems:
        problem = spared.problems[0]
        raise UsageError(f"cannot exclude {problem.target}: {problem.reason}", problem.target)
    reading = _Reading(overrides, resolve, first_only=addresses == "first", allow_reserved=allow_reserved)
    gathered = Gathered(TargetSet(reading.blocks(words.read(expressions)), holes), excluded)
    gathered.problems, gathered.notes = reading.problems, reading.notes
    gathered.names = {address: names for address, names in reading.names.items() if address in gathered.targets}
    _check(gathered, reading, allow_reserved)
    return gathered


def _check(gathered: Gathered, reading: _Reading, allow_reserved: bool) -> None:
    """Refuse to go on with nothing, or with addresses that no scan should send to."""
    if not reading.count:
        raise UsageError("nothing to scan: no target is given")
    if not gathered.targets and not gathered.problems:
        raise UsageError("nothing to scan: every address is excluded")
    refused = [] if allow_reserved else reserved(gathered.targets)
    if refused:
        addresses, reason = refused[0]
        raise UsageError(f"{addresses} is not scanned unless reserved addresses are allowed: {reason}")


class _Reading:
    """One pass over words: blocks come out, what is to be told about them stays here. `count` is the words read."""

    __slots__ = ("overrides", "resolve", "first_only", "spare_reserved", "count", "names", "problems", "notes")

    def __init__(
        self,
        overrides: Mapping[str, Sequence[str]] | None,
        resolve: Resolve | None,
        first_only: bool = False,
        allow_reserved: bool = True,
    ) -> None:
        self.overrides = overrides or {}
        self.resolve = resolve
        self.first_only = first_only
        self.spare_reserved = not allow_reserved
        self.count = 0
        self.names: dict[str, list[str]] = {}
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def blocks(self, words: Iterable[tuple[str, str]]) -> Iterator[Block]:
        """The blocks of all words, streamed; names are resolved together at the end."""
        wanted: list[Name] = []
        for place, word in words:
            self.count += 1
            try:
                value = parse(word)
            except UsageError as mistake:
                raise placed(place, mistake) from None
            if isinstance(value, Name):
                wanted.append(value)
            else:
                if not place:
                    self._note_network(word, value)
                yield value
        if wanted:
            yield from self._resolved(wanted)

    def _note_network(self, word: str, block: Block) -> None:
        """10.0.0.5/30 is scanned from 10.0.0.4 on, which may surprise."""
        base, slash, _ = word.partition("/")
        if slash:
            given, meant = TargetSet([_address_block(word, base)]), TargetSet([block])
            if given.size == 1 and given.address(0) != meant.address(0):
                self.notes.append(f"{word} is {next(meant.ranges())}")

    def _resolved(self, wanted: list[Name]) -> Iterator[Block]:
        answers = self._look_up([name.host for name in wanted])
        for name in wanted:
            answer = answers[name.host]
            if answer.reason:
                self.problems.append(Problem(name.text, answer.reason))
            else:
                yield from self._blocks_of(name, answer.addresses)

    def _look_up(self, hosts: Sequence[str]) -> dict[str, Answer]:
        from shoal.scanner.names import Answer, resolve, resolve_all

        known = {host: self.overrides.get(host.lower().removesuffix(".")) for host in hosts}
        answers = {host: Answer(found) for host, found in known.items() if found is not None}
        return answers | resolve_all((host for host in hosts if host not in answers), self.resolve or resolve)

    def _blocks_of(self, name: Name, addresses: Sequence[str]) -> Iterator[Block]:
        """The blocks of one name: its addresses, or the networks around those that its prefix length fits."""
        fitting = [address for address in addresses if _fits(name.prefix, address)]
        if not fitting:
            self.problems.append(Problem(name.text, "prefix-does-not-fit"))
        if self.first_only and len(fitting) > 1:
            self.notes.append(f"{name.text}: of {len(fitting)} addresses only {fitting[0]} is scanned")
            fitting = fitting[:1]
        for address in fitting:
            block = _address_block(name.text, address)
            if self.spare_reserved and reserved(TargetSet([block])):
                self.problems.append(Problem(name.text, "reserved-address"))
                continue
            self._remember(TargetSet([block]).address(0), name.text)
            yield block if name.prefix is None else _address_block(name.text, f"{address}/{name.prefix}")

    def _remember(self, address: str, name: str) -> None:
        names = self.names.setdefault(address, [])
        if name not in names:
            names.append(name)


def _fits(prefix: int | None, address: str) -> bool:
    """Whether a prefix length behind a name means this address: up to 32 the IPv4 ones, above the IPv6 ones."""
    return prefix is None or (prefix > 32) == (":" in address)


def _address_block(word: str, address: str) -> Block:
    """The block of an address that a word stands for. Raises UsageError if it is a name, as a bad resolver's may be."""
    block = parse(address)
    if isinstance(block, Name):
        raise UsageError(f"{word} was resolved to something that is not an address", address)
    return block
