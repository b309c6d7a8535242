"""A pipe, both ways, and one way only; and why two writers at one end need a lock.

To see: question and answer over one duplex pipe; the end of the other side is `EOFError`, not silence; and three
writers that share an end, each whole message under the lock, so that none is torn.
"""

from __future__ import annotations

import multiprocessing
from typing import Any


def answer(end: Any) -> None:
    """Child: answer until the other end is closed."""
    while True:
        try:
            question = end.recv()
        except EOFError:
            return
        end.send(question.upper())


def tell(end: Any, lock: Any, number: int) -> None:
    """Child: one of several writers at the same end. A message larger than the pipe's buffer is written in pieces."""
    with lock:
        end.send(str(number) * 200_000)


def both_ways() -> None:
    """Duplex: each end sends and receives."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.Process(target=answer, args=(there,))
    child.start()
    there.close()  # the child has its own copy; while ours is open, the child would never see the end
    for word in ("cod", "eel"):
        here.send(word)
        print(word, "->", here.recv())
    print("anything more?", here.poll(0.05))
    here.close()
    child.join()
    print("child ended with exit code", child.exitcode)


def one_way() -> None:
    """Several writers, one reader."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    lock = multiprocessing.Lock()
    children = [multiprocessing.Process(target=tell, args=(writer, lock, number)) for number in range(3)]
    for child in children:
        child.start()
    writer.close()
    messages = [reader.recv() for _ in children]
    whole = all(len(message) == 200_000 and len(set(message)) == 1 for message in messages)
    for child in children:
        child.join()
    print("three writers under a lock, all messages whole:", whole)


if __name__ == "__main__":
    # With fork a child would inherit the parent's end of the pipe, and so keep itself waiting for ever.
    multiprocessing.set_start_method("spawn")
    both_ways()
    one_way()
