"""The plan: each letter of a campaign, and what will become of it. What `send` asks about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Literal

from ..campaign.delivery import Delivery
from ..campaign.loading import LoadedCampaign
from ..core.errors import UsageError
from ..delivery.context import CampaignContext
from ..documents.content import Content
from ..documents.page import page_count
from ..documents.renderer import Letters
from ..ledger.location import store_of
from .environment import Environment
from .plan_rows import Row, SendPlan, with_fate
from .selection import Choice
from .send_limits import refuse_crowd, refuse_jam, sample_of

Render = Literal["nothing", "texts", "pages"]  # of the letters


@contextmanager
def prepare(
    environment: Environment, choice: Choice, *, dry_run: bool, enqueue: bool = False
) -> Iterator[SendPlan]:
    """What `send` asks about, with the ledger open behind it (to look only, in a dry run). To
    `enqueue` it, the ledger must be one for that."""
    if choice.accepted and not (choice.reason and choice.reason.strip()):
        raise UsageError(
            "--accept-unverified needs a reason, which is logged",
            'add --reason "called the office on 20 November"',
        )
    moment = environment.clock.now()
    campaign = environment.read()
    home = store_of(campaign.settings.ledger)
    if enqueue:
        if choice.to_me:
            raise UsageError("a rehearsal needs no workers", "leave out --enqueue")
        from ..workers.queue import database

        database(home)
    asks = not (dry_run and home.is_shared)
    with open_context(campaign, moment, writes=not dry_run, asks=asks) as context:
        if not (choice.to_me or choice.only_failed):
            refuse_crowd(context, choice)
        plan = make_plan(context, choice, dry_run=dry_run, render="pages")
        refuse_jam(plan.rows, context)
        yield plan


@contextmanager
def open_context(
    campaign: LoadedCampaign, moment: datetime, *, writes: bool, asks: bool = True
) -> Iterator[CampaignContext]:
    """The campaign with its ledger: for sending or, unless it `writes`, for a look. Where it does
    not even ask, without one."""
    home = store_of(campaign.settings.ledger)
    ledger = None if not asks else home.open() if writes else home.read()
    with ledger or nullcontext():
        yield CampaignContext(campaign, ledger, moment)


def make_plan(
    context: CampaignContext,
    choice: Choice,
    *,
    render: Render,
    dry_run: bool = False,
    letters: Letters | None = None,
    recorded_only: bool = False,
) -> SendPlan:
    """The chosen deliveries, each with its fate. The status needs no pages, and a question to the
    accounts not even the texts. `letters` are used again. With `recorded_only`, only those that the
    ledger has."""
    planned = context.deliveries(
        choice.only,
        choice.channel,
        choice.accepted,
        again=choice.again,
        only_failed=choice.only_failed,
        to_me=choice.to_me,
    )
    if recorded_only:
        planned = [delivery for delivery in planned if delivery.id in context.records]
    letters = letters or context.letters()
    return SendPlan(
        context=context,
        letters=letters,
        choice=choice,
        rows=tuple(_rows(context, letters, planned, choice, render, dry_run=dry_run)),
        dry_run=dry_run,
        left_behind=tuple(context.orphaned(planned)) if choice.is_whole else (),
    )


def _rows(
    context: CampaignContext,
    letters: Letters,
    planned: Sequence[Delivery],
    choice: Choice,
    render: Render,
    *,
    dry_run: bool,
) -> Iterator[Row]:
    """The chosen deliveries, each with its fate, and what is made of its letter."""
    sample = set(sample_of(planned)) if render == "pages" else frozenset[str]()
    for delivery in planned:
        record = context.records.get(delivery.id)
        if not choice.may_have(record):
            continue
        text = None
        if render != "nothing":
            text = letters.content(delivery.recipient, delivery.signatory)
        row = Row(
            delivery=delivery,
            recipient_time=context.moment.astimezone(delivery.zone) if delivery.zone else None,
            content=text.sha256 if text else "",
            record=record,
        )
        row = with_fate(row, context, context.moment)
        if choice.states and row.standing not in choice.states:
            continue
        # a dry run shows all; who sends needs no page of what went out before
        if text and delivery.id in sample and (dry_run or not row.fate.has_left):
            pages, seconds = _size(letters, delivery, text, context.moment)
            row = replace(row, pages=pages, seconds=seconds)
        yield row


def _size(
    letters: Letters, delivery: Delivery, content: Content, moment: datetime
) -> tuple[int | None, float | None]:
    """A letter's pages and seconds on the line. A letter that cannot be made is an error before
    anything is sent."""
    if delivery.channel == "fax":
        fax = letters.stamped(content, moment)
        return len(fax.pages), fax.seconds()
    letters.headed(delivery, content, moment)
    if not letters.campaign.settings.email.pdf:
        return None, None
    return page_count(letters.pdf(content)), None
