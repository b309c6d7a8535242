"""What comes of one response on its way from the callback to the engine, and what handlers make of exceptions there.

The one rule: nothing waits that need not: results of a plain callback pass plain middlewares as plain iterators.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import InvalidOutput
from shoal.crawl.follow import FollowAll
from shoal.crawl.middleware.spider_steps import (
    ByThing,
    HookProblem,
    Plain,
    Waiting,
    as_async,
    follow_expanded,
    follow_expanded_async,
    hook_name,
)
from shoal.crawl.outputs import as_iterable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Step = ByThing | Plain | Waiting


class Plan:
    """The steps of one chain of middlewares, and its handlers of exceptions, numbered from the spider to the engine.

    `steps[n]`: the steps for what comes in below number n. `links_pass`: nobody on the way minds a FollowAll.
    """

    __slots__ = ("handlers", "links_pass", "steps")

    def __init__(
        self, steps: list[tuple[Step, ...]], handlers: list[Callable[..., Any] | None], links_pass: bool
    ) -> None:
        self.steps = steps
        self.handlers = handlers
        self.links_pass = links_pass


class Passage:
    """The way of one response's results."""

    __slots__ = ("_given_up", "_plan", "recovered", "response")

    def __init__(self, plan: Plan, response: Any) -> None:
        self.response = response
        # What handlers of exceptions gave instead, already on its way; comes after everything else.
        self.recovered: deque[Any] = deque()
        self._plan = plan
        self._given_up: Exception | None = None

    def through(self, source: Any, number: int = 0) -> Any:
        """The iterator, plain where it can be, of what comes out when `source` comes in below that number."""
        waiting = hasattr(source, "__aiter__")
        if not waiting:
            source = self._opened(source)
        elif not self._plan.links_pass:
            source = follow_expanded_async(source)
        for step in self._plan.steps[number]:
            if not waiting and step.plain is not None:
                source = step.plain(source, self)
                continue
            source = step.waiting(source if waiting else as_async(source), self)
            waiting = True
        return source

    def _opened(self, source: Any) -> Any:
        if not self._plan.links_pass:
            return follow_expanded(as_iterable(source))
        return (source,) if type(source) is FollowAll else as_iterable(source)

    def recover(self, problem: Exception, above: int) -> None:
        """Offer an exception to the handlers from number `above`; raises it when none of them wants it."""
        if isinstance(problem, HookProblem):
            above, problem = problem.above, problem.problem
        if problem is not self._given_up and not isinstance(problem, InvalidOutput):
            handlers = self._plan.handlers
            for number in range(above, len(handlers)):
                handler = handlers[number]
                if handler is not None and self._handled(handler, problem, number):
                    return
        self._given_up = problem
        raise problem

    def _handled(self, handler: Callable[..., Any], problem: Exception, number: int) -> bool:
        results = handler(self.response, problem)
        if results is None:
            return False
        if not hasattr(results, "__iter__") and not hasattr(results, "__aiter__"):
            raise InvalidOutput(f"{hook_name(handler)} must return None, or an iterable object, got {type(results)}")
        self.recovered.append(self.through(results, number + 1))
        return True


class SpiderOutput(AsyncIterator[Any]):
    """What comes of one response, to be iterated with `async for`.

    Whoever is in a hurry takes `plain` first, a plain iterator of what need not be waited for (None: there is no such
    thing), and then the rest with `async for`, of which there is hardly ever any.
    """

    __slots__ = ("_everything", "_passage", "_source", "plain")

    def __init__(self, passage: Passage, source: Any) -> None:
        self._passage = passage
        self._source = source
        self.plain: Iterator[Any] | None = None if hasattr(source, "__aiter__") else self._without_waiting()
        self._everything: AsyncIterator[Any] | None = None

    def _without_waiting(self) -> Iterator[Any]:
        yield from self._source
        recovered = self._passage.recovered
        while recovered and not hasattr(recovered[0], "__aiter__"):
            yield from recovered.popleft()

    @property
    def waits(self) -> bool:
        """Whether anything is left behind `plain`: an async generator for nothing takes 4 us of each page."""
        return self.plain is None or bool(self._passage.recovered)

    async def _with_waiting(self) -> AsyncIterator[Any]:
        if self.plain is not None:
            for thing in self.plain:
                yield thing
        else:
            async for thing in self._source:
                yield thing
        recovered = self._passage.recovered
        while recovered:
            source = recovered.popleft()
            async for thing in source if hasattr(source, "__aiter__") else as_async(source):
                yield thing

    def __aiter__(self) -> AsyncIterator[Any]:
        if self._everything is None:
            self._everything = self._with_waiting()
        return self._everything

    async def __anext__(self) -> Any:
        return await anext(aiter(self))
