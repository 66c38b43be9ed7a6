"""`faxappeal send`: the plan, the question, and the letters on their way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ..archive import Archive
from ..campaign import OUTBOX
from ..channels import Channel as Account
from ..channels.accounts import account_name, open_account
from ..channels.outbox import Outbox
from ..clock import Clock
from ..dispatch import ON_THE_LINE, SAME, Dispatcher, sent_elsewhere
from ..documents.content import Content
from ..documents.letters import Letters
from ..documents.page import page_count
from ..errors import ExitCode, SetupError, UsageError
from ..ledger import Ledger, Record
from ..ledger.opening import lock, open_ledger, path_of, read_ledger
from ..plan import Delivery
from ..press import Press
from ..recipients import Channel
from ..result import Problem, Result
from .office import Office, read

Fate = Literal["goes", "waits", "held", "sent", "unknown", "failed", "under way"]

HOLDS = {
    "unverified": "nobody has checked that it is still theirs",
    "stale": "last checked more than 180 days ago",
    "opted out": "they do not want to be written to",
    "retired": "the contact is no longer in use",
    "voice": "a person or no fax tone answered there",
    "failing": "it does not exist any more",
    "no time zone": "the recipient's time zone is not known",
}


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
    content: str  # SHA-256
    record: Record | None = None
    fresh: bool = False  # it was sent in this run
    files: tuple[str, ...] = ()

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
            "delivery": self.delivery.id,
            "recipient": self.delivery.recipient.id,
            "channel": self.delivery.channel,
            "address": self.delivery.contact.written,
            "fate": self.fate,
            "reason": self.reason,
            "local_time": self.there.isoformat() if self.there else None,
            "until": self.until.isoformat() if self.until else None,
            "pages": self.pages,
            "seconds": self.seconds,
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

    @property
    def campaign(self) -> str:
        return self.office.campaign.settings.campaign.id

    @property
    def moment(self) -> datetime:
        return self.office.moment

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
        }


@dataclass(frozen=True)
class Choice:
    """What the user chose on the command line."""

    only: tuple[str, ...] = ()
    channel: Channel | None = None
    accepted: tuple[str, ...] = ()
    reason: str | None = None
    again: bool = False
    only_failed: bool = False
    to_me: bool = False

    @property
    def without(self) -> str:
        """What to leave out of the command to go on with it: a new round is begun but once."""
        if self.to_me:
            return ""
        return " without --only-failed" if self.only_failed else " without --again" * self.again


@contextmanager
def prepare(
    folder: Path,
    clock: Clock,
    press: Press,
    choice: Choice,
    *,
    dry_run: bool,
    looks: bool = False,
) -> Iterator[Plan]:
    """The plan, with the ledger open behind it (to look only, in a dry run). Who only `looks` how
    the deliveries stand gets no pages made."""
    if choice.accepted and not (choice.reason and choice.reason.strip()):
        raise UsageError(
            "--accept-unverified needs a reason, which is logged",
            'add --reason "called the office on 20 November"',
        )
    moment = clock.now()
    campaign = read(folder, moment.date(), press)
    path = path_of(campaign.settings.ledger.url)
    ledger = read_ledger(path) if dry_run else open_ledger(path)
    try:
        office = Office(campaign, ledger, moment)
        letters = office.letters()
        planned = office.deliveries(
            choice.only,
            choice.channel,
            choice.accepted,
            again=choice.again,
            only_failed=choice.only_failed,
            to_me=choice.to_me,
        )
        rows = tuple(_row(office, letters, delivery, looks=looks) for delivery in planned)
        yield Plan(office, letters, rows, dry_run, choice.to_me)
    finally:
        if ledger is not None:
            ledger.close()


def _row(office: Office, letters: Letters, delivery: Delivery, *, looks: bool) -> Row:
    moment = office.moment
    content = letters.content(delivery.recipient)
    pages, seconds = (None, None) if looks else _made(letters, delivery, content, moment)
    row = Row(
        delivery,
        "goes",
        "",
        moment.astimezone(delivery.zone) if delivery.zone else None,
        None,
        pages,
        seconds,
        content.sha256,
        office.ledger.get(delivery.id) if office.ledger else None,
    )
    return _with_fate(row, office, moment)


def _made(
    letters: Letters, delivery: Delivery, content: Content, moment: datetime
) -> tuple[int, float | None]:
    """A letter's pages and seconds on the line; what cannot be made is told before anything is
    sent."""
    if delivery.channel == "fax":
        fax = letters.stamped(content, moment)
        return len(fax.pages), fax.seconds()
    letters.message(delivery, content, moment)
    return page_count(letters.pdf(content)), None


def _with_fate(row: Row, office: Office, moment: datetime) -> Row:
    """What stands in the way of a delivery, or became of it."""
    delivery, record = row.delivery, row.record
    state = record.state if record else "planned"
    if record and (state in ("delivered", "relayed") or _is_sent_email(record)):
        older = _OLDER if record.content not in (None, row.content) else ""
        day = record.updated_at.astimezone().date()
        return replace(row, fate="sent", reason=f"{state} {day}{older}")
    if record and state in ("submitting", "accepted"):
        return replace(row, fate="under way", reason=state)
    if record and state == "unknown":
        return replace(row, fate="unknown", reason=record.note or "")
    if record and state == "failed":
        return replace(row, fate="failed", reason=record.cause or "")
    if delivery.hold:
        return replace(row, fate="held", reason=delivery.hold)
    elsewhere = office.ledger and sent_elsewhere(office.ledger, delivery, row.content, moment)
    if elsewhere:
        return replace(row, fate="held", reason=elsewhere)
    if delivery.channel == "fax":
        if delivery.zone is None:
            return replace(row, fate="held", reason="no time zone")
        if campaign := _on_the_line(delivery, office, moment):
            return replace(row, fate="waits", reason=f"{ON_THE_LINE} {campaign}")
        start = max(moment, record.next_at) if record and record.next_at else moment
        opens = office.campaign.settings.pacing.next_open(
            start, delivery.zone, delivery.recipient.country
        )
        if opens > moment:
            why = (
                "retry" if record and record.next_at and record.next_at >= opens else "office hours"
            )
            return replace(row, fate="waits", reason=why, until=opens)
    elif record and record.next_at and record.next_at > moment:
        return replace(row, fate="waits", reason="retry", until=record.next_at)
    return row


def _on_the_line(delivery: Delivery, office: Office, moment: datetime) -> str | None:
    """The other campaign whose letter is on this number's line."""
    if office.ledger is None:
        return None
    gap = office.campaign.settings.pacing.per_number_gap
    taken_by = office.ledger.line(delivery.address_key, gap, delivery.id, moment).taken_by
    return None if taken_by == delivery.campaign else taken_by


