"""What coordinator and workers say to each other, and requests as text.

The one rule: a request is a text that says what to fetch and the names of its callbacks, never code; a usual one costs
a few microseconds to write and to read.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import load_object
from shoal.crawl.plain_data import dumps, loads
from shoal.crawl.request import Request
from shoal.crawl.request_data import request_from_members, request_members
from shoal.crawl.request_dict import method_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoal.crawl.frontier.leases import Ack, Entry, Lease
    from shoal.crawl.settings import Settings
    from shoal.crawl.spider import Spider

_PLAIN = frozenset({str, int, bool, float, type(None)})
_REFERER = b"Referer"
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class SpiderClass:
    """A spider's class, which is found again in another interpreter, though it may stand in a file of no package."""

    def __init__(self, kind: type[Spider]) -> None:
        self.kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        kind = self.kind
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        ours = scrapy_is_ours()
        if "<locals>" in kind.__qualname__:
            raise PicklingError(f"{kind.__qualname__} is the class of a function")
        return _found, (kind.__module__, kind.__qualname__, file, ours)


def scrapy_is_ours() -> bool:
    """Whether `import scrapy` means Shoal here."""
    scrapy = sys.modules.get("scrapy")
    return scrapy is not None and scrapy is sys.modules.get("shoal.scrapy")


def _found(module: str, name: str, file: str | None, scrapy_is_ours: bool) -> SpiderClass:
    if scrapy_is_ours:
        load_object("shoal.scrapy.install")()
    try:
        place: Any = importlib.import_module(module)
    except ImportError:
        if file is None:
            raise
        place = _from_file(module, file)
    for part in name.split("."):
        place = getattr(place, part)
    return SpiderClass(place)


def _from_file(module: str, file: str) -> Any:
    specification = importlib.util.spec_from_file_location(module, file)
    assert specification is not None and specification.loader is not None
    made = sys.modules[module] = importlib.util.module_from_spec(specification)
    sys.path.append(str(Path(file).parent))
    specification.loader.exec_module(made)
    return made


@dataclass(slots=True)
class Job:
    """What a worker is begun with: the crawl as it was asked for, and its part in it.

    `starts`: it reads `start()`; `loudness` is the level from which log records are wanted; `sharers` is how many
    workers may ask the same host at the same time; `ttl` is how long, in seconds, leases last without a sign of life;
    `kept`: the crawl is a job that can be taken up again.
    """

    number: int
    spider: SpiderClass
    settings: Settings
    arguments: tuple[tuple[Any, ...], dict[str, Any]]
    starts: bool
    workers: int
    sharers: int
    loudness: int
    ttl: float = float("inf")
    kept: bool = False


# From the coordinator to a worker.


@dataclass(slots=True)
class Leases:
    """Requests to carry out; `waiting` is how many wait at the coordinator."""

    leases: list[Lease]
    waiting: int


@dataclass(slots=True)
class Stop:
    """End in good order, for this reason."""

    reason: str


@dataclass(slots=True)
class Known:
    """Usual requests that another worker has made, as texts: links to the same need not become requests."""

    texts: list[str]


class GiveUp:
    """Wait for nothing more."""


@dataclass(slots=True)
class Pause:
    """Either way: ask nothing of this download slot for so many seconds."""

    slot: str
    seconds: float


@dataclass(slots=True)
class Renewed:
    """What the worker said at the moment `sent`, by its own clock, has been heard: from then on its leases last."""

    sent: float


# From a worker to the coordinator.


@dataclass(slots=True)
class Opened:
    """The worker is ready for leases; said at the moment `sent` of its own clock."""

    sent: float = 0.0


