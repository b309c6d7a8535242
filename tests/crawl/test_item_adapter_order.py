"""itemadapter looks for Scrapy while it is imported: whoever comes first, it must know our items."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("alias", [True, False])
@pytest.mark.parametrize("first", ["itemadapter", "shoal.scrapy.item", "shoal.crawl.item", "itemloaders"])
def test_items_are_known_whatever_is_imported_first(alias: bool, first: str) -> None:
    code = f"""
from shoal.scrapy import install
{"install(over_scrapy=True)" if alias else ""}
import {first if not alias else first.replace("shoal.scrapy.", "scrapy.")}
from shoal.crawl.item import Field, Item
from itemadapter import ItemAdapter
class Book(Item):
    title = Field(a=1)
assert ItemAdapter(Book(title=1)).get_field_meta("title")["a"] == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