def _is_sent_email(record: Record) -> bool:
    return record.channel == "email" and record.state == "accepted"


# -- dry run ------------------------------------------------------------------------------------


def rehearse(plan: Plan) -> Result:
    """Write to the outbox what would be handed over: no socket, no secret, no ledger."""
    outbox = Outbox(plan.office.campaign.folder / OUTBOX)
    rows = []
    try:
        for row in plan.rows:
            delivery = row.delivery
            name = f"{delivery.recipient.id}-{delivery.channel}"
            job = plan.letters.job(delivery, "dry-run", plan.moment)
            paths = outbox.put(name, job, delivery.channel)
            rows.append(replace(row, files=tuple(f"{OUTBOX}/{path.name}" for path in paths)))
    except OSError as error:
        raise SetupError(
            f"the outbox cannot be written: {error.strerror}", f"look at {outbox.folder}"
        ) from error
    return Result("send", replace(plan, rows=tuple(rows)))


# -- for real -----------------------------------------------------------------------------------


Changed = Callable[[Delivery, Record], None]


class Run:
    """A confirmed plan on its way; `interrupt` stops it between two steps."""

    def __init__(self, plan: Plan, clock: Clock, choice: Choice, changed: Changed) -> None:
        assert plan.office.ledger  # a live plan has one
        self.plan, self.clock, self.choice = plan, clock, choice
        self.ledger: Ledger = plan.office.ledger
        settings = plan.office.campaign.settings
        accounts: dict[str, Account] = {}

        def account(name: str) -> Account:
            if name not in accounts:
                accounts[name] = open_account(settings, name)
            return accounts[name]

        self.dispatcher = Dispatcher(
            ledger=self.ledger,
            clock=clock,
            letters=plan.letters,
            account=account,
            account_name=lambda channel: account_name(settings, channel),
            pacing=settings.pacing,
            archive=Archive(self.ledger.folder / "documents"),
            changed=changed,
        )

    def go(self, *, wait: bool = True) -> Result:
        """Send until all is settled, or with `wait` off as far as it goes now."""
        with lock(self.ledger):
            moment = self.clock.now()
            if not self.plan.to_me:  # a rehearsal is no first sending
                self.ledger.start(self.plan.campaign, self.plan.office.day)
            for row in self.plan.rows:
                self._again(row, moment)
                self._accept(row, moment)
            deliveries = [row.delivery for row in self.plan.rows]
            self.dispatcher.run(deliveries, wait=wait)
        return self._result()

    def follow(self) -> None:
        """Ask the accounts about what is under way."""
        with lock(self.ledger):
            self.dispatcher.follow([row.delivery for row in self.plan.rows])

    def interrupt(self) -> None:
        """Stop after the step that is being made."""
        self.dispatcher.interrupt()

    def _again(self, row: Row, moment: datetime) -> None:
        """A new round is durable before any letter of the run leaves: whatever stops the run, the
        next one goes on with it and begins no third."""
        asked = row.delivery.again or row.delivery.round > 1
        if asked and row.record is None and row.fate in ("goes", "waits"):
            self.ledger.plan(row.delivery, moment)
            event = "rehearsal" if self.plan.to_me else "again"
            self.ledger.remark(row.delivery.id, event, moment, "asked for")

    def _accept(self, row: Row, moment: datetime) -> None:
        """Log why a person takes on a doubtful contact, once for each delivery that it frees."""
        if row.delivery.recipient.id not in self.choice.accepted or row.fate not in (
            "goes",
            "waits",
        ):
            return
        self.ledger.plan(row.delivery, moment)
        self.ledger.remark(row.delivery.id, "accepted-unverified", moment, self.choice.reason or "")

    def _result(self) -> Result:
        moment = self.clock.now()
        rows = tuple(
            _with_fate(
                replace(
                    row,
                    record=self.ledger.get(row.delivery.id),
                    until=None,
                    fresh=row.fate != "sent",
                ),
                self.plan.office,
                moment,
            )
            for row in self.plan.rows
        )
        stopped = self.dispatcher.stopped
        problems = (Problem(stopped.code, stopped.message, stopped.hint),) if stopped else ()
        if self.dispatcher.interrupted:
            hint = f"the same command{self.choice.without} goes on where it stopped"
            problems = (*problems, Problem("interrupted", "interrupted", hint))
        code = exit_code(rows, stopped=bool(stopped), interrupted=self.dispatcher.interrupted)
        return Result("send", replace(self.plan, rows=rows), code, problems)


def exit_code(rows: Sequence[Row], *, stopped: bool = False, interrupted: bool = False) -> ExitCode:
    """What a script should know. Where several hold: 130, then 5, 4, 3."""
    if interrupted:
        return ExitCode.INTERRUPTED
    if stopped:
        return ExitCode.SETUP
    fates = {row.fate for row in rows}
    if "unknown" in fates or any(row.is_open for row in rows):
        return ExitCode.UNKNOWN
    if fates & {"failed", "held", "waits", "goes"}:
        return ExitCode.INCOMPLETE
    return ExitCode.OK
