"""Where the ledger lies, how it is opened, and who may write to it now."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sql

from ..errors import SetupError
from . import Ledger, tables
from .changes import CHANGES

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

    from ..sections import LedgerSection


def default_path() -> Path:
    """The ledger in the user's data folder: neither `git clean` nor a fresh clone touches it."""
    from platformdirs import user_data_path

    return user_data_path("faxappeal", appauthor=False) / "ledger.db"


class Home(Protocol):
    """Where a ledger lives."""

    @property
    def where(self) -> str:
        """For people."""

    @property
    def folder(self) -> Path:
        """Of the documents, and of this machine's lock."""

    def exists(self) -> bool:
        """Whether anything was ever written there."""

    def open(self) -> Ledger:
        """The ledger, made on first use; SetupError where it cannot be opened."""

    def read(self) -> Ledger | None:
        """The ledger for a look; nothing where there is none yet. SetupError as in `open`."""


@dataclass(frozen=True)
class FileHome:
    """A file of SQLite's."""

    path: Path

    @property
    def where(self) -> str:
        return str(self.path)

    @property
    def folder(self) -> Path:
        return self.path.parent

    def exists(self) -> bool:
        return self.path.exists()

    def open(self) -> Ledger:
        return open_ledger(self.path)

    def read(self) -> Ledger | None:
        return read_ledger(self.path)


def home_of(section: LedgerSection) -> Home:
    """The home that the settings name, or the default."""
    if section.url is None:
        return FileHome(default_path())
    return FileHome(Path(section.url.removeprefix("sqlite:///")).expanduser())


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
            _bring_up_to_date(connection)
            key = _open_key(connection)
    except sql.exc.DatabaseError as error:
        engine.dispose()
        raise SetupError(
            f"the ledger cannot be opened: {error.orig} ({path})",
            "is it a ledger, on a disk with room, and yours to write?",
        ) from error
    except SetupError:
        engine.dispose()
        raise
    return Ledger(engine, path.parent, key)


def read_ledger(path: Path) -> Ledger | None:
    """The ledger for a look, never written to; nothing where there is none yet."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    # without a -wal file nobody is writing, and SQLite needs no -shm file to read
    immutable = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    engine = _engine(f"sqlite:///file:{path}?mode=ro{immutable}&uri=true", read_only=True)
    try:
        with engine.connect() as connection:
            key = _open_key(connection)
            if _version(connection) < tables.SCHEMA:
                engine = _as_of_today(connection)
    except sql.exc.DatabaseError as error:
        engine.dispose()
        raise SetupError(f"the ledger cannot be read: {error.orig} ({path})", "") from error
    except SetupError:
        engine.dispose()
        raise
    return Ledger(engine, path.parent, key)


def _as_of_today(connection: Connection) -> Engine:
    """An older ledger, copied and brought up to date in memory: a look writes nothing."""
    copy = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    source.backup(copy)
    engine = sql.create_engine("sqlite://", creator=lambda: copy, poolclass=sql.pool.StaticPool)
    with engine.begin() as changed:
        _bring_up_to_date(changed)
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


def _bring_up_to_date(connection: Connection) -> None:
    """Make the tables, or change those of an older faxappeal: all of it or nothing, by the caller's
    transaction."""
    if not sql.inspect(connection).has_table("meta"):
        tables.metadata.create_all(connection)
        values: Sequence[dict[str, str]] = [
            {"name": "schema", "value": str(tables.SCHEMA)},
            {"name": "key", "value": secrets.token_hex(32)},
        ]
        connection.execute(tables.meta.insert(), values)
        return
    for version in range(_version(connection), tables.SCHEMA):
        for statement in CHANGES[version]:
            connection.execute(sql.text(statement))
        value = tables.meta.update().where(tables.meta.c.name == "schema")
        connection.execute(value.values(value=str(version + 1)))


def _version(connection: Connection) -> int:
    query = sql.select(tables.meta.c.value).where(tables.meta.c.name == "schema")
    return int(connection.execute(query).scalar_one())


def _open_key(connection: Connection) -> bytes:
    version = _version(connection)
    if version > tables.SCHEMA:
        raise SetupError(
            "the ledger was made by a newer faxappeal",
            "install the newest: pip install -U faxappeal",
        )
    query = sql.select(tables.meta.c.value).where(tables.meta.c.name == "key")
    return bytes.fromhex(connection.execute(query).scalar_one())


# -- one process at a time ----------------------------------------------------------------------


class Busy(SetupError):
    """Another process has the ledger's lock."""

    code = "busy"


@contextmanager
def lock(ledger: Ledger, who: str) -> Iterator[None]:
    """Only one process sends from this ledger; Busy for the second, which names the first.

    `who` says for whom it is held, for whoever finds it so.
    """
    from filelock import FileLock, Timeout

    held = FileLock(ledger.folder / "lock", timeout=0, mode=0o600)
    # beside the lock: whoever tries to take it empties the lock's own file
    holder = ledger.folder / "lock.holder"
    try:
        held.acquire()
    except Timeout:
        raise Busy(
            f"another faxappeal is sending just now: {_holder(holder)}",
            "wait for it, or stop it there (Ctrl-C): send goes on later",
        ) from None
    except OSError as error:
        raise SetupError(
            f"the ledger cannot be locked: {error.strerror}",
            f"look at the permissions of {ledger.folder}",
        ) from error
    try:
        _sign(holder, f"process {os.getpid()}, {who}")
        yield
    finally:
        held.release()


def _sign(holder: Path, words: str) -> None:
    """For a message only: where it cannot be written, the lock holds all the same."""
    with suppress(OSError):
        descriptor = os.open(holder, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(words)


def _holder(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8") or "it has not said which"
    except OSError:
        return "it has not said which"
