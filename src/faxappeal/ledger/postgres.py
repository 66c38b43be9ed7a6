"""A ledger that many machines share: a database of PostgreSQL's.

What SQLite does by itself is asked for here: a transaction that writes begins with a lock that only
one can have, so that nothing comes between what it reads and what it writes.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.errors import SetupError
from . import Ledger, schema
from .cleanup import on_failure
from .locking import busy
from .migrations import bring_up_to_date, open_key, version
from .postgres_connection import parameters, unreachable
from .postgres_connection import session as session_of

if TYPE_CHECKING:
    from psycopg import Connection as Session
    from sqlalchemy.engine import Connection, Engine

    from ..config.sections import LedgerSection

# advisory locks of ours; the first number is "faxa" in ASCII
SPACE = 0x66617861
_WRITING, _SENDING, QUEUEING = 1, 2, 3
# the longest that a request can take by our own time limits, and a little more
_SLACK = timedelta(minutes=2)
_IDLE = 1.0  # seconds


@dataclass(frozen=True)
class PostgresStore:
    """A database of PostgreSQL's."""

    section: LedgerSection
    is_shared = True

    @property
    def where(self) -> str:
        return self.section.url or ""

    @property
    def folder(self) -> Path:
        from platformdirs import user_data_path

        data = user_data_path("faxappeal", appauthor=False)
        return data / f"shared-{sha256(self.where.encode()).hexdigest()[:8]}"

    @property
    def documents(self) -> Path:
        given = self.section.documents
        return given.expanduser() if given else self.folder / "documents"

    def exists(self) -> bool:
        engine = self._engine()
        try:
            with self._connected(engine) as connection:
                return sql.inspect(connection).has_table("meta")
        finally:
            engine.dispose()

    def open(self) -> Ledger:
        engine = self._engine()
        with on_failure(engine.dispose):
            with self._connected(engine, writes=True) as connection:
                bring_up_to_date(connection)
                key = open_key(connection)
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise SetupError(
                    f"the documents' folder cannot be made: {error.strerror} ({self.folder})",
                    "look at the permissions of the folder above",
                ) from error
        return self._ledger(engine, key)

    def read(self) -> Ledger | None:
        engine = self._engine()
        with on_failure(engine.dispose), self._connected(engine) as connection:
            if not sql.inspect(connection).has_table("meta"):
                engine.dispose()
                return None
            key = open_key(connection)
            if version(connection) < schema.SCHEMA:
                raise SetupError(
                    "the ledger is of an older faxappeal",
                    "the next faxappeal send or worker brings it up to date",
                )
        return self._ledger(engine, key)

    def _ledger(self, engine: Engine, key: bytes) -> Ledger:
        return Ledger(
            engine=engine,
            key=key,
            folder=self.folder,
            documents=self.documents,
            locking=DatabaseLocking(self),
        )

    def _engine(self) -> Engine:
        parameters(self.section)  # what is missing is said now
        engine = sql.create_engine("postgresql+psycopg://", pool_size=5, max_overflow=20)

        @sql.event.listens_for(engine, "do_connect")
        def _connect(_dialect: object, _record: object, _args: object, given: Any) -> None:
            given.update(parameters(self.section))  # a password may be another one by now

        @sql.event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SPACE}, {_WRITING})")

        _ping_the_idle(engine)
        return engine

    @contextmanager
    def _connected(self, engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
        reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        try:
            with engine.begin() if writes else reader.connect() as connection:
                yield connection
        except sql.exc.DBAPIError as error:
            raise unreachable(self.where, error.orig or error) from error


def _ping_the_idle(engine: Engine) -> None:
    """A server that was started again is no trouble: a connection that was not used just now is
    tried before it is used."""

    @sql.event.listens_for(engine, "checkin")
    def _checkin(_session: object, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @sql.event.listens_for(engine, "checkout")
    def _checkout(session: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used", math.inf) < _IDLE:
            return
        try:
            session.execute("SELECT 1")
            session.rollback()
        except Exception as error:
            raise sql.exc.DisconnectionError from error  # the pool makes another one


class DatabaseLocking:
    """A session that lasts as long as whoever sends: when it ends, however it ends, the server lets
    go of its locks, and others may take over what was claimed under its name."""

    slack = _SLACK

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._session: Session[Any] | None = None
        self._wanted = ("", False)
        self._changing = threading.Lock()
        self.claimant: str | None = None

    @contextmanager
    def hold(self, who: str, *, shared: bool) -> Iterator[None]:
        self._wanted = (who, shared)
        self._take()
        try:
            yield
        finally:
            session, self._session, self.claimant = self._session, None, None
            if session:
                with suppress(Exception):
                    session.close()

    def renew(self) -> None:
        import psycopg

        with self._changing:
            if self._session is None:
                return
            try:
                self._session.execute("SELECT 1")
            except psycopg.Error:
                self._session.close()
                self._take()

    def is_held(self, connection: Connection) -> bool:
        return self.claimant is not None and not _is_free(connection, self.claimant)

    def is_gone(self, connection: Connection, claimant: str | None) -> bool:
        return claimant in (None, self.claimant) or _is_free(connection, str(claimant))

    def _take(self) -> None:
        import psycopg

        who, shared = self._wanted
        session = session_of(self._store.section, who)
        number = secrets.randbits(62)
        kind = "_shared" if shared else ""
        with on_failure(session.close):
            try:
                query = f"SELECT pg_try_advisory_lock{kind}({SPACE}, {_SENDING})"
                [[is_locked]] = session.execute(query)
                if not is_locked:
                    raise busy(_holder(session))
                session.execute(f"SELECT pg_advisory_lock({number})")
            except psycopg.Error as error:
                raise unreachable(self._store.where, error) from error
        self._session, self.claimant = session, str(number)


def _is_free(connection: Connection, claimant: str) -> bool:
    query = f"SELECT pg_try_advisory_xact_lock({int(claimant)})"
    return bool(connection.exec_driver_sql(query).scalar_one())


def _holder(session: Session[Any]) -> str:
    row = session.execute(
        "SELECT a.application_name, a.client_addr FROM pg_locks l JOIN pg_stat_activity a"
        " ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
        " AND l.classid = %s AND l.objid = %s LIMIT 1",
        (SPACE, _SENDING),
    ).fetchone()
    return f"{row[0]}, from {row[1] or 'its own machine'}" if row else ""
