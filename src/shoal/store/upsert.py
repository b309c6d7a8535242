"""INSERT that changes the row that is there, in the words of each database.

The one rule: pure; rows are told apart by the table's primary key, and of several with one key the last one counts.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Insert, Table

# A NUL, which PostgreSQL has no place for, and halves of characters, which no encoding has.
_NOT_STORABLE = {0: None, **dict.fromkeys(range(0xD800, 0xE000))}


def upserts(
    table: Table, rows: Iterable[Mapping[str, Any]], keep: Sequence[str], dialect: str
) -> Iterator[tuple[Insert, list[dict[str, Any]]]]:
    """Statements and their rows: rows that name the same columns go together.

    Raises ValueError for a row without its whole key, or with a column that the table does not have.
    """
    kinds: dict[tuple[str, ...], dict[tuple[Any, ...], dict[str, Any]]] = {}
    key = [column.name for column in table.primary_key]
    for row in rows:
        clean = {name: _storable(value) for name, value in row.items()}
        _check(table, key, clean)
        kinds.setdefault(tuple(sorted(clean)), {})[tuple(clean[name] for name in key)] = clean
    for names, batch in kinds.items():
        changed = tuple(name for name in names if name not in key and name not in keep)
        yield _statement(table, tuple(key), changed, dialect), list(batch.values())


def _check(table: Table, key: Sequence[str], row: Mapping[str, Any]) -> None:
    if missing := [name for name in key if row.get(name) is None]:
        raise ValueError(f"a row for {table.name} has no {', '.join(missing)}: {row}")
    if unknown := [name for name in row if name not in table.c]:
        raise ValueError(f"{table.name} has no column {', '.join(unknown)}")


@lru_cache(maxsize=256)
def _statement(table: Table, key: tuple[str, ...], changed: tuple[str, ...], dialect: str) -> Insert:
    """A row whose key is known has the `changed` columns changed; nothing, if there are none."""
    if dialect in ("mysql", "mariadb"):
        return _for_mariadb(table, key, changed)
    insert = _dialect("postgresql" if dialect == "postgresql" else "sqlite").insert(table)
    if not changed:
        nothing: Insert = insert.on_conflict_do_nothing(index_elements=key)
        return nothing
    values = {name: insert.excluded[name] for name in changed}
    updating: Insert = insert.on_conflict_do_update(index_elements=key, set_=values)
    return updating


def _for_mariadb(table: Table, key: Sequence[str], changed: Sequence[str]) -> Insert:
    insert = _dialect("mysql").insert(table)
    values = {name: insert.inserted[name] for name in changed}
    # A column that is set to itself: the way to change nothing without hiding other errors.
    updating: Insert = insert.on_duplicate_key_update(values or {key[0]: table.c[key[0]]})
    return updating


def _dialect(name: str) -> Any:
    """The dialect alone that is needed: all three take a tenth of a second to load."""
    return import_module(f"sqlalchemy.dialects.{name}")


def _storable(value: Any) -> Any:
    return value.translate(_NOT_STORABLE) if isinstance(value, str) else value
