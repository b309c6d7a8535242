"""A semaphore: at most so many at once, whoever they are.

To see: ten threads, never more than three inside. A `BoundedSemaphore` also notices one release too many, which with a
plain one would silently raise the limit. This is what `-n` means in a scanner and a slot in a crawler.
"""

from __future__ import annotations

import threading
import time


class Gauge:
    """How many are inside now, and how many were at most."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


def converse(limit: threading.BoundedSemaphore, gauge: Gauge) -> None:
    """Wait for a place, then take a while."""
    with limit, gauge:
        time.sleep(0.01)


def main() -> None:
    """Ten want, three may."""
    limit, gauge = threading.BoundedSemaphore(3), Gauge()
    threads = [threading.Thread(target=converse, args=(limit, gauge)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"ten threads, at most {gauge.most} at once")
    try:
        limit.release()
    except ValueError as problem:
        print("one release too many:", problem)


if __name__ == "__main__":
    main()
