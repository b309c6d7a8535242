"""Contracts in docstrings: the requests they make, and what is reported when they are broken."""

from __future__ import annotations

import asyncio
import unittest
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shoal.crawl.contracts import Contract, ContractsManager, standard
from shoal.crawl.contracts.standard import ReturnsContract
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse
from shoal.crawl.spider import Spider

STANDARD = [
    cls
    for cls in vars(standard).values()
    if isinstance(cls, type) and issubclass(cls, Contract) and cls is not Contract
]
PAGE = HtmlResponse("http://site.test/", body=b"")


class Checked(Spider):
    name = "checked"

    def keeps(self, response: Any, city: str) -> Any:
        """A callback that keeps its word.

        @url http://site.test/
        @cb_kwargs {"city": "Lyon"}
        @meta {"a": 1}
        @method post
        @body a=b c
        @header X-One 1 2
        @header X-Two 2
        @cookie k v
        @returns items 1 1
        @returns requests 0 0
        @scrapes city
        """
        yield {"city": city}

    def breaks(self, response: Any) -> Any:
        """@url http://site.test/
        @returns requests 1
        @scrapes name price
        """
        return {"name": 1}

    async def waits(self, response: Any) -> AsyncIterator[Any]:
        """@url http://site.test/
        @returns items 2
        """
        yield {}
        yield {}

    def raises(self, response: Any) -> Any:
        """@url http://site.test/"""
        raise RuntimeError("in the callback")

    def unsaid(self, response: Any) -> Any:
        """Mail me at a@b.c.
        @returns items
        """


def run(method: str) -> tuple[Request | None, unittest.TestResult]:
    results = unittest.TestResult()
    request = ContractsManager(STANDARD).from_method(getattr(Checked(), method), results)
    if request is not None:
        assert request.callback is not None
        output = request.callback(PAGE, **request.cb_kwargs)
        assert (asyncio.run(output) if method == "waits" else output) is None
    return request, results


def test_the_sample_request_is_what_the_docstring_says() -> None:
    request, results = run("keeps")
    assert request is not None
    assert (request.url, request.method, request.body, request.meta) == (
        "http://site.test/",
        "POST",
        b"a=b c",
        {"a": 1},
    )
    assert (request.headers["X-One"], request.headers["X-Two"]) == (b"1 2", b"2")
    assert (request.cookies, request.dont_filter) == ({"k": "v"}, True)
    assert (results.testsRun, results.failures, results.errors) == (3, [], [])


def test_each_broken_promise_is_a_failure_that_says_what_was_expected() -> None:
    _, results = run("breaks")
    reports = [report for _, report in results.failures]
    assert len(reports) == 2
    assert any("Returned 0 requests, expected 1..inf" in report for report in reports)
    assert any("Missing fields: price" in report for report in reports)
    assert str(results.failures[0][0]).startswith("[checked] breaks (@")


def test_async_callbacks_are_waited_for() -> None:
    assert run("waits")[1].wasSuccessful()


def test_an_error_in_the_callback_is_reported_and_does_not_end_the_run() -> None:
    _, results = run("raises")
    assert "in the callback" in results.errors[0][1]


def test_a_callback_without_a_url_is_not_tried() -> None:
    assert run("unsaid")[0] is None


def test_all_callbacks_of_a_spider_are_found_and_a_contract_that_cannot_be_read_is_an_error() -> None:
    class Wrong(Checked):
        def wrong(self, response: Any) -> Any:
            """@url http://site.test/
            @returns items 1 2 3
            """

    results = unittest.TestResult()
    requests = ContractsManager(STANDARD).from_spider(Wrong(), results)
    assert len(requests) == 4
    assert "expected 1, 2 or 3, got 4" in results.errors[0][1]


@pytest.mark.parametrize(
    ("words", "bounds"), [((), (1, float("inf"))), (("2",), (2, float("inf"))), (("0", "3"), (0, 3))]
)
def test_bounds_may_be_left_out(words: tuple[str, ...], bounds: tuple[float, float]) -> None:
    contract = ReturnsContract(Checked().keeps, "items", *words)
    assert (contract.min_bound, contract.max_bound) == bounds
