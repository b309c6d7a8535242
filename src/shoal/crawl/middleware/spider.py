"""The chain of spider middlewares: what a response passes on its way to a callback, and its results on their way back.

The one rule: who is called for what is found out once, when a middleware is added; a hook nobody has costs nothing.
"""

from __future__ import annotations

import logging
import warnings
from collections import deque
from typing import TYPE_CHECKING, Any

from shoal.crawl.chain import MiddlewareManager
from shoal.crawl.components import component_order, object_path
from shoal.crawl.exceptions import InvalidOutput, ScrapyDeprecationWarning
from shoal.crawl.failure import Failure
from shoal.crawl.middleware.spider_base import goes_thing_by_thing, item_hook, request_hook
from shoal.crawl.middleware.spider_output import Passage, Plan, SpiderOutput
from shoal.crawl.middleware.spider_start import start_of, through_start_hooks
from shoal.crawl.middleware.spider_steps import ByThing, Plain, Waiting, hook_name, is_async_generator
from shoal.crawl.spider_argument import without_spider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.middleware.spider_output import Step
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.spidermw")

_SPIDER_HOOKS = (
    "process_spider_input",
    "process_spider_output",
    "process_spider_output_async",
    "process_spider_exception",
)


class SpiderMiddlewareManager(MiddlewareManager):
    """The spider middlewares of SPIDER_MIDDLEWARES, as one.

    `methods` has the hooks in the order they are called, None where a middleware has no usable one of
    `process_spider_output` and `process_spider_exception`.
    """

    component_name = "spider middleware"

    def __init__(self, *middlewares: Any, crawler: Crawler | None = None) -> None:
        self._nearest_first: deque[Any] = deque()
        self._inputs: list[Callable[..., Any]] = []
        # Hooks as they are called: without the spider that older ones ask for.
        self._called: dict[Callable[..., Any], Callable[..., Any]] = {}
        self._compiled: Plan | None = None
        self._old_spider: Any = None
        super().__init__(*middlewares, crawler=crawler)

    @classmethod
    def _get_mwlist_from_settings(cls, settings: BaseSettings) -> list[Any]:
        return component_order(settings.get_component_priority_dict_with_base("SPIDER_MIDDLEWARES"))

    def _add_middleware(self, middleware: Any) -> None:
        super()._add_middleware(middleware)
        for name in _SPIDER_HOOKS:
            if (hook := getattr(middleware, name, None)) is not None:
                self._called[hook] = without_spider(hook, self.crawler)
        self._compiled = None
        self._nearest_first.appendleft(middleware)
        self.methods["process_spider_output"].appendleft(_output_hook(middleware))
        self.methods["process_spider_exception"].appendleft(getattr(middleware, "process_spider_exception", None))
        if (on_input := getattr(middleware, "process_spider_input", None)) is not None:
            self.methods["process_spider_input"].append(on_input)
            self._inputs.append(self._called[on_input])
        if (on_start := _start_hook(middleware)) is not None:
            self.methods["process_start"].appendleft(on_start)

    def _spider(self) -> Any:
        return self._old_spider if self.crawler is None else self.crawler.spider

    async def scrape_response_async(
        self,
        scrape_func: Callable[[Response | Failure, Request], Awaitable[Any]],
        response: Response,
        request: Request,
    ) -> SpiderOutput:
        """Take a response to `scrape_func`, which calls the callback (or, for a Failure, the errback) and gives what it
        returned: a plain iterable or an async one.

        Raises what a hook or a callback raised and no middleware handled, InvalidOutput for a hook's wrong kind of
        value, RuntimeError without a crawler.
        """
        if self.crawler is None:
            raise RuntimeError("scrape_response_async() called on a SpiderMiddlewareManager created without a crawler")
        passage = Passage(self._plan(), response)
        source: Any = ()
        try:
            source = await scrape_func(self._after_inputs(response), request)
        except Exception as problem:
            passage.recover(problem, 0)
        return SpiderOutput(passage, passage.through(source))

    def _after_inputs(self, response: Response) -> Response | Failure:
        """The response, or the failure that a middleware made of it."""
        try:
            for number, hook in enumerate(self._inputs):
                result = hook(response)
                if result is not None:
                    name = hook_name(self.methods["process_spider_input"][number])
                    raise InvalidOutput(f"{name} must return None or raise an exception, got {type(result)}")
        except InvalidOutput:
            raise
        except Exception as problem:
            return Failure(problem)
        return response

    def process_link(self, request: Request, response: Response) -> Request | None:
        """A request made of one of the links in a FollowAll, which has come through the chain as a whole.

        None when a middleware does not want it. Only for a FollowAll that the output of this chain contained.
        """
        step = self._plan().steps[0][0]
        assert isinstance(step, ByThing)
        kept: Request | None = request
        for hook, _ in step.requests:
            kept = hook(kept, response)
            if kept is None:
                break
        return kept

    @property
    def links_pass(self) -> bool:
        """Whether no middleware minds that known links are left out before it sees them."""
        return self._plan().links_pass

    async def process_start(self, spider: Any = None) -> AsyncIterator[Any]:
        """What the crawl begins with, taken from the spider as it is iterated."""
        if spider is not None:
            self._warn_about_start(spider)
        return through_start_hooks(start_of(self._spider()), self.methods["process_start"], self._spider())

    def _warn_about_start(self, spider: Any) -> None:
        said = f"Passing a spider argument to {type(self).__name__}.process_start() is deprecated"
        if self.crawler is None:
            self._old_spider = spider
            advice = f", {type(self).__name__} should be instantiated with a Crawler instead."
        else:
            advice = " and the passed value is ignored."
        warnings.warn(said + advice, ScrapyDeprecationWarning, stacklevel=3)

    def _plan(self) -> Plan:
        if self._compiled is None:
            handlers = self.methods["process_spider_exception"]
            count = len(self._nearest_first)
            self._compiled = Plan(
                [tuple(self._steps(number)) for number in range(count + 1)],
                [None if handler is None else self._called[handler] for handler in handlers],
                all(_minds_no_links(middleware) for middleware in self._nearest_first),
            )
        return self._compiled

    def _steps(self, first: int) -> list[Step]:
        by_thing = ByThing(first)
        steps: list[Step] = [by_thing]
        for number, middleware in list(enumerate(self._nearest_first))[first:]:
            method = self.methods["process_spider_output"][number]
            if method is None:
                continue
            if not goes_thing_by_thing(middleware):
                steps.append(self._step(method, number + 1))
                continue
            last = steps[-1]
            if not isinstance(last, ByThing):
                steps.append(last := ByThing(number))
            for hooks, hook in ((last.requests, request_hook(middleware)), (last.items, item_hook(middleware))):
                if hook is not None:
                    hooks.append((hook, number + 1))
        return steps

    def _step(self, method: Callable[..., Any], above: int) -> Step:
        hook = self._called[method]
        return Waiting(hook, above) if is_async_generator(method) else Plain(method, hook, above)


