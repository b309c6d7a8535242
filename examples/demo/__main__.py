"""The main job, shown and checked on this machine alone: `make demo`.

The one rule: no answer is taken on trust. Which ports are open is found out beforehand by the plainest means there
is, a blocking connect() to each, and every command's answer is compared with that; a wrong one ends in status 1.

Everything happens on loopback, where Linux lets every address of 127.0.0.0/8 play a host of its own, and, with root,
in a network of our own that leads nowhere. What the commands write stays in demo-results/.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import ExitStack

from checks import (
    RESULTS,
    Done,
    Wrong,
    all_files_agree,
    found_addresses,
    found_filtered,
    found_ports,
    found_refusals,
    printed,
    refused_with_caret,
    same_as,
    was_interrupted,
)
from crawls import crawls
from practice import Host, furnish, interrupt, lossy_network, plainly_open, run_here
from shoal.errors import MachineError
from surveys import cluster, comparison, surveys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from practice import LossyNetwork

    Run = Callable[[list[str]], Done]
    Check = Callable[[Done], str]

SHOWN = 7
"""Lines of output shown of each command; the rest is in the files."""


class Demo:
    """Runs commands, shows them, checks them; `wrong` collects what was not as it must be."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.steps = 0

    def show(self, says: str, command: str, check: Check, run: Run = run_here) -> None:
        """One step: what it shows, the command, its output, and whether that was right."""
        self.steps += 1
        print(f"\n{self.steps}. {says}\n   $ {command}", flush=True)
        done = run(command.split())
        for line in _excerpt(done.out) + _excerpt(done.err):
            print(f"   {line}")
        try:
            print(f"   -> right: {check(done)} ({done.seconds:.2f} s)")
        except Wrong as problem:
            self.wrong.append(command)
            print(f"   -> WRONG: {problem} (exit status {done.status})")


def main() -> int:
    """The whole demonstration; returns the exit status."""
    began = time.monotonic()
    shutil.rmtree(RESULTS, ignore_errors=True)
    os.makedirs(RESULTS)
    demo = Demo()
    with ExitStack() as stack:
        hosts = furnish(stack)
        _seed_commands(demo, hosts[0])
        _everything_else(demo, hosts)
        _before_sending(demo)
        cluster(demo, hosts[0], plainly_open(hosts[0]))
    crawls(demo)
    surveys(demo)
    comparison(demo)
    _a_worse_network(demo)
    _farewell(demo, time.monotonic() - began)
    return 1 if demo.wrong else 0


def _seed_commands(demo: Demo, host: Host) -> None:
    """The two commands the project began with, under every worker model."""
    print("The two commands this began with. Practice hosts: 127.0.7.1, .2 and .3, with ports", end=" ")
    print(f"{host.first_port}-{host.first_port + 1023} in use.")
    given = "" if host.first_port == 1 else f" -p {host.ports}"  # below 1024 only root may open ports to be found
    expected = [f"127.0.7.{number}" for number in range(1, 101)]
    truth = plainly_open(host)
    demo.show(
        "Which addresses answer? All do: each of them is this machine.",
        "pmap.py -n 4 -f ping -ip 127.0.7.1-127.0.7.100",
        found_addresses(expected),
    )
    demo.show(
        "Which TCP ports of a host are open? Never more than 10 conversations at once; saved as JSON.",
        f"pmap.py -n 10 -f tcp -ip {host.address}{given} -w result.json",
        found_ports(truth, "result.json"),
    )
    for model, who in (("thread", "threads"), ("proc", "processes")):
        demo.show(
            f"The same, carried by {who}: the same results, down to the reasons.",
            f"pmap.py -n 10 -m {model} -v -f tcp -ip {host.address}{given} -w {model}.json",
            same_as("result.json", f"{model}.json"),
        )


