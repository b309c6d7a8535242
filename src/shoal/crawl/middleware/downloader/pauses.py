"""Slots of the downloader that are to go slower, or not at all for a while.

The one rule: the stricter wish wins; nobody makes a slot faster here. Seconds.
"""

from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request


def pause_slot(crawler: Crawler, request: Request, seconds: float) -> None:
    """Let nothing start in the request's slot for so long."""
    downloader = _downloader(crawler)
    if downloader is None or seconds <= 0:
        return
    key, slot = downloader._get_slot(request)
    if pause(downloader, slot, seconds) and (tell := getattr(crawler.engine, "slot_paused", None)) is not None:
        tell(key, seconds)


def pause(downloader: Any, slot: Any, seconds: float) -> bool:
    """Let nothing start in a slot for so long; False when it rests longer anyway."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    if slot.latercall is not None:
        if slot.latercall.when() >= until:
            return False
        slot.latercall.cancel()
    slot.latercall = loop.call_at(until, downloader._later, slot)
    # So that the slot is not forgotten, and its pause with it.
    slot.lastseen = max(slot.lastseen, time() + seconds)
    return True


def space_slot(crawler: Crawler, request: Request, seconds: float) -> None:
    """Let at least so much time pass between two starts in the request's slot, now and whenever it comes again."""
    downloader = _downloader(crawler)
    if downloader is None:
        return
    # Where several processes ask the same host, each keeps the distance for all.
    seconds *= getattr(crawler, "sharers", 1)
    key, slot = downloader._get_slot(request)
    slot.least = max(slot.least, seconds)
    if slot.delay * (1 - slot.jitter) >= seconds:
        return
    slot.delay, slot.jitter = max(slot.delay, seconds), 0.0
    own = downloader.per_slot_settings.setdefault(key, {})
    own.update(delay=slot.delay, jitter=0.0)


def _downloader(crawler: Crawler) -> Any:
    """The running crawl's downloader, None while there is none or where it is one without slots."""
    downloader = getattr(crawler.__dict__.get("engine"), "downloader", None)
    return downloader if hasattr(downloader, "_get_slot") and hasattr(downloader, "per_slot_settings") else None
