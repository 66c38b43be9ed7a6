"""What the ledger tells: letters, rounds and events, and how it writes a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from faxappeal.core.lifecycle import State
from faxappeal.ledger import Ledger, Round
from faxappeal.ledger.model import stamp
from tests.support.clock import MORNING
from tests.support.ledgers import MAILBOX, NUMBER, end, letter

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (None, None),
        (MIDNIGHT, "2026-11-24T00:00:00.000000+00:00"),
        (MORNING, "2026-11-24T08:00:00.000000+00:00"),
        (
            datetime(2026, 11, 24, 1, 2, 3, 4, timezone(timedelta(hours=-5))),
            "2026-11-24T06:02:03.000004+00:00",
        ),
    ],
    ids=["none", "UTC", "Berlin", "New York"],
)
def test_a_moment_is_written_in_utc(moment: datetime | None, text: str | None) -> None:
    assert stamp(moment) == text


def test_moments_sort_as_their_texts_do() -> None:
    steps = (timedelta(microseconds=1), timedelta(seconds=1), timedelta(hours=9), timedelta(30))
    moments = [MIDNIGHT, *(MIDNIGHT + step for step in steps)]
    east = [moment.astimezone(timezone(timedelta(hours=14))) for moment in moments]
    assert sorted(filter(None, map(stamp, reversed(east)))) == [stamp(each) for each in moments]


def test_what_was_written_in_one_time_zone_is_the_same_moment_when_it_is_read(
    ledger: Ledger,
) -> None:
    record = ledger.plan(letter(), MORNING)
    [event] = ledger.queries.events("test")
    assert record.updated_at == event.at == MORNING
    assert record.updated_at.tzinfo == UTC


STATES = [
    # state, channel, it counts as sent, nothing more is done for it
    (State.PLANNED, "fax", False, False),
    (State.HELD, "fax", False, False),
    (State.WAITING, "email", False, False),
    (State.SUBMITTING, "fax", False, False),
    (State.ACCEPTED, "fax", False, False),
    (State.ACCEPTED, "email", True, True),
    (State.RELAYED, "email", True, True),
    (State.DELIVERED, "fax", True, True),
    (State.FAILED, "fax", False, False),
    (State.UNKNOWN, "fax", False, True),
]


@pytest.mark.parametrize(("state", "channel", "is_sent", "is_over"), STATES)
def test_what_counts_as_sent_and_what_is_over(
    ledger: Ledger, state: State, channel: str, is_sent: bool, is_over: bool
) -> None:
    one = letter(NUMBER if channel == "fax" else MAILBOX)
    end(ledger, one, state, MORNING)
    [record] = ledger.queries.records("test")
    assert record.is_sent is is_sent
    assert Round(1, channel, state).is_over is is_over
