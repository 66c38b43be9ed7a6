"""A worker at the queues of its campaigns, until a signal comes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from procrastinate.exceptions import ConnectorException

from faxappeal.core.errors import SetupError
from faxappeal.workers.queue import FIRST
from faxappeal.workers.service import QueueConsumer
from faxappeal.workers.timing import Timing
from faxappeal.workers.worker import NextStep, Worker
from tests.support.job_queue import MemoryJobs, MemoryQueue

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NEVER = "0 0 29 2 *"  # what is done from time to time is not done meanwhile


@dataclass(frozen=True)
class Still(Timing):
    """A database whose clock stands still, far ahead: what is due later is not due in this test."""

    poll: float = 0.01
    again: float = 0.0
    takeover: str = NEVER
    chores: str = NEVER

    def due(self, after: timedelta) -> datetime:
        return NOW.replace(year=2100) + after


@dataclass
class Office:
    """A worker that steps deliveries as the test says, and ends after so many of them."""

    memory: MemoryQueue
    answer: Callable[[str], NextStep | None] = lambda _id: None
    ends_after: int = 1
    timing: Timing = field(default_factory=Still)
    stepped: list[str] = field(default_factory=list)
    said: list[Mapping[str, Any]] = field(default_factory=list)
    hears: Callable[[str], None] = lambda _event: None  # what happens when it says something
    chores: int = 0

    def step(self, id: str) -> NextStep | None:
        self.stepped.append(id)
        try:
            return self.answer(id)
        finally:
            if len(self.stepped) >= self.ends_after:
                signal.raise_signal(signal.SIGTERM)

    def do_chores(self) -> None:
        self.chores += 1
        signal.raise_signal(signal.SIGTERM)

    def tell(self, words: Mapping[str, Any]) -> None:
        self.said.append(words)
        self.hears(words["event"])

    def serve(self, *campaigns: str, at_once: int = 1) -> None:
        workers = dict.fromkeys(campaigns or ("test",), cast(Worker, self))
        QueueConsumer(MemoryJobs(timing=self.timing), workers, self.tell, at_once).serve()

    @property
    def events(self) -> list[Any]:
        return [line["event"] for line in self.said]


# -- jobs ------------------------------------------------------------------------------------------


def test_what_is_due_is_stepped_and_what_is_over_leaves_the_queue(memory: MemoryQueue) -> None:
    office = Office(memory, ends_after=2)
    memory.put("d1", line="a")
    memory.put("d2", line="b")
    office.serve()
    assert sorted(office.stepped) == ["d1", "d2"] and not memory.jobs
    assert office.said == [{"event": "started", "campaigns": ["test"]}, {"event": "ended"}]


def test_each_campaign_has_its_own_letters(memory: MemoryQueue) -> None:
    office = Office(memory, ends_after=2)
    memory.put("d1", "spring", line="a")
    memory.put("d2", "winter", line="b")
    memory.put("d3", "autumn", line="c")
    office.serve("spring", "autumn")
    assert sorted(office.stepped) == ["d1", "d3"]
    assert office.said[0]["campaigns"] == ["autumn", "spring"]
    assert memory.job("d2")["status"] == "todo", "another worker serves that one"


@pytest.mark.parametrize(
    ("step", "lock", "priority"),
    [
        (NextStep(timedelta(minutes=3)), "line", FIRST),
        (NextStep(timedelta(minutes=3), on_line=False), "line", 0),
        (NextStep(timedelta(minutes=3), alone=True, on_line=False), "d1", 0),
        (NextStep(timedelta(minutes=3), alone=True), "d1", FIRST),
    ],
    ids=["its call is on the line", "it waits with its number", "after a failure", "after a mistake"],
)  # fmt: skip
def test_a_letter_that_is_not_over_is_due_again(
    memory: MemoryQueue, step: NextStep, lock: str, priority: int
) -> None:
    office = Office(memory, lambda _id: step)
    memory.put("d1", line="line")
    office.serve()
    job = memory.job("d1")
    assert job["status"] == "todo"
    assert job["scheduled_at"] == Still().due(timedelta(minutes=3))
    assert (job["lock"], job["priority"]) == (lock, priority)
    assert job["args"] == {"delivery": "d1", "line": "line"}, "it can wait with its number again"


def test_a_step_that_was_cut_off_is_made_again_before_others(memory: MemoryQueue) -> None:
    def fails(_id: str) -> NextStep:
        raise RuntimeError("the process has no memory")

    office = Office(memory, fails, timing=Still(again=5.0))
    memory.put("d1", line="line")
    office.serve()
    job = memory.job("d1")
    assert (job["status"], job["priority"], job["lock"]) == ("todo", FIRST, "line")
    assert job["scheduled_at"] == Still().due(timedelta(seconds=5))


def test_of_two_to_one_number_what_is_on_the_line_goes_first(memory: MemoryQueue) -> None:
    office = Office(memory, ends_after=2)
    memory.put("d1", line="line")
    memory.put("d2", line="line", priority=FIRST)
    office.serve()
    assert office.stepped == ["d2", "d1"]


def test_what_is_not_due_yet_is_not_stepped(memory: MemoryQueue) -> None:
    office = Office(memory)
    memory.put("d1", line="a", scheduled_at=Still().due(timedelta(0)))
    memory.put("d2", line="b")
    office.serve()
    assert office.stepped == ["d2"]


# -- from time to time -----------------------------------------------------------------------------


def test_a_worker_does_its_chores_from_time_to_time(memory: MemoryQueue) -> None:
    office = Office(memory, timing=Still(chores="* * * * *"))
    office.serve()
    assert office.chores == 1


def test_a_worker_takes_over_what_another_one_left(memory: MemoryQueue) -> None:
    office = Office(memory, timing=Still(takeover="* * * * *"))
    memory.workers[7] = NOW.replace(year=2000)
    memory.put("d1", status="doing", worker_id=7)
    office.serve()
    assert {"event": "taken over", "delivery": "d1"} in office.said
    assert office.stepped == ["d1"] and not memory.jobs


def test_a_job_that_it_runs_is_not_taken_from_itself(
    memory: MemoryQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks twice while a step lasts."""
    looked = threading.Event()
    finish = memory.finish_job_run

    async def finished(job_id: int, **values: Any) -> None:
        await finish(job_id, **values)
        if len(memory.jobs) == 1:  # the step's own
            looked.set()

    def lasts(_id: str) -> None:
        assert looked.wait(10)

    monkeypatch.setattr(memory, "finish_job_run", finished)
    memory.put("d1", priority=FIRST)
    for look in ("a", "b"):
        memory.put(look, line=look, task_name="rescue test", args={"timestamp": 0})
    office = Office(memory, lasts)
    office.serve(at_once=2)
    assert office.events == ["started", "ended"] and office.stepped == ["d1"]


