"""Producers and consumers: a bounded queue, `task_done` and `join`, and an end that reaches every consumer.

To see: the queue never holds more than its bound, however fast producers are (backpressure); `join` returns when every
item has been *dealt with*, not just taken; one sentinel for each consumer ends them all.
"""

from __future__ import annotations

import threading
import time
from queue import Queue

PRODUCERS, CONSUMERS, EACH, BOUND = 3, 2, 20, 4
END = None


def produce(queue: Queue[int | None], first: int, lengths: list[int]) -> None:
    """Put numbers; wait while the queue is full."""
    for number in range(first, first + EACH):
        queue.put(number)
        lengths.append(queue.qsize())


def consume(queue: Queue[int | None], done: list[int]) -> None:
    """Deal with numbers until the sentinel. `task_done` comes after the work, even when the work fails."""
    while (number := queue.get()) is not END:
        try:
            time.sleep(0.001)
            done.append(number)  # appending to a list is one step: no lock needed
        finally:
            queue.task_done()
    queue.task_done()


def main() -> None:
    """Three against two."""
    queue: Queue[int | None] = Queue(maxsize=BOUND)
    done: list[int] = []
    lengths: list[int] = []
    consumers = [threading.Thread(target=consume, args=(queue, done)) for _ in range(CONSUMERS)]
    producers = [threading.Thread(target=produce, args=(queue, n * EACH, lengths)) for n in range(PRODUCERS)]
    for thread in consumers + producers:
        thread.start()
    for thread in producers:
        thread.join()
    queue.join()
    print(f"dealt with {len(done)} of {PRODUCERS * EACH}, each once: {sorted(done) == list(range(PRODUCERS * EACH))}")
    print(f"at most {BOUND} waited: {max(lengths) <= BOUND}")
    for _ in consumers:
        queue.put(END)
    for thread in consumers:
        thread.join()
    print("consumers ended, left in the queue:", queue.qsize())


if __name__ == "__main__":
    main()
