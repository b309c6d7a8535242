"""Service names and the list of popular ports."""

import time
from pathlib import Path

import pytest

from shoal.net import popular, services


@pytest.mark.parametrize(
    ("port", "name"),
    [(22, "ssh"), (80, "http"), (443, "https"), (631, "ipp"), (465, "submissions"), (3306, "mysql"), (6010, "x11")],
)
def test_a_port_has_its_registered_name(port, name):
    assert services.name(port) == name


def test_a_port_nobody_registered_has_no_name():
    assert services.name(65_535) is None
    assert services.name(4) is None


def test_names_depend_on_the_protocol():
    assert (services.name(514), services.name(514, "udp")) == ("shell", "syslog")
    assert services.name(6379, "udp") is None


def test_other_names_of_a_port_are_found_as_well():
    assert services.ports("www") == services.ports("http") == services.ports("WWW-HTTP") == [80]
    assert services.ports("z39-50") == services.ports("z39.50") == [210]


def test_an_unknown_name_has_no_ports():
    assert services.ports("no-such-service") == []
    assert services.ports("no-such-*") == []


def test_a_mistyped_name_is_taken_for_the_familiar_one():
    assert popular.similar("htpp") == "http"
    assert popular.similar("postgressql") == "postgresql"
    assert popular.similar("qqqqqqqq") is None


def test_the_table_is_sane():
    for protocol in ("tcp", "udp"):
        ports = services.registered(protocol)
        assert list(ports) == sorted(set(ports))
        assert 5_000 < len(ports) < 8_000
        assert all(0 <= port <= 65_535 for port in ports)
    assert all(services.name(port) for port in services.registered())


def test_agrees_with_the_services_file_of_the_system():
    """Where /etc/services gives one of the registry's names to a port below 1024, it must be ours as well."""
    file = Path("/etc/services")
    if not file.exists():
        pytest.skip("this machine has no /etc/services")
    lines = file.read_text(encoding="utf-8").splitlines()
    named = [line.partition("#")[0].split() for line in lines if "/tcp" in line.partition("#")[0]]
    theirs = {int(words[1].partition("/")[0]): {words[0], *words[2:]} for words in named}
    different = [port for port, names in theirs.items() if port < 1024 and services.name(port) not in names]
    assert len(different) < 12, different  # the historic and unregistered ones of Debian


def test_the_first_name_costs_little():
    best = 1.0
    for _ in range(5):
        services._registered.clear()
        started = time.perf_counter()
        services.name(22)
        best = min(best, time.perf_counter() - started)
    assert best < 0.015  # 2 ms on an idle machine


def test_popular_ports_are_at_least_a_thousand_and_each_once():
    ports = popular.ports()
    assert len(ports) == len(set(ports)) >= 1_000
    assert set(ports[:10]) >= {22, 80, 443, 445, 3389}
    assert all(0 < port <= 65_535 for port in ports)


def test_no_port_is_named_twice_by_hand():
    numbers = " ".join(popular.TIERS).split()
    assert len(numbers) == len(set(numbers))


def test_every_named_system_port_is_popular():
    assert {port for port in services.registered() if 0 < port < 1024} <= set(popular.ports())
