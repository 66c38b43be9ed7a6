"""What becomes of a letter whose process was interrupted while it was handing it over.

tests/integration/postgres runs these again with a ledger in a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import (
    Accepted,
    BeforeSend,
    Delivered,
    Failed,
    Job,
    NotTaken,
    Outcome,
    ProviderReport,
    TooEarly,
    Unknown,
    Unreachable,
)
from tests.support.world import ScriptedAccount, World


def test_a_lost_answer_is_asked_for_after_the_settling_time(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    world.account.found = [Accepted(ProviderReport("found"))]
    start = world.clock.now()
    assert world.run() == ["delivered"]
    assert world.clock.now() - start >= world.account.visibility_delay
    assert len(world.account.submitted) == 1


def test_not_found_proves_nothing_where_the_account_is_slow_to_list(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    assert world.run() == ["unknown"]


def test_not_found_is_sent_again_where_the_account_surely_remembers(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    world.account.found = [TooEarly(timedelta(minutes=1)), NotTaken(timedelta(minutes=2))]
    assert world.run() == ["delivered"]
    assert len(world.account.submitted) == 2


@pytest.mark.parametrize("age", [0, 6, 61], ids=["a moment", "minutes", "an hour"])
def test_two_clocks_that_do_not_agree_prove_nothing(world: World, age: int) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    world.account.visibility_delay = timedelta(minutes=3)
    world.account.found = [NotTaken(timedelta(minutes=age))]
    assert world.run() == ["unknown"]
    assert len(world.account.submitted) == 1


def test_another_server_proves_nothing(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    world.account.found = [NotTaken(timedelta(minutes=1))]
    assert world.run(wait=False) == ["submitting"]
    world.account.endpoint = "faxappeal@fax.example.org"
    assert world.run() == ["unknown"]
    assert len(world.account.submitted) == 1


def test_another_server_that_has_the_letter_is_believed(world: World) -> None:
    world.account.outcomes = [Unknown(ProviderReport())]
    world.account.found = [Accepted(ProviderReport("7"))]
    assert world.run(wait=False) == ["submitting"]
    world.account.endpoint = "faxappeal@fax.example.org"
    assert world.run() == ["delivered"]
    assert len(world.account.submitted) == 1


def test_a_claim_from_which_nothing_left_is_made_again(world: World) -> None:
    """As after a crash between the claim and the first byte."""

    class Dying(ScriptedAccount):
        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            raise MemoryError

    working, world.account = world.account, Dying(world.clock)
    with pytest.raises(MemoryError):
        world.run()
    assert world.states() == ["submitting"]
    world.account = working
    world.clock.sleep(600)
    assert world.run() == ["delivered"]
    assert len(working.submitted) == 1


class Killed(ScriptedAccount):
    """The process is killed after the first byte has left."""

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        super().submit(job, before_send)
        raise MemoryError


def kill(world: World) -> None:
    killed = Killed(world.clock)
    working, world.account = world.account, killed
    with pytest.raises(MemoryError):
        world.run()
    assert world.states() == ["submitting"] and len(killed.submitted) == 1
    world.account = working


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (Accepted(ProviderReport("1")), "delivered"),
        (Delivered(ProviderReport("1")), "delivered"),
        (Failed(Cause.BAD_NUMBER, ProviderReport("1")), "failed bad-number"),
        (Unknown(ProviderReport("1")), "unknown"),
        (None, "unknown"),
    ],
    ids=["the account has it", "it arrived", "it failed", "it may have arrived", "not found"],
)
def test_a_letter_killed_on_its_way_ends_as_its_account_knows(
    world: World, found: Outcome | None, state: str
) -> None:
    kill(world)
    world.account.found = [found]
    assert world.run() == [state] and not world.account.submitted


def test_a_letter_killed_on_its_way_is_asked_for_at_the_accounts_pace(world: World) -> None:
    kill(world)
    world.account.poll_interval = timedelta(minutes=3)
    world.account.found = [Unreachable("503", timedelta(minutes=10))]
    world.clock.sleep(3600)
    [delivery] = world.deliveries()
    dispatcher = world.dispatcher()
    assert dispatcher.step(delivery) == 600.0
    seconds = dispatcher.step(delivery)
    assert seconds and 590 < seconds < 600


# -- a ledger that many machines share ---------------------------------------------------------------


@dataclass
class SharedLocking:
    """Of a ledger with several machines, of which another one may hold the letter."""

    claimant: str | None = "this machine"
    slack: timedelta = timedelta(minutes=5)
    is_over: bool = True

    @contextmanager
    def hold(self, who: str, *, shared: bool) -> Iterator[None]:
        yield

    def renew(self) -> None:
        pass

    def is_held(self, connection: object) -> bool:
        return True

    def is_gone(self, connection: object, claimant: str | None) -> bool:
        return self.is_over


def test_a_letter_that_another_machine_may_be_sending_is_left_alone(world: World) -> None:
    kill(world)
    world.ledger.locking = SharedLocking(is_over=False)
    world.clock.sleep(3600)
    [delivery] = world.deliveries()
    assert world.dispatcher().step(delivery) == 30.0
    assert world.states() == ["submitting"]


@pytest.mark.parametrize(
    ("slack", "waits"),
    [(timedelta(0), False), (timedelta(minutes=5), True)],
    ids=["one machine alone", "many machines"],
)
def test_a_letter_killed_on_its_way_to_an_account_that_cannot_be_asked_is_unknown(
    world: World, slack: timedelta, waits: bool
) -> None:
    """A machine that lost its lock may be sending the letter still, and needs time to notice."""
    kill(world)
    world.ledger.locking = SharedLocking(slack=slack)
    world.account.supports_lookup = False
    begun = world.clock.now()
    assert world.run() == ["unknown"] and not world.account.submitted
    assert world.record().note == "interrupted while it was being handed over"
    assert (world.clock.now() - begun >= timedelta(minutes=4, seconds=59)) is waits
