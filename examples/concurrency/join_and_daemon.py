"""Processes: arguments, names, join with a time-out, daemon, terminate, exit codes, a class of one's own.

To see: `join(timeout)` stops waiting, not the process; a daemon dies with its parent instead of keeping it; an exit
code tells how a process ended: 0, what it asked for, or minus the signal that ended it.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time

PARENT_OF_A_DAEMON = """
import multiprocessing, time
if __name__ == "__main__":
    multiprocessing.Process(target=time.sleep, args=(60,), daemon=True).start()
    print("the parent of a daemon is done", flush=True)
"""


class Countdown(multiprocessing.Process):
    """A process by inheritance: `run` is what it does. What `__init__` sets travels there; no change comes back."""

    def __init__(self, start: int) -> None:
        super().__init__(name=f"countdown-{start}")
        self.left = start

    def run(self) -> None:
        """Count down, then leave with a code of one's own."""
        while self.left:
            self.left -= 1
        sys.exit(7)


def greet(greeting: str, *, name: str) -> None:
    """Run in a child, with positional and named arguments."""
    print(greeting, name, "from", multiprocessing.current_process().name, flush=True)


def main() -> None:
    """Each in turn."""
    child = multiprocessing.Process(target=greet, args=("hello",), kwargs={"name": "shoal"}, name="greeter")
    child.start()
    child.join()
    print("exit code of one that ends well:", child.exitcode)

    sleeper = multiprocessing.Process(target=time.sleep, args=(60,))
    sleeper.start()
    sleeper.join(timeout=0.05)
    print("after join(0.05) the sleeper is alive:", sleeper.is_alive(), "with exit code", sleeper.exitcode)
    print("active children:", len(multiprocessing.active_children()))
    sleeper.terminate()
    sleeper.join()
    print("exit code after terminate (minus SIGTERM):", sleeper.exitcode)

    countdown = Countdown(3)
    countdown.start()
    countdown.join()
    print(
        f"{countdown.name}: exit code {countdown.exitcode}, left here {countdown.left}: the child counted its own copy"
    )

    sys.stdout.flush()
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", PARENT_OF_A_DAEMON], check=True)
    print("and did not wait for it:", time.monotonic() - began < 30)


if __name__ == "__main__":
    main()
