"""Jobs that do nothing, for a carrier: what is left is what carrying costs. Found by name in the workers."""

from __future__ import annotations

from collections.abc import Iterator


class Nothing:
    """A runner that says its job's number and is done."""

    def __init__(self, number: int) -> None:
        self._number = number

    def run(self) -> Iterator[int]:
        """One message."""
        yield self._number

    def stop(self) -> None:
        """There is nothing to stop."""
