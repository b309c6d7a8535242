"""A slow and lossy wire in user space: frames from one interface leave by the other, later, or never.

The one rule: every frame's fate is drawn once, on arrival, from the seed: dropped by rule, lost, or due after the
delay; what is due leaves in order. Frames keep their virtio header (PACKET_VNET_HDR, packet(7)), so half-made
checksums and segments too big for the wire pass through without any change to the interfaces.

It runs as a script in the middle namespace of `lab.network`, imports nothing of Shoal, and ends with its input.
About 10 us a frame on one core, that is some 80,000 frames a second for both ways together.

First line in: {"near": interface, "far": interface, "delay": seconds each way, "loss": 0..1 each way, "seed": int,
"drop_ports": [TCP ports dropped on the way from near to far], "life": seconds}. First line out: {"ready": true}, or
{"problem": str}. At the end: {"near": {"seen": n, "lost": n, "dropped": n}, "far": ...}, a count per side of entry.
"""

from __future__ import annotations

import json
import random
import select
import signal
import socket
import sys
import time
from collections import deque

SOL_PACKET = 263  # linux/if_packet.h, as the four below
PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 15, 23
ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
RECEIVE_BUFFER = 64 << 20  # bytes; as root, above net.core.rmem_max

HEADER = 10  # bytes of struct virtio_net_hdr before each frame
LARGEST = 65_536 + 64
FRAMES_AT_ONCE = 128
ARP, IPV4, IPV6 = b"\x08\x06", b"\x08\x00", b"\x86\xdd"
TCP = 6


class Wire:
    """One direction: a queue of frames with the moment each is due."""

    def __init__(self, entry: socket.socket, way_out: socket.socket, orders: dict[str, float], seed: str) -> None:
        self._entry = entry
        self._exit = way_out
        self._delay = orders["delay"]
        self._loss = orders["loss"]
        self._draw = random.Random(seed).random
        self._queue: deque[tuple[float, bytes]] = deque()
        self._dropped_ports: frozenset[int] = frozenset()
        self.seen = self.lost = self.dropped = 0

    def drop_to(self, ports: list[int]) -> None:
        """TCP segments to these ports vanish."""
        self._dropped_ports = frozenset(ports)

    def take(self, now: float) -> None:
        """Draw the fate of what has arrived."""
        due = now + self._delay
        try:
            for _ in range(FRAMES_AT_ONCE):
                frame = self._entry.recv(LARGEST)
                if self._passes(frame):
                    self._queue.append((due, frame))
        except BlockingIOError:
            pass

    def give(self, now: float) -> float | None:
        """Send what is due; returns the seconds until the next is, None if nothing waits."""
        queue = self._queue
        while queue and queue[0][0] <= now:
            try:
                self._exit.send(queue.popleft()[1])
            except OSError:  # the far side's queue is full, or its interface went down
                self.lost += 1
        return queue[0][0] - now if queue else None

    def counts(self) -> dict[str, int]:
        """What became of the frames so far."""
        return {"seen": self.seen, "lost": self.lost, "dropped": self.dropped}

    def _passes(self, frame: bytes) -> bool:
        """The kernel's own chatter (ARP, multicast) is spared and not counted: it would spoil the seed's repetition."""
        if frame[HEADER] & 1 or frame[HEADER + 12 : HEADER + 14] == ARP:
            return True
        self.seen += 1
        if self._dropped_ports and tcp_destination(frame, HEADER) in self._dropped_ports:
            self.dropped += 1
            return False
        if self._loss and self._draw() < self._loss:
            self.lost += 1
            return False
        return True


def tcp_destination(frame: bytes, start: int = 0) -> int | None:
    """The TCP destination port of the Ethernet frame that begins at `start`, None for anything else."""
    kind = frame[start + 12 : start + 14]
    if kind == IPV4 and frame[start + 23] == TCP:
        at = start + 14 + (frame[start + 14] & 15) * 4
    elif kind == IPV6 and frame[start + 20] == TCP:
        at = start + 54
    else:
        return None
    return int.from_bytes(frame[at + 2 : at + 4], "big")


def tap(interface: str) -> socket.socket:
    """A packet socket that gets all frames entering by the interface, and none of those we send through it."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
    s.bind((interface, ETH_P_ALL))
    return s


def carry(wires: list[Wire], sources: list[socket.socket], end: float) -> None:
    """Relay until standard input ends or the moment `end` (of time.monotonic)."""
    wait: float | None = 0.0
    while (left := end - time.monotonic()) > 0:
        # select, not epoll: its time-out counts microseconds, and a rounded one would add 1 ms to each way
        ready = select.select([*sources, sys.stdin], [], [], left if wait is None else min(wait, left))[0]
        if sys.stdin in ready:
            return
        now = time.monotonic()
        for wire in wires:
            wire.take(now)
        now = time.monotonic()
        waits = [pause for wire in wires if (pause := wire.give(now)) is not None]
        wait = max(0.0, min(waits)) if waits else None


def main() -> None:
    """Take orders, relay, report."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; our end is the end of our input
    orders = json.loads(sys.stdin.readline())
    try:
        near, far = tap(orders["near"]), tap(orders["far"])
    except OSError as problem:
        print(json.dumps({"problem": str(problem)}), flush=True)  # noqa: T201
        return
    forth = Wire(near, far, orders, f"{orders['seed']}/forth")
    back = Wire(far, near, orders, f"{orders['seed']}/back")
    forth.drop_to(orders["drop_ports"])
    print(json.dumps({"ready": True}), flush=True)  # noqa: T201
    carry([forth, back], [near, far], time.monotonic() + orders["life"])
    print(json.dumps({"near": forth.counts(), "far": back.counts()}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
