"""The spider of the film survey: the pages of a board, each a chain of requests of its own.

The one rule: all that is known of a page travels with its chain (`Errand`), so that any worker can take the next step.
A page that is refused pauses the host (`refusals.py`), and is asked for again with a new session from the front page;
every page ends as films or as a failure with a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from shoal.crawl.request import Request
from shoal.crawl.response import TextResponse
from shoal.crawl.spider import Spider
from shoal.surveys.movies.board import Gone, Refused, missing, ranks_of, read_films, verdict
from shoal.surveys.refusals import REFUSALS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from shoal.crawl.failure import Failure
    from shoal.crawl.response_base import Response

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
BOARD = "/board/4"


class Errand(TypedDict):
    """What is known of a page: where it begins, how many sessions it has had, and how often it was refused."""

    offset: int
    session: int
    refusals: int


class FilmSpider(Spider):
    """Gives films (see `board.read_films`), and for each page one report at its end: {"report": offset, "end",
    "missing", "why"}; `end` is complete, partial, refused, gone or failed. Reports with the end "" are of refusals on
    the way.
    """

    name = "movies"
    custom_settings: ClassVar[dict[str, Any] | None] = {  # type: ignore[misc]
        "USER_AGENT": USER_AGENT,
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": "Shoal",
        "DOWNLOAD_TIMEOUT": 60,
        "DOWNLOAD_MAXSIZE": 16 * 1024 * 1024,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",
        "HTTPERROR_ALLOW_ALL": True,
        "DOWNLOADER_MIDDLEWARES": {"shoal.surveys.refusals.RefusalMiddleware": 560},
    }

    base_url: str
    offsets: list[int]
    tries: int

    async def start(self) -> AsyncIterator[Any]:
        """Each page; a site that wants a session says so, and most do not."""
        for offset in self.offsets:
            yield self._page(Errand(offset=offset, session=0, refusals=0))

    def refusal(self, response: Response, request: Request) -> Refused | None:
        """Why this is no answer, so that the host is left alone for a while; None when it is one."""
        if 300 <= response.status < 400 or "task" not in request.cb_kwargs:
            return None
        if request.callback == self.parse_front:
            return None if response.status == 200 else Refused(f"status {response.status}")
        found = verdict(response.status, _selector(response))
        return found if isinstance(found, Refused) else None

    def _meta(self, task: Errand) -> dict[str, Any]:
        return {"cookiejar": f"{task['offset']} {task['session']}", REFUSALS: task["refusals"]}

    def _page(self, task: Errand) -> Request:
        return Request(
            f"{self.base_url}{BOARD}?offset={task['offset']}",
            callback=self.parse_page,
            errback=self.failed,
            cb_kwargs={"task": task},
            meta=self._meta(task),
            dont_filter=True,
        )

    def _front(self, task: Errand) -> Request:
        """The request that begins a new session."""
        task = {**task, "session": task["session"] + 1}
        return Request(
            f"{self.base_url}/",
            callback=self.parse_front,
            errback=self.failed,
            cb_kwargs={"task": task},
            meta=self._meta(task),
            dont_filter=True,
        )

    def parse_front(self, response: Response, task: Errand) -> Iterator[Any]:
        """The session is there: ask for the page."""
        if response.status == 200:
            yield self._page(task)
        else:
            yield from self._again(task, f"the front page has status {response.status}")

    def parse_page(self, response: Response, task: Errand) -> Iterator[Any]:
        """Films and a report, or another try."""
        selector = _selector(response)
        found = verdict(response.status, selector)
        if isinstance(found, Refused):
            yield from self._again(task, found.why)
            return
        if isinstance(found, Gone) or selector is None:
            yield report(task, "gone", found.why if found else "no page")
            return
        films = read_films(selector)
        for film in films:
            yield {**film, "picture": response.urljoin(film["picture"]) if film["picture"] else None}
        lost = missing(ranks_of(task["offset"]), (film["rank"] for film in films))
        yield report(task, "partial" if lost else "complete", "the page does not show them" if lost else "", lost)

    def _again(self, task: Errand, why: str) -> Iterator[Any]:
        """A new session and the same page, unless it was refused too often."""
        task = {**task, "refusals": task["refusals"] + 1}
        if task["refusals"] >= self.tries:
            yield report(task, "refused", f"refused {task['refusals']} times: {why}")
        else:
            yield {**report(task, "", why), "missing": []}
            yield self._front(task)

    def failed(self, failure: Failure) -> Iterator[Any]:
        """No answer at all, and the crawler has tried again."""
        request: Any = failure.request
        yield report(request.cb_kwargs["task"], "failed", str(failure.value) or type(failure.value).__name__)


def report(task: Errand, end: str, why: str, lost: list[int] | None = None) -> dict[str, Any]:
    """What became of a page; without `lost`, all its ranks are missing."""
    ranks = list(ranks_of(task["offset"])) if lost is None else lost
    return {"report": task["offset"], "end": end, "missing": ranks, "why": why}


def _selector(response: Response) -> Any:
    return response.selector if isinstance(response, TextResponse) else None
