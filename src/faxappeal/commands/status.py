"""`faxappeal status`: one line a delivery, asking the accounts about those under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..campaign.loading import LoadedCampaign
from ..campaign.template_process import TemplateProcess
from ..checks.load import read
from ..core.clock import Clock
from ..core.errors import SetupError, UsageError
from ..core.lifecycle import Fate
from ..core.result import Problem, Result, problem_of
from ..delivery.context import CampaignContext
from ..delivery.mail_receipts import is_open
from ..delivery.run_loop import NullObserver
from ..ledger.locking import LedgerLocked
from .plan_rows import Row, SendPlan, StatusResult
from .run import Run, exit_code
from .selection import Choice
from .send_plan import make_plan, open_context

if TYPE_CHECKING:
    from ..documents.renderer import Letters
    from ..providers.mail_notifications import UnmatchedMessage

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
    templates: TemplateProcess,
    *,
    offline: bool = False,
    mailbox: bool = True,
    choice: Choice = _ALL,
) -> Result:
    """How each delivery stands. `offline` asks nobody and needs no secret; the `mailbox` may be
    left alone."""
    campaign = read(folder, clock.now().date(), templates)
    heard = Heard() if offline else _ask(campaign, clock, mailbox)
    with open_context(campaign, clock.now(), writes=False) as context:
        letters = context.letters()
        rows = make_plan(context, choice, dry_run=False, render="texts", letters=letters).rows
        shown = {row.delivery.id for row in rows}
        mail = tuple(odd for odd in heard.odd if odd.letter in shown)
        recorded = {row.delivery.id for row in rows if row.record}
        others = not recorded >= context.records.keys()
        test_letters = _test_letters(context, letters, choice.only) if others else ()
        hidden = len(context.deliveries(choice.only)) - len(rows) if choice.states else 0
        data = StatusResult(context, letters, rows, test_letters, mail, hidden)
        return Result("status", data, exit_code(rows), heard.problems)


def _test_letters(
    context: CampaignContext, letters: Letters, only: tuple[str, ...]
) -> tuple[Row, ...]:
    """The test letters that are not over: they are not part of the campaign."""
    choice = Choice(only=only, to_me=True)
    try:
        plan = make_plan(
            context, choice, dry_run=True, render="texts", letters=letters, is_recorded=True
        )
    except UsageError:  # no fax of one's own
        return ()
    return plan.rows


def watch(
    folder: Path,
    clock: Clock,
    templates: TemplateProcess,
    *,
    offline: bool = False,
    choice: Choice = _ALL,
) -> Iterator[Result]:
    """The status again and again, until there is nothing more to come."""
    odd: tuple[UnmatchedMessage, ...] = ()
    for number in count():
        mailbox = number % _MAILBOX == 0
        result = status(folder, clock, templates, offline=offline, mailbox=mailbox, choice=choice)
        odd = result.data.mail if mailbox else odd
        yield replace(result, data=replace(result.data, mail=odd))
        if not any(row.fate.is_open for row in result.data.rows):
            return
        clock.sleep(_EVERY)


@dataclass(frozen=True)
class Heard:
    """What the accounts said that is no letter's state."""

    problems: tuple[Problem, ...] = ()
    odd: tuple[UnmatchedMessage, ...] = ()  # e-mails for a person to look at


def _ask(campaign: LoadedCampaign, clock: Clock, mailbox: bool) -> Heard:
    """Bring the ledger up to date, where anything is under way; what hindered it otherwise.
    Test letters are not part of the status, but one may be on the line."""
    with open_context(campaign, clock.now(), writes=False) as context:
        letters = _recorded(context, Choice())
        test_letters = _recorded(context, Choice(to_me=True)) if _has_others(letters) else None
        asks_letters = _has_questions(letters, clock, mailbox)
        asks_test_letters = test_letters is not None and _has_questions(test_letters, clock, False)
    heard = _ask_about(campaign, clock, Choice(), mailbox) if asks_letters else Heard()
    if asks_test_letters:
        more = _ask_about(campaign, clock, Choice(to_me=True), mailbox=False)
        heard = replace(heard, problems=tuple(dict.fromkeys(heard.problems + more.problems)))
    return heard


def _recorded(context: CampaignContext, choice: Choice) -> SendPlan:
    """What the ledger has of a choice, without texts; nothing where one has no fax of one's own."""
    try:
        return make_plan(context, choice, dry_run=True, render="nothing", is_recorded=True)
    except UsageError:
        return SendPlan(context, context.letters(), choice, (), dry_run=True)


def _has_others(plan: SendPlan) -> bool:
    """Whether the ledger has letters that are none of the whole campaign's: to oneself, perhaps."""
    return len(plan.rows) < len(plan.context.records)


def _ask_about(campaign: LoadedCampaign, clock: Clock, choice: Choice, mailbox: bool) -> Heard:
    try:
        with open_context(campaign, clock.now(), writes=True) as context:
            plan = make_plan(context, choice, dry_run=False, render="nothing", is_recorded=True)
            run = Run(plan, clock, NullObserver())
            run.poll_pending(mailbox=mailbox)
            errors: tuple[SetupError | None, ...] = (run.dispatcher.stopped, run.unread)
    except LedgerLocked:
        return Heard()  # whoever is sending asks, and writes down what it hears
    except SetupError as error:
        return Heard((problem_of(error),))
    return Heard(tuple(problem_of(error) for error in errors if error), run.odd)


def _has_questions(plan: SendPlan, clock: Clock, mailbox: bool) -> bool:
    if plan.left_behind:
        return True
    reads = mailbox and plan.context.campaign.settings.email.imap is not None
    return any(
        row.fate is Fate.IN_PROGRESS or (reads and is_open(row.record, clock.now()))
        for row in plan.rows
    )
