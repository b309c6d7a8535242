"""Where log lines of a crawl go, and how they look.

The one rule: the root logger gets at most one handler from us, and the last settings that were applied decide on it.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

# Libraries that say more than a crawl's log should hold.
_LEVELS = {
    logging.DEBUG: ("shoal", "scrapy"),
    logging.WARNING: ("asyncio", "httpcore", "httpx"),
    logging.ERROR: ("filelock", "hpack", "twisted"),
}
_NOT_GIVEN = object()
_root_handler: logging.Handler | None = None


def configure_logging(settings: Any = None, install_root_handler: Any = _NOT_GIVEN) -> None:
    """Log as the settings say (Scrapy's LOG_*); a dict stands for settings that differ from the defaults.

    Warnings go to the log unless Python was told otherwise; with LOG_STDOUT so does what is printed.
    """
    if install_root_handler is not _NOT_GIVEN:
        warnings.warn(
            "The install_root_handler argument is deprecated, use the LOG_INSTALL_ROOT_HANDLER setting instead.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
    if not sys.warnoptions:
        logging.captureWarnings(True)
    for level, names in _LEVELS.items():
        for name in names:
            logging.getLogger(name).setLevel(level)
    if not isinstance(settings, Settings):
        settings = Settings(settings)
    if settings.getbool("LOG_STDOUT"):
        sys.stdout = StreamLogger(logging.getLogger("stdout"))
    wanted = settings.getbool("LOG_INSTALL_ROOT_HANDLER")
    if wanted if install_root_handler is _NOT_GIVEN else install_root_handler:
        install_root_handler_for(settings)


def install_root_handler_for(settings: Settings) -> None:
    """Replace our handler of the root logger by the one that these settings ask for."""
    global _root_handler  # noqa: PLW0603  there is one root logger
    uninstall_root_handler()
    logging.root.setLevel(logging.NOTSET)
    _root_handler = handler_for(settings)
    logging.root.addHandler(_root_handler)


def uninstall_root_handler() -> None:
    """Take our handler from the root logger, and close it."""
    global _root_handler  # noqa: PLW0603
    if _root_handler is not None:
        logging.root.removeHandler(_root_handler)
        _root_handler.close()
    _root_handler = None


def is_heard(logger: logging.Logger, level: int) -> bool:
    """Whether any handler would take a record of this level. To ask is a tenth of making the record for nobody.

    `isEnabledFor` alone cannot tell: LOG_LEVEL is the level of our handler, and the root logger lets everything pass.
    """
    if not logger.isEnabledFor(level):
        return False
    current: logging.Logger | None = logger
    any_handler = False
    while current is not None:
        for handler in current.handlers:
            if handler.level <= level:
                return True
            any_handler = True
        current = current.parent if current.propagate else None
    return not any_handler and logging.lastResort is not None and logging.lastResort.level <= level


def current_root_handler() -> logging.Handler | None:
    """Our handler of the root logger, None when there is none."""
    return _root_handler


def handler_for(settings: Settings) -> logging.Handler:
    """A handler that writes to LOG_FILE, or else to standard error, or with LOG_ENABLED off nowhere."""
    handler: logging.Handler
    if settings.get("LOG_FILE"):
        mode = "a" if settings.getbool("LOG_FILE_APPEND") else "w"
        handler = logging.FileHandler(settings.get("LOG_FILE"), mode=mode, encoding=settings.get("LOG_ENCODING"))
    elif settings.getbool("LOG_ENABLED"):
        handler = logging.StreamHandler()
    else:
        handler = logging.NullHandler()
    handler.setFormatter(formatter_for(handler, settings))
    handler.setLevel(settings.get("LOG_LEVEL"))
    if settings.getbool("LOG_SHORT_NAMES"):
        handler.addFilter(TopLevelFormatter(["scrapy", "shoal"]))
    return handler


def formatter_for(handler: logging.Handler, settings: Settings) -> logging.Formatter:
    """LOG_FORMAT; in colours on a terminal where the `colorlog` library is installed and LOG_COLOR is on."""
    form, dates = settings.get("LOG_FORMAT"), settings.get("LOG_DATEFORMAT")
    stream = getattr(handler, "stream", None)
    on_terminal = not isinstance(handler, logging.FileHandler) and stream is not None and stream.isatty()
    if settings.getbool("LOG_COLOR") and on_terminal and _tty_supports_color():
        try:
            from colorlog import ColoredFormatter  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            pass
        else:
            coloured: logging.Formatter = ColoredFormatter(
                form.replace("%(levelname)s", "%(log_color)s%(levelname)s%(reset)s"), datefmt=dates, stream=stream
            )
            return coloured
    return logging.Formatter(fmt=form, datefmt=dates)


def _tty_supports_color() -> bool:
    return "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


class TopLevelFormatter(logging.Filter):
    """Shortens the names of loggers below those in `loggers` to their first part."""

    def __init__(self, loggers: list[str] | None = None) -> None:
        super().__init__()
        self.loggers = loggers or []

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the name; every record passes."""
        first = record.name.partition(".")[0]
        if first in self.loggers:
            record.name = first
        return True


class StreamLogger:
    """A stand-in for standard output: every line becomes a log line."""

    def __init__(self, logger: logging.Logger, log_level: int = logging.INFO) -> None:
        self.logger = logger
        self.log_level = log_level

    def write(self, text: str) -> None:
        """Log the lines of the text."""
        for line in text.rstrip().splitlines():
            self.logger.log(self.log_level, line.rstrip())

    def flush(self) -> None:
        """Flush what the logger writes to."""
        for handler in self.logger.handlers:
            handler.flush()


class SpiderLoggerAdapter(logging.LoggerAdapter):  # type: ignore[type-arg]
    """A spider's logger: its lines carry the spider, beside what the call itself adds."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Join both; the spider's own values win."""
        kwargs["extra"] = {**(kwargs.get("extra") or {}), **(self.extra or {})}
        return msg, kwargs


def logformatter_adapter(result: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a LogFormatter returned, as the arguments of `Logger.log`."""
    level, message, values = result.get("level", logging.INFO), result.get("msg") or "", result.get("args")
    if values:
        return (level, message, *values) if isinstance(values, tuple) else (level, message, values)
    if "%(" in message:
        warnings.warn(
            "A LogFormatter returned a message with places for values and no args.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
        return level, message, result
    return level, message
