"""Which addresses are not of the internet, and which requests may lead to one.

The one rule: a page of the internet leads nowhere but to the internet. What counts is the address that is connected
to, never the name: a name may mean another address at every look-up (DNS rebinding).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    Network = Literal["public", "private"]

#: The key in the meta of requests that come from a page of the internet, or were redirected by one.
FROM_PUBLIC = "_from_public"

# Forms of IPv6 addresses that lead to an IPv4 address, with how far that is from the right.
_CARRIERS = (
    (IPv6Network("::/96"), 0),  # RFC 4291, no longer in use
    (IPv6Network("::ffff:0:0/96"), 0),  # RFC 4291
    (IPv6Network("64:ff9b::/96"), 0),  # RFC 6052
    (IPv6Network("2002::/16"), 80),  # RFC 3056
)


def network_of(address: str) -> Network:
    """Whether an address is of the internet: what IANA's registries of special addresses do not call global is not.

    Loopback, RFC 1918, link-local (with the metadata services of clouds), shared, unique local, multicast, reserved.
    An IPv6 address that carries one of IPv4 is what that is. Raises ValueError for what is no address.
    """
    return _network_of(ip_address(address.partition("%")[0]))


@lru_cache(maxsize=4096)
def _network_of(address: IPv4Address | IPv6Address) -> Network:
    meant = _carried(address)
    return "public" if meant.is_global and not meant.is_multicast else "private"


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if address.version == 6:
        for network, shift in _CARRIERS:
            if address in network:
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address


def literal_network(host: str) -> Network:
    """What can be said of a host by its name alone: an address is what it is, localhost is private, others public."""
    try:
        return network_of(host.strip("[]"))
    except ValueError:
        return "private" if host == "localhost" or host.endswith(".localhost") else "public"


def page_network(address: IPv4Address | IPv6Address | None, url: str, *, cached: bool, proxied: bool) -> Network | None:
    """Where a page is from; None when that is not known. What came by way of a proxy counts as the internet's.

    `address` is that of the connection, None where there was none: pages of a cache go by their host's name.
    """
    if proxied:
        return "public"
    if address is not None:
        return _network_of(address)
    return literal_network(urlsplit(url).hostname or "") if cached else None


def is_bound_to_public(meta: Mapping[str, Any] | None, network: Network | None) -> bool:
    """Whether a request may reach public addresses only, where that is decided by what it comes from.

    `network` is the one that the crawl began in: it speaks for requests that nobody knows the origin of, such as those
    for files that an item names.
    """
    if meta is None:
        return network == "public"
    if meta.get(FROM_PUBLIC):
        return True
    if meta.get("is_start_request") or meta.get("depth"):
        return False
    return network == "public"
