"""A queue from parent to child: bounded, ended by a sentinel, and what its time-outs say.

To see: the parent is held back when the queue is full (it never runs ahead of the child by more than two numbers), the
child ends by itself when the sentinel arrives, and both `Full` and `Empty` are answers, not accidents.
"""

from __future__ import annotations

import multiprocessing
from queue import Empty, Full
from typing import Any

END = None  # the sentinel: after it nothing follows


def square(numbers: Any, squares: Any) -> None:
    """Child: take numbers until the sentinel, give their squares."""
    while (number := numbers.get()) is not END:
        squares.put(number * number)
    squares.put(END)


def main() -> None:
    """Fill, feed, end."""
    numbers = multiprocessing.Queue(maxsize=2)
    squares = multiprocessing.Queue()

    numbers.put(1)
    numbers.put(2)
    try:
        numbers.put(3, timeout=0.05)
    except Full:
        print("full: nobody takes, so the third number waits 0.05 s and is not taken")

    child = multiprocessing.Process(target=square, args=(numbers, squares), name="square")
    child.start()
    for number in (3, 4, 5):
        numbers.put(number)  # blocks while two wait
    numbers.put(END)
    print("squares:", *iter(squares.get, END))

    try:
        squares.get(timeout=0.05)
    except Empty:
        print("empty: the child has ended, so nothing comes within 0.05 s")
    child.join()
    print(f"{child.name} ended with exit code {child.exitcode}")


if __name__ == "__main__":
    main()
