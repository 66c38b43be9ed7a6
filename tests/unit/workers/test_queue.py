"""The queue of deliveries: which is looked at when, and that of each there is one job."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sql
from procrastinate.exceptions import ConnectorException

from faxappeal.core.errors import SetupError, UsageError
from faxappeal.ledger import Ledger, schema
from faxappeal.ledger.location import LedgerStore
from faxappeal.ledger.postgres import PostgresStore
from faxappeal.ledger.queries import QueuedDelivery
from faxappeal.ledger.rows import AT_ONCE
from faxappeal.ledger.sqlite import SqliteStore
from faxappeal.workers.queue import DELIVER, Jobs, database, prepare
from faxappeal.workers.timing import Timing
from tests.support.job_queue import URL, MemoryQueue, section

SECTION = section()
LATER = timedelta(hours=3)
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Still(Timing):
    """A database whose clock stands still."""

    def due(self, after: timedelta) -> datetime:
        return NOW + after / self.speed


def jobs(timing: Timing | None = None) -> Jobs:
    return Jobs(SECTION, timing or Still())


def queued(id: str = "d1", line: str = "line") -> QueuedDelivery:
    return QueuedDelivery(id, "test", line)


def ids(memory: MemoryQueue) -> list[str]:
    return [job["args"]["delivery"] for job in memory.jobs.values()]


# -- which database --------------------------------------------------------------------------------


def test_a_ledger_that_machines_share_has_a_queue() -> None:
    store = PostgresStore(SECTION)
    assert database(store) is store


def test_a_ledger_in_a_file_has_none(tmp_path: Path) -> None:
    store: LedgerStore = SqliteStore(tmp_path / "ledger.db")
    with pytest.raises(UsageError, match="workers need a ledger in PostgreSQL") as refused:
        database(store)
    assert "docs/how-to/many-machines.md" in refused.value.hint


# -- put -------------------------------------------------------------------------------------------


def test_a_job_says_which_delivery_and_nothing_of_it(memory: MemoryQueue) -> None:
    jobs().put([queued("d1", "key of a number")], {})
    [job] = memory.jobs.values()
    assert job["args"] == {"delivery": "d1", "line": "key of a number"}
    assert (job["task_name"], job["queue_name"]) == (DELIVER, "test")
    assert job["lock"] == "key of a number", "one at a time of those to a number"
    assert job["queueing_lock"] == "d1", "one job of a delivery"


@pytest.mark.parametrize(
    ("after", "speed", "due"),
    [
        ({}, 1.0, None),
        ({"d2": LATER}, 1.0, None),
        ({"d1": LATER}, 1.0, NOW + LATER),
        ({"d1": LATER}, 60.0, NOW + timedelta(minutes=3)),
    ],
    ids=["at once", "another one waits", "in three hours", "on a faster clock"],
)
def test_a_delivery_is_looked_at_when_its_time_has_come(
    memory: MemoryQueue, after: dict[str, timedelta], speed: float, due: datetime | None
) -> None:
    jobs(Still(speed=speed)).put([queued("d1")], after)
    assert memory.job("d1")["scheduled_at"] == due


@pytest.mark.parametrize(
    ("status", "count"),
    [("todo", 1), ("doing", 1), ("failed", 2), ("succeeded", 2)],
    ids=["it waits", "it runs", "it failed", "it is over"],
)
def test_a_delivery_that_has_a_job_gets_no_second_one(
    memory: MemoryQueue, status: str, count: int
) -> None:
    memory.put("d1", status=status)
    jobs().put([queued("d1"), queued("d2")], {})
    assert ids(memory).count("d1") == count and ids(memory).count("d2") == 1


def test_put_twice_is_put_once(memory: MemoryQueue) -> None:
    for _ in range(2):
        jobs().put([queued("d1"), queued("d2")], {})
    assert sorted(ids(memory)) == ["d1", "d2"]


def test_while_jobs_are_put_no_other_program_puts_any(memory: MemoryQueue) -> None:
    jobs().put([queued()], {})
    [statement] = memory.locked
    assert "pg_advisory_xact_lock" in statement


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1])
def test_all_are_put_however_many_they_are(memory: MemoryQueue, count: int) -> None:
    jobs().put([queued(f"d{number}") for number in range(count)], {})
    assert len(set(ids(memory))) == len(memory.jobs) == count
    assert memory.analyzed is (count >= AT_ONCE), "the database learns that there are many"


# -- reschedule_earlier ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        (NOW + LATER, {}, NOW),
        (NOW + LATER, {"d1": timedelta(hours=1)}, NOW + timedelta(hours=1)),
        (NOW + LATER, {"d1": 2 * LATER}, NOW + LATER),
        (None, {"d1": LATER}, None),
    ],
    ids=["now", "sooner", "not later than it was", "what is due stays due"],
)
def test_what_waits_may_go_earlier_and_never_later(
    memory: MemoryQueue, before: datetime | None, after: dict[str, timedelta], due: datetime | None
) -> None:
    memory.put("d1", scheduled_at=before)
    memory.put("d2", scheduled_at=NOW + LATER)
    jobs().reschedule_earlier([queued("d1")], after)
    assert memory.job("d1")["scheduled_at"] == due
    assert memory.job("d2")["scheduled_at"] == NOW + LATER


def test_what_is_not_in_the_queue_is_not_put_into_it(memory: MemoryQueue) -> None:
    jobs().reschedule_earlier([queued("d1")], {})
    assert not memory.jobs


# -- the rest --------------------------------------------------------------------------------------


def test_what_the_queue_keeps_of_jobs_that_are_over_is_deleted(memory: MemoryQueue) -> None:
    jobs().delete_old_events()
    assert not memory.had_old_events


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectorException("the pool is closed"), "the pool is closed"),
        (psycopg.OperationalError("connection refused\nmore"), "connection refused"),
    ],
    ids=["of the queue's library", "of the database's"],
)
def test_a_database_that_is_away_is_said_in_words(
    memory: MemoryQueue, error: Exception, said: str
) -> None:
    memory.trouble = error
    with pytest.raises(SetupError) as refused:
        jobs().put([queued()], {})
    assert refused.value.message == f"the ledger cannot be opened: {said} ({URL})"
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_the_cause_of_the_library_s_error_is_said(memory: MemoryQueue) -> None:
    memory.trouble = ConnectorException()
    memory.trouble.__cause__ = psycopg.OperationalError("connection timeout expired")
    with pytest.raises(SetupError, match="connection timeout expired"):
        jobs().delete_old_events()


def test_a_worker_s_connections_wait_as_long_as_it_has_patience() -> None:
    pool = jobs().connections(7.5)
    assert pool.timeout == 7.5 and pool.closed, "nothing is connected before it is opened"
    assert (pool.kwargs or {})["host"] == "127.0.0.1"  # type: ignore[index]


# -- its tables ------------------------------------------------------------------------------------

TABLE = "CREATE TABLE procrastinate_jobs (lock TEXT, status TEXT)"
OLD, NEW = "03.00.00_01_old.sql", "03.01.00_01_new.sql"


@dataclass
class Library:
    """The queue's library at some version: the newest tables, and the changes that led to them."""

    patch: pytest.MonkeyPatch
    folder: Path

    def has(self, **changes: str) -> None:
        """Its newest tables, and its changes: name -> SQL."""
        for file in self.folder.iterdir():
            file.unlink()
        for name, script in changes.items():
            (self.folder / name).write_text(script, encoding="utf-8")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """One whose scripts SQLite understands."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    manager = "procrastinate.schema.SchemaManager"
    monkeypatch.setattr(f"{manager}.get_schema", staticmethod(lambda: TABLE))
    monkeypatch.setattr(f"{manager}.get_migrations_path", staticmethod(lambda: str(folder)))
    monkeypatch.setattr(psycopg, "Error", sqlite3.Error)
    found = Library(monkeypatch, folder)
    found.has(**{OLD: "CREATE TABLE old (a)"})
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with SqliteStore(tmp_path / "data" / "ledger.db").open() as ledger:
        yield ledger


def tables(ledger: Ledger) -> set[str]:
    """What of the queue's is there."""
    with ledger.reading() as connection:
        names: Sequence[Any] = sql.inspect(connection).get_table_names()
        indexes = sql.text("SELECT name FROM sqlite_master WHERE name = 'faxappeal_jobs_line'")
        index = set(connection.execute(indexes).scalars())
    return (set(names) & {"procrastinate_jobs", "old", "new"}) | index


