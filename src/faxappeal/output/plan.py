"""The plan that a person says yes to, what became of it, and how it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..core.lifecycle import Fate
from ..core.text import show
from .phrases import (
    Part,
    calls_in_turn,
    count,
    letter_name,
    line_busy,
    look_at,
    next_steps,
    status_phrase,
    summary_line,
    trace,
)

if TYPE_CHECKING:
    from ..campaign.delivery import Delivery
    from ..commands.plan_rows import Row, SendPlan, SendResult, StatusResult
    from ..documents.renderer import Letters
    from .console import Console


def show_plan(console: Console, plan: SendPlan) -> None:
    """The table that a person says yes to."""
    from ..commands.plan_rows import busiest

    verb = "Would send" if plan.dry_run else "To send"
    leaving = sum(row.fate in (Fate.GOES, Fate.WAITS) for row in plan.rows)
    some = f"{leaving} of " if leaving < len(plan.rows) else ""
    letters = f"{some}{count(len(plan.rows), 'letter')} of {show(plan.campaign)}"
    whom = ", all to yourself" if plan.choice.to_me else ""
    console.line((f"{verb}: {letters}{whom}", "bold"))
    if plan.dry_run:
        console.line("A dry run: nothing leaves this machine.")
        if plan.ledger_not_queried:
            console.line("The shared ledger was not asked: what went out before is in this plan.")
    for number, row in enumerate(plan.rows, 1):
        console.line("")
        _row(console, number, row, plan)
    busy = busiest(plan.rows, plan.context.campaign)
    for words in [line_busy(busy)] if busy else calls_in_turn(plan):
        console.lines("", words)


def _row(console: Console, number: int, row: Row, plan: SendPlan) -> None:
    delivery = row.delivery
    facts = [count(row.pages, "page")] if row.pages else []
    if row.seconds:
        facts.append(f"{row.seconds:.0f} s on the line")
    console.line(f"{number:2}  ", *_name(delivery), f"  ({', '.join(facts)})" if facts else "")
    name = delivery.recipient.name
    if delivery.recipient.care_of:
        name += f", c/o {delivery.recipient.care_of}"
    if delivery.recipient.role == "cc":
        name += " (a copy)"
    console.line(f"    {show(name)}")
    if row.recipient_time and delivery.zone:
        zone = show(delivery.zone.key)
        console.line(
            f"    local time {row.recipient_time:%a %H:%M} ({zone}), here {plan.moment:%a %H:%M}"
        )
    console.line("    ", *status_phrase(row, plan.moment, dry_run=plan.dry_run))
    console.lines(*(f"    would hand over {show(file)}" for file in row.files))


def _name(delivery: Delivery) -> tuple[Part, Part]:
    address = delivery.contact.raw_address
    return letter_name(delivery.recipient.id, delivery.channel, address, delivery.signatory)


def send(console: Console, result: SendResult) -> None:
    """What would be handed over, or what became of the letters."""
    if result.plan.dry_run:
        from ..campaign.loading import OUTBOX

        show_plan(console, replace(result.plan, rows=result.rows))
        console.lines("", f"What would be handed over lies in {OUTBOX}/.")
        if held := sum(row.fate is Fate.HELD for row in result.rows):
            console.line(f"{count(held, 'letter')} would be held.")
        console.lines(*next_steps(result.rows))
        return
    _outcomes(console, result)


def _outcomes(console: Console, result: SendResult) -> None:
    plan, rows = result.plan, result.rows
    if result.declined:
        console.line(*summary_line(rows))
        return
    if not rows:
        failed = plan.choice.only_failed
        console.line("Nothing has failed." if failed else "There is no such letter.")
        return
    console.line("")
    for number, row in enumerate(rows, 1):
        console.line(f"{number:2}  ", *_name(row.delivery))
        _outcome(console, row, plan.letters, plan.moment)
    console.lines("", *next_steps(rows))
    open_rows = any(row.fate in (Fate.WAITS, Fate.GOES) for row in rows)
    if result.queued is not None:
        console.line("The workers send them: faxappeal status --watch shows how they go.")
    elif plan.later and open_rows and not result.stopped:
        console.line("To go on: faxappeal send, or leave it to cron (crontab -e):")
        console.line(f"    {plan.later}", whole=True)
    console.line(*summary_line(rows))


def status(console: Console, result: StatusResult) -> None:
    """How each letter stands."""
    for row in result.rows:
        _standing(console, row, result)
    console.line("")
    if result.test_letters:
        console.line("To yourself:")
        for row in result.test_letters:
            _standing(console, row, result)
        console.line("")
    for odd in result.mail:
        console.lines(*look_at(odd))
    if result.hidden:
        total = len(result.rows) + result.hidden
        console.line(f"{len(result.rows)} of {count(total, 'letter')} shown.")
    else:
        console.line(*summary_line(result.rows))


def _standing(console: Console, row: Row, result: StatusResult) -> None:
    id = row.delivery.id if row.record else ""
    console.line(f"{id:12}  ", *_name(row.delivery), "  ", (row.standing, row.fate))
    _outcome(console, row, result.letters, result.context.moment)


def _outcome(console: Console, row: Row, letters: Letters, moment: datetime) -> None:
    """What became of a letter that is not being sent at the moment, and what to look for where its
    outcome is unknown."""
    words = ["not sent yet"] if row.fate is Fate.GOES else status_phrase(row, moment)
    console.line("    ", *words)
    if clue := trace(row, letters, moment):
        console.line(f"    {clue}")
