"""Values as JSON: what the json module does not know (dates, sets, decimals, items, requests) is written plainly.

The one rule: a value that has no honest JSON form raises TypeError, as it does in the json module.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from json import JSONEncoder
from typing import Any

from shoal.crawl.request import Request
from shoal.crawl.response_base import Response

_PLAIN: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((set, frozenset), list),
    ((datetime, date, time), lambda moment: moment.isoformat()),
    (Decimal, str),
    (Request, lambda request: f"<{type(request).__name__} {request.method} {request.url}>"),
    (Response, lambda response: f"<{type(response).__name__} {response.status} {response.url}>"),
)


class ScrapyJSONEncoder(JSONEncoder):
    """json.JSONEncoder that also writes dates (ISO 8601), sets, decimals, items, and requests and responses by name."""

    def default(self, o: Any) -> Any:
        """The JSON form of a value that the json module does not know."""
        from itemadapter import ItemAdapter, is_item  # dear to import, and seldom needed: most items are dicts

        if is_item(o):
            return ItemAdapter(o).asdict()
        for kinds, plain in _PLAIN:
            if isinstance(o, kinds):
                return plain(o)
        # A Deferred of Twisted's, known by this name without importing Twisted, is shown and not waited for.
        return str(o) if hasattr(o, "asFuture") else super().default(o)
