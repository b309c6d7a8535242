"""A pool of processes: map, imap, apply_async, an error, a time-out, and how it is ended.

To see: `map` keeps the order, `imap_unordered` gives what is ready; an error in a task is raised where its result is
asked for, and only there; a time-out gives up waiting, it does not stop the task. That is why a pool with a task that
hangs is ended with `terminate`, and any other with `close` and `join`.
"""

from __future__ import annotations

import multiprocessing
import os
import time


def work(number: int) -> int:
    """Square; 3 is a number it cannot do."""
    if number == 3:
        raise ValueError("three is not to my taste")
    return number * number


def hang() -> None:
    """Take longer than anybody waits."""
    time.sleep(60)


def where(_: int) -> int:
    """Which process did it."""
    time.sleep(0.01)
    return os.getpid()


def main() -> None:
    """All of it, with two processes."""
    with multiprocessing.Pool(processes=2) as pool:
        print("map:", pool.map(work, [1, 2, 4]))
        print("imap_unordered, sorted:", sorted(pool.imap_unordered(work, [4, 2, 1])))
        print("processes at work:", len(set(pool.map(where, range(20), chunksize=1))))

        good, bad = pool.apply_async(work, (5,)), pool.apply_async(work, (3,))
        print("apply_async:", good.get(timeout=10))
        try:
            bad.get(timeout=10)
        except ValueError as problem:
            print("an error comes out where the result is asked for:", problem)

        told: list[object] = []
        asked = [pool.apply_async(work, (n,), callback=told.append, error_callback=told.append) for n in (6, 3)]
        for each in asked:
            each.wait(timeout=10)
        print("callbacks were told:", sorted(map(str, told)))
        pool.close()  # no more tasks; those that run are finished
        pool.join()

    with multiprocessing.Pool(processes=1) as pool:
        try:
            pool.apply_async(hang).get(timeout=0.1)
        except multiprocessing.TimeoutError:
            print("no result within 0.1 s; the task still runs, so the pool is terminated")
    # Leaving `with` terminates. Waiting for one another inside tasks (a task that asks its own pool for a result) can
    # use up all processes with waiting: give such work to the parent instead.
    print("children left:", len(multiprocessing.active_children()))


if __name__ == "__main__":
    main()
