"""What the settings say about TLS, checked once.

The one rule: certificates are verified unless DOWNLOAD_VERIFY_CERTIFICATES says otherwise.
"""

from __future__ import annotations

import logging
import os
import ssl
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoal.crawl.settings import BaseSettings

# Scrapy's name of the logger: people search their logs for it.
logger = logging.getLogger("scrapy.core.downloader.tls")

VERSIONS = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_NO_LIST_OF_OURS = (None, "", "DEFAULT")


class TLSOptions:
    """`verify`, `minimum` and `maximum` (names as in VERSIONS, or None), `ciphers` (OpenSSL's list, or None)."""

    def __init__(self, settings: BaseSettings) -> None:
        """Raises ValueError for a version that there is not."""
        self.verify: bool = settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        self.minimum = _version(settings, "DOWNLOAD_TLS_MIN_VERSION")
        self.maximum = _version(settings, "DOWNLOAD_TLS_MAX_VERSION")
        ciphers = settings.get("DOWNLOADER_CLIENT_TLS_CIPHERS")
        self.ciphers: str | None = None if ciphers in _NO_LIST_OF_OURS else ciphers
        self.verbose: bool = settings.getbool("DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING")
        self.key_log = _key_log()


def _version(settings: BaseSettings, name: str) -> str | None:
    version: str | None = settings.get(name)
    if version and version not in VERSIONS:
        raise ValueError(f"Unknown {name} value: {version} (known: {', '.join(VERSIONS)})")
    return version or None


def _key_log() -> str | None:
    """SSLKEYLOGFILE is for debugging: a file that cannot be written is told, and no reason to fail."""
    path = None if sys.flags.ignore_environment else os.environ.get("SSLKEYLOGFILE")
    if not path:
        return None
    try:
        with open(path, "ab"):
            return path
    except OSError as problem:
        logger.warning(f"Cannot write TLS session keys to SSLKEYLOGFILE {path}: {problem.strerror}")
        return None


def authorities() -> str | None:
    """The file of the certificate authorities that are trusted: SSL_CERT_FILE, certifi's, the system's."""
    named = os.environ.get("SSL_CERT_FILE")
    if named:
        return named
    try:
        import certifi
    except ImportError:
        return ssl.get_default_verify_paths().cafile
    return certifi.where()


def _trust(context: ssl.SSLContext) -> None:
    file = authorities()
    if file:
        context.load_verify_locations(cafile=file)
    else:
        context.load_default_certs()


def ssl_context(options: TLSOptions) -> ssl.SSLContext:
    """What Python's own TLS needs to follow the options."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if options.key_log:
        context.keylog_filename = options.key_log
    if options.verify:
        _trust(context)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    if options.ciphers:
        context.set_ciphers(options.ciphers)
    if options.minimum:
        context.minimum_version = VERSIONS[options.minimum]
    if options.maximum:
        context.maximum_version = VERSIONS[options.maximum]
    return context
