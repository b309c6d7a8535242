"""Cookie jars in a file, so that a job that is run again is still logged in.

The one rule: the file holds data, never code, and only its owner may read it; one that cannot be read is no cookies.
"""

from __future__ import annotations

import logging
import os
from http.cookiejar import Cookie
from typing import TYPE_CHECKING, Any

from shoal.crawl.plain_data import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shoal.crawl.cookies import CookieJar

logger = logging.getLogger("scrapy.downloadermiddlewares.cookies")

_FIELDS = (
    "version",
    "name",
    "value",
    "port",
    "port_specified",
    "domain",
    "domain_specified",
    "domain_initial_dot",
    "path",
    "path_specified",
    "secure",
    "expires",
    "discard",
    "comment",
    "comment_url",
    "rfc2109",
)


def save_jars(path: Path, jars: Mapping[Any, CookieJar]) -> None:
    """Write all cookies: a new file in place of the old one. One whose key is no plain value is named, and left out."""
    written = path.with_suffix(".new")
    text = "[\n" + ",\n".join(line for key, jar in jars.items() if (line := _line(key, jar))) + "\n]\n"
    with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    written.replace(path)


def load_jars(path: Path, jars: Mapping[Any, CookieJar]) -> None:
    """Put the cookies of the file into `jars`, which makes a jar for each key that is asked for."""
    try:
        told = loads(path.read_text(encoding="utf-8"))
        for key, cookies in told:
            for fields, rest in cookies:
                # The standard library's name of the last argument is not that of the attribute.
                jars[key].set_cookie(Cookie(**fields, rest=rest))
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError) as problem:
        logger.warning(f"Cannot read the cookies in {path}, beginning without them: {problem}")


def _line(key: Any, jar: CookieJar) -> str | None:
    cookies = [[{name: getattr(cookie, name) for name in _FIELDS}, dict(_rest(cookie))] for cookie in jar]
    try:
        return dumps([key, cookies]) if cookies else None
    except TypeError as problem:
        logger.warning(f"The cookies of jar {key!r} are not kept for the next run: {problem}")
        return None


def _rest(cookie: Cookie) -> dict[str, Any]:
    rest: dict[str, Any] = cookie._rest  # type: ignore[attr-defined]
    return rest
