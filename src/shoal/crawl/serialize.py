"""Values as JSON: what the json module does not know (dates, sets, decimals, items, requests) is written plainly.

The one rule: a value that has no honest JSON form raises TypeError, as it does in the json module.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from json import JSONEncoder, encoder
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

    # Makes the pieces of the text; kept, because making it takes as long as an item.
    _pieces: Any = None

    def encode(self, o: Any) -> str:
        """The text, as json.JSONEncoder writes it."""
        pieces = self._pieces or self._piece_maker()
        if pieces is None:
            return super().encode(o)
        # A failure leaves the maker in the middle of what it could not write: it is not used again.
        self._pieces = None
        text = "".join(pieces(o, 0))
        self._pieces = pieces
        return text

    def _piece_maker(self) -> Any:
        """The json module's own in C, where there is one for this; it writes no indented text."""
        make: Any = getattr(encoder, "c_make_encoder", None)
        indent: Any = self.indent
        if make is None or indent is not None or type(self).iterencode is not JSONEncoder.iterencode:
            return None
        quoted = encoder.encode_basestring_ascii if self.ensure_ascii else encoder.encode_basestring
        layout = (indent, self.key_separator, self.item_separator)
        markers: Any = {} if self.check_circular else None
        return make(markers, self.default, quoted, *layout, self.sort_keys, self.skipkeys, self.allow_nan)

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
