"""A network that exists on paper, for the ping engine: hosts, loss, routers, and a clock that only waiting moves.

The messages are real bytes, read by the same code that reads real packets.
"""

import errno
import heapq
import itertools
import math
import random
import struct

from shoal.net.frames import ECHO_REPLY, Echo, checksum
from shoal.net.targets import TargetSet, parse
from shoal.scanner.engines.icmp import IcmpEngine
from shoal.scanner.probes import Job
from shoal.scanner.reason import IcmpError

TOKEN = b"shoaling"
IDENT = 0x5348


class EchoWorld:
    """`rtt(address)` is the round trip of a host in seconds, None for silence; `loss` is drawn each way."""

    def __init__(self, rtt, loss=0.0, seed=1, raw=False):
        self.now = 100.0
        self.rtt = rtt
        self.loss = loss
        self.random = random.Random(seed)
        self.raw = raw
        self.copies = 1
        self.refuse = lambda address, number: 0  # the errno of a send; `number` counts all of them
        self.icmp = lambda address: None  # IcmpError instead of an answer
        self.broadcast = ()
        self.stall = 0.0  # seconds that the next wait takes longer than it should
        self.sent = []  # (moment, address, try)
        self.numbers = itertools.count()
        self.order = itertools.count()
        self.on_wire = {4: [], 6: []}  # by version: (arrival, tie, packet, source)
        self.errors_on_wire = []  # (arrival, tie, (address, request, IcmpError))
        self.closed = False
        self.watch_send = lambda: None

    def clock(self):
        return self.now

    def wait(self, seconds):
        """As poll(): until something comes, else a whole number of milliseconds, never less than asked."""
        moment = self.now + math.ceil(seconds * 1000) / 1000
        coming = [line[0][0] for line in (*self.on_wire.values(), self.errors_on_wire) if line]
        self.now = max(self.now, min([moment, *coming])) + self.stall
        self.stall = 0.0

    def line(self, version=4):
        return Line(self, version)

    def engine(self, *targets, line=None, **wishes):
        job = Job(TargetSet([parse(text) for text in targets]), **wishes)
        return IcmpEngine(job, [line or self.line()], self.clock, self.wait)

    def times(self, address):
        """When the address was asked."""
        return [moment for moment, asked, _ in self.sent if asked == address]


class Line:
    """What `EchoSocket` is to the engine."""

    kind = "simulated"

    def __init__(self, world, version):
        self.world = world
        self.version = version
        self.echo = Echo(version, IDENT, TOKEN)

    def fileno(self):
        return -1

    def close(self):
        self.world.closed = True

    def is_broadcast(self, address):
        return address in self.world.broadcast

    def send(self, packet, destination):
        world, address = self.world, destination[0]
        world.watch_send()
        problem = world.refuse(address, next(world.numbers))
        if problem:
            raise OSError(problem, "simulated")
        attempt = struct.unpack("!H", packet[6:8])[0]
        world.sent.append((world.now, address, attempt))
        trip, icmp = world.rtt(address), world.icmp(address)
        if trip is None or world.random.random() < world.loss or world.random.random() < world.loss:
            return
        for copy in range(world.copies):
            arrival = world.now + trip * (1 + copy)
            if icmp:
                heapq.heappush(world.errors_on_wire, (arrival, next(world.order), (address, packet, icmp)))
            else:
                heapq.heappush(world.on_wire[self.version], (arrival, next(world.order), self.reply(packet), address))

    def reply(self, request):
        """The echo reply to a request, with an IP header where a raw socket has one."""
        message = bytes([ECHO_REPLY[self.version], 0, 0, 0]) + request[4:]
        message = message[:2] + checksum(message).to_bytes(2, "big") + message[4:]
        return b"\x46" + bytes(23) + message if self.world.raw else message

    def receive(self, space):
        world = self.world
        if world.errors_on_wire and world.errors_on_wire[0][0] <= world.now:
            raise OSError(errno.EHOSTUNREACH, "an ICMP error waits")
        coming = world.on_wire[self.version]
        if not coming or coming[0][0] > world.now:
            raise BlockingIOError(errno.EAGAIN, "nothing there")
        _, _, packet, source = heapq.heappop(coming)
        return packet[:space], (source, 0)

    def errors(self):
        waiting = self.world.errors_on_wire
        while waiting and waiting[0][0] <= self.world.now:
            yield heapq.heappop(waiting)[2]


def sweep(world, *targets, **wishes):
    """Run to the end: (results by address, engine, [(moment, result)])."""
    engine = world.engine(*targets, **wishes)
    told = [(world.now, result) for batch in engine.run() for result in batch.results]
    by_address = {result.address: result for _, result in told}
    assert len(by_address) == len(told), "an address was told twice"
    return by_address, engine, told


def unreachable(code, source):
    return IcmpError(4, 3, code, source)
