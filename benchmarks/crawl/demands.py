"""What the measurements must show.

The one rule: a contestant that was wrong once has no time: ours then fails the demand, a peer cannot be compared with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from benchmarks.harness import Requirement, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.harness import Measured

Of = Literal["cpu", "wall"]
_WORDS = {"cpu": "pages per CPU second", "wall": "wall clock"}


def ratio(of: Of, ours: str, peer: str, must: float, aim: float) -> Requirement:
    """Our time goes at least `must` times into the peer's."""
    asked = f"{_WORDS[of]}: {ours} >= {must:g} x {peer} (aim {aim:g} x)"

    def judge(measured: Sequence[Measured]) -> Verdict:
        mine, theirs = _named(measured, ours), _named(measured, peer)
        if missing := _unfit(mine):
            return Verdict(asked, missing, False if mine.samples else None)
        if missing := _unfit(theirs):
            return Verdict(asked, missing, None)
        got: float = getattr(theirs, of) / getattr(mine, of)
        return Verdict(asked, f"{got:.2f} x", got >= must)

    return judge


def at_most(of: Of, ours: str, other: str, factor: float, aim: float) -> Requirement:
    """Our time is at most `factor` times another's."""
    asked = f"{_WORDS[of]}: {ours} needs <= {factor:.2f} x the time of {other} (aim {aim:.2f} x)"

    def judge(measured: Sequence[Measured]) -> Verdict:
        mine, theirs = _named(measured, ours), _named(measured, other)
        if missing := _unfit(mine):
            return Verdict(asked, missing, False if mine.samples else None)
        if missing := _unfit(theirs):
            return Verdict(asked, missing, None)
        got: float = getattr(mine, of) / getattr(theirs, of)
        return Verdict(asked, f"{got:.2f} x", got <= factor)

    return judge


def memory_below(ours: str, mebibytes: int) -> Requirement:
    """Our largest process stays below that."""

    def judge(measured: Sequence[Measured]) -> Verdict:
        mine = _named(measured, ours)
        got = mine.peak / 2**20 if mine.samples else 0
        return Verdict(f"{ours}: less than {mebibytes} MiB", f"{got:.0f} MiB", got < mebibytes)

    return judge


def all_right(*ours: str) -> Requirement:
    """Each of ours has the right answer every time."""

    def judge(measured: Sequence[Measured]) -> Verdict:
        mine = [each for each in measured if each.name in ours and each.skipped is None]
        got = ", ".join(f"{each.right} of {len(each.samples)}" for each in mine)
        return Verdict("right in every run", got, all(each.always_right for each in mine))

    return judge


def _named(measured: Sequence[Measured], name: str) -> Measured:
    return next(each for each in measured if each.name == name)


def _unfit(each: Measured) -> str | None:
    """Why its time does not count."""
    if not each.samples:
        return f"not measured: {each.skipped or 'no rounds'}"
    return None if each.always_right else f"{each.name} was right in {each.right} of {len(each.samples)}"
