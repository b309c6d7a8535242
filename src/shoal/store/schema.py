"""The tables that every survey's database has, and how a database of an older Shoal becomes one of today.

The one rule: the version that a database has is written in it, and it is brought up to date in one transaction, step
by step; a step may be repeated, because MariaDB commits each change of a table at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, DateTime, Integer, MetaData, String, Table, insert, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from shoal.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

METADATA = MetaData()


def table(name: str, *columns: Column[Any]) -> Table:
    """A table of ours. MariaDB compares texts as people would, "15K" as "15k", unless told to compare characters."""
    return Table(name, METADATA, *columns, mariadb_charset="utf8mb4", mariadb_collate="utf8mb4_bin")


VERSIONS = table(
    "shoal_schemas",
    Column("name", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
)
RUNS = table(
    "runs",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("survey", String(64), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("started", DateTime, nullable=False),
    Column("ended", DateTime),
    Column("status", String(16), nullable=False),
    Column("reason", String(1000)),
    Column("counts", JSON),
    Column("shoal", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one survey; `migrations[i]` makes version i + 2 of version i + 1. It is registered by being passed
    to `open_store`.
    """

    name: str
    tables: tuple[Table, ...]
    migrations: tuple[Callable[[Connection], None], ...] = field(default=())

    @property
    def version(self) -> int:
        """Today's."""
        return len(self.migrations) + 1


def bring_up_to_date(connection: Connection, schema: Schema) -> None:
    """Make the tables that are missing and migrate those that are old.

    Raises UsageError when the database was written by a Shoal that is newer than this one.
    """
    METADATA.create_all(connection, tables=[VERSIONS, RUNS])
    version = connection.scalar(select(VERSIONS.c.version).where(VERSIONS.c.name == schema.name))
    if version is None:
        for table in schema.tables:
            table.create(connection, checkfirst=True)
        connection.execute(insert(VERSIONS).values(name=schema.name, version=schema.version))
        return
    if version > schema.version:
        raise UsageError(
            f"this database was written by a newer Shoal: its {schema.name} have schema {version}, "
            f"and the newest that is known here is {schema.version}"
        )
    for step in schema.migrations[version - 1 :]:
        step(connection)
        version += 1
        connection.execute(update(VERSIONS).where(VERSIONS.c.name == schema.name).values(version=version))


def add_column(connection: Connection, column: Column[Any]) -> None:
    """Add a column of today's table to the table in the database, unless it is there already. For migrations."""
    table = column.table
    assert isinstance(table, Table)
    if column.name in {known["name"] for known in inspect(connection).get_columns(table.name)}:
        return
    quoted = connection.dialect.identifier_preparer.format_table(table)
    written = CreateColumn(column).compile(dialect=connection.dialect)
    connection.execute(text(f"ALTER TABLE {quoted} ADD COLUMN {written}"))
