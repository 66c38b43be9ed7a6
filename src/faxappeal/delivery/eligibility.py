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
from ..core.lifecycle import COMPUTED_WAITS, HoldReason, WaitReason

if TYPE_CHECKING:
    from ..ledger import Ledger, Record

# the same letter of the same sender to the same address is sent once in so long, whatever the
# campaign is called (WriteToThem holds what is too alike in the same way)
SAME_LETTER = timedelta(days=7)


@dataclass(frozen=True)
class Hold:
    """Why a letter does not leave at all, unless a person changes something."""

    reason: HoldReason
    details: str = ""

    def __str__(self) -> str:
        """As the ledger and the plan have it."""
        return f"{self.reason}{self.details}"


@dataclass(frozen=True)
class Wait:
    """A letter may leave, but not yet."""

    reason: WaitReason
    until: datetime | None  # None: until another letter is off the line
    words: str = ""  # as the ledger and the plan have it; empty for the reason itself
    cause: str | None = None  # of the failure that it waits after
    letter: str | None = None  # the delivery that is on the line

    def __str__(self) -> str:
        return self.words or self.reason


@dataclass(frozen=True)
class SendPolicy:
    """What stands between a delivery and its next attempt; `ledger` is None before anything was
    sent."""

    ledger: Ledger | None
    pacing: Pacing

    def holds(self, delivery: Delivery, content: str, moment: datetime) -> Hold | None:
        """Why it does not leave at all, unless a person changes something."""
        if delivery.hold:
            return Hold(delivery.hold)
        if self.ledger and (standing := self.ledger.queries.hold(delivery.address_key)):
            return Hold(standing)
        if delivery.channel == "fax" and delivery.zone is None:
            return Hold(HoldReason.NO_TIME_ZONE)
        if delivery.again or self.ledger is None:
            return None
        found = self.ledger.queries.sent_elsewhere(delivery, content, moment - SAME_LETTER)
        if found is None:
            return None
        campaign, at = found
        return Hold(HoldReason.SAME_LETTER, f" in {campaign} on {at.astimezone().date()}")

    def waits(self, delivery: Delivery, record: Record | None, moment: datetime) -> Wait | None:
        """What it waits for; None when it may leave now."""
        until, wait = moment, None
        if record and record.next_at and record.next_at > until and not _is_computed(record):
            until = record.next_at
            words = record.note if record.note in list(WaitReason) else None
            wait = Wait(WaitReason.RETRY, until, words or "", record.cause)
        if delivery.channel == "email":
            return wait
        cause = wait.cause if wait else None
        if self.ledger:
            gap = self.pacing.per_number_gap
            line = self.ledger.queries.line(delivery.address_key, gap, delivery.id, moment)
            if line.taken_by:
                words = f"{WaitReason.NUMBER_BUSY} {line.taken_by}"
                return Wait(WaitReason.NUMBER_BUSY, None, words, cause, line.letter)
            if line.free_at and line.free_at > until:
                until = line.free_at
                wait = _later(WaitReason.NUMBER_GAP, until, wait)
        opens = self.opens(delivery, until)
        return _later(WaitReason.OFFICE_HOURS, opens, wait) if opens > until else wait

    def opens(self, delivery: Delivery, moment: datetime) -> datetime:
        """`moment` if a call may ring then, else when it may ring next. E-mail rings nobody."""
        if delivery.channel == "email":
            return moment
        assert delivery.zone  # else it is held
        country = delivery.country or delivery.recipient.country
        return self.pacing.next_open(moment, delivery.zone, country)

    def time_left(self, delivery: Delivery, moment: datetime) -> timedelta | None:
        """How long a letter that may leave now may still ring; None: without a limit."""
        if delivery.channel == "email":
            return None
        assert delivery.zone
        return self.pacing.closing(moment, delivery.zone) - moment


def _later(reason: WaitReason, until: datetime, wait: Wait | None) -> Wait:
    """A wait that lasts longer than `wait`. After a failure it must not look like one that depends
    on the settings alone: other hours or a shorter gap do not end it."""
    if wait and wait.reason is WaitReason.RETRY and not wait.cause:
        return Wait(WaitReason.RETRY, until)
    return Wait(reason, until, cause=wait.cause if wait else None)


def _is_computed(record: Record) -> bool:
    """Whether it waited only for what each look computes from the settings, which may have changed.
    After a failure it waits for its next attempt in any case."""
    return record.note in COMPUTED_WAITS and not record.cause
