"""The jobs of workers that have stopped go to other workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate import App
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from faxappeal.workers.dead_workers import add_takeover
from faxappeal.workers.queue import FIRST
from faxappeal.workers.timing import Timing
from tests.support.job_queue import MemoryQueue

OURS, OTHER = 1, 2  # workers


@dataclass
class Rescue:
    """Worker 1, which looks for jobs that no worker runs."""

    memory: MemoryQueue = field(default_factory=MemoryQueue)
    running: set[int | None] = field(default_factory=set)
    said: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = App(connector=self.memory)
        add_takeover(self.app, "test", self.said.append, self.running, Timing(stalled=40.0))
        self.seen(OURS)

    def seen(self, worker: int, seconds_ago: float = 0.0) -> None:
        """When a worker was last heard of."""
        self.memory.workers[worker] = datetime.now(UTC) - timedelta(seconds=seconds_ago)

    def look(self) -> None:
        job = Job(
            id=99,
            queue="test",
            lock=None,
            queueing_lock=None,
            task_name="rescue test",
            worker_id=OURS,
        )
        context = JobContext(app=self.app, job=job, start_timestamp=0.0, abort_reason=_never)
        asyncio.run(self.app.tasks["rescue test"].func(context, timestamp=0))

    @property
    def taken(self) -> list[Any]:
        return [line["delivery"] for line in self.said if line["event"] == "taken over"]


def _never() -> None:
    return None


@pytest.mark.parametrize(
    ("seconds_ago", "campaign", "is_taken"),
    [(41.0, "test", True), (30.0, "test", False), (41.0, "other", False)],
    ids=["silent for too long", "heard of just now", "of another campaign"],
)
def test_the_jobs_of_a_worker_that_is_silent_are_taken_over(
    seconds_ago: float, campaign: str, is_taken: bool
) -> None:
    rescue = Rescue()
    job = rescue.memory.put("d1", campaign, status="doing", worker_id=OTHER)
    rescue.seen(OTHER, seconds_ago)
    rescue.look()
    assert job["status"] == ("todo" if is_taken else "doing")
    assert rescue.taken == (["d1"] if is_taken else [])


def test_what_is_taken_over_goes_first_since_its_call_may_be_on_the_line() -> None:
    rescue = Rescue()
    job = rescue.memory.put("d1", status="doing", worker_id=OTHER)
    rescue.seen(OTHER, 60)
    rescue.look()
    assert job["priority"] == FIRST and job["scheduled_at"] <= datetime.now(UTC)


Change = Callable[[Rescue, dict[str, Any]], None]


def _nothing(_rescue: Rescue, _job: dict[str, Any]) -> None:
    pass


def _starts_again(_rescue: Rescue, job: dict[str, Any]) -> None:
    job["attempts"] += 1


def _runs(rescue: Rescue, job: dict[str, Any]) -> None:
    rescue.running.add(job["id"])


def _ends(rescue: Rescue, job: dict[str, Any]) -> None:
    del rescue.memory.jobs[job["id"]]


@pytest.mark.parametrize(
    ("between", "is_taken"),
    [(_nothing, True), (_starts_again, False), (_runs, False), (_ends, False)],
    ids=["nothing changed", "it was begun once more", "it runs by now", "its end was noted"],
)
def test_a_job_of_its_own_that_it_does_not_run_is_taken_up_at_the_second_look(
    between: Change, is_taken: bool
) -> None:
    rescue = Rescue()
    job = rescue.memory.put("d1", status="doing", worker_id=OURS)
    rescue.look()
    assert not rescue.taken, "its end may be on the way to the queue"
    between(rescue, job)
    rescue.look()
    assert rescue.taken == (["d1"] if is_taken else [])


def test_two_looks_that_are_not_in_a_row_prove_nothing() -> None:
    rescue = Rescue()
    job = rescue.memory.put("d1", status="doing", worker_id=OURS)
    rescue.look()
    _runs(rescue, job)
    rescue.look()
    rescue.running.clear()  # it has just ended, and the queue does not know yet
    rescue.look()
    assert not rescue.taken


def test_a_job_that_it_runs_stays_its_own() -> None:
    rescue = Rescue()
    _runs(rescue, rescue.memory.put("d1", status="doing", worker_id=OURS))
    for _ in range(3):
        rescue.look()
    assert not rescue.taken


def test_a_job_that_waits_is_none_of_its_business() -> None:
    rescue = Rescue()
    rescue.memory.put("d1")
    rescue.look()
    rescue.look()
    assert not rescue.taken


def test_of_a_job_that_is_there_twice_one_ends() -> None:
    rescue = Rescue()
    lost = rescue.memory.put("d1", status="doing", worker_id=OTHER)
    waiting = rescue.memory.put("d1")
    rescue.seen(OTHER, 60)
    rescue.look()
    assert list(rescue.memory.jobs.values()) == [waiting] and lost is not waiting
    assert rescue.taken == ["d1"]


def test_each_campaign_has_a_look_of_its_own_at_the_times_that_are_set() -> None:
    app = App(connector=MemoryQueue())
    for campaign in ("spring", "autumn"):
        add_takeover(app, campaign, lambda _: None, set(), Timing(takeover="*/5 * * * *"))
    found = {
        (each.task.name, each.task.queue, each.cron)
        for each in app.periodic_registry.periodic_tasks.values()
    }
    assert found == {
        ("rescue spring", "spring", "*/5 * * * *"),
        ("rescue autumn", "autumn", "*/5 * * * *"),
    }
