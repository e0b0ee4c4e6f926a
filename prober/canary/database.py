"""The two places where a history can be, behind one narrow door: statements with :named values, and transactions.

SQLite is the default and needs nothing. Each has one writer at a time, which a lock proves that a crash releases.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from prober.canary.history_place import claim_name, identity_of
from prober.errors import UsageError, install_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

Value = None | int | str | bytes
Row = tuple[Value, ...]
POSTGRES = ("postgresql://", "postgres://", "postgresql+psycopg://")
BUSY_MS = 5_000  # for which a reader waits for a writer, or we for another's checkpoint
_TAKEN = "another canary is writing to the history {name}"
_CLAIM, _CLAIMS = 1_819_239_273, 5  # a number of ours, and how often to ask for it
# A client that its machine took along would hold the claim for two hours.
_NOTICED_SOON = ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 3")
_FIX = "end it, or give this one a --history of its own"


class Database(Protocol):
    """What the history asks of either; a protocol, since the two have nothing else in common."""

    blob: str  # what a column of bytes is called there
    errors: tuple[type[Exception], ...]  # what it raises

    def claim(self) -> None:
        """Become its only writer, or say that there is one."""

    def query(self, sql: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """Ask, and read all of the answer."""

    def execute(self, sql: str, rows: Sequence[Mapping[str, Value]] = ({},)) -> None:
        """Do it once for each row of values."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, and on the disk before the block is left."""

    def shrink(self) -> None:
        """Give back what deleted rows have left."""

    def missing(self) -> str | None:
        """Say what became of the file that holds the database, or None if it is still there."""

    def close(self) -> None:
        """Close the connection."""


def open_database(place: str, *, write: bool) -> Database:
    """Open a history by its path or its URL; a reader makes none."""
    if place.startswith(POSTGRES):
        return Postgres(place)
    if "://" in place:
        what = f"--history '{place.partition('://')[0]}://' is not a database that the canary supports"
        raise UsageError(what, fix="give the path of a file, or a URL as in postgresql://user@host/name")
    return Sqlite(Path(place), write=write)


