"""A queue between two children, and the same inside a pool, where only a manager's queue will do.

To see: the parent gives both children the queue and touches no message. A plain queue may be handed over only when a
process is made; a pool's processes exist already, so its tasks get the proxy of a queue that lives in a manager.
"""

from __future__ import annotations

import multiprocessing
from typing import Any

WORDS = ("plaice", "sprat", "herring")


def write(queue: Any) -> str:
    """Put the words and the sentinel."""
    for word in WORDS:
        queue.put(word)
    queue.put(None)
    return f"wrote {len(WORDS)}"


def read(queue: Any) -> str:
    """Take words until the sentinel."""
    words = list(iter(queue.get, None))
    print("read:", *words, flush=True)
    return f"read {len(words)}"


def between_children() -> None:
    """Two processes, one queue."""
    queue = multiprocessing.Queue(maxsize=1)
    children = [multiprocessing.Process(target=do, args=(queue,)) for do in (write, read)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print("exit codes:", *(child.exitcode for child in children))


def inside_a_pool() -> None:
    """Two tasks of a pool; a plain queue is refused."""
    with multiprocessing.Manager() as manager, multiprocessing.Pool(2) as pool:
        try:
            pool.apply(write, (multiprocessing.Queue(),))
        except RuntimeError as refusal:
            print("a plain queue as a task's argument:", refusal)
        queue = manager.Queue(maxsize=1)
        tasks = [pool.apply_async(do, (queue,)) for do in (write, read)]
        print("a manager's queue:", *(task.get(timeout=10) for task in tasks), sep=" ")
        pool.close()
        pool.join()


if __name__ == "__main__":
    between_children()
    inside_a_pool()
