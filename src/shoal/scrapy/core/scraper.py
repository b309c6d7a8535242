"""What the spider makes of an answer."""

from shoal.crawl.scraper import Scraper
from shoal.crawl.scraper import ScraperSlot as Slot

__all__ = ["Scraper", "Slot"]
