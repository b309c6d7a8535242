"""Names and versions of what a crawl runs on, for logs and bug reports."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import shoal

_LIBRARIES = ("cssselect", "parsel", "w3lib", "pycurl", "uvloop", "aiohttp")


def library_versions() -> list[tuple[str, str]]:
    """Name and version; libraries that are not installed are left out."""
    from lxml import etree

    rows = [("Shoal", shoal.__version__)]
    rows += [("lxml", _dotted(etree.LXML_VERSION)), ("libxml2", _dotted(etree.LIBXML_VERSION))]
    for name in _LIBRARIES:
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return [*rows, ("Python", sys.version.replace("\n", " ")), ("Platform", platform.platform())]


def _dotted(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))
