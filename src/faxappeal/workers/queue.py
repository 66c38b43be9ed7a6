"""The queue of deliveries in PostgreSQL, kept by Procrastinate: which is to be stepped when.

A job says no more than which delivery; all else stands in the ledger. One at a time of those with
the same number is taken from the queue, and of one delivery there is one job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sql

from ..core.errors import SetupError, UsageError
from ..ledger import schema
from ..ledger.location import LedgerStore
from ..ledger.postgres import QUEUEING, SPACE, PostgresStore
from ..ledger.postgres_connection import parameters, unreachable

if TYPE_CHECKING:
    from procrastinate import App
    from psycopg import Connection as Session
    from psycopg_pool import AsyncConnectionPool
    from sqlalchemy.engine import Connection

    from ..config.sections import LedgerSection
    from ..ledger import Ledger

DELIVER = "faxappeal.deliver"
_AT_ONCE = 500  # jobs in one statement
_MADE_BY = "procrastinate"  # in the table meta: the last change that the queue's tables have
# the library's own index of locks begins with the job: of a hundred thousand jobs it would look at
# all, for each that it takes
_INDEX = (
    "CREATE INDEX IF NOT EXISTS faxappeal_jobs_line ON procrastinate_jobs (lock)"
    " WHERE status IN ('todo', 'doing')"
)
# of jobs that are gone
_OLD_EVENTS = (
    "DELETE FROM procrastinate_events WHERE job_id IS NULL AND at < now() - interval '1 day'"
)
_STANDING = (
    "SELECT queueing_lock FROM procrastinate_jobs"
    " WHERE status IN ('todo', 'doing') AND queueing_lock = ANY(%(locks)s)"
)
_HASTEN = (
    "UPDATE procrastinate_jobs AS job SET scheduled_at = wanted.due"
    " FROM unnest(%(locks)s::text[], %(dues)s::timestamptz[]) AS wanted(lock, due)"
    " WHERE job.status = 'todo' AND job.queueing_lock = wanted.lock"
    " AND job.scheduled_at > wanted.due"
)


class Queued(Protocol):
    """What a job has to know of a delivery."""

    @property
    def id(self) -> str: ...

    @property
    def campaign(self) -> str: ...

    @property
    def address_key(self) -> str: ...


def database(home: LedgerStore) -> PostgresStore:
    """The store of a ledger that many machines share; UsageError where it is none."""
    if isinstance(home, PostgresStore):
        return home
    raise UsageError(
        "workers need a ledger in PostgreSQL",
        'set [ledger] url = "postgresql://…": docs/how-to/many-machines.md',
    )


def due(after: timedelta) -> datetime:
    """When a job is due, on the database's clock."""
    return datetime.now(UTC) + after


@dataclass(frozen=True)
class Jobs:
    """The queue beside a ledger."""

    section: LedgerSection

    def connections(self, patience: float) -> AsyncConnectionPool:
        """A worker's to the queue; each is waited for for so many seconds."""
        from psycopg_pool import AsyncConnectionPool

        return AsyncConnectionPool(
            kwargs=parameters(self.section),
            min_size=1,
            max_size=4,
            timeout=patience,
            open=False,
            check=AsyncConnectionPool.check_connection,
        )

    def put(self, deliveries: Iterable[Queued], after: Mapping[str, timedelta]) -> None:
        """Queue deliveries that are not in it, each to be looked at `after` some time (by its id;
        else at once)."""
        new = 0
        with self._open() as app:
            for some in _some_at_once(deliveries):
                with _alone(app) as connection:
                    jobs = _jobs(self._missing(app, connection, some), after)
                    if jobs:
                        app.job_manager.batch_defer_jobs(jobs, connection=connection)
                new += len(jobs)
            if new >= _AT_ONCE:  # else whoever takes the first ones would look at all
                app.connector.get_sync_connector().execute_query("ANALYZE procrastinate_jobs")

    def reschedule_earlier(
        self, deliveries: Iterable[Queued], after: Mapping[str, timedelta]
    ) -> None:
        """Let those that wait in the queue be looked at as if they were put there now, if that is
        earlier: the hours may be longer than they were."""
        with self._open() as app:
            for some in _some_at_once(deliveries):
                app.connector.get_sync_connector().execute_query(
                    _HASTEN,
                    locks=[each.id for each in some],
                    dues=[due(after.get(each.id, timedelta(0))) for each in some],
                )

    def delete_old_events(self) -> None:
        """Delete what the queue keeps of jobs that are over."""
        with self._open() as app:
            app.connector.get_sync_connector().execute_query(_OLD_EVENTS)

    def _missing(
        self, app: App, connection: Session[Any], deliveries: Sequence[Queued]
    ) -> list[Queued]:
        """Those without a job that waits or runs: while it runs, it would be in its own way."""
        locks = [delivery.id for delivery in deliveries]
        ask = app.connector.get_sync_connector().execute_query_all_with_connection
        standing = {row["queueing_lock"] for row in ask(connection, _STANDING, locks=locks)}
        return [delivery for delivery in deliveries if delivery.id not in standing]

    @contextmanager
    def _open(self) -> Iterator[App]:
        import psycopg
        from procrastinate import App, SyncPsycopgConnector
        from procrastinate.exceptions import ConnectorException

        connector = SyncPsycopgConnector(kwargs=parameters(self.section), min_size=1, max_size=1)
        app = App(connector=connector)
        try:
            with app.open():
                yield app
        except (ConnectorException, psycopg.Error) as error:  # the pool raises its library's own
            raise unreachable(self.section.url or "", error.__cause__ or error) from error


