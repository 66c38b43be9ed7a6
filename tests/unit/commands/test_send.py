"""Sending: a plan that a person says yes to, and what follows from yes, no and Ctrl-C."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.commands import enqueue as enqueue_module
from faxappeal.commands.environment import Environment
from faxappeal.commands.plan_rows import SendPlan, SendResult
from faxappeal.commands.run import Run
from faxappeal.commands.selection import Choice
from faxappeal.commands.send import send
from faxappeal.core.errors import ExitCode, SetupError, UsageError
from faxappeal.core.lifecycle import Fate, HoldReason, State
from faxappeal.core.result import Result
from faxappeal.delivery.run_loop import NullObserver, RunObserver
from faxappeal.ledger.locking import LedgerLocked, lock
from faxappeal.providers.base import Outcome, ProviderReport
from tests.support.commands import Surroundings
from tests.support.world import ScriptedAccount

TWO = ("one +12025550101", "mail office@example.org")


@dataclass
class Person(NullObserver):
    """Says yes or no, looks on, and perhaps types Ctrl-C at the first step."""

    says: bool = True
    cancels: bool = False
    types: signal.Signals | None = None
    plans: list[SendPlan] = field(default_factory=list)
    cancelled: list[Run] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def confirm(self, plan: SendPlan) -> bool:
        self.plans.append(plan)
        return self.says

    def confirm_cancel(self, run: Run) -> bool:
        self.cancelled.append(run)
        return self.cancels

    @contextmanager
    def observe(self, _plan: SendPlan) -> Iterator[RunObserver]:
        self.seen.append("begins")
        yield self
        self.seen.append("ends")

    def goes(self, delivery: Delivery) -> None:
        self.seen.append(delivery.recipient.id)
        if self.types and len(self.seen) == 2:
            os.kill(os.getpid(), self.types)


def sent(
    around: Surroundings,
    person: Person | None = None,
    choice: Choice | None = None,
    *,
    dry_run: bool = False,
    enqueue: bool = False,
    wait: bool = True,
) -> Result:
    person = person or Person()
    return send(
        around.environment,
        choice or Choice(),
        person.confirm,
        person.confirm_cancel,
        person.observe,
        dry_run=dry_run,
        enqueue=enqueue,
        wait=wait,
    )


def fates(result: Result) -> list[str]:
    return [row.fate for row in result.data.rows]


# -- yes and no --------------------------------------------------------------------------------------


def test_what_a_person_says_yes_to_is_sent(around: Surroundings) -> None:
    person = Person()
    result = sent(around, person)
    assert (fates(result), result.exit_code) == ([Fate.SENT], ExitCode.OK)
    [plan] = person.plans
    assert [row.recipient for row in plan.leaving] == ["one"]
    assert person.seen[0] == "begins" and person.seen[-1] == "ends" and "one" in person.seen
    assert len(around.account.documents) == 1 and around.account.documents[0][:2] == b"II"


def test_no_means_no(around: Surroundings) -> None:
    person = Person(says=False)
    result = sent(around, person)
    assert (fates(result), result.exit_code) == ([Fate.GOES], ExitCode.INCOMPLETE)
    assert result.data.declined and person.seen == []
    assert not around.account.submitted and around.events() == []


@pytest.mark.parametrize(("wait", "fate"), [(True, Fate.SENT), (False, Fate.IN_PROGRESS)])
def test_outcomes_are_waited_for_unless_a_person_does_not_want_that(
    around: Surroundings, wait: bool, fate: Fate
) -> None:
    assert fates(sent(around, wait=wait)) == [fate]


@pytest.mark.parametrize(
    ("before", "hold", "code"),
    [
        (State.DELIVERED, None, ExitCode.OK),
        (State.FAILED, None, ExitCode.INCOMPLETE),
        (State.UNKNOWN, None, ExitCode.UNKNOWN),
        (State.PLANNED, HoldReason.VOICE, ExitCode.INCOMPLETE),
    ],
)
def test_where_nothing_will_go_a_person_is_not_asked(
    around: Surroundings, before: State, hold: HoldReason | None, code: ExitCode
) -> None:
    around.end(before)
    if hold:
        around.hold(hold)
    person = Person()
    result = sent(around, person)
    assert result.exit_code is code and person.plans == [] and person.seen == []
    assert not result.data.declined


def test_where_nothing_will_go_letters_to_those_who_left_the_list_are_followed(
    around: Surroundings,
) -> None:
    around.write("old +12025550109", "one +12025550101")
    around.end(State.ACCEPTED, "old", report=ProviderReport("job 7"))
    around.end(State.DELIVERED, "one")
    around.write("one +12025550101")
    sent(around)
    assert around.states() == {"old": State.DELIVERED, "one": State.DELIVERED}


def test_only_one_process_sends(around: Surroundings) -> None:
    with around.ledger() as ledger, lock(ledger, "another"), pytest.raises(LedgerLocked):
        sent(around)
    assert not around.account.submitted


def test_a_doubtful_choice_is_refused_before_a_person_is_asked(around: Surroundings) -> None:
    person = Person()
    with pytest.raises(UsageError):
        sent(around, person, Choice(accepted=("one",)))
    assert person.plans == []


# -- a dry run ---------------------------------------------------------------------------------------


def test_a_dry_run_writes_what_would_be_sent_and_asks_no_person(
    around: Surroundings, nobody: Path
) -> None:
    around.write(*TWO)
    person = Person()
    result = sent(around, person, dry_run=True)
    fax, email = result.data.rows
    assert fax.files == ("outbox/one-fax.tif", "outbox/one-fax.pdf")
    assert email.files == ("outbox/mail-email.eml",)
    assert all((around.folder / name).is_file() for name in (*fax.files, *email.files))
    assert result.exit_code is ExitCode.OK and result.data.plan.dry_run
    assert person.plans == [] and not around.opened and not (nobody / "data").exists()


def test_a_dry_run_writes_nothing_of_what_went_out(around: Surroundings) -> None:
    around.write(*TWO)
    around.end(State.DELIVERED, "one")
    result = sent(around, dry_run=True)
    assert [bool(row.files) for row in result.data.rows] == [False, True]
    assert not (around.folder / "outbox" / "one-fax.tif").exists()


def test_a_dry_run_shows_what_is_held_as_well(around: Surroundings) -> None:
    around.hold(HoldReason.VOICE)
    [row] = sent(around, dry_run=True).data.rows
    assert row.fate is Fate.HELD and row.files


def test_an_outbox_that_cannot_be_written_is_said(around: Surroundings) -> None:
    (around.folder / "outbox").write_text("a file")
    with pytest.raises(SetupError, match="the outbox cannot be written") as caught:
        sent(around, dry_run=True)
    assert str(around.folder / "outbox") in caught.value.hint


# -- Ctrl-C ------------------------------------------------------------------------------------------

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("types", SIGNALS)
def test_a_signal_stops_between_two_steps(around: Surroundings, types: signal.Signals) -> None:
    around.write("one +12025550101", "two +12025550102")
    before = [signal.getsignal(each) for each in SIGNALS]
    person = Person(types=types)
    result = sent(around, person)
    assert result.exit_code is ExitCode.INTERRUPTED
    assert fates(result) == [Fate.IN_PROGRESS, Fate.GOES], "the step that was being made is ended"
    assert len(around.account.submitted) == 1
    assert person.seen == ["begins", "one", "ends"] and len(person.cancelled) == 1
    assert [signal.getsignal(each) for each in SIGNALS] == before


@dataclass
class Cancels(ScriptedAccount):
    """An account that gives a letter up that was never dialled."""

    def withdraw(self, account_reference: str) -> Outcome | None:
        return None


@pytest.mark.parametrize(("cancels", "fate"), [(True, Fate.GOES), (False, Fate.IN_PROGRESS)])
def test_after_a_signal_a_person_may_cancel_what_is_in_progress(
    around: Surroundings, cancels: bool, fate: Fate
) -> None:
    around.account = Cancels(around.clock)
    result = sent(around, Person(types=signal.SIGINT, cancels=cancels))
    assert (fates(result), result.exit_code) == ([fate], ExitCode.INTERRUPTED)


def test_a_run_that_was_not_interrupted_is_not_asked_about(around: Surroundings) -> None:
    person = Person(cancels=True)
    sent(around, person)
    assert person.cancelled == []


def test_signals_are_as_before_after_an_error(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> Result:
        raise SetupError("the disk is full", "")

    monkeypatch.setattr(Run, "go", breaks)
    before = [signal.getsignal(each) for each in SIGNALS]
    with pytest.raises(SetupError):
        sent(around)
    assert [signal.getsignal(each) for each in SIGNALS] == before


# -- for the workers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("says", [True, False])
def test_what_a_person_says_yes_to_is_left_to_the_workers(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch, says: bool
) -> None:
    monkeypatch.setattr("faxappeal.workers.queue.database", lambda home: home)

    def leave(plan: SendPlan, environment: Environment) -> Result:
        assert environment.folder == around.folder
        return Result("send", SendResult(plan, plan.rows, queued=len(plan.leaving)))

    monkeypatch.setattr(enqueue_module, "enqueue", leave)
    result = sent(around, Person(says=says), enqueue=True)
    assert result.data.queued == (1 if says else None)
    assert result.data.declined is not says and not around.account.submitted


def test_only_a_ledger_that_machines_share_has_workers(around: Surroundings) -> None:
    person = Person()
    with pytest.raises(UsageError, match="workers need a ledger in PostgreSQL"):
        sent(around, person, enqueue=True)
    assert person.plans == []
