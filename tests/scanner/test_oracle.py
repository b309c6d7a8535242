"""nmap beside us on the same network: the same ports open, closed and filtered. And a huge job in a small memory."""

import re
import shutil
import signal
import time

import pytest

from shoal import api
from shoal.lab.network import REJECTS, Link

needs_nmap = pytest.mark.skipif(not shutil.which("nmap"), reason="nmap is not installed")


def nmap_states(net, target, ports):
    """(address, port) -> state, as nmap's connect scan has it; the namespace has no name server to be asked."""
    text = f"{ports[0]}-{ports[-1]}"
    done = net.run(["nmap", "-sT", "-n", "-Pn", "-T4", "-p", text, "-oG", "-", target])
    assert done.returncode == 0, done.stderr
    found = {}
    pattern = r"^Host: (\S+) .*?Ports: (.*?)(?:\tIgnored State: (\w+).*)?$"
    for address, listed, ignored in re.findall(pattern, done.stdout, re.MULTILINE):
        found.update({(address, port): ignored for port in ports})
        found.update({(address, int(port)): state for port, state in re.findall(r"(\d+)/([a-z|]+)/", listed)})
    return found


def our_states(net, target, ports):
    with net.inside():
        results = api.scan(target, ports, show=("open", "closed", "filtered"))
        return {(result.address, result.port): result.state for result in results}


@pytest.mark.nmap
@needs_nmap
def test_the_same_ports_are_open_closed_and_filtered_as_nmap_says(network):
    dropped = "ip daddr 10.77.0.3 tcp dport 30-39 drop"
    rejected = f"ip daddr 10.77.0.4 tcp dport 40-44 {REJECTS['host-prohibited']}"
    net = network(ports=[22, 35, 42, 80], target_rules=[dropped, rejected])
    expected = nmap_states(net, "10.77.0.2-5", range(20, 61))
    assert our_states(net, "10.77.0.2-5", range(20, 61)) == expected
    assert set(expected.values()) == {"open", "closed", "filtered"}


@pytest.mark.nmap
@needs_nmap
def test_the_same_ports_are_open_as_nmap_says_under_loss(network):
    net = network(ports=range(1, 200, 13), link=Link(rtt=0.010, loss=0.03, seed=3))
    expected = {key for key, state in nmap_states(net, "10.77.0.2", range(1, 201)).items() if state == "open"}
    ours = {key for key, state in our_states(net, "10.77.0.2", range(1, 201)).items() if state == "open"}
    assert ours == expected


@pytest.mark.parametrize("command", [["scan", "10.77.0.0/16", "-p", "1-1024"], ["ping", "10.77.0.0/16", "-n", "200"]])
def test_a_huge_job_runs_in_a_small_memory(network, python, tmp_path, command):
    """67 million probes into silence: what is in memory is a few blocks, not the job."""
    net = network(silent=["10.77.0.0/17", "10.77.128.0/17"])
    process = net.popen([python, "-m", "shoal", *command, "--yes", "-q", "-o", str(tmp_path / "r.json")])
    time.sleep(4)
    with open(f"/proc/{process.pid}/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert peak < 60 * 1024  # KiB
