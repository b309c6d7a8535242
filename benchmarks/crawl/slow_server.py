"""A server that takes its time, from memory: slow_server.py ROOT FAST_PORT SLOW_PORT.

The one rule: the same pages on both ports; on the second an answer comes after 50 to 200 ms, by its path.
"""

from __future__ import annotations

import asyncio
import sys
import zlib
from pathlib import Path

import uvloop

_LEAST, _SPREAD = 0.05, 0.15  # seconds


def answer_of(path: Path) -> bytes:
    """A whole answer with a file as its body."""
    body = path.read_bytes()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def answers_of(root: Path) -> dict[bytes, bytes]:
    """All answers by path."""
    return {f"/{path.relative_to(root)}".encode(): answer_of(path) for path in root.rglob("*.*")}


MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"


class Conversation(asyncio.Protocol):
    """One connection; requests have no bodies."""

    def __init__(self, answers: dict[bytes, bytes], slow: bool) -> None:
        self._answers = answers
        self._slow = slow
        self._left = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A crawler has come."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """A piece of a request, or several."""
        *heads, self._left = (self._left + data).split(b"\r\n\r\n")
        for head in heads:
            path = head.split(b" ", 2)[1]
            answer = self._answers.get(path, MISSING)
            if self._slow:
                self._loop.call_later(_LEAST + zlib.crc32(path) % 1000 / 1000 * _SPREAD, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def main(root: str, fast: str, slow: str) -> None:
    """Serve until the end comes from outside."""
    loop, answers = asyncio.get_running_loop(), answers_of(Path(root))
    for port, is_slow in ((fast, False), (slow, True)):
        await loop.create_server(
            lambda is_slow=is_slow: Conversation(answers, is_slow), "127.0.0.1", int(port), backlog=4096
        )
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