class Sqlite:
    """A file. Calls come from one thread at a time, and not always from the same one."""

    blob = "BLOB"
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path, *, write: bool) -> None:
        """Open it, and make it where a writer finds none."""
        self._path, self._lock = path, -1
        self._claimed: socket.socket | None = None
        if not write and not path.is_file():
            raise UsageError(f"there is no history '{path}'", fix="name the --history that 'prober watch' writes to")
        try:
            self._db = sqlite3.connect(
                path if write else f"{path.absolute().as_uri()}?mode=ro", uri=not write, isolation_level=None,
                check_same_thread=False, timeout=BUSY_MS / 1000,
            )  # fmt: skip
            if write:
                path.chmod(0o600)  # it names doors that stand open
                self._opened = identity_of(path)
                self._set_up()
            self._db.execute("SELECT count(*) FROM sqlite_master")
        except (sqlite3.Error, OSError) as error:
            what = f"cannot open the history '{path}': {error}"
            raise UsageError(what, fix="name a file of SQLite, in a folder that may be written") from None

    def _set_up(self) -> None:
        # FULL: NORMAL keeps a WAL database whole when the power fails, yet may take back the last transactions, and
        # with them that an alert was delivered. One fsync a run is cheap. A WAL that is not cut back stays large.
        for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       "journal_size_limit=1048576"):  # fmt: skip
            self._db.execute(f"PRAGMA {pragma}")

    def claim(self) -> None:
        """Lock a file beside it: SQLite's own locks are held for a transaction, and ours for as long as we run."""
        self._lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = -1
            raise UsageError(_TAKEN.format(name=f"'{self._path}'"), fix=_FIX) from None
        self._claimed = claim_name(self._path)
        if self._claimed is None:
            os.close(self._lock)
            self._lock = -1
            raise UsageError(_TAKEN.format(name=f"'{self._path}', which was deleted"), fix=_FIX)

    def query(self, sql: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """Ask, and read all of the answer."""
        return self._db.execute(sql, dict(values or {})).fetchall()

    def execute(self, sql: str, rows: Sequence[Mapping[str, Value]] = ({},)) -> None:
        """Do it once for each row of values."""
        self._db.executemany(sql, [dict(row) for row in rows])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take the write lock at once: a transaction that reads first may be refused it later."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def shrink(self) -> None:
        """Give free pages back a few at a time: VACUUM would copy the whole file and keep readers out."""
        self._db.execute("PRAGMA incremental_vacuum(2000)").fetchall()

    def missing(self) -> str | None:
        """Compare the file at the path with the one that was opened."""
        if identity_of(self._path) == self._opened:
            return None
        return f"the history '{self._path}' was deleted or replaced"

    def close(self) -> None:
        """Let go of it, and of the lock."""
        self._db.close()
        if self._claimed is not None:
            self._claimed.close()
        if self._lock >= 0:
            os.close(self._lock)


class Postgres:
    """A database in PostgreSQL, through SQLAlchemy's Core; a connection that broke is made anew."""

    blob = "BYTEA"

    def __init__(self, url: str) -> None:
        """Connect; the libraries are an extra."""
        try:
            import psycopg  # noqa: PLC0415, F401 - an extra, and 150 ms
            import sqlalchemy  # noqa: PLC0415 - an extra, and half a second
        except ImportError:
            fix = install_of("postgres")
            raise UsageError("a history in PostgreSQL needs the extra 'postgres'", fix=fix) from None
        self._alchemy = sqlalchemy
        self.errors: tuple[type[Exception], ...] = (sqlalchemy.exc.SQLAlchemyError,)
        self._name = urlsplit(url).path.lstrip("/")
        at = "postgresql+psycopg://" + url.partition("://")[2]
        options = {"connect_timeout": 10, "application_name": "lockdown-prober"}
        self._engine: Engine = sqlalchemy.create_engine(at, connect_args=options, poolclass=sqlalchemy.NullPool)
        self._connection: Connection | None = None
        self._claimed = self._within = False
        try:
            self._connected()
        except sqlalchemy.exc.SQLAlchemyError as error:
            why = str(getattr(error, "orig", error)).strip().splitlines()[0]
            what = f"cannot open the history '{self._name}' in PostgreSQL: {why}"
            raise UsageError(what, fix="check the URL, and that the server is up") from None

    def _connected(self) -> Connection:
        """Give the one connection; the claim is of the session, so that a new one has to be claimed anew."""
        if self._connection is None or self._connection.closed or self._connection.invalidated:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if self._claimed:
                self.claim()
        return self._connection

    def claim(self) -> None:
        """Take a lock of the session: it ends with the connection, however that ends."""
        for setting in _NOTICED_SOON:
            self.execute(f"SET {setting}")
        for attempt in range(_CLAIMS):  # the server may not have noticed yet that the one before us is dead
            held = self.query("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))", {"key": _CLAIM})
            if held[0][0]:
                break
            if attempt + 1 == _CLAIMS:
                raise UsageError(_TAKEN.format(name=f"'{self._name}'"), fix=_FIX)
            time.sleep(0.25)
        self._claimed = True

    def query(self, sql: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """Ask, and read all of the answer."""
        found = self._connected().execute(self._alchemy.text(sql), dict(values or {}))
        return [tuple(row) for row in found]

    def execute(self, sql: str, rows: Sequence[Mapping[str, Value]] = ({},)) -> None:
        """Do it once for each row of values."""
        if rows:
            self._connected().execute(self._alchemy.text(sql), [dict(row) for row in rows])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """As the server says it; a connection that broke in between has rolled back."""
        connection = self._connected()
        connection.exec_driver_sql("BEGIN")
        try:
            yield
        except BaseException:
            if not connection.invalidated:
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")

    def shrink(self) -> None:
        """Nothing: autovacuum does it."""

    def missing(self) -> None:
        """Give None: a server's database that is gone refuses every statement."""

    def close(self) -> None:
        """Let go of it, and of the lock."""
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()
