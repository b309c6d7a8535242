"""Queues that are not first in, first out: by priority, and last in, first out.

To see: equal priorities would compare the jobs themselves, so each entry carries a number that counts up; it also keeps
equals in their order. A frontier that takes the newest first crawls depth first, the oldest first breadth first.
"""

from __future__ import annotations

import itertools
from collections import deque
from queue import LifoQueue, PriorityQueue, Queue

JOBS = (("robots.txt", 0), ("page 1", 2), ("front page", 1), ("page 2", 2))
LINKS = {"/": ("/a", "/b"), "/a": ("/a/1", "/a/2"), "/b": ("/b/1",)}


def by_priority() -> list[str]:
    """The lowest number first, equals as they came."""
    queue: PriorityQueue[tuple[int, int, dict[str, str]]] = PriorityQueue()
    count = itertools.count()
    for name, priority in JOBS:
        queue.put((priority, next(count), {"job": name}))  # dicts cannot be compared; the count decides before them
    return [queue.get()[2]["job"] for _ in JOBS]


def crawl(frontier: Queue[str]) -> list[str]:
    """The order in which pages are visited is the queue's."""
    visited = []
    frontier.put("/")
    while not frontier.empty():  # a single thread: nobody else puts or takes in between
        page = frontier.get()
        visited.append(page)
        deque(map(frontier.put, LINKS.get(page, ())), maxlen=0)
    return visited


if __name__ == "__main__":
    print("by priority:", ", ".join(by_priority()))
    print("first in, first out (breadth first):", *crawl(Queue()))
    print("last in, first out (depth first):", *crawl(LifoQueue()))
