"""The interpreter lock: what threads gain for work that computes, and for work that waits; with the lock on, and off.

To see: waiting lets go of the lock, so four threads wait four times at once; computing holds it, so two threads compute
no faster than one, while two processes do (given two cores). An interpreter built without the lock (3.13 and later,
"t") is tried too, both ways, when this is one. Times are printed, never judged: only the results are.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

ROUNDS = 300_000
JOBS = 4


def compute(rounds: int) -> int:
    """Work of which every step holds the lock."""
    total = 0
    for number in range(rounds):
        total += number * number % 7
    return total


def wait(_: int) -> int:
    """Work that waits, as a network conversation does."""
    time.sleep(0.05)
    return 0


def measure(work: Callable[[int], int], pool: Callable[[], Executor] | None) -> tuple[float, list[int]]:
    """Seconds and results of the jobs, in this thread or in a pool that is warm."""
    if pool is None:
        began = time.perf_counter()
        results = [work(ROUNDS) for _ in range(JOBS)]
        return time.perf_counter() - began, results
    with pool() as workers:
        list(workers.map(wait, range(JOBS)))
        began = time.perf_counter()
        results = list(workers.map(work, [ROUNDS] * JOBS))
        return time.perf_counter() - began, results


def threads() -> Executor:
    """As many as jobs."""
    return ThreadPoolExecutor(JOBS)


def processes() -> Executor:
    """As many as jobs."""
    return ProcessPoolExecutor(JOBS)


def lock_is_on() -> bool:
    """Whether this interpreter runs with the lock; before 3.13 there is no other."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def main() -> None:
    """Both kinds of work, three ways."""
    print(f"lock {'on' if lock_is_on() else 'off'}, {os.cpu_count()} cores")
    for name, work in (("computing", compute), ("waiting", wait)):
        answers = set()
        for way, pool in (("one after another", None), ("threads", threads), ("processes", processes)):
            seconds, results = measure(work, pool)
            answers.add(tuple(results))
            print(f"{name:9} {way:17} {seconds * 1000:6.0f} ms")
        print(f"{name:9} the same results all ways: {len(answers) == 1}")


if __name__ == "__main__":
    main()
    if sysconfig.get_config_var("Py_GIL_DISABLED") and "PYTHON_GIL" not in os.environ:
        other = "1" if not lock_is_on() else "0"
        subprocess.run([sys.executable, __file__], env=os.environ | {"PYTHON_GIL": other}, check=True)
    elif not sysconfig.get_config_var("Py_GIL_DISABLED"):
        print("this interpreter has no way to run without the lock")
