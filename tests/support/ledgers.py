"""Letters, and what becomes of them in a ledger, without the files of a campaign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from faxappeal.campaign.contact import Channel, Contact
from faxappeal.campaign.delivery import Delivery
from faxappeal.campaign.recipients import Recipient
from faxappeal.core.lifecycle import ContactStatus, HoldReason, State
from faxappeal.ledger import Ledger, rows
from faxappeal.providers.base import ProviderReport

NUMBER = "+12025550101"
MAILBOX = "office@example.org"
SINCH = "sinch"  # the account of all letters that name no other one
CONTENT = "c" * 64  # and their content
DOCUMENT = "d" * 64
NO_GAP = timedelta(0)


def letter(
    address: str = NUMBER,
    *,
    recipient: str = "one",
    campaign: str = "test",
    sender: str = "sender",
    round: int = 1,
) -> Delivery:
    """A letter to a number or to a mailbox. Its keys are readable: nothing is hashed."""
    channel: Channel = "email" if "@" in address else "fax"
    contact = Contact(
        channel, address, address, ContactStatus.ACTIVE, "https://www.example.org/contact"
    )
    base = f"{campaign}, {sender}, {address}"
    identity = base if round == 1 else f"{base}, round {round}"
    return Delivery(
        id=identity,
        identity=identity,
        base=base,
        round=round,
        sender=sender,
        campaign=campaign,
        recipient=Recipient(
            id=recipient,
            name=f"Office {recipient}",
            country="US",
            fax=contact if channel == "fax" else None,
            email=contact if channel == "email" else None,
        ),
        contact=contact,
        address_key=key_of(address),
        zone=None,
    )


def key_of(address: str) -> str:
    """The key by which `letter` knows an address."""
    return f"key of {address}"


def claim(
    ledger: Ledger, delivery: Delivery, moment: datetime, reference: str = "ours-1", **more: Any
) -> bool:
    """Claim a letter that was planned; nothing has to lie between two calls."""
    given: dict[str, Any] = {
        "account": SINCH,
        "endpoint": "key@fax.example.org",
        "content": CONTENT,
        "document": DOCUMENT,
        "gap": NO_GAP,
    }
    return ledger.attempts.claim(delivery, reference, moment=moment, **(given | more))


def leave(
    ledger: Ledger, delivery: Delivery, moment: datetime, reference: str = "ours-1", **more: Any
) -> None:
    """Plan a letter, claim it, and let its first byte leave."""
    ledger.plan(delivery, moment)
    assert claim(ledger, delivery, moment, reference, **more)
    assert ledger.attempts.record_departure(delivery.id, reference, moment)


def end(
    ledger: Ledger,
    delivery: Delivery,
    state: State,
    moment: datetime,
    reference: str = "ours-1",
    report: ProviderReport | None = None,
    **more: Any,
) -> None:
    """Bring a letter into a state, whatever lies before it."""
    ledger.plan(delivery, moment)
    if state is State.PLANNED:
        return
    leave(ledger, delivery, moment, reference, **more)
    if state is not State.SUBMITTING:
        assert ledger.attempts.record(delivery.id, reference, state, moment, report)


def put_hold(
    ledger: Ledger,
    reason: HoldReason,
    moment: datetime,
    key: str = key_of(NUMBER),
    delivery: str = "no letter of ours",
) -> None:
    with ledger.transaction() as connection:
        rows.put_hold(connection, key, reason, moment, delivery)


def state_of(ledger: Ledger, delivery: Delivery) -> State:
    record = ledger.queries.get(delivery.id)
    assert record is not None
    return record.state


def events_of(ledger: Ledger, campaign: str = "test") -> list[str]:
    return [event.event for event in ledger.queries.events(campaign)]
