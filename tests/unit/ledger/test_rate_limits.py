"""How often an account is asked, and that it is left alone when it wants to be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faxappeal.ledger import Ledger
from faxappeal.ledger.rate_limits import RateLimits
from tests.support.clock import MORNING

SECOND = timedelta(seconds=1)
TEN = 10 * SECOND


@pytest.fixture
def limits(ledger: Ledger) -> RateLimits:
    return RateLimits(ledger)


def test_an_account_that_was_never_asked_may_be_asked(limits: RateLimits) -> None:
    assert limits.ask("sinch", TEN, MORNING) is None


def test_who_asks_takes_the_turn_of_all_others(limits: RateLimits) -> None:
    assert limits.ask("sinch", TEN, MORNING) is None
    assert limits.ask("sinch", TEN, MORNING + SECOND) == MORNING + TEN
    assert limits.ask("sinch", TEN, MORNING + 9 * SECOND) == MORNING + TEN, "a wait takes none"
    assert limits.ask("sinch", TEN, MORNING + TEN) is None
    assert limits.ask("sinch", TEN, MORNING + TEN + SECOND) == MORNING + 2 * TEN


def test_each_account_has_a_turn_of_its_own(limits: RateLimits) -> None:
    assert limits.ask("sinch", TEN, MORNING) is None
    assert limits.ask("telnyx", TEN, MORNING) is None


def test_an_account_without_a_limit_is_asked_as_often_as_one_likes(limits: RateLimits) -> None:
    assert [limits.ask("hylafax", timedelta(0), MORNING) for _ in range(3)] == [None] * 3


@pytest.mark.parametrize("interval", [timedelta(0), TEN], ids=["without a limit", "with a limit"])
def test_an_account_that_wants_silence_is_not_asked(
    limits: RateLimits, interval: timedelta
) -> None:
    until = MORNING + timedelta(minutes=2)
    limits.silence("sinch", until)
    assert limits.ask("sinch", interval, MORNING) == until
    assert limits.ask("sinch", interval, until - SECOND) == until
    assert limits.ask("sinch", interval, until) is None


@pytest.mark.parametrize(
    ("silence", "free_after"),
    [(5 * SECOND, TEN), (TEN, TEN), (30 * SECOND, 30 * SECOND)],
    ids=["shorter than the limit", "as long", "longer"],
)
def test_the_later_of_both_counts(
    limits: RateLimits, silence: timedelta, free_after: timedelta
) -> None:
    limits.ask("sinch", TEN, MORNING)
    limits.silence("sinch", MORNING + silence)
    assert limits.ask("sinch", TEN, MORNING + SECOND) == MORNING + free_after


def test_the_last_wish_for_silence_counts(limits: RateLimits) -> None:
    for seconds in (60, 20):
        limits.silence("sinch", MORNING + seconds * SECOND)
    assert limits.ask("sinch", TEN, MORNING) == MORNING + 20 * SECOND


def test_a_clock_that_was_set_back_makes_no_account_wait(limits: RateLimits) -> None:
    limits.ask("sinch", TEN, MORNING + timedelta(days=365))
    assert limits.ask("sinch", TEN, MORNING) is None
