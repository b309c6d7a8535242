"""IPv6 text read and written, against the standard library."""

from ipaddress import AddressValueError, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shoal.net.ipv6 import MAPPED, ipv6_number, ipv6_text

NUMBERS = st.integers(0, 2**128 - 1) | st.lists(st.sampled_from([0, 0, 0, 1, 0xFFFF]), min_size=8, max_size=8).map(
    lambda groups: sum(group << 16 * place for place, group in enumerate(groups))
)


@given(NUMBERS)
def test_addresses_are_written_as_the_standard_library_writes_them(number):
    if number >> 32 != MAPPED:
        assert ipv6_text(number) == str(IPv6Address(number))


@given(NUMBERS)
def test_what_is_written_is_read_again(number):
    assert ipv6_number(ipv6_text(number)) == number
    assert ipv6_number(IPv6Address(number).exploded.upper()) == number


@given(
    st.text("0123456789abcdefAF:.", max_size=40) | st.from_regex(r"([0-9a-f]{0,4}:){1,8}[0-9a-f]{0,4}", fullmatch=True)
)
@example("::")
@example(":")
@example(":::")
@example("1::")
@example("1:2:3:4:5:6:7::")
@example("::2:3:4:5:6:7:8")
@example("1:2:3:4:5:6:1.2.3.4")
@example("1.2.3.4::")
@example("::1.2.3.4:1")
@example("::1.2.3.04")
def test_the_same_texts_are_addresses_as_for_the_standard_library(text):
    try:
        expected = int(IPv6Address(text))
    except AddressValueError:
        expected = -1
    assert ipv6_number(text) == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "::"),
        (1, "::1"),
        (0x20010DB8 << 96 | 1 << 64, "2001:db8:0:1::"),
        (0x20010DB8 << 96 | 1 << 32 | 1, "2001:db8::1:0:1"),
        (0x20010DB8_00000001_00010001_00010001, "2001:db8:0:1:1:1:1:1"),
        (0xFFFF_C0000201, "::ffff:192.0.2.1"),
    ],
)
def test_addresses_are_written_as_rfc_5952_says(number, text):
    assert ipv6_text(number) == text
    assert ipv6_text(number, "eth0") == f"{text}%eth0"
