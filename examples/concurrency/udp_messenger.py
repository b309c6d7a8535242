"""A messenger over UDP: each side has a thread that sends and a thread that receives, at the same time.

To see: both talk at once, since neither waits for the other; a datagram arrives whole or not at all, and nobody
promises that it does: here all arrive, on a network some would not, and the receiver must not wait for them for ever.
By hand: `udp_messenger.py 9001 9002` in one terminal, `udp_messenger.py 9002 9001` in another; an empty line ends.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterable

HERE = "127.0.0.1"
BYE = b""  # an empty datagram: a real one, and not a closed connection as it would be with TCP
PATIENCE = 10.0  # seconds without a word


class Messenger:
    """One side of a conversation."""

    def __init__(self, port: int = 0) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HERE, port))
        self.socket.settimeout(PATIENCE)
        self.port: int = self.socket.getsockname()[1]

    def talk(self, peer: int, lines: Iterable[str], told: Callable[[str], object]) -> None:
        """Send the lines and a farewell; hand over what comes until the other side's farewell."""
        receiving = threading.Thread(target=self._receive, args=(told,))
        sending = threading.Thread(target=self._send, args=(peer, lines))
        for thread in (receiving, sending):
            thread.start()
        for thread in (sending, receiving):
            thread.join()
        self.socket.close()

    def _send(self, peer: int, lines: Iterable[str]) -> None:
        for line in lines:
            self.socket.sendto(line.encode(), (HERE, peer))
        self.socket.sendto(BYE, (HERE, peer))

    def _receive(self, told: Callable[[str], object]) -> None:
        try:
            while (message := self.socket.recv(65_535)) != BYE:
                told(message.decode())
        except TimeoutError:
            told(f"(nothing for {PATIENCE:.0f} s; the rest is lost)")


def both() -> None:
    """Two messengers in one process."""
    here, there = Messenger(), Messenger()
    heard_here: list[str] = []
    heard_there: list[str] = []
    other = threading.Thread(target=there.talk, args=(here.port, ["fine", "and you?"], heard_there.append))
    other.start()
    here.talk(there.port, ["how are you?", "大家好"], heard_here.append)
    other.join()
    print("heard there:", *heard_there, sep=" | ")
    print("heard here:", *heard_here, sep=" | ")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        own, peer = map(int, sys.argv[1:])
        Messenger(own).talk(peer, iter(input, ""), print)
    else:
        both()
