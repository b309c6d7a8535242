"""The keys of a cluster: a certificate authority of its own, and one certificate that all members share.

Dask checks certificates against the authority, both ways, and no host names; so whoever has `member.key` is a member,
and nobody else. The folder holds `ca.pem`, `member.pem`, `member.key`; these three files make another machine a member.
The authority's own key is thrown away after signing: to change the keys is to make a new folder.

The one rule: private keys are made where they are used, readable by their owner alone, before they have any content.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from shoal.errors import MachineError, UsageError

if TYPE_CHECKING:
    import ssl
    from typing import Any

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

FILES = ("ca.pem", "member.pem", "member.key")
YEARS = 5
_PRIVATE = 0o600


@dataclass(frozen=True)
class Keys:
    """The folder of the three files."""

    folder: Path

    @property
    def ca(self) -> str:
        """Path of the authority's certificate."""
        return str(self.folder / "ca.pem")

    @property
    def certificate(self) -> str:
        """Path of the members' certificate."""
        return str(self.folder / "member.pem")

    @property
    def key(self) -> str:
        """Path of the members' private key."""
        return str(self.folder / "member.key")

    def security(self) -> Any:
        """As `distributed.Security`: encryption required, certificates of both sides checked."""
        from distributed import Security

        roles = {
            f"tls_{role}_{part}": path
            for role in ("scheduler", "worker", "client")
            for part, path in (("cert", self.certificate), ("key", self.key))
        }
        return Security(require_encryption=True, tls_ca_file=self.ca, tls_min_version=_tls_1_3(), **roles)


def default_folder() -> Path:
    """Where keys are looked for: $SHOAL_KEYS, else the user's configuration folder."""
    named = os.environ.get("SHOAL_KEYS")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "shoal" / "cluster"


def read(folder: Path) -> Keys:
    """The keys in a folder. Raises UsageError if they are not there, or the private one may be read by others."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise UsageError(f"there are no cluster keys in {folder}: {', '.join(missing)} missing")
    mode = (folder / "member.key").stat().st_mode
    if mode & 0o077:
        raise UsageError(
            f"{folder / 'member.key'} may be read by others: chmod 600 it, and make new keys if it was seen"
        )
    return Keys(folder)


def made(folder: Path) -> Keys:
    """The keys in a folder, made if there are none. Raises UsageError, MachineError."""
    if not any((folder / name).exists() for name in FILES):
        try:
            _make(folder)
        except OSError as problem:
            raise MachineError.from_os(f"make keys in {folder}", problem) from None
    return read(folder)


def _make(folder: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_key, member_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Shoal cluster authority", authority_key, None, authority_key)
    member = _certificate("Shoal cluster member", member_key, authority, authority_key)
    pem = serialization.Encoding.PEM
    private = member_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(folder / "member.key", private)
    _write(folder / "ca.pem", authority.public_bytes(pem))
    _write(folder / "member.pem", member.public_bytes(pem))


def _certificate(
    name: str, key: EllipticCurvePrivateKey, issuer: Certificate | None, signer: EllipticCurvePrivateKey
) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(
            x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None), critical=True
        )
    )
    if issuer is not None:
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _tls_1_3() -> ssl.TLSVersion:
    import ssl

    return ssl.TLSVersion.TLSv1_3
