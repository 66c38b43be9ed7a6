"""The deliveries of a campaign as `send` and `status` show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import PlainSerializer

from ..campaign.delivery import Delivery
from ..campaign.letter_files import OUTBOX
from ..campaign.loading import LoadedCampaign
from ..core.json import Internal, Key, Moment, key
from ..core.lifecycle import Fate, HoldReason, State, WaitReason
from ..delivery.context import CampaignContext
from ..delivery.eligibility import SendPolicy
from ..documents.renderer import Letters
from ..ledger import Record
from ..ledger.location import store_of
from ..providers.incoming_mail import UnmatchedMessage
from .selection import Choice

CALL = timedelta(minutes=1)  # about so long a fax of a page takes, where its pages were not made


# whole seconds
Span = Annotated[timedelta, PlainSerializer(lambda span: round(span.total_seconds()), int)]
Tenths = Annotated[float, PlainSerializer(lambda seconds: round(seconds, 1), float)]


@dataclass(frozen=True)
class LineLoad:
    """A number that gets several letters."""

    address: str
    letters: int
    calls: Annotated[Span, Key("seconds")]  # about so long there is a call on the line
    with_gaps: Span  # and so long from the first to the last


def busiest(rows: Sequence[Row], campaign: LoadedCampaign) -> LineLoad | None:
    """The number that gets most of the faxes that will leave, if many senders send it several."""
    lines: dict[str, list[Row]] = {}
    for row in rows:
        if row.delivery.channel == "fax" and row.fate.is_open:
            lines.setdefault(row.delivery.address_key, []).append(row)
    longest = max(lines.values(), key=len, default=[])
    if not campaign.senders or len(longest) < 2:
        return None
    known = [row.seconds for row in longest if row.seconds] or [CALL.total_seconds()]
    calls = timedelta(seconds=sum(known) / len(known)) * len(longest)
    gaps = campaign.settings.pacing.per_number_gap * (len(longest) - 1)
    return LineLoad(longest[0].delivery.contact.raw_address, len(longest), calls, calls + gaps)


_TODAY = {Fate.HELD: State.HELD, Fate.WAITS: State.WAITING, Fate.GOES: State.PLANNED}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One delivery in the plan, and at the end of the run."""

    delivery: Internal[Delivery]
    fate: Fate = Fate.GOES
    reason: str = ""
    recipient_time: Annotated[Moment | None, Key("local_time")]
    until: Moment | None = None  # when it may leave
    pages: int | None = None  # None where no pages were made
    seconds: Tenths | None = None
    content: Internal[str]  # SHA-256; empty where it is not needed
    record: Internal[Record | None] = None
    hold: Internal[HoldReason | None] = None  # of a held one
    wait: Internal[WaitReason | None] = None  # of one that waits
    is_older: Internal[bool] = False  # an earlier version of the letter was sent
    fresh: Internal[bool] = False  # it was sent in this run
    files: tuple[str, ...] = ()

    id = key(lambda row: row.delivery.id if row.record else None, str | None, "delivery")
    recipient = key(lambda row: row.delivery.recipient.id)
    sender = key(lambda row: row.delivery.signatory, str | None)
    channel = key(lambda row: row.delivery.channel)
    address = key(lambda row: row.delivery.contact.raw_address)
    state = key(lambda row: row.record.state if row.record else None, State | None)
    cause = key(lambda row: row.record.cause if row.record else None, str | None)
    attempts = key(lambda row: row.record.attempt if row.record else 0, int)

    @property
    def standing(self) -> State:
        """The delivery's state; what the ledger has from an earlier run may be lifted or over by
        now."""
        recorded = self.record.state if self.record else State.PLANNED
        return _TODAY.get(self.fate, recorded)

    @property
    def needs_again(self) -> bool:
        """A person would have to say that it should go once more."""
        return self.hold is HoldReason.SAME_LETTER or self.is_older

    @property
    def is_open(self) -> bool:
        """It was being submitted when the run ended: its outcome is not known yet."""
        return self.record is not None and self.record.state is State.SUBMITTING


