"""`--db`: which database is meant, by a URL or by the path of an SQLite file.

The one rule: opens nothing; a password never comes into a message.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from shoal.errors import MachineError, UsageError

_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mariadb+pymysql",
    "mariadb": "mariadb+pymysql",
}
# The module that a driver needs, and the extra that installs it.
_NEEDS = {"psycopg": "postgresql", "pymysql": "mariadb"}


def database_url(text: str) -> URL:
    """The URL of `postgresql://...`, `mariadb://...`, `mysql://...`, `sqlite:///...`, or of a file's path.

    Raises UsageError for anything else, and MachineError when the driver is not installed.
    """
    if not text.strip() or "\0" in text:
        raise UsageError("--db: the database has no name; give a file or a URL such as postgresql://user@host/name")
    if "://" not in text:
        return URL.create("sqlite", database=os.fspath(text))
    name, _, rest = text.partition("://")
    dialect, _, driver = name.lower().partition("+")
    if dialect not in _DRIVERS:
        raise UsageError(f"--db: {name}:// is not a database Shoal knows; there are sqlite, postgresql and mariadb")
    try:
        url = make_url(f"{name.lower() if driver else _DRIVERS[dialect]}://{rest}")
    except (ArgumentError, ValueError):
        raise UsageError(f"--db: the URL that begins with {name}:// cannot be read") from None
    if not url.database:
        raise UsageError(f"--db: {shown(url)} names no database")
    _require_driver(url)
    return url


def shown(url: URL) -> str:
    """The database as messages name it: a file by its path, another without its password."""
    if url.drivername.startswith("sqlite") and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def _require_driver(url: URL) -> None:
    driver = url.get_driver_name()
    if driver in _NEEDS and find_spec(driver) is None:
        raise MachineError(f"--db: this database needs {driver}: pip install 'shoal[{_NEEDS[driver]}]'")