def _everything_else(demo: Demo, hosts: list[Host]) -> None:
    """Several hosts, several files, states with reasons, an interruption."""
    first, last = hosts[0], hosts[-1]
    truth = [endpoint for host in hosts for endpoint in plainly_open(host)]
    files = ["hosts.json", "hosts.jsonl", "hosts.csv", "hosts.xml", "hosts.txt"]
    outputs = " ".join(f"-o {name}" for name in files)
    demo.show(
        "Three hosts at once, five kinds of files from one run; the XML is for programs that read nmap's.",
        f"shoal scan {first.address}-3 -p {first.ports} {outputs}",
        all_files_agree(truth, files),
    )
    silent = [f"{last.address}:{port}" for port in last.silent]
    demo.show(
        "A port that never answers is filtered, not closed, and that is said.",
        f"shoal scan {last.address} -p {last.ports} --show open,filtered",
        found_filtered(plainly_open(last), silent),
    )
    demo.show(
        "All 65,535 ports of a host.",
        f"shoal scan {first.address} -p - -q",
        found_ports(truth=None, known=plainly_open(first)),
    )
    demo.show(
        "Interrupted after a second (Ctrl-C): the file is complete and says how far the scan came.",
        "shoal scan 127.0.0.0/20 -n 1 -q -o interrupted.json",
        was_interrupted("interrupted.json"),
        interrupt,
    )


def _before_sending(demo: Demo) -> None:
    """What can be known without sending anything."""
    demo.show(
        "How many addresses does an expression mean? Nothing is sent.",
        "shoal targets 10.0-1.*.1,3 192.168.0.250-192.168.1.5 --count",
        printed("1036"),
    )
    demo.show(
        "What would a large scan do? Nothing is sent here, either.", "shoal plan 10.0.0.0/8", printed("17,179,869,184")
    )
    demo.show(
        "A slip of the pen gets a sentence and a suggestion, and is never looked up as a name.",
        "shoal scan 10.0.3-1.7",
        refused_with_caret,
    )


def _a_worse_network(demo: Demo) -> None:
    """A network namespace with delay and loss; needs root, and is left out with the reason where it cannot be had."""
    print("\nA network of our own: 20 ms there and back, 5 % of all packets lost each way, half the hosts silent.")
    try:
        with lossy_network() as network:
            alive = [f"10.77.0.{number}" for number in range(128)]
            demo.show(
                "The addresses that answer, and no other, in spite of the loss.",
                "shoal ping 10.77.0.0/24 -o lossy-ping.json",
                found_addresses(alive),
                network.run,
            )
            demo.show(
                "Every one of the 32 open ports, in spite of the loss.",
                "shoal scan 10.77.0.1 -o lossy-scan.json",
                found_ports([f"10.77.0.1:{port}" for port in network.ports], "lossy-scan.json"),
                network.run,
            )
            _a_firewall(demo, network)
    except MachineError as problem:
        print(f"   left out: {problem}")


def _a_firewall(demo: Demo, network: LossyNetwork) -> None:
    """A host behind a firewall that says no; without nftables there is none."""
    if network.guarded is None:
        print("   left out: a firewall, because nft (nftables) is not installed")
        return
    demo.show(
        "A firewall that refuses is told from a closed port, and named by its address.",
        f"shoal scan {network.guarded} -p 22,80 --show all",
        found_refusals([f"{network.guarded}:22", f"{network.guarded}:80"], "port-unreach"),
        network.run,
    )


def _farewell(demo: Demo, seconds: float) -> None:
    print(f"\n{demo.steps} steps in {seconds:.1f} s. What was written, in {os.path.basename(RESULTS)}/:")
    for name in sorted(name for name in os.listdir(RESULTS) if os.path.isfile(os.path.join(RESULTS, name))):
        print(f"   {os.path.getsize(os.path.join(RESULTS, name)):>9,} bytes  {name}")
    if demo.wrong:
        print(f"{len(demo.wrong)} of {demo.steps} gave a wrong answer:", *demo.wrong, sep="\n   ")
    else:
        print("Every answer was right.")


def _excerpt(text: str) -> list[str]:
    lines = text.splitlines()
    if len(lines) <= SHOWN + 1:
        return lines
    if lines[0].startswith("Traceback"):
        return lines[-SHOWN:]
    return [*lines[:SHOWN], f"... and {len(lines) - SHOWN} lines more"]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MachineError as problem:
        sys.exit(f"The demonstration cannot be given on this machine: {problem}")
