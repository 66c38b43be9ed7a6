"""The parts that take a campaign's deliveries to their end, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..campaign.current import CurrentList
from ..campaign.delivery import Delivery
from ..core.clock import Clock
from ..ledger import Record
from ..ledger.documents import Documents
from .accounts import Accounts, account_name
from .context import CampaignContext
from .dispatcher import Dispatcher
from .mailbox_sync import MailboxSync

if TYPE_CHECKING:
    from ..documents.renderer import Letters


def dispatcher_of(
    context: CampaignContext,
    letters: Letters,
    clock: Clock,
    accounts: Accounts,
    changed: Callable[[Delivery, Record], None],
    *,
    require_queued_content: bool = False,
) -> Dispatcher:
    """What takes a campaign's deliveries to their end. It calls `changed` after each change."""
    ledger, settings = context.ledger, context.campaign.settings
    assert ledger  # it is for sending
    return Dispatcher(
        ledger=ledger,
        clock=clock,
        letters=letters,
        account=accounts,
        account_name=lambda channel: account_name(settings, channel),
        pacing=settings.pacing,
        archive=Documents(ledger.documents),
        changed=changed,
        current=CurrentList(context.campaign.folder).delivery,
        require_queued_content=require_queued_content,
    )


def mailbox_sync_of(context: CampaignContext, letters: Letters, clock: Clock) -> MailboxSync | None:
    """What asks the mailbox of the campaign's sender, where one is set."""
    settings, ledger = context.campaign.settings, context.ledger
    if settings.email.imap is None or ledger is None:
        return None
    return MailboxSync(ledger, clock, settings, letters.message_id)
