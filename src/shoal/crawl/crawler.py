"""One crawl: a spider class, its settings, and the components that belong to this crawl alone.

The one rule: a Crawler runs once. Until `_apply_settings` the settings may change; from then on they are frozen and the
components exist.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

from shoal.crawl.addons import AddonManager
from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.crawl_task import CrawlTask
from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.extensions import ExtensionManager
from shoal.crawl.log import current_root_handler, install_root_handler_for, is_heard
from shoal.crawl.misspelt import misspelt_domains, misspelt_settings
from shoal.crawl.overridden import overridden_settings
from shoal.crawl.settings import Settings, get_settings_priority
from shoal.crawl.signals import SignalManager

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoal.crawl.logformatter import LogFormatter
    from shoal.crawl.spider import Spider
    from shoal.crawl.stats import StatsCollector

_T = TypeVar("_T")

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.crawler")

# Attributes of spiders that were settings before there were settings of spiders.
_OLD_SPIDER_ATTRIBUTES = {
    "download_delay": "DOWNLOAD_DELAY",
    "max_concurrent_requests": "CONCURRENT_REQUESTS_PER_DOMAIN",
}


class _Late:
    """An attribute that says so when it is asked for too early. Once set, it costs what any attribute costs."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self
        raise RuntimeError(f"Crawler.{self.name} is not set yet: it exists once the crawl begins.")


