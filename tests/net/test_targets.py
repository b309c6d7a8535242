"""The target language, against the table of expected values."""

import itertools
import socket
from contextlib import suppress
from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shoal.errors import UsageError
from shoal.net.octets import MOST_SPANS
from shoal.net.targets import Block, Name, TargetSet, parse


def target_set(*expressions, exclude=()):
    return TargetSet(map(parse, expressions), map(parse, exclude))


def mistake(expression):
    with pytest.raises(UsageError) as caught:
        parse(expression)
    return caught.value


@pytest.mark.parametrize(
    ("expression", "addresses"),
    [
        ("10.0.0.1", ["10.0.0.1"]),
        ("192.168.0-1.254-255", ["192.168.0.254", "192.168.0.255", "192.168.1.254", "192.168.1.255"]),
        ("192.168.0.1-3", ["192.168.0.1", "192.168.0.2", "192.168.0.3"]),
        ("192.168.0.-2", ["192.168.0.0", "192.168.0.1", "192.168.0.2"]),
        ("192.168.0.253-", ["192.168.0.253", "192.168.0.254", "192.168.0.255"]),
        ("10.0.0.1,3,5-7", ["10.0.0.1", "10.0.0.3", "10.0.0.5", "10.0.0.6", "10.0.0.7"]),
        ("10.0.0.7,1-2,1", ["10.0.0.1", "10.0.0.2", "10.0.0.7"]),
        ("10.0.0.1,1", ["10.0.0.1"]),
        ("192.168.0.1-192.168.0.3", ["192.168.0.1", "192.168.0.2", "192.168.0.3"]),
        ("192.168.0.255-192.168.1.1", ["192.168.0.255", "192.168.1.0", "192.168.1.1"]),
        ("10.0.0.5/30", ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]),
        ("10.0.0.1/32", ["10.0.0.1"]),
        ("10.0.0.6/255.255.255.254", ["10.0.0.6", "10.0.0.7"]),
        ("10.0.0-1.5/31", ["10.0.0.4", "10.0.0.5", "10.0.1.4", "10.0.1.5"]),
        ("2001:db8::/126", ["2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8::3"]),
        ("2001:db8::9-b", ["2001:db8::9", "2001:db8::a", "2001:db8::b"]),
        ("2001:db8::ffff-2001:db8::1:0", ["2001:db8::ffff", "2001:db8::1:0"]),
        ("::1", ["::1"]),
        ("2001:0DB8:0::0001", ["2001:db8::1"]),
        ("fe80::1%eth0", ["fe80::1%eth0"]),
        ("fe80::1%br-lan", ["fe80::1%br-lan"]),
        ("fe80::1-2%br-lan", ["fe80::1%br-lan", "fe80::2%br-lan"]),
        ("fe80::1%br-lan-fe80::2%br-lan", ["fe80::1%br-lan", "fe80::2%br-lan"]),
        ("fe80::4%eth0/127", ["fe80::4%eth0", "fe80::5%eth0"]),
        ("64:ff9b::192.0.2.1", ["64:ff9b::c000:201"]),
    ],
)
def test_an_expression_means_these_addresses(expression, addresses):
    assert list(target_set(expression)) == addresses


@pytest.mark.parametrize(
    ("expression", "size"),
    [
        ("10.0.0.*", 256),
        ("192.168.0.-5", 6),
        ("192.168.0.250-", 6),
        ("192.168.0.250-192.168.1.5", 12),
        ("10.0-1.*.1,3", 1024),
        ("10-25.*.*.1", MOST_SPANS),
        ("*.*.*.*", 1 << 32),
        ("0.0.0.0/0", 1 << 32),
        ("10.0.0.0/8", 1 << 24),
        ("::/0", 1 << 128),
        ("2001:db8::/64", 1 << 64),
    ],
)
def test_an_expression_has_this_size(expression, size):
    targets = target_set(expression)
    assert targets.size == size
    with pytest.raises(IndexError):
        targets.address(size)


@pytest.mark.parametrize(
    ("expression", "marked", "hint"),
    [
        ("192.168.0.3-1", "3-1", "192.168.0.1-3"),
        ("192.168.9-3.1", "9-3", "192.168.3-9.1"),
        ("192.168.0.9-192.168.0.1", "192.168.0.9-192.168.0.1", "192.168.0.1-192.168.0.9"),
        ("10.0.0.0/33", "33", None),
        ("10.0.0.0/", "", None),
        ("10.0.0.0/24/8", "24/8", None),
        ("10.0.0.1/255.0.255.0", "255.0.255.0", None),
        ("300.1.1.1", "300", None),
        ("10.0.0.256", "256", None),
        ("10.0.0.250-300", "300", None),
        ("10.0.0.1;2", "1;2", None),
        ("10.0.0.x", "x", None),
        ("10.0.0.1a", "1a", None),
        ("1O.0.0.1", "1O", None),
        ("10..0.1", "", None),
        ("10.0.0.", "", None),
        ("10.0.0.1.", "10.0.0.1.", "10.0.0.1"),
        ("010.0.0.1", "010", "10.0.0.1"),
        ("127.1", "127.1", None),
        ("10.0/16", "10.0", "10.0.0.0/16"),
        ("192.168.1", "192.168.1", "192.168.1.0/24"),
        ("2130706433", "2130706433", None),
        ("0x7f000001", "0x7f000001", None),
        ("0x7f.0.0.1", "0x7f", None),
        ("10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2", "10.0.0.1 10.0.0.2"),
        ("10.0.0.1-10.0.1.300", "300", None),
        ("10.0.0.1-10.0.0.*", "*", None),
        ("10.0.0.1-10.0.0.5/24", "5/24", None),
        ("*.*.*.1", "*.*.*.1", None),
        ("10.0.0.1:80", ":80", "10.0.0.1"),
        ("[::1]:80", ":80", "::1"),
        ("example.org:80", ":80", "example.org"),
        ("http://user@example.org:80/x", "http://", "example.org"),
        ("https://[::1]:8443/", "https://", "::1"),
        ("2001:db8::g", "g", None),
        ("2001:db8::12345", "12345", None),
        ("1::2::3", "1::2::3", None),
        ("1:2:3", "1:2:3", None),
        ("::1/129", "129", None),
        ("2001:db8::9-5", "2001:db8::9-5", "2001:db8::5-2001:db8::9"),
        ("::1-10.0.0.1", "10.0.0.1", None),
        ("fe80::1%", "%", None),
        ("fe80::1%a-fe80::2%b", "fe80::2%b", None),
        ("a,b", ",", "a b"),
        ("example..org", "", None),
        ("-example.org", "-example", None),
        ("example.org/129", "129", None),
        ("user@example.org", "@", None),
        ("１２７.0.0.1", "１２７", None),
        ("0ｘ7f000001", "0ｘ7f000001", "0x7f000001"),
    ],
)
def test_a_mistake_is_marked_and_a_suggestion_made(expression, marked, hint):
    error = mistake(expression)
    assert (expression[error.start : error.end], error.hint) == (marked, hint)
    assert error.exit_status == 2


