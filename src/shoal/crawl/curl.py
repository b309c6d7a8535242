"""curl command lines read and written: what a browser's "copy as cURL" gives becomes a request, and back.

The one rule: an option that changes what is sent is honoured or named in a warning, never dropped in silence.
"""

from __future__ import annotations

import argparse
import warnings
from http.cookies import SimpleCookie
from shlex import quote, split
from typing import TYPE_CHECKING, Any, NoReturn

from w3lib.http import basic_auth_header

from shoal.crawl.request import cookie_list
from shoal.crawl.urls import add_http_if_no_scheme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoal.crawl.request import Request

# What changes how curl talks or prints, and nothing of what the crawler would send.
_WITHOUT_MEANING = (
    ("--compressed",),
    ("-s", "--silent"),
    ("-v", "--verbose"),
    ("-#", "--progress-bar"),
)


class _DataOption(argparse.Action):
    """Joins the values of all data options with "&", as curl does; a "$" left by the shell's $'...' goes."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002  argparse's signature
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        value = str(values).removeprefix("$")
        before = getattr(namespace, self.dest)
        setattr(namespace, self.dest, value if before is None else f"{before}&{value}")


class _Parser(argparse.ArgumentParser):
    """argparse that raises instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"There was an error parsing the curl command: {message}")


def _parser() -> _Parser:
    parser = _Parser(prog="curl", add_help=False, allow_abbrev=False)
    parser.add_argument("url")
    parser.add_argument("-H", "--header", dest="headers", action="append", default=[])
    parser.add_argument("-X", "--request", dest="method")
    parser.add_argument("-b", "--cookie", dest="cookies", action="append", default=[])
    parser.add_argument("-d", "--data", "--data-raw", dest="data", action=_DataOption)
    parser.add_argument("-u", "--user", dest="auth")
    for names in _WITHOUT_MEANING:
        parser.add_argument(*names, action="store_true")
    return parser


def curl_to_request_kwargs(curl_command: str, ignore_unknown_options: bool = True) -> dict[str, Any]:
    """The arguments of a Request for what a curl command line would send.

    Options without meaning here are ignored with a warning, or raise ValueError; so does what is not a curl command.
    """
    words = split(curl_command)
    if not words or words[0] != "curl":
        raise ValueError('A curl command must start with "curl"')
    options, unknown = _parser().parse_known_args(words[1:])
    if unknown:
        message = f"Unrecognized options: {', '.join(unknown)}"
        if not ignore_unknown_options:
            raise ValueError(message)
        warnings.warn(message, stacklevel=2)
    headers, cookies = _headers_and_cookies(options)
    result = {
        "method": (options.method or ("GET" if options.data is None else "POST")).upper(),
        "url": add_http_if_no_scheme(options.url),
        "headers": headers,
        "cookies": cookies,
        "body": options.data,
    }
    return {name: value for name, value in result.items() if value}


def _headers_and_cookies(options: argparse.Namespace) -> tuple[list[tuple[str, str | bytes]], dict[str, str]]:
    headers: list[tuple[str, str | bytes]] = []
    cookies: dict[str, str] = {}
    for header in options.headers:
        name, _, value = header.partition(":")
        if name.strip().lower() == "cookie":
            cookies.update(_cookies(value))
        else:
            headers.append((name.strip(), value.strip()))
    for text in options.cookies:
        # Without "=" it names a file that curl would read.
        if "=" in text:
            cookies.update(_cookies(text))
    if options.auth:
        user, _, password = options.auth.partition(":")
        headers.append(("Authorization", basic_auth_header(user, password)))
    return headers, cookies


def _cookies(text: str) -> dict[str, str]:
    return {name: morsel.value for name, morsel in SimpleCookie(text.strip()).items()}


def request_to_curl(request: Request) -> str:
    """A curl command line, quoted for a POSIX shell, that sends `request`."""
    parts = ["curl", "-X", request.method, quote(request.url)]
    if request.body:
        parts += ["--data-raw", quote(request.body.decode("utf-8", "surrogateescape"))]
    for name, values in request.headers.items():
        for value in values:
            parts += ["-H", quote(f"{name.decode('latin-1')}: {value.decode('latin-1')}")]
    cookies = "; ".join(f"{_text(one['name'])}={_text(one['value'])}" for one in cookie_list(request.cookies))
    if cookies:
        parts += ["--cookie", _always_quoted(cookies)]
    return " ".join(parts)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _always_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"
