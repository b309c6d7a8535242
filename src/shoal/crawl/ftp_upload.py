"""Files sent to FTP servers, plain or over TLS.

The one rule: directories that are missing are made, and the connection is closed whatever happens.
"""

from __future__ import annotations

import posixpath
import ssl
from ftplib import FTP, FTP_TLS, error_perm
from posixpath import dirname
from typing import IO


def ftp_makedirs_cwd(ftp: FTP, path: str, first_call: bool = True) -> None:
    """Make `path` the current directory, and make it and its parents where they are missing."""
    del first_call
    try:
        ftp.cwd(path)
    except error_perm:
        parent = dirname(path)
        if parent in ("", path):
            raise
        ftp_makedirs_cwd(ftp, parent)
        ftp.mkd(path)
        ftp.cwd(path)


def ftp_connect(host: str, port: int, username: str, password: str, *, passive: bool = True, tls: bool = False) -> FTP:
    """A connection after log-in; with `tls` the server's certificate is verified and data are encrypted, too."""
    ftp = FTP_TLS(context=ssl.create_default_context()) if tls else FTP()  # noqa: S321  the user asks for FTP
    try:
        ftp.connect(host, port)
        ftp.login(username, password)
        if isinstance(ftp, FTP_TLS):
            ftp.prot_p()
        ftp.set_pasv(passive)
    except BaseException:
        ftp.close()
        raise
    return ftp


def ftp_store_file(
    *,
    path: str,
    file: IO[bytes],
    host: str,
    port: int,
    username: str,
    password: str,
    use_active_mode: bool = False,
    overwrite: bool = True,
    tls: bool = False,
) -> None:
    """Send `file` from its beginning to `path`, replacing or appending, and close it."""
    with file, ftp_connect(host, port, username, password, passive=not use_active_mode, tls=tls) as ftp:
        file.seek(0)
        directory, name = posixpath.split(path)
        ftp_makedirs_cwd(ftp, directory or "/")
        ftp.storbinary(f"{'STOR' if overwrite else 'APPE'} {name}", file)
