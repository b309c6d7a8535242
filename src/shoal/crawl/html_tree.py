"""The tree of an HTML page, made by a parser that is kept.

The one rule: the tree and the classes of its elements are those of `lxml.html.HTMLParser`, but lxml finds the classes
without a call into Python for each element it hands out.
"""

from __future__ import annotations

import threading
from typing import Any

from lxml import etree, html


class _Parser(threading.local):
    """One for each thread: threads that share a parser wait for each other."""

    def __init__(self) -> None:
        self.html = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
        self.html.set_element_class_lookup(_class_lookup())


def _class_lookup() -> Any:
    """Forms and their fields have classes of their own; all else is an HtmlElement."""
    usual = etree.ElementDefaultClassLookup(
        element=html.HtmlElement, comment=html.HtmlComment, pi=html.HtmlProcessingInstruction, entity=html.HtmlEntity
    )
    lookup = etree.ElementNamespaceClassLookup(usual)
    lookup.get_namespace(None).update(html.HtmlElementClassLookup()._element_classes)
    return lookup


_parser = _Parser()


def html_root(body: bytes, base_url: Any) -> Any:
    """The root of a page in UTF-8, without null bytes or space around it; an empty page is `<html/>`."""
    root = etree.fromstring(body or b"<html/>", parser=_parser.html, base_url=base_url)
    return etree.fromstring(b"<html/>", parser=_parser.html, base_url=base_url) if root is None else root
