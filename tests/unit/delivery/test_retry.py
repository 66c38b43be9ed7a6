"""When a letter is tried again: what each cause means, and how the waits grow."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from faxappeal.core.lifecycle import Cause, HoldReason
from faxappeal.delivery.retry import POLICIES, wait_after

AGAIN = {
    Cause.BUSY: timedelta(minutes=5),
    Cause.NO_ANSWER: timedelta(minutes=15),
    Cause.LINE: timedelta(minutes=5),
    Cause.PROVIDER: timedelta(minutes=15),
    Cause.ACCOUNT: timedelta(0),
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


@pytest.mark.parametrize("cause", AGAIN)
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
