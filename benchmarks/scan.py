"""The scanner's table: what must hold, each row a ground, a right answer, our command, its peers and the demands.

The one rule: every peer is run with the setting that suits it best among those that keep its answer right, and is
named with that setting. All traffic stays in namespaces of `shoal.lab`.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import Contestant, Row, always_right, faster_than, faster_than_best_of, within
from shoal.lab.namespace import Namespace
from shoal.lab.network import Link, Network
from shoal.lab.ports import OpenPorts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PMAP = (sys.executable, str(ROOT / "pmap.py"))
SHOAL = str(Path(sys.executable).with_name("shoal"))
NAIVE = (sys.executable, str(ROOT / "benchmarks" / "naive.py"))

HOST = "10.77.0.1"
LOW = tuple(range(22, 1024, 32))  # 32 open ports of the first 1,024
WIDE = tuple(range(22, 65_536, 2048))  # 32 open ports of all
REACHED = (22, 80, 443, 999)  # of 1,024: the rest is dropped; 999 is closed
PING_GROUPS = {"net.ipv4.ping_group_range": "0 2147483647"}  # as many distributions have it


@contextmanager
def loopback(address: str, ports: tuple[int, ...]) -> Iterator[Namespace]:
    """The loopback interface of an empty namespace, where nobody else listens."""
    namespace = Namespace()
    try:
        namespace.sysctl(PING_GROUPS)
        with OpenPorts(address, ports, namespace=namespace):
            yield namespace
    finally:
        namespace.close()


def far(ports: tuple[int, ...] = (), link: Link | None = None) -> Network:
    """A target behind a wire; the wire's life covers the slowest peers."""
    return Network(ports=ports, link=link, scanner_sysctls=PING_GROUPS, life=7200)


def our_ports(text: str) -> frozenset[int]:
    """Open ports from lines such as `10.77.0.1:22  open  ssh  0.30 ms`."""
    return frozenset(int(port) for port in re.findall(r"^\S+:(\d+)\s+open\b", text, re.MULTILINE))


def our_endpoints(text: str) -> frozenset[str]:
    """The same for many hosts: address:port."""
    return frozenset(re.findall(r"^(\S+:\d+)\s+open\b", text, re.MULTILINE))


def nmap_ports(text: str) -> frozenset[int]:
    """Open ports from lines such as `22/tcp open  ssh`."""
    return frozenset(int(port) for port in re.findall(r"^(\d+)/tcp\s+open\b", text, re.MULTILINE))


def bare_ports(text: str) -> frozenset[int]:
    """Ports, one a line."""
    return frozenset(int(word) for word in text.split())


def addresses(text: str) -> frozenset[str]:
    """The IPv4 addresses lines begin with."""
    return frozenset(re.findall(r"^\d+\.\d+\.\d+\.\d+(?=\s|$)", text, re.MULTILINE))


def shoal_tcp(ports: str, *more: str) -> Contestant:
    """Our scan of the one far host."""
    return Contestant("shoal", (*PMAP, "-q", "-f", "tcp", "-ip", HOST, "-p", ports, *more), our_ports)


def nmap(*setting: str, ports: str, host: str = HOST, rounds: int | None = None) -> Contestant:
    """nmap's connect scan without name look-ups and without a ping first, as ours."""
    command = ("nmap", "-sT", "-n", "-Pn", *setting, f"-p{ports}", host)
    return Contestant(f"nmap -sT {' '.join(setting)}", command, nmap_ports, rounds)


def sweep(first: int, end: int) -> frozenset[str]:
    """Addresses of the far range, by number."""
    return frozenset(f"10.77.{i >> 8}.{i & 255}" for i in range(first, end))


def shoal_ping(hosts: str, *more: str) -> Contestant:
    """Our sweep."""
    return Contestant("shoal", (*PMAP, "-q", "-f", "ping", "-ip", hosts, *more), addresses)


def fping(first: str, last: str, interval: int = 0, rounds: int | None = None) -> Contestant:
    """fping with its interval in ms; 0 only root may ask."""
    command = ("fping", "-q", "-a", "-i", str(interval), "-g", first, last)
    return Contestant(f"fping -i {interval}", command, addresses, rounds)


def naive(kind: str, count: int, *rest: str, rounds: int) -> Contestant:
    """The homework, as in naive.py."""
    answer = addresses if kind == "ping" else bare_ports
    return Contestant(f"naive {kind} {count}", (*NAIVE, kind, str(count), *rest), answer, rounds)


def model(name: str) -> Contestant:
    """Our scan of 256 hosts under one worker model."""
    command = (*PMAP, "-q", "-f", "tcp", "-ip", "10.77.0.0/24", "-p", "1-1024", "-m", name)
    return Contestant(f"shoal -m {name}", command, our_endpoints)


TUNED = (
    ("-T4", "--max-retries", "1", "--min-rate", "5000"),
    ("-T5", "--max-retries", "1", "--min-rate", "5000"),
    ("-T5",),
)

