"""The plan that a person says yes to, and what became of its letters."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ...core.lifecycle import Fate
from ...core.text import show
from ..phrases import count, duration
from .status import name_of, next_steps, show_outcome, status_phrase, summary_line

if TYPE_CHECKING:
    from ...commands.plan_rows import LineLoad, Row, SendPlan, SendResult
    from ..console import Console


def draw(console: Console, result: SendResult) -> None:
    """What would be handed over, or what became of the letters."""
    if result.plan.dry_run:
        from ...campaign.letter_files import OUTBOX

        show_plan(console, replace(result.plan, rows=result.rows))
        console.lines("", f"What would be handed over lies in {OUTBOX}/.")
        if held := sum(row.fate is Fate.HELD for row in result.rows):
            console.line(f"{count(held, 'letter')} would be held.")
        console.lines(*next_steps(result.rows))
        return
    _outcomes(console, result)


def show_plan(console: Console, plan: SendPlan) -> None:
    """The table that a person says yes to."""
    from ...commands.plan_rows import busiest

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
    for words in [busy_line(busy)] if busy else calls_in_turn(plan):
        console.lines("", words)


def _row(console: Console, number: int, row: Row, plan: SendPlan) -> None:
    delivery = row.delivery
    facts = [count(row.pages, "page")] if row.pages else []
    if row.seconds:
        facts.append(f"{row.seconds:.0f} s on the line")
    console.line(f"{number:2}  ", *name_of(delivery), f"  ({', '.join(facts)})" if facts else "")
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


def calls_in_turn(plan: SendPlan) -> list[str]:
    """Where several faxes go to one number: they go one after the other."""
    faxes = [row.delivery for row in plan.leaving if row.delivery.channel == "fax"]
    numbers = Counter(delivery.contact.raw_address for delivery in faxes)
    gap = plan.context.campaign.settings.pacing.per_number_gap
    return [
        f"{calls} faxes go to {show(number)}, one call after the other, with "
        f"{_minutes(gap)} between two: {_minutes(gap * (calls - 1))} at least."
        for number, calls in numbers.items()
        if calls > 1 and gap
    ]


def _minutes(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.0f} min"


def busy_line(busy: LineLoad) -> str:
    """How long many senders keep one number busy."""
    return (
        f"{show(busy.address)} gets {busy.letters} letters: about {duration(busy.calls)} of calls, "
        f"{duration(busy.with_gaps)} with the gaps between them."
    )


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
        console.line(f"{number:2}  ", *name_of(row.delivery))
        show_outcome(console, row, plan.letters, plan.moment)
    console.lines("", *next_steps(rows))
    open_rows = any(row.fate in (Fate.WAITS, Fate.GOES) for row in rows)
    if result.queued is not None:
        console.line("The workers send them: faxappeal status --watch shows how they go.")
    elif plan.later and open_rows and not result.stopped:
        console.line("To go on: faxappeal send, or leave it to cron (crontab -e):")
        console.line(f"    {plan.later}", whole=True)
    console.line(*summary_line(rows))
