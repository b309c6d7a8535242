"""Who we are to a site that asks: a user with a password, or a key.

The one rule: a secret is never an argument of a program, never in a message, a log or a job for another process here;
what travels is where to find it, and it is read where it is needed. Only to another machine, which has neither our
environment nor our files, it travels itself (`taken_along`). It goes to the site it was given for, and no other.
"""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict
from urllib.parse import urlsplit

from shoal.errors import UsageError

if TYPE_CHECKING:
    import argparse

PASSWORD_VARIABLE = "SHOAL_PASSWORD"  # noqa: S105  the name of a variable


class Secret(str):
    """One that no message shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class Credentials(TypedDict):
    """Plain data: `site` as "http://host:port"; `user` is "" for a key; the secret is in a `file` or a `variable`.

    On another machine it is in `secret`.
    """

    site: str
    user: str
    file: str
    variable: str
    secret: NotRequired[Secret]


def taken_along(credentials: Credentials | None) -> Credentials | None:
    """The credentials for another machine, with the secret; the caller knows that nobody else can read it there."""
    return None if credentials is None else {**credentials, "secret": Secret(_secret(credentials))}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    group = parser.add_argument_group("for sites that ask who you are")
    group.add_argument(
        "--user", metavar="NAME", help=f"with the password in ${PASSWORD_VARIABLE} or in --password-file (HTTP Basic)"
    )
    group.add_argument("--password-file", metavar="FILE", help="a file whose first line is the password")
    group.add_argument("--key-file", metavar="FILE", help="a file whose first line is a key (Authorization: Bearer)")


def from_arguments(arguments: argparse.Namespace, site: str) -> Credentials | None:
    """What the options say, None when they say nothing. Raises UsageError for a secret that is not there."""
    user, password_file, key_file = arguments.user, arguments.password_file, arguments.key_file
    if not (user or password_file or key_file):
        return None
    if key_file and (user or password_file):
        raise UsageError("--key-file and --user are two ways to say who you are: give one of them")
    if not key_file and not user:
        raise UsageError("--password-file: whose password is it? give --user, too")
    if user and ":" in user:
        raise UsageError("--user: the name of a user has no colon")
    variable = "" if key_file or password_file else PASSWORD_VARIABLE
    credentials = Credentials(
        site=origin(site), user=user or "", file=key_file or password_file or "", variable=variable
    )
    header(credentials)
    return credentials


def origin(url: str) -> str:
    """The site of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def headers_for(url: str, credentials: Credentials | None) -> dict[str, str]:
    """The header for a request to `url`; empty for another site."""
    if credentials is None or origin(url) != credentials["site"]:
        return {}
    return {"Authorization": header(credentials)}


def header(credentials: Credentials) -> str:
    """The value of Authorization. Raises UsageError when the secret is not where it should be."""
    secret = _secret(credentials)
    if not credentials["user"]:
        return f"Bearer {secret}"
    return "Basic " + b64encode(f"{credentials['user']}:{secret}".encode()).decode("ascii")


def refused_by(status: int, credentials: Credentials | None, url: str) -> UsageError | None:
    """The sentence for a status by which a site turns us away; None for other statuses."""
    if status != 401 and not (status == 403 and credentials is not None):
        return None
    if credentials is None or credentials["site"] != origin(url):
        return UsageError(f"{origin(url)} asks who you are (status {status}): give --user or --key-file")
    if credentials["user"]:
        where = credentials["file"] or f"${credentials['variable']}"
        who = f"the user {credentials['user']!r} with the password in {where}"
    else:
        who = f"the key in {credentials['file']}"
    return UsageError(f"{origin(url)} refuses {who} (status {status})")


def _secret(credentials: Credentials) -> str:
    if "secret" in credentials:
        return credentials["secret"]
    if credentials["variable"]:
        secret = os.environ.get(credentials["variable"], "")
        if not secret:
            raise UsageError(f"--user: there is no password: set ${credentials['variable']} or give --password-file")
    else:
        secret = _first_line(credentials["file"])
    if not secret.isprintable():
        raise UsageError("a password or key of printable characters is needed")
    return secret


def _first_line(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            secret = file.readline().strip("\r\n")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no text"
        raise UsageError(f"cannot read the secret in {path}: {reason}") from None
    if not secret:
        raise UsageError(f"the first line of {path} is empty; it should be the password or key")
    return secret
