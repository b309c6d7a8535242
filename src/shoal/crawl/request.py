"""A request: what to fetch, and who is to get the answer.

The one rule: making one is cheap (1-2 us), so whatever is rarely used (headers, meta, cookies, flags, callback
arguments) is made when it is first read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypedDict, TypeVar, overload

from shoal.crawl.headers import Headers
from shoal.crawl.urls import is_clean, safe_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from shoal.crawl.headers import HeaderSource

CallbackT: TypeAlias = Callable[..., Any]


class _CookieName(TypedDict):
    name: str | bytes
    value: str | bytes | bool | float | int


class VerboseCookie(_CookieName, total=False):
    """One cookie of a request that gives its cookies as a list."""

    domain: str | bytes
    path: str | bytes
    secure: bool


CookiesT: TypeAlias = "dict[str, str] | list[VerboseCookie]"
RequestT = TypeVar("RequestT", bound="Request")


def NO_CALLBACK(*args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG001, N802  Scrapy's name
    """The callback of a request that no spider callback is to get, as those of pipelines and of robots.txt."""
    raise RuntimeError("NO_CALLBACK marks a request without callback; it is not to be called")


# Kept in slots as None until read; `replace` hands on the None instead of making an empty one.
_LAZY = {"headers": "_headers", "cookies": "_cookies", "meta": "_meta", "flags": "_flags", "cb_kwargs": "_cb_kwargs"}


class Request:
    """A request for `url`; its response goes to `callback`, its failure to `errback`.

    `headers` is a mapping or pairs; `cookies` a dict or a list of dicts with name, value, domain, path, secure;
    `meta` a dict for the crawler's parts; `cb_kwargs` the callback's keyword arguments; requests of higher
    `priority` go first; `dont_filter` fetches what has been fetched before.
    Raises ValueError for a URL without scheme, TypeError for an argument of the wrong type.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_body",
        "_cb_kwargs",
        "_cookies",
        "_encoding",
        "_fingerprints",
        "_flags",
        "_headers",
        "_meta",
        "_parsed_url",
        "_url",
        "callback",
        "dont_filter",
        "errback",
        "method",
        "priority",
    )

    #: What makes up a request: the names of the arguments that `replace` and `to_dict` carry over.
    attributes: tuple[str, ...] = (
        "url",
        "callback",
        "method",
        "headers",
        "body",
        "cookies",
        "meta",
        "encoding",
        "priority",
        "dont_filter",
        "errback",
        "flags",
        "cb_kwargs",
    )

    def __init__(
        self,
        url: str,
        callback: CallbackT | None = None,
        method: str = "GET",
        headers: HeaderSource | None = None,
        body: bytes | str | None = None,
        cookies: CookiesT | None = None,
        meta: dict[str, Any] | None = None,
        encoding: str = "utf-8",
        priority: int = 0,
        dont_filter: bool = False,
        errback: Callable[..., Any] | None = None,
        flags: list[str] | None = None,
        cb_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self._encoding = encoding
        self.method = method if method == "GET" else str(method).upper()
        self._meta = dict(meta) if meta else None
        self._set_url(url)
        if body is None:  # the usual case
            self._body = b""
        else:
            self._set_body(body)
        if not isinstance(priority, int):
            raise TypeError(f"Request priority not an integer: {priority!r}")
        self.priority = priority
        if callback is not None and not callable(callback):
            raise TypeError(f"callback must be a callable, got {type(callback).__name__}")
        if errback is not None and not callable(errback):
            raise TypeError(f"errback must be a callable, got {type(errback).__name__}")
        self.callback = callback
        self.errback = errback
        self._cookies: CookiesT | None = cookies or None
        self._headers = Headers(headers, encoding=encoding) if headers else None
        self.dont_filter = dont_filter
        self._cb_kwargs = dict(cb_kwargs) if cb_kwargs else None
        self._flags = list(flags) if flags else None
        self._fingerprints: dict[Any, bytes] | None = None
        self._parsed_url: Any = None

    @property
    def url(self) -> str:
        """The URL as it is sent, quoted (unless `meta["verbatim_url"]`). Read-only: see `replace`."""
        return self._url

    def _set_url(self, url: str) -> None:
        if not isinstance(url, str):
            raise TypeError(f"Request url must be str, got {type(url).__name__}")
        if is_clean(url):
            self._url = url
            return
        verbatim = self._meta is not None and self._meta.get("verbatim_url")
        self._url = url if verbatim else safe_url(url, self._encoding)
        if "://" not in self._url and not self._url.startswith(("about:", "data:")):
            raise ValueError(f"Missing scheme in request url: {self._url}")

    @property
    def body(self) -> bytes:
        """The body that is sent. Read-only: see `replace`."""
        return self._body

    def _set_body(self, body: bytes | str) -> None:
        if isinstance(body, str):
            self._body = body.encode(self._encoding)
        elif isinstance(body, bytes):
            self._body = body
        else:
            raise TypeError(f"Request body must be bytes or str, got {type(body).__name__}")

    @property
    def encoding(self) -> str:
        """The encoding of the URL's query and of text in body and headers."""
        return self._encoding

    @property
    def headers(self) -> Headers:
        """The headers that are sent."""
        if self._headers is None:
            self._headers = Headers(encoding=self._encoding)
        return self._headers

    @headers.setter
    def headers(self, value: HeaderSource | None) -> None:
        if value is None or isinstance(value, Headers):
            self._headers = value
        else:
            self._headers = Headers(value, encoding=self._encoding)

    @property
    def cookies(self) -> CookiesT:
        """The cookies that this request adds to those of its jar."""
        if self._cookies is None:
            self._cookies = {}
        return self._cookies

    @cookies.setter
    def cookies(self, value: CookiesT | None) -> None:
        self._cookies = value

    @property
    def meta(self) -> dict[str, Any]:
        """What the crawler's parts note about this request; it follows it through redirects and retries."""
        if self._meta is None:
            self._meta = {}
        return self._meta

    @meta.setter
    def meta(self, value: dict[str, Any] | None) -> None:
        self._meta = value

    @property
    def cb_kwargs(self) -> dict[str, Any]:
        """The keyword arguments that the callback gets."""
        if self._cb_kwargs is None:
            self._cb_kwargs = {}
        return self._cb_kwargs

    @cb_kwargs.setter
    def cb_kwargs(self, value: dict[str, Any] | None) -> None:
        self._cb_kwargs = value

    @property
    def flags(self) -> list[str]:
        """Labels for logs."""
        if self._flags is None:
            self._flags = []
        return self._flags

    @flags.setter
    def flags(self, value: list[str] | None) -> None:
        self._flags = value

    def __repr__(self) -> str:
        return f"<{self.method} {self.url}>"

    def copy(self) -> Self:
        """A request of its own with the same members; dicts and lists are copied one level deep."""
        return self.replace()

    @overload
    def replace(self, *args: Any, cls: type[RequestT], **kwargs: Any) -> RequestT: ...

    @overload
    def replace(self, *args: Any, cls: None = None, **kwargs: Any) -> Self: ...

    def replace(self, *args: Any, cls: type[Request] | None = None, **kwargs: Any) -> Request:
        """The same request with other members where `kwargs` says so, of class `cls` when given."""
        for name in self.attributes:
            if name not in kwargs:
                kwargs[name] = getattr(self, _LAZY.get(name, name))
        return (cls or type(self))(*args, **kwargs)

    @classmethod
    def from_curl(cls, curl_command: str, ignore_unknown_options: bool = True, **kwargs: Any) -> Self:
        """The request that a curl command line would send; `kwargs` override what it says.

        Options that have no meaning here are ignored with a warning, or raise ValueError.
        """
        from shoal.crawl.curl import curl_to_request_kwargs

        return cls(**{**curl_to_request_kwargs(curl_command, ignore_unknown_options), **kwargs})

    def to_curl(self) -> str:
        """A curl command line that sends this request."""
        from shoal.crawl.curl import request_to_curl

        return request_to_curl(self)

    def to_dict(self, *, spider: Any = None) -> dict[str, Any]:
        """The request as plain values; callbacks become names of methods of `spider`.

        Raises ValueError when a callback is not a method of `spider`. `request_from_dict` is the way back.
        """
        from shoal.crawl.request_dict import request_to_dict

        return request_to_dict(self, spider)


def cookie_list(cookies: CookiesT | Mapping[Any, Any] | Iterable[VerboseCookie]) -> list[VerboseCookie]:
    """Cookies given as a dict or as a list, as the list."""
    if isinstance(cookies, dict):
        return [{"name": name, "value": value} for name, value in cookies.items()]
    return list(cookies)
