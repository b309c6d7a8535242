"""The sets that target expressions make, against naive sets: order, exclusions, duplicates, ranges, memory."""

import itertools
import sys
import tracemalloc
from ipaddress import IPv4Address, ip_address, summarize_address_range

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.net.targets import Block, TargetSet, parse, reserved


def target_set(*expressions, exclude=()):
    return TargetSet(map(parse, expressions), map(parse, exclude))


WINDOW = int(IPv4Address("10.0.0.200"))
SPANS = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 30)), max_size=8)


def window_blocks(spans, version=4, zone=""):
    return [Block(version, ((WINDOW + start, WINDOW + start + length),), zone) for start, length in spans]


def naive(spans):
    return {WINDOW + start + step for start, length in spans for step in range(length + 1)}


@given(SPANS, SPANS, SPANS)
def test_a_set_is_the_union_without_the_excluded(wanted, also, unwanted):
    targets = TargetSet(window_blocks(wanted + also), window_blocks(unwanted))
    expected = sorted(naive(wanted + also) - naive(unwanted))
    assert list(targets) == [str(IPv4Address(number)) for number in expected]
    assert targets.size == len(expected)
    assert bool(targets) == bool(expected)
    assert [targets.address(index) for index in range(targets.size)] == list(targets)
    assert targets.duplicates == sum(length + 1 for _, length in wanted + also) - len(naive(wanted + also))
    for number in range(WINDOW - 2, WINDOW + 155):
        assert (str(IPv4Address(number)) in targets) == (number in expected)


@given(SPANS, SPANS)
def test_ranges_mean_the_same_set_again(wanted, unwanted):
    for version, zone in ((4, ""), (6, ""), (6, "br-lan")):
        targets = TargetSet(window_blocks(wanted, version, zone), window_blocks(unwanted, version))
        assert list(target_set(*targets.ranges())) == list(targets)


@given(st.lists(st.sampled_from(["10.0.0.9", "::9", "fe80::1%a", "fe80::1%b", "fe80::1", "9.9.9.9-10.0.0.1", "::1"])))
def test_addresses_ascend_with_ipv4_first_and_zones_last(expressions):
    targets = target_set(*expressions)
    keys = []
    for text in targets if targets.size < 100 else map(targets.address, range(0, targets.size, targets.size // 50)):
        address, _, zone = text.partition("%")
        keys.append((ip_address(address).version, zone, int(ip_address(address))))
    assert keys == sorted(set(keys))


def test_duplicate_addresses_are_counted_and_scanned_once():
    assert (target_set("10.0.0.0/30", "10.0.0.0/31").size, target_set("10.0.0.0/30", "10.0.0.0/31").duplicates) == (
        4,
        2,
    )
    assert list(target_set("10.0.0.1", "10.0.0.1")) == ["10.0.0.1"]
    assert target_set("::1", "0::1", "::1-::2").duplicates == 2


def test_an_exclusion_without_a_zone_holds_in_every_zone():
    assert list(target_set("fe80::1-2%a", "fe80::1%b", exclude=["fe80::1"])) == ["fe80::2%a"]
    assert list(target_set("fe80::1%a", "fe80::1%b", exclude=["fe80::1%b"])) == ["fe80::1%a"]
    assert not target_set("fe80::1%a", exclude=["fe80::%a", "fe80::1"])


def test_membership_understands_any_spelling_and_no_nonsense():
    targets = target_set("10.0.0.0/24", "2001:db8::/64")
    assert "2001:DB8:0::1" in targets
    assert "10.0.0.77" in targets
    for stranger in ("10.0.1.0", "10.0.0.0/25", "10.0.0.300", "localhost", "", "2001:db8::1%eth0", 167772160):
        assert stranger not in targets


def test_a_negative_index_is_no_address():
    with pytest.raises(IndexError):
        target_set("10.0.0.0/24").address(-1)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("0.0.0.0", ["0.0.0.0"]),
        ("223.255.255.250-224.0.0.3", ["224.0.0.0-224.0.0.3"]),
        ("255.255.255.255", ["255.255.255.255"]),
        ("239.0.0.0-255.255.255.255", ["239.0.0.0-239.255.255.255", "240.0.0.0-255.255.255.254", "255.255.255.255"]),
        ("::", ["::"]),
        ("ff02::1%eth0", ["ff02::1%eth0"]),
        ("::ffff:10.0.0.1", ["::ffff:10.0.0.1"]),
        ("10.0.0.0/8", []),
        ("127.0.0.1", []),
        ("169.254.0.1", []),
        ("::1", []),
        ("fe80::1%eth0", []),
        ("fe80::1", ["fe80::1"]),
    ],
)  # fmt: skip
def test_reserved_addresses_are_pointed_out(expression, told):
    assert [text for text, _ in reserved(target_set(expression))] == told


def test_every_reserved_address_is_found_wherever_it_hides():
    targets = target_set("1.0.0.0/8", "10.*.*.1", "225.1.2.3", "ff05::2", "2001:db8::/64")
    assert [text for text, _ in reserved(targets)] == ["225.1.2.3", "ff05::2"]


def test_a_class_a_network_takes_no_memory():
    tracemalloc.start()
    targets = target_set("10.0.0.0/8", "2001:db8::/32")
    last = targets.address(targets.size - 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert last == "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"
    assert peak < 100_000


def test_single_addresses_take_twelve_bytes_each():
    targets = TargetSet([Block(4, ((3 * number, 3 * number) for number in range(100_000)))])
    family = targets.families[0]
    assert sys.getsizeof(family.starts) + sys.getsizeof(family.before) < 13 * 100_000
    assert targets.size == 100_000
    assert targets.address(77_777) == str(IPv4Address(3 * 77_777))
    assert list(itertools.islice(targets, 3)) == ["0.0.0.0", "0.0.0.3", "0.0.0.6"]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_full_range_is_the_networks_it_consists_of(one, other):
    first, last = sorted((one, other))
    networks = summarize_address_range(IPv4Address(first), IPv4Address(last))
    whole = target_set(f"{IPv4Address(first)}-{IPv4Address(last)}")
    assert list(whole.ranges()) == list(target_set(*map(str, networks)).ranges())
    assert whole.size == last - first + 1
