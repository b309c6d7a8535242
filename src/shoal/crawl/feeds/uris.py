"""The URI of a feed from its template: `%(name)s/%(time)s.json`.

The one rule: only whole placeholders are replaced; any other percent sign stays, so escaped URIs pass unharmed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shoal.crawl.spider import Spider

_PLACEHOLDER = re.compile(r"%\([^)]*\)[-#0 +]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]")
_BATCH_PLACEHOLDER = re.compile(r"%\(batch_(?:time\)s|id\)[-#0 +]*\d*d)")


def apply_uri_params(uri_template: str, params: Mapping[str, Any]) -> str:
    """The template with its placeholders filled in. Raises KeyError for a parameter that is not among `params`."""
    return _PLACEHOLDER.sub(lambda placeholder: placeholder[0] % params, uri_template)


def tells_batches_apart(uri_template: str) -> bool:
    """Whether the batches of a feed get different names."""
    return _BATCH_PLACEHOLDER.search(uri_template) is not None


def uri_params(
    spider: Spider,
    customize: Callable[[dict[str, Any], Spider], dict[str, Any] | None],
    *,
    batch_id: int,
    now: datetime,
) -> dict[str, Any]:
    """What the placeholders of a feed's URI stand for: the spider's attributes, times and the number of the batch.

    `now` in any time zone; times are told in UTC with "-" for ":". `customize` may return
    others; None means these.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None)
    params = {name: getattr(spider, name, None) for name in dir(spider) if not name.startswith("_")}
    params["time"] = moment.replace(microsecond=0).isoformat().replace(":", "-")
    params["batch_time"] = moment.isoformat().replace(":", "-")
    params["batch_id"] = batch_id
    customized = customize(params, spider)
    return params if customized is None else customized