def _minds_no_links(middleware: Any) -> bool:
    """Whether a FollowAll may pass it whole: it does nothing to results, or says so of its very class."""
    if not hasattr(middleware, "process_spider_output"):
        return True
    return goes_thing_by_thing(middleware) and vars(type(middleware)).get("sees_new_links_only", False)


def _start_hook(middleware: Any) -> Callable[..., Any] | None:
    hook: Callable[..., Any] | None = getattr(middleware, "process_start", None)
    return hook if hook is not None else getattr(middleware, "process_start_requests", None)


def _output_hook(middleware: Any) -> Callable[..., Any] | None:
    """The method to use for results; None, with a word in the log, where the two there may be do not fit."""
    plain: Callable[..., Any] | None = getattr(middleware, "process_spider_output", None)
    waiting: Callable[..., Any] | None = getattr(middleware, "process_spider_output_async", None)
    if waiting is None:
        return plain
    name = object_path(type(middleware))
    if plain is None:
        logger.error(f"Middleware {name} has process_spider_output_async() without process_spider_output(): not used.")
        return None
    if not is_async_generator(waiting):
        logger.error(f"{name}.process_spider_output_async is not an async generator function: not used.")
        return plain
    if is_async_generator(plain):
        logger.error(
            f"{name}.process_spider_output is an async generator function while process_spider_output_async() exists: "
            "neither is used."
        )
        return None
    return waiting
