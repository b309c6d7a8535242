"""Where the demonstration plays: hosts on loopback, a lossy network, and the ways its commands are run there.

The one rule: whatever is started here ends with the block that started it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from checks import RESULTS, Done
from shoal.errors import MachineError
from shoal.lab.network import REJECTS, Link, Network
from shoal.lab.ports import OpenPorts, SilentPorts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack
    from typing import Any

PROGRAMS = os.path.dirname(sys.executable)

OFFSETS = (0, 8000, 20_000)
"""Added to the port numbers of the practice hosts: below 1024 only root may listen, and some ports may be taken."""

OPEN = {"127.0.7.1": (22, 80, 443), "127.0.7.2": (80, 443, 631), "127.0.7.3": (22, 25, 993)}
SILENT = {"127.0.7.1": (139, 445), "127.0.7.2": (), "127.0.7.3": (111, 139, 445)}

GUARDED = "10.77.0.9"
INTERRUPTED_AFTER = 1.0  # seconds
PATIENCE = 50.0  # seconds a command may take


class Host:
    """A practice host: its address, the silent ports it has, and the 1,024 ports that are looked at."""

    def __init__(self, address: str, offset: int) -> None:
        self.address = address
        self.silent = [port + offset for port in SILENT[address]]
        self.first_port = offset + 1
        self.ports = f"{self.first_port}-{offset + 1024}"


class LossyNetwork:
    """A practice network whose commands are run as the demonstration's own are."""

    def __init__(self, network: Network) -> None:
        self.ports = network.ports
        self.guarded = GUARDED if shutil.which("nft") else None
        """The address behind a firewall, None without one."""
        self._network = network

    def run(self, words: list[str]) -> Done:
        """Run a command on the scanner's side."""
        return _run(words, self._network.popen)


def furnish(stack: ExitStack) -> list[Host]:
    """The practice hosts on loopback, until the stack is closed. Raises MachineError with the last reason why not."""
    problem: MachineError | None = None
    for offset in OFFSETS:
        try:
            for address, ports in OPEN.items():
                stack.enter_context(OpenPorts(address, [port + offset for port in ports]))
                if SILENT[address]:
                    stack.enter_context(SilentPorts(address, [port + offset for port in SILENT[address]]))
            return [Host(address, offset) for address in OPEN]
        except MachineError as this:
            stack.close()
            problem = this
    raise problem or MachineError("no ports to practise on")


def plainly_open(host: Host) -> list[str]:
    """The open ports as `address:port`, by a blocking connect() to each: slow, and beyond doubt."""
    ports = (port for port in range(host.first_port, host.first_port + 1024) if port not in host.silent)
    return [f"{host.address}:{port}" for port in ports if accepts(host.address, port)]


def accepts(address: str, port: int) -> bool:
    """Whether a plain connection can be made."""
    with socket.socket() as plain:
        plain.settimeout(2)
        return plain.connect_ex((address, port)) == 0


@contextmanager
def lossy_network() -> Iterator[LossyNetwork]:
    """20 ms there and back, 5 % lost each way, 32 open ports, and one half of 10.77.0.0/24 silent."""
    rules = [f"ip daddr {GUARDED} meta l4proto tcp {REJECTS['port-unreach']}"] if shutil.which("nft") else []
    link = Link(rtt=0.020, loss=0.05)
    with Network(ports=range(1, 1024, 32), silent=["10.77.0.128/25"], link=link, target_rules=rules) as network:
        yield LossyNetwork(network)


def run_here(words: list[str]) -> Done:
    """Run a command to its end, in the folder of the results."""
    return _run(words, subprocess.Popen)


def interrupt(words: list[str]) -> Done:
    """Run a command and send it a Ctrl-C."""
    return _run(words, subprocess.Popen, INTERRUPTED_AFTER)


def _run(words: list[str], popen: Any, interrupted_after: float = PATIENCE) -> Done:
    """Run the program of this very installation; a Ctrl-C after so many seconds, if it still runs."""
    path = shutil.which(words[0], path=PROGRAMS)
    if path is None:
        raise MachineError(f"{words[0]} is not installed beside {sys.executable}: use `make demo`")
    began = time.monotonic()
    with popen([path, *words[1:]], cwd=RESULTS, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            out, err = process.communicate(timeout=interrupted_after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)
    return Done(process.returncode, out, err, time.monotonic() - began)
