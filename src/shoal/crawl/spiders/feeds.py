"""Spiders that read one XML or CSV feed node by node, or row by row.

The one rule: a feed is read as a stream unless the spider asks for a whole tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from shoal.crawl.exceptions import NotSupported
from shoal.crawl.feed_rows import csv_rows, xml_nodes
from shoal.crawl.outputs import as_iterable
from shoal.crawl.response import TextResponse
from shoal.crawl.selector import Selector
from shoal.crawl.spider import Spider

if TYPE_CHECKING:
    from shoal.crawl.response_base import Response


class _FeedSpider(Spider):
    def adapt_response(self, response: Response) -> Response:
        """The response to read instead, such as one with a mended body."""
        return response

    def process_results(self, response: Response, results: Iterable[Any]) -> Iterable[Any]:  # noqa: ARG002
        """The results of one node or row before they leave the spider."""
        return results


class XMLFeedSpider(_FeedSpider):
    """Calls `parse_node` for each element called `itertag`.

    `iterator`: `iternodes` (a stream), `xml` or `html` (the whole tree); another raises NotSupported. `namespaces`:
    pairs of prefix and URI, for `itertag` and for the selectors of nodes.
    """

    iterator = "iternodes"
    itertag = "item"
    namespaces: Sequence[tuple[str, str]] = ()

    def parse_node(self, response: Response, selector: Selector) -> Any:
        """The results of one node; override it."""
        if hasattr(self, "parse_item"):  # its name before Scrapy 0.10
            return self.parse_item(response, selector)
        raise NotImplementedError(f"{type(self).__name__}.parse_node is not defined")

    def parse_nodes(self, response: Response, nodes: Iterable[Selector]) -> Iterator[Any]:
        """The results of all nodes, as they are read."""
        for node in nodes:
            yield from self.process_results(response, as_iterable(self.parse_node(response, node)))

    def _parse(self, response: Response, **_kwargs: Any) -> Any:
        response = self.adapt_response(response)
        return self.parse_nodes(response, self._nodes(response))

    def _nodes(self, response: Response) -> Iterable[Selector]:
        if self.iterator == "iternodes":
            return map(self._with_namespaces, self._stream(response))
        if self.iterator not in ("xml", "html"):
            raise NotSupported(f"Unsupported node iterator: {self.iterator!r}; there are iternodes, xml and html")
        if not isinstance(response, TextResponse):
            raise ValueError("Response content isn't text")
        tree = self._with_namespaces(Selector(response, type=self.iterator))
        nodes: Iterable[Selector] = tree.xpath(f"//{self.itertag}")
        return nodes

    def _stream(self, response: Response) -> Iterator[Any]:
        prefix, _, name = self.itertag.rpartition(":")
        uri = dict(self.namespaces).get(prefix)
        return xml_nodes(response, name, uri, prefix) if uri else xml_nodes(response, self.itertag)

    def _with_namespaces(self, selector: Any) -> Any:
        for prefix, uri in self.namespaces:
            selector.register_namespace(prefix, uri)
        return selector


class CSVFeedSpider(_FeedSpider):
    """Calls `parse_row` with a dict for each row. `headers` None: the first row holds the names of the columns."""

    delimiter: str | None = None
    quotechar: str | None = None
    headers: list[str] | None = None

    def parse_row(self, response: Response, row: dict[str, str]) -> Any:
        """The results of one row; override it."""
        raise NotImplementedError(f"{type(self).__name__}.parse_row is not defined")

    def parse_rows(self, response: Response) -> Iterator[Any]:
        """The results of all rows, as they are read."""
        for row in csv_rows(response, self.delimiter, self.headers, quotechar=self.quotechar):
            yield from self.process_results(response, as_iterable(self.parse_row(response, row)))

    def _parse(self, response: Response, **_kwargs: Any) -> Any:
        return self.parse_rows(self.adapt_response(response))