@dataclass(slots=True)
class News:
    """What has come of leases since the last news: to be taken in this order.

    `pages` and `errors` count responses and failed callbacks since the last news, `stats` are the statistics that have
    changed, `start` is whether `start()` is still being read, or why it failed, and `busy` counts requests that could
    not be written down and are carried out where they are. `sent` is when it was said, by the worker's clock.
    In a job: `sources` are the leases that the items come from, `origins` those that hold back entries until they are
    done, a token for each, 0 for none; `start_is_over`: `start()` has been read to its end.
    """

    items: list[Any]
    entries: list[Entry]
    acks: list[Ack]
    logs: list[Any]
    pages: int = 0
    errors: int = 0
    stats: dict[str, Any] = field(default_factory=dict)
    start: bool | str = False
    busy: int = 0
    sent: float = 0.0
    sources: list[int] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)
    start_is_over: bool = False


@dataclass(slots=True)
class Close:
    """A worker wishes the crawl to end, for this reason."""

    reason: str


@dataclass(slots=True)
class Failed:
    """The worker could not begin, or has broken."""

    problem: str


class Ended:
    """The last word of a worker."""


class RequestText:
    """Requests of one spider as texts, and back."""

    def __init__(self, spider: Spider) -> None:
        self._spider = spider
        self._names: dict[Callable[..., Any], str] = {}
        self._methods: dict[str, Callable[..., Any]] = {}
        # What is the same for all links of a page is written once.
        self._last: tuple[Any, ...] = ()
        self._kinds: list[type] | None = None
        self._end = ""

    def write(self, request: Request) -> str:
        """Raises ValueError or TypeError for a request that has something in it which cannot be written."""
        if not _is_usual(request):
            return dumps(request_members(request, self._spider))
        headers = request._headers
        referer = headers.getlist(_REFERER)[0].decode("latin-1") if headers else None
        meta = request._meta
        what = request.callback, request._encoding, request.priority, request.dont_filter, referer, meta
        # 1 and True are equal, and not the same.
        kinds = [*map(type, meta.values())] if meta else None
        if what != self._last or kinds != self._kinds:
            name = None if request.callback is None else self._name(request.callback)
            self._end = _write([name, *what[1:]])[1:]
            self._last = (*what[:5], dict(meta) if meta else meta)
            self._kinds = kinds
        return f"[{_write(request._url)},{self._end}"

    def _name(self, callback: Callable[..., Any]) -> str:
        name = self._names.get(callback)
        if name is None:
            name = self._names[callback] = method_name(self._spider, callback)
        return name

    def read(self, text: str) -> Request:
        """Raises ValueError for a text that says nothing that this spider can do."""
        if text[0] != "[":
            return request_from_members(loads(text), self._spider)
        url, name, encoding, priority, dont_filter, referer, meta = json.loads(text)
        return Request(
            url,
            None if name is None else self._method(name),
            headers=None if referer is None else {_REFERER: referer.encode("latin-1")},
            meta=meta,
            encoding=encoding,
            priority=priority,
            dont_filter=dont_filter,
        )

    def _method(self, name: str) -> Callable[..., Any]:
        method = self._methods.get(name)
        if method is None:
            found = getattr(self._spider, name, None)
            if found is None:
                raise ValueError(f"Method {name!r} not found in: {self._spider}")
            method = self._methods[name] = found
        return method


def urls_of(texts: list[str]) -> list[str]:
    """The URLs of usual requests, without their fragments: those that need no escape in JSON."""
    urls = [text[2 : text.index('"', 2)] for text in texts]
    return [url.partition("#")[0] for url in urls if "\\" not in url]


def _is_usual(request: Request) -> bool:
    """Whether there is nothing in it that most requests have not."""
    if type(request) is not Request or request.method != "GET":
        return False
    if request._body or request.errback or request._cookies or request._flags or request._cb_kwargs:
        return False
    headers = request._headers
    if headers and (len(headers) != 1 or len(headers.getlist(_REFERER)) != 1):
        return False
    meta = request._meta
    return not meta or all(type(key) is str and type(value) in _PLAIN for key, value in meta.items())
