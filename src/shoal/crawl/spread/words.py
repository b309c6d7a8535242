"""What coordinator and workers on other machines say to each other, as JSON text; and what a worker is begun with.

The one rule: data travels, and no pickles. Items, statistics and settings are what `plain_data` writes; the one thing
that becomes code is the text of a spider that stands in a loose file, which is compiled where the worker is.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from shoal import __version__
from shoal.crawl.components import load_object
from shoal.crawl.exceptions import UsageError
from shoal.crawl.frontier.leases import Ack, Entry, Lease
from shoal.crawl.plain_data import dumps, loads
from shoal.crawl.settings import BaseSettings, Settings, SettingsAttribute
from shoal.crawl.spread import wire
from shoal.crawl.spread.logs import Told

if TYPE_CHECKING:
    from collections.abc import Callable

_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Lone surrogates may come from pages, and are to arrive.
_SURROGATES = "surrogatepass"
# What is the coordinator's own business.
_STAYS = frozenset(
    {"CLUSTER", "CLUSTER_KEYS", "CLUSTER_INSECURE", "FEEDS", "JOBDIR", "LOG_FILE", "SPIDER_LOADER_CLASS"}
)
_MAIN = "__shoal_main__"


class Words:
    """How it travels; see `shoal.workers.hosted.Json`."""

    @staticmethod
    def write(message: Any) -> bytes:
        """A message as bytes. News with an item that is no data become the news that the worker has failed."""
        try:
            return _WRITERS[type(message)](message).encode(errors=_SURROGATES)
        except TypeError as problem:
            return Words.write(wire.Failed(f"an item cannot be sent to another machine: {problem}"))

    @staticmethod
    def read(data: bytes | memoryview) -> Any:
        """The message. Raises ValueError for what nobody of ours has written."""
        name, *told = loads(str(data, "utf-8", _SURROGATES))
        return _READERS[name](*told)

    @staticmethod
    def write_job(job: wire.Job) -> bytes:
        """Raises TypeError for settings or arguments that are no data."""
        kind = job.spider.kind
        told = {
            "version": __version__,
            "spider": [*_whereabouts(kind), wire.scrapy_is_ours()],
            "settings": [_setting(name, one) for name, one in job.settings.attributes.items() if _travels(name, one)],
            "arguments": [list(job.arguments[0]), job.arguments[1]],
            "about": [job.number, job.starts, job.workers, job.sharers, job.loudness, job.ttl, job.kept],
        }
        return dumps(told).encode(errors=_SURROGATES)

    @staticmethod
    def read_job(data: bytes | memoryview) -> wire.Job | wire.Failed:
        """The job; a `Failed` that says why not, when the spider is not to be had here."""
        told = loads(str(data, "utf-8", _SURROGATES))
        try:
            return _job(told)
        except Exception as problem:
            return wire.Failed(_sentence(problem, told["spider"][0]))


def _job(told: dict[str, Any]) -> wire.Job:
    if told["version"] != __version__:
        raise UsageError(f"this is Shoal {__version__}, the crawl was begun with {told['version']}")
    number, starts, workers, sharers, loudness, ttl, kept = told["about"]
    spider = _spider(*told["spider"])
    args, kwargs = told["arguments"]
    settings = _settings(told["settings"])
    return wire.Job(number, spider, settings, (tuple(args), kwargs), starts, workers, sharers, loudness, ttl, kept)


def _sentence(problem: Exception, module: str) -> str:
    if isinstance(problem, ModuleNotFoundError):
        return (
            f"{module} needs {problem.name}, which is not there: the modules of a project, and what a spider's file "
            "imports, must be importable on the machines of the cluster (install them, or set PYTHONPATH there)"
        )
    return f"{type(problem).__name__}: {problem}"


# Spiders.


def _whereabouts(kind: type) -> tuple[str, str, str | None]:
    """Module, name in it and, for a file that belongs to no package, its text."""
    module = kind.__module__
    if "<locals>" in kind.__qualname__:
        raise TypeError(f"{kind.__qualname__} is the class of a function")
    file = getattr(sys.modules.get(module), "__file__", None)
    if "." in module or file is None or "site-packages" in Path(file).parts:
        return module, kind.__qualname__, None
    if module == "__main__":
        # Its items are named by the name that it has there.
        module = _MAIN
        sys.modules[_MAIN] = sys.modules["__main__"]
    return module, kind.__qualname__, Path(file).read_text(encoding="utf-8")


def _spider(module: str, name: str, text: str | None, scrapy_is_ours: bool) -> wire.SpiderClass:
    if scrapy_is_ours:
        load_object("shoal.scrapy.install")(over_scrapy=True)
    place: Any = importlib.import_module(module) if text is None else _compiled(module, text)
    for part in name.split("."):
        place = getattr(place, part)
    return wire.SpiderClass(place)


def _compiled(module: str, text: str) -> ModuleType:
    made = sys.modules[module] = ModuleType(module)
    made.__file__ = f"{module}.py"
    exec(compile(text, made.__file__, "exec"), made.__dict__)  # noqa: S102 - from whoever may run code here anyway
    return made


# Settings.


def _travels(name: str, one: SettingsAttribute) -> bool:
    return bool(one.priority) and name not in _STAYS


def _setting(name: str, one: SettingsAttribute) -> list[Any]:
    """Name, priority, value; a table as rows of key, value and priority."""
    try:
        if isinstance(one.value, BaseSettings):
            rows = [[_data(key), _data(part.value), part.priority] for key, part in one.value.attributes.items()]
            return [name, one.priority, rows, True]
        value = _data(one.value)
        dumps(value)
    except TypeError as problem:
        raise TypeError(f"the setting {name}: {problem}") from None
    return [name, one.priority, value, False]


def _data(value: Any) -> Any:
    """Classes and functions by their paths, which settings take as well; paths of files as text."""
    if isinstance(value, BaseSettings):
        value = dict(value)
    if isinstance(value, dict):
        return {_data(key): _data(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_data, value)) if type(value) in (list, tuple) else list(map(_data, value))
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        if "<locals>" in value.__qualname__ or "<lambda>" in value.__qualname__:
            raise TypeError(f"{value.__qualname__} has no name in a module")
        return f"{value.__module__}.{value.__qualname__}".replace("__main__.", f"{_MAIN}.", 1)
    return value


def _settings(rows: list[Any]) -> Settings:
    settings = Settings()
    for name, priority, value, is_table in rows:
        if not is_table:
            settings.set(name, value, priority)
            continue
        table = BaseSettings()
        for key, part, important in value:
            table.set(key, part, important)
        settings.attributes[name] = SettingsAttribute(table, priority)
    return settings


# Messages.


def _write_news(news: wire.News) -> str:
    entries = [(host, data, known and known.hex(), top) for host, data, known, top in news.entries]
    about = (news.start, news.busy, news.sent, news.sources, news.origins, news.start_is_over)
    rest = (entries, news.acks, news.logs, news.pages, news.errors, *about)
    return f'["News",{dumps(news.items)},{dumps(news.stats)},{_write(rest)[1:]}'


def _read_news(items: Any, stats: Any, entries: Any, acks: Any, logs: Any, *rest: Any) -> wire.News:
    pages, errors, *more = rest
    return wire.News(
        items,
        [Entry(host, data, known and bytes.fromhex(known), top) for host, data, known, top in entries],
        [Ack(token, allowed, delay, tuple(undone)) for token, allowed, delay, undone in acks],
        [Told(*told) for told in logs],
        pages, errors, stats, *more,
    )  # fmt: skip


def _fields(kind: type, *names: str) -> Callable[[Any], str]:
    return lambda message: _write([kind.__name__, *(getattr(message, name) for name in names)])


_WRITERS: dict[type, Callable[[Any], str]] = {
    wire.News: _write_news,
    wire.Leases: _fields(wire.Leases, "leases", "waiting"),
    wire.Stop: _fields(wire.Stop, "reason"),
    wire.Known: _fields(wire.Known, "texts"),
    wire.GiveUp: _fields(wire.GiveUp),
    wire.Pause: _fields(wire.Pause, "slot", "seconds"),
    wire.Renewed: _fields(wire.Renewed, "sent"),
    wire.Opened: _fields(wire.Opened, "sent"),
    wire.Close: _fields(wire.Close, "reason"),
    wire.Failed: _fields(wire.Failed, "problem"),
    wire.Ended: _fields(wire.Ended),
}
_READERS: dict[str, Callable[..., Any]] = {kind.__name__: kind for kind in _WRITERS} | {
    "News": _read_news,
    "Leases": lambda leases, waiting: wire.Leases([Lease(t, h, tuple(e), d) for t, h, e, d in leases], waiting),
}
