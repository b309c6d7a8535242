"""A database that keeps what a survey found: upserts, runs, and reading it again.

The one rule: each call is one short transaction; when it returns, what it wrote survives `kill -9`.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from shoal.errors import MachineError, UsageError
from shoal.store import runs
from shoal.store.address import database_url, shown
from shoal.store.schema import bring_up_to_date
from shoal.store.upsert import upserts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from sqlalchemy import URL, Connection, Delete, Engine, Select, Table, Update

    from shoal.store.runs import Run
    from shoal.store.schema import Schema

SECONDS_FOR_A_LOCK = 30.0


def _utc() -> datetime:
    """To the second, which is what every database keeps."""
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)


def open_store(where: str, *schemas: Schema, new: bool = True, now: Callable[[], datetime] = _utc) -> Store:
    """The store at a URL or a path, with the tables of these schemas, made or brought up to date.

    With `new` off, a file that is not there is not made. `now` gives times in UTC. Raises UsageError for what names no
    database of ours, MachineError for a database that will not let us in.
    """
    url = database_url(where)
    if not new and _is_file(url) and not os.path.exists(url.database or ""):
        raise UsageError(f"--db: there is no {shown(url)}")
    store = Store(_engine(url), shown(url), now)
    try:
        with store._changing() as connection:
            for schema in schemas:
                bring_up_to_date(connection, schema)
    except BaseException:
        store.close()
        raise
    return store


class Store:
    """An open database. Use it in one thread at a time; `close` it, or use `with`."""

    def __init__(self, engine: Engine, name: str, now: Callable[[], datetime] = _utc) -> None:
        self.name = name
        self.now = now
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def upsert(self, table: Table, rows: Iterable[Mapping[str, Any]], keep: Sequence[str] = ()) -> None:
        """Store rows, all or none: those whose primary key is known are changed, except for the columns in `keep`.

        Columns that a row does not name stay as they are. Raises MachineError when the database will not.
        """
        found = list(rows)
        if not found:
            return
        with self._changing() as connection:
            for statement, batch in upserts(table, found, keep, connection.dialect.name):
                connection.execute(statement, batch)

    def rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        """What a query finds, a dict each."""
        with self._telling(), self._engine.begin() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def change(self, statement: Update | Delete) -> int:
        """Carry out an update or a delete; returns the number of rows."""
        with self._changing() as connection:
            return int(connection.execute(statement).rowcount)

    @contextmanager
    def run(self, survey: str, parameters: Mapping[str, Any]) -> Iterator[Run]:
        """A row of the run table, ended with the block: as the run says, or by the exception that comes out of it."""
        with self._changing() as connection:
            runs.name_the_killed(connection)
            run = runs.begin(connection, survey, parameters, self.now())
        try:
            yield run
        except BaseException as problem:
            run.broken_by(problem)
            raise
        finally:
            with self._changing() as connection:
                runs.end(connection, run, self.now())

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A transaction that has the right to write from its beginning."""
        with self._telling(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What the database says of itself, as one sentence."""
        try:
            yield
        except DBAPIError as problem:
            reason = " ".join(str(problem.orig).split())
            if "file is not a database" in reason:
                raise UsageError(f"--db: {self.name} is a file, but not a database of SQLite") from None
            if isinstance(problem, (OperationalError, InterfaceError)) or problem.connection_invalidated:
                raise MachineError(f"the database {self.name} will not: {reason}") from None
            raise


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def _engine(url: URL) -> Engine:
    options: dict[str, Any] = {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True)}
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=1, **options)
    engine = create_engine(url, connect_args={"timeout": SECONDS_FOR_A_LOCK}, **options)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Transactions are begun by us, so that they also hold what changes tables; readers do not wait for writers."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
