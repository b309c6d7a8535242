"""Echo messages: what is built is valid, and only what answers it is recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.net.frames import ECHO_REPLY, ECHO_REQUEST, TOKEN, Echo, checksum

TOKENS = st.binary(min_size=TOKEN, max_size=TOKEN)
IDENTS = st.integers(0, 0xFFFF)
TRIES = st.integers(0, 0xFFFF)
VERSIONS = st.sampled_from((4, 6))


def replied(echo, attempt):
    """The reply of an honest host: another type, the rest as it came, and a checksum of its own."""
    request = echo.request_of(attempt)
    blank = bytes([ECHO_REPLY[echo.version], 0, 0, 0]) + request[4:]
    return blank[:2] + checksum(blank).to_bytes(2, "big") + blank[4:]


@given(st.binary(max_size=64).filter(lambda data: len(data) % 2 == 0))
def test_a_message_with_its_checksum_in_it_sums_to_zero(data):
    assert checksum(data + checksum(data).to_bytes(2, "big")) == 0


def test_the_checksum_of_the_example_in_rfc_1071():
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == ~0xDDF2 & 0xFFFF


@given(IDENTS, TOKENS, TRIES)
def test_an_ipv4_request_is_valid(ident, token, attempt):
    request = Echo(4, ident, token).request_of(attempt)
    assert request[:2] == bytes((ECHO_REQUEST[4], 0))
    assert checksum(request) == 0


@given(VERSIONS, IDENTS, TOKENS, TRIES)
def test_the_reply_says_which_try_it_answers(version, ident, token, attempt):
    echo = Echo(version, ident, token)
    assert echo.attempt(replied(echo, attempt)) == attempt


@given(IDENTS, TOKENS, TRIES, st.integers(5, 15))
def test_the_ip_header_of_a_raw_socket_is_skipped_with_its_options(ident, token, attempt, words):
    echo = Echo(4, ident, token)
    header = bytes([0x40 | words]) + bytes(words * 4 - 1)
    assert echo.attempt(header + replied(echo, attempt)) == attempt


@given(IDENTS, TOKENS, st.integers(1, 0xFFFF))
def test_only_a_reply_to_the_first_try_ends_like_the_expected_answer(ident, token, attempt):
    echo = Echo(4, ident, token)
    assert replied(echo, 0).endswith(echo.answer)
    assert (bytes([0x45]) + bytes(19) + replied(echo, 0)).endswith(echo.answer)
    assert not replied(echo, attempt).endswith(echo.answer)
    assert not echo.request.endswith(echo.answer)


@given(VERSIONS, IDENTS, TOKENS, IDENTS, TOKENS)
def test_the_reply_to_somebody_else_is_not_ours(version, ident, token, other_ident, other_token):
    ours, other = Echo(version, ident, token), Echo(version, other_ident, other_token)
    mine = (ident, token) == (other_ident, other_token)
    assert (ours.attempt(replied(other, 3)) is not None) == mine


@pytest.mark.parametrize("version", [4, 6])
def test_our_own_request_is_not_an_answer(version):
    echo = Echo(version, 7, b"12345678")
    assert echo.attempt(echo.request) is None


@given(VERSIONS, st.binary(max_size=96))
def test_any_bytes_are_read_without_complaint(version, packet):
    echo = Echo(version, 7, b"12345678")
    assert echo.attempt(packet) is None
    assert echo.quoted(packet[:7]) is None
    echo.quoted(packet)


@given(VERSIONS, IDENTS, TOKENS, TRIES, st.integers(0, TOKEN))
def test_an_error_is_ours_even_if_the_router_quoted_eight_bytes_only(version, ident, token, attempt, kept):
    echo = Echo(version, ident, token)
    assert echo.quoted(echo.request_of(attempt)[: 8 + kept]) == attempt


def test_an_error_about_another_programs_ping_is_not_ours():
    echo = Echo(4, 7, b"12345678")
    assert echo.quoted(Echo(4, 8, b"12345678").request) is None
    assert echo.quoted(Echo(4, 7, b"87654321").request) is None
    assert echo.quoted(replied(echo, 0)) is None
