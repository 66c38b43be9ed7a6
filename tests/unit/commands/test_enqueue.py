"""What is left to the workers: the ledger has it before the queue, and again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.commands import enqueue as module
from faxappeal.commands.enqueue import enqueue
from faxappeal.commands.plan_rows import CALL, SendPlan
from faxappeal.commands.selection import Choice
from faxappeal.core.errors import ExitCode, UsageError
from faxappeal.core.lifecycle import Fate, HoldReason, State
from faxappeal.core.result import Result
from faxappeal.ledger import Ledger
from faxappeal.ledger.locking import LedgerLocked, lock
from tests.support.commands import Surroundings

MINUTE = timedelta(minutes=1)
STEP = 5 * MINUTE + CALL  # the gap between two calls, and a call


@dataclass
class Queue:
    """The workers' queue: when each letter is to be looked at, by its recipient."""

    prepared: int = 0
    put_in: dict[str, timedelta] = field(default_factory=dict)
    waits: list[timedelta] = field(default_factory=list)  # in the order of the plan
    earlier: dict[str, timedelta] = field(default_factory=dict)
    in_ledger: list[str | None] = field(default_factory=list)  # the hash, when it was put in
    ledger: Ledger | None = None

    def prepare(self, ledger: Ledger) -> None:
        self.prepared += 1
        self.ledger = ledger

    def put(self, deliveries: Iterable[Delivery], after: Mapping[str, timedelta]) -> None:
        assert self.ledger
        for letter in deliveries:
            wait = after.get(letter.id, timedelta(0))
            self.put_in[letter.recipient.id] = wait
            self.waits.append(wait)
            record = self.ledger.queries.get(letter.id)
            self.in_ledger.append(record.ordered if record else None)

    def reschedule_earlier(
        self, deliveries: Iterable[Delivery], after: Mapping[str, timedelta]
    ) -> None:
        for letter in deliveries:
            self.earlier[letter.recipient.id] = after.get(letter.id, timedelta(0))


@dataclass
class _Database:
    section: None = None


@pytest.fixture
def queue(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Queue:
    found = Queue()
    monkeypatch.setattr(module, "database", lambda _store: _Database())
    monkeypatch.setattr(module, "Jobs", lambda _section, _timing: found)
    monkeypatch.setattr(module, "prepare", found.prepare)
    return found


def left(around: Surroundings, choice: Choice | None = None) -> Result:
    with around.plan(choice) as plan:
        return enqueue(plan, around.environment)


def plan_of(around: Surroundings) -> dict[str, str]:
    with around.plan() as plan:
        return {row.recipient: row.reason for row in plan.rows}


def test_what_would_go_is_left_to_the_workers(around: Surroundings, queue: Queue) -> None:
    around.write("one +12025550101", "two +12025550102", "mail office@example.org")
    result = left(around)
    assert result.exit_code is ExitCode.OK and result.data.queued == 3
    assert [row.reason for row in result.data.rows] == ["in the queue of the workers"] * 3
    assert queue.prepared == 1 and list(queue.put_in) == ["one", "two", "mail"]
    assert not around.account.submitted


def test_the_ledger_has_the_letter_before_the_queue_has_it(
    around: Surroundings, queue: Queue
) -> None:
    """Workers send no other letter than this one."""
    with around.plan() as plan:
        enqueue(plan, around.environment)
    assert queue.in_ledger == [plan.rows[0].content]
    with around.ledger() as ledger:
        assert str(ledger.queries.first_sent("test")) == "2026-11-24"
        assert [each.id for each in ledger.queries.ordered("test")] == [plan.rows[0].delivery.id]


@pytest.mark.parametrize(
    ("state", "hold", "fate", "code"),
    [
        (State.DELIVERED, None, Fate.SENT, ExitCode.OK),
        (State.UNKNOWN, None, Fate.UNKNOWN, ExitCode.UNKNOWN),
        (State.FAILED, None, Fate.FAILED, ExitCode.INCOMPLETE),
        (State.PLANNED, HoldReason.VOICE, Fate.HELD, ExitCode.INCOMPLETE),
    ],
)
def test_what_would_not_go_is_not_left_to_them(
    around: Surroundings,
    queue: Queue,
    state: State,
    hold: HoldReason | None,
    fate: Fate,
    code: ExitCode,
) -> None:
    around.write("one +12025550101", "two +12025550102")
    around.end(state, "one")
    if hold:
        around.hold(hold)
    result = left(around)
    assert [row.fate for row in result.data.rows] == [fate, Fate.WAITS]
    assert list(queue.put_in) == ["two"] and result.data.queued == 1
    assert result.exit_code is code, "what is in the queue is no failure"


def test_what_is_in_progress_is_followed_by_them(around: Surroundings, queue: Queue) -> None:
    around.end(State.ACCEPTED)
    result = left(around)
    assert list(queue.put_in) == ["one"] and result.exit_code is ExitCode.OK


def test_again_changes_nothing_but_the_letter(around: Surroundings, queue: Queue) -> None:
    left(around)
    with around.plan() as plan:
        changed = SendPlan(
            plan.context,
            plan.letters,
            plan.choice,
            tuple(replace(row, content="e" * 64) for row in plan.rows),
            dry_run=False,
        )
        enqueue(changed, around.environment)
    assert queue.in_ledger == [plan.rows[0].content, "e" * 64]
    assert around.events() == ["planned"]


# -- when each is to be looked at --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipients", "after"),
    [
        pytest.param(["one +12025550101"], [0 * MINUTE], id="one letter, at once"),
        pytest.param(["one +12025550101", "two +12025550102"], [0 * MINUTE] * 2, id="two numbers"),
        pytest.param(
            ["one one@example.org", "two two@example.org"], [0 * MINUTE] * 2, id="e-mails"
        ),
    ],
)
def test_what_can_go_now_is_looked_at_now(
    around: Surroundings, queue: Queue, recipients: list[str], after: list[timedelta]
) -> None:
    around.write(*recipients)
    left(around)
    assert list(queue.put_in.values()) == after and queue.earlier == queue.put_in


