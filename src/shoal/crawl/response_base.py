"""A response: what came back, as bytes; and the requests that follow from it.

The one rule: a response is cheap to make and says nothing about its bytes; what they mean is `response.py`'s part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload
from urllib.parse import urljoin

from shoal.crawl.exceptions import NotSupported
from shoal.crawl.headers import Headers
from shoal.crawl.link import Link
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ipaddress import IPv4Address, IPv6Address
    from typing import Self

    from shoal.crawl.headers import HeaderSource

ResponseT = TypeVar("ResponseT", bound="Response")

_NOT_TEXT = "Response content isn't text"
# What belongs to the crawl and not to the page: left out of `to_dict`.
_OF_THE_CRAWL = frozenset({"request", "certificate"})
_LAZY = {"headers": "_headers", "flags": "_flags"}


class Response:
    """What a server sent: `url`, `status`, `headers`, `body` in bytes; `request` is what it answers.

    `certificate` and `ip_address` are those of the server, `protocol` is the text `HTTP/1.1` or `h2`; each is None
    when it is not known. Raises TypeError for a URL or body of the wrong type, ValueError for a
    status that is no number.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_body",
        "_flags",
        "_headers",
        "_parsed_url",
        "_url",
        "certificate",
        "ip_address",
        "protocol",
        "request",
        "status",
    )

    #: What makes up a response: the names of the arguments that `replace` carries over.
    attributes: tuple[str, ...] = (
        "url",
        "status",
        "headers",
        "body",
        "flags",
        "request",
        "certificate",
        "ip_address",
        "protocol",
    )

    def __init__(
        self,
        url: str,
        status: int = 200,
        headers: HeaderSource | None = None,
        body: bytes = b"",
        flags: list[str] | None = None,
        request: Request | None = None,
        certificate: Any = None,
        ip_address: IPv4Address | IPv6Address | None = None,
        protocol: str | None = None,
    ) -> None:
        self._headers = Headers(headers) if headers else None
        self.status = int(status)
        self._set_body(body)
        self._set_url(url)
        self.request = request
        self._flags = list(flags) if flags else None
        self.certificate = certificate
        self.ip_address = ip_address
        self.protocol = protocol
        self._parsed_url: Any = None

    @property
    def url(self) -> str:
        """Where the response came from. Read-only: see `replace`."""
        return self._url

    def _set_url(self, url: str) -> None:
        if not isinstance(url, str):
            raise TypeError(f"{type(self).__name__} url must be str, got {type(url).__name__}")
        self._url = url

    @property
    def body(self) -> bytes:
        """The body as it came, decompressed. Read-only: see `replace`."""
        return self._body

    def _set_body(self, body: bytes | str | None) -> None:
        if body is None:
            self._body = b""
        elif isinstance(body, bytes):
            self._body = body
        else:
            raise TypeError("Response body must be bytes. For text, use TextResponse or HtmlResponse with an encoding.")

    @property
    def headers(self) -> Headers:
        """The headers that came."""
        if self._headers is None:
            self._headers = Headers()
        return self._headers

    @headers.setter
    def headers(self, value: HeaderSource | None) -> None:
        self._headers = value if value is None or isinstance(value, Headers) else Headers(value)

    @property
    def flags(self) -> list[str]:
        """Labels for logs, such as `cached`."""
        if self._flags is None:
            self._flags = []
        return self._flags

    @flags.setter
    def flags(self, value: list[str] | None) -> None:
        self._flags = value

    @property
    def meta(self) -> dict[str, Any]:
        """The `meta` of the request. Raises AttributeError when there is no request."""
        if self.request is None:
            raise AttributeError("Response.meta not available, this response is not tied to any request")
        return self.request.meta

    @property
    def cb_kwargs(self) -> dict[str, Any]:
        """The `cb_kwargs` of the request. Raises AttributeError when there is no request."""
        if self.request is None:
            raise AttributeError("Response.cb_kwargs not available, this response is not tied to any request")
        return self.request.cb_kwargs

    def __repr__(self) -> str:
        return f"<{self.status} {self.url}>"

    def copy(self) -> Self:
        """A response of its own with the same members."""
        return self.replace()

    @overload
    def replace(self, *args: Any, cls: type[ResponseT], **kwargs: Any) -> ResponseT: ...

    @overload
    def replace(self, *args: Any, cls: None = None, **kwargs: Any) -> Self: ...

    def replace(self, *args: Any, cls: type[Response] | None = None, **kwargs: Any) -> Response:
        """The same response with other members where `kwargs` says so, of class `cls` when given."""
        for name in self.attributes:
            if name not in kwargs:
                kwargs[name] = getattr(self, _LAZY.get(name, name))
        return (cls or type(self))(*args, **kwargs)

    def to_dict(self) -> dict[str, Any]:
        """The response as plain values, without what belongs to its crawl (request, certificate).

        `_class` is there when it is not a plain Response; `from_dict` is the way back.
        """
        members: dict[str, Any] = {name: getattr(self, name) for name in self.attributes if name not in _OF_THE_CRAWL}
        members["headers"] = dict(self.headers)
        if type(self) is not Response:
            members["_class"] = f"{type(self).__module__}.{type(self).__qualname__}"
        return members

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> Response:
        """The response that `to_dict` took apart; without `_class`, of the class that its headers and body suggest."""
        from shoal.crawl.response_class import response_from_dict

        return response_from_dict(d)

    def urljoin(self, url: str) -> str:
        """The absolute URL of `url`, relative to where the response came from."""
        return urljoin(self.url, url)

    @property
    def text(self) -> str:
        """The body as text: only text responses have one."""
        raise AttributeError(_NOT_TEXT)

    def css(self, *_args: Any, **_kwargs: Any) -> Any:
        """Only text responses can be selected from."""
        self._not_text()

    def xpath(self, *_args: Any, **_kwargs: Any) -> Any:
        """Only text responses can be selected from."""
        self._not_text()

    def jmespath(self, *_args: Any, **_kwargs: Any) -> Any:
        """Only text responses can be selected from."""
        self._not_text()

    def _not_text(self) -> NoReturn:
        raise NotSupported(_NOT_TEXT)

    def follow(
        self,
        url: str | Link,
        callback: Callable[..., Any] | None = None,
        method: str = "GET",
        headers: HeaderSource | None = None,
        body: bytes | str | None = None,
        cookies: Any = None,
        meta: dict[str, Any] | None = None,
        encoding: str | None = "utf-8",
        priority: int = 0,
        dont_filter: bool = False,
        errback: Callable[..., Any] | None = None,
        cb_kwargs: dict[str, Any] | None = None,
        flags: list[str] | None = None,
    ) -> Request:
        """The request for `url`, which may be relative, or a Link; the other arguments are those of Request.

        Raises ValueError when `url` or `encoding` is None.
        """
        if encoding is None:
            raise ValueError("encoding can't be None")
        target = url.url if isinstance(url, Link) else url
        if target is None:
            raise ValueError("url can't be None")
        return Request(
            self.urljoin(target.strip()),
            callback,
            method,
            headers,
            body,
            cookies,
            meta,
            encoding,
            priority,
            dont_filter,
            errback,
            flags,
            cb_kwargs,
        )

    def follow_all(self, urls: Iterable[str | Link], callback: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
        """The requests for all of `urls`, one by one; the other arguments are those of `follow`.

        Raises TypeError when `urls` is no iterable.
        """
        if not hasattr(urls, "__iter__"):
            raise TypeError("'urls' argument must be an iterable")
        return (self.follow(url, callback, **kwargs) for url in urls)
