"""Many senders: whose pages are made for the plan, and how long one number is kept busy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ..campaign.delivery import Delivery
from ..core.errors import UsageError
from ..core.lifecycle import Fate

if TYPE_CHECKING:
    from ..delivery.context import CampaignContext
    from .plan_rows import Row
    from .selection import Choice

A_DAY = 20  # letters of many senders to one number


def sample_of(planned: Sequence[Delivery]) -> Iterator[str]:
    """The deliveries whose pages are made for the plan: all or, where many send one each, one of
    each sender and one for each address. The others have the same letter."""
    seen: set[tuple[str, ...]] = set()
    for delivery in planned:
        address = ("address", delivery.address_key)
        sender = ("sender", delivery.signatory or "")
        if delivery.signatory is None or not {address, sender} <= seen:
            seen |= {address, sender}
            yield delivery.id


def refuse_crowd(context: CampaignContext, choice: Choice) -> None:
    """UsageError where so many have sent nothing yet that any number would get too many: said
    before a hundred thousand letters are written."""
    new = context.new_senders()
    if new <= A_DAY or choice.channel == "email":
        return
    letters = context.deliveries(choice.only, choice.channel, choice.accepted, one_sender=True)
    going = [letter.channel for letter in letters if letter.hold is None]
    # where nothing goes at all, that many held letters are no plan to look through either
    if "fax" in going or (not going and any(letter.channel == "fax" for letter in letters)):
        raise _jam("each number", new)


def refuse_jam(rows: Sequence[Row], context: CampaignContext) -> None:
    """UsageError where many senders would keep a number busy for longer than is decent."""
    if not context.campaign.senders:
        return
    since = context.moment - timedelta(days=1)
    before = context.ledger.queries.calls_since(since) if context.ledger else {}
    planned = Counter(
        row.delivery.address_key
        for row in rows
        if row.delivery.channel == "fax" and row.fate in (Fate.GOES, Fate.WAITS)
    )
    for row in rows:
        key = row.delivery.address_key
        count = planned[key] + before.get(key, 0)
        if planned[key] and count > A_DAY:
            raise _jam(row.delivery.contact.raw_address, count)


def _jam(number: str, letters: int) -> UsageError:
    return UsageError(
        f"{number} would get {letters} letters; above {A_DAY} a day that is no appeal any more",
        'send one letter that all sign: [senders] mode = "joint"',
    )