def test_letters_of_many_senders_to_one_number_are_looked_at_one_after_the_other(
    around: Surroundings, queue: Queue
) -> None:
    around.write("one +12025550101", settings='\n[senders]\nmode = "each"\n')
    path = around.folder / "senders.csv"
    lines = [f"s-{number},Person {number},,2026-11-20\n" for number in range(3)]
    path.write_text("id,name,place,consent\n" + "".join(lines), encoding="utf-8")
    path.chmod(0o600)
    left(around)
    assert queue.waits == [0 * STEP, 1 * STEP, 2 * STEP]


def test_before_the_office_opens_no_worker_looks(around: Surroundings, queue: Queue) -> None:
    around.clock.sleep(12 * 3600)  # ten at night there
    left(around)
    wait = queue.put_in["one"]
    assert timedelta(hours=10) - MINUTE < wait <= timedelta(hours=10)


def test_hours_that_were_made_longer_bring_a_letter_forward(
    around: Surroundings, queue: Queue
) -> None:
    around.clock.sleep(12 * 3600)
    left(around)
    around.change("faxappeal.toml", "[fax]\n", '[pacing]\nhours = "00:00-24:00"\n[fax]\n')
    left(around)
    assert queue.earlier == {"one": timedelta(0)}


# -- what a person agreed to -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "terms", "events"),
    [
        pytest.param(Choice(), "", ["planned"], id="nothing"),
        pytest.param(Choice(again=True), "again", ["planned", "again"], id="once more"),
        pytest.param(
            Choice(accepted=("one",), reason="they said so"),
            "unverified",
            ["planned", "accepted-unverified"],
            id="a doubtful contact",
        ),
        pytest.param(
            Choice(again=True, accepted=("one",), reason="they said so"),
            "again unverified",
            ["planned", "again", "accepted-unverified"],
            id="both",
        ),
    ],
)
def test_the_workers_know_what_a_person_agreed_to(
    around: Surroundings, queue: Queue, choice: Choice, terms: str, events: list[str]
) -> None:
    left(around, choice)
    with around.ledger() as ledger:
        [record] = ledger.queries.records("test")
    assert record.terms == terms and around.events() == events


def test_a_run_keeps_letters_out_of_the_queue(around: Surroundings, queue: Queue) -> None:
    with around.ledger() as ledger, lock(ledger, "a run"), pytest.raises(LedgerLocked):
        left(around)
    assert queue.put_in == {} and plan_of(around) == {"one": ""}


def test_a_ledger_in_a_file_has_no_workers(around: Surroundings) -> None:
    with around.plan() as plan, pytest.raises(UsageError, match="a ledger in PostgreSQL"):
        enqueue(plan, around.environment)
    assert around.events() == []
