"""An event: one says "now", all who wait go on; and "not yet" is an answer too.

To see: `wait` with a time-out returns False when the time is over; after `set` every waiter goes on, those who come
later do not wait at all; `clear` closes the gate again.
"""

from __future__ import annotations

import threading


def runner(gate: threading.Event, gone: list[int], number: int) -> None:
    """Wait for the gate."""
    if gate.wait(timeout=10):
        gone.append(number)


def main() -> None:
    """Three wait, one comes late."""
    gate, gone = threading.Event(), []
    runners = [threading.Thread(target=runner, args=(gate, gone, number)) for number in range(3)]
    for thread in runners:
        thread.start()
    print("before set, within 0.05 s:", gate.wait(timeout=0.05), "- gone:", len(gone))
    gate.set()
    for thread in runners:
        thread.join()
    print("after set, gone:", len(gone), "- a latecomer waits:", not gate.wait(timeout=0))
    gate.clear()
    print("after clear:", gate.is_set())


if __name__ == "__main__":
    main()
