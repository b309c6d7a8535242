"""A timer: something happens later, unless it is cancelled first.

To see: a timer is a thread that waits; cancelled in time it never fires. This is a watchdog: work that ends in time
cancels it. (A crawler with thousands of time-outs keeps them in one event loop instead of in one thread each.)
"""

from __future__ import annotations

import threading


def guard(seconds: float, work: threading.Event, patience: float) -> str:
    """Wait for the work up to `patience` seconds, under a watchdog of `seconds`."""
    barked = threading.Event()
    watchdog = threading.Timer(seconds, barked.set)
    watchdog.start()
    work.wait(timeout=patience)
    watchdog.cancel()
    watchdog.join()
    return "the watchdog barked" if barked.is_set() else "in time, the watchdog was cancelled"


if __name__ == "__main__":
    done, never = threading.Event(), threading.Event()
    done.set()
    print("quick work:", guard(5, done, 10))
    print("slow work:", guard(0.02, never, 0.2))
    print("threads left beside this one:", threading.active_count() - 1)
