"""Stories for the outputs: what a runner tells them, in the order in which it does, and strategies that invent some."""

from __future__ import annotations

import ipaddress

from hypothesis import strategies as st

from shoal.scanner.result import (
    CLOSED,
    COMPLETED,
    DOWN,
    FILTERED,
    INTERRUPTED,
    OPEN,
    UNKNOWN,
    UP,
    Folded,
    HostReport,
    HostResult,
    PortResult,
    Problem,
    Run,
)


def scan_run(addresses=2, ports="1-1024", width=1024, **fields):
    run = Run("scan", ["shoal", "scan", "x"], "0.1.0", ["10.0.0.1-10.0.0.9"], [], addresses, ports, width, None, 7)
    run.started = "2025-01-02T03:04:05Z"
    for name, value in fields.items():
        setattr(run, name, value)
    return run


def ping_run(addresses=254, **fields):
    return scan_run(addresses, "", 0, command="ping", **fields)


def finish(run, counts=None, how=COMPLETED, signal=None, planned=100, settled=100, problems=()):
    run.ended = "2025-01-02T03:04:06.250000Z"
    run.duration = 1.25
    run.how_ended = how
    run.signal = signal
    run.counts = counts or {}
    run.probes_planned, run.probes_settled = planned, settled
    run.problems = list(problems)
    return run


def open_port(address="10.0.0.1", port=22, rtt=0.0003):
    return PortResult(address, port, OPEN, "syn-ack", rtt)


def tell(output, run, told, names=None):
    """Tell an output the whole story: a list of results and reports; the run ends as `run` says by then."""
    output.names = names or {}
    output.begin(run)
    for item in told:
        (output.host if isinstance(item, HostReport) else output.result)(item)
        output.flush()
    output.end(run)


NASTY = [
    "",
    "=cmd()",
    "+1",
    "-1",
    "@x",
    "\x1b[31mred",
    "a,b",
    'quo"te',
    "line\r\nfeed",
    "<&>'",
    "\u202egnp.exe",
    "\udcff\udc80",
]

addresses = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.integers(0, 40).map(lambda n: str(ipaddress.IPv4Address(0x0A000000 + n * 61))),
    st.ip_addresses(v=6).map(str),
    st.sampled_from(["fe80::1%eth0", "fe80::1%eth1", "fe80::1", "::1"]),
)
rtts = st.one_of(st.none(), st.floats(0, 10).map(lambda rtt: round(rtt, 6)))
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.text(st.characters(), max_size=6))


@st.composite
def listed(draw, address):
    state = draw(st.sampled_from([OPEN, OPEN, OPEN, CLOSED, FILTERED]))
    reason = {OPEN: "syn-ack", CLOSED: "conn-refused", FILTERED: "admin-prohibited"}[state]
    source = draw(st.sampled_from([None, "10.9.9.9", "2001:db8::1"])) if state == FILTERED else None
    return PortResult(address, draw(st.integers(0, 65535)), state, reason, draw(rtts), source)


@st.composite
def reports(draw, address):
    ports = draw(st.lists(listed(address), max_size=4, unique_by=lambda result: result.port))
    taken = {result.port for result in ports}
    rest = [port for port in draw(st.lists(st.integers(0, 65535), max_size=6, unique=True)) if port not in taken]
    cut = draw(st.integers(0, len(rest)))
    pairs = (CLOSED, "conn-refused", rest[:cut]), (FILTERED, "no-response", rest[cut:])
    folded = [Folded(*pair) for pair in pairs if pair[2]]
    state = UP if ports or rest[:cut] else UNKNOWN
    names = draw(st.lists(texts, max_size=2, unique=True))
    return HostReport(address, names, state, "syn-ack" if state == UP else "no-response", draw(rtts), ports, folded)


@st.composite
def scan_stories(draw):
    """A finished scan: its run and what was told, listed ports before the report that holds them."""
    told = []
    for address in draw(st.lists(addresses, max_size=6, unique=True)):
        report = draw(reports(address))
        told += [*draw(st.permutations(report.ports)), report]
    run = scan_run(argv=draw(st.lists(texts, max_size=3)), excluded=draw(st.lists(texts, max_size=2)))
    how = draw(st.sampled_from([(COMPLETED, None), (INTERRUPTED, 2), (INTERRUPTED, 15)]))
    problems = [Problem(draw(texts), "name-not-found") for _ in range(draw(st.integers(0, 2)))]
    return finish(run, {OPEN: 3, CLOSED: 1000}, *how, problems=problems), told


@st.composite
def ping_stories(draw):
    """A ping sweep: live hosts as they answer, then reports of all of them and of some that did not."""
    told, finished = [], []
    for address in draw(st.lists(addresses, max_size=6, unique=True)):
        evidence = draw(st.sampled_from(["icmp", "tcp"]))
        rtt = draw(rtts)
        if draw(st.booleans()):
            told.append(HostResult(address, UP, "echo-reply", rtt, None, evidence))
            finished.append(HostReport(address, (), UP, "echo-reply", rtt, evidence=evidence))
        else:
            finished.append(HostReport(address, (), DOWN, "no-response", evidence=evidence))
    return finish(ping_run(), {UP: len(told)}), told + finished


def address_order(address):
    """What "sorted by address" means, said a second time and differently."""
    base, _, zone = address.partition("%")
    value = ipaddress.ip_address(base)
    return value.version, int(value), zone
