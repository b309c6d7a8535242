"""The port language: what it means, what it refuses, and that compressing and parsing are inverse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import UsageError
from shoal.net.ports import PortSet, compress, parse_ports

PORTS = st.sets(st.integers(0, 65_535) | st.integers(0, 40), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("80", "80"),
        ("80,", "80"),
        ("443,80", "80,443"),
        ("80,80,80-81", "80-81"),
        (" 22 , 80 ", "22,80"),
        ("-", "1-65535"),
        ("-100", "1-100"),
        ("65530-", "65530-65535"),
        ("0", "0"),
        ("0-3", "0-3"),
        ("080", "80"),
        ("T:22,t:80", "22,80"),
        ("ssh,http", "22,80"),
        ("SSH", "22"),
        ("http-alt", "591,8008,8080"),
        ("x11", "6000-6063"),
        ("imap?", "220,993"),
        ("top:3", "22,80,443"),
        ("TOP:1,https", "80,443"),
    ],
)
def test_an_expression_means_these_ports(text, meaning):
    assert parse_ports(text).text() == meaning


def test_a_pattern_means_all_names_that_match():
    ports = parse_ports("http*")
    assert {80, 443, 591, 8080} <= set(ports)
    assert ports == PortSet(port for port in ports if port not in parse_ports("ssh,smtp"))


@pytest.mark.parametrize(
    ("text", "marked", "hint"),
    [
        ("100-1", "100-1", "1-100"),
        ("22,100-1,80", "100-1", "22,1-100,80"),
        ("65536", "65536", None),
        ("80-70000", "70000", None),
        ("99999999999999999999", "99999999999999999999", None),
        ("abc", "abc", None),
        ("22,htpp", "htpp", "22,http"),
        ("22,,80", "", None),
        (",", "", None),
        ("80-90-100", "90-100", None),
        ("[80-90]", "[80-90]", None),
        ("80-qqqq", "80-qqqq", None),
        ("1 - 5", "1 - 5", None),
        ("80;443", "80;443", None),
        ("U:53", "U:53", "53"),
        ("22,S:80", "S:80", "22,80"),
        ("X:1", "X:1", "1"),
        ("T:", "T:", None),
        ("top:0", "top:0", None),
        ("top:100000", "top:100000", None),
        ("top:all", "top:all", None),
        ("²", "²", None),
        ("８０", "８０", None),
    ],
)
def test_a_mistake_is_marked_and_a_suggestion_made(text, marked, hint):
    with pytest.raises(UsageError) as caught:
        parse_ports(text)
    error = caught.value
    assert (text[error.start : error.end], error.hint) == (marked, hint)


@pytest.mark.parametrize("text", ["", "   "])
def test_no_port_at_all_is_a_mistake(text):
    with pytest.raises(UsageError, match="empty"):
        parse_ports(text)


def test_excluded_ports_are_left_out():
    assert parse_ports("1-100", "50-60,http").text() == "1-49,61-79,81-100"


def test_excluding_everything_is_a_mistake():
    with pytest.raises(UsageError, match="no port is left"):
        parse_ports("80", "-")


def test_a_mistake_in_the_exclusion_is_marked():
    with pytest.raises(UsageError) as caught:
        parse_ports("80", "9-1")
    assert caught.value.text == "9-1"


@given(PORTS)
def test_compressing_and_parsing_are_inverse(ports):
    text = compress(sorted(ports))
    assert set(parse_ports(text)) == ports
    assert parse_ports(text).text() == text
    assert PortSet(ports).text() == text


@given(PORTS, PORTS)
def test_exclusion_is_set_difference(wanted, unwanted):
    if wanted - unwanted:
        parsed = parse_ports(compress(sorted(wanted)), compress(sorted(unwanted)))
        assert list(parsed) == sorted(wanted - unwanted)


@given(st.text("0123456789-,:TUtop*?http[] ", max_size=20) | st.text(max_size=12))
def test_any_text_is_ports_or_a_mistake_inside_it(text):
    try:
        ports = parse_ports(text)
    except UsageError as error:
        shown = error.text or ""
        assert 0 <= error.start <= (error.end or 0) <= len(shown)
    else:
        numbers = list(ports)
        assert numbers == sorted(set(numbers))
        assert 0 <= numbers[0] <= numbers[-1] <= 65_535


def test_a_port_set_is_a_sequence():
    ports = PortSet([443, 80, 80])
    assert (len(ports), ports[0], ports[-1], 443 in ports, 22 in ports) == (2, 80, 443, True, False)
    assert (list(ports), repr(ports), bool(PortSet([]))) == ([80, 443], "PortSet('80,443')", False)
    assert PortSet(range(1, 4)) == PortSet([3, 2, 1])
    assert PortSet([]).text() == PortSet(range(0)).text() == ""
