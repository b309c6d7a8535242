"""The guard of the test run: no Python process of it may send to, or ask for, anything but this machine.

The one rule: it refuses before a packet leaves. It is an audit hook (PEP 578), so it sees `_socket` as well as
`socket`, and `connect_ex` as well as `connect`. Allowed: 127.0.0.0/8, ::1, localhost, Unix and netlink sockets; and
the lab's own ranges, but only where this thread is inside a namespace of the lab.

Child processes get it through `sitecustomize`; what they tried is written to the file SHOAL_GUARD_RECORD names, so
that a test fails even if the program swallowed the refusal. One gap: connect() given a name looks it up before the
event; only the empty namespace the run moves into as root (see conftest.py) stops that query. It imports nothing
that Python has not loaded by itself.
"""

import os
import sys

LAB_PREFIXES = ("10.76.0.", "10.77.", "fd00:76:", "fd00:77:", "fe80:")
NAMESPACE = "/proc/thread-self/ns/net"
INET = (2, 10)  # AF_INET, AF_INET6 on Linux
PACKET = 17

refused: list[str] = []


class OutsideTraffic(AssertionError):
    """A test tried to talk to something that is not this machine."""


def install():
    """Watch this process from now on; a hook cannot be taken off again."""
    sys.addaudithook(check)


def check(event, arguments):
    """The audit hook: called for every audited event of the interpreter, so the first line is what it costs."""
    watch = WATCHED.get(event)
    if watch is not None:
        watch(event, arguments)


def check_destination(event, arguments):
    """The connect, sendto, sendmsg events: (socket, address)."""
    address = arguments[1]
    if address.__class__ is tuple and not is_local(address[0]) and not is_other_family(arguments[0], address):
        refuse(event, address)


def check_question(event, arguments):
    """getaddrinfo, gethostbyname: a name or an address that may lead to a DNS query."""
    host = arguments[0]
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not (name is None or name in ("", "localhost") or is_local(name)):
        refuse(event, host)


def check_reverse_question(event, arguments):
    """gethostbyaddr, getnameinfo: only these two addresses are surely answered by the hosts file."""
    host = arguments[0][0] if isinstance(arguments[0], tuple) else arguments[0]
    if host not in ("127.0.0.1", "::1", "localhost"):
        refuse(event, host)


WATCHED = {
    "socket.connect": check_destination,
    "socket.sendto": check_destination,
    "socket.sendmsg": check_destination,
    "socket.getaddrinfo": check_question,
    "socket.gethostbyname": check_question,
    "socket.gethostbyaddr": check_reverse_question,
    "socket.getnameinfo": check_reverse_question,
}


def is_local(host):
    """Whether the text is an address (or localhost) that stays on this machine or in the lab."""
    if not isinstance(host, str):
        return False
    if host.startswith("127."):
        return not host.strip("0123456789.")  # 127.example.org is a name
    return host in ("::1", "localhost") or (host.startswith(LAB_PREFIXES) and in_lab())


def in_lab():
    """Whether this thread is in another network namespace than those the test run began in."""
    outside = os.environ.get("SHOAL_GUARD_OUTSIDE")
    return outside is not None and str(os.stat(NAMESPACE).st_ino) not in outside.split(",")


def is_other_family(connection, address):
    """Netlink and the like reach the kernel only; a packet socket reaches a wire, which must be lo or the lab's."""
    if connection.family == PACKET:
        return address[0] == "lo" or in_lab()
    return connection.family not in INET


def refuse(event, what):
    """Note the attempt and stop it."""
    message = f"{event} to {what!r}: tests talk to this machine and to the lab only"
    refused.append(message)
    record = os.environ.get("SHOAL_GUARD_RECORD")
    if record:
        with open(record, "a", encoding="utf-8") as file:
            file.write(f"{message} (process {os.getpid()})\n")
    raise OutsideTraffic(message)
