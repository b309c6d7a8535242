"""The practice site of quotes: known in advance, and reachable by the ways a crawler has."""

from __future__ import annotations

import http.client
import json
import re
from urllib.parse import urlencode

import pytest

from shoal.errors import UsageError
from shoal.lab.quotes import PASSWORD, USER, QuotesServer, QuotesSite, invent, items
from shoal.lab.web import Answer, Asked, WebServer


def get(site, path, **headers):
    return site(Asked("GET", path, headers))


def text(answer):
    return answer.body.decode("utf-8")


def test_the_same_seed_gives_the_same_site():
    assert invent(3) == invent(3)
    assert invent(3) != invent(4)
    assert get(QuotesSite(3), "/page/2/").body == get(QuotesSite(3), "/page/2/").body


def test_quotes_are_all_different():
    quotes = invent(0, 2000)
    assert len({quote.text for quote in quotes}) == 2000


def test_the_pages_together_hold_every_quote_once():
    site = QuotesSite(quotes=25)
    pages = [text(get(site, path)) for path in ("/", "/page/2/", "/page/3/")]
    assert [page.count('class="quote"') for page in pages] == [10, 10, 5]
    assert ['class="next"' in page for page in pages] == [True, True, False]
    assert get(site, "/page/4/").status == 404


def test_a_tag_lists_its_quotes_and_no_other():
    site = QuotesSite(quotes=30)
    tag = site.quotes[0].tags[0]
    expected = sum(tag in quote.tags for quote in site.quotes)
    assert text(get(site, f"/tag/{tag}/")).count('class="quote"') == min(expected, 10)
    assert get(site, "/tag/nothing/").status == 404


def test_an_author_has_a_page():
    site = QuotesSite()
    author = site.quotes[0].author
    page = text(get(site, f"/author/{author.slug}/"))
    assert author.born in page
    assert author.place in page


def test_the_endless_page_is_fed_by_json():
    site = QuotesSite(quotes=15)
    pages = [json.loads(get(site, f"/api/quotes?page={number}").body) for number in (1, 2)]
    found = [quote["text"] for page in pages for quote in page["quotes"]]
    assert found == [quote.text for quote in site.quotes]
    assert [page["has_next"] for page in pages] == [True, False]


def test_log_in_wants_the_token_of_the_form():
    site = QuotesSite()
    token = re.search(r'name="csrf_token" value="(\w+)"', text(get(site, "/login")))[1]
    form = {"csrf_token": token, "username": USER, "password": PASSWORD}
    refused = site(Asked("POST", "/login", {}, urlencode({**form, "csrf_token": "guess"}).encode()))
    assert refused.status == 403
    admitted = site(Asked("POST", "/login", {}, urlencode(form).encode()))
    assert admitted.status == 302
    cookie = admitted.headers["Set-Cookie"].partition(";")[0]
    assert "fish" in text(get(site, "/secret", cookie=cookie))
    assert get(site, "/secret").headers["Location"] == "/login"


@pytest.mark.parametrize(
    "path", ["/page/0/", "/page/x/", "/page/99999999999/", "/api/quotes?page=x", "/author/nobody/"]
)
def test_what_is_not_there_is_404(path):
    assert get(QuotesSite(), path).status == 404


def test_one_connection_serves_many_requests():
    with QuotesServer() as server:
        connection = http.client.HTTPConnection(server.address, server.port)
        for path in ("/", "/page/2/"):
            connection.request("GET", path)
            assert b"quote" in connection.getresponse().read()
        connection.close()
        assert server.asked == ["GET /", "GET /page/2/"]
        assert len(items(server.quotes)) == 100


def test_a_site_that_fails_answers_500():
    with WebServer(lambda asked: Answer(1 // 0)) as server:
        connection = http.client.HTTPConnection(server.address, server.port)
        connection.request("GET", "/")
        assert connection.getresponse().status == 500
        connection.close()


def test_nothing_but_loopback_is_served():
    with pytest.raises(UsageError, match="loopback"):
        QuotesServer(address="0.0.0.0")
