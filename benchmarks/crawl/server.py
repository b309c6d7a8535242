"""nginx in front of a site, on a free loopback port, for as long as a row is measured.

The one rule: one worker, files only, no access log: the server is the same for all crawlers and as cheap as it gets.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.crawl.sites import Site

SLOW_SERVER = Path(__file__).with_name("slow_server.py")
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
_PATIENCE = 20.0  # seconds for a server to begin to listen


class Web:
    """A ground for contestants: in their commands `{out}` becomes the results' file, `{origin}` the server's URL.

    `{slow}` becomes the URL of the same pages that take their time, where there are such.
    """

    def __init__(self, out: Path, **origins: str) -> None:
        self.out = out
        self._places = {f"{{{name}}}": origin for name, origin in origins.items()} | {"{out}": str(out)}

    def popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a command; nothing is left of what the one before it has written."""
        self.out.unlink(missing_ok=True)
        self.out.parent.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen([self._filled(word) for word in command], cwd=self.out.parent, **options)

    def _filled(self, word: str) -> str:
        for place, text in self._places.items():
            word = word.replace(place, text)
        return word


@contextmanager
def serving(program: Path, site: Site, work: Path, out: Path) -> Iterator[Web]:
    """nginx serving a site; `work` is for its own files."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    path = work / "nginx.conf"
    path.write_text(_CONFIGURATION.format(user=user, work=work, port=port, root=site.root), encoding="utf-8")
    with started([str(program), "-c", str(path), "-e", str(work / "error.log")], port):
        yield Web(out, origin=f"http://127.0.0.1:{port}")


@contextmanager
def slowly_serving(site: Site, out: Path) -> Iterator[Web]:
    """A server of ours in front of a site, at once and slowly."""
    fast, slow = free_port(), free_port()
    command = [sys.executable, str(SLOW_SERVER), str(site.root), str(fast), str(slow)]
    with started(command, slow):
        yield Web(out, origin=f"http://127.0.0.1:{fast}", slow=f"http://127.0.0.1:{slow}")


@contextmanager
def started(command: Sequence[str], port: int) -> Iterator[None]:
    """A server from its start to its end."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(process, port)
        yield
    finally:
        process.terminate()
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