def _some_at_once(deliveries: Iterable[Queued]) -> Iterator[list[Queued]]:
    left = iter(deliveries)
    while some := list(islice(left, _AT_ONCE)):
        yield some


@contextmanager
def _alone(app: App) -> Iterator[Session[Any]]:
    """A transaction in which nobody else puts jobs: of those that run, the queue itself would take
    a second one, and neither could ever end."""
    connector: Any = app.connector.get_sync_connector()
    with connector.pool.connection() as connection:
        connection.execute(f"SELECT pg_advisory_xact_lock({SPACE}, {QUEUEING})")
        yield connection


def _jobs(deliveries: Iterable[Queued], after: Mapping[str, timedelta]) -> list[Any]:
    from procrastinate.jobs import Job

    return [
        Job(
            id=None,
            status=None,
            queue=delivery.campaign,
            priority=0,
            lock=delivery.address_key,
            queueing_lock=delivery.id,
            task_name=DELIVER,
            task_kwargs={"delivery": delivery.id, "line": delivery.address_key},
            scheduled_at=due(after[delivery.id]) if delivery.id in after else None,
            worker_id=None,
        )
        for delivery in deliveries
    ]


# -- its tables ------------------------------------------------------------------------------------


def prepare(ledger: Ledger) -> None:
    """Make the queue's tables, or bring those of an older Procrastinate up to date: all of it or
    nothing. SetupError where they are of a newer one."""
    changes = _changes()
    with ledger.transaction() as connection:
        made = _made_by(connection)
        if made is None:
            _execute(connection, [_schema()])
        elif made > max(changes):
            raise SetupError(
                "the queue was made by a newer Procrastinate",
                "install the newest: pip install -U 'faxappeal[workers]'",
            )
        else:
            _execute(connection, [changes[name] for name in sorted(changes) if name > made])
        _execute(connection, [_INDEX])
        if made != max(changes):
            connection.execute(schema.meta.delete().where(schema.meta.c.name == _MADE_BY))
            values = {"name": _MADE_BY, "value": max(changes)}
            connection.execute(schema.meta.insert().values(values))


def _made_by(connection: Connection) -> str | None:
    query = sql.select(schema.meta.c.value).where(schema.meta.c.name == _MADE_BY)
    made: str | None = connection.execute(query).scalar()
    return made


def _schema() -> str:
    from procrastinate.schema import SchemaManager

    return SchemaManager.get_schema()


def _changes() -> dict[str, str]:
    """Procrastinate's own changes of its tables; their names sort by version."""
    from procrastinate.schema import SchemaManager

    files = Path(SchemaManager.get_migrations_path()).glob("*.sql")
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def _execute(connection: Connection, scripts: Iterable[str]) -> None:
    """Scripts of many statements, as they are: no sign in them is a parameter's."""
    import psycopg

    session: Any = connection.connection.driver_connection
    try:
        for script in scripts:
            session.execute(script)
    except psycopg.Error as error:
        said = str(error).split("\n")[0]
        raise SetupError(
            f"the queue's tables cannot be made: {said}",
            "the database's user needs the right to make tables; nothing was changed",
        ) from error
