"""A number and an array in shared memory, with a lock, and what happens without.

To see: two processes that both read before either writes lose one of two additions, always, because a barrier makes
them meet between reading and writing; what is rare in practice is made certain here. Under the lock nothing is lost.
"""

from __future__ import annotations

import multiprocessing
from typing import Any

ADDITIONS = 1_000


def add_unguarded(number: Any, between: Any) -> None:
    """Read; meet the other; write: the interleaving that a lock forbids."""
    seen = number.value
    between.wait(timeout=10)
    number.value = seen + 1


def add_guarded(number: Any) -> None:
    """`+=` is a read and a write, so the pair is held together by the number's own lock."""
    for _ in range(ADDITIONS):
        with number.get_lock():
            number.value += 1


def double(array: Any, first: int, last: int) -> None:
    """Each process has a part of the array to itself: nothing is shared, so nothing is locked."""
    for place in range(first, last):
        array[place] *= 2


def together(*children: multiprocessing.Process) -> None:
    """Run all to the end."""
    for child in children:
        child.start()
    for child in children:
        child.join()


def main() -> None:
    """Without a lock, with it, and a case that needs none."""
    number = multiprocessing.Value("i", 0, lock=False)
    between = multiprocessing.Barrier(2)
    together(*(multiprocessing.Process(target=add_unguarded, args=(number, between)) for _ in range(2)))
    print(f"without a lock: 2 additions, the number is {number.value}")

    guarded = multiprocessing.Value("i", 0)
    together(*(multiprocessing.Process(target=add_guarded, args=(guarded,)) for _ in range(2)))
    print(f"with its lock: {2 * ADDITIONS} additions, the number is {guarded.value}")

    array = multiprocessing.Array("i", range(6), lock=False)
    together(*(multiprocessing.Process(target=double, args=(array, at, at + 3)) for at in (0, 3)))
    print("array, each half doubled by a process of its own:", *array)


if __name__ == "__main__":
    main()
