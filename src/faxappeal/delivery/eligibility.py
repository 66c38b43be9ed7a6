"""Whether a letter may leave now: what holds it, and what it waits for.

The plan shows what this says, and a run obeys it; right before the first byte the hours are asked
for once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..campaign.delivery import Delivery
from ..config.sections import Pacing

if TYPE_CHECKING:
    from ..ledger import Record
    from ..ledger.queries import Reading

# the same letter of the same sender to the same address is sent once in so long, whatever the
# campaign is called (WriteToThem holds what is too alike in the same way)
SAME_LETTER = timedelta(days=7)
SAME = "the same letter went there"
HOURS = "office hours"
GAP = "the gap between two calls to a number"


@dataclass(frozen=True)
class Wait:
    """A letter may leave, but not yet."""

    why: str
    until: datetime | None  # None: until another letter is off the line
    cause: str | None = None  # of the failure that it waits after
    letter: str | None = None  # the delivery that is on the line


@dataclass(frozen=True)
class Gate:
    """What stands between a delivery and its next attempt; `ledger` is None before anything was
    sent."""

    ledger: Reading | None
    pacing: Pacing

    def holds(self, delivery: Delivery, content: str, moment: datetime) -> str | None:
        """Why it does not leave at all, unless a person changes something."""
        if delivery.hold:
            return delivery.hold
        if self.ledger and (standing := self.ledger.hold(delivery.address_key)):
            return standing
        if delivery.channel == "fax" and delivery.zone is None:
            return "no time zone"
        return self._went_elsewhere(delivery, content, moment)

    def waits(self, delivery: Delivery, record: Record | None, moment: datetime) -> Wait | None:
        """What it waits for; None when it may leave now."""
        until, why, cause = moment, "", None
        if record and record.next_at and record.next_at > until and not _is_of_its_time(record):
            until, why, cause = record.next_at, record.note or "retry", record.cause
        if delivery.channel == "fax":
            if self.ledger:
                gap = self.pacing.per_number_gap
                line = self.ledger.line(delivery.address_key, gap, delivery.id, moment)
                if line.taken_by:
                    why = f"on this line is a letter of {line.taken_by}"
                    return Wait(why, None, letter=line.letter)
                if line.free_at and line.free_at > until:
                    until, why, cause = line.free_at, GAP, None
            opens = self.opens(delivery, until)
            if opens > until:
                until, why = opens, HOURS
        return Wait(why, until, cause) if until > moment else None

    def opens(self, delivery: Delivery, moment: datetime) -> datetime:
        """`moment` if it may ring there then, else when it may ring next. E-mail rings nobody."""
        if delivery.channel == "email":
            return moment
        assert delivery.zone  # else it is held
        country = delivery.country or delivery.recipient.country
        return self.pacing.next_open(moment, delivery.zone, country)

    def time_left(self, delivery: Delivery, moment: datetime) -> timedelta | None:
        """How long a letter that may leave now may still ring there; None: for ever."""
        if delivery.channel == "email":
            return None
        assert delivery.zone
        return self.pacing.closing(moment, delivery.zone) - moment

    def _went_elsewhere(self, delivery: Delivery, content: str, moment: datetime) -> str | None:
        """The same letter went to the same address lately, under another campaign's name."""
        if delivery.again or self.ledger is None:
            return None
        found = self.ledger.sent_elsewhere(delivery, content, moment - SAME_LETTER)
        if found is None:
            return None
        campaign, at = found
        return f"{SAME} in {campaign} on {at.astimezone().date()}"


def _is_of_its_time(record: Record) -> bool:
    """Whether it waited only for what is worked out anew each time: the settings may have changed
    since. After a failure it waits for its next attempt in any case."""
    return record.note in (HOURS, GAP, "gap between two calls to a number") and not record.cause
