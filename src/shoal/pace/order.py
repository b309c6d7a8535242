"""In what order: a permutation of a range that needs no memory, and shards of it.

The one rule: position i goes to (start + i * step) mod size, and step is size times a *noble* number, a continued
fraction that ends in ones. Of all multipliers those spread best: by the three-distance theorem any k consecutive
positions land at least about size / (4 k) apart, so neighbours in time are strangers in space. With probes numbered
host by host, a burst of probes therefore falls on as many hosts as there are, never on one. (A random permutation
only does so on average, and a random multiplier may be close to a fraction such as 1/2.)

Source of the spreading property: V. T. Sos, "On the distribution mod 1 of the sequence n alpha" (1958).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDED_QUOTIENTS = 12


class Shard:
    """Every `count`-th position beginning at `index`: the part of a job that one machine or worker does."""

    __slots__ = ("count", "index")

    def __init__(self, index: int = 0, count: int = 1) -> None:
        if not 0 <= index < count:
            raise ValueError(f"shard {index} of {count} does not exist")
        self.index = index
        self.count = count

    def split(self, index: int, count: int) -> Shard:
        """Shard `index` of `count` of this very shard: shards compose."""
        inner = Shard(index, count)
        return Shard(self.index + self.count * inner.index, self.count * count)

    def size(self, total: int) -> int:
        """How many of `total` positions are in this shard."""
        return max(0, (total - self.index + self.count - 1) // self.count)


WHOLE = Shard()


class Order:
    """A seeded permutation of range(size) in constant memory; equal seeds give equal orders everywhere."""

    __slots__ = ("size", "start", "step")

    def __init__(self, size: int, seed: int = 0) -> None:
        self.size = size
        self.step = _coprime_step(size, seed)
        self.start = _mix(seed + 1) % size if size else 0

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, position: int) -> int:
        if not 0 <= position < self.size:
            raise IndexError(position)
        return (self.start + position * self.step) % self.size

    def walk(self, shard: Shard = WHOLE, skip: int = 0) -> Iterator[int]:
        """The shard's numbers in order, without the first `skip` of them."""
        size = self.size
        remaining = shard.size(size) - skip
        if remaining <= 0:
            return
        number = self[shard.index + skip * shard.count]
        stride = self.step * shard.count % size
        for _ in range(remaining):
            yield number
            number += stride
            if number >= size:
                number -= size


def _coprime_step(size: int, seed: int) -> int:
    """The multiplier nearest to size times the seed's noble number that reaches every position."""
    if size < 3:
        return 1
    numerator, denominator = _noble_number(seed, size)
    step = size * numerator // denominator
    while _gcd(step, size) != 1:
        step += 1
    return step % size


def _noble_number(seed: int, size: int) -> tuple[int, int]:
    """A fraction in (0, 1) whose quotients are 1 or 2 by the seed's bits, then ones until far finer than 1/size."""
    bits = _mix(seed)
    before, numerator = 1, 0
    under, denominator = 0, 1
    count = 0
    while denominator < 4 * size * size or count < SEEDED_QUOTIENTS:
        quotient = 1 + (bits >> count & 1) if count < SEEDED_QUOTIENTS else 1
        before, numerator = numerator, quotient * numerator + before
        under, denominator = denominator, quotient * denominator + under
        count += 1
    return numerator, denominator


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _mix(seed: int) -> int:
    """Spread a seed over 64 bits (splitmix64's finaliser, Steele, Lea and Flood 2014)."""
    mixed = (seed + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return mixed ^ mixed >> 31
