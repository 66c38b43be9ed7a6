"""The ledger as a SQLite file: how it is opened, for writing or for a look."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sql

from ..core.errors import SetupError
from . import Ledger, schema
from .cleanup import on_failure
from .locking import FileLocking
from .migrations import bring_up_to_date, open_key, version

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine


@dataclass(frozen=True)
class SqliteStore:
    """A file of SQLite's."""

    path: Path
    is_shared = False

    @property
    def where(self) -> str:
        return str(self.path)

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    def exists(self) -> bool:
        return self.path.exists()

    def open(self) -> Ledger:
        """The ledger, made on first use, readable by nobody else; SetupError if it cannot be."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite copies the mode of the database to its -wal and -shm files
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise SetupError(
                f"the ledger cannot be opened: {error.strerror} ({self.path})",
                "look at the folder's permissions, or move it: [ledger] url",
            ) from error
        engine = _engine(sql.URL.create("sqlite", database=str(self.path.absolute())))
        hint = "is it a ledger, on a disk with room, and yours to write?"
        with self._opening(engine, "opened", hint), engine.begin() as connection:
            bring_up_to_date(connection)
            key = open_key(connection)
        return self._ledger(engine, key)

    def read(self) -> Ledger | None:
        """The ledger to read, never written to; None if there is none yet."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return None
        # without a -wal file nobody is writing, and SQLite needs no -shm file to read
        is_written = self.path.with_name(self.path.name + "-wal").exists()
        how = {"mode": "ro", "uri": "true"} | ({} if is_written else {"immutable": "1"})
        path = quote(str(self.path.absolute()))
        url = sql.URL.create("sqlite", database=f"file:{path}", query=how)
        engine = _engine(url, read_only=True)
        with self._opening(engine, "read"), engine.connect() as connection:
            key = open_key(connection)
            if version(connection) < schema.SCHEMA:
                engine = _as_of_today(connection)
        return self._ledger(engine, key)

    @contextmanager
    def _opening(self, engine: Engine, verb: str, hint: str = "") -> Iterator[None]:
        with on_failure(engine.dispose):
            try:
                yield
            except sql.exc.DatabaseError as error:
                message = f"the ledger cannot be {verb}: {error.orig} ({self.path})"
                raise SetupError(message, hint) from error

    def _ledger(self, engine: Engine, key: bytes) -> Ledger:
        return Ledger(
            engine=engine,
            key=key,
            folder=self.folder,
            documents=self.documents,
            locking=FileLocking(self.path.resolve().parent),
        )


def _as_of_today(connection: Connection) -> Engine:
    """An older ledger, copied and brought up to date in memory: a look writes nothing."""
    copy = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    source.backup(copy)
    engine = sql.create_engine("sqlite://", creator=lambda: copy, poolclass=sql.pool.StaticPool)
    with engine.begin() as changed:
        bring_up_to_date(changed)
    return engine


def _engine(url: sql.URL, read_only: bool = False) -> Engine:
    engine = sql.create_engine(url, connect_args={"isolation_level": None, "timeout": 30})

    @sql.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # an event is on disk after its commit
            connection.execute("PRAGMA fullfsync=ON")  # on the disk itself: of macOS alone
            connection.execute("PRAGMA checkpoint_fullfsync=ON")
            connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA foreign_keys=ON")

    @sql.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return  # one question, one answer
        # a transaction that reads, then writes, must not meet another in between
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
