"""Attempts: the claim before anything leaves, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause, HoldReason, State
from faxappeal.ledger import Ledger
from faxappeal.ledger.locking import busy
from faxappeal.ledger.rate_limits import RateLimits
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import (
    CONTENT,
    DOCUMENT,
    MAILBOX,
    claim,
    end,
    events_of,
    key_of,
    leave,
    letter,
    put_hold,
    state_of,
)

MINUTE = timedelta(minutes=1)
FIVE = 5 * MINUTE


@dataclass
class Locking:
    """As of a ledger that several machines share: each has a name."""

    claimant: str | None = "this machine"
    is_ours: bool = True
    gone: tuple[str | None, ...] = ()
    slack = timedelta(0)

    @contextmanager
    def hold(self, who: str, *, shared: bool) -> Iterator[None]:
        yield

    def renew(self) -> None:
        if not self.is_ours:
            raise busy("another machine")

    def is_held(self, connection: object) -> bool:
        return self.is_ours

    def is_gone(self, connection: object, claimant: str | None) -> bool:
        return claimant in self.gone


# -- the claim -------------------------------------------------------------------------------------


def test_a_claim_says_what_is_about_to_leave(ledger: Ledger) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    assert claim(ledger, one, MORNING, "ours-1")
    record = ledger.queries.get(one.id)
    assert record
    assert (record.state, record.attempt, record.left_at) == (State.SUBMITTING, 1, None)
    assert (record.reference, record.account) == ("ours-1", "sinch")
    assert (record.content, record.document) == (CONTENT, DOCUMENT)
    assert record.first_at == record.updated_at == MORNING
    last = ledger.queries.events("test")[-1]
    assert (last.event, last.reference, last.attempt) == ("submitting", "ours-1", 1)


def test_a_letter_is_claimed_once(ledger: Ledger) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    assert claim(ledger, one, MORNING, "ours-1")
    assert not claim(ledger, one, MORNING + timedelta(days=2), "ours-2")
    assert events_of(ledger) == ["planned", "submitting"]


def test_a_letter_that_was_never_planned_is_not_claimed(ledger: Ledger) -> None:
    assert not claim(ledger, letter(), MORNING)


@pytest.mark.parametrize("state", [State.HELD, State.WAITING])
def test_a_letter_that_was_held_or_waits_can_be_claimed(ledger: Ledger, state: State) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    ledger.note(one.id, state, MORNING, note="for now", next_at=MORNING)
    assert claim(ledger, one, MORNING)
    record = ledger.queries.get(one.id)
    assert record and (record.note, record.next_at) == (None, None)


@pytest.mark.parametrize(
    "state",
    [State.SUBMITTING, State.ACCEPTED, State.RELAYED, State.DELIVERED, State.FAILED, State.UNKNOWN],
)
def test_a_letter_that_has_left_is_not_claimed(ledger: Ledger, state: State) -> None:
    one = letter()
    end(ledger, one, state, MORNING)
    assert not claim(ledger, one, MORNING + timedelta(days=2), "ours-2")
    assert state_of(ledger, one) is state


def test_the_first_attempt_s_time_stays(ledger: Ledger) -> None:
    one = letter()
    end(ledger, one, State.WAITING, MORNING)
    assert claim(ledger, one, MORNING + FIVE, "ours-2")
    record = ledger.queries.get(one.id)
    assert record and (record.first_at, record.attempt) == (MORNING, 2)
    assert record.left_at is None and record.account_reference is None


def test_two_campaigns_do_not_call_one_number_at_the_same_time(ledger: Ledger) -> None:
    first, second = letter(), letter(campaign="other")
    leave(ledger, first, MORNING)
    ledger.plan(second, MORNING)
    assert not claim(ledger, second, MORNING + FIVE)


def test_two_campaigns_write_to_one_mailbox_at_the_same_time(ledger: Ledger) -> None:
    first, second = letter(MAILBOX), letter(MAILBOX, campaign="other")
    leave(ledger, first, MORNING)
    ledger.plan(second, MORNING)
    assert claim(ledger, second, MORNING, gap=FIVE)


@pytest.mark.parametrize(
    ("later", "is_claimed"), [(4 * MINUTE, False), (FIVE, True)], ids=["too early", "in time"]
)
def test_between_two_calls_to_a_number_lies_the_gap(
    ledger: Ledger, later: timedelta, is_claimed: bool
) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    other = letter(campaign="other")
    ledger.plan(other, MORNING)
    assert claim(ledger, other, MORNING + later, gap=FIVE) is is_claimed


@pytest.mark.parametrize(
    ("account", "later", "is_claimed"),
    [("sinch", MINUTE, False), ("sinch", FIVE, True), ("telnyx", MINUTE, True)],
    ids=["too early", "in time", "another account"],
)
def test_an_account_gets_its_letters_one_gap_apart(
    ledger: Ledger, account: str, later: timedelta, is_claimed: bool
) -> None:
    leave(ledger, letter(), MORNING)
    other = letter("+12025550102")
    ledger.plan(other, MORNING)
    given = {"account": account, "account_gap": FIVE}
    assert claim(ledger, other, MORNING + later, "ours-2", **given) is is_claimed


def test_an_account_that_wants_silence_gets_nothing(ledger: Ledger) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    RateLimits(ledger).silence("sinch", MORNING + FIVE)
    assert not claim(ledger, one, MORNING + 4 * MINUTE)
    assert claim(ledger, one, MORNING + FIVE)


@pytest.mark.parametrize(
    ("queued", "is_claimed"),
    [(CONTENT, True), ("e" * 64, False), (None, False)],
    ids=["this letter", "another letter", "no letter"],
)
def test_a_worker_sends_no_other_letter_than_it_was_left(
    ledger: Ledger, queued: str | None, is_claimed: bool
) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    if queued:
        ledger.queue_for_workers({one.id: queued}, {one.id: "yes"})
    assert claim(ledger, one, MORNING, require_queued_content=True) is is_claimed


def test_a_sender_that_has_lost_the_lock_claims_nothing(ledger: Ledger) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    ledger.locking = Locking(is_ours=False)
    with pytest.raises(SetupError, match="another machine"):
        claim(ledger, one, MORNING)
    assert state_of(ledger, one) is State.PLANNED


# -- the departure ---------------------------------------------------------------------------------


def test_the_first_byte_of_an_attempt_leaves_once(ledger: Ledger) -> None:
    one = letter()
    leave(ledger, one, MORNING)
    assert not ledger.attempts.record_departure(one.id, "ours-1", MORNING + MINUTE)
    record = ledger.queries.get(one.id)
    assert record and record.left_at == MORNING
    assert events_of(ledger) == ["planned", "submitting", "leaving"]


@pytest.mark.parametrize(
    "obstacle", ["another attempt", "a hold", "the lock is lost", "another claimant", "it is over"]
)
def test_nothing_leaves(ledger: Ledger, obstacle: str) -> None:
    one, reference = letter(), "ours-1"
    ledger.plan(one, MORNING)
    ledger.locking = Locking()
    assert claim(ledger, one, MORNING)
    match obstacle:
        case "another attempt":
            reference = "ours-2"
        case "a hold":
            put_hold(ledger, HoldReason.VOICE, MORNING)
        case "the lock is lost":
            ledger.locking = Locking(is_ours=False)
        case "another claimant":
            ledger.locking = Locking(claimant="another machine")
        case "it is over":
            ledger.attempts.record(one.id, reference, State.WAITING, MORNING)
    assert not ledger.attempts.record_departure(one.id, reference, MORNING)
    assert "leaving" not in events_of(ledger)


# -- who claimed it --------------------------------------------------------------------------------


def test_a_claim_carries_the_name_of_its_machine_until_it_is_released(ledger: Ledger) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    ledger.locking = Locking()
    claim(ledger, one, MORNING)
    claimed = ledger.queries.get(one.id)
    ledger.attempts.release_claim(one.id, "another reference")
    still = ledger.queries.get(one.id)
    ledger.attempts.release_claim(one.id, "ours-1")
    released = ledger.queries.get(one.id)
    assert claimed and still and released
    assert claimed.claimant == still.claimant == "this machine"
    assert released.claimant is None and released.state is State.SUBMITTING


def test_where_one_machine_sends_there_is_no_name_to_release(ledger: Ledger) -> None:
    one = letter()
    leave(ledger, one, MORNING)
    ledger.attempts.release_claim(one.id, "ours-1")
    record = ledger.queries.get(one.id)
    assert record and record.claimant is None


@pytest.mark.parametrize(
    ("gone", "is_abandoned"), [((), False), (("this machine",), True)], ids=["alive", "gone"]
)
def test_a_claim_is_abandoned_when_its_machine_is_gone(
    ledger: Ledger, gone: tuple[str, ...], is_abandoned: bool
) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    ledger.locking = Locking()
    claim(ledger, one, MORNING)
    record = ledger.queries.get(one.id)
    assert record
    ledger.locking = Locking(claimant="another machine", gone=gone)
    assert ledger.attempts.is_abandoned(record) is is_abandoned


# -- the outcome -----------------------------------------------------------------------------------

REPORT = ProviderReport("theirs-7", "BUSY HERE", pages=1, seconds=4.5, station="CSID", rate=9600)


def test_an_outcome_is_kept_with_the_words_of_the_account(ledger: Ledger) -> None:
    one = letter()
    leave(ledger, one, MORNING)
    later = MORNING + MINUTE
    written: dict[str, Any] = {"cause": Cause.BUSY, "note": "busy", "next_at": later + FIVE}
    assert ledger.attempts.record(one.id, "ours-1", State.WAITING, later, REPORT, **written)
    record, last = ledger.queries.get(one.id), ledger.queries.events("test")[-1]
    assert record
    assert (record.state, record.cause, record.note) == (State.WAITING, "busy", "busy")
    assert (record.next_at, record.updated_at) == (later + FIVE, later)
    assert record.account_reference == last.account_reference == "theirs-7"
    assert (last.event, last.at, last.raw, last.pages) == ("waiting", later, "BUSY HERE", 1)
    assert (last.seconds, last.station, last.rate, last.price) == (4.5, "CSID", 9600, None)
    assert (last.account, last.reference) == ("sinch", "ours-1")


def test_a_later_report_without_a_number_leaves_the_number_that_is_known(ledger: Ledger) -> None:
    one = letter()
    end(ledger, one, State.ACCEPTED, MORNING, report=REPORT)
    assert ledger.attempts.record(
        one.id, "ours-1", State.DELIVERED, MORNING + MINUTE, ProviderReport()
    )
    record = ledger.queries.get(one.id)
    assert record and record.account_reference == "theirs-7"


# -- an outcome that comes late --------------------------------------------------------------------


def late(ledger: Ledger, state: State) -> bool:
    """A process that others had given up writes what became of the first attempt."""
    return ledger.attempts.record(letter().id, "ours-1", state, MORNING + FIVE, REPORT)


def last_event(ledger: Ledger) -> tuple[str, str | None, str | None, str | None]:
    last = ledger.queries.events("test")[-1]
    return last.event, last.reference, last.account_reference, last.note


@pytest.mark.parametrize("before", [State.WAITING, State.HELD, State.UNKNOWN])
@pytest.mark.parametrize("state", [State.ACCEPTED, State.DELIVERED])
def test_a_letter_that_left_after_all_does_not_go_again(
    ledger: Ledger, before: State, state: State
) -> None:
    end(ledger, letter(), before, MORNING)
    assert late(ledger, state)
    record = ledger.queries.get(letter().id)
    assert record and (record.state, record.account_reference) == (state, "theirs-7")
    assert last_event(ledger) == (state, "ours-1", "theirs-7", f"late: {state}")
    assert not claim(ledger, letter(), MORNING + FIVE, "ours-2")


def test_an_attempt_that_was_just_claimed_does_not_leave_then(ledger: Ledger) -> None:
    end(ledger, letter(), State.WAITING, MORNING)
    assert claim(ledger, letter(), MORNING + MINUTE, "ours-2")
    assert late(ledger, State.ACCEPTED)
    record = ledger.queries.get(letter().id)
    assert record and (record.state, record.reference) == (State.ACCEPTED, "ours-1")
    assert not ledger.attempts.record_departure(letter().id, "ours-2", MORNING + FIVE)


def test_what_has_left_again_meanwhile_is_followed_and_the_other_one_is_in_the_log(
    ledger: Ledger,
) -> None:
    end(ledger, letter(), State.WAITING, MORNING)
    assert claim(ledger, letter(), MORNING + MINUTE, "ours-2")
    assert ledger.attempts.record_departure(letter().id, "ours-2", MORNING + MINUTE)
    assert not late(ledger, State.ACCEPTED)
    record = ledger.queries.get(letter().id)
    assert record and (record.state, record.reference) == (State.SUBMITTING, "ours-2")
    assert last_event(ledger) == ("late", "ours-1", "theirs-7", "late: accepted")


def test_a_failure_becomes_a_delivery_by_late_evidence(ledger: Ledger) -> None:
    end(ledger, letter(), State.FAILED, MORNING)
    assert late(ledger, State.DELIVERED)
    assert state_of(ledger, letter()) is State.DELIVERED


@pytest.mark.parametrize(
    "before", [State.WAITING, State.HELD, State.UNKNOWN, State.DELIVERED], ids=str
)
def test_a_late_failure_changes_nothing_and_is_in_the_log(ledger: Ledger, before: State) -> None:
    end(ledger, letter(), before, MORNING)
    assert not late(ledger, State.FAILED)
    assert state_of(ledger, letter()) is before
    assert last_event(ledger) == ("late", "ours-1", "theirs-7", "late: failed")


@pytest.mark.parametrize(
    ("before", "is_recorded"),
    [
        (State.SUBMITTING, True),
        (State.ACCEPTED, True),
        (State.RELAYED, True),
        (State.DELIVERED, False),
        (State.FAILED, False),
        (State.UNKNOWN, False),
        (State.WAITING, False),
        (State.HELD, False),
    ],
)
def test_an_attempt_that_is_over_has_no_second_outcome(
    ledger: Ledger, before: State, is_recorded: bool
) -> None:
    one = letter()
    end(ledger, one, before, MORNING)
    written = ledger.attempts.record(one.id, "ours-1", State.FAILED, MORNING + MINUTE)
    assert written is is_recorded
    assert state_of(ledger, one) is (State.FAILED if is_recorded else before)


@pytest.mark.parametrize(
    ("counted", "tries"), [(True, 1), (False, 0)], ids=["counted", "not counted"]
)
def test_an_attempt_that_is_not_counted_takes_no_try(
    ledger: Ledger, counted: bool, tries: int
) -> None:
    one = letter()
    leave(ledger, one, MORNING)
    ledger.attempts.record(one.id, "ours-1", State.WAITING, MORNING, counted=counted)
    record = ledger.queries.get(one.id)
    assert record and record.attempt == tries


def test_an_outcome_may_hold_the_number_in_every_campaign(ledger: Ledger) -> None:
    one = letter()
    leave(ledger, one, MORNING)
    ledger.attempts.record(one.id, "ours-1", State.HELD, MORNING, hold=HoldReason.VOICE)
    assert ledger.queries.holds() == {key_of(one.address): HoldReason.VOICE}


@pytest.mark.parametrize(
    ("state", "is_queued"), [(State.HELD, False), (State.WAITING, True)], ids=["held", "waiting"]
)
def test_the_workers_are_done_with_a_letter_that_is_held(
    ledger: Ledger, state: State, is_queued: bool
) -> None:
    one = letter()
    ledger.plan(one, MORNING)
    ledger.queue_for_workers({one.id: CONTENT}, {one.id: "yes"})
    leave(ledger, one, MORNING)
    ledger.attempts.record(one.id, "ours-1", state, MORNING)
    record = ledger.queries.get(one.id)
    assert record and (record.ordered is not None) is is_queued


# -- evidence that comes later ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "receipt", "says_more"),
    [
        (State.UNKNOWN, State.ACCEPTED, True),
        (State.UNKNOWN, State.RELAYED, True),
        (State.UNKNOWN, State.DELIVERED, True),
        (State.UNKNOWN, State.FAILED, True),
        (State.UNKNOWN, State.UNKNOWN, False),
        (State.ACCEPTED, State.RELAYED, True),
        (State.ACCEPTED, State.FAILED, True),
        (State.ACCEPTED, State.UNKNOWN, False),
        (State.RELAYED, State.ACCEPTED, False),
        (State.RELAYED, State.RELAYED, False),
        (State.RELAYED, State.DELIVERED, True),
        (State.DELIVERED, State.RELAYED, False),
        (State.DELIVERED, State.DELIVERED, False),
        (State.DELIVERED, State.FAILED, True),
        (State.FAILED, State.DELIVERED, True),
        (State.FAILED, State.ACCEPTED, False),
        (State.PLANNED, State.DELIVERED, False),
        (State.SUBMITTING, State.DELIVERED, False),
        (State.WAITING, State.DELIVERED, False),
        (State.HELD, State.DELIVERED, False),
    ],
    ids=lambda value: str(value),
)
def test_a_receipt_counts_if_it_says_as_much_as_is_known(
    ledger: Ledger, before: State, receipt: State, says_more: bool
) -> None:
    one = letter(MAILBOX)
    end(ledger, one, before, MORNING)
    report = ProviderReport(raw="250 2.1.5")
    written = ledger.attempts.record_receipt(
        one.id, "ours-1", receipt, MORNING + MINUTE, report, note="it says"
    )
    assert written is says_more
    assert state_of(ledger, one) is (receipt if says_more else before)
    words = [event.raw for event in ledger.queries.events("test")]
    assert ("250 2.1.5" in words) is says_more


def test_a_server_that_says_once_more_that_it_tries_is_kept_once(ledger: Ledger) -> None:
    one, report = letter(MAILBOX), ProviderReport(raw="delayed")
    end(ledger, one, State.ACCEPTED, MORNING)
    kept = [
        ledger.attempts.record_receipt(one.id, "ours-1", State.ACCEPTED, MORNING, report, note=note)
        for note in ("delayed", "delayed", "still delayed")
    ]
    assert kept == [True, False, True]


def test_the_receipt_of_another_attempt_changes_nothing(ledger: Ledger) -> None:
    one = letter(MAILBOX)
    end(ledger, one, State.ACCEPTED, MORNING)
    assert not ledger.attempts.record_receipt(
        one.id, "ours-0", State.FAILED, MORNING, ProviderReport()
    )
    assert state_of(ledger, one) is State.ACCEPTED


def test_a_bounce_may_hold_the_mailbox(ledger: Ledger) -> None:
    one = letter(MAILBOX)
    end(ledger, one, State.ACCEPTED, MORNING)
    ledger.attempts.record_receipt(
        one.id,
        "ours-1",
        State.FAILED,
        MORNING,
        ProviderReport(),
        cause=Cause.BOUNCE,
        hold=HoldReason.FAILING,
    )
    assert ledger.queries.hold(key_of(MAILBOX)) is HoldReason.FAILING
