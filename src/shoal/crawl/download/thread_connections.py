"""The connections of the `requests` library, made as the settings say.

The one rule: a name is resolved here, and each of its addresses is asked about before it is connected to.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from shoal.crawl.download.guard import NotAllowedError, check_address
from shoal.crawl.download.tls import TLSOptions, ssl_context

if TYPE_CHECKING:
    from collections.abc import Callable


class CheckedAdapter(HTTPAdapter):
    """`overrides` are the addresses to use for names."""

    def __init__(self, tls: TLSOptions, local_address: tuple[str, int] | None, overrides: dict[str, str]) -> None:
        self._context = ssl_context(tls)
        self._local_address = local_address
        self._pools = _pool_classes(overrides)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """The pool of direct connections."""
        kwargs["ssl_context"] = self._context
        if self._local_address:
            kwargs["source_address"] = tuple(self._local_address)
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """The pool of connections by way of a proxy."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        if proxy.lower().startswith("http"):
            manager.pool_classes_by_scheme = self._pools
        return manager


def _pool_classes(overrides: dict[str, str]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, overrides, super()._new_conn)

    class Protected(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, overrides, super()._new_conn)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class ProtectedPool(HTTPSConnectionPool):
        ConnectionCls = Protected

    return {"http": PlainPool, "https": ProtectedPool}


def _connected(connection: Any, overrides: dict[str, str], connect: Callable[[], socket.socket]) -> socket.socket:
    """A socket to the first of the host's addresses that may be connected to and answers.

    The library resolves the name it finds in `_dns_host`, so for the while of the connection an address stands there.
    """
    name = connection._dns_host
    problem: Exception | None = None
    try:
        for address in _addresses(connection, overrides.get(name.strip("[]"), name)):
            try:
                check_address(address)
                connection._dns_host = address
                return connect()
            except NotAllowedError as refused:
                problem = NewConnectionError(connection, str(refused))
            except NewConnectionError as failed:
                problem = failed
    finally:
        connection._dns_host = name
    raise problem or NewConnectionError(connection, f"{name} has no address")


def _addresses(connection: Any, host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except socket.gaierror as problem:
        raise NameResolutionError(connection.host, connection, problem) from problem
    return [str(name[0]) for *_, name in found]
