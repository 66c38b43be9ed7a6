"""What became of an attempt, as it is written down, and whether another one follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.config.sections import Pacing
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause, State
from faxappeal.delivery.outcomes import OutcomeRecorder
from faxappeal.ledger import Ledger, Record
from faxappeal.providers.base import (
    Accepted,
    Delivered,
    Failed,
    Outcome,
    ProviderReport,
    Relayed,
    Unknown,
)
from tests.support.clock import FakeClock
from tests.support.world import ScriptedAccount, email_delivery, fax_delivery, leave

REPORT = ProviderReport("theirs-1", raw="their words")
FAX, EMAIL = fax_delivery(), email_delivery()


class Recorded:
    """A recorder, with one letter whose first byte has left."""

    def __init__(self, ledger: Ledger, pacing: Pacing | None = None, jitter: float = 0.0) -> None:
        self.ledger, self.clock = ledger, FakeClock()
        self.account = ScriptedAccount(self.clock, name="sinch")
        self.recorder = OutcomeRecorder(
            ledger=ledger,
            clock=self.clock,
            account=lambda _name: self.account,
            pacing=pacing or Pacing(),
            jitter=lambda: jitter,
        )

    def after(
        self, outcome: Outcome, delivery: Delivery = FAX, *, found_out: bool = False
    ) -> float | None:
        """Seconds until the next step, after another attempt with this outcome."""
        self.leave(delivery)
        return self.record(outcome, delivery, found_out=found_out)

    def leave(self, delivery: Delivery = FAX) -> None:
        number = len(self.ledger.queries.references(delivery.id)) + 1
        leave(self.ledger, self.clock, delivery, "sinch", reference=f"fa-{number}")

    def record(
        self, outcome: Outcome, delivery: Delivery = FAX, *, found_out: bool = False
    ) -> float | None:
        reference = self.now(delivery).reference
        assert reference
        return self.recorder.record_outcome(delivery, reference, outcome, found_out=found_out)

    def now(self, delivery: Delivery = FAX) -> Record:
        record = self.ledger.queries.get(delivery.id)
        assert record
        return record


@pytest.fixture
def recorded(ledger: Ledger) -> Recorded:
    return Recorded(ledger)


@pytest.mark.parametrize(
    ("delivery", "outcome", "state", "seconds"),
    [
        (FAX, Accepted(REPORT), State.ACCEPTED, 5.0),
        (EMAIL, Accepted(REPORT), State.ACCEPTED, None),
        (FAX, Delivered(REPORT), State.DELIVERED, None),
        (EMAIL, Relayed(REPORT), State.RELAYED, None),
        (FAX, Failed(Cause.BUSY, REPORT), State.WAITING, 300.0),
        (FAX, Failed(Cause.NO_ANSWER, REPORT), State.WAITING, 900.0),
        (FAX, Failed(Cause.VOICE, REPORT), State.HELD, None),
        (FAX, Failed(Cause.BAD_NUMBER, REPORT), State.FAILED, None),
        (EMAIL, Failed(Cause.BOUNCE, REPORT), State.FAILED, None),
        (FAX, Failed(Cause.DOCUMENT, REPORT), State.FAILED, None),
        (FAX, Failed(Cause.ACCOUNT, REPORT), State.WAITING, None),
        (EMAIL, Unknown(REPORT), State.SUBMITTING, 60.0),
    ],
    ids=[
        *("fax accepted", "email accepted", "delivered", "relayed", "busy", "no answer", "voice"),
        *("bad number", "bounce", "document", "account", "answer lost"),
    ],
)
def test_where_an_outcome_leads(
    recorded: Recorded,
    delivery: Delivery,
    outcome: Outcome,
    state: State,
    seconds: float | None,
) -> None:
    assert recorded.after(outcome, delivery) == seconds
    assert recorded.now(delivery).state is state


def test_the_accounts_words_stand_in_the_log(recorded: Recorded) -> None:
    report = ProviderReport("theirs-1", "OK", pages=1, seconds=31.5, station="OFFICE", rate=9600)
    recorded.after(Delivered(report))
    event = next(each for each in recorded.ledger.queries.events("test") if each.raw)
    assert (event.raw, event.pages, event.seconds) == ("OK", 1, 31.5)
    assert (event.station, event.rate, event.account_reference) == ("OFFICE", 9600, "theirs-1")


@pytest.mark.parametrize(
    ("cause", "hold"),
    [
        (Cause.VOICE, "voice"),
        (Cause.BAD_NUMBER, "failing"),
        (Cause.BOUNCE, "failing"),
        (Cause.REFUSED, None),
        (Cause.DOCUMENT, None),
        (Cause.EXPIRED, None),
        (Cause.BUSY, None),
    ],
)
def test_which_failures_hold_the_address_everywhere(
    recorded: Recorded, cause: Cause, hold: str | None
) -> None:
    recorded.after(Failed(cause, REPORT))
    held = recorded.ledger.queries.holds()
    assert held == ({FAX.address_key: hold} if hold else {})
    assert recorded.now().cause == cause


# -- not known ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("can_be_asked", "found_out"),
    [(False, False), (True, True)],
    ids=["an account that cannot be asked", "an account that was asked"],
)
def test_what_no_one_can_find_out_is_unknown(
    recorded: Recorded, can_be_asked: bool, found_out: bool
) -> None:
    recorded.account.supports_lookup = can_be_asked
    assert recorded.after(Unknown(REPORT), found_out=found_out) is None
    assert (recorded.now().state, recorded.now().note) == (State.UNKNOWN, "their words")
    assert not recorded.account.forgotten, "the account may still need the document"


def test_an_accepted_letter_that_is_lost_is_unknown_and_its_document_deleted(
    recorded: Recorded,
) -> None:
    recorded.after(Accepted(REPORT))
    assert recorded.record(Unknown(ProviderReport())) is None
    assert recorded.now().state is State.UNKNOWN and recorded.now().note is None
    assert recorded.account.forgotten == [("fa-1", "theirs-1")]


@pytest.mark.parametrize(
    "outcome",
    [Delivered(REPORT), Failed(Cause.BUSY, REPORT), Failed(Cause.DOCUMENT, REPORT)],
    ids=["delivered", "tried again", "failed"],
)
def test_the_document_of_an_attempt_that_has_ended_is_deleted(
    recorded: Recorded, outcome: Outcome
) -> None:
    recorded.after(outcome)
    assert recorded.account.forgotten == [("fa-1", "theirs-1")]


def test_an_end_without_a_reference_is_of_the_one_that_the_account_gave(recorded: Recorded) -> None:
    recorded.after(Accepted(REPORT))
    recorded.record(Delivered(ProviderReport()))
    assert recorded.account.forgotten == [("fa-1", "theirs-1")]


# -- another attempt ---------------------------------------------------------------------------------


def test_the_next_attempt_stands_in_the_ledger(recorded: Recorded) -> None:
    recorded.after(Failed(Cause.BUSY, REPORT))
    record = recorded.now()
    assert (record.note, record.cause) == ("retry", "busy")
    assert record.next_at and record.next_at - record.updated_at == timedelta(minutes=5)


def test_a_wait_is_a_little_longer_than_the_policy_says(ledger: Ledger) -> None:
    """So that letters that failed together do not come back in one minute."""
    recorded = Recorded(ledger, jitter=0.5)
    assert recorded.after(Failed(Cause.BUSY, REPORT)) == pytest.approx(300 * 1.05)


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [(timedelta(minutes=1), 300.0), (timedelta(hours=2), 7200.0), (None, 300.0)],
    ids=["less than the policy", "more than the policy", "nothing"],
)
def test_an_account_that_wants_to_hear_nothing_is_left_alone(
    recorded: Recorded, wanted: timedelta | None, seconds: float
) -> None:
    assert recorded.after(Failed(Cause.BUSY, REPORT, retry_after=wanted)) == seconds
    free = recorded.ledger.queries.account_free_at("sinch", timedelta(0))
    assert (free is not None) == (wanted is not None)


def test_a_letter_is_given_up_after_as_many_attempts_as_the_settings_allow(ledger: Ledger) -> None:
    recorded = Recorded(ledger, Pacing(attempts=3))
    for _ in range(2):
        seconds = recorded.after(Failed(Cause.BUSY, REPORT))
        assert seconds and recorded.now().state is State.WAITING
        recorded.clock.sleep(seconds)
    assert recorded.after(Failed(Cause.BUSY, REPORT)) is None
    assert (recorded.now().state, recorded.now().cause) == (State.FAILED, "busy")
    assert not recorded.ledger.queries.holds(), "the number is as good as before"


def test_a_letter_is_given_up_when_the_next_attempt_came_too_late(ledger: Ledger) -> None:
    recorded = Recorded(ledger, Pacing(give_up_after="4m"))  # type: ignore[arg-type]
    assert recorded.after(Failed(Cause.BUSY, REPORT)) is None
    assert recorded.now().state is State.FAILED


@pytest.mark.parametrize("attempts", [1, 5])
def test_trouble_with_the_account_stops_the_run_and_costs_no_attempt(
    ledger: Ledger, attempts: int
) -> None:
    recorded = Recorded(ledger, Pacing(attempts=attempts))
    recorded.after(Failed(Cause.ACCOUNT, ProviderReport(raw="402 insufficient funds")))
    assert recorded.now().state is State.WAITING and recorded.now().attempt == 0
    stopped = recorded.recorder.stopped
    assert stopped and stopped.message == "the account sinch refuses: 402 insufficient funds"
    assert "balance" in stopped.hint


def test_the_first_reason_to_stop_is_the_one_that_is_said(recorded: Recorded) -> None:
    first = SetupError("the first")
    recorded.recorder.stop(first)
    recorded.recorder.stop(SetupError("the second"))
    assert recorded.recorder.stopped is first
