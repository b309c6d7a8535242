"""The spider of the salary survey: so many distinct jobs of a keyword from each city of a job board.

The one rule: a city is one chain of requests, and all that is known of it travels with the chain (`errand.py`), so
that any worker can take the next step: a list page for the session, then page after page of positionAjax.json. After a
refusal, which pauses the host (`refusals.py`), the chain goes on with a new list page and the same question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from shoal.crawl.forms import FormRequest
from shoal.crawl.request import Request
from shoal.crawl.spider import Spider
from shoal.surveys.refusals import REFUSALS
from shoal.surveys.salaries.board import Page, Refused, read_reply, refusal_of_list
from shoal.surveys.salaries.errand import (
    COMPLETE,
    EXHAUSTED,
    FAILED,
    REFUSED,
    Errand,
    distinct,
    is_over,
    key_of,
    next_page,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from shoal.crawl.failure import Failure
    from shoal.crawl.response_base import Response

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


class SalarySpider(Spider):
    """Gives jobs (see `board.Page`) and, after each page, a report: {"report": city, "page", "kept", "duplicates",
    "bad", "total", "end", "why"}; `end` is "" while it goes on, then complete, exhausted, refused or failed.
    """

    name = "salaries"
    custom_settings = {  # noqa: RUF012  as the base class has it
        "USER_AGENT": USER_AGENT,
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": "shoal",
        "DOWNLOAD_FAIL_ON_DATALOSS": False,  # half a body is a refusal, and told by its flag
        "DOWNLOAD_TIMEOUT": 60,
        "DOWNLOAD_MAXSIZE": 16 * 1024 * 1024,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",
        "HTTPERROR_ALLOW_ALL": True,
        "DOWNLOADER_MIDDLEWARES": {"shoal.surveys.refusals.RefusalMiddleware": 545},
    }

    base_url: str
    keyword: str
    errands: list[Errand]
    tries: int

    async def start(self) -> AsyncIterator[Any]:
        """A list page for each city."""
        for task in self.errands:
            yield self._list_page(task)

    def refusal(self, response: Response, request: Request) -> Refused | None:
        """Why this is no answer; None when it is one, or when nothing of the kind was asked (robots.txt)."""
        if "task" not in request.cb_kwargs:
            return None
        found = self._read(response, request)
        return found if isinstance(found, Refused) else None

    _last: tuple[Response, Page | Refused | None] | None = None

    def _read(self, response: Response, request: Request) -> Page | Refused | None:
        """What the answer means, read once: the middleware and the callback ask for the same one after the other."""
        if self._last is None or self._last[0] is not response:
            self._last = response, _meaning(response, request)
        return self._last[1]

    def _list_url(self, city: str) -> str:
        query = urlencode({"city": city, "cl": "false", "fromSearch": "true", "labelWords": "", "suginput": ""})
        return f"{self.base_url}/jobs/list_{quote(self.keyword, safe='')}?{query}"

    def _meta(self, task: Errand) -> dict[str, Any]:
        """A cookie jar for each session; a redirect is an answer of its own."""
        return {"cookiejar": f"{task['city']} {task['session']}", "dont_redirect": True, REFUSALS: task["refusals"]}

    def _list_page(self, task: Errand) -> Request:
        """The request that begins a new session."""
        task = {**task, "session": task["session"] + 1}
        return Request(
            self._list_url(task["city"]),
            callback=self.parse_list,
            errback=self.failed,
            cb_kwargs={"task": task},
            meta=self._meta(task),
            dont_filter=True,
        )

    def _question(self, task: Errand) -> Request:
        """The request for a page of jobs, as the board's own script sends it."""
        query = urlencode({"city": task["city"], "needAddtionalResult": "false"})
        form: dict[str, str | Iterable[str]] = {"first": "true" if task["page"] == 1 else "false"}
        form |= {"pn": str(task["page"]), "kd": self.keyword}
        if task["sid"] and task["page"] > 1:
            form["sid"] = task["sid"]
        return FormRequest(
            f"{self.base_url}/jobs/positionAjax.json?{query}",
            callback=self.parse_page,
            errback=self.failed,
            cb_kwargs={"task": task},
            meta=self._meta(task),
            formdata=form,
            headers={
                "Accept": "application/json, text/javascript, */*; q=0.01",
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "X-Requested-With": "XMLHttpRequest",
                "X-Anit-Forge-Code": "0",
                "X-Anit-Forge-Token": "None",
                "Origin": self.base_url,
                "Referer": self._list_url(task["city"]),
            },
            dont_filter=True,
        )

    def parse_list(self, response: Response, task: Errand) -> Iterator[Any]:
        """The session is there: ask."""
        assert response.request is not None
        refused = self.refusal(response, response.request)
        if refused is not None:
            yield from self._again(task, refused)
        else:
            yield self._question(task)

    def parse_page(self, response: Response, task: Errand) -> Iterator[Any]:
        """New jobs, a report, and the next question."""
        assert response.request is not None
        page = self._read(response, response.request)
        if not isinstance(page, Page):
            yield from self._again(task, page or Refused("no page of jobs"))
            return
        kept, duplicates = distinct(page, task)
        rest: Errand = {**task, "missing": task["missing"] - len(kept), "refusals": 0, "sid": page.sid or task["sid"]}
        rest["known"] = [*task["known"], *map(key_of, kept)]
        following = next_page(rest, over=is_over(rest, page, news=bool(kept)))
        end = COMPLETE if rest["missing"] <= 0 else "" if following else EXHAUSTED
        yield from kept
        yield _report(task, end, kept=len(kept), duplicates=duplicates, bad=page.bad, total=page.total)
        if not end and following:
            yield self._question({**rest, "page": following[0], "until": following[1]})

    def _again(self, task: Errand, refused: Refused) -> Iterator[Any]:
        """A new session and the same question, unless the board has refused too often in a row."""
        task = {**task, "refusals": task["refusals"] + 1}
        if task["refusals"] >= self.tries:
            yield _report(task, REFUSED, why=f"refused {task['refusals']} times in a row: {refused.why}")
        else:
            yield _report(task, "", why=refused.why)
            yield self._list_page(task)

    def failed(self, failure: Failure) -> Iterator[Any]:
        """No answer at all, and the crawler has tried again."""
        request: Any = failure.request
        reason = str(failure.value) or type(failure.value).__name__
        yield _report(request.cb_kwargs["task"], FAILED, why=reason)


def _meaning(response: Response, request: Request) -> Page | Refused | None:
    """A page of jobs or a refusal; None for a list page as it should be."""
    if "dataloss" in response.flags:
        return Refused("half a body")
    location = (response.headers.get("Location") or b"").decode("latin-1")
    if request.method == "POST":
        return read_reply(request.cb_kwargs["task"]["city"], response.status, location, response.body)
    return refusal_of_list(response.status, location, response.body.decode("utf-8", "replace"))


def _report(task: Errand, end: str, **more: Any) -> dict[str, Any]:
    counts = {"kept": 0, "duplicates": 0, "bad": 0, "total": None, "why": ""}
    return {"report": task["city"], "page": task["page"], "end": end, **counts, **more}
