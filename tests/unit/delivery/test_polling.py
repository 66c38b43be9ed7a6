"""How often an account is asked, and how it is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faxappeal.delivery.polling import PollSchedule
from faxappeal.ledger import Ledger
from faxappeal.providers.base import Unreachable
from tests.support.clock import FakeClock
from tests.support.world import ScriptedAccount


@pytest.fixture
def schedule(ledger: Ledger) -> PollSchedule:
    return PollSchedule(ledger, FakeClock())


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        (0, 5),
        (4, 5),
        (6, 10),
        (14, 10),
        (16, 15),
        (29, 15),
        (31, 30),
        (59, 30),
        (61, 30),
        (9e4, 30),
    ],
)
def test_a_letter_is_asked_about_less_often_the_longer_it_takes(
    schedule: PollSchedule, age: float, seconds: float
) -> None:
    left_at = schedule.clock.now()
    schedule.clock.sleep(age)
    assert schedule.poll(left_at) == seconds


def test_a_letter_of_which_it_is_not_known_when_it_left_is_asked_about_soon(
    schedule: PollSchedule,
) -> None:
    assert schedule.poll(None) == 5


def test_one_question_follows_another_at_the_accounts_pace(schedule: PollSchedule) -> None:
    account = ScriptedAccount(FakeClock(), poll_interval=timedelta(seconds=10))
    other = ScriptedAccount(FakeClock(), name="other", poll_interval=timedelta(seconds=10))
    assert schedule.question(account) is None
    assert schedule.question(account) == pytest.approx(10, abs=0.1)
    assert schedule.question(other) is None, "each account has its own pace"
    schedule.clock.sleep(10)
    assert schedule.question(account) is None


def test_an_account_without_a_pace_may_be_asked_at_any_time(schedule: PollSchedule) -> None:
    account = ScriptedAccount(FakeClock())
    assert [schedule.question(account) for _ in range(3)] == [None] * 3


def test_the_pace_holds_for_all_who_use_the_ledger(ledger: Ledger) -> None:
    account = ScriptedAccount(FakeClock(), poll_interval=timedelta(seconds=10))
    clock = FakeClock()
    assert PollSchedule(ledger, clock).question(account) is None
    assert PollSchedule(ledger, clock).question(account) is not None


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [(None, 30), (timedelta(seconds=5), 30), (timedelta(minutes=10), 600)],
    ids=["it says nothing", "less than ours", "more than ours"],
)
def test_an_account_that_did_not_answer_is_asked_again_later(
    schedule: PollSchedule, retry_after: timedelta | None, seconds: float
) -> None:
    assert schedule.again("fake", Unreachable("no answer", retry_after)) == seconds


def test_an_account_that_wants_to_hear_nothing_is_not_asked_about_any_letter(
    schedule: PollSchedule,
) -> None:
    account = ScriptedAccount(FakeClock())
    assert schedule.silence("fake", timedelta(minutes=10)) == timedelta(minutes=10)
    assert schedule.question(account) == pytest.approx(600, abs=0.1)
    schedule.clock.sleep(600)
    assert schedule.question(account) is None


def test_an_account_that_wants_nothing_special_is_not_silenced(schedule: PollSchedule) -> None:
    assert schedule.silence("fake", None) == timedelta(0)
    assert schedule.question(ScriptedAccount(FakeClock())) is None
