"""The names under which Shoal's classes are known to users of Scrapy: for logs, warnings and statistics.

The one rule: this is a table, kept by hand; a module that is not in it is known by its own name.
"""

from __future__ import annotations

# Module of ours -> module of Scrapy's; "module:Name" for a class that lives elsewhere than its neighbours.
_SCRAPY_HOMES: dict[str, str] = {
    "shoal.crawl.addons": "scrapy.addons",
    "shoal.crawl.chain": "scrapy.middleware",
    "shoal.crawl.components": "scrapy.utils.misc",
    "shoal.crawl.contracts.base": "scrapy.contracts",
    "shoal.crawl.contracts.check": "scrapy.contracts",
    "shoal.crawl.contracts.standard": "scrapy.contracts.default",
    "shoal.crawl.crawler": "scrapy.crawler",
    "shoal.crawl.exceptions": "scrapy.exceptions",
    "shoal.crawl.exporters.base": "scrapy.exporters",
    "shoal.crawl.exporters.csvrows": "scrapy.exporters",
    "shoal.crawl.exporters.jsontext": "scrapy.exporters",
    "shoal.crawl.exporters.pythonic": "scrapy.exporters",
    "shoal.crawl.exporters.xmltext": "scrapy.exporters",
    "shoal.crawl.extensions.corestats": "scrapy.extensions.corestats",
    "shoal.crawl.extensions.logcount": "scrapy.extensions.logcount",
    "shoal.crawl.extensions.spiderstate": "scrapy.extensions.spiderstate",
    "shoal.crawl.feeds.exporter": "scrapy.extensions.feedexport",
    "shoal.crawl.feeds.postprocessing": "scrapy.extensions.postprocessing",
    "shoal.crawl.feeds.remote": "scrapy.extensions.feedexport",
    "shoal.crawl.feeds.slot": "scrapy.extensions.feedexport",
    "shoal.crawl.feeds.storages": "scrapy.extensions.feedexport",
    "shoal.crawl.fingerprint": "scrapy.utils.request",
    "shoal.crawl.forms": "scrapy.http.request.form",
    "shoal.crawl.item": "scrapy.item",
    "shoal.crawl.link": "scrapy.link",
    "shoal.crawl.linkextract": "scrapy.linkextractors.lxmlhtml",
    "shoal.crawl.loader": "scrapy.loader",
    "shoal.crawl.logformatter": "scrapy.logformatter",
    "shoal.crawl.middleware.downloader.chain": "scrapy.core.downloader.middleware",
    "shoal.crawl.middleware.downloader.cookies": "scrapy.downloadermiddlewares.cookies",
    "shoal.crawl.middleware.downloader.defaultheaders": "scrapy.downloadermiddlewares.defaultheaders",
    "shoal.crawl.middleware.downloader.downloadtimeout": "scrapy.downloadermiddlewares.downloadtimeout",
    "shoal.crawl.middleware.downloader.httpauth": "scrapy.downloadermiddlewares.httpauth",
    "shoal.crawl.middleware.downloader.httpcache": "scrapy.downloadermiddlewares.httpcache",
    "shoal.crawl.middleware.downloader.httpcompression": "scrapy.downloadermiddlewares.httpcompression",
    "shoal.crawl.middleware.downloader.httpproxy": "scrapy.downloadermiddlewares.httpproxy",
    "shoal.crawl.middleware.downloader.offsite": "scrapy.downloadermiddlewares.offsite",
    "shoal.crawl.middleware.downloader.redirect": "scrapy.downloadermiddlewares.redirect",
    "shoal.crawl.middleware.downloader.retry": "scrapy.downloadermiddlewares.retry",
    "shoal.crawl.middleware.downloader.robotstxt": "scrapy.downloadermiddlewares.robotstxt",
    "shoal.crawl.middleware.downloader.stats": "scrapy.downloadermiddlewares.stats",
    "shoal.crawl.middleware.downloader.useragent": "scrapy.downloadermiddlewares.useragent",
    "shoal.crawl.robotstxt": "scrapy.robotstxt",
    "shoal.crawl.middleware.httperror": "scrapy.spidermiddlewares.httperror",
    "shoal.crawl.payloads:JsonRequest": "scrapy.http.request.json_request",
    "shoal.crawl.payloads:XmlRpcRequest": "scrapy.http.request.rpc",
    "shoal.crawl.pipelines.chain": "scrapy.pipelines",
    "shoal.crawl.pipelines.filemedia": "scrapy.pipelines.files",
    "shoal.crawl.pipelines.images": "scrapy.pipelines.images",
    "shoal.crawl.pipelines.media": "scrapy.pipelines.media",
    "shoal.crawl.pipelines.stores": "scrapy.pipelines.files",
    "shoal.crawl.pipelines.cloudstores": "scrapy.pipelines.files",
    "shoal.crawl.request": "scrapy.http.request",
    "shoal.crawl.response:HtmlResponse": "scrapy.http.response.html",
    "shoal.crawl.response:JsonResponse": "scrapy.http.response.json",
    "shoal.crawl.response:TextResponse": "scrapy.http.response.text",
    "shoal.crawl.response:XmlResponse": "scrapy.http.response.xml",
    "shoal.crawl.response_base": "scrapy.http.response",
    "shoal.crawl.response_class": "scrapy.responsetypes",
    "shoal.crawl.runner": "scrapy.crawler",
    "shoal.crawl.selector": "scrapy.selector.unified",
    "shoal.crawl.serialize": "scrapy.utils.serialize",
    "shoal.crawl.settings": "scrapy.settings",
    "shoal.crawl.signals": "scrapy.signalmanager",
    "shoal.crawl.spider": "scrapy.spiders",
    "shoal.crawl.spiderloader": "scrapy.spiderloader",
    "shoal.crawl.spiders.feeds": "scrapy.spiders.feed",
    "shoal.crawl.spiders.first": "scrapy.spiders.init",
    "shoal.crawl.spiders.rules": "scrapy.spiders.crawl",
    "shoal.crawl.spiders.sitemap": "scrapy.spiders.sitemap",
    "shoal.crawl.stats": "scrapy.statscollectors",
}


def public_module(module: str, name: str = "") -> str:
    """Scrapy's module for a class `name` of our `module`; other modules are their own."""
    if module.startswith("shoal.scrapy"):
        return module.removeprefix("shoal.")
    return _SCRAPY_HOMES.get(f"{module}:{name}") or _SCRAPY_HOMES.get(module, module)
