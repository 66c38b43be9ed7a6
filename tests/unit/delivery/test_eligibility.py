"""Whether a letter may leave now: what holds it, and what it waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.config.sections import Pacing
from faxappeal.core.lifecycle import HoldReason, State, WaitReason
from faxappeal.delivery.eligibility import Hold, SendPolicy, Wait
from faxappeal.ledger import Ledger, Record
from faxappeal.providers.base import ProviderReport
from tests.support.clock import FakeClock
from tests.support.world import NEW_YORK, email_delivery, fax_delivery, leave

FAX, EMAIL = fax_delivery(), email_delivery()
PACING = Pacing(per_number_gap="5m")  # type: ignore[arg-type]
BEFORE = SendPolicy(None, PACING)  # nothing was sent yet
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=NEW_YORK)


def at(text: str) -> datetime:
    """A moment in November 2026 in New York: day of the month and time."""
    day, time = text.split()
    return datetime.fromisoformat(f"2026-11-{day}T{time}").replace(tzinfo=NEW_YORK)


# -- what holds it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivery", "hold"),
    [
        (FAX, None),
        (replace(FAX, hold=HoldReason.STALE), "stale"),
        (replace(FAX, zone=None), "no time zone"),
        (replace(FAX, zone=None, hold=HoldReason.RETIRED), "retired"),
        (EMAIL, None),
        (replace(EMAIL, zone=None), None),
        (replace(EMAIL, hold=HoldReason.OPTED_OUT), "opted out"),
    ],
    ids=[
        *("fax", "stale", "fax without a time zone", "retired without a time zone"),
        *("email", "email without a time zone", "opted out"),
    ],
)
def test_what_the_list_holds_before_anything_was_sent(delivery: Delivery, hold: str | None) -> None:
    found = BEFORE.holds(delivery, "letter", TUESDAY)
    assert (str(found) if found else None) == hold


def sent_elsewhere(
    ledger: Ledger, delivery: Delivery = FAX, hold: HoldReason | None = None
) -> None:
    """The same sender's letter of another campaign went to that address."""
    clock = FakeClock(TUESDAY)
    other = replace(delivery, id="other", identity="other", base="other", campaign="spring")
    leave(ledger, clock, other)
    state = State.HELD if hold else State.DELIVERED
    ledger.attempts.record("other", "fa-1", state, clock.now(), ProviderReport(), hold=hold)


@pytest.mark.parametrize("delivery", [FAX, replace(FAX, zone=None)], ids=["fax", "no time zone"])
def test_a_hold_of_the_ledger_holds_an_address_in_every_campaign(
    ledger: Ledger, delivery: Delivery
) -> None:
    sent_elsewhere(ledger, hold=HoldReason.VOICE)
    policy = SendPolicy(ledger, PACING)
    assert policy.holds(delivery, "letter", TUESDAY) == Hold(HoldReason.VOICE)
    listed = replace(delivery, hold=HoldReason.OPTED_OUT)
    assert policy.holds(listed, "letter", TUESDAY) == Hold(HoldReason.OPTED_OUT)


@pytest.mark.parametrize(
    ("changes", "content", "later", "is_held"),
    [
        ({}, "letter", timedelta(days=1), True),
        ({}, "letter", timedelta(days=6, hours=23), True),
        ({}, "letter", timedelta(days=7, hours=1), False),
        ({}, "another letter", timedelta(days=1), False),
        ({"sender": "somebody else"}, "letter", timedelta(days=1), False),
        ({"address_key": "another address"}, "letter", timedelta(days=1), False),
        ({"again": True}, "letter", timedelta(days=1), False),
    ],
    ids=[
        *("a day later", "nearly a week later", "a week later", "another letter"),
        *("another sender", "another address", "a person wants it again"),
    ],
)
@pytest.mark.parametrize("delivery", [FAX, EMAIL], ids=["fax", "email"])
def test_the_same_letter_goes_to_an_address_once_a_week_whatever_the_campaign_is_called(
    ledger: Ledger,
    delivery: Delivery,
    changes: dict[str, Any],
    content: str,
    later: timedelta,
    is_held: bool,
) -> None:
    sent_elsewhere(ledger, delivery)
    policy = SendPolicy(ledger, PACING)
    hold = policy.holds(replace(delivery, **changes), content, TUESDAY + later)
    expected = "the same letter went there in spring on 2026-11-24"
    assert (str(hold) if hold else None) == (expected if is_held else None)


# -- what it waits for -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("24 10:00", None),
        ("24 08:00", None),
        ("24 07:59", "24 08:00"),
        ("24 20:00", "25 08:00"),
        ("25 21:00", "27 08:00"),  # over Thanksgiving
        ("28 12:00", "30 08:00"),  # a Saturday
    ],
    ids=["open", "opening", "early", "closing", "holiday", "weekend"],
)
def test_a_fax_waits_for_the_office(moment: str, opens: str | None) -> None:
    wait = BEFORE.waits(FAX, None, at(moment))
    assert wait == (Wait(WaitReason.OFFICE_HOURS, at(opens)) if opens else None)
    assert BEFORE.waits(EMAIL, None, at(moment)) is None, "an e-mail rings no telephone"


