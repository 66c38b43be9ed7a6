"""`faxappeal status`: one line a delivery, asking the accounts about those under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..campaign.template_process import Press
from ..core.clock import Clock
from ..core.errors import SetupError, UsageError
from ..core.lifecycle import Fate
from ..core.result import Problem, Result, problem_of
from ..delivery.mail_receipts import is_open
from ..delivery.run_loop import Nobody
from ..ledger.locking import Busy
from .plan_rows import Plan, Row
from .selection import Choice
from .send import Run, exit_code
from .send_plan import prepare

if TYPE_CHECKING:
    from ..providers.mail_notifications import Odd

_EVERY = 10.0  # seconds between two looks: as often as InterFAX wants to be asked
_MAILBOX = 6  # looks between two into the mailbox: each is a sign-in
_ALL = Choice()


# of a table of deliveries; what a dry run wrote is none of it
COLUMNS = (
    *("delivery", "recipient", "channel", "address", "state", "cause", "fate", "reason"),
    *("attempts", "local_time", "until"),
)


def status(
    folder: Path,
    clock: Clock,
    press: Press,
    *,
    offline: bool = False,
    mailbox: bool = True,
    choice: Choice = _ALL,
) -> Result:
    """How each delivery stands. `offline` asks nobody and needs no secret; the `mailbox` may be
    left alone."""
    heard = Heard() if offline else _ask(folder, clock, press, mailbox)
    with prepare(folder, clock, press, choice, dry_run=True, makes="texts") as plan:
        shown = {row.delivery.id for row in plan.rows}
        mail = tuple(odd for odd in heard.odd if odd.letter in shown)
        rehearsals = _rehearsals(folder, clock, press, Choice(only=choice.only))
        plan = replace(plan, dry_run=False, mail=mail, rehearsals=rehearsals)
        return Result("status", plan, exit_code(plan.rows), heard.problems)


def _rehearsals(folder: Path, clock: Clock, press: Press, choice: Choice) -> tuple[Row, ...]:
    """The letters to oneself of a rehearsal that is not over: they are none of the campaign's."""
    try:
        with prepare(
            folder, clock, press, replace(choice, to_me=True), dry_run=True, makes="texts"
        ) as plan:
            return tuple(row for row in plan.rows if row.record is not None)
    except UsageError:  # no fax of one's own
        return ()


def watch(
    folder: Path,
    clock: Clock,
    press: Press,
    *,
    offline: bool = False,
    choice: Choice = _ALL,
) -> Iterator[Result]:
    """The status again and again, until there is nothing more to come."""
    odd: tuple[Odd, ...] = ()
    for number in count():
        mailbox = number % _MAILBOX == 0
        result = status(folder, clock, press, offline=offline, mailbox=mailbox, choice=choice)
        odd = result.data.mail if mailbox else odd
        yield replace(result, data=replace(result.data, mail=odd))
        if not any(row.fate.is_open for row in result.data.rows):
            return
        clock.sleep(_EVERY)


@dataclass(frozen=True)
class Heard:
    """What the accounts said that is no letter's state."""

    problems: tuple[Problem, ...] = ()
    odd: tuple[Odd, ...] = ()  # e-mails for a person to look at


def _ask(folder: Path, clock: Clock, press: Press, mailbox: bool) -> Heard:
    """Bring the ledger up to date, where anything is under way; what hindered it otherwise. A
    rehearsal is no letter of the status, but it may be on the line."""
    heard = _ask_about(folder, clock, press, Choice(), mailbox)
    with suppress(UsageError):  # no fax of one's own
        rehearsal = _ask_about(folder, clock, press, Choice(to_me=True), mailbox=False)
        heard = replace(heard, problems=tuple(dict.fromkeys(heard.problems + rehearsal.problems)))
    return heard


def _ask_about(folder: Path, clock: Clock, press: Press, choice: Choice, mailbox: bool) -> Heard:
    with prepare(folder, clock, press, choice, dry_run=True, makes="nothing") as plan:
        if not _has_questions(plan, clock, mailbox):
            return Heard()
    try:
        with prepare(folder, clock, press, choice, dry_run=False, makes="nothing") as plan:
            run = Run(plan, clock, choice, Nobody())
            run.follow(mailbox=mailbox)
            errors: tuple[SetupError | None, ...] = (run.dispatcher.stopped, run.unread)
    except Busy:
        return Heard()  # whoever is sending asks, and writes down what it hears
    except SetupError as error:
        return Heard((problem_of(error),))
    return Heard(tuple(problem_of(error) for error in errors if error), run.odd)


def _has_questions(plan: Plan, clock: Clock, mailbox: bool) -> bool:
    if plan.left_behind:
        return True
    reads = mailbox and plan.office.campaign.settings.email.imap is not None
    return any(
        row.fate is Fate.IN_PROGRESS or (reads and is_open(row.record, clock.now()))
        for row in plan.rows
    )
