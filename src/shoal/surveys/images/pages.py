"""Which pictures a page shows, and which pages it links to.

The one rule: pure; an address is whole, of http or https, without a fragment, and named once. Where a page offers a
picture in several sizes, the largest is meant; where it loads it late (`data-src`), the late one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsel import Selector

_LATE = ("data-src", "data-original", "data-lazy-src")
_SUFFIX = re.compile(r"\.(?:png|jpe?g|gif|webp|bmp|tiff?|avif|ico)$", re.IGNORECASE)
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,])(?:\s+([\d.]+)[wx])?\s*(?:,|$)")


def pictures(selector: Selector, base: str) -> list[str]:
    """The addresses of the pictures of a page at `base`, in its order."""
    return _once(base, (address for node in selector.css("img, a[href], meta") for address in _of(node)))


def pages(selector: Selector, base: str) -> list[str]:
    """The pages of the same host that a page links to, in its order."""
    found = _once(base, (href for href in selector.css("a::attr(href)").getall() if not is_picture(href)))
    return [url for url in found if urlsplit(url).netloc == urlsplit(base).netloc]


def is_picture(href: str) -> bool:
    """Whether a link is to a picture, by its name."""
    return _SUFFIX.search(urlsplit(href).path) is not None


def largest(srcset: str) -> str | None:
    """The candidate of a `srcset` with the greatest width or density."""
    found = [(float(size or 1), address) for address, size in _CANDIDATE.findall(srcset)]
    return max(found, key=lambda one: one[0])[1] if found else None


def _of(node: Selector) -> Iterator[str]:
    """What one element means: an `img` with the sources of its `picture`, a link, a picture for previews."""
    name = node.root.tag
    if name == "a":
        yield from (href for href in [node.attrib["href"]] if is_picture(href))
    elif name == "meta":
        if node.attrib.get("property") in ("og:image", "og:image:url"):
            yield node.attrib.get("content", "")
    else:
        late = next((node.attrib[name] for name in _LATE if node.attrib.get(name)), None)
        sets = [node.attrib.get("data-srcset") or node.attrib.get("srcset") or ""]
        # Old parsers do not know that a `source` has no end, and put the `img` into it.
        sets += node.xpath("ancestor::picture[1]//source/@srcset").getall()
        best = next((found for one in sets if (found := largest(one))), None)
        yield best or late or node.attrib.get("src", "")


def _once(base: str, addresses: Iterator[str]) -> list[str]:
    """Whole addresses in their order, each once."""
    found: dict[str, None] = {}
    for address in addresses:
        url = _whole(base, address.strip())
        if url:
            found.setdefault(url)
    return list(found)


def _whole(base: str, address: str) -> str | None:
    try:
        url = urldefrag(urljoin(base, address)).url if address else ""
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None
