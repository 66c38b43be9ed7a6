"""A run: what it leaves in the ledger, what a script learns from it, and how it stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.commands.plan_rows import Row
from faxappeal.commands.run import Run, exit_code, explain
from faxappeal.commands.selection import Choice
from faxappeal.core.errors import ExitCode, SetupError
from faxappeal.core.lifecycle import Cause, Fate, State
from faxappeal.core.result import Result
from faxappeal.delivery.run_loop import NullObserver
from faxappeal.ledger import Record
from faxappeal.ledger.locking import LedgerLocked, lock
from faxappeal.providers.base import (
    Accepted,
    Delivered,
    Failed,
    Outcome,
    ProviderReport,
    Unknown,
    Unreachable,
)
from faxappeal.providers.incoming_mail import UnmatchedMessage
from tests.support import shown
from tests.support.commands import HYLAFAX, SMTP, Surroundings
from tests.support.world import ScriptedAccount

TWO = ("one +12025550101", "two +12025550102")
SINCH = '\n[fax]\naccount = "sinch"\n[fax.sinch]\nproject_id = "p"\nkey_id = "k"\n'
IMAP = '[email.imap]\nhost = "imap.example.org"\n'
REPORT = ProviderReport("job 7")


@contextmanager
def run_of(
    around: Surroundings, choice: Choice | None = None, watcher: NullObserver | None = None
) -> Iterator[Run]:
    with around.plan(choice) as plan:
        yield Run(plan, around.clock, watcher or NullObserver())


def sent(around: Surroundings, choice: Choice | None = None, *, wait: bool = True) -> Result:
    with run_of(around, choice) as run:
        return run.go(wait=wait)


def fates(result: Result) -> list[str]:
    return [row.fate for row in result.data.rows]


# -- what a script should know -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "more", "code"),
    [
        pytest.param([], {}, 0, id="nothing"),
        pytest.param([Fate.SENT], {}, 0, id="all sent"),
        *(
            pytest.param([Fate.SENT, fate], {}, 3, id=f"one {fate}")
            for fate in (Fate.GOES, Fate.WAITS, Fate.HELD, Fate.FAILED, Fate.IN_PROGRESS)
        ),
        pytest.param([Fate.UNKNOWN, Fate.SENT], {}, 4, id="one unknown"),
        pytest.param([Fate.UNKNOWN, Fate.FAILED], {}, 4, id="unknown before failed"),
        pytest.param([Fate.UNKNOWN], {"stopped": True}, 5, id="an account before unknown"),
        pytest.param(
            [Fate.UNKNOWN], {"stopped": True, "interrupted": True}, 130, id="a signal before all"
        ),
    ],
)
def test_the_exit_code_says_the_worst(rows: list[Fate], more: dict[str, bool], code: int) -> None:
    assert exit_code([shown.row(fate) for fate in rows], **more) == code


def test_what_was_being_submitted_is_not_known() -> None:
    row = shown.row(Fate.IN_PROGRESS, state=State.SUBMITTING)
    assert exit_code([row]) is ExitCode.UNKNOWN


# -- sending -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "fate", "code"),
    [
        pytest.param([Delivered(REPORT)], Fate.SENT, 0, id="delivered"),
        pytest.param([Accepted(REPORT)], Fate.SENT, 0, id="accepted, and delivered then"),
        pytest.param([Unknown(REPORT)], Fate.UNKNOWN, 4, id="unknown"),
        pytest.param([Failed(Cause.BAD_NUMBER, REPORT)], Fate.FAILED, 3, id="no such number"),
        pytest.param([Failed(Cause.VOICE, REPORT)], Fate.HELD, 3, id="a voice"),
        pytest.param([SetupError("no key", "a key")], Fate.GOES, 5, id="the account is not ready"),
    ],
)
def test_a_run_ends_as_its_account_says(
    around: Surroundings, outcomes: list[Outcome | Exception], fate: Fate, code: int
) -> None:
    around.account.outcomes = outcomes
    result = sent(around)
    assert (fates(result), result.exit_code) == ([fate], code)
    assert [address for _, address, _ in around.account.submitted] == ["+12025550101"]
    assert bool(result.errors) is (code == 5) and result.data.stopped is (code == 5)
    assert around.opened == ["hylafax"]


def test_each_letter_is_sent_once(around: Surroundings) -> None:
    around.write(*TWO)
    for fresh in (True, False):
        result = sent(around)
        assert result.exit_code is ExitCode.OK
        assert [row.fresh for row in result.data.rows] == [fresh, fresh]
    assert len(around.account.submitted) == 2


def test_an_account_that_is_not_ready_stops_the_run_and_is_said_once(around: Surroundings) -> None:
    around.write(*TWO)
    around.account.outcomes = [SetupError("refused the key", "make a new one")]
    result = sent(around)
    [problem] = result.errors
    assert (problem.message, problem.hint) == ("refused the key", "make a new one")
    assert len(around.account.submitted) == 1


def test_without_waiting_it_goes_as_far_as_it_can_now(around: Surroundings) -> None:
    result = sent(around, wait=False)
    assert fates(result) == [Fate.IN_PROGRESS] and result.exit_code is ExitCode.INCOMPLETE
    assert around.clock.slept[1:] == []


def test_a_closed_office_is_waited_for(around: Surroundings) -> None:
    around.clock.sleep(12 * 3600)
    assert fates(sent(around, wait=False)) == [Fate.WAITS] and not around.account.submitted
    assert fates(sent(around)) == [Fate.SENT]
    [(moment, _, _)] = around.account.submitted
    assert moment.strftime("%a %H:%M") == "Wed 14:00", "eight o'clock in New York"


def test_the_first_day_is_the_letters_from_then_on(around: Surroundings) -> None:
    sent(around)
    around.clock.sleep(24 * 3600)
    sent(around, Choice(again=True))
    with around.ledger() as ledger:
        assert str(ledger.queries.first_sent("test")) == "2026-11-24"


def test_a_test_letter_is_no_first_sending(around: Surroundings) -> None:
    around.add_own_fax()
    assert sent(around, Choice(to_me=True)).exit_code is ExitCode.OK
    with around.ledger() as ledger:
        assert ledger.queries.first_sent("test") is None
    assert [address for _, address, _ in around.account.submitted] == ["+12025550199"]


@pytest.mark.parametrize("again", [False, True])
def test_a_new_round_is_in_the_ledger_before_a_letter_leaves(
    around: Surroundings, again: bool
) -> None:
    """Whatever stops the run, the next one goes on with it and begins no third."""
    around.write(*TWO)
    around.end(State.DELIVERED)
    around.clock.sleep(600)
    around.account.outcomes = [SetupError("no key", "a key")]
    sent(around, Choice(again=again))
    with around.context() as context:
        rounds = [delivery.round for delivery in context.deliveries()]
        assert rounds == ([2, 2] if again else [1, 1])
        assert [each.round for each in context.deliveries(again=True)] == [2, 2]


def test_a_letter_to_somebody_who_left_the_list_is_followed(around: Surroundings) -> None:
    around.write("old +12025550109")
    around.end(State.ACCEPTED, report=REPORT)
    around.write("one +12025550101")
    sent(around)
    assert around.states() == {"old": State.DELIVERED, "one": State.DELIVERED}


def test_an_account_of_former_days_hinders_no_new_letter(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.write("old +12025550109")
    around.end(State.ACCEPTED, account="telnyx", report=REPORT)
    around.write("one +12025550101")

    def open_account(_settings: object, name: str) -> ScriptedAccount:
        if name == "telnyx":
            raise SetupError("the account's settings are missing", "add [fax.telnyx]")
        return around.account

    monkeypatch.setattr("faxappeal.delivery.accounts.open_account", open_account)
    result = sent(around)
    assert fates(result) == [Fate.SENT] and result.errors == ()


def test_only_one_process_sends(around: Surroundings) -> None:
    with (
        around.ledger() as ledger,
        lock(ledger, "another run"),
        pytest.raises(LedgerLocked) as second,
    ):
        sent(around)
    assert "another run" in second.value.message and not around.account.submitted


def test_the_result_has_the_letter_as_the_list_has_it_now(around: Surroundings) -> None:
    """It was taken off the list while it waited."""

    class Meanwhile(NullObserver):
        def rests(self, waiting: object) -> None:
            around.change("recipients.yaml", "status: active", "status: opted_out")

    around.clock.sleep(12 * 3600)
    with run_of(around, watcher=Meanwhile()) as run:
        result = run.go()
    [row] = result.data.rows
    assert (row.fate, row.reason) == (Fate.HELD, "opted out") and not around.account.submitted


def test_a_list_that_cannot_be_read_any_more_stops_the_run(around: Surroundings) -> None:
    with run_of(around) as run:
        (around.folder / "recipients.yaml").unlink()
        result = run.go()
    assert result.exit_code is ExitCode.SETUP and len(result.errors) == 1
    assert fates(result) == [Fate.GOES] and not around.account.submitted


# -- why a person sends it ---------------------------------------------------------------------------


def letter_row(around: Surroundings, fate: Fate = Fate.GOES, **values: Any) -> Row:
    with around.ledger() as ledger:
        letter = shown.delivery(**values)
        ledger.plan(letter, around.clock.now())
    return shown.row(fate, delivery=letter)


@pytest.mark.parametrize(
    ("values", "fate", "choice", "events"),
    [
        pytest.param({}, Fate.GOES, Choice(), [], id="by itself"),
        pytest.param({"again": True}, Fate.GOES, Choice(again=True), ["again"], id="once more"),
        pytest.param({"again": True}, Fate.WAITS, Choice(again=True), ["again"], id="later"),
        pytest.param({"again": True}, Fate.HELD, Choice(again=True), [], id="held all the same"),
        pytest.param({"round": 2}, Fate.GOES, Choice(only_failed=True), ["again"], id="new tries"),
        pytest.param({"again": True}, Fate.GOES, Choice(to_me=True), ["rehearsal"], id="a test"),
        pytest.param(
            {},
            Fate.GOES,
            Choice(accepted=("one",), reason="they said so"),
            ["accepted-unverified"],
            id="a doubtful contact",
        ),
        pytest.param({}, Fate.GOES, Choice(accepted=("two",)), [], id="another's contact"),
    ],
)
def test_why_a_person_sends_it_is_in_the_log(
    around: Surroundings, values: dict[str, Any], fate: Fate, choice: Choice, events: list[str]
) -> None:
    row = letter_row(around, fate, **values)
    with around.ledger() as ledger:
        explain(ledger, row, around.clock.now(), choice)
        logged = ledger.queries.events("test")[1:]
    assert [event.event for event in logged] == events
    if events == ["accepted-unverified"]:
        assert logged[0].note == "they said so"


def test_what_the_ledger_has_already_is_not_explained_once_more(around: Surroundings) -> None:
    row = shown.row(Fate.GOES, delivery=shown.delivery(again=True), state=State.PLANNED)
    with around.ledger() as ledger:
        ledger.plan(row.delivery, around.clock.now())
        explain(ledger, row, around.clock.now(), Choice(again=True))
    assert around.events() == ["planned"]


# -- stopping ----------------------------------------------------------------------------------------


@dataclass
class Interrupts(NullObserver):
    """Stops the run at the first step, or at a change."""

    at: str
    run: Run | None = None

    def _stop(self, at: str) -> None:
        if at == self.at:
            assert self.run
            self.run.interrupt()

    def goes(self, delivery: Delivery) -> None:
        self._stop("step")

    def changed(self, delivery: Delivery, record: Record) -> None:
        self._stop("change")


@pytest.mark.parametrize("at", ["step", "change"])
@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        (Choice(), "the same command goes on where it stopped"),
        (Choice(again=True), "the same command without --again goes on where it stopped"),
    ],
)
def test_a_run_that_is_interrupted_ends_its_step_and_says_how_to_go_on(
    around: Surroundings, at: str, choice: Choice, hint: str
) -> None:
    around.write(*TWO)
    watcher = Interrupts(at)
    with run_of(around, choice, watcher) as run:
        watcher.run = run
        result = run.go()
    assert result.exit_code is ExitCode.INTERRUPTED
    assert fates(result) == [Fate.IN_PROGRESS, Fate.GOES]
    assert [(each.code, each.hint) for each in result.errors] == [("interrupted", hint)]
    assert fates(sent(around)) == [Fate.SENT, Fate.SENT]
    assert len(around.account.submitted) == 2


@dataclass
class Cancels(ScriptedAccount):
    """An account that gives a letter up as a test says."""

    gives_up: Outcome | Exception | None = None

    def withdraw(self, account_reference: str) -> Outcome | None:
        if isinstance(self.gives_up, Exception):
            raise self.gives_up
        return self.gives_up


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        pytest.param(None, Fate.GOES, id="it was never dialled"),
        pytest.param(Delivered(REPORT), Fate.SENT, id="it was delivered already"),
        pytest.param(Accepted(REPORT), Fate.IN_PROGRESS, id="it is on the line"),
        pytest.param(Unreachable("no answer"), Fate.IN_PROGRESS, id="nothing is known"),
    ],
)
def test_what_is_in_progress_can_be_cancelled(
    around: Surroundings, answer: Outcome | Exception | None, fate: Fate
) -> None:
    around.account = Cancels(around.clock, gives_up=answer)
    with run_of(around) as run:
        run.go(wait=False)
        assert [letter.recipient.id for letter in run.withdrawable] == ["one"]
        result = run.withdraw()
    assert fates(result) == [fate] and len(around.account.submitted) == 1


def test_an_account_that_cannot_cancel_is_not_asked_to(around: Surroundings) -> None:
    with run_of(around) as run:
        run.go(wait=False)
        assert run.withdrawable == []
        assert fates(run.withdraw()) == [Fate.IN_PROGRESS]


# -- asking, and tidying -----------------------------------------------------------------------------


def test_a_question_sends_nothing(around: Surroundings) -> None:
    around.write(*TWO)
    around.end(State.ACCEPTED, "one", report=REPORT)
    with run_of(around) as run:
        run.poll_pending()
    assert around.states() == {"one": State.DELIVERED} and not around.account.submitted


def kept_by_sinch(around: Surroundings) -> None:
    """A letter that is over, whose document still lies at its account."""
    around.write("one +12025550101", settings=SINCH)
    around.end(State.DELIVERED, account="sinch", report=REPORT)


@pytest.mark.parametrize("use", [Run.go, Run.poll_pending, Run.tidy])
def test_what_an_account_keeps_of_a_letter_that_is_over_is_deleted(
    around: Surroundings, use: Any
) -> None:
    kept_by_sinch(around)
    with run_of(around) as run:
        use(run)
    assert [reference for _, reference in around.account.forgotten] == ["job 7"]
    assert around.events()[-1] == "forgotten"


def test_letters_to_those_who_left_the_list_are_followed_by_the_way(around: Surroundings) -> None:
    around.write("old +12025550109")
    around.end(State.ACCEPTED, report=REPORT)
    around.write("one +12025550101")
    with run_of(around) as run:
        run.tidy()
    assert around.states() == {"old": State.DELIVERED}


def test_where_there_is_nothing_to_tidy_no_lock_is_needed(around: Surroundings) -> None:
    with run_of(around) as run, around.ledger() as ledger, lock(ledger, "another run"):
        run.tidy()
    assert around.opened == []


def test_while_another_process_sends_it_does_the_tidying(around: Surroundings) -> None:
    kept_by_sinch(around)
    with run_of(around) as run, around.ledger() as ledger, lock(ledger, "another run"):
        run.tidy()
    assert around.account.forgotten == []


# -- the mailbox -------------------------------------------------------------------------------------

ODD = UnmatchedMessage("bounce", "INBOX", None, "postmaster@example.org", "d1")


@dataclass
class Receipts:
    """A mailbox with one message for a person to look at, or one that cannot be read."""

    error: SetupError | None = None
    asked: int = 0

    def sync(self, _deliveries: object, *, unknown: bool = False) -> tuple[UnmatchedMessage, ...]:
        self.asked += 1
        if self.error:
            raise self.error
        return (ODD,)


@pytest.fixture
def receipts(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Receipts:
    around.write("one +12025550101", settings=HYLAFAX + SMTP + IMAP)
    found = Receipts()
    monkeypatch.setattr("faxappeal.commands.run.mailbox_sync_of", lambda *_: found)
    return found


def test_what_a_person_should_look_at_is_kept(around: Surroundings, receipts: Receipts) -> None:
    with run_of(around) as run:
        run.poll_pending()
        assert (run.odd, run.unread) == ((ODD,), None)


@pytest.mark.parametrize("mailbox", [True, False])
def test_the_mailbox_is_read_only_where_it_is_wanted(
    around: Surroundings, receipts: Receipts, mailbox: bool
) -> None:
    with run_of(around) as run:
        run.poll_pending(mailbox=mailbox)
    assert bool(receipts.asked) is mailbox


def test_a_mailbox_that_cannot_be_read_hinders_no_letter(
    around: Surroundings, receipts: Receipts
) -> None:
    receipts.error = SetupError("no password for the mailbox", "set it")
    result = sent(around)
    assert fates(result) == [Fate.SENT] and result.exit_code is ExitCode.OK
    assert [problem.message for problem in result.errors] == ["no password for the mailbox"]
    assert result.data.stopped is False


@pytest.mark.parametrize(("at", "looks"), [("never", 2), ("step", 1)])
def test_a_run_that_is_interrupted_does_not_read_the_mailbox_at_its_end(
    around: Surroundings, receipts: Receipts, at: str, looks: int
) -> None:
    watcher = Interrupts(at)
    with run_of(around, watcher=watcher) as run:
        watcher.run = run
        run.go()
    assert receipts.asked == looks
