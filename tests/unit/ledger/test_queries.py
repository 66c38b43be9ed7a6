"""What a ledger can be asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from faxappeal.core.lifecycle import HoldReason, State
from faxappeal.ledger import Ledger, Round
from faxappeal.ledger.queries import Attempt, QueuedDelivery
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import (
    CONTENT,
    MAILBOX,
    NUMBER,
    claim,
    end,
    key_of,
    leave,
    letter,
    put_hold,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
THEIRS = ProviderReport("theirs-1")


def test_an_empty_ledger_knows_nothing(ledger: Ledger) -> None:
    asked = ledger.queries
    assert asked.get("one") is None and asked.hold("key") is None
    assert asked.first_sent("test") is None and not asked.has_event("planned")
    assert not (asked.records("test") or asked.under_way("test") or asked.events("test"))
    assert not (asked.ordered("test") or asked.unforgotten("test", MORNING))
    assert not (asked.latest("test") or asked.bases("test") or asked.holds())
    assert asked.calls_since(MORNING) == {} and asked.with_address() == 0
    assert asked.senders("test") == asked.accounts() == asked.references("one") == frozenset()
    assert asked.sent_elsewhere(letter(), CONTENT, MORNING) is None


# -- letters and events ----------------------------------------------------------------------------


def test_letters_come_in_the_order_in_which_they_were_planned(ledger: Ledger) -> None:
    for number in ("03", "01", "02"):
        ledger.plan(letter(f"+120255501{number}", recipient=number), MORNING)
    ledger.plan(letter(campaign="other"), MORNING)
    end(ledger, letter("+12025550103", recipient="03"), State.DELIVERED, MORNING)
    assert [each.recipient for each in ledger.queries.records("test")] == ["03", "01", "02"]


@pytest.mark.parametrize(
    ("address", "state", "is_followed"),
    [
        (NUMBER, State.SUBMITTING, True),
        (NUMBER, State.ACCEPTED, True),
        (MAILBOX, State.SUBMITTING, True),
        (MAILBOX, State.ACCEPTED, False),
        (MAILBOX, State.RELAYED, False),
        (NUMBER, State.PLANNED, False),
        (NUMBER, State.WAITING, False),
        (NUMBER, State.DELIVERED, False),
        (NUMBER, State.UNKNOWN, False),
    ],
)
def test_only_what_an_account_still_reports_on_is_followed(
    ledger: Ledger, address: str, state: State, is_followed: bool
) -> None:
    end(ledger, letter(address), state, MORNING)
    followed = [record.id for record in ledger.queries.under_way("test")]
    assert followed == [letter(address).id] * is_followed
    assert ledger.queries.under_way("other") == []


def test_events_are_those_of_one_campaign_or_of_one_recipient_in_it(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    ledger.plan(letter(MAILBOX, recipient="two"), MORNING)
    ledger.plan(letter(campaign="other"), MORNING)
    all_of_them, of_two = (ledger.queries.events("test", name) for name in (None, "two"))
    assert [event.event for event in all_of_them] == [
        "planned",
        "submitting",
        "leaving",
        "delivered",
        "planned",
    ]
    assert [(event.recipient, event.channel, event.address) for event in of_two] == [
        ("two", "email", MAILBOX)
    ]
    assert [event.seq for event in all_of_them] == sorted(event.seq for event in all_of_them)


def test_the_references_of_a_letter_are_those_of_all_its_attempts(ledger: Ledger) -> None:
    end(ledger, letter(), State.WAITING, MORNING, "ours-1")
    leave(ledger, letter(), MORNING, "ours-2")
    leave(ledger, letter("+12025550102"), MORNING, "ours-3")
    assert ledger.queries.references(letter().id) == {"ours-1", "ours-2"}


@pytest.mark.parametrize(("event", "happened"), [("planned", True), ("rehearsal", False)])
def test_what_ever_happened_is_known(ledger: Ledger, event: str, happened: bool) -> None:
    ledger.plan(letter(campaign="long ago"), MORNING)
    assert ledger.queries.has_event(event) is happened


def test_those_who_sent_are_known_by_the_letters_that_left(ledger: Ledger) -> None:
    leave(ledger, letter(sender="a"), MORNING)
    planned, claimed = letter("+12025550102", sender="b"), letter("+12025550103", sender="c")
    ledger.plan_all([planned, claimed], MORNING)
    claim(ledger, claimed, MORNING, "ours-2")
    leave(ledger, letter("+12025550104", sender="d", campaign="other"), MORNING, "ours-3")
    assert ledger.queries.senders("test") == {"a"}


def test_accounts_are_those_of_all_campaigns(ledger: Ledger) -> None:
    leave(ledger, letter(), MORNING, account="sinch")
    leave(ledger, letter(MAILBOX, campaign="other"), MORNING, "ours-2", account="smtp")
    assert ledger.queries.accounts() == {"sinch", "smtp"}


def test_letters_that_were_not_purged_are_counted(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    ledger.plan(letter(MAILBOX), MORNING)
    assert ledger.queries.with_address() == 2
    ledger.purge(MORNING + DAY, MORNING + DAY)
    assert ledger.queries.with_address() == 1


def test_calls_are_counted_for_each_number_since_a_moment(ledger: Ledger) -> None:
    end(ledger, letter(), State.WAITING, MORNING - DAY)
    end(ledger, letter(campaign="a"), State.DELIVERED, MORNING)
    end(ledger, letter(campaign="b"), State.FAILED, MORNING + MINUTE)
    end(ledger, letter("+12025550102"), State.DELIVERED, MORNING)
    end(ledger, letter(MAILBOX), State.DELIVERED, MORNING)
    assert ledger.queries.calls_since(MORNING) == {key_of(NUMBER): 2, key_of("+12025550102"): 1}


def test_holds_are_found_by_address(ledger: Ledger) -> None:
    put_hold(ledger, HoldReason.VOICE, MORNING)
    put_hold(ledger, HoldReason.FAILING, MORNING, key_of(MAILBOX))
    assert ledger.queries.holds() == {
        key_of(NUMBER): HoldReason.VOICE,
        key_of(MAILBOX): HoldReason.FAILING,
    }
    assert ledger.queries.hold(key_of(MAILBOX)) is HoldReason.FAILING


def test_each_campaign_has_a_first_day_of_its_own(ledger: Ledger) -> None:
    ledger.start("test", date(2026, 11, 24))
    ledger.start("other", date(2003, 2, 14))
    assert ledger.queries.first_sent("other") == date(2003, 2, 14)


# -- rounds, and letters that went before ----------------------------------------------------------


def test_of_a_letter_the_latest_round_is_told(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    end(ledger, letter(round=2), State.FAILED, MORNING + DAY, "ours-2")
    end(ledger, letter(MAILBOX), State.ACCEPTED, MORNING, "ours-3")
    assert ledger.queries.latest("test") == {
        letter().base: Round(2, "fax", State.FAILED),
        letter(MAILBOX).base: Round(1, "email", State.ACCEPTED),
    }


@pytest.mark.parametrize(
    ("first", "second", "whose"),
    [
        (State.DELIVERED, State.FAILED, "first"),
        (State.FAILED, State.DELIVERED, "second"),
        (State.UNKNOWN, State.PLANNED, "first"),
        (State.FAILED, State.FAILED, "second"),
        (State.DELIVERED, State.DELIVERED, "second"),
        (State.PLANNED, State.PLANNED, "second"),
    ],
)
def test_of_two_senders_letters_to_one_address_one_counts(
    ledger: Ledger, first: State, second: State, whose: str
) -> None:
    """The one that may have arrived, else the latest."""
    end(ledger, letter(sender="first"), first, MORNING)
    end(ledger, letter(sender="second"), second, MORNING + DAY, "ours-2")
    assert ledger.queries.bases("test") == {key_of(NUMBER): letter(sender=whose).base}


def test_a_test_letter_is_no_letter_of_its_address(ledger: Ledger) -> None:
    test = ledger.plan(letter(), MORNING)
    ledger.add_event(test.id, "rehearsal", MORNING, None)
    assert ledger.queries.bases("test") == {}


@pytest.mark.parametrize(
    ("change", "is_found"),
    [
        ({}, True),
        ({"state": State.UNKNOWN}, True),
        ({"state": State.ACCEPTED}, True),
        ({"state": State.FAILED}, False),
        ({"state": State.PLANNED}, False),
        ({"content": "e" * 64}, False),
        ({"sender": "another"}, False),
        ({"address": "+12025550102"}, False),
        ({"campaign": "test"}, False),
        ({"age": 29 * DAY}, True),
        ({"age": 31 * DAY}, False),
    ],
    ids=[
        "the same letter",
        "it may have arrived",
        "it is on its way",
        "it did not arrive",
        "it never left",
        "another letter",
        "another sender",
        "another number",
        "this campaign",
        "within the time",
        "too long ago",
    ],
)
def test_the_same_letter_of_another_campaign_is_found(
    ledger: Ledger, change: dict[str, Any], is_found: bool
) -> None:
    names = ("address", "campaign", "sender")
    other = letter(**{"campaign": "other"} | {key: change[key] for key in names if key in change})
    age = change.get("age", DAY)
    content = change.get("content", CONTENT)
    end(ledger, other, change.get("state", State.DELIVERED), MORNING - age, content=content)
    found = ledger.queries.sent_elsewhere(letter(), CONTENT, MORNING - 30 * DAY)
    assert found == (("other", MORNING - age) if is_found else None)


def test_of_several_campaigns_the_last_one_is_named(ledger: Ledger) -> None:
    for day, name in enumerate(("a", "c", "b")):
        end(ledger, letter(campaign=name), State.DELIVERED, MORNING + day * DAY)
    found = ledger.queries.sent_elsewhere(letter(), CONTENT, MORNING)
    assert found == ("b", MORNING + 2 * DAY)


# -- the workers' queue ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "state", "is_left"),
    [
        (NUMBER, State.PLANNED, True),
        (NUMBER, State.WAITING, True),
        (NUMBER, State.SUBMITTING, True),
        (NUMBER, State.ACCEPTED, True),
        (MAILBOX, State.ACCEPTED, False),
        (NUMBER, State.DELIVERED, False),
        (NUMBER, State.FAILED, False),
        (NUMBER, State.UNKNOWN, False),
    ],
)
def test_what_was_left_to_the_workers_and_is_not_over(
    ledger: Ledger, address: str, state: State, is_left: bool
) -> None:
    one, other = letter(address), letter("+12025550109")
    ledger.plan_all([one, other], MORNING)
    ledger.queue_for_workers({one.id: CONTENT}, {one.id: "yes"})
    end(ledger, one, state, MORNING)
    queued = QueuedDelivery(one.id, "test", key_of(address))
    assert ledger.queries.ordered("test") == [queued] * is_left


# -- documents that an account still has -----------------------------------------------------------


def attempt(theirs: str | None = None, *, was_tried: bool = False) -> Attempt:
    return Attempt(letter().id, "ours-1", "sinch", theirs, was_tried)


def accepted_then(state: State) -> Callable[[Ledger], None]:
    def happens(ledger: Ledger) -> None:
        end(ledger, letter(), State.ACCEPTED, MORNING, report=THEIRS)
        ledger.attempts.record(letter().id, "ours-1", state, MORNING)

    return happens


def ends(state: State) -> Callable[[Ledger], None]:
    return lambda ledger: end(ledger, letter(), state, MORNING)


def unknown_then_on_the_line(ledger: Ledger) -> None:
    end(ledger, letter(), State.UNKNOWN, MORNING)
    ledger.attempts.record_receipt(letter().id, "ours-1", State.ACCEPTED, MORNING, THEIRS)


def deleted(event: str) -> Callable[[Ledger], None]:
    def happens(ledger: Ledger) -> None:
        end(ledger, letter(), State.DELIVERED, MORNING, report=THEIRS)
        ledger.add_event(letter().id, event, MORNING, None, reference="ours-1")

    return happens


def without_account(ledger: Ledger) -> None:
    ledger.plan(letter(), MORNING)
    ledger.add_event(letter().id, State.FAILED, MORNING, None, reference="ours-1")


def settled(ledger: Ledger) -> None:
    end(ledger, letter(), State.UNKNOWN, MORNING)
    ledger.settle(letter().id, State.WAITING, MORNING, "not sent")


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (ends(State.SUBMITTING), None),
        (ends(State.ACCEPTED), None),
        (ends(State.DELIVERED), attempt()),
        (ends(State.FAILED), attempt()),
        (ends(State.WAITING), attempt()),
        (ends(State.UNKNOWN), None),
        (accepted_then(State.UNKNOWN), attempt("theirs-1")),
        (accepted_then(State.DELIVERED), attempt("theirs-1")),
        (unknown_then_on_the_line, None),
        (settled, attempt()),
        (deleted("forgotten"), None),
        (deleted("not-forgotten"), attempt("theirs-1", was_tried=True)),
        (without_account, None),
    ],
    ids=[
        "claimed",
        "on the line",
        "delivered",
        "failed",
        "to be tried again",
        "unknown, and the account may still fetch it",
        "unknown, and the account has it",
        "delivered after a while",
        "unknown, then on the line",
        "settled by a person",
        "deleted",
        "not yet deleted",
        "of no account",
    ],
)
def test_a_document_is_deleted_at_the_account_when_its_attempt_is_over(
    ledger: Ledger, happens: Callable[[Ledger], None], expected: Attempt | None
) -> None:
    happens(ledger)
    wanted = [expected] if expected else []
    assert ledger.queries.unforgotten("test", MORNING) == wanted


def test_an_earlier_attempt_s_document_goes_while_the_next_one_is_on_the_line(
    ledger: Ledger,
) -> None:
    end(ledger, letter(), State.WAITING, MORNING, "ours-1")
    end(ledger, letter(), State.ACCEPTED, MORNING + MINUTE, "ours-2")
    found = ledger.queries.unforgotten("test", MORNING)
    assert [each.reference for each in found] == ["ours-1"]


@pytest.mark.parametrize(
    ("since", "is_found"),
    [(MORNING, True), (MORNING + MINUTE, False)],
    ids=["within the time", "before it"],
)
def test_what_ended_long_ago_is_not_asked_about(
    ledger: Ledger, since: datetime, is_found: bool
) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    assert bool(ledger.queries.unforgotten("test", since)) is is_found
    assert ledger.queries.unforgotten("other", MORNING) == []


def test_of_a_purged_letter_nothing_is_known_to_delete(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING)
    ledger.purge(MORNING + DAY, MORNING + DAY)
    assert ledger.queries.unforgotten("test", MORNING) == []
