"""A condition: wait until something is *true*, not until somebody rings; and a lock that its holder may take again.

To see: `wait_for` asks again after each waking, so a waking without the thing waited for changes nothing; `notify_all`
wakes all, and the one slice is taken by exactly one. `RLock` lets a method that holds the lock call another that takes
it too.
"""

from __future__ import annotations

import threading


class Table:
    """Slices of bread, and who waits for one."""

    def __init__(self) -> None:
        self.slices = 0
        self.taken: list[str] = []
        self.changed = threading.Condition()

    def put(self, count: int) -> None:
        """Put slices, and tell all who wait."""
        with self.changed:
            self.slices += count
            self.changed.notify_all()

    def take(self, name: str, patience: float) -> bool:
        """Take one as soon as there is one, within `patience` seconds."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.slices > 0, timeout=patience):
                return False
            self.slices -= 1
            self.taken.append(name)
            return True


class Ledger:
    """A sum, whose methods may use one another."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # with a plain Lock, `move` would wait for itself for ever
        self.sum = 0

    def add(self, amount: int) -> None:
        """Add an amount."""
        with self.lock:
            self.sum += amount

    def move(self, amount: int) -> None:
        """Two steps that nobody may see apart."""
        with self.lock:
            self.add(-amount)
            self.add(amount)


def main() -> None:
    """Nothing, then one slice for three, then enough."""
    table = Table()
    print("an empty table, 0.05 s of patience:", table.take("early", 0.05))
    guests = [threading.Thread(target=table.take, args=(name, 10)) for name in ("ann", "ben", "cas")]
    for guest in guests:
        guest.start()
    table.put(0)  # rings, but there is nothing: all go on waiting
    print("after a ring without bread:", len(table.taken))
    table.put(1)
    with table.changed:
        table.changed.wait_for(lambda: table.slices == 0, timeout=0.05)
    table.put(2)
    for guest in guests:
        guest.join()
    print("in the end:", len(table.taken), "served,", table.slices, "slices left")
    ledger = Ledger()
    ledger.move(5)
    print("a lock taken twice by its holder, sum:", ledger.sum)


if __name__ == "__main__":
    main()
