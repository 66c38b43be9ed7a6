"""The workers' queue in memory, and a database that is reached through the queue's own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from procrastinate.exceptions import UniqueViolation
from procrastinate.manager import QUEUEING_LOCK_CONSTRAINT
from procrastinate.testing import InMemoryConnector

from faxappeal.config.sections import LedgerSection
from faxappeal.workers import queue
from faxappeal.workers.queue import Jobs

URL = "postgresql://us@127.0.0.1/ledger"
_STANDING = ("todo", "doing")


class MemoryQueue(InMemoryConnector):
    """Procrastinate's stand-in, with what the queue asks of PostgreSQL in its own SQL."""

    def __init__(self) -> None:
        super().__init__()
        self.reverse_queries |= {
            queue._STANDING: "standing",
            queue._HASTEN: "hasten",
            queue._OLD_EVENTS: "delete_old_events",
            "ANALYZE procrastinate_jobs": "analyze",
        }
        self.had_old_events = True
        self.analyzed = False
        self.trouble: Exception | None = None  # when it is opened
        self.break_down: Exception | None = None  # when a worker asks for a job, once
        self.locked: list[str] = []

    # -- as the library's connectors have it

    def open(self, pool: Any = None) -> None:
        if self.trouble:
            raise self.trouble
        super().open(pool)

    async def open_async(self, pool: Any = None) -> None:
        if self.trouble:
            raise self.trouble
        await super().open_async(pool)

    async def fetch_job_one(self, *values: Any, **named: Any) -> dict[str, Any]:
        if error := self.break_down:
            self.break_down = None
            raise error
        return await super().fetch_job_one(*values, **named)

    def execute_query(self, query: str, **arguments: Any) -> None:
        getattr(self, self.reverse_queries[query])(**arguments)

    def execute_query_all_with_connection(
        self, connection: Any, query: str, **arguments: Any
    ) -> list[dict[str, Any]]:
        if query == queue._STANDING:
            return self.standing(**arguments)
        return super().execute_query_all_with_connection(connection, query, **arguments)

    async def retry_job_run(self, job_id: int, *values: Any, **named: Any) -> None:
        """Of one delivery no second job waits."""
        lock = self.jobs[job_id]["queueing_lock"]
        others = (job for id, job in self.jobs.items() if id != job_id)
        if any((job["queueing_lock"], job["status"]) == (lock, "todo") for job in others):
            raise UniqueViolation(constraint_name=QUEUEING_LOCK_CONSTRAINT, queueing_lock=lock)
        await super().retry_job_run(job_id, *values, **named)

    @property
    def pool(self) -> MemoryQueue:
        return self

    @contextmanager
    def connection(self) -> Iterator[MemoryQueue]:
        yield self

    def execute(self, statement: str) -> None:
        self.locked.append(statement)

    # -- what the queue's own SQL does

    def standing(self, locks: list[str]) -> list[dict[str, Any]]:
        found = (job for job in self.jobs.values() if job["status"] in _STANDING)
        return [job for job in found if job["queueing_lock"] in locks]

    def hasten(self, locks: list[str], dues: list[datetime]) -> None:
        wanted = dict(zip(locks, dues, strict=True))
        for job in self.jobs.values():
            due, now = wanted.get(job["queueing_lock"]), job["scheduled_at"]
            if due and job["status"] == "todo" and now is not None and now > due:
                job["scheduled_at"] = due

    def delete_old_events(self) -> None:
        self.had_old_events = False

    def analyze(self) -> None:
        self.analyzed = True

    # -- for tests

    def job(self, delivery: str) -> dict[str, Any]:
        """The job of a delivery."""
        [found] = [job for job in self.jobs.values() if job["args"].get("delivery") == delivery]
        return found

    def put(
        self, delivery: str, campaign: str = "test", *, line: str = "line", **values: Any
    ) -> dict[str, Any]:
        """A job is there, whatever its state."""
        id = next(self.job_counter)
        self.jobs[id] = {
            "id": id,
            "queue_name": campaign,
            "task_name": queue.DELIVER,
            "priority": 0,
            "lock": line,
            "queueing_lock": delivery,
            "args": {"delivery": delivery, "line": line},
            "status": "todo",
            "scheduled_at": None,
            "attempts": 0,
            "abort_requested": False,
            "worker_id": None,
            **values,
        }
        self.events[id] = []
        return self.jobs[id]


def section() -> LedgerSection:
    """The settings of a ledger that machines share; its server is never asked."""
    return LedgerSection.model_validate({"url": URL, "password": "hunter2"})


@dataclass(frozen=True)
class MemoryJobs(Jobs):
    """The queue beside a ledger, for a worker that needs no connection to it."""

    section: LedgerSection = field(default_factory=section)

    @asynccontextmanager
    async def connections(self, patience: float) -> AsyncIterator[None]:  # type: ignore[override]
        yield None


def in_memory(monkeypatch: pytest.MonkeyPatch) -> MemoryQueue:
    """From now on the queue's library reaches this queue, in place of a server."""
    memory = MemoryQueue()
    monkeypatch.setattr("procrastinate.SyncPsycopgConnector", lambda **_: memory)
    monkeypatch.setattr("faxappeal.workers.service.PsycopgConnector", lambda: memory)
    return memory
