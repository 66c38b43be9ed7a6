"""What a worker is asked for, what it refuses before it begins, and the lines that it writes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from faxappeal.commands import worker as module
from faxappeal.commands.worker import MOST, worker
from faxappeal.core.errors import SetupError, UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.lifecycle import State
from faxappeal.ledger import Ledger
from faxappeal.ledger.location import LedgerStore
from faxappeal.ledger.locking import LedgerLocked, lock
from faxappeal.workers import service as queue_service  # it starts a process when it is loaded
from faxappeal.workers.timing import Timing
from faxappeal.workers.worker import Worker
from tests.support.campaigns import write
from tests.support.commands import HYLAFAX, Surroundings

LIBRARIES = ("procrastinate", "psycopg", "psycopg.pool", "asyncio")


@dataclass(frozen=True)
class Home:
    """A ledger in a file, which is taken for one that many machines share."""

    store: LedgerStore
    section: str = "the section"

    def open(self) -> Ledger:
        return self.store.open()


@dataclass
class Service:
    """What serves the queues; `while_serving` is called instead."""

    while_serving: Callable[[Service], None] = lambda _service: None
    jobs: Any = None
    workers: Mapping[str, Worker] = field(default_factory=dict)
    tell: Callable[[Mapping[str, Any]], None] = lambda _line: None
    at_once: int = 0
    served: int = 0
    prepared: int = 0

    def make(
        self,
        jobs: Any,
        workers: Mapping[str, Worker],
        tell: Callable[[Mapping[str, Any]], None],
        at_once: int,
    ) -> Service:
        self.jobs, self.workers, self.tell, self.at_once = jobs, workers, tell, at_once
        return self

    def prepare(self, _ledger: Ledger) -> None:
        self.prepared += 1

    def serve(self) -> None:
        self.served += 1
        self.while_serving(self)


@pytest.fixture
def service(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Service:
    found = Service()
    monkeypatch.setattr(module, "database", Home)
    monkeypatch.setattr(module, "prepare", found.prepare)
    monkeypatch.setattr(queue_service, "QueueConsumer", found.make)
    return found


@pytest.fixture(autouse=True)
def _loggers() -> Iterator[None]:
    """The libraries' loggers are as before after it."""
    found = [logging.getLogger(name) for name in LIBRARIES]
    before = [(list(logger.handlers), logger.propagate) for logger in found]
    yield
    for logger, (handlers, propagate) in zip(found, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate


def works(
    around: Surroundings,
    *folders: Path,
    at_once: int = 4,
    lines: list[Mapping[str, Any]] | None = None,
) -> None:
    tell = (lines if lines is not None else []).append
    worker(around.environment, folders or (around.folder,), at_once, tell)


# -- what it serves ----------------------------------------------------------------------------------


def test_each_campaign_has_a_worker_of_its_own(
    around: Surroundings, service: Service, tmp_path: Path
) -> None:
    other = write(tmp_path / "other", ["one +12025550101"], settings=HYLAFAX)
    toml = other / "faxappeal.toml"
    toml.write_text(toml.read_text().replace('id = "test"', 'id = "other"'), encoding="utf-8")
    works(around, around.folder, other, at_once=7)
    assert list(service.workers) == ["test", "other"]
    assert (service.served, service.prepared, service.at_once) == (1, 1, 7)
    assert service.jobs.section == "the section" and service.jobs.timing == Timing()


def test_a_worker_steps_the_letters_of_its_campaign(around: Surroundings, service: Service) -> None:
    with around.plan() as plan:
        [row] = plan.rows
        ledger = plan.context.ledger
        assert ledger
        ledger.plan(row.delivery, around.clock.now())
        digest = plan.context.letters().content_sha256(row.delivery)
        ledger.queue_for_workers({row.delivery.id: digest}, {row.delivery.id: ""})

    def step(served: Service) -> None:
        served.workers["test"].step(row.delivery.id)

    service.while_serving = step
    lines: list[Mapping[str, Any]] = []
    works(around, lines=lines)
    assert around.states() == {"one": State.ACCEPTED} and around.opened == ["hylafax"]
    assert [line["event"] for line in lines] == ["accepted"]
    assert not any("2025550101" in str(line) for line in lines), "no personal data"


# -- what it refuses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [0, -1, MOST + 1])
def test_so_many_letters_at_once_are_refused(
    around: Surroundings, service: Service, at_once: int
) -> None:
    with pytest.raises(UsageError, match="--at-once is a number from 1 to 20"):
        works(around, at_once=at_once)
    assert service.served == 0


@pytest.mark.parametrize("at_once", [1, MOST])
def test_one_and_twenty_letters_at_once_will_do(
    around: Surroundings, service: Service, at_once: int
) -> None:
    works(around, at_once=at_once)
    assert service.at_once == at_once


def test_the_same_campaign_twice_is_refused(
    around: Surroundings, service: Service, tmp_path: Path
) -> None:
    copy = write(tmp_path / "copy", ["one +12025550101"], settings=HYLAFAX)
    with pytest.raises(UsageError, match="two of the folders are the same campaign"):
        works(around, around.folder, copy)


def test_campaigns_with_different_ledgers_are_refused(
    around: Surroundings, service: Service, tmp_path: Path
) -> None:
    ledger = f'\n[ledger]\nurl = "sqlite:///{tmp_path}/own.db"\n'
    other = write(tmp_path / "other", ["one +12025550101"], settings=HYLAFAX + ledger)
    toml = other / "faxappeal.toml"
    toml.write_text(toml.read_text().replace('id = "test"', 'id = "other"'), encoding="utf-8")
    with pytest.raises(UsageError, match="the campaigns have different ledgers"):
        works(around, around.folder, other)
    assert service.served == 0


def test_a_ledger_in_a_file_is_refused(around: Surroundings) -> None:
    with pytest.raises(UsageError, match="workers need a ledger in PostgreSQL"):
        works(around)


def test_a_campaign_with_an_error_is_refused(around: Surroundings, service: Service) -> None:
    around.change("recipients.yaml", "+12025550101", "+1202")
    with pytest.raises(InvalidCampaign):
        works(around)


def test_while_a_run_sends_no_worker_begins(around: Surroundings, service: Service) -> None:
    with around.ledger() as ledger, lock(ledger, "a run"), pytest.raises(LedgerLocked):
        works(around)
    assert (service.served, service.prepared) == (0, 0)


def test_others_hear_who_holds_the_ledger(around: Surroundings, service: Service) -> None:
    said: list[LedgerLocked] = []

    def another(_service: Service) -> None:
        with around.ledger() as ledger, pytest.raises(LedgerLocked) as refused, lock(ledger, "x"):
            pytest.fail("two hold it")
        said.append(refused.value)

    service.while_serving = another
    works(around)
    assert "worker of test, " in said[0].message


# -- what it says ------------------------------------------------------------------------------------


def says(around: Surroundings, service: Service, say: Callable[[Service], None]) -> list[Any]:
    """The lines that are written while it serves."""
    lines: list[Mapping[str, Any]] = []
    service.while_serving = say
    works(around, lines=lines)
    return lines


def test_each_line_has_the_time_to_the_second(around: Surroundings, service: Service) -> None:
    [line] = says(around, service, lambda served: served.tell({"event": "stops"}))
    assert line == {"at": "2026-11-24T16:00:00+01:00", "event": "stops"}


@pytest.mark.parametrize(
    ("message", "hidden"),
    [
        ("no mailbox office@example.org", "office@example.org"),
        ("the call to +12025550101 failed", "12025550101"),
    ],
)
def test_what_a_server_said_names_no_person(
    around: Surroundings, service: Service, message: str, hidden: str
) -> None:
    line = {"event": "stopped", "message": message}
    [written] = says(around, service, lambda served: served.tell(line))
    assert hidden not in written["message"]


def test_a_log_that_is_full_stops_no_letter(around: Surroundings, service: Service) -> None:
    def full(_line: Mapping[str, Any]) -> None:
        raise OSError(28, "No space left on device")

    service.while_serving = lambda served: served.tell({"event": "delivered"})
    worker(around.environment, [around.folder], 4, full)
    assert service.served == 1


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_library_has_to_say_is_a_line_of_ours(
    around: Surroundings, service: Service, capsys: pytest.CaptureFixture[str], library: str
) -> None:
    def complain(_service: Service) -> None:
        logger = logging.getLogger(library)
        logger.warning("nothing of weight")
        logger.error("lost %s\nTraceback: words of a letter", "the connection")
        logger.error("x" * 1000)

    first, second = says(around, service, complain)
    assert (first["event"], first["message"]) == ("queue", "lost the connection")
    assert len(second["message"]) == 300
    assert capsys.readouterr() == ("", "")


def test_after_an_error_another_process_can_send(around: Surroundings, service: Service) -> None:
    def breaks(_service: Service) -> None:
        raise SetupError("the database is gone", "")

    service.while_serving = breaks
    with pytest.raises(SetupError, match="the database is gone"):
        works(around)
    with around.ledger() as ledger, lock(ledger, "the next"):
        assert service.served == 1