def made_by(ledger: Ledger) -> str | None:
    query = sql.select(schema.meta.c.value).where(schema.meta.c.name == "procrastinate")
    with ledger.reading() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def test_a_new_ledger_gets_the_newest_tables_at_once(library: Library, ledger: Ledger) -> None:
    prepare(ledger)
    assert tables(ledger) == {"procrastinate_jobs", "faxappeal_jobs_line"}, "without old changes"
    assert made_by(ledger) == OLD


def test_prepared_twice_is_prepared_once(library: Library, ledger: Ledger) -> None:
    prepare(ledger)
    prepare(ledger)
    assert made_by(ledger) == OLD


def test_tables_of_an_older_library_are_brought_up_to_date(
    library: Library, ledger: Ledger
) -> None:
    prepare(ledger)
    library.has(**{OLD: "CREATE TABLE old (a)", NEW: "CREATE TABLE new (a)"})
    prepare(ledger)
    assert tables(ledger) == {"procrastinate_jobs", "faxappeal_jobs_line", "new"}
    assert made_by(ledger) == NEW


def test_a_newer_library_s_tables_are_left_alone(library: Library, ledger: Ledger) -> None:
    library.has(**{NEW: ""})
    prepare(ledger)
    library.has(**{OLD: "CREATE TABLE old (a)"})
    with pytest.raises(SetupError, match="made by a newer Procrastinate") as refused:
        prepare(ledger)
    assert "pip install -U 'faxappeal[workers]'" in refused.value.hint
    assert made_by(ledger) == NEW and "old" not in tables(ledger)


def test_a_change_that_cannot_be_made_changes_nothing(library: Library, ledger: Ledger) -> None:
    prepare(ledger)
    library.has(**{OLD: "", NEW: "CREATE TABLE new (a)", "04.sql": "CREATE TABLE old ("})
    with pytest.raises(SetupError, match="the queue's tables cannot be made: incomplete") as said:
        prepare(ledger)
    assert "nothing was changed" in said.value.hint
    assert made_by(ledger) == OLD and "new" not in tables(ledger)
