"""The lease frontier in a file: what waits outlives every process, and several processes may share it.

The one rule: every call is one transaction. It is whole after a kill; after a loss of power the last ones may be gone,
in their order. Fingerprints are kept as 8 bytes (see `seen`). An entry leaves the file when it is done.

`now` should be the wall clock here: the file may be read by a process that was started later.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from shoal.crawl.frontier.leases import AT_ONCE, Ack, Entry, Lease, LeaseStats
from shoal.crawl.frontier.seen import number_of
from shoal.errors import MachineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

VERSION = 101  # of another kind of file than a job's of one process
SECONDS_TO_WAIT = 30.0  # for the transactions of other processes
_MOST_HOSTS_KNOWN = 100_000
_TABLES = f"""
CREATE TABLE IF NOT EXISTS seen(fingerprint INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS waiting(
    host INTEGER, token INTEGER, top INTEGER, number INTEGER, data TEXT, PRIMARY KEY(host, token, top, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS host(
    id INTEGER PRIMARY KEY, name TEXT UNIQUE, owner TEXT NOT NULL DEFAULT '', next_allowed REAL NOT NULL DEFAULT 0,
    delay REAL NOT NULL DEFAULT 0, turn INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 0,
    leases INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS host_turn ON host(owner, turn) WHERE waiting > 0;
CREATE INDEX IF NOT EXISTS host_pause ON host(next_allowed) WHERE waiting > 0;
CREATE TABLE IF NOT EXISTS lease(
    token INTEGER PRIMARY KEY, host INTEGER, worker TEXT, ends REAL, size INTEGER
);
CREATE INDEX IF NOT EXISTS lease_host ON lease(host);
CREATE INDEX IF NOT EXISTS lease_ends ON lease(ends);
CREATE TABLE IF NOT EXISTS numbers(
    id INTEGER PRIMARY KEY, added INTEGER, done INTEGER, returned INTEGER, stale INTEGER, token INTEGER, turn INTEGER
);
INSERT OR IGNORE INTO numbers VALUES(1, 0, 0, 0, 0, 0, 0);
CREATE TABLE IF NOT EXISTS about(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
PRAGMA user_version={VERSION};
"""
_READY = f"""
SELECT turn, id, name, delay FROM host WHERE owner=? AND waiting > 0 AND next_allowed <= ? AND
(leases < {AT_ONCE} OR (SELECT count(*) FROM lease WHERE lease.host=host.id AND worker=?) < {AT_ONCE})
ORDER BY turn LIMIT ?
"""  # noqa: S608  a number of ours
_FIRST = "SELECT top, number, data FROM waiting WHERE host=? AND token=0 ORDER BY top, number LIMIT ?"
_TAKE = "UPDATE waiting SET token=? WHERE host=? AND token=0 AND (top, number) <= (?, ?)"
_GIVE = "UPDATE host SET owner=?, turn=?, waiting=waiting-?, leases=leases+1 WHERE id=?"
_BACK = "UPDATE host SET owner=iif(owner=?, '', owner), waiting=waiting+?, leases=leases-1 WHERE id=?"
_ADDED = "UPDATE host SET turn=iif(waiting, turn, ?), waiting=waiting+? WHERE id=?"
_ACKED = (
    "UPDATE host SET waiting=waiting+?, leases=leases-1, delay=coalesce(?, delay), "
    "next_allowed=max(next_allowed, ?) WHERE id=?"
)


class SqliteLeases:
    """A LeaseFrontier in the file at `path`.

    `alone`: no other process is to open it (it is locked as long as this one has it), and leases that stand in it are
    those of a process that is gone: they end. Raises UsageError for a file that another process has alone, or that is
    none of ours, MachineError where it cannot be opened.
    """

    def __init__(self, path: str | Path, *, alone: bool = False) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(
                path, timeout=0.2 if alone else SECONDS_TO_WAIT, isolation_level=None, cached_statements=64
            )
        except sqlite3.Error as problem:
            raise MachineError(f"cannot open {path}: {problem}") from None
        # Hosts that were leased when the file was left, and their delays; known to who has it `alone`.
        self.interrupted: list[tuple[str, float]] = []
        # Names of hosts -> their numbers; never changed once given.
        self._hosts: dict[str, int] = {}
        try:
            self._prepare(alone)
        except sqlite3.OperationalError as problem:
            self._db.close()
            if "locked" in str(problem):
                raise UsageError(f"another crawl is at work in {path}: end it first, or name another one") from None
            raise MachineError(f"cannot open {path}: {problem}") from None
        except (sqlite3.DatabaseError, UsageError) as problem:
            self._db.close()
            raise UsageError(f"{path} is no file of a frontier: {problem}") from None

    def _prepare(self, alone: bool) -> None:
        db = self._db
        if alone:
            db.execute("PRAGMA locking_mode=EXCLUSIVE")
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536", "temp_store=MEMORY"):
            db.execute(f"PRAGMA {pragma}")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise UsageError(f"its format is {version}, this Shoal reads {VERSION}")
        db.execute("BEGIN IMMEDIATE")
        for statement in filter(str.strip, _TABLES.split(";")):
            db.execute(statement)
        if alone:
            told = "SELECT DISTINCT name, delay FROM lease JOIN host ON host.id = lease.host"
            self.interrupted = db.execute(told).fetchall()
            for host, worker in db.execute("SELECT DISTINCT host, worker FROM lease").fetchall():
                self._take_from(host, worker)
            db.execute("UPDATE host SET owner='' WHERE owner<>''")
        db.execute("COMMIT")

    def add(self, entries: Iterable[Entry]) -> int:
        """Take entries; how many of them were new."""
        with _Transaction(self._db, self._hosts) as db:
            first, turn = db.execute("SELECT added, turn FROM numbers").fetchone()
            number: int = first
            counts, rows = dict[int, int](), []
            for name, data, fingerprint, priority in entries:
                if fingerprint is not None and self._is_known(fingerprint):
                    continue
                number += 1
                host = self._hosts.get(name) or self._number(name)
                counts[host] = counts.get(host, 0) + 1
                rows.append((host, -priority, number, data))
            db.executemany("INSERT INTO waiting VALUES(?, 0, ?, ?, ?)", rows)
            turns = enumerate(counts.items(), turn + 1)
            db.executemany(_ADDED, [(place, count, host) for place, (host, count) in turns])
            db.execute("UPDATE numbers SET added=?, turn=turn+?", (number, len(counts)))
            new: int = number - first
        return new

    def _is_known(self, fingerprint: bytes) -> bool:
        key = (number_of(fingerprint),)
        return not self._db.execute("INSERT OR IGNORE INTO seen VALUES(?)", key).rowcount

    def _number(self, name: str) -> int:
        if len(self._hosts) >= _MOST_HOSTS_KNOWN:
            self._hosts.clear()
        self._db.execute("INSERT OR IGNORE INTO host(name) VALUES(?)", (name,))
        found: int = self._db.execute("SELECT id FROM host WHERE name=?", (name,)).fetchone()[0]
        self._hosts[name] = found
        return found

    def lease(
        self, worker: str, hosts: int, per_host: int, ttl: float, now: float, *, shared: bool = False
    ) -> list[Lease]:
        """At most `hosts` leases for a worker, each of another host and of 1 to `per_host` entries."""
        given: list[Lease] = []
        with _Transaction(self._db, self._hosts) as db:
            self._end_overdue(now)
            ready = [row for owner in (worker, "") for row in db.execute(_READY, (owner, max(now, 0.0), worker, hosts))]
            token, turn = db.execute("SELECT token, turn FROM numbers").fetchone()
            for _, host, name, delay in sorted(ready)[:hosts]:
                token, turn = token + 1, turn + 1
                rows = db.execute(_FIRST, (host, per_host)).fetchall()
                db.execute(_TAKE, (token, host, *rows[-1][:2]))
                db.execute(_GIVE, ("" if shared else worker, turn, len(rows), host))
                db.execute("INSERT INTO lease VALUES(?, ?, ?, ?, ?)", (token, host, worker, now + ttl, len(rows)))
                given.append(Lease(token, name, tuple([row[2] for row in rows]), delay))
            if given:
                db.execute("UPDATE numbers SET token=?, turn=?", (token, turn))
        return given

    def _end_overdue(self, now: float) -> None:
        overdue = self._db.execute("SELECT DISTINCT host, worker FROM lease WHERE ends <= ?", (now,)).fetchall()
        for host, worker in overdue:
            self._take_from(host, worker)

    def _take_from(self, host: int, worker: str) -> int:
        """End the worker's leases of a host, which is nobody's from now on. How many entries wait again."""
        db, count = self._db, 0
        for token, size in db.execute(
            "SELECT token, size FROM lease WHERE host=? AND worker=?", (host, worker)
        ).fetchall():
            db.execute("UPDATE waiting SET token=0 WHERE host=? AND token=?", (host, token))
            db.execute("DELETE FROM lease WHERE token=?", (token,))
            db.execute(_BACK, (worker, size, host))
            count += size
        db.execute("UPDATE numbers SET returned=returned+?", (count,))
        return count

    def extend(self, tokens: Iterable[int], ttl: float, now: float) -> set[int]:
        """Let leases last until `now + ttl`; those of the tokens whose leases still stood."""
        with _Transaction(self._db, self._hosts) as db:
            self._end_overdue(now)
            last = "UPDATE lease SET ends=? WHERE token=?"
            return {token for token in tokens if db.execute(last, (now + ttl, token)).rowcount}

    def ack(self, acks: Iterable[Ack], now: float) -> int:
        """End leases; how many entries are done by it. Acks of leases that do not stand any more are counted."""
        done = stale = 0
        with _Transaction(self._db, self._hosts) as db:
            self._end_overdue(now)
            for ack in acks:
                lease = db.execute("SELECT host, size FROM lease WHERE token=?", (ack.token,)).fetchone()
                if lease is None:
                    stale += 1
                else:
                    done += self._end(ack, *lease)
            db.execute("UPDATE numbers SET done=done+?, stale=stale+?", (done, stale))
        return done

    def _end(self, ack: Ack, host: int, size: int) -> int:
        db, again = self._db, set(ack.undone)
        if again:
            places = db.execute(
                "SELECT top, number FROM waiting WHERE host=? AND token=? ORDER BY top, number", (host, ack.token)
            ).fetchall()
            back = "UPDATE waiting SET token=0 WHERE host=? AND token=? AND top=? AND number=?"
            db.executemany(back, [(host, ack.token, *places[position]) for position in again])
        db.execute("DELETE FROM waiting WHERE host=? AND token=?", (host, ack.token))
        db.execute("DELETE FROM lease WHERE token=?", (ack.token,))
        db.execute(_ACKED, (len(again), ack.delay, ack.next_allowed, host))
        return size - len(again)

    def release(self, worker: str, now: float) -> int:  # noqa: ARG002  for those who note when
        """The worker is gone: its leases end, its hosts are nobody's. How many entries wait again."""
        with _Transaction(self._db, self._hosts) as db:
            hosts = db.execute("SELECT DISTINCT host FROM lease WHERE worker=?", (worker,)).fetchall()
            count = sum(self._take_from(host, worker) for (host,) in hosts)
            db.execute("UPDATE host SET owner='' WHERE owner=?", (worker,))
        return count

    def pause(self, host: str, until: float) -> None:
        """Lease nothing of this host before that moment; a later one that is known already stays."""
        with _Transaction(self._db, self._hosts) as db:
            db.execute("UPDATE host SET next_allowed=max(next_allowed, ?) WHERE id=?", (until, self._number(host)))

    def next_turn(self, now: float) -> float | None:
        """The earliest end of a pause or of a lease after `now`; None when there is none."""
        paused = "SELECT min(next_allowed) FROM host WHERE waiting > 0 AND next_allowed > ?"
        ends = "SELECT min(ends) FROM lease WHERE ends > ?"
        moments = [self._db.execute(question, (max(now, 0.0),)).fetchone()[0] for question in (paused, ends)]
        return min((moment for moment in moments if moment is not None), default=None)

    def stats(self) -> LeaseStats:
        """How many entries are where."""
        added, done, returned, stale, leased = self._db.execute(
            "SELECT added, done, returned, stale, (SELECT coalesce(sum(size), 0) FROM lease) FROM numbers"
        ).fetchone()
        return LeaseStats(added, done, leased, added - done - leased, returned, stale)

    def transaction(self) -> _Transaction:
        """Use with `with`: what is called in the block is one transaction."""
        return _Transaction(self._db, self._hosts)

    def noted(self) -> dict[str, Any]:
        """What `note` has written last; empty at first."""
        row = self._db.execute("SELECT value FROM about WHERE name='state'").fetchone()
        state: dict[str, Any] = json.loads(row[0]) if row else {}
        return state

    def note(self, state: dict[str, Any]) -> None:
        """Keep JSON values about the whole."""
        with _Transaction(self._db, self._hosts) as db:
            db.execute("INSERT OR REPLACE INTO about VALUES('state', ?)", (json.dumps(state),))

    def close(self) -> None:
        """End; all is in the file."""
        self._db.close()


class _Transaction:
    """What is written in the block is there as a whole afterwards, or, if it raises, not at all.

    One within another is a part of it.
    """

    __slots__ = ("_db", "_hosts", "_is_part")

    def __init__(self, db: sqlite3.Connection, hosts: dict[str, int]) -> None:
        self._db = db
        self._hosts = hosts
        self._is_part = False

    def __enter__(self) -> sqlite3.Connection:
        self._is_part = self._db.in_transaction
        if not self._is_part:
            self._db.execute("BEGIN IMMEDIATE")
        return self._db

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._is_part:
            return
        if kind is None:
            self._db.execute("COMMIT")
            return
        self._hosts.clear()  # some of these numbers may have been given in vain
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
