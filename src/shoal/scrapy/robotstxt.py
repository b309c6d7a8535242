"""Parsers of robots.txt."""

import shoal.crawl.robotstxt as _home
from shoal.crawl.robotstxt import (
    ProtegoRobotParser,
    PythonRobotParser,
    RerpRobotParser,
    RobotParser,
    decode_robotstxt,
    logger,
)
from shoal.scrapy._mirror import mirror

__all__ = [
    "ProtegoRobotParser",
    "PythonRobotParser",
    "RerpRobotParser",
    "RobotParser",
    "decode_robotstxt",
    "logger",
]

mirror(__name__, _home)
