"""The table of the image survey: the manifest of a folder as rows.

The one rule: the manifest counts, and the table follows it. An address is known within its folder by its hash, because
an address may be longer than a key.
"""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, String, Text, select

from shoal.store import Schema, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shoal.store import Store

IMAGES = table(
    "images",
    Column("folder", String(255), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("address", Text, nullable=False),
    Column("found_on", Text),
    Column("outcome", String(16), nullable=False),
    Column("path", String(255)),
    Column("duplicate_of", Text),
    Column("why", String(300)),
    Column("sha256", String(64)),
    Column("bytes", BigInteger),
    Column("type", String(8)),
    Column("width", Integer),
    Column("height", Integer),
    Column("thumbnail", String(255)),
    Column("run", Integer, nullable=False),
    Column("seen", DateTime, nullable=False),
)
SCHEMA = Schema("images", (IMAGES,))
_OF_MANIFEST = tuple(column.name for column in IMAGES.c if column.name not in ("folder", "id", "run", "seen"))


def row_of(line: Mapping[str, Any], folder: str, run: int, now: datetime) -> dict[str, Any]:
    """The row of a line of the manifest."""
    number = sha1(line["address"].encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    found = {name: line.get(name) for name in _OF_MANIFEST}
    return {**found, "folder": folder[-255:], "id": number, "run": run, "seen": now}


def survey_rows(store: Store, folder: str = "") -> list[dict[str, Any]]:
    """All that is stored, of one folder if it is named; by folder and address."""
    query = select(IMAGES).order_by(IMAGES.c.folder, IMAGES.c.id)
    return store.rows(query.where(IMAGES.c.folder == folder[-255:]) if folder else query)
