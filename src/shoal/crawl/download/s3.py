"""`s3://bucket/key`: an object of Amazon's storage, fetched over HTTPS, signed when there are keys.

The one rule: botocore signs, the handler of https: fetches; nothing of either is repeated here.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from shoal.crawl.components import build_from_crawler, load_object
from shoal.crawl.exceptions import NotConfigured, ScrapyDeprecationWarning
from shoal.crawl.parsed_url import parsed_url

if TYPE_CHECKING:
    from typing import Self

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.request import Request
    from shoal.crawl.response import Response


class S3DownloadHandler:
    """Uses AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; `anon` where the first two are missing."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        """Raises NotConfigured without botocore."""
        try:
            from botocore.auth import AUTH_TYPE_MAPS
            from botocore.credentials import Credentials
        except ImportError:
            raise NotConfigured("missing botocore library") from None
        settings = crawler.settings
        key, secret = settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"]
        self.anon = not key and not secret
        self._signer: Any = None
        if not self.anon:
            self._signer = AUTH_TYPE_MAPS["s3"](Credentials(key, secret, settings["AWS_SESSION_TOKEN"]))
        handler_class = load_object(settings.getwithbase("DOWNLOAD_HANDLERS")["https"])
        self._handler: Any = build_from_crawler(handler_class, crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """A handler for one crawl."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """The object. Raises what fetching over HTTPS raises."""
        response: Response = await self._handler.download_request(self._over_http(request))
        return response

    def _over_http(self, request: Request) -> Request:
        parts = parsed_url(request)
        scheme = "https"
        if not request.meta.get("is_secure", True):
            scheme = "http"
            warnings.warn(
                "Passing is_secure=False for s3:// requests is deprecated: it sends keys and data in the clear.",
                ScrapyDeprecationWarning,
                stacklevel=2,
            )
        path = parts.path + ("?" + parts.query if parts.query else "")
        url = f"{scheme}://{parts.hostname}.s3.amazonaws.com{path}"
        if self._signer is None:
            return request.replace(url=url)
        return request.replace(
            url=url, headers=self._signed(request, f"{scheme}://s3.amazonaws.com/{parts.hostname}{path}")
        )

    def _signed(self, request: Request, url: str) -> list[tuple[str, str]]:
        from botocore.awsrequest import AWSRequest

        signed = AWSRequest(
            method=request.method, url=url, headers=request.headers.to_unicode_dict(), data=request.body
        )
        self._signer.add_auth(signed)
        return list(signed.headers.items())

    async def close(self) -> None:
        """Close the handler behind."""
        if hasattr(self._handler, "close"):
            await self._handler.close()
