"""The ledger in memory, behind the program's own code: what each process sees of it, and how its
disk or its server fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from faxappeal.core.errors import SetupError
from faxappeal.ledger import Ledger, schema
from faxappeal.ledger.locking import busy
from faxappeal.ledger.migrations import bring_up_to_date, open_key
from faxappeal.ledger.postgres import DatabaseLocking
from tests.simulation.scheduler import Process
from tests.simulation.world import World

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine


class LedgerStore:
    """One ledger of a history, and who holds its lock."""

    def __init__(self, world: World, *, is_shared: bool) -> None:
        self.world, self.is_shared = world, is_shared
        self.engine = _memory()
        with self.engine.begin() as connection:
            self.key = open_key(connection)
        self.holder: object | None = None  # of the file's lock
        self.held: dict[str, str] = {}
        self.sessions: dict[str, tuple[Process, bool]] = {}  # of the database: claimant -> shared
        self._numbers = count(1)
        # what the next transactions meet, by process: "before" or "after" the commit
        self.trouble: dict[Process, list[str]] = {}

    def open(self, process: Process) -> ProcessLedger:
        locking: Any = SessionLocking(self, process) if self.is_shared else FileLock(self)
        folder = Path("/nowhere")
        ledger = ProcessLedger(self.engine, self.key, folder, folder, locking)
        ledger.store, ledger.process = self, process
        ledger.note_departures()
        return ledger

    def note_holds(self) -> None:
        """Since when which addresses are held, by true time."""
        with self.engine.connect() as connection:
            query = "SELECT address_key, reason FROM hold"
            held: dict[str, str] = dict(connection.exec_driver_sql(query).all())
        if held != self.held:
            self.held = held
            self.world.truth.holds.append((self.world.now, held))

    def close(self) -> None:
        self.engine.dispose()

    def end_session(self, process: Process) -> None:
        """The server drops the session of a process, or the network does."""
        for claimant in [each for each, (who, _) in self.sessions.items() if who is process]:
            del self.sessions[claimant]

    def take(self, process: Process, *, shared: bool) -> str:
        if any(not (shared and other) for _, other in self.sessions.values()):
            raise busy("another machine")
        claimant = str(next(self._numbers))
        self.sessions[claimant] = process, shared
        return claimant


class ProcessLedger(Ledger):
    """The ledger as one process has it open. Between two transactions the others go on."""

    store: LedgerStore
    process: Process

    def close(self) -> None:
        pass  # the others go on with it

    def note_departures(self) -> None:
        """When the process has looked for holds for the last time before its first byte."""
        before = self.attempts.record_departure

        def record_departure(*arguments: Any) -> bool:
            left = before(*arguments)
            self.process.left_at = self.store.world.now
            return left

        setattr(self.attempts, "record_departure", record_departure)  # noqa: B010

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self._meet("before")
        with super().reading() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        self.process.point("ledger")
        self._meet("before")
        with super().transaction() as connection:
            yield connection
        self.store.note_holds()
        self.process.point("committed")
        self._meet("after")

    def _meet(self, when: str) -> None:
        trouble = self.store.trouble.get(self.process, [])
        if trouble and trouble[0] == when:
            trouble.pop(0)
            raise SetupError("the ledger cannot be written: database or disk is full", "")


class FileLock:
    """The lock of a ledger in a file: the operating system drops it when its process ends."""

    claimant = None
    slack = timedelta(0)

    def __init__(self, store: LedgerStore) -> None:
        self._store = store

    @contextmanager
    def hold(self, who: str, *, shared: bool) -> Iterator[None]:
        if self._store.holder is not None:
            raise busy("another process")
        self._store.holder = self
        try:
            yield
        finally:
            if self._store.holder is self:
                self._store.holder = None

    def renew(self) -> None:
        pass

    def is_held(self, connection: Connection) -> bool:
        return True

    def is_gone(self, connection: Connection, claimant: str | None) -> bool:
        return True


class SessionLocking:
    """The locks of a ledger in PostgreSQL, which last as long as a session there."""

    slack = DatabaseLocking.slack

    def __init__(self, store: LedgerStore, process: Process) -> None:
        self._store, self._process = store, process
        self._shared = False
        self.claimant: str | None = None

    @contextmanager
    def hold(self, who: str, *, shared: bool) -> Iterator[None]:
        self._shared = shared
        self.claimant = self._store.take(self._process, shared=shared)
        try:
            yield
        finally:
            self._store.end_session(self._process)
            self.claimant = None

    def renew(self) -> None:
        if self.claimant is not None and self.claimant not in self._store.sessions:
            self.claimant = self._store.take(self._process, shared=self._shared)

    def is_held(self, connection: Connection) -> bool:
        return self.claimant is not None and self.claimant in self._store.sessions

    def is_gone(self, connection: Connection, claimant: str | None) -> bool:
        return claimant in (None, self.claimant) or claimant not in self._store.sessions


def _memory() -> Engine:
    """An empty ledger in memory."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    _empty().backup(copy)
    engine = sql.create_engine("sqlite://", creator=lambda: copy, poolclass=sql.pool.StaticPool)
    _begin_as_sqlite_does(engine)
    return engine


@cache
def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    engine = sql.create_engine(
        "sqlite://", creator=lambda: connection, poolclass=sql.pool.StaticPool
    )
    with engine.begin() as changed:
        bring_up_to_date(changed)
        key = schema.meta.update().where(schema.meta.c.name == "key")
        changed.execute(key.values(value="5e" * 32))  # the same one in all histories
    return connection


def _begin_as_sqlite_does(engine: Engine) -> None:
    @sql.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