# -- the database ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectorException("no connection\nmore"), "no connection"),
        (SetupError("no password is known"), "no password is known"),
        (OSError(111, "Connection refused"), "[Errno 111] Connection refused"),
    ],
    ids=["the queue's library", "a setting", "the system"],
)
def test_a_database_that_is_away_is_waited_for(
    memory: MemoryQueue, error: Exception, said: str
) -> None:
    office = Office(memory)
    memory.put("d1")
    memory.trouble = error

    def hears(_event: str) -> None:
        if office.events.count("database") == 2:
            memory.trouble = None  # it is there again

    office.hears = hears
    office.serve()
    assert office.events == ["started", "database", "database", "ended"]
    assert office.said[1]["message"] == said
    assert office.stepped == ["d1"]


def test_a_connection_that_is_lost_while_it_works_is_made_once_more(memory: MemoryQueue) -> None:
    office = Office(memory)
    memory.put("d1")
    memory.break_down = ConnectorException("the server has closed it")
    office.serve()
    assert office.said[1] == {"event": "database", "message": "the server has closed it"}
    assert office.stepped == ["d1"] and office.events == ["started", "database", "ended"]


def test_the_cause_is_said_and_not_what_the_library_makes_of_it(memory: MemoryQueue) -> None:
    office = Office(memory, hears=_ends_at("database"))
    memory.trouble = ConnectorException("")
    memory.trouble.__cause__ = OSError(32, "Broken pipe")
    office.serve()
    assert office.said[1] == {"event": "database", "message": "[Errno 32] Broken pipe"}


def _ends_at(event: str) -> Callable[[str], None]:
    """A signal comes at this event."""

    def hears(heard: str) -> None:
        if heard == event:
            signal.raise_signal(signal.SIGTERM)

    return hears


# -- signals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_it_after_the_step_that_it_makes(
    memory: MemoryQueue, number: signal.Signals
) -> None:
    def pressed(_id: str) -> NextStep:
        signal.raise_signal(number)
        return NextStep(timedelta(minutes=3))

    office = Office(memory, pressed, ends_after=99)
    memory.put("d1", line="line")
    memory.put("d2", line="line")
    office.serve()
    assert office.stepped == ["d1"] and office.events == ["started", "ended"]
    assert memory.job("d1")["scheduled_at"] == Still().due(timedelta(minutes=3)), "it is kept"
    assert memory.job("d2")["status"] == "todo"


def test_a_signal_while_the_database_is_away_ends_it(memory: MemoryQueue) -> None:
    office = Office(memory, timing=Still(again=3600.0), hears=_ends_at("database"))
    memory.trouble = ConnectorException("no connection")
    office.serve()
    assert office.events == ["started", "database", "ended"]


def test_afterwards_signals_do_what_they_did_before(memory: MemoryQueue) -> None:
    both = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in both]
    memory.put("d1")
    Office(memory).serve()
    assert [signal.getsignal(number) for number in both] == before