class Crawler:
    """What components are built with: settings, signals, stats, and later the engine and the spider."""

    engine: Any = _Late()
    asked: tuple[Settings, tuple[Any, ...], dict[str, Any]] = _Late()  # type: ignore[assignment]
    extensions: ExtensionManager = _Late()  # type: ignore[assignment]
    logformatter: LogFormatter = _Late()  # type: ignore[assignment]
    request_fingerprinter: Any = _Late()
    stats: StatsCollector = _Late()  # type: ignore[assignment]

    def __init__(self, spidercls: type[Spider], settings: Any = None, init_reactor: bool = False) -> None:
        """Raises ValueError for a spider that is not a class. `init_reactor` means nothing here."""
        if not inspect.isclass(spidercls):
            raise ValueError("The spidercls argument must be a class, not an object")
        del init_reactor
        self.spidercls = spidercls
        self.settings: Settings = settings.copy() if isinstance(settings, Settings) else Settings(settings)
        spidercls.update_settings(self.settings)
        self._update_root_log_handler()
        self.addons = AddonManager(self)
        self.signals = SignalManager(self)
        self.crawling = False
        self.spider: Spider | None = None
        self._started = False

    def _update_root_log_handler(self) -> None:
        """A spider's own settings may ask for another log file or level."""
        if current_root_handler() is not None:
            install_root_handler_for(self.settings)

    def _apply_settings(self) -> None:
        """Let add-ons have their say, build the components, freeze the settings. Twice is as good as once."""
        if self.settings.frozen:
            return
        self.addons.load_settings(self.settings)
        self._divide_settings()
        self._read_old_spider_attributes()
        self.stats = load_object(self.settings["STATS_CLASS"])(self)
        self.logformatter = build_from_crawler(load_object(self.settings["LOG_FORMATTER"]), self)
        self.request_fingerprinter = build_from_crawler(load_object(self.settings["REQUEST_FINGERPRINTER_CLASS"]), self)
        self.extensions = ExtensionManager.from_crawler(self)
        self.settings.freeze()
        self._log_settings()
        self._tell_of_misspelt_names()

    def _tell_of_misspelt_names(self) -> None:
        for name, meant in misspelt_settings(self.settings).items():
            logger.warning(f"There is no setting {name}; did you mean {meant}?", extra={"crawler": self})
        attribute = misspelt_domains(self.spidercls)
        if attribute:
            logger.warning(f"{attribute} of {self.spidercls.__name__} means nothing; did you mean allowed_domains?")

    def _log_settings(self) -> None:
        if not is_heard(logger, logging.INFO):
            return
        from pprint import pformat

        told = pformat(overridden_settings(self.settings))
        logger.info("Overridden settings:\n%(settings)s", {"settings": told}, extra={"crawler": self})

    def _divide_settings(self) -> None:
        """In a crawl over several processes, leave here what there is once."""
        if self._is_spread():
            load_object("shoal.crawl.spread.division.keep_whole")(self.settings)

    def _is_spread(self) -> bool:
        return self.settings["WORKER_MODEL"] == "proc" or bool(self.settings["CLUSTER"])

    def _read_old_spider_attributes(self) -> None:
        for attribute, setting in _OLD_SPIDER_ATTRIBUTES.items():
            source = self.spider or self.spidercls
            if not hasattr(source, attribute):
                continue
            advice = f"The {attribute!r} spider attribute is deprecated. Use the {setting} setting instead."
            if (self.settings.getpriority(setting) or 0) >= get_settings_priority("spider"):
                advice = (
                    f"The {attribute!r} spider attribute is deprecated. It is also being ignored: "
                    f"the {setting} setting has a value of the spider's own."
                )
            else:
                self.settings.set(setting, getattr(source, attribute), "spider")
            warnings.warn(advice, ScrapyDeprecationWarning, stacklevel=2)

    async def crawl_async(self, *args: Any, **kwargs: Any) -> None:
        """Make the spider with these arguments, crawl, and return at the end. Raises RuntimeError the second time."""
        if self.crawling:
            raise RuntimeError("Crawling already taking place")
        if self._started:
            raise RuntimeError("Cannot run Crawler.crawl_async() more than once on the same instance.")
        self.crawling = self._started = True
        if self._is_spread():
            # What the workers begin with: all of it as it is now, before add-ons and components have seen it.
            self.asked = self.settings.copy(), args, kwargs
        try:
            self.spider = self._create_spider(*args, **kwargs)
            self._apply_settings()
            self._update_root_log_handler()
            self.engine = self._create_engine()
            await self.engine.open_spider_async()
            await self.engine.start_async()
        except Exception:
            await self._abandon()
            raise
        finally:
            self.crawling = False

    async def _abandon(self) -> None:
        self.crawling = False
        engine = self.__dict__.get("engine")
        if engine is not None:
            await engine.close_async()

    def crawl(self, *args: Any, **kwargs: Any) -> CrawlTask:
        """The same as `crawl_async`, begun at once in the running loop."""
        return CrawlTask(self.crawl_async(*args, **kwargs))

    def _create_spider(self, *args: Any, **kwargs: Any) -> Spider:
        return self.spidercls.from_crawler(self, *args, **kwargs)

    def _create_engine(self) -> Any:
        # By its path: the engine stands above the crawler, and is needed only when a crawl begins.
        spread = "shoal.crawl.spread.coordinator.Coordinator"
        engine = spread if self._is_spread() else "shoal.crawl.engine.ExecutionEngine"
        return load_object(engine)(self, lambda _spider: self.stop_async())

    async def stop_async(self) -> None:
        """End the crawl in good order and return when it has ended."""
        if self.crawling:
            self.crawling = False
            if self.engine.running:
                await self.engine.stop_async()

    def stop(self) -> asyncio.Future[None]:
        """The same as `stop_async`, begun at once."""
        warnings.warn(
            "Crawler.stop() is deprecated, use Crawler.stop_async() instead.", ScrapyDeprecationWarning, stacklevel=2
        )
        return asyncio.ensure_future(self.stop_async())

    def get_addon(self, cls: type[_T]) -> _T | None:
        """The add-on of that class or of a subclass, None when there is none."""
        return _first(cls, self.addons.addons)

    def get_downloader_middleware(self, cls: type[_T]) -> _T | None:
        """The downloader middleware of that class. Raises RuntimeError before there is an engine."""
        return _first(cls, self._running("get_downloader_middleware").downloader.middleware.middlewares)

    def get_extension(self, cls: type[_T]) -> _T | None:
        """The extension of that class. Raises RuntimeError before there are any."""
        return _first(cls, self.extensions.middlewares)

    def get_item_pipeline(self, cls: type[_T]) -> _T | None:
        """The item pipeline of that class. Raises RuntimeError before there is an engine."""
        return _first(cls, self._running("get_item_pipeline").scraper.itemproc.middlewares)

    def get_spider_middleware(self, cls: type[_T]) -> _T | None:
        """The spider middleware of that class. Raises RuntimeError before there is an engine."""
        return _first(cls, self._running("get_spider_middleware").scraper.spidermw.middlewares)

    def _running(self, asked: str) -> Any:
        engine = self.__dict__.get("engine")
        if engine is None:
            raise RuntimeError(f"Crawler.{asked}() can only be called after the crawl engine has been created.")
        return engine


def _first(cls: type[_T], components: Iterable[Any]) -> _T | None:
    return next((component for component in components if isinstance(component, cls)), None)
