"""The queue of deliveries in PostgreSQL, kept by Procrastinate: which is to be stepped when.

A job says no more than which delivery; all else stands in the ledger. One at a time of those with
the same number is taken from the queue, and of one delivery there is one job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from ..core.errors import SetupError, UsageError
from ..ledger import schema
from ..ledger.location import LedgerStore
from ..ledger.postgres import QUEUEING, SPACE, PostgresStore
from ..ledger.postgres_connection import parameters, unreachable
from ..ledger.rows import AT_ONCE, batches, upsert
from .timing import Timing

if TYPE_CHECKING:
    from procrastinate import SyncPsycopgConnector
    from procrastinate.jobs import Job
    from psycopg import Connection as Session
    from psycopg_pool import AsyncConnectionPool
    from sqlalchemy.engine import Connection

    from ..campaign.delivery import Delivery
    from ..config.sections import LedgerSection
    from ..ledger import Ledger
    from ..ledger.queries import QueuedDelivery

    Queued = Delivery | QueuedDelivery

DELIVER = "faxappeal.deliver"
FIRST = 1  # a job's priority, where others have 0
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


def database(store: LedgerStore) -> PostgresStore:
    """The store of a ledger that many machines share; UsageError if it is another one."""
    if isinstance(store, PostgresStore):
        return store
    raise UsageError(
        "workers need a ledger in PostgreSQL",
        'set [ledger] url = "postgresql://…": docs/how-to/many-machines.md',
    )


@dataclass(frozen=True)
class Jobs:
    """The queue beside a ledger."""

    section: LedgerSection
    timing: Timing = field(default_factory=Timing)

    def connections(self, patience: float) -> AsyncConnectionPool:
        """A worker's to the queue; it waits so many seconds for each."""
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
        from procrastinate.manager import JobManager

        new = 0
        with self._connector() as connector:
            for batch in batches(deliveries):
                with _locked(connector) as connection:
                    missing = self._missing(connector, connection, batch)
                    wait = ((each, after.get(each.id)) for each in missing)
                    jobs = [
                        _job(each, None if w is None else self.timing.due(w)) for each, w in wait
                    ]
                    if jobs:
                        JobManager(connector).batch_defer_jobs(jobs, connection=connection)
                new += len(jobs)
            if new >= AT_ONCE:  # else whoever takes the first ones would look at all
                connector.execute_query("ANALYZE procrastinate_jobs")

    def reschedule_earlier(
        self, deliveries: Iterable[Queued], after: Mapping[str, timedelta]
    ) -> None:
        """Let those that wait in the queue be looked at as if they were put there now, if that is
        earlier: the hours may be longer than they were."""
        with self._connector() as connector:
            for batch in batches(deliveries):
                dues = [self.timing.due(after.get(each.id, timedelta(0))) for each in batch]
                locks = [each.id for each in batch]
                connector.execute_query(_HASTEN, locks=locks, dues=dues)

    def delete_old_events(self) -> None:
        """Delete what the queue keeps of jobs that are over."""
        with self._connector() as connector:
            connector.execute_query(_OLD_EVENTS)

    def _missing(
        self, connector: SyncPsycopgConnector, connection: Session[Any], batch: Sequence[Queued]
    ) -> list[Queued]:
        """Those without a job that waits or runs: while it runs, it would be in its own way."""
        locks = [delivery.id for delivery in batch]
        ask = connector.execute_query_all_with_connection
        known = {row["queueing_lock"] for row in ask(connection, _STANDING, locks=locks)}
        return [delivery for delivery in batch if delivery.id not in known]

    @contextmanager
    def _connector(self) -> Iterator[SyncPsycopgConnector]:
        import psycopg
        from procrastinate import App, SyncPsycopgConnector
        from procrastinate.exceptions import ConnectorException

        connector = SyncPsycopgConnector(kwargs=parameters(self.section), min_size=1, max_size=1)
        try:
            with App(connector=connector).open():
                yield connector
        except (ConnectorException, psycopg.Error) as error:  # the pool raises its library's own
            raise unreachable(self.section.url or "", error.__cause__ or error) from error


@contextmanager
def _locked(connector: SyncPsycopgConnector) -> Iterator[Session[Any]]:
    """A transaction in which nobody else puts jobs: of those that run, the queue itself would take
    a second one, and neither could ever end."""
    with connector.pool.connection() as connection:
        connection.execute(f"SELECT pg_advisory_xact_lock({SPACE}, {QUEUEING})")
        yield connection


def _job(delivery: Queued, due: datetime | None) -> Job:
    from procrastinate.jobs import Job

    return Job(
        id=None,
        status=None,
        queue=delivery.campaign,
        priority=0,
        lock=delivery.address_key,
        queueing_lock=delivery.id,
        task_name=DELIVER,
        task_kwargs={"delivery": delivery.id, "line": delivery.address_key},
        scheduled_at=due,
        worker_id=None,
    )


# -- its tables ------------------------------------------------------------------------------------


def prepare(ledger: Ledger) -> None:
    """Make the queue's tables, or bring those of an older Procrastinate up to date: all of it or
    nothing. SetupError if a newer one made them."""
    from procrastinate.schema import SchemaManager

    changes = _changes()
    newest = max(changes)
    query = sql.select(schema.meta.c.value).where(schema.meta.c.name == _MADE_BY)
    with ledger.transaction() as connection:
        made: str | None = connection.execute(query).scalar()
        if made is None:
            scripts = [SchemaManager.get_schema()]
        elif made > newest:
            raise SetupError(
                "the queue was made by a newer Procrastinate",
                "install the newest: pip install -U 'faxappeal[workers]'",
            )
        else:
            scripts = [changes[name] for name in sorted(changes) if name > made]
        _execute(connection, [*scripts, _INDEX])
        if made != newest:
            upsert(connection, schema.meta, {"name": _MADE_BY}, {"value": newest})


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
        cause = str(error).split("\n")[0]
        raise SetupError(
            f"the queue's tables cannot be made: {cause}",
            "the database's user needs the right to make tables; nothing was changed",
        ) from error
