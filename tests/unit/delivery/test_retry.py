"""When a letter is tried again: what each cause means, and how the waits grow."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from faxappeal.core.lifecycle import Cause, HoldReason
from faxappeal.delivery.retry import POLICIES, Tries, next_attempt, wait_after
from tests.support.clock import MORNING

MINUTES, HOURS, DAYS = (timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))

AGAIN = {
    Cause.BUSY: timedelta(minutes=5),
    Cause.NO_ANSWER: timedelta(minutes=15),
    Cause.LINE: timedelta(minutes=5),
    Cause.PROVIDER: timedelta(minutes=15),
    Cause.ACCOUNT: timedelta(0),
    Cause.OFFLINE: timedelta(minutes=5),
}
NEVER = {
    Cause.VOICE: HoldReason.VOICE,
    Cause.BAD_NUMBER: HoldReason.FAILING,
    Cause.BOUNCE: HoldReason.FAILING,
    Cause.REFUSED: None,
    Cause.DOCUMENT: None,
    Cause.EXPIRED: None,
}


def test_each_cause_has_a_policy() -> None:
    assert set(POLICIES) == set(Cause) == AGAIN.keys() | NEVER.keys()


@pytest.mark.parametrize(("cause", "wait"), AGAIN.items(), ids=AGAIN)
def test_what_may_pass_is_tried_again_and_holds_no_address(cause: Cause, wait: timedelta) -> None:
    assert wait_after(cause, 1) == wait
    assert POLICIES[cause].holds is None


@pytest.mark.parametrize(("cause", "hold"), NEVER.items(), ids=NEVER)
def test_what_cannot_pass_is_never_tried_again(cause: Cause, hold: HoldReason | None) -> None:
    assert [wait_after(cause, attempt) for attempt in (1, 2, 9)] == [None] * 3
    assert POLICIES[cause].holds is hold


def test_without_a_connection_each_wait_is_short() -> None:
    assert [wait_after(Cause.OFFLINE, attempt) for attempt in (1, 2, 9)] == [5 * MINUTES] * 3


@pytest.mark.parametrize("cause", AGAIN.keys() - {Cause.OFFLINE})
def test_after_two_calls_a_number_has_an_hour_of_peace(cause: Cause) -> None:
    """47 CFR 68.318(b)(1), for calls of all kinds."""
    assert wait_after(cause, 2) == timedelta(hours=1)


def test_each_further_wait_is_nearly_twice_the_last_up_to_a_day() -> None:
    waits = [wait for attempt in range(2, 12) if (wait := wait_after(Cause.BUSY, attempt))]
    assert len(waits) == 10 and waits[-1] == timedelta(hours=24)
    growing = [(one, two) for one, two in pairwise(waits) if two < timedelta(hours=24)]
    assert len(growing) == 4
    assert all(two / one == pytest.approx(1.9) for one, two in growing)


def test_no_wait_is_shorter_for_all_its_jitter() -> None:
    for attempt in range(1, 6):
        exact, late = wait_after(Cause.BUSY, attempt), wait_after(Cause.BUSY, attempt, 1.0)
        assert exact and late and exact < late <= exact * 1.11


# -- when a letter is given up ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "attempt", "passed", "wait"),
    [
        pytest.param(Cause.BUSY, 1, timedelta(0), 5 * MINUTES, id="the first"),
        pytest.param(Cause.BUSY, 4, timedelta(0), 1.9**2 * HOURS, id="the last but one"),
        pytest.param(Cause.BUSY, 5, timedelta(0), None, id="all attempts are used"),
        pytest.param(
            Cause.ACCOUNT, 5, timedelta(0), 1.9**3 * HOURS, id="which the account does not"
        ),
        pytest.param(Cause.OFFLINE, 5, timedelta(0), 5 * MINUTES, id="nor does no connection"),
        pytest.param(Cause.BUSY, 1, 2 * DAYS - 6 * MINUTES, 5 * MINUTES, id="just in time"),
        pytest.param(Cause.BUSY, 1, 2 * DAYS - 4 * MINUTES, None, id="too late by then"),
        pytest.param(Cause.ACCOUNT, 1, 3 * DAYS, None, id="too late for any cause"),
        pytest.param(Cause.REFUSED, 1, timedelta(0), None, id="no second try"),
    ],
)
def test_a_letter_is_given_up_after_its_attempts_or_its_time(
    cause: Cause, attempt: int, passed: timedelta, wait: timedelta | None
) -> None:
    tries = Tries(attempt, MORNING, attempts=5, give_up_after=2 * DAYS)
    again = next_attempt(cause, tries, MORNING + passed, at_least=timedelta(0), jitter=0.0)
    assert again == wait


def test_an_account_that_wants_peace_gets_it() -> None:
    tries = Tries(1, MORNING, attempts=5, give_up_after=2 * DAYS)
    wait = next_attempt(Cause.PROVIDER, tries, MORNING, at_least=3 * HOURS, jitter=1.0)
    assert wait == 3 * HOURS
