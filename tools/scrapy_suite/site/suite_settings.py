"""The one setting the suite runs with that is not Shoal's default.

Its servers have certificates that nobody signed. Scrapy does not verify by default and Shoal does, so whoever has such
servers turns verification off, as here; the report says so.
"""

from __future__ import annotations

from shoal.crawl import defaults

defaults.DOWNLOAD_VERIFY_CERTIFICATES = False
