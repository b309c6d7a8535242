"""URLs: every shortcut gives what the long way gives."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from w3lib.url import canonicalize_url, safe_url_string

from shoal.crawl.urls import (
    Joiner,
    canonical_url,
    is_canonical,
    is_clean,
    safe_url,
    strip_url,
    url_is_from_any_domain,
)

CHARACTERS = "aZ0-_~.!$&'()*+,;=:@/?#[]%2e \té"
HOSTS = st.sampled_from(["example.com", "a", "127.0.0.1:8080", "x-y.example:65535", "EXAMPLE.com", "a..b", "u:p@h", ""])
PATHS = st.text(alphabet=CHARACTERS, max_size=14)
URLS = st.builds("{}://{}/{}".format, st.sampled_from(["http", "https"]), HOSTS, PATHS)
QUERIES = st.lists(st.text(alphabet="ab01=-.~_+%2", max_size=5), max_size=5).map("&".join)
ODD = st.sampled_from(["", ".", "..", "?", "#"])
REFERENCES = st.one_of(PATHS, URLS, PATHS.map("/".__add__), PATHS.map("//h/".__add__), ODD)


@settings(max_examples=500)
@given(URLS, st.sampled_from(["utf-8", "latin-1"]))
@example("http://a.b/c?d=%e9&e=f#g", "utf-8")
def test_a_clean_url_is_one_that_needs_no_quoting(url, encoding):
    if is_clean(url):
        assert safe_url_string(url, encoding) == url
    try:
        expected = safe_url_string(url, encoding)
    except (ValueError, UnicodeError) as problem:
        with pytest.raises(type(problem)):
            safe_url(url, encoding)
    else:
        assert safe_url(url, encoding) == expected


@settings(max_examples=500)
@given(st.one_of(URLS.filter(is_clean), QUERIES.map("http://a.b/c?".__add__)), st.booleans())
@example("http://a/b?b=1&a=2&b=0&b=", False)
@example("http://a/b/c.html", False)
@example("http://a/b/../c", False)
@example("http://a:80/", False)
def test_a_canonical_url_is_w3libs(url, keep_fragments):
    expected = canonicalize_url(url, keep_fragments=keep_fragments)
    assert canonical_url(url, keep_fragments) == expected
    if is_canonical(url):
        assert expected == url


@settings(max_examples=1000)
@given(URLS, REFERENCES)
@example("http://a/b/c?d/e#f", "g")
@example("http://a", "b")
@example("http://a/b", "http:c")
@example("http://a/b", "http://a/c;")
@example("http://a/b/", "c;d")
def test_joining_is_urllibs(base, reference):
    try:
        expected = urljoin(base, reference)
    except ValueError:
        with pytest.raises(ValueError):
            Joiner(base)(reference)
    else:
        assert Joiner(base)(reference) == expected


def test_shortcuts_take_time_in_proportion_to_the_url():
    long = "http://example.com/" + "a" * 200_000
    for url in (long + "\x00", long + "/" * 1000 + "\x00", "http://" + "a-." * 50_000 + "\x00"):
        assert not is_clean(url)
        assert not is_canonical(url)
        assert not Joiner(url).origin


def test_a_domain_counts_with_all_below_it():
    assert url_is_from_any_domain("http://a.Example.com/", ["example.COM"])
    assert not url_is_from_any_domain("http://badexample.com/", ["example.com"])
    assert not url_is_from_any_domain("mailto:me@example.com", ["example.com"])


def test_the_origin_of_a_url_has_no_secrets():
    assert strip_url("https://u:p@a.b:443/c?d#e", origin_only=True) == "https://a.b/"