def test_a_test_letter_keeps_the_holidays_of_the_senders_country() -> None:
    own = replace(FAX, country="DE")
    assert BEFORE.waits(FAX, None, at("26 10:00")), "Thanksgiving"
    assert BEFORE.waits(own, None, at("26 10:00")) is None


@pytest.mark.parametrize(
    ("delivery", "moment", "left"),
    [
        (FAX, "24 19:45", timedelta(minutes=15)),
        (FAX, "24 08:00", timedelta(hours=12)),
        (EMAIL, "24 19:45", None),
    ],
    ids=["evening", "morning", "email"],
)
def test_how_long_a_letter_may_ring(
    delivery: Delivery, moment: str, left: timedelta | None
) -> None:
    assert BEFORE.time_left(delivery, at(moment)) == left


def noted(
    ledger: Ledger, delivery: Delivery, next_at: datetime, note: str, cause: str | None
) -> Record:
    ledger.plan(delivery, TUESDAY)
    ledger.note(delivery.id, State.WAITING, TUESDAY, note=note, cause=cause, next_at=next_at)
    record = ledger.queries.get(delivery.id)
    assert record
    return record


@pytest.mark.parametrize(
    ("delivery", "next_at", "note", "cause", "expected"),
    [
        (FAX, "24 10:15", "retry", "busy", ("retry", "24 10:15", "busy")),
        (EMAIL, "24 10:15", "retry", "provider", ("retry", "24 10:15", "provider")),
        (FAX, "24 09:59", "retry", "busy", None),
        (FAX, "24 21:00", "retry", "busy", ("office hours", "25 08:00", "busy")),
        (EMAIL, "24 21:00", "retry", "provider", ("retry", "24 21:00", "provider")),
        (FAX, "25 08:00", "office hours", None, None),
        (FAX, "25 08:00", "office hours", "busy", ("retry", "25 08:00", "busy")),
        (FAX, "24 10:15", "the gap between two calls to a number", None, None),
        (FAX, "24 10:15", "gap between two calls to a number", None, None),
    ],
    ids=[
        *("retry", "retry of an email", "a retry that is due", "a retry in the evening"),
        *("an email in the evening", "hours that may be others now", "a retry after the hours"),
        *("a gap that may be another now", "an earlier version's words"),
    ],
)
def test_after_a_failure_a_letter_waits_and_what_the_settings_say_is_computed_again(
    ledger: Ledger,
    delivery: Delivery,
    next_at: str,
    note: str,
    cause: str | None,
    expected: tuple[str, str, str] | None,
) -> None:
    record = noted(ledger, delivery, at(next_at), note, cause)
    wait = SendPolicy(ledger, PACING).waits(delivery, record, TUESDAY)
    if expected is None:
        assert wait is None
    else:
        reason, until, after = expected
        assert wait and (wait.reason, wait.until, wait.cause) == (reason, at(until), after)


def test_a_letter_waits_for_the_one_that_is_on_its_line(ledger: Ledger) -> None:
    leave(ledger, FakeClock(TUESDAY), replace(FAX, id="d0", campaign="spring"))
    wait = SendPolicy(ledger, PACING).waits(FAX, None, TUESDAY + timedelta(minutes=1))
    assert wait and (wait.reason, wait.until, wait.letter) == (WaitReason.NUMBER_BUSY, None, "d0")
    assert str(wait) == "on this line is a letter of spring"


@pytest.mark.parametrize(
    ("later", "reason", "until"),
    [
        (timedelta(minutes=1), WaitReason.NUMBER_GAP, TUESDAY + timedelta(minutes=5)),
        (timedelta(minutes=6), None, None),
    ],
    ids=["too soon", "after the gap"],
)
def test_two_calls_to_a_number_are_a_gap_apart(
    ledger: Ledger, later: timedelta, reason: WaitReason | None, until: datetime | None
) -> None:
    sent_elsewhere(ledger)
    wait = SendPolicy(ledger, PACING).waits(FAX, None, TUESDAY + later)
    assert (wait.reason if wait else None) == reason
    if wait and wait.until and until:
        assert timedelta(0) <= wait.until - until < timedelta(seconds=1)


def test_a_gap_that_ends_after_hours_waits_for_the_morning(ledger: Ledger) -> None:
    sent_elsewhere(ledger)
    pacing = Pacing(per_number_gap="10h")  # type: ignore[arg-type]
    wait = SendPolicy(ledger, pacing).waits(FAX, None, TUESDAY + timedelta(hours=1))
    assert wait == Wait(WaitReason.OFFICE_HOURS, at("25 08:00"))


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (Wait(WaitReason.OFFICE_HOURS, TUESDAY.astimezone(UTC)), "office hours"),
        (Wait(WaitReason.NUMBER_BUSY, None, "on this line is a letter of spring"), "on this line is a letter of spring"),
    ],
    ids=["its reason", "its own words"],
)  # fmt: skip
def test_how_a_wait_is_said(wait: Wait, words: str) -> None:
    assert str(wait) == words
