"Scrapy's `scrapy.http.cookies`."

from shoal.crawl.cookies import CookieJar, WrappedRequest, WrappedResponse

__all__ = ["CookieJar", "WrappedRequest", "WrappedResponse"]
