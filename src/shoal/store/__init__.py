"""Where surveys keep what they found: a database by SQLAlchemy, an SQLite file unless told otherwise.

The one rule: a row is known by its primary key, so storing it again stores it once.

    with open_store("survey.db", SCHEMA) as store:
        with store.run("salaries", parameters) as run:
            store.upsert(SALARIES, rows)
            run.counts["stored"] = len(rows)
"""

from __future__ import annotations

from shoal.store.database import Store, open_store
from shoal.store.runs import Run
from shoal.store.schema import Schema, add_column, table

__all__ = ["Run", "Schema", "Store", "add_column", "open_store", "table"]
