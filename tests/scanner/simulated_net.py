"""A network that exists on paper: sockets, a poller and a clock for the TCP engine, exact to the microsecond.

A `World` is told how each (address, port) behaves; time passes only when the engine waits in the poller.
"""

import errno
import heapq
import itertools
import random
import struct

from shoal.scanner.reason import IP_RECVERR, SOL_IP


class Answer:
    """What comes back for one attempt: an errno (0: open), after `rtt` seconds, with ICMP evidence or not."""

    def __init__(self, problem=0, rtt=0.020, icmp=None):
        self.problem = problem
        self.rtt = rtt
        self.icmp = icmp  # (type, code, source)


OPEN = Answer(0)
CLOSED = Answer(errno.ECONNREFUSED)
SILENT = None


class World:
    """`answer(address, port)` -> Answer or SILENT; `loss` is the share of packets lost each way."""

    def __init__(self, answer, loss=0.0, seed=1, reuses=True):
        self.now = 100.0
        self.answer = answer
        self.loss = loss
        self.random = random.Random(seed)
        self.REUSES = reuses
        self.refuse = lambda address, port: 0  # an errno that connect() fails with at once
        self.socket_limit = None
        self.streams = {}
        self.watched = set()
        self.events = []
        self.order = itertools.count()
        self.numbers = itertools.count(10)
        self.attempts = []  # (moment, address, port, descriptor)
        self.in_flight = 0
        self.most_in_flight = 0
        self.stall = 0.0  # seconds that pass unseen in the next poll

    def clock(self):
        return self.now

    def open_stream(self, family):
        if self.socket_limit is not None and len(self.streams) >= self.socket_limit:
            raise OSError(errno.EMFILE, "Too many open files")
        stream = Stream(self, next(self.numbers))
        self.streams[stream.number] = stream
        return stream

    def arrives(self, stream, destination):
        """A SYN leaves: decide what becomes of it."""
        self.attempts.append((self.now, destination[0], destination[1], stream.number))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        answer = self.answer(destination[0], destination[1])
        lost = self.random.random() < self.loss or self.random.random() < self.loss
        if answer is not SILENT and not lost:
            heapq.heappush(self.events, (self.now + answer.rtt, next(self.order), stream, stream.attempt, answer))

    # The poller

    def add(self, descriptor):
        pass

    def watch(self, descriptor):
        self.watched.add(descriptor)

    def unwatch(self, descriptor):
        self.watched.discard(descriptor)

    def close(self):
        pass

    def poll(self, seconds, at_most):
        assert seconds <= 2, "the engine would sleep for long"
        until = self.now + seconds
        self.now += self.stall
        self.stall = 0.0
        spoke = {}
        while self.events and (self.events[0][0] <= self.now or (not spoke and self.events[0][0] <= until)):
            moment, _, stream, attempt, answer = heapq.heappop(self.events)
            self.now = max(self.now, moment)
            if stream.number in self.streams and stream.attempt == attempt:
                stream.outcome = answer
                spoke[stream.number] = 8 if answer.problem else 4
        if not spoke:
            self.now = max(self.now, until)
        return list(spoke.items())[:at_most]


class Stream:
    """What the engine uses of a socket."""

    def __init__(self, world, number):
        self.world = world
        self.number = number
        self.attempt = 0
        self.pending = False
        self.outcome = None
        self.destination = None

    def fileno(self):
        return self.number

    def connect_ex(self, destination):
        if self.outcome:
            return self._concluded()
        if self.pending:
            return errno.EALREADY
        problem = self.world.refuse(*destination[:2])
        if problem:
            return problem
        self.pending = True
        self.attempt += 1
        self.destination = destination
        self.world.arrives(self, destination)
        return errno.EINPROGRESS

    def _concluded(self):
        problem = self.outcome.problem
        self.icmp = self.outcome.icmp
        if self.pending:
            self.world.in_flight -= 1
        self.pending = False
        if problem:
            self.outcome = None
            return problem
        return errno.EISCONN

    def recvmsg(self, size, space, flags):
        icmp = getattr(self, "icmp", None) or (self.outcome.icmp if self.outcome else None)
        if not icmp:
            raise BlockingIOError(errno.EAGAIN, "nothing queued")
        self.icmp = None
        kind, code, source = icmp
        entry = struct.pack("IBBBBII", errno.ECONNREFUSED, 2, kind, code, 0, 0, 0)
        return b"", [(SOL_IP, IP_RECVERR, entry + b"\2\0\0\0" + bytes(map(int, source.split("."))) + bytes(8))], 0, None

    def getsockname(self):
        return "192.0.2.1", 40_000 + self.number

    def getpeername(self):
        return self.destination

    def close(self):
        if self.pending:
            self.world.in_flight -= 1
        self.pending = False
        self.attempt += 1
        del self.world.streams[self.number]
