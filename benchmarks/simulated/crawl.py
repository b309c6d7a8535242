"""A crawl in virtual time: machines that ask, partitions that answer, and both fail.

A machine says every `beat` seconds what is done and asks for what it has room for, as a worker of `-m proc` does; it
keeps a host's distance by itself, has at most `slots` requests under way and at most `window` pages in hand. What it
has not told is lost when it dies; its leases end `ttl` seconds later, and its hosts rest for one and a half delays.

The one rule: machines know only what they have been told, and time is the only thing that they share.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from benchmarks.simulated.clock import Clock
from benchmarks.simulated.hosts import Hosts, zipf
from benchmarks.simulated.partition import Given, Partition
from benchmarks.simulated.plan import Crawl, Outcome

_MARKS = (0.5, 0.9, 0.99)
_REST = 1.5  # delays, as in `shoal.crawl.spread.leasing`
_DEAL = 2  # a machine gets at most one in so many of its fair share of the hosts that are nobody's, at a time


class _Machine:
    """`life` is what partitions know a worker by: another one after each restart."""

    def __init__(self, number: int) -> None:
        self.alive = False
        self.turn = number
        self.start()

    def start(self) -> None:
        """Know nothing."""
        self.life = object()
        self.in_hand: dict[int, int] = {}
        self.free_at = 0.0
        self.host_free: dict[int, float] = {}
        self.hands: dict[tuple[int, int], Given] = {}
        self.outbox: list[tuple[int, Given]] = []


class Simulation:
    """One run; `run()` once."""

    def __init__(self, crawl: Crawl) -> None:
        self.crawl = crawl
        self.clock = Clock()
        self._random = Random(crawl.seed)
        sizes = zipf(crawl.pages, crawl.hosts, crawl.zipf, crawl.most_per_host)
        self._random.shuffle(sizes)
        self.hosts = Hosts(sizes, crawl.seeds, crawl.delay)
        self.pages = sum(sizes)
        self.partitions = [
            Partition(self.hosts, crawl.costs, number, crawl.partitions, crawl.machines if crawl.shared else 0)
            for number in range(crawl.partitions)
        ]
        self.machines = [_Machine(number) for number in range(crawl.machines)]
        self._each = max(crawl.fetch / crawl.slots, crawl.work)
        # So that nobody waits for one partition with all that he can have in hand.
        self._room = -(-crawl.window // crawl.partitions)
        self._half = (0, 0.0)
        # Pages that are asked for in the second half, by partition and token.
        self._second_half: dict[tuple[int, int], float] = {}
        self._marks: list[float] = []

    def run(self) -> Outcome:
        """Simulate. Raises AssertionError when an invariant does not hold."""
        crawl, clock = self.crawl, self.clock
        for machine in self.machines:
            clock.at(self._random.random() * max(crawl.beat, crawl.ramp), self._begin, machine)
            self._plan_death(machine)
        for partition in self.partitions:
            self._plan_outage(partition)
        if crawl.until:
            clock.at(crawl.until / 2, self._note_half)
            clock.run(crawl.until)
        else:
            clock.run(1e9, lambda: self.done == self.pages)
        for partition in self.partitions:
            partition.audit()
        return self._outcome()

    @property
    def done(self) -> int:
        """Pages so far."""
        return sum(partition.done for partition in self.partitions)

    def _note_half(self) -> None:
        self._half = self.done, self.clock.now

    def _outcome(self) -> Outcome:
        now, done = self.clock.now, self.done
        return Outcome(
            pages=self.pages,
            done=done,
            seconds=now,
            rate=sum(self._second_half.values()) / (now / 2) if self.crawl.until else done / now,
            acknowledged=(done - self._half[0]) / (now - self._half[1]),
            busy=max(partition.busy_until(now) for partition in self.partitions) / now,
            queue=max(partition.longest_queue for partition in self.partitions),
            marks=tuple(self._marks),
            returned=sum(partition.returned for partition in self.partitions),
            stale=sum(partition.stale for partition in self.partitions),
            events=self.clock.events,
        )

    # Machines

    def _begin(self, machine: _Machine) -> None:
        machine.start()
        machine.alive = True
        self._speak(machine, machine.life)

    def _speak(self, machine: _Machine, life: object) -> None:
        """Tell what is done, ask for more; again after a beat, or when the answers are here."""
        if machine.life is not life or not machine.alive:
            return
        machine.turn += 1
        told, machine.outbox = machine.outbox, []
        answered = self.clock.now
        for step in range(len(self.partitions)):
            number = (machine.turn + step) % len(self.partitions)
            acks = [given for where, given in told if where == number]
            if self.partitions[number].down_until > self.clock.now:
                machine.outbox += [(number, given) for given in acks]
            elif acks or machine.in_hand.get(number, 0) < self._room:
                answered = max(answered, self._exchange(machine, number, acks))
        self._mark()
        self.clock.at(max(self.clock.now + self.crawl.beat, answered), self._speak, machine, life)

    def _exchange(self, machine: _Machine, number: int, acks: list[Given]) -> float:
        """One message to a partition and its answer; when that is here."""
        crawl, partition, now = self.crawl, self.partitions[number], self.clock.now
        known = sum(given.pages for given in acks) * crawl.links * crawl.unknown
        seconds = crawl.costs.of(messages=1, known=known)
        seconds += sum(partition.ack(given.token, crawl.fresh) for given in acks)
        fair = partition.unowned() // (_DEAL * crawl.machines) + 1
        room = self._room - machine.in_hand.get(number, 0)
        leases = partition.lease(machine.life, room, fair, crawl.batch, now)
        given_out = crawl.costs.of(leases=len(leases), pages=sum(given.pages for given in leases)) / 2
        arrived = partition.serve(now + crawl.latency, seconds + given_out) + crawl.latency
        for given in leases:
            self._carry_out(machine, number, given, arrived)
        return arrived

    def _carry_out(self, machine: _Machine, number: int, given: Given, now: float) -> None:
        """Plan the requests of a lease: apart by the gap, and as the slots allow."""
        crawl = self.crawl
        machine.in_hand[number] = machine.in_hand.get(number, 0) + given.pages
        machine.hands[number, given.token] = given
        first = max(now, machine.host_free.get(given.host, 0.0))
        begin = max(machine.free_at, now)
        machine.free_at = begin + given.pages * self._each
        last = max(first + (given.pages - 1) * crawl.gap, machine.free_at - self._each)
        self._count(number, given, max(first, min(begin, last - (given.pages - 1) * crawl.gap)), last)
        if not crawl.renewed:
            self.clock.at(given.since + crawl.ttl, self._expire, machine, number, given)
        self.hosts.ask(given.host, first, last)
        machine.host_free[given.host] = last + crawl.gap
        self.clock.at(last + crawl.fetch, self._finish, machine, machine.life, number, given)

    def _count(self, number: int, given: Given, first: float, last: float) -> None:
        """Of the pages of a lease, those that fall into the second half of the run."""
        half, until = self.crawl.until / 2, self.crawl.until
        inside = min(last, until) - max(first, half)
        if inside > 0 and last > first:
            self._second_half[number, given.token] = given.pages * inside / (last - first)
        elif half <= first < until:
            self._second_half[number, given.token] = given.pages

    def _finish(self, machine: _Machine, life: object, number: int, given: Given) -> None:
        if machine.life is life and machine.alive and machine.hands.pop((number, given.token), None):
            machine.in_hand[number] -= given.pages
            machine.outbox.append((number, given))

    def _expire(self, machine: _Machine, number: int, given: Given) -> None:
        """A lease that nobody has renewed: the machine stops asking the host, and what it has not said was in vain."""
        now = self.clock.now
        for token in self.partitions[number].end(given.token, now + _REST * self.crawl.gap):
            self._second_half.pop((number, token), None)
            lost = machine.hands.pop((number, token), None)
            if lost is not None:
                machine.in_hand[number] -= lost.pages
                self.hosts.stop_asking(given.host, now)

    def _mark(self) -> None:
        while (
            not self.crawl.until
            and len(self._marks) < len(_MARKS)
            and self.done >= _MARKS[len(self._marks)] * self.pages
        ):
            self._marks.append(self.clock.now)

    # Failures

    def _plan_death(self, machine: _Machine) -> None:
        if self.crawl.machine_life:
            self.clock.at(self.clock.now + self._random.expovariate(1 / self.crawl.machine_life), self._die, machine)

    def _die(self, machine: _Machine) -> None:
        if machine.alive:
            now, machine.alive = self.clock.now, False
            for host in {given.host for given in machine.hands.values()}:
                self.hosts.stop_asking(host, now)
            for partition in self.partitions:
                self.clock.at(now + self.crawl.ttl, self._release, partition, machine.life)
            self.clock.at(now + self.crawl.machine_rest, self._begin, machine)
        self._plan_death(machine)

    def _release(self, partition: Partition, life: object) -> None:
        if partition.down_until > self.clock.now:
            self.clock.at(partition.down_until + self.crawl.ttl, self._release, partition, life)
        else:
            number = self.partitions.index(partition)
            for token in partition.release(life, self.clock.now + _REST * self.crawl.gap):
                self._second_half.pop((number, token), None)

    def _plan_outage(self, partition: Partition) -> None:
        if self.crawl.partition_life:
            moment = self.clock.now + self._random.expovariate(1 / self.crawl.partition_life)
            self.clock.at(moment, self._fall, partition)

    def _fall(self, partition: Partition) -> None:
        """It is back after a rest with all that it had been told: its file."""
        partition.down_until = self.clock.now + self.crawl.partition_rest
        self._plan_outage(partition)


def simulate(crawl: Crawl, **changes: object) -> Outcome:
    """Run it, with changes."""
    return Simulation(replace(crawl, **changes)).run()  # type: ignore[arg-type]
