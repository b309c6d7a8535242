"""A spider that follows links by rules.

The one rule: a link belongs to the first rule that finds it, and no page is asked for the same link twice.
"""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.linkextract import LxmlLinkExtractor
from shoal.crawl.outputs import results_of
from shoal.crawl.request import Request
from shoal.crawl.response import HtmlResponse
from shoal.crawl.spider import Spider

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.link import Link
    from shoal.crawl.response_base import Response

_Hook: TypeAlias = "Callable[..., Any] | str | None"

_every_link = LxmlLinkExtractor()


def _hook(hook: _Hook, spider: Spider) -> Callable[..., Any] | None:
    """The function itself, or the spider's method of that name; a name without a method is told of."""
    if hook is None or callable(hook):
        return hook
    method: Callable[..., Any] | None = getattr(spider, hook, None)
    if method is None:
        spider.logger.warning("A rule names %r, but %s has no such method.", hook, type(spider).__name__)
    return method


def _takes_response(hook: Callable[..., Any]) -> bool:
    """Whether a `process_request` takes the response, too, as it must since Scrapy 2.0, or the request alone."""
    try:
        inspect.signature(hook).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


class Rule:
    """Which links to follow, and what to do with their pages. Names of methods stand for methods of the spider.

    `callback(response, **cb_kwargs)` gets the pages; without one their links are followed, too, unless `follow` says
    otherwise. `process_links(links)` and `process_request(request, response)` change or leave out what was found.
    """

    def __init__(
        self,
        link_extractor: Any = None,
        callback: _Hook = None,
        cb_kwargs: dict[str, Any] | None = None,
        follow: bool | None = None,
        process_links: _Hook = None,
        process_request: _Hook = None,
        errback: _Hook = None,
    ) -> None:
        self.link_extractor: Any = link_extractor or _every_link
        self.callback = callback
        self.errback = errback
        self.cb_kwargs = cb_kwargs or {}
        self.process_links = process_links
        self.process_request = process_request
        self.follow = not callback if follow is None else follow

    def compiled_for(self, spider: Spider) -> Self:
        """This rule with the spider's methods in the place of their names."""
        rule = copy.copy(self)
        for name in ("callback", "errback", "process_links", "process_request"):
            setattr(rule, name, _hook(getattr(self, name), spider))
        process_request: Any = rule.process_request
        if process_request is not None and not _takes_response(process_request):
            rule.process_request = lambda request, _response: process_request(request)
        return rule

    def links(self, response: Response, seen: set[Link]) -> Iterator[Link]:
        """The links in the page that no rule has had, which are then `seen`."""
        links = [link for link in self.link_extractor.extract_links(response) if link not in seen]
        for link in self.process_links(links) if callable(self.process_links) else links:
            seen.add(link)
            yield link

    def processed(self, request: Request, response: Response) -> Request | None:
        """The request as `process_request` wants it."""
        return self.process_request(request, response) if callable(self.process_request) else request


class CrawlSpider(Spider):
    """Follows links by its `rules`, a sequence of Rule."""

    rules: Sequence[Rule] = ()
    _follow_links = True
    _rules: list[Rule]

    def __init__(self, *a: Any, **kw: Any) -> None:
        super().__init__(*a, **kw)
        if self._has_own_parse_response():
            warnings.warn(
                f"The CrawlSpider._parse_response method, which the {type(self).__name__} class overrides, is "
                "deprecated. Override the CrawlSpider.parse_with_rules method instead.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """The spider for `crawler`; warns when its `parse` will never be called."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider._follow_links = crawler.settings.getbool("CRAWLSPIDER_FOLLOW_LINKS", True)
        if cls.parse is not Spider.parse and not any(rule.callback == "parse" for rule in cls.rules):
            spider.logger.warning(
                "%s overrides parse(), which a CrawlSpider does not call: start pages go to parse_start_url(), the "
                "others to the callbacks of the rules.",
                cls.__name__,
            )
        return spider

    def __getattr__(self, name: str) -> Any:
        """Compile the rules when they are first wanted, for the spider's __init__ may not call ours, or change them."""
        if name != "_rules":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._compile_rules()
        return self._rules

    def _compile_rules(self) -> None:
        self._rules = [rule.compiled_for(self) for rule in self.rules]

    def _has_own_parse_response(self) -> bool:
        return type(self)._parse_response is not CrawlSpider._parse_response

    def _parse(self, response: Response, **kwargs: Any) -> Any:
        return self._parser()(response=response, callback=self.parse_start_url, cb_kwargs=kwargs, follow=True)

    def _parser(self) -> Callable[..., Any]:
        return self._parse_response if self._has_own_parse_response() else self.parse_with_rules

    def parse_start_url(self, response: Response, **kwargs: Any) -> Any:  # noqa: ARG002
        """What to make of a start page, besides following its links: nothing unless overridden."""
        return []

    def process_results(self, response: Response, results: Any) -> Any:  # noqa: ARG002
        """The results of a callback before they leave the spider."""
        return results

    async def parse_with_rules(
        self,
        response: Response,
        callback: Callable[..., Any] | None,
        cb_kwargs: dict[str, Any],
        follow: bool = True,
    ) -> AsyncIterator[Any]:
        """The results of `callback` for the page, then, with `follow`, the requests for its links."""
        if callback is not None:
            output = callback(response, **cb_kwargs) or ()
            if hasattr(output, "__aiter__"):
                output = [result async for result in output]
            elif inspect.isawaitable(output):
                output = await output
            async for result in results_of(self.process_results(response, output)):
                yield result
        if follow and self._follow_links:
            for request in self._requests_to_follow(response):
                yield request

    def _parse_response(
        self,
        response: Response,
        callback: Callable[..., Any] | None,
        cb_kwargs: dict[str, Any],
        follow: bool = True,
    ) -> Any:
        warnings.warn(
            "The CrawlSpider._parse_response method is deprecated, use CrawlSpider.parse_with_rules instead.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
        return self.parse_with_rules(response, callback, cb_kwargs, follow)

    def _build_request(self, rule_index: int, link: Link) -> Request:
        return Request(
            url=link.url,
            callback=self._callback,
            errback=self._errback,
            meta={"rule": rule_index, "link_text": link.text},
        )

    def _requests_to_follow(self, response: Response) -> Iterable[Request]:
        if not isinstance(response, HtmlResponse):
            return
        seen: set[Link] = set()
        for index, rule in enumerate(self._rules):
            for link in rule.links(response, seen):
                request = rule.processed(self._build_request(index, link), response)
                if request is not None:
                    yield request

    def _callback(self, response: Response, **cb_kwargs: Any) -> Any:
        rule = self._rules[response.meta["rule"]]
        return self._parser()(response, rule.callback, {**rule.cb_kwargs, **cb_kwargs}, rule.follow)

    def _errback(self, failure: Any) -> Any:
        errback = self._rules[failure.request.meta["rule"]].errback
        return errback(failure) if callable(errback) else None
