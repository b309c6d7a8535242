"""What the downloader middlewares decide by: redirects, retries, cookies, robots, proxies, ages, decompressed sizes."""

from __future__ import annotations

import gzip
import zlib
from email.utils import formatdate
from urllib.parse import urlsplit

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.decompress import RATIO_FREE, decode_body, decompression_limit
from shoal.crawl.gunzip import DecompressedTooLargeError
from shoal.crawl.headers import Headers
from shoal.crawl.policy.cookies import allowed_domain, is_public_suffix
from shoal.crawl.policy.freshness import age, epoch_of, lifetime, parse_cachecontrol, seconds_of
from shoal.crawl.policy.proxies import Proxy, read_proxy
from shoal.crawl.policy.redirects import hop_mark, is_web, location_url, next_method, private_headers
from shoal.crawl.policy.retries import backoff, retry_after
from shoal.crawl.policy.robots import MOST_READ, Answer, answer_of, readable, site_of

NOW = 1_000_000_000.0


# Redirects


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (302, "HEAD", "HEAD"),
    ],
)
def test_a_redirect_keeps_or_changes_the_method_as_browsers_do(status: int, method: str, then: str) -> None:
    assert next_method(status, method) == then


@pytest.mark.parametrize(
    ("base", "location", "url"),
    [
        ("http://a.example/x#part", b"/y", "http://a.example/y#part"),
        ("http://a.example/x#part", b"/y#own", "http://a.example/y#own"),
        ("https://a.example/", b"//b.example/y", "https://b.example/y"),
        ("https://a.example/", b"///b.example/y", "https://b.example/y"),
        ("http://a.example/d/x", b"y z", "http://a.example/d/y%20z"),
        ("http://a.example/", "/ä".encode("latin-1"), "http://a.example/%E4"),
        ("http://a.example/", b"file:///etc/passwd", "file:///etc/passwd"),
    ],
)
def test_a_location_is_read_against_the_page_it_came_from(base: str, location: bytes, url: str) -> None:
    assert location_url(base, location) == url


@pytest.mark.parametrize("url", ["file:///x", "data:,x", "ftp://a.example/", "javascript:1", ""])
def test_only_http_and_https_are_the_web(url: str) -> None:
    assert not is_web(url)


@pytest.mark.parametrize(
    ("source", "target", "left_behind"),
    [
        ("https://a.example/", "https://a.example/x", []),
        ("https://a.example/", "https://a.example:443/x", []),
        ("https://a.example/", "https://a.example:8443/x", ["Authorization"]),
        ("http://a.example/", "https://a.example/", ["Authorization"]),
        ("https://a.example/", "http://a.example/", ["Cookie", "Authorization"]),
        ("https://a.example/", "https://b.example/", ["Cookie", "Authorization"]),
        ("https://a.example/", "https://sub.a.example/", ["Cookie", "Authorization"]),
        ("https://a.example/", "https://a.example:no/", []),
    ],
)
def test_what_is_private_to_an_origin_stays_there(source: str, target: str, left_behind: list[str]) -> None:
    assert private_headers(source, target) == left_behind


def test_another_cookie_makes_another_hop() -> None:
    marks = {
        hop_mark(*hop) for hop in [("GET", "u", None), ("GET", "u", b"a=1"), ("GET", "v", None), ("POST", "u", None)]
    }
    assert len(marks) == 4


# Retries


@given(st.integers(1, 10_000), st.floats(0, 100), st.floats(0, 1000), st.floats(0, 1))
def test_a_pause_never_exceeds_the_longest(retry: int, first: float, longest: float, chance: float) -> None:
    assert 0 <= backoff(retry, first, longest, chance) <= longest


def test_pauses_double_and_chance_takes_off_up_to_a_half() -> None:
    assert [backoff(retry, 1, 60, 0) for retry in (1, 2, 3, 7)] == [1, 2, 4, 60]
    assert backoff(3, 1, 60, 1) == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"7", 7),
        (b" 7 ", 7),
        (b"100000", 120),
        (formatdate(NOW + 30, usegmt=True).encode(), 30),
        (formatdate(NOW - 30, usegmt=True).encode(), 0),
        (b"soon", None),
        (b"-5", None),
        ("٧".encode(), None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: bytes | None, seconds: float | None) -> None:
    assert retry_after(value, NOW, 120) == seconds


# Cookies


@pytest.mark.parametrize(
    ("domain", "host", "kept"),
    [
        (".a.example", "x.a.example", ".a.example"),
        (".co.uk", "shop.co.uk", None),
        (".com", "a.com", None),
        (".blogspot.com", "me.blogspot.com", None),
        (".co.uk", "co.uk", "co.uk"),
        (".127.0.0.1", "127.0.0.1", "127.0.0.1"),
        (".intranet.local", "intranet", "intranet.local"),
        ("A.example", "a.example", "A.example"),
    ],
)
def test_a_cookie_is_for_a_domain_that_somebody_owns(domain: str, host: str, kept: str | None) -> None:
    assert allowed_domain(domain, host) == kept


def test_public_suffixes_come_from_the_bundled_list() -> None:
    assert [is_public_suffix(name) for name in ("com", "co.uk", "github.io", "example.com")] == [
        True,
        True,
        True,
        False,
    ]


# robots.txt


