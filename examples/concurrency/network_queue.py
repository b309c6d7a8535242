"""Queues on the network with a key: one process hands out tasks, others, here or elsewhere, take them and answer.

To see: this is how the notes' image crawl shared its work: `multiprocessing.managers` serves two queues at an address,
and only who knows the key may connect; a wrong key is refused before anything is said.

Why Shoal's cluster does *not* use it: everything on this wire is pickled, so whoever holds the key, or sits on the
network and changes a message, runs code of his choice in every process; the key proves who one is, but nothing is
encrypted; a task that a lost worker had taken is gone. A cluster wants TLS, data instead of pickles, and leases.
"""

from __future__ import annotations

import multiprocessing
from functools import partial
from multiprocessing import AuthenticationError
from multiprocessing.managers import BaseManager
from queue import Queue
from typing import Any

KEY, WRONG_KEY = b"only for this demonstration", b"a guess"
PICTURES = tuple(f"/pictures/{number}.png" for number in range(6))
QUEUES: dict[str, Queue[Any]] = {"tasks": Queue(), "results": Queue()}  # they live in the manager's process


class Board(BaseManager):
    """Two queues at an address."""


def queue_named(name: str) -> Queue[Any]:
    """Run where the manager lives."""
    return QUEUES[name]


for _name in QUEUES:
    Board.register(_name, callable=partial(queue_named, _name))


def download(address: tuple[str, int], name: str) -> None:
    """A worker: connects with the key, takes tasks until the sentinel."""
    board = Board(address, authkey=KEY)
    board.connect()
    tasks, results = board.tasks(), board.results()
    for path in iter(lambda: tasks.get(timeout=10), None):
        results.put((name, path, f"{len(path)} bytes"))


def refused(address: tuple[str, int]) -> str:
    """What a stranger hears."""
    try:
        Board(address, authkey=WRONG_KEY).connect()
    except AuthenticationError as refusal:
        return f"refused: {refusal}"
    return "let in"


def main() -> None:
    """A master, two workers, a stranger."""
    with Board(("127.0.0.1", 0), authkey=KEY) as board:
        print("a wrong key:", refused(board.address))
        workers = [multiprocessing.Process(target=download, args=(board.address, f"worker {n}")) for n in (1, 2)]
        for worker in workers:
            worker.start()
        tasks, results = board.tasks(), board.results()
        for task in (*PICTURES, *[None] * len(workers)):
            tasks.put(task)
        done = [results.get(timeout=10) for _ in PICTURES]
        for worker in workers:
            worker.join()
        print(f"{len(done)} pictures, each once: {sorted(path for _, path, _ in done) == sorted(PICTURES)}")
        print("exit codes:", *(worker.exitcode for worker in workers))


if __name__ == "__main__":
    main()
