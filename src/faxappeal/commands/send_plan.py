"""The plan: each letter of a campaign, and what will become of it. What `send` asks about."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from ..campaign.delivery import Delivery
from ..campaign.template_process import Press
from ..checks.load import read
from ..core.clock import Clock
from ..core.errors import UsageError
from ..core.lifecycle import Fate
from ..delivery.context import Office
from ..documents.content import Content
from ..documents.page import page_count
from ..documents.renderer import Letters
from ..ledger import Record
from ..ledger.sqlite import home_of
from .plan_rows import Plan, Row, with_fate
from .selection import Choice
from .send_limits import refuse_crowd, refuse_jam, sample_of

Makes = Literal["nothing", "texts", "pages"]  # of the letters


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
        # a dry run shows all; who sends needs no page of what went out before
        if text and delivery.id in sample and (dry_run or not row.fate.has_left):
            pages, seconds = _made(letters, delivery, text, office.moment)
            row = replace(row, pages=pages, seconds=seconds)
        yield row


def _row(office: Office, delivery: Delivery, record: Record | None, content: str) -> Row:
    """A delivery with its fate."""
    moment = office.moment
    there = moment.astimezone(delivery.zone) if delivery.zone else None
    row = Row(delivery, Fate.GOES, "", there, None, None, None, content, record)
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
