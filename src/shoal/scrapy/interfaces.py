"""What components must offer, where Scrapy once had zope interfaces."""

from shoal.crawl.spiderloader import SpiderLoaderProtocol

# Classes of old projects say `@implementer(ISpiderLoader)`; nothing checks it any more.
ISpiderLoader = SpiderLoaderProtocol

__all__ = ["ISpiderLoader"]