@pytest.mark.parametrize(
    ("statuses", "answer"),
    [
        ([200, 204, 206], Answer.READ),
        ([301, 400, 401, 403, 404, 410, 451], Answer.ALLOW),
        ([429, 500, 502, 503, 599], Answer.DENY),
    ],
)
def test_only_a_server_that_fails_forbids_everything(statuses: list[int], answer: Answer) -> None:
    assert {answer_of(status) for status in statuses} == {answer}


def test_rules_belong_to_scheme_host_and_port() -> None:
    urls = [
        "http://a.example/",
        "https://a.example/",
        "http://a.example:81/",
        "http://A.example/x",
        "http://u:p@a.example/",
    ]
    assert [site_of(*urlsplit(url)[:2]) for url in urls] == [
        "http://a.example",
        "https://a.example",
        "http://a.example:81",
        "http://a.example",
        "http://a.example",
    ]


def test_a_huge_robots_txt_is_read_up_to_a_line() -> None:
    body = b"Disallow: /x\n" * 100_000
    read = readable(body)
    assert 500 * 1024 < len(read) <= MOST_READ
    assert body.startswith(read)
    assert read.endswith(b"/x\n")


# Proxies


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://p.example:3128", Proxy("http://p.example:3128")),
        ("http://ada:se%40cret@p.example:3128/", Proxy("http://p.example:3128", "ada", "se%40cret")),
        ("socks5://ada:@p.example", Proxy("socks5://p.example", "ada", "")),
        ("p.example:3128", Proxy("https://p.example:3128")),
        ("//p.example", Proxy("https://p.example")),
        ("//", Proxy(None)),
        ("/var/run/docker.sock", None),
    ],
)
def test_a_proxy_is_read_without_its_credentials_in_the_url(text: str, proxy: Proxy | None) -> None:
    assert read_proxy(text, "https") == proxy


# Ages


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {"Cache-Control": "max-age=60", "Expires": "0"}, 60),
        (200, {"Expires": formatdate(NOW + 90)}, 90),
        (200, {"Expires": formatdate(NOW + 90), "Date": formatdate(NOW - 10)}, 100),
        (200, {"Expires": "0"}, 0),
        (200, {"Last-Modified": formatdate(NOW - 1000)}, 100),
        (200, {"Last-Modified": formatdate(NOW + 1000)}, 0),
        (200, {}, 0),
        (301, {}, 31_536_000),
        (200, {"Cache-Control": "max-age=none"}, 0),
    ],
)
def test_a_response_is_good_for_as_long_as_it_says(status: int, headers: dict[str, str], seconds: float) -> None:
    fields = Headers(headers)
    directives = parse_cachecontrol(fields.get("Cache-Control") or b"")
    assert lifetime(status, fields, directives, NOW) == seconds


def test_age_is_the_older_of_date_and_age_and_never_negative() -> None:
    assert age(Headers({"Date": formatdate(NOW - 5)}), NOW) == 5
    assert age(Headers({"Date": formatdate(NOW - 5), "Age": "50"}), NOW) == 50
    assert age(Headers({"Date": formatdate(NOW + 50)}), NOW) == 0
    assert age(Headers({"Age": "old"}), NOW) == 0


def test_cache_control_is_read_whatever_its_spacing_and_case() -> None:
    read = parse_cachecontrol(b'Public , max-AGE=60,, no-cache="x"')
    assert read == {b"public": None, b"max-age": b"60", b"no-cache": b'"x"'}
    assert seconds_of(read, b"max-age") == 60
    assert seconds_of(read, b"public") is None


@given(st.text())
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert epoch_of(text) is None or isinstance(epoch_of(text), int)


# Compressed bodies

CODERS = {
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
    b"zstd": zstandard.ZstdCompressor().compress,
    b"identity": bytes,
}


@given(st.binary(max_size=300_000), st.lists(st.sampled_from(sorted(CODERS)), max_size=4))
def test_whatever_was_compressed_is_opened_again(data: bytes, codings: list[bytes]) -> None:
    packed = data
    for coding in codings:
        packed = CODERS[coding](packed)
    assert decode_body(packed, codings) == (data, [])


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_opening_stops_soon_after_the_limit(coding: bytes) -> None:
    with pytest.raises(DecompressedTooLargeError) as caught:
        decode_body(CODERS[coding](bytes(10_000_000)), [coding], 1_000_000)
    assert caught.value.decompressed_size < 1_200_000


def test_a_bare_deflate_stream_is_opened_too() -> None:
    maker = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert decode_body(maker.compress(b"hello") + maker.flush(), [b"deflate"]) == (b"hello", [])


def test_what_we_cannot_open_stays_and_is_named() -> None:
    assert decode_body(zlib.compress(b"x"), [b"gzip", b"unknown", b"deflate"]) == (b"x", [b"gzip", b"unknown"])


@given(st.integers(0, 10**9), st.integers(0, 10**10), st.floats(0, 1000))
def test_the_limit_is_never_above_the_greatest_size(compressed: int, max_size: int, ratio: float) -> None:
    limit = decompression_limit(compressed, max_size, ratio)
    assert limit <= max_size or (not max_size and limit >= 0)
    assert not ratio or not limit or limit >= min(max_size or RATIO_FREE, RATIO_FREE)
