"""Cancelling a letter that an account has already."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.delivery.cancellation import Cancellation
from faxappeal.providers.base import (
    Accepted,
    Delivered,
    Failed,
    Outcome,
    ProviderReport,
    Unreachable,
)
from tests.support.campaigns import write
from tests.support.world import ScriptedAccount, World

REPORT = ProviderReport("theirs-1")


@dataclass
class Cancelling(ScriptedAccount):
    """An account that can be asked to give a letter up."""

    answer: Outcome | Exception | None = None

    def withdraw(self, account_reference: str) -> Outcome | None:
        assert account_reference == "theirs-1"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def accepted(world: World, answer: Outcome | Exception | None = None) -> Cancellation:
    """A letter that the account has, and what it answers to being asked to give it up."""
    world.account = Cancelling(world.clock, name="sinch", answer=answer)
    world.account.outcomes = [Accepted(REPORT)]
    dispatcher = world.dispatcher()
    for delivery in world.deliveries():
        dispatcher.step(delivery)
    return Cancellation(dispatcher)


def test_a_letter_that_was_never_dialled_waits_for_the_next_run(world: World) -> None:
    cancellation = accepted(world)
    [delivery] = world.deliveries()
    assert cancellation.possible(delivery)
    cancellation.withdraw(delivery)
    assert world.states() == ["waiting"]
    record = world.record()
    assert (record.note, record.attempt) == ("taken back", 0), "it counts for no attempt"
    assert world.account.forgotten == [(record.reference, "theirs-1")], "its document is deleted"
    assert not cancellation.possible(delivery)
    world.clock.sleep(600)  # the gap between two calls
    assert world.run() == ["delivered"] and len(world.account.submitted) == 2


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Delivered(REPORT), "delivered"),
        (Failed(Cause.BUSY, REPORT), "waiting busy"),
        (Failed(Cause.BAD_NUMBER, REPORT), "failed bad-number"),
        (Accepted(REPORT), "accepted"),
        (Unreachable("HTTP 503"), "accepted"),
        (SetupError("no password is known"), "accepted"),
    ],
    ids=["too late", "busy", "bad number", "still going", "out of reach", "not ready"],
)
def test_a_letter_that_was_dialled_ends_as_its_account_says(
    world: World, answer: Outcome | Exception, state: str
) -> None:
    cancellation = accepted(world, answer)
    [delivery] = world.deliveries()
    cancellation.withdraw(delivery)
    assert world.states() == [state]


def test_an_account_that_cannot_cancel_is_not_asked(world: World) -> None:
    world.account.outcomes = [Accepted(REPORT)]
    dispatcher, [delivery] = world.dispatcher(), world.deliveries()
    dispatcher.step(delivery)
    cancellation = Cancellation(dispatcher)
    assert not cancellation.possible(delivery)
    cancellation.withdraw(delivery)
    assert world.states() == ["accepted"]


def test_an_account_that_cannot_be_opened_is_not_asked(world: World) -> None:
    accepted(world)

    def closed(_name: str) -> ScriptedAccount:
        raise SetupError("no password is known")

    [delivery] = world.deliveries()
    cancellation = Cancellation(world.dispatcher(account=closed))
    assert not cancellation.possible(delivery)
    cancellation.withdraw(delivery)
    assert world.states() == ["accepted"]


def test_an_email_cannot_be_cancelled(world: World) -> None:
    write(world.folder, ["mail office@example.org"])
    cancellation = accepted(world)
    [delivery] = world.deliveries()
    assert not cancellation.possible(delivery) and world.states() == ["accepted"]


def test_a_letter_that_has_not_left_has_nothing_to_cancel(world: World) -> None:
    cancellation = Cancellation(world.dispatcher())
    [delivery] = world.deliveries()
    assert not cancellation.possible(delivery)
    cancellation.withdraw(delivery)
    assert world.ledger.queries.get(delivery.id) is None
