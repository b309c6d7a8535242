"""The file of a job: one SQLite database in the job's directory, and who may open it.

The one rule: whoever has the file open has it alone; the operating system gives it back when the process ends, however
it ends. Writes go to SQLite's log first (WAL): a process that is killed loses no transaction it has committed. A
machine that loses its power may lose the last ones; what is left is whole.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.errors import MachineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "job.sqlite"
VERSION = 1
_SECONDS_TO_WAIT = 0.2  # for somebody who only looks at the file
_TABLES = """
CREATE TABLE IF NOT EXISTS about(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen(fingerprint INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS begun(fingerprint INTEGER PRIMARY KEY, times INTEGER);
CREATE TABLE IF NOT EXISTS slot(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE IF NOT EXISTS kind(id INTEGER PRIMARY KEY, members TEXT);
CREATE TABLE IF NOT EXISTS waiting(
    slot INTEGER, top INTEGER, place INTEGER, url TEXT, referer TEXT, kind, PRIMARY KEY(slot, top, place)
) WITHOUT ROWID;
"""


class JobFile:
    """An open job file. `state` is what is told of the job as a whole: JSON values by name.

    Raises UsageError for a file that another crawl has open, or that is none of ours.
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder, NAME)
        self._db: sqlite3.Connection | None = sqlite3.connect(
            self.path, timeout=_SECONDS_TO_WAIT, isolation_level=None, cached_statements=64
        )
        try:
            self._prepare()
        except sqlite3.Error as problem:
            self.close()
            raise self._sentence(problem) from None
        except UsageError:
            self.close()
            raise
        self.state: dict[str, Any] = self._read_state()

    @property
    def db(self) -> sqlite3.Connection:
        """The database. Raises RuntimeError once the file is closed."""
        if self._db is None:
            raise RuntimeError(f"{self.path} is closed")
        return self._db

    def _prepare(self) -> None:
        db = self.db
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL", "cache_size=-16384"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN IMMEDIATE")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version not in (0, VERSION) or (tables and not version):
            raise UsageError(
                f"{self.path} was written by another version of Shoal (format {version}, this one reads {VERSION}): "
                "go on with that version, or name another directory to begin anew"
            )
        for statement in filter(str.strip, _TABLES.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={VERSION}")
        db.execute("COMMIT")

    def _sentence(self, problem: sqlite3.Error) -> UsageError | MachineError:
        if isinstance(problem, sqlite3.OperationalError):
            if "locked" in str(problem) or "busy" in str(problem):
                return UsageError(f"another crawl is at work in {self.path.parent}: end it first, or name another job")
            return MachineError(f"cannot open {self.path}: {problem}")
        return UsageError(f"{self.path} is no file of a job ({problem}): name another directory")

    def _read_state(self) -> dict[str, Any]:
        row = self.db.execute("SELECT value FROM about WHERE name='state'").fetchone()
        state: dict[str, Any] = json.loads(row[0]) if row else {}
        return state

    def transact(self, *writers: Callable[[sqlite3.Connection], object]) -> None:
        """Let each write, and the state, in one transaction: all of it is there afterwards, or, if it raises, nothing.

        Raises sqlite3.Error when the disk is full or gone.
        """
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        try:
            for write in writers:
                write(db)
            db.execute("INSERT OR REPLACE INTO about VALUES('state', ?)", (json.dumps(self.state),))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Give the file back. Twice is as good as once."""
        if self._db is not None:
            self._db.close()
            self._db = None
