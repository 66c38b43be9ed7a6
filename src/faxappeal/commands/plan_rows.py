"""A plan: what would become of each delivery, before anybody says yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..campaign.delivery import Delivery
from ..campaign.loading import OUTBOX
from ..core.lifecycle import Fate, HoldReason, State, WaitReason
from ..delivery.context import CampaignContext
from ..delivery.eligibility import SendPolicy
from ..documents.renderer import Letters
from ..ledger import Record

if TYPE_CHECKING:
    from ..providers.mail_notifications import UnmatchedMessage


CALL = timedelta(minutes=1)  # about so long a fax of a page takes, where its pages were not made


@dataclass(frozen=True)
class LineLoad:
    """A number that gets several letters."""

    address: str
    letters: int
    calls: timedelta  # about so long there is a call on the line
    gaps: timedelta  # and so long between the calls

    def as_data(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "letters": self.letters,
            "seconds": round(self.calls.total_seconds()),
            "with_gaps": round((self.calls + self.gaps).total_seconds()),
        }


def busiest(rows: Sequence[Row], gap: timedelta) -> LineLoad | None:
    """The number that gets most of these faxes, if one gets several."""
    lines: dict[str, list[Row]] = {}
    for row in rows:
        if row.delivery.channel == "fax":
            lines.setdefault(row.delivery.address_key, []).append(row)
    longest = max(lines.values(), key=len, default=[])
    if len(longest) < 2:
        return None
    known = [row.seconds for row in longest if row.seconds] or [CALL.total_seconds()]
    calls = timedelta(seconds=sum(known) / len(known)) * len(longest)
    raw_address = longest[0].delivery.contact.raw_address
    return LineLoad(raw_address, len(longest), calls, gap * (len(longest) - 1))


_OTHER_SENDER = ", under another sender"


_OLDER = ", in an earlier version"


_TODAY = {
    Fate.HELD: State.HELD,
    Fate.WAITS: State.WAITING,
    Fate.GOES: State.PLANNED,
}


@dataclass(frozen=True)
class Row:
    """One delivery in the plan, and at the end of the run."""

    delivery: Delivery
    fate: Fate
    reason: str
    there: datetime | None  # the recipient's local time
    until: datetime | None  # when it may leave
    pages: int | None  # None where no pages were made
    seconds: float | None
    content: str  # SHA-256; empty where nobody needs it
    record: Record | None = None
    hold: HoldReason | None = None  # of a held one
    wait: WaitReason | None = None  # of one that waits
    is_older: bool = False  # an earlier version of the letter was sent
    fresh: bool = False  # it was sent in this run
    files: tuple[str, ...] = ()

    @property
    def standing(self) -> State:
        """The delivery's state; what the ledger has from an earlier run may be lifted or over by
        now."""
        today = _TODAY.get(self.fate)
        return today or (self.record.state if self.record else State.PLANNED)

    @property
    def needs_again(self) -> bool:
        """A person would have to say that it should go once more."""
        return self.hold is HoldReason.SAME_LETTER or self.is_older

    @property
    def is_open(self) -> bool:
        """It was being handed over when the run ended: nobody knows yet."""
        return self.record is not None and self.record.state is State.SUBMITTING

    def as_data(self) -> dict[str, Any]:
        return {
            "delivery": self.delivery.id if self.record else None,
            "recipient": self.delivery.recipient.id,
            "sender": self.delivery.signatory,
            "channel": self.delivery.channel,
            "address": self.delivery.contact.raw_address,
            "fate": self.fate,
            "reason": self.reason,
            "local_time": self.there.isoformat() if self.there else None,
            "until": self.until.isoformat() if self.until else None,
            "pages": self.pages,
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "state": self.record.state if self.record else None,
            "cause": self.record.cause if self.record else None,
            "attempts": self.record.attempt if self.record else 0,
            "files": list(self.files),
        }


@dataclass(frozen=True)
class Plan:
    """What would be done, before anybody says yes."""

    office: CampaignContext
    letters: Letters
    rows: tuple[Row, ...]
    dry_run: bool
    to_me: bool = False
    later: str = ""  # a line for crontab that goes on with it
    mail: tuple[UnmatchedMessage, ...] = ()  # e-mails about the letters, for a person to look at
    rehearsals: tuple[Row, ...] = ()  # to oneself, that are not over
    nothing: str = "There is no such letter."  # what to say where there are no rows
    declined: bool = False  # a person was asked, and said no
    stopped: bool = False  # an account is in the way: waiting does not help
    hidden: int = 0  # letters that were not asked for
    queued: int | None = None  # letters that were left to the workers
    left_behind: tuple[Delivery, ...] = ()  # under way to those who are no longer in the list
    ledger_not_queried: bool = False  # the ledger is on another machine, and a dry run asks nobody

    @property
    def campaign(self) -> str:
        return self.office.campaign.settings.campaign.id

    @property
    def moment(self) -> datetime:
        return self.office.moment

    @property
    def busiest(self) -> LineLoad | None:
        """The line that many senders keep busy for longest."""
        campaign = self.office.campaign
        if not campaign.senders:
            return None
        return busiest(self.leaving, campaign.settings.pacing.per_number_gap)

    @property
    def leaving(self) -> tuple[Row, ...]:
        """Those that will go, now or when their time comes."""
        return tuple(row for row in self.rows if row.fate.is_open)

    def as_data(self) -> dict[str, Any]:
        return {
            "campaign": self.campaign,
            "dry_run": self.dry_run,
            "to_me": self.to_me,
            "deliveries": [row.as_data() for row in self.rows],
            "outbox": OUTBOX if self.dry_run else None,
            "rehearsals": [row.as_data() for row in self.rehearsals],
            "queued": self.queued,
            "busiest_line": self.busiest.as_data() if self.busiest else None,
            "mail": [odd.as_data() for odd in self.mail],
        }


def with_fate(row: Row, office: CampaignContext, moment: datetime) -> Row:
    """What stands in the way of a delivery, or became of it."""
    delivery, record = row.delivery, row.record
    other = _OTHER_SENDER if delivery.other_sender else ""
    if record and record.is_sent:
        is_older = record.content not in (None, row.content)
        day = record.updated_at.astimezone().date()
        note = f", {record.note}" if record.note else ""
        reason = f"{record.state} {day}{note}{other}{_OLDER * is_older}"
        return replace(row, fate=Fate.SENT, reason=reason, is_older=is_older)
    if record and record.state.is_in_progress:
        return replace(row, fate=Fate.IN_PROGRESS, reason=record.state)
    if record and record.state is State.UNKNOWN:
        reason = f"{record.note or ''}{other}".removeprefix(", ")
        return replace(row, fate=Fate.UNKNOWN, reason=reason)
    if record and record.state is State.FAILED:
        is_hold = record.note in HoldReason.__members__.values()
        note = f" {record.note}" if record.note and not is_hold else ""
        return replace(row, fate=Fate.FAILED, reason=f"{record.cause or ''}{note}{other}")
    gate = SendPolicy(office.ledger, office.campaign.settings.pacing)
    if hold := gate.holds(delivery, row.content, moment):
        return replace(row, fate=Fate.HELD, reason=str(hold), hold=hold.reason)
    if wait := gate.waits(delivery, record, moment):
        return replace(row, fate=Fate.WAITS, reason=str(wait), wait=wait.reason, until=wait.until)
    if record and record.ordered:
        waits = WaitReason.QUEUED
        return replace(row, fate=Fate.WAITS, reason=waits, wait=waits)
    return row
