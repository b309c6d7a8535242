"""A practice job board that speaks the classic Lagou protocol (2017 to 2021), invented from the first job to the last.

The one rule: a site as a function: the moment comes with the request, the memory (sessions, haste) is in its `Door`,
and what it serves follows from the seed. See docs/lab.md for the traps it sets.
"""

from __future__ import annotations

import gzip
import re
from hashlib import blake2b
from random import Random
from typing import TYPE_CHECKING

from shoal.errors import UsageError
from shoal.lab import jobs_pages as pages
from shoal.lab import jobs_words as words
from shoal.lab.jobs_data import city_of
from shoal.lab.jobs_door import JSON_TYPE, STATES, TOO_FREQUENT, Door, refused, to_forbidden, to_tracking
from shoal.lab.jobs_replies import Page, flat, nested
from shoal.lab.jobs_search import DRIFT, STRONG_DRIFT, Listing, Query
from shoal.lab.message import Answer
from shoal.lab.observed import Observed

if TYPE_CHECKING:
    from shoal.lab.jobs_data import Job
    from shoal.lab.message import Asked

BUDGET = 10  # JSON pages a list page's cookies are good for; reports say 5 to 10
PER_WINDOW, WINDOW = 40, 2.0  # JSON requests borne from one address, seconds
ERROR_SHARE = 0.2
JSON_PATH = "/jobs/positionAjax.json"
CITY_PATH = re.compile(r"/p-city_(\d+)")
DETAIL_PATH = re.compile(r"/jobs/(\d{1,12})\.html")
SERVED_PATH = re.compile(r"/zhaopin/([^/]+)/(?:(\d{1,6})/)?")