def test_the_caret_stands_under_the_mistake():
    assert str(mistake("192.168.0.3-1")).splitlines() == [
        "the range 3-1 runs backwards",
        "  192.168.0.3-1",
        "            ^^^",
        "  did you mean 192.168.0.1-3?",
    ]


@pytest.mark.parametrize("suggested", ["192.168.0.3-1", "10.0.0.1.", "10.0/16", "::5-::1", "010.0.0.1", "h:80"])
def test_what_is_suggested_can_be_parsed(suggested):
    assert parse(mistake(suggested).hint)


@pytest.mark.parametrize("expression", ["", "  ", "\t"])
def test_nothing_is_not_a_target(expression):
    assert "empty" in mistake(expression).message


def test_control_characters_are_shown_but_not_passed_on():
    assert "\x1b" not in str(mistake("10.0.0.1\x1b[2J"))


def test_a_very_long_word_is_not_repeated_in_full():
    assert len(str(mistake("1" * 1_000_000))) < 300


@pytest.mark.parametrize(
    ("expression", "host", "prefix"),
    [
        ("localhost", "localhost", None),
        ("localhost/30", "localhost", 30),
        ("example.org./64", "example.org.", 64),
        ("web-1", "web-1", None),
        ("_dmarc.example", "_dmarc.example", None),
        ("3com", "3com", None),
        ("1.0.0.127.in-addr.arpa", "1.0.0.127.in-addr.arpa", None),
        ("host-10-0-0-1", "host-10-0-0-1", None),
        ("bücher.example", "xn--bcher-kva.example", None),
    ],
)
def test_names_are_left_to_be_resolved(expression, host, prefix):
    name = parse(expression)
    assert isinstance(name, Name)
    assert (name.text, name.host, name.prefix) == (expression, host, prefix)


ADDRESS_LIKE = st.text("0123456789.,-*/:%abcdefx[]; @", min_size=1, max_size=24)


@given(ADDRESS_LIKE | st.text(max_size=30) | st.from_regex(r"[0-9x.*,/-]{1,20}", fullmatch=True))
@example("0x7f.1")
@example("1.2.3.4-")
@example("::ffff:1.2.3.4")
def test_any_text_is_a_target_or_a_mistake_inside_it(text):
    try:
        value = parse(text)
    except UsageError as error:
        shown = error.text or ""
        assert 0 <= error.start <= (error.end or 0) <= len(shown)
        assert shown in (text, ascii(text)[1:-1], "")
        assert "\n" not in error.message
    else:
        if isinstance(value, Block):
            assert TargetSet([value]).size > 0
        else:
            assert any(character.isalpha() for character in text)


@given(ADDRESS_LIKE)
@example("1")
@example("0x1")
@example("127.1")
@example("0177.1")
def test_whatever_the_resolver_would_take_for_an_address_is_never_a_name(text):
    try:
        socket.inet_aton(text)
    except OSError:
        return
    with suppress(UsageError):
        assert not isinstance(parse(text), Name)


OCTET_ITEMS = st.one_of(
    st.integers(0, 255).map(lambda n: (str(n), {n})),
    st.tuples(st.integers(0, 255), st.integers(0, 255))
    .map(sorted)
    .map(lambda r: (f"{r[0]}-{r[1]}", set(range(r[0], r[1] + 1)))),
    st.integers(0, 255).map(lambda n: (f"-{n}", set(range(n + 1)))),
    st.integers(0, 255).map(lambda n: (f"{n}-", set(range(n, 256)))),
    st.just(("*", set(range(256)))),
)
OCTETS = st.lists(OCTET_ITEMS, min_size=1, max_size=3).map(
    lambda items: (",".join(text for text, _ in items), set().union(*(values for _, values in items)))
)


@given(st.integers(0, 255), st.sets(st.integers(0, 255), min_size=1, max_size=3), OCTETS)
def test_octet_patterns_are_products(first, third, fourth):
    text = f"{first}.7.{','.join(map(str, third))}.{fourth[0]}"
    expected = [f"{first}.7.{c}.{d}" for c, d in itertools.product(sorted(third), sorted(fourth[1]))]
    assert list(target_set(text)) == expected


@given(st.integers(0, 2**32 - 1), st.integers(20, 32))
def test_networks_are_those_of_the_standard_library(number, prefix):
    text = f"{IPv4Address(number)}/{prefix}"
    assert list(target_set(text)) == [str(address) for address in ip_network(text, strict=False)]
