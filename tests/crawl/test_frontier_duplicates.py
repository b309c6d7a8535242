from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.crawl.dupefilter import RFPDupeFilter
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.request import Request


class ByUrl:
    """A fingerprinter whose fingerprints have any length."""

    def fingerprint(self, request):
        return request.url.encode()


def a_filter(folder=None, **more):
    return RFPDupeFilter(folder and str(folder), **more)


def seen(duplicates, *urls):
    return [duplicates.request_seen(Request(url)) for url in urls]


@pytest.mark.parametrize("fingerprinter", [None, ByUrl()])
def test_what_was_seen_is_known_in_the_next_run(tmp_path, fingerprinter):
    first = a_filter(tmp_path, fingerprinter=fingerprinter)
    assert seen(first, "https://a.example/1", "https://a.example/1") == [False, True]
    first.close("shutdown")
    second = a_filter(tmp_path, fingerprinter=fingerprinter)
    assert seen(second, "https://a.example/1", "https://a.example/2") == [True, False]
    second.close("finished")


def test_a_request_is_on_disk_before_anything_else_happens_to_it(tmp_path):
    duplicates = a_filter(tmp_path)
    seen(duplicates, "https://a.example/1", "https://a.example/1", "https://a.example/2")
    assert (tmp_path / "requests.seen").stat().st_size == 2 * 20
    duplicates.close("killed")


@given(cut=st.integers(0, 60))
def test_half_a_record_is_forgotten_and_never_spoils_those_after_it(tmp_path_factory, cut):
    folder = tmp_path_factory.mktemp("job")
    urls = [f"https://a.example/{number}" for number in range(3)]
    whole = a_filter(folder)
    seen(whole, *urls)
    whole.close("")
    file = folder / "requests.seen"
    file.write_bytes(file.read_bytes()[:cut])

    mended = a_filter(folder)
    assert seen(mended, *urls) == [number < cut // 20 for number in range(3)]
    mended.close("")
    again = a_filter(folder)
    assert seen(again, *urls) == [True] * 3
    again.close("")


def test_duplicates_are_counted_each_and_told_once_unless_debugged(caplog):
    caplog.set_level(logging.DEBUG)
    counted = []
    spider = SimpleNamespace(crawler=SimpleNamespace(stats=SimpleNamespace(inc_value=counted.append)))
    request = Request("https://a.example/", headers={"Referer": "https://a.example/from"})
    for duplicates, lines in ((a_filter(), 1), (a_filter(debug=True), 3)):
        caplog.clear()
        for _ in range(3):
            duplicates.log(request, spider)
        assert len(caplog.records) == lines
    assert "(referer: https://a.example/from)" in caplog.text
    assert counted == ["dupefilter/filtered"] * 6


@pytest.mark.parametrize("old", [str.lower, str.encode, lambda url: url.encode().hex()])
def test_an_old_filter_that_makes_its_own_fingerprints_still_does(old):
    class Old(RFPDupeFilter):
        def request_fingerprint(self, request):
            return old(request.url)

    with pytest.warns(ScrapyDeprecationWarning, match="request_fingerprint"):
        duplicates = Old()
    assert seen(duplicates, "https://a.example/1", "https://a.example/2", "https://a.example/1") == [False, False, True]


def test_a_filter_that_is_given_another_place_leaves_no_empty_file(tmp_path):
    duplicates = a_filter(tmp_path)
    kept = set()
    duplicates.keep_in(kept)
    assert seen(duplicates, "https://a.example/1", "https://a.example/1") == [False, True]
    assert len(kept) == 1
    assert not list(tmp_path.iterdir())
    duplicates.close("finished")
