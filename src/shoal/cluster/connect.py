"""From an address to a cluster, or to one sentence that says why not.

The one rule: `tls://` means our certificate is shown and theirs is checked; without TLS only loopback is spoken to,
unless the user insists.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shoal.cluster import keys
from shoal.errors import MachineError, UsageError

if TYPE_CHECKING:
    from distributed import Client

    from shoal.cluster.keys import Keys

PORT = 8786
PATIENCE = 10.0
"""Seconds for a scheduler to answer."""
FIRST_WORD_SECONDS = 3.0


def checked(address: str, insecure: bool = False) -> tuple[str, str, int]:
    """Scheme, host and port of a scheduler's address. Raises UsageError."""
    parts = urlsplit(address)
    try:
        port = parts.port or PORT
    except ValueError:
        raise UsageError(f"the port in {address} is none", address) from None
    if parts.scheme not in ("tls", "tcp") or not parts.hostname:
        raise UsageError(f"{address} is not the address of a scheduler", address, hint=f"tls://HOST:{PORT}")
    if parts.scheme == "tcp" and not insecure and not is_loopback(parts.hostname):
        raise UsageError(
            f"{address} is neither encrypted nor on this machine: whoever is in between could run code at both ends",
            address,
            0,
            len("tcp"),
            hint="tls:// (or, knowing that, --insecure)",
        )
    return parts.scheme, parts.hostname, port


def is_loopback(host: str) -> bool:
    """Whether it is this machine's loopback, by its address or as `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def knock(address: str, folder: Path | None = None, insecure: bool = False) -> Keys | None:
    """Whether a scheduler speaks with us at that address; the keys that are wanted for it.

    Raises UsageError for an address or keys that are no good, MachineError for silence.
    """
    scheme, host, port = checked(address, insecure)
    known = keys.read(folder or keys.default_folder()) if scheme == "tls" else None
    _knock(address, host, port, known)
    return known


def connect(address: str, folder: Path | None = None, insecure: bool = False) -> Client:
    """A client of the cluster. Raises UsageError for an address or keys that are no good, MachineError for silence."""
    known = knock(address, folder, insecure)
    scheme, host, port = checked(address, insecure)
    try:
        from distributed import Client
    except ImportError:
        raise MachineError("a cluster needs the extra: pip install 'shoal[cluster]'") from None
    try:
        return Client(
            f"{scheme}://{host}:{port}",
            security=known.security() if known else None,
            timeout=PATIENCE,
            set_as_default=False,
        )
    except (OSError, TimeoutError) as problem:
        raise MachineError(f"the cluster at {address} does not speak with us ({problem})") from None


def _knock(address: str, host: str, port: int, known: Keys | None) -> None:
    """Say what is wrong before Dask tries, in vain, for half a minute."""
    try:
        with socket.create_connection((host, port), PATIENCE) as plain:
            if known is None:
                _listen(address, plain)
            else:
                _shake_hands(address, plain, known)
    except ssl.SSLError as problem:
        raise UsageError(
            f"the cluster at {address} refuses our key, or has none of our authority ({_reason(problem)})"
        ) from None
    except OSError as problem:
        raise MachineError(f"nobody answers at {address}: {problem.strerror or problem}") from None


def _listen(address: str, plain: socket.socket) -> None:
    """A scheduler speaks first; who waits for us wants something else."""
    plain.settimeout(FIRST_WORD_SECONDS)
    try:
        if plain.recv(1):
            return
    except TimeoutError:
        pass
    raise MachineError(f"there is no scheduler without encryption at {address}; does it want tls://?")


def _shake_hands(address: str, plain: socket.socket, known: Keys) -> None:
    """Check both certificates; a refusal of ours comes with the first bytes after the handshake (RFC 8446, 4.4.4)."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=known.ca)
    context.check_hostname = False
    context.load_cert_chain(known.certificate, known.key)
    with context.wrap_socket(plain) as shaken:
        if not shaken.recv(1):
            raise MachineError(f"the scheduler at {address} hung up")


def _reason(problem: ssl.SSLError) -> str:
    return (problem.reason or str(problem)).lower().replace("_", " ")
