"""Stands between a download and its connection: which addresses a request may reach.

The one rule: it is asked with the address that is about to be connected to, for each connection anew, after all names
are resolved; and a connection that a freer request has opened is never used by a bound one.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from shoal.cluster.allowed import VARIABLE, read_allowed
from shoal.crawl.exceptions import AddressRefusedError
from shoal.crawl.policy.addresses import FROM_PUBLIC, is_bound_to_public, network_of, page_network
from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoal.crawl.crawler import Crawler
    from shoal.crawl.policy.addresses import Network
    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.net.targets import TargetSet

_SETTING = "REFUSE_PRIVATE_ADDRESSES"
_guards: WeakKeyDictionary[Any, AddressGuard] = WeakKeyDictionary()


class NotAllowedError(OSError):
    """What a library is told in place of a connection."""


class AddressGuard:
    """The guard of one crawl. `refuse` is "always", "auto" or "never"; `allowed` is all that may be reached."""

    def __init__(self, refuse: str, allowed: TargetSet | None = None, allowed_by: str = "") -> None:
        self._refuse = refuse
        self._allowed = allowed
        self._allowed_by = allowed_by
        #: Where the crawl began; private once it has rightly been at a private address.
        self.network: Network | None = None
        #: Whether a private address has been connected to.
        self.freely = False

    @property
    def idle(self) -> bool:
        """Whether there is nothing to refuse."""
        return self._refuse == "never" and self._allowed is None

    @property
    def wants_origins(self) -> bool:
        """Whether requests are to be marked by where they come from."""
        return self._refuse == "auto"

    def question(self, request: Request) -> Question:
        """What is to be asked for each connection of a request."""
        meta = request._meta
        proxied = bool(meta and meta.get("proxy"))
        if proxied or self._refuse == "never":
            bound = False
        else:
            bound = self._refuse == "always" or is_bound_to_public(meta, self.network)
        return Question(self, bound, proxied)

    def refusal(self, address: str, bound: bool, proxied: bool) -> str | None:
        """Why an address may not be connected to; None when it may."""
        if self._allowed is not None and not _contains(self._allowed, address):
            return f"{address} is not among the targets that this machine allows ({self._allowed_by})"
        if proxied or self._refuse == "never":
            return None
        network = network_of(address)
        if network == "private" and bound:
            return f"{address} is not an address of the internet ({_SETTING})"
        if self.network is None or network == "private":
            self.network = network
            self.freely = network == "private"
        return None


class Question:
    """May this request connect there? `refused` is why an address was turned down; `bound`: public addresses only."""

    __slots__ = ("_guard", "_proxied", "bound", "refused")

    def __init__(self, guard: AddressGuard, bound: bool, proxied: bool) -> None:
        self._guard = guard
        self._proxied = proxied
        self.bound = bound
        self.refused: str | None = None

    def allows(self, address: str) -> bool:
        """Whether the address, a text, may be connected to."""
        refused = self._guard.refusal(address, self.bound, self._proxied)
        if refused is None:
            return True
        self.refused = refused
        return False

    def check(self, address: str) -> None:
        """Raises NotAllowedError unless the address may be connected to."""
        if not self.allows(address):
            raise NotAllowedError(self.refused)

    @property
    def alone(self) -> bool:
        """Whether no connection can be open but to public addresses."""
        return not self._guard.freely

    def error(self, request: Request) -> AddressRefusedError:
        """What is told of a request that was not connected."""
        return AddressRefusedError(f"{request.url}: {self.refused}")


#: The question of the request that is being carried out in this task or thread.
_asking: ContextVar[Question | None] = ContextVar("asking", default=None)


@contextmanager
def asking(question: Question) -> Iterator[None]:
    """Connections that are opened inside belong to this question."""
    token = _asking.set(question)
    try:
        yield
    finally:
        _asking.reset(token)


def check_address(address: str) -> None:
    """Raises NotAllowedError when the request of this task or thread may not connect there."""
    question = _asking.get()
    if question is not None:
        question.check(address)


def guard_of(crawler: Crawler) -> AddressGuard:
    """The guard of a crawl, one for all its handlers. Raises UsageError, and MachineError for a list that fails."""
    guard = _guards.get(crawler)
    if guard is None:
        guard = _guards[crawler] = guard_for(crawler.settings)
    return guard


def guard_for(settings: Any) -> AddressGuard:
    """A guard as the settings and the machine want it. Raises UsageError, and MachineError for a list that fails."""
    path = os.environ.get(VARIABLE)
    return AddressGuard(_mode(settings), read_allowed(path) if path else None, path or "")


def note_origin(response: Response, request: Request, meta: dict[str, Any]) -> None:
    """Mark `meta` when `response`, the answer to `request`, is a page of the internet, else take the mark away."""
    proxied = bool(request._meta and request._meta.get("proxy"))
    cached = bool(response._flags) and "cached" in response.flags
    network = page_network(response.ip_address, response.url, cached=cached, proxied=proxied)
    if network == "public":
        meta[FROM_PUBLIC] = True
    elif network == "private":
        meta.pop(FROM_PUBLIC, None)


def _mode(settings: Any) -> str:
    value = settings.get(_SETTING)
    if isinstance(value, str) and value.strip().lower() == "auto":
        return "auto"
    try:
        return "always" if settings.getbool(_SETTING) else "never"
    except ValueError:
        raise UsageError(f"{_SETTING} is auto, True or False", str(value)) from None


def _contains(allowed: TargetSet, address: str) -> bool:
    text, _, zone = address.partition("%")
    parsed = ip_address(text)
    number = int(parsed)
    return any(
        family.version == parsed.version and family.zone in ("", zone) and family.overlap(number, number)
        for family in allowed.families
    )
