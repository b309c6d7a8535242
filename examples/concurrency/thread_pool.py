"""A pool of threads: submit, map, an error, a time-out, results as they come, cancelling.

To see: eight waits of 0.05 s take the time of two when four threads wait; results come as they are ready; a future
that has not begun can be cancelled, one that runs cannot.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def wait(seconds: float) -> float:
    """Stand for a network conversation: nearly all of it is waiting, and waiting threads let others run."""
    time.sleep(seconds)
    return seconds


def fail() -> None:
    """Stand for a conversation that goes wrong."""
    raise ConnectionError("nobody answered")


def main() -> None:
    """With four threads, then with one."""
    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="fetch") as pool:
        began = time.perf_counter()
        list(pool.map(wait, [0.05] * 8))
        print("eight waits of 0.05 s with four threads:", "together" if time.perf_counter() - began < 0.3 else "slow")
        print("map keeps the order:", list(pool.map(wait, [0.03, 0.02, 0.01])))
        ready = [done.result() for done in as_completed([pool.submit(wait, s) for s in (0.3, 0.15, 0.0)])]
        print("as_completed gives what is ready:", ready)
        print("an error is kept for whoever asks:", repr(pool.submit(fail).exception(timeout=10)))

    release = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as pool:
        running, waiting = pool.submit(release.wait, 10), pool.submit(wait, 0)
        try:
            waiting.result(timeout=0.05)
        except TimeoutError:
            print("one thread is busy, so the second task has no result within 0.05 s")
        print("cancelled: the one that waits", waiting.cancel(), "- the one that runs", running.cancel())
        release.set()
    print("threads left beside this one:", threading.active_count() - 1)


if __name__ == "__main__":
    main()
