"""Requests as short rows, and back: URL, referer, and all the rest by number.

The one rule: what many requests have in common (callback, depth, ...) is written once and named by its number; what
few have in common stands in the row. The referer is written as what it does not share with the URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoal.crawl.plain_data import dumps, loads
from shoal.crawl.request_data import request_from_members, request_members

if TYPE_CHECKING:
    import sqlite3

    from shoal.crawl.request import Request
    from shoal.crawl.spider import Spider

# URL, referer, and number or text of the rest.
Row = tuple[str, str | None, int | str]
# So many kinds are numbered, of so many characters at most: memory is bounded whatever requests carry.
_MOST_KINDS = 1_000
_LONGEST_KIND = 200


class RequestRows:
    """Writes requests of a spider as rows and reads them."""

    def __init__(self, spider: Spider | None, db: sqlite3.Connection) -> None:
        self.spider = spider
        self._numbers: dict[str, int] = {
            members: number for number, members in db.execute("SELECT id, members FROM kind")
        }
        self._kinds: dict[int, str] = {number: members for members, number in self._numbers.items()}
        self._new: list[tuple[int, str]] = []

    def row_of(self, request: Request) -> Row:
        """The request as a row. Raises ValueError for one that is not data."""
        members = request_members(request, self.spider)
        url: str = members.pop("url")
        referer = _take_referer(members)
        try:
            rest = dumps(members)
        except (TypeError, RecursionError) as error:
            raise ValueError(str(error)) from error
        return url, None if referer is None else _shortened(referer, url), self._kind(rest)

    def _kind(self, rest: str) -> int | str:
        number = self._numbers.get(rest)
        if number is None:
            if len(rest) > _LONGEST_KIND or len(self._numbers) >= _MOST_KINDS:
                return rest
            number = self._numbers[rest] = len(self._numbers) + 1
            self._kinds[number] = rest
            self._new.append((number, rest))
        return number

    def request_of(self, row: Row) -> Request:
        """The request. Raises ValueError when the spider has no such callback any more."""
        url, referer, kind = row
        members: dict[str, Any] = loads(self._kinds[kind] if isinstance(kind, int) else kind)
        members["url"] = url
        if referer is not None:
            members["headers"] = {**members.get("headers", {}), b"Referer": [_lengthened(referer, url)]}
        return request_from_members(members, self.spider)

    def write(self, db: sqlite3.Connection) -> None:
        """Write the kinds that are new."""
        if self._new:
            db.executemany("INSERT OR REPLACE INTO kind VALUES(?, ?)", self._new)

    def written(self) -> None:
        """They are on disk."""
        self._new.clear()


def _take_referer(members: dict[str, Any]) -> str | None:
    """Take the one ASCII referer out of the headers, which most requests of a crawl have, and nearly all alone."""
    headers: dict[bytes, list[bytes]] = members.get("headers") or {}
    values = headers.get(b"Referer")
    if not values or len(values) != 1 or not values[0].isascii():
        return None
    rest = {name: value for name, value in headers.items() if name != b"Referer"}
    if rest:
        members["headers"] = rest
    else:
        del members["headers"]
    return values[0].decode("ascii")


def _shortened(referer: str, url: str) -> str:
    shared = next((at for at, (one, other) in enumerate(zip(referer, url, strict=False)) if one != other), None)
    if shared is None:
        shared = min(len(referer), len(url))
    return f"{shared} {referer[shared:]}"


def _lengthened(short: str, url: str) -> bytes:
    shared, _, rest = short.partition(" ")
    return (url[: int(shared)] + rest).encode("ascii")
