"""The parts that take a campaign's deliveries to their end, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.core.lifecycle import State
from faxappeal.delivery.accounts import Accounts
from faxappeal.delivery.assembly import dispatcher_of, mailbox_sync_of
from faxappeal.delivery.context import CampaignContext
from faxappeal.delivery.dispatcher import Dispatcher
from faxappeal.documents.renderer import Letters
from faxappeal.ledger import Record
from tests.support.appeal import loaded
from tests.support.fakes import null_account
from tests.support.world import World


class _Letters(null_account.Letters):
    def message_id(self, delivery: Delivery, content: str) -> str:
        return f"<fa.{delivery.id}@example.org>"


LETTERS = cast(Letters, _Letters())


def context(world: World) -> CampaignContext:
    return CampaignContext(loaded(world.folder), world.ledger, world.clock.now())


def assembled(
    world: World, changed: list[State] | None = None, *, require_queued_content: bool = False
) -> tuple[Dispatcher, Delivery]:
    """The dispatcher of a campaign of one letter, and that letter."""
    seen = changed if changed is not None else []

    def account(name: str) -> null_account.QuietAccount:
        assert name == "sinch", "the account that the settings choose"
        return world.account

    def note(_delivery: Delivery, record: Record) -> None:
        seen.append(record.state)

    planned = context(world)
    dispatcher = dispatcher_of(
        planned,
        LETTERS,
        world.clock,
        cast(Accounts, account),
        note,
        require_queued_content=require_queued_content,
    )
    [delivery] = planned.deliveries()
    return dispatcher, delivery


def test_a_letter_leaves_through_the_account_of_the_settings(world: World) -> None:
    world.add_settings('[fax]\naccount = "sinch"\n')
    changed: list[State] = []
    dispatcher, delivery = assembled(world, changed)
    dispatcher.step(delivery)
    dispatcher.step(delivery)
    assert changed == [State.ACCEPTED, State.DELIVERED]
    kept = dispatcher.archive.get(world.record().document or "")
    assert kept == world.account.documents[0], "what was sent lies beside the ledger"
    assert dispatcher.archive.folder == world.ledger.documents


def test_without_an_account_the_run_says_so(world: World) -> None:
    dispatcher, delivery = assembled(world)
    dispatcher.step(delivery)
    assert dispatcher.stopped and "no account for fax is chosen" in dispatcher.stopped.message


@pytest.mark.parametrize(
    ("written", "by", "note"),
    [
        ("status: active", "status: opted_out", "opted out"),
        ("+12025550101", "+12025550102", "no longer in the list"),
    ],
    ids=["they say no", "another number"],
)
def test_the_list_as_it_is_now_decides(world: World, written: str, by: str, note: str) -> None:
    world.add_settings('[fax]\naccount = "sinch"\n')
    dispatcher, delivery = assembled(world)
    path = world.folder / "recipients.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(written, by), encoding="utf-8")
    dispatcher.step(delivery)
    record = world.ledger.queries.get(delivery.id)
    assert record and (record.state, record.note) == (State.HELD, note)


def test_the_pacing_is_that_of_the_settings(world: World) -> None:
    world.add_settings('[fax]\naccount = "sinch"\n[pacing]\nhours = "12:00-14:00"\n')
    dispatcher, delivery = assembled(world)
    seconds = dispatcher.step(delivery)
    assert seconds == pytest.approx(2 * 3600, abs=1) and world.states() == ["waiting"]


def test_a_workers_letters_must_be_queued(world: World) -> None:
    world.add_settings('[fax]\naccount = "sinch"\n')
    dispatcher, delivery = assembled(world, require_queued_content=True)
    assert dispatcher.step(delivery) == 1.0 and not world.account.submitted


IMAP = '[email.imap]\nhost = "imap.example.org"\n'


@pytest.mark.parametrize(("text", "is_asked"), [("", False), (IMAP, True)])
def test_a_mailbox_is_asked_where_one_is_set(world: World, text: str, is_asked: bool) -> None:
    world.add_settings(text)
    receipts = mailbox_sync_of(context(world), LETTERS, world.clock)
    assert (receipts is not None) is is_asked
    if receipts:
        assert receipts.ledger is world.ledger
        assert (
            receipts.settings.email.imap and receipts.settings.email.imap.host == "imap.example.org"
        )


def test_a_mailbox_is_not_asked_before_there_is_a_ledger(world: World) -> None:
    world.add_settings(IMAP)
    assert mailbox_sync_of(replace(context(world), ledger=None), LETTERS, world.clock) is None
