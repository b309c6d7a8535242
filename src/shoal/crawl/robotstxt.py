"""Parsers of robots.txt: a choice of libraries behind two questions.

The one rule: a robots.txt that is no text forbids nothing.
"""

from __future__ import annotations

import logging
from abc import ABCMeta, abstractmethod
from typing import TYPE_CHECKING, Any
from urllib.robotparser import RobotFileParser

from protego import Protego

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.spider import Spider

logger = logging.getLogger("scrapy.robotstxt")


def decode_robotstxt(robotstxt_body: bytes, spider: Spider | None, to_native_str_type: bool = False) -> str:
    """The body as text: UTF-8 without its mark. Bytes that are none are left out; or, asked to be strict, all of it."""
    try:
        if to_native_str_type:
            return robotstxt_body.decode("utf-8-sig")
        return robotstxt_body.decode("utf-8-sig", errors="ignore")
    except UnicodeDecodeError:
        logger.warning(
            "Failure while parsing robots.txt. File either contains garbage or is in an encoding other than UTF-8, "
            "treating it as an empty file.",
            extra={"spider": spider},
        )
        return ""


class RobotParser(metaclass=ABCMeta):
    """What is asked about a site's rules."""

    @classmethod
    @abstractmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        """One that has read the body."""

    @abstractmethod
    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Whether the one who calls itself `user_agent` may fetch the URL."""

    def crawl_delay(self, user_agent: str | bytes) -> float | None:  # noqa: ARG002
        """The seconds that the site wants between two requests, None when it does not say or the library cannot."""
        return None


class ProtegoRobotParser(RobotParser):
    """By Protego: longest match, wildcards; the usual one."""

    def __init__(self, robotstxt_body: bytes, spider: Spider | None) -> None:
        self.spider = spider
        self.rp = Protego.parse(decode_robotstxt(robotstxt_body, spider))

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        """One that has read the body."""
        return cls(robotstxt_body, crawler.spider if crawler else None)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Whether the one who calls itself `user_agent` may fetch the URL."""
        return self.rp.can_fetch(_text(url), _text(user_agent))

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        """The seconds that the site wants between two requests."""
        return self.rp.crawl_delay(_text(user_agent))


class PythonRobotParser(RobotParser):
    """By the standard library."""

    def __init__(self, robotstxt_body: bytes, spider: Spider | None) -> None:
        self.spider = spider
        self.rp = RobotFileParser()
        self.rp.parse(decode_robotstxt(robotstxt_body, spider, to_native_str_type=True).splitlines())

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        """One that has read the body."""
        return cls(robotstxt_body, crawler.spider if crawler else None)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Whether the one who calls itself `user_agent` may fetch the URL."""
        return self.rp.can_fetch(_text(user_agent), _text(url))

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        """The seconds that the site wants between two requests."""
        delay = self.rp.crawl_delay(_text(user_agent))
        return None if delay is None else float(delay)


class RerpRobotParser(RobotParser):
    """By robotexclusionrulesparser, where it is installed: the first match decides."""

    def __init__(self, robotstxt_body: bytes, spider: Spider | None) -> None:
        from robotexclusionrulesparser import RobotExclusionRulesParser

        self.spider = spider
        self.rp: Any = RobotExclusionRulesParser()
        self.rp.parse(decode_robotstxt(robotstxt_body, spider))

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:
        """One that has read the body."""
        return cls(robotstxt_body, crawler.spider if crawler else None)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Whether the one who calls itself `user_agent` may fetch the URL."""
        return bool(self.rp.is_allowed(_text(user_agent), _text(url)))

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        """The seconds that the site wants between two requests."""
        delay: float | None = self.rp.get_crawl_delay(_text(user_agent))
        return delay


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
