"""Requests: what they take, what they cost nothing for, and what survives a round trip."""

from __future__ import annotations

import copy
import json
import pickle
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.url import canonicalize_url

from shoal.crawl.curl import curl_to_request_kwargs
from shoal.crawl.fingerprint import fingerprint
from shoal.crawl.forms import FormRequest
from shoal.crawl.headers import Headers
from shoal.crawl.payloads import JsonRequest
from shoal.crawl.request import Request
from shoal.crawl.request_dict import request_from_dict

URL_TEXT = st.text(alphabet="abcAZ09 /.?&=%#;:@~é€+", max_size=25).map(lambda tail: "http://example.com/" + tail)
HEADER_NAMES = st.text(alphabet="abcXYZ-", min_size=1, max_size=12)
HEADER_VALUES = st.lists(st.binary(max_size=6), min_size=1, max_size=3)


class PageSpider:
    def parse_page(self, response):
        pass

    def _PageSpider__hidden(self, response):
        pass


def test_what_is_not_used_is_not_made():
    request = Request("http://example.com/")
    request.replace(priority=3)
    assert request._headers is request._meta is request._cookies is request._flags is request._cb_kwargs is None


def test_a_request_takes_attributes_of_its_own_and_weak_references():
    request = Request("http://example.com/")
    request.anything = 1
    assert request.anything == 1
    assert {request: 1}[request] == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"url": "example.com"}, ValueError),
        ({"url": b"http://example.com"}, TypeError),
        ({"url": "http://a/", "body": 1}, TypeError),
        ({"url": "http://a/", "priority": 1.5}, TypeError),
        ({"url": "http://a/", "callback": "parse"}, TypeError),
        ({"url": "http://a/", "errback": 3}, TypeError),
    ],
)
def test_wrong_arguments_are_refused(arguments, error):
    with pytest.raises(error):
        Request(**arguments)


def test_a_replaced_class_keeps_the_members():
    request = Request("http://example.com/?q=1", meta={"a": 1}, headers={"X": "y"}, priority=2)
    other = request.replace(cls=JsonRequest)
    assert isinstance(other, JsonRequest)
    assert (other.url, other.meta, other.priority, other.headers["x"]) == (request.url, {"a": 1}, 2, b"y")


def test_a_request_survives_a_dict():
    spider = PageSpider()
    for callback in (spider.parse_page, spider._PageSpider__hidden, None):
        request = JsonRequest("http://a/", data=[1], callback=callback, meta={"x": 1}, headers={"A": ["1", "2"]})
        again = request_from_dict(json.loads(json.dumps(plain(request.to_dict(spider=spider)))), spider=spider)
        assert type(again) is JsonRequest
        assert (again.callback, again.body, again.meta) == (callback, b"[1]", {"x": 1})
        assert again.headers.getlist("a") == [b"1", b"2"]


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


def test_a_function_is_no_callback_that_can_be_stored():
    with pytest.raises(ValueError, match="is not an instance method in"):
        Request("http://a/", callback=lambda response: None).to_dict(spider=PageSpider())


@given(
    URL_TEXT, st.sampled_from(["GET", "POST"]), st.binary(max_size=5), st.booleans(), st.sampled_from([None, ["x-id"]])
)
def test_a_fingerprint_is_the_documented_digest(url, method, body, keep_fragments, include_headers):
    request = Request(url, method=method, body=body, headers={"X-Id": ["1", "2"]})
    headers = {b"x-id".hex(): [b"1".hex(), b"2".hex()]} if include_headers else {}
    identity = {
        "method": method,
        "url": canonicalize_url(request.url, keep_fragments=keep_fragments),
        "body": body.hex(),
        "headers": headers,
    }
    expected = sha1(json.dumps(identity, sort_keys=True).encode()).digest()
    for _ in range(2):
        assert fingerprint(request, include_headers=include_headers, keep_fragments=keep_fragments) == expected


@given(st.dictionaries(HEADER_NAMES.map(str.lower), HEADER_VALUES))
def test_headers_keep_every_value_under_any_spelling(source):
    headers = Headers(source)
    for name, values in source.items():
        for spelling in (name, name.upper(), name.encode(), name.title().encode()):
            assert headers.getlist(spelling) == values
            assert headers[spelling] == headers.get(spelling) == values[-1]
    for again in (headers.copy(), copy.copy(headers), pickle.loads(pickle.dumps(headers)), Headers(headers.items())):
        assert again == headers
        assert isinstance(again, Headers)
    for values in headers.copy().values():
        assert isinstance(values, bytes)


def test_a_copy_of_headers_shares_no_list():
    headers = Headers({"A": ["1"]})
    headers.copy().appendlist("a", "2")
    Request("http://a/", headers=headers).headers.appendlist("a", "3")
    assert headers.getlist("A") == [b"1"]


def test_a_form_by_get_becomes_the_query():
    request = FormRequest("http://a/?old=1", method="GET", formdata={"q": ["x y", "é"]})
    assert request.url == "http://a/?q=x+y&q=%C3%A9"
    assert request.body == b""


@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.text(alphabet="ab'\"$ &=é\\", max_size=12).filter(lambda body: not body.startswith("$")),
    st.dictionaries(st.sampled_from(["Accept", "X-A"]), st.text(alphabet="ab'\"; ,/", max_size=8).map(str.strip)),
)
def test_a_curl_command_says_what_the_request_sends(method, body, headers):
    request = Request("http://example.com/?a=1&b=2", method=method, body=body, headers=headers, cookies={"c": "1"})
    again = Request(**curl_to_request_kwargs(request.to_curl()))
    assert (again.method, again.url, again.body) == (request.method, request.url, request.body)
    assert again.headers == request.headers
    assert again.cookies == {"c": "1"}