Rows = Annotated[tuple[Row, ...], Key("deliveries")]


@dataclass(frozen=True)
class SendPlan:
    """The chosen deliveries, each with its fate: what a person says yes to."""

    context: CampaignContext
    letters: Letters
    choice: Choice
    rows: tuple[Row, ...]
    dry_run: bool
    left_behind: tuple[Delivery, ...] = ()  # in progress; their recipients left the list

    @property
    def campaign(self) -> str:
        return self.context.campaign.settings.campaign.id

    @property
    def moment(self) -> datetime:
        return self.context.moment

    @property
    def ledger_not_queried(self) -> bool:
        """The ledger is on another machine, which a dry run does not ask."""
        return self.dry_run and store_of(self.context.campaign.settings.ledger).is_shared

    @property
    def leaving(self) -> tuple[Row, ...]:
        """Those that will go, now or when their time comes."""
        return tuple(row for row in self.rows if row.fate.is_open)

    @property
    def later(self) -> str:
        """A line for crontab that continues it; test letters would go out again with each run."""
        if self.dry_run or self.choice.to_me:
            return ""
        return self.choice.cron_line(self.context.campaign.folder)


@dataclass(frozen=True)
class SendResult:
    """The letters of a plan, after they were sent or a dry run has written them."""

    plan: Internal[SendPlan]
    rows: Rows
    queued: int | None = None  # letters that were left to the workers
    declined: Internal[bool] = False  # a person was asked, and said no
    stopped: Internal[bool] = False  # an account is in the way: waiting does not help

    campaign = key(lambda result: result.plan.campaign)
    dry_run = key(lambda result: result.plan.dry_run, bool)
    to_me = key(lambda result: result.plan.choice.to_me, bool)
    outbox = key(lambda result: OUTBOX if result.plan.dry_run else None, str | None)
    busiest_line = key(
        lambda result: busiest(result.rows, result.plan.context.campaign), LineLoad | None
    )
    test_letters = key(lambda _: (), tuple[Row, ...], "rehearsals")
    mail = key(lambda _: (), tuple[UnmatchedMessage, ...])


@dataclass(frozen=True)
class StatusResult:
    """How each letter stands."""

    context: Internal[CampaignContext]
    letters: Internal[Letters]
    rows: Rows
    test_letters: Annotated[tuple[Row, ...], Key("rehearsals")] = ()  # that are not over
    mail: tuple[UnmatchedMessage, ...] = ()  # e-mails about the letters, for a person to look at
    hidden: Internal[int] = 0  # letters that were not asked for

    campaign = key(lambda result: result.context.campaign.settings.campaign.id)
    busiest_line = key(
        lambda result: busiest(result.rows, result.context.campaign), LineLoad | None
    )
    dry_run = to_me = key(lambda _: False, bool)
    outbox = queued = key(lambda _: None, None)


def with_fate(row: Row, context: CampaignContext, moment: datetime) -> Row:
    """What stands in the way of a delivery, or became of it."""
    delivery, record = row.delivery, row.record
    other = ", under another sender" if delivery.other_sender else ""
    if record and record.is_sent:
        is_older = record.content not in (None, row.content)
        day = record.updated_at.astimezone().date()
        note = f", {record.note}" if record.note else ""
        older = ", in an earlier version" if is_older else ""
        reason = f"{record.state} {day}{note}{other}{older}"
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
    policy = SendPolicy(context.ledger, context.campaign.settings.pacing)
    if hold := policy.holds(delivery, row.content, moment):
        return replace(row, fate=Fate.HELD, reason=str(hold), hold=hold.reason)
    if wait := policy.waits(delivery, record, moment):
        return replace(row, fate=Fate.WAITS, reason=str(wait), wait=wait.reason, until=wait.until)
    if record and record.ordered:
        queued = WaitReason.QUEUED
        return replace(row, fate=Fate.WAITS, reason=queued, wait=queued)
    return row
