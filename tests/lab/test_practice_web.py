"""The practice web server: late, slow, endless and broken answers on real sockets, and what it saw of its visitors."""

from __future__ import annotations

import http.client
import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import MachineError, UsageError
from shoal.lab.conditions import Conditions
from shoal.lab.message import Answer, Asked
from shoal.lab.observed import Observed
from shoal.lab.web import WebServer, pieces


def get(server, path="/", **headers):
    connection = http.client.HTTPConnection(server.address, server.port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def at_once(work, count):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_late_answers_wait_side_by_side():
    with WebServer(lambda asked: Answer("late"), conditions=Conditions(latency=0.3)) as server:
        start = time.monotonic()
        at_once(lambda: get(server), 20)
        assert 0.3 <= time.monotonic() - start < 3
        assert server.observed.requests == 20
        assert server.observed.most_in_flight > 10
        assert server.observed.in_flight == 0


def test_one_late_answer_does_not_delay_another():
    def site(asked):
        return Answer("slow", delay=30.0) if asked.path == "/slow" else Answer("quick")

    with WebServer(site) as server:
        slow = socket.create_connection((server.address, server.port))
        slow.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert get(server, "/quick") == (200, b"quick")
        slow.close()


def test_a_slow_answer_comes_at_its_pace():
    with WebServer(lambda asked: Answer(b"x" * 1000, pace=4000)) as server:
        start = time.monotonic()
        assert get(server) == (200, b"x" * 1000)
        assert time.monotonic() - start >= 0.2


def test_pieces_of_unknown_number_are_chunked():
    with WebServer(lambda asked: Answer(iter([b"one", b"", b"two"]))) as server:
        assert get(server) == (200, b"onetwo")


def test_a_huge_answer_is_never_whole_in_memory():
    made = []

    def megabytes():
        for number in range(1000):
            made.append(number)
            yield bytes(1 << 20)

    site = lambda asked: Answer(megabytes(), headers={"Content-Length": str(1000 << 20)})  # noqa: E731
    with WebServer(site) as server, socket.create_connection((server.address, server.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 OK\r\nContent-Type")
        time.sleep(0.1)
        assert len(made) < 100


def test_a_client_that_stops_reading_does_not_keep_the_server():
    with WebServer(lambda asked: Answer(bytes(50 << 20))) as server:
        client = socket.create_connection((server.address, server.port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1) == b"H"
    client.close()


def test_who_asks_one_after_the_other_is_never_seen_twice_at_once():
    with WebServer(lambda asked: Answer(b"x" * 1000, pace=1e6 if "slow" in asked.path else 0)) as server:
        for _ in range(20):
            get(server, "/")
            get(server, "/slow")
        assert server.observed.most_in_flight == 1


@pytest.mark.parametrize("cut", [0, 1, 500])
def test_an_answer_that_breaks_off(cut):
    with WebServer(lambda asked: Answer(b"x" * 1000, cut=cut)) as server:
        with pytest.raises(http.client.IncompleteRead) as broken:
            get(server)
        assert broken.value.partial == b"x" * cut


def test_a_chunked_answer_that_breaks_off():
    with WebServer(lambda asked: Answer(iter([b"one", b"two"]), cut=4)) as server:
        with pytest.raises(http.client.IncompleteRead) as broken:
            get(server)
        assert broken.value.partial == b"onet"


def test_several_cookies_are_several_lines():
    with WebServer(lambda asked: Answer(cookies=["a=1; Path=/", "b=2"])) as server:
        connection = http.client.HTTPConnection(server.address, server.port)
        connection.request("GET", "/")
        assert connection.getresponse().headers.get_all("Set-Cookie") == ["a=1; Path=/", "b=2"]
        connection.close()


def test_head_has_the_length_and_no_body():
    with WebServer(lambda asked: Answer("text")) as server:
        connection = http.client.HTTPConnection(server.address, server.port)
        for method, body in (("HEAD", b""), ("GET", b"text")):
            connection.request(method, "/")
            response = connection.getresponse()
            assert (response.headers["Content-Length"], response.read()) == ("4", body)
        connection.close()


def test_a_client_that_wants_to_be_told_to_go_on_is():
    with (
        WebServer(lambda asked: Answer(asked.body)) as server,
        socket.create_connection((server.address, server.port)) as client,
    ):
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(1000).endswith(b"abc")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /" + b"x" * 70_000,
    ],
)
def test_after_these_the_connection_ends_and_the_server_goes_on(request_bytes):
    with WebServer(lambda asked: Answer("text")) as server:
        with socket.create_connection((server.address, server.port), timeout=10) as client:
            client.sendall(request_bytes)
            received = b"".join(iter(lambda: client.recv(1000), b""))
        assert received.endswith(b"text") == request_bytes.startswith((b"GET / HTTP/1.0", b"GET / HTTP/1.1\r\nConn"))
        assert get(server) == (200, b"text")


def test_the_site_is_told_who_asks_and_when():
    seen = []
    with WebServer(lambda asked: seen.append(asked) or Answer()) as server:
        before = time.time()
        get(server, "/a%20b?x=1")
    (asked,) = seen
    assert (asked.path, asked.query, asked.client) == ("/a b", {"x": "1"}, "127.0.0.1")
    assert before <= asked.at <= time.time()


def test_a_port_that_is_taken_is_a_sentence():
    sentence = r"cannot serve a site on 127\.0\.0\.1 port \d+: Address already in use \(EADDRINUSE\)"
    with WebServer(lambda asked: Answer()) as server, pytest.raises(MachineError, match=sentence):
        WebServer(lambda asked: Answer(), port=server.port).__enter__()


@given(
    body=st.binary(max_size=200),
    pace=st.sampled_from([0, 20, 100, 10_000]),
    cut=st.one_of(st.none(), st.integers(0, 250)),
)
def test_pieces_make_the_body_up_to_the_cut(body, pace, cut):
    assert b"".join(pieces(Answer(body, pace=pace, cut=cut))) == body[:cut]
    assert b"".join(pieces(Answer(iter([body, body]), pace=pace, cut=cut))) == (body + body)[:cut]


# Conditions


def ask(at=0.0, client="127.0.0.1", **headers):
    return Asked("GET", "/", {"host": "x", "user-agent": "y"} | headers, client=client, at=at)


def test_errors_have_the_share_that_was_asked_for():
    conditions = Conditions(error_rate=0.2)
    answers = [conditions.before(ask()) for _ in range(1000)]
    statuses = [answer.status for answer in answers if answer]
    assert 150 < len(statuses) < 250
    assert set(statuses) == {500, 502, 503}


def test_errors_follow_from_the_seed():
    def failures(seed):
        conditions = Conditions(error_rate=0.5, seed=seed)
        return [conditions.before(ask()) is None for _ in range(50)]

    assert failures(1) == failures(1) != failures(2)


def test_a_strict_server_wants_to_know_who_asks():
    conditions = Conditions(strictness="strict")
    assert conditions.before(ask()) is None
    assert conditions.before(Asked("GET", "/", {"host": "x"})).status == 403
    assert conditions.before(Asked("GET", "/", {"user-agent": "y"})).status == 400


def test_a_strict_server_bears_fifty_requests_a_second_from_each():
    conditions = Conditions(strictness="strict")
    answers = [conditions.before(ask(at=number / 100)) for number in range(51)]
    assert answers[:50] == [None] * 50
    assert (answers[50].status, answers[50].headers["Retry-After"]) == (429, "1")
    assert conditions.before(ask(at=0.5, client="127.0.0.2")) is None
    assert conditions.before(ask(at=1.01)) is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"latency": -1.0}, "latency must be 0 to 3600 seconds, not -1"),
        ({"latency": float("nan")}, "latency must be"),
        ({"error_rate": 1.1}, "error rate must be 0 to 1, not 1.1"),
        ({"strictness": "cruel"}, "strictness must be lenient, normal, strict, not 'cruel'"),
    ],
)
def test_conditions_that_cannot_be(wrong, sentence):
    with pytest.raises(UsageError, match=sentence):
        Conditions(**wrong)


# What was observed


def seen(moments, refused=()):
    observed = Observed()
    for moment in moments:
        observed.arrive(moment)
    for moment in refused:
        observed.refuse(moment)
    return observed


def test_gaps_are_between_neighbours():
    assert seen([1.0, 1.5, 3.0]).gaps() == [0.5, 1.5]
    assert seen([]).gaps() == []


def test_requests_in_a_pause_are_counted():
    """The refused request itself and what comes when the pause is over do not count."""
    observed = seen([1.0, 2.0, 2.1, 4.0, 7.0, 8.0], refused=[2.0])
    assert observed.in_pause(5.0) == 2
    assert observed.in_pause(5.0, grace=0.5) == 1
    assert observed.in_pause(1.0, grace=0.5) == 0


def test_refusals_of_what_was_under_way_begin_no_pause_of_their_own():
    observed = seen([2.0, 2.1, 7.05], refused=[2.0, 2.1])
    assert observed.in_pause(5.0, grace=0.2) == 0


def test_the_most_in_flight_stays_when_they_have_left():
    observed = seen([1.0, 2.0])
    observed.leave()
    observed.arrive(3.0)
    assert (observed.in_flight, observed.most_in_flight, observed.requests) == (2, 2, 3)
