"""The seed commands, word for word, from a checkout and as installed."""

import json
import re

import pytest
from commands import INSTALLED, PMAP, run

from shoal.cli.pmap import read
from shoal.errors import UsageError
from shoal.lab.network import POWERLESS

both = pytest.mark.parametrize("pmap", [PMAP, INSTALLED], ids=["checkout", "installed"])
models = pytest.mark.parametrize("model", ["async", "thread", "proc"])


@both
def test_the_first_seed_command_prints_the_hosts_that_answer(network, pmap):
    """pmap.py -n 4 -f ping -ip 192.168.0.1-192.168.0.100, on a range of our own where half of the hosts are silent."""
    net = network(silent=["10.77.0.64/26"])
    done = net.run([*pmap, "-n", "4", "-f", "ping", "-ip", "10.77.0.40-10.77.0.80"])
    assert done.returncode == 0, done.stderr
    assert sorted(line.split(" ")[0] for line in done.stdout.splitlines()) == [f"10.77.0.{n}" for n in range(40, 64)]


@both
def test_the_second_seed_command_prints_every_open_port_and_saves_json(open_ports, pmap, tmp_path):
    """pmap.py -n 10 -f tcp -ip 192.168.0.1 -w result.json"""
    listening = [port for port in (222, 333, 1000) if open_ports([port], "127.0.7.1")]
    done = run(*pmap, "-n", "10", "-f", "tcp", "-ip", "127.0.7.1", "-w", "result.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(line.split(" ")[0] for line in done.stdout.splitlines()) == [
        f"127.0.7.1:{port}" for port in sorted(listening, key=str)
    ]
    result = json.loads((tmp_path / "result.json").read_text())
    assert [port["port"] for port in result["hosts"][0]["ports"]] == listening
    assert result["scanned"]["ports"] == "1-1024"
    assert result["argv"][0] == "pmap.py"
    assert "1,021 closed not shown" in done.stderr


@models
@pytest.mark.parametrize("n", [None, 1, 10])
def test_every_model_prints_the_same(open_ports, model, n):
    listening = open_ports(3, "127.0.7.2").ports
    ports = ",".join(map(str, [*listening, *range(1, 100)]))
    ceiling = ["-n", n] if n else []
    done = run(*PMAP, *ceiling, "-f", "tcp", "-ip", "127.0.7.1-127.0.7.3", "-p", ports, "-m", model)
    assert done.returncode == 0, done.stderr
    found = sorted(line.split(" ")[0] for line in done.stdout.splitlines())
    assert found == sorted(f"127.0.7.2:{port}" for port in listening)


def test_v_prints_the_elapsed_time():
    done = run(*PMAP, "-f", "tcp", "-ip", "127.0.0.1", "-p", "1-10", "-v")
    assert re.search(r"^time: 0\.\d{3} s$", done.stderr, re.MULTILINE)
    assert done.stdout == ""


def test_help_explains_with_examples_and_is_no_error():
    done = run(*PMAP, "-h")
    assert done.returncode == 0
    assert "pmap.py -n 4 -f ping -ip 192.168.0.1-192.168.0.100" in done.stdout
    assert "pmap.py -n 10 -f tcp -ip 192.168.0.1 -w result.json" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-x"], "there is no option -x"),
        (["-ip"], "-ip needs a value"),
        ([], "nothing to scan"),
        (["-ip", "127.0.0.1", "-n", "0"], "-n takes a whole number, 1 or more"),
        (["-ip", "127.0.0.1", "-n", "many"], "-n takes a whole number, 1 or more"),
        (["-ip", "127.0.0.1", "-f", "udp"], "-f takes ping or tcp"),
        (["-ip", "127.0.0.1", "-m", "fibre"], "no worker model"),
        (["-ip", "127.0.0.300"], "300"),
        (["-ip", "192.168.0.3-1"], "did you mean 192.168.0.1-3"),
        (["-ip", "127.0.0.1", "-p", "80-70"], "did you mean 70-80"),
        (["-ip", "127.0.0.1", "-w", "result.doc"], "cannot tell the format"),
        (["-ip", "10.0.0.0/8"], "say --yes if you mean it"),
        (["127.0.0.1"], "did you mean -ip 127.0.0.1"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_status_2(words, sentence):
    done = run(*PMAP, *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.startswith("pmap.py: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_caret_stands_under_the_mistake():
    done = run(*PMAP, "-ip", "10.0.0.256")
    _, words, carets, *_ = done.stderr.splitlines()
    assert [words[start] for start, mark in enumerate(carets) if mark == "^"] == list("256")


def test_options_may_be_joined_to_their_values():
    words = read(["-n=4", "-f=ping", "-ip=127.0.0.1"])
    assert (words.ceiling, words.kind, words.target) == (4, "ping", ["127.0.0.1"])


def test_the_closest_option_is_named():
    with pytest.raises(UsageError, match="did you mean -ip"):
        read(["--ip4"])


def test_without_icmp_a_ping_is_by_tcp_and_says_once_what_would_help(network):
    net = network(ports=[80])
    done = net.run([*PMAP, "-f", "ping", "-ip", "10.77.0.1-10.77.0.5"], user=POWERLESS)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5
    assert "tcp" in done.stdout
    assert done.stderr.count("ping_group_range") == 1


def test_with_a_ping_group_no_privilege_is_needed(network):
    net = network(scanner_sysctls={"net.ipv4.ping_group_range": "0 2147483647"}, silent=["10.77.0.4/30"])
    done = net.run([*PMAP, "-f", "ping", "-ip", "10.77.0.1-10.77.0.9"], user=POWERLESS)
    assert done.returncode == 0, done.stderr
    assert "ping_group_range" not in done.stderr
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == [f"10.77.0.{n}" for n in (1, 2, 3, 8, 9)]
