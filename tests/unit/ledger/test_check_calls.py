"""Check calls: claimed before Twilio hears of them, so that no number is called twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faxappeal.core.lifecycle import HoldReason, State
from faxappeal.ledger import Ledger
from faxappeal.ledger.check_calls import REST, CheckCalls, Claim
from faxappeal.providers.base import ProviderReport
from tests.support.clock import MORNING
from tests.support.ledgers import NO_GAP, NUMBER, end, events_of, key_of, leave, letter

KEY = key_of(NUMBER)
MINUTE = timedelta(minutes=1)
OVER = ProviderReport("CA1", "completed", seconds=3.0, price="0.01 USD")


@pytest.fixture
def calls(ledger: Ledger) -> CheckCalls:
    """Of a ledger in which one letter is planned."""
    ledger.plan(letter(), MORNING)
    return CheckCalls(ledger)


def begun(calls: CheckCalls, reference: str = "check-1") -> Claim:
    assert calls.claim(letter(), reference, NO_GAP, MORNING)
    [claim] = [each for each in calls.unfinished(KEY) if each.reference == reference]
    return claim


def test_a_call_that_was_claimed_is_known_before_it_rings(calls: CheckCalls) -> None:
    assert calls.unfinished(KEY) == [] and calls.last(KEY) is None
    assert begun(calls) == Claim(letter().id, "check-1", None, MORNING)
    assert calls.last(KEY) == MORNING


def test_a_call_that_rings_has_the_number_of_twilio(calls: CheckCalls) -> None:
    ringing = calls.rings(begun(calls), "CA1", MORNING + MINUTE)
    assert ringing == Claim(letter().id, "check-1", "CA1", MORNING)
    assert calls.unfinished(KEY) == [ringing]


@pytest.mark.parametrize(
    ("made", "event", "called"),
    [(True, "called", True), (False, "not-called", False)],
    ids=["made", "not made"],
)
def test_a_call_that_is_over_is_not_followed_any_more(
    calls: CheckCalls, ledger: Ledger, made: bool, event: str, called: bool
) -> None:
    calls.end(begun(calls), KEY, MORNING + MINUTE, OVER, "fax", made=made)
    assert calls.unfinished(KEY) == []
    assert (calls.last(KEY) is not None) is called
    last = ledger.queries.events("test")[-1]
    assert (last.event, last.note, last.account, last.reference) == (
        event,
        "fax",
        "twilio",
        "check-1",
    )
    assert (last.account_reference, last.seconds, last.price) == ("CA1", 3.0, "0.01 USD")


@pytest.mark.parametrize("hold", [HoldReason.VOICE, HoldReason.CALL, None])
def test_what_answered_may_hold_the_number(
    calls: CheckCalls, ledger: Ledger, hold: HoldReason | None
) -> None:
    calls.end(begun(calls), KEY, MORNING, OVER, "human", hold=hold)
    assert ledger.queries.hold(KEY) == hold


@pytest.mark.parametrize(
    ("made", "later", "may_call"),
    [
        (True, timedelta(hours=23, minutes=59), False),
        (True, REST, True),
        (False, MINUTE, True),
    ],
    ids=["within a day", "after a day", "the first was not made"],
)
def test_a_number_is_called_once_a_day(
    calls: CheckCalls, made: bool, later: timedelta, may_call: bool
) -> None:
    calls.end(begun(calls), KEY, MORNING, OVER, "busy", made=made)
    assert calls.claim(letter(), "check-2", NO_GAP, MORNING + later) is may_call


def test_another_campaign_does_not_call_the_number_on_the_same_day(
    calls: CheckCalls, ledger: Ledger
) -> None:
    begun(calls)
    other = letter(campaign="other")
    ledger.plan(other, MORNING)
    assert not calls.claim(other, "check-2", NO_GAP, MORNING + MINUTE)
    assert events_of(ledger, "other") == ["planned"]


def test_two_numbers_do_not_know_of_each_other(calls: CheckCalls, ledger: Ledger) -> None:
    begun(calls)
    other = letter("+12025550102")
    ledger.plan(other, MORNING)
    assert calls.unfinished(other.address_key) == [] and calls.last(other.address_key) is None
    assert calls.claim(other, "check-2", NO_GAP, MORNING)


def test_a_number_with_a_letter_on_its_line_is_not_called(
    calls: CheckCalls, ledger: Ledger
) -> None:
    leave(ledger, letter(campaign="other"), MORNING)
    assert not calls.claim(letter(), "check-1", NO_GAP, MORNING + MINUTE)
    assert calls.unfinished(KEY) == []


@pytest.mark.parametrize(
    ("later", "may_call"),
    [(4 * MINUTE, False), (5 * MINUTE, True)],
    ids=["within the gap", "after it"],
)
def test_a_call_keeps_the_gap_to_the_letter_before_it(
    calls: CheckCalls, ledger: Ledger, later: timedelta, may_call: bool
) -> None:
    end(ledger, letter(campaign="other"), State.DELIVERED, MORNING)
    assert calls.claim(letter(), "check-1", 5 * MINUTE, MORNING + later) is may_call


def test_of_several_calls_those_without_an_end_are_left_the_oldest_first(
    calls: CheckCalls,
) -> None:
    for day, reference in enumerate(("check-1", "check-2", "check-3")):
        assert calls.claim(letter(), reference, NO_GAP, MORNING + day * REST)
    _, second, _ = calls.unfinished(KEY)
    calls.end(second, KEY, MORNING + 2 * REST, OVER, "busy")
    assert [claim.reference for claim in calls.unfinished(KEY)] == ["check-1", "check-3"]
    assert calls.last(KEY) == MORNING + 2 * REST
