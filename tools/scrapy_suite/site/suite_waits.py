"""Lets the suite's Twisted-style tests wait for coroutines: `yield` of an asyncio task inside `inlineCallbacks`.

Where Scrapy hands such a test a Deferred, Shoal hands it a task; Twisted would give the task itself back at once. The
one rule: only the waiting is supplied, nothing of what is waited for. Imported by `suite_record` before any test.
"""

from __future__ import annotations

import asyncio
import functools

from twisted.internet import defer

_inline_callbacks = defer.inlineCallbacks


def waiting_inline_callbacks(function):
    """As Twisted's, and a task or coroutine that is yielded is waited for."""

    @functools.wraps(function)
    def steps(*arguments, **keywords):
        generator = function(*arguments, **keywords)
        advance, value = generator.send, None
        while True:
            try:
                wanted = advance(value)
            except StopIteration as end:
                return end.value
            if asyncio.isfuture(wanted) or asyncio.iscoroutine(wanted):
                wanted = defer.Deferred.fromFuture(asyncio.ensure_future(wanted))
            try:
                advance, value = generator.send, (yield wanted)
            except BaseException as problem:
                advance, value = generator.throw, problem

    return _inline_callbacks(steps)


defer.inlineCallbacks = waiting_inline_callbacks