class JobBoard:
    """The board: call it with an `Asked`. `observed` counts list, data, detail and served pages, and refusals.

    seed        what the jobs follow from
    mode        one of MODES, or several joined by "+", as in "drift+flat"
    budget      JSON pages the cookies of one list page are good for
    per_window, window   JSON requests borne from one address in so many seconds

    Raises UsageError for a mode there is not, or limits that cannot be.
    """

    MODES = (
        "normal",
        "lenient",  # nobody is refused
        "strict",  # pages after the first must bring the first one's showId as sid
        "still",  # no row comes twice
        "drift",  # three rows of ten have been shown before
        "flat",  # the JSON of before 2016-10
        "html",  # a web page where JSON is expected
        "truncated",  # JSON that ends in the middle, and the connection with it
        "errors",  # a fifth of the JSON pages fail: 500, 502, 503
        "tracking",  # every page is a detour (302) to the page that makes cookies
        "banned",  # every page is a detour to the page for banned addresses
        "small",  # 87 jobs of each keyword in every city
        "salaries",  # a quarter of the salary texts cannot be read, or make no sense
        "old-refusal",  # refusals in the shape of 2016: success, and no state
        *(f"always-{state}" for state in STATES),  # every JSON page is refused
    )

    def __init__(
        self,
        *,
        seed: int = 0,
        mode: str = "normal",
        budget: int = BUDGET,
        per_window: int = PER_WINDOW,
        window: float = WINDOW,
    ) -> None:
        self._modes = frozenset(mode.split("+"))
        if unknown := self._modes.difference(self.MODES):
            raise UsageError(f"the job board has no mode {min(unknown)!r}; it has {', '.join(self.MODES)}")
        if budget < 0 or per_window < 1 or not window > 0:
            raise UsageError("the job board has a budget of at least 0, and bears at least 1 request in a window")
        drift = 0.0 if "still" in self._modes else STRONG_DRIFT if "drift" in self._modes else DRIFT
        self.listing = Listing(seed, drift=drift, small="small" in self._modes, odd_salaries="salaries" in self._modes)
        self.observed = Observed()
        self._seed = seed
        self._door = Door(seed, budget, per_window, window)
        self._dice = Random(seed)
        always = [int(word.removeprefix("always-")) for word in self._modes if word.startswith("always-")]
        self._always = always[0] if always else None

    def truth(self, keyword: str, city: str = words.COUNTRY) -> list[Job]:
        """Every job of a search, each once, best match first; `Job.key` is its city, title and salary."""
        return self.listing.found(Query(keyword, city))

    def __call__(self, asked: Asked) -> Answer:
        """What the board answers."""
        path = asked.path
        if path.startswith(("/utrack/", "/forbidden/")):
            return pages.page("拉勾网", pages.check() if "utrack" in path else pages.forbidden(asked.client))
        if self._modes & {"tracking", "banned"}:
            self.observed.refuse(asked.at)
            return to_tracking(asked) if "tracking" in self._modes else to_forbidden(asked)
        if path == JSON_PATH:
            return self._data(asked)
        if path == "/":
            return pages.page("拉勾网", pages.front(), cookies=self._door.greet())
        return self._html(asked)

    # Pages for people

    def _html(self, asked: Asked) -> Answer:
        if asked.path.startswith("/jobs/list_"):
            return self._list(asked)
        if match := DETAIL_PATH.fullmatch(asked.path):
            return self._detail(asked, int(match[1]))
        if match := SERVED_PATH.fullmatch(asked.path):
            return self._served(asked, match[1], int(match[2] or 1))
        return pages.page("404", "<p>亲，你来晚了，该信息已经被删除鸟~</p>", 404)

    def _list(self, asked: Asked) -> Answer:
        """Sets the cookies; the jobs are asked for by the page's script."""
        self.observed.counts["list pages"] += 1
        keyword = asked.path.removeprefix("/jobs/list_").partition("/")[0]
        city = asked.query.get("city") or _city_of_code(asked.path)
        total = len(self.listing.shown(Query(keyword, city)))
        title = f"{keyword}招聘-{city}-拉勾网"
        return pages.page(title, pages.shell(keyword, city, total), cookies=self._door.admit(asked))

    def _served(self, asked: Asked, keyword: str, number: int) -> Answer:
        """The list that needs no JSON and no cookies, though it sets them."""
        self.observed.counts["served pages"] += 1
        body = pages.served(self._page(Query.of(keyword, asked.query), number))
        return pages.page(f"{keyword}招聘-拉勾网", body, cookies=self._door.admit(asked))

    def _detail(self, asked: Asked, number: int) -> Answer:
        if not self._door.known(asked) and "lenient" not in self._modes:
            self.observed.refuse(asked.at)
            return to_tracking(asked)
        city = city_of(number)
        jobs = self.listing.of_city(city) if city else []
        job = next((job for job in jobs if job.row["positionId"] == number), None)
        if job is None:
            return pages.page("404", "<p>亲，你来晚了，该信息已经被删除鸟~</p>", 404)
        self.observed.counts["detail pages"] += 1
        return pages.page(f"{job.row['positionName']}招聘-拉勾网", pages.detail(job))

    # Pages for programs

    def _data(self, asked: Asked) -> Answer:
        form = asked.form if asked.method == "POST" else asked.query
        query = Query.of(form.get("kd", ""), asked.query)
        text = form.get("pn", "1")
        page = self._page(query, int(text) if text.isdecimal() and len(text) < 7 else 0)
        state = self._refusal(asked, page, form.get("sid", ""))
        if state is not None:
            self.observed.refuse(asked.at)
            return refused(asked.client, state, "old-refusal" in self._modes)
        return self._granted(asked, page)

    def _refusal(self, asked: Asked, page: Page, sid: str) -> int | None:
        if self._always is not None:
            return self._always
        state = None if "lenient" in self._modes else self._door.refusal(asked)
        if state is None and "strict" in self._modes and page.number > 1 and sid != page.show_id:
            return TOO_FREQUENT
        return state

    def _granted(self, asked: Asked, page: Page) -> Answer:
        if "errors" in self._modes and self._dice.random() < ERROR_SHARE:
            self.observed.counts["errors"] += 1
            return pages.page("error", "<p>系统繁忙</p>", self._dice.choice((500, 502, 503)))
        self.observed.counts["data pages"] += 1
        if "html" in self._modes:
            return pages.page("拉勾网", pages.check())
        body = (flat(page) if "flat" in self._modes else nested(page)).encode()
        headers = dict(JSON_TYPE)
        if "gzip" in asked.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Answer(body, headers=headers, cut=len(body) // 2 if "truncated" in self._modes else None)

    def _page(self, query: Query, number: int) -> Page:
        """The page; its showId depends on the search alone, so it stays when the cookies are renewed."""
        show_id = blake2b(f"{self._seed} {query}".encode(), digest_size=16).hexdigest()
        total = len(self.listing.shown(query))
        return Page(number, self.listing.page(query, number), total, query.keyword, query.city, show_id)


def _city_of_code(path: str) -> str:
    """The city of a path such as /jobs/list_Python/p-city_215; the whole country without one, or for 0."""
    match = CITY_PATH.search(path)
    code = int(match[1]) if match else 0
    return next((city for city, (its, *_) in words.CITIES.items() if its == code), words.COUNTRY)
