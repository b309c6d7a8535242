"""The practice site that `io` and `mixed` fetch from: made-up pages, each after a while.

Run as `python -m shoal.compare.site`: prints its address, ends when its standard input does.
"""

from __future__ import annotations

import sys
from functools import cache

from shoal.compare.work import LATENCY, page
from shoal.lab.conditions import Conditions
from shoal.lab.web import Answer, Asked, WebServer


@cache
def _body(kind: str, number: int) -> bytes:
    return page(kind, number).encode()


def answer(asked: Asked) -> Answer:
    """`/kind/number` is that page."""
    _, kind, number = asked.path.split("/")
    return Answer(_body(kind, int(number)))


if __name__ == "__main__":
    with WebServer(answer, conditions=Conditions(latency=LATENCY)) as server:
        print(server.url("").rstrip("/"), flush=True)  # noqa: T201 - this is its answer
        sys.stdin.read()
