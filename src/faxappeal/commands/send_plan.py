"""The plan: each letter of a campaign, and what will become of it. What `send` asks about."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..campaign.delivery import Delivery
from ..campaign.folder import OUTBOX
from ..campaign.template_process import Press
from ..core.clock import Clock
from ..core.errors import UsageError
from ..delivery.context import Office, read
from ..delivery.eligibility import SAME, Gate
from ..documents.content import Content
from ..documents.page import page_count
from ..documents.renderer import Letters
from ..ledger import Record
from ..ledger.sqlite import home_of
from .selection import Choice
from .send_limits import (
    Busy,
    busiest,
    refuse_crowd,
    refuse_jam,
    sample_of,
)

if TYPE_CHECKING:
    from ..providers.mail_notifications import Odd

Fate = Literal["goes", "waits", "held", "sent", "unknown", "failed", "under way"]

QUEUED = "in the queue of the workers"
HOLDS = {
    "unverified": "nobody has checked that it is still theirs",
    "stale": "last checked more than 180 days ago",
    "opted out": "they do not want to be written to",
    "retired": "the contact is no longer in use",
    "voice": "a person or no fax tone answered there",
    "failing": "it does not exist any more",
    "call": "a check call may have been answered there, nobody knows by whom",
    "no time zone": "the recipient's time zone is not known",
}


Makes = Literal["nothing", "texts", "pages"]  # of the letters
_GONE: frozenset[Fate] = frozenset({"sent", "unknown", "failed", "under way"})
_OTHER_SENDER = ", under another sender"
_OLDER = ", in an earlier version"


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
    fresh: bool = False  # it was sent in this run
    files: tuple[str, ...] = ()

    @property
    def standing(self) -> str:
        """The delivery's state; what the ledger has from an earlier run may be lifted or over by
        now."""
        today = {"held": "held", "waits": "waiting", "goes": "planned"}
        return today.get(self.fate) or (self.record.state if self.record else "planned")

    @property
    def needs_again(self) -> bool:
        """A person would have to say that it should go once more."""
        held = self.fate == "held" and self.reason.startswith(SAME)
        return held or (self.fate == "sent" and self.reason.endswith(_OLDER))

    @property
    def is_open(self) -> bool:
        """It was being handed over when the run ended: nobody knows yet."""
        return self.record is not None and self.record.state == "submitting"

    def as_data(self) -> dict[str, Any]:
        return {
            "delivery": self.delivery.id if self.record else None,
            "recipient": self.delivery.recipient.id,
            "sender": self.delivery.signatory,
            "channel": self.delivery.channel,
            "address": self.delivery.contact.written,
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

    office: Office
    letters: Letters
    rows: tuple[Row, ...]
    dry_run: bool
    to_me: bool = False
    later: str = ""  # a line for crontab that goes on with it
    mail: tuple[Odd, ...] = ()  # e-mails about the letters, for a person to look at
    rehearsals: tuple[Row, ...] = ()  # to oneself, that are not over
    nothing: str = "There is no such letter."  # what to say where there are no rows
    declined: bool = False  # a person was asked, and said no
    stopped: bool = False  # an account is in the way: waiting does not help
    hidden: int = 0  # letters that were not asked for
    queued: int | None = None  # letters that were left to the workers
    left_behind: tuple[Delivery, ...] = ()  # under way to those who are no longer in the list
    unasked: bool = False  # the ledger is on another machine, and a dry run asks nobody

    @property
    def campaign(self) -> str:
        return self.office.campaign.settings.campaign.id

    @property
    def moment(self) -> datetime:
        return self.office.moment

    @property
    def busiest(self) -> Busy | None:
        """The line that many senders keep busy for longest."""
        campaign = self.office.campaign
        if not campaign.senders:
            return None
        return busiest(self.leaving, campaign.settings.pacing.per_number_gap)

    @property
    def leaving(self) -> tuple[Row, ...]:
        """Those that will go, now or when their time comes."""
        return tuple(row for row in self.rows if row.fate in ("goes", "waits", "under way"))

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


@contextmanager
def prepare(
    folder: Path,
    clock: Clock,
    press: Press,
    choice: Choice,
    *,
    dry_run: bool,
    makes: Makes = "pages",
    enqueue: bool = False,
) -> Iterator[Plan]:
    """The plan, with the ledger open behind it (to look only, in a dry run). Who only looks how the
    deliveries stand has no pages made, and who asks the accounts about them not even the texts. To
    `enqueue` it, the ledger must be one for that."""
    if choice.accepted and not (choice.reason and choice.reason.strip()):
        raise UsageError(
            "--accept-unverified needs a reason, which is logged",
            'add --reason "called the office on 20 November"',
        )
    moment = clock.now()
    campaign = read(folder, moment.date(), press)
    home = home_of(campaign.settings.ledger)
    if enqueue:
        if choice.to_me:
            raise UsageError("a rehearsal needs no workers", "leave out --enqueue")
        from ..workers.queue import database

        database(home)
    sends = makes == "pages"
    unasked = dry_run and home.is_shared and sends
    ledger = None if unasked else home.read() if dry_run else home.open()
    try:
        office = Office(campaign, ledger, moment)
        if sends and not (choice.to_me or choice.only_failed):
            refuse_crowd(office, choice)
        planned = office.deliveries(
            choice.only,
            choice.channel,
            choice.accepted,
            again=choice.again,
            only_failed=choice.only_failed,
            to_me=choice.to_me,
        )
        letters = office.letters()
        gone = office.left_behind(planned) if choice.is_whole else []
        rows = tuple(_rows(office, letters, planned, choice, makes, dry_run=dry_run))
        if sends:
            refuse_jam(rows, office)
        # a rehearsal that is over would begin anew with each run
        later = "" if dry_run or choice.to_me else cron_line(campaign.folder, choice)
        hidden = len(planned) - len(rows)
        plan = Plan(
            office,
            letters,
            rows,
            dry_run,
            choice.to_me,
            later,
            hidden=hidden,
            left_behind=tuple(gone),
            unasked=unasked,
        )
        yield replace(plan, nothing="Nothing has failed.") if choice.only_failed else plan
    finally:
        if ledger is not None:
            ledger.close()


def cron_line(folder: Path, choice: Choice) -> str:
    """A line for crontab(5) that goes on with what waits, every ten minutes.

    Cron has no PATH to speak of, and takes a % for a line break.
    """
    program = Path(sys.argv[0])
    name = str(program.absolute()) if program.stem == "faxappeal" else "faxappeal"
    words = [name, "-C", str(folder.resolve()), "send", "--yes", "--no-wait", *choice.words]
    command = shlex.join(words)
    return f"*/10 * * * *  {command}".replace("%", r"\%")


def _rows(
    office: Office,
    letters: Letters,
    planned: Sequence[Delivery],
    choice: Choice,
    makes: Makes,
    *,
    dry_run: bool,
) -> Iterator[Row]:
    """The chosen deliveries, each with its fate, and what is made of its letter."""
    sample = set(sample_of(planned)) if makes == "pages" else frozenset[str]()
    # a dry run shows all; who sends needs no page of what went out before
    unmade = frozenset[Fate]() if dry_run else _GONE
    for delivery in planned:
        record = office.ledger.get(delivery.id) if office.ledger else None
        if not choice.may_have(record):
            continue
        text = None
        if makes != "nothing":
            text = letters.content(delivery.recipient, delivery.signatory)
        row = _row(office, delivery, record, text.sha256 if text else "")
        if choice.states and row.standing not in choice.states:
            continue
        if text and delivery.id in sample and row.fate not in unmade:
            pages, seconds = _made(letters, delivery, text, office.moment)
            row = replace(row, pages=pages, seconds=seconds)
        yield row


def _row(office: Office, delivery: Delivery, record: Record | None, content: str) -> Row:
    """A delivery with its fate."""
    moment = office.moment
    there = moment.astimezone(delivery.zone) if delivery.zone else None
    row = Row(delivery, "goes", "", there, None, None, None, content, record)
    return with_fate(row, office, moment)


def _made(
    letters: Letters, delivery: Delivery, content: Content, moment: datetime
) -> tuple[int | None, float | None]:
    """A letter's pages and seconds on the line; what cannot be made is told before anything is
    sent."""
    if delivery.channel == "fax":
        fax = letters.stamped(content, moment)
        return len(fax.pages), fax.seconds()
    letters.headed(delivery, content, moment)
    if not letters.campaign.settings.email.pdf:
        return None, None
    return page_count(letters.pdf(content)), None


def with_fate(row: Row, office: Office, moment: datetime) -> Row:
    """What stands in the way of a delivery, or became of it."""
    delivery, record = row.delivery, row.record
    state = record.state if record else "planned"
    other = _OTHER_SENDER if delivery.other_sender else ""
    if record and (state in ("delivered", "relayed") or _is_sent_email(record)):
        older = _OLDER if record.content not in (None, row.content) else ""
        day = record.updated_at.astimezone().date()
        note = f", {record.note}" if record.note else ""
        return replace(row, fate="sent", reason=f"{state} {day}{note}{other}{older}")
    if record and record.is_under_way:
        return replace(row, fate="under way", reason=state)
    if record and state == "unknown":
        return replace(row, fate="unknown", reason=f"{record.note or ''}{other}".removeprefix(", "))
    if record and state == "failed":
        note = f" {record.note}" if record.note and record.note not in HOLDS else ""
        return replace(row, fate="failed", reason=f"{record.cause or ''}{note}{other}")
    gate = Gate(office.ledger, office.campaign.settings.pacing)
    if hold := gate.holds(delivery, row.content, moment):
        return replace(row, fate="held", reason=hold)
    if wait := gate.waits(delivery, record, moment):
        return replace(row, fate="waits", reason=wait.why, until=wait.until)
    if record and record.ordered:
        return replace(row, fate="waits", reason=QUEUED)
    return row


def _is_sent_email(record: Record) -> bool:
    return record.channel == "email" and record.state == "accepted"
