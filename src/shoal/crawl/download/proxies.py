"""Credentials for proxies.

The one rule: they stand in the Proxy-Authorization header of a request, and go to the proxy alone.
"""

from __future__ import annotations

from base64 import b64decode


def basic_credentials(authorization: bytes) -> bytes:
    """`user:password` of a Basic header, all that some ways to a proxy know. Raises ValueError for others."""
    scheme, _, credentials = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        raise ValueError(f"this way to the proxy takes a name and a password only, got {scheme.decode('latin-1')}")
    return b64decode(credentials)
