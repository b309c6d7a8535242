"""Sorting and merging what was found, in little memory."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from output_stories import address_order, addresses

from shoal.errors import MachineError
from shoal.output.collect import Collector, sort_key

PORT = {"protocol": "tcp", "state": "open", "reason": "syn-ack", "rtt": None, "service": None, "source": None}
HOST = {"names": [], "state": "up", "reason": "syn-ack", "rtt": None, "evidence": None, "source": None, "not_shown": []}


def port(address, number, **fields):
    return json.dumps({"type": "port", "address": address, "names": [], "port": number, **PORT, **fields}) + "\n"


def host(address, ports=(), **fields):
    listed = [{"port": number, **PORT} for number in ports]
    return json.dumps({"type": "host", "address": address, **HOST, "ports": listed, **fields}) + "\n"


@given(addresses, addresses)
def test_keys_sort_as_addresses_do(one, other):
    assert (sort_key(one) < sort_key(other)) == (address_order(one) < address_order(other))


@given(st.text(st.characters()))
def test_anything_has_a_key_without_a_blank(text):
    assert " " not in sort_key(text)


@settings(deadline=None)
@given(st.lists(st.tuples(addresses, st.integers(0, 65535)), max_size=60), st.integers(1, 5000))
def test_every_port_comes_back_once_in_order_however_little_memory_there_is(pairs, limit):
    collector = Collector(limit)
    for address, number in pairs:
        collector.take(address, port(address, number))
    expected = sorted(set(pairs), key=lambda pair: (address_order(pair[0]), pair[1]))
    for _ in range(2):  # each document reads them anew
        found = [(entry["address"], listed["port"]) for entry in collector.hosts() for listed in entry["ports"]]
        assert found == expected
    collector.close()


@pytest.mark.parametrize("limit", [1, 10**6])
def test_a_report_and_the_ports_found_before_it_are_one_host(limit):
    collector = Collector(limit)
    collector.take("10.0.0.1", port("10.0.0.1", 80, names=["a"]))
    collector.take("10.0.0.2", port("10.0.0.2", 80))
    collector.take("10.0.0.1", port("10.0.0.1", 22, rtt=0.5))
    collector.take("10.0.0.1", host("10.0.0.1", [22, 443], names=["b"]))
    first, second = collector.hosts()
    collector.close()
    assert (first["names"], [(p["port"], p["rtt"]) for p in first["ports"]]) == (
        ["a", "b"],
        [(22, None), (80, None), (443, None)],
    )
    assert (second["address"], second["state"], second["reason"]) == ("10.0.0.2", "up", "syn-ack")


def test_parts_of_one_host_from_two_reports_are_put_together():
    collector = Collector()
    closed, more = [{"state": "closed", "reason": "conn-refused", "count": 1, "ports": str(n)} for n in (1, 2)]
    collector.take("10.0.0.1", host("10.0.0.1", [22], not_shown=[closed]))
    collector.take("10.0.0.1", host("10.0.0.1", [80], not_shown=[closed, more]))
    [merged] = collector.hosts()
    assert [listed["port"] for listed in merged["ports"]] == [22, 80]
    assert merged["not_shown"] == [closed, more]


def test_memory_does_not_grow_with_the_number_of_hosts():
    collector = Collector(limit=200_000)
    tracemalloc.start()
    for number in range(20_000):
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        collector.take(address, host(address))
    count = sum(1 for _ in collector.hosts())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    collector.close()
    assert count == 20_000
    assert peak < 2_000_000


def test_no_room_to_put_results_aside_loses_none_of_them(tmp_path):
    collector = Collector(limit=300, directory=str(tmp_path / "missing"))
    collector.take("10.0.0.2", port("10.0.0.2", 1))
    with pytest.raises(MachineError, match="cannot put results aside"):
        collector.take("10.0.0.1", port("10.0.0.1", 1))
    assert [entry["address"] for entry in collector.hosts()] == ["10.0.0.1", "10.0.0.2"]
