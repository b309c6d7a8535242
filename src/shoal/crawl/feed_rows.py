"""Nodes of XML feeds and rows of CSV feeds, one by one.

The one rule: a feed is read as a stream; a node is forgotten before the next one comes.
"""

from __future__ import annotations

import csv
import logging
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from lxml import etree

from shoal.crawl.response import Response, TextResponse
from shoal.crawl.selector import Selector

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("scrapy.utils.iterators")


def xml_nodes(
    source: Response | str | bytes, nodename: str, namespace: str | None = None, prefix: str = "x"
) -> Iterator[Selector]:
    """Selectors of all elements called `nodename`; `g:id` is resolved as the document declares `g`.

    With `namespace`, elements of that namespace, in which `prefix` stands for it. Raises TypeError for a source of
    another type.
    """
    wanted_prefix, _, local_name = nodename.rpartition(":") if namespace is None else ("", "", nodename)
    tag = f"{{{namespace}}}{nodename}" if namespace else nodename
    events = etree.iterparse(
        BytesIO(text_of(source).strip().encode()),
        events=("end", "start-ns"),
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        huge_tree=True,
    )
    for event, data in events:
        if event == "start-ns":
            if wanted_prefix and data[0] == wanted_prefix:
                tag = f"{{{data[1]}}}{local_name}"
        elif data.tag == tag:
            selector = Selector(text=_taken(data), type="xml")
            if namespace:
                selector.register_namespace(prefix, namespace)
            yield selector.xpath("/*")[0]


def _taken(node: Any) -> str:
    """The node as text; the tree forgets it and all that came before it."""
    text: str = etree.tostring(node, encoding="unicode", with_tail=False)
    parent = node.getparent()
    node.clear()
    while parent is not None and node.getprevious() is not None:
        del parent[0]
    return text


def csv_rows(
    source: Response | str | bytes,
    delimiter: str | None = None,
    headers: list[str] | None = None,
    quotechar: str | None = None,
) -> Iterator[dict[str, str]]:
    """The rows as dicts by column; `headers` names the columns when the first row does not.

    A row of another length is left out with a warning. Binary responses are read as UTF-8.
    """
    given = {"delimiter": delimiter, "quotechar": quotechar}
    dialect: dict[str, Any] = {name: value for name, value in given.items() if value}
    rows = csv.reader(StringIO(text_of(source)), **dialect)
    names = headers or next(rows, None)
    if not names:
        return
    for row in rows:
        if len(row) != len(names):
            logger.warning(
                "ignoring row %(number)d (length: %(length)d, should be: %(expected)d)",
                {"number": rows.line_num, "length": len(row), "expected": len(names)},
            )
            continue
        yield dict(zip(names, row, strict=True))


def text_of(source: Response | str | bytes) -> str:
    """The text of a response, of bytes in UTF-8, or itself. Raises TypeError for anything else."""
    if isinstance(source, TextResponse):
        return source.text
    if isinstance(source, Response):
        return source.body.decode("utf-8")
    if isinstance(source, bytes):
        return source.decode("utf-8")
    if isinstance(source, str):
        return source
    raise TypeError(f"source must be Response or str or bytes, not {type(source).__name__}")