ROWS = (
    Row(
        "loopback",
        "1,024 ports of one host on loopback",
        partial(loopback, "127.0.0.1", LOW),
        (
            Contestant("shoal", (*PMAP, "-q", "-f", "tcp", "-ip", "127.0.0.1"), our_ports),
            nmap("-T4", ports="1-1024", host="127.0.0.1"),
            Contestant("shoal scan", (SHOAL, "scan", "-q", "127.0.0.1"), our_ports),
        ),
        (always_right(), faster_than("nmap -sT -T4", 1.0), within(0.025)),
        frozenset(LOW),
        rounds=31,
        note="Aim: 1.5 x nmap.",
    ),
    Row(
        "all-ports",
        "65,535 ports of one host, RTT ~0",
        partial(far, WIDE),
        (shoal_tcp("1-65535"), nmap("-T4", ports="1-65535"), nmap("-T5", "--min-rate", "100000", ports="1-65535")),
        (always_right(), faster_than("nmap -sT -T4", 1.5)),
        frozenset(WIDE),
    ),
    Row(
        "all-ports-proc",
        "the same on both cores (`-m proc`)",
        partial(far, WIDE),
        (shoal_tcp("1-65535", "-m", "proc"), nmap("-T4", ports="1-65535")),
        (always_right(), faster_than("nmap -sT -T4", 1.5)),
        frozenset(WIDE),
        note="connect() lets go of the interpreter lock, and nine tenths of the time are the kernel's.",
    ),
    Row(
        "lossy",
        "1,024 ports, RTT 20 ms, 5 % lost each way, 32 open",
        partial(far, LOW, Link(rtt=0.020, loss=0.05)),
        (shoal_tcp("1-1024"), nmap("-T4", ports="1-1024", rounds=3)),
        (always_right(), faster_than("nmap -sT -T4", 20.0)),
        frozenset(LOW),
        rounds=20,
    ),
    Row(
        "filtered",
        "1,024 ports, RTT 20 ms, 1,020 of them dropped",
        partial(far, REACHED[:-1], Link(rtt=0.020, drop_ports=set(range(1, 1025)) - set(REACHED))),
        (
            shoal_tcp("1-1024"),
            nmap("-T4", ports="1-1024", rounds=3),
            *(nmap(*setting, ports="1-1024", rounds=5) for setting in TUNED),
        ),
        (
            always_right(),
            faster_than("nmap -sT -T4", 10.0),
            faster_than_best_of("nmap at its best tuned", [f"nmap -sT {' '.join(setting)}" for setting in TUNED], 2.0),
        ),
        frozenset(REACHED[:-1]),
    ),
    Row(
        "ping-24",
        "ping a /24, RTT ~0, all alive",
        far,
        (
            shoal_ping("10.77.0.0/24"),
            fping("10.77.0.0", "10.77.0.255"),
            fping("10.77.0.0", "10.77.0.255", interval=1, rounds=5),
        ),
        (always_right(), within(0.015)),
        sweep(0, 256),
        rounds=31,
        note="fping -i 1 is the fastest an ordinary user may ask; -i 0 needs root.",
    ),
    Row(
        "ping-20",
        "ping a /20, RTT ~0, all alive",
        far,
        (shoal_ping("10.77.0.0/20"), fping("10.77.0.0", "10.77.15.255")),
        (always_right(), faster_than("fping -i 0", 1.0)),
        sweep(0, 4096),
        rounds=21,
    ),
    Row(
        "ping-16",
        "ping a /16, RTT ~0, all alive",
        far,
        (shoal_ping("10.77.0.1-10.77.255.254"), fping("10.77.0.1", "10.77.255.254")),
        (always_right(), faster_than("fping -i 0", 1.2)),
        sweep(1, 65_535),
        note="65,534 hosts: fping 5.1 has no sequence numbers for more than 65,535.",
    ),
    Row(
        "ping-16-proc",
        "the same on both cores (`-m proc`)",
        far,
        (shoal_ping("10.77.0.1-10.77.255.254", "-m", "proc"), fping("10.77.0.1", "10.77.255.254")),
        (always_right(), faster_than("fping -i 0", 1.2)),
        sweep(1, 65_535),
        note="A datagram socket hears only its own echoes, so each process has its share of the replies as well.",
    ),
    Row(
        "naive-ping",
        "ping a /24 against a `ping` process per host",
        far,
        (
            shoal_ping("10.77.0.0/24"),
            naive("ping", 4, *sorted(sweep(0, 256)), rounds=3),
            naive("ping", 64, *sorted(sweep(0, 256)), rounds=3),
        ),
        (always_right(), faster_than("naive ping 4", 10.0), faster_than("naive ping 64", 10.0)),
        sweep(0, 256),
        note="4 at a time is the homework's own number.",
    ),
    Row(
        "naive-tcp",
        "1,024 ports, RTT 20 ms, against blocking connects in threads",
        partial(far, LOW, Link(rtt=0.020)),
        (
            shoal_tcp("1-1024"),
            naive("pool", 10, HOST, "1", "1024", rounds=3),
            naive("threads", 10, HOST, "1", "1024", rounds=3),
        ),
        (always_right(), faster_than("naive pool 10", 10.0), faster_than("naive threads 10", 10.0)),
        frozenset(LOW),
        note="10 at a time is the homework's own number.",
    ),
    Row(
        "naive-all-ports",
        "65,535 ports, RTT ~0, against a thread per connect",
        partial(far, WIDE),
        (
            shoal_tcp("1-65535"),
            naive("pool", 10, HOST, "1", "65535", rounds=3),
            naive("threads", 10, HOST, "1", "65535", rounds=3),
        ),
        (always_right(), faster_than("naive threads 10", 10.0)),
        frozenset(WIDE),
        rounds=5,
    ),
    Row(
        "models",
        "1,024 ports of 256 hosts, the three worker models side by side",
        partial(far, LOW),
        tuple(model(name) for name in ("async", "thread", "proc")),
        (always_right(),),
        frozenset(f"{address}:{port}" for address in sweep(0, 256) for port in LOW),
        rounds=5,
        note="Nearly all the time is the kernel's, and connect() lets go of the interpreter lock: threads gain from "
        "the second core, and processes gain more, because what Python does between two calls is shared out as well.",
    ),
)
