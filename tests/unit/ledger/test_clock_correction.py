"""Letters that were sent while the clock was ahead: their waits end all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from faxappeal.core.lifecycle import State, WaitReason
from faxappeal.ledger import Ledger
from faxappeal.ledger.clock_correction import correct
from tests.support.clock import MORNING
from tests.support.ledgers import NUMBER, claim, end, events_of, key_of, letter

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
GAP = 5 * MINUTE


@pytest.mark.parametrize("ahead", [-DAY, timedelta(0), 2 * MINUTE], ids=str)
def test_where_the_clock_was_right_nothing_changes(ledger: Ledger, ahead: timedelta) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING + ahead)
    before = ledger.queries.get(letter().id)
    assert correct(ledger, MORNING) is None
    assert ledger.queries.get(letter().id) == before and "clock" not in events_of(ledger)


def test_a_number_waits_for_its_gap_and_no_longer(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING + 30 * DAY)
    other = letter(recipient="two", campaign="other")
    ledger.plan(other, MORNING)
    assert correct(ledger, MORNING) == 30 * DAY
    free = ledger.queries.line(key_of(NUMBER), GAP, other.id, MORNING).free_at
    assert free == MORNING + GAP
    assert not claim(ledger, other, MORNING + GAP - MINUTE, gap=GAP)
    assert claim(ledger, other, MORNING + GAP, gap=GAP)


def test_a_look_shows_what_would_become_of_it(ledger: Ledger) -> None:
    """A dry run corrects nothing."""
    end(ledger, letter(), State.DELIVERED, MORNING + 30 * DAY)
    free = ledger.queries.line(key_of(NUMBER), GAP, "another", MORNING).free_at
    assert free == MORNING + GAP


def test_the_next_attempt_comes_as_soon_as_it_was_meant(ledger: Ledger) -> None:
    later = MORNING + 3 * DAY
    end(ledger, letter(), State.SUBMITTING, later)
    again = later + 7 * MINUTE
    written: dict[str, Any] = {"cause": "busy", "note": WaitReason.RETRY, "next_at": again}
    assert ledger.attempts.record(letter().id, "ours-1", State.WAITING, later, **written)
    assert correct(ledger, MORNING) == 3 * DAY
    record = ledger.queries.get(letter().id)
    assert record and record.next_at == MORNING + 7 * MINUTE
    assert record.first_at == record.left_at == record.updated_at == MORNING
    assert (record.state, record.cause) == (State.WAITING, "busy")
    last = ledger.queries.events("test")[-1]
    assert (last.event, last.at, last.note) == (
        "clock",
        MORNING,
        "the clock was 3 days, 0:00:00 ahead",
    )


def test_it_is_corrected_once(ledger: Ledger) -> None:
    end(ledger, letter(), State.DELIVERED, MORNING + DAY)
    assert correct(ledger, MORNING) and correct(ledger, MORNING) is None
    assert events_of(ledger).count("clock") == 1
