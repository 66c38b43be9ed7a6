"""The ledger as a SQLite file: how it is opened, for writing or for a look."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.errors import SetupError
from . import Ledger, schema
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
        return open_ledger(self.path)

    def read(self) -> Ledger | None:
        return read_ledger(self.path)


def open_ledger(path: Path) -> Ledger:
    """The ledger, made on first use, readable by nobody else; SetupError where it cannot be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite copies the mode of the database to its -wal and -shm files
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SetupError(
            f"the ledger cannot be opened: {error.strerror} ({path})",
            "look at the folder's permissions, or move it: [ledger] url",
        ) from error
    engine = _engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            bring_up_to_date(connection)
            key = open_key(connection)
    except sql.exc.DatabaseError as error:
        engine.dispose()
        raise SetupError(
            f"the ledger cannot be opened: {error.orig} ({path})",
            "is it a ledger, on a disk with room, and yours to write?",
        ) from error
    except SetupError:
        engine.dispose()
        raise
    return Ledger(engine, path.parent, key, FileLocking(path.parent))


def read_ledger(path: Path) -> Ledger | None:
    """The ledger for a look, never written to; nothing where there is none yet."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    # without a -wal file nobody is writing, and SQLite needs no -shm file to read
    immutable = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    engine = _engine(f"sqlite:///file:{path}?mode=ro{immutable}&uri=true", read_only=True)
    try:
        with engine.connect() as connection:
            key = open_key(connection)
            if version(connection) < schema.SCHEMA:
                engine = _as_of_today(connection)
    except sql.exc.DatabaseError as error:
        engine.dispose()
        raise SetupError(f"the ledger cannot be read: {error.orig} ({path})", "") from error
    except SetupError:
        engine.dispose()
        raise
    return Ledger(engine, path.parent, key, FileLocking(path.parent))


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


def _engine(url: str, read_only: bool = False) -> Engine:
    engine = sql.create_engine(url, connect_args={"isolation_level": None, "timeout": 30})

    @sql.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # an event is on disk when it is told
            connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA foreign_keys=ON")

    @sql.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return  # one question, one answer
        # a transaction that reads, then writes, must not meet another in between
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
