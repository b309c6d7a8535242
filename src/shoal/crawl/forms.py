"""Requests that submit a form: made from data, or from a form on a page as a browser would fill it in.

The one rule: what the caller gives overrides what the page says; None takes a field out.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias
from urllib.parse import urlencode, urlsplit, urlunsplit

from shoal.crawl.exceptions import ScrapyDeprecationWarning
from shoal.crawl.form_page import find_form, form_fields, form_url
from shoal.crawl.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from shoal.crawl.response import TextResponse

FormData: TypeAlias = "dict[str, str | Iterable[str]] | Iterable[tuple[str, str | Iterable[str]]]"


class FormRequest(Request):
    """A request that submits `formdata`: by POST as its body, or by GET as the URL's query.

    `formdata` is a mapping or pairs; a list as a value gives the field several times. The method is POST unless given.
    """

    __slots__ = ()

    valid_form_methods: ClassVar[list[str]] = ["GET", "POST"]

    def __init__(self, *args: Any, formdata: FormData | None = None, **kwargs: Any) -> None:
        if formdata and kwargs.get("method") is None:
            kwargs["method"] = "POST"
        super().__init__(*args, **kwargs)
        if formdata:
            self._set_form(_pairs(formdata))

    def _set_form(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        query = urlencode([(_bytes(k, self.encoding), _bytes(v, self.encoding)) for k, v in _flat(pairs)])
        if self.method == "POST":
            self.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            self._set_body(query)
        else:
            self._set_url(urlunsplit(urlsplit(self.url)._replace(query=query)))

    @classmethod
    def from_response(
        cls,
        response: TextResponse,
        formname: str | None = None,
        formid: str | None = None,
        formnumber: int = 0,
        formdata: FormData | None = None,
        clickdata: dict[str, str | int] | None = None,
        dont_click: bool = False,
        formxpath: str | None = None,
        formcss: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """The request that a form of the page would send, its fields as the page has them unless `formdata` says else.

        The form is found by name, by id, by XPath, by CSS, or by its number. The first button is clicked unless
        `dont_click`, or the one that has the attributes in `clickdata` (or the number `nr`).
        Raises ValueError when there is no such form or button, IndexError when there is no such number.
        """
        warnings.warn(
            "FormRequest.from_response() is deprecated by Scrapy in favor of form2request; Shoal keeps it.",
            ScrapyDeprecationWarning,
            stacklevel=2,
        )
        kwargs.setdefault("encoding", response.encoding)
        form = find_form(response, formname, formid, formnumber, formxpath, formcss)
        fields = form_fields(form, _given(formdata), dont_click, clickdata)
        url = form_url(form, kwargs.pop("url", None))
        method = kwargs.pop("method", form.method)
        if method is not None:
            method = method.upper()
            method = method if method in cls.valid_form_methods else "GET"
        return cls(url=url, method=method, formdata=fields, **kwargs)


def _pairs(formdata: FormData) -> Iterable[tuple[Any, Any]]:
    return formdata.items() if isinstance(formdata, dict) else formdata


def _given(formdata: Any) -> list[tuple[Any, Any]]:
    """What the caller gives, as pairs. Raises ValueError when it is neither a dict nor pairs."""
    try:
        pairs = list(_pairs(formdata or ()))
        dict(pairs)
    except (TypeError, ValueError):
        raise ValueError("formdata should be a dict or iterable of tuples") from None
    return pairs


def _flat(pairs: Iterable[tuple[Any, Any]]) -> Iterable[tuple[Any, Any]]:
    for key, value in pairs:
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            yield key, value
        else:
            yield from ((key, one) for one in value)


def _bytes(value: Any, encoding: str) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise TypeError(f"form data must be str or bytes, got {type(value).__name__}")
    return value.encode(encoding)
