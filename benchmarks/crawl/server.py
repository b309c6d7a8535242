"""nginx in front of a site, on a free loopback port, for as long as a row is measured.

The one rule: one worker, files only, no access log: the server is the same for all crawlers and as cheap as it gets.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.crawl.sites import Site

_CONFIGURATION = """
worker_processes 1; daemon off; {user}
error_log {work}/error.log; pid {work}/nginx.pid; worker_rlimit_nofile 19000;
events {{ worker_connections 8000; }}
http {{
    types {{ text/html html; text/css css; application/javascript js; image/png png; image/svg+xml svg; }}
    default_type application/octet-stream;
    access_log off; sendfile on; tcp_nopush on; server_tokens off; keepalive_requests 100000000;
    open_file_cache max=10000 inactive=600s; open_file_cache_valid 600s;
    client_body_temp_path {work}/a; proxy_temp_path {work}/b; fastcgi_temp_path {work}/c; uwsgi_temp_path {work}/d;
    scgi_temp_path {work}/e;
    server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}
}}
"""
_PATIENCE = 10.0  # seconds for a server to begin to listen


class Web:
    """A ground for contestants: `{origin}` and `{out}` in their commands become the server's URL and the results' file."""

    def __init__(self, origin: str, out: Path, server: int) -> None:
        self.origin = origin
        self.out = out
        self._server = server

    def popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a command; nothing is left of what the one before it has written."""
        self.out.unlink(missing_ok=True)
        self.out.parent.mkdir(parents=True, exist_ok=True)
        filled = [word.replace("{origin}", self.origin).replace("{out}", str(self.out)) for word in command]
        return subprocess.Popen(filled, cwd=self.out.parent, **options)

    def server_cpu(self) -> float:
        """Seconds of processor time that the server and its children have used so far."""
        found = 0.0
        for pid in (self._server, *_children(self._server)):
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(") ", 1)[1].split()
            found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return found


@contextmanager
def serving(program: Path, site: Site, work: Path, out: Path) -> Iterator[Web]:
    """nginx serving a site; `work` is for its own files."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    path = work / "nginx.conf"
    path.write_text(_CONFIGURATION.format(user=user, work=work, port=port, root=site.root), encoding="utf-8")
    with started([str(program), "-c", str(path), "-e", str(work / "error.log")], port, out) as web:
        yield web


@contextmanager
def started(command: Sequence[str], port: int, out: Path) -> Iterator[Web]:
    """A server from its start to its end."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(process, port)
        yield Web(f"http://127.0.0.1:{port}", out, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def free_port() -> int:
    """A loopback port on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]
