"""When a number's line and an account are free again."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from faxappeal.core.lifecycle import State
from faxappeal.ledger import Ledger
from faxappeal.ledger.check_calls import CheckCalls
from faxappeal.ledger.number_lines import Line
from faxappeal.ledger.rate_limits import RateLimits
from tests.support.clock import MORNING
from tests.support.ledgers import NO_GAP, NUMBER, claim, end, key_of, leave, letter

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
GAP = 5 * MINUTE


def line(ledger: Ledger, moment: datetime, gap: timedelta = GAP) -> Line:
    """As another campaign's letter finds it."""
    return ledger.queries.line(key_of(NUMBER), gap, "a letter of another campaign", moment)


@pytest.mark.parametrize(
    ("line", "is_free"),
    [
        (Line(), True),
        (Line(free_at=MORNING - MINUTE), True),
        (Line(free_at=MORNING), True),
        (Line(free_at=MORNING + MINUTE), False),
        (Line(taken_by="other", letter="one"), False),
        (Line(free_at=MORNING - MINUTE, taken_by="other"), False),
    ],
    ids=["never called", "since a minute", "just now", "in a minute", "taken", "taken since"],
)
def test_a_line_is_free_after_its_gap_and_without_a_letter(line: Line, is_free: bool) -> None:
    assert line.is_free(MORNING) is is_free


def test_a_number_that_was_never_called_is_free(ledger: Ledger) -> None:
    ledger.plan(letter(), MORNING)
    assert line(ledger, MORNING) == Line()


@pytest.mark.parametrize(
    ("state", "later", "is_taken"),
    [
        (State.SUBMITTING, MINUTE, True),
        (State.ACCEPTED, MINUTE, True),
        (State.ACCEPTED, 23 * HOUR, True),
        (State.ACCEPTED, 25 * HOUR, False),
        (State.SUBMITTING, 25 * HOUR, False),
        (State.DELIVERED, MINUTE, False),
        (State.WAITING, MINUTE, False),
        (State.PLANNED, MINUTE, False),
    ],
    ids=lambda value: str(value),
)
def test_a_letter_that_an_account_has_takes_the_line_for_a_day(
    ledger: Ledger, state: State, later: timedelta, is_taken: bool
) -> None:
    end(ledger, letter(), state, MORNING)
    found = line(ledger, MORNING + later)
    assert (found.taken_by, found.letter) == (("test", letter().id) if is_taken else (None, None))


@pytest.mark.parametrize(
    ("later", "is_taken"), [(9 * MINUTE, True), (11 * MINUTE, False)], ids=["young", "old"]
)
def test_a_claim_that_never_left_takes_the_line_for_ten_minutes(
    ledger: Ledger, later: timedelta, is_taken: bool
) -> None:
    ledger.plan(letter(), MORNING)
    assert claim(ledger, letter(), MORNING)
    assert (line(ledger, MORNING + later).taken_by == "test") is is_taken


def test_a_letter_does_not_stand_in_its_own_way(ledger: Ledger) -> None:
    one = letter()
    leave(ledger, one, MORNING)
    found = ledger.queries.line(one.address_key, GAP, one.id, MORNING + MINUTE)
    assert found == Line()


@pytest.mark.parametrize(
    "state",
    [State.DELIVERED, State.FAILED, State.UNKNOWN, State.RELAYED, State.WAITING, State.HELD],
)
def test_after_every_end_lies_the_gap(ledger: Ledger, state: State) -> None:
    end(ledger, letter(), state, MORNING)
    assert line(ledger, MORNING + MINUTE) == Line(free_at=MORNING + GAP)


@pytest.mark.parametrize("state", [State.HELD, State.WAITING])
def test_a_letter_that_never_left_leaves_no_gap(ledger: Ledger, state: State) -> None:
    ledger.plan(letter(), MORNING)
    ledger.note(letter().id, state, MORNING)
    assert line(ledger, MORNING) == Line()


@pytest.mark.parametrize(
    "order", list(permutations((State.DELIVERED, State.FAILED, State.WAITING))), ids=" ".join
)
def test_the_gap_begins_with_the_latest_end(ledger: Ledger, order: tuple[State, ...]) -> None:
    for minute, state in enumerate(order):
        one = letter(campaign=f"campaign {minute}")
        end(ledger, one, state, MORNING + minute * MINUTE)
    assert line(ledger, MORNING + HOUR).free_at == MORNING + 2 * MINUTE + GAP


def test_a_check_call_leaves_a_gap_as_well(ledger: Ledger) -> None:
    one = letter()
    end(ledger, one, State.WAITING, MORNING)
    CheckCalls(ledger).claim(one, "check-1", NO_GAP, MORNING + MINUTE)
    assert line(ledger, MORNING + 2 * MINUTE).free_at == MORNING + MINUTE + GAP


def test_another_number_s_line_is_another_line(ledger: Ledger) -> None:
    other = letter("+12025550102")
    leave(ledger, other, MORNING)
    end(ledger, letter("+12025550103"), State.DELIVERED, MORNING, "ours-2")
    CheckCalls(ledger).claim(letter("+12025550103"), "check-1", NO_GAP, MORNING)
    assert line(ledger, MORNING) == Line()


@pytest.mark.parametrize(
    ("gap", "silent_for", "free_after"),
    [
        (NO_GAP, None, None),
        (GAP, None, GAP),
        (NO_GAP, MINUTE, MINUTE),
        (GAP, MINUTE, GAP),
        (GAP, HOUR, HOUR),
    ],
    ids=["any time", "its gap", "silence", "the gap is longer", "the silence is longer"],
)
def test_an_account_is_free_after_its_gap_and_its_silence(
    ledger: Ledger, gap: timedelta, silent_for: timedelta | None, free_after: timedelta | None
) -> None:
    leave(ledger, letter(), MORNING)
    if silent_for:
        RateLimits(ledger).silence("sinch", MORNING + silent_for)
    free_at = ledger.queries.account_free_at("sinch", gap)
    assert free_at == (None if free_after is None else MORNING + free_after)


def test_an_account_that_sent_nothing_is_free(ledger: Ledger) -> None:
    leave(ledger, letter(), MORNING)
    RateLimits(ledger).silence("sinch", MORNING + HOUR)
    assert ledger.queries.account_free_at("telnyx", GAP) is None
